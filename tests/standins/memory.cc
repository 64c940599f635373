/*
 * memory.cc: device memory of the fake runtime.
 *
 * Every allocation ends at a guard page (but for the rounding to 256 bytes, which is filled with a
 * pattern and checked) and has one before it. Outside of kernels and copies all device memory is
 * closed (PROT_NONE), so host code that touches it faults at the very place. Freed memory stays
 * closed and its addresses are never given again, so a use after free faults as well. Fresh memory
 * holds NaN (all bits set), as nothing may rely on zeros.
 */
#include "memory.h"

#include <sys/mman.h>
#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iterator>
#include <map>

#include "emulator.h"
#include "standins.h"

namespace standins
{
namespace
{

enum { alignment = 256, slack_byte = 0xcb, fresh_byte = 0xff };

typedef std::map<const char *, allocation> allocation_map; /* by begin */
allocation_map live, freed;
std::map<const char *, size_t> pinned;
size_t used[16], used_peak, pinned_bytes;
unsigned long serials;
int open_depth;

size_t page_size()
{
  static const size_t size = (size_t)sysconf(_SC_PAGESIZE);
  return size;
}

size_t round_up(size_t n, size_t unit)
{
  return (n + unit - 1) / unit * unit;
}

void protect_all(int protection)
{
  for (auto &item : live)
    mprotect(item.second.mapped, item.second.mapped_bytes, protection);
}

bool holds_slack(const char *from, const char *to)
{
  return from == to || ((unsigned char)*from == slack_byte &&
                        memcmp(from, from + 1, (size_t)(to - from) - 1) == 0);
}

/* The allocation whose pages or guard pages the address lies in. */
const allocation *find_near(const allocation_map &map, const void *pointer)
{
  auto it = map.upper_bound((const char *)pointer);
  const size_t page = page_size();
  if (it != map.end() && (const char *)pointer >= it->second.mapped - page)
    return &it->second;
  if (it == map.begin())
    return nullptr;
  const allocation &a = std::prev(it)->second;
  return (const char *)pointer < a.mapped + a.mapped_bytes + page ? &a : nullptr;
}

} // namespace

void *device_allocate(int device, size_t bytes)
{
  const size_t page = page_size(), rounded = round_up(bytes, alignment);
  if (bytes > config().memory || used[device] + bytes > config().memory)
    return nullptr;
  const size_t mapped_bytes = round_up(rounded, page);
  char *whole = (char *)mmap(nullptr, mapped_bytes + 2 * page, PROT_NONE,
                             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (whole == MAP_FAILED)
    return nullptr;
  char *mapped = whole + page, *begin = mapped + mapped_bytes - rounded;
  mprotect(mapped, mapped_bytes, PROT_READ | PROT_WRITE);
  memset(mapped, slack_byte, mapped_bytes);
  memset(begin, fresh_byte, bytes);
  if (!open_depth)
    mprotect(mapped, mapped_bytes, PROT_NONE);
  live[begin] = allocation{ begin, bytes, mapped, mapped_bytes, device, ++serials };
  used[device] += bytes;
  size_t total = device_used(-1);
  used_peak = total > used_peak ? total : used_peak;
  return begin;
}

bool device_free(void *pointer)
{
  auto it = live.find((const char *)pointer);
  if (it == live.end())
    return false;
  const allocation a = it->second;
  live.erase(it);
  freed[a.begin] = a;
  used[a.device] -= a.bytes;
  madvise(a.mapped, a.mapped_bytes, MADV_DONTNEED);
  mprotect(a.mapped, a.mapped_bytes, PROT_NONE);
  return true;
}

size_t device_used(int device)
{
  if (device >= 0)
    return used[device];
  size_t total = 0;
  for (size_t bytes : used)
    total += bytes;
  return total;
}

size_t device_peak()
{
  return used_peak;
}

const allocation *device_find(const void *pointer)
{
  auto it = live.upper_bound((const char *)pointer);
  if (it == live.begin())
    return nullptr;
  const allocation &a = std::prev(it)->second;
  return (const char *)pointer <= a.begin + a.bytes ? &a : nullptr;
}

bool device_range(const void *pointer, size_t bytes)
{
  const allocation *a = device_find(pointer);
  return a && bytes <= (size_t)(a->begin + a->bytes - (const char *)pointer);
}

void *pinned_allocate(size_t bytes)
{
  void *pointer = aligned_alloc(alignment, round_up(bytes, alignment));
  if (!pointer)
    return nullptr;
  memset(pointer, fresh_byte, bytes);
  pinned[(const char *)pointer] = bytes;
  pinned_bytes += bytes;
  return pointer;
}

bool pinned_free(void *pointer)
{
  auto it = pinned.find((const char *)pointer);
  if (it == pinned.end())
    return false;
  pinned_bytes -= it->second;
  pinned.erase(it);
  free(pointer);
  return true;
}

size_t pinned_used()
{
  return pinned_bytes;
}

bool pinned_contains(const void *pointer)
{
  auto it = pinned.upper_bound((const char *)pointer);
  if (it == pinned.begin())
    return false;
  --it;
  return (const char *)pointer < it->first + it->second;
}

void device_open()
{
  if (open_depth++ == 0)
    protect_all(PROT_READ | PROT_WRITE);
}

void device_close(const char *after)
{
  for (auto &item : live) {
    const allocation &a = item.second;
    if (!holds_slack(a.mapped, a.begin) ||
        !holds_slack(a.begin + a.bytes, a.mapped + a.mapped_bytes))
      violation("%s wrote beside allocation #%lu (%zu bytes)", after, a.serial, a.bytes);
  }
  if (--open_depth == 0)
    protect_all(PROT_NONE);
}

std::string device_describe(const void *pointer)
{
  const allocation *alive = find_near(live, pointer);
  const allocation *a = alive ? alive : find_near(freed, pointer);
  if (!a)
    return "";
  const char *p = (const char *)pointer;
  char place[80], text[160];
  if (p < a->begin)
    snprintf(place, sizeof place, "%zu bytes before", (size_t)(a->begin - p));
  else if (p >= a->begin + a->bytes)
    snprintf(place, sizeof place, "%zu bytes past the end of",
             (size_t)(p - a->begin - (ptrdiff_t)a->bytes));
  else
    snprintf(place, sizeof place, "byte %zu of", (size_t)(p - a->begin));
  snprintf(text, sizeof text, "%s %sdevice allocation #%lu (%zu bytes)", place,
           alive ? "" : "the freed ", a->serial, a->bytes);
  return text;
}

/* ------------------------------------------------------------------------- faults explained */

static struct sigaction previous;

/* Not async-signal-safe to the letter; the process is about to end and has faulted in plain code.
 */
static void on_fault(int number, siginfo_t *info, void *context)
{
  const std::string where = device_describe(info->si_addr);
  if (!where.empty()) {
    const std::string who = running_thread();
    fprintf(stderr, "standins: %s touched %p: %s\n",
            who.empty() ? "host code (or a library call outside its stream)" : who.c_str(),
            info->si_addr, where.c_str());
  }
  (void)context;
  sigaction(number, &previous, nullptr); /* and fault again, as without us */
}

void install_fault_handler()
{
  static char stack[64 << 10];
  stack_t alternate = {};
  alternate.ss_sp = stack;
  alternate.ss_size = sizeof stack;
  sigaltstack(&alternate, nullptr);
  struct sigaction action = {};
  action.sa_sigaction = on_fault;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  sigaction(SIGSEGV, &action, &previous);
}

} // namespace standins
