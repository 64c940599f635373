/* eigsh.h: a few eigenpairs of a Hermitian problem, A x = theta x or A x = theta B x. */
#ifndef SPEIG_EIGSH_H
#define SPEIG_EIGSH_H

#include "speig/operator.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Which eigenvalues: largest magnitude, smallest magnitude, largest, smallest (algebraically), or
 * from both ends (one more from the high end when k is odd). As in SciPy's eigsh.               */
typedef enum speig_which { SPEIG_LM = 0, SPEIG_SM, SPEIG_LA, SPEIG_SA, SPEIG_BE } speig_which;

/* AUTO chooses. DENSE: LAPACK on the expanded matrix, or on each connected component of a large
 * one. LANCZOS: thick-restart Lanczos, by products alone or, with a shift or B, through a
 * factorization. LOBPCG: robust LOBPCG, with B, constraints and preconditioner. */
typedef enum speig_method {
  SPEIG_METHOD_AUTO = 0,
  SPEIG_DENSE,
  SPEIG_LANCZOS,
  SPEIG_LOBPCG,
  SPEIG_KRYLOV_SCHUR, /* for general problems (eigs.h) only */
  SPEIG_GOLUB_KAHAN, /* for singular values (svds.h) only */
  SPEIG_FILTER /* for opts.interval only: band filters and block Lanczos, by products alone */
} speig_method;

/* With a shift, `which` applies to the transformed eigenvalues, as in SciPy's eigsh:
 * NORMAL 1 / (lambda - sigma); CAYLEY (lambda + sigma) / (lambda - sigma); BUCKLING lambda /
 * (lambda - sigma), where A is positive definite and B only Hermitian. LM with NORMAL means the
 * nearest to sigma, LA those next above it, SA those next below.                                */
typedef enum speig_mode {
  SPEIG_MODE_NORMAL = 0,
  SPEIG_MODE_BUCKLING,
  SPEIG_MODE_CAYLEY
} speig_mode;

/* How the iteration sees the problem: as it is, through (A - s B)^-1 B, or through B^-1 A. */
typedef enum speig_transform {
  SPEIG_TRANSFORM_NONE = 0,
  SPEIG_TRANSFORM_SHIFT,
  SPEIG_TRANSFORM_MASS
} speig_transform;

/* What is known about the answer. CERTIFIED: proven complete (LAPACK computed the whole spectrum,
 * or a factorization's inertia shows it). VALIDATED: an independent probe pass, deflated against
 * the answer, found no missing eigenvalue. CONVERGED: residuals hold, completeness was not checked.
 * PARTIAL: fewer than k pairs meet tol. FAILED: none does.                                      */
typedef enum speig_outcome {
  SPEIG_CERTIFIED = 0,
  SPEIG_VALIDATED,
  SPEIG_CONVERGED,
  SPEIG_PARTIAL,
  SPEIG_FAILED
} speig_outcome;

/* Why the run stopped; stopping early is a result, not an error. */
typedef enum speig_reason {
  SPEIG_STOP_CONVERGED = 0,
  SPEIG_STOP_MAX_MATVECS,
  SPEIG_STOP_TIME_LIMIT,
  SPEIG_STOP_CANCELLED,
  SPEIG_STOP_BREAKDOWN, /* no further progress is possible in this precision */
  SPEIG_STOP_MEMORY
} speig_reason;

typedef enum speig_certify {
  SPEIG_CERTIFY_AUTO = 0, /* check completeness when it costs little beside the solve */
  SPEIG_CERTIFY_ALWAYS,
  SPEIG_CERTIFY_NEVER
} speig_certify;

/* What a solve with opts.resume went on from. NONE: nothing, it began anew. STATE: where the other
 * one stood, its answers so far included. VECTORS: its best vectors alone. */
typedef enum speig_resumed {
  SPEIG_RESUMED_NONE = 0,
  SPEIG_RESUMED_STATE,
  SPEIG_RESUMED_VECTORS
} speig_resumed;

