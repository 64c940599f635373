/* components.c: the connected components of a matrix by disjoint sets: O(nnz), one sweep. */
#include "formats/components.h"

#include "base/error.h"
#include "base/memory.h"
#include "formats/disjoint.h"
#include "formats/matrix.h"

#include <string.h>

#define SPEIG_TEMPLATE "formats/components.t.h"
#include "base/instantiate.h"

static int32_t join_row(const speig_matrix *A, int32_t i, int32_t *up)
{
  switch (A->dtype) {
  case SPEIG_S:
    return join_row_s(A, i, up);
  case SPEIG_D:
    return join_row_d(A, i, up);
  case SPEIG_C:
    return join_row_c(A, i, up);
  case SPEIG_Z:
    break;
  }
  return join_row_z(A, i, up);
}

/* The forest of A's components in up[n]; *largest is the first size above limit that turned up,
 * else that of the largest component. */
static speig_status grow(const speig_matrix *A, int32_t limit, int32_t **up, int32_t *largest)
{
  speig_status st = SPEIG_OK;
  int32_t n = (int32_t)A->rows;
  *largest = 0;
  TRY(MEM_ARRAY(n, "components", up));
  for (int32_t i = 0; i < n; ++i)
    (*up)[i] = -1;
  for (int32_t i = 0; i < n && *largest <= limit; ++i) {
    int32_t size = join_row(A, i, *up);
    *largest = size > *largest ? size : *largest;
  }
done:
  return st;
}

static component_sizes measure(int32_t n, const int32_t *up, int32_t largest)
{
  component_sizes sizes = { .largest = largest };
  for (int32_t i = 0; i < n; ++i) {
    double order = -(double)up[i];
    if (up[i] >= 0)
      continue;
    ++sizes.count;
    sizes.cubes += order * order * order;
  }
  return sizes;
}

speig_status components_weigh(const speig_matrix *A, int32_t limit, component_sizes *sizes)
{
  speig_status st = SPEIG_OK;
  int32_t *up = NULL, largest;
  *sizes = (component_sizes){ 0 };
  TRY(grow(A, limit, &up, &largest));
  if (largest <= limit)
    *sizes = measure((int32_t)A->rows, up, largest);
done:
  mem_free(up);
  return st;
}

/* place[i] = number of row i's component; first[c + 1] = the offset of component c's rows. */
static void number_components(int32_t n, int32_t *up, components *parts)
{
  int32_t count = 0, next = 0;
  for (int32_t i = 0; i < n; ++i)
    parts->place[i] = -1;
  parts->first[0] = 0;
  for (int32_t i = 0; i < n; ++i) {
    int32_t root = disjoint_root(up, i);
    if (parts->place[root] < 0) {
      parts->place[root] = count;
      parts->first[++count] = next;
      next -= up[root];
    }
    parts->place[i] = parts->place[root];
  }
}

/* A counting sort by component, in which first[c + 1] grows to the end of component c. */
static void sort_rows(int32_t n, components *parts)
{
  for (int32_t i = 0; i < n; ++i)
    parts->row[parts->first[parts->place[i] + 1]++] = i;
  for (int64_t c = 0; c < parts->sizes.count; ++c)
    for (int32_t at = parts->first[c]; at < parts->first[c + 1]; ++at)
      parts->place[parts->row[at]] = at - parts->first[c];
}

speig_status components_find(const speig_matrix *A, components *parts)
{
  speig_status st = SPEIG_OK;
  int32_t n = (int32_t)A->rows, *up = NULL, largest;
  *parts = (components){ 0 };
  TRY(grow(A, INT32_MAX, &up, &largest));
  parts->sizes = measure(n, up, largest);
  TRY(MEM_ARRAY(parts->sizes.count + 1, "components", &parts->first));
  TRY(MEM_ARRAY(n, "components", &parts->row));
  TRY(MEM_ARRAY(n, "components", &parts->place));
  number_components(n, up, parts);
  sort_rows(n, parts);
done:
  mem_free(up);
  if (st != SPEIG_OK)
    components_free(parts);
  return st;
}

void components_keep_small(components *parts, int32_t limit)
{
  int32_t kept = 0, next = 0;
  component_sizes sizes = { 0 };
  for (int64_t c = 0; c < parts->sizes.count; ++c) {
    int32_t first = parts->first[c], order = parts->first[c + 1] - first;
    if (order > limit)
      continue;
    memmove(parts->row + next, parts->row + first, (size_t)order * sizeof *parts->row);
    /* first[c + 1] is still needed: kept <= c */
    parts->first[kept++] = next;
    next += order;
    sizes.largest = order > sizes.largest ? order : sizes.largest;
    sizes.cubes += (double)order * order * order;
  }
  parts->first[kept] = next;
  sizes.count = kept;
  parts->sizes = sizes;
}

void components_free(components *parts)
{
  mem_free(parts->first);
  mem_free(parts->row);
  mem_free(parts->place);
  *parts = (components){ 0 };
}
