// columns.t.cuh: kernels that work entry by entry. A row of blocks per column; each thread takes
// rows that lie a grid apart, so that neighbouring threads touch neighbouring entries, and reads
// several of them ahead (for_rows).

extern "C" __global__ void __launch_bounds__(THREADS)
    TYPED(copy_kernel)(int64_t n, const SCALAR *X, int64_t ldx, SCALAR *Y, int64_t ldy)
{
  const SCALAR *x = X + blockIdx.y * ldx;
  SCALAR *y = Y + blockIdx.y * ldy;
  for_rows(
      first_row(), n, row_step(), [=](int64_t i) { return x[i]; },
      [=](int64_t i, SCALAR value) { y[i] = value; });
}
SPEIG_KERNEL_TWIN(TYPED(copy_kernel))

extern "C" __global__ void __launch_bounds__(THREADS)
    TYPED(zero_kernel)(int64_t n, SCALAR *X, int64_t ldx)
{
  SCALAR *x = X + blockIdx.y * ldx;
  WIDE zero;
  clear(zero);
  for (int64_t i = first_row(); i < n; i += row_step())
    narrow(zero, x[i]);
}
SPEIG_KERNEL_TWIN(TYPED(zero_kernel))

extern "C" __global__ void __launch_bounds__(THREADS)
    TYPED(random_kernel)(uint64_t seed, int64_t n, int32_t first, REAL *X, int64_t ldx)
{
  enum { PARTS = IS_COMPLEX ? 2 : 1 };
  int64_t j = blockIdx.y;
  REAL *x = X + j * ldx * PARTS;
  for (int64_t i = first_row(); i < n; i += row_step())
    for (int part = 0; part < PARTS; ++part)
      x[i * PARTS + part] = (REAL)random_uniform(seed, i, first + j, part);
}
SPEIG_KERNEL_TWIN(TYPED(random_kernel))

extern "C" __global__ void __launch_bounds__(THREADS)
    TYPED(axpy_kernel)(factors a, int64_t n, const SCALAR *X, int64_t ldx, SCALAR *Y, int64_t ldy)
{
  const SCALAR *x = X + blockIdx.y * ldx;
  SCALAR *y = Y + blockIdx.y * ldy;
  double f = a.value[blockIdx.y];
  for_rows(
      first_row(), n, row_step(),
      [=](int64_t i) { return plus(widen(y[i]), times_real(f, widen(x[i]))); },
      [=](int64_t i, WIDE value) { narrow(value, y[i]); });
}
SPEIG_KERNEL_TWIN(TYPED(axpy_kernel))

extern "C" __global__ void __launch_bounds__(THREADS)
    TYPED(scale_kernel)(factors f, int64_t n, SCALAR *X, int64_t ldx)
{
  SCALAR *x = X + blockIdx.y * ldx;
  double factor = f.value[blockIdx.y];
  for_rows(
      first_row(), n, row_step(), [=](int64_t i) { return times_real(factor, widen(x[i])); },
      [=](int64_t i, WIDE value) { narrow(value, x[i]); });
}
SPEIG_KERNEL_TWIN(TYPED(scale_kernel))

extern "C" __global__ void __launch_bounds__(THREADS)
    TYPED(row_scale_kernel)(int64_t n, const SCALAR *d, const SCALAR *X, int64_t ldx, SCALAR *Y,
                            int64_t ldy)
{
  const SCALAR *x = X + blockIdx.y * ldx;
  SCALAR *y = Y + blockIdx.y * ldy;
  for_rows(
      first_row(), n, row_step(),
      [=](int64_t i) { return times_real(real_part(d[i]), widen(x[i])); },
      [=](int64_t i, WIDE value) { narrow(value, y[i]); });
}
SPEIG_KERNEL_TWIN(TYPED(row_scale_kernel))

// ---- launches; j: the first of `count` columns ----

static SCALAR *TYPED(column)(const multivec *X, int32_t j)
{
  return (SCALAR *)X->data + (int64_t)j * X->ld;
}

static cudaError_t TYPED(copy)(const multivec *X, multivec *Y, int32_t j, int32_t count)
{
  return launch(TYPED(copy_kernel), column_grid(X->n, count), THREADS, 0, stream_of(X), X->n,
                TYPED(column)(X, j), X->ld, TYPED(column)(Y, j), Y->ld);
}

static cudaError_t TYPED(zero)(multivec *X, int32_t j, int32_t count)
{
  return launch(TYPED(zero_kernel), column_grid(X->n, count), THREADS, 0, stream_of(X), X->n,
                TYPED(column)(X, j), X->ld);
}

static cudaError_t TYPED(fill_random)(uint64_t seed, multivec *X, int32_t j, int32_t count)
{
  return launch(TYPED(random_kernel), column_grid(X->n, count), THREADS, 0, stream_of(X), seed,
                X->n, j, (REAL *)TYPED(column)(X, j), X->ld);
}

static cudaError_t TYPED(axpy)(const double *a, const multivec *X, multivec *Y, int32_t j,
                               int32_t count)
{
  return launch(TYPED(axpy_kernel), column_grid(X->n, count), THREADS, 0, stream_of(X),
                factors_of(a + j, count), X->n, TYPED(column)(X, j), X->ld, TYPED(column)(Y, j),
                Y->ld);
}

static cudaError_t TYPED(scale)(const double *f, multivec *X, int32_t j, int32_t count)
{
  return launch(TYPED(scale_kernel), column_grid(X->n, count), THREADS, 0, stream_of(X),
                factors_of(f + j, count), X->n, TYPED(column)(X, j), X->ld);
}

static cudaError_t TYPED(row_scale)(const multivec *d, const multivec *X, multivec *Y, int32_t j,
                                    int32_t count)
{
  return launch(TYPED(row_scale_kernel), column_grid(X->n, count), THREADS, 0, stream_of(X), X->n,
                TYPED(column)(d, 0), TYPED(column)(X, j), X->ld, TYPED(column)(Y, j), Y->ld);
}
