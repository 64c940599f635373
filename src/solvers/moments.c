/* moments.c: Chebyshev moments by random vectors.
 *
 * t_0 = x, t_1 = X x, t_{m+1} = 2 X t_m - t_{m-1}; two moments from each vector by
 * T_{2m} = 2 T_m^2 - 1 and T_{2m+1} = 2 T_{m+1} T_m - T_1. Weisse, Wellein, Alvermann, Fehske, Rev.
 * Mod. Phys. 78 (2006). Bounds: Zhou and Li, SIAM J. Matrix Anal. Appl. 32 (2011).
 * Cost: degree / 2 products on blocks of columns, each with three sweeps over two blocks. */
#include "solvers/moments.h"

#include "base/dtype.h"
#include "base/error.h"
#include "base/memory.h"

#include <math.h>

enum {
  BOUND_STEPS = 40,
  BLOCK = 8, /* vectors multiplied at once */
  TRIES = 8 /* at an interval that holds the spectrum */
};

/* ---- bounds ---- */

typedef struct tridiagonal {
  double alpha[BOUND_STEPS], beta[BOUND_STEPS]; /* beta[j] joins j and j + 1 */
  int32_t count;
} tridiagonal;

/* Lanczos without reorthogonalisation, which extreme Ritz values do not need. */
static speig_status tridiagonalize(bound_operator *A, uint64_t seed, tridiagonal *T)
{
  speig_status st = SPEIG_OK;
  multivec V = { 0 }, v[3];
  const int64_t n = operator_cols(A);
  double norm, size = 0;
  int32_t steps = n < BOUND_STEPS ? (int32_t)n : BOUND_STEPS;
  TRY(mv_alloc(A->be, n, 3, "vectors for bounds", &V));
  for (int32_t i = 0; i < 3; ++i)
    v[i] = mv_columns(&V, i, 1);
  TRY(mv_fill_random(seed, &v[0]));
  TRY(mv_norms(&v[0], &norm));
  norm = 1 / norm;
  TRY(mv_scale(&norm, &v[0]));
  T->count = 0;
  for (int32_t j = 0; j < steps; ++j) {
    const multivec *q = &v[j % 3];
    multivec *w = &v[(j + 1) % 3];
    TRY(operator_lanczos_step(A, q, j > 0 ? T->beta[j - 1] : 0, j > 0 ? &v[(j + 2) % 3] : NULL, w,
                              &T->alpha[j]));
    double minus = -T->alpha[j];
    TRY(mv_axpy_norm(minus, q, w, &T->beta[j]));
    if (!isfinite(T->alpha[j]) || !isfinite(T->beta[j]))
      FAIL(SPEIG_ERR_NUMERIC, "a product of a random vector holds NaN or Inf");
    T->count = j + 1;
    size = fmax(size, fmax(fabs(T->alpha[j]), T->beta[j]));
    if (T->beta[j] <= 4 * dtype_eps(A->be->ops->dtype) * size) {
      T->beta[j] = 0;
      break;
    }
    norm = 1 / T->beta[j];
    TRY(mv_scale(&norm, w));
  }
done:
  mv_free(&V);
  return st;
}

speig_status moments_bounds(bound_operator *A, uint64_t seed, double *low, double *high)
{
  speig_status st = SPEIG_OK;
  tridiagonal T;
  small S = { 0 };
  double theta[BOUND_STEPS], rest, margin;
  int32_t m;
  TRY(tridiagonalize(A, seed, &T));
  m = T.count;
  TRY(small_alloc(m, m, 0, &S));
  for (int32_t j = 0; j < m; ++j) {
    small_set(&S, j, j, T.alpha[j]);
    if (j + 1 < m)
      small_set(&S, j + 1, j, T.beta[j]);
  }
  TRY(small_eigh(&S, theta));
  rest = T.beta[m - 1];
  /* Twice what Zhou and Li found enough, and a hundredth of the width: an eigenvalue outside would
   * spoil all moments, while a width too large by that much costs as much resolution. */
  margin = 0.01 * (theta[m - 1] - theta[0]);
  if (!(margin > 0)) /* one eigenvalue alone; zero has no size of its own */
    margin = fabs(theta[0]) > 64 * dtype_min(A->be->ops->dtype) ? fabs(theta[0]) / 16 : 1;
  *low = theta[0] - 2 * rest * fabs(small_get(&S, m - 1, 0)) - margin;
  *high = theta[m - 1] + 2 * rest * fabs(small_get(&S, m - 1, m - 1)) + margin;
done:
  small_free(&S);
  return st;
}

/* ---- moments ---- */

speig_status moments_alloc(int32_t degree, int32_t capacity, double low, double high, moments *M)
{
  speig_status st = SPEIG_OK;
  *M = (moments){ .degree = degree, .capacity = capacity, .low = low, .high = high };
  TRY(MEM_ZARRAY(((int64_t)degree + 1) * capacity, "moments", &M->mu));
done:
  return st;
}

void moments_free(moments *M)
{
  mem_free(M->mu);
  *M = (moments){ .degree = 0 };
}

/* Random columns first .. first + p - 1 of length 1: the fill is a function of row and column, so
 * each block has a seed of its own. */
static speig_status start_vectors(uint64_t seed, int32_t first, multivec *X, double *norm)
{
  speig_status st = SPEIG_OK;
  TRY(mv_fill_random(seed + 0x9E3779B97F4A7C15u * (uint64_t)(first + 1), X));
  TRY(mv_norms(X, norm));
  for (int32_t j = 0; j < X->p; ++j)
    norm[j] = norm[j] > 0 ? 1 / norm[j] : 0;
  TRY(mv_scale(norm, X));
done:
  return st;
}

