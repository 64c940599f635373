/* polish.c: one Chebyshev filter over converged Ritz vectors.
 *
 * Every restart of a long Lanczos run adds rounding errors to the kept vectors which the projected
 * matrix does not see: after thousands of restarts the true residual stands above the estimate.
 * These errors are spread over the whole spectrum, so a polynomial that is large at the wanted
 * values and at most 1 in between removes them (Zhou, Saad, Tiago, Chelikowsky, J. Comput. Phys.
 * 219 (2006)). Cost: DEGREE products per column and one orthonormalisation. */
#include "solvers/run.h"
#include "solvers/subspace.h"

#include "base/error.h"

#include <math.h>

enum { DEGREE = 8 };

/* The widest interval without wanted values inside [-bound, bound], drawn in a little on the sides
 * where wanted values stand. theta ascending. */
static void unwanted_interval(int32_t count, const double *theta, double bound, double *low,
                              double *high)
{
  double widest = -1;
  for (int32_t i = 0; i <= count; ++i) {
    double from = i == 0 ? -bound : theta[i - 1], to = i == count ? bound : theta[i];
    if (to - from > widest) {
      widest = to - from;
      *low = from + (i == 0 ? 0 : 0.05 * widest);
      *high = to - (i == count ? 0 : 0.05 * widest);
    }
  }
}

speig_status polish_pairs(const eig_problem *problem, double norm_a, const double *theta,
                          multivec *X, multivec work[2])
{
  speig_status st = SPEIG_OK;
  double low = -1, high = 1, center, half;
  multivec *older = X, *newer = &work[0], *next = &work[1], *spare;
  int32_t rank;
  unwanted_interval(X->p, theta, 1.02 * norm_a, &low, &high);
  center = (low + high) / 2;
  half = (high - low) / 2;
  /* T_1 = (A - center) X / half, T_{j+1} = 2 (A - center) T_j / half - T_{j-1}, column by column
   * where factors are needed. */
  for (int degree = 1; degree <= DEGREE; ++degree) {
    double factor = (degree == 1 ? 1 : 2) / half, shift = -center * factor, minus = -1;
    const multivec *from = degree == 1 ? older : newer;
    multivec *to = degree == 1 ? newer : next;
    TRY(operator_apply(problem->A, from, to));
    for (int32_t j = 0; j < X->p; ++j) {
      multivec f = mv_columns(from, j, 1), t = mv_columns(to, j, 1), o = mv_columns(older, j, 1);
      TRY(mv_scale(&factor, &t));
      TRY(mv_axpy(&shift, &f, &t));
      if (degree > 1)
        TRY(mv_axpy(&minus, &o, &t));
    }
    if (degree > 1) {
      spare = older;
      older = newer;
      newer = next;
      next = spare;
    }
  }
  TRY(subspace_orthonormalize(&problem->constraints, newer, &rank));
  if (rank < X->p)
    FAIL(SPEIG_ERR_INTERNAL, "the filter left %d independent vectors of %d", rank, X->p);
  if (newer->data != X->data)
    TRY(mv_copy(newer, X));
done:
  return st;
}
