/* invert.h: the operators of spectral transformations, self-adjoint in the inner product of B:
 *
 *   at a shift s:      OP = (A - s B)^-1 B,  nu = 1 / (theta - s)   (Ericsson and Ruhe 1980)
 *   with the mass:     OP = B^-1 (A - c B),  nu = theta - c         (B NULL: no solve at all)
 *
 * with a factorization of our own or the caller's inverse, and inertia counts at other shifts.  */
#ifndef SPEIG_SRC_SOLVERS_INVERT_H
#define SPEIG_SRC_SOLVERS_INVERT_H

#include "factor/factor.h"
#include "solvers/problem.h"

typedef struct invert {
  const eig_problem *problem;
  int by_mass; /* the second operator */
  const speig_matrix *A,
      *B; /* on the host, in the solver's units; NULL with the caller's inverse */
  bound_operator *given; /* the caller's inverse, or NULL */
  double given_scale; /* what its products are to be multiplied by */
  factor *F;
  speig_matrix *pencil; /* what F was made of */
  double pencil_shift; /* and where, unless it is B */
  double shift; /* s or c */
  int at_shift; /* F holds A - shift B (or B), not a matrix for counting */
  int64_t negative; /* eigenvalues of A - shift B below zero; -1: not known */
  int refine; /* solutions need a step of iterative refinement */
  void *host; /* staging, n x host_cols */
  int32_t host_cols;
  multivec work[2]; /* n x b */
  /* Constraints that need not be eigenvectors: the inverse within their complement is x - Z C^-1
   * (B Y)^H x, Z = F^-1 B Y, C = (B Y)^H Z. */
  multivec Z;
  small C_inverse;
  int64_t C_negative;
  int64_t solves; /* columns */
  int32_t factorizations;
} invert;

/* Binds the transformation for blocks of up to b columns; analyses. given: the caller's inverse of
 * A - s B (or of B). Errors: UNSUPPORTED (no module; an operator that is no matrix), MEMORY. */
speig_status invert_open(const eig_problem *problem, int by_mass, bound_operator *given,
                         double given_scale, int32_t b, invert *I);
void invert_close(invert *I);
/* Factors at the shift; *singular: there is nothing to work with. */
speig_status invert_at(invert *I, double shift, int *singular);
/* Y = OP X; BX = B X (X itself without B); at most b columns. */
speig_status invert_apply(invert *I, const multivec *X, const multivec *BX, multivec *Y);
/* *negative: eigenvalues of A - point B below zero, within the complement of the constraints. The
 * factorization at the shift is gone. *singular: no count, the point is an eigenvalue. tolerance:
 * the error of A - point B that changes no count; 0: not known. */
speig_status invert_count(invert *I, double point, double tolerance, int64_t *negative,
                          int *singular);

/* *norm = the larger one of itself and about ||op||_2, from below, by a few steps of the power
 * method. */
speig_status invert_estimate_norm(const eig_problem *problem, bound_operator *op, double *norm);

/* The eigenvalue that belongs to nu; nu 0 at a shift: Inf. */
double invert_theta(const invert *I, double nu);
/* What `which` ranks: mapped (see eig_map). Continuous in nu, also at 0. */
double invert_key(const invert *I, double nu);
/* A residual of A - theta B that belongs to ||OP x - nu x||_B = e, after purification. */
double invert_residual(const invert *I, double norm_b, double nu, double e);

#endif
