/* host_select_any.c: for processors other than x86-64: the plain kernels. */
#include "backend/host.h"

int host_table_sets(const backend_ops *const *sets[3])
{
  sets[0] = host_tables_v1;
  return 1;
}
