/* test_eigs.c: speig_eigs on all types and devices against LAPACK in complex arithmetic: the right
 * set, residuals, conjugate pairs, multiplicities, matrices far from normal. */
#include "eigs_kit.h"
#include "solve_kit.h"

#include "base/dtype.h"
#include "base/random.h"
#include "factor/factor.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const speig_eigs_which outer[] = { SPEIG_EIGS_LM, SPEIG_EIGS_LR, SPEIG_EIGS_SR,
                                          SPEIG_EIGS_LI };

static kit_number random_entry(int32_t i, int32_t j, const void *user)
{
  (void)user;
  return random_uniform(3, i, j, 0) + random_uniform(3, i, j, 1) * I;
}

/* A sparse random matrix with an outlying part, so that iterating is worthwhile. */
static kit_number outlying_entry(int32_t i, int32_t j, const void *user)
{
  kit_number noise = random_uniform(9, i, j, 1) > 0.9 ? random_entry(i, j, user) : 0;
  if (i == j)
    return noise + 12 * cexp(2 * acos(-1) * I * i / 7.0) * exp(-0.07 * i);
  if (j == i + 1 && i < 16 && i % 2 == 0)
    return noise + 9 - i / 2.0;
  if (i == j + 1 && j < 16 && j % 2 == 0)
    return noise - 9 + j / 2.0;
  return noise;
}

static void dense_all_sets(const test_case *tc)
{
  general_model m = general_make(tc->dtype, 41, "random", random_entry, NULL);
  for (int which = SPEIG_EIGS_LM; which <= SPEIG_EIGS_SI; ++which)
    for (int32_t k = 1; k <= 41; k += k < 8 ? 1 : 11) {
      speig_eigs_opts opts = general_opts(tc->device, SPEIG_DENSE, k, (speig_eigs_which)which);
      opts.left = k % 2;
      general_expect(&m, &opts);
    }
  general_drop(&m);
}
TEST_ALL_CASES(dense_all_sets)

static void krylov_outer_sets(const test_case *tc)
{
  general_model m = general_make(tc->dtype, 230, "outlying", outlying_entry, NULL);
  for (size_t w = 0; w < sizeof outer / sizeof *outer; ++w)
    for (int32_t k = 1; k <= 6; k += k == 1 ? 2 : 3) {
      speig_eigs_opts opts = general_opts(tc->device, SPEIG_KRYLOV_SCHUR, k, outer[w]);
      opts.left = k == 3;
      general_expect(&m, &opts);
    }
  general_drop(&m);
}
TEST_ALL_CASES(krylov_outer_sets)

/* Small orders, all of the spectrum, by either method. */
static void tiny_orders(const test_case *tc)
{
  for (int32_t n = 1; n <= 7; ++n) {
    general_model m = general_make(tc->dtype, n, "tiny", random_entry, NULL);
    for (int32_t k = 1; k <= n + 2; ++k) {
      speig_eigs_opts opts = general_opts(tc->device, SPEIG_METHOD_AUTO, k, SPEIG_EIGS_LM);
      general_expect(&m, &opts);
      opts.method = SPEIG_KRYLOV_SCHUR;
      opts.left = 1;
      general_expect(&m, &opts);
    }
    general_drop(&m);
  }
}
TEST_ALL_CASES(tiny_orders)

/* ---- traps ---- */

static kit_number grcar(int32_t i, int32_t j, const void *user)
{
  (void)user;
  return i == j + 1 ? -1 : j >= i && j <= i + 3 ? 1 : 0;
}

static kit_number jordan(int32_t i, int32_t j, const void *user)
{
  int32_t size = *(const int32_t *)user;
  return i == j ? 2 + i / size * 0.5 : j == i + 1 && j % size != 0 ? 1 : 0;
}

static kit_number toeplitz(int32_t i, int32_t j, const void *user)
{
  (void)user;
  return i == j ? 1 : j == i + 1 ? 4 : i == j + 1 ? 1 : 0;
}

static kit_number zero(int32_t i, int32_t j, const void *user)
{
  (void)i;
  (void)j;
  (void)user;
  return 0;
}

/* Blocks that do not know of each other, each row sum 1: eigenvalue 1 once per block. */
static kit_number chains(int32_t i, int32_t j, const void *user)
{
  int32_t blocks = *(const int32_t *)user, a = i / blocks, b = j / blocks;
  int32_t last = (200 - 1 - i % blocks) / blocks;
  if (i % blocks != j % blocks)
    return 0;
  if (a == b)
    return 0.2 + (a == 0 ? 0.45 : 0) + (a == last ? 0.35 : 0);
  return b == a + 1 ? 0.35 : a == b + 1 ? 0.45 : 0;
}

