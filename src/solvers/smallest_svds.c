/* smallest_svds.c: the smallest singular values as the largest of the pseudo-inverse: Golub-Kahan
 * (golub_kahan.c) on W = (P^+)^H, W v = u / sigma, where it takes tens of products what takes
 * thousands with P. The triplets belong to P as they are, and are judged with P alone.          */
#include "base/clock.h"
#include "base/dtype.h"
#include "base/error.h"
#include "base/memory.h"
#include "solvers/invert_svds.h"
#include "solvers/run_svds.h"

#include <math.h>

/* Factors that would take longer than this, or than LAPACK, are not tried. */
static const double MOST_SECONDS = 600, OPERATIONS_PER_SECOND = 2e9;

/* A few steps bring the norm to a percent or so. */
static speig_status estimate_norm(svds_run *run, double *norm)
{
  speig_status st = SPEIG_OK;
  eig_problem rough = run->problem;
  eig_pairs pairs = { 0 };
  rough.k = 1;
  rough.which = SPEIG_LA;
  rough.tol = 1e-2;
  rough.ncv = rough.n < 20 ? (int32_t)rough.n : 20;
  rough.guess = (multivec){ .be = rough.be, .n = rough.n };
  TRY(eig_pairs_alloc_for(&rough, 1, &pairs));
  TRY(golub_kahan_solve(&rough, &pairs));
  *norm = pairs.norm_a;
done:
  eig_pairs_free(&pairs);
  return st;
}

/* The larger of ||P v - sigma u|| and ||P^H u - sigma v|| of triplet i. */
static speig_status residual_of(const svds_run *run, int32_t i, multivec *long_one,
                                multivec *short_one, double *residual)
{
  speig_status st = SPEIG_OK;
  const eig_pairs *pairs = &run->pairs;
  multivec v = mv_columns(&pairs->X, i, 1), u = mv_columns(&pairs->left, i, 1);
  double minus = -pairs->theta[i], other;
  TRY(operator_apply(run->problem.A, &v, long_one));
  TRY(mv_axpy(&minus, &u, long_one));
  TRY(mv_norms(long_one, residual));
  TRY(operator_apply(run->problem.adjoint, &u, short_one));
  TRY(mv_axpy(&minus, &v, short_one));
  TRY(mv_norms(short_one, &other));
  *residual = fmax(*residual, other);
done:
  return st;
}

/* From W to P: theta becomes sigma, and residuals are those of P. */
static speig_status take_over(svds_run *run, double norm, int *held)
{
  speig_status st = SPEIG_OK;
  eig_pairs *pairs = &run->pairs;
  multivec long_one = { 0 }, short_one = { 0 };
  TRY(mv_alloc(run->be, run->longer, 1, "residual", &long_one));
  TRY(mv_alloc(run->be, run->shorter, 1, "residual", &short_one));
  pairs->norm_a = norm;
  *held = pairs->converged == run->problem.k;
  for (int32_t i = 0; i < pairs->count; ++i) {
    pairs->theta[i] = pairs->theta[i] > 0 ? 1 / pairs->theta[i] : 0;
    TRY(residual_of(run, i, &long_one, &short_one, &pairs->residual[i]));
    if (i < pairs->converged && !(pairs->residual[i] <= run->plan.tol * (norm + pairs->theta[i])))
      *held = 0;
  }
done:
  mv_free(&long_one);
  mv_free(&short_one);
  return st;
}

/* Far below the tolerance: what W's largest value leaves of it for the others is what counts. */
static double inner_tolerance(const svds_run *run)
{
  return fmax(dtype_eps(run->A->dtype), 1e-3 * run->plan.tol);
}

static speig_status iterate(svds_run *run, const svds_inverse *I, double norm, int *held)
{
  speig_status st = SPEIG_OK;
  eig_problem inverse = run->problem;
  double before = clock_seconds(), middle;
  inverse.A = I->W;
  inverse.adjoint = I->W_adjoint;
  inverse.which = SPEIG_LA;
  inverse.norm_floor = 0;
  inverse.tol = inner_tolerance(run);
  if (!run->opts.ncv && inverse.ncv > 2 * inverse.k + 20)
    inverse.ncv = 2 * inverse.k + 20;
  run->inverted = 1; /* for the progress record */
  TRY(golub_kahan_solve(&inverse, &run->pairs));
  middle = clock_seconds();
  run->seconds_solve += middle - before;
  if (run->opts.certify != SPEIG_CERTIFY_NEVER && run->pairs.converged == inverse.k)
    TRY(validate_by(golub_kahan_solve, run->plan.max_matvecs, &inverse, &run->pairs,
                    &run->complete));
  run->seconds_certify += clock_seconds() - middle;
  TRY(take_over(run, norm, held));
done:
  run->inverted = 0;
  if (st == SPEIG_ERR_CALLBACK && I->failed != SPEIG_OK)
    st = I->failed;
  return st;
}

/* No factors: for want of memory or rank, or because they would take too long. Only errors that
 * another way of solving would meet as well are errors here. */
static speig_status factor_if_possible(svds_run *run, svds_inverse *I, double norm, int *there)
{
  speig_status st = svds_inverse_open(&run->problem, I);
  double most = fmin(MOST_SECONDS, svds_plan_dense_seconds(run->A, &run->opts));
  int singular = 1;
  if (st == SPEIG_OK && I->info.flops <= most * OPERATIONS_PER_SECOND)
    st = svds_inverse_factor(I, norm, run->opts.seed, &singular);
  *there = st == SPEIG_OK && !singular;
  return st == SPEIG_ERR_MEMORY || st == SPEIG_ERR_NUMERIC ? SPEIG_OK : st;
}

speig_status svds_solve_smallest(svds_run *run, int *held)
{
  speig_status st = SPEIG_OK;
  svds_inverse I = { 0 };
  double before = clock_seconds(), norm = 0;
  int there = 0;
  *held = 0;
  run->method = SPEIG_GOLUB_KAHAN;
  run->proof = SPEIG_VALIDATED;
  run->complete = 0;
  TRY(estimate_norm(run, &norm));
  TRY(factor_if_possible(run, &I, norm, &there));
  run->seconds_solve += clock_seconds() - before;
  if (there)
    TRY(iterate(run, &I, norm, held));
  if (there && !*held && run->pairs.reason == SPEIG_STOP_CONVERGED) {
    TRY(svds_inverse_refine(&I));
    TRY(iterate(run, &I, norm, held));
  }
  run->solves += I.solves;
  run->factorizations += I.factorizations;
done:
  svds_inverse_close(&I);
  return st;
}
