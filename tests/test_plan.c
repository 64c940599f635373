/* test_plan.c: what spmv_plan_make finds in a matrix: all rows, exactly the entries they have. */
#include "blocks.h"
#include "harness.h"

#include "base/dtype.h"
#include "base/memory.h"
#include "spmv/plan.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct walk {
  int64_t rows_in_runs, wrong;
} walk;

/* Row i against shape and diagonal: every entry, in order, nothing else. */
static int row_matches(const spmv_plan *P, const spmv_shape *shape, int64_t i, speig_dtype dtype)
{
  const csr_view *A = &P->csr;
  size_t size = speig_dtype_size(dtype);
  int32_t k = 0;
  int diagonals = 0;
  for (int64_t e = A->rowptr[i]; e < A->rowptr[i + 1]; ++e) {
    int parts = dtype_is_complex(dtype) ? 2 : 1;
    const char *at = (const char *)A->values + (size_t)e * size;
    double value[2] = { 0, 0 };
    for (int part = 0; part < parts; ++part)
      value[part] = dtype_is_single(dtype) ? (double)((const float *)(const void *)at)[part]
                                           : ((const double *)(const void *)at)[part];
    if (shape->with_diagonal && A->colind[e] == i) {
      ++diagonals;
      if (P->diagonal[i] != value[0] || value[1] != 0)
        return 0;
      continue;
    }
    if (k >= shape->entries || shape->distance[k] != A->colind[e] - i ||
        shape->value[2 * (int64_t)k] != value[0] || shape->value[2 * (int64_t)k + 1] != value[1])
      return 0;
    ++k;
  }
  return k == shape->entries && diagonals == shape->with_diagonal;
}

static walk walk_plan(const spmv_plan *P, speig_dtype dtype)
{
  walk w = { 0 };
  CU_ASSERT_EQUAL(P->segment[0].first, 0);
  CU_ASSERT_EQUAL(P->segment[P->segments].first, P->rows);
  for (int64_t s = 0; s < P->segments; ++s) {
    int32_t shape = P->segment[s].shape;
    int64_t end = P->segment[s + 1].first;
    CU_ASSERT_TRUE(P->rows == 0 || end > P->segment[s].first);
    CU_ASSERT_TRUE(shape >= -1 && shape < P->shapes);
    for (int64_t i = P->segment[s].first; shape >= 0 && i < end; ++i) {
      ++w.rows_in_runs;
      w.wrong += !row_matches(P, &P->shape[shape], i, dtype);
    }
  }
  CU_ASSERT_EQUAL(w.wrong, 0);
  return w;
}

static const speig_dtype types[4] = { SPEIG_S, SPEIG_D, SPEIG_C, SPEIG_Z };

static void shapes_are_the_rows(void)
{
  static const int64_t orders[] = { 0, 1, 63, 64, 597, 20000 };
  for (int t = 0; t < 4; ++t)
    for (int kind = 0; kind < PATTERNS; ++kind)
      for (int o = 0; o < 6; ++o) {
        speig_matrix *A = matrix_random(types[t], (pattern)kind, orders[o], orders[o]);
        spmv_plan P;
        walk w;
        CHECK_OK(spmv_plan_make(A, 2, &P));
        w = walk_plan(&P, types[t]);
        if (orders[o] >= 597 && (kind == MESH || kind == MESH_POTENTIAL))
          CU_ASSERT_EQUAL(w.rows_in_runs, orders[o]);
        if (orders[o] >= 20000 && kind == MESH_IN_PARTS)
          CU_ASSERT_TRUE(w.rows_in_runs > orders[o] / 2 && w.rows_in_runs < orders[o]);
        if (kind == SCATTERED || kind == LONG_ROWS || kind == ONE_DENSE_ROW || kind >= EQUAL)
          CU_ASSERT_EQUAL(w.rows_in_runs, 0);
        CU_ASSERT_EQUAL(P.uniform, kind >= EQUAL && orders[o] >= 64);
        CU_ASSERT_EQUAL(P.equal.more != NULL, kind == EQUAL_BESIDE_DIAGONAL && orders[o] >= 64);
        if (kind == MESH_COMPLEX_POTENTIAL && dtype_is_complex(types[t]))
          CU_ASSERT_EQUAL(w.rows_in_runs, 0);
        spmv_plan_free(&P);
        speig_matrix_destroy(&A);
      }
}

