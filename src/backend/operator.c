/* operator.c: sparse matrices, user callbacks and diagonals, in host or device memory, behind one
 * product. */
#include "backend/operator.h"

#include "base/dtype.h"
#include "base/error.h"
#include "base/memory.h"

#include <inttypes.h>
#include <math.h>

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

static int is_declared_hermitian(const speig_matrix *A)
{
  speig_matrix_info info = speig_matrix_get_info(A);
  return info.declared == SPEIG_HERMITIAN ||
         (info.declared == SPEIG_SYMMETRIC && !dtype_is_complex(info.dtype));
}

/* bound->scaled: the matrix that is to be multiplied by, unless that is op's own. */
static speig_status make_matrix(bound_operator *bound)
{
  speig_status st = SPEIG_OK;
  const speig_matrix *A = bound->op->matrix;
  speig_matrix *adjoint = NULL;
  if (bound->scale != 1)
    TRY(speig_matrix_scaled(A, bound->scale, &bound->scaled));
  if (!bound->adjoint || is_declared_hermitian(A))
    goto done;
  TRY(speig_matrix_transpose(bound->scaled ? bound->scaled : A, 1, &adjoint));
  speig_matrix_destroy(&bound->scaled);
  bound->scaled = adjoint;
done:
  return st;
}

static speig_status check_adjoint(const speig_operator *op)
{
  speig_status st = SPEIG_OK;
  if (op->kind == OPERATOR_CALLBACK && !op->apply_adjoint)
    FAIL(SPEIG_ERR_UNSUPPORTED, "the operator is a callback without products with its adjoint; "
                                "make it with speig_operator_create_rectangular");
  if (op->kind == OPERATOR_DEVICE_CALLBACK && !op->adjoint_there)
    FAIL(SPEIG_ERR_UNSUPPORTED, "the operator is a callback without products with its adjoint; "
                                "make it with speig_operator_create_rectangular_on_device");
done:
  return st;
}

static speig_status bind(backend *be, const speig_operator *op, int adjoint, double scale,
                         bound_operator **out)
{
  speig_status st = SPEIG_OK;
  bound_operator *bound = NULL;
  *out = NULL;
  if (!op)
    return SPEIG_OK;
  REQUIRE(op->dtype == be->ops->dtype, "an operator of type %s meets blocks of type %s",
          speig_dtype_name(op->dtype), speig_dtype_name(be->ops->dtype));
  if (adjoint)
    TRY(check_adjoint(op));
  TRY(MEM_ZARRAY(1, "operator", &bound));
  *bound = (bound_operator){ .op = op, .be = be, .adjoint = adjoint, .scale = scale };
  REQUIRE(!operator_needs_device(op) || mv_has_own_memory(be),
          "an operator in device memory meets the device %s; solve on cuda",
          speig_device_name(be->ops->device));
  if (op->kind == OPERATOR_MATRIX) {
    TRY(make_matrix(bound));
    TRY(mv_matrix_open(be, bound->scaled ? bound->scaled : op->matrix, &bound->matrix));
  } else if (op->kind == OPERATOR_DIAGONAL) {
    TRY(upload_diagonal(bound));
  } else if (op->kind == OPERATOR_DEVICE_MATRIX) {
    TRY(operator_bind_device_matrix(bound));
  }
  *out = bound;
  bound = NULL;
done:
  operator_unbind(&bound);
  return st;
}

speig_status operator_bind(backend *be, const speig_operator *op, double scale,
                           bound_operator **out)
{
  return bind(be, op, 0, scale, out);
}

speig_status operator_bind_adjoint(backend *be, const speig_operator *op, double scale,
                                   bound_operator **out)
{
  return bind(be, op, 1, scale, out);
}

void operator_unbind(bound_operator **bound)
{
  if (!*bound)
    return;
  mv_matrix_close((*bound)->be, &(*bound)->matrix);
  speig_matrix_destroy(&(*bound)->scaled);
  mv_free(&(*bound)->diagonal);
  for (int i = 0; i < 2; ++i)
    if ((*bound)->staged[i])
      mv_pin_free((*bound)->be, (*bound)->staged[i]);
  mem_free(*bound);
  *bound = NULL;
}

void operator_call(bound_operator *bound, const char *role)
{
  if (bound)
    bound->role = role;
}

