/* test_device_svds.c: singular values in a context, of functions and matrices in its memory, with
 * vectors in and out; on the host the same calls, and the refusals of what only a device can do. */
#include "device_kit.h"
#include "svd_kit.h"

#include "solve_kit.h"
#include "speig/speig.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { K = 3 };

/* Tall or wide. */
static svd_sample sample(const test_case *tc, int wide)
{
  int m = harness_is_slow(tc) ? 24 : 120, n = harness_is_slow(tc) ? 14 : 50;
  return svd_make(tc->dtype, wide ? n : m, wide ? m : n, "scattered", svd_scattered);
}

static speig_svds_opts options(speig_device device, speig_method method)
{
  speig_svds_opts opts = SPEIG_SVDS_OPTS_INIT;
  opts.k = K;
  opts.device = device;
  opts.method = method;
  return opts;
}

/* ---- functions of the caller ---- */

typedef struct both_ways {
  device_product with, with_adjoint;
  speig_matrix *adjoint;
} both_ways;

static int multiply(void *user, const speig_place *place, const speig_block *X, speig_block *Y)
{
  return device_multiply(&((both_ways *)user)->with, place, X, Y);
}

static int multiply_adjoint(void *user, const speig_place *place, const speig_block *X,
                            speig_block *Y)
{
  return device_multiply(&((both_ways *)user)->with_adjoint, place, X, Y);
}

static both_ways both_ways_of(const speig_matrix *A)
{
  both_ways t = { .with = { .A = A } };
  CHECK_OK(speig_matrix_transpose(A, 1, &t.adjoint));
  t.with_adjoint.A = t.adjoint;
  return t;
}

/* Products belong to the stream of one solve. */
static void between_solves(both_ways *t)
{
  device_product_close(&t->with);
  device_product_close(&t->with_adjoint);
}

static void both_ways_close(both_ways *t)
{
  between_solves(t);
  speig_matrix_destroy(&t->adjoint);
}

static void functions_in_device_memory(const test_case *tc)
{
  for (int wide = 0; wide < 2; ++wide) {
    svd_sample S = sample(tc, wide);
    both_ways t = both_ways_of(S.A);
    speig_svds_opts opts = options(SPEIG_DEVICE_AUTO, SPEIG_GOLUB_KAHAN);
    speig_svds_result *r = NULL;
    speig_operator_destroy(&S.op);
    CHECK_OK(speig_operator_create_rectangular_on_device(tc->dtype, S.m, S.n, multiply,
                                                         multiply_adjoint, &t, &S.op));
    if (tc->device == SPEIG_CUDA) {
      svd_check(tc, &S, &opts); /* the operator decides the device */
      CU_ASSERT_TRUE(t.with.calls > 0 && t.with_adjoint.calls > 0);
      between_solves(&t);
      opts.method = SPEIG_DENSE;
      svd_check(tc, &S, &opts);
      between_solves(&t);
      t.with_adjoint.fail_at = (int)t.with_adjoint.calls + 3;
      opts.method = SPEIG_GOLUB_KAHAN;
      device_expect_failure(speig_svds(S.op, &opts, &r), SPEIG_ERR_CALLBACK,
                            "A (adjoint) returned 78");
    } else {
      opts.device = tc->device;
      device_expect_failure(speig_svds(S.op, &opts, &r), SPEIG_ERR_ARG, "A is in device memory");
    }
    both_ways_close(&t);
    svd_drop(&S);
  }
}
TEST_ALL_CASES(functions_in_device_memory)

static void functions_without_adjoint_are_refused(const test_case *tc)
{
  svd_sample S = svd_make(tc->dtype, 30, 30, "scattered", svd_scattered);
  both_ways t = both_ways_of(S.A);
  speig_svds_opts opts = options(SPEIG_DEVICE_AUTO, SPEIG_GOLUB_KAHAN);
  speig_svds_result *r = NULL;
  speig_operator *op = NULL;
  device_expect_failure(
      speig_operator_create_rectangular_on_device(tc->dtype, 30, 30, multiply, NULL, &t, &op),
      SPEIG_ERR_ARG, "adjoint is NULL");
  CHECK_OK(speig_operator_create_on_device(tc->dtype, 30, multiply, &t, &op));
  if (tc->device == SPEIG_CUDA)
    device_expect_failure(speig_svds(op, &opts, &r), SPEIG_ERR_UNSUPPORTED,
                          "speig_operator_create_rectangular_on_device");
  speig_operator_destroy(&op);
  both_ways_close(&t);
  svd_drop(&S);
}
TEST_ALL_CASES(functions_without_adjoint_are_refused)

