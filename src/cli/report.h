/* report.h: the result of a solve as a table, as JSON, as CSV. */
#ifndef SPEIG_SRC_CLI_REPORT_H
#define SPEIG_SRC_CLI_REPORT_H

#include "input.h"

typedef struct report {
  const cli_matrix *A, *B; /* B NULL: standard problem */
  const speig_eigsh_result *result;
  int32_t k; /* asked for */
  speig_which which;
  int64_t deflated; /* columns of --deflate */
  const char *vectors; /* file they were written to; NULL: none */
  double seconds_read;
} report;

/* Header line, table, status line; with rows_only the rows alone. */
void report_text(FILE *out, const report *r, int rows_only);
/* One eigenvalue per line. */
void report_values(FILE *out, const report *r);
void report_csv(FILE *out, const report *r);
void report_json(FILE *out, const report *r);

/* What each member of the JSON means, for the man page; ends with name NULL. */
typedef struct report_member {
  const char *name, *meaning;
} report_member;
extern const report_member report_members[];

void report_plan_text(FILE *out, const report *r, const speig_eigsh_plan *plan);
void report_plan_json(FILE *out, const report *r, const speig_eigsh_plan *plan);

#endif
