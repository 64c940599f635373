// settle.cu: after a sweep of Gram-Schmidt: is one more needed, does the run go on?
#include "gpu/kernels.h"
#include "gpu/launch.cuh"
#include "gpu/reduce.cuh"

#include <float.h>

extern "C" __global__ void run_start_kernel(gpu_run *run, double norm_op, double huge, double eps)
{
  run->norm_op = norm_op;
  run->huge = huge;
  run->eps = eps;
  run->inverse = 1;
  run->stopped = -1;
  run->again = 0;
  run->arrived = 0;
}
SPEIG_KERNEL_TWIN(run_start_kernel)

extern "C" __global__ void run_stop_kernel(gpu_run *run, int32_t j)
{
  if (run->stopped < 0)
    run->stopped = j;
}
SPEIG_KERNEL_TWIN(run_stop_kernel)

// max |R_k| over the columns, by one block; `sums` were written by other blocks of this launch.
static __device__ double largest_entry(const volatile double *sums, int32_t columns, int parts)
{
  __shared__ double share[THREADS];
  double largest = 0;
  for (int32_t k = threadIdx.x; k < columns; k += blockDim.x)
    largest = larger(largest, parts == 2 ? hypot(sums[2 * k], sums[2 * k + 1]) : fabs(sums[k]));
  share[threadIdx.x] = largest;
  for (int step = blockDim.x / 2; step > 0; step /= 2) {
    __syncthreads();
    if ((int)threadIdx.x < step)
      share[threadIdx.x] = larger(share[threadIdx.x], share[threadIdx.x + step]);
  }
  __syncthreads();
  return share[0];
}

// A sum of squares outside of this range may have over- or underflowed: the host sees to it.
static __device__ bool square_is_safe(double square)
{
  return square > 0x1p-900 && square < 0x1p1000;
}

static __device__ void decide(gpu_run *run, const gpu_arrays &arrays, int second, int32_t last,
                              int32_t j, double largest, double square)
{
  double norm = sqrt(square), alpha = arrays.coefficient[0][last];
  bool orthogonal = largest <= 2 * run->eps * norm;
  if (second)
    alpha += arrays.coefficient[1][last];
  run->again = !orthogonal && !second;
  if (run->again)
    return;
  arrays.diag[j] = alpha;
  arrays.off[j] = norm;
  run->norm_op = fmax(run->norm_op, fmax(fabs(alpha), norm));
  run->inverse = 1 / norm;
  if (!orthogonal || !square_is_safe(square) || !(fabs(alpha) <= DBL_MAX) ||
      fabs(alpha) > run->huge || norm > run->huge || norm <= 4 * run->eps * run->norm_op)
    run->stopped = j;
}

// Block i adds up sum number i; the one that is through last decides.
extern "C" __global__ void __launch_bounds__(THREADS)
    run_settle_kernel(gpu_run *run, gpu_arrays arrays, int second, int parts, int32_t columns,
                      int32_t j, int64_t groups, const double *partial)
{
  __shared__ int last;
  const double *own = partial + (int64_t)blockIdx.x * groups;
  double *sums = arrays.coefficient[second ? 2 : 1];
  double sum = 0, largest;
  if (run->stopped >= 0 || (second && !run->again))
    return;
  for (int64_t g = threadIdx.x; g < groups; g += blockDim.x)
    sum += own[g];
  sum = block_sums<1>(&sum);
  if (threadIdx.x == 0) {
    sums[blockIdx.x] = sum;
    __threadfence();
    last = atomicAdd(&run->arrived, 1u) == gridDim.x - 1;
  }
  __syncthreads();
  if (!last)
    return;
  __threadfence();
  largest = largest_entry(sums, columns, parts);
  if (threadIdx.x == 0) {
    run->arrived = 0;
    decide(run, arrays, second, (columns - 1) * parts, j, largest,
           ((const volatile double *)sums)[columns * parts]);
  }
}
SPEIG_KERNEL_TWIN(run_settle_kernel)

extern "C" cudaError_t gpu_run_start(const backend *be, gpu_run *run, double norm_op, double huge,
                                     double eps)
{
  return launch(run_start_kernel, 1, 1, 0, gpu_state_of(be)->stream, run, norm_op, huge, eps);
}

extern "C" cudaError_t gpu_run_stop(const backend *be, gpu_run *run, int32_t j)
{
  return launch(run_stop_kernel, 1, 1, 0, gpu_state_of(be)->stream, run, j);
}

extern "C" cudaError_t gpu_run_settle(const backend *be, gpu_run *run, const gpu_arrays *arrays,
                                      int second, int32_t columns, int32_t j, int64_t groups,
                                      const double *partial)
{
  int parts = gpu_is_complex(be) ? 2 : 1;
  return launch(run_settle_kernel, (unsigned)(columns * parts + 1), threads_for(groups), 0,
                gpu_state_of(be)->stream, run, *arrays, second, parts, columns, j, groups, partial);
}
