/* count.c: how many eigenvalues of a Hermitian problem lie in an interval. */
#include "choices.h"
#include "input.h"
#include "interval.h"
#include "progress.h"

#include <inttypes.h>
#include <math.h>
#include <stddef.h>

typedef struct count_args {
  const char *mass, *interval, *below;
  int estimate, hermitian, json, quiet, verbose, device, precision, progress;
  int64_t threads, vectors, degree;
  uint64_t seed;
  size_t memory;
  double time_limit;
  double ends[2]; /* what interval or below say */
} count_args;

#define FIELD(name) offsetof(count_args, name)

static const cli_option options[] = {
  { OPTION_TEXT, 0, "interval", "a,b", FIELD(interval), NULL, NULL, NULL, 0, 0,
    "count those from a to b, both included; -inf and inf are ends, too" },
  { OPTION_TEXT, 0, "below", "S", FIELD(below), NULL, NULL, NULL, 0, 0,
    "count those below S: the same as -inf,S" },
  { OPTION_FILE, 'B', NULL, "FILE", FIELD(mass), NULL, NULL, NULL, 0, 0,
    "of A x = lambda B x; B is positive definite, or semidefinite with two finite ends" },
  { OPTION_FLAG, 0, "estimate", NULL, FIELD(estimate), NULL, NULL, NULL, 0, 0,
    "estimate the number from products with random vectors, with an error bar, where A is too "
    "large "
    "to be factored" },
  { OPTION_INT, 0, "vectors", "N", FIELD(vectors), NULL, NULL, NULL, 2, INT32_MAX,
    "random vectors of an estimate (default: 30)" },
  { OPTION_INT, 0, "degree", "N", FIELD(degree), NULL, NULL, NULL, 10, 1000000,
    "degree of its polynomials (default: by the width of the interval)" },
  { OPTION_FLAG, 0, "hermitian", NULL, FIELD(hermitian), NULL, NULL, NULL, 0, 0,
    "take a matrix that is not Hermitian for its Hermitian part (A + A^H) / 2" },
  { OPTION_CHOICE, 0, "device", "D", FIELD(device), "auto", NULL, choice_devices, 0, 0,
    "where products run; factorizations are made on the host" },
  { OPTION_CHOICE, 0, "precision", "P", FIELD(precision), "d", NULL, choice_precisions, 0, 0,
    "single or double; complex when a file is" },
  { OPTION_REAL, 0, "time-limit", "SEC", FIELD(time_limit), NULL, NULL, NULL, 1e-3, 1e9,
    "stop after so many seconds, at the next factorization" },
  { OPTION_SEED, 0, "seed", "N", FIELD(seed), "1", NULL, NULL, 0, 0, "of the random vectors" },
  { OPTION_INT, 0, "threads", "N", FIELD(threads), NULL, NULL, NULL, 1, 1024,
    "threads to use (default: all cores)" },
  { OPTION_BYTES, 0, "memory", "BYTES", FIELD(memory), NULL, NULL, NULL, 0, 0,
    "the most the count may take beside the matrices; K, M, G, T for powers of 1024" },
  { OPTION_FLAG, 0, "json", NULL, FIELD(json), NULL, NULL, NULL, 0, 0, "print one JSON object" },
  { OPTION_FLAG, 'q', "quiet", NULL, FIELD(quiet), NULL, NULL, NULL, 0, 0,
    "print the number alone, and no notes" },
  { OPTION_FLAG, 'v', "verbose", NULL, FIELD(verbose), NULL, NULL, NULL, 0, 0,
    "tell details on standard error" },
  { OPTION_CHOICE, 0, "progress", "WHEN", FIELD(progress), "auto", "always", choice_progress, 0, 0,
    "live line on standard error; auto: when it is a terminal" },
  { 0 },
};

typedef struct count_job {
  count_args args;
  cli_matrix A, B;
  speig_operator *op_a, *op_b;
  speig_count_result result;
  double seconds_read;
} count_job;

static int check_args(count_args *args)
{
  args->ends[0] = -INFINITY;
  if (!args->interval == !args->below)
    return say_error(CLI_USAGE, args->interval ? "--interval and --below exclude each other"
                                               : "what to count: --interval a,b or --below s");
  if (!args->estimate && (args->vectors || args->degree))
    return say_error(CLI_USAGE, "--vectors and --degree go with --estimate");
  if (args->estimate && args->mass)
    return say_error(CLI_USAGE, "--estimate is for standard problems, without -B");
  if (args->quiet && args->verbose)
    return say_error(CLI_USAGE, "--quiet and --verbose exclude each other");
  say_set_level(args->quiet ? SAY_QUIET : args->verbose ? SAY_VERBOSE : SAY_NORMAL);
  if (args->interval)
    return interval_parse("--interval", args->interval, args->ends);
  return interval_parse_end("--below", args->below, &args->ends[1]);
}

