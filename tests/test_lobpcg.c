/* test_lobpcg.c: LOBPCG against known spectra and against the dense solver, and on the matrices
 * that make a naive one fall over. */
#include "eigen_kit.h"

#include "base/memory.h"

#include <string.h>

/* ---- matrices ---- */

typedef struct grid {
  speig_dtype dtype;
  int32_t nx;
} grid;

/* 5-point Laplacian of an nx x ny grid, with a phase for each row. */
static kit_scalar grid_entry(int32_t i, int32_t j, const void *user)
{
  const grid *g = user;
  int32_t far = abs(i - j) == g->nx, near = abs(i - j) == 1 && i / g->nx == j / g->nx;
  double value = i == j ? 4 : far || near ? -1 : 0;
  return value * conj(kit_phase(g->dtype, i)) * kit_phase(g->dtype, j);
}

static speig_matrix *laplacian(speig_dtype dtype, int32_t nx, int32_t ny)
{
  grid g = { dtype, nx };
  return kit_matrix(dtype, nx * ny, grid_entry, nx, &g);
}

static void laplacian_spectrum(int32_t nx, int32_t ny, double *theta)
{
  for (int32_t i = 0; i < nx; ++i)
    for (int32_t j = 0; j < ny; ++j)
      theta[i + j * nx] =
          4 - 2 * cos((i + 1) * acos(-1) / (nx + 1)) - 2 * cos((j + 1) * acos(-1) / (ny + 1));
}

static void convergence_is_sound(const kit *k)
{
  double eps = dtype_eps(k->be->ops->dtype);
  kit_verdict v = kit_judge(k);
  CU_ASSERT_EQUAL(k->pairs.reason, SPEIG_STOP_CONVERGED);
  CU_ASSERT_EQUAL_FATAL(k->pairs.converged, k->problem.k);
  CU_ASSERT_TRUE(v.residual < 1.1 * k->problem.tol + 4 * eps);
  CU_ASSERT_TRUE(v.orthogonality < 100 * eps);
  CU_ASSERT_TRUE(v.constraint < 100 * eps);
}

/* An eigenvalue is at least as accurate as its residual (times the norm of B^-1/2, `slack`). */
static void values_are(const kit *k, const double *expected, double slack)
{
  for (int32_t j = 0; j < k->pairs.converged; ++j) {
    double bound =
        2 * slack * k->problem.tol * (k->pairs.norm_a + fabs(k->pairs.theta[j]) * k->pairs.norm_b);
    CU_ASSERT_TRUE(fabs(k->pairs.theta[j] - expected[j]) <= bound);
  }
}

/* ---- right answers ---- */

static void both_ends_with_multiplicities(const test_case *tc)
{
  enum { NX = 15, N = NX * NX, K = 8 };
  double all[N], expected[K];
  speig_matrix *A = laplacian(tc->dtype, NX, NX);
  laplacian_spectrum(NX, NX, all);
  for (int end = 0; end < 2; ++end) {
    kit k;
    speig_which which = end ? SPEIG_LA : SPEIG_SA;
    kit_open(&k, tc, A, NULL, K, which);
    CHECK_OK(lobpcg_solve(&k.problem, &k.pairs));
    convergence_is_sound(&k);
    kit_best_of(which, N, all, K, expected);
    values_are(&k, expected, 1);
    CU_ASSERT_TRUE(k.pairs.norm_a > 5 && k.pairs.norm_a < 8.001);
    kit_close(&k);
  }
  speig_matrix_destroy(&A);
}
TEST_ALL_CASES(both_ends_with_multiplicities)

