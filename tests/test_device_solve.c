/* test_device_solve.c: solves in a context, with operands, callbacks and results in its memory; on
 * the host the same calls, and the refusals of what only a device can do.                        */
#include "blocks.h"
#include "device_kit.h"
#include "harness.h"
#include "solve_kit.h"

#include "base/dtype.h"
#include "speig/speig.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { K = 3 };

static model grid(const test_case *tc)
{
  int there = tc->device == SPEIG_CUDA; /* where it may be emulated, and slow */
  return model_make(tc->dtype, 1, "laplacian2d", "nx", there ? 5.0 : 13.0, "ny", there ? 7.0 : 17.0,
                    NULL);
}

/* ---- functions of the caller ---- */

typedef struct counted {
  const speig_matrix *A;
  int64_t calls, in_host_memory;
  int fail_at, poison_at; /* number of a call, or 0 */
} counted;

static int host_function(void *user, const speig_block *X, speig_block *Y)
{
  counted *c = user;
  double one[2] = { 1, 0 }, zero[2] = { 0, 0 };
  float single_one[2] = { 1, 0 }, single_zero[2] = { 0, 0 };
  int single = dtype_is_single(X->dtype);
  ++c->calls;
  c->in_host_memory += X->device == SPEIG_HOST && Y->device == SPEIG_HOST;
  if (c->calls == c->fail_at)
    return 77;
  if (speig_spmv(NULL, single ? (void *)single_one : one, c->A, X,
                 single ? (void *)single_zero : zero, Y) != SPEIG_OK)
    return 1;
  if (c->calls == c->poison_at)
    scalar_put(Y->dtype, Y->data, 3, NAN, 0);
  return 0;
}

/* A solve on any device takes a function on the host. */
static void host_functions_serve_every_device(const test_case *tc)
{
  model m = grid(tc);
  counted c = { .A = m.A };
  for (int method = SPEIG_LANCZOS; method <= SPEIG_LOBPCG; ++method) {
    speig_eigsh_opts opts = opts_for(tc->device, (speig_method)method, K, SPEIG_SA);
    speig_operator_destroy(&m.op);
    CHECK_OK(speig_operator_create(tc->dtype, m.n, host_function, &c, &m.op));
    expect_right(&m, &opts, 0);
  }
  CU_ASSERT_TRUE(c.calls > 0 && c.in_host_memory == c.calls);
  model_drop(&m);
}
TEST_ALL_CASES(host_functions_serve_every_device)

static void host_functions_that_fail_are_told(const test_case *tc)
{
  model m = grid(tc);
  speig_eigsh_opts opts = opts_for(tc->device, SPEIG_LANCZOS, K, SPEIG_SA);
  speig_eigsh_result *r = NULL;
  speig_operator *op = NULL;
  for (int poison = 0; poison < 2; ++poison) {
    counted c = { .A = m.A, .fail_at = poison ? 0 : 9, .poison_at = poison ? 9 : 0 };
    CHECK_OK(speig_operator_create(tc->dtype, m.n, host_function, &c, &op));
    if (poison)
      CU_ASSERT_EQUAL(speig_eigsh(op, NULL, &opts, &r), SPEIG_ERR_NUMERIC)
    else
      device_expect_failure(speig_eigsh(op, NULL, &opts, &r), SPEIG_ERR_CALLBACK, "returned 77");
    CU_ASSERT_PTR_NULL(r);
    speig_operator_destroy(&op);
  }
  model_drop(&m);
}
TEST_ALL_CASES(host_functions_that_fail_are_told)

static void device_functions_serve_device_solves(const test_case *tc)
{
  model m = grid(tc);
  speig_eigsh_result *r = NULL;
  for (int method = SPEIG_LANCZOS; method <= SPEIG_LOBPCG; ++method) {
    speig_eigsh_opts opts = opts_for(tc->device, (speig_method)method, K, SPEIG_SA);
    device_product t = { .A = m.A };
    speig_operator_destroy(&m.op);
    CHECK_OK(speig_operator_create_on_device(tc->dtype, m.n, device_multiply, &t, &m.op));
    if (tc->device != SPEIG_CUDA) {
      device_expect_failure(speig_eigsh(m.op, NULL, &opts, &r), SPEIG_ERR_ARG,
                            "A is in device memory");
      continue;
    }
    expect_right(&m, &opts, 0);
    device_product_close(&t);
    t = (device_product){ .A = m.A, .fail_at = 5 };
    opts.device = SPEIG_DEVICE_AUTO; /* which the operator decides */
    device_expect_failure(speig_eigsh(m.op, NULL, &opts, &r), SPEIG_ERR_CALLBACK, "returned 78");
    device_product_close(&t);
  }
  model_drop(&m);
}
TEST_ALL_CASES(device_functions_serve_device_solves)

