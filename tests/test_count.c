/* test_count.c: speig_count against known spectra and LAPACK: exact numbers with multiplicities,
 * and a range wherever an end cannot be told from eigenvalues. */
#include "shift_kit.h"
#include "solve_kit.h"

#include "factor/factor.h"
#include "speig/count.h"

#include <float.h>

static speig_count_opts between(double low, double high)
{
  speig_count_opts o = SPEIG_COUNT_OPTS_INIT;
  o.low = low;
  o.high = high;
  return o;
}

static speig_count_result count(const speig_operator *A, const speig_operator *B, double low,
                                double high)
{
  speig_count_opts o = between(low, high);
  speig_count_result r;
  CHECK_OK(speig_count(A, B, &o, &r));
  return r;
}

static int64_t inside(int64_t n, const double *w, double low, double high)
{
  int64_t number = 0;
  for (int64_t i = 0; i < n; ++i)
    number += w[i] >= low && w[i] <= high;
  return number;
}

/* tolerance: eigenvalues nearer to an end than that need not be told from it. */
static void holds(const char *what, const speig_count_result *r, int64_t n, const double *w,
                  double tolerance)
{
  double low = r->low.asked, high = r->high.asked;
  int64_t least = inside(n, w, low + tolerance, high - tolerance);
  int64_t most = inside(n, w, low - tolerance, high + tolerance);
  int right = r->known && r->exact == (r->count == r->least) && r->least <= r->count;
  right = right && r->count >= least && r->least <= most;
  if (r->exact)
    right = right && r->count <= most;
  if (least == most) /* nothing is near an end: no excuse */
    right = right && r->exact && r->count == least;
  /* the moved ends hold what is said */
  if (r->low.proven && r->high.proven && !isinf(low) && !isinf(high) && !r->exact)
    right = right && r->low.used <= low && r->high.used >= high &&
            r->count <= inside(n, w, r->low.used - tolerance, r->high.used + tolerance);
  if (!right)
    fprintf(stderr, "  %s: [%.17g, %.17g]: %lld to %lld (exact %d), needed %lld to %lld\n", what,
            low, high, (long long)r->least, (long long)r->count, r->exact, (long long)least,
            (long long)most);
  CU_ASSERT_TRUE(right);
}

static void expect(const model *m, double low, double high, double tolerance)
{
  speig_count_result r = count(m->op, NULL, low, high);
  holds(m->name, &r, m->n, m->spectrum, tolerance);
}

static void laplacians(const test_case *tc)
{
  if (!shift_have_factors())
    return;
  for (int dim = 1; dim <= 3; ++dim) {
    static const char *const names[] = { "laplacian1d", "laplacian2d", "laplacian3d" };
    model m = dim == 1
                  ? model_make(tc->dtype, 1, names[0], "n", 150.0, NULL)
                  : model_make(tc->dtype, 1, names[dim - 1], "nx", dim == 2 ? 12.0 : 6.0, NULL);
    double tol = 4000 * tc->eps;
    expect(&m, 0.5, 2.25, tol);
    expect(&m, -INFINITY, 3.1, tol);
    expect(&m, 3.1, INFINITY, tol);
    expect(&m, -INFINITY, INFINITY, tol);
    expect(&m, -3, -1, tol);
    expect(&m, 13, 20, tol);
    expect(&m, 2.0 * dim, 2.0 * dim,
           tol); /* in the middle, up to 12 equal ones in two dimensions */
    expect(&m, 2.0 * dim, 100, tol);
    for (int64_t i = 3; i < m.n; i += m.n / 5) /* at eigenvalues */
      expect(&m, m.spectrum[i], m.spectrum[m.n - 1], tol);
    model_drop(&m);
  }
}
TEST_ALL_TYPES(laplacians)

/* A double eigenvalue on a low end, exactly: the range is as wide as that, and the moved interval
 * holds both. */
