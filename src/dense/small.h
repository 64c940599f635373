/* small.h: small matrices on the host: projected problems, Gram matrices, coefficients.
 *
 * Always in double precision, real or complex, whatever the type of the big blocks: a projected
 * problem costs nothing beside the blocks, and Gram matrices of float blocks gain all the digits
 * that a Cholesky or a rank decision needs. So only two types live here, and solvers see neither.
 */
#ifndef SPEIG_SRC_DENSE_SMALL_H
#define SPEIG_SRC_DENSE_SMALL_H

#include "speig/types.h"

/* rows x cols, column-major, ld >= rows. A complex entry is two doubles. `data` may be a view into
 * another small matrix; `owned` is the block to release, or NULL for a view.                    */
typedef struct small {
  int32_t rows, cols, ld;
  int is_complex;
  double *data;
  void *owned;
} small;

/* Zeroed. Errors: MEMORY. */
speig_status small_alloc(int32_t rows, int32_t cols, int is_complex, small *out);
void small_free(small *M);
/* View of the rows x cols part that starts at (row, col). */
small small_view(const small *M, int32_t row, int32_t col, int32_t rows, int32_t cols);

void small_zero(small *M);
void small_identity(small *M);
/* B = A, same shape; B complex when A is. */
void small_copy(const small *A, small *B);
/* Real part of entry (i, j), and setting an entry to a real number. */
double small_get(const small *M, int32_t i, int32_t j);
void small_set(small *M, int32_t i, int32_t j, double value);
/* max |m_ij|; NaN when an entry is NaN. */
double small_max_abs(const small *M);
/* max |a_ij - conj(a_ji)| for a square A; NaN when an entry is NaN. */
double small_hermitian_defect(const small *A);
/* A = (A + A^H) / 2 for a square A. */
void small_make_hermitian(small *A);
/* C = alpha op(A) op(B) + beta C; op is the conjugate transpose where the flag is set. A real
 * matrix may meet complex ones; beta == 0 does not read C. */
void small_mul(double alpha, const small *A, int conj_a, const small *B, int conj_b, double beta,
               small *C);
/* A = A diag(d): column j times d[j]. */
void small_scale_cols(small *A, const double *d);
/* A = diag(d) A: row i times d[i]. */
void small_scale_rows(small *A, const double *d);

/* Hermitian A (lower triangle read) = V diag(theta) V^H, theta ascending; A is overwritten by V.
 * LAPACK ?syevd/?heevd, QR iteration when that fails. Errors: NUMERIC (not converged, NaN), MEMORY.
 */
speig_status small_eigh(small *A, double *theta);
/* A (upper triangle read) = R^H R, R overwrites A, lower part zeroed. *rank: order of the leading
 * block that succeeded (A.rows when positive definite), whose factor is valid; the columns after it
 * are not. An indefinite A is not an error. Errors: NUMERIC (NaN or Inf), MEMORY. */
speig_status small_cholesky(small *A, int32_t *rank);
/* X = X R^-1 for upper triangular R; a real R may meet a complex X. */
void small_solve_right_upper(const small *R, small *X);
/* X = R^-1 X. */
void small_solve_left_upper(const small *R, small *X);

#endif