static void preconditioners_in_device_memory(const test_case *tc)
{
  model m = grid(tc);
  speig_eigsh_opts opts = opts_for(tc->device, SPEIG_LOBPCG, K, SPEIG_SA);
  speig_operator *precond = NULL;
  device_product t = { .A = m.A }; /* any positive definite matrix will do */
  if (tc->device == SPEIG_CUDA)
    CHECK_OK(speig_operator_create_on_device(tc->dtype, m.n, device_multiply, &t, &precond));
  else
    CHECK_OK(speig_operator_jacobi(m.A, &precond));
  opts.precond = precond;
  expect_right(&m, &opts, 0);
  speig_operator_destroy(&precond);
  device_product_close(&t);
  model_drop(&m);
}
TEST_ALL_CASES(preconditioners_in_device_memory)

/* ---- matrices in device memory ---- */

static void matrices_in_device_memory_are_solved(const test_case *tc)
{
  model m = grid(tc);
  speig_context *ctx = device_context(tc);
  speig_eigsh_result *r = NULL;
  for (int narrow = 0; narrow < 2; ++narrow)
    for (int method = SPEIG_DENSE; method <= SPEIG_LOBPCG; ++method) {
      speig_eigsh_opts opts = opts_for(SPEIG_DEVICE_AUTO, (speig_method)method, K, SPEIG_SA);
      device_arrays a = device_arrays_send(ctx, m.A, narrow, 0);
      a.csr.trusted = method == SPEIG_LOBPCG;
      speig_operator_destroy(&m.op);
      CHECK_OK(speig_operator_from_device_csr(&a.csr, &m.op));
      opts.context = ctx;
      opts.threads = 0;
      if (tc->device == SPEIG_CUDA)
        expect_right(&m, &opts, 0);
      else
        device_expect_failure(speig_eigsh(m.op, NULL, &opts, &r), SPEIG_ERR_ARG,
                              "A is in device memory");
      device_arrays_drop(ctx, &a);
    }
  speig_context_destroy(&ctx);
  model_drop(&m);
}
TEST_ALL_CASES(matrices_in_device_memory_are_solved)

static void bad_matrices_in_device_memory_are_named(const test_case *tc)
{
  static const char *const words[] = { "host", "NaN or Inf", "column", "last row offset" };
  static const speig_status codes[] = { SPEIG_ERR_ARG, SPEIG_ERR_NUMERIC, SPEIG_ERR_ARG,
                                        SPEIG_ERR_ARG };
  model m = grid(tc);
  speig_context *ctx = device_context(tc);
  speig_eigsh_result *r = NULL;
  if (tc->device != SPEIG_CUDA) {
    speig_device_csr nothing = SPEIG_DEVICE_CSR_INIT;
    speig_operator *op = NULL;
    nothing.n = 3;
    nothing.nnz = 2;
    device_expect_failure(speig_operator_from_device_csr(&nothing, &op), SPEIG_ERR_ARG, "nnz is 2");
    nothing.size = 3;
    device_expect_failure(speig_operator_from_device_csr(&nothing, &op), SPEIG_ERR_ARG, "size 3");
  }
  for (int bad = 0; bad < 4 && tc->device == SPEIG_CUDA; ++bad) {
    speig_eigsh_opts opts = opts_for(SPEIG_DEVICE_AUTO, SPEIG_LANCZOS, K, SPEIG_SA);
    device_arrays a = device_arrays_send(ctx, m.A, 0, bad);
    speig_operator *op = NULL;
    if (bad == 0) { /* the host's own arrays */
      const int32_t *colind;
      speig_matrix_arrays(m.A, NULL, &colind, NULL);
      a.csr.colind = colind;
    }
    if (bad == 3)
      --a.csr.nnz;
    CHECK_OK(speig_operator_from_device_csr(&a.csr, &op));
    opts.context = ctx;
    opts.threads = 0;
    device_expect_failure(speig_eigsh(op, NULL, &opts, &r), codes[bad], words[bad]);
    speig_operator_destroy(&op);
    device_arrays_drop(ctx, &a);
  }
  speig_context_destroy(&ctx);
  model_drop(&m);
}
TEST_ALL_CASES(bad_matrices_in_device_memory_are_named)

