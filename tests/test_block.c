/* test_block.c: the public dense helpers against sums written out here, with complex factors, and
 * what they refuse.                                                                              */
#include "blocks.h"
#include "harness.h"

#include "base/dtype.h"
#include "speig/block.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { N = 1203, P = 3, Q = 4 };

typedef struct pair {
  double re, im;
} pair;

/* A number of the case's type; the imaginary part counts for complex types only. */
typedef union number {
  float single[2];
  double wide[2];
} number;

static number number_of(speig_dtype dtype, pair value)
{
  number x;
  if (dtype_is_single(dtype)) {
    x.single[0] = (float)value.re;
    x.single[1] = (float)value.im;
  } else {
    x.wide[0] = value.re;
    x.wide[1] = value.im;
  }
  return x;
}

static pair only_real(speig_dtype dtype, pair value)
{
  return (pair){ value.re, dtype_is_complex(dtype) ? value.im : 0 };
}

static pair entry(const test_block *B, int64_t i, int64_t j)
{
  return (pair){ block_get(B, i, j, 0), block_get(B, i, j, 1) };
}

static pair times(pair a, pair b)
{
  return (pair){ a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re };
}

static pair plus(pair a, pair b)
{
  return (pair){ a.re + b.re, a.im + b.im };
}

static pair conjugate(pair a)
{
  return (pair){ a.re, -a.im };
}

static int near(pair a, pair b, double allowed)
{
  return fabs(a.re - b.re) <= allowed && fabs(a.im - b.im) <= allowed;
}

/* The results of sum and dot lie in a block of their own with one row. */
static void sums_dots_and_norms(const test_case *tc)
{
  speig_context *ctx = NULL;
  test_block X = block_random(tc->dtype, N, P, N + 3, 1),
             Y = block_random(tc->dtype, N, P, N + 9, 2);
  test_block out = block_nan(tc->dtype, 1, P, 1);
  placed x, y;
  double norm[P];
  CHECK_OK(speig_context_create(tc->device, 2, &ctx));
  x = placed_make(ctx, &X);
  y = placed_make(ctx, &Y);
  for (int what = 0; what < 3; ++what) {
    if (what < 2)
      CHECK_OK(what ? speig_dot(ctx, &x.block, &y.block, out.data)
                    : speig_sum(ctx, &x.block, out.data));
    else
      CHECK_OK(speig_norm(ctx, &x.block, norm));
    for (int j = 0; j < P; ++j) {
      pair sum = { 0, 0 };
      for (int64_t i = 0; i < N; ++i) {
        pair a = entry(&X, i, j), left = what == 0 ? (pair){ 1, 0 } : conjugate(a);
        sum = plus(sum, times(left, what == 1 ? entry(&Y, i, j) : a));
      }
      if (what < 2)
        CU_ASSERT_TRUE(near(entry(&out, 0, j), sum, 200 * tc->eps))
      else
        CU_ASSERT_TRUE(fabs(norm[j] - sqrt(sum.re)) <= 20 * tc->eps * norm[j])
    }
  }
  placed_drop(ctx, &x);
  placed_drop(ctx, &y);
  speig_context_destroy(&ctx);
  CU_ASSERT_PTR_NULL(ctx);
  block_drop(&X);
  block_drop(&Y);
  block_drop(&out);
}
TEST_ALL_CASES(sums_dots_and_norms)

/* More rows than one slab of the sum, all ones. */
static void sums_of_long_columns(const test_case *tc)
{
  enum { ROWS = 150001 };
  speig_context *ctx = NULL;
  test_block X = block_nan(tc->dtype, ROWS, 1, ROWS), out = block_nan(tc->dtype, 1, 1, 1);
  placed x;
  for (int64_t i = 0; i < ROWS; ++i)
    block_set(&X, i, 0, 1, -2);
  CHECK_OK(speig_context_create(tc->device, 2, &ctx));
  x = placed_make(ctx, &X);
  CHECK_OK(speig_sum(ctx, &x.block, out.data));
  placed_drop(ctx, &x);
  CU_ASSERT_TRUE(near(entry(&out, 0, 0), only_real(tc->dtype, (pair){ ROWS, -2.0 * ROWS }), 1e-9));
  speig_context_destroy(&ctx);
  block_drop(&X);
  block_drop(&out);
}
TEST_ALL_CASES(sums_of_long_columns)

