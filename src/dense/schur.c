/* schur.c: over LAPACKE: ?gees, ?trexc, ?trevc for projected problems, ?geevx and ?ggevx for whole
 * matrices. Real matrices stay real. Costs: a Schur form about 25 n^3 operations, an exchange 20 n,
 * vectors n^3.                                                                                  */
#include "dense/schur.h"

#include "base/error.h"
#include "base/memory.h"

#include <complex.h>
#include <float.h>
#include <lapacke.h>
#include <math.h>

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

static speig_status require_finite(const small *A)
{
  speig_status st = SPEIG_OK;
  if (!isfinite(small_max_abs(A)))
    FAIL(SPEIG_ERR_NUMERIC, "a matrix of order %d holds NaN or Inf; finite numbers needed",
         A->rows);
done:
  return st;
}

/* LAPACK's list in two arrays, real and imaginary parts. */
static void gather(int32_t n, const double *re, const double *im, eigenvalue *lambda)
{
  for (int32_t j = 0; j < n; ++j)
    lambda[j] = (eigenvalue){ re[j], im[j] };
}

speig_status schur_decompose(small *H, small *Z, eigenvalue *lambda)
{
  speig_status st = SPEIG_OK;
  lapack_int n = H->rows, lwork = 34 * n, found = 0, info; /* blocks of 32 */
  double *work = NULL, *parts = NULL;
  if (n == 0)
    goto done;
  TRY(require_finite(H));
  TRY(MEM_ARRAY(2 * (int64_t)lwork, "Schur workspace", &work));
  TRY(MEM_ARRAY(2 * (int64_t)n, "Schur workspace", &parts));
  if (H->is_complex) {
    info = LAPACKE_zgees_work(LAPACK_COL_MAJOR, 'V', 'N', NULL, n, as_z(H->data), H->ld, &found,
                              (zscalar *)(void *)lambda, as_z(Z->data), Z->ld, as_z(work), lwork,
                              parts, NULL);
    TRY(check_info(info, "zgees", n));
  } else {
    info = LAPACKE_dgees_work(LAPACK_COL_MAJOR, 'V', 'N', NULL, n, H->data, H->ld, &found, parts,
                              parts + n, Z->data, Z->ld, work, lwork, NULL);
    TRY(check_info(info, "dgees", n));
    gather(n, parts, parts + n, lambda);
  }
done:
  mem_free(work);
  mem_free(parts);
  return st;
}

/* ---- order ---- */

/* LAPACK keeps 2 x 2 blocks in standard form: equal diagonal entries, off-diagonal ones of opposite
 * sign. */
void schur_values(const small *T, eigenvalue *lambda)
{
  for (int32_t j = 0; j < T->rows; ++j) {
    small entry = small_view(T, j, j, 1, 1);
    if (T->is_complex) {
      lambda[j] = (eigenvalue){ entry.data[0], entry.data[1] };
      continue;
    }
    lambda[j] = (eigenvalue){ entry.data[0], 0 };
    if (j + 1 < T->rows && small_get(T, j + 1, j) != 0) {
      double im = sqrt(fabs(small_get(T, j + 1, j))) * sqrt(fabs(small_get(T, j, j + 1)));
      lambda[j].im = im;
      lambda[j + 1] = (eigenvalue){ small_get(T, j + 1, j + 1), -im };
      ++j;
    }
  }
}

static speig_status exchange(small *T, small *Z, int32_t from, int32_t *to, double *work)
{
  speig_status st = SPEIG_OK;
  lapack_int n = T->rows, first = from + 1, last = *to + 1, info;
  if (T->is_complex)
    info = LAPACKE_ztrexc_work(LAPACK_COL_MAJOR, 'V', n, as_z(T->data), T->ld, as_z(Z->data), Z->ld,
                               first, last);
  else
    info = LAPACKE_dtrexc_work(LAPACK_COL_MAJOR, 'V', n, T->data, T->ld, Z->data, Z->ld, &first,
                               &last, work);
  if (info != 1) /* 1: too close to be exchanged, and left where they are */
    TRY(check_info(info, "trexc", T->rows));
  *to = last - 1;
done:
  return st;
}

