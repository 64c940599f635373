/* test_supernodal_general.c: A = L S U without pivoting, on structures that are not symmetric,
 * against LAPACK's solutions of A x = b and A^T x = b; and when pivoting takes over. */
#include "eigen_kit.h"

#include "base/cpu.h"
#include "factor/factor.h"
#include "factor/supernodal.h"
#include "formats/matrix.h"

#include <lapacke.h>

enum { SIDE = 23, N = SIDE * SIDE, MOST = 9 };

static int have_module(void)
{
  if (supernodal_available() == SPEIG_OK)
    return 1;
  harness_skip(speig_last_error());
  return 0;
}

/* Convection across a grid, of which some entries are missing on one side; both signs on the
 * diagonal, which dominates. user: added to the diagonal. */
static kit_scalar flow(int32_t i, int32_t j, const void *user)
{
  int dx = abs(i % SIDE - j % SIDE), dy = abs(i / SIDE - j / SIDE);
  if (i == j)
    return (i % 3 ? 6.0 : -7.0) + *(const double *)user;
  if (dx + dy != 1 || (j > i && random_uniform(41, i, j, 0) < 0.3))
    return 0;
  return 2 * random_uniform(42, i, j, 0) - 0.7;
}

static lapack_complex_double *exact_solution(const speig_matrix *A, int transposed, int p)
{
  lapack_int pivots[N];
  lapack_complex_double *M = calloc((size_t)N * N, sizeof *M);
  lapack_complex_double *X = calloc((size_t)N * (size_t)p, sizeof *X);
  for (int64_t i = 0; i < N; ++i)
    for (int64_t e = A->rowptr[i]; e < A->rowptr[i + 1]; ++e)
      M[transposed ? A->colind[e] + i * N : i + A->colind[e] * N] = kit_get(A->dtype, A->values, e);
  for (int64_t i = 0; i < (int64_t)N * p; ++i)
    X[i] = (float)random_uniform(43, i, 0, 0);
  CU_ASSERT_EQUAL(LAPACKE_zgesv(LAPACK_COL_MAJOR, N, p, M, N, pivots, X, N), 0);
  free(M);
  return X;
}

/* From right-hand sides that stay as they are. */
static void expect_solution(supernodal *S, speig_dtype dtype, int transposed, int p,
                            const lapack_complex_double *exact, double tol)
{
  int64_t ldr = N + 1, ldx = N + 4;
  void *R = calloc((size_t)(ldr * p), 16), *X = calloc((size_t)(ldx * p), 16);
  double worst = 0, largest = 0;
  for (int64_t c = 0; c < p; ++c)
    for (int64_t i = 0; i < N; ++i)
      kit_put(dtype, R, i + c * ldr, (float)random_uniform(43, i + c * N, 0, 0));
  CHECK_OK(supernodal_solve(S, transposed, p, ldr, R, ldx, X, 2));
  for (int64_t c = 0; c < p; ++c)
    for (int64_t i = 0; i < N; ++i) {
      double off = cabs(kit_get(dtype, X, i + c * ldx) - exact[i + c * N]);
      worst = isnan(off) ? INFINITY : fmax(worst, off);
      largest = fmax(largest, cabs(exact[i + c * N]));
      CU_ASSERT_TRUE(creal(kit_get(dtype, R, i + c * ldr)) ==
                     (float)random_uniform(43, i + c * N, 0, 0));
    }
  CU_ASSERT_TRUE(largest > 0 && worst <= tol * largest);
  free(R);
  free(X);
}

static void systems(const test_case *tc)
{
  static const int widths[] = { 1, 2, 3, 4, 8, MOST };
  const double nothing = 0;
  lapack_complex_double *exact[2];
  speig_matrix *A;
  int64_t pivot;
  if (!have_module() || dtype_is_complex(tc->dtype))
    return;
  A = kit_matrix(tc->dtype, N, flow, SIDE, &nothing);
  exact[0] = exact_solution(A, 0, MOST);
  exact[1] = exact_solution(A, 1, MOST);
  for (int level = 1; level <= cpu_level(); level += level == 1 ? 2 : 1) {
    supernodal *S = NULL;
    CHECK_OK(supernodal_analyse(A, 1, &S));
    supernodal_set_level(S, level);
    CHECK_OK(supernodal_compute(S, A, 2, &pivot));
    CU_ASSERT_EQUAL(pivot, -1);
    CU_ASSERT_TRUE(supernodal_get_facts(S).growth < 20);
    for (int transposed = 0; transposed < 2; ++transposed)
      for (size_t w = 0; w < sizeof widths / sizeof *widths; ++w)
        expect_solution(S, tc->dtype, transposed, widths[w], exact[transposed], 200 * tc->eps);
    supernodal_destroy(&S);
  }
  free(exact[0]);
  free(exact[1]);
  speig_matrix_destroy(&A);
}
TEST_ALL_TYPES(systems)

