/* test_supernodal.c: factors without pivoting against LAPACK's solutions and eigenvalues, on graphs
 * of many shapes, for all kernels, widths of blocks and numbers of threads. */
#include "eigen_kit.h"

#include "base/cpu.h"
#include "base/memory.h"
#include "factor/supernodal.h"
#include "formats/matrix.h"

#include <lapacke.h>

static int have_module(void)
{
  if (supernodal_available() == SPEIG_OK)
    return 1;
  harness_skip(speig_last_error());
  return 0;
}

/* ---- graphs; user: the number added to the diagonal ---- */

typedef struct graph {
  const char *name;
  int32_t n, bandwidth;
  int (*joined)(int32_t low, int32_t high);
} graph;

enum { SIDE = 24 };

static int in_grid(int32_t low, int32_t high)
{
  int dx = abs(high % SIDE - low % SIDE);
  return high / SIDE - low / SIDE <= 1 && dx <= 1;
}
static int in_chain(int32_t low, int32_t high)
{
  return high - low == 1;
}
static int in_pairs(int32_t low, int32_t high)
{
  return high - low == 1 && low % 2 == 0 && low < 60; /* and isolated nodes */
}
static int always(int32_t low, int32_t high)
{
  return low < high;
}
static int to_the_hub(int32_t low, int32_t high)
{
  return low == 0 && high > 0;
}
static int nowhere(int32_t low, int32_t high)
{
  return low > high;
}
static int in_grids(int32_t low, int32_t high)
{
  int third = SIDE * SIDE / 3;
  return low / third == high / third && in_grid(low, high);
}
/* A grid whose nodes are numbered all over the place. */
static int in_shuffled_grid(int32_t low, int32_t high)
{
  int32_t a = low * 401 % 600, b = high * 401 % 600;
  return abs(a / 30 - b / 30) + abs(a % 30 - b % 30) == 1;
}

static const graph graphs[] = {
  { "grid", SIDE *SIDE, SIDE + 1, in_grid },
  { "one", 1, 0, nowhere },
  { "two", 2, 1, in_chain },
  { "isolated nodes", 37, 0, nowhere },
  { "chain", 300, 1, in_chain },
  { "pairs", 90, 1, in_pairs },
  { "dense", 330, 329, always },
  { "star", 80, 79, to_the_hub },
  { "three grids", SIDE *SIDE, SIDE + 1, in_grids },
  { "shuffled grid", 600, 599, in_shuffled_grid },
};
enum { GRAPHS = sizeof graphs / sizeof *graphs };

typedef struct weights {
  const graph *g;
  double diagonal; /* times 1 plus the number of neighbours at most */
} weights;

static kit_scalar entry_of(int32_t i, int32_t j, const void *user)
{
  const weights *w = user;
  int32_t low = i < j ? i : j, high = i < j ? j : i;
  kit_scalar value = (0.5 + 0.5 * random_uniform(21, low, high, 0)) *
                     cexp(I * 6 * random_uniform(22, low, high, 0));
  if (i == j)
    return w->diagonal * (1 + 0.1 * random_uniform(23, i, 0, 0));
  if (!w->g->joined(low, high))
    return 0;
  return i > j ? value : conj(value);
}

static speig_matrix *matrix_of(speig_dtype dtype, const graph *g, double diagonal)
{
  weights w = { g, diagonal };
  return kit_matrix(dtype, g->n, entry_of, g->bandwidth, &w);
}

/* Twice as much as a row's other entries can add up to. */
static double dominant(const graph *g)
{
  return g->joined == always || g->joined == to_the_hub ? 2.0 * g->n : 20;
}

/* ---- LAPACK ---- */

static lapack_complex_double *dense_of(const speig_matrix *A)
{
  int64_t n = A->rows;
  lapack_complex_double *M = calloc((size_t)(n * n) + 1, sizeof *M);
  for (int64_t i = 0; i < n; ++i)
    for (int64_t e = A->rowptr[i]; e < A->rowptr[i + 1]; ++e)
      M[i + A->colind[e] * n] = kit_get(A->dtype, A->values, e);
  return M;
}

