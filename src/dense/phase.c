/* phase.c: dispatch of dense_fix_phases. */
#include "dense/phase.h"

#define SPEIG_TEMPLATE "dense/phase.t.h"
#include "base/instantiate.h"

static void *column(const speig_block *X, int64_t j)
{
  return X ? (char *)X->data + (size_t)(j * X->ld) * speig_dtype_size(X->dtype) : NULL;
}

void dense_fix_phases(speig_block *X, speig_block *Y)
{
  int64_t m = Y ? Y->rows : 0;
  for (int64_t j = 0; j < X->cols; ++j) {
    void *x = column(X, j), *y = column(Y, j);
    switch (X->dtype) {
    case SPEIG_S:
      fix_phase_s(X->rows, x, m, y);
      break;
    case SPEIG_D:
      fix_phase_d(X->rows, x, m, y);
      break;
    case SPEIG_C:
      fix_phase_c(X->rows, x, m, y);
      break;
    case SPEIG_Z:
      fix_phase_z(X->rows, x, m, y);
      break;
    }
  }
}

void dense_fix_phase(speig_block *X)
{
  dense_fix_phases(X, NULL);
}
