/* test_factor.c: factorizations against LAPACK's eigenvalues (inertia) and plain products
 * (solutions); shifts, singular matrices, budgets; and the MPI of the program left alone. */
#define _GNU_SOURCE /* RTLD_DEFAULT */
#include "eigen_kit.h"

#include "base/error.h"
#include "base/memory.h"
#include "factor/factor.h"
#include "formats/matrix.h"

#include <dlfcn.h>
#include <lapacke.h>

/* A program with an MPI of its own: the factorization must never call it. The names are those of
 * MUMPS's calls; -rdynamic puts them before all others. */
static int mpi_calls;
#define OWN_MPI(name)                                                                              \
  void name(void);                                                                                 \
  void name(void)                                                                                  \
  {                                                                                                \
    ++mpi_calls;                                                                                   \
  }
OWN_MPI(mpi_comm_rank_)
OWN_MPI(mpi_comm_size_)
OWN_MPI(mpi_comm_dup_)
OWN_MPI(mpi_comm_free_)
OWN_MPI(mpi_allreduce_)
OWN_MPI(mpi_bcast_)
OWN_MPI(mpi_reduce_)
OWN_MPI(mpi_initialized_)
OWN_MPI(mpi_wtime_)
OWN_MPI(mpi_pack_size_)
OWN_MPI(MPI_Init)
OWN_MPI(MPI_Comm_rank)

static int have_factors(void)
{
  if (factor_available() == SPEIG_OK)
    return 1;
  harness_skip(speig_last_error());
  return 0;
}

static const int side = 11; /* a grid of side x side nodes */

/* A grid with random edges, phases and an indefinite diagonal. */
static kit_scalar hermitian_entry(int32_t i, int32_t j, const void *user)
{
  int32_t low = i < j ? i : j, high = i < j ? j : i;
  double size = random_uniform(5, low, high, 0), phase = 3 * random_uniform(6, low, high, 0);
  kit_scalar value = size * cexp(I * phase);
  (void)user;
  if (i == j)
    return 2 * size;
  if (high - low != side && (high - low != 1 || high % side == 0))
    return 0;
  return i > j ? value : conj(value);
}

static kit_scalar general_entry(int32_t i, int32_t j, const void *user)
{
  (void)user;
  if (i == j)
    return 2 + 3 * I * random_uniform(7, i, 0, 0);
  return hermitian_entry(i, j, NULL) == 0
             ? 0
             : random_uniform(8, i, j, 0) + I * random_uniform(9, i, j, 0);
}

static kit_scalar mass_entry(int32_t i, int32_t j, const void *user)
{
  (void)user;
  return i == j       ? 2 + random_uniform(10, i, 0, 0)
         : i - j == 1 ? 0.3 * I
         : j - i == 1 ? -0.3 * I
                      : 0;
}

/* Entry (i, j), of A or transposed. */
static kit_scalar entry(const speig_matrix *A, int64_t i, int64_t j)
{
  for (int64_t e = A->rowptr[i]; e < A->rowptr[i + 1]; ++e)
    if (A->colind[e] == j)
      return kit_get(A->dtype, A->values, e);
  return 0;
}

/* max |op(A) X - B| over max |X|. */
static double solution_error(const speig_matrix *A, int transposed, int p, int64_t ld,
                             const void *X, const void *B)
{
  double worst = 0, largest = 0;
  for (int64_t c = 0; c < p; ++c)
    for (int64_t i = 0; i < A->rows; ++i) {
      kit_scalar sum = -kit_get(A->dtype, B, i + c * ld);
      for (int64_t j = 0; j < A->rows; ++j)
        sum += (transposed ? entry(A, j, i) : entry(A, i, j)) * kit_get(A->dtype, X, j + c * ld);
      worst = fmax(worst, cabs(sum));
      largest = fmax(largest, cabs(kit_get(A->dtype, X, i + c * ld)));
      if (isnan(cabs(sum)))
        return INFINITY;
    }
  return worst / largest;
}