/* X = A^-1 X in double precision. */
static void solve_by_lapack(const speig_matrix *A, int p, lapack_complex_double *X)
{
  lapack_int n = (lapack_int)A->rows;
  lapack_int *pivots = calloc((size_t)n + 1, sizeof *pivots);
  lapack_complex_double *M = dense_of(A);
  CU_ASSERT_EQUAL(LAPACKE_zgesv(LAPACK_COL_MAJOR, n, p, M, n, pivots, X, n), 0);
  free(M);
  free(pivots);
}

static int64_t negative_by_lapack(const speig_matrix *A)
{
  lapack_int n = (lapack_int)A->rows;
  lapack_complex_double *M = dense_of(A);
  double *w = calloc((size_t)n + 1, sizeof *w);
  int64_t count = 0;
  CU_ASSERT_EQUAL(LAPACKE_zheevd(LAPACK_COL_MAJOR, 'N', 'L', n, M, n, w), 0);
  for (lapack_int i = 0; i < n; ++i)
    count += w[i] < 0;
  free(M);
  free(w);
  return count;
}

/* ---- cases ---- */

static kit_scalar right_side(int64_t i, int64_t c)
{
  return random_uniform(31, i, c, 0) - 0.5 + I * (random_uniform(31, i, c, 1) - 0.5);
}

/* Blocks of p columns with a leading dimension beyond n, NaN in between. */
static void *block_of(speig_dtype dtype, int64_t n, int64_t ld, int p)
{
  void *X = calloc((size_t)(ld * p) + 1, 16);
  for (int64_t c = 0; c < p; ++c)
    for (int64_t i = 0; i < ld; ++i)
      kit_put(dtype, X, i + c * ld, i < n ? right_side(i, c) : NAN);
  return X;
}

static void expect_solution(supernodal *S, const speig_matrix *A, int p, int threads,
                            const lapack_complex_double *exact, double tol)
{
  int64_t n = A->rows, ld = n + 5;
  void *X = block_of(A->dtype, n, ld, p);
  double worst = 0, largest = 0;
  CHECK_OK(supernodal_solve(S, 0, p, ld, X, ld, X, threads));
  for (int64_t c = 0; c < p; ++c)
    for (int64_t i = 0; i < ld; ++i) {
      kit_scalar x = kit_get(A->dtype, X, i + c * ld);
      if (i >= n) {
        CU_ASSERT_TRUE(isnan(creal(x)));
        continue;
      }
      worst = fmax(worst, isnan(cabs(x)) ? INFINITY : cabs(x - exact[i + c * n]));
      largest = fmax(largest, cabs(exact[i + c * n]));
    }
  if (!(worst <= tol * largest))
    printf("p %d: off by %g of %g\n", p, worst, largest);
  CU_ASSERT_TRUE(worst <= tol * largest);
  free(X);
}

static lapack_complex_double *exact_solution(const speig_matrix *A, int p)
{
  int64_t n = A->rows;
  lapack_complex_double *X = calloc((size_t)(n * p) + 1, sizeof *X);
  void *rounded = block_of(A->dtype, n, n, p);
  for (int64_t i = 0; i < n * p; ++i)
    X[i] = kit_get(A->dtype, rounded, i);
  solve_by_lapack(A, p, X);
  free(rounded);
  return X;
}

static void definite_systems(const test_case *tc)
{
  enum { MOST = 19 };
  static const int widths[] = { 1, 2, 3, 4, 5, 7, 8, 9, MOST };
  int64_t pivot;
  if (!have_module())
    return;
  for (int g = 0; g < GRAPHS; ++g) {
    speig_matrix *A = matrix_of(tc->dtype, &graphs[g], dominant(&graphs[g]));
    lapack_complex_double *exact = exact_solution(A, MOST);
    for (int level = 1; level <= cpu_level(); level += level == 1 ? 2 : 1) {
      supernodal *S = NULL;
      CHECK_OK(supernodal_analyse(A, 0, &S));
      supernodal_set_level(S, level);
      CHECK_OK(supernodal_compute(S, A, 2, &pivot));
      CU_ASSERT_EQUAL(pivot, -1);
      CU_ASSERT_EQUAL(supernodal_get_facts(S).negative, 0);
      for (size_t w = 0; w < sizeof widths / sizeof *widths; ++w)
        expect_solution(S, A, widths[w], 2, exact, 100 * tc->eps);
      supernodal_destroy(&S);
    }
    free(exact);
    speig_matrix_destroy(&A);
  }
}
TEST_ALL_TYPES(definite_systems)

