/* telemetry.c: bytes moved, and the time that is left by a fit of what was seen. Host numbers only.
 */
#include "solvers/telemetry.h"

#include <math.h>
#include <string.h>

enum { LEAST_POINTS = 3 };

void telemetry_begin(telemetry *t, const backend *be)
{
  *t = (telemetry){ .be = be, .moved_before = be->moved };
}

/* log of the worst residual of the wanted pairs over what tol asks of it: 0 and below when all are
 * there; NaN when one is not known. */
static double excess_of(const speig_progress *record)
{
  double worst = -INFINITY;
  for (int32_t i = 0; i < record->wanted; ++i) {
    double im = record->imaginary ? record->imaginary[i] : 0;
    double limit = record->tol * (record->norm + hypot(record->values[i], im));
    double ratio = record->residuals[i] / limit;
    if (!isfinite(ratio) || !(limit > 0))
      return NAN;
    worst = fmax(worst, log(fmax(ratio, 1e-300)));
  }
  return worst;
}

static int same_text(const char *a, const char *b)
{
  return a == b || (a && b && strcmp(a, b) == 0);
}

/* Points of another solve on the way (another end, another method) tell nothing of this one. */
static void keep_apart(telemetry *t, const speig_progress *record)
{
  int same = same_text(t->method, record->method) && same_text(t->phase, record->phase) &&
             t->wanted == record->wanted && record->iteration >= t->iteration;
  if (!same)
    t->count = 0;
  t->method = record->method;
  t->phase = record->phase;
  t->wanted = record->wanted;
}

/* Words within a cycle count too, unless they tell the same numbers once more. */
static void add_point(telemetry *t, const speig_progress *record, double excess)
{
  int32_t at = t->count;
  if (at > 0 && record->iteration == t->iteration && excess == t->excess[at - 1])
    return;
  if (at == TELEMETRY_POINTS) {
    for (int32_t i = 1; i < TELEMETRY_POINTS; ++i) {
      t->products[i - 1] = t->products[i];
      t->seconds[i - 1] = t->seconds[i];
      t->excess[i - 1] = t->excess[i];
    }
    --at;
  }
  t->products[at] = (double)record->matvecs;
  t->seconds[at] = record->seconds;
  t->excess[at] = excess;
  t->count = at + 1;
  t->iteration = record->iteration;
}

/* Seconds from the last point on until a line through all of them, by least squares, reaches 0. */
static double seconds_left(const telemetry *t)
{
  const double least_fall = 0.1; /* over all points: below, it is noise */
  int32_t last = t->count - 1;
  double mean_x = 0, mean_y = 0, xx = 0, xy = 0, slope, level;
  const double *x = t->products[last] > t->products[0] ? t->products : t->seconds;
  if (t->count < LEAST_POINTS || !(x[last] > x[0]))
    return NAN;
  for (int32_t i = 0; i < t->count; ++i) {
    mean_x += x[i] / t->count;
    mean_y += t->excess[i] / t->count;
  }
  for (int32_t i = 0; i < t->count; ++i) {
    xx += (x[i] - mean_x) * (x[i] - mean_x);
    xy += (x[i] - mean_x) * (t->excess[i] - mean_y);
  }
  slope = xy / xx;
  level = mean_y + slope * (x[last] - mean_x);
  if (!(slope * (x[last] - x[0]) < -least_fall))
    return NAN;
  return fmax(level, 0) / -slope * (t->seconds[last] - t->seconds[0]) / (x[last] - x[0]);
}

void telemetry_complete(telemetry *t, speig_progress *record)
{
  double excess = excess_of(record), left;
  record->bytes = t->be->moved - t->moved_before;
  record->eta = NAN;
  keep_apart(t, record);
  if (!isfinite(excess) || !same_text(record->phase, "solve"))
    return;
  add_point(t, record, excess);
  left = seconds_left(t);
  if (isfinite(left))
    record->eta = fmax(left - (record->seconds - t->seconds[t->count - 1]), 0);
}
