/* report.c: prints results and plans. The JSON is described in the man page. */
#include "report.h"

#include "interval.h"
#include "numbers.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

static const char *which_words(const char *which)
{
  static const char *const words[][2] = { { "LM", "of largest magnitude" },
                                          { "SM", "of smallest magnitude" },
                                          { "LA", "largest" },
                                          { "SA", "smallest" },
                                          { "BE", "from both ends" },
                                          { "LR", "of largest real part" },
                                          { "SR", "of smallest real part" },
                                          { "LI", "of largest imaginary part" },
                                          { "SI", "of smallest imaginary part" } };
  for (size_t i = 0; i < sizeof words / sizeof *words; ++i)
    if (strcmp(which, words[i][0]) == 0)
      return words[i][1];
  return which;
}

void report_shift_text(int parts, const double *shift, int digits, char *text, size_t size)
{
  if (parts == 2 && shift[1] != 0)
    snprintf(text, size, "%.*g%+.*gi", digits, shift[0], digits, shift[1]);
  else
    snprintf(text, size, "%.*g", digits, shift[0]);
}

/* With a shift `which` ranks transformed values. */
static void print_wanted(FILE *out, const report *r)
{
  static const char *const near[][2] = { { "LM", "nearest to" },
                                         { "SM", "farthest from" },
                                         { "LA", "next above" },
                                         { "SA", "next below" },
                                         { "BE", "on both sides of" } };
  char shift[80];
  if (r->interval) {
    interval_text(r->interval, 15, shift, sizeof shift);
    fprintf(out, "all in %s", shift);
    return;
  }
  if (!r->sigma) {
    fputs(which_words(r->which), out);
    return;
  }
  report_shift_text(r->general ? 2 : 1, r->sigma, 6, shift, sizeof shift);
  for (size_t i = 0; r->mode == SPEIG_MODE_NORMAL && i < sizeof near / sizeof *near; ++i)
    if (strcmp(r->which, near[i][0]) == 0) {
      fprintf(out, "%s %s", near[i][1], shift);
      return;
    }
  if (r->general)
    fprintf(out, "%s of 1 / (lambda - s) at s = %s", r->which, shift);
  else
    fprintf(out, "%s at %s in mode %s", r->which, shift, speig_mode_name(r->mode));
}

/* ---- table ---- */

typedef struct value_format {
  number_format number;
  int is_complex; /* at least one imaginary part is not zero */
} value_format;

static value_format choose_format(const report_result *result)
{
  const double scale = result->norm_a / (result->norm_b > 0 ? result->norm_b : 1);
  int is_complex = 0;
  for (int32_t i = 1; result->parts == 2 && i < 2 * result->k; i += 2)
    is_complex |= result->values[i] != 0;
  return (value_format){ number_format_for(result->parts * result->k, result->values,
                                           is_single_type(result->dtype), scale),
                         is_complex };
}

static void put_value(FILE *out, const value_format *format, const double *value, int parts)
{
  number_print(out, format->number, 24, value[0]);
  if (!format->is_complex)
    return;
  double im = parts == 2 ? value[1] : 0;
  if (im == 0) { /* a real one among complex ones */
    fprintf(out, "%24s", "");
    return;
  }
  fputs(im < 0 ? " - " : " + ", out);
  number_print(out, format->number, 20, fabs(im));
  fputc('i', out);
}

/* What is not known has a dash. */
static void put_size(FILE *out, double size)
{
  if (isnan(size))
    fprintf(out, " %12s", "-");
  else
    fprintf(out, " %12.1e", size);
}

static void table(FILE *out, const report *r, int rows_only)
{
  const report_result *result = &r->result;
  const value_format format = choose_format(result);
  if (!rows_only)
    fprintf(out, "%5s %*s %12s%s %12s\n", "#", format.is_complex ? 48 : 24, "eigenvalue",
            "residual", result->conditions ? "    condition" : "", "error bound");
  for (int32_t i = 0; i < result->k; ++i) {
    fprintf(out, "%5d ", i + 1);
    put_value(out, &format, result->values + (size_t)result->parts * (size_t)i, result->parts);
    put_size(out, result->residuals[i]);
    if (result->conditions)
      put_size(out, result->conditions[i]);
    put_size(out, result->error_bounds[i]); /* generalized and general problems: may not be known */
    fputc('\n', out);
  }
}

