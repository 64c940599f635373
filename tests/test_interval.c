/* test_interval.c: all eigenvalues in an interval, by LAPACK and by slices: the right number with
 * multiplicities, residuals and orthogonality recomputed, and honest words where a run stops. */
#include "interval_kit.h"

#include "factor/factor.h"

#include <float.h>

static int is_right(const char *what, const speig_matrix *A, const speig_matrix *B,
                    const speig_eigsh_opts *o, const speig_eigsh_result *r, int n, const double *w,
                    double tolerance, double vectors)
{
  return is_right_as(SPEIG_CERTIFIED, what, A, B, o, r, n, w, tolerance, vectors);
}

static void expect(const test_case *tc, const model *m, double low, double high, double tolerance)
{
  static const speig_method methods[] = { SPEIG_DENSE, SPEIG_LANCZOS };
  for (int i = 0; i < 2; ++i) {
    speig_eigsh_opts o = in(tc, methods[i], low, high);
    speig_eigsh_result *r = NULL;
    CHECK_OK(speig_eigsh(m->op, NULL, &o, &r));
    CU_ASSERT_EQUAL(r->method, methods[i]);
    CU_ASSERT_TRUE(
        is_right(m->name, m->A, NULL, &o, r, (int)m->n, m->spectrum, tolerance, 1000 * tc->eps));
    speig_eigsh_result_free(&r);
  }
}

static void laplacians(const test_case *tc)
{
  double tol = 4000 * tc->eps;
  model m;
  if (!shift_have_factors())
    return;
  if (harness_is_slow(tc)) { /* slices on the device; four types take long enough */
    m = model_make(tc->dtype, 1, "laplacian2d", "nx", 5.0, NULL);
    expect(tc, &m, 3.9, 4.2, tol);
    model_drop(&m);
    return;
  }
  m = model_make(tc->dtype, 1, "laplacian2d", "nx", 12.0, NULL);
  expect(tc, &m, 1.1, 2.25, tol);
  expect(tc, &m, 3.9, 4.2, tol); /* 12 copies of 4 in it */
  expect(tc, &m, 4, 4, tol);
  expect(tc, &m, -3, -1, tol);
  expect(tc, &m, 9, 20, tol);
  expect(tc, &m, -INFINITY, 1, tol);
  expect(tc, &m, 7, INFINITY, tol);
  expect(tc, &m, m.spectrum[5], m.spectrum[40], tol); /* double ones on both ends */
  expect(tc, &m, -INFINITY, INFINITY, tol);
  model_drop(&m);
}
TEST_ALL_CASES(laplacians)

static void space(const test_case *tc)
{
  model m;
  if (!shift_have_factors())
    return;
  m = model_make(tc->dtype, 1, "laplacian3d", "nx", 7.0, NULL); /* up to 27 equal ones */
  expect(tc, &m, 3.3, 5.1, 4000 * tc->eps);
  expect(tc, &m, 5.9, 6.1, 4000 * tc->eps);
  model_drop(&m);
}
TEST_ALL_TYPES(space)

/* Twelve within 1e-12 of 1, thirty equal ones, twelve again, and many decades. */
static void hard_spectra(const test_case *tc)
{
  double w[160], scale = tc->eps / DBL_EPSILON;
  int at = 0;
  model m;
  if (!shift_have_factors())
    return;
  for (; at < 12; ++at)
    w[at] = 1 + at * 1e-13 * scale;
  for (; at < 42; ++at)
    w[at] = 2;
  for (; at < 54; ++at)
    w[at] = 2.5 - at * 1e-13 * scale;
  for (; at < 100; ++at)
    w[at] = 3 + at;
  for (int i = 0; at < 160; ++at, ++i)
    w[at] = -pow(10, -16.0 + i / 4.0) * 1e-1;
  qsort(w, 160, sizeof *w, shift_ascending);
  m = model_wrap(kit_diagonal(tc->dtype, 160, w), "hard", w);
  expect(tc, &m, 0.5, 1.5, 1e-9 * scale);
  expect(tc, &m, 0.5, 2.75, 1e-9 * scale);
  expect(tc, &m, 1 + 5e-13 * scale, 2.2, 1e-10 * scale); /* through the cluster */
  expect(tc, &m, 2, 2, 1e-10 * scale);
  expect(tc, &m, -INFINITY, -1e-6 * (scale > 1 ? 1e4 : 1), 1e-11 * scale);
  expect(tc, &m, -1e-4, 1e-4, 1e-11 * scale);
  expect(tc, &m, -INFINITY, INFINITY, 1e-9 * scale);
  model_drop(&m);
}
TEST_ALL_TYPES(hard_spectra)

