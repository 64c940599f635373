/* test_confirm.c: a set of eigenvalues against all of them by LAPACK: what is a best set is
 * confirmed, what lacks a value, a copy or digits is not. */
#include "harness.h"

#include "backend/expand.h"
#include "formats/matrix.h"
#include "solve_kit.h"
#include "solvers/general.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { N = 14, REAL_ONES = 2 };

/* Block triangular: a pair 1 +- 2i, 9 twice in two blocks, 8, 7 ... on the diagonal, and entries
 * above it that couple them. */
static speig_matrix *sample(speig_dtype dtype)
{
  static const double rest[N - 2] = { 9, 8, 9, 7, 6, 5, 4, 3, 2, 1, 0.5, -3 };
  int32_t row[N * N], col[N * N];
  double values[N * N];
  int64_t count = 0;
  speig_coo *coo = NULL;
  speig_matrix *wide = NULL, *A = NULL;
  for (int32_t i = 0; i < N; ++i)
    for (int32_t j = i; j < N; ++j) {
      double a = j == i ? (i < 2 ? 1 : rest[i - 2]) : (i + j) % 3 == 0 ? 0.25 : 0;
      if (i == 2 && j == 4) /* the two copies stay apart */
        a = 0;
      if (i == 0 && j == 1)
        a = 4;
      if (a != 0) {
        row[count] = i;
        col[count] = j;
        values[count++] = a;
      }
    }
  row[count] = 1;
  col[count] = 0;
  values[count++] = -1;
  CHECK_OK(
      speig_coo_create(SPEIG_D, N, N, count, row, col, values, SPEIG_GENERAL, SPEIG_COPY, &coo));
  CHECK_OK(speig_matrix_from_coo(coo, &wide));
  CHECK_OK(speig_matrix_convert(wide, dtype, &A));
  speig_matrix_destroy(&wide);
  speig_coo_destroy(&coo);
  return A;
}

typedef struct claim {
  speig_eigs_which which;
  int32_t count;
  eigenvalue lambda[4];
  int right;
} claim;

static const claim CLAIMS[] = {
  { SPEIG_EIGS_LR, 3, { { 9, 0 }, { 9, 0 }, { 8, 0 } }, 1 },
  { SPEIG_EIGS_LM, 3, { { 8, 0 }, { 9, 0 }, { 9, 0 } }, 1 },
  { SPEIG_EIGS_LR, 2, { { 9, 0 }, { 8, 0 } }, 0 }, /* a copy is missing */
  { SPEIG_EIGS_LR, 3, { { 9, 0 }, { 9, 0 }, { 7, 0 } }, 0 }, /* 8 is */
  { SPEIG_EIGS_LR, 3, { { 9, 0 }, { 9, 0 }, { 9, 0 } }, 0 }, /* a copy too many */
  { SPEIG_EIGS_LR, 3, { { 9, 0 }, { 9, 0 }, { 8.01, 0 } }, 0 }, /* none of them */
  { SPEIG_EIGS_SR, 2, { { -3, 0 }, { 0.5, 0 } }, 1 },
  { SPEIG_EIGS_SR, 2, { { -3, 0 }, { 1, 0 } }, 0 },
  /* of a real matrix by the size of the imaginary part */
  { SPEIG_EIGS_LI, 2, { { 1, 2 }, { 1, -2 } }, REAL_ONES },
  { SPEIG_EIGS_LI, 2, { { 1, 2 }, { 1, 2 } }, 0 }, /* a conjugate is another one */
  { SPEIG_EIGS_SM, 1, { { 0.5, 0 } }, 1 },
};

static void best_sets_are_confirmed(const test_case *tc)
{
  speig_matrix *A = sample(tc->dtype);
  speig_operator *op = NULL;
  backend *be = NULL;
  bound_operator *bound = NULL;
  int64_t counted = 0;
  CHECK_OK(speig_operator_from_matrix(A, &op));
  CHECK_OK(backend_open(tc->device, tc->dtype, 1, &be));
  CHECK_OK(operator_bind(be, op, 1, &bound));
  for (size_t i = 0; i < sizeof CLAIMS / sizeof *CLAIMS; ++i) {
    const claim *c = &CLAIMS[i];
    int right = c->right == REAL_ONES ? !mv_is_complex(be) : c->right;
    general_problem problem = { .be = be, .n = N, .counted = &counted, .which = c->which };
    for (int balanced = 0; balanced < 2; ++balanced) {
      int confirmed = -1;
      problem.k = c->count;
      CHECK_OK(
          dense_general_confirm(&problem, bound, balanced, c->count, c->lambda, 1e-4, &confirmed));
      if (confirmed != right)
        fprintf(stderr, "  claim %zu\n", i);
      CU_ASSERT_EQUAL(confirmed, right);
    }
  }
  operator_unbind(&bound);
  backend_close(&be);
  speig_operator_destroy(&op);
  speig_matrix_destroy(&A);
}
TEST_ALL_CASES(best_sets_are_confirmed)

int main(void)
{
  CU_pSuite suite;
  harness_start();
  suite = harness_suite("confirm");
  ADD_ALL_CASES(suite, best_sets_are_confirmed);
  return harness_finish("confirm");
}
