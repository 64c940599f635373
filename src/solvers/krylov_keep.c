/* krylov_keep.c: a Krylov-Schur run, and what it returns, to and from a checkpoint. */
#include "solvers/krylov_schur.h"

#include "base/error.h"

#include <math.h>
#include <stdio.h>

/* ---- the run ---- */

static speig_status keep_numbers(archive *a, krylov *L)
{
  speig_status st = SPEIG_OK;
  int stage = (int)L->stage;
  TRY(archive_int32(a, "filled", &L->filled));
  TRY(archive_int32(a, "kept", &L->kept));
  TRY(archive_int32(a, "locked", &L->locked));
  TRY(archive_expect(a, "filled", L->filled, 0, L->m));
  TRY(archive_expect(a, "kept", L->kept, 0, L->filled));
  TRY(archive_expect(a, "locked", L->locked, 0, L->filled));
  TRY(archive_int(a, "exhausted", &L->exhausted));
  TRY(archive_int(a, "settled", &L->settled));
  TRY(archive_int(a, "fill up", &L->fill_up));
  TRY(archive_int(a, "stage", &stage));
  TRY(archive_expect(a, "stage", stage, 0, KRYLOV_REFINES));
  L->stage = (krylov_stage)stage;
  TRY(archive_int64(a, "patience", &L->patience));
  TRY(archive_int64(a, "probe began", &L->probe_began));
  TRY(archive_int64(a, "round", &L->round));
  TRY(archive_int64(a, "restarts", &L->restarts));
  TRY(archive_uint64(a, "draws", &L->draws));
  TRY(archive_real(a, "beta", &L->beta));
  TRY(archive_real(a, "norm", &L->norm));
  TRY(archive_real(a, "locked key", &L->locked_key));
  TRY(archive_real(a, "locked residual", &L->locked_residual));
done:
  return st;
}

static speig_status keep(archive *a, void *solver)
{
  speig_status st = SPEIG_OK;
  krylov *L = solver;
  int32_t f, rows;
  small H;
  multivec V;
  TRY(keep_numbers(a, L));
  f = L->filled;
  rows = L->exhausted ? f : f + 1; /* the last one couples to the vector behind */
  V = mv_columns(&L->basis, 0, rows);
  TRY(archive_block(a, "basis", &V));
  H = small_view(&L->H, 0, 0, f, f);
  TRY(archive_small(a, "projection", &H));
  /* A full basis keeps no such row: a restart makes it of beta. */
  rows = f < L->m;
  TRY(archive_int32(a, "row", &rows));
  TRY(archive_expect(a, "row", rows, 0, f < L->m || L->m == 0));
  H = small_view(&L->H, f < L->m ? f : 0, 0, rows, f);
  TRY(archive_small(a, "coupling", &H));
  if (a->is_loading && rows == 0 && 0 < f && f < L->m && !L->exhausted)
    small_set(&L->H, f, f - 1, L->beta); /* a full basis that has room to grow now */
done:
  return st;
}

/* The sum of what was locked starts a run anew. */
static speig_status start_from_locked(krylov *L)
{
  speig_status st = SPEIG_OK;
  multivec sum = mv_columns(&L->basis, 0, 1);
  double one = 1, norm, inverse;
  for (int32_t j = 1; j < L->locked; ++j) {
    multivec v = mv_columns(&L->basis, j, 1);
    TRY(mv_axpy(&one, &v, &sum));
  }
  TRY(mv_norms(&sum, &norm));
  inverse = 1 / norm;
  TRY(mv_scale(&inverse, &sum));
  small_zero(&L->H);
  L->filled = L->kept = L->locked = 0;
  L->beta = 0;
  L->stage = KRYLOV_SEEKS;
  L->settled = L->fill_up = 0;
  L->round = 0;
  L->problem->checkpoint->resumed = SPEIG_RESUMED_VECTORS;
done:
  return st;
}

/* For a run that asks for more. What a probe has locked was cut from the rest to the tolerance of
 * that run, so its relation holds to no more than that. */
static speig_status bring_more(archive *a, void *solver)
{
  speig_status st = SPEIG_OK;
  krylov *L = solver;
  TRY(keep(a, solver));
  if (L->stage != KRYLOV_SEEKS && L->locked > 0 && !L->exhausted)
    TRY(start_from_locked(L));
  L->stage = KRYLOV_SEEKS;
  L->locked = 0;
  L->patience = -1;
done:
  return st;
}

speig_status krylov_begin(krylov *L, leg_entry entry)
{
  speig_status st = SPEIG_OK;
  checkpoint *c = L->problem->checkpoint;
  if (entry == LEG_NEW)
    TRY(krylov_start(L));
  else
    TRY(checkpoint_restore(c, entry == LEG_CONTINUES ? keep : bring_more, L));
  L->is_resumed = L->look_first = entry != LEG_NEW;
  checkpoint_watch(c, keep, L, &L->filled);
done:
  return st;
}

/* ---- its answer ---- */

static speig_status archive_basis(archive *a, void *what)
{
  speig_status st = SPEIG_OK;
  general_basis *basis = what;
  int reason = (int)basis->reason;
  int32_t all;
  multivec Q;
  TRY(archive_int32(a, "found", &basis->count));
  TRY(archive_int32(a, "others", &basis->unconverged));
  TRY(archive_int32(a, "wanted", &basis->wanted));
  TRY(archive_expect(a, "found", basis->count, 0, basis->capacity));
  TRY(archive_expect(a, "others", basis->unconverged, 0, basis->capacity - basis->count));
  TRY(archive_expect(a, "wanted", basis->wanted, 0, basis->capacity));
  all = basis->count + basis->unconverged;
  TRY(archive_bytes(a, "values", basis->theta, (size_t)all * sizeof *basis->theta));
  TRY(archive_reals(a, "residuals", all, basis->residual));
  Q = mv_columns(&basis->Q, 0, basis->count);
  TRY(archive_block(a, "vectors", &Q));
  TRY(archive_real(a, "norm", &basis->norm));
  TRY(archive_real(a, "condition", &basis->condition));
  TRY(archive_int64(a, "iterations", &basis->iterations));
  TRY(archive_int(a, "reason", &reason));
  TRY(archive_expect(a, "reason", reason, 0, SPEIG_STOP_MEMORY));
  TRY(archive_int(a, "complete", &basis->complete));
  basis->reason = (speig_reason)reason;
done:
  return st;
}

speig_status krylov_enter(const general_problem *problem, general_basis *basis, leg_entry *entry)
{
  speig_status st = SPEIG_OK;
  leg_key key = {
    .n = problem->n, .which = (int32_t)problem->which, .k = problem->k, .tol = problem->tol
  };
  int64_t *const counted[CHECKPOINT_COUNTERS] = { problem->counted,     NULL,
                                                  problem->counters[0], problem->counters[1],
                                                  problem->counters[2], problem->counters[3] };
  (void)snprintf(key.solver, sizeof key.solver, "krylov-schur");
  (void)snprintf(key.phase, sizeof key.phase, "%s", problem->watch.phase);
  TRY(checkpoint_enter(problem->checkpoint, &key, counted, entry));
  if (*entry == LEG_ANSWERED)
    TRY(checkpoint_answer(problem->checkpoint, archive_basis, basis));
done:
  return st;
}

speig_status krylov_leave(const general_problem *problem, general_basis *basis, speig_reason reason)
{
  return checkpoint_leave(problem->checkpoint, archive_basis, basis, reason);
}
