/* parts.c: see parts.h. */
#include "dense/parts.h"

#include "base/dtype.h"

void parts_widen(speig_dtype real, int64_t count, const void *x, void *z)
{
  for (int64_t i = 0; i < count; ++i)
    if (dtype_is_single(real)) {
      ((float *)z)[2 * i] = ((const float *)x)[i];
      ((float *)z)[2 * i + 1] = 0;
    } else {
      ((double *)z)[2 * i] = ((const double *)x)[i];
      ((double *)z)[2 * i + 1] = 0;
    }
}

void parts_take(speig_dtype real, int imaginary, int64_t count, const void *z, void *x)
{
  int64_t part = imaginary ? 1 : 0;
  for (int64_t i = 0; i < count; ++i)
    if (dtype_is_single(real))
      ((float *)x)[i] = ((const float *)z)[2 * i + part];
    else
      ((double *)x)[i] = ((const double *)z)[2 * i + part];
}

void parts_conjugate(speig_dtype dtype, int64_t count, void *z)
{
  for (int64_t i = 0; i < count && dtype_is_complex(dtype); ++i)
    if (dtype_is_single(dtype))
      ((float *)z)[2 * i + 1] = -((float *)z)[2 * i + 1];
    else
      ((double *)z)[2 * i + 1] = -((double *)z)[2 * i + 1];
}
