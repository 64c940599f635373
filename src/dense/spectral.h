/* spectral.h: the steps of a selective dense eigensolver, for matrices that fill memory rather than
 * a projected problem: reduction to tridiagonal form, all eigenvalues, vectors of a range of them,
 * and what comes before for a mass matrix and for constraints.                                  */
#ifndef SPEIG_SRC_DENSE_SPECTRAL_H
#define SPEIG_SRC_DENSE_SPECTRAL_H

#include "dense/small.h"

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
