/* matrix_market.h: the NIST Matrix Market exchange format, plain or gzip.
 * Boisvert, Pozo, Remington: The Matrix Market exchange formats, NISTIR 5935, 1996.             */
#ifndef SPEIG_MATRIX_MARKET_H
#define SPEIG_MATRIX_MARKET_H

#include "speig/block.h"
#include "speig/matrix.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum speig_mm_format { SPEIG_MM_COORDINATE = 0, SPEIG_MM_ARRAY = 1 } speig_mm_format;
typedef enum speig_mm_field {
  SPEIG_MM_REAL = 0,
  SPEIG_MM_INTEGER = 1,
  SPEIG_MM_COMPLEX = 2,
  SPEIG_MM_PATTERN = 3
} speig_mm_field;

/* What the header and the size line said. */
typedef struct speig_mm_header {
  speig_mm_format format;
  speig_mm_field field;
  speig_symmetry symmetry;
  int64_t rows, cols;
  int64_t entries; /* entries listed in the file (before symmetric expansion) */
} speig_mm_header;

/* Reads a matrix into CSR, symmetric storage expanded. The scalar type is double, or double complex
 * for a complex file; use speig_matrix_convert for float. path "-" is standard input. Gzip is told
 * by content. threads 0: all cores. header may be NULL.
 * Every malformed file is refused with "FILE, line N: found, needed" (docs/formats.md lists the
 * rules for what is accepted). A declared size never decides an allocation before the body
 * justifies it. Errors: IO, FORMAT, MEMORY.                                                     */
SPEIG_API speig_status speig_mm_read(const char *path, int threads, speig_mm_header *header,
                                     speig_matrix **out);

/* The same from bytes in memory (plain or gzip); name stands for the file in messages. */
SPEIG_API speig_status speig_mm_read_memory(const char *name, const void *bytes, size_t size,
                                            int threads, speig_mm_header *header,
                                            speig_matrix **out);

/* Reads any Matrix Market file into a dense column-major block, for vectors and small matrices;
 * *out owns its data: release with speig_block_free. Errors as above.                           */
SPEIG_API speig_status speig_mm_read_dense(const char *path, speig_mm_header *header,
                                           speig_block *out);

typedef struct speig_mm_write_opts {
  size_t size; /* sizeof(speig_mm_write_opts), set by the INIT macro */
  speig_symmetry symmetry; /* write only the lower triangle under this header; refused (ARG) when
                              the values are not so, exactly. GENERAL writes every entry */
  speig_mm_field field; /* REAL: real or complex by the type of A; INTEGER, PATTERN: refused when a
                           value does not fit */
  int array; /* not 0: dense "array" format */
  int gzip; /* not 0: compress */
  const char *comment; /* lines put after the header, each prefixed by "% "; may be NULL */
} speig_mm_write_opts;
#define SPEIG_MM_WRITE_OPTS_INIT                                                                   \
  {                                                                                                \
    .size = sizeof(speig_mm_write_opts)                                                            \
  }

/* Writes A; as many significant digits, up to 17 (9 for float), as reading needs to give the same
 * bits back. path "-" is standard output. opts may be NULL. A file is complete or not there: it is
 * written beside its name and renamed. NaN and Inf are refused (ARG).
 * Errors: IO, ARG, MEMORY.                                                                      */
SPEIG_API speig_status speig_mm_write(const char *path, const speig_matrix *A,
                                      const speig_mm_write_opts *opts);
/* Writes a dense block; always in array format, whatever opts->array says. */
SPEIG_API speig_status speig_mm_write_dense(const char *path, const speig_block *X,
                                            const speig_mm_write_opts *opts);

#ifdef __cplusplus
}
#endif
#endif