static void expect_solutions(const speig_matrix *A, factor *F, int transposed, double eps)
{
  enum { P = 5 };
  int64_t n = A->rows, ld = n + 3;
  void *X = calloc((size_t)(ld * P), 16), *B = calloc((size_t)(ld * P), 16);
  for (int64_t i = 0; i < ld * P; ++i) {
    kit_scalar b = random_uniform(3, i, 0, 0) + I * random_uniform(3, i, 1, 0);
    kit_put(A->dtype, X, i, b);
    kit_put(A->dtype, B, i, b);
  }
  CHECK_OK(factor_solve(F, transposed, P, ld, X));
  CU_ASSERT_TRUE(solution_error(A, transposed, P, ld, X, B) < 1000 * eps);
  free(X);
  free(B);
}

/* Eigenvalues of A - s B below zero, by LAPACK. */
static int64_t negative_by_lapack(const speig_matrix *F)
{
  lapack_int n = (lapack_int)F->rows;
  lapack_complex_double *M = calloc((size_t)(n * n), sizeof *M);
  double *w = calloc((size_t)n, sizeof *w);
  int64_t count = 0;
  for (int64_t i = 0; i < n; ++i)
    for (int64_t j = 0; j < n; ++j)
      M[i + j * n] = entry(F, i, j);
  CU_ASSERT_EQUAL(LAPACKE_zheev(LAPACK_COL_MAJOR, 'N', 'L', n, M, n, w), 0);
  for (lapack_int i = 0; i < n; ++i)
    count += w[i] < 0;
  free(M);
  free(w);
  return count;
}

static void hermitian_shifts(const test_case *tc)
{
  const double shifts[] = { 0, -1.1, 0.35, 1.4, 30, -30 };
  int n = side * side, singular;
  speig_matrix *A, *B, *P = NULL;
  factor *F = NULL;
  if (!have_factors())
    return;
  A = kit_matrix(tc->dtype, n, hermitian_entry, side, NULL);
  B = kit_matrix(tc->dtype, n, mass_entry, 1, NULL);
  for (int generalized = 0; generalized < 2; ++generalized) {
    for (size_t s = 0; s < sizeof shifts / sizeof *shifts; ++s) {
      const double shift[2] = { shifts[s], 0 };
      CHECK_OK(factor_pencil(A, generalized ? B : NULL, shift, tc->dtype, &P));
      for (int64_t i = 0; i < n; ++i) {
        kit_scalar wanted = entry(A, i, i) - shifts[s] * (generalized ? entry(B, i, i) : 1);
        CU_ASSERT_TRUE(cabs(entry(P, i, i) - wanted) <= 64 * tc->eps);
      }
      if (!F)
        CHECK_OK(factor_analyse(P, FACTOR_HERMITIAN, &F));
      CHECK_OK(factor_compute(F, P, &singular));
      CU_ASSERT_FALSE(singular);
      CU_ASSERT_EQUAL(factor_negative(F), negative_by_lapack(P));
      expect_solutions(P, F, 0, tc->eps);
      speig_matrix_destroy(&P);
    }
    factor_destroy(&F);
  }
  speig_matrix_destroy(&A);
  speig_matrix_destroy(&B);
}
TEST_ALL_TYPES(hermitian_shifts)

static void general_systems(const test_case *tc)
{
  const double shift[2] = { 0.2, dtype_is_complex(tc->dtype) ? 0.7 : 0 };
  int n = side * side, singular;
  speig_matrix *A, *B, *P = NULL;
  factor *F = NULL;
  if (!have_factors())
    return;
  A = kit_matrix(tc->dtype, n, general_entry, side, NULL);
  B = kit_matrix(tc->dtype, n, mass_entry, 1, NULL);
  CHECK_OK(factor_pencil(A, B, shift, tc->dtype, &P));
  CHECK_OK(factor_analyse(P, FACTOR_GENERAL, &F));
  CHECK_OK(factor_compute(F, P, &singular));
  CU_ASSERT_FALSE(singular);
  expect_solutions(P, F, 0, tc->eps);
  expect_solutions(P, F, 1, tc->eps);
  factor_destroy(&F);
  speig_matrix_destroy(&P);
  speig_matrix_destroy(&A);
  speig_matrix_destroy(&B);
}
TEST_ALL_TYPES(general_systems)

