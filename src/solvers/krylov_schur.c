/* krylov_schur.c: Krylov-Schur for a few eigenvalues of a general operator.
 *
 * Method: Stewart, SIAM J. Matrix Anal. Appl. 23 (2002) 601-614: an Arnoldi process whose projected
 * matrix is kept in Schur form, ordered so that the wanted eigenvalues come first, and cut off
 * behind them at each restart. Real operators keep a real basis and a quasi-triangular form, where
 * conjugate pairs are 2 x 2 blocks and stay whole. Every new vector is orthogonalised against the
 * whole basis (Daniel, Gragg, Kaufman, Stewart 1976), so breakdown means an invariant subspace: the
 * run goes on in a fresh orthogonal direction.
 *
 * A single starting vector sees one copy of a multiple eigenvalue. So when the wanted ones have
 * converged they are locked, and the run goes on from a fresh random vector in their complement, as
 * long as that brings out better values; in the spirit of McCombs and Stathopoulos, SIAM J. Sci.
 * Comput. 28 (2006).
 *
 * Cost per step j: one product and two to three passes over j basis vectors; per restart: one pass
 * that reads m vectors and writes the kept ones, and 30 m^3 operations on the host.             */
#include "solvers/krylov_schur.h"

#include "base/clock.h"
#include "base/dtype.h"
#include "base/error.h"
#include "base/memory.h"

#include <inttypes.h>
#include <math.h>

static const char METHOD[] = "krylov-schur";

static multivec column(const krylov *L, int32_t j)
{
  return mv_columns(&L->basis, j, 1);
}

static void krylov_close(krylov *L)
{
  mv_free(&L->basis);
  mem_free(L->theta);
  mem_free(L->residual);
  mem_free(L->condition);
  mem_free(L->reach);
  mem_free(L->rank);
  mem_free(L->order);
  mem_free(L->shown);
  small_free(&L->H);
  small_free(&L->T);
  small_free(&L->Z);
  small_free(&L->S);
  small_free(&L->inverse);
  small_free(&L->coupling);
  small_free(&L->row);
  small_free(&L->column);
  small_free(&L->work[0]);
  small_free(&L->work[1]);
}

static speig_status krylov_open(const general_problem *problem, krylov *L)
{
  speig_status st = SPEIG_OK;
  int32_t m = problem->ncv < problem->n ? problem->ncv : (int32_t)problem->n;
  int z = dtype_is_complex(problem->be->ops->dtype);
  *L = (krylov){ .problem = problem,
                 .is_complex = z,
                 .m = m,
                 .norm = problem->norm_floor,
                 .eps = dtype_eps(problem->be->ops->dtype),
                 .last_report = clock_seconds() };
  TRY(mv_alloc(problem->be, problem->n, m + 1, "Krylov basis", &L->basis));
  TRY(MEM_ZARRAY(m, "Ritz values", &L->theta));
  TRY(MEM_ZARRAY(m, "Ritz residuals", &L->residual));
  TRY(MEM_ZARRAY(m, "Ritz conditions", &L->condition));
  TRY(MEM_ZARRAY(m, "Ritz errors", &L->reach));
  TRY(MEM_ZARRAY(m, "Ritz ranks", &L->rank));
  TRY(MEM_ZARRAY(m, "Ritz ranks", &L->order));
  TRY(MEM_ZARRAY(3 * ((int64_t)problem->k + 1), "progress record", &L->shown));
  TRY(small_alloc(m, m, z, &L->H));
  TRY(small_alloc(m, m, z, &L->T));
  TRY(small_alloc(m, m, z, &L->Z));
  TRY(small_alloc(m, m, z, &L->S));
  TRY(small_alloc(m, m, z, &L->inverse));
  TRY(small_alloc(1, m, z, &L->coupling));
  TRY(small_alloc(1, m, z, &L->row));
  TRY(small_alloc(m + 1, 1, z, &L->column));
  TRY(small_alloc(m + 1, 1, z, &L->work[0]));
  TRY(small_alloc(m + 1, 1, z, &L->work[1]));
done:
  return st;
}

/* Orthogonalises column j against those before it; the coefficients go to L->column. */
static speig_status orthogonalize(krylov *L, int32_t j, double *norm)
{
  speig_status st = SPEIG_OK;
  multivec Q = mv_columns(&L->basis, 0, j), w = column(L, j);
  small h = small_view(&L->column, 0, 0, j, 1);
  if (j == 0)
    TRY(mv_norms(&w, norm));
  else
    TRY(mv_orthogonalize(&Q, &w, &h, norm, L->work));
done:
  return st;
}

