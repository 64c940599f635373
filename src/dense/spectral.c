/* spectral.c: over LAPACKE. Tridiagonal form costs 4/3 n^3 operations and is shared by all ends of
 * the spectrum; vectors come by MRRR (Dhillon, Parlett, Voemel, ACM TOMS 32, 2006), O(n) each. */
#include "dense/spectral.h"

#include "base/error.h"
#include "base/memory.h"

#include <complex.h>
#include <lapacke.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef double _Complex zscalar;

static zscalar *as_z(double *data)
{
  return (zscalar *)(void *)data;
}

static speig_status check_info(lapack_int info, const char *routine, int32_t n)
{
  speig_status st = SPEIG_OK;
  if (info != 0)
    FAIL(info < 0 ? SPEIG_ERR_INTERNAL : SPEIG_ERR_NUMERIC,
         "LAPACK's %s of order %d ended with info %d, 0 needed", routine, n, (int)info);
done:
  return st;
}

typedef struct graded_row {
  double norm;
  int32_t row;
} graded_row;

static int by_norm(const void *left, const void *right)
{
  const graded_row *a = left, *b = right;
  if (a->norm != b->norm)
    return a->norm < b->norm ? -1 : 1;
  return a->row < b->row ? -1 : 1;
}

/* to[i] = from[order[i]], count items of `size` bytes. */
static void gather(int32_t count, size_t size, const int32_t *order, const char *from, char *to)
{
  for (int32_t i = 0; i < count; ++i)
    memcpy(to + (size_t)i * size, from + (size_t)order[i] * size, size);
}

/* Columns in place, along the cycles of the permutation. */
static void permute_columns(small *A, const int32_t *order, char *spare, char *moved)
{
  size_t width = (A->is_complex ? 2 : 1) * sizeof(double), bytes = width * (size_t)A->rows;
  char *data = (char *)A->data;
  memset(moved, 0, (size_t)A->cols);
  for (int32_t first = 0; first < A->cols; ++first) {
    int32_t j = first;
    if (moved[first])
      continue;
    memcpy(spare, data + width * (size_t)A->ld * (size_t)first, bytes);
    for (; order[j] != first; j = order[j]) {
      memcpy(data + width * (size_t)A->ld * (size_t)j,
             data + width * (size_t)A->ld * (size_t)order[j], bytes);
      moved[j] = 1;
    }
    memcpy(data + width * (size_t)A->ld * (size_t)j, spare, bytes);
    moved[j] = 1;
  }
}

static void permute_rows(small *A, const int32_t *order, char *spare)
{
  size_t width = (A->is_complex ? 2 : 1) * sizeof(double);
  for (int32_t j = 0; j < A->cols; ++j) {
    char *column = (char *)A->data + width * (size_t)A->ld * (size_t)j;
    memcpy(spare, column, width * (size_t)A->rows);
    gather(A->rows, width, order, spare, column);
  }
}

speig_status spectral_grade(small *A, int32_t *order)
{
  speig_status st = SPEIG_OK;
  int32_t n = A->rows, parts = A->is_complex ? 2 : 1;
  graded_row *rows = NULL;
  double *spare = NULL;
  char *moved = NULL;
  TRY(MEM_ARRAY(n, "row norms", &rows));
  TRY(MEM_ARRAY((int64_t)n * parts, "row order", &spare));
  TRY(MEM_ARRAY(n, "row order", &moved));
  for (int32_t j = 0; j < n; ++j) { /* columns are rows, conjugated */
    const double *column = A->data + (int64_t)j * A->ld * parts;
    double largest = 0;
    for (int64_t i = 0; i < (int64_t)n * parts; ++i)
      largest = fmax(largest, fabs(column[i]));
    rows[j] = (graded_row){ .norm = largest, .row = j };
  }
  qsort(rows, (size_t)n, sizeof *rows, by_norm);
  for (int32_t i = 0; i < n; ++i)
    order[i] = rows[i].row;
  permute_columns(A, order, (char *)spare, moved);
  permute_rows(A, order, (char *)spare);
done:
  mem_free(rows);
  mem_free(spare);
  mem_free(moved);
  return st;
}

