/* backend.c: opens backends; checks shapes once, then calls the table; composes what a table leaves
 * out. */
#include "backend/backend.h"

#include "backend/tables.h"
#include "base/dtype.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/threads.h"

#include <inttypes.h>
#include <math.h>

speig_status backend_open(speig_device device, speig_dtype dtype, int threads, backend **out)
{
  speig_status st = SPEIG_OK;
  backend *be = NULL;
  *out = NULL;
  REQUIRE(dtype_valid(dtype), "scalar type %d is none of s, d, c, z", (int)dtype);
  REQUIRE(threads >= 0, "%d threads asked for, at least 1 (or 0 for all cores) needed", threads);
  TRY(MEM_ZARRAY(1, "backend", &be));
  be->threads = threads_resolve(threads);
  switch (device) {
  case SPEIG_DEVICE_AUTO:
  case SPEIG_HOST:
    be->ops = backend_host_table(dtype);
    break;
  case SPEIG_REFERENCE:
    be->ops = backend_reference_table(dtype);
    break;
  case SPEIG_CUDA:
    FAIL(SPEIG_ERR_DEVICE, "this speig was built without CUDA; devices here: host, reference");
  default:
    FAIL(SPEIG_ERR_ARG, "device %d is none of auto, host, reference, cuda", (int)device);
  }
  if (be->ops->open)
    TRY(be->ops->open(be));
  *out = be;
  be = NULL;
done:
  mem_free(be);
  return st;
}

void backend_close(backend **be)
{
  if (!*be)
    return;
  if ((*be)->ops->close)
    (*be)->ops->close(*be);
  mem_free(*be);
  *be = NULL;
}

/* ---- blocks ---- */

speig_status mv_alloc(backend *be, int64_t n, int32_t p, const char *what, multivec *X)
{
  speig_status st = SPEIG_OK;
  size_t bytes;
  *X = (multivec){ .be = be, .n = n, .p = p };
  TRY(mem_product(n, p, speig_dtype_size(be->ops->dtype), what, &bytes));
  TRY(be->ops->alloc(be, n, p, &X->data, &X->ld));
done:
  return st;
}

void mv_free(multivec *X)
{
  if (X->be && X->data)
    X->be->ops->release(X->be, X->data);
  *X = (multivec){ 0 };
}

multivec mv_columns(const multivec *X, int32_t first, int32_t count)
{
  multivec view = *X;
  size_t skip = (size_t)first * (size_t)X->ld * speig_dtype_size(X->be->ops->dtype);
  view.p = count;
  view.data = X->data ? (char *)X->data + skip : NULL;
  return view;
}

multivec mv_wrap(backend *be, int64_t n, int32_t p, int64_t ld, void *data)
{
  return (multivec){ .be = be, .n = n, .p = p, .ld = ld, .data = data };
}

/* ---- checks ---- */

#define REQUIRE_SHAPE(name, rows, cols, want_rows, want_cols)                                      \
  REQUIRE((int64_t)(rows) == (int64_t)(want_rows) && (int64_t)(cols) == (int64_t)(want_cols),      \
          name " is %" PRId64 " x %" PRId64 ", %" PRId64 " x %" PRId64 " needed", (int64_t)(rows), \
          (int64_t)(cols), (int64_t)(want_rows), (int64_t)(want_cols))
#define REQUIRE_LIKE(name, Y, X) REQUIRE_SHAPE(name, (Y)->n, (Y)->p, (X)->n, (X)->p)

speig_status mv_upload(const void *host, int64_t ldh, multivec *X)
{
  speig_status st = SPEIG_OK;
  REQUIRE(ldh >= X->n, "leading dimension %" PRId64 " of a block with %" PRId64 " rows", ldh, X->n);
  TRY(X->be->ops->upload(host, ldh, X));
done:
  return st;
}

speig_status mv_download(const multivec *X, void *host, int64_t ldh)
{
  speig_status st = SPEIG_OK;
  REQUIRE(ldh >= X->n, "leading dimension %" PRId64 " of a block with %" PRId64 " rows", ldh, X->n);
  TRY(X->be->ops->download(X, host, ldh));
done:
  return st;
}

speig_status mv_copy(const multivec *X, multivec *Y)
{
  speig_status st = SPEIG_OK;
  REQUIRE_LIKE("copy: Y", Y, X);
  TRY(X->be->ops->copy(X, Y));
done:
  return st;
}

speig_status mv_zero(multivec *X)
{
  return X->be->ops->zero(X);
}