static void a_mass_matrix_and_jacobi(const test_case *tc)
{
  enum { N = 90, K = 5 };
  double expected[K];
  speig_operator *jacobi = NULL;
  speig_matrix *A = kit_tridiagonal(tc->dtype, N, 2, -1), *B = kit_tridiagonal(tc->dtype, N, 4, 1);
  kit k;
  for (int32_t j = 0; j < K; ++j) {
    double c = cos((j + 1) * acos(-1) / (N + 1));
    expected[j] = (1 - c) / (2 + c);
  }
  for (int with_precond = 0; with_precond < 2; ++with_precond) {
    kit_open(&k, tc, A, B, K, SPEIG_SA);
    if (with_precond) {
      CHECK_OK(speig_operator_jacobi(A, &jacobi));
      CHECK_OK(operator_bind(k.be, jacobi, 1, &k.problem.precond));
    }
    CHECK_OK(lobpcg_solve(&k.problem, &k.pairs));
    convergence_is_sound(&k);
    values_are(&k, expected, 1);
    kit_close(&k);
    speig_operator_destroy(&jacobi);
  }
  speig_matrix_destroy(&A);
  speig_matrix_destroy(&B);
}
TEST_ALL_CASES(a_mass_matrix_and_jacobi)

static void constraints_are_kept(const test_case *tc)
{
  enum { N = 80, Y = 4, K = 3 };
  double all[N];
  speig_matrix *A = kit_tridiagonal(tc->dtype, N, 2, -1), *B = kit_tridiagonal(tc->dtype, N, 4, 1);
  multivec lent;
  kit first, k;
  for (int32_t j = 0; j < N; ++j) {
    double c = cos((j + 1) * acos(-1) / (N + 1));
    all[j] = (1 - c) / (2 + c);
  }
  kit_open(&first, tc, A, B, Y, SPEIG_SA);
  CHECK_OK(dense_solve(&first.problem, &first.pairs));
  kit_open(&k, tc, A, B, K, SPEIG_SA);
  CHECK_OK(mv_alloc(k.be, N, Y, "constraints", &k.constraints));
  CHECK_OK(mv_alloc(k.be, N, Y, "constraints", &k.constraints_b));
  lent = kit_lent(&first, &k);
  CHECK_OK(mv_copy(&lent, &k.constraints));
  CHECK_OK(operator_apply(k.problem.B, &k.constraints, &k.constraints_b));
  k.problem.constraints = k.constraints;
  k.problem.constraints_b = k.constraints_b;
  CHECK_OK(lobpcg_solve(&k.problem, &k.pairs));
  convergence_is_sound(&k);
  values_are(&k, all + Y, 1);
  kit_close(&first);
  kit_close(&k);
  speig_matrix_destroy(&A);
  speig_matrix_destroy(&B);
}
TEST_ALL_CASES(constraints_are_kept)

/* ---- degenerate problems ---- */

static void degenerate_matrices_are_no_trouble(const test_case *tc)
{
  enum { N = 60 };
  double zero[N] = { 0 }, one[N], steps[N], rank_one[N] = { [7] = 3 }, line[N];
  const double *cases[] = { zero, one, steps, rank_one, line };
  int32_t wanted[] = { 1, 5, N / 3, N - 2, N };
  for (int i = 0; i < N; ++i) {
    one[i] = 1;
    steps[i] = i / 10 - 1;
    line[i] = i;
  }
  for (int c = 0; c < 5; ++c) {
    speig_matrix *A = kit_diagonal(tc->dtype, N, cases[c]);
    for (int w = 0; w < 5; ++w) {
      double expected[N];
      kit k;
      speig_which which = w % 2 ? SPEIG_LA : SPEIG_SA;
      kit_open(&k, tc, A, NULL, wanted[w], which);
      CHECK_OK(lobpcg_solve(&k.problem, &k.pairs));
      convergence_is_sound(&k);
      kit_best_of(which, N, cases[c], wanted[w], expected);
      values_are(&k, expected, 1);
      kit_close(&k);
    }
    speig_matrix_destroy(&A);
  }
}
TEST_ALL_CASES(degenerate_matrices_are_no_trouble)

static void tiny_orders(const test_case *tc)
{
  for (int32_t n = 1; n <= 6; ++n) {
    speig_matrix *A = kit_tridiagonal(tc->dtype, n, 2, -1);
    for (int32_t wanted = 1; wanted <= n; ++wanted) {
      double expected[6];
      kit k;
      for (int32_t j = 0; j < n; ++j)
        expected[j] = 2 - 2 * cos((j + 1) * acos(-1) / (n + 1));
      kit_open(&k, tc, A, NULL, wanted, SPEIG_SA);
      CHECK_OK(lobpcg_solve(&k.problem, &k.pairs));
      convergence_is_sound(&k);
      values_are(&k, expected, 1);
      kit_close(&k);
    }
    speig_matrix_destroy(&A);
  }
}
TEST_ALL_CASES(tiny_orders)

