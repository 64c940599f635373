/* assemble.h: what assemble.c and its typed half share. */
#ifndef SPEIG_SRC_FORMATS_ASSEMBLE_H
#define SPEIG_SRC_FORMATS_ASSEMBLE_H

#include "formats/matrix.h"

#include <string.h>

/* The entries on their way: after the scatter, bucket b (the rows with row >> shift == b) fills
 * [start[b], start[b + 1]) of row, col and values, in the order of the list.                    */
typedef struct assembly {
  int shift;
  int64_t buckets;
  speig_symmetry symmetry;
  int64_t *start; /* [buckets + 1] */
  int32_t *row, *col;
  void *values;
  int64_t *rowptr;
} assembly;

static inline int row_is_sorted(int64_t n, const int32_t *col)
{
  for (int64_t e = 1; e < n; ++e)
    if (col[e - 1] > col[e])
      return 0;
  return 1;
}

#endif
