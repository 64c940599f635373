/* test_verify_svds.c: the judge of singular triplets is judged: right answers pass, each kind of
 * wrong one is found. */
#include "svd_kit.h"

#include "speig/verify.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct answer {
  svd_sample S;
  speig_svds_result *r;
} answer;

/* Singular values 7, 5, 5, 5, 2, 0, 0: turned by Householder reflections on both sides, so that the
 * vectors are full. */
static svd_number sample_entry(int i, int j, int m, int n)
{
  static const double s[7] = { 7, 5, 5, 5, 2, 0, 0 };
  double sum = 0;
  for (int t = 0; t < 7; ++t) {
    double left = (i == t) - 2.0 / m, right = (j == t) - 2.0 / n;
    sum += s[t] * left * right;
  }
  return sum;
}

static answer solve(speig_dtype dtype, int m, int n, int k, speig_which which)
{
  answer a = { .S = svd_make(dtype, m, n, "judged", sample_entry) };
  speig_svds_opts opts = SPEIG_SVDS_OPTS_INIT;
  opts.k = k;
  opts.which = which;
  opts.method = SPEIG_DENSE;
  CHECK_OK(speig_svds(a.S.op, &opts, &a.r));
  return a;
}

static void drop(answer *a)
{
  speig_svds_result_free(&a->r);
  svd_drop(&a->S);
}

static speig_verify_report *judge(const answer *a, int32_t k, int vectors, speig_which which,
                                  int64_t limit)
{
  speig_verify_report *report = NULL;
  speig_verify_opts opts = SPEIG_VERIFY_OPTS_INIT;
  opts.which = which;
  opts.check_which = limit >= 0;
  opts.dense_limit = limit;
  CHECK_OK(speig_verify_svds(a->S.A, k, a->r->values, vectors ? &a->r->left : NULL,
                             vectors ? &a->r->right : NULL, &opts, &report));
  CU_ASSERT_EQUAL_FATAL(report->k, k);
  return report;
}

static void right_answers_pass(const test_case *tc)
{
  static const int shapes[3][2] = { { 9, 9 }, { 13, 8 }, { 8, 13 } };
  for (int shape = 0; shape < 3; ++shape)
    for (int which = SPEIG_LM; which <= SPEIG_SM; ++which)
      for (int vectors = 0; vectors < 2; ++vectors) {
        answer a = solve(tc->dtype, shapes[shape][0], shapes[shape][1], 5, (speig_which)which);
        speig_verify_report *report = judge(&a, 5, vectors, (speig_which)which, 100);
        CU_ASSERT_TRUE(report->right == 5 && report->missed == 0 && report->compared);
        CU_ASSERT_DOUBLE_EQUAL(report->norm_a, 7, 100 * tc->eps);
        for (int i = 0; i < 5; ++i)
          CU_ASSERT_TRUE(report->errors[i] <= 200 * tc->eps);
        for (int i = 0; vectors && i < 5; ++i) {
          CU_ASSERT_DOUBLE_EQUAL(report->residuals[i], a.r->residuals[i], 200 * tc->eps);
          CU_ASSERT_DOUBLE_EQUAL(report->adjoint_residuals[i], a.r->adjoint_residuals[i],
                                 200 * tc->eps);
          CU_ASSERT_DOUBLE_EQUAL(report->rayleigh[i], a.r->values[i], 200 * tc->eps);
        }
        CU_ASSERT_TRUE(vectors ? report->orthogonality <= 100 * tc->eps
                               : isnan(report->orthogonality));
        speig_verify_report_free(&report);
        drop(&a);
      }
}
TEST_ALL_TYPES(right_answers_pass)

static void copy_column(speig_block *X, int64_t from, int64_t to)
{
  size_t size = (size_t)X->rows * speig_dtype_size(X->dtype);
  char *data = X->data;
  memcpy(data + (size_t)(to * X->ld) * speig_dtype_size(X->dtype),
         data + (size_t)(from * X->ld) * speig_dtype_size(X->dtype), size);
}

static void expect_verdict(const answer *a, int32_t k, int32_t at, speig_pair_verdict verdict,
                           int64_t limit)
{
  speig_verify_report *report = judge(a, k, 1, SPEIG_LM, limit);
  for (int32_t i = 0; i < k; ++i)
    CU_ASSERT_EQUAL(report->verdicts[i], i == at ? verdict : SPEIG_PAIR_RIGHT);
  CU_ASSERT_EQUAL(report->right, k - 1);
  if (limit >= 0)
    CU_ASSERT_EQUAL(report->missed, 1);
  speig_verify_report_free(&report);
}

