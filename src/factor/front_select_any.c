/* front_select_any.c: the kernels of a processor of which nothing is known. */
#include "factor/front.h"

const front_kernels *front_choose(speig_dtype dtype, int level)
{
  (void)level;
  return &front_kernels_v1[dtype];
}
