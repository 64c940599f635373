/* test_backend_matrix.c: sparse products, the fused Lanczos step, norms at the edges of the number
 * range, orthogonalisation, NaN, and the same bits for any number of threads.                   */
#include "blocks.h"
#include "harness.h"

#include "backend/host.h"
#include "base/dtype.h"
#include "base/random.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef enum pattern { SCATTERED, EMPTY, ONE_DENSE_ROW, LONG_ROWS, PATTERNS } pattern;

static int64_t row_length(pattern kind, int64_t i, int64_t rows, int64_t cols)
{
  int64_t length = 0;
  if (kind == SCATTERED) /* every fifth row is empty */
    length = i % 5 == 2 ? 0 : (int64_t)(random_bits(11, i, 0, 0) % 9);
  else if (kind == ONE_DENSE_ROW)
    length = i == rows / 2 ? cols : 0;
  else if (kind == LONG_ROWS)
    length = i % 64 == 0 ? 150 : 2;
  return length < cols ? length : cols;
}

/* Entries random, columns ascending and spread over the row. */
static speig_matrix *matrix_make(speig_dtype dtype, pattern kind, int64_t rows, int64_t cols)
{
  speig_matrix *A = NULL;
  int64_t *rowptr = malloc((size_t)(rows + 1) * sizeof *rowptr);
  int32_t *colind;
  test_block values;
  rowptr[0] = 0;
  for (int64_t i = 0; i < rows; ++i)
    rowptr[i + 1] = rowptr[i] + row_length(kind, i, rows, cols);
  colind = malloc((size_t)(rowptr[rows] + 1) * sizeof *colind);
  for (int64_t i = 0; i < rows; ++i) {
    int64_t length = rowptr[i + 1] - rowptr[i], step = length ? cols / length : 1;
    for (int64_t k = 0; k < length; ++k)
      colind[rowptr[i] + k] =
          (int32_t)(k * step + (int64_t)(random_bits(3, i, k, 0) % (uint64_t)step));
  }
  values = block_random(dtype, rowptr[rows], 1, rowptr[rows], 17);
  CHECK_OK(speig_matrix_create_csr(dtype, rows, cols, rowptr, colind, values.data, SPEIG_COPY, &A));
  free(rowptr);
  free(colind);
  block_drop(&values);
  return A;
}

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
  speig_matrix *A = matrix_make(tc->dtype, kind, rows, cols);
  pair b = pair_open(tc, A, 3, ops);
  test_block X = block_random(tc->dtype, cols, p, cols + 3, 1);
  test_block Y = beta == 0 ? block_nan(tc->dtype, rows, p, rows + 2)
                           : block_random(tc->dtype, rows, p, rows + 2, 2);
  test_block Z = block_copy(&Y, rows + 5);
  multivec x = block_wrap(b.be, &X), y = block_wrap(b.be, &Y);
  multivec rx = block_wrap(b.ref, &X), rz = block_wrap(b.ref, &Z);
  double allowed = 16 * tc->eps * (kind == ONE_DENSE_ROW ? (double)cols / 8 + 8 : 20), found;
  CHECK_OK(mv_apply(b.A, 0.75, &x, beta, &y));
  CHECK_OK(mv_apply(b.R, 0.75, &rx, beta, &rz));
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
  speig_matrix *A = matrix_make(tc->dtype, SCATTERED, 40, 30);
  pair b = pair_open(tc, A, 1, NULL);
  test_block X = block_random(tc->dtype, 40, 1, 40, 1);
  multivec x = block_wrap(b.be, &X), y = x;
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
  speig_matrix *A = matrix_make(tc->dtype, kind, n, n);
  pair b = pair_open(tc, A, 3, ops);
  test_block Q = block_random(tc->dtype, n, 2, n + 1, 1), W = block_nan(tc->dtype, n, 1, n + 4);
  test_block V = block_nan(tc->dtype, n, 1, n);
  multivec q = block_wrap(b.be, &Q), w = block_wrap(b.be, &W);
  multivec rq = block_wrap(b.ref, &Q), rv = block_wrap(b.ref, &V);
  multivec now = mv_columns(&q, 0, 1), before = mv_columns(&q, 1, 1);
  multivec rnow = mv_columns(&rq, 0, 1), rbefore = mv_columns(&rq, 1, 1);
  double alpha = NAN, expected = NAN, norm = NAN, expected_norm = NAN, size = sqrt((double)n) + 8;
  CHECK_OK(mv_lanczos_step(b.A, &now, 0.3, with_previous ? &before : NULL, &w, &alpha));
  CHECK_OK(mv_lanczos_step(b.R, &rnow, 0.3, with_previous ? &rbefore : NULL, &rv, &expected));
  CU_ASSERT_TRUE(block_distance(&W, &V) <= 32 * tc->eps * size);
  CU_ASSERT_TRUE(fabs(alpha - expected) <= 32 * tc->eps * size * size);
  CHECK_OK(mv_axpy_norm(-alpha, &now, &w, &norm));
  CHECK_OK(mv_axpy_norm(-alpha, &rnow, &rv, &expected_norm));
  CU_ASSERT_TRUE(fabs(norm - expected_norm) <= 64 * tc->eps * size * (1 + fabs(alpha)));
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
      }
    }
}

