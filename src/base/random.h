/* random.h: counter-based random numbers: the number at (seed, row, column) is a hash of the three,
 * so every device, thread count and distribution of rows gives the same block. Mixing function:
 * splitmix64 (Steele, Lea, Flood, OOPSLA 2014).                                */
#ifndef SPEIG_SRC_BASE_RANDOM_H
#define SPEIG_SRC_BASE_RANDOM_H

#include <stdint.h>

#ifdef __CUDACC__ /* the very same functions on a CUDA device */
#define RANDOM_INLINE static __host__ __device__ inline
#else
#define RANDOM_INLINE static inline
#endif

RANDOM_INLINE uint64_t random_mix(uint64_t x)
{
  x += UINT64_C(0x9E3779B97F4A7C15);
  x = (x ^ (x >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
  x = (x ^ (x >> 27)) * UINT64_C(0x94D049BB133111EB);
  return x ^ (x >> 31);
}

/* 64 random bits for one entry; part 0 is the real part, 1 the imaginary part. */
RANDOM_INLINE uint64_t random_bits(uint64_t seed, int64_t row, int64_t col, int part)
{
  uint64_t key = random_mix(seed ^ random_mix((uint64_t)col * 2 + (uint64_t)part));
  return random_mix(key + (uint64_t)row * UINT64_C(0xD1342543DE82EF95));
}

/* Uniform in (-1, 1), 24 random bits: exact in float, so that s and d blocks hold the same numbers.
 */
RANDOM_INLINE double random_uniform(uint64_t seed, int64_t row, int64_t col, int part)
{
  return ((double)(random_bits(seed, row, col, part) >> 40) + 0.5) * 0x1p-23 - 1.0;
}

#endif
