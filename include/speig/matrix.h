/* matrix.h: sparse matrices: coordinate lists (COO) to collect entries, CSR to compute with. */
#ifndef SPEIG_MATRIX_H
#define SPEIG_MATRIX_H

#include "speig/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A sparse matrix in CSR: row offsets int64_t[rows + 1], column indices int32_t[nnz] strictly
 * ascending within each row, values scalar[nnz]. Always stored in full: a symmetric file or a
 * triangle is expanded when the handle is made. Immutable once created, so it may be shared
 * between threads.                                                                              */
typedef struct speig_matrix speig_matrix;

/* A coordinate list: entries (row, column, value) in any order, duplicates allowed (they add up).
 * It may hold one triangle of a symmetric matrix (see speig_symmetry).                          */
typedef struct speig_coo speig_coo;

/* How the entries of a coordinate list stand for the matrix: GENERAL lists all of them, the
 * others only the lower triangle, the upper being its transpose, conjugate or negative.         */
typedef enum speig_symmetry {
  SPEIG_GENERAL = 0,
  SPEIG_SYMMETRIC = 1,
  SPEIG_SKEW_SYMMETRIC = 2,
  SPEIG_HERMITIAN = 3
} speig_symmetry;

typedef struct speig_matrix_info {
  speig_dtype dtype;
  int64_t rows, cols, nnz; /* nnz: stored entries, explicit zeros included */
  speig_symmetry declared; /* what the source said (file header, coordinate list); see below */
  size_t bytes; /* memory held by the handle; borrowed arrays are not counted */
} speig_matrix_info;

/* ---- coordinate lists ---- */

/* Takes nnz entries (0-based) of a rows x cols matrix. Indices are checked against the shape.
 * values may be NULL: every entry is then 1 (a pattern).
 * Errors: ARG (negative size, index outside the matrix, entry above the diagonal of a non-general
 * list, on that of a skew-symmetric one, or on that of a Hermitian one and not real, rows != cols
 * there, more than 2^31 - 1 rows or columns), MEMORY.                                           */
SPEIG_API speig_status speig_coo_create(speig_dtype dtype, int64_t rows, int64_t cols, int64_t nnz,
                                        const int32_t *row, const int32_t *col, const void *values,
                                        speig_symmetry symmetry, speig_ownership own,
                                        speig_coo **out);
SPEIG_API void speig_coo_destroy(speig_coo **coo);
SPEIG_API int64_t speig_coo_nnz(const speig_coo *coo);
/* Borrowed views of the arrays; any of the out pointers may be NULL. *values is NULL for a pattern.
 */
SPEIG_API void speig_coo_arrays(const speig_coo *coo, const int32_t **row, const int32_t **col,
                                const void **values);

/* CSR from a coordinate list: sorted, duplicates summed, symmetry expanded. Needs no sorting
 * beforehand; O(nnz) with counting sorts, on all cores. Errors: ARG, MEMORY.                    */
SPEIG_API speig_status speig_matrix_from_coo(const speig_coo *coo, speig_matrix **out);
/* The entries of A as a coordinate list in row order, GENERAL. */
SPEIG_API speig_status speig_coo_from_matrix(const speig_matrix *A, speig_coo **out);

/* ---- CSR ---- */

/* Takes CSR arrays. Rows that are unsorted or hold duplicates are put right in a copy (COPY, ADOPT)
 * or refused (BORROW, which cannot change them). Errors: ARG (offsets not ascending from 0, index
 * out of range; the message names row and value), MEMORY.                                       */
SPEIG_API speig_status speig_matrix_create_csr(speig_dtype dtype, int64_t rows, int64_t cols,
                                               const int64_t *rowptr, const int32_t *colind,
                                               const void *values, speig_ownership own,
                                               speig_matrix **out);
/* The same with 32-bit row offsets: only those rows + 1 numbers are widened into a copy; columns
 * and values follow `own`. */
SPEIG_API speig_status speig_matrix_create_csr32(speig_dtype dtype, int64_t rows, int64_t cols,
                                                 const int32_t *rowptr, const int32_t *colind,
                                                 const void *values, speig_ownership own,
                                                 speig_matrix **out);
SPEIG_API void speig_matrix_destroy(speig_matrix **A);

SPEIG_API speig_matrix_info speig_matrix_get_info(const speig_matrix *A);
/* Borrowed views of the arrays; any of the out pointers may be NULL. */
SPEIG_API void speig_matrix_arrays(const speig_matrix *A, const int64_t **rowptr,
                                   const int32_t **colind, const void **values);

/* B = A in another scalar type. Complex to real is refused unless every imaginary part is 0;
 * a finite value that overflows float is refused too, and a matrix of which nothing but zeros and
 * subnormal numbers would be left (ARG, the entry named). MEMORY. */
SPEIG_API speig_status speig_matrix_convert(const speig_matrix *A, speig_dtype dtype,
                                            speig_matrix **out);
/* B = A^T, or A^H when conjugate is not 0. */
SPEIG_API speig_status speig_matrix_transpose(const speig_matrix *A, int conjugate,
                                              speig_matrix **out);
/* B = factor A, multiplied in double precision. ARG: factor not finite, an entry that overflows. */
SPEIG_API speig_status speig_matrix_scaled(const speig_matrix *A, double factor,
                                           speig_matrix **out);

/* Structure and size at a glance; a few sweeps over the matrix, and one binary search per entry for
 * the defects. NaN and Inf entries are left out of the norms and make a defect infinite. */
typedef struct speig_matrix_stats {
  int64_t lower_bandwidth, upper_bandwidth; /* max i - j, max j - i over stored entries, >= 0 */
  int64_t diagonal_entries; /* stored diagonal entries */
  int64_t empty_rows;
  int64_t max_row_nnz, min_row_nnz;
  int64_t explicit_zeros;
  int64_t nonfinite; /* NaN or Inf entries; 0 for a usable matrix */
  int64_t first_nonfinite_row, first_nonfinite_col; /* 0-based; -1 when there is none */
  double max_abs, min_abs; /* over nonzero entries; 0 when there is none */
  double norm_inf, norm_1, norm_fro; /* ||A||_fro computed without overflow */
  double hermitian_defect; /* max |a_ij - conj(a_ji)|; Inf for a rectangular matrix */
  double symmetric_defect; /* max |a_ij - a_ji| */
  double skew_defect; /* max |a_ij + a_ji| */
  double gershgorin_min, gershgorin_max; /* bounds on the spectrum of a Hermitian matrix */
} speig_matrix_stats;
SPEIG_API speig_status speig_matrix_get_stats(const speig_matrix *A, speig_matrix_stats *stats);

/* max |a_ij - conj(a_ji)| relative to max |a_ij|: 0 for an exactly Hermitian matrix. ARG when A is
 * not square. One binary search in a row per entry.                                            */
SPEIG_API speig_status speig_matrix_hermitian_defect(const speig_matrix *A, double *relative);

#ifdef __cplusplus
}
#endif
#endif