static void axpy_and_scale(const test_case *tc)
{
  static const pair factors[] = { { 0.5, 0 }, { -0.25, 0.75 }, { 0, 0 }, { 1, 0 } };
  speig_context *ctx = NULL;
  test_block X = block_random(tc->dtype, N, P, N + 3, 1);
  placed x;
  CHECK_OK(speig_context_create(tc->device, 2, &ctx));
  x = placed_make(ctx, &X);
  for (int f = 0; f < 4; ++f) {
    test_block Y = block_random(tc->dtype, N, P, N + 1, 2), Before = block_copy(&Y, N);
    placed y = placed_make(ctx, &Y);
    pair a = only_real(tc->dtype, factors[f]);
    number alpha = number_of(tc->dtype, a);
    CHECK_OK(speig_axpy(ctx, &alpha, &x.block, &y.block));
    CHECK_OK(speig_scale(ctx, &alpha, &y.block));
    placed_fetch(ctx, &y, &Y);
    placed_drop(ctx, &y);
    for (int j = 0; j < P; ++j)
      for (int64_t i = 0; i < N; ++i) {
        pair expected = times(a, plus(entry(&Before, i, j), times(a, entry(&X, i, j))));
        CU_ASSERT_TRUE_FATAL(near(entry(&Y, i, j), expected, 8 * tc->eps));
      }
    CU_ASSERT_TRUE(block_padding_intact(&Y));
    block_drop(&Y);
    block_drop(&Before);
  }
  placed_drop(ctx, &x);
  speig_context_destroy(&ctx);
  block_drop(&X);
}
TEST_ALL_CASES(axpy_and_scale)

/* transpose: C = alpha X^H Y + beta C, else Y = alpha A X + beta Y */
static void product_case(const test_case *tc, speig_context *ctx, int transpose, pair a, pair b)
{
  int64_t rows = transpose ? P : N;
  test_block A = block_random(tc->dtype, N, P, N + 3, 1);
  test_block X = block_random(tc->dtype, transpose ? N : P, Q, N + 5, 2);
  int overwrite = b.re == 0 && b.im == 0;
  test_block Y = overwrite ? block_nan(tc->dtype, rows, Q, rows + 1)
                           : block_random(tc->dtype, rows, Q, rows + 1, 3);
  test_block Before = block_copy(&Y, rows);
  placed pa = placed_make(ctx, &A), px = placed_make(ctx, &X), py = placed_make(ctx, &Y);
  speig_block host = { tc->dtype, rows, Q, Y.ld, Y.data, SPEIG_HOST };
  number alpha = number_of(tc->dtype, a), beta = number_of(tc->dtype, b);
  if (transpose) /* the small result and the small factor may be on either side */
    CHECK_OK(speig_gram(ctx, &alpha, &pa.block, &px.block, &beta, a.re == 1 ? &host : &py.block));
  else
    CHECK_OK(speig_gemm(ctx, &alpha, &pa.block, &px.block, &beta, &py.block));
  if (!(transpose && a.re == 1))
    placed_fetch(ctx, &py, &Y);
  placed_drop(ctx, &pa);
  placed_drop(ctx, &px);
  placed_drop(ctx, &py);
  for (int j = 0; j < Q; ++j)
    for (int64_t i = 0; i < rows; ++i) {
      pair sum = { 0, 0 };
      for (int64_t k = 0; k < (transpose ? N : P); ++k)
        sum = plus(
            sum, times(transpose ? conjugate(entry(&A, k, i)) : entry(&A, i, k), entry(&X, k, j)));
      sum = times(a, sum);
      if (!overwrite)
        sum = plus(sum, times(b, entry(&Before, i, j)));
      CU_ASSERT_TRUE_FATAL(near(entry(&Y, i, j), sum, 200 * tc->eps));
    }
  CU_ASSERT_TRUE(block_padding_intact(&Y));
  block_drop(&A);
  block_drop(&X);
  block_drop(&Y);
  block_drop(&Before);
}

