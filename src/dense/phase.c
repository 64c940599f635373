/* phase.c: dispatch of dense_fix_phase. */
#include "dense/phase.h"

#define SPEIG_TEMPLATE "dense/phase.t.h"
#include "base/instantiate.h"

void dense_fix_phase(speig_block *X)
{
  for (int64_t j = 0; j < X->cols; ++j) {
    char *column = (char *)X->data + (size_t)(j * X->ld) * speig_dtype_size(X->dtype);
    switch (X->dtype) {
    case SPEIG_S:
      fix_phase_s(X->rows, (float *)column);
      break;
    case SPEIG_D:
      fix_phase_d(X->rows, (double *)column);
      break;
    case SPEIG_C:
      fix_phase_c(X->rows, (float _Complex *)column);
      break;
    case SPEIG_Z:
      fix_phase_z(X->rows, (double _Complex *)column);
      break;
    }
  }
}
