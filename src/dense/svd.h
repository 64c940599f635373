/* svd.h: singular value decompositions of small and of dense matrices. */
#ifndef SPEIG_SRC_DENSE_SVD_H
#define SPEIG_SRC_DENSE_SVD_H

#include "dense/small.h"

/* A (m x n, destroyed) = U diag(s) V^H with r = min(m, n): U m x r, V n x r, s[r] descending. U and
 * V are complex when A is. LAPACK ?gesdd, QR iteration when that fails.
 * Errors: NUMERIC (NaN, Inf, no convergence), MEMORY. */
speig_status svd_decompose(small *A, small *U, double *s, small *V);

/* Bytes of workspace that svd_decompose takes beside A, U and V, about. */
double svd_workspace(double rows, double cols, int is_complex);

#endif
