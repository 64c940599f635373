/* strategy_eigs.c: which solver runs on a general problem, and what follows when it does not bring
 * an answer that holds. */
#include "base/clock.h"
#include "base/dtype.h"
#include "base/error.h"
#include "base/memory.h"
#include "solvers/run_eigs.h"

#include <math.h>

/* The worst residual of the answer over what is allowed; above 1: LAPACK's answer does not hold. */
static speig_status worst_excess(eigs_run *run, double *worst)
{
  speig_status st = SPEIG_OK;
  int32_t count = run->pairs.count;
  multivec X = mv_columns(&run->pairs.X, 0, count), AX = { 0 }, BX = { 0 };
  double *residual = NULL, *length = NULL;
  *worst = 0;
  TRY(MEM_ARRAY(count, "lengths", &length));
  TRY(mv_alloc(run->be, run->A->n, count, "residuals", &AX));
  TRY(MEM_ARRAY(count, "residuals", &residual));
  TRY(operator_apply(run->bound_a, &X, &AX));
  if (run->bound_b) {
    TRY(mv_alloc(run->be, run->A->n, count, "residuals", &BX));
    TRY(operator_apply(run->bound_b, &X, &BX));
  }
  TRY(general_residuals(&AX, run->bound_b ? &BX : &X, run->pairs.lambda, residual));
  TRY(general_lengths(&X, run->pairs.lambda, length));
  for (int32_t j = 0; j < count; ++j) {
    double size = hypot(run->pairs.lambda[j].re, run->pairs.lambda[j].im);
    double limit = run->plan.tol * (run->norm_a + size * run->norm_b) * length[j];
    if (!(residual[j] <= limit))
      *worst = fmax(*worst, limit > 0 ? residual[j] / limit : INFINITY);
  }
done:
  mv_free(&AX);
  mv_free(&BX);
  mem_free(residual);
  mem_free(length);
  return st;
}

/* Balanced first, and again without where that cost accuracy: balancing is not a unitary
 * similarity, and what is small afterwards need not be small before. */
static speig_status solve_dense(eigs_run *run)
{
  speig_status st = SPEIG_OK;
  speig_balance balance = run->opts.balance;
  double worst;
  int stop;
  run->method = SPEIG_DENSE;
  for (int balanced = balance != SPEIG_BALANCE_NEVER; balanced >= 0; --balanced) {
    TRY(dense_general_solve(&run->problem, &run->map, run->bound_a, run->bound_b, balanced,
                            &run->pairs, &run->wanted, &run->infinite, &stop, &run->reason));
    run->balanced = balanced;
    if (stop || balance == SPEIG_BALANCE_ALWAYS || !balanced)
      break;
    TRY(worst_excess(run, &worst));
    if (worst == 0)
      break;
  }
  run->rest_count = 0;
  run->complete = !stop;
  run->proof = SPEIG_CERTIFIED;
done:
  return st;
}

/* For the iteration with an inverse. mu = 1 / (lambda - s) to tol means lambda to tol |lambda - s|,
 * and of a shift outside the spectrum that is more than the tol ||A|| that was asked for. */
static double inner_tolerance(const eigs_run *run)
{
  double distance = hypot(run->map.shift[0], run->map.shift[1]), tol = run->plan.tol / 4;
  if (run->plan.transform == SPEIG_TRANSFORM_SHIFT && !run->B && distance > run->norm_a)
    tol = fmax(tol * run->norm_a / distance, fmin(tol, 8 * dtype_eps(run->A->dtype)));
  return tol;
}