static void dense_products(const test_case *tc)
{
  static const pair factors[] = { { 0, 0 }, { 1, 0 }, { -0.5, 0 }, { 0.25, -0.75 } };
  speig_context *ctx = NULL;
  CHECK_OK(speig_context_create(tc->device, 2, &ctx));
  for (int transpose = 0; transpose < 2; ++transpose)
    for (int a = 1; a < 4; ++a)
      for (int b = 0; b < 4; ++b)
        product_case(tc, ctx, transpose, only_real(tc->dtype, factors[a]),
                     only_real(tc->dtype, factors[b]));
  speig_context_destroy(&ctx);
}
TEST_ALL_CASES(dense_products)

/* A = tridiagonal (1, 3, 2), so each entry of the product is known. */
static speig_matrix *tridiagonal(speig_dtype dtype)
{
  static int64_t rowptr[N + 1];
  static int32_t colind[3 * N];
  test_block values = block_nan(dtype, 3 * N, 1, 3 * N);
  speig_matrix *A = NULL;
  int64_t nnz = 0;
  for (int32_t i = 0; i < N; ++i) {
    rowptr[i] = nnz;
    for (int32_t j = i - 1; j <= i + 1; ++j)
      if (j >= 0 && j < N) {
        block_set(&values, nnz, 0, j < i ? 1 : j == i ? 3 : 2, 0);
        colind[nnz++] = j;
      }
  }
  rowptr[N] = nnz;
  CHECK_OK(speig_matrix_create_csr(dtype, N, N, rowptr, colind, values.data, SPEIG_COPY, &A));
  block_drop(&values);
  return A;
}

static void sparse_products(const test_case *tc)
{
  static const pair factors[] = { { 0, 0 }, { -0.5, 0 }, { 0.25, -0.75 } };
  speig_context *ctx = NULL;
  speig_matrix *A = tridiagonal(tc->dtype);
  CHECK_OK(speig_context_create(tc->device, 2, &ctx));
  for (int c = 0; c < 9; ++c) {
    pair a = only_real(tc->dtype, factors[c / 3]), b = only_real(tc->dtype, factors[c % 3]);
    number alpha = number_of(tc->dtype, a), beta = number_of(tc->dtype, b);
    int overwrite = c % 3 == 0;
    test_block X = block_random(tc->dtype, N, P, N + 3, 1);
    test_block Y =
        overwrite ? block_nan(tc->dtype, N, P, N + 1) : block_random(tc->dtype, N, P, N + 1, 3);
    test_block Before = block_copy(&Y, N);
    placed x = placed_make(ctx, &X), y = placed_make(ctx, &Y);
    CHECK_OK(speig_spmv(ctx, &alpha, A, &x.block, &beta, &y.block));
    placed_fetch(ctx, &y, &Y);
    placed_drop(ctx, &x);
    placed_drop(ctx, &y);
    for (int j = 0; j < P; ++j)
      for (int64_t i = 0; i < N; ++i) {
        pair sum = times((pair){ 3, 0 }, entry(&X, i, j));
        if (i > 0)
          sum = plus(sum, entry(&X, i - 1, j));
        if (i + 1 < N)
          sum = plus(sum, times((pair){ 2, 0 }, entry(&X, i + 1, j)));
        sum = times(a, sum);
        if (!overwrite)
          sum = plus(sum, times(b, entry(&Before, i, j)));
        CU_ASSERT_TRUE_FATAL(near(entry(&Y, i, j), sum, 40 * tc->eps));
      }
    CU_ASSERT_TRUE(block_padding_intact(&Y));
    block_drop(&X);
    block_drop(&Y);
    block_drop(&Before);
  }
  speig_matrix_destroy(&A);
  speig_context_destroy(&ctx);
}
TEST_ALL_CASES(sparse_products)

