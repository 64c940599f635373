/* block.c: the public dense helpers of speig/block.h: checks, then the backend's own products.
 *
 * The tables take real factors and give real dots; complex factors go through 1 x 1 coefficient
 * matrices, complex dots and sums through Gram matrices, so that no table needs entries for them.
 */
#include "backend/block_call.h"
#include "base/dtype.h"
#include "base/error.h"

/* ---- sums and dots ---- */

static speig_status upload_ones(backend *be, int64_t n, multivec *ones)
{
  speig_status st = SPEIG_OK;
  speig_block host = { 0 };
  TRY(speig_block_alloc(be->ops->dtype, n, 1, &host));
  for (int64_t i = 0; i < n; ++i)
    number_write(host.dtype, (number){ 1, 0 }, host.data, i);
  TRY(mv_alloc(be, n, 1, "ones", ones));
  TRY(mv_upload(host.data, n, ones));
done:
  speig_block_free(&host);
  return st;
}

/* Slabs of fixed height against a column of ones, added in order. */
speig_status speig_sum(speig_context *ctx, const speig_block *X, void *sums)
{
  enum { SLAB = 65536 };
  speig_status st = SPEIG_OK;
  speig_context fallback = { .device = SPEIG_HOST };
  small H = { 0 }, total = { 0 };
  backend *be;
  multivec slab, ones = { 0 };
  TRY(block_check_first("sum: X", X));
  REQUIRE(sums || X->cols == 0, "sum: a place for the sums is needed, it is NULL");
  TRY(block_begin(ctx, &fallback, X->dtype, &be));
  TRY(block_operand(be, "sum: X", X, &slab));
  TRY(upload_ones(be, X->rows < SLAB ? X->rows : SLAB, &ones));
  TRY(small_alloc(1, (int32_t)X->cols, dtype_is_complex(X->dtype), &H));
  TRY(small_alloc(1, (int32_t)X->cols, dtype_is_complex(X->dtype), &total));
  for (int64_t first = 0; first < X->rows; first += SLAB) {
    slab.n = ones.n = X->rows - first < SLAB ? X->rows - first : SLAB;
    slab.data = (char *)X->data + (size_t)first * speig_dtype_size(X->dtype);
    TRY(mv_gram(&ones, &slab, &H));
    for (int64_t j = 0; j < X->cols * (H.is_complex ? 2 : 1); ++j)
      total.data[j] += H.data[j];
  }
  for (int32_t j = 0; j < X->cols; ++j)
    number_write(X->dtype, number_of_small(&total, 0, j), sums, j);
done:
  mv_free(&ones);
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
  multivec x, y;
  TRY(block_check_first("dot: X", X));
  TRY(block_check_shape("dot: Y", Y, X->dtype, X->rows, X->cols));
  REQUIRE(dots || X->cols == 0, "dot: a place for the dots is needed, it is NULL");
  TRY(block_begin(ctx, &fallback, X->dtype, &be));
  TRY(block_operand(be, "dot: X", X, &x));
  TRY(block_operand(be, "dot: Y", Y, &y));
  TRY(small_alloc(1, 1, dtype_is_complex(X->dtype), &H));
  for (int32_t j = 0; j < X->cols; ++j) {
    multivec xj = mv_columns(&x, j, 1), yj = mv_columns(&y, j, 1);
    TRY(mv_gram(&xj, &yj, &H));
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
  TRY(block_operand(be, "norm: X", X, &x));
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
  TRY(block_operand(be, "axpy: X", X, &x));
  TRY(block_operand(be, "axpy: Y", Y, &y));
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
  TRY(block_operand(be, "scale: X", X, &x));
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
  TRY(block_operand(be, "fill_random: X", X, &x));
  TRY(mv_fill_random(seed, &x));
done:
  block_end(&fallback);
  return st;
}
