/* shifted.c: one solve by shift-invert: places the shift, runs block Lanczos, improves the pairs,
 * proves them complete. */
#include "solvers/shifted.h"

#include "base/clock.h"
#include "base/dtype.h"
#include "base/error.h"
#include "base/memory.h"
#include "solvers/block_lanczos.h"
#include "solvers/certify.h"
#include "solvers/complete.h"
#include "solvers/subspace.h"

#include <math.h>

/* ---- set-up ---- */

/* About ||op||_2, from below: a few steps of the power method. */
static speig_status estimate_norm(const eig_problem *problem, bound_operator *op, double *norm)
{
  enum { STEPS = 8 };
  speig_status st = SPEIG_OK;
  multivec x = { 0 }, y = { 0 };
  double length;
  TRY(mv_alloc(problem->be, problem->n, 1, "norm estimate", &x));
  TRY(mv_alloc(problem->be, problem->n, 1, "norm estimate", &y));
  TRY(mv_fill_random(problem->seed, &x));
  TRY(mv_norms(&x, &length));
  for (int step = 0; step < STEPS && length > 0; ++step) {
    length = 1 / length;
    TRY(mv_scale(&length, &x));
    TRY(operator_apply(op, &x, &y));
    TRY(mv_norms(&y, &length));
    if (!isfinite(length))
      FAIL(SPEIG_ERR_NUMERIC, "a product is not finite");
    *norm = fmax(*norm, length);
    TRY(mv_copy(&y, &x));
  }
done:
  mv_free(&x);
  mv_free(&y);
  return st;
}

/* The margin around a point of the spectrum below which gaps say nothing yet. */
static double first_margin(const block_goal *goal, double eps, double theta)
{
  return 256 * eps * (goal->norm_a + fabs(theta) * goal->norm_b) / goal->norm_b;
}

/* A set is enough when it can be cut off, for the sake of the proof. */
static int can_be_cut(const block_goal *goal, const invert *I, int32_t converged,
                      const int32_t *rank, const double *theta)
{
  const eig_problem *problem = I->problem;
  double eps = dtype_eps(problem->be->ops->dtype);
  cut region;
  return converged >= goal->want + 2 * goal->block ||
         certify_cut(problem->which, &problem->map, I->shift, problem->k, converged, rank, theta,
                     first_margin(goal, eps, theta[rank[problem->k - 1]]), &region);
}

static int always_enough(const block_goal *goal, const invert *I, int32_t converged,
                         const int32_t *rank, const double *theta)
{
  (void)goal;
  (void)I;
  (void)converged;
  (void)rank;
  (void)theta;
  return 1;
}

/* Shift-invert without a shift of the caller's: the smallest magnitudes are those nearest to 0, the
 * smallest ones those next above a shift that has none below it. */
static void choose_map(const eigsh_run *run, eig_problem *problem)
{
  if (problem->map.shifted || run->transform == SPEIG_TRANSFORM_MASS)
    return;
  problem->map = (eig_map){ .shifted = 1, .slope = 1 };
  problem->which = problem->which == SPEIG_SM ? SPEIG_LM : SPEIG_LA;
}

/* Nothing may lie below a shift that is to bring the smallest. */
static int wants_below(const eigsh_run *run)
{
  return run->transform == SPEIG_TRANSFORM_SHIFT && !run->problem.map.shifted &&
         run->problem.which == SPEIG_SA && !run->bound_inverse;
}

/* Nobody asked for this transformation: another way may be taken. */
static int own_choice(const eigsh_run *run)
{
  return !run->problem.map.shifted && !run->bound_inverse && run->opts.method == SPEIG_METHOD_AUTO;
}

