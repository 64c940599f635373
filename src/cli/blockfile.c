/* blockfile.c: which format a file of vectors or values is in, and conversion between types. */
#include "blockfile.h"
#include "cli.h"
#include "files.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

int has_ending(const char *name, const char *ending)
{
  size_t length = strlen(name), tail = strlen(ending);
  return length >= tail && strcmp(name + length - tail, ending) == 0;
}

/* ---- text: one number per line, or real and imaginary part; lines that are empty or start with #
 * or % are left out ---- */

/* *found: numbers on the line. */
static int parse_line(const char *path, int64_t line, const char *text, double *value, int *found)
{
  char *end = NULL;
  text += strspn(text, " \t\r\n");
  *found = *text && *text != '#' && *text != '%';
  value[1] = 0;
  if (!*found)
    return CLI_OK;
  value[0] = strtod(text, &end);
  if (end > text && strchr(" \t", *end) && end[strspn(end, " \t\r\n")]) {
    const char *second = end;
    value[1] = strtod(second, &end);
    *found = 2;
    if (end == second)
      *found = 0;
  }
  if (end == text || *found == 0 || end[strspn(end, " \t\r\n")])
    return say_error(CLI_INPUT,
                     "%s, line %" PRId64
                     ": found '%.*s', needed one number per line, or real and imaginary part",
                     path, line, (int)strcspn(text, "\r\n"), text);
  return CLI_OK;
}

static int text_read(const char *path, FILE *in, speig_block *out)
{
  int code = CLI_OK, found = 0, is_complex = 0;
  int64_t count = 0, capacity = 0, line = 0;
  double *values = NULL; /* two per number */
  char *text = NULL; /* a line of any length */
  size_t room = 0;
  ssize_t length;
  while ((length = getline(&text, &room, in)) >= 0) {
    double value[2] = { 0, 0 };
    ++line;
    if (strlen(text) != (size_t)length)
      CLI_FAIL(CLI_INPUT, "%s, line %" PRId64 ": a byte of value 0, needed text", path, line);
    CLI_TRY(parse_line(path, line, text, value, &found));
    if (!found)
      continue;
    is_complex |= found == 2;
    if (count == capacity) {
      capacity = 2 * capacity + 64;
      double *larger = realloc(values, 2 * (size_t)capacity * sizeof *values);
      if (!larger)
        CLI_FAIL(CLI_MEMORY, "out of memory: %" PRId64 " values of %s", capacity, path);
      values = larger;
    }
    memcpy(values + 2 * count++, value, sizeof value);
  }
  if (ferror(in))
    CLI_FAIL(CLI_INPUT, "cannot read %s: %s", path, strerror(errno));
  CLI_TRY(say_status(speig_block_alloc(is_complex ? SPEIG_Z : SPEIG_D, count, 1, out)));
  for (int64_t i = 0; i < count; ++i)
    memcpy((double *)out->data + (is_complex ? 2 : 1) * i, values + 2 * i,
           (is_complex ? 2 : 1) * sizeof *values);
done:
  free(text);
  free(values);
  return code;
}

/* ---- which of the formats ---- */

typedef enum block_format { BLOCK_TEXT = 0, BLOCK_MATRIX_MARKET, BLOCK_NPY } block_format;

enum { SNIFF = 6 }; /* bytes that tell the format */

static block_format format_of(const char *start, size_t length)
{
  if (length >= 6 && memcmp(start, "\x93NUMPY", 6) == 0)
    return BLOCK_NPY;
  if (length >= 2 && (memcmp(start, "\x1f\x8b", 2) == 0 || memcmp(start, "%%", 2) == 0))
    return BLOCK_MATRIX_MARKET; /* plain or gzip */
  return BLOCK_TEXT;
}

/* A sparse d or z matrix as a block, which may be much larger: a few bytes must not ask for all of
 * the memory (speig_mm_read_dense draws the same line). */
static int expand(const char *path, const speig_matrix *A, speig_block *out)
{
  const int64_t free_of_charge = 1 << 24, per_entry = 64;
  const speig_matrix_info info = speig_matrix_get_info(A);
  const size_t size = speig_dtype_size(info.dtype);
  const int64_t *rowptr = NULL;
  const int32_t *colind = NULL;
  const void *values = NULL;
  const int64_t numbers = info.rows * info.cols; /* below 2^62 */
  if (numbers > free_of_charge && numbers / per_entry > info.nnz)
    return say_error(CLI_MEMORY,
                     "%s: a dense block of %" PRId64 " x %" PRId64 " for %" PRId64 " entries", path,
                     info.rows, info.cols, info.nnz);
  int code = say_status(speig_block_alloc(info.dtype, info.rows, info.cols, out));
  if (code != CLI_OK)
    return code;
  speig_matrix_arrays(A, &rowptr, &colind, &values);
  for (int64_t i = 0; i < info.rows; ++i)
    for (int64_t at = rowptr[i]; at < rowptr[i + 1]; ++at)
      memcpy((char *)out->data + (size_t)(i + colind[at] * out->ld) * size,
             (const char *)values + (size_t)at * size, size);
  return CLI_OK;
}

