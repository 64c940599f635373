/* mm_chunk.c: lines of entries into arrays: the loop where reading spends its time.
 *
 * A chunk ends with a line end, so no step looks for the end of the text: every token stops there
 * at the latest. What goes wrong is noted, and put into words by the reader.                    */
#include "formats/mm_text.h"

#include <math.h>
#include <string.h>

int mm_numbers(const speig_mm_header *header)
{
  return header->field == SPEIG_MM_PATTERN ? 0 : header->field == SPEIG_MM_COMPLEX ? 2 : 1;
}

int mm_entry_bytes(const speig_mm_header *header)
{
  return 2 * mm_numbers(header) + (header->format == SPEIG_MM_COORDINATE ? 4 : 0);
}

static inline const char *skip_blanks(const char *p)
{
  while (mm_is_blank(*p))
    ++p;
  return p;
}

/* Digits only; more than 18 give a number that is out of any range. NULL when none is here. */
static inline const char *parse_index(const char *p, int64_t *index)
{
  int64_t value = 0;
  unsigned digit = (unsigned char)*p - (unsigned)'0';
  if (digit > 9)
    return NULL;
  do {
    if (value < INT64_MAX / 20)
      value = value * 10 + digit;
    digit = (unsigned char)*++p - (unsigned)'0';
  } while (digit <= 9);
  *index = value;
  return mm_is_blank(*p) || *p == '\n' ? p : NULL;
}

static int has_only_digits(const char *p, const char *end)
{
  p += *p == '-' || *p == '+';
  while (p < end && *p >= '0' && *p <= '9')
    ++p;
  return p == end;
}

/* One number of a value; sets the fault. Returns behind it and the blanks, or NULL. */
static inline const char *parse_number(const decimal *table, int whole, const char *p,
                                       double *value, mm_chunk *c, mm_fault fault)
{
  const char *end = p;
  decimal_result result = decimal_parse(table, p, &end, value);
  if (result != DECIMAL_NONE && (mm_is_blank(*end) || *end == '\n') &&
      !(whole && !has_only_digits(p, end))) {
    if (result == DECIMAL_OK)
      return skip_blanks(end);
    fault = MM_OVERFLOW;
  }
  c->fault = fault;
  c->where = p;
  return NULL;
}

/* A coordinate entry's place; above the diagonal of a symmetric matrix it is turned around. */
static inline const char *parse_place(const speig_mm_header *h, const char *p, mm_chunk *c,
                                      int *turned)
{
  int64_t i = 0, j = 0;
  const char *q = parse_index(p, &i), *r;
  c->where = p;
  if (!q || i < 1 || i > h->rows) {
    c->fault = q ? MM_ROW_RANGE : MM_ROW;
    return NULL;
  }
  c->where = q = skip_blanks(q);
  r = parse_index(q, &j);
  if (!r || j < 1 || j > h->cols) {
    c->fault = r ? MM_COL_RANGE : MM_COL;
    return NULL;
  }
  *turned = h->symmetry != SPEIG_GENERAL && j > i;
  c->row[c->entries] = (int32_t)((*turned ? j : i) - 1);
  c->col[c->entries] = (int32_t)((*turned ? i : j) - 1);
  return skip_blanks(r);
}

/* What a coordinate entry on or above the diagonal of a symmetric matrix needs. An imaginary part
 * of rounding size on the diagonal of a Hermitian matrix is dropped.                            */
static int settle_value(const speig_mm_header *h, int turned, int numbers, mm_chunk *c,
                        double *value)
{
  int diagonal = c->row[c->entries] == c->col[c->entries];
  if (h->symmetry == SPEIG_SKEW_SYMMETRIC && turned)
    for (int k = 0; k < numbers; ++k)
      value[k] = -value[k];
  if (h->symmetry == SPEIG_SKEW_SYMMETRIC && diagonal)
    for (int k = 0; k < numbers; ++k)
      if (value[k] != 0) {
        c->fault = MM_ON_DIAGONAL;
        return 0;
      }
  if (h->symmetry == SPEIG_HERMITIAN && numbers == 2) {
    if (turned)
      value[1] = -value[1];
    if (diagonal && fabs(value[1]) > MM_ROUNDING * fabs(value[0])) {
      c->fault = MM_NOT_REAL;
      return 0;
    }
    if (diagonal)
      value[1] = 0;
  }
  return 1;
}

/* One line with an entry, from its first token on; 0 with the fault set when it is malformed.
 * Inlined into each of the loops below with constants for coordinate and numbers.               */
static inline int parse_entry(const speig_mm_header *h, const decimal *table, int coordinate,
                              int numbers, const char *p, mm_chunk *c, const char **behind)
{
  const char *first = p;
  double *value = numbers ? c->values + numbers * c->entries : NULL;
  int turned = 0, whole = h->field == SPEIG_MM_INTEGER;
  if (c->entries == c->limit) {
    c->fault = MM_FULL;
    c->where = p;
    return 0;
  }
  if (coordinate && !(p = parse_place(h, p, c, &turned)))
    return 0;
  if (numbers > 0 && !(p = parse_number(table, whole, p, &value[0], c, MM_VALUE)))
    return 0;
  if (numbers > 1 && !(p = parse_number(table, whole, p, &value[1], c, MM_IMAGINARY)))
    return 0;
  if (*p != '\n') {
    c->fault = MM_EXTRA;
    c->where = p;
    return 0;
  }
  c->where = first;
  if (coordinate && h->symmetry >= SPEIG_SKEW_SYMMETRIC &&
      !settle_value(h, turned, numbers, c, value))
    return 0;
  if (coordinate && turned && c->above == 0)
    c->above = c->lines + 1;
  if (coordinate && !turned && c->below == 0 && c->row[c->entries] > c->col[c->entries])
    c->below = c->lines + 1;
  ++c->entries;
  c->nonzeros += (numbers > 0 && value[0] != 0) || (numbers > 1 && value[1] != 0);
  *behind = p + 1;
  return 1;
}

static inline void parse_lines(const speig_mm_header *h, const decimal *table, int coordinate,
                               int numbers, mm_chunk *c)
{
  const char *p = c->begin;
  while (p < c->end) {
    p = skip_blanks(p);
    if (*p == '\n')
      ++p;
    else if (*p == '%')
      p = (const char *)memchr(p, '\n', (size_t)(c->end - p)) + 1;
    else if (!parse_entry(h, table, coordinate, numbers, p, c, &p))
      return;
    ++c->lines;
  }
}

void mm_chunk_parse(const speig_mm_header *header, const decimal *table, mm_chunk *c)
{
  int numbers = mm_numbers(header);
  c->entries = c->nonzeros = c->lines = c->above = c->below = 0;
  c->fault = MM_FINE;
  c->where = NULL;
  if (header->format == SPEIG_MM_ARRAY)
    numbers == 1 ? parse_lines(header, table, 0, 1, c) : parse_lines(header, table, 0, 2, c);
  else if (numbers == 0)
    parse_lines(header, table, 1, 0, c);
  else
    numbers == 1 ? parse_lines(header, table, 1, 1, c) : parse_lines(header, table, 1, 2, c);
}
