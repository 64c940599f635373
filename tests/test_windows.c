/* test_windows.c: all eigenvalues in an interval by products alone: the filters, the right sets
 * with multiplicities from matrices and functions on every device, honest words where a run stops,
 * and nothing wrong called validated. */
#include "interval_kit.h"

#include "backend/operator.h"
#include "factor/factor.h"
#include "solvers/band.h"

#include <float.h>

/* ---- filters ---- */

static const double bands[][2] = { { -0.3, 0.1 }, { 0.4, 0.45 },   { -2, -0.7 },   { 0.93, 2 },
                                   { -2, 2 },     { 0.98, 0.985 }, { -0.01, 0.01 } };

/* As many as bar at the ends, more between them, less beyond, and little far away. */
static void filters_stand_out(void)
{
  for (size_t i = 0; i < sizeof bands / sizeof *bands; ++i) {
    const double from = bands[i][0], to = bands[i][1];
    band F = { 0 };
    int all = from < -1 && to > 1;
    double ends = INFINITY;
    CHECK_OK(band_design(-1, 1, from, to, &F));
    CU_ASSERT_EQUAL(F.degree, (int32_t)band_degree(-1, 1, from, to));
    for (int j = 0; j <= 4000; ++j) {
      double x = -1 + j / 2000.0, value = band_value(&F, x), width = acos(-1) / F.degree;
      CU_ASSERT_TRUE(value <= (all ? 1.5 : 1.2) && value > -1e-9);
      if (x >= from && x <= to)
        CU_ASSERT_TRUE(value >= F.bar * (1 - 1e-9));
      if (x < from || x > to)
        CU_ASSERT_TRUE(value < F.bar * (1 + 1e-9));
      if (!all && acos(x) > acos(fmax(-1, from)) + 5 * width)
        CU_ASSERT_TRUE(value < 1e-2);
    }
    if (from > -1)
      ends = fmin(ends, band_value(&F, from));
    if (to < 1)
      ends = fmin(ends, band_value(&F, to));
    if (from > -1 && to < 1) /* balanced */
      CU_ASSERT_DOUBLE_EQUAL(band_value(&F, from), band_value(&F, to), 1e-6);
    if (!all)
      CU_ASSERT_TRUE(ends == F.bar && F.bar > 0.3 && F.bar < 0.75);
    band_free(&F);
  }
}

/* p(A) x for a diagonal A is p(a_i) x_i, odd and even degrees, several columns. */
static void filters_are_applied(const test_case *tc)
{
  enum { N = 37, P = 3 };
  double d[N];
  speig_matrix *A;
  speig_operator *op = NULL;
  bound_operator *bound = NULL;
  backend *be = NULL;
  multivec X = { 0 }, Y = { 0 }, spare = { 0 };
  char *x = calloc(N * P, 16), *y = calloc(N * P, 16);
  for (int i = 0; i < N; ++i)
    d[i] = -2 + 0.2 * i;
  A = kit_diagonal(tc->dtype, N, d);
  CHECK_OK(speig_operator_from_matrix(A, &op));
  CHECK_OK(backend_open(tc->device, tc->dtype, 2, &be));
  CHECK_OK(operator_bind(be, op, 1, &bound));
  CHECK_OK(mv_alloc(be, N, P, "X", &X));
  CHECK_OK(mv_alloc(be, N, P, "Y", &Y));
  CHECK_OK(mv_alloc(be, N, P, "spare", &spare));
  CHECK_OK(mv_fill_random(5, &X));
  CHECK_OK(mv_download(&X, x, N));
  for (int odd = 0; odd < 2; ++odd) {
    band F = { 0 };
    int stopped;
    int64_t before = bound->products;
    CHECK_OK(band_design(-2.5, 6, 1, odd ? 1.8 : 1.9, &F));
    if (F.degree % 2 != odd) { /* both kinds, whatever the design */
      band_free(&F);
      CHECK_OK(band_design(-2.5, 6, 1, odd ? 1.85 : 1.95, &F));
    }
    CHECK_OK(band_apply(&F, bound, &X, &Y, &spare, NULL, NULL, &stopped));
    CU_ASSERT_TRUE(!stopped && bound->products - before == P * F.degree);
    CHECK_OK(mv_download(&Y, y, N));
    for (int i = 0; i < N * P; ++i) {
      double in[2], out[2], p = band_value(&F, d[i % N]);
      scalar_get(tc->dtype, x, i, in);
      scalar_get(tc->dtype, y, i, out);
      CU_ASSERT_DOUBLE_EQUAL(out[0], p * in[0], 200 * tc->eps);
      CU_ASSERT_DOUBLE_EQUAL(out[1], p * in[1], 200 * tc->eps);
    }
    band_free(&F);
  }
  mv_free(&X);
  mv_free(&Y);
  mv_free(&spare);
  operator_unbind(&bound);
  backend_close(&be);
  speig_operator_destroy(&op);
  speig_matrix_destroy(&A);
  free(x);
  free(y);
}
TEST_ALL_CASES(filters_are_applied)

