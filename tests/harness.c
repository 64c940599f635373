/* harness.c: registers, runs and counts. */
#define _POSIX_C_SOURCE 200809L
#include "harness.h"

#include "backend/backend.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static unsigned absent, skipped;

static int have_device(speig_device device)
{
  backend *be = NULL;
  speig_status st = backend_open(device, SPEIG_D, 1, &be);
  backend_close(&be);
  return st == SPEIG_OK;
}

static int required(speig_device device)
{
  const char *list = getenv("SPEIG_TEST_REQUIRE");
  return list && strstr(list, speig_device_name(device));
}

void harness_add(CU_pSuite suite, const case_entry *cases, size_t count)
{
  for (size_t i = 0; i < count; ++i) {
    CU_pTest test = CU_add_test(suite, cases[i].name, cases[i].run);
    if (!have_device(cases[i].device) && !required(cases[i].device)) {
      CU_set_test_active(test, CU_FALSE);
      ++absent;
    }
  }
}

void harness_skip(const char *reason)
{
  printf("(skipped: %s) ", reason);
  ++skipped;
}

int harness_range_is_wide(const test_case *tc)
{
  volatile long double large = 1e200L;
  int wide = large * large < 1e500L; /* not so when both are infinite */
  int needed = tc->dtype == SPEIG_D || tc->dtype == SPEIG_Z;
  if (needed && !wide)
    harness_skip("long double has the range of double here");
  return !needed || wide;
}

int harness_under_valgrind(void)
{
  return getenv("SPEIG_TEST_SLOW") != NULL;
}

int harness_is_slow(const test_case *tc)
{
  return (tc->device == SPEIG_CUDA && getenv("SPEIG_STANDINS")) || harness_under_valgrind();
}

int harness_takes(const test_case *tc, int i)
{
  return !harness_is_slow(tc) || i % 4 == (int)tc->dtype;
}

/* property/type/device: is the case of another type than that one? */
static int is_of_another_type(const char *name, char type)
{
  const char *slash = strchr(name, '/');
  return slash && slash[1] != type;
}

/* Leaves the cases of one device alone, where SPEIG_TEST_ONLY names it, and of those that have a
 * type the ones of SPEIG_TEST_TYPE. */
static void select_cases(void)
{
  const char *only = getenv("SPEIG_TEST_ONLY"), *type = getenv("SPEIG_TEST_TYPE");
  for (CU_pSuite s = CU_get_registry()->pSuite; s; s = s->pNext)
    for (CU_pTest test = s->pTest; test; test = test->pNext) {
      const char *device = strrchr(test->pName, '/');
      if ((only && (!device || strcmp(device + 1, only) != 0)) ||
          (type && is_of_another_type(test->pName, type[0])))
        CU_set_test_active(test, CU_FALSE);
    }
}

CU_pSuite harness_suite(const char *name)
{
  return CU_add_suite(name, NULL, NULL);
}

void harness_start(void)
{
  setvbuf(stdout, NULL, _IOLBF, 0);
  /* Test programs hold the static library, beside which there are no modules. */
  (void)setenv("SPEIG_MODULE_PATH", SPEIG_TEST_MODULE_PATH, 0);
  if (CU_initialize_registry() != CUE_SUCCESS)
    exit(1);
  CU_set_fail_on_inactive(CU_FALSE);
  CU_basic_set_mode(CU_BRM_VERBOSE);
}

int harness_finish(const char *name)
{
  unsigned run, failed;
  select_cases();
  CU_basic_run_tests();
  run = CU_get_number_of_tests_run();
  failed = CU_get_number_of_tests_failed();
  printf("%s: %u passed, %u failed, %u skipped\n", name, run - failed - skipped, failed,
         absent + skipped);
  CU_cleanup_registry();
  return failed || run == 0 ? 1 : 0;
}

const char *harness_find_shared(const char *relative)
{
  static char path[1024];
  const char *root = getenv("SPEIG_TEST_SHARED");
  snprintf(path, sizeof path, "%s/%s", root ? root : SPEIG_TEST_SHARED_DATA, relative);
  return access(path, R_OK) == 0 ? path : NULL;
}

const char *harness_shared(const char *relative)
{
  const char *path = harness_find_shared(relative);
  if (!path)
    harness_skip("no shared data");
  return path;
}
