/* test_svds_options.c: speig_svds: callbacks, guesses, limits, refusals, plans. */
#include "svd_kit.h"

#include "base/memory.h"
#include "factor/factor.h"

#include "solve_kit.h"
#include "speig/speig.h"

#include <complex.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- options ---- */

static int apply_sample(void *user, const speig_block *X, speig_block *Y)
{
  const svd_sample *S = user;
  double one[2] = { 1, 0 }, none[2] = { 0, 0 };
  float single[2] = { 1, 0 }, zeros[2] = { 0, 0 };
  int wide = X->dtype == SPEIG_D || X->dtype == SPEIG_Z;
  return speig_spmv(NULL, wide ? (void *)one : single, S->A, X, wide ? (void *)none : zeros, Y) !=
         SPEIG_OK;
}

static int apply_sample_adjoint(void *user, const speig_block *X, speig_block *Y)
{
  const svd_sample *S = user;
  for (int64_t p = 0; p < X->cols; ++p)
    for (int j = 0; j < S->n; ++j) {
      svd_number sum = 0;
      for (int i = 0; i < S->m; ++i) {
        double x[2];
        scalar_get(X->dtype, X->data, i + p * X->ld, x);
        sum += conj(S->dense[i + (int64_t)j * S->m]) * (x[0] + x[1] * I);
      }
      scalar_put(Y->dtype, Y->data, j + p * Y->ld, creal(sum), cimag(sum));
    }
  return 0;
}

static void callbacks_with_adjoint(const test_case *tc)
{
  for (int wide = 0; wide < 2; ++wide) {
    svd_sample S = svd_make(tc->dtype, wide ? 40 : 70, wide ? 70 : 40, "scattered", svd_scattered);
    speig_operator_destroy(&S.op);
    CHECK_OK(speig_operator_create_rectangular(tc->dtype, S.m, S.n, apply_sample,
                                               apply_sample_adjoint, &S, &S.op));
    {
      speig_svds_opts opts = SPEIG_SVDS_OPTS_INIT;
      opts.device = tc->device;
      opts.k = 4;
      for (int way = 0; way < 4; ++way) {
        opts.method = way / 2 ? SPEIG_GOLUB_KAHAN : SPEIG_DENSE;
        opts.which = way % 2 ? SPEIG_SM : SPEIG_LM;
        svd_check(tc, &S, &opts);
      }
    }
    svd_drop(&S);
  }
}
TEST_ALL_CASES(callbacks_with_adjoint)

/* A run that starts from the answer is over sooner, from either side. */
static void guesses_help(const test_case *tc)
{
  for (int wide = 0; wide < 2; ++wide) {
    const int slow = harness_is_slow(tc), large = slow ? 130 : 400, small = slow ? 100 : 300;
    svd_sample S =
        svd_make(tc->dtype, wide ? small : large, wide ? large : small, "scattered", svd_scattered);
    speig_svds_opts opts = SPEIG_SVDS_OPTS_INIT;
    speig_svds_result *r = NULL, *again = NULL;
    opts.device = tc->device;
    opts.method = SPEIG_GOLUB_KAHAN;
    opts.certify = SPEIG_CERTIFY_NEVER;
    opts.k = 2;
    CHECK_OK(speig_svds(S.op, &opts, &r));
    CU_ASSERT_EQUAL(r->outcome, SPEIG_CONVERGED);
    for (int side = 0; side < 2; ++side) {
      opts.guess = side ? &r->left : &r->right;
      CHECK_OK(speig_svds(S.op, &opts, &again));
      CU_ASSERT_EQUAL(again->k, 2);
      CU_ASSERT_DOUBLE_EQUAL(again->values[0], r->values[0], 500 * tc->eps * r->norm);
      CU_ASSERT_TRUE(again->matvecs < r->matvecs);
      speig_svds_result_free(&again);
    }
    speig_svds_result_free(&r);
    svd_drop(&S);
  }
}
TEST_ALL_CASES(guesses_help)

