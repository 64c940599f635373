/* pencil.c: A - shift B as a matrix: rows merged, computed in double precision, rounded once. */
#include "factor/factor.h"

#include "base/error.h"
#include "base/memory.h"
#include "formats/matrix.h"

#include <inttypes.h>

/* One row of A, of B (none: the identity) and the diagonal, merged by columns. Without `at` the
 * columns are only counted. */
typedef struct pencil {
  const speig_matrix *A, *B;
  const double *shift;
  double *wide_a, *wide_b; /* one row, two numbers each */
} pencil;

static const void *values_at(const speig_matrix *M, int64_t e)
{
  return (const char *)M->values + (size_t)e * speig_dtype_size(M->dtype);
}

static int64_t merge_row(const pencil *P, int64_t i, int32_t *colind, double *at)
{
  int64_t a = P->A->rowptr[i], a_end = P->A->rowptr[i + 1], b = 0, b_end = 0, count = 0;
  int64_t a_first = a, b_first;
  int diagonal = 0;
  if (P->B) {
    b = P->B->rowptr[i];
    b_end = P->B->rowptr[i + 1];
  }
  b_first = b;
  if (at) {
    matrix_widen(P->A->dtype, a_end - a, values_at(P->A, a), P->wide_a);
    if (P->B)
      matrix_widen(P->B->dtype, b_end - b, values_at(P->B, b), P->wide_b);
  }
  for (; a < a_end || b < b_end || !diagonal; ++count) {
    int64_t col = diagonal ? INT64_MAX : i;
    double value[2] = { 0, 0 }, from_b[2] = { 0, 0 };
    if (a < a_end && P->A->colind[a] < col)
      col = P->A->colind[a];
    if (b < b_end && P->B->colind[b] < col)
      col = P->B->colind[b];
    if (a < a_end && P->A->colind[a] == col) {
      if (at) {
        value[0] = P->wide_a[2 * (a - a_first)];
        value[1] = P->wide_a[2 * (a - a_first) + 1];
      }
      ++a;
    }
    if (b < b_end && P->B->colind[b] == col) {
      if (at) {
        from_b[0] = P->wide_b[2 * (b - b_first)];
        from_b[1] = P->wide_b[2 * (b - b_first) + 1];
      }
      ++b;
    } else if (!P->B && col == i) {
      from_b[0] = 1;
    }
    diagonal = diagonal || col == i;
    if (at) {
      colind[count] = (int32_t)col;
      at[2 * count] = value[0] - (P->shift[0] * from_b[0] - P->shift[1] * from_b[1]);
      at[2 * count + 1] = value[1] - (P->shift[0] * from_b[1] + P->shift[1] * from_b[0]);
    }
  }
  return count;
}

static int64_t longest_row(const speig_matrix *M)
{
  int64_t longest = 0;
  for (int64_t i = 0; M && i < M->rows; ++i)
    if (M->rowptr[i + 1] - M->rowptr[i] > longest)
      longest = M->rowptr[i + 1] - M->rowptr[i];
  return longest;
}

speig_status factor_pencil(const speig_matrix *A, const speig_matrix *B, const double shift[2],
                           speig_dtype dtype, speig_matrix **out)
{
  speig_status st = SPEIG_OK;
  pencil P = { .A = A, .B = B, .shift = shift };
  speig_matrix *F = NULL;
  double *wide = NULL;
  int64_t total = 0, a = longest_row(A), b = longest_row(B);
  *out = NULL;
  TRY(MEM_ARRAY(2 * a, "row of A", &P.wide_a));
  TRY(MEM_ARRAY(2 * b, "row of B", &P.wide_b));
  TRY(MEM_ARRAY(2 * (a + b + 1), "row of A - shift B", &wide));
  for (int64_t i = 0; i < A->rows; ++i)
    total += merge_row(&P, i, NULL, NULL);
  TRY(matrix_alloc(dtype, A->rows, A->cols, total, &F));
  F->rowptr[0] = 0;
  for (int64_t i = 0; i < A->rows; ++i) {
    int64_t first = F->rowptr[i], count = merge_row(&P, i, F->colind + first, wide), bad;
    F->rowptr[i + 1] = first + count;
    bad = matrix_narrow(dtype, count, wide, (void *)(uintptr_t)values_at(F, first));
    if (bad >= 0)
      FAIL(SPEIG_ERR_NUMERIC,
           "A - shift B: entry (%" PRId64 ", %d) is %g%+gi, beyond the range of type %s", i + 1,
           F->colind[first + bad] + 1, wide[2 * bad], wide[2 * bad + 1], speig_dtype_name(dtype));
  }
  *out = F;
  F = NULL;
done:
  speig_matrix_destroy(&F);
  mem_free(P.wide_a);
  mem_free(P.wide_b);
  mem_free(wide);
  return st;
}
