/* bandwidth.c: the copy bandwidth of this machine, and the arithmetic of timings. */
#include "bandwidth.h"

#include "cli.h"

#include <stdlib.h>
#include <string.h>

static int by_value(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

void timing_of(double *samples, int64_t count, timing *out)
{
  qsort(samples, (size_t)count, sizeof *samples, by_value);
  out->calls = count;
  out->best = samples[0];
  out->median = samples[count / 2];
}

double timing_gigabytes(const timing *t, double seconds)
{
  return t->bytes / (seconds > 0 ? seconds : 1e-9) * 1e-9;
}

int bandwidth_copy(int threads, timing *out)
{
  const int64_t chunks = 256, chunk = (int64_t)1 << 18;
  enum { COPIES = 9 };
  double samples[COPIES];
  char *from = NULL, *to = NULL;
  int code = CLI_OK;
  CLI_TRY(CLI_ARRAY(chunks * chunk, "copy source", &from));
  CLI_TRY(CLI_ARRAY(chunks * chunk, "copy target", &to));
  for (int round = -1; round < COPIES; ++round) { /* round -1 touches the pages */
    double start = cli_seconds();
#pragma omp parallel for num_threads(threads) schedule(static)
    for (int64_t i = 0; i < chunks; ++i) {
      if (round < 0)
        memset(from + i * chunk, 1, (size_t)chunk);
      memcpy(to + i * chunk, from + i * chunk, (size_t)chunk);
    }
    if (round >= 0)
      samples[round] = cli_seconds() - start;
  }
  timing_of(samples, COPIES, out);
  out->bytes = 2.0 * (double)(chunks * chunk);
done:
  free(from);
  free(to);
  return code;
}
