/* small.c: small host matrices in double precision, real or complex, over CBLAS and LAPACKE.
 *
 * The only file that knows that these matrices have two types: entries are doubles, `parts` of them
 * per entry. LAPACKE's _work forms are used with workspace of ours, so that budgets count it, and
 * inputs are checked for NaN and Inf first, because some LAPACK drivers loop on them.           */
#include "dense/small.h"

#include "base/error.h"
#include "base/memory.h"

#include <cblas.h>
#include <complex.h>
#include <lapacke.h>
#include <math.h>
#include <string.h>

typedef double _Complex zscalar;

static int parts(const small *M)
{
  return M->is_complex ? 2 : 1;
}

static double *entry(const small *M, int32_t i, int32_t j)
{
  return M->data + ((int64_t)i + (int64_t)j * M->ld) * parts(M);
}

static zscalar *entries_z(const small *M)
{
  return (zscalar *)(void *)M->data;
}

static zscalar get_z(const small *M, int32_t i, int32_t j)
{
  const double *m = entry(M, i, j);
  return M->is_complex ? m[0] + m[1] * I : m[0];
}

speig_status small_alloc(int32_t rows, int32_t cols, int is_complex, small *out)
{
  speig_status st = SPEIG_OK;
  size_t bytes;
  *out = (small){ .rows = rows, .cols = cols, .ld = rows > 1 ? rows : 1, .is_complex = is_complex };
  /* OpenBLAS up to 0.3.22 (zgemv_n, Haswell) reads, without use, up to three columns beyond the
   * last one (its issue 4013): with a large matrix at the end of its mapping that is a crash. */
  TRY(mem_product(rows, (int64_t)cols + 3, is_complex ? 16 : 8, "small matrix", &bytes));
  TRY(mem_zalloc((int64_t)bytes, 1, "small matrix", &out->owned));
  out->data = out->owned;
done:
  return st;
}

void small_free(small *M)
{
  mem_free(M->owned);
  *M = (small){ 0 };
}

small small_view(const small *M, int32_t row, int32_t col, int32_t rows, int32_t cols)
{
  small view = *M;
  view.rows = rows;
  view.cols = cols;
  view.owned = NULL;
  view.data = M->data ? entry(M, row, col) : NULL;
  return view;
}

void small_zero(small *M)
{
  for (int32_t j = 0; j < M->cols; ++j)
    memset(entry(M, 0, j), 0, (size_t)M->rows * (size_t)parts(M) * sizeof(double));
}

void small_identity(small *M)
{
  small_zero(M);
  for (int32_t j = 0; j < M->cols && j < M->rows; ++j)
    *entry(M, j, j) = 1;
}

void small_copy(const small *A, small *B)
{
  int widen = B->is_complex && !A->is_complex;
  for (int32_t j = 0; j < A->cols; ++j) {
    const double *a = entry(A, 0, j);
    double *b = entry(B, 0, j);
    if (!widen) {
      memcpy(b, a, (size_t)A->rows * (size_t)parts(A) * sizeof(double));
      continue;
    }
    for (int32_t i = 0; i < A->rows; ++i) {
      b[2 * (size_t)i] = a[i];
      b[2 * (size_t)i + 1] = 0;
    }
  }
}

double small_get(const small *M, int32_t i, int32_t j)
{
  return *entry(M, i, j);
}

void small_set(small *M, int32_t i, int32_t j, double value)
{
  double *m = entry(M, i, j);
  m[0] = value;
  if (M->is_complex)
    m[1] = 0;
}

double small_max_abs(const small *M)
{
  double largest = 0;
  for (int32_t j = 0; j < M->cols; ++j) {
    for (int32_t i = 0; i < M->rows; ++i) {
      const double *m = entry(M, i, j);
      double size = M->is_complex ? hypot(m[0], m[1]) : fabs(m[0]);
      if (isnan(m[0]) || (M->is_complex && isnan(m[1])))
        return NAN;
      largest = size > largest ? size : largest;
    }
  }
  return largest;
}

double small_hermitian_defect(const small *A)
{
  double largest = 0;
  for (int32_t j = 0; j < A->cols; ++j) {
    for (int32_t i = j; i < A->rows; ++i) {
      zscalar gap = get_z(A, i, j) - conj(get_z(A, j, i));
      double size = hypot(creal(gap), cimag(gap));
      if (isnan(creal(gap)) || isnan(cimag(gap)))
        return NAN;
      largest = size > largest ? size : largest;
    }
  }
  return largest;
}

void small_make_hermitian(small *A)
{
  for (int32_t j = 0; j < A->cols; ++j) {
    for (int32_t i = j; i < A->rows; ++i) {
      double *lower = entry(A, i, j), *upper = entry(A, j, i);
      lower[0] = upper[0] = 0.5 * lower[0] + 0.5 * upper[0];
      if (A->is_complex) {
        double imaginary = 0.5 * lower[1] - 0.5 * upper[1];
        lower[1] = i == j ? 0 : imaginary;
        upper[1] = i == j ? 0 : -imaginary;
      }
    }
  }
}

