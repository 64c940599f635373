/* test_backend_sums.c: norms at the edges of the number range, NaN, orthogonalisation, and the same
 * bits for any number of threads. */
#include "blocks.h"
#include "harness.h"

#include "base/dtype.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* (3 s, 4 s, 0, ...) for s from the smallest to the largest that fit: norm 5 s. */
static void norms_neither_overflow_nor_underflow(const test_case *tc)
{
  int single = dtype_is_single(tc->dtype);
  double scales[] = { single ? 1e-40 : 1e-310, single ? 1e-30 : 1e-200, 1, single ? 1e25 : 1e200,
                      single ? 5e37 : 3e307 };
  backend *be = NULL;
  test_block X = block_nan(tc->dtype, 3000, 5, 3001);
  multivec x;
  double norm[5], fused, zero = 0;
  CHECK_OK(backend_open(tc->device, tc->dtype, 2, &be));
  x = block_put(be, &X);
  CHECK_OK(mv_zero(&x));
  block_fetch(&X);
  for (int j = 0; j < 5; ++j) {
    block_set(&X, 7, j, 3 * scales[j], 0);
    block_set(&X, 2999, j, dtype_is_complex(tc->dtype) ? 0 : 4 * scales[j], 4 * scales[j]);
  }
  block_send(&X);
  CHECK_OK(mv_norms(&x, norm));
  for (int j = 0; j < 5; ++j) {
    multivec column = mv_columns(&x, j, 1), other = mv_columns(&x, (j + 1) % 5, 1);
    double allowed = j == 0 ? 1e-4 : 8 * tc->eps; /* the first has few digits itself */
    CU_ASSERT_TRUE(fabs(norm[j] / 5 - scales[j]) <= allowed * scales[j]);
    CHECK_OK(mv_axpy_norm(zero, &other, &column, &fused));
    CU_ASSERT_TRUE(fabs(fused - norm[j]) <= 8 * tc->eps * norm[j]);
  }
  block_drop(&X);
  backend_close(&be);
}
TEST_ALL_CASES(norms_neither_overflow_nor_underflow)

static void nan_and_inf_show(const test_case *tc)
{
  backend *be = NULL;
  int is_complex = dtype_is_complex(tc->dtype);
  test_block X = block_random(tc->dtype, 3000, 2, 3001, 1);
  small H = small_random(2, 2, 2, is_complex, 1), U = small_random(1, 1, 1, is_complex, 1);
  multivec x, x0, x1;
  double norm[2], dots[2];
  CHECK_OK(backend_open(tc->device, tc->dtype, 2, &be));
  x = block_put(be, &X);
  x0 = mv_columns(&x, 0, 1);
  x1 = mv_columns(&x, 1, 1);
  block_set(&X, 1500, 1, is_complex ? 0 : NAN, NAN);
  block_send(&X);
  CHECK_OK(mv_norms(&x, norm));
  CU_ASSERT_TRUE(isfinite(norm[0]) && isnan(norm[1]));
  CHECK_OK(mv_real_dots(&x, &x, dots));
  CU_ASSERT_TRUE(isfinite(dots[0]) && isnan(dots[1]));
  CHECK_OK(mv_gram(&x, &x, &H));
  CU_ASSERT_TRUE(isfinite(H.data[0]) && isnan(H.data[is_complex ? 6 : 3]));
  CHECK_OK(mv_project(&x0, &U, &x1, &U, norm));
  CU_ASSERT_TRUE(isnan(norm[0]) && isnan(U.data[0]));
  block_set(&X, 1500, 1, -INFINITY, 0);
  block_send(&X);
  CHECK_OK(mv_norms(&x, norm));
  CU_ASSERT_TRUE(isinf(norm[1]));
  small_drop(&H);
  small_drop(&U);
  block_drop(&X);
  backend_close(&be);
}
TEST_ALL_CASES(nan_and_inf_show)

/* ---- orthogonalisation ---- */

static void grow_basis(backend *be, multivec *Q, small work[2])
{
  for (int32_t j = 0; j < Q->p; ++j) {
    multivec basis = mv_columns(Q, 0, j), next = mv_columns(Q, j, 1);
    double norm;
    CHECK_OK(mv_orthogonalize(&basis, &next, NULL, &norm, work));
    norm = 1 / norm;
    CHECK_OK(mv_scale(&norm, &next));
  }
  (void)be;
}

/* Random columns, and columns of the basis's span disturbed by 1e-3 eps: Q^H X ~ eps ||x||, and
 * Q H + X_after = X_before. */
