/* source.h: what a picture can be made from: a result, a log or a matrix, told apart by content. */
#ifndef SPEIG_SRC_CLI_SOURCE_H
#define SPEIG_SRC_CLI_SOURCE_H

#include "picture.h"

typedef enum source_kind { SOURCE_MATRIX, SOURCE_RESULT, SOURCE_LOG } source_kind;

typedef struct plot_source {
  source_kind kind;
  const char *path;
  cli_matrix A; /* MATRIX */
  spectrum values; /* RESULT; LOG: the last ones */
  history_head head; /* LOG */
  history history;
} plot_source;

/* Functions returning int return an exit code and have said why. */

/* path "-" is standard input. */
int source_read(const char *path, int threads, plot_source *out);
/* The same from text in memory, which is changed and ends with a zero that size does not count. */
int source_parse(const char *path, char *text, size_t size, int threads, plot_source *out);
void source_free(plot_source *source);

/* spectrum_of.c: all values of a matrix, by LAPACK: eigenvalues, or singular values with `svd`.
 * Orders above SPECTRUM_MOST are refused. */
enum { SPECTRUM_MOST = 3000 };
int spectrum_of_matrix(cli_matrix *A, int svd, int threads, spectrum *out);
/* The values of a result that the library returned. */
int spectrum_of_eigsh(const speig_eigsh_result *r, spectrum *out);
int spectrum_of_eigs(const speig_eigs_result *r, spectrum *out);
int spectrum_of_svds(const speig_svds_result *r, spectrum *out);
/* Those that a log ends with: converged ones and the others by their residuals. */
int spectrum_of_history(const history_head *head, const history *h, spectrum *out);

#endif
