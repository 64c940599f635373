/* test_traps.c: spectra on which eigensolvers are known to fail: multiple eigenvalues (where a
 * Krylov space holds one copy only), matrices that are exhausted after a step, cuts through a
 * cluster, numbers near the ends of the range. */
#include "solve_kit.h"

#include <math.h>
#include <stdio.h>

static const speig_method METHODS[] = { SPEIG_METHOD_AUTO, SPEIG_DENSE, SPEIG_LANCZOS,
                                        SPEIG_LOBPCG };
enum { METHOD_COUNT = 4 };

/* Every method and every `which`. */
static void expect_all(const model *m, const test_case *tc, int32_t k)
{
  int number = 0;
  for (int t = 0; t < METHOD_COUNT; ++t)
    for (speig_which which = SPEIG_LM; which <= SPEIG_BE; ++which) {
      speig_eigsh_opts opts = opts_for(tc->device, METHODS[t], k, which);
      if (harness_takes(tc, t + number++))
        expect_right(m, &opts, 0);
    }
}

static void orders_from_one(const test_case *tc)
{
  static const int32_t counts[] = { 1, 2, 5 };
  for (double n = 1; n <= 4; ++n) {
    model zero = model_make(tc->dtype, 1, "zero", "n", n, NULL);
    model equal = model_make(tc->dtype, 1, "identity", "n", n, "value", -2.5, NULL);
    model band = model_make(tc->dtype, 1, "laplacian1d", "n", n, NULL);
    for (size_t t = 0; t < sizeof counts / sizeof *counts; ++t) {
      expect_all(&zero, tc, counts[t]);
      expect_all(&equal, tc, counts[t]);
      expect_all(&band, tc, counts[t]);
    }
    model_drop(&zero);
    model_drop(&equal);
    model_drop(&band);
  }
}
TEST_ALL_CASES(orders_from_one)

static void no_rows_no_pairs(const test_case *tc)
{
  const int64_t rowptr[1] = { 0 };
  speig_matrix *A = NULL;
  model m;
  CHECK_OK(speig_matrix_create_csr(tc->dtype, 0, 0, rowptr, NULL, NULL, SPEIG_COPY, &A));
  m = model_wrap(A, "empty", NULL);
  for (int t = 0; t < METHOD_COUNT; ++t) {
    speig_eigsh_opts opts = opts_for(tc->device, METHODS[t], 3, SPEIG_LA);
    expect_right(&m, &opts, 0);
  }
  model_drop(&m);
}
TEST_ALL_CASES(no_rows_no_pairs)

/* k close to n, n and beyond. */
static void all_pairs(const test_case *tc)
{
  model m = model_make(tc->dtype, 1, "laplacian2d", "nx", 6.0, "ny", 5.0, NULL);
  static const int32_t counts[] = { 14, 29, 1000 };
  for (size_t t = 0; t < sizeof counts / sizeof *counts; ++t)
    expect_all(&m, tc, counts[t]);
  model_drop(&m);
}
TEST_ALL_CASES(all_pairs)

/* One eigenvalue of n = 300, n - 2 equal ones at 1: values computed without vectors are off by n
 * eps. */
static void all_pairs_of_a_star(const test_case *tc)
{
  const int32_t n = harness_is_slow(tc) ? 90 : 300;
  model star = model_make(tc->dtype, 1, "star", "n", (double)n, NULL);
  speig_eigsh_opts opts = opts_for(tc->device, SPEIG_DENSE, n, SPEIG_LA);
  expect_right(&star, &opts, 0);
  model_drop(&star);
}
TEST_ALL_CASES(all_pairs_of_a_star)

/* Small graphs with many equal eigenvalues, cut everywhere. */
static void every_cut(const test_case *tc)
{
  const int slow = harness_is_slow(tc);
  model rings = model_make(tc->dtype, 1, "disconnected", "copies", 4.0, "vertices", 10.0, NULL);
  model ring = model_make(tc->dtype, 1, "cycle", "n", slow ? 32.0 : 64.0, "adjacency", 1.0, NULL);
  model cube = model_make(tc->dtype, 1, "hypercube", "d", slow ? 5.0 : 6.0, "adjacency", 1.0, NULL);
  int number = 0;
  for (int32_t k = 1; k <= 12; k += (slow ? 3 : 1) + k / 4)
    for (int t = 2; t < METHOD_COUNT; ++t)
      for (speig_which which = SPEIG_LM; which <= SPEIG_BE; ++which) {
        speig_eigsh_opts opts = opts_for(tc->device, METHODS[t], k, which);
        if (which == SPEIG_SM || !harness_takes(tc, number++))
          continue;
        expect_right(&rings, &opts, 0);
        expect_right(&ring, &opts, 0);
        expect_right(&cube, &opts, 0);
      }
  model_drop(&rings);
  model_drop(&ring);
  model_drop(&cube);
}
TEST_ALL_CASES(every_cut)

