/* test_partial.c: what a solve that was stopped early hands out, the block of LOBPCG, and the sizes
 * of the public structures. */
#include "solve_kit.h"

#include <math.h>
#include <string.h>

/* ||A x - theta x|| / ||x|| of column j, by plain loops. */
static double residual_of(const model *m, const speig_block *X, int64_t j, double theta)
{
  const int64_t *rowptr;
  const int32_t *colind;
  const void *values;
  double sum = 0, length = 0;
  speig_matrix_arrays(m->A, &rowptr, &colind, &values);
  for (int64_t i = 0; i < m->n; ++i) {
    double x[2], r[2];
    scalar_get(m->dtype, X->data, i + j * X->ld, x);
    r[0] = -theta * x[0];
    r[1] = -theta * x[1];
    for (int64_t at = rowptr[i]; at < rowptr[i + 1]; ++at) {
      double a[2], y[2];
      scalar_get(m->dtype, values, at, a);
      scalar_get(m->dtype, X->data, colind[at] + j * X->ld, y);
      r[0] += a[0] * y[0] - a[1] * y[1];
      r[1] += a[0] * y[1] + a[1] * y[0];
    }
    sum += r[0] * r[0] + r[1] * r[1];
    length += x[0] * x[0] + x[1] * x[1];
  }
  return sqrt(sum / length);
}

static void stopped_solves_keep_vectors(const test_case *tc)
{
  enum { K = 5 };
  static const speig_method methods[] = { SPEIG_LANCZOS, SPEIG_LOBPCG };
  model grid = model_make(tc->dtype, 1, "laplacian2d", "nx", harness_is_slow(tc) ? 24.0 : 40.0,
                          "ny", 33.0, NULL);
  for (int i = 0; i < 2; ++i) {
    speig_eigsh_opts opts = opts_for(tc->device, methods[i], K, SPEIG_SA);
    speig_eigsh_result *r = NULL;
    opts.max_matvecs = 120;
    CHECK_OK(speig_eigsh(grid.op, NULL, &opts, &r));
    CU_ASSERT_EQUAL(r->reason, SPEIG_STOP_MAX_MATVECS);
    /* Lanczos may have been stopped when its basis held fewer. */
    CU_ASSERT_TRUE_FATAL(r->k + r->unconverged == K ||
                         (methods[i] == SPEIG_LANCZOS && r->k + r->unconverged < K));
    CU_ASSERT_TRUE_FATAL(r->unconverged > 0);
    CU_ASSERT_EQUAL(r->unconverged_vectors.cols, r->unconverged);
    CU_ASSERT_EQUAL(r->unconverged_vectors.rows, grid.n);
    CU_ASSERT_EQUAL(r->unconverged_vectors.dtype, tc->dtype);
    for (int32_t j = 0; j < r->unconverged; ++j) {
      double found = residual_of(&grid, &r->unconverged_vectors, j, r->unconverged_values[j]);
      double told = r->unconverged_residuals[j];
      CU_ASSERT_TRUE(found < 1.5 * told + 1e3 * tc->eps * grid.norm);
      if (methods[i] == SPEIG_LOBPCG) /* Lanczos estimates, and from above */
        CU_ASSERT_TRUE(told < 1.5 * found + 1e3 * tc->eps * grid.norm);
    }
    speig_eigsh_result_free(&r);
    opts.values_only = 1;
    CHECK_OK(speig_eigsh(grid.op, NULL, &opts, &r));
    CU_ASSERT_PTR_NULL(r->unconverged_vectors.data);
    speig_eigsh_result_free(&r);
  }
  model_drop(&grid);
}
TEST_ALL_CASES(stopped_solves_keep_vectors)

static void finished_solves_have_none(const test_case *tc)
{
  model line = model_make(tc->dtype, 1, "linear", "n", 60.0, NULL);
  speig_eigsh_opts opts = opts_for(tc->device, SPEIG_LOBPCG, 3, SPEIG_LA);
  speig_eigsh_result *r = NULL;
  CHECK_OK(speig_eigsh(line.op, NULL, &opts, &r));
  CU_ASSERT_EQUAL(r->unconverged, 0);
  CU_ASSERT_EQUAL(r->unconverged_vectors.cols, 0);
  CU_ASSERT_PTR_NULL(r->unconverged_vectors.data);
  speig_eigsh_result_free(&r);
  model_drop(&line);
}
TEST_ALL_CASES(finished_solves_have_none)