static kit_number rank_one(int32_t i, int32_t j, const void *user)
{
  (void)user;
  return i == 0 || j == 3 ? 1 : 0;
}

static kit_number identity(int32_t i, int32_t j, const void *user)
{
  (void)user;
  return i == j;
}

/* A cyclic permutation: the roots of unity, all of the same magnitude. */
static kit_number shift_register(int32_t i, int32_t j, const void *user)
{
  int32_t n = *(const int32_t *)user;
  return j == (i + 1) % n;
}

static kit_number skew(int32_t i, int32_t j, const void *user)
{
  (void)user;
  return j == i + 1 ? 1 + i * 0.1 : i == j + 1 ? -1 - j * 0.1 : 0;
}

static void traps(const test_case *tc)
{
  int32_t three = 3, many = 30;
  struct {
    const char *name;
    int32_t n;
    kit_entry f;
    const void *user;
  } list[] = {
    { "grcar", 60, grcar, NULL },           { "jordan", 45, jordan, &three },
    { "toeplitz", 40, toeplitz, NULL },     { "zero", 30, zero, NULL },
    { "rank one", 50, rank_one, NULL },     { "identity", 40, identity, NULL },
    { "roots", 30, shift_register, &many }, { "skew", 44, skew, NULL },
  };
  for (size_t i = 0; i < sizeof list / sizeof *list; ++i) {
    general_model m = general_make(tc->dtype, list[i].n, list[i].name, list[i].f, list[i].user);
    for (int method = 0; method < 2; ++method) {
      speig_eigs_opts opts =
          general_opts(tc->device, method ? SPEIG_KRYLOV_SCHUR : SPEIG_DENSE, 4, SPEIG_EIGS_LM);
      general_expect(&m, &opts);
      opts.which = SPEIG_EIGS_LR;
      general_expect(&m, &opts);
    }
    general_drop(&m);
  }
}
TEST_ALL_CASES(traps)

/* Cuts go through clusters whose members LAPACK does not exchange: they must go through no pair,
 * and wait for copies that rounding brings up. */
static void multiple_from_many_starts(const test_case *tc)
{
  int32_t blocks = 5;
  general_model m = general_make(tc->dtype, 200, "chains", chains, &blocks);
  speig_eigs_opts opts = general_opts(tc->device, SPEIG_KRYLOV_SCHUR, 7, SPEIG_EIGS_LR);
  for (opts.seed = 60; opts.seed < 80 && !harness_is_slow(tc); ++opts.seed)
    general_expect(&m, &opts);
  general_drop(&m);
}
TEST_ALL_CASES(multiple_from_many_starts)

/* Every copy of a multiple eigenvalue, though one Krylov space holds but one. */
static void multiple_chains(const test_case *tc)
{
  int32_t blocks = 5;
  general_model m = general_make(tc->dtype, 200, "chains", chains, &blocks);
  speig_eigs_opts opts = general_opts(tc->device, SPEIG_KRYLOV_SCHUR, 7, SPEIG_EIGS_LR);
  speig_eigs_result *r = NULL;
  int32_t ones = 0;
  general_expect(&m, &opts);
  CHECK_OK(speig_eigs(m.op, NULL, &opts, &r));
  for (int32_t j = 0; j < r->k; ++j)
    ones += fabs(r->values[2 * (size_t)j] - 1) < (dtype_is_single(tc->dtype) ? 1e-4 : 1e-10);
  CU_ASSERT_EQUAL(ones, blocks);
  /* Whether the probe can be sure depends on its random start. */
  CU_ASSERT_TRUE(r->outcome == SPEIG_VALIDATED || r->outcome == SPEIG_CONVERGED);
  speig_eigs_result_free(&r);
  general_drop(&m);
}
TEST_ALL_CASES(multiple_chains)

/* Upper triangular, sparse, every value of the diagonal twice: eigenvectors nearly parallel, so
 * that residuals of a probe say little of how far eigenvalues are. */
