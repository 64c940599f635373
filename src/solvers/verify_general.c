/* verify_general.c: judges eigenpairs of a general problem A x = lambda B x, whoever computed them.
 *
 * As in verify.c: is the residual small, is there an eigenvalue of LAPACK's left for the value, and
 * which wanted eigenvalue does no pair stand for. How near a value must come to LAPACK's depends on
 * the condition of the eigenvalue, which LAPACK's left and right vectors give: both solvers may be
 * right and differ by condition times rounding, near a defective one by a root of it. Without
 * LAPACK, pairs with the same value and dependent vectors count once.                           */
#include "solvers/verify.h"

#include "base/dtype.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/threads.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

typedef struct general_run {
  verify_matrix A, B;
  int has_B, is_real;
  int32_t k;
  const double *values; /* [2 k] */
  double tol;
  int threads;
  double *X; /* normalised vectors, n x k pairs of doubles; NULL without */
  double *w, *condition; /* [2 n], [n] LAPACK's eigenvalues; NULL when not computed */
  double *slack; /* [n] how far a right value may be from each */
  int64_t *partner; /* [k] LAPACK's index of each value, -1: none */
  char *used; /* [n] */
  speig_verify_report *report;
} general_run;

static double size_of(const double *z)
{
  return hypot(z[0], z[1]);
}

static void run_close(general_run *run)
{
  mem_free(run->X);
  mem_free(run->w);
  mem_free(run->condition);
  mem_free(run->slack);
  mem_free(run->partner);
  mem_free(run->used);
  speig_verify_report_free(&run->report);
}

/* ---- vectors ---- */

static void scale_to_one(int64_t n, double *x)
{
  long double square[2], largest = 0;
  for (int64_t i = 0; i < 2 * n; ++i)
    largest = fabs(x[i]) > (double)largest || isnan(x[i]) ? fabs(x[i]) : largest;
  for (int64_t i = 0; i < 2 * n; ++i)
    x[i] = (double)(x[i] / (largest > 0 ? largest : (long double)NAN));
  verify_dot(n, x, x, square);
  for (int64_t i = 0; i < 2 * n; ++i)
    x[i] = (double)(x[i] / sqrtl(square[0]));
}

static speig_status take_residuals(general_run *run, const speig_block *vectors)
{
  speig_status st = SPEIG_OK;
  speig_verify_report *r = run->report;
  int64_t n = run->A.n;
  double *ax = NULL, *bx = NULL;
  TRY(mem_alloc(2 * n * run->k, sizeof(double), "vectors under test", (void **)&run->X));
  TRY(MEM_ARRAY(2 * n, "A times a vector", &ax));
  TRY(MEM_ARRAY(2 * n, "B times a vector", &bx));
  for (int32_t j = 0; j < run->k; ++j) {
    double *x = run->X + 2 * n * j;
    long double re = run->values[2 * j], im = run->values[2 * j + 1], sum = 0, unit;
    verify_column(vectors, j, x);
    scale_to_one(n, x);
    verify_multiply(&run->A, run->threads, x, ax);
    if (run->has_B)
      verify_multiply(&run->B, run->threads, x, bx);
    for (int64_t i = 0; i < n; ++i) {
      const double *b = run->has_B ? bx : x;
      long double dr = ax[2 * i] - (re * b[2 * i] - im * b[2 * i + 1]);
      long double di = ax[2 * i + 1] - (re * b[2 * i + 1] + im * b[2 * i]);
      sum += dr * dr + di * di;
    }
    unit = r->norm_a + size_of(run->values + 2 * (size_t)j) * r->norm_b;
    r->residuals[j] = (double)sqrtl(sum);
    r->relative_residuals[j] = r->residuals[j] == 0 ? 0 : (double)(r->residuals[j] / unit);
    if (!(r->relative_residuals[j] <= run->tol))
      r->verdicts[j] = SPEIG_PAIR_BAD_RESIDUAL;
  }
done:
  mem_free(ax);
  mem_free(bx);
  return st;
}

