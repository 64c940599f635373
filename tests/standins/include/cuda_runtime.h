/*
 * cuda_runtime.h (stand-in): the CUDA C++ that speig's kernels are written in, for g++. A kernel
 * compiled against this header is an ordinary function; the emulator (emulator.cc) calls it once
 * per thread of the grid, each thread on a stack of its own where it has to wait for others.
 *
 * Shared arrays are static: blocks run one after another. Whatever is not here is not to be used in
 * src/gpu; floating-point atomics are left out on purpose (their sums depend on the order).
 */
#ifndef STANDINS_CUDA_RUNTIME_H
#define STANDINS_CUDA_RUNTIME_H

#include "cuda_runtime_api.h"

#ifdef __cplusplus
#include <cmath>
#include <cstdint>
#include <cstring>
#include <functional>
#include <tuple>
#include <type_traits>
#include <utility>

#define __global__
#define __device__
#define __host__
#define __constant__
#define __shared__ static
#define __forceinline__ inline __attribute__((always_inline))
#define __launch_bounds__(...)
#define __align__(bytes) __attribute__((aligned(bytes)))

/* ------------------------------------------------------------ where a thread is, how it waits */

/* What the scheduler keeps current for the thread that runs, and for its block. */
struct emu_position {
  uint3 thread;
  unsigned lane;
};
struct emu_block {
  uint3 block;
  dim3 block_dim, grid_dim;
  void *shared; /* dynamic shared memory */
};
/* Whatever is exchanged in a warp. */
struct emu_value {
  unsigned long long bits[2];
};
enum emu_barrier { emu_plain, emu_any, emu_all, emu_count };

#define EMU_SHARED __attribute__((visibility("default")))
extern "C" {
EMU_SHARED extern emu_position *emu_here;
EMU_SHARED extern emu_block emu_now;
/* The place (file and line) tells barriers apart: threads that meet at different ones diverged. */
EMU_SHARED int emu_block_barrier(emu_barrier kind, int predicate, const char *file, int line);
/* All lanes in the mask meet; each gets the value that `source` brought. */
EMU_SHARED emu_value emu_exchange(unsigned mask, emu_value value, int source, const char *file,
                                  int line);
EMU_SHARED unsigned emu_ballot(unsigned mask, int predicate, const char *file, int line);
}

static const int warpSize = 32;
#define threadIdx (emu_here->thread)
#define blockIdx (emu_now.block)
#define blockDim (emu_now.block_dim)
#define gridDim (emu_now.grid_dim)

#define __syncthreads() ((void)emu_block_barrier(emu_plain, 0, __FILE__, __LINE__))
#define __syncthreads_or(p) emu_block_barrier(emu_any, (p) != 0, __FILE__, __LINE__)
#define __syncthreads_and(p) emu_block_barrier(emu_all, (p) != 0, __FILE__, __LINE__)
#define __syncthreads_count(p) emu_block_barrier(emu_count, (p) != 0, __FILE__, __LINE__)

/* A place in the source, so that arguments with defaults can follow it in a macro. */
struct emu_place {
  const char *file;
  int line;
  void syncwarp(unsigned mask = 0xffffffffu) const
  {
    emu_ballot(mask, 0, file, line);
  }
};
#define __syncwarp(...) (emu_place{ __FILE__, __LINE__ }.syncwarp(__VA_ARGS__))
#define __ballot_sync(mask, p) emu_ballot(mask, (p) != 0, __FILE__, __LINE__)
#define __any_sync(mask, p) (emu_ballot(mask, (p) != 0, __FILE__, __LINE__) != 0)
#define __all_sync(mask, p) (emu_ballot(mask, !(p), __FILE__, __LINE__) == 0)

/* Lanes of a segment of `width`; a lane that would read outside its segment reads itself. */
template <class T>
static inline T emu_shuffle(const char *file, int line, unsigned mask, T value, int source)
{
  static_assert(std::is_trivially_copyable<T>::value && sizeof(T) <= 16, "shuffled type");
  emu_value packed = {};
  memcpy(&packed, &value, sizeof value);
  packed = emu_exchange(mask, packed, source, file, line);
  memcpy(&value, &packed, sizeof value);
  return value;
}
static inline int emu_lane_of(int source, int width = 32)
{
  const int lane = (int)emu_here->lane;
  return (lane & ~(width - 1)) | (source & (width - 1));
}
static inline int emu_lane_down(unsigned delta, int width = 32)
{
  const int lane = (int)emu_here->lane, to = lane + (int)delta;
  return to / width == lane / width ? to : lane;
}
static inline int emu_lane_up(unsigned delta, int width = 32)
{
  const int lane = (int)emu_here->lane, to = lane - (int)delta;
  return to >= (lane & ~(width - 1)) ? to : lane;
}
static inline int emu_lane_xor(int bits, int width = 32)
{
  const int lane = (int)emu_here->lane, to = lane ^ bits;
  return to / width <= lane / width ? to : lane;
}
#define __shfl_sync(mask, value, ...)                                                              \
  emu_shuffle(__FILE__, __LINE__, mask, value, emu_lane_of(__VA_ARGS__))
