/* solve_kit.c: see solve_kit.h. The set of values is judged by the verifier's matching, which has
 * tests of its own. */
#include "solve_kit.h"

#include "base/dtype.h"
#include "base/random.h"
#include "solvers/verify.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void scalar_get(speig_dtype dtype, const void *data, int64_t i, double out[2])
{
  int64_t at = dtype_is_complex(dtype) ? 2 * i : i;
  out[0] = dtype_is_single(dtype) ? ((const float *)data)[at] : ((const double *)data)[at];
  out[1] = 0;
  if (dtype_is_complex(dtype))
    out[1] =
        dtype_is_single(dtype) ? ((const float *)data)[at + 1] : ((const double *)data)[at + 1];
}

void scalar_put(speig_dtype dtype, void *data, int64_t i, double re, double im)
{
  int parts = dtype_is_complex(dtype) ? 2 : 1;
  for (int part = 0; part < parts; ++part) {
    double x = part ? im : re;
    if (dtype_is_single(dtype))
      ((float *)data)[parts * i + part] = (float)x;
    else
      ((double *)data)[parts * i + part] = x;
  }
}

/* a_ij e^{i (p_i - p_j)}, the upper triangle being exactly the conjugate of the lower one. */
static void turn(speig_matrix **A)
{
  speig_matrix *real = *A;
  speig_matrix_info info = speig_matrix_get_info(real);
  const int64_t *rowptr;
  const int32_t *col;
  const void *values;
  double *turned = calloc((size_t)info.nnz * 2 + 1, sizeof *turned);
  speig_matrix_arrays(real, &rowptr, &col, &values);
  for (int64_t i = 0; i < info.rows; ++i)
    for (int64_t e = rowptr[i]; e < rowptr[i + 1]; ++e) {
      int64_t high = i > col[e] ? i : col[e], low = i > col[e] ? col[e] : i;
      double angle = 3 * random_uniform(5, high, 0, 0) - 3 * random_uniform(5, low, 0, 0);
      double value[2];
      scalar_get(info.dtype, values, e, value);
      turned[2 * e] = value[0] * cos(angle);
      turned[2 * e + 1] = i == col[e] ? 0 : value[0] * sin(angle) * (i > col[e] ? 1 : -1);
    }
  *A = NULL;
  CHECK_OK(
      speig_matrix_create_csr(SPEIG_Z, info.rows, info.cols, rowptr, col, turned, SPEIG_COPY, A));
  speig_matrix_destroy(&real);
  free(turned);
}

static double largest(const double *w, int64_t n)
{
  return n > 0 ? fmax(fabs(w[0]), fabs(w[n - 1])) : 0;
}

model model_wrap(speig_matrix *A, const char *name, const double *spectrum)
{
  model m = { .A = A };
  speig_matrix_info info = speig_matrix_get_info(A);
  m.n = info.rows;
  m.dtype = info.dtype;
  (void)snprintf(m.name, sizeof m.name, "%s/%s", name, speig_dtype_name(m.dtype));
  CHECK_OK(speig_operator_from_matrix(A, &m.op));
  if (spectrum) {
    m.spectrum = calloc((size_t)m.n + 1, sizeof *m.spectrum);
    memcpy(m.spectrum, spectrum, (size_t)m.n * sizeof *m.spectrum);
    m.norm = largest(spectrum, m.n);
  }
  return m;
}

model model_make(speig_dtype dtype, double factor, const char *generator, ...)
{
  const char *names[4];
  double values[4], *spectrum, *scaled;
  int64_t order;
  int32_t count = 0;
  speig_matrix *A = NULL, *B = NULL;
  speig_status known;
  va_list arguments;
  model m;
  va_start(arguments, generator);
  while (count < 4 && (names[count] = va_arg(arguments, const char *)) != NULL)
    values[count++] = va_arg(arguments, double);
  va_end(arguments);
  CHECK_OK(speig_generate(generator, count, names, values, 1, &A));
  if (dtype_is_complex(dtype) && !dtype_is_complex(speig_matrix_get_info(A).dtype))
    turn(&A);
  CHECK_OK(speig_matrix_scaled(A, factor, &B));
  speig_matrix_destroy(&A);
  CHECK_OK(speig_matrix_convert(B, dtype, &A));
  speig_matrix_destroy(&B);
  spectrum = calloc((size_t)speig_matrix_get_info(A).rows + 1, sizeof *spectrum);
  known = speig_generate_spectrum(generator, count, names, values, spectrum);
  order = speig_matrix_get_info(A).rows;
  scaled = calloc((size_t)order + 1, sizeof *scaled);
  for (int64_t i = 0; i < order; ++i)
    scaled[i] = factor * spectrum[factor < 0 ? order - 1 - i : i];
  m = model_wrap(A, generator, known == SPEIG_OK ? scaled : NULL);
  free(spectrum);
  free(scaled);
  return m;
}

