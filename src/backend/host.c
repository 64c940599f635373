/* host.c: the CPU backend. For now the loops of reference.c under the host's name; the threaded and
 * vectorised kernels replace them entry by entry.                                               */
#include "backend/tables.h"

const backend_ops *backend_host_table(speig_dtype dtype)
{
  static backend_ops tables[4];
  static const char *const names[] = { "host/s", "host/d", "host/c", "host/z" };
  tables[dtype] = *backend_reference_table(dtype);
  tables[dtype].name = names[dtype];
  tables[dtype].device = SPEIG_HOST;
  return &tables[dtype];
}