speig_status mv_fill_random(uint64_t seed, multivec *X)
{
  return X->be->ops->fill_random(seed, X);
}

speig_status mv_matrix_open(backend *be, const speig_matrix *A, backend_matrix **out)
{
  speig_status st = SPEIG_OK;
  speig_dtype dtype = speig_matrix_get_info(A).dtype;
  *out = NULL;
  REQUIRE(dtype == be->ops->dtype, "the matrix has type %s, the backend is %s",
          speig_dtype_name(dtype), be->ops->name);
  TRY(be->ops->matrix_open(be, A, out));
done:
  return st;
}

void mv_matrix_close(backend *be, backend_matrix **A)
{
  if (*A)
    be->ops->matrix_close(be, *A);
  *A = NULL;
}

speig_status mv_apply(backend_matrix *A, double alpha, const multivec *X, double beta, multivec *Y)
{
  speig_status st = SPEIG_OK;
  REQUIRE_SHAPE("product: X", X->n, X->p, A->cols, Y->p);
  REQUIRE_SHAPE("product: Y", Y->n, Y->p, A->rows, X->p);
  TRY(X->be->ops->apply(A, alpha, X, beta, Y));
done:
  return st;
}

speig_status mv_gram(const multivec *X, const multivec *Y, small *H)
{
  speig_status st = SPEIG_OK;
  REQUIRE(X->n == Y->n, "gram: X has %" PRId64 " rows, Y has %" PRId64, X->n, Y->n);
  REQUIRE_SHAPE("gram: H", H->rows, H->cols, X->p, Y->p);
  TRY(X->be->ops->gram(X, Y, H));
done:
  return st;
}

speig_status mv_mul(double alpha, const multivec *X, const small *C, double beta, multivec *Y)
{
  speig_status st = SPEIG_OK;
  REQUIRE_SHAPE("mul: Y", Y->n, Y->p, X->n, C->cols);
  REQUIRE(C->rows == X->p, "mul: C has %d rows, X has %d columns", C->rows, X->p);
  TRY(X->be->ops->mul(alpha, X, C, beta, Y));
done:
  return st;
}

speig_status mv_real_dots(const multivec *X, const multivec *Y, double *d)
{
  speig_status st = SPEIG_OK;
  REQUIRE_LIKE("dots: Y", Y, X);
  TRY(X->be->ops->real_dots(X, Y, d));
done:
  return st;
}

speig_status mv_norms(const multivec *X, double *norm)
{
  return X->be->ops->norms(X, norm);
}

speig_status mv_axpy(const double *a, const multivec *X, multivec *Y)
{
  speig_status st = SPEIG_OK;
  REQUIRE_LIKE("axpy: Y", Y, X);
  TRY(X->be->ops->axpy(a, X, Y));
done:
  return st;
}

speig_status mv_scale(const double *f, multivec *X)
{
  return X->be->ops->scale(f, X);
}

speig_status mv_row_scale(const multivec *d, const multivec *X, multivec *Y)
{
  speig_status st = SPEIG_OK;
  REQUIRE_LIKE("row scaling: Y", Y, X);
  REQUIRE_SHAPE("row scaling: d", d->n, d->p, X->n, 1);
  TRY(X->be->ops->row_scale(d, X, Y));
done:
  return st;
}

/* ---- fused entries and their compositions ---- */

static speig_status rotate_composed(multivec *X, const small *C)
{
  speig_status st = SPEIG_OK;
  multivec product = { 0 }, head = mv_columns(X, 0, C->cols);
  TRY(mv_alloc(X->be, X->n, C->cols, "rotated block", &product));
  TRY(X->be->ops->mul(1, X, C, 0, &product));
  TRY(X->be->ops->copy(&product, &head));
done:
  mv_free(&product);
  return st;
}

speig_status mv_rotate(multivec *X, const small *C)
{
  speig_status st = SPEIG_OK;
  REQUIRE(C->rows == X->p && C->cols <= X->p, "rotate: C is %d x %d for a block of %d columns",
          C->rows, C->cols, X->p);
  TRY(X->be->ops->rotate ? X->be->ops->rotate(X, C) : rotate_composed(X, C));
done:
  return st;
}

speig_status mv_lanczos_step(backend_matrix *A, const multivec *q, double beta,
                             const multivec *q_prev, multivec *w, double *alpha)
{
  speig_status st = SPEIG_OK;
  const backend_ops *ops = q->be->ops;
  double minus_beta = -beta;
  REQUIRE_SHAPE("Lanczos step: w", w->n, w->p, q->n, 1);
  if (ops->lanczos_step) {
    TRY(ops->lanczos_step(A, q, beta, q_prev, w, alpha));
    goto done;
  }
  TRY(ops->apply(A, 1, q, 0, w));
  if (q_prev)
    TRY(ops->axpy(&minus_beta, q_prev, w));
  TRY(ops->real_dots(q, w, alpha));
done:
  return st;
}

