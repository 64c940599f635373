/* test_dos.c: the density of states against spectra that are known: moments by formula, counts
 * within their error bars, on every type and device. */
#include "solve_kit.h"

#include "speig/dos.h"
#include "speig/matrix_market.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static const double pi = 3.14159265358979323846;

static speig_dos_opts options(const test_case *tc, int32_t degree, int32_t vectors)
{
  speig_dos_opts opts = SPEIG_DOS_OPTS_INIT;
  opts.device = tc->device;
  opts.degree = degree;
  opts.vectors = vectors;
  opts.points = 64;
  opts.threads = 2;
  return opts;
}

/* (1/n) sum_i T_m(x_i), by the cosine. */
static double exact_moment(const model *m, const speig_dos_result *r, int32_t degree)
{
  double sum = 0;
  for (int64_t i = 0; i < m->n; ++i) {
    double x = (2 * m->spectrum[i] - r->high - r->low) / (r->high - r->low);
    sum += cos(degree * acos(x));
  }
  return sum / (double)m->n;
}

/* The average over eigenvalues of Jackson's kernel around each, folded with a step at energy e:
 * what `below` should be were the trace exact. Computed from the moments of the exact spectrum by
 * plain cosines, no recurrence. */
static double exact_below(const model *m, const speig_dos_result *r, double e)
{
  const int32_t M = r->degree;
  const double phi = acos((2 * e - r->high - r->low) / (r->high - r->low));
  double sum = 1 - phi / pi;
  for (int32_t j = 1; j <= M; ++j) {
    double N = M + 2, g = ((N - j) * cos(pi * j / N) + sin(pi * j / N) / tan(pi / N)) / N;
    sum -= 2 / pi * g * exact_moment(m, r, j) * sin(j * phi) / j;
  }
  return sum * (double)m->n;
}

/* Within six standard errors, which are themselves known to some thirty percent. */
static int near(double found, double wanted, double error, double rounding)
{
  if (fabs(found - wanted) <= 8 * error + rounding)
    return 1;
  fprintf(stderr, "  found %.6g, needed %.6g within 8 x %.2g\n", found, wanted, error);
  return 0;
}

static void counts_follow_the_spectrum(const test_case *tc)
{
  model m = model_make(tc->dtype, 1, "laplacian2d", "nx", 19.0, "ny", 17.0, NULL);
  speig_dos_opts opts = options(tc, 60, 24);
  speig_dos_result *r = NULL;
  double integral = 0, largest = 0;
  CHECK_OK(speig_dos(m.op, &opts, &r));
  CU_ASSERT_EQUAL(r->n, m.n);
  CU_ASSERT_EQUAL(r->vectors, 24);
  CU_ASSERT_EQUAL(r->points, 64);
  CU_ASSERT_TRUE(r->low < m.spectrum[0] && r->high > m.spectrum[m.n - 1]);
  CU_ASSERT_TRUE(r->high - r->low < 1.2 * (m.spectrum[m.n - 1] - m.spectrum[0]));
  CU_ASSERT_DOUBLE_EQUAL(r->moments[0], 1, 10 * tc->eps);
  /* The standard error of a moment is at most that of a trace over n components. */
  for (int32_t j = 1; j <= r->degree; j += 7)
    CU_ASSERT_TRUE(near(r->moments[j], exact_moment(&m, r, j), sqrt(2.0 / (24.0 * (double)m.n)),
                        1e3 * tc->eps));
  for (int32_t i = 0; i < r->points; ++i) {
    CU_ASSERT_TRUE(near(r->below[i], exact_below(&m, r, r->energies[i]), r->below_errors[i],
                        1e4 * tc->eps * (double)m.n));
    CU_ASSERT_TRUE(r->density[i] > -1e-3 * (double)m.n);
    CU_ASSERT_TRUE(r->density_errors[i] >= 0 && r->below_errors[i] >= 0);
    integral += r->density[i] * (r->high - r->low) / r->points;
    largest = fmax(largest, r->below_errors[i]);
  }
  CU_ASSERT_TRUE(fabs(integral - (double)m.n) < 0.03 * (double)m.n);
  CU_ASSERT_TRUE(largest < 0.05 * (double)m.n);
  CU_ASSERT_TRUE(r->matvecs >= 24 * 30 && r->matvecs <= 24 * 30 + 41);
  speig_dos_result_free(&r);
  model_drop(&m);
}
TEST_ALL_CASES(counts_follow_the_spectrum)

/* 300 ones and a single -5: no vector weighs the outlier with more than 1/300, and it must be
 * inside the interval all the same. */
