/* test_schur.c: Schur forms, their order, and eigenvectors of small nonsymmetric matrices, judged
 * by residuals computed here. */
#include "harness.h"

#include "base/random.h"
#include "dense/schur.h"

#include <math.h>
#include <stdio.h>

static small matrix(int32_t n, int is_complex)
{
  small M = { 0 };
  CHECK_OK(small_alloc(n, n, is_complex, &M));
  return M;
}

static void fill(small *M, uint64_t seed)
{
  for (int32_t j = 0; j < M->cols; ++j)
    for (int32_t i = 0; i < M->rows; ++i) {
      small entry = small_view(M, i, j, 1, 1);
      entry.data[0] = random_uniform(seed, i, j, 0);
      if (M->is_complex)
        entry.data[1] = random_uniform(seed, i, j, 1);
    }
}

static double difference(const small *A, const small *B)
{
  small D = matrix(A->rows, A->is_complex);
  double size;
  small_copy(A, &D);
  for (int32_t j = 0; j < A->cols; ++j)
    for (int64_t i = 0; i < (int64_t)A->rows * (A->is_complex ? 2 : 1); ++i) {
      const double *b = small_view(B, 0, j, 1, 1).data;
      small_view(&D, 0, j, 1, 1).data[i] -= b[i];
    }
  size = small_max_abs(&D);
  small_free(&D);
  return size;
}

/* |A - Z T Z^H| and |Z^H Z - I| */
static void check_form(const small *A, const small *T, const small *Z)
{
  small P = matrix(A->rows, A->is_complex), R = matrix(A->rows, A->is_complex);
  small_mul(1, Z, 0, T, 0, 0, &P);
  small_mul(1, &P, 0, Z, 1, 0, &R);
  CU_ASSERT_TRUE(difference(A, &R) < 1e-13 * A->rows);
  small_mul(1, Z, 1, Z, 0, 0, &P);
  small_identity(&R);
  CU_ASSERT_TRUE(difference(&P, &R) < 1e-13);
  small_free(&P);
  small_free(&R);
}

/* |A S - B S D| with B NULL for the identity, and unit columns */
static void check_vectors(const small *A, const small *B, const small *S, const eigenvalue *lambda)
{
  int32_t n = A->rows;
  small D = matrix(n, A->is_complex), R = matrix(n, A->is_complex), BS = matrix(n, A->is_complex);
  packed_diagonal(n, lambda, &D);
  small_mul(1, A, 0, S, 0, 0, &R);
  if (B)
    small_mul(1, B, 0, S, 0, 0, &BS);
  else
    small_copy(S, &BS);
  small_mul(-1, &BS, 0, &D, 0, 1, &R);
  CU_ASSERT_TRUE(small_max_abs(&R) < 1e-12 * n * fmax(1, small_max_abs(&D)));
  small_mul(1, S, 1, S, 0, 0, &R);
  for (int32_t j = 0; j < n; ++j) {
    double square = small_get(&R, j, j);
    if (pair_starts(A->is_complex, lambda, j)) {
      square += small_get(&R, j + 1, j + 1);
      ++j;
    }
    CU_ASSERT_DOUBLE_EQUAL(square, 1, 1e-13);
  }
  small_free(&D);
  small_free(&R);
  small_free(&BS);
}

