/* mm_writer.h: a matrix or block on its way into a Matrix Market file. */
#ifndef SPEIG_SRC_FORMATS_MM_WRITER_H
#define SPEIG_SRC_FORMATS_MM_WRITER_H

#include "formats/decimal.h"
#include "formats/matrix.h"
#include "formats/mm_sink.h"
#include "speig/matrix_market.h"

#include <locale.h>

/* What is written: the lines are numbered 0 .. slots - 1, some of which a triangle leaves out.
 * Coordinate: entry e of A. Array: the value at row slot % rows, column slot / rows, from the
 * transpose of a sparse matrix or from a block.                                                 */
typedef struct mm_writer {
  const speig_matrix *A; /* coordinate */
  const speig_matrix *transpose; /* array of a sparse matrix; owned */
  const speig_block *X; /* array of a block */
  speig_dtype dtype;
  int64_t rows, cols, slots;
  speig_symmetry symmetry;
  speig_mm_field field; /* as written: COMPLEX for complex values */
  decimal *table;
  locale_t c;
  mm_sink *sink;
} mm_writer;

/* Number e of an array of the given type, both parts. */
static inline void mm_number_pair(speig_dtype dtype, const void *values, int64_t e, double x[2])
{
  matrix_widen(dtype, 1, (const char *)values + (size_t)e * speig_dtype_size(dtype), x);
}

/* That everything fits what the options ask for; refused (ARG) with the entry where it does not. */
speig_status mm_check_options(const speig_mm_write_opts *opts, int array);
speig_status mm_check_values(const mm_writer *w);
speig_status mm_check_matrix_symmetry(const speig_matrix *A, speig_symmetry symmetry);
speig_status mm_check_block_symmetry(const speig_block *X, speig_symmetry symmetry);

#endif
