/* strategy_dense.c: LAPACK as the whole answer of a run, or instead of one that fell short. */
#include "base/error.h"
#include "solvers/run.h"

/* Infinite eigenvalues are none that could be wanted. */
static void forget_infinite(eigsh_run *run)
{
  int64_t finite = run->problem.n - run->problem.constraints.p - run->pairs.infinite;
  run->infinite = run->pairs.infinite;
  if (finite < run->plan.k)
    run->problem.k = run->plan.k = (int32_t)(finite > 0 ? finite : 0);
}

speig_status dense_run(eigsh_run *run)
{
  speig_status st = SPEIG_OK;
  run->method = SPEIG_DENSE;
  if (run->plan.components > 0)
    TRY(components_solve(&run->problem, &run->pairs));
  else
    TRY(dense_solve(&run->problem, &run->pairs));
  forget_infinite(run);
  if (run->pairs.converged == run->plan.k) {
    run->complete = 1;
    run->proof = SPEIG_CERTIFIED;
  }
done:
  return st;
}

/* What a transformation found, for the case that nothing better comes. */
typedef struct kept_answer {
  eig_pairs pairs;
  int complete;
  speig_outcome proof;
  speig_transform transform;
} kept_answer;

static speig_status set_aside(eigsh_run *run, kept_answer *kept)
{
  speig_status st = SPEIG_OK;
  eig_pairs fresh = { 0 };
  TRY(eig_pairs_alloc(run->be, run->problem.n, run->pairs.capacity, &fresh));
  *kept = (kept_answer){ run->pairs, run->complete, run->proof, run->transform };
  run->pairs = fresh;
  run->transform = SPEIG_TRANSFORM_NONE;
  run->complete = 0;
done:
  return st;
}

static void take_back(eigsh_run *run, kept_answer *kept)
{
  eig_pairs_free(&run->pairs);
  run->pairs = kept->pairs;
  run->complete = kept->complete;
  run->proof = kept->proof;
  run->transform = kept->transform;
  run->method = SPEIG_LANCZOS;
  kept->pairs = (eig_pairs){ 0 };
}

speig_status dense_instead(eigsh_run *run)
{
  speig_status st = SPEIG_OK;
  kept_answer kept = { 0 };
  int32_t wanted = run->plan.k;
  TRY(set_aside(run, &kept));
  st = dense_run(run);
  if (kept.pairs.converged == 0)
    goto done;
  if (st == SPEIG_ERR_NUMERIC || (st == SPEIG_OK && run->pairs.converged < run->plan.k &&
                                  run->pairs.converged < kept.pairs.converged)) {
    run->plan.k = run->problem.k = wanted;
    take_back(run, &kept);
    st = SPEIG_OK;
  }
done:
  eig_pairs_free(&kept.pairs);
  return st;
}
