/* test_fragments.c: matrices with one large component and many small ones: the answer is the best
 * of both, with every copy. */
#include "harness.h"
#include "solve_kit.h"

#include "base/dtype.h"
#include "formats/components.h"

#include <math.h>
#include <stdlib.h>

enum { CHAIN = 1100, SINGLES = 60, PAIRS = 20, N = CHAIN + SINGLES + 2 * PAIRS };

typedef struct entries {
  speig_dtype dtype;
  int64_t count;
  int32_t row[4 * N], col[4 * N];
  char values[4 * N * 16];
} entries;

/* A lower triangle; imaginary parts only where the type has them. */
static void put(entries *E, int32_t i, int32_t j, double re, double im)
{
  E->row[E->count] = i > j ? i : j;
  E->col[E->count] = i > j ? j : i;
  scalar_put(E->dtype, E->values, E->count++, re, im);
}

/* Rows of the chain lie between the fragments, so that nothing is sorted beforehand. Its values run
 * from 0 to about CHAIN, those of the fragments from -20 to 1.2 CHAIN, some of them many times. */
static model mixed(speig_dtype dtype)
{
  entries *E = calloc(1, sizeof *E);
  speig_coo *coo = NULL;
  speig_matrix *A = NULL;
  int32_t next = 0, chain = 0, last = -1;
  E->dtype = dtype;
  for (int32_t s = 0; next < N; ++s) {
    if (s < SINGLES) {
      put(E, next, next, s % 3 == 0 ? -7 : s % 3 == 1 ? 1.2 * CHAIN : s * 11, 0);
      ++next;
    }
    if (s < PAIRS) {
      put(E, next, next, s % 2 ? -15 : CHAIN + s, 0);
      put(E, next + 1, next + 1, s, 0);
      put(E, next + 1, next, 5, 3);
      next += 2;
    }
    for (int i = 0; i < 18 && chain < CHAIN && next < N; ++i, ++chain) {
      put(E, next, next, chain, 0);
      if (last >= 0)
        put(E, next, last, 0.4, 0.2);
      last = next++;
    }
  }
  CHECK_OK(speig_coo_create(dtype, N, N, E->count, E->row, E->col, E->values,
                            dtype_is_complex(dtype) ? SPEIG_HERMITIAN : SPEIG_SYMMETRIC, SPEIG_COPY,
                            &coo));
  CHECK_OK(speig_matrix_from_coo(coo, &A));
  speig_coo_destroy(&coo);
  free(E);
  return model_wrap(A, "chain and fragments", NULL);
}

/* LAPACK has no notion of fragments here: n is the caller's, the method asked for. */
static void same_as_lapack(const model *m, const test_case *tc, speig_which which, int32_t k)
{
  speig_eigsh_opts opts, dense;
  speig_eigsh_result *r = NULL, *all = NULL;
  speig_eigsh_opts_init(&opts);
  opts.device = tc->device;
  opts.method = SPEIG_LANCZOS;
  opts.which = which;
  opts.k = k;
  dense = opts;
  dense.method = SPEIG_DENSE;
  dense.device = SPEIG_HOST;
  CHECK_OK(speig_eigsh(m->op, NULL, &opts, &r));
  CHECK_OK(speig_eigsh(m->op, NULL, &dense, &all));
  CU_ASSERT_EQUAL(r->outcome, SPEIG_VALIDATED);
  CU_ASSERT_EQUAL_FATAL(r->k, k);
  for (int32_t i = 0; i < k; ++i)
    CU_ASSERT_TRUE(fabs(r->values[i] - all->values[i]) <= 200 * tc->eps * 1.2 * CHAIN);
  CU_ASSERT_TRUE(answer_is_right(m, &opts, r)); /* residuals, orthogonality, LAPACK's set */
  speig_eigsh_result_free(&r);
  speig_eigsh_result_free(&all);
}