/* One analysis for many shifts: inertia as LAPACK counts it, and solutions as good as the growth
 * allows. */
static void indefinite_systems(const test_case *tc)
{
  static const double diagonals[] = { 20, 3.1, 1.3, 2.2, -1.9, -20 };
  int64_t pivot;
  int indefinite = 0;
  if (!have_module())
    return;
  for (int g = 0; g < GRAPHS; ++g) {
    supernodal *S = NULL;
    for (size_t d = 0; d < sizeof diagonals / sizeof *diagonals; ++d) {
      speig_matrix *A = matrix_of(tc->dtype, &graphs[g], diagonals[d]);
      if (!S)
        CHECK_OK(supernodal_analyse(A, 0, &S));
      CHECK_OK(supernodal_compute(S, A, 2, &pivot));
      CU_ASSERT_EQUAL(pivot, -1);
      if (supernodal_get_facts(S).growth < 100) {
        int64_t negative = negative_by_lapack(A);
        lapack_complex_double *exact = exact_solution(A, 2);
        CU_ASSERT_EQUAL(supernodal_get_facts(S).negative, negative);
        indefinite += negative > 0 && negative < A->rows;
        expect_solution(S, A, 2, 2, exact, 1e5 * tc->eps);
        free(exact);
      }
      speig_matrix_destroy(&A);
    }
    supernodal_destroy(&S);
  }
  CU_ASSERT_TRUE(indefinite >= 10);
}
TEST_ALL_TYPES(indefinite_systems)

/* A small pivot and what it does: [tiny 1; 1 tiny] has no accurate factors of this kind. */
static void growth_is_told(void)
{
  int32_t row[] = { 0, 0, 1, 1 }, col[] = { 0, 1, 0, 1 };
  double values[] = { 1e-9, 1, 1, 1e-9 };
  speig_coo *coo = NULL;
  speig_matrix *A = NULL;
  supernodal *S = NULL;
  int64_t pivot;
  if (!have_module())
    return;
  CHECK_OK(speig_coo_create(SPEIG_D, 2, 2, 4, row, col, values, SPEIG_GENERAL, SPEIG_COPY, &coo));
  CHECK_OK(speig_matrix_from_coo(coo, &A));
  CHECK_OK(supernodal_analyse(A, 0, &S));
  CHECK_OK(supernodal_compute(S, A, 1, &pivot));
  CU_ASSERT_EQUAL(pivot, -1);
  CU_ASSERT_EQUAL(supernodal_get_facts(S).negative, 1);
  CU_ASSERT_TRUE(supernodal_get_facts(S).growth > 1e8);
  supernodal_destroy(&S);
  speig_matrix_destroy(&A);
  speig_coo_destroy(&coo);
}

static void zero_pivots_are_told(const test_case *tc)
{
  int64_t pivot;
  if (!have_module())
    return;
  for (int g = 0; g < GRAPHS; ++g) {
    supernodal *S = NULL;
    speig_matrix *A = matrix_of(tc->dtype, &graphs[g], dominant(&graphs[g]));
    memset(A->values, 0, (size_t)A->nnz * speig_dtype_size(tc->dtype));
    CHECK_OK(supernodal_analyse(A, 0, &S));
    CHECK_OK(supernodal_compute(S, A, 2, &pivot));
    CU_ASSERT_TRUE(pivot >= 0 && pivot < A->rows);
    supernodal_destroy(&S);
    speig_matrix_destroy(&A);
  }
}
TEST_ALL_TYPES(zero_pivots_are_told)

