/* test_small.c: small matrices, real and complex, against definitions written out as loops. */
#include "harness.h"

#include "base/random.h"
#include "dense/small.h"

#include <complex.h>
#include <math.h>
#include <stdio.h>

typedef double _Complex zscalar;

static zscalar at(const small *M, int32_t i, int32_t j)
{
  const double *m = M->data + ((int64_t)i + (int64_t)j * M->ld) * (M->is_complex ? 2 : 1);
  return M->is_complex ? m[0] + m[1] * I : m[0];
}

static small random_small(int32_t rows, int32_t cols, int is_complex, uint64_t seed)
{
  small M;
  int64_t stride = is_complex ? 2 : 1;
  CHECK_OK(small_alloc(rows, cols, is_complex, &M));
  for (int64_t j = 0; j < cols; ++j)
    for (int64_t i = 0; i < rows * stride; ++i)
      M.data[i + j * M.ld * stride] = random_uniform(seed, i, j, 0);
  return M;
}

/* max |C - op(A) op(B)| by loops. */
static double product_error(const small *A, int conj_a, const small *B, int conj_b, const small *C)
{
  double worst = 0;
  int32_t inner = conj_a ? A->rows : A->cols;
  for (int32_t i = 0; i < C->rows; ++i) {
    for (int32_t j = 0; j < C->cols; ++j) {
      zscalar sum = 0;
      for (int32_t l = 0; l < inner; ++l)
        sum +=
            (conj_a ? conj(at(A, l, i)) : at(A, i, l)) * (conj_b ? conj(at(B, j, l)) : at(B, l, j));
      worst = fmax(worst, cabs(sum - at(C, i, j)));
    }
  }
  return worst;
}

static void products_match_their_definition(void)
{
  /* Real and complex factors in every mixture whose result has a home, each op. */
  for (int kind = 0; kind < 5; ++kind) {
    int za = kind == 1 || kind == 3, zb = kind == 2 || kind == 3, zc = kind > 0;
    for (int op = 0; op < 4; ++op) {
      int ca = op & 1, cb = op >> 1;
      small big = random_small(9, 8, za, 3), A = small_view(&big, 2, 1, ca ? 6 : 5, ca ? 5 : 6);
      small B = random_small(cb ? 4 : 6, cb ? 6 : 4, zb, 4), C = random_small(5, 4, zc, 5);
      small_set(&C, 0, 0, NAN); /* beta = 0 must not read C */
      small_mul(1, &A, ca, &B, cb, 0, &C);
      CU_ASSERT_TRUE(product_error(&A, ca, &B, cb, &C) < 1e-14);
      small_mul(2, &A, ca, &B, cb, -1, &C);
      CU_ASSERT_TRUE(product_error(&A, ca, &B, cb, &C) < 1e-13);
      small_free(&big);
      small_free(&B);
      small_free(&C);
    }
  }
}

static void eigenvectors_diagonalise(void)
{
  for (int is_complex = 0; is_complex < 2; ++is_complex) {
    enum { N = 37 };
    double theta[N], trace = 0, sum = 0;
    small room = random_small(N + 3, N, is_complex, 11), A = small_view(&room, 1, 0, N, N);
    small V, AV, G;
    small_make_hermitian(&A);
    CHECK_OK(small_alloc(N, N, is_complex, &V));
    CHECK_OK(small_alloc(N, N, is_complex, &AV));
    CHECK_OK(small_alloc(N, N, is_complex, &G));
    small_copy(&A, &V);
    CHECK_OK(small_eigh(&V, theta));
    small_mul(1, &A, 0, &V, 0, 0, &AV);
    for (int32_t j = 0; j < N; ++j) {
      trace += small_get(&A, j, j);
      sum += theta[j];
      CU_ASSERT_TRUE(j == 0 || theta[j] >= theta[j - 1]);
    }
    CU_ASSERT_DOUBLE_EQUAL(trace, sum, 1e-12);
    small_copy(&V, &G);
    small_scale_cols(&G, theta);
    for (int32_t j = 0; j < N; ++j)
      for (int32_t i = 0; i < N; ++i)
        CU_ASSERT_TRUE(cabs(at(&AV, i, j) - at(&G, i, j)) < 1e-13);
    small_identity(&G);
    CU_ASSERT_TRUE(product_error(&V, 1, &V, 0, &G) < 1e-13);
    small_free(&room);
    small_free(&V);
    small_free(&AV);
    small_free(&G);
  }
}

static void nan_is_an_error_not_a_hang(void)
{
  double bad[] = { NAN, INFINITY };
  for (int is_complex = 0; is_complex < 2; ++is_complex) {
    for (int b = 0; b < 2; ++b) {
      double theta[20];
      int32_t rank;
      small A = random_small(20, 20, is_complex, 5);
      small_make_hermitian(&A);
      small_set(&A, 7, 3, bad[b]);
      CU_ASSERT_EQUAL(small_eigh(&A, theta), SPEIG_ERR_NUMERIC);
      CU_ASSERT_EQUAL(small_cholesky(&A, &rank), SPEIG_ERR_NUMERIC);
      CU_ASSERT_EQUAL(rank, 0);
      small_free(&A);
    }
  }
}