/* ---- matrices ---- */

/* With the adjoint of the caller's or without, with narrow offsets or wide ones, trusted or not. */
static void matrices_in_device_memory(const test_case *tc)
{
  speig_context *ctx = device_context(tc);
  for (int way = 0; way < 8; ++way) {
    int wide = way & 1, narrow = way >> 1 & 1, given = way >> 2 & 1;
    if (!harness_takes(tc, way))
      continue;
    svd_sample S = sample(tc, wide);
    speig_svds_opts opts = options(SPEIG_DEVICE_AUTO, SPEIG_GOLUB_KAHAN);
    speig_svds_result *r = NULL;
    speig_matrix *adjoint = NULL;
    device_arrays a = device_arrays_send(ctx, S.A, narrow, 0), b = { .csr = a.csr };
    CHECK_OK(speig_matrix_transpose(S.A, 1, &adjoint));
    if (given) {
      b = device_arrays_send(ctx, adjoint, narrow, 0);
      a.csr.adjoint = &b.csr;
    }
    a.csr.trusted = b.csr.trusted = narrow != wide;
    opts.context = ctx;
    opts.which = wide ? SPEIG_LM : SPEIG_SM;
    opts.certify = SPEIG_CERTIFY_AUTO;
    speig_operator_destroy(&S.op);
    CHECK_OK(speig_operator_from_device_csr(&a.csr, &S.op));
    if (tc->device == SPEIG_CUDA)
      svd_check(tc, &S, &opts);
    else
      device_expect_failure(speig_svds(S.op, &opts, &r), SPEIG_ERR_ARG, "A is in device memory");
    if (given)
      device_arrays_drop(ctx, &b);
    device_arrays_drop(ctx, &a);
    speig_matrix_destroy(&adjoint);
    svd_drop(&S);
  }
  speig_context_destroy(&ctx);
}
TEST_ALL_CASES(matrices_in_device_memory)

static void bad_adjoints_are_named(const test_case *tc)
{
  svd_sample S = sample(tc, 0);
  speig_context *ctx = device_context(tc);
  speig_svds_opts opts = options(SPEIG_DEVICE_AUTO, SPEIG_GOLUB_KAHAN);
  speig_svds_result *r = NULL;
  speig_matrix *adjoint = NULL;
  speig_operator *op = NULL;
  device_arrays a = device_arrays_send(ctx, S.A, 0, 0), b;
  CHECK_OK(speig_matrix_transpose(S.A, 1, &adjoint));
  a.csr.adjoint = &a.csr;
  device_expect_failure(speig_operator_from_device_csr(&a.csr, &op), SPEIG_ERR_ARG,
                        "the adjoint is ");
  opts.context = ctx;
  for (int bad = 0; bad < 3; ++bad) {
    b = device_arrays_send(ctx, adjoint, 0, bad);
    a.csr.adjoint = &b.csr;
    if (bad == 0) {
      --b.csr.nnz;
      device_expect_failure(speig_operator_from_device_csr(&a.csr, &op), SPEIG_ERR_ARG,
                            "the adjoint has ");
    } else if (tc->device == SPEIG_CUDA) {
      CHECK_OK(speig_operator_from_device_csr(&a.csr, &op));
      device_expect_failure(speig_svds(op, &opts, &r), bad == 1 ? SPEIG_ERR_NUMERIC : SPEIG_ERR_ARG,
                            bad == 1 ? "the adjoint of A holds 1 entries that are NaN" : "column");
      speig_operator_destroy(&op);
    }
    device_arrays_drop(ctx, &b);
  }
  device_arrays_drop(ctx, &a);
  speig_matrix_destroy(&adjoint);
  speig_context_destroy(&ctx);
  svd_drop(&S);
}
TEST_ALL_CASES(bad_adjoints_are_named)

