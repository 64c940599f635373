/* symbolic.h: the table that a module with an ordering and a supernodal analysis hands out,
 * speig_NAME_module_get. It is plain C and needs nothing of speig.
 *
 * The analysis sees the structure of a Hermitian matrix and tells that of its Cholesky factor:
 * columns of like structure are supernodes, dense trapezoids whose rows are listed once.         */
#ifndef SPEIG_SRC_FACTOR_SYMBOLIC_H
#define SPEIG_SRC_FACTOR_SYMBOLIC_H

#include <stdint.h>

enum { SYMBOLIC_ABI = 1, SYMBOLIC_TEXT = 256 };

typedef enum symbolic_code { SYMBOLIC_OK = 0, SYMBOLIC_MEMORY, SYMBOLIC_FAILED } symbolic_code;

/* Columns and rows are counted in the order of elimination, from 0. A supernode's rows ascend, and
 * its own columns come first; those behind belong to supernodes with larger numbers. */
typedef struct symbolic_structure {
  int64_t n, count; /* columns, supernodes */
  const int64_t *order; /* [n] the matrix's row at each place of the elimination */
  const int64_t *first; /* [count + 1] first column of each supernode */
  const int64_t *row_at; /* [count + 1] where its rows start in row */
  const int64_t *row;
  const char *ordering; /* "AMD" */
  void *owner;
} symbolic_structure;

typedef struct symbolic_provider {
  int32_t abi;
  const char *name; /* "CHOLMOD 3.0.14" */
  /* The lower triangle, row by row: the columns of row i are col[at[i]] ... col[at[i + 1] - 1]. A
   * message of at most SYMBOLIC_TEXT bytes is written when the code is not OK. */
  symbolic_code (*analyse)(int64_t n, const int64_t *at, const int64_t *col,
                           symbolic_structure *out, char *text);
  void (*release)(symbolic_structure *structure);
} symbolic_provider;

#endif