/* ---- vectors in and out ---- */

/* Guess, deflation and result in the context's memory, against the same on the host. */
static void vectors_go_in_and_out(const test_case *tc)
{
  model m = grid(tc);
  speig_context *ctx = device_context(tc);
  int on_device = tc->device == SPEIG_CUDA;
  speig_eigsh_opts opts = opts_for(tc->device, SPEIG_LANCZOS, K, SPEIG_SA);
  speig_eigsh_result *host = NULL, *r = NULL, *again = NULL;
  speig_block copy, lowest;
  CHECK_OK(speig_eigsh(m.op, NULL, &opts, &host));
  CU_ASSERT_NOT_EQUAL(host->vectors.device, SPEIG_CUDA);
  opts.vectors_on = SPEIG_CUDA;
  if (!on_device) {
    device_expect_failure(speig_eigsh(m.op, NULL, &opts, &r), SPEIG_ERR_ARG,
                          "the place for the vectors is in device memory");
    opts.vectors_on = SPEIG_HOST;
  }
  for (int given = 0; given < 2; ++given) {
    opts.context = given ? ctx : NULL;
    opts.threads = given ? 0 : 1;
    CHECK_OK(speig_eigsh(m.op, NULL, &opts, &r));
    CU_ASSERT_EQUAL(r->vectors.device == SPEIG_CUDA, on_device);
    CHECK_OK(speig_block_alloc(tc->dtype, m.n, K, &copy));
    CHECK_OK(speig_copy(ctx, &r->vectors, &copy));
    CU_ASSERT_EQUAL(
        memcmp(copy.data, host->vectors.data, (size_t)(m.n * K) * speig_dtype_size(tc->dtype)), 0);
    speig_block_free(&copy);
    if (given)
      break;
    speig_eigsh_result_free(&r);
  }
  /* the answer as a guess is the answer; without its lowest vector the rest remains */
  opts.guess = &r->vectors;
  CHECK_OK(speig_eigsh(m.op, NULL, &opts, &again));
  CU_ASSERT_TRUE(again->k == K && again->matvecs <= K + 1);
  speig_eigsh_result_free(&again);
  lowest = speig_block_columns(&r->vectors, 0, 1);
  opts.guess = NULL;
  opts.deflate = &lowest;
  CHECK_OK(speig_eigsh(m.op, NULL, &opts, &again));
  CU_ASSERT_EQUAL_FATAL(again->k, K);
  for (int i = 0; i + 1 < K; ++i)
    CU_ASSERT_TRUE(fabs(again->values[i] - m.spectrum[i + 1]) <= 500 * tc->eps * m.norm);
  speig_eigsh_result_free(&again);
  /* a result outlives the caller's hold of the context */
  speig_context_destroy(&ctx);
  speig_eigsh_result_free(&r);
  speig_eigsh_result_free(&host);
  model_drop(&m);
}
TEST_ALL_CASES(vectors_go_in_and_out)