static void an_outlier_is_inside(const test_case *tc)
{
  enum { N = 301 };
  double *spectrum = calloc(N, sizeof *spectrum);
  int32_t *index = calloc(N, sizeof *index);
  char *values = calloc(N, 16);
  speig_coo *coo = NULL;
  speig_matrix *A = NULL;
  speig_dos_opts opts = options(tc, 40, 16);
  speig_dos_result *r = NULL;
  model m;
  for (int32_t i = 0; i < N; ++i) {
    spectrum[i] = i == 0 ? -5 : 1;
    index[i] = i;
    scalar_put(tc->dtype, values, i, spectrum[i], 0);
  }
  CHECK_OK(
      speig_coo_create(tc->dtype, N, N, N, index, index, values, SPEIG_GENERAL, SPEIG_COPY, &coo));
  CHECK_OK(speig_matrix_from_coo(coo, &A));
  m = model_wrap(A, "outlier", spectrum);
  CHECK_OK(speig_dos(m.op, &opts, &r));
  CU_ASSERT_TRUE(r->low < -5 && r->high > 1 && r->low > -6 && r->high < 2);
  for (int32_t i = 0; i < r->points; ++i)
    CU_ASSERT_TRUE(near(r->below[i], exact_below(&m, r, r->energies[i]), r->below_errors[i],
                        1e4 * tc->eps * N));
  speig_dos_result_free(&r);
  model_drop(&m);
  speig_coo_destroy(&coo);
  free(spectrum);
  free(index);
  free(values);
}
TEST_ALL_CASES(an_outlier_is_inside)

static int twice(void *user, const speig_block *X, speig_block *Y)
{
  (void)user;
  for (int64_t j = 0; j < X->cols; ++j)
    for (int64_t i = 0; i < X->rows; ++i) {
      double value[2];
      scalar_get(X->dtype, X->data, i + j * X->ld, value);
      scalar_put(Y->dtype, Y->data, i + j * Y->ld, 2 * value[0], 2 * value[1]);
    }
  return 0;
}

/* One eigenvalue alone, of a callback, and of order 1. */
static void a_multiple_of_the_identity(const test_case *tc)
{
  for (int64_t n = 1; n <= 50; n += 49) {
    speig_operator *op = NULL;
    speig_dos_opts opts = options(tc, 32, 2);
    speig_dos_result *r = NULL;
    CHECK_OK(speig_operator_create(tc->dtype, n, twice, NULL, &op));
    CHECK_OK(speig_dos(op, &opts, &r));
    CU_ASSERT_TRUE(r->low < 2 && r->high > 2 && r->high - r->low < 1);
    CU_ASSERT_DOUBLE_EQUAL(r->below[r->points - 1], (double)n, 1e-3 * (double)n);
    CU_ASSERT_DOUBLE_EQUAL(r->below[0], 0, 1e-3 * (double)n);
    CU_ASSERT_DOUBLE_EQUAL(r->below[r->points / 2 - 1] + r->below[r->points / 2], (double)n,
                           2e-3 * (double)n);
    speig_dos_result_free(&r);
    speig_operator_destroy(&op);
  }
}
TEST_ALL_CASES(a_multiple_of_the_identity)

/* Same bits for any number of threads, other numbers for another seed. */
static void threads_change_no_bit(const test_case *tc)
{
  model m = model_make(tc->dtype, 1, "laplacian1d", "n", 3000.0, NULL);
  speig_dos_opts opts = options(tc, 20, 9);
  speig_dos_result *r[3] = { NULL };
  for (int i = 0; i < 3; ++i) {
    opts.threads = i == 0 ? 1 : 3;
    opts.seed = i == 2 ? 5 : 1;
    CHECK_OK(speig_dos(m.op, &opts, &r[i]));
  }
  int same = r[0]->low == r[1]->low, differs = 0;
  for (int32_t j = 0; j <= 20; ++j) {
    same &= r[0]->moments[j] == r[1]->moments[j];
    differs |= r[0]->moments[j] != r[2]->moments[j];
  }
  CU_ASSERT_TRUE(same);
  CU_ASSERT_TRUE(differs);
  for (int i = 0; i < 3; ++i)
    speig_dos_result_free(&r[i]);
  model_drop(&m);
}
TEST_ALL_CASES(threads_change_no_bit)

