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
#include "formats/mm_reader.h"

#include <inttypes.h>

enum { WINDOW = 1 << 23, CHUNKS_PER_THREAD = 4, SMALL_WINDOW = 1 << 17 };

/* ---- setting up ---- */

/* Row offsets and column sums cost memory that no entry pays for: a matrix may have this many rows
 * and columns in any case, and more only in proportion to its entries.                          */
static speig_status check_extent(const mm_reader *r, int64_t extent)
{
  enum { FREE = 1 << 22, PER_ENTRY = 64 };
  speig_status st = SPEIG_OK;
  const speig_mm_header *h = &r->header;
  const int64_t free_of = extent ? extent : FREE;
  int64_t longest = h->rows > h->cols ? h->rows : h->cols;
  if (longest > free_of && longest / PER_ENTRY > h->entries)
    FAIL(SPEIG_ERR_MEMORY,
         "%s, line %" PRId64 ": %" PRId64 " x %" PRId64 " with %" PRId64
         " entries would need %" PRId64 " bytes for row offsets alone; beyond %" PRId64
         " rows or columns a matrix needs an entry for every %d of them",
         r->name, r->stream.line, h->rows, h->cols, h->entries, 8 * (longest + 1), free_of,
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

void mm_reader_close(mm_reader *r)
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

/* ---- chunks ---- */

/* Cuts [from, ready) of the window at line ends, with a slice of the staging arrays for each. */
static void cut_window(mm_reader *r, size_t from)
{
  const char *text = r->stream.text, *at = text + from, *end = text + r->stream.ready;
  int entry = mm_entry_bytes(&r->header), numbers = mm_numbers(&r->header);
  int small = r->stream.ready - from < SMALL_WINDOW && !r->is_cut;
  int count = small ? 1 : r->chunk_count;
  r->team = small ? 1 : r->threads;
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
#pragma omp parallel num_threads(r->team)
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
    if (c->fault == MM_FULL)
      c->where = first_token(c);
    mm_check_diagonal(r, c);
    TRY(mm_check_triangle(r, c));
    if (c->fault)
      TRY(mm_raise_fault(r, c, r->stream.line + c->lines + 1));
    r->entries += c->entries;
    r->stream.line += c->lines;
  }
done:
  return st;
}

/* ---- the whole file ---- */

static speig_status read_body(mm_reader *r, size_t from)
{
  speig_status st = SPEIG_OK;
  while (r->stream.ready > 0) {
    cut_window(r, from);
    parse_window(r);
    TRY(review_window(r));
    TRY(mm_keep_window(r));
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

/* What is short needs no large one. */
static size_t window_of(const mm_source *source, mm_cut cut)
{
  enum { LEAST = 1 << 12 };
  size_t window = cut.window ? cut.window : WINDOW, most = mm_source_most(source);
  if (cut.window || most >= window)
    return window;
  return most < LEAST ? LEAST : most + 1;
}

speig_status mm_read_all(mm_source *source, int threads, mm_cut cut, mm_reader *r)
{
  speig_status st = SPEIG_OK;
  size_t body = 0;
  r->name = mm_source_name(source);
  r->threads = threads_resolve(threads);
  r->chunk_count = cut.chunks ? cut.chunks : r->threads == 1 ? 1 : CHUNKS_PER_THREAD * r->threads;
  r->is_cut = cut.chunks > 0;
  TRY(mm_stream_open(source, window_of(source, cut), &r->stream));
  TRY(decimal_open(&r->table));
  TRY(mm_header_read(&r->stream, &r->header, &body));
  TRY(check_extent(r, cut.extent));
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
  TRY(mm_read_all(source, threads, cut, &r));
  mm_stream_close(&r.stream);
  dtype = r.header.field == SPEIG_MM_COMPLEX ? SPEIG_Z : SPEIG_D;
  TRY(matrix_assemble(dtype, r.header.rows, r.header.cols, r.header.symmetry, r.pieces,
                      r.piece_count, 1, r.threads, out));
  if (header)
    *header = r.header;
done:
  mm_reader_close(&r);
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