static speig_status solve_krylov(eigs_run *run)
{
  speig_status st = SPEIG_OK;
  general_basis basis = { 0 };
  general_problem problem = run->problem;
  const eigs_side side = { run->bound_a, run->bound_b };
  int transformed = run->plan.transform != SPEIG_TRANSFORM_NONE;
  enum { LOOK = 8 }; /* a look costs less than that many solves, but not than so many products */
  /* Half of it: rounding in the restarts and the last Rayleigh-Ritz step take their part. */
  problem.tol = transformed ? inner_tolerance(run) : run->plan.tol / 2;
  problem.look = transformed && !run->map.part ? LOOK : 0;
  run->method = SPEIG_KRYLOV_SCHUR;
  TRY(general_basis_alloc(&problem, &basis));
  TRY(krylov_schur_solve(&problem, &basis));
  run->wanted = basis.wanted;
  if (!transformed)
    run->norm_a = fmax(run->norm_a, basis.norm);
  run->reason = basis.reason;
  run->iterations = basis.iterations;
  run->complete = basis.complete;
  run->proof = SPEIG_VALIDATED;
  run->seconds_certify = basis.seconds_probe;
  run->rest_count = basis.unconverged;
  for (int32_t i = 0; i < basis.unconverged; ++i) {
    eigenvalue mu = basis.theta[basis.count + i];
    double size = hypot(mu.re, mu.im);
    run->rest[i] = run->map.part ? mu : eigs_invert_lambda(run->map.transform, run->map.shift, mu);
    run->rest_residual[i] = basis.residual[basis.count + i];
    if (transformed) /* as it is judged: relative to mu */
      run->rest_residual[i] *= run->norm_a / (size > 0 ? size : 1);
  }
  run->pairs.count = 0;
  run->pairs.condition = run->bound_b || run->map.part ? NAN : basis.condition;
  if (basis.count > 0) {
    multivec X = mv_columns(&run->pairs.X, 0, basis.count);
    TRY(eigs_extract(&problem, &run->map, &side, &basis, &X, run->pairs.lambda));
    run->pairs.count = basis.count;
  }
done:
  general_basis_free(&basis);
  return st;
}

/* The products after which auto gives up on iterating: by then LAPACK, at 20 operations in the time
 * of one of ours, would have been done several times over. */
static int64_t patience(const eigs_run *run)
{
  double n = (double)run->A->n, dense = 25 * n * n * n * 10 / 20, steps;
  if (run->opts.method != SPEIG_METHOD_AUTO || !eigs_plan_dense_fits(run->A, run->B, &run->opts))
    return run->plan.max_matvecs;
  steps = dense / (run->plan.flops_per_step + 1e5) + 20.0 * run->plan.ncv;
  return steps < (double)run->plan.max_matvecs ? (int64_t)steps : run->plan.max_matvecs;
}

/* In auto, a run that ended without an answer, though no limit of the caller's was met, leaves the
 * problem to LAPACK where that is affordable; one whose answer may lack values, where it is cheap.
 */
static int leave_to_dense(const eigs_run *run, int holds)
{
  enum { CHEAP = 1500 };
  int falls_short = run->pairs.count < run->wanted || !holds;
  int doubtful = !run->complete && run->problem.probe && run->A->n <= CHEAP;
  int limited = run->reason == SPEIG_STOP_TIME_LIMIT || run->reason == SPEIG_STOP_CANCELLED ||
                *run->problem.counted >= run->plan.max_matvecs;
  return run->opts.method == SPEIG_METHOD_AUTO && (falls_short || doubtful) && !limited &&
         !run->opts.op_inverse && !run->opts.mass_inverse &&
         eigs_plan_dense_fits(run->A, run->B, &run->opts);
}

speig_status eigs_solve(eigs_run *run)
{
  speig_status st = SPEIG_OK;
  double before = clock_seconds(), excess = 0;
  run->wanted = run->plan.k;
  if (run->plan.method == SPEIG_DENSE) {
    TRY(solve_dense(run));
  } else {
    run->problem.watch.max_matvecs = patience(run);
    TRY(solve_krylov(run));
    run->problem.watch.max_matvecs = run->plan.max_matvecs;
    if (run->pairs.count > 0 && run->opts.method == SPEIG_METHOD_AUTO)
      TRY(worst_excess(run, &excess));
    if (leave_to_dense(run, excess == 0))
      TRY(solve_dense(run));
  }
  if (run->opts.left && run->method != SPEIG_DENSE && run->pairs.count > 0)
    TRY(eigs_solve_left(run));
  run->seconds_solve = clock_seconds() - before - run->seconds_certify;
done:
  return st;
}
