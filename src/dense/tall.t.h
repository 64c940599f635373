/* tall.t.h: the two kernels of tall and narrow blocks: h = X^H Y and Y += X C on a strip of rows.
 *
 * A strip is as many rows as let its columns stay in cache (host_strip_rows). Both kernels hold a
 * tile of columns in registers, 4 of X by `wide` of Y, and sweep down the strip: 4 + wide loads for
 * 4 wide products. They are called with constant tile shapes and inlined, once for each shape.
 * Columns are given as reals (m of them, 2 per complex number). Cost of a pass over X: one read. */

enum { TYPED(reals) = IS_COMPLEX ? 2 : 1 };
/* A complex tile holds two registers for each pair of columns. */
enum { TYPED(wide) = IS_COMPLEX ? HOST_TILE / 2 : HOST_TILE, TYPED(tall) = 4 };

/* ---- h = X^H Y ---- */

typedef struct TYPED(gram_tile) {
  TYPED(lanes) re[4][HOST_TILE], im[4][HOST_TILE];
} TYPED(gram_tile);

/* Asks for the first lines of a column that will be read soon: hardware follows a column once it
 * sees it, but does not foresee the next one. Nothing is read here, wherever p is. */
static inline __attribute__((always_inline)) void TYPED(fetch)(const REAL *p, int64_t ahead)
{
  enum { LINES = 6 };
  uintptr_t at = (uintptr_t)p + (uintptr_t)ahead * sizeof(REAL);
  for (uintptr_t line = 0; line < LINES; ++line)
    __builtin_prefetch((const void *)(at + line * 64), 0, 3);
}

/* Adds x_a^H y_b of HOST_LANES reals; see lane_sum and lane_difference for what the lanes mean. */
static inline __attribute__((always_inline)) void TYPED(gram_step)(const REAL *const *x, int na,
                                                                   const REAL *const *y, int nb,
                                                                   int64_t i, int64_t count,
                                                                   TYPED(gram_tile) * tile)
{
  TYPED(lanes) left[4];
  for (int a = 0; a < na; ++a)
    left[a] = TYPED(load)(x[a] + i, count);
  for (int b = 0; b < nb; ++b) {
    TYPED(lanes) right = TYPED(load)(y[b] + i, count);
    for (int a = 0; a < na; ++a)
      tile->re[a][b] += left[a] * right;
    if (IS_COMPLEX) {
      right = TYPED(swap)(right);
      for (int a = 0; a < na; ++a)
        tile->im[a][b] += left[a] * right;
    }
  }
}

/* h(a, b) += x_a^H y_b;  h has leading dimension ldh scalars. The columns of x are ldx apart; those
 * `ahead` reals on are fetched meanwhile, as hardware does not follow from column to column. */
static inline __attribute__((always_inline)) void
TYPED(gram_sweep)(int64_t m, const REAL *first_x, int64_t ldx, int na, int64_t ahead,
                  const REAL *first_y, int64_t ldy, int nb, double *h, int64_t ldh)
{
  const REAL *x[4], *y[HOST_TILE];
  TYPED(gram_tile) tile;
  int64_t i = 0;
  for (int a = 0; a < na; ++a) {
    x[a] = first_x + a * ldx;
    TYPED(fetch)(x[a], ahead);
  }
  for (int b = 0; b < nb; ++b)
    y[b] = first_y + b * ldy;
  for (int a = 0; a < na; ++a)
    for (int b = 0; b < nb; ++b)
      tile.re[a][b] = tile.im[a][b] = (TYPED(lanes)){ 0 };
  for (; i + HOST_LANES <= m; i += HOST_LANES)
    TYPED(gram_step)(x, na, y, nb, i, HOST_LANES, &tile);
  if (i < m)
    TYPED(gram_step)(x, na, y, nb, i, m - i, &tile);
  for (int b = 0; b < nb; ++b)
    for (int a = 0; a < na; ++a) {
      double *entry = h + (a + b * ldh) * TYPED(reals);
      entry[0] += TYPED(lane_sum)(tile.re[a][b]);
      if (IS_COMPLEX)
        entry[1] += TYPED(lane_difference)(tile.im[a][b]);
    }
}

