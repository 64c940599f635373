/* selftest.h: the kernels of selftest.cu, launched as src/gpu launches its own. */
#ifndef STANDINS_SELFTEST_H
#define STANDINS_SELFTEST_H

#include <stddef.h>

#include "cuda_runtime_api.h"

enum { selftest_bins = 8 };

cudaError_t launch_axpy(int n, double a, const double *x, double *y, cudaStream_t stream);
/* part[b]: the sum over block b's chunk; `blocks` of them. */
cudaError_t launch_sum(int n, const double *x, double *part, int blocks, cudaStream_t stream);
/* One warp for each row of 32 values: their sum, their maximum, how many are negative. */
cudaError_t launch_rows(int rows, const float *x, float *sum, float *top, int *negative,
                        cudaStream_t stream);
cudaError_t launch_histogram(int n, const int *x, unsigned *bins, cudaStream_t stream);
/* Mirrors each block's values through shared memory and votes. */
cudaError_t launch_mirror(int n, const int *x, int *y, int *all_positive, cudaStream_t stream);

/* Kernels with a mistake each. */
typedef enum selftest_mistake {
  diverged_barrier,
  early_exit,
  stray_lane,
  missing_barrier,
  unordered_sum
} selftest_mistake;
cudaError_t launch_mistake(selftest_mistake which, int n, float *x, cudaStream_t stream);

#endif
