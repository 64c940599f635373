/* host.t.h: the CPU backend's entries without sums over rows, and its table for one scalar type. */

static speig_status TYPED(host_upload)(const void *host, int64_t ldh, multivec *X)
{
  int64_t groups = host_groups(X->n, 1);
  int threads = host_share(X->be, groups, X->n * X->p);
#pragma omp parallel for schedule(static) num_threads(threads) if (threads > 1)
  for (int64_t g = 0; g < groups; ++g) {
    int64_t from = host_group_row(X->n, groups, g), to = host_group_row(X->n, groups, g + 1);
    for (int32_t j = 0; j < X->p; ++j)
      memcpy(TYPED(column)(X, from, j), (const SCALAR *)host + from + j * ldh,
             (size_t)(to - from) * sizeof(SCALAR));
  }
  return SPEIG_OK;
}

static speig_status TYPED(host_download)(const multivec *X, void *host, int64_t ldh)
{
  multivec out = { X->be, X->n, X->p, ldh, host };
  return TYPED(host_upload)(X->data, X->ld, &out);
}

static speig_status TYPED(host_copy)(const multivec *X, multivec *Y)
{
  return X->data == Y->data ? SPEIG_OK : TYPED(host_upload)(X->data, X->ld, Y);
}

static speig_status TYPED(host_zero)(multivec *X)
{
  int64_t groups = host_groups(X->n, 1);
  int threads = host_share(X->be, groups, X->n * X->p);
#pragma omp parallel for schedule(static) num_threads(threads) if (threads > 1)
  for (int64_t g = 0; g < groups; ++g) {
    int64_t from = host_group_row(X->n, groups, g), to = host_group_row(X->n, groups, g + 1);
    for (int32_t j = 0; j < X->p; ++j)
      memset(TYPED(column)(X, from, j), 0, (size_t)(to - from) * sizeof(SCALAR));
  }
  return SPEIG_OK;
}

static speig_status TYPED(host_fill_random)(uint64_t seed, multivec *X)
{
  int64_t groups = host_groups(X->n, 1);
  int threads = host_share(X->be, groups, X->n * X->p);
#pragma omp parallel for schedule(static) num_threads(threads) if (threads > 1)
  for (int64_t g = 0; g < groups; ++g) {
    int64_t from = host_group_row(X->n, groups, g), to = host_group_row(X->n, groups, g + 1);
    for (int32_t j = 0; j < X->p; ++j)
      for (int part = 0; part < TYPED(reals); ++part) {
        REAL *x = TYPED(column)(X, 0, j) + part;
        for (int64_t i = from; i < to; ++i)
          x[i * TYPED(reals)] = (REAL)random_uniform(seed, i, j, part);
      }
  }
  return SPEIG_OK;
}

/* ---- Y = X C and its like ---- */

static speig_status TYPED(host_mul)(double alpha, const multivec *X, const small *C, double beta,
                                    multivec *Y)
{
  int64_t groups = host_groups(X->n, 1), rows = host_strip_rows(X->p + Y->p, sizeof(SCALAR));
  int threads = host_share(X->be, groups, X->n * ((int64_t)X->p * C->cols + Y->p));
#pragma omp parallel for schedule(static) num_threads(threads) if (threads > 1)
  for (int64_t g = 0; g < groups; ++g) {
    int64_t to = host_group_row(X->n, groups, g + 1);
    for (int64_t i = host_group_row(X->n, groups, g); i < to; i += rows)
      TYPED(mul_strip)
    ((to - i < rows ? to - i : rows) * TYPED(reals), alpha, TYPED(column)(X, i, 0),
     X->ld * TYPED(reals), C, beta, TYPED(column)(Y, i, 0), Y->ld * TYPED(reals));
  }
  return SPEIG_OK;
}

/* In place: a strip of X C is complete in scratch before it replaces the strip of X. */
static speig_status TYPED(host_rotate)(multivec *X, const small *C)
{
  speig_status st = SPEIG_OK;
  int64_t groups = host_groups(X->n, 1), rows = host_strip_rows(X->p + C->cols, sizeof(SCALAR));
  int64_t ldx = X->ld * TYPED(reals), lds = (rows < X->n ? rows : X->n) * TYPED(reals);
  int threads = host_share(X->be, groups, X->n * X->p * C->cols);
  REAL *scratch;
  TRY(host_workspace(X->be, threads * C->cols * lds, sizeof(REAL), (void **)&scratch));
#pragma omp parallel for schedule(static) num_threads(threads) if (threads > 1)
  for (int64_t g = 0; g < groups; ++g) {
    REAL *own = scratch + omp_get_thread_num() * C->cols * lds;
    int64_t to = host_group_row(X->n, groups, g + 1);
    for (int64_t i = host_group_row(X->n, groups, g); i < to; i += rows) {
      int64_t m = (to - i < rows ? to - i : rows) * TYPED(reals);
      REAL *x = TYPED(column)(X, i, 0);
      TYPED(mul_strip)(m, 1, x, ldx, C, 0, own, lds);
      for (int32_t j = 0; j < C->cols; ++j)
        memcpy(x + j * ldx, own + j * lds, (size_t)m * sizeof(REAL));
    }
  }
done:
  return st;
}

