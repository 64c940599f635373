/* canvas_svg.c: pictures as SVG 1.1: no scripts, no fonts, nothing that is fetched; the colours
 * follow the reader's light or dark ground. Coordinates are rounded to a hundredth, so that the
 * same picture is the same text everywhere. */
#include "canvas.h"

#include "text.h"

#include <math.h>
#include <stdlib.h>

static const char *const classes[] = { "frame", "grid", "title", "text", "note",
                                       "limit", "band", "s0",    "s1",   "s2",
                                       "s3",    "s4",   "s5",    "s6",   "s7" };

/* Colours of Okabe and Ito (2008), which the colour-blind tell apart, made darker for light grounds
 * and lighter for dark ones where they need it. */
static const char *const on_light[INK_COLOURS] = { "#0067a5", "#c1440e", "#00805a", "#a3477f",
                                                   "#9a6a00", "#2f8fc4", "#5b5b5b", "#7a5195" };
static const char *const on_dark[INK_COLOURS] = { "#56b4e9", "#f08a4b", "#2fc99a", "#e08fbf",
                                                  "#f0c242", "#9bd4f5", "#c0c0c0", "#c3a1e0" };

typedef struct svg_ground {
  const char *ground, *frame, *grid, *text, *note, *limit, *band;
  const char *const *series;
} svg_ground;

static void put_colours(FILE *out, const svg_ground *g)
{
  fprintf(out,
          ".speig .ground{fill:%s}\n"
          ".speig .frame{stroke:%s}\n.speig .grid{stroke:%s}\n"
          ".speig .title,.speig .text{fill:%s}\n.speig .note{fill:%s}\n"
          ".speig path.limit,.speig circle.limit{stroke:%s}\n.speig text.limit{fill:%s}\n"
          ".speig .band{fill:%s}\n.speig .cell{fill:%s}\n",
          g->ground, g->frame, g->grid, g->text, g->note, g->limit, g->limit, g->band,
          g->series[0]);
  for (int i = 0; i < INK_COLOURS; ++i)
    fprintf(out, ".speig .s%d{stroke:%s}.speig .a%d,.speig circle.full.s%d{fill:%s;stroke:none}\n",
            i, g->series[i], i, i, g->series[i]);
}

void canvas_svg_style(FILE *out)
{
  const svg_ground light = { "#ffffff", "#555555", "#e4e4e4", "#1a1a1a",
                             "#5f5f5f", "#b00020", "#f1efe4", on_light };
  const svg_ground dark = { "#16181c", "#a0a0a0", "#33363c", "#ececec",
                            "#a8a8a8", "#ff7a85", "#26272c", on_dark };
  fputs(
      ".speig text{font-family:system-ui,-apple-system,'Segoe UI',Roboto,'DejaVu Sans',sans-serif;"
      "font-size:12px;stroke:none}\n"
      ".speig .title{font-size:14px;font-weight:600}\n"
      ".speig path{fill:none;stroke-width:1.4;stroke-linejoin:round}\n"
      ".speig .frame,.speig .grid{stroke-width:1;shape-rendering:crispEdges}\n"
      ".speig path.limit{stroke-dasharray:5 3}\n"
      ".speig .dots{stroke-width:6;stroke-linecap:round}\n"
      ".speig .many{stroke-width:3;stroke-linecap:round}\n"
      ".speig circle{fill:none;stroke-width:1.4}\n"
      ".speig circle.full{stroke-width:5;stroke-opacity:.8}\n"
      ".speig path.area{fill-opacity:.22;stroke:none}\n"
      ".speig path.band{stroke:none}\n"
      ".speig path.cell{shape-rendering:crispEdges;stroke:none}\n",
      out);
  put_colours(out, &light);
  fputs("@media (prefers-color-scheme:dark){\n", out);
  put_colours(out, &dark);
  fputs("}\n", out);
}

/* At most two decimals, without trailing zeros. */
static void put_number(FILE *out, double value)
{
  long long hundredths = llround(100 * value);
  long long whole = llabs(hundredths) / 100, rest = llabs(hundredths) % 100;
  fprintf(out, "%s%lld", hundredths < 0 ? "-" : "", whole);
  if (rest > 0)
    fprintf(out, rest % 10 ? ".%02lld" : ".%lld", rest % 10 ? rest : rest / 10);
}

static void put_point(FILE *out, char command, double x, double y)
{
  if (command)
    fputc(command, out);
  put_number(out, x);
  fputc(' ', out);
  put_number(out, y);
}

static int begin(canvas *to, double width, double height, const char *title,
                 const char *description)
{
  FILE *out = to->out;
  if (!to->embedded)
    fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n", out);
  fprintf(out, "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"speig\" role=\"img\" ");
  if (!to->embedded)
    fprintf(out, "width=\"%.0f\" height=\"%.0f\" ", width, height);
  fprintf(out, "viewBox=\"0 0 %.0f %.0f\">\n<title>", width, height);
  xml_put(out, title);
  fputs("</title>\n<desc>", out);
  xml_put(out, description);
  fputs("</desc>\n", out);
  if (!to->embedded) {
    fputs("<style>\n", out);
    canvas_svg_style(out);
    fputs("</style>\n", out);
  }
  fprintf(out, "<rect class=\"ground\" width=\"%.0f\" height=\"%.0f\"/>\n", width, height);
  return CLI_OK;
}

