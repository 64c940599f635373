/* stats.h: what stats.c and its typed half share. */
#ifndef SPEIG_SRC_FORMATS_STATS_H
#define SPEIG_SRC_FORMATS_STATS_H

#include "formats/matrix.h"

#include <math.h>

/* Gathered over the entries of one row, or of several (all but row_sum, low and high). */
typedef struct row_stats {
  int64_t lower, upper, on_diagonal, zeros, nonfinite, bad_row, bad_col;
  double max_abs, min_abs; /* min_abs starts at Inf */
  double row_sum, low, high; /* sum |a_ij|; the Gershgorin disc on the real axis */
} row_stats;

#endif
