/* front.t.h: assembly and elimination of one supernode, for one scalar type. */

enum {
  TYPED(narrow) = 8, /* columns eliminated one by one */
  TYPED(block) = 64, /* columns that take all earlier ones at once */
  TYPED(strip) = 128 /* columns of a Schur complement that one thread makes */
};

/* ---- products ---- */

enum {
  TYPED(lane_count) = FRONT_BYTES / (int)sizeof(REAL),
  TYPED(row_tile) = 2,
  TYPED(col_tile) = 4
};
typedef REAL TYPED(register_) __attribute__((vector_size(FRONT_BYTES)));

/* *v = what is at p; by address, as not every instruction set can pass a register. */
static inline __attribute__((always_inline)) void TYPED(get)(const REAL *p, TYPED(register_) * v)
{
  memcpy(v, p, sizeof *v);
}

/* C += alpha A B^T for `tall` registers of rows and `wide` columns of real numbers. */
static inline __attribute__((always_inline)) void TYPED(tile)(int tall, int wide, int k, REAL alpha,
                                                              const REAL *A, int64_t lda,
                                                              const REAL *B, int64_t ldb, REAL *C,
                                                              int64_t ldc)
{
  enum { LANES = TYPED(lane_count) };
  TYPED(register_) sum[TYPED(row_tile)][TYPED(col_tile)] = { { { 0 } } };
  for (int l = 0; l < k; ++l, A += lda, B += ldb)
    for (int r = 0; r < tall; ++r) {
      TYPED(register_) a;
      TYPED(get)(A + r * LANES, &a);
      for (int c = 0; c < wide; ++c)
        sum[r][c] += a * B[c];
    }
  for (int c = 0; c < wide; ++c)
    for (int r = 0; r < tall; ++r) {
      REAL *to = C + c * ldc + r * LANES;
      TYPED(register_) v;
      TYPED(get)(to, &v);
      v += alpha * sum[r][c];
      memcpy(to, &v, sizeof v);
    }
}

/* The same for any number of rows and 4 or 1 columns. */
static inline __attribute__((always_inline)) void
TYPED(column_tile)(int wide, int m, int k, REAL alpha, const REAL *A, int64_t lda, const REAL *B,
                   int64_t ldb, REAL *C, int64_t ldc)
{
  enum { LANES = TYPED(lane_count) };
  int i = 0;
  for (; i + 2 * LANES <= m; i += 2 * LANES)
    TYPED(tile)(2, wide, k, alpha, A + i, lda, B, ldb, C + i, ldc);
  for (; i + LANES <= m; i += LANES)
    TYPED(tile)(1, wide, k, alpha, A + i, lda, B, ldb, C + i, ldc);
  for (; i < m; ++i)
    for (int c = 0; c < wide; ++c) {
      REAL sum = 0;
      for (int l = 0; l < k; ++l)
        sum += A[i + l * lda] * B[c + l * ldb];
      C[i + c * ldc] += alpha * sum;
    }
}

/* C += alpha A B^H, A m x k, B n x k. Small real products are made here: a call of BLAS costs as
 * much as the product. */
static void TYPED(product)(int m, int n, int k, int alpha, const SCALAR *A, int lda,
                           const SCALAR *B, int ldb, SCALAR *C, int ldc)
{
  enum { SMALL = 48 };
  if (m <= 0 || n <= 0 || k <= 0)
    return;
  if (IS_COMPLEX || k > SMALL) {
    TYPED(gemm)(m, n, k, (SCALAR)alpha, A, lda, B, ldb, C, ldc);
    return;
  }
  const REAL *a = (const REAL *)A, *b = (const REAL *)B;
  REAL *c = (REAL *)C;
  int j = 0;
  for (; j + 4 <= n; j += 4)
    TYPED(column_tile)(4, m, k, (REAL)alpha, a, lda, b + j, ldb, c + (int64_t)j * ldc, ldc);
  for (; j < n; ++j)
    TYPED(column_tile)(1, m, k, (REAL)alpha, a, lda, b + j, ldb, c + (int64_t)j * ldc, ldc);
}

