/* solve.c: the default verb: a few eigenpairs of a Hermitian matrix or pair of matrices. */
#include "blockfile.h"
#include "files.h"
#include "progress.h"
#include "report.h"

#include <inttypes.h>
#include <stddef.h>
#include <string.h>

typedef struct solve_args {
  int64_t k, ncv, max_matvecs, threads;
  double tol, time_limit;
  uint64_t seed;
  size_t memory;
  int which, method, device, precision, precond, certify, progress;
  const char *mass, *guess, *deflate, *vectors, *json;
  int hermitian, csv, values_only, quiet, verbose, explain, dry_run;
} solve_args;

#define FIELD(name) offsetof(solve_args, name)

/* In the order of the library's enumerations, of which the index is a value. */
static const char *const whichs[] = { "LM", "SM", "LA", "SA", "BE", NULL };
static const char *const methods[] = { "auto", "dense", "lanczos", "lobpcg", NULL };
static const char *const devices[] = { "auto", "host", "reference", "cuda", NULL };
static const char *const certifies[] = { "auto", "always", "never", NULL };
static const char *const precisions[] = { "s", "d", NULL };
static const char *const preconds[] = { "none", "jacobi", NULL };
static const char *const whens[] = { "auto", "always", "never", NULL };

static const cli_option options[] = {
  { OPTION_INT, 'k', NULL, "N", FIELD(k), "6", NULL, NULL, 1, INT32_MAX, "pairs wanted" },
  { OPTION_CHOICE, 0, "which", "W", FIELD(which), "LM", NULL, whichs, 0, 0,
    "largest or smallest in magnitude (LM, SM), algebraically (LA, SA), or from both ends" },
  { OPTION_FILE, 'B', NULL, "FILE", FIELD(mass), NULL, NULL, NULL, 0, 0,
    "solve A x = lambda B x; B is Hermitian positive definite" },
  { OPTION_CHOICE, 0, "method", "M", FIELD(method), "auto", NULL, methods, 0, 0, "how to solve" },
  { OPTION_CHOICE, 0, "device", "D", FIELD(device), "auto", NULL, devices, 0, 0, "where to run" },
  { OPTION_CHOICE, 0, "precision", "P", FIELD(precision), "d", NULL, precisions, 0, 0,
    "single or double; complex when a file is" },
  { OPTION_REAL, 0, "tol", "T", FIELD(tol), "0", NULL, NULL, 0, 1,
    "accept a pair when its residual is at most T (|A| + |lambda| |B|); 0: as far as the precision "
    "allows" },
  { OPTION_INT, 0, "ncv", "N", FIELD(ncv), NULL, NULL, NULL, 1, INT32_MAX,
    "vectors in the basis of Lanczos (default: chosen)" },
  { OPTION_INT, 0, "max-matvecs", "N", FIELD(max_matvecs), NULL, NULL, NULL, 1, 0,
    "products with A before giving up (default: chosen)" },
  { OPTION_REAL, 0, "time-limit", "SEC", FIELD(time_limit), NULL, NULL, NULL, 1e-3, 1e9,
    "stop after so many seconds with what was found" },
  { OPTION_SEED, 0, "seed", "N", FIELD(seed), "1", NULL, NULL, 0, 0,
    "of the start vectors; the same seed gives the same bits" },
  { OPTION_INT, 0, "threads", "N", FIELD(threads), NULL, NULL, NULL, 1, 1024,
    "threads to use (default: all cores)" },
  { OPTION_BYTES, 0, "memory", "BYTES", FIELD(memory), NULL, NULL, NULL, 0, 0,
    "the most the solve may take beside the matrices; K, M, G, T for powers of 1024" },
  { OPTION_CHOICE, 0, "precond", "P", FIELD(precond), "none", NULL, preconds, 0, 0,
    "preconditioner of lobpcg" },
  { OPTION_FILE, 0, "guess", "X.mtx", FIELD(guess), NULL, NULL, NULL, 0, 0,
    "start from these vectors (Matrix Market or .npy)" },
  { OPTION_FILE, 0, "deflate", "Y.mtx", FIELD(deflate), NULL, NULL, NULL, 0, 0,
    "find only pairs orthogonal to these vectors" },
  { OPTION_FLAG, 0, "hermitian", NULL, FIELD(hermitian), NULL, NULL, NULL, 0, 0,
    "take a matrix that is not Hermitian for its Hermitian part (A + A^H) / 2" },
  { OPTION_CHOICE, 0, "certify", "WHEN", FIELD(certify), "auto", NULL, certifies, 0, 0,
    "check that no wanted eigenvalue is missing" },
  { OPTION_FILE, 0, "vectors", "FILE", FIELD(vectors), NULL, NULL, NULL, 0, 0,
    "write the vectors: Matrix Market array, gzip when FILE ends in .gz, NumPy when in .npy" },
  { OPTION_FILE, 0, "json", "FILE", FIELD(json), NULL, "-", NULL, 0, 0,
    "print the result as JSON instead of the table, or write it to FILE beside the table" },
  { OPTION_FLAG, 0, "csv", NULL, FIELD(csv), NULL, NULL, NULL, 0, 0,
    "print comma-separated values instead of the table" },
  { OPTION_FLAG, 0, "values-only", NULL, FIELD(values_only), NULL, NULL, NULL, 0, 0,
    "print the eigenvalues alone, one per line; keep no vectors" },
  { OPTION_FLAG, 'q', "quiet", NULL, FIELD(quiet), NULL, NULL, NULL, 0, 0,
    "print the rows of the table alone, and no notes" },
  { OPTION_FLAG, 'v', "verbose", NULL, FIELD(verbose), NULL, NULL, NULL, 0, 0,
    "tell details on standard error" },
  { OPTION_FLAG, 0, "explain", NULL, FIELD(explain), NULL, NULL, NULL, 0, 0,
    "tell the plan on standard error before solving: method, why, memory, cost" },
  { OPTION_FLAG, 0, "dry-run", NULL, FIELD(dry_run), NULL, NULL, NULL, 0, 0,
    "print the plan and do not solve" },
  { OPTION_CHOICE, 0, "progress", "WHEN", FIELD(progress), "auto", "always", whens, 0, 0,
    "live line on standard error; auto: when it is a terminal" },
  { OPTION_REFUSED, 0, "general", NULL, 0, NULL, NULL, NULL, 0, 0,
    "--general: nonsymmetric eigenvalue problems are not available yet" },
  { OPTION_REFUSED, 0, "sigma", "S", 0, NULL, NULL, NULL, 0, 0,
    "--sigma: shift-invert is not available yet; --which SA, LA, SM and LM are" },
  { OPTION_REFUSED, 0, "mode", "M", 0, NULL, NULL, NULL, 0, 0,
    "--mode: shift-invert, and with it buckling and Cayley mode, is not available yet" },
  { 0 },
};

