/* strategy.c: which solvers run, on which ends of the spectrum, and what follows when one of them
 * does not bring an answer that holds. */
#include "base/clock.h"
#include "base/error.h"
#include "factor/factor.h"
#include "solvers/certify.h"
#include "solvers/rearrange.h"
#include "solvers/run.h"
#include "solvers/shifted.h"
#include "solvers/subspace.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

/* By a transformation; *unsuitable: nothing came of it. */
static speig_status try_shift(eigsh_run *run, speig_transform transform, int *unsuitable)
{
  speig_status st = SPEIG_OK;
  TRY(sides_solve(run, transform, unsuitable));
  if (*unsuitable) {
    run->transform = SPEIG_TRANSFORM_NONE;
    run->pairs.count = run->pairs.converged = 0;
    run->complete = 0;
  }
done:
  return st;
}

static int wants_validation(const eigsh_run *run, const eig_problem *end, const eig_pairs *pairs)
{
  return run->opts.certify != SPEIG_CERTIFY_NEVER && pairs->converged == end->k;
}

/* Small sparse matrices, which auto would leave to LAPACK else: factorizations prove in less time
 * than a probe takes that nothing is missing. */
static int inertia_is_cheap(const eigsh_run *run, const eig_problem *end)
{
  return run->opts.method == SPEIG_METHOD_AUTO && run->A->kind == OPERATOR_MATRIX && !end->B &&
         end->constraints.p == 0 && !end->map.shifted && end->n <= PLAN_DENSE_ALWAYS &&
         end == &run->problem;
}

/* Is the converged set complete? */
static speig_status prove_or_probe(eigsh_run *run, const eig_problem *end,
                                   const eig_pairs *small_ones, eig_pairs *pairs, int *complete)
{
  speig_status st = SPEIG_OK;
  if (inertia_is_cheap(run, end)) {
    TRY(certify_ends(end, pairs, complete));
    if (*complete) {
      run->proof = SPEIG_CERTIFIED;
      goto done;
    }
  }
  TRY(rearrange_validate(run, end, small_ones, pairs, complete));
done:
  return st;
}

/* One solver on one problem, then the probe. */
static speig_status solve_and_validate(eigsh_run *run, const eig_problem *end, eig_pairs *pairs,
                                       int *complete)
{
  speig_status st = SPEIG_OK;
  double before = clock_seconds(), middle;
  eig_pairs small_ones = { 0 };
  TRY(fragments_solve(run, end, &small_ones, complete));
  if (*complete) {
    run->proof = SPEIG_CERTIFIED;
    pairs->count = pairs->converged = 0;
    TRY(pairs_merge(end, end->k, pairs, &small_ones));
    run->seconds_solve += clock_seconds() - before;
    goto done;
  }
  TRY(run->method == SPEIG_LOBPCG ? lobpcg_solve(end, pairs) : rearrange_solve(run, end, pairs));
  TRY(fragments_join(run, end, &small_ones, pairs));
  middle = clock_seconds();
  run->seconds_solve += middle - before;
  if (wants_validation(run, end, pairs))
    TRY(prove_or_probe(run, end, &small_ones, pairs, complete));
  run->seconds_certify += clock_seconds() - middle;
done:
  eig_pairs_free(&small_ones);
  return st;
}

static int may_turn_to_shift(const eigsh_run *run)
{
  return plan_may_turn_to_shift(run->A, run->B, &run->opts, &run->plan);
}

/* High pairs that met tol beside a large norm still hold a little of the low vectors, which
 * shift-invert knows far better. */
static speig_status part_from_low(eig_pairs *high, const eig_pairs *low)
{
  speig_status st = SPEIG_OK;
  multivec Q = mv_columns(&low->X, 0, low->converged), X = mv_columns(&high->X, 0, high->converged);
  int32_t rank;
  TRY(subspace_orthonormalize(&Q, &X, &rank));
  if (rank < X.p)
    FAIL(SPEIG_ERR_INTERNAL, "the low end left %d independent vectors of %d", rank, X.p);
done:
  return st;
}

