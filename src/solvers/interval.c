/* interval.c: all eigenvalues in an interval: which way, LAPACK's part, and what an answer too
 * large for one more rotation is worth. */
#include "solvers/interval.h"

#include "backend/expand.h"
#include "base/clock.h"
#include "base/dtype.h"
#include "base/error.h"
#include "base/memory.h"
#include "factor/factor.h"
#include "solvers/windows.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

/* ---- plan ---- */

static int is_matrix(const speig_operator *op)
{
  return !op || op->kind == OPERATOR_MATRIX;
}

static speig_status refuse_options(const speig_eigsh_opts *o)
{
  speig_status st = SPEIG_OK;
  const struct {
    int given;
    const char *name;
  } options[] = { { o->has_sigma, "a shift (sigma)" },
                  { o->precond != NULL, "a preconditioner" },
                  { o->guess != NULL, "a guess" },
                  { o->deflate && o->deflate->cols > 0, "deflate" },
                  { o->op_inverse != NULL || o->mass_inverse != NULL, "an inverse" },
                  { o->ncv != 0, "ncv" },
                  { o->block != 0, "block" },
                  { o->method == SPEIG_LOBPCG, "method lobpcg" } };
  TRY(run_check_interval(o->interval[0], o->interval[1]));
  for (size_t i = 0; i < sizeof options / sizeof *options; ++i)
    if (options[i].given)
      FAIL(SPEIG_ERR_UNSUPPORTED, "%s does not go with an interval", options[i].name);
done:
  return st;
}

double interval_dense_seconds(const speig_operator *A, const speig_operator *B,
                              const speig_eigsh_opts *o, double count)
{
  double n = (double)A->n, wide = dtype_is_complex(A->dtype) ? 4 : 1;
  speig_eigsh_opts limits = *o;
  limits.k = count < (double)INT32_MAX ? (int32_t)count : INT32_MAX;
  return plan_dense_seconds(A, B, &limits) + 4 * n * n * count * wide / 20e9;
}

/* Where a budget is given, the factors of the slices are looked at beforehand. */
static speig_status factors_fit(const speig_operator *A, const speig_operator *B,
                                const speig_eigsh_opts *o, int *fit)
{
  speig_status st = SPEIG_OK;
  const double zero[2] = { 0, 0 };
  factor_info info;
  *fit = 1;
  if (!o->memory)
    return st;
  TRY(factor_weigh(A->matrix, B ? B->matrix : NULL, zero, A->dtype, FACTOR_HERMITIAN, &info));
  *fit = (double)info.bytes < 0.9 * (double)o->memory;
done:
  return st;
}

/* LAPACK is at once faster and certain. */
static int is_small(const speig_operator *A, const speig_operator *B, const speig_eigsh_opts *o)
{
  int64_t most = is_matrix(A) && is_matrix(B) ? PLAN_DENSE_ALWAYS : PLAN_DENSE_ALWAYS_CALLBACK;
  return A->n <= most && isfinite(interval_dense_seconds(A, B, o, 1));
}

static speig_status refuse_filter(const speig_operator *B)
{
  speig_status st = SPEIG_OK;
  if (B)
    FAIL(SPEIG_ERR_UNSUPPORTED,
         "method filter is for standard problems, and there is a B: its interval needs a "
         "factorization, or an order that LAPACK can do");
done:
  return st;
}

