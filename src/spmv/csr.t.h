/* csr.t.h: sparse CSR times one vector, and times panels of vectors, on a range of rows.
 *
 * Each row is summed by one thread in the order of its entries, so no bit depends on how rows are
 * dealt out. For a block, the caller packs PANEL columns of X row by row: one entry of A then meets
 * consecutive numbers, and the matrix is read once for all of them (4 times faster per vector than
 * one by one; column-major access is slower than that).
 * Cost per row, r entries: one vector r (8 + index 4) bytes and x, y; a panel the same for PANEL.
 */

enum { TYPED(panel_reals) = 64 / sizeof(REAL) }; /* one cache line per row of a panel */
enum { TYPED(panel) = TYPED(panel_reals) / (IS_COMPLEX ? 2 : 1) }; /* columns */

/* sum_k a_k x_(col k) over at most a block of a row, four sums in flight, in double precision: a
 * product waits for memory, so this costs nothing. Complex numbers by parts: the compiler's own
 * product looks for NaN. */
static inline __attribute__((always_inline)) void TYPED(csr_piece)(int64_t begin, int64_t end,
                                                                   const int32_t *colind,
                                                                   const REAL *a, const REAL *x,
                                                                   double *re, double *im)
{
  enum { K = IS_COMPLEX ? 2 : 1 };
  double r[4] = { 0 }, s[4] = { 0 };
  int64_t k = begin;
  for (; k + 4 <= end; k += 4)
    for (int l = 0; l < 4; ++l) {
      const REAL *v = a + (k + l) * K, *z = x + (int64_t)colind[k + l] * K;
      r[l] += (double)v[0] * (double)z[0];
      if (IS_COMPLEX) {
        r[l] -= (double)v[1] * (double)z[1];
        s[l] += (double)v[0] * (double)z[1] + (double)v[1] * (double)z[0];
      }
    }
  for (; k < end; ++k) {
    const REAL *v = a + k * K, *z = x + (int64_t)colind[k] * K;
    r[0] += (double)v[0] * (double)z[0];
    if (IS_COMPLEX) {
      r[0] -= (double)v[1] * (double)z[1];
      s[0] += (double)v[0] * (double)z[1] + (double)v[1] * (double)z[0];
    }
  }
  *re = (r[0] + r[1]) + (r[2] + r[3]);
  *im = (s[0] + s[1]) + (s[2] + s[3]);
}

/* A whole row. A long one (the hub of a graph) is summed by blocks: adding thousands of small terms
 * to one large sum would lose them one by one, always in the same direction. */
static inline __attribute__((always_inline)) void TYPED(csr_row)(int64_t begin, int64_t end,
                                                                 const int32_t *colind,
                                                                 const REAL *a, const REAL *x,
                                                                 REAL *re, REAL *im)
{
  enum { BLOCK = 128 };
  double r, s, part_r, part_s;
  TYPED(csr_piece)(begin, end - begin <= BLOCK ? end : begin + BLOCK, colind, a, x, &r, &s);
  for (int64_t k = begin + BLOCK; k < end; k += BLOCK) {
    TYPED(csr_piece)(k, end - k <= BLOCK ? end : k + BLOCK, colind, a, x, &part_r, &part_s);
    r += part_r;
    s += part_s;
  }
  *re = (REAL)r;
  *im = (REAL)s;
}

/* y = alpha A x + beta y for rows [first, last); beta == 0 does not read y. */
static void TYPED(csr_vector)(const csr_view *A, int64_t first, int64_t last, REAL alpha,
                              const REAL *x, REAL beta, REAL *y)
{
  enum { K = IS_COMPLEX ? 2 : 1 };
  for (int64_t i = first; i < last; ++i) {
    REAL re, im;
    TYPED(csr_row)(A->rowptr[i], A->rowptr[i + 1], A->colind, A->values, x, &re, &im);
    y[i * K] = beta == 0 ? alpha * re : alpha * re + beta * y[i * K];
    if (IS_COMPLEX)
      y[i * K + 1] = beta == 0 ? alpha * im : alpha * im + beta * y[i * K + 1];
  }
}

/* y = alpha A x + gamma x + beta y for rows [first, last) of a square A; beta == 0 does not read y.
 */