/* Sorted by real part, pairs staying together, the form still is one of A. */
static void form_order_vectors(int is_complex)
{
  enum { N = 23 };
  small A = matrix(N, is_complex), T = matrix(N, is_complex), Z = matrix(N, is_complex),
        S = matrix(N, is_complex);
  eigenvalue lambda[N], sorted[N];
  int32_t rank[N];
  fill(&A, 7);
  small_copy(&A, &T);
  CHECK_OK(schur_decompose(&T, &Z, lambda));
  check_form(&A, &T, &Z);
  for (int32_t i = 0; i < N; ++i)
    rank[i] = i;
  for (int32_t i = 0; i < N; ++i) /* stable: the members of a pair have the same real part */
    for (int32_t j = N - 1; j > 0; --j)
      if (lambda[rank[j]].re > lambda[rank[j - 1]].re) {
        int32_t other = rank[j];
        rank[j] = rank[j - 1];
        rank[j - 1] = other;
      }
  for (int32_t i = 0; i < N; ++i)
    sorted[i] = lambda[rank[i]];
  CHECK_OK(schur_sort(&T, &Z, N, rank, lambda));
  check_form(&A, &T, &Z);
  for (int32_t i = 0; i < N; ++i) {
    CU_ASSERT_DOUBLE_EQUAL(lambda[i].re, sorted[i].re, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(lambda[i].im, sorted[i].im, 1e-12);
  }
  CHECK_OK(schur_vectors(&T, lambda, &S));
  check_vectors(&T, NULL, &S, lambda);
  small_free(&A);
  small_free(&T);
  small_free(&Z);
  small_free(&S);
}

static void real_form(void)
{
  form_order_vectors(0);
}

static void complex_form(void)
{
  form_order_vectors(1);
}

/* LAPACK's drivers for whole matrices; y^H A = lambda y^H is A^H y = conj(lambda) y. */
static void whole_matrices(void)
{
  enum { N = 31 };
  for (int variant = 0; variant < 4; ++variant) {
    int is_complex = variant & 1, balanced = variant >> 1;
    small A = matrix(N, is_complex), W = matrix(N, is_complex), X = matrix(N, is_complex),
          Y = matrix(N, is_complex), adjoint = matrix(N, is_complex), I = matrix(N, is_complex);
    eigenvalue lambda[N];
    fill(&A, 11);
    small_copy(&A, &W);
    CHECK_OK(general_eigen(&W, balanced, &X, &Y, lambda));
    check_vectors(&A, NULL, &X, lambda);
    small_identity(&I);
    small_mul(1, &A, 1, &I, 0, 0, &adjoint);
    if (!is_complex) { /* the packed columns of the conjugate problem: v with the other sign */
      double minus = -1;
      for (int32_t j = 0; j < N; ++j) {
        small column = small_view(&Y, 0, j, N, 1);
        if (pair_ends(is_complex, lambda, j))
          small_scale_cols(&column, &minus);
      }
    } else {
      for (int32_t j = 0; j < N; ++j)
        lambda[j].im = -lambda[j].im;
    }
    check_vectors(&adjoint, NULL, &Y, lambda);
    small_free(&A);
    small_free(&W);
    small_free(&X);
    small_free(&Y);
    small_free(&adjoint);
    small_free(&I);
  }
}

/* B singular of rank N - 4: four infinite eigenvalues, the others hold. */
static void singular_pencil(void)
{
  enum { N = 19, LOST = 4 };
  for (int is_complex = 0; is_complex < 2; ++is_complex) {
    small A = matrix(N, is_complex), B = matrix(N, is_complex), W = matrix(N, is_complex),
          M = matrix(N, is_complex), X = matrix(N, is_complex);
    eigenvalue lambda[N];
    int32_t infinite = 0, seen = 0;
    fill(&A, 5);
    fill(&B, 6);
    for (int32_t i = 0; i < N; ++i) /* rows of zeros */
      for (int32_t j = 0; j < LOST; ++j)
        small_set(&B, j, i, 0);
    small_copy(&A, &W);
    small_copy(&B, &M);
    CHECK_OK(general_pencil(&W, &M, 1, &X, NULL, lambda, &infinite));
    CU_ASSERT_EQUAL(infinite, LOST);
    for (int32_t j = 0; j < N; ++j) {
      small x = small_view(&X, 0, j, N, 1), r = small_view(&M, 0, 0, N, 1);
      if (isinf(lambda[j].re)) {
        ++seen; /* B x = 0 */
        small_mul(1, &B, 0, &x, 0, 0, &r);
        CU_ASSERT_TRUE(small_max_abs(&r) < 1e-12);
        continue;
      }
      CU_ASSERT_TRUE(hypot(lambda[j].re, lambda[j].im) < 1e3);
    }
    CU_ASSERT_EQUAL(seen, LOST);
    small_free(&A);
    small_free(&B);
    small_free(&W);
    small_free(&M);
    small_free(&X);
  }
}

/* Jordan blocks, zero, order 1: nothing may fail or loop. */
static void degenerate_matrices(void)
{
  for (int32_t n = 1; n <= 12; ++n)
    for (int variant = 0; variant < 4; ++variant) {
      int is_complex = variant & 1, jordan = variant >> 1;
      small A = matrix(n, is_complex), T = matrix(n, is_complex), Z = matrix(n, is_complex),
            S = matrix(n, is_complex);
      eigenvalue lambda[12];
      int32_t rank[12];
      for (int32_t i = 0; i < n; ++i)
        rank[i] = i;
      for (int32_t i = 0; jordan && i < n; ++i) {
        small_set(&A, i, i, 2);
        if (i + 1 < n)
          small_set(&A, i, i + 1, 1);
      }
      small_copy(&A, &T);
      CHECK_OK(schur_decompose(&T, &Z, lambda));
      check_form(&A, &T, &Z);
      CHECK_OK(schur_sort(&T, &Z, n, rank, lambda));
      CHECK_OK(schur_vectors(&T, lambda, &S));
      check_vectors(&T, NULL, &S, lambda);
      small_free(&A);
      small_free(&T);
      small_free(&Z);
      small_free(&S);
    }
}

static void bad_numbers_are_refused(void)
{
  small A = matrix(3, 0), Z = matrix(3, 0);
  eigenvalue lambda[3];
  small_set(&A, 1, 2, NAN);
  CU_ASSERT_EQUAL(schur_decompose(&A, &Z, lambda), SPEIG_ERR_NUMERIC);
  CU_ASSERT_EQUAL(general_eigen(&A, 1, &Z, NULL, lambda), SPEIG_ERR_NUMERIC);
  small_free(&A);
  small_free(&Z);
}

/* A reducible matrix in a scattered order: four rotations with the same eigenvalues, coupled one
 * way, so that as a whole its values have half of their digits, and block by block all of them. */
static void blocks_one_by_one(void)
{
  enum { BLOCKS = 4, ORDER = 2 * BLOCKS + 3 };
  for (int is_complex = 0; is_complex < 2; ++is_complex) {
    small A = matrix(ORDER, is_complex), whole = matrix(ORDER, is_complex);
    eigenvalue lambda[ORDER], together[ORDER];
    double worst = 0, worst_together = 0;
    int pairs = 0;
    for (int32_t i = 0; i < ORDER; ++i)
      for (int32_t j = 0; j < ORDER; ++j) {
        int same = i / 2 == j / 2 && i < 2 * BLOCKS && j < 2 * BLOCKS;
        double a = same ? (i == j ? 3 : i < j ? 1 : -1) : i == j ? 3 : i < j ? 1 : 0;
        small_set(&A, (4 * i + 1) % ORDER, (4 * j + 1) % ORDER, a);
      }
    small_copy(&A, &whole);
    CHECK_OK(general_eigen(&whole, 0, NULL, NULL, together));
    CHECK_OK(general_values(&A, 0, lambda));
    for (int32_t i = 0; i < ORDER; ++i) {
      double at = fabs(lambda[i].im) > 0.5 ? 1 : 0;
      pairs += at > 0;
      worst = fmax(worst, hypot(lambda[i].re - 3, fabs(lambda[i].im) - at));
      at = fabs(together[i].im) > 0.5 ? 1 : 0;
      worst_together = fmax(worst_together, hypot(together[i].re - 3, fabs(together[i].im) - at));
    }
    CU_ASSERT_EQUAL(pairs, 2 * BLOCKS);
    CU_ASSERT_TRUE(worst <= 1e-14);
    CU_ASSERT_TRUE(worst_together > 1e-10); /* the test could not tell otherwise */
    small_free(&A);
    small_free(&whole);
  }
}

/* One block, and no row at all. */
static void irreducible_matrices(void)
{
  for (int32_t n = 0; n <= 30; n += 15) {
    small A = matrix(n, 0), B = matrix(n, 0);
    eigenvalue one[30], other[30];
    fill(&A, 5);
    small_copy(&A, &B);
    CHECK_OK(general_values(&A, 1, one));
    CHECK_OK(general_eigen(&B, 1, NULL, NULL, other));
    for (int32_t i = 0; i < n; ++i)
      CU_ASSERT_TRUE(one[i].re == other[i].re && one[i].im == other[i].im);
    small_free(&A);
    small_free(&B);
  }
}

int main(void)
{
  CU_pSuite suite;
  harness_start();
  suite = harness_suite("schur");
  ADD_CASE(suite, real_form);
  ADD_CASE(suite, complex_form);
  ADD_CASE(suite, whole_matrices);
  ADD_CASE(suite, singular_pencil);
  ADD_CASE(suite, degenerate_matrices);
  ADD_CASE(suite, bad_numbers_are_refused);
  ADD_CASE(suite, blocks_one_by_one);
  ADD_CASE(suite, irreducible_matrices);
  return harness_finish("test_schur");
}
