/* run_args.h: what the verbs that solve share: options, what they exclude, where output goes. */
#ifndef SPEIG_SRC_CLI_RUN_ARGS_H
#define SPEIG_SRC_CLI_RUN_ARGS_H

#include "cli.h"

/* The first member of what such a verb parses into. */
typedef struct run_args {
  int64_t threads;
  double time_limit;
  uint64_t seed;
  size_t memory;
  int device, precision, certify, progress;
  const char *json, *log;
  const char *checkpoint, *resume;
  double checkpoint_every;
  int csv, values_only, quiet, verbose, explain, dry_run;
} run_args;

extern const cli_option run_options[]; /* a verb's .shared */

/* Options that exclude each other; sets the level of messages. Returns an exit code. */
int run_args_apply(const run_args *args);

/* How a result, or a plan, is printed. */
typedef struct run_output {
  const void *what;
  void (*text)(FILE *out, const void *what, int rows_only);
  void (*values)(FILE *out, const void *what);
  void (*csv)(FILE *out, const void *what);
  void (*json)(FILE *out, const void *what);
} run_output;

/* A plan (text and json alone): beside the solve on standard error, instead of it where --json and
 * the terminal want it. Returns an exit code. */
int run_put_plan(const run_args *args, const run_output *output);
/* A result: JSON to its file, then what standard output gets. Returns an exit code. */
int run_put_result(const run_args *args, const run_output *output);
/* What became of --checkpoint and --resume, as notes, and as an exit code where a file could not be
 * written. */
typedef struct run_saved {
  speig_resumed resumed;
  int32_t checkpoints;
  const char *failure;
  speig_method method;
} run_saved;
/* Says what a solve ended with: a checkpoint that cannot be written is no unreadable input. */
int run_status(const run_args *args, speig_status st);
int run_tell_saved(const run_args *args, const run_saved *saved);
/* What the result means, as an exit code and a line on standard error; noun: "pairs". */
int run_judge(const char *noun, int32_t found, int32_t wanted, double tol, speig_reason reason);

#endif
