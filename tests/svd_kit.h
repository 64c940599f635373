/* svd_kit.h: matrices with known singular values, and an independent look at what speig_svds says.
 */
#ifndef SPEIG_TESTS_SVD_KIT_H
#define SPEIG_TESTS_SVD_KIT_H

#include "harness.h"

#include "speig/svds.h"

#include <complex.h>

typedef double _Complex svd_number;

/* A matrix in the type under test, the same numbers expanded, and its singular values. */
typedef struct svd_sample {
  char name[64];
  speig_matrix *A;
  speig_operator *op;
  int m, n, r; /* r = min(m, n) */
  svd_number *dense; /* m x n, column-major */
  double *sigma; /* [r] descending */
} svd_sample;

/* Takes A over. */
svd_sample svd_wrap(speig_matrix *A, const char *name);
/* From a function of the place; entries that are 0 are not stored. Complex types: turned by phases
 * in rows and columns, which leaves the singular values alone. */
typedef svd_number svd_entry(int i, int j, int m, int n);
svd_sample svd_make(speig_dtype dtype, int m, int n, const char *name, svd_entry *entry);
void svd_drop(svd_sample *S);

/* Full rank, sparse, not far from a diagonal. */
svd_entry svd_scattered;
/* Uniform in (-1, 1), from the place. */
double svd_noise(int i, int j, int part);

/* Solves and looks: the set asked for with multiplicities, residuals on both sides, orthogonality,
 * phases, and whether the result says of itself what is found. */
void svd_check(const test_case *tc, const svd_sample *S, const speig_svds_opts *opts);

#endif