/* ---- sets ---- */

static int multiply(void *user, const speig_block *X, speig_block *Y)
{
  const model *m = user;
  kit_scalar *x = calloc((size_t)m->n, sizeof *x), *y = calloc((size_t)m->n, sizeof *y);
  size_t size = speig_dtype_size(m->dtype);
  for (int64_t j = 0; j < X->cols; ++j) {
    for (int64_t i = 0; i < m->n; ++i)
      x[i] = kit_get(m->dtype, (char *)X->data + (size_t)(j * X->ld) * size, i);
    kit_product(m->A, m->n, x, y);
    for (int64_t i = 0; i < m->n; ++i)
      kit_put(m->dtype, (char *)Y->data + (size_t)(j * Y->ld) * size, i, y[i]);
  }
  free(x);
  free(y);
  return 0;
}

static int holds(const test_case *tc, const model *m, const speig_operator *op, double low,
                 double high, uint64_t seed, double tolerance)
{
  speig_eigsh_opts o = in(tc, SPEIG_FILTER, low, high);
  speig_eigsh_result *r = NULL;
  int right;
  o.seed = seed;
  CHECK_OK(speig_eigsh(op, NULL, &o, &r));
  right = is_right_as(SPEIG_VALIDATED, m->name, m->A, NULL, &o, r, (int)m->n, m->spectrum,
                      tolerance, 1000 * tc->eps);
  right = right && r->method == SPEIG_FILTER && r->factorizations == 0 && r->solves == 0;
  speig_eigsh_result_free(&r);
  return right;
}

static void expect(const test_case *tc, const model *m, double low, double high, double tolerance)
{
  CU_ASSERT_TRUE(holds(tc, m, m->op, low, high, 1, tolerance));
}

static void laplacians(const test_case *tc)
{
  double tol = 4000 * tc->eps;
  model m;
  if (harness_is_slow(tc)) {
    m = model_make(tc->dtype, 1, "laplacian2d", "nx", 5.0, NULL);
    expect(tc, &m, 3.9, 4.2, tol);
    model_drop(&m);
    return;
  }
  m = model_make(tc->dtype, 1, "laplacian2d", "nx", 12.0, NULL);
  expect(tc, &m, 3.9, 4.2, tol); /* 12 copies of 4 in it */
  expect(tc, &m, 9, 20, tol);
  expect(tc, &m, 0.55, 0.56, tol); /* a gap inside the spectrum */
  expect(tc, &m, -INFINITY, 1, tol);
  expect(tc, &m, 7, INFINITY, tol);
  expect(tc, &m, m.spectrum[5], m.spectrum[40], tol); /* double ones on both ends */
  if (tc->device == SPEIG_HOST) {
    expect(tc, &m, 1.1, 2.25, tol);
    expect(tc, &m, -3, -1, tol);
    expect(tc, &m, 4, 4, tol);
    expect(tc, &m, -INFINITY, INFINITY, tol);
  }
  model_drop(&m);
}
TEST_ALL_CASES(laplacians)

static void functions(const test_case *tc)
{
  model m = model_make(tc->dtype, 1, "laplacian2d", "nx", harness_is_slow(tc) ? 5.0 : 9.0, NULL);
  speig_operator *op = NULL;
  CHECK_OK(speig_operator_create(tc->dtype, m.n, multiply, &m, &op));
  CU_ASSERT_TRUE(holds(tc, &m, op, 2.2, 3.1, 1, 4000 * tc->eps));
  speig_operator_destroy(&op);
  model_drop(&m);
}
TEST_ALL_CASES(functions)