static void wrong_ones_are_found(const test_case *tc)
{
  answer a = solve(tc->dtype, 12, 9, 4, SPEIG_LM);
  a.r->values[0] = 6.5;
  expect_verdict(&a, 4, 0, SPEIG_PAIR_BAD_RESIDUAL, 100);
  a.r->values[0] = 7;
  copy_column(&a.r->right, 1, 2); /* the left one is right, the right one belongs to another copy */
  expect_verdict(&a, 4, 2, SPEIG_PAIR_BAD_RESIDUAL, 100);
  copy_column(&a.r->left, 1, 2);
  expect_verdict(&a, 4, 2, SPEIG_PAIR_DUPLICATE, 100);
  expect_verdict(&a, 4, 2, SPEIG_PAIR_DUPLICATE, -1);
  drop(&a);
}
TEST_ALL_TYPES(wrong_ones_are_found)

/* Left vectors of zeros that are all the same: each triplet holds, together they do not. */
static void zeros_that_share_a_vector(const test_case *tc)
{
  answer a = solve(tc->dtype, 9, 9, 3, SPEIG_SM);
  speig_verify_report *report;
  copy_column(&a.r->left, 0, 1);
  report = judge(&a, 3, 1, SPEIG_SM, 100);
  CU_ASSERT_EQUAL(report->verdicts[1], SPEIG_PAIR_DUPLICATE);
  CU_ASSERT_TRUE(report->right == 2 && report->missed == 1 && report->orthogonality > 0.9);
  speig_verify_report_free(&report);
  drop(&a);
}
TEST_ALL_TYPES(zeros_that_share_a_vector)

static void values_alone(const test_case *tc)
{
  answer a = solve(tc->dtype, 10, 14, 4, SPEIG_LM);
  speig_verify_report *report;
  a.r->values[3] = 2; /* a singular value, but 5 comes three times */
  report = judge(&a, 4, 0, SPEIG_LM, 100);
  CU_ASSERT_TRUE(report->right == 4 && report->missed == 1);
  CU_ASSERT_DOUBLE_EQUAL(report->missed_values[0], 5, 100 * tc->eps);
  speig_verify_report_free(&report);
  a.r->values[3] = 7; /* there is one 7 only */
  report = judge(&a, 4, 0, SPEIG_LM, 100);
  CU_ASSERT_TRUE(report->right == 3 && report->missed == 1);
  CU_ASSERT_TRUE(report->verdicts[0] == SPEIG_PAIR_WRONG_VALUE ||
                 report->verdicts[3] == SPEIG_PAIR_WRONG_VALUE);
  speig_verify_report_free(&report);
  drop(&a);
}
TEST_ALL_TYPES(values_alone)

static void what_cannot_be_checked_is_refused(void)
{
  answer a = solve(SPEIG_D, 9, 8, 3, SPEIG_LM);
  speig_verify_report *report = NULL;
  speig_verify_opts opts = SPEIG_VERIFY_OPTS_INIT;
  CU_ASSERT_EQUAL(speig_verify_svds(a.S.A, 3, a.r->values, &a.r->left, NULL, NULL, &report),
                  SPEIG_ERR_ARG);
  CU_ASSERT_PTR_NOT_NULL(strstr(speig_last_error(), "right is NULL"));
  CU_ASSERT_EQUAL(speig_verify_svds(a.S.A, 3, a.r->values, &a.r->right, &a.r->left, NULL, &report),
                  SPEIG_ERR_ARG);
  CU_ASSERT_PTR_NOT_NULL(strstr(speig_last_error(), "needed: 9 rows"));
  opts.which = SPEIG_LA;
  CU_ASSERT_EQUAL(speig_verify_svds(a.S.A, 3, a.r->values, NULL, NULL, &opts, &report),
                  SPEIG_ERR_ARG);
  opts.which = SPEIG_LM;
  opts.dense_limit = 4;
  CU_ASSERT_EQUAL(speig_verify_svds(a.S.A, 3, a.r->values, NULL, NULL, &opts, &report),
                  SPEIG_ERR_ARG);
  CU_ASSERT_PTR_NOT_NULL(strstr(speig_last_error(), "dense_limit = 4"));
  CU_ASSERT_PTR_NULL(report);
  drop(&a);
}

int main(void)
{
  CU_pSuite suite;
  harness_start();
  suite = harness_suite("verify_svds");
  ADD_ALL_CASES(suite, right_answers_pass);
  ADD_ALL_CASES(suite, wrong_ones_are_found);
  ADD_ALL_CASES(suite, zeros_that_share_a_vector);
  ADD_ALL_CASES(suite, values_alone);
  ADD_CASE(suite, what_cannot_be_checked_is_refused);
  return harness_finish("verify_svds");
}
