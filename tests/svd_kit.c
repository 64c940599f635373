/* svd_kit.c: matrices with known singular values, and an independent look at what speig_svds says.
 */
#include "svd_kit.h"

#include "solve_kit.h"
#include "speig/speig.h"

#include <lapacke.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int is_complex(speig_dtype dtype)
{
  return dtype == SPEIG_C || dtype == SPEIG_Z;
}

double svd_noise(int i, int j, int part)
{
  uint64_t x = (uint64_t)i * 73856093u ^ (uint64_t)j * 19349663u ^ (uint64_t)part * 83492791u;
  x = (x ^ (x >> 31)) * UINT64_C(0x7FB5D329728EA185);
  x = (x ^ (x >> 27)) * UINT64_C(0x81DADEF4BC2DD44D);
  return (double)((x ^ (x >> 33)) >> 11) * 0x1p-52 - 1;
}

static void expand(svd_sample *S, const speig_matrix *A)
{
  const int64_t *rowptr;
  const int32_t *colind;
  const void *values;
  speig_dtype dtype = speig_matrix_get_info(A).dtype;
  speig_matrix_arrays(A, &rowptr, &colind, &values);
  S->dense = calloc((size_t)S->m * (size_t)S->n + 1, sizeof *S->dense);
  for (int i = 0; i < S->m; ++i)
    for (int64_t e = rowptr[i]; e < rowptr[i + 1]; ++e) {
      double a[2];
      scalar_get(dtype, values, e, a);
      S->dense[i + (int64_t)colind[e] * S->m] += a[0] + a[1] * I;
    }
}

svd_sample svd_wrap(speig_matrix *A, const char *name)
{
  speig_matrix_info info = speig_matrix_get_info(A);
  svd_sample S = { .A = A, .m = (int)info.rows, .n = (int)info.cols };
  svd_number *copy;
  double *superb;
  size_t size;
  S.r = S.m < S.n ? S.m : S.n;
  (void)snprintf(S.name, sizeof S.name, "%s %d x %d/%s", name, S.m, S.n,
                 speig_dtype_name(info.dtype));
  CHECK_OK(speig_operator_from_matrix(A, &S.op));
  expand(&S, A);
  size = (size_t)S.m * (size_t)S.n;
  /* three columns more, which some zgemv of OpenBLAS reads without using them */
  copy = calloc(size + 3 * (size_t)S.m + 1, sizeof *copy);
  superb = malloc(((size_t)S.r + 1) * sizeof *superb);
  S.sigma = calloc((size_t)S.r + 1, sizeof *S.sigma);
  memcpy(copy, S.dense, size * sizeof *copy);
  if (S.r > 0)
    CU_ASSERT_EQUAL(LAPACKE_zgesvd(LAPACK_COL_MAJOR, 'N', 'N', S.m, S.n, copy, S.m, S.sigma, NULL,
                                   1, NULL, 1, superb),
                    0);
  free(copy);
  free(superb);
  return S;
}

svd_sample svd_make(speig_dtype dtype, int m, int n, const char *name, svd_entry *entry)
{
  int32_t *row = calloc((size_t)m * (size_t)n + 1, sizeof *row);
  int32_t *col = calloc((size_t)m * (size_t)n + 1, sizeof *col);
  double *values = calloc((size_t)m * (size_t)n + 1, 2 * sizeof *values);
  int64_t nnz = 0;
  speig_dtype wide_type = is_complex(dtype) ? SPEIG_Z : SPEIG_D;
  speig_coo *coo = NULL;
  speig_matrix *wide = NULL, *A = NULL;
  for (int i = 0; i < m; ++i)
    for (int j = 0; j < n; ++j) {
      svd_number a = entry(i, j, m, n);
      if (a == 0)
        continue;
      row[nnz] = i;
      col[nnz] = j;
      if (is_complex(dtype)) /* rows and columns turned by phases: the same singular values */
        a *= cexp(I * (1.7 * i - 0.9 * j));
      scalar_put(wide_type, values, nnz, creal(a), cimag(a));
      ++nnz;
    }
  CHECK_OK(
      speig_coo_create(wide_type, m, n, nnz, row, col, values, SPEIG_GENERAL, SPEIG_COPY, &coo));
  CHECK_OK(speig_matrix_from_coo(coo, &wide));
  CHECK_OK(speig_matrix_convert(wide, dtype, &A));
  speig_matrix_destroy(&wide);
  speig_coo_destroy(&coo);
  free(row);
  free(col);
  free(values);
  return svd_wrap(A, name);
}

void svd_drop(svd_sample *S)
{
  speig_operator_destroy(&S->op);
  speig_matrix_destroy(&S->A);
  free(S->dense);
  free(S->sigma);
}

/* ---- an independent look at an answer ---- */

static svd_number *widen(const speig_block *X)
{
  svd_number *out = malloc(((size_t)X->rows * (size_t)X->cols + 1) * sizeof *out);
  for (int64_t j = 0; j < X->cols; ++j)
    for (int64_t i = 0; i < X->rows; ++i) {
      double x[2];
      scalar_get(X->dtype, X->data, i + j * X->ld, x);
      out[i + j * X->rows] = x[0] + x[1] * I;
    }
  return out;
}

