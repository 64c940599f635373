/* eigsh.c: speig_eigsh, a few eigenpairs of a Hermitian problem: plan, prepare, solve, pack. */
#include "base/error.h"
#include "base/memory.h"
#include "base/threads.h"
#include "solvers/interval.h"
#include "solvers/resume.h"

#include <math.h>

speig_status speig_eigsh(const speig_operator *A, const speig_operator *B,
                         const speig_eigsh_opts *opts, speig_eigsh_result **result)
{
  speig_status st = SPEIG_OK;
  eigsh_run run = { .A = A, .B = B, .estimate = NAN, .estimate_error = NAN };
  mem_account outer = mem_account_enter(0);
  threads_blas_enter();
  REQUIRE(A && result, "the operator A and a place for the result are needed, one is NULL");
  *result = NULL;
  TRY(plan_options(opts, &run.opts));
  run.vectors_there = run.opts.vectors_on == SPEIG_CUDA;
  mem_account_leave(&outer);
  outer = mem_account_enter(run.opts.memory);
  TRY(run_check(&run));
  TRY(checkpoint_open(run.opts.checkpoint, run.opts.checkpoint_every, run.opts.resume,
                      &run.checkpoint));
  resume_method(run.checkpoint, &run.opts.method);
  TRY(plan_make(A, B, &run.opts, &run.plan));
  if (resume_replans(run.checkpoint, run.plan.method, &run.opts.method))
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
  checkpoint_finish(run.checkpoint);
  TRY(result_make(&run, result));
done:
  checkpoint_close(&run.checkpoint);
  run_close(&run);
  threads_blas_leave();
  mem_account_leave(&outer);
  return st;
}