/* One entry that differs in its last bit, or by the sign of its zero, is an entry of its own. */
static void the_last_bit_counts(void)
{
  enum { N = 500 };
  static const double other[] = { -1 + 0x1p-53, -0.0 }, usual[] = { -1, 0.0 };
  for (int c = 0; c < 2; ++c) {
    int64_t rowptr[N + 1];
    int32_t colind[2 * N];
    double values[2 * N];
    speig_matrix *A = NULL;
    spmv_plan P;
    rowptr[0] = 0;
    for (int64_t i = 0, e = 0; i < N; rowptr[++i] = e) {
      colind[e] = (int32_t)i;
      values[e++] = 2;
      if (i + 1 == N)
        continue;
      colind[e] = (int32_t)i + 1;
      values[e++] = i == 250 ? other[c] : usual[c];
    }
    CHECK_OK(speig_matrix_create_csr(SPEIG_D, N, N, rowptr, colind, values, SPEIG_BORROW, &A));
    CHECK_OK(spmv_plan_make(A, 1, &P));
    CU_ASSERT_TRUE(P.segments >= 4); /* before, the row, after, the last one */
    for (int64_t s = 0; s < P.segments; ++s)
      if (P.segment[s].first == 250 && P.segment[s].shape >= 0)
        CU_ASSERT_EQUAL(memcmp(&P.shape[P.segment[s].shape].value[2], &other[c], 8), 0);
    CU_ASSERT_EQUAL(walk_plan(&P, SPEIG_D).wrong, 0);
    spmv_plan_free(&P);
    speig_matrix_destroy(&A);
  }
}

/* One entry of a graph is another one, or no real number stands between it and the others. */
static void nearly_equal_entries_are_read(void)
{
  enum { N = 20000 };
  for (int c = 0; c < 3; ++c) {
    speig_matrix *A = matrix_random(SPEIG_D, EQUAL_BESIDE_DIAGONAL, N, N), *changed = NULL;
    const int64_t *rowptr;
    const int32_t *colind;
    const void *values;
    double *copy;
    int64_t last;
    spmv_plan P;
    speig_matrix_arrays(A, &rowptr, &colind, &values);
    copy = malloc((size_t)rowptr[N] * sizeof *copy);
    memcpy(copy, values, (size_t)rowptr[N] * sizeof *copy);
    for (last = rowptr[N] - 1; c < 2 && copy[last] != 0.75; --last)
      ;
    for (; c == 2 && copy[last] == 0.75; --last) /* on the diagonal */
      ;
    copy[last] = c == 0 ? 0.75 + 0x1p-53 : c == 1 ? -0.75 : 1e17;
    CHECK_OK(speig_matrix_create_csr(SPEIG_D, N, N, rowptr, colind, copy, SPEIG_BORROW, &changed));
    CHECK_OK(spmv_plan_make(changed, 2, &P));
    CU_ASSERT_FALSE(P.uniform);
    CU_ASSERT_PTR_NULL(P.diagonal);
    spmv_plan_free(&P);
    speig_matrix_destroy(&changed);
    speig_matrix_destroy(&A);
    free(copy);
  }
}

/* Each row has entries of its own: too many shapes to keep. */
static void many_shapes_stay_csr(void)
{
  enum { LINE = 16, LINES = 4000, N = LINE * LINES };
  int64_t *rowptr = malloc((N + 1) * sizeof *rowptr);
  int32_t *colind = malloc(N * sizeof *colind);
  double *values = malloc(N * sizeof *values);
  speig_matrix *A = NULL;
  spmv_plan P;
  for (int64_t i = 0; i <= N; ++i)
    rowptr[i] = i;
  for (int64_t i = 0; i < N; ++i) {
    colind[i] = (int32_t)i;
    values[i] = (double)(i / LINE + 1);
  }
  CHECK_OK(speig_matrix_create_csr(SPEIG_D, N, N, rowptr, colind, values, SPEIG_BORROW, &A));
  CHECK_OK(spmv_plan_make(A, 2, &P));
  CU_ASSERT_EQUAL(walk_plan(&P, SPEIG_D).wrong, 0);
  CU_ASSERT_TRUE(P.shapes <= 1 << 13);
  CU_ASSERT_TRUE(spmv_plan_bytes(&P, SPEIG_D) <= 20.0 * N);
  spmv_plan_free(&P);
  speig_matrix_destroy(&A);
  free(rowptr);
  free(colind);
  free(values);
}

static void failing_allocations_leave_nothing(void)
{
  for (int kind = MESH_POTENTIAL; kind <= EQUAL_BESIDE_DIAGONAL; ++kind) {
    speig_matrix *A = matrix_random(SPEIG_D, (pattern)kind, 5000, 5000);
    int64_t steps = 1;
    for (int64_t n = 1; n <= steps; ++n) {
      mem_account before = mem_account_read();
      spmv_plan P;
      speig_status st;
      (void)mem_fail_at(n, 0);
      st = spmv_plan_make(A, 1, &P);
      steps = mem_fail_at(0, 0) >= n ? n + 1 : n;
      CU_ASSERT_EQUAL(st, steps > n ? SPEIG_ERR_MEMORY : SPEIG_OK);
      spmv_plan_free(&P);
      CU_ASSERT_EQUAL(mem_account_read().current, before.current);
    }
    CU_ASSERT_TRUE(steps > 2);
    speig_matrix_destroy(&A);
  }
}

int main(void)
{
  CU_pSuite suite;
  harness_start();
  suite = harness_suite("plans of matrices");
  ADD_CASE(suite, shapes_are_the_rows);
  ADD_CASE(suite, the_last_bit_counts);
  ADD_CASE(suite, nearly_equal_entries_are_read);
  ADD_CASE(suite, many_shapes_stay_csr);
  ADD_CASE(suite, failing_allocations_leave_nothing);
  return harness_finish("plan");
}
