/* plan.h: what is found once in a sparse matrix so that products have less of it to read.
 *
 * On a regular mesh nearly every row is the row before it, moved by one column: the same distances
 * of its entries from the diagonal, the same values. Such a run is stored as one shape, and its
 * product is sum_k v_k x[i + d_k], with loads side by side and no bytes of the matrix at all. Where
 * only the diagonal varies (a potential, a graph's degrees) it is kept apart: 8 bytes per row. Rows
 * outside of runs stay CSR. Nothing is rounded or padded: entries are those of the matrix. Where
 * there are no runs but all entries are equal, beside the diagonal (graphs), the columns are read
 * and the values are not: 4 bytes an entry.
 * Cost: one pass over the matrix, about that of a product; a sample of rows decides beforehand. */
#ifndef SPEIG_SRC_SPMV_PLAN_H
#define SPEIG_SRC_SPMV_PLAN_H

#include "speig/matrix.h"
#include "spmv/csr.h"

typedef struct spmv_shape {
  int32_t entries; /* without a diagonal that is kept apart */
  int32_t with_diagonal; /* plus diagonal[i] x[i] */
  const int64_t *distance; /* [entries] column minus row, ascending */
  const double *value; /* [2 entries] real and imaginary parts */
} spmv_shape;

/* Rows from `first` to that of the next segment. */
typedef struct spmv_segment {
  int64_t first;
  int32_t shape; /* -1: as they are in CSR */
} spmv_segment;

typedef struct spmv_plan {
  csr_view csr; /* borrowed, or what follows */
  int64_t *own_rowptr;
  int32_t *own_colind;
  void *own_values;
  int64_t rows;
  int64_t segments;
  spmv_segment *segment; /* [segments + 1], the last one at `rows` */
  int32_t shapes;
  spmv_shape *shape; /* [shapes] */
  int64_t *distances; /* what the shapes point into */
  double *values;
  double *diagonal; /* [rows], real; NULL unless kept apart */
  int uniform; /* one segment, `equal` in place of values; equal.more is `diagonal` or NULL */
  csr_uniform equal;
  double covered; /* share of the entries that lie in runs */
} spmv_plan;

/* A has to outlive the plan. Without runs worth having: one segment of CSR. Errors: MEMORY. */
speig_status spmv_plan_make(const speig_matrix *A, int threads, spmv_plan *P);
/* One segment of CSR, whatever A holds. */
speig_status spmv_plan_plain(const speig_matrix *A, spmv_plan *P);
/* Rows and columns order[0 .. count) of a square matrix of order n planned by P, without runs, in
 * that order: a plan that borrows nothing. Their entries must lie in these columns; size: bytes of
 * a value. Errors: MEMORY, INTERNAL. */
speig_status spmv_plan_select(const spmv_plan *P, size_t size, int64_t n, const int32_t *order,
                              int64_t count, int threads, spmv_plan *out);
void spmv_plan_free(spmv_plan *P); /* accepts zeroed P */
/* Bytes of the matrix that a product with one vector reads. */
double spmv_plan_bytes(const spmv_plan *P, speig_dtype dtype);

#endif