static void scales_do_not_matter(void)
{
  double scales[] = { 1e-300, 1e300 };
  for (int s = 0; s < 2; ++s) {
    double theta[10], reference[10], factor[10];
    small A = random_small(10, 10, 0, 6), V = random_small(10, 10, 0, 6);
    for (int j = 0; j < 10; ++j)
      factor[j] = scales[s];
    small_make_hermitian(&A);
    small_copy(&A, &V);
    CHECK_OK(small_eigh(&V, reference));
    small_scale_cols(&A, factor);
    CHECK_OK(small_eigh(&A, theta));
    for (int j = 0; j < 10; ++j)
      CU_ASSERT_DOUBLE_EQUAL(theta[j] / scales[s], reference[j], 1e-13);
    small_free(&A);
    small_free(&V);
  }
}

static void cholesky_factors_and_names_the_failing_order(void)
{
  for (int is_complex = 0; is_complex < 2; ++is_complex) {
    enum { N = 150 }; /* larger than LAPACK's blocks */
    int32_t rank;
    small F = random_small(N, N, is_complex, 21), A, R;
    CHECK_OK(small_alloc(N, N, is_complex, &A));
    CHECK_OK(small_alloc(N, N, is_complex, &R));
    small_mul(1, &F, 1, &F, 0, 0, &A);
    for (int32_t j = 0; j < N; ++j)
      small_set(&A, j, j, small_get(&A, j, j) + 1);
    small_copy(&A, &R);
    CHECK_OK(small_cholesky(&R, &rank));
    CU_ASSERT_EQUAL(rank, N);
    CU_ASSERT_TRUE(product_error(&R, 1, &R, 0, &A) < 1e-11);
    CU_ASSERT_EQUAL(small_get(&R, 5, 2), 0);
    /* Indefinite from row 141 on: the leading block must still be right. */
    small_copy(&A, &R);
    small_set(&R, 140, 140, -1);
    CHECK_OK(small_cholesky(&R, &rank));
    CU_ASSERT_EQUAL(rank, 140);
    small lead = small_view(&R, 0, 0, rank, rank), known = small_view(&A, 0, 0, rank, rank);
    CU_ASSERT_TRUE(product_error(&lead, 1, &lead, 0, &known) < 1e-11);
    small_free(&F);
    small_free(&A);
    small_free(&R);
  }
}

static void triangular_systems_invert_products(void)
{
  for (int kind = 0; kind < 3; ++kind) {
    int zr = kind == 2, zx = kind > 0;
    int32_t rank;
    small R = random_small(6, 6, zr, 31), H, X = random_small(6, 6, zx, 32), Y, keep;
    CHECK_OK(small_alloc(6, 6, zr, &H));
    CHECK_OK(small_alloc(6, 6, zx, &Y));
    CHECK_OK(small_alloc(6, 6, zx, &keep));
    small_mul(1, &R, 1, &R, 0, 0, &H);
    for (int32_t j = 0; j < 6; ++j)
      small_set(&H, j, j, small_get(&H, j, j) + 1);
    CHECK_OK(small_cholesky(&H, &rank));
    small_copy(&X, &keep);
    small_solve_right_upper(&H, &X);
    CU_ASSERT_TRUE(product_error(&X, 0, &H, 0, &keep) < 1e-13);
    small_copy(&keep, &X);
    small_solve_left_upper(&H, &X);
    CU_ASSERT_TRUE(product_error(&H, 0, &X, 0, &keep) < 1e-13);
    small_free(&R);
    small_free(&H);
    small_free(&X);
    small_free(&Y);
    small_free(&keep);
  }
}

static void empty_matrices_are_legal(void)
{
  small A, B, C;
  int32_t rank = 7;
  CHECK_OK(small_alloc(0, 0, 1, &A));
  CHECK_OK(small_alloc(0, 3, 1, &B));
  CHECK_OK(small_alloc(3, 3, 1, &C));
  CHECK_OK(small_eigh(&A, NULL));
  CHECK_OK(small_cholesky(&A, &rank));
  CU_ASSERT_EQUAL(rank, 0);
  small_identity(&C);
  small_mul(1, &B, 1, &B, 0, 0, &C); /* an empty sum is zero */
  CU_ASSERT_EQUAL(small_max_abs(&C), 0);
  small_solve_left_upper(&A, &B);
  small_free(&A);
  small_free(&B);
  small_free(&C);
}

int main(void)
{
  CU_pSuite suite;
  harness_start();
  suite = harness_suite("small");
  ADD_CASE(suite, products_match_their_definition);
  ADD_CASE(suite, eigenvectors_diagonalise);
  ADD_CASE(suite, nan_is_an_error_not_a_hang);
  ADD_CASE(suite, scales_do_not_matter);
  ADD_CASE(suite, cholesky_factors_and_names_the_failing_order);
  ADD_CASE(suite, triangular_systems_invert_products);
  ADD_CASE(suite, empty_matrices_are_legal);
  return harness_finish("small");
}
