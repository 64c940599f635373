/* report.h: the result of a solve as a table, as JSON, as CSV. One form for every kind of problem.
 */
#ifndef SPEIG_SRC_CLI_REPORT_H
#define SPEIG_SRC_CLI_REPORT_H

#include "input.h"
#include "run_args.h"

/* What a report tells of a result, whichever call made it. Arrays are borrowed. */
typedef struct report_result {
  const char *kind; /* "hermitian", "general" */
  int64_t n;
  int32_t k, wanted;
  int parts; /* numbers per eigenvalue: 2 where they are complex */
  speig_dtype dtype;
  speig_outcome outcome;
  speig_reason reason;
  speig_method method;
  speig_device device;
  const double *values; /* [parts k] */
  const double *residuals, *relative_residuals, *error_bounds; /* [k] */
  const double *conditions, *left_residuals; /* [k], NULL: not asked for */
  double worst_condition, moved; /* NaN: not known */
  double orthogonality; /* NaN where it means nothing */
  double norm_a, norm_b, tol;
  int balanced, precond_dropped;
  int32_t infinite;
  int32_t unconverged;
  const double *unconverged_values; /* [parts unconverged] */
  const double *unconverged_residuals;
  int64_t matvecs, matvecs_b, matvecs_adjoint, precond_applies, restarts, solves;
  const char *transform; /* "none", "shift", "mass" */
  const double *shift; /* [parts] where A - shift B was factored, NULL without one */
  int32_t factorizations;
  const double *interval, *proven; /* as in speig_eigsh_result; NULL for general problems */
  double estimate, estimate_error; /* the same; NaN where nothing was estimated */
  double seconds_setup, seconds_solve, seconds_certify;
  size_t memory_bytes;
  uint64_t seed;
  int threads;
  run_saved saved;
} report_result;

report_result report_of_eigsh(const speig_eigsh_result *result);
report_result report_of_eigs(const speig_eigs_result *result);

/* The same of a plan. */
typedef struct report_plan {
  const char *kind, *why;
  speig_method method;
  speig_device device;
  int64_t n, max_matvecs;
  int32_t k, ncv;
  double tol, flops_per_step, factor_flops;
  size_t memory_bytes, factor_bytes;
  const char *transform;
} report_plan;

report_plan report_plan_of_eigsh(const speig_eigsh_plan *plan);
report_plan report_plan_of_eigs(const speig_eigs_plan *plan);

typedef struct report {
  const cli_matrix *A, *B; /* B NULL: standard problem */
  report_result result;
  int32_t k; /* asked for */
  const char *which; /* "LM" ... */
  const double *interval; /* all in it are wanted, not k; NULL: none */
  int general; /* the problem, also when there is no result yet */
  const double *sigma; /* NULL: no shift; of a general problem two numbers */
  speig_mode mode;
  int64_t deflated; /* columns of --deflate */
  const char *vectors, *left; /* files they were written to; NULL: none */
  double seconds_read;
} report;

/* Header line, table, status line; with rows_only the rows alone. */
void report_text(FILE *out, const report *r, int rows_only);
/* One eigenvalue per line; real and imaginary part of one that may be complex. */
void report_values(FILE *out, const report *r);
void report_csv(FILE *out, const report *r);
void report_json(FILE *out, const report *r);
/* a, or a+bi where parts is 2 and b is not 0; so many digits. */
void report_shift_text(int parts, const double *shift, int digits, char *text, size_t size);
/* What the user should be told about the meaning of the result, as notes. */
void report_notes(const report *r);

/* What each member of the JSON means, for the man page; ends with name NULL. */
typedef struct report_member {
  const char *name, *meaning;
} report_member;
extern const report_member report_members[];

void report_plan_text(FILE *out, const report *r, const report_plan *plan);
void report_plan_json(FILE *out, const report *r, const report_plan *plan);

/* What results of every kind print alike: the head of the table, up to what is wanted; the last
 * line; times and the end of the JSON; and of a plan all but the problem. */
void report_head(FILE *out, const cli_matrix *A);
typedef struct report_run {
  const char *noun; /* "pairs" */
  int32_t found, wanted;
  speig_outcome outcome;
  speig_reason reason;
  int64_t products, solves;
  double seconds;
} report_run;
void report_last_line(FILE *out, const report_run *run);
typedef struct report_times {
  double read, setup, solve, certify;
  size_t memory_bytes;
} report_times;
void report_json_end(json_writer *w, const report_times *times);
void report_plan_body(FILE *out, const report_plan *plan, const char *basis);

#endif
