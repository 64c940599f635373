// columns.cu: what is done entry by entry: copies, factors, random numbers. Bound by memory: each
// operand is read or written once.
#include "gpu/kernels.h"
#include "gpu/launch.cuh"
#include "gpu/reduce.cuh"

#include "base/random.h"

// One number per column, handed over with the launch itself: no copy, no waiting.
static const int32_t MOST_FACTORS = 64;
struct factors {
  double value[MOST_FACTORS];
};

static factors factors_of(const double *values, int32_t count)
{
  factors f = {};
  for (int32_t j = 0; j < count; ++j)
    f.value[j] = values[j];
  return f;
}

static __device__ __forceinline__ int64_t first_row()
{
  return (int64_t)blockIdx.x * blockDim.x + threadIdx.x;
}

static __device__ __forceinline__ int64_t row_step()
{
  return (int64_t)gridDim.x * blockDim.x;
}

// Each thread has BATCH rows of a column, or more of a very long one.
static dim3 column_grid(int64_t n, int32_t columns)
{
  const int64_t MOST = 4096, ROWS = BATCH * THREADS;
  int64_t blocks = (n + ROWS - 1) / ROWS;
  return dim3((unsigned)(blocks < MOST ? blocks : MOST), (unsigned)columns);
}

#define SPEIG_TEMPLATE "gpu/columns.t.cuh"
#include "gpu/instantiate.cuh"

// Some columns at a time: a grid has at most 65535 rows of blocks, and factors have their limit.
#define FOR_COLUMNS(X, most, call)                                                                 \
  for (int32_t j = 0; j < (X)->p; j += (most)) {                                                   \
    int32_t count = (X)->p - j < (most) ? (X)->p - j : (most);                                     \
    cudaError_t error = (call);                                                                    \
    if (error != cudaSuccess)                                                                      \
      return error;                                                                                \
  }                                                                                                \
  return cudaSuccess

static const int32_t MOST_COLUMNS = 32768;

extern "C" cudaError_t gpu_copy(const multivec *X, multivec *Y)
{
  FOR_COLUMNS(X, MOST_COLUMNS, BY_TYPE(X->be, copy, X, Y, j, count));
}

extern "C" cudaError_t gpu_zero(multivec *X)
{
  FOR_COLUMNS(X, MOST_COLUMNS, BY_TYPE(X->be, zero, X, j, count));
}

extern "C" cudaError_t gpu_fill_random(uint64_t seed, multivec *X)
{
  FOR_COLUMNS(X, MOST_COLUMNS, BY_TYPE(X->be, fill_random, seed, X, j, count));
}

extern "C" cudaError_t gpu_axpy(const double *a, const multivec *X, multivec *Y)
{
  FOR_COLUMNS(X, MOST_FACTORS, BY_TYPE(X->be, axpy, a, X, Y, j, count));
}

extern "C" cudaError_t gpu_scale(const double *f, multivec *X)
{
  FOR_COLUMNS(X, MOST_FACTORS, BY_TYPE(X->be, scale, f, X, j, count));
}

extern "C" cudaError_t gpu_row_scale(const multivec *d, const multivec *X, multivec *Y)
{
  FOR_COLUMNS(X, MOST_COLUMNS, BY_TYPE(X->be, row_scale, d, X, Y, j, count));
}