/* C -= A S B^H, by runs of columns with one sign. */
static void TYPED(signed_product)(int m, int n, int k, const int8_t *sign, const SCALAR *A, int lda,
                                  const SCALAR *B, int ldb, SCALAR *C, int ldc)
{
  for (int from = 0, to; from < k; from = to) {
    for (to = from + 1; to < k && sign[to] == sign[from]; ++to)
      ;
    TYPED(product)
    (m, n, to - from, -sign[from], A + (int64_t)from * lda, lda, B + (int64_t)from * ldb, ldb, C,
     ldc);
  }
}

/* ---- elimination ---- */

/* Everything below is done to L and, where it is another one, to U^T or its like: the columns of
 * each are scaled alike, and take the other's part in each other's products. */

/* l *= scale below the diagonal. */
static inline void TYPED(scale_column)(int rows, REAL scale, SCALAR *l)
{
  for (int i = 0; i < rows; ++i)
    l[i] *= scale;
}

/* to -= l * factor */
static inline void TYPED(reduce_column)(int rows, SCALAR factor, const SCALAR *restrict l,
                                        SCALAR *restrict to)
{
  for (int i = 0; i < rows; ++i)
    to[i] -= l[i] * factor;
}

/* Columns of a trapezoid of `rows` rows, one by one. Returns the first bad pivot, or -1. */
static int TYPED(eliminate_narrow)(int rows, int columns, SCALAR *L, SCALAR *U, int64_t ld,
                                   REAL *inverse, int8_t *sign)
{
  for (int j = 0; j < columns; ++j) {
    SCALAR *l = L + j * ld, *u = U + j * ld;
    REAL pivot = RE(l[j]), root;
    if (!(isfinite(pivot) && pivot != 0))
      return j;
    sign[j] = pivot < 0 ? -1 : 1;
    root = (REAL)sqrt(fabs((double)pivot));
    inverse[j] = 1 / root;
    l[j] = u[j] = root;
    TYPED(scale_column)(rows - j - 1, (REAL)sign[j] * inverse[j], l + j + 1);
    if (U != L)
      TYPED(scale_column)(rows - j - 1, (REAL)sign[j] * inverse[j], u + j + 1);
    for (int k = j + 1; k < columns; ++k) {
      TYPED(reduce_column)(rows - k, (REAL)sign[j] * CONJ(u[k]), l + k, L + k * ld + k);
      if (U != L)
        TYPED(reduce_column)(rows - k, (REAL)sign[j] * CONJ(l[k]), u + k, U + k * ld + k);
    }
  }
  return -1;
}

/* Up to `block` columns: narrow ones, each followed by its effect on those behind it. */
static int TYPED(eliminate_block)(int rows, int columns, SCALAR *L, SCALAR *U, int64_t ld,
                                  REAL *inverse, int8_t *sign)
{
  for (int j = 0; j < columns; j += TYPED(narrow)) {
    int some = columns - j < TYPED(narrow) ? columns - j : (int)TYPED(narrow), next = j + some;
    int64_t below = next + j * ld, corner = next + next * ld;
    int bad = TYPED(eliminate_narrow)(rows - j, some, L + j + j * ld, U + j + j * ld, ld,
                                      inverse + j, sign + j);
    if (bad >= 0)
      return j + bad;
    TYPED(signed_product)
    (rows - next, columns - next, some, sign + j, L + below, (int)ld, U + below, (int)ld,
     L + corner, (int)ld);
    if (U != L)
      TYPED(signed_product)
    (rows - next, columns - next, some, sign + j, U + below, (int)ld, L + below, (int)ld,
     U + corner, (int)ld);
  }
  return -1;
}

/* Rows of the same columns further down: X = X U^-1 S for the eliminated block U (L^H or so). */
static void TYPED(follow)(int rows, int columns, const SCALAR *U, SCALAR *X, int64_t ld,
                          const REAL *inverse, const int8_t *sign)
{
  for (int j = 0; j < columns; j += TYPED(narrow)) {
    int next = columns - j < TYPED(narrow) ? columns : j + TYPED(narrow);
    for (int a = j; a < next; ++a) {
      SCALAR *x = X + a * ld;
      TYPED(scale_column)(rows, (REAL)sign[a] * inverse[a], x);
      for (int b = a + 1; b < next; ++b)
        TYPED(reduce_column)(rows, (REAL)sign[a] * CONJ(U[b + a * ld]), x, X + b * ld);
    }
    TYPED(signed_product)
    (rows, columns - next, next - j, sign + j, X + j * ld, (int)ld, U + next + j * ld, (int)ld,
     X + next * ld, (int)ld);
  }
}

