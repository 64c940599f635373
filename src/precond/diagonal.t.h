/* diagonal.t.h: |a_ii| of a CSR matrix; columns ascend within a row, so a row is searched by
 * halving. */
#include "base/scalar.h"

static void TYPED(diagonal_sizes)(const speig_matrix *A, int64_t n, double *size)
{
  const int64_t *rowptr;
  const int32_t *colind;
  const void *values;
  speig_matrix_arrays(A, &rowptr, &colind, &values);
  for (int64_t i = 0; i < n; ++i) {
    int64_t first = rowptr[i], last = rowptr[i + 1];
    while (first < last) {
      int64_t middle = first + (last - first) / 2;
      if (colind[middle] < i)
        first = middle + 1;
      else
        last = middle;
    }
    if (first < rowptr[i + 1] && colind[first] == i) {
      SCALAR a = ((const SCALAR *)values)[first];
      size[i] = hypot((double)RE(a), (double)IM(a));
    }
  }
}