static speig_status open_solve(eigsh_run *run, shifted *S)
{
  speig_status st = SPEIG_OK;
  int32_t k = run->plan.k, b, m;
  int64_t room = run->problem.n - run->problem.constraints.p;
  *S = (shifted){ .run = run, .problem = run->problem };
  S->problem.guess = run->guess;
  choose_map(run, &S->problem);
  b = k < 3 ? 2 : 4;
  m = run->plan.ncv;
  if (run->transform == SPEIG_TRANSFORM_MASS) { /* many steps, for which a block is too short */
    b = 2;
    if (!run->opts.ncv && m < k + 80)
      m = k + 80;
  }
  if (m < k + 3 * b)
    b = (m - k) / 3 < 1 ? 1 : (m - k) / 3;
  if (b > room)
    b = (int32_t)room;
  if (m < k + 3 * b)
    m = k + 3 * b;
  S->goal = (block_goal){ .want = k,
                          .max_restarts = 1000,
                          .block = b,
                          .basis = m < room ? m : (int32_t)room,
                          .norm_a = run->norm_floor,
                          .norm_b = run->norm_b_floor,
                          .enough = run->opts.certify == SPEIG_CERTIFY_NEVER ? always_enough
                                                                             : can_be_cut };
  TRY(MEM_ZARRAY(2 * (int64_t)k, "progress record", &S->goal.shown));
  TRY(estimate_norm(&S->problem, S->problem.A, &S->goal.norm_a));
  if (S->problem.B)
    TRY(estimate_norm(&S->problem, S->problem.B, &S->goal.norm_b));
  if (own_choice(run)) /* which need not be a good one */
    S->goal.max_restarts = run->transform == SPEIG_TRANSFORM_MASS ? 300 : 60;
  S->problem.map.noise = 16 * dtype_eps(run->A->dtype) *
                         (S->goal.norm_a / S->goal.norm_b + fabs(S->problem.map.sigma));
  TRY(invert_open(&S->problem, run->transform == SPEIG_TRANSFORM_MASS, run->bound_inverse,
                  run->inverse_scale, b, &S->I));
done:
  return st;
}

/* The wanted ones, and as many more as can be waited for; see can_be_cut. */
static int32_t pairs_kept(const block_goal *goal)
{
  int32_t most = goal->want + 4 * goal->block;
  return most < goal->basis ? most : goal->basis;
}

static void close_solve(shifted *S)
{
  invert_close(&S->I);
  mem_free(S->goal.shown);
}

/* ---- the shift ---- */

/* At the wanted shift, or where that is singular a little below it. */
static speig_status place_shift(shifted *S)
{
  enum { TRIES = 8, NEARLY_ZERO = 2 };
  speig_status st = SPEIG_OK;
  /* Cayley's smallest values are those near -sigma. */
  int mirrored = S->problem.map.offset != 0 && S->problem.which == SPEIG_SM && !S->I.given;
  double sigma = S->problem.map.shifted ? S->problem.map.sigma * (mirrored ? -1 : 1) : 0;
  double size = S->goal.norm_a / S->goal.norm_b + fabs(sigma), shift = sigma;
  double step = sqrt(dtype_eps(S->run->A->dtype)) * (size > 0 ? size : 1) / 16; /* A may be zero */
  int singular = 0;
  S->place = sigma;
  for (int attempt = 0; attempt < TRIES; ++attempt) {
    TRY(invert_at(&S->I, shift, &singular));
    /* A zero eigenvalue of a semidefinite matrix may come out on either side. */
    if (!singular && (S->I.negative == 0 || !wants_below(S->run)))
      goto done;
    if (!singular && attempt >= NEARLY_ZERO)
      goto done; /* there are eigenvalues below, and the caller looks */
    if (S->I.by_mass)
      FAIL(SPEIG_ERR_NUMERIC, "B is singular: a shift is needed (sigma)");
    shift = sigma - step;
    step *= 16;
  }
  FAIL(SPEIG_ERR_NUMERIC,
       "A - s B is singular at every s tried near %g: the pencil itself may be singular, with "
       "a common null vector of A and B",
       sigma);
done:
  return st;
}

/* On one side of the shift there may be fewer than are wanted. SciPy would go on from the other end
 * of the spectrum, where shift-invert does not reach. */