speig_status spectral_ungrade(const int32_t *order, small *V)
{
  speig_status st = SPEIG_OK;
  double *spare = NULL;
  int32_t *place = NULL;
  TRY(MEM_ARRAY((int64_t)V->rows * 2, "row order", &spare));
  TRY(MEM_ARRAY(V->rows, "row order", &place));
  for (int32_t i = 0; i < V->rows; ++i)
    place[order[i]] = i;
  permute_rows(V, place, (char *)spare);
done:
  mem_free(spare);
  mem_free(place);
  return st;
}

speig_status spectral_tridiagonalize(small *A, double *d, double *e, double *tau)
{
  speig_status st = SPEIG_OK;
  lapack_int n = A->rows, lwork = 64 * n;
  double *work = NULL;
  if (n == 0)
    goto done;
  if (!isfinite(small_max_abs(A)))
    FAIL(SPEIG_ERR_NUMERIC, "a matrix of order %d holds NaN or Inf; finite numbers needed",
         A->rows);
  TRY(MEM_ARRAY((int64_t)lwork * 2, "tridiagonalisation workspace", &work));
  if (A->is_complex)
    TRY(check_info(LAPACKE_zhetrd_work(LAPACK_COL_MAJOR, 'U', n, as_z(A->data), A->ld, d, e,
                                       as_z(tau), as_z(work), lwork),
                   "zhetrd", n));
  else
    TRY(check_info(
        LAPACKE_dsytrd_work(LAPACK_COL_MAJOR, 'U', n, A->data, A->ld, d, e, tau, work, lwork),
        "dsytrd", n));
done:
  mem_free(work);
  return st;
}

speig_status spectral_values(int32_t n, const double *d, const double *e, double *theta)
{
  speig_status st = SPEIG_OK;
  double *off = NULL;
  if (n == 0)
    goto done;
  TRY(MEM_ZARRAY(n, "off-diagonal", &off));
  memcpy(theta, d, (size_t)n * sizeof *d);
  memcpy(off, e, (size_t)(n - 1) * sizeof *e);
  TRY(check_info(LAPACKE_dsterf_work(n, theta, off), "dsterf", n));
done:
  mem_free(off);
  return st;
}

speig_status spectral_vectors(int32_t n, const double *d, const double *e, int32_t first, small *Z,
                              int32_t *found)
{
  speig_status st = SPEIG_OK;
  lapack_int m = 0, lwork = 18 * n, liwork = 10 * n, *iwork = NULL, *support = NULL;
  lapack_logical try_rac = 1;
  double *diagonal = NULL, *off = NULL, *work = NULL, *theta = NULL;
  *found = 0;
  if (Z->cols == 0)
    goto done;
  TRY(MEM_ARRAY(n, "diagonal", &diagonal));
  TRY(MEM_ZARRAY(n, "off-diagonal", &off));
  TRY(MEM_ARRAY(n, "eigenvalues", &theta));
  TRY(MEM_ARRAY(lwork, "eigenvector workspace", &work));
  TRY(MEM_ARRAY(liwork, "eigenvector workspace", &iwork));
  TRY(MEM_ARRAY(2 * (int64_t)Z->cols, "eigenvector workspace", &support));
  memcpy(diagonal, d, (size_t)n * sizeof *d);
  memcpy(off, e, (size_t)(n - 1) * sizeof *e);
  TRY(check_info(LAPACKE_dstemr_work(LAPACK_COL_MAJOR, 'V', 'I', n, diagonal, off, 0, 0, first + 1,
                                     first + Z->cols, &m, theta, Z->data, Z->ld, Z->cols, support,
                                     &try_rac, work, lwork, iwork, liwork),
                 "dstemr", n));
  *found = (int32_t)m;
done:
  mem_free(diagonal);
  mem_free(off);
  mem_free(theta);
  mem_free(work);
  mem_free(iwork);
  mem_free(support);
  return st;
}

