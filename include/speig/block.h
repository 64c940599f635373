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
  speig_device device; /* where data leads; 0 as well as HOST: host memory; CUDA: device memory */
} speig_block;

/* Where and with how many threads the functions below run. NULL stands for the host with all cores.
 * A context serves one thread at a time; several may exist.                                     */
typedef struct speig_context speig_context;

typedef struct speig_context_opts {
  size_t size; /* sizeof(speig_context_opts), set by the INIT macro */
  speig_device device; /* HOST (also AUTO), REFERENCE or CUDA */
  int threads; /* 0: all cores */
  int device_number; /* CUDA: which device */
  void *stream; /* CUDA: a cudaStream_t of the caller, in whose order all work of the context is
                   done; it must outlive the context, and cudaStreamLegacy stands for the default
                   stream. NULL: a stream of the context's own, which waits for no other: what
                   another stream is still writing must be finished before it is handed over */
} speig_context_opts;
#define SPEIG_CONTEXT_OPTS_INIT                                                                    \
  {                                                                                                \
    .size = sizeof(speig_context_opts), .device = SPEIG_HOST                                       \
  }
/* For languages without designated initialisers. */
SPEIG_API void speig_context_opts_init(speig_context_opts *opts);
/* Errors: ARG, MEMORY, DEVICE (the message says what is missing). */
SPEIG_API speig_status speig_context_create_on(const speig_context_opts *opts, speig_context **out);
/* The same with device number 0 and a stream of its own. */
SPEIG_API speig_status speig_context_create(speig_device device, int threads, speig_context **out);
/* Blocks and results that live in the context's memory keep it alive until they are freed. */
SPEIG_API void speig_context_destroy(speig_context **ctx);
SPEIG_API speig_device speig_context_device(const speig_context *ctx);
/* Until everything asked of the context is done; errors that came up on the way are reported here.
 * Functions that put numbers into host memory have waited before they return. */
SPEIG_API speig_status speig_context_wait(speig_context *ctx);

/* A block with storage of its own in host memory, zeroed, ld = rows; release with speig_block_free.
 */
SPEIG_API speig_status speig_block_alloc(speig_dtype dtype, int64_t rows, int64_t cols,
                                         speig_block *out);
SPEIG_API void speig_block_free(speig_block *X);
/* The same in the memory that ctx computes in (the device's for CUDA), with an ld that suits it;
 * and in host memory from which copies to ctx's device run beside other work (pinned; ordinary
 * memory for the host). Both zeroed; release with speig_block_free_on and the same context. */
SPEIG_API speig_status speig_block_alloc_on(speig_context *ctx, speig_dtype dtype, int64_t rows,
                                            int64_t cols, speig_block *out);
SPEIG_API speig_status speig_block_alloc_pinned(speig_context *ctx, speig_dtype dtype, int64_t rows,
                                                int64_t cols, speig_block *out);
SPEIG_API void speig_block_free_on(speig_context *ctx, speig_block *X);
/* A view of count columns from first on; shares the data. No check beyond an assertion. */
SPEIG_API speig_block speig_block_columns(const speig_block *X, int64_t first, int64_t count);

/* Y = X, of the same shape and type: between host memory and ctx's device in either direction, or
 * within either. Host memory is complete, or free to be reused, on return. */
SPEIG_API speig_status speig_copy(speig_context *ctx, const speig_block *X, speig_block *Y);
/* Begins the same. When the host's side is pinned this returns at once, and that side is to be left
 * alone until speig_context_wait; other host memory may be waited for. */
SPEIG_API speig_status speig_copy_async(speig_context *ctx, const speig_block *X, speig_block *Y);

/* A call computes where its context does: X, Y and A lie in that memory, and a block elsewhere is
 * refused (ARG), never copied behind the caller's back. Small results are numbers on the host. */

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
/* Y = alpha A X + beta Y;  A n x k, X k x p, Y n x p. beta == 0 does not read Y. The small factor X
 * may also lie in host memory. */
SPEIG_API speig_status speig_gemm(speig_context *ctx, const void *alpha, const speig_block *A,
                                  const speig_block *X, const void *beta, speig_block *Y);
/* C = alpha X^H Y + beta C;  X n x p, Y n x q, C p x q. C may also lie in host memory. */
SPEIG_API speig_status speig_gram(speig_context *ctx, const void *alpha, const speig_block *X,
                                  const speig_block *Y, const void *beta, speig_block *C);
/* y = alpha A x + beta y for one column each: the same as speig_gemm, spelled for vectors. */
SPEIG_API speig_status speig_gemv(speig_context *ctx, const void *alpha, const speig_block *A,
                                  const speig_block *x, const void *beta, speig_block *y);
/* x_ij = uniform in (-1, 1) from (seed, i, j); both parts for complex. The same numbers on every
 * device and for every ld.                                                                      */
SPEIG_API speig_status speig_fill_random(speig_context *ctx, uint64_t seed, speig_block *X);

/* Y = alpha A X + beta Y for a sparse A: rows x cols, X cols x p, Y rows x p. X and Y must not
 * overlap. beta == 0 does not read Y. p = 1 is the sparse matrix-vector product. On a device A is
 * copied there for this call: for many products with one matrix see speig_product (operator.h). */
SPEIG_API speig_status speig_spmv(speig_context *ctx, const void *alpha, const speig_matrix *A,
                                  const speig_block *X, const void *beta, speig_block *Y);

#ifdef __cplusplus
}
#endif
#endif
