/* csr.t.h: sparse CSR times one vector, and times panels of vectors, on a range of rows. What is
 * done with the sums of one vector is in runs.t.h.
 *
 * Each row is summed by one thread in the order of its entries, so no bit depends on how rows are
 * dealt out. For a block, the caller packs PANEL columns of X row by row: one entry of A then meets
 * consecutive numbers, and the matrix is read once for all of them (4 times faster per vector than
 * one by one; column-major access is slower than that).
 * Cost per row, r entries: one vector r (8 + index 4) bytes and x, y; a panel the same for PANEL.
 */

enum { TYPED(panel_reals) = 64 / sizeof(REAL) }; /* one cache line per row of a panel */
enum { TYPED(panel) = TYPED(panel_reals) / (IS_COMPLEX ? 2 : 1) }; /* columns */

/* sum += a_k x_(col k), or x_(col k) alone where a is NULL; in double: floats would drift in rows
 * of thousands of equal terms. Complex numbers by parts: the compiler's own product looks for NaN.
 */
static inline __attribute__((always_inline)) void TYPED(csr_term)(int64_t k, const int32_t *colind,
                                                                  const REAL *a, const REAL *x,
                                                                  double *re, double *im)
{
  enum { K = IS_COMPLEX ? 2 : 1 };
  const REAL *v = a ? a + k * K : NULL, *z = x + (int64_t)colind[k] * K;
  if (!v) {
    *re += (double)z[0];
    *im += IS_COMPLEX ? (double)z[K - 1] : 0;
    return;
  }
  *re += (double)v[0] * (double)z[0];
  if (IS_COMPLEX) {
    *re -= (double)v[K - 1] * (double)z[K - 1];
    *im += (double)v[0] * (double)z[K - 1];
    *im += (double)v[K - 1] * (double)z[0];
  }
}

/* sum_k a_k x_(col k) over at most a block of a row. Four sums are in flight; the last entries,
 * which are all that most rows have, are reached by one jump that stencils make predictable. */
static inline __attribute__((always_inline)) void TYPED(csr_piece)(int64_t begin, int64_t end,
                                                                   const int32_t *colind,
                                                                   const REAL *a, const REAL *x,
                                                                   double *re, double *im)
{
  double r[4] = { 0 }, s[4] = { 0 };
  int64_t k = begin;
  for (; end - k >= 8; k += 4)
    for (int l = 0; l < 4; ++l)
      TYPED(csr_term)(k + l, colind, a, x, &r[l], &s[l]);
  switch (end - k) {
  case 7:
    TYPED(csr_term)(k + 6, colind, a, x, &r[2], &s[2]);
    /* fall through */
  case 6:
    TYPED(csr_term)(k + 5, colind, a, x, &r[1], &s[1]);
    /* fall through */
  case 5:
    TYPED(csr_term)(k + 4, colind, a, x, &r[0], &s[0]);
    /* fall through */
  case 4:
    TYPED(csr_term)(k + 3, colind, a, x, &r[3], &s[3]);
    /* fall through */
  case 3:
    TYPED(csr_term)(k + 2, colind, a, x, &r[2], &s[2]);
    /* fall through */
  case 2:
    TYPED(csr_term)(k + 1, colind, a, x, &r[1], &s[1]);
    /* fall through */
  case 1:
    TYPED(csr_term)(k, colind, a, x, &r[0], &s[0]);
    /* fall through */
  default:
    break;
  }
  *re = (r[0] + r[1]) + (r[2] + r[3]);
  *im = (s[0] + s[1]) + (s[2] + s[3]);
}

/* A whole row. A long one (the hub of a graph) is summed by blocks: adding thousands of small terms
 * to one large sum would lose them one by one, always in the same direction. */
static inline __attribute__((always_inline)) void TYPED(csr_row)(int64_t begin, int64_t end,
                                                                 const int32_t *colind,
                                                                 const REAL *a, const REAL *x,
                                                                 double *re, double *im)
{
  enum { BLOCK = 128 };
  double part_re, part_im;
  TYPED(csr_piece)(begin, end - begin <= BLOCK ? end : begin + BLOCK, colind, a, x, re, im);
  for (int64_t k = begin + BLOCK; k < end; k += BLOCK) {
    TYPED(csr_piece)(k, end - k <= BLOCK ? end : k + BLOCK, colind, a, x, &part_re, &part_im);
    *re += part_re;
    *im += part_im;
  }
}

/* sum = rows [first, last) of a matrix whose entries all are `value`, its diagonal apart, times x.
 */
static void TYPED(csr_uniform_sums)(const csr_view *A, const csr_uniform *U, int64_t first,
                                    int64_t last, const REAL *x, double *sum)
{
  enum { K = IS_COMPLEX ? 2 : 1 };
  for (int64_t i = first; i < last; ++i) {
    double re, im, *to = sum + (i - first) * K;
    TYPED(csr_row)(A->rowptr[i], A->rowptr[i + 1], A->colind, NULL, x, &re, &im);
    to[0] = IS_COMPLEX ? U->value[0] * re - U->value[1] * im : U->value[0] * re;
    if (IS_COMPLEX)
      to[K - 1] = U->value[0] * im + U->value[1] * re;
    for (int part = 0; U->more && part < K; ++part)
      to[part] += U->more[i] * (double)x[i * K + part];
  }
}

