/* run.h: one call of speig_eigsh, shared by the files that plan, run, validate and finish it. */
#ifndef SPEIG_SRC_SOLVERS_RUN_H
#define SPEIG_SRC_SOLVERS_RUN_H

#include "solvers/checkpoint.h"
#include "solvers/problem.h"
#include "solvers/telemetry.h"

/* The problem of Lanczos in another order of its unknowns, see rearrange.h. */
typedef struct rearrangement {
  int tried, on;
  int64_t n, count; /* of the matrix; of the rows that stay */
  int32_t *order; /* [count] */
  speig_operator op;
  bound_operator A;
  multivec guess;
} rearrangement;

typedef struct eigsh_run {
  const speig_operator *A, *B; /* the caller's; B may be NULL */
  speig_eigsh_opts opts; /* complete copy: fields a caller compiled earlier lacks have defaults */
  speig_eigsh_plan plan;
  int vectors_there; /* the result's vectors stay in the backend's memory */
  speig_context *ctx; /* the caller's or one of its own; held */
  backend *be; /* of ctx */
  double scale_a,
      scale_b; /* powers of two; the problem solved is (scale_a A) x = theta' (scale_b B) x */
  double norm_floor; /* a lower bound of ||scale_a A|| */
  double norm_b_floor; /* the same of scale_b B; 1 without B */
  bound_operator *bound_a, *bound_b, *bound_precond, *bound_inverse;
  double inverse_scale; /* the caller's inverse times this is that of the problem solved */
  int swapped; /* buckling: A and B above are the caller's B and A, and eigenvalues the inverses of
                  his: A x = lambda B x as B x = (1 / lambda) A x */
  multivec constraints, constraints_b, guess;
  int32_t fragment_rows; /* of the largest one that LAPACK solves apart, see fragments.c; 0: none */
  int32_t *large_rows; /* [problem.support_rows] those of the others, ascending; NULL: all */
  rearrangement rearranged;
  multivec products; /* A X of the pairs, when a guess was accepted as it is; else empty */
  eig_problem problem;
  eig_pairs pairs; /* the answer so far, best first */
  int32_t reach; /* of the pairs wanted, those on the side of the shift that was looked at */
  int side; /* 1, -1: all eigenvalues lie above, below the shift; 0: on both sides, or not known */
  int singular_mass; /* B turned out to be singular */
  int32_t infinite; /* eigenvalues known to be, which are left out */
  int complete; /* 1: known complete, see proof; 0: not known; -1: known to miss something */
  speig_outcome proof; /* CERTIFIED or VALIDATED when complete */
  speig_method method; /* that produced the pairs */
  int64_t iterations;
  double *shown_values, *shown_residuals; /* [k] the progress record in the caller's units */
  int stopped; /* what the caller's progress callback returned, once not 0 */
  telemetry telemetry; /* for that record */
  struct checkpoint *checkpoint; /* NULL: none */
  uint32_t deflation; /* checksum of the vectors deflated, for it */
  double seconds_setup, seconds_solve, seconds_certify;
  speig_transform transform; /* that produced the pairs */
  double shift; /* in use, in the units of the problem solved */
  int64_t solves;
  int32_t factorizations;
  double interval[2], proven[2]; /* as in the result */
  double estimate, estimate_error; /* as in the result */
  int unknown; /* of an interval: stopped before it was known how many are wanted */
} eigsh_run;

/* Completes and checks the caller's options. Errors: ARG. */
speig_status plan_options(const speig_eigsh_opts *given, speig_eigsh_opts *opts);
/* Chooses method, basis, limits, and predicts memory. Errors: ARG, UNSUPPORTED, MEMORY. */
speig_status plan_make(const speig_operator *A, const speig_operator *B,
                       const speig_eigsh_opts *opts, speig_eigsh_plan *plan);
/* The options that belong to a shift. Errors: ARG. */
speig_status plan_check_shift(const speig_eigsh_opts *o, const speig_operator *B);
/* What `which` applies to, for sigma in the units and the order (see swapped) of the solve. */
eig_map plan_map(const speig_eigsh_opts *o, double sigma);
/* Whether a transformation is the way: sets plan->transform and *why, or leaves it at NONE. Errors:
 * UNSUPPORTED: a shift without a factorization where LAPACK does not do. */
speig_status plan_transform(const speig_operator *A, const speig_operator *B,
                            const speig_eigsh_opts *o, speig_eigsh_plan *plan, const char **why);
int32_t plan_transform_basis(const speig_eigsh_opts *o, int64_t n, int32_t k);
double plan_transform_bytes(const speig_operator *A, const speig_operator *B, int32_t k,
                            int32_t ncv, int64_t y);
/* Analyses, and adds to the plan what a factorization takes. Errors: MEMORY, NUMERIC. */
speig_status plan_weigh_factor(const speig_operator *A, const speig_operator *B,
                               const speig_eigsh_opts *o, speig_eigsh_plan *plan);
