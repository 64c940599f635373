/* convert.c: reads a matrix and writes it in another storage, precision or orientation. */
#include "blockfile.h"
#include "input.h"

#include <stddef.h>

typedef struct convert_args {
  const char *output;
  int precision, storage_general, storage_symmetric, transpose, array, gzip;
  int64_t threads;
} convert_args;

static const char *const precisions[] = { "keep", "s", "d", NULL };

static const cli_option options[] = {
  { OPTION_FILE, 'o', "output", "FILE", offsetof(convert_args, output), "-", NULL, NULL, 0, 0,
    "file to write; - is standard output; a name ending in .gz is compressed" },
  { OPTION_CHOICE, 0, "precision", "P", offsetof(convert_args, precision), "keep", NULL, precisions,
    0, 0, "round the values to single (s) or write them as double (d)" },
  { OPTION_FLAG, 0, "symmetric", NULL, offsetof(convert_args, storage_symmetric), NULL, NULL, NULL,
    0, 0,
    "store one triangle: as symmetric, hermitian or skew-symmetric, whichever the values are, "
    "exactly; refused when they are none" },
  { OPTION_FLAG, 0, "general", NULL, offsetof(convert_args, storage_general), NULL, NULL, NULL, 0,
    0, "store all entries" },
  { OPTION_FLAG, 0, "transpose", NULL, offsetof(convert_args, transpose), NULL, NULL, NULL, 0, 0,
    "write the transpose (not conjugated)" },
  { OPTION_FLAG, 0, "array", NULL, offsetof(convert_args, array), NULL, NULL, NULL, 0, 0,
    "write the dense array format" },
  { OPTION_FLAG, 0, "gzip", NULL, offsetof(convert_args, gzip), NULL, NULL, NULL, 0, 0,
    "compress, whatever the name" },
  { OPTION_INT, 0, "threads", "N", offsetof(convert_args, threads), NULL, NULL, NULL, 1, 1024,
    "threads to use (default: all cores)" },
  { 0 },
};

/* The triangle that the values allow. */
static int choose_triangle(const cli_matrix *A, speig_symmetry *symmetry)
{
  speig_matrix_stats stats;
  int code = say_status(speig_matrix_get_stats(A->matrix, &stats));
  if (code != CLI_OK)
    return code;
  if (A->info.rows == A->info.cols && stats.symmetric_defect == 0)
    *symmetry = SPEIG_SYMMETRIC;
  else if (stats.hermitian_defect == 0)
    *symmetry = SPEIG_HERMITIAN;
  else if (A->info.rows == A->info.cols && stats.skew_defect == 0)
    *symmetry = SPEIG_SKEW_SYMMETRIC;
  else
    return say_error(CLI_USAGE,
                     "%s cannot be stored as one triangle: the largest |a_ij - a_ji| is %.3g, "
                     "|a_ij - conj(a_ji)| %.3g, |a_ij + a_ji| %.3g; one of them must be 0",
                     A->path, stats.symmetric_defect, stats.hermitian_defect, stats.skew_defect);
  return CLI_OK;
}

/* A pattern stays one as long as all values are 1: duplicates in the file have added up. */
static speig_mm_field choose_field(const cli_matrix *A)
{
  const int64_t *rowptr = NULL;
  const void *values = NULL;
  if (A->header.field != SPEIG_MM_PATTERN || A->info.dtype != SPEIG_D)
    return A->header.field == SPEIG_MM_INTEGER && A->info.dtype == SPEIG_D ? SPEIG_MM_INTEGER
                                                                           : SPEIG_MM_REAL;
  speig_matrix_arrays(A->matrix, &rowptr, NULL, &values);
  for (int64_t at = 0; at < A->info.nnz; ++at)
    if (((const double *)values)[at] != 1)
      return SPEIG_MM_INTEGER;
  return SPEIG_MM_PATTERN;
}

static int transpose(cli_matrix *A)
{
  speig_matrix *turned = NULL;
  int code = say_status(speig_matrix_transpose(A->matrix, 0, &turned));
  if (code != CLI_OK)
    return code;
  speig_matrix_destroy(&A->matrix);
  A->matrix = turned;
  A->info = speig_matrix_get_info(turned);
  return CLI_OK;
}

static int run(int argc, char **argv)
{
  convert_args args = { 0 };
  cli_matrix A = { 0 };
  speig_mm_write_opts write = SPEIG_MM_WRITE_OPTS_INIT;
  int code = options_parse(&verb_convert, &argc, argv, &args);
  if (code != OPTIONS_GO)
    return code;
  code = CLI_OK;
  if (args.storage_general && args.storage_symmetric)
    CLI_FAIL(CLI_USAGE, "--general and --symmetric exclude each other");
  CLI_TRY(input_read(argv[0], (int)args.threads, &A));
  write.symmetry = args.storage_general ? SPEIG_GENERAL : A.header.symmetry;
  write.field = choose_field(&A);
  write.array = args.array;
  write.gzip = args.gzip || has_ending(args.output, ".gz");
  if (write.array && write.field == SPEIG_MM_PATTERN)
    write.field = SPEIG_MM_INTEGER; /* there is no pattern in array format */
  if (args.transpose)
    CLI_TRY(transpose(&A));
  if (args.precision > 0) {
    CLI_TRY(input_convert(&A, dtype_of(is_complex_type(A.info.dtype), args.precision == 1)));
    if (args.precision == 1)
      write.field = SPEIG_MM_REAL;
  }
  if (args.storage_symmetric)
    CLI_TRY(choose_triangle(&A, &write.symmetry));
  CLI_TRY(say_write_status(speig_mm_write(args.output, A.matrix, &write)));
done:
  input_free(&A);
  return code;
}

static const char *const examples[] = { "speig convert --symmetric A.mtx -o half.mtx.gz",
                                        "store the lower triangle, compressed",
                                        "speig convert --general - < A.mtx | head",
                                        "expand a symmetric file", NULL };

const cli_verb verb_convert = {
  .name = "convert",
  .operands = "A.mtx",
  .least_operands = 1,
  .most_operands = 1,
  .summary = "Write a matrix in another storage, precision or orientation",
  .details = "Reads a matrix, sorts its entries, adds up duplicates, and writes it as Matrix "
             "Market. Unless told otherwise it keeps the storage and the field of the input. "
             "Numbers are written so that reading them gives the same bits.",
  .examples = examples,
  .options = options,
  .run = run,
};