/* Arithmetic in double also here: a factor is not rounded to float before it is used. */
static speig_status TYPED(host_axpy)(const double *a, const multivec *X, multivec *Y)
{
  int64_t groups = host_groups(X->n, 1);
  int threads = host_share(X->be, groups, X->n * X->p);
#pragma omp parallel for schedule(static) num_threads(threads) if (threads > 1)
  for (int64_t g = 0; g < groups; ++g) {
    int64_t from = host_group_row(X->n, groups, g), to = host_group_row(X->n, groups, g + 1);
    for (int32_t j = 0; j < X->p; ++j) {
      const REAL *x = TYPED(column)(X, from, j);
      REAL *y = TYPED(column)(Y, from, j);
      for (int64_t i = 0; i < (to - from) * TYPED(reals); ++i)
        y[i] = (REAL)((double)y[i] + a[j] * (double)x[i]);
    }
  }
  return SPEIG_OK;
}

static speig_status TYPED(host_scale)(const double *f, multivec *X)
{
  int64_t groups = host_groups(X->n, 1);
  int threads = host_share(X->be, groups, X->n * X->p);
#pragma omp parallel for schedule(static) num_threads(threads) if (threads > 1)
  for (int64_t g = 0; g < groups; ++g) {
    int64_t from = host_group_row(X->n, groups, g), to = host_group_row(X->n, groups, g + 1);
    for (int32_t j = 0; j < X->p; ++j) {
      REAL *x = TYPED(column)(X, from, j);
      for (int64_t i = 0; i < (to - from) * TYPED(reals); ++i)
        x[i] = (REAL)(f[j] * (double)x[i]);
    }
  }
  return SPEIG_OK;
}

static speig_status TYPED(host_row_scale)(const multivec *d, const multivec *X, multivec *Y)
{
  int64_t groups = host_groups(X->n, 1);
  int threads = host_share(X->be, groups, X->n * X->p);
  const REAL *factor = d->data;
#pragma omp parallel for schedule(static) num_threads(threads) if (threads > 1)
  for (int64_t g = 0; g < groups; ++g) {
    int64_t from = host_group_row(X->n, groups, g), to = host_group_row(X->n, groups, g + 1);
    for (int32_t j = 0; j < X->p; ++j) {
      const REAL *x = TYPED(column)(X, 0, j);
      REAL *y = TYPED(column)(Y, 0, j);
      for (int64_t i = from * TYPED(reals); i < to * TYPED(reals); ++i)
        y[i] = factor[i / TYPED(reals) * TYPED(reals)] * x[i];
    }
  }
  return SPEIG_OK;
}

/* ---- sparse products ---- */

/* Rows of strip s. */
static int64_t TYPED(strip_end)(const host_matrix *M, int64_t s)
{
  int64_t end = (s + 1) * M->strip_rows;
  return end < M->base.rows ? end : M->base.rows;
}

/* First row of part t; that of part `parts` is the number of rows. */
static int64_t TYPED(part_row)(const host_matrix *M, int t)
{
  int64_t row = M->part_strip[t] * M->strip_rows;
  return row < M->base.rows ? row : M->base.rows;
}

/* Segment in which part t, which has rows, begins. */
static int64_t TYPED(part_segment)(const host_matrix *M, int t)
{
  return M->strip_segment[M->part_strip[t]];
}

static void TYPED(apply_vector)(const host_matrix *M, double alpha, const multivec *X, int32_t j,
                                double beta, multivec *Y)
{
#pragma omp parallel for schedule(static, 1) num_threads(M->parts) if (M->parts > 1)
  for (int t = 0; t < M->parts; ++t)
    if (M->part_strip[t] < M->part_strip[t + 1])
      TYPED(plan_vector)
  (&M->plan, TYPED(part_segment)(M, t), TYPED(part_row)(M, t), TYPED(part_row)(M, t + 1), alpha,
   TYPED(column)(X, 0, j), beta, TYPED(column)(Y, 0, j));
}