static void vectors_as_asked_for(const test_case *tc)
{
  svd_sample S = svd_make(tc->dtype, 50, 30, "scattered", svd_scattered);
  speig_svds_opts opts = SPEIG_SVDS_OPTS_INIT;
  speig_svds_result *both = NULL, *r = NULL;
  opts.device = tc->device;
  opts.k = 3;
  CHECK_OK(speig_svds(S.op, &opts, &both));
  for (int vectors = SPEIG_SVDS_LEFT; vectors <= SPEIG_SVDS_NONE; ++vectors) {
    opts.vectors = (speig_svds_vectors)vectors;
    CHECK_OK(speig_svds(S.op, &opts, &r));
    CU_ASSERT_EQUAL(r->left.data != NULL, vectors == SPEIG_SVDS_LEFT);
    CU_ASSERT_EQUAL(r->right.data != NULL, vectors == SPEIG_SVDS_RIGHT);
    CU_ASSERT_EQUAL(memcmp(r->values, both->values, 3 * sizeof(double)), 0);
    if (r->right.data)
      CU_ASSERT_EQUAL(memcmp(r->right.data, both->right.data, 3 * 30 * speig_dtype_size(tc->dtype)),
                      0);
    speig_svds_result_free(&r);
  }
  speig_svds_result_free(&both);
  svd_drop(&S);
}
TEST_ALL_CASES(vectors_as_asked_for)

static void same_bits_for_any_thread_count(const test_case *tc)
{
  const int slow = harness_is_slow(tc), rows = slow ? 200 : 700;
  svd_sample S = svd_make(tc->dtype, rows, slow ? 150 : 500, "scattered", svd_scattered);
  speig_svds_opts opts = SPEIG_SVDS_OPTS_INIT;
  speig_svds_result *first = NULL, *r = NULL;
  opts.device = tc->device;
  opts.method = SPEIG_GOLUB_KAHAN;
  opts.k = 3;
  for (int threads = 1; threads <= (slow ? 2 : 4); ++threads) {
    opts.threads = threads;
    CHECK_OK(speig_svds(S.op, &opts, threads == 1 ? &first : &r));
    if (threads > 1) {
      CU_ASSERT_EQUAL(memcmp(r->values, first->values, 3 * sizeof(double)), 0);
      CU_ASSERT_EQUAL(memcmp(r->residuals, first->residuals, 3 * sizeof(double)), 0);
      CU_ASSERT_EQUAL(
          memcmp(r->left.data, first->left.data, 3 * (size_t)rows * speig_dtype_size(tc->dtype)),
          0);
    }
    speig_svds_result_free(&r);
  }
  speig_svds_result_free(&first);
  svd_drop(&S);
}
TEST_ALL_CASES(same_bits_for_any_thread_count)

/* ---- limits ---- */

static int count_and_stop(void *user, const speig_progress *record)
{
  int *calls = user;
  if (strcmp(record->method, "golub-kahan") != 0 || record->wanted != 5)
    return 2;
  return ++*calls >= 2;
}

static svd_number entry_of(const speig_block *X, int64_t i, int64_t j)
{
  double x[2];
  scalar_get(X->dtype, X->data, i + j * X->ld, x);
  return x[0] + x[1] * I;
}

/* The larger of ||A v - s u|| and ||A^H u - s v||, by plain loops. */
static double residual_of(const svd_sample *S, const speig_svds_result *r, int32_t j)
{
  double value = r->unconverged_values[j], right = 0, left = 0;
  for (int i = 0; i < S->m; ++i) {
    svd_number sum = -value * entry_of(&r->unconverged_left, i, j);
    for (int c = 0; c < S->n; ++c)
      sum += S->dense[i + (int64_t)c * S->m] * entry_of(&r->unconverged_right, c, j);
    right += pow(cabs(sum), 2);
  }
  for (int c = 0; c < S->n; ++c) {
    svd_number sum = -value * entry_of(&r->unconverged_right, c, j);
    for (int i = 0; i < S->m; ++i)
      sum += conj(S->dense[i + (int64_t)c * S->m]) * entry_of(&r->unconverged_left, i, j);
    left += pow(cabs(sum), 2);
  }
  return sqrt(fmax(left, right));
}

