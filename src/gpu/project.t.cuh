// project.t.cuh: w -= Q u, then R = Q^H w and ||w||^2, in one pass over Q.
//
// A block of threads works through its group of rows `height` at a time: these rows of Q are read
// into shared memory once and used twice. First a thread per row (and share of the columns) takes
// off Q u; then a warp per column adds to R, whose sums each lane (or the first `lanes` after some
// exchanges) keeps in shared memory until the group is done.
// Bytes: Q once, w once in and once out.

extern "C" __global__ void __launch_bounds__(THREADS, 4)
    TYPED(project_kernel)(const gpu_run *run, int second, int64_t n, int64_t rows, int32_t height,
                          int32_t lanes, int32_t columns, const SCALAR *Q, int64_t ldq,
                          const WIDE *u, SCALAR *w, double *partial)
{
  constexpr int PARTS = IS_COMPLEX ? 2 : 1, WARPS = THREADS / 32;
  constexpr int TOGETHER = 8 / PARTS, // columns summed at once
      SHARE = 32 / (TOGETHER * PARTS); // lanes that return the same sum
  SPEIG_DYN_SHARED(WIDE, factor); // columns
  WIDE *sums = factor + columns; // columns x lanes
  WIDE *share = sums + columns * lanes; // THREADS
  SCALAR *tile = (SCALAR *)(share + THREADS); // columns x height
  SCALAR *x = tile + columns * height; // height
  row_range range = group_range(n, rows, blockIdx.x);
  int32_t lane = threadIdx.x % 32, warp = threadIdx.x / 32;
  int32_t r = threadIdx.x % height, side = threadIdx.x / height, sides = THREADS / height;
  double square = 0;
  if (idle(run, second))
    return;
  for (int32_t k = threadIdx.x; k < columns; k += THREADS)
    factor[k] = u[k];
  for (int32_t k = threadIdx.x; k < columns * lanes; k += THREADS)
    clear(sums[k]);
  for (int64_t top = range.from; top < range.to; top += height) {
    int32_t here = range.to - top < height ? (int32_t)(range.to - top) : height;
    WIDE sum;
    __syncthreads();
    if (r < here)
      for (int32_t k = side; k < columns; k += sides)
        tile[k * height + r] = Q[top + r + k * ldq];
    __syncthreads();
    clear(sum);
    if (r < here)
      for (int32_t k = side; k < columns; k += sides)
        add_product(sum, widen(tile[k * height + r]), factor[k]);
    share[threadIdx.x] = sum;
    __syncthreads();
    if (side == 0 && r < here) {
      for (int32_t s = 1; s < sides; ++s)
        sum = plus(sum, share[s * height + r]);
      narrow(plus(widen(w[top + r]), times_real(-1, sum)), x[r]);
      w[top + r] = x[r];
      square += real_dot(widen(x[r]), widen(x[r]));
    }
    __syncthreads();
    for (int32_t k = warp; k < columns; k += WARPS) {
      clear(sum);
      for (int32_t i = lane; i < here; i += 32)
        add_conj_product(sum, widen(tile[k * height + i]), widen(x[i]));
      for (int32_t step = 16; step >= lanes; step /= 2)
        sum = plus(sum, exchange(sum, step));
      if (lane < lanes)
        sums[k * lanes + lane] = plus(sums[k * lanes + lane], sum);
    }
  }
  __syncthreads();
  for (int32_t k = warp * TOGETHER; k < columns; k += WARPS * TOGETHER) {
    double parts[TOGETHER * PARTS], total;
#pragma unroll
    for (int s = 0; s < TOGETHER; ++s) {
      WIDE own;
      clear(own);
      if (k + s < columns && lane < lanes)
        own = sums[(k + s) * lanes + lane];
      parts[s * PARTS] = real_part(own);
      if (IS_COMPLEX)
        parts[s * PARTS + PARTS - 1] = imaginary_part(own);
    }
    total = warp_sums<TOGETHER * PARTS>(parts);
    if (lane % SHARE == 0 && k * PARTS + lane / SHARE < columns * PARTS)
      partial[((int64_t)k * PARTS + lane / SHARE) * gridDim.x + blockIdx.x] = total;
  }
  square = block_sums<1>(&square);
  if (threadIdx.x == 0)
    partial[(int64_t)columns * PARTS * gridDim.x + blockIdx.x] = square;
}
SPEIG_KERNEL_TWIN(TYPED(project_kernel))

// w /= its length, as found by the run
extern "C" __global__ void __launch_bounds__(THREADS)
    TYPED(normalize_kernel)(const gpu_run *run, int64_t n, SCALAR *w)
{
  double inverse = run->inverse;
  if (idle(run, 0))
    return;
  for_rows((int64_t)blockIdx.x * THREADS + threadIdx.x, n, (int64_t)gridDim.x * THREADS,
           [=](int64_t i) { return times_real(inverse, widen(w[i])); },
           [=](int64_t i, WIDE value) { narrow(value, w[i]); });
}
SPEIG_KERNEL_TWIN(TYPED(normalize_kernel))

static size_t TYPED(project_shared)(int32_t columns, int32_t height, int32_t lanes)
{
  return sizeof(WIDE) * ((size_t)columns * (size_t)(1 + lanes) + THREADS) +
         sizeof(SCALAR) * ((size_t)columns + 1) * (size_t)height;
}

static cudaError_t TYPED(project)(const gpu_run *run, int second, const multivec *Q,
                                  const double *u, multivec *w, int64_t groups, project_shape shape,
                                  double *partial)
{
  size_t shared = TYPED(project_shared)(Q->p, shape.height, shape.lanes);
  cudaError_t error = allow_shared((const void *)TYPED(project_kernel), shared);
  if (error != cudaSuccess)
    return error;
  return launch(TYPED(project_kernel), (unsigned)groups, THREADS, shared, stream_of(w), run, second,
                w->n, gpu_group_rows(w->n, groups), shape.height, shape.lanes, Q->p,
                (const SCALAR *)Q->data, Q->ld, (const WIDE *)(const void *)u, (SCALAR *)w->data,
                partial);
}

static cudaError_t TYPED(normalize)(const gpu_run *run, multivec *w)
{
  int64_t blocks = (w->n + BATCH * THREADS - 1) / (BATCH * THREADS);
  return launch(TYPED(normalize_kernel), (unsigned)(blocks < 4096 ? blocks : 4096), THREADS, 0,
                stream_of(w), run, w->n, (SCALAR *)w->data);
}