static void TYPED(csr_recurrence)(const csr_view *A, int64_t first, int64_t last, REAL alpha,
                                  REAL gamma, const REAL *x, REAL beta, REAL *y)
{
  enum { K = IS_COMPLEX ? 2 : 1 };
  for (int64_t i = first; i < last; ++i) {
    REAL re, im;
    TYPED(csr_row)(A->rowptr[i], A->rowptr[i + 1], A->colind, A->values, x, &re, &im);
    re = alpha * re + gamma * x[i * K];
    y[i * K] = beta == 0 ? re : re + beta * y[i * K];
    if (IS_COMPLEX) {
      im = alpha * im + gamma * x[i * K + 1];
      y[i * K + 1] = beta == 0 ? im : im + beta * y[i * K + 1];
    }
  }
}

/* w = A q - beta q_prev (NULL: none) for rows [first, last); returns Re q^H w over them. */
static double TYPED(csr_lanczos)(const csr_view *A, int64_t first, int64_t last, const REAL *q,
                                 REAL beta, const REAL *q_prev, REAL *w)
{
  enum { K = IS_COMPLEX ? 2 : 1 };
  double dot = 0;
  for (int64_t i = first; i < last; ++i) {
    REAL re, im;
    TYPED(csr_row)(A->rowptr[i], A->rowptr[i + 1], A->colind, A->values, q, &re, &im);
    if (q_prev) {
      re -= beta * q_prev[i * K];
      im -= IS_COMPLEX ? beta * q_prev[i * K + K - 1] : 0;
    }
    w[i * K] = re;
    dot += (double)q[i * K] * (double)re;
    if (IS_COMPLEX) {
      w[i * K + 1] = im;
      dot += (double)q[i * K + 1] * (double)im;
    }
  }
  return dot;
}

typedef REAL TYPED(panel_row) __attribute__((vector_size(64)));

/* sum += i part */
static inline void TYPED(add_times_i)(const TYPED(panel_row) * part, REAL *sum)
{
  for (int l = 0; l < TYPED(panel_reals); l += 2) {
    sum[l] -= (*part)[l + 1];
    sum[l + 1] += (*part)[l];
  }
}

/* Rows [first, last) of `count` columns of X into the panel; columns that do not exist are 0. */
static void TYPED(panel_pack)(int64_t first, int64_t last, const SCALAR *X, int64_t ldx, int count,
                              SCALAR *packed)
{
  for (int64_t i = first; i < last; ++i)
    for (int c = 0; c < TYPED(panel); ++c)
      packed[i * TYPED(panel) + c] = c < count ? X[i + c * ldx] : 0;
}

/* Y(:, 0:count) = alpha A X + beta Y for rows [first, last), X packed. */
static void TYPED(csr_panel)(const csr_view *A, int64_t first, int64_t last, REAL alpha,
                             const SCALAR *packed, REAL beta, SCALAR *Y, int64_t ldy, int count)
{
  enum { ROWS = 16, K = IS_COMPLEX ? 2 : 1 };
  const REAL *values = A->values;
  for (int64_t top = first; top < last; top += ROWS) {
    SCALAR out[ROWS][TYPED(panel)];
    int rows = last - top < ROWS ? (int)(last - top) : ROWS;
    for (int i = 0; i < rows; ++i) {
      TYPED(panel_row) re = { 0 }, im = { 0 }, x;
      for (int64_t k = A->rowptr[top + i]; k < A->rowptr[top + i + 1]; ++k) {
        memcpy(&x, packed + (int64_t)A->colind[k] * TYPED(panel), sizeof x);
        re += x * values[k * K];
        if (IS_COMPLEX)
          im += x * values[k * K + K - 1];
      }
      memcpy(out[i], &re, sizeof re);
      if (IS_COMPLEX)
        TYPED(add_times_i)(&im, (REAL *)out[i]);
    }
    for (int c = 0; c < count; ++c)
      for (int i = 0; i < rows; ++i) {
        SCALAR *y = Y + top + i + c * ldy;
        *y = beta == 0 ? alpha * out[i][c] : alpha * out[i][c] + beta * *y;
      }
  }
}
