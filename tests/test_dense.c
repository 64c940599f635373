/* test_dense.c: the dense solver against known spectra, and on what LAPACK users trip over. */
#include "eigen_kit.h"

#include "base/memory.h"

#include <string.h>

/* Runs and judges: all k pairs converged, sound, and equal to `expected`, best first. */
static void solve_and_compare(kit *k, const double *expected, double scale)
{
  kit_verdict v;
  double eps = dtype_eps(k->be->ops->dtype);
  CHECK_OK(dense_solve(&k->problem, &k->pairs));
  CU_ASSERT_EQUAL(k->pairs.reason, SPEIG_STOP_CONVERGED);
  CU_ASSERT_EQUAL_FATAL(k->pairs.converged, k->problem.k);
  v = kit_judge(k);
  CU_ASSERT_TRUE(v.residual < 50 * eps);
  CU_ASSERT_TRUE(v.orthogonality < 200 * eps);
  CU_ASSERT_TRUE(v.constraint < 50 * eps);
  for (int32_t j = 0; j < k->problem.k; ++j)
    CU_ASSERT_TRUE(fabs(k->pairs.theta[j] - expected[j]) < 20 * eps * scale);
}

static void every_end_of_a_chain(const test_case *tc)
{
  enum { N = 61, K = 9 };
  double all[N], expected[K];
  speig_matrix *A = kit_tridiagonal(tc->dtype, N, 0.25, -1);
  for (int32_t j = 0; j < N; ++j)
    all[j] = 0.25 - 2 * cos((j + 1) * acos(-1) / (N + 1));
  for (int which = SPEIG_LM; which <= SPEIG_BE; ++which) {
    kit k;
    kit_open(&k, tc, A, NULL, K, (speig_which)which);
    kit_best_of((speig_which)which, N, all, K, expected);
    solve_and_compare(&k, expected, 2.25);
    CU_ASSERT_DOUBLE_EQUAL(k.pairs.norm_a, 2.25, 0.01);
    kit_close(&k);
  }
  speig_matrix_destroy(&A);
}
TEST_ALL_CASES(every_end_of_a_chain)

static void a_mass_matrix_changes_the_problem(const test_case *tc)
{
  enum { N = 50, K = 50 };
  double all[N], expected[K];
  speig_matrix *A = kit_tridiagonal(tc->dtype, N, 2, -1), *B = kit_tridiagonal(tc->dtype, N, 4, 1);
  for (int32_t j = 0; j < N; ++j) {
    double c = cos((j + 1) * acos(-1) / (N + 1));
    all[j] = (1 - c) / (2 + c);
  }
  for (int32_t wanted = 5; wanted <= K; wanted += K - 5) {
    kit k;
    kit_open(&k, tc, A, B, wanted, SPEIG_SA);
    kit_best_of(SPEIG_SA, N, all, wanted, expected);
    solve_and_compare(&k, expected, 2);
    CU_ASSERT_DOUBLE_EQUAL(k.pairs.norm_b, 6, 0.2);
    kit_close(&k);
  }
  speig_matrix_destroy(&A);
  speig_matrix_destroy(&B);
}
TEST_ALL_CASES(a_mass_matrix_changes_the_problem)

/* A wheel: a ring, and a hub bound to all of it. Row `hub` is a thousand times as heavy as the
 * others. Laplacian: 0, 1 + 4 sin^2(pi j / (n - 1)) for 0 < j < n - 1, n. */
typedef struct wheel {
  speig_dtype dtype;
  int32_t n, hub;
} wheel;

static kit_scalar wheel_entry(int32_t i, int32_t j, const void *user)
{
  const wheel *w = user;
  int32_t ring = w->n - 1, a = i - (i > w->hub), b = j - (j > w->hub);
  kit_scalar turn = conj(kit_phase(w->dtype, i)) * kit_phase(w->dtype, j);
  if (i == j)
    return i == w->hub ? ring : 3;
  if (i == w->hub || j == w->hub || (a + 1) % ring == b || (b + 1) % ring == a)
    return -turn;
  return 0;
}

