/* band.c: band filters.
 *
 * Method: the Chebyshev expansion of a delta function with Jackson's damping, scaled to 1 at its
 * centre: Fang and Saad, SIAM J. Sci. Comput. 34 (2012); Li, Xi, Erlandson, Saad, SIAM J. Sci.
 * Comput. 41 (2019). In the angle acos(t) it is nearly a Gauss curve of width pi / degree, and
 * nowhere negative: the values fall on both sides of the centre and stay small. The centre is where
 * both ends of the band get the same value (for a band that holds an end of the spectrum: that
 * end), and the degree makes that value EDGE: the higher the degree, the better the eigenvalues of
 * the band are set off from those beside it, and the dearer is a product with p(A).
 * Sums by Clenshaw's rule: one block beside X and Y. Cost: `degree` products, each with three
 * passes over two blocks. */
#include "solvers/band.h"

#include "base/error.h"
#include "base/memory.h"
#include "solvers/moments.h"

#include <math.h>

static const double pi = 3.14159265358979323846;
static const double EDGE = 0.7;

/* Angles of the band, 0 at the high end of the spectrum; an end that is beyond is NAN. */
typedef struct angles {
  double from, to; /* from > to */
} angles;

static angles angles_of(double low, double high, double from, double to)
{
  double half = (high - low) / 2, center = low + half;
  return (angles){ .from = from > low ? acos(fmin(1, (from - center) / half)) : NAN,
                   .to = to < high ? acos(fmax(-1, (to - center) / half)) : NAN };
}

/* From the centre to the ends. */
static double reach_of(const angles *a)
{
  if (isnan(a->from) && isnan(a->to))
    return INFINITY;
  if (isnan(a->from))
    return pi - a->to;
  return isnan(a->to) ? a->from : (a->from - a->to) / 2;
}

double band_degree(double low, double high, double from, double to)
{
  angles a = angles_of(low, high, from, to);
  double reach = reach_of(&a);
  return isinf(reach) ? 1 : ceil(pi * sqrt(-2 * log(EDGE)) / fmax(reach, 1e-12));
}

/* The kernel sum_k g_k cos(k x) cos(k y). */
static double kernel(int32_t degree, const double *g, double x, double y)
{
  double sum = g[0];
  for (int32_t k = 1; k <= degree; ++k)
    sum += 2 * g[k] * cos(k * x) * cos(k * y);
  return sum;
}

/* Where the kernel is the same at both ends. */
static double balance(int32_t degree, const double *g, const angles *a)
{
  enum { STEPS = 40 };
  double low = a->to, high = a->from;
  if (isnan(a->from))
    return pi;
  if (isnan(a->to))
    return 0;
  for (int step = 0; step < STEPS; ++step) {
    double middle = (low + high) / 2;
    if (kernel(degree, g, middle, a->from) < kernel(degree, g, middle, a->to))
      low = middle; /* on towards `from` */
    else
      high = middle;
  }
  return (low + high) / 2;
}

double band_value(const band *F, double point)
{
  double half = (F->high - F->low) / 2, t = (point - F->low - half) / half;
  double ahead = 0, beyond = 0;
  for (int32_t k = F->degree; k >= 1; --k) {
    double here = F->c[k] + 2 * t * ahead - beyond;
    beyond = ahead;
    ahead = here;
  }
  return F->c[0] + t * ahead - beyond;
}

/* Everything is wanted: a polynomial of degree 1 that is positive. */
static void take_all(band *F)
{
  F->c[0] = 1;
  F->c[1] = 0.5;
  F->bar = 0.25;
}

speig_status band_design(double low, double high, double from, double to, band *F)
{
  speig_status st = SPEIG_OK;
  const angles a = angles_of(low, high, from, to);
  const double degree = band_degree(low, high, from, to);
  double *g = NULL, center, top;
  *F = (band){ .low = low, .high = high, .from = from, .to = to };
  F->degree = degree < BAND_MAX_DEGREE ? (int32_t)degree : BAND_MAX_DEGREE;
  TRY(MEM_ARRAY((int64_t)F->degree + 1, "filter", &F->c));
  if (isnan(a.from) && isnan(a.to)) {
    take_all(F);
    goto done;
  }
  TRY(MEM_ARRAY((int64_t)F->degree + 1, "damping factors", &g));
  moments_jackson(F->degree, g);
  center = balance(F->degree, g, &a);
  top = kernel(F->degree, g, center, center);
  for (int32_t k = 0; k <= F->degree; ++k)
    F->c[k] = (k > 0 ? 2 : 1) * g[k] * cos(k * center) / top;
  F->bar = INFINITY;
  if (!isnan(a.from))
    F->bar = band_value(F, from);
  if (!isnan(a.to))
    F->bar = fmin(F->bar, band_value(F, to));
done:
  mem_free(g);
  if (st != SPEIG_OK)
    band_free(F);
  return st;
}

void band_free(band *F)
{
  mem_free(F->c);
  *F = (band){ 0 };
}

/* Y += factor X */
static speig_status add(double factor, const multivec *X, double *same, multivec *Y)
{
  for (int32_t j = 0; j < X->p; ++j)
    same[j] = factor;
  return mv_axpy(same, X, Y);
}

/* u_k = c_k X + 2 t(A) u_{k+1} - u_{k+2}, and at the end Y = c_0 X + t(A) u_1 - u_2. */
speig_status band_apply(const band *F, bound_operator *A, const multivec *X, multivec *Y,
                        multivec *spare, band_stop *stop, void *user, int *stopped)
{
  speig_status st = SPEIG_OK;
  const double half = (F->high - F->low) / 2, center = F->low + half;
  multivec *newer = F->degree % 2 ? spare : Y, *older = F->degree % 2 ? Y : spare, *swap;
  double *same = NULL;
  *stopped = 0;
  TRY(MEM_ARRAY(X->p, "factors", &same));
  TRY(mv_zero(newer));
  TRY(mv_zero(older));
  TRY(add(F->c[F->degree], X, same, newer));
  for (int32_t k = F->degree - 1; k >= 0; --k) {
    double factor = k > 0 ? 2 : 1;
    TRY(operator_recurrence(A, factor / half, -factor * center / half, newer, -1, older));
    TRY(add(F->c[k], X, same, older));
    swap = older;
    older = newer;
    newer = swap; /* u_k; u_0 is Y */
    if (stop && stop(user)) {
      *stopped = 1;
      goto done;
    }
  }
done:
  mem_free(same);
  return st;
}