static speig_status normalize(krylov *L, int32_t j, double norm)
{
  double inverse = 1 / norm;
  multivec w = column(L, j);
  return mv_scale(&inverse, &w);
}

/* Column j becomes a random unit vector orthogonal to all before it; exhausted when there is none.
 */
speig_status krylov_fresh_direction(krylov *L, int32_t j)
{
  enum { MAX_DRAWS = 5 };
  speig_status st = SPEIG_OK;
  multivec w = column(L, j);
  if (j >= L->problem->n) {
    L->exhausted = 1;
    return st;
  }
  for (int draw = 0; draw < MAX_DRAWS; ++draw) {
    double before, after;
    TRY(mv_fill_random(L->problem->seed + UINT64_C(0x9E3779B97F4A7C15) * ++L->draws, &w));
    TRY(mv_norms(&w, &before));
    TRY(orthogonalize(L, j, &after));
    if (after > 1000 * L->eps * before) {
      TRY(normalize(L, j, after));
      goto done;
    }
  }
  FAIL(SPEIG_ERR_NUMERIC,
       "no direction orthogonal to %d basis vectors in a space of dimension %" PRId64, j,
       L->problem->n);
done:
  return st;
}

/* Start vector: the sum of the guesses, or a random vector. */
speig_status krylov_start(krylov *L)
{
  speig_status st = SPEIG_OK;
  multivec v = column(L, 0);
  double one = 1, norm = 0;
  if (L->problem->guess.p > 0) {
    TRY(mv_zero(&v));
    for (int32_t j = 0; j < L->problem->guess.p; ++j) {
      multivec g = mv_columns(&L->problem->guess, j, 1);
      TRY(mv_axpy(&one, &g, &v));
    }
    TRY(mv_norms(&v, &norm));
  }
  if (norm > 0)
    TRY(normalize(L, 0, norm));
  else
    TRY(krylov_fresh_direction(L, 0));
done:
  return st;
}

/* One step: op v_j = V H(:, j) + beta v_{j+1}. */
static speig_status expand(krylov *L)
{
  speig_status st = SPEIG_OK;
  int32_t j = L->filled;
  multivec v = column(L, j), w = column(L, j + 1);
  small h = small_view(&L->column, 0, 0, j + 1, 1), target = small_view(&L->H, 0, j, j + 1, 1);
  double beta, size;
  TRY(L->problem->op->apply(L->problem->op, &v, &w));
  TRY(mv_norms(&w, &size));
  if (!isfinite(size))
    FAIL(SPEIG_ERR_NUMERIC, "product number %" PRId64 " is not finite (norm %g)",
         *L->problem->counted, size);
  TRY(orthogonalize(L, j + 1, &beta));
  L->norm = fmax(L->norm, size);
  small_copy(&h, &target);
  if (j + 1 < L->m)
    small_set(&L->H, j + 1, j, beta);
  L->beta = beta;
  L->filled = j + 1;
  if (j + 1 >= L->problem->n || beta <= 4 * L->eps * L->norm) {
    /* An invariant subspace: what it holds is exact; go on in a fresh direction. */
    L->beta = 0;
    if (j + 1 < L->m)
      small_set(&L->H, j + 1, j, 0);
    TRY(krylov_fresh_direction(L, j + 1));
  } else {
    TRY(normalize(L, j + 1, beta));
  }
done:
  return st;
}

/* ---- restarts ---- */

/* A cut behind `kept` columns of a sorted form that goes through no pair. Values too close to be
 * exchanged may stand elsewhere than was asked for, so only the form itself can tell. */
static int32_t whole_pairs(const krylov *L, int32_t kept, int32_t most)
{
  if (kept == 0 || !pair_starts(L->is_complex, L->theta, kept - 1))
    return kept;
  return kept < most ? kept + 1 : kept - 1;
}

/* The first `kept` of the order, or one more or less, become the basis: its Schur form, and the row
 * that couples it to the vector behind it. */
