/* components.h: the connected components of a square matrix: i and j are connected when a_ij or
 * a_ji is stored and not zero. The matrix is then, in another order of rows, block diagonal. */
#ifndef SPEIG_SRC_FORMATS_COMPONENTS_H
#define SPEIG_SRC_FORMATS_COMPONENTS_H

#include "speig/matrix.h"

typedef struct component_sizes {
  int64_t count;
  int32_t largest; /* order */
  double cubes; /* sum of order^3 */
} component_sizes;

/* Component c, by ascending smallest row, holds the rows row[first[c]] .. row[first[c + 1] - 1],
 * ascending; place[i] is the place of row i in its component, from 0. */
typedef struct components {
  component_sizes sizes;
  int32_t *first; /* [count + 1] */
  int32_t *row, *place; /* [n] */
} components;

/* A square. count is 0 when a component is larger than limit, which is found out early: a connected
 * matrix mostly costs a few rows. Else O(nnz), and 4 n bytes. Errors: MEMORY. */
speig_status components_weigh(const speig_matrix *A, int32_t limit, component_sizes *sizes);
/* O(nnz), and 16 n bytes at most, 4 of them for a while; the caller frees. Errors: MEMORY. */
speig_status components_find(const speig_matrix *A, components *parts);
/* Leaves out the components larger than limit. */
void components_keep_small(components *parts, int32_t limit);
void components_free(components *parts);

#endif