/* Entries near the end of the range: energies come back in the caller's units. */
static void huge_entries(const test_case *tc)
{
  const double factor = tc->eps > 1e-10 ? 1e36 : 1e300;
  model m = model_make(tc->dtype, factor, "laplacian1d", "n", 200.0, NULL);
  speig_dos_opts opts = options(tc, 40, 8);
  speig_dos_result *r = NULL;
  CHECK_OK(speig_dos(m.op, &opts, &r));
  CU_ASSERT_TRUE(r->low < m.spectrum[0] && r->high > m.spectrum[199]);
  CU_ASSERT_TRUE(r->high < 4.4 * factor && r->low > -0.4 * factor);
  CU_ASSERT_TRUE(near(r->below[32], exact_below(&m, r, r->energies[32]), r->below_errors[32], 0.1));
  speig_dos_result_free(&r);
  model_drop(&m);
}
TEST_ALL_CASES(huge_entries)

static int stop_after(void *user, const speig_progress *progress)
{
  CU_ASSERT_STRING_EQUAL(progress->method, "dos");
  return progress->converged >= *(const int32_t *)user;
}

static void stopping(const test_case *tc)
{
  model m = model_make(tc->dtype, 1, "laplacian1d", "n", 100.0, NULL);
  speig_dos_opts opts = options(tc, 10, 32);
  speig_dos_result *r = NULL;
  int32_t enough = 9;
  opts.progress = stop_after;
  opts.progress_user = &enough;
  CHECK_OK(speig_dos(m.op, &opts, &r));
  CU_ASSERT_TRUE(r->vectors >= 9 && r->vectors < 32);
  speig_dos_result_free(&r);
  enough = 0;
  CU_ASSERT_EQUAL(speig_dos(m.op, &opts, &r), SPEIG_ERR_CALLBACK);
  CU_ASSERT_PTR_NULL(r);
  opts.progress = NULL;
  opts.time_limit = 1e-9;
  CHECK_OK(speig_dos(m.op, &opts, &r)); /* the first vectors are finished */
  CU_ASSERT_TRUE(r->vectors >= 1 && r->vectors < 32);
  speig_dos_result_free(&r);
  model_drop(&m);
}
TEST_ALL_CASES(stopping)

static void what_is_refused(void)
{
  const test_case tc = { "refused", SPEIG_D, SPEIG_HOST, EPS_d };
  model m = model_make(SPEIG_D, 1, "laplacian1d", "n", 10.0, NULL);
  speig_matrix *wind = NULL;
  speig_operator *op = NULL;
  speig_dos_opts opts = options(&tc, 10, 2);
  speig_dos_result *r = NULL;
  CU_ASSERT_EQUAL(speig_dos(NULL, &opts, &r), SPEIG_ERR_ARG);
  CU_ASSERT_EQUAL(speig_dos(m.op, &opts, NULL), SPEIG_ERR_ARG);
  opts.degree = -1;
  CU_ASSERT_EQUAL(speig_dos(m.op, &opts, &r), SPEIG_ERR_ARG);
  opts = options(&tc, 10, -2);
  CU_ASSERT_EQUAL(speig_dos(m.op, &opts, &r), SPEIG_ERR_ARG);
  opts = options(&tc, 10, 2);
  opts.size = 3;
  CU_ASSERT_EQUAL(speig_dos(m.op, &opts, &r), SPEIG_ERR_ARG);
  opts = options(&tc, 2000, 2);
  opts.memory = 100;
  CU_ASSERT_EQUAL(speig_dos(m.op, &opts, &r), SPEIG_ERR_MEMORY);
  opts = options(&tc, 10, 2);
  CHECK_OK(speig_mm_read(SPEIG_TEST_DATA "/wind.mtx", 1, NULL, &wind));
  CHECK_OK(speig_operator_from_matrix(wind, &op));
  CU_ASSERT_EQUAL(speig_dos(op, &opts, &r), SPEIG_ERR_ARG);
  CU_ASSERT_PTR_NULL(r);
  CHECK_OK(speig_dos(m.op, NULL, &r)); /* all defaults */
  CU_ASSERT_EQUAL(r->degree, 256);
  CU_ASSERT_EQUAL(r->points, 512);
  speig_dos_result_free(&r);
  speig_operator_destroy(&op);
  speig_matrix_destroy(&wind);
  model_drop(&m);
}

int main(void)
{
  CU_pSuite suite;
  harness_start();
  suite = harness_suite("density of states");
  ADD_ALL_CASES(suite, counts_follow_the_spectrum);
  ADD_ALL_CASES(suite, an_outlier_is_inside);
  ADD_ALL_CASES(suite, a_multiple_of_the_identity);
  ADD_ALL_CASES(suite, threads_change_no_bit);
  ADD_ALL_CASES(suite, huge_entries);
  ADD_ALL_CASES(suite, stopping);
  ADD_CASE(suite, what_is_refused);
  return harness_finish("dos");
}