/* Thirty equal ones, beyond the width of any block at first; twelve within 1e-12; both ends of a
 * spectrum that is symmetric about the middle of the interval, so that p mixes pairs of them. */
static void hard_spectra(const test_case *tc)
{
  double w[160], scale = tc->eps / DBL_EPSILON;
  int at = 0;
  model m;
  for (; at < 30; ++at)
    w[at] = 2;
  for (; at < 42; ++at)
    w[at] = 3 + (at - 30) * 1e-13 * scale;
  for (; at < 102; ++at)
    w[at] = 10 + 0.5 * (at - 42);
  for (; at < 160; ++at)
    w[at] = -w[at - 58];
  qsort(w, 160, sizeof *w, shift_ascending);
  m = model_wrap(kit_diagonal(tc->dtype, 160, w), "hard", w);
  for (uint64_t seed = 1; seed <= 2; ++seed) {
    CU_ASSERT_TRUE(holds(tc, &m, m.op, 1.5, 2.5, seed, 1e-9 * scale));
    CU_ASSERT_TRUE(holds(tc, &m, m.op, 1.5, 3.5, seed, 1e-9 * scale));
    CU_ASSERT_TRUE(holds(tc, &m, m.op, -12.7, 12.7, seed, 1e-9 * scale));
  }
  model_drop(&m);
}
TEST_ALL_TYPES(hard_spectra)

static void edges(const test_case *tc)
{
  const double zero[9] = { 0 }, some[3] = { -1, 2, 2 };
  model m = model_wrap(kit_diagonal(tc->dtype, 9, zero), "zero", zero);
  expect(tc, &m, -1, 1, 1e-20);
  expect(tc, &m, 0, 0, 1e-20);
  expect(tc, &m, 1, 2, 1e-20);
  model_drop(&m);
  m = model_wrap(kit_diagonal(tc->dtype, 1, some), "one", some);
  expect(tc, &m, -2, 43, 1e-3);
  expect(tc, &m, 43, 44, 1e-3);
  model_drop(&m);
  m = model_wrap(kit_diagonal(tc->dtype, 3, some), "three", some);
  expect(tc, &m, 1, 3, 1e-3);
  expect(tc, &m, -INFINITY, INFINITY, 1e-3);
  model_drop(&m);
}
TEST_ALL_CASES(edges)

static void scaled_matrices(const test_case *tc)
{
  const double factors[] = { 1e200, 1e-200, 1e30, 1e-30 };
  for (int i = tc->eps > 1e-10 ? 2 : 0; i < 4; ++i) {
    model m = model_make(tc->dtype, factors[i], "laplacian2d", "nx", 9.0, "ny", 7.0, NULL);
    speig_eigsh_opts o = in(tc, SPEIG_FILTER, 0.5 * factors[i], 2.25 * factors[i]);
    speig_eigsh_result *r = NULL;
    CHECK_OK(speig_eigsh(m.op, NULL, &o, &r));
    CU_ASSERT_TRUE(is_right_as(SPEIG_VALIDATED, m.name, NULL, NULL, &o, r, (int)m.n, m.spectrum,
                               4000 * tc->eps * factors[i], 1));
    CU_ASSERT_TRUE(r->orthogonality < 1000 * tc->eps);
    speig_eigsh_result_free(&r);
    model_drop(&m);
  }
}
TEST_ALL_TYPES(scaled_matrices)

/* ---- honesty ---- */

static int stop_after(void *user, const speig_progress *progress)
{
  int *left = user;
  CU_ASSERT_TRUE(progress->converged <= progress->wanted);
  return --*left < 0;
}