static void bad_vectors_are_refused(const test_case *tc)
{
  model m = grid(tc);
  speig_context *ctx = device_context(tc);
  speig_eigsh_opts opts = opts_for(SPEIG_DEVICE_AUTO, SPEIG_LANCZOS, K, SPEIG_SA);
  speig_eigsh_result *r = NULL;
  test_block G = block_random(tc->dtype, m.n, 2, m.n, 1);
  speig_block guess = { tc->dtype, m.n, 2, m.n, G.data, SPEIG_HOST }, elsewhere;
  opts.context = ctx;
  opts.threads = 0;
  opts.guess = &guess;
  block_set(&G, 5, 1, NAN, 0);
  CHECK_OK(speig_block_alloc_on(ctx, tc->dtype, m.n, 2, &elsewhere));
  CHECK_OK(speig_copy(ctx, &guess, &elsewhere));
  device_expect_failure(speig_eigsh(m.op, NULL, &opts, &r), SPEIG_ERR_NUMERIC,
                        "guess holds NaN or Inf in row 6, column 2");
  opts.guess = &elsewhere;
  device_expect_failure(speig_eigsh(m.op, NULL, &opts, &r), SPEIG_ERR_NUMERIC,
                        "guess holds NaN or Inf in row 6, column 2");
  guess.device = SPEIG_CUDA; /* which it is not */
  opts.guess = &guess;
  device_expect_failure(speig_eigsh(m.op, NULL, &opts, &r), SPEIG_ERR_ARG,
                        tc->device == SPEIG_CUDA ? "its data is a host pointer"
                                                 : "guess is in device");
  opts.guess = NULL;
  opts.threads = 2;
  device_expect_failure(speig_eigsh(m.op, NULL, &opts, &r), SPEIG_ERR_ARG,
                        "the context has its own");
  opts.threads = 0;
  opts.device = tc->device == SPEIG_HOST ? SPEIG_REFERENCE : SPEIG_HOST;
  device_expect_failure(speig_eigsh(m.op, NULL, &opts, &r), SPEIG_ERR_ARG,
                        "but the context computes on");
  opts.device = SPEIG_DEVICE_AUTO; /* and the context is none the worse for all this */
  expect_right(&m, &opts, 0);
  speig_block_free_on(ctx, &elsewhere);
  speig_context_destroy(&ctx);
  block_drop(&G);
  model_drop(&m);
}
TEST_ALL_CASES(bad_vectors_are_refused)

/* Rows and columns may differ. */
static void matrices_of_any_shape_are_multiplied(const test_case *tc)
{
  speig_matrix *A = matrix_random(tc->dtype, SCATTERED, 131, 70);
  speig_context *ctx = device_context(tc);
  speig_product *product = NULL;
  test_block X = block_random(tc->dtype, 70, 2, 73, 1), Y = block_nan(tc->dtype, 131, 2, 140);
  test_block Z = block_nan(tc->dtype, 131, 2, 131);
  placed x = placed_make(ctx, &X), y = placed_make(ctx, &Y);
  counted c = { .A = A };
  speig_block host_x = { tc->dtype, 70, 2, 73, X.data, SPEIG_HOST };
  speig_block host_z = { tc->dtype, 131, 2, 131, Z.data, SPEIG_HOST };
  CU_ASSERT_EQUAL(host_function(&c, &host_x, &host_z), 0);
  CHECK_OK(speig_product_from_matrix(ctx, A, &product));
  CHECK_OK(speig_product_apply(product, &x.block, &y.block));
  placed_fetch(ctx, &y, &Y);
  CU_ASSERT_TRUE(block_distance(&Y, &Z) <= 100 * tc->eps && block_padding_intact(&Y));
  speig_product_destroy(&product);
  placed_drop(ctx, &x);
  placed_drop(ctx, &y);
  speig_context_destroy(&ctx);
  speig_matrix_destroy(&A);
  block_drop(&X);
  block_drop(&Y);
  block_drop(&Z);
}
TEST_ALL_CASES(matrices_of_any_shape_are_multiplied)

/* One matrix, many products. */
static void products_stay_ready(const test_case *tc)
{
  model m = grid(tc);
  speig_context *ctx = device_context(tc);
  speig_product *product = NULL;
  test_block X = block_random(tc->dtype, m.n, 3, m.n + 2, 1), Y = block_nan(tc->dtype, m.n, 3, m.n),
             Z = block_nan(tc->dtype, m.n, 3, m.n);
  placed x = placed_make(ctx, &X), y = placed_make(ctx, &Y);
  counted c = { .A = m.A };
  speig_block host_x = { tc->dtype, m.n, 3, m.n + 2, X.data, SPEIG_HOST };
  speig_block host_z = { tc->dtype, m.n, 3, m.n, Z.data, SPEIG_HOST }, thin;
  CU_ASSERT_EQUAL(host_function(&c, &host_x, &host_z), 0);
  CHECK_OK(speig_product_create(ctx, m.op, &product));
  for (int again = 0; again < 2; ++again)
    CHECK_OK(speig_product_apply(product, &x.block, &y.block));
  placed_fetch(ctx, &y, &Y);
  CU_ASSERT_TRUE(block_distance(&Y, &Z) <= 100 * tc->eps * m.norm);
  thin = speig_block_columns(&y.block, 0, 2);
  device_expect_failure(speig_product_apply(product, &x.block, &thin), SPEIG_ERR_ARG, "Y is");
  device_expect_failure(speig_product_apply(product, &y.block, &y.block), SPEIG_ERR_ARG,
                        "overlaps");
  device_expect_failure(speig_product_apply(NULL, &x.block, &y.block), SPEIG_ERR_ARG, "NULL");
  if (tc->device == SPEIG_CUDA)
    device_expect_failure(speig_product_apply(product, &host_x, &y.block), SPEIG_ERR_ARG,
                          "host memory");
  placed_drop(ctx, &x);
  placed_drop(ctx, &y);
  speig_context_destroy(&ctx); /* the product holds it */
  speig_product_destroy(&product);
  speig_product_destroy(&product);
  block_drop(&X);
  block_drop(&Y);
  block_drop(&Z);
  model_drop(&m);
}
TEST_ALL_CASES(products_stay_ready)

