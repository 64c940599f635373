/* 05_generalized_lobpcg.c: K x = lambda M x with a preconditioner and a known null vector.
 *
 * A rod of length 1, free at both ends, in n equal linear finite elements: stiffness K, mass M.
 * It may float away whole: the constant vector has K x = 0. That mode is deflated, and LOBPCG finds
 * the next ones, lambda_j = (6 / h^2) (1 - cos(j pi h)) / (2 + cos(j pi h)), near (j pi)^2.
 *
 *   cc 05_generalized_lobpcg.c $(pkg-config --cflags --libs speig) -lm && ./a.out               */
#include <speig/speig.h>

#include <math.h>
#include <stdio.h>

enum { n = 100, nodes = n + 1, entries = 3 * nodes - 2 };

#define CHECK(call)                                                                                \
  do {                                                                                             \
    if (call) {                                                                                    \
      fprintf(stderr, "%s\n", speig_last_error());                                                 \
      return 1;                                                                                    \
    }                                                                                              \
  } while (0)

/* Tridiagonal, from its entries in the middle, at both ends and beside the diagonal. */
static int tridiagonal(double middle, double end, double beside, speig_matrix **A)
{
  int64_t rowptr[nodes + 1], at = 0;
  int32_t colind[entries];
  double values[entries];
  for (int32_t i = 0; i < nodes; ++i) {
    rowptr[i] = at;
    for (int32_t j = i > 0 ? i - 1 : 0; j <= i + 1 && j < nodes; ++j) {
      colind[at] = j;
      values[at++] = i != j ? beside : i == 0 || i == nodes - 1 ? end : middle;
    }
  }
  rowptr[nodes] = at;
  CHECK(speig_matrix_create_csr(SPEIG_D, nodes, nodes, rowptr, colind, values, SPEIG_COPY, A));
  return 0;
}

int main(void)
{
  const double h = 1.0 / n, pi = acos(-1);
  double constant[nodes];
  speig_block rigid = { .dtype = SPEIG_D, .rows = nodes, .cols = 1, .ld = nodes, .data = constant };
  speig_matrix *K = NULL, *M = NULL;
  speig_operator *A = NULL, *B = NULL, *jacobi = NULL;
  speig_eigsh_opts opts = SPEIG_EIGSH_OPTS_INIT;
  speig_eigsh_result *r = NULL;

  if (tridiagonal(2 / h, 1 / h, -1 / h, &K) || tridiagonal(4 * h / 6, 2 * h / 6, h / 6, &M))
    return 1;
  for (int i = 0; i < nodes; ++i)
    constant[i] = 1;
  CHECK(speig_operator_from_matrix(K, &A));
  CHECK(speig_operator_from_matrix(M, &B));
  CHECK(speig_operator_jacobi(K, &jacobi));

  opts.k = 4;
  opts.which = SPEIG_SA;
  opts.method = SPEIG_LOBPCG;
  opts.tol = 1e-8;
  opts.precond = jacobi;
  opts.deflate = &rigid;
  CHECK(speig_eigsh(A, B, &opts, &r));

  for (int32_t j = 0; j < r->k; ++j) {
    double c = cos((j + 1) * pi * h), exact = 6 / (h * h) * (1 - c) / (2 + c);
    printf("%d  %12.6f   formula %12.6f   (j pi)^2 %12.6f\n", (int)j + 1, r->values[j], exact,
           (j + 1) * (j + 1) * pi * pi);
  }
  printf("%d of %d pairs, %s by %s\n", (int)r->k, (int)r->wanted, speig_outcome_name(r->outcome),
         speig_method_name(r->method));

  speig_eigsh_result_free(&r);
  speig_operator_destroy(&jacobi);
  speig_operator_destroy(&B);
  speig_operator_destroy(&A);
  speig_matrix_destroy(&M);
  speig_matrix_destroy(&K);
  return 0;
}