/* A real factor meets a complex one: rare and small, so plain loops. */
static void mul_mixed(double alpha, const small *A, int conj_a, const small *B, int conj_b,
                      double beta, small *C)
{
  int32_t inner = conj_a ? A->rows : A->cols;
  for (int32_t j = 0; j < C->cols; ++j) {
    for (int32_t i = 0; i < C->rows; ++i) {
      double *c = entry(C, i, j);
      zscalar sum = 0, old = beta != 0 ? get_z(C, i, j) : 0;
      for (int32_t l = 0; l < inner; ++l) {
        zscalar a = conj_a ? conj(get_z(A, l, i)) : get_z(A, i, l);
        zscalar b = conj_b ? conj(get_z(B, j, l)) : get_z(B, l, j);
        sum += a * b;
      }
      sum = alpha * sum + beta * old;
      c[0] = creal(sum);
      if (C->is_complex)
        c[1] = cimag(sum);
    }
  }
}

void small_mul(double alpha, const small *A, int conj_a, const small *B, int conj_b, double beta,
               small *C)
{
  CBLAS_TRANSPOSE op_a = conj_a ? CblasConjTrans : CblasNoTrans;
  CBLAS_TRANSPOSE op_b = conj_b ? CblasConjTrans : CblasNoTrans;
  int32_t inner = conj_a ? A->rows : A->cols;
  if (C->rows == 0 || C->cols == 0)
    return;
  if (A->is_complex != C->is_complex || B->is_complex != C->is_complex) {
    mul_mixed(alpha, A, conj_a, B, conj_b, beta, C);
  } else if (C->is_complex) {
    zscalar alpha_z = alpha, beta_z = beta;
    cblas_zgemm(CblasColMajor, op_a, op_b, C->rows, C->cols, inner, &alpha_z, A->data, A->ld,
                B->data, B->ld, &beta_z, C->data, C->ld);
  } else {
    cblas_dgemm(CblasColMajor, op_a, op_b, C->rows, C->cols, inner, alpha, A->data, A->ld, B->data,
                B->ld, beta, C->data, C->ld);
  }
}

void small_scale_cols(small *A, const double *d)
{
  for (int32_t j = 0; j < A->cols; ++j) {
    double *a = entry(A, 0, j);
    for (int64_t i = 0; i < (int64_t)A->rows * parts(A); ++i)
      a[i] *= d[j];
  }
}

void small_scale_rows(small *A, const double *d)
{
  for (int32_t j = 0; j < A->cols; ++j) {
    for (int32_t i = 0; i < A->rows; ++i) {
      double *a = entry(A, i, j);
      a[0] *= d[i];
      if (A->is_complex)
        a[1] *= d[i];
    }
  }
}

/* ---- eigenproblems ---- */

static speig_status require_finite(const small *A, const char *what)
{
  speig_status st = SPEIG_OK;
  double size = small_max_abs(A);
  if (!isfinite(size))
    FAIL(SPEIG_ERR_NUMERIC, "%s of order %d holds NaN or Inf; finite numbers needed", what,
         A->rows);
done:
  return st;
}

/* Divide and conquer. The work arrays are sized by a query: sizes[] = work, rwork, iwork. */
static speig_status divide_and_conquer(small *A, double *theta, lapack_int *info)
{
  speig_status st = SPEIG_OK;
  lapack_int n = A->rows, lwork, lrwork = 0, liwork, iwork_size;
  lapack_int *iwork = NULL;
  double work_size[2] = { 0, 0 }, rwork_size = 0;
  double *work = NULL, *rwork = NULL;
  if (A->is_complex)
    *info = LAPACKE_zheevd_work(LAPACK_COL_MAJOR, 'V', 'L', n, entries_z(A), A->ld, theta,
                                (zscalar *)(void *)work_size, -1, &rwork_size, -1, &iwork_size, -1);
  else
    *info = LAPACKE_dsyevd_work(LAPACK_COL_MAJOR, 'V', 'L', n, A->data, A->ld, theta, work_size, -1,
                                &iwork_size, -1);
  if (*info != 0)
    FAIL(SPEIG_ERR_INTERNAL, "LAPACK refuses an eigenproblem of order %d (info %d)", A->rows,
         (int)*info);
  lwork = (lapack_int)work_size[0];
  lrwork = (lapack_int)rwork_size;
  liwork = iwork_size;
  TRY(MEM_ARRAY((int64_t)lwork * parts(A), "eigensolver workspace", &work));
  TRY(MEM_ARRAY(lrwork, "eigensolver workspace", &rwork));
  TRY(MEM_ARRAY(liwork, "eigensolver workspace", &iwork));
  if (A->is_complex)
    *info = LAPACKE_zheevd_work(LAPACK_COL_MAJOR, 'V', 'L', n, entries_z(A), A->ld, theta,
                                (zscalar *)(void *)work, lwork, rwork, lrwork, iwork, liwork);
  else
    *info = LAPACKE_dsyevd_work(LAPACK_COL_MAJOR, 'V', 'L', n, A->data, A->ld, theta, work, lwork,
                                iwork, liwork);
done:
  mem_free(work);
  mem_free(rwork);
  mem_free(iwork);
  return st;
}