/* A dense block in front of a grid makes supernodes of many columns, and tall ones. */
static kit_scalar dense_part(int32_t i, int32_t j, const void *user)
{
  const double nothing = 0;
  (void)user;
  if (i < 400 && j < 400)
    return i == j ? 60 : 2 * random_uniform(44, i, j, 0) - 1;
  return flow(i, j, &nothing);
}

static void wide_supernodes(const test_case *tc)
{
  lapack_complex_double *exact[2];
  speig_matrix *A;
  supernodal *S = NULL;
  int64_t pivot;
  if (!have_module() || dtype_is_complex(tc->dtype))
    return;
  A = kit_matrix(tc->dtype, N, dense_part, N - 1, NULL);
  exact[0] = exact_solution(A, 0, 4);
  exact[1] = exact_solution(A, 1, 4);
  CHECK_OK(supernodal_analyse(A, 1, &S));
  CHECK_OK(supernodal_compute(S, A, 3, &pivot));
  for (int transposed = 0; transposed < 2; ++transposed)
    expect_solution(S, tc->dtype, transposed, 4, exact[transposed], 500 * tc->eps);
  supernodal_destroy(&S);
  free(exact[0]);
  free(exact[1]);
  speig_matrix_destroy(&A);
}
TEST_ALL_TYPES(wide_supernodes)

/* The largest |A X - B| over |X| of one solution through factor.h. */
static double error_of(factor *F, const speig_matrix *A)
{
  double X[N], worst = 0, largest = 0;
  for (int64_t i = 0; i < N; ++i)
    X[i] = random_uniform(45, i, 0, 0);
  CHECK_OK(factor_solve(F, 0, 1, N, X));
  for (int64_t i = 0; i < N; ++i) {
    double r = random_uniform(45, i, 0, 0);
    for (int64_t e = A->rowptr[i]; e < A->rowptr[i + 1]; ++e)
      r -= ((const double *)A->values)[e] * X[A->colind[e]];
    worst = isnan(r) ? INFINITY : fmax(worst, fabs(r));
    largest = fmax(largest, fabs(X[i]));
  }
  return worst / largest;
}

/* Pairs that need each other when the diagonal is small, loosely coupled in a chain. */
static kit_scalar pairs(int32_t i, int32_t j, const void *user)
{
  if (i == j)
    return i == N - 1 ? 6 : *(const double *)user;
  if (j == (i ^ 1))
    return i < j ? 3 : 2;
  return abs(i - j) == 2 ? 0.2 * random_uniform(46, i, j, 0) : 0;
}

/* Small pivots: where the diagonal vanishes there is nothing to try, and where it is tiny the
 * factors are found out. The solutions are good in each case. */
static void pivoting_takes_over(void)
{
  static const double diagonals[] = { 0, 1e-13, 6 };
  static const char *const by[] = { "MUMPS", "MUMPS", "CHOLMOD" };
  if (!have_module() || factor_available() != SPEIG_OK)
    return;
  for (int d = 0; d < 3; ++d) {
    speig_matrix *A, *P = NULL;
    factor *F = NULL;
    int singular;
    A = kit_matrix(SPEIG_D, N, pairs, 2, &diagonals[d]);
    CHECK_OK(factor_pencil(A, NULL, (const double[2]){ 0, 0 }, SPEIG_D, &P));
    CHECK_OK(factor_analyse(P, FACTOR_GENERAL, &F));
    CHECK_OK(factor_compute(F, P, &singular));
    CU_ASSERT_FALSE(singular);
    CU_ASSERT_TRUE(strncmp(factor_get_info(F).provider, by[d], strlen(by[d])) == 0);
    CU_ASSERT_TRUE(error_of(F, P) < 1e-11);
    factor_destroy(&F);
    speig_matrix_destroy(&P);
    speig_matrix_destroy(&A);
  }
}

int main(void)
{
  CU_pSuite suite;
  harness_start();
  suite = harness_suite("supernodal_general");
  ADD_ALL_CASES(suite, systems);
  ADD_ALL_CASES(suite, wide_supernodes);
  ADD_CASE(suite, pivoting_takes_over);
  return harness_finish("supernodal_general");
}
