/* harvest.h: eigenpairs gathered from many searches, orthonormal together. */
#ifndef SPEIG_SRC_SOLVERS_HARVEST_H
#define SPEIG_SRC_SOLVERS_HARVEST_H

#include "solvers/ortho.h"
#include "solvers/problem.h"

typedef struct harvest {
  const eig_problem *problem; /* borrowed: A, B, and what residuals are to be */
  eig_pairs found; /* B-orthonormal; norm_a and norm_b are the caller's to set */
  multivec found_b; /* B times their vectors; the same view without B */
  ortho_work ortho;
  int32_t ortho_q, ortho_p; /* that it is made for */
} harvest;

/* Room for so many pairs. A close is needed also after a failure. Errors: MEMORY. */
speig_status harvest_open(const eig_problem *problem, int32_t capacity, harvest *H);
void harvest_close(harvest *H);
/* Room for at least so many. */
speig_status harvest_reserve(harvest *H, int32_t capacity);

/* Vectors X (n x p, overwritten), made B-orthonormal beside all that were found, and Rayleigh and
 * Ritz within their span: those with values between low and high and residuals that tol allows join
 * the others, as long as there is room. *taken: how many, the last ones of what is found. Copies of
 * what is there vanish in it. Errors: MEMORY, NUMERIC, those of products. */
speig_status harvest_add(harvest *H, multivec *X, double low, double high, int32_t *taken);

/* Hands all pairs over; H is empty then. */
void harvest_take(harvest *H, eig_pairs *pairs);

#endif