speig_status schur_sort(small *T, small *Z, int32_t count, const int32_t *rank, eigenvalue *lambda)
{
  speig_status st = SPEIG_OK;
  int32_t n = T->rows, size, *at = NULL; /* at[i]: the original index of what is at i now */
  double *work = NULL;
  TRY(MEM_ARRAY(n, "order of a Schur form", &at));
  TRY(MEM_ARRAY(n, "exchange workspace", &work));
  for (int32_t i = 0; i < n; ++i)
    at[i] = i;
  for (int32_t i = 0; i < count && i < n; i += size) {
    int32_t from = i, to = i;
    size = pair_starts(T->is_complex, lambda, rank[i]) ? 2 : 1;
    while (from < n && at[from] != rank[i])
      ++from;
    if (from == i || from == n)
      continue;
    TRY(exchange(T, Z, from, &to, work));
    for (int32_t move = from - 1; move >= to; --move)
      at[move + size] = at[move];
    for (int32_t j = 0; j < size; ++j)
      at[to + j] = rank[i] + j;
  }
  schur_values(T, lambda);
done:
  mem_free(at);
  mem_free(work);
  return st;
}

/* ---- vectors ---- */

void packed_normalize(small *S, const eigenvalue *lambda)
{
  int32_t width;
  for (int32_t j = 0; j < S->cols; j += width) {
    small block;
    double largest, sum = 0;
    width = pair_starts(S->is_complex, lambda, j) && j + 1 < S->cols ? 2 : 1;
    block = small_view(S, 0, j, S->rows, width);
    largest = small_max_abs(&block);
    if (!(largest > 0))
      continue;
    for (int32_t c = 0; c < width; ++c) {
      const double *column = small_view(S, 0, j + c, S->rows, 1).data;
      for (int64_t i = 0; i < (int64_t)S->rows * (S->is_complex ? 2 : 1); ++i)
        sum += column[i] / largest * (column[i] / largest);
    }
    /* In two steps: their product may overflow where each of them does not. */
    for (int step = 0; step < 2; ++step) {
      double factor[2];
      factor[0] = factor[1] = step == 0 ? 1 / largest : 1 / sqrt(sum);
      small_scale_cols(&block, factor);
    }
  }
}

void packed_diagonal(int32_t count, const eigenvalue *lambda, small *D)
{
  small_zero(D);
  for (int32_t j = 0; j < count; ++j) {
    small_set(D, j, j, lambda[j].re);
    if (D->is_complex) {
      small_view(D, j, j, 1, 1).data[1] = lambda[j].im;
    } else if (lambda[j].im > 0 && j + 1 < count) {
      /* A u = re u - im v, A v = im u + re v */
      small_set(D, j + 1, j, -lambda[j].im);
      small_set(D, j, j + 1, lambda[j].im);
    }
  }
}

speig_status schur_vectors(small *T, const eigenvalue *lambda, small *S)
{
  speig_status st = SPEIG_OK;
  lapack_int n = T->rows, found = 0, info;
  double *work = NULL, *rwork = NULL;
  if (n == 0)
    goto done;
  TRY(MEM_ARRAY(4 * (int64_t)n, "eigenvector workspace", &work));
  TRY(MEM_ARRAY(n, "eigenvector workspace", &rwork));
  if (T->is_complex)
    info = LAPACKE_ztrevc_work(LAPACK_COL_MAJOR, 'R', 'A', NULL, n, as_z(T->data), T->ld, NULL, 1,
                               as_z(S->data), S->ld, n, &found, as_z(work), rwork);
  else
    info = LAPACKE_dtrevc_work(LAPACK_COL_MAJOR, 'R', 'A', NULL, n, T->data, T->ld, NULL, 1,
                               S->data, S->ld, n, &found, work);
  TRY(check_info(info, "trevc", T->rows));
  packed_normalize(S, lambda);
done:
  mem_free(work);
  mem_free(rwork);
  return st;
}

/* ---- whole matrices ---- */

/* What ?geevx and ?ggevx want beside the matrices; arrays of n unless said otherwise. */
typedef struct driver_work {
  lapack_int n, lwork;
  double *re, *im, *beta; /* beta is complex, 2 n, for complex matrices */
  double *scale_left, *scale_right;
  double *work; /* [2 lwork] */
  double *rwork; /* [6 n] */
} driver_work;