static void check_rest(const test_case *tc, const svd_sample *S, const speig_svds_result *r)
{
  CU_ASSERT_EQUAL_FATAL(r->unconverged_left.rows, S->m);
  CU_ASSERT_EQUAL_FATAL(r->unconverged_right.rows, S->n);
  CU_ASSERT_EQUAL_FATAL(r->unconverged_left.cols, r->unconverged);
  CU_ASSERT_EQUAL_FATAL(r->unconverged_right.cols, r->unconverged);
  for (int32_t j = 0; j < r->unconverged; ++j) {
    double found = residual_of(S, r, j), told = r->unconverged_residuals[j];
    CU_ASSERT_TRUE(fabs(found - told) < 0.01 * told + 1e3 * tc->eps * S->sigma[0]);
  }
}

static void limits_leave_a_result(const test_case *tc)
{
  svd_sample S = svd_make(tc->dtype, 400, 300, "scattered", svd_scattered);
  speig_svds_opts opts = SPEIG_SVDS_OPTS_INIT;
  speig_svds_result *r = NULL;
  int calls = 0;
  opts.device = tc->device;
  opts.method = SPEIG_GOLUB_KAHAN;
  opts.which = SPEIG_SM;
  opts.k = 5;
  opts.ncv = 20;
  opts.max_matvecs = 60;
  CHECK_OK(speig_svds(S.op, &opts, &r));
  CU_ASSERT_EQUAL(r->reason, SPEIG_STOP_MAX_MATVECS);
  CU_ASSERT_TRUE(r->k < 5 && r->k + r->unconverged >= 5);
  CU_ASSERT_EQUAL(r->outcome, r->k > 0 ? SPEIG_PARTIAL : SPEIG_FAILED);
  CU_ASSERT_TRUE(r->matvecs + r->adjoint_matvecs <= 64 + 2 * r->k);
  check_rest(tc, &S, r);
  speig_svds_result_free(&r);
  opts.vectors = SPEIG_SVDS_RIGHT;
  CHECK_OK(speig_svds(S.op, &opts, &r));
  CU_ASSERT_PTR_NULL(r->unconverged_left.data);
  CU_ASSERT_PTR_NOT_NULL(r->unconverged_right.data);
  speig_svds_result_free(&r);
  opts.vectors = SPEIG_SVDS_BOTH;
  opts.max_matvecs = 0;
  opts.progress = count_and_stop;
  opts.progress_user = &calls;
  CHECK_OK(speig_svds(S.op, &opts, &r));
  CU_ASSERT_EQUAL(r->reason, SPEIG_STOP_CANCELLED);
  CU_ASSERT_EQUAL(calls, 2);
  speig_svds_result_free(&r);
  opts.progress = NULL;
  opts.time_limit = 1e-6;
  CHECK_OK(speig_svds(S.op, &opts, &r));
  CU_ASSERT_EQUAL(r->reason, SPEIG_STOP_TIME_LIMIT);
  speig_svds_result_free(&r);
  svd_drop(&S);
}
TEST_ALL_CASES(limits_leave_a_result)

static void expect(speig_status want, const speig_operator *op, speig_svds_opts opts,
                   const char *word)
{
  speig_svds_result *r = NULL;
  speig_status st = speig_svds(op, &opts, &r);
  CU_ASSERT_EQUAL(st, want);
  CU_ASSERT_PTR_NULL(r);
  if (!strstr(speig_last_error(), word)) {
    fprintf(stderr, "  \"%s\" is not in \"%s\"\n", word, speig_last_error());
    CU_FAIL("message");
  }
}

static int fails(void *user, const speig_block *X, speig_block *Y)
{
  (void)user, (void)X, (void)Y;
  return 3;
}

