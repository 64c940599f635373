/* verify.c: checks eigenpairs, ours or anybody's, by ways that share nothing with the solvers. */
#include "verify.h"
#include "blockfile.h"
#include "input.h"
#include "result.h"

#include <inttypes.h>
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define FIELD(name) offsetof(verify_args, name)

/* "result" first: whatever the result file says. Then one above speig_which, then what general
 * problems have beside LM and SM. */
static const char *const whichs[] = { "result", "LM", "SM", "LA", "SA", "BE",
                                      "LR",     "SR", "LI", "SI", NULL };

/* "none" first; both: the host and CUDA. */
static const char *const devices[] = { "none", "both", "reference", NULL };
static const char *const methods[] = { "auto", "dense", "lanczos", "lobpcg", NULL };
static const char *const precisions[] = { "s", "d", NULL };

static const cli_option options[] = {
  { OPTION_CHOICE, 0, "device", "D", FIELD(device), "none", NULL, devices, 0, 0,
    "instead of checking a result: solve on the host and on a device, and compare the answers with "
    "each other and with LAPACK; both: host and cuda; reference: host and plain loops" },
  { OPTION_INT, 'k', NULL, "N", FIELD(k), "6", NULL, NULL, 1, INT32_MAX,
    "with --device: eigenvalues to compute" },
  { OPTION_CHOICE, 0, "method", "M", FIELD(method), "auto", NULL, methods, 0, 0,
    "with --device: how; auto: lanczos, or lobpcg with -B" },
  { OPTION_CHOICE, 0, "precision", "P", FIELD(precision), "d", NULL, precisions, 0, 0,
    "with --device: single or double" },
  { OPTION_FILE, 0, "values", "FILE", FIELD(values), NULL, NULL, NULL, 0, 0,
    "eigenvalues, instead of a result: text with one number per line (complex: two), Matrix Market "
    "or .npy" },
  { OPTION_FILE, 0, "vectors", "FILE", FIELD(vectors), NULL, NULL, NULL, 0, 0,
    "eigenvectors, column by column: Matrix Market array or .npy (default: the file that the "
    "result names)" },
  { OPTION_FILE, 'B', NULL, "FILE", FIELD(mass), NULL, NULL, NULL, 0, 0,
    "the pairs belong to A x = lambda B x" },
  { OPTION_CHOICE, 0, "which", "W", FIELD(which), "result", NULL, whichs, 0, 0,
    "which eigenvalues the pairs claim to be, so that missed ones are found" },
  { OPTION_REAL, 0, "tol", "T", FIELD(tol), "0", NULL, NULL, 0, 1,
    "relative residual that counts as right; 0: 1e-8, or 1e-4 for a result in single precision" },
  { OPTION_INT, 0, "dense-limit", "N", FIELD(dense_limit), "2000", NULL, NULL, 0, 1e6,
    "compare with LAPACK's complete spectrum when the order is at most N; 0: never" },
  { OPTION_FLAG, 0, "hermitian", NULL, FIELD(hermitian), NULL, NULL, NULL, 0, 0,
    "as in solve: take the Hermitian part of a matrix that is not Hermitian" },
  { OPTION_FLAG, 0, "general", NULL, FIELD(general), NULL, NULL, NULL, 0, 0,
    "as in solve: a general problem even when the matrix is Hermitian" },
  { OPTION_INT, 0, "threads", "N", FIELD(threads), NULL, NULL, NULL, 1, 1024,
    "threads to use (default: all cores)" },
  { OPTION_FLAG, 0, "json", NULL, FIELD(json), NULL, NULL, NULL, 0, 0, "print one JSON object" },
  { 0 },
};

/* What is to be verified, from whichever files. */
typedef struct claim {
  const char *source; /* file of the values */
  int32_t k;
  const double *values; /* [k], or [2 k] of a general problem */
  speig_block values_block; /* owns the values of --values */
  result_file result; /* owns those of a result */
  const char *vectors_path; /* NULL: none */
  speig_block vectors;
  int which; /* -1: nothing to look for; else of the problem's kind */
  int general;
} claim;

static void claim_free(claim *c)
{
  speig_block_free(&c->values_block);
  speig_block_free(&c->vectors);
  result_free(&c->result);
}

static int read_values(const verify_args *args, claim *c)
{
  int code = block_read_as(args->values, c->general ? SPEIG_Z : SPEIG_D, &c->values_block);
  if (code != CLI_OK)
    return code;
  const speig_block *found = &c->values_block;
  if (found->rows != 1 && found->cols != 1 && found->rows * found->cols > 0)
    return say_error(CLI_INPUT, "%s: %" PRId64 " x %" PRId64 " numbers, needed one row or column",
                     args->values, found->rows, found->cols);
  if (found->rows * found->cols > INT32_MAX)
    return say_error(CLI_INPUT, "%s: %" PRId64 " eigenvalues, needed at most %d", args->values,
                     found->rows * found->cols, INT32_MAX);
  c->source = args->values;
  c->values = found->data;
  c->k = (int32_t)(found->rows * found->cols);
  return CLI_OK;
}

