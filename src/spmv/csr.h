/* csr.h: the arrays of a sparse matrix as the kernels see them (see speig/matrix.h). */
#ifndef SPEIG_SRC_SPMV_CSR_H
#define SPEIG_SRC_SPMV_CSR_H

#include <stdint.h>

typedef struct csr_view {
  const int64_t *rowptr; /* [rows + 1] */
  const int32_t *colind; /* [nnz] */
  const void *values; /* scalar[nnz] */
} csr_view;

/* All entries are `value`, but for more[i] that comes on top in row i on the diagonal. */
typedef struct csr_uniform {
  double value[2]; /* real and imaginary part */
  const double *more; /* [rows], or NULL: nothing */
} csr_uniform;

#endif
