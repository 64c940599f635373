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
static speig_status take_over(svds_run *run, double norm)
{
  speig_status st = SPEIG_OK;
  eig_pairs *pairs = &run->pairs;
  multivec long_one = { 0 }, short_one = { 0 };
  TRY(mv_alloc(run->be, run->longer, 1, "residual", &long_one));
  TRY(mv_alloc(run->be, run->shorter, 1, "residual", &short_one));
  pairs->norm_a = norm;
  for (int32_t i = 0; i < pairs->count; ++i) {
    pairs->theta[i] = pairs->theta[i] > 0 ? 1 / pairs->theta[i] : 0;
    TRY(residual_of(run, i, &long_one, &short_one, &pairs->residual[i]));
  }
done:
  mv_free(&long_one);
  mv_free(&short_one);
  return st;
}

/* All that are wanted are there and hold. */
static int all_hold(const svds_run *run, double norm)
{
  const eig_pairs *pairs = &run->pairs;
  for (int32_t i = 0; i < pairs->converged; ++i)
    if (!(pairs->residual[i] <= run->plan.tol * (norm + pairs->theta[i])))
      return 0;
  return pairs->converged == run->problem.k;
}

/* Far below the tolerance: what W's largest value leaves of it for the others is what counts. */
static double inner_tolerance(const svds_run *run)
{
  return fmax(16 * dtype_eps(run->A->dtype), 1e-3 * run->plan.tol);
}

/* W's values far below its largest one drown in the rounding errors of that one: they are sought
 * once more without it. */
static int32_t count_resolved(const svds_run *run, const eig_pairs *pairs)
{
  double least = pow(dtype_eps(run->A->dtype), 0.25);
  int32_t count = 0;
  while (count < pairs->converged && pairs->theta[count] >= least * pairs->theta[0])
    ++count;
  return count;
}

/* The first `taken` triplets of a stage go behind those that are there; with the last stage all. */
static speig_status append(eig_pairs *pairs, const eig_pairs *stage, int32_t taken, int last)
{
  speig_status st = SPEIG_OK;
  int32_t count = last ? stage->count : taken;
  if (count > pairs->capacity - pairs->count)
    count = pairs->capacity - pairs->count;
  for (int32_t i = 0; i < count; ++i) {
    multivec from = mv_columns(&stage->X, i, 1), to = mv_columns(&pairs->X, pairs->count, 1);
    multivec left = mv_columns(&stage->left, i, 1),
             to_left = mv_columns(&pairs->left, pairs->count, 1);
    TRY(mv_copy(&from, &to));
    TRY(mv_copy(&left, &to_left));
    pairs->theta[pairs->count] = stage->theta[i];
    pairs->residual[pairs->count++] = stage->residual[i];
  }
  pairs->converged += taken < count ? taken : count;
  pairs->iterations += stage->iterations;
  pairs->reason = stage->reason;
done:
  return st;
}

/* One run on W in the complement of what is there, and the probe when it is the last one. */
static speig_status run_stage(svds_run *run, eig_problem *inverse, int *last)
{
  speig_status st = SPEIG_OK;
  eig_pairs stage = { 0 }, *pairs = &run->pairs;
  double before = clock_seconds(), middle;
  int32_t taken;
  inverse->k = run->problem.k - pairs->count;
  inverse->constraints = inverse->constraints_b = mv_columns(&pairs->X, 0, pairs->count);
  inverse->constraints_left = mv_columns(&pairs->left, 0, pairs->count);
  TRY(eig_pairs_alloc_for(inverse, inverse->k, &stage));
  TRY(golub_kahan_solve(inverse, &stage));
  middle = clock_seconds();
  run->seconds_solve += middle - before;
  taken = count_resolved(run, &stage);
  *last = taken == inverse->k || stage.converged < inverse->k;
  if (*last)
    taken = stage.converged;
  if (run->opts.certify != SPEIG_CERTIFY_NEVER && *last && taken == inverse->k) {
    TRY(validate_by(golub_kahan_solve, run->plan.max_matvecs, inverse, &stage, &run->complete));
    taken = stage.converged;
    /* What an earlier stage took must still be among the best. */
    if (pairs->count > 0 && taken > 0 && stage.theta[taken - 1] > pairs->theta[pairs->count - 1])
      run->complete = 0;
  }
  run->seconds_certify += clock_seconds() - middle;
  TRY(append(pairs, &stage, taken, *last));
done:
  eig_pairs_free(&stage);
  return st;
}

static speig_status iterate(svds_run *run, const svds_inverse *I, double norm)
{
  speig_status st = SPEIG_OK;
  eig_problem inverse = run->problem;
  int last = 0;
  inverse.A = I->W;
  inverse.adjoint = I->W_adjoint;
  inverse.which = SPEIG_LA;
  inverse.norm_floor = 0;
  inverse.tol = inner_tolerance(run);
  if (!run->opts.ncv && inverse.ncv > 2 * inverse.k + 20)
    inverse.ncv = 2 * inverse.k + 20;
  run->inverted = 1; /* for the progress record */
  run->complete = 0;
  run->pairs.count = run->pairs.converged = 0;
  run->pairs.iterations = 0;
  while (!last)
    TRY(run_stage(run, &inverse, &last));
  TRY(take_over(run, norm));
done:
  run->inverted = 0;
  if (st == SPEIG_ERR_CALLBACK && I->failed != SPEIG_OK)
    st = I->failed;
  return st;
}

/* What was found holds, or is improved until it does. */
static speig_status improve(svds_run *run, svds_inverse *I, double norm, int *held)
{
  enum { ROUNDS = 2 };
  speig_status st = SPEIG_OK;
  *held = all_hold(run, norm);
  for (int round = 0; round < ROUNDS && !*held && run->pairs.converged == run->problem.k; ++round) {
    TRY(svds_inverse_improve(I, &run->pairs));
    *held = all_hold(run, norm);
  }
done:
  return st;
}