static void heavy_rows_do_no_harm(const test_case *tc)
{
  enum { N = 401, K = 6 };
  static const int32_t hubs[] = { 0, N / 3, N - 1 };
  double all[N], expected[K];
  for (int32_t j = 0; j < N; ++j) {
    double s = sin(j * acos(-1) / (N - 1));
    all[j] = j == 0 ? 0 : j == N - 1 ? N : 1 + 4 * s * s;
  }
  kit_best_of(SPEIG_SA, N, all, K, expected);
  for (int h = 0; h < 3; ++h) {
    wheel w = { tc->dtype, N, hubs[h] };
    kit k;
    speig_matrix *A = kit_matrix(tc->dtype, N, wheel_entry, N, &w);
    kit_open(&k, tc, A, NULL, K, SPEIG_SA);
    solve_and_compare(&k, expected, N);
    CU_ASSERT_TRUE(kit_judge(&k).residual < 5 * dtype_eps(tc->dtype));
    kit_close(&k);
    speig_matrix_destroy(&A);
  }
}
TEST_ALL_CASES(heavy_rows_do_no_harm)

/* Constrained to be B-orthogonal to the first three eigenvectors, which it computes itself. */
static void constraints_never_appear(const test_case *tc)
{
  enum { N = 40, Y = 3, K = N - Y };
  double all[N];
  speig_matrix *A = kit_tridiagonal(tc->dtype, N, 2, -1), *B = kit_tridiagonal(tc->dtype, N, 4, 1);
  for (int with_b = 0; with_b < 2; ++with_b) {
    multivec lent;
    kit first, k;
    for (int32_t j = 0; j < N; ++j) {
      double c = cos((j + 1) * acos(-1) / (N + 1));
      all[j] = with_b ? (1 - c) / (2 + c) : 2 - 2 * c;
    }
    kit_open(&first, tc, A, with_b ? B : NULL, Y, SPEIG_SA);
    CHECK_OK(dense_solve(&first.problem, &first.pairs));
    kit_open(&k, tc, A, with_b ? B : NULL, K, SPEIG_SA);
    CHECK_OK(mv_alloc(k.be, N, Y, "constraints", &k.constraints));
    CHECK_OK(mv_alloc(k.be, N, Y, "constraints", &k.constraints_b));
    lent = kit_lent(&first, &k);
    CHECK_OK(mv_copy(&lent, &k.constraints));
    if (with_b)
      CHECK_OK(operator_apply(k.problem.B, &k.constraints, &k.constraints_b));
    else
      CHECK_OK(mv_copy(&k.constraints, &k.constraints_b));
    k.problem.constraints = k.constraints;
    k.problem.constraints_b = k.constraints_b;
    solve_and_compare(&k, all + Y, 4);
    kit_close(&first);
    kit_close(&k);
  }
  speig_matrix_destroy(&A);
  speig_matrix_destroy(&B);
}
TEST_ALL_CASES(constraints_never_appear)

static void degenerate_matrices_are_no_trouble(const test_case *tc)
{
  enum { N = 30 };
  double zero[N] = { 0 }, one[N], steps[N], rank_one[N] = { [7] = -3 };
  const double *cases[] = { zero, one, steps, rank_one };
  for (int i = 0; i < N; ++i) {
    one[i] = 1;
    steps[i] = i / 10 - 1;
  }
  for (int c = 0; c < 4; ++c) {
    double expected[N];
    kit k;
    speig_matrix *A = kit_diagonal(tc->dtype, N, cases[c]);
    kit_open(&k, tc, A, NULL, N, SPEIG_LM);
    kit_best_of(SPEIG_LM, N, cases[c], N, expected);
    solve_and_compare(&k, expected, 3);
    kit_close(&k);
    speig_matrix_destroy(&A);
  }
}
TEST_ALL_CASES(degenerate_matrices_are_no_trouble)

static void order_one_and_nothing_more(const test_case *tc)
{
  double value = 5;
  kit k;
  speig_matrix *A = kit_diagonal(tc->dtype, 1, &value);
  kit_open(&k, tc, A, NULL, 1, SPEIG_LM);
  solve_and_compare(&k, &value, 5);
  kit_close(&k);
  speig_matrix_destroy(&A);
}
TEST_ALL_CASES(order_one_and_nothing_more)

/* Wilkinson matrices glued by tiny couplings: tight clusters at many places, on which vectors by
 * relatively robust representations have been seen to lose orthogonality. */
static kit_scalar glued_entry(int32_t i, int32_t j, const void *user)
{
  int32_t inside = i % 21, glue = (i < j ? j : i) % 21 == 0;
  (void)user;
  if (i == j)
    return abs(inside - 10);
  return glue ? 1e-8 : 1;
}

