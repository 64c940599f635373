/* test_svds.c: speig_svds against LAPACK on the expanded matrix: the right set with multiplicities,
 * residuals on both sides and orthogonality recomputed by plain loops, for every shape. */
#include "svd_kit.h"

#include "solve_kit.h"
#include "speig/speig.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Both ends, both methods. */
static void check_all(const test_case *tc, svd_sample S, int k)
{
  static const speig_method methods[] = { SPEIG_DENSE, SPEIG_GOLUB_KAHAN };
  speig_svds_opts opts = SPEIG_SVDS_OPTS_INIT;
  opts.k = k;
  opts.device = tc->device;
  for (int way = 0; way < 4; ++way) {
    if (!harness_takes(tc, way + (int)S.m))
      continue;
    opts.method = methods[way / 2];
    opts.which = way % 2 ? SPEIG_SM : SPEIG_LM;
    svd_check(tc, &S, &opts);
  }
  svd_drop(&S);
}

/* ---- matrices ---- */

static svd_number zero(int i, int j, int m, int n)
{
  (void)(i + j + m + n);
  return 0;
}

static svd_number rank_two(int i, int j, int m, int n)
{
  return svd_noise(i, m, 3) * svd_noise(j, n, 4) + 0.3 * svd_noise(i, m, 6) * svd_noise(j, n, 7);
}

/* Singular values 1, 2, 2, 3, 3, 3, 4, 4, 4, 4, ..., svd_scattered over the places. */
static int step(int j)
{
  int size = 1;
  for (; j >= size; ++size)
    j -= size;
  return size;
}

static svd_number multiple(int i, int j, int m, int n)
{
  int r = m < n ? m : n, longer = m < n ? j : i, shorter = m < n ? i : j;
  if ((longer * 7) % (m < n ? n : m) != shorter || shorter >= r)
    return 0;
  return (shorter % 2 ? 1 : -1) * step(shorter);
}

/* Half of the columns (rows, when wide) are copies of the others. */
static svd_number deficient(int i, int j, int m, int n)
{
  return m >= n ? svd_scattered(i, j / 2, m, n) : svd_scattered(j, i / 2, n, m);
}

static svd_number all_ones(int i, int j, int m, int n)
{
  (void)(i + j + m + n);
  return 1;
}

static svd_number geometric(int i, int j, int m, int n)
{
  (void)(m + n);
  return i == j ? pow(0.7, i) : 0;
}

/* A second difference: the largest singular values lie close together. */
static svd_number difference(int i, int j, int m, int n)
{
  (void)(m + n);
  return i == j ? 2 : i == j + 1 || j == i + 1 ? -1 : 0;
}

/* Many restarts, whose rounding errors must not stay in the answer. */
static void many_restarts(const test_case *tc)
{
  svd_sample S = svd_make(tc->dtype, 210, 200, "difference", difference);
  speig_svds_opts opts = SPEIG_SVDS_OPTS_INIT;
  opts.device = tc->device;
  opts.method = SPEIG_GOLUB_KAHAN;
  opts.k = 4;
  opts.ncv = 12;
  svd_check(tc, &S, &opts);
  svd_drop(&S);
}
TEST_ALL_CASES(many_restarts)

static void every_shape(const test_case *tc)
{
  check_all(tc, svd_make(tc->dtype, 150, 60, "scattered", svd_scattered), 5);
  check_all(tc, svd_make(tc->dtype, 60, 150, "scattered", svd_scattered), 5);
  check_all(tc, svd_make(tc->dtype, 90, 90, "scattered", svd_scattered), 4);
  check_all(tc, svd_make(tc->dtype, 91, 90, "scattered", svd_scattered), 7);
}
TEST_ALL_CASES(every_shape)

static void single_rows_and_columns(const test_case *tc)
{
  check_all(tc, svd_make(tc->dtype, 1, 40, "scattered", svd_scattered), 1);
  check_all(tc, svd_make(tc->dtype, 40, 1, "scattered", svd_scattered), 3);
  check_all(tc, svd_make(tc->dtype, 1, 1, "scattered", svd_scattered), 1);
  check_all(tc, svd_make(tc->dtype, 2, 30, "scattered", svd_scattered), 2);
  check_all(tc, svd_make(tc->dtype, 30, 2, "scattered", svd_scattered), 6);
}
TEST_ALL_CASES(single_rows_and_columns)

static void nothing_there(const test_case *tc)
{
  check_all(tc, svd_make(tc->dtype, 30, 20, "zero", zero), 4);
  check_all(tc, svd_make(tc->dtype, 20, 30, "zero", zero), 4);
  check_all(tc, svd_make(tc->dtype, 12, 12, "zero", zero), 12);
  check_all(tc, svd_make(tc->dtype, 0, 20, "empty", zero), 4);
  check_all(tc, svd_make(tc->dtype, 20, 0, "empty", zero), 4);
}
TEST_ALL_CASES(nothing_there)

