/* complete.h: proves that a set found by shift-invert is complete, or makes it so. */
#ifndef SPEIG_SRC_SOLVERS_COMPLETE_H
#define SPEIG_SRC_SOLVERS_COMPLETE_H

#include "solvers/block_lanczos.h"
#include "solvers/run.h"

typedef struct shifted {
  eigsh_run *run;
  eig_problem problem; /* with `which` and map as the transformation sees them */
  invert I;
  block_goal goal;
  double place; /* where the shift is wanted */
  int64_t below; /* eigenvalues below the shift that was factored first; -1: not known */
  double stretch; /* the largest ||x||^2 of what was found, ||x||_B being 1 */
} shifted;

/* Factors at the wanted shift, or where that is singular a little below it. */
speig_status shifted_place(shifted *S);
/* Block Lanczos; where the shift is much nearer to an eigenvalue than to the last one wanted, it is
 * moved to a hundredth of that distance. */
speig_status shifted_iterate(shifted *S, eig_pairs *pairs);

/* Rayleigh-Ritz and true residuals of the converged pairs, and inverse iteration while some do not
 * hold tol; those that hold are in front. */
speig_status shifted_improve(shifted *S, eig_pairs *pairs);

/* Not 0: a pair that does not hold tol ranks before the k-th of those that do. */
int shifted_misses_better(const shifted *S, const eig_pairs *pairs);
/* The best k, best first, become the run's answer. */
speig_status shifted_keep_best(shifted *S, eig_pairs *pairs);

/* pairs: at least k that hold. Counts by inertia (or looks into the complement, where there is no
 * factorization) and finds what is missing: it joins the pairs. *complete as in eigsh_run. */
speig_status complete_pairs(shifted *S, eig_pairs *pairs, int *complete, speig_outcome *proof);

/* For block_goal.enough: those wanted are. */
int complete_any_number(const block_goal *goal, const invert *I, int32_t converged,
                        const int32_t *rank, const double *theta);
/* Block Lanczos in the complement of the pairs, from a new random block that depends on the round;
 * the first `want` that it finds, or more, join them. */
speig_status complete_seek(shifted *S, int32_t want, int round, eig_pairs *pairs, int32_t *found);

#endif