speig_status interval_plan(const speig_operator *A, const speig_operator *B,
                           const speig_eigsh_opts *o, speig_eigsh_plan *plan)
{
  speig_status st = SPEIG_OK;
  double least = 100 * dtype_eps(A->dtype);
  int slices = is_matrix(A) && is_matrix(B) && factor_available() == SPEIG_OK, fit = 1;
  const char *why = "asked for";
  TRY(refuse_options(o));
  if (slices && !B && o->method == SPEIG_METHOD_AUTO)
    TRY(factors_fit(A, B, o, &fit));
  plan->tol = o->tol > least ? o->tol : least;
  plan->max_matvecs = o->max_matvecs ? o->max_matvecs : INT64_MAX;
  plan->method = SPEIG_LANCZOS;
  if (o->method == SPEIG_DENSE || (o->method == SPEIG_METHOD_AUTO && is_small(A, B, o))) {
    plan->method = SPEIG_DENSE;
    if (o->method != SPEIG_DENSE)
      why = "small: LAPACK computes all of it at once and proves it complete";
  } else if (o->method == SPEIG_FILTER) {
    TRY(refuse_filter(B));
    plan->method = SPEIG_FILTER;
  } else if (slices && fit) {
    plan->transform = SPEIG_TRANSFORM_SHIFT;
    why = "slices of the spectrum by shift-invert, counted by inertia; LAPACK instead where the "
          "count makes that cheaper";
  } else if (isfinite(interval_dense_seconds(A, B, o, 1)) && o->method == SPEIG_METHOD_AUTO) {
    plan->method = SPEIG_DENSE;
    why = fit ? "no factorization is at hand, and LAPACK computes all of it"
              : "the factors exceed the budget, and LAPACK computes all of it";
  } else if (!B && o->method == SPEIG_METHOD_AUTO) {
    plan->method = SPEIG_FILTER;
    why = fit ? "no factorization is at hand: band filters, by products alone, and probes for what "
                "they miss"
              : "the factors exceed the budget: band filters, by products alone, and probes for "
                "what they miss";
  } else if (is_matrix(A) && is_matrix(B)) {
    TRY(factor_available()); /* which tells what is missing */
  } else {
    FAIL(SPEIG_ERR_UNSUPPORTED,
         "an interval with %s needs a factorization, and %s is a function, not a matrix, of order "
         "%" PRId64 "%s",
         B ? "B" : "method lanczos", is_matrix(A) ? "B" : "A", A->n,
         B ? "" : "; method filter needs none");
  }
  plan->memory_bytes = plan->method == SPEIG_DENSE ? 0 : (size_t)1 << 20;
  (void)snprintf(plan->why, sizeof plan->why, "method %s: %s", speig_method_name(plan->method),
                 why);
done:
  return st;
}

/* ---- LAPACK ---- */

/* How far rounding may have moved a value, for a vector of length `length` and ||x||_B = 1. */
static double uncertainty(const eigsh_run *run, const eig_pairs *pairs, double theta, double length)
{
  const double eps = dtype_eps(run->A->dtype);
  return 64 * eps * (pairs->norm_a + fabs(theta) * pairs->norm_b) * length * length;
}

speig_status interval_choose(eigsh_run *run, const double ends[2], eig_pairs *pairs)
{
  speig_status st = SPEIG_OK;
  int32_t kept = 0;
  double back = run->scale_b / run->scale_a;
  for (int32_t i = 0; i < pairs->count; ++i) {
    multivec x = mv_columns(&pairs->X, i, 1), to = mv_columns(&pairs->X, kept, 1);
    double theta = pairs->theta[i], length, slack;
    TRY(mv_norms(&x, &length));
    slack = uncertainty(run, pairs, theta, length);
    if (!run->B) /* no eigenvalue is farther away than the residual */
      slack = fmax(slack, pairs->residual[i]);
    if (theta < ends[0] - slack || theta > ends[1] + slack)
      continue;
    if (fabs(theta - ends[0]) <= slack)
      run->interval[0] = fmin(run->interval[0], fmin(theta, ends[0]) * back - slack * back);
    if (fabs(theta - ends[1]) <= slack)
      run->interval[1] = fmax(run->interval[1], fmax(theta, ends[1]) * back + slack * back);
    if (kept < i)
      TRY(mv_copy(&x, &to));
    pairs->theta[kept] = theta;
    pairs->residual[kept++] = pairs->residual[i];
  }
  pairs->count = kept;
  TRY(eig_pairs_settle(&run->problem, pairs));
  run->plan.k = run->problem.k = kept;
done:
  return st;
}

static speig_status solve_densely(eigsh_run *run)
{
  speig_status st = SPEIG_OK;
  dense_range range = { 0 };
  double unit = run->scale_a / run->scale_b, ends[2], beyond;
  run->method = SPEIG_DENSE;
  run->transform = SPEIG_TRANSFORM_NONE;
  for (int i = 0; i < 2; ++i) {
    ends[i] = run->opts.interval[i] * unit;
    run->interval[i] = run->opts.interval[i];
  }
  /* Wider than any uncertainty is by a good deal, as far as values alone can tell. */
  beyond = sqrt(dtype_eps(run->A->dtype)) * (run->norm_floor + 1e-300);
  TRY(dense_between(&run->problem, ends[0] - beyond - 1e-8 * fabs(ends[0]),
                    ends[1] + beyond + 1e-8 * fabs(ends[1]), 1, &range));
  if (range.stopped) {
    run->unknown = 1;
    run->pairs.reason = range.pairs.reason;
    goto done;
  }
  eig_pairs_free(&run->pairs);
  run->pairs = range.pairs;
  range.pairs = (eig_pairs){ 0 };
  run->infinite = (int32_t)run->problem.n - range.finite;
  TRY(interval_choose(run, ends, &run->pairs));
  run->complete = run->pairs.converged == run->plan.k;
  run->proof = SPEIG_CERTIFIED;
  run->pairs.reason = run->complete ? SPEIG_STOP_CONVERGED : SPEIG_STOP_BREAKDOWN;
  for (int i = 0; i < 2; ++i)
    run->proven[i] = run->complete ? run->interval[i] : NAN;
done:
  dense_range_free(&range);
  return st;
}

