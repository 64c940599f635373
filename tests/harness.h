/* harness.h: CUnit cases over {s, d, c, z} x {reference, host}, named property/dtype/device. */
#ifndef SPEIG_TESTS_HARNESS_H
#define SPEIG_TESTS_HARNESS_H

#include <CUnit/Basic.h>

#include "speig/types.h"

typedef struct test_case {
  const char *name;
  speig_dtype dtype;
  speig_device device;
  double eps;
} test_case;

typedef struct case_entry {
  const char *name;
  CU_TestFunc run;
  speig_device device;
} case_entry;

#define EPS_s 1.1920929e-7
#define EPS_d 2.220446049250313e-16
#define EPS_c EPS_s
#define EPS_z EPS_d

#define FOR_EACH_DTYPE(X, body, where, device)                                                     \
  X(body, s, SPEIG_S, where, device)                                                               \
  X(body, d, SPEIG_D, where, device)                                                               \
  X(body, c, SPEIG_C, where, device)                                                               \
  X(body, z, SPEIG_Z, where, device)
#define FOR_EACH_CASE(X, body)                                                                     \
  FOR_EACH_DTYPE(X, body, reference, SPEIG_REFERENCE)                                              \
  FOR_EACH_DTYPE(X, body, host, SPEIG_HOST)                                                        \
  FOR_EACH_DTYPE(X, body, cuda, SPEIG_CUDA)

/* CUnit test functions take no argument, so each case gets a thunk with its own name. */
#define CASE_THUNK(body, t, dtype, d, device)                                                      \
  static void body##_##t##_##d(void)                                                               \
  {                                                                                                \
    body(&(test_case){ #body "/" #t "/" #d, dtype, device, EPS_##t });                             \
  }
#define CASE_ENTRY(body, t, dtype, d, device) { #body "/" #t "/" #d, body##_##t##_##d, device },

/* After `static void body(const test_case *tc) {...}`: body on every type and device. */
#define TEST_ALL_CASES(body)                                                                       \
  FOR_EACH_CASE(CASE_THUNK, body)                                                                  \
  static const case_entry body##_cases[] = { FOR_EACH_CASE(CASE_ENTRY, body) };
#define ADD_ALL_CASES(suite, body)                                                                 \
  harness_add(suite, body##_cases, sizeof body##_cases / sizeof *body##_cases)
/* The same for what has types but no device. */
#define TYPE_THUNK(body, t, dtype, where, device)                                                  \
  static void body##_##t(void)                                                                     \
  {                                                                                                \
    body(&(test_case){ #body "/" #t, dtype, device, EPS_##t });                                    \
  }
#define TYPE_ENTRY(body, t, dtype, where, device) { #body "/" #t, body##_##t, device },
#define TEST_ALL_TYPES(body)                                                                       \
  FOR_EACH_DTYPE(TYPE_THUNK, body, , SPEIG_REFERENCE)                                              \
  static const case_entry body##_cases[] = { FOR_EACH_DTYPE(TYPE_ENTRY, body, , SPEIG_REFERENCE) };
/* A plain `static void body(void)`, run once. */
#define ADD_CASE(suite, body) CU_add_test(suite, #body, body)

/* Adds the cases; those whose device is absent are inactive and counted as skipped. */
void harness_add(CU_pSuite suite, const case_entry *cases, size_t count);
/* Marks the running case as skipped, with the reason printed (a missing data file, say). */
void harness_skip(const char *reason);
/* Can speig_verify judge numbers near 1e200? Under valgrind long double has the range of double:
 * marks the running case as skipped. */
int harness_range_is_wide(const test_case *tc);
/* The case runs on an emulated device, or under valgrind (SPEIG_TEST_SLOW is set), some hundred
 * times slower than usual: smaller sizes do. */
int harness_is_slow(const test_case *tc);
/* SPEIG_TEST_SLOW is set, for cases that have no device: a sample of the specimens does. */
int harness_under_valgrind(void);
/* Does the case take number i of many combinations? All of them, but where it is slow the four
 * types share them out. */
int harness_takes(const test_case *tc, int i);
CU_pSuite harness_suite(const char *name);
void harness_start(void);
/* Runs everything, prints "NAME: N passed, N failed, N skipped", returns the exit status. A device
 * named in SPEIG_TEST_REQUIRE (comma-separated) that is absent is a failure; SPEIG_TEST_ONLY names
 * the one device whose cases are to run, SPEIG_TEST_TYPE the one type. */
int harness_finish(const char *name);

/* Path of a file in ../shared/data, or NULL (and the case marked skipped) when it is absent. The
 * string lives until the next call. */
const char *harness_shared(const char *relative);
/* The same without marking anything. */
const char *harness_find_shared(const char *relative);

#define CHECK_OK(call)                                                                             \
  do {                                                                                             \
    speig_status check_status = (call);                                                            \
    if (check_status != SPEIG_OK)                                                                  \
      fprintf(stderr, "  %s: %s: %s\n%s", #call, speig_status_text(check_status),                  \
              speig_last_error(), speig_last_error_trace());                                       \
    CU_ASSERT_EQUAL_FATAL(check_status, SPEIG_OK);                                                 \
  } while (0)

#endif
