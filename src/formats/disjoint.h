/* disjoint.h: disjoint sets over 0 .. n - 1 (Galler, Fischer, CACM 7, 1964): a forest in one array,
 * joined by size, with paths halved on the way; near O(1) a call. */
#ifndef SPEIG_SRC_FORMATS_DISJOINT_H
#define SPEIG_SRC_FORMATS_DISJOINT_H

#include <stdint.h>

/* up[i]: the element above i; of a root, minus the size of its set. At first every up[i] is -1. */
static inline int32_t disjoint_root(int32_t *up, int32_t i)
{
  while (up[i] >= 0) {
    if (up[up[i]] >= 0)
      up[i] = up[up[i]];
    i = up[i];
  }
  return i;
}

/* The size of the set that now holds both. */
static inline int32_t disjoint_join(int32_t *up, int32_t i, int32_t j)
{
  int32_t large = disjoint_root(up, i), small = disjoint_root(up, j);
  if (large == small)
    return -up[large];
  if (up[small] < up[large]) {
    int32_t swap = small;
    small = large;
    large = swap;
  }
  up[large] += up[small];
  up[small] = large;
  return -up[large];
}

#endif
