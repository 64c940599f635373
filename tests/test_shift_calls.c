/* test_shift_calls.c: ways to call shift-invert: without a shift of one's own, with the caller's
 * inverse, in a complement; what is refused; failing allocations; no module. */
#include "shift_kit.h"

#include "base/memory.h"
#include "factor/factor.h"
#include "formats/matrix.h"

/* ---- beyond the spectrum ---- */

/* A path whose every third node has no mass: eigenvalues between 0 and 31. *user: 1 turns A's sign.
 */
static kit_scalar chain_entry(int32_t i, int32_t j, const void *user)
{
  double sign = *(const double *)user;
  return sign * (i == j ? 2 + 1e-4 * i : abs(i - j) == 1 ? -1 : 0);
}

static kit_scalar sparse_mass_entry(int32_t i, int32_t j, const void *user)
{
  (void)user;
  return i == j && i % 3 ? 0.1 : 0;
}

/* Its last k values, in size the largest of w[count]. */
static void expect_outermost(const test_case *tc, const speig_matrix *K, const speig_matrix *M,
                             const speig_eigsh_opts *o, int count, const double *w)
{
  double defect, residual, sign = o->sigma > 0 ? 1 : -1;
  speig_eigsh_result *r = shift_solve(K, M, o);
  CU_ASSERT_EQUAL(r->outcome, SPEIG_CERTIFIED);
  CU_ASSERT_EQUAL_FATAL(r->k, o->k);
  for (int j = 0; j < o->k; ++j) {
    double value = sign > 0 ? w[count - o->k + j] : -w[count - 1 - j];
    CU_ASSERT_DOUBLE_EQUAL(r->values[j], value, 1e4 * tc->eps * fabs(value));
  }
  shift_recompute(K, M, M, r, &defect, &residual);
  CU_ASSERT_TRUE(residual <= 1e4 * tc->eps && defect <= 1e4 * tc->eps);
  speig_eigsh_result_free(&r);
}

/* From there null-space parts of B grow in every step, and B has no inverse that could reach the
 * end of the spectrum: the shift comes nearer. */
static void far_from_a_singular_mass(const test_case *tc)
{
  enum { N = 240 };
  static const speig_which which[] = { SPEIG_LM, SPEIG_SA, SPEIG_LM, SPEIG_LA };
  double w[N], one = 1;
  speig_matrix *M, *K;
  int count;
  if (!shift_have_factors())
    return;
  M = kit_matrix(tc->dtype, N, sparse_mass_entry, 0, NULL);
  K = kit_matrix(tc->dtype, N, chain_entry, 1, &one);
  count = shift_reference(K, M, 1, w);
  qsort(w, (size_t)count, sizeof *w, shift_ascending);
  speig_matrix_destroy(&K);
  CU_ASSERT_EQUAL_FATAL(count, N - N / 3);
  for (int i = 0; i < 4; ++i) {
    double sign = i < 2 ? 1 : -1;
    if ((i + (int)tc->dtype) % 2) /* the types share them */
      continue;
    K = kit_matrix(tc->dtype, N, chain_entry, 1, &sign);
    for (int far = 0; far < 2; ++far) {
      speig_eigsh_opts o = shift_options(sign * (far ? 1e3 : 40), SPEIG_MODE_NORMAL, which[i], 4);
      expect_outermost(tc, K, M, &o, count, w);
    }
    speig_matrix_destroy(&K);
  }
  speig_matrix_destroy(&M);
}
TEST_ALL_TYPES(far_from_a_singular_mass)

/* ---- without a shift of the caller's ---- */