/* The widest block that the operator was asked to multiply. */
typedef struct watched {
  speig_context *context;
  const speig_matrix *A;
  int64_t widest;
} watched;

static int multiply(void *user, const speig_block *X, speig_block *Y)
{
  watched *w = user;
  const double one[2] = { 1, 0 }, zero[2] = { 0, 0 };
  const float one_single[2] = { 1, 0 }, zero_single[2] = { 0, 0 };
  int single = X->dtype == SPEIG_S || X->dtype == SPEIG_C;
  w->widest = X->cols > w->widest ? X->cols : w->widest;
  return (int)speig_spmv(w->context, single ? (const void *)one_single : one, w->A, X,
                         single ? (const void *)zero_single : zero, Y);
}

static void the_block_is_as_wide_as_asked(const test_case *tc)
{
  static const int32_t widths[] = { 4, 7 };
  model line = model_make(tc->dtype, 1, "linear", "n", 80.0, NULL);
  for (int i = 0; i < 2; ++i) {
    watched w = { .A = line.A };
    speig_eigsh_opts opts = opts_for(tc->device, SPEIG_LOBPCG, 4, SPEIG_SA);
    speig_operator *op = NULL;
    speig_eigsh_result *r = NULL;
    CHECK_OK(speig_operator_create(tc->dtype, line.n, multiply, &w, &op));
    opts.block = widths[i];
    opts.certify = SPEIG_CERTIFY_NEVER;
    CHECK_OK(speig_eigsh(op, NULL, &opts, &r));
    CU_ASSERT_TRUE(answer_is_right(&line, &opts, r));
    /* A refresh multiplies X and P at once. */
    CU_ASSERT_TRUE(w.widest <= 2 * widths[i]);
    speig_eigsh_result_free(&r);
    speig_operator_destroy(&op);
  }
  model_drop(&line);
}
TEST_ALL_CASES(the_block_is_as_wide_as_asked)

static void a_block_that_does_not_fit_is_refused(void)
{
  model line = model_make(SPEIG_D, 1, "linear", "n", 80.0, NULL);
  speig_eigsh_opts opts = opts_for(SPEIG_HOST, SPEIG_LANCZOS, 4, SPEIG_SA);
  speig_eigsh_result *r = NULL;
  opts.block = 4;
  CU_ASSERT_EQUAL(speig_eigsh(line.op, NULL, &opts, &r), SPEIG_ERR_UNSUPPORTED);
  CU_ASSERT_PTR_NOT_NULL(strstr(speig_last_error(), "block = 4"));
  opts.method = SPEIG_LOBPCG;
  opts.block = 3;
  CU_ASSERT_EQUAL(speig_eigsh(line.op, NULL, &opts, &r), SPEIG_ERR_ARG);
  CU_ASSERT_PTR_NOT_NULL(strstr(speig_last_error(), "block is 3, at least k = 4"));
  model_drop(&line);
}

static void structures_have_their_size(void)
{
  CU_ASSERT_EQUAL(speig_struct_size("speig_eigsh_opts"), sizeof(speig_eigsh_opts));
  CU_ASSERT_EQUAL(speig_struct_size("speig_eigsh_result"), sizeof(speig_eigsh_result));
  CU_ASSERT_EQUAL(speig_struct_size("speig_progress"), sizeof(speig_progress));
  CU_ASSERT_EQUAL(speig_struct_size("speig_block"), sizeof(speig_block));
  CU_ASSERT_EQUAL(speig_struct_size("speig_matrix"), 0);
  CU_ASSERT_EQUAL(speig_struct_size(""), 0);
  CU_ASSERT_EQUAL(speig_struct_size(NULL), 0);
}

int main(void)
{
  CU_pSuite suite;
  harness_start();
  suite = harness_suite("partial");
  ADD_ALL_CASES(suite, stopped_solves_keep_vectors);
  ADD_ALL_CASES(suite, finished_solves_have_none);
  ADD_ALL_CASES(suite, the_block_is_as_wide_as_asked);
  ADD_CASE(suite, a_block_that_does_not_fit_is_refused);
  ADD_CASE(suite, structures_have_their_size);
  return harness_finish("partial");
}