#define __shfl_down_sync(mask, value, ...)                                                         \
  emu_shuffle(__FILE__, __LINE__, mask, value, emu_lane_down(__VA_ARGS__))
#define __shfl_up_sync(mask, value, ...)                                                           \
  emu_shuffle(__FILE__, __LINE__, mask, value, emu_lane_up(__VA_ARGS__))
#define __shfl_xor_sync(mask, value, ...)                                                          \
  emu_shuffle(__FILE__, __LINE__, mask, value, emu_lane_xor(__VA_ARGS__))

static inline void __threadfence(void)
{
}
static inline void __threadfence_block(void)
{
}

/* ------------------------------------------------------------------- atomics on integers only */

#define EMU_ATOMIC(name, expression)                                                               \
  template <class T, class U> static inline T name(T *address, U operand)                          \
  {                                                                                                \
    static_assert(std::is_integral<T>::value, "atomics on integers only: order must not matter");  \
    const T old = *address, value = (T)operand;                                                    \
    *address = (expression);                                                                       \
    return old;                                                                                    \
  }
EMU_ATOMIC(atomicAdd, (T)(old + value))
EMU_ATOMIC(atomicSub, (T)(old - value))
EMU_ATOMIC(atomicMax, old > value ? old : value)
EMU_ATOMIC(atomicMin, old < value ? old : value)
EMU_ATOMIC(atomicAnd, (T)(old &value))
EMU_ATOMIC(atomicOr, (T)(old | value))
EMU_ATOMIC(atomicXor, (T)(old ^ value))
EMU_ATOMIC(atomicExch, value)
EMU_ATOMIC(atomicInc, (T)(old >= value ? 0 : old + 1))
template <class T, class U, class V> static inline T atomicCAS(T *address, U expected, V desired)
{
  static_assert(std::is_integral<T>::value, "atomics on integers only");
  const T old = *address;
  if (old == (T)expected)
    *address = (T)desired;
  return old;
}

/* -------------------------------------------------------------- arithmetic and bits of CUDA C++ */

template <class T> static inline T __ldg(const T *address)
{
  return *address;
}
template <class T> static inline T __ldcs(const T *address)
{
  return *address;
}
template <class T> static inline void __stcs(T *address, T value)
{
  *address = value;
}
template <class A, class B> static inline std::common_type_t<A, B> min(A a, B b)
{
  return b < a ? b : a;
}
template <class A, class B> static inline std::common_type_t<A, B> max(A a, B b)
{
  return a < b ? b : a;
}
static inline int __popc(unsigned x)
{
  return __builtin_popcount(x);
}
static inline int __popcll(unsigned long long x)
{
  return __builtin_popcountll(x);
}
static inline int __ffs(int x)
{
  return __builtin_ffs(x);
}
static inline int __clz(int x)
{
  return x ? __builtin_clz((unsigned)x) : 32;
}
static inline int __clzll(long long x)
{
  return x ? __builtin_clzll((unsigned long long)x) : 64;
}
static inline unsigned __umulhi(unsigned a, unsigned b)
{
  return (unsigned)((uint64_t)a * b >> 32);
}
static inline unsigned long long __umul64hi(unsigned long long a, unsigned long long b)
{
  __extension__ typedef unsigned __int128 wide;
  return (unsigned long long)((wide)a * b >> 64);
}
template <class To, class From> static inline To emu_bits(From from)
{
  static_assert(sizeof(To) == sizeof(From), "same size");
  To to;
  memcpy(&to, &from, sizeof to);
  return to;
}
static inline long long __double_as_longlong(double x)
{
  return emu_bits<long long>(x);
}
static inline double __longlong_as_double(long long x)
{
  return emu_bits<double>(x);
}
static inline int __float_as_int(float x)
{
  return emu_bits<int>(x);
}
static inline unsigned __float_as_uint(float x)
{
  return emu_bits<unsigned>(x);
}
static inline float __int_as_float(int x)
{
  return emu_bits<float>(x);
}
static inline float __uint_as_float(unsigned x)
{
  return emu_bits<float>(x);
}
#define EMU_ROUNDED(prefix, scalar, fused)                                                         \
  static inline scalar __##prefix##add_rn(scalar a, scalar b)                                      \
  {                                                                                                \
    return a + b;                                                                                  \
  }                                                                                                \
  static inline scalar __##prefix##sub_rn(scalar a, scalar b)                                      \
  {                                                                                                \
    return a - b;                                                                                  \
  }                                                                                                \
  static inline scalar __##prefix##mul_rn(scalar a, scalar b)                                      \
  {                                                                                                \
    return a * b;                                                                                  \
  }                                                                                                \
  static inline scalar __##prefix##div_rn(scalar a, scalar b)                                      \
  {                                                                                                \
    return a / b;                                                                                  \
  }                                                                                                \
  static inline scalar __##prefix##sqrt_rn(scalar a)                                               \
  {                                                                                                \
    return (scalar)sqrt(a);                                                                        \
  }                                                                                                \
  static inline scalar fused(scalar a, scalar b, scalar c)                                         \
  {                                                                                                \
    return std::fma(a, b, c);                                                                      \
  }
