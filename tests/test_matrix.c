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

/* A random matrix and the dense array it stands for. */
static speig_matrix *random_matrix(speig_dtype dtype, int64_t rows, int64_t cols, int64_t nnz,
                                   speig_symmetry symmetry, complex_d **D)
{
  list l = random_list(dtype, rows, cols, nnz, symmetry, 29);
  speig_coo *coo = NULL;
  speig_matrix *A = NULL;
  if (D)
    *D = dense_of_list(dtype, rows, cols, symmetry, &l);
  CHECK_OK(
      speig_coo_create(dtype, rows, cols, nnz, l.row, l.col, l.values, symmetry, SPEIG_COPY, &coo));
  list_free(&l);
  CHECK_OK(speig_matrix_from_coo(coo, &A));
  speig_coo_destroy(&coo);
  return A;
}

static void the_way_back_gives_the_same_list(const test_case *tc)
{
  complex_d *D;
  speig_matrix *A = random_matrix(tc->dtype, 60, 80, 700, SPEIG_GENERAL, &D), *B = NULL;
  speig_coo *coo = NULL;
  const int32_t *row, *col;
  const void *values;
  CHECK_OK(speig_coo_from_matrix(A, &coo));
  speig_coo_arrays(coo, &row, &col, &values);
  CU_ASSERT_EQUAL(speig_coo_nnz(coo), speig_matrix_get_info(A).nnz);
  for (int64_t e = 1; e < speig_coo_nnz(coo); ++e)
    CU_ASSERT_TRUE(row[e] > row[e - 1] || (row[e] == row[e - 1] && col[e] > col[e - 1]));
  CHECK_OK(speig_matrix_from_coo(coo, &B));
  CU_ASSERT_EQUAL(compare(B, D), 0);
  speig_coo_destroy(&coo);
  speig_matrix_destroy(&A);
  speig_matrix_destroy(&B);
  free(D);
}
TEST_ALL_TYPES(the_way_back_gives_the_same_list)

static void patterns_are_ones(const test_case *tc)
{
  int32_t row[] = { 2, 0, 2 }, col[] = { 1, 0, 1 };
  speig_coo *coo = NULL;
  speig_matrix *A = NULL;
  complex_d D[9] = { 1, 0, 0, 0, 0, 2, 0, 2, 0 };
  CHECK_OK(speig_coo_create(tc->dtype, 3, 3, 3, row, col, NULL, SPEIG_SYMMETRIC, SPEIG_COPY, &coo));
  CHECK_OK(speig_matrix_from_coo(coo, &A));
  CU_ASSERT_EQUAL(compare(A, D), 0);
  speig_coo_destroy(&coo);
  speig_matrix_destroy(&A);
}
TEST_ALL_TYPES(patterns_are_ones)

static int same_arrays(const speig_matrix *A, const speig_matrix *B)
{
  return A->nnz == B->nnz &&
         memcmp(A->rowptr, B->rowptr, ((size_t)A->rows + 1) * sizeof *A->rowptr) == 0 &&
         memcmp(A->colind, B->colind, (size_t)A->nnz * sizeof *A->colind) == 0 &&
         memcmp(A->values, B->values, (size_t)A->nnz * speig_dtype_size(A->dtype)) == 0;
}

/* Sums of inexact numbers depend on their order, so equal bits mean that the order held. Pieces of
 * one, three and many entries; one long row, which takes the merge sort.                        */
static void threads_and_pieces_do_not_matter(const test_case *tc)
{
  enum { N = 3000, NNZ = 90000 };
  static const int threads[] = { 1, 2, 3, 7 };
  static const int64_t each[] = { NNZ, 1 << 12, 333 };
  list l = random_list(tc->dtype, N, N, NNZ, SPEIG_SYMMETRIC, 31);
  coo_piece *pieces = malloc(NNZ * sizeof *pieces);
  speig_matrix *first = NULL;
  size_t size = speig_dtype_size(tc->dtype);
  for (int64_t e = 0; e < NNZ; ++e) {
    set(tc->dtype, l.values, e, random_uniform(7, e, 0, 0) + I * random_uniform(7, e, 0, 1));
    if (e % 3 == 0)
      l.row[e] = N - 1;
    if (e % 5 == 0)
      l.col[e] = 0;
  }
  for (size_t t = 0; t < 4; ++t)
    for (size_t p = 0; p < 3; ++p) {
      speig_matrix *A = NULL;
      int64_t count = 0;
      for (int64_t e = 0; e < NNZ; e += each[p])
        pieces[count++] = (coo_piece){ NNZ - e < each[p] ? NNZ - e : each[p], l.row + e, l.col + e,
                                       (char *)l.values + (size_t)e * size };
      CHECK_OK(matrix_assemble(tc->dtype, N, N, SPEIG_SYMMETRIC, pieces, count, 0, threads[t], &A));
      if (first)
        CU_ASSERT_TRUE(same_arrays(first, A));
      if (first)
        speig_matrix_destroy(&A);
      else
        first = A;
    }
  speig_matrix_destroy(&first);
  free(pieces);
  list_free(&l);
}
TEST_ALL_TYPES(threads_and_pieces_do_not_matter)

