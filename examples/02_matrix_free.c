/* 02_matrix_free.c: no matrix at all, only a function that multiplies by it.
 *
 * A square drum of side pi on an m x m grid: (A u)_ij = (4 u_ij - neighbours) / h^2. A drum sounds
 * at the square roots of the eigenvalues, which come near a^2 + b^2 (a, b = 1, 2, ...): 2, 5, 5,
 * 8, 10, 10. The two fives are one eigenvalue twice, and both copies must be found.
 *
 *   cc 02_matrix_free.c $(pkg-config --cflags --libs speig) -lm && ./a.out                      */
#include <speig/speig.h>

#include <math.h>
#include <stdio.h>

typedef struct drum {
  int64_t m;
  double h;
} drum;

/* Y = A X on all columns of the block: called with as many as the solver likes. */
static int strike(void *user, const speig_block *X, speig_block *Y)
{
  const drum *d = user;
  const int64_t m = d->m;
  for (int64_t column = 0; column < X->cols; ++column) {
    const double *x = (const double *)X->data + column * X->ld;
    double *y = (double *)Y->data + column * Y->ld;
    for (int64_t i = 0; i < m; ++i)
      for (int64_t j = 0; j < m; ++j) {
        int64_t at = i * m + j;
        double sum = 4 * x[at];
        sum -= i > 0 ? x[at - m] : 0;
        sum -= i < m - 1 ? x[at + m] : 0;
        sum -= j > 0 ? x[at - 1] : 0;
        sum -= j < m - 1 ? x[at + 1] : 0;
        y[at] = sum / (d->h * d->h);
      }
  }
  return 0; /* anything else would stop the solver */
}

int main(void)
{
  drum square = { 60, acos(-1) / 61 };
  speig_operator *op = NULL;
  speig_eigsh_opts opts = SPEIG_EIGSH_OPTS_INIT;
  speig_eigsh_result *result = NULL;

  opts.k = 6;
  opts.which = SPEIG_SA;
  opts.tol = 1e-10;
  if (speig_operator_create(SPEIG_D, square.m * square.m, strike, &square, &op) ||
      speig_eigsh(op, NULL, &opts, &result)) {
    fprintf(stderr, "%s\n", speig_last_error());
    return 1;
  }
  for (int32_t j = 0; j < result->k; ++j)
    printf("%9.6f   residual %.1e\n", result->values[j], result->residuals[j]);
  printf("%s by %s\n", speig_outcome_name(result->outcome), speig_method_name(result->method));

  speig_eigsh_result_free(&result);
  speig_operator_destroy(&op);
  return 0;
}
