/* chart_thin.c: fewer points that look the same, so that a picture of a long run stays small. */
#include "chart.h"

#include <math.h>
#include <stdlib.h>

/* Points [from, to) of one column: the first, the extreme ones and the last, in their order. */
static int64_t keep_column(const double *xy, int64_t from, int64_t to, double *kept)
{
  int64_t low = from, high = from, count = 0;
  for (int64_t i = from; i < to; ++i) {
    low = xy[2 * i + 1] < xy[2 * low + 1] ? i : low;
    high = xy[2 * i + 1] > xy[2 * high + 1] ? i : high;
  }
  int64_t wanted[4] = { from, low < high ? low : high, low < high ? high : low, to - 1 };
  for (int j = 0; j < 4; ++j) {
    if (j > 0 && wanted[j] == wanted[j - 1])
      continue;
    kept[2 * count] = xy[2 * wanted[j]];
    kept[2 * count + 1] = xy[2 * wanted[j] + 1];
    ++count;
  }
  return count;
}

int64_t chart_thin(int64_t count, double *xy, int64_t most)
{
  const double columns = (double)(most / 4 > 2 ? most / 4 : 2);
  int64_t used = 0;
  if (count <= most || count < 3)
    return count;
  const double left = xy[0], width = fmax(xy[2 * (count - 1)] - left, 1e-9);
  for (int64_t from = 0, to; from < count; from = to) {
    double column = floor((xy[2 * from] - left) / width * columns);
    double kept[8];
    for (to = from + 1; to < count; ++to)
      if (floor((xy[2 * to] - left) / width * columns) != column)
        break;
    int64_t stay = keep_column(xy, from, to, kept);
    for (int64_t i = 0; i < 2 * stay; ++i)
      xy[2 * used + i] = kept[i]; /* at most as many as were there */
    used += stay;
  }
  return used;
}

typedef struct placed {
  int64_t row, column, index;
} placed;

static int by_place(const void *a, const void *b)
{
  const placed *p = a, *q = b;
  if (p->row != q->row)
    return p->row < q->row ? -1 : 1;
  if (p->column != q->column)
    return p->column < q->column ? -1 : 1;
  return p->index < q->index ? -1 : p->index > q->index;
}

static int by_index(const void *a, const void *b)
{
  const placed *p = a, *q = b;
  return p->index < q->index ? -1 : p->index > q->index;
}

int64_t chart_merge(int64_t count, double *xy, char **tips, double across, double down)
{
  placed *places = malloc((size_t)(count > 0 ? count : 1) * sizeof *places);
  int64_t stay = 0;
  if (!places)
    return count;
  for (int64_t i = 0; i < count; ++i)
    places[i] =
        (placed){ (int64_t)floor(xy[2 * i + 1] / down), (int64_t)floor(xy[2 * i] / across), i };
  qsort(places, (size_t)count, sizeof *places, by_place);
  for (int64_t i = 0; i < count; ++i)
    if (i == 0 || places[i].row != places[stay - 1].row ||
        places[i].column != places[stay - 1].column)
      places[stay++] = places[i];
  qsort(places, (size_t)stay, sizeof *places, by_index);
  for (int64_t i = 0; i < stay; ++i) {
    int64_t from = places[i].index;
    xy[2 * i] = xy[2 * from];
    xy[2 * i + 1] = xy[2 * from + 1];
    if (tips)
      tips[i] = tips[from];
  }
  free(places);
  return stay;
}