static void transposes_are_transposed(const test_case *tc)
{
  enum { M = 70, N = 50 };
  complex_d *D, T[M * N];
  speig_matrix *A = random_matrix(tc->dtype, M, N, 900, SPEIG_GENERAL, &D);
  for (int conjugate = 0; conjugate < 2; ++conjugate) {
    speig_matrix *B = NULL;
    for (int i = 0; i < M; ++i)
      for (int j = 0; j < N; ++j)
        T[j * M + i] = conjugate ? conj(D[i * N + j]) : D[i * N + j];
    CHECK_OK(speig_matrix_transpose(A, conjugate, &B));
    CU_ASSERT_EQUAL(compare(B, T), 0);
    speig_matrix_destroy(&B);
  }
  speig_matrix_destroy(&A);
  free(D);
}
TEST_ALL_TYPES(transposes_are_transposed)

static void scaling_and_converting_are_exact(const test_case *tc)
{
  enum { N = 40 };
  complex_d *D;
  speig_matrix *A = random_matrix(tc->dtype, N, N, 400, SPEIG_SYMMETRIC, &D), *B = NULL;
  for (int to = SPEIG_S; to <= SPEIG_Z; ++to) {
    if (dtype_is_complex(tc->dtype) && !dtype_is_complex((speig_dtype)to)) {
      CU_ASSERT_EQUAL(speig_matrix_convert(A, (speig_dtype)to, &B), SPEIG_ERR_ARG);
      CU_ASSERT_PTR_NOT_NULL(strstr(speig_last_error(), "entry ("));
      continue;
    }
    CHECK_OK(speig_matrix_convert(A, (speig_dtype)to, &B));
    CU_ASSERT_EQUAL(compare(B, D), 0);
    CU_ASSERT_EQUAL(speig_matrix_get_info(B).declared, SPEIG_SYMMETRIC);
    speig_matrix_destroy(&B);
  }
  CHECK_OK(speig_matrix_scaled(A, -0.75, &B));
  for (int e = 0; e < N * N; ++e)
    D[e] *= -0.75;
  CU_ASSERT_EQUAL(compare(B, D), 0);
  speig_matrix_destroy(&B);
  CU_ASSERT_EQUAL(speig_matrix_scaled(A, 1e308, &B), SPEIG_ERR_ARG);
  CU_ASSERT_PTR_NOT_NULL(strstr(speig_last_error(), "overflows"));
  CU_ASSERT_EQUAL(speig_matrix_scaled(A, NAN, &B), SPEIG_ERR_ARG);
  CU_ASSERT_PTR_NULL(B);
  speig_matrix_destroy(&A);
  free(D);
}
TEST_ALL_TYPES(scaling_and_converting_are_exact)

static void doubles_too_large_for_float_are_refused(void)
{
  int64_t rowptr[] = { 0, 1, 2 };
  int32_t colind[] = { 1, 0 };
  double values[] = { 1, 1e39 };
  speig_matrix *A = NULL, *B = NULL;
  CHECK_OK(speig_matrix_create_csr(SPEIG_D, 2, 2, rowptr, colind, values, SPEIG_BORROW, &A));
  CU_ASSERT_EQUAL(speig_matrix_convert(A, SPEIG_S, &B), SPEIG_ERR_ARG);
  CU_ASSERT_PTR_NOT_NULL(strstr(speig_last_error(), "entry (2, 1) is 9.99999"));
  CU_ASSERT_PTR_NULL(strstr(speig_last_error(), "+0i"));
  speig_matrix_destroy(&A);
}

