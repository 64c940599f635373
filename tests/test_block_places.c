/* test_block_places.c: blocks in a context's memory: allocation, copies in every direction, numbers
 * that arrive, and blocks that are not where a call needs them.                                 */
#include "blocks.h"
#include "harness.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { N = 1203, P = 3 };

static speig_block host_view(const test_block *B)
{
  return (speig_block){ B->dtype, B->n, B->p, B->ld, B->data, SPEIG_HOST };
}

static void new_blocks_are_zero(const test_case *tc)
{
  speig_context *ctx = NULL;
  speig_block X, view;
  double norm[P] = { 1, 1, 1 };
  CHECK_OK(speig_context_create(tc->device, 2, &ctx));
  CU_ASSERT_EQUAL(speig_context_device(ctx), tc->device);
  CHECK_OK(speig_block_alloc_on(ctx, tc->dtype, N, P, &X));
  CU_ASSERT_TRUE(X.rows == N && X.cols == P && X.ld >= N);
  CU_ASSERT_EQUAL(X.device, tc->device == SPEIG_CUDA ? SPEIG_CUDA : SPEIG_HOST);
  CHECK_OK(speig_norm(ctx, &X, norm));
  CU_ASSERT_TRUE(norm[0] == 0 && norm[1] == 0 && norm[2] == 0);
  view = speig_block_columns(&X, 1, 1);
  CHECK_OK(speig_fill_random(ctx, 5, &view));
  CHECK_OK(speig_norm(ctx, &X, norm));
  CU_ASSERT_TRUE(norm[0] == 0 && norm[1] > 1 && norm[2] == 0);
  speig_block_free_on(ctx, &X);
  CU_ASSERT_PTR_NULL(X.data);
  speig_block_free_on(ctx, &X);
  CHECK_OK(speig_block_alloc_on(ctx, tc->dtype, 0, P, &X));
  speig_block_free_on(ctx, &X);
  speig_context_destroy(&ctx);
}
TEST_ALL_CASES(new_blocks_are_zero)

/* host -> memory -> memory -> host, each with its own leading dimension; plain and pinned. */
static void copies_arrive(const test_case *tc, int pinned)
{
  speig_context *ctx = NULL;
  test_block X = block_random(tc->dtype, N, P, N + 3, 1), Y = block_nan(tc->dtype, N, P, N + 8);
  speig_block there[2], back = host_view(&Y), source, pin;
  CHECK_OK(speig_context_create(tc->device, 2, &ctx));
  source = host_view(&X);
  for (int i = 0; i < 2; ++i)
    CHECK_OK(speig_block_alloc_on(ctx, tc->dtype, N, P, &there[i]));
  CHECK_OK(speig_block_alloc_pinned(ctx, tc->dtype, N, P, &pin));
  CU_ASSERT_EQUAL(pin.device, SPEIG_HOST);
  if (pinned) {
    CHECK_OK(speig_copy(ctx, &source, &pin)); /* host to host is a copy too */
    CHECK_OK(speig_copy_async(ctx, &pin, &there[0]));
    CHECK_OK(speig_copy_async(ctx, &there[0], &there[1]));
    CHECK_OK(speig_context_wait(ctx));
    memset(pin.data, 0, (size_t)(N * P) * speig_dtype_size(tc->dtype));
    CHECK_OK(speig_copy_async(ctx, &there[1], &pin));
    CHECK_OK(speig_context_wait(ctx));
    CHECK_OK(speig_copy(ctx, &pin, &back));
  } else {
    CHECK_OK(speig_copy(ctx, &source, &there[0]));
    CHECK_OK(speig_copy(ctx, &there[0], &there[1]));
    CHECK_OK(speig_copy(ctx, &there[1], &back));
  }
  CU_ASSERT_TRUE(block_same_bits(&X, &Y) && block_padding_intact(&Y));
  for (int i = 0; i < 2; ++i)
    speig_block_free_on(ctx, &there[i]);
  speig_block_free_on(ctx, &pin);
  speig_context_destroy(&ctx);
  block_drop(&X);
  block_drop(&Y);
}

