/* eigs.c: speig_eigs, a few eigenpairs of a general problem: plan, prepare, solve, pack. */
#include "base/error.h"
#include "base/memory.h"
#include "base/threads.h"
#include "solvers/resume.h"
#include "solvers/run_eigs.h"

speig_status speig_eigs(const speig_operator *A, const speig_operator *B,
                        const speig_eigs_opts *opts, speig_eigs_result **result)
{
  speig_status st = SPEIG_OK;
  eigs_run run = { .A = A, .B = B };
  mem_account outer = mem_account_enter(0);
  threads_blas_enter();
  REQUIRE(A && result, "the operator A and a place for the result are needed, one is NULL");
  *result = NULL;
  TRY(eigs_plan_options(opts, &run.opts));
  mem_account_leave(&outer);
  outer = mem_account_enter(run.opts.memory);
  TRY(eigs_check(&run));
  TRY(eigs_widen(&run));
  TRY(checkpoint_open(run.opts.checkpoint, run.opts.checkpoint_every, run.opts.resume,
                      &run.checkpoint));
  resume_method(run.checkpoint, &run.opts.method);
  TRY(eigs_plan_make(run.A, run.B, &run.opts, &run.plan));
  if (resume_replans(run.checkpoint, run.plan.method, &run.opts.method))
    TRY(eigs_plan_make(run.A, run.B, &run.opts, &run.plan));
  TRY(eigs_prepare(&run));
  if (run.plan.k > 0)
    TRY(eigs_solve(&run));
  checkpoint_finish(run.checkpoint);
  TRY(eigs_result_make(&run, result));
done:
  checkpoint_close(&run.checkpoint);
  eigs_close(&run);
  threads_blas_leave();
  mem_account_leave(&outer);
  return st;
}
