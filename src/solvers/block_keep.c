/* block_keep.c: a run of block Lanczos, and what it returns, to and from a checkpoint. */
#include "solvers/block_run.h"

#include "base/error.h"

static speig_status keep_numbers(archive *a, block_lanczos *L)
{
  speig_status st = SPEIG_OK;
  TRY(archive_int32(a, "filled", &L->filled));
  TRY(archive_int32(a, "next", &L->next));
  TRY(archive_int32(a, "last", &L->last));
  TRY(archive_int(a, "expanded", &L->is_expanded));
  TRY(archive_int(a, "exhausted", &L->exhausted));
  TRY(archive_int(a, "overgrown", &L->overgrown));
  TRY(archive_uint64(a, "draws", &L->draws));
  TRY(archive_int64(a, "restarts", &L->restarts));
  TRY(archive_expect(a, "filled", L->filled, 0, L->m));
  TRY(archive_expect(a, "next", L->next, 0, L->b));
  TRY(archive_expect(a, "last", L->last, 0, L->b < L->filled ? L->b : L->filled));
done:
  return st;
}

/* The basis with the block behind it, B times both, T, and the coupling. */
static speig_status keep(archive *a, void *solver)
{
  speig_status st = SPEIG_OK;
  block_lanczos *L = solver;
  small T, R;
  multivec V, BV;
  TRY(keep_numbers(a, L));
  T = small_view(&L->T, 0, 0, L->filled, L->filled);
  R = small_view(&L->R, 0, 0, L->next, L->last);
  V = mv_columns(&L->V, 0, L->filled + L->next);
  BV = mv_columns(&L->BV, 0, L->filled + L->next);
  TRY(archive_small(a, "projection", &T));
  TRY(archive_small(a, "coupling", &R));
  TRY(archive_block(a, "basis", &V));
  if (L->problem->B)
    TRY(archive_block(a, "B times the basis", &BV));
done:
  return st;
}

speig_status block_set_out(block_lanczos *L, leg_entry entry)
{
  speig_status st = SPEIG_OK;
  checkpoint *c = L->problem->checkpoint;
  if (entry == LEG_NEW)
    TRY(block_fresh(L));
  else
    TRY(checkpoint_restore(c, keep, L));
  checkpoint_watch(c, keep, L, &L->filled);
done:
  return st;
}

block_goal block_with_room(const block_goal *goal, const checkpoint *c, leg_entry entry)
{
  block_goal wide = *goal;
  if (entry != LEG_NEW && wide.basis < checkpoint_columns(c))
    wide.basis = checkpoint_columns(c);
  return wide;
}

speig_status block_keep_answer(archive *a, void *what)
{
  speig_status st = SPEIG_OK;
  block_answer *answer = what;
  TRY(leg_archive_pairs(a, answer->pairs));
  TRY(archive_real(a, "near", answer->near));
done:
  return st;
}