int block_read_memory(const char *path, const char *text, size_t size, speig_block *out)
{
  FILE *in = NULL;
  speig_matrix *A = NULL;
  int code = CLI_OK;
  *out = (speig_block){ 0 };
  block_format format = format_of(text, size);
  if (format == BLOCK_MATRIX_MARKET) {
    CLI_TRY(say_status(speig_mm_read_memory(path, text, size, 0, NULL, &A)));
    CLI_TRY(expand(path, A, out));
    goto done;
  }
  in = fmemopen((void *)text, size > 0 ? size : 1, "rb");
  if (!in)
    CLI_FAIL(CLI_MEMORY, "cannot read %s from memory: %s", path, strerror(errno));
  code = format == BLOCK_NPY ? npy_read(path, in, out) : text_read(path, in, out);
done:
  speig_matrix_destroy(&A);
  if (in)
    fclose(in);
  return code;
}

/* Standard input and pipes: sniffing would lose what it read, so all of it goes to memory. */
static int read_pipe(const char *path, speig_block *out)
{
  char *text = NULL;
  size_t size = 0;
  int code = file_read_all(path, &text, &size);
  if (code == CLI_OK)
    code = block_read_memory(path, text, size, out);
  free(text);
  return code;
}

int block_read(const char *path, speig_block *out)
{
  int code = CLI_OK;
  char start[SNIFF];
  *out = (speig_block){ 0 };
  if (!file_is_regular(path))
    return read_pipe(path, out);
  FILE *in = fopen(path, "rb");
  if (!in)
    return say_error(CLI_INPUT, "cannot read %s: %s", path, strerror(errno));
  block_format format = format_of(start, fread(start, 1, sizeof start, in));
  rewind(in);
  if (format == BLOCK_NPY)
    code = npy_read(path, in, out);
  else if (format == BLOCK_TEXT)
    code = text_read(path, in, out);
  fclose(in);
  return format == BLOCK_MATRIX_MARKET ? say_status(speig_mm_read_dense(path, NULL, out)) : code;
}

/* One real number of a block seen as an array of float or double. */
static double real_at(const void *data, int is_single, int64_t index)
{
  return is_single ? (double)((const float *)data)[index] : ((const double *)data)[index];
}

static void set_real(void *data, int is_single, int64_t index, double value)
{
  if (is_single)
    ((float *)data)[index] = (float)value;
  else
    ((double *)data)[index] = value;
}

int block_convert(const speig_block *X, speig_dtype dtype, const char *path, speig_block *out)
{
  const int from_single = X->dtype == SPEIG_S || X->dtype == SPEIG_C;
  const int to_single = dtype == SPEIG_S || dtype == SPEIG_C;
  const int from_parts = X->dtype >= SPEIG_C ? 2 : 1, to_parts = dtype >= SPEIG_C ? 2 : 1;
  int code = say_status(speig_block_alloc(dtype, X->rows, X->cols, out));
  if (code != CLI_OK)
    return code;
  /* Of no rows there may be any number of columns. */
  for (int64_t j = 0; X->rows > 0 && j < X->cols; ++j)
    for (int64_t i = 0; i < X->rows; ++i) {
      int64_t from = (i + j * X->ld) * from_parts, to = (i + j * out->ld) * to_parts;
      double imaginary = from_parts == 2 ? real_at(X->data, from_single, from + 1) : 0;
      set_real(out->data, to_single, to, real_at(X->data, from_single, from));
      if (to_parts == 2) {
        set_real(out->data, to_single, to + 1, imaginary);
      } else if (imaginary != 0) {
        speig_block_free(out);
        return say_error(CLI_USAGE,
                         "%s: entry (%" PRId64 ", %" PRId64
                         ") has imaginary part %.3g, but real numbers are needed",
                         path, i + 1, j + 1, imaginary);
      }
    }
  return CLI_OK;
}

int block_read_as(const char *path, speig_dtype dtype, speig_block *out)
{
  speig_block found = { 0 };
  int code = block_read(path, &found);
  if (code == CLI_OK && found.dtype == dtype) {
    *out = found;
    return CLI_OK;
  }
  if (code == CLI_OK)
    code = block_convert(&found, dtype, path, out);
  speig_block_free(&found);
  return code;
}

int block_write(const char *path, const speig_block *X)
{
  if (has_ending(path, ".npy"))
    return npy_write(path, X);
  speig_mm_write_opts opts = SPEIG_MM_WRITE_OPTS_INIT;
  opts.array = 1;
  opts.gzip = has_ending(path, ".gz");
  return say_write_status(speig_mm_write_dense(path, X, &opts));
}
