// reduce.cuh: sums over the threads of a block, always in the same order: lanes of a warp by
// exchange, then the warps one after the other.
#ifndef SPEIG_SRC_GPU_REDUCE_CUH
#define SPEIG_SRC_GPU_REDUCE_CUH

#include "gpu/launch.cuh"
#include "gpu/scalar.cuh"

static const unsigned ALL_LANES = 0xffffffffu;

// The number of the thread whose lane differs by `step`
static __device__ __forceinline__ double exchange(double x, int step)
{
  return __shfl_xor_sync(ALL_LANES, x, step);
}
static __device__ __forceinline__ complex_z exchange(complex_z x, int step)
{
  complex_z y = { __shfl_xor_sync(ALL_LANES, x.re, step), __shfl_xor_sync(ALL_LANES, x.im, step) };
  return y;
}

// The sums of COUNT numbers, a power of two up to 32, over the lanes of a warp: lane l returns sum
// l / (32 / COUNT). At each exchange a lane gives away half of its numbers and takes the partner's
// share of the other half, so that 8 sums take 9 exchanges and not 40. The numbers are overwritten.
template <int COUNT, int STEP = 16> static __device__ __forceinline__ double warp_sums(double *x)
{
  if constexpr (COUNT > 1) {
    constexpr int HALF = COUNT / 2;
    bool upper = threadIdx.x & STEP;
#pragma unroll
    for (int i = 0; i < HALF; ++i) {
      double given = upper ? x[i] : x[i + HALF], kept = upper ? x[i + HALF] : x[i];
      x[i] = kept + exchange(given, STEP);
    }
    return warp_sums<HALF, STEP / 2>(x);
  } else if constexpr (STEP > 0) {
    x[0] += exchange(x[0], STEP);
    return warp_sums<1, STEP / 2>(x);
  } else {
    return x[0];
  }
}

// The sums of COUNT numbers over a block, of whole warps and at most THREADS threads; thread i <
// COUNT returns sum i, the others nothing of use. All threads must call; x is overwritten.
template <int COUNT> static __device__ __forceinline__ double block_sums(double *x)
{
  constexpr int LANES = 32 / COUNT; // that return the same sum
  __shared__ double share[COUNT][THREADS / 32];
  int lane = threadIdx.x % 32, warp = threadIdx.x / 32, warps = blockDim.x / 32;
  double total = 0, sum = warp_sums<COUNT>(x);
  __syncthreads(); // the array may still be read from the last call
  if (lane % LANES == 0)
    share[lane / LANES][warp] = sum;
  __syncthreads();
  if (threadIdx.x < COUNT)
    for (int w = 0; w < warps; ++w)
      total += share[threadIdx.x][w];
  return total;
}

// NaN wins, and stays.
static __device__ __forceinline__ double larger(double a, double b)
{
  return b > a || b != b ? b : a;
}

// The rows of group g of `groups`, `rows` each; the last may have fewer.
struct row_range {
  int64_t from, to;
};
static __device__ __forceinline__ row_range group_range(int64_t n, int64_t rows, int64_t g)
{
  row_range range = { g * rows, (g + 1) * rows };
  range.to = range.to < n ? range.to : n;
  return range;
}

// write(i, read(i)) for i = first, first + step, ... below n, BATCH of them read before the first
// is written: what is written might be what is read next, so the compiler could not reorder them,
// and with one number on its way per thread memory would idle half of the time.
static const int BATCH = 4;
template <class Read, class Write>
static __device__ __forceinline__ void for_rows(int64_t first, int64_t n, int64_t step, Read read,
                                                Write write)
{
  int64_t i = first;
  for (; i + (BATCH - 1) * step < n; i += BATCH * step) {
    decltype(read(i)) value[BATCH];
#pragma unroll
    for (int u = 0; u < BATCH; ++u)
      value[u] = read(i + u * step);
#pragma unroll
    for (int u = 0; u < BATCH; ++u)
      write(i + u * step, value[u]);
  }
  for (; i < n; i += step)
    write(i, read(i));
}

// Threads for blocks that add up `count` numbers each: a power of two of warps, one for few.
static inline int threads_for(int64_t count)
{
  int threads = 32;
  while (threads < THREADS && threads < count)
    threads *= 2;
  return threads;
}

#endif
