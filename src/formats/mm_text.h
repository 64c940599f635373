/* mm_text.h: the text of a Matrix Market file as the reader sees it: windows of whole lines, the
 * header, and chunks of lines parsed side by side.                                              */
#ifndef SPEIG_SRC_FORMATS_MM_TEXT_H
#define SPEIG_SRC_FORMATS_MM_TEXT_H

#include "formats/decimal.h"
#include "formats/mm_source.h"
#include "speig/matrix_market.h"

/* ---- windows ----
 * Two buffers: whole lines of one are parsed while the other is filled. A line must fit a buffer.
 */
typedef struct mm_stream {
  mm_source *source; /* borrowed */
  char *text; /* the window: whole lines in [0, ready), the start of a line in [ready, held) */
  char *next; /* arriving: [0, arrived) */
  size_t capacity, held, ready, arrived;
  int ended; /* nothing follows `next` */
  int64_t line; /* lines before the window */
} mm_stream;

/* Errors: MEMORY. */
speig_status mm_stream_open(mm_source *source, size_t capacity, mm_stream *s);
void mm_stream_close(mm_stream *s);
/* Fills the other buffer; may run beside readers of the window, on any thread. */
void mm_stream_prefetch(mm_stream *s);
/* After a prefetch: makes the other buffer the window. ready == 0 at the end of the file.
 * Errors: those of the source, FORMAT for a line longer than a buffer.                          */
speig_status mm_stream_advance(mm_stream *s);

/* ---- header ---- */

/* Reads header, comments and size line; *body is the offset of the line after it in the window. The
 * stream's line count is brought up to that line. Errors: FORMAT, MEMORY, IO.                   */
speig_status mm_header_read(mm_stream *s, speig_mm_header *header, size_t *body);

/* Puts the token at `token`, which ends at `end` at the latest, into quote[64] for a message:
 * unprintable bytes as \xNN, cut when long. */
void mm_quote(const char *token, const char *end, char *quote);

static inline int mm_is_blank(char c)
{
  return c == ' ' || c == '\t' || c == '\r';
}

/* ---- chunks ---- */

/* What stopped the parser. */
typedef enum mm_fault {
  MM_FINE = 0,
  MM_ROW, /* no row index here */
  MM_COL,
  MM_ROW_RANGE, /* an index outside the matrix */
  MM_COL_RANGE,
  MM_VALUE, /* no number here */
  MM_IMAGINARY, /* the second number of a complex value */
  MM_OVERFLOW,
  MM_EXTRA, /* more on the line than belongs there */
  MM_ON_DIAGONAL, /* a nonzero diagonal entry of a skew-symmetric matrix */
  MM_NOT_REAL, /* a diagonal entry of a Hermitian matrix */
  MM_FULL /* more entries than declared */
} mm_fault;

/* An imaginary part this small beside the real part counts as rounding on the diagonal of a
 * Hermitian matrix, and is dropped. */
#define MM_ROUNDING 1e-14

/* Whole lines [begin, end), and room for what they hold. */
typedef struct mm_chunk {
  const char *begin, *end;
  int32_t *row, *col; /* unused by the array format */
  double *values; /* pairs when complex, unused by patterns */
  int64_t limit; /* entries that may come */
  int64_t entries, nonzeros, lines; /* found; lines counts those before a faulty one */
  int64_t above, below; /* the line of the first entry above, below the diagonal; 0: none */
  mm_fault fault;
  const char *where; /* the token at fault */
} mm_chunk;

/* Fewest bytes of a line with an entry, its line end included. */
int mm_entry_bytes(const speig_mm_header *header);
/* Numbers per value: 0, 1 or 2. */
int mm_numbers(const speig_mm_header *header);
/* Parses a chunk; raises nothing. Entries above the diagonal of a symmetric matrix are turned into
 * the entry below that they imply. */
void mm_chunk_parse(const speig_mm_header *header, const decimal *table, mm_chunk *chunk);

/* ---- the whole file ---- */

/* How the text is cut up: for tests, which make every cut happen; the defaults suit all files. */
typedef struct mm_cut {
  size_t window; /* bytes per window; 0: the default */
  int chunks; /* per window; 0: chosen from the number of threads */
  int64_t extent; /* rows or columns that no entries need to pay for; 0: the default */
} mm_cut;

speig_status mm_read_source(mm_source *source, int threads, mm_cut cut, speig_mm_header *header,
                            speig_matrix **out);

#endif
