/* verify.h: what the ways of `speig verify` share: a result at hand, of eigenvalues or of
 * singular values, or two devices. */
#ifndef SPEIG_SRC_CLI_VERIFY_H
#define SPEIG_SRC_CLI_VERIFY_H

#include "input.h"
#include "result.h"

typedef struct verify_args {
  const char *mass, *values, *vectors;
  int which, hermitian, general, json;
  double tol;
  int64_t dense_limit, threads;
  int device; /* 0: a result is verified */
  int64_t k;
  int method, precision;
} verify_args;

/* "right", ... */
const char *verdict_name(speig_pair_verdict verdict);

/* A result of svds, for the matrix in path: verifies and tells. Returns an exit code. */
int verify_svds(const verify_args *args, const char *path, const char *source,
                const result_file *result);

/* Solves on the host and on the device, compares the answers with each other and with LAPACK, and
 * tells. A and B (whose matrix may be NULL) are in the type to be used. Returns an exit code. */
int verify_devices(const verify_args *args, const cli_matrix *A, const cli_matrix *B);

#endif
