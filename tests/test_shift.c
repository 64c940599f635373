/* test_shift.c: shift-invert in all modes, types and choices against LAPACK: right sets with
 * multiplicities, residuals and orthogonality recomputed, honest words about completeness. */
#include "shift_kit.h"

#include "base/random.h"

#include <stdio.h>

static void normal_mode_takes_every_which(const test_case *tc)
{
  static const double sigmas[] = { 0.4, -1.7, 3.9, -20 };
  speig_matrix *A, *B;
  if (!shift_have_factors())
    return;
  A = kit_matrix(tc->dtype, SHIFT_N, shift_grid_entry, SHIFT_SIDE, shift_indefinite);
  B = kit_matrix(tc->dtype, SHIFT_N, shift_mass_entry, 1, NULL);
  for (int s = 0; s < 4; ++s)
    for (int which = SPEIG_LM; which <= SPEIG_BE; ++which) {
      speig_eigsh_opts o = shift_options(sigmas[s], SPEIG_MODE_NORMAL, (speig_which)which, 5);
      if (!harness_takes(tc, s + which))
        continue;
      /* nothing lies below -20, and little above 3.9: some turn to the far end */
      shift_expect(tc, A, NULL, &o, 0, 1);
      if (s < 2)
        shift_expect(tc, A, B, &o, 0, 1);
    }
  speig_matrix_destroy(&A);
  speig_matrix_destroy(&B);
}
TEST_ALL_TYPES(normal_mode_takes_every_which)

static void buckling_and_cayley(const test_case *tc)
{
  static const speig_which some[] = { SPEIG_LM, SPEIG_LA, SPEIG_SA, SPEIG_BE };
  speig_matrix *K, *G, *M;
  if (!shift_have_factors())
    return;
  K = kit_matrix(tc->dtype, SHIFT_N, shift_grid_entry, SHIFT_SIDE, shift_definite);
  G = kit_matrix(tc->dtype, SHIFT_N, shift_grid_entry, SHIFT_SIDE, shift_indefinite);
  M = kit_matrix(tc->dtype, SHIFT_N, shift_mass_entry, 1, NULL);
  for (int i = 0; i < 4; ++i) {
    speig_eigsh_opts o = shift_options(3.5, SPEIG_MODE_BUCKLING, some[i], 4);
    shift_expect(tc, K, G, &o, 1, 1);
    o.sigma = -4;
    shift_expect(tc, K, G, &o, 1, 1);
    o = shift_options(2.9, SPEIG_MODE_CAYLEY, some[i], 4);
    shift_expect(tc, K, M, &o, 0, 1);
    shift_expect(tc, K, NULL, &o, 0, 1);
  }
  {
    speig_eigsh_opts o = shift_options(-2.2, SPEIG_MODE_CAYLEY, SPEIG_SM, 4);
    shift_expect(tc, K, M, &o, 0, 1);
  }
  speig_matrix_destroy(&K);
  speig_matrix_destroy(&G);
  speig_matrix_destroy(&M);
}
TEST_ALL_TYPES(buckling_and_cayley)

static void dense_agrees(const test_case *tc)
{
  speig_matrix *K = kit_matrix(tc->dtype, SHIFT_N, shift_grid_entry, SHIFT_SIDE, shift_definite);
  speig_matrix *G = kit_matrix(tc->dtype, SHIFT_N, shift_grid_entry, SHIFT_SIDE, shift_indefinite);
  speig_matrix *M = kit_matrix(tc->dtype, SHIFT_N, shift_mass_entry, 1, NULL);
  for (int which = SPEIG_LM; which <= SPEIG_BE; ++which) {
    speig_eigsh_opts o = shift_options(2.2, SPEIG_MODE_NORMAL, (speig_which)which, 5);
    o.method = SPEIG_METHOD_AUTO;
    shift_expect(tc, K, NULL, &o, 0, 1);
    shift_expect(tc, K, M, &o, 0, 1);
    o.mode = SPEIG_MODE_CAYLEY;
    shift_expect(tc, K, M, &o, 0, 1);
    o.mode = SPEIG_MODE_BUCKLING;
    if (which != SPEIG_SM) /* infinitely near 0 */
      shift_expect(tc, K, G, &o, 1, 1);
  }
  speig_matrix_destroy(&K);
  speig_matrix_destroy(&G);
  speig_matrix_destroy(&M);
}
TEST_ALL_TYPES(dense_agrees)

