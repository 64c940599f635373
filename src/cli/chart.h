/* chart.h: a picture with two axes: what a plot collects, and draws on any canvas. */
#ifndef SPEIG_SRC_CLI_CHART_H
#define SPEIG_SRC_CLI_CHART_H

#include "canvas.h"

typedef struct chart_axis {
  const char *label; /* with the unit; borrowed */
  int is_log, is_whole, is_reversed; /* y: values grow downwards */
  int is_hidden; /* no numbers, no label */
  double low, high; /* low < high; of a logarithmic axis > 0 */
} chart_axis;

typedef enum chart_form {
  CHART_LINE, /* NaN interrupts it */
  CHART_RIBBON, /* filled between y and y2 */
  CHART_FILLED, /* a line, filled down to the axis */
  CHART_DOTS,
  CHART_RINGS
} chart_form;

/* Arrays are owned by the chart. Points outside the axes are moved to their edge. */
typedef struct chart_series {
  chart_form form;
  canvas_ink ink;
  char *label; /* shown in the legend unless NULL */
  int is_quiet; /* label shown on demand only */
  int64_t count;
  double *x, *y; /* [count] */
  double *y2; /* RIBBON */
  double *x_error, *y_error; /* [count] half lengths of bars, drawn where the eye sees them; may be
                                NULL */
  char **tips; /* [count] may be NULL */
} chart_series;

/* A line across the picture, at a value of one axis. */
typedef struct chart_rule {
  int is_vertical;
  double at;
  canvas_ink ink;
  char label[64];
} chart_rule;

/* A part of the x axis, up to the next one. */
typedef struct chart_band {
  double from, to;
  char label[48];
} chart_band;

enum { CHART_RULES = 8, CHART_BANDS = 16 };

typedef struct chart {
  char title[512], note[512], description[1200];
  chart_axis x, y;
  int equal_aspect; /* a unit of x is as long as one of y */
  double area_width, area_height; /* exact size between the axes, in canvas units; 0: what fits */
  double height_part; /* of the usual height, where less does; 0: all of it */
  int32_t series_count, series_room;
  chart_series *series;
  int rule_count, band_count;
  chart_rule rules[CHART_RULES];
  chart_band bands[CHART_BANDS];
  canvas_cells cells; /* fill the area when nx > 0; level is owned */
} chart;

/* Functions returning int return an exit code and have said why. */

/* A series with room for count points: x and y, and what `parts` asks for; label may be NULL. The
 * caller fills the arrays. */
enum { CHART_Y2 = 1, CHART_X_ERROR = 2, CHART_Y_ERROR = 4, CHART_TIPS = 8 };
int chart_add(chart *c, chart_form form, canvas_ink ink, const char *label, int64_t count,
              int parts, chart_series **out);
/* The text of point i, shown on demand. */
void chart_tip(chart_series *series, int64_t i, const char *format, ...) CLI_PRINTF(3, 4);
/* More than CHART_RULES, and those outside the axes, are left out. */
void chart_rule_at(chart *c, int is_vertical, double at, canvas_ink ink, const char *label);
void chart_band_from(chart *c, double from, double to, const char *label);
/* low and high for these values: finite ones alone (of a logarithmic axis positive ones), with some
 * room around, never empty. Returns 0 when there is none. */
int chart_range(int64_t count, const double *values, int is_log, double *low, double *high);
/* The widest area between the axes that the canvas offers. */
double chart_widest(const canvas *to);
int chart_draw(const chart *c, canvas *to);
void chart_free(chart *c);

/* chart_thin.c: at most about `most` points that look like the polyline xy[2 count], whose points
 * go from left to right; moved to the front. Returns how many. Within a column the first, the
 * lowest, the highest and the last point stay. */
int64_t chart_thin(int64_t count, double *xy, int64_t most);
/* Points that fall into the same place of that size as an earlier one are dropped; tips move along,
 * may be NULL. Returns how many stay: all when there is no memory to tell. */
int64_t chart_merge(int64_t count, double *xy, char **tips, double across, double down);

#endif