static const char *role_of(const bound_operator *bound)
{
  return bound->role ? bound->role : "an operator";
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

/* Room on the host for X and Y of a callback, whose blocks are on a device. */
static speig_status stage(bound_operator *bound, int32_t cols)
{
  speig_status st = SPEIG_OK;
  const speig_operator *op = bound->op;
  int64_t longer = op->rows > op->n ? op->rows : op->n;
  size_t bytes;
  if (cols <= bound->staged_cols)
    goto done;
  TRY(mem_product(longer, cols, speig_dtype_size(op->dtype), "host copy", &bytes));
  for (int i = 0; i < 2; ++i) {
    if (bound->staged[i])
      mv_pin_free(bound->be, bound->staged[i]);
    bound->staged[i] = NULL;
    bound->staged_cols = 0;
    TRY(mv_pin_alloc(bound->be, bytes, &bound->staged[i]));
  }
  bound->staged_cols = cols;
done:
  return st;
}

static speig_status call_user(bound_operator *bound, const multivec *X, multivec *Y)
{
  speig_status st = SPEIG_OK;
  const speig_operator *op = bound->op;
  int there = op->kind == OPERATOR_DEVICE_CALLBACK;
  int staged = !there && mv_has_own_memory(bound->be);
  speig_device device = there ? bound->be->ops->device : SPEIG_HOST;
  speig_place place = { device, bound->be->ordinal, bound->be->stream };
  speig_block x = { op->dtype, X->n, X->p, X->ld, X->data, device };
  speig_block y = { op->dtype, Y->n, Y->p, Y->ld, Y->data, device };
  int code;
  if (staged) {
    TRY(stage(bound, X->p));
    x.ld = X->n;
    y.ld = Y->n;
    x.data = bound->staged[0];
    y.data = bound->staged[1];
    TRY(mv_download(X, x.data, x.ld));
  }
  if (there)
    code = (bound->adjoint ? op->adjoint_there : op->apply_there)(op->user, &place, &x, &y);
  else
    code = (bound->adjoint ? op->apply_adjoint : op->apply)(op->user, &x, &y);
  if (code != 0)
    FAIL(SPEIG_ERR_CALLBACK,
         "the product callback of %s%s returned %d, 0 needed (product number %" PRId64 ")",
         role_of(bound), bound->adjoint ? " (adjoint)" : "", code, bound->products + 1);
  if (staged)
    TRY(mv_upload(y.data, y.ld, Y));
done:
  return st;
}

static speig_status check_products(bound_operator *bound, const multivec *Y)
{
  enum { FEW = 64 }; /* columns looked at together */
  speig_status st = SPEIG_OK;
  double norm[FEW];
  for (int32_t first = 0, count; first < Y->p; first += count) {
    multivec some;
    count = Y->p - first < FEW ? Y->p - first : FEW;
    some = mv_columns(Y, first, count);
    TRY(mv_norms(&some, norm));
    for (int32_t j = 0; j < count; ++j)
      if (!isfinite(norm[j])) {
        multivec bad = mv_columns(&some, j, 1);
        int64_t row = 0;
        TRY(mv_find_nonfinite(&bad, &row));
        FAIL(SPEIG_ERR_NUMERIC,
             "the product callback of %s%s wrote NaN or Inf into row %" PRId64
             ", column %d of %d (product number %" PRId64 ")",
             role_of(bound), bound->adjoint ? " (adjoint)" : "", row + 1, first + j + 1, Y->p,
             bound->products + first + j + 1);
      }
  }
done:
  return st;
}

/* check: look at what a callback wrote even where that means to wait. */
static speig_status apply(bound_operator *bound, const multivec *X, multivec *Y, int check)
{
  speig_status st = SPEIG_OK;
  switch (bound->op->kind) {
  case OPERATOR_MATRIX:
    TRY(mv_apply(bound->matrix, 1, X, 0, Y));
    break;
  case OPERATOR_DEVICE_MATRIX:
    TRY(mv_apply(bound->matrix, bound->scale, X, 0, Y));
    break;
  case OPERATOR_CALLBACK:
  case OPERATOR_DEVICE_CALLBACK:
    TRY(call_user(bound, X, Y));
    if (check)
      TRY(check_products(bound, Y));
    TRY(rescale(bound->scale, Y));
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

speig_status operator_apply(bound_operator *bound, const multivec *X, multivec *Y)
{
  return apply(bound, X, Y, bound->op->kind == OPERATOR_CALLBACK || !mv_runs_ahead(bound->be));
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
  TRY(apply(bound, q, w, 1));
  if (q_prev)
    TRY(mv_axpy(&minus_beta, q_prev, w));
  TRY(mv_real_dots(q, w, alpha));
done:
  return st;
}

/* y_j = alpha x_j + beta y_j */
static speig_status combine(double alpha, const multivec *X, double beta, multivec *Y)
{
  speig_status st = SPEIG_OK;
  double *factor = NULL;
  TRY(MEM_ARRAY(X->p, "factors", &factor));
  for (int32_t j = 0; j < X->p; ++j)
    factor[j] = beta;
  if (beta == 0)
    TRY(mv_zero(Y));
  else if (beta != 1)
    TRY(mv_scale(factor, Y));
  for (int32_t j = 0; j < X->p; ++j)
    factor[j] = alpha;
  TRY(mv_axpy(factor, X, Y));
done:
  mem_free(factor);
  return st;
}

speig_status operator_recurrence(bound_operator *bound, double alpha, double gamma,
                                 const multivec *X, double beta, multivec *Y)
{
  speig_status st = SPEIG_OK;
  multivec product = { 0 };
  if (bound->matrix) {
    double scale = bound->op->kind == OPERATOR_DEVICE_MATRIX ? bound->scale : 1;
    int whole = X->p > 1 && mv_has_own_memory(bound->be); /* calls are what costs there */
    if (whole) {
      TRY(mv_apply(bound->matrix, alpha * scale, X, beta, Y));
      TRY(combine(gamma, X, 1, Y));
    }
    for (int32_t j = 0; j < X->p && !whole; ++j) {
      multivec x = mv_columns(X, j, 1), y = mv_columns(Y, j, 1);
      TRY(mv_recurrence(bound->matrix, alpha * scale, gamma, &x, beta, &y));
    }
    bound->products += X->p;
    goto done;
  }
  TRY(mv_alloc(bound->be, X->n, X->p, "product", &product));
  TRY(operator_apply(bound, X, &product));
  TRY(combine(alpha, &product, beta, Y));
  TRY(combine(gamma, X, 1, Y));
done:
  mv_free(&product);
  return st;
}
