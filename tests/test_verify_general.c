/* test_verify_general.c: the judge of general pairs is judged: right answers pass, each kind of
 * wrong one is found. */
#include "eigs_kit.h"

#include "base/dtype.h"
#include "base/random.h"
#include "solve_kit.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Blocks 3, 1 +- 2i, 1 +- 2i again, then a Jordan block of -0.5 (order 3), coupled above. */
static kit_number sample_entry(int32_t i, int32_t j, const void *user)
{
  static const double diagonal[8] = { 3, 1, 1, 1, 1, -0.5, -0.5, -0.5 };
  (void)user;
  if (i == j)
    return diagonal[i];
  if ((i == 1 && j == 2) || (i == 3 && j == 4))
    return 2;
  if ((i == 2 && j == 1) || (i == 4 && j == 3))
    return -2;
  if (i >= 5 && j == i + 1)
    return 1;
  return i == 0 && j > 0 && j < 5 ? 0.25 * j : 0;
}

typedef struct answer {
  general_model m;
  speig_eigs_result *r;
  double *values; /* a copy to spoil */
} answer;

static answer solve(speig_dtype dtype, int32_t k, speig_eigs_which which)
{
  answer a = { .m = general_make(dtype, 8, "sample", sample_entry, NULL) };
  speig_eigs_opts opts = general_opts(SPEIG_REFERENCE, SPEIG_DENSE, k, which);
  CHECK_OK(speig_eigs(a.m.op, NULL, &opts, &a.r));
  a.values = calloc(2 * (size_t)a.r->k + 2, sizeof *a.values);
  memcpy(a.values, a.r->values, 2 * (size_t)a.r->k * sizeof *a.values);
  return a;
}

static void drop(answer *a)
{
  speig_eigs_result_free(&a->r);
  general_drop(&a->m);
  free(a->values);
}

static speig_verify_report *judge(const answer *a, int32_t k, const speig_block *vectors,
                                  speig_eigs_which which, int64_t limit)
{
  speig_verify_report *report = NULL;
  speig_verify_opts opts = SPEIG_VERIFY_OPTS_INIT;
  opts.check_which = limit >= 0;
  opts.general_which = which;
  opts.dense_limit = limit;
  CHECK_OK(speig_verify_general(a->m.A, NULL, k, a->values, vectors, &opts, &report));
  return report;
}

static void right_answers_pass(const test_case *tc)
{
  for (int which = SPEIG_EIGS_LM; which <= SPEIG_EIGS_SI; ++which)
    for (int32_t k = 1; k <= 8; ++k) {
      answer a = solve(tc->dtype, k, (speig_eigs_which)which);
      for (int with = 0; with < 2; ++with) {
        speig_verify_report *report =
            judge(&a, a.r->k, with ? &a.r->vectors : NULL, (speig_eigs_which)which, 0);
        CU_ASSERT_EQUAL(report->right, a.r->k);
        CU_ASSERT_EQUAL(report->missed, 0);
        CU_ASSERT_TRUE(report->compared);
        speig_verify_report_free(&report);
      }
      drop(&a);
    }
}
TEST_ALL_TYPES(right_answers_pass)

static void wrong_answers_are_found(const test_case *tc)
{
  answer a = solve(tc->dtype, 3, SPEIG_EIGS_LR); /* 3, 1 + 2i, 1 - 2i */
  speig_verify_report *report;
  a.values[0] = 2.5; /* no eigenvalue there */
  report = judge(&a, 3, NULL, SPEIG_EIGS_LR, 0);
  CU_ASSERT_EQUAL(report->verdicts[0], SPEIG_PAIR_WRONG_VALUE);
  CU_ASSERT_EQUAL(report->right, 2);
  CU_ASSERT_EQUAL(report->missed, 1);
  CU_ASSERT_DOUBLE_EQUAL(report->missed_values[0], 3, 1e-5);
  speig_verify_report_free(&report);
  report = judge(&a, 3, &a.r->vectors, SPEIG_EIGS_LR, 0);
  CU_ASSERT_EQUAL(report->verdicts[0], SPEIG_PAIR_BAD_RESIDUAL);
  CU_ASSERT_TRUE(report->residuals[0] > 0.1 && report->residuals[1] < 1e-5);
  speig_verify_report_free(&report);
  drop(&a);
}
TEST_ALL_TYPES(wrong_answers_are_found)

/* A simple eigenvalue claimed twice; a defective one may be claimed as often as it is there, with
 * the same vector each time. */
static void copies_count(const test_case *tc)
{
  answer a = solve(tc->dtype, 8, SPEIG_EIGS_LR);
  speig_block twice = { 0 };
  speig_verify_report *report = judge(&a, 8, &a.r->vectors, SPEIG_EIGS_LR, 0);
  CU_ASSERT_EQUAL(report->right, 8);
  speig_verify_report_free(&report);
  CHECK_OK(speig_block_alloc(a.r->vectors.dtype, 8, 2, &twice));
  for (int64_t i = 0; i < 8; ++i)
    for (int64_t j = 0; j < 2; ++j) {
      double v[2];
      scalar_get(twice.dtype, a.r->vectors.data, i, v);
      scalar_put(twice.dtype, twice.data, i + j * twice.ld, v[0], v[1]);
    }
  a.values[2] = a.values[0];
  a.values[3] = a.values[1];
  report = judge(&a, 2, &twice, SPEIG_EIGS_LR, 0);
  CU_ASSERT_EQUAL(report->right, 1);
  speig_verify_report_free(&report);
  report = judge(&a, 2, &twice, SPEIG_EIGS_LR, -1); /* without LAPACK */
  CU_ASSERT_EQUAL(report->verdicts[1], SPEIG_PAIR_DUPLICATE);
  CU_ASSERT_FALSE(report->compared);
  speig_verify_report_free(&report);
  speig_block_free(&twice);
  drop(&a);
}
TEST_ALL_TYPES(copies_count)

