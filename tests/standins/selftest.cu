/* selftest.cu: small kernels that use all that the emulator offers, and some that misuse it. Plain
 * CUDA C++: nvcc compiles the file as well. */
#include "selftest.h"

#include <stdint.h>

#include <tuple>
#include <utility>

#include <cuda_runtime.h>

#ifdef __CUDACC__
#define SPEIG_KERNEL_TWIN(kernel)
#define SPEIG_DYN_SHARED(T, name)                                                                  \
  extern __shared__ __align__(16) unsigned char name##_raw[];                                      \
  T *name = (T *)name##_raw
#endif

#define ALL_LANES 0xffffffffu

template <class... P, size_t... I>
static cudaError_t launch_packed(void (*kernel)(P...), dim3 grid, dim3 block, size_t shared,
                                 cudaStream_t stream, std::tuple<P...> values,
                                 std::index_sequence<I...>)
{
  void *arguments[] = { (void *)&std::get<I>(values)... };
  return cudaLaunchKernel((const void *)kernel, grid, block, arguments, shared, stream);
}

template <class... P, class... A>
static cudaError_t launch(void (*kernel)(P...), unsigned grid, unsigned block, size_t shared,
                          cudaStream_t stream, A... arguments)
{
  return launch_packed(kernel, dim3(grid), dim3(block), shared, stream,
                       std::tuple<P...>(static_cast<P>(arguments)...),
                       std::index_sequence_for<P...>());
}

extern "C" __global__ void selftest_axpy(int n, double a, const double *__restrict__ x, double *y)
{
  for (int64_t i = blockIdx.x * (int64_t)blockDim.x + threadIdx.x; i < n;
       i += (int64_t)gridDim.x * blockDim.x)
    y[i] = a * __ldg(x + i) + y[i];
}
SPEIG_KERNEL_TWIN(selftest_axpy)

cudaError_t launch_axpy(int n, double a, const double *x, double *y, cudaStream_t stream)
{
  return launch(selftest_axpy, 3, 64, 0, stream, n, a, x, y);
}

extern "C" __global__ void selftest_sum(int n, const double *x, double *part)
{
  __shared__ double share[128];
  double sum = 0;
  const int chunk = (n + (int)gridDim.x - 1) / (int)gridDim.x, first = (int)blockIdx.x * chunk;

  for (int i = first + (int)threadIdx.x; i < first + chunk && i < n; i += (int)blockDim.x)
    sum += x[i];
  share[threadIdx.x] = sum;
  __syncthreads();
  for (unsigned half = blockDim.x / 2; half; half /= 2) {
    if (threadIdx.x < half)
      share[threadIdx.x] += share[threadIdx.x + half];
    __syncthreads();
  }
  if (threadIdx.x == 0)
    part[blockIdx.x] = share[0];
}
SPEIG_KERNEL_TWIN(selftest_sum)

cudaError_t launch_sum(int n, const double *x, double *part, int blocks, cudaStream_t stream)
{
  return launch(selftest_sum, (unsigned)blocks, 128, 0, stream, n, x, part);
}

extern "C" __global__ void selftest_rows(int rows, const float *x, float *sum, float *top,
                                         int *negative)
{
  const int row = (int)(blockIdx.x * blockDim.x + threadIdx.x) / 32, lane = (int)threadIdx.x % 32;

  if (row >= rows)
    return; /* whole warps */
  const float value = x[row * 32 + lane];
  float down = value, high = value;
  for (int step = 16; step; step /= 2) {
    down += __shfl_down_sync(ALL_LANES, down, step);
    const float other = __shfl_xor_sync(ALL_LANES, high, step);
    high = other > high ? other : high;
  }
  const unsigned below = __ballot_sync(ALL_LANES, value < 0);
  const float first = __shfl_sync(ALL_LANES, down, 0);
  if (lane == 31) {
    sum[row] = first;
    top[row] = high;
    negative[row] = __popc(below);
  }
}
SPEIG_KERNEL_TWIN(selftest_rows)

cudaError_t launch_rows(int rows, const float *x, float *sum, float *top, int *negative,
                        cudaStream_t stream)
{
  return launch(selftest_rows, (unsigned)(rows + 3) / 4, 128, 0, stream, rows, x, sum, top,
                negative);
}

