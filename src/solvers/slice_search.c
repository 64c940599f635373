/* slice_search.c: the pairs of a slice of the spectrum, of which inertia has counted how many there
 * are: block Lanczos at its middle, and looks into the complement of what that brings until the
 * count is reached (slices.c). */
#include "solvers/slicer.h"

#include "base/error.h"
#include "base/memory.h"

#include <math.h>

int slice_note_stop(slicer *L)
{
  L->stop |= L->C.stop;
  if (L->C.stop)
    L->reason = L->C.reason;
  return L->stop;
}

static int inside(const slice *part, double theta)
{
  return theta >= part->low && theta <= part->high;
}

static int32_t count_inside(const slice *part, const eig_pairs *pairs)
{
  int32_t count = 0;
  for (int32_t i = 0; i < pairs->converged; ++i)
    count += inside(part, pairs->theta[i]);
  return count;
}

/* The progress record of a slice shows its own pairs. */
static speig_status make_room_to_show(slicer *L, int32_t k)
{
  speig_status st = SPEIG_OK;
  eigsh_run *run = L->run;
  mem_free(L->S.goal.shown);
  mem_free(run->shown_values);
  mem_free(run->shown_residuals);
  L->S.goal.shown = run->shown_values = run->shown_residuals = NULL;
  run->plan.k = 0;
  TRY(MEM_ZARRAY(2 * (int64_t)k, "progress record", &L->S.goal.shown));
  TRY(MEM_ZARRAY(k, "progress record", &run->shown_values));
  TRY(MEM_ZARRAY(k, "progress record", &run->shown_residuals));
  run->plan.k = k;
done:
  return st;
}

/* The eigenvalues in the middle of nothing else: those nearest to the middle of the slice. */
static speig_status search_slice(slicer *L, const slice *part, int32_t count, eig_pairs *pairs)
{
  speig_status st = SPEIG_OK;
  shifted *S = &L->S;
  int64_t room = S->problem.n;
  int32_t b = count < 3 ? 2 : 4, basis = 3 * count + 40;
  TRY(make_room_to_show(L, count));
  S->problem.k = S->goal.want = count;
  S->problem.map.sigma = part->low / 2 + part->high / 2;
  S->goal.block = b < room ? b : (int32_t)room;
  S->goal.basis = basis < room ? basis : (int32_t)room;
  S->I.at_shift = 0; /* its last factorization counted */
  TRY(shifted_place(S));
  TRY(eig_pairs_alloc(S->problem.be, S->problem.n,
                      count + 16 < S->goal.basis ? count + 16 : S->goal.basis, pairs));
  TRY(shifted_iterate(S, pairs));
  if (pairs->reason == SPEIG_STOP_TIME_LIMIT || pairs->reason == SPEIG_STOP_CANCELLED ||
      pairs->reason == SPEIG_STOP_MAX_MATVECS) {
    L->stop = 1;
    L->reason = pairs->reason;
  }
  TRY(shifted_improve(S, pairs));
done:
  return st;
}

/* Copies beyond the width of a block, and whatever else is missing. */
static speig_status search_complement(slicer *L, const slice *part, int32_t count, eig_pairs *pairs)
{
  enum { IDLE = 2 };
  speig_status st = SPEIG_OK;
  int idle = 0, round = 0;
  while (!L->stop && idle < IDLE) {
    int32_t before = count_inside(part, pairs), missing = count - before, found;
    if (missing <= 0)
      break;
    if (inertia_must_stop(&L->C)) {
      (void)slice_note_stop(L);
      break;
    }
    L->S.goal.block = missing < 2 ? 2 : missing < WIDEST_BLOCK ? missing : WIDEST_BLOCK;
    TRY(complete_seek(&L->S, missing, round++, pairs, &found));
    idle = found > 0 && count_inside(part, pairs) > before ? 0 : idle + 1;
  }
done:
  return st;
}

/* Those within the slice join what is kept. */
static speig_status gather(slicer *L, const slice *part, const eig_pairs *pairs)
{
  speig_status st = SPEIG_OK;
  multivec X = { 0 };
  int32_t count = count_inside(part, pairs), at = 0, taken;
  L->H.found.norm_a = fmax(L->H.found.norm_a, pairs->norm_a);
  L->H.found.norm_b = L->S.goal.norm_b;
  if (count == 0)
    return st;
  TRY(mv_alloc(L->run->be, L->run->problem.n, count, "pairs of a slice", &X));
  for (int32_t i = 0; i < pairs->converged; ++i) {
    multivec from = mv_columns(&pairs->X, i, 1), to;
    if (!inside(part, pairs->theta[i]))
      continue;
    to = mv_columns(&X, at++, 1);
    TRY(mv_copy(&from, &to));
  }
  TRY(harvest_add(&L->H, &X, part->low, part->high, &taken));
done:
  mv_free(&X);
  return st;
}

speig_status slice_solve(slicer *L, const slice *part)
{
  speig_status st = SPEIG_OK;
  int32_t count = (int32_t)(part->below_high - part->below_low);
  eig_pairs pairs = { 0 };
  TRY(search_slice(L, part, count, &pairs));
  TRY(search_complement(L, part, count, &pairs));
  TRY(gather(L, part, &pairs));
  L->run->iterations += pairs.iterations;
done:
  eig_pairs_free(&pairs);
  return st;
}

speig_status slice_search_again(slicer *L)
{
  speig_status st = SPEIG_OK;
  slice whole = { L->low.place, L->high.place, L->low.below, L->high.below, 1, 0 };
  int64_t missing = L->total - L->H.found.converged;
  eig_pairs pairs = { 0 };
  int32_t found;
  if (L->stop || missing <= 0 || missing > MOST_PER_SLICE || L->H.found.converged == 0)
    return st;
  TRY(make_room_to_show(L, (int32_t)missing));
  L->S.problem.k = (int32_t)missing;
  L->S.problem.map.sigma = whole.low / 2 + whole.high / 2;
  L->S.goal.block = missing < WIDEST_BLOCK ? (missing < 2 ? 2 : (int32_t)missing) : WIDEST_BLOCK;
  L->S.goal.basis = 2 * (int32_t)missing + 32;
  TRY(shifted_place(&L->S));
  TRY(eig_pairs_alloc(L->run->be, L->run->problem.n, 1, &pairs));
  pairs.norm_a = L->S.goal.norm_a;
  pairs.norm_b = L->S.goal.norm_b;
  L->S.problem.constraints = mv_columns(&L->H.found.X, 0, L->H.found.converged);
  L->S.problem.constraints_b = mv_columns(&L->H.found_b, 0, L->H.found.converged);
  st = complete_seek(&L->S, (int32_t)missing, 99, &pairs, &found);
  L->S.problem.constraints = L->run->problem.constraints;
  L->S.problem.constraints_b = L->run->problem.constraints_b;
  TRY(st);
  TRY(gather(L, &whole, &pairs));
done:
  eig_pairs_free(&pairs);
  return st;
}
