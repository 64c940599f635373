/* provider.h: the table that a module with a sparse direct solver hands out, speig_NAME_module_get.
 * It is plain C and needs nothing of speig: messages go to a text of the caller's, arrays are his.
 *
 * A system of order n is a list of entries with 1-based indices. A symmetric one lists its lower
 * triangle and is factored as L D L^T with pivots of order 1 and 2, another one lists everything
 * and is factored as L U. Complex symmetric systems are not asked for.                          */
#ifndef SPEIG_SRC_FACTOR_PROVIDER_H
#define SPEIG_SRC_FACTOR_PROVIDER_H

#include "speig/types.h"

enum { PROVIDER_ABI = 1, PROVIDER_TEXT = 256 };

typedef enum provider_code {
  PROVIDER_OK = 0,
  PROVIDER_SINGULAR, /* a pivot that is exactly zero, or a structure without full rank */
  PROVIDER_MEMORY,
  PROVIDER_FAILED
} provider_code;

typedef struct provider_system {
  int64_t n, entries;
  const int32_t *row, *col; /* [entries] from 1, row >= col in a symmetric system */
  int group; /* unknowns that belong together and stay so in the ordering: 1, or 2 consecutive */
} provider_system;

typedef struct provider_facts {
  double flops; /* of a factorization, predicted */
  int64_t factor_entries; /* numbers in the factors, predicted, later counted */
  size_t bytes; /* the most that a factorization takes, predicted */
  int64_t negative; /* negative eigenvalues of a real symmetric system, once factored */
  const char *ordering;
} provider_facts;

typedef struct provider {
  int32_t abi;
  const char *name; /* "MUMPS 5.5.1" */
  /* Every call writes a message of at most PROVIDER_TEXT bytes when its code is not OK. An instance
   * keeps the arrays of the system, which must not go before it. */
  provider_code (*open)(speig_dtype dtype, int symmetric, void **instance, char *text);
  provider_code (*analyse)(void *instance, const provider_system *system, provider_facts *facts,
                           char *text);
  /* values[entries] in the order of the system; bytes: not more may be taken, 0: no limit. May be
   * called again with other values. */
  provider_code (*factorise)(void *instance, const void *values, size_t bytes,
                             provider_facts *facts, char *text);
  /* X (n x p, column j at x + j ld) = the solution of the system, or of its transpose. */
  provider_code (*solve)(void *instance, int transposed, int32_t p, int64_t ld, void *x,
                         char *text);
  void (*close)(void *instance);
} provider;

#endif