/* Two or three distinct eigenvalues: the Krylov space is exhausted at once. */
static void exhausted_at_once(const test_case *tc)
{
  const int slow = harness_is_slow(tc);
  const double big = slow ? 70 : tc->device == SPEIG_REFERENCE ? 150 : 3240;
  model two = model_make(tc->dtype, 1, "two_values", "n", slow ? 80.0 : 200.0, "low", 1.0, "high",
                         50.0, NULL);
  model wide = model_make(tc->dtype, 1, "two_values", "n", big, "low", 1.0, "high", 50.0, NULL);
  model equal = model_make(tc->dtype, 1, "identity", "n", big, "value", 80.0, NULL);
  model zero = model_make(tc->dtype, 1, "zero", "n", big, NULL);
  model star = model_make(tc->dtype, 1, "star", "n", big, NULL);
  model hub = model_make(tc->dtype, 1, "star", "n", big, "adjacency", 1.0, NULL);
  model all = model_make(tc->dtype, 1, "complete", "n", slow ? 60.0 : 120.0, NULL);
  model rank1 = model_make(tc->dtype, 1, "rank1", "n", slow ? 60.0 : 110.0, "value", -4.0, NULL);
  expect_all(&two, tc, 20);
  for (speig_which which = SPEIG_LM; which <= SPEIG_BE; ++which) {
    const model *models[] = { &wide, &equal, &zero, &star, &hub, &all, &rank1 };
    for (size_t t = 0; t < sizeof models / sizeof *models; ++t)
      for (int method = 2; method < METHOD_COUNT; ++method) {
        speig_eigsh_opts opts = opts_for(tc->device, METHODS[method], 7, which);
        if (which != SPEIG_SM && harness_takes(tc, (int)which + (int)t + method))
          expect_right(models[t], &opts, 0);
      }
  }
  model_drop(&two);
  model_drop(&wide);
  model_drop(&equal);
  model_drop(&zero);
  model_drop(&star);
  model_drop(&hub);
  model_drop(&all);
  model_drop(&rank1);
}
TEST_ALL_CASES(exhausted_at_once)

/* The double and twelvefold eigenvalues of larger graphs, by iteration. */
static void copies_beyond_the_dense_limit(const test_case *tc)
{
  int small = tc->device == SPEIG_REFERENCE || harness_is_slow(tc);
  model cube = model_make(tc->dtype, 1, "hypercube", "d", small ? 7.0 : 12.0, NULL);
  model rings = model_make(tc->dtype, 1, "disconnected", "copies", small ? 4.0 : 60.0, "vertices",
                           50.0, NULL);
  static const int32_t cuts[] = { 5, 6, 14 };
  for (int method = 2; method < METHOD_COUNT; ++method)
    for (size_t t = 0; t < sizeof cuts / sizeof *cuts; ++t) {
      speig_eigsh_opts opts = opts_for(tc->device, METHODS[method], cuts[t], SPEIG_SA);
      if (!harness_takes(tc, 3 * method + (int)t))
        continue;
      expect_right(&cube, &opts, 0);
      if (METHODS[method] == SPEIG_LANCZOS)
        expect_right(&rings, &opts, 0);
      opts.which = SPEIG_LA;
      expect_right(&cube, &opts, 0);
    }
  model_drop(&cube);
  model_drop(&rings);
}
TEST_ALL_CASES(copies_beyond_the_dense_limit)

/* The double eigenvalues of a ring, cut between the copies. */
static void rings_cut_between_copies(const test_case *tc)
{
  model ring = model_make(tc->dtype, 1, "cycle", "n", harness_is_slow(tc) ? 100.0 : 300.0, NULL);
  for (int32_t k = 5; k <= 6; ++k)
    for (int t = 0; t < METHOD_COUNT; ++t) {
      speig_eigsh_opts opts = opts_for(tc->device, METHODS[t], k, SPEIG_SA);
      if (!harness_takes(tc, t + k))
        continue;
      expect_right(&ring, &opts, 0);
      opts.which = SPEIG_LA;
      expect_right(&ring, &opts, 0);
      opts.which = SPEIG_BE;
      expect_right(&ring, &opts, 0);
    }
  model_drop(&ring);
}
TEST_ALL_CASES(rings_cut_between_copies)

