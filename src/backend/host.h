/* host.h: what the CPU backend's kernels share: workspace, matrices, and the division of rows. */
#ifndef SPEIG_SRC_BACKEND_HOST_H
#define SPEIG_SRC_BACKEND_HOST_H

#include "backend/backend.h"
#include "base/threads.h"
#include "spmv/plan.h"

/* be->threads threads at most, and one for work too small to share. */
int host_threads(const backend *be, int64_t pieces);
/* Threads for `groups` groups of rows in which that many scalars are touched: threads that wait for
 * each other cost microseconds, on a busy machine milliseconds, so each share must be worth it. */
int host_share(const backend *be, int64_t groups, int64_t scalars);

/* At least count x size bytes, 64-byte aligned, valid until the next call; kept between calls, so
 * that kernels do not page memory in again and again. Errors: MEMORY. */
speig_status host_workspace(backend *be, int64_t count, size_t size, void **out);

/* Entries that need no scalar type or only its size. */
speig_status host_open(backend *be);
void host_close(backend *be);
speig_status host_alloc(backend *be, int64_t n, int32_t p, void **data, int64_t *ld);
void host_release(backend *be, void *data);
speig_status host_matrix_open(backend *be, const speig_matrix *A, backend_matrix **out);
void host_matrix_close(backend *be, backend_matrix *A);
/* A matrix from its plan, which is emptied. */
speig_status host_matrix_make(backend *be, int64_t rows, int64_t cols, spmv_plan *plan,
                              backend_matrix **out);
speig_status host_matrix_order(backend_matrix *A, int32_t *order, int64_t count, int *gain);
speig_status host_matrix_select(backend_matrix *A, const int32_t *order, int64_t count,
                                backend_matrix **out);
speig_status host_rows(const int32_t *order, int back, const multivec *X, multivec *Y);

/* ---- rows ----
 * Reductions add up groups of consecutive chunks (base/threads.h), one thread per group, then the
 * groups in order. Their number depends on the shapes only, never on the threads, and it bounds
 * the memory that partial sums take: `doubles` of them per group.                              */
enum { HOST_MAX_GROUPS = 256, HOST_MIN_GROUPS = 16, HOST_PARTIALS = 1 << 22 };

static inline int64_t host_groups(int64_t n, int64_t doubles)
{
  int64_t chunks = chunk_count(n), most = HOST_PARTIALS / (doubles > 0 ? doubles : 1);
  most = most < HOST_MIN_GROUPS ? HOST_MIN_GROUPS : most > HOST_MAX_GROUPS ? HOST_MAX_GROUPS : most;
  return chunks < most ? chunks : most;
}

/* First row of group g; n for g = groups. */
static inline int64_t host_group_row(int64_t n, int64_t groups, int64_t g)
{
  int64_t row = g * chunk_count(n) / groups * chunk_rows(n);
  return row < n ? row : n;
}

/* Rows worked on at a time, so that `columns` columns of them stay in a core's cache: at most a
 * page of each column, at least 8 cache lines. */
static inline int64_t host_strip_rows(int64_t columns, size_t size)
{
  int64_t bytes = 786432 / (columns > 0 ? columns : 1) / 512 * 512;
  bytes = bytes < 512 ? 512 : bytes > 8192 ? 8192 : bytes;
  return bytes / (int64_t)size;
}

/* ---- matrices ----
 * The rows in strips of fixed height, and the strips dealt out to `parts` threads so that each has
 * about as many entries. Which thread has a strip changes no bit of a result.                  */
typedef struct host_matrix {
  backend_matrix base;
  spmv_plan plan;
  int64_t strip_rows, strips;
  int64_t *strip_segment; /* [strips] segment of the plan in which a strip begins */
  int64_t *part_strip; /* [parts + 1] first strip of each part */
  int parts;
} host_matrix;

/* ---- tables, one set for each instruction set ---- */

extern const backend_ops *const host_tables_v1[4]; /* by dtype */
extern const backend_ops *const host_tables_v3[4];
extern const backend_ops *const host_tables_v4[4];

/* The sets that this processor can run, slowest first; returns how many, 1 to 3. */
int host_table_sets(const backend_ops *const *sets[3]);

#endif