static void what_cannot_be_is_refused(void)
{
  svd_sample S = svd_make(SPEIG_D, 700, 500, "scattered", svd_scattered);
  speig_svds_opts opts = SPEIG_SVDS_OPTS_INIT, bad;
  speig_operator *op = NULL;
  double nan = NAN, vector[700];
  speig_block guess = { .dtype = SPEIG_D, .rows = 700, .cols = 1, .ld = 700, .data = vector };
  bad = opts, bad.k = 0;
  expect(SPEIG_ERR_ARG, S.op, bad, "k is 0");
  bad = opts, bad.which = SPEIG_LA;
  expect(SPEIG_ERR_ARG, S.op, bad, "LM or SM");
  bad = opts, bad.method = SPEIG_LANCZOS;
  expect(SPEIG_ERR_ARG, S.op, bad, "lanczos");
  bad = opts, bad.ncv = 6;
  expect(SPEIG_ERR_ARG, S.op, bad, "ncv is 6");
  bad = opts, bad.ncv = 20, bad.method = SPEIG_DENSE;
  expect(SPEIG_ERR_UNSUPPORTED, S.op, bad, "ncv = 20");
  bad = opts, bad.memory = 100000;
  expect(SPEIG_ERR_MEMORY, S.op, bad, "the budget is 100000");
  guess.rows = 600;
  bad = opts, bad.guess = &guess;
  expect(SPEIG_ERR_ARG, S.op, bad, "guess has 600 rows");
  guess.rows = 700;
  memset(vector, 0, sizeof vector);
  vector[17] = nan;
  expect(SPEIG_ERR_NUMERIC, S.op, bad, "NaN");
  CHECK_OK(speig_operator_create(SPEIG_D, 500, fails, NULL, &op));
  expect(SPEIG_ERR_CALLBACK, op, opts, "returned 3");
  speig_operator_destroy(&op);
  CHECK_OK(speig_operator_create_rectangular(SPEIG_D, 50, 500, fails, fails, NULL, &op));
  expect(SPEIG_ERR_CALLBACK, op, opts, "returned 3");
  speig_operator_destroy(&op);
  {
    speig_matrix *A = NULL;
    int64_t rowptr[] = { 0, 1, 2 };
    int32_t colind[] = { 0, 2 };
    double values[] = { 1, NAN };
    CHECK_OK(speig_matrix_create_csr(SPEIG_D, 2, 3, rowptr, colind, values, SPEIG_BORROW, &A));
    CHECK_OK(speig_operator_from_matrix(A, &op));
    expect(SPEIG_ERR_NUMERIC, op, opts, "NaN or Inf");
    speig_operator_destroy(&op);
    speig_matrix_destroy(&A);
  }
  svd_drop(&S);
}

static void a_plan_says_why(void)
{
  svd_sample S = svd_make(SPEIG_D, 700, 500, "scattered", svd_scattered);
  speig_svds_opts opts = SPEIG_SVDS_OPTS_INIT;
  speig_svds_plan plan;
  CHECK_OK(speig_svds_make_plan(S.op, &opts, &plan));
  CU_ASSERT_EQUAL(plan.method, SPEIG_GOLUB_KAHAN);
  CU_ASSERT_TRUE(plan.rows == 700 && plan.cols == 500 && plan.k == 6 && plan.ncv > 6);
  CU_ASSERT_TRUE(strstr(plan.why, "golub-kahan") != NULL);
  opts.which = SPEIG_SM;
  CHECK_OK(speig_svds_make_plan(S.op, &opts, &plan));
  if (factor_available() == SPEIG_OK) {
    CU_ASSERT_TRUE(plan.method == SPEIG_GOLUB_KAHAN && plan.inverse);
    CU_ASSERT_TRUE(strstr(plan.why, "inverse") != NULL);
  } else {
    CU_ASSERT_EQUAL(plan.method, SPEIG_DENSE);
  }
  opts.method = SPEIG_GOLUB_KAHAN;
  CHECK_OK(speig_svds_make_plan(S.op, &opts, &plan));
  CU_ASSERT_TRUE(!plan.inverse);
  opts.method = SPEIG_METHOD_AUTO;
  opts.which = SPEIG_LM;
  opts.k = 300;
  CHECK_OK(speig_svds_make_plan(S.op, &opts, &plan));
  CU_ASSERT_EQUAL(plan.method, SPEIG_DENSE);
  svd_drop(&S);
}

