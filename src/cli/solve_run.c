/* solve_run.c: the middle of the solve verb: plan, solve, write, judge. Hermitian and general
 * problems differ in their options and in the call; what follows is the same. */
#include "solve.h"

#include "blockfile.h"
#include "files.h"
#include "interval.h"
#include "progress.h"
#include "report.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

static speig_eigsh_opts hermitian_options(const solve_job *job)
{
  const solve_args *args = &job->args;
  speig_eigsh_opts opts = SPEIG_EIGSH_OPTS_INIT;
  opts.k = (int32_t)args->k;
  opts.which = (speig_which)args->which;
  opts.method = solve_methods[args->method];
  opts.device = (speig_device)args->run.device;
  opts.certify = (speig_certify)args->run.certify;
  opts.tol = args->tol;
  opts.ncv = (int32_t)args->ncv;
  opts.max_matvecs = args->max_matvecs;
  opts.time_limit = args->run.time_limit;
  opts.seed = args->run.seed;
  opts.threads = (int)args->run.threads;
  opts.memory = args->run.memory;
  opts.precond = job->precond;
  opts.guess = args->guess ? &job->guess : NULL;
  opts.checkpoint = args->run.checkpoint;
  opts.checkpoint_every = args->run.checkpoint_every;
  opts.resume = args->run.resume;
  opts.deflate = args->deflate ? &job->deflate : NULL;
  opts.has_sigma = args->sigma != NULL;
  opts.sigma = args->shift[0];
  opts.mode = (speig_mode)args->mode;
  opts.has_interval = args->interval != NULL;
  opts.interval[0] = args->ends[0];
  opts.interval[1] = args->ends[1];
  opts.assume_hermitian = 1; /* the command has looked */
  opts.values_only = args->run.values_only;
  return opts;
}

static speig_eigs_opts general_options(const solve_job *job)
{
  const solve_args *args = &job->args;
  speig_eigs_opts opts = SPEIG_EIGS_OPTS_INIT;
  opts.k = (int32_t)args->k;
  opts.which = (speig_eigs_which)args->which;
  if (args->which >= WHICH_LR)
    opts.which = (speig_eigs_which)(SPEIG_EIGS_LR + (args->which - WHICH_LR));
  opts.method = solve_methods[args->method];
  opts.device = (speig_device)args->run.device;
  opts.certify = (speig_certify)args->run.certify;
  opts.balance = (speig_balance)args->balance;
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
  opts.left = args->left != NULL;
  opts.has_sigma = args->sigma != NULL;
  opts.sigma[0] = args->shift[0];
  opts.sigma[1] = args->shift[1];
  opts.part = (speig_eigs_part)args->part;
  opts.values_only = args->run.values_only;
  return opts;
}

/* A file that --left names, or NULL when it only asks for condition numbers. */
static const char *left_file(const solve_args *args)
{
  return args->left && strcmp(args->left, "-") != 0 ? args->left : NULL;
}

int solve_check_general(const solve_job *job)
{
  const solve_args *args = &job->args;
  const int algebraic = args->which > SPEIG_SM && args->which <= WHICH_HERMITIAN;
  if (!job->general && args->which > WHICH_HERMITIAN)
    return say_error(CLI_USAGE,
                     "--which %s is for general problems, but this one is Hermitian; use LM, SM, "
                     "LA, SA or BE, or --general",
                     job->which);
  if (!job->general && args->left)
    return say_error(CLI_USAGE, "--left is for general problems; those of a Hermitian one are its "
                                "eigenvectors (--general computes both)");
  if (!job->general && args->shift[1] != 0)
    return say_error(CLI_USAGE,
                     "--sigma %s is complex, but the eigenvalues of a Hermitian problem are real "
                     "(--general takes it as a general one)",
                     args->sigma);
  if (!job->general)
    return CLI_OK;
  if (algebraic)
    return say_error(CLI_USAGE,
                     "%s is not Hermitian, so its eigenvalues may be complex: --which %s has no "
                     "meaning; use LM, SM, LR, SR, LI or SI (--hermitian takes the Hermitian part)",
                     job->A.path, job->which);
  if (args->interval)
    return say_error(CLI_USAGE,
                     "%s is not Hermitian: its eigenvalues may be complex, and an "
                     "interval does not hold them (--hermitian takes the Hermitian part)",
                     job->A.path);
  if (args->mode)
    return say_error(CLI_USAGE, "--mode is for Hermitian problems, and this one is general");
  if (args->deflate)
    return say_error(CLI_USAGE, "--deflate is for Hermitian problems, and this one is general");
  if (args->precond)
    return say_error(CLI_USAGE,
                     "--precond is for lobpcg, which solves Hermitian problems; this one "
                     "is general");
  return CLI_OK;
}

