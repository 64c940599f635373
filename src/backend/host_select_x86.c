/* host_select_x86.c: which kernels this x86-64 processor can run. */
#include "backend/host.h"

int host_table_sets(const backend_ops *const *sets[3])
{
  int v3 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
           __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2");
  int v4 = v3 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
  int count = 0;
  sets[count++] = host_tables_v1;
  if (v3)
    sets[count++] = host_tables_v3;
  if (v4)
    sets[count++] = host_tables_v4;
  return count;
}