static void limit_wanted(shifted *S)
{
  const eig_map *map = &S->problem.map;
  int64_t room = S->problem.n - S->problem.constraints.p, there;
  if (S->I.by_mass || S->I.negative < 0 || !map->shifted ||
      (S->problem.which != SPEIG_LA && S->problem.which != SPEIG_SA))
    return;
  there = (S->problem.which == SPEIG_LA) == (map->slope > 0) ? room - S->I.negative : S->I.negative;
  if (there >= S->goal.want)
    return;
  S->goal.want = (int32_t)there;
  S->goal.enough = always_enough;
}

/* Block Lanczos; where the shift is much nearer to an eigenvalue than to the last one wanted, it is
 * moved to a hundredth of that distance. */
static speig_status iterate(shifted *S, eig_pairs *pairs)
{
  enum { MOVES = 4 };
  speig_status st = SPEIG_OK;
  for (int move = 0;; ++move) {
    double near, sigma = S->place;
    int singular;
    S->goal.may_move = move < MOVES && !S->I.given && !S->I.by_mass;
    limit_wanted(S);
    if (S->goal.want == 0)
      break;
    TRY(block_lanczos_solve(&S->problem, &S->I, &S->goal, pairs, &near));
    if (near == 0)
      break;
    TRY(invert_at(&S->I, sigma - near / 100, &singular));
    if (singular)
      TRY(invert_at(&S->I, sigma - near / 70, &singular));
    if (singular)
      FAIL(SPEIG_ERR_NUMERIC, "A - s B is singular at several s near %g", sigma);
  }
done:
  return st;
}

/* ---- the pairs ---- */

/* Rayleigh-Ritz on the converged pairs and residuals from A; true when they all hold tol. */
static speig_status judge_pairs(shifted *S, eig_pairs *pairs, int *all_hold)
{
  speig_status st = SPEIG_OK;
  const eig_problem *problem = &S->problem;
  int32_t count = pairs->converged, rank = 0;
  multivec X = mv_columns(&pairs->X, 0, count), BX = { 0 }, AX = { 0 }, work = { 0 };
  TRY(mv_alloc(problem->be, problem->n, count, "B times the pairs", &BX));
  TRY(mv_alloc(problem->be, problem->n, count, "A times the pairs", &AX));
  TRY(mv_alloc(problem->be, problem->n, count, "pairs", &work));
  TRY(subspace_orthonormalize_b(problem->B, &problem->constraints, &problem->constraints_b, &X, &BX,
                                &rank));
  X.p = BX.p = AX.p = work.p = rank;
  if (!problem->B)
    TRY(mv_copy(&X, &BX));
  TRY(operator_apply(problem->A, &X, &AX));
  TRY(subspace_restrict(&problem->constraints, &problem->constraints_b, &AX));
  TRY(subspace_rayleigh_ritz(0, &X, &AX, &BX, &work, pairs->theta, pairs->residual));
  pairs->count = rank;
  pairs->norm_a = S->goal.norm_a;
  pairs->norm_b = S->goal.norm_b;
  for (int32_t i = 0; i < rank && !problem->B; ++i)
    pairs->norm_a = fmax(pairs->norm_a, fabs(pairs->theta[i]));
  TRY(eig_pairs_settle(problem, pairs));
  *all_hold = pairs->converged == count;
done:
  mv_free(&BX);
  mv_free(&AX);
  mv_free(&work);
  return st;
}

/* X = OP X, column block by column block. */
static speig_status iterate_inversely(shifted *S, eig_pairs *pairs)
{
  speig_status st = SPEIG_OK;
  multivec BX = { 0 }, Y = { 0 };
  int32_t b = S->goal.block;
  TRY(mv_alloc(S->problem.be, S->problem.n, b, "pairs", &BX));
  TRY(mv_alloc(S->problem.be, S->problem.n, b, "pairs", &Y));
  for (int32_t first = 0; first < pairs->count; first += b) {
    int32_t part = pairs->count - first < b ? pairs->count - first : b;
    multivec x = mv_columns(&pairs->X, first, part), bx = mv_columns(&BX, 0, part);
    multivec y = mv_columns(&Y, 0, part);
    if (S->problem.B)
      TRY(operator_apply(S->problem.B, &x, &bx));
    TRY(invert_apply(&S->I, &x, S->problem.B ? &bx : &x, &y));
    TRY(mv_copy(&y, &x));
  }
done:
  mv_free(&BX);
  mv_free(&Y);
  return st;
}