static void driver_close(driver_work *w)
{
  mem_free(w->re);
  mem_free(w->im);
  mem_free(w->beta);
  mem_free(w->scale_left);
  mem_free(w->scale_right);
  mem_free(w->work);
  mem_free(w->rwork);
}

static speig_status driver_open(int32_t n, driver_work *w)
{
  speig_status st = SPEIG_OK;
  *w = (driver_work){ .n = n, .lwork = 66 * n + 32 };
  TRY(MEM_ARRAY(2 * (int64_t)n, "eigenvalues", &w->re));
  TRY(MEM_ARRAY(n, "eigenvalues", &w->im));
  TRY(MEM_ARRAY(2 * (int64_t)n, "eigenvalues", &w->beta));
  TRY(MEM_ARRAY(n, "balancing", &w->scale_left));
  TRY(MEM_ARRAY(n, "balancing", &w->scale_right));
  TRY(MEM_ARRAY(2 * (int64_t)w->lwork, "eigensolver workspace", &w->work));
  TRY(MEM_ARRAY(6 * (int64_t)n, "eigensolver workspace", &w->rwork));
done:
  return st;
}

speig_status general_eigen(small *A, int balanced, small *right, small *left, eigenvalue *lambda)
{
  speig_status st = SPEIG_OK;
  driver_work w = { 0 };
  char balance = balanced ? 'B' : 'N', want_left = left ? 'V' : 'N', want = right ? 'V' : 'N';
  lapack_int low, high, info;
  double norm, *y = left ? left->data : NULL, *x = right ? right->data : NULL;
  lapack_int ldy = left ? left->ld : 1, ldx = right ? right->ld : 1;
  if (A->rows == 0)
    goto done;
  TRY(require_finite(A));
  TRY(driver_open(A->rows, &w));
  if (A->is_complex) {
    info = LAPACKE_zgeevx_work(LAPACK_COL_MAJOR, balance, want_left, want, 'N', w.n, as_z(A->data),
                               A->ld, (zscalar *)(void *)lambda, as_z(y), ldy, as_z(x), ldx, &low,
                               &high, w.scale_left, &norm, w.scale_right, w.re, as_z(w.work),
                               w.lwork, w.rwork);
    TRY(check_info(info, "zgeevx", A->rows));
  } else {
    info = LAPACKE_dgeevx_work(LAPACK_COL_MAJOR, balance, want_left, want, 'N', w.n, A->data, A->ld,
                               w.re, w.im, y, ldy, x, ldx, &low, &high, w.scale_left, &norm,
                               w.scale_right, w.beta, w.work, w.lwork, NULL);
    TRY(check_info(info, "dgeevx", A->rows));
    gather(w.n, w.re, w.im, lambda);
  }
  if (right)
    packed_normalize(right, lambda);
  if (left)
    packed_normalize(left, lambda);
done:
  driver_close(&w);
  return st;
}

/* alpha / beta; (Inf, 0) where beta is zero up to rounding, be it that alpha is or not. */
static int32_t take_quotients(const driver_work *w, int is_complex, double norm_a, double norm_b,
                              eigenvalue *lambda)
{
  int32_t infinite = 0, size;
  for (int32_t j = 0; j < w->n; j += size) {
    double re = is_complex ? w->re[2 * j] : w->re[j], im = is_complex ? w->re[2 * j + 1] : w->im[j];
    double b = is_complex ? w->beta[2 * j] : w->beta[j]; /* LAPACK makes it real, not negative */
    int finite =
        b > w->n * DBL_EPSILON * norm_b || (b > 0 && hypot(re, im) <= w->n * DBL_EPSILON * norm_a);
    size = !is_complex && im > 0 && j + 1 < w->n ? 2 : 1;
    lambda[j] = finite ? (eigenvalue){ re / b, im / b } : (eigenvalue){ INFINITY, 0 };
    if (size == 2)
      lambda[j + 1] = finite ? (eigenvalue){ re / b, -im / b } : lambda[j];
    infinite += finite ? 0 : size;
  }
  return infinite;
}