speig_status mv_recurrence(backend_matrix *A, double alpha, double gamma, const multivec *x,
                           double beta, multivec *y)
{
  speig_status st = SPEIG_OK;
  const backend_ops *ops = x->be->ops;
  REQUIRE_SHAPE("recurrence: y", y->n, y->p, x->n, 1);
  if (ops->recurrence) {
    TRY(ops->recurrence(A, alpha, gamma, x, beta, y));
    goto done;
  }
  TRY(ops->apply(A, alpha, x, beta, y));
  TRY(ops->axpy(&gamma, x, y));
done:
  return st;
}

speig_status mv_axpy_norm(double a, const multivec *x, multivec *y, double *norm)
{
  speig_status st = SPEIG_OK;
  const backend_ops *ops = x->be->ops;
  REQUIRE_SHAPE("axpy with norm: y", y->n, y->p, x->n, 1);
  if (ops->axpy_norm) {
    TRY(ops->axpy_norm(a, x, y, norm));
    goto done;
  }
  TRY(ops->axpy(&a, x, y));
  TRY(ops->norms(y, norm));
done:
  return st;
}

speig_status mv_project(const multivec *Q, const small *U, multivec *X, small *H, double *norm)
{
  speig_status st = SPEIG_OK;
  const backend_ops *ops = Q->be->ops;
  REQUIRE(Q->n == X->n, "project: Q has %" PRId64 " rows, X has %" PRId64, Q->n, X->n);
  REQUIRE_SHAPE("project: H", H->rows, H->cols, Q->p, X->p);
  if (U)
    REQUIRE_SHAPE("project: U", U->rows, U->cols, Q->p, X->p);
  if (ops->project) {
    TRY(ops->project(Q, U, X, H, norm));
    goto done;
  }
  if (U)
    TRY(ops->mul(-1, Q, U, 1, X));
  TRY(ops->gram(Q, X, H));
  if (norm)
    TRY(ops->norms(X, norm));
done:
  return st;
}

speig_status mv_residual(const multivec *AX, const multivec *BX, const double *theta, multivec *R)
{
  speig_status st = SPEIG_OK;
  double minus;
  if (R->data != AX->data)
    TRY(mv_copy(AX, R));
  for (int32_t j = 0; j < R->p; ++j) {
    multivec r = mv_columns(R, j, 1), b = mv_columns(BX, j, 1);
    minus = -theta[j];
    TRY(mv_axpy(&minus, &b, &r));
  }
done:
  return st;
}

/* max_j over columns of ||h_j||_max / norm_j, and whether that is below eta. */
static int negligible(const small *H, const double *norm, double eta)
{
  for (int32_t j = 0; j < H->cols; ++j) {
    small column = small_view(H, 0, j, H->rows, 1);
    if (!(small_max_abs(&column) <= eta * norm[j]))
      return 0;
  }
  return 1;
}

static void accumulate(const small *part, small *H)
{
  int32_t reals = part->is_complex ? 2 * part->rows : part->rows;
  int32_t stride = part->is_complex ? 2 : 1;
  for (int32_t j = 0; j < part->cols; ++j)
    for (int32_t i = 0; i < reals; ++i)
      H->data[i + (int64_t)j * H->ld * stride] += part->data[i + (int64_t)j * part->ld * stride];
}

speig_status mv_orthogonalize(const multivec *Q, multivec *X, small *H, double *norm, small work[2])
{
  enum { MAX_SWEEPS = 4 };
  speig_status st = SPEIG_OK;
  /* A component of this size changes the next basis vector by less than its own rounding. */
  double eta = 2 * dtype_eps(Q->be->ops->dtype);
  small U = small_view(&work[0], 0, 0, Q->p, X->p), R = small_view(&work[1], 0, 0, Q->p, X->p);
  if (H)
    small_zero(H);
  TRY(mv_project(Q, NULL, X, &U, norm));
  for (int sweep = 0; sweep < MAX_SWEEPS; ++sweep) {
    TRY(mv_project(Q, &U, X, &R, norm));
    if (H)
      accumulate(&U, H);
    if (negligible(&R, norm, eta))
      break;
    small_copy(&R, &U);
  }
done:
  return st;
}