static void missed_ones_are_named(const test_case *tc)
{
  answer a = solve(tc->dtype, 5, SPEIG_EIGS_LR);
  speig_verify_report *report;
  /* 1 +- 2i are there twice each; claim 3, a pair, and two of the Jordan block */
  for (int j = 3; j < 5; ++j) {
    a.values[2 * j] = -0.5;
    a.values[2 * j + 1] = 0;
  }
  report = judge(&a, 5, NULL, SPEIG_EIGS_LR, 0);
  CU_ASSERT_EQUAL(report->right, 5);
  CU_ASSERT_EQUAL(report->missed, 2);
  for (int32_t j = 0; j < report->missed; ++j) {
    CU_ASSERT_DOUBLE_EQUAL(report->missed_values[2 * j], 1, 1e-4);
    CU_ASSERT_DOUBLE_EQUAL(fabs(report->missed_values[2 * j + 1]), 2, 1e-4);
  }
  speig_verify_report_free(&report);
  drop(&a);
}
TEST_ALL_TYPES(missed_ones_are_named)

static kit_number random_entry(int32_t i, int32_t j, const void *user)
{
  return random_uniform(*(const uint64_t *)user, i, j, 0) +
         random_uniform(*(const uint64_t *)user, i, j, 1) * I;
}

static kit_number singular_entry(int32_t i, int32_t j, const void *user)
{
  return i < 3 ? 0 : random_entry(i, j, user);
}

/* A x = lambda B x with a singular B: the finite ones are all there. */
static void pencils_are_judged(const test_case *tc)
{
  const uint64_t seeds[2] = { 3, 4 };
  general_model a = general_make(tc->dtype, 21, "a", random_entry, &seeds[0]);
  general_model b = general_make(tc->dtype, 21, "b", singular_entry, &seeds[1]);
  general_model m = general_wrap(a.A, b.A, "pencil");
  speig_eigs_opts opts = general_opts(SPEIG_REFERENCE, SPEIG_DENSE, 6, SPEIG_EIGS_SM);
  speig_verify_opts how = SPEIG_VERIFY_OPTS_INIT;
  speig_verify_report *report = NULL;
  speig_eigs_result *r = NULL;
  a.A = b.A = NULL;
  CHECK_OK(speig_eigs(m.op, m.op_b, &opts, &r));
  how.check_which = 1;
  how.general_which = SPEIG_EIGS_SM;
  CHECK_OK(speig_verify_general(m.A, m.B, r->k, r->values, &r->vectors, &how, &report));
  CU_ASSERT_EQUAL(report->right, r->k);
  CU_ASSERT_EQUAL(report->missed, 0);
  speig_verify_report_free(&report);
  how.general_which = SPEIG_EIGS_LM;
  CHECK_OK(speig_verify_general(m.A, m.B, r->k, r->values, NULL, &how, &report));
  CU_ASSERT_TRUE(report->missed > 0);
  speig_verify_report_free(&report);
  speig_eigs_result_free(&r);
  general_drop(&m);
  general_drop(&a);
  general_drop(&b);
}
TEST_ALL_TYPES(pencils_are_judged)

static void bad_input_is_named(void)
{
  answer a = solve(SPEIG_D, 2, SPEIG_EIGS_LM);
  speig_verify_opts opts = SPEIG_VERIFY_OPTS_INIT;
  speig_verify_report *report = NULL;
  opts.dense_limit = -1;
  CU_ASSERT_EQUAL(speig_verify_general(a.m.A, NULL, 2, a.values, NULL, &opts, &report),
                  SPEIG_ERR_ARG);
  CU_ASSERT_PTR_NOT_NULL(strstr(speig_last_error(), "nothing to check the values by"));
  opts.dense_limit = 0;
  opts.general_which = (speig_eigs_which)9;
  CU_ASSERT_EQUAL(speig_verify_general(a.m.A, NULL, 2, a.values, NULL, &opts, &report),
                  SPEIG_ERR_ARG);
  CU_ASSERT_EQUAL(speig_verify_general(a.m.A, NULL, 2, NULL, NULL, NULL, &report), SPEIG_ERR_ARG);
  a.values[0] = NAN;
  CHECK_OK(speig_verify_general(a.m.A, NULL, 2, a.values, NULL, NULL, &report));
  CU_ASSERT_EQUAL(report->verdicts[0], SPEIG_PAIR_WRONG_VALUE);
  speig_verify_report_free(&report);
  drop(&a);
}

int main(void)
{
  CU_pSuite suite;
  harness_start();
  suite = harness_suite("verify_general");
  ADD_ALL_CASES(suite, right_answers_pass);
  ADD_ALL_CASES(suite, wrong_answers_are_found);
  ADD_ALL_CASES(suite, copies_count);
  ADD_ALL_CASES(suite, missed_ones_are_named);
  ADD_ALL_CASES(suite, pencils_are_judged);
  ADD_CASE(suite, bad_input_is_named);
  return harness_finish("test_verify_general");
}
