/* krylov_probe.c: what follows when the wanted values have converged: are there more copies, or
 * better values that the starting vector did not show? */
#include "solvers/krylov_schur.h"

#include "base/error.h"

#include <math.h>

/* Locks the wanted ones, whose subspace has settled, and starts anew in their complement. What
 * couples them to the rest, at most the tolerance, is dropped: so it must be the very columns that
 * settled. Ranked once more, ties at the cut would bring in others. */
static speig_status begin_probe(krylov *L)
{
  speig_status st = SPEIG_OK;
  int32_t wanted = L->head;
  L->locked_residual = 0;
  L->locked_key = INFINITY;
  for (int32_t i = 0; i < wanted; ++i) {
    double key = general_key(L->problem->which, L->is_complex, L->theta[i]);
    L->locked_residual = fmax(L->locked_residual, L->residual[i]);
    L->locked_key = fmin(L->locked_key, key);
    L->order[i] = i;
  }
  L->beta = 0;
  TRY(krylov_truncate(L, wanted, L->order));
  L->locked = wanted;
  TRY(krylov_fresh_direction(L, wanted));
done:
  return st;
}

/* Where nothing can be told a probe has `patience` products, for a value in sight more. */
static int goes_on(const general_problem *problem, probe_verdict verdict, int64_t spent,
                   int64_t patience)
{
  if (verdict == PROBE_UNCLEAR)
    return problem->probe_to_end || spent <= patience;
  return verdict == PROBE_IN_SIGHT && (problem->probe_to_end || spent <= 10 * patience);
}

/* One probe from a random vector. */
static speig_status probe_once(krylov *L, int64_t patience, probe_verdict *verdict)
{
  speig_status st = SPEIG_OK;
  const general_problem *problem = L->problem;
  int64_t spent;
  if (!L->is_resumed) {
    L->stage = KRYLOV_PROBES;
    L->probe_began = *problem->counted;
    L->patience = patience;
    TRY(begin_probe(L));
  }
  L->is_resumed = 0;
  for (;;) {
    TRY(krylov_fill(L));
    *verdict = krylov_probe_verdict(L);
    spent = *problem->counted - L->probe_began;
    if (L->exhausted || L->stop || !goes_on(problem, *verdict, spent, L->patience))
      break;
    krylov_report(L);
    if (L->stop)
      break;
    TRY(krylov_restart(L));
  }
done:
  return st;
}

/* One probe after the other, as long as they find something: mostly one copy each. */
speig_status krylov_probe(krylov *L, int *complete)
{
  speig_status st = SPEIG_OK;
  probe_verdict verdict;
  int converged = 1;
  *complete = 0;
  for (; L->round < 2 * (int64_t)L->problem->k + 20; ++L->round) {
    if (L->stage != KRYLOV_REFINES) {
      TRY(probe_once(L, 2 * *L->problem->counted + 4 * (int64_t)L->m, &verdict));
      if (verdict != PROBE_FOUND || L->stop) {
        *complete = verdict == PROBE_COMPLETE && (!L->stop || L->exhausted);
        break;
      }
      L->locked = 0; /* they are locked again together with what was found */
      TRY(krylov_ritz(L));
      TRY(krylov_settled(L, &L->settled));
    }
    if (!L->settled || L->stage == KRYLOV_REFINES) {
      if (L->stage != KRYLOV_REFINES)
        TRY(krylov_restart(L));
      L->stage = KRYLOV_REFINES;
      TRY(krylov_iterate(L, 1, &converged));
      L->stage = L->stop ? KRYLOV_REFINES : KRYLOV_PROBES;
    }
    if (!converged || !L->settled || L->stop || L->exhausted) {
      *complete = L->exhausted && !L->stop;
      break;
    }
  }
done:
  return st;
}
