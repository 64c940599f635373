// mul.cu: tall blocks times small matrices.
#include "gpu/kernels.h"
#include "gpu/launch.cuh"
#include "gpu/scalar.cuh"

static const int32_t MUL_TILE = 16, MUL_STEP = 32;

// sum += a b in the type itself
template <class R> static __device__ __forceinline__ void add_same(R &sum, R a, R b)
{
  sum += a * b;
}
template <class R>
static __device__ __forceinline__ void add_same(complex_of<R> &sum, complex_of<R> a,
                                                complex_of<R> b)
{
  sum.re += a.re * b.re - a.im * b.im;
  sum.im += a.re * b.im + a.im * b.re;
}

#define SPEIG_TEMPLATE "gpu/mul.t.cuh"
#include "gpu/instantiate.cuh"

extern "C" cudaError_t gpu_mul(double alpha, const multivec *X, const double *coefficients,
                               double beta, multivec *Y)
{
  return BY_TYPE(X->be, mul, alpha, X, coefficients, beta, Y);
}
