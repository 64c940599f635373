/* report_svds.h: singular values as a table, as JSON, as CSV. */
#ifndef SPEIG_SRC_CLI_REPORT_SVDS_H
#define SPEIG_SRC_CLI_REPORT_SVDS_H

#include "input.h"
#include "report.h"

typedef struct svds_report {
  const cli_matrix *A;
  const speig_svds_result *result;
  int32_t k; /* asked for */
  speig_which which;
  const char *left, *right; /* files the vectors were written to; NULL: none */
  double seconds_read;
} svds_report;

/* Header line, table, status line; with rows_only the rows alone. */
void svds_report_text(FILE *out, const svds_report *r, int rows_only);
/* One singular value per line. */
void svds_report_values(FILE *out, const svds_report *r);
void svds_report_csv(FILE *out, const svds_report *r);
void svds_report_json(FILE *out, const svds_report *r);

/* What members of the JSON mean that the one of solve does not have, or means otherwise. */
extern const report_member svds_report_members[];

void svds_report_plan_text(FILE *out, const svds_report *r, const speig_svds_plan *plan);
void svds_report_plan_json(FILE *out, const svds_report *r, const speig_svds_plan *plan);

#endif
