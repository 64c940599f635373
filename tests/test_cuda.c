/* test_cuda.c: what is said where there is no CUDA device, and why. What is computed on one is
 * tested by the programs that run on every device.                                              */
#define _POSIX_C_SOURCE 200809L
#include "harness.h"

#include "backend/backend.h"

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

int main(void)
{
  CU_pSuite suite;
  harness_start();
  suite = harness_suite("cuda");
  ADD_CASE(suite, a_missing_driver_is_named);
  ADD_CASE(suite, a_library_that_is_no_driver_is_named);
  return harness_finish("cuda");
}