/* --which, as an index in the enumeration of the problem's kind. */
static int read_which(const verify_args *args, claim *c)
{
  const int given = args->which - 1, first_general = SPEIG_BE + 1;
  c->which = given;
  if (c->general && given > SPEIG_SM && given < first_general)
    return say_error(CLI_USAGE, "--which %s has no meaning for a general problem",
                     whichs[args->which]);
  if (!c->general && given >= first_general)
    return say_error(CLI_USAGE, "--which %s is for general problems", whichs[args->which]);
  if (given >= first_general)
    c->which = SPEIG_EIGS_LR + given - first_general;
  return CLI_OK;
}

/* Before any matrix: a result that cannot be verified is refused as what it is. */
static int read_result(const verify_args *args, const char *result_path, claim *c)
{
  int code = CLI_OK;
  if (result_path && args->values)
    CLI_FAIL(CLI_USAGE, "speig verify: give a result or --values, not both (%s, %s)", result_path,
             args->values);
  if (!result_path && !args->values)
    CLI_FAIL(
        CLI_USAGE,
        "speig verify: needed: a result of speig solve --json or svds --json, or --values FILE");
  if (result_path)
    CLI_TRY(result_read(result_path, &c->result));
done:
  return code;
}

static int read_claim(const verify_args *args, const char *result_path, claim *c)
{
  int code = CLI_OK;
  c->vectors_path = args->vectors;
  if (args->values) {
    CLI_TRY(read_values(args, c));
    CLI_TRY(read_which(args, c));
    goto done;
  }
  if (c->result.is_general != c->general)
    CLI_FAIL(CLI_USAGE, "%s is of a %s problem, but this one is %s%s", result_path,
             c->result.is_general ? "general" : "Hermitian", c->general ? "general" : "Hermitian",
             c->general ? "" : "; --general takes it as a general one");
  CLI_TRY(read_which(args, c));
  c->source = result_path;
  c->values = c->result.values;
  c->k = c->result.k;
  if (!c->vectors_path)
    c->vectors_path = c->result.vectors;
  if (c->result.mass && !args->mass)
    CLI_FAIL(CLI_USAGE, "%s is of a generalized problem with %s; give it by -B", result_path,
             c->result.mass);
  if (args->which == 0) {
    c->which = c->result.which;
    if (c->which >= 0 && (c->result.is_partial || c->result.is_shifted || c->result.deflated > 0)) {
      say_note("the result is %s: missed eigenvalues are not looked for",
               c->result.is_partial   ? "partial"
               : c->result.is_shifted ? "of a solve with a shift"
                                      : "of a deflated problem");
      c->which = -1;
    }
  }
done:
  return code;
}

/* Everything in one double type: A, B and the vectors. */
static int match_types(cli_matrix *A, cli_matrix *B, claim *c)
{
  int code = CLI_OK;
  speig_block found = { 0 };
  int is_complex = is_complex_type(input_common_type(A, B));
  if (c->vectors_path) {
    CLI_TRY(block_read(c->vectors_path, &found));
    is_complex |= is_complex_type(found.dtype);
    if (found.rows != A->info.rows || found.cols != c->k)
      CLI_FAIL(CLI_USAGE,
               "%s is %" PRId64 " x %" PRId64 ", needed %" PRId64 " x %d: the order of %s and the "
               "number of eigenvalues in %s",
               c->vectors_path, found.rows, found.cols, A->info.rows, c->k, A->path, c->source);
    CLI_TRY(block_convert(&found, dtype_of(is_complex, 0), c->vectors_path, &c->vectors));
  }
  CLI_TRY(input_convert(A, dtype_of(is_complex, 0)));
  if (B->matrix)
    CLI_TRY(input_convert(B, dtype_of(is_complex, 0)));
done:
  speig_block_free(&found);
  return code;
}

/* ---- output ---- */

const char *verdict_name(speig_pair_verdict verdict)
{
  static const char *const names[] = { "right", "bad residual", "duplicate", "wrong value" };
  return names[verdict];
}

static void print_number(double value)
{
  if (isfinite(value))
    printf(" %12.1e", value);
  else
    printf(" %12s", "-");
}

static const char *which_name(const claim *c)
{
  return c->general ? speig_eigs_which_name((speig_eigs_which)c->which)
                    : speig_which_name((speig_which)c->which);
}

