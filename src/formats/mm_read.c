/* mm_read.c: a Matrix Market file into CSR or a dense block, on all cores.
 *
 * The text passes through two windows. While one is filled (read, inflated) by one thread, the
 * lines of the other are parsed in chunks by all of them, each into its slice of the staging
 * arrays; what was found is then moved to a piece of a coordinate list that is exactly as long.
 * So memory follows the entries that are there, never the sizes that a header declares, and
 * compressed or piped text needs no more than the two windows.
 *
 * Faults are noted by chunk and raised in the order of the file: the message does not depend on the
 * number of threads.                                                                            */
#include "base/error.h"
#include "base/memory.h"
#include "base/threads.h"
#include "formats/matrix.h"
#include "formats/mm_text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { WINDOW = 1 << 23, CHUNKS_PER_THREAD = 4, SMALL_WINDOW = 1 << 15 };

typedef struct mm_reader {
  const char *name;
  mm_stream stream;
  decimal *table;
  speig_mm_header header;
  int threads, chunk_count;
  mm_chunk *chunks; /* [chunk_count] */
  int32_t *row, *col; /* staging: a slice per chunk */
  double *values;
  coo_piece *pieces; /* [piece_room] */
  int64_t piece_count, piece_room;
  int64_t entries; /* read so far */
  int64_t above, below; /* lines of the first entries above and below the diagonal; 0: none */
} mm_reader;

/* ---- setting up ---------------------------------------------------------------------------------
 */

/* Row offsets and column sums cost memory that no entry pays for: a matrix may have this many rows
 * and columns in any case, and more only in proportion to its entries.                          */
static speig_status check_extent(const mm_reader *r)
{
  enum { FREE = 1 << 24, PER_ENTRY = 64 };
  speig_status st = SPEIG_OK;
  const speig_mm_header *h = &r->header;
  int64_t longest = h->rows > h->cols ? h->rows : h->cols;
  if (longest > FREE && longest / PER_ENTRY > h->entries)
    FAIL(SPEIG_ERR_MEMORY,
         "%s, line %" PRId64 ": %" PRId64 " x %" PRId64 " with %" PRId64
         " entries would need %" PRId64 " bytes for row offsets alone; beyond %d rows or columns "
         "a matrix needs an entry for every %d of them",
         r->name, r->stream.line, h->rows, h->cols, h->entries, 8 * (longest + 1), (int)FREE,
         (int)PER_ENTRY);
done:
  return st;
}

static speig_status alloc_staging(mm_reader *r)
{
  speig_status st = SPEIG_OK;
  int64_t most = (int64_t)r->stream.capacity / mm_entry_bytes(&r->header) + r->chunk_count + 1;
  int numbers = mm_numbers(&r->header);
  TRY(MEM_ZARRAY(r->chunk_count, "list of chunks", &r->chunks));
  if (r->header.format == SPEIG_MM_COORDINATE) {
    TRY(MEM_ARRAY(most, "row indices read", &r->row));
    TRY(MEM_ARRAY(most, "column indices read", &r->col));
  }
  if (numbers > 0)
    TRY(MEM_ARRAY(most * numbers, "values read", &r->values));
done:
  return st;
}

static void reader_close(mm_reader *r)
{
  mm_stream_close(&r->stream);
  decimal_close(&r->table);
  mem_free(r->chunks);
  mem_free(r->row);
  mem_free(r->col);
  mem_free(r->values);
  coo_pieces_free(r->pieces, r->piece_count);
  mem_free(r->pieces);
}

/* ---- chunks -------------------------------------------------------------------------------------
 */

/* Cuts [from, ready) of the window at line ends, with a slice of the staging arrays for each. */
static void cut_window(mm_reader *r, size_t from)
{
  const char *text = r->stream.text, *at = text + from, *end = text + r->stream.ready;
  int entry = mm_entry_bytes(&r->header), numbers = mm_numbers(&r->header);
  int count = r->stream.ready - from < SMALL_WINDOW && r->stream.capacity >= SMALL_WINDOW
                  ? 1
                  : r->chunk_count;
  for (int k = 0; k < r->chunk_count; ++k) {
    mm_chunk *c = &r->chunks[k];
    const char *stop = k + 1 < count ? at + (end - at) / (count - k) : end;
    int64_t slice = (at - text) / entry + k;
    while (stop < end && stop > at && stop[-1] != '\n')
      ++stop;
    *c = (mm_chunk){ .begin = at, .end = stop, .limit = r->header.entries - r->entries };
    c->row = r->row ? r->row + slice : NULL;
    c->col = r->col ? r->col + slice : NULL;
    c->values = r->values ? r->values + slice * numbers : NULL;
    at = stop;
  }
}

