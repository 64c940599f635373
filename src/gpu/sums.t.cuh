// sums.t.cuh: one pass over one or two columns, the sums of a group of rows in double precision.

// blockIdx.x: group, blockIdx.y: column
extern "C" __global__ void __launch_bounds__(THREADS)
    TYPED(dots_kernel)(int64_t n, int64_t rows, const SCALAR *X, int64_t ldx, const SCALAR *Y,
                       int64_t ldy, double *partial)
{
  const SCALAR *x = X + blockIdx.y * ldx, *y = Y + blockIdx.y * ldy;
  row_range range = group_range(n, rows, blockIdx.x);
  double sum = 0;
  for (int64_t i = range.from + threadIdx.x; i < range.to; i += blockDim.x)
    sum += real_dot(widen(x[i]), widen(y[i]));
  sum = block_sums<1>(&sum);
  if (threadIdx.x == 0)
    partial[(int64_t)blockIdx.y * gridDim.x + blockIdx.x] = sum;
}
SPEIG_KERNEL_TWIN(TYPED(dots_kernel))

extern "C" __global__ void __launch_bounds__(THREADS)
    TYPED(axpy_square_kernel)(int64_t n, int64_t rows, double a, const SCALAR *x, SCALAR *y,
                              double *partial)
{
  row_range range = group_range(n, rows, blockIdx.x);
  double sum = 0;
  for_rows(
      range.from + threadIdx.x, range.to, blockDim.x,
      [=](int64_t i) { return plus(widen(y[i]), times_real(a, widen(x[i]))); },
      [=, &sum](int64_t i, WIDE value) {
        SCALAR rounded;
        narrow(value, rounded);
        y[i] = rounded;
        sum += real_dot(widen(rounded), widen(rounded));
      });
  sum = block_sums<1>(&sum);
  if (threadIdx.x == 0)
    partial[blockIdx.x] = sum;
}
SPEIG_KERNEL_TWIN(TYPED(axpy_square_kernel))

extern "C" __global__ void __launch_bounds__(THREADS)
    TYPED(scaled_square_kernel)(int64_t n, int64_t rows, int exponent, const SCALAR *x,
                                double *partial)
{
  row_range range = group_range(n, rows, blockIdx.x);
  double sum = 0;
  for (int64_t i = range.from + threadIdx.x; i < range.to; i += blockDim.x) {
    double re = ldexp(real_part(x[i]), -exponent), im = ldexp(imaginary_part(x[i]), -exponent);
    sum += re * re + im * im;
  }
  sum = block_sums<1>(&sum);
  if (threadIdx.x == 0)
    partial[blockIdx.x] = sum;
}
SPEIG_KERNEL_TWIN(TYPED(scaled_square_kernel))

extern "C" __global__ void __launch_bounds__(THREADS)
    TYPED(largest_kernel)(int64_t n, int64_t rows, const SCALAR *x, double *partial)
{
  __shared__ double share[THREADS];
  row_range range = group_range(n, rows, blockIdx.x);
  double largest = 0;
  for (int64_t i = range.from + threadIdx.x; i < range.to; i += blockDim.x)
    largest = larger(larger(largest, fabs(real_part(x[i]))), fabs(imaginary_part(x[i])));
  share[threadIdx.x] = largest;
  for (int step = blockDim.x / 2; step > 0; step /= 2) {
    __syncthreads();
    if ((int)threadIdx.x < step)
      share[threadIdx.x] = larger(share[threadIdx.x], share[threadIdx.x + step]);
  }
  if (threadIdx.x == 0)
    partial[blockIdx.x] = share[0];
}
SPEIG_KERNEL_TWIN(TYPED(largest_kernel))

// ---- launches ----

static cudaError_t TYPED(dots)(const multivec *X, const multivec *Y, int32_t j, int32_t count,
                               int64_t groups, double *partial)
{
  return launch(TYPED(dots_kernel), dim3((unsigned)groups, (unsigned)count),
                threads_for(gpu_group_rows(X->n, groups)), 0, stream_of(X), X->n,
                gpu_group_rows(X->n, groups), (const SCALAR *)X->data + j * X->ld, X->ld,
                (const SCALAR *)Y->data + j * Y->ld, Y->ld, partial + j * groups);
}

static cudaError_t TYPED(axpy_square)(double a, const multivec *x, multivec *y, int64_t groups,
                                      double *partial)
{
  return launch(TYPED(axpy_square_kernel), (unsigned)groups,
                threads_for(gpu_group_rows(x->n, groups)), 0, stream_of(x), x->n,
                gpu_group_rows(x->n, groups), a, (const SCALAR *)x->data, (SCALAR *)y->data,
                partial);
}

static cudaError_t TYPED(scaled_square)(int exponent, const multivec *x, int64_t groups,
                                        double *partial)
{
  return launch(TYPED(scaled_square_kernel), (unsigned)groups,
                threads_for(gpu_group_rows(x->n, groups)), 0, stream_of(x), x->n,
                gpu_group_rows(x->n, groups), exponent, (const SCALAR *)x->data, partial);
}

static cudaError_t TYPED(largest)(const multivec *x, int64_t groups, double *partial)
{
  return launch(TYPED(largest_kernel), (unsigned)groups, threads_for(gpu_group_rows(x->n, groups)),
                0, stream_of(x), x->n, gpu_group_rows(x->n, groups), (const SCALAR *)x->data,
                partial);
}
