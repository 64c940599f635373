/* block_lanczos.h: thick-restart block Lanczos on a spectral transformation (invert.h). */
#ifndef SPEIG_SRC_SOLVERS_BLOCK_LANCZOS_H
#define SPEIG_SRC_SOLVERS_BLOCK_LANCZOS_H

#include "solvers/invert.h"

typedef struct block_goal {
  int32_t want; /* leading pairs to converge at least */
  int32_t block, basis; /* columns of a block and of the basis; basis >= want + 2 block */
  double norm_a, norm_b; /* of A and B, for the tolerance */
  int64_t max_restarts; /* 0: as many as it takes */
  int rare_looks; /* many pairs are wanted: the projection is looked at now and then only */
  int may_move; /* leave when the shift is too near to an eigenvalue */
  double *shown; /* [2 k] for the progress record */
  /* With `converged` pairs in order of rank, at least those wanted: stop here? */
  int (*enough)(const struct block_goal *goal, const invert *I, int32_t converged,
                const int32_t *rank, const double *theta);
} block_goal;

/* The leading pairs, best first, as many as pairs has room for, those that converged in front.
 * problem: as I has it, with constraints that may hold found eigenvectors too. *near: not 0 when
 * the shift is too near an eigenvalue: the distance of the last wanted one; there are no pairs
 * then. An exhausted space (B of low rank, say) counts as converged with fewer pairs. */
speig_status block_lanczos_solve(const eig_problem *problem, invert *I, const block_goal *goal,
                                 eig_pairs *pairs, double *near);

#endif
