/* blocks.c: test blocks with poisoned padding. */
#include "blocks.h"

#include "harness.h"

#include "base/dtype.h"
#include "base/random.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int parts_of(speig_dtype dtype)
{
  return dtype_is_complex(dtype) ? 2 : 1;
}

static double read_real(const test_block *B, int64_t at)
{
  return dtype_is_single(B->dtype) ? (double)((float *)B->data)[at] : ((double *)B->data)[at];
}

static void write_real(test_block *B, int64_t at, double value)
{
  if (dtype_is_single(B->dtype))
    ((float *)B->data)[at] = (float)value;
  else
    ((double *)B->data)[at] = value;
}

test_block block_nan(speig_dtype dtype, int64_t n, int32_t p, int64_t ld)
{
  test_block B = { .dtype = dtype, .n = n, .ld = ld, .p = p };
  int64_t reals = ld * (p + 1) * parts_of(dtype) + 16;
  B.data = malloc((size_t)reals * 8);
  for (int64_t i = 0; i < reals; ++i)
    write_real(&B, i, NAN);
  return B;
}

test_block block_random(speig_dtype dtype, int64_t n, int32_t p, int64_t ld, uint64_t seed)
{
  test_block B = block_nan(dtype, n, p, ld);
  for (int32_t j = 0; j < p; ++j)
    for (int64_t i = 0; i < n; ++i)
      block_set(&B, i, j, random_uniform(seed, i, j, 0), random_uniform(seed, i, j, 1));
  return B;
}

test_block block_copy(const test_block *B, int64_t ld)
{
  test_block copy = block_nan(B->dtype, B->n, B->p, ld);
  for (int32_t j = 0; j < B->p; ++j)
    for (int64_t i = 0; i < B->n; ++i)
      block_set(&copy, i, j, block_get(B, i, j, 0), block_get(B, i, j, 1));
  return copy;
}

void block_drop(test_block *B)
{
  for (int c = 0; c < 2; ++c)
    mv_free(&B->copy[c]);
  free(B->data);
  B->data = NULL;
}

double block_get(const test_block *B, int64_t i, int64_t j, int part)
{
  int parts = parts_of(B->dtype);
  return part < parts ? read_real(B, (i + j * B->ld) * parts + part) : 0;
}

void block_set(test_block *B, int64_t i, int64_t j, double re, double im)
{
  int parts = parts_of(B->dtype);
  write_real(B, (i + j * B->ld) * parts, re);
  if (parts == 2)
    write_real(B, (i + j * B->ld) * parts + 1, im);
}

static int64_t storage(const test_block *B)
{
  return B->ld * (B->p + 1);
}

multivec block_put(backend *be, test_block *B)
{
  multivec *copy = &B->copy[B->copy[0].be ? 1 : 0];
  CU_ASSERT_PTR_NULL_FATAL(copy->be);
  CHECK_OK(mv_alloc(be, storage(B), 1, "test block", copy));
  CHECK_OK(mv_upload(B->data, storage(B), copy));
  return mv_wrap(be, B->n, B->p, B->ld, copy->data);
}

void block_fetch(test_block *B)
{
  CU_ASSERT_TRUE_FATAL(B->copy[0].be && !B->copy[1].be);
  CHECK_OK(mv_download(&B->copy[0], B->data, storage(B)));
}

void block_send(test_block *B)
{
  for (int c = 0; c < 2 && B->copy[c].be; ++c)
    CHECK_OK(mv_upload(B->data, storage(B), &B->copy[c]));
}

static speig_block all_of(const test_block *B)
{
  return (speig_block){ B->dtype, storage(B), 1, storage(B), B->data, SPEIG_HOST };
}

placed placed_make(speig_context *ctx, const test_block *B)
{
  placed there;
  speig_block host = all_of(B);
  CHECK_OK(speig_block_alloc_on(ctx, B->dtype, host.rows, 1, &there.storage));
  CHECK_OK(speig_copy(ctx, &host, &there.storage));
  there.block =
      (speig_block){ B->dtype, B->n, B->p, B->ld, there.storage.data, there.storage.device };
  return there;
}

void placed_fetch(speig_context *ctx, const placed *there, test_block *B)
{
  speig_block host = all_of(B);
  CHECK_OK(speig_copy(ctx, &there->storage, &host));
}

void placed_drop(speig_context *ctx, placed *there)
{
  speig_block_free_on(ctx, &there->storage);
}

static double worse(double largest, double x)
{
  return x > largest || isnan(x) || isnan(largest) ? (isnan(largest) ? largest : x) : largest;
}

double block_distance(const test_block *A, const test_block *B)
{
  double largest = 0;
  for (int32_t j = 0; j < A->p; ++j)
    for (int64_t i = 0; i < A->n; ++i)
      for (int part = 0; part < 2; ++part)
        largest = worse(largest, fabs(block_get(A, i, j, part) - block_get(B, i, j, part)));
  return largest;
}

int block_padding_intact(const test_block *B)
{
  int parts = parts_of(B->dtype);
  for (int64_t j = 0; j <= B->p; ++j)
    for (int64_t i = (j < B->p ? B->n : 0) * parts; i < B->ld * parts; ++i)
      if (!isnan(read_real(B, i + j * B->ld * parts)))
        return 0;
  return 1;
}

int block_same_bits(const test_block *A, const test_block *B)
{
  size_t size = speig_dtype_size(A->dtype);
  for (int64_t j = 0; j < A->p; ++j)
    if (memcmp((char *)A->data + (size_t)(j * A->ld) * size,
               (char *)B->data + (size_t)(j * B->ld) * size, (size_t)A->n * size) != 0)
      return 0;
  return 1;
}

