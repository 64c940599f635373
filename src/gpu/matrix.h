/* matrix.h: a sparse matrix on the device: CSR with 64-bit offsets and 32-bit columns, and how its
 * rows are shared out among blocks of threads.
 *
 * After CSR-Adaptive (Greathouse and Daga, SC 2014): consecutive rows with at most SPMV_ENTRIES
 * entries together are one piece, read as one contiguous run whatever the rows' lengths; a longer
 * row is cut into segments of SPMV_SEGMENT entries, whose sums are added in a second step. So a
 * power-law graph keeps all blocks equally busy, and sums run in the same order every time.      */
#ifndef SPEIG_SRC_GPU_MATRIX_H
#define SPEIG_SRC_GPU_MATRIX_H

#include "gpu/state.h"

enum { SPMV_ENTRIES = 1024, SPMV_ROWS = 1024, SPMV_SEGMENT = 4096 };

typedef struct gpu_piece {
  int64_t from; /* first entry */
  int32_t row, rows, entries;
} gpu_piece;

typedef struct gpu_matrix {
  backend_matrix base;
  int64_t nnz;
  const int64_t *rowptr; /* device arrays from here on */
  const int32_t *colind;
  const void *values;
  gpu_piece *piece; /* [pieces] */
  int32_t *long_row; /* [longs] */
  int64_t *long_segment; /* [longs + 1] first segment of each long row */
  int64_t *segment_from; /* [segments] its first entry */
  int32_t *segment_row; /* [segments] */
  int64_t pieces, longs, segments;
  void *block; /* the one allocation that holds what is owned */
} gpu_matrix;

/* Copies A to the device. All memory is taken at once or not at all. Errors: MEMORY, DEVICE. */
speig_status gpu_matrix_open(backend *be, const speig_matrix *A, backend_matrix **out);
/* The caller's arrays, read in place; 32-bit row offsets are widened into a copy. */
speig_status gpu_matrix_borrow(backend *be, const device_csr *A, backend_matrix **out);
void gpu_matrix_close(backend *be, backend_matrix *A);

#endif
