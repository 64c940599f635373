/* shifted.c: one solve by shift-invert: places the shift, runs block Lanczos, and has the pairs
 * improved (shifted_pairs.c) and proven complete (complete.c). */
#include "solvers/shifted.h"

#include "base/clock.h"
#include "base/dtype.h"
#include "base/error.h"
#include "base/memory.h"
#include "solvers/block_lanczos.h"
#include "solvers/certify.h"
#include "solvers/complete.h"

#include <math.h>

/* ---- set-up ---- */

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

/* Columns of a block, and of the basis. */
static void choose_sizes(const eigsh_run *run, int32_t *block, int32_t *basis)
{
  int32_t k = run->plan.k, b = k < 3 ? 2 : 4, m = run->plan.ncv;
  int64_t room = run->problem.n - run->problem.constraints.p;
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
  *block = b;
  *basis = m < room ? m : (int32_t)room;
}

/* Products came first, and factors after them may take some four times as long as they did: a
 * factorization makes about eight operations in the time of one of a product. By operations, since
 * what is done depends on no clock. */
static speig_status weigh_factors(const eigsh_run *run, const invert *I)
{
  speig_status st = SPEIG_OK;
  double spent = (double)run->bound_a->products * run->plan.flops_per_step, needed;
  if (!own_choice(run) || run->plan.transform != SPEIG_TRANSFORM_NONE || !I->F)
    return st;
  needed = factor_get_info(I->F).flops;
  if (!plan_turn_is_worth(needed, spent))
    FAIL(SPEIG_ERR_UNSUPPORTED, "factors take %.3g operations, products so far took %.3g", needed,
         spent);
done:
  return st;
}