static void doubtful_ends_are_named(const test_case *tc)
{
  const int32_t user[2] = { 7, tc->dtype == SPEIG_C || tc->dtype == SPEIG_Z };
  double w[SHIFT_N];
  speig_matrix *A;
  speig_operator *op = NULL;
  speig_count_result r;
  if (!shift_have_factors())
    return;
  A = kit_matrix(tc->dtype, SHIFT_N, shift_multiple_entry, SHIFT_N, user);
  for (int i = 0; i < SHIFT_N; ++i)
    w[i] = 1 + i / 7;
  CHECK_OK(speig_operator_from_matrix(A, &op));
  r = count(op, NULL, 3, 5.5);
  holds("seven on the low end", &r, SHIFT_N, w, 1e4 * tc->eps);
  CU_ASSERT_EQUAL(r.exact, 0);
  CU_ASSERT_EQUAL(r.count, 21);
  CU_ASSERT_EQUAL(r.least, 14);
  CU_ASSERT_EQUAL(r.low.doubtful, 7);
  CU_ASSERT_EQUAL(r.high.doubtful, 0);
  CU_ASSERT_TRUE(r.low.proven && r.low.used < 3 && r.low.used > 3 - 1e6 * tc->eps);
  r = count(op, NULL, 3, 3);
  CU_ASSERT_EQUAL(r.count, 7);
  CU_ASSERT_EQUAL(r.least, 0);
  r = count(op, NULL, 2.5, 3.5);
  CU_ASSERT_TRUE(r.exact && r.count == 7);
  speig_operator_destroy(&op);
  speig_matrix_destroy(&A);
}
TEST_ALL_TYPES(doubtful_ends_are_named)

/* Twelve within 1e-12 of 1 among others, thirty equal ones, and sixteen decades. */
static void hard_spectra(const test_case *tc)
{
  double w[120], scale = tc->eps / DBL_EPSILON;
  speig_matrix *A;
  model m;
  int at = 0;
  if (!shift_have_factors())
    return;
  for (; at < 12; ++at)
    w[at] = 1 + at * 1e-13 * scale;
  for (; at < 42; ++at)
    w[at] = 2;
  for (; at < 70; ++at)
    w[at] = 3 + at;
  for (int i = 0; at < 120; ++at, ++i)
    w[at] = -pow(10, -16.0 + i / 4.0) * 1e-3;
  A = kit_diagonal(tc->dtype, 120, w);
  qsort(w, 120, sizeof *w, shift_ascending);
  m = model_wrap(A, "hard", w);
  expect(&m, 0.5, 1.5, 1e-9 * scale);
  expect(&m, 1 - 1e-11 * scale, 2.5, 1e-11 * scale);
  expect(&m, 1 + 5e-13 * scale, 1.5, 1e-11 * scale); /* through the cluster */
  expect(&m, 2, 2, 1e-11 * scale);
  expect(&m, 1, 2, 1e-11 * scale);
  expect(&m, -INFINITY, -1e-9 * (scale > 1 ? 1e3 : 1), 1e-12 * scale);
  model_drop(&m);
}
TEST_ALL_TYPES(hard_spectra)

static void scaled_matrices(const test_case *tc)
{
  double factors[] = { 1e200, 1e-200, 1e30, 1e-30 };
  if (!shift_have_factors())
    return;
  for (int i = tc->eps > 1e-10 ? 2 : 0; i < 4; ++i) {
    model m = model_make(tc->dtype, factors[i], "laplacian2d", "nx", 9.0, "ny", 7.0, NULL);
    expect(&m, 0.5 * factors[i], 2.25 * factors[i], 4000 * tc->eps * factors[i]);
    expect(&m, -INFINITY, 3.1 * factors[i], 4000 * tc->eps * factors[i]);
    expect(&m, -1, 1, 0);
    model_drop(&m);
  }
}
TEST_ALL_TYPES(scaled_matrices)

