// sums.cu: dots, norms, and the second half of every sum over rows.
#include "gpu/kernels.h"
#include "gpu/launch.cuh"
#include "gpu/reduce.cuh"

#define SPEIG_TEMPLATE "gpu/sums.t.cuh"
#include "gpu/instantiate.cuh"

// total[i] = sum over g of partial[i * groups + g], one block for each i
extern "C" __global__ void __launch_bounds__(THREADS)
    add_partials_kernel(int64_t groups, const double *partial, double *total)
{
  const double *own = partial + (int64_t)blockIdx.x * groups;
  double sum = 0;
  for (int64_t g = threadIdx.x; g < groups; g += blockDim.x)
    sum += own[g];
  sum = block_sums<1>(&sum);
  if (threadIdx.x == 0)
    total[blockIdx.x] = sum;
}
SPEIG_KERNEL_TWIN(add_partials_kernel)

// The same for few groups: a thread for each i.
extern "C" __global__ void __launch_bounds__(THREADS)
    add_few_partials_kernel(int64_t count, int64_t groups, const double *partial, double *total)
{
  int64_t i = (int64_t)blockIdx.x * blockDim.x + threadIdx.x;
  double sum = 0;
  if (i >= count)
    return;
#pragma unroll 8
  for (int64_t g = 0; g < groups; ++g)
    sum += partial[i * groups + g];
  total[i] = sum;
}
SPEIG_KERNEL_TWIN(add_few_partials_kernel)

// total[i] = sum of partial[i * width ... (i + 1) * width - 1], as far as there are `count`
extern "C" __global__ void __launch_bounds__(THREADS)
    add_runs_kernel(int64_t count, int64_t width, const double *partial, double *total)
{
  row_range range = group_range(count, width, blockIdx.x);
  double sum = 0;
  for (int64_t i = range.from + threadIdx.x; i < range.to; i += blockDim.x)
    sum += partial[i];
  sum = block_sums<1>(&sum);
  if (threadIdx.x == 0)
    total[blockIdx.x] = sum;
}
SPEIG_KERNEL_TWIN(add_runs_kernel)

// About one wave of blocks on a large device, and at least a thousand rows for each, so that the
// sum over threads is small beside the sum over rows.
extern "C" int64_t gpu_groups(int64_t n, int64_t tasks)
{
  const int64_t BLOCKS = 2048, LEAST = 64, MOST = 1024, ROWS = 1024;
  int64_t groups = BLOCKS / (tasks > 0 ? tasks : 1), rows = (n + ROWS - 1) / ROWS;
  groups = groups < LEAST ? LEAST : groups > MOST ? MOST : groups;
  return groups < rows ? groups : rows;
}

extern "C" int64_t gpu_group_rows(int64_t n, int64_t groups)
{
  int64_t rows = (n + groups - 1) / groups;
  return (rows + 31) / 32 * 32;
}

extern "C" cudaError_t gpu_add_partials(const backend *be, int64_t groups, int64_t count,
                                        const double *partial, double *total)
{
  const int64_t FEW = 32;
  if (groups <= FEW)
    return launch(add_few_partials_kernel, (unsigned)((count + 63) / 64), 64, 0,
                  gpu_state_of(be)->stream, count, groups, partial, total);
  return launch(add_partials_kernel, (unsigned)count, threads_for(groups), 0,
                gpu_state_of(be)->stream, groups, partial, total);
}

extern "C" cudaError_t gpu_add_many(const backend *be, int64_t count, double *partial,
                                    double *total)
{
  const int64_t LEAST = 1024; // numbers worth a block of their own
  cudaStream_t stream = gpu_state_of(be)->stream;
  int64_t runs = (count + LEAST - 1) / LEAST, width;
  cudaError_t error;
  if (runs <= 2)
    return launch(add_runs_kernel, 1, threads_for(count), 0, stream, count, count,
                  (const double *)partial, total);
  runs = runs < GPU_RUNS ? runs : (int64_t)GPU_RUNS;
  width = (count + runs - 1) / runs;
  error = launch(add_runs_kernel, (unsigned)runs, THREADS, 0, stream, count, width,
                 (const double *)partial, partial + count);
  if (error != cudaSuccess)
    return error;
  return launch(add_runs_kernel, 1, THREADS, 0, stream, runs, runs,
                (const double *)(partial + count), total);
}

extern "C" cudaError_t gpu_dots(const multivec *X, const multivec *Y, int64_t groups,
                                double *partial)
{
  const int32_t MOST = 32768;
  for (int32_t j = 0; j < X->p; j += MOST) {
    int32_t count = X->p - j < MOST ? X->p - j : MOST;
    cudaError_t error = BY_TYPE(X->be, dots, X, Y, j, count, groups, partial);
    if (error != cudaSuccess)
      return error;
  }
  return cudaSuccess;
}

extern "C" cudaError_t gpu_axpy_square(double a, const multivec *x, multivec *y, int64_t groups,
                                       double *partial)
{
  return BY_TYPE(x->be, axpy_square, a, x, y, groups, partial);
}

extern "C" cudaError_t gpu_largest(const multivec *x, int64_t groups, double *partial)
{
  return BY_TYPE(x->be, largest, x, groups, partial);
}

extern "C" cudaError_t gpu_scaled_square(int exponent, const multivec *x, int64_t groups,
                                         double *partial)
{
  return BY_TYPE(x->be, scaled_square, exponent, x, groups, partial);
}