speig_status spectral_back_transform(const small *A, const double *tau, small *V)
{
  speig_status st = SPEIG_OK;
  lapack_int n = V->rows, m = V->cols, lwork = 64 * m + 64 * 65;
  double *work = NULL;
  if (n == 0 || m == 0)
    goto done;
  TRY(MEM_ARRAY((int64_t)lwork * 2, "back transformation workspace", &work));
  if (A->is_complex)
    TRY(check_info(LAPACKE_zunmtr_work(LAPACK_COL_MAJOR, 'L', 'U', 'N', n, m, as_z(A->data), A->ld,
                                       as_z((double *)tau), as_z(V->data), V->ld, as_z(work),
                                       lwork),
                   "zunmtr", n));
  else
    TRY(check_info(LAPACKE_dormtr_work(LAPACK_COL_MAJOR, 'L', 'U', 'N', n, m, A->data, A->ld, tau,
                                       V->data, V->ld, work, lwork),
                   "dormtr", n));
done:
  mem_free(work);
  return st;
}

/* The upper triangle, conjugated, becomes the lower one. */
static void mirror_upper(small *A)
{
  int64_t parts = A->is_complex ? 2 : 1, ld = A->ld;
  for (int64_t j = 0; j < A->cols; ++j) {
    for (int64_t i = 0; i < j; ++i) {
      const double *upper = A->data + (i + j * ld) * parts;
      double *lower = A->data + (j + i * ld) * parts;
      lower[0] = upper[0];
      if (A->is_complex)
        lower[1] = -upper[1];
    }
  }
}

speig_status spectral_reduce_definite(const small *R, small *A)
{
  speig_status st = SPEIG_OK;
  if (A->rows == 0)
    goto done;
  if (A->is_complex)
    TRY(check_info(LAPACKE_zhegst_work(LAPACK_COL_MAJOR, 1, 'U', A->rows, as_z(A->data), A->ld,
                                       as_z(R->data), R->ld),
                   "zhegst", A->rows));
  else
    TRY(check_info(
        LAPACKE_dsygst_work(LAPACK_COL_MAJOR, 1, 'U', A->rows, A->data, A->ld, R->data, R->ld),
        "dsygst", A->rows));
  mirror_upper(A);
done:
  return st;
}

speig_status spectral_qr(small *Z, double *tau)
{
  speig_status st = SPEIG_OK;
  lapack_int lwork = 64 * Z->cols;
  double *work = NULL;
  if (Z->cols == 0)
    goto done;
  TRY(MEM_ARRAY((int64_t)lwork * 2, "QR workspace", &work));
  if (Z->is_complex)
    TRY(check_info(LAPACKE_zgeqrf_work(LAPACK_COL_MAJOR, Z->rows, Z->cols, as_z(Z->data), Z->ld,
                                       as_z(tau), as_z(work), lwork),
                   "zgeqrf", Z->rows));
  else
    TRY(check_info(
        LAPACKE_dgeqrf_work(LAPACK_COL_MAJOR, Z->rows, Z->cols, Z->data, Z->ld, tau, work, lwork),
        "dgeqrf", Z->rows));
done:
  mem_free(work);
  return st;
}

speig_status spectral_apply_q(const small *Z, const double *tau, int conj, int right, small *C)
{
  speig_status st = SPEIG_OK;
  char side = right ? 'R' : 'L';
  lapack_int lwork = 64 * (right ? C->rows : C->cols) + 64 * 65;
  double *work = NULL;
  if (Z->cols == 0 || C->rows == 0 || C->cols == 0)
    goto done;
  TRY(MEM_ARRAY((int64_t)lwork * 2, "QR workspace", &work));
  if (Z->is_complex)
    TRY(check_info(LAPACKE_zunmqr_work(LAPACK_COL_MAJOR, side, conj ? 'C' : 'N', C->rows, C->cols,
                                       Z->cols, as_z(Z->data), Z->ld, as_z((double *)tau),
                                       as_z(C->data), C->ld, as_z(work), lwork),
                   "zunmqr", Z->rows));
  else
    TRY(check_info(LAPACKE_dormqr_work(LAPACK_COL_MAJOR, side, conj ? 'T' : 'N', C->rows, C->cols,
                                       Z->cols, Z->data, Z->ld, tau, C->data, C->ld, work, lwork),
                   "dormqr", Z->rows));
done:
  mem_free(work);
  return st;
}
