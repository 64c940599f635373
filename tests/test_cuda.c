/* test_cuda.c: what is said where there is no CUDA device, and why; what is said of one; requests
 * that no device can meet. What is computed on one is tested by the programs that run on every
 * device.                                                                                       */
#define _POSIX_C_SOURCE 200809L
#include "harness.h"

#include "backend/backend.h"
#include "speig/device.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void check_absent(const char *driver, const char *words)
{
  backend *be = NULL;
  const char *before = getenv("SPEIG_CUDA_DRIVER");
  char *kept = before ? strdup(before) : NULL;
  CU_ASSERT_EQUAL(setenv("SPEIG_CUDA_DRIVER", driver, 1), 0);
  CU_ASSERT_EQUAL(backend_open(SPEIG_CUDA, SPEIG_D, 1, &be), SPEIG_ERR_DEVICE);
  CU_ASSERT_PTR_NULL(be);
  CU_ASSERT_PTR_NOT_NULL(strstr(speig_last_error(), words));
  if (kept)
    (void)setenv("SPEIG_CUDA_DRIVER", kept, 1);
  else
    (void)unsetenv("SPEIG_CUDA_DRIVER");
  free(kept);
}

static void a_missing_driver_is_named(void)
{
  check_absent("libno_such_driver.so", "no NVIDIA driver");
  check_absent("libno_such_driver.so", "libno_such_driver.so");
}

static void a_library_that_is_no_driver_is_named(void)
{
  check_absent("libm.so.6", "libm.so.6 has no cuInit");
}

/* ---- with a device ---- */

static int device_is_here(void)
{
  backend *be = NULL;
  const char *required = getenv("SPEIG_TEST_REQUIRE");
  if (backend_open(SPEIG_CUDA, SPEIG_D, 1, &be) == SPEIG_OK) {
    backend_close(&be);
    return 1;
  }
  CU_ASSERT_FALSE(required && strstr(required, "cuda"));
  harness_skip("no CUDA device");
  return 0;
}

static void a_device_is_described(void)
{
  speig_device_info info;
  int count = 0;
  if (!device_is_here())
    return;
  CHECK_OK(speig_device_count(SPEIG_CUDA, &count));
  CU_ASSERT_TRUE(count >= 1);
  CHECK_OK(speig_device_get_info(SPEIG_CUDA, count - 1, &info));
  CU_ASSERT_TRUE(strlen(info.name) > 0 && info.major >= 3 && info.multiprocessors >= 1);
  CU_ASSERT_TRUE(info.memory_free > 0 && info.memory_total >= info.memory_free);
  CU_ASSERT_TRUE(info.runtime >= 11000 && info.driver >= info.runtime / 1000 * 1000);
  CU_ASSERT_EQUAL(speig_device_get_info(SPEIG_CUDA, count, &info), SPEIG_ERR_ARG);
  CU_ASSERT_EQUAL(speig_device_get_info(SPEIG_HOST, 0, &info), SPEIG_ERR_ARG);
}

static void a_number_too_high_is_refused(void)
{
  backend *be = NULL;
  if (!device_is_here())
    return;
  CU_ASSERT_EQUAL(backend_open_at(SPEIG_CUDA, 99, NULL, SPEIG_D, 1, &be), SPEIG_ERR_DEVICE);
  CU_ASSERT_PTR_NULL(be);
  CU_ASSERT_PTR_NOT_NULL(strstr(speig_last_error(), "device number 99"));
}

/* Refused with the numbers, and everything goes on working. */
static void too_large_a_block_is_refused(void)
{
  backend *be = NULL;
  multivec X = { 0 }, small_block = { 0 };
  double norm = 0, ones[5] = { 1, 1, 1, 1, 1 };
  if (!device_is_here())
    return;
  CHECK_OK(backend_open(SPEIG_CUDA, SPEIG_Z, 1, &be));
  CU_ASSERT_EQUAL(mv_alloc(be, INT64_C(1) << 40, 3, "block", &X), SPEIG_ERR_MEMORY);
  CU_ASSERT_PTR_NOT_NULL(strstr(speig_last_error(), "52776558133248 bytes")); /* 3 x 2^40 x 16 */
  CU_ASSERT_PTR_NOT_NULL(strstr(speig_last_error(), "free"));
  CU_ASSERT_EQUAL(mv_alloc(be, INT64_C(1) << 60, 3, "block", &X), SPEIG_ERR_MEMORY);
  mv_free(&X);
  CHECK_OK(mv_alloc(be, 2, 1, "block", &small_block));
  CHECK_OK(mv_upload(ones, 2, &small_block));
  CHECK_OK(mv_norms(&small_block, &norm));
  CU_ASSERT_EQUAL(norm, 2);
  mv_free(&small_block);
  backend_close(&be);
}

int main(void)
{
  CU_pSuite suite;
  harness_start();
  suite = harness_suite("cuda");
  ADD_CASE(suite, a_missing_driver_is_named);
  ADD_CASE(suite, a_library_that_is_no_driver_is_named);
  ADD_CASE(suite, a_device_is_described);
  ADD_CASE(suite, a_number_too_high_is_refused);
  ADD_CASE(suite, too_large_a_block_is_refused);
  return harness_finish("cuda");
}