static void print_status(FILE *out, const report_result *result)
{
  const report_run run = { .noun = "pairs",
                           .found = result->k,
                           .wanted = result->wanted,
                           .outcome = result->outcome,
                           .reason = result->reason,
                           .products = result->matvecs + result->matvecs_adjoint,
                           .solves = result->solves,
                           .seconds = result->seconds_setup + result->seconds_solve +
                                      result->seconds_certify };
  report_last_line(out, &run);
}

void report_text(FILE *out, const report *r, int rows_only)
{
  const report_result *result = &r->result;
  if (!rows_only) {
    report_head(out, r->A);
    if (r->B)
      fprintf(out, "; A x = lambda B x with %s", r->B->path);
    fputs("; ", out);
    if (!r->interval)
      fprintf(out, "%d ", r->k);
    print_wanted(out, r);
    fprintf(out, ", %s, %s, %s\n", speig_method_name(result->method),
            is_single_type(result->dtype) ? "single" : "double", speig_device_name(result->device));
  }
  table(out, r, rows_only);
  if (!rows_only)
    print_status(out, result);
}

void report_values(FILE *out, const report *r)
{
  const report_result *result = &r->result;
  for (int32_t i = 0; i < result->k; ++i)
    if (result->parts == 2)
      fprintf(out, "%.17g %.17g\n", result->values[2 * (size_t)i],
              result->values[2 * (size_t)i + 1]);
    else
      fprintf(out, "%.17g\n", result->values[i]);
}

void report_csv(FILE *out, const report *r)
{
  const report_result *result = &r->result;
  fprintf(out, "index,eigenvalue,%sresidual,relative_residual,%serror_bound\n",
          result->parts == 2 ? "imaginary," : "", result->conditions ? "condition," : "");
  for (int32_t i = 0; i < result->k; ++i) {
    const double *value = result->values + (size_t)result->parts * (size_t)i;
    fprintf(out, "%d,%.17g,", i + 1, value[0]);
    if (result->parts == 2)
      fprintf(out, "%.17g,", value[1]);
    fprintf(out, "%.17g,%.17g,", result->residuals[i], result->relative_residuals[i]);
    if (result->conditions)
      fprintf(out, "%.17g,", result->conditions[i]);
    fprintf(out, "%.17g\n", result->error_bounds[i]);
  }
}

/* Without left vectors: known is the worst condition number, and not whose it is. */
static void note_worst_condition(const report_result *result)
{
  int single = is_single_type(result->dtype) && result->method != SPEIG_DENSE;
  const double eps = single ? 0x1p-23 : 0x1p-52;
  if (result->conditions || !(result->worst_condition > 1 / sqrt(eps)))
    return;
  say_note("small residuals mean little here: an eigenvalue has a condition of about %.1e, and "
           "rounding of the entries alone moves the values by about %.1e; --left tells more",
           result->worst_condition,
           isnan(result->moved) ? result->worst_condition * eps * result->norm_a : result->moved);
}

/* Where an eigenvalue may be off by much more than its residual: worth a word. */
void report_notes(const report *r)
{
  const report_result *result = &r->result;
  const double eps = is_single_type(result->dtype) ? 0x1p-23 : 0x1p-52;
  const double much = is_single_type(result->dtype) ? 1e-3 : 1e-8;
  double worst_move = 0;
  int32_t worst = -1, count = 0;
  for (int32_t i = 0; result->conditions && i < result->k; ++i) {
    const double *value = result->values + 2 * (size_t)i;
    /* What rounding of the entries of A, or the residual if that is larger, may amount to. */
    double move = result->conditions[i] * fmax(result->residuals[i], eps * result->norm_a);
    if (!(move > much * hypot(value[0], value[1])) || !(result->conditions[i] > 1e3))
      continue;
    ++count;
    if (worst < 0 || move > worst_move) {
      worst = i;
      worst_move = move;
    }
  }
  if (count > 0)
    say_note(
        "%d eigenvalue%s ill-conditioned: small residuals mean little. Number %d has condition "
        "%.1e, and rounding of the entries alone may move it by about %.1e",
        count, count == 1 ? " is" : "s are", worst + 1, result->conditions[worst], worst_move);
  note_worst_condition(result);
  if (result->infinite > 0)
    say_note("B is singular: %d infinite eigenvalue%s left out", result->infinite,
             result->infinite == 1 ? " is" : "s are");
}

/* ---- JSON ---- */

