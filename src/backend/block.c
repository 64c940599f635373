/* block.c: the public dense helpers of speig/block.h: checks, then the backend's own products.
 *
 * The tables take real factors and give real dots; complex factors go through 1 x 1 coefficient
 * matrices, complex dots and sums through Gram matrices, so that no table needs entries for them.
 */
#include "backend/block_call.h"
#include "base/dtype.h"
#include "base/error.h"
#include "base/memory.h"

#include <assert.h>
#include <inttypes.h>

speig_status speig_context_create(speig_device device, int threads, speig_context **out)
{
  speig_status st = SPEIG_OK;
  speig_context *ctx = NULL;
  REQUIRE(out, "a place for the context is needed, it is NULL");
  *out = NULL;
  TRY(MEM_ZARRAY(1, "context", &ctx));
  *ctx = (speig_context){ .device = device, .threads = threads };
  TRY(backend_open(device, SPEIG_D, threads, &ctx->be[SPEIG_D])); /* refuses what is not there */
  *out = ctx;
  ctx = NULL;
done:
  mem_free(ctx);
  return st;
}

void speig_context_destroy(speig_context **ctx)
{
  if (!ctx || !*ctx)
    return;
  block_end(*ctx);
  mem_free(*ctx);
  *ctx = NULL;
}

/* ---- blocks ---- */

speig_status speig_block_alloc(speig_dtype dtype, int64_t rows, int64_t cols, speig_block *out)
{
  speig_status st = SPEIG_OK;
  size_t bytes;
  REQUIRE(out, "a place for the block is needed, it is NULL");
  *out = (speig_block){ 0 };
  REQUIRE(dtype_valid(dtype), "scalar type %d is none of s, d, c, z", (int)dtype);
  REQUIRE(rows >= 0 && cols >= 0, "a block of %" PRId64 " x %" PRId64 ", at least 0 x 0 needed",
          rows, cols);
  TRY(mem_product(rows, cols, speig_dtype_size(dtype), "block", &bytes));
  TRY(mem_zalloc((int64_t)bytes, 1, "block", &out->data));
  *out = (speig_block){ dtype, rows, cols, rows, out->data };
done:
  return st;
}

void speig_block_free(speig_block *X)
{
  if (!X)
    return;
  mem_free(X->data);
  *X = (speig_block){ 0 };
}

speig_block speig_block_columns(const speig_block *X, int64_t first, int64_t count)
{
  speig_block view = *X;
  assert(first >= 0 && count >= 0 && first + count <= X->cols);
  view.cols = count;
  if (X->data)
    view.data = (char *)X->data + (size_t)(first * X->ld) * speig_dtype_size(X->dtype);
  return view;
}

/* ---- sums and dots ---- */

/* Slabs of fixed height against a column of ones, added in order. */
speig_status speig_sum(speig_context *ctx, const speig_block *X, void *sums)
{
  enum { SLAB = 65536 };
  speig_status st = SPEIG_OK;
  speig_context fallback = { .device = SPEIG_HOST };
  speig_block ones = { 0 };
  small H = { 0 }, total = { 0 };
  backend *be;
  multivec slab, one;
  TRY(block_check_first("sum: X", X));
  REQUIRE(sums || X->cols == 0, "sum: a place for the sums is needed, it is NULL");
  TRY(block_begin(ctx, &fallback, X->dtype, &be));
  TRY(speig_block_alloc(X->dtype, X->rows < SLAB ? X->rows : SLAB, 1, &ones));
  TRY(small_alloc(1, (int32_t)X->cols, dtype_is_complex(X->dtype), &H));
  TRY(small_alloc(1, (int32_t)X->cols, dtype_is_complex(X->dtype), &total));
  for (int64_t i = 0; i < ones.rows; ++i)
    number_write(X->dtype, (number){ 1, 0 }, ones.data, i);
  slab = block_view(be, X);
  one = block_view(be, &ones);
  for (int64_t first = 0; first < X->rows; first += SLAB) {
    slab.n = one.n = X->rows - first < SLAB ? X->rows - first : SLAB;
    slab.data = (char *)X->data + (size_t)first * speig_dtype_size(X->dtype);
    TRY(mv_gram(&one, &slab, &H));
    for (int64_t j = 0; j < X->cols * (H.is_complex ? 2 : 1); ++j)
      total.data[j] += H.data[j];
  }
  for (int32_t j = 0; j < X->cols; ++j)
    number_write(X->dtype, number_of_small(&total, 0, j), sums, j);
done:
  speig_block_free(&ones);
  small_free(&H);
  small_free(&total);
  block_end(&fallback);
  return st;
}