/* Handed to the progress callback once per restart or iteration. Arrays live during the call. */
typedef struct speig_progress {
  const char *method; /* "lanczos", ... */
  const char *phase; /* "solve", "validate" */
  int64_t iteration; /* restarts or iterations so far */
  int64_t matvecs; /* products with A so far, counted by columns */
  int32_t wanted, converged;
  const double *values; /* [wanted] current approximations, best first */
  const double *residuals; /* [wanted] absolute residual estimates */
  double norm; /* estimate of ||A|| */
  double tol; /* the tolerance in force: relative to norm */
  double seconds;
  const double *imaginary; /* [wanted] imaginary parts of values; NULL for Hermitian problems */
  double bytes; /* moved so far, by a model: every array that an operation on vectors or a product
                   names is read or written once; what LAPACK and a caller's function move is not in
                   it */
  double eta; /* seconds that the phase may still take, from a fit of the logarithm of the worst
                 wanted residual against products; NaN where that tells nothing */
} speig_progress;
/* Return 0 to go on, anything else to stop: the result then holds what was found so far. */
typedef int (*speig_progress_fn)(void *user, const speig_progress *progress);

typedef struct speig_eigsh_opts {
  size_t size; /* sizeof(speig_eigsh_opts), set by the INIT macro */
  int32_t k; /* pairs wanted, >= 1; more than n gives n */
  speig_which which;
  speig_method method;
  speig_device device;
  speig_certify certify;
  double tol; /* a pair is accepted when ||A x - theta B x||_2 <= t (||A|| + |theta| ||B||), with
                 ||x||_B = 1. Without B, t = tol; 0: as far as the type allows, 100 eps. With B,
                 t = max(tol, 100 eps ||x||_2), because a product with x is not more accurate than
                 eps ||x||_2, and ||x||_2 may be far above 1 (up to lambda_min(B)^-1/2) */
  int32_t ncv; /* columns of the Lanczos basis; 0: chosen. Lanczos only, else refused */
  int32_t block; /* columns that LOBPCG iterates on, >= k; 0: chosen, some more than k. LOBPCG only,
                    else refused */
  int64_t max_matvecs; /* products with A before giving up; 0: chosen from n and k */
  double time_limit; /* seconds; 0: none */
  uint64_t seed; /* same seed, build and device: same bits, for any number of threads */
  int threads; /* 0: all cores */
  size_t memory; /* bytes the solve may take; 0: no limit. Exceeding: SPEIG_ERR_MEMORY,
                    before the work starts where that can be foreseen */
  const speig_operator
      *precond; /* borrowed, about A^-1, Hermitian positive definite; LOBPCG only */
  const speig_block *guess; /* n x g start vectors, borrowed, any g >= 1; may be NULL. When the best
                               k of them satisfy tol they are the answer after one block product,
                               with outcome CONVERGED: whether one is missing was not checked */
  const speig_block
      *deflate; /* n x y, borrowed, full rank, may be NULL: the problem is solved in the
                   B-orthogonal complement of its columns. When they are not eigenvectors,
                   that is a problem of its own, and residuals are those within it */
  int assume_hermitian; /* not 0: skip the check by value of a matrix not declared Hermitian */
  int values_only; /* not 0: vectors are not returned (residuals still are) */
  speig_progress_fn progress;
  void *progress_user;
  int has_sigma; /* not 0: sigma counts */
  double sigma; /* the shift; needs A and B as matrices, or op_inverse, or a small problem */
  speig_mode mode; /* needs a shift */
  const speig_operator *op_inverse; /* borrowed: X -> (A - sigma B)^-1 X; used as it is */
  const speig_operator *mass_inverse; /* borrowed: X -> B^-1 X, for a solve without sigma */
  speig_context *context; /* borrowed, may be NULL: where to compute, its device number and stream
                             included; device is then AUTO or the same, threads 0 */
  speig_device vectors_on; /* CUDA: the result's vectors stay in device memory; 0 or HOST: on the
                              host */
  int has_interval; /* not 0: all eigenvalues in the interval are wanted, k and which do not count;
                       see below */
  double interval[2]; /* low and high end, both included; -INFINITY and INFINITY are ends, too */
  const char *checkpoint; /* a file to which what the solve is made of is written, for a later call
                             with `resume`; NULL: none. Complete or not there: written beside it and
                             renamed. The library writes it every so many seconds and at the end,
                             also one that a limit or the callback brings about. Not for method
                             DENSE; where AUTO leaves the problem to LAPACK nothing is written */
  double checkpoint_every; /* seconds between two of them; 0: 60 */
  const char *resume; /* such a file, of the same A, B, type, sigma, mode and which, with which the
                         solve goes on; k may be larger, tol smaller, the device another one.
                         Limits count this call's work alone, the result's products that of the
                         calls before too. NULL: a new solve. Excludes guess */
} speig_eigsh_opts;
#define SPEIG_EIGSH_OPTS_INIT                                                                      \
  {                                                                                                \
    .size = sizeof(speig_eigsh_opts), .k = 6, .seed = 1                                            \
  }