static void singular_mass(const test_case *tc)
{
  static const double sigmas[] = { 0, 4.5, 7.3 };
  speig_matrix *K, *M;
  if (!shift_have_factors())
    return;
  K = kit_matrix(tc->dtype, SHIFT_N, shift_grid_entry, SHIFT_SIDE, shift_definite);
  M = kit_matrix(tc->dtype, SHIFT_N, shift_singular_mass_entry, 0, NULL);
  for (int s = 0; s < 3; ++s) {
    speig_eigsh_opts o = shift_options(sigmas[s], SPEIG_MODE_NORMAL, SPEIG_LM, 6);
    shift_expect(tc, K, M, &o, 1, 1);
    o.method = SPEIG_METHOD_AUTO; /* LAPACK refuses B, and shift-invert steps in */
    shift_expect(tc, K, M, &o, 1, 1);
  }
  speig_matrix_destroy(&K);
  speig_matrix_destroy(&M);
}
TEST_ALL_TYPES(singular_mass)

/* At an eigenvalue: it comes with all its copies first, then those at distance 1, of which there
 * are as many below as above (which of them is left open), then those at distance 2. */
static void expect_distances(const test_case *tc, const speig_matrix *A, const speig_eigsh_opts *o,
                             int copies)
{
  double distance[32], defect, residual;
  speig_eigsh_result *r = shift_solve(A, NULL, o);
  int sides = o->which == SPEIG_LM ? 2 : 1;
  CU_ASSERT_EQUAL_FATAL(r->k, o->k);
  CU_ASSERT_EQUAL(r->outcome, SPEIG_CERTIFIED);
  for (int j = 0; j < r->k; ++j)
    distance[j] = sides == 2 ? fabs(r->values[j] - 5) : r->values[j] - 5;
  qsort(distance, (size_t)r->k, sizeof *distance, shift_ascending);
  for (int j = 0; j < r->k; ++j)
    CU_ASSERT_DOUBLE_EQUAL(distance[j], (j + (sides - 1) * copies) / (sides * copies),
                           1e4 * tc->eps);
  shift_recompute(A, NULL, NULL, r, &defect, &residual);
  CU_ASSERT_TRUE(residual <= 1e4 * tc->eps && defect <= 1e4 * tc->eps);
  speig_eigsh_result_free(&r);
}

static void multiple_eigenvalues(const test_case *tc)
{
  const int32_t copies = 7, user[2] = { copies, dtype_is_complex(tc->dtype) };
  speig_matrix *A;
  if (!shift_have_factors())
    return;
  A = kit_matrix(tc->dtype, SHIFT_N, shift_multiple_entry, SHIFT_N - 1, user);
  for (int32_t k = 1; k <= 15; k += 2) {
    speig_eigsh_opts o = shift_options(5.2, SPEIG_MODE_NORMAL, SPEIG_LM, k);
    if (!harness_takes(tc, k / 2))
      continue;
    shift_expect(tc, A, NULL, &o, 0, 1);
    o.which = SPEIG_LA;
    shift_expect(tc, A, NULL, &o, 0, 1);
    o.sigma = 5; /* an eigenvalue itself, which counts as not below */
    expect_distances(tc, A, &o, copies);
    o.which = SPEIG_LM;
    expect_distances(tc, A, &o, copies);
  }
  speig_matrix_destroy(&A);
}
TEST_ALL_TYPES(multiple_eigenvalues)