speig_status shifted_improve(shifted *S, eig_pairs *pairs)
{
  enum { ROUNDS = 2 };
  speig_status st = SPEIG_OK;
  int all_hold = 1;
  if (pairs->converged > 0)
    TRY(judge_pairs(S, pairs, &all_hold));
  for (int round = 0; round < ROUNDS && !all_hold && !S->I.by_mass; ++round) {
    pairs->converged = pairs->count;
    TRY(iterate_inversely(S, pairs));
    TRY(judge_pairs(S, pairs, &all_hold));
  }
done:
  return st;
}

/* The best k, best first, become the answer. */
static speig_status keep_best(shifted *S, eig_pairs *pairs)
{
  speig_status st = SPEIG_OK;
  eigsh_run *run = S->run;
  eig_pairs none = { .capacity = 1 };
  TRY(pairs_merge(&S->problem, run->plan.k, pairs, &none));
  run->pairs.count = run->pairs.converged = 0;
  for (int32_t i = 0; i < pairs->converged; ++i) {
    multivec from = mv_columns(&pairs->X, i, 1), to = mv_columns(&run->pairs.X, i, 1);
    TRY(mv_copy(&from, &to));
    run->pairs.theta[i] = pairs->theta[i];
    run->pairs.residual[i] = pairs->residual[i];
  }
  run->pairs.count = run->pairs.converged = pairs->converged;
  run->pairs.norm_a = pairs->norm_a;
  run->pairs.norm_b = pairs->norm_b;
  run->pairs.iterations = pairs->iterations;
done:
  return st;
}

/* A shift of our own that does not serve is no error: something else will. */
static int may_be_left(const eigsh_run *run, speig_status st)
{
  return own_choice(run) &&
         (st == SPEIG_ERR_MEMORY || st == SPEIG_ERR_NUMERIC || st == SPEIG_ERR_UNSUPPORTED);
}

speig_status shifted_solve(eigsh_run *run, int *unsuitable)
{
  speig_status st = SPEIG_OK;
  shifted S = { 0 };
  eig_pairs pairs = { 0 };
  double before = clock_seconds(), middle;
  *unsuitable = 0;
  TRY(open_solve(run, &S));
  TRY(place_shift(&S));
  if (wants_below(run) && S.I.negative != 0) {
    *unsuitable = 1;
    goto done;
  }
  TRY(eig_pairs_alloc(run->be, S.problem.n, pairs_kept(&S.goal), &pairs));
  TRY(iterate(&S, &pairs));
  run->pairs.reason = pairs.reason;
  if (own_choice(run) && pairs.converged < run->plan.k && pairs.iterations >= S.goal.max_restarts) {
    *unsuitable = 1;
    goto done;
  }
  run->shift = S.I.shift;
  TRY(shifted_improve(&S, &pairs));
  middle = clock_seconds();
  run->seconds_solve += middle - before;
  if (pairs.converged >= run->plan.k && run->opts.certify != SPEIG_CERTIFY_NEVER)
    TRY(complete_pairs(&S, &pairs, &run->complete, &run->proof));
  TRY(keep_best(&S, &pairs));
  run->seconds_certify += clock_seconds() - middle;
done:
  run->solves += S.I.solves;
  run->factorizations += S.I.factorizations;
  eig_pairs_free(&pairs);
  close_solve(&S);
  if (st != SPEIG_OK && may_be_left(run, st)) {
    *unsuitable = 1;
    st = SPEIG_OK;
  }
  return st;
}
