/* block_products.c: the public products: dense blocks, Gram matrices, sparse matrices.
 *
 * Factors and coefficients go to the tables as small matrices in double, multiplied by alpha there.
 */
#include "backend/block_call.h"
#include "base/dtype.h"
#include "base/error.h"

#include <inttypes.h>

static number multiply(number a, number b)
{
  return (number){ a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re };
}

/* beta as the tables take it: a complex one is applied to Y beforehand, and 1 remains. */
static speig_status apply_beta(number beta, multivec *Y, double *remaining)
{
  speig_status st = SPEIG_OK;
  *remaining = beta.re;
  if (beta.im != 0) {
    TRY(block_multiply(beta, Y));
    *remaining = 1;
  }
done:
  return st;
}

speig_status speig_gemm(speig_context *ctx, const void *alpha, const speig_block *A,
                        const speig_block *X, const void *beta, speig_block *Y)
{
  speig_status st = SPEIG_OK;
  speig_context fallback = { .device = SPEIG_HOST };
  small C = { 0 };
  speig_block x = { 0 };
  number factor;
  double remaining;
  backend *be = NULL;
  multivec a, y;
  TRY(block_check_first("gemm: A", A));
  TRY(block_check("gemm: X", X, A->dtype));
  REQUIRE(X->rows == A->cols, "gemm: X has %" PRId64 " rows, A has %" PRId64 " columns", X->rows,
          A->cols);
  TRY(block_check_shape("gemm: Y", Y, A->dtype, A->rows, X->cols));
  REQUIRE(alpha && beta, "gemm: alpha or beta is NULL, numbers of type %s needed",
          speig_dtype_name(A->dtype));
  REQUIRE(!Y->data || (Y->data != A->data && Y->data != X->data), "gemm: Y overlaps A or X");
  TRY(block_begin(ctx, &fallback, A->dtype, &be));
  TRY(block_operand(be, "gemm: A", A, &a));
  TRY(block_operand(be, "gemm: Y", Y, &y));
  TRY(block_to_host(be, "gemm: X", X, &x));
  TRY(small_alloc((int32_t)X->rows, (int32_t)X->cols, dtype_is_complex(A->dtype), &C));
  factor = number_read(A->dtype, alpha, 0);
  for (int64_t j = 0; j < X->cols; ++j)
    for (int64_t i = 0; i < X->rows; ++i)
      number_write(C.is_complex ? SPEIG_Z : SPEIG_D,
                   multiply(factor, number_read(x.dtype, x.data, i + j * x.ld)), C.data,
                   i + j * C.ld);
  TRY(apply_beta(number_read(A->dtype, beta, 0), &y, &remaining));
  TRY(mv_mul(1, &a, &C, remaining, &y));
done:
  if (x.data)
    (void)block_from_host(be, &x, X, 0);
  small_free(&C);
  block_end(&fallback);
  return st;
}

speig_status speig_gemv(speig_context *ctx, const void *alpha, const speig_block *A,
                        const speig_block *x, const void *beta, speig_block *y)
{
  speig_status st = SPEIG_OK;
  TRY(block_check_first("gemv: A", A));
  TRY(block_check_shape("gemv: x", x, A->dtype, A->cols, 1));
  TRY(block_check_shape("gemv: y", y, A->dtype, A->rows, 1));
  TRY(speig_gemm(ctx, alpha, A, x, beta, y));
done:
  return st;
}

