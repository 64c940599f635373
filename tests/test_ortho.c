/* test_ortho.c: orthonormal blocks: independent, dependent, vanishing and badly scaled ones. */
#include "eigen_kit.h"

#include "solvers/ortho.h"

/* max |Q^H B W - (is_self ? I : 0)| by loops. */
static double gram_defect(const speig_matrix *B, const multivec *Q, const multivec *W, int is_self)
{
  int64_t n = W->n;
  double worst = 0;
  kit_scalar *q = kit_download(Q), *w = kit_download(W), *bw = calloc((size_t)n, sizeof *bw);
  for (int32_t j = 0; j < W->p; ++j) {
    kit_product(B, n, w + j * n, bw);
    for (int32_t i = 0; i < Q->p; ++i)
      worst = fmax(worst, cabs(kit_dot(n, q + i * n, bw) - (is_self && i == j)));
  }
  free(q);
  free(w);
  free(bw);
  return worst;
}

/* Q: 5 orthonormal columns. W: 12 columns: 4 random ones, 3 nearly equal to the first, 2 in the
 * span of Q up to rounding, one zero, and two random ones of extreme lengths. */
static void dependent_directions_are_dropped(const test_case *tc)
{
  enum { N = 150, Q = 5, W = 12, RANK = 6 };
  speig_matrix *A = kit_tridiagonal(tc->dtype, N, 4, 1);
  double tiny = dtype_is_single(tc->dtype) ? 1e-15 : 1e-150;
  for (int with_b = 0; with_b < 2; ++with_b) {
    kit k;
    multivec basis_q, basis_bq, block, image, empty;
    ortho_basis basis;
    ortho_work work;
    kit_scalar *q, *w = calloc((size_t)N * W, sizeof *w);
    int32_t rank;
    kit_open(&k, tc, A, A, 1, SPEIG_SA);
    CHECK_OK(mv_alloc(k.be, N, Q, "Q", &basis_q));
    CHECK_OK(mv_alloc(k.be, N, Q, "BQ", &basis_bq));
    CHECK_OK(mv_alloc(k.be, N, W, "W", &block));
    CHECK_OK(mv_alloc(k.be, N, W, "BW", &image));
    CHECK_OK(ortho_work_alloc(k.be, Q, W, &work));
    CHECK_OK(mv_fill_random(3, &basis_q));
    empty = mv_columns(&basis_q, 0, 0);
    basis = (ortho_basis){ empty, empty };
    CHECK_OK(ortho_block(with_b ? k.problem.B : NULL, 1, &basis, &basis_q,
                         with_b ? &basis_bq : &basis_q, &work, &rank));
    CU_ASSERT_EQUAL_FATAL(rank, Q);
    CU_ASSERT_TRUE(gram_defect(with_b ? A : NULL, &basis_q, &basis_q, 1) < 20 * tc->eps);
    basis = (ortho_basis){ basis_q, with_b ? basis_bq : basis_q };
    q = kit_download(&basis_q);
    for (int i = 0; i < N; ++i) {
      for (int j = 0; j < 4; ++j)
        w[i + j * N] = random_uniform(9, i, j, 0);
      for (int j = 4; j < 7; ++j)
        w[i + j * N] = w[i] * (1 + tc->eps * random_uniform(9, i, j, 0));
      w[i + 7 * N] = q[i] + q[i + N];
      w[i + 8 * N] = q[i + 2 * N] - 3 * q[i + 4 * N];
      w[i + 10 * N] = tiny * random_uniform(9, i, 10, 0);
      w[i + 11 * N] = random_uniform(9, i, 11, 0) / tiny;
    }
    kit_upload(w, &block);
    CHECK_OK(ortho_block(with_b ? k.problem.B : NULL, 1, &basis, &block, with_b ? &image : &block,
                         &work, &rank));
    CU_ASSERT_EQUAL(rank, RANK);
    block.p = rank;
    CU_ASSERT_TRUE(gram_defect(with_b ? A : NULL, &block, &block, 1) < 20 * tc->eps);
    CU_ASSERT_TRUE(gram_defect(with_b ? A : NULL, &basis_q, &block, 0) < 20 * tc->eps);
    if (with_b) { /* B W is what it says */
      multivec bw = mv_columns(&image, 0, rank);
      kit_scalar *claimed = kit_download(&bw), *x = kit_download(&block);
      kit_scalar *truth = calloc(N, sizeof *truth);
      for (int32_t j = 0; j < rank; ++j) {
        kit_product(A, N, x + (int64_t)j * N, truth);
        for (int i = 0; i < N; ++i)
          CU_ASSERT_TRUE(cabs(truth[i] - claimed[i + (int64_t)j * N]) < 100 * tc->eps);
      }
      free(claimed);
      free(x);
      free(truth);
    }
    free(q);
    free(w);
    ortho_work_free(&work);
    mv_free(&basis_q);
    mv_free(&basis_bq);
    mv_free(&block);
    mv_free(&image);
    kit_close(&k);
  }
  speig_matrix_destroy(&A);
}
TEST_ALL_CASES(dependent_directions_are_dropped)

