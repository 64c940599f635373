/* solve.c: the default verb: a few eigenpairs of a matrix or pair of matrices: its options and what
 * it reads. */
#include "solve.h"

#include "blockfile.h"
#include "choices.h"
#include "interval.h"

#include <inttypes.h>
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define FIELD(name) offsetof(solve_args, name)

/* In the order of the library's enumerations, as choices.h. */
static const char *const whichs[] = { "LM", "SM", "LA", "SA", "BE", "LR", "SR", "LI", "SI", NULL };
static const char *const methods[] = { "auto",         "dense",  "lanczos", "lobpcg",
                                       "krylov-schur", "filter", NULL };
const speig_method solve_methods[] = { SPEIG_METHOD_AUTO, SPEIG_DENSE,        SPEIG_LANCZOS,
                                       SPEIG_LOBPCG,      SPEIG_KRYLOV_SCHUR, SPEIG_FILTER };
static const char *const part_names[] = { "whole", "real", "imaginary", NULL };
static const char *const modes[] = { "normal", "buckling", "cayley", NULL };
static const char *const preconds[] = { "none", "jacobi", NULL };

const cli_option solve_options[] = {
  { OPTION_INT, 'k', NULL, "N", FIELD(k), NULL, NULL, NULL, 1, INT32_MAX,
    "pairs wanted (default: 6)" },
  { OPTION_CHOICE, 0, "which", "W", FIELD(which), "LM", NULL, whichs, 0, 0,
    "largest or smallest in magnitude (LM, SM), algebraically (LA, SA), or from both ends; of a "
    "general matrix by real or imaginary part (LR, SR, LI, SI)" },
  { OPTION_FILE, 'B', NULL, "FILE", FIELD(mass), NULL, NULL, NULL, 0, 0,
    "solve A x = lambda B x; B is positive definite where A is Hermitian" },
  { OPTION_TEXT, 0, "interval", "a,b", FIELD(interval), NULL, NULL, NULL, 0, 0,
    "all eigenvalues from a to b, both included, of a Hermitian problem, instead of k of them; "
    "-inf "
    "and inf are ends, too" },
  { OPTION_TEXT, 0, "sigma", "S", FIELD(sigma), NULL, NULL, NULL, 0, 0,
    "shift-invert at S: --which applies to the transformed eigenvalues, so LM means the nearest to "
    "S, LA the next above, SA the next below; B may be semidefinite. Of a general problem S may be "
    "complex, a+bi" },
  { OPTION_CHOICE, 0, "part", "P", FIELD(part), "whole", NULL, part_names, 0, 0,
    "how a real general problem uses a complex shift: in complex arithmetic, or in real arithmetic "
    "by the real or imaginary part of the inverse" },
  { OPTION_CHOICE, 0, "mode", "M", FIELD(mode), "normal", NULL, modes, 0, 0,
    "the transformed eigenvalues: 1/(l-S); buckling l/(l-S), with A positive definite and B "
    "Hermitian; cayley (l+S)/(l-S)" },
  { OPTION_CHOICE, 0, "method", "M", FIELD(method), "auto", NULL, methods, 0, 0,
    "how to solve; filter: an interval by products alone, without a factorization" },
  { OPTION_REAL, 0, "tol", "T", FIELD(tol), "0", NULL, NULL, 0, 1,
    "accept a pair when its residual is at most T (|A| + |lambda| |B|); 0: as far as the precision "
    "allows" },
  { OPTION_INT, 0, "ncv", "N", FIELD(ncv), NULL, NULL, NULL, 1, INT32_MAX,
    "vectors in the basis of Lanczos or Krylov-Schur (default: chosen)" },
  { OPTION_INT, 0, "max-matvecs", "N", FIELD(max_matvecs), NULL, NULL, NULL, 1, 0,
    "products with A before giving up (default: chosen)" },
  { OPTION_CHOICE, 0, "precond", "P", FIELD(precond), "none", NULL, preconds, 0, 0,
    "preconditioner of lobpcg" },
  { OPTION_FILE, 0, "guess", "X.mtx", FIELD(guess), NULL, NULL, NULL, 0, 0,
    "start from these vectors (Matrix Market or .npy)" },
  { OPTION_FILE, 0, "deflate", "Y.mtx", FIELD(deflate), NULL, NULL, NULL, 0, 0,
    "find only pairs orthogonal to these vectors" },
  { OPTION_FLAG, 0, "hermitian", NULL, FIELD(hermitian), NULL, NULL, NULL, 0, 0,
    "take a matrix that is not Hermitian for its Hermitian part (A + A^H) / 2" },
  { OPTION_FLAG, 0, "general", NULL, FIELD(general), NULL, NULL, NULL, 0, 0,
    "solve as a general problem even when the matrix is Hermitian" },
  { OPTION_FILE, 0, "left", "FILE", FIELD(left), NULL, "-", NULL, 0, 0,
    "of a general problem, compute left eigenvectors too and with them condition numbers; write "
    "them to FILE" },
  { OPTION_CHOICE, 0, "balance", "WHEN", FIELD(balance), "auto", NULL, choice_certify, 0, 0,
    "scale a general matrix by a diagonal similarity first; auto: in method dense" },
  { OPTION_FILE, 0, "vectors", "FILE", FIELD(vectors), NULL, NULL, NULL, 0, 0,
    "write the vectors: Matrix Market array, gzip when FILE ends in .gz, NumPy when in .npy" },
  { 0 },
};

