/* test_semidefinite.c: pencils with a singular B, made by a congruence from blocks whose
 * eigenvalues are known: finite ones, single infinite ones, and infinite ones in Jordan blocks of
 * order 2. */
#include "eigen_kit.h"

#include "base/memory.h"
#include "formats/matrix.h"
#include "speig/eigsh.h"

enum { N = 60 };
typedef enum block { FINITE, MASSLESS, BOUND } block; /* BOUND: rows 3m + 1 and 3m + 2 */

typedef struct plan {
  int bound; /* not 0: every third group is a Jordan block at infinity */
  int null; /* not 0: row 0 is zero in both matrices */
  double negative; /* B's entry of row 3, if not 0 */
  int complex_type;
} plan;

static block block_of(const plan *p, int32_t i)
{
  if (i % 3 == 0)
    return FINITE;
  return p->bound && i / 3 % 3 == 1 ? BOUND : MASSLESS;
}

static double value_of(int32_t i)
{
  return (i / 3 - 7) * (i % 2 ? 1.5 : 0.5) + 0.25;
}

/* The block diagonal A0 and B0. */
static double canonical(const plan *p, int mass, int32_t i, int32_t j)
{
  if (p->null && (i == 0 || j == 0))
    return 0;
  if (block_of(p, i) == BOUND && block_of(p, j) == BOUND && i / 3 == j / 3 && i != j)
    return mass ? 0 : 2;
  if (i != j)
    return 0;
  if (block_of(p, i) == BOUND)
    return i % 3 == 1 ? (mass ? 1 : 3) : 0;
  if (block_of(p, i) == MASSLESS)
    return mass ? 0 : i % 2 ? 1 : -2;
  if (mass && i == 3 && p->negative != 0)
    return p->negative;
  return mass ? 1 : value_of(i);
}

/* T is the identity and numbers below its diagonal. */
static kit_scalar congruence(const plan *p, int32_t i, int32_t j)
{
  if (i == j)
    return 1;
  if (i - j != 1 || (p->null && i == 1))
    return 0;
  return p->complex_type ? 0.4 + 0.3 * I : 0.5;
}

static kit_scalar entry(const plan *p, int mass, int32_t i, int32_t j)
{
  kit_scalar sum = 0;
  for (int32_t k = i; k <= i + 1 && k < N; ++k)
    for (int32_t l = j; l <= j + 1 && l < N; ++l)
      sum += conj(congruence(p, k, i)) * canonical(p, mass, k, l) * congruence(p, l, j);
  return sum;
}

static kit_scalar entry_a(int32_t i, int32_t j, const void *user)
{
  return entry(user, 0, i, j);
}

static kit_scalar entry_b(int32_t i, int32_t j, const void *user)
{
  return entry(user, 1, i, j);
}

typedef struct pencil {
  speig_matrix *A, *B;
  speig_operator *a, *b;
  double finite[N];
  int32_t count;
} pencil;

static pencil pencil_make(speig_dtype dtype, plan p)
{
  pencil P = { 0 };
  p.complex_type = dtype_is_complex(dtype);
  P.A = kit_matrix(dtype, N, entry_a, 2, &p);
  P.B = kit_matrix(dtype, N, entry_b, 2, &p);
  CHECK_OK(speig_operator_from_matrix(P.A, &P.a));
  CHECK_OK(speig_operator_from_matrix(P.B, &P.b));
  for (int32_t i = p.null; i < N; ++i)
    if (block_of(&p, i) == FINITE)
      P.finite[P.count++] = value_of(i);
  return P;
}

static void pencil_drop(pencil *P)
{
  speig_operator_destroy(&P->a);
  speig_operator_destroy(&P->b);
  speig_matrix_destroy(&P->A);
  speig_matrix_destroy(&P->B);
}

