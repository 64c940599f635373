// spmv.cu: sparse matrix times vector and block, fused with what a Lanczos or Chebyshev step adds.
#include "gpu/kernels.h"
#include "gpu/launch.cuh"
#include "gpu/reduce.cuh"
#include "gpu/scalar.cuh"

static const int SPMV_PANEL = 4; // columns multiplied at once; half as many complex ones

#define SPEIG_TEMPLATE "gpu/spmv.t.cuh"
#include "gpu/instantiate.cuh"

extern "C" int64_t gpu_spmv_dots(const gpu_matrix *A)
{
  return A->pieces + A->longs;
}

extern "C" size_t gpu_spmv_sums(const gpu_matrix *A)
{
  return (size_t)A->segments * SPMV_PANEL * sizeof(complex_z) / 2;
}

extern "C" cudaError_t gpu_spmv(const gpu_matrix *A, double alpha, const multivec *X, double gamma,
                                const multivec *Z, double beta, multivec *Y, double *dots,
                                void *sums)
{
  return BY_TYPE(X->be, spmv, A, alpha, X, gamma, Z, beta, Y, dots, sums);
}
