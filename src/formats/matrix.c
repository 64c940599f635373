/* matrix.c: CSR handles: taking arrays over, checking them, handing out views. */
#include "formats/matrix.h"

#include "base/dtype.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/threads.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static void release(void *array, array_home home)
{
  if (home == ARRAY_POOLED)
    mem_free(array);
  else if (home == ARRAY_MALLOCED)
    free(array);
}

void speig_matrix_destroy(speig_matrix **A)
{
  if (!A || !*A)
    return;
  release((*A)->rowptr, (*A)->rowptr_home);
  release((*A)->colind, (*A)->entries_home);
  release((*A)->values, (*A)->entries_home);
  mem_free(*A);
  *A = NULL;
}

speig_status matrix_shell(speig_dtype dtype, int64_t rows, int64_t cols, int64_t nnz,
                          speig_matrix **out)
{
  speig_status st = MEM_ZARRAY(1, "matrix", out);
  if (st == SPEIG_OK) {
    (*out)->dtype = dtype;
    (*out)->rows = rows;
    (*out)->cols = cols;
    (*out)->nnz = nnz;
    (*out)->bytes = sizeof **out;
  }
  return st;
}

static size_t offsets_bytes(const speig_matrix *A)
{
  return ((size_t)A->rows + 1) * sizeof *A->rowptr;
}

static size_t entries_bytes(const speig_matrix *A)
{
  return (size_t)A->nnz * (sizeof *A->colind + speig_dtype_size(A->dtype));
}

speig_status matrix_alloc(speig_dtype dtype, int64_t rows, int64_t cols, int64_t nnz,
                          speig_matrix **out)
{
  speig_status st = SPEIG_OK;
  speig_matrix *A = NULL;
  TRY(matrix_shell(dtype, rows, cols, nnz, &A));
  A->rowptr_home = A->entries_home = ARRAY_POOLED;
  TRY(MEM_ARRAY(rows + 1, "row offsets", &A->rowptr));
  TRY(MEM_ARRAY(nnz, "column indices", &A->colind));
  TRY(mem_alloc(nnz, speig_dtype_size(dtype), "matrix values", &A->values));
  A->bytes += offsets_bytes(A) + entries_bytes(A);
  *out = A;
  A = NULL;
done:
  speig_matrix_destroy(&A);
  return st;
}

/* ---- taking CSR arrays over ---- */

static speig_status check_shape(speig_dtype dtype, int64_t rows, int64_t cols, speig_ownership own)
{
  speig_status st = SPEIG_OK;
  REQUIRE(dtype_valid(dtype), "dtype is %d, needed s, d, c or z", (int)dtype);
  REQUIRE(own == SPEIG_COPY || own == SPEIG_BORROW || own == SPEIG_ADOPT,
          "ownership is %d, needed COPY, BORROW or ADOPT", (int)own);
  REQUIRE(rows >= 0 && rows <= INT32_MAX && cols >= 0 && cols <= INT32_MAX,
          "a matrix of %" PRId64 " x %" PRId64 ", needed 0 to %d rows and columns", rows, cols,
          INT32_MAX);
done:
  return st;
}

static speig_status check_offsets(int64_t rows, const int64_t *rowptr)
{
  speig_status st = SPEIG_OK;
  REQUIRE(rowptr, "rowptr is NULL");
  REQUIRE(rowptr[0] == 0, "rowptr[0] is %" PRId64 ", needed 0", rowptr[0]);
  for (int64_t r = 0; r < rows; ++r)
    REQUIRE(rowptr[r + 1] >= rowptr[r],
            "row %" PRId64 ": it ends at offset %" PRId64 ", before its start %" PRId64, r,
            rowptr[r + 1], rowptr[r]);
done:
  return st;
}

/* Errors: ARG for an index outside; *in_order tells whether columns ascend strictly everywhere. */
static speig_status check_columns(const speig_matrix *A, int *in_order)
{
  speig_status st = SPEIG_OK;
  int64_t disorder = 0, bad = INT64_MAX;
  int team = matrix_team(threads_resolve(0), A->nnz);
#pragma omp parallel for schedule(static) num_threads(team) reduction(+ : disorder) reduction(min : bad)
  for (int64_t r = 0; r < A->rows; ++r)
    for (int64_t e = A->rowptr[r]; e < A->rowptr[r + 1]; ++e) {
      if (A->colind[e] < 0 || A->colind[e] >= A->cols)
        bad = r < bad ? r : bad;
      disorder += e > A->rowptr[r] && A->colind[e] <= A->colind[e - 1];
    }
  if (bad != INT64_MAX)
    for (int64_t e = A->rowptr[bad];; ++e)
      REQUIRE(A->colind[e] >= 0 && A->colind[e] < A->cols,
              "row %" PRId64 ": column index %" PRId32 ", but the matrix has %" PRId64 " columns",
              bad, A->colind[e], A->cols);
  *in_order = disorder == 0;
done:
  return st;
}

static speig_status copy_entries(speig_matrix *A, const int32_t *colind, const void *values)
{
  speig_status st = SPEIG_OK;
  size_t size = speig_dtype_size(A->dtype);
  A->entries_home = ARRAY_POOLED;
  A->colind = NULL;
  A->values = NULL;
  TRY(MEM_ARRAY(A->nnz, "column indices", &A->colind));
  TRY(mem_alloc(A->nnz, size, "matrix values", &A->values));
  if (A->nnz > 0) {
    memcpy(A->colind, colind, (size_t)A->nnz * sizeof *colind);
    memcpy(A->values, values, (size_t)A->nnz * size);
  }
  A->bytes += entries_bytes(A);
done:
  return st;
}

