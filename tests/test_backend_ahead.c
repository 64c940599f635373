/* test_backend_ahead.c: Lanczos steps made in batches, without a word to the host in between: the
 * table's entries against Gram-Schmidt step by step, and that the solver really does not wait.  */
#include "blocks.h"
#include "eigen_kit.h"
#include "harness.h"

#include "solvers/lanczos.h"

#include <math.h>
#include <string.h>

static backend *open_ahead(const test_case *tc)
{
  backend *be = NULL;
  CHECK_OK(backend_open(tc->device, tc->dtype, 2, &be));
  if (mv_runs_ahead(be))
    return be;
  CU_ASSERT_TRUE(tc->device == SPEIG_HOST); /* which has no reason to */
  backend_close(&be);
  return NULL;
}

/* ---- the entries ---- */

enum { Y = 2, FIRST = 3, STEPS = 4, COLUMNS = Y + FIRST + STEPS + 1 };

typedef struct ahead {
  backend *be, *ref;
  test_block B, R; /* the same basis for both */
  multivec basis, oracle;
  double diag[FIRST + STEPS], off[FIRST + STEPS];
  lanczos_batch batch;
} ahead;

/* Columns up to Y + FIRST orthonormal, the others random: in the place of w = op v_j. */
static ahead ahead_open(const test_case *tc, backend *be, int64_t n)
{
  int is_complex = dtype_is_complex(tc->dtype);
  ahead a = { .be = be, .B = block_random(tc->dtype, n, COLUMNS, n + 3, 7) };
  small work[2] = { small_random(COLUMNS, 1, COLUMNS, is_complex, 1),
                    small_random(COLUMNS, 1, COLUMNS, is_complex, 2) };
  CHECK_OK(backend_open(SPEIG_REFERENCE, tc->dtype, 1, &a.ref));
  a.R = block_copy(&a.B, n);
  a.oracle = block_put(a.ref, &a.R);
  for (int32_t j = 0; j <= Y + FIRST; ++j) {
    multivec Q = mv_columns(&a.oracle, 0, j), q = mv_columns(&a.oracle, j, 1);
    double norm;
    CHECK_OK(mv_orthogonalize(&Q, &q, NULL, &norm, work));
    norm = 1 / norm;
    CHECK_OK(mv_scale(&norm, &q));
  }
  block_fetch(&a.R);
  for (int32_t j = 0; j < COLUMNS; ++j)
    for (int64_t i = 0; i < n; ++i)
      block_set(&a.B, i, j, block_get(&a.R, i, j, 0), block_get(&a.R, i, j, 1));
  a.basis = block_put(be, &a.B);
  a.batch = (lanczos_batch){
    .basis = a.basis, .y = Y, .first = FIRST, .last = FIRST + STEPS, .norm_op = 1, .huge = INFINITY
  };
  small_drop(&work[0]);
  small_drop(&work[1]);
  return a;
}

static void ahead_close(ahead *a)
{
  block_drop(&a->B);
  block_drop(&a->R);
  backend_close(&a->be);
  backend_close(&a->ref);
}

static int32_t make_steps(ahead *a)
{
  int32_t done = -1;
  for (int32_t j = 0; j < FIRST + STEPS; ++j)
    a->diag[j] = a->off[j] = NAN;
  a->batch.diag = a->diag;
  a->batch.off = a->off;
  for (int32_t j = FIRST; j < FIRST + STEPS; ++j)
    CHECK_OK(mv_lanczos_append(&a->batch, j));
  CHECK_OK(mv_lanczos_collect(&a->batch, &done));
  for (int32_t j = 0; j < FIRST + STEPS; ++j)
    CU_ASSERT_EQUAL(isnan(a->diag[j]) && isnan(a->off[j]), j < FIRST || j >= done);
  return done;
}

/* The next column of the oracle, by mv_orthogonalize. */
static void one_by_one(const test_case *tc, ahead *a, int32_t j, double *alpha, double *beta)
{
  int is_complex = dtype_is_complex(tc->dtype);
  multivec Q = mv_columns(&a->oracle, 0, Y + j + 1), w = mv_columns(&a->oracle, Y + j + 1, 1);
  small work[2] = { small_random(COLUMNS, 1, COLUMNS, is_complex, 1),
                    small_random(COLUMNS, 1, COLUMNS, is_complex, 2) };
  small H = small_random(Y + j + 1, 1, COLUMNS, is_complex, 0);
  double inverse;
  CHECK_OK(mv_orthogonalize(&Q, &w, &H, beta, work));
  *alpha = small_get(&H, Y + j, 0);
  inverse = 1 / *beta;
  CHECK_OK(mv_scale(&inverse, &w));
  small_drop(&H);
  small_drop(&work[0]);
  small_drop(&work[1]);
}

