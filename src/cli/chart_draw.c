/* chart_draw.c: draws a chart on its canvas. */
#include "chart_layout.h"

#include <math.h>
#include <stdlib.h>

enum { MOST_POINTS = 60000, LEAST_POINTS = 24 };

/* ---- axes ---- */

static void put_line(const layout *l, canvas_ink ink, double x0, double y0, double x1, double y1)
{
  const double xy[4] = { x0, y0, x1, y1 };
  l->to->ops->line(l->to, ink, 2, xy);
}

static void put_text(const layout *l, canvas_ink ink, double x, double top, canvas_anchor anchor,
                     const char *text)
{
  if (*text)
    l->to->ops->text(l->to, ink, x, top + 0.72 * l->to->line, anchor, text);
}

/* A screen has the axis in the column before the area and the row after it. */
static double axis_x(const layout *l)
{
  return l->to->has_colours ? l->left : l->left - 1;
}

static double axis_y(const layout *l)
{
  return l->top + l->height;
}

static void draw_y_axis(const layout *l)
{
  const canvas *to = l->to;
  const double x = axis_x(l), half = to->has_colours ? 0.45 * to->line : 0;
  for (int i = 0; i < l->y_ticks.count; ++i) {
    double y = layout_y(l, l->y_ticks.at[i]);
    put_line(l, INK_GRID, l->left, y, l->left + l->width, y);
    put_line(l, INK_FRAME, x - to->tick, y, x, y);
    put_text(l, INK_TEXT, x - to->tick - (to->has_colours ? 3 : 0),
             to->has_colours ? y - half - 0.05 * to->line : floor(y), ANCHOR_END,
             l->y_ticks.label[i]);
  }
  put_line(l, INK_FRAME, x, l->top, x, axis_y(l));
}

static void draw_x_axis(const layout *l)
{
  const canvas *to = l->to;
  const double y = axis_y(l);
  double free_from = -1e9; /* where the last number ended */
  put_line(l, INK_FRAME, axis_x(l), y, l->left + l->width - (to->has_colours ? 0 : 1), y);
  for (int i = 0; i < l->x_ticks.count; ++i) {
    double x = layout_x(l, l->x_ticks.at[i]);
    double half = layout_text_width(to, l->x_ticks.label[i]) / 2;
    put_line(l, INK_GRID, x, l->top, x, y);
    if (to->has_colours)
      put_line(l, INK_FRAME, x, y, x, y + to->tick);
    else /* a stroke down from the axis */
      put_line(l, INK_FRAME, x, y, x, y + 1);
    if (x - half < free_from + to->em)
      continue;
    free_from = x + half;
    put_text(l, INK_TEXT, to->has_colours ? x : floor(x) + 0.5, y + to->tick, ANCHOR_MIDDLE,
             l->x_ticks.label[i]);
  }
  put_text(l, INK_TEXT, l->left + l->width / 2,
           y + to->tick + to->line * (to->has_colours ? 1.1 : 1), ANCHOR_MIDDLE, l->x_name);
}

static void draw_head(const layout *l)
{
  const canvas *to = l->to;
  double top = to->has_colours ? 6 : 0;
  for (int i = 0; i < l->title_lines; ++i, top += to->line)
    put_text(l, INK_TITLE, to->has_colours ? 8 : 0, top, ANCHOR_START, l->title_line[i]);
  for (int i = 0; i < l->note_lines; ++i, top += to->line)
    put_text(l, INK_NOTE, to->has_colours ? 8 : 0, top, ANCHOR_START, l->note_line[i]);
  put_text(l, INK_TEXT, to->has_colours ? 8 : 0, l->top - to->line - (to->has_colours ? 3 : 0),
           ANCHOR_START, l->y_name);
}

/* ---- what is drawn in the area ---- */