/* ---- the way ---- */

/* Slices, and filters where their factors turn out not to fit into the budget. */
static speig_status solve_by_slices(eigsh_run *run, int *leave)
{
  speig_status st = slices_solve(run, leave);
  if (st != SPEIG_ERR_MEMORY || run->B || run->opts.method != SPEIG_METHOD_AUTO)
    return st;
  *leave = 0;
  run->pairs.count = run->pairs.converged = 0;
  return windows_solve(run);
}

speig_status interval_solve(eigsh_run *run)
{
  speig_status st = SPEIG_OK;
  int by_slices = run->plan.transform == SPEIG_TRANSFORM_SHIFT, leave = 1;
  double before = clock_seconds();
  for (int i = 0; i < 2; ++i) {
    run->interval[i] = run->opts.interval[i];
    run->proven[i] = NAN;
  }
  if (by_slices)
    TRY(solve_by_slices(run, &leave));
  if (run->plan.method == SPEIG_FILTER) {
    leave = 0;
    TRY(windows_solve(run));
  }
  if (leave)
    TRY(solve_densely(run));
  /* An ill-conditioned B costs LAPACK digits, which slices have. */
  if (!by_slices && run->complete != 1 && !run->unknown && run->B &&
      run->opts.method == SPEIG_METHOD_AUTO && is_matrix(run->A) && is_matrix(run->B) &&
      factor_available() == SPEIG_OK)
    TRY(slices_solve(run, &leave));
done:
  run->seconds_solve += clock_seconds() - before;
  return st;
}

/* ---- judgement ---- */

/* The largest |x_i^H B x_j - (i == j)| over columns j of BX. */
static speig_status widen_defect(const multivec *X, const multivec *BX, int32_t first,
                                 double *defect)
{
  speig_status st = SPEIG_OK;
  small G = { 0 };
  TRY(small_alloc(X->p, BX->p, mv_is_complex(X->be), &G));
  TRY(mv_gram(X, BX, &G));
  for (int32_t j = 0; j < BX->p; ++j)
    small_set(&G, first + j, j, small_get(&G, first + j, j) - 1);
  *defect = fmax(*defect, small_max_abs(&G));
done:
  small_free(&G);
  return st;
}

speig_status interval_judge(eigsh_run *run, double *theta, double *residual, double *length,
                            double *orthogonality)
{
  enum { CHUNK = 32 };
  speig_status st = SPEIG_OK;
  int32_t count = run->pairs.converged, width = count < CHUNK ? count : CHUNK;
  multivec X = mv_columns(&run->pairs.X, 0, count), AX = { 0 }, BX = { 0 };
  double below[CHUNK];
  *orthogonality = 0;
  TRY(mv_alloc(run->be, X.n, width, "final products", &AX));
  if (run->bound_b)
    TRY(mv_alloc(run->be, X.n, width, "final products", &BX));
  for (int32_t first = 0; first < count; first += width) {
    int32_t part = count - first < width ? count - first : width;
    multivec x = mv_columns(&X, first, part), ax = mv_columns(&AX, 0, part);
    multivec bx = run->bound_b ? mv_columns(&BX, 0, part) : x;
    TRY(operator_apply(run->bound_a, &x, &ax));
    if (run->bound_b)
      TRY(operator_apply(run->bound_b, &x, &bx));
    TRY(widen_defect(&X, &bx, first, orthogonality));
    TRY(mv_real_dots(&x, &ax, theta + first));
    TRY(mv_real_dots(&x, &bx, below));
    for (int32_t j = 0; j < part; ++j)
      theta[first + j] /= below[j];
    TRY(mv_residual(&ax, &bx, theta + first, &ax));
    TRY(mv_norms(&ax, residual + first));
    TRY(mv_norms(&x, length + first));
  }
done:
  mv_free(&AX);
  mv_free(&BX);
  return st;
}
