/* test_fail_once_blocks.c: every allocation fails once, in blocks, products, operators and
 * generators.                                                                                   */
#include "fail_kit.h"
#include "solve_kit.h"

#include <stdio.h>

enum { COLS = 3 };

typedef struct inputs {
  speig_dtype dtype;
  speig_matrix *A;
} inputs;

static uint64_t look(const void *user)
{
  const inputs *in = user;
  uint64_t digest = 0;
  fail_mix_matrix(&digest, in->A);
  return digest;
}

/* ---- blocks ---- */

static speig_status use_blocks(speig_context *ctx, const inputs *in, speig_block *X, speig_block *Y,
                               uint64_t *digest)
{
  speig_status st = SPEIG_OK;
  double one[2], factor[2 * COLS * COLS] = { 0 }, norms[COLS];
  speig_block C = { in->dtype, COLS, COLS, COLS, factor, SPEIG_HOST }, x, y;
  scalar_put(in->dtype, one, 0, 1, 0);
  FAIL_STEP(speig_fill_random(ctx, 7, X));
  FAIL_STEP(speig_spmv(ctx, one, in->A, X, one, Y));
  FAIL_STEP(speig_gram(ctx, one, X, Y, one, &C));
  FAIL_STEP(speig_gemm(ctx, one, X, &C, one, Y));
  FAIL_STEP(speig_axpy(ctx, one, X, Y));
  FAIL_STEP(speig_scale(ctx, one, Y));
  x = speig_block_columns(&C, 0, 1);
  y = speig_block_columns(Y, 0, 1);
  FAIL_STEP(speig_gemv(ctx, one, X, &x, one, &y));
  FAIL_STEP(speig_sum(ctx, X, factor));
  FAIL_STEP(speig_dot(ctx, X, Y, factor));
  FAIL_STEP(speig_norm(ctx, Y, norms));
  FAIL_STEP(speig_copy(ctx, Y, X));
  FAIL_STEP(speig_copy_async(ctx, Y, X));
  FAIL_STEP(speig_context_wait(ctx));
  fail_mix(digest, norms, sizeof norms);
  fail_mix_block(digest, X);
done:
  return st;
}

static speig_status blocks_on(speig_device device, const inputs *in, uint64_t *digest)
{
  speig_status st = SPEIG_OK;
  speig_context *ctx = NULL;
  speig_block X = { .data = NULL }, Y = { .data = NULL }, Z = { .data = NULL };
  const int64_t rows = speig_matrix_get_info(in->A).rows;
  FAIL_STEP(speig_context_create(device, 2, &ctx));
  FAIL_STEP(speig_block_alloc_on(ctx, in->dtype, rows, COLS, &X));
  FAIL_STEP(speig_block_alloc_pinned(ctx, in->dtype, rows, COLS, &Y));
  FAIL_STEP(speig_block_alloc(in->dtype, rows, COLS, &Z));
  FAIL_STEP(use_blocks(ctx, in, &X, &Y, digest));
done:
  speig_block_free(&Z);
  speig_block_free_on(ctx, &Y);
  speig_block_free_on(ctx, &X);
  speig_context_destroy(&ctx);
  return st;
}

static speig_status blocks_on_host(void *user, uint64_t *digest)
{
  return blocks_on(SPEIG_HOST, user, digest);
}

static speig_status blocks_on_reference(void *user, uint64_t *digest)
{
  return blocks_on(SPEIG_REFERENCE, user, digest);
}

/* ---- operators, generators ---- */

static int twice(void *user, const speig_block *X, speig_block *Y)
{
  (void)user;
  for (int64_t j = 0; j < X->cols; ++j)
    for (int64_t i = 0; i < X->rows; ++i) {
      double x[2];
      scalar_get(X->dtype, X->data, i + j * X->ld, x);
      scalar_put(Y->dtype, Y->data, i + j * Y->ld, 2 * x[0], 2 * x[1]);
    }
  return 0;
}

static speig_status apply_operator(const speig_operator *op, const inputs *in, uint64_t *digest)
{
  speig_status st = SPEIG_OK;
  speig_context *ctx = NULL;
  speig_product *product = NULL;
  speig_block X = { .data = NULL }, Y = { .data = NULL };
  const int64_t rows = speig_matrix_get_info(in->A).rows;
  FAIL_STEP(speig_context_create(SPEIG_HOST, 1, &ctx));
  FAIL_STEP(speig_block_alloc_on(ctx, in->dtype, rows, COLS, &X));
  FAIL_STEP(speig_block_alloc_on(ctx, in->dtype, rows, COLS, &Y));
  FAIL_STEP(speig_fill_random(ctx, 5, &X));
  FAIL_STEP(speig_product_create(ctx, op, &product));
  FAIL_STEP(speig_product_apply(product, &X, &Y));
  fail_mix_block(digest, &Y);
done:
  speig_product_destroy(&product);
  speig_block_free_on(ctx, &Y);
  speig_block_free_on(ctx, &X);
  speig_context_destroy(&ctx);
  return st;
}

