// mul.t.cuh: Y = alpha X C + beta Y for tall X and small C.
//
// A thread owns a row, a block a tile of MUL_TILE columns of Y: the row's sums stay in registers
// while X's columns pass by, and C's tile stays in shared memory, MUL_STEP rows of it at a time.
// Bytes: X once for each tile (from the L2 cache after the first, because the tiles of the same
// rows are neighbours), Y once. Products are formed in the type of the blocks.

extern "C" __global__ void __launch_bounds__(THREADS)
    TYPED(mul_kernel)(int64_t n, int32_t p, int32_t q, int32_t tiles, double alpha, const SCALAR *X,
                      int64_t ldx, const WIDE *C, double beta, SCALAR *Y, int64_t ldy)
{
  constexpr int32_t TILE = IS_COMPLEX ? MUL_TILE / 2 : MUL_TILE;
  __shared__ SCALAR share[MUL_STEP][TILE];
  int32_t first = (int32_t)(blockIdx.x % tiles) * TILE;
  int32_t width = q - first < TILE ? q - first : TILE;
  int64_t i = (int64_t)(blockIdx.x / tiles) * THREADS + threadIdx.x;
  SCALAR sum[TILE];
  WIDE zero;
  clear(zero);
#pragma unroll
  for (int t = 0; t < TILE; ++t)
    narrow(zero, sum[t]);
  for (int32_t k0 = 0; k0 < p; k0 += MUL_STEP) {
    int32_t steps = p - k0 < MUL_STEP ? p - k0 : MUL_STEP;
    __syncthreads();
    for (int32_t s = threadIdx.x; s < MUL_STEP * TILE; s += THREADS) {
      int32_t k = s / TILE, t = s % TILE;
      narrow(k < steps && t < width ? C[k0 + k + (int64_t)(first + t) * p] : zero, share[k][t]);
    }
    __syncthreads();
    if (i < n)
      for (int32_t k = 0; k < steps; ++k) {
        SCALAR x = X[i + (k0 + k) * ldx];
#pragma unroll
        for (int t = 0; t < TILE; ++t)
          add_same(sum[t], x, share[k][t]);
      }
  }
  if (i < n)
    for (int t = 0; t < width; ++t) {
      SCALAR *y = Y + i + (first + t) * ldy;
      WIDE value = times_real(alpha, widen(sum[t]));
      narrow(beta == 0 ? value : plus(value, times_real(beta, widen(*y))), *y);
    }
}
SPEIG_KERNEL_TWIN(TYPED(mul_kernel))

static cudaError_t TYPED(mul)(double alpha, const multivec *X, const double *C, double beta,
                              multivec *Y)
{
  constexpr int32_t TILE = IS_COMPLEX ? MUL_TILE / 2 : MUL_TILE;
  int64_t tiles = (Y->p + TILE - 1) / TILE, rows = (X->n + THREADS - 1) / THREADS;
  return launch(TYPED(mul_kernel), (unsigned)(tiles * rows), THREADS, 0, stream_of(X), X->n, X->p,
                Y->p, (int32_t)tiles, alpha, (const SCALAR *)X->data, X->ld,
                (const WIDE *)(const void *)C, beta, (SCALAR *)Y->data, Y->ld);
}