speig_status speig_dot(speig_context *ctx, const speig_block *X, const speig_block *Y, void *dots)
{
  speig_status st = SPEIG_OK;
  speig_context fallback = { .device = SPEIG_HOST };
  small H = { 0 };
  backend *be;
  TRY(block_check_first("dot: X", X));
  TRY(block_check_shape("dot: Y", Y, X->dtype, X->rows, X->cols));
  REQUIRE(dots || X->cols == 0, "dot: a place for the dots is needed, it is NULL");
  TRY(block_begin(ctx, &fallback, X->dtype, &be));
  TRY(small_alloc(1, 1, dtype_is_complex(X->dtype), &H));
  for (int64_t j = 0; j < X->cols; ++j) {
    speig_block x = speig_block_columns(X, j, 1), y = speig_block_columns(Y, j, 1);
    multivec mx = block_view(be, &x), my = block_view(be, &y);
    TRY(mv_gram(&mx, &my, &H));
    number_write(X->dtype, number_of_small(&H, 0, 0), dots, j);
  }
done:
  small_free(&H);
  block_end(&fallback);
  return st;
}

speig_status speig_norm(speig_context *ctx, const speig_block *X, double *norms)
{
  speig_status st = SPEIG_OK;
  speig_context fallback = { .device = SPEIG_HOST };
  backend *be;
  multivec x;
  TRY(block_check_first("norm: X", X));
  REQUIRE(norms || X->cols == 0, "norm: a place for the norms is needed, it is NULL");
  TRY(block_begin(ctx, &fallback, X->dtype, &be));
  x = block_view(be, X);
  TRY(mv_norms(&x, norms));
done:
  block_end(&fallback);
  return st;
}

/* ---- sums of blocks ---- */

/* Y = Y + a X, column by column */
static speig_status add_multiple(number a, const multivec *X, multivec *Y)
{
  speig_status st = SPEIG_OK;
  small C = number_as_small(&a);
  for (int32_t j = 0; j < X->p; ++j) {
    multivec x = mv_columns(X, j, 1), y = mv_columns(Y, j, 1);
    if (a.im == 0)
      TRY(mv_axpy(&a.re, &x, &y));
    else
      TRY(mv_mul(1, &x, &C, 1, &y));
  }
done:
  return st;
}

speig_status speig_axpy(speig_context *ctx, const void *alpha, const speig_block *X, speig_block *Y)
{
  speig_status st = SPEIG_OK;
  speig_context fallback = { .device = SPEIG_HOST };
  backend *be;
  multivec x, y;
  TRY(block_check_first("axpy: X", X));
  TRY(block_check_shape("axpy: Y", Y, X->dtype, X->rows, X->cols));
  REQUIRE(alpha, "axpy: alpha is NULL, a number of type %s needed", speig_dtype_name(X->dtype));
  TRY(block_begin(ctx, &fallback, X->dtype, &be));
  x = block_view(be, X);
  y = block_view(be, Y);
  TRY(add_multiple(number_read(X->dtype, alpha, 0), &x, &y));
done:
  block_end(&fallback);
  return st;
}

speig_status speig_scale(speig_context *ctx, const void *alpha, speig_block *X)
{
  speig_status st = SPEIG_OK;
  speig_context fallback = { .device = SPEIG_HOST };
  backend *be;
  multivec x;
  TRY(block_check_first("scale: X", X));
  REQUIRE(alpha, "scale: alpha is NULL, a number of type %s needed", speig_dtype_name(X->dtype));
  TRY(block_begin(ctx, &fallback, X->dtype, &be));
  x = block_view(be, X);
  TRY(block_multiply(number_read(X->dtype, alpha, 0), &x));
done:
  block_end(&fallback);
  return st;
}

speig_status speig_fill_random(speig_context *ctx, uint64_t seed, speig_block *X)
{
  speig_status st = SPEIG_OK;
  speig_context fallback = { .device = SPEIG_HOST };
  backend *be;
  multivec x;
  TRY(block_check_first("fill_random: X", X));
  TRY(block_begin(ctx, &fallback, X->dtype, &be));
  x = block_view(be, X);
  TRY(mv_fill_random(seed, &x));
done:
  block_end(&fallback);
  return st;
}
