/* svds.c: speig_svds, a few singular values and vectors: plan, prepare, solve, pack. */
#include "base/error.h"
#include "base/memory.h"
#include "base/threads.h"
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
  mem_account_leave(&outer);
  outer = mem_account_enter(run.opts.memory);
  TRY(svds_plan_make(A, &run.opts, &run.plan));
  TRY(svds_prepare(&run));
  if (run.plan.k > 0)
    TRY(svds_solve(&run));
  TRY(svds_result_make(&run, result));
done:
  svds_close(&run);
  threads_blas_leave();
  mem_account_leave(&outer);
  return st;
}