const report_member report_members[] = {
  { "speig", "version of the program" },
  { "matrix",
    "file, rows, cols, nnz (stored entries, symmetry expanded), and field and symmetry as "
    "the header says" },
  { "mass", "the same of B, null without" },
  { "problem",
    "kind (hermitian or general), k and which as asked for, interval (null without; then "
    "k and which do not count, and an infinite end is null), sigma (null without a "
    "shift; [re, im] of a general problem) and "
    "mode (normal, buckling, cayley), and deflated, the number of vectors kept out" },
  { "method", "that produced the pairs" },
  { "device", "where it ran" },
  { "dtype", "scalar type: s, d, c, z" },
  { "status", "certified, validated, converged, partial or failed" },
  { "reason", "why the solver stopped: converged, max_matvecs, time_limit, cancelled, breakdown, "
              "memory" },
  { "wanted", "k, or the order less the deflated vectors when that is smaller" },
  { "converged", "pairs that meet the tolerance, all of them listed here" },
  { "eigenvalues", "ascending; of a general problem [re, im], in the order of which" },
  { "residuals", "|A x - lambda B x|, recomputed at the end" },
  { "relative_residuals", "the same over |A| + |lambda| |B|" },
  { "error_bounds", "an eigenvalue is at most so far away; null where no bound is known" },
  { "unconverged_values", "eigenvalues that did not get there, for what they are worth" },
  { "unconverged_residuals", "their residuals" },
  { "conditions", "1 / |y^H B x| with left vectors y, null without --left" },
  { "worst_condition", "the largest of them, without --left an estimate; null where not known" },
  { "moved", "how far rounding errors in A were seen to move the values; null: not tried" },
  { "left_residuals", "|A^H y - conj(lambda) B^H y|, null without --left" },
  { "orthogonality", "largest entry of |X^H B X - I|; null for a general problem" },
  { "tol", "the tolerance in force" },
  { "interval", "where all eigenvalues were wanted: the ends asked for, or a little outward where "
                "eigenvalues equal them to rounding; null without" },
  { "proven",
    "the part of the interval, from its low end, where nothing is missing; null without" },
  { "estimate", "about how many eigenvalues the interval holds, by random vectors, where method "
                "filter searched it; null without" },
  { "estimate_error", "its error bar; a set that holds fewer is converged, not validated" },
  { "vectors", "file they were written to, null when none" },
  { "left", "file of the left vectors, null when none" },
  { "balanced", "true when a general A was balanced by a diagonal similarity" },
  { "infinite", "infinite eigenvalues left out (singular B)" },
  { "matvecs", "products with A, counted by columns" },
  { "matvecs_adjoint", "products with A^H, for left vectors" },
  { "solves", "solutions with a factorization, counted by columns" },
  { "transform", "none, shift (through the inverse of A - shift B) or mass (that of B)" },
  { "shift", "where A - shift B was factored: sigma or a little beside it; null without one" },
  { "factorizations", "those for counting eigenvalues included" },
  { "restarts", "restarts or iterations" },
  { "precond_dropped", "true when the preconditioner was not positive and was left out" },
  { "seed", "of the start vectors" },
  { "threads", "used" },
  { "seconds", "read, setup, solve, certify" },
  { "memory_bytes", "peak of the solve, without the matrices" },
  { NULL, NULL },
};

static void json_optional(json_writer *w, const char *key, int64_t count, const double *values)
{
  if (values)
    json_reals(w, key, count, values);
  else
    json_null(w, key);
}

/* A number, of a general problem [re, im]; null without one. */
static void json_shift(json_writer *w, const char *key, int general, const double *shift)
{
  if (!shift)
    json_null(w, key);
  else if (general)
    json_reals(w, key, 2, shift);
  else
    json_real(w, key, *shift);
}

static void json_problem(json_writer *w, const report *r, const char *kind)
{
  input_json(w, "matrix", r->A);
  if (r->B)
    input_json(w, "mass", r->B);
  else
    json_null(w, "mass");
  json_open(w, "problem");
  json_text(w, "kind", kind);
  json_int(w, "k", r->k);
  json_text(w, "which", r->which);
  if (r->interval)
    json_reals(w, "interval", 2, r->interval);
  else
    json_null(w, "interval");
  json_shift(w, "sigma", r->general, r->sigma);
  json_text(w, "mode", speig_mode_name(r->mode));
  json_int(w, "deflated", r->deflated);
  json_close(w);
}

