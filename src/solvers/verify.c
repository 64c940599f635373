/* verify.c: judges eigenpairs of A x = theta B x, whoever computed them.
 *
 * Three independent questions: is the residual small, does the vector bring something new, and is
 * there an eigenvalue of LAPACK's left for the value. Then the other way round: which wanted
 * eigenvalue does no pair stand for. Cost: k products with A and B, k^2 sums of length n, and
 * O(n^3) for the spectrum of small problems.                                                    */
#include "solvers/verify.h"

#include "base/dtype.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/threads.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Everything of one call. Blocks are n x k complex numbers as pairs of doubles. */
typedef struct verify_run {
  verify_matrix A, B;
  int has_B;
  int32_t k;
  const double *values;
  double tol;
  int threads;
  double *X, *BX; /* normalised vectors, NULL without vectors; BX is X without B */
  double *w; /* [n] LAPACK's spectrum; NULL when it was not computed */
  double scale; /* of the eigenvalues: ||A||, or the largest one of LAPACK's */
  speig_verify_report *report;
} verify_run;

static speig_status check_hermitian(const speig_matrix *A, const char *name, double tol)
{
  speig_status st = SPEIG_OK;
  double defect;
  TRY(speig_matrix_hermitian_defect(A, &defect));
  REQUIRE(defect <= tol, "%s is not Hermitian: relative difference %.3g, needed: at most %.3g",
          name, defect, tol);
done:
  return st;
}

/* x = x / ||x||_B, bx = B x; a vector without a positive norm becomes NaN and is judged by that. */
static void normalise(const verify_run *run, double *x, double *bx)
{
  long double square[2], largest = 0;
  int64_t n = run->A.n;
  for (int64_t i = 0; i < 2 * n; ++i)
    if (!(fabs(x[i]) <= (double)largest))
      largest = fabs(x[i]);
  for (int pass = 0; pass < 2; ++pass) {
    long double divisor = largest;
    if (pass == 1) {
      if (run->has_B)
        verify_multiply(&run->B, run->threads, x, bx);
      verify_dot(n, x, run->has_B ? bx : x, square);
      divisor = square[0] > 0 ? sqrtl(square[0]) : (long double)NAN;
    }
    for (int64_t i = 0; i < 2 * n; ++i)
      x[i] = (double)(x[i] / divisor);
  }
  if (run->has_B)
    verify_multiply(&run->B, run->threads, x, bx);
}

static speig_status take_vectors(verify_run *run, const speig_block *vectors)
{
  speig_status st = SPEIG_OK;
  int64_t n = run->A.n;
  TRY(mem_alloc(2 * n * run->k, sizeof(double), "vectors under test", (void **)&run->X));
  if (run->has_B)
    TRY(mem_alloc(2 * n * run->k, sizeof(double), "B times the vectors", (void **)&run->BX));
  else
    run->BX = run->X;
  for (int32_t j = 0; j < run->k; ++j) {
    verify_column(vectors, j, run->X + 2 * n * j);
    normalise(run, run->X + 2 * n * j, run->BX + 2 * n * j);
  }
done:
  return st;
}

/* ||A x - theta B x|| and x^H A x of all pairs. */
static speig_status find_residuals(verify_run *run)
{
  speig_status st = SPEIG_OK;
  speig_verify_report *r = run->report;
  int64_t n = run->A.n;
  double *ax = NULL;
  TRY(MEM_ARRAY(2 * n, "A times a vector", &ax));
  for (int32_t j = 0; j < run->k; ++j) {
    const double *x = run->X + 2 * n * j, *bx = run->BX + 2 * n * j;
    long double dot[2], square = 0, theta = run->values[j];
    verify_multiply(&run->A, run->threads, x, ax);
    verify_dot(n, x, ax, dot);
    for (int64_t i = 0; i < 2 * n; ++i) {
      long double d = ax[i] - theta * bx[i];
      square += d * d;
    }
    r->rayleigh[j] = (double)dot[0];
    r->residuals[j] = (double)sqrtl(square);
  }
done:
  mem_free(ax);
  return st;
}

/* max |X^H B X - I| */
static void find_orthogonality(const verify_run *run)
{
  int64_t n = run->A.n;
  double worst = 0;
  for (int32_t j = 0; j < run->k; ++j)
    for (int32_t i = 0; i <= j; ++i) {
      long double dot[2];
      double off;
      verify_dot(n, run->X + 2 * n * i, run->BX + 2 * n * j, dot);
      off = (double)hypotl(dot[0] - (i == j), dot[1]);
      if (!(off <= worst) && !isnan(worst)) /* a NaN stays */
        worst = off;
    }
  run->report->orthogonality = worst;
}

static void judge_residuals(const verify_run *run)
{
  speig_verify_report *r = run->report;
  for (int32_t j = 0; j < run->k; ++j) {
    double unit = r->norm_a + fabs(run->values[j]) * r->norm_b;
    r->relative_residuals[j] = r->residuals[j] == 0 ? 0 : r->residuals[j] / unit;
    if (!(r->relative_residuals[j] <= run->tol))
      r->verdicts[j] = SPEIG_PAIR_BAD_RESIDUAL;
  }
}

/* Gram and Schmidt, twice, on the good vectors in their order. What is left of a vector is itself
 * an eigenvector with a residual of at most tol divided by its length; below sqrt(tol) that no
 * longer shows anything, and the pair counts as one that was there before.                      */
