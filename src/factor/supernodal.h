/* supernodal.h: factors of sparse matrices without pivoting: A = L S L^H, or A = L S U for a
 * general real one, S = diag(+-1).
 *
 * For a definite matrix that is Cholesky's factorization. For others it exists almost always, but
 * may be inaccurate; the growth tells. A general one is factored on the structure of A + A^T, and
 * of real types only, where the pivots have signs instead of phases. Ordering and analysis come
 * from a module (symbolic.h), numbers and solves are made here, by all threads and with the same
 * bits for any number of them. */
#ifndef SPEIG_SRC_FACTOR_SUPERNODAL_H
#define SPEIG_SRC_FACTOR_SUPERNODAL_H

#include "speig/matrix.h"

typedef struct supernodal supernodal;

/* Is there a module? UNSUPPORTED, with what is missing and where it was looked for. */
speig_status supernodal_available(void);

/* Orders A (square; its structure alone counts; of a Hermitian one the lower triangle is read) and
 * plans the work. Every diagonal entry is stored.
 * Errors: UNSUPPORTED (no module), MEMORY, NUMERIC (the analysis failed). */
speig_status supernodal_analyse(const speig_matrix *A, int general, supernodal **out);

typedef struct supernodal_facts {
  const char *provider, *ordering;
  double flops, entries; /* of a factorization; numbers in L */
  size_t bytes; /* that a factorization takes */
  int64_t negative; /* eigenvalues below zero of the matrix factored */
  double growth; /* the largest row of |L| |U| over that of |A|; 1 when definite */
  double norm; /* the largest row of |A|, unless definite */
} supernodal_facts;

supernodal_facts supernodal_get_facts(const supernodal *S);

/* Factors a matrix of the structure that was analysed. *pivot: the row of A at which a pivot was
 * zero or not finite, -1 without one; there is nothing to solve with then. Errors: MEMORY. */
speig_status supernodal_compute(supernodal *S, const speig_matrix *A, int threads, int64_t *pivot);
/* X = A^-1 R, or A^-T R for a general A, both n x p of A's type, with leading dimensions; X may be
 * R. Errors: MEMORY. */
speig_status supernodal_solve(supernodal *S, int transposed, int32_t p, int64_t ldr, const void *R,
                              int64_t ldx, void *X, int threads);
/* For tests: the kernels of a lower level of processors. Before the first factorization. */
void supernodal_set_level(supernodal *S, int level);
/* Accepts NULL. */
void supernodal_destroy(supernodal **S);

#endif
