/* test_lobpcg_solve.c: LOBPCG through speig_eigsh: multiple eigenvalues at either end and at both,
 * with a mass matrix, guesses, preconditioners, and cases that others are known to fail on. */
#include "eigen_kit.h"
#include "solve_kit.h"

#include "solvers/run.h"

#include <string.h>

/* ---- multiple eigenvalues ---- */

static void copies_at_any_end(const test_case *tc)
{
  static const int32_t counts[] = { 1, 6, 10 };
  static const speig_which ends[] = { SPEIG_SA, SPEIG_LA, SPEIG_BE, SPEIG_LM };
  model models[] = {
    model_make(tc->dtype, 1, "disconnected", "copies", 30.0, "vertices", 8.0, NULL),
    model_make(tc->dtype, 1, "complete", "n", 50.0, NULL),
    model_make(tc->dtype, 1, "hypercube", "d", 6.0, NULL),
    model_make(tc->dtype, 1, "linear", "n", 60.0, NULL),
  };
  for (size_t m = 0; m < sizeof models / sizeof *models; ++m) {
    for (int c = 0; c < 3; ++c)
      for (int e = 0; e < 4; ++e) {
        speig_eigsh_opts opts = opts_for(tc->device, SPEIG_LOBPCG, counts[c], ends[e]);
        if (!harness_takes(tc, c + e + (int)m))
          continue;
        expect_right(&models[m], &opts, 0);
      }
    model_drop(&models[m]);
  }
}
TEST_ALL_CASES(copies_at_any_end)

/* Two copies of the tridiagonal matrix of order n / 2, side by side. */
typedef struct twins {
  kit_pattern pattern;
  int32_t n;
} twins;

static kit_scalar twins_entry(int32_t i, int32_t j, const void *user)
{
  const twins *t = user;
  return (i < t->n / 2) == (j < t->n / 2) ? kit_tridiagonal_entry(i, j, &t->pattern) : 0;
}

static speig_matrix *twin_matrix(speig_dtype dtype, int32_t n, double factor, double diagonal,
                                 double neighbour)
{
  twins t = { { dtype, factor * diagonal, factor * neighbour }, n };
  return kit_matrix(dtype, n, twins_entry, 1, &t);
}

/* Eigenvalue j of the pair (tridiag(-1, 2, -1), tridiag(1, 4, 1)) of order m, from below. */
static double fem_value(int32_t j, int32_t m)
{
  double c = cos((j + 1) * acos(-1) / (m + 1));
  return (1 - c) / (2 + c);
}

static void copies_with_a_mass_matrix(const test_case *tc)
{
  enum { M = 24, K = 6 };
  int single = dtype_is_single(tc->dtype);
  double scales[][2] = { { 1, 1 },
                         { single ? 1e-30 : 1e-200, 1 },
                         { single ? 1e20 : 1e200, single ? 1e-15 : 1e-90 } };
  for (size_t s = 0; s < sizeof scales / sizeof *scales; ++s) {
    speig_matrix *A = twin_matrix(tc->dtype, 2 * M, scales[s][0], 2, -1);
    speig_matrix *B = twin_matrix(tc->dtype, 2 * M, scales[s][1], 4, 1);
    speig_operator *a = NULL, *b = NULL;
    CHECK_OK(speig_operator_from_matrix(A, &a));
    CHECK_OK(speig_operator_from_matrix(B, &b));
    for (speig_which which = SPEIG_LM; which <= SPEIG_BE; ++which) {
      speig_eigsh_opts opts = opts_for(tc->device, SPEIG_LOBPCG, K, which);
      speig_eigsh_result *r = NULL;
      if (which == SPEIG_SM || !harness_takes(tc, (int)s + (int)which))
        continue;
      CHECK_OK(speig_eigsh(a, b, &opts, &r));
      CU_ASSERT_EQUAL(r->outcome, SPEIG_VALIDATED);
      CU_ASSERT_EQUAL_FATAL(r->k, K);
      for (int32_t i = 0; i < K; ++i) {
        /* BE with 6: three from each end, so that the middle two are single copies. */
        int32_t low = which == SPEIG_SA ? i / 2 : i < 3 ? i / 2 : M - 1 - (5 - i) / 2;
        int32_t at = which == SPEIG_SA || which == SPEIG_BE ? low : M - 1 - (5 - i) / 2;
        double expected = fem_value(at, M), found = r->values[i] / scales[s][0] * scales[s][1];
        CU_ASSERT_TRUE(fabs(found - expected) < 1000 * tc->eps * 3);
      }
      CU_ASSERT_TRUE(r->orthogonality < 100 * tc->eps);
      speig_eigsh_result_free(&r);
    }
    speig_operator_destroy(&a);
    speig_operator_destroy(&b);
    speig_matrix_destroy(&A);
    speig_matrix_destroy(&B);
  }
}
TEST_ALL_CASES(copies_with_a_mass_matrix)

