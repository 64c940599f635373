/* info.c: what a matrix looks like, in one pass over it. */
#include "input.h"

#include <inttypes.h>
#include <math.h>
#include <stddef.h>

typedef struct info_args {
  int64_t threads;
  int json;
} info_args;

static const cli_option options[] = {
  { OPTION_INT, 0, "threads", "N", offsetof(info_args, threads), NULL, NULL, NULL, 1, 1024,
    "threads to use (default: all cores)" },
  { OPTION_FLAG, 0, "json", NULL, offsetof(info_args, json), NULL, NULL, NULL, 0, 0,
    "print one JSON object" },
  { 0 },
};

/* What the values say, whatever the header says. */
static const char *symmetry_by_value(const cli_matrix *A, const speig_matrix_stats *stats)
{
  const double rounding = 1e-12 * stats->max_abs;
  if (A->info.rows != A->info.cols)
    return "rectangular";
  if (stats->max_abs == 0)
    return "zero";
  if (stats->symmetric_defect == 0 && stats->hermitian_defect == 0)
    return "symmetric";
  if (stats->hermitian_defect == 0)
    return "hermitian";
  if (stats->symmetric_defect == 0)
    return "complex symmetric";
  if (stats->skew_defect == 0)
    return "skew-symmetric";
  if (stats->hermitian_defect <= rounding)
    return "hermitian up to rounding";
  if (stats->symmetric_defect <= rounding)
    return "complex symmetric up to rounding";
  return "general";
}

static void print_json(const cli_matrix *A, const speig_matrix_stats *stats, double seconds)
{
  json_writer w = { .out = stdout };
  json_open(&w, NULL);
  json_text(&w, "speig", speig_version());
  input_json(&w, "matrix", A);
  json_text(&w, "format", A->header.format == SPEIG_MM_ARRAY ? "array" : "coordinate");
  json_int(&w, "entries_in_file", A->header.entries);
  json_text(&w, "dtype", speig_dtype_name(A->info.dtype));
  json_text(&w, "symmetry_by_value", symmetry_by_value(A, stats));
  json_real(&w, "hermitian_defect", stats->hermitian_defect);
  json_real(&w, "symmetric_defect", stats->symmetric_defect);
  json_real(&w, "skew_defect", stats->skew_defect);
  json_int(&w, "lower_bandwidth", stats->lower_bandwidth);
  json_int(&w, "upper_bandwidth", stats->upper_bandwidth);
  json_int(&w, "diagonal_entries", stats->diagonal_entries);
  json_int(&w, "explicit_zeros", stats->explicit_zeros);
  json_int(&w, "empty_rows", stats->empty_rows);
  json_int(&w, "min_row_nnz", stats->min_row_nnz);
  json_int(&w, "max_row_nnz", stats->max_row_nnz);
  json_real(&w, "max_abs", stats->max_abs);
  json_real(&w, "min_abs", stats->min_abs);
  json_real(&w, "norm_1", stats->norm_1);
  json_real(&w, "norm_inf", stats->norm_inf);
  json_real(&w, "norm_fro", stats->norm_fro);
  if (A->info.rows == A->info.cols)
    json_reals(&w, "gershgorin", 2,
               (const double[]){ stats->gershgorin_min, stats->gershgorin_max });
  else
    json_null(&w, "gershgorin");
  json_int(&w, "bytes", (int64_t)A->info.bytes);
  json_real(&w, "seconds_read", seconds);
  json_close(&w);
}

static void print_symmetry(const cli_matrix *A, const speig_matrix_stats *stats)
{
  const double scale = stats->max_abs > 0 ? stats->max_abs : 1;
  printf("symmetry      %s by value", symmetry_by_value(A, stats));
  if (A->info.rows == A->info.cols && stats->hermitian_defect > 0)
    printf(" (largest |a_ij - conj(a_ji)|: %.2e of the largest entry)",
           stats->hermitian_defect / scale);
  putchar('\n');
}

static void print_text(const cli_matrix *A, const speig_matrix_stats *stats, double seconds)
{
  const speig_matrix_info *info = &A->info;
  const double rows = info->rows > 0 ? (double)info->rows : 1;
  printf("file          %s\n", A->path);
  printf("header        %s %s %s, %" PRId64 " x %" PRId64 ", %" PRId64 " entries listed\n",
         A->header.format == SPEIG_MM_ARRAY ? "array" : "coordinate", field_name(A->header.field),
         symmetry_name(A->header.symmetry), A->header.rows, A->header.cols, A->header.entries);
  printf("shape         %" PRId64 " x %" PRId64 ", %" PRId64 " stored entries, type %s\n",
         info->rows, info->cols, info->nnz, speig_dtype_name(info->dtype));
  print_symmetry(A, stats);
  printf("rows          %" PRId64 " to %" PRId64 " entries, %.2f on average, %" PRId64 " empty\n",
         stats->min_row_nnz, stats->max_row_nnz, (double)info->nnz / rows, stats->empty_rows);
  printf("bandwidth     %" PRId64 " below, %" PRId64 " above the diagonal\n",
         stats->lower_bandwidth, stats->upper_bandwidth);
  printf("diagonal      %" PRId64 " entries stored\n", stats->diagonal_entries);
  printf("zeros         %" PRId64 " stored entries are zero\n", stats->explicit_zeros);
  printf("magnitudes    %.6g to %.6g (nonzero entries)\n", stats->min_abs, stats->max_abs);
  printf("norms         1: %.6g  inf: %.6g  Frobenius: %.6g\n", stats->norm_1, stats->norm_inf,
         stats->norm_fro);
  if (info->rows == info->cols)
    printf("Gershgorin    [%.6g, %.6g]%s\n", stats->gershgorin_min, stats->gershgorin_max,
           stats->hermitian_defect > 0 ? " (bounds eigenvalues of Hermitian matrices only)" : "");
  printf("memory        %.3g MiB, read in %.3f s\n", (double)info->bytes / 1048576, seconds);
}

static int run(int argc, char **argv)
{
  info_args args = { 0 };
  cli_matrix A = { 0 };
  speig_matrix_stats stats;
  int code = options_parse(&verb_info, &argc, argv, &args);
  if (code != OPTIONS_GO)
    return code;
  double start = cli_seconds();
  CLI_TRY(input_read(argv[0], (int)args.threads, &A));
  double seconds = cli_seconds() - start;
  CLI_TRY(say_status(speig_matrix_get_stats(A.matrix, &stats)));
  if (args.json)
    print_json(&A, &stats, seconds);
  else
    print_text(&A, &stats, seconds);
done:
  input_free(&A);
  return code;
}

static const char *const examples[] = { "speig info bcsstk01.mtx",
                                        "size, symmetry by value, bandwidth, norms", NULL };

const cli_verb verb_info = {
  .name = "info",
  .operands = "A.mtx",
  .least_operands = 1,
  .most_operands = 1,
  .summary = "Say what a matrix file holds",
  .details = "Prints shape, header, symmetry by value, row lengths, bandwidths, diagonal, explicit "
             "zeros, norms, the Gershgorin interval (which holds all eigenvalues when the matrix "
             "is Hermitian) and the memory it takes.",
  .examples = examples,
  .options = options,
  .run = run,
};