/* One strip of m rows from `from` on, for columns j .. j + some - 1 of L: what the columns before
 * and the eliminated block do to it. */
static void TYPED(eliminate_strip)(int m, int from, int j, int some, SCALAR *L, const SCALAR *U,
                                   int64_t ld, const REAL *inverse, const int8_t *sign)
{
  SCALAR *strip = L + from + j * ld;
  TYPED(signed_product)(m, some, j, sign, L + from, (int)ld, U + j, (int)ld, strip, (int)ld);
  TYPED(follow)(m, some, U + j + j * ld, strip, ld, inverse + j, sign + j);
}

/* Blocks of columns take all earlier columns at once. The square on the diagonal goes first, then
 * strips of the rows below, each by one thread. */
static int TYPED(eliminate)(int rows, int columns, SCALAR *L, SCALAR *U, REAL *inverse,
                            int8_t *sign, int threads)
{
  int64_t ld = rows;
  for (int j = 0, bad; j < columns; j += TYPED(block)) {
    int some = columns - j < TYPED(block) ? columns - j : (int)TYPED(block);
    int tall = rows - j > 2 * TYPED(strip), square = tall ? some : rows - j;
    int strips = (rows - j - square + TYPED(strip) - 1) / TYPED(strip);
    int64_t corner = j + j * ld;
    TYPED(signed_product)
    (square, some, j, sign, L + j, (int)ld, U + j, (int)ld, L + corner, (int)ld);
    if (U != L)
      TYPED(signed_product)
    (square, some, j, sign, U + j, (int)ld, L + j, (int)ld, U + corner, (int)ld);
    bad = TYPED(eliminate_block)(square, some, L + corner, U + corner, ld, inverse + j, sign + j);
    if (bad >= 0)
      return j + bad;
#pragma omp parallel for schedule(dynamic, 1) num_threads(threads) if (threads > 1)
    for (int t = 0; t < strips; ++t) {
      int from = j + square + t * TYPED(strip);
      int m = rows - from < TYPED(strip) ? rows - from : (int)TYPED(strip);
      TYPED(eliminate_strip)(m, from, j, some, L, U, ld, inverse, sign);
      if (U != L)
        TYPED(eliminate_strip)(m, from, j, some, U, L, ld, inverse, sign);
    }
  }
  return -1;
}

/* The lower triangle of C -= A S B^H; A and B: `below` x columns. */
static void TYPED(complement)(int below, int columns, const SCALAR *A, const SCALAR *B, int ld,
                              const int8_t *sign, SCALAR *C, int threads)
{
  enum { STEP = 16 };
  int step = columns > 48 || IS_COMPLEX ? (int)TYPED(strip) : STEP;
  int strips = (below + step - 1) / step;
#pragma omp parallel for schedule(dynamic, 1) num_threads(threads) if (threads > 1)
  for (int t = 0; t < strips; ++t) {
    int from = t * step, n = below - from < step ? below - from : step;
    TYPED(signed_product)
    (below - from, n, columns, sign, A + from, ld, B + from, ld, C + from + (int64_t)from * below,
     below);
  }
}

/* ---- assembly ---- */

/* Adds the lower triangle of a child's complement to the trapezoid L and the complement C. */
static void TYPED(take)(const tree *T, int32_t child, const SCALAR *from, SCALAR *L, int columns,
                        SCALAR *C, int below, int threads)
{
  int m = tree_below(T, child);
  const int32_t *spot = T->spot + T->row_at[child];
#pragma omp parallel for schedule(dynamic, 32) num_threads(threads) if (threads > 1)
  for (int j = 0; j < m; ++j) {
    const SCALAR *restrict u = from + (int64_t)j * m;
    SCALAR *restrict to = spot[j] < columns ? L + (int64_t)spot[j] * (columns + below)
                                            : C + (int64_t)(spot[j] - columns) * below - columns;
    if (spot[m - 1] - spot[j] == m - 1 - j) {
      to += spot[j] - j;
      for (int i = j; i < m; ++i)
        to[i] += u[i];
    } else {
      for (int i = j; i < m; ++i)
        to[spot[i]] += u[i];
    }
  }
}