static void batches_match_single_steps(const test_case *tc)
{
  static const int64_t heights[] = { COLUMNS + 1, 31, 597, 5000 };
  for (int h = 0; h < 4; ++h) {
    backend *be = open_ahead(tc);
    ahead a;
    double allowed = 64 * tc->eps * sqrt((double)heights[h]);
    if (!be)
      return;
    a = ahead_open(tc, be, heights[h]);
    CU_ASSERT_EQUAL(make_steps(&a), FIRST + STEPS);
    for (int32_t j = FIRST; j < FIRST + STEPS; ++j) {
      double alpha, beta;
      one_by_one(tc, &a, j, &alpha, &beta);
      CU_ASSERT_TRUE(fabs(a.diag[j] - alpha) <= allowed);
      CU_ASSERT_TRUE(fabs(a.off[j] - beta) <= allowed);
    }
    block_fetch(&a.B);
    block_fetch(&a.R);
    CU_ASSERT_TRUE(block_distance(&a.B, &a.R) <= allowed);
    CU_ASSERT_TRUE(block_padding_intact(&a.B));
    ahead_close(&a);
  }
}
TEST_ALL_CASES(batches_match_single_steps)

/* Something out of the ordinary in the product of step FIRST + 2: the steps before it count. */
static void batches_stop_before_trouble(const test_case *tc)
{
  enum { SPAN, NOT_A_NUMBER, INFINITE, HUGE, TROUBLES, N = 597 };
  for (int trouble = 0; trouble < TROUBLES; ++trouble) {
    backend *be = open_ahead(tc);
    int32_t at = Y + FIRST + 3;
    ahead a;
    if (!be)
      return;
    a = ahead_open(tc, be, N);
    if (trouble == HUGE)
      a.batch.huge = 1e10;
    for (int64_t i = 0; i < N; ++i) /* the span of two columns, so nothing is left of it */
      block_set(&a.B, i, at, block_get(&a.B, i, 0, 0) + 2 * block_get(&a.B, i, Y + 1, 0),
                block_get(&a.B, i, 0, 1) + 2 * block_get(&a.B, i, Y + 1, 1));
    if (trouble == NOT_A_NUMBER)
      block_set(&a.B, 300, at, NAN, 0);
    if (trouble == INFINITE)
      block_set(&a.B, 300, at, INFINITY, 0);
    if (trouble == HUGE)
      block_set(&a.B, 300, at, 1e12, 0);
    block_send(&a.B);
    CU_ASSERT_EQUAL(make_steps(&a), FIRST + 2);
    CU_ASSERT_TRUE(isfinite(a.diag[FIRST + 1]) && a.off[FIRST + 1] > 0);
    /* and the next batch is not the worse for it */
    a.batch.first = FIRST;
    a.batch.last = FIRST + 1;
    CHECK_OK(mv_lanczos_append(&a.batch, FIRST));
    {
      int32_t done = -1;
      CHECK_OK(mv_lanczos_collect(&a.batch, &done));
      CU_ASSERT_EQUAL(done, FIRST + 1);
    }
    ahead_close(&a);
  }
}
TEST_ALL_CASES(batches_stop_before_trouble)

/* A coefficient that is small beside those of earlier batches is nothing. */
static void batches_know_what_went_before(const test_case *tc)
{
  backend *be = open_ahead(tc);
  ahead a;
  if (!be)
    return;
  a = ahead_open(tc, be, 597);
  a.batch.norm_op = 1e3 / tc->eps;
  CU_ASSERT_EQUAL(make_steps(&a), FIRST);
  ahead_close(&a);
}
TEST_ALL_CASES(batches_know_what_went_before)

/* ---- the solver ---- */

/* A table of the device under test in which every entry that waits for the device is counted. */
static struct {
  const backend_ops *real;
  backend_ops table;
  int within; /* an entry is running: what it calls itself is its own affair */
  int64_t waits, appended, collected;
} spy;