/* The low end by shift-invert, beside the pairs that run holds; *unsuitable: not to be had that
 * way. The solve does not know those of the high end, so they must lie apart. */
static speig_status shift_low_end(eigsh_run *run, const eig_problem *end, eig_pairs *low,
                                  int *complete, int *unsuitable)
{
  speig_status st = SPEIG_OK;
  const eig_problem problem = run->problem;
  const speig_eigsh_plan plan = run->plan;
  const speig_outcome proof = run->proof; /* of the whole: that of its weaker part */
  eig_pairs high = run->pairs;
  double highest = -INFINITY, lowest = INFINITY;
  run->problem.which = SPEIG_SA;
  run->problem.k = run->plan.k = end->k;
  run->plan.ncv = plan_transform_basis(&run->opts, problem.n, end->k);
  run->transform = SPEIG_TRANSFORM_SHIFT;
  run->complete = 0;
  run->pairs = *low;
  st = shifted_solve(run, unsuitable);
  *low = run->pairs;
  *complete = run->complete;
  run->transform = SPEIG_TRANSFORM_NONE;
  run->proof = proof;
  run->pairs = high;
  run->problem = problem;
  run->plan = plan;
  TRY(st);
  for (int32_t i = 0; i < low->converged; ++i)
    highest = fmax(highest, low->theta[i]);
  for (int32_t i = 0; i < high.converged; ++i)
    lowest = fmin(lowest, high.theta[i]);
  *unsuitable |= low->converged < end->k || !(highest < lowest - end->tol * high.norm_a);
  if (!*unsuitable)
    TRY(part_from_low(&run->pairs, low));
done:
  return st;
}

/* Products first; what they do not bring soon by a shift, and what that does not bring by more
 * products. */
static speig_status solve_low_end(eigsh_run *run, eig_problem *end, eig_pairs *low, int *complete)
{
  speig_status st = SPEIG_OK;
  int64_t limit = end->max_matvecs,
          soon = eig_products(end) + PLAN_PATIENT_CYCLES * (int64_t)end->ncv;
  int turn = run->problem.which == SPEIG_BE && may_turn_to_shift(run) && soon < limit;
  int unsuitable;
  TRY(eig_pairs_alloc(run->be, end->n, end->k, low));
  end->max_matvecs = turn ? soon : limit;
  TRY(solve_and_validate(run, end, low, complete));
  if (!turn || low->converged == end->k || low->reason != SPEIG_STOP_MAX_MATVECS)
    goto done;
  TRY(shift_low_end(run, end, low, complete, &unsuitable));
  if (!unsuitable)
    goto done;
  end->max_matvecs = limit;
  low->count = low->converged = 0;
  TRY(solve_and_validate(run, end, low, complete));
done:
  return st;
}

/* One end at a time: both ends, and largest magnitude, are made of two runs; the second one
 * looks in the complement of what the first one found, since a matrix such as zero reaches from end
 * to end. */
static speig_status solve_two_ends(eigsh_run *run)
{
  speig_status st = SPEIG_OK;
  eig_problem end = run->problem;
  eig_pairs low = { 0 };
  multivec Y = { 0 }, Y_b = { 0 };
  int both = run->problem.which == SPEIG_BE;
  int32_t k = run->problem.k;
  int64_t room;
  int complete_high = 1, complete_low = 1;
  end.which = SPEIG_LA;
  end.k = both ? k - k / 2 : k;
  TRY(solve_and_validate(run, &end, &run->pairs, &complete_high));
  room = end.n - end.constraints.p - run->pairs.converged;
  end.which = SPEIG_SA;
  end.k = both ? k / 2 : k;
  if (end.k > room)
    end.k = (int32_t)room;
  if (end.k > 0 && run->pairs.reason == SPEIG_STOP_CONVERGED) {
    TRY(validate_constraints(&run->problem, &run->pairs, &Y, &Y_b));
    end.constraints = Y;
    end.constraints_b = Y_b;
    end.guess.p = 0;
    end.span_low = run->pairs.lowest;
    end.span_high = run->pairs.highest;
    TRY(solve_low_end(run, &end, &low, &complete_low));
    TRY(pairs_merge(&run->problem, k, &run->pairs, &low));
  }
  run->complete = complete_high < complete_low ? complete_high : complete_low;
done:
  eig_pairs_free(&low);
  if (Y_b.data != Y.data)
    mv_free(&Y_b);
  mv_free(&Y);
  return st;
}

