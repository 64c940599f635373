/* picture.h: the pictures, each made once for every kind of canvas. */
#ifndef SPEIG_SRC_CLI_PICTURE_H
#define SPEIG_SRC_CLI_PICTURE_H

#include "chart.h"
#include "history.h"
#include "input.h"

/* Functions return an exit code and have said why; the chart is to be freed in any case. title: the
 * file, say. */

/* Residuals over |A| against products, a line per wanted pair. */
int picture_convergence(const char *title, const history_head *head, const history *h, chart *c);

typedef enum spectrum_kind {
  SPECTRUM_HERMITIAN, /* dots on a line */
  SPECTRUM_GENERAL, /* in the complex plane */
  SPECTRUM_SVD /* scree */
} spectrum_kind;

typedef struct spectrum {
  spectrum_kind kind;
  int32_t count;
  double *values; /* [count], of a general problem [2 count]; owned */
  double *residuals, *errors; /* [count] NaN: not known; errors are bounds; owned, may be NULL */
  int32_t unconverged;
  double *unconverged_values; /* [unconverged] or twice; owned */
  int has_sigma;
  double sigma[2];
  int is_single;
  int is_whole; /* all that the matrix has */
  char file[256], note[160];
} spectrum;

int picture_spectrum(const char *title, const spectrum *s, chart *c);
void spectrum_free(spectrum *s);
/* How many times each eigenvalue is there, in values[count] ascending: copy[i] is 1 for the first
 * of a group, 2 for the next. Values are equal when their distance is within both error bounds
 * (may be NULL) or rounding. Returns the number of different ones. */
int32_t spectrum_copies(int32_t count, const double *values, const double *errors, double rounding,
                        int32_t *copy);

/* The pattern of the stored entries, in as many cells as the canvas shows; all entries count. */
int picture_spy(const char *title, const cli_matrix *A, const canvas *to, chart *c);
/* Entries in each of nx x ny cells of equal size: counts[ny][nx], their sum is nnz. */
void spy_count(const speig_matrix *A, int nx, int ny, int64_t *counts);
/* What a cell with so many of the most entries in a cell looks like: 0 only for none. */
unsigned char spy_level(int64_t count, int64_t most);

/* Density of states with its error, and the counts below. */
int picture_dos(const char *title, const speig_dos_result *dos, chart *c);

#endif