static speig_matrix *double_values(speig_dtype dtype, int32_t n, uint64_t seed, double *values)
{
  int32_t *row = calloc(8 * (size_t)n, sizeof *row), *col = calloc(8 * (size_t)n, sizeof *col);
  void *entries = calloc(8 * (size_t)n, 16);
  int64_t nnz = 0;
  speig_coo *coo = NULL;
  speig_matrix *A = NULL;
  for (int32_t i = 0; i < n; ++i) {
    values[i] = fabs(random_uniform(seed, i / 2, 0, 0)) + (i % 100 == 0);
    for (int32_t e = 0; e < 4; ++e, ++nnz) {
      int32_t j = (int32_t)(fabs(random_uniform(seed, i, e, 1)) * n);
      row[nnz] = i;
      col[nnz] = e == 0 ? i : j;
      scalar_put(dtype, entries, nnz,
                 e == 0  ? values[i]
                 : j > i ? fabs(random_uniform(seed, i, e, 2))
                         : 0,
                 0);
    }
  }
  CHECK_OK(speig_coo_create(dtype, n, n, nnz, row, col, entries, SPEIG_GENERAL, SPEIG_COPY, &coo));
  CHECK_OK(speig_matrix_from_coo(coo, &A));
  speig_coo_destroy(&coo);
  free(row);
  free(col);
  free(entries);
  return A;
}

static int falling(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x < y) - (x > y);
}

/* No second copy may be missed under a good word. */
static void copies_far_from_normal(const test_case *tc)
{
  enum { N = 400, SEEDS = 40, K = 6 };
  double values[N];
  if (dtype_is_single(tc->dtype)) {
    harness_skip("conditions of 1000: single precision tells no copies apart");
    return;
  }
  /* Real and complex numbers share the seeds. */
  for (uint64_t seed = 1 + (uint64_t)dtype_is_complex(tc->dtype);
       seed <= (harness_is_slow(tc) ? 4 : SEEDS); seed += 2) {
    speig_eigs_opts opts = general_opts(tc->device, SPEIG_KRYLOV_SCHUR, K, SPEIG_EIGS_LM);
    speig_matrix *A = double_values(tc->dtype, N, seed, values);
    speig_operator *op = NULL;
    speig_eigs_result *r = NULL;
    double worst = 0;
    CHECK_OK(speig_operator_from_matrix(A, &op));
    CHECK_OK(speig_eigs(op, NULL, &opts, &r));
    qsort(values, N, sizeof *values, falling);
    CU_ASSERT_TRUE(r->k >= K);
    for (int32_t j = 0; j < r->k; ++j)
      worst = fmax(worst,
                   fabs(hypot(r->values[2 * (size_t)j], r->values[2 * (size_t)j + 1]) - values[j]));
    if (!(worst < 1e-8 || r->outcome == SPEIG_CONVERGED))
      (void)fprintf(stderr, "\n  seed %d: off by %.1e, %s", (int)seed, worst,
                    speig_outcome_name(r->outcome));
    CU_ASSERT_TRUE(worst < 1e-8 || r->outcome == SPEIG_CONVERGED);
    speig_eigs_result_free(&r);
    speig_operator_destroy(&op);
    speig_matrix_destroy(&A);
  }
}
TEST_ALL_CASES(copies_far_from_normal)

/* ---- shift-invert and B ---- */

static const kit_number shifts[] = { 0.3, 2 + 1.5 * I, -1 };

static void near_a_shift(const test_case *tc)
{
  const int32_t n = harness_is_slow(tc) ? 130 : 330;
  general_model m = general_make(tc->dtype, n, "outlying", outlying_entry, NULL);
  for (size_t s = harness_is_slow(tc) ? 1 : 0; s < sizeof shifts / sizeof *shifts; ++s)
    for (int part = SPEIG_PART_WHOLE; part <= SPEIG_PART_IMAGINARY; ++part) {
      speig_eigs_opts opts = general_opts(tc->device, SPEIG_KRYLOV_SCHUR, 5, SPEIG_EIGS_LM);
      if (part != SPEIG_PART_WHOLE && (cimag(shifts[s]) == 0 || dtype_is_complex(tc->dtype)))
        continue;
      opts.has_sigma = 1;
      opts.sigma[0] = creal(shifts[s]);
      opts.sigma[1] = cimag(shifts[s]);
      opts.part = (speig_eigs_part)part;
      opts.left = part == SPEIG_PART_WHOLE;
      general_expect(&m, &opts);
      opts.method = SPEIG_DENSE;
      general_expect(&m, &opts);
    }
  general_drop(&m);
}
TEST_ALL_CASES(near_a_shift)

