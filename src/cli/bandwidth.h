/* bandwidth.h: how fast this machine copies memory, which what a solver moves is held against. */
#ifndef SPEIG_SRC_CLI_BANDWIDTH_H
#define SPEIG_SRC_CLI_BANDWIDTH_H

#include <stdint.h>

/* Seconds of single calls: the best and the median. */
typedef struct timing {
  int64_t columns, calls;
  double best, median, bytes;
} timing;

/* Sorts the samples. */
void timing_of(double *samples, int64_t count, timing *out);
/* 10^9 bytes per second, of calls that took so long. */
double timing_gigabytes(const timing *t, double seconds);

/* Copies 64 MiB to another 64 MiB on so many threads; bytes read and written count. Returns an exit
 * code: CLI_MEMORY, which was said. */
int bandwidth_copy(int threads, timing *out);

#endif