/* Parses the chunks and fills the next window meanwhile. */
static void parse_window(mm_reader *r)
{
#pragma omp parallel num_threads(r->threads)
#pragma omp single
  {
#pragma omp task
    mm_stream_prefetch(&r->stream);
    for (int k = 0; k < r->chunk_count; ++k)
      if (r->chunks[k].begin < r->chunks[k].end) {
#pragma omp task firstprivate(k)
        mm_chunk_parse(&r->header, r->table, &r->chunks[k]);
      }
  }
}

/* ---- faults -------------------------------------------------------------------------------------
 */

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

/* Says what stopped a chunk; `line` is the number of the line in the file. */
static speig_status raise_fault(const mm_reader *r, const mm_chunk *c, int64_t line)
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

/* A symmetric file holds one triangle: an entry above the diagonal stands for the one below, but a
 * mixture would leave open whether (i, j) and (j, i) are one entry or two.                      */
static speig_status check_triangle(mm_reader *r, const mm_chunk *c)
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

/* The first token of the line at fault. */
static const char *first_token(const mm_chunk *c)
{
  const char *p = c->where;
  while (p > c->begin && p[-1] != '\n')
    --p;
  while (mm_is_blank(*p))
    ++p;
  return p;
}

/* Goes through the chunks in the order of the file: faults, triangles, counts of entries and lines.
 */
static speig_status review_window(mm_reader *r)
{
  speig_status st = SPEIG_OK;
  for (int k = 0; k < r->chunk_count; ++k) {
    mm_chunk *c = &r->chunks[k];
    int64_t left = r->header.entries - r->entries;
    if (c->entries > left) { /* each chunk alone had room: find the line again */
      c->limit = left;
      mm_chunk_parse(&r->header, r->table, c);
    }
    if (c->fault && c->entries == left)
      c->fault = MM_FULL;
    c->first_line = r->stream.line + 1;
    if (c->fault == MM_FULL)
      c->where = first_token(c);
    TRY(check_triangle(r, c));
    if (c->fault)
      TRY(raise_fault(r, c, r->stream.line + c->lines + 1));
    r->entries += c->entries;
    r->stream.line += c->lines;
  }
done:
  return st;
}

/* ---- from staging to pieces ---------------------------------------------------------------------
 */

static speig_status add_piece(mm_reader *r, int64_t count, coo_piece **out)
{
  speig_status st = SPEIG_OK;
  coo_piece piece = { .count = count };
  int numbers = mm_numbers(&r->header);
  if (r->piece_count == r->piece_room) {
    TRY(mem_resize(2 * r->piece_room + 16, sizeof *r->pieces, "list of pieces",
                   (void **)&r->pieces));
    r->piece_room = 2 * r->piece_room + 16;
  }
  TRY(MEM_ARRAY(count, "row indices", &piece.row));
  TRY(MEM_ARRAY(count, "column indices", &piece.col));
  if (numbers > 0)
    TRY(mem_alloc(count * numbers, sizeof(double), "values", &piece.values));
  r->pieces[r->piece_count++] = piece;
  *out = &r->pieces[r->piece_count - 1];
done:
  if (st != SPEIG_OK)
    coo_pieces_free(&piece, 1);
  return st;
}

static void place_coordinates(const mm_chunk *c, int numbers, coo_piece *piece, int64_t at)
{
  size_t n = (size_t)c->entries;
  memcpy(piece->row + at, c->row, n * sizeof *c->row);
  memcpy(piece->col + at, c->col, n * sizeof *c->col);
  if (numbers > 0)
    memcpy((double *)piece->values + numbers * at, c->values,
           n * (size_t)numbers * sizeof *c->values);
}

/* Where value number `ordinal` of an array stands: by columns, each from row first_row(j) on. */
static void array_place(const speig_mm_header *h, int64_t ordinal, int64_t *i, int64_t *j)
{
  int64_t skipped = h->symmetry == SPEIG_SKEW_SYMMETRIC; /* rows from j + skipped on */
  int64_t low = 0, high = h->cols;
  if (h->symmetry == SPEIG_GENERAL) {
    *i = h->rows ? ordinal % h->rows : 0;
    *j = h->rows ? ordinal / h->rows : 0;
    return;
  }
  while (high - low > 1) { /* the last column that starts at or before the ordinal */
    int64_t middle = low + (high - low) / 2;
    int64_t start = middle * (h->rows - skipped) - (middle - 1) * middle / 2;
    if (start <= ordinal)
      low = middle;
    else
      high = middle;
  }
  *j = low;
  *i = low + skipped + ordinal - (low * (h->rows - skipped) - (low - 1) * low / 2);
}

