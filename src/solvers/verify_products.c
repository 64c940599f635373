/* verify_products.c: products, sums and norms of the verifier: plain loops, shared with nothing. */
#include "solvers/verify.h"

#include "base/dtype.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/random.h"

#include <math.h>

#define SPEIG_TEMPLATE "solvers/verify.t.h"
#include "base/instantiate.h"

typedef void (*row_times_fn)(const verify_matrix *A, int64_t i, const double *x, long double y[2]);
typedef long double (*row_square_fn)(const verify_matrix *A, int64_t i);
typedef void (*expand_fn)(const verify_matrix *A, int is_complex, double *full);
typedef void (*column_fn)(const speig_block *X, int64_t j, double *out);

static const row_times_fn ROW_TIMES[4] = { row_times_s, row_times_d, row_times_c, row_times_z };
static const row_square_fn ROW_SQUARE[4] = { row_square_s, row_square_d, row_square_c,
                                             row_square_z };
static const expand_fn EXPAND[4] = { expand_s, expand_d, expand_c, expand_z };
static const expand_fn EXPAND_GENERAL[4] = { expand_general_s, expand_general_d, expand_general_c,
                                             expand_general_z };
static const column_fn COLUMN[4] = { column_s, column_d, column_c, column_z };

verify_matrix verify_open(const speig_matrix *A)
{
  speig_matrix_info info = speig_matrix_get_info(A);
  verify_matrix open = { .n = info.rows, .dtype = info.dtype };
  speig_matrix_arrays(A, &open.rowptr, &open.colind, &open.values);
  return open;
}

void verify_multiply(const verify_matrix *A, int threads, const double *x, double *y)
{
  row_times_fn row_times = ROW_TIMES[A->dtype];
#pragma omp parallel for num_threads(threads) schedule(static)
  for (int64_t i = 0; i < A->n; ++i) {
    long double sum[2];
    row_times(A, i, x, sum);
    y[2 * i] = (double)sum[0];
    y[2 * i + 1] = (double)sum[1];
  }
}

void verify_expand_general(const verify_matrix *A, int is_complex, double *full)
{
  EXPAND_GENERAL[A->dtype](A, is_complex, full);
}

void verify_expand(const verify_matrix *A, int is_complex, double *full)
{
  EXPAND[A->dtype](A, is_complex, full);
}

void verify_column(const speig_block *X, int64_t j, double *out)
{
  COLUMN[X->dtype](X, j, out);
}

void verify_dot(int64_t n, const double *x, const double *y, long double out[2])
{
  out[0] = out[1] = 0;
  for (int64_t i = 0; i < n; ++i) {
    long double re = x[2 * i], im = x[2 * i + 1];
    out[0] += re * y[2 * i] + im * y[2 * i + 1];
    out[1] += re * y[2 * i + 1] - im * y[2 * i];
  }
}

/* ||e_i^H A||_2 <= ||A||_2 for every row. */
static double longest_row(const verify_matrix *A)
{
  long double longest = 0;
  for (int64_t i = 0; i < A->n; ++i) {
    long double square = ROW_SQUARE[A->dtype](A, i);
    longest = square > longest ? square : longest;
  }
  return (double)sqrtl(longest);
}

/* Divides x by its norm and returns that. */
static double normalise(int64_t n, double *x)
{
  long double square[2], norm;
  verify_dot(n, x, x, square);
  norm = sqrtl(square[0]);
  if (norm > 0)
    for (int64_t i = 0; i < 2 * n; ++i)
      x[i] = (double)(x[i] / norm);
  return (double)norm;
}

speig_status verify_norm(const verify_matrix *A, int threads, double *norm)
{
  speig_status st = SPEIG_OK;
  int64_t n = A->n;
  double *x = NULL, *y = NULL;
  *norm = 0;
  TRY(MEM_ZARRAY(2 * n, "vector of the power iteration", &x));
  TRY(MEM_ZARRAY(2 * n, "vector of the power iteration", &y));
  *norm = longest_row(A);
  for (int64_t i = 0; i < 2 * n; ++i)
    x[i] = random_uniform(UINT64_C(0x5E1F), i / 2, 0, (int)(i % 2));
  (void)normalise(n, x);
  for (int step = 0; step < 60; ++step) {
    double grown, *swap = x;
    verify_multiply(A, threads, x, y);
    grown = normalise(n, y);
    *norm = grown > *norm ? grown : *norm;
    x = y;
    y = swap;
  }
done:
  mem_free(x);
  mem_free(y);
  return st;
}
