/* coo.c: coordinate lists: taking arrays over, checking them, to CSR and back. */
#include "base/dtype.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/threads.h"
#include "formats/matrix.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

void speig_coo_destroy(speig_coo **coo)
{
  if (!coo || !*coo)
    return;
  if ((*coo)->home == ARRAY_POOLED) {
    mem_free((*coo)->row);
    mem_free((*coo)->col);
    mem_free((*coo)->values);
  } else if ((*coo)->home == ARRAY_MALLOCED) {
    free((*coo)->row);
    free((*coo)->col);
    free((*coo)->values);
  }
  mem_free(*coo);
  *coo = NULL;
}

static speig_status check_entry(const speig_coo *coo, int64_t e)
{
  speig_status st = SPEIG_OK;
  int32_t i = coo->row[e], j = coo->col[e];
  REQUIRE(i >= 0 && i < coo->rows && j >= 0 && j < coo->cols,
          "entry %" PRId64 ": row %" PRId32 ", column %" PRId32 ", but the matrix is %" PRId64
          " x %" PRId64,
          e, i, j, coo->rows, coo->cols);
  REQUIRE(coo->symmetry == SPEIG_GENERAL || j <= i,
          "entry %" PRId64 ": (%" PRId32 ", %" PRId32
          ") lies above the diagonal, but a list that is "
          "not general holds the lower triangle",
          e, i, j);
  REQUIRE(coo->symmetry != SPEIG_SKEW_SYMMETRIC || i != j,
          "entry %" PRId64 ": (%" PRId32 ", %" PRId32 ") lies on the diagonal of a skew-symmetric "
          "matrix, which is zero",
          e, i, j);
done:
  return st;
}

static speig_status check_entries(const speig_coo *coo)
{
  speig_status st = SPEIG_OK;
  int64_t bad = INT64_MAX, lower = coo->symmetry != SPEIG_GENERAL;
  int64_t strict = coo->symmetry == SPEIG_SKEW_SYMMETRIC;
  int team = matrix_team(threads_resolve(0), coo->nnz);
#pragma omp parallel for schedule(static) num_threads(team) reduction(min : bad)
  for (int64_t e = 0; e < coo->nnz; ++e) {
    int32_t i = coo->row[e], j = coo->col[e];
    if (i < 0 || i >= coo->rows || j < 0 || j >= coo->cols || (lower && j + strict > i))
      bad = e < bad ? e : bad;
  }
  if (bad != INT64_MAX)
    TRY(check_entry(coo, bad));
done:
  return st;
}

/* Whoever is told that a matrix is Hermitian does not look again, so the diagonal must be real. */
static speig_status check_real_diagonal(const speig_coo *coo)
{
  speig_status st = SPEIG_OK;
  size_t size = speig_dtype_size(coo->dtype);
  double x[2];
  if (coo->symmetry != SPEIG_HERMITIAN || !dtype_is_complex(coo->dtype) || !coo->values)
    goto done;
  for (int64_t e = 0; e < coo->nnz; ++e)
    if (coo->row[e] == coo->col[e]) {
      matrix_widen(coo->dtype, 1, (const char *)coo->values + (size_t)e * size, x);
      REQUIRE(x[1] == 0,
              "entry %" PRId64 ": (%" PRId32 ", %" PRId32
              ") is %.17g%+.17gi, but the diagonal of a "
              "Hermitian matrix is real",
              e, coo->row[e], coo->col[e], x[0], x[1]);
    }
done:
  return st;
}

static speig_status copy_list(speig_coo *coo)
{
  speig_status st = SPEIG_OK;
  const int32_t *row = coo->row, *col = coo->col;
  const void *values = coo->values;
  size_t n = (size_t)coo->nnz, size = speig_dtype_size(coo->dtype);
  coo->row = coo->col = NULL;
  coo->values = NULL;
  coo->home = ARRAY_POOLED;
  TRY(MEM_ARRAY(coo->nnz, "row indices", &coo->row));
  TRY(MEM_ARRAY(coo->nnz, "column indices", &coo->col));
  if (n > 0) {
    memcpy(coo->row, row, n * sizeof *row);
    memcpy(coo->col, col, n * sizeof *col);
  }
  if (values) {
    TRY(mem_alloc(coo->nnz, size, "values", &coo->values));
    memcpy(coo->values, values, n * size);
  }
done:
  return st;
}

