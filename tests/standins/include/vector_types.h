/* vector_types.h (stand-in): CUDA's small vectors, with its alignments. */
#ifndef STANDINS_VECTOR_TYPES_H
#define STANDINS_VECTOR_TYPES_H

#define STANDINS_VECTOR2(name, scalar, bytes)                                                      \
  typedef struct __attribute__((aligned(bytes))) name {                                            \
    scalar x, y;                                                                                   \
  } name;
#define STANDINS_VECTOR4(name, scalar, bytes)                                                      \
  typedef struct __attribute__((aligned(bytes))) name {                                            \
    scalar x, y, z, w;                                                                             \
  } name;

STANDINS_VECTOR2(int2, int, 8)
STANDINS_VECTOR2(uint2, unsigned int, 8)
STANDINS_VECTOR2(float2, float, 8)
STANDINS_VECTOR2(double2, double, 16)
STANDINS_VECTOR2(longlong2, long long, 16)
STANDINS_VECTOR2(ulonglong2, unsigned long long, 16)
STANDINS_VECTOR4(int4, int, 16)
STANDINS_VECTOR4(uint4, unsigned int, 16)
STANDINS_VECTOR4(float4, float, 16)

#endif