/* A few tiny entries round to zero; a matrix of nothing else would silently be another matrix. */
static void matrices_too_small_for_float_are_refused(void)
{
  int64_t rowptr[] = { 0, 1, 2 };
  int32_t colind[] = { 1, 0 };
  double values[] = { 1e-200, -1e-39 };
  float kept[2];
  speig_matrix *A = NULL, *B = NULL;
  CHECK_OK(speig_matrix_create_csr(SPEIG_D, 2, 2, rowptr, colind, values, SPEIG_BORROW, &A));
  CU_ASSERT_EQUAL(speig_matrix_convert(A, SPEIG_S, &B), SPEIG_ERR_ARG);
  CU_ASSERT_PTR_NOT_NULL(strstr(speig_last_error(), "largest entry is 1e-39"));
  CU_ASSERT_PTR_NULL(B);
  values[1] = 1;
  CHECK_OK(speig_matrix_convert(A, SPEIG_S, &B));
  const void *stored = NULL;
  speig_matrix_arrays(B, NULL, NULL, &stored);
  memcpy(kept, stored, sizeof kept);
  CU_ASSERT_EQUAL(kept[0], 0);
  CU_ASSERT_EQUAL(kept[1], 1);
  speig_matrix_destroy(&B);
  values[1] = 0;
  values[0] = 0;
  CHECK_OK(speig_matrix_convert(A, SPEIG_S, &B));
  speig_matrix_destroy(&B);
  speig_matrix_destroy(&A);
}

/* The numbers of the statistics straight from their definitions. */
static void statistics_follow_their_definitions(const test_case *tc)
{
  enum { N = 30 };
  complex_d *D;
  speig_matrix *A = random_matrix(tc->dtype, N, N, 200, SPEIG_GENERAL, &D);
  speig_matrix_stats s;
  double largest = 0, squares = 0, inf = 0, one = 0, low = INFINITY, high = -INFINITY;
  double hermitian = 0, symmetric = 0, skew = 0, relative, slack = 10 * tc->eps;
  int64_t lower = 0, upper = 0;
  for (int i = 0; i < N; ++i) {
    double row = 0, column = 0, off;
    for (int j = 0; j < N; ++j) {
      complex_d x = D[i * N + j], y = D[j * N + i];
      row += cabs(x);
      column += cabs(y);
      largest = fmax(largest, cabs(x));
      squares += creal(x) * creal(x) + cimag(x) * cimag(x);
      hermitian = fmax(hermitian, cabs(x - conj(y)));
      symmetric = fmax(symmetric, cabs(x - y));
      skew = fmax(skew, cabs(x + y));
      lower = x != 0 && i - j > lower ? i - j : lower;
      upper = x != 0 && j - i > upper ? j - i : upper;
    }
    off = row - cabs(D[i * N + i]);
    low = fmin(low, creal(D[i * N + i]) - off);
    high = fmax(high, creal(D[i * N + i]) + off);
    inf = fmax(inf, row);
    one = fmax(one, column);
  }
  CHECK_OK(speig_matrix_get_stats(A, &s));
  CU_ASSERT_DOUBLE_EQUAL(s.max_abs, largest, slack * largest);
  CU_ASSERT_DOUBLE_EQUAL(s.norm_fro, sqrt(squares), slack * sqrt(squares));
  CU_ASSERT_DOUBLE_EQUAL(s.norm_inf, inf, slack * inf);
  CU_ASSERT_DOUBLE_EQUAL(s.norm_1, one, slack * one);
  CU_ASSERT_DOUBLE_EQUAL(s.hermitian_defect, hermitian, slack * hermitian);
  CU_ASSERT_DOUBLE_EQUAL(s.symmetric_defect, symmetric, slack * symmetric);
  CU_ASSERT_DOUBLE_EQUAL(s.skew_defect, skew, slack * skew);
  CU_ASSERT_DOUBLE_EQUAL(s.gershgorin_min, low, slack * inf);
  CU_ASSERT_DOUBLE_EQUAL(s.gershgorin_max, high, slack * inf);
  CU_ASSERT_TRUE(s.lower_bandwidth >= lower && s.upper_bandwidth >= upper);
  CHECK_OK(speig_matrix_hermitian_defect(A, &relative));
  CU_ASSERT_DOUBLE_EQUAL(relative, hermitian / largest, slack);
  speig_matrix_destroy(&A);
  free(D);
}
TEST_ALL_TYPES(statistics_follow_their_definitions)

