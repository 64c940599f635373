/* pivoting.h: factorizations with pivoting, L D L^H and L U, by a provider (provider.h), for what
 * supernodal.h cannot do.
 *
 * A complex Hermitian matrix is handled as the real symmetric one of twice the order, in which
 * x + iy stands for [x -y; y x]: the same number of operations as a complex L U, but its inertia,
 * every eigenvalue twice, is that of the matrix. Vectors need no change: a complex number is two
 * reals. What the functions mean is told in factor.h.                                            */
#ifndef SPEIG_SRC_FACTOR_PIVOTING_H
#define SPEIG_SRC_FACTOR_PIVOTING_H

#include "factor/factor.h"

typedef struct pivoting pivoting;

speig_status pivoting_available(void);
speig_status pivoting_analyse(const speig_matrix *A, factor_kind kind, pivoting **out);
factor_info pivoting_get_info(const pivoting *F);
speig_status pivoting_compute(pivoting *F, const speig_matrix *A, int *singular);
speig_status pivoting_solve(pivoting *F, int transposed, int32_t p, int64_t ld, void *X);
int64_t pivoting_negative(const pivoting *F);
void pivoting_destroy(pivoting **F);

#endif
