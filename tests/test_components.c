/* test_components.c: connected components of a matrix, the ranking of large spectra, and eigsh on
 * matrices that fall apart, against spectra known by construction. */
#include "eigen_kit.h"
#include "solve_kit.h"

#include "base/memory.h"
#include "formats/components.h"

#include <inttypes.h>

static const speig_which ALL[] = { SPEIG_LM, SPEIG_SM, SPEIG_LA, SPEIG_SA, SPEIG_BE };
enum { WHICH_COUNT = 5 };

/* ---- ranking ---- */

static double rank_key(speig_which which, double theta)
{
  double size = which == SPEIG_LM || which == SPEIG_SM ? fabs(theta) : theta;
  return which == SPEIG_SM || which == SPEIG_SA ? size : -size;
}

/* By counting who comes before: place of i among n, equals by index. */
static int32_t place_by_counting(speig_which which, int32_t n, const double *theta, int32_t i)
{
  int32_t before = 0;
  for (int32_t j = 0; j < n; ++j) {
    double a = rank_key(which, theta[j]), b = rank_key(which, theta[i]);
    before += a < b || (a == b && j < i);
  }
  return before;
}

static void ranks_are_stable(void)
{
  static const int32_t SIZES[] = { 0, 1, 2, 3, 4, 5, 8, 127, 128, 129, 130, 1000, 1001 };
  static double theta[1001];
  static int32_t rank[1001];
  for (size_t s = 0; s < sizeof SIZES / sizeof *SIZES; ++s) {
    int32_t n = SIZES[s], wrong = 0;
    for (int32_t i = 0; i < n; ++i) /* every value many times */
      theta[i] = floor(random_uniform(9, i, n, 0) * (s % 2 ? 10 : 1000));
    for (int w = 0; w < WHICH_COUNT; ++w) {
      eig_rank(ALL[w], n, theta, rank);
      for (int32_t i = 0; i < n; ++i) {
        int32_t place = place_by_counting(ALL[w], n, theta, i); /* BE: of the descending list */
        if (ALL[w] == SPEIG_BE)
          place = 2 * place < n ? 2 * place : 2 * (n - 1 - place) + 1;
        wrong += rank[place] != i;
      }
    }
    CU_ASSERT_EQUAL(wrong, 0);
  }
}

/* ---- components ---- */

static speig_matrix *from_entries(speig_dtype dtype, int64_t n, int64_t nnz, const int32_t *row,
                                  const int32_t *col, const double (*value)[2])
{
  speig_coo *coo = NULL;
  speig_matrix *A = NULL;
  void *values = calloc((size_t)nnz + 1, 16);
  for (int64_t e = 0; e < nnz; ++e)
    scalar_put(dtype, values, e, value[e][0], value[e][1]);
  CHECK_OK(speig_coo_create(dtype, n, n, nnz, row, col, values, SPEIG_GENERAL, SPEIG_COPY, &coo));
  CHECK_OK(speig_matrix_from_coo(coo, &A));
  speig_coo_destroy(&coo);
  free(values);
  return A;
}