void report_json(FILE *out, const report *r)
{
  const report_result *result = &r->result;
  json_writer w = { .out = out };
  json_open(&w, NULL);
  json_text(&w, "speig", speig_version());
  json_problem(&w, r, result->kind);
  json_text(&w, "method", speig_method_name(result->method));
  json_text(&w, "device", speig_device_name(result->device));
  json_text(&w, "dtype", speig_dtype_name(result->dtype));
  json_text(&w, "status", speig_outcome_name(result->outcome));
  json_text(&w, "reason", speig_reason_name(result->reason));
  json_int(&w, "wanted", result->wanted);
  json_int(&w, "converged", result->k);
  if (result->parts == 2)
    json_complexes(&w, "eigenvalues", result->k, result->values);
  else
    json_reals(&w, "eigenvalues", result->k, result->values);
  json_reals(&w, "residuals", result->k, result->residuals);
  json_reals(&w, "relative_residuals", result->k, result->relative_residuals);
  json_reals(&w, "error_bounds", result->k, result->error_bounds);
  if (result->parts == 2)
    json_complexes(&w, "unconverged_values", result->unconverged, result->unconverged_values);
  else
    json_reals(&w, "unconverged_values", result->unconverged, result->unconverged_values);
  json_reals(&w, "unconverged_residuals", result->unconverged, result->unconverged_residuals);
  json_optional(&w, "conditions", result->k, result->conditions);
  json_real(&w, "worst_condition", result->worst_condition);
  json_real(&w, "moved", result->moved);
  json_optional(&w, "left_residuals", result->k, result->left_residuals);
  json_real(&w, "orthogonality", result->orthogonality);
  json_real(&w, "tol", result->tol);
  for (int i = 0; i < 2; ++i) {
    const double *ends = i ? result->proven : result->interval;
    if (r->interval && ends && !(ends[0] != ends[0]))
      json_reals(&w, i ? "proven" : "interval", 2, ends);
    else
      json_null(&w, i ? "proven" : "interval");
  }
  json_real(&w, "estimate", result->estimate);
  json_real(&w, "estimate_error", result->estimate_error);
  json_text(&w, "vectors", r->vectors);
  json_text(&w, "left", r->left);
  json_bool(&w, "balanced", result->balanced);
  json_int(&w, "infinite", result->infinite);
  json_int(&w, "matvecs", result->matvecs);
  json_int(&w, "matvecs_adjoint", result->matvecs_adjoint);
  json_int(&w, "solves", result->solves);
  json_text(&w, "transform", result->transform);
  json_shift(&w, "shift", result->parts == 2, result->shift);
  json_int(&w, "factorizations", result->factorizations);
  json_int(&w, "restarts", result->restarts);
  json_bool(&w, "precond_dropped", result->precond_dropped);
  json_uint(&w, "seed", result->seed);
  json_int(&w, "threads", result->threads);
  report_json_end(&w,
                  &(report_times){ r->seconds_read, result->seconds_setup, result->seconds_solve,
                                   result->seconds_certify, result->memory_bytes });
}

/* ---- plans ---- */

void report_plan_text(FILE *out, const report *r, const report_plan *plan)
{
  fprintf(out, "problem   %s%s%s, n = %" PRId64 ", ", r->A->path, r->B ? " with " : "",
          r->B ? r->B->path : "", plan->n);
  if (r->interval)
    fputs("eigenvalues: ", out);
  else
    fprintf(out, "%d eigenvalues ", plan->k);
  print_wanted(out, r);
  fputc('\n', out);
  report_plan_body(out, plan, "vectors");
}

void report_plan_json(FILE *out, const report *r, const report_plan *plan)
{
  json_writer w = { .out = out };
  json_open(&w, NULL);
  json_text(&w, "speig", speig_version());
  json_problem(&w, r, plan->kind);
  json_open(&w, "plan");
  json_text(&w, "method", speig_method_name(plan->method));
  json_text(&w, "device", speig_device_name(plan->device));
  json_text(&w, "why", plan->why);
  json_int(&w, "n", plan->n);
  json_int(&w, "k", plan->k);
  json_int(&w, "ncv", plan->ncv);
  json_real(&w, "tol", plan->tol);
  json_int(&w, "max_matvecs", plan->max_matvecs);
  json_int(&w, "memory_bytes", (int64_t)plan->memory_bytes);
  json_real(&w, "flops_per_step", plan->flops_per_step);
  json_text(&w, "transform", plan->transform);
  json_int(&w, "factor_bytes", (int64_t)plan->factor_bytes);
  json_real(&w, "factor_flops", plan->factor_flops);
  json_close(&w);
  json_close(&w);
}
