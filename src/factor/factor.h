/* factor.h: sparse factorizations: analyse once, factor for many shifts, solve blocks, count
 * negative eigenvalues. Modules, opened when first needed, do the work or a part of it: Hermitian
 * matrices that may be definite are factored by supernodal.h, the others by pivoting.h.         */
#ifndef SPEIG_SRC_FACTOR_FACTOR_H
#define SPEIG_SRC_FACTOR_FACTOR_H

#include "speig/matrix.h"

typedef enum factor_kind { FACTOR_HERMITIAN, FACTOR_GENERAL } factor_kind;

typedef struct factor factor;

typedef struct factor_info {
  const char *provider; /* "MUMPS 5.5.1" */
  const char *ordering; /* "METIS" */
  double flops; /* of one factorization, predicted */
  double entries; /* numbers in the factors */
  size_t bytes; /* of a factorization, predicted */
} factor_info;

/* Is there a provider? UNSUPPORTED, with what is missing and where it was looked for. */
speig_status factor_available(void);

/* *out = A - shift B (B NULL: the identity) as the given type (A's, or its complex form), with
 * every diagonal entry stored. shift: real and imaginary part. The structure does not depend on
 * the shift. Errors: NUMERIC (an entry overflows), MEMORY. */
speig_status factor_pencil(const speig_matrix *A, const speig_matrix *B, const double shift[2],
                           speig_dtype dtype, speig_matrix **out);

/* Predicts what a factorization of A - shift B takes, as factor_analyse does of such a matrix.
 * Errors: those of both. */
speig_status factor_weigh(const speig_matrix *A, const speig_matrix *B, const double shift[2],
                          speig_dtype dtype, factor_kind kind, factor_info *info);

/* Orders A (square; its structure alone counts) and predicts what a factorization takes. HERMITIAN
 * reads the lower triangle. Errors: UNSUPPORTED (no provider), MEMORY, NUMERIC. */
speig_status factor_analyse(const speig_matrix *A, factor_kind kind, factor **out);
factor_info factor_get_info(const factor *F);
/* At most that many threads; by default all. The bits of the results do not depend on it. */
void factor_set_threads(factor *F, int threads);
/* The error of A, in norm, below which the next factorizations serve their purpose: for a count of
 * eigenvalues the distance to the next one. 0, as at first: that of solutions worth the name. */
void factor_set_tolerance(factor *F, double tolerance);
/* Factors a matrix of the structure that was analysed; the one before is gone. The memory counts
 * in the thread's account. *singular: set when a pivot is exactly zero; there is nothing to solve
 * with then. Errors: MEMORY (the prediction does not fit the budget: both are named), NUMERIC. */
speig_status factor_compute(factor *F, const speig_matrix *A, int *singular);
/* X (n x p, leading dimension ld, of A's type) = A^-1 X, or A^-T X. For a Hermitian kind X = A^-1 X
 * whatever transposed says. Errors: NUMERIC, MEMORY. */
speig_status factor_solve(factor *F, int transposed, int32_t p, int64_t ld, void *X);
/* The same for right-hand sides that stay as they are: X = A^-1 R. */
speig_status factor_solve_to(factor *F, int transposed, int32_t p, int64_t ldr, const void *R,
                             int64_t ldx, void *X);
/* The negative eigenvalues of the matrix factored; HERMITIAN only. */
int64_t factor_negative(const factor *F);
/* Accepts NULL. */
void factor_destroy(factor **F);

#endif