static speig_status open_solve(eigsh_run *run, double narrowed, shifted *S)
{
  enum { HOPELESS = 400, NOT_A_GOOD_CHOICE = 60, BY_MASS = 300 }; /* restarts */
  speig_status st = SPEIG_OK;
  int32_t k = run->plan.k, b, m;
  *S = (shifted){ .run = run, .problem = run->problem };
  S->problem.guess = run->guess;
  choose_map(run, &S->problem);
  choose_sizes(run, &b, &m);
  S->goal = (block_goal){ .want = k,
                          .max_restarts = HOPELESS,
                          .block = b,
                          .basis = m,
                          .norm_a = run->norm_floor,
                          .norm_b = run->norm_b_floor,
                          .enough = run->opts.certify == SPEIG_CERTIFY_NEVER ? always_enough
                                                                             : can_be_cut };
  TRY(MEM_ZARRAY(2 * (int64_t)k, "progress record", &S->goal.shown));
  TRY(invert_estimate_norm(&S->problem, S->problem.A, &S->goal.norm_a));
  if (S->problem.B)
    TRY(invert_estimate_norm(&S->problem, S->problem.B, &S->goal.norm_b));
  if (own_choice(run))
    S->goal.max_restarts = run->transform == SPEIG_TRANSFORM_MASS ? BY_MASS : NOT_A_GOOD_CHOICE;
  else if (run->transform == SPEIG_TRANSFORM_MASS || S->problem.map.offset != 0 ||
           run->bound_inverse)
    S->goal.max_restarts = 1000; /* there is nothing else */
  S->problem.map.noise = 16 * narrowed * dtype_eps(run->A->dtype) *
                         (S->goal.norm_a / S->goal.norm_b + fabs(S->problem.map.sigma));
  TRY(invert_open(&S->problem, run->transform == SPEIG_TRANSFORM_MASS, run->bound_inverse,
                  run->inverse_scale, b, &S->I));
  TRY(weigh_factors(run, &S->I));
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

speig_status shifted_place(shifted *S)
{
  enum { TRIES = 8, NEARLY_ZERO = 2 };
  speig_status st = SPEIG_OK;
  /* Cayley's smallest values are those near -sigma. */
  int mirrored = S->problem.map.offset != 0 && S->problem.which == SPEIG_SM && !S->I.given;
  double sigma = S->problem.map.shifted ? S->problem.map.sigma * (mirrored ? -1 : 1) : 0;
  double size = S->goal.norm_a / S->goal.norm_b + fabs(sigma), shift = sigma;
  double step = sqrt(dtype_eps(S->run->A->dtype)) * (size > 0 ? size : 1) / 16; /* A may be zero */
  int singular = 0;
  /* What equals sigma to within the noise is above it, for the count as for the ranks. */
  if (S->problem.map.shifted && !S->I.given && !mirrored &&
      (S->problem.which == SPEIG_LA || S->problem.which == SPEIG_SA))
    shift = sigma -= S->problem.map.noise;
  S->place = sigma;
  for (int attempt = 0; attempt < TRIES; ++attempt) {
    TRY(invert_at(&S->I, shift, &singular));
    if (S->I.by_mass && !singular && S->I.F && factor_negative(S->I.F) > 0)
      FAIL(SPEIG_ERR_NUMERIC, "B is not positive definite: %lld of its eigenvalues are negative",
           (long long)factor_negative(S->I.F));
    /* A zero eigenvalue of a semidefinite matrix may come out on either side. */
    if (!singular && (S->I.negative == 0 || !wants_below(S->run)))
      goto done;
    if (!singular && attempt >= NEARLY_ZERO)
      goto done; /* there are eigenvalues below, and the caller looks */
    if (S->I.by_mass) {
      S->run->singular_mass = 1;
      FAIL(SPEIG_ERR_NUMERIC,
           "B is singular, so some eigenvalues are infinite: the finite ones near "
           "a shift can be found (sigma), or all by method dense");
    }
    shift = sigma - step;
    step *= 16;
  }
  FAIL(SPEIG_ERR_NUMERIC,
       "A - s B is singular at every s tried near %g: the pencil itself may be singular, with "
       "a common null vector of A and B",
       sigma);
done:
  S->below = S->I.negative;
  return st;
}

/* On one side of the shift there may be fewer than are wanted; sides.c knows where the others are.
 */
static void limit_wanted(shifted *S)
{
  const eig_map *map = &S->problem.map;
  int64_t room = S->problem.n - S->problem.constraints.p, there;
  S->run->side = 0;
  if (S->I.by_mass || S->below < 0 || !map->shifted)
    return;
  if (S->below == 0 || S->below == room)
    S->run->side = S->below == 0 ? 1 : -1;
  if (S->problem.which != SPEIG_LA && S->problem.which != SPEIG_SA)
    return;
  there = (S->problem.which == SPEIG_LA) == (map->slope > 0) ? room - S->below : S->below;
  if (there >= S->goal.want)
    return;
  S->goal.want = S->run->reach = (int32_t)there;
  S->goal.enough = always_enough;
}

speig_status shifted_iterate(shifted *S, eig_pairs *pairs)
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

/* A shift of our own that does not serve is no error: something else will. */
static int may_be_left(const eigsh_run *run, speig_status st)
{
  return own_choice(run) &&
         (st == SPEIG_ERR_MEMORY || st == SPEIG_ERR_NUMERIC || st == SPEIG_ERR_UNSUPPORTED);
}

/* Pairs on the side of the shift that LA or SA speaks of. */
static int32_t count_side(const shifted *S, const eig_pairs *pairs)
{
  const eig_map *map = &S->problem.map;
  int32_t count = 0;
  for (int32_t i = 0; i < pairs->converged; ++i) {
    double height = eig_mapped(map, pairs->theta[i]) - map->offset;
    count += S->problem.which == SPEIG_LA ? height > 0 : height < 0;
  }
  return count;
}

/* A pair so near the place where the sides part that counts and ranks may take it differently. */
static int any_at_the_border(const shifted *S, const eig_pairs *pairs)
{
  for (int32_t i = 0; i < pairs->converged; ++i)
    if (fabs(pairs->theta[i] - S->place) <= S->problem.map.noise / 4)
      return 1;
  return 0;
}

/* What is known about the set. */
static speig_status complete_set(shifted *S, eig_pairs *pairs)
{
  speig_status st = SPEIG_OK;
  eigsh_run *run = S->run;
  int lost;
  if (run->opts.certify == SPEIG_CERTIFY_NEVER)
    return st;
  lost = shifted_misses_better(S, pairs);
  if (pairs->converged >= run->plan.k) {
    TRY(complete_pairs(S, pairs, &run->complete, &run->proof));
  } else if (run->reach < run->plan.k && count_side(S, pairs) == run->reach &&
             !any_at_the_border(S, pairs)) {
    /* as many as inertia counts there */
    run->complete = 1;
    run->proof = SPEIG_CERTIFIED;
  }
  if (lost && run->complete == 0)
    run->complete = -1;
  /* Pairs that the iteration left unfinished were improved: nothing broke down after all. */
  if (run->complete == 1 && run->pairs.reason == SPEIG_STOP_BREAKDOWN)
    run->pairs.reason = SPEIG_STOP_CONVERGED;
done:
  return st;
}

static speig_status solve_once(eigsh_run *run, double narrowed, int *unsuitable)
{
  speig_status st = SPEIG_OK;
  shifted S = { 0 };
  eig_pairs pairs = { 0 };
  double before = clock_seconds(), middle;
  *unsuitable = 0;
  run->reach = run->plan.k;
  TRY(open_solve(run, narrowed, &S));
  TRY(shifted_place(&S));
  if (wants_below(run) && S.I.negative != 0) {
    *unsuitable = 1;
    goto done;
  }
  TRY(eig_pairs_alloc(run->be, S.problem.n, pairs_kept(&S.goal), &pairs));
  TRY(shifted_iterate(&S, &pairs));
  run->pairs.reason = pairs.reason;
  if (own_choice(run) && pairs.converged < run->plan.k && pairs.iterations >= S.goal.max_restarts) {
    *unsuitable = 1;
    goto done;
  }
  run->shift = S.I.shift;
  TRY(shifted_improve(&S, &pairs));
  middle = clock_seconds();
  run->seconds_solve += middle - before;
  TRY(complete_set(&S, &pairs));
  TRY(shifted_keep_best(&S, &pairs));
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

/* The set on one side of the caller's shift is not what inertia counts there. */
static int one_side_in_doubt(const eigsh_run *run)
{
  int one_side = run->problem.which == SPEIG_LA || run->problem.which == SPEIG_SA;
  int stopped = run->pairs.reason == SPEIG_STOP_TIME_LIMIT ||
                run->pairs.reason == SPEIG_STOP_CANCELLED ||
                run->pairs.reason == SPEIG_STOP_MAX_MATVECS;
  return one_side && run->problem.map.shifted && run->transform == SPEIG_TRANSFORM_SHIFT &&
         !run->bound_inverse && run->opts.certify != SPEIG_CERTIFY_NEVER && run->complete != 1 &&
         !stopped;
}

/* What a norm says of rounding errors is a bound: eigenvalues in a cluster around the shift may be
 * told apart much better. Where they lie in the margin in which the counts call above what the
 * ranks call below, a narrower one parts them. */
speig_status shifted_solve(eigsh_run *run, int *unsuitable)
{
  speig_status st = SPEIG_OK;
  TRY(solve_once(run, 1, unsuitable));
  if (!*unsuitable && one_side_in_doubt(run)) {
    run->complete = 0;
    run->pairs.count = run->pairs.converged = 0;
    TRY(solve_once(run, 1.0 / 16, unsuitable));
  }
done:
  return st;
}