/* The nonzeros of a chunk of an array that starts with value number `ordinal`. Returns the offset
 * in the chunk of a diagonal value that a Hermitian matrix cannot have, -1 without one.          */
static int64_t place_array(const speig_mm_header *h, const mm_chunk *c, int64_t ordinal,
                           coo_piece *piece, int64_t at)
{
  int numbers = mm_numbers(h);
  double *values = piece->values;
  int64_t i = 0, j = 0, bad = -1;
  array_place(h, ordinal, &i, &j);
  for (int64_t e = 0; e < c->entries; ++e) {
    const double *x = c->values + numbers * e;
    if (x[0] != 0 || (numbers == 2 && x[1] != 0)) {
      piece->row[at] = (int32_t)i;
      piece->col[at] = (int32_t)j;
      memcpy(values + numbers * at, x, (size_t)numbers * sizeof *x);
      if (h->symmetry == SPEIG_HERMITIAN && numbers == 2 && i == j) {
        if (bad < 0 &&
            (x[1] > 1e-14 * (x[0] < 0 ? -x[0] : x[0]) || x[1] < -1e-14 * (x[0] < 0 ? -x[0] : x[0])))
          bad = e;
        values[2 * at + 1] = 0;
      }
      ++at;
    }
    if (++i == h->rows)
      i = h->symmetry == SPEIG_GENERAL ? (++j, 0)
                                       : (++j, j + (h->symmetry == SPEIG_SKEW_SYMMETRIC));
  }
  return bad;
}

static speig_status keep_window(mm_reader *r)
{
  speig_status st = SPEIG_OK;
  int64_t total = 0, first = r->entries;
  int array = r->header.format == SPEIG_MM_ARRAY, numbers = mm_numbers(&r->header);
  coo_piece *piece = NULL;
  for (int k = 0; k < r->chunk_count; ++k) {
    first -= r->chunks[k].entries;
    total += array ? r->chunks[k].nonzeros : r->chunks[k].entries;
  }
  if (total == 0)
    goto done;
  TRY(add_piece(r, total, &piece));
#pragma omp parallel for schedule(dynamic) num_threads(r->threads)
  for (int k = 0; k < r->chunk_count; ++k) {
    mm_chunk *c = &r->chunks[k];
    int64_t at = 0, ordinal = first;
    for (int before = 0; before < k; ++before) {
      at += array ? r->chunks[before].nonzeros : r->chunks[before].entries;
      ordinal += r->chunks[before].entries;
    }
    if (!array) {
      place_coordinates(c, numbers, piece, at);
    } else {
      int64_t wrong = place_array(&r->header, c, ordinal, piece, at);
      if (wrong >= 0) {
        c->limit = wrong;
        c->fault = MM_NOT_REAL;
      }
    }
  }
  for (int k = 0; k < r->chunk_count; ++k) {
    mm_chunk *c = &r->chunks[k];
    if (c->fault) {
      mm_chunk_parse(&r->header, r->table, c); /* up to the limit: that is the line */
      c->fault = MM_NOT_REAL;
      TRY(raise_fault(r, c, c->first_line + c->lines));
    }
  }
done:
  return st;
}

/* ---- the whole file -----------------------------------------------------------------------------
 */

static speig_status read_body(mm_reader *r, size_t from)
{
  speig_status st = SPEIG_OK;
  while (r->stream.ready > 0) {
    cut_window(r, from);
    parse_window(r);
    TRY(review_window(r));
    TRY(keep_window(r));
    TRY(mm_stream_advance(&r->stream));
    from = 0;
  }
  if (r->entries < r->header.entries)
    FAIL(SPEIG_ERR_FORMAT,
         "%s, line %" PRId64 ": the file ends after %" PRId64 " entries, but %" PRId64
         " are declared",
         r->name, r->stream.line, r->entries, r->header.entries);
done:
  return st;
}

static speig_status read_all(mm_source *source, int threads, mm_cut cut, mm_reader *r)
{
  speig_status st = SPEIG_OK;
  size_t body = 0;
  r->name = mm_source_name(source);
  r->threads = threads_resolve(threads);
  r->chunk_count = cut.chunks ? cut.chunks : r->threads == 1 ? 1 : CHUNKS_PER_THREAD * r->threads;
  TRY(mm_stream_open(source, cut.window ? cut.window : WINDOW, &r->stream));
  TRY(decimal_open(&r->table));
  TRY(mm_header_read(&r->stream, &r->header, &body));
  TRY(check_extent(r));
  TRY(alloc_staging(r));
  TRY(read_body(r, body));
done:
  return st;
}