static int read_hermitian(const char *path, const count_args *args, cli_matrix *A)
{
  int code, is_hermitian = 1;
  CLI_TRY(input_read(path, (int)args->threads, A));
  CLI_TRY(input_classify(A, args->hermitian, 0, &is_hermitian));
  if (!is_hermitian)
    CLI_FAIL(CLI_USAGE,
             "%s is not Hermitian, so its eigenvalues may be complex and are not counted "
             "(--hermitian takes the Hermitian part)",
             path);
done:
  return code;
}

static int read_matrices(count_job *job, const char *path)
{
  const count_args *args = &job->args;
  const double start = cli_seconds();
  int code;
  CLI_TRY(read_hermitian(path, args, &job->A));
  if (args->mass)
    CLI_TRY(read_hermitian(args->mass, args, &job->B));
  if (args->mass && job->B.info.rows != job->A.info.rows)
    CLI_FAIL(CLI_USAGE, "%s has order %" PRId64 ", but %s has order %" PRId64, args->mass,
             job->B.info.rows, path, job->A.info.rows);
  const int is_complex = is_complex_type(input_common_type(&job->A, &job->B));
  const speig_dtype dtype = dtype_of(is_complex, args->precision == 0);
  CLI_TRY(input_convert(&job->A, dtype));
  CLI_TRY(say_status(speig_operator_from_matrix(job->A.matrix, &job->op_a)));
  if (args->mass) {
    CLI_TRY(input_convert(&job->B, dtype));
    CLI_TRY(say_status(speig_operator_from_matrix(job->B.matrix, &job->op_b)));
  }
  job->seconds_read = cli_seconds() - start;
done:
  return code;
}

static int count(count_job *job)
{
  const count_args *args = &job->args;
  speig_count_opts opts = SPEIG_COUNT_OPTS_INIT;
  progress_line line;
  opts.low = args->ends[0];
  opts.high = args->ends[1];
  opts.device = (speig_device)args->device;
  opts.seed = args->seed;
  opts.threads = (int)args->threads;
  opts.memory = args->memory;
  opts.time_limit = args->time_limit;
  opts.assume_hermitian = 1; /* the command has looked */
  opts.estimate = args->estimate;
  opts.vectors = (int32_t)args->vectors;
  opts.degree = (int32_t)args->degree;
  opts.progress = progress_report;
  opts.progress_user = &line;
  progress_begin(&line, (progress_when)args->progress, NULL);
  speig_status st = speig_count(job->op_a, job->op_b, &opts, &job->result);
  progress_end(&line);
  return say_status(st);
}

/* ---- output ---- */

static void print_number(const speig_count_result *r)
{
  if (!r->known)
    printf("unknown\n");
  else if (r->method == SPEIG_COUNT_ESTIMATE)
    printf("about %.0f +- %.2g\n", r->estimate, r->error);
  else if (r->exact)
    printf("%" PRId64 "\n", r->count);
  else
    printf("%" PRId64 " to %" PRId64 "\n", r->least, r->count);
}

static void print_end(const char *name, const speig_count_end *end)
{
  if (end->doubtful == 0 && end->proven)
    return;
  printf("%s end %.17g: %" PRId64 " eigenvalue%s within %.1e of it and cannot be told from it\n",
         name, end->asked, end->doubtful, end->doubtful == 1 ? " lies" : "s lie", end->margin);
}

static void print_text(const count_job *job)
{
  const speig_count_result *r = &job->result;
  const double used[2] = { r->low.used, r->high.used };
  char interval[80];
  interval_text(job->args.ends, 15, interval, sizeof interval);
  printf("%s: %s %s, order %" PRId64 "%s%s\n", job->A.path, field_name(job->A.header.field),
         symmetry_name(job->A.header.symmetry), r->n,
         job->B.matrix ? "; A x = lambda B x with " : "", job->B.matrix ? job->B.path : "");
  printf("eigenvalues %s %s: ", job->args.below ? "below" : "in",
         job->args.below ? job->args.below : interval);
  print_number(r);
  if (!r->known)
    return;
  if (r->method == SPEIG_COUNT_ESTIMATE) {
    printf("estimate: %d random vectors, degree %d, %" PRId64 " products, %.3f s\n", r->vectors,
           r->degree, r->matvecs, r->seconds);
    return;
  }
  print_end("low", &r->low);
  print_end("high", &r->high);
  if (!r->exact && r->low.proven && r->high.proven) {
    interval_text(used, 17, interval, sizeof interval);
    printf("eigenvalues in %s, cuts moved: %" PRId64 "\n", interval, r->count);
  }
  printf("%s: %s, %d factorizations, %.3f s\n",
         r->exact                          ? "proven"
         : r->low.proven && r->high.proven ? "proven for the moved cuts"
                                           : "bounds",
         speig_count_method_name(r->method), r->factorizations, r->seconds);
}