speig_status speig_coo_create(speig_dtype dtype, int64_t rows, int64_t cols, int64_t nnz,
                              const int32_t *row, const int32_t *col, const void *values,
                              speig_symmetry symmetry, speig_ownership own, speig_coo **out)
{
  speig_status st = SPEIG_OK;
  speig_coo *coo = NULL;
  REQUIRE(dtype_valid(dtype), "dtype is %d, needed s, d, c or z", (int)dtype);
  REQUIRE((unsigned)symmetry <= SPEIG_HERMITIAN, "symmetry is %d, needed 0 to %d", (int)symmetry,
          (int)SPEIG_HERMITIAN);
  REQUIRE((unsigned)own <= SPEIG_ADOPT, "ownership is %d, needed COPY, BORROW or ADOPT", (int)own);
  REQUIRE(rows >= 0 && rows <= INT32_MAX && cols >= 0 && cols <= INT32_MAX,
          "a matrix of %" PRId64 " x %" PRId64 ", needed 0 to %d rows and columns", rows, cols,
          INT32_MAX);
  REQUIRE(symmetry == SPEIG_GENERAL || rows == cols,
          "a symmetric matrix of %" PRId64 " x %" PRId64 ", needed a square one", rows, cols);
  REQUIRE(nnz >= 0 && (nnz == 0 || (row && col)), "%" PRId64 " entries%s", nnz,
          nnz < 0 ? ", needed 0 or more" : ", but the index arrays are NULL");
  TRY(MEM_ZARRAY(1, "coordinate list", &coo));
  *coo = (speig_coo){ .dtype = dtype,
                      .rows = rows,
                      .cols = cols,
                      .nnz = nnz,
                      .symmetry = symmetry,
                      .row = (int32_t *)(uintptr_t)row,
                      .col = (int32_t *)(uintptr_t)col,
                      .values = (void *)(uintptr_t)values };
  TRY(check_entries(coo));
  TRY(check_real_diagonal(coo));
  if (own == SPEIG_COPY)
    TRY(copy_list(coo));
  else if (own == SPEIG_ADOPT)
    coo->home = ARRAY_MALLOCED;
  *out = coo;
  coo = NULL;
done:
  speig_coo_destroy(&coo);
  return st;
}

int64_t speig_coo_nnz(const speig_coo *coo)
{
  return coo->nnz;
}

void speig_coo_arrays(const speig_coo *coo, const int32_t **row, const int32_t **col,
                      const void **values)
{
  if (row)
    *row = coo->row;
  if (col)
    *col = coo->col;
  if (values)
    *values = coo->values;
}

speig_status coo_assemble(const coo_piece *list, speig_dtype dtype, int64_t rows, int64_t cols,
                          speig_symmetry symmetry, int threads, speig_matrix **out)
{
  speig_status st = SPEIG_OK;
  int64_t parts = matrix_team(threads, list->count) == 1 ? 1 : 4 * (int64_t)threads;
  coo_piece *pieces = NULL;
  size_t size = speig_dtype_size(dtype);
  TRY(MEM_ARRAY(parts, "list of pieces", &pieces));
  for (int64_t p = 0; p < parts; ++p) {
    int64_t each = list->count / parts, first = p * each;
    pieces[p].count = p == parts - 1 ? list->count - first : each;
    pieces[p].row = list->count ? list->row + first : NULL;
    pieces[p].col = list->count ? list->col + first : NULL;
    pieces[p].values = list->values ? (char *)list->values + (size_t)first * size : NULL;
  }
  TRY(matrix_assemble(dtype, rows, cols, symmetry, pieces, parts, 0, threads, out));
done:
  mem_free(pieces);
  return st;
}

speig_status speig_matrix_from_coo(const speig_coo *coo, speig_matrix **out)
{
  coo_piece list = { coo->nnz, coo->row, coo->col, coo->values };
  return coo_assemble(&list, coo->dtype, coo->rows, coo->cols, coo->symmetry, threads_resolve(0),
                      out);
}

speig_status matrix_row_indices(const speig_matrix *A, int32_t **out)
{
  speig_status st = SPEIG_OK;
  int32_t *row = NULL;
  int team = matrix_team(threads_resolve(0), A->nnz);
  TRY(MEM_ARRAY(A->nnz, "row indices", &row));
#pragma omp parallel for schedule(static) num_threads(team)
  for (int64_t r = 0; r < A->rows; ++r)
    for (int64_t e = A->rowptr[r]; e < A->rowptr[r + 1]; ++e)
      row[e] = (int32_t)r;
  *out = row;
done:
  return st;
}

speig_status speig_coo_from_matrix(const speig_matrix *A, speig_coo **out)
{
  speig_status st = SPEIG_OK;
  speig_coo *coo = NULL;
  size_t n = (size_t)A->nnz, size = speig_dtype_size(A->dtype);
  TRY(MEM_ZARRAY(1, "coordinate list", &coo));
  *coo = (speig_coo){
    .dtype = A->dtype, .rows = A->rows, .cols = A->cols, .nnz = A->nnz, .home = ARRAY_POOLED
  };
  TRY(matrix_row_indices(A, &coo->row));
  TRY(MEM_ARRAY(A->nnz, "column indices", &coo->col));
  TRY(mem_alloc(A->nnz, size, "values", &coo->values));
  if (n > 0) {
    memcpy(coo->col, A->colind, n * sizeof *coo->col);
    memcpy(coo->values, A->values, n * size);
  }
  *out = coo;
  coo = NULL;
done:
  speig_coo_destroy(&coo);
  return st;
}