static double defect(int64_t n, int k, const svd_number *X)
{
  double worst = 0;
  for (int a = 0; a < k; ++a)
    for (int b = 0; b <= a; ++b) {
      svd_number sum = a == b ? -1 : 0;
      for (int64_t i = 0; i < n; ++i)
        sum += conj(X[i + a * n]) * X[i + b * n];
      worst = fmax(worst, cabs(sum));
    }
  return worst;
}

/* ||A v - s u|| and ||A^H u - s v|| of column j. */
static void residuals(const svd_sample *S, int j, double s, const svd_number *U,
                      const svd_number *V, double out[2])
{
  const svd_number *u = U + (int64_t)j * S->m, *v = V + (int64_t)j * S->n;
  svd_number *y = calloc((size_t)(S->m + S->n) + 1, sizeof *y), *z = y + S->m;
  out[0] = out[1] = 0;
  for (int col = 0; col < S->n; ++col)
    for (int row = 0; row < S->m; ++row) {
      svd_number a = S->dense[row + (int64_t)col * S->m];
      y[row] += a * v[col];
      z[col] += conj(a) * u[row];
    }
  for (int i = 0; i < S->m; ++i)
    out[0] += pow(cabs(y[i] - s * u[i]), 2);
  for (int i = 0; i < S->n; ++i)
    out[1] += pow(cabs(z[i] - s * v[i]), 2);
  out[0] = sqrt(out[0]);
  out[1] = sqrt(out[1]);
  free(y);
}

/* An entry of each right vector that is as large as any, up to what ties may decide, is real and
 * positive. */
static int phases_are_fixed(int n, int k, const svd_number *V, double eps)
{
  for (int j = 0; j < k; ++j) {
    const svd_number *v = V + (int64_t)j * n;
    double largest = 0;
    int found = 0;
    for (int i = 0; i < n; ++i)
      largest = fmax(largest, cabs(v[i]));
    for (int i = 0; i < n; ++i)
      found |= cabs(v[i]) > 0.998 * largest && creal(v[i]) > 0 && fabs(cimag(v[i])) <= 10 * eps;
    if (!found)
      return 0;
  }
  return 1;
}

#define NEED(condition)                                                                            \
  do {                                                                                             \
    if (!(condition)) {                                                                            \
      fprintf(stderr, "  %s, %s, k %d, %s: not true: %s\n", S->name,                               \
              speig_which_name(opts->which), opts->k, speig_method_name(r->method), #condition);   \
      right = 0;                                                                                   \
    }                                                                                              \
  } while (0)

static int answer_holds(const test_case *tc, const svd_sample *S, const speig_svds_opts *opts,
                        const speig_svds_result *r)
{
  int right = 1, k = r->k, wanted = opts->k < S->r ? opts->k : S->r;
  svd_number *U = widen(&r->left), *V = widen(&r->right);
  double norm = S->r > 0 ? S->sigma[0] : 0, tol = r->tol;
  NEED(r->rows == S->m && r->cols == S->n && r->wanted == wanted && k == wanted);
  NEED(r->left.rows == S->m && r->right.rows == S->n && r->left.cols == k && r->right.cols == k);
  NEED(r->outcome == (r->method == SPEIG_DENSE || S->r == 0 ? SPEIG_CERTIFIED : SPEIG_VALIDATED));
  NEED(r->reason == SPEIG_STOP_CONVERGED);
  NEED(r->norm <= norm * (1 + 1000 * tc->eps) + 1e-300 && r->norm >= 0.9 * norm * (k > 0));
  NEED(defect(S->m, k, U) <= 200 * tc->eps && defect(S->n, k, V) <= 200 * tc->eps);
  NEED(fabs(r->orthogonality - fmax(defect(S->m, k, U), defect(S->n, k, V))) <= 20 * tc->eps);
  NEED(phases_are_fixed(S->n, k, V, tc->eps));
  for (int j = 0; j < k; ++j) {
    double lapack = S->sigma[opts->which == SPEIG_LM ? j : S->r - 1 - j], found[2];
    residuals(S, j, r->values[j], U, V, found);
    NEED(r->values[j] >= 0);
    NEED(fabs(r->values[j] - lapack) <= 2 * tol * norm);
    NEED(found[0] <= 1.1 * tol * (norm + lapack) + 50 * tc->eps * norm);
    NEED(found[1] <= 1.1 * tol * (norm + lapack) + 50 * tc->eps * norm);
    NEED(fabs(found[0] - r->residuals[j]) <= 50 * tc->eps * norm);
    NEED(fabs(found[1] - r->adjoint_residuals[j]) <= 50 * tc->eps * norm);
    NEED(r->relative_residuals[j] <= tol);
    NEED(fabs(r->values[j] - lapack) <= r->error_bounds[j] + 100 * tc->eps * norm);
  }
  free(U);
  free(V);
  return right;
}

void svd_check(const test_case *tc, const svd_sample *S, const speig_svds_opts *opts)
{
  speig_svds_result *r = NULL;
  CHECK_OK(speig_svds(S->op, opts, &r));
  CU_ASSERT_TRUE(answer_holds(tc, S, opts, r));
  if (opts->method != SPEIG_METHOD_AUTO)
    CU_ASSERT_EQUAL(r->method, opts->method);
  speig_svds_result_free(&r);
}

svd_number svd_scattered(int i, int j, int m, int n)
{
  double heavy = j % n == i % n ? 3 + 2 * svd_noise(j, m, 5) : 0;
  return heavy + (svd_noise(i, j, 1) > 0.8 ? svd_noise(i, j, 2) : 0);
}
