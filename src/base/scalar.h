/* scalar.h: binds SCALAR, REAL and their companions to one type for a *.t.h template.
 * Deliberately without an include guard; instantiate.h includes it once per type. Opened on its own
 * (an editor, clang-tidy) it binds to double.                                                   */
#include <complex.h>
#include <math.h>

/* glibc defines these for gcc alone; clang has the same builtin. */
#ifndef CMPLX
#define CMPLX(re, im) __builtin_complex((double)(re), (double)(im))
#define CMPLXF(re, im) __builtin_complex((float)(re), (float)(im))
#endif

#undef SCALAR
#undef REAL
#undef IS_COMPLEX
#undef TYPED
#undef CONJ
#undef RE
#undef IM
#undef MAG2
#undef MAKE
#undef DTYPE
#undef DTYPE_TEXT

#if !defined(SCALAR_S) && !defined(SCALAR_D) && !defined(SCALAR_C) && !defined(SCALAR_Z)
#define SCALAR_D
#endif

#if defined(SCALAR_S)
#define SCALAR float
#define REAL float
#define TYPED(name) name##_s
#define DTYPE SPEIG_S
#define DTYPE_TEXT "s"
#elif defined(SCALAR_D)
#define SCALAR double
#define REAL double
#define TYPED(name) name##_d
#define DTYPE SPEIG_D
#define DTYPE_TEXT "d"
#elif defined(SCALAR_C)
#define SCALAR float _Complex
#define REAL float
#define TYPED(name) name##_c
#define DTYPE SPEIG_C
#define DTYPE_TEXT "c"
#else
#define SCALAR double _Complex
#define REAL double
#define TYPED(name) name##_z
#define DTYPE SPEIG_Z
#define DTYPE_TEXT "z"
#endif

#if defined(SCALAR_S) || defined(SCALAR_D)
#define IS_COMPLEX 0
#define CONJ(x) (x)
#define RE(x) (x)
#define IM(x) ((REAL)0)
#define MAG2(x) ((x) * (x))
#define MAKE(re, im) ((void)(im), (REAL)(re)) /* im counts as used */
#elif defined(SCALAR_C)
#define IS_COMPLEX 1
#define CONJ(x) conjf(x)
#define RE(x) crealf(x)
#define IM(x) cimagf(x)
#define MAG2(x) (crealf(x) * crealf(x) + cimagf(x) * cimagf(x))
#define MAKE(re, im) CMPLXF((float)(re), (float)(im))
#else
#define IS_COMPLEX 1
#define CONJ(x) conj(x)
#define RE(x) creal(x)
#define IM(x) cimag(x)
#define MAG2(x) (creal(x) * creal(x) + cimag(x) * cimag(x))
#define MAKE(re, im) CMPLX((re), (im))
#endif

/* A vector register with its lanes reordered by constants, which the compilers spell differently;
 * numbers is the type of as many integers of the lanes' width.                                  */
#undef LANE_SHUFFLE
#if defined(__clang__)
#define LANE_SHUFFLE(numbers, v, ...) __builtin_shufflevector(v, v, __VA_ARGS__)
#else
#define LANE_SHUFFLE(numbers, v, ...) __builtin_shuffle(v, (numbers){ __VA_ARGS__ })
#endif