/* For languages without designated initialisers. */
SPEIG_API void speig_eigsh_opts_init(speig_eigsh_opts *opts);

/* Everything below is owned by the result; release it with speig_eigsh_result_free. */
typedef struct speig_eigsh_result {
  int64_t n;
  int32_t k; /* pairs stored: all that meet tol (at most those wanted), ascending */
  int32_t wanted; /* min(opts.k, n), less the deflated dimensions and what is infinite; of an
                     interval all in it, and 0 with FAILED when it stopped before it had counted */
  speig_dtype dtype;
  speig_outcome outcome;
  speig_reason reason;
  speig_method method; /* the one that produced the pairs */
  speig_device device;
  double *values; /* [k] ascending */
  speig_block vectors; /* n x k, where opts.vectors_on says, ||x||_B = 1, B-orthogonal, the entry of
                          largest magnitude real and positive; data NULL with values_only. In
                          buckling mode A takes the place of B: ||x||_A = 1, also in the residuals
                          and orthogonality */
  double *residuals; /* [k] ||A x - theta B x||_2, recomputed from A at the end */
  double *relative_residuals; /* [k] the same over (norm_a + |theta| norm_b), with ||x||_B = 1: at
                                 most tol without B; with B it may be above tol, up to 100 eps
                                 ||x||_2, and is reported as it is (see opts.tol) */
  double *error_bounds; /* [k] |theta - nearest eigenvalue| <= this (standard problem: ||r||) */
  double orthogonality; /* max |X^H B X - I| */
  double norm_a, norm_b; /* the norms used in tol; norm_b 1 without B */
  double tol; /* the tolerance in force */
  int32_t unconverged; /* further approximations kept after the k: */
  double *unconverged_values, *unconverged_residuals; /* [unconverged] */
  speig_block unconverged_vectors; /* n x unconverged, host; data NULL with values_only */
  int64_t matvecs, matvecs_b, precond_applies; /* counted by columns */
  int precond_dropped; /* not 0: the preconditioner turned out not to be positive definite
                          (r^H T r <= 0 for some r) and was left out from then on */
  int64_t restarts;
  double seconds_setup, seconds_solve, seconds_certify;
  size_t memory_bytes; /* peak memory of the solve, on the host and a device together */
  uint64_t seed;
  int threads;
  speig_transform transform;
  double shift; /* where A - s B was factored: sigma, or a little beside it when sigma is an
                   eigenvalue or much nearer to one than to the others, or between it and the
                   wanted ones where it lies beyond them and B is singular; 0 without a shift */
  int64_t solves; /* with the factors or the caller's inverse, counted by columns */
  int32_t factorizations; /* those for counting eigenvalues included */
  int32_t infinite; /* eigenvalues that are infinite (B singular), where method dense counted them;
                       none of them is returned or wanted */
  double interval[2]; /* with opts.interval: where all eigenvalues were wanted, in fact: the ends
                         asked for, or a little outward where eigenvalues equal them to rounding */
  double proven[2]; /* the part of it, from its low end, in which the answer is proven complete: all
                       of it when the outcome is CERTIFIED; two NaN when there is no such part */
  speig_resumed resumed; /* whether opts.resume was of use */
  int32_t checkpoints; /* files written */
  char checkpoint_failure[256]; /* why one could not be written, though the solve went on; or "" */
  double estimate, estimate_error; /* method FILTER: about how many eigenvalues the interval holds,
                                      by random vectors, and an error bar as in speig_count_result;
                                      a set that holds fewer is CONVERGED, not VALIDATED. NaN where
                                      nothing was estimated */
} speig_eigsh_result;