static void end_json(json_writer *w, const char *key, const speig_count_end *end)
{
  json_open(w, key);
  json_real(w, "asked", end->asked);
  json_real(w, "used", end->used);
  json_real(w, "margin", end->margin);
  json_int(w, "doubtful", end->doubtful);
  json_bool(w, "proven", end->proven);
  json_close(w);
}

static void print_json(const count_job *job)
{
  const speig_count_result *r = &job->result;
  json_writer w = { .out = stdout };
  json_open(&w, NULL);
  json_text(&w, "speig", speig_version());
  input_json(&w, "matrix", &job->A);
  if (job->B.matrix)
    input_json(&w, "mass", &job->B);
  else
    json_null(&w, "mass");
  json_bool(&w, "known", r->known);
  if (r->known) {
    json_int(&w, "count", r->count);
    json_int(&w, "least", r->least);
  } else {
    json_null(&w, "count");
    json_null(&w, "least");
  }
  json_bool(&w, "exact", r->exact);
  end_json(&w, "low", &r->low);
  end_json(&w, "high", &r->high);
  if (r->method == SPEIG_COUNT_ESTIMATE && r->known) {
    json_real(&w, "estimate", r->estimate);
    json_real(&w, "error", r->error);
  } else {
    json_null(&w, "estimate");
    json_null(&w, "error");
  }
  json_int(&w, "vectors", r->vectors);
  json_int(&w, "degree", r->degree);
  json_text(&w, "method", speig_count_method_name(r->method));
  json_text(&w, "reason", speig_reason_name(r->reason));
  json_text(&w, "device", speig_device_name(r->device));
  json_text(&w, "dtype", speig_dtype_name(job->A.info.dtype));
  json_int(&w, "matvecs", r->matvecs);
  json_int(&w, "solves", r->solves);
  json_int(&w, "factorizations", r->factorizations);
  json_uint(&w, "seed", r->seed);
  json_int(&w, "threads", r->threads);
  json_real(&w, "seconds_read", job->seconds_read);
  json_real(&w, "seconds", r->seconds);
  json_int(&w, "memory_bytes", (int64_t)r->memory_bytes);
  json_close(&w);
}

/* What the result means, as an exit code and a line on standard error. */
static int judge(const count_job *job)
{
  const speig_count_result *r = &job->result;
  if (!r->known && progress_interrupted() && r->reason == SPEIG_STOP_CANCELLED)
    return say_error(CLI_INTERRUPTED, "interrupted before there was a count");
  if (!r->known)
    return say_error(CLI_FEWER, "no count: the run stopped for this reason: %s",
                     speig_reason_name(r->reason));
  if (!r->exact && r->method != SPEIG_COUNT_ESTIMATE)
    return say_error(CLI_FEWER,
                     "eigenvalues equal an end of the interval to within rounding: %" PRId64
                     " to %" PRId64 " lie in it",
                     r->least, r->count);
  return CLI_OK;
}

static int run(int argc, char **argv)
{
  count_job job = { .seconds_read = 0 };
  int code = options_parse(&verb_count, &argc, argv, &job.args);
  if (code != OPTIONS_GO)
    return code;
  CLI_TRY(check_args(&job.args));
  CLI_TRY(read_matrices(&job, argv[0]));
  CLI_TRY(count(&job));
  if (job.args.json)
    print_json(&job);
  else if (job.args.quiet)
    print_number(&job.result);
  else
    print_text(&job);
  code = judge(&job);
done:
  speig_operator_destroy(&job.op_b);
  speig_operator_destroy(&job.op_a);
  input_free(&job.B);
  input_free(&job.A);
  return code;
}

static const char *const examples[] = { "speig count A.mtx --interval 0.5,2",
                                        "how many eigenvalues lie in [0.5, 2]",
                                        "speig count K.mtx -B M.mtx --below 100",
                                        "how many squared frequencies of a structure lie below 100",
                                        "speig count A.mtx --interval 0.5,2 --estimate",
                                        "about how many, without a factorization",
                                        NULL };

const cli_verb verb_count = {
  .name = "count",
  .operands = "A.mtx",
  .least_operands = 1,
  .most_operands = 1,
  .summary = "Count the eigenvalues in an interval",
  .details =
      "Counts eigenvalues of a Hermitian matrix, or of A x = lambda B x, with their "
      "multiplicities, by the signs of factorizations (inertia), without computing them. Each end "
      "takes two factorizations, on both sides and so far apart that rounding moves no eigenvalue "
      "across both; equal counts prove the number.\n\n"
      "When eigenvalues equal an end to within rounding, nobody can tell on which side they lie: a "
      "range is printed and the exit code is 3. The ends are then moved outward a little, and the "
      "number is given for that interval, too.\n\n"
      "With --estimate the number comes from products with random vectors and has an error bar of "
      "about two standard deviations.",
  .examples = examples,
  .options = options,
  .run = run,
};