/* Without LAPACK: a vector that depends on those of earlier pairs with the same value. */
static speig_status judge_copies(general_run *run)
{
  speig_status st = SPEIG_OK;
  speig_verify_report *r = run->report;
  int64_t n = run->A.n;
  double *rest = NULL, near = sqrt(run->tol) * r->norm_a / (r->norm_b > 0 ? r->norm_b : 1);
  TRY(mem_alloc(2 * n * run->k, sizeof(double), "independent parts", (void **)&rest));
  for (int32_t j = 0; j < run->k; ++j) {
    double *x = rest + 2 * n * j;
    long double dot[2];
    memcpy(x, run->X + 2 * n * j, (size_t)(2 * n) * sizeof *x);
    for (int32_t t = 0; t < 2 * j; ++t) { /* Gram and Schmidt, twice */
      int32_t i = t % j;
      const double *q = rest + 2 * n * i;
      double apart[2] = { run->values[2 * i] - run->values[2 * j],
                          run->values[2 * i + 1] - run->values[2 * j + 1] };
      if (r->verdicts[i] != SPEIG_PAIR_RIGHT || !(size_of(apart) <= near))
        continue;
      verify_dot(n, q, x, dot);
      for (int64_t l = 0; l < n; ++l) {
        long double re = q[2 * l], im = q[2 * l + 1];
        x[2 * l] = (double)(x[2 * l] - (re * dot[0] - im * dot[1]));
        x[2 * l + 1] = (double)(x[2 * l + 1] - (re * dot[1] + im * dot[0]));
      }
    }
    verify_dot(n, x, x, dot);
    if (r->verdicts[j] == SPEIG_PAIR_RIGHT && !(sqrtl(dot[0]) > sqrt(run->tol)))
      r->verdicts[j] = SPEIG_PAIR_DUPLICATE;
    scale_to_one(n, x);
  }
done:
  mem_free(rest);
  return st;
}

/* ---- LAPACK's spectrum ---- */

/* condition (residual + rounding) to first order, but never more than the fourth root of that part
 * of the norm: a defective eigenvalue of order up to four. */
static void set_slack(general_run *run)
{
  const speig_verify_report *r = run->report;
  for (int64_t l = 0; l < run->A.n; ++l) {
    double size = size_of(run->w + 2 * l), unit = r->norm_a + size * r->norm_b;
    double moved = (run->tol + (double)run->A.n * 4 * DBL_EPSILON) * unit;
    double scale = r->norm_b > 0 ? unit / r->norm_b : unit;
    run->slack[l] = fmin(run->condition[l] * moved, scale * pow(moved / unit, 0.25));
  }
}

/* The nearest free eigenvalue of LAPACK's for each value, close matches first. */
static void match_values(general_run *run)
{
  speig_verify_report *r = run->report;
  for (int32_t j = 0; j < run->k; ++j)
    run->partner[j] = -1;
  for (int32_t round = 0; round < run->k; ++round) {
    int32_t best_j = -1;
    int64_t best_l = -1;
    double best = INFINITY;
    for (int32_t j = 0; j < run->k; ++j)
      for (int64_t l = 0; r->verdicts[j] == SPEIG_PAIR_RIGHT && run->partner[j] < 0 && l < run->A.n;
           ++l) {
        double gap =
            hypot(run->w[2 * l] - run->values[2 * j], run->w[2 * l + 1] - run->values[2 * j + 1]);
        if (!run->used[l] && gap < best && gap <= run->slack[l]) {
          best = gap;
          best_j = j;
          best_l = l;
        }
      }
    if (best_j < 0)
      break;
    run->partner[best_j] = best_l;
    run->used[best_l] = 1;
    r->errors[best_j] = best;
  }
  for (int32_t j = 0; j < run->k; ++j)
    if (r->verdicts[j] == SPEIG_PAIR_RIGHT && run->partner[j] < 0)
      r->verdicts[j] = SPEIG_PAIR_WRONG_VALUE;
}

static double key(const general_run *run, speig_eigs_which which, const double *value)
{
  double im = run->is_real ? fabs(value[1]) : value[1];
  switch (which) {
  case SPEIG_EIGS_LM:
    return size_of(value);
  case SPEIG_EIGS_SM:
    return -size_of(value);
  case SPEIG_EIGS_LR:
    return value[0];
  case SPEIG_EIGS_SR:
    return -value[0];
  case SPEIG_EIGS_LI:
    return im;
  default:
    return -im;
  }
}

/* The key of the k-th best eigenvalue: selection by counting, n^2 comparisons. */
static double cut_of(const general_run *run, speig_eigs_which which, int64_t k)
{
  for (int64_t l = 0; l < run->A.n; ++l) {
    double mine = key(run, which, run->w + 2 * l);
    int64_t better = 0, equal = 0;
    for (int64_t i = 0; i < run->A.n && isfinite(run->w[2 * l]); ++i) {
      double other = key(run, which, run->w + 2 * i);
      better += isfinite(run->w[2 * i]) && other > mine;
      equal += isfinite(run->w[2 * i]) && !(other > mine) && !(other < mine);
    }
    if (isfinite(run->w[2 * l]) && better < k && k <= better + equal)
      return mine;
  }
  return -INFINITY;
}

/* Those clearly better than the cut that no pair stands for; of those at the cut, as many as are
 * wanting. */
