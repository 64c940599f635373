/* sweep.t.h: triangular solves with supernodal factors, for one scalar type.
 *
 * Right-hand sides are panels by rows, so that a number of L is loaded once and multiplies a whole
 * row: with one column the rows themselves fill the registers. A supernode's part of the panel is
 * brought together in `work`; then columns of L are taken in groups, down all rows in one stream.
 * Cost of a sweep: the numbers of L are read once, and 2 operations made with each for a column. */

/* The trapezoid of a supernode that a sweep reads. */
static inline const REAL *TYPED(half_of)(const front_factors *F, int32_t s, int half)
{
  const tree *T = &F->T;
  int64_t columns = tree_columns(T, s), rows = columns + tree_below(T, s);
  int64_t before = F->halves * T->value_at[s] + half * (rows * columns);
  return (const REAL *)F->values + before * (1 + IS_COMPLEX);
}

/* ---- one column of real numbers: registers hold consecutive rows ---- */

static inline __attribute__((always_inline)) void
TYPED(push_rows)(int group, int rows, const REAL *L, int64_t ld, const REAL *inverse, REAL *t)
{
  enum { LANES = TYPED(lane_count) };
  REAL x[8];
  int i = group;
  for (int a = 0; a < group; ++a) {
    x[a] = t[a] *= inverse[a];
    for (int b = a + 1; b < group; ++b)
      t[b] -= L[b + a * ld] * x[a];
  }
  for (; i + LANES <= rows; i += LANES) {
    TYPED(register_) v, l;
    TYPED(get)(t + i, &v);
    for (int a = 0; a < group; ++a) {
      TYPED(get)(L + i + a * ld, &l);
      v -= l * x[a];
    }
    memcpy(t + i, &v, sizeof v);
  }
  for (; i < rows; ++i)
    for (int a = 0; a < group; ++a)
      t[i] -= L[i + a * ld] * x[a];
}

static inline __attribute__((always_inline)) void
TYPED(pull_rows)(int group, int rows, const REAL *L, int64_t ld, const REAL *inverse, REAL *t)
{
  enum { LANES = TYPED(lane_count) };
  TYPED(register_) sum[8];
  REAL rest[8];
  int i = group;
  for (int a = 0; a < group; ++a) {
    sum[a] = (TYPED(register_)){ 0 };
    rest[a] = 0;
  }
  for (; i + LANES <= rows; i += LANES) {
    TYPED(register_) v, l;
    TYPED(get)(t + i, &v);
    for (int a = 0; a < group; ++a) {
      TYPED(get)(L + i + a * ld, &l);
      sum[a] += l * v;
    }
  }
  for (; i < rows; ++i)
    for (int a = 0; a < group; ++a)
      rest[a] += L[i + a * ld] * t[i];
  for (int a = group - 1; a >= 0; --a) {
    REAL value = t[a] - rest[a];
    for (int l = 0; l < LANES; ++l)
      value -= sum[a][l];
    for (int b = a + 1; b < group; ++b)
      value -= L[b + a * ld] * t[b];
    t[a] = value * inverse[a];
  }
}

static void TYPED(down_single)(const front_factors *F, int32_t from, int32_t to, REAL *W,
                               int32_t top, REAL *U, REAL *t)
{
  const tree *T = &F->T;
  for (int32_t s = from; s < to; ++s) {
    int columns = tree_columns(T, s), below = tree_below(T, s), rows = columns + below, j = 0;
    const REAL *L = TYPED(half_of)(F, s, F->down_half);
    const REAL *inverse = (const REAL *)F->inverse + T->first[s];
    const int32_t *row = T->row + T->row_at[s];
    REAL *own = W + T->first[s];
    memcpy(t, own, (size_t)columns * sizeof *t);
    memset(t + columns, 0, (size_t)below * sizeof *t);
    for (; j + 8 <= columns; j += 8)
      TYPED(push_rows)(8, rows - j, L + j + (int64_t)j * rows, rows, inverse + j, t + j);
    for (; j + 4 <= columns; j += 4)
      TYPED(push_rows)(4, rows - j, L + j + (int64_t)j * rows, rows, inverse + j, t + j);
    for (; j < columns; ++j)
      TYPED(push_rows)(1, rows - j, L + j + (int64_t)j * rows, rows, inverse + j, t + j);
    memcpy(own, t, (size_t)columns * sizeof *t);
    for (int i = 0; i < below; ++i)
      *(row[i] < top ? W + row[i] : U + (row[i] - top)) += t[columns + i];
  }
}

