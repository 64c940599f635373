// gram.t.cuh: H = X^H Y for tall blocks, in double precision whatever the type.
//
// Few columns in Y (a new basis vector against the basis): gram_dots_kernel, a thread owns rows, a
// block GRAM_DOTS columns of X and one of Y; the sums stay in registers. Bytes: X once, y once and
// then from the L2 cache, since the blocks that share its rows are neighbours.
// Otherwise gram_small_kernel, 16 x 16 sums per block and 2 x 2 per thread, and gram_large_kernel
// with twice as many both ways; rows pass through shared memory, GRAM_ROWS at a time.

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

// Some rows of `width` columns, from column `first` of p, into shared memory; one more column there
// keeps threads out of each other's banks both ways.
template <int WIDTH>
static __device__ __forceinline__ void TYPED(load_tile)(int64_t from, int64_t to, int32_t first,
                                                        int32_t p, const SCALAR *X, int64_t ldx,
                                                        SCALAR (*tile)[WIDTH + 1])
{
  WIDE zero;
  clear(zero);
  for (int s = threadIdx.x; s < GRAM_ROWS * WIDTH; s += GRAM_THREADS) {
    int r = s % GRAM_ROWS, c = s / GRAM_ROWS;
    if (from + r < to && first + c < p)
      tile[r][c] = X[from + r + (first + c) * ldx];
    else
      narrow(zero, tile[r][c]);
  }
}

// A tile of 8 SUMS x 8 SUMS products, SUMS x SUMS of them by each thread.
template <int SUMS>
static __device__ __forceinline__ void
TYPED(gram_tile)(int64_t n, int64_t rows, int32_t p, int32_t q, int32_t tiles, int symmetric,
                 const SCALAR *X, int64_t ldx, const SCALAR *Y, int64_t ldy, double *partial)
{
  constexpr int32_t SIDE = 8, TILE = SIDE * SUMS; // threads and products in each direction
  __shared__ SCALAR a[GRAM_ROWS][TILE + 1], b[GRAM_ROWS][TILE + 1];
  int32_t down = (int32_t)(blockIdx.x % tiles), right = (int32_t)(blockIdx.x / tiles);
  int32_t tx = threadIdx.x % SIDE, ty = threadIdx.x / SIDE;
  row_range range = group_range(n, rows, blockIdx.y);
  WIDE sum[SUMS][SUMS];
  if (symmetric && down < right)
    range.to = range.from; // above the diagonal, the mirror of another tile: zeros will do
#pragma unroll
  for (int s = 0; s < SUMS * SUMS; ++s)
    clear(sum[s / SUMS][s % SUMS]);
  for (int64_t i = range.from; i < range.to; i += GRAM_ROWS) {
    __syncthreads();
    TYPED(load_tile)<TILE>(i, range.to, down * TILE, p, X, ldx, a);
    TYPED(load_tile)<TILE>(i, range.to, right * TILE, q, Y, ldy, b);
    __syncthreads();
#pragma unroll 4
    for (int r = 0; r < GRAM_ROWS; ++r) {
      WIDE left[SUMS], top[SUMS];
#pragma unroll
      for (int s = 0; s < SUMS; ++s) {
        left[s] = widen(a[r][tx + s * SIDE]);
        top[s] = widen(b[r][ty + s * SIDE]);
      }
#pragma unroll
      for (int s = 0; s < SUMS * SUMS; ++s)
        add_conj_product(sum[s / SUMS][s % SUMS], left[s / SUMS], top[s % SUMS]);
    }
  }
#pragma unroll
  for (int s = 0; s < SUMS * SUMS; ++s) {
    int32_t h = down * TILE + tx + s / SUMS * SIDE, k = right * TILE + ty + s % SUMS * SIDE;
    if (h < p && k < q) {
      double *to = partial + ((int64_t)k * p + h) * PARTS * gridDim.y + blockIdx.y;
      to[0] = real_part(sum[s / SUMS][s % SUMS]);
      if (IS_COMPLEX)
        to[gridDim.y] = imaginary_part(sum[s / SUMS][s % SUMS]);
    }
  }
}

extern "C" __global__ void __launch_bounds__(GRAM_THREADS)
    TYPED(gram_small_kernel)(int64_t n, int64_t rows, int32_t p, int32_t q, int32_t tiles,
                             int symmetric, const SCALAR *X, int64_t ldx, const SCALAR *Y,
                             int64_t ldy, double *partial)
{
  TYPED(gram_tile)<2>(n, rows, p, q, tiles, symmetric, X, ldx, Y, ldy, partial);
}
SPEIG_KERNEL_TWIN(TYPED(gram_small_kernel))

extern "C" __global__ void __launch_bounds__(GRAM_THREADS)
    TYPED(gram_large_kernel)(int64_t n, int64_t rows, int32_t p, int32_t q, int32_t tiles,
                             int symmetric, const SCALAR *X, int64_t ldx, const SCALAR *Y,
                             int64_t ldy, double *partial)
{
  TYPED(gram_tile)<4>(n, rows, p, q, tiles, symmetric, X, ldx, Y, ldy, partial);
}
SPEIG_KERNEL_TWIN(TYPED(gram_large_kernel))

static cudaError_t TYPED(gram)(const multivec *X, const multivec *Y, int symmetric, int64_t groups,
                               double *partial)
{
  int64_t rows = gpu_group_rows(X->n, groups);
  int32_t width = gram_width(X->p, Y->p), tiles = (X->p + width - 1) / width;
  const SCALAR *x = (const SCALAR *)X->data, *y = (const SCALAR *)Y->data;
  dim3 grid((unsigned)(tiles * ((Y->p + width - 1) / width)), (unsigned)groups);
  if (!gram_by_dots(Y->p))
    return launch(width == 16 ? TYPED(gram_small_kernel) : TYPED(gram_large_kernel), grid,
                  GRAM_THREADS, 0, stream_of(X), X->n, rows, X->p, Y->p, tiles, symmetric, x, X->ld,
                  y, Y->ld, partial);
  tiles = (X->p + GRAM_DOTS - 1) / GRAM_DOTS;
  grid.x = (unsigned)(tiles * Y->p);
  return launch(TYPED(gram_dots_kernel), grid, threads_for(rows), 0, stream_of(X), X->n, rows, X->p,
                tiles, x, X->ld, y, Y->ld, partial);
}

#undef PARTS