static void draw_bands(const layout *l)
{
  double free_from = -1e9;
  for (int i = 0; i < l->c->band_count; ++i) {
    const chart_band *band = &l->c->bands[i];
    double x = layout_x(l, band->from), x1 = layout_x(l, band->to), bottom = axis_y(l);
    const double corner[8] = { x, l->top, x1, l->top, x1, bottom, x, bottom };
    l->to->ops->open(l->to, band->label);
    if (i % 2 == 1)
      l->to->ops->area(l->to, INK_BAND, 4, corner);
    if (i > 0)
      put_line(l, l->to->has_colours ? INK_GRID : INK_LIMIT, x, l->top, x, bottom - 0.01);
    if (x >= free_from && x + layout_text_width(l->to, band->label) <= l->to->width) {
      put_text(l, INK_NOTE, x + l->to->tick, l->top, ANCHOR_START, band->label);
      free_from = x + layout_text_width(l->to, band->label) + 2 * l->to->em;
    }
    l->to->ops->close(l->to);
  }
}

/* Those that belong to the axes lie below what is drawn, limits above. */
static void draw_rules(const layout *l, int below)
{
  const canvas *to = l->to;
  for (int i = 0; i < l->c->rule_count; ++i) {
    const chart_rule *rule = &l->c->rules[i];
    if ((rule->ink == INK_FRAME) != below)
      continue;
    double end = l->left + l->width - (to->has_colours ? 0 : 1);
    if (rule->is_vertical) {
      double x = layout_x(l, rule->at);
      int is_right = x + layout_text_width(to, rule->label) + to->em > end;
      put_line(l, rule->ink, x, l->top, x, axis_y(l) - (to->has_colours ? 0 : 1));
      put_text(l, rule->ink, is_right ? x - to->em : x + to->em, l->top,
               is_right ? ANCHOR_END : ANCHOR_START, rule->label);
    } else {
      double y = layout_y(l, rule->at);
      put_line(l, rule->ink, l->left, y, end, y);
      /* On the left, where curves that fall to it are still far above. */
      put_text(l, rule->ink, l->left + to->em, y - to->line * (to->has_colours ? 0.95 : 1),
               ANCHOR_START, rule->label);
    }
  }
}

/* Bars that the eye sees: longer than a mark. */
static void draw_bars(const layout *l, const chart_series *s)
{
  const double least = l->to->has_colours ? 4 : 1;
  for (int64_t i = 0; i < s->count; ++i) {
    double x = layout_x(l, s->x[i]), y = layout_y(l, s->y[i]);
    if (s->x_error && isfinite(s->x_error[i])) {
      double x0 = layout_x(l, s->x[i] - s->x_error[i]), x1 = layout_x(l, s->x[i] + s->x_error[i]);
      if (x1 - x0 > 2 * least)
        put_line(l, s->ink, x0, y, x1, y);
    }
    if (s->y_error && isfinite(s->y_error[i])) {
      double y0 = layout_y(l, s->y[i] + s->y_error[i]), y1 = layout_y(l, s->y[i] - s->y_error[i]);
      if (fabs(y1 - y0) > 2 * least)
        put_line(l, s->ink, x, y0, x, y1);
    }
  }
}

static int is_shown(const layout *l, double x, double y)
{
  return x >= l->x.low && x <= l->x.high && y >= l->y.low && y <= l->y.high;
}

/* Runs of points inside the axes, each a line of at most `most` points. */
static void draw_lines(const layout *l, const chart_series *s, int64_t most, double *xy)
{
  for (int64_t from = 0, to; from < s->count; from = to) {
    int64_t count = 0;
    for (to = from; to < s->count && is_shown(l, s->x[to], s->y[to]); ++to, ++count) {
      xy[2 * count] = layout_x(l, s->x[to]);
      xy[2 * count + 1] = layout_y(l, s->y[to]);
    }
    to += to == from;
    count = chart_thin(count, xy, most);
    if (count == 1)
      l->to->ops->marks(l->to, s->ink, MARK_DOT, 1, xy, NULL);
    if (count > 1)
      l->to->ops->line(l->to, s->ink, count, xy);
  }
}

/* Down to y2, or to the axis. Not finite points are not expected here. */
static void draw_filled(const layout *l, const chart_series *s, double *xy)
{
  int64_t count = 0;
  for (int64_t i = 0; i < s->count; ++i, ++count) {
    xy[2 * count] = layout_x(l, s->x[i]);
    xy[2 * count + 1] = layout_y(l, s->y[i]);
  }
  for (int64_t i = s->count - 1; i >= 0; --i, ++count) {
    xy[2 * count] = layout_x(l, s->x[i]);
    xy[2 * count + 1] = s->y2 ? layout_y(l, s->y2[i]) : axis_y(l);
  }
  if (count > 0)
    l->to->ops->area(l->to, s->ink, count, xy);
}

