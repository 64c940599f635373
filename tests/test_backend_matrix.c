/* test_backend_matrix.c: sparse products and the steps fused with them, against the reference. */
#include "blocks.h"
#include "harness.h"

#include "backend/host.h"
#include "base/dtype.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct pair {
  backend *be, *ref;
  backend_matrix *A, *R;
} pair;

static pair pair_open(const test_case *tc, const speig_matrix *A, int threads,
                      const backend_ops *ops)
{
  pair b = { 0 };
  CHECK_OK(backend_open(tc->device, tc->dtype, threads, &b.be));
  CHECK_OK(backend_open(SPEIG_REFERENCE, tc->dtype, 1, &b.ref));
  b.be->ops = ops ? ops : b.be->ops;
  CHECK_OK(mv_matrix_open(b.be, A, &b.A));
  CHECK_OK(mv_matrix_open(b.ref, A, &b.R));
  return b;
}

static void pair_close(pair *b)
{
  mv_matrix_close(b->be, &b->A);
  mv_matrix_close(b->ref, &b->R);
  backend_close(&b->be);
  backend_close(&b->ref);
}

/* ops: the table to run instead of the device's own, or NULL. */
static void apply_one(const test_case *tc, const backend_ops *ops, pattern kind, int64_t rows,
                      int64_t cols, int32_t p, double beta)
{
  speig_matrix *A = matrix_random(tc->dtype, kind, rows, cols);
  pair b = pair_open(tc, A, 3, ops);
  test_block X = block_random(tc->dtype, cols, p, cols + 3, 1);
  test_block Y = beta == 0 ? block_nan(tc->dtype, rows, p, rows + 2)
                           : block_random(tc->dtype, rows, p, rows + 2, 2);
  test_block Z = block_copy(&Y, rows + 5);
  multivec x = block_put(b.be, &X), y = block_put(b.be, &Y);
  multivec rx = block_put(b.ref, &X), rz = block_put(b.ref, &Z);
  double allowed = 16 * tc->eps * (kind == ONE_DENSE_ROW ? (double)cols / 8 + 8 : 20), found;
  CHECK_OK(mv_apply(b.A, 0.75, &x, beta, &y));
  CHECK_OK(mv_apply(b.R, 0.75, &rx, beta, &rz));
  block_fetch(&Y);
  block_fetch(&Z);
  found = block_distance(&Y, &Z);
  if (!(found <= allowed))
    fprintf(stderr, "  %s: pattern %d, %d x %d, p %d: %g above %g\n", tc->name, (int)kind,
            (int)rows, (int)cols, (int)p, found, allowed);
  CU_ASSERT_TRUE(found <= allowed);
  CU_ASSERT_TRUE(block_padding_intact(&Y));
  block_drop(&X);
  block_drop(&Y);
  block_drop(&Z);
  pair_close(&b);
  speig_matrix_destroy(&A);
}

static void products_match_reference(const test_case *tc)
{
  static const int64_t shapes[][2] = { { 0, 0 },  { 1, 1 },      { 31, 31 },  { 597, 597 },
                                       { 0, 20 }, { 5000, 700 }, { 31, 9000 } };
  static const int32_t widths[] = { 0, 1, 2, 3, 4, 8, 17, 43 };
  for (int kind = 0; kind < PATTERNS; ++kind)
    for (int s = 0; s < 7; ++s)
      for (int w = 0; w < 8; ++w)
        apply_one(tc, NULL, (pattern)kind, shapes[s][0], shapes[s][1], widths[w],
                  (s + w) % 3 == 0   ? 0
                  : (s + w) % 3 == 1 ? 1
                                     : -0.5);
}
TEST_ALL_CASES(products_match_reference)

static void shapes_are_checked(const test_case *tc)
{
  speig_matrix *A = matrix_random(tc->dtype, SCATTERED, 40, 30);
  pair b = pair_open(tc, A, 1, NULL);
  test_block X = block_random(tc->dtype, 40, 1, 40, 1);
  multivec x = block_put(b.be, &X), y = x;
  y.n = 30;
  CU_ASSERT_EQUAL(mv_apply(b.A, 1, &x, 0, &y), SPEIG_ERR_ARG);
  CU_ASSERT_PTR_NOT_NULL(strstr(speig_last_error(), "40 x 1, 30 x 1 needed"));
  block_drop(&X);
  pair_close(&b);
  speig_matrix_destroy(&A);
}
TEST_ALL_CASES(shapes_are_checked)

