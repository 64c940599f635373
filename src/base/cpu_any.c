/* cpu_any.c: a processor of which nothing is asked. */
#include "base/cpu.h"

int cpu_level(void)
{
  return 1;
}
