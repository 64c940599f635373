/* mm_header.c: header, comments and size line of a Matrix Market file. */
#include "base/error.h"
#include "formats/mm_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { TOKEN = 64 };

/* A line without its end, and what names it in messages. */
typedef struct text_line {
  const char *at, *end;
  const char *file;
  int64_t number;
} text_line;

void mm_quote(const char *token, const char *end, char *quote)
{
  enum { SHOWN = 40 };
  size_t n = 0;
  const char *p = token;
  for (; p < end && *p != '\n' && !mm_is_blank(*p) && n < SHOWN; ++p)
    if ((unsigned char)*p > ' ' && (unsigned char)*p < 127)
      quote[n++] = *p;
    else
      n += (size_t)snprintf(quote + n, TOKEN - n, "\\x%02x", (unsigned char)*p);
  snprintf(quote + n, TOKEN - n, "%s", n >= SHOWN ? "..." : "");
}

/* The next word in small letters, "" at the end of the line; long ones are cut. */
static void next_word(text_line *line, char word[TOKEN])
{
  size_t n = 0;
  while (line->at < line->end && mm_is_blank(*line->at))
    ++line->at;
  for (; line->at < line->end && !mm_is_blank(*line->at); ++line->at)
    if (n < TOKEN - 1) {
      char c = *line->at;
      word[n++] = (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    }
  word[n] = '\0';
}

/* The next line of the file; at == NULL at its end. *at is the offset in the window. */
static speig_status next_line(mm_stream *s, size_t *at, text_line *line)
{
  speig_status st = SPEIG_OK;
  const char *end;
  *line = (text_line){ .file = mm_source_name(s->source) };
  if (*at == s->ready) {
    mm_stream_prefetch(s);
    TRY(mm_stream_advance(s));
    *at = 0;
    if (s->ready == 0)
      goto done;
  }
  end = memchr(s->text + *at, '\n', s->ready - *at);
  line->at = s->text + *at;
  line->end = end;
  line->number = ++s->line;
  *at = (size_t)(end - s->text) + 1;
done:
  return st;
}

static speig_status refuse_banner(const text_line *line)
{
  speig_status st = SPEIG_OK;
  static const char lfs[] = "version https://git-lfs";
  char found[TOKEN];
  if ((size_t)(line->end - line->at) >= sizeof lfs - 1 &&
      memcmp(line->at, lfs, sizeof lfs - 1) == 0)
    FAIL(SPEIG_ERR_FORMAT, "%s, line 1: this is a git LFS pointer, not the file it stands for",
         line->file);
  if (line->at == line->end || mm_is_blank(*line->at))
    FAIL(SPEIG_ERR_FORMAT,
         "%s, line 1: starts with a blank, needed '%%%%MatrixMarket' in the first column",
         line->file);
  mm_quote(line->at, line->end, found);
  FAIL(SPEIG_ERR_FORMAT,
       "%s, line 1: starts with '%s', needed '%%%%MatrixMarket' in the first column", line->file,
       found);
done:
  return st;
}

/* The place of word in a NULL-terminated list, or FORMAT with the list. */
static speig_status choose(const text_line *line, const char *what, const char *word,
                           const char *const *list, int *out)
{
  speig_status st = SPEIG_OK;
  char names[160] = "", shown[TOKEN];
  for (int k = 0; list[k]; ++k)
    if (strcmp(word, list[k]) == 0) {
      *out = k;
      goto done;
    }
  for (int k = 0; list[k]; ++k)
    snprintf(names + strlen(names), sizeof names - strlen(names), "%s%s", k ? ", " : "", list[k]);
  mm_quote(word, word + strlen(word), shown);
  FAIL(SPEIG_ERR_FORMAT, "%s, line 1: %s '%s', needed %s", line->file, what, shown, names);
done:
  return st;
}

static speig_status read_banner(text_line *line, speig_mm_header *h)
{
  static const char *const objects[] = { "matrix", NULL };
  static const char *const formats[] = { "coordinate", "array", NULL };
  static const char *const fields[] = { "real",   "integer",          "complex", "pattern",
                                        "double", "unsigned-integer", NULL };
  static const speig_mm_field meaning[] = { SPEIG_MM_REAL,    SPEIG_MM_INTEGER, SPEIG_MM_COMPLEX,
                                            SPEIG_MM_PATTERN, SPEIG_MM_REAL,    SPEIG_MM_INTEGER };
  static const char *const symmetries[] = { "general", "symmetric", "skew-symmetric", "hermitian",
                                            NULL };
  speig_status st = SPEIG_OK;
  char word[TOKEN], shown[TOKEN];
  int k = 0;
  text_line start = *line;
  next_word(line, word);
  if (mm_is_blank(*start.at) || strcmp(word, "%%matrixmarket") != 0)
    TRY(refuse_banner(&start));
  next_word(line, word);
  TRY(choose(line, "object", word, objects, &k));
  next_word(line, word);
  TRY(choose(line, "format", word, formats, &k));
  h->format = (speig_mm_format)k;
  next_word(line, word);
  TRY(choose(line, "field", word, fields, &k));
  h->field = meaning[k];
  next_word(line, word);
  TRY(choose(line, "symmetry", word, symmetries, &k));
  h->symmetry = (speig_symmetry)k;
  next_word(line, word);
  mm_quote(word, word + strlen(word), shown);
  if (*word)
    FAIL(SPEIG_ERR_FORMAT, "%s, line 1: '%s' after the symmetry, needed the end of the line",
         line->file, shown);
  if (h->field == SPEIG_MM_PATTERN &&
      (h->format == SPEIG_MM_ARRAY || h->symmetry >= SPEIG_SKEW_SYMMETRIC))
    FAIL(SPEIG_ERR_FORMAT, "%s, line 1: a pattern cannot be %s", line->file,
         h->format == SPEIG_MM_ARRAY ? "an array" : symmetries[h->symmetry]);
done:
  return st;
}

/* A number of the size line: digits only; what exceeds 64 bits becomes INT64_MAX. */
static speig_status read_size(text_line *line, const char *what, int64_t most, int64_t *out)
{
  speig_status st = SPEIG_OK;
  char word[TOKEN], shown[TOKEN];
  int64_t value = 0;
  const char *p = word;
  next_word(line, word);
  mm_quote(word, word + strlen(word), shown);
  if (!*word)
    FAIL(SPEIG_ERR_FORMAT, "%s, line %" PRId64 ": the line ends where the number of %s was needed",
         line->file, line->number, what);
  for (; *p >= '0' && *p <= '9'; ++p)
    if (__builtin_mul_overflow(value, 10, &value) ||
        __builtin_add_overflow(value, *p - '0', &value))
      value = INT64_MAX;
  if (*p)
    FAIL(SPEIG_ERR_FORMAT, "%s, line %" PRId64 ": number of %s '%s', needed a whole number >= 0",
         line->file, line->number, what, shown);
  if (value > most)
    FAIL(SPEIG_ERR_FORMAT, "%s, line %" PRId64 ": number of %s %s, needed at most %" PRId64,
         line->file, line->number, what, shown, most);
  *out = value;
done:
  return st;
}

/* How many entries a body lists: all of an array, or its lower triangle. */
static int64_t array_entries(const speig_mm_header *h)
{
  int64_t n = h->rows;
  switch (h->symmetry) {
  case SPEIG_GENERAL:
    return h->rows * h->cols;
  case SPEIG_SKEW_SYMMETRIC:
    return n % 2 ? (n - 1) / 2 * n : n / 2 * (n - 1);
  default:
    return n % 2 ? (n + 1) / 2 * n : n / 2 * (n + 1);
  }
}

static speig_status read_size_line(text_line *line, speig_mm_header *h)
{
  speig_status st = SPEIG_OK;
  char word[TOKEN], shown[TOKEN];
  TRY(read_size(line, "rows", INT32_MAX, &h->rows));
  TRY(read_size(line, "columns", INT32_MAX, &h->cols));
  if (h->format == SPEIG_MM_COORDINATE)
    TRY(read_size(line, "entries", INT64_MAX, &h->entries));
  next_word(line, word);
  mm_quote(word, word + strlen(word), shown);
  if (*word)
    FAIL(SPEIG_ERR_FORMAT, "%s, line %" PRId64 ": '%s' after the sizes, needed %s only", line->file,
         line->number, shown,
         h->format == SPEIG_MM_ARRAY ? "rows and columns" : "rows, columns and entries");
  if (h->symmetry != SPEIG_GENERAL && h->rows != h->cols)
    FAIL(SPEIG_ERR_FORMAT,
         "%s, line %" PRId64 ": a symmetric matrix of %" PRId64 " x %" PRId64
         ", needed a square one",
         line->file, line->number, h->rows, h->cols);
  if (h->format == SPEIG_MM_ARRAY)
    h->entries = array_entries(h);
done:
  return st;
}

static int is_comment_or_blank(const text_line *line)
{
  const char *p = line->at;
  while (p < line->end && mm_is_blank(*p))
    ++p;
  return p == line->end || *p == '%';
}

speig_status mm_header_read(mm_stream *s, speig_mm_header *header, size_t *body)
{
  speig_status st = SPEIG_OK;
  text_line line;
  *header = (speig_mm_header){ 0 };
  *body = 0;
  TRY(next_line(s, body, &line));
  if (!line.at)
    FAIL(SPEIG_ERR_FORMAT, "%s: the file is empty", mm_source_name(s->source));
  TRY(read_banner(&line, header));
  do {
    TRY(next_line(s, body, &line));
    if (!line.at)
      FAIL(SPEIG_ERR_FORMAT, "%s, line %" PRId64 ": the file ends before the line of sizes",
           mm_source_name(s->source), s->line);
  } while (is_comment_or_blank(&line));
  TRY(read_size_line(&line, header));
done:
  return st;
}
