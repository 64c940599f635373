/* components.t.h: which entries connect. */
#ifndef SCALAR
#include "base/scalar.h"
#include "formats/disjoint.h"
#endif

/* Joins what row i connects; the size of the largest set met. NaN is not zero. */
static int32_t TYPED(join_row)(const speig_matrix *A, int32_t i, int32_t *up)
{
  const SCALAR *values = A->values;
  int32_t largest = 1;
  for (int64_t e = A->rowptr[i]; e < A->rowptr[i + 1]; ++e) {
    int32_t size;
    if (A->colind[e] == i || values[e] == 0)
      continue;
    size = disjoint_join(up, i, A->colind[e]);
    largest = size > largest ? size : largest;
  }
  return largest;
}
