/* text.h: bytes of any origin (file names, messages of the library) as text that a picture, a page
 * or a terminal can show. */
#ifndef SPEIG_SRC_CLI_TEXT_H
#define SPEIG_SRC_CLI_TEXT_H

#include <stdint.h>
#include <stdio.h>

/* Bytes of the well-formed UTF-8 sequence at text, 0 when there is none (Unicode 15, table 3-7). */
int utf8_length(const char *text);
/* The next character; *text moves behind it. Bytes that are not UTF-8, control characters and
 * what XML does not allow become U+FFFD. 0 at the end. */
uint32_t utf8_next(const char **text);
void utf8_put(FILE *out, uint32_t character);
/* Characters, each of which counts as one column. */
int utf8_columns(const char *text);

/* For XML and HTML, between tags as well as in a quoted attribute. */
void xml_put(FILE *out, const char *text);
/* A word as a POSIX shell reads it back: bare where that is safe, else quoted. */
void shell_put(FILE *out, const char *word);

/* 1234567 as 1,234,567, rounded; at least 32 bytes. */
void text_thousands(int64_t value, char *text, size_t size);
/* 1.5 GiB, 20 KiB, 12 bytes. */
void text_bytes(double bytes, char *text, size_t size);
/* 3 ms, 2.41 s, 4 min 5 s. */
void text_seconds(double seconds, char *text, size_t size);

#endif