static void scales_do_not_matter(const test_case *tc)
{
  enum { N = 100, K = 3 };
  double small_scale = dtype_is_single(tc->dtype) ? 1e-12 : 1e-100;
  double scales[] = { small_scale, 1 / small_scale };
  for (int s = 0; s < 2; ++s) {
    double expected[K];
    kit k;
    speig_matrix *A = kit_tridiagonal(tc->dtype, N, 2 * scales[s], -scales[s]);
    for (int32_t j = 0; j < K; ++j)
      expected[j] = scales[s] * (2 + 2 * cos((j + 1) * acos(-1) / (N + 1)));
    kit_open(&k, tc, A, NULL, K, SPEIG_LA);
    CHECK_OK(lobpcg_solve(&k.problem, &k.pairs));
    convergence_is_sound(&k);
    values_are(&k, expected, 1);
    kit_close(&k);
    speig_matrix_destroy(&A);
  }
}
TEST_ALL_CASES(scales_do_not_matter)

/* B's diagonal runs over 20 decades: a random block is dominated by a few rows, and its Gram matrix
 * is singular to working precision. The answer is that of diag(a) / diag(b). */
static void a_badly_scaled_mass_matrix(void)
{
  test_case tc = { "", SPEIG_D, SPEIG_HOST, EPS_d };
  enum { N = 200, K = 4 };
  double a[N], b[N], ratio[N], expected[K];
  speig_matrix *A, *B;
  kit k;
  for (int i = 0; i < N; ++i) {
    b[i] = pow(10, -14 + 20.0 * (i * 77 % N) / N);
    ratio[i] = 1 + i;
    a[i] = ratio[i] * b[i];
  }
  A = kit_diagonal(SPEIG_D, N, a);
  B = kit_diagonal(SPEIG_D, N, b);
  kit_open(&k, &tc, A, B, K, SPEIG_LA);
  k.problem.tol = 1e-9;
  CHECK_OK(lobpcg_solve(&k.problem, &k.pairs));
  CU_ASSERT_TRUE(k.pairs.converged > 0);
  CU_ASSERT_TRUE(kit_judge(&k).residual < 1e-9);
  CU_ASSERT_TRUE(kit_judge(&k).orthogonality < 1e-12);
  kit_best_of(SPEIG_LA, N, ratio, K, expected);
  CU_ASSERT_TRUE(k.pairs.theta[0] < expected[0] * (1 + 1e-9));
  kit_close(&k);
  speig_matrix_destroy(&A);
  speig_matrix_destroy(&B);
}

/* ---- guesses ---- */

static void exact_guesses_cost_one_product(const test_case *tc)
{
  enum { NX = 12, N = NX * NX, K = 5 };
  speig_matrix *A = laplacian(tc->dtype, NX, NX);
  kit exact, k;
  kit_open(&exact, tc, A, NULL, K, SPEIG_SA);
  CHECK_OK(dense_solve(&exact.problem, &exact.pairs));
  kit_open(&k, tc, A, NULL, K, SPEIG_SA);
  k.problem.guess = kit_lent(&exact, &k);
  CHECK_OK(lobpcg_solve(&k.problem, &k.pairs));
  convergence_is_sound(&k);
  values_are(&k, exact.pairs.theta, 1);
  CU_ASSERT_EQUAL(k.pairs.iterations, 0);
  CU_ASSERT_TRUE(k.problem.A->products <= K + 4 + 4); /* guard vectors, power iterations */
  kit_close(&exact);
  kit_close(&k);
  speig_matrix_destroy(&A);
}
TEST_ALL_CASES(exact_guesses_cost_one_product)

