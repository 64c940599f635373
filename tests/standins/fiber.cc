/*
 * fiber.cc: stacks to run on. On x86-64 a switch saves the registers that a called function has to
 * keep and changes the stack pointer, some 5 ns; elsewhere swapcontext does it, some 300 ns, most
 * of it in two system calls for a signal mask that nobody needs.
 *
 * The address sanitizer is told of every switch, valgrind of every stack.
 */
#include "fiber.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>

#if __has_include(<valgrind/valgrind.h>)
#include <valgrind/valgrind.h>
#else
#define VALGRIND_STACK_REGISTER(low, high) 0u
#endif
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/common_interface_defs.h>
#endif

namespace standins
{
namespace
{

#ifdef __SANITIZE_ADDRESS__
const size_t stack_size = 512 << 10;
const void *scheduler_stack;
size_t scheduler_stack_bytes;
void *scheduler_fake;
bool from_scheduler; /* the switch under way */
void before_enter(fiber *f)
{
  from_scheduler = true;
  __sanitizer_start_switch_fiber(&scheduler_fake, f->stack, f->stack_bytes);
}
void after_return()
{
  __sanitizer_finish_switch_fiber(scheduler_fake, nullptr, nullptr);
}
void before_leave(void **fake)
{
  __sanitizer_start_switch_fiber(fake, scheduler_stack, scheduler_stack_bytes);
}
void before_switch(void **fake, fiber *to)
{
  from_scheduler = false;
  __sanitizer_start_switch_fiber(fake, to->stack, to->stack_bytes);
}
void after_entry(void *fake)
{
  const void *stack;
  size_t bytes;
  __sanitizer_finish_switch_fiber(fake, &stack, &bytes);
  if (from_scheduler) {
    scheduler_stack = stack;
    scheduler_stack_bytes = bytes;
  }
}
#else
const size_t stack_size = 128 << 10;
void before_enter(fiber *)
{
}
void after_return()
{
}
void before_leave(void **)
{
}
void before_switch(void **, fiber *)
{
}
void after_entry(void *)
{
}
#endif

fiber *entering;

void start()
{
  fiber *self = entering;
  after_entry(nullptr);
  self->body(self);
  abort(); /* a body never returns */
}

} // namespace

#ifdef __x86_64__

/* Both ends are the stack pointers below the saved registers. */
extern "C" void standins_switch(void **save, void *load);
__asm__(".text\n"
        ".globl standins_switch\n"
        ".hidden standins_switch\n"
        ".type standins_switch, @function\n"
        "standins_switch:\n"
        "  pushq %rbp\n  pushq %rbx\n  pushq %r12\n  pushq %r13\n  pushq %r14\n  pushq %r15\n"
        "  movq %rsp, (%rdi)\n"
        "  movq %rsi, %rsp\n"
        "  popq %r15\n  popq %r14\n  popq %r13\n  popq %r12\n  popq %rbx\n  popq %rbp\n"
        "  ret\n"
        ".size standins_switch, .-standins_switch\n");

static void *scheduler_machine;

static void machine_create(fiber *f)
{
  /* As if standins_switch had been called from nowhere: six registers, then where to return to,
   * with the stack aligned as at the entry of a function. */
  uintptr_t *top = (uintptr_t *)(f->stack + f->stack_bytes - 64 + 8);
  top[0] = 0;
  top[-1] = (uintptr_t)start;
  for (int i = 2; i < 8; ++i)
    top[-i] = 0;
  f->machine = top - 7;
}

static void machine_enter(fiber *f)
{
  standins_switch(&scheduler_machine, f->machine);
}

static void machine_leave(fiber *f)
{
  standins_switch(&f->machine, scheduler_machine);
}

static void machine_switch(fiber *from, fiber *to)
{
  standins_switch(&from->machine, to->machine);
}

static void machine_destroy(fiber *)
{
}

#else
#include <ucontext.h>

static ucontext_t scheduler_machine;

static void machine_create(fiber *f)
{
  ucontext_t *u = new ucontext_t;
  getcontext(u);
  u->uc_stack.ss_sp = f->stack;
  u->uc_stack.ss_size = f->stack_bytes;
  u->uc_link = nullptr;
  makecontext(u, start, 0);
  f->machine = u;
}

static void machine_enter(fiber *f)
{
  swapcontext(&scheduler_machine, (ucontext_t *)f->machine);
}

static void machine_leave(fiber *f)
{
  swapcontext((ucontext_t *)f->machine, &scheduler_machine);
}

static void machine_switch(fiber *from, fiber *to)
{
  swapcontext((ucontext_t *)from->machine, (ucontext_t *)to->machine);
}

static void machine_destroy(fiber *f)
{
  delete (ucontext_t *)f->machine;
}
#endif

void fiber_create(fiber *f, void (*body)(fiber *self))
{
  const size_t page = (size_t)sysconf(_SC_PAGESIZE);
  f->body = body;
  f->stack_bytes = stack_size;
  char *mapped = (char *)mmap(nullptr, page + stack_size, PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapped == MAP_FAILED || mprotect(mapped, page, PROT_NONE) != 0) {
    perror("standins: no memory for the stack of a thread");
    abort();
  }
  f->stack = mapped + page;
  /* All stacks begin at the same place of a page, and would fight for the same lines of the cache:
   * they are used from different heights on. */
  static unsigned made;
  f->stack_bytes -= made++ % 16 * 256;
  (void)VALGRIND_STACK_REGISTER(f->stack, f->stack + f->stack_bytes);
  machine_create(f);
}

void fiber_enter(fiber *f)
{
  entering = f;
  before_enter(f);
  machine_enter(f);
  after_return();
}

void fiber_leave(fiber *f)
{
  void *fake = nullptr;
  before_leave(&fake);
  machine_leave(f);
  after_entry(fake);
}

void fiber_switch(fiber *from, fiber *to)
{
  void *fake = nullptr;
  before_switch(&fake, to);
  machine_switch(from, to);
  after_entry(fake);
}

fiber::~fiber()
{
  if (!stack)
    return;
  const size_t page = (size_t)sysconf(_SC_PAGESIZE);
  machine_destroy(this);
  munmap(stack - page, page + stack_size);
}

} // namespace standins