/* Gives A the offsets: rowptr itself (home BORROWED or MALLOCED) or a copy of it. */
static speig_status copy_offsets(speig_matrix *A, const int64_t *rowptr)
{
  speig_status st = SPEIG_OK;
  A->rowptr = NULL;
  A->rowptr_home = ARRAY_POOLED;
  TRY(MEM_ARRAY(A->rows + 1, "row offsets", &A->rowptr));
  memcpy(A->rowptr, rowptr, offsets_bytes(A));
  A->bytes += offsets_bytes(A);
done:
  return st;
}

/* The entries of A, borrowed so far, as `own` says; disordered rows are put right in a copy. The
 * caller's arrays change hands only when nothing can fail any more.                             */
static speig_status settle_entries(speig_matrix *A, speig_ownership own, int in_order)
{
  speig_status st = SPEIG_OK;
  int32_t *colind = A->colind;
  void *values = A->values;
  REQUIRE(in_order || own != SPEIG_BORROW,
          "borrowed rows must have strictly ascending columns; these do not: use COPY");
  if (own == SPEIG_COPY || !in_order)
    TRY(copy_entries(A, colind, values));
  if (!in_order) {
    if (A->rowptr_home != ARRAY_POOLED)
      TRY(copy_offsets(A, A->rowptr));
    TRY(matrix_sort_rows(A));
  }
done:
  return st;
}

static speig_status create_csr(speig_matrix *A, const int32_t *colind, const void *values,
                               speig_ownership own)
{
  speig_status st = SPEIG_OK;
  int in_order = 0;
  A->nnz = A->rowptr[A->rows];
  REQUIRE(A->nnz == 0 || (colind && values), "%s is NULL, but there are %" PRId64 " entries",
          colind ? "values" : "colind", A->nnz);
  A->colind = (int32_t *)(uintptr_t)colind;
  A->values = (void *)(uintptr_t)values;
  TRY(check_columns(A, &in_order));
  TRY(settle_entries(A, own, in_order));
done:
  return st;
}

/* After success of an ADOPT: what is in use now belongs to A, what was copied is released. */
static void adopt_entries(speig_matrix *A, const int32_t *colind, const void *values)
{
  if (A->entries_home == ARRAY_POOLED) {
    free((void *)(uintptr_t)colind);
    free((void *)(uintptr_t)values);
  } else {
    A->entries_home = ARRAY_MALLOCED;
    A->bytes += entries_bytes(A);
  }
}

speig_status speig_matrix_create_csr(speig_dtype dtype, int64_t rows, int64_t cols,
                                     const int64_t *rowptr, const int32_t *colind,
                                     const void *values, speig_ownership own, speig_matrix **out)
{
  speig_status st = SPEIG_OK;
  speig_matrix *A = NULL;
  TRY(check_shape(dtype, rows, cols, own));
  TRY(check_offsets(rows, rowptr));
  TRY(matrix_shell(dtype, rows, cols, rowptr[rows], &A));
  A->rowptr = (int64_t *)(uintptr_t)rowptr;
  if (own == SPEIG_COPY)
    TRY(copy_offsets(A, rowptr));
  TRY(create_csr(A, colind, values, own));
  if (own == SPEIG_ADOPT) {
    adopt_entries(A, colind, values);
    if (A->rowptr_home == ARRAY_POOLED) {
      free((void *)(uintptr_t)rowptr);
    } else {
      A->rowptr_home = ARRAY_MALLOCED;
      A->bytes += offsets_bytes(A);
    }
  }
  *out = A;
  A = NULL;
done:
  speig_matrix_destroy(&A);
  return st;
}

speig_status speig_matrix_create_csr32(speig_dtype dtype, int64_t rows, int64_t cols,
                                       const int32_t *rowptr, const int32_t *colind,
                                       const void *values, speig_ownership own, speig_matrix **out)
{
  speig_status st = SPEIG_OK;
  speig_matrix *A = NULL;
  TRY(check_shape(dtype, rows, cols, own));
  REQUIRE(rowptr, "rowptr is NULL");
  TRY(matrix_shell(dtype, rows, cols, 0, &A));
  A->rowptr_home = ARRAY_POOLED;
  TRY(MEM_ARRAY(rows + 1, "row offsets", &A->rowptr));
  A->bytes += offsets_bytes(A);
  for (int64_t r = 0; r <= rows; ++r)
    A->rowptr[r] = rowptr[r];
  TRY(check_offsets(rows, A->rowptr));
  TRY(create_csr(A, colind, values, own));
  if (own == SPEIG_ADOPT) {
    adopt_entries(A, colind, values);
    free((void *)(uintptr_t)rowptr);
  }
  *out = A;
  A = NULL;
done:
  speig_matrix_destroy(&A);
  return st;
}

/* ---- views ---- */

speig_matrix_info speig_matrix_get_info(const speig_matrix *A)
{
  return (speig_matrix_info){ .dtype = A->dtype,
                              .rows = A->rows,
                              .cols = A->cols,
                              .nnz = A->nnz,
                              .declared = A->declared,
                              .bytes = A->bytes };
}

void speig_matrix_arrays(const speig_matrix *A, const int64_t **rowptr, const int32_t **colind,
                         const void **values)
{
  if (rowptr)
    *rowptr = A->rowptr;
  if (colind)
    *colind = A->colind;
  if (values)
    *values = A->values;
}
