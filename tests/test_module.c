/* test_module.c: the loader: what it opens, and what it says when it cannot. */
#define _GNU_SOURCE /* RTLD_DEFAULT */
#include "harness.h"

#include "base/module.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct sample_table {
  int32_t abi;
  int (*number)(void);
} sample_table;

#define ENTRY "speig_sample_module_get"

static int says(const char *words)
{
  int there = strstr(speig_last_error(), words) != NULL;
  if (!there)
    fprintf(stderr, "  wanted '%s' in: %s\n", words, speig_last_error());
  return there;
}

static void look_in(const char *folders)
{
  CU_ASSERT_EQUAL_FATAL(setenv("SPEIG_MODULE_PATH", folders, 1), 0);
}

static void opens_and_keeps(void)
{
  const void *first = NULL, *second = NULL;
  look_in(SPEIG_TEST_MODULES);
  CHECK_OK(module_open("sample1", ENTRY, 7, &first));
  CU_ASSERT_EQUAL(((const sample_table *)first)->number(), 1);
  look_in("/nonexistent");
  CHECK_OK(module_open("sample1", ENTRY, 7, &second));
  CU_ASSERT_PTR_EQUAL(first, second);
}

static void takes_the_first_folder_that_has_it(void)
{
  const void *table = NULL;
  look_in("/nonexistent::" SPEIG_TEST_MODULES "/other:" SPEIG_TEST_MODULES);
  CHECK_OK(module_open("sample2", ENTRY, 7, &table));
  CU_ASSERT_EQUAL(((const sample_table *)table)->number(), 22);
}

static void modules_do_not_meet(void)
{
  const void *one = NULL, *two = NULL;
  look_in(SPEIG_TEST_MODULES);
  CHECK_OK(module_open("sample1", ENTRY, 7, &one));
  CHECK_OK(module_open("sample2", ENTRY, 7, &two));
  CU_ASSERT_EQUAL(((const sample_table *)one)->number(), 1);
  CU_ASSERT_EQUAL(((const sample_table *)two)->number(), 22);
  CU_ASSERT_PTR_NULL(dlsym(RTLD_DEFAULT, "speig_sample_number"));
  CU_ASSERT_PTR_NULL(dlsym(RTLD_DEFAULT, ENTRY));
}

static void says_what_is_wrong(void)
{
  const void *table = &table;
  look_in(SPEIG_TEST_MODULES);
  CU_ASSERT_EQUAL(module_open("sample1", ENTRY, 8, &table), SPEIG_ERR_UNSUPPORTED);
  CU_ASSERT_TRUE(says("its ABI is 7, needed is 8"));
  CU_ASSERT_PTR_NULL(table);
  CU_ASSERT_EQUAL(module_open("sample1", "speig_other", 7, &table), SPEIG_ERR_UNSUPPORTED);
  CU_ASSERT_TRUE(says("module sample1 has no speig_other"));
  CU_ASSERT_EQUAL(module_open("sample1", "speig_sample_nothing", 7, &table), SPEIG_ERR_UNSUPPORTED);
  CU_ASSERT_TRUE(says("sample1 gave no table"));
  CU_ASSERT_EQUAL(module_open("broken", ENTRY, 7, &table), SPEIG_ERR_UNSUPPORTED);
  CU_ASSERT_TRUE(says(SPEIG_TEST_MODULES "/libspeig_broken.so"));
  CU_ASSERT_PTR_NULL(table);
}

static void says_where_it_looked(void)
{
  const void *table = NULL;
  look_in("/nowhere/one:/nowhere/two");
  CU_ASSERT_EQUAL(module_open("absent", ENTRY, 7, &table), SPEIG_ERR_UNSUPPORTED);
  CU_ASSERT_TRUE(says("no libspeig_absent.so in /nowhere/one, /nowhere/two, "));
  CU_ASSERT_TRUE(says("/tests/speig, ")); /* beside this program */
  look_in(SPEIG_TEST_MODULES); /* a failure is not remembered */
  CHECK_OK(module_open("sample3", ENTRY, 7, &table));
}

static void *open_four(void *result)
{
  const void **table = result;
  for (int i = 0; i < 100; ++i)
    if (module_open("sample4", ENTRY, 7, table) != SPEIG_OK)
      *table = NULL;
  return NULL;
}

static void threads_open_one(void)
{
  enum { THREADS = 8 };
  pthread_t thread[THREADS];
  const void *table[THREADS] = { NULL };
  look_in(SPEIG_TEST_MODULES);
  for (int i = 0; i < THREADS; ++i)
    CU_ASSERT_EQUAL_FATAL(pthread_create(&thread[i], NULL, open_four, &table[i]), 0);
  for (int i = 0; i < THREADS; ++i) {
    CU_ASSERT_EQUAL(pthread_join(thread[i], NULL), 0);
    CU_ASSERT_PTR_NOT_NULL(table[i]);
    CU_ASSERT_PTR_EQUAL(table[i], table[0]);
  }
}

int main(void)
{
  CU_pSuite suite;
  harness_start();
  suite = harness_suite("module");
  ADD_CASE(suite, opens_and_keeps);
  ADD_CASE(suite, takes_the_first_folder_that_has_it);
  ADD_CASE(suite, modules_do_not_meet);
  ADD_CASE(suite, says_what_is_wrong);
  ADD_CASE(suite, says_where_it_looked);
  ADD_CASE(suite, threads_open_one);
  return harness_finish("module");
}