#define COUNTED(call)                                                                              \
  speig_status st;                                                                                 \
  spy.waits += !spy.within;                                                                        \
  ++spy.within;                                                                                    \
  st = spy.real->call;                                                                             \
  --spy.within;                                                                                    \
  return st

static speig_status spy_gram(const multivec *X, const multivec *Z, small *H)
{
  COUNTED(gram(X, Z, H));
}

static speig_status spy_real_dots(const multivec *X, const multivec *Z, double *d)
{
  COUNTED(real_dots(X, Z, d));
}

static speig_status spy_norms(const multivec *X, double *norm)
{
  COUNTED(norms(X, norm));
}

static speig_status spy_download(const multivec *X, void *host, int64_t ldh)
{
  COUNTED(download(X, host, ldh));
}

static speig_status spy_project(const multivec *Q, const small *U, multivec *X, small *H,
                                double *norm)
{
  COUNTED(project(Q, U, X, H, norm));
}

static speig_status spy_collect(lanczos_batch *batch, int32_t *done)
{
  speig_status st = spy.real->lanczos_collect(batch, done);
  ++spy.waits;
  spy.collected += *done - batch->first;
  return st;
}

static speig_status spy_append(lanczos_batch *batch, int32_t j)
{
  speig_status st;
  ++spy.within;
  ++spy.appended;
  st = spy.real->lanczos_append(batch, j);
  --spy.within;
  return st;
}

static void spy_on(backend *be)
{
  spy.real = be->ops;
  spy.table = *be->ops;
  spy.table.gram = spy_gram;
  spy.table.real_dots = spy_real_dots;
  spy.table.norms = spy_norms;
  spy.table.download = spy_download;
  spy.table.project = be->ops->project ? spy_project : NULL;
  spy.table.lanczos_step = NULL; /* its composition waits, and would be counted */
  spy.table.axpy_norm = NULL;
  spy.table.lanczos_append = spy_append;
  spy.table.lanczos_collect = spy_collect;
  spy.waits = spy.appended = spy.collected = spy.within = 0;
  be->ops = &spy.table;
}

/* A chain's ends: its products are cheap, so with may_filter most of them are made by a filter. */
static void the_solver_waits_once_per_batch(const test_case *tc)
{
  enum { K = 4 };
  const int32_t n = harness_is_slow(tc) ? 600 : 900;
  for (int filtered = 0; filtered < 2; ++filtered) {
    backend *be = open_ahead(tc);
    speig_matrix *A;
    kit k;
    int64_t products;
    if (!be)
      return;
    backend_close(&be);
    A = kit_tridiagonal(tc->dtype, n, 2, -1);
    kit_open(&k, tc, A, NULL, K, SPEIG_LA);
    k.problem.ncv = 40;
    k.problem.tol = 100 * tc->eps;
    k.problem.may_filter = filtered;
    k.problem.max_matvecs = 20000;
    spy_on(k.be);
    CHECK_OK(lanczos_solve(&k.problem, &k.pairs));
    k.be->ops = spy.real;
    products = k.problem.A->products;
    CU_ASSERT_EQUAL(k.pairs.converged, K);
    for (int32_t i = 0; i < K; ++i)
      CU_ASSERT_TRUE(fabs(k.pairs.theta[i] - (2 + 2 * cos((i + 1) * acos(-1) / (n + 1)))) <=
                     1000 * tc->eps);
    CU_ASSERT_EQUAL(k.pairs.filter.degree > 0, filtered);
    CU_ASSERT_TRUE(spy.collected > 0 && spy.collected <= spy.appended);
    /* a batch is 1, 2, 4, ... steps, filtered ones are looked at every 3; products outnumber both
     */
    CU_ASSERT_TRUE(spy.waits <= (filtered ? spy.appended : spy.appended / 2 + 20));
    CU_ASSERT_TRUE(spy.waits < products);
    kit_close(&k);
    speig_matrix_destroy(&A);
  }
}
TEST_ALL_CASES(the_solver_waits_once_per_batch)

/* LOBPCG needs the host for every projected problem: what it waits for is counted, so that more
 * does not slip in. Norms of residuals and of W; per pass of Gram-Schmidt, of which there are about
 * two, one product with each basis and one with itself; the projected matrix. */