static void open_group(canvas *to, const char *name)
{
  fputs("<g>\n", to->out);
  if (name) {
    fputs("<title>", to->out);
    xml_put(to->out, name);
    fputs("</title>\n", to->out);
  }
}

static void close_group(canvas *to)
{
  fputs("</g>\n", to->out);
}

static void put_path(FILE *out, int64_t count, const double *xy)
{
  fputs(" d=\"", out);
  for (int64_t i = 0; i < count; ++i)
    put_point(out, i == 0 ? 'M' : i == 1 ? 'L' : ' ', xy[2 * i], xy[2 * i + 1]);
}

static void line(canvas *to, canvas_ink ink, int64_t count, const double *xy)
{
  fprintf(to->out, "<path class=\"%s\"", classes[ink]);
  put_path(to->out, count, xy);
  fputs("\"/>\n", to->out);
}

static void area(canvas *to, canvas_ink ink, int64_t count, const double *xy)
{
  if (ink >= INK_SERIES)
    fprintf(to->out, "<path class=\"area a%d\"", (int)ink - INK_SERIES);
  else
    fprintf(to->out, "<path class=\"%s\"", classes[ink]);
  put_path(to->out, count, xy);
  fputs("Z\"/>\n", to->out);
}

/* A point that is a line of length 0 with round ends: a tenth of the text of a circle. */
static void put_many(FILE *out, const char *kind, canvas_ink ink, int64_t count, const double *xy)
{
  fprintf(out, "<path class=\"%s %s\" d=\"", kind, classes[ink]);
  for (int64_t i = 0; i < count; ++i) {
    put_point(out, 'M', xy[2 * i], xy[2 * i + 1]);
    fputs("h0", out);
  }
  fputs("\"/>\n", out);
}

static void marks(canvas *to, canvas_ink ink, canvas_mark mark, int64_t count, const double *xy,
                  const char *const *tips)
{
  enum { FEW = 1000 };
  if (count > FEW && mark == MARK_DOT) {
    put_many(to->out, "many", ink, count, xy);
    return;
  }
  for (int64_t i = 0; i < count; ++i) {
    fprintf(to->out, "<circle class=\"%s%s\" r=\"%s\" cx=\"", mark == MARK_DOT ? "full " : "",
            classes[ink], mark == MARK_DOT ? "3.6" : "4");
    put_number(to->out, xy[2 * i]);
    fputs("\" cy=\"", to->out);
    put_number(to->out, xy[2 * i + 1]);
    if (tips) {
      fputs("\"><title>", to->out);
      xml_put(to->out, tips[i]);
      fputs("</title></circle>\n", to->out);
    } else {
      fputs("\"/>\n", to->out);
    }
  }
}

/* One path per level; neighbours of one level in a row are one rectangle. */
static void cells(canvas *to, double x, double y, double width, double height,
                  const canvas_cells *grid)
{
  const double w = width / grid->nx, h = height / grid->ny;
  for (int level = 1; level <= CELL_LEVELS; ++level) {
    int is_open = 0;
    for (int row = 0; row < grid->ny; ++row) {
      const unsigned char *in_row = grid->level + (size_t)row * (size_t)grid->nx;
      for (int col = 0, end; col < grid->nx; col = end) {
        for (end = col + 1; end < grid->nx && in_row[end] == in_row[col];)
          ++end;
        if (in_row[col] != level)
          continue;
        if (!is_open)
          fprintf(to->out, "<path class=\"cell\" fill-opacity=\"%.2f\" d=\"",
                  0.2 + 0.8 * (level - 1) / (CELL_LEVELS - 1));
        is_open = 1;
        put_point(to->out, 'M', x + col * w, y + row * h);
        fputc('h', to->out);
        put_number(to->out, (end - col) * w);
        fputc('v', to->out);
        put_number(to->out, h);
        fputc('h', to->out);
        put_number(to->out, -(end - col) * w);
        fputc('z', to->out);
      }
    }
    if (is_open)
      fputs("\"/>\n", to->out);
  }
}

static void text(canvas *to, canvas_ink ink, double x, double y, canvas_anchor anchor,
                 const char *words)
{
  static const char *const anchors[] = { "start", "middle", "end" };
  fprintf(to->out, "<text class=\"%s\" text-anchor=\"%s\" x=\"", classes[ink], anchors[anchor]);
  put_number(to->out, x);
  fputs("\" y=\"", to->out);
  put_number(to->out, y);
  fputs("\">", to->out);
  xml_put(to->out, words);
  fputs("</text>\n", to->out);
}

static int end(canvas *to)
{
  fputs("</svg>\n", to->out);
  return CLI_OK;
}

canvas canvas_svg(FILE *out, int embedded)
{
  static const canvas_ops ops = { begin, open_group, close_group, line, area,
                                  marks, cells,      text,        end };
  return (canvas){ .ops = &ops,
                   .out = out,
                   .width = 760,
                   .em = 6.7,
                   .line = 17,
                   .aspect = 1,
                   .tick = 4,
                   .area_height = 320,
                   .finest = 0.5,
                   .has_colours = 1,
                   .unicode = 1,
                   .embedded = embedded };
}
