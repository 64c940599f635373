/* legs.c: the key, the counters and the answer of a run on an eig_problem. */
#include "solvers/legs.h"

#include "base/error.h"

#include <stdio.h>

static speig_status archive_filter(archive *a, filter *F)
{
  speig_status st = SPEIG_OK;
  TRY(archive_int32(a, "degree", &F->degree));
  TRY(archive_real(a, "low", &F->low));
  TRY(archive_real(a, "high", &F->high));
  TRY(archive_int(a, "upper", &F->upper));
done:
  return st;
}

static speig_status archive_vectors(archive *a, const char *name, const eig_pairs *pairs,
                                    const multivec *all)
{
  multivec view = mv_columns(all, 0, pairs->count);
  return archive_block(a, name, &view);
}

speig_status leg_archive_pairs(archive *a, void *what)
{
  speig_status st = SPEIG_OK;
  eig_pairs *pairs = what;
  int reason = (int)pairs->reason;
  TRY(archive_int32(a, "pairs", &pairs->count));
  TRY(archive_int32(a, "converged", &pairs->converged));
  TRY(archive_expect(a, "pairs", pairs->count, 0, pairs->capacity));
  TRY(archive_expect(a, "converged", pairs->converged, 0, pairs->count));
  TRY(archive_reals(a, "values", pairs->count, pairs->theta));
  TRY(archive_reals(a, "residuals", pairs->count, pairs->residual));
  TRY(archive_vectors(a, "vectors", pairs, &pairs->X));
  TRY(archive_real(a, "norm of A", &pairs->norm_a));
  TRY(archive_real(a, "norm of B", &pairs->norm_b));
  TRY(archive_int64(a, "iterations", &pairs->iterations));
  TRY(archive_int(a, "reason", &reason));
  TRY(archive_expect(a, "reason", reason, 0, SPEIG_STOP_MEMORY));
  pairs->reason = (speig_reason)reason;
  TRY(archive_int32(a, "infinite", &pairs->infinite));
  TRY(archive_int(a, "preconditioner", &pairs->precond_dropped));
  TRY(archive_filter(a, &pairs->filter));
  TRY(archive_real(a, "lowest", &pairs->lowest));
  TRY(archive_real(a, "highest", &pairs->highest));
  if (pairs->left.data) {
    a->order = NULL;
    TRY(archive_vectors(a, "left vectors", pairs, &pairs->left));
  }
done:
  return st;
}

speig_status leg_enter(const eig_problem *problem, const char *solver, double place,
                       int64_t *const extra[2], leg_entry *entry)
{
  speig_status st = SPEIG_OK;
  leg_key key = { .n = problem->order ? problem->whole : problem->n,
                  .which = (int32_t)problem->which,
                  .k = problem->k,
                  .y = problem->constraints.p,
                  .known = problem->known_count,
                  .tol = problem->tol,
                  .place = place };
  int64_t *const counted[CHECKPOINT_COUNTERS] = {
    &problem->A->products,
    problem->adjoint ? &problem->adjoint->products : NULL,
    problem->B ? &problem->B->products : NULL,
    problem->precond ? &problem->precond->products : NULL,
    extra ? extra[0] : NULL,
    extra ? extra[1] : NULL,
  };
  (void)snprintf(key.solver, sizeof key.solver, "%s", solver);
  (void)snprintf(key.phase, sizeof key.phase, "%s", problem->phase ? problem->phase : "");
  TRY(checkpoint_enter(problem->checkpoint, &key, counted, entry));
  checkpoint_rows(problem->checkpoint, problem->order, problem->whole);
done:
  return st;
}

speig_status leg_answer(const eig_problem *problem, eig_pairs *pairs)
{
  return checkpoint_answer(problem->checkpoint, leg_archive_pairs, pairs);
}

speig_status leg_leave(const eig_problem *problem, eig_pairs *pairs)
{
  return checkpoint_leave(problem->checkpoint, leg_archive_pairs, pairs, pairs->reason);
}