static void multiple_off_the_diagonal(const test_case *tc)
{
  const int32_t user[2] = { 30, tc->dtype == SPEIG_C || tc->dtype == SPEIG_Z };
  double w[SHIFT_N];
  model m;
  if (!shift_have_factors())
    return;
  for (int i = 0; i < SHIFT_N; ++i)
    w[i] = 1 + i / 30;
  m = model_wrap(kit_matrix(tc->dtype, SHIFT_N, shift_multiple_entry, SHIFT_N, user), "thirty", w);
  expect(tc, &m, 1.5, 3.5, 1e4 * tc->eps);
  expect(tc, &m, 2, 4, 1e4 * tc->eps);
  model_drop(&m);
}
TEST_ALL_TYPES(multiple_off_the_diagonal)

static void scaled_matrices(const test_case *tc)
{
  const double factors[] = { 1e200, 1e-200, 1e30, 1e-30 };
  if (!shift_have_factors())
    return;
  for (int i = tc->eps > 1e-10 ? 2 : 0; i < 4; ++i) {
    model m = model_make(tc->dtype, factors[i], "laplacian2d", "nx", 9.0, "ny", 7.0, NULL);
    for (int dense = 0; dense < 2; ++dense) {
      speig_eigsh_opts o =
          in(tc, dense ? SPEIG_DENSE : SPEIG_LANCZOS, 0.5 * factors[i], 2.25 * factors[i]);
      speig_eigsh_result *r = NULL;
      CHECK_OK(speig_eigsh(m.op, NULL, &o, &r));
      CU_ASSERT_TRUE(is_right(m.name, NULL, NULL, &o, r, (int)m.n, m.spectrum,
                              4000 * tc->eps * factors[i], 1));
      CU_ASSERT_TRUE(r->orthogonality < 1000 * tc->eps);
      speig_eigsh_result_free(&r);
    }
    model_drop(&m);
  }
}
TEST_ALL_TYPES(scaled_matrices)

static void solve_pair(const test_case *tc, const char *what, const speig_matrix *A,
                       const speig_matrix *B, double low, double high, int n, const double *w,
                       double tolerance)
{
  speig_operator *a = NULL, *b = NULL;
  CHECK_OK(speig_operator_from_matrix(A, &a));
  CHECK_OK(speig_operator_from_matrix(B, &b));
  for (int dense = 0; dense < 2; ++dense) {
    speig_eigsh_opts o = in(tc, dense ? SPEIG_DENSE : SPEIG_LANCZOS, low, high);
    speig_eigsh_result *r = NULL;
    CHECK_OK(speig_eigsh(a, b, &o, &r));
    CU_ASSERT_TRUE(is_right(what, A, B, &o, r, n, w, tolerance, 1e4 * tc->eps));
    speig_eigsh_result_free(&r);
  }
  speig_operator_destroy(&a);
  speig_operator_destroy(&b);
}

