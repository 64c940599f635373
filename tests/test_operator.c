/* test_operator.c: rectangular operators and adjoints, against plain loops. */
#include "harness.h"

#include "backend/operator.h"
#include "solve_kit.h"
#include "speig/speig.h"

#include <complex.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef double _Complex number;

enum { ROWS = 37, COLS = 23, WIDTH = 3 };

/* A sparse matrix with every entry known as a function of its place. */
static number entry(int i, int j, int is_complex)
{
  if ((3 * i + 5 * j) % 4 != 0)
    return 0;
  return sin(1 + i + 7 * j) + (is_complex ? cos(2 + 3 * i - j) : 0) * I;
}

static speig_matrix *make(speig_dtype dtype, speig_symmetry symmetry)
{
  int is_complex = dtype == SPEIG_C || dtype == SPEIG_Z;
  int cols = symmetry == SPEIG_GENERAL ? COLS : ROWS;
  int32_t row[ROWS * ROWS], col[ROWS * ROWS];
  double values[2 * ROWS * ROWS];
  int64_t nnz = 0;
  speig_coo *coo = NULL;
  speig_matrix *wide = NULL, *A = NULL;
  for (int i = 0; i < ROWS; ++i)
    for (int j = 0; j < (symmetry == SPEIG_GENERAL ? cols : i + 1); ++j) {
      number a = entry(i, j, is_complex);
      if (a == 0)
        continue;
      if (i == j && symmetry == SPEIG_HERMITIAN)
        a = creal(a);
      row[nnz] = i;
      col[nnz] = j;
      scalar_put(is_complex ? SPEIG_Z : SPEIG_D, values, nnz, creal(a), cimag(a));
      ++nnz;
    }
  CHECK_OK(speig_coo_create(is_complex ? SPEIG_Z : SPEIG_D, ROWS, cols, nnz, row, col, values,
                            symmetry, SPEIG_COPY, &coo));
  CHECK_OK(speig_matrix_from_coo(coo, &wide));
  CHECK_OK(speig_matrix_convert(wide, dtype, &A));
  speig_matrix_destroy(&wide);
  speig_coo_destroy(&coo);
  return A;
}

/* ---- callbacks that multiply by the same matrix ---- */

static int product(void *user, int adjoint, const speig_block *X, speig_block *Y)
{
  int is_complex = X->dtype == SPEIG_C || X->dtype == SPEIG_Z;
  ++*(int *)user;
  for (int64_t p = 0; p < X->cols; ++p)
    for (int64_t i = 0; i < Y->rows; ++i) {
      number sum = 0;
      for (int64_t j = 0; j < X->rows; ++j) {
        double x[2];
        number a =
            adjoint ? conj(entry((int)j, (int)i, is_complex)) : entry((int)i, (int)j, is_complex);
        scalar_get(X->dtype, X->data, j + p * X->ld, x);
        sum += a * (x[0] + x[1] * I);
      }
      scalar_put(Y->dtype, Y->data, i + p * Y->ld, creal(sum), cimag(sum));
    }
  return 0;
}

static int apply(void *user, const speig_block *X, speig_block *Y)
{
  return product(user, 0, X, Y);
}

static int apply_adjoint(void *user, const speig_block *X, speig_block *Y)
{
  return product(user, 1, X, Y);
}

/* |Y - scale op(A) X| for random X, op the adjoint or nothing. */
static double defect(const test_case *tc, backend *be, bound_operator *bound, int adjoint,
                     double scale)
{
  int64_t rows = operator_rows(bound), cols = operator_cols(bound);
  multivec X = { 0 }, Y = { 0 };
  speig_block x = { 0 }, y = { 0 }, want = { 0 };
  double worst = 0;
  int calls = 0;
  CU_ASSERT_EQUAL(rows, adjoint ? COLS : ROWS);
  CU_ASSERT_EQUAL(cols, adjoint ? ROWS : COLS);
  CHECK_OK(mv_alloc(be, cols, WIDTH, "X", &X));
  CHECK_OK(mv_alloc(be, rows, WIDTH, "Y", &Y));
  CHECK_OK(speig_block_alloc(tc->dtype, cols, WIDTH, &x));
  CHECK_OK(speig_block_alloc(tc->dtype, rows, WIDTH, &y));
  CHECK_OK(speig_block_alloc(tc->dtype, rows, WIDTH, &want));
  CHECK_OK(mv_fill_random(5, &X));
  CHECK_OK(operator_apply(bound, &X, &Y));
  CHECK_OK(mv_download(&X, x.data, x.ld));
  CHECK_OK(mv_download(&Y, y.data, y.ld));
  (void)product(&calls, adjoint, &x, &want);
  for (int64_t i = 0; i < rows * WIDTH; ++i) {
    double a[2], b[2];
    scalar_get(tc->dtype, y.data, i, a);
    scalar_get(tc->dtype, want.data, i, b);
    worst = fmax(worst, hypot(a[0] - scale * b[0], a[1] - scale * b[1]) / scale);
  }
  mv_free(&X);
  mv_free(&Y);
  speig_block_free(&x);
  speig_block_free(&y);
  speig_block_free(&want);
  return worst;
}

