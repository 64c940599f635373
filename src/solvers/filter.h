/* filter.h: a Chebyshev polynomial of an operator that makes one end of its spectrum stand out. */
#ifndef SPEIG_SRC_SOLVERS_FILTER_H
#define SPEIG_SRC_SOLVERS_FILTER_H

#include "backend/operator.h"

/* p(A) = T_degree((A - c) / e) with c, e the middle and half width of [low, high]: at most 1 in
 * absolute value there, growing like cosh beyond. The degree is even, so p > 1 on both sides.
 * degree 0: p(A) = A. */
typedef struct filter {
  int32_t degree;
  double low, high;
  int upper; /* the wanted values lie above high, else below low */
} filter;

/* y = p(A) x, spare one vector more; degree products with A. */
speig_status filter_apply(const filter *F, bound_operator *A, const multivec *x, multivec *y,
                          multivec *spare);
/* The eigenvalue of A that belongs to mu = p(theta); the edge of the interval when mu <= 1. */
double filter_value(const filter *F, double mu);
/* A residual of A that belongs to ||p(A) x - mu x|| <= r: a bound by the convexity of p; Inf when
 * mu <= 1, which can be any value of the interval. */
double filter_residual(const filter *F, double mu, double r);
/* A filter for `wanted` eigenvalues at one end, from a first Lanczos run with a random start:
 * theta[m] ascending Ritz values, weight[m] the squares of the first components of their vectors
 * (times n they estimate how many eigenvalues stand near), error: of the outermost value. */
filter filter_design(int upper, int64_t n, int32_t wanted, int32_t m, const double *theta,
                     const double *weight, double error);
/* How far beyond its edge the extreme eigenvalue should lie. */
double filter_depth(const filter *F);
/* A better edge for the same spectrum: between the edge of F and outermost, the extreme eigenvalue,
 * `seen` values were found over a length of depth; `wanted` are to stand beyond the new edge. */
filter filter_redesign(const filter *F, double outermost, double depth, int32_t seen,
                       int32_t wanted);

#endif
