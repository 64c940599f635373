/* invert_eigs.h: the operators of spectral transformations for general problems:
 *
 *   at a shift s:     OP = (A - s B)^-1 B,  mu = 1 / (lambda - s)   (Ericsson and Ruhe 1980)
 *   with the mass:    OP = B^-1 A,          mu = lambda
 *
 * with a factorization of our own or the caller's inverse. A real problem with a complex shift may
 * take the real or imaginary part of the first (Parlett and Saad, Linear Algebra Appl. 88/89,
 * 1987): then mu mixes the values of s and its conjugate, and lambda is found by Rayleigh-Ritz with
 * A.  */
#ifndef SPEIG_SRC_SOLVERS_INVERT_EIGS_H
#define SPEIG_SRC_SOLVERS_INVERT_EIGS_H

#include "factor/factor.h"
#include "solvers/general.h"

typedef struct eigs_invert {
  general_operator base;
  backend *be;
  int64_t n;
  bound_operator *A, *B; /* as they are, or both adjoint; B may be NULL */
  speig_transform transform;
  int adjoint; /* the operator for left vectors: (A - s B)^-H B^H, or B^-H A^H */
  int part; /* 0: the operator itself; 1, 2: its real, imaginary part */
  double shift[2]; /* in the solver's units */
  factor *F; /* shared with the adjoint, which does not own it */
  speig_matrix *pencil;
  bound_operator *given; /* the caller's inverse, or NULL; of the complex type with a part */
  double given_scale; /* what its products are to be multiplied by */
  void *host, *wide; /* staging, n x columns, of the blocks' type and its complex form */
  multivec work[3]; /* n x columns */
  int refine; /* solutions need a step of iterative refinement */
  double most_flops; /* factors that take more operations are not tried; 0: no limit */
  int32_t columns;
  int64_t solves; /* columns */
  int32_t factorizations;
} eigs_invert;

/* Binds the transformation and factors A - shift B or B. matrices: A and B on the host in the
 * solver's units, NULL with the caller's inverse. A singular A - shift B is factored a little
 * beside it. Errors: UNSUPPORTED (no module), MEMORY, NUMERIC (B singular, or A - s B for every s;
 * beyond most_flops). */
speig_status eigs_invert_open(backend *be, const speig_matrix *A, const speig_matrix *B,
                              eigs_invert *I);
/* The operator for left vectors: shares the factorization of I, which must outlive it. */
speig_status eigs_invert_adjoint(const eigs_invert *I, bound_operator *A, bound_operator *B,
                                 eigs_invert *adjoint);
void eigs_invert_close(eigs_invert *I);

/* What `which` ranks: mu of lambda; large but finite at the shift. */
eigenvalue eigs_invert_mu(speig_transform transform, int part, const double shift[2],
                          eigenvalue lambda);
/* lambda of mu, for part 0. */
eigenvalue eigs_invert_lambda(speig_transform transform, const double shift[2], eigenvalue mu);

#endif
