/* canvas_screen.c: pictures as characters. A cell of the screen has 2 x 4 Braille dots, on which
 * lines and marks are drawn; axes are box-drawing characters, shades are blocks. Without Unicode a
 * cell has an upper and a lower half, and everything is ASCII. */
#include "canvas.h"

#include "text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What a cell shows: a character when there is one, else what its dots look like. */
typedef struct screen_cell {
  uint32_t character;
  unsigned char dots; /* bits as in U+2800 */
  unsigned char strokes; /* of axes: 1 up, 2 down, 4 left, 8 right; 16 a limit across, 32 down */
} screen_cell;

typedef struct screen {
  int columns, rows;
  screen_cell *cells; /* [rows][columns] */
} screen;

enum { UP = 1, DOWN = 2, LEFT = 4, RIGHT = 8, ACROSS = 16, ALONG = 32 };

static screen_cell *cell_at(screen *s, int column, int row)
{
  if (column < 0 || column >= s->columns || row < 0 || row >= s->rows)
    return NULL;
  return &s->cells[(size_t)row * (size_t)s->columns + (size_t)column];
}

static int begin(canvas *to, double width, double height, const char *title,
                 const char *description)
{
  screen *s = NULL;
  int code = CLI_OK;
  (void)title;
  (void)description;
  CLI_TRY(CLI_ARRAY(1, "screen", &s));
  s->columns = (int)ceil(width);
  s->rows = (int)ceil(height);
  CLI_TRY(CLI_ARRAY((int64_t)s->rows * s->columns, "screen", &s->cells));
  to->screen = s;
  s = NULL;
done:
  free(s);
  return code;
}

static void group(canvas *to, const char *name)
{
  (void)to;
  (void)name;
}

static void group_end(canvas *to)
{
  (void)to;
}

/* x in half columns, y in quarter rows. */
static void put_dot(screen *s, int x, int y)
{
  static const unsigned char bits[4][2] = {
    { 0x01, 0x08 }, { 0x02, 0x10 }, { 0x04, 0x20 }, { 0x40, 0x80 }
  };
  screen_cell *cell = x < 0 || y < 0 ? NULL : cell_at(s, x / 2, y / 4);
  if (cell)
    cell->dots |= bits[y % 4][x % 2];
}

static int floor_int(double value)
{
  return value < -1e6 ? -1000000 : value > 1e6 ? 1000000 : (int)floor(value);
}

static void put_segment(screen *s, const double *from, const double *to)
{
  int x = floor_int(2 * from[0]), y = floor_int(4 * from[1]);
  int x1 = floor_int(2 * to[0]), y1 = floor_int(4 * to[1]);
  int steps = abs(x1 - x) > abs(y1 - y) ? abs(x1 - x) : abs(y1 - y);
  for (int i = 0; i <= steps; ++i) {
    double part = steps > 0 ? (double)i / steps : 0;
    put_dot(s, x + (int)lround(part * (x1 - x)), y + (int)lround(part * (y1 - y)));
  }
}

static void add_strokes(screen *s, int column, int row, int strokes)
{
  screen_cell *cell = cell_at(s, column, row);
  if (cell)
    cell->strokes |= (unsigned char)strokes;
}

/* Axes and limits run along cells. */
static void put_rule(screen *s, int is_limit, const double *from, const double *to)
{
  int x = floor_int(fmin(from[0], to[0])), x1 = floor_int(fmax(from[0], to[0]));
  int y = floor_int(fmin(from[1], to[1])), y1 = floor_int(fmax(from[1], to[1]));
  if (y == y1)
    for (int i = x; i <= x1; ++i)
      add_strokes(s, i, y, is_limit ? ACROSS : (i > x ? LEFT : 0) | (i < x1 ? RIGHT : 0));
  else
    for (int i = y; i <= y1; ++i)
      add_strokes(s, x, i, is_limit ? ALONG : (i > y ? UP : 0) | (i < y1 ? DOWN : 0));
}

static void line(canvas *to, canvas_ink ink, int64_t count, const double *xy)
{
  if (ink == INK_GRID)
    return;
  for (int64_t i = 0; i + 1 < count; ++i)
    if (ink == INK_FRAME || ink == INK_LIMIT)
      put_rule(to->screen, ink == INK_LIMIT, xy + 2 * i, xy + 2 * i + 2);
    else
      put_segment(to->screen, xy + 2 * i, xy + 2 * i + 2);
}

static void area(canvas *to, canvas_ink ink, int64_t count, const double *xy)
{
  (void)to;
  (void)ink;
  (void)count;
  (void)xy;
}