static void blocks_are_zeroed_and_viewed(void)
{
  speig_block X, view;
  CHECK_OK(speig_block_alloc(SPEIG_D, 100, 7, &X));
  CU_ASSERT_TRUE(X.rows == 100 && X.cols == 7 && X.ld == 100);
  for (int i = 0; i < 700; ++i)
    CU_ASSERT_EQUAL(((double *)X.data)[i], 0);
  view = speig_block_columns(&X, 2, 3);
  CU_ASSERT_TRUE(view.cols == 3 && view.data == (void *)((double *)X.data + 200));
  CHECK_OK(speig_fill_random(NULL, 5, &view)); /* no context: the host */
  CU_ASSERT_TRUE(((double *)X.data)[199] == 0 && ((double *)X.data)[200] != 0);
  CU_ASSERT_TRUE(((double *)X.data)[499] != 0 && ((double *)X.data)[500] == 0);
  speig_block_free(&X);
  CU_ASSERT_PTR_NULL(X.data);
  speig_block_free(&X);
  speig_block_free(NULL);
}

static void expect_error(speig_status st, const char *words)
{
  CU_ASSERT_EQUAL(st, SPEIG_ERR_ARG);
  if (!strstr(speig_last_error(), words))
    fprintf(stderr, "  \"%s\" lacks \"%s\"\n", speig_last_error(), words);
  CU_ASSERT_PTR_NOT_NULL(strstr(speig_last_error(), words));
}

static void mistakes_are_named(void)
{
  double numbers[40] = { 0 }, one = 1;
  speig_block A = { .dtype = SPEIG_D, .rows = 4, .cols = 3, .ld = 4, .data = numbers };
  speig_block X = { .dtype = SPEIG_D, .rows = 3, .cols = 2, .ld = 3, .data = numbers + 12 };
  speig_block Y = { .dtype = SPEIG_D, .rows = 4, .cols = 2, .ld = 4, .data = numbers + 20 };
  speig_block bad = A;
  expect_error(speig_gemm(NULL, &one, &A, &Y, &one, &X), "X has 4 rows, A has 3 columns");
  expect_error(speig_gemm(NULL, &one, &A, &X, &one, &A), "Y is 4 x 3, 4 x 2 needed");
  expect_error(speig_gemm(NULL, NULL, &A, &X, &one, &Y), "alpha or beta is NULL");
  expect_error(speig_gemv(NULL, &one, &A, &X, &one, &Y), "x is 3 x 2, 3 x 1 needed");
  expect_error(speig_gram(NULL, &one, &A, &X, &one, &Y), "X has 4 rows, Y has 3");
  expect_error(speig_dot(NULL, &A, &X, numbers), "Y is 3 x 2, 4 x 3 needed");
  expect_error(speig_norm(NULL, &A, NULL), "NULL");
  bad.ld = 3;
  expect_error(speig_sum(NULL, &bad, numbers), "leading dimension 3, at least its 4 rows");
  bad = A;
  bad.dtype = SPEIG_C;
  expect_error(speig_axpy(NULL, &one, &A, &bad), "type c, type d needed");
  bad.data = NULL;
  expect_error(speig_scale(NULL, &one, &bad), "no data");
  expect_error(speig_scale(NULL, &one, NULL), "X is NULL");
  bad = A;
  bad.device = SPEIG_CUDA;
  expect_error(speig_norm(NULL, &bad, numbers),
               "X is in device memory, but the work is done on the "
               "host");
  expect_error(speig_copy(NULL, &A, &bad), "Y is in device memory");
  bad.device = (speig_device)9;
  expect_error(speig_norm(NULL, &bad, numbers), "device 9 is none of");
  expect_error(speig_block_alloc(SPEIG_D, -1, 2, &bad), "-1 x 2");
}

int main(void)
{
  CU_pSuite suite;
  harness_start();
  suite = harness_suite("block");
  ADD_ALL_CASES(suite, sums_dots_and_norms);
  ADD_ALL_CASES(suite, sums_of_long_columns);
  ADD_ALL_CASES(suite, axpy_and_scale);
  ADD_ALL_CASES(suite, dense_products);
  ADD_ALL_CASES(suite, sparse_products);
  ADD_CASE(suite, blocks_are_zeroed_and_viewed);
  ADD_CASE(suite, mistakes_are_named);
  return harness_finish("block");
}
