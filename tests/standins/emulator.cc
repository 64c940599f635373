/*
 * emulator.cc: runs a grid of CUDA threads on one CPU thread.
 *
 * Blocks run one after another. The threads of a block run on fibers: stacks of their own between
 * which the scheduler switches when a thread has to wait, at a block barrier or for the other lanes
 * of its warp. A fiber whose thread came to its end goes on with the next thread that was not yet
 * started, so a kernel without barriers runs as a plain loop on a single fiber.
 *
 * The order of blocks, of first starts and of resumed threads is shuffled by a seed: a kernel whose
 * result depends on it gives other bits. What a GPU would punish with a hang or with undefined
 * results is reported and ends the process: threads of one barrier at different places, a shuffle
 * among lanes with different masks, lanes that left the kernel while others wait for them, a read
 * from a lane outside the mask. Not modelled: several blocks at a time (spinning on another block
 * never ends), weak memory order between threads.
 */
#include "emulator.h"

#include <algorithm>
#include <cstdio>
#include <deque>
#include <map>
#include <memory>
#include <vector>

#include "fiber.h"
#include "standins.h"

emu_position *emu_here;

namespace standins
{
namespace
{

enum { warp_size = 32, max_threads = 1024, value_bytes = 16 };

enum class state { running, at_barrier, at_warp, finished };

struct thread_context {
  emu_position position;
  unsigned index = 0;
  state now = state::running;
  fiber *on = nullptr;
  /* What it waits for. */
  const char *file = nullptr;
  int line = 0;
  unsigned mask = 0;
  emu_barrier kind = emu_plain;
  int predicate = 0, source = 0;
  bool ballot = false;
  unsigned char value[value_bytes], result[value_bytes];
  int answer = 0;
};

struct grid_run {
  const std::string *name = nullptr;
  const emu_call *call = nullptr;
  unsigned threads = 0; /* per block */
  std::vector<thread_context> contexts;
  std::vector<unsigned> order; /* in which threads start */
  size_t started = 0, finished = 0;
  std::deque<fiber *> ready;
  std::vector<unsigned char> shared;
};

grid_run run;
thread_context *current;
random_stream shuffler(0);
bool shuffled;

std::vector<std::unique_ptr<fiber>> fibers; /* all that were ever made; kept for the next block */
std::vector<fiber *> idle;

std::string describe(const thread_context &t)
{
  char text[200];
  const emu_position &p = t.position;
  snprintf(text, sizeof text, "kernel %s, block (%u,%u,%u), thread (%u,%u,%u)", run.name->c_str(),
           p.block.x, p.block.y, p.block.z, p.thread.x, p.thread.y, p.thread.z);
  return text;
}

std::string waiting(const thread_context &t)
{
  std::string text = "thread " + std::to_string(t.index);
  if (t.now == state::finished)
    return text + " has left the kernel";
  return text +
         (t.now == state::at_barrier ? " waits at the barrier in " : " waits for its warp in ") +
         t.file + ":" + std::to_string(t.line);
}

[[noreturn]] void diverged(const char *what, const thread_context &a, const thread_context &b)
{
  violation("%s: %s: %s, %s", describe(a).c_str(), what, waiting(a).c_str(), waiting(b).c_str());
}

void start_next_thread()
{
  current = &run.contexts[run.order[run.started++]];
  current->now = state::running;
}

/* Threads run here, one after another, until none is left to start. */
void fiber_main(fiber *self)
{
  for (;;) {
    current->on = self;
    emu_here = &current->position;
    (*run.call)();
    current->now = state::finished;
    ++run.finished;
    if (run.started < run.threads && run.ready.empty()) {
      start_next_thread();
      continue;
    }
    idle.push_back(self);
    fiber_leave(self); /* to the scheduler; comes back with a new thread to run */
  }
}

fiber *idle_fiber()
{
  if (idle.empty()) {
    fibers.push_back(std::make_unique<fiber>());
    fiber_create(fibers.back().get(), fiber_main);
    return fibers.back().get();
  }
  fiber *f = idle.back();
  idle.pop_back();
  return f;
}

/* Puts the current thread aside until somebody makes it ready. */
void wait_as(state why)
{
  thread_context *self = current;
  self->now = why;
  fiber_leave(self->on);
  current = self;
  emu_here = &self->position;
}

void make_ready(thread_context *t)
{
  t->now = state::running;
  t->on->user = t;
  run.ready.push_back(t->on);
}

/* ------------------------------------------------------------------------------ block barrier */

void release_block(void)
{
  const thread_context *first = nullptr;
  int count = 0;
  for (thread_context &t : run.contexts)
    if (t.now == state::at_barrier) {
      if (first && (t.line != first->line || strcmp(t.file, first->file) != 0))
        diverged("threads of a block meet at different barriers", *first, t);
      first = first ? first : &t;
      count += t.predicate;
    }
  const int live = (int)(run.threads - run.finished);
  for (thread_context &t : run.contexts)
    if (t.now == state::at_barrier) {
      t.answer = t.kind == emu_count ? count : t.kind == emu_any ? count > 0 : count == live;
      make_ready(&t);
    }
}

/* ------------------------------------------------------------------------------- warp meetings */

struct warp_view {
  thread_context *lane[warp_size];
};

warp_view warp_of(const thread_context &t)
{
  warp_view w = {};
  const unsigned base = t.index & ~(warp_size - 1u);
  for (unsigned l = 0; l < warp_size && base + l < run.threads; ++l)
    w.lane[l] = &run.contexts[base + l];
  return w;
}

/* The current thread has arrived; true when all lanes of its mask have, or fails when one cannot.
 */
bool warp_complete(const warp_view &w, const thread_context &t)
{
  for (unsigned l = 0; l < warp_size; ++l) {
    if (!(t.mask >> l & 1) || !w.lane[l])
      continue;
    const thread_context &other = *w.lane[l];
    if (other.now != state::at_warp)
      return false;
    if (other.mask != t.mask)
      diverged("lanes of a warp meet with different masks", t, other);
    if (other.line != t.line || strcmp(other.file, t.file) != 0)
      diverged("lanes of a warp meet at different places", t, other);
  }
  return true;
}

void release_warp(const warp_view &w, unsigned mask)
{
  unsigned votes = 0;
  for (unsigned l = 0; l < warp_size; ++l)
    if ((mask >> l & 1) && w.lane[l] && w.lane[l]->predicate)
      votes |= 1u << l;
  for (unsigned l = 0; l < warp_size; ++l) {
    if (!(mask >> l & 1) || !w.lane[l])
      continue;
    thread_context &t = *w.lane[l];
    t.answer = (int)votes;
    if (!t.ballot) {
      if (t.source < 0 || t.source >= warp_size || !(mask >> t.source & 1) || !w.lane[t.source])
        violation("%s: a shuffle in %s:%d reads lane %d, which takes no part (mask %08x)",
                  describe(t).c_str(), t.file, t.line, t.source, mask);
      memcpy(t.result, w.lane[t.source]->value, value_bytes);
    }
  }
  for (unsigned l = 0; l < warp_size; ++l)
    if ((mask >> l & 1) && w.lane[l] && w.lane[l] != current)
      make_ready(w.lane[l]);
  current->now = state::running;
}

void meet_warp(unsigned mask, const char *file, int line)
{
  thread_context &t = *current;
  if (!(mask >> t.position.lane & 1))
    violation("%s: %s:%d: the thread is not in its own mask %08x", describe(t).c_str(), file, line,
              mask);
  t.mask = mask;
  t.file = file;
  t.line = line;
  t.now = state::at_warp;
  const warp_view w = warp_of(t);
  if (warp_complete(w, t))
    release_warp(w, mask); /* the last to come goes on at once */
  else
    wait_as(state::at_warp);
}

/* ----------------------------------------------------------------------------------- scheduler */

fiber *take_ready()
{
  if (shuffled)
    std::swap(run.ready.front(), run.ready[shuffler.below(run.ready.size())]);
  fiber *f = run.ready.front();
  run.ready.pop_front();
  return f;
}

/* Nobody can run: a full barrier opens, anything else would hang on a GPU. */
void resolve_standstill()
{
  const thread_context *stuck = nullptr, *other = nullptr;
  unsigned at_barrier = 0;
  for (const thread_context &t : run.contexts) {
    at_barrier += t.now == state::at_barrier;
    if (t.now == state::at_warp)
      stuck = stuck ? stuck : &t;
  }
  if (!stuck && at_barrier == run.threads - run.finished)
    return release_block();
  const warp_view w = warp_of(*stuck);
  for (unsigned l = 0; l < warp_size; ++l)
    if ((stuck->mask >> l & 1) && w.lane[l] && w.lane[l]->now != state::at_warp)
      other = w.lane[l];
  diverged("a GPU would hang here", *stuck, other ? *other : *stuck);
}

void run_block(dim3 block)
{
  run.started = run.finished = 0;
  for (unsigned i = 0; i < run.threads; ++i) {
    thread_context &t = run.contexts[i];
    t.index = i;
    t.now = state::running;
    t.position.thread = uint3{ i % block.x, i / block.x % block.y, i / block.x / block.y };
    t.position.lane = i % warp_size;
  }
  if (shuffled)
    shuffler.shuffle(run.order);
  while (run.finished < run.threads) {
    fiber *f;
    const bool start =
        run.started < run.threads && (run.ready.empty() || (shuffled && shuffler.below(2) == 0));
    if (start) {
      start_next_thread();
      f = idle_fiber();
    } else if (!run.ready.empty()) {
      f = take_ready();
      current = (thread_context *)f->user;
    } else {
      resolve_standstill();
      continue;
    }
    fiber_enter(f);
  }
}

void check_geometry(const std::string &name, dim3 block)
{
  const unsigned long n = (unsigned long)block.x * block.y * block.z;
  if (n == 0 || n > max_threads)
    violation("kernel %s: %lu threads per block", name.c_str(), n);
}

std::map<std::string, kernel> &kernels()
{
  static std::map<std::string, kernel> table;
  return table;
}

std::map<const void *, std::string> &kernel_addresses()
{
  static std::map<const void *, std::string> table;
  return table;
}

} // namespace

const kernel *kernel_by_name(const std::string &name)
{
  auto it = kernels().find(name);
  return it == kernels().end() ? nullptr : &it->second;
}

const kernel *kernel_by_address(const void *address)
{
  auto it = kernel_addresses().find(address);
  return it == kernel_addresses().end() ? nullptr : kernel_by_name(it->second);
}

std::string running_thread()
{
  return current ? describe(*current) : "";
}

void run_grid(const std::string &name, dim3 grid, dim3 block, size_t shared_bytes,
              const emu_call &call, unsigned long seed)
{
  check_geometry(name, block);
  shuffled = seed != 0;
  shuffler = random_stream(seed);
  run.name = &name;
  run.call = &call;
  run.threads = block.x * block.y * block.z;
  run.contexts.assign(run.threads, thread_context());
  run.shared.resize(shared_bytes + 16);
  run.order.resize(run.threads);
  for (unsigned i = 0; i < run.threads; ++i)
    run.order[i] = i;

  std::vector<size_t> blocks((size_t)grid.x * grid.y * grid.z);
  for (size_t i = 0; i < blocks.size(); ++i)
    blocks[i] = i;
  if (shuffled)
    shuffler.shuffle(blocks);
  unsigned char *shared = run.shared.data();
  shared += (16 - (uintptr_t)shared % 16) % 16;
  for (size_t b : blocks) {
    memset(run.shared.data(), 0xff, run.shared.size());
    for (thread_context &t : run.contexts) {
      t.position.block = uint3{ (unsigned)(b % grid.x), (unsigned)(b / grid.x % grid.y),
                                (unsigned)(b / grid.x / grid.y) };
      t.position.block_dim = block;
      t.position.grid_dim = grid;
      t.position.shared = shared;
    }
    run_block(block);
  }
  current = nullptr;
  emu_here = nullptr;
}

} // namespace standins

using namespace standins;

void emu_register(const char *name, const void *function, emu_binder bind)
{
  kernels()[name] = kernel{ name, std::move(bind) };
  kernel_addresses()[function] = name;
}

int emu_block_barrier(emu_barrier kind, int predicate, const char *file, int line)
{
  thread_context &t = *current;
  t.kind = kind;
  t.predicate = predicate;
  t.file = file;
  t.line = line;
  wait_as(state::at_barrier);
  return t.answer;
}

void emu_exchange(unsigned mask, const void *value, void *result, size_t size, int source,
                  const char *file, int line)
{
  thread_context &t = *current;
  t.ballot = false;
  t.predicate = 0;
  t.source = source;
  memcpy(t.value, value, size);
  meet_warp(mask, file, line);
  memcpy(result, t.result, size);
}

unsigned emu_ballot(unsigned mask, int predicate, const char *file, int line)
{
  thread_context &t = *current;
  t.ballot = true;
  t.predicate = predicate;
  meet_warp(mask, file, line);
  return (unsigned)t.answer;
}
