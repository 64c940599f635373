/* host_select_x86.c: which kernels this x86-64 processor can run. */
#include "backend/host.h"
#include "base/cpu.h"

int host_table_sets(const backend_ops *const *sets[3])
{
  int level = cpu_level(), count = 0;
  sets[count++] = host_tables_v1;
  if (level >= 3)
    sets[count++] = host_tables_v3;
  if (level >= 4)
    sets[count++] = host_tables_v4;
  return count;
}
