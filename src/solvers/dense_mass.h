/* dense_mass.h: a dense pencil A - theta B with B positive (semi)definite, made a standard problem
 * C = W^H A W with W^H B W = I, whose eigenvalues are the finite ones of the pencil. */
#ifndef SPEIG_SRC_SOLVERS_DENSE_MASS_H
#define SPEIG_SRC_SOLVERS_DENSE_MASS_H

#include "dense/small.h"

typedef struct dense_mass {
  int32_t finite; /* columns of W: the order of C */
  small R; /* definite B = R^H R, W = R^-1; else empty */
  small W; /* semidefinite B, n x finite; else empty */
} dense_mass;

/* B (n x n, both triangles set) definite: A becomes C, B's memory goes to m. *definite is 0 when B
 * is not: A is as it was then, B overwritten and the caller's. Errors: NUMERIC (NaN), MEMORY. */
speig_status dense_mass_definite(small *A, small *B, dense_mass *m, int *definite);
/* B semidefinite: C is allocated, A and B are overwritten. eps: how well their entries are known.
 * Errors: NUMERIC (B has a negative eigenvalue; A - s B singular for every s), MEMORY. */
speig_status dense_mass_semidefinite(small *A, small *B, double eps, dense_mass *m, small *C);
/* Z (finite x y) = coordinates of the vectors Y (n x y), of which BY = B Y is given. */
void dense_mass_coordinates(const dense_mass *m, const small *Y, const small *BY, small *Z);
/* X (n x k) = W Z for Z (finite x k). */
void dense_mass_lift(const dense_mass *m, const small *Z, small *X);
void dense_mass_free(dense_mass *m);

#endif
