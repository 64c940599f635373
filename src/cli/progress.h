/* progress.h: the live line on standard error, the log, and Ctrl-C. */
#ifndef SPEIG_SRC_CLI_PROGRESS_H
#define SPEIG_SRC_CLI_PROGRESS_H

#include "log.h"

typedef enum progress_when { PROGRESS_AUTO = 0, PROGRESS_ALWAYS, PROGRESS_NEVER } progress_when;

struct history;

typedef struct progress_line {
  int is_shown; /* the line is wanted at all */
  int is_terminal; /* one line, rewritten; else a line per report */
  int is_drawn; /* something stands on the line */
  double last; /* seconds of the last drawing */
  run_log *log; /* gets every record; NULL: none */
  struct history *history; /* keeps the records for pictures; NULL: nobody does */
} progress_line;

/* From here on the first Ctrl-C asks the solver to stop, or, when it has, lets what was found be
 * written in full; the second one kills. */
void progress_begin(progress_line *line, progress_when when, run_log *log);
/* The callback for speig_eigsh_opts; user is the progress_line. */
int progress_report(void *user, const speig_progress *progress);
/* Erases the line. */
void progress_end(progress_line *line);
/* Nonzero after a Ctrl-C. */
int progress_interrupted(void);

#endif