/* Smallest magnitude without a factorization: the smallest algebraic ones, when none of them is
 * negative (or the largest, when none is positive); else it lies inside the spectrum. */
static speig_status solve_smallest_magnitude(eigsh_run *run)
{
  static const speig_which ends[2] = { SPEIG_SA, SPEIG_LA };
  speig_status st = SPEIG_OK;
  eig_problem end = run->problem;
  for (int side = 0; side < 2; ++side) {
    double sign = side == 0 ? 1 : -1, slack;
    end.which = ends[side];
    TRY(solve_and_validate(run, &end, &run->pairs, &run->complete));
    slack = end.tol * run->pairs.norm_a;
    if (run->pairs.converged < end.k || run->complete < 0)
      goto done; /* a limit was met before the sign was known */
    if (sign * run->pairs.theta[0] >= -slack)
      goto done; /* semidefinite: this end is nearest to zero */
  }
  run->pairs.count = run->pairs.converged = 0;
  run->complete = 0;
  if (!isfinite(plan_dense_seconds(run->A, run->B, &run->opts)))
    FAIL(SPEIG_ERR_UNSUPPORTED,
         "the matrix is indefinite, so its eigenvalues of smallest magnitude lie inside the "
         "spectrum; at order %" PRId64
         " they need shift-invert, for which no factorization is at hand",
         run->A->n);
  TRY(dense_run(run));
done:
  return st;
}

/* Lanczos sees both ends at once, but a filter magnifies one of them: when a few cycles do not
 * suffice, each end gets a run of its own. */
static speig_status solve_both_ends(eigsh_run *run)
{
  enum { CYCLES = 12 };
  speig_status st = SPEIG_OK;
  eig_problem *problem = &run->problem;
  int64_t limit = problem->max_matvecs, first = run->bound_a->products + CYCLES * problem->ncv;
  if (problem->may_filter && first < limit)
    problem->max_matvecs = first;
  TRY(solve_and_validate(run, problem, &run->pairs, &run->complete));
  problem->max_matvecs = limit;
  if (run->pairs.converged == problem->k || run->pairs.reason != SPEIG_STOP_MAX_MATVECS ||
      run->bound_a->products >= limit)
    goto done;
  run->iterations += run->pairs.iterations;
  run->pairs.count = run->pairs.converged = 0;
  TRY(solve_two_ends(run));
done:
  return st;
}

static speig_status solve_iteratively(eigsh_run *run)
{
  speig_status st = SPEIG_OK;
  speig_which which = run->problem.which;
  run->method = run->plan.method;
  run->proof = SPEIG_VALIDATED;
  if (which == SPEIG_SM)
    TRY(solve_smallest_magnitude(run));
  else if (which != SPEIG_LM && which != SPEIG_BE)
    TRY(solve_and_validate(run, &run->problem, &run->pairs, &run->complete));
  else
    TRY(run->method == SPEIG_LOBPCG ? solve_two_ends(run) : solve_both_ends(run));
done:
  return st;
}

/* The products after which auto gives up on iterating, because LAPACK would have been done by then.
 */