static void all_copies_of_multiple_values(const test_case *tc)
{
  check_all(tc, svd_make(tc->dtype, 60, 36, "multiple", multiple), 6);
  check_all(tc, svd_make(tc->dtype, 36, 60, "multiple", multiple), 10);
  check_all(tc, svd_make(tc->dtype, 91, 91, "multiple", multiple), 17);
}
TEST_ALL_CASES(all_copies_of_multiple_values)

static void rank_deficient(const test_case *tc)
{
  check_all(tc, svd_make(tc->dtype, 80, 40, "deficient", deficient), 5);
  check_all(tc, svd_make(tc->dtype, 40, 80, "deficient", deficient), 5);
  check_all(tc, svd_make(tc->dtype, 40, 40, "deficient", deficient), 30);
  check_all(tc, svd_make(tc->dtype, 50, 40, "rank two", rank_two), 4);
  check_all(tc, svd_make(tc->dtype, 30, 70, "ones", all_ones), 3);
}
TEST_ALL_CASES(rank_deficient)

static void values_that_fall_below_rounding(const test_case *tc)
{
  check_all(tc, svd_make(tc->dtype, 130, 130, "geometric", geometric), 12);
}
TEST_ALL_CASES(values_that_fall_below_rounding)

static void all_values(const test_case *tc)
{
  check_all(tc, svd_make(tc->dtype, 40, 25, "scattered", svd_scattered), 25);
  check_all(tc, svd_make(tc->dtype, 25, 40, "scattered", svd_scattered), 100);
}
TEST_ALL_CASES(all_values)

/* Entries whose squares leave the range of the type. */
static void tiny_and_huge_entries(const test_case *tc)
{
  int single = tc->dtype == SPEIG_S || tc->dtype == SPEIG_C;
  speig_svds_opts opts = SPEIG_SVDS_OPTS_INIT;
  opts.method = SPEIG_GOLUB_KAHAN;
  opts.device = tc->device;
  opts.k = 3;
  for (int sign = -1; sign <= 1; sign += 2) {
    double factor = ldexp(1, sign * (single ? 110 : 900));
    svd_sample S = svd_make(tc->dtype, 50, 30, "scattered", svd_scattered);
    speig_matrix *scaled = NULL;
    speig_operator *op = NULL;
    speig_svds_result *r = NULL;
    CHECK_OK(speig_matrix_scaled(S.A, factor, &scaled));
    CHECK_OK(speig_operator_from_matrix(scaled, &op));
    CHECK_OK(speig_svds(op, &opts, &r));
    CU_ASSERT_EQUAL(r->k, 3);
    for (int j = 0; j < r->k; ++j)
      CU_ASSERT_DOUBLE_EQUAL(r->values[j] / factor, S.sigma[j], 1000 * tc->eps * S.sigma[0]);
    speig_svds_result_free(&r);
    speig_operator_destroy(&op);
    speig_matrix_destroy(&scaled);
    svd_drop(&S);
  }
}
TEST_ALL_CASES(tiny_and_huge_entries)

/* ---- real matrices ---- */

static void real_matrices(void)
{
  static const char *const names[] = { "mtx/well1850.mtx",    "mtx/illc1850.mtx",
                                       "mtx/rect_primme.mtx", "mtx/west0479.mtx",
                                       "mtx/young1c.mtx",     "mtx/mbeacxc.mtx.gz" };
  const test_case tc = { "real_matrices", SPEIG_D, SPEIG_HOST, EPS_d };
  for (size_t i = 0; i < sizeof names / sizeof *names; ++i) {
    const char *path = harness_find_shared(names[i]);
    speig_matrix *A = NULL;
    svd_sample S;
    speig_svds_opts opts = SPEIG_SVDS_OPTS_INIT;
    if (!path) {
      harness_skip("no shared data");
      return;
    }
    CHECK_OK(speig_mm_read(path, 0, NULL, &A));
    if (harness_under_valgrind() && speig_matrix_get_info(A).rows > 490) {
      speig_matrix_destroy(&A);
      continue;
    }
    S = svd_wrap(A, names[i] + 4);
    opts.k = 7;
    opts.method = SPEIG_GOLUB_KAHAN;
    svd_check(&tc, &S, &opts);
    opts.method = SPEIG_METHOD_AUTO;
    opts.which = SPEIG_SM;
    svd_check(&tc, &S, &opts);
    svd_drop(&S);
  }
}

/* Bidiagonal, well away from singular: the inverse is applied often and exactly. */
static svd_number bidiagonal(int i, int j, int m, int n)
{
  (void)(m + n);
  return i == j ? 1 + 0.01 * j : j == i + 1 || i == j + 7 ? 0.45 : 0;
}

static svd_number nearly_singular(int i, int j, int m, int n)
{
  return j == 3 || i == 3 ? 1e-9 * bidiagonal(i, j, m, n) : bidiagonal(i, j, m, n);
}

