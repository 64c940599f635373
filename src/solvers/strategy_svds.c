/* strategy_svds.c: which method runs for singular values, and what follows when it does not bring
 * an answer that holds. */
#include "base/clock.h"
#include "base/error.h"
#include "solvers/run_svds.h"

#include <math.h>

static speig_status solve_dense(svds_run *run)
{
  speig_status st = SPEIG_OK;
  int stop = 0;
  double before = clock_seconds();
  run->method = SPEIG_DENSE;
  run->complete = 0;
  TRY(dense_svds_solve(&run->problem, &run->pairs, &stop));
  if (!stop) {
    run->complete = 1;
    run->proof = SPEIG_CERTIFIED;
  }
  run->seconds_solve += clock_seconds() - before;
done:
  return st;
}

static speig_status solve_iteratively(svds_run *run)
{
  speig_status st = SPEIG_OK;
  double before = clock_seconds(), middle;
  run->method = SPEIG_GOLUB_KAHAN;
  run->proof = SPEIG_VALIDATED;
  TRY(golub_kahan_solve(&run->problem, &run->pairs));
  middle = clock_seconds();
  run->seconds_solve += middle - before;
  if (run->opts.certify != SPEIG_CERTIFY_NEVER && run->pairs.converged == run->problem.k)
    TRY(validate_by(golub_kahan_solve, run->plan.max_matvecs, &run->problem, &run->pairs,
                    &run->complete));
  run->seconds_certify += clock_seconds() - middle;
done:
  return st;
}

/* The products after which auto gives up on iterating, because LAPACK would have been done by then.
 */
static int64_t patience(const svds_run *run)
{
  double dense = svds_plan_dense_seconds(run->A, &run->opts), steps;
  if (run->opts.method != SPEIG_METHOD_AUTO || !isfinite(dense))
    return run->plan.max_matvecs;
  steps = dense / svds_plan_step_seconds(run->A, run->plan.ncv) + 10.0 * run->plan.ncv;
  return 2 * steps < (double)run->plan.max_matvecs ? (int64_t)(2 * steps) : run->plan.max_matvecs;
}

static int may_leave_to_dense(const svds_run *run)
{
  return run->opts.method == SPEIG_METHOD_AUTO && !svds_was_limited(run) &&
         isfinite(svds_plan_dense_seconds(run->A, &run->opts));
}

static int is_answered(const svds_run *run)
{
  int certain = run->complete == 1 || run->opts.certify == SPEIG_CERTIFY_NEVER;
  return certain && run->pairs.converged == run->problem.k;
}

/* In auto, a run that ended without an answer that holds leaves the problem to LAPACK where that is
 * affordable; one with a factorization to products otherwise. */
speig_status svds_solve(svds_run *run)
{
  speig_status st = SPEIG_OK;
  int held = 0, dense = run->plan.method == SPEIG_DENSE;
  if (run->plan.inverse) {
    TRY(svds_solve_smallest(run, &held));
    if ((held && is_answered(run)) || svds_was_limited(run))
      goto done;
    dense = may_leave_to_dense(run);
    if (held && !dense)
      goto done;
    run->iterations += run->pairs.iterations;
  }
  if (!dense) {
    run->problem.max_matvecs = patience(run);
    TRY(solve_iteratively(run));
    if (is_answered(run) || !may_leave_to_dense(run))
      goto done;
    run->problem.max_matvecs = run->plan.max_matvecs;
    run->iterations += run->pairs.iterations;
  }
  TRY(solve_dense(run));
done:
  return st;
}