static void both_ways(const test_case *tc, const speig_operator *op)
{
  backend *be = NULL;
  CHECK_OK(backend_open(tc->device, tc->dtype, 0, &be));
  for (int adjoint = 0; adjoint < 2; ++adjoint)
    for (double scale = 1; scale > 0.1; scale /= 4) {
      bound_operator *bound = NULL;
      CHECK_OK(adjoint ? operator_bind_adjoint(be, op, scale, &bound)
                       : operator_bind(be, op, scale, &bound));
      CU_ASSERT_TRUE(defect(tc, be, bound, adjoint, scale) <= 100 * tc->eps);
      CU_ASSERT_EQUAL(bound->products, WIDTH);
      operator_unbind(&bound);
    }
  backend_close(&be);
}

static void adjoint_of_a_matrix(const test_case *tc)
{
  speig_matrix *A = make(tc->dtype, SPEIG_GENERAL);
  speig_operator *op = NULL;
  CHECK_OK(speig_operator_from_matrix(A, &op));
  both_ways(tc, op);
  speig_operator_destroy(&op);
  speig_matrix_destroy(&A);
}
TEST_ALL_CASES(adjoint_of_a_matrix)

static void adjoint_of_a_callback(const test_case *tc)
{
  speig_operator *op = NULL;
  int calls = 0;
  CHECK_OK(
      speig_operator_create_rectangular(tc->dtype, ROWS, COLS, apply, apply_adjoint, &calls, &op));
  both_ways(tc, op);
  CU_ASSERT_EQUAL(calls, 4);
  speig_operator_destroy(&op);
}
TEST_ALL_CASES(adjoint_of_a_callback)

/* What is declared Hermitian is its own adjoint and is not copied. */
static void hermitian_matrices_are_not_copied(const test_case *tc)
{
  speig_matrix *A = make(tc->dtype, SPEIG_HERMITIAN);
  speig_operator *op = NULL;
  backend *be = NULL;
  bound_operator *bound = NULL;
  CHECK_OK(speig_operator_from_matrix(A, &op));
  CHECK_OK(backend_open(tc->device, tc->dtype, 0, &be));
  CHECK_OK(operator_bind_adjoint(be, op, 1, &bound));
  CU_ASSERT_PTR_NULL(bound->scaled);
  operator_unbind(&bound);
  backend_close(&be);
  speig_operator_destroy(&op);
  speig_matrix_destroy(&A);
}
TEST_ALL_CASES(hermitian_matrices_are_not_copied)

static void wrong_shapes_are_refused(void)
{
  speig_matrix *A = make(SPEIG_D, SPEIG_GENERAL);
  speig_operator *op = NULL, *callback = NULL;
  backend *be = NULL;
  bound_operator *bound = NULL;
  speig_eigsh_result *r = NULL;
  speig_eigsh_plan plan;
  int calls = 0;
  CHECK_OK(speig_operator_from_matrix(A, &op));
  CU_ASSERT_EQUAL(speig_eigsh(op, NULL, NULL, &r), SPEIG_ERR_ARG);
  CU_ASSERT_STRING_EQUAL(speig_last_error(),
                         "A is 37 x 23; an eigenvalue problem needs a square one");
  CU_ASSERT_EQUAL(speig_eigsh_make_plan(op, NULL, NULL, &plan), SPEIG_ERR_ARG);
  CU_ASSERT_EQUAL(speig_operator_create_rectangular(SPEIG_D, 3, 2, apply, NULL, NULL, &callback),
                  SPEIG_ERR_ARG);
  CU_ASSERT_EQUAL(
      speig_operator_create_rectangular(SPEIG_D, 3, -2, apply, apply_adjoint, NULL, &callback),
      SPEIG_ERR_ARG);
  CHECK_OK(speig_operator_create(SPEIG_D, 3, apply, &calls, &callback));
  CHECK_OK(backend_open(SPEIG_REFERENCE, SPEIG_D, 1, &be));
  CU_ASSERT_EQUAL(operator_bind_adjoint(be, callback, 1, &bound), SPEIG_ERR_UNSUPPORTED);
  CU_ASSERT_PTR_NULL(bound);
  backend_close(&be);
  speig_operator_destroy(&callback);
  speig_operator_destroy(&op);
  speig_matrix_destroy(&A);
}

int main(void)
{
  CU_pSuite suite;
  harness_start();
  suite = harness_suite("operator");
  ADD_ALL_CASES(suite, adjoint_of_a_matrix);
  ADD_ALL_CASES(suite, adjoint_of_a_callback);
  ADD_ALL_CASES(suite, hermitian_matrices_are_not_copied);
  ADD_CASE(suite, wrong_shapes_are_refused);
  return harness_finish("test_operator");
}
