/* svds.c: the verb svds: a few singular values and vectors of a matrix of any shape. */
#include "blockfile.h"
#include "progress.h"
#include "report_svds.h"
#include "run_args.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

typedef struct svds_args {
  run_args run; /* first: see cli_verb.shared */
  int64_t k, ncv, max_matvecs;
  double tol;
  int which, method;
  const char *guess, *vectors, *left, *right;
} svds_args;

#define FIELD(name) offsetof(svds_args, name)

static const char *const whichs[] = { "LM", "SM", NULL };
static const char *const methods[] = { "auto", "dense", "golub-kahan", NULL };
static const speig_method method_values[] = { SPEIG_METHOD_AUTO, SPEIG_DENSE, SPEIG_GOLUB_KAHAN };

static const cli_option options[] = {
  { OPTION_INT, 'k', NULL, "N", FIELD(k), "6", NULL, NULL, 1, INT32_MAX, "triplets wanted" },
  { OPTION_CHOICE, 0, "which", "W", FIELD(which), "LM", NULL, whichs, 0, 0,
    "largest (LM) or smallest (SM) singular values" },
  { OPTION_CHOICE, 0, "method", "M", FIELD(method), "auto", NULL, methods, 0, 0, "how to solve" },
  { OPTION_REAL, 0, "tol", "T", FIELD(tol), "0", NULL, NULL, 0, 1,
    "accept a triplet when both its residuals are at most T (|A| + s); 0: as far as the precision "
    "allows" },
  { OPTION_INT, 0, "ncv", "N", FIELD(ncv), NULL, NULL, NULL, 1, INT32_MAX,
    "vectors in each of the two bases of golub-kahan (default: chosen)" },
  { OPTION_INT, 0, "max-matvecs", "N", FIELD(max_matvecs), NULL, NULL, NULL, 1, 0,
    "products with A and its adjoint before giving up (default: chosen)" },
  { OPTION_FILE, 0, "guess", "X.mtx", FIELD(guess), NULL, NULL, NULL, 0, 0,
    "start from these right or left vectors, told apart by their length (right when A is square)" },
  { OPTION_FILE, 0, "vectors", "FILE", FIELD(vectors), NULL, NULL, NULL, 0, 0,
    "write the left and the right vectors to two files: with FILE X.mtx to X.u.mtx and X.v.mtx. "
    "Matrix Market arrays, gzip for .mtx.gz, NumPy for .npy" },
  { OPTION_FILE, 0, "left", "FILE", FIELD(left), NULL, NULL, NULL, 0, 0,
    "write the left vectors U to this file" },
  { OPTION_FILE, 0, "right", "FILE", FIELD(right), NULL, NULL, NULL, 0, 0,
    "write the right vectors V to this file" },
  { 0 },
};

/* Everything a solve owns. */
typedef struct svds_job {
  svds_args args;
  cli_matrix A;
  speig_block guess;
  speig_operator *op;
  speig_svds_result *result;
  char *left, *right; /* files for the vectors, made of --vectors */
  double seconds_read;
} svds_job;

static void job_free(svds_job *job)
{
  speig_svds_result_free(&job->result);
  speig_operator_destroy(&job->op);
  speig_block_free(&job->guess);
  input_free(&job->A);
  free(job->left);
  free(job->right);
}

static int check_args(const svds_args *args)
{
  const char *const files[] = { args->vectors, args->left, args->right };
  if (args->vectors && (args->left || args->right))
    return say_error(CLI_USAGE, "--vectors names both files; --left and --right one each");
  for (int i = 0; i < 3; ++i) {
    if (files[i] && args->run.values_only)
      return say_error(CLI_USAGE, "--values-only keeps no vectors, so none can be written");
    if (files[i] && strcmp(files[i], "-") == 0)
      return say_error(CLI_USAGE, "vectors need a file: standard output is for the values");
  }
  return CLI_OK;
}

/* "X.mtx" and "u" give "X.u.mtx". */
static int name_beside(const char *name, const char *letter, char **out)
{
  static const char *const endings[] = { ".mtx.gz", ".mtx", ".npy", ".gz", "" };
  int i = 0;
  while (!has_ending(name, endings[i]))
    ++i;
  size_t stem = strlen(name) - strlen(endings[i]), size = strlen(name) + strlen(letter) + 2;
  int code = cli_alloc((int64_t)size, 1, "file name", (void **)out);
  if (code == CLI_OK)
    (void)snprintf(*out, size, "%.*s.%s%s", (int)stem, name, letter, endings[i]);
  return code;
}