static int64_t patience(const eigsh_run *run)
{
  double dense = plan_dense_seconds(run->A, run->B, &run->opts), steps;
  if (run->opts.method != SPEIG_METHOD_AUTO || !isfinite(dense) || run->opts.precond)
    return run->plan.max_matvecs;
  steps = dense / plan_lanczos_step_seconds(run->A, run->plan.ncv) + 10.0 * run->plan.ncv;
  return steps < (double)run->plan.max_matvecs ? (int64_t)steps : run->plan.max_matvecs;
}

/* In auto, a run that ended without an answer that holds, though no limit of the caller's was met,
 * leaves the problem to LAPACK where that is affordable. */
static int leave_to_dense(const eigsh_run *run)
{
  int certain = run->complete == 1 || run->opts.certify == SPEIG_CERTIFY_NEVER;
  int answered = certain && run->pairs.converged == run->problem.k;
  int limited = run->pairs.reason == SPEIG_STOP_TIME_LIMIT ||
                run->pairs.reason == SPEIG_STOP_CANCELLED ||
                run->bound_a->products >= run->plan.max_matvecs;
  return run->opts.method == SPEIG_METHOD_AUTO && !run->opts.precond && !answered && !limited &&
         isfinite(plan_dense_seconds(run->A, run->B, &run->opts));
}

static speig_status solve_by_products(eigsh_run *run)
{
  speig_status st = SPEIG_OK;
  int64_t limit = patience(run), short_limit = PLAN_PATIENT_CYCLES * (int64_t)run->plan.ncv;
  int unsuitable = 1,
      turn = run->opts.which == SPEIG_SA && may_turn_to_shift(run) && short_limit < limit;
  run->problem.max_matvecs = turn ? short_limit : limit;
  TRY(fragments_part(run));
  TRY(solve_iteratively(run));
  if (!turn || run->pairs.converged == run->problem.k ||
      run->pairs.reason != SPEIG_STOP_MAX_MATVECS)
    goto done;
  run->problem.max_matvecs = limit;
  run->iterations += run->pairs.iterations;
  run->pairs.count = run->pairs.converged = 0;
  TRY(try_shift(run, SPEIG_TRANSFORM_SHIFT, &unsuitable));
  if (!unsuitable)
    goto done;
  TRY(solve_iteratively(run));
done:
  return st;
}

/* LAPACK takes about as long as a few failed attempts. */
static int dense_is_moderate(const eigsh_run *run, double moderate)
{
  return plan_dense_seconds(run->A, run->B, &run->opts) <= moderate;
}

static const double WORTH_PAIRS = 10, WORTH_A_PROOF = 1; /* seconds */

/* A transformation ended short of the whole set, though no limit was met: one that nobody asked
 * for, or at a shift of the caller's while LAPACK is at hand. */
static int fell_short(const eigsh_run *run)
{
  int limited = run->pairs.reason == SPEIG_STOP_TIME_LIMIT ||
                run->pairs.reason == SPEIG_STOP_CANCELLED ||
                run->bound_a->products >= run->plan.max_matvecs;
  int missing = run->complete < 0 || run->pairs.converged < run->plan.k;
  int unproven = run->complete == 0 && run->opts.certify != SPEIG_CERTIFY_NEVER;
  if (!run->problem.map.shifted)
    return !limited && run->complete < 0;
  return !limited && !run->bound_inverse && run->opts.method == SPEIG_METHOD_AUTO &&
         ((missing && dense_is_moderate(run, WORTH_PAIRS)) ||
          (unproven && dense_is_moderate(run, WORTH_A_PROOF)));
}

