/* test_backend.c: every entry of every table against the reference, on awkward shapes: empty and
 * odd sizes, a leading dimension of its own for each operand, NaN in all padding, NaN in whatever
 * must not be read.                                                                              */
#include "blocks.h"
#include "harness.h"

#include "backend/host.h"
#include "base/dtype.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const int64_t heights[] = { 0, 1, 31, 597, 5000 };
static const int32_t widths[] = { 0, 1, 3, 8, 43 };
enum { HEIGHTS = 5, WIDTHS = 5 };

static int64_t height(const test_case *tc, int i)
{
  return harness_is_slow(tc) && heights[i] > 1000 ? 1301 : heights[i];
}

typedef struct bench {
  const test_case *tc;
  backend *be, *ref;
} bench;

static bench bench_open(const test_case *tc, int threads)
{
  bench b = { tc, NULL, NULL };
  CHECK_OK(backend_open(tc->device, tc->dtype, threads, &b.be));
  CHECK_OK(backend_open(SPEIG_REFERENCE, tc->dtype, 1, &b.ref));
  return b;
}

static void bench_close(bench *b)
{
  backend_close(&b->be);
  backend_close(&b->ref);
}

/* Rounding of a sum of `terms` numbers below 1. */
static double sum_error(const test_case *tc, int64_t terms)
{
  return 8 * tc->eps * ((double)terms + 1);
}

#define CHECK_CLOSE(distance, bound)                                                               \
  do {                                                                                             \
    double found = (distance), allowed = (bound);                                                  \
    if (!(found <= allowed))                                                                       \
      fprintf(stderr, "  %s: n %d, p %d, q %d: %g above %g\n", tc->name, (int)n, (int)p, (int)q,   \
              found, allowed);                                                                     \
    CU_ASSERT_TRUE(found <= allowed);                                                              \
  } while (0)

static void gram_one(const bench *b, int64_t n, int32_t p, int32_t q)
{
  const test_case *tc = b->tc;
  int is_complex = dtype_is_complex(tc->dtype);
  test_block X = block_random(tc->dtype, n, p, n + 3, 1),
             Y = block_random(tc->dtype, n, q, n + 8, 2);
  small H = small_random(p, q, p + 2, is_complex, 0), G = small_random(p, q, p + 1, is_complex, 0);
  multivec x = block_put(b->be, &X), y = block_put(b->be, &Y);
  multivec rx = block_put(b->ref, &X), ry = block_put(b->ref, &Y);
  CHECK_OK(mv_gram(&x, &y, &H));
  CHECK_OK(mv_gram(&rx, &ry, &G));
  CHECK_CLOSE(small_distance(&H, &G), 8 * EPS_d * (double)(n + 1));
  CU_ASSERT_TRUE(p == 0 || q == 0 || isnan(H.data[p * (is_complex ? 2 : 1)]));
  small_drop(&H);
  small_drop(&G);
  block_drop(&X);
  block_drop(&Y);
}

static void gram_matches_reference(const test_case *tc)
{
  bench b = bench_open(tc, 3);
  for (int i = 0; i < HEIGHTS; ++i)
    for (int j = 0; j < WIDTHS; ++j)
      for (int k = 0; k < WIDTHS; ++k)
        gram_one(&b, height(tc, i), widths[j], widths[k]);
  bench_close(&b);
}
TEST_ALL_CASES(gram_matches_reference)

static void gram_of_one_block_is_hermitian(const test_case *tc)
{
  bench b = bench_open(tc, 2);
  int32_t p = 11, q = p, parts = dtype_is_complex(tc->dtype) ? 2 : 1;
  int64_t n = 3000;
  test_block X = block_random(tc->dtype, n, p, n + 5, 3);
  small H = small_random(p, p, p, parts == 2, 0), G = small_random(p, p, p, parts == 2, 0);
  multivec x = block_put(b.be, &X), rx = block_put(b.ref, &X);
  CHECK_OK(mv_gram(&x, &x, &H));
  CHECK_OK(mv_gram(&rx, &rx, &G));
  CHECK_CLOSE(small_distance(&H, &G), sum_error(tc, n) * sqrt((double)n));
  for (int32_t j = 0; j < p; ++j)
    for (int32_t i = 0; i < p; ++i) {
      CU_ASSERT_EQUAL(H.data[(i + j * p) * parts], H.data[(j + i * p) * parts]);
      if (parts == 2)
        CU_ASSERT_EQUAL(H.data[(i + j * p) * 2 + 1], -H.data[(j + i * p) * 2 + 1]);
    }
  small_drop(&H);
  small_drop(&G);
  block_drop(&X);
  bench_close(&b);
}
TEST_ALL_CASES(gram_of_one_block_is_hermitian)