/* What a run takes stays below what was foreseen. */
static void memory_is_foreseen(void)
{
  static const speig_method methods[] = { SPEIG_DENSE, SPEIG_GOLUB_KAHAN };
  for (int wide = 0; wide < 2; ++wide) {
    svd_sample S = svd_make(SPEIG_Z, wide ? 90 : 400, wide ? 400 : 90, "scattered", svd_scattered);
    speig_svds_opts opts = SPEIG_SVDS_OPTS_INIT;
    speig_svds_plan plan;
    for (int i = 0; i < 2; ++i) {
      speig_svds_result *r = NULL;
      opts.method = methods[i];
      CHECK_OK(speig_svds_make_plan(S.op, &opts, &plan));
      opts.memory = plan.memory_bytes;
      CHECK_OK(speig_svds(S.op, &opts, &r));
      CU_ASSERT_TRUE(r->memory_bytes <= plan.memory_bytes);
      opts.memory = 0;
      speig_svds_result_free(&r);
    }
    svd_drop(&S);
  }
}

/* Each allocation in turn fails: an error, no result, nothing left behind. */
static void exhausted_memory_is_an_error(const test_case *tc)
{
  static const speig_method methods[] = { SPEIG_DENSE, SPEIG_GOLUB_KAHAN };
  svd_sample S = svd_make(tc->dtype, 20, 30, "scattered", svd_scattered);
  speig_block guess = { 0 };
  CHECK_OK(speig_block_alloc(tc->dtype, 20, 1, &guess));
  CHECK_OK(speig_fill_random(NULL, 3, &guess));
  for (int i = 0; i < 2; ++i) {
    speig_svds_opts opts = SPEIG_SVDS_OPTS_INIT;
    speig_svds_result *r = NULL;
    speig_status st = SPEIG_ERR_MEMORY;
    int64_t at = 0;
    mem_account before = mem_account_read();
    opts.device = tc->device;
    opts.method = methods[i];
    opts.k = 3;
    opts.guess = &guess;
    while (st == SPEIG_ERR_MEMORY && at < 10000) {
      mem_fail_at(++at, 0);
      st = speig_svds(S.op, &opts, &r);
      mem_fail_at(0, 0);
      CU_ASSERT_TRUE((st == SPEIG_OK) == (r != NULL));
      if (st == SPEIG_ERR_MEMORY)
        CU_ASSERT_EQUAL(mem_account_read().current, before.current);
    }
    CU_ASSERT_EQUAL(st, SPEIG_OK);
    CU_ASSERT_TRUE(at > 20);
    speig_svds_result_free(&r);
  }
  speig_block_free(&guess);
  svd_drop(&S);
}
TEST_ALL_CASES(exhausted_memory_is_an_error)

int main(void)
{
  CU_pSuite suite;
  harness_start();
  suite = harness_suite("svds_options");
  ADD_ALL_CASES(suite, callbacks_with_adjoint);
  ADD_ALL_CASES(suite, guesses_help);
  ADD_ALL_CASES(suite, vectors_as_asked_for);
  ADD_ALL_CASES(suite, same_bits_for_any_thread_count);
  ADD_ALL_CASES(suite, limits_leave_a_result);
  ADD_ALL_CASES(suite, exhausted_memory_is_an_error);
  ADD_CASE(suite, what_cannot_be_is_refused);
  ADD_CASE(suite, a_plan_says_why);
  ADD_CASE(suite, memory_is_foreseen);
  return harness_finish("test_svds_options");
}