static void hermitian_matrices_have_no_defect(const test_case *tc)
{
  for (int s = SPEIG_SYMMETRIC; s <= SPEIG_HERMITIAN; ++s) {
    speig_matrix *A = random_matrix(tc->dtype, 50, 50, 400, (speig_symmetry)s, NULL);
    speig_matrix_stats stats;
    CHECK_OK(speig_matrix_get_stats(A, &stats));
    CU_ASSERT_EQUAL(s == SPEIG_SYMMETRIC        ? stats.symmetric_defect
                    : s == SPEIG_SKEW_SYMMETRIC ? stats.skew_defect
                                                : stats.hermitian_defect,
                    0);
    speig_matrix_destroy(&A);
  }
}
TEST_ALL_TYPES(hermitian_matrices_have_no_defect)

static void statistics_stand_extremes(void)
{
  int64_t rowptr[] = { 0, 2, 2, 4 };
  int32_t colind[] = { 0, 2, 0, 1 };
  double huge[] = { 1e308, 1e308, 1e308, 0 }, tiny[] = { 3e-320, 4e-320, 0, 0 };
  double odd[] = { 1, 2, NAN, INFINITY };
  speig_matrix *A = NULL;
  speig_matrix_stats s;
  CHECK_OK(speig_matrix_create_csr(SPEIG_D, 3, 3, rowptr, colind, huge, SPEIG_BORROW, &A));
  CHECK_OK(speig_matrix_get_stats(A, &s));
  CU_ASSERT_DOUBLE_EQUAL(s.norm_fro, sqrt(3) * 1e308, 1e293);
  CU_ASSERT_TRUE(s.explicit_zeros == 1 && s.empty_rows == 1 && s.max_row_nnz == 2 &&
                 s.min_row_nnz == 0 && s.diagonal_entries == 1 && s.lower_bandwidth == 2 &&
                 s.upper_bandwidth == 2 && s.nonfinite == 0 && s.first_nonfinite_row == -1);
  speig_matrix_destroy(&A);
  CHECK_OK(speig_matrix_create_csr(SPEIG_D, 3, 3, rowptr, colind, tiny, SPEIG_BORROW, &A));
  CHECK_OK(speig_matrix_get_stats(A, &s));
  CU_ASSERT_DOUBLE_EQUAL(s.norm_fro / 5e-320, 1, 1e-3);
  speig_matrix_destroy(&A);
  CHECK_OK(speig_matrix_create_csr(SPEIG_D, 3, 3, rowptr, colind, odd, SPEIG_BORROW, &A));
  CHECK_OK(speig_matrix_get_stats(A, &s));
  CU_ASSERT_TRUE(s.nonfinite == 2 && s.first_nonfinite_row == 2 && s.first_nonfinite_col == 0);
  CU_ASSERT_TRUE(isinf(s.hermitian_defect) && s.norm_inf == 3);
  speig_matrix_destroy(&A);
}

/* ---- taking arrays over ---- */

static void *heap_copy(const void *from, size_t size)
{
  void *to = malloc(size);
  memcpy(to, from, size);
  return to;
}

