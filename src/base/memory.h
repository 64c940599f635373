/* memory.h: every allocation of the library: overflow-checked, 64-byte aligned, counted, limited by
 * a budget, and made to fail on request by the tests. */
#ifndef SPEIG_SRC_BASE_MEMORY_H
#define SPEIG_SRC_BASE_MEMORY_H

#include "speig/types.h"

/* *out = count x size bytes, uninitialised, aligned to 64. A zero-sized request gives a valid
 * pointer. what names the array in the message ("Lanczos basis"). Errors: MEMORY. */
speig_status mem_alloc(int64_t count, size_t size, const char *what, void **out);
/* The same; *is_zero: 1 when the block holds zeros, as new pages of the system do, which cost
 * nothing until they are written. */
speig_status mem_alloc_pages(int64_t count, size_t size, const char *what, void **out,
                             int *is_zero);
/* The same, zeroed. */
speig_status mem_zalloc(int64_t count, size_t size, const char *what, void **out);
/* Grows or shrinks to count x size, keeping the contents; *block may be NULL. On failure the old
 * block stays valid. */
speig_status mem_resize(int64_t count, size_t size, const char *what, void **block);
/* Accepts NULL. */
void mem_free(void *block);

/* Typed spelling: TRY(MEM_ARRAY(n, "row sums", &sums)); */
#define MEM_ARRAY(count, what, out) mem_alloc((count), sizeof **(out), (what), (void **)(out))
#define MEM_ZARRAY(count, what, out) mem_zalloc((count), sizeof **(out), (what), (void **)(out))

/* n x m x size without overflow, or MEMORY with the numbers in the message. */
speig_status mem_product(int64_t n, int64_t m, size_t size, const char *what, size_t *bytes);

/* The calling thread's account. A solve allocates on one thread only, so this is its own memory. */
typedef struct mem_account {
  size_t current, peak; /* bytes */
  size_t limit; /* 0: none */
} mem_account;
/* Starts a fresh account with a limit (0: none) and returns the old one, to be put back by
 * mem_account_leave, which also adds what is still held to the old account.                     */
mem_account mem_account_enter(size_t limit);
void mem_account_leave(const mem_account *outer);
mem_account mem_account_read(void);

/* Asks for pages of 2 MB in a block of that many bytes, where the system has them: fewer faults at
 * the first touch, and fewer misses of the TLB in column sweeps. Advice only. */
void mem_huge_pages(void *block, size_t bytes);

/* Memory that somebody else takes for us (a factorization): counted, and refused when the budget
 * does not have it. Errors: MEMORY. */
speig_status mem_claim(size_t bytes, const char *what);
void mem_unclaim(size_t bytes);

/* Tests: the n-th allocation from now on this thread fails (1: the next), once, or each one from
 * then on when `onwards`; 0 switches off. Returns how many allocations were seen since the last
 * call. */
int64_t mem_fail_at(int64_t n, int onwards);

#endif
