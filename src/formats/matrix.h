/* matrix.h: what a matrix and a coordinate list hold, and the internal ways to make them. */
#ifndef SPEIG_SRC_FORMATS_MATRIX_H
#define SPEIG_SRC_FORMATS_MATRIX_H

#include "speig/matrix.h"

/* Who releases an array: nobody, mem_free, or free (arrays a caller handed over with ADOPT). */
typedef enum array_home { ARRAY_BORROWED = 0, ARRAY_POOLED, ARRAY_MALLOCED } array_home;

/* The arrays are never written once the handle is out; borrowed ones only lost their const. */
struct speig_matrix {
  speig_dtype dtype;
  int64_t rows, cols, nnz;
  speig_symmetry declared;
  int64_t *rowptr; /* [rows + 1] */
  int32_t *colind; /* [nnz] strictly ascending in each row */
  void *values; /* [nnz] */
  array_home rowptr_home, entries_home;
  size_t bytes; /* held by the handle */
};

struct speig_coo {
  speig_dtype dtype;
  int64_t rows, cols, nnz;
  speig_symmetry symmetry;
  int32_t *row, *col; /* [nnz] 0-based */
  void *values; /* [nnz], or NULL: all ones */
  array_home home;
};

/* A stretch of a coordinate list: lists too long for one array, or split among threads. */
typedef struct coo_piece {
  int64_t count;
  int32_t *row, *col; /* [count] 0-based */
  void *values; /* [count], or NULL: all ones */
} coo_piece;

/* Few entries are not worth waking other threads. */
static inline int matrix_team(int threads, int64_t entries)
{
  return entries < 1 << 14 ? 1 : threads;
}

/* An empty shell; matrix_alloc also takes the arrays, uninitialised. Errors: MEMORY. */
speig_status matrix_shell(speig_dtype dtype, int64_t rows, int64_t cols, int64_t nnz,
                          speig_matrix **out);
speig_status matrix_alloc(speig_dtype dtype, int64_t rows, int64_t cols, int64_t nnz,
                          speig_matrix **out);

/* CSR of the matrix whose entries are the pieces in order: sorted, duplicates summed in the order
 * of the list, the triangle expanded as `symmetry` says. Indices are inside the matrix already.
 * consume: the pieces' arrays are mem_ blocks and are released as soon as they are read, also on
 * failure. The same arrays come out for any number of threads and any cut into pieces.
 * Errors: MEMORY.                                                                               */
speig_status matrix_assemble(speig_dtype dtype, int64_t rows, int64_t cols, speig_symmetry symmetry,
                             coo_piece *pieces, int64_t count, int consume, int threads,
                             speig_matrix **out);
/* The same for one list, which is split among the threads. */
speig_status coo_assemble(const coo_piece *list, speig_dtype dtype, int64_t rows, int64_t cols,
                          speig_symmetry symmetry, int threads, speig_matrix **out);
/* The row of each entry: (*out)[nnz], to be released with mem_free. Errors: MEMORY. */
speig_status matrix_row_indices(const speig_matrix *A, int32_t **out);
/* Both parts of n numbers as doubles: to[2 n]. */
void matrix_widen(speig_dtype dtype, int64_t n, const void *from, double *to);
/* What a solver has to know of A's size, on all cores: NaN and Inf entries are counted and left out
 * of the norms. The same bits for any number of threads. */
typedef struct matrix_sizes {
  double max_abs, norm_inf, norm_fro;
  double low, high; /* Gershgorin: where eigenvalues are, if A is Hermitian */
  int64_t nonfinite, bad_row, bad_col; /* the first one, in row order */
} matrix_sizes;
speig_status matrix_get_sizes(const speig_matrix *A, matrix_sizes *sizes);
/* max |a_ij - conj(a_ji)| of a square matrix, 0 without a look at matrices made from one triangle.
 */
double matrix_hermitian_defect(const speig_matrix *A);
/* The way back; returns the first number that does not fit the type, -1 without one. */
int64_t matrix_narrow(speig_dtype dtype, int64_t n, const double *from, void *to);
/* The row that holds entry e, which is one. */
int64_t matrix_row_of(const speig_matrix *A, int64_t e);
/* Releases the arrays of the pieces, not the list itself. */
void coo_pieces_free(coo_piece *pieces, int64_t count);

/* Puts rows in order and sums duplicates in place; nnz and rowptr are updated. Errors: MEMORY. */
speig_status matrix_sort_rows(speig_matrix *A);

#endif
