/* transform.c: new matrices from old: another scalar type, the transpose, a multiple. */
#include "base/dtype.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/threads.h"
#include "formats/matrix.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define SPEIG_TEMPLATE "formats/transform.t.h"
#include "base/instantiate.h"

typedef struct transform_kernels {
  void (*conjugate)(int64_t n, void *values);
  int64_t (*scale)(int64_t n, double factor, const void *from, void *to);
  void (*widen)(int64_t n, const void *from, double *to);
  int64_t (*narrow)(int64_t n, const double *from, void *to);
} transform_kernels;

static const transform_kernels kernels[4] = {
  { conjugate_s, scale_s, widen_s, narrow_s },
  { conjugate_d, scale_d, widen_d, narrow_d },
  { conjugate_c, scale_c, widen_c, narrow_c },
  { conjugate_z, scale_z, widen_z, narrow_z },
};

/* A matrix of the given type with the structure of A, values uninitialised. */
static speig_status same_structure(const speig_matrix *A, speig_dtype dtype, speig_matrix **out)
{
  speig_status st = SPEIG_OK;
  speig_matrix *B = NULL;
  TRY(matrix_alloc(dtype, A->rows, A->cols, A->nnz, &B));
  memcpy(B->rowptr, A->rowptr, ((size_t)A->rows + 1) * sizeof *A->rowptr);
  if (A->nnz > 0)
    memcpy(B->colind, A->colind, (size_t)A->nnz * sizeof *A->colind);
  B->declared = A->declared;
  *out = B;
done:
  return st;
}

int64_t matrix_row_of(const speig_matrix *A, int64_t e)
{
  int64_t low = 0, high = A->rows;
  while (high - low > 1) {
    int64_t middle = low + (high - low) / 2;
    if (A->rowptr[middle] <= e)
      low = middle;
    else
      high = middle;
  }
  return low;
}

void matrix_widen(speig_dtype dtype, int64_t n, const void *from, double *to)
{
  kernels[dtype].widen(n, from, to);
}

int64_t matrix_narrow(speig_dtype dtype, int64_t n, const double *from, void *to)
{
  return kernels[dtype].narrow(n, from, to);
}

static void pair_at(const speig_matrix *A, int64_t e, double pair[2])
{
  kernels[A->dtype].widen(1, (const char *)A->values + (size_t)e * speig_dtype_size(A->dtype),
                          pair);
}

/* Says which entry does not fit, in the counting of Matrix Market files. */
static speig_status misfit_error(const speig_matrix *A, int64_t e, speig_dtype dtype)
{
  speig_status st = SPEIG_OK;
  char imaginary[32] = "";
  double pair[2];
  pair_at(A, e, pair);
  if (dtype_is_complex(A->dtype))
    (void)snprintf(imaginary, sizeof imaginary, "%+.17gi", pair[1]);
  FAIL(SPEIG_ERR_ARG, "entry (%" PRId64 ", %" PRId64 ") is %.17g%s, which does not fit the type %s",
       matrix_row_of(A, e) + 1, (int64_t)A->colind[e] + 1, pair[0], imaginary,
       speig_dtype_name(dtype));
done:
  return st;
}

speig_status speig_matrix_convert(const speig_matrix *A, speig_dtype dtype, speig_matrix **out)
{
  enum { BLOCK = 256 };
  speig_status st = SPEIG_OK;
  speig_matrix *B = NULL;
  int64_t bad = INT64_MAX;
  double largest = 0;
  int team = matrix_team(threads_resolve(0), A->nnz);
  size_t from = speig_dtype_size(A->dtype), to = speig_dtype_size(dtype);
  REQUIRE(dtype_valid(dtype), "dtype is %d, needed s, d, c or z", (int)dtype);
  TRY(same_structure(A, dtype, &B));
#pragma omp parallel for schedule(static) num_threads(team) reduction(min                          \
                                                                      : bad) reduction(max         \
                                                                                       : largest)
  for (int64_t e = 0; e < A->nnz; e += BLOCK) {
    double wide[2 * BLOCK];
    int64_t n = A->nnz - e < BLOCK ? A->nnz - e : BLOCK, misfit;
    kernels[A->dtype].widen(n, (const char *)A->values + (size_t)e * from, wide);
    for (int64_t i = 0; i < 2 * n; ++i)
      largest = fmax(largest, fabs(wide[i]));
    misfit = kernels[dtype].narrow(n, wide, (char *)B->values + (size_t)e * to);
    if (misfit >= 0 && e + misfit < bad)
      bad = e + misfit;
  }
  if (bad != INT64_MAX)
    TRY(misfit_error(A, bad, dtype));
  if (largest > 0 && largest < dtype_min(dtype) && dtype_is_single(dtype) &&
      !dtype_is_single(A->dtype))
    FAIL(SPEIG_ERR_ARG,
         "the largest entry is %.3g, below %.3g, where type %s begins to lose digits; scale the "
         "matrix",
         largest, dtype_min(dtype), speig_dtype_name(dtype));
  *out = B;
  B = NULL;
done:
  speig_matrix_destroy(&B);
  return st;
}

speig_status speig_matrix_transpose(const speig_matrix *A, int conjugate, speig_matrix **out)
{
  speig_status st = SPEIG_OK;
  int32_t *row = NULL;
  coo_piece list = { .count = A->nnz, .row = A->colind, .values = A->values };
  TRY(matrix_row_indices(A, &row));
  list.col = row;
  TRY(coo_assemble(&list, A->dtype, A->cols, A->rows, SPEIG_GENERAL, threads_resolve(0), out));
  if (conjugate)
    kernels[A->dtype].conjugate((*out)->nnz, (*out)->values);
  (*out)->declared = A->declared;
done:
  mem_free(row);
  return st;
}

speig_status speig_matrix_scaled(const speig_matrix *A, double factor, speig_matrix **out)
{
  speig_status st = SPEIG_OK;
  speig_matrix *B = NULL;
  int64_t bad;
  REQUIRE(isfinite(factor), "factor is %g, needed a finite number", factor);
  TRY(same_structure(A, A->dtype, &B));
  bad = kernels[A->dtype].scale(A->nnz, factor, A->values, B->values);
  if (bad >= 0) {
    double pair[2];
    pair_at(A, bad, pair);
    FAIL(SPEIG_ERR_ARG,
         "entry (%" PRId64 ", %" PRId32 ") is %.17g%+.17gi, which overflows times %.17g",
         matrix_row_of(A, bad), A->colind[bad], pair[0], pair[1], factor);
  }
  *out = B;
  B = NULL;
done:
  speig_matrix_destroy(&B);
  return st;
}
