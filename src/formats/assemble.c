/* assemble.c: from a coordinate list to CSR, on all cores, the same result for any number of them.
 *
 * Three passes. Count: each piece of the list counts its entries per bucket, a bucket being a few
 * consecutive rows. Scatter: with the sums of these counts every piece knows where its entries go,
 * and bucket by bucket the list keeps its order. Sort: each bucket is sorted by row (counting
 * sort) and each row by column (stable), and duplicates are summed. The arrays that receive the
 * scatter are those of the matrix. A mirrored entry is scattered with its original.
 *
 * Cost: O(nnz) for rows of bounded length; two sweeps over the list, two over the matrix. Memory
 * beside list and matrix: one row index per entry and the scratch of one bucket per thread.     */
#include "formats/assemble.h"

#include "base/dtype.h"
#include "base/error.h"
#include "base/memory.h"

#include <omp.h>

#define SPEIG_TEMPLATE "formats/assemble.t.h"
#include "base/instantiate.h"

typedef struct assemble_kernels {
  void (*scatter)(const assembly *a, const coo_piece *piece, int64_t *place);
  int64_t (*sort_bucket)(const assembly *a, int64_t first, int64_t count, int64_t begin,
                         int64_t end, int64_t *place, int32_t *col, void *values);
  void (*sort_csr)(const speig_matrix *A, int64_t first, int64_t last, int64_t *length,
                   int32_t *spare_col, void *spare_values);
} assemble_kernels;

static const assemble_kernels kernels[4] = {
  { scatter_s, sort_bucket_s, sort_csr_s },
  { scatter_d, sort_bucket_d, sort_csr_d },
  { scatter_c, sort_bucket_c, sort_csr_c },
  { scatter_z, sort_bucket_z, sort_csr_z },
};

enum { MAX_BUCKETS = 512, MIN_SHIFT = 4 };

void coo_pieces_free(coo_piece *pieces, int64_t count)
{
  for (int64_t p = 0; p < count; ++p) {
    mem_free(pieces[p].row);
    mem_free(pieces[p].col);
    mem_free(pieces[p].values);
    pieces[p] = (coo_piece){ 0 };
  }
}

static void count_piece(const assembly *a, const coo_piece *piece, int64_t *count)
{
  for (int64_t e = 0; e < piece->count; ++e) {
    ++count[piece->row[e] >> a->shift];
    if (a->symmetry != SPEIG_GENERAL && piece->row[e] != piece->col[e])
      ++count[piece->col[e] >> a->shift];
  }
}

/* place[p * buckets + b]: first the counts of piece p, then where its entries of bucket b go. */
static void plan_places(assembly *a, const coo_piece *pieces, int64_t count, int threads,
                        int64_t *place)
{
  int64_t total = 0;
#pragma omp parallel for schedule(dynamic) num_threads(threads)
  for (int64_t p = 0; p < count; ++p)
    count_piece(a, &pieces[p], place + p * a->buckets);
  for (int64_t b = 0; b < a->buckets; ++b) {
    a->start[b] = total;
    for (int64_t p = 0; p < count; ++p) {
      int64_t n = place[p * a->buckets + b];
      place[p * a->buckets + b] = total;
      total += n;
    }
  }
  a->start[a->buckets] = total;
}

/* Lists that are in order already (rows ascending, columns strictly) only need their row lengths.
 */
static int bucket_in_order(const assembly *a, int64_t first, int64_t rows, int64_t begin,
                           int64_t end)
{
  for (int64_t e = begin + 1; e < end; ++e)
    if (a->row[e] < a->row[e - 1] || (a->row[e] == a->row[e - 1] && a->col[e] <= a->col[e - 1]))
      return 0;
  memset(a->rowptr + first + 1, 0, (size_t)rows * sizeof *a->rowptr);
  for (int64_t e = begin; e < end; ++e)
    ++a->rowptr[a->row[e] + 1];
  return 1;
}

static int64_t largest_bucket(const assembly *a)
{
  int64_t largest = 0;
  for (int64_t b = 0; b < a->buckets; ++b)
    if (a->start[b + 1] - a->start[b] > largest)
      largest = a->start[b + 1] - a->start[b];
  return largest;
}

/* Sorts all buckets; kept[b] receives what is left of each. The scratch of all threads together
 * stays below half the matrix: with a very full bucket fewer threads work.                      */
