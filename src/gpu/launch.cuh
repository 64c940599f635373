// launch.cuh: how kernels are started, named and given shared memory.
//
// The same file is compiled by nvcc for the device and by an ordinary C++ compiler for the tests,
// whose cuda_runtime.h emulates a device: so no <<<>>>, and two macros that the emulation defines
// in its own way.
#ifndef SPEIG_SRC_GPU_LAUNCH_CUH
#define SPEIG_SRC_GPU_LAUNCH_CUH

#include "gpu/state.h"

#include <cuda_runtime.h>
#include <tuple>
#include <utility>

#ifdef __CUDACC__
#define SPEIG_KERNEL_TWIN(kernel) // the emulation finds kernels by these lines
#define SPEIG_DYN_SHARED(T, name)                                                                  \
  extern __shared__ __align__(16) unsigned char name##_bytes[];                                    \
  T *name = (T *)name##_bytes
#endif

static const int THREADS = 256; // of a block, unless a kernel says otherwise

template <class Tuple, size_t... I>
static cudaError_t launch_packed(const void *kernel, dim3 grid, dim3 block, size_t shared,
                                 cudaStream_t stream, Tuple &values, std::index_sequence<I...>)
{
  void *arguments[] = { (void *)&std::get<I>(values)... };
  return cudaLaunchKernel(kernel, grid, block, arguments, shared, stream);
}

// kernel(arguments...) on a grid; nothing at all for an empty one.
template <class... P, class... A>
static cudaError_t launch(void (*kernel)(P...), dim3 grid, dim3 block, size_t shared,
                          cudaStream_t stream, A... arguments)
{
  std::tuple<P...> values(static_cast<P>(arguments)...);
  if (grid.x == 0 || grid.y == 0 || grid.z == 0)
    return cudaSuccess;
  return launch_packed((const void *)kernel, grid, block, shared, stream, values,
                       std::index_sequence_for<P...>());
}

static inline cudaStream_t stream_of(const multivec *X)
{
  return gpu_state_of(X->be)->stream;
}

// name_s(...), name_d(...), name_c(...) or name_z(...), as the backend's type asks
#define BY_TYPE(be, name, ...)                                                                     \
  ((be)->ops->dtype == SPEIG_S   ? name##_s(__VA_ARGS__)                                           \
   : (be)->ops->dtype == SPEIG_D ? name##_d(__VA_ARGS__)                                           \
   : (be)->ops->dtype == SPEIG_C ? name##_c(__VA_ARGS__)                                           \
                                 : name##_z(__VA_ARGS__))

#endif
