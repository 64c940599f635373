/* svds.h: a few singular values with their vectors, A v = sigma u and A^H u = sigma v, of a matrix
 * of any shape. */
#ifndef SPEIG_SVDS_H
#define SPEIG_SVDS_H

#include "speig/eigsh.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Which vectors the result holds. */
typedef enum speig_svds_vectors {
  SPEIG_SVDS_BOTH = 0,
  SPEIG_SVDS_LEFT,
  SPEIG_SVDS_RIGHT,
  SPEIG_SVDS_NONE
} speig_svds_vectors;

typedef struct speig_svds_opts {
  size_t size; /* sizeof(speig_svds_opts), set by the INIT macro */
  int32_t k; /* triplets wanted, >= 1; more than min(rows, cols) gives all of them */
  speig_which which; /* LM: largest; SM: smallest */
  speig_method method; /* AUTO, DENSE (LAPACK), GOLUB_KAHAN (products only) */
  speig_device device;
  speig_certify certify; /* whether missed copies are looked for */
  double tol; /* a triplet is accepted when ||A v - sigma u|| and ||A^H u - sigma v||, with
                 ||u|| = ||v|| = 1, are both at most tol (||A|| + sigma); 0, and whatever is below
                 it: as far as the type allows, 100 eps. A singular value below tol ||A|| is known
                 to be that small, and not more */
  int32_t ncv; /* columns of the bases; 0: chosen. Golub-Kahan only, else refused */
  int64_t max_matvecs; /* products with A and A^H together before giving up; 0: chosen */
  double time_limit; /* seconds; 0: none */
  uint64_t seed; /* same seed, build and device: same bits, for any number of threads */
  int threads; /* 0: all cores */
  size_t memory; /* bytes the solve may take; 0: no limit. Exceeding: SPEIG_ERR_MEMORY, before the
                    work starts where that can be foreseen */
  const speig_block *guess; /* start vectors, borrowed; their sum starts the run: right ones with as
                               many rows as A has columns, or left ones with as many as A has rows
                               (when A is square they count as right ones); may be NULL */
  speig_svds_vectors vectors;
  speig_progress_fn progress;
  void *progress_user;
  const char *checkpoint; /* as in eigsh.h */
  double checkpoint_every;
  const char *resume;
  speig_context *context; /* as in eigsh.h */
  speig_device vectors_on; /* CUDA: left and right vectors stay in device memory; 0 or HOST: on the
                              host */
} speig_svds_opts;
#define SPEIG_SVDS_OPTS_INIT                                                                       \
  {                                                                                                \
    .size = sizeof(speig_svds_opts), .k = 6, .seed = 1                                             \
  }
/* For languages without designated initialisers. */
SPEIG_API void speig_svds_opts_init(speig_svds_opts *opts);

/* Everything below is owned by the result; release it with speig_svds_result_free. */
typedef struct speig_svds_result {
  int64_t rows, cols;
  int32_t k; /* triplets stored: all that meet tol (at most those wanted), best first: descending
                for LM, ascending for SM */
  int32_t wanted; /* min(opts.k, rows, cols) */
  speig_dtype dtype;
  speig_outcome outcome; /* as in eigsh.h */
  speig_reason reason;
  speig_method method; /* the one that produced the triplets */
  speig_device device;
  double *values; /* [k] singular values, >= 0 */
  speig_block left; /* rows x k, where opts.vectors_on says, orthonormal: u; data NULL when not
                       asked for */
  speig_block right; /* cols x k, likewise: v, its entry of largest magnitude real and positive;
                        data NULL when not asked for */
  double *residuals; /* [k] ||A v - sigma u||_2, recomputed from A at the end */
  double *adjoint_residuals; /* [k] ||A^H u - sigma v||_2, recomputed likewise */
  double *relative_residuals; /* [k] the larger of the two over norm + sigma: at most tol */
  double *error_bounds; /* [k] |sigma - nearest singular value| <= this (of [0 A; A^H 0]) */
  double orthogonality; /* max of |U^H U - I| and |V^H V - I| */
  double norm; /* the estimate of ||A|| used in tol */
  double tol; /* the tolerance in force */
  int32_t unconverged; /* further approximations kept after the k: */
  double *unconverged_values, *unconverged_residuals; /* [unconverged] */
  speig_block unconverged_left, unconverged_right; /* their vectors, as left and right, on the
                                                      host */
  int64_t matvecs, adjoint_matvecs; /* products with A and A^H, counted by columns */
  int64_t solves; /* with a factorization, counted by columns */
  int32_t factorizations;
  int64_t restarts;
  double seconds_setup, seconds_solve, seconds_certify;
  size_t memory_bytes; /* peak memory of the solve, the adjoint copy of a matrix included */
  uint64_t seed;
  int threads;
  speig_resumed resumed; /* as in eigsh.h */
  int32_t checkpoints;
  char checkpoint_failure[256];
} speig_svds_result;

/* Computes opts->k singular triplets.
 * A: of any shape; a callback must have its adjoint (speig_operator_create_rectangular, or
 * speig_operator_create_rectangular_on_device). *result is set on SPEIG_OK only; not converging is
 * SPEIG_OK with outcome PARTIAL or FAILED, and keeps every triplet found. The largest singular
 * values converge quickly as a rule. The smallest ones of a matrix on the host are found with a
 * factorization (method AUTO; it needs full rank), else by LAPACK where that is affordable; with
 * products alone they may take very many, and may not be found. Errors: ARG, UNSUPPORTED (an option
 * the method cannot honour; a callback without adjoint), MEMORY, NUMERIC (NaN or Inf in A, guess or
 * from a callback), CALLBACK, DEVICE. Re-entrant: several solves may run at once on shared A. */
SPEIG_API speig_status speig_svds(const speig_operator *A, const speig_svds_opts *opts,
                                  speig_svds_result **result);
SPEIG_API void speig_svds_result_free(speig_svds_result **result);

/* What would be done and why: filled by the same code that decides in speig_svds. */
typedef struct speig_svds_plan {
  speig_method method;
  speig_device device;
  int64_t rows, cols;
  int32_t k, ncv;
  double tol;
  int64_t max_matvecs;
  size_t memory_bytes; /* predicted peak of the solve; with `inverse` without the factors, which are
                          left out where they do not fit opts.memory */
  double flops_per_step; /* model: both products and both orthogonalisations */
  int inverse; /* not 0: a factorization is tried first, and Golub-Kahan on the inverse */
  char why[512]; /* one or two sentences */
} speig_svds_plan;
SPEIG_API speig_status speig_svds_make_plan(const speig_operator *A, const speig_svds_opts *opts,
                                            speig_svds_plan *plan);

#ifdef __cplusplus
}
#endif
#endif
