/* mm_fault.c: what is wrong with a file, in words: where, what was found, what was needed. */
#include "base/error.h"
#include "formats/mm_reader.h"

#include <inttypes.h>
#include <stdlib.h>

static speig_status raise_range(const mm_reader *r, const mm_chunk *c, int64_t line,
                                const char *token)
{
  speig_status st = SPEIG_OK;
  const char *axis = c->fault == MM_ROW_RANGE ? "row" : "column";
  int64_t most = c->fault == MM_ROW_RANGE ? r->header.rows : r->header.cols;
  if (strtoll(token, NULL, 10) == 0)
    FAIL(SPEIG_ERR_FORMAT, "%s, line %" PRId64 ": %s index 0, but indices start at 1", r->name,
         line, axis);
  FAIL(SPEIG_ERR_FORMAT, "%s, line %" PRId64 ": %s index %s, but the matrix has %" PRId64 " %ss",
       r->name, line, axis, token, most, axis);
done:
  return st;
}

static speig_status raise_missing(const mm_reader *r, int64_t line, const char *what,
                                  const char *token, const char *needed)
{
  speig_status st = SPEIG_OK;
  if (!*token)
    FAIL(SPEIG_ERR_FORMAT, "%s, line %" PRId64 ": the line ends where the %s was needed", r->name,
         line, what);
  FAIL(SPEIG_ERR_FORMAT, "%s, line %" PRId64 ": %s '%s', needed %s", r->name, line, what, token,
       needed);
done:
  return st;
}

speig_status mm_raise_fault(const mm_reader *r, const mm_chunk *c, int64_t line)
{
  speig_status st = SPEIG_OK;
  char token[64];
  int whole = r->header.field == SPEIG_MM_INTEGER;
  const char *number = whole ? "a whole number" : "a finite decimal number";
  mm_quote(c->where, c->end, token);
  switch (c->fault) {
  case MM_FINE:
    break;
  case MM_ROW:
  case MM_COL:
    TRY(raise_missing(r, line, c->fault == MM_ROW ? "row index" : "column index", token,
                      "a whole number from 1 on"));
    break;
  case MM_ROW_RANGE:
  case MM_COL_RANGE:
    TRY(raise_range(r, c, line, token));
    break;
  case MM_VALUE:
    TRY(raise_missing(r, line, "value", token, number));
    break;
  case MM_IMAGINARY:
    TRY(raise_missing(r, line, "imaginary part", token, number));
    break;
  case MM_OVERFLOW:
    FAIL(SPEIG_ERR_FORMAT, "%s, line %" PRId64 ": value '%s' overflows, needed at most 1.8e308",
         r->name, line, token);
  case MM_EXTRA:
    FAIL(SPEIG_ERR_FORMAT, "%s, line %" PRId64 ": '%s' after the entry, needed the end of the line",
         r->name, line, token);
  case MM_ON_DIAGONAL:
    FAIL(SPEIG_ERR_FORMAT,
         "%s, line %" PRId64 ": a nonzero entry on the diagonal of a skew-symmetric matrix, "
         "needed 0 or none",
         r->name, line);
  case MM_NOT_REAL:
    FAIL(SPEIG_ERR_FORMAT,
         "%s, line %" PRId64 ": an imaginary part on the diagonal of a Hermitian matrix, needed a "
         "real entry",
         r->name, line);
  case MM_FULL:
    FAIL(SPEIG_ERR_FORMAT,
         "%s, line %" PRId64 ": '%s' after the last of the %" PRId64 " declared entries, needed "
         "the end of the file",
         r->name, line, token, r->header.entries);
  }
done:
  return st;
}

speig_status mm_check_triangle(mm_reader *r, const mm_chunk *c)
{
  speig_status st = SPEIG_OK;
  if (c->above && !r->above)
    r->above = r->stream.line + c->above;
  if (c->below && !r->below)
    r->below = r->stream.line + c->below;
  if (r->header.symmetry != SPEIG_GENERAL && r->above && r->below)
    FAIL(SPEIG_ERR_FORMAT,
         "%s, line %" PRId64 ": an entry %s the diagonal, but line %" PRId64
         " has one on the other side; a symmetric file holds one triangle",
         r->name, r->above > r->below ? r->above : r->below,
         r->above > r->below ? "above" : "below", r->above > r->below ? r->below : r->above);
done:
  return st;
}