/* ---- norms ------------------------------------------------------------------------------------
 */

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
  x = block_wrap(be, &X);
  CHECK_OK(mv_zero(&x));
  for (int j = 0; j < 5; ++j) {
    block_set(&X, 7, j, 3 * scales[j], 0);
    block_set(&X, 2999, j, dtype_is_complex(tc->dtype) ? 0 : 4 * scales[j], 4 * scales[j]);
  }
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
  x = block_wrap(be, &X);
  x0 = mv_columns(&x, 0, 1);
  x1 = mv_columns(&x, 1, 1);
  block_set(&X, 1500, 1, is_complex ? 0 : NAN, NAN);
  CHECK_OK(mv_norms(&x, norm));
  CU_ASSERT_TRUE(isfinite(norm[0]) && isnan(norm[1]));
  CHECK_OK(mv_real_dots(&x, &x, dots));
  CU_ASSERT_TRUE(isfinite(dots[0]) && isnan(dots[1]));
  CHECK_OK(mv_gram(&x, &x, &H));
  CU_ASSERT_TRUE(isfinite(H.data[0]) && isnan(H.data[is_complex ? 6 : 3]));
  CHECK_OK(mv_project(&x0, &U, &x1, &U, norm));
  CU_ASSERT_TRUE(isnan(norm[0]) && isnan(U.data[0]));
  block_set(&X, 1500, 1, -INFINITY, 0);
  CHECK_OK(mv_norms(&x, norm));
  CU_ASSERT_TRUE(isinf(norm[1]));
  small_drop(&H);
  small_drop(&U);
  block_drop(&X);
  backend_close(&be);
}
TEST_ALL_CASES(nan_and_inf_show)

/* ---- orthogonalisation ------------------------------------------------------------------------
 */

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
  q = block_wrap(be, &B);
  grow_basis(be, &q, work);
  x = block_wrap(be, &C);
  near = mv_columns(&x, 2, 2);
  CHECK_OK(mv_scale(tiny, &near));
  CHECK_OK(mv_mul(1, &q, &M, 1, &near));
  Before = block_copy(&C, N);
  CHECK_OK(mv_orthogonalize(&q, &x, &H, norm, work));
  CHECK_OK(mv_gram(&q, &x, &work[0]));
  for (int32_t j = 0; j < P; ++j) {
    small column = small_view(&work[0], 0, j, BASIS, 1);
    CU_ASSERT_TRUE(small_max_abs(&column) <= 50 * tc->eps * norm[j]);
  }
  CU_ASSERT_TRUE(norm[0] > 20 && norm[2] < 100 * tc->eps);
  X = block_copy(&C, N);
  before = block_wrap(be, &X);
  CHECK_OK(mv_mul(1, &q, &H, 1, &before));
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

/* ---- the same bits ----------------------------------------------------------------------------
 */

enum { LONG = 265007, COLUMNS = 5 }; /* more chunks than groups of chunks */

typedef struct outcome {
  double dots[COLUMNS], norm[COLUMNS], alpha, axpy_norm;
  small H, G;
  test_block X, Y;
} outcome;

static outcome run_all(const test_case *tc, const speig_matrix *A, int threads)
{
  int is_complex = dtype_is_complex(tc->dtype);
  outcome o = { .H = small_random(COLUMNS, COLUMNS, COLUMNS, is_complex, 5),
                .G = small_random(COLUMNS, COLUMNS, COLUMNS, is_complex, 6),
                .X = block_random(tc->dtype, LONG, COLUMNS, LONG + 3, 1),
                .Y = block_nan(tc->dtype, LONG, COLUMNS, LONG + 2) };
  pair b = pair_open(tc, A, threads, NULL);
  multivec x = block_wrap(b.be, &o.X), y = block_wrap(b.be, &o.Y), x0 = mv_columns(&x, 0, 1);
  multivec x1 = mv_columns(&x, 1, 1), y0 = mv_columns(&y, 0, 1);
  CHECK_OK(mv_apply(b.A, 1, &x, 0, &y));
  CHECK_OK(mv_real_dots(&x, &y, o.dots));
  CHECK_OK(mv_gram(&x, &y, &o.G));
  CHECK_OK(mv_project(&x, &o.H, &y, &o.H, o.norm));
  CHECK_OK(mv_lanczos_step(b.A, &x0, 0.5, &x1, &y0, &o.alpha));
  CHECK_OK(mv_axpy_norm(0.5, &x0, &y0, &o.axpy_norm));
  CHECK_OK(mv_rotate(&x, &o.G));
  pair_close(&b);
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
  speig_matrix *A = matrix_make(tc->dtype, LONG_ROWS, LONG, LONG);
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
  suite = harness_suite("backend, matrices");
  ADD_ALL_CASES(suite, products_match_reference);
  ADD_ALL_CASES(suite, shapes_are_checked);
  ADD_ALL_CASES(suite, lanczos_step_matches_composition);
  ADD_ALL_CASES(suite, norms_neither_overflow_nor_underflow);
  ADD_ALL_CASES(suite, nan_and_inf_show);
  ADD_ALL_CASES(suite, orthogonalisation_holds);
  ADD_ALL_CASES(suite, any_number_of_threads_gives_the_same_bits);
  ADD_CASE(suite, every_instruction_set_matches_reference);
  return harness_finish("backend_matrix");
}
