/* fingerprint.h: which problem a checkpoint belongs to. */
#ifndef SPEIG_SRC_SOLVERS_FINGERPRINT_H
#define SPEIG_SRC_SOLVERS_FINGERPRINT_H

#include "backend/operator.h"
#include "solvers/archive.h"
#include "speig/eigsh.h"

/* What can be told of an operator. */
typedef struct operator_print {
  int64_t rows, cols, nnz; /* nnz -1: a function; all 0: there is none */
  uint32_t structure, values; /* checksums */
  double sample; /* of a function: ||A x|| for a fixed x; else 0 */
} operator_print;

typedef struct fingerprint {
  char kind[16]; /* "hermitian", "general", "svd" */
  int32_t dtype, which, mode, part, has_sigma;
  speig_method asked, method; /* as asked for, and as planned: what to go on with */
  double sigma[2];
  operator_print A, B;
  int64_t deflated; /* columns */
  uint32_t deflation; /* checksum */
} fingerprint;

/* Looks at entries, or multiplies once. op may be NULL. Errors: those of the backend. */
speig_status operator_fingerprint(bound_operator *bound, operator_print *out);
/* A checksum of all columns. Errors: MEMORY, those of the backend. */
speig_status block_fingerprint(const multivec *X, uint32_t *out);
/* Says what differs, the value on file and the one here. Errors: ARG. */
speig_status fingerprint_compare(const char *path, const fingerprint *file,
                                 const fingerprint *here);
speig_status archive_fingerprint(archive *a, fingerprint *mark);

#endif
