/* log.h: --log FILE: what a solve does as it goes along, one JSON object per line, each of them on
 * the disk before the solver goes on, so that a run that is killed leaves all that it told. */
#ifndef SPEIG_SRC_CLI_LOG_H
#define SPEIG_SRC_CLI_LOG_H

#include "input.h"

/* The problem as asked for: the first line. */
typedef struct log_head {
  const cli_matrix *A;
  const char *kind; /* "hermitian", "general", "svd" */
  const char *which;
  const char *method; /* "auto" where nobody chose */
  const double *sigma; /* NULL: none */
  int sigma_parts; /* numbers in it */
  int32_t k;
  speig_device device;
  speig_dtype dtype;
  double tol; /* as given; what is below what the type allows counts as that */
  uint64_t seed;
  int threads; /* 0: all cores */
} log_head;

/* What came of it: the last line. */
typedef struct log_tail {
  speig_outcome outcome;
  speig_reason reason;
  speig_method method;
  speig_device device;
  int32_t converged, wanted;
  int64_t matvecs, restarts;
  double seconds;
} log_tail;

typedef struct run_log {
  FILE *out; /* NULL: none */
  const char *path;
  int is_open; /* the first line is there */
  int failed; /* a line could not be written, which was said */
  double started;
  /* The line before: a solver may tell the same numbers again, to ask whether to go on. */
  const char *method, *phase;
  int64_t iteration;
  double numbers;
} run_log;

/* path NULL: no log, and the other functions do nothing. Writes the first line, for which the copy
 * bandwidth is measured. Returns an exit code and has said why. */
int log_open(run_log *log, const char *path, const log_head *head);
void log_record(run_log *log, const speig_progress *progress);
/* The last line; tail NULL: the solve failed, for the reason that the library told last. Returns an
 * exit code: CLI_FAILURE when the file does not hold everything, which was said. */
int log_close(run_log *log, const log_tail *tail);

#endif
