/* test_rearrange.c: products and solves in another order of the unknowns. */
#include "blocks.h"
#include "harness.h"
#include "solve_kit.h"

#include "base/dtype.h"

#include <math.h>
#include <stdlib.h>

/* P A x against (P A P^H) (P x), for an order of rows without entries in other columns. */
static void one_selection(const test_case *tc, const speig_matrix *A, int64_t count,
                          const int32_t *order)
{
  enum { P = 9 };
  int64_t n = speig_matrix_get_info(A).rows;
  backend *be = NULL;
  backend_matrix *M = NULL, *S = NULL;
  test_block X = block_random(tc->dtype, n, P, n + 3, 5), Y = block_nan(tc->dtype, n, P, n);
  test_block Z = block_nan(tc->dtype, count, P, count + 1),
             W = block_nan(tc->dtype, count, P, count);
  multivec x, y, z, w, part = { 0 };
  CHECK_OK(backend_open(tc->device, tc->dtype, 3, &be));
  if (!mv_may_select(be)) { /* products are as fast in any order there */
    backend_close(&be);
    block_drop(&X), block_drop(&Y), block_drop(&Z), block_drop(&W);
    return;
  }
  CHECK_OK(mv_matrix_open(be, A, &M));
  CHECK_OK(mv_matrix_select(M, order, count, &S));
  x = block_put(be, &X);
  y = block_put(be, &Y);
  z = block_put(be, &Z);
  w = block_put(be, &W);
  CHECK_OK(mv_alloc(be, count, P, "rows", &part));
  CHECK_OK(mv_apply(M, 1, &x, 0, &y));
  CHECK_OK(mv_rows(order, 0, &y, &z));
  CHECK_OK(mv_rows(order, 0, &x, &part));
  CHECK_OK(mv_apply(S, 1, &part, 0, &w));
  block_fetch(&Z);
  block_fetch(&W);
  CU_ASSERT_TRUE(block_distance(&Z, &W) <= 100 * tc->eps);
  CU_ASSERT_TRUE(block_padding_intact(&Z));
  /* and back: the rows of `order` as they were, the others untouched */
  CHECK_OK(mv_copy(&x, &y));
  CHECK_OK(mv_zero(&y));
  CHECK_OK(mv_rows(order, 1, &part, &y));
  block_fetch(&Y);
  for (int64_t i = 0; i < count; ++i)
    CU_ASSERT_EQUAL(block_get(&Y, order[i], 1, 0), block_get(&X, order[i], 1, 0));
  for (int64_t i = 0, zeros = 0; i < n; ++i) {
    zeros += block_get(&Y, i, 1, 0) == 0;
    if (i == n - 1)
      CU_ASSERT_EQUAL(zeros, n - count);
  }
  mv_free(&part);
  mv_matrix_close(be, &M);
  mv_matrix_close(be, &S);
  block_drop(&X), block_drop(&Y), block_drop(&Z), block_drop(&W);
  backend_close(&be);
}

static void selections_multiply_alike(const test_case *tc)
{
  enum { RINGS = 5, RING = 61, N = RINGS * RING };
  int32_t order[N];
  model graph = model_make(tc->dtype, 1, "erdos_renyi", "n", (double)N, "degree", 6.0, NULL);
  model rings = model_make(tc->dtype, 1, "disconnected", "copies", (double)RINGS, "vertices",
                           (double)RING, NULL);
  for (int32_t i = 0; i < N; ++i) /* 7 and N have no common divisor */
    order[i] = (int32_t)((int64_t)i * 7 % N);
  one_selection(tc, graph.A, N, order);
  one_selection(tc, rings.A, N, order);
  for (int32_t i = 0; i < 2 * RING; ++i) /* the second ring backwards, then the last */
    order[i] = i < RING ? 2 * RING - 1 - i : (RINGS - 1) * RING + i - RING;
  one_selection(tc, rings.A, 2 * RING, order);
  model_drop(&graph);
  model_drop(&rings);
}
TEST_ALL_CASES(selections_multiply_alike)

