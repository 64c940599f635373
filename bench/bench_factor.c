/* bench_factor.c: what the parts of shift-invert take: the analysis, the factorization of A - s I,
 * and solves with blocks of several widths, beside the bytes of the factors that they must read.
 * The second factorization finds its memory in place.
 *
 *   bench_factor A.mtx [shift [general]]                                                        */
#include "base/clock.h"
#include "base/threads.h"
#include "factor/factor.h"
#include "speig/speig.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* Seconds of the best of five. */
static int time_solve(factor *F, int64_t n, int32_t p, double *X, double *best)
{
  *best = INFINITY;
  for (int run = 0; run < 5; ++run) {
    double before;
    for (int64_t i = 0; i < n * p; ++i)
      X[i] = (double)(i % 7) - 3;
    before = clock_seconds();
    if (factor_solve(F, 0, p, n, X) != SPEIG_OK)
      return 1;
    *best = fmin(*best, clock_seconds() - before);
  }
  return 0;
}

static int time_solves(factor *F, int64_t n)
{
  enum { WIDEST = 8 };
  double *X = malloc((size_t)n * WIDEST * sizeof *X), seconds,
         bytes = 2 * 8 * factor_get_info(F).entries;
  int code = !X;
  for (int32_t p = 1; p <= WIDEST && !code; p *= 2) {
    code = time_solve(F, n, p, X, &seconds);
    if (!code)
      printf("solve %d      %8.2f ms, %6.2f per column, %5.1f GB/s\n", p, 1e3 * seconds,
             1e3 * seconds / p, bytes / seconds / 1e9);
  }
  free(X);
  return code;
}

int main(int argc, char **argv)
{
  speig_matrix *A = NULL, *pencil = NULL;
  factor *F = NULL;
  double shift[2] = { argc > 2 ? atof(argv[2]) : 0, 0 }, before;
  int singular = 0, code = 1;
  if (argc < 2) {
    fprintf(stderr, "usage: bench_factor A.mtx [shift [general]]\n");
    return 2;
  }
  threads_blas_enter();
  if (speig_mm_read(argv[1], 0, NULL, &A) != SPEIG_OK ||
      factor_pencil(A, NULL, shift, SPEIG_D, &pencil) != SPEIG_OK)
    goto done;
  before = clock_seconds();
  if (factor_analyse(pencil, argc > 3 ? FACTOR_GENERAL : FACTOR_HERMITIAN, &F) != SPEIG_OK)
    goto done;
  printf("analysis     %8.2f ms, %s, %s, %.3g numbers, %.3g operations\n",
         1e3 * (clock_seconds() - before), factor_get_info(F).provider, factor_get_info(F).ordering,
         factor_get_info(F).entries, factor_get_info(F).flops);
  for (int run = 0; run < 2; ++run) {
    before = clock_seconds();
    if (factor_compute(F, pencil, &singular) != SPEIG_OK)
      goto done;
    printf("%s%8.2f ms, %s%s\n", run ? "again        " : "factorization",
           1e3 * (clock_seconds() - before), factor_get_info(F).provider,
           singular ? ", singular" : "");
  }
  code = singular ? 0 : time_solves(F, speig_matrix_get_info(A).rows);
done:
  if (code)
    fprintf(stderr, "bench_factor: %s\n", speig_last_error());
  factor_destroy(&F);
  speig_matrix_destroy(&pencil);
  speig_matrix_destroy(&A);
  threads_blas_leave();
  return code;
}