static void ownership_is_as_said(void)
{
  int64_t rowptr[] = { 0, 2, 3 };
  int32_t rowptr32[] = { 0, 2, 3 }, colind[] = { 0, 1, 1 }, messy[] = { 1, 0, 1 };
  double values[] = { 1, 2, 3 };
  complex_d D[4] = { 1, 2, 0, 3 }, M[4] = { 2, 1, 0, 3 };
  for (int own = SPEIG_COPY; own <= SPEIG_ADOPT; ++own)
    for (int form = 0; form < 4; ++form) { /* 64 or 32 bits, in order or not */
      int adopt = own == SPEIG_ADOPT, bits32 = form & 1, disorder = form >> 1;
      const int32_t *wanted = disorder ? messy : colind;
      speig_matrix *A = NULL;
      void *p = bits32 ? (void *)rowptr32 : (void *)rowptr;
      size_t size = bits32 ? sizeof rowptr32 : sizeof rowptr;
      const int32_t *c = adopt ? heap_copy(wanted, sizeof colind) : wanted;
      const double *v = adopt ? heap_copy(values, sizeof values) : values;
      const void *r = adopt ? heap_copy(p, size) : p;
      speig_status st =
          bits32 ? speig_matrix_create_csr32(SPEIG_D, 2, 2, r, c, v, (speig_ownership)own, &A)
                 : speig_matrix_create_csr(SPEIG_D, 2, 2, r, c, v, (speig_ownership)own, &A);
      if (own == SPEIG_BORROW && disorder) {
        CU_ASSERT_EQUAL(st, SPEIG_ERR_ARG);
        continue;
      }
      CU_ASSERT_EQUAL_FATAL(st, SPEIG_OK);
      CU_ASSERT_EQUAL(A->values == v, own == SPEIG_BORROW || (adopt && !disorder));
      CU_ASSERT_EQUAL(compare(A, disorder ? M : D), 0);
      speig_matrix_destroy(&A);
      CU_ASSERT_PTR_NULL(A);
    }
  CU_ASSERT_EQUAL(messy[0], 1); /* the caller's arrays are as they were */
  speig_matrix_destroy(NULL);
}

static void unsorted_rows_with_duplicates_are_put_right(void)
{
  int64_t rowptr[] = { 0, 5, 5, 7 };
  int32_t colind[] = { 3, 1, 3, 0, 1, 2, 2 };
  double values[] = { 1, 2, 4, 8, 16, 32, 64 };
  complex_d D[12] = { 8, 18, 0, 5, 0, 0, 0, 0, 0, 0, 96, 0 };
  speig_matrix *A = NULL;
  CHECK_OK(speig_matrix_create_csr(SPEIG_D, 3, 4, rowptr, colind, values, SPEIG_COPY, &A));
  CU_ASSERT_EQUAL(speig_matrix_get_info(A).nnz, 4);
  CU_ASSERT_EQUAL(compare(A, D), 0);
  speig_matrix_destroy(&A);
}

static void expect(speig_status st, const char *words)
{
  CU_ASSERT_EQUAL(st, SPEIG_ERR_ARG);
  CU_ASSERT_PTR_NOT_NULL(strstr(speig_last_error(), words));
}

static void bad_arrays_are_refused(void)
{
  int64_t rowptr[] = { 0, 1, 2 }, down[] = { 0, 2, 1 }, late[] = { 1, 1, 2 };
  int32_t colind[] = { 0, 7 }, row[] = { 0, 0 }, below[] = { 1, -1 };
  double values[] = { 1, 2 };
  complex_d turned[] = { 1 + 2 * I };
  speig_matrix *A = NULL;
  speig_coo *coo = NULL;
  expect(speig_coo_create(SPEIG_Z, 2, 2, 1, row, row, turned, SPEIG_HERMITIAN, SPEIG_COPY, &coo),
         "diagonal of a Hermitian matrix is real");
  expect(speig_matrix_create_csr(SPEIG_D, 2, 2, rowptr, colind, values, SPEIG_COPY, &A),
         "row 1: column index 7, but the matrix has 2 columns");
  expect(speig_matrix_create_csr(SPEIG_D, 2, 2, down, colind, values, SPEIG_COPY, &A), "row 1: ");
  expect(speig_matrix_create_csr(SPEIG_D, 2, 2, late, colind, values, SPEIG_COPY, &A),
         "rowptr[0] is 1");
  expect(speig_matrix_create_csr(SPEIG_D, -1, 2, rowptr, colind, values, SPEIG_COPY, &A), "-1 x 2");
  expect(
      speig_matrix_create_csr(SPEIG_D, 2, INT64_C(1) << 31, rowptr, colind, values, SPEIG_COPY, &A),
      "2 x 2147483648");
  expect(speig_matrix_create_csr(SPEIG_D, 2, 9, rowptr, colind, NULL, SPEIG_COPY, &A),
         "values is NULL");
  expect(speig_coo_create(SPEIG_D, 2, 2, 2, row, colind, values, SPEIG_GENERAL, SPEIG_COPY, &coo),
         "entry 1: row 0, column 7");
  expect(speig_coo_create(SPEIG_D, 2, 2, 2, row, below, values, SPEIG_GENERAL, SPEIG_COPY, &coo),
         "column -1");
  expect(speig_coo_create(SPEIG_D, 9, 9, 2, row, colind, values, SPEIG_HERMITIAN, SPEIG_COPY, &coo),
         "(0, 7) lies above the diagonal");
  expect(
      speig_coo_create(SPEIG_D, 9, 9, 1, row, row, values, SPEIG_SKEW_SYMMETRIC, SPEIG_COPY, &coo),
      "diagonal of a skew-symmetric");
  expect(speig_coo_create(SPEIG_D, 9, 8, 1, row, row, values, SPEIG_SYMMETRIC, SPEIG_COPY, &coo),
         "9 x 8");
  expect(speig_coo_create(SPEIG_D, 9, 8, -1, row, row, values, SPEIG_GENERAL, SPEIG_COPY, &coo),
         "-1 entries");
  CU_ASSERT_PTR_NULL(A);
  CU_ASSERT_PTR_NULL(coo);
}

