/*
 * launch.cc: from a launch to the code that runs. A module built by nvcc tells the runtime the
 * names of its kernels when it is loaded (the compiler's hooks below) and launches by the address
 * of a stub; the code is the twin of that name, in libspeig_cuda.so as g++ built it, which is
 * opened from the folder `twin` beside this library when the first kernel is wanted. A module built
 * by g++ launches by the address of the twin itself.
 */
#include <dlfcn.h>

#include <cstdio>
#include <cstdlib>
#include <map>

#include "cudart.h"
#include "emulator.h"

using namespace standins;

namespace
{

std::map<const void *, std::string> stubs; /* by address, from __cudaRegisterFunction */
std::map<const void *, size_t> dynamic_shared_limits;

void open_twin()
{
  static bool tried;
  if (tried)
    return;
  tried = true;
  std::string path;
  Dl_info self;
  if (const char *given = getenv("SPEIG_STANDINS_TWIN")) {
    path = given;
  } else if (dladdr((const void *)open_twin, &self)) {
    path = self.dli_fname;
    path = path.substr(0, path.rfind('/') + 1) + "twin/libspeig_cuda.so";
  }
  if (!dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL))
    fprintf(stderr, "standins: no twin of the kernels: %s\n", dlerror());
}

const kernel *kernel_of(const void *function)
{
  const kernel *k = kernel_by_address(function);
  auto stub = stubs.find(function);
  if (k || stub == stubs.end())
    return k;
  if (!(k = kernel_by_name(stub->second))) {
    open_twin();
    k = kernel_by_name(stub->second);
  }
  if (!k)
    fprintf(stderr, "standins: kernel %s has no twin (SPEIG_KERNEL_TWIN is missing)\n",
            stub->second.c_str());
  return k;
}

bool geometry_fits(dim3 grid, dim3 block)
{
  const size_t threads = (size_t)block.x * block.y * block.z;
  return grid.x && grid.y && grid.z && threads && threads <= 1024 && block.x <= 1024 &&
         block.y <= 1024 && block.z <= 64 && grid.x <= 2147483647u && grid.y <= 65535 &&
         grid.z <= 65535;
}

/* A kernel that is given a pointer to ordinary host memory kills the device when it runs. */
const void *bad_pointer(const void *const *pointers, int count)
{
  for (int i = 0; i < count; ++i)
    if (pointers[i] && !device_find(pointers[i]) && !pinned_contains(pointers[i]))
      return pointers[i];
  return nullptr;
}

void run_kernel(const kernel *k, dim3 grid, dim3 block, size_t shared, const emu_call &call,
                const std::vector<const void *> &pointers)
{
  if (const void *bad = bad_pointer(pointers.data(), (int)pointers.size())) {
    const std::string where = device_describe(bad);
    fprintf(stderr, "standins: kernel %s: argument %p is not in device memory%s%s\n",
            k->name.c_str(), bad, where.empty() ? "" : ": ", where.c_str());
    return kill_device(cudaErrorIllegalAddress);
  }
  run_grid(k->name, grid, block, shared, call, config().seed);
}

} // namespace

static cudaError_t launch(const void *function, dim3 grid, dim3 block, void **arguments,
                          size_t shared, cudaStream_t stream)
{
  if (!stream_of(stream))
    return cudaErrorInvalidResourceHandle;
  if (!geometry_fits(grid, block))
    return cudaErrorInvalidConfiguration;
  auto limit = dynamic_shared_limits.find(function);
  if (shared > (limit == dynamic_shared_limits.end() ? 49152 : limit->second))
    return cudaErrorInvalidValue;
  const kernel *k = kernel_of(function);
  if (!k)
    return cudaErrorInvalidDeviceFunction;
  const void *pointers[32];
  int count = 0;
  const emu_call call = k->bind(arguments, pointers, &count);
  const std::vector<const void *> given(pointers, pointers + count);
  count_launch();
  return enqueue(stream, k->name.c_str(), [=] { run_kernel(k, grid, block, shared, call, given); });
}

extern "C" {

STANDINS_SHARED cudaError_t cudaLaunchKernel(const void *function, dim3 grid, dim3 block,
                                             void **arguments, size_t shared, cudaStream_t stream)
{
  cudaError_t error;
  {
    entry here(__func__);
    error = here.fails() ? here.error(cudaErrorLaunchOutOfResources)
                         : launch(function, grid, block, arguments, shared, stream);
  }
  return answer(error);
}

STANDINS_SHARED cudaError_t cudaFuncSetAttribute(const void *function, cudaFuncAttribute attribute,
                                                 int value)
{
  entry here(__func__);
  if (here.fails())
    return answer(here.error(cudaErrorUnknown));
  if (attribute == cudaFuncAttributeMaxDynamicSharedMemorySize) {
    if (value < 0 || value > 232448)
      return answer(cudaErrorInvalidValue);
    dynamic_shared_limits[function] = (size_t)value;
  }
  return cudaSuccess;
}

/* ------------------------------------------------- what nvcc puts into the objects it compiles */

STANDINS_SHARED void **__cudaRegisterFatBinary(void *)
{
  static void *handle;
  return &handle;
}

STANDINS_SHARED void __cudaRegisterFatBinaryEnd(void **)
{
}

STANDINS_SHARED void __cudaUnregisterFatBinary(void **)
{
}

STANDINS_SHARED char __cudaInitModule(void **)
{
  return 0;
}

STANDINS_SHARED void __cudaRegisterFunction(void **, const char *stub, char *, const char *name,
                                            int, uint3 *, uint3 *, dim3 *, dim3 *, int *)
{
  stubs[stub] = name;
}

STANDINS_SHARED void __cudaRegisterVar(void **, char *, char *, const char *name, int, size_t, int,
                                       int)
{
  violation("device variable %s: not emulated", name);
}

/* Launches written <<<>>>. */
struct configuration {
  dim3 grid, block;
  size_t shared;
  cudaStream_t stream;
};
static thread_local std::vector<configuration> configurations;

STANDINS_SHARED unsigned __cudaPushCallConfiguration(dim3 grid, dim3 block, size_t shared,
                                                     cudaStream_t stream)
{
  configurations.push_back(configuration{ grid, block, shared, stream });
  return 0;
}

STANDINS_SHARED cudaError_t __cudaPopCallConfiguration(dim3 *grid, dim3 *block, size_t *shared,
                                                       void *stream)
{
  const configuration c = configurations.back();
  configurations.pop_back();
  *grid = c.grid;
  *block = c.block;
  *shared = c.shared;
  *(cudaStream_t *)stream = c.stream;
  return cudaSuccess;
}

STANDINS_SHARED cudaError_t __cudaGetKernel(void **handle, const void *stub)
{
  *handle = (void *)stub;
  return cudaSuccess;
}

STANDINS_SHARED cudaError_t __cudaLaunchKernel(void *handle, dim3 grid, dim3 block,
                                               void **arguments, size_t shared, cudaStream_t stream)
{
  return cudaLaunchKernel(handle, grid, block, arguments, shared, stream);
}

} /* extern "C" */