static void generalized(const test_case *tc)
{
  double w[SHIFT_N], tol = 1e4 * tc->eps;
  speig_matrix *A, *B;
  speig_operator *a = NULL, *b = NULL;
  int found;
  speig_count_result r;
  if (!shift_have_factors())
    return;
  A = kit_matrix(tc->dtype, SHIFT_N, shift_grid_entry, SHIFT_SIDE, shift_indefinite);
  B = kit_matrix(tc->dtype, SHIFT_N, shift_mass_entry, 1, NULL);
  CHECK_OK(speig_operator_from_matrix(A, &a));
  CHECK_OK(speig_operator_from_matrix(B, &b));
  found = shift_reference(A, B, 0, w);
  for (int i = 0; i < 4; ++i) {
    static const double ends[][2] = {
      { -1, 1 }, { -INFINITY, 0.4 }, { 0.4, INFINITY }, { 90, 91 }
    };
    r = count(a, b, ends[i][0], ends[i][1]);
    holds("generalized", &r, found, w, tol);
  }
  r = count(a, b, w[40], w[90]);
  holds("generalized, on eigenvalues", &r, found, w, tol);
  speig_operator_destroy(&b);
  speig_matrix_destroy(&B);

  /* singular: infinite eigenvalues do not count; A is indefinite, so no point has nothing below */
  B = kit_matrix(tc->dtype, SHIFT_N, shift_singular_mass_entry, 1, NULL);
  CHECK_OK(speig_operator_from_matrix(B, &b));
  {
    speig_count_opts o = between(-INFINITY, 1);
    speig_status st = speig_count(a, b, &o, &r);
    CU_ASSERT_TRUE(st == SPEIG_ERR_UNSUPPORTED && strstr(speig_last_error(), "finite ends"));
  }
  speig_operator_destroy(&a);
  speig_matrix_destroy(&A);
  A = kit_matrix(tc->dtype, SHIFT_N, shift_grid_entry, SHIFT_SIDE, shift_definite);
  CHECK_OK(speig_operator_from_matrix(A, &a));
  found = shift_reference(A, B, 1, w);
  r = count(a, b, -INFINITY, 6);
  holds("singular B, definite A", &r, found, w, 100 * tol);
  speig_operator_destroy(&a);
  { /* all of them lower by 4 */
    const double by[2] = { 4, 0 };
    speig_matrix *lower = NULL;
    CHECK_OK(factor_pencil(A, B, by, tc->dtype, &lower));
    CHECK_OK(speig_operator_from_matrix(lower, &a));
    for (int i = 0; i < found; ++i)
      w[i] -= 4;
    r = count(a, b, -0.5, 3);
    holds("singular B, indefinite A", &r, found, w, 100 * tol);
    CU_ASSERT_TRUE(r.count > 3 && r.count < found);
    speig_operator_destroy(&a);
    speig_matrix_destroy(&lower);
  }
  speig_operator_destroy(&b);
  speig_matrix_destroy(&A);
  speig_matrix_destroy(&B);
}
TEST_ALL_TYPES(generalized)

static void edges(const test_case *tc)
{
  double zero[5] = { 0 }, one[1] = { 42 };
  speig_matrix *A;
  model m;
  if (!shift_have_factors())
    return;
  A = kit_diagonal(tc->dtype, 5, zero);
  m = model_wrap(A, "zero", zero);
  expect(&m, -1, 1, 0);
  expect(&m, 0, 1, 1e-20);
  expect(&m, 1e-20, 1, 1e-25);
  model_drop(&m);
  A = kit_diagonal(tc->dtype, 1, one);
  m = model_wrap(A, "one", one);
  expect(&m, -1, 43, 0);
  expect(&m, 43, 44, 0);
  expect(&m, 42, 42, 1e-3);
  model_drop(&m);
  A = kit_diagonal(tc->dtype, 0, NULL);
  m = model_wrap(A, "none", NULL);
  {
    speig_count_result r = count(m.op, NULL, -1, 1);
    CU_ASSERT_TRUE(r.known && r.exact && r.count == 0);
  }
  model_drop(&m);
}
TEST_ALL_TYPES(edges)

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

/* A function cannot be factored; LAPACK counts, on every device. */
static void callbacks(const test_case *tc)
{
  model m = model_make(tc->dtype, 1, "laplacian2d", "nx", harness_is_slow(tc) ? 5.0 : 8.0, NULL);
  static const double ends[][2] = { { 1, 3.3 }, { -INFINITY, 2 }, { 4, 5 }, { 9, 10 } };
  speig_operator *op = NULL;
  CHECK_OK(speig_operator_create(tc->dtype, m.n, multiply, &m, &op));
  for (int i = 0; i < (harness_is_slow(tc) ? 1 : 4); ++i) {
    speig_count_opts o = between(ends[i][0], ends[i][1]);
    speig_count_result r;
    o.device = tc->device;
    CHECK_OK(speig_count(op, NULL, &o, &r));
    holds("callback", &r, m.n, m.spectrum, 2000 * tc->eps);
    CU_ASSERT_EQUAL(r.method, SPEIG_COUNT_DENSE);
    CU_ASSERT_EQUAL(r.device, tc->device);
  }
  speig_operator_destroy(&op);
  model_drop(&m);
}
TEST_ALL_CASES(callbacks)