/* A set that lacks the second copy of its best value: the probe has to bring it. */
static void a_missed_copy_is_found(const test_case *tc)
{
  enum { M = 30, N = 2 * M, K = 4 };
  for (int with_b = 0; with_b < 2; ++with_b) {
    speig_matrix *A = twin_matrix(tc->dtype, N, 1, 2, -1);
    speig_matrix *B = with_b ? twin_matrix(tc->dtype, N, 1, 4, 1) : NULL;
    eigsh_run run = { .method = SPEIG_LOBPCG, .plan.max_matvecs = 100000 };
    kit all, k;
    int complete = 0;
    kit_open(&all, tc, A, B, K + 1, SPEIG_SA);
    CHECK_OK(dense_solve(&all.problem, &all.pairs));
    kit_open(&k, tc, A, B, K, SPEIG_SA);
    for (int32_t j = 0; j < K; ++j) {
      int32_t from = j == 0 ? 0 : j + 1; /* without pair 1 */
      multivec lent = kit_lent(&all, &k), source = mv_columns(&lent, from, 1);
      multivec to = mv_columns(&k.pairs.X, j, 1);
      CHECK_OK(mv_copy(&source, &to));
      k.pairs.theta[j] = all.pairs.theta[from];
    }
    k.pairs.count = k.pairs.converged = K;
    k.pairs.norm_a = 4;
    k.pairs.norm_b = with_b ? 6 : 1;
    CHECK_OK(validate_pairs(&run, &k.problem, &k.pairs, &complete));
    CU_ASSERT_EQUAL(complete, 1);
    CU_ASSERT_EQUAL_FATAL(k.pairs.converged, K);
    for (int32_t j = 0; j < K; ++j)
      CU_ASSERT_TRUE(fabs(k.pairs.theta[j] - all.pairs.theta[j]) < 1000 * tc->eps);
    kit_close(&all);
    kit_close(&k);
    speig_matrix_destroy(&A);
    speig_matrix_destroy(&B);
  }
}
TEST_ALL_CASES(a_missed_copy_is_found)

/* ---- preconditioners ---- */

/* Y = T^-1 X for T = tridiag(-1, 2, -1) turned by the phases of kit_phase: Thomas's algorithm. */
static int solve_chain(void *user, const speig_block *X, speig_block *Y)
{
  int64_t n = X->rows;
  double *pivot = calloc((size_t)n, sizeof *pivot);
  kit_scalar *y = calloc((size_t)n, sizeof *y);
  (void)user;
  for (int64_t j = 0; j < X->cols; ++j) {
    for (int64_t i = 0; i < n; ++i) {
      kit_scalar x = kit_get(X->dtype, X->data, i + j * X->ld) * kit_phase(X->dtype, (int32_t)i);
      pivot[i] = i ? 2 - 1 / pivot[i - 1] : 2;
      y[i] = i ? x + y[i - 1] / pivot[i - 1] : x;
    }
    for (int64_t i = n - 1; i >= 0; --i) {
      y[i] = (y[i] + (i < n - 1 ? y[i + 1] : 0)) / pivot[i];
      kit_put(Y->dtype, Y->data, i + j * Y->ld, y[i] * conj(kit_phase(Y->dtype, (int32_t)i)));
    }
  }
  free(pivot);
  free(y);
  return 0;
}

