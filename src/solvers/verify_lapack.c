/* verify_lapack.c: the whole spectrum of a general problem by LAPACK, with the condition of each
 * eigenvalue from left and right vectors. Cost 25 n^3 operations (60 n^3 with B) and 3 n^2 numbers.
 */
#include "solvers/verify.h"

#include "base/dtype.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/threads.h"

#include <float.h>
#include <inttypes.h>
#include <lapacke.h>
#include <math.h>

typedef struct lapack_general {
  int is_complex;
  int64_t n;
  double *a, *b; /* n x n; b NULL: standard problem */
  double *x, *y; /* right and left vectors */
  double *re, *im, *beta; /* [2 n], [n], [2 n] */
  double *work, *rwork;
} lapack_general;

static lapack_complex_double *as_z(double *data)
{
  return (lapack_complex_double *)(void *)data;
}

static void lapack_close(lapack_general *p)
{
  mem_free(p->a);
  mem_free(p->b);
  mem_free(p->x);
  mem_free(p->y);
  mem_free(p->re);
  mem_free(p->im);
  mem_free(p->beta);
  mem_free(p->work);
  mem_free(p->rwork);
}

static speig_status square(const lapack_general *p, const char *what, double **out)
{
  speig_status st = SPEIG_OK;
  size_t bytes;
  TRY(mem_product(p->n, p->n, p->is_complex ? 16 : 8, what, &bytes));
  TRY(mem_zalloc((int64_t)bytes, 1, what, (void **)out));
done:
  return st;
}

static speig_status lapack_open(const verify_matrix *A, const verify_matrix *B, lapack_general *p)
{
  speig_status st = SPEIG_OK;
  TRY(square(p, "A in full storage", &p->a));
  verify_expand_general(A, p->is_complex, p->a);
  if (B) {
    TRY(square(p, "B in full storage", &p->b));
    verify_expand_general(B, p->is_complex, p->b);
  }
  TRY(square(p, "right vectors", &p->x));
  TRY(square(p, "left vectors", &p->y));
  TRY(MEM_ARRAY(2 * p->n, "eigenvalues", &p->re));
  TRY(MEM_ARRAY(p->n, "eigenvalues", &p->im));
  TRY(MEM_ARRAY(2 * p->n, "eigenvalues", &p->beta));
  TRY(MEM_ARRAY(132 * p->n, "LAPACK workspace", &p->work));
  TRY(MEM_ARRAY(8 * p->n, "LAPACK workspace", &p->rwork));
done:
  return st;
}

static lapack_int lapack_call(const lapack_general *p)
{
  lapack_int n = (lapack_int)p->n, lwork = 66 * n;
  if (p->is_complex && p->b)
    return LAPACKE_zggev_work(LAPACK_COL_MAJOR, 'V', 'V', n, as_z(p->a), n, as_z(p->b), n,
                              as_z(p->re), as_z(p->beta), as_z(p->y), n, as_z(p->x), n,
                              as_z(p->work), lwork, p->rwork);
  if (p->is_complex)
    return LAPACKE_zgeev_work(LAPACK_COL_MAJOR, 'V', 'V', n, as_z(p->a), n, as_z(p->re), as_z(p->y),
                              n, as_z(p->x), n, as_z(p->work), lwork, p->rwork);
  if (p->b)
    return LAPACKE_dggev_work(LAPACK_COL_MAJOR, 'V', 'V', n, p->a, n, p->b, n, p->re, p->im,
                              p->beta, p->y, n, p->x, n, p->work, lwork);
  return LAPACKE_dgeev_work(LAPACK_COL_MAJOR, 'V', 'V', n, p->a, n, p->re, p->im, p->y, n, p->x, n,
                            p->work, lwork);
}

/* Entry i of vector j; LAPACK packs a pair u + iv, u - iv of a real problem into columns u, v. */
static void entry(const lapack_general *p, const double *vectors, int64_t i, int64_t j,
                  double out[2])
{
  if (p->is_complex) {
    out[0] = vectors[2 * (i + j * p->n)];
    out[1] = vectors[2 * (i + j * p->n) + 1];
  } else if (p->im[j] == 0) {
    out[0] = vectors[i + j * p->n];
    out[1] = 0;
  } else {
    int64_t first = p->im[j] > 0 ? j : j - 1;
    out[0] = vectors[i + first * p->n];
    out[1] = vectors[i + (first + 1) * p->n] * (p->im[j] > 0 ? 1 : -1);
  }
}

/* x and bx: two vectors of room. */
static double condition_of(const lapack_general *p, const verify_matrix *B, int64_t j, double *x,
                           double *bx)
{
  long double product[2] = { 0, 0 }, xx = 0, yy = 0, size;
  for (int64_t i = 0; i < p->n; ++i)
    entry(p, p->x, i, j, x + 2 * i);
  if (B)
    verify_multiply(B, 1, x, bx);
  for (int64_t i = 0; i < p->n; ++i) {
    const double *right = (B ? bx : x) + 2 * i;
    double y[2];
    entry(p, p->y, i, j, y);
    xx += (long double)x[2 * i] * x[2 * i] + (long double)x[2 * i + 1] * x[2 * i + 1];
    yy += (long double)y[0] * y[0] + (long double)y[1] * y[1];
    product[0] += (long double)y[0] * right[0] + (long double)y[1] * right[1];
    product[1] += (long double)y[0] * right[1] - (long double)y[1] * right[0];
  }
  size = hypotl(product[0], product[1]);
  return size > 0 ? (double)(sqrtl(xx) * sqrtl(yy) / size) : INFINITY;
}

static void take_value(const lapack_general *p, int64_t j, double norm_b, double *w)
{
  double re = p->is_complex ? p->re[2 * j] : p->re[j];
  double im = p->is_complex ? p->re[2 * j + 1] : p->im[j], b = 1;
  if (p->b)
    b = p->is_complex ? p->beta[2 * j] : p->beta[j];
  w[0] = fabs(b) > (double)p->n * DBL_EPSILON * norm_b ? re / b : INFINITY;
  w[1] = isfinite(w[0]) ? im / b : 0;
}

speig_status verify_general_spectrum(const verify_matrix *A, const verify_matrix *B, double *w,
                                     double *condition)
{
  speig_status st = SPEIG_OK;
  lapack_general p = { .n = A->n };
  double *x = NULL, norm_b = 0;
  lapack_int info;
  p.is_complex = dtype_is_complex(A->dtype) || (B && dtype_is_complex(B->dtype));
  if (A->n == 0)
    return st;
  REQUIRE(A->n <= INT32_MAX / 132, "order %" PRId64 " is beyond LAPACK", A->n);
  TRY(lapack_open(A, B, &p));
  TRY(MEM_ARRAY(4 * p.n, "two vectors", &x));
  for (int64_t i = 0; B && i < p.n * p.n * (p.is_complex ? 2 : 1); ++i)
    norm_b = fmax(norm_b, fabs(p.b[i]));
  threads_blas_enter();
  info = lapack_call(&p);
  threads_blas_leave();
  if (info != 0)
    FAIL(SPEIG_ERR_NUMERIC, "LAPACK found no spectrum of order %" PRId64 " (info = %d)", p.n,
         (int)info);
  for (int64_t j = 0; j < p.n; ++j) {
    take_value(&p, j, B ? norm_b : 0, w + 2 * j);
    condition[j] = condition_of(&p, B, j, x, x + 2 * p.n);
  }
done:
  lapack_close(&p);
  mem_free(x);
  return st;
}