/* Within its error bar (twice, as a bar of two deviations may be missed), which is worth something;
 * from a matrix and from a function, on every device. */
static void estimates(const test_case *tc)
{
  static const double ends[][2] = { { 1, 3.3 }, { -INFINITY, 2 }, { 3.7, 4.3 }, { 6.5, INFINITY } };
  int slow = harness_is_slow(tc);
  model m = model_make(tc->dtype, 1, "laplacian2d", "nx", slow ? 8.0 : 40.0, NULL);
  speig_operator *op = NULL;
  CHECK_OK(speig_operator_create(tc->dtype, m.n, multiply, &m, &op));
  for (int i = 0; i < (slow ? 0 : 4); ++i) {
    speig_count_opts o = between(ends[i][0], ends[i][1]);
    speig_count_result r, again;
    double truth = (double)inside(m.n, m.spectrum, ends[i][0], ends[i][1]);
    o.estimate = 1;
    o.device = tc->device;
    CHECK_OK(speig_count(m.op, NULL, &o, &r));
    CU_ASSERT_TRUE(r.known && !r.exact && r.method == SPEIG_COUNT_ESTIMATE && r.vectors == 30);
    CU_ASSERT_TRUE(fabs(r.estimate - truth) <= 2 * r.error);
    CU_ASSERT_TRUE(r.error > 0 && r.error <= 0.1 * (double)m.n);
    CU_ASSERT_EQUAL(r.count, llround(r.estimate));
    CU_ASSERT_TRUE(r.matvecs < 30 * ((int64_t)r.degree / 2 + 2) + 40);
    CHECK_OK(speig_count(m.op, NULL, &o, &again));
    CU_ASSERT_TRUE(again.estimate == r.estimate && again.error == r.error);
  }
  {
    speig_count_opts o = between(1, 3.3);
    speig_count_result r;
    double truth = (double)inside(m.n, m.spectrum, 1, 3.3);
    o.estimate = 1;
    o.device = tc->device;
    o.vectors = 4;
    o.degree = slow ? 20 : 40;
    CHECK_OK(speig_count(op, NULL, &o, &r));
    CU_ASSERT_TRUE(r.vectors == 4 && r.degree == o.degree);
    CU_ASSERT_TRUE(fabs(r.estimate - truth) <= 2 * r.error);
  }
  speig_operator_destroy(&op);
  model_drop(&m);
}
TEST_ALL_CASES(estimates)

static void estimates_of_the_simple(void)
{
  const double same[6] = { 2, 2, 2, 2, 2, 2 }, one[1] = { 42 }, zero[6] = { 0 };
  model m = model_wrap(kit_diagonal(SPEIG_D, 6, zero), "zero", zero);
  speig_count_opts around_zero = between(-1, 1);
  speig_count_result none;
  around_zero.estimate = 1;
  CHECK_OK(speig_count(m.op, NULL, &around_zero, &none));
  CU_ASSERT_EQUAL(none.count, 6);
  model_drop(&m);
  m = model_wrap(kit_diagonal(SPEIG_D, 6, same), "same", same);
  for (int i = 0; i < 3; ++i) {
    speig_count_opts o = between(i == 1 ? 3 : 1, i == 1 ? 4 : 3);
    speig_count_result r;
    o.estimate = 1;
    CHECK_OK(speig_count(m.op, NULL, &o, &r));
    CU_ASSERT_EQUAL(r.count, i == 0 ? 6 : 0);
    if (i == 1) {
      model_drop(&m);
      m = model_wrap(kit_diagonal(SPEIG_D, 1, one), "one", one);
    }
  }
  model_drop(&m);
}

static int stop_at_once(void *user, const speig_progress *progress)
{
  (void)user;
  CU_ASSERT_EQUAL(progress->wanted, 0);
  return 1;
}

static int stop_at_fifteen(void *user, const speig_progress *progress)
{
  (void)progress;
  return --*(int *)user <= 0;
}

