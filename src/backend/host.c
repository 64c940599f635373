/* host.c: the CPU backend: memory, matrices, and the choice of kernels for this processor. */
#include "backend/host.h"

#include "backend/tables.h"
#include "base/error.h"
#include "base/memory.h"

#include <stdint.h>
#include <string.h>

typedef struct host_state {
  void *work;
  size_t bytes;
} host_state;

const backend_ops *backend_host_table(speig_dtype dtype)
{
  const backend_ops *const *sets[3];
  return sets[host_table_sets(sets) - 1][dtype];
}

int host_threads(const backend *be, int64_t pieces)
{
  return pieces < be->threads ? (int)(pieces < 1 ? 1 : pieces) : be->threads;
}

int host_share(const backend *be, int64_t groups, int64_t scalars)
{
  enum { LEAST_SCALARS = 131072 };
  int64_t pieces = scalars / LEAST_SCALARS;
  return host_threads(be, pieces < groups ? pieces : groups);
}

/* Enough workspace for small problems from the start: only large ones ever make it grow. */
speig_status host_open(backend *be)
{
  enum { FIRST_BYTES = 1 << 19 };
  speig_status st = SPEIG_OK;
  void *work;
  TRY(mem_zalloc(1, sizeof(host_state), "backend", &be->state));
  TRY(host_workspace(be, FIRST_BYTES, 1, &work));
done:
  if (st != SPEIG_OK)
    host_close(be);
  return st;
}

void host_close(backend *be)
{
  host_state *state = be->state;
  if (state)
    mem_free(state->work);
  mem_free(state);
  be->state = NULL;
}

speig_status host_workspace(backend *be, int64_t count, size_t size, void **out)
{
  speig_status st = SPEIG_OK;
  host_state *state = be->state;
  size_t bytes;
  *out = NULL;
  TRY(mem_product(count, 1, size, "workspace", &bytes));
  if (bytes > state->bytes || !state->work) {
    mem_free(state->work);
    *state = (host_state){ 0 };
    TRY(mem_alloc(count, size, "workspace", &state->work));
    mem_huge_pages(state->work, bytes);
    state->bytes = bytes;
  }
  *out = state->work;
done:
  return st;
}

/* Columns start on cache lines, and not all on the same cache set: ld is no multiple of 4096 bytes
 * when there are several. New pages are zeros already, and belong to the thread that writes them
 * first; old ones are zeroed by the threads that will work on them. */
speig_status host_alloc(backend *be, int64_t n, int32_t p, void **data, int64_t *ld)
{
  speig_status st = SPEIG_OK;
  size_t size = speig_dtype_size(be->ops->dtype), bytes;
  int64_t step = size < 8 ? 16 : 8, groups = host_groups(n, 1);
  int threads = host_share(be, groups, n * p);
  int is_zero;
  char *first;
  *data = NULL;
  *ld = (n + step - 1) / step * step;
  if (p > 1 && *ld * (int64_t)size % 4096 == 0)
    *ld += step;
  TRY(mem_product(*ld, p, size, "block of vectors", &bytes));
  TRY(mem_alloc_pages((int64_t)bytes, 1, "block of vectors", data, &is_zero));
  mem_huge_pages(*data, bytes);
  if (is_zero)
    goto done;
  first = *data;
#pragma omp parallel for schedule(static) num_threads(threads) if (threads > 1)
  for (int64_t g = 0; g < groups; ++g) {
    int64_t from = host_group_row(n, groups, g), to = host_group_row(n, groups, g + 1);
    if (g == groups - 1)
      to = *ld;
    for (int32_t j = 0; j < p; ++j)
      memset(first + (size_t)(from + j * *ld) * size, 0, (size_t)(to - from) * size);
  }
done:
  return st;
}

void host_release(backend *be, void *data)
{
  (void)be;
  mem_free(data);
}

/* What a strip's rows cost: a row costs about as much as three entries. */
static int64_t cost_before(const host_matrix *M, int64_t strip)
{
  int64_t row = strip * M->strip_rows;
  row = row < M->base.rows ? row : M->base.rows;
  return M->plan.csr.rowptr[row] + 3 * row;
}

static void deal_strips(host_matrix *M)
{
  int64_t total = cost_before(M, M->strips);
  for (int t = 1; t < M->parts; ++t) {
    int64_t low = M->part_strip[t - 1], high = M->strips, target = total / M->parts * t;
    while (low < high) {
      int64_t middle = (low + high) / 2;
      if (cost_before(M, middle) < target)
        low = middle + 1;
      else
        high = middle;
    }
    M->part_strip[t] = low;
  }
  M->part_strip[M->parts] = M->strips;
}

static void find_segments(host_matrix *M)
{
  int64_t segment = 0;
  for (int64_t s = 0; s < M->strips; ++s) {
    while (M->plan.segment[segment + 1].first <= s * M->strip_rows)
      ++segment;
    M->strip_segment[s] = segment;
  }
}

speig_status host_matrix_make(backend *be, int64_t rows, int64_t cols, spmv_plan *plan,
                              backend_matrix **out)
{
  enum { MIN_COST_PER_THREAD = 65536 };
  speig_status st = SPEIG_OK;
  host_matrix *M = NULL;
  TRY(MEM_ZARRAY(1, "matrix", &M));
  M->base = (backend_matrix){ .be = be, .rows = rows, .cols = cols };
  M->plan = *plan;
  *plan = (spmv_plan){ 0 };
  M->strip_rows = (rows / 8192 + 63) / 64 * 64;
  M->strip_rows = M->strip_rows < 256 ? 256 : M->strip_rows;
  M->strips = (rows + M->strip_rows - 1) / M->strip_rows;
  M->parts = host_threads(be, cost_before(M, M->strips) / MIN_COST_PER_THREAD);
  TRY(MEM_ZARRAY(M->parts + 1, "partition of the rows", &M->part_strip));
  TRY(MEM_ZARRAY(M->strips, "partition of the rows", &M->strip_segment));
  deal_strips(M);
  find_segments(M);
  M->base.bytes = spmv_plan_bytes(&M->plan, be->ops->dtype);
  *out = &M->base;
  M = NULL;
done:
  if (M)
    host_matrix_close(be, &M->base);
  return st;
}

speig_status host_matrix_open(backend *be, const speig_matrix *A, backend_matrix **out)
{
  speig_status st = SPEIG_OK;
  speig_matrix_info info = speig_matrix_get_info(A);
  spmv_plan plan = { 0 };
  TRY(spmv_plan_make(A, be->threads, &plan));
  TRY(host_matrix_make(be, info.rows, info.cols, &plan, out));
done:
  spmv_plan_free(&plan);
  return st;
}

void host_matrix_close(backend *be, backend_matrix *A)
{
  host_matrix *M = (host_matrix *)A;
  (void)be;
  spmv_plan_free(&M->plan);
  mem_free(M->strip_segment);
  mem_free(M->part_strip);
  mem_free(M);
}
