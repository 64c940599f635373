/* operator_create.c: operators as callers make them. */
#include "backend/operator.h"
#include "base/dtype.h"
#include "base/error.h"
#include "base/memory.h"

#include <inttypes.h>
#include <stddef.h>
#include <string.h>

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
  REQUIRE(with.apply || with.apply_there, "the product callback is NULL");
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
  return create_callback((speig_operator){ .kind = OPERATOR_DEVICE_CALLBACK,
                                           .dtype = dtype,
                                           .rows = n,
                                           .n = n,
                                           .apply_there = apply,
                                           .user = user },
                         out);
}

speig_status speig_operator_create_rectangular_on_device(speig_dtype dtype, int64_t rows,
                                                         int64_t cols, speig_device_apply_fn apply,
                                                         speig_device_apply_fn apply_adjoint,
                                                         void *user, speig_operator **out)
{
  speig_status st = SPEIG_OK;
  REQUIRE(apply_adjoint, "the callback for products with the adjoint is NULL");
  TRY(create_callback((speig_operator){ .kind = OPERATOR_DEVICE_CALLBACK,
                                        .dtype = dtype,
                                        .rows = rows,
                                        .n = cols,
                                        .apply_there = apply,
                                        .adjoint_there = apply_adjoint,
                                        .user = user },
                      out));
done:
  return st;
}

void speig_device_csr_init(speig_device_csr *A)
{
  *A = (speig_device_csr)SPEIG_DEVICE_CSR_INIT;
}

static speig_status check_arrays(const speig_device_csr *A)
{
  speig_status st = SPEIG_OK;
  TRY(check_shape(A->dtype, A->n));
  REQUIRE(A->n < INT32_MAX, "order %" PRId64 ", less than 2^31 - 1 needed", A->n);
  REQUIRE(A->cols >= 0 && A->cols <= INT32_MAX, "%" PRId64 " columns, 0 to 2^31 - 1 needed",
          A->cols);
  REQUIRE(A->nnz >= 0 && (A->rowptr || (A->rowptr32 && A->nnz <= INT32_MAX)) &&
              (A->nnz == 0 || (A->colind && A->values)),
          "nnz is %" PRId64 ", rowptr %p, rowptr32 %p, colind %p, values %p", A->nnz,
          (const void *)A->rowptr, (const void *)A->rowptr32, (const void *)A->colind, A->values);
done:
  return st;
}

/* A with every field that an older caller's header lacks, and without an adjoint. */
static speig_status complete_csr(const speig_device_csr *given, speig_device_csr *A)
{
  speig_status st = SPEIG_OK;
  const size_t first = offsetof(speig_device_csr, cols);
  REQUIRE(given->size >= first && given->size <= sizeof *A,
          "the matrix has size %zu, %zu needed: start from SPEIG_DEVICE_CSR_INIT", given->size,
          sizeof *A);
  speig_device_csr_init(A);
  memcpy(A, given, given->size);
  A->size = sizeof *A;
  A->adjoint = NULL;
  if (A->cols == 0)
    A->cols = A->n;
  TRY(check_arrays(A));
done:
  return st;
}

static speig_status create_device_matrix(const speig_device_csr *given, speig_operator **out)
{
  speig_status st = SPEIG_OK;
  speig_operator *op = NULL;
  speig_device_csr A;
  TRY(complete_csr(given, &A));
  TRY(MEM_ZARRAY(1, "operator", &op));
  *op = (speig_operator){
    .kind = OPERATOR_DEVICE_MATRIX, .dtype = A.dtype, .rows = A.n, .n = A.cols, .csr = A
  };
  *out = op;
done:
  return st;
}

/* The caller's A^H. */
static speig_status create_adjoint(const speig_device_csr *given, speig_operator *op)
{
  speig_status st = SPEIG_OK;
  const speig_operator *adjoint;
  TRY(create_device_matrix(given, &op->adjoint));
  adjoint = op->adjoint;
  REQUIRE(adjoint->dtype == op->dtype, "the adjoint has type %s, the matrix %s",
          speig_dtype_name(adjoint->dtype), speig_dtype_name(op->dtype));
  REQUIRE(adjoint->rows == op->n && adjoint->n == op->rows,
          "the adjoint is %" PRId64 " x %" PRId64 ", the matrix %" PRId64 " x %" PRId64,
          adjoint->rows, adjoint->n, op->rows, op->n);
  REQUIRE(adjoint->csr.nnz == op->csr.nnz,
          "the adjoint has %" PRId64 " entries, the matrix %" PRId64, adjoint->csr.nnz,
          op->csr.nnz);
done:
  return st;
}

speig_status speig_operator_from_device_csr(const speig_device_csr *A, speig_operator **out)
{
  speig_status st = SPEIG_OK;
  speig_operator *op = NULL;
  REQUIRE(A && out, "a matrix and a place for the operator are needed, one is NULL");
  *out = NULL;
  TRY(create_device_matrix(A, &op));
  if (A->size >= offsetof(speig_device_csr, adjoint) + sizeof A->adjoint && A->adjoint)
    TRY(create_adjoint(A->adjoint, op));
  *out = op;
  op = NULL;
done:
  speig_operator_destroy(&op);
  return st;
}

void speig_operator_destroy(speig_operator **op)
{
  if (!op || !*op)
    return;
  speig_operator_destroy(&(*op)->adjoint);
  mem_free((*op)->diagonal);
  mem_free(*op);
  *op = NULL;
}
