/* json.c: a JSON writer: members on lines of their own, or all on one; arrays of numbers on one
 * line. */
#include "json.h"

#include "text.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

/* Bytes that are not UTF-8 (a file name may hold anything) become U+FFFD. */
static void put_string(FILE *out, const char *value)
{
  const char *text = value;
  fputc('"', out);
  while (*text) {
    int length = utf8_length(text);
    if (length == 0)
      fputs("\\ufffd", out);
    else if (*text == '"' || *text == '\\')
      fprintf(out, "\\%c", *text);
    else if ((unsigned char)*text < 0x20)
      fprintf(out, "\\u%04x", (unsigned)*text);
    else
      fwrite(text, 1, (size_t)length, out);
    text += length > 0 ? length : 1;
  }
  fputc('"', out);
}

static void put_real(FILE *out, double value)
{
  if (isfinite(value))
    fprintf(out, "%.17g", value);
  else
    fputs("null", out);
}

static void start_member(json_writer *w, const char *key)
{
  if (w->depth == 0)
    return;
  if (w->is_line)
    fputs(w->count[w->depth]++ ? ", " : "", w->out);
  else
    fprintf(w->out, "%s\n%*s", w->count[w->depth]++ ? "," : "", 2 * w->depth, "");
  if (key) {
    put_string(w->out, key);
    fputs(": ", w->out);
  }
}

static void open_bracket(json_writer *w, const char *key, char bracket)
{
  start_member(w, key);
  fputc(bracket, w->out);
  w->count[++w->depth] = 0;
}

static void close_bracket(json_writer *w, char bracket)
{
  int empty = w->count[w->depth] == 0;
  --w->depth;
  if (empty || w->is_line)
    fputc(bracket, w->out);
  else
    fprintf(w->out, "\n%*s%c", 2 * w->depth, "", bracket);
  if (w->depth == 0)
    fputc('\n', w->out);
}

void json_open(json_writer *w, const char *key)
{
  open_bracket(w, key, '{');
}

void json_close(json_writer *w)
{
  close_bracket(w, '}');
}

void json_open_list(json_writer *w, const char *key)
{
  open_bracket(w, key, '[');
}

void json_close_list(json_writer *w)
{
  close_bracket(w, ']');
}

void json_text(json_writer *w, const char *key, const char *value)
{
  start_member(w, key);
  if (value)
    put_string(w->out, value);
  else
    fputs("null", w->out);
}

void json_int(json_writer *w, const char *key, int64_t value)
{
  start_member(w, key);
  fprintf(w->out, "%" PRId64, value);
}

void json_uint(json_writer *w, const char *key, uint64_t value)
{
  start_member(w, key);
  fprintf(w->out, "%" PRIu64, value);
}

void json_bool(json_writer *w, const char *key, int value)
{
  start_member(w, key);
  fputs(value ? "true" : "false", w->out);
}

void json_real(json_writer *w, const char *key, double value)
{
  start_member(w, key);
  put_real(w->out, value);
}

void json_reals(json_writer *w, const char *key, int64_t count, const double *values)
{
  start_member(w, key);
  fputc('[', w->out);
  for (int64_t i = 0; i < count; ++i) {
    fputs(i ? ", " : "", w->out);
    put_real(w->out, values[i]);
  }
  fputc(']', w->out);
}

void json_complexes(json_writer *w, const char *key, int64_t count, const double *values)
{
  start_member(w, key);
  fputc('[', w->out);
  for (int64_t i = 0; i < count; ++i) {
    fputs(i ? ", [" : "[", w->out);
    put_real(w->out, values[2 * i]);
    fputs(", ", w->out);
    put_real(w->out, values[2 * i + 1]);
    fputc(']', w->out);
  }
  fputc(']', w->out);
}

void json_null(json_writer *w, const char *key)
{
  start_member(w, key);
  fputs("null", w->out);
}
