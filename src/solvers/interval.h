/* interval.h: all eigenvalues in an interval: what speig_eigsh does with opts.interval. */
#ifndef SPEIG_SRC_SOLVERS_INTERVAL_H
#define SPEIG_SRC_SOLVERS_INTERVAL_H

#include "solvers/run.h"

/* Refuses options that do not go with an interval; method, device, limits of the plan. Errors: ARG,
 * UNSUPPORTED, DEVICE. */
speig_status interval_plan(const speig_operator *A, const speig_operator *B,
                           const speig_eigsh_opts *o, speig_eigsh_plan *plan);
/* Seconds that LAPACK takes for all eigenvalues and `count` vectors; Inf where it does not fit. */
double interval_dense_seconds(const speig_operator *A, const speig_operator *B,
                              const speig_eigsh_opts *o, double count);

/* After run_prepare: run->pairs, plan.k (as many as there are), complete, proof, reason and what
 * was made of the interval. */
speig_status interval_solve(eigsh_run *run);

/* The pairs that lie between the ends, in the units of the problem solved, or cannot be told from
 * them: rounding, or a residual, may have moved them across. They move to the front, are all there
 * is and all that was wanted; run->interval reaches out to them. */
speig_status interval_choose(eigsh_run *run, const double ends[2], eig_pairs *pairs);

/* By slices; *leave: LAPACK is cheaper for so many, and nothing was solved yet. */
speig_status slices_solve(eigsh_run *run, int *leave);

/* Values, residuals, lengths of run->pairs.X as they are, a few columns at a time, and how far the
 * vectors are from orthonormal: for sets that are too large to be rotated once more. */
speig_status interval_judge(eigsh_run *run, double *theta, double *residual, double *length,
                            double *orthogonality);

#endif