static void print_value(const claim *c, int32_t i)
{
  char text[80];
  if (!c->general) {
    printf("%24.15g", c->values[i]);
    return;
  }
  const double *value = c->values + 2 * (size_t)i;
  snprintf(text, sizeof text, value[1] != 0 ? "%.14g%+.14gi" : "%.14g", value[0], value[1]);
  printf("%40s", text);
}

static void print_text(const claim *c, const speig_verify_report *report)
{
  printf("%5s %*s %12s %12s %12s\n", "#", c->general ? 40 : 24, "eigenvalue", "verdict", "residual",
         report->compared ? "from LAPACK" : "");
  for (int32_t i = 0; i < report->k; ++i) {
    printf("%5d ", i + 1);
    print_value(c, i);
    printf(" %12s", verdict_name(report->verdicts[i]));
    print_number(report->residuals[i]);
    if (report->compared)
      print_number(report->errors[i]);
    putchar('\n');
  }
  for (int32_t i = 0; i < report->missed; ++i)
    if (c->general)
      printf("missed: %.15g%+.15gi\n", report->missed_values[2 * (size_t)i],
             report->missed_values[2 * (size_t)i + 1]);
    else
      printf("missed: %.15g\n", report->missed_values[i]);
  printf("%d of %d pairs are right", report->right, report->k);
  if (report->missed >= 0)
    printf(", %d %s eigenvalue%s missed", report->missed, which_name(c),
           report->missed == 1 ? "" : "s");
  else
    printf(", missed ones not looked for");
  if (isfinite(report->orthogonality) && !c->general)
    printf("; |X^H B X - I| = %.1e", report->orthogonality);
  printf("; %s\n", report->compared ? "compared with LAPACK" : "residuals only, no LAPACK");
}

static void json_values(json_writer *w, const char *key, const claim *c, int32_t count,
                        const double *values)
{
  if (c->general)
    json_complexes(w, key, count, values);
  else
    json_reals(w, key, count, values);
}

static void print_json(const cli_matrix *A, const cli_matrix *B, const claim *c,
                       const speig_verify_report *report)
{
  json_writer w = { .out = stdout };
  json_open(&w, NULL);
  json_text(&w, "speig", speig_version());
  input_json(&w, "matrix", A);
  if (B->matrix)
    input_json(&w, "mass", B);
  else
    json_null(&w, "mass");
  json_text(&w, "source", c->source);
  json_text(&w, "vectors", c->vectors_path);
  json_int(&w, "pairs", report->k);
  json_int(&w, "right", report->right);
  json_bool(&w, "compared_with_lapack", report->compared);
  if (report->missed >= 0) {
    json_text(&w, "which", which_name(c));
    json_int(&w, "missed", report->missed);
    json_values(&w, "missed_values", c, report->missed, report->missed_values);
  } else {
    json_null(&w, "missed");
  }
  json_values(&w, "eigenvalues", c, report->k, c->values);
  json_open_list(&w, "verdicts");
  for (int32_t i = 0; i < report->k; ++i)
    json_text(&w, NULL, verdict_name(report->verdicts[i]));
  json_close_list(&w);
  json_reals(&w, "residuals", report->k, report->residuals);
  json_reals(&w, "relative_residuals", report->k, report->relative_residuals);
  json_reals(&w, "rayleigh", report->k, report->rayleigh);
  json_reals(&w, "errors", report->k, report->errors);
  json_real(&w, "orthogonality", report->orthogonality);
  json_close(&w);
}

/* ---- the verb ---- */

static int verify(const verify_args *args, const cli_matrix *A, const cli_matrix *B, const claim *c,
                  speig_verify_report **report)
{
  speig_verify_opts opts = SPEIG_VERIFY_OPTS_INIT;
  const int can_compare = args->dense_limit > 0 && A->info.rows <= args->dense_limit;
  if (c->k == 0)
    return say_error(CLI_WRONG, "%s holds no eigenvalues: nothing is verified", c->source);
  if (!can_compare && !c->vectors_path)
    return say_error(CLI_USAGE,
                     "nothing can be checked: there are no vectors, and the order %" PRId64
                     " is above --dense-limit %" PRId64,
                     A->info.rows, args->dense_limit);
  if (c->which >= 0 && !can_compare)
    say_note("the order %" PRId64 " is above --dense-limit %" PRId64
             ": missed eigenvalues are not looked for",
             A->info.rows, args->dense_limit);
  opts.tol = args->tol > 0 ? args->tol : c->result.is_single ? 1e-4 : 0;
  opts.dense_limit = args->dense_limit > 0 ? args->dense_limit : -1;
  opts.check_which = c->which >= 0 && can_compare;
  opts.which = c->which >= 0 && !c->general ? (speig_which)c->which : SPEIG_LM;
  opts.general_which = c->which >= 0 && c->general ? (speig_eigs_which)c->which : SPEIG_EIGS_LM;
  opts.threads = (int)args->threads;
  if (c->general)
    return say_status(speig_verify_general(A->matrix, B->matrix, c->k, c->values,
                                           c->vectors_path ? &c->vectors : NULL, &opts, report));
  return say_status(speig_verify(A->matrix, B->matrix, c->k, c->values,
                                 c->vectors_path ? &c->vectors : NULL, &opts, report));
}

