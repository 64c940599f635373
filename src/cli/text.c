/* text.c: UTF-8, and what XML and the shell want escaped. */
#include "text.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

enum { REPLACEMENT = 0xFFFD };

int utf8_length(const char *start)
{
  const unsigned char *text = (const unsigned char *)start;
  unsigned char first = text[0];
  int length = first < 0x80   ? 1
               : first < 0xC2 ? 0
               : first < 0xE0 ? 2
               : first < 0xF0 ? 3
               : first < 0xF5 ? 4
                              : 0;
  for (int i = 1; i < length; ++i) {
    unsigned char low = i > 1 ? 0x80 : first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
    unsigned char high = i > 1 ? 0xBF : first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
    if (text[i] < low || text[i] > high)
      return 0;
  }
  return length;
}

uint32_t utf8_next(const char **text)
{
  static const unsigned char masks[] = { 0, 0x7F, 0x1F, 0x0F, 0x07 };
  const unsigned char *at = (const unsigned char *)*text;
  if (!*at)
    return 0;
  int length = utf8_length(*text);
  *text += length > 0 ? length : 1;
  if (length == 0)
    return REPLACEMENT;
  uint32_t character = at[0] & masks[length];
  for (int i = 1; i < length; ++i)
    character = character << 6 | (at[i] & 0x3Fu);
  int is_control = character < 0x20 || (character >= 0x7F && character < 0xA0);
  return is_control || (character & 0xFFFE) == 0xFFFE ? REPLACEMENT : character;
}

void utf8_put(FILE *out, uint32_t c)
{
  if (c < 0x80) {
    fputc((int)c, out);
  } else if (c < 0x800) {
    fputc((int)(0xC0 | c >> 6), out);
    fputc((int)(0x80 | (c & 0x3F)), out);
  } else {
    if (c < 0x10000) {
      fputc((int)(0xE0 | c >> 12), out);
    } else {
      fputc((int)(0xF0 | c >> 18), out);
      fputc((int)(0x80 | (c >> 12 & 0x3F)), out);
    }
    fputc((int)(0x80 | (c >> 6 & 0x3F)), out);
    fputc((int)(0x80 | (c & 0x3F)), out);
  }
}

int utf8_columns(const char *text)
{
  int count = 0;
  while (utf8_next(&text))
    ++count;
  return count;
}

void xml_put(FILE *out, const char *text)
{
  uint32_t c;
  while ((c = utf8_next(&text)) != 0)
    if (c == '&')
      fputs("&amp;", out);
    else if (c == '<')
      fputs("&lt;", out);
    else if (c == '>')
      fputs("&gt;", out);
    else if (c == '"')
      fputs("&quot;", out);
    else
      utf8_put(out, c);
}

void shell_put(FILE *out, const char *word)
{
  static const char safe[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                             "_-+=./,:@%";
  if (*word && strspn(word, safe) == strlen(word)) {
    fputs(word, out);
    return;
  }
  fputc('\'', out);
  for (; *word; ++word)
    if (*word == '\'')
      fputs("'\\''", out);
    else
      fputc(*word, out);
  fputc('\'', out);
}

void text_thousands(int64_t value, char *text, size_t size)
{
  char digits[24];
  size_t used = 0;
  int count = snprintf(digits, sizeof digits, "%" PRId64, value);
  for (int i = 0; i < count && used + 2 < size; ++i) {
    text[used++] = digits[i];
    if ((count - i) % 3 == 1 && i + 1 < count && digits[i] != '-')
      text[used++] = ',';
  }
  text[used] = '\0';
}

void text_bytes(double bytes, char *text, size_t size)
{
  static const char *const units[] = { "bytes", "KiB", "MiB", "GiB", "TiB" };
  int unit = 0;
  for (; unit < 4 && bytes >= 1023.5; ++unit)
    bytes /= 1024;
  (void)snprintf(text, size, unit == 0 || bytes >= 99.95 ? "%.0f %s" : "%.1f %s", bytes,
                 units[unit]);
}

void text_seconds(double seconds, char *text, size_t size)
{
  if (seconds < 0.9995)
    (void)snprintf(text, size, seconds < 0.00995 ? "%.1f ms" : "%.0f ms", 1e3 * seconds);
  else if (seconds < 59.95)
    (void)snprintf(text, size, "%.3g s", seconds);
  else if (seconds < 3599.5)
    (void)snprintf(text, size, "%.0f min %.0f s", floor((seconds + 0.5) / 60),
                   floor(fmod(seconds + 0.5, 60)));
  else
    (void)snprintf(text, size, "%.0f h %.0f min", floor((seconds + 30) / 3600),
                   floor(fmod(seconds + 30, 3600) / 60));
}