static int ascending(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* ||A x - lambda B x|| and |x^H B y - delta|, the largest of all. */
static double worst_defect(const plan *p, const speig_eigsh_result *r)
{
  double worst = 0;
  plan q = *p;
  q.complex_type = dtype_is_complex(r->dtype);
  for (int32_t c = 0; c < r->k; ++c)
    for (int32_t d = 0; d < r->k; ++d) {
      kit_scalar dot = 0;
      double square = 0;
      for (int32_t i = 0; i < N; ++i) {
        kit_scalar sum = 0, mass = 0;
        for (int32_t j = i < 2 ? 0 : i - 2; j < N && j <= i + 2; ++j) {
          kit_scalar x = kit_get(r->dtype, r->vectors.data, j + c * r->vectors.ld);
          sum += (entry(&q, 0, i, j) - r->values[c] * entry(&q, 1, i, j)) * x;
          mass += entry(&q, 1, i, j) * x;
        }
        square += creal(sum * conj(sum));
        dot += conj(kit_get(r->dtype, r->vectors.data, i + d * r->vectors.ld)) * mass;
      }
      worst = fmax(worst, fmax(sqrt(square), cabs(dot - (c == d))));
    }
  return worst;
}

/* All k that are finite and wanted, proven so. */
static void expect_right(const test_case *tc, plan p, speig_which which, int32_t k,
                         const double *sigma)
{
  pencil P = pencil_make(tc->dtype, p);
  speig_eigsh_opts o = SPEIG_EIGSH_OPTS_INIT;
  speig_eigsh_result *r = NULL;
  double want[N], key[N];
  int32_t rank[N], right = k < P.count ? k : P.count;
  o.k = k;
  o.which = which;
  o.device = tc->device;
  o.has_sigma = sigma != NULL;
  o.sigma = sigma ? *sigma : 0;
  CHECK_OK(speig_eigsh(P.a, P.b, &o, &r));
  for (int32_t i = 0; i < P.count; ++i)
    key[i] = sigma ? 1 / (P.finite[i] - *sigma) : P.finite[i];
  eig_rank(which, P.count, key, rank);
  for (int32_t i = 0; i < right; ++i)
    want[i] = P.finite[rank[i]];
  qsort(want, (size_t)right, sizeof *want, ascending);
  CU_ASSERT_EQUAL(r->outcome, SPEIG_CERTIFIED);
  CU_ASSERT_EQUAL_FATAL(r->k, right);
  CU_ASSERT_EQUAL(r->wanted, right);
  CU_ASSERT_EQUAL(r->infinite, N - P.count);
  for (int32_t i = 0; i < right; ++i)
    CU_ASSERT_DOUBLE_EQUAL(r->values[i], want[i], 1e3 * tc->eps);
  CU_ASSERT_TRUE(worst_defect(&p, r) <= 2e3 * tc->eps);
  speig_eigsh_result_free(&r);
  pencil_drop(&P);
}

static void every_end_of_a_singular_mass(const test_case *tc)
{
  static const speig_which which[] = { SPEIG_LM, SPEIG_SM, SPEIG_LA, SPEIG_SA, SPEIG_BE };
  const double sigma = 0.6;
  for (int i = 0; i < 5; ++i) {
    expect_right(tc, (plan){ 0 }, which[i], 5, NULL);
    expect_right(tc, (plan){ 0 }, which[i], 5, &sigma);
  }
}
TEST_ALL_CASES(every_end_of_a_singular_mass)

static void every_end_with_jordan_blocks_at_infinity(const test_case *tc)
{
  static const speig_which which[] = { SPEIG_LM, SPEIG_SM, SPEIG_LA, SPEIG_SA, SPEIG_BE };
  for (int i = 0; i < 5; ++i)
    expect_right(tc, (plan){ .bound = 1 }, which[i], 5, NULL);
}
TEST_ALL_CASES(every_end_with_jordan_blocks_at_infinity)

static void more_wanted_than_finite(const test_case *tc)
{
  expect_right(tc, (plan){ 0 }, SPEIG_LM, 30, NULL);
  expect_right(tc, (plan){ .bound = 1 }, SPEIG_SA, 30, NULL);
}
TEST_ALL_CASES(more_wanted_than_finite)

static void refuses(const test_case *tc, plan p, const char *words)
{
  pencil P = pencil_make(tc->dtype, p);
  speig_eigsh_opts o = SPEIG_EIGSH_OPTS_INIT;
  speig_eigsh_result *r = NULL;
  o.device = tc->device;
  CU_ASSERT_EQUAL(speig_eigsh(P.a, P.b, &o, &r), SPEIG_ERR_NUMERIC);
  CU_ASSERT_PTR_NULL(r);
  if (!strstr(speig_last_error(), words))
    fprintf(stderr, "  %s: %s\n", tc->name, speig_last_error());
  CU_ASSERT_PTR_NOT_NULL(strstr(speig_last_error(), words));
  pencil_drop(&P);
}

static void a_singular_pencil_is_refused(const test_case *tc)
{
  refuses(tc, (plan){ .null = 1 }, "singular for every s");
}
TEST_ALL_CASES(a_singular_pencil_is_refused)

static void an_indefinite_mass_is_refused(const test_case *tc)
{
  refuses(tc, (plan){ .negative = -0.1 }, "not positive semidefinite");
}
TEST_ALL_CASES(an_indefinite_mass_is_refused)

/* Each allocation in turn fails: an error, nothing left behind, the operands as they were. */
static void allocation_failures_leave_nothing(void)
{
  enum { MOST = 4000 };
  pencil P = pencil_make(SPEIG_Z, (plan){ .bound = 1 });
  speig_matrix *before = NULL;
  speig_eigsh_opts o = SPEIG_EIGSH_OPTS_INIT;
  CHECK_OK(speig_matrix_convert(P.B, SPEIG_Z, &before));
  o.threads = 1;
  o.which = SPEIG_BE;
  for (int64_t at = 1; at < MOST; ++at) {
    speig_eigsh_result *r = NULL;
    mem_account outer = mem_account_enter(0);
    speig_status st;
    mem_fail_at(at, 0);
    st = speig_eigsh(P.a, P.b, &o, &r);
    mem_fail_at(0, 0);
    speig_eigsh_result_free(&r);
    CU_ASSERT_EQUAL(mem_account_read().current, 0);
    mem_account_leave(&outer);
    CU_ASSERT_TRUE(st == SPEIG_OK || st == SPEIG_ERR_MEMORY);
    if (st == SPEIG_OK)
      break;
    CU_ASSERT_TRUE(at + 1 < MOST);
  }
  CU_ASSERT_EQUAL(memcmp(before->values, P.B->values, 16 * (size_t)before->rowptr[N]), 0);
  speig_matrix_destroy(&before);
  pencil_drop(&P);
}

int main(void)
{
  CU_pSuite suite;
  harness_start();
  suite = harness_suite("semidefinite");
  ADD_ALL_CASES(suite, every_end_of_a_singular_mass);
  ADD_ALL_CASES(suite, every_end_with_jordan_blocks_at_infinity);
  ADD_ALL_CASES(suite, more_wanted_than_finite);
  ADD_ALL_CASES(suite, a_singular_pencil_is_refused);
  ADD_ALL_CASES(suite, an_indefinite_mass_is_refused);
  ADD_CASE(suite, allocation_failures_leave_nothing);
  return harness_finish("semidefinite");
}