speig_status krylov_truncate(krylov *L, int32_t kept, const int32_t *order)
{
  speig_status st = SPEIG_OK;
  int32_t f = L->filled;
  double factor = L->beta;
  multivec V = mv_columns(&L->basis, 0, f), from = column(L, f), to;
  small T = small_view(&L->T, 0, 0, f, f), Z = small_view(&L->Z, 0, 0, f, f);
  small C, top, target, row, last;
  TRY(schur_sort(&T, &Z, kept, order, L->theta));
  kept = whole_pairs(L, kept, f - 1);
  to = column(L, kept);
  C = small_view(&L->Z, 0, 0, f, kept);
  top = small_view(&L->T, 0, 0, kept, kept);
  target = small_view(&L->H, 0, 0, kept, kept);
  row = small_view(&L->H, kept, 0, 1, kept);
  last = small_view(&L->Z, f - 1, 0, 1, kept);
  TRY(mv_rotate(&V, &C));
  if (kept != f && !L->exhausted)
    TRY(mv_copy(&from, &to));
  small_zero(&L->H);
  small_copy(&top, &target);
  if (kept < L->m) {
    small_copy(&last, &row);
    small_scale_rows(&row, &factor);
  }
  L->kept = L->filled = kept;
done:
  return st;
}

/* What is locked stays in front, then the best of the others. */
speig_status krylov_restart(krylov *L)
{
  speig_status st = SPEIG_OK;
  int32_t kept = krylov_choose_kept(L), count = 0, *order = L->order;
  for (int32_t i = 0; i < L->locked; ++i)
    order[count++] = i;
  for (int32_t i = 0; i < L->filled; ++i)
    if (L->rank[i] >= L->locked)
      order[count++] = L->rank[i];
  TRY(krylov_truncate(L, kept, order));
  ++L->restarts;
done:
  return st;
}

/* ---- the run ---- */

static void tell(krylov *L)
{
  const general_problem *problem = L->problem;
  L->last_report = clock_seconds();
  general_report(problem, METHOD, L->locked > 0 ? "validate" : problem->watch.phase, L->restarts,
                 L->shown_wanted, L->shown_converged, L->shown, L->norm, &L->stop, &L->reason);
}

void krylov_report(krylov *L)
{
  const general_problem *problem = L->problem;
  int32_t wanted = krylov_wanted(L);
  double *re = L->shown, *im = re + problem->k + 1, *residual = im + problem->k + 1;
  for (int32_t i = 0; i < wanted; ++i) {
    re[i] = L->theta[L->rank[i]].re;
    im[i] = L->theta[L->rank[i]].im;
    residual[i] = L->residual[L->rank[i]];
  }
  L->shown_wanted = wanted;
  L->shown_converged = krylov_converged_among_best(L);
  tell(L);
}

/* Inside a cycle: the limits every step, the callback when the last word is a quarter of a second
 * old. */
static void report_within_cycle(krylov *L)
{
  const general_problem *problem = L->problem;
  double now = clock_seconds();
  if (*problem->counted >= problem->watch.max_matvecs) {
    L->stop = 1;
    L->reason = SPEIG_STOP_MAX_MATVECS;
  } else if (problem->watch.deadline > 0 && now >= problem->watch.deadline) {
    L->stop = 1;
    L->reason = SPEIG_STOP_TIME_LIMIT;
  } else if (now > L->last_report + 0.25) {
    tell(L);
  }
}

static int32_t room(const krylov *L)
{
  return eig_basis_room(L->problem->ncv_first, L->m, L->restarts);
}

/* Whether the projected problem is worth solving before the basis is full. A probe has to have gone
 * some way before it can tell that nothing is there. */
static int look_is_due(const krylov *L)
{
  int32_t look = L->problem->look, gone = L->filled - L->locked;
  if (look == 0 || L->fill_up || L->filled >= room(L) || L->exhausted || L->stop)
    return 0;
  return L->locked > 0 ? gone == 2 * look || gone == 3 * look
                       : L->filled >= L->problem->k + look / 2 && (L->filled - L->kept) % look == 0;
}

static int is_enough(const krylov *L)
{
  probe_verdict verdict;
  if (L->locked == 0)
    return krylov_converged_among_best(L) == krylov_wanted(L);
  verdict = krylov_probe_verdict(L);
  return verdict != PROBE_UNCLEAR && verdict != PROBE_IN_SIGHT;
}

speig_status krylov_fill(krylov *L)
{
  speig_status st = SPEIG_OK;
  int is_due = L->look_first && L->filled > L->kept;
  L->look_first = 0;
  while (L->filled < room(L) && !L->exhausted && !L->stop) {
    if (!is_due) {
      checkpoint_offer(L->problem->checkpoint);
      TRY(expand(L));
      report_within_cycle(L);
    }
    is_due = 0;
    if (!look_is_due(L))
      continue;
    TRY(krylov_ritz(L));
    if (is_enough(L))
      goto done;
  }
  TRY(krylov_ritz(L));
done:
  return st;
}