/* The other way: two devices, no result. */
static int run_devices(const verify_args *args, int operands, cli_matrix *A, cli_matrix *B)
{
  const speig_dtype dtype =
      dtype_of(is_complex_type(input_common_type(A, B)), args->precision == 0);
  int code = CLI_OK;
  if (operands > 1 || args->values || args->vectors)
    CLI_FAIL(CLI_USAGE, "speig verify: --device solves by itself; a result, --values and --vectors "
                        "go without it");
  CLI_TRY(input_convert(A, dtype));
  if (B->matrix)
    CLI_TRY(input_convert(B, dtype));
  CLI_TRY(verify_devices(args, A, B));
done:
  return code;
}

static int run(int argc, char **argv)
{
  verify_args args = { 0 };
  cli_matrix A = { 0 }, B = { 0 };
  claim c = { .which = -1, .result = { .which = -1 } };
  speig_verify_report *report = NULL;
  int is_hermitian = 1;
  int code = options_parse(&verb_verify, &argc, argv, &args);
  if (code != OPTIONS_GO)
    return code;
  if (!args.device)
    CLI_TRY(read_result(&args, argc > 1 ? argv[1] : NULL, &c));
  if (c.result.is_svd) {
    code = verify_svds(&args, argv[0], argv[1], &c.result);
    goto done;
  }
  CLI_TRY(input_read(argv[0], (int)args.threads, &A));
  CLI_TRY(input_classify(&A, args.hermitian, args.general, &is_hermitian));
  c.general = !is_hermitian;
  if (args.mass) {
    CLI_TRY(input_read(args.mass, (int)args.threads, &B));
    CLI_TRY(input_classify(&B, args.hermitian, args.general, &is_hermitian));
    c.general |= !is_hermitian;
  }
  if (args.device && c.general)
    CLI_FAIL(CLI_USAGE, "%s is not Hermitian; --device compares Hermitian problems only", A.path);
  if (!args.device)
    CLI_TRY(read_claim(&args, argc > 1 ? argv[1] : NULL, &c));
  if (args.mass) {
    if (B.info.rows != A.info.rows)
      CLI_FAIL(CLI_USAGE, "%s has order %" PRId64 ", but %s has order %" PRId64, B.path,
               B.info.rows, A.path, A.info.rows);
  }
  if (args.device) {
    CLI_TRY(run_devices(&args, argc, &A, &B));
    goto done;
  }
  if (A.info.rows == 0 && c.k == 0)
    goto done; /* order 0 has no pairs, and none are claimed */
  CLI_TRY(match_types(&A, &B, &c));
  CLI_TRY(verify(&args, &A, &B, &c, &report));
  if (args.json)
    print_json(&A, &B, &c, report);
  else
    print_text(&c, report);
  if (report->right < report->k || report->missed > 0)
    code = CLI_WRONG;
done:
  speig_verify_report_free(&report);
  claim_free(&c);
  input_free(&B);
  input_free(&A);
  return code;
}

static const char *const examples[] = {
  "speig verify A.mtx result.json",
  "check a result of solve or of svds, with the vectors it names",
  "speig verify --values w.txt --vectors X.npy --which LA A.mtx",
  "check somebody else's pairs",
  "speig verify --device both -k 10 A.mtx",
  "do host and CUDA device agree?",
  NULL
};

const cli_verb verb_verify = {
  .name = "verify",
  .operands = "A.mtx [RESULT.json]",
  .least_operands = 1,
  .most_operands = 2,
  .summary = "Check eigenpairs, ours or anybody's, and singular values by independent means",
  .details =
      "Recomputes the residuals with plain loops in double precision, checks the vectors "
      "for linear dependence, and, up to --dense-limit, matches the values one by one with "
      "the complete spectrum of LAPACK and says which wanted eigenvalues no pair stands "
      "for. Ends with 0 when everything is right and with 7 when anything is not. Of a result of "
      "svds both residuals and both sets of vectors are checked.\n\nWith "
      "--device there is no result to check: the problem is solved on the host and on the "
      "device, both answers are verified as above, and their eigenvalues may differ by no "
      "more than the sum of their error bounds.",
  .examples = examples,
  .options = options,
  .run = run,
};
