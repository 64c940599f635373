/* chart_layout.h: where the parts of a chart stand on its canvas. */
#ifndef SPEIG_SRC_CLI_CHART_LAYOUT_H
#define SPEIG_SRC_CLI_CHART_LAYOUT_H

#include "chart.h"
#include "ticks.h"

enum { HEAD_LINES = 3 };

typedef struct layout {
  const chart *c;
  canvas *to;
  chart_axis x, y; /* with equal aspect wider than the chart's */
  axis_ticks x_ticks, y_ticks;
  char x_name[160], y_name[160];
  double left, top, width, height; /* of the area */
  double total; /* height of everything */
  int legend; /* entries */
  int title_lines, note_lines;
  char title_line[HEAD_LINES][512], note_line[HEAD_LINES][512];
} layout;

layout layout_make(const chart *c, canvas *to);
/* The place of a value; one outside of the axis is at its edge. */
double layout_x(const layout *l, double value);
double layout_y(const layout *l, double value);
double layout_text_width(const canvas *to, const char *text);

#endif