/* Twenty times ||A|| away: a looser tolerance is met, though mu hardly tells eigenvalues apart. */
static void far_from_the_spectrum(const test_case *tc)
{
  const int32_t n = harness_is_slow(tc) ? 130 : 330;
  general_model m = general_make(tc->dtype, n, "outlying", outlying_entry, NULL);
  speig_eigs_opts opts = general_opts(tc->device, SPEIG_KRYLOV_SCHUR, 3, SPEIG_EIGS_LM);
  speig_eigs_result *r = NULL;
  double norm;
  CHECK_OK(speig_eigs(m.op, NULL, &opts, &r));
  norm = r->norm_a;
  speig_eigs_result_free(&r);
  opts.has_sigma = 1;
  opts.sigma[0] = 20 * norm;
  opts.tol = 1e4 * tc->eps;
  general_expect(&m, &opts);
  general_drop(&m);
}
TEST_ALL_CASES(far_from_the_spectrum)

static kit_number mass_entry(int32_t i, int32_t j, const void *user)
{
  int32_t filled = *(const int32_t *)user; /* rows and columns; those behind are zero */
  if (i >= filled || j >= filled)
    return 0;
  return i == j ? 2 + 0.5 * cos(i) : i == j + 1 ? 0.4 + 0.2 * I : j == i + 1 ? 0.3 - 0.1 * I : 0;
}

/* B invertible: by B^-1 A and near a shift; B singular: near a shift. */
static void with_a_mass(const test_case *tc)
{
  const int32_t n = 130; /* most of the time is LAPACK's, which says what is right */
  for (int32_t null = 0; null <= 12; null += 12) {
    const int32_t filled = n - null;
    if (harness_is_slow(tc) && (null > 0) != (int)(tc->dtype % 2))
      continue; /* s and c take one of them, d and z the other */
    general_model a = general_make(tc->dtype, n, "outlying", outlying_entry, NULL);
    general_model b = general_make(tc->dtype, n, "mass", mass_entry, &filled);
    general_model m = general_wrap(a.A, b.A, null ? "singular mass" : "mass");
    speig_eigs_opts opts = general_opts(tc->device, SPEIG_KRYLOV_SCHUR, 4, SPEIG_EIGS_LM);
    a.A = b.A = NULL;
    if (null == 0) {
      opts.left = 1;
      general_expect(&m, &opts);
      opts.which = SPEIG_EIGS_LR;
      general_expect(&m, &opts);
    } else {
      speig_eigs_result *r = NULL;
      CU_ASSERT_EQUAL(speig_eigs(m.op, m.op_b, &opts, &r), SPEIG_ERR_NUMERIC);
    }
    opts.which = SPEIG_EIGS_LM;
    opts.has_sigma = 1;
    opts.sigma[0] = 0.4;
    general_expect(&m, &opts);
    opts.sigma[1] = 0.8;
    general_expect(&m, &opts);
    opts.left = 0;
    opts.part = SPEIG_PART_REAL;
    general_expect(&m, &opts);
    general_drop(&m);
    general_drop(&a);
    general_drop(&b);
  }
}
TEST_ALL_CASES(with_a_mass)

/* Smallest magnitudes by a shift at 0; a singular matrix moves it. */
static void smallest_magnitudes(const test_case *tc)
{
  int32_t blocks = 5;
  const int32_t n = harness_is_slow(tc) ? 130 : 330;
  general_model m = general_make(tc->dtype, n, "outlying", outlying_entry, NULL);
  speig_eigs_opts opts = general_opts(tc->device, SPEIG_METHOD_AUTO, 4, SPEIG_EIGS_SM);
  general_expect(&m, &opts);
  general_drop(&m);
  m = general_make(tc->dtype, harness_is_slow(tc) ? 100 : 200, "chains", chains, &blocks);
  opts.method = SPEIG_KRYLOV_SCHUR;
  opts.which = SPEIG_EIGS_LM;
  opts.has_sigma = 1;
  opts.sigma[0] = 1; /* an eigenvalue, five times */
  opts.k = 5;
  opts.max_matvecs = 4000; /* no endless looking for copies */
  general_expect(&m, &opts);
  general_drop(&m);
}
TEST_ALL_CASES(smallest_magnitudes)

/* Triangular: eigenvalues (i + 1) / b_i, infinite where b_i is 0. */
static kit_number stiff_entry(int32_t i, int32_t j, const void *user)
{
  (void)user;
  return i == j ? i + 1 : j == i + 1 ? 0.3 : 0;
}

