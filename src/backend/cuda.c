/* cuda.c: opens the CUDA module, if there is a driver for it. */
#include "backend/cuda.h"

#include "backend/tables.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/module.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#ifndef SPEIG_WITH_CUDA
#define SPEIG_WITH_CUDA 0
#endif

static const cuda_services services = {
  .error_raise = error_raise,
  .error_trace = error_trace,
  .mem_product = mem_product,
  .mem_alloc = mem_alloc,
  .mem_zalloc = mem_zalloc,
  .mem_free = mem_free,
  .mem_claim = mem_claim,
  .mem_unclaim = mem_unclaim,
  .matrix_info = speig_matrix_get_info,
  .matrix_arrays = speig_matrix_arrays,
};

/* Is there a driver that starts? libcuda comes with the kernel's driver, not with the toolkit; the
 * toolkit's stub of the same name says so when it is started. SPEIG_CUDA_DRIVER names another file.
 */
static speig_status driver_start(void)
{
  speig_status st = SPEIG_OK;
  const char *name = getenv("SPEIG_CUDA_DRIVER");
  void *driver = dlopen(name ? name : "libcuda.so.1", RTLD_NOW | RTLD_LOCAL), *found;
  int (*start)(unsigned) = NULL;
  int code;
  if (!driver)
    FAIL(SPEIG_ERR_DEVICE, "no CUDA device: no NVIDIA driver (%s)", dlerror());
  found = dlsym(driver, "cuInit");
  if (!found)
    FAIL(SPEIG_ERR_DEVICE, "no CUDA device: no NVIDIA driver (%s has no cuInit)",
         name ? name : "libcuda.so.1");
  memcpy(&start, &found, sizeof start); /* ISO C has no cast from object to function pointer */
  code = start(0);
  if (code != 0)
    FAIL(SPEIG_ERR_DEVICE, "no CUDA device: the NVIDIA driver does not start, cuInit gives %d%s",
         code,
         code == 100  ? " (no device)"
         : code == 34 ? " (a stub library of the toolkit, no driver)"
                      : "");
done:
  return st; /* the library stays open: the runtime will want it */
}

static void module_start(const cuda_module *module)
{
  static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
  static int started;
  (void)pthread_mutex_lock(&lock);
  if (!started)
    module->start(&services);
  started = 1;
  (void)pthread_mutex_unlock(&lock);
}

speig_status cuda_module_open(const cuda_module **out)
{
  speig_status st = SPEIG_OK;
  const void *table = NULL;
  int count = 0;
  *out = NULL;
  st = driver_start();
  if (st != SPEIG_OK && !SPEIG_WITH_CUDA)
    FAIL(SPEIG_ERR_DEVICE, "this speig was built without CUDA; %s", speig_last_error());
  TRY(st);
  st = module_open("cuda", "speig_cuda_module_get", CUDA_MODULE_ABI, &table);
  if (st != SPEIG_OK)
    FAIL(SPEIG_ERR_DEVICE, "%s%s",
         SPEIG_WITH_CUDA ? "" : "this speig was built without CUDA: ", speig_last_error());
  module_start(table);
  TRY(((const cuda_module *)table)->device_count(&count));
  if (count < 1)
    FAIL(SPEIG_ERR_DEVICE, "no CUDA device: the NVIDIA driver knows none");
  *out = table;
done:
  return st;
}

speig_status backend_cuda_table(speig_dtype dtype, const backend_ops **out)
{
  speig_status st = SPEIG_OK;
  const cuda_module *module = NULL;
  *out = NULL;
  TRY(cuda_module_open(&module));
  *out = module->tables[dtype];
done:
  return st;
}
