/* chart_layout.c: lays a chart out in the units of its canvas: title and note, the area between the
 * axes, their numbers and names, the legend. */
#include "chart_layout.h"

#include "text.h"

#include <math.h>
#include <string.h>

enum { LEGEND_MOST = 12 };

double layout_text_width(const canvas *to, const char *text)
{
  return to->em * utf8_columns(text);
}

double chart_widest(const canvas *to)
{
  /* Numbers of up to nine characters, and some room to the right. */
  return to->width - (to->has_colours ? 12 : 11) * to->em - 2 * to->tick;
}

/* Lines of at most `columns` characters, broken at blanks where there are any; what does not fit
 * into HEAD_LINES is cut, with dots at the end. Returns how many. */
static int wrap(const char *text, int columns, char lines[HEAD_LINES][512])
{
  int count = 0;
  while (*text && count < HEAD_LINES) {
    const char *end = text, *blank = NULL;
    int used = 0;
    for (; *end && used < columns; ++used) {
      if (*end == ' ')
        blank = end;
      (void)utf8_next(&end);
    }
    if (*end && *end != ' ' && blank && count + 1 < HEAD_LINES)
      end = blank;
    int length = (int)(end - text) < 500 ? (int)(end - text) : 500;
    int is_cut = *end && count + 1 == HEAD_LINES;
    (void)snprintf(lines[count++], 512, "%.*s%s", is_cut && length > 3 ? length - 3 : length, text,
                   is_cut ? "..." : "");
    text = end + strspn(end, " ");
  }
  return count;
}

/* ---- from values to places ---- */

static double part_of(const chart_axis *axis, double value)
{
  /* Of logarithms: the ratio of a residual of 1e308 to one of 1e-300 is no number. */
  double low = axis->is_log ? log(axis->low) : axis->low;
  double high = axis->is_log ? log(axis->high) : axis->high;
  double part = ((axis->is_log ? log(value) : value) - low) / (high - low);
  return part < 0 || (axis->is_log && !(value > 0)) ? 0 : part > 1 ? 1 : part;
}

/* On a screen whole cells: the last one belongs to the area. */
double layout_x(const layout *l, double value)
{
  double room = l->to->has_colours ? l->width : l->width - l->to->finest;
  return l->left + room * part_of(&l->x, value);
}

double layout_y(const layout *l, double value)
{
  double part = part_of(&l->y, value);
  double room = l->to->has_colours ? l->height : l->height - l->to->finest / 2;
  return l->top + room * (l->y.is_reversed ? part : 1 - part);
}

/* ---- layout ---- */

static void make_ticks(const canvas *to, const chart_axis *axis, int most, axis_ticks *ticks,
                       char *name, size_t size)
{
  *ticks = (axis_ticks){ 0 };
  if (axis->is_log)
    ticks_log(axis->low, axis->high, most, to->unicode, ticks);
  else
    ticks_linear(axis->low, axis->high, most, axis->is_whole, to->unicode, ticks);
  ticks_name(ticks, axis->label ? axis->label : "", to->unicode, name, size);
  if (axis->is_hidden) {
    ticks->count = 0;
    name[0] = '\0';
  }
}

/* The range that is too short for its length is made longer, around its middle. */
static void equalize(layout *l)
{
  double per_x = (l->x.high - l->x.low) / l->width;
  double per_y = (l->y.high - l->y.low) / (l->height * l->to->aspect);
  double unit = fmax(per_x, per_y);
  double more_x = unit * l->width - (l->x.high - l->x.low);
  double more_y = unit * l->height * l->to->aspect - (l->y.high - l->y.low);
  l->x.low -= more_x / 2;
  l->x.high += more_x / 2;
  l->y.low -= more_y / 2;
  l->y.high += more_y / 2;
}

static int legend_entries(const chart *c, const canvas *to)
{
  int count = 0;
  for (int32_t i = 0; i < c->series_count; ++i)
    count += c->series[i].label != NULL && !c->series[i].is_quiet;
  return to->has_colours && count <= LEGEND_MOST ? count : 0;
}

layout layout_make(const chart *c, canvas *to)
{
  layout l = { .c = c, .to = to, .x = c->x, .y = c->y };
  const double gap = to->has_colours ? 6 : 0;
  double widest = 0;
  l.height = c->area_height > 0 ? c->area_height : to->area_height;
  if (c->height_part > 0)
    l.height = ceil(l.height * c->height_part);
  l.width = c->area_width > 0 ? c->area_width : chart_widest(to);
  l.legend = legend_entries(c, to);
  l.title_lines =
      wrap(c->title, (int)(to->width / to->em / (to->has_colours ? 1.2 : 1)) - 1, l.title_line);
  l.note_lines = wrap(c->note, (int)(to->width / to->em) - 1, l.note_line);
  l.top = gap + to->line * (l.title_lines + l.note_lines) + gap;
  if (c->equal_aspect)
    equalize(&l);
  make_ticks(to, &l.y, (int)fmax(2, l.height / (2.2 * to->line)), &l.y_ticks, l.y_name,
             sizeof l.y_name);
  if (l.y_name[0])
    l.top += to->line;
  for (int i = 0; i < l.y_ticks.count; ++i)
    widest = fmax(widest, layout_text_width(to, l.y_ticks.label[i]));
  l.left = widest + to->tick + (to->has_colours ? 12 : 1);
  if (l.left + l.width > to->width - to->em)
    l.width = to->width - to->em - l.left;
  if (!to->has_colours)
    l.left = floor(l.left);
  make_ticks(to, &l.x, (int)fmax(2, l.width / (9 * to->em)), &l.x_ticks, l.x_name, sizeof l.x_name);
  l.total = l.top + l.height + to->tick + gap + to->line * (1 + (l.x_name[0] != '\0')) +
            to->line * ((l.legend + 3) / 4) + gap;
  return l;
}
