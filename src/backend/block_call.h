/* block_call.h: what the public dense helpers share: contexts, checks, numbers of any type. */
#ifndef SPEIG_SRC_BACKEND_BLOCK_CALL_H
#define SPEIG_SRC_BACKEND_BLOCK_CALL_H

#include "backend/backend.h"
#include "speig/block.h"

struct speig_context {
  speig_device device;
  int threads;
  backend *be[4]; /* by dtype, opened when first needed */
};

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
