/* panel.t.h: sweeps with panels of COLUMNS scalars a row; part of sweep.t.h. i x of a complex row x
 * is kept beside it: L x = re(L) x + im(L) (i x), and conj(L) x = re(L) x - im(L) (i x). */

enum { AT_WIDTH(lanes) = COLUMNS * (1 + IS_COMPLEX), AT_WIDTH(group) = IS_COMPLEX ? 4 : 8 };
typedef REAL AT_WIDTH(line) __attribute__((vector_size(AT_WIDTH(lanes) * sizeof(REAL))));

/* *turned = i x. Rows go by address: not every instruction set has a way to pass them. */
static inline __attribute__((always_inline)) void AT_WIDTH(turn)(const AT_WIDTH(line) * x,
                                                                 AT_WIDTH(line) * turned)
{
  AT_WIDTH(line) result = *x;
  for (int l = 0; l + 1 < AT_WIDTH(lanes); l += 2) {
    result[l] = -(*x)[l + 1];
    result[l + 1] = (*x)[l];
  }
  *turned = result;
}

/* *t -= l x; xi = i x. */
static inline __attribute__((always_inline)) void AT_WIDTH(subtract)(AT_WIDTH(line) * t,
                                                                     const REAL *l,
                                                                     const AT_WIDTH(line) * x,
                                                                     const AT_WIDTH(line) * xi)
{
  *t -= l[0] * *x;
  if (IS_COMPLEX)
    *t -= l[1] * *xi;
}

static inline __attribute__((always_inline)) void AT_WIDTH(push)(int group, int rows, const REAL *L,
                                                                 int64_t ld, const REAL *inverse,
                                                                 AT_WIDTH(line) * t)
{
  enum { REALS = 1 + IS_COMPLEX };
  AT_WIDTH(line) x[AT_WIDTH(group)], xi[AT_WIDTH(group)];
  for (int a = 0; a < group; ++a) {
    x[a] = xi[a] = t[a] *= inverse[a];
    if (IS_COMPLEX)
      AT_WIDTH(turn)(&x[a], &xi[a]);
    for (int b = a + 1; b < group; ++b)
      AT_WIDTH(subtract)(&t[b], L + (b + a * ld) * REALS, &x[a], &xi[a]);
  }
  for (int i = group; i < rows; ++i) {
    AT_WIDTH(line) v = t[i];
    for (int a = 0; a < group; ++a)
      AT_WIDTH(subtract)(&v, L + (i + a * ld) * REALS, &x[a], &xi[a]);
    t[i] = v;
  }
}

static inline __attribute__((always_inline)) void AT_WIDTH(pull)(int group, int rows, const REAL *L,
                                                                 int64_t ld, const REAL *inverse,
                                                                 AT_WIDTH(line) * t)
{
  enum { REALS = 1 + IS_COMPLEX };
  AT_WIDTH(line) re[AT_WIDTH(group)], im[AT_WIDTH(group)];
  for (int a = 0; a < group; ++a)
    re[a] = im[a] = (AT_WIDTH(line)){ 0 };
  for (int i = group; i < rows; ++i)
    for (int a = 0; a < group; ++a) {
      const REAL *l = L + (i + a * ld) * REALS;
      re[a] += l[0] * t[i];
      if (IS_COMPLEX)
        im[a] += l[1] * t[i];
    }
  for (int a = group - 1; a >= 0; --a) {
    for (int b = a + 1; b < group; ++b) {
      const REAL *l = L + (b + a * ld) * REALS;
      re[a] += l[0] * t[b];
      if (IS_COMPLEX)
        im[a] += l[1] * t[b];
    }
    if (IS_COMPLEX) {
      AT_WIDTH(turn)(&im[a], &im[a]);
      re[a] -= im[a];
    }
    t[a] = (t[a] - re[a]) * inverse[a];
  }
}

static void AT_WIDTH(down)(const front_factors *F, int32_t from, int32_t to, void *panel,
                           int32_t top, void *above, void *work)
{
  enum { REALS = 1 + IS_COMPLEX, GROUP = AT_WIDTH(group) };
  const tree *T = &F->T;
  AT_WIDTH(line) *W = panel, *U = above, *t = work;
  for (int32_t s = from; s < to; ++s) {
    int columns = tree_columns(T, s), below = tree_below(T, s), rows = columns + below, j = 0;
    const REAL *L = TYPED(half_of)(F, s, F->down_half);
    const REAL *inverse = (const REAL *)F->inverse + T->first[s];
    const int32_t *row = T->row + T->row_at[s];
    memcpy(t, W + T->first[s], (size_t)columns * sizeof *t);
    memset(t + columns, 0, (size_t)below * sizeof *t);
    for (; j + GROUP <= columns; j += GROUP)
      AT_WIDTH(push)
    (GROUP, rows - j, L + (j + (int64_t)j * rows) * REALS, rows, inverse + j, t + j);
    for (; j + 2 <= columns; j += 2)
      AT_WIDTH(push)(2, rows - j, L + (j + (int64_t)j * rows) * REALS, rows, inverse + j, t + j);
    for (; j < columns; ++j)
      AT_WIDTH(push)(1, rows - j, L + (j + (int64_t)j * rows) * REALS, rows, inverse + j, t + j);
    memcpy(W + T->first[s], t, (size_t)columns * sizeof *t);
    for (int i = 0; i < below; ++i)
      *(row[i] < top ? W + row[i] : U + (row[i] - top)) += t[columns + i];
  }
}

static void AT_WIDTH(up)(const front_factors *F, int32_t from, int32_t to, void *panel, void *work)
{
  enum { REALS = 1 + IS_COMPLEX, GROUP = AT_WIDTH(group) };
  const tree *T = &F->T;
  AT_WIDTH(line) *W = panel, *t = work;
  for (int32_t s = to - 1; s >= from; --s) {
    int columns = tree_columns(T, s), below = tree_below(T, s), rows = columns + below, j = columns;
    const REAL *L = TYPED(half_of)(F, s, F->up_half);
    const REAL *inverse = (const REAL *)F->inverse + T->first[s];
    const int32_t *row = T->row + T->row_at[s];
    for (int i = 0; i < columns; ++i)
      t[i] = W[T->first[s] + i] * (REAL)F->sign[T->first[s] + i];
    for (int i = 0; i < below; ++i)
      t[columns + i] = W[row[i]];
    while (j > 0) {
      int group = j >= GROUP ? GROUP : j >= 2 ? 2 : 1;
      const REAL *from_l;
      j -= group;
      from_l = L + (j + (int64_t)j * rows) * REALS;
      if (group == GROUP)
        AT_WIDTH(pull)(GROUP, rows - j, from_l, rows, inverse + j, t + j);
      else if (group == 2)
        AT_WIDTH(pull)(2, rows - j, from_l, rows, inverse + j, t + j);
      else
        AT_WIDTH(pull)(1, rows - j, from_l, rows, inverse + j, t + j);
    }
    memcpy(W + T->first[s], t, (size_t)columns * sizeof *t);
  }
}