static void the_best_of_both(const test_case *tc)
{
  model m = mixed(tc->dtype);
  component_sizes sizes;
  CHECK_OK(components_weigh(m.A, N, &sizes));
  CU_ASSERT_EQUAL(sizes.count, 1 + SINGLES + PAIRS);
  CU_ASSERT_EQUAL(sizes.largest, CHAIN);
  same_as_lapack(&m, tc, SPEIG_SA, 40); /* 10 of -15.., 20 of -7, then the chain */
  same_as_lapack(&m, tc, SPEIG_LA, 45);
  same_as_lapack(&m, tc, SPEIG_SA, 15); /* cuts through the copies of -7 */
  model_drop(&m);
}
TEST_ALL_CASES(the_best_of_both)

/* A graph: a path and lonely vertices. As many zeros as are wanted are known without a product. */
static void lonely_vertices(const test_case *tc)
{
  enum { K = 20 };
  entries *E = calloc(1, sizeof *E);
  speig_coo *coo = NULL;
  speig_matrix *A = NULL;
  speig_operator *op = NULL;
  speig_eigsh_opts opts;
  speig_eigsh_result *r = NULL;
  E->dtype = tc->dtype;
  for (int32_t i = 0; i + 1 < CHAIN; ++i) {
    put(E, i, i, i == 0 ? 1 : 2, 0);
    put(E, i + 1, i, -1, 0);
  }
  put(E, CHAIN - 1, CHAIN - 1, 1, 0);
  CHECK_OK(speig_coo_create(tc->dtype, N, N, E->count, E->row, E->col, E->values,
                            dtype_is_complex(tc->dtype) ? SPEIG_HERMITIAN : SPEIG_SYMMETRIC,
                            SPEIG_COPY, &coo));
  CHECK_OK(speig_matrix_from_coo(coo, &A));
  CHECK_OK(speig_operator_from_matrix(A, &op));
  speig_eigsh_opts_init(&opts);
  opts.device = tc->device;
  opts.method = SPEIG_LANCZOS;
  opts.which = SPEIG_SA;
  opts.k = K;
  CHECK_OK(speig_eigsh(op, NULL, &opts, &r));
  CU_ASSERT_EQUAL(r->outcome, SPEIG_CERTIFIED);
  CU_ASSERT_EQUAL_FATAL(r->k, K);
  for (int32_t i = 0; i < K; ++i)
    CU_ASSERT_TRUE(r->values[i] == 0 && r->residuals[i] == 0);
  CU_ASSERT_TRUE(r->orthogonality == 0);
  CU_ASSERT_TRUE(r->matvecs <= 2 * K);
  speig_eigsh_result_free(&r);
  speig_operator_destroy(&op);
  speig_matrix_destroy(&A);
  speig_coo_destroy(&coo);
  free(E);
}
TEST_ALL_CASES(lonely_vertices)

/* Lanczos is cut short: fragments do not stand in for what it did not bring. */
static void partial_stays_partial(const test_case *tc)
{
  model m = mixed(tc->dtype);
  speig_eigsh_opts opts;
  speig_eigsh_result *r = NULL;
  speig_eigsh_opts_init(&opts);
  opts.device = tc->device;
  opts.method = SPEIG_LANCZOS;
  opts.which = SPEIG_SA;
  opts.k = 40;
  opts.max_matvecs = 90;
  CHECK_OK(speig_eigsh(m.op, NULL, &opts, &r));
  CU_ASSERT_TRUE(r->outcome == SPEIG_PARTIAL || r->outcome == SPEIG_FAILED);
  CU_ASSERT_TRUE(r->k < 40);
  CU_ASSERT_EQUAL(r->reason, SPEIG_STOP_MAX_MATVECS);
  speig_eigsh_result_free(&r);
  model_drop(&m);
}
TEST_ALL_CASES(partial_stays_partial)

int main(void)
{
  CU_pSuite suite;
  harness_start();
  suite = harness_suite("fragments");
  ADD_ALL_CASES(suite, the_best_of_both);
  ADD_ALL_CASES(suite, lonely_vertices);
  ADD_ALL_CASES(suite, partial_stays_partial);
  return harness_finish("fragments");
}