static speig_status sort_buckets(const assembly *a, speig_dtype dtype, int64_t rows, int threads,
                                 int64_t *kept)
{
  speig_status st = SPEIG_OK;
  size_t size = speig_dtype_size(dtype);
  int64_t width = (int64_t)1 << a->shift, largest = largest_bucket(a);
  int64_t fit = largest > 0 ? a->start[a->buckets] / (2 * largest) : 1;
  int team = fit < 1 ? 1 : fit < threads ? (int)fit : threads;
  int64_t *place = NULL;
  int32_t *col = NULL;
  char *values = NULL;
  TRY(MEM_ARRAY(team * (width + 1), "sorting workspace", &place));
  TRY(MEM_ARRAY(team * largest, "sorting workspace", &col));
  TRY(mem_alloc(team * largest, size, "sorting workspace", (void **)&values));
#pragma omp parallel num_threads(team)
  {
    int64_t me = omp_get_thread_num();
#pragma omp for schedule(dynamic)
    for (int64_t b = 0; b < a->buckets; ++b) {
      int64_t first = b * width, count = rows - first < width ? rows - first : width;
      int64_t begin = a->start[b], end = a->start[b + 1];
      kept[b] = bucket_in_order(a, first, count, begin, end)
                    ? end - begin
                    : kernels[dtype].sort_bucket(a, first, count, begin, end,
                                                 place + me * (width + 1), col + me * largest,
                                                 values + (size_t)(me * largest) * size);
    }
  }
done:
  mem_free(place);
  mem_free(col);
  mem_free(values);
  return st;
}

/* Closes the gaps that summed duplicates left behind; returns the number of entries. */
static int64_t close_gaps(const assembly *a, size_t size, const int64_t *kept)
{
  char *values = a->values;
  int64_t to = 0;
  for (int64_t b = 0; b < a->buckets; ++b) {
    int64_t from = a->start[b];
    if (from != to) {
      memmove(a->col + to, a->col + from, (size_t)kept[b] * sizeof *a->col);
      memmove(values + (size_t)to * size, values + (size_t)from * size, (size_t)kept[b] * size);
    }
    to += kept[b];
  }
  return to;
}

static int bucket_shift(int64_t rows)
{
  int shift = MIN_SHIFT;
  while ((rows >> shift) >= MAX_BUCKETS)
    ++shift;
  return shift;
}

speig_status matrix_assemble(speig_dtype dtype, int64_t rows, int64_t cols, speig_symmetry symmetry,
                             coo_piece *pieces, int64_t count, int consume, int threads,
                             speig_matrix **out)
{
  speig_status st = SPEIG_OK;
  assembly a = { .shift = bucket_shift(rows), .symmetry = symmetry };
  int64_t *place = NULL, *kept = NULL, total = 0;
  speig_matrix *A = NULL;
  a.buckets = (rows >> a.shift) + 1;
  for (int64_t p = 0; p < count; ++p)
    total += pieces[p].count;
  threads = matrix_team(threads, total);
  TRY(MEM_ARRAY(a.buckets + 1, "sorting workspace", &a.start));
  TRY(MEM_ARRAY(a.buckets, "sorting workspace", &kept));
  TRY(MEM_ZARRAY(count * a.buckets, "sorting workspace", &place));
  plan_places(&a, pieces, count, threads, place);
  total = a.start[a.buckets];
  TRY(matrix_alloc(dtype, rows, cols, total, &A));
  TRY(MEM_ARRAY(total, "row indices", &a.row));
  a.col = A->colind;
  a.values = A->values;
  a.rowptr = A->rowptr;
  a.rowptr[0] = 0;
#pragma omp parallel for schedule(dynamic) num_threads(threads)
  for (int64_t p = 0; p < count; ++p)
    kernels[dtype].scatter(&a, &pieces[p], place + p * a.buckets);
  if (consume)
    coo_pieces_free(pieces, count);
  TRY(sort_buckets(&a, dtype, rows, threads, kept));
  A->nnz = close_gaps(&a, speig_dtype_size(dtype), kept);
  for (int64_t r = 0; r < rows; ++r)
    A->rowptr[r + 1] += A->rowptr[r];
  A->declared = symmetry;
  *out = A;
  A = NULL;
done:
  if (consume)
    coo_pieces_free(pieces, count);
  mem_free(a.start);
  mem_free(a.row);
  mem_free(place);
  mem_free(kept);
  speig_matrix_destroy(&A);
  return st;
}

speig_status matrix_sort_rows(speig_matrix *A)
{
  speig_status st = SPEIG_OK;
  int64_t longest = 0, to = 0, *length = NULL;
  size_t size = speig_dtype_size(A->dtype);
  int32_t *col = NULL;
  char *values = NULL, *all = A->values;
  for (int64_t r = 0; r < A->rows; ++r)
    if (A->rowptr[r + 1] - A->rowptr[r] > longest)
      longest = A->rowptr[r + 1] - A->rowptr[r];
  TRY(MEM_ARRAY(A->rows, "row lengths", &length));
  TRY(MEM_ARRAY(longest, "sorting workspace", &col));
  TRY(mem_alloc(longest, size, "sorting workspace", (void **)&values));
  kernels[A->dtype].sort_csr(A, 0, A->rows, length, col, values);
  for (int64_t r = 0; r < A->rows; ++r) {
    int64_t from = A->rowptr[r];
    memmove(A->colind + to, A->colind + from, (size_t)length[r] * sizeof *A->colind);
    memmove(all + (size_t)to * size, all + (size_t)from * size, (size_t)length[r] * size);
    A->rowptr[r] = to;
    to += length[r];
  }
  A->rowptr[A->rows] = to;
  A->nnz = to;
done:
  mem_free(length);
  mem_free(col);
  mem_free(values);
  return st;
}
