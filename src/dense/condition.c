/* condition.c: condition numbers of eigenvalues, over LAPACKE's ?getrf and ?getrs. */
#include "dense/condition.h"

#include "base/error.h"
#include "base/memory.h"

#include <complex.h>
#include <lapacke.h>
#include <math.h>

typedef double _Complex zscalar;

static zscalar *as_z(double *data)
{
  return (zscalar *)(void *)data;
}

/* The length of step numbers that lie `stride` apart, entries of one or two doubles each. */
static double length_of(int is_complex, const double *data, int64_t count, int64_t stride)
{
  double sum = 0;
  for (int64_t i = 0; i < count; ++i, data += stride)
    sum = hypot(sum, is_complex ? hypot(data[0], data[1]) : data[0]);
  return sum;
}

static double row_length(const small *A, int32_t i)
{
  int64_t width = A->is_complex ? 2 : 1;
  return length_of(A->is_complex, A->data + width * i, A->cols, width * A->ld);
}

double packed_condition(const small *inverse, int32_t first, int pair)
{
  double length = row_length(inverse, first);
  return pair ? hypot(length, row_length(inverse, first + 1)) / 2 : length;
}

/* rhs = columns `first` (and the next one) of the identity, then rows of X^-1 as columns; *length
 * of them together. */
static speig_status solve_rows(const small *LU, const lapack_int *pivot, int32_t first,
                               int32_t rows, small *rhs, double *length)
{
  speig_status st = SPEIG_OK;
  lapack_int info;
  small_zero(rhs);
  for (int32_t j = 0; j < rows; ++j)
    small_set(rhs, first + j, j, 1);
  info = LU->is_complex ? LAPACKE_zgetrs_work(LAPACK_COL_MAJOR, 'C', LU->rows, rows, as_z(LU->data),
                                              LU->ld, pivot, as_z(rhs->data), rhs->ld)
                        : LAPACKE_dgetrs_work(LAPACK_COL_MAJOR, 'T', LU->rows, rows, LU->data,
                                              LU->ld, pivot, rhs->data, rhs->ld);
  if (info != 0)
    FAIL(SPEIG_ERR_INTERNAL, "LAPACK's getrs of order %d ended with info %d, 0 needed", LU->rows,
         (int)info);
  *length = 0;
  for (int32_t j = 0; j < rows; ++j) {
    small column = small_view(rhs, 0, j, rhs->rows, 1);
    *length =
        hypot(*length, length_of(LU->is_complex, column.data, column.rows, LU->is_complex ? 2 : 1));
  }
done:
  return st;
}

speig_status packed_worst_condition(small *X, const eigenvalue *lambda, int32_t count,
                                    const int32_t *pick, double *worst)
{
  speig_status st = SPEIG_OK;
  lapack_int n = X->rows, *pivot = NULL, info;
  small rhs = { 0 };
  *worst = count > 0 ? 1 : NAN;
  if (n == 0 || count == 0)
    goto done;
  TRY(MEM_ARRAY(n, "pivots", &pivot));
  TRY(small_alloc(n, 2, X->is_complex, &rhs));
  info = X->is_complex ? LAPACKE_zgetrf_work(LAPACK_COL_MAJOR, n, n, as_z(X->data), X->ld, pivot)
                       : LAPACKE_dgetrf_work(LAPACK_COL_MAJOR, n, n, X->data, X->ld, pivot);
  if (info > 0)
    *worst = INFINITY;
  for (int32_t i = 0; i < count && info == 0; ++i) {
    int pair = pair_starts(X->is_complex, lambda, pick[i]);
    double length = 0;
    if (pair_ends(X->is_complex, lambda, pick[i]))
      continue;
    TRY(solve_rows(X, pivot, pick[i], pair ? 2 : 1, &rhs, &length));
    *worst = fmax(*worst, isfinite(length) ? length / (pair ? 2 : 1) : INFINITY);
  }
  if (info < 0)
    FAIL(SPEIG_ERR_INTERNAL, "LAPACK's getrf of order %d ended with info %d, 0 needed", X->rows,
         (int)info);
done:
  mem_free(pivot);
  small_free(&rhs);
  return st;
}
