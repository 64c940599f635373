/* front_select_x86.c: the kernels for an x86-64 processor. */
#include "factor/front.h"

const front_kernels *front_choose(speig_dtype dtype, int level)
{
  const front_kernels *set = level >= 4   ? front_kernels_v4
                             : level >= 3 ? front_kernels_v3
                                          : front_kernels_v1;
  return &set[dtype];
}