static void singular_at_the_shift(const test_case *tc)
{
  int32_t n = 150;
  speig_matrix *A;
  speig_eigsh_opts o = shift_options(0, SPEIG_MODE_NORMAL, SPEIG_LM, 4);
  speig_eigsh_result *r;
  if (!shift_have_factors())
    return;
  A = kit_matrix(tc->dtype, n, shift_path_entry, 1, &n);
  shift_expect(tc, A, NULL, &o, 0, 1);
  r = shift_solve(A, NULL, &o);
  CU_ASSERT_TRUE(r->shift < 0 && r->shift > -1e-3);
  CU_ASSERT_EQUAL(r->transform, SPEIG_TRANSFORM_SHIFT);
  CU_ASSERT_TRUE(r->solves > 0 && r->factorizations >= 2);
  CU_ASSERT_TRUE(fabs(r->values[0]) < 100 * tc->eps);
  speig_eigsh_result_free(&r);
  o.sigma = 2 - 2 * cos(20 * acos(-1) / n); /* inside, to the last bit or so */
  shift_expect(tc, A, NULL, &o, 0, 1);
  speig_matrix_destroy(&A);
}
TEST_ALL_TYPES(singular_at_the_shift)

/* Solves whose answers lie on both sides of the shift, or far from it. */
static void what_one_side_does_not_have(const test_case *tc)
{
  static const double sigmas[] = { -1.5, 4, 80, -80 };
  static const speig_mode modes[] = { SPEIG_MODE_NORMAL, SPEIG_MODE_CAYLEY };
  speig_matrix *K, *M;
  if (!shift_have_factors())
    return;
  K = kit_matrix(tc->dtype, SHIFT_N, shift_grid_entry, SHIFT_SIDE, shift_definite);
  M = kit_matrix(tc->dtype, SHIFT_N, shift_mass_entry, 1, NULL);
  for (int s = 0; s < 4; ++s)
    for (int which = SPEIG_LM; which <= SPEIG_BE; ++which)
      for (int m = 0; m < 2; ++m) {
        speig_eigsh_opts o = shift_options(sigmas[s], modes[m], (speig_which)which, 7);
        if (m == 1 && (s > 1 || which == SPEIG_SM || which == SPEIG_LM))
          continue;
        /* one real and one complex type each */
        if (!harness_takes(tc, s + which + m) || (s + which + m + (int)tc->dtype) % 2)
          continue;
        shift_expect(tc, K, M, &o, 0, 1);
      }
  speig_matrix_destroy(&K);
  speig_matrix_destroy(&M);
}
TEST_ALL_TYPES(what_one_side_does_not_have)

static void both_ends_of_a_generalized_problem(const test_case *tc)
{
  speig_eigsh_opts o = SPEIG_EIGSH_OPTS_INIT;
  speig_matrix *K, *M;
  if (!shift_have_factors())
    return;
  K = kit_matrix(tc->dtype, SHIFT_N, shift_grid_entry, SHIFT_SIDE, shift_definite);
  M = kit_matrix(tc->dtype, SHIFT_N, shift_mass_entry, 1, NULL);
  o.k = 7;
  o.which = SPEIG_BE;
  o.method = SPEIG_LANCZOS;
  shift_expect(tc, K, M, &o, 0, 1);
  speig_matrix_destroy(&K);
  speig_matrix_destroy(&M);
}
TEST_ALL_TYPES(both_ends_of_a_generalized_problem)

