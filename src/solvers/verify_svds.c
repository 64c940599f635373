/* verify_svds.c: judges singular triplets A v = s u, A^H u = s v, whoever computed them.
 *
 * The same questions as in verify.c: are both residuals small, do both vectors bring something new,
 * is there a singular value of LAPACK's left, and which wanted one does no triplet stand for. Cost:
 * k products with A and its adjoint, k^2 sums of both lengths, and the singular values of small
 * problems.                                                                                      */
#include "solvers/verify.h"

#include "base/dtype.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/random.h"
#include "base/threads.h"

#include <inttypes.h>
#include <lapacke.h>
#include <math.h>
#include <string.h>

/* Everything of one call. Blocks are complex numbers as pairs of doubles. */
typedef struct verify_run {
  verify_matrix A, H; /* H = A^H; their n is the number of rows */
  int64_t rows, cols, r; /* r: singular values there are */
  int32_t k;
  const double *values;
  double tol, norm;
  int threads, is_complex;
  double *U, *V; /* normalised; NULL without vectors */
  double *s; /* [r] LAPACK's, ascending; NULL when they were not computed */
  speig_verify_report *report;
} verify_run;

/* ---- the caller's arguments ---- */

static speig_status check_vectors(const char *name, const speig_block *X, int64_t rows, int32_t k)
{
  speig_status st = SPEIG_OK;
  REQUIRE(dtype_valid(X->dtype), "the %s vectors have an unknown dtype %d", name, (int)X->dtype);
  REQUIRE(X->device != SPEIG_CUDA,
          "the %s vectors are in device memory, host memory needed (speig_copy)", name);
  REQUIRE(X->rows == rows && X->cols >= k && X->ld >= rows,
          "the %s vectors are %" PRId64 " x %" PRId64 " with ld = %" PRId64 ", needed: %" PRId64
          " rows and %" PRId32 " columns",
          name, X->rows, X->cols, X->ld, rows, k);
  REQUIRE(X->data || rows == 0 || k == 0, "the %s vectors have no data", name);
done:
  return st;
}

static speig_status check(const speig_matrix *A, int32_t k, const double *values,
                          const speig_block *left, const speig_block *right,
                          const speig_verify_opts *opts)
{
  speig_status st = SPEIG_OK;
  speig_matrix_info info;
  speig_matrix_stats stats;
  REQUIRE(A, "A is NULL");
  REQUIRE(opts->size == sizeof *opts,
          "verify options of %zu bytes, needed: %zu (use the INIT macro)", opts->size,
          sizeof *opts);
  REQUIRE(opts->tol >= 0, "tol = %g, needed: at least 0", opts->tol);
  REQUIRE(opts->which == SPEIG_LM || opts->which == SPEIG_SM,
          "which = %d (%s), needed for singular values: LM or SM", (int)opts->which,
          speig_which_name(opts->which));
  REQUIRE(k >= 0, "k = %" PRId32 ", needed: at least 0", k);
  REQUIRE(values || k == 0, "values is NULL");
  REQUIRE(!left == !right, "left and right vectors are needed together, %s is NULL",
          left ? "right" : "left");
  info = speig_matrix_get_info(A);
  TRY(speig_matrix_get_stats(A, &stats));
  if (stats.nonfinite > 0)
    FAIL(SPEIG_ERR_NUMERIC, "A has %" PRId64 " entries that are NaN or Inf", stats.nonfinite);
  if (left) {
    TRY(check_vectors("left", left, info.rows, k));
    TRY(check_vectors("right", right, info.cols, k));
  }
done:
  return st;
}

/* ---- vectors ---- */

