/* filter.c: Chebyshev filters for Lanczos.
 *
 * Where products are cheap beside orthogonalisation (grids, light graphs), Lanczos on p(A) needs
 * about degree times fewer basis vectors for little more than the same products: Fang and Saad,
 * SIAM J. Sci. Comput. 34 (2012); Zhou and Saad, SIAM J. Matrix Anal. Appl. 29 (2007). The interval
 * comes from the density of states that the first Lanczos run estimates (Lin, Saad, Yang, SIAM Rev.
 * 58 (2016)). Cost: `degree` products, each fused with the recurrence. */
#include "solvers/filter.h"

#include "base/error.h"

#include <math.h>

/* The outermost eigenvalue is magnified by cosh(2 STRETCH): enough to separate what is wanted,
 * little enough for the smallest wanted one to keep its digits. */
static const double STRETCH = 4;

enum { MAX_DEGREE = 3000 };

speig_status filter_apply(const filter *F, bound_operator *A, const multivec *x, multivec *y,
                          multivec *spare)
{
  speig_status st = SPEIG_OK;
  double half = (F->high - F->low) / 2, center = (F->high + F->low) / 2;
  multivec *older = y, *newer = spare, *swap;
  TRY(mv_copy(x, older));
  TRY(operator_recurrence(A, 1 / half, -center / half, x, 0, newer));
  for (int32_t j = 2; j <= F->degree; ++j) { /* T_j = 2 t T_{j-1} - T_{j-2}; an even j lands in y */
    TRY(operator_recurrence(A, 2 / half, -2 * center / half, newer, -1, older));
    swap = older;
    older = newer;
    newer = swap;
  }
done:
  return st;
}

double filter_value(const filter *F, double mu)
{
  double half = (F->high - F->low) / 2, center = (F->high + F->low) / 2, t;
  if (F->degree == 0)
    return mu;
  t = mu > 1 ? cosh(acosh(mu) / F->degree) : 1;
  return F->upper ? center + half * t : center - half * t;
}

double filter_residual(const filter *F, double mu, double r)
{
  double theta = filter_value(F, mu);
  if (F->degree == 0)
    return r;
  if (mu <= 1)
    return INFINITY;
  /* p is convex beyond the interval: its slope between theta and any other eigenvalue is at least
   * that of the chord to the far end. */
  return r * (F->upper ? theta - F->low : F->high - theta) / (mu - 1);
}

/* Edge and degree that belong to a depth: the degree that stretches the outermost value as it
 * should, and where degrees are limited, the edge that this degree can afford. */
static filter resize(const filter *F, double outermost, double depth)
{
  filter R = *F;
  double spread = fabs(outermost - (F->upper ? F->low : F->high));
  double degree = depth > 0 ? STRETCH / sqrt(depth / spread) : MAX_DEGREE;
  R.degree = degree < MAX_DEGREE ? (int32_t)degree / 2 * 2 : MAX_DEGREE;
  if (R.degree < 2)
    R.degree = 2;
  depth = spread * (STRETCH / R.degree) * (STRETCH / R.degree);
  if (F->upper)
    R.high = outermost - depth;
  else
    R.low = outermost + depth;
  return R;
}

double filter_depth(const filter *F)
{
  double ratio = STRETCH / F->degree;
  return (F->high - F->low) * ratio * ratio;
}

filter filter_redesign(const filter *F, double outermost, double depth, int32_t seen,
                       int32_t wanted)
{
  double factor = seen > 0 ? pow((double)wanted / seen, 2.0 / 3) : 4;
  return resize(F, outermost, depth * factor);
}

/* How far inside the outermost value `wanted` eigenvalues are expected. Counts from the outside in:
 * by the weights at the Ritz values, and with the power 3/2 (as for waves in a box) before the
 * first. Where that one is resolved, its weight is that of a multiple eigenvalue: no edge can pass
 * through it, and half way to the next is a good place. */
static double depth_of(int upper, int64_t n, int32_t wanted, int32_t m, const double *theta,
                       const double *weight, double error)
{
  const double RESOLVED = 0.1;
  double count = 0, before = 0, depth = 0, previous = 0;
  double outermost = upper ? theta[m - 1] + error / 3 : theta[0] - error / 3;
  double gap = m < 2 ? 0 : upper ? theta[m - 1] - theta[m - 2] : theta[1] - theta[0];
  if (error < RESOLVED * gap && (double)n * weight[upper ? m - 1 : 0] / 2 >= wanted)
    return gap / 2;
  for (int32_t j = 0; j < m; ++j) {
    int32_t i = upper ? m - 1 - j : j;
    depth = fabs(outermost - theta[i]);
    before = count;
    count += (double)n * weight[i];
    if (count - (double)n * weight[i] / 2 >= wanted) {
      double here = count - (double)n * weight[i] / 2;
      double there = j == 0 ? 0 : before - (double)n * weight[upper ? i + 1 : i - 1] / 2;
      if (j == 0 || there >= here)
        return depth * pow(wanted / here, 2.0 / 3);
      return previous + (depth - previous) * (wanted - there) / (here - there);
    }
    previous = depth;
  }
  return depth;
}

filter filter_design(int upper, int64_t n, int32_t wanted, int32_t m, const double *theta,
                     const double *weight, double error)
{
  /* The bound `error` is rarely reached; an edge too far in costs less than one too far out. */
  double outermost = upper ? theta[m - 1] + error / 3 : theta[0] - error / 3;
  double spread = theta[m - 1] - theta[0];
  filter F = { .low = theta[0] - 0.02 * spread,
               .high = theta[m - 1] + 0.02 * spread,
               .upper = upper };
  double depth = depth_of(upper, n, wanted, m, theta, weight, error);
  return resize(&F, outermost, depth);
}