static int prepare(svds_job *job, const char *path)
{
  svds_args *args = &job->args;
  const double start = cli_seconds();
  int code = CLI_OK;
  if (args->vectors) {
    CLI_TRY(name_beside(args->vectors, "u", &job->left));
    CLI_TRY(name_beside(args->vectors, "v", &job->right));
    args->left = job->left;
    args->right = job->right;
  }
  CLI_TRY(input_read(path, (int)args->run.threads, &job->A));
  const speig_dtype dtype =
      dtype_of(is_complex_type(input_common_type(&job->A, NULL)), args->run.precision == 0);
  CLI_TRY(input_convert(&job->A, dtype));
  if (args->guess)
    CLI_TRY(block_read_as(args->guess, dtype, &job->guess));
  job->seconds_read = cli_seconds() - start;
  say_detail("%s: %s %s, %" PRId64 " entries listed; %.3g MiB; read in %.3f s", path,
             field_name(job->A.header.field), symmetry_name(job->A.header.symmetry),
             job->A.header.entries, (double)job->A.info.bytes / 1048576, job->seconds_read);
  CLI_TRY(say_status(speig_operator_from_matrix(job->A.matrix, &job->op)));
done:
  return code;
}

static speig_svds_opts make_options(const svds_job *job)
{
  const svds_args *args = &job->args;
  speig_svds_opts opts = SPEIG_SVDS_OPTS_INIT;
  opts.k = (int32_t)args->k;
  opts.which = (speig_which)args->which;
  opts.method = method_values[args->method];
  opts.device = (speig_device)args->run.device;
  opts.certify = (speig_certify)args->run.certify;
  opts.tol = args->tol;
  opts.ncv = (int32_t)args->ncv;
  opts.max_matvecs = args->max_matvecs;
  opts.time_limit = args->run.time_limit;
  opts.seed = args->run.seed;
  opts.threads = (int)args->run.threads;
  opts.memory = args->run.memory;
  opts.guess = args->guess ? &job->guess : NULL;
  opts.checkpoint = args->run.checkpoint;
  opts.checkpoint_every = args->run.checkpoint_every;
  opts.resume = args->run.resume;
  if (args->left || args->right)
    opts.vectors = !args->right ? SPEIG_SVDS_LEFT : args->left ? SPEIG_SVDS_BOTH : SPEIG_SVDS_RIGHT;
  else
    opts.vectors = SPEIG_SVDS_NONE;
  return opts;
}

static svds_report make_report(const svds_job *job)
{
  return (svds_report){ .A = &job->A,
                        .result = job->result,
                        .k = (int32_t)job->args.k,
                        .which = (speig_which)job->args.which,
                        .left = job->args.left,
                        .right = job->args.right,
                        .seconds_read = job->seconds_read };
}

typedef struct told_plan {
  svds_report r;
  speig_svds_plan plan;
} told_plan;

static void plan_text(FILE *out, const void *what, int rows_only)
{
  const told_plan *told = what;
  (void)rows_only;
  svds_report_plan_text(out, &told->r, &told->plan);
}

static void plan_json(FILE *out, const void *what)
{
  const told_plan *told = what;
  svds_report_plan_json(out, &told->r, &told->plan);
}

static int tell_plan(const svds_job *job, const speig_svds_opts *opts)
{
  told_plan told = { .r = make_report(job) };
  const run_output output = { .what = &told, .text = plan_text, .json = plan_json };
  int code = say_status(speig_svds_make_plan(job->op, opts, &told.plan));
  return code == CLI_OK ? run_put_plan(&job->args.run, &output) : code;
}

static void tell_details(const speig_svds_result *result)
{
  say_detail("|A| about %.6g, tol %.2e, orthogonality %.1e", result->norm, result->tol,
             result->orthogonality);
  say_detail("%" PRId64 " restarts, %" PRId64 " products with A, %" PRId64
             " with its adjoint; %.3g MiB, %d threads",
             result->restarts, result->matvecs, result->adjoint_matvecs,
             (double)result->memory_bytes / 1048576, result->threads);
  say_detail("setup %.3f s, solve %.3f s, certify %.3f s", result->seconds_setup,
             result->seconds_solve, result->seconds_certify);
  for (int32_t i = 0; i < result->unconverged; ++i)
    say_detail("not converged: %.15g, residual %.1e", result->unconverged_values[i],
               result->unconverged_residuals[i]);
}

static void result_text(FILE *out, const void *what, int rows_only)
{
  svds_report_text(out, what, rows_only);
}

static void result_values(FILE *out, const void *what)
{
  svds_report_values(out, what);
}

static void result_csv(FILE *out, const void *what)
{
  svds_report_csv(out, what);
}

static void result_json(FILE *out, const void *what)
{
  svds_report_json(out, what);
}

/* Files first: standard output may be a pipe that closes early. A file that cannot be written must
 * not cost the values. */