/* One call per shape, so that each is compiled with its loops unrolled. */
static void TYPED(gram_shape)(int64_t m, const REAL *x, int64_t ldx, int na, int64_t ahead,
                              const REAL *y, int64_t ldy, int nb, double *h, int64_t ldh)
{
  switch (na * 8 + nb) {
  case 4 * 8 + 4:
    TYPED(gram_sweep)(m, x, ldx, 4, ahead, y, ldy, HOST_TILE < 4 ? 1 : 4, h, ldh);
    break;
  case 4 * 8 + 2:
    TYPED(gram_sweep)(m, x, ldx, 4, ahead, y, ldy, 2, h, ldh);
    break;
  case 4 * 8 + 1:
    TYPED(gram_sweep)(m, x, ldx, 4, ahead, y, ldy, 1, h, ldh);
    break;
  case 1 * 8 + 4:
    TYPED(gram_sweep)(m, x, ldx, 1, ahead, y, ldy, HOST_TILE < 4 ? 1 : 4, h, ldh);
    break;
  case 1 * 8 + 2:
    TYPED(gram_sweep)(m, x, ldx, 1, ahead, y, ldy, 2, h, ldh);
    break;
  default:
    TYPED(gram_sweep)(m, x, ldx, 1, ahead, y, ldy, 1, h, ldh);
  }
}

/* The largest tile side that fits: 4, 2 or 1. */
static inline int TYPED(side)(int32_t left, int most)
{
  return left >= most ? most : left >= 2 && most > 2 ? 2 : 1;
}

/* Distance from columns a, ... a + 3 of a strip to what is read after them: the next four columns,
 * or the first ones of the next strip. */
static inline int64_t TYPED(ahead)(int32_t a, int32_t p, int64_t ldx, int64_t m)
{
  return a + 4 < p ? 4 * ldx : m - a * ldx;
}

/* h += X^H Y for a strip of m reals; X has p columns, Y has q; leading dimensions in reals, that of
 * h in scalars. symmetric: Y is X, and only entries on and below the diagonal are needed. */
static void TYPED(gram_strip)(int64_t m, const REAL *X, int64_t ldx, int32_t p, const REAL *Y,
                              int64_t ldy, int32_t q, int symmetric, double *h, int64_t ldh)
{
  for (int32_t b = 0, nb; b < q; b += nb) {
    nb = TYPED(side)(q - b, TYPED(wide));
    for (int32_t a = 0, na; a < p; a += na) {
      na = p - a >= 4 ? 4 : 1;
      if (symmetric && a + na <= b)
        continue;
      TYPED(gram_shape)
      (m, X + a * ldx, ldx, na, TYPED(ahead)(a, p, ldx, m), Y + b * ldy, ldy, nb,
       h + (a + b * ldh) * TYPED(reals), ldh);
    }
  }
}

/* Re x^H y over m reals, with four sums in flight. */
static inline __attribute__((always_inline)) double TYPED(dot_strip)(int64_t m, const REAL *x,
                                                                     const REAL *y)
{
  TYPED(lanes) sum[4] = { { 0 }, { 0 }, { 0 }, { 0 } };
  int64_t i = 0;
  for (; i + 4 * HOST_LANES <= m; i += 4 * HOST_LANES)
    for (int l = 0; l < 4; ++l)
      sum[l] += TYPED(load)(x + i + l * HOST_LANES, HOST_LANES) *
                TYPED(load)(y + i + l * HOST_LANES, HOST_LANES);
  for (; i < m; i += HOST_LANES)
    sum[0] += TYPED(load)(x + i, m - i) * TYPED(load)(y + i, m - i);
  return TYPED(lane_sum)((sum[0] + sum[1]) + (sum[2] + sum[3]));
}

/* ---- Y = X C + (fresh ? 0 : Y) ---- */

/* Coefficients of a tile: real parts, and imaginary parts with the sign that swapped lanes need. */
typedef struct TYPED(update_tile) {
  TYPED(lanes) re[4][HOST_TILE], im[4][HOST_TILE];
} TYPED(update_tile);

static inline __attribute__((always_inline)) void
TYPED(update_step)(const REAL *const *x, int na, REAL *const *y, int nb, int complex_c, int fresh,
                   int64_t i, int64_t count, const TYPED(update_tile) * tile)
{
  TYPED(lanes) left[4], crossed[4];
  for (int a = 0; a < na; ++a) {
    left[a] = TYPED(load)(x[a] + i, count);
    if (complex_c)
      crossed[a] = TYPED(swap)(left[a]);
  }
  for (int b = 0; b < nb; ++b) {
    TYPED(lanes) sum = { 0 };
    if (!fresh)
      sum = TYPED(load)(y[b] + i, count);
    for (int a = 0; a < na; ++a)
      sum += left[a] * tile->re[a][b];
    for (int a = 0; complex_c && a < na; ++a)
      sum += crossed[a] * tile->im[a][b];
    TYPED(store)(sum, y[b] + i, count);
  }
}

/* One tile: y_b = sum_a x_a factor c(a, b) (+ y_b); ld in reals, that of c in its scalars. */
typedef struct TYPED(update_call) {
  int64_t m, ldx, ldy, ldc, ahead;
  const REAL *x;
  REAL *y;
  const double *c;
  double factor;
} TYPED(update_call);