static void job_free(solve_job *job)
{
  speig_eigsh_result_free(&job->result);
  speig_eigs_result_free(&job->general_result);
  speig_operator_destroy(&job->precond);
  speig_operator_destroy(&job->op_b);
  speig_operator_destroy(&job->op_a);
  speig_block_free(&job->deflate);
  speig_block_free(&job->guess);
  input_free(&job->B);
  input_free(&job->A);
  history_free(&job->history);
  free(job->arguments);
}

/* One real number with its sign, and whether an i or j follows it. "i" alone is 1i. */
static const char *parse_part(const char *text, double *value, int *is_imaginary)
{
  char *end = NULL;
  *value = strtod(text, &end);
  if (end == text) {
    *value = *text == '-' ? -1 : 1;
    end += *text == '-' || *text == '+';
    if (*end != 'i' && *end != 'j')
      return NULL;
  }
  *is_imaginary = *end == 'i' || *end == 'j';
  return end + *is_imaginary;
}

/* Text, since 0 is a shift like any other: a, bi or a+bi. */
static int parse_sigma(solve_args *args)
{
  const char *text = args->sigma;
  int is_imaginary = 0, parts = 0;
  if (!text)
    return args->mode ? say_error(CLI_USAGE, "--mode %s needs a shift, --sigma", modes[args->mode])
                      : CLI_OK;
  while (text && *text && parts < 2 && !is_imaginary) {
    double value = 0;
    if (parts > 0 && *text != '+' && *text != '-')
      break;
    text = parse_part(text, &value, &is_imaginary);
    args->shift[is_imaginary] = value;
    ++parts;
  }
  if (!text || *text || parts == 0 || (parts == 2 && !is_imaginary) || !isfinite(args->shift[0]) ||
      !isfinite(args->shift[1]))
    return say_error(CLI_USAGE, "--sigma: found '%s', needed a finite number a, bi or a+bi",
                     args->sigma);
  return CLI_OK;
}

/* What an interval says itself, and k. */
static int settle_interval(solve_args *args)
{
  const struct {
    int given;
    const char *name;
  } others[] = { { args->k != 0, "-k" },
                 { args->which != 0, "--which" },
                 { args->sigma != NULL, "--sigma" },
                 { args->guess != NULL, "--guess" },
                 { args->deflate != NULL, "--deflate" },
                 { args->ncv != 0, "--ncv" },
                 { args->precond != 0, "--precond" },
                 { args->general, "--general" },
                 { args->left != NULL, "--left" } };
  int code = CLI_OK;
  if (args->interval) {
    for (size_t i = 0; i < sizeof others / sizeof *others; ++i)
      if (others[i].given)
        CLI_FAIL(CLI_USAGE, "--interval wants all eigenvalues in it: %s does not go with it",
                 others[i].name);
    CLI_TRY(interval_parse("--interval", args->interval, args->ends));
  }
  args->k = args->k ? args->k : 6;
done:
  return code;
}

static int check_args(const solve_args *args)
{
  if (args->vectors && args->run.values_only)
    return say_error(CLI_USAGE, "--values-only keeps no vectors, so --vectors cannot write them");
  if (args->vectors && strcmp(args->vectors, "-") == 0)
    return say_error(CLI_USAGE, "--vectors needs a file: standard output is for the values");
  if (args->left && strcmp(args->left, "-") != 0 && args->run.values_only)
    return say_error(CLI_USAGE, "--values-only keeps no vectors, so --left cannot write them");
  if (args->general && args->hermitian)
    return say_error(CLI_USAGE, "--general and --hermitian exclude each other");
  return CLI_OK;
}

