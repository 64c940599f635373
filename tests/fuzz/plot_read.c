/* plot_read.c: any bytes as a log (--log) or a result of which a picture is made, drawn as SVG and
 * as characters. The SVG must be whole, valid UTF-8, and each number in it a place that a picture
 * has.
 */
#define _POSIX_C_SOURCE 200809L
#include "target.h"

#include "cli/source.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- what a picture must be ---- */

/* Bytes of the character that begins here; aborts when it is none that XML takes. */
static size_t character(const unsigned char *at)
{
  static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
  const size_t size = at[0] < 0x80 ? 1 : at[0] < 0xe0 ? 2 : at[0] < 0xf0 ? 3 : 4;
  uint32_t code = size == 1 ? at[0] : at[0] & (0x7fu >> size);
  if ((at[0] & 0xc0) == 0x80 || at[0] > 0xf7)
    abort();
  for (size_t i = 1; i < size; ++i) {
    if ((at[i] & 0xc0) != 0x80)
      abort();
    code = code << 6 | (at[i] & 0x3f);
  }
  if (code < least[size] || code > 0x10ffff || (code >= 0xd800 && code < 0xe000) ||
      code == 0xfffe || code == 0xffff || (code < ' ' && code != '\n' && code != '\t'))
    abort();
  return size;
}

/* Neither what no number is, nor one that lies outside every picture. */
static void check_tag(const char *tag, const char *end)
{
  int digits = 0;
  for (const char *at = tag; at < end; ++at) {
    digits = isdigit((unsigned char)*at) ? digits + 1 : 0;
    if (digits > 5 || strncmp(at, "nan", 3) == 0 || strncmp(at, "inf", 3) == 0)
      abort();
  }
}

static void check_svg(const char *text, size_t size)
{
  static const char last[] = "</svg>\n";
  int depth = 0;
  if (size < sizeof last || strcmp(text + size - sizeof last + 1, last) != 0 ||
      strlen(text) != size)
    abort();
  for (const char *at = text; *at; at += character((const unsigned char *)at))
    if (*at == '<') {
      const char *end = strchr(at, '>');
      if (!end || memchr(at + 1, '<', (size_t)(end - at - 1)))
        abort();
      check_tag(at, end);
      depth += at[1] == '/' ? -1 : at[1] == '?' || end[-1] == '/' ? 0 : 1;
      if (depth < 0)
        abort();
    }
  if (depth != 0)
    abort();
}

/* ---- drawing ---- */

static void draw(const chart *picture, int as_svg)
{
  char *text = NULL;
  size_t size = 0;
  FILE *out = open_memstream(&text, &size);
  if (!out)
    abort();
  canvas to = as_svg ? canvas_svg(out, 0) : canvas_screen(out, 60, 1);
  const int code = chart_draw(picture, &to);
  (void)fclose(out);
  if (as_svg && code == CLI_OK)
    check_svg(text, size);
  free(text);
}

static void draw_both(int code, chart *picture)
{
  for (int as_svg = 0; code == CLI_OK && as_svg < 2; ++as_svg)
    draw(picture, as_svg);
  chart_free(picture);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
  plot_source source = { .kind = SOURCE_MATRIX };
  chart picture = { .series_count = 0 };
  char *text = malloc(size + 1);
  if (!text)
    abort();
  memcpy(text, bytes, size);
  text[size] = '\0';
  /* Matrices have a target of their own. */
  if (text[strspn(text, " \t\r\n")] == '{' &&
      source_parse("fuzz", text, size, 1, &source) == CLI_OK) {
    if (source.kind == SOURCE_LOG)
      draw_both(picture_convergence("fuzz", &source.head, &source.history, &picture), &picture);
    picture = (chart){ .series_count = 0 };
    draw_both(picture_spectrum("fuzz", &source.values, &picture), &picture);
  }
  source_free(&source);
  free(text);
  return 0;
}