/* The plan says where and why; no device is started for it where none can gain. */
static void expect_plan(const speig_matrix *A, const speig_eigsh_opts *opts, const char *words)
{
  speig_operator *op = NULL;
  speig_eigsh_plan plan;
  CHECK_OK(speig_operator_from_matrix(A, &op));
  CHECK_OK(speig_eigsh_make_plan(op, NULL, opts, &plan));
  if (!strstr(plan.why, words))
    fprintf(stderr, "  \"%s\" lacks \"%s\"\n", plan.why, words);
  CU_ASSERT_PTR_NOT_NULL(strstr(plan.why, words));
  speig_operator_destroy(&op);
}

static void plans_say_where_and_why(void)
{
  model small_one = model_make(SPEIG_D, 1, "laplacian2d", "nx", 13.0, "ny", 17.0, NULL);
  model large_one = model_make(SPEIG_D, 1, "laplacian3d", "nx", 60.0, "ny", 60.0, "nz", 60.0, NULL);
  speig_eigsh_opts opts = opts_for(SPEIG_DEVICE_AUTO, SPEIG_LANCZOS, K, SPEIG_SA);
  speig_eigsh_plan plan;
  expect_plan(small_one.A, &opts, "device host: too small to gain on a device");
  opts.has_sigma = 1;
  opts.which = SPEIG_LM;
  expect_plan(small_one.A, &opts, "device host: factorizations run on the host");
  opts.has_sigma = 0;
  opts.method = SPEIG_DENSE;
  expect_plan(small_one.A, &opts, "device host: LAPACK runs on the host");
  opts.device = SPEIG_REFERENCE;
  expect_plan(small_one.A, &opts, "device reference: asked for");
  opts = opts_for(SPEIG_DEVICE_AUTO, SPEIG_LANCZOS, K, SPEIG_SA);
  CHECK_OK(speig_eigsh_make_plan(large_one.op, NULL, &opts, &plan));
  CU_ASSERT_PTR_NULL(strstr(plan.why, "too small"));
  CU_ASSERT_PTR_NOT_NULL(
      strstr(plan.why, plan.device == SPEIG_CUDA ? "the model says" : "device host: "));
  model_drop(&small_one);
  model_drop(&large_one);
}

int main(void)
{
  CU_pSuite suite;
  harness_start();
  suite = harness_suite("device solve");
  ADD_ALL_CASES(suite, host_functions_serve_every_device);
  ADD_ALL_CASES(suite, host_functions_that_fail_are_told);
  ADD_ALL_CASES(suite, device_functions_serve_device_solves);
  ADD_ALL_CASES(suite, preconditioners_in_device_memory);
  ADD_ALL_CASES(suite, matrices_in_device_memory_are_solved);
  ADD_ALL_CASES(suite, bad_matrices_in_device_memory_are_named);
  ADD_ALL_CASES(suite, vectors_go_in_and_out);
  ADD_ALL_CASES(suite, bad_vectors_are_refused);
  ADD_ALL_CASES(suite, products_stay_ready);
  ADD_ALL_CASES(suite, matrices_of_any_shape_are_multiplied);
  ADD_CASE(suite, plans_say_where_and_why);
  return harness_finish("device_solve");
}
