/* svds.c: speig_svds, a few singular values and vectors: plan, prepare, solve, pack. */
#include "base/error.h"
#include "base/memory.h"
#include "base/threads.h"
#include "solvers/resume.h"
#include "solvers/run_svds.h"

speig_status speig_svds(const speig_operator *A, const speig_svds_opts *opts,
                        speig_svds_result **result)
{
  speig_status st = SPEIG_OK;
  svds_run run = { .A = A };
  mem_account outer = mem_account_enter(0);
  threads_blas_enter();
  REQUIRE(A && result, "the operator A and a place for the result are needed, one is NULL");
  *result = NULL;
  TRY(svds_plan_options(opts, &run.opts));
  run.vectors_there = svds_plan_leaves_vectors(&run.opts);
  mem_account_leave(&outer);
  outer = mem_account_enter(run.opts.memory);
  TRY(checkpoint_open(run.opts.checkpoint, run.opts.checkpoint_every, run.opts.resume,
                      &run.checkpoint));
  resume_method(run.checkpoint, &run.opts.method);
  TRY(svds_plan_make(A, &run.opts, &run.plan));
  if (resume_replans(run.checkpoint, run.plan.method, &run.opts.method))
    TRY(svds_plan_make(A, &run.opts, &run.plan));
  TRY(svds_prepare(&run));
  if (run.plan.k > 0)
    TRY(svds_solve(&run));
  checkpoint_finish(run.checkpoint);
  TRY(svds_result_make(&run, result));
done:
  checkpoint_close(&run.checkpoint);
  svds_close(&run);
  threads_blas_leave();
  mem_account_leave(&outer);
  return st;
}