static void refusals(void)
{
  model m = model_make(SPEIG_D, 1, "laplacian2d", "nx", 30.0, NULL);
  double d[900];
  speig_matrix *B;
  speig_operator *b = NULL;
  speig_count_result r;
  static const double bad[][2] = { { 1, 0 }, { NAN, 1 }, { 0, NAN }, { INFINITY, INFINITY } };
  speig_count_opts o;
  if (!shift_have_factors())
    return;
  for (int i = 0; i < 4; ++i) {
    o = between(bad[i][0], bad[i][1]);
    CU_ASSERT_EQUAL(speig_count(m.op, NULL, &o, &r), SPEIG_ERR_ARG);
  }
  o = between(0, 1);
  CU_ASSERT_EQUAL(speig_count(NULL, NULL, &o, &r), SPEIG_ERR_ARG);
  o.memory = 100000;
  CU_ASSERT_EQUAL(speig_count(m.op, NULL, &o, &r), SPEIG_ERR_MEMORY);
  o = between(0, 1);
  o.progress = stop_at_once;
  CHECK_OK(speig_count(m.op, NULL, &o, &r));
  CU_ASSERT_TRUE(!r.known && !r.exact && r.reason == SPEIG_STOP_CANCELLED);
  o.estimate = 1;
  CHECK_OK(speig_count(m.op, NULL, &o, &r));
  CU_ASSERT_TRUE(!r.known && r.vectors == 0 && r.reason == SPEIG_STOP_CANCELLED);
  o.degree = 20; /* stopped within the second block of vectors: the first one counts */
  o.progress = stop_at_fifteen;
  {
    int left = 15;
    o.progress_user = &left;
    CHECK_OK(speig_count(m.op, NULL, &o, &r));
    CU_ASSERT_TRUE(r.known && r.vectors == 8 && r.reason == SPEIG_STOP_CANCELLED);
    CU_ASSERT_TRUE(fabs(r.estimate - (double)inside(m.n, m.spectrum, 0, 1)) <= 2 * r.error);
  }
  o = between(0, 1);
  o.estimate = 1;
  CU_ASSERT_EQUAL(speig_count(m.op, m.op, &o, &r), SPEIG_ERR_UNSUPPORTED);
  o.vectors = 1;
  CU_ASSERT_EQUAL(speig_count(m.op, NULL, &o, &r), SPEIG_ERR_ARG);
  o.estimate = 0;
  o.vectors = 10;
  CU_ASSERT_EQUAL(speig_count(m.op, NULL, &o, &r), SPEIG_ERR_ARG);
  for (int i = 0; i < 900; ++i)
    d[i] = i == 7 ? -1 : 1;
  B = kit_diagonal(SPEIG_D, 900, d);
  CHECK_OK(speig_operator_from_matrix(B, &b));
  o = between(0, 1);
  CU_ASSERT_EQUAL(speig_count(m.op, b, &o, &r), SPEIG_ERR_NUMERIC);
  speig_operator_destroy(&b);
  speig_matrix_destroy(&B);
  { /* 1 0.9 0.9 ... : a positive diagonal hides a negative eigenvalue */
    const double hidden[3] = { -0.9, 1, 0 };
    B = kit_matrix(SPEIG_D, 900, shift_grid_entry, SHIFT_SIDE, hidden);
    CHECK_OK(speig_operator_from_matrix(B, &b));
    CU_ASSERT_EQUAL(speig_count(m.op, b, &o, &r), SPEIG_ERR_NUMERIC);
    CU_ASSERT_TRUE(strstr(speig_last_error(), "not positive semidefinite") != NULL);
    speig_operator_destroy(&b);
    speig_matrix_destroy(&B);
  }
  model_drop(&m);
}

int main(void)
{
  CU_pSuite suite;
  harness_start();
  suite = harness_suite("count");
  ADD_ALL_CASES(suite, laplacians);
  ADD_ALL_CASES(suite, doubtful_ends_are_named);
  ADD_ALL_CASES(suite, hard_spectra);
  ADD_ALL_CASES(suite, scaled_matrices);
  ADD_ALL_CASES(suite, generalized);
  ADD_ALL_CASES(suite, edges);
  ADD_ALL_CASES(suite, callbacks);
  ADD_ALL_CASES(suite, estimates);
  ADD_CASE(suite, estimates_of_the_simple);
  ADD_CASE(suite, refusals);
  return harness_finish("test_count");
}