/* A graph with hubs and lonely vertices, large enough for its order to matter. A budget keeps the
 * matrix in its own order, which makes the second answer independent of the first. */
static void hubs_first_changes_no_answer(const test_case *tc)
{
  model m;
  speig_eigsh_opts opts = opts_for(SPEIG_HOST, SPEIG_LANCZOS, 3, SPEIG_LA);
  speig_eigsh_result *r = NULL, *natural = NULL;
  if (harness_under_valgrind()) {
    harness_skip("such graphs take too long here");
    return;
  }
  m = model_make(tc->dtype, 1, "rmat", "scale", tc->dtype == SPEIG_D ? 18.0 : 17.0, "degree", 8.0,
                 NULL);
  opts.tol = 1e-7;
  CHECK_OK(speig_eigsh(m.op, NULL, &opts, &r));
  opts.memory = INT64_C(1) << 40;
  CHECK_OK(speig_eigsh(m.op, NULL, &opts, &natural));
  CU_ASSERT_FALSE(same_answers(r, natural)); /* or nothing was rearranged */
  CU_ASSERT_EQUAL(r->outcome, SPEIG_VALIDATED);
  CU_ASSERT_EQUAL(natural->outcome, SPEIG_VALIDATED);
  CU_ASSERT_TRUE(answer_is_right(&m, &opts, r));
  for (int32_t i = 0; i < r->k && i < natural->k; ++i)
    CU_ASSERT_TRUE(fabs(r->values[i] - natural->values[i]) <= 2 * opts.tol * r->norm_a);
  speig_eigsh_result_free(&r);
  speig_eigsh_result_free(&natural);
  r = natural = NULL;
  opts.k = 1;
  opts.certify = SPEIG_CERTIFY_NEVER;
  opts.memory = 0;
  opts.threads = 1;
  CHECK_OK(speig_eigsh(m.op, NULL, &opts, &r));
  opts.threads = 3;
  CHECK_OK(speig_eigsh(m.op, NULL, &opts, &natural));
  CU_ASSERT_TRUE(same_answers(r, natural));
  speig_eigsh_result_free(&r);
  speig_eigsh_result_free(&natural);
  model_drop(&m);
}
/* Types whose vectors leave the caches at such sizes. */
static void hubs_first_changes_no_answer_d(void)
{
  hubs_first_changes_no_answer(&(test_case){ "hubs/d", SPEIG_D, SPEIG_HOST, EPS_d });
}

static void hubs_first_changes_no_answer_z(void)
{
  hubs_first_changes_no_answer(&(test_case){ "hubs/z", SPEIG_Z, SPEIG_HOST, EPS_z });
}

/* Zeros of the lonely vertices join those of the large component; all vectors come back. */
static void fragments_come_back(void)
{
  model m;
  speig_eigsh_opts opts = opts_for(SPEIG_HOST, SPEIG_LANCZOS, 7, SPEIG_SA);
  speig_eigsh_result *r = NULL;
  if (harness_under_valgrind()) {
    harness_skip("such graphs take too long here");
    return;
  }
  m = model_make(SPEIG_D, 1, "rmat", "scale", 18.0, "degree", 8.0, "adjacency", 1.0, NULL);
  opts.tol = 1e-8;
  CHECK_OK(speig_eigsh(m.op, NULL, &opts, &r));
  CU_ASSERT_TRUE(answer_is_right(&m, &opts, r));
  speig_eigsh_result_free(&r);
  model_drop(&m);
}

int main(void)
{
  harness_start();
  CU_pSuite suite = harness_suite("another order of the unknowns");
  ADD_ALL_CASES(suite, selections_multiply_alike);
  ADD_CASE(suite, hubs_first_changes_no_answer_d);
  ADD_CASE(suite, hubs_first_changes_no_answer_z);
  ADD_CASE(suite, fragments_come_back);
  return harness_finish("test_rearrange");
}