speig_status speig_gram(speig_context *ctx, const void *alpha, const speig_block *X,
                        const speig_block *Y, const void *beta, speig_block *C)
{
  speig_status st = SPEIG_OK;
  speig_context fallback = { .device = SPEIG_HOST };
  small H = { 0 };
  speig_block c = { 0 };
  number a, b;
  backend *be = NULL;
  multivec x, y;
  TRY(block_check_first("gram: X", X));
  TRY(block_check("gram: Y", Y, X->dtype));
  REQUIRE(X->rows == Y->rows, "gram: X has %" PRId64 " rows, Y has %" PRId64, X->rows, Y->rows);
  TRY(block_check_shape("gram: C", C, X->dtype, X->cols, Y->cols));
  REQUIRE(alpha && beta, "gram: alpha or beta is NULL, numbers of type %s needed",
          speig_dtype_name(X->dtype));
  TRY(block_begin(ctx, &fallback, X->dtype, &be));
  TRY(block_operand(be, "gram: X", X, &x));
  TRY(block_operand(be, "gram: Y", Y, &y));
  TRY(block_to_host(be, "gram: C", C, &c));
  TRY(small_alloc((int32_t)X->cols, (int32_t)Y->cols, dtype_is_complex(X->dtype), &H));
  a = number_read(X->dtype, alpha, 0);
  b = number_read(X->dtype, beta, 0);
  TRY(mv_gram(&x, &y, &H));
  for (int32_t j = 0; j < H.cols; ++j)
    for (int32_t i = 0; i < H.rows; ++i) {
      number h = multiply(a, number_of_small(&H, i, j)), old = { 0, 0 };
      if (b.re != 0 || b.im != 0)
        old = multiply(b, number_read(c.dtype, c.data, i + j * c.ld));
      number_write(c.dtype, (number){ h.re + old.re, h.im + old.im }, c.data, i + j * c.ld);
    }
  TRY(block_from_host(be, &c, C, 1));
  c.data = NULL;
done:
  if (c.data)
    (void)block_from_host(be, &c, C, 0);
  small_free(&H);
  block_end(&fallback);
  return st;
}

/* A complex alpha multiplies a block of its own: Y = alpha (A X) + beta Y. */
static speig_status spmv_complex(number alpha, backend_matrix *A, const multivec *X, double beta,
                                 multivec *Y)
{
  speig_status st = SPEIG_OK;
  multivec product = { 0 };
  small C = number_as_small(&alpha);
  TRY(mv_alloc(X->be, Y->n, Y->p, "product", &product));
  TRY(mv_apply(A, 1, X, 0, &product));
  for (int32_t j = 0; j < Y->p; ++j) {
    multivec from = mv_columns(&product, j, 1), to = mv_columns(Y, j, 1);
    TRY(mv_mul(1, &from, &C, beta, &to));
  }
done:
  mv_free(&product);
  return st;
}

speig_status speig_spmv(speig_context *ctx, const void *alpha, const speig_matrix *A,
                        const speig_block *X, const void *beta, speig_block *Y)
{
  speig_status st = SPEIG_OK;
  speig_context fallback = { .device = SPEIG_HOST };
  backend_matrix *M = NULL;
  backend *be = NULL;
  speig_matrix_info info;
  number factor;
  double remaining;
  multivec x, y;
  REQUIRE(A, "spmv: A is NULL, a matrix needed");
  info = speig_matrix_get_info(A);
  TRY(block_check("spmv: X", X, info.dtype));
  REQUIRE(X->rows == info.cols, "spmv: X has %" PRId64 " rows, A has %" PRId64 " columns", X->rows,
          info.cols);
  TRY(block_check_shape("spmv: Y", Y, info.dtype, info.rows, X->cols));
  REQUIRE(alpha && beta, "spmv: alpha or beta is NULL, numbers of type %s needed",
          speig_dtype_name(info.dtype));
  REQUIRE(!Y->data || Y->data != X->data, "spmv: Y overlaps X");
  TRY(block_begin(ctx, &fallback, info.dtype, &be));
  TRY(block_operand(be, "spmv: X", X, &x));
  TRY(block_operand(be, "spmv: Y", Y, &y));
  TRY(mv_matrix_open(be, A, &M));
  factor = number_read(info.dtype, alpha, 0);
  TRY(apply_beta(number_read(info.dtype, beta, 0), &y, &remaining));
  if (factor.im == 0)
    TRY(mv_apply(M, factor.re, &x, remaining, &y));
  else
    TRY(spmv_complex(factor, M, &x, remaining, &y));
done:
  if (be)
    mv_matrix_close(be, &M);
  block_end(&fallback);
  return st;
}
