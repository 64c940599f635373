/* strategy_eigs.c: which solver runs on a general problem, and what follows when it does not bring
 * an answer that holds. */
#include "base/clock.h"
#include "base/dtype.h"
#include "base/error.h"
#include "base/memory.h"
#include "solvers/run_eigs.h"

#include <math.h>
#include <string.h>

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

/* Pairs that the iteration found and that do not hold yet are purified as long as that helps. */
static speig_status improve(eigs_run *run, const general_problem *problem, const eigs_side *side,
                            double *excess)
{
  enum { ROUNDS = 8 };
  speig_status st = SPEIG_OK;
  int32_t count = run->pairs.count;
  multivec X = mv_columns(&run->pairs.X, 0, count), before = { 0 };
  eigenvalue *values = NULL;
  double worst = 0, now;
  TRY(worst_excess(run, &worst));
  for (int round = 0; round < ROUNDS && worst > 0; ++round, worst = now) {
    if (round == 0) {
      TRY(mv_alloc(X.be, X.n, count, "vectors", &before));
      TRY(MEM_ARRAY(count, "eigenvalues", &values));
    }
    TRY(mv_copy(&X, &before));
    memcpy(values, run->pairs.lambda, (size_t)count * sizeof *values);
    TRY(eigs_purify(problem, &run->map, side, &X, run->pairs.lambda));
    TRY(worst_excess(run, &now));
    if (now < worst)
      continue;
    TRY(mv_copy(&before, &X));
    memcpy(run->pairs.lambda, values, (size_t)count * sizeof *values);
    break;
  }
  *excess = worst;
done:
  mv_free(&before);
  mem_free(values);
  return st;
}

/* How far the shift is to be moved: where some values are next to it, as zero is to a singular A,
 * the rounding errors of their huge mu drown the others. By a ten thousandth of the distance of the
 * last one, they are large enough, and small enough; 0: that is not what is the matter. */
static double better_step(const eigs_run *run)
{
  const double wide = 1e4;
  double near = INFINITY, far = 0;
  if (run->moved || run->plan.transform != SPEIG_TRANSFORM_SHIFT || run->map.part ||
      run->bound_inverse || run->pairs.count < run->wanted || run->reason != SPEIG_STOP_CONVERGED)
    return 0;
  for (int32_t i = 0; i < run->pairs.count; ++i) {
    double distance = hypot(run->pairs.lambda[i].re - run->map.shift[0],
                            run->pairs.lambda[i].im - run->map.shift[1]);
    near = fmin(near, distance);
    far = fmax(far, distance);
  }
  return far > wide * near ? far / wide : 0;
}

static speig_status solve_krylov(eigs_run *run);

/* Values as far from the shift as the last one, up to the step, may now rank otherwise: the answer
 * holds, but is not called complete. */
static speig_status solve_beside(eigs_run *run, double step)
{
  speig_status st = SPEIG_OK;
  int64_t iterations = run->iterations;
  TRY(eigs_move_shift(run, step));
  TRY(solve_krylov(run));
  run->iterations += iterations;
  run->complete = 0;
done:
  return st;
}

static speig_status solve_krylov(eigs_run *run)
{
  speig_status st = SPEIG_OK;
  general_basis basis = { 0 };
  general_problem problem = run->problem;
  const eigs_side side = { run->bound_a, run->bound_b };
  int transformed = run->plan.transform != SPEIG_TRANSFORM_NONE;
  double excess = 0, step;
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
    if (run->plan.transform == SPEIG_TRANSFORM_SHIFT)
      TRY(improve(run, &problem, &side, &excess));
  }
  if (excess > 0 && (step = better_step(run)) > 0)
    TRY(solve_beside(run, step));
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

/* Values may be missing, and LAPACK is cheap. */
static int is_doubtful(const eigs_run *run)
{
  enum { CHEAP = 1500 };
  return !run->complete && run->problem.probe && run->A->n <= CHEAP;
}

/* A set that holds, but of which the probe could not tell whether it is complete: LAPACK's values
 * alone take half the time of its vectors. Not where values are so ill-conditioned that rounding
 * decides what the set is, nor where the tolerance hardly tells them apart. */
static speig_status confirm(eigs_run *run)
{
  const double tells_apart = 1e-4;
  speig_status st = SPEIG_OK;
  double before = clock_seconds(), largest = 0, room;
  int confirmed = 0;
  for (int32_t i = 0; i < run->pairs.count; ++i)
    largest = fmax(largest, hypot(run->pairs.lambda[i].re, run->pairs.lambda[i].im));
  room = 4 * run->pairs.condition * run->plan.tol * (run->norm_a + largest);
  if (run->B || run->plan.transform != SPEIG_TRANSFORM_NONE || run->pairs.count < run->wanted ||
      !(run->pairs.condition <= 1 / sqrt(dtype_eps(run->A->dtype))) ||
      !(room <= tells_apart * run->norm_a))
    goto done;
  TRY(dense_general_confirm(&run->problem, run->bound_a, run->opts.balance != SPEIG_BALANCE_NEVER,
                            run->pairs.count, run->pairs.lambda, room, &confirmed));
  if (confirmed) {
    run->complete = 1;
    run->proof = SPEIG_CERTIFIED;
  }
done:
  run->seconds_certify += clock_seconds() - before;
  return st;
}

/* In auto, a run that ended without an answer, though no limit of the caller's was met, leaves the
 * problem to LAPACK where that is affordable; one whose answer may lack values, where it is cheap.
 */
static int leave_to_dense(const eigs_run *run, int holds)
{
  int falls_short = run->pairs.count < run->wanted || !holds;
  int limited = run->reason == SPEIG_STOP_TIME_LIMIT || run->reason == SPEIG_STOP_CANCELLED ||
                *run->problem.counted >= run->plan.max_matvecs;
  return run->opts.method == SPEIG_METHOD_AUTO && (falls_short || is_doubtful(run)) && !limited &&
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
    if (leave_to_dense(run, excess == 0) && excess == 0)
      TRY(confirm(run));
    if (leave_to_dense(run, excess == 0))
      TRY(solve_dense(run));
  }
  if (run->opts.left && run->method != SPEIG_DENSE && run->pairs.count > 0)
    TRY(eigs_solve_left(run));
  run->seconds_solve = clock_seconds() - before - run->seconds_certify;
done:
  return st;
}
