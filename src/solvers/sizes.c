/* sizes.c: how large the public structures are, for bindings that declare them once more. */
#include "speig/block.h"
#include "speig/eigs.h"
#include "speig/eigsh.h"
#include "speig/matrix.h"
#include "speig/operator.h"
#include "speig/svds.h"
#include "speig/verify.h"

#include <string.h>

size_t speig_struct_size(const char *name)
{
  /* clang-format off */
#define SIZE_OF(type) { #type, sizeof(type) }
  /* clang-format on */
  static const struct {
    const char *name;
    size_t size;
  } known[] = {
    SIZE_OF(speig_block),      SIZE_OF(speig_matrix_info), SIZE_OF(speig_matrix_stats),
    SIZE_OF(speig_progress),   SIZE_OF(speig_eigsh_opts),  SIZE_OF(speig_eigsh_result),
    SIZE_OF(speig_eigsh_plan), SIZE_OF(speig_eigs_opts),   SIZE_OF(speig_eigs_result),
    SIZE_OF(speig_svds_opts),  SIZE_OF(speig_svds_result), SIZE_OF(speig_context_opts),
    SIZE_OF(speig_place),      SIZE_OF(speig_device_csr),
  };
#undef SIZE_OF
  for (size_t i = 0; name && i < sizeof known / sizeof *known; ++i)
    if (!strcmp(name, known[i].name))
      return known[i].size;
  return 0;
}
