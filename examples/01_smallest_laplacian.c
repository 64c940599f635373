/* 01_smallest_laplacian.c: arrays of your own go in, eigenvalues come out.
 *
 * The matrix of a chain of n equal masses and springs between two walls: 2 on the diagonal, -1
 * beside it. Its eigenvalues are 4 sin^2(j pi / (2 (n + 1))), j = 1 ... n: compare.
 *
 *   cc 01_smallest_laplacian.c $(pkg-config --cflags --libs speig) -lm && ./a.out               */
#include <speig/speig.h>

#include <math.h>
#include <stdio.h>

enum { n = 500 };

static int failed(const char *what)
{
  fprintf(stderr, "%s: %s\n", what, speig_last_error());
  return 1;
}

/* Compressed rows: row i holds entries rowptr[i] ... rowptr[i + 1] - 1. */
static void chain(int64_t *rowptr, int32_t *colind, double *values)
{
  int64_t at = 0;
  for (int32_t i = 0; i < n; ++i) {
    rowptr[i] = at;
    for (int32_t j = i > 0 ? i - 1 : 0; j <= i + 1 && j < n; ++j) {
      colind[at] = j;
      values[at++] = i == j ? 2 : -1;
    }
  }
  rowptr[n] = at;
}

int main(void)
{
  static int64_t rowptr[n + 1];
  static int32_t colind[3 * n];
  static double values[3 * n];
  const double pi = acos(-1);
  speig_matrix *A = NULL;
  speig_operator *op = NULL;
  speig_eigsh_opts opts = SPEIG_EIGSH_OPTS_INIT;
  speig_eigsh_result *result = NULL;

  chain(rowptr, colind, values);
  /* BORROW: nothing is copied; the three arrays must live as long as A does. */
  if (speig_matrix_create_csr(SPEIG_D, n, n, rowptr, colind, values, SPEIG_BORROW, &A))
    return failed("matrix");
  if (speig_operator_from_matrix(A, &op))
    return failed("operator");

  opts.k = 5;
  opts.which = SPEIG_SA; /* the smallest, algebraically */
  if (speig_eigsh(op, NULL, &opts, &result))
    return failed("eigsh");

  printf("%4s  %-20s  %-9s  %s\n", "j", "eigenvalue", "residual", "error");
  for (int32_t j = 0; j < result->k; ++j) {
    double s = sin((j + 1) * pi / (2 * (n + 1)));
    double error = fabs(result->values[j] - 4 * s * s);
    printf("%4d  %.14e  %.1e    %s\n", (int)j + 1, result->values[j], result->residuals[j],
           error <= result->error_bounds[j] + 1e-14 ? "within its bound" : "TOO LARGE");
  }
  printf("%d of %d pairs, %s\n", (int)result->k, (int)result->wanted,
         speig_outcome_name(result->outcome));

  speig_eigsh_result_free(&result);
  speig_operator_destroy(&op);
  speig_matrix_destroy(&A);
  return 0;
}
