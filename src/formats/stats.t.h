/* stats.t.h: one row at a time for stats.c. */
#ifndef SCALAR
#include "base/scalar.h"
#include "formats/stats.h"
#endif

static inline double TYPED(magnitude)(SCALAR x)
{
  return IS_COMPLEX ? hypot((double)RE(x), (double)IM(x)) : fabs((double)RE(x));
}

static inline double TYPED(distance)(SCALAR x, SCALAR y)
{
  return IS_COMPLEX ? hypot((double)RE(x) - (double)RE(y), (double)IM(x) - (double)IM(y))
                    : fabs((double)RE(x) - (double)RE(y));
}

/* The value at (i, j), 0 where nothing is stored; binary search in the row. */
static SCALAR TYPED(value_at)(const speig_matrix *A, int64_t i, int32_t j)
{
  int64_t low = A->rowptr[i], high = A->rowptr[i + 1];
  while (low < high) {
    int64_t middle = low + (high - low) / 2;
    if (A->colind[middle] < j)
      low = middle + 1;
    else
      high = middle;
  }
  return low < A->rowptr[i + 1] && A->colind[low] == j ? ((const SCALAR *)A->values)[low]
                                                       : (SCALAR)0;
}

static void TYPED(row_stats)(const speig_matrix *A, int64_t i, row_stats *s)
{
  const SCALAR *a = A->values;
  double diagonal = 0, off = 0;
  for (int64_t e = A->rowptr[i]; e < A->rowptr[i + 1]; ++e) {
    int64_t j = A->colind[e];
    double size = TYPED(magnitude)(a[e]);
    if (i - j > s->lower)
      s->lower = i - j;
    if (j - i > s->upper)
      s->upper = j - i;
    s->on_diagonal += i == j;
    s->zeros += size == 0;
    if (!isfinite((double)RE(a[e])) || !isfinite((double)IM(a[e]))) {
      if (s->nonfinite++ == 0) {
        s->bad_row = i;
        s->bad_col = j;
      }
      continue;
    }
    if (size > s->max_abs)
      s->max_abs = size;
    if (size > 0 && size < s->min_abs)
      s->min_abs = size;
    if (i == j)
      diagonal = (double)RE(a[e]);
    else
      off += size;
    s->row_sum += size;
  }
  s->low = diagonal - off;
  s->high = diagonal + off;
}

/* sum (|a| / scale)^2 over the finite entries of a row */
static double TYPED(row_squares)(const speig_matrix *A, int64_t i, double scale)
{
  const SCALAR *a = A->values;
  double sum = 0;
  for (int64_t e = A->rowptr[i]; e < A->rowptr[i + 1]; ++e) {
    double size = TYPED(magnitude)(a[e]);
    if (isfinite(size))
      sum += (size / scale) * (size / scale);
  }
  return sum;
}

/* Adds |a_ij| of a row to sums[j]. */
static void TYPED(add_columns)(const speig_matrix *A, int64_t i, double *sums)
{
  const SCALAR *a = A->values;
  for (int64_t e = A->rowptr[i]; e < A->rowptr[i + 1]; ++e) {
    double size = TYPED(magnitude)(a[e]);
    if (isfinite(size))
      sums[A->colind[e]] += size;
  }
}

/* The largest distances of a_ij from conj(a_ji), a_ji and -a_ji over the entries of a row of a
 * square matrix: an entry without a partner counts against 0, and every one is looked at. */
static void TYPED(row_defects)(const speig_matrix *A, int64_t i, double defect[3])
{
  const SCALAR *a = A->values;
  for (int64_t e = A->rowptr[i]; e < A->rowptr[i + 1]; ++e) {
    SCALAR mirror = TYPED(value_at)(A, A->colind[e], (int32_t)i);
    double d[3] = { TYPED(distance)(a[e], CONJ(mirror)), TYPED(distance)(a[e], mirror),
                    TYPED(distance)(a[e], -mirror) };
    for (int k = 0; k < 3; ++k)
      if (!(d[k] <= defect[k])) /* also when it is NaN */
        defect[k] = isnan(d[k]) ? (double)INFINITY : d[k];
  }
}