static void components_are_found(const test_case *tc)
{
  /* {0, 5, 7}, {1}, {2, 6} through one triangle only, {3, 4} through a NaN; zeros between */
  static const int32_t ROW[] = { 0, 5, 5, 7, 1, 6, 3, 1, 2, 4, 0 };
  static const int32_t COL[] = { 5, 0, 7, 5, 1, 2, 4, 0, 3, 4, 6 };
  static const int32_t FIRST[] = { 0, 3, 4, 6, 8 }, ROWS[] = { 0, 5, 7, 1, 2, 6, 3, 4 };
  static const int32_t PLACE[] = { 0, 0, 0, 0, 1, 1, 1, 2 };
  double value[11][2] = { { 1, 0 }, { 1, 0 }, { 2, 0 }, { 2, 0 }, { 3, 0 }, { 1e-30, 0 },
                          { 0, 0 }, { 0, 0 }, { 0, 0 }, { 5, 0 }, { 0, 0 } };
  component_sizes sizes;
  components parts;
  speig_matrix *A;
  value[6][0] = NAN;
  if (dtype_is_complex(tc->dtype)) /* an imaginary part connects as well */
    value[5][0] = 0, value[5][1] = 1e-30;
  A = from_entries(tc->dtype, 8, 11, ROW, COL, (const double(*)[2])value);
  CU_ASSERT_EQUAL(speig_matrix_get_info(A).nnz, 11);
  CHECK_OK(components_weigh(A, 3, &sizes));
  CU_ASSERT_TRUE(sizes.count == 4 && sizes.largest == 3 && sizes.cubes == 27 + 1 + 8 + 8);
  CHECK_OK(components_find(A, &parts));
  CU_ASSERT_EQUAL_FATAL(parts.sizes.count, 4);
  CU_ASSERT_TRUE(parts.sizes.largest == 3 && parts.sizes.cubes == 44);
  CU_ASSERT_EQUAL(memcmp(parts.first, FIRST, sizeof FIRST), 0);
  CU_ASSERT_EQUAL(memcmp(parts.row, ROWS, sizeof ROWS), 0);
  CU_ASSERT_EQUAL(memcmp(parts.place, PLACE, sizeof PLACE), 0);
  components_free(&parts);
  CHECK_OK(components_weigh(A, 2, &sizes));
  CU_ASSERT_EQUAL(sizes.count, 0);
  speig_matrix_destroy(&A);
  A = from_entries(tc->dtype, 0, 0, ROW, COL, (const double(*)[2])value);
  CHECK_OK(components_find(A, &parts));
  CU_ASSERT_EQUAL(parts.sizes.count, 0);
  components_free(&parts);
  speig_matrix_destroy(&A);
}
TEST_ALL_TYPES(components_are_found)

/* ---- solving ---- */