/* Everything a solve owns. */
typedef struct solve_job {
  solve_args args;
  cli_matrix A, B;
  speig_block guess, deflate;
  speig_operator *op_a, *op_b, *precond;
  speig_eigsh_result *result;
  double seconds_read;
} solve_job;

static void job_free(solve_job *job)
{
  speig_eigsh_result_free(&job->result);
  speig_operator_destroy(&job->precond);
  speig_operator_destroy(&job->op_b);
  speig_operator_destroy(&job->op_a);
  speig_block_free(&job->deflate);
  speig_block_free(&job->guess);
  input_free(&job->B);
  input_free(&job->A);
}

static int check_args(const solve_args *args)
{
  int json_to_stdout = args->json && strcmp(args->json, "-") == 0;
  if (args->csv && (args->values_only || json_to_stdout))
    return say_error(CLI_USAGE,
                     "--csv excludes --values-only and --json; --json=FILE goes with it");
  if (args->vectors && args->values_only)
    return say_error(CLI_USAGE, "--values-only keeps no vectors, so --vectors cannot write them");
  if (args->vectors && strcmp(args->vectors, "-") == 0)
    return say_error(CLI_USAGE, "--vectors needs a file: standard output is for the values");
  if (args->quiet && args->verbose)
    return say_error(CLI_USAGE, "--quiet and --verbose exclude each other");
  if (args->dry_run && args->csv + args->values_only > 0)
    return say_error(CLI_USAGE, "--dry-run has no values to print: --csv and --values-only do not "
                                "go with it");
  return CLI_OK;
}

static int read_matrices(solve_job *job, const char *path)
{
  const solve_args *args = &job->args;
  const int threads = (int)args->threads;
  const double start = cli_seconds();
  int code = CLI_OK;
  CLI_TRY(input_read(path, threads, &job->A));
  if (args->mass)
    CLI_TRY(input_read(args->mass, threads, &job->B));
  CLI_TRY(input_need_hermitian(&job->A, args->hermitian));
  if (args->mass) {
    CLI_TRY(input_need_hermitian(&job->B, args->hermitian));
    if (job->B.info.rows != job->A.info.rows)
      CLI_FAIL(CLI_USAGE, "%s has order %" PRId64 ", but %s has order %" PRId64, args->mass,
               job->B.info.rows, path, job->A.info.rows);
  }
  const int is_complex = is_complex_type(input_common_type(&job->A, &job->B));
  const speig_dtype dtype = dtype_of(is_complex, args->precision == 0);
  CLI_TRY(input_convert(&job->A, dtype));
  if (args->mass)
    CLI_TRY(input_convert(&job->B, dtype));
  if (args->guess)
    CLI_TRY(block_read_as(args->guess, dtype, &job->guess));
  if (args->deflate)
    CLI_TRY(block_read_as(args->deflate, dtype, &job->deflate));
  job->seconds_read = cli_seconds() - start;
  say_detail("%s: %s %s, %" PRId64 " entries listed; %.3g MiB; read in %.3f s", path,
             field_name(job->A.header.field), symmetry_name(job->A.header.symmetry),
             job->A.header.entries, (double)job->A.info.bytes / 1048576, job->seconds_read);
done:
  return code;
}

