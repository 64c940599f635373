/* npy.c: NumPy's .npy format, version 1.0, for one- and two-dimensional arrays of f4, f8, c8, c16.
 * NEP 1 (numpy.org/neps/nep-0001-npy-format.html). Files are written in Fortran order.          */
#include "blockfile.h"
#include "cli.h"
#include "files.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const char magic[] = "\x93NUMPY";
static const char *const descriptions[] = { "f4", "f8", "c8", "c16" };

static char byte_order(void)
{
  const uint16_t probe = 1;
  return *(const unsigned char *)&probe ? '<' : '>';
}

int npy_write(const char *path, const speig_block *X)
{
  int code = CLI_OK;
  char header[128];
  FILE *out = NULL;
  CLI_TRY(output_open(path, &out));
  /* Magic, version, length and text together fill a multiple of 64 bytes; the text ends with a
   * line feed. */
  const int text_size = 128 - 10;
  memset(header, ' ', sizeof header);
  memcpy(header, magic, 6);
  header[6] = 1;
  header[7] = 0;
  header[8] = (char)text_size;
  header[9] = 0;
  int used =
      snprintf(header + 10, (size_t)text_size,
               "{'descr': '%c%s', 'fortran_order': True, 'shape': (%" PRId64 ", %" PRId64 "), }",
               byte_order(), descriptions[X->dtype], X->rows, X->cols);
  header[10 + used] = ' ';
  header[127] = '\n';
  size_t size = speig_dtype_size(X->dtype);
  int complete = fwrite(header, 1, sizeof header, out) == sizeof header;
  for (int64_t j = 0; complete && j < X->cols; ++j)
    complete = fwrite((const char *)X->data + (size_t)(j * X->ld) * size, size, (size_t)X->rows,
                      out) == (size_t)X->rows;
  code = output_close(path, out);
done:
  return code;
}

/* ---- reading ---- */

typedef struct npy_header {
  speig_dtype dtype;
  int fortran;
  int64_t rows, cols;
} npy_header;

/* The text after 'key': in the header dictionary, or NULL. */
static const char *value_of(const char *text, const char *key)
{
  const char *found = strstr(text, key);
  if (!found)
    return NULL;
  found += strlen(key);
  return found + strspn(found, " :");
}

static int parse_header(const char *path, const char *text, npy_header *header)
{
  const char *descr = value_of(text, "'descr'"), *order = value_of(text, "'fortran_order'"),
             *shape = value_of(text, "'shape'");
  if (!descr || !order || !shape || *shape != '(')
    return say_error(CLI_INPUT, "%s: the .npy header lacks descr, fortran_order or shape", path);
  int type = 0;
  while (type < 4 && !(descr[0] == '\'' && descr[1] == byte_order() &&
                       strncmp(descr + 2, descriptions[type], strlen(descriptions[type])) == 0 &&
                       descr[2 + strlen(descriptions[type])] == '\''))
    ++type;
  if (type == 4)
    return say_error(CLI_INPUT,
                     "%s: array of type %.*s, needed f4, f8, c8 or c16 in the byte order "
                     "of this machine (%c)",
                     path, (int)strcspn(descr, ","), descr, byte_order());
  header->dtype = (speig_dtype)type;
  header->fortran = strncmp(order, "True", 4) == 0;
  char *end = NULL;
  header->rows = strtoll(shape + 1, &end, 10);
  header->cols = 1;
  if (end == shape + 1 || *end != ',')
    return say_error(CLI_INPUT, "%s: an array of one or two dimensions needed, found shape %.*s",
                     path, (int)strcspn(shape, ")") + 1, shape);
  const char *second = end + 1 + strspn(end + 1, " ");
  if (*second != ')') {
    header->cols = strtoll(second, &end, 10);
    end += strspn(end, ", ");
  }
  if (header->rows < 0 || header->cols < 0 || (*second != ')' && *end != ')'))
    return say_error(CLI_INPUT, "%s: an array of one or two dimensions needed, found shape %.*s",
                     path, (int)strcspn(shape, ")") + 1, shape);
  return CLI_OK;
}

static int read_header(const char *path, FILE *in, npy_header *header)
{
  unsigned char fixed[10];
  char text[65536];
  if (fread(fixed, 1, 10, in) != 10 || memcmp(fixed, magic, 6) != 0)
    return say_error(CLI_INPUT, "%s: not an .npy file", path);
  if (fixed[6] != 1)
    return say_error(CLI_INPUT, "%s: .npy version %d, needed 1", path, fixed[6]);
  size_t length = fixed[8] + (size_t)256 * fixed[9];
  if (fread(text, 1, length, in) != length)
    return say_error(CLI_INPUT, "%s: the .npy header is cut short", path);
  text[length < sizeof text ? length : sizeof text - 1] = '\0';
  return parse_header(path, text, header);
}

/* Bytes that follow in the file: an allocation is never larger than the file justifies. */
static int check_length(const char *path, FILE *in, const npy_header *header, size_t size)
{
  long start = ftell(in);
  if (start < 0 || fseek(in, 0, SEEK_END) != 0)
    return say_error(CLI_INPUT, "%s: cannot seek: %s", path, strerror(errno));
  uint64_t found = (uint64_t)(ftell(in) - start);
  if (fseek(in, start, SEEK_SET) != 0)
    return say_error(CLI_INPUT, "%s: cannot seek: %s", path, strerror(errno));
  double needed = (double)header->rows * (double)header->cols * (double)size;
  if (needed > 0x1p62 || (uint64_t)needed != found)
    return say_error(CLI_INPUT,
                     "%s: %" PRIu64 " bytes of numbers, needed %.0f for %" PRId64 " x %" PRId64,
                     path, found, needed, header->rows, header->cols);
  return CLI_OK;
}

int npy_read(const char *path, FILE *in, speig_block *out)
{
  int code = CLI_OK;
  npy_header header = { 0 };
  char *row = NULL;
  *out = (speig_block){ 0 };
  CLI_TRY(read_header(path, in, &header));
  const size_t size = speig_dtype_size(header.dtype);
  CLI_TRY(check_length(path, in, &header, size));
  CLI_TRY(say_status(speig_block_alloc(header.dtype, header.rows, header.cols, out)));
  const size_t count = (size_t)header.rows * (size_t)header.cols;
  if (count == 0) /* rows without columns may be many */
    goto done;
  if (header.fortran || header.cols == 1) {
    if (fread(out->data, size, count, in) != count)
      CLI_FAIL(CLI_INPUT, "%s: cut short", path);
    goto done;
  }
  CLI_TRY(cli_alloc(header.cols, size, "row of an .npy file", (void **)&row));
  for (int64_t i = 0; i < header.rows; ++i) {
    if (fread(row, size, (size_t)header.cols, in) != (size_t)header.cols)
      CLI_FAIL(CLI_INPUT, "%s: cut short", path);
    for (int64_t j = 0; j < header.cols; ++j)
      memcpy((char *)out->data + (size_t)(i + j * out->ld) * size, row + (size_t)j * size, size);
  }
done:
  if (code != CLI_OK)
    speig_block_free(out);
  free(row);
  return code;
}
