/* transform.t.h: values of one scalar type into a new array: conjugated, scaled, converted. */
#ifndef SCALAR
#include "base/scalar.h"
#endif

static void TYPED(conjugate)(int64_t n, void *values)
{
  SCALAR *x = values;
  for (int64_t e = 0; e < n; ++e)
    x[e] = CONJ(x[e]);
}

/* y = factor x, rounded once. Returns the first entry that overflows, -1 without one. */
static int64_t TYPED(scale)(int64_t n, double factor, const void *from, void *to)
{
  const SCALAR *x = from;
  SCALAR *y = to;
  REAL parts[2];
  int64_t bad = -1;
  for (int64_t e = 0; e < n; ++e) {
    parts[0] = (REAL)(factor * (double)RE(x[e]));
    parts[1] = (REAL)(factor * (double)IM(x[e]));
    memcpy(&y[e], parts, sizeof y[e]);
    if (bad < 0 && ((isinf(parts[0]) && !isinf(RE(x[e]))) || (isinf(parts[1]) && !isinf(IM(x[e])))))
      bad = e;
  }
  return bad;
}

/* Both parts of each number as doubles. */
static void TYPED(widen)(int64_t n, const void *from, double *to)
{
  const SCALAR *x = from;
  for (int64_t e = 0; e < n; ++e) {
    to[2 * e] = (double)RE(x[e]);
    to[2 * e + 1] = (double)IM(x[e]);
  }
}

/* The way back; returns the first entry that does not fit (a finite part that overflows, an
 * imaginary part in a real type), -1 without one. */
static int64_t TYPED(narrow)(int64_t n, const double *from, void *to)
{
  SCALAR *y = to;
  REAL parts[2];
  for (int64_t e = 0; e < n; ++e) {
    parts[0] = (REAL)from[2 * e];
    parts[1] = (REAL)from[2 * e + 1];
    memcpy(&y[e], parts, sizeof y[e]);
    if ((isinf(parts[0]) && !isinf(from[2 * e])) || (isinf(parts[1]) && !isinf(from[2 * e + 1])) ||
        (!IS_COMPLEX && !(from[2 * e + 1] == 0)))
      return e;
  }
  return -1;
}