static int make_operators(solve_job *job)
{
  int code = CLI_OK;
  CLI_TRY(say_status(speig_operator_from_matrix(job->A.matrix, &job->op_a)));
  if (job->B.matrix)
    CLI_TRY(say_status(speig_operator_from_matrix(job->B.matrix, &job->op_b)));
  if (job->args.precond)
    CLI_TRY(say_status(speig_operator_jacobi(job->A.matrix, &job->precond)));
done:
  return code;
}

static speig_eigsh_opts make_options(const solve_job *job)
{
  const solve_args *args = &job->args;
  speig_eigsh_opts opts = SPEIG_EIGSH_OPTS_INIT;
  opts.k = (int32_t)args->k;
  opts.which = (speig_which)args->which;
  opts.method = (speig_method)args->method;
  opts.device = (speig_device)args->device;
  opts.certify = (speig_certify)args->certify;
  opts.tol = args->tol;
  opts.ncv = (int32_t)args->ncv;
  opts.max_matvecs = args->max_matvecs;
  opts.time_limit = args->time_limit;
  opts.seed = args->seed;
  opts.threads = (int)args->threads;
  opts.memory = args->memory;
  opts.precond = job->precond;
  opts.guess = args->guess ? &job->guess : NULL;
  opts.deflate = args->deflate ? &job->deflate : NULL;
  opts.assume_hermitian = 1; /* input_need_hermitian has looked */
  opts.values_only = args->values_only;
  return opts;
}

static report make_report(const solve_job *job)
{
  return (report){ .A = &job->A,
                   .B = job->B.matrix ? &job->B : NULL,
                   .result = job->result,
                   .k = (int32_t)job->args.k,
                   .which = (speig_which)job->args.which,
                   .deflated = job->deflate.cols,
                   .vectors = job->args.vectors,
                   .seconds_read = job->seconds_read };
}

/* ---- plan ---- */

static int tell_plan(const solve_job *job, const speig_eigsh_opts *opts)
{
  speig_eigsh_plan plan;
  const report r = make_report(job);
  FILE *out = NULL;
  int code = say_status(speig_eigsh_make_plan(job->op_a, job->op_b, opts, &plan));
  if (code != CLI_OK)
    return code;
  if (!job->args.dry_run) {
    report_plan_text(stderr, &r, &plan);
    return CLI_OK;
  }
  if (!job->args.json || strcmp(job->args.json, "-") != 0)
    report_plan_text(stdout, &r, &plan);
  if (!job->args.json)
    return CLI_OK;
  code = output_open(job->args.json, &out);
  if (code != CLI_OK)
    return code;
  report_plan_json(out, &r, &plan);
  return output_close(job->args.json, out);
}

/* ---- result ---- */

static void tell_details(const speig_eigsh_result *result)
{
  if (result->precond_dropped)
    say_note("the preconditioner is not positive definite; it was left out");
  say_detail("|A| about %.6g, |B| about %.6g, tol %.2e, |X^H B X - I| %.1e", result->norm_a,
             result->norm_b, result->tol, result->orthogonality);
  say_detail("%" PRId64 " restarts, %" PRId64 " products with A, %" PRId64 " with B, %" PRId64
             " preconditioned; %.3g MiB, %d threads",
             result->restarts, result->matvecs, result->matvecs_b, result->precond_applies,
             (double)result->memory_bytes / 1048576, result->threads);
  say_detail("setup %.3f s, solve %.3f s, certify %.3f s", result->seconds_setup,
             result->seconds_solve, result->seconds_certify);
  for (int32_t i = 0; i < result->unconverged; ++i)
    say_detail("not converged: %.15g, residual %.1e", result->unconverged_values[i],
               result->unconverged_residuals[i]);
}

/* Files first: standard output may be a pipe that closes early. A file that cannot be written must
 * not cost the values. */
static int write_result(const solve_job *job)
{
  const solve_args *args = &job->args;
  report r = make_report(job);
  FILE *out = NULL;
  int code = CLI_OK, json_code = CLI_OK;
  if (args->vectors && (code = block_write(args->vectors, &job->result->vectors)) != CLI_OK)
    r.vectors = NULL;
  if (args->json) {
    json_code = output_open(args->json, &out);
    if (json_code == CLI_OK) {
      report_json(out, &r);
      json_code = output_close(args->json, out);
    }
  }
  if (args->csv)
    report_csv(stdout, &r);
  else if (out != stdout && args->values_only)
    report_values(stdout, &r);
  else if (out != stdout && job->result->n > 0)
    report_text(stdout, &r, args->quiet);
  return code != CLI_OK ? code : json_code;
}