/* All that allocates, in a row; each step passes on what failed. */
static speig_status tour(const list *l, speig_matrix *out[5])
{
  speig_status st = SPEIG_OK;
  speig_coo *coo = NULL, *back = NULL;
  int64_t rowptr[] = { 0, 2 };
  int32_t colind[] = { 1, 0 };
  double values[] = { 1, 2 };
  speig_matrix_stats stats;
  TRY(speig_coo_create(SPEIG_D, 20, 20, l->nnz, l->row, l->col, l->values, SPEIG_SYMMETRIC,
                       SPEIG_COPY, &coo));
  TRY(speig_matrix_from_coo(coo, &out[0]));
  TRY(speig_coo_from_matrix(out[0], &back));
  TRY(speig_matrix_convert(out[0], SPEIG_C, &out[1]));
  TRY(speig_matrix_transpose(out[1], 1, &out[2]));
  TRY(speig_matrix_scaled(out[2], 2, &out[3]));
  TRY(speig_matrix_create_csr(SPEIG_D, 1, 2, rowptr, colind, values, SPEIG_COPY, &out[4]));
  TRY(speig_matrix_get_stats(out[4], &stats));
done:
  speig_coo_destroy(&coo);
  speig_coo_destroy(&back);
  return st;
}

static void every_failing_allocation_is_survived(void)
{
  list l = random_list(SPEIG_D, 20, 20, 70, SPEIG_SYMMETRIC, 3);
  size_t held = mem_account_read().current;
  speig_status st = SPEIG_ERR_MEMORY;
  int n = 0;
  while (st == SPEIG_ERR_MEMORY && n < 1000) {
    speig_matrix *out[5] = { NULL };
    mem_fail_at(++n, 0);
    st = tour(&l, out);
    mem_fail_at(0, 0);
    for (int k = 0; k < 5; ++k)
      speig_matrix_destroy(&out[k]);
    CU_ASSERT_EQUAL(mem_account_read().current, held);
  }
  CU_ASSERT_EQUAL(st, SPEIG_OK);
  CU_ASSERT_TRUE(n > 30);
  list_free(&l);
}

int main(void)
{
  CU_pSuite suite;
  harness_start();
  suite = harness_suite("matrix");
  ADD_ALL_CASES(suite, lists_become_the_matrix_they_say);
  ADD_ALL_CASES(suite, the_way_back_gives_the_same_list);
  ADD_ALL_CASES(suite, patterns_are_ones);
  ADD_ALL_CASES(suite, threads_and_pieces_do_not_matter);
  ADD_ALL_CASES(suite, transposes_are_transposed);
  ADD_ALL_CASES(suite, scaling_and_converting_are_exact);
  ADD_CASE(suite, doubles_too_large_for_float_are_refused);
  ADD_CASE(suite, matrices_too_small_for_float_are_refused);
  ADD_ALL_CASES(suite, statistics_follow_their_definitions);
  ADD_ALL_CASES(suite, hermitian_matrices_have_no_defect);
  ADD_CASE(suite, statistics_stand_extremes);
  ADD_CASE(suite, ownership_is_as_said);
  ADD_CASE(suite, unsorted_rows_with_duplicates_are_put_right);
  ADD_CASE(suite, bad_arrays_are_refused);
  ADD_CASE(suite, every_failing_allocation_is_survived);
  return harness_finish("matrix");
}
