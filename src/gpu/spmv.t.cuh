// spmv.t.cuh: y = alpha A x + gamma x + beta z, and Re x^H y on the way.
//
// A block of threads takes a piece (matrix.h): all its entries are read as one run, multiplied, and
// left in shared memory; then each row is summed from there by as many threads as there are for it.
// Sums are in double precision. PANEL columns are done together, so that A is read once for them.
// Bytes: A once per panel, x as the gathers need it, y once, z once if beta is not 0.

static const int TYPED(PANEL) = IS_COMPLEX ? SPMV_PANEL / 2 : SPMV_PANEL;

typedef struct TYPED(spmv_operands) {
  double alpha, gamma, beta;
  const SCALAR *X, *Z;
  SCALAR *Y;
  int64_t ldx, ldz, ldy;
  int width; // columns
  double *dots; // or NULL: one number per block of threads, then one per long row
} TYPED(spmv_operands);

// Row i of column c is complete: writes y, returns its share of Re x^H y.
static __device__ __forceinline__ double TYPED(spmv_finish)(const TYPED(spmv_operands) & o,
                                                            int64_t i, int c, WIDE sum)
{
  WIDE y = times_real(o.alpha, sum), x;
  SCALAR rounded;
  clear(x);
  if (o.gamma != 0 || o.dots)
    x = widen(o.X[i + c * o.ldx]);
  if (o.gamma != 0)
    y = plus(y, times_real(o.gamma, x));
  if (o.beta != 0)
    y = plus(y, times_real(o.beta, widen(o.Z[i + c * o.ldz])));
  narrow(y, rounded);
  o.Y[i + c * o.ldy] = rounded;
  return o.dots ? real_dot(x, widen(rounded)) : 0;
}

// products[c][e] = a_e x_(column of e) for the entries from base on
template <int COLUMNS>
static __device__ __forceinline__ void
TYPED(spmv_multiply)(const TYPED(spmv_operands) & o, const int32_t *colind, const SCALAR *values,
                     int64_t base, int count, WIDE (*products)[SPMV_ENTRIES])
{
  enum { EACH = SPMV_ENTRIES / THREADS };
  SCALAR a[EACH];
  int32_t column[EACH];
#pragma unroll
  for (int u = 0; u < EACH; ++u) { // all loads before the first use
    int e = threadIdx.x + u * THREADS;
    if (e < count) {
      column[u] = colind[base + e];
      a[u] = values[base + e];
    }
  }
#pragma unroll
  for (int u = 0; u < EACH; ++u) {
    int e = threadIdx.x + u * THREADS;
    if (e < count)
#pragma unroll
      for (int c = 0; c < COLUMNS; ++c)
        if (c < o.width) {
          WIDE product;
          clear(product);
          add_product(product, widen(a[u]), widen(o.X[column[u] + c * o.ldx]));
          products[c][e] = product;
        }
  }
}

// The rows of a piece, `lanes` threads (a power of two up to 32) for each. end[r]: where row r of
// the piece ends among the products, end[-1] = 0.
template <int COLUMNS>
static __device__ __forceinline__ double TYPED(spmv_rows)(const TYPED(spmv_operands) & o,
                                                          const gpu_piece &piece, const int *end,
                                                          WIDE (*products)[SPMV_ENTRIES])
{
  int lanes = 1, lane, side;
  double dot = 0;
  while (lanes < 32 && 2 * lanes * piece.rows <= THREADS)
    lanes *= 2;
  lane = threadIdx.x % lanes;
  side = THREADS / lanes; // rows at a time
  for (int32_t r0 = 0; r0 < piece.rows; r0 += side) {
    int32_t r = r0 + (int32_t)threadIdx.x / lanes;
    int from = r < piece.rows ? end[r - 1] : 0, to = r < piece.rows ? end[r] : 0;
#pragma unroll
    for (int c = 0; c < COLUMNS; ++c) {
      WIDE sum;
      if (c >= o.width)
        break;
      clear(sum);
      for (int e = from + lane; e < to; e += lanes)
        sum = plus(sum, products[c][e]);
      for (int step = lanes / 2; step > 0; step /= 2)
        sum = plus(sum, exchange(sum, step));
      if (lane == 0 && r < piece.rows)
        dot += TYPED(spmv_finish)(o, (int64_t)piece.row + r, c, sum);
    }
  }
  return dot;
}

// Row offsets are fetched together with the entries, so that one wait for memory serves both.
template <int COLUMNS>
static __device__ __forceinline__ void
TYPED(spmv_piece)(const TYPED(spmv_operands) & o, const int64_t *rowptr, const int32_t *colind,
                  const SCALAR *values, const gpu_piece *pieces, WIDE (*products)[SPMV_ENTRIES])
{
  __shared__ int end[SPMV_ROWS + 1];
  const gpu_piece piece = pieces[blockIdx.x];
  double dot;
  for (int32_t r = threadIdx.x; r <= piece.rows; r += THREADS)
    end[r] = (int)(rowptr[piece.row + r] - piece.from);
  TYPED(spmv_multiply)<COLUMNS>(o, colind, values, piece.from, piece.entries, products);
  __syncthreads();
  dot = TYPED(spmv_rows)<COLUMNS>(o, piece, end + 1, products);
  if (o.dots) {
    dot = block_sums<1>(&dot);
    if (threadIdx.x == 0)
      o.dots[blockIdx.x] = dot;
  }
}