static void same_bits_for_any_threads(const test_case *tc)
{
  enum { P = 3 };
  size_t size = speig_dtype_size(tc->dtype);
  if (!have_module())
    return;
  for (int g = 0; g < GRAPHS; ++g) {
    speig_matrix *A = matrix_of(tc->dtype, &graphs[g], dominant(&graphs[g]));
    int64_t n = A->rows, pivot;
    void *first = NULL;
    for (int threads = 1; threads <= 5; ++threads) {
      supernodal *S = NULL;
      void *X = block_of(tc->dtype, n, n, P);
      CHECK_OK(supernodal_analyse(A, 0, &S));
      CHECK_OK(supernodal_compute(S, A, threads, &pivot));
      CHECK_OK(supernodal_solve(S, 0, P, n, X, n, X, threads));
      if (first)
        CU_ASSERT_EQUAL(memcmp(first, X, (size_t)(n * P) * size), 0);
      free(first);
      first = X;
      supernodal_destroy(&S);
    }
    free(first);
    speig_matrix_destroy(&A);
  }
}
TEST_ALL_TYPES(same_bits_for_any_threads)

static void failures_leave_nothing(void)
{
  speig_matrix *A;
  if (!have_module())
    return;
  A = matrix_of(SPEIG_Z, &graphs[0], dominant(&graphs[0]));
  for (int64_t at = 1; at < 200; ++at) {
    supernodal *S = NULL;
    speig_status st;
    int64_t pivot;
    void *X = block_of(SPEIG_Z, A->rows, A->rows, 4);
    mem_account outer = mem_account_enter(0);
    mem_fail_at(at, 0);
    st = supernodal_analyse(A, 0, &S);
    if (st == SPEIG_OK)
      st = supernodal_compute(S, A, 2, &pivot);
    if (st == SPEIG_OK)
      st = supernodal_solve(S, 0, 4, A->rows, X, A->rows, X, 2);
    mem_fail_at(0, 0);
    supernodal_destroy(&S);
    free(X);
    CU_ASSERT_EQUAL(mem_account_read().current, 0);
    mem_account_leave(&outer);
    if (st == SPEIG_OK) {
      CU_ASSERT_TRUE(at > 30);
      break;
    }
    CU_ASSERT_EQUAL(st, SPEIG_ERR_MEMORY);
  }
  speig_matrix_destroy(&A);
}

/* What is predicted is what is taken, and no more than the budget. */
static void memory_is_predicted(void)
{
  speig_matrix *A;
  supernodal *S = NULL;
  int64_t pivot;
  size_t need, before;
  mem_account outer;
  if (!have_module())
    return;
  A = matrix_of(SPEIG_D, &graphs[0], dominant(&graphs[0]));
  CHECK_OK(supernodal_analyse(A, 0, &S));
  need = supernodal_get_facts(S).bytes;
  outer = mem_account_enter(need / 2);
  CU_ASSERT_EQUAL(supernodal_compute(S, A, 1, &pivot), SPEIG_ERR_MEMORY);
  CU_ASSERT_PTR_NOT_NULL(strstr(speig_last_error(), "the factorization needs"));
  mem_account_leave(&outer);
  outer = mem_account_enter(0);
  before = mem_account_read().current;
  CHECK_OK(supernodal_compute(S, A, 1, &pivot));
  CU_ASSERT_TRUE(mem_account_read().peak - before <= need + 16 * (size_t)A->rows + 4096);
  supernodal_destroy(&S);
  mem_account_leave(&outer);
  speig_matrix_destroy(&A);
}

int main(void)
{
  CU_pSuite suite;
  harness_start();
  suite = harness_suite("supernodal");
  ADD_ALL_CASES(suite, definite_systems);
  ADD_ALL_CASES(suite, indefinite_systems);
  ADD_CASE(suite, growth_is_told);
  ADD_ALL_CASES(suite, zero_pivots_are_told);
  ADD_ALL_CASES(suite, same_bits_for_any_threads);
  ADD_CASE(suite, failures_leave_nothing);
  ADD_CASE(suite, memory_is_predicted);
  return harness_finish("supernodal");
}