static int write_result(const svds_job *job)
{
  svds_report r = make_report(job);
  const run_output output = { &r, result_text, result_values, result_csv, result_json };
  int left = CLI_OK, right = CLI_OK, put;
  if (r.left && (left = block_write(r.left, &job->result->left)) != CLI_OK)
    r.left = NULL;
  if (r.right && (right = block_write(r.right, &job->result->right)) != CLI_OK)
    r.right = NULL;
  put = run_put_result(&job->args.run, &output);
  return left != CLI_OK ? left : right != CLI_OK ? right : put;
}

static int open_log(const svds_job *job, run_log *log)
{
  const svds_args *args = &job->args;
  const log_head head = { .A = &job->A,
                          .kind = "svd",
                          .which = whichs[args->which],
                          .method = methods[args->method],
                          .k = (int32_t)args->k,
                          .device = (speig_device)args->run.device,
                          .dtype = job->A.info.dtype,
                          .tol = args->tol,
                          .seed = args->run.seed,
                          .threads = (int)args->run.threads };
  return log_open(log, args->run.dry_run ? NULL : args->run.log, &head);
}

static int close_log(const speig_svds_result *result, run_log *log)
{
  if (!result)
    return log_close(log, NULL);
  const log_tail tail = { .outcome = result->outcome,
                          .reason = result->reason,
                          .method = result->method,
                          .device = result->device,
                          .converged = result->k,
                          .wanted = result->wanted,
                          .matvecs = result->matvecs + result->adjoint_matvecs,
                          .restarts = result->restarts,
                          .seconds = result->seconds_setup + result->seconds_solve +
                                     result->seconds_certify };
  return log_close(log, &tail);
}

static int solve(svds_job *job)
{
  progress_line line;
  run_log log;
  speig_svds_opts opts = make_options(job);
  const speig_matrix_info *info = &job->A.info;
  const int64_t most = info->rows < info->cols ? info->rows : info->cols;
  speig_status st = SPEIG_OK;
  int code = CLI_OK;
  if (opts.k > most)
    say_note("%d triplets wanted, but there are %" PRId64 " singular values: all are computed",
             opts.k, most);
  CLI_TRY(open_log(job, &log));
  progress_begin(&line, (progress_when)job->args.run.progress, &log);
  opts.progress = progress_report;
  opts.progress_user = &line;
  if (job->args.run.explain || job->args.run.dry_run)
    code = tell_plan(job, &opts);
  if (code == CLI_OK && !job->args.run.dry_run)
    st = speig_svds(job->op, &opts, &job->result);
  progress_end(&line);
  const int logged = close_log(job->result, &log);
  if (code != CLI_OK || job->args.run.dry_run)
    return code;
  CLI_TRY(run_status(&job->args.run, st));
  tell_details(job->result);
  const int saved =
      run_tell_saved(&job->args.run, &(run_saved){ .resumed = job->result->resumed,
                                                   .checkpoints = job->result->checkpoints,
                                                   .failure = job->result->checkpoint_failure,
                                                   .method = job->result->method });
  code = write_result(job);
  int judgement = run_judge("triplets", job->result->k, job->result->wanted, job->result->tol,
                            job->result->reason);
  note_unchecked(job->result->outcome, (speig_certify)job->args.run.certify);
  code = judgement != CLI_OK ? judgement : code != CLI_OK ? code : saved != CLI_OK ? saved : logged;
done:
  return code;
}

static int run(int argc, char **argv)
{
  svds_job job = { .seconds_read = 0 };
  int code = options_parse(&verb_svds, &argc, argv, &job.args);
  if (code != OPTIONS_GO)
    return code;
  CLI_TRY(check_args(&job.args));
  CLI_TRY(run_args_apply(&job.args.run));
  CLI_TRY(prepare(&job, argv[0]));
  code = solve(&job);
done:
  job_free(&job);
  return code;
}

static const char *const examples[] = { "speig svds -k 10 A.mtx", "the ten largest singular values",
                                        "speig svds -k 1 --which SM --vectors X.mtx A.mtx",
                                        "the smallest one, and its vectors in X.u.mtx and X.v.mtx",
                                        NULL };

const cli_verb verb_svds = {
  .name = "svds",
  .operands = "A.mtx",
  .least_operands = 1,
  .most_operands = 1,
  .summary = "Compute singular values and vectors of a matrix of any shape",
  .details =
      "Finds k triplets A v = s u, A^H u = s v. The table lists them best first (the largest in "
      "descending order, the smallest in ascending order) with the norms of both residuals, "
      "recomputed at the end, and a bound on the error of the singular value. The last line says "
      "how sure the answer is, in the words of solve.\n\n"
      "The largest values converge quickly as a rule. The smallest ones are found through a "
      "factorization of A, or of an augmented matrix, where that is affordable, otherwise by "
      "LAPACK or by products, of which they may take very many when A is ill-conditioned. A value "
      "below the tolerance times |A| is known to be that small, and not "
      "more.",
  .examples = examples,
  .options = options,
  .shared = run_options,
  .run = run,
};