/* -x and x compete for LM; pairs that agree to fourteen digits; clusters of relative width 1e-6. */
static void near_ties(const test_case *tc)
{
  model kac = model_make(tc->dtype, 1, "clement", "n", 60.0, NULL);
  model pairs = model_make(tc->dtype, 1, "wilkinson", "n", 101.0, NULL);
  model clusters = model_make(tc->dtype, 1, "clustered", "n", harness_is_slow(tc) ? 100.0 : 200.0,
                              "clusters", 20.0, NULL);
  for (int t = 0; t < METHOD_COUNT; ++t)
    for (int32_t k = 5; k <= (harness_is_slow(tc) ? 5 : 6); ++k) {
      static const speig_which ends[] = { SPEIG_LM, SPEIG_LA, SPEIG_SA, SPEIG_BE };
      for (int e = 0; e < 4; ++e) {
        speig_eigsh_opts opts = opts_for(tc->device, METHODS[t], k, ends[e]);
        if (!harness_takes(tc, t + k + e))
          continue;
        expect_right(&kac, &opts, 0);
        expect_right(&pairs, &opts, 0);
        opts.k += 10;
        expect_right(&clusters, &opts, 0);
      }
    }
  model_drop(&kac);
  model_drop(&pairs);
  model_drop(&clusters);
}
TEST_ALL_CASES(near_ties)

static void ends_of_the_range(const test_case *tc)
{
  int single = tc->dtype == SPEIG_S || tc->dtype == SPEIG_C;
  if (!harness_range_is_wide(tc))
    return;
  for (int up = 0; up < 2; ++up) {
    double factor = single ? (up ? 1e30 : 1e-30) : (up ? 1e200 : 1e-200);
    model grid = model_make(tc->dtype, factor, "laplacian2d", "nx",
                            harness_is_slow(tc) ? 8.0 : 14.0, "ny", 9.0, NULL);
    model rings = model_make(tc->dtype, -factor, "disconnected", "copies", 4.0, "vertices", 12.0,
                             "adjacency", 1.0, NULL);
    for (int t = 0; t < METHOD_COUNT; ++t)
      for (speig_which which = SPEIG_LM; which <= SPEIG_BE; ++which) {
        speig_eigsh_opts opts = opts_for(tc->device, METHODS[t], 6, which);
        if (!harness_takes(tc, up + t + (int)which))
          continue;
        expect_right(&grid, &opts, 0);
        expect_right(&rings, &opts, 0);
      }
    model_drop(&grid);
    model_drop(&rings);
  }
}
TEST_ALL_CASES(ends_of_the_range)

/* Rows without entries are eigenvectors for 0. */
static void empty_rows_count(const test_case *tc)
{
  enum { N = 90 };
  int64_t rowptr[N + 1] = { 0 };
  int32_t col[N];
  char values[16 * N];
  double spectrum[N] = { 0 };
  speig_matrix *A = NULL;
  model m;
  for (int i = 0; i < N; ++i) {
    rowptr[i + 1] = rowptr[i];
    if (i % 3 == 0) {
      col[rowptr[i]] = i;
      scalar_put(tc->dtype, values, rowptr[i], i / 3 + 1, 0);
      ++rowptr[i + 1];
    }
  }
  for (int i = 0; i < N / 3; ++i)
    spectrum[N - N / 3 + i] = i + 1;
  CHECK_OK(speig_matrix_create_csr(tc->dtype, N, N, rowptr, col, values, SPEIG_COPY, &A));
  m = model_wrap(A, "empty rows", spectrum);
  expect_all(&m, tc, 5);
  expect_all(&m, tc, 31);
  model_drop(&m);
}
TEST_ALL_CASES(empty_rows_count)

int main(void)
{
  CU_pSuite suite;
  harness_start();
  suite = harness_suite("traps");
  ADD_ALL_CASES(suite, orders_from_one);
  ADD_ALL_CASES(suite, no_rows_no_pairs);
  ADD_ALL_CASES(suite, all_pairs);
  ADD_ALL_CASES(suite, all_pairs_of_a_star);
  ADD_ALL_CASES(suite, every_cut);
  ADD_ALL_CASES(suite, exhausted_at_once);
  ADD_ALL_CASES(suite, copies_beyond_the_dense_limit);
  ADD_ALL_CASES(suite, rings_cut_between_copies);
  ADD_ALL_CASES(suite, near_ties);
  ADD_ALL_CASES(suite, ends_of_the_range);
  ADD_ALL_CASES(suite, empty_rows_count);
  return harness_finish("traps");
}