static void smallest_magnitude_inside(const test_case *tc)
{
  int32_t n = 1500;
  speig_matrix *A;
  speig_eigsh_opts o = SPEIG_EIGSH_OPTS_INIT;
  speig_eigsh_result *r;
  if (!shift_have_factors())
    return;
  o.k = 5;
  o.which = SPEIG_SM;
  A = kit_matrix(tc->dtype, n, shift_path_entry, 1, &n); /* singular: 2 - 2 cos(pi j / n) */
  r = shift_solve(A, NULL, &o);
  CU_ASSERT_EQUAL(r->transform, SPEIG_TRANSFORM_SHIFT);
  CU_ASSERT_EQUAL(r->outcome, SPEIG_CERTIFIED);
  CU_ASSERT_EQUAL_FATAL(r->k, 5);
  for (int j = 0; j < 5; ++j)
    CU_ASSERT_DOUBLE_EQUAL(r->values[j], 2 - 2 * cos(j * acos(-1) / n), 200 * tc->eps);
  speig_eigsh_result_free(&r);
  speig_matrix_destroy(&A);
}
TEST_ALL_TYPES(smallest_magnitude_inside)

/* K u = 2 - 2 cos(pi j / n) of a path is far too clustered for products: auto turns to a shift. */
static void smallest_where_products_do_not_do(void)
{
  int32_t n = 12000;
  speig_matrix *A;
  speig_eigsh_opts o = SPEIG_EIGSH_OPTS_INIT;
  speig_eigsh_result *r;
  if (!shift_have_factors())
    return;
  o.k = 4;
  o.which = SPEIG_SA;
  A = kit_matrix(SPEIG_D, n, shift_path_entry, 1, &n);
  r = shift_solve(A, NULL, &o);
  CU_ASSERT_EQUAL(r->transform, SPEIG_TRANSFORM_SHIFT);
  CU_ASSERT_EQUAL(r->outcome, SPEIG_CERTIFIED);
  CU_ASSERT_EQUAL_FATAL(r->k, 4);
  for (int j = 0; j < 4; ++j)
    CU_ASSERT_DOUBLE_EQUAL(r->values[j], 2 - 2 * cos(j * acos(-1) / n), 1e-14);
  speig_eigsh_result_free(&r);
  speig_matrix_destroy(&A);
}

/* The same path beside three large values. */
static kit_scalar path_and_more_entry(int32_t i, int32_t j, const void *user)
{
  if (i < 3 || j < 3)
    return i == j ? 20 + 5 * i : 0;
  return shift_path_entry(i - 3, j - 3, user);
}

/* The high end comes by products, the low one by a shift. */
static void both_ends_where_products_do_one(void)
{
  int32_t n = 12000, path = n - 3;
  speig_matrix *A;
  speig_eigsh_opts o = SPEIG_EIGSH_OPTS_INIT;
  speig_eigsh_result *r;
  double want[6] = { 0, 0, 0, 20, 25, 30 };
  if (!shift_have_factors())
    return;
  o.k = 6;
  o.which = SPEIG_BE;
  A = kit_matrix(SPEIG_D, n, path_and_more_entry, 1, &path);
  r = shift_solve(A, NULL, &o);
  for (int j = 0; j < 3; ++j)
    want[j] = 2 - 2 * cos(j * acos(-1) / path);
  CU_ASSERT_TRUE(r->solves > 0);
  CU_ASSERT_EQUAL(r->outcome, SPEIG_VALIDATED); /* as the weaker half */
  CU_ASSERT_EQUAL_FATAL(r->k, 6);
  for (int j = 0; j < 6; ++j)
    CU_ASSERT_DOUBLE_EQUAL(r->values[j], want[j], 1e-13);
  speig_eigsh_result_free(&r);
  speig_matrix_destroy(&A);
}

/* ---- the caller's inverse ---- */

typedef struct own_inverse {
  factor *F;
  int64_t columns;
} own_inverse;

static int apply_inverse(void *user, const speig_block *X, speig_block *Y)
{
  own_inverse *own = user;
  size_t size = speig_dtype_size(X->dtype);
  own->columns += X->cols;
  for (int64_t j = 0; j < X->cols; ++j)
    memcpy((char *)Y->data + (size_t)(j * Y->ld) * size,
           (const char *)X->data + (size_t)(j * X->ld) * size, (size_t)X->rows * size);
  return factor_solve(own->F, 0, (int32_t)Y->cols, Y->ld, Y->data) != SPEIG_OK;
}

