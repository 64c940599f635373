// gram.t.cuh: H = X^H Y for tall blocks, in double precision whatever the type.
//
// Few columns in Y (a new basis vector against the basis): gram_dots_kernel, a thread owns rows, a
// block GRAM_DOTS columns of X and one of Y; the sums stay in registers. Bytes: X once, y once and
// then from the L2 cache, since the blocks that share its rows are neighbours.
// Otherwise gram_tile_kernel: GRAM_TILE x GRAM_TILE sums per block, each thread 4 x 4 of them; rows
// pass through shared memory, GRAM_TILE at a time.

#define PARTS (IS_COMPLEX ? 2 : 1)

extern "C" __global__ void __launch_bounds__(THREADS)
    TYPED(gram_dots_kernel)(int64_t n, int64_t rows, int32_t p, int32_t tiles, const SCALAR *X,
                            int64_t ldx, const SCALAR *Y, int64_t ldy, double *partial)
{
  int32_t first = (int32_t)(blockIdx.x % tiles) * GRAM_DOTS, j = (int32_t)(blockIdx.x / tiles);
  int32_t width = p - first < GRAM_DOTS ? p - first : GRAM_DOTS;
  const SCALAR *x = X + first * ldx, *y = Y + j * ldy;
  row_range range = group_range(n, rows, blockIdx.y);
  WIDE sum[GRAM_DOTS];
  double parts[GRAM_DOTS * PARTS], total;
#pragma unroll
  for (int t = 0; t < GRAM_DOTS; ++t)
    clear(sum[t]);
  if (width == GRAM_DOTS) {
    for (int64_t i = range.from + threadIdx.x; i < range.to; i += blockDim.x) {
      WIDE own = widen(y[i]);
#pragma unroll
      for (int t = 0; t < GRAM_DOTS; ++t)
        add_conj_product(sum[t], widen(x[i + t * ldx]), own);
    }
  } else {
    for (int64_t i = range.from + threadIdx.x; i < range.to; i += blockDim.x) {
      WIDE own = widen(y[i]);
#pragma unroll
      for (int t = 0; t < GRAM_DOTS; ++t)
        if (t < width)
          add_conj_product(sum[t], widen(x[i + t * ldx]), own);
    }
  }
#pragma unroll
  for (int t = 0; t < GRAM_DOTS; ++t) {
    parts[t * PARTS] = real_part(sum[t]);
    if (IS_COMPLEX)
      parts[t * PARTS + PARTS - 1] = imaginary_part(sum[t]);
  }
  total = block_sums<GRAM_DOTS * PARTS>(parts);
  if ((int)threadIdx.x < width * PARTS)
    partial[(((int64_t)j * p + first) * PARTS + threadIdx.x) * gridDim.y + blockIdx.y] = total;
}
SPEIG_KERNEL_TWIN(TYPED(gram_dots_kernel))

// Shared memory: rows x columns with one more column, against bank conflicts both ways.
static __device__ __forceinline__ void TYPED(load_tile)(int64_t from, int64_t to, int32_t first,
                                                        int32_t p, const SCALAR *X, int64_t ldx,
                                                        SCALAR (*tile)[GRAM_TILE + 1])
{
  WIDE zero;
  clear(zero);
  for (int s = threadIdx.x; s < GRAM_TILE * GRAM_TILE; s += GRAM_THREADS) {
    int r = s % GRAM_TILE, c = s / GRAM_TILE;
    if (from + r < to && first + c < p)
      tile[r][c] = X[from + r + (first + c) * ldx];
    else
      narrow(zero, tile[r][c]);
  }
}

extern "C" __global__ void __launch_bounds__(GRAM_THREADS)
    TYPED(gram_tile_kernel)(int64_t n, int64_t rows, int32_t p, int32_t q, int32_t tiles,
                            int symmetric, const SCALAR *X, int64_t ldx, const SCALAR *Y,
                            int64_t ldy, double *partial)
{
  constexpr int32_t SIDE = GRAM_TILE / 4; // threads in each direction
  __shared__ SCALAR a[GRAM_TILE][GRAM_TILE + 1], b[GRAM_TILE][GRAM_TILE + 1];
  int32_t down = (int32_t)(blockIdx.x % tiles), right = (int32_t)(blockIdx.x / tiles);
  int32_t tx = threadIdx.x % SIDE, ty = threadIdx.x / SIDE;
  row_range range = group_range(n, rows, blockIdx.y);
  WIDE sum[4][4];
  if (symmetric && down < right)
    range.to = range.from; // above the diagonal, the mirror of another tile: zeros will do
#pragma unroll
  for (int s = 0; s < 16; ++s)
    clear(sum[s / 4][s % 4]);
  for (int64_t i = range.from; i < range.to; i += GRAM_TILE) {
    __syncthreads();
    TYPED(load_tile)(i, range.to, down * GRAM_TILE, p, X, ldx, a);
    TYPED(load_tile)(i, range.to, right * GRAM_TILE, q, Y, ldy, b);
    __syncthreads();
#pragma unroll 4
    for (int r = 0; r < GRAM_TILE; ++r) {
      WIDE left[4], top[4];
#pragma unroll
      for (int s = 0; s < 4; ++s) {
        left[s] = widen(a[r][tx + s * SIDE]);
        top[s] = widen(b[r][ty + s * SIDE]);
      }
#pragma unroll
      for (int s = 0; s < 16; ++s)
        add_conj_product(sum[s / 4][s % 4], left[s / 4], top[s % 4]);
    }
  }
#pragma unroll
  for (int s = 0; s < 16; ++s) {
    int32_t h = down * GRAM_TILE + tx + s / 4 * SIDE, k = right * GRAM_TILE + ty + s % 4 * SIDE;
    if (h < p && k < q) {
      double *to = partial + ((int64_t)k * p + h) * PARTS * gridDim.y + blockIdx.y;
      to[0] = real_part(sum[s / 4][s % 4]);
      if (IS_COMPLEX)
        to[gridDim.y] = imaginary_part(sum[s / 4][s % 4]);
    }
  }
}
SPEIG_KERNEL_TWIN(TYPED(gram_tile_kernel))

static cudaError_t TYPED(gram)(const multivec *X, const multivec *Y, int symmetric, int64_t groups,
                               double *partial)
{
  int64_t rows = gpu_group_rows(X->n, groups);
  if (gram_by_dots(Y->p)) {
    int32_t tiles = (X->p + GRAM_DOTS - 1) / GRAM_DOTS;
    return launch(TYPED(gram_dots_kernel), dim3((unsigned)(tiles * Y->p), (unsigned)groups),
                  threads_for(rows), 0, stream_of(X), X->n, rows, X->p, tiles,
                  (const SCALAR *)X->data, X->ld, (const SCALAR *)Y->data, Y->ld, partial);
  } else {
    int32_t down = (X->p + GRAM_TILE - 1) / GRAM_TILE, right = (Y->p + GRAM_TILE - 1) / GRAM_TILE;
    return launch(TYPED(gram_tile_kernel), dim3((unsigned)(down * right), (unsigned)groups),
                  GRAM_THREADS, 0, stream_of(X), X->n, rows, X->p, Y->p, down, symmetric,
                  (const SCALAR *)X->data, X->ld, (const SCALAR *)Y->data, Y->ld, partial);
  }
}

#undef PARTS
