/* test_base.c: errors, memory, random numbers. */
#include "harness.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/random.h"

#include <stdio.h>
#include <string.h>

static void failing_allocations_say_what(void)
{
  void *p = NULL;
  CU_ASSERT_EQUAL(mem_alloc(INT64_MAX, 16, "big thing", &p), SPEIG_ERR_MEMORY);
  CU_ASSERT_PTR_NOT_NULL(strstr(speig_last_error(), "big thing"));
  mem_fail_at(1, 0);
  CU_ASSERT_EQUAL(mem_alloc(10, 8, "small thing", &p), SPEIG_ERR_MEMORY);
  CU_ASSERT_PTR_NULL(p);
  mem_fail_at(0, 0);
  CHECK_OK(mem_alloc(10, 8, "small thing", &p));
  CU_ASSERT_EQUAL((uintptr_t)p % 64, 0);
  mem_free(p);
}

static void budgets_hold(void)
{
  void *p = NULL, *q = NULL;
  mem_account outer = mem_account_enter(1000);
  CHECK_OK(mem_alloc(600, 1, "first", &p));
  CU_ASSERT_EQUAL(mem_alloc(600, 1, "second", &q), SPEIG_ERR_MEMORY);
  mem_free(p);
  CHECK_OK(mem_alloc(600, 1, "second", &q));
  CU_ASSERT_EQUAL(mem_account_read().peak, 600);
  mem_free(q);
  mem_account_leave(&outer);
}

static void random_numbers_are_uniform_and_exact_in_float(void)
{
  double sum = 0, square = 0;
  int n = 100000;
  for (int i = 0; i < n; ++i) {
    double x = random_uniform(7, i, 3, 0);
    sum += x;
    square += x * x;
    CU_ASSERT_TRUE_FATAL(x > -1 && x < 1 && (double)(float)x == x);
  }
  CU_ASSERT_DOUBLE_EQUAL(sum / n, 0, 0.01);
  CU_ASSERT_DOUBLE_EQUAL(square / n, 1.0 / 3, 0.01);
}

int main(void)
{
  CU_pSuite suite;
  harness_start();
  suite = harness_suite("base");
  ADD_CASE(suite, failing_allocations_say_what);
  ADD_CASE(suite, budgets_hold);
  ADD_CASE(suite, random_numbers_are_uniform_and_exact_in_float);
  return harness_finish("base");
}
