/* mm_reader.h: a Matrix Market file on its way into memory: what the parts of the reader share. */
#ifndef SPEIG_SRC_FORMATS_MM_READER_H
#define SPEIG_SRC_FORMATS_MM_READER_H

#include "formats/matrix.h"
#include "formats/mm_text.h"

typedef struct mm_reader {
  const char *name;
  mm_stream stream;
  decimal *table;
  speig_mm_header header;
  int threads, team, chunk_count; /* team: those at work on this window */
  int is_cut; /* into as many chunks as a test asks for, however short it is */
  mm_chunk *chunks; /* [chunk_count] */
  int32_t *row, *col; /* staging: a slice per chunk */
  double *values;
  coo_piece *pieces; /* [piece_room] */
  int64_t piece_count, piece_room;
  int64_t entries; /* read so far */
  int64_t above, below; /* lines of the first entries above and below the diagonal; 0: none */
} mm_reader;

/* Reads the whole file into r->pieces; r is zeroed, and to be closed in any case. */
speig_status mm_read_all(mm_source *source, int threads, mm_cut cut, mm_reader *r);
void mm_reader_close(mm_reader *r);

/* Looks at the diagonal of a complex Hermitian array among the values of a chunk, the first of
 * which is number r->entries of the file; sets the chunk's fault. */
void mm_check_diagonal(const mm_reader *r, mm_chunk *c);
/* Moves what the chunks of a window found to a new piece. Errors: MEMORY. */
speig_status mm_keep_window(mm_reader *r);

/* Says what stopped a chunk; `line` is the number of the line in the file. Errors: FORMAT. */
speig_status mm_raise_fault(const mm_reader *r, const mm_chunk *c, int64_t line);
/* A symmetric file holds one triangle: an entry above the diagonal stands for the one below, but a
 * mixture would leave open whether (i, j) and (j, i) are one entry or two. Errors: FORMAT.      */
speig_status mm_check_triangle(mm_reader *r, const mm_chunk *c);

#endif
