/* canvas.h: what a picture is drawn on. A chart (chart.h) is laid out once, in the units of the
 * canvas; the two kinds of canvas are SVG and characters on a terminal. */
#ifndef SPEIG_SRC_CLI_CANVAS_H
#define SPEIG_SRC_CLI_CANVAS_H

#include "cli.h"

/* What is drawn, from which each canvas chooses colours or characters. */
typedef enum canvas_ink {
  INK_FRAME, /* axes and ticks */
  INK_GRID,
  INK_TITLE,
  INK_TEXT, /* numbers and names of axes */
  INK_NOTE, /* what stands back */
  INK_LIMIT, /* a tolerance, a shift */
  INK_BAND, /* a part of the picture with another ground */
  INK_SERIES /* and the seven after it */
} canvas_ink;
enum { INK_COLOURS = 8 };

typedef enum canvas_anchor { ANCHOR_START, ANCHOR_MIDDLE, ANCHOR_END } canvas_anchor;
typedef enum canvas_mark { MARK_DOT, MARK_RING } canvas_mark;

/* nx x ny cells of equal size in a rectangle, row 0 at the top: level 0 is empty, CELL_LEVELS the
 * darkest. */
enum { CELL_LEVELS = 8 };
typedef struct canvas_cells {
  int nx, ny;
  const unsigned char *level; /* [ny][nx] */
} canvas_cells;

typedef struct canvas canvas;

/* x grows to the right, y down. Nothing here can fail but begin and end, which return an exit code
 * and have said why. */
typedef struct canvas_ops {
  int (*begin)(canvas *to, double width, double height, const char *title, const char *description);
  /* A part that belongs together, with a name that is shown on demand (may be NULL). */
  void (*open)(canvas *to, const char *name);
  void (*close)(canvas *to);
  /* xy: x and y in turn; consecutive points are joined. */
  void (*line)(canvas *to, canvas_ink ink, int64_t count, const double *xy);
  /* The same, closed and filled faintly. */
  void (*area)(canvas *to, canvas_ink ink, int64_t count, const double *xy);
  /* tips: a text for each point, shown on demand; may be NULL. */
  void (*marks)(canvas *to, canvas_ink ink, canvas_mark mark, int64_t count, const double *xy,
                const char *const *tips);
  void (*cells)(canvas *to, double x, double y, double width, double height,
                const canvas_cells *cells);
  /* y: of the base line. */
  void (*text)(canvas *to, canvas_ink ink, double x, double y, canvas_anchor anchor,
               const char *text);
  int (*end)(canvas *to);
} canvas_ops;

struct canvas {
  const canvas_ops *ops;
  FILE *out; /* borrowed */
  double width; /* of the whole picture */
  double em, line; /* width of a character, height of a line of text */
  double aspect; /* how much longer a unit down is than one across, as the eye sees it */
  double tick; /* length of a tick mark */
  double area_height; /* wanted of the part inside the axes */
  double finest; /* the smallest distance across that the eye can tell apart */
  int has_colours; /* lines of different ink look different; grid, areas and bands are drawn */
  int unicode;
  int embedded; /* SVG: inside a page, which has the style sheet */
  struct screen *screen; /* of characters; owned */
};

/* An SVG picture of its own (embedded 0) or part of a page. */
canvas canvas_svg(FILE *out, int embedded);
/* The style sheet of SVG pictures, for light and dark grounds. */
void canvas_svg_style(FILE *out);
/* Characters: columns wide, Braille dots and blocks, or ASCII. */
canvas canvas_screen(FILE *out, int columns, int unicode);

#endif
