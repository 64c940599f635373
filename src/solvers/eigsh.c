/* eigsh.c: speig_eigsh, a few eigenpairs of a Hermitian problem: plan, prepare, solve, pack. */
#include "base/error.h"
#include "base/memory.h"
#include "base/threads.h"
#include "solvers/interval.h"

speig_status speig_eigsh(const speig_operator *A, const speig_operator *B,
                         const speig_eigsh_opts *opts, speig_eigsh_result **result)
{
  speig_status st = SPEIG_OK;
  eigsh_run run = { .A = A, .B = B };
  mem_account outer = mem_account_enter(0);
  threads_blas_enter();
  REQUIRE(A && result, "the operator A and a place for the result are needed, one is NULL");
  *result = NULL;
  TRY(plan_options(opts, &run.opts));
  run.vectors_there = run.opts.vectors_on == SPEIG_CUDA;
  mem_account_leave(&outer);
  outer = mem_account_enter(run.opts.memory);
  TRY(run_check(&run));
  TRY(plan_make(A, B, &run.opts, &run.plan));
  if (run.opts.has_sigma && run.opts.mode == SPEIG_MODE_BUCKLING) {
    run.swapped = 1;
    run.A = B;
    run.B = A;
  }
  TRY(run_prepare(&run));
  if (run.opts.has_interval)
    TRY(interval_solve(&run));
  else if (run.plan.k > 0)
    TRY(strategy_solve(&run));
  TRY(result_make(&run, result));
done:
  run_close(&run);
  threads_blas_leave();
  mem_account_leave(&outer);
  return st;
}
