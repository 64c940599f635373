// gram.cu: Gram matrices of tall blocks. (cuBLAS has no deterministic split of so long an inner
// dimension that would use the whole device, and sums floats in float.)
#include "gpu/kernels.h"
#include "gpu/launch.cuh"
#include "gpu/reduce.cuh"

static const int32_t GRAM_DOTS = 8, GRAM_ROWS = 32, GRAM_THREADS = 64;

static bool gram_by_dots(int32_t q)
{
  return q <= 3;
}

// Columns of a tile of products.
static int32_t gram_width(int32_t p, int32_t q)
{
  return p <= 16 && q <= 16 ? 16 : 32;
}

#define SPEIG_TEMPLATE "gpu/gram.t.cuh"
#include "gpu/instantiate.cuh"

extern "C" int64_t gpu_gram_groups(int64_t n, int32_t p, int32_t q)
{
  int64_t width = gram_width(p, q);
  int64_t tasks = gram_by_dots(q) ? (p + GRAM_DOTS - 1) / GRAM_DOTS * (int64_t)q
                                  : (p + width - 1) / width * ((q + width - 1) / width);
  return gpu_groups(n, tasks);
}

extern "C" cudaError_t gpu_gram(const multivec *X, const multivec *Y, int symmetric, int64_t groups,
                                double *partial)
{
  return BY_TYPE(X->be, gram, X, Y, symmetric, groups, partial);
}