static void glued_clusters_stay_orthonormal(void)
{
  test_case tc = { "", SPEIG_D, SPEIG_HOST, EPS_d };
  enum { N = 21 * 12, K = 100 };
  kit k;
  kit_verdict v;
  speig_matrix *A = kit_matrix(SPEIG_D, N, glued_entry, 1, NULL);
  kit_open(&k, &tc, A, NULL, K, SPEIG_LA);
  CHECK_OK(dense_solve(&k.problem, &k.pairs));
  CU_ASSERT_EQUAL(k.pairs.converged, K);
  v = kit_judge(&k);
  CU_ASSERT_TRUE(v.orthogonality < 1e-12);
  CU_ASSERT_TRUE(v.residual < 1e-14);
  kit_close(&k);
  speig_matrix_destroy(&A);
}

static void an_indefinite_mass_matrix_is_named(const test_case *tc)
{
  double d[] = { 3, 2, 1, 4, -1, 5 }, e[] = { 1, 2, 3, 4, 5, 6 };
  kit k;
  speig_matrix *A = kit_diagonal(tc->dtype, 6, e), *B = kit_diagonal(tc->dtype, 6, d);
  kit_open(&k, tc, A, B, 2, SPEIG_SA);
  CU_ASSERT_EQUAL(dense_solve(&k.problem, &k.pairs), SPEIG_ERR_NUMERIC);
  CU_ASSERT_PTR_NOT_NULL(strstr(speig_last_error(), "diagonal entry 5 is -1"));
  kit_close(&k);
  speig_matrix_destroy(&A);
  speig_matrix_destroy(&B);
}
TEST_ALL_CASES(an_indefinite_mass_matrix_is_named)

static void nan_is_refused(const test_case *tc)
{
  double d[] = { 3, 2, NAN, 4, 1, 5 };
  kit k;
  speig_matrix *A = kit_diagonal(tc->dtype, 6, d);
  kit_open(&k, tc, A, NULL, 2, SPEIG_SA);
  CU_ASSERT_EQUAL(dense_solve(&k.problem, &k.pairs), SPEIG_ERR_NUMERIC);
  kit_close(&k);
  speig_matrix_destroy(&A);
}
TEST_ALL_CASES(nan_is_refused)

/* ---- callbacks ---- */

typedef struct user_operator {
  double above; /* entry to the right of the diagonal; -1 makes it Hermitian */
  int64_t columns;
} user_operator;

static int apply_chain(void *user, const speig_block *X, speig_block *Y)
{
  user_operator *op = user;
  op->columns += X->cols;
  for (int64_t j = 0; j < X->cols; ++j) {
    for (int64_t i = 0; i < X->rows; ++i) {
      int64_t at = i + j * X->ld;
      kit_scalar y = 2 * kit_get(X->dtype, X->data, at);
      if (i > 0)
        y -= kit_get(X->dtype, X->data, at - 1);
      if (i + 1 < X->rows)
        y += op->above * kit_get(X->dtype, X->data, at + 1);
      kit_put(Y->dtype, Y->data, i + j * Y->ld, y);
    }
  }
  return 0;
}

static void open_callback(kit *k, const test_case *tc, const speig_matrix *like,
                          user_operator *user, int32_t wanted)
{
  int64_t n = speig_matrix_get_info(like).rows;
  kit_open(k, tc, like, NULL, wanted, SPEIG_SA);
  operator_unbind(&k->problem.A);
  speig_operator_destroy(&k->op_a);
  CHECK_OK(speig_operator_create(tc->dtype, n, apply_chain, user, &k->op_a));
  CHECK_OK(operator_bind(k->be, k->op_a, 1, &k->problem.A));
}

static void callbacks_are_expanded_and_checked(const test_case *tc)
{
  enum { N = 70, K = 4 };
  double expected[K];
  user_operator good = { -1, 0 }, bad = { 1, 0 };
  kit_pattern p = { SPEIG_D, 2, -1 }; /* real in every type, as the callback is */
  speig_matrix *A = kit_matrix(tc->dtype, N, kit_tridiagonal_entry, 1, &p);
  kit k;
  for (int32_t j = 0; j < K; ++j)
    expected[j] = 2 - 2 * cos((j + 1) * acos(-1) / (N + 1));
  open_callback(&k, tc, A, &good, K);
  solve_and_compare(&k, expected, 4);
  CU_ASSERT_EQUAL(good.columns, N + K);
  CU_ASSERT_EQUAL(k.problem.A->products, good.columns);
  kit_close(&k);
  open_callback(&k, tc, A, &bad, K);
  CU_ASSERT_EQUAL(dense_solve(&k.problem, &k.pairs), SPEIG_ERR_ARG);
  kit_close(&k);
  good.columns = 0;
  open_callback(&k, tc, A, &good, K);
  k.problem.max_matvecs = 40;
  CHECK_OK(dense_solve(&k.problem, &k.pairs));
  CU_ASSERT_EQUAL(k.pairs.count, 0);
  CU_ASSERT_EQUAL(k.pairs.reason, SPEIG_STOP_MAX_MATVECS);
  CU_ASSERT_TRUE(good.columns < N);
  kit_close(&k);
  speig_matrix_destroy(&A);
}
TEST_ALL_CASES(callbacks_are_expanded_and_checked)

