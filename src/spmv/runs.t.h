/* runs.t.h: a planned matrix (plan.h) times one vector, and what is fused with that.
 *
 * Sums of PIECE rows at a time are made in the nearest cache, by runs or by CSR, and then used: so
 * every fused form has one loop, whatever the rows look like. A row is summed in the order of its
 * entries wherever it stands, and no bit depends on how rows are dealt out.
 * Bytes per row inside of runs: x and y, and 8 for a diagonal that is kept apart. */

enum { TYPED(piece) = 256 }; /* rows */

/* Sums of U x HOST_LANES reals side by side. */
static inline __attribute__((always_inline)) void
TYPED(run_block)(const spmv_shape *shape, const double *diagonal, const REAL *x, int U, double *sum)
{
  enum { K = IS_COMPLEX ? 2 : 1, MOST = 4 };
  TYPED(lanes) re[MOST], im[MOST];
  for (int u = 0; u < U; ++u)
    re[u] = im[u] = (TYPED(lanes)){ 0 };
  for (int32_t k = 0; k < shape->entries; ++k) {
    const REAL *z = x + shape->distance[k] * K;
    for (int u = 0; u < U; ++u) {
      TYPED(lanes) v = TYPED(load)(z + u * HOST_LANES, HOST_LANES);
      re[u] += shape->value[2 * k] * v;
      if (IS_COMPLEX)
        im[u] += shape->value[2 * k + 1] * v;
    }
  }
  for (int u = 0; u < U; ++u) {
    if (IS_COMPLEX) { /* re += i im */
      TYPED(lanes) turned = TYPED(swap)(im[u]);
      for (int l = 0; l < HOST_LANES; l += 2)
        turned[l] = -turned[l];
      re[u] += turned;
    }
    if (shape->with_diagonal) {
      TYPED(lanes) d;
      for (int l = 0; l < HOST_LANES; ++l)
        d[l] = diagonal[(u * HOST_LANES + l) / K];
      re[u] += d * TYPED(load)(x + u * HOST_LANES, HOST_LANES);
    }
    memcpy(sum + u * HOST_LANES, &re[u], HOST_LANES * sizeof(double));
  }
}

/* One row, to the same bits: products are added in the same order. */
static void TYPED(run_row)(const spmv_shape *shape, const double *diagonal, const REAL *x,
                           double *sum)
{
  enum { K = IS_COMPLEX ? 2 : 1 };
  double re[K], im[K];
  for (int part = 0; part < K; ++part)
    re[part] = im[part] = 0;
  for (int32_t k = 0; k < shape->entries; ++k)
    for (int part = 0; part < K; ++part) {
      double v = (double)x[shape->distance[k] * K + part];
      re[part] += shape->value[2 * k] * v;
      if (IS_COMPLEX)
        im[part] += shape->value[2 * k + 1] * v;
    }
  if (IS_COMPLEX) {
    re[0] -= im[K - 1];
    re[K - 1] += im[0];
  }
  for (int part = 0; part < K; ++part)
    sum[part] = shape->with_diagonal ? re[part] + diagonal[0] * (double)x[part] : re[part];
}

/* sum = rows [row, row + rows) of one run times x. The last registers of a run overlap those before
 * them. */
static void TYPED(run_sums)(const spmv_plan *P, const spmv_shape *shape, int64_t row, int64_t rows,
                            const REAL *x, double *sum)
{
  enum { K = IS_COMPLEX ? 2 : 1, U = 4, WIDE = U * HOST_LANES };
  const double *diagonal = P->diagonal + (shape->with_diagonal ? row : 0);
  int64_t r = 0, reals = rows * K;
  x += row * K;
  if (reals < HOST_LANES) {
    for (; r < reals; r += K)
      TYPED(run_row)(shape, diagonal + r / K, x + r, sum + r);
    return;
  }
  for (; r + WIDE <= reals; r += WIDE)
    TYPED(run_block)(shape, diagonal + r / K, x + r, U, sum + r);
  for (; r < reals; r += HOST_LANES) {
    r = r + HOST_LANES <= reals ? r : reals - HOST_LANES;
    TYPED(run_block)(shape, diagonal + r / K, x + r, 1, sum + r);
  }
}

/* sum = rows [first, last) of A times x; *segment is that of row `first`, and is moved on. */
static void TYPED(plan_sums)(const spmv_plan *P, int64_t *segment, int64_t first, int64_t last,
                             const REAL *x, double *sum)
{
  enum { K = IS_COMPLEX ? 2 : 1 };
  for (int64_t i = first, end; i < last; i = end) {
    const spmv_segment *here;
    while (P->segment[*segment + 1].first <= i)
      ++*segment;
    here = &P->segment[*segment];
    end = here[1].first < last ? here[1].first : last;
    if (P->uniform)
      TYPED(csr_uniform_sums)(&P->csr, &P->equal, i, end, x, sum + (i - first) * K);
    else if (here->shape < 0)
      TYPED(csr_sums)(&P->csr, i, end, x, sum + (i - first) * K);
    else
      TYPED(run_sums)(P, &P->shape[here->shape], i, end - i, x, sum + (i - first) * K);
  }
}