static report make_report(const solve_job *job)
{
  report r = { .A = &job->A,
               .B = job->B.matrix ? &job->B : NULL,
               .k = (int32_t)job->args.k,
               .general = job->general,
               .which = job->which,
               .interval = job->args.interval ? job->args.ends : NULL,
               .sigma = job->args.sigma ? job->args.shift : NULL,
               .mode = (speig_mode)job->args.mode,
               .deflated = job->deflate.cols,
               .vectors = job->args.vectors,
               .left = left_file(&job->args),
               .seconds_read = job->seconds_read };
  if (job->result)
    r.result = report_of_eigsh(job->result);
  else if (job->general_result)
    r.result = report_of_eigs(job->general_result);
  return r;
}

/* ---- plan ---- */

static int make_plan(const solve_job *job, report_plan *plan, speig_eigsh_plan *hermitian,
                     speig_eigs_plan *general)
{
  int code;
  if (job->general) {
    const speig_eigs_opts opts = general_options(job);
    code = say_status(speig_eigs_make_plan(job->op_a, job->op_b, &opts, general));
    *plan = report_plan_of_eigs(general);
  } else {
    const speig_eigsh_opts opts = hermitian_options(job);
    code = say_status(speig_eigsh_make_plan(job->op_a, job->op_b, &opts, hermitian));
    *plan = report_plan_of_eigsh(hermitian);
  }
  return code;
}

typedef struct told_plan {
  report r;
  report_plan plan;
} told_plan;

static void plan_text(FILE *out, const void *what, int rows_only)
{
  const told_plan *told = what;
  (void)rows_only;
  report_plan_text(out, &told->r, &told->plan);
}

static void plan_json(FILE *out, const void *what)
{
  const told_plan *told = what;
  report_plan_json(out, &told->r, &told->plan);
}

static int tell_plan(const solve_job *job)
{
  speig_eigsh_plan hermitian = { 0 };
  speig_eigs_plan general = { 0 };
  told_plan told = { .r = make_report(job) };
  const run_output output = { .what = &told, .text = plan_text, .json = plan_json };
  int code = make_plan(job, &told.plan, &hermitian, &general);
  return code == CLI_OK ? run_put_plan(&job->args.run, &output) : code;
}

/* ---- result ---- */

/* A - s has rounding errors of the size of s, which the tolerance is not relative to. */
static void note_far_shift(const report *r)
{
  const report_result *result = &r->result;
  const double far = 10, norm_b = result->norm_b > 0 ? result->norm_b : 1;
  if (!r->general || !r->sigma || result->k >= result->wanted ||
      !(hypot(r->sigma[0], r->sigma[1]) * norm_b > far * result->norm_a))
    return;
  say_note(
      "the shift is %.3g times as large as |A|, and rounding errors of A - s B are, too: use a "
      "nearer one, a larger --tol, or --which LR, SR, LI or SI without a shift",
      hypot(r->sigma[0], r->sigma[1]) * norm_b / result->norm_a);
}

/* Where the ends had to be moved, and how far an answer that is not whole is known to be. */
static void note_interval(const report *r)
{
  const report_result *result = &r->result;
  char text[80];
  if (!r->interval || !result->interval)
    return;
  if (result->interval[0] < r->interval[0] || result->interval[1] > r->interval[1]) {
    interval_text(result->interval, 17, text, sizeof text);
    say_note("eigenvalues equal an end of the interval to within rounding; the answer is for %s",
             text);
  }
  if (result->outcome != SPEIG_CERTIFIED && result->proven[0] <= result->proven[1]) {
    interval_text(result->proven, 17, text, sizeof text);
    say_note("in %s nothing is missing, by the count of eigenvalues there", text);
  }
}

/* Where random vectors tell another number than was found. */
static void note_estimate(const report *r)
{
  const report_result *result = &r->result;
  if (isnan(result->estimate))
    return;
  say_detail("about %.1f +- %.2g eigenvalues estimated in the interval", result->estimate,
             result->estimate_error);
  if (fabs((double)result->k - result->estimate) > result->estimate_error + 0.5 &&
      result->outcome <= SPEIG_CONVERGED)
    say_note("%d eigenvalues were found, but random vectors tell about %.0f +- %.2g%s", result->k,
             result->estimate, result->estimate_error,
             (double)result->k < result->estimate ? ": some may be missing" : "");
}