/* ---- memory ---- */

static void every_failed_allocation_is_reported(void)
{
  test_case tc = { "", SPEIG_Z, SPEIG_HOST, EPS_z };
  enum { N = 20 };
  speig_matrix *A = kit_tridiagonal(SPEIG_Z, N, 2, -1), *B = kit_tridiagonal(SPEIG_Z, N, 4, 1);
  kit k;
  int64_t needed;
  kit_open(&k, &tc, A, B, 4, SPEIG_BE);
  (void)mem_fail_at(0, 0);
  CHECK_OK(dense_solve(&k.problem, &k.pairs));
  needed = mem_fail_at(0, 0);
  CU_ASSERT_TRUE(needed > 10);
  for (int64_t at = 1; at <= needed; ++at) {
    size_t held = mem_account_read().current;
    (void)mem_fail_at(at, 0);
    CU_ASSERT_EQUAL(dense_solve(&k.problem, &k.pairs), SPEIG_ERR_MEMORY);
    (void)mem_fail_at(0, 0);
    CU_ASSERT_EQUAL(mem_account_read().current, held);
  }
  kit_close(&k);
  speig_matrix_destroy(&A);
  speig_matrix_destroy(&B);
}

/* Generalized problems of the shared data against reference values of another LAPACK path. */
static void real_pairs(void)
{
  static const kit_pair cases[] = {
    { "rail371_s__rail371_m", "rail371_s.mtx", "rail371_m.mtx", SPEIG_D },
    { "lund_a__lund_b", "lund_a.mtx", "lund_b.mtx", SPEIG_D },
    { "si2k_h__si2k_s", "si2k_h.mtx.gz", "si2k_s.mtx.gz", SPEIG_Z },
    { "si64_h__si64_s", "si64_h.mtx.gz", "si64_s.mtx.gz", SPEIG_D },
  };
  enum { K = 5 };
  for (size_t c = 0; c < sizeof cases / sizeof *cases; ++c) {
    test_case tc = { "", cases[c].dtype, SPEIG_HOST, EPS_d };
    char relative[256];
    const char *path;
    double truth[K] = { 0 }, top[1] = { 0 }, error[1] = { 0 };
    kit k;
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
    CHECK_OK(dense_solve(&k.problem, &k.pairs));
    CU_ASSERT_EQUAL(k.pairs.converged, K);
    for (int32_t j = 0; j < k.pairs.converged; ++j)
      CU_ASSERT_TRUE(fabs(k.pairs.theta[j] - truth[j]) < 10 * error[0] + 1e-14 * fabs(top[0]));
    CU_ASSERT_TRUE(kit_judge(&k).orthogonality < 1e-12);
    kit_close(&k);
    speig_matrix_destroy(&A);
    speig_matrix_destroy(&B);
  }
}

int main(void)
{
  CU_pSuite suite;
  harness_start();
  suite = harness_suite("dense");
  ADD_ALL_CASES(suite, every_end_of_a_chain);
  ADD_ALL_CASES(suite, a_mass_matrix_changes_the_problem);
  ADD_ALL_CASES(suite, heavy_rows_do_no_harm);
  ADD_ALL_CASES(suite, constraints_never_appear);
  ADD_ALL_CASES(suite, degenerate_matrices_are_no_trouble);
  ADD_ALL_CASES(suite, order_one_and_nothing_more);
  ADD_CASE(suite, glued_clusters_stay_orthonormal);
  ADD_ALL_CASES(suite, an_indefinite_mass_matrix_is_named);
  ADD_ALL_CASES(suite, nan_is_refused);
  ADD_ALL_CASES(suite, callbacks_are_expanded_and_checked);
  ADD_CASE(suite, every_failed_allocation_is_reported);
  ADD_CASE(suite, real_pairs);
  return harness_finish("dense");
}
