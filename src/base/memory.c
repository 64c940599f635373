/* memory.c: a small header in front of each block remembers its size, so that budgets are exact.
 *
 * New pages cost ten times what writing them does (docs/performance.md). So large blocks are mapped
 * from the system, which hands out pages of zeros as they are first written: what is never written
 * costs nothing, and nothing has to be zeroed twice. Within a solve, large blocks that are freed
 * are kept for the next one of about that size; when none fits, all are given back before the
 * system is asked, so that no more is held than the account's peak. */
#define _DEFAULT_SOURCE /* madvise, MAP_ANONYMOUS */
#include "base/memory.h"

#include "base/error.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { ALIGNMENT = 64 };

typedef struct header {
  size_t bytes; /* asked for */
  size_t room; /* taken from the system, header included */
} header;

enum { SPARES = 4, LARGE = 1 << 22, HUGE_PAGE = 1 << 21, ANY_PAGE = 1 << 16 };

/* Sanitizers watch what malloc hands out. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { MAPS_LARGE = 0 };
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
enum { MAPS_LARGE = 0 };
#else
enum { MAPS_LARGE = 1 };
#endif
#else
enum { MAPS_LARGE = 1 };
#endif

static _Thread_local mem_account account;
static _Thread_local int depth; /* accounts entered */
static _Thread_local char *spares[SPARES]; /* freed large blocks, from their headers on */
static _Thread_local int64_t fail_at, seen;
static _Thread_local int fail_onwards;

static int injected_failure(void)
{
  ++seen;
  return fail_at > 0 && (seen == fail_at || (fail_onwards && seen > fail_at));
}

int64_t mem_fail_at(int64_t n, int onwards)
{
  int64_t count = seen;
  seen = 0;
  fail_at = n;
  fail_onwards = onwards;
  return count;
}

static header header_of(const char *raw)
{
  header h;
  memcpy(&h, raw, sizeof h);
  return h;
}

/* Whole huge pages where the block is large enough for one; NULL when the system has no more. */
static char *map_large(size_t room)
{
  size_t head, bytes = room + HUGE_PAGE;
  char *map = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (map == MAP_FAILED)
    return NULL;
  head = (HUGE_PAGE - (uintptr_t)map % HUGE_PAGE) % HUGE_PAGE;
  if (head > 0)
    (void)munmap(map, head);
  if (head < HUGE_PAGE)
    (void)munmap(map + head + room, HUGE_PAGE - head);
  return map + head;
}

/* To the system; accepts NULL. */
static void give_back(char *raw)
{
  size_t room = raw ? header_of(raw).room : 0;
  if (MAPS_LARGE && room >= LARGE)
    (void)munmap(raw, room);
  else
    free(raw);
}

static void drop_spares(void)
{
  for (int i = 0; i < SPARES; ++i) {
    give_back(spares[i]);
    spares[i] = NULL;
  }
}

/* A spare of at least that many bytes and at most twice as many; NULL when there is none. */
static char *take_spare(size_t room)
{
  int best = -1;
  for (int i = 0; i < SPARES; ++i) {
    size_t here = spares[i] ? header_of(spares[i]).room : 0;
    if (here >= room && here / 2 <= room && (best < 0 || here < header_of(spares[best]).room))
      best = i;
  }
  if (best < 0)
    return NULL;
  char *raw = spares[best];
  spares[best] = NULL;
  return raw;
}

/* Keeps a block instead of a smaller one, or frees it. */
static void keep_or_free(char *raw)
{
  int least = 0;
  for (int i = 0; i < SPARES; ++i) {
    if (!spares[i]) {
      spares[i] = raw;
      return;
    }
    if (header_of(spares[i]).room < header_of(spares[least]).room)
      least = i;
  }
  if (header_of(spares[least]).room < header_of(raw).room) {
    char *smaller = spares[least];
    spares[least] = raw;
    raw = smaller;
  }
  give_back(raw);
}

mem_account mem_account_enter(size_t limit)
{
  mem_account outer = account;
  ++depth;
  account = (mem_account){ .limit = limit };
  return outer;
}

void mem_account_leave(const mem_account *outer)
{
  size_t held = account.current, peak = account.peak;
  account = *outer;
  if (account.current + peak > account.peak)
    account.peak = account.current + peak;
  account.current += held;
  if (--depth == 0)
    drop_spares();
}

mem_account mem_account_read(void)
{
  return account;
}