/* What was compiled with a shorter structure is square and without an adjoint. */
static void shorter_structures_are_square(const test_case *tc)
{
  svd_sample S = svd_make(tc->dtype, 25, 25, "scattered", svd_scattered);
  speig_context *ctx = device_context(tc);
  speig_svds_opts opts = options(SPEIG_DEVICE_AUTO, SPEIG_GOLUB_KAHAN);
  device_arrays a = device_arrays_send(ctx, S.A, 1, 0);
  speig_operator_destroy(&S.op);
  a.csr.size = offsetof(speig_device_csr, cols);
  a.csr.cols = -7; /* what lies behind it */
  a.csr.adjoint = &a.csr;
  CHECK_OK(speig_operator_from_device_csr(&a.csr, &S.op));
  opts.context = ctx;
  if (tc->device == SPEIG_CUDA)
    svd_check(tc, &S, &opts);
  device_arrays_drop(ctx, &a);
  speig_context_destroy(&ctx);
  svd_drop(&S);
}
TEST_ALL_CASES(shorter_structures_are_square)

/* ---- vectors in and out ---- */

/* Whether a block in the context's memory holds the bits of one on the host. */
static int same_bits(speig_context *ctx, const speig_block *there, const speig_block *host)
{
  speig_block copy;
  int same;
  CHECK_OK(speig_block_alloc(host->dtype, host->rows, host->cols, &copy));
  CHECK_OK(speig_copy(ctx, there, &copy));
  same = !memcmp(copy.data, host->data,
                 (size_t)(host->rows * host->cols) * speig_dtype_size(host->dtype));
  speig_block_free(&copy);
  return same;
}

static void vectors_stay_there(const test_case *tc)
{
  svd_sample S = sample(tc, 1);
  speig_context *ctx = device_context(tc);
  int on_device = tc->device == SPEIG_CUDA;
  speig_svds_opts opts = options(tc->device, SPEIG_GOLUB_KAHAN);
  speig_svds_result *host = NULL, *r = NULL;
  CHECK_OK(speig_svds(S.op, &opts, &host));
  CU_ASSERT_TRUE(host->left.device != SPEIG_CUDA && host->k == K);
  opts.vectors_on = SPEIG_CUDA;
  if (!on_device) {
    device_expect_failure(speig_svds(S.op, &opts, &r), SPEIG_ERR_ARG,
                          "the place for the vectors is in device memory");
    opts.vectors_on = SPEIG_HOST;
  }
  for (int vectors = SPEIG_SVDS_BOTH; vectors <= SPEIG_SVDS_NONE; ++vectors) {
    opts.vectors = (speig_svds_vectors)vectors;
    opts.context = vectors % 2 ? NULL : ctx;
    opts.device = SPEIG_DEVICE_AUTO;
    if (!opts.context)
      opts.device = tc->device;
    CHECK_OK(speig_svds(S.op, &opts, &r));
    CU_ASSERT_EQUAL(r->left.data != NULL, vectors == SPEIG_SVDS_BOTH || vectors == SPEIG_SVDS_LEFT);
    CU_ASSERT_EQUAL(r->right.data != NULL,
                    vectors == SPEIG_SVDS_BOTH || vectors == SPEIG_SVDS_RIGHT);
    CU_ASSERT_EQUAL((r->left.data && r->left.device == SPEIG_CUDA) ||
                        (r->right.data && r->right.device == SPEIG_CUDA),
                    on_device && vectors != SPEIG_SVDS_NONE);
    if (vectors == SPEIG_SVDS_BOTH)
      CU_ASSERT_TRUE(same_bits(ctx, &r->left, &host->left) &&
                     same_bits(ctx, &r->right, &host->right));
    speig_svds_result_free(&r);
  }
  speig_svds_result_free(&host);
  speig_context_destroy(&ctx);
  svd_drop(&S);
}
TEST_ALL_CASES(vectors_stay_there)

/* Vectors of a result, left ones or right ones, start a run where they lie, which then takes fewer
 * products; and they outlive the caller's hold of the context. */
static void results_are_guesses(const test_case *tc)
{
  svd_sample S = svd_make(tc->dtype, 40, 20, "scattered", svd_scattered);
  speig_context *ctx = device_context(tc);
  speig_svds_opts opts = options(SPEIG_DEVICE_AUTO, SPEIG_GOLUB_KAHAN);
  speig_svds_result *r = NULL, *again = NULL;
  int64_t products;
  opts.k = 1;
  opts.ncv = 6;
  opts.context = ctx;
  opts.certify = SPEIG_CERTIFY_NEVER;
  opts.vectors_on = tc->device == SPEIG_CUDA ? SPEIG_CUDA : SPEIG_HOST;
  CHECK_OK(speig_svds(S.op, &opts, &r));
  CU_ASSERT_EQUAL_FATAL(r->k, 1);
  products = r->matvecs + r->adjoint_matvecs;
  for (int left = 0; left < 2; ++left) {
    opts.guess = left ? &r->left : &r->right;
    CHECK_OK(speig_svds(S.op, &opts, &again));
    CU_ASSERT_EQUAL(again->k, 1);
    CU_ASSERT_TRUE(again->matvecs + again->adjoint_matvecs < products);
    CU_ASSERT_TRUE(fabs(again->values[0] - S.sigma[0]) <= 500 * tc->eps * S.sigma[0]);
    speig_svds_result_free(&again);
  }
  speig_context_destroy(&ctx);
  speig_svds_result_free(&r);
  svd_drop(&S);
}
TEST_ALL_CASES(results_are_guesses)

