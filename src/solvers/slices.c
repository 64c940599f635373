/* slices.c: all eigenvalues in an interval by spectrum slicing.
 *
 * Method: Grimes, Lewis, Simon, SIAM J. Matrix Anal. Appl. 15 (1994); Campos and Roman, Numer.
 * Algorithms 60 (2012). Both ends of the interval are proven cuts (inertia.c), so the number of
 * eigenvalues between them is known before any is sought. The interval is halved until a part holds
 * as many as one shift is good for; the eigenvalues of a part are then those nearest to its middle,
 * where block Lanczos finds them, and what it misses is sought in the complement of what is there
 * until the count is reached. All pairs of all slices are made B-orthonormal together, with
 * residuals recomputed: so many orthonormal vectors with small residuals stand for as many
 * eigenvalues, whichever slice found them, and when they are as many as inertia counts, none is
 * missing. Cuts inside the interval only divide the work; the proof does not rest on them.
 * Cost per slice: two factorizations, some three solves per pair, and two passes of matrix products
 * over all pairs found so far. */
#include "solvers/slicer.h"

#include "backend/expand.h"
#include "base/dtype.h"
#include "base/error.h"
#include "base/memory.h"
#include "solvers/interval.h"

#include <inttypes.h>
#include <math.h>

enum { LEAST_PER_SLICE = 24 };

/* ---- set-up ---- */

static speig_status slicer_open(eigsh_run *run, slicer *L)
{
  enum { HOPELESS = 400 };
  speig_status st = SPEIG_OK;
  shifted *S = &L->S;
  *L = (slicer){ .run = run, .intact = 1, .reason = SPEIG_STOP_CONVERGED };
  *S = (shifted){ .run = run, .problem = run->problem };
  S->problem.which = SPEIG_LM;
  S->problem.k = 0;
  S->problem.map = (eig_map){ .shifted = 1, .slope = 1 };
  /* A shift brings pairs as exact as the type allows for little more than loose ones, and loose
   * ones could not be told from each other. */
  S->problem.tol = 100 * dtype_eps(run->A->dtype);
  S->goal = (block_goal){ .max_restarts = HOPELESS,
                          .rare_looks = 1,
                          .norm_a = run->norm_floor,
                          .norm_b = run->norm_b_floor,
                          .enough = complete_any_number };
  TRY(invert_estimate_norm(&S->problem, S->problem.A, &S->goal.norm_a));
  if (S->problem.B)
    TRY(invert_estimate_norm(&S->problem, S->problem.B, &S->goal.norm_b));
  TRY(invert_open(&S->problem, 0, NULL, 1, WIDEST_BLOCK, &S->I));
  TRY(inertia_open(&S->problem, &S->I, S->goal.norm_a, S->goal.norm_b, &L->C));
done:
  return st;
}

static void slicer_close(slicer *L)
{
  L->run->solves += L->S.I.solves;
  L->run->factorizations += L->S.I.factorizations;
  invert_close(&L->S.I);
  mem_free(L->S.goal.shown);
  harvest_close(&L->H);
  mem_free(L->todo);
}

/* Both ends, in numbers to work with, and how many lie between. */
static speig_status cut_ends(slicer *L)
{
  speig_status st = SPEIG_OK;
  const eigsh_run *run = L->run;
  double unit = run->scale_a / run->scale_b;
  int there = 1;
  TRY(inertia_cut_at(&L->C, run->opts.interval[0] * unit, -1, &L->low));
  if (!slice_note_stop(L))
    TRY(inertia_cut_at(&L->C, run->opts.interval[1] * unit, 1, &L->high));
  if (!slice_note_stop(L) && isinf(L->low.place))
    TRY(inertia_end(&L->C, -1, &L->low.place, &there));
  if (!slice_note_stop(L) && there && isinf(L->high.place))
    TRY(inertia_end(&L->C, 1, &L->high.place, &there));
  if (slice_note_stop(L))
    goto done;
  if (!there)
    FAIL(SPEIG_ERR_NUMERIC,
         "no end of the spectrum was found within %g: give the interval two "
         "finite ends",
         fmax(fabs(L->low.place), fabs(L->high.place)));
  if (!L->low.settled) /* the widest that was counted; no proof */
    L->low.below = L->low.least;
  if (!L->high.settled)
    L->high.below = L->high.most;
  L->total = L->high.below > L->low.below ? L->high.below - L->low.below : 0;
done:
  return st;
}