/* Zero three times, and what lies beside it is small in the inverse by ten orders of magnitude. */
static kit_number singular_entry(int32_t i, int32_t j, const void *user)
{
  int32_t n = *(const int32_t *)user, third = n / 3, a = i % third, b = j % third;
  if (i / third != j / third)
    return 0;
  if (i == j)
    return (a > 0 ? 1.2 : 0) + (a < third - 1);
  return b == a + 1 ? -1 : a == b + 1 ? -1.2 : 0;
}

/* Their vectors hold the rounding errors of the large ones, until they are purified; three copies,
 * and with a part of a complex inverse. */
static void smallest_of_a_singular_matrix(const test_case *tc)
{
  int32_t n = 90;
  general_model m = general_make(tc->dtype, n, "singular", singular_entry, &n);
  speig_eigs_opts opts = general_opts(tc->device, SPEIG_KRYLOV_SCHUR, 7, SPEIG_EIGS_SM);
  if (harness_is_slow(tc) || factor_available() != SPEIG_OK)
    goto done;
  general_expect(&m, &opts);
  if (dtype_is_complex(tc->dtype))
    goto done;
  opts = general_opts(tc->device, SPEIG_KRYLOV_SCHUR, 5, SPEIG_EIGS_LM);
  opts.has_sigma = 1;
  opts.sigma[0] = 0.5;
  opts.sigma[1] = 0.01;
  for (int part = SPEIG_PART_REAL; part <= SPEIG_PART_IMAGINARY; ++part) {
    opts.part = (speig_eigs_part)part;
    general_expect(&m, &opts);
  }
done:
  general_drop(&m);
}
TEST_ALL_CASES(smallest_of_a_singular_matrix)

static kit_number massless_entry(int32_t i, int32_t j, const void *user)
{
  (void)user;
  return i == j && i % 4 ? 1 + 0.5 * (i % 2) : 0;
}

/* Without a shift LAPACK takes over where auto chose to factor B; a method asked for says why not.
 */
static void singular_mass_without_a_shift(const test_case *tc)
{
  enum { ORDER = 320 };
  general_model a = general_make(tc->dtype, ORDER, "stiff", stiff_entry, NULL);
  general_model b = general_make(tc->dtype, ORDER, "massless", massless_entry, NULL);
  speig_eigs_opts opts = general_opts(tc->device, SPEIG_METHOD_AUTO, 3, SPEIG_EIGS_LM);
  speig_eigs_result *r = NULL;
  if (harness_is_slow(tc) || factor_available() != SPEIG_OK)
    goto done;
  CHECK_OK(speig_eigs(a.op, b.op, &opts, &r));
  CU_ASSERT_EQUAL(r->outcome, SPEIG_CERTIFIED);
  CU_ASSERT_EQUAL(r->infinite, ORDER / 4);
  CU_ASSERT_EQUAL_FATAL(r->k, 3);
  CU_ASSERT_DOUBLE_EQUAL(r->values[0], 319, 1e4 * tc->eps); /* b = 1 */
  CU_ASSERT_DOUBLE_EQUAL(r->values[2], 315, 1e4 * tc->eps);
  CU_ASSERT_DOUBLE_EQUAL(r->values[4], 311, 1e4 * tc->eps);
  speig_eigs_result_free(&r);
  opts.method = SPEIG_KRYLOV_SCHUR;
  CU_ASSERT_EQUAL(speig_eigs(a.op, b.op, &opts, &r), SPEIG_ERR_NUMERIC);
  CU_ASSERT_PTR_NOT_NULL(strstr(speig_last_error(), "B is singular"));
done:
  general_drop(&a);
  general_drop(&b);
}
TEST_ALL_CASES(singular_mass_without_a_shift)

/* Solved without left vectors and with them: the worst condition number, and what it ought to be.
 */
static double worst_condition(const general_model *m, speig_eigs_opts *opts, double *exact)
{
  speig_eigs_result *r = NULL;
  double told;
  opts->left = 0;
  CHECK_OK(speig_eigs(m->op, NULL, opts, &r));
  told = r->worst_condition;
  speig_eigs_result_free(&r);
  opts->left = 1;
  CHECK_OK(speig_eigs(m->op, NULL, opts, &r));
  CU_ASSERT_TRUE_FATAL(r->k > 0);
  *exact = 0;
  for (int32_t i = 0; i < r->k; ++i)
    *exact = fmax(*exact, r->conditions[i]);
  CU_ASSERT_DOUBLE_EQUAL(r->worst_condition, *exact, 1e-10 * *exact);
  speig_eigs_result_free(&r);
  return told;
}

