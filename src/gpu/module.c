/* module.c: the module's one exported symbol, and what can be said of a device without using it. */
#include "gpu/state.h"
#include "gpu/table.h"

#include <string.h>

cuda_services gpu_services;

static void start(const cuda_services *services)
{
  gpu_services = *services;
}

static speig_status device_count(int *count)
{
  speig_status st = SPEIG_OK;
  *count = 0;
  CUDA_TRY(NULL, cudaGetDeviceCount(count));
done:
  return st;
}

static speig_status device_read(int ordinal, cuda_device *out)
{
  speig_status st = SPEIG_OK;
  struct cudaDeviceProp properties;
  size_t available = 0, total = 0;
  int before = 0, moved = 0;
  *out = (cuda_device){ .major = 0 };
  CUDA_TRY(NULL, cudaGetDeviceProperties(&properties, ordinal));
  memcpy(out->name, properties.name, sizeof out->name - 1);
  out->major = properties.major;
  out->minor = properties.minor;
  out->processors = properties.multiProcessorCount;
  CUDA_TRY(NULL, cudaDriverGetVersion(&out->driver));
  CUDA_TRY(NULL, cudaRuntimeGetVersion(&out->runtime));
  CUDA_TRY(NULL, cudaGetDevice(&before));
  CUDA_TRY(NULL, cudaSetDevice(ordinal));
  moved = 1;
  CUDA_TRY(NULL, cudaMemGetInfo(&available, &total));
  out->memory_free = (int64_t)available;
  out->memory_total = (int64_t)total;
done:
  if (moved)
    (void)cudaSetDevice(before);
  return st;
}

static const cuda_module module = {
  .abi = CUDA_MODULE_ABI,
  .start = start,
  .tables = { &gpu_table_s, &gpu_table_d, &gpu_table_c, &gpu_table_z },
  .device_count = device_count,
  .device_read = device_read,
};

SPEIG_API const cuda_module *speig_cuda_module_get(void);

const cuda_module *speig_cuda_module_get(void)
{
  return &module;
}
