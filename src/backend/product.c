/* product.c: operators and matrices made ready in a context, for many products. */
#include "backend/block_call.h"
#include "backend/operator.h"
#include "base/error.h"
#include "base/memory.h"

struct speig_product {
  speig_context *ctx; /* held */
  backend *be; /* of ctx */
  bound_operator *bound; /* or: */
  backend_matrix *matrix;
  int64_t rows, cols;
};

static speig_status product_open(speig_context *ctx, speig_dtype dtype, int64_t rows, int64_t cols,
                                 speig_product **out)
{
  speig_status st = SPEIG_OK;
  speig_product *product = NULL;
  *out = NULL;
  TRY(MEM_ZARRAY(1, "product", &product));
  context_retain(ctx);
  *product = (speig_product){ .ctx = ctx, .rows = rows, .cols = cols };
  TRY(context_backend(ctx, dtype, &product->be));
  *out = product;
  product = NULL;
done:
  speig_product_destroy(&product);
  return st;
}

speig_status speig_product_create(speig_context *ctx, const speig_operator *op, speig_product **out)
{
  speig_status st = SPEIG_OK;
  REQUIRE(ctx && op && out, "a context, an operator and a place for the product are needed, one is "
                            "NULL");
  TRY(product_open(ctx, op->dtype, op->rows, op->n, out));
  TRY(operator_bind((*out)->be, op, 1, &(*out)->bound));
done:
  if (st != SPEIG_OK && out)
    speig_product_destroy(out);
  return st;
}

speig_status speig_product_from_matrix(speig_context *ctx, const speig_matrix *A,
                                       speig_product **out)
{
  speig_status st = SPEIG_OK;
  speig_matrix_info info;
  REQUIRE(ctx && A && out, "a context, a matrix and a place for the product are needed, one is "
                           "NULL");
  info = speig_matrix_get_info(A);
  TRY(product_open(ctx, info.dtype, info.rows, info.cols, out));
  TRY(mv_matrix_open((*out)->be, A, &(*out)->matrix));
done:
  if (st != SPEIG_OK && out)
    speig_product_destroy(out);
  return st;
}

speig_status speig_product_apply(speig_product *product, const speig_block *X, speig_block *Y)
{
  speig_status st = SPEIG_OK;
  speig_dtype dtype;
  multivec x, y;
  REQUIRE(product, "the product is NULL");
  dtype = product->be->ops->dtype;
  TRY(block_check("product: X", X, dtype));
  TRY(block_check_shape("product: X", X, dtype, product->cols, X->cols));
  TRY(block_check_shape("product: Y", Y, dtype, product->rows, X->cols));
  REQUIRE(!Y->data || Y->data != X->data, "product: Y overlaps X");
  TRY(block_operand(product->be, "product: X", X, &x));
  TRY(block_operand(product->be, "product: Y", Y, &y));
  if (X->cols > 0)
    TRY(product->bound ? operator_apply(product->bound, &x, &y)
                       : mv_apply(product->matrix, 1, &x, 0, &y));
done:
  return st;
}

void speig_product_destroy(speig_product **product)
{
  speig_product *p;
  if (!product || !*product)
    return;
  p = *product;
  operator_unbind(&p->bound);
  if (p->be)
    mv_matrix_close(p->be, &p->matrix);
  context_release(&p->ctx);
  mem_free(p);
  *product = NULL;
}
