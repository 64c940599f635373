/* backend.c: opens backends; checks shapes once, then calls the table. Entries that a table may
 * leave out are in fused.c and ahead.c. */
#include "backend/backend.h"

#include "backend/shapes.h"
#include "backend/tables.h"
#include "backend/traffic.h"
#include "base/dtype.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/threads.h"

#include <inttypes.h>
#include <math.h>

speig_status backend_open(speig_device device, speig_dtype dtype, int threads, backend **out)
{
  return backend_open_at(device, 0, NULL, dtype, threads, out);
}

speig_status backend_open_at(speig_device device, int ordinal, void *stream, speig_dtype dtype,
                             int threads, backend **out)
{
  speig_status st = SPEIG_OK;
  backend *be = NULL;
  *out = NULL;
  REQUIRE(dtype_valid(dtype), "scalar type %d is none of s, d, c, z", (int)dtype);
  REQUIRE(threads >= 0, "%d threads asked for, at least 1 (or 0 for all cores) needed", threads);
  REQUIRE(device == SPEIG_CUDA || (ordinal == 0 && !stream),
          "device number %d%s: the %s has one device and no streams", ordinal,
          stream ? " and a stream" : "", speig_device_name(device));
  TRY(MEM_ZARRAY(1, "backend", &be));
  *be = (backend){ .threads = threads_resolve(threads), .ordinal = ordinal, .stream = stream };
  switch (device) {
  case SPEIG_DEVICE_AUTO:
  case SPEIG_HOST:
    be->ops = backend_host_table(dtype);
    break;
  case SPEIG_REFERENCE:
    be->ops = backend_reference_table(dtype);
    break;
  case SPEIG_CUDA:
    TRY(backend_cuda_table(dtype, &be->ops));
    break;
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

/* ---- the table ---- */

void *mv_plain(const multivec *X)
{
  return X->be->ops->wait ? NULL : X->data;
}

speig_status mv_upload(const void *host, int64_t ldh, multivec *X)
{
  speig_status st = SPEIG_OK;
  REQUIRE_LEADING(ldh, X);
  TRY(X->be->ops->upload(host, ldh, X));
done:
  return st;
}

speig_status mv_download(const multivec *X, void *host, int64_t ldh)
{
  speig_status st = SPEIG_OK;
  REQUIRE_LEADING(ldh, X);
  TRY(X->be->ops->download(X, host, ldh));
done:
  return st;
}

speig_status mv_find_nonfinite(const multivec *x, int64_t *row)
{
  speig_status st = SPEIG_OK;
  const int parts = dtype_is_complex(x->be->ops->dtype) ? 2 : 1;
  const int single = dtype_is_single(x->be->ops->dtype);
  void *host = NULL;
  *row = -1;
  TRY(mem_alloc(x->n, speig_dtype_size(x->be->ops->dtype), "column looked at", &host));
  TRY(mv_download(x, host, x->n));
  for (int64_t i = 0; i < parts * x->n && *row < 0; ++i)
    if (!isfinite(single ? (double)((const float *)host)[i] : ((const double *)host)[i]))
      *row = i / parts;
done:
  mem_free(host);
  return st;
}

speig_status mv_copy(const multivec *X, multivec *Y)
{
  speig_status st = SPEIG_OK;
  REQUIRE_LIKE("copy: Y", Y, X);
  TRY(X->be->ops->copy(X, Y));
  traffic_blocks(X->be, X->n, 2.0 * X->p);
done:
  return st;
}

speig_status mv_zero(multivec *X)
{
  traffic_blocks(X->be, X->n, X->p);
  return X->be->ops->zero(X);
}

speig_status mv_fill_random(uint64_t seed, multivec *X)
{
  traffic_blocks(X->be, X->n, X->p);
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
  if ((*out)->bytes == 0)
    (*out)->bytes = traffic_csr(dtype, (*out)->rows, speig_matrix_get_info(A).nnz);
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
  traffic_matrix(A);
  traffic_blocks(X->be, X->n, X->p);
  traffic_blocks(X->be, Y->n, (beta != 0 ? 2.0 : 1.0) * Y->p);
done:
  return st;
}

speig_status mv_gram(const multivec *X, const multivec *Y, small *H)
{
  speig_status st = SPEIG_OK;
  REQUIRE(X->n == Y->n, "gram: X has %" PRId64 " rows, Y has %" PRId64, X->n, Y->n);
  REQUIRE_SHAPE("gram: H", H->rows, H->cols, X->p, Y->p);
  TRY(X->be->ops->gram(X, Y, H));
  traffic_blocks(X->be, X->n, X->p + (X->data == Y->data ? 0.0 : Y->p));
done:
  return st;
}

speig_status mv_mul(double alpha, const multivec *X, const small *C, double beta, multivec *Y)
{
  speig_status st = SPEIG_OK;
  REQUIRE_SHAPE("mul: Y", Y->n, Y->p, X->n, C->cols);
  REQUIRE(C->rows == X->p, "mul: C has %d rows, X has %d columns", C->rows, X->p);
  TRY(X->be->ops->mul(alpha, X, C, beta, Y));
  traffic_blocks(X->be, X->n, X->p + (beta != 0 ? 2.0 : 1.0) * Y->p);
done:
  return st;
}

speig_status mv_real_dots(const multivec *X, const multivec *Y, double *d)
{
  speig_status st = SPEIG_OK;
  REQUIRE_LIKE("dots: Y", Y, X);
  TRY(X->be->ops->real_dots(X, Y, d));
  traffic_blocks(X->be, X->n, (X->data == Y->data ? 1.0 : 2.0) * X->p);
done:
  return st;
}

speig_status mv_norms(const multivec *X, double *norm)
{
  traffic_blocks(X->be, X->n, X->p);
  return X->be->ops->norms(X, norm);
}

speig_status mv_axpy(const double *a, const multivec *X, multivec *Y)
{
  speig_status st = SPEIG_OK;
  REQUIRE_LIKE("axpy: Y", Y, X);
  TRY(X->be->ops->axpy(a, X, Y));
  traffic_blocks(X->be, X->n, 3.0 * X->p);
done:
  return st;
}

speig_status mv_scale(const double *f, multivec *X)
{
  traffic_blocks(X->be, X->n, 2.0 * X->p);
  return X->be->ops->scale(f, X);
}

speig_status mv_row_scale(const multivec *d, const multivec *X, multivec *Y)
{
  speig_status st = SPEIG_OK;
  REQUIRE_LIKE("row scaling: Y", Y, X);
  REQUIRE_SHAPE("row scaling: d", d->n, d->p, X->n, 1);
  TRY(X->be->ops->row_scale(d, X, Y));
  traffic_blocks(X->be, X->n, 2.0 * X->p + 1);
done:
  return st;
}
