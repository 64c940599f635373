/* 03_read_file.c: a Matrix Market file, k eigenvalues from one end, and how far to trust them.
 *
 *   cc 03_read_file.c $(pkg-config --cflags --libs speig) && ./a.out A.mtx [k]                  */
#include <speig/speig.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static void print(const speig_eigsh_result *r)
{
  for (int32_t j = 0; j < r->k; ++j)
    printf("%3d  %18.12f  residual %.1e\n", (int)j, r->values[j], r->residuals[j]);
  printf("%d of %d pairs, %s (stopped: %s), %" PRId64 " products\n", (int)r->k, (int)r->wanted,
         speig_outcome_name(r->outcome), speig_reason_name(r->reason), r->matvecs);
}

int main(int argc, char **argv)
{
  speig_matrix *A = NULL;
  speig_operator *op = NULL;
  speig_eigsh_opts opts = SPEIG_EIGSH_OPTS_INIT;
  speig_eigsh_result *result = NULL;
  int incomplete;

  if (argc < 2 || argc > 3) {
    fprintf(stderr, "usage: %s A.mtx [k]\n", argv[0]);
    return 2;
  }
  if (argc == 3)
    opts.k = (int32_t)strtol(argv[2], NULL, 10);
  opts.which = SPEIG_LA; /* the largest, algebraically */
  if (speig_mm_read(argv[1], 0, NULL, &A) || speig_operator_from_matrix(A, &op) ||
      speig_eigsh(op, NULL, &opts, &result)) {
    fprintf(stderr, "%s\n", speig_last_error()); /* names the file, the line and what is wrong */
    return 1;
  }
  print(result);
  /* Fewer than wanted is a result, not an error: what was found is there. */
  incomplete = result->outcome == SPEIG_PARTIAL || result->outcome == SPEIG_FAILED;
  speig_eigsh_result_free(&result);
  speig_operator_destroy(&op);
  speig_matrix_destroy(&A);
  return incomplete ? 3 : 0;
}
