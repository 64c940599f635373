/* host_order.c: some rows and columns of a matrix in an order in which products are faster, and the
 * rows of blocks that go with it.
 *
 * By falling number of entries: in graphs whose hubs are in most rows, these numbers of x then
 * share cache lines that stay in the nearest cache. R-MAT of 2^20 vertices: 21 ms become 13. */
#include "backend/host.h"
#include "base/dtype.h"
#include "base/error.h"
#include "base/memory.h"

#include <string.h>

static int64_t row_entries(const host_matrix *M, int32_t i)
{
  return M->plan.csr.rowptr[i + 1] - M->plan.csr.rowptr[i];
}

/* The longest row against the mean, and vectors that leave the nearest caches: only then does the
 * order of the rows matter so much. A matrix with runs is faster as it is. */
static int order_pays(const host_matrix *M, const int32_t *order, int64_t count, int64_t *longest)
{
  enum { SKEW = 50, CACHE = 1 << 20 };
  size_t size = speig_dtype_size(M->base.be->ops->dtype);
  int64_t entries = 0;
  *longest = 0;
  if (M->plan.shapes > 0 || (size_t)count * size <= CACHE)
    return 0;
  for (int64_t i = 0; i < count; ++i) {
    int64_t here = row_entries(M, order[i]);
    *longest = here > *longest ? here : *longest;
    entries += here;
  }
  return *longest * count > SKEW * entries || 5 * count < 4 * M->base.rows;
}

speig_status host_matrix_order(backend_matrix *A, int32_t *order, int64_t count, int *gain)
{
  enum { LENGTHS = 1 << 16 };
  speig_status st = SPEIG_OK;
  const host_matrix *M = (const host_matrix *)A;
  int64_t *first = NULL, longest, lengths;
  int32_t *sorted = NULL;
  *gain = order_pays(M, order, count, &longest);
  if (!*gain)
    return st;
  lengths = longest < LENGTHS ? longest + 1 : LENGTHS; /* still longer ones count as equal */
  TRY(MEM_ZARRAY(lengths + 1, "rows by length", &first));
  TRY(MEM_ARRAY(count, "rows by length", &sorted));
  for (int64_t i = 0; i < count; ++i) {
    int64_t here = row_entries(M, order[i]);
    ++first[lengths - (here < lengths ? here : lengths - 1)];
  }
  for (int64_t l = 0; l < lengths; ++l)
    first[l + 1] += first[l];
  for (int64_t i = 0; i < count; ++i) {
    int64_t here = row_entries(M, order[i]);
    sorted[first[lengths - 1 - (here < lengths ? here : lengths - 1)]++] = order[i];
  }
  memcpy(order, sorted, (size_t)count * sizeof *order);
done:
  mem_free(first);
  mem_free(sorted);
  return st;
}

speig_status host_matrix_select(backend_matrix *A, const int32_t *order, int64_t count,
                                backend_matrix **out)
{
  enum { ROWS_PER_THREAD = 4096 };
  speig_status st = SPEIG_OK;
  const host_matrix *M = (const host_matrix *)A;
  backend *be = A->be;
  int threads = count / ROWS_PER_THREAD < be->threads ? 1 : be->threads;
  spmv_plan plan = { 0 };
  TRY(spmv_plan_select(&M->plan, speig_dtype_size(be->ops->dtype), A->rows, order, count, threads,
                       &plan));
  TRY(host_matrix_make(be, count, count, &plan, out));
done:
  spmv_plan_free(&plan);
  return st;
}

speig_status host_rows(const int32_t *order, int back, const multivec *X, multivec *Y)
{
  const backend *be = X->be;
  size_t size = speig_dtype_size(be->ops->dtype);
  int64_t count = back ? X->n : Y->n, groups = host_groups(count, 1);
  int threads = host_share(be, groups, count * X->p);
#pragma omp parallel for schedule(static) num_threads(threads) if (threads > 1)
  for (int64_t g = 0; g < groups; ++g) {
    int64_t from = host_group_row(count, groups, g), to = host_group_row(count, groups, g + 1);
    for (int32_t j = 0; j < X->p; ++j) {
      const char *x = (const char *)X->data + (size_t)(j * X->ld) * size;
      char *y = (char *)Y->data + (size_t)(j * Y->ld) * size;
      for (int64_t i = from; i < to; ++i)
        memcpy(y + (size_t)(back ? order[i] : i) * size, x + (size_t)(back ? i : order[i]) * size,
               size);
    }
  }
  return SPEIG_OK;
}
