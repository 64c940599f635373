// project.cu: one column made orthogonal to many, alone or as part of a run of Lanczos steps whose
// decisions are made on the device.
#include "gpu/batch.h"
#include "gpu/kernels.h"
#include "gpu/launch.cuh"
#include "gpu/reduce.cuh"
#include "gpu/scalar.cuh"

struct project_shape {
  int32_t height, lanes; // 0: does not fit
};

// Nothing is to be done: the run has stopped, or its step needs no second sweep.
static __device__ __forceinline__ bool idle(const gpu_run *run, int second)
{
  return run && (run->stopped >= 0 || (second && !run->again));
}

// A kernel may have 48 KB of shared memory unless it asks for more.
static cudaError_t allow_shared(const void *kernel, size_t bytes)
{
  if (bytes <= 48 * 1024)
    return cudaSuccess;
  return cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, (int)bytes);
}

#define SPEIG_TEMPLATE "gpu/project.t.cuh"
#include "gpu/instantiate.cuh"

// Four blocks on a multiprocessor keep it busy while some of them wait for memory; fewer, and fewer
// rows at a time, when there are many columns.
static project_shape choose_shape(const backend *be, int32_t columns)
{
  static const size_t FIXED = 1024; // what a block has beside what it asks for
  static const int32_t heights[] = { 64, 32, 64, 32, 16, 32, 16 },
                       lanes[] = { 32, 32, 1, 1, 1, 1, 1 };
  static const size_t share[] = { 4, 4, 4, 4, 4, 2, 1 };
  for (int i = 0; i < 7; ++i)
    if (BY_TYPE(be, project_shared, columns, heights[i], lanes[i]) <=
        (gpu_state_of(be)->shared_limit - FIXED) / share[i]) {
      project_shape shape = { heights[i], lanes[i] };
      return shape;
    }
  return project_shape();
}

extern "C" int gpu_project_fits(const backend *be, int32_t columns)
{
  return choose_shape(be, columns).height > 0;
}

extern "C" int64_t gpu_project_groups(int64_t n)
{
  const int64_t ROWS = 128, MOST = 1024;
  int64_t groups = (n + ROWS - 1) / ROWS;
  return groups < MOST ? groups : MOST;
}

extern "C" cudaError_t gpu_project(const gpu_run *run, int second, const multivec *Q,
                                   const double *u, multivec *w, int64_t groups, double *partial)
{
  return BY_TYPE(w->be, project, run, second, Q, u, w, groups, choose_shape(w->be, Q->p), partial);
}

extern "C" cudaError_t gpu_normalize(const gpu_run *run, multivec *w)
{
  return BY_TYPE(w->be, normalize, run, w);
}