/* beta 0 must not read Y, which is NaN then. */
static void mul_one(const bench *b, int64_t n, int32_t p, int32_t q, int complex_c, double beta)
{
  const test_case *tc = b->tc;
  test_block X = block_random(tc->dtype, n, p, n + 3, 1);
  test_block Y =
      beta == 0 ? block_nan(tc->dtype, n, q, n + 7) : block_random(tc->dtype, n, q, n + 7, 2);
  test_block Z = block_copy(&Y, n + 1);
  small C = small_random(p, q, p + 2, complex_c, 5);
  multivec x = block_put(b->be, &X), y = block_put(b->be, &Y);
  multivec rx = block_put(b->ref, &X), rz = block_put(b->ref, &Z);
  CHECK_OK(mv_mul(-0.75, &x, &C, beta, &y));
  CHECK_OK(mv_mul(-0.75, &rx, &C, beta, &rz));
  block_fetch(&Y);
  block_fetch(&Z);
  CHECK_CLOSE(block_distance(&Y, &Z), sum_error(tc, p));
  CU_ASSERT_TRUE(block_padding_intact(&Y));
  small_drop(&C);
  block_drop(&X);
  block_drop(&Y);
  block_drop(&Z);
}

static void mul_matches_reference(const test_case *tc)
{
  bench b = bench_open(tc, 3);
  for (int i = 0; i < HEIGHTS; ++i)
    for (int j = 0; j < WIDTHS; ++j)
      for (int k = 0; k < WIDTHS; ++k)
        for (int complex_c = 0; complex_c <= dtype_is_complex(tc->dtype); ++complex_c) {
          double beta = (j + k) % 3 == 0 ? 0 : (j + k) % 3 == 1 ? 1 : 0.5;
          mul_one(&b, height(tc, i), widths[j], widths[k], complex_c, beta);
        }
  bench_close(&b);
}
TEST_ALL_CASES(mul_matches_reference)

static void rotate_one(const bench *b, int64_t n, int32_t p, int32_t q, int complex_c)
{
  const test_case *tc = b->tc;
  test_block X = block_random(tc->dtype, n, p, n + 9, 1), Y = block_nan(tc->dtype, n, q, n);
  test_block Z = block_copy(&X, n + 1);
  small C = small_random(p, q, p + 1, complex_c, 6);
  multivec x = block_put(b->be, &X), rz = block_put(b->ref, &Z), ry = block_put(b->ref, &Y);
  CHECK_OK(mv_mul(1, &rz, &C, 0, &ry));
  CHECK_OK(mv_rotate(&x, &C));
  block_fetch(&X);
  block_fetch(&Y);
  CU_ASSERT_TRUE(block_padding_intact(&X));
  X.p = q;
  CHECK_CLOSE(block_distance(&X, &Y), sum_error(tc, p));
  small_drop(&C);
  block_drop(&X);
  block_drop(&Y);
  block_drop(&Z);
}

static void rotate_matches_reference(const test_case *tc)
{
  bench b = bench_open(tc, 3);
  for (int i = 0; i < HEIGHTS; ++i)
    for (int j = 0; j < WIDTHS; ++j)
      for (int k = 0; k <= j; ++k)
        for (int complex_c = 0; complex_c <= dtype_is_complex(tc->dtype); ++complex_c)
          rotate_one(&b, height(tc, i), widths[j], widths[k], complex_c);
  bench_close(&b);
}
TEST_ALL_CASES(rotate_matches_reference)