/* More columns than the block has room for, all of them multiples of two vectors, one zero. */
static void deficient_guesses_are_filled_up(const test_case *tc)
{
  enum { NX = 10, N = NX * NX, K = 3, G = 40 };
  double all[N], expected[K];
  speig_matrix *A = laplacian(tc->dtype, NX, NX);
  kit_scalar *columns = calloc((size_t)N * G, sizeof *columns);
  kit k;
  for (int j = 1; j < G; ++j)
    for (int i = 0; i < N; ++i)
      columns[i + j * N] = j * random_uniform(5, i, j % 2, 0);
  laplacian_spectrum(NX, NX, all);
  kit_best_of(SPEIG_SA, N, all, K, expected);
  kit_open(&k, tc, A, NULL, K, SPEIG_SA);
  CHECK_OK(mv_alloc(k.be, N, G, "guess", &k.guess));
  kit_upload(columns, &k.guess);
  k.problem.guess = k.guess;
  CHECK_OK(lobpcg_solve(&k.problem, &k.pairs));
  convergence_is_sound(&k);
  values_are(&k, expected, 1);
  kit_close(&k);
  columns[5] = NAN;
  kit_open(&k, tc, A, NULL, K, SPEIG_SA);
  CHECK_OK(mv_alloc(k.be, N, G, "guess", &k.guess));
  kit_upload(columns, &k.guess);
  k.problem.guess = k.guess;
  CU_ASSERT_EQUAL(lobpcg_solve(&k.problem, &k.pairs), SPEIG_ERR_NUMERIC);
  kit_close(&k);
  free(columns);
  speig_matrix_destroy(&A);
}
TEST_ALL_CASES(deficient_guesses_are_filled_up)

/* ---- preconditioners ---- */

static int negative_operator(void *user, const speig_block *X, speig_block *Y)
{
  ++*(int *)user;
  for (int64_t j = 0; j < X->cols; ++j)
    for (int64_t i = 0; i < X->rows; ++i)
      kit_put(Y->dtype, Y->data, i + j * Y->ld, -kit_get(X->dtype, X->data, i + j * X->ld));
  return 0;
}

static void a_negative_preconditioner_is_left_out(const test_case *tc)
{
  enum { NX = 10, N = NX * NX, K = 3 };
  double all[N], expected[K];
  int calls = 0;
  speig_matrix *A = laplacian(tc->dtype, NX, NX);
  speig_operator *precond = NULL;
  kit k;
  laplacian_spectrum(NX, NX, all);
  kit_best_of(SPEIG_SA, N, all, K, expected);
  kit_open(&k, tc, A, NULL, K, SPEIG_SA);
  CHECK_OK(speig_operator_create(tc->dtype, N, negative_operator, &calls, &precond));
  CHECK_OK(operator_bind(k.be, precond, 1, &k.problem.precond));
  CHECK_OK(lobpcg_solve(&k.problem, &k.pairs));
  convergence_is_sound(&k);
  values_are(&k, expected, 1);
  CU_ASSERT_EQUAL(calls, 1);
  kit_close(&k);
  speig_operator_destroy(&precond);
  speig_matrix_destroy(&A);
}
TEST_ALL_CASES(a_negative_preconditioner_is_left_out)

static kit_scalar graded_entry(int32_t i, int32_t j, const void *user)
{
  double scale = pow(10, (i % 4 + j % 4) / 2.0);
  return kit_tridiagonal_entry(i, j, user) * scale;
}

static void jacobi_helps_where_rows_differ(const test_case *tc)
{
  enum { K = 2 };
  kit_pattern p = { tc->dtype, 2.5, -1 };
  speig_matrix *A = kit_matrix(tc->dtype, 120, graded_entry, 1, &p);
  speig_operator *jacobi = NULL;
  int64_t iterations[2];
  for (int with = 0; with < 2; ++with) {
    kit k;
    kit_open(&k, tc, A, NULL, K, SPEIG_SA);
    k.problem.tol = dtype_is_single(tc->dtype) ? 3e-5 : 1e-6;
    if (with) {
      CHECK_OK(speig_operator_jacobi(A, &jacobi));
      CHECK_OK(operator_bind(k.be, jacobi, 1, &k.problem.precond));
    }
    CHECK_OK(lobpcg_solve(&k.problem, &k.pairs));
    convergence_is_sound(&k);
    iterations[with] = k.pairs.iterations;
    kit_close(&k);
  }
  CU_ASSERT_TRUE(iterations[1] * 3 < iterations[0] * 2);
  speig_operator_destroy(&jacobi);
  speig_matrix_destroy(&A);
}
TEST_ALL_CASES(jacobi_helps_where_rows_differ)

