/* omega.c: partial reorthogonalisation: how far the vectors of a Lanczos run have lost their
 * orthogonality, told from the projected matrix alone.
 *
 * Simon, Math. Comp. 42 (1984), carried through thick restarts as Wu and Simon (2000) do. With
 * w(j, i) = |v_i^H v_j|, the product A V = V T + beta_j v_{j+1} e_j^H + rounding gives
 *
 *     beta_j w(j+1, i) = sum_l T(l, i) w(j, l) - alpha_j w(j, i) - beta_{j-1} w(j-1, i) + noise,
 *
 * with noise of the same sign, so that it adds up. Until an estimate passes eta, a vector is
 * orthogonalised against its two neighbours alone; then this one and the next one are against all.
 * What stays undone, eta at most, is eta ||A|| in the residuals.
 * Cost: O(j) numbers of the host per step, where full orthogonalisation passes over j vectors. */
#include "solvers/lanczos.h"

#include "base/error.h"
#include "base/memory.h"

#include <math.h>

speig_status omega_open(int32_t m, double eta, omega *W)
{
  speig_status st = SPEIG_OK;
  *W = (omega){ .eta = eta };
  if (eta <= 0)
    return st;
  TRY(MEM_ZARRAY(m + 1, "orthogonality", &W->now));
  TRY(MEM_ZARRAY(m + 1, "orthogonality", &W->before));
done:
  return st;
}

void omega_close(omega *W)
{
  mem_free(W->now);
  mem_free(W->before);
  *W = (omega){ 0 };
}

/* The noise of a product: rounding errors of a few eps of the largest T has shown. */
static double noise(const lanczos *L)
{
  return 4 * L->eps * L->norm_op;
}

void omega_settle(lanczos *L, int32_t j)
{
  omega *W = &L->omega;
  for (int32_t i = 0; i < j; ++i) {
    W->now[i] = L->eps;
    if (!W->passed)
      W->before[i] = L->eps; /* the one before was treated likewise */
  }
  W->again = W->passed;
  W->passed = 0;
}

/* sum_l T(l, i) w(l) for the arrow and the tridiagonal part of T, w(j) = 1. */
static double coupled(const lanczos *L, const double *w, int32_t i)
{
  const double *diag = L->diag, *off = L->off;
  double sum = diag[i] * w[i];
  if (i < L->kept)
    return sum + off[i] * w[L->kept];
  for (int32_t l = 0; i == L->kept && l < i; ++l)
    sum += off[l] * w[l];
  if (i > L->kept)
    sum += off[i - 1] * w[i - 1];
  return sum + off[i] * w[i + 1];
}

/* What is magnified least must not drown in what the most magnified leaves: a filter's values reach
 * over three orders, and the tighter limit costs few passes more (docs/performance.md). */
static double allowed(const lanczos *L)
{
  const double FILTERED = 1e-12;
  return L->filter.degree > 0 ? fmin(L->omega.eta, FILTERED) : L->omega.eta;
}

int omega_advance(lanczos *L, int32_t j)
{
  omega *W = &L->omega;
  double *now = W->now, *next = W->before, beta = L->off[j], worst = 0;
  now[j] = 1;
  for (int32_t i = 0; i < j; ++i) {
    double before = i < j - 1 ? W->before[i] : 1, w;
    w = coupled(L, now, i) - L->diag[j] * now[i] - L->off[j - 1] * before;
    w = (w + copysign(noise(L), w)) / beta;
    worst = fmax(worst, fabs(w));
    next[i] = w; /* before[i] is not read again: coupled() reads `now` alone */
  }
  next[j] = noise(L) / beta;
  W->now = next;
  W->before = now;
  W->passed = !W->again && !(worst <= allowed(L));
  return W->passed;
}