/* A dot fills half a cell: 2 x 2 dots; a ring is one of these. In ASCII they are letters. */
static void marks(canvas *to, canvas_ink ink, canvas_mark mark, int64_t count, const double *xy,
                  const char *const *tips)
{
  enum { FEW = 200 };
  (void)ink;
  (void)tips;
  for (int64_t i = 0; i < count; ++i) {
    int x = floor_int(2 * xy[2 * i]), y = floor_int(4 * xy[2 * i + 1]);
    screen_cell *cell = x < 0 || y < 0 ? NULL : cell_at(to->screen, x / 2, y / 4);
    if (!to->unicode && cell && !cell->character)
      cell->character = mark == MARK_RING ? 'x' : 'o';
    put_dot(to->screen, x, y);
    if (mark == MARK_RING || count > FEW)
      continue;
    /* The other three of the half cell it is in. */
    put_dot(to->screen, x ^ 1, y);
    put_dot(to->screen, x, y ^ 1);
    put_dot(to->screen, x ^ 1, y ^ 1);
  }
}

static void shade_cell(canvas *to, int column, int row, int level)
{
  static const char ascii[] = " .:-=+*#@";
  static const uint32_t blocks[] = { 0x2591, 0x2592, 0x2593, 0x2588 };
  screen_cell *cell = cell_at(to->screen, column, row);
  if (cell)
    cell->character = to->unicode ? blocks[(level - 1) * 4 / CELL_LEVELS] : (uint32_t)ascii[level];
}

static void cells(canvas *to, double x, double y, double width, double height,
                  const canvas_cells *grid)
{
  const double w = width / grid->nx, h = height / grid->ny;
  for (int row = 0; row < grid->ny; ++row) {
    for (int col = 0; col < grid->nx; ++col) {
      int level = grid->level[(size_t)row * (size_t)grid->nx + (size_t)col];
      double left = x + col * w, top = y + row * h;
      if (level == 0)
        continue;
      if (w < 0.99) { /* dots */
        put_dot(to->screen, floor_int(2 * left + 0.01), floor_int(4 * top + 0.01));
        continue;
      }
      for (int down = floor_int(top + 0.01); down < top + h - 0.01; ++down)
        for (int across = floor_int(left + 0.01); across < left + w - 0.01; ++across)
          shade_cell(to, across, down, level);
    }
  }
}

static void text(canvas *to, canvas_ink ink, double x, double y, canvas_anchor anchor,
                 const char *words)
{
  int length = utf8_columns(words), row = floor_int(y);
  double before = anchor == ANCHOR_START ? 0 : anchor == ANCHOR_MIDDLE ? length / 2.0 : length;
  int column = floor_int(x - before + 0.5);
  uint32_t character;
  (void)ink;
  if (column + length > to->screen->columns)
    column = to->screen->columns - length;
  if (column < 0)
    column = 0;
  for (; (character = utf8_next(&words)) != 0; ++column) {
    screen_cell *cell = cell_at(to->screen, column, row);
    if (cell)
      cell->character = character < 0x80 || to->unicode ? character : '?';
  }
}

/* Box-drawing characters by strokes. */
static uint32_t stroke(int strokes, int unicode)
{
  static const uint16_t boxes[] = {
    ' ',    0x2575, 0x2577, 0x2502, 0x2574, 0x2518, 0x2510, 0x2524,
    0x2576, 0x2514, 0x250C, 0x251C, 0x2500, 0x2534, 0x252C, 0x253C
  };
  int axes = strokes & (UP | DOWN | LEFT | RIGHT);
  if (axes && unicode)
    return boxes[axes];
  if (axes)
    return (axes & (LEFT | RIGHT)) == 0 ? '|' : (axes & (UP | DOWN)) == 0 ? '-' : '+';
  if (strokes & ALONG)
    return unicode ? 0x254E : ':';
  return unicode ? 0x254C : '-';
}

static uint32_t shown(const screen_cell *cell, int unicode)
{
  enum { UPPER = 0x01 | 0x02 | 0x08 | 0x10, LOWER = 0x04 | 0x20 | 0x40 | 0x80 };
  if (cell->character)
    return cell->character;
  if (cell->dots && unicode)
    return 0x2800u + cell->dots;
  if (cell->dots)
    return (cell->dots & UPPER) == 0 ? '.' : (cell->dots & LOWER) == 0 ? '\'' : ':';
  return cell->strokes ? stroke(cell->strokes, unicode) : ' ';
}

static int end(canvas *to)
{
  screen *s = to->screen;
  for (int row = 0; row < s->rows; ++row) {
    int last = s->columns - 1;
    while (last >= 0 && shown(cell_at(s, last, row), to->unicode) == ' ')
      --last;
    for (int column = 0; column <= last; ++column)
      utf8_put(to->out, shown(cell_at(s, column, row), to->unicode));
    fputc('\n', to->out);
  }
  free(s->cells);
  free(s);
  to->screen = NULL;
  return CLI_OK;
}

canvas canvas_screen(FILE *out, int columns, int unicode)
{
  static const canvas_ops ops = { begin, group, group_end, line, area, marks, cells, text, end };
  int height = columns / 5;
  return (canvas){ .ops = &ops,
                   .out = out,
                   .width = columns,
                   .em = 1,
                   .line = 1,
                   .aspect = 2,
                   .tick = 1,
                   .area_height = height < 8    ? 8
                                  : height > 32 ? 32
                                                : height,
                   .finest = 0.5,
                   .unicode = unicode };
}