static void jacobi_is_the_inverse_diagonal(const test_case *tc)
{
  enum { N = 6 };
  double d[N] = { 4, -2, 0, 1e-30, 0.5, 8 }, nothing[N] = { 0 };
  double floor_size = 8 * tc->eps;
  speig_matrix *A = kit_diagonal(tc->dtype, N, d), *zero = kit_diagonal(tc->dtype, N, nothing);
  speig_operator *jacobi = NULL;
  CHECK_OK(speig_operator_jacobi(A, &jacobi));
  for (int i = 0; i < N; ++i) {
    double expected = 1 / fmax(fabs(d[i]), floor_size);
    CU_ASSERT_DOUBLE_EQUAL(jacobi->diagonal[i] / expected, 1, 1e-6);
  }
  speig_operator_destroy(&jacobi);
  CHECK_OK(speig_operator_jacobi(zero, &jacobi));
  CU_ASSERT_EQUAL(jacobi->diagonal[3], 1);
  speig_operator_destroy(&jacobi);
  speig_matrix_destroy(&A);
  speig_matrix_destroy(&zero);
  d[2] = NAN;
  A = kit_diagonal(tc->dtype, N, d);
  CU_ASSERT_EQUAL(speig_operator_jacobi(A, &jacobi), SPEIG_ERR_NUMERIC);
  CU_ASSERT_PTR_NULL(jacobi);
  speig_matrix_destroy(&A);
}
TEST_ALL_CASES(jacobi_is_the_inverse_diagonal)

/* ---- stopping ---- */

static int stop_at_third(void *user, const speig_progress *progress)
{
  ++*(int *)user;
  CU_ASSERT_STRING_EQUAL(progress->method, "lobpcg");
  CU_ASSERT_TRUE(isfinite(progress->values[progress->wanted - 1]));
  return progress->iteration >= 3;
}

static void limits_leave_what_was_found(const test_case *tc)
{
  enum { NX = 30, K = 4 };
  speig_matrix *A = laplacian(tc->dtype, NX, NX);
  int calls = 0;
  for (int limit = 0; limit < 3; ++limit) {
    speig_reason wanted[] = { SPEIG_STOP_CANCELLED, SPEIG_STOP_MAX_MATVECS, SPEIG_STOP_TIME_LIMIT };
    kit k;
    kit_open(&k, tc, A, NULL, K, SPEIG_SA);
    k.problem.tol = 1e-3 * tc->eps;
    if (limit == 0) {
      k.problem.progress = stop_at_third;
      k.problem.progress_user = &calls;
    }
    if (limit == 1)
      k.problem.max_matvecs = 60;
    if (limit == 2)
      k.problem.deadline = clock_seconds();
    CHECK_OK(lobpcg_solve(&k.problem, &k.pairs));
    CU_ASSERT_EQUAL(k.pairs.reason, wanted[limit]);
    CU_ASSERT_EQUAL(k.pairs.count, K);
    CU_ASSERT_EQUAL(k.pairs.converged, 0);
    CU_ASSERT_TRUE(k.pairs.theta[0] > 0 && k.pairs.theta[0] < 4.5);
    if (limit == 1)
      CU_ASSERT_TRUE(k.problem.A->products < 60 + 3 * (K + 4));
    kit_close(&k);
  }
  CU_ASSERT_EQUAL(calls, 4);
  speig_matrix_destroy(&A);
}
TEST_ALL_CASES(limits_leave_what_was_found)