speig_status general_pencil(small *A, small *B, int balanced, small *right, small *left,
                            eigenvalue *lambda, int32_t *infinite)
{
  speig_status st = SPEIG_OK;
  driver_work w = { 0 };
  char balance = balanced ? 'B' : 'N', want_left = left ? 'V' : 'N';
  lapack_int low, high, info;
  double norm_a, norm_b, *y = left ? left->data : NULL;
  lapack_int ldy = left ? left->ld : 1;
  *infinite = 0;
  if (A->rows == 0)
    goto done;
  TRY(require_finite(A));
  TRY(require_finite(B));
  TRY(driver_open(A->rows, &w));
  if (A->is_complex) {
    info = LAPACKE_zggevx_work(LAPACK_COL_MAJOR, balance, want_left, 'V', 'N', w.n, as_z(A->data),
                               A->ld, as_z(B->data), B->ld, as_z(w.re), as_z(w.beta), as_z(y), ldy,
                               as_z(right->data), right->ld, &low, &high, w.scale_left,
                               w.scale_right, &norm_a, &norm_b, NULL, NULL, as_z(w.work), w.lwork,
                               w.rwork, NULL, NULL);
    TRY(check_info(info, "zggevx", A->rows));
  } else {
    info = LAPACKE_dggevx_work(LAPACK_COL_MAJOR, balance, want_left, 'V', 'N', w.n, A->data, A->ld,
                               B->data, B->ld, w.re, w.im, w.beta, y, ldy, right->data, right->ld,
                               &low, &high, w.scale_left, w.scale_right, &norm_a, &norm_b, NULL,
                               NULL, w.work, w.lwork, NULL, NULL);
    TRY(check_info(info, "dggevx", A->rows));
  }
  *infinite = take_quotients(&w, A->is_complex, norm_a, norm_b, lambda);
  packed_normalize(right, lambda);
  if (left)
    packed_normalize(left, lambda);
done:
  driver_close(&w);
  return st;
}

/* Largest column sum. */
static double norm_1(const small *A)
{
  double largest = 0;
  for (int32_t j = 0; j < A->cols; ++j) {
    double sum = 0;
    for (int32_t i = 0; i < A->rows; ++i) {
      small entry = small_view(A, i, j, 1, 1);
      sum += small_max_abs(&entry);
    }
    largest = fmax(largest, sum);
  }
  return largest;
}

speig_status general_inverse(small *A, double *rcond)
{
  speig_status st = SPEIG_OK;
  lapack_int n = A->rows, *pivot = NULL, *iwork = NULL, info;
  double *work = NULL, *rwork = NULL, norm;
  *rcond = 1;
  if (n == 0)
    goto done;
  TRY(require_finite(A));
  norm = norm_1(A);
  TRY(MEM_ARRAY(n, "pivots", &pivot));
  TRY(MEM_ARRAY(n, "inverse workspace", &iwork));
  TRY(MEM_ARRAY(8 * (int64_t)n, "inverse workspace", &work));
  TRY(MEM_ARRAY(2 * (int64_t)n, "inverse workspace", &rwork));
  info = A->is_complex ? LAPACKE_zgetrf_work(LAPACK_COL_MAJOR, n, n, as_z(A->data), A->ld, pivot)
                       : LAPACKE_dgetrf_work(LAPACK_COL_MAJOR, n, n, A->data, A->ld, pivot);
  *rcond = 0;
  if (info > 0)
    goto done; /* exactly singular */
  TRY(check_info(info, "getrf", A->rows));
  info = A->is_complex ? LAPACKE_zgecon_work(LAPACK_COL_MAJOR, '1', n, as_z(A->data), A->ld, norm,
                                             rcond, as_z(work), rwork)
                       : LAPACKE_dgecon_work(LAPACK_COL_MAJOR, '1', n, A->data, A->ld, norm, rcond,
                                             work, iwork);
  TRY(check_info(info, "gecon", A->rows));
  info =
      A->is_complex
          ? LAPACKE_zgetri_work(LAPACK_COL_MAJOR, n, as_z(A->data), A->ld, pivot, as_z(work), 4 * n)
          : LAPACKE_dgetri_work(LAPACK_COL_MAJOR, n, A->data, A->ld, pivot, work, 8 * n);
  TRY(check_info(info, "getri", A->rows));
done:
  mem_free(pivot);
  mem_free(iwork);
  mem_free(work);
  mem_free(rwork);
  return st;
}
