/* lanes.t.h: registers of HOST_LANES doubles, loaded from and stored to one real type.
 *
 * The kernels see a column of scalars as reals, a complex number being two neighbours. All
 * arithmetic is in double: products of floats are then exact, and sums of them as good as those of
 * doubles. Parts of a register (the end of a column) are padded with 0 and nothing behind is
 * touched.
 */

typedef double TYPED(lanes) __attribute__((vector_size(HOST_LANES * sizeof(double))));
typedef int64_t TYPED(lane_numbers) __attribute__((vector_size(HOST_LANES * sizeof(int64_t))));
typedef REAL TYPED(packed) __attribute__((vector_size(HOST_LANES * sizeof(REAL))));

/* count: reals that exist from p on; HOST_LANES, a constant, inside of columns. */
static inline __attribute__((always_inline)) TYPED(lanes) TYPED(load)(const REAL *p, int64_t count)
{
  TYPED(packed) raw = { 0 };
  memcpy(&raw, p, (count < HOST_LANES ? (size_t)count : HOST_LANES) * sizeof(REAL));
  return __builtin_convertvector(raw, TYPED(lanes));
}

static inline __attribute__((always_inline)) void TYPED(store)(TYPED(lanes) v, REAL *p,
                                                               int64_t count)
{
  TYPED(packed) raw = __builtin_convertvector(v, TYPED(packed));
  memcpy(p, &raw, (count < HOST_LANES ? (size_t)count : HOST_LANES) * sizeof(REAL));
}

/* (re, im) -> (im, re) */
static inline __attribute__((always_inline)) TYPED(lanes) TYPED(swap)(TYPED(lanes) v)
{
  return LANE_SHUFFLE(TYPED(lane_numbers), v, HOST_SWAP);
}

/* Sum of the lanes, and sum of the even minus sum of the odd ones. */
static inline double TYPED(lane_sum)(TYPED(lanes) v)
{
  double even = 0, odd = 0;
  for (int l = 0; l < HOST_LANES; l += 2) {
    even += v[l];
    odd += v[l + 1];
  }
  return even + odd;
}

static inline double TYPED(lane_difference)(TYPED(lanes) v)
{
  double even = 0, odd = 0;
  for (int l = 0; l < HOST_LANES; l += 2) {
    even += v[l];
    odd += v[l + 1];
  }
  return even - odd;
}