extern "C" __global__ void selftest_histogram(int n, const int *x, unsigned *bins)
{
  SPEIG_DYN_SHARED(unsigned, local);
  for (unsigned b = threadIdx.x; b < selftest_bins; b += blockDim.x)
    local[b] = 0;
  __syncthreads();
  for (int i = (int)(blockIdx.x * blockDim.x + threadIdx.x); i < n;
       i += (int)(gridDim.x * blockDim.x))
    atomicAdd(&local[x[i] % selftest_bins], 1u);
  __syncthreads();
  for (unsigned b = threadIdx.x; b < selftest_bins; b += blockDim.x)
    atomicAdd(&bins[b], local[b]);
}
SPEIG_KERNEL_TWIN(selftest_histogram)

cudaError_t launch_histogram(int n, const int *x, unsigned *bins, cudaStream_t stream)
{
  return launch(selftest_histogram, 4, 64, selftest_bins * sizeof(unsigned), stream, n, x, bins);
}

extern "C" __global__ void selftest_mirror(int n, const int *x, int *y, int *all_positive)
{
  __shared__ int share[96];
  const int i = (int)(blockIdx.x * blockDim.x + threadIdx.x);

  share[threadIdx.x] = i < n ? x[i] : 1;
  const int positive = __syncthreads_and(share[threadIdx.x] > 0);
  const int value = share[blockDim.x - 1 - threadIdx.x];
  __syncthreads();
  share[threadIdx.x] = value;
  __syncwarp();
  if (i < n)
    y[i] = value;
  if (threadIdx.x == 0)
    all_positive[blockIdx.x] = positive;
}
SPEIG_KERNEL_TWIN(selftest_mirror)

cudaError_t launch_mirror(int n, const int *x, int *y, int *all_positive, cudaStream_t stream)
{
  return launch(selftest_mirror, (unsigned)(n + 95) / 96, 96, 0, stream, n, x, y, all_positive);
}

/* ------------------------------------------------------------------------------------ mistakes */

extern "C" __global__ void selftest_diverged_barrier(int n, float *x)
{
  if ((int)threadIdx.x < n)
    __syncthreads();
  else
    __syncthreads();
  x[threadIdx.x] = 1;
}
SPEIG_KERNEL_TWIN(selftest_diverged_barrier)

extern "C" __global__ void selftest_early_exit(int n, float *x)
{
  if ((int)threadIdx.x >= n)
    return;
  x[threadIdx.x] = __shfl_xor_sync(ALL_LANES, x[threadIdx.x], 1);
}
SPEIG_KERNEL_TWIN(selftest_early_exit)

extern "C" __global__ void selftest_stray_lane(int n, float *x)
{
  if ((int)threadIdx.x < n)
    x[threadIdx.x] = __shfl_sync((1u << n) - 1, x[threadIdx.x], n);
}
SPEIG_KERNEL_TWIN(selftest_stray_lane)

/* Results that depend on which thread comes first. */
extern "C" __global__ void selftest_missing_barrier(int n, float *x)
{
  __shared__ float share[64];
  if (threadIdx.x == 0)
    for (int i = 0; i < 64; ++i)
      share[i] = 0;
  __syncthreads();
  share[threadIdx.x] = (float)threadIdx.x + 1;
  if ((int)threadIdx.x < n)
    x[threadIdx.x] = share[(threadIdx.x + 1) % 64];
}
SPEIG_KERNEL_TWIN(selftest_missing_barrier)

extern "C" __global__ void selftest_unordered_sum(int n, float *x)
{
  if ((int)threadIdx.x < n)
    x[0] += 1.0f / (float)(threadIdx.x + 3);
}
SPEIG_KERNEL_TWIN(selftest_unordered_sum)

cudaError_t launch_mistake(selftest_mistake which, int n, float *x, cudaStream_t stream)
{
  void (*const kernels[])(int, float *) = { selftest_diverged_barrier, selftest_early_exit,
                                            selftest_stray_lane, selftest_missing_barrier,
                                            selftest_unordered_sum };
  return launch(kernels[which], 1, 64, 0, stream, n, x);
}