static inline __attribute__((always_inline)) void
TYPED(update_sweep)(const TYPED(update_call) * u, int na, int nb, int complex_c, int fresh)
{
  const TYPED(lanes) none = { 0 };
  const int64_t m = u->m, ahead = u->ahead;
  const double factor = u->factor;
  const REAL *x[4];
  REAL *y[HOST_TILE];
  TYPED(lanes) sign;
  TYPED(update_tile) tile;
  int64_t i = 0;
  for (int a = 0; a < na; ++a) {
    x[a] = u->x + a * u->ldx;
    TYPED(fetch)(x[a], ahead);
  }
  for (int b = 0; b < nb; ++b)
    y[b] = u->y + b * u->ldy;
  for (int l = 0; l < HOST_LANES; ++l)
    sign[l] = l % 2 ? factor : -factor;
  for (int b = 0; b < nb; ++b)
    for (int a = 0; a < na; ++a) {
      const double *entry = u->c + (a + b * u->ldc) * (complex_c ? 2 : 1);
      tile.re[a][b] = none + factor * entry[0];
      if (complex_c)
        tile.im[a][b] = sign * entry[1];
    }
  for (; i + HOST_LANES <= m; i += HOST_LANES)
    TYPED(update_step)(x, na, y, nb, complex_c, fresh, i, HOST_LANES, &tile);
  if (i < m)
    TYPED(update_step)(x, na, y, nb, complex_c, fresh, i, m - i, &tile);
}

static inline __attribute__((always_inline)) void
TYPED(update_shape)(const TYPED(update_call) * u, int na, int nb, int complex_c, int fresh)
{
  switch (na * 8 + nb) {
  case 4 * 8 + 4:
    TYPED(update_sweep)(u, 4, HOST_TILE < 4 ? 1 : 4, complex_c, fresh);
    break;
  case 4 * 8 + 2:
    TYPED(update_sweep)(u, 4, 2, complex_c, fresh);
    break;
  case 4 * 8 + 1:
    TYPED(update_sweep)(u, 4, 1, complex_c, fresh);
    break;
  case 1 * 8 + 4:
    TYPED(update_sweep)(u, 1, HOST_TILE < 4 ? 1 : 4, complex_c, fresh);
    break;
  case 1 * 8 + 2:
    TYPED(update_sweep)(u, 1, 2, complex_c, fresh);
    break;
  default:
    TYPED(update_sweep)(u, 1, 1, complex_c, fresh);
  }
}

/* Not inlined: four variants of the six shapes. */
static void TYPED(update_any)(const TYPED(update_call) * u, int na, int nb, int complex_c,
                              int fresh)
{
  if (IS_COMPLEX && complex_c && fresh)
    TYPED(update_shape)(u, na, nb, IS_COMPLEX, 1);
  else if (IS_COMPLEX && complex_c)
    TYPED(update_shape)(u, na, nb, IS_COMPLEX, 0);
  else if (fresh)
    TYPED(update_shape)(u, na, nb, 0, 1);
  else
    TYPED(update_shape)(u, na, nb, 0, 0);
}

/* Y = alpha X C + beta Y on a strip of m reals; C p x q. */
static void TYPED(mul_strip)(int64_t m, double alpha, const REAL *X, int64_t ldx, const small *C,
                             double beta, REAL *Y, int64_t ldy)
{
  int32_t p = C->rows, q = C->cols;
  int wide = IS_COMPLEX && C->is_complex ? TYPED(wide) : HOST_TILE;
  TYPED(update_call) u = { .m = m, .ldx = ldx, .ldy = ldy, .ldc = C->ld, .factor = alpha };
  for (int32_t b = 0, nb; b < q; b += nb) {
    int fresh = beta == 0;
    nb = TYPED(side)(q - b, wide);
    u.y = Y + b * ldy;
    for (int l = 0; l < nb && beta != 1 && (beta != 0 || p == 0); ++l)
      for (int64_t i = 0; i < m; ++i)
        u.y[i + l * ldy] = beta == 0 ? 0 : (REAL)(beta * (double)u.y[i + l * ldy]);
    for (int32_t a = 0, na; a < p; a += na) {
      na = p - a >= 4 ? 4 : 1;
      u.x = X + a * ldx;
      u.c = C->data + (a + (int64_t)b * C->ld) * (C->is_complex ? 2 : 1);
      u.ahead = TYPED(ahead)(a, p, ldx, m);
      TYPED(update_any)(&u, na, nb, C->is_complex, fresh);
      fresh = 0;
    }
  }
}
