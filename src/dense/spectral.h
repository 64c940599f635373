/* spectral.h: the steps of a selective dense eigensolver, for matrices that fill memory rather than
 * a projected problem: reduction to tridiagonal form, all eigenvalues, vectors of a range of them,
 * and what comes before for a mass matrix and for constraints.                                  */
#ifndef SPEIG_SRC_DENSE_SPECTRAL_H
#define SPEIG_SRC_DENSE_SPECTRAL_H

#include "dense/small.h"

/* A becomes P^T A P with rows of ascending size (largest entry), row i of the new A being row
 * order[i] of the old one: the reduction below starts at the last row, and a heavy row met late
 * would leave its rounding errors in all the others (the hub of a star graph, say). Rows of equal
 * norm keep their order. A: both triangles. Errors: MEMORY. */
speig_status spectral_grade(small *A, int32_t *order);
/* V = P V: rows back in their old order. Errors: MEMORY. */
speig_status spectral_ungrade(const int32_t *order, small *V);
/* A (upper triangle read) = Q T Q^H; d[n], e[n] are T's diagonal and off-diagonal, A's upper
 * triangle and tau[2n] hold Q. Errors: NUMERIC (NaN), MEMORY. */
speig_status spectral_tridiagonalize(small *A, double *d, double *e, double *tau);
/* All eigenvalues of T, ascending: theta[n]. Errors: NUMERIC, MEMORY. */
speig_status spectral_values(int32_t n, const double *d, const double *e, double *theta);
/* Eigenvectors first .. first + Z->cols - 1 (0-based, ascending) of T by multiple relatively robust
 * representations; Z real. *found: how many LAPACK delivered. Errors: NUMERIC, MEMORY. */
speig_status spectral_vectors(int32_t n, const double *d, const double *e, int32_t first, small *Z,
                              int32_t *found);
/* V = Q V with the Q of spectral_tridiagonalize. */
speig_status spectral_back_transform(const small *A, const double *tau, small *V);

/* A = R^-H A R^-1 for Hermitian A (upper triangle read; both are set) and upper triangular R. */
speig_status spectral_reduce_definite(const small *R, small *A);

/* Z (n x y, y <= n) = Q times upper triangle; Z and tau[2y] hold Q, which is n x n. */
speig_status spectral_qr(small *Z, double *tau);
/* C = Q C, or with conj C = Q^H C, or with right C = C Q. */
speig_status spectral_apply_q(const small *Z, const double *tau, int conj, int right, small *C);

#endif
