/* csr.h: the arrays of a sparse matrix as the kernels see them (see speig/matrix.h). */
#ifndef SPEIG_SRC_SPMV_CSR_H
#define SPEIG_SRC_SPMV_CSR_H

#include <stdint.h>

typedef struct csr_view {
  const int64_t *rowptr; /* [rows + 1] */
  const int32_t *colind; /* [nnz] */
  const void *values; /* scalar[nnz] */
} csr_view;

#endif
