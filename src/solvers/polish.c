/* polish.c: one Chebyshev filter over converged Ritz vectors.
 *
 * Every restart of a long Lanczos run adds rounding errors to the kept vectors which the projected
 * matrix does not see: after thousands of restarts the true residual stands above the estimate.
 * These errors are spread over the whole spectrum, so a polynomial that is large at the wanted
 * values and at most 1 in between removes them (Zhou, Saad, Tiago, Chelikowsky, J. Comput. Phys.
 * 219 (2006)). Cost: at most MAX_DEGREE products per column and one orthonormalisation. */
#include "solvers/run.h"
#include "solvers/subspace.h"

#include "base/dtype.h"
#include "base/error.h"

#include <math.h>

enum { MAX_DEGREE = 8 };

/* The end of the spectrum that the pairs come from: SA, LA, or BE and LM for both of them. */
static speig_which wanted_end(speig_which which, int32_t count, const double *theta)
{
  if (which != SPEIG_SM)
    return which;
  return theta[0] + theta[count - 1] >= 0 ? SPEIG_SA : SPEIG_LA; /* of a semidefinite matrix */
}

/* Where the unwanted eigenvalues are, inside [least, bound], drawn in a little on the sides where
 * wanted values stand. theta ascending. */
static void unwanted_interval(speig_which which, int32_t count, const double *theta, double least,
                              double bound, double *low, double *high)
{
  enum { DRAWN_IN = 20 };
  double smallest = bound, width;
  *low = least;
  *high = bound;
  switch (wanted_end(which, count, theta)) {
  case SPEIG_SA:
    *low = theta[count - 1];
    break;
  case SPEIG_LA:
    *high = theta[0];
    break;
  case SPEIG_BE: /* the low ones, then the high ones: one more of these when count is odd */
    *low = count > 1 ? theta[count / 2 - 1] : least;
    *high = theta[count / 2];
    break;
  default:
    for (int32_t i = 0; i < count; ++i)
      smallest = fmin(smallest, fabs(theta[i]));
    *low = -smallest;
    *high = smallest;
  }
  width = *high - *low;
  *low += *low > least ? width / DRAWN_IN : 0;
  *high -= *high < bound ? width / DRAWN_IN : 0;
}

/* The highest degree that magnifies no wanted value so much that rounding errors in its direction
 * would swamp the vectors magnified least; 0 when that is too low to be of use. */
static int choose_degree(int32_t count, const double *theta, double center, double half, double eps)
{
  double reach = 1;
  int degree = MAX_DEGREE;
  if (!(half > 0))
    return 0;
  for (int32_t i = 0; i < count; ++i)
    reach = fmax(reach, fabs(theta[i] - center) / half);
  while (degree > 0 && cosh(degree * acosh(reach)) * 100 * eps > 0.01)
    --degree;
  return degree > 1 ? degree : 0;
}

/* Y = A X, or A^H (A X) where singular values are wanted; product: that of A. */
static speig_status multiply(const eig_problem *problem, const multivec *X, multivec *product,
                             multivec *Y)
{
  speig_status st = SPEIG_OK;
  if (!problem->adjoint)
    return operator_apply(problem->A, X, Y);
  TRY(operator_apply(problem->A, X, product));
  TRY(operator_apply(problem->adjoint, product, Y));
done:
  return st;
}

speig_status polish_pairs(const eig_problem *problem, double norm_a, const double *theta,
                          multivec *X, multivec work[2])
{
  speig_status st = SPEIG_OK;
  double low = -1, high = 1, center, half, bound = 1.02 * norm_a;
  multivec product = { 0 };
  multivec *older = X, *newer = &work[0], *next = &work[1], *spare;
  int32_t rank;
  int degrees;
  unwanted_interval(problem->which, X->p, theta, problem->adjoint ? 0 : -bound, bound, &low, &high);
  center = (low + high) / 2;
  half = (high - low) / 2;
  degrees = choose_degree(X->p, theta, center, half, dtype_eps(problem->be->ops->dtype));
  if (degrees == 0 || (problem->which == SPEIG_BE && X->p < problem->k))
    return st; /* nothing to filter out, or unknown at which end some are missing */
  if (problem->adjoint)
    TRY(mv_alloc(problem->be, operator_rows(problem->A), X->p, "filtered products", &product));
  /* T_1 = (A - center) X / half, T_{j+1} = 2 (A - center) T_j / half - T_{j-1}, column by column
   * where factors are needed. */
  for (int degree = 1; degree <= degrees; ++degree) {
    double factor = (degree == 1 ? 1 : 2) / half, shift = -center * factor, minus = -1;
    const multivec *from = degree == 1 ? older : newer;
    multivec *to = degree == 1 ? newer : next;
    TRY(multiply(problem, from, &product, to));
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
  mv_free(&product);
  return st;
}