static int apply_matrix(void *user, const speig_block *X, speig_block *Y)
{
  const speig_matrix *A = user;
  for (int64_t c = 0; c < X->cols; ++c)
    for (int64_t i = 0; i < A->rows; ++i) {
      kit_scalar sum = 0;
      for (int64_t e = A->rowptr[i]; e < A->rowptr[i + 1]; ++e)
        sum +=
            kit_get(A->dtype, A->values, e) * kit_get(A->dtype, X->data, A->colind[e] + c * X->ld);
      kit_put(A->dtype, Y->data, i + c * Y->ld, sum);
    }
  return 0;
}

/* Everything by functions: A, B and an inverse, in each mode. */
static void callers_own_inverse(const test_case *tc)
{
  speig_matrix *K, *M, *P = NULL;
  speig_operator *a = NULL, *b = NULL, *inverse = NULL;
  own_inverse own = { 0 };
  double w[SHIFT_N], want[8];
  int singular;
  if (!shift_have_factors())
    return;
  K = kit_matrix(tc->dtype, SHIFT_N, shift_grid_entry, SHIFT_SIDE, shift_definite);
  M = kit_matrix(tc->dtype, SHIFT_N, shift_mass_entry, 1, NULL);
  CHECK_OK(speig_operator_create(tc->dtype, SHIFT_N, apply_matrix, K, &a));
  CHECK_OK(speig_operator_create(tc->dtype, SHIFT_N, apply_matrix, M, &b));
  CHECK_OK(speig_operator_create(tc->dtype, SHIFT_N, apply_inverse, &own, &inverse));
  for (int mode = SPEIG_MODE_NORMAL; mode <= SPEIG_MODE_CAYLEY + 1; ++mode) {
    speig_eigsh_opts o = shift_options(2.2, (speig_mode)mode, SPEIG_LM, 5);
    const double shift[2] = { o.sigma, 0 }, none[2] = { 0, 0 };
    speig_eigsh_result *r = NULL;
    o.method = SPEIG_METHOD_AUTO;
    o.op_inverse = inverse;
    if (mode > SPEIG_MODE_CAYLEY) { /* the inverse of B, without a shift */
      o = shift_options(0, SPEIG_MODE_NORMAL, SPEIG_LA, 5);
      o.has_sigma = 0;
      o.mass_inverse = inverse;
      CHECK_OK(factor_pencil(M, NULL, none, tc->dtype, &P));
    } else {
      CHECK_OK(factor_pencil(K, M, shift, tc->dtype, &P));
    }
    CHECK_OK(factor_analyse(P, FACTOR_HERMITIAN, &own.F));
    CHECK_OK(factor_compute(own.F, P, &singular));
    own.columns = 0;
    CHECK_OK(speig_eigsh(a, b, &o, &r));
    shift_reference(K, M, 0, w);
    shift_choose(&o, SHIFT_N, w, 5, want);
    CU_ASSERT_EQUAL_FATAL(r->k, 5);
    for (int j = 0; j < 5; ++j)
      CU_ASSERT_DOUBLE_EQUAL(r->values[j], want[j], 1e4 * tc->eps);
    CU_ASSERT_TRUE(own.columns > 0 && r->solves == own.columns);
    CU_ASSERT_TRUE(r->outcome == SPEIG_VALIDATED || r->outcome == SPEIG_CONVERGED);
    speig_eigsh_result_free(&r);
    factor_destroy(&own.F);
    speig_matrix_destroy(&P);
  }
  speig_operator_destroy(&a);
  speig_operator_destroy(&b);
  speig_operator_destroy(&inverse);
  speig_matrix_destroy(&K);
  speig_matrix_destroy(&M);
}
TEST_ALL_TYPES(callers_own_inverse)

/* ---- constraints, refusals ---- */