speig_status mem_product(int64_t n, int64_t m, size_t size, const char *what, size_t *bytes)
{
  speig_status st = SPEIG_OK;
  size_t count;
  *bytes = 0;
  if (n < 0 || m < 0 || __builtin_mul_overflow((size_t)n, (size_t)m, &count) ||
      __builtin_mul_overflow(count, size, bytes) || *bytes > (size_t)INT64_MAX - ALIGNMENT)
    FAIL(SPEIG_ERR_MEMORY, "%s: %" PRId64 " x %" PRId64 " numbers of %zu bytes cannot be addressed",
         what, n, m, size);
done:
  return st;
}

static void note(size_t add, size_t drop)
{
  /* A block may be freed by another thread or account than the one that took it. */
  account.current += add;
  account.current -= drop < account.current ? drop : account.current;
  if (account.current > account.peak)
    account.peak = account.current;
}

static size_t block_size(const void *block)
{
  return header_of((const char *)block - ALIGNMENT).bytes;
}

/* *is_zero: what follows the header is known to hold zeros. */
static char *from_spare_or_system(header *head, int *is_zero)
{
  char *raw = NULL;
  *is_zero = 0;
  if (head->room < LARGE)
    return aligned_alloc(ALIGNMENT, head->room);
  raw = take_spare(head->room);
  if (raw) {
    head->room = header_of(raw).room;
    return raw;
  }
  drop_spares();
  if (!MAPS_LARGE)
    return aligned_alloc(ALIGNMENT, head->room);
  *is_zero = 1;
  return map_large(head->room);
}

speig_status mem_alloc_pages(int64_t count, size_t size, const char *what, void **out, int *is_zero)
{
  speig_status st = SPEIG_OK;
  size_t bytes = 0, room;
  header head;
  char *raw = NULL;
  *out = NULL;
  *is_zero = 0;
  TRY(mem_product(count, 1, size, what, &bytes));
  room = (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT + ALIGNMENT;
  if (room >= LARGE)
    room = (room + ANY_PAGE - 1) / ANY_PAGE * ANY_PAGE;
  if (account.limit &&
      bytes > account.limit - (account.current < account.limit ? account.current : account.limit))
    FAIL(SPEIG_ERR_MEMORY, "%s needs %zu bytes; %zu of the budget of %zu are taken", what, bytes,
         account.current, account.limit);
  head = (header){ .bytes = bytes, .room = room };
  if (!injected_failure())
    raw = from_spare_or_system(&head, is_zero);
  if (!raw)
    FAIL(SPEIG_ERR_MEMORY, "%s needs %zu bytes, which the system does not give", what, bytes);
  memcpy(raw, &head, sizeof head);
  note(bytes, 0);
  *out = raw + ALIGNMENT;
done:
  return st;
}

speig_status mem_alloc(int64_t count, size_t size, const char *what, void **out)
{
  int is_zero = 0;
  return mem_alloc_pages(count, size, what, out, &is_zero);
}

void mem_huge_pages(void *block, size_t bytes)
{
  uintptr_t first = ((uintptr_t)block + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE;
  uintptr_t last = ((uintptr_t)block + bytes) / HUGE_PAGE * HUGE_PAGE;
  if (last > first)
    (void)madvise((void *)first, last - first, MADV_HUGEPAGE); /* advice only: may fail */
}

speig_status mem_claim(size_t bytes, const char *what)
{
  speig_status st = SPEIG_OK;
  if (account.limit &&
      bytes > account.limit - (account.current < account.limit ? account.current : account.limit))
    FAIL(SPEIG_ERR_MEMORY, "%s needs about %zu bytes; %zu of the budget of %zu are taken", what,
         bytes, account.current, account.limit);
  if (injected_failure())
    FAIL(SPEIG_ERR_MEMORY, "%s needs %zu bytes, which the system does not give", what, bytes);
  note(bytes, 0);
done:
  return st;
}

void mem_unclaim(size_t bytes)
{
  note(0, bytes);
}

speig_status mem_zalloc(int64_t count, size_t size, const char *what, void **out)
{
  int is_zero = 0;
  speig_status st = mem_alloc_pages(count, size, what, out, &is_zero);
  if (st == SPEIG_OK && !is_zero)
    memset(*out, 0, (size_t)count * size);
  return st;
}

speig_status mem_resize(int64_t count, size_t size, const char *what, void **block)
{
  speig_status st = SPEIG_OK;
  void *moved = NULL;
  TRY(mem_alloc(count, size, what, &moved));
  if (*block) {
    size_t old = block_size(*block), now = (size_t)count * size;
    memcpy(moved, *block, old < now ? old : now);
    mem_free(*block);
  }
  *block = moved;
done:
  return st;
}

void mem_free(void *block)
{
  if (!block)
    return;
  char *raw = (char *)block - ALIGNMENT;
  note(0, block_size(block));
  if (depth > 0 && header_of(raw).room >= LARGE)
    keep_or_free(raw);
  else
    give_back(raw);
}
