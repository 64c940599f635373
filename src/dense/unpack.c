/* unpack.c: see unpack.h. */
#include "dense/unpack.h"

#include "base/dtype.h"

#include <assert.h>

static double read_real(const speig_block *X, int64_t i, int64_t j)
{
  int64_t at = i + j * X->ld;
  return dtype_is_single(X->dtype) ? (double)((const float *)X->data)[at]
                                   : ((const double *)X->data)[at];
}

static void write_complex(speig_block *X, int64_t i, int64_t j, double re, double im)
{
  int64_t at = 2 * (i + j * X->ld);
  if (dtype_is_single(X->dtype)) {
    ((float *)X->data)[at] = (float)re;
    ((float *)X->data)[at + 1] = (float)im;
  } else {
    ((double *)X->data)[at] = re;
    ((double *)X->data)[at + 1] = im;
  }
}

void dense_unpack(const speig_block *packed, speig_block *out)
{
  assert(packed->cols == out->cols && packed->cols <= 2 && packed->rows == out->rows);
  for (int64_t i = 0; i < packed->rows; ++i) {
    double u = read_real(packed, i, 0), v = packed->cols > 1 ? read_real(packed, i, 1) : 0;
    write_complex(out, i, 0, u, v);
    if (packed->cols > 1)
      write_complex(out, i, 1, u, -v);
  }
}