/* Deflating what is no eigenvector is a problem of its own, with a count of its own. */
static void deflated_problems(const test_case *tc)
{
  speig_matrix *A, *B;
  speig_block Y = { .dtype = tc->dtype, .rows = SHIFT_N, .cols = 3, .ld = SHIFT_N };
  if (!shift_have_factors())
    return;
  A = kit_matrix(tc->dtype, SHIFT_N, shift_grid_entry, SHIFT_SIDE, shift_indefinite);
  B = kit_matrix(tc->dtype, SHIFT_N, shift_mass_entry, 1, NULL);
  Y.data = calloc(3 * SHIFT_N, 16);
  for (int64_t i = 0; i < 3 * SHIFT_N; ++i)
    kit_put(tc->dtype, Y.data, i, random_uniform(3, i, 0, 0) + I * random_uniform(3, i, 1, 0));
  for (int generalized = 0; generalized < 2; ++generalized) {
    speig_eigsh_opts o = shift_options(0.4, SPEIG_MODE_NORMAL, SPEIG_LM, 6);
    speig_eigsh_result *r, *dense;
    o.deflate = &Y;
    r = shift_solve(A, generalized ? B : NULL, &o);
    o.method = SPEIG_DENSE;
    dense = shift_solve(A, generalized ? B : NULL, &o);
    CU_ASSERT_EQUAL(r->outcome, SPEIG_CERTIFIED);
    CU_ASSERT_EQUAL_FATAL(r->k, 6);
    CU_ASSERT_EQUAL_FATAL(dense->k, 6);
    for (int j = 0; j < 6; ++j)
      CU_ASSERT_DOUBLE_EQUAL(r->values[j], dense->values[j], 1e4 * tc->eps);
    speig_eigsh_result_free(&r);
    speig_eigsh_result_free(&dense);
  }
  free(Y.data);
  speig_matrix_destroy(&A);
  speig_matrix_destroy(&B);
}
TEST_ALL_TYPES(deflated_problems)

static void refuses(const speig_operator *A, const speig_operator *B, speig_eigsh_opts o,
                    speig_status status, const char *words)
{
  speig_eigsh_result *r = NULL;
  CU_ASSERT_EQUAL(speig_eigsh(A, B, &o, &r), status);
  CU_ASSERT_PTR_NULL(r);
  if (!strstr(speig_last_error(), words))
    fprintf(stderr, "  wanted '%s' in: %s\n", words, speig_last_error());
  CU_ASSERT_PTR_NOT_NULL(strstr(speig_last_error(), words));
}

static void refusals(void)
{
  speig_matrix *K = kit_matrix(SPEIG_D, SHIFT_N, shift_grid_entry, SHIFT_SIDE, shift_definite);
  speig_matrix *G = kit_matrix(SPEIG_D, SHIFT_N, shift_grid_entry, SHIFT_SIDE, shift_indefinite);
  speig_operator *a = NULL, *g = NULL, *f = NULL;
  speig_eigsh_opts o = shift_options(1, SPEIG_MODE_NORMAL, SPEIG_LM, 3), p;
  CHECK_OK(speig_operator_from_matrix(K, &a));
  CHECK_OK(speig_operator_from_matrix(G, &g));
  CHECK_OK(speig_operator_create(SPEIG_D, SHIFT_N, apply_matrix, K, &f));
  p = o, p.sigma = NAN;
  refuses(a, NULL, p, SPEIG_ERR_ARG, "sigma is nan");
  p = o, p.has_sigma = 0, p.mode = SPEIG_MODE_CAYLEY;
  refuses(a, NULL, p, SPEIG_ERR_ARG, "mode cayley needs a shift");
  p = o, p.sigma = 0, p.mode = SPEIG_MODE_BUCKLING;
  refuses(a, g, p, SPEIG_ERR_ARG, "sigma is 0");
  p = o, p.mode = SPEIG_MODE_BUCKLING;
  refuses(a, NULL, p, SPEIG_ERR_ARG, "mode buckling needs B");
  p = o, p.mass_inverse = f;
  refuses(a, g, p, SPEIG_ERR_ARG, "not that of B");
  p = o, p.has_sigma = 0, p.op_inverse = f;
  refuses(a, g, p, SPEIG_ERR_ARG, "but no sigma");
  p = o, p.method = SPEIG_LOBPCG;
  refuses(a, NULL, p, SPEIG_ERR_UNSUPPORTED, "lobpcg has no shift");
  refuses(f, NULL, o, SPEIG_ERR_UNSUPPORTED, "A is a function, not a matrix");
  p = o, p.method = SPEIG_DENSE, p.op_inverse = f;
  refuses(a, NULL, p, SPEIG_ERR_UNSUPPORTED, "an option of method lanczos");
  if (factor_available() == SPEIG_OK) {
    refuses(a, g, o, SPEIG_ERR_NUMERIC, "B is not positive semidefinite: its diagonal entry");
    p = o, p.memory = 600000;
    refuses(a, NULL, p, SPEIG_ERR_MEMORY, "600000");
  }
  speig_operator_destroy(&a);
  speig_operator_destroy(&g);
  speig_operator_destroy(&f);
  speig_matrix_destroy(&K);
  speig_matrix_destroy(&G);
}