/* QR iteration: slower, and the most forgiving of LAPACK's methods. */
static speig_status qr_iteration(small *A, double *theta, lapack_int *info)
{
  speig_status st = SPEIG_OK;
  lapack_int n = A->rows, lwork = 34 * n; /* blocks of 32 */
  double *work = NULL, *rwork = NULL;
  TRY(MEM_ARRAY((int64_t)lwork * parts(A), "eigensolver workspace", &work));
  TRY(MEM_ARRAY(3 * (int64_t)n, "eigensolver workspace", &rwork));
  if (A->is_complex)
    *info = LAPACKE_zheev_work(LAPACK_COL_MAJOR, 'V', 'L', n, entries_z(A), A->ld, theta,
                               (zscalar *)(void *)work, lwork, rwork);
  else
    *info = LAPACKE_dsyev_work(LAPACK_COL_MAJOR, 'V', 'L', n, A->data, A->ld, theta, work, lwork);
done:
  mem_free(work);
  mem_free(rwork);
  return st;
}

speig_status small_eigh(small *A, double *theta)
{
  speig_status st = SPEIG_OK;
  small original = { 0 };
  lapack_int info = 0;
  if (A->rows != A->cols)
    FAIL(SPEIG_ERR_INTERNAL, "an eigenproblem of %d x %d, a square one needed", A->rows, A->cols);
  if (A->rows == 0)
    goto done;
  TRY(require_finite(A, "an eigenproblem"));
  TRY(small_alloc(A->rows, A->cols, A->is_complex, &original));
  small_copy(A, &original);
  TRY(divide_and_conquer(A, theta, &info));
  if (info != 0) {
    small_copy(&original, A);
    TRY(qr_iteration(A, theta, &info));
  }
  if (info != 0)
    FAIL(SPEIG_ERR_NUMERIC, "LAPACK did not solve an eigenproblem of order %d (info %d)", A->rows,
         (int)info);
done:
  small_free(&original);
  return st;
}

/* ---- Cholesky and triangular systems ---- */

speig_status small_cholesky(small *A, int32_t *rank)
{
  speig_status st = SPEIG_OK;
  lapack_int info = 0;
  *rank = 0;
  if (A->rows == 0)
    goto done;
  TRY(require_finite(A, "a matrix to be factored"));
  if (A->is_complex)
    info = LAPACKE_zpotrf_work(LAPACK_COL_MAJOR, 'U', A->rows, entries_z(A), A->ld);
  else
    info = LAPACKE_dpotrf_work(LAPACK_COL_MAJOR, 'U', A->rows, A->data, A->ld);
  if (info < 0)
    FAIL(SPEIG_ERR_INTERNAL, "LAPACK refuses to factor a matrix of order %d (info %d)", A->rows,
         (int)info);
  *rank = info == 0 ? A->rows : (int32_t)info - 1;
  for (int32_t j = 0; j < A->cols; ++j)
    memset(entry(A, j, j) + parts(A), 0,
           (size_t)(A->rows - 1 - j) * (size_t)parts(A) * sizeof(double));
done:
  return st;
}

void small_solve_right_upper(const small *R, small *X)
{
  zscalar one = 1;
  if (X->rows == 0 || X->cols == 0)
    return;
  if (R->is_complex)
    cblas_ztrsm(CblasColMajor, CblasRight, CblasUpper, CblasNoTrans, CblasNonUnit, X->rows, X->cols,
                &one, R->data, R->ld, X->data, X->ld);
  else /* a complex X is a real one with twice the rows */
    cblas_dtrsm(CblasColMajor, CblasRight, CblasUpper, CblasNoTrans, CblasNonUnit,
                X->rows * parts(X), X->cols, 1, R->data, R->ld, X->data, X->ld * parts(X));
}

void small_solve_left_upper(const small *R, small *X)
{
  zscalar one = 1;
  if (X->rows == 0 || X->cols == 0)
    return;
  if (R->is_complex) {
    cblas_ztrsm(CblasColMajor, CblasLeft, CblasUpper, CblasNoTrans, CblasNonUnit, X->rows, X->cols,
                &one, R->data, R->ld, X->data, X->ld);
  } else if (!X->is_complex) {
    cblas_dtrsm(CblasColMajor, CblasLeft, CblasUpper, CblasNoTrans, CblasNonUnit, X->rows, X->cols,
                1, R->data, R->ld, X->data, X->ld);
  } else {
    for (int32_t j = 0; j < X->cols; ++j)
      for (int part = 0; part < 2; ++part)
        cblas_dtrsv(CblasColMajor, CblasUpper, CblasNoTrans, CblasNonUnit, X->rows, R->data, R->ld,
                    entry(X, 0, j) + part, 2);
  }
}