/* x = x / ||x||; a vector without a positive norm becomes NaN and is judged by that. */
static void normalise(int64_t n, double *x)
{
  double largest = 0;
  long double square[2];
  for (int64_t i = 0; i < 2 * n; ++i)
    if (!(fabs(x[i]) <= largest))
      largest = fabs(x[i]);
  for (int64_t i = 0; i < 2 * n; ++i)
    x[i] /= largest;
  verify_dot(n, x, x, square);
  for (int64_t i = 0; i < 2 * n; ++i)
    x[i] = (double)(x[i] / sqrtl(square[0]));
}

static speig_status take(int64_t n, int32_t k, const speig_block *from, double **out)
{
  speig_status st = SPEIG_OK;
  TRY(mem_alloc(2 * n * k, sizeof(double), "vectors under test", (void **)out));
  for (int32_t j = 0; j < k; ++j) {
    verify_column(from, j, *out + 2 * n * j);
    normalise(n, *out + 2 * n * j);
  }
done:
  return st;
}

/* ||y - s x|| */
static double distance(int64_t n, const double *y, double s, const double *x)
{
  long double square = 0;
  for (int64_t i = 0; i < 2 * n; ++i) {
    long double d = y[i] - (long double)s * x[i];
    square += d * d;
  }
  return (double)sqrtl(square);
}

static speig_status judge_residuals(const verify_run *run)
{
  speig_status st = SPEIG_OK;
  speig_verify_report *r = run->report;
  double *y = NULL;
  TRY(MEM_ARRAY(2 * (run->rows + run->cols), "products", &y));
  for (int32_t j = 0; j < run->k; ++j) {
    const double *u = run->U + 2 * run->rows * j, *v = run->V + 2 * run->cols * j;
    double s = run->values[j], larger;
    long double dot[2];
    verify_multiply(&run->A, run->threads, v, y);
    verify_dot(run->rows, u, y, dot);
    r->rayleigh[j] = (double)dot[0];
    r->residuals[j] = distance(run->rows, y, s, u);
    verify_multiply(&run->H, run->threads, u, y);
    r->adjoint_residuals[j] = distance(run->cols, y, s, v);
    larger = r->residuals[j] + r->adjoint_residuals[j]; /* NaN stays */
    if (larger > 0)
      larger = fmax(r->residuals[j], r->adjoint_residuals[j]);
    r->relative_residuals[j] = larger == 0 ? 0 : larger / (run->norm + fabs(s));
    if (!(r->relative_residuals[j] <= run->tol) || s < 0)
      r->verdicts[j] = SPEIG_PAIR_BAD_RESIDUAL;
  }
done:
  mem_free(y);
  return st;
}

/* max |X^H X - I| */
static double defect(int64_t n, int32_t k, const double *X)
{
  double worst = 0;
  for (int32_t j = 0; j < k; ++j)
    for (int32_t i = 0; i <= j; ++i) {
      long double dot[2];
      double off;
      verify_dot(n, X + 2 * n * i, X + 2 * n * j, dot);
      off = (double)hypotl(dot[0] - (i == j), dot[1]);
      if (!(off <= worst) && !isnan(worst))
        worst = off;
    }
  return worst;
}

/* Vectors that depend on those of earlier good triplets, as in verify.c: what is left of them is
 * below sqrt(tol). basis: as large as X. */
static void judge_independence(const verify_run *run, int64_t n, const double *X, double *basis)
{
  int32_t rank = 0;
  for (int32_t j = 0; j < run->k; ++j) {
    double *x = basis + 2 * n * rank;
    long double dot[2];
    if (run->report->verdicts[j] != SPEIG_PAIR_RIGHT)
      continue;
    memcpy(x, X + 2 * n * j, (size_t)(2 * n) * sizeof *x);
    for (int32_t t = 0; t < 2 * rank; ++t) {
      const double *q = basis + 2 * n * (t % rank);
      verify_dot(n, q, x, dot);
      for (int64_t i = 0; i < n; ++i) {
        long double re = q[2 * i], im = q[2 * i + 1];
        x[2 * i] = (double)(x[2 * i] - (re * dot[0] - im * dot[1]));
        x[2 * i + 1] = (double)(x[2 * i + 1] - (re * dot[1] + im * dot[0]));
      }
    }
    verify_dot(n, x, x, dot);
    if (!(sqrtl(dot[0]) > sqrt(run->tol))) {
      run->report->verdicts[j] = SPEIG_PAIR_DUPLICATE;
      continue;
    }
    normalise(n, x);
    ++rank;
  }
}

