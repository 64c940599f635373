/* subspace.h: orthonormal bases and Rayleigh-Ritz on blocks, in the inner product of B. */
#ifndef SPEIG_SRC_SOLVERS_SUBSPACE_H
#define SPEIG_SRC_SOLVERS_SUBSPACE_H

#include "backend/operator.h"

/* Makes the columns of X orthonormal, and orthogonal to Q (orthonormal, p may be 0), in the
 * standard inner product; dependent columns are dropped, the *rank columns left stand first. */
speig_status subspace_orthonormalize(const multivec *Q, multivec *X, int32_t *rank);

/* The same in the inner product of B: X^H B X = I; BX is overwritten by B X. Q_b = B Q. B NULL:
 * standard, BX may then be the same view as X. */
speig_status subspace_orthonormalize_b(bound_operator *B, const multivec *Q, const multivec *Q_b,
                                       multivec *X, multivec *BX, int32_t *rank);

/* AX -= Y_b (Y^H AX): products as the problem restricted to the complement of the constraints Y
 * sees them. Constraints that are eigenvectors change nothing but rounding errors. */
speig_status subspace_restrict(const multivec *Y, const multivec *Y_b, multivec *AX);

/* *defect = max |X^H BX - I| */
speig_status subspace_orthogonality(const multivec *X, const multivec *BX, double *defect);

/* Zeroes entries beside the diagonal that are at most noise. */
void subspace_drop_couplings(small *H, double noise);

/* Rayleigh-Ritz on span(X), X (B-)orthonormal, with AX = A X given: theta ascending, and X, AX (and
 * BX, unless it is X) rotated to the Ritz vectors; residual[j] = ||A x_j - theta_j B x_j||. work: n
 * x p. noise: entries x_i^H A x_j up to this size are taken for rounding errors, for which vectors
 * of a multiple eigenvalue are not mixed: their residuals would be mixed too. */
speig_status subspace_rayleigh_ritz(double noise, multivec *X, multivec *AX, multivec *BX,
                                    multivec *work, double *theta, double *residual);

#endif