/* Seconds that the inverse is likely to take: the factors, and as many solves, each of which reads
 * them, as most problems need. */
static double inverse_seconds(const svds_run *run, const svds_inverse *I)
{
  const double solves = 150, bytes_per_second = 1e10, operations_per_second = 5e9;
  double bytes = I->info.entries * (double)speig_dtype_size(run->A->dtype);
  return I->info.flops / operations_per_second + solves * bytes / bytes_per_second;
}

/* Where factors are dear, products may be done before them: they are given a third of the time. A
 * run that is not complete by then is forgotten. */
static speig_status try_products(svds_run *run, double seconds, int *held)
{
  enum { WORTH_IT = 150 }; /* steps */
  speig_status st = SPEIG_OK;
  eig_problem trial = run->problem;
  double before = clock_seconds(), steps;
  trial.ncv = run->opts.ncv || trial.ncv < 60 ? trial.ncv : 60; /* steps are to be cheap */
  steps = seconds / 3 / svds_plan_step_seconds(run->A, trial.ncv);
  if (!(steps >= WORTH_IT))
    return st;
  if ((double)eig_products(&trial) + 2 * steps < (double)trial.max_matvecs)
    trial.max_matvecs = eig_products(&trial) + (int64_t)(2 * steps);
  TRY(golub_kahan_solve(&trial, &run->pairs));
  run->seconds_solve += clock_seconds() - before;
  before = clock_seconds();
  if (run->opts.certify != SPEIG_CERTIFY_NEVER && run->pairs.converged == trial.k)
    TRY(validate_by(golub_kahan_solve, run->plan.max_matvecs, &trial, &run->pairs, &run->complete));
  run->seconds_certify += clock_seconds() - before;
  *held = run->pairs.converged == trial.k &&
          (run->complete == 1 || run->opts.certify == SPEIG_CERTIFY_NEVER);
done:
  return st;
}

/* Whether the caller's limits or his word ended the run. */
int svds_was_limited(const svds_run *run)
{
  return run->pairs.reason == SPEIG_STOP_TIME_LIMIT || run->pairs.reason == SPEIG_STOP_CANCELLED ||
         eig_products(&run->problem) >= run->plan.max_matvecs;
}

/* Only errors that another way of solving would meet as well are errors here: factors may be out of
 * reach for want of memory or rank. */
static speig_status forgive(speig_status st)
{
  return st == SPEIG_ERR_MEMORY || st == SPEIG_ERR_NUMERIC ? SPEIG_OK : st;
}

/* What of P is zero to working precision may be moved by this. */
static double nudge_for(const svds_run *run, double norm)
{
  return 4 * dtype_eps(run->A->dtype) * norm;
}

static void close_inverse(svds_run *run, svds_inverse *I)
{
  run->solves += I->solves;
  run->factorizations += I->factorizations;
  svds_inverse_close(I);
  *I = (svds_inverse){ 0 };
}

/* *there: analysed, if need be with a nudge. */
static speig_status open_inverse(svds_run *run, double norm, double nudge, svds_inverse *I,
                                 int *there)
{
  speig_status st = svds_inverse_open(&run->problem, nudge, I);
  if (st == SPEIG_ERR_NUMERIC && nudge == 0 && norm > 0) {
    close_inverse(run, I);
    st = svds_inverse_open(&run->problem, nudge_for(run, norm), I);
  }
  *there = st == SPEIG_OK;
  return forgive(st);
}

static speig_status factor_if_affordable(svds_run *run, svds_inverse *I, double norm, int *there)
{
  speig_status st = SPEIG_OK;
  double most = fmin(MOST_SECONDS, svds_plan_dense_seconds(run->A, &run->opts));
  double before = clock_seconds();
  int singular = 1;
  if (I->info.flops <= most * OPERATIONS_PER_SECOND)
    st = svds_inverse_factor(I, norm, run->opts.seed, &singular);
  if (st == SPEIG_OK && singular && I->factorizations > 0 && !I->nudged && norm > 0) {
    close_inverse(run, I);
    TRY(open_inverse(run, norm, nudge_for(run, norm), I, there));
    if (*there)
      st = svds_inverse_factor(I, norm, run->opts.seed, &singular);
  }
  *there = st == SPEIG_OK && !singular;
  st = forgive(st);
done:
  run->seconds_solve += clock_seconds() - before;
  return st;
}

/* With factors: what does not hold is sought with refined solutions, too. */
static speig_status solve_by_inverse(svds_run *run, svds_inverse *I, double norm, int *held)
{
  speig_status st = SPEIG_OK;
  TRY(iterate(run, I, norm));
  TRY(improve(run, I, norm, held));
  if (*held || run->pairs.reason != SPEIG_STOP_CONVERGED)
    goto done;
  TRY(svds_inverse_refine(I));
  TRY(improve(run, I, norm, held));
  if (*held)
    goto done;
  TRY(iterate(run, I, norm));
  TRY(improve(run, I, norm, held));
done:
  return st;
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
  TRY(open_inverse(run, norm, 0, &I, &there));
  run->seconds_solve += clock_seconds() - before;
  if (!there)
    goto done;
  TRY(try_products(run, inverse_seconds(run, &I), held));
  if (*held || svds_was_limited(run))
    goto done;
  run->iterations += run->pairs.iterations;
  run->pairs.iterations = 0;
  TRY(factor_if_affordable(run, &I, norm, &there));
  if (there)
    TRY(forgive(solve_by_inverse(run, &I, norm, held)));
done:
  close_inverse(run, &I);
  return st;
}