static void an_exact_inverse_converges_at_once(const test_case *tc)
{
  enum { N = 200, K = 4 };
  speig_matrix *A = kit_tridiagonal(tc->dtype, N, 2, -1);
  speig_operator *a = NULL, *inverse = NULL;
  speig_eigsh_opts opts = opts_for(tc->device, SPEIG_LOBPCG, K, SPEIG_SA);
  speig_eigsh_result *r = NULL;
  CHECK_OK(speig_operator_from_matrix(A, &a));
  CHECK_OK(speig_operator_create(tc->dtype, N, solve_chain, NULL, &inverse));
  opts.precond = inverse;
  opts.certify = SPEIG_CERTIFY_NEVER;
  CHECK_OK(speig_eigsh(a, NULL, &opts, &r));
  CU_ASSERT_EQUAL(r->outcome, SPEIG_CONVERGED);
  CU_ASSERT_EQUAL_FATAL(r->k, K);
  CU_ASSERT_TRUE(r->restarts <= 20);
  CU_ASSERT_FALSE(r->precond_dropped);
  for (int32_t j = 0; j < K; ++j)
    CU_ASSERT_TRUE(fabs(r->values[j] - 2 + 2 * cos((j + 1) * acos(-1) / (N + 1))) < 200 * tc->eps);
  speig_eigsh_result_free(&r);
  speig_operator_destroy(&a);
  speig_operator_destroy(&inverse);
  speig_matrix_destroy(&A);
}
TEST_ALL_CASES(an_exact_inverse_converges_at_once)

static int negate(void *user, const speig_block *X, speig_block *Y)
{
  (void)user;
  for (int64_t j = 0; j < X->cols; ++j)
    for (int64_t i = 0; i < X->rows; ++i)
      kit_put(Y->dtype, Y->data, i + j * Y->ld, -kit_get(X->dtype, X->data, i + j * X->ld));
  return 0;
}

static void a_dropped_preconditioner_is_told(const test_case *tc)
{
  model grid = model_make(tc->dtype, 1, "laplacian2d", "nx", 12.0, "ny", 11.0, NULL);
  speig_operator *negative = NULL, *jacobi = NULL;
  CHECK_OK(speig_operator_create(tc->dtype, grid.n, negate, NULL, &negative));
  CHECK_OK(speig_operator_jacobi(grid.A, &jacobi));
  for (int bad = 0; bad < 2; ++bad)
    for (int both = 0; both < 2; ++both) {
      speig_eigsh_opts opts = opts_for(tc->device, SPEIG_LOBPCG, 4, both ? SPEIG_BE : SPEIG_SA);
      speig_eigsh_result *r = NULL;
      opts.precond = bad ? negative : jacobi;
      CHECK_OK(speig_eigsh(grid.op, NULL, &opts, &r));
      CU_ASSERT_EQUAL(r->precond_dropped, bad);
      CU_ASSERT_TRUE(answer_is_right(&grid, &opts, r));
      CU_ASSERT_EQUAL(r->k, 4);
      speig_eigsh_result_free(&r);
    }
  speig_operator_destroy(&negative);
  speig_operator_destroy(&jacobi);
  model_drop(&grid);
}
TEST_ALL_CASES(a_dropped_preconditioner_is_told)

/* ---- guesses ---- */

/* Answers given back, all of them and more columns than are wanted; and answers with errors. */
static void guesses_are_used(const test_case *tc)
{
  enum { K = 4, MORE = 9 };
  model grid = model_make(tc->dtype, 1, "laplacian2d", "nx", 20.0, "ny", 17.0, NULL);
  speig_eigsh_opts opts = opts_for(tc->device, SPEIG_DENSE, MORE, SPEIG_SA);
  speig_eigsh_result *exact = NULL, *plain = NULL, *near = NULL, *same = NULL;
  CHECK_OK(speig_eigsh(grid.op, NULL, &opts, &exact));
  opts = opts_for(tc->device, SPEIG_LOBPCG, K, SPEIG_SA);
  opts.certify = SPEIG_CERTIFY_NEVER;
  CHECK_OK(speig_eigsh(grid.op, NULL, &opts, &plain));
  opts.guess = &exact->vectors;
  CHECK_OK(speig_eigsh(grid.op, NULL, &opts, &same));
  CU_ASSERT_TRUE(answer_is_right(&grid, &opts, same));
  CU_ASSERT_TRUE(same->matvecs <= MORE + 1 + K); /* the guesses, a random one, the check */
  for (int64_t i = 0; i < grid.n * MORE; ++i)
    kit_put(tc->dtype, exact->vectors.data, i,
            kit_get(tc->dtype, exact->vectors.data, i) + 1e-3 * (random_uniform(9, i, 0, 0) - 0.5));
  CHECK_OK(speig_eigsh(grid.op, NULL, &opts, &near));
  CU_ASSERT_TRUE(answer_is_right(&grid, &opts, near));
  CU_ASSERT_EQUAL(near->k, K);
  CU_ASSERT_TRUE(near->matvecs < plain->matvecs);
  speig_eigsh_result_free(&exact);
  speig_eigsh_result_free(&plain);
  speig_eigsh_result_free(&near);
  speig_eigsh_result_free(&same);
  model_drop(&grid);
}
TEST_ALL_CASES(guesses_are_used)