static void orthogonalisation_holds(const test_case *tc)
{
  enum { N = 3001, BASIS = 13, P = 4 };
  int is_complex = dtype_is_complex(tc->dtype);
  backend *be = NULL;
  test_block B = block_random(tc->dtype, N, BASIS, N + 2, 1), X;
  test_block C = block_random(tc->dtype, N, P, N + 1, 2), Before;
  small work[2] = { small_random(BASIS, P, BASIS, is_complex, 1),
                    small_random(BASIS, P, BASIS, is_complex, 2) };
  small H = small_random(BASIS, P, BASIS, is_complex, 3), M = small_random(BASIS, 2, BASIS, 0, 4);
  multivec q, x, before, near;
  double norm[P], tiny[2] = { 1e-3 * tc->eps, 1e-3 * tc->eps };
  CHECK_OK(backend_open(tc->device, tc->dtype, 2, &be));
  q = block_put(be, &B);
  grow_basis(be, &q, work);
  x = block_put(be, &C);
  near = mv_columns(&x, 2, 2);
  CHECK_OK(mv_scale(tiny, &near));
  CHECK_OK(mv_mul(1, &q, &M, 1, &near));
  block_fetch(&C);
  Before = block_copy(&C, N);
  CHECK_OK(mv_orthogonalize(&q, &x, &H, norm, work));
  CHECK_OK(mv_gram(&q, &x, &work[0]));
  for (int32_t j = 0; j < P; ++j) {
    small column = small_view(&work[0], 0, j, BASIS, 1);
    CU_ASSERT_TRUE(small_max_abs(&column) <= 50 * tc->eps * norm[j]);
  }
  CU_ASSERT_TRUE(norm[0] > 20 && norm[2] < 100 * tc->eps);
  block_fetch(&C);
  X = block_copy(&C, N);
  before = block_put(be, &X);
  CHECK_OK(mv_mul(1, &q, &H, 1, &before));
  block_fetch(&X);
  CU_ASSERT_TRUE(block_distance(&X, &Before) <= 50 * tc->eps);
  block_drop(&B);
  block_drop(&C);
  block_drop(&X);
  block_drop(&Before);
  small_drop(&work[0]);
  small_drop(&work[1]);
  small_drop(&H);
  small_drop(&M);
  backend_close(&be);
}
TEST_ALL_CASES(orthogonalisation_holds)

/* ---- the same bits ---- */

enum { COLUMNS = 5 };

/* More chunks than groups of chunks, on the host. */
static int64_t length(const test_case *tc)
{
  return harness_is_slow(tc) ? 9001 : 265007;
}

typedef struct outcome {
  double dots[COLUMNS], norm[COLUMNS], alpha, axpy_norm;
  small H, G;
  test_block X, Y;
} outcome;

static outcome run_all(const test_case *tc, const speig_matrix *A, int threads)
{
  int is_complex = dtype_is_complex(tc->dtype);
  int64_t n = length(tc);
  outcome o = { .H = small_random(COLUMNS, COLUMNS, COLUMNS, is_complex, 5),
                .G = small_random(COLUMNS, COLUMNS, COLUMNS, is_complex, 6),
                .X = block_random(tc->dtype, n, COLUMNS, n + 3, 1),
                .Y = block_nan(tc->dtype, n, COLUMNS, n + 2) };
  backend *be = NULL;
  backend_matrix *M = NULL;
  multivec x, y, x0, x1, y0;
  CHECK_OK(backend_open(tc->device, tc->dtype, threads, &be));
  CHECK_OK(mv_matrix_open(be, A, &M));
  x = block_put(be, &o.X);
  y = block_put(be, &o.Y);
  x0 = mv_columns(&x, 0, 1);
  x1 = mv_columns(&x, 1, 1);
  y0 = mv_columns(&y, 0, 1);
  CHECK_OK(mv_apply(M, 1, &x, 0, &y));
  CHECK_OK(mv_real_dots(&x, &y, o.dots));
  CHECK_OK(mv_gram(&x, &y, &o.G));
  CHECK_OK(mv_project(&x, &o.H, &y, &o.H, o.norm));
  CHECK_OK(mv_lanczos_step(M, &x0, 0.5, &x1, &y0, &o.alpha));
  CHECK_OK(mv_recurrence(M, 1, 2, &x1, 0.5, &y0));
  CHECK_OK(mv_axpy_norm(0.5, &x0, &y0, &o.axpy_norm));
  CHECK_OK(mv_rotate(&x, &o.G));
  block_fetch(&o.X);
  block_fetch(&o.Y);
  mv_free(&o.X.copy[0]);
  mv_free(&o.Y.copy[0]);
  mv_matrix_close(be, &M);
  backend_close(&be);
  return o;
}

static void drop(outcome *o)
{
  small_drop(&o->H);
  small_drop(&o->G);
  block_drop(&o->X);
  block_drop(&o->Y);
}

static void any_number_of_threads_gives_the_same_bits(const test_case *tc)
{
  static const int threads[] = { 2, 3, 7 };
  speig_matrix *A = matrix_random(tc->dtype, LONG_ROWS, length(tc), length(tc));
  outcome one = run_all(tc, A, 1);
  size_t bytes = sizeof(double) * COLUMNS * COLUMNS * (one.H.is_complex ? 2 : 1);
  for (int t = 0; t < 3; ++t) {
    outcome many = run_all(tc, A, threads[t]);
    CU_ASSERT_EQUAL(memcmp(one.dots, many.dots, sizeof one.dots), 0);
    CU_ASSERT_EQUAL(memcmp(one.norm, many.norm, sizeof one.norm), 0);
    CU_ASSERT_EQUAL(memcmp(one.H.data, many.H.data, bytes), 0);
    CU_ASSERT_EQUAL(memcmp(one.G.data, many.G.data, bytes), 0);
    CU_ASSERT_TRUE(one.alpha == many.alpha && one.axpy_norm == many.axpy_norm);
    CU_ASSERT_TRUE(block_same_bits(&one.X, &many.X) && block_same_bits(&one.Y, &many.Y));
    drop(&many);
  }
  CU_ASSERT_TRUE(isfinite(one.alpha) && isfinite(one.axpy_norm) && isfinite(one.norm[4]));
  drop(&one);
  speig_matrix_destroy(&A);
}
TEST_ALL_CASES(any_number_of_threads_gives_the_same_bits)

int main(void)
{
  CU_pSuite suite;
  harness_start();
  suite = harness_suite("backend, sums");
  ADD_ALL_CASES(suite, norms_neither_overflow_nor_underflow);
  ADD_ALL_CASES(suite, nan_and_inf_show);
  ADD_ALL_CASES(suite, orthogonalisation_holds);
  ADD_ALL_CASES(suite, any_number_of_threads_gives_the_same_bits);
  return harness_finish("backend_sums");
}