/* Stopped by products or by the caller: what was found stays and is right, nothing is validated. */
static void stopped_runs_are_honest(const test_case *tc)
{
  model m = model_make(tc->dtype, 1, "laplacian2d", "nx", 13.0, NULL);
  int partial = 0;
  for (int i = 0; i < 10; ++i) {
    int left = i / 2;
    speig_eigsh_opts o = in(tc, SPEIG_FILTER, 1.1, 4.6);
    speig_eigsh_result *r = NULL;
    if (i % 2) {
      o.progress = stop_after;
      o.progress_user = &left;
    } else {
      o.max_matvecs = 500 + 1700 * i;
    }
    CHECK_OK(speig_eigsh(m.op, NULL, &o, &r));
    CU_ASSERT_TRUE(all_known(r, (int)m.n, m.spectrum, 4000 * tc->eps));
    CU_ASSERT_TRUE(r->k == 0 || r->orthogonality < 1000 * tc->eps);
    if (r->reason == SPEIG_STOP_CONVERGED) {
      CU_ASSERT_EQUAL(r->outcome, SPEIG_VALIDATED);
      CU_ASSERT_EQUAL(r->k, inside(m.n, m.spectrum, 1.1, 4.6));
    } else {
      CU_ASSERT_EQUAL(r->reason, i % 2 ? SPEIG_STOP_CANCELLED : SPEIG_STOP_MAX_MATVECS);
      CU_ASSERT_EQUAL(r->outcome, r->k > 0 ? SPEIG_PARTIAL : SPEIG_FAILED);
      CU_ASSERT_TRUE(r->k == 0 ? r->wanted == 0 : r->wanted > r->k);
      partial += r->k > 0;
    }
    speig_eigsh_result_free(&r);
  }
  CU_ASSERT_TRUE(partial >= 2);
  model_drop(&m);
}
TEST_ALL_TYPES(stopped_runs_are_honest)

/* Without probes copies are missed, and nobody says that they were not. */
static void unprobed_sets_are_not_validated(const test_case *tc)
{
  double w[200];
  model m;
  speig_eigsh_opts o = in(tc, SPEIG_FILTER, 0.5, 1.5);
  speig_eigsh_result *r = NULL;
  for (int i = 0; i < 200; ++i)
    w[i] = i < 24 ? 1 : 2 + i;
  m = model_wrap(kit_diagonal(tc->dtype, 200, w), "copies", w);
  o.certify = SPEIG_CERTIFY_NEVER;
  CHECK_OK(speig_eigsh(m.op, NULL, &o, &r));
  CU_ASSERT_TRUE(r->k <= 24 && r->outcome == SPEIG_CONVERGED);
  CU_ASSERT_TRUE(r->estimate > 18 && r->estimate < 30); /* which tells the caller */
  speig_eigsh_result_free(&r);
  o.certify = SPEIG_CERTIFY_ALWAYS;
  CHECK_OK(speig_eigsh(m.op, NULL, &o, &r));
  CU_ASSERT_TRUE(r->k == 24 && r->outcome == SPEIG_VALIDATED);
  CU_ASSERT_TRUE(fabs(r->estimate - 24) <= 2 * r->estimate_error);
  speig_eigsh_result_free(&r);
  model_drop(&m);
}
TEST_ALL_TYPES(unprobed_sets_are_not_validated)

static void same_bits_for_any_threads(const test_case *tc)
{
  speig_eigsh_result *r[3] = { NULL, NULL, NULL };
  model m = model_make(tc->dtype, 1, "laplacian2d", "nx", 14.0, NULL);
  for (int i = 0; i < 3; ++i) {
    speig_eigsh_opts o = in(tc, SPEIG_FILTER, 1.1, 1.9);
    o.device = SPEIG_HOST;
    o.threads = i == 0 ? 1 : i == 1 ? 2 : 7;
    CHECK_OK(speig_eigsh(m.op, NULL, &o, &r[i]));
  }
  CU_ASSERT_TRUE(r[0]->k > 10 && same_answers(r[0], r[1]) && same_answers(r[0], r[2]));
  for (int i = 0; i < 3; ++i)
    speig_eigsh_result_free(&r[i]);
  model_drop(&m);
}
TEST_ALL_TYPES(same_bits_for_any_threads)

/* ---- who takes it ---- */

static int spread(void *user, const speig_block *X, speig_block *Y)
{
  int64_t n = *(const int64_t *)user;
  for (int64_t j = 0; j < X->cols; ++j)
    for (int64_t i = 0; i < n; ++i)
      ((double *)Y->data)[i + j * Y->ld] =
          (double)i / (double)n * ((const double *)X->data)[i + j * X->ld];
  return 0;
}

