/* certify.h: where a set of eigenvalues can be cut off, and how many there are up to the cuts. */
#ifndef SPEIG_SRC_SOLVERS_CERTIFY_H
#define SPEIG_SRC_SOLVERS_CERTIFY_H

#include "solvers/invert.h"

/* Wanted eigenvalues fill the region between low and high (outside: all others), or its complement
 * with `outside`. An infinite end needs no count. */
typedef struct cut {
  double low, high;
  int outside;
  double tolerance; /* the error of A that moves no eigenvalue across an end; 0: not known */
} cut;

/* The smallest region that holds the first k of `count` values ranked best first, theta[rank[i]],
 * that ends in gaps between them wider than 2 margin. Returns 0 when there is none: the last values
 * are too close, or the region is not of this kind. start: for a region on one side of the shift,
 * the shift that is in use. */
int certify_cut(speig_which which, const eig_map *map, double start, int32_t k, int32_t count,
                const int32_t *rank, const double *theta, double margin, cut *region);
/* Does the region hold theta? */
int certify_inside(const cut *region, double theta);
/* *count = eigenvalues of the problem in the region, -1 when an end is an eigenvalue. I: at a
 * shift, with the number of negative eigenvalues there; its factorization is gone afterwards. */
speig_status certify_count(invert *I, const cut *region, int64_t *count);

/* Are the converged pairs all that lie beyond the last of them, at one end or both (LA, SA, LM,
 * BE)? By factorizations of A less a number just inside: *complete = 1, or 0 where that is not to
 * be had, or more lie there than copies of the last one explain. A matrix without B and
 * constraints. Errors: MEMORY, NUMERIC. */
speig_status certify_ends(const eig_problem *problem, const eig_pairs *pairs, int *complete);

#endif