static void copies_in_every_direction(const test_case *tc)
{
  copies_arrive(tc, 0);
  copies_arrive(tc, 1);
}
TEST_ALL_CASES(copies_in_every_direction)

static void expect_refusal(speig_status st, const char *words)
{
  CU_ASSERT_EQUAL(st, SPEIG_ERR_ARG);
  if (!strstr(speig_last_error(), words))
    fprintf(stderr, "  \"%s\" lacks \"%s\"\n", speig_last_error(), words);
  CU_ASSERT_PTR_NOT_NULL(strstr(speig_last_error(), words));
}

/* A block in the wrong memory, and one that says it is where it is not: nothing crashes, and the
 * context goes on. */
static void blocks_elsewhere_are_refused(const test_case *tc)
{
  speig_context *ctx = NULL;
  test_block X = block_random(tc->dtype, N, P, N, 1);
  speig_block host = host_view(&X), liar = host, there, posing;
  double norm[P];
  liar.device = SPEIG_CUDA;
  CHECK_OK(speig_context_create(tc->device, 2, &ctx));
  CHECK_OK(speig_block_alloc_on(ctx, tc->dtype, N, P, &there));
  if (tc->device == SPEIG_CUDA) {
    posing = there;
    posing.device = SPEIG_HOST;
    expect_refusal(speig_norm(ctx, &host, norm), "X is in host memory, but the context computes on "
                                                 "cuda");
    expect_refusal(speig_norm(ctx, &liar, norm), "its data is a host pointer");
    expect_refusal(speig_copy(ctx, &liar, &there), "its data is a host pointer");
    expect_refusal(speig_copy(ctx, &host, &posing), "its data is a device pointer");
    expect_refusal(speig_norm(NULL, &there, norm), "the work is done on the host");
  } else {
    expect_refusal(speig_norm(ctx, &liar, norm), "X is in device memory, but the work is done on");
    expect_refusal(speig_copy(ctx, &there, &liar), "Y is in device memory");
  }
  CHECK_OK(speig_copy(ctx, &host, &there));
  CHECK_OK(speig_norm(ctx, &there, norm));
  CU_ASSERT_TRUE(norm[0] > 1);
  speig_block_free_on(ctx, &there);
  speig_context_destroy(&ctx);
  block_drop(&X);
}
TEST_ALL_CASES(blocks_elsewhere_are_refused)

static void context_options_are_checked(void)
{
  speig_context_opts opts = SPEIG_CONTEXT_OPTS_INIT;
  speig_context *ctx = NULL;
  int stream;
  CHECK_OK(speig_context_create_on(NULL, &ctx));
  CU_ASSERT_EQUAL(speig_context_device(ctx), SPEIG_HOST);
  CHECK_OK(speig_context_wait(ctx));
  speig_context_destroy(&ctx);
  CHECK_OK(speig_context_wait(NULL));
  opts.device_number = 1;
  expect_refusal(speig_context_create_on(&opts, &ctx), "the host has one device");
  opts.device_number = -1;
  expect_refusal(speig_context_create_on(&opts, &ctx), "device number -1");
  opts.device_number = 0;
  opts.stream = &stream;
  expect_refusal(speig_context_create_on(&opts, &ctx), "no streams");
  opts.size = 1000;
  expect_refusal(speig_context_create_on(&opts, &ctx), "SPEIG_CONTEXT_OPTS_INIT");
  CU_ASSERT_PTR_NULL(ctx);
}

int main(void)
{
  CU_pSuite suite;
  harness_start();
  suite = harness_suite("block places");
  ADD_ALL_CASES(suite, new_blocks_are_zero);
  ADD_ALL_CASES(suite, copies_in_every_direction);
  ADD_ALL_CASES(suite, blocks_elsewhere_are_refused);
  ADD_CASE(suite, context_options_are_checked);
  return harness_finish("block_places");
}