/* Pairs per slice: two factorizations against the work that grows with the square of the pairs. */
static void choose_size(slicer *L)
{
  double n = (double)L->run->problem.n, wide = mv_is_complex(L->run->be) ? 4 : 1;
  double factors = 2 * factor_get_info(L->S.I.F).flops, square = 40 * n * wide;
  double size = sqrt(factors / square);
  L->per_slice = size < LEAST_PER_SLICE  ? LEAST_PER_SLICE
                 : size > MOST_PER_SLICE ? MOST_PER_SLICE
                                         : (int32_t)size;
}

/* Seconds, by the rates that plan.c uses. */
static double slicing_seconds(const slicer *L)
{
  const eigsh_run *run = L->run;
  factor_info info = factor_get_info(L->S.I.F);
  double n = (double)run->problem.n, total = (double)L->total;
  double wide = mv_is_complex(run->be) ? 4 : 1, slices = total / L->per_slice + 1;
  double solves = 4 * total * 2 * info.entries * wide;
  double vectors = wide * n * total * (40.0 * L->per_slice + 4 * total);
  return (2 * slices * info.flops * wide + solves) / 4e9 + vectors / 8e9;
}

static speig_status store_open(slicer *L)
{
  speig_status st = SPEIG_OK;
  eigsh_run *run = L->run;
  double scalar = (double)speig_dtype_size(run->A->dtype), n = (double)run->problem.n;
  double columns = (double)L->total * (run->bound_b ? 3 : 2) + 6.0 * L->per_slice + 64;
  mem_account account = mem_account_read();
  if (L->total > INT32_MAX - 64)
    FAIL(SPEIG_ERR_UNSUPPORTED, "the interval holds %" PRId64 " eigenvalues, at most %d can be had",
         L->total, INT32_MAX - 64);
  if (account.limit && scalar * n * columns > (double)account.limit - (double)account.current)
    FAIL(SPEIG_ERR_MEMORY,
         "the interval holds %" PRId64 " eigenvalues, for whose vectors about %.4g bytes are "
         "needed beside the factors; the budget has %zu left of %zu",
         L->total, scalar * n * columns, account.limit - account.current, account.limit);
  TRY(harvest_open(&run->problem, (int32_t)L->total, &L->H));
done:
  return st;
}

/* ---- all of them ---- */

static speig_status push(slicer *L, slice part)
{
  speig_status st = SPEIG_OK;
  if (L->depth == L->room) {
    int32_t room = 2 * L->room + 16;
    TRY(mem_resize(room, sizeof *L->todo, "slices", (void **)&L->todo));
    L->room = room;
  }
  L->todo[L->depth++] = part;
done:
  return st;
}

/* Wide enough for a cut that no rounding doubts. */
static int can_be_cut(const slicer *L, const slice *part)
{
  double size = L->C.norm_a / (L->C.norm_b > 0 ? L->C.norm_b : 1);
  double scale = fmax(size, fmax(fabs(part->low), fabs(part->high)));
  if (size == 0) /* a zero matrix has no scale of its own */
    scale = fmax(fabs(L->low.place), fabs(L->high.place));
  return part->high - part->low > 4096 * dtype_eps(L->run->A->dtype) * scale;
}

