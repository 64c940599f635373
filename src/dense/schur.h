/* schur.h: nonsymmetric eigenvalue problems of small matrices.
 *
 * Real matrices keep real arithmetic. Their Schur form T is quasi-triangular: a conjugate pair is a
 * 2 x 2 block on the diagonal, which nothing here splits, and stands in lists of eigenvalues as two
 * neighbours, the one with positive imaginary part first. Vectors of such a pair u +- iv are packed
 * as LAPACK packs them: one real column u, one real column v. Complex matrices need none of this.
 */
#ifndef SPEIG_SRC_DENSE_SCHUR_H
#define SPEIG_SRC_DENSE_SCHUR_H

#include "dense/small.h"

typedef struct eigenvalue {
  double re, im;
} eigenvalue;

/* Whether entry j of a list that belongs to real matrices is the first or second of a pair. */
static inline int pair_starts(int is_complex, const eigenvalue *lambda, int32_t j)
{
  return !is_complex && lambda[j].im > 0;
}
static inline int pair_ends(int is_complex, const eigenvalue *lambda, int32_t j)
{
  return !is_complex && lambda[j].im < 0;
}

/* H (overwritten by T) = Z T Z^H with Z unitary; lambda[n] as they stand on T's diagonal.
 * Errors: NUMERIC (NaN, no convergence), MEMORY. */
speig_status schur_decompose(small *H, small *Z, eigenvalue *lambda);

/* The eigenvalues on the diagonal of a Schur form. */
void schur_values(const small *T, eigenvalue *lambda);

/* Brings the first count entries of rank[n], a permutation of lambda that keeps pairs together, to
 * the top of T in that order; lambda follows. Exchanges of eigenvalues too close to be told apart
 * are left out. Errors: MEMORY, INTERNAL. */
speig_status schur_sort(small *T, small *Z, int32_t count, const int32_t *rank, eigenvalue *lambda);

/* S (n x n) = right eigenvectors of T, packed, of length 1. Errors: MEMORY, INTERNAL. */
speig_status schur_vectors(small *T, const eigenvalue *lambda, small *S);

/* All eigenvalues and, packed and of length 1, right and left (either may be NULL) eigenvectors of
 * A, which is destroyed: y^H A = lambda y^H. balanced: A is first scaled by a diagonal similarity
 * and permuted (Parlett and Reinsch 1969). Errors: NUMERIC, MEMORY. */
speig_status general_eigen(small *A, int balanced, small *right, small *left, eigenvalue *lambda);
/* The eigenvalues alone, those of one diagonal block after the other where A is reducible; pairs
 * are neighbours. A may be destroyed. Errors: NUMERIC, MEMORY. */
speig_status general_values(small *A, int balanced, eigenvalue *lambda);
/* The same for A x = lambda B x; both are destroyed. *infinite: values without a finite limit; they
 * stand in lambda as (Inf, 0). */
speig_status general_pencil(small *A, small *B, int balanced, small *right, small *left,
                            eigenvalue *lambda, int32_t *infinite);

/* A = A^-1, of which *rcond is the reciprocal condition number in the 1-norm, estimated; 0, with A
 * destroyed, when it is singular. Errors: NUMERIC, MEMORY. */
speig_status general_inverse(small *A, double *rcond);

/* Columns of length 1, a packed pair by its common length. */
void packed_normalize(small *S, const eigenvalue *lambda);
/* The block diagonal matrix D with A X = X D for packed X. */
void packed_diagonal(int32_t count, const eigenvalue *lambda, small *D);

#endif
