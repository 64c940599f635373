/* select.c: some rows and columns of a sparse matrix, in another order, as a plan of its own.
 *
 * Where a few columns hold most of the entries (the hubs of a graph), an order by falling degree
 * brings what products read most often into the nearest cache: Balaji and Lucia, IISWC (2018).
 * Values that all are equal are not copied. Cost: about two products; rows are independent. */
#include "spmv/plan.h"

#include "base/error.h"
#include "base/memory.h"

#include <inttypes.h>
#include <string.h>

/* place[order[i]] = i, -1 elsewhere. */
static void invert_order(const int32_t *order, int64_t count, int64_t n, int32_t *place)
{
  memset(place, -1, (size_t)n * sizeof *place);
  for (int64_t i = 0; i < count; ++i)
    place[order[i]] = (int32_t)i;
}

/* Columns and values of row i of P, renamed; returns how many columns are not selected. */
static int64_t rename_row(const csr_view *from, size_t size, int64_t i, const int32_t *place,
                          int32_t *colind, char *values)
{
  int64_t begin = from->rowptr[i], count = from->rowptr[i + 1] - begin, outside = 0;
  for (int64_t k = 0; k < count; ++k) {
    colind[k] = place[from->colind[begin + k]];
    outside += colind[k] < 0;
  }
  if (values)
    memcpy(values, (const char *)from->values + (size_t)begin * size, (size_t)count * size);
  return outside;
}

speig_status spmv_plan_select(const spmv_plan *P, size_t size, int64_t n, const int32_t *order,
                              int64_t count, int threads, spmv_plan *out)
{
  enum { ROWS_AT_ONCE = 256 };
  speig_status st = SPEIG_OK;
  int32_t *place = NULL;
  int64_t outside = 0;
  *out = (spmv_plan){ .rows = count, .segments = 1, .uniform = P->uniform, .equal = P->equal };
  TRY(MEM_ARRAY(n, "order of the rows", &place));
  TRY(MEM_ARRAY(2, "runs of rows", &out->segment));
  TRY(MEM_ARRAY(count + 1, "rows in another order", &out->own_rowptr));
  invert_order(order, count, n, place);
  out->segment[0] = (spmv_segment){ 0, -1 };
  out->segment[1] = (spmv_segment){ count, -1 };
  out->own_rowptr[0] = 0;
  for (int64_t i = 0; i < count; ++i)
    out->own_rowptr[i + 1] =
        out->own_rowptr[i] + P->csr.rowptr[order[i] + 1] - P->csr.rowptr[order[i]];
  TRY(MEM_ARRAY(out->own_rowptr[count], "rows in another order", &out->own_colind));
  if (!P->uniform)
    TRY(mem_alloc(out->own_rowptr[count], size, "rows in another order", &out->own_values));
  if (P->equal.more)
    TRY(MEM_ARRAY(count, "diagonal in another order", &out->diagonal));
#pragma omp parallel for schedule(dynamic, ROWS_AT_ONCE) num_threads(threads) reduction(+ : outside)
  for (int64_t i = 0; i < count; ++i) {
    int64_t at = out->own_rowptr[i];
    outside += rename_row(&P->csr, size, order[i], place, out->own_colind + at,
                          out->own_values ? (char *)out->own_values + (size_t)at * size : NULL);
    if (out->diagonal)
      out->diagonal[i] = P->equal.more[order[i]];
  }
  if (outside > 0)
    FAIL(SPEIG_ERR_INTERNAL, "%" PRId64 " entries lie in columns that are not selected", outside);
  out->equal.more = out->diagonal;
  out->csr = (csr_view){ out->own_rowptr, out->own_colind, out->own_values };
done:
  mem_free(place);
  if (st != SPEIG_OK)
    spmv_plan_free(out);
  return st;
}