/* Masses of very different size are no singular B; one that is singular is named. */
static void small_masses_and_none(const test_case *tc)
{
  speig_eigsh_opts o = SPEIG_EIGSH_OPTS_INIT;
  speig_eigsh_result *r = NULL;
  speig_operator *k = NULL, *m = NULL;
  speig_matrix *K, *M;
  double masses[SHIFT_N];
  if (!shift_have_factors())
    return;
  K = kit_matrix(tc->dtype, SHIFT_N, shift_grid_entry, SHIFT_SIDE, shift_definite);
  for (int i = 0; i < SHIFT_N; ++i)
    masses[i] = pow(10, (tc->eps > 1e-10 ? -2.0 : -8.0) * i / SHIFT_N);
  M = kit_diagonal(tc->dtype, SHIFT_N, masses);
  o.k = 3;
  o.which = SPEIG_LA;
  o.method = SPEIG_LANCZOS;
  r = shift_solve(K, M, &o);
  CU_ASSERT_EQUAL(r->outcome, SPEIG_CERTIFIED);
  speig_eigsh_result_free(&r);
  speig_matrix_destroy(&M);
  M = kit_matrix(tc->dtype, SHIFT_N, shift_singular_mass_entry, 0, NULL);
  CHECK_OK(speig_operator_from_matrix(K, &k));
  CHECK_OK(speig_operator_from_matrix(M, &m));
  CU_ASSERT_EQUAL(speig_eigsh(k, m, &o, &r), SPEIG_ERR_NUMERIC);
  CU_ASSERT_PTR_NOT_NULL(strstr(speig_last_error(), "B is singular"));
  speig_operator_destroy(&k);
  speig_operator_destroy(&m);
  speig_matrix_destroy(&K);
  speig_matrix_destroy(&M);
}
TEST_ALL_TYPES(small_masses_and_none)

/* A shift between two eigenvalues that rounding just tells apart: each side has its own of them,
 * nothing of the other's, and what follows it. */
static void shift_within_a_cluster(const test_case *tc)
{
  enum { N = 60, MOST = 5 };
  static const double places[][2] = { { 1.3, 2.6 }, { 2.6, 1.3 }, { 5, 1.6 }, { 30, 200 } };
  double d[N], want[2][MOST] = { { 0, 40, 30, 1000, 900 }, { 0, 52, 79, 97, 106 } };
  if (!shift_have_factors())
    return;
  for (size_t p = 0; p < sizeof places / sizeof *places; ++p) {
    const double noise = 16 * tc->eps * 1000; /* what the norm says of rounding */
    speig_matrix *A;
    for (int i = 0; i < N; ++i)
      d[i] = 52 + 9 * i;
    d[7] = want[0][0] = 42 - places[p][0] * noise;
    d[30] = want[1][0] = 42 + places[p][1] * noise;
    d[31] = 40;
    d[4] = 30;
    d[1] = 1000;
    d[2] = 900;
    A = kit_diagonal(tc->dtype, N, d);
    for (int32_t k = 1; k <= MOST; ++k)
      for (int above = 0; above < 2 && harness_takes(tc, (int)p + k); ++above) {
        if (((int)p + k + (int)tc->dtype) % 2) /* one real and one complex type each */
          continue;
        speig_eigsh_opts o = shift_options(42, SPEIG_MODE_NORMAL, above ? SPEIG_LA : SPEIG_SA, k);
        speig_eigsh_result *r = shift_solve(A, NULL, &o);
        double sorted[MOST];
        for (int32_t j = 0; j < k; ++j)
          sorted[j] = want[above][j];
        qsort(sorted, (size_t)k, sizeof *sorted, shift_ascending);
        CU_ASSERT_EQUAL_FATAL(r->k, k);
        CU_ASSERT_EQUAL(r->outcome, SPEIG_CERTIFIED);
        CU_ASSERT_EQUAL(r->reason, SPEIG_STOP_CONVERGED);
        for (int32_t j = 0; j < k; ++j)
          CU_ASSERT_DOUBLE_EQUAL(r->values[j], sorted[j], noise / 2);
        speig_eigsh_result_free(&r);
      }
    speig_matrix_destroy(&A);
  }
}
TEST_ALL_TYPES(shift_within_a_cluster)

/* Full matrices whose factors grow without pivoting, at a shift that is one of 30 equal eigenvalues
 * to the last bit, and beside it. */
typedef struct full_matrix {
  int32_t n;
  double *entry; /* n x n */
} full_matrix;

static kit_scalar full_entry(int32_t i, int32_t j, const void *user)
{
  const full_matrix *F = user;
  return F->entry[i + (int64_t)j * F->n];
}