static void lanczos_one(const test_case *tc, const backend_ops *ops, pattern kind, int64_t n,
                        int with_previous)
{
  speig_matrix *A = matrix_random(tc->dtype, kind, n, n);
  pair b = pair_open(tc, A, 3, ops);
  test_block Q = block_random(tc->dtype, n, 2, n + 1, 1), W = block_nan(tc->dtype, n, 1, n + 4);
  test_block V = block_nan(tc->dtype, n, 1, n);
  multivec q = block_put(b.be, &Q), w = block_put(b.be, &W);
  multivec rq = block_put(b.ref, &Q), rv = block_put(b.ref, &V);
  multivec now = mv_columns(&q, 0, 1), before = mv_columns(&q, 1, 1);
  multivec rnow = mv_columns(&rq, 0, 1), rbefore = mv_columns(&rq, 1, 1);
  double alpha = NAN, expected = NAN, norm = NAN, expected_norm = NAN, size = sqrt((double)n) + 8;
  CHECK_OK(mv_lanczos_step(b.A, &now, 0.3, with_previous ? &before : NULL, &w, &alpha));
  CHECK_OK(mv_lanczos_step(b.R, &rnow, 0.3, with_previous ? &rbefore : NULL, &rv, &expected));
  block_fetch(&W);
  block_fetch(&V);
  CU_ASSERT_TRUE(block_distance(&W, &V) <= 32 * tc->eps * size);
  CU_ASSERT_TRUE(fabs(alpha - expected) <= 32 * tc->eps * size * size);
  CHECK_OK(mv_axpy_norm(-alpha, &now, &w, &norm));
  CHECK_OK(mv_axpy_norm(-alpha, &rnow, &rv, &expected_norm));
  CU_ASSERT_TRUE(fabs(norm - expected_norm) <= 64 * tc->eps * size * (1 + fabs(alpha)));
  block_fetch(&W);
  CU_ASSERT_TRUE(block_padding_intact(&W));
  block_drop(&Q);
  block_drop(&W);
  block_drop(&V);
  pair_close(&b);
  speig_matrix_destroy(&A);
}

static void lanczos_step_matches_composition(const test_case *tc)
{
  static const int64_t orders[] = { 0, 1, 31, 597, 5000 };
  for (int kind = 0; kind < PATTERNS; ++kind)
    for (int i = 0; i < 5; ++i)
      for (int previous = 0; previous < 2; ++previous)
        lanczos_one(tc, NULL, (pattern)kind, orders[i], previous);
}
TEST_ALL_CASES(lanczos_step_matches_composition)

static void recurrence_one(const test_case *tc, const backend_ops *ops, pattern kind, int64_t n,
                           double beta)
{
  speig_matrix *A = matrix_random(tc->dtype, kind, n, n);
  pair b = pair_open(tc, A, 3, ops);
  test_block X = block_random(tc->dtype, n, 1, n + 1, 1);
  test_block Y =
      beta == 0 ? block_nan(tc->dtype, n, 1, n + 4) : block_random(tc->dtype, n, 1, n + 4, 2);
  test_block Z = block_copy(&Y, n);
  multivec x = block_put(b.be, &X), y = block_put(b.be, &Y);
  multivec rx = block_put(b.ref, &X), rz = block_put(b.ref, &Z);
  CHECK_OK(mv_recurrence(b.A, 0.75, -1.5, &x, beta, &y));
  CHECK_OK(mv_recurrence(b.R, 0.75, -1.5, &rx, beta, &rz));
  block_fetch(&Y);
  block_fetch(&Z);
  CU_ASSERT_TRUE(block_distance(&Y, &Z) <= 32 * tc->eps * (sqrt((double)n) + 8));
  CU_ASSERT_TRUE(block_padding_intact(&Y));
  block_drop(&X);
  block_drop(&Y);
  block_drop(&Z);
  pair_close(&b);
  speig_matrix_destroy(&A);
}