/* y = alpha A x + beta y for rows [first, last), which begin in `segment`; beta == 0 does not read
 * y. */
static void TYPED(plan_vector)(const spmv_plan *P, int64_t segment, int64_t first, int64_t last,
                               double alpha, const REAL *x, double beta, REAL *y)
{
  enum { K = IS_COMPLEX ? 2 : 1 };
  double sum[TYPED(piece) * K];
  for (int64_t i = first; i < last; i += TYPED(piece)) {
    int64_t end = last - i < TYPED(piece) ? last : i + TYPED(piece), reals = (end - i) * K;
    REAL *to = y + i * K;
    TYPED(plan_sums)(P, &segment, i, end, x, sum);
    for (int64_t r = 0; beta == 0 && r < reals; ++r)
      to[r] = (REAL)(alpha * sum[r]);
    for (int64_t r = 0; beta != 0 && r < reals; ++r)
      to[r] = (REAL)(alpha * sum[r] + beta * (double)to[r]);
  }
}

/* y = alpha A x + gamma x + beta y for rows [first, last) of a square A; beta == 0 does not read y.
 */
static void TYPED(plan_recurrence)(const spmv_plan *P, int64_t segment, int64_t first, int64_t last,
                                   double alpha, double gamma, const REAL *x, double beta, REAL *y)
{
  enum { K = IS_COMPLEX ? 2 : 1 };
  double sum[TYPED(piece) * K];
  for (int64_t i = first; i < last; i += TYPED(piece)) {
    int64_t end = last - i < TYPED(piece) ? last : i + TYPED(piece), reals = (end - i) * K;
    const REAL *from = x + i * K;
    REAL *to = y + i * K;
    TYPED(plan_sums)(P, &segment, i, end, x, sum);
    for (int64_t r = 0; beta == 0 && r < reals; ++r)
      to[r] = (REAL)(alpha * sum[r] + gamma * (double)from[r]);
    for (int64_t r = 0; beta != 0 && r < reals; ++r)
      to[r] = (REAL)(alpha * sum[r] + gamma * (double)from[r] + beta * (double)to[r]);
  }
}

/* w = sum - beta q_prev (NULL: none) for `count` reals, and *dot += q w lane by lane. */
static inline __attribute__((always_inline)) void
TYPED(lanczos_lanes)(int64_t count, const double *sum, const REAL *q, double beta,
                     const REAL *q_prev, REAL *w, TYPED(lanes) * dot)
{
  TYPED(lanes) v = { 0 };
  memcpy(&v, sum, (size_t)count * sizeof(double));
  if (q_prev)
    v -= beta * TYPED(load)(q_prev, count);
  TYPED(store)(v, w, count);
  *dot += TYPED(load)(q, count) * TYPED(load)(w, count);
}

/* The same for any count, which is a constant where lanes are full: a copy of a length known only
 * at run time took longer than the product. Returns Re q^H w. */
static double TYPED(lanczos_piece)(int64_t count, const double *sum, const REAL *q, double beta,
                                   const REAL *q_prev, REAL *w)
{
  TYPED(lanes) dot = { 0 };
  int64_t r = 0;
  for (; r + HOST_LANES <= count; r += HOST_LANES)
    TYPED(lanczos_lanes)
  (HOST_LANES, sum + r, q + r, beta, q_prev ? q_prev + r : NULL, w + r, &dot);
  if (r < count)
    TYPED(lanczos_lanes)
  (count - r, sum + r, q + r, beta, q_prev ? q_prev + r : NULL, w + r, &dot);
  return TYPED(lane_sum)(dot);
}

/* w = A q - beta q_prev (NULL: none) for rows [first, last); returns Re q^H w over them. */
static double TYPED(plan_lanczos)(const spmv_plan *P, int64_t segment, int64_t first, int64_t last,
                                  const REAL *q, double beta, const REAL *q_prev, REAL *w)
{
  enum { K = IS_COMPLEX ? 2 : 1 };
  double sum[TYPED(piece) * K], dot = 0;
  for (int64_t i = first; i < last; i += TYPED(piece)) {
    int64_t end = last - i < TYPED(piece) ? last : i + TYPED(piece);
    TYPED(plan_sums)(P, &segment, i, end, q, sum);
    dot += TYPED(lanczos_piece)((end - i) * K, sum, q + i * K, beta, q_prev ? q_prev + i * K : NULL,
                                w + i * K);
  }
  return dot;
}