static speig_status finish_operator(speig_status st, speig_operator **op, const inputs *in,
                                    uint64_t *digest)
{
  if (st == SPEIG_OK)
    st = apply_operator(*op, in, digest);
  speig_operator_destroy(op);
  return st;
}

static speig_status matrix_operator(void *user, uint64_t *digest)
{
  const inputs *in = user;
  speig_operator *op = NULL;
  speig_status st = speig_operator_from_matrix(in->A, &op);
  return finish_operator(st, &op, in, digest);
}

static speig_status own_operator(void *user, uint64_t *digest)
{
  const inputs *in = user;
  speig_operator *op = NULL;
  speig_status st =
      speig_operator_create(in->dtype, speig_matrix_get_info(in->A).rows, twice, NULL, &op);
  return finish_operator(st, &op, in, digest);
}

static speig_status rectangular_operator(void *user, uint64_t *digest)
{
  const inputs *in = user;
  const int64_t n = speig_matrix_get_info(in->A).rows;
  speig_operator *op = NULL;
  speig_status st = speig_operator_create_rectangular(in->dtype, n, n, twice, twice, NULL, &op);
  return finish_operator(st, &op, in, digest);
}

static speig_status jacobi(void *user, uint64_t *digest)
{
  const inputs *in = user;
  speig_operator *op = NULL;
  speig_status st = speig_operator_jacobi(in->A, &op);
  return finish_operator(st, &op, in, digest);
}

static speig_status matrix_product(void *user, uint64_t *digest)
{
  const inputs *in = user;
  speig_status st = SPEIG_OK;
  speig_context *ctx = NULL;
  speig_product *product = NULL;
  FAIL_STEP(speig_context_create(SPEIG_HOST, 1, &ctx));
  FAIL_STEP(speig_product_from_matrix(ctx, in->A, &product));
  fail_mix(digest, "made", 4);
done:
  speig_product_destroy(&product);
  speig_context_destroy(&ctx);
  return st;
}

/* Every kind with its defaults, but for the large ones; all parameters that say how large are whole
 * numbers. */
static speig_status generators(void *user, uint64_t *digest)
{
  speig_status st = SPEIG_OK;
  int made = 0;
  (void)user;
  for (const speig_generator *g = speig_generators(); g->name && st == SPEIG_OK; ++g) {
    const char *names[8];
    double values[8];
    int32_t count = 0;
    speig_matrix *A = NULL;
    for (const speig_generator_param *p = g->params; p->name && count < 8; ++p)
      if (p->whole && p->value > 9 && p->min <= 9) {
        names[count] = p->name;
        values[count++] = 9;
      }
    st = fail_keep_matrix(speig_generate(g->name, count, names, values, 1, &A), &A, digest);
    if (st == SPEIG_ERR_ARG) /* nine does not suit every kind */
      st = SPEIG_OK;
    else
      ++made;
  }
  CU_ASSERT_TRUE(st != SPEIG_OK || made > 30);
  return st;
}

static speig_status spectrum(void *user, uint64_t *digest)
{
  static const char *const names[] = { "nx", "ny" };
  static const double values[] = { 5, 4 };
  double w[20] = { 0 };
  speig_status st = speig_generate_spectrum("laplacian2d", 2, names, values, w);
  (void)user;
  if (st == SPEIG_OK)
    fail_mix(digest, w, sizeof w);
  return st;
}

static const fail_call calls[] = {
  { "blocks, host", blocks_on_host },
  { "blocks, reference", blocks_on_reference },
  { "operator of a matrix", matrix_operator },
  { "operator of one's own", own_operator },
  { "rectangular operator", rectangular_operator },
  { "Jacobi", jacobi },
  { "product of a matrix", matrix_product },
  { "generators", generators },
  { "spectrum", spectrum },
};

static void every_allocation_fails_once(const test_case *tc)
{
  fail_tally tally = { 0 };
  model m = model_make(tc->dtype, 1, "laplacian2d", "nx", 6.0, "ny", 5.0, NULL);
  inputs in = { .dtype = tc->dtype, .A = m.A };
  for (size_t c = 0; c < sizeof calls / sizeof *calls; ++c)
    fail_sweep(&calls[c], &in, look, &tally);
  fail_tell(&tally);
  model_drop(&m);
}
TEST_ALL_TYPES(every_allocation_fails_once)

int main(void)
{
  CU_pSuite suite;
  harness_start();
  suite = harness_suite("fail_once_blocks");
  ADD_ALL_CASES(suite, every_allocation_fails_once);
  return harness_finish("fail_once_blocks");
}