static speig_status judge_independence(const verify_run *run)
{
  speig_status st = SPEIG_OK;
  speig_verify_report *r = run->report;
  int64_t n = run->A.n;
  double *basis = NULL, *basis_b = NULL;
  int32_t rank = 0;
  TRY(mem_alloc(2 * n * run->k, sizeof(double), "basis of the good vectors", (void **)&basis));
  if (run->has_B)
    TRY(mem_alloc(2 * n * run->k, sizeof(double), "B times that basis", (void **)&basis_b));
  for (int32_t j = 0; j < run->k; ++j) {
    double *x = basis + 2 * n * rank, *bx = run->has_B ? basis_b + 2 * n * rank : x;
    long double dot[2], left;
    if (r->verdicts[j] != SPEIG_PAIR_RIGHT)
      continue;
    memcpy(x, run->X + 2 * n * j, (size_t)(2 * n) * sizeof *x);
    for (int32_t t = 0; t < 2 * rank; ++t) {
      const double *q = basis + 2 * n * (t % rank);
      const double *bq = run->has_B ? basis_b + 2 * n * (t % rank) : q;
      verify_dot(n, bq, x, dot);
      for (int64_t i = 0; i < n; ++i) {
        long double re = q[2 * i], im = q[2 * i + 1];
        x[2 * i] = (double)(x[2 * i] - (re * dot[0] - im * dot[1]));
        x[2 * i + 1] = (double)(x[2 * i + 1] - (re * dot[1] + im * dot[0]));
      }
    }
    if (run->has_B)
      verify_multiply(&run->B, run->threads, x, bx);
    verify_dot(n, x, bx, dot);
    left = dot[0] > 0 ? sqrtl(dot[0]) : 0;
    if (left <= sqrt(run->tol)) {
      r->verdicts[j] = SPEIG_PAIR_DUPLICATE;
      continue;
    }
    normalise(run, x, bx);
    ++rank;
  }
done:
  mem_free(basis);
  mem_free(basis_b);
  return st;
}

static speig_status find_scales(verify_run *run, int64_t dense_limit, int have_vectors)
{
  speig_status st = SPEIG_OK;
  speig_verify_report *r = run->report;
  int64_t n = run->A.n;
  TRY(verify_norm(&run->A, run->threads, &r->norm_a));
  r->norm_b = 1;
  if (run->has_B)
    TRY(verify_norm(&run->B, run->threads, &r->norm_b));
  run->scale = r->norm_a;
  if (n <= dense_limit) {
    TRY(MEM_ARRAY(n, "LAPACK's spectrum", &run->w));
    TRY(verify_spectrum(&run->A, run->has_B ? &run->B : NULL, run->w));
    r->compared = 1;
    run->scale = n > 0 ? fmax(fabs(run->w[0]), fabs(run->w[n - 1])) : 0;
    if (!run->has_B)
      r->norm_a = run->scale;
  }
  REQUIRE(have_vectors || r->compared,
          "nothing to check the values by: no vectors, and n = %" PRId64
          " exceeds dense_limit = %" PRId64,
          n, dense_limit);
done:
  return st;
}

static speig_status judge(verify_run *run, const speig_block *vectors,
                          const speig_verify_opts *opts)
{
  speig_status st = SPEIG_OK;
  speig_verify_report *r = run->report;
  TRY(find_scales(run, opts->dense_limit ? opts->dense_limit : 2000, vectors != NULL));
  if (vectors) {
    TRY(take_vectors(run, vectors));
    TRY(find_residuals(run));
    find_orthogonality(run);
    judge_residuals(run);
    TRY(judge_independence(run));
  }
  for (int32_t j = 0; j < run->k; ++j)
    if (!isfinite(run->values[j]))
      r->verdicts[j] = vectors ? SPEIG_PAIR_BAD_RESIDUAL : SPEIG_PAIR_WRONG_VALUE;
  if (r->compared)
    TRY(verify_compare(opts->which, opts->check_which, run->values, run->A.n, run->w,
                       run->tol * run->scale, r));
  for (int32_t j = 0; j < run->k; ++j)
    r->right += r->verdicts[j] == SPEIG_PAIR_RIGHT;
done:
  return st;
}

speig_status speig_verify(const speig_matrix *A, const speig_matrix *B, int32_t k,
                          const double *values, const speig_block *vectors,
                          const speig_verify_opts *opts, speig_verify_report **report)
{
  speig_status st = SPEIG_OK;
  const speig_verify_opts defaults = SPEIG_VERIFY_OPTS_INIT;
  verify_run run = { .k = k, .values = values, .has_B = B != NULL };
  REQUIRE(report, "no place for the report");
  *report = NULL;
  opts = opts ? opts : &defaults;
  TRY(verify_check(A, B, k, values, vectors, opts));
  run.A = verify_open(A);
  run.tol = opts->tol;
  if (run.tol == 0)
    run.tol =
        dtype_is_single(run.A.dtype) || (vectors && dtype_is_single(vectors->dtype)) ? 1e-4 : 1e-8;
  run.threads = threads_resolve(opts->threads);
  TRY(check_hermitian(A, "A", run.tol));
  if (B) {
    run.B = verify_open(B);
    TRY(check_hermitian(B, "B", run.tol));
  }
  TRY(verify_report_alloc(k, &run.report));
  TRY(judge(&run, vectors, opts));
  *report = run.report;
  run.report = NULL;
done:
  speig_verify_report_free(&run.report);
  if (run.has_B)
    mem_free(run.BX);
  mem_free(run.X);
  mem_free(run.w);
  return st;
}
