/* rearrange.h: a problem in another order of its unknowns, see rearrange.c. */
#ifndef SPEIG_SRC_SOLVERS_REARRANGE_H
#define SPEIG_SRC_SOLVERS_REARRANGE_H

#include "solvers/run.h"

/* lanczos_solve and validate_pairs, in another order of the unknowns where that is faster.
 * small_ones: the pairs of fragments_solve that `pairs` holds, too. */
speig_status rearrange_solve(eigsh_run *run, const eig_problem *end, eig_pairs *pairs);
speig_status rearrange_validate(eigsh_run *run, const eig_problem *end, const eig_pairs *small_ones,
                                eig_pairs *pairs, int *complete);
void rearrange_close(rearrangement *R); /* accepts zeroed R */

#endif
