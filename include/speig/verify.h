/* verify.h: checks eigenpairs, whoever computed them. Shares no code path with the solvers:
 * residuals by the reference products in at least double precision, the spectrum by LAPACK. */
#ifndef SPEIG_VERIFY_H
#define SPEIG_VERIFY_H

#include "speig/eigs.h"
#include "speig/eigsh.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Verdict on one pair. */
typedef enum speig_pair_verdict {
  SPEIG_PAIR_RIGHT =
      0, /* residual within tolerance; with LAPACK: matches an eigenvalue of its own */
  SPEIG_PAIR_BAD_RESIDUAL, /* the residual is larger than tolerance */
  SPEIG_PAIR_DUPLICATE, /* the vector depends linearly on earlier ones: the same pair twice */
  SPEIG_PAIR_WRONG_VALUE /* no eigenvalue of LAPACK's is left for it */
} speig_pair_verdict;

typedef struct speig_verify_opts {
  size_t size;
  double tol; /* relative residual accepted; 0: 1e-8 (1e-4 for float) */
  int64_t dense_limit; /* compare with LAPACK when n <= this; 0: 2000; negative: never */
  speig_which which; /* which eigenvalues the pairs claim to be; used to find missed ones */
  int check_which; /* not 0: look for missed eigenvalues under `which` (needs LAPACK) */
  int threads;
  speig_eigs_which general_which; /* in place of which for speig_verify_general */
} speig_verify_opts;
#define SPEIG_VERIFY_OPTS_INIT                                                                     \
  {                                                                                                \
    .size = sizeof(speig_verify_opts)                                                              \
  }

typedef struct speig_verify_report {
  int32_t k;
  int32_t right; /* pairs with verdict RIGHT */
  speig_pair_verdict *verdicts; /* [k] */
  double *residuals; /* [k] ||A x - theta B x||_2 with ||x||_B = 1; vectors are normalised first.
                        Without vectors: NaN */
  double *relative_residuals; /* [k] over (||A|| + |theta| ||B||) */
  double *rayleigh; /* [k] x^H A x / x^H B x */
  double orthogonality; /* max |X^H B X - I| after normalisation; NaN without vectors */
  double norm_a, norm_b;
  int compared; /* not 0: LAPACK's spectrum was computed */
  double *errors; /* [k] distance to the LAPACK eigenvalue matched with it; NaN otherwise */
  int32_t missed; /* wanted eigenvalues that no pair stands for; -1: not checked */
  double *missed_values; /* [missed] */
  double *adjoint_residuals; /* [k] of singular triplets ||A^H u - s v||_2; NaN otherwise */
} speig_verify_report;

/* Checks k pairs (values[k], vectors n x k or NULL) of A x = theta B x; B may be NULL.
 * Errors: ARG (sizes), MEMORY, NUMERIC.                                                         */
SPEIG_API speig_status speig_verify(const speig_matrix *A, const speig_matrix *B, int32_t k,
                                    const double *values, const speig_block *vectors,
                                    const speig_verify_opts *opts, speig_verify_report **report);

/* The same for a general problem, values[2 k] real and imaginary parts in turn, vectors of any
 * type,
 * ||x||_2 = 1 after normalisation. In the report rayleigh and orthogonality are NaN, and
 * missed_values has two numbers for each. A value is held against LAPACK's eigenvalues by their
 * condition: a pair of an ill-conditioned eigenvalue may be right and differ much.              */
SPEIG_API speig_status speig_verify_general(const speig_matrix *A, const speig_matrix *B, int32_t k,
                                            const double *values, const speig_block *vectors,
                                            const speig_verify_opts *opts,
                                            speig_verify_report **report);
/* The same for k singular triplets A v = s u, A^H u = s v: values[k], left rows x k, right cols x k
 * (both NULL: values alone), ||u|| = ||v|| = 1 after normalisation; opts->which is LM or SM. In the
 * report residuals are ||A v - s u||, relative_residuals the larger of both over ||A|| + s,
 * rayleigh the real parts of u^H A v, orthogonality the larger one of both sides. LAPACK's singular
 * values are there when the smaller side is at most dense_limit. Errors: ARG, MEMORY, NUMERIC. */
SPEIG_API speig_status speig_verify_svds(const speig_matrix *A, int32_t k, const double *values,
                                         const speig_block *left, const speig_block *right,
                                         const speig_verify_opts *opts,
                                         speig_verify_report **report);
SPEIG_API void speig_verify_report_free(speig_verify_report **report);

#ifdef __cplusplus
}
#endif
#endif