/* LAPACK's vectors tell the condition; a Krylov subspace at least a part of it. */
static void conditions_without_left_vectors(const test_case *tc)
{
  general_model m = general_make(tc->dtype, 60, "outlying", outlying_entry, NULL);
  speig_eigs_opts opts = general_opts(tc->device, SPEIG_DENSE, 5, SPEIG_EIGS_LM);
  double exact, told = worst_condition(&m, &opts, &exact);
  CU_ASSERT_TRUE(exact > 1.1); /* the matrix is not normal */
  CU_ASSERT_DOUBLE_EQUAL(told, exact, 100 * tc->eps * exact);
  opts.method = SPEIG_KRYLOV_SCHUR;
  told = worst_condition(&m, &opts, &exact);
  CU_ASSERT_TRUE(told >= 1 - 100 * tc->eps && told <= (1 + 100 * tc->eps) * exact);
  general_drop(&m);
}
TEST_ALL_CASES(conditions_without_left_vectors)

/* LAPACK's own values are wrong by far more than rounding: nothing may be called complete. */
static void ill_conditioned_is_not_certified(const test_case *tc)
{
  general_model m = general_make(tc->dtype, 200, "grcar", grcar, NULL);
  speig_eigs_opts opts = general_opts(tc->device, SPEIG_METHOD_AUTO, 4, SPEIG_EIGS_LM);
  speig_eigs_result *r = NULL;
  for (int left = 0; left < 2; ++left) {
    opts.left = left;
    CHECK_OK(speig_eigs(m.op, NULL, &opts, &r));
    CU_ASSERT_EQUAL(r->method, SPEIG_DENSE);
    CU_ASSERT_TRUE(r->worst_condition > 1e12);
    CU_ASSERT_EQUAL(r->outcome, SPEIG_CONVERGED);
    speig_eigs_result_free(&r);
  }
  general_drop(&m);
}
TEST_ALL_CASES(ill_conditioned_is_not_certified)

/* In a context of the caller's, which serves two solves and is refused beside other wishes. */
static void in_a_context(const test_case *tc)
{
  general_model m = general_make(tc->dtype, 60, "outlying", outlying_entry, NULL);
  speig_eigs_opts opts = general_opts(SPEIG_DEVICE_AUTO, SPEIG_KRYLOV_SCHUR, 3, SPEIG_EIGS_LM);
  speig_eigs_result *r = NULL;
  CHECK_OK(speig_context_create(tc->device, 1, &opts.context));
  opts.threads = 0;
  general_expect(&m, &opts);
  opts.method = SPEIG_DENSE;
  general_expect(&m, &opts);
  CHECK_OK(speig_eigs(m.op, NULL, &opts, &r));
  CU_ASSERT_EQUAL(r->device, tc->device);
  speig_eigs_result_free(&r);
  opts.threads = 2;
  CU_ASSERT_EQUAL(speig_eigs(m.op, NULL, &opts, &r), SPEIG_ERR_ARG);
  opts.threads = 0;
  opts.device = tc->device == SPEIG_HOST ? SPEIG_REFERENCE : SPEIG_HOST;
  CU_ASSERT_EQUAL(speig_eigs(m.op, NULL, &opts, &r), SPEIG_ERR_ARG);
  speig_context_destroy(&opts.context);
  general_drop(&m);
}
TEST_ALL_CASES(in_a_context)

int main(void)
{
  CU_pSuite suite;
  harness_start();
  suite = harness_suite("eigs");
  ADD_ALL_CASES(suite, dense_all_sets);
  ADD_ALL_CASES(suite, krylov_outer_sets);
  ADD_ALL_CASES(suite, tiny_orders);
  ADD_ALL_CASES(suite, traps);
  ADD_ALL_CASES(suite, multiple_chains);
  ADD_ALL_CASES(suite, multiple_from_many_starts);
  ADD_ALL_CASES(suite, copies_far_from_normal);
  ADD_ALL_CASES(suite, near_a_shift);
  ADD_ALL_CASES(suite, far_from_the_spectrum);
  ADD_ALL_CASES(suite, with_a_mass);
  ADD_ALL_CASES(suite, smallest_magnitudes);
  ADD_ALL_CASES(suite, smallest_of_a_singular_matrix);
  ADD_ALL_CASES(suite, singular_mass_without_a_shift);
  ADD_ALL_CASES(suite, conditions_without_left_vectors);
  ADD_ALL_CASES(suite, ill_conditioned_is_not_certified);
  ADD_ALL_CASES(suite, in_a_context);
  return harness_finish("test_eigs");
}
