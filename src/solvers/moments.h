/* moments.h: Chebyshev moments of a Hermitian operator with random vectors: what a density of
 * states, or a count of eigenvalues without a factorization, is made of. */
#ifndef SPEIG_SRC_SOLVERS_MOMENTS_H
#define SPEIG_SRC_SOLVERS_MOMENTS_H

#include "backend/operator.h"

/* An interval that holds the spectrum of A, from at most 40 Lanczos steps. A's spectrum is all but
 * certainly inside; moments_add finds out when it is not. */
speig_status moments_bounds(bound_operator *A, uint64_t seed, double *low, double *high);

typedef struct moments {
  int32_t degree;
  int32_t vectors; /* done so far */
  int32_t capacity;
  double low, high;
  double *mu; /* [capacity][degree + 1]: x^H T_m(X) x / x^H x for each vector x, X = (2 A - high -
                 low) / (high - low) */
} moments;

speig_status moments_alloc(int32_t degree, int32_t capacity, double low, double high, moments *M);
void moments_free(moments *M);

/* Moments of `count` more vectors at once, with random entries by (seed, row, vector). degree / 2
 * products for each. *inside: 0 when a moment shows that an eigenvalue lies outside of [low, high];
 * the vectors do not count then. stop (may be NULL) is asked after every product; not 0 leaves with
 * *inside 1 and no vectors added. Errors: NUMERIC (NaN or Inf), MEMORY, those of products. */
typedef int moments_stop(void *user);
speig_status moments_add(bound_operator *A, uint64_t seed, int32_t count, moments_stop *stop,
                         void *user, moments *M, int *inside);

/* As many vectors as M has room for, in blocks, over [M->low, M->high]. An interval in which an
 * eigenvalue turns out not to lie is widened, and all vectors are begun anew. Stopped, M holds
 * those that were done. Errors: those of moments_add, and NUMERIC: no interval was found. */
speig_status moments_collect(bound_operator *A, uint64_t seed, moments_stop *stop, void *user,
                             moments *M);

/* Jackson's damping factors g[degree + 1] (Weisse et al. 2006, eq. 71). */
void moments_jackson(int32_t degree, double *g);
/* By damped moments c_m = g_m mu_m, at t: the density of X's spectrum, whose integral is c_0, for t
 * in
 * (-1, 1), and the part of it below t, for t in [-1, 1]. */
double moments_density(int32_t degree, const double *g, const double *mu, double t);
double moments_below(int32_t degree, const double *g, const double *mu, double t);

#endif
