/* host_select_x86.c: which kernels this x86-64 processor runs. */
#include "backend/host.h"

const backend_ops *const *host_select_tables(void)
{
  int v3 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
           __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2");
  int v4 = v3 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
  return v4 ? host_tables_v4 : v3 ? host_tables_v3 : host_tables_v1;
}