static void coefficients_lose_what_they_share(void)
{
  for (int is_complex = 0; is_complex < 2; ++is_complex) {
    enum { S = 20, X = 5, D = 4 };
    small C, coefficients, U, G, cross;
    int32_t rank;
    double theta[S];
    CHECK_OK(small_alloc(S, S, is_complex, &C));
    CHECK_OK(small_alloc(S, D, is_complex, &coefficients));
    CHECK_OK(small_alloc(X, D, is_complex, &U));
    CHECK_OK(small_alloc(D, D, is_complex, &G));
    CHECK_OK(small_alloc(X, D, is_complex, &cross));
    for (int32_t i = 0; i < S; ++i)
      for (int32_t j = 0; j < S; ++j)
        small_set(&C, i, j, random_uniform(4, i, j, 0));
    small_make_hermitian(&C);
    CHECK_OK(small_eigh(&C, theta));
    small best = small_view(&C, 0, 0, S, X);
    /* two columns nearly in the span of C, one independent and small, one its multiple */
    for (int32_t i = 0; i < S; ++i) {
      small_set(&coefficients, i, 0, small_get(&C, i, 0) + 1e-9 * random_uniform(5, i, 0, 0));
      small_set(&coefficients, i, 1, small_get(&C, i, 1) * (is_complex ? 0 : 1));
      small_set(&coefficients, i, 2, 1e-7 * random_uniform(5, i, 2, 0));
      small_set(&coefficients, i, 3, -5e-7 * random_uniform(5, i, 2, 0));
    }
    CHECK_OK(ortho_small(&best, &coefficients, &U, &G, &rank));
    CU_ASSERT_TRUE(rank >= 2 && rank < D);
    small kept = small_view(&coefficients, 0, 0, S, rank);
    small overlap = small_view(&cross, 0, 0, X, rank), gram = small_view(&G, 0, 0, rank, rank);
    small_mul(1, &best, 1, &kept, 0, 0, &overlap);
    CU_ASSERT_TRUE(small_max_abs(&overlap) < 1e-14);
    small_mul(1, &kept, 1, &kept, 0, 0, &gram);
    for (int32_t j = 0; j < rank; ++j)
      small_set(&gram, j, j, small_get(&gram, j, j) - 1);
    CU_ASSERT_TRUE(small_max_abs(&gram) < 1e-14);
    small_free(&C);
    small_free(&coefficients);
    small_free(&U);
    small_free(&G);
    small_free(&cross);
  }
}

int main(void)
{
  CU_pSuite suite;
  harness_start();
  suite = harness_suite("ortho");
  ADD_ALL_CASES(suite, dependent_directions_are_dropped);
  ADD_CASE(suite, coefficients_lose_what_they_share);
  return harness_finish("ortho");
}