static void wishes_that_contradict(const test_case *tc)
{
  svd_sample S = sample(tc, 0);
  speig_context *ctx = device_context(tc);
  speig_svds_opts opts = options(SPEIG_DEVICE_AUTO, SPEIG_GOLUB_KAHAN);
  speig_svds_result *r = NULL;
  opts.context = ctx;
  opts.threads = 2;
  device_expect_failure(speig_svds(S.op, &opts, &r), SPEIG_ERR_ARG, "the context has its own");
  opts.threads = 0;
  opts.device = tc->device == SPEIG_HOST ? SPEIG_REFERENCE : SPEIG_HOST;
  device_expect_failure(speig_svds(S.op, &opts, &r), SPEIG_ERR_ARG, "but the context computes on");
  opts.device = SPEIG_DEVICE_AUTO;
  opts.vectors_on = SPEIG_REFERENCE;
  device_expect_failure(speig_svds(S.op, &opts, &r), SPEIG_ERR_ARG, "neither host nor cuda");
  opts.vectors_on = SPEIG_HOST;
  svd_check(tc, &S, &opts); /* and the context is none the worse for all this */
  speig_context_destroy(&ctx);
  svd_drop(&S);
}
TEST_ALL_CASES(wishes_that_contradict)

/* The plan says where and why. */
static void expect_plan(const speig_operator *op, const speig_svds_opts *opts, const char *words)
{
  speig_svds_plan plan;
  CHECK_OK(speig_svds_make_plan(op, opts, &plan));
  if (!strstr(plan.why, words))
    fprintf(stderr, "  \"%s\" lacks \"%s\"\n", plan.why, words);
  CU_ASSERT_PTR_NOT_NULL(strstr(plan.why, words));
}

static void plans_say_where_and_why(void)
{
  svd_sample S = svd_make(SPEIG_D, 120, 50, "scattered", svd_scattered);
  speig_svds_opts opts = options(SPEIG_DEVICE_AUTO, SPEIG_GOLUB_KAHAN);
  model large = model_make(SPEIG_D, 1, "laplacian3d", "nx", 60.0, "ny", 60.0, "nz", 60.0, NULL);
  speig_svds_plan plan;
  expect_plan(S.op, &opts, "device host: too small to gain on a device");
  opts.method = SPEIG_DENSE;
  expect_plan(S.op, &opts, "device host: LAPACK runs on the host");
  opts.device = SPEIG_REFERENCE;
  expect_plan(S.op, &opts, "device reference: asked for");
  opts = options(SPEIG_DEVICE_AUTO, SPEIG_GOLUB_KAHAN);
  CHECK_OK(speig_svds_make_plan(large.op, &opts, &plan));
  CU_ASSERT_PTR_NULL(strstr(plan.why, "too small"));
  CU_ASSERT_PTR_NOT_NULL(
      strstr(plan.why, plan.device == SPEIG_CUDA ? "the model says" : "device host: "));
  model_drop(&large);
  svd_drop(&S);
}

int main(void)
{
  CU_pSuite suite;
  harness_start();
  suite = harness_suite("device svds");
  ADD_ALL_CASES(suite, functions_in_device_memory);
  ADD_ALL_CASES(suite, functions_without_adjoint_are_refused);
  ADD_ALL_CASES(suite, matrices_in_device_memory);
  ADD_ALL_CASES(suite, bad_adjoints_are_named);
  ADD_ALL_CASES(suite, shorter_structures_are_square);
  ADD_ALL_CASES(suite, vectors_stay_there);
  ADD_ALL_CASES(suite, results_are_guesses);
  ADD_ALL_CASES(suite, wishes_that_contradict);
  ADD_CASE(suite, plans_say_where_and_why);
  return harness_finish("device_svds");
}