/* ||T_m x|| <= 1 for a spectrum inside, so no moment is beyond 1 but for rounding. */
static int is_outside(double moment, double eps, int32_t degree)
{
  return fabs(moment) > 1 + 100 * eps * (degree + 10);
}

speig_status moments_add(bound_operator *A, uint64_t seed, int32_t count, moments_stop *stop,
                         void *user, moments *M, int *inside)
{
  speig_status st = SPEIG_OK;
  const double half = (M->high - M->low) / 2, center = M->low + half;
  const double eps = dtype_eps(A->be->ops->dtype);
  const size_t row = (size_t)M->degree + 1;
  multivec X = { 0 }, Y = { 0 }, *older = &X, *newer = &Y, *swap;
  double *dot = NULL, *mu = M->mu + row * (size_t)M->vectors;
  *inside = 1;
  REQUIRE(M->vectors + count <= M->capacity, "%d and %d vectors, but room for %d", M->vectors,
          count, M->capacity);
  TRY(mv_alloc(A->be, operator_cols(A), count, "random vectors", &X));
  TRY(mv_alloc(A->be, operator_cols(A), count, "random vectors", &Y));
  TRY(MEM_ARRAY(count, "moments", &dot));
  TRY(start_vectors(seed, M->vectors, older, dot));
  TRY(operator_recurrence(A, 1 / half, -center / half, older, 0, newer));
  /* older = t_{m-1}, newer = t_m */
  for (int32_t m = 1; 2 * m - 1 <= M->degree; ++m) {
    for (int32_t part = 0; part < 2 && 2 * m - 1 + part <= M->degree; ++part) {
      TRY(mv_real_dots(newer, part == 0 ? older : newer, dot));
      for (int32_t j = 0; j < count; ++j) {
        double *mine = mu + row * (size_t)j, first = part == 0 ? mine[1] : 1;
        mine[0] = 1;
        mine[2 * m - 1 + part] = part == 0 && m == 1 ? dot[j] : 2 * dot[j] - first;
        if (!isfinite(dot[j]))
          FAIL(SPEIG_ERR_NUMERIC, "products hold NaN or Inf, or grow without bound");
        if (is_outside(mine[2 * m - 1 + part], eps, M->degree))
          *inside = 0;
      }
    }
    if (!*inside || (stop && stop(user)))
      goto done;
    if (2 * m + 1 > M->degree)
      break;
    TRY(operator_recurrence(A, 2 / half, -2 * center / half, newer, -1, older));
    swap = older;
    older = newer;
    newer = swap;
  }
  M->vectors += count;
done:
  mem_free(dot);
  mv_free(&X);
  mv_free(&Y);
  return st;
}

/* All vectors within the interval of M; *inside: 0 when it turned out to be too short. */
static speig_status add_all(bound_operator *A, uint64_t seed, moments_stop *stop, void *user,
                            moments *M, int *inside)
{
  speig_status st = SPEIG_OK;
  *inside = 1;
  while (M->vectors < M->capacity && *inside) {
    int32_t before = M->vectors, left = M->capacity - before;
    TRY(moments_add(A, seed, left < BLOCK ? left : BLOCK, stop, user, M, inside));
    if (*inside && M->vectors == before)
      break; /* stopped */
  }
done:
  return st;
}

speig_status moments_collect(bound_operator *A, uint64_t seed, moments_stop *stop, void *user,
                             moments *M)
{
  speig_status st = SPEIG_OK;
  const double low = M->low, high = M->high;
  int inside = 0;
  for (int try = 0; try < TRIES && !inside; ++try) {
    double more = 0.1 * try * (high - low);
    M->low = low - more;
    M->high = high + more;
    M->vectors = 0;
    TRY(add_all(A, seed, stop, user, M, &inside));
  }
  if (!inside)
    FAIL(
        SPEIG_ERR_NUMERIC,
        "no interval was found that holds the spectrum; the last one was [%g, %g]. Is the operator "
        "Hermitian?",
        M->low / A->scale, M->high / A->scale);
done:
  return st;
}

/* ---- what moments tell ---- */

static const double pi = 3.14159265358979323846;

void moments_jackson(int32_t degree, double *g)
{
  const double count = degree + 1.0, angle = pi / (count + 1);
  for (int32_t m = 0; m <= degree; ++m)
    g[m] = ((count - m + 1) * cos(angle * m) + sin(angle * m) / tan(angle)) / (count + 1);
}

double moments_density(int32_t degree, const double *g, const double *mu, double t)
{
  /* Clenshaw's sum of g_0 mu_0 + 2 sum_m g_m mu_m T_m(t). */
  double ahead = 0, beyond = 0;
  for (int32_t m = degree; m >= 1; --m) {
    double here = 2 * g[m] * mu[m] + 2 * t * ahead - beyond;
    beyond = ahead;
    ahead = here;
  }
  return (g[0] * mu[0] + t * ahead - beyond) / (pi * sqrt(1 - t * t));
}

double moments_below(int32_t degree, const double *g, const double *mu, double t)
{
  const double phi = acos(t);
  /* Clenshaw's sum of sum_m c_m sin(m phi), with c_m = g_m mu_m / m. */
  double ahead = 0, beyond = 0;
  for (int32_t m = degree; m >= 1; --m) {
    double here = g[m] * mu[m] / m + 2 * t * ahead - beyond;
    beyond = ahead;
    ahead = here;
  }
  return g[0] * mu[0] * (1 - phi / pi) - 2 / pi * ahead * sin(phi);
}