/* As planned; where the problem turns out not to be fit for it, something else. */
static speig_status solve_transformed(eigsh_run *run, int *unsuitable)
{
  speig_status st = try_shift(run, run->plan.transform, unsuitable);
  if (st == SPEIG_ERR_NUMERIC && run->B && !run->bound_inverse &&
      run->opts.method == SPEIG_METHOD_AUTO && dense_is_moderate(run, WORTH_PAIRS)) {
    st = dense_instead(run);
    goto done;
  }
  TRY(st);
  if (*unsuitable && run->B && run->plan.transform == SPEIG_TRANSFORM_SHIFT &&
      run->opts.which == SPEIG_SA)
    TRY(try_shift(run, SPEIG_TRANSFORM_MASS, unsuitable));
  if (!*unsuitable && !fell_short(run))
    goto done;
  if (run->opts.method != SPEIG_LANCZOS &&
      isfinite(plan_dense_seconds(run->A, run->B, &run->opts))) {
    TRY(dense_instead(run));
    goto done;
  }
  if (run->singular_mass || run->problem.map.shifted)
    FAIL(SPEIG_ERR_NUMERIC,
         "B is singular, so some eigenvalues are infinite, and at order %" PRId64
         " the ends of the spectrum are out of reach without a shift: ask for those near one "
         "(sigma, "
         "which LM); from a sigma beyond an end those are the outermost finite ones",
         run->problem.n);
  run->transform = SPEIG_TRANSFORM_NONE;
  run->pairs.count = run->pairs.converged = 0;
  run->complete = 0;
  run->plan.method = run->B ? SPEIG_LOBPCG : SPEIG_LANCZOS;
  run->problem.ncv = run->plan.ncv < 40 ? 40 : run->plan.ncv;
  TRY(solve_iteratively(run));
done:
  return st;
}

/* Inside the spectrum an ill-conditioned B costs LAPACK digits. A shift serves there. */
static int shift_may_help(const eigsh_run *run, speig_status st)
{
  int low = run->opts.which == SPEIG_SA || run->opts.which == SPEIG_SM;
  if (st != SPEIG_ERR_NUMERIC && (st != SPEIG_OK || run->pairs.converged == run->plan.k ||
                                  run->pairs.reason != SPEIG_STOP_BREAKDOWN))
    return 0;
  return run->B && (run->problem.map.shifted || low) && run->opts.method == SPEIG_METHOD_AUTO &&
         !run->opts.precond && run->A->kind == OPERATOR_MATRIX && run->B->kind == OPERATOR_MATRIX &&
         factor_available() == SPEIG_OK;
}

/* By LAPACK, and where its answer does not hold by a shift: the better one of both. */
static speig_status solve_small(eigsh_run *run)
{
  speig_status st, second;
  int unsuitable;
  char message[1024];
  st = dense_run(run);
  if (!shift_may_help(run, st))
    return st;
  (void)snprintf(message, sizeof message, "%s", speig_last_error());
  run->plan.ncv = plan_transform_basis(&run->opts, run->problem.n, run->plan.k);
  second = try_shift(run, SPEIG_TRANSFORM_SHIFT, &unsuitable);
  if (second == SPEIG_OK && !unsuitable && run->pairs.converged > 0)
    return SPEIG_OK;
  run->method = SPEIG_DENSE;
  run->transform = SPEIG_TRANSFORM_NONE;
  if (st == SPEIG_OK) /* what LAPACK had was not so bad: again */
    return dense_run(run);
  return error_raise(st, __FILE__, __LINE__, __func__, "%s", message);
}

speig_status strategy_solve(eigsh_run *run)
{
  speig_status st = SPEIG_OK;
  int enough, unsuitable;
  double before;
  TRY(guess_try(run, &enough));
  run->problem.guess = run->guess;
  run->method = run->plan.method;
  if (enough)
    goto done;
  if (run->plan.transform != SPEIG_TRANSFORM_NONE) {
    TRY(solve_transformed(run, &unsuitable));
    goto done;
  }
  if (run->plan.method != SPEIG_DENSE) {
    TRY(solve_by_products(run));
    if (!leave_to_dense(run))
      goto done;
    run->problem.max_matvecs = run->plan.max_matvecs;
    run->iterations += run->pairs.iterations;
  }
  before = clock_seconds();
  TRY(solve_small(run));
  run->seconds_solve += clock_seconds() - before;
done:
  return st;
}