speig_status mm_read_source(mm_source *source, int threads, mm_cut cut, speig_mm_header *header,
                            speig_matrix **out)
{
  speig_status st = SPEIG_OK;
  mm_reader r = { 0 };
  speig_dtype dtype;
  TRY(read_all(source, threads, cut, &r));
  mm_stream_close(&r.stream);
  dtype = r.header.field == SPEIG_MM_COMPLEX ? SPEIG_Z : SPEIG_D;
  TRY(matrix_assemble(dtype, r.header.rows, r.header.cols, r.header.symmetry, r.pieces,
                      r.piece_count, 1, r.threads, out));
  if (header)
    *header = r.header;
done:
  reader_close(&r);
  return st;
}

speig_status speig_mm_read(const char *path, int threads, speig_mm_header *header,
                           speig_matrix **out)
{
  speig_status st = SPEIG_OK;
  mm_source *source = NULL;
  TRY(mm_source_open(path, &source));
  TRY(mm_read_source(source, threads, (mm_cut){ 0 }, header, out));
done:
  mm_source_close(&source);
  return st;
}

speig_status speig_mm_read_memory(const char *name, const void *bytes, size_t size, int threads,
                                  speig_mm_header *header, speig_matrix **out)
{
  speig_status st = SPEIG_OK;
  mm_source *source = NULL;
  TRY(mm_source_open_memory(name, bytes, size, &source));
  TRY(mm_read_source(source, threads, (mm_cut){ 0 }, header, out));
done:
  mm_source_close(&source);
  return st;
}

/* ---- dense --------------------------------------------------------------------------------------
 */

static void add_at(const speig_block *X, int64_t i, int64_t j, const double *x, int conjugate,
                   double sign)
{
  int numbers = X->dtype == SPEIG_Z ? 2 : 1;
  double *to = (double *)X->data + numbers * (i + j * X->ld);
  to[0] += sign * x[0];
  if (numbers == 2)
    to[1] += conjugate ? -sign * x[1] : sign * x[1];
}

static void add_pieces(const mm_reader *r, const speig_block *X)
{
  static const double one[2] = { 1, 0 };
  int numbers = mm_numbers(&r->header);
  speig_symmetry symmetry = r->header.symmetry;
  for (int64_t k = 0; k < r->piece_count; ++k) {
    const coo_piece *p = &r->pieces[k];
    for (int64_t e = 0; e < p->count; ++e) {
      const double *x = numbers ? (const double *)p->values + numbers * e : one;
      add_at(X, p->row[e], p->col[e], x, 0, 1);
      if (symmetry != SPEIG_GENERAL && p->row[e] != p->col[e])
        add_at(X, p->col[e], p->row[e], x, symmetry == SPEIG_HERMITIAN,
               symmetry == SPEIG_SKEW_SYMMETRIC ? -1 : 1);
    }
  }
}

speig_status speig_mm_read_dense(const char *path, speig_mm_header *header, speig_block *out)
{
  enum { FREE = 1 << 24, PER_ENTRY = 64 };
  speig_status st = SPEIG_OK;
  mm_source *source = NULL;
  mm_reader r = { 0 };
  speig_block X = { .data = NULL };
  int64_t numbers;
  TRY(mm_source_open(path, &source));
  TRY(read_all(source, 0, (mm_cut){ 0 }, &r));
  numbers = r.header.rows * r.header.cols; /* below 2^62 */
  if (numbers > FREE && numbers / PER_ENTRY > r.header.entries)
    FAIL(SPEIG_ERR_MEMORY,
         "%s: a dense block of %" PRId64 " x %" PRId64 " for %" PRId64
         " entries; beyond %d numbers it needs an entry for every %d of them",
         r.name, r.header.rows, r.header.cols, r.header.entries, (int)FREE, (int)PER_ENTRY);
  X.dtype = r.header.field == SPEIG_MM_COMPLEX ? SPEIG_Z : SPEIG_D;
  X.rows = X.ld = r.header.rows;
  X.cols = r.header.cols;
  TRY(mem_zalloc(numbers, speig_dtype_size(X.dtype), "dense block", &X.data));
  add_pieces(&r, &X);
  *out = X;
  if (header)
    *header = r.header;
done:
  reader_close(&r);
  mm_source_close(&source);
  return st;
}
