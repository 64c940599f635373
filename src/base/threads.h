/* threads.h: thread counts, and the fixed row chunks that make sums the same for any of them. */
#ifndef SPEIG_SRC_BASE_THREADS_H
#define SPEIG_SRC_BASE_THREADS_H

#include <stdint.h>

/* asked if positive, else the number of cores this process may use (OMP_NUM_THREADS respected). */
int threads_resolve(int asked);

/* Reductions run over chunks of rows whose size depends on n alone; each chunk is summed by one
 * thread, and the partial sums are added in chunk order. At least 1024 rows, at most 4096 chunks.
 */
static inline int64_t chunk_rows(int64_t n)
{
  int64_t rows = (n + 4095) / 4096;
  return rows < 1024 ? 1024 : (rows + 63) / 64 * 64;
}

static inline int64_t chunk_count(int64_t n)
{
  return (n + chunk_rows(n) - 1) / chunk_rows(n);
}

/* While entered, an OpenBLAS that is loaded runs on one thread: its results depend on the thread
 * count, and its threads would fight with ours. Counted; the last leave restores the old number. It
 * is a property of the process: another thread's BLAS calls run on one thread too for that time. */
void threads_blas_enter(void);
void threads_blas_leave(void);

#endif