static void lobpcg_waits_a_few_times_per_iteration(const test_case *tc)
{
  enum { N = 400, K = 3, MOST = 11 };
  backend *be = open_ahead(tc);
  speig_matrix *A;
  kit k;
  if (!be)
    return;
  backend_close(&be);
  A = kit_tridiagonal(tc->dtype, N, 2, -1);
  kit_open(&k, tc, A, NULL, K, SPEIG_LA);
  k.problem.tol = 1e-3;
  k.problem.max_matvecs = 20000;
  spy_on(k.be);
  CHECK_OK(lobpcg_solve(&k.problem, &k.pairs));
  k.be->ops = spy.real;
  CU_ASSERT_EQUAL(k.pairs.converged, K);
  CU_ASSERT_TRUE(k.pairs.iterations > 10);
  if (spy.waits > MOST * k.pairs.iterations)
    fprintf(stderr, "  %s: %d waits in %d iterations\n", tc->name, (int)spy.waits,
            (int)k.pairs.iterations);
  CU_ASSERT_TRUE(spy.waits <= MOST * k.pairs.iterations);
  kit_close(&k);
  speig_matrix_destroy(&A);
}
TEST_ALL_CASES(lobpcg_waits_a_few_times_per_iteration)

/* Limits on products are kept to the product, batches or not. */
static void limits_hold_within_batches(const test_case *tc)
{
  const int32_t n = harness_is_slow(tc) ? 200 : 900;
  speig_matrix *A = kit_tridiagonal(tc->dtype, n, 2, -1);
  for (int limit = 1; limit < 120; limit += harness_is_slow(tc) ? 51 : 17) {
    kit k;
    kit_open(&k, tc, A, NULL, 4, SPEIG_LA);
    k.problem.ncv = 30;
    k.problem.tol = 1e-30;
    k.problem.max_matvecs = limit;
    CHECK_OK(lanczos_solve(&k.problem, &k.pairs));
    CU_ASSERT_EQUAL(k.problem.A->products, limit);
    CU_ASSERT_EQUAL(k.pairs.reason, SPEIG_STOP_MAX_MATVECS);
    kit_close(&k);
  }
  speig_matrix_destroy(&A);
}
TEST_ALL_CASES(limits_hold_within_batches)

/* The bits do not depend on where the clock ends batches: made one at a time, or 8 at a time. */
static void batches_of_any_length_give_the_same_bits(const test_case *tc)
{
  enum { N = 597 };
  double diag[2][FIRST + STEPS], off[2][FIRST + STEPS];
  test_block kept[2];
  for (int split = 0; split < 2; ++split) {
    backend *be = open_ahead(tc);
    ahead a;
    int32_t done;
    if (!be)
      return;
    a = ahead_open(tc, be, N);
    a.batch.diag = diag[split];
    a.batch.off = off[split];
    for (int32_t first = FIRST, last; first < FIRST + STEPS; first = last) {
      last = split ? first + 1 : FIRST + STEPS;
      a.batch.first = first;
      a.batch.last = last;
      for (int32_t j = first; j < last; ++j)
        CHECK_OK(mv_lanczos_append(&a.batch, j));
      CHECK_OK(mv_lanczos_collect(&a.batch, &done));
      CU_ASSERT_EQUAL(done, last);
    }
    block_fetch(&a.B);
    kept[split] = block_copy(&a.B, N);
    ahead_close(&a);
  }
  CU_ASSERT_TRUE(block_same_bits(&kept[0], &kept[1]));
  CU_ASSERT_EQUAL(memcmp(diag[0] + FIRST, diag[1] + FIRST, STEPS * sizeof(double)), 0);
  CU_ASSERT_EQUAL(memcmp(off[0] + FIRST, off[1] + FIRST, STEPS * sizeof(double)), 0);
  block_drop(&kept[0]);
  block_drop(&kept[1]);
}
TEST_ALL_CASES(batches_of_any_length_give_the_same_bits)

int main(void)
{
  CU_pSuite suite;
  harness_start();
  suite = harness_suite("backend, ahead");
  ADD_ALL_CASES(suite, batches_match_single_steps);
  ADD_ALL_CASES(suite, batches_stop_before_trouble);
  ADD_ALL_CASES(suite, batches_know_what_went_before);
  ADD_ALL_CASES(suite, the_solver_waits_once_per_batch);
  ADD_ALL_CASES(suite, lobpcg_waits_a_few_times_per_iteration);
  ADD_ALL_CASES(suite, limits_hold_within_batches);
  ADD_ALL_CASES(suite, batches_of_any_length_give_the_same_bits);
  return harness_finish("backend_ahead");
}
