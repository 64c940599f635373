/* run_args.c: options that every verb that solves has, and what they do. */
#include "run_args.h"

#include "choices.h"
#include "files.h"
#include "progress.h"

#include <string.h>
#include <unistd.h>

#define FIELD(name) offsetof(run_args, name)

const cli_option run_options[] = {
  { OPTION_CHOICE, 0, "device", "D", FIELD(device), "auto", NULL, choice_devices, 0, 0,
    "where to run" },
  { OPTION_CHOICE, 0, "precision", "P", FIELD(precision), "d", NULL, choice_precisions, 0, 0,
    "single or double; complex when a file is" },
  { OPTION_REAL, 0, "time-limit", "SEC", FIELD(time_limit), NULL, NULL, NULL, 1e-3, 1e9,
    "stop after so many seconds with what was found" },
  { OPTION_SEED, 0, "seed", "N", FIELD(seed), "1", NULL, NULL, 0, 0,
    "of the start vectors; the same seed gives the same bits" },
  { OPTION_INT, 0, "threads", "N", FIELD(threads), NULL, NULL, NULL, 1, 1024,
    "threads to use (default: all cores)" },
  { OPTION_BYTES, 0, "memory", "BYTES", FIELD(memory), NULL, NULL, NULL, 0, 0,
    "the most the solve may take beside the matrices; K, M, G, T for powers of 1024" },
  { OPTION_CHOICE, 0, "certify", "WHEN", FIELD(certify), "auto", NULL, choice_certify, 0, 0,
    "check that no wanted value is missing" },
  { OPTION_FILE, 0, "json", "FILE", FIELD(json), NULL, "-", NULL, 0, 0,
    "print the result as JSON instead of the table, or write it to FILE beside the table" },
  { OPTION_FLAG, 0, "csv", NULL, FIELD(csv), NULL, NULL, NULL, 0, 0,
    "print comma-separated values instead of the table" },
  { OPTION_FLAG, 0, "values-only", NULL, FIELD(values_only), NULL, NULL, NULL, 0, 0,
    "print the values alone, one per line; keep no vectors" },
  { OPTION_FLAG, 'q', "quiet", NULL, FIELD(quiet), NULL, NULL, NULL, 0, 0,
    "print the rows of the table alone, and no notes" },
  { OPTION_FLAG, 'v', "verbose", NULL, FIELD(verbose), NULL, NULL, NULL, 0, 0,
    "tell details on standard error" },
  { OPTION_FLAG, 0, "explain", NULL, FIELD(explain), NULL, NULL, NULL, 0, 0,
    "tell the plan on standard error before solving: method, why, memory, cost" },
  { OPTION_FLAG, 0, "dry-run", NULL, FIELD(dry_run), NULL, NULL, NULL, 0, 0,
    "print the plan and do not solve" },
  { OPTION_CHOICE, 0, "progress", "WHEN", FIELD(progress), "auto", "always", choice_progress, 0, 0,
    "live line on standard error; auto: when it is a terminal" },
  { OPTION_FILE, 0, "log", "FILE", FIELD(log), NULL, NULL, NULL, 0, 0,
    "write what the solver does as it goes along: one line of JSON per restart or iteration" },
  { OPTION_FILE, 0, "checkpoint", "FILE", FIELD(checkpoint), NULL, NULL, NULL, 0, 0,
    "write what the solve is made of to FILE now and then, and when it ends" },
  { OPTION_REAL, 0, "checkpoint-every", "SEC", FIELD(checkpoint_every), "60", NULL, NULL, 1e-3, 1e9,
    "seconds between two checkpoints" },
  { OPTION_FILE, 0, "resume", "FILE", FIELD(resume), NULL, NULL, NULL, 0, 0,
    "go on with the solve of the same problem that wrote this checkpoint; more pairs or a smaller "
    "--tol may be asked for" },
  { 0 },
};

static int json_is_output(const run_args *args)
{
  return args->json && strcmp(args->json, "-") == 0;
}

int run_args_apply(const run_args *args)
{
  if (args->csv && (args->values_only || json_is_output(args)))
    return say_error(CLI_USAGE,
                     "--csv excludes --values-only and --json; --json=FILE goes with it");
  if (args->quiet && args->verbose)
    return say_error(CLI_USAGE, "--quiet and --verbose exclude each other");
  if (args->dry_run && args->csv + args->values_only > 0)
    return say_error(CLI_USAGE, "--dry-run has no values to print: --csv and --values-only do not "
                                "go with it");
  if (args->checkpoint && strcmp(args->checkpoint, "-") == 0)
    return say_error(CLI_USAGE, "--checkpoint needs a file: standard output is for the values");
  say_set_level(args->quiet ? SAY_QUIET : args->verbose ? SAY_VERBOSE : SAY_NORMAL);
  return CLI_OK;
}

static int put_json(const run_args *args, const run_output *output)
{
  FILE *out = NULL;
  int code = CLI_OK;
  if (!args->json)
    return code;
  CLI_TRY(output_open(args->json, &out));
  output->json(out, output->what);
  code = output_close(args->json, out);
done:
  return code;
}

int run_put_plan(const run_args *args, const run_output *output)
{
  if (!args->dry_run) {
    output->text(stderr, output->what, 0);
    return CLI_OK;
  }
  if (!json_is_output(args))
    output->text(stdout, output->what, 0);
  return put_json(args, output);
}

int run_put_result(const run_args *args, const run_output *output)
{
  int code = put_json(args, output);
  if (args->csv)
    output->csv(stdout, output->what);
  else if (!json_is_output(args) && args->values_only)
    output->values(stdout, output->what);
  else if (!json_is_output(args))
    output->text(stdout, output->what, args->quiet);
  return code;
}

int run_status(const run_args *args, speig_status st)
{
  const int readable = !args->resume || access(args->resume, R_OK) == 0;
  return args->checkpoint && readable ? say_write_status(st) : say_status(st);
}

int run_tell_saved(const run_args *args, const run_saved *saved)
{
  if (args->resume && saved->resumed == SPEIG_RESUMED_NONE)
    say_note("nothing in %s was of use to this solve, which began anew", args->resume);
  if (args->resume && saved->resumed == SPEIG_RESUMED_VECTORS)
    say_note("the solve went on from the best vectors in %s alone: more accuracy, or more pairs, "
             "were asked for than its basis has",
             args->resume);
  if (args->checkpoint && saved->checkpoints == 0 && !saved->failure[0] &&
      saved->method == SPEIG_DENSE)
    say_note("%s was not written: LAPACK solved the problem in one go, and there is nothing to go "
             "on with",
             args->checkpoint);
  if (saved->failure[0])
    return say_error(CLI_FAILURE, "a checkpoint could not be written: %s", saved->failure);
  return CLI_OK;
}

int run_judge(const char *noun, int32_t found, int32_t wanted, double tol, speig_reason reason)
{
  if (progress_interrupted() && reason == SPEIG_STOP_CANCELLED)
    return say_error(CLI_INTERRUPTED, "interrupted: %d of %d %s were found", found, wanted, noun);
  if (found < wanted)
    return say_error(reason == SPEIG_STOP_MEMORY ? CLI_MEMORY : CLI_FEWER,
                     "%d of %d %s meet the tolerance %.1e; the solver stopped for this reason: %s",
                     found, wanted, noun, tol, speig_reason_name(reason));
  return CLI_OK;
}
