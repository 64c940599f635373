/* verify_devices.c: the same problem on two devices: do the answers agree within their error
 * bounds, and with LAPACK? */
#include "verify.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

enum { HOST, OTHER, SIDES };

typedef struct side {
  speig_device device;
  speig_eigsh_result *result;
  speig_verify_report *report;
} side;

typedef struct comparison {
  const verify_args *args;
  const cli_matrix *A, *B;
  speig_operator *op_a, *op_b;
  side sides[SIDES];
  int32_t k; /* pairs of both */
  int32_t agreed; /* values that differ by no more than allowed */
  double *difference, *allowed; /* [k]; allowed NaN where no bound is known */
  double worst; /* largest difference over what is allowed */
} comparison;

static void comparison_free(comparison *c)
{
  for (int s = 0; s < SIDES; ++s) {
    speig_verify_report_free(&c->sides[s].report);
    speig_eigsh_result_free(&c->sides[s].result);
  }
  speig_operator_destroy(&c->op_a);
  speig_operator_destroy(&c->op_b);
  free(c->difference);
  free(c->allowed);
}

/* LAPACK would run on the host both times: an iterative method, unless one was named. */
static int solve_side(comparison *c, side *s)
{
  const verify_args *args = c->args;
  speig_eigsh_opts opts = SPEIG_EIGSH_OPTS_INIT;
  opts.k = (int32_t)args->k;
  opts.which = args->which > 0 ? (speig_which)(args->which - 1) : SPEIG_LM;
  opts.method = args->method   ? (speig_method)args->method
                : c->B->matrix ? SPEIG_LOBPCG
                               : SPEIG_LANCZOS;
  opts.device = s->device;
  opts.threads = (int)args->threads;
  opts.assume_hermitian = 1; /* input_need_hermitian has looked */
  return say_status(speig_eigsh(c->op_a, c->op_b, &opts, &s->result));
}

/* Residuals in plain loops, and LAPACK's spectrum where the order allows. */
static int verify_side(comparison *c, side *s)
{
  const verify_args *args = c->args;
  const speig_eigsh_result *r = s->result;
  speig_verify_opts opts = SPEIG_VERIFY_OPTS_INIT;
  int lapack = args->dense_limit > 0 && c->A->info.rows <= args->dense_limit;
  opts.tol = args->tol;
  opts.dense_limit = args->dense_limit > 0 ? args->dense_limit : -1;
  opts.which = args->which > 0 ? (speig_which)(args->which - 1) : SPEIG_LM;
  opts.check_which = lapack && r->k == r->wanted;
  opts.threads = (int)args->threads;
  if (opts.tol == 0 && is_single_type(r->dtype))
    opts.tol = 1e-4;
  return say_status(
      speig_verify(c->A->matrix, c->B->matrix, r->k, r->values, &r->vectors, &opts, &s->report));
}

/* Each value lies within its bound of an eigenvalue, and both of the same one when the sets are
 * complete; beside that, residuals themselves are known up to rounding. */
static int compare(comparison *c)
{
  const speig_eigsh_result *h = c->sides[HOST].result, *d = c->sides[OTHER].result;
  double eps = is_single_type(h->dtype) ? 0x1p-23 : 0x1p-52;
  int code = CLI_OK;
  c->k = h->k < d->k ? h->k : d->k;
  CLI_TRY(CLI_ARRAY(c->k, "differences", &c->difference));
  CLI_TRY(CLI_ARRAY(c->k, "bounds", &c->allowed));
  for (int32_t i = 0; i < c->k; ++i) {
    double rounding = 16 * eps * h->norm_a;
    c->difference[i] = fabs(h->values[i] - d->values[i]);
    c->allowed[i] = h->error_bounds[i] + d->error_bounds[i] + rounding;
    if (isnan(c->allowed[i])) { /* with B no bound is known: tolerances instead */
      c->agreed += c->difference[i] <= 1e-6 * fmax(fabs(h->values[i]), h->norm_a * eps);
      continue;
    }
    c->agreed += c->difference[i] <= c->allowed[i];
    c->worst = fmax(c->worst, c->difference[i] / c->allowed[i]);
  }
done:
  return code;
}

static double largest(int32_t count, const double *values)
{
  double most = 0;
  for (int32_t i = 0; i < count; ++i)
    most = fmax(most, values[i]);
  return most;
}

/* ---- output ---- */

static void print_number(double value)
{
  if (isfinite(value))
    printf(" %12.1e", value);
  else
    printf(" %12s", "-");
}

