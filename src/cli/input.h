/* input.h: a matrix as the command sees it: file, header, values, and whether it is Hermitian. */
#ifndef SPEIG_SRC_CLI_INPUT_H
#define SPEIG_SRC_CLI_INPUT_H

#include "cli.h"
#include "json.h"

typedef struct cli_matrix {
  const char *path;
  speig_mm_header header;
  speig_matrix *matrix; /* owned */
  speig_matrix_info info;
} cli_matrix;

/* Functions returning int return an exit code and have said why. */

int input_read(const char *path, int threads, cli_matrix *out);
void input_free(cli_matrix *A);
/* A in another type, in place. */
int input_convert(cli_matrix *A, speig_dtype dtype);
/* Whether A is Hermitian: declared so, or by value up to rounding. With use_part a matrix that is
 * not becomes its Hermitian part (A + A^H) / 2; with general nobody looks, and it counts as
 * general. A matrix that is not square is refused. */
int input_classify(cli_matrix *A, int use_part, int general, int *is_hermitian);

/* The double type of A, complex when it or `other` (may be NULL) is. */
speig_dtype input_common_type(const cli_matrix *A, const cli_matrix *other);
speig_dtype dtype_of(int is_complex, int is_single);
int is_complex_type(speig_dtype dtype);
int is_single_type(speig_dtype dtype);

const char *field_name(speig_mm_field field);
const char *symmetry_name(speig_symmetry symmetry);

/* "matrix": {"file", "rows", "cols", "nnz", "field", "symmetry"} */
void input_json(json_writer *w, const char *key, const cli_matrix *A);

#endif
