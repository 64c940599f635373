/* blockfile.c: which format a file of vectors or values is in, and conversion between types. */
#include "blockfile.h"
#include "cli.h"

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

/* ---- text: one number per line; lines that are empty or start with # or % are left out --------
 */

static int parse_line(const char *path, int64_t line, const char *text, double *value, int *found)
{
  char *end = NULL;
  text += strspn(text, " \t\r\n");
  *found = *text && *text != '#' && *text != '%';
  if (!*found)
    return CLI_OK;
  *value = strtod(text, &end);
  if (end == text || end[strspn(end, " \t\r\n")])
    return say_error(CLI_INPUT, "%s, line %" PRId64 ": found '%.*s', needed one number per line",
                     path, line, (int)strcspn(text, "\r\n"), text);
  return CLI_OK;
}

static int text_read(const char *path, speig_block *out)
{
  int code = CLI_OK, found = 0;
  int64_t count = 0, capacity = 0, line = 0;
  double *values = NULL;
  char text[512];
  FILE *in = fopen(path, "r");
  if (!in)
    CLI_FAIL(CLI_INPUT, "cannot read %s: %s", path, strerror(errno));
  while (fgets(text, sizeof text, in)) {
    double value = 0;
    CLI_TRY(parse_line(path, ++line, text, &value, &found));
    if (!found)
      continue;
    if (count == capacity) {
      capacity = 2 * capacity + 64;
      double *larger = realloc(values, (size_t)capacity * sizeof *values);
      if (!larger)
        CLI_FAIL(CLI_MEMORY, "out of memory: %" PRId64 " values of %s", capacity, path);
      values = larger;
    }
    values[count++] = value;
  }
  if (ferror(in))
    CLI_FAIL(CLI_INPUT, "cannot read %s: %s", path, strerror(errno));
  CLI_TRY(say_status(speig_block_alloc(SPEIG_D, count, 1, out)));
  if (count > 0)
    memcpy(out->data, values, (size_t)count * sizeof *values);
done:
  free(values);
  if (in)
    fclose(in);
  return code;
}

/* ---- which of the formats ----------------------------------------------------------------------
 */

int block_read(const char *path, speig_block *out)
{
  int code = CLI_OK;
  char start[14] = "";
  *out = (speig_block){ 0 };
  if (strcmp(path, "-") == 0)
    return say_status(speig_mm_read_dense(path, NULL, out));
  FILE *in = fopen(path, "rb");
  if (!in)
    return say_error(CLI_INPUT, "cannot read %s: %s", path, strerror(errno));
  size_t length = fread(start, 1, sizeof start, in);
  if (ferror(in))
    code = say_error(CLI_INPUT, "cannot read %s: %s", path, strerror(errno));
  fclose(in);
  if (code != CLI_OK)
    return code;
  if (length >= 6 && memcmp(start, "\x93NUMPY", 6) == 0)
    return npy_read(path, out);
  int is_gzip = length >= 2 && memcmp(start, "\x1f\x8b", 2) == 0;
  if (is_gzip || (length >= 2 && memcmp(start, "%%", 2) == 0))
    return say_status(speig_mm_read_dense(path, NULL, out));
  return text_read(path, out);
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
  for (int64_t j = 0; j < X->cols; ++j)
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