static speig_status judge_vectors(verify_run *run, const speig_block *left,
                                  const speig_block *right)
{
  speig_status st = SPEIG_OK;
  int64_t longer = run->rows > run->cols ? run->rows : run->cols;
  double *basis = NULL;
  TRY(take(run->rows, run->k, left, &run->U));
  TRY(take(run->cols, run->k, right, &run->V));
  TRY(judge_residuals(run));
  run->report->orthogonality =
      fmax(defect(run->rows, run->k, run->U), defect(run->cols, run->k, run->V));
  TRY(mem_alloc(2 * longer * run->k, sizeof(double), "basis", (void **)&basis));
  judge_independence(run, run->rows, run->U, basis);
  judge_independence(run, run->cols, run->V, basis);
done:
  mem_free(basis);
  return st;
}

/* ---- singular values ---- */

/* ||A||, from below: power iteration with A^H A. */
static speig_status find_norm(verify_run *run)
{
  enum { STEPS = 60 };
  speig_status st = SPEIG_OK;
  double *x = NULL, *y = NULL;
  long double square[2];
  TRY(MEM_ARRAY(2 * run->cols, "vector of the power iteration", &x));
  TRY(MEM_ARRAY(2 * run->rows, "vector of the power iteration", &y));
  for (int64_t i = 0; i < 2 * run->cols; ++i)
    x[i] = random_uniform(UINT64_C(0x5E1F), i / 2, 0, (int)(i % 2));
  for (int step = 0; step < STEPS; ++step) {
    verify_dot(run->cols, x, x, square);
    if (!(square[0] > 0))
      break;
    normalise(run->cols, x);
    verify_multiply(&run->A, run->threads, x, y);
    verify_dot(run->rows, y, y, square);
    run->norm = fmax(run->norm, (double)sqrtl(square[0]));
    verify_multiply(&run->H, run->threads, y, x);
  }
done:
  mem_free(x);
  mem_free(y);
  return st;
}

static lapack_int lapack_call(const verify_run *run, double *a, double *s, double *work,
                              lapack_int lwork, double *rwork)
{
  lapack_int m = (lapack_int)run->rows, n = (lapack_int)run->cols;
  lapack_complex_double *za = (lapack_complex_double *)(void *)a;
  if (run->is_complex)
    return LAPACKE_zgesvd_work(LAPACK_COL_MAJOR, 'N', 'N', m, n, za, m, s, NULL, 1, NULL, 1,
                               (lapack_complex_double *)(void *)work, lwork, rwork);
  return LAPACKE_dgesvd_work(LAPACK_COL_MAJOR, 'N', 'N', m, n, a, m, s, NULL, 1, NULL, 1, work,
                             lwork);
}

/* All of them by QR iteration (?gesvd), which the solvers do not use. */
static speig_status find_values(verify_run *run)
{
  speig_status st = SPEIG_OK;
  int64_t size = run->is_complex ? 16 : 8;
  double *a = NULL, *s = NULL, *work = NULL, *rwork = NULL, wish[2] = { 0 };
  lapack_int info;
  TRY(mem_zalloc(run->rows * run->cols, (size_t)size, "A in full storage", (void **)&a));
  verify_expand_general(&run->A, run->is_complex, a);
  TRY(MEM_ARRAY(run->r, "LAPACK's singular values", &s));
  TRY(MEM_ARRAY(5 * run->r, "LAPACK workspace", &rwork));
  info = lapack_call(run, a, s, wish, -1, rwork);
  if (info == 0)
    TRY(mem_alloc((int64_t)wish[0], (size_t)size, "LAPACK workspace", (void **)&work));
  threads_blas_enter();
  if (info == 0)
    info = lapack_call(run, a, s, work, (lapack_int)wish[0], rwork);
  threads_blas_leave();
  if (info != 0)
    FAIL(SPEIG_ERR_NUMERIC, "LAPACK found no singular values (info = %d)", (int)info);
  run->norm = s[0];
  for (int64_t i = 0, j = run->r - 1; i < j; ++i, --j) {
    double swap = s[i];
    s[i] = s[j];
    s[j] = swap;
  }
  run->s = s;
  s = NULL;
  run->report->compared = 1;
done:
  mem_free(a);
  mem_free(s);
  mem_free(work);
  mem_free(rwork);
  return st;
}

