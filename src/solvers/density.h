/* density.h: about how many eigenvalues lie in an interval, by products alone. */
#ifndef SPEIG_SRC_SOLVERS_DENSITY_H
#define SPEIG_SRC_SOLVERS_DENSITY_H

#include "solvers/moments.h"
#include "solvers/problem.h"

typedef struct density_count {
  double count, error; /* and its error bar, twice a standard deviation and more */
  int32_t vectors, degree; /* that were used */
  int stopped; /* early: fewer vectors than wanted; fewer than 2: no count */
  speig_reason reason;
} density_count;

/* A standard problem (B NULL). vectors >= 2; degree 0: chosen by the width of the interval. Errors:
 * MEMORY, CALLBACK, NUMERIC. */
speig_status density_estimate(const eig_problem *problem, double low, double high, int32_t vectors,
                              int32_t degree, density_count *out);

/* The two halves of it: moments good for an interval of that width, of which M->vectors are there
 * in the end, freed by the caller; and what they say of an interval. most: limit of a degree that
 * is chosen; 0: none. */
speig_status density_sample(const eig_problem *problem, double low, double high, int32_t vectors,
                            int32_t degree, int32_t most, moments *M, density_count *out);
speig_status density_between(int64_t n, const moments *M, double low, double high,
                             density_count *out);

#endif
