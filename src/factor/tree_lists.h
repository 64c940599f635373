/* tree_lists.h: the parts of a plan (tree.h) that follow from its order of supernodes. */
#ifndef SPEIG_SRC_FACTOR_TREE_LISTS_H
#define SPEIG_SRC_FACTOR_TREE_LISTS_H

#include "factor/tree.h"

/* Parents, children, and the spots of rows in the parents. Errors: MEMORY. */
speig_status tree_link(tree *T);
/* Where each Schur complement is kept. Errors: MEMORY. */
speig_status tree_place_updates(tree *T);
/* Where each entry goes, of a Hermitian A each of the lower triangle. Errors: MEMORY. */
speig_status tree_place_entries(tree *T, const speig_matrix *A, int general);

#endif