/* The trapezoid and the lower triangle of the complement, zero. */
static void TYPED(clear)(SCALAR *L, int columns, SCALAR *C, int below, int threads)
{
  size_t rows = (size_t)(columns + below);
#pragma omp parallel for schedule(static) num_threads(threads) if (threads > 1)
  for (int j = 0; j < columns + below; ++j)
    if (j < columns)
      memset(L + (size_t)j * rows, 0, rows * sizeof *L);
    else
      memset(C + (size_t)(j - columns) * (size_t)below + (j - columns), 0,
             (size_t)(columns + below - j) * sizeof *C);
}

/* Entries and children's complements. */
static void TYPED(assemble)(const front_factors *F, int32_t s, const SCALAR *entry,
                            void *const *arena, SCALAR *L, SCALAR *C, int threads)
{
  const tree *T = &F->T;
  int columns = tree_columns(T, s), below = tree_below(T, s);
  int64_t trapezoid = (int64_t)(columns + below) * columns, square = (int64_t)below * below;
  for (int h = 0; h < F->halves; ++h)
    TYPED(clear)(L + h * trapezoid, columns, C + h * square, below, threads);
  for (int64_t e = T->entry_at[s]; e < T->entry_at[s + 1]; ++e)
    L[T->entry_to[e]] +=
        T->entry_from[e] < 0 ? CONJ(entry[~T->entry_from[e]]) : entry[T->entry_from[e]];
  for (int32_t c = T->child_at[s]; c < T->child_at[s + 1]; ++c) {
    int32_t child = T->child[c];
    int64_t m = tree_below(T, child);
    const SCALAR *from = (const SCALAR *)arena[T->arena[child]] + F->halves * T->update_at[child];
    for (int h = 0; h < F->halves; ++h)
      TYPED(take)
    (T, child, from + h * m * m, L + h * trapezoid, columns, C + h * square, below, threads);
  }
}

static int32_t TYPED(factor)(const front_factors *F, int32_t s, const void *a, void *const *arena,
                             int threads)
{
  const double WORTH_SHARING = 2e6;
  const tree *T = &F->T;
  int columns = tree_columns(T, s), below = tree_below(T, s), rows = columns + below, bad;
  SCALAR *L = (SCALAR *)F->values + F->halves * T->value_at[s];
  SCALAR *U = L + (F->halves - 1) * ((int64_t)rows * columns);
  SCALAR *C = (SCALAR *)arena[T->arena[s]] + F->halves * T->update_at[s];
  REAL *inverse = (REAL *)F->inverse + T->first[s];
  int8_t *sign = F->sign + T->first[s];
  if ((double)rows * rows * columns < WORTH_SHARING)
    threads = 1;
  TYPED(assemble)(F, s, a, arena, L, C, threads);
  bad = TYPED(eliminate)(rows, columns, L, U, inverse, sign, threads);
  if (bad >= 0)
    return T->first[s] + bad;
  TYPED(complement)(below, columns, L + columns, U + columns, rows, sign, C, threads);
  if (U != L)
    TYPED(complement)
  (below, columns, U + columns, L + columns, rows, sign, C + (int64_t)below * below, threads);
  return -1;
}

static void TYPED(row_sums)(const front_factors *F, int32_t s, double *sums)
{
  const tree *T = &F->T;
  int columns = tree_columns(T, s), below = tree_below(T, s), rows = columns + below;
  const SCALAR *L = (const SCALAR *)F->values + F->halves * T->value_at[s];
  const SCALAR *U = L + (int64_t)rows * columns;
  for (int j = 0; j < columns; ++j, L += rows, U += rows) {
    double row_of_u = 0;
    for (int i = j; i < rows && F->halves > 1; ++i)
      row_of_u += sqrt((double)MAG2(U[i]));
    for (int i = j; i < rows; ++i) {
      double square = (double)MAG2(L[i]);
      sums[i < columns ? T->first[s] + i : T->row[T->row_at[s] + i - columns]] +=
          F->halves > 1 ? sqrt(square) * row_of_u : square;
    }
  }
}
