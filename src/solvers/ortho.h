/* ortho.h: orthonormal blocks in the inner product of B, with dependent directions dropped. */
#ifndef SPEIG_SRC_SOLVERS_ORTHO_H
#define SPEIG_SRC_SOLVERS_ORTHO_H

#include "backend/operator.h"

/* B-orthonormal columns, and B times them (the same view without B). */
typedef struct ortho_basis {
  multivec Q, BQ;
} ortho_basis;

typedef struct ortho_work {
  small U; /* coefficients: basis columns x block columns */
  small G; /* Gram matrix of the block */
  double *scale, *before, *length; /* [block columns] */
  /* [block columns] The square of what the caller has removed of each column already, in the same
   * inner product: what is left is judged beside that. 0, and 0 again after each call. */
  double *taken;
  double eps; /* of the blocks' type */
} ortho_work;

/* For blocks of at most p columns and bases of at most q. Errors: MEMORY. */
speig_status ortho_work_alloc(backend *be, int32_t q, int32_t p, ortho_work *work);
void ortho_work_free(ortho_work *work);

/* Makes W's columns B-orthonormal among themselves and B-orthogonal to the count bases. Columns and
 * combinations that vanish to working precision are dropped: the *rank left stand first in W and
 * BW, the others become undefined. BW = B W on return (the same view as W without B).
 * Errors: NUMERIC (NaN or Inf in W; B not positive definite), those of B.                        */
speig_status ortho_block(bound_operator *B, int32_t count, const ortho_basis *basis, multivec *W,
                         multivec *BW, ortho_work *work, int32_t *rank);

/* The same for small matrices: D -= C (C^H D), then D's columns orthonormal; C orthonormal. The
 * *rank columns left stand first. work: a C->cols x D->cols and a D->cols square matrix. */
speig_status ortho_small(const small *C, small *D, small *U, small *G, int32_t *rank);

#endif