static void project_one(const bench *b, int64_t n, int32_t q, int32_t p, int complex_c)
{
  const test_case *tc = b->tc;
  int is_complex = dtype_is_complex(tc->dtype);
  test_block Q = block_random(tc->dtype, n, q, n + 4, 1),
             X = block_random(tc->dtype, n, p, n + 2, 2);
  test_block Z = block_copy(&X, n + 6);
  /* a complex U is overwritten by H, which is allowed */
  small U = small_random(q, p, q + 1, complex_c, 7), V = small_random(q, p, q + 1, complex_c, 7);
  small G = small_random(q, p, q, is_complex, 0);
  small *H = complex_c == is_complex ? &U : &G, R = small_random(q, p, q + 3, is_complex, 0);
  double norm[43] = { 0 }, expected[43];
  multivec mq = block_put(b->be, &Q), x = block_put(b->be, &X);
  multivec rq = block_put(b->ref, &Q), rz = block_put(b->ref, &Z);
  CHECK_OK(mv_project(&mq, &U, &x, H, norm));
  CHECK_OK(mv_project(&rq, &V, &rz, &R, expected));
  block_fetch(&X);
  block_fetch(&Z);
  CHECK_CLOSE(block_distance(&X, &Z), sum_error(tc, q));
  CHECK_CLOSE(small_distance(H, &R), sum_error(tc, n) * (q + 1));
  for (int32_t j = 0; j < p; ++j)
    CHECK_CLOSE(fabs(norm[j] - expected[j]),
                (sum_error(tc, q) + sqrt((double)n) * EPS_d) * (1 + expected[j]));
  CU_ASSERT_TRUE(block_padding_intact(&X));
  small_drop(&U);
  small_drop(&V);
  small_drop(&G);
  small_drop(&R);
  block_drop(&Q);
  block_drop(&X);
  block_drop(&Z);
}

static void project_matches_reference(const test_case *tc)
{
  bench b = bench_open(tc, 3);
  for (int i = 0; i < HEIGHTS; ++i)
    for (int j = 0; j < WIDTHS; ++j)
      for (int k = 0; k < WIDTHS; ++k)
        for (int complex_c = 0; complex_c <= dtype_is_complex(tc->dtype); ++complex_c)
          project_one(&b, height(tc, i), widths[j], widths[k], complex_c);
  bench_close(&b);
}
TEST_ALL_CASES(project_matches_reference)

static void columns_one(const bench *b, int64_t n, int32_t p)
{
  const test_case *tc = b->tc;
  int32_t q = 0;
  double a[43], d[43], e[43];
  test_block X = block_random(tc->dtype, n, p, n + 3, 1),
             Y = block_random(tc->dtype, n, p, n + 5, 2);
  test_block Z = block_copy(&Y, n + 1), D = block_random(tc->dtype, n, 1, n, 4);
  multivec x = block_put(b->be, &X), y = block_put(b->be, &Y), dd = block_put(b->be, &D);
  multivec rx = block_put(b->ref, &X), rz = block_put(b->ref, &Z), rd = block_put(b->ref, &D);
  for (int32_t j = 0; j < p; ++j)
    a[j] = 0.3 + j / 64.0;
  CHECK_OK(mv_axpy(a, &x, &y));
  CHECK_OK(mv_axpy(a, &rx, &rz));
  block_fetch(&Y);
  block_fetch(&Z);
  CHECK_CLOSE(block_distance(&Y, &Z), 8 * tc->eps);
  CHECK_OK(mv_scale(a, &y));
  CHECK_OK(mv_scale(a, &rz));
  block_fetch(&Y);
  block_fetch(&Z);
  CHECK_CLOSE(block_distance(&Y, &Z), 16 * tc->eps);
  CHECK_OK(mv_row_scale(&dd, &y, &y));
  CHECK_OK(mv_row_scale(&rd, &rz, &rz));
  block_fetch(&Y);
  block_fetch(&Z);
  CHECK_CLOSE(block_distance(&Y, &Z), 32 * tc->eps);
  CU_ASSERT_TRUE(block_padding_intact(&Y));
  CHECK_OK(mv_real_dots(&x, &y, d));
  CHECK_OK(mv_real_dots(&rx, &rz, e));
  for (int32_t j = 0; j < p; ++j)
    CHECK_CLOSE(fabs(d[j] - e[j]), 16 * sum_error(tc, n));
  CHECK_OK(mv_norms(&y, d));
  CHECK_OK(mv_norms(&rz, e));
  for (int32_t j = 0; j < p; ++j)
    CHECK_CLOSE(fabs(d[j] - e[j]), 32 * tc->eps * (1 + e[j]));
  CHECK_OK(mv_copy(&x, &y));
  block_fetch(&Y);
  CU_ASSERT_TRUE(block_same_bits(&X, &Y) && block_padding_intact(&Y));
  block_drop(&X);
  block_drop(&Y);
  block_drop(&Z);
  block_drop(&D);
}