/* A real matrix at a complex shift is a complex matrix. */
static void complex_shift_of_a_real_matrix(void)
{
  const double shift[2] = { 0.3, -0.4 };
  int singular;
  speig_matrix *A, *P = NULL;
  factor *F = NULL;
  if (!have_factors())
    return;
  A = kit_matrix(SPEIG_D, side * side, general_entry, side, NULL);
  CHECK_OK(factor_pencil(A, NULL, shift, SPEIG_Z, &P));
  CU_ASSERT_TRUE(cabs(entry(P, 4, 4) - (entry(A, 4, 4) - (0.3 - 0.4 * I))) < 1e-15);
  CU_ASSERT_TRUE(cabs(entry(P, 4, 5) - entry(A, 4, 5)) < 1e-15);
  CHECK_OK(factor_analyse(P, FACTOR_GENERAL, &F));
  CHECK_OK(factor_compute(F, P, &singular));
  expect_solutions(P, F, 0, EPS_d);
  factor_destroy(&F);
  speig_matrix_destroy(&P);
  speig_matrix_destroy(&A);
}

static kit_scalar chain_entry(int32_t i, int32_t j, const void *user)
{
  (void)user;
  return i == j ? 0 : abs(i - j) == 1 && (i < 20 || j < 20) ? 1 : 0;
}

/* The adjacency of a chain of 21 nodes, whose eigenvalue 0 is exact, and isolated nodes. */
static void singular_matrices_are_told(const test_case *tc)
{
  const double shift[2] = { 0, 0 };
  int singular = 0;
  speig_matrix *A, *P = NULL;
  factor *F = NULL;
  if (!have_factors())
    return;
  A = kit_matrix(tc->dtype, 30, chain_entry, 1, NULL);
  CHECK_OK(factor_pencil(A, NULL, shift, tc->dtype, &P));
  CHECK_OK(factor_analyse(P, FACTOR_HERMITIAN, &F));
  CHECK_OK(factor_compute(F, P, &singular));
  CU_ASSERT_TRUE(singular);
  speig_matrix_destroy(&P);
  CHECK_OK(factor_pencil(A, NULL, (const double[2]){ 0.01, 0 }, tc->dtype, &P));
  CHECK_OK(factor_compute(F, P, &singular));
  CU_ASSERT_FALSE(singular);
  CU_ASSERT_EQUAL(factor_negative(F), 10 + 1 + 9);
  factor_destroy(&F);
  speig_matrix_destroy(&P);
  speig_matrix_destroy(&A);
}
TEST_ALL_TYPES(singular_matrices_are_told)

static kit_scalar cube_entry(int32_t i, int32_t j, const void *user)
{
  int m = *(const int *)user;
  int d = abs(i - j), high = i > j ? i : j;
  if (d == 0)
    return 6;
  if ((d == 1 && high % m) || (d == m && high / m % m) || d == m * m)
    return -1;
  return 0;
}

/* Large enough in space for nested dissection to be tried. */
static void large_ones_in_space(const test_case *tc)
{
  int m = 16, singular;
  speig_matrix *A, *P = NULL;
  factor *F = NULL;
  factor_info info;
  if (!have_factors())
    return;
  A = kit_matrix(tc->dtype, m * m * m, cube_entry, m * m, &m);
  CHECK_OK(factor_pencil(A, NULL, (const double[2]){ 1.05, 0 }, tc->dtype, &P));
  CHECK_OK(factor_analyse(P, FACTOR_HERMITIAN, &F));
  info = factor_get_info(F);
  CU_ASSERT_TRUE(info.flops > 1e6 && info.entries > 4096 && info.bytes >= 1000000);
  CHECK_OK(factor_compute(F, P, &singular));
  {
    int64_t below = 0;
    for (int x = 1; x <= m; ++x)
      for (int y = 1; y <= m; ++y)
        for (int z = 1; z <= m; ++z) {
          double h = acos(-1) / (m + 1);
          below += 6 - 2 * cos(x * h) - 2 * cos(y * h) - 2 * cos(z * h) < 1.05;
        }
    CU_ASSERT_EQUAL(factor_negative(F), below);
  }
  factor_destroy(&F);
  speig_matrix_destroy(&P);
  speig_matrix_destroy(&A);
}
TEST_ALL_TYPES(large_ones_in_space)

