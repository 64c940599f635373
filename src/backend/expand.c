/* expand.c: type dispatch for expand.t.h; callbacks applied to the identity. */
#include "backend/expand.h"

#include "base/dtype.h"
#include "base/error.h"
#include "base/memory.h"

#include <inttypes.h>

#define SPEIG_TEMPLATE "backend/expand.t.h"
#include "base/instantiate.h"

int mv_is_complex(const backend *be)
{
  return dtype_is_complex(be->ops->dtype);
}

static void widen(speig_dtype dtype, const void *host, int64_t ldh, small *M)
{
  switch (dtype) {
  case SPEIG_S:
    widen_s(host, ldh, M);
    break;
  case SPEIG_D:
    widen_d(host, ldh, M);
    break;
  case SPEIG_C:
    widen_c(host, ldh, M);
    break;
  case SPEIG_Z:
    widen_z(host, ldh, M);
    break;
  }
}

static void narrow(speig_dtype dtype, const small *M, void *host, int64_t ldh)
{
  switch (dtype) {
  case SPEIG_S:
    narrow_s(M, host, ldh);
    break;
  case SPEIG_D:
    narrow_d(M, host, ldh);
    break;
  case SPEIG_C:
    narrow_c(M, host, ldh);
    break;
  case SPEIG_Z:
    narrow_z(M, host, ldh);
    break;
  }
}

static void expand_csr(speig_dtype dtype, const speig_matrix *A, int64_t first, small *M)
{
  switch (dtype) {
  case SPEIG_S:
    expand_csr_s(A, first, M);
    break;
  case SPEIG_D:
    expand_csr_d(A, first, M);
    break;
  case SPEIG_C:
    expand_csr_c(A, first, M);
    break;
  case SPEIG_Z:
    expand_csr_z(A, first, M);
    break;
  }
}

static void expand_component(speig_dtype dtype, const speig_matrix *A, const int32_t *rows,
                             const int32_t *place, small *M)
{
  switch (dtype) {
  case SPEIG_S:
    expand_component_s(A, rows, place, M);
    break;
  case SPEIG_D:
    expand_component_d(A, rows, place, M);
    break;
  case SPEIG_C:
    expand_component_c(A, rows, place, M);
    break;
  case SPEIG_Z:
    expand_component_z(A, rows, place, M);
    break;
  }
}

static speig_status host_block(const backend *be, int64_t n, int32_t p, void **host)
{
  speig_status st = SPEIG_OK;
  size_t bytes;
  TRY(mem_product(n, p, speig_dtype_size(be->ops->dtype), "host copy of a block", &bytes));
  TRY(mem_zalloc((int64_t)bytes, 1, "host copy of a block", host));
done:
  return st;
}

speig_status mv_download_small(const multivec *X, small *M)
{
  speig_status st = SPEIG_OK;
  void *host = NULL;
  TRY(host_block(X->be, X->n, X->p, &host));
  TRY(mv_download(X, host, X->n));
  widen(X->be->ops->dtype, host, X->n, M);
done:
  mem_free(host);
  return st;
}

speig_status mv_upload_small(const small *M, multivec *X)
{
  speig_status st = SPEIG_OK;
  void *host = NULL;
  TRY(host_block(X->be, X->n, X->p, &host));
  narrow(X->be->ops->dtype, M, host, X->n);
  TRY(mv_upload(host, X->n, X));
done:
  mem_free(host);
  return st;
}

static speig_status expand_products(bound_operator *bound, int32_t first, small *M)
{
  speig_status st = SPEIG_OK;
  multivec unit = { 0 }, image = { 0 };
  small identity = { 0 };
  int64_t cols = operator_cols(bound);
  REQUIRE(cols <= INT32_MAX, "%" PRId64 " columns are too many to be expanded", cols);
  TRY(small_alloc((int32_t)cols, M->cols, mv_is_complex(bound->be), &identity));
  TRY(mv_alloc(bound->be, cols, M->cols, "columns of the identity", &unit));
  TRY(mv_alloc(bound->be, M->rows, M->cols, "columns of the operator", &image));
  for (int32_t j = 0; j < M->cols; ++j)
    small_set(&identity, first + j, j, 1);
  TRY(mv_upload_small(&identity, &unit));
  TRY(operator_apply(bound, &unit, &image));
  TRY(mv_download_small(&image, M));
done:
  small_free(&identity);
  mv_free(&unit);
  mv_free(&image);
  return st;
}

static const speig_matrix *matrix_of(const bound_operator *bound)
{
  return bound->scaled ? bound->scaled : bound->op->matrix;
}

int operator_expands_by_products(const bound_operator *bound)
{
  return operator_is_opaque(bound->op) || bound->op->kind == OPERATOR_DEVICE_MATRIX;
}

speig_status operator_expand(bound_operator *bound, int32_t first, small *M)
{
  speig_status st = SPEIG_OK;
  switch (bound->op->kind) {
  case OPERATOR_MATRIX:
    expand_csr(bound->be->ops->dtype, matrix_of(bound), first, M);
    break;
  case OPERATOR_CALLBACK:
  case OPERATOR_DEVICE_CALLBACK:
  case OPERATOR_DEVICE_MATRIX:
    TRY(expand_products(bound, first, M));
    break;
  case OPERATOR_DIAGONAL:
    for (int32_t j = 0; j < M->cols; ++j)
      small_set(M, first + j, j, bound->scale * bound->op->diagonal[first + j]);
    break;
  }
done:
  return st;
}

speig_status operator_components(const bound_operator *bound, components *parts)
{
  return components_find(matrix_of(bound), parts);
}

void operator_expand_component(const bound_operator *bound, const components *parts, int64_t c,
                               small *M)
{
  expand_component(bound->be->ops->dtype, matrix_of(bound), parts->row + parts->first[c],
                   parts->place, M);
}
