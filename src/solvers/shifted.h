/* shifted.h: solving by spectral transformations, for strategy.c. */
#ifndef SPEIG_SRC_SOLVERS_SHIFTED_H
#define SPEIG_SRC_SOLVERS_SHIFTED_H

#include "solvers/run.h"

/* run->pairs, complete, proof, reason, as plan.transform says. *unsuitable: the transformation does
 * not fit this problem (the smallest are wanted, but there are some below the shift; B is singular;
 * the factors do not fit the budget) and nothing has been found: another method is to be taken.
 * With a shift or an inverse of the caller's that is an error instead. */
speig_status shifted_solve(eigsh_run *run, int *unsuitable);

/* The same for the next eigenvalues on one side of the shift (LA, SA), or those nearest to it while
 * all lie on one side (LM), from a point nearer to them. *found: there is such a point; otherwise
 * run->pairs are as they were. */
speig_status shifted_from_nearer(eigsh_run *run, speig_which which, int *found);

#endif