static void tell_details(const report *r)
{
  const report_result *result = &r->result;
  char wanted[80] = "", used[80] = "";
  if (r->sigma)
    report_shift_text(result->parts, r->sigma, 17, wanted, sizeof wanted);
  if (result->shift)
    report_shift_text(result->parts, result->shift, 17, used, sizeof used);
  if (r->sigma && result->shift && strcmp(wanted, used) != 0)
    say_note("A - s B was factored at %s: at s = %s it is singular or nearly so, or too far away",
             used, wanted);
  else if (!r->sigma && result->shift)
    say_detail("shift-invert at %s", used);
  if (result->solves > 0)
    say_detail("%d factorizations, %" PRId64 " solves", result->factorizations, result->solves);
  note_far_shift(r);
  note_interval(r);
  note_estimate(r);
  if (result->precond_dropped)
    say_note("the preconditioner is not positive definite; it was left out");
  say_detail("|A| about %.6g, |B| about %.6g, tol %.2e%s", result->norm_a, result->norm_b,
             result->tol, result->balanced ? ", balanced" : "");
  if (result->parts == 1)
    say_detail("|X^H B X - I| %.1e", result->orthogonality);
  say_detail("%" PRId64 " restarts, %" PRId64 " products with A, %" PRId64 " with A^H, %" PRId64
             " with B, %" PRId64 " preconditioned; %.3g MiB, %d threads",
             result->restarts, result->matvecs, result->matvecs_adjoint, result->matvecs_b,
             result->precond_applies, (double)result->memory_bytes / 1048576, result->threads);
  say_detail("setup %.3f s, solve %.3f s, certify %.3f s", result->seconds_setup,
             result->seconds_solve, result->seconds_certify);
  for (int32_t i = 0; i < result->unconverged; ++i) {
    const double *value = result->unconverged_values + (size_t)result->parts * (size_t)i;
    if (result->parts == 2)
      say_detail("not converged: %.15g%+.15gi, residual %.1e", value[0], value[1],
                 result->unconverged_residuals[i]);
    else
      say_detail("not converged: %.15g, residual %.1e", value[0], result->unconverged_residuals[i]);
  }
}

/* Files first: standard output may be a pipe that closes early. A file that cannot be written must
 * not cost the values. */
static int write_vectors(const solve_job *job, report *r)
{
  const speig_block *vectors = job->general ? &job->general_result->vectors : &job->result->vectors;
  int code = CLI_OK, left_code = CLI_OK;
  if (r->vectors && (code = block_write(r->vectors, vectors)) != CLI_OK)
    r->vectors = NULL;
  if (r->left && (left_code = block_write(r->left, &job->general_result->left)) != CLI_OK)
    r->left = NULL;
  return code != CLI_OK ? code : left_code;
}

static void result_text(FILE *out, const void *what, int rows_only)
{
  const report *r = what;
  if (r->result.n > 0)
    report_text(out, r, rows_only);
}

static void result_values(FILE *out, const void *what)
{
  report_values(out, what);
}

static void result_csv(FILE *out, const void *what)
{
  report_csv(out, what);
}

static void result_json(FILE *out, const void *what)
{
  report_json(out, what);
}

static int write_result(const solve_job *job)
{
  report r = make_report(job);
  const run_output output = { &r, result_text, result_values, result_csv, result_json };
  int code = write_vectors(job, &r), put = run_put_result(&job->args.run, &output);
  return code != CLI_OK ? code : put;
}

static speig_status call(solve_job *job, progress_line *line)
{
  if (job->general) {
    speig_eigs_opts opts = general_options(job);
    opts.progress = progress_report;
    opts.progress_user = line;
    return speig_eigs(job->op_a, job->op_b, &opts, &job->general_result);
  }
  speig_eigsh_opts opts = hermitian_options(job);
  opts.progress = progress_report;
  opts.progress_user = line;
  return speig_eigsh(job->op_a, job->op_b, &opts, &job->result);
}

/* ---- log ---- */