/* Each allocation in turn fails: an error, nothing left behind, nothing lost. */
static void allocation_failures_leave_nothing(void)
{
  enum { MOST = 3000 };
  /* at a shift, by the mass, and of several parts: nothing lies below -20 */
  static const speig_which which[] = { SPEIG_LM, SPEIG_LA, SPEIG_BE };
  speig_matrix *A, *B;
  speig_operator *a = NULL, *b = NULL;
  if (!shift_have_factors())
    return;
  A = kit_matrix(SPEIG_Z, SHIFT_N, shift_grid_entry, SHIFT_SIDE, shift_indefinite);
  B = kit_matrix(SPEIG_Z, SHIFT_N, shift_mass_entry, 1, NULL);
  CHECK_OK(speig_operator_from_matrix(A, &a));
  CHECK_OK(speig_operator_from_matrix(B, &b));
  for (int way = 0; way < 3; ++way) {
    speig_eigsh_opts o = shift_options(way == 2 ? -20 : 0.4, SPEIG_MODE_NORMAL, which[way], 3);
    o.has_sigma = way != 1;
    for (int64_t at = 1, step = 1; at < MOST; at += step) {
      speig_eigsh_result *r = NULL;
      mem_account outer = mem_account_enter(0);
      speig_status st;
      mem_fail_at(at, 0);
      st = speig_eigsh(a, b, &o, &r);
      mem_fail_at(0, 0);
      speig_eigsh_result_free(&r);
      CU_ASSERT_EQUAL(mem_account_read().current, 0);
      mem_account_leave(&outer);
      CU_ASSERT_TRUE(st == SPEIG_OK || st == SPEIG_ERR_MEMORY);
      if (st == SPEIG_OK)
        break;
      step = at < 60 ? 1 : way == 2 ? 13 : 7; /* the rest repeats itself, block by block */
      CU_ASSERT_TRUE(at + step < MOST);
    }
  }
  speig_operator_destroy(&a);
  speig_operator_destroy(&b);
  speig_matrix_destroy(&A);
  speig_matrix_destroy(&B);
}

/* Without its module speig still solves what LAPACK can, and says what it misses for the rest. */
static void without_the_module(void)
{
  int32_t n = 11000;
  speig_matrix *A;
  speig_operator *a = NULL;
  speig_eigsh_opts o = SPEIG_EIGSH_OPTS_INIT;
  if (factor_available() == SPEIG_OK) {
    harness_skip("the module is there");
    return;
  }
  A = kit_matrix(SPEIG_D, n, shift_path_entry, 1, &n);
  CHECK_OK(speig_operator_from_matrix(A, &a));
  o.has_sigma = 1;
  o.sigma = 1;
  refuses(a, NULL, o, SPEIG_ERR_UNSUPPORTED, "no libspeig_mumps.so in");
  speig_operator_destroy(&a);
  speig_matrix_destroy(&A);
}

int main(void)
{
  CU_pSuite suite;
  harness_start();
  suite = harness_suite("shift_calls");
  ADD_ALL_CASES(suite, far_from_a_singular_mass);
  ADD_ALL_CASES(suite, smallest_magnitude_inside);
  ADD_ALL_CASES(suite, callers_own_inverse);
  ADD_ALL_CASES(suite, deflated_problems);
  ADD_CASE(suite, smallest_where_products_do_not_do);
  ADD_CASE(suite, both_ends_where_products_do_one);
  ADD_CASE(suite, refusals);
  ADD_CASE(suite, allocation_failures_leave_nothing);
  ADD_CASE(suite, without_the_module);
  return harness_finish("shift_calls");
}
