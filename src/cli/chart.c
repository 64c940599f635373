/* chart.c: what a picture is made of. */
#include "chart.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static void series_free(chart_series *s)
{
  for (int64_t i = 0; s->tips && i < s->count; ++i)
    free(s->tips[i]);
  free(s->tips);
  free(s->label);
  free(s->x);
  free(s->y);
  free(s->y2);
  free(s->x_error);
  free(s->y_error);
}

static int series_alloc(int64_t count, int parts, const char *label, chart_series *s)
{
  int code = CLI_OK;
  CLI_TRY(CLI_ARRAY(count, "points of a picture", &s->x));
  CLI_TRY(CLI_ARRAY(count, "points of a picture", &s->y));
  if (parts & CHART_Y2)
    CLI_TRY(CLI_ARRAY(count, "points of a picture", &s->y2));
  if (parts & CHART_X_ERROR)
    CLI_TRY(CLI_ARRAY(count, "error bars of a picture", &s->x_error));
  if (parts & CHART_Y_ERROR)
    CLI_TRY(CLI_ARRAY(count, "error bars of a picture", &s->y_error));
  if (parts & CHART_TIPS)
    CLI_TRY(CLI_ARRAY(count, "labels of a picture", &s->tips));
  if (label) {
    CLI_TRY(cli_alloc((int64_t)strlen(label) + 1, 1, "label of a picture", (void **)&s->label));
    strcpy(s->label, label);
  }
done:
  return code;
}

int chart_add(chart *c, chart_form form, canvas_ink ink, const char *label, int64_t count,
              int parts, chart_series **out)
{
  int code = CLI_OK;
  chart_series s = { .form = form, .ink = ink, .count = count };
  if (c->series_count == c->series_room) {
    int32_t room = 2 * c->series_room + 8;
    chart_series *larger = realloc(c->series, (size_t)room * sizeof *larger);
    if (!larger)
      CLI_FAIL(CLI_MEMORY, "out of memory: %d series of a picture", room);
    c->series = larger;
    c->series_room = room;
  }
  CLI_TRY(series_alloc(count, parts, label, &s));
  c->series[c->series_count] = s;
  *out = &c->series[c->series_count++];
  s = (chart_series){ .count = 0 };
done:
  series_free(&s);
  return code;
}

void chart_tip(chart_series *series, int64_t i, const char *format, ...)
{
  va_list arguments;
  char text[160];
  va_start(arguments, format);
  (void)vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  free(series->tips[i]);
  series->tips[i] = strdup(text); /* without memory there is no tip */
}

static int is_inside(const chart_axis *axis, double at)
{
  return at >= axis->low && at <= axis->high;
}

void chart_rule_at(chart *c, int is_vertical, double at, canvas_ink ink, const char *label)
{
  if (c->rule_count == CHART_RULES || !is_inside(is_vertical ? &c->x : &c->y, at))
    return;
  chart_rule *rule = &c->rules[c->rule_count++];
  *rule = (chart_rule){ .is_vertical = is_vertical, .at = at, .ink = ink };
  (void)snprintf(rule->label, sizeof rule->label, "%s", label);
}

void chart_band_from(chart *c, double from, double to, const char *label)
{
  if (c->band_count == CHART_BANDS || !(from <= to))
    return;
  chart_band *band = &c->bands[c->band_count++];
  *band = (chart_band){ .from = from, .to = to };
  (void)snprintf(band->label, sizeof band->label, "%s", label);
}

/* Values that differ by less than so many units in the last place are one to a picture. */
static double least_width(double low, double high)
{
  return 1e3 * 0x1p-52 * fmax(fabs(low), fabs(high));
}

int chart_range(int64_t count, const double *values, int is_log, double *low, double *high)
{
  const double room = 0.04;
  *low = INFINITY;
  *high = -INFINITY;
  for (int64_t i = 0; i < count; ++i) {
    if (!isfinite(values[i]) || (is_log && !(values[i] > 0)))
      continue;
    *low = fmin(*low, values[i]);
    *high = fmax(*high, values[i]);
  }
  if (!(*low <= *high))
    return 0;
  if (is_log) {
    double margin = fmax(pow(*high / *low, room), 1.3);
    *low = fmax(*low / margin, 0x1p-1000);
    *high = fmin(*high * margin, 0x1p1000);
    return 1;
  }
  double width = *high - *low;
  if (!(width > least_width(*low, *high)))
    width = *high != 0 ? fabs(*high) : 1;
  *low -= room * width;
  *high += room * width;
  return isfinite(*low) && isfinite(*high);
}

void chart_free(chart *c)
{
  for (int32_t i = 0; i < c->series_count; ++i)
    series_free(&c->series[i]);
  free(c->series);
  free((void *)(uintptr_t)c->cells.level);
  *c = (chart){ .series_count = 0 };
}