static int open_log(const solve_job *job, run_log *log)
{
  static const char *const kinds[] = { "hermitian", "general" };
  const solve_args *args = &job->args;
  const log_head head = { .A = &job->A,
                          .kind = kinds[job->general],
                          .which = job->which,
                          .method = speig_method_name(solve_methods[args->method]),
                          .sigma = args->sigma ? args->shift : NULL,
                          .sigma_parts = 1 + job->general,
                          .k = (int32_t)args->k,
                          .device = (speig_device)args->run.device,
                          .dtype = job->A.info.dtype,
                          .tol = args->tol,
                          .seed = args->run.seed,
                          .threads = (int)args->run.threads };
  return log_open(log, args->run.dry_run ? NULL : args->run.log, &head);
}

static int close_log(const solve_job *job, run_log *log)
{
  if (!job->result && !job->general_result)
    return log_close(log, NULL);
  const report r = make_report(job);
  const report_result *result = &r.result;
  const log_tail tail = { .outcome = result->outcome,
                          .reason = result->reason,
                          .method = result->method,
                          .device = result->device,
                          .converged = result->k,
                          .wanted = result->wanted,
                          .matvecs = result->matvecs,
                          .restarts = result->restarts,
                          .seconds = result->seconds_setup + result->seconds_solve +
                                     result->seconds_certify };
  return log_close(log, &tail);
}

static int write_page(solve_job *job, const report *r)
{
  speig_eigsh_plan hermitian = { 0 };
  speig_eigs_plan general = { 0 };
  report_plan plan;
  int code = job->page ? make_plan(job, &plan, &hermitian, &general) : CLI_OK;
  return job->page && code == CLI_OK ? job->page(job, r, &plan) : code;
}

/* Order 0: no eigenvalues, all of them found. */
static int empty_result(solve_job *job)
{
  speig_eigsh_result nothing = { .dtype = job->A.info.dtype,
                                 .method = SPEIG_DENSE,
                                 .device = SPEIG_HOST,
                                 .seed = job->args.run.seed,
                                 .threads = 1,
                                 .interval = { job->args.ends[0], job->args.ends[1] },
                                 .proven = { job->args.ends[0], job->args.ends[1] },
                                 .estimate = NAN,
                                 .estimate_error = NAN };
  nothing.vectors = (speig_block){ .dtype = nothing.dtype, .ld = 1 };
  job->result = &nothing;
  job->general = 0;
  run_log log;
  int code = open_log(job, &log);
  if (code == CLI_OK) {
    code = write_result(job);
    const int logged = close_log(job, &log);
    code = code != CLI_OK ? code : logged;
  }
  job->result = NULL;
  return code;
}

int solve_run(solve_job *job)
{
  progress_line line;
  run_log log;
  speig_status st = SPEIG_OK;
  int code = CLI_OK;
  if (job->A.info.rows == 0)
    return empty_result(job);
  if (job->args.k > job->A.info.rows && !job->args.interval)
    say_note("%" PRId64 " pairs wanted, but the order is %" PRId64 ": all %" PRId64 " are computed",
             job->args.k, job->A.info.rows, job->A.info.rows);
  CLI_TRY(open_log(job, &log));
  progress_begin(&line, (progress_when)job->args.run.progress, &log);
  line.history = job->page ? &job->history : NULL;
  if (job->args.run.explain || job->args.run.dry_run)
    code = tell_plan(job);
  if (code == CLI_OK && !job->args.run.dry_run)
    st = call(job, &line);
  progress_end(&line);
  const int logged = close_log(job, &log);
  if (code != CLI_OK || job->args.run.dry_run)
    return code;
  CLI_TRY(run_status(&job->args.run, st));
  const report r = make_report(job);
  tell_details(&r);
  report_notes(&r);
  const int saved = run_tell_saved(&job->args.run, &r.result.saved);
  note_unchecked(r.result.outcome, (speig_certify)job->args.run.certify);
  code = write_result(job);
  int page = write_page(job, &r);
  code = code != CLI_OK ? code : page;
  int judgement = run_judge("pairs", r.result.k, r.result.wanted, r.result.tol, r.result.reason);
  if (judgement == CLI_OK && r.result.outcome == SPEIG_FAILED)
    judgement = say_error(CLI_FEWER,
                          "the eigenvalues in the interval were not counted; the solver stopped "
                          "for this reason: %s",
                          speig_reason_name(r.result.reason));
  code = judgement != CLI_OK ? judgement : code != CLI_OK ? code : saved != CLI_OK ? saved : logged;
done:
  return code;
}