static speig_status cut_slice(slicer *L, const slice *part)
{
  speig_status st = SPEIG_OK;
  slice left = *part, right = *part;
  double middle = part->low / 2 + part->high / 2;
  int64_t below;
  int clean;
  TRY(inertia_split(&L->C, part->low, part->high, &middle, &below, &clean));
  if (slice_note_stop(L))
    goto done;
  below = below < part->below_low ? part->below_low : below;
  below = below > part->below_high ? part->below_high : below;
  left.high = right.low = middle;
  left.below_high = right.below_low = below;
  left.clean = clean;
  left.loose = right.loose = part->loose && (below == part->below_low || below == part->below_high);
  TRY(push(L, right));
  TRY(push(L, left));
done:
  return st;
}

/* As many as inertia counts up to here? */
static void note_proof(slicer *L, const slice *part)
{
  int64_t wanted = part->below_high - L->low.below;
  if (!part->clean || L->stop)
    return;
  if (L->H.found.converged == wanted && L->intact)
    L->proven = part->high;
  else if (L->H.found.converged < wanted)
    L->intact = 0;
}

static speig_status solve_slices(slicer *L)
{
  speig_status st = SPEIG_OK;
  int loose = isinf(L->low.at) || isinf(L->high.at);
  TRY(push(L, (slice){ L->low.place, L->high.place, L->low.below, L->high.below, 1, loose }));
  while (L->depth > 0 && !L->stop) {
    slice part = L->todo[--L->depth];
    if (part.below_high - part.below_low > (part.loose ? 0 : L->per_slice) &&
        can_be_cut(L, &part)) {
      TRY(cut_slice(L, &part));
      continue;
    }
    if (part.below_high > part.below_low)
      TRY(slice_solve(L, &part));
    note_proof(L, &part);
  }
done:
  return st;
}

/* ---- the answer ---- */

static void tell_interval(slicer *L)
{
  eigsh_run *run = L->run;
  double back = run->scale_b / run->scale_a;
  const inertia_cut *cuts[2] = { &L->low, &L->high };
  for (int i = 0; i < 2; ++i)
    run->interval[i] =
        cuts[i]->least == cuts[i]->most ? run->opts.interval[i] : cuts[i]->place * back;
  run->proven[0] = run->proven[1] = NAN;
  if (run->complete == 1) {
    run->proven[0] = run->interval[0];
    run->proven[1] = run->interval[1];
  } else if (L->low.settled && L->proven > L->low.place) {
    run->proven[0] = run->interval[0];
    run->proven[1] = L->proven * back;
  }
}

static void hand_over(slicer *L)
{
  eigsh_run *run = L->run;
  int settled = L->low.settled && L->high.settled;
  eig_pairs_free(&run->pairs);
  harvest_take(&L->H, &run->pairs);
  run->pairs.reason = L->reason;
  run->plan.k = run->problem.k = (int32_t)(settled ? L->total : run->pairs.converged);
  run->proof = SPEIG_CERTIFIED;
  run->complete = settled && !L->stop && run->pairs.converged == L->total;
  run->shift = L->S.I.shift;
}

speig_status slices_solve(eigsh_run *run, int *leave)
{
  speig_status st = SPEIG_OK;
  slicer L = { 0 };
  *leave = 0;
  run->method = SPEIG_LANCZOS;
  run->transform = SPEIG_TRANSFORM_SHIFT;
  run->problem.which = SPEIG_LM; /* does not count */
  run->pairs.count = run->pairs.converged = 0;
  TRY(slicer_open(run, &L));
  TRY(cut_ends(&L));
  if (L.stop) {
    run->unknown = 1;
    run->pairs.reason = L.reason;
    goto done;
  }
  choose_size(&L);
  if (run->opts.method == SPEIG_METHOD_AUTO &&
      interval_dense_seconds(run->A, run->B, &run->opts, (double)L.total) < slicing_seconds(&L)) {
    *leave = 1;
    goto done;
  }
  TRY(store_open(&L));
  L.proven = L.low.place;
  TRY(solve_slices(&L));
  TRY(slice_search_again(&L));
  hand_over(&L);
  tell_interval(&L);
done:
  slicer_close(&L);
  return st;
}