EMU_ROUNDED(d, double, __fma_rn)
EMU_ROUNDED(f, float, __fmaf_rn)
static inline double rsqrt(double x)
{
  return 1.0 / sqrt(x);
}
static inline float rsqrtf(float x)
{
  return 1.0f / sqrtf(x);
}
#define EMU_MAKE2(name, scalar)                                                                    \
  static inline name make_##name(scalar x, scalar y)                                               \
  {                                                                                                \
    return name{ x, y };                                                                           \
  }
#define EMU_MAKE4(name, scalar)                                                                    \
  static inline name make_##name(scalar x, scalar y, scalar z, scalar w)                           \
  {                                                                                                \
    return name{ x, y, z, w };                                                                     \
  }
EMU_MAKE2(int2, int)
EMU_MAKE2(uint2, unsigned)
EMU_MAKE2(float2, float)
EMU_MAKE2(double2, double)
EMU_MAKE2(longlong2, long long)
EMU_MAKE2(ulonglong2, unsigned long long)
EMU_MAKE4(int4, int)
EMU_MAKE4(uint4, unsigned)
EMU_MAKE4(float4, float)

/* ------------------------------------------------------------------------- kernels by name */

/* A launch bound to its arguments, and the bad pointer among them, if any. */
typedef std::function<void()> emu_call;
typedef std::function<emu_call(void **arguments, const void **pointers, int *count)> emu_binder;
/* Makes a kernel known by name (for the module that nvcc built, whose stubs the runtime knows by
 * name) and by address (for the module that g++ built). */
EMU_SHARED void emu_register(const char *name, const void *function, emu_binder bind);

template <class P> static inline void emu_note(P, const void **, int *)
{
}
template <class P> static inline void emu_note(P *pointer, const void **pointers, int *count)
{
  if (*count < 32)
    pointers[(*count)++] = (const void *)pointer;
}

template <class... P, size_t... I>
static emu_call emu_bind(void (*kernel)(P...), void **arguments, const void **pointers, int *count,
                         std::index_sequence<I...>)
{
  std::tuple<P...> values(*(std::remove_const_t<P> *)arguments[I]...);
  (emu_note(std::get<I>(values), pointers, count), ...);
  (void)arguments, (void)pointers, (void)count;
  return [kernel, values] { std::apply(kernel, values); };
}

struct emu_registrar {
  template <class... P> emu_registrar(const char *name, void (*kernel)(P...))
  {
    emu_register(
        name, (const void *)kernel, [kernel](void **arguments, const void **pointers, int *count) {
          return emu_bind(kernel, arguments, pointers, count, std::index_sequence_for<P...>());
        });
  }
};

/* What twin.awk makes of kernel<<<grid, block, shared, stream>>>(arguments...). */
template <class... P> struct emu_launcher {
  void (*kernel)(P...);
  dim3 grid, block;
  size_t shared;
  cudaStream_t stream;
  template <class... A> void operator()(A... arguments) const
  {
    std::tuple<P...> values(static_cast<P>(arguments)...);
    launch(values, std::index_sequence_for<P...>());
  }
  template <size_t... I> void launch(std::tuple<P...> &values, std::index_sequence<I...>) const
  {
    void *packed[] = { (void *)&std::get<I>(values)... };
    (void)cudaLaunchKernel((const void *)kernel, grid, block, packed, shared, stream);
  }
};
template <class... P>
emu_launcher<P...> emu_launch(void (*kernel)(P...), dim3 grid, dim3 block, size_t shared = 0,
                              cudaStream_t stream = nullptr)
{
  return emu_launcher<P...>{ kernel, grid, block, shared, stream };
}

#define EMU_TWIN(kernel) static const emu_registrar emu_registrar_of_##kernel(#kernel, kernel);
#define SPEIG_KERNEL_TWIN(kernel) EMU_TWIN(kernel)
#define SPEIG_DYN_SHARED(T, name) T *name = (T *)emu_now.shared

#endif
#endif
