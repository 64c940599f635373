/* operator.c: sparse matrices, user callbacks and diagonals behind one product. */
#include "backend/operator.h"

#include "base/dtype.h"
#include "base/error.h"
#include "base/memory.h"

#include <inttypes.h>
#include <math.h>

speig_status speig_operator_from_matrix(const speig_matrix *A, speig_operator **out)
{
  speig_status st = SPEIG_OK;
  speig_operator *op = NULL;
  speig_matrix_info info;
  REQUIRE(A && out, "a matrix and a place for the operator are needed, one is NULL");
  *out = NULL;
  info = speig_matrix_get_info(A);
  REQUIRE(info.rows == info.cols,
          "the matrix is %" PRId64 " x %" PRId64 "; an eigenvalue problem needs a square one",
          info.rows, info.cols);
  TRY(MEM_ZARRAY(1, "operator", &op));
  *op =
      (speig_operator){ .kind = OPERATOR_MATRIX, .dtype = info.dtype, .n = info.rows, .matrix = A };
  *out = op;
done:
  return st;
}

speig_status speig_operator_create(speig_dtype dtype, int64_t n, speig_apply_fn apply, void *user,
                                   speig_operator **out)
{
  speig_status st = SPEIG_OK;
  speig_operator *op = NULL;
  REQUIRE(out, "a place for the operator is needed, it is NULL");
  *out = NULL;
  REQUIRE(dtype_valid(dtype), "scalar type %d is none of s, d, c, z", (int)dtype);
  REQUIRE(n >= 0, "order %" PRId64 ", at least 0 needed", n);
  REQUIRE(apply, "the product callback is NULL");
  TRY(MEM_ZARRAY(1, "operator", &op));
  *op = (speig_operator){
    .kind = OPERATOR_CALLBACK, .dtype = dtype, .n = n, .apply = apply, .user = user
  };
  *out = op;
done:
  return st;
}

void speig_operator_destroy(speig_operator **op)
{
  if (!op || !*op)
    return;
  mem_free((*op)->diagonal);
  mem_free(*op);
  *op = NULL;
}

/* The diagonal in the backend's type: real numbers are the real parts of an n x 1 block. */
static speig_status upload_diagonal(bound_operator *bound)
{
  speig_status st = SPEIG_OK;
  int64_t n = bound->op->n, stride = dtype_is_complex(bound->op->dtype) ? 2 : 1;
  int single = dtype_is_single(bound->op->dtype);
  float *narrow = NULL;
  double *wide = NULL;
  TRY(mv_alloc(bound->be, n, 1, "diagonal", &bound->diagonal));
  if (single)
    TRY(MEM_ZARRAY(n * stride, "diagonal", &narrow));
  else
    TRY(MEM_ZARRAY(n * stride, "diagonal", &wide));
  for (int64_t i = 0; i < n; ++i) {
    if (single)
      narrow[i * stride] = (float)bound->op->diagonal[i];
    else
      wide[i * stride] = bound->op->diagonal[i];
  }
  TRY(mv_upload(single ? (void *)narrow : (void *)wide, n, &bound->diagonal));
done:
  mem_free(narrow);
  mem_free(wide);
  return st;
}

speig_status operator_bind(backend *be, const speig_operator *op, double scale,
                           bound_operator **out)
{
  speig_status st = SPEIG_OK;
  bound_operator *bound = NULL;
  *out = NULL;
  if (!op)
    return SPEIG_OK;
  REQUIRE(op->dtype == be->ops->dtype, "an operator of type %s meets blocks of type %s",
          speig_dtype_name(op->dtype), speig_dtype_name(be->ops->dtype));
  TRY(MEM_ZARRAY(1, "operator", &bound));
  *bound = (bound_operator){ .op = op, .be = be, .scale = scale };
  if (op->kind == OPERATOR_MATRIX) {
    if (scale != 1)
      TRY(speig_matrix_scaled(op->matrix, scale, &bound->scaled));
    TRY(mv_matrix_open(be, bound->scaled ? bound->scaled : op->matrix, &bound->matrix));
  } else if (op->kind == OPERATOR_DIAGONAL) {
    TRY(upload_diagonal(bound));
  }
  *out = bound;
  bound = NULL;
done:
  operator_unbind(&bound);
  return st;
}

