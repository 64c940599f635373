/* traffic.h: a model of the bytes that a backend moves: every block and every array of a matrix
 * that an operation names is read or written once, whatever caches hold. The wrappers of the seam
 * add to it. */
#ifndef SPEIG_SRC_BACKEND_TRAFFIC_H
#define SPEIG_SRC_BACKEND_TRAFFIC_H

#include "backend/backend.h"

/* `columns` columns of n scalars. */
static inline void traffic_blocks(backend *be, int64_t n, double columns)
{
  be->moved += (double)n * columns * (double)speig_dtype_size(be->ops->dtype);
}

/* The arrays of A, for one pass over it. */
static inline void traffic_matrix(const backend_matrix *A)
{
  A->be->moved += A->bytes;
}

/* Solves of `columns` right-hand sides with factors that hold so many scalars: they are read once
 * down and once up for eight of them. */
static inline void traffic_factors(backend *be, double entries, int32_t columns)
{
  be->moved += 2 * entries * ((columns + 7) / 8) * (double)speig_dtype_size(be->ops->dtype);
}

/* CSR with 64-bit offsets and 32-bit columns. */
static inline double traffic_csr(speig_dtype dtype, int64_t rows, int64_t nnz)
{
  return (double)nnz * ((double)speig_dtype_size(dtype) + 4) + 8 * ((double)rows + 1);
}

#endif
