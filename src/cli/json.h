/* json.h: writes one JSON object (RFC 8259) as it goes along. */
#ifndef SPEIG_SRC_CLI_JSON_H
#define SPEIG_SRC_CLI_JSON_H

#include <stdint.h>
#include <stdio.h>

typedef struct json_writer {
  FILE *out;
  int is_line; /* all of it on one line */
  int depth;
  int count[8]; /* members written so far at each depth */
} json_writer;

/* key NULL: a member of an array, or the outermost object. */
void json_open(json_writer *w, const char *key);
void json_close(json_writer *w);
void json_text(json_writer *w, const char *key, const char *value); /* value NULL: null */
void json_int(json_writer *w, const char *key, int64_t value);
void json_uint(json_writer *w, const char *key, uint64_t value);
void json_bool(json_writer *w, const char *key, int value);
/* 17 significant digits; NaN and infinities become null. */
void json_real(json_writer *w, const char *key, double value);
void json_reals(json_writer *w, const char *key, int64_t count, const double *values);
/* values[2 count]: an array of [re, im]. */
void json_complexes(json_writer *w, const char *key, int64_t count, const double *values);
/* An array of texts: json_text with key NULL for each, then the end. */
void json_open_list(json_writer *w, const char *key);
void json_close_list(json_writer *w);
void json_null(json_writer *w, const char *key);

#endif
