/* fiber.h: a stack of its own to run on, left and entered again at will. */
#ifndef STANDINS_FIBER_H
#define STANDINS_FIBER_H

#include <cstddef>

namespace standins
{

struct fiber {
  void *machine = nullptr; /* saved registers: see fiber.cc */
  void (*body)(fiber *self) = nullptr; /* never returns */
  char *stack = nullptr; /* with a guard page below */
  size_t stack_bytes = 0;
  ~fiber();
};

void fiber_create(fiber *f, void (*body)(fiber *self));
/* From the scheduler into the fiber, until it leaves. */
void fiber_enter(fiber *f);
/* From one fiber to another, which was left before; returns when the first is entered again. */
void fiber_switch(fiber *from, fiber *to);
/* From the fiber back to the scheduler; returns when it is entered again. */
void fiber_leave(fiber *f);

} // namespace standins
#endif
