/* phase.t.h: dense_fix_phases for one scalar type: x[n], and y[m] multiplied along. */
#ifndef SCALAR
#include "base/scalar.h"
#endif

static void TYPED(fix_phase)(int64_t n, SCALAR *x, int64_t m, SCALAR *y)
{
  REAL largest = 0;
  int64_t at = 0;
  for (int64_t i = 0; i < n; ++i) {
    /* An entry must win clearly: symmetric vectors have ties that rounding would decide. */
    if (MAG2(x[i]) > largest * (REAL)1.0001) {
      largest = MAG2(x[i]);
      at = i;
    }
  }
  if (largest > 0) {
    SCALAR factor = CONJ(x[at]) / (SCALAR)(REAL)sqrt((double)largest);
    for (int64_t i = 0; i < n; ++i)
      x[i] *= factor;
    for (int64_t i = 0; i < m; ++i)
      y[i] *= factor;
#if IS_COMPLEX
    x[at] = RE(x[at]);
#endif
  }
}