static void generalized(const test_case *tc)
{
  double w[SHIFT_N], tol = 1e4 * tc->eps;
  speig_matrix *A, *B;
  int found;
  if (!shift_have_factors())
    return;
  A = kit_matrix(tc->dtype, SHIFT_N, shift_grid_entry, SHIFT_SIDE, shift_indefinite);
  B = kit_matrix(tc->dtype, SHIFT_N, shift_mass_entry, 1, NULL);
  found = shift_reference(A, B, 0, w);
  if (harness_is_slow(tc)) {
    double middle = w[found / 2];
    solve_pair(tc, "indefinite A", A, B, middle - 0.05, middle + 0.05, found, w, tol);
    speig_matrix_destroy(&A);
    speig_matrix_destroy(&B);
    return;
  }
  solve_pair(tc, "indefinite A", A, B, -0.7, 0.6, found, w, tol);
  solve_pair(tc, "to the top", A, B, 0.9, INFINITY, found, w, tol);
  solve_pair(tc, "nothing", A, B, 90, 91, found, w, tol);
  speig_matrix_destroy(&A);
  speig_matrix_destroy(&B);
  A = kit_matrix(tc->dtype, SHIFT_N, shift_grid_entry, SHIFT_SIDE, shift_definite);
  B = kit_matrix(tc->dtype, SHIFT_N, shift_singular_mass_entry, 1, NULL);
  found = shift_reference(A, B, 1, w);
  qsort(w, (size_t)found, sizeof *w, shift_ascending);
  solve_pair(tc, "singular B", A, B, w[4] - 0.01, (w[30] + w[31]) / 2, found, w, 100 * tol);
  solve_pair(tc, "singular B, from below", A, B, -INFINITY, (w[30] + w[31]) / 2, found, w,
             100 * tol);
  speig_matrix_destroy(&A);
  speig_matrix_destroy(&B);
}
TEST_ALL_CASES(generalized)

static void edges(const test_case *tc)
{
  const double zero[40] = { 0 }, one[1] = { 42 };
  model m;
  if (!shift_have_factors())
    return;
  m = model_wrap(kit_diagonal(tc->dtype, 40, zero), "zero", zero);
  expect(tc, &m, -1, 1, 0);
  expect(tc, &m, 0, 0, 1e-20);
  expect(tc, &m, 1, 2, 0);
  model_drop(&m);
  m = model_wrap(kit_diagonal(tc->dtype, 1, one), "one", one);
  expect(tc, &m, -1, 43, 1e-3);
  expect(tc, &m, 43, 44, 1e-3);
  model_drop(&m);
  m = model_wrap(kit_diagonal(tc->dtype, 0, NULL), "none", NULL);
  {
    speig_eigsh_opts o = in(tc, SPEIG_METHOD_AUTO, -1, 1);
    speig_eigsh_result *r = NULL;
    CHECK_OK(speig_eigsh(m.op, NULL, &o, &r));
    CU_ASSERT_TRUE(r->k == 0 && r->outcome == SPEIG_CERTIFIED);
    speig_eigsh_result_free(&r);
  }
  model_drop(&m);
}
TEST_ALL_TYPES(edges)

static int stop_after(void *user, const speig_progress *progress)
{
  int *left = user;
  (void)progress;
  return --*left < 0;
}

/* Stopped anywhere: what was found stays, is right, and proven as far as it is said to be. */
static void stopped_runs_are_honest(const test_case *tc)
{
  model m;
  int partial = 0, proven = 0;
  if (!shift_have_factors())
    return;
  m = model_make(tc->dtype, 1, "laplacian2d", "nx", 16.0, NULL);
  for (int after = 0; after < 90; after += after < 8 ? 1 : 9) {
    int left = after;
    speig_eigsh_opts o = in(tc, SPEIG_LANCZOS, 1.1, 4.6);
    speig_eigsh_result *r = NULL;
    o.progress = stop_after;
    o.progress_user = &left;
    CHECK_OK(speig_eigsh(m.op, NULL, &o, &r));
    CU_ASSERT_TRUE(all_known(r, (int)m.n, m.spectrum, 4000 * tc->eps));
    CU_ASSERT_TRUE(r->k == 0 || r->orthogonality < 1000 * tc->eps);
    if (left < 0) {
      CU_ASSERT_EQUAL(r->reason, SPEIG_STOP_CANCELLED);
      CU_ASSERT_EQUAL(r->outcome, r->k > 0 ? SPEIG_PARTIAL : SPEIG_FAILED);
      partial += r->k > 0;
    } else {
      CU_ASSERT_EQUAL(r->outcome, SPEIG_CERTIFIED);
    }
    if (!isnan(r->proven[0])) {
      int64_t there = 0;
      for (int32_t i = 0; i < r->k; ++i)
        there += r->values[i] <= r->proven[1];
      CU_ASSERT_EQUAL(there, inside(m.n, m.spectrum, r->proven[0], r->proven[1]));
      proven += left < 0;
    }
    speig_eigsh_result_free(&r);
  }
  CU_ASSERT_TRUE(partial >= 3 && proven >= 2);
  model_drop(&m);
}
TEST_ALL_TYPES(stopped_runs_are_honest)

