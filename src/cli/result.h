/* result.h: reads a result that `speig solve --json` or `speig svds --json` wrote. */
#ifndef SPEIG_SRC_CLI_RESULT_H
#define SPEIG_SRC_CLI_RESULT_H

#include "cli.h"

typedef struct result_file {
  int32_t k;
  int is_svd; /* singular values; else eigenvalues */
  int is_general; /* of a general problem: two numbers per value */
  double *values; /* [k], or [2 k] real and imaginary parts, owned */
  char *vectors; /* file name, owned; NULL: none were written */
  char *left, *right; /* those of singular vectors */
  char *mass; /* file name of B, owned; NULL: standard problem */
  int which; /* a speig_which, or a speig_eigs_which; -1 when the file does not say */
  int is_shifted; /* solved with --sigma, so `which` ranks transformed values */
  int is_single; /* computed in single precision */
  int is_partial; /* fewer pairs than wanted: the set does not claim to be complete */
  int64_t deflated;
} result_file;

/* path "-" is standard input. Returns an exit code and has said why. A relative name of the vectors
 * that does not exist here is looked for beside the result file. */
int result_read(const char *path, result_file *out);
/* The same from text in memory, which ends with a zero that size does not count. */
int result_parse(const char *path, const char *text, size_t size, result_file *out);
void result_free(result_file *result);

#endif
