/* test_matrix.c: coordinate lists, CSR, conversions and statistics, against dense arrays that are
 * filled entry by entry. */
#include "harness.h"

#include "base/dtype.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/random.h"
#include "formats/matrix.h"
#include "speig/matrix.h"

#include <complex.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef double _Complex complex_d;

/* Number e of an array of the given type. */
static complex_d get(speig_dtype dtype, const void *values, int64_t e)
{
  switch (dtype) {
  case SPEIG_S:
    return (double)((const float *)values)[e];
  case SPEIG_D:
    return ((const double *)values)[e];
  case SPEIG_C:
    return ((const float _Complex *)values)[e];
  default:
    return ((const complex_d *)values)[e];
  }
}

static void set(speig_dtype dtype, void *values, int64_t e, complex_d x)
{
  if (dtype == SPEIG_S)
    ((float *)values)[e] = (float)creal(x);
  else if (dtype == SPEIG_D)
    ((double *)values)[e] = creal(x);
  else if (dtype == SPEIG_C)
    ((float _Complex *)values)[e] = (float _Complex)x;
  else
    ((complex_d *)values)[e] = x;
}

/* A random list: small integers, so that sums are exact in every type and order. */
typedef struct list {
  int64_t nnz;
  int32_t *row, *col;
  void *values;
} list;

static void list_free(list *l)
{
  free(l->row);
  free(l->col);
  free(l->values);
}

static list random_list(speig_dtype dtype, int64_t rows, int64_t cols, int64_t nnz,
                        speig_symmetry symmetry, uint64_t seed)
{
  list l = { nnz, malloc((size_t)nnz * 4 + 4), malloc((size_t)nnz * 4 + 4),
             malloc((size_t)nnz * speig_dtype_size(dtype) + 16) };
  for (int64_t e = 0; e < nnz; ++e) {
    int32_t i = (int32_t)(random_bits(seed, e, 0, 0) % (uint64_t)rows);
    int32_t j = (int32_t)(random_bits(seed, e, 1, 0) % (uint64_t)cols);
    double re = (double)(random_bits(seed, e, 2, 0) % 19) - 9;
    double im = (double)(random_bits(seed, e, 3, 0) % 19) - 9;
    if (symmetry != SPEIG_GENERAL && j > i) {
      int32_t k = i;
      i = j;
      j = k;
    }
    if (symmetry == SPEIG_SKEW_SYMMETRIC && i == j) {
      i = i == 0 ? 1 : i;
      j = 0;
    }
    if (symmetry == SPEIG_HERMITIAN && i == j)
      im = 0;
    l.row[e] = i;
    l.col[e] = j;
    set(dtype, l.values, e, dtype_is_complex(dtype) ? re + im * I : re);
  }
  return l;
}

/* The matrix of a list as a dense row-major array, by definition. */
static complex_d *dense_of_list(speig_dtype dtype, int64_t rows, int64_t cols,
                                speig_symmetry symmetry, const list *l)
{
  complex_d *D = calloc((size_t)(rows * cols) + 1, sizeof *D);
  for (int64_t e = 0; e < l->nnz; ++e) {
    complex_d x = get(dtype, l->values, e);
    int32_t i = l->row[e], j = l->col[e];
    D[i * cols + j] += x;
    if (i != j && symmetry == SPEIG_SYMMETRIC)
      D[j * cols + i] += x;
    if (i != j && symmetry == SPEIG_SKEW_SYMMETRIC)
      D[j * cols + i] -= x;
    if (i != j && symmetry == SPEIG_HERMITIAN)
      D[j * cols + i] += conj(x);
  }
  return D;
}

/* Checks the promises of CSR and that every number equals D's; returns how many differ. */
static int64_t compare(const speig_matrix *A, const complex_d *D)
{
  const int64_t *rowptr;
  const int32_t *colind;
  const void *values;
  speig_matrix_info info = speig_matrix_get_info(A);
  int64_t wrong = 0;
  speig_matrix_arrays(A, &rowptr, &colind, &values);
  CU_ASSERT_EQUAL_FATAL(rowptr[0], 0);
  CU_ASSERT_EQUAL_FATAL(rowptr[info.rows], info.nnz);
  for (int64_t i = 0; i < info.rows; ++i) {
    int64_t e = rowptr[i];
    for (int64_t k = e + 1; k < rowptr[i + 1]; ++k)
      wrong += colind[k] <= colind[k - 1];
    for (int32_t j = 0; j < info.cols; ++j) {
      complex_d x = e < rowptr[i + 1] && colind[e] == j ? get(info.dtype, values, e++) : 0;
      wrong += x != D[i * info.cols + j];
    }
    wrong += e != rowptr[i + 1];
  }
  return wrong;
}

static const int64_t shapes[][3] = { { 0, 0, 0 },   { 1, 1, 5 },      { 7, 3, 0 },     { 5, 9, 60 },
                                     { 40, 40, 9 }, { 300, 300, 90 }, { 90, 90, 9000 } };

static void lists_become_the_matrix_they_say(const test_case *tc)
{
  for (int s = SPEIG_GENERAL; s <= SPEIG_HERMITIAN; ++s)
    for (size_t k = 0; k < sizeof shapes / sizeof *shapes; ++k) {
      int64_t rows = shapes[k][0], cols = s ? rows : shapes[k][1], nnz = shapes[k][2];
      speig_symmetry symmetry = (speig_symmetry)s;
      speig_coo *coo = NULL;
      speig_matrix *A = NULL;
      list l;
      complex_d *D;
      if (rows < 2 && s == SPEIG_SKEW_SYMMETRIC)
        continue;
      l = random_list(tc->dtype, rows ? rows : 1, cols ? cols : 1, nnz, symmetry, 17);
      D = dense_of_list(tc->dtype, rows, cols, symmetry, &l);
      CHECK_OK(speig_coo_create(tc->dtype, rows, cols, nnz, l.row, l.col, l.values, symmetry,
                                SPEIG_BORROW, &coo));
      CHECK_OK(speig_matrix_from_coo(coo, &A));
      CU_ASSERT_EQUAL(compare(A, D), 0);
      CU_ASSERT_EQUAL(speig_matrix_get_info(A).declared, symmetry);
      speig_matrix_destroy(&A);
      speig_coo_destroy(&coo);
      list_free(&l);
      free(D);
    }
}
TEST_ALL_TYPES(lists_become_the_matrix_they_say)

int main(void)
{
  CU_pSuite suite;
  harness_start();
  suite = harness_suite("matrix");
  ADD_ALL_CASES(suite, lists_become_the_matrix_they_say);
  return harness_finish("matrix");
}