static void draw_marks(const layout *l, const chart_series *s, double *xy, char **tips)
{
  int64_t count = 0;
  for (int64_t i = 0; i < s->count; ++i) {
    if (!isfinite(s->x[i]) || !isfinite(s->y[i]))
      continue;
    xy[2 * count] = layout_x(l, s->x[i]);
    xy[2 * count + 1] = layout_y(l, s->y[i]);
    tips[count++] = s->tips && s->tips[i] ? s->tips[i] : "";
  }
  /* Few enough are all drawn, one on the other, so that each can be pointed at. */
  if (count > 1000)
    count = chart_merge(count, xy, tips, l->to->finest, l->to->finest / l->to->aspect);
  l->to->ops->marks(l->to, s->ink, s->form == CHART_DOTS ? MARK_DOT : MARK_RING, count, xy,
                    s->tips && count <= 1000 ? (const char *const *)tips : NULL);
}

static int draw_series(const layout *l)
{
  int code = CLI_OK;
  int32_t lines = 0;
  double *xy = NULL;
  char **tips = NULL;
  for (int32_t i = 0; i < l->c->series_count; ++i)
    lines += l->c->series[i].form == CHART_LINE;
  const int64_t share = MOST_POINTS / (lines > 0 ? lines : 1);
  const int64_t most = share > LEAST_POINTS ? share : LEAST_POINTS;
  for (int32_t i = 0; i < l->c->series_count && code == CLI_OK; ++i) {
    const chart_series *s = &l->c->series[i];
    CLI_TRY(CLI_ARRAY(4 * s->count, "places of a picture", &xy));
    CLI_TRY(CLI_ARRAY(s->count, "labels of a picture", &tips));
    l->to->ops->open(l->to, s->label);
    if (s->form == CHART_FILLED || s->form == CHART_RIBBON)
      draw_filled(l, s, xy);
    if (s->form == CHART_LINE || s->form == CHART_FILLED)
      draw_lines(l, s, most, xy);
    if (s->form == CHART_DOTS || s->form == CHART_RINGS) {
      draw_bars(l, s);
      draw_marks(l, s, xy, tips);
    }
    l->to->ops->close(l->to);
    free(xy);
    free(tips);
    xy = NULL;
    tips = NULL;
  }
done:
  free(xy);
  free(tips);
  return code;
}

/* Four entries to a row, below the axis. */
static void draw_legend(const layout *l)
{
  const canvas *to = l->to;
  int entry = 0;
  for (int32_t i = 0; i < l->c->series_count && l->legend > 0; ++i) {
    const chart_series *s = &l->c->series[i];
    if (!s->label || s->is_quiet)
      continue;
    double x = l->left + entry % 4 * (l->width / 4);
    double top = axis_y(l) + to->tick + 6 + to->line * (2.1 + entry / 4);
    double y = top + 0.45 * to->line;
    const double at[2] = { x + 9, y };
    if (s->form == CHART_DOTS || s->form == CHART_RINGS)
      to->ops->marks(l->to, s->ink, s->form == CHART_DOTS ? MARK_DOT : MARK_RING, 1, at, NULL);
    else
      put_line(l, s->ink, x, y, x + 18, y);
    put_text(l, INK_TEXT, x + 23, top, ANCHOR_START, s->label);
    ++entry;
  }
}

int chart_draw(const chart *c, canvas *to)
{
  const layout l = layout_make(c, to);
  int code = to->ops->begin(to, to->width, l.total, c->title, c->description);
  if (code != CLI_OK)
    return code;
  draw_bands(&l);
  draw_x_axis(&l);
  draw_y_axis(&l);
  if (c->cells.nx > 0)
    to->ops->cells(to, l.left, l.top, l.width, l.height, &c->cells);
  draw_rules(&l, 1);
  code = draw_series(&l);
  draw_rules(&l, 0);
  draw_head(&l);
  draw_legend(&l);
  int ended = to->ops->end(to);
  return code != CLI_OK ? code : ended;
}