static void TYPED(apply_panel)(const host_matrix *M, REAL alpha, const multivec *X, int32_t j,
                               int count, SCALAR *packed, REAL beta, multivec *Y)
{
  int64_t groups = host_groups(X->n, 1);
#pragma omp parallel num_threads(M->parts) if (M->parts > 1)
  {
#pragma omp for schedule(static)
    for (int64_t g = 0; g < groups; ++g)
      TYPED(panel_pack)
    (host_group_row(X->n, groups, g), host_group_row(X->n, groups, g + 1),
     (const SCALAR *)X->data + j * X->ld, X->ld, count, packed);
#pragma omp for schedule(static, 1)
    for (int t = 0; t < M->parts; ++t)
      TYPED(csr_panel)
    (&M->plan.csr, TYPED(part_row)(M, t), TYPED(part_row)(M, t + 1), alpha, packed, beta,
     (SCALAR *)Y->data + j * Y->ld, Y->ld, count);
  }
}

/* A panel that would be mostly empty costs more than its columns one by one. */
static speig_status TYPED(host_apply)(backend_matrix *A, double alpha, const multivec *X,
                                      double beta, multivec *Y)
{
  enum { SINGLE = TYPED(panel) / 4 };
  speig_status st = SPEIG_OK;
  const host_matrix *M = (const host_matrix *)A;
  SCALAR *packed = NULL;
  const int single = M->plan.csr.values ? SINGLE : TYPED(panel); /* equal entries have no array */
  if (X->p > single)
    TRY(host_workspace(X->be, X->n, 64, (void **)&packed));
  for (int32_t j = 0, count; j < X->p; j += count) {
    count = X->p - j < TYPED(panel) ? X->p - j : TYPED(panel);
    if (count > single)
      TYPED(apply_panel)(M, (REAL)alpha, X, j, count, packed, (REAL)beta, Y);
    for (int32_t c = 0; count <= single && c < count; ++c)
      TYPED(apply_vector)(M, alpha, X, j + c, beta, Y);
  }
done:
  return st;
}

static speig_status TYPED(host_recurrence)(backend_matrix *A, double alpha, double gamma,
                                           const multivec *x, double beta, multivec *y)
{
  const host_matrix *M = (const host_matrix *)A;
#pragma omp parallel for schedule(static, 1) num_threads(M->parts) if (M->parts > 1)
  for (int t = 0; t < M->parts; ++t)
    if (M->part_strip[t] < M->part_strip[t + 1])
      TYPED(plan_recurrence)
  (&M->plan, TYPED(part_segment)(M, t), TYPED(part_row)(M, t), TYPED(part_row)(M, t + 1), alpha,
   gamma, x->data, beta, y->data);
  return SPEIG_OK;
}

static speig_status TYPED(host_lanczos_step)(backend_matrix *A, const multivec *q, double beta,
                                             const multivec *q_prev, multivec *w, double *alpha)
{
  speig_status st = SPEIG_OK;
  const host_matrix *M = (const host_matrix *)A;
  const REAL *before = q_prev ? q_prev->data : NULL;
  double *partial;
  TRY(host_workspace(q->be, M->strips, sizeof(double), (void **)&partial));
#pragma omp parallel for schedule(static, 1) num_threads(M->parts) if (M->parts > 1)
  for (int t = 0; t < M->parts; ++t)
    for (int64_t s = M->part_strip[t]; s < M->part_strip[t + 1]; ++s)
      partial[s] = TYPED(plan_lanczos)(&M->plan, M->strip_segment[s], s * M->strip_rows,
                                       TYPED(strip_end)(M, s), q->data, beta, before, w->data);
  TYPED(add_groups)(M->strips, 1, partial, alpha);
done:
  return st;
}

static const backend_ops TYPED(host) = {
  .name = "host/" DTYPE_TEXT,
  .device = SPEIG_HOST,
  .dtype = DTYPE,
  .open = host_open,
  .close = host_close,
  .alloc = host_alloc,
  .release = host_release,
  .upload = TYPED(host_upload),
  .download = TYPED(host_download),
  .copy = TYPED(host_copy),
  .zero = TYPED(host_zero),
  .fill_random = TYPED(host_fill_random),
  .matrix_open = host_matrix_open,
  .matrix_close = host_matrix_close,
  .apply = TYPED(host_apply),
  .gram = TYPED(host_gram),
  .mul = TYPED(host_mul),
  .real_dots = TYPED(host_real_dots),
  .norms = TYPED(host_norms),
  .axpy = TYPED(host_axpy),
  .scale = TYPED(host_scale),
  .row_scale = TYPED(host_row_scale),
  .rotate = TYPED(host_rotate),
  .lanczos_step = TYPED(host_lanczos_step),
  .recurrence = TYPED(host_recurrence),
  .axpy_norm = TYPED(host_axpy_norm),
  .project = TYPED(host_project),
  .matrix_order = host_matrix_order,
  .matrix_select = host_matrix_select,
  .rows = host_rows,
};