static void budgets_hold(void)
{
  int m = 12, singular;
  speig_matrix *A;
  factor *F = NULL;
  mem_account outer;
  size_t need;
  if (!have_factors())
    return;
  A = kit_matrix(SPEIG_D, m * m * m, cube_entry, m * m, &m);
  outer = mem_account_enter(2000000);
  CHECK_OK(factor_analyse(A, FACTOR_HERMITIAN, &F));
  need = factor_get_info(F).bytes;
  CU_ASSERT_TRUE(need > 1000000);
  CU_ASSERT_EQUAL(factor_compute(F, A, &singular), SPEIG_ERR_MEMORY);
  CU_ASSERT_PTR_NOT_NULL(strstr(speig_last_error(), "the factorization needs about"));
  CU_ASSERT_PTR_NOT_NULL(strstr(speig_last_error(), "of the budget of 2000000"));
  factor_destroy(&F);
  mem_account_leave(&outer);
  outer = mem_account_enter(4 * need + 4000000);
  CHECK_OK(factor_analyse(A, FACTOR_HERMITIAN, &F));
  CHECK_OK(factor_compute(F, A, &singular));
  CU_ASSERT_TRUE(mem_account_read().peak >= need);
  factor_destroy(&F);
  CU_ASSERT_EQUAL(mem_account_read().current, 0);
  mem_account_leave(&outer);
  speig_matrix_destroy(&A);
}

static void allocation_failures_leave_nothing(void)
{
  int singular;
  speig_matrix *A;
  if (!have_factors())
    return;
  A = kit_matrix(SPEIG_Z, side * side, hermitian_entry, side, NULL);
  for (int64_t at = 1; at < 100; ++at) {
    speig_matrix *P = NULL;
    factor *F = NULL;
    speig_status st;
    mem_account outer = mem_account_enter(0);
    mem_fail_at(at, 0);
    st = factor_pencil(A, A, (const double[2]){ 0.5, 0 }, SPEIG_Z, &P);
    if (st == SPEIG_OK)
      st = factor_analyse(P, FACTOR_HERMITIAN, &F);
    if (st == SPEIG_OK)
      st = factor_compute(F, P, &singular);
    mem_fail_at(0, 0);
    factor_destroy(&F);
    speig_matrix_destroy(&P);
    CU_ASSERT_EQUAL(mem_account_read().current, 0);
    mem_account_leave(&outer);
    if (st == SPEIG_OK) {
      CU_ASSERT_TRUE(at > 5);
      break;
    }
    CU_ASSERT_EQUAL(st, SPEIG_ERR_MEMORY);
  }
  speig_matrix_destroy(&A);
}

/* Runs last: all the factorizations above went past the program's own MPI. */
static void program_keeps_its_mpi(void)
{
  if (!have_factors())
    return;
  CU_ASSERT_EQUAL(mpi_calls, 0);
  CU_ASSERT_PTR_NOT_NULL(dlsym(RTLD_DEFAULT, "mpi_comm_rank_")); /* they could have been found */
  mpi_comm_rank_();
  CU_ASSERT_EQUAL(mpi_calls, 1);
}

int main(void)
{
  CU_pSuite suite;
  harness_start();
  suite = harness_suite("factor");
  ADD_ALL_CASES(suite, hermitian_shifts);
  ADD_ALL_CASES(suite, general_systems);
  ADD_CASE(suite, complex_shift_of_a_real_matrix);
  ADD_ALL_CASES(suite, singular_matrices_are_told);
  ADD_ALL_CASES(suite, large_ones_in_space);
  ADD_CASE(suite, budgets_hold);
  ADD_CASE(suite, allocation_failures_leave_nothing);
  ADD_CASE(suite, program_keeps_its_mpi);
  return harness_finish("factor");
}