static void same_bits_for_any_threads(const test_case *tc)
{
  speig_eigsh_result *r[3] = { NULL, NULL, NULL };
  model m;
  if (!shift_have_factors())
    return;
  m = model_make(tc->dtype, 1, "laplacian2d", "nx", 14.0, NULL);
  for (int i = 0; i < 3; ++i) {
    speig_eigsh_opts o = in(tc, SPEIG_LANCZOS, 1.1, 2.6);
    o.threads = i == 0 ? 1 : i == 1 ? 2 : 7;
    CHECK_OK(speig_eigsh(m.op, NULL, &o, &r[i]));
  }
  CU_ASSERT_TRUE(same_answers(r[0], r[1]) && same_answers(r[0], r[2]));
  for (int i = 0; i < 3; ++i)
    speig_eigsh_result_free(&r[i]);
  model_drop(&m);
}
TEST_ALL_TYPES(same_bits_for_any_threads)

static void refused(const speig_operator *A, const speig_eigsh_opts *o, speig_status status,
                    const char *words)
{
  speig_eigsh_result *r = NULL;
  CU_ASSERT_EQUAL(speig_eigsh(A, NULL, o, &r), status);
  CU_ASSERT_TRUE(!r && strstr(speig_last_error(), words));
  speig_eigsh_result_free(&r);
}

static void refusals(void)
{
  const test_case tc = { "refusals", SPEIG_D, SPEIG_HOST, DBL_EPSILON };
  const double bad[][2] = { { 1, 0 }, { NAN, 1 }, { 0, NAN }, { INFINITY, INFINITY } };
  model m = model_make(SPEIG_D, 1, "laplacian2d", "nx", 40.0, NULL);
  speig_eigsh_opts o;
  for (int i = 0; i < 4; ++i) {
    o = in(&tc, SPEIG_METHOD_AUTO, bad[i][0], bad[i][1]);
    refused(m.op, &o, SPEIG_ERR_ARG, "interval");
  }
  o = in(&tc, SPEIG_METHOD_AUTO, 0, 1);
  o.has_sigma = 1;
  refused(m.op, &o, SPEIG_ERR_UNSUPPORTED, "does not go with an interval");
  o = in(&tc, SPEIG_LOBPCG, 0, 1);
  refused(m.op, &o, SPEIG_ERR_UNSUPPORTED, "does not go with an interval");
  o = in(&tc, SPEIG_METHOD_AUTO, 0, 1);
  o.ncv = 30;
  refused(m.op, &o, SPEIG_ERR_UNSUPPORTED, "does not go with an interval");
  if (shift_have_factors()) {
    o = in(&tc, SPEIG_LANCZOS, -1, 9);
    o.memory = 12 << 20; /* enough for factors, not for 1600 vectors */
    refused(m.op, &o, SPEIG_ERR_MEMORY, "the interval holds 1600 eigenvalues");
  }
  model_drop(&m);
}

int main(void)
{
  CU_pSuite suite;
  harness_start();
  suite = harness_suite("interval");
  ADD_ALL_CASES(suite, laplacians);
  ADD_ALL_CASES(suite, space);
  ADD_ALL_CASES(suite, hard_spectra);
  ADD_ALL_CASES(suite, multiple_off_the_diagonal);
  ADD_ALL_CASES(suite, scaled_matrices);
  ADD_ALL_CASES(suite, generalized);
  ADD_ALL_CASES(suite, edges);
  ADD_ALL_CASES(suite, stopped_runs_are_honest);
  ADD_ALL_CASES(suite, same_bits_for_any_threads);
  ADD_CASE(suite, refusals);
  return harness_finish("test_interval");
}