static int read_matrices(solve_job *job, const char *path)
{
  const solve_args *args = &job->args;
  const int threads = (int)args->run.threads;
  const double start = cli_seconds();
  int code = CLI_OK, is_hermitian = 1;
  job->which = whichs[args->which];
  CLI_TRY(input_read(path, threads, &job->A));
  if (args->mass)
    CLI_TRY(input_read(args->mass, threads, &job->B));
  CLI_TRY(input_classify(&job->A, args->hermitian, args->general, &is_hermitian));
  job->general = !is_hermitian;
  if (args->mass) {
    CLI_TRY(input_classify(&job->B, args->hermitian, args->general, &is_hermitian));
    job->general |= !is_hermitian;
    if (job->B.info.rows != job->A.info.rows)
      CLI_FAIL(CLI_USAGE, "%s has order %" PRId64 ", but %s has order %" PRId64, args->mass,
               job->B.info.rows, path, job->A.info.rows);
  }
  CLI_TRY(solve_check_general(job));
  const int is_complex = is_complex_type(input_common_type(&job->A, &job->B));
  const speig_dtype dtype = dtype_of(is_complex, args->run.precision == 0);
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

int solve_main(const cli_verb *verb, solve_page *page, int argc, char **argv)
{
  solve_job job = { .page = page, .count = argc };
  int code = cli_alloc(argc + 1, sizeof *job.arguments, "arguments", (void **)&job.arguments);
  if (code != CLI_OK)
    return code;
  memcpy(job.arguments, argv, (size_t)argc * sizeof *argv);
  code = options_parse(verb, &argc, argv, &job.args);
  if (code != OPTIONS_GO)
    goto done;
  if (page && job.args.run.dry_run)
    CLI_FAIL(CLI_USAGE, "--dry-run does not solve, so there is nothing to report; use speig solve");
  if (page && strcmp(job.args.page, "-") == 0)
    CLI_FAIL(CLI_USAGE, "--output needs a file: standard output is for the values");
  CLI_TRY(settle_interval(&job.args));
  CLI_TRY(parse_sigma(&job.args));
  CLI_TRY(check_args(&job.args));
  CLI_TRY(run_args_apply(&job.args.run));
  CLI_TRY(read_matrices(&job, argv[0]));
  CLI_TRY(make_operators(&job));
  code = solve_run(&job);
done:
  job_free(&job);
  return code;
}

static int run(int argc, char **argv)
{
  return solve_main(&verb_solve, NULL, argc, argv);
}

static const char *const examples[] = {
  "speig -k 10 --which SA A.mtx",
  "the ten smallest eigenvalues",
  "speig -k 4 --which SA K.mtx -B M.mtx --precond jacobi",
  "the lowest modes of a structure with stiffness K and mass M",
  "speig -k 8 --sigma 2.5 A.mtx",
  "the eight eigenvalues nearest to 2.5, inside the spectrum",
  "speig A.mtx --interval 0.5,2",
  "all eigenvalues from 0.5 to 2, proven complete",
  "speig -k 4 --which LR --left A.mtx",
  "the rightmost eigenvalues of a nonsymmetric matrix, with condition numbers",
  "speig -k 5 --sigma 1+2i A.mtx",
  "the five eigenvalues of a nonsymmetric matrix nearest to 1 + 2i",
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
      "Finds k eigenpairs of A x = lambda x, or of A x = lambda B x, for an A of any size. The "
      "table lists them, ascending when A is Hermitian and else in the order of --which, with the "
      "norm of the residual, recomputed from A at the end, and a bound on the error of the "
      "eigenvalue where one is known. The last line says how sure the answer "
      "is: certified (proven complete), validated (an independent probe found none missing), "
      "converged (residuals hold, completeness not checked), partial (fewer than k), failed "
      "(none).\n\n"
      "A matrix whose header does not say that it is Hermitian is checked by value. One that is "
      "not "
      "is solved as a general problem: its eigenvalues are complex, a conjugate pair of a real "
      "matrix is never split (one more is returned instead), and a small residual says little "
      "about an ill-conditioned one; --left tells.\n\n"
      "With --json one object is "
      "printed; numbers carry 17 digits, complex ones are [re, im], what is not a number is null. "
      "Ctrl-C stops at the solver's next step and prints what was found; a second one ends at "
      "once.",
  .examples = examples,
  .options = solve_options,
  .shared = run_options,
  .run = run,
};
