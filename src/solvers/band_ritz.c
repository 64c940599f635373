/* band_ritz.c: the projected problem of a search of a band: Ritz values of p(A), what is ripe to be
 * judged by A itself, and what stays at a restart. O(m^3) numbers of the host per look. */
#include "solvers/band_search.h"

#include "backend/expand.h"
#include "base/error.h"

#include <math.h>

/* ---- the projected problem ---- */

/* ||p(A) y - mu y|| of Ritz vector i, from what was left of the last block. */
static double residual_of(band_search *L, int32_t i)
{
  int32_t last = L->last;
  small tail = small_view(&L->S, L->filled - last, i, last, 1);
  small R = small_view(&L->R, 0, 0, last, last), work = small_view(&L->G, 0, 0, last, 1);
  small square = small_view(&L->U, 0, 0, 1, 1);
  if (L->exhausted)
    return 0;
  small_mul(1, &R, 0, &tail, 0, 0, &work);
  small_mul(1, &tail, 1, &work, 0, 0, &square);
  return sqrt(fmax(0, small_get(&square, 0, 0)));
}

static int in_band(const band_search *L, double mu)
{
  return mu >= 0.999 * L->goal->F->bar;
}

static int is_ripe(const band_search *L, int32_t i)
{
  return in_band(L, L->mu[i]) && L->residual[i] <= L->goal_residual;
}

speig_status band_ritz(band_search *L)
{
  enum { LEAST_STEPS = 4, LEAST_COLUMNS = 32 };
  const double LARGEST = 2; /* p is below that within the spectrum */
  speig_status st = SPEIG_OK;
  small T = small_view(&L->T, 0, 0, L->filled, L->filled);
  small S = small_view(&L->S, 0, 0, L->filled, L->filled);
  small_copy(&T, &S);
  TRY(small_eigh(&S, L->mu));
  for (int32_t i = 0; i < L->filled; ++i)
    L->residual[i] = residual_of(L, i);
  L->out->outlier |= L->mu[L->filled - 1] > LARGEST;
  L->open = !L->exhausted &&
            (L->steps < LEAST_STEPS || L->columns < LEAST_COLUMNS || in_band(L, L->mu[0]));
  for (int32_t i = 0; i < L->filled && !L->open; ++i)
    L->open = in_band(L, L->mu[i] + L->residual[i]) && L->residual[i] > L->goal_residual;
done:
  return st;
}

speig_status band_settle(band_search *L, int32_t *ripe, int32_t *taken)
{
  speig_status st = SPEIG_OK;
  harvest *H = L->goal->H;
  multivec V = mv_columns(&L->V, 0, L->filled), X = { 0 };
  small C;
  *ripe = *taken = 0;
  for (int32_t i = 0; i < L->filled; ++i) {
    small from = small_view(&L->S, 0, i, L->filled, 1), to;
    if (!is_ripe(L, i))
      continue;
    to = small_view(&L->C, 0, (*ripe)++, L->filled, 1);
    small_copy(&from, &to);
  }
  if (*ripe == 0)
    return st;
  C = small_view(&L->C, 0, 0, L->filled, *ripe);
  TRY(mv_alloc(V.be, V.n, *ripe, "pairs of a band", &X));
  TRY(mv_mul(1, &V, &C, 0, &X));
  if (H->found.converged + *ripe > H->found.capacity)
    TRY(harvest_reserve(H, H->found.converged + *ripe + H->found.converged / 2));
  TRY(harvest_add(H, &X, -INFINITY, INFINITY, taken));
  L->out->taken += *taken;
done:
  mv_free(&X);
  return st;
}

/* ---- restarts ---- */

int32_t band_count_wanted(const band_search *L)
{
  int32_t wanted = 0;
  for (int32_t i = 0; i < L->filled; ++i)
    wanted += L->mu[i] >= 0.7 * L->goal->F->bar;
  return wanted;
}

/* The wanted ones that are left, and a part of the others; room for three blocks at least. */
static int32_t choose_kept(const band_search *L)
{
  int32_t wanted = band_count_wanted(L), kept, most = L->m - 3 * L->b;
  kept = wanted + (L->filled - wanted) / 3;
  most = most < 2 * L->m / 3 ? most : 2 * L->m / 3;
  kept = kept < most ? kept : most;
  return kept > 1 ? kept : 1;
}

/* What is left of the ripe Ritz vectors beside the last `taken` of what was found, all of which lie
 * in their span: coefficients go behind those of D, which has room. */
static speig_status add_leftovers(band_search *L, int32_t ripe, int32_t taken, small *D)
{
  speig_status st = SPEIG_OK;
  const eig_pairs *found = &L->goal->H->found;
  const int wide = mv_is_complex(L->V.be);
  int32_t m = L->filled, left = ripe - taken;
  multivec V = mv_columns(&L->V, 0, m);
  multivec X = mv_columns(&found->X, found->converged - taken, taken);
  small C = small_view(&L->C, 0, 0, m, ripe), P = small_view(&L->G, 0, 0, ripe, ripe);
  small in_basis = { 0 }, in_ripe = { 0 }, E, to = small_view(D, 0, D->cols, m, left);
  if (left == 0)
    return st;
  TRY(small_alloc(m, taken, wide, &in_basis));
  TRY(small_alloc(ripe, taken, wide, &in_ripe));
  TRY(mv_gram(&V, &X, &in_basis));
  small_mul(1, &C, 1, &in_basis, 0, 0, &in_ripe);
  small_identity(&P);
  small_mul(-1, &in_ripe, 0, &in_ripe, 1, 1, &P);
  TRY(small_eigh(&P, L->mu)); /* zeros and ones */
  E = small_view(&P, 0, taken, ripe, left);
  small_mul(1, &C, 0, &E, 0, 0, &to);
  D->cols += left;
done:
  small_free(&in_basis);
  small_free(&in_ripe);
  return st;
}

/* The next block follows what is kept. */
static speig_status move_block(band_search *L, int32_t to)
{
  speig_status st = SPEIG_OK;
  for (int32_t j = 0; j < L->next && to < L->filled; ++j) {
    multivec source = mv_columns(&L->V, L->filled + j, 1), target = mv_columns(&L->V, to + j, 1);
    TRY(mv_copy(&source, &target));
  }
done:
  return st;
}

speig_status band_restart(band_search *L, int32_t ripe, int32_t taken)
{
  speig_status st = SPEIG_OK;
  int32_t m = L->filled, kept = choose_kept(L);
  multivec V = mv_columns(&L->V, 0, m);
  small D = small_view(&L->Z, 0, 0, m, 0), T = small_view(&L->T, 0, 0, m, m), product;
  for (int32_t i = m - 1; i >= 0 && D.cols + ripe - taken < kept; --i) {
    small from = small_view(&L->S, 0, i, m, 1), to = small_view(&L->Z, 0, D.cols, m, 1);
    if (is_ripe(L, i))
      continue;
    small_copy(&from, &to);
    ++D.cols;
  }
  TRY(add_leftovers(L, ripe, taken, &D));
  if (D.cols > 0)
    TRY(mv_rotate(&V, &D));
  product = small_view(&L->U, 0, 0, m, D.cols);
  small_mul(1, &T, 0, &D, 0, 0, &product);
  T = small_view(&L->T, 0, 0, D.cols, D.cols);
  small_mul(1, &D, 1, &product, 0, 0, &T);
  small_make_hermitian(&T);
  TRY(move_block(L, D.cols));
  L->filled = D.cols;
  ++L->out->restarts;
done:
  return st;
}
