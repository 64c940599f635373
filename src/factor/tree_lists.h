/* tree_lists.h: the lists of a plan (tree.h): what goes into the analysis, and what follows from
 * its order of supernodes. */
#ifndef SPEIG_SRC_FACTOR_TREE_LISTS_H
#define SPEIG_SRC_FACTOR_TREE_LISTS_H

#include "factor/tree.h"

/* The structure of the lower triangle of A, or of A + A^T for a general one, by rows: row i has the
 * columns (*col)[(*at)[i]] ..., ascending. For the caller to release. Errors: MEMORY. */
speig_status tree_lower(const speig_matrix *A, int general, int64_t **at, int64_t **col);
/* Parents, children, and the spots of rows in the parents. Errors: MEMORY. */
speig_status tree_link(tree *T);
/* Where each Schur complement is kept. Errors: MEMORY. */
speig_status tree_place_updates(tree *T);
/* Where each entry goes, of a Hermitian A each of the lower triangle. Errors: MEMORY. */
speig_status tree_place_entries(tree *T, const speig_matrix *A, int general);

#endif
