/* test_lanczos.c: thick-restart Lanczos through speig_eigsh, against exact spectra. */
#include "harness.h"

#include "speig/speig.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct problem_spec {
  const char *generator;
  int32_t count;
  const char *names[4];
  double values[4];
} problem_spec;

static int ascending(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* The k eigenvalues that `which` asks for, ascending, from the whole ascending spectrum. */
static void pick(speig_which which, int64_t n, const double *all, int k, double *wanted)
{
  int64_t low = 0, high = n - 1;
  for (int i = 0; i < k; ++i) {
    int from_top = which == SPEIG_LA || (which == SPEIG_BE && i % 2 == 0) ||
                   (which == SPEIG_LM && fabs(all[high]) >= fabs(all[low]));
    wanted[i] = from_top ? all[high--] : all[low++];
  }
  qsort(wanted, (size_t)k, sizeof *wanted, ascending);
}

static void check_result(const test_case *tc, const speig_eigsh_result *r, const double *wanted)
{
  for (int i = 0; i < r->k; ++i) {
    CU_ASSERT_TRUE(fabs(r->values[i] - wanted[i]) <= 500 * tc->eps * r->norm_a);
    CU_ASSERT_TRUE(r->relative_residuals[i] <= r->tol);
  }
  CU_ASSERT_TRUE(r->orthogonality <= 200 * tc->eps);
}

static void solve_and_check(const test_case *tc, const problem_spec *spec, speig_which which, int k)
{
  speig_matrix *wide = NULL, *A = NULL;
  speig_operator *op = NULL;
  speig_eigsh_result *r = NULL;
  speig_eigsh_opts opts = SPEIG_EIGSH_OPTS_INIT;
  double *all, *wanted = malloc((size_t)k * sizeof *wanted);
  int64_t n;
  CHECK_OK(speig_generate(spec->generator, spec->count, spec->names, spec->values, 1, &wide));
  CHECK_OK(speig_matrix_convert(wide, tc->dtype, &A));
  n = speig_matrix_get_info(A).rows;
  all = malloc((size_t)n * sizeof *all);
  CHECK_OK(speig_generate_spectrum(spec->generator, spec->count, spec->names, spec->values, all));
  pick(which, n, all, k, wanted);
  CHECK_OK(speig_operator_from_matrix(A, &op));
  opts.k = k;
  opts.which = which;
  opts.method = SPEIG_LANCZOS;
  opts.device = tc->device;
  CHECK_OK(speig_eigsh(op, NULL, &opts, &r));
  CU_ASSERT_EQUAL(r->outcome, SPEIG_VALIDATED);
  CU_ASSERT_EQUAL(r->k, k);
  check_result(tc, r, wanted);
  if (r->outcome != SPEIG_VALIDATED)
    fprintf(stderr, "  %s: %s %s k %d: %s, %s\n", tc->name, spec->generator,
            speig_which_name(which), k, speig_outcome_name(r->outcome),
            speig_reason_name(r->reason));
  speig_eigsh_result_free(&r);
  speig_operator_destroy(&op);
  speig_matrix_destroy(&A);
  speig_matrix_destroy(&wide);
  free(all);
  free(wanted);
}

static void simple_ends(const test_case *tc)
{
  const problem_spec grid = { "laplacian2d", 2, { "nx", "ny" }, { 17, 19 } };
  for (int which = SPEIG_LM; which <= SPEIG_BE; ++which)
    if (which != SPEIG_SM && harness_takes(tc, which == SPEIG_BE ? 1 : which))
      solve_and_check(tc, &grid, (speig_which)which, 6);
}
TEST_ALL_CASES(simple_ends)

static void all_copies_of_multiple_eigenvalues(const test_case *tc)
{
  const problem_spec cube = { "laplacian3d", 1, { "nx" }, { 9 } };
  const problem_spec ring = { "cycle", 1, { "n" }, { 150 } };
  const problem_spec hypercube = { "hypercube", 1, { "d" }, { 8 } };
  if (harness_takes(tc, 0))
    solve_and_check(tc, &cube, SPEIG_LA, 10);
  if (harness_takes(tc, 1))
    solve_and_check(tc, &ring, SPEIG_LA, 5); /* cuts a pair */
  if (harness_takes(tc, 2))
    solve_and_check(tc, &ring, SPEIG_SA, 6);
  if (harness_takes(tc, 3))
    solve_and_check(tc, &hypercube, SPEIG_LA, 12); /* multiplicities 1, 8, 28 */
}
TEST_ALL_CASES(all_copies_of_multiple_eigenvalues)

static void invariant_subspaces_are_good_news(const test_case *tc)
{
  const double n = harness_is_slow(tc) ? 100 : 300;
  const problem_spec identity = { "identity", 1, { "n" }, { n } };
  const problem_spec zero = { "zero", 1, { "n" }, { n } };
  const problem_spec star = { "star", 1, { "n" }, { n } };
  solve_and_check(tc, &identity, SPEIG_LA, 7);
  solve_and_check(tc, &zero, SPEIG_SA, 7);
  solve_and_check(tc, &star, SPEIG_BE, 6);
}
TEST_ALL_CASES(invariant_subspaces_are_good_news)

static void same_bits_for_any_thread_count(const test_case *tc)
{
  static const int threads[] = { 1, 2, 3, 7 };
  const int slow = harness_is_slow(tc);
  const problem_spec grid = { "laplacian2d", 2, { "nx", "ny" }, { slow ? 19 : 61, 67 } };
  speig_matrix *wide = NULL, *A = NULL;
  speig_operator *op = NULL;
  speig_eigsh_result *first = NULL, *r = NULL;
  speig_eigsh_opts opts = SPEIG_EIGSH_OPTS_INIT;
  CHECK_OK(speig_generate(grid.generator, grid.count, grid.names, grid.values, 1, &wide));
  CHECK_OK(speig_matrix_convert(wide, tc->dtype, &A));
  CHECK_OK(speig_operator_from_matrix(A, &op));
  opts.which = SPEIG_LA;
  opts.method = SPEIG_LANCZOS;
  opts.device = tc->device;
  opts.max_matvecs = 150; /* bits must agree on the way too */
  for (size_t i = 0; i < (slow ? 2 : sizeof threads / sizeof *threads); ++i) {
    opts.threads = threads[i];
    CHECK_OK(speig_eigsh(op, NULL, &opts, &r));
    if (!first) {
      first = r;
      r = NULL;
      continue;
    }
    CU_ASSERT_EQUAL_FATAL(r->unconverged, first->unconverged);
    CU_ASSERT_EQUAL(memcmp(r->unconverged_values, first->unconverged_values,
                           (size_t)r->unconverged * sizeof(double)),
                    0);
    speig_eigsh_result_free(&r);
  }
  speig_eigsh_result_free(&first);
  speig_operator_destroy(&op);
  speig_matrix_destroy(&A);
  speig_matrix_destroy(&wide);
}
TEST_ALL_CASES(same_bits_for_any_thread_count)

/* Answers handed in again as a guess are recognised by one block product (and one more for the
 * final residuals). */
static void right_guess_costs_one_product(const test_case *tc)
{
  const problem_spec grid = { "laplacian2d", 2, { "nx", "ny" }, { 17, 19 } };
  speig_matrix *wide = NULL, *A = NULL;
  speig_operator *op = NULL;
  speig_eigsh_result *r = NULL, *again = NULL;
  speig_eigsh_opts opts = SPEIG_EIGSH_OPTS_INIT;
  CHECK_OK(speig_generate(grid.generator, grid.count, grid.names, grid.values, 1, &wide));
  CHECK_OK(speig_matrix_convert(wide, tc->dtype, &A));
  CHECK_OK(speig_operator_from_matrix(A, &op));
  opts.which = SPEIG_SA;
  opts.method = SPEIG_LANCZOS;
  opts.device = tc->device;
  CHECK_OK(speig_eigsh(op, NULL, &opts, &r));
  opts.guess = &r->vectors;
  CHECK_OK(speig_eigsh(op, NULL, &opts, &again));
  CU_ASSERT_EQUAL(again->k, 6);
  CU_ASSERT_EQUAL(again->outcome, SPEIG_CONVERGED);
  CU_ASSERT_TRUE(again->matvecs <= 7);
  speig_eigsh_result_free(&again);
  speig_eigsh_result_free(&r);
  speig_operator_destroy(&op);
  speig_matrix_destroy(&A);
  speig_matrix_destroy(&wide);
}
TEST_ALL_CASES(right_guess_costs_one_product)

int main(void)
{
  CU_pSuite suite;
  harness_start();
  suite = harness_suite("lanczos");
  ADD_ALL_CASES(suite, simple_ends);
  ADD_ALL_CASES(suite, all_copies_of_multiple_eigenvalues);
  ADD_ALL_CASES(suite, invariant_subspaces_are_good_news);
  ADD_ALL_CASES(suite, same_bits_for_any_thread_count);
  ADD_ALL_CASES(suite, right_guess_costs_one_product);
  return harness_finish("lanczos");
}
