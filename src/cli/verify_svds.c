/* verify_svds.c: `speig verify` of a result of `speig svds`: both residuals, both sets of vectors,
 * and the singular values by LAPACK. */
#include "blockfile.h"
#include "json.h"
#include "verify.h"

#include <inttypes.h>
#include <math.h>

/* Vectors of one side, in double precision, of the shape that the matrix and the result ask for. */
static int read_side(const char *path, const cli_matrix *A, int64_t rows, const result_file *result,
                     const char *source, speig_block *out)
{
  speig_block found = { 0 };
  int code = CLI_OK;
  CLI_TRY(block_read(path, &found));
  if (found.rows != rows || found.cols != result->k)
    CLI_FAIL(CLI_USAGE,
             "%s is %" PRId64 " x %" PRId64 ", needed %" PRId64 " x %d: the shape of %s and the "
             "number of singular values in %s",
             path, found.rows, found.cols, rows, result->k, A->path, source);
  CLI_TRY(block_convert(&found, dtype_of(is_complex_type(found.dtype), 0), path, out));
done:
  speig_block_free(&found);
  return code;
}

static int check_args(const verify_args *args, const result_file *result, const char *source)
{
  if (args->mass || args->general || args->hermitian)
    return say_error(CLI_USAGE,
                     "%s holds singular values: -B, --general and --hermitian do not go "
                     "with it",
                     source);
  if (args->vectors)
    return say_error(CLI_USAGE,
                     "%s holds singular values and names the files of its vectors: "
                     "--vectors does not go with it",
                     source);
  if (!result->left != !result->right)
    return say_error(CLI_USAGE,
                     "%s names %s vectors alone, and a triplet has both: solve with "
                     "--vectors",
                     source, result->left ? "left" : "right");
  return CLI_OK;
}

/* The LM or SM to look for; -1: nothing is missed. */
static int choose_which(const verify_args *args, const result_file *result)
{
  const int given = args->which - 1;
  if (args->which > 0)
    return given;
  if (result->is_partial)
    say_note("the result is partial: missed singular values are not looked for");
  return result->is_partial ? -1 : result->which;
}

static void print_number(double value)
{
  if (isfinite(value))
    printf(" %12.1e", value);
  else
    printf(" %12s", "-");
}

static void print_text(const result_file *result, int which, const speig_verify_report *report)
{
  printf("%5s %24s %12s %12s %12s %12s\n", "#", "singular value", "verdict", "|A v - s u|",
         "|A'u - s v|", report->compared ? "from LAPACK" : "");
  for (int32_t i = 0; i < report->k; ++i) {
    printf("%5d %24.15g %12s", i + 1, result->values[i], verdict_name(report->verdicts[i]));
    print_number(report->residuals[i]);
    print_number(report->adjoint_residuals[i]);
    if (report->compared)
      print_number(report->errors[i]);
    putchar('\n');
  }
  for (int32_t i = 0; i < report->missed; ++i)
    printf("missed: %.15g\n", report->missed_values[i]);
  printf("%d of %d triplets are right", report->right, report->k);
  if (report->missed >= 0)
    printf(", %d %s singular value%s missed", report->missed, speig_which_name((speig_which)which),
           report->missed == 1 ? "" : "s");
  else
    printf(", missed ones not looked for");
  if (isfinite(report->orthogonality))
    printf("; |U^H U - I|, |V^H V - I| <= %.1e", report->orthogonality);
  printf("; %s\n", report->compared ? "compared with LAPACK" : "residuals only, no LAPACK");
}