/* What the result means, as an exit code and a line on standard error. */
static int judge(const solve_job *job)
{
  const speig_eigsh_result *result = job->result;
  if (progress_interrupted() && result->reason == SPEIG_STOP_CANCELLED)
    return say_error(CLI_INTERRUPTED, "interrupted: %d of %d pairs were found", result->k,
                     result->wanted);
  if (result->k < result->wanted)
    return say_error(result->reason == SPEIG_STOP_MEMORY ? CLI_MEMORY : CLI_FEWER,
                     "%d of %d pairs meet the tolerance %.1e; the solver stopped for this reason: "
                     "%s",
                     result->k, result->wanted, result->tol, speig_reason_name(result->reason));
  return CLI_OK;
}

/* Order 0: no eigenvalues, all of them found. */
static int empty_result(solve_job *job)
{
  speig_eigsh_result nothing = { .dtype = job->A.info.dtype,
                                 .method = SPEIG_DENSE,
                                 .device = SPEIG_HOST,
                                 .seed = job->args.seed,
                                 .threads = 1 };
  nothing.vectors = (speig_block){ .dtype = nothing.dtype, .ld = 1 };
  job->result = &nothing;
  int code = write_result(job);
  job->result = NULL;
  return code;
}

static int solve(solve_job *job)
{
  progress_line line;
  speig_eigsh_opts opts = make_options(job);
  speig_status st = SPEIG_OK;
  int code = CLI_OK;
  if (job->A.info.rows == 0)
    return empty_result(job);
  if (opts.k > job->A.info.rows)
    say_note("%d pairs wanted, but the order is %" PRId64 ": all %" PRId64 " are computed", opts.k,
             job->A.info.rows, job->A.info.rows);
  progress_begin(&line, (progress_when)job->args.progress);
  opts.progress = progress_report;
  opts.progress_user = &line;
  if (job->args.explain || job->args.dry_run)
    code = tell_plan(job, &opts);
  if (code == CLI_OK && !job->args.dry_run)
    st = speig_eigsh(job->op_a, job->op_b, &opts, &job->result);
  progress_end(&line);
  if (code != CLI_OK || job->args.dry_run)
    return code;
  CLI_TRY(say_status(st));
  tell_details(job->result);
  code = write_result(job);
  int judgement = judge(job);
  code = judgement != CLI_OK ? judgement : code;
done:
  return code;
}

static int run(int argc, char **argv)
{
  solve_job job = { .args = { 0 } };
  int code = options_parse(&verb_solve, &argc, argv, &job.args);
  if (code != OPTIONS_GO)
    return code;
  CLI_TRY(check_args(&job.args));
  say_set_level(job.args.quiet ? SAY_QUIET : job.args.verbose ? SAY_VERBOSE : SAY_NORMAL);
  CLI_TRY(read_matrices(&job, argv[0]));
  CLI_TRY(make_operators(&job));
  code = solve(&job);
done:
  job_free(&job);
  return code;
}

static const char *const examples[] = {
  "speig -k 10 --which SA A.mtx",
  "the ten smallest eigenvalues",
  "speig -k 4 --which SA K.mtx -B M.mtx --precond jacobi",
  "the lowest modes of a structure with stiffness K and mass M",
  "speig --json=result.json --vectors X.mtx A.mtx; speig verify A.mtx result.json",
  "solve, then have the answer checked independently",
  NULL
};

const cli_verb verb_solve = {
  .name = "solve",
  .operands = "A.mtx",
  .least_operands = 1,
  .most_operands = 1,
  .summary = "Compute eigenvalues and eigenvectors (the default verb)",
  .details =
      "Finds k eigenpairs of A x = lambda x, or of A x = lambda B x, for a Hermitian A of any "
      "size. "
      "The table lists them in ascending order with the norm of the residual, recomputed from A at "
      "the end, and a bound on the error of the eigenvalue. The last line says how sure the answer "
      "is: certified (proven complete), validated (an independent probe found none missing), "
      "converged (residuals hold, completeness not checked), partial (fewer than k), failed "
      "(none).\n\n"
      "A matrix whose header does not say so is checked by value. With --json one object is "
      "printed; numbers carry 17 digits, complex ones are [re, im], what is not a number is null. "
      "Ctrl-C stops at the solver's next step and prints what was found; a second one ends at "
      "once.",
  .examples = examples,
  .options = options,
  .run = run,
};