/* ---- the call ---- */

static speig_status judge(verify_run *run, const speig_block *left, const speig_block *right,
                          const speig_verify_opts *opts)
{
  enum { MOST_ENTRIES = 1 << 27 };
  speig_status st = SPEIG_OK;
  speig_verify_report *r = run->report;
  int64_t limit = opts->dense_limit ? opts->dense_limit : 2000;
  TRY(find_norm(run));
  if (run->r > 0 && run->r <= limit && run->rows <= MOST_ENTRIES / run->cols)
    TRY(find_values(run));
  REQUIRE(left || r->compared || run->k == 0,
          "nothing to check the values by: no vectors, and the smaller side, %" PRId64
          ", exceeds dense_limit = %" PRId64,
          run->r, limit);
  r->norm_a = run->norm;
  r->norm_b = 1;
  if (left)
    TRY(judge_vectors(run, left, right));
  for (int32_t j = 0; j < run->k; ++j)
    if (!isfinite(run->values[j]))
      r->verdicts[j] = left ? SPEIG_PAIR_BAD_RESIDUAL : SPEIG_PAIR_WRONG_VALUE;
  if (r->compared)
    TRY(verify_compare(opts->which == SPEIG_LM ? SPEIG_LA : SPEIG_SA, opts->check_which,
                       run->values, run->r, run->s, run->tol * run->norm,
                       r)); /* none is negative */
  for (int32_t j = 0; j < run->k; ++j)
    r->right += r->verdicts[j] == SPEIG_PAIR_RIGHT;
done:
  return st;
}

speig_status speig_verify_svds(const speig_matrix *A, int32_t k, const double *values,
                               const speig_block *left, const speig_block *right,
                               const speig_verify_opts *opts, speig_verify_report **report)
{
  speig_status st = SPEIG_OK;
  const speig_verify_opts defaults = SPEIG_VERIFY_OPTS_INIT;
  verify_run run = { .k = k, .values = values };
  speig_matrix *adjoint = NULL;
  REQUIRE(report, "no place for the report");
  *report = NULL;
  opts = opts ? opts : &defaults;
  TRY(check(A, k, values, left, right, opts));
  TRY(speig_matrix_transpose(A, 1, &adjoint));
  run.A = verify_open(A);
  run.H = verify_open(adjoint);
  run.rows = run.A.n;
  run.cols = run.H.n;
  run.r = run.rows < run.cols ? run.rows : run.cols;
  run.is_complex = dtype_is_complex(run.A.dtype);
  run.threads = threads_resolve(opts->threads);
  run.tol = opts->tol;
  if (run.tol == 0)
    run.tol = dtype_is_single(run.A.dtype) || (left && dtype_is_single(left->dtype)) ? 1e-4 : 1e-8;
  TRY(verify_report_alloc(k, &run.report));
  TRY(judge(&run, left, right, opts));
  *report = run.report;
  run.report = NULL;
done:
  speig_verify_report_free(&run.report);
  speig_matrix_destroy(&adjoint);
  mem_free(run.U);
  mem_free(run.V);
  mem_free(run.s);
  return st;
}