/* sum = rows [first, last) of A times x. */
static void TYPED(csr_sums)(const csr_view *A, int64_t first, int64_t last, const REAL *x,
                            double *sum)
{
  enum { K = IS_COMPLEX ? 2 : 1 };
  for (int64_t i = first; i < last; ++i) {
    double re, im;
    TYPED(csr_row)(A->rowptr[i], A->rowptr[i + 1], A->colind, A->values, x, &re, &im);
    sum[(i - first) * K] = re;
    if (IS_COMPLEX)
      sum[(i - first) * K + 1] = im;
  }
}

/* A row of a panel as vectors of the size that registers have: of longer ones the compiler makes
 * memory traffic. */
enum { TYPED(panel_lanes) = HOST_LANES };
enum { TYPED(panel_parts) = TYPED(panel_reals) / TYPED(panel_lanes) };
typedef REAL TYPED(panel_raw) __attribute__((vector_size(TYPED(panel_lanes) * sizeof(REAL))));
typedef double TYPED(panel_sum) __attribute__((vector_size(TYPED(panel_lanes) * sizeof(double))));

/* Rows [first, last) of `count` columns of X into the panel. Its columns beyond them repeat the
 * last one: they are multiplied and never looked at. */
static void TYPED(panel_pack)(int64_t first, int64_t last, const SCALAR *X, int64_t ldx, int count,
                              SCALAR *packed)
{
  const SCALAR *x[TYPED(panel)];
  for (int c = 0; c < TYPED(panel); ++c)
    x[c] = X + (c < count ? c : count - 1) * ldx;
  for (int64_t i = first; i < last; ++i) {
    SCALAR row[TYPED(panel)];
    for (int c = 0; c < TYPED(panel); ++c)
      row[c] = x[c][i];
    memcpy(packed + i * TYPED(panel), row, sizeof row);
  }
}

/* One row of A times the panel; as csr_row: in double, long rows by blocks. The panel's rows are
 * asked for early, as far as entry `stop`: their order is A's, which hardware cannot foresee. */
static inline __attribute__((always_inline)) void
TYPED(csr_panel_row)(int64_t begin, int64_t end, int64_t stop, const int32_t *colind,
                     const REAL *values, const SCALAR *packed, REAL *row)
{
  enum { BLOCK = 128, AHEAD = 32, L = TYPED(panel_lanes), P = TYPED(panel_parts) };
  enum { K = IS_COMPLEX ? 2 : 1 };
  TYPED(panel_sum) re[P] = { { 0 } }, im[P] = { { 0 } };
  for (int64_t k = begin; k < end;) {
    int64_t block_end = end - k <= BLOCK ? end : k + BLOCK;
    TYPED(panel_sum) part_re[P] = { { 0 } }, part_im[P] = { { 0 } };
    for (; k < block_end; ++k) {
      int64_t soon = k + AHEAD < stop ? k + AHEAD : k;
      const REAL *from = (const REAL *)(packed + (int64_t)colind[k] * TYPED(panel));
      __builtin_prefetch(packed + (int64_t)colind[soon] * TYPED(panel));
      for (int p = 0; p < P; ++p) {
        TYPED(panel_raw) raw;
        TYPED(panel_sum) x;
        memcpy(&raw, from + p * L, sizeof raw);
        x = __builtin_convertvector(raw, TYPED(panel_sum));
        part_re[p] += x * (double)values[k * K];
        if (IS_COMPLEX)
          part_im[p] += x * (double)values[k * K + K - 1];
      }
    }
    for (int p = 0; p < P; ++p) {
      re[p] += part_re[p];
      im[p] += part_im[p];
    }
  }
  for (int p = 0; p < P; ++p)
    for (int l = 0; l < L; l += K) { /* re + i im */
      row[p * L + l] = (REAL)(IS_COMPLEX ? re[p][l] - im[p][l + K - 1] : re[p][l]);
      if (IS_COMPLEX)
        row[p * L + l + K - 1] = (REAL)(re[p][l + K - 1] + im[p][l]);
    }
}

/* Y(:, 0:count) = alpha A X + beta Y for rows [first, last), X packed. */
static void TYPED(csr_panel)(const csr_view *A, int64_t first, int64_t last, REAL alpha,
                             const SCALAR *packed, REAL beta, SCALAR *Y, int64_t ldy, int count)
{
  enum { ROWS = 16 };
  const int64_t *rowptr = A->rowptr, stop = rowptr[last];
  for (int64_t top = first; top < last; top += ROWS) {
    SCALAR out[ROWS][TYPED(panel)];
    int rows = last - top < ROWS ? (int)(last - top) : ROWS;
    for (int i = 0; i < rows; ++i)
      TYPED(csr_panel_row)
    (rowptr[top + i], rowptr[top + i + 1], stop, A->colind, A->values, packed, (REAL *)out[i]);
    for (int c = 0; c < count; ++c)
      for (int i = 0; i < rows; ++i) {
        SCALAR *y = Y + top + i + c * ldy;
        *y = beta == 0 ? alpha * out[i][c] : alpha * out[i][c] + beta * *y;
      }
  }
}