void model_drop(model *m)
{
  speig_operator_destroy(&m->op);
  speig_matrix_destroy(&m->A);
  free(m->spectrum);
}

speig_eigsh_opts opts_for(speig_device device, speig_method method, int32_t k, speig_which which)
{
  speig_eigsh_opts opts = SPEIG_EIGSH_OPTS_INIT;
  opts.device = device;
  opts.method = method;
  opts.k = k;
  opts.which = which;
  opts.threads = 1; /* small problems, and machines with other work to do */
  return opts;
}

typedef struct complaint {
  const model *m;
  const speig_eigsh_opts *opts;
  int count;
} complaint;

#define COMPLAIN(c, ...)                                                                           \
  do {                                                                                             \
    fprintf(stderr, "\n  %s %s %s k=%d: ", (c)->m->name, speig_method_name((c)->opts->method),     \
            speig_which_name((c)->opts->which), (int)(c)->opts->k);                                \
    fprintf(stderr, __VA_ARGS__);                                                                  \
    ++(c)->count;                                                                                  \
  } while (0)

/* The wanted set, with multiplicities; only for a full answer. */
static void check_set(complaint *c, const speig_eigsh_result *r)
{
  const model *m = c->m;
  double tolerance = (dtype_is_single(m->dtype) ? 1e-4 : 1e-9) * m->norm;
  double *wanted, *missed;
  int32_t count = 0;
  if (!m->spectrum || c->opts->deflate || r->k < r->wanted)
    return;
  wanted = calloc((size_t)r->k + 1, sizeof *wanted);
  missed = calloc((size_t)r->k + 1, sizeof *missed);
  CHECK_OK(verify_wanted(c->opts->which, m->n, m->spectrum, r->k, wanted));
  CHECK_OK(verify_missed(c->opts->which, r->k, wanted, r->k, r->values, tolerance, missed, &count));
  for (int32_t j = 0; j < count && j < 3; ++j)
    COMPLAIN(c, "missed %.17g (one of %d); outcome %s", missed[j], (int)count,
             speig_outcome_name(r->outcome));
  free(wanted);
  free(missed);
}

/* Residuals and independence by the verifier, and whether the result says the same of itself. */
static void check_vectors(complaint *c, const speig_eigsh_result *r)
{
  const model *m = c->m;
  double eps = dtype_eps(m->dtype), tol = c->opts->tol > r->tol ? c->opts->tol : r->tol;
  speig_verify_opts opts = SPEIG_VERIFY_OPTS_INIT;
  speig_verify_report *v = NULL;
  opts.dense_limit = -1;
  opts.tol = 10 * tol;
  CHECK_OK(speig_verify(m->A, NULL, r->k, r->values, &r->vectors, &opts, &v));
  for (int32_t j = 0; j < r->k; ++j) {
    if (v->verdicts[j] != SPEIG_PAIR_RIGHT)
      COMPLAIN(c, "pair %d (%.17g): %s, relative residual %.3g, tol %.3g", (int)j, r->values[j],
               v->verdicts[j] == SPEIG_PAIR_DUPLICATE ? "duplicate" : "bad residual",
               v->relative_residuals[j], tol);
    if (!(fabs(v->residuals[j] - r->residuals[j]) <=
          0.1 * v->residuals[j] + tol * (v->norm_a + fabs(r->values[j]))))
      COMPLAIN(c, "pair %d: reported residual %.3g, found %.3g", (int)j, r->residuals[j],
               v->residuals[j]);
  }
  if (r->k > 0 && !(v->orthogonality <= 500 * eps)) /* 5e-5 or 1e-13 */
    COMPLAIN(c, "orthogonality %.3g", v->orthogonality);
  if (r->k > 0 && !(r->orthogonality <= 500 * eps))
    COMPLAIN(c, "orthogonality reported %.3g", r->orthogonality);
  speig_verify_report_free(&v);
}

