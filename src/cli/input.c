/* input.c: reads a matrix and finds out whether it is Hermitian. */
#include "input.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A matrix that its writer computed to be symmetric differs from its transpose by rounding. */
static const double rounding_defect = 1e-12;

int is_complex_type(speig_dtype dtype)
{
  return dtype == SPEIG_C || dtype == SPEIG_Z;
}

int is_single_type(speig_dtype dtype)
{
  return dtype == SPEIG_S || dtype == SPEIG_C;
}

speig_dtype dtype_of(int is_complex, int is_single)
{
  return is_complex ? (is_single ? SPEIG_C : SPEIG_Z) : (is_single ? SPEIG_S : SPEIG_D);
}

speig_dtype input_common_type(const cli_matrix *A, const cli_matrix *other)
{
  int is_complex = is_complex_type(A->info.dtype) ||
                   (other && other->matrix && is_complex_type(other->info.dtype));
  return dtype_of(is_complex, 0);
}

const char *field_name(speig_mm_field field)
{
  static const char *const names[] = { "real", "integer", "complex", "pattern" };
  return names[field];
}

const char *symmetry_name(speig_symmetry symmetry)
{
  static const char *const names[] = { "general", "symmetric", "skew-symmetric", "hermitian" };
  return names[symmetry];
}

int input_read(const char *path, int threads, cli_matrix *out)
{
  *out = (cli_matrix){ .path = path };
  int code = say_status(speig_mm_read(path, threads, &out->header, &out->matrix));
  if (code == CLI_OK)
    out->info = speig_matrix_get_info(out->matrix);
  return code;
}

void input_free(cli_matrix *A)
{
  speig_matrix_destroy(&A->matrix);
}

static void replace_matrix(cli_matrix *A, speig_matrix *replacement)
{
  speig_matrix_destroy(&A->matrix);
  A->matrix = replacement;
  A->info = speig_matrix_get_info(replacement);
}

int input_convert(cli_matrix *A, speig_dtype dtype)
{
  speig_matrix *converted = NULL;
  if (A->info.dtype == dtype)
    return CLI_OK;
  int code = say_status(speig_matrix_convert(A->matrix, dtype, &converted));
  if (code == CLI_OK)
    replace_matrix(A, converted);
  return code;
}

/* ---- Hermitian or not ---- */

/* Entries of A and of A^H, each halved, in one list: duplicates add up. */
static speig_status hermitian_part(const speig_matrix *A, speig_matrix **out)
{
  speig_matrix *halves[2] = { NULL, NULL };
  speig_coo *lists[2] = { NULL, NULL }, *both = NULL;
  const speig_matrix_info info = speig_matrix_get_info(A);
  const size_t size = speig_dtype_size(info.dtype);
  const size_t count = (size_t)info.nnz;
  int32_t *rows = calloc(2 * count + 1, sizeof *rows);
  int32_t *cols = calloc(2 * count + 1, sizeof *cols);
  char *values = calloc(2 * count + 1, size);
  speig_status st = rows && cols && values ? SPEIG_OK : SPEIG_ERR_MEMORY;
  if (st == SPEIG_OK)
    st = speig_matrix_scaled(A, 0.5, &halves[0]);
  if (st == SPEIG_OK)
    st = speig_matrix_transpose(halves[0], 1, &halves[1]);
  for (size_t part = 0; part < 2 && st == SPEIG_OK; ++part) {
    const int32_t *part_rows, *part_cols;
    const void *part_values;
    st = speig_coo_from_matrix(halves[part], &lists[part]);
    if (st != SPEIG_OK)
      break;
    speig_coo_arrays(lists[part], &part_rows, &part_cols, &part_values);
    memcpy(rows + part * count, part_rows, count * sizeof *rows);
    memcpy(cols + part * count, part_cols, count * sizeof *cols);
    memcpy(values + part * count * size, part_values, count * size);
  }
  if (st == SPEIG_OK)
    st = speig_coo_create(info.dtype, info.rows, info.cols, 2 * info.nnz, rows, cols, values,
                          SPEIG_GENERAL, SPEIG_BORROW, &both);
  if (st == SPEIG_OK)
    st = speig_matrix_from_coo(both, out);
  speig_coo_destroy(&both);
  for (int part = 0; part < 2; ++part) {
    speig_coo_destroy(&lists[part]);
    speig_matrix_destroy(&halves[part]);
  }
  free(rows);
  free(cols);
  free(values);
  return st;
}

int input_classify(cli_matrix *A, int use_part, int general, int *is_hermitian)
{
  double defect = 0;
  const int declared = A->info.declared == SPEIG_HERMITIAN ||
                       (A->info.declared == SPEIG_SYMMETRIC && !is_complex_type(A->info.dtype));
  *is_hermitian = !general;
  if (A->info.rows != A->info.cols)
    return say_error(CLI_USAGE, "%s is %" PRId64 " x %" PRId64 "; eigenvalues need a square matrix",
                     A->path, A->info.rows, A->info.cols);
  if (declared || general)
    return CLI_OK;
  int code = say_status(speig_matrix_hermitian_defect(A->matrix, &defect));
  if (code != CLI_OK || defect == 0)
    return code;
  if (defect <= rounding_defect) {
    say_note("%s is Hermitian up to rounding (largest |a_ij - conj(a_ji)| is %.1e of the largest "
             "entry) and is taken as such",
             A->path, defect);
    return CLI_OK;
  }
  if (use_part) {
    speig_matrix *part = NULL;
    code = say_status(hermitian_part(A->matrix, &part));
    if (code != CLI_OK)
      return code;
    replace_matrix(A, part);
    say_note("%s is not Hermitian (largest |a_ij - conj(a_ji)| is %.1e of the largest entry); "
             "--hermitian: its Hermitian part (A + A^H) / 2 is used",
             A->path, defect);
    return CLI_OK;
  }
  *is_hermitian = 0;
  say_detail("%s is not Hermitian: the largest |a_ij - conj(a_ji)| is %.1e of the largest entry; a "
             "general problem",
             A->path, defect);
  return CLI_OK;
}

void input_json(json_writer *w, const char *key, const cli_matrix *A)
{
  json_open(w, key);
  json_text(w, "file", A->path);
  json_int(w, "rows", A->info.rows);
  json_int(w, "cols", A->info.cols);
  json_int(w, "nnz", A->info.nnz);
  json_text(w, "field", field_name(A->header.field));
  json_text(w, "symmetry", symmetry_name(A->header.symmetry));
  json_close(w);
}
