/* shifted.h: solving by spectral transformations, for strategy.c. */
#ifndef SPEIG_SRC_SOLVERS_SHIFTED_H
#define SPEIG_SRC_SOLVERS_SHIFTED_H

#include "solvers/run.h"

/* run->pairs, complete, proof, reason, as plan.transform says. *unsuitable: the transformation does
 * not fit this problem (the smallest are wanted, but there are some below the shift; B is singular;
 * the factors do not fit the budget) and nothing has been found: another method is to be taken.
 * With a shift or an inverse of the caller's that is an error instead. */
speig_status shifted_solve(eigsh_run *run, int *unsuitable);

#endif