static void print_json(const cli_matrix *A, const result_file *result, const char *source,
                       int which, const speig_verify_report *report)
{
  json_writer w = { .out = stdout };
  json_open(&w, NULL);
  json_text(&w, "speig", speig_version());
  input_json(&w, "matrix", A);
  json_text(&w, "source", source);
  json_text(&w, "left_vectors", result->left);
  json_text(&w, "right_vectors", result->right);
  json_int(&w, "triplets", report->k);
  json_int(&w, "right", report->right);
  json_bool(&w, "compared_with_lapack", report->compared);
  if (report->missed >= 0) {
    json_text(&w, "which", speig_which_name((speig_which)which));
    json_int(&w, "missed", report->missed);
    json_reals(&w, "missed_values", report->missed, report->missed_values);
  } else {
    json_null(&w, "missed");
  }
  json_reals(&w, "singular_values", report->k, result->values);
  json_open_list(&w, "verdicts");
  for (int32_t i = 0; i < report->k; ++i)
    json_text(&w, NULL, verdict_name(report->verdicts[i]));
  json_close_list(&w);
  json_reals(&w, "residuals", report->k, report->residuals);
  json_reals(&w, "adjoint_residuals", report->k, report->adjoint_residuals);
  json_reals(&w, "relative_residuals", report->k, report->relative_residuals);
  json_reals(&w, "errors", report->k, report->errors);
  json_real(&w, "orthogonality", report->orthogonality);
  json_close(&w);
}

static int verify(const verify_args *args, cli_matrix *A, const result_file *result,
                  const char *source, speig_verify_report **report, int *which)
{
  speig_verify_opts opts = SPEIG_VERIFY_OPTS_INIT;
  const int64_t smaller = A->info.rows < A->info.cols ? A->info.rows : A->info.cols;
  const int can_compare = args->dense_limit > 0 && smaller <= args->dense_limit;
  speig_block left = { 0 }, right = { 0 };
  int code = CLI_OK;
  CLI_TRY(input_convert(A, dtype_of(is_complex_type(A->info.dtype), 0)));
  if (result->left) {
    CLI_TRY(read_side(result->left, A, A->info.rows, result, source, &left));
    CLI_TRY(read_side(result->right, A, A->info.cols, result, source, &right));
  }
  if (!can_compare && !result->left)
    CLI_FAIL(CLI_USAGE,
             "nothing can be checked: %s names no vectors, and the smaller side, %" PRId64
             ", is above --dense-limit %" PRId64,
             source, smaller, args->dense_limit);
  *which = choose_which(args, result);
  opts.tol = args->tol > 0 ? args->tol : result->is_single ? 1e-4 : 0;
  opts.dense_limit = args->dense_limit > 0 ? args->dense_limit : -1;
  opts.check_which = *which >= 0 && can_compare;
  opts.which = *which == SPEIG_SM ? SPEIG_SM : SPEIG_LM;
  opts.threads = (int)args->threads;
  CLI_TRY(say_status(speig_verify_svds(A->matrix, result->k, result->values,
                                       result->left ? &left : NULL, result->left ? &right : NULL,
                                       &opts, report)));
done:
  speig_block_free(&left);
  speig_block_free(&right);
  return code;
}

int verify_svds(const verify_args *args, const char *path, const char *source,
                const result_file *result)
{
  cli_matrix A = { 0 };
  speig_verify_report *report = NULL;
  int which = -1, code = CLI_OK;
  CLI_TRY(check_args(args, result, source));
  if (args->which - 1 > SPEIG_SM)
    CLI_FAIL(CLI_USAGE, "%s holds singular values, of which --which is LM or SM", source);
  CLI_TRY(input_read(path, (int)args->threads, &A));
  if (result->k == 0 && A.info.rows > 0 && A.info.cols > 0)
    CLI_FAIL(CLI_WRONG, "%s holds no singular values: nothing is verified", source);
  CLI_TRY(verify(args, &A, result, source, &report, &which));
  if (args->json)
    print_json(&A, result, source, which, report);
  else
    print_text(result, which, report);
  if (report->right < report->k || report->missed > 0)
    code = CLI_WRONG;
done:
  speig_verify_report_free(&report);
  input_free(&A);
  return code;
}
