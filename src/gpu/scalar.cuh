// scalar.cuh: arithmetic of the four scalar types on the device.
//
// Kernels are written once in terms of SCALAR, REAL and WIDE (its double precision companion, in
// which sums run) and the functions below, and included four times by instantiate.cuh.
#ifndef SPEIG_SRC_GPU_SCALAR_CUH
#define SPEIG_SRC_GPU_SCALAR_CUH

#include <cuda_runtime.h>
#include <stdint.h>

// As in C, C++ and Fortran: the real part first; aligned, so that one access moves it.
template <class R> struct __align__(2 * sizeof(R)) complex_of
{
  R re, im;
};
typedef complex_of<float> complex_c;
typedef complex_of<double> complex_z;

static __device__ __forceinline__ double real_part(float x)
{
  return (double)x;
}
static __device__ __forceinline__ double real_part(double x)
{
  return x;
}
template <class R> static __device__ __forceinline__ double real_part(complex_of<R> x)
{
  return (double)x.re;
}
static __device__ __forceinline__ double imaginary_part(double)
{
  return 0;
}
template <class R> static __device__ __forceinline__ double imaginary_part(complex_of<R> x)
{
  return (double)x.im;
}

// double precision <-> storage
static __device__ __forceinline__ double widen(float x)
{
  return (double)x;
}
static __device__ __forceinline__ double widen(double x)
{
  return x;
}
template <class R> static __device__ __forceinline__ complex_z widen(complex_of<R> x)
{
  complex_z y = { (double)x.re, (double)x.im };
  return y;
}
static __device__ __forceinline__ void narrow(double x, float &y)
{
  y = (float)x;
}
static __device__ __forceinline__ void narrow(double x, double &y)
{
  y = x;
}
template <class R> static __device__ __forceinline__ void narrow(complex_z x, complex_of<R> &y)
{
  y.re = (R)x.re;
  y.im = (R)x.im;
}

static __device__ __forceinline__ void clear(double &x)
{
  x = 0;
}
static __device__ __forceinline__ void clear(complex_z &x)
{
  x.re = x.im = 0;
}
static __device__ __forceinline__ double plus(double a, double b)
{
  return a + b;
}
static __device__ __forceinline__ complex_z plus(complex_z a, complex_z b)
{
  complex_z c = { a.re + b.re, a.im + b.im };
  return c;
}
// a real number times x
static __device__ __forceinline__ double times_real(double a, double x)
{
  return a * x;
}
static __device__ __forceinline__ complex_z times_real(double a, complex_z x)
{
  complex_z y = { a * x.re, a * x.im };
  return y;
}
// sum += a b
static __device__ __forceinline__ void add_product(double &sum, double a, double b)
{
  sum += a * b;
}
static __device__ __forceinline__ void add_product(complex_z &sum, complex_z a, complex_z b)
{
  sum.re += a.re * b.re - a.im * b.im;
  sum.im += a.re * b.im + a.im * b.re;
}
// sum += conj(a) b
static __device__ __forceinline__ void add_conj_product(double &sum, double a, double b)
{
  sum += a * b;
}
static __device__ __forceinline__ void add_conj_product(complex_z &sum, complex_z a, complex_z b)
{
  sum.re += a.re * b.re + a.im * b.im;
  sum.im += a.re * b.im - a.im * b.re;
}
// Re conj(a) b
static __device__ __forceinline__ double real_dot(double a, double b)
{
  return a * b;
}
static __device__ __forceinline__ double real_dot(complex_z a, complex_z b)
{
  return a.re * b.re + a.im * b.im;
}

#endif