static void column_operations_match_reference(const test_case *tc)
{
  bench b = bench_open(tc, 3);
  for (int i = 0; i < HEIGHTS; ++i)
    for (int j = 0; j < WIDTHS; ++j)
      columns_one(&b, height(tc, i), widths[j]);
  bench_close(&b);
}
TEST_ALL_CASES(column_operations_match_reference)

static void fill_random_is_the_same_everywhere(const test_case *tc)
{
  bench b = bench_open(tc, 3);
  for (int i = 0; i < HEIGHTS; ++i) {
    int64_t n = height(tc, i);
    test_block X = block_nan(tc->dtype, n, 3, n + 5), Y = block_random(tc->dtype, n, 3, n, 99);
    multivec x = block_put(b.be, &X);
    CHECK_OK(mv_fill_random(99, &x));
    block_fetch(&X);
    CU_ASSERT_TRUE(block_same_bits(&X, &Y) && block_padding_intact(&X));
    block_drop(&X);
    block_drop(&Y);
  }
  bench_close(&b);
}
TEST_ALL_CASES(fill_random_is_the_same_everywhere)

static void zero_and_transfers(const test_case *tc)
{
  bench b = bench_open(tc, 2);
  test_block X = block_random(tc->dtype, 597, 3, 600, 1), Y = block_nan(tc->dtype, 597, 3, 611);
  multivec y = block_put(b.be, &Y), Z = { 0 };
  double norm[3];
  CHECK_OK(mv_zero(&y)); /* also where it was NaN */
  CHECK_OK(mv_norms(&y, norm));
  block_fetch(&Y);
  CU_ASSERT_TRUE(norm[0] == 0 && norm[1] == 0 && norm[2] == 0 && block_padding_intact(&Y));
  CHECK_OK(mv_alloc(b.be, 597, 3, "block", &Z));
  CU_ASSERT_TRUE(Z.ld >= 597);
  CHECK_OK(mv_norms(&Z, norm));
  CU_ASSERT_TRUE(norm[0] == 0 && norm[1] == 0 && norm[2] == 0);
  CHECK_OK(mv_upload(X.data, X.ld, &Z));
  CHECK_OK(mv_download(&Z, Y.data, Y.ld));
  CU_ASSERT_TRUE(block_same_bits(&X, &Y) && block_padding_intact(&Y));
  CU_ASSERT_EQUAL(mv_upload(X.data, 596, &Z), SPEIG_ERR_ARG);
  mv_free(&Z);
  block_drop(&X);
  block_drop(&Y);
  bench_close(&b);
}
TEST_ALL_CASES(zero_and_transfers)

/* The kernels for lesser processors than this one: host runs the best set in all cases above. */
static void every_instruction_set_matches_reference(void)
{
  const backend_ops *const *sets[3];
  int count = host_table_sets(sets);
  for (int set = 0; set < count - 1; ++set)
    for (int t = 0; t < 4; ++t) {
      speig_dtype dtype = (speig_dtype)t;
      int is_complex = dtype_is_complex(dtype);
      test_case tc = { "instruction set", dtype, SPEIG_HOST, dtype_eps(dtype) };
      bench b = bench_open(&tc, 2);
      b.be->ops = sets[set][dtype];
      for (int i = 0; i < HEIGHTS; ++i) {
        gram_one(&b, height(&tc, i), 43, 8);
        gram_one(&b, height(&tc, i), 3, 3);
        mul_one(&b, height(&tc, i), 43, 8, is_complex, 0);
        mul_one(&b, height(&tc, i), 8, 3, 0, 0.5);
        rotate_one(&b, height(&tc, i), 43, 8, is_complex);
        project_one(&b, height(&tc, i), 8, 3, is_complex);
        columns_one(&b, height(&tc, i), 8);
      }
      bench_close(&b);
    }
}

int main(void)
{
  CU_pSuite suite;
  harness_start();
  suite = harness_suite("backend");
  ADD_ALL_CASES(suite, gram_matches_reference);
  ADD_ALL_CASES(suite, gram_of_one_block_is_hermitian);
  ADD_ALL_CASES(suite, mul_matches_reference);
  ADD_ALL_CASES(suite, rotate_matches_reference);
  ADD_ALL_CASES(suite, project_matches_reference);
  ADD_ALL_CASES(suite, column_operations_match_reference);
  ADD_ALL_CASES(suite, fill_random_is_the_same_everywhere);
  ADD_ALL_CASES(suite, zero_and_transfers);
  ADD_CASE(suite, every_instruction_set_matches_reference);
  return harness_finish("backend");
}