static int ascending(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static model diagonal_model(speig_dtype dtype, int32_t n, const double *d)
{
  int32_t *at = calloc((size_t)n, sizeof *at);
  double(*value)[2] = calloc((size_t)n, sizeof *value), *spectrum = calloc((size_t)n, sizeof *d);
  speig_matrix *A;
  model m;
  for (int32_t i = 0; i < n; ++i) {
    at[i] = i;
    spectrum[i] = value[i][0] = dtype_is_single(dtype) ? (double)(float)d[i] : d[i];
  }
  qsort(spectrum, (size_t)n, sizeof *spectrum, ascending);
  A = from_entries(dtype, n, n, at, at, (const double(*)[2])value);
  m = model_wrap(A, "diagonal", spectrum);
  free(at);
  free(value);
  free(spectrum);
  return m;
}

/* Solves, wants a certified answer of method dense made of components, and checks all of it. */
static speig_eigsh_result *certified(const model *m, const speig_eigsh_opts *opts)
{
  speig_eigsh_result *r = NULL;
  speig_eigsh_plan plan;
  CHECK_OK(speig_eigsh_make_plan(m->op, NULL, opts, &plan));
  CU_ASSERT_TRUE(plan.components > 1 && plan.method == SPEIG_DENSE);
  CU_ASSERT_PTR_NOT_NULL(strstr(plan.why, "falls apart into"));
  CHECK_OK(speig_eigsh(m->op, NULL, opts, &r));
  CU_ASSERT_EQUAL(r->outcome, SPEIG_CERTIFIED);
  CU_ASSERT_EQUAL(r->method, SPEIG_DENSE);
  CU_ASSERT_EQUAL(r->k, r->wanted);
  CU_ASSERT_TRUE(answer_is_right(m, opts, r));
  CU_ASSERT_TRUE(r->memory_bytes < 2 * plan.memory_bytes &&
                 plan.memory_bytes < 4 * r->memory_bytes + ((size_t)2 << 20));
  return r;
}

/* Many ties, of which k cuts through some, and zeros that are not stored. */
static void diagonals_with_ties(const test_case *tc)
{
  enum { N = 1501 };
  static const double VALUES[] = { 2, -3, 0, 0.5, 3, -3, 1, -0.5 };
  double d[N];
  model m;
  for (int32_t i = 0; i < N; ++i)
    d[i] = VALUES[(i * 7) % 8] * (i % 97 == 3 ? 1.5 : 1);
  m = diagonal_model(tc->dtype, N, d);
  for (int w = 0; w < WHICH_COUNT; ++w)
    for (int32_t k = 1; k <= 40; k += 13) {
      speig_eigsh_opts opts = opts_for(tc->device, SPEIG_METHOD_AUTO, k, ALL[w]);
      speig_eigsh_result *r = certified(&m, &opts);
      double *wanted = calloc((size_t)k, sizeof *wanted);
      kit_best_of(ALL[w], N, d, k, wanted); /* of equals, the first row */
      qsort(wanted, (size_t)k, sizeof *wanted, ascending);
      for (int32_t j = 0; j < k; ++j)
        CU_ASSERT_EQUAL(r->values[j], wanted[j]); /* exact: nothing is computed */
      CU_ASSERT_TRUE(r->orthogonality == 0);
      free(wanted);
      speig_eigsh_result_free(&r);
    }
  model_drop(&m);
}
TEST_ALL_CASES(diagonals_with_ties)

/* All of the range that needs no scaling: to the last digit. Beyond, as exact as ||A|| allows. */
static void graded_diagonals(const test_case *tc)
{
  enum { N = 1300, K = 9 };
  int single = dtype_is_single(tc->dtype);
  double d[N];
  for (int wide = 0; wide < 2; ++wide) {
    double top = single ? (wide ? 38 : 9) : (wide ? 300 : 90),
           bottom = single ? -37 : -300; /* powers of ten */
    model m;
    for (int32_t i = 0; i < N; ++i)
      d[(i * 997) % N] = pow(10, bottom + (top - bottom) * i / (N - 1)) * (i % 3 ? 1 : -1);
    m = diagonal_model(tc->dtype, N, d);
    for (int w = 0; w < WHICH_COUNT; ++w) {
      speig_eigsh_opts opts = opts_for(tc->device, SPEIG_METHOD_AUTO, K, ALL[w]);
      speig_eigsh_result *r = certified(&m, &opts);
      double wanted[K];
      kit_best_of(ALL[w], N, m.spectrum, K, wanted);
      qsort(wanted, K, sizeof *wanted, ascending);
      for (int32_t j = 0; j < K; ++j)
        CU_ASSERT_TRUE(fabs(r->values[j] - wanted[j]) <=
                       tc->eps * (wide ? m.norm : fabs(wanted[j])));
      speig_eigsh_result_free(&r);
    }
    model_drop(&m);
  }
}
TEST_ALL_CASES(graded_diagonals)

/* H diag(d) H^H with a reflector H = I - 2 v v^H, blocks of the given orders in turn, rows and
 * columns permuted: its spectrum is d. */
typedef struct puzzle {
  int32_t n, *row, *col, *permuted;
  int64_t nnz;
  double (*value)[2], *spectrum;
} puzzle;

static double complex reflected(speig_dtype dtype, int32_t i, int32_t order)
{
  double complex v = 1 + 0.5 * sin(3.0 * i + order);
  return dtype_is_complex(dtype) ? v * cexp(1.7 * i * I) : v;
}

static void puzzle_block(puzzle *p, speig_dtype dtype, int32_t first, int32_t order)
{
  double square = 0;
  for (int32_t i = 0; i < order; ++i)
    square += pow(cabs(reflected(dtype, i, order)), 2);
  for (int32_t i = 0; i < order; ++i)
    for (int32_t j = 0; j < order; ++j) {
      double complex a = 0, vi = reflected(dtype, i, order), vj = reflected(dtype, j, order);
      for (int32_t l = 0; l < order; ++l) {
        double complex vl = reflected(dtype, l, order);
        a += ((i == l) - 2 * vi * conj(vl) / square) * p->spectrum[first + l] *
             ((l == j) - 2 * vl * conj(vj) / square);
      }
      p->row[p->nnz] = p->permuted[first + i];
      p->col[p->nnz] = p->permuted[first + j];
      p->value[p->nnz][0] = creal(a);
      p->value[p->nnz++][1] = i == j ? 0 : cimag(a);
    }
}

static model puzzle_make(speig_dtype dtype, int32_t n, int32_t count, const int32_t *orders)
{
  puzzle p = { .n = n };
  int64_t room = 0;
  speig_matrix *A;
  model m;
  for (int32_t b = 0; b < count; ++b)
    room = orders[b] > room ? orders[b] : room;
  room *= n;
  p.row = calloc((size_t)room, sizeof *p.row);
  p.col = calloc((size_t)room, sizeof *p.col);
  p.value = calloc((size_t)room, sizeof *p.value);
  p.permuted = calloc((size_t)n, sizeof *p.permuted);
  p.spectrum = calloc((size_t)n, sizeof *p.spectrum);
  for (int32_t i = 0; i < n; ++i) {
    p.permuted[i] = (int32_t)((int64_t)i * 7919 % n); /* 7919 is prime and no divisor of n */
    p.spectrum[i] = floor(40 * random_uniform(2, i, 0, 0)) / 8; /* ties between blocks too */
  }
  for (int32_t first = 0, b = 0; first < n; ++b) {
    int32_t order = orders[b % count] < n - first ? orders[b % count] : n - first;
    puzzle_block(&p, dtype, first, order);
    first += order;
  }
  qsort(p.spectrum, (size_t)n, sizeof *p.spectrum, ascending);
  A = from_entries(dtype, n, p.nnz, p.row, p.col, (const double(*)[2])p.value);
  m = model_wrap(A, "permuted blocks", p.spectrum);
  free(p.row);
  free(p.col);
  free(p.value);
  free(p.permuted);
  free(p.spectrum);
  return m;
}

static void permuted_blocks(const test_case *tc)
{
  static const int32_t ORDERS[] = { 1, 2, 31, 3, 1, 17, 40 };
  model m = puzzle_make(tc->dtype, 1400, 7, ORDERS);
  for (int w = 0; w < WHICH_COUNT; ++w)
    for (int32_t k = 6; k <= 60; k += 54) { /* more than a block holds */
      speig_eigsh_opts opts = opts_for(tc->device, SPEIG_METHOD_AUTO, k, ALL[w]);
      speig_eigsh_result *r = certified(&m, &opts);
      speig_eigsh_result_free(&r);
    }
  model_drop(&m);
}
TEST_ALL_CASES(permuted_blocks)

static void disconnected_rings(const test_case *tc)
{
  model m = model_make(tc->dtype, 1, "disconnected", "copies", 50.0, "vertices", 30.0, NULL);
  for (int w = 0; w < WHICH_COUNT; ++w) {
    speig_eigsh_opts opts = opts_for(tc->device, SPEIG_METHOD_AUTO, 33, ALL[w]);
    speig_eigsh_result *r = certified(&m, &opts);
    speig_eigsh_result_free(&r);
  }
  model_drop(&m);
}
TEST_ALL_CASES(disconnected_rings)

/* A matrix whose squares leave the range, so that it is solved in other units. */
static void scaled(const test_case *tc)
{
  model m;
  speig_eigsh_opts opts = opts_for(tc->device, SPEIG_METHOD_AUTO, 20, SPEIG_SA);
  speig_eigsh_result *r;
  if (!harness_range_is_wide(tc))
    return;
  m = model_make(tc->dtype, dtype_is_single(tc->dtype) ? 1e30 : 1e200, "disconnected", "copies",
                 87.0, "vertices", 14.0, NULL);
  r = certified(&m, &opts);
  speig_eigsh_result_free(&r);
  model_drop(&m);
}
TEST_ALL_CASES(scaled)

/* The same pairs as LAPACK finds in the matrix as a whole. */
static void agrees_with_the_whole(const test_case *tc)
{
  static const int32_t ORDERS[] = { 5, 60, 1, 13 };
  model m = puzzle_make(tc->dtype, 240, 4, ORDERS);
  for (int w = 0; w < WHICH_COUNT; ++w) {
    int32_t wanted = ALL[w] == SPEIG_LM ? 240 : 25; /* all of them, too */
    kit whole, parts;
    kit_verdict v;
    kit_open(&whole, tc, m.A, NULL, wanted, ALL[w]);
    kit_open(&parts, tc, m.A, NULL, wanted, ALL[w]);
    CHECK_OK(dense_solve(&whole.problem, &whole.pairs));
    CHECK_OK(components_solve(&parts.problem, &parts.pairs));
    CU_ASSERT_TRUE(parts.pairs.converged == wanted && parts.pairs.reason == SPEIG_STOP_CONVERGED);
    for (int32_t j = 0; j < wanted; ++j) /* LM and SM may rank equals +-x by rounding */
      CU_ASSERT_DOUBLE_EQUAL(fabs(parts.pairs.theta[j]), fabs(whole.pairs.theta[j]),
                             100 * tc->eps * m.norm);
    v = kit_judge(&parts);
    CU_ASSERT_TRUE(v.residual <= 50 * tc->eps && v.orthogonality <= 50 * tc->eps);
    CU_ASSERT_DOUBLE_EQUAL(parts.pairs.norm_a, m.norm, 100 * tc->eps * m.norm);
    kit_close(&whole);
    kit_close(&parts);
  }
  model_drop(&m);
}
TEST_ALL_CASES(agrees_with_the_whole)

/* ---- when it is chosen, and its limits ---- */

static int64_t planned(const model *m, const speig_eigsh_opts *opts)
{
  speig_eigsh_plan plan = { 0 };
  CHECK_OK(speig_eigsh_make_plan(m->op, NULL, opts, &plan));
  return plan.components;
}

static void chosen_where_it_serves(const test_case *tc)
{
  model m = model_make(tc->dtype, 1, "disconnected", "copies", 10.0, "vertices", 130.0, NULL);
  model small_one =
      model_make(tc->dtype, 1, "disconnected", "copies", 10.0, "vertices", 120.0, NULL);
  model two_large =
      model_make(tc->dtype, 1, "disconnected", "copies", 2.0, "vertices", 1201.0, NULL);
  speig_eigsh_opts opts = opts_for(tc->device, SPEIG_METHOD_AUTO, 4, SPEIG_LA);
  double column[2 * 1300] = { 1 };
  speig_block deflate = { tc->dtype, 1300, 1, 1300, column, SPEIG_HOST };
  CU_ASSERT_EQUAL(planned(&m, &opts), 10);
  CU_ASSERT_EQUAL(planned(&small_one, &opts), 0);
  CU_ASSERT_EQUAL(planned(&two_large, &opts), 0);
  opts.ncv = 20;
  CU_ASSERT_EQUAL(planned(&m, &opts), 0);
  opts.ncv = 0;
  opts.deflate = &deflate;
  CU_ASSERT_EQUAL(planned(&m, &opts), 0);
  opts.deflate = NULL;
  opts.method = SPEIG_LANCZOS;
  CU_ASSERT_EQUAL(planned(&m, &opts), 0);
  opts.method = SPEIG_DENSE;
  CU_ASSERT_EQUAL(planned(&m, &opts), 10);
  model_drop(&m);
  model_drop(&small_one);
  model_drop(&two_large);
}
TEST_ALL_CASES(chosen_where_it_serves)

/* The work bounds the choice: components that are each small may be too many. */
static void not_chosen_when_too_much(void)
{
  model m = model_make(SPEIG_D, 1, "disconnected", "copies", 60.0, "vertices", 1000.0, NULL);
  speig_eigsh_opts opts = opts_for(SPEIG_HOST, SPEIG_METHOD_AUTO, 4, SPEIG_LA);
  CU_ASSERT_EQUAL(planned(&m, &opts), 0);
  opts.which = SPEIG_SM; /* nothing else is certain here */
  CU_ASSERT_EQUAL(planned(&m, &opts), 60);
  opts.memory = 40 << 20; /* enough for a basis, not for a dense matrix of order 1000 */
  CU_ASSERT_EQUAL(planned(&m, &opts), 0);
  model_drop(&m);
}

/* Asked for by name, beyond the order up to which a whole matrix is expanded. */
static void dense_of_any_order(void)
{
  model m = model_make(SPEIG_D, 1, "disconnected", "copies", 8000.0, "vertices", 5.0, NULL);
  speig_eigsh_opts opts = opts_for(SPEIG_HOST, SPEIG_DENSE, 12, SPEIG_BE);
  speig_eigsh_result *r = certified(&m, &opts);
  speig_eigsh_result_free(&r);
  model_drop(&m);
}

static int cancel(void *user, const speig_progress *progress)
{
  ++*(int *)user;
  return progress->wanted > 0;
}

static void limits_stop_it(void)
{
  model m = model_make(SPEIG_D, 1, "disconnected", "copies", 3.0, "vertices", 850.0, NULL);
  speig_eigsh_opts opts = opts_for(SPEIG_HOST, SPEIG_METHOD_AUTO, 4, SPEIG_LA);
  speig_eigsh_result *r = NULL;
  int calls = 0;
  opts.time_limit = 1e-9;
  CHECK_OK(speig_eigsh(m.op, NULL, &opts, &r));
  CU_ASSERT_TRUE(r->outcome == SPEIG_FAILED && r->reason == SPEIG_STOP_TIME_LIMIT && r->k == 0);
  speig_eigsh_result_free(&r);
  opts.time_limit = 0;
  opts.progress = cancel;
  opts.progress_user = &calls;
  CHECK_OK(speig_eigsh(m.op, NULL, &opts, &r));
  CU_ASSERT_TRUE(r->outcome == SPEIG_FAILED && r->reason == SPEIG_STOP_CANCELLED && calls == 1);
  speig_eigsh_result_free(&r);
  model_drop(&m);
}

static void nan_is_refused(const test_case *tc)
{
  enum { N = 1300 };
  speig_eigsh_opts opts = opts_for(tc->device, SPEIG_METHOD_AUTO, 3, SPEIG_LA);
  speig_eigsh_result *r = NULL;
  speig_matrix *A;
  speig_operator *op = NULL;
  int32_t at[N];
  double(*value)[2] = calloc(N, sizeof *value);
  for (int32_t i = 0; i < N; ++i) {
    at[i] = i;
    value[i][0] = i == 1234 ? (double)NAN : (double)i;
  }
  A = from_entries(tc->dtype, N, N, at, at, (const double(*)[2])value);
  CHECK_OK(speig_operator_from_matrix(A, &op));
  CU_ASSERT_EQUAL(speig_eigsh(op, NULL, &opts, &r), SPEIG_ERR_NUMERIC);
  CU_ASSERT_PTR_NOT_NULL(strstr(speig_last_error(), "row 1235"));
  CU_ASSERT_PTR_NULL(r);
  speig_operator_destroy(&op);
  speig_matrix_destroy(&A);
  free(value);
}
TEST_ALL_CASES(nan_is_refused)

/* Every allocation in turn fails: MEMORY, and nothing is left behind. */
static void memory_may_fail(void)
{
  static const int32_t ORDERS[] = { 1, 4 };
  model m = puzzle_make(SPEIG_Z, 1250, 2, ORDERS);
  speig_eigsh_opts opts = opts_for(SPEIG_REFERENCE, SPEIG_METHOD_AUTO, 3, SPEIG_LM);
  speig_eigsh_result *r = NULL;
  int64_t total, step;
  (void)mem_fail_at(0, 0);
  CHECK_OK(speig_eigsh(m.op, NULL, &opts, &r));
  speig_eigsh_result_free(&r);
  total = mem_fail_at(0, 0);
  step = total / 150 + 1;
  for (int64_t at = 1; at <= total; at += at < 60 || at > total - 60 ? 1 : step) {
    size_t before = mem_account_read().current;
    speig_status st;
    (void)mem_fail_at(at, 0);
    st = speig_eigsh(m.op, NULL, &opts, &r);
    (void)mem_fail_at(0, 0);
    CU_ASSERT_EQUAL(st, SPEIG_ERR_MEMORY);
    CU_ASSERT_PTR_NULL(r);
    CU_ASSERT_EQUAL(mem_account_read().current, before);
    speig_eigsh_result_free(&r);
  }
  model_drop(&m);
}

/* A million rows: a sort, not a method: whatever takes longer than that meets the time limit. */
static void a_million_rows(void)
{
  enum { N = 1000000, K = 4 };
  double *d = calloc(N, sizeof *d);
  model m;
  for (int32_t i = 0; i < N; ++i)
    d[i] = (double)((int64_t)i * 7919 % N) - 250000;
  m = diagonal_model(SPEIG_D, N, d);
  for (int w = 0; w < WHICH_COUNT; ++w) {
    static const double WANTED[][K] = { { 749996, 749997, 749998, 749999 },
                                        { -1, 0, 1, 2 },
                                        { 749996, 749997, 749998, 749999 },
                                        { -250000, -249999, -249998, -249997 },
                                        { -250000, -249999, 749998, 749999 } };
    speig_eigsh_opts opts = opts_for(SPEIG_HOST, SPEIG_METHOD_AUTO, K, ALL[w]);
    speig_eigsh_result *r = NULL;
    opts.time_limit = 120;
    CHECK_OK(speig_eigsh(m.op, NULL, &opts, &r));
    CU_ASSERT_TRUE(r->outcome == SPEIG_CERTIFIED && r->k == K);
    for (int32_t j = 0; j < r->k; ++j)
      CU_ASSERT_TRUE(r->values[j] == WANTED[w][j] ||
                     (ALL[w] == SPEIG_SM && r->values[j] == (double)(j - 2)));
    CU_ASSERT_TRUE(r->memory_bytes < (size_t)300 << 20);
    speig_eigsh_result_free(&r);
  }
  model_drop(&m);
  free(d);
}

/* The stiffest diagonal among real matrices: graded over ten decades, and full of ties. */
static void bcsstm25(void)
{
  static const char *const KEYS[] = { "LM", "SM", "LA", "SA" };
  speig_matrix *A = kit_read("bcsstm25.mtx.gz", SPEIG_D);
  char path[1024];
  const char *truth;
  model m;
  if (!A)
    return;
  truth = harness_shared("truth/bcsstm25.json");
  if (!truth)
    return;
  (void)snprintf(path, sizeof path, "%s", truth);
  m = model_wrap(A, "bcsstm25", NULL);
  for (int w = 0; w < 4; ++w) {
    double wanted[10];
    speig_eigsh_opts opts = opts_for(SPEIG_HOST, SPEIG_METHOD_AUTO, 10, ALL[w]);
    speig_eigsh_result *r = certified(&m, &opts);
    CU_ASSERT_EQUAL(kit_truth(path, KEYS[w], 10, wanted), 10);
    qsort(wanted, 10, sizeof *wanted, ascending);
    for (int32_t j = 0; j < r->k; ++j)
      CU_ASSERT_DOUBLE_EQUAL(r->values[j], wanted[j], 1e-11 * fabs(wanted[j]));
    speig_eigsh_result_free(&r);
  }
  model_drop(&m);
}

int main(void)
{
  CU_pSuite suite;
  harness_start();
  suite = harness_suite("components");
  ADD_CASE(suite, ranks_are_stable);
  ADD_ALL_CASES(suite, components_are_found);
  ADD_ALL_CASES(suite, diagonals_with_ties);
  ADD_ALL_CASES(suite, graded_diagonals);
  ADD_ALL_CASES(suite, permuted_blocks);
  ADD_ALL_CASES(suite, disconnected_rings);
  ADD_ALL_CASES(suite, scaled);
  ADD_ALL_CASES(suite, agrees_with_the_whole);
  ADD_ALL_CASES(suite, chosen_where_it_serves);
  ADD_CASE(suite, not_chosen_when_too_much);
  ADD_CASE(suite, dense_of_any_order);
  ADD_CASE(suite, limits_stop_it);
  ADD_ALL_CASES(suite, nan_is_refused);
  ADD_CASE(suite, memory_may_fail);
  ADD_CASE(suite, a_million_rows);
  ADD_CASE(suite, bcsstm25);
  return harness_finish("test_components");
}
