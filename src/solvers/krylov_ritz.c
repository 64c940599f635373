/* krylov_ritz.c: the projected problem of Krylov-Schur: Ritz values, what has converged, what may
 * be missing, and how much to keep. Host numbers only; O(m^3) per restart. */
#include "solvers/krylov_schur.h"

#include "base/error.h"
#include "dense/condition.h"

#include <math.h>

static void copy_part(const small *A, int32_t row, int32_t col, int32_t rows, int32_t cols,
                      small *B)
{
  small from = small_view(A, row, col, rows, cols), to = small_view(B, row, col, rows, cols);
  small_copy(&from, &to);
}

/* T = Z^H H Z where Z leaves the locked columns alone: their block of H is in Schur form already
 * and nothing couples it to the rest from below. */
static speig_status schur_form(krylov *L)
{
  speig_status st = SPEIG_OK;
  int32_t f = L->filled, l = L->locked;
  small T = small_view(&L->T, 0, 0, f, f), Z = small_view(&L->Z, 0, 0, f, f);
  small active = small_view(&L->T, l, l, f - l, f - l),
        turn = small_view(&L->Z, l, l, f - l, f - l);
  small above = small_view(&L->H, 0, l, l, f - l), turned = small_view(&L->T, 0, l, l, f - l);
  small_identity(&Z);
  copy_part(&L->H, 0, 0, f, f, &L->T);
  TRY(schur_decompose(&active, &turn, L->theta + l));
  if (l > 0 && f > l)
    small_mul(1, &above, 0, &turn, 0, 0, &turned);
  schur_values(&T, L->theta);
done:
  return st;
}

/* Eigenvectors of T, residuals of the Ritz vectors, ranks. */
static speig_status ritz_vectors(krylov *L)
{
  speig_status st = SPEIG_OK;
  int32_t f = L->filled;
  small T = small_view(&L->T, 0, 0, f, f), S = small_view(&L->S, 0, 0, f, f);
  small last = small_view(&L->Z, f - 1, 0, 1, f), coupling = small_view(&L->coupling, 0, 0, 1, f);
  small row = small_view(&L->row, 0, 0, 1, f);
  double factor = L->exhausted ? 0 : L->beta;
  TRY(schur_vectors(&T, L->theta, &S));
  small_copy(&last, &coupling);
  small_scale_rows(&coupling, &factor);
  small_mul(1, &coupling, 0, &S, 0, 0, &row);
  for (int32_t i = 0; i < f; ++i) {
    small entry = small_view(&row, 0, i, 1, 1);
    L->residual[i] = small_max_abs(&entry);
    if (pair_ends(L->is_complex, L->theta, i))
      L->residual[i] = L->residual[i - 1] = hypot(L->residual[i - 1], L->residual[i]);
  }
  for (int32_t i = 0; i < f; ++i)
    L->norm = fmax(L->norm, hypot(L->theta[i].re, L->theta[i].im));
  TRY(general_rank(L->problem->which, L->is_complex, f, L->theta, L->rank));
done:
  return st;
}

/* To first order an eigenvalue lies within residual / |y^H x| of a Ritz value, where x and y are
 * its right and left vectors of length 1: far from normal that is much more than the residual.
 * Twice that where x and y differ: the first order has been seen to fall short. */
speig_status krylov_errors(krylov *L)
{
  speig_status st = SPEIG_OK;
  int32_t f = L->filled;
  small S = small_view(&L->S, 0, 0, f, f), inverse = small_view(&L->inverse, 0, 0, f, f);
  double rcond;
  small_copy(&S, &inverse);
  TRY(general_inverse(&inverse, &rcond));
  for (int32_t i = 0; i < f; ++i) {
    if (!(rcond > 0))
      L->condition[i] = L->reach[i] = INFINITY;
    else if (pair_ends(L->is_complex, L->theta, i))
      L->condition[i] = L->condition[i - 1];
    else
      L->condition[i] = packed_condition(&inverse, i, pair_starts(L->is_complex, L->theta, i));
    if (rcond > 0)
      L->reach[i] = L->residual[i] * fmax(2 * L->condition[i] - 1, 1);
  }
done:
  return st;
}

speig_status krylov_ritz(krylov *L)
{
  speig_status st = SPEIG_OK;
  TRY(schur_form(L));
  TRY(ritz_vectors(L));
  if (L->locked > 0)
    TRY(krylov_errors(L));
done:
  return st;
}

speig_status krylov_settled(krylov *L, int *settled)
{
  speig_status st = SPEIG_OK;
  int32_t f = L->filled, wanted = krylov_wanted(L);
  small T = small_view(&L->T, 0, 0, f, f), Z = small_view(&L->Z, 0, 0, f, f), head;
  TRY(schur_sort(&T, &Z, wanted, L->rank, L->theta));
  TRY(ritz_vectors(L));
  head = small_view(&L->coupling, 0, 0, 1, wanted);
  L->head = wanted;
  *settled = small_max_abs(&head) <= L->problem->tol * L->norm &&
             !pair_starts(L->is_complex, L->theta, wanted - 1);
done:
  return st;
}

int krylov_converged(const krylov *L, int32_t i)
{
  double size = hypot(L->theta[i].re, L->theta[i].im);
  return L->residual[i] <=
         L->problem->tol * ((L->problem->relative ? L->problem->size : L->norm) + size);
}

int32_t krylov_wanted(const krylov *L)
{
  int32_t k = L->problem->k < L->filled ? L->problem->k : L->filled;
  return general_wanted(L->is_complex, k, L->theta, L->rank);
}