/* Guess columns that agree to working precision make the Gram matrix of a plain LOBPCG singular. */
static void nearly_equal_guesses(const test_case *tc)
{
  enum { G = 6 };
  model line = model_make(tc->dtype, 1, "linear", "n", 90.0, NULL);
  speig_block guess = { 0 };
  speig_eigsh_opts opts = opts_for(tc->device, SPEIG_LOBPCG, 5, SPEIG_SA);
  CHECK_OK(speig_block_alloc(tc->dtype, line.n, G, &guess));
  for (int64_t j = 0; j < G; ++j)
    for (int64_t i = 0; i < line.n; ++i)
      kit_put(tc->dtype, guess.data, i + j * guess.ld,
              1 + 10 * tc->eps * (double)(i * j) * random_uniform(3, i, j, 0));
  opts.guess = &guess;
  expect_right(&line, &opts, 0);
  speig_block_free(&guess);
  model_drop(&line);
}
TEST_ALL_CASES(nearly_equal_guesses)

/* ---- known failures of others ---- */

/* Graphs of several components, smallest values wanted, with Jacobi: leading minors of B-less
 * LOBPCG's Gram matrices are singular there. */
static void singular_laplacians(const test_case *tc)
{
  model parts = model_make(tc->dtype, 1, "disconnected", "copies", 6.0, "vertices", 16.0, NULL);
  speig_operator *jacobi = NULL;
  CHECK_OK(speig_operator_jacobi(parts.A, &jacobi));
  for (int32_t k = 2; k <= 10; k += 4) {
    speig_eigsh_opts opts = opts_for(tc->device, SPEIG_LOBPCG, k, SPEIG_SA);
    opts.precond = jacobi;
    expect_right(&parts, &opts, 0);
  }
  speig_operator_destroy(&jacobi);
  model_drop(&parts);
}
TEST_ALL_CASES(singular_laplacians)

/* Single precision at an order where tolerances that grow with n mean nothing. */
static void a_large_order_in_single_precision(void)
{
  const double divisor = harness_under_valgrind() ? 8 : 1;
  model grid =
      model_make(SPEIG_S, 1, "laplacian2d", "nx", 400 / divisor, "ny", floor(321 / divisor), NULL);
  speig_eigsh_opts opts = opts_for(SPEIG_HOST, SPEIG_LOBPCG, 3, SPEIG_LA);
  CU_ASSERT_TRUE(grid.n == 128400 || harness_under_valgrind());
  opts.certify = SPEIG_CERTIFY_NEVER;
  expect_right(&grid, &opts, 0);
  model_drop(&grid);
}

int main(void)
{
  CU_pSuite suite;
  harness_start();
  suite = harness_suite("lobpcg_solve");
  ADD_ALL_CASES(suite, copies_at_any_end);
  ADD_ALL_CASES(suite, copies_with_a_mass_matrix);
  ADD_ALL_CASES(suite, a_missed_copy_is_found);
  ADD_ALL_CASES(suite, an_exact_inverse_converges_at_once);
  ADD_ALL_CASES(suite, a_dropped_preconditioner_is_told);
  ADD_ALL_CASES(suite, guesses_are_used);
  ADD_ALL_CASES(suite, nearly_equal_guesses);
  ADD_ALL_CASES(suite, singular_laplacians);
  ADD_CASE(suite, a_large_order_in_single_precision);
  return harness_finish("lobpcg_solve");
}
