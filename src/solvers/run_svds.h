/* run_svds.h: one call of speig_svds, shared by the files that plan, run and finish it.
 *
 * Solved is P v = sigma u with P = A, or P = A^H when A is wide: P never has fewer rows than
 * columns. What a run calls left and right belongs to P; result_svds.c puts it back.            */
#ifndef SPEIG_SRC_SOLVERS_RUN_SVDS_H
#define SPEIG_SRC_SOLVERS_RUN_SVDS_H

#include "solvers/checkpoint.h"
#include "solvers/problem.h"
#include "solvers/telemetry.h"
#include "speig/svds.h"

typedef struct svds_run {
  const speig_operator *A; /* the caller's */
  speig_svds_opts opts; /* complete copy: fields a caller compiled earlier lacks have defaults */
  speig_svds_plan plan;
  int turned; /* P = A^H */
  int64_t longer, shorter; /* rows and columns of P */
  speig_context *ctx; /* held */
  backend *be; /* of ctx */
  int vectors_there; /* the result's vectors stay in the context's memory */
  double scale; /* a power of two; P is scale A or its adjoint */
  double norm_floor; /* a lower bound of ||P|| */
  bound_operator *bound_a, *bound_adjoint; /* scale A and its adjoint */
  multivec guess; /* right vectors of P */
  eig_problem problem; /* of P; which is LA or SA */
  eig_pairs pairs; /* the answer so far, best first */
  int complete; /* 1: known complete, see proof; 0: not known; -1: known to miss something */
  speig_outcome proof; /* CERTIFIED or VALIDATED when complete */
  speig_method method; /* that produced the triplets */
  int64_t iterations;
  int inverted; /* values that are reported are 1 / sigma */
  int64_t solves;
  int32_t factorizations;
  double *shown_values, *shown_residuals; /* [k] the progress record in the caller's units */
  int stopped; /* what the caller's progress callback returned, once not 0 */
  telemetry telemetry; /* for that record */
  struct checkpoint *checkpoint; /* NULL: none */
  double seconds_setup, seconds_solve, seconds_certify;
} svds_run;

/* Completes and checks the caller's options. Errors: ARG. */
speig_status svds_plan_options(const speig_svds_opts *given, speig_svds_opts *opts);
/* Whether the result's vectors stay in device memory. */
int svds_plan_leaves_vectors(const speig_svds_opts *opts);
/* Chooses method, basis, limits, and predicts memory. Errors: ARG, UNSUPPORTED, MEMORY. */
speig_status svds_plan_make(const speig_operator *A, const speig_svds_opts *opts,
                            speig_svds_plan *plan);
/* Seconds that LAPACK would take, by a rough model; Inf when it does not fit or takes too long. */
double svds_plan_dense_seconds(const speig_operator *A, const speig_svds_opts *opts);
/* Seconds of one step of Golub-Kahan. */
double svds_plan_step_seconds(const speig_operator *A, int32_t ncv);

/* Opens the backend, binds A and its adjoint (entries checked: finite), sets run->problem.
 * Errors: ARG, NUMERIC, MEMORY, DEVICE, UNSUPPORTED. */
speig_status svds_prepare(svds_run *run);
void svds_close(svds_run *run);

/* Solves as planned, validates, falls back: run->pairs, complete, proof, method, iterations. */
speig_status svds_solve(svds_run *run);

/* Whether the caller's limits or his word ended the run. */
int svds_was_limited(const svds_run *run);

/* The smallest values by way of a factorization, where that is possible, or by products where these
 * are done before the factors. *held: the triplets are
 * there and hold; otherwise another way is to be gone. Errors: those of the solver. */
speig_status svds_solve_smallest(svds_run *run, int *held);

/* All singular values by LAPACK, of which the best are taken. *stop when a limit was met while the
 * operator was expanded: there are no pairs then. Errors: ARG (too large to be expanded), those of
 * svd_decompose. */
speig_status dense_svds_solve(const eig_problem *problem, eig_pairs *pairs, int *stop);

/* A result with room for count triplets and rest further ones. */
speig_status svds_result_alloc(const svds_run *run, int32_t count, int32_t rest,
                               speig_svds_result **out);
/* Recomputes residuals, downloads and packs the result. */
speig_status svds_result_make(svds_run *run, speig_svds_result **out);

#endif