small small_random(int32_t rows, int32_t cols, int32_t ld, int is_complex, uint64_t seed)
{
  small M = { .rows = rows, .cols = cols, .ld = ld, .is_complex = is_complex };
  int64_t parts = is_complex ? 2 : 1, reals = (int64_t)ld * cols * parts;
  M.data = malloc((size_t)(reals + 1) * sizeof *M.data);
  for (int64_t i = 0; i < reals; ++i)
    M.data[i] = seed && i / parts % ld < rows ? random_uniform(seed, i, 0, 0) : (double)NAN;
  return M;
}

void small_drop(small *M)
{
  free(M->data);
  M->data = NULL;
}

double small_distance(const small *A, const small *B)
{
  int32_t parts = A->is_complex ? 2 : 1;
  double largest = 0;
  for (int64_t j = 0; j < A->cols; ++j)
    for (int64_t i = 0; i < A->rows * parts; ++i)
      largest =
          worse(largest, fabs(A->data[j * A->ld * parts + i] - B->data[j * B->ld * parts + i]));
  return largest;
}

static int is_mesh_row(pattern kind, int64_t i)
{
  return kind == MESH || kind == MESH_POTENTIAL || kind == MESH_COMPLEX_POTENTIAL ||
         (kind == MESH_IN_PARTS && i / 150 % 3 != 1);
}

/* Neighbours in the lines before and after, in the line, and itself. */
static int64_t mesh_row(int64_t i, int64_t cols, int32_t *colind)
{
  enum { LINE = 37 };
  static const int64_t distance[5] = { -LINE, -1, 0, 1, LINE };
  int64_t count = 0;
  for (int k = 0; k < 5; ++k) {
    int64_t j = i + distance[k];
    int line_ends = (k == 1 && i % LINE == 0) || (k == 3 && i % LINE == LINE - 1);
    if (j >= 0 && j < cols && !line_ends)
      colind[count++] = (int32_t)j;
  }
  return count;
}

static int64_t spread_row(pattern kind, int64_t i, int64_t rows, int64_t cols, int32_t *colind)
{
  int64_t length = 0, step;
  if (kind == SCATTERED || kind == MESH_IN_PARTS || kind >= EQUAL) /* every fifth row is empty */
    length = i % 5 == 2 ? 0 : (int64_t)(random_bits(11, i, 0, 0) % 9);
  else if (kind == ONE_DENSE_ROW)
    length = i == rows / 2 ? cols : 0;
  else if (kind == LONG_ROWS)
    length = i % 64 == 0 ? 150 : 2;
  length = length < cols ? length : cols;
  step = length ? cols / length : 1;
  for (int64_t k = 0; k < length; ++k)
    colind[k] = (int32_t)(k * step + (int64_t)(random_bits(3, i, k, 0) % (uint64_t)step));
  if (kind == EQUAL_BESIDE_DIAGONAL && length > 0 && i / step < length)
    colind[i / step] = (int32_t)i;
  return length;
}

/* Entries of a mesh depend on the distance only, but for the diagonal of one with a potential. */
static void set_mesh_entries(pattern kind, int64_t i, const int64_t *rowptr, const int32_t *colind,
                             test_block *values)
{
  for (int64_t e = rowptr[i]; e < rowptr[i + 1]; ++e) {
    int64_t distance = colind[e] - i;
    double own = block_get(values, e, 0, 0);
    if (distance == 0 && kind == MESH_POTENTIAL)
      block_set(values, e, 0, own, 0);
    else if (distance != 0 || kind != MESH_COMPLEX_POTENTIAL)
      block_set(values, e, 0, 2 * random_uniform(5, distance + 1000, 0, 0) - 1,
                2 * random_uniform(5, distance + 1000, 0, 1) - 1);
  }
}

static void set_equal_entries(pattern kind, int64_t i, const int64_t *rowptr, const int32_t *colind,
                              test_block *values)
{
  for (int64_t e = rowptr[i]; e < rowptr[i + 1]; ++e) {
    int more = kind == EQUAL_BESIDE_DIAGONAL && colind[e] == i;
    block_set(values, e, 0, 0.75 + (more ? (double)(i % 5) : 0), 0.25);
  }
}

speig_matrix *matrix_random(speig_dtype dtype, pattern kind, int64_t rows, int64_t cols)
{
  speig_matrix *A = NULL;
  int64_t *rowptr = malloc((size_t)(rows + 1) * sizeof *rowptr), most = rows * 9 + cols + 5;
  int32_t *colind;
  test_block values;
  most += kind == LONG_ROWS ? (rows / 64 + 1) * 150 : 0;
  colind = malloc((size_t)most * sizeof *colind);
  rowptr[0] = 0;
  for (int64_t i = 0; i < rows; ++i)
    rowptr[i + 1] =
        rowptr[i] + (is_mesh_row(kind, i) ? mesh_row(i, cols, colind + rowptr[i])
                                          : spread_row(kind, i, rows, cols, colind + rowptr[i]));
  values = block_random(dtype, rowptr[rows], 1, rowptr[rows], 17);
  for (int64_t i = 0; i < rows; ++i) {
    if (is_mesh_row(kind, i))
      set_mesh_entries(kind, i, rowptr, colind, &values);
    else if (kind >= EQUAL)
      set_equal_entries(kind, i, rowptr, colind, &values);
  }
  if (speig_matrix_create_csr(dtype, rows, cols, rowptr, colind, values.data, SPEIG_COPY, &A) !=
      SPEIG_OK)
    abort();
  free(rowptr);
  free(colind);
  block_drop(&values);
  return A;
}
