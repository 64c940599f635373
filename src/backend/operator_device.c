/* operator_device.c: sparse matrices in arrays of the caller's in device memory. */
#include "backend/operator.h"
#include "base/error.h"
#include "base/memory.h"

#include <inttypes.h>

static speig_status check_array(backend *be, const char *name, const void *data)
{
  speig_status st = SPEIG_OK;
  memory_kind kind;
  TRY(mv_locate(be, data, &kind));
  REQUIRE(kind == MEMORY_HERE || kind == MEMORY_MANAGED,
          "%s of the matrix in device memory: the pointer leads %s device number %d", name,
          kind == MEMORY_ELSEWHERE ? "to another device than" : "to the host, not to", be->ordinal);
done:
  return st;
}

static speig_status check_arrays(backend *be, const speig_device_csr *A)
{
  speig_status st = SPEIG_OK;
  TRY(check_array(be, "rowptr", A->rowptr ? (const void *)A->rowptr : A->rowptr32));
  if (A->nnz > 0) {
    TRY(check_array(be, "colind", A->colind));
    TRY(check_array(be, "values", A->values));
  }
done:
  return st;
}

static speig_status fetch(backend *be, const void *data, int64_t count, size_t size, void **host)
{
  speig_status st = SPEIG_OK;
  TRY(mem_alloc(count, size, "host copy of a matrix", host));
  if (count > 0)
    TRY(mv_fetch_bytes(be, data, (size_t)count * size, *host));
done:
  return st;
}

speig_status operator_fetch_matrix(backend *be, const speig_operator *op, matrix_copy *copy)
{
  speig_status st = SPEIG_OK;
  const speig_device_csr *A = &op->csr;
  const int narrow = !A->rowptr;
  *copy = (matrix_copy){ 0 };
  TRY(check_arrays(be, A));
  TRY(fetch(be, narrow ? (const void *)A->rowptr32 : A->rowptr, A->n + 1, narrow ? 4 : 8,
            &copy->rowptr));
  REQUIRE((narrow ? ((int32_t *)copy->rowptr)[A->n] : ((int64_t *)copy->rowptr)[A->n]) == A->nnz,
          "the matrix in device memory is said to have %" PRId64
          " entries, its last row offset is another number",
          A->nnz);
  TRY(fetch(be, A->colind, A->nnz, sizeof *A->colind, &copy->colind));
  TRY(fetch(be, A->values, A->nnz, speig_dtype_size(A->dtype), &copy->values));
  TRY(narrow ? speig_matrix_create_csr32(A->dtype, A->n, A->cols, copy->rowptr, copy->colind,
                                         copy->values, SPEIG_BORROW, &copy->matrix)
             : speig_matrix_create_csr(A->dtype, A->n, A->cols, copy->rowptr, copy->colind,
                                       copy->values, SPEIG_BORROW, &copy->matrix));
done:
  if (st != SPEIG_OK)
    operator_drop_copy(copy);
  return st;
}

void operator_drop_copy(matrix_copy *copy)
{
  speig_matrix_destroy(&copy->matrix);
  mem_free(copy->rowptr);
  mem_free(copy->colind);
  mem_free(copy->values);
  *copy = (matrix_copy){ 0 };
}

static speig_status borrow_matrix(bound_operator *bound, const speig_device_csr *A)
{
  speig_status st = SPEIG_OK;
  device_csr arrays = { .rows = A->n,
                        .cols = A->cols,
                        .nnz = A->nnz,
                        .rowptr = A->rowptr,
                        .rowptr32 = A->rowptr32,
                        .colind = A->colind,
                        .values = A->values };
  TRY(check_arrays(bound->be, A));
  TRY(mv_matrix_borrow(bound->be, &arrays, &bound->matrix));
done:
  return st;
}

speig_status operator_bind_device_matrix(bound_operator *bound)
{
  speig_status st = SPEIG_OK;
  const speig_operator *op = bound->op;
  matrix_copy copy = { 0 };
  if (!bound->adjoint || op->adjoint) {
    TRY(borrow_matrix(bound, bound->adjoint ? &op->adjoint->csr : &op->csr));
    goto done;
  }
  TRY(operator_fetch_matrix(bound->be, op, &copy));
  TRY(speig_matrix_transpose(copy.matrix, 1, &bound->scaled));
  operator_drop_copy(&copy);
  TRY(mv_matrix_open(bound->be, bound->scaled, &bound->matrix));
done:
  operator_drop_copy(&copy);
  return st;
}