static void print_side(const comparison *c, const side *s)
{
  const speig_verify_report *v = s->report;
  const speig_eigsh_result *r = s->result;
  printf("%s: %d of %d pairs (%s, %s), %d right", speig_device_name(s->device), r->k, r->wanted,
         speig_outcome_name(r->outcome), speig_method_name(r->method), v->right);
  if (v->missed >= 0)
    printf(", %d missed", v->missed);
  if (v->compared)
    printf("; from LAPACK at most %.1e", largest(v->k, v->errors));
  printf("; |X^H B X - I| = %.1e; %.3f s\n", v->orthogonality,
         r->seconds_setup + r->seconds_solve + r->seconds_certify);
  (void)c;
}

static void print_text(const comparison *c)
{
  const side *h = &c->sides[HOST], *d = &c->sides[OTHER];
  printf("%5s %24s %24s %12s %12s\n", "#", "host", speig_device_name(d->device), "difference",
         "bound");
  for (int32_t i = 0; i < c->k; ++i) {
    printf("%5d %24.15g %24.15g", i + 1, h->result->values[i], d->result->values[i]);
    print_number(c->difference[i]);
    print_number(c->allowed[i]);
    putchar('\n');
  }
  print_side(c, h);
  print_side(c, d);
  printf("%d of %d values agree%s", c->agreed, c->k,
         c->B->matrix ? "" : " within their error bounds");
  if (c->k > 0)
    printf("; largest difference %.1e", largest(c->k, c->difference));
  if (c->worst > 0)
    printf(", at most %.2g of its bound", c->worst);
  printf("; %s\n", h->report->compared ? "compared with LAPACK" : "no LAPACK");
}

static void json_side(json_writer *w, const side *s)
{
  const speig_verify_report *v = s->report;
  const speig_eigsh_result *r = s->result;
  json_open(w, speig_device_name(s->device));
  json_text(w, "status", speig_outcome_name(r->outcome));
  json_text(w, "method", speig_method_name(r->method));
  json_int(w, "converged", r->k);
  json_int(w, "right", v->right);
  json_reals(w, "eigenvalues", r->k, r->values);
  json_reals(w, "error_bounds", r->k, r->error_bounds);
  json_reals(w, "residuals", v->k, v->residuals);
  if (v->compared)
    json_reals(w, "errors", v->k, v->errors);
  else
    json_null(w, "errors");
  if (v->missed >= 0)
    json_int(w, "missed", v->missed);
  else
    json_null(w, "missed");
  json_real(w, "orthogonality", v->orthogonality);
  json_int(w, "matvecs", r->matvecs);
  json_real(w, "seconds", r->seconds_setup + r->seconds_solve + r->seconds_certify);
  json_close(w);
}

static void print_json(const comparison *c)
{
  json_writer w = { .out = stdout };
  json_open(&w, NULL);
  json_text(&w, "speig", speig_version());
  input_json(&w, "matrix", c->A);
  if (c->B->matrix)
    input_json(&w, "mass", c->B);
  else
    json_null(&w, "mass");
  for (int s = 0; s < SIDES; ++s)
    json_side(&w, &c->sides[s]);
  json_int(&w, "compared", c->k);
  json_int(&w, "agreed", c->agreed);
  json_reals(&w, "differences", c->k, c->difference);
  json_reals(&w, "allowed", c->k, c->allowed);
  json_bool(&w, "compared_with_lapack", c->sides[HOST].report->compared);
  json_close(&w);
}

static int judge(const comparison *c)
{
  int code = CLI_OK;
  for (int s = 0; s < SIDES; ++s) {
    const speig_eigsh_result *r = c->sides[s].result;
    const speig_verify_report *v = c->sides[s].report;
    if (v->right < r->k || v->missed > 0)
      return CLI_WRONG;
    if (r->k < r->wanted)
      code = CLI_FEWER;
  }
  return c->agreed < c->k ? CLI_WRONG : code;
}

int verify_devices(const verify_args *args, const cli_matrix *A, const cli_matrix *B)
{
  comparison c = { .args = args, .A = A, .B = B };
  int code = CLI_OK;
  c.sides[HOST].device = SPEIG_HOST;
  c.sides[OTHER].device = args->device == 2 ? SPEIG_REFERENCE : SPEIG_CUDA;
  CLI_TRY(say_status(speig_operator_from_matrix(A->matrix, &c.op_a)));
  if (B->matrix)
    CLI_TRY(say_status(speig_operator_from_matrix(B->matrix, &c.op_b)));
  for (int s = OTHER; s >= HOST; --s) /* an absent device is told at once */
    CLI_TRY(solve_side(&c, &c.sides[s]));
  for (int s = 0; s < SIDES; ++s)
    CLI_TRY(verify_side(&c, &c.sides[s]));
  CLI_TRY(compare(&c));
  if (args->json)
    print_json(&c);
  else
    print_text(&c);
  code = judge(&c);
done:
  comparison_free(&c);
  return code;
}