/* A tolerance below rounding: it must notice, stop, and still hand over good pairs. */
static void the_impossible_is_given_up(const test_case *tc)
{
  enum { NX = 12, N = NX * NX, K = 4 };
  double all[N], expected[K];
  speig_matrix *A = laplacian(tc->dtype, NX, NX);
  kit k;
  laplacian_spectrum(NX, NX, all);
  kit_best_of(SPEIG_SA, N, all, K, expected);
  kit_open(&k, tc, A, NULL, K, SPEIG_SA);
  k.problem.tol = 1e-4 * tc->eps;
  CHECK_OK(lobpcg_solve(&k.problem, &k.pairs));
  CU_ASSERT_EQUAL(k.pairs.reason, SPEIG_STOP_BREAKDOWN);
  CU_ASSERT_EQUAL(k.pairs.count, K);
  for (int32_t j = 0; j < K; ++j) {
    CU_ASSERT_TRUE(k.pairs.residual[j] < 100 * tc->eps * 8);
    CU_ASSERT_TRUE(fabs(k.pairs.theta[j] - expected[j]) < 100 * tc->eps * 8);
  }
  kit_close(&k);
  speig_matrix_destroy(&A);
}
TEST_ALL_CASES(the_impossible_is_given_up)

static void an_indefinite_mass_matrix_is_refused(const test_case *tc)
{
  enum { N = 40 };
  double d[N], e[N];
  speig_matrix *A, *B;
  kit k;
  for (int i = 0; i < N; ++i) {
    d[i] = i % 2 ? 1 : -1;
    e[i] = i;
  }
  A = kit_diagonal(tc->dtype, N, e);
  B = kit_diagonal(tc->dtype, N, d);
  kit_open(&k, tc, A, B, 3, SPEIG_SA);
  CU_ASSERT_EQUAL(lobpcg_solve(&k.problem, &k.pairs), SPEIG_ERR_NUMERIC);
  kit_close(&k);
  kit_open(&k, tc, A, NULL, 3, SPEIG_LM);
  CU_ASSERT_EQUAL(lobpcg_solve(&k.problem, &k.pairs), SPEIG_ERR_UNSUPPORTED);
  kit_close(&k);
  speig_matrix_destroy(&A);
  speig_matrix_destroy(&B);
}
TEST_ALL_CASES(an_indefinite_mass_matrix_is_refused)

/* ---- reproducible, and safe when memory ends ---- */

static void threads_do_not_change_a_bit(const test_case *tc)
{
  enum { NX = 60, K = 3 };
  speig_matrix *A = laplacian(tc->dtype, NX, NX);
  double theta[2][K], residual[2][K];
  for (int t = 0; t < 2; ++t) {
    kit k;
    kit_open_threads(&k, tc, A, NULL, K, SPEIG_LA, 1 + 2 * t);
    k.problem.max_matvecs = 100;
    CHECK_OK(lobpcg_solve(&k.problem, &k.pairs));
    memcpy(theta[t], k.pairs.theta, sizeof theta[t]);
    memcpy(residual[t], k.pairs.residual, sizeof residual[t]);
    kit_close(&k);
  }
  CU_ASSERT_EQUAL(memcmp(theta[0], theta[1], sizeof theta[0]), 0);
  CU_ASSERT_EQUAL(memcmp(residual[0], residual[1], sizeof residual[0]), 0);
  speig_matrix_destroy(&A);
}
TEST_ALL_CASES(threads_do_not_change_a_bit)

static void failed_allocations_are_reported(void)
{
  test_case tc = { "", SPEIG_Z, SPEIG_HOST, EPS_z };
  speig_matrix *A = kit_tridiagonal(SPEIG_Z, 30, 2, -1), *B = kit_tridiagonal(SPEIG_Z, 30, 4, 1);
  kit k;
  int64_t needed;
  kit_open(&k, &tc, A, B, 2, SPEIG_SA);
  (void)mem_fail_at(0, 0);
  CHECK_OK(lobpcg_solve(&k.problem, &k.pairs));
  needed = mem_fail_at(0, 0);
  CU_ASSERT_TRUE(needed > 10);
  for (int64_t at = 1; at <= needed; at += at < 60 ? 1 : 37) {
    size_t held = mem_account_read().current;
    (void)mem_fail_at(at, 0);
    CU_ASSERT_EQUAL(lobpcg_solve(&k.problem, &k.pairs), SPEIG_ERR_MEMORY);
    (void)mem_fail_at(0, 0);
    CU_ASSERT_EQUAL(mem_account_read().current, held);
  }
  kit_close(&k);
  speig_matrix_destroy(&A);
  speig_matrix_destroy(&B);
}