/* A function of an order beyond LAPACK; factors beyond the budget. */
static void auto_takes_it(void)
{
  int64_t n = 6100;
  speig_operator *op = NULL;
  speig_eigsh_opts o = SPEIG_EIGSH_OPTS_INIT;
  speig_eigsh_plan plan;
  speig_eigsh_result *r = NULL;
  model m;
  CHECK_OK(speig_operator_create(SPEIG_D, n, spread, &n, &op));
  o.has_interval = 1;
  o.interval[0] = 0.9901;
  o.interval[1] = INFINITY;
  o.values_only = 1;
  CHECK_OK(speig_eigsh(op, NULL, &o, &r));
  CU_ASSERT_EQUAL(r->method, SPEIG_FILTER);
  CU_ASSERT_TRUE(r->outcome == SPEIG_VALIDATED && r->k == 60);
  for (int32_t i = 0; i < r->k; ++i)
    CU_ASSERT_DOUBLE_EQUAL(r->values[i], (double)(n - r->k + i) / (double)n, 1e-12);
  speig_eigsh_result_free(&r);
  speig_operator_destroy(&op);
  if (!shift_have_factors())
    return;
  m = model_make(SPEIG_D, 1, "laplacian3d", "nx", 20.0, NULL);
  o.interval[0] = -INFINITY;
  o.interval[1] = 0.2;
  CHECK_OK(speig_eigsh_make_plan(m.op, NULL, &o, &plan));
  CU_ASSERT_EQUAL(plan.method, SPEIG_LANCZOS);
  o.memory = 20 << 20; /* the factors take more */
  CHECK_OK(speig_eigsh_make_plan(m.op, NULL, &o, &plan));
  CU_ASSERT_TRUE(plan.method == SPEIG_FILTER && strstr(plan.why, "budget"));
  CHECK_OK(speig_eigsh(m.op, NULL, &o, &r));
  CU_ASSERT_TRUE(r->method == SPEIG_FILTER && r->outcome == SPEIG_VALIDATED);
  CU_ASSERT_EQUAL(r->k, inside(m.n, m.spectrum, -INFINITY, 0.2));
  CU_ASSERT_TRUE(r->memory_bytes <= o.memory);
  speig_eigsh_result_free(&r);
  model_drop(&m);
}

static void refused(const speig_operator *A, const speig_operator *B, const speig_eigsh_opts *o,
                    const char *words)
{
  speig_eigsh_result *r = NULL;
  CU_ASSERT_EQUAL(speig_eigsh(A, B, o, &r), SPEIG_ERR_UNSUPPORTED);
  CU_ASSERT_TRUE(!r && strstr(speig_last_error(), words));
  speig_eigsh_result_free(&r);
}

static void refusals(void)
{
  const test_case tc = { "refusals", SPEIG_D, SPEIG_HOST, DBL_EPSILON };
  int64_t n = 40;
  speig_operator *op = NULL;
  model m = model_make(SPEIG_D, 1, "laplacian2d", "nx", 5.0, NULL);
  speig_eigsh_opts o = in(&tc, SPEIG_FILTER, 0, 1);
  refused(m.op, m.op, &o, "there is a B");
  o.has_interval = 0;
  refused(m.op, NULL, &o, "none was given");
  CHECK_OK(speig_operator_create(SPEIG_D, n, spread, &n, &op));
  o = in(&tc, SPEIG_LANCZOS, 0, 1);
  refused(op, NULL, &o, "method filter needs none");
  o.method = SPEIG_METHOD_AUTO;
  {
    speig_eigsh_result *r = NULL;
    CHECK_OK(speig_eigsh(op, NULL, &o, &r)); /* small: LAPACK */
    CU_ASSERT_TRUE(r->k == 40 && r->method == SPEIG_DENSE && isnan(r->estimate));
    speig_eigsh_result_free(&r);
  }
  speig_operator_destroy(&op);
  model_drop(&m);
}

int main(void)
{
  CU_pSuite suite;
  harness_start();
  suite = harness_suite("windows");
  ADD_CASE(suite, filters_stand_out);
  ADD_ALL_CASES(suite, filters_are_applied);
  ADD_ALL_CASES(suite, laplacians);
  ADD_ALL_CASES(suite, functions);
  ADD_ALL_CASES(suite, hard_spectra);
  ADD_ALL_CASES(suite, edges);
  ADD_ALL_CASES(suite, scaled_matrices);
  ADD_ALL_CASES(suite, stopped_runs_are_honest);
  ADD_ALL_CASES(suite, unprobed_sets_are_not_validated);
  ADD_ALL_CASES(suite, same_bits_for_any_threads);
  ADD_CASE(suite, auto_takes_it);
  ADD_CASE(suite, refusals);
  return harness_finish("test_windows");
}
