/* mm_place.c: from the staging arrays of a window to a piece of a coordinate list; the values of an
 * array get their places here, since a chunk does not know how many came before it.              */
#include "base/error.h"
#include "base/memory.h"
#include "formats/mm_reader.h"

#include <math.h>
#include <string.h>

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

static int holds_diagonal_pairs(const speig_mm_header *h)
{
  return h->format == SPEIG_MM_ARRAY && h->symmetry == SPEIG_HERMITIAN && mm_numbers(h) == 2;
}

/* Column j of a lower triangle starts with its diagonal, value number j n - j (j - 1) / 2. */
void mm_check_diagonal(const mm_reader *r, mm_chunk *c)
{
  int64_t i = 0, j = 0, n = r->header.rows;
  if (!holds_diagonal_pairs(&r->header) || n == 0)
    return;
  array_place(&r->header, r->entries, &i, &j);
  for (j += i > j; j < n; ++j) {
    int64_t e = j * n - (j - 1) * j / 2 - r->entries;
    if (e >= c->entries)
      break;
    if (fabs(c->values[2 * e + 1]) > MM_ROUNDING * fabs(c->values[2 * e])) {
      c->limit = e; /* parsing up to there gives the line */
      mm_chunk_parse(&r->header, r->table, c);
      c->fault = MM_NOT_REAL;
      return;
    }
  }
}

/* The nonzeros of a chunk of an array that starts with value number `ordinal`. */
static void place_array(const speig_mm_header *h, const mm_chunk *c, int64_t ordinal,
                        coo_piece *piece, int64_t at)
{
  int numbers = mm_numbers(h);
  double *values = piece->values;
  int64_t i = 0, j = 0;
  array_place(h, ordinal, &i, &j);
  for (int64_t e = 0; e < c->entries; ++e) {
    const double *x = c->values + numbers * e;
    if (x[0] != 0 || (numbers == 2 && x[1] != 0)) {
      piece->row[at] = (int32_t)i;
      piece->col[at] = (int32_t)j;
      memcpy(values + numbers * at, x, (size_t)numbers * sizeof *x);
      if (i == j && holds_diagonal_pairs(h))
        values[2 * at + 1] = 0;
      ++at;
    }
    if (++i == h->rows)
      i = h->symmetry == SPEIG_GENERAL ? (++j, 0)
                                       : (++j, j + (h->symmetry == SPEIG_SKEW_SYMMETRIC));
  }
}

speig_status mm_keep_window(mm_reader *r)
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
#pragma omp parallel for schedule(dynamic) num_threads(r->team)
  for (int k = 0; k < r->chunk_count; ++k) {
    const mm_chunk *c = &r->chunks[k];
    int64_t at = 0, ordinal = first;
    for (int before = 0; before < k; ++before) {
      at += array ? r->chunks[before].nonzeros : r->chunks[before].entries;
      ordinal += r->chunks[before].entries;
    }
    if (array)
      place_array(&r->header, c, ordinal, piece, at);
    else
      place_coordinates(c, numbers, piece, at);
  }
done:
  return st;
}
