/* condition.h: how sensitive eigenvalues of a general matrix are, from right eigenvectors alone.
 *
 * The rows of X^-1, X holding all right eigenvectors as columns of length 1, are the left ones with
 * y^H x = 1; so their lengths are the condition numbers 1 / |y^H x| of unit vectors (Wilkinson,
 * 1965). */
#ifndef SPEIG_SRC_DENSE_CONDITION_H
#define SPEIG_SRC_DENSE_CONDITION_H

#include "dense/schur.h"

/* The condition number of lambda[i], inverse being X^-1 of packed X, or those of its rows that
 * count already: `first` is the row of lambda[i]. u + iv, packed, has the left vector (y_u - i y_v)
 * / 2. */
double packed_condition(const small *inverse, int32_t first, int pair);

/* The largest condition number of the values lambda[pick[0 .. count)], Inf where X is singular. X
 * (n x n, packed, columns of length 1) is destroyed; a pick of a pair may name either member.
 * Cost: an LU factorization of X, 2/3 n^3. Errors: NUMERIC, MEMORY. */
speig_status packed_worst_condition(small *X, const eigenvalue *lambda, int32_t count,
                                    const int32_t *pick, double *worst);

#endif
