/* libcuda.c: the fake driver, so much of it as a program asks before it opens anything heavy. */
#include <stdlib.h>

#define SHARED __attribute__((visibility("default")))

enum { CUDA_SUCCESS = 0, CUDA_ERROR_INVALID_VALUE = 1, CUDA_ERROR_NO_DEVICE = 100 };

static int setting(const char *name, int otherwise)
{
  const char *value = getenv(name);

  return value ? atoi(value) : otherwise;
}

SHARED int cuInit(unsigned flags);
SHARED int cuDriverGetVersion(int *version);
SHARED int cuDeviceGetCount(int *count);

int cuInit(unsigned flags)
{
  if (flags != 0)
    return CUDA_ERROR_INVALID_VALUE;
  return setting("SPEIG_STANDINS_DEVICES", 1) > 0 ? CUDA_SUCCESS : CUDA_ERROR_NO_DEVICE;
}

int cuDriverGetVersion(int *version)
{
  if (!version)
    return CUDA_ERROR_INVALID_VALUE;
  *version = setting("SPEIG_STANDINS_DRIVER", 13000);
  return CUDA_SUCCESS;
}

int cuDeviceGetCount(int *count)
{
  if (!count)
    return CUDA_ERROR_INVALID_VALUE;
  *count = setting("SPEIG_STANDINS_DEVICES", 1);
  return CUDA_SUCCESS;
}
