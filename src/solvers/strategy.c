/* strategy.c: which solvers run, on which ends of the spectrum, and what follows when one of them
 * does not bring an answer that holds. */
#include "base/clock.h"
#include "base/error.h"
#include "solvers/run.h"

#include <inttypes.h>
#include <math.h>

static speig_status solve_dense(eigsh_run *run)
{
  speig_status st = SPEIG_OK;
  run->method = SPEIG_DENSE;
  if (run->plan.components > 0)
    TRY(components_solve(&run->problem, &run->pairs));
  else
    TRY(dense_solve(&run->problem, &run->pairs));
  if (run->pairs.converged == run->problem.k) {
    run->complete = 1;
    run->proof = SPEIG_CERTIFIED;
  }
done:
  return st;
}

static int wants_validation(const eigsh_run *run, const eig_problem *end, const eig_pairs *pairs)
{
  return run->opts.certify != SPEIG_CERTIFY_NEVER && pairs->converged == end->k;
}

/* One solver on one problem, then the probe. */
static speig_status solve_and_validate(eigsh_run *run, const eig_problem *end, eig_pairs *pairs,
                                       int *complete)
{
  speig_status st = SPEIG_OK;
  double before = clock_seconds(), middle;
  *complete = 0;
  TRY(run->method == SPEIG_LOBPCG ? lobpcg_solve(end, pairs) : lanczos_solve(end, pairs));
  middle = clock_seconds();
  run->seconds_solve += middle - before;
  if (wants_validation(run, end, pairs))
    TRY(validate_pairs(run, end, pairs, complete));
  run->seconds_certify += clock_seconds() - middle;
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
    TRY(eig_pairs_alloc(run->be, end.n, end.k, &low));
    TRY(solve_and_validate(run, &end, &low, &complete_low));
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
         "spectrum; at order %" PRId64 " they need shift-invert, which this version does not have",
         run->A->n);
  TRY(solve_dense(run));
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

speig_status strategy_solve(eigsh_run *run)
{
  speig_status st = SPEIG_OK;
  int enough;
  double before;
  TRY(guess_try(run, &enough));
  run->problem.guess = run->guess;
  run->method = run->plan.method;
  if (enough)
    goto done;
  if (run->plan.method != SPEIG_DENSE) {
    run->problem.max_matvecs = patience(run);
    TRY(solve_iteratively(run));
    if (!leave_to_dense(run))
      goto done;
    run->problem.max_matvecs = run->plan.max_matvecs;
    run->iterations += run->pairs.iterations;
  }
  before = clock_seconds();
  TRY(solve_dense(run));
  run->seconds_solve += clock_seconds() - before;
done:
  return st;
}