/* One value far below rounding, one well above it: the inverse of the first drowns the others. */
static svd_number drowning(int i, int j, int m, int n)
{
  return (j == 3 ? 1e-12 : j == 90 ? 1e-5 : 1) * bidiagonal(i, j, m, n);
}

/* Singular by its structure, twice. */
static svd_number without_columns(int i, int j, int m, int n)
{
  return j == 5 || j == 180 ? 0 : bidiagonal(i, j, m, n);
}

/* Its factors fill up, while products bring the smallest values soon. */
static svd_number far_reaching(int i, int j, int m, int n)
{
  uint32_t mixed = (uint32_t)(i * 7919 + j) * 2654435761u;
  (void)(m + n);
  return i == j ? 2 - (i < 4 ? 1.5 - 0.2 * i : 0) : (mixed >> 16) % 150 == 0 ? 0.06 : 0;
}

static void check_smallest(const test_case *tc, svd_sample S, int k, int by_factors)
{
  speig_svds_opts opts = SPEIG_SVDS_OPTS_INIT;
  speig_svds_plan plan;
  speig_svds_result *r = NULL;
  opts.k = k;
  opts.which = SPEIG_SM;
  opts.device = tc->device;
  CHECK_OK(speig_svds_make_plan(S.op, &opts, &plan));
  svd_check(tc, &S, &opts);
  if (plan.inverse && by_factors) {
    CHECK_OK(speig_svds(S.op, &opts, &r));
    CU_ASSERT_TRUE(r->method == SPEIG_GOLUB_KAHAN && r->factorizations > 0 && r->solves > 0);
    speig_svds_result_free(&r);
  }
  svd_drop(&S);
}

/* Of full rank, by a factorization where there is a module for it; else by what remains. */
static void smallest_by_inverse(const test_case *tc)
{
  static const struct {
    int m, n;
    const char *name;
    svd_entry *entry;
    int k, by_factors;
  } list[] = {
    { 300, 300, "bidiagonal", bidiagonal, 4, 1 },
    { 330, 270, "bidiagonal", bidiagonal, 4, 1 },
    { 270, 330, "bidiagonal", bidiagonal, 4, 1 },
    { 280, 260, "nearly singular", nearly_singular, 3, 0 },
    { 270, 270, "drowning", drowning, 4, 1 },
    { 310, 270, "drowning", drowning, 4, 1 },
    { 270, 270, "without columns", without_columns, 4, 1 },
    { 300, 270, "without columns", without_columns, 4, 1 },
    { 270, 270, "multiple", multiple, 3, 1 },
    { 300, 260, "deficient", deficient, 4, 0 },
    { 270, 270, "rank two", rank_two, 3, 0 },
  };
  for (size_t i = 0; i < sizeof list / sizeof *list; ++i)
    if (harness_takes(tc, (int)i))
      check_smallest(tc, svd_make(tc->dtype, list[i].m, list[i].n, list[i].name, list[i].entry),
                     list[i].k, list[i].by_factors);
}
TEST_ALL_CASES(smallest_by_inverse)

/* Dear factors are not made when products are done before them. */
static void products_before_dear_factors(const test_case *tc)
{
  svd_sample S;
  speig_svds_opts opts = SPEIG_SVDS_OPTS_INIT;
  speig_svds_result *r = NULL;
  if (tc->device != SPEIG_HOST)
    return;
  S = svd_make(tc->dtype, 700, 650, "far reaching", far_reaching);
  opts.k = 3;
  opts.which = SPEIG_SM;
  svd_check(tc, &S, &opts);
  CHECK_OK(speig_svds(S.op, &opts, &r));
  CU_ASSERT_TRUE(r->method == SPEIG_GOLUB_KAHAN && r->factorizations == 0);
  speig_svds_result_free(&r);
  svd_drop(&S);
}
TEST_ALL_CASES(products_before_dear_factors)

int main(void)
{
  CU_pSuite suite;
  harness_start();
  suite = harness_suite("svds");
  ADD_ALL_CASES(suite, every_shape);
  ADD_ALL_CASES(suite, single_rows_and_columns);
  ADD_ALL_CASES(suite, nothing_there);
  ADD_ALL_CASES(suite, all_copies_of_multiple_values);
  ADD_ALL_CASES(suite, rank_deficient);
  ADD_ALL_CASES(suite, values_that_fall_below_rounding);
  ADD_ALL_CASES(suite, all_values);
  ADD_ALL_CASES(suite, many_restarts);
  ADD_ALL_CASES(suite, tiny_and_huge_entries);
  ADD_ALL_CASES(suite, smallest_by_inverse);
  ADD_ALL_CASES(suite, products_before_dear_factors);
  ADD_CASE(suite, real_matrices);
  return harness_finish("test_svds");
}
