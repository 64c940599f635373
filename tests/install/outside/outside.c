/* outside.c: the installed library is the one its headers describe, and it solves a problem: the
 * chain of three, whose eigenvalues are 2 - sqrt 2, 2, 2 + sqrt 2. */
#include <speig/speig.h>

#include <stdio.h>
#include <string.h>

int main(void)
{
  static const int64_t rowptr[] = { 0, 2, 5, 7 };
  static const int32_t colind[] = { 0, 1, 0, 1, 2, 1, 2 };
  static const double values[] = { 2, -1, -1, 2, -1, -1, 2 };
  speig_matrix *A = NULL;
  speig_operator *op = NULL;
  speig_eigsh_opts opts = SPEIG_EIGSH_OPTS_INIT;
  speig_eigsh_result *result = NULL;

  if (strcmp(speig_version(), SPEIG_VERSION) != 0) {
    printf("library %s, headers %s\n", speig_version(), SPEIG_VERSION);
    return 1;
  }
  opts.k = 3;
  if (speig_matrix_create_csr(SPEIG_D, 3, 3, rowptr, colind, values, SPEIG_BORROW, &A) ||
      speig_operator_from_matrix(A, &op) || speig_eigsh(op, NULL, &opts, &result)) {
    printf("%s\n", speig_last_error());
    return 1;
  }
  printf("%.6f %.6f %.6f\n", result->values[0], result->values[1], result->values[2]);
  speig_eigsh_result_free(&result);
  speig_operator_destroy(&op);
  speig_matrix_destroy(&A);
  return 0;
}
