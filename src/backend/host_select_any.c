/* host_select_any.c: for processors other than x86-64: the plain kernels. */
#include "backend/host.h"

const backend_ops *const *host_select_tables(void)
{
  return host_tables_v1;
}
