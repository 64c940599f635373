/* pic_spy.c: the pattern of a matrix. A large one is binned: every stored entry is counted in the
 * cell it falls into, and the darker a cell, the more it holds. */
#include "picture.h"

#include "text.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

/* Cell of index i of n when there are m cells. */
static int64_t cell_of(int64_t i, int64_t n, int m)
{
  return i * m / n; /* i < 2^31 */
}

void spy_count(const speig_matrix *A, int nx, int ny, int64_t *counts)
{
  const speig_matrix_info info = speig_matrix_get_info(A);
  const int64_t *rowptr;
  const int32_t *colind;
  speig_matrix_arrays(A, &rowptr, &colind, NULL);
  for (int64_t i = 0; i < info.rows; ++i) {
    int64_t *here = counts + cell_of(i, info.rows, ny) * nx;
    for (int64_t e = rowptr[i]; e < rowptr[i + 1]; ++e)
      ++here[cell_of(colind[e], info.cols, nx)];
  }
}

unsigned char spy_level(int64_t count, int64_t most)
{
  if (count <= 0)
    return 0;
  if (most <= 1)
    return CELL_LEVELS;
  /* By the logarithm: one entry is seen, and a band does not drown the rest. */
  double part = log1p((double)count) / log1p((double)most);
  return (unsigned char)(1 + (int)floor((CELL_LEVELS - 1) * (part > 1 ? 1 : part) + 1e-9));
}

typedef struct spy_grid {
  int nx, ny; /* cells */
  double width, height; /* of the area, in canvas units */
} spy_grid;

/* Characters: an entry is a block of two characters while that fits, then a Braille dot, and a
 * matrix with more rows or columns than dots is shaded by characters. */
static spy_grid screen_grid(const canvas *to, double rows, double cols)
{
  const double wide = floor(chart_widest(to)), high = to->area_height * 1.6;
  if (2 * cols <= wide && rows <= high)
    return (spy_grid){ (int)cols, (int)rows, 2 * cols, rows };
  if (to->unicode && cols <= 2 * wide && rows <= 4 * high)
    return (spy_grid){ (int)cols, (int)rows, cols / 2, rows / 4 };
  /* A character is twice as high as wide. */
  double unit = fmax(cols / wide, rows / (2 * high));
  double nx = fmax(1, floor(cols / unit)), ny = fmax(1, floor(rows / (2 * unit)));
  nx = fmin(nx, cols);
  ny = fmin(ny, rows);
  return (spy_grid){ (int)nx, (int)ny, nx, ny };
}

static spy_grid svg_grid(const canvas *to, double rows, double cols)
{
  enum { CELLS = 320 };
  const double wide = chart_widest(to), high = 480;
  const double unit = fmin(wide / cols, high / rows), most = fmax(rows, cols);
  const double per_cell = most > CELLS ? most / CELLS : 1;
  spy_grid g = { (int)fmax(1, ceil(cols / per_cell)), (int)fmax(1, ceil(rows / per_cell)),
                 fmax(cols * unit, 8), fmax(rows * unit, 8) };
  /* A matrix of few entries need not fill the page. */
  double largest = 24 * fmax(g.nx, g.ny), now = fmax(g.width, g.height);
  if (now > largest) {
    g.width *= largest / now;
    g.height *= largest / now;
  }
  return g;
}

static void describe(const cli_matrix *A, const spy_grid *g, int64_t most, int64_t used, chart *c)
{
  char entries[32], rows[32], cols[32];
  text_thousands(A->info.nnz, entries, sizeof entries);
  text_thousands(A->info.rows, rows, sizeof rows);
  text_thousands(A->info.cols, cols, sizeof cols);
  (void)snprintf(c->note, sizeof c->note, "%s x %s, %s entries", rows, cols, entries);
  if (g->nx < A->info.cols || g->ny < A->info.rows) {
    char more[80];
    (void)snprintf(more, sizeof more, ", up to %" PRId64 " in a cell; the darker, the more", most);
    size_t length = 0;
    while (c->note[length])
      ++length;
    (void)snprintf(c->note + length, sizeof c->note - length, "%s", more);
  }
  (void)snprintf(c->description, sizeof c->description,
                 "Pattern of the stored entries: %s. %d x %d cells, %" PRId64
                 " of them not empty, %" PRId64 " entries counted.",
                 c->note, g->ny, g->nx, used, A->info.nnz);
}

int picture_spy(const char *title, const cli_matrix *A, const canvas *to, chart *c)
{
  int code = CLI_OK;
  int64_t *counts = NULL, most = 0, used = 0;
  unsigned char *level = NULL;
  *c = (chart){ .series_count = 0 };
  if (A->info.rows == 0 || A->info.cols == 0)
    CLI_FAIL(CLI_USAGE, "%s is %" PRId64 " x %" PRId64 ": there is no pattern to draw", A->path,
             A->info.rows, A->info.cols);
  const double rows = (double)A->info.rows, cols = (double)A->info.cols;
  const spy_grid g = to->has_colours ? svg_grid(to, rows, cols) : screen_grid(to, rows, cols);
  const int64_t cells = (int64_t)g.nx * g.ny;
  CLI_TRY(CLI_ARRAY(cells, "cells of a picture", &counts));
  CLI_TRY(CLI_ARRAY(cells, "cells of a picture", &level));
  spy_count(A->matrix, g.nx, g.ny, counts);
  for (int64_t i = 0; i < cells; ++i) {
    most = counts[i] > most ? counts[i] : most;
    used += counts[i] > 0;
  }
  for (int64_t i = 0; i < cells; ++i)
    level[i] = spy_level(counts[i], most);
  c->cells = (canvas_cells){ g.nx, g.ny, level };
  level = NULL;
  c->area_width = g.width;
  c->area_height = g.height;
  c->x = (chart_axis){ .label = "column", .is_whole = 1, .low = 0.5, .high = cols + 0.5 };
  c->y = (chart_axis){
    .label = "row", .is_whole = 1, .is_reversed = 1, .low = 0.5, .high = rows + 0.5
  };
  (void)snprintf(c->title, sizeof c->title, "Pattern: %s", title);
  describe(A, &g, most, used, c);
done:
  free(counts);
  free(level);
  return code;
}