/* Computes opts->k eigenpairs, or all in opts->interval, as often as they are multiple.
 *
 * Intervals: LAPACK where that is cheaper; else the spectrum is cut into slices, the eigenvalues
 * between two cuts are counted by inertia, and each slice is searched by shift-invert until it has
 * given as many. wanted is the count. What cannot be factored (a function; factors beyond
 * opts.memory; method FILTER) and has no B is searched by products with polynomials of A instead:
 * windows of a band filter, and probes until none finds anything further, which makes a set
 * VALIDATED at best; wanted is then what was found, or when it stopped early an estimate.
 * Eigenvalues that equal an end to within rounding belong to
 * the interval. Neither sigma nor op_inverse, mass_inverse, precond, guess, deflate, ncv and block
 * go with an interval (UNSUPPORTED). Stopped early, the pairs found stay, with PARTIAL, and
 * result->proven tells how far nothing is missing.
 *
 * A: Hermitian of order n (a matrix that is not declared so is checked by value: ARG when it is
 * not). B: Hermitian positive definite, or NULL for the identity. It may be semidefinite with a
 * shift, for SM and SA, and by method dense: of the infinite eigenvalues it makes none is returned.
 * *result is set on SPEIG_OK only; not converging is SPEIG_OK with outcome PARTIAL or FAILED, and
 * keeps every pair found. Errors: ARG, UNSUPPORTED (an option the method cannot honour), MEMORY,
 * NUMERIC (NaN or Inf in A, B, guess or from a callback; B not positive definite), CALLBACK,
 * DEVICE. Re-entrant: several solves may run at once on shared A. */
SPEIG_API speig_status speig_eigsh(const speig_operator *A, const speig_operator *B,
                                   const speig_eigsh_opts *opts, speig_eigsh_result **result);
SPEIG_API void speig_eigsh_result_free(speig_eigsh_result **result);

/* What would be done and why: filled by the same code that decides in speig_eigsh. */
typedef struct speig_eigsh_plan {
  speig_method method;
  speig_device device;
  int64_t n;
  int32_t k, ncv;
  double tol;
  int64_t max_matvecs;
  int64_t components; /* not 0: A falls apart into so many, which method dense solves one by one */
  size_t memory_bytes; /* predicted peak of the solve */
  double flops_per_step; /* model: one product and one orthogonalisation step */
  char why[512]; /* one or two sentences */
  speig_transform transform;
  size_t factor_bytes; /* what a factorization takes, part of memory_bytes; 0 without one */
  double factor_flops;
} speig_eigsh_plan;
SPEIG_API speig_status speig_eigsh_make_plan(const speig_operator *A, const speig_operator *B,
                                             const speig_eigsh_opts *opts, speig_eigsh_plan *plan);

/* "LM" ..., "auto" ..., "certified" ..., "converged" ...: the words of the command line and the
 * JSON. */
SPEIG_API const char *speig_which_name(speig_which which);
SPEIG_API const char *speig_mode_name(speig_mode mode);
SPEIG_API const char *speig_method_name(speig_method method);
SPEIG_API const char *speig_outcome_name(speig_outcome outcome);
SPEIG_API const char *speig_reason_name(speig_reason reason);

#ifdef __cplusplus
}
#endif
#endif
