/* eigs.h: a few eigenvalues and eigenvectors of a general problem, A x = lambda x or
 * A x = lambda B x, where nothing is assumed of A. For Hermitian problems eigsh.h is faster, proves
 * more and gives orthonormal vectors.                                                           */
#ifndef SPEIG_EIGS_H
#define SPEIG_EIGS_H

#include "speig/eigsh.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Which eigenvalues, as in SciPy's eigs: largest and smallest magnitude, largest and smallest real
 * part, largest and smallest imaginary part; of real matrices the last two mean its absolute value.
 * With a shift they rank the transformed values 1 / (lambda - sigma).                           */
typedef enum speig_eigs_which {
  SPEIG_EIGS_LM = 0,
  SPEIG_EIGS_SM,
  SPEIG_EIGS_LR,
  SPEIG_EIGS_SR,
  SPEIG_EIGS_LI,
  SPEIG_EIGS_SI
} speig_eigs_which;

/* Diagonal similarity before solving, against entries of very different size. AUTO: in method
 * dense, where it is dropped again when residuals suffer from it. */
typedef enum speig_balance {
  SPEIG_BALANCE_AUTO = 0,
  SPEIG_BALANCE_ALWAYS,
  SPEIG_BALANCE_NEVER
} speig_balance;

/* How a real problem uses a complex shift. WHOLE: in complex arithmetic, with the eigenvalues of
 * (A - sigma B)^-1 B; the result is complex then, and conjugates come only where they rank. REAL,
 * IMAGINARY: in real arithmetic, with the real or imaginary part of that operator, of which SciPy's
 * eigs takes the real one: mu = 1/2 (1 / (lambda - sigma) + 1 / (lambda - conj sigma)), or that
 * with a minus between and 1/2i before; conjugate pairs stay whole. */
typedef enum speig_eigs_part {
  SPEIG_PART_WHOLE = 0,
  SPEIG_PART_REAL,
  SPEIG_PART_IMAGINARY
} speig_eigs_part;

typedef struct speig_eigs_opts {
  size_t size; /* sizeof(speig_eigs_opts), set by the INIT macro */
  int32_t k; /* eigenvalues wanted, >= 1; more than n gives n. A conjugate pair of a real matrix is
                never split: where the cut would do so, one more is wanted and returned */
  speig_eigs_which which;
  speig_method method; /* AUTO, DENSE or KRYLOV_SCHUR */
  speig_device device;
  speig_certify certify; /* AUTO, ALWAYS: a probe from a fresh vector, deflated against the answer,
                            looks for missed values; AUTO gives up on it when it takes much
                            longer than the solve did */
  speig_balance balance; /* ALWAYS needs method dense */
  double tol; /* a pair is accepted when ||A x - lambda B x||_2 <= tol (||A|| + |lambda| ||B||),
                 ||x||_2 = 1; 0: as far as the type allows, 100 eps */
  int32_t ncv; /* columns of the Krylov basis, at least k + 2; 0: chosen. Krylov-Schur only */
  int64_t max_matvecs; /* products with A before giving up; 0: chosen from n and k */
  double time_limit; /* seconds; 0: none */
  uint64_t seed; /* same seed, build and device: same bits, for any number of threads */
  int threads; /* 0: all cores */
  size_t memory; /* bytes the solve may take; 0: no limit. Exceeding: SPEIG_ERR_MEMORY, before the
                    work starts where that can be foreseen */
  const speig_block *guess; /* n x g start vectors, borrowed; their sum starts the Krylov space; may
                               be NULL; without effect in method dense */
  int left; /* not 0: left eigenvectors, y^H A = lambda y^H B, and condition numbers */
  const speig_operator *adjoint; /* A^H, borrowed: needed for left vectors when A is a callback and
                                    method dense is not used; else NULL */
  int values_only; /* not 0: vectors are not returned (residuals still are) */
  speig_progress_fn progress;
  void *progress_user;
  int has_sigma; /* not 0: sigma counts */
  double sigma[2]; /* the shift, real and imaginary part: `which` ranks 1 / (lambda - sigma), so LM
                      means the nearest to it. Needs A and B as matrices, or op_inverse, or a small
                      problem */
  speig_eigs_part part; /* for real A and B with a complex sigma */
  const speig_operator *op_inverse; /* borrowed: X -> (A - sigma B)^-1 X, used as it is; of A's
                                       type, or of its complex form for a complex sigma */
  const speig_operator *mass_inverse; /* borrowed: X -> B^-1 X, for a solve without sigma */
  speig_context *context; /* borrowed, may be NULL: where to compute, its device number and stream
                             included; device is then AUTO or the same, threads 0 */
  const char *checkpoint; /* as in eigsh.h */
  double checkpoint_every;
  const char *resume;
} speig_eigs_opts;
#define SPEIG_EIGS_OPTS_INIT                                                                       \
  {                                                                                                \
    .size = sizeof(speig_eigs_opts), .k = 6, .seed = 1                                             \
  }
/* For languages without designated initialisers. */
SPEIG_API void speig_eigs_opts_init(speig_eigs_opts *opts);