int32_t krylov_converged_among_best(const krylov *L)
{
  int32_t count = 0, wanted = krylov_wanted(L);
  for (int32_t i = 0; i < wanted; ++i)
    count += krylov_converged(L, L->rank[i]);
  return count;
}

/* How much better a value must be to count as missed: what the residuals of the known ones and
 * rounding allow. */
static double margin(const krylov *L)
{
  return fmax(8 * L->locked_residual, 256 * L->eps * L->norm);
}

/* The key of the last wanted one among all that is locked or has converged. */
static double cut_key(const krylov *L)
{
  int32_t count = 0;
  double key = L->locked_key;
  for (int32_t j = 0; j < L->filled && count < L->locked; ++j) {
    int32_t i = L->rank[j];
    if (i >= L->locked && !krylov_converged(L, i))
      continue;
    key = general_key(L->problem->which, L->is_complex, L->theta[i]);
    ++count;
  }
  return fmax(key, L->locked_key);
}

/* How much better than what is known; above 0: clearly. */
static double better_by(const krylov *L, int32_t i, double known_key)
{
  return general_key(L->problem->which, L->is_complex, L->theta[i]) - known_key - margin(L);
}

/* How far the spectrum reaches, in view of the residuals, along the lines of equal key, which do
 * not curve and so do not help a subspace to tell values apart. On the circles of LM all stand out.
 */
static double spread(const krylov *L)
{
  double low = INFINITY, high = -INFINITY;
  if (L->problem->which == SPEIG_EIGS_LM)
    return 0;
  for (int32_t i = 0; i < L->filled; ++i) {
    double re = L->theta[i].re, im = L->theta[i].im;
    double along = im;
    if (L->problem->which == SPEIG_EIGS_LI || L->problem->which == SPEIG_EIGS_SI)
      along = re;
    else if (L->problem->which == SPEIG_EIGS_SM)
      along = hypot(re, im);
    low = fmin(low, along + L->residual[i]);
    high = fmax(high, along - L->residual[i]);
  }
  return fmax(high - low, 0);
}

/* Whether a subspace can see what it would have to: an eigenvalue hidden among others along a
 * straight edge of the spectrum stands out only to polynomials of a degree that is the length of
 * the edge over its lead, like one inside a real spectrum. Restarted ones do not reach far beyond
 * the basis: on a nearly real spectrum, LI finds the left end again and again, and nothing else. */
static int could_be_seen(const krylov *L, double lead)
{
  return 4.0 * L->m * lead >= spread(L);
}

/* Whether no value could have a better key than those known: real ones, where SI is wanted. */
static int nothing_is_better(const krylov *L)
{
  int upper_limit =
      L->problem->which == SPEIG_EIGS_SM || (L->problem->which == SPEIG_EIGS_SI && !L->is_complex);
  return upper_limit && -L->locked_key <= margin(L);
}

/* A run from a random vector brings out the outer eigenvalues first, so the best value that has not
 * converged decides: even moved by its error, to first order, it must not be better than what is
 * known. That is no bound, and why a probe is a check and no proof. */
probe_verdict krylov_probe_verdict(const krylov *L)
{
  int found = 0;
  double cut = cut_key(L);
  if (nothing_is_better(L))
    return PROBE_COMPLETE;
  for (int32_t j = 0; j < L->filled; ++j) {
    int32_t i = L->rank[j];
    if (i < L->locked)
      continue;
    if (krylov_converged(L, i)) {
      found |= better_by(L, i, L->locked_key) > 0;
      continue;
    }
    if (better_by(L, i, cut) > L->residual[i])
      return PROBE_IN_SIGHT;
    if (better_by(L, i, cut) + L->reach[i] > 0)
      return PROBE_UNCLEAR;
    if (!found && !could_be_seen(L, -better_by(L, i, cut)))
      return PROBE_BLIND;
    break;
  }
  return found ? PROBE_FOUND : PROBE_COMPLETE;
}

int32_t krylov_choose_kept(const krylov *L)
{
  int32_t f = L->filled, done = L->locked > 0 ? L->locked : krylov_converged_among_best(L);
  int32_t kept = done + (f - done) / 2, most = f - 1;
  int32_t least = L->locked > 0 ? L->locked : krylov_wanted(L);
  if (kept < least)
    kept = least;
  return kept < most ? kept : most;
}

/* Whether a value counts for the answer: after a probe that was cut short, what has not converged
 * does so only where even its residual leaves no doubt that it is better. */
static int counts(const krylov *L, int32_t i, double cut)
{
  return L->locked == 0 || krylov_converged(L, i) || better_by(L, i, cut) > L->residual[i];
}

int32_t krylov_select(const krylov *L, int32_t *places, int32_t *converged)
{
  int32_t count = 0, wanted, best = 0;
  int32_t *order = L->order;
  double cut = L->locked > 0 ? cut_key(L) : 0;
  for (int32_t i = 0; i < L->filled; ++i)
    if (counts(L, L->rank[i], cut))
      order[best++] = L->rank[i];
  wanted = L->problem->k < best ? L->problem->k : best;
  wanted = general_wanted(L->is_complex, wanted, L->theta, order);
  *converged = 0;
  for (int want = 1; want >= 0; --want)
    for (int32_t i = 0; i < wanted; ++i)
      if (krylov_converged(L, order[i]) == want) {
        places[count++] = order[i];
        *converged += want;
      }
  return count;
}
