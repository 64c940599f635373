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
#include <map>
#include <memory>
#include <vector>

#include "fiber.h"
#include "standins.h"

emu_position *emu_here;
emu_block emu_now;

namespace standins
{
namespace
{

enum { warp_size = 32, max_threads = 1024 };

enum class state : char { running, at_barrier, at_warp, finished };

/* Small, and no more than two lines of the cache: the processor's time goes into these. */
struct alignas(64) thread_context {
  emu_position position;
  unsigned index = 0;
  state now = state::running;
  bool ballot = false;
  emu_barrier kind = emu_plain;
  /* What it waits for. */
  const char *file = nullptr;
  int line = 0;
  unsigned mask = 0;
  int predicate = 0, source = 0;
  emu_value value;
  emu_value result;
  fiber *on = nullptr;
  int answer = 0;
};

random_stream shuffler(0);
bool shuffled;

/* First in, first out; every fiber is in it at most once. */
class ready_queue
{
public:
  bool empty() const
  {
    return count == 0;
  }
  void push(fiber *f)
  {
    item[(head + count++) % max_threads] = f;
  }
  /* The first, or one chosen by the seed. */
  fiber *pop()
  {
    if (shuffled)
      std::swap(item[head], item[(head + shuffler.below(count)) % max_threads]);
    fiber *f = item[head];
    head = (head + 1) % max_threads;
    --count;
    return f;
  }

private:
  fiber *item[max_threads];
  unsigned head = 0, count = 0;
};

struct grid_run {
  const std::string *name = nullptr;
  const emu_call *call = nullptr;
  unsigned threads = 0; /* per block */
  std::vector<thread_context> contexts;
  std::vector<unsigned> order; /* in which threads start */
  size_t started = 0, finished = 0;
  ready_queue ready;
  std::vector<unsigned> waiting_lanes; /* of each warp: who waits for others */
  std::vector<unsigned char> shared;
};

grid_run run;
thread_context *current;
std::vector<std::unique_ptr<fiber>> fibers; /* all that were ever made; kept for the next block */
std::vector<fiber *> idle;

std::string describe(const thread_context &t)
{
  char text[200];
  const emu_position &p = t.position;
  snprintf(text, sizeof text, "kernel %s, block (%u,%u,%u), thread (%u,%u,%u)", run.name->c_str(),
           emu_now.block.x, emu_now.block.y, emu_now.block.z, p.thread.x, p.thread.y, p.thread.z);
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

/* The same literal mostly has the same address. */
bool same_place(const thread_context &a, const thread_context &b)
{
  return a.line == b.line && (a.file == b.file || strcmp(a.file, b.file) == 0);
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

/* Puts the current thread aside until somebody makes it ready; goes straight to the next one that
 * can run, if there is one, else to the scheduler. */
void wait_as(state why)
{
  thread_context *self = current;
  self->now = why;
  if (run.ready.empty())
    fiber_leave(self->on);
  else
    fiber_switch(self->on, run.ready.pop());
  current = self;
  emu_here = &self->position;
}

void make_ready(thread_context *t)
{
  t->now = state::running;
  run.ready.push(t->on);
}

/* ------------------------------------------------------------------------------ block barrier */

void release_block(void)
{
  const thread_context *first = nullptr;
  int count = 0;
  for (thread_context &t : run.contexts)
    if (t.now == state::at_barrier) {
      if (first && !same_place(t, *first))
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

thread_context *lanes_of(const thread_context &t)
{
  return &run.contexts[t.index & ~(warp_size - 1u)];
}

/* Calls visit(lane's thread) for every lane of the warp in the mask that exists. */
template <class F> void for_each_lane(thread_context *lanes, unsigned mask, F visit)
{
  for (; mask; mask &= mask - 1) {
    const unsigned l = (unsigned)__builtin_ctz(mask);
    if (lanes[0].index + l < run.threads)
      visit(lanes[l]);
  }
}

/* All lanes that the current thread meets have arrived: they must mean the same meeting. */
unsigned check_and_count(thread_context *lanes, const thread_context &t)
{
  unsigned votes = 0;
  for_each_lane(lanes, t.mask, [&](const thread_context &other) {
    if (other.mask != t.mask)
      diverged("lanes of a warp meet with different masks", t, other);
    if (!same_place(other, t))
      diverged("lanes of a warp meet at different places", t, other);
    votes |= (unsigned)(other.predicate != 0) << other.position.lane;
  });
  return votes;
}

void take_from_source(const thread_context *lanes, thread_context &t)
{
  if (t.source < 0 || t.source >= warp_size || !(t.mask >> t.source & 1) ||
      lanes[0].index + (unsigned)t.source >= run.threads)
    violation("%s: a shuffle in %s:%d reads lane %d, which takes no part (mask %08x)",
              describe(t).c_str(), t.file, t.line, t.source, t.mask);
  t.result = lanes[t.source].value;
}

void release_warp(thread_context *lanes, unsigned mask)
{
  const unsigned votes = check_and_count(lanes, *current);
  for_each_lane(lanes, mask, [&](thread_context &t) {
    t.answer = (int)votes;
    if (!t.ballot)
      take_from_source(lanes, t);
    if (&t != current)
      make_ready(&t);
  });
  current->now = state::running;
}

void meet_warp(unsigned mask, const char *file, int line)
{
  thread_context &t = *current;
  thread_context *lanes = lanes_of(t);
  unsigned &waiting = run.waiting_lanes[t.index / warp_size];
  if (!(mask >> t.position.lane & 1))
    violation("%s: %s:%d: the thread is not in its own mask %08x", describe(t).c_str(), file, line,
              mask);
  t.mask = mask;
  t.file = file;
  t.line = line;
  t.now = state::at_warp;
  waiting |= 1u << t.position.lane;
  const unsigned missing = run.threads - lanes[0].index; /* lanes from here on do not exist */
  const unsigned wanted = missing < warp_size ? mask & ((1u << missing) - 1) : mask;
  if ((waiting & wanted) == wanted) {
    waiting &= ~wanted;
    release_warp(lanes, mask); /* the last to come goes on at once */
  } else {
    wait_as(state::at_warp);
  }
}

/* ----------------------------------------------------------------------------------- scheduler */

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
  for_each_lane(lanes_of(*stuck), stuck->mask, [&](const thread_context &t) {
    if (t.now != state::at_warp)
      other = &t;
  });
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
      f = run.ready.pop();
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
  run.waiting_lanes.assign((run.threads + warp_size - 1) / warp_size, 0);
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
  emu_now.block_dim = block;
  emu_now.grid_dim = grid;
  emu_now.shared = shared;
  for (size_t b : blocks) {
    memset(run.shared.data(), 0xff, run.shared.size());
    emu_now.block = uint3{ (unsigned)(b % grid.x), (unsigned)(b / grid.x % grid.y),
                           (unsigned)(b / grid.x / grid.y) };
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

emu_value emu_exchange(unsigned mask, emu_value value, int source, const char *file, int line)
{
  thread_context &t = *current;
  t.ballot = false;
  t.predicate = 0;
  t.source = source;
  t.value = value;
  meet_warp(mask, file, line);
  return t.result;
}

unsigned emu_ballot(unsigned mask, int predicate, const char *file, int line)
{
  thread_context &t = *current;
  t.ballot = true;
  t.predicate = predicate;
  meet_warp(mask, file, line);
  return (unsigned)t.answer;
}
