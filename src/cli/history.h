/* history.h: how a solve went, record by record: kept while it runs, or read from a log. */
#ifndef SPEIG_SRC_CLI_HISTORY_H
#define SPEIG_SRC_CLI_HISTORY_H

#include "cli.h"

typedef struct history_record {
  char phase[16], method[24];
  int64_t iteration, matvecs;
  double seconds;
  double norm, tol; /* a pair is good when residual <= about tol norm */
  int32_t wanted, converged;
  double *residuals; /* [wanted] absolute; NaN: not known */
} history_record;

/* So many records are kept: when there are more, every second one goes. */
enum { HISTORY_MOST = 4096 };

typedef struct history {
  int64_t count, room;
  history_record *records; /* in the order of time */
  int64_t seen, stride; /* records offered so far; one of so many is kept */
  int32_t wanted; /* the most of any record */
  /* The last record's approximations: */
  int32_t last_count;
  int has_imaginary;
  double *last_values; /* [2 last_count] real and imaginary parts in turn */
  double *last_residuals; /* [last_count] */
} history;

/* Functions returning int return an exit code; these say nothing: a solve does not end because its
 * picture has no memory. */
int history_add(history *h, const speig_progress *record);
void history_free(history *h);

/* What the first and the last line of a log say; texts are empty and numbers 0 where they are
 * missing. */
typedef struct history_head {
  char file[256], kind[16], which[8], device[16], dtype[4];
  char status[16], reason[24]; /* of the end; empty: the log ends early */
  int64_t rows, cols, nnz;
  int32_t k;
  int has_sigma;
  double sigma[2];
  int64_t bad_lines; /* that are not records */
} history_head;

/* Lines of JSON as --log writes them; text is changed. Says what is wrong. */
int history_read(const char *path, char *text, history_head *head, history *h);

#endif