extern "C" __global__ void __launch_bounds__(THREADS)
    TYPED(spmv_vector_kernel)(TYPED(spmv_operands) o, const int64_t *rowptr, const int32_t *colind,
                              const SCALAR *values, const gpu_piece *pieces)
{
  __shared__ WIDE products[1][SPMV_ENTRIES];
  TYPED(spmv_piece)<1>(o, rowptr, colind, values, pieces, products);
}
SPEIG_KERNEL_TWIN(TYPED(spmv_vector_kernel))

extern "C" __global__ void __launch_bounds__(THREADS)
    TYPED(spmv_panel_kernel)(TYPED(spmv_operands) o, const int64_t *rowptr, const int32_t *colind,
                             const SCALAR *values, const gpu_piece *pieces)
{
  __shared__ WIDE products[TYPED(PANEL)][SPMV_ENTRIES];
  TYPED(spmv_piece)<TYPED(PANEL)>(o, rowptr, colind, values, pieces, products);
}
SPEIG_KERNEL_TWIN(TYPED(spmv_panel_kernel))

// ---- long rows ----

// sums[c * segments + s]: segment s of column c; blockIdx.y: column
extern "C" __global__ void __launch_bounds__(THREADS)
    TYPED(spmv_segment_kernel)(const SCALAR *X, int64_t ldx, const int64_t *rowptr,
                               const int32_t *colind, const SCALAR *values,
                               const int32_t *segment_row, const int64_t *segment_from, WIDE *sums)
{
  enum { PARTS = IS_COMPLEX ? 2 : 1 };
  const SCALAR *x = X + blockIdx.y * ldx;
  int64_t from = segment_from[blockIdx.x], to = rowptr[segment_row[blockIdx.x] + 1];
  double parts[PARTS], total;
  WIDE sum;
  clear(sum);
  to = to < from + SPMV_SEGMENT ? to : from + SPMV_SEGMENT;
#pragma unroll 4
  for (int64_t e = from + threadIdx.x; e < to; e += THREADS)
    add_product(sum, widen(values[e]), widen(x[colind[e]]));
  parts[0] = real_part(sum);
  parts[PARTS - 1] = IS_COMPLEX ? imaginary_part(sum) : parts[0];
  total = block_sums<PARTS>(parts);
  if (threadIdx.x < PARTS)
    ((double *)&sums[(int64_t)blockIdx.y * gridDim.x + blockIdx.x])[threadIdx.x] = total;
}
SPEIG_KERNEL_TWIN(TYPED(spmv_segment_kernel))

// One warp for each long row; blockIdx.y: column
extern "C" __global__ void __launch_bounds__(32)
    TYPED(spmv_long_kernel)(TYPED(spmv_operands) o, const int32_t *long_row,
                            const int64_t *long_segment, int64_t segments, const WIDE *sums,
                            int64_t pieces)
{
  const WIDE *own = sums + blockIdx.y * segments;
  double dot;
  WIDE sum;
  clear(sum);
  for (int64_t s = long_segment[blockIdx.x] + threadIdx.x; s < long_segment[blockIdx.x + 1];
       s += 32)
    sum = plus(sum, own[s]);
  for (int step = 16; step > 0; step /= 2)
    sum = plus(sum, exchange(sum, step));
  if (threadIdx.x != 0)
    return;
  dot = TYPED(spmv_finish)(o, long_row[blockIdx.x], (int)blockIdx.y, sum);
  if (o.dots)
    o.dots[pieces + blockIdx.x] = dot;
}
SPEIG_KERNEL_TWIN(TYPED(spmv_long_kernel))

// ---- launches ----

static cudaError_t TYPED(spmv_long_rows)(const gpu_matrix *A, TYPED(spmv_operands) o, void *sums)
{
  cudaStream_t stream = gpu_state_of(A->base.be)->stream;
  cudaError_t error =
      launch(TYPED(spmv_segment_kernel), dim3((unsigned)A->segments, (unsigned)o.width), THREADS, 0,
             stream, o.X, o.ldx, A->rowptr, A->colind, (const SCALAR *)A->values, A->segment_row,
             A->segment_from, (WIDE *)sums);
  if (error != cudaSuccess)
    return error;
  return launch(TYPED(spmv_long_kernel), dim3((unsigned)A->longs, (unsigned)o.width), 32, 0, stream,
                o, A->long_row, A->long_segment, A->segments, (const WIDE *)sums, A->pieces);
}

static cudaError_t TYPED(spmv)(const gpu_matrix *A, double alpha, const multivec *X, double gamma,
                               const multivec *Z, double beta, multivec *Y, double *dots,
                               void *sums)
{
  for (int32_t j = 0; j < X->p; j += TYPED(PANEL)) {
    int width = X->p - j < TYPED(PANEL) ? X->p - j : TYPED(PANEL);
    TYPED(spmv_operands)
    o = { alpha,
          gamma,
          beta,
          (const SCALAR *)X->data + j * X->ld,
          Z ? (const SCALAR *)Z->data + j * Z->ld : NULL,
          (SCALAR *)Y->data + j * Y->ld,
          X->ld,
          Z ? Z->ld : 0,
          Y->ld,
          width,
          dots };
    cudaError_t error = launch(width == 1 ? TYPED(spmv_vector_kernel) : TYPED(spmv_panel_kernel),
                               (unsigned)A->pieces, THREADS, 0, stream_of(X), o, A->rowptr,
                               A->colind, (const SCALAR *)A->values, A->piece);
    if (error == cudaSuccess && A->longs > 0)
      error = TYPED(spmv_long_rows)(A, o, sums);
    if (error != cudaSuccess)
      return error;
  }
  return cudaSuccess;
}
