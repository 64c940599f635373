/* operator_create.c: operators as callers make them. */
#include "backend/operator.h"
#include "base/dtype.h"
#include "base/error.h"
#include "base/memory.h"

#include <inttypes.h>

int operator_is_opaque(const speig_operator *op)
{
  return op->kind == OPERATOR_CALLBACK || op->kind == OPERATOR_DEVICE_CALLBACK;
}

int operator_needs_device(const speig_operator *op)
{
  return op->kind == OPERATOR_DEVICE_CALLBACK || op->kind == OPERATOR_DEVICE_MATRIX;
}

int64_t operator_entries(const speig_operator *op)
{
  if (op->kind == OPERATOR_MATRIX)
    return speig_matrix_get_info(op->matrix).nnz;
  return op->kind == OPERATOR_DEVICE_MATRIX ? op->csr.nnz : -1;
}

speig_status speig_operator_from_matrix(const speig_matrix *A, speig_operator **out)
{
  speig_status st = SPEIG_OK;
  speig_operator *op = NULL;
  speig_matrix_info info;
  REQUIRE(A && out, "a matrix and a place for the operator are needed, one is NULL");
  *out = NULL;
  info = speig_matrix_get_info(A);
  TRY(MEM_ZARRAY(1, "operator", &op));
  *op = (speig_operator){
    .kind = OPERATOR_MATRIX, .dtype = info.dtype, .rows = info.rows, .n = info.cols, .matrix = A
  };
  *out = op;
done:
  return st;
}

static speig_status check_shape(speig_dtype dtype, int64_t n)
{
  speig_status st = SPEIG_OK;
  REQUIRE(dtype_valid(dtype), "scalar type %d is none of s, d, c, z", (int)dtype);
  REQUIRE(n >= 0, "order %" PRId64 ", at least 0 needed", n);
done:
  return st;
}

static speig_status create_callback(speig_operator with, speig_operator **out)
{
  speig_status st = SPEIG_OK;
  speig_operator *op = NULL;
  REQUIRE(out, "a place for the operator is needed, it is NULL");
  *out = NULL;
  TRY(check_shape(with.dtype, with.n));
  REQUIRE(with.rows >= 0, "%" PRId64 " rows, at least 0 needed", with.rows);
  REQUIRE(with.apply, "the product callback is NULL");
  TRY(MEM_ZARRAY(1, "operator", &op));
  *op = with;
  *out = op;
done:
  return st;
}

speig_status speig_operator_create(speig_dtype dtype, int64_t n, speig_apply_fn apply, void *user,
                                   speig_operator **out)
{
  return create_callback((speig_operator){ .kind = OPERATOR_CALLBACK,
                                           .dtype = dtype,
                                           .rows = n,
                                           .n = n,
                                           .apply = apply,
                                           .user = user },
                         out);
}

speig_status speig_operator_create_rectangular(speig_dtype dtype, int64_t rows, int64_t cols,
                                               speig_apply_fn apply, speig_apply_fn apply_adjoint,
                                               void *user, speig_operator **out)
{
  speig_status st = SPEIG_OK;
  REQUIRE(apply_adjoint, "the callback for products with the adjoint is NULL");
  TRY(create_callback((speig_operator){ .kind = OPERATOR_CALLBACK,
                                        .dtype = dtype,
                                        .rows = rows,
                                        .n = cols,
                                        .apply = apply,
                                        .apply_adjoint = apply_adjoint,
                                        .user = user },
                      out));
done:
  return st;
}

speig_status speig_operator_create_on_device(speig_dtype dtype, int64_t n,
                                             speig_device_apply_fn apply, void *user,
                                             speig_operator **out)
{
  speig_status st = SPEIG_OK;
  speig_operator *op = NULL;
  REQUIRE(out, "a place for the operator is needed, it is NULL");
  *out = NULL;
  TRY(check_shape(dtype, n));
  REQUIRE(apply, "the product callback is NULL");
  TRY(MEM_ZARRAY(1, "operator", &op));
  *op = (speig_operator){ .kind = OPERATOR_DEVICE_CALLBACK,
                          .dtype = dtype,
                          .rows = n,
                          .n = n,
                          .apply_there = apply,
                          .user = user };
  *out = op;
done:
  return st;
}

void speig_device_csr_init(speig_device_csr *A)
{
  *A = (speig_device_csr)SPEIG_DEVICE_CSR_INIT;
}

speig_status speig_operator_from_device_csr(const speig_device_csr *A, speig_operator **out)
{
  speig_status st = SPEIG_OK;
  speig_operator *op = NULL;
  REQUIRE(A && out, "a matrix and a place for the operator are needed, one is NULL");
  *out = NULL;
  REQUIRE(A->size == sizeof *A,
          "the matrix has size %zu, %zu needed: start from "
          "SPEIG_DEVICE_CSR_INIT",
          A->size, sizeof *A);
  TRY(check_shape(A->dtype, A->n));
  REQUIRE(A->n < INT32_MAX, "order %" PRId64 ", less than 2^31 - 1 needed", A->n);
  REQUIRE(A->nnz >= 0 && (A->rowptr || (A->rowptr32 && A->nnz <= INT32_MAX)) &&
              (A->nnz == 0 || (A->colind && A->values)),
          "nnz is %" PRId64 ", rowptr %p, rowptr32 %p, colind %p, values %p", A->nnz,
          (const void *)A->rowptr, (const void *)A->rowptr32, (const void *)A->colind, A->values);
  TRY(MEM_ZARRAY(1, "operator", &op));
  *op = (speig_operator){
    .kind = OPERATOR_DEVICE_MATRIX, .dtype = A->dtype, .rows = A->n, .n = A->n, .csr = *A
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