/* Everything below is owned by the result; release it with speig_eigs_result_free. */
typedef struct speig_eigs_result {
  int64_t n;
  int32_t k; /* pairs stored, all of which meet tol, in the order of `which`, best first; members of
                a conjugate pair are neighbours, the one with positive imaginary part first */
  int32_t wanted; /* min(opts.k, n), or one more so as not to split a conjugate pair; less when a
                     singular B leaves fewer finite eigenvalues */
  speig_dtype dtype; /* of A; its complex form when a complex sigma made the problem complex */
  speig_outcome outcome; /* as in eigsh.h; CERTIFIED: LAPACK computed the whole spectrum */
  speig_reason reason;
  speig_method method; /* the one that produced the pairs */
  speig_device device;
  double *values; /* [2 k] real and imaginary parts in turn */
  speig_block vectors; /* n x k, host, complex of A's precision, ||x||_2 = 1, the entry of largest
                          magnitude real and positive; data NULL with values_only */
  speig_block
      left; /* the same of left vectors, y^H A = lambda y^H B; data NULL without opts.left */
  double *residuals; /* [k] ||A x - lambda B x||_2, recomputed from A at the end */
  double *relative_residuals; /* [k] the same over norm_a + |lambda| norm_b: at most tol */
  double *left_residuals; /* [k] ||A^H y - conj(lambda) B^H y||_2; NULL without opts.left, NaN where
                             no left vector was found or A^H is not known */
  double *conditions; /* [k] 1 / |y^H x| (with B: 1 / |y^H B x|), how far an eigenvalue moves at
                         most under a small perturbation of norm 1; Inf for a defective one. NULL
                         without opts.left, NaN where no left vector was found */
  double *error_bounds; /* [k] residual times condition: to first order, a bound of the error. NaN
                           where the condition is not known: a small residual alone says little
                           about an eigenvalue that is not well-conditioned */
  double norm_a, norm_b; /* the norms used in tol: estimates from below; norm_b 1 without B */
  double tol; /* the tolerance in force */
  int balanced; /* not 0: A was balanced */
  int32_t infinite; /* eigenvalues found to be infinite (singular B), none of them returned */
  int32_t unconverged; /* further approximations kept after the k: */
  double *unconverged_values; /* [2 unconverged] */
  double *unconverged_residuals; /* [unconverged] */
  int64_t matvecs, matvecs_b, matvecs_adjoint; /* counted by columns */
  int64_t restarts;
  double seconds_setup, seconds_solve, seconds_certify;
  size_t memory_bytes; /* peak memory of the solve */
  uint64_t seed;
  int threads;
  speig_transform transform;
  double shift[2]; /* where A - s B was factored: sigma, or a little beside it when A - sigma B is
                      singular or nearly so; 0 without a shift */
  int64_t solves; /* with the factors or the caller's inverse, counted by columns */
  int32_t factorizations;
  double
      worst_condition; /* of the k eigenvalues the largest condition number, as far as it is
                          known: with opts.left that of `conditions`; without B from LAPACK's
                          vectors, or, an estimate that may be too small, from the Krylov
                          subspace; else NaN. Above 1 / sqrt(eps) a small residual means little */
  double moved; /* how far at most the k eigenvalues moved when A was changed by its rounding
                   errors: measured by method dense where worst_condition gave cause, else NaN. An
                   answer that moves by more than eps^(1/4) ||A|| is not called complete; nor is one
                   of method krylov-schur with a worst_condition above eps^(-3/4) */
  speig_resumed resumed; /* as in eigsh.h */
  int32_t checkpoints;
  char checkpoint_failure[256];
} speig_eigs_result;

/* Computes opts->k eigenvalues with vectors.
 * A: any square matrix or product. B: the same, or NULL for the identity; it may be singular, which
 * makes some eigenvalues infinite: these are left out. *result is set on SPEIG_OK only; not
 * converging is SPEIG_OK with outcome PARTIAL or FAILED, and keeps every pair found.
 * Eigenvalues are counted with their algebraic multiplicity: of a defective one the same vector
 * comes several times.
 * Errors: ARG, UNSUPPORTED (an option the method cannot honour), MEMORY, NUMERIC (NaN or Inf in A,
 * B, guess or from a callback), CALLBACK, DEVICE.
 * Re-entrant: several solves may run at once on shared A.                                       */
SPEIG_API speig_status speig_eigs(const speig_operator *A, const speig_operator *B,
                                  const speig_eigs_opts *opts, speig_eigs_result **result);
SPEIG_API void speig_eigs_result_free(speig_eigs_result **result);

/* What would be done and why: filled by the same code that decides in speig_eigs. */
typedef struct speig_eigs_plan {
  speig_method method;
  speig_device device;
  int64_t n;
  int32_t k, ncv;
  double tol;
  int64_t max_matvecs;
  size_t memory_bytes; /* predicted peak of the solve */
  double flops_per_step; /* model: one product and one orthogonalisation step */
  char why[512]; /* one or two sentences */
  speig_transform transform;
} speig_eigs_plan;
SPEIG_API speig_status speig_eigs_make_plan(const speig_operator *A, const speig_operator *B,
                                            const speig_eigs_opts *opts, speig_eigs_plan *plan);

/* "LM" ... "SI" */
SPEIG_API const char *speig_eigs_which_name(speig_eigs_which which);

#ifdef __cplusplus
}
#endif
#endif