/* Q diag(d) Q, Q of random reflections. */
static void full_with_spectrum(const double *d, full_matrix *F)
{
  enum { REFLECTIONS = 60 };
  int32_t n = F->n;
  double *a = F->entry, *v = calloc((size_t)n, sizeof *v), *av = calloc((size_t)n, sizeof *av);
  for (int32_t i = 0; i < n; ++i)
    a[i + (int64_t)i * n] = d[i];
  for (int r = 0; r < REFLECTIONS; ++r) {
    double square = 0, vav = 0;
    for (int32_t i = 0; i < n; ++i) {
      v[i] = random_uniform(77, i, r, 0);
      square += v[i] * v[i];
    }
    for (int32_t i = 0; i < n; ++i) {
      av[i] = 0;
      for (int32_t j = 0; j < n; ++j)
        av[i] += a[i + (int64_t)j * n] * v[j];
      vav += v[i] * av[i];
    }
    for (int32_t i = 0; i < n; ++i)
      for (int32_t j = 0; j < n; ++j)
        a[i + (int64_t)j * n] +=
            -2 * (v[i] * av[j] + av[i] * v[j]) / square + 4 * vav * v[i] * v[j] / (square * square);
  }
  free(v);
  free(av);
}

static void full_matrices(const test_case *tc)
{
  enum { N = 400, COPIES = 30, MIDDLE = N / 2 };
  const double multiple = (double)MIDDLE / N;
  const double shifts[] = { multiple, multiple + 1e-5, 0.3 };
  full_matrix F = { N, calloc((size_t)N * N, sizeof(double)) };
  double d[N], residual, defect;
  speig_matrix *A;
  for (int i = 0; i < N; ++i)
    d[i] = i >= MIDDLE && i < MIDDLE + COPIES ? multiple : (double)i / N;
  full_with_spectrum(d, &F);
  A = kit_matrix(tc->dtype, N, full_entry, N - 1, &F);
  for (size_t s = 0; shift_have_factors() && s < sizeof shifts / sizeof *shifts; ++s)
    for (int32_t k = 4; k <= 20; k += 16) {
      speig_eigsh_opts o = shift_options(shifts[s], SPEIG_MODE_NORMAL, SPEIG_LM, k);
      speig_eigsh_result *r;
      if (!harness_takes(tc, (int)s + k / 16))
        continue;
      o.method = SPEIG_LANCZOS;
      r = shift_solve(A, NULL, &o);
      if (r->k != k || r->outcome != SPEIG_CERTIFIED)
        (void)fprintf(stderr, "\n  shift %.17g: %d of %d, %s", shifts[s], (int)r->k, (int)k,
                      speig_outcome_name(r->outcome));
      CU_ASSERT_EQUAL(r->k, k);
      CU_ASSERT_EQUAL(r->outcome, SPEIG_CERTIFIED);
      for (int32_t j = 0; j < r->k && shifts[s] != 0.3; ++j)
        CU_ASSERT_DOUBLE_EQUAL(r->values[j], multiple, 200 * tc->eps);
      shift_recompute(A, NULL, NULL, r, &defect, &residual);
      CU_ASSERT_TRUE(residual <= 200 * tc->eps && defect <= 1e3 * tc->eps);
      speig_eigsh_result_free(&r);
    }
  speig_matrix_destroy(&A);
  free(F.entry);
}
TEST_ALL_TYPES(full_matrices)

int main(void)
{
  CU_pSuite suite;
  harness_start();
  suite = harness_suite("shift");
  ADD_ALL_CASES(suite, normal_mode_takes_every_which);
  ADD_ALL_CASES(suite, buckling_and_cayley);
  ADD_ALL_CASES(suite, dense_agrees);
  ADD_ALL_CASES(suite, singular_mass);
  ADD_ALL_CASES(suite, multiple_eigenvalues);
  ADD_ALL_CASES(suite, singular_at_the_shift);
  ADD_ALL_CASES(suite, what_one_side_does_not_have);
  ADD_ALL_CASES(suite, both_ends_of_a_generalized_problem);
  ADD_ALL_CASES(suite, small_masses_and_none);
  ADD_ALL_CASES(suite, shift_within_a_cluster);
  ADD_ALL_CASES(suite, full_matrices);
  return harness_finish("shift");
}