/* The smallest eigenvalues of a matrix that products do not bring within a few restarts: they are
 * likely to be clustered against the norm, where shift-invert is far cheaper if the factors are. */
enum { PLAN_PATIENT_CYCLES = 20 };
int plan_may_turn_to_shift(const speig_operator *A, const speig_operator *B,
                           const speig_eigsh_opts *o, const speig_eigsh_plan *plan);
/* Both in operations. */
int plan_turn_is_worth(double needed, double spent);
/* Adds to the memory of a plan what that takes, where it may come to it. */
void plan_weigh_turn(const speig_operator *A, const speig_operator *B, const speig_eigsh_opts *o,
                     speig_eigsh_plan *plan);
/* Orders up to which LAPACK is at once faster and certain; when every column costs a call. */
enum { PLAN_DENSE_ALWAYS = 1200, PLAN_DENSE_ALWAYS_CALLBACK = 300 };
/* Where it runs and why, once the method is chosen. Errors: ARG, DEVICE, MEMORY. */
speig_status plan_device(const speig_operator *A, const speig_operator *B,
                         const speig_eigsh_opts *opts, speig_eigsh_plan *plan);
/* Where a count runs: beside the factorizations, unless asked for elsewhere. */
speig_device plan_device_of_count(speig_device asked);
/* Seconds that the dense solver would take, by a rough model; Inf when it does not fit. */
double plan_dense_seconds(const speig_operator *A, const speig_operator *B,
                          const speig_eigsh_opts *opts);
double plan_lanczos_step_seconds(const speig_operator *A, int32_t ncv);
/* A product with A moves less than half the bytes of one orthogonalisation. */
int plan_products_are_cheap(const speig_operator *A, int32_t ncv);

/* An interval that means something: low <= high, not NaN, not one infinite point. Errors: ARG. */
speig_status run_check_interval(double low, double high);
/* Shapes and types of what the caller gave beside the options. Errors: ARG. */
speig_status run_check(eigsh_run *run);
/* Opens the backend, binds the operators (entries checked: finite, Hermitian), makes the
 * constraints orthonormal, sets run->problem. Errors: ARG, NUMERIC, MEMORY, DEVICE. */
speig_status run_prepare(eigsh_run *run);
void run_close(eigsh_run *run);
/* The caller's guesses: *enough when the best k satisfy tol, which are run->pairs then; else
 * run->guess holds their Ritz vectors and a random one. */
speig_status guess_try(eigsh_run *run, int *enough);

/* Solves as planned, validates, falls back: run->pairs, complete, proof, method, iterations. */
speig_status strategy_solve(eigsh_run *run);

/* By LAPACK: the answer, proven complete; infinite eigenvalues are no longer wanted. */
speig_status dense_run(eigsh_run *run);
/* The same after a transformation that fell short, whose answer stays where LAPACK finds less. */
speig_status dense_instead(eigsh_run *run);

/* Small components of A are left to LAPACK where there are such beside large ones. part: sets the
 * support of the problem. solve: the best of their pairs, to be freed also after a failure;
 * *complete: these alone are the answer, as no eigenvalue lies beyond the discs of Gershgorin.
 * join: the best of them and of those of Lanczos, which are all that were wanted or count as far as
 * they go. Without such components nothing happens. */
speig_status fragments_part(eigsh_run *run);
speig_status fragments_solve(const eigsh_run *run, const eig_problem *end, eig_pairs *small_ones,
                             int *complete);
speig_status fragments_join(const eigsh_run *run, const eig_problem *end, eig_pairs *small_ones,
                            eig_pairs *pairs);
/* Vectors of pairs that are zero are those of small_ones with the same value, which both hold in
 * the same order. */
speig_status fragments_restore(const eig_pairs *small_ones, eig_pairs *pairs);

/* By a transformation, in as many solves as the answer has parts; *unsuitable: nothing came of it.
 */
speig_status sides_solve(eigsh_run *run, speig_transform transform, int *unsuitable);

/* Looks for pairs that the converged set run->pairs misses, as validate_by, with the solver that
 * suits the run. */
speig_status validate_pairs(eigsh_run *run, const eig_problem *end, eig_pairs *pairs,
                            int *complete);

/* Y: the constraints of the problem, then the converged pairs; Y_b: B Y, or the same view without
 * B. The caller frees both. */
speig_status validate_constraints(const eig_problem *end, const eig_pairs *pairs, multivec *Y,
                                  multivec *Y_b);

/* pairs = the best k of both, by `which`, converged ones only. */
speig_status pairs_merge(const eig_problem *problem, int32_t k, eig_pairs *pairs,
                         const eig_pairs *more);

/* Recomputes residuals, orders, downloads and packs the result. */
speig_status result_make(eigsh_run *run, speig_eigsh_result **out);

#endif