void operator_unbind(bound_operator **bound)
{
  if (!*bound)
    return;
  mv_matrix_close((*bound)->be, &(*bound)->matrix);
  speig_matrix_destroy(&(*bound)->scaled);
  mv_free(&(*bound)->diagonal);
  mem_free(*bound);
  *bound = NULL;
}

static speig_status rescale(double factor, multivec *Y)
{
  speig_status st = SPEIG_OK;
  for (int32_t j = 0; j < Y->p && factor != 1; ++j) {
    multivec y = mv_columns(Y, j, 1);
    TRY(mv_scale(&factor, &y));
  }
done:
  return st;
}

static speig_status call_user(bound_operator *bound, const multivec *X, multivec *Y)
{
  speig_status st = SPEIG_OK;
  const speig_operator *op = bound->op;
  speig_block x = { op->dtype, X->n, X->p, X->ld, X->data };
  speig_block y = { op->dtype, Y->n, Y->p, Y->ld, Y->data };
  int code = op->apply(op->user, &x, &y);
  if (code != 0)
    FAIL(SPEIG_ERR_CALLBACK, "the product callback returned %d, 0 needed", code);
  for (int32_t j = 0; j < Y->p; ++j) {
    multivec column = mv_columns(Y, j, 1);
    double norm;
    TRY(mv_norms(&column, &norm));
    if (!isfinite(norm))
      FAIL(SPEIG_ERR_NUMERIC,
           "the product callback wrote NaN or Inf into column %d of %d (product number %" PRId64
           ")",
           j, Y->p, bound->products + j);
  }
  TRY(rescale(bound->scale, Y));
done:
  return st;
}

speig_status operator_apply(bound_operator *bound, const multivec *X, multivec *Y)
{
  speig_status st = SPEIG_OK;
  switch (bound->op->kind) {
  case OPERATOR_MATRIX:
    TRY(mv_apply(bound->matrix, 1, X, 0, Y));
    break;
  case OPERATOR_CALLBACK:
    TRY(call_user(bound, X, Y));
    break;
  case OPERATOR_DIAGONAL:
    TRY(mv_row_scale(&bound->diagonal, X, Y));
    TRY(rescale(bound->scale, Y));
    break;
  }
  bound->products += X->p;
done:
  return st;
}

speig_status operator_lanczos_step(bound_operator *bound, const multivec *q, double beta,
                                   const multivec *q_prev, multivec *w, double *alpha)
{
  speig_status st = SPEIG_OK;
  double minus_beta = -beta;
  if (bound->op->kind == OPERATOR_MATRIX) {
    TRY(mv_lanczos_step(bound->matrix, q, beta, q_prev, w, alpha));
    bound->products += 1;
    goto done;
  }
  TRY(operator_apply(bound, q, w));
  if (q_prev)
    TRY(mv_axpy(&minus_beta, q_prev, w));
  TRY(mv_real_dots(q, w, alpha));
done:
  return st;
}

speig_status operator_recurrence(bound_operator *bound, double alpha, double gamma,
                                 const multivec *x, double beta, multivec *y)
{
  speig_status st = SPEIG_OK;
  multivec product = { 0 };
  if (bound->op->kind == OPERATOR_MATRIX) {
    TRY(mv_recurrence(bound->matrix, alpha, gamma, x, beta, y));
    bound->products += 1;
    goto done;
  }
  TRY(mv_alloc(bound->be, x->n, 1, "product", &product));
  TRY(operator_apply(bound, x, &product));
  if (beta == 0)
    TRY(mv_zero(y));
  else if (beta != 1)
    TRY(mv_scale(&beta, y));
  TRY(mv_axpy(&alpha, &product, y));
  TRY(mv_axpy(&gamma, x, y));
done:
  mv_free(&product);
  return st;
}