static void TYPED(up_single)(const front_factors *F, int32_t from, int32_t to, REAL *W, REAL *t)
{
  const tree *T = &F->T;
  for (int32_t s = to - 1; s >= from; --s) {
    int columns = tree_columns(T, s), below = tree_below(T, s), rows = columns + below, j = columns;
    const REAL *L = TYPED(half_of)(F, s, F->up_half);
    const REAL *inverse = (const REAL *)F->inverse + T->first[s];
    const int32_t *row = T->row + T->row_at[s];
    REAL *own = W + T->first[s];
    for (int i = 0; i < columns; ++i)
      t[i] = own[i] * (REAL)F->sign[T->first[s] + i];
    for (int i = 0; i < below; ++i)
      t[columns + i] = W[row[i]];
    for (; j >= 8; j -= 8)
      TYPED(pull_rows)
    (8, rows - j + 8, L + j - 8 + (int64_t)(j - 8) * rows, rows, inverse + j - 8, t + j - 8);
    for (; j >= 4; j -= 4)
      TYPED(pull_rows)
    (4, rows - j + 4, L + j - 4 + (int64_t)(j - 4) * rows, rows, inverse + j - 4, t + j - 4);
    for (; j > 0; --j)
      TYPED(pull_rows)
    (1, rows - j + 1, L + j - 1 + (int64_t)(j - 1) * rows, rows, inverse + j - 1, t + j - 1);
    memcpy(own, t, (size_t)columns * sizeof *t);
  }
}

/* ---- several columns, or complex ones: a register holds a row ---- */

#define COLUMNS 1
#include "factor/panel.t.h"
#undef COLUMNS
#define COLUMNS 2
#include "factor/panel.t.h"
#undef COLUMNS
#define COLUMNS 4
#include "factor/panel.t.h"
#undef COLUMNS
#define COLUMNS 8
#include "factor/panel.t.h"
#undef COLUMNS

static void TYPED(down)(const front_factors *F, int32_t from, int32_t to, int width, void *W,
                        int32_t top, void *U, void *work)
{
  switch (width) {
  case 1:
    if (IS_COMPLEX)
      AT_WIDTH_(TYPED(down), 1)(F, from, to, W, top, U, work);
    else
      TYPED(down_single)(F, from, to, W, top, U, work);
    break;
  case 2:
    AT_WIDTH_(TYPED(down), 2)(F, from, to, W, top, U, work);
    break;
  case 4:
    AT_WIDTH_(TYPED(down), 4)(F, from, to, W, top, U, work);
    break;
  default:
    AT_WIDTH_(TYPED(down), 8)(F, from, to, W, top, U, work);
  }
}

static void TYPED(up)(const front_factors *F, int32_t from, int32_t to, int width, void *W,
                      void *work)
{
  switch (width) {
  case 1:
    if (IS_COMPLEX)
      AT_WIDTH_(TYPED(up), 1)(F, from, to, W, work);
    else
      TYPED(up_single)(F, from, to, W, work);
    break;
  case 2:
    AT_WIDTH_(TYPED(up), 2)(F, from, to, W, work);
    break;
  case 4:
    AT_WIDTH_(TYPED(up), 4)(F, from, to, W, work);
    break;
  default:
    AT_WIDTH_(TYPED(up), 8)(F, from, to, W, work);
  }
}

/* ---- panels ---- */

static void TYPED(gather)(const front_factors *F, int32_t from, int32_t to, int width, int p,
                          int64_t ld, const void *X, void *W)
{
  const SCALAR *x = X;
  SCALAR *w = (SCALAR *)W + (int64_t)from * width;
  for (int32_t i = from; i < to; ++i, w += width) {
    const SCALAR *row = x + F->T.order[i];
    for (int c = 0; c < p; ++c)
      w[c] = row[c * ld];
    for (int c = p; c < width; ++c)
      w[c] = 0;
  }
}

static void TYPED(scatter)(const front_factors *F, int32_t from, int32_t to, int width, int p,
                           int64_t ld, const void *W, void *X)
{
  SCALAR *x = X;
  const SCALAR *w = (const SCALAR *)W + (int64_t)from * width;
  for (int32_t i = from; i < to; ++i, w += width) {
    SCALAR *row = x + F->T.order[i];
    for (int c = 0; c < p; ++c)
      row[c * ld] = w[c];
  }
}

static void TYPED(add)(int64_t count, const void *U, void *W)
{
  const SCALAR *restrict u = U;
  SCALAR *restrict w = W;
  for (int64_t i = 0; i < count; ++i)
    w[i] += u[i];
}