/* The entry of largest magnitude is real and positive; among ties up to rounding, one of them. */
static void check_phase(complaint *c, const speig_eigsh_result *r)
{
  for (int32_t j = 0; j < r->k; ++j) {
    double most = 0, entry[2];
    int found = 0;
    for (int64_t i = 0; i < r->n; ++i) {
      scalar_get(r->dtype, r->vectors.data, i + j * r->vectors.ld, entry);
      most = fmax(most, hypot(entry[0], entry[1]));
    }
    for (int64_t i = 0; i < r->n && !found; ++i) {
      scalar_get(r->dtype, r->vectors.data, i + j * r->vectors.ld, entry);
      found = entry[0] >= most * (1 - 1e-4) && fabs(entry[1]) <= 1e-5 * most;
    }
    if (!found)
      COMPLAIN(c, "pair %d: its largest entry is not positive", (int)j);
  }
}

int answer_is_right(const model *m, const speig_eigsh_opts *opts, const speig_eigsh_result *r)
{
  complaint c = { m, opts, 0 };
  int64_t deflated = opts->deflate ? opts->deflate->cols : 0;
  int64_t room = m->n - deflated, wanted = opts->k < room ? opts->k : room;
  if (r->wanted != wanted || r->k > wanted || r->n != m->n || r->dtype != m->dtype)
    COMPLAIN(&c, "wanted %d, needed %d; n %d", (int)r->wanted, (int)wanted, (int)r->n);
  if ((r->k == r->wanted) != (r->outcome <= SPEIG_CONVERGED) ||
      (r->k == 0 && r->wanted > 0) != (r->outcome == SPEIG_FAILED))
    COMPLAIN(&c, "%d pairs of %d with outcome %s", (int)r->k, (int)r->wanted,
             speig_outcome_name(r->outcome));
  for (int32_t j = 1; j < r->k; ++j)
    if (!(r->values[j - 1] <= r->values[j]))
      COMPLAIN(&c, "values not ascending at %d", (int)j);
  check_set(&c, r);
  if (!opts->values_only) {
    check_vectors(&c, r);
    check_phase(&c, r);
  }
  return c.count == 0;
}

void expect_right(const model *m, const speig_eigsh_opts *opts, int may_refuse)
{
  complaint c = { m, opts, 0 };
  speig_eigsh_result *r = NULL;
  speig_status st = speig_eigsh(m->op, NULL, opts, &r);
  if (st == SPEIG_ERR_UNSUPPORTED && may_refuse)
    return;
  if (st != SPEIG_OK) {
    COMPLAIN(&c, "%s: %s\n%s", speig_status_text(st), speig_last_error(), speig_last_error_trace());
    CU_FAIL("speig_eigsh failed");
    return;
  }
  if (r->outcome > SPEIG_CONVERGED)
    COMPLAIN(&c, "%d of %d pairs, outcome %s, reason %s, %lld products", (int)r->k, (int)r->wanted,
             speig_outcome_name(r->outcome), speig_reason_name(r->reason), (long long)r->matvecs);
  CU_ASSERT_TRUE(answer_is_right(m, opts, r) && c.count == 0);
  speig_eigsh_result_free(&r);
}

int same_answers(const speig_eigsh_result *a, const speig_eigsh_result *b)
{
  size_t bytes = (size_t)a->n * speig_dtype_size(a->dtype);
  if (a->k != b->k || a->n != b->n || a->dtype != b->dtype || a->matvecs != b->matvecs ||
      memcmp(a->values, b->values, (size_t)a->k * sizeof *a->values) != 0 ||
      memcmp(a->residuals, b->residuals, (size_t)a->k * sizeof *a->residuals) != 0)
    return 0;
  for (int32_t j = 0; j < a->k; ++j)
    if (memcmp((const char *)a->vectors.data + (size_t)(j * a->vectors.ld) * bytes / (size_t)a->n,
               (const char *)b->vectors.data + (size_t)(j * b->vectors.ld) * bytes / (size_t)b->n,
               bytes) != 0)
      return 0;
  return 1;
}