static void recurrence_matches_composition(const test_case *tc)
{
  static const int64_t orders[] = { 0, 1, 31, 597, 5000 };
  for (int kind = 0; kind < PATTERNS; ++kind)
    for (int i = 0; i < 5; ++i)
      for (int beta = -1; beta < 1; ++beta)
        recurrence_one(tc, NULL, (pattern)kind, orders[i], beta);
}
TEST_ALL_CASES(recurrence_matches_composition)

/* A row of many equal terms: added one to the next in float, each would be rounded the same way and
 * the sum drift by hundreds of eps. */
static void long_rows_do_not_drift(const test_case *tc)
{
  enum { N = 30001, P = 7 };
  double third = dtype_is_single(tc->dtype) ? (double)(1.0f / 3) : 1.0 / 3, exact = N * third;
  int64_t rowptr[] = { 0, N };
  int32_t *colind = malloc(N * sizeof *colind);
  test_block ones = block_nan(tc->dtype, N, 1, N), X = block_nan(tc->dtype, N, P, N);
  test_block Y = block_nan(tc->dtype, 1, P, 1);
  speig_matrix *A = NULL;
  pair b;
  multivec x, y;
  for (int32_t i = 0; i < N; ++i) {
    colind[i] = i;
    block_set(&ones, i, 0, 1, 0);
    for (int j = 0; j < P; ++j)
      block_set(&X, i, j, third, 0);
  }
  CHECK_OK(speig_matrix_create_csr(tc->dtype, 1, N, rowptr, colind, ones.data, SPEIG_COPY, &A));
  b = pair_open(tc, A, 2, NULL);
  x = block_put(b.be, &X);
  y = block_put(b.be, &Y);
  for (int32_t p = 1; p <= P; p += P - 1) { /* one vector, one panel */
    multivec some = mv_columns(&x, 0, p), out = mv_columns(&y, 0, p);
    CHECK_OK(mv_apply(b.A, 1, &some, 0, &out));
    block_fetch(&Y);
    for (int j = 0; j < p; ++j)
      CU_ASSERT_TRUE(fabs(block_get(&Y, 0, j, 0) - exact) <=
                     (dtype_is_single(tc->dtype) ? 1 : 400) * tc->eps * exact);
  }
  free(colind);
  block_drop(&ones);
  block_drop(&X);
  block_drop(&Y);
  pair_close(&b);
  speig_matrix_destroy(&A);
}
TEST_ALL_CASES(long_rows_do_not_drift)

/* The kernels for lesser processors than this one. */
static void every_instruction_set_matches_reference(void)
{
  const backend_ops *const *sets[3];
  int count = host_table_sets(sets);
  for (int set = 0; set < count - 1; ++set)
    for (int t = 0; t < 4; ++t) {
      test_case tc = { "instruction set", (speig_dtype)t, SPEIG_HOST, dtype_eps((speig_dtype)t) };
      for (int kind = 0; kind < PATTERNS; ++kind) {
        apply_one(&tc, sets[set][t], (pattern)kind, 597, 700, 1, 0);
        apply_one(&tc, sets[set][t], (pattern)kind, 5000, 700, 43, -0.5);
        lanczos_one(&tc, sets[set][t], (pattern)kind, 597, 1);
        recurrence_one(&tc, sets[set][t], (pattern)kind, 597, -1);
      }
    }
}

int main(void)
{
  CU_pSuite suite;
  harness_start();
  suite = harness_suite("backend, matrices");
  ADD_ALL_CASES(suite, products_match_reference);
  ADD_ALL_CASES(suite, shapes_are_checked);
  ADD_ALL_CASES(suite, lanczos_step_matches_composition);
  ADD_ALL_CASES(suite, recurrence_matches_composition);
  ADD_ALL_CASES(suite, long_rows_do_not_drift);
  ADD_CASE(suite, every_instruction_set_matches_reference);
  return harness_finish("backend_matrix");
}
