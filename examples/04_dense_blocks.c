/* 04_dense_blocks.c: the building blocks by themselves: sparse products, sums, dots and norms.
 *
 * The power method on a star, n - 1 rays around a hub: the largest eigenvalue of its Laplacian is
 * n exactly, the next is 1, so a few products are enough.
 *
 *   cc 04_dense_blocks.c $(pkg-config --cflags --libs speig) && ./a.out                         */
#include <speig/speig.h>

#include <stdio.h>

enum { n = 40, entries = 2 * n - 1 };

#define CHECK(call)                                                                                \
  do {                                                                                             \
    if (call) {                                                                                    \
      fprintf(stderr, "%s\n", speig_last_error());                                                 \
      return 1;                                                                                    \
    }                                                                                              \
  } while (0)

/* The lower triangle as a list of entries, in any order: speig sorts and mirrors them. */
static int star(speig_matrix **A)
{
  int32_t row[entries], col[entries];
  double value[entries];
  speig_coo *list = NULL;
  for (int32_t i = 0; i < n; ++i) {
    row[i] = col[i] = i;
    value[i] = i == 0 ? n - 1 : 1;
  }
  for (int32_t i = 1; i < n; ++i) {
    row[n + i - 1] = i;
    col[n + i - 1] = 0;
    value[n + i - 1] = -1;
  }
  CHECK(speig_coo_create(SPEIG_D, n, n, entries, row, col, value, SPEIG_SYMMETRIC, SPEIG_BORROW,
                         &list));
  CHECK(speig_matrix_from_coo(list, A));
  speig_coo_destroy(&list);
  return 0;
}

int main(void)
{
  const double one = 1, zero = 0;
  double sum, norm, theta = 0, minus_theta;
  speig_matrix *A = NULL;
  speig_block x, y;

  if (star(&A))
    return 1;
  CHECK(speig_block_alloc(SPEIG_D, n, 1, &x));
  CHECK(speig_block_alloc(SPEIG_D, n, 1, &y));
  CHECK(speig_fill_random(NULL, 7, &x));
  for (int step = 0; step < 20; ++step) {
    double inverse;
    CHECK(speig_norm(NULL, &x, &norm));
    inverse = 1 / norm;
    CHECK(speig_scale(NULL, &inverse, &x));
    CHECK(speig_spmv(NULL, &one, A, &x, &zero, &y)); /* y = A x */
    CHECK(speig_dot(NULL, &x, &y, &theta)); /* theta = x^T A x */
    if (step < 19) { /* x = y; the last round keeps x for the residual */
      speig_block swap = x;
      x = y;
      y = swap;
    }
  }
  minus_theta = -theta;
  CHECK(speig_axpy(NULL, &minus_theta, &x, &y)); /* y = A x - theta x */
  CHECK(speig_norm(NULL, &y, &norm));
  CHECK(speig_sum(NULL, &x, &sum));
  printf("largest eigenvalue %.12f\n", theta);
  printf("residual small: %s\n", norm < 1e-10 ? "yes" : "no");
  printf("orthogonal to the constant vector: %s\n", sum < 1e-10 && sum > -1e-10 ? "yes" : "no");

  speig_block_free(&x);
  speig_block_free(&y);
  speig_matrix_destroy(&A);
  return 0;
}
