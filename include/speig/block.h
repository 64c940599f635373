/* block.h: dense blocks of vectors, and what one does with them: sums, dots, products.
 *
 * A block is a plain view: rows x cols scalars, column-major, leading dimension ld >= rows. It owns
 * nothing unless a function says so. A vector is a block with one column.                       */
#ifndef SPEIG_BLOCK_H
#define SPEIG_BLOCK_H

#include "speig/matrix.h"
#include "speig/types.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct speig_block {
  speig_dtype dtype;
  int64_t rows, cols;
  int64_t ld; /* distance of two columns, in scalars; >= rows */
  void *data; /* entry (i, j) is scalar number i + j ld */
} speig_block;

/* Where and with how many threads the functions below run. NULL stands for the host with all cores.
 * A context serves one thread at a time; several may exist.                                     */
typedef struct speig_context speig_context;
/* device: HOST or REFERENCE; threads 0: all cores. Errors: ARG, DEVICE, MEMORY. */
SPEIG_API speig_status speig_context_create(speig_device device, int threads, speig_context **out);
SPEIG_API void speig_context_destroy(speig_context **ctx);

/* A block with storage of its own, zeroed, ld = rows; release with speig_block_free. */
SPEIG_API speig_status speig_block_alloc(speig_dtype dtype, int64_t rows, int64_t cols,
                                         speig_block *out);
SPEIG_API void speig_block_free(speig_block *X);
/* A view of count columns from first on; shares the data. No check beyond an assertion. */
SPEIG_API speig_block speig_block_columns(const speig_block *X, int64_t first, int64_t count);

/* In all functions: blocks of one call share one dtype, else ARG. A "scalar" argument is a pointer
 * to one number of that dtype. Results on the host. The same bits for any number of threads.
 * Errors: ARG (shapes, named with both values), MEMORY, DEVICE.                                 */

/* sums[j] = sum_i x_ij;  scalar[cols] */
SPEIG_API speig_status speig_sum(speig_context *ctx, const speig_block *X, void *sums);
/* dots[j] = x_j^H y_j;  scalar[cols] */
SPEIG_API speig_status speig_dot(speig_context *ctx, const speig_block *X, const speig_block *Y,
                                 void *dots);
/* norms[j] = ||x_j||_2, without overflow or underflow;  double[cols] */
SPEIG_API speig_status speig_norm(speig_context *ctx, const speig_block *X, double *norms);
/* Y = Y + alpha X */
SPEIG_API speig_status speig_axpy(speig_context *ctx, const void *alpha, const speig_block *X,
                                  speig_block *Y);
/* X = alpha X */
SPEIG_API speig_status speig_scale(speig_context *ctx, const void *alpha, speig_block *X);
/* Y = alpha A X + beta Y;  A n x k, X k x p, Y n x p. beta == 0 does not read Y. */
SPEIG_API speig_status speig_gemm(speig_context *ctx, const void *alpha, const speig_block *A,
                                  const speig_block *X, const void *beta, speig_block *Y);
/* C = alpha X^H Y + beta C;  X n x p, Y n x q, C p x q */
SPEIG_API speig_status speig_gram(speig_context *ctx, const void *alpha, const speig_block *X,
                                  const speig_block *Y, const void *beta, speig_block *C);
/* y = alpha A x + beta y for one column each: the same as speig_gemm, spelled for vectors. */
SPEIG_API speig_status speig_gemv(speig_context *ctx, const void *alpha, const speig_block *A,
                                  const speig_block *x, const void *beta, speig_block *y);
/* x_ij = uniform in (-1, 1) from (seed, i, j); both parts for complex. The same numbers on every
 * device and for every ld.                                                                      */
SPEIG_API speig_status speig_fill_random(speig_context *ctx, uint64_t seed, speig_block *X);

/* Y = alpha A X + beta Y for a sparse A: rows x cols, X cols x p, Y rows x p. X and Y must not
 * overlap. beta == 0 does not read Y. p = 1 is the sparse matrix-vector product.                */
SPEIG_API speig_status speig_spmv(speig_context *ctx, const void *alpha, const speig_matrix *A,
                                  const speig_block *X, const void *beta, speig_block *Y);

#ifdef __cplusplus
}
#endif
#endif