speig_status krylov_iterate(krylov *L, int settled, int *converged)
{
  speig_status st = SPEIG_OK;
  int finished;
  if (!L->is_resumed)
    L->patience = -1; /* for the subspace, once the vectors have converged */
  L->is_resumed = 0;
  for (;;) {
    TRY(krylov_fill(L));
    *converged = L->filled >= L->problem->k && krylov_converged_among_best(L) == krylov_wanted(L);
    finished = *converged;
    if (!*converged)
      L->patience = -1; /* rounding brought up another copy: a new start */
    if (*converged && settled && !L->exhausted) {
      int64_t products = *L->problem->counted;
      L->patience = L->patience < 0 ? 2 * products + 4 * (int64_t)L->m : L->patience;
      TRY(krylov_settled(L, &L->settled));
      finished = L->settled || products > L->patience;
      L->fill_up |= !L->settled;
    }
    if (finished && !L->stop)
      krylov_report(L); /* the last word; what it is answered changes nothing */
    if (finished || L->stop || L->exhausted)
      break;
    krylov_report(L);
    if (L->stop)
      break;
    TRY(krylov_restart(L));
  }
done:
  return st;
}

static speig_status extract(krylov *L, general_basis *basis)
{
  speig_status st = SPEIG_OK;
  int32_t f = L->filled, *places = NULL, count;
  multivec V = mv_columns(&L->basis, 0, f), Q;
  small T = small_view(&L->T, 0, 0, f, f), Z = small_view(&L->Z, 0, 0, f, f), C;
  TRY(MEM_ARRAY((int64_t)L->problem->k + 1, "order of the answer", &places));
  count = krylov_select(L, places, &basis->count);
  basis->wanted = count > L->problem->k ? count : L->problem->k;
  basis->unconverged = count - basis->count;
  basis->condition = NAN;
  if (basis->count > 0)
    TRY(krylov_errors(L));
  for (int32_t i = 0; i < basis->count; ++i)
    basis->condition = fmax(basis->condition, L->condition[places[i]]);
  for (int32_t i = 0; i < count; ++i) {
    basis->theta[i] = L->theta[places[i]];
    basis->residual[i] = L->residual[places[i]];
  }
  TRY(schur_sort(&T, &Z, basis->count, places, L->theta));
  basis->count = whole_pairs(L, basis->count, basis->capacity);
  basis->unconverged = count > basis->count ? count - basis->count : 0;
  C = small_view(&L->Z, 0, 0, f, basis->count);
  Q = mv_columns(&basis->Q, 0, basis->count);
  if (basis->count > 0)
    TRY(mv_mul(1, &V, &C, 0, &Q));
done:
  mem_free(places);
  return st;
}

speig_status krylov_schur_solve(const general_problem *given, general_basis *basis)
{
  speig_status st = SPEIG_OK;
  general_problem adapted = *given, *problem = &adapted;
  krylov L = { 0 };
  int converged = 0;
  double before;
  leg_entry entry;
  speig_reason reason; /* why it stopped, whatever had converged by then */
  int stopped;
  TRY(krylov_enter(problem, basis, &entry));
  if (entry == LEG_ANSWERED)
    goto done;
  if (entry != LEG_NEW && problem->ncv < checkpoint_columns(problem->checkpoint))
    adapted.ncv = checkpoint_columns(problem->checkpoint);
  TRY(krylov_open(problem, &L));
  TRY(krylov_begin(&L, entry));
  if (L.stage == KRYLOV_SEEKS)
    TRY(krylov_iterate(&L, problem->probe, &converged));
  else
    converged = 1; /* they had, before it was cut off */
  stopped = L.stop;
  reason = L.reason;
  if (converged || L.exhausted)
    L.reason = SPEIG_STOP_CONVERGED;
  before = clock_seconds();
  if (L.exhausted && !L.stop)
    basis->complete = 1;
  else if (converged && (L.settled || L.stage != KRYLOV_SEEKS) && !L.stop)
    TRY(krylov_probe(&L, &basis->complete));
  basis->seconds_probe = clock_seconds() - before;
  TRY(extract(&L, basis));
  basis->norm = L.norm;
  basis->iterations = L.restarts;
  basis->reason = L.reason;
  TRY(krylov_leave(problem, basis, stopped ? reason : L.reason));
done:
  krylov_close(&L);
  return st;
}
