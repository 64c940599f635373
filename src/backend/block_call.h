/* block_call.h: what the public dense helpers share: contexts, checks, numbers of any type. */
#ifndef SPEIG_SRC_BACKEND_BLOCK_CALL_H
#define SPEIG_SRC_BACKEND_BLOCK_CALL_H

#include "backend/context.h"

/* The backend of a call; `fallback`, an empty context, serves calls without one (ctx NULL) and is
 * closed by block_end at the end of the call. */
speig_status block_begin(speig_context *ctx, speig_context *fallback, speig_dtype dtype,
                         backend **be);
void block_end(speig_context *ctx);

/* Whether the block is well-formed and of that type; of that shape too; the first operand of a
 * call, which decides the type. name is what messages call it. */
speig_status block_check(const char *name, const speig_block *X, speig_dtype dtype);
speig_status block_check_shape(const char *name, const speig_block *X, speig_dtype dtype,
                               int64_t rows, int64_t cols);
speig_status block_check_first(const char *name, const speig_block *X);
multivec block_view(backend *be, const speig_block *X);

/* What blocks in the backend's memory say of where they are: CUDA, or HOST for all others. */
speig_device block_device(const backend *be);
/* Whether the block is where it says, and that is host memory or the backend's. Errors: ARG, the
 * message tells host and device pointers apart. */
speig_status block_check_place(backend *be, const char *name, const speig_block *X);
/* Whether it is in the backend's memory, and a view of it. */
speig_status block_operand(backend *be, const char *name, const speig_block *X, multivec *out);
/* out = X, which may be in host memory or in that of out. */
speig_status block_bring(const char *name, const speig_block *X, multivec *out);
/* Y = X, both in host memory, of the same shape and type. */
void block_copy_host(const speig_block *X, speig_block *Y);
/* *host = X when that is in host memory, else a copy of it; and the way back, which releases a
 * copy, after writing it to X when `write` is set. */
speig_status block_to_host(backend *be, const char *name, const speig_block *X, speig_block *host);
speig_status block_from_host(backend *be, speig_block *host, const speig_block *X, int write);

typedef struct number {
  double re, im;
} number;

number number_read(speig_dtype dtype, const void *numbers, int64_t at);
void number_write(speig_dtype dtype, number x, void *numbers, int64_t at);
number number_of_small(const small *M, int32_t i, int32_t j);
/* A complex 1 x 1 matrix that looks at x, which must outlive it. */
small number_as_small(number *x);
/* X = f X */
speig_status block_multiply(number f, multivec *X);

#endif