static speig_status find_missed(general_run *run, speig_eigs_which which)
{
  speig_status st = SPEIG_OK;
  speig_verify_report *r = run->report;
  int64_t n = run->A.n, k = run->k < n ? run->k : n, needed = k;
  double cut = cut_of(run, which, k);
  TRY(MEM_ARRAY(2 * k, "missed eigenvalues", &r->missed_values));
  r->missed = 0;
  for (int64_t l = 0; l < n; ++l) {
    int better = isfinite(run->w[2 * l]) && key(run, which, run->w + 2 * l) > cut + run->slack[l];
    needed -= better;
    if (better && !run->used[l]) {
      r->missed_values[2 * r->missed] = run->w[2 * l];
      r->missed_values[2 * r->missed++ + 1] = run->w[2 * l + 1];
    }
  }
  for (int pass = 0; pass < 2; ++pass) /* first what is there, then what is wanting */
    for (int64_t l = 0; l < n && needed > 0; ++l) {
      double mine = key(run, which, run->w + 2 * l);
      if (!isfinite(run->w[2 * l]) || !(fabs(mine - cut) <= run->slack[l]) || run->used[l] == pass)
        continue;
      --needed;
      if (pass == 1 && r->missed < k) {
        r->missed_values[2 * r->missed] = run->w[2 * l];
        r->missed_values[2 * r->missed++ + 1] = run->w[2 * l + 1];
      }
    }
done:
  return st;
}

static speig_status compare(general_run *run, const speig_verify_opts *opts)
{
  speig_status st = SPEIG_OK;
  int64_t n = run->A.n;
  TRY(MEM_ARRAY(2 * n, "LAPACK's spectrum", &run->w));
  TRY(MEM_ARRAY(n, "condition numbers", &run->condition));
  TRY(MEM_ARRAY(n, "tolerances", &run->slack));
  TRY(MEM_ARRAY(run->k, "partners", &run->partner));
  TRY(MEM_ZARRAY(n, "used values", &run->used));
  TRY(verify_general_spectrum(&run->A, run->has_B ? &run->B : NULL, run->w, run->condition));
  run->report->compared = 1;
  set_slack(run);
  match_values(run);
  if (opts->check_which)
    TRY(find_missed(run, opts->general_which));
done:
  return st;
}

/* ---- the call ---- */

static speig_status judge(general_run *run, const speig_block *vectors,
                          const speig_verify_opts *opts)
{
  speig_status st = SPEIG_OK;
  speig_verify_report *r = run->report;
  int64_t limit = opts->dense_limit ? opts->dense_limit : 2000;
  REQUIRE(vectors || run->A.n <= limit,
          "nothing to check the values by: no vectors, and n = %" PRId64
          " exceeds dense_limit = %" PRId64,
          run->A.n, limit);
  TRY(verify_norm(&run->A, run->threads, &r->norm_a));
  r->norm_b = 1;
  if (run->has_B)
    TRY(verify_norm(&run->B, run->threads, &r->norm_b));
  if (vectors)
    TRY(take_residuals(run, vectors));
  for (int32_t j = 0; j < run->k; ++j)
    if (!isfinite(run->values[2 * j]) || !isfinite(run->values[2 * j + 1]))
      r->verdicts[j] = vectors ? SPEIG_PAIR_BAD_RESIDUAL : SPEIG_PAIR_WRONG_VALUE;
  if (run->A.n <= limit)
    TRY(compare(run, opts));
  else
    TRY(judge_copies(run));
  for (int32_t j = 0; j < run->k; ++j)
    r->right += r->verdicts[j] == SPEIG_PAIR_RIGHT;
done:
  return st;
}

speig_status speig_verify_general(const speig_matrix *A, const speig_matrix *B, int32_t k,
                                  const double *values, const speig_block *vectors,
                                  const speig_verify_opts *opts, speig_verify_report **report)
{
  speig_status st = SPEIG_OK;
  const speig_verify_opts defaults = SPEIG_VERIFY_OPTS_INIT;
  general_run run = { .k = k, .values = values, .has_B = B != NULL };
  REQUIRE(report, "no place for the report");
  *report = NULL;
  opts = opts ? opts : &defaults;
  TRY(verify_check(A, B, k, values, vectors, opts));
  run.A = verify_open(A);
  run.is_real = !dtype_is_complex(run.A.dtype);
  run.tol = opts->tol;
  if (run.tol == 0)
    run.tol =
        dtype_is_single(run.A.dtype) || (vectors && dtype_is_single(vectors->dtype)) ? 1e-4 : 1e-8;
  run.threads = threads_resolve(opts->threads);
  if (B)
    run.B = verify_open(B);
  TRY(verify_report_alloc(k, &run.report));
  TRY(judge(&run, vectors, opts));
  *report = run.report;
  run.report = NULL;
done:
  run_close(&run);
  return st;
}