/* Generalized problems of the shared data against reference values of another LAPACK path. */
static void real_pairs_with_jacobi(void)
{
  static const kit_pair cases[] = {
    { "rail371_s__rail371_m", "rail371_s.mtx", "rail371_m.mtx", SPEIG_D },
    { "lund_a__lund_b", "lund_a.mtx", "lund_b.mtx", SPEIG_D },
  };
  enum { K = 5 };
  for (size_t c = 0; c < sizeof cases / sizeof *cases; ++c) {
    test_case tc = { "", cases[c].dtype, SPEIG_HOST, EPS_d };
    char relative[256];
    const char *path;
    double truth[K] = { 0 }, top[1] = { 0 }, error[1] = { 0 };
    kit k;
    speig_operator *jacobi = NULL;
    speig_matrix *A = kit_read(cases[c].a, tc.dtype), *B;
    if (!A)
      return;
    B = kit_read(cases[c].b, tc.dtype);
    (void)snprintf(relative, sizeof relative, "truth/%s.json", cases[c].truth);
    path = harness_shared(relative);
    CU_ASSERT_PTR_NOT_NULL_FATAL(path);
    CU_ASSERT_EQUAL_FATAL(kit_truth(path, "SA", K, truth), K);
    CU_ASSERT_EQUAL_FATAL(kit_truth(path, "LA", 1, top), 1);
    CU_ASSERT_EQUAL_FATAL(kit_truth(path, "abs_err", 1, error), 1);
    kit_open(&k, &tc, A, B, K, SPEIG_SA);
    CHECK_OK(speig_operator_jacobi(A, &jacobi));
    CHECK_OK(operator_bind(k.be, jacobi, 1, &k.problem.precond));
    CHECK_OK(lobpcg_solve(&k.problem, &k.pairs));
    CU_ASSERT_EQUAL(k.pairs.converged, K);
    for (int32_t j = 0; j < k.pairs.converged; ++j)
      CU_ASSERT_TRUE(fabs(k.pairs.theta[j] - truth[j]) < 10 * error[0] + 1e-12 * fabs(top[0]));
    CU_ASSERT_TRUE(kit_judge(&k).orthogonality < 1e-12);
    kit_close(&k);
    speig_matrix_destroy(&A);
    speig_matrix_destroy(&B);
    speig_operator_destroy(&jacobi);
  }
}

int main(void)
{
  CU_pSuite suite;
  harness_start();
  suite = harness_suite("lobpcg");
  ADD_ALL_CASES(suite, both_ends_with_multiplicities);
  ADD_ALL_CASES(suite, a_mass_matrix_and_jacobi);
  ADD_ALL_CASES(suite, constraints_are_kept);
  ADD_ALL_CASES(suite, degenerate_matrices_are_no_trouble);
  ADD_ALL_CASES(suite, tiny_orders);
  ADD_ALL_CASES(suite, scales_do_not_matter);
  ADD_CASE(suite, a_badly_scaled_mass_matrix);
  ADD_ALL_CASES(suite, exact_guesses_cost_one_product);
  ADD_ALL_CASES(suite, deficient_guesses_are_filled_up);
  ADD_ALL_CASES(suite, a_negative_preconditioner_is_left_out);
  ADD_ALL_CASES(suite, jacobi_helps_where_rows_differ);
  ADD_ALL_CASES(suite, jacobi_is_the_inverse_diagonal);
  ADD_ALL_CASES(suite, limits_leave_what_was_found);
  ADD_ALL_CASES(suite, the_impossible_is_given_up);
  ADD_ALL_CASES(suite, an_indefinite_mass_matrix_is_refused);
  ADD_ALL_CASES(suite, threads_do_not_change_a_bit);
  ADD_CASE(suite, failed_allocations_are_reported);
  ADD_CASE(suite, real_pairs_with_jacobi);
  return harness_finish("lobpcg");
}
