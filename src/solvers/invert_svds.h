/* invert_svds.h: the pseudo-inverse of a matrix of full column rank as an operator, so that the
 * smallest singular values are found as the largest of it. */
#ifndef SPEIG_SRC_SOLVERS_INVERT_SVDS_H
#define SPEIG_SRC_SOLVERS_INVERT_SVDS_H

#include "factor/factor.h"
#include "solvers/problem.h"

/* W = (P^+)^H with P (rows >= columns) of a singular value problem: W v = u / sigma and
 * W^H u = v / sigma. */
typedef struct svds_inverse {
  backend *be;
  int64_t rows, n; /* of P and W */
  speig_dtype dtype;
  bound_operator *bound, *bound_adjoint; /* P and P^H, borrowed */
  const speig_matrix *P, *adjoint; /* the same, or nudged */
  speig_matrix *nudged; /* P, or its adjoint where P is tall, with a nudged diagonal; or NULL */
  speig_matrix *augmented; /* [alpha I, P; P^H, 0]; NULL when P is square */
  int is_hermitian; /* P is square and declared so */
  factor *F; /* of P or of the augmented matrix */
  factor_info info;
  int64_t order; /* of what is factored */
  void *stack; /* [order] right-hand side and solution, in host memory */
  size_t upper_bytes; /* of the first `rows` of it */
  double alpha;
  int refine; /* solutions get a step of iterative refinement */
  multivec parts[2]; /* for that: solution, right-hand side and product, upper and lower parts */
  speig_operator *op;
  bound_operator *W, *W_adjoint;
  int64_t solves; /* columns */
  int32_t factorizations;
  speig_status failed; /* what a product ended with */
} svds_inverse;

/* Analyses P: info says what the factors take. P is singular or not: nobody knows yet. A P that
 * turned out to be is opened again with a nudge, of the size of rounding errors, on its diagonal:
 * its zeros become small values with vectors of their own. Errors: UNSUPPORTED (no factorizations
 * here, P no matrix on the host), MEMORY, NUMERIC (P is singular by its structure, for one). */
speig_status svds_inverse_open(const eig_problem *problem, double nudge, svds_inverse *I);
/* Factors and binds W. norm: an estimate of ||P||. *singular: P has no full rank, and there is no
 * W. Errors: MEMORY, NUMERIC. */
speig_status svds_inverse_factor(svds_inverse *I, double norm, uint64_t seed, int *singular);
/* Solutions are refined from now on. Errors: MEMORY. */
speig_status svds_inverse_refine(svds_inverse *I);
/* A step of inverse iteration for the converged triplets of P, best first, whose values and
 * residuals are then those of P; none is left when they turn out to depend on each other.
 * improve_svds.c. Errors: MEMORY, NUMERIC. */
speig_status svds_inverse_improve(svds_inverse *I, eig_pairs *pairs);
void svds_inverse_close(svds_inverse *I);

#endif
