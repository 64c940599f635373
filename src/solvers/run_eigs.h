/* run_eigs.h: one call of speig_eigs, shared by the files that plan, run and finish it. */
#ifndef SPEIG_SRC_SOLVERS_RUN_EIGS_H
#define SPEIG_SRC_SOLVERS_RUN_EIGS_H

#include "solvers/general.h"

/* op = the caller's A, bound. */
typedef struct plain_operator {
  general_operator base;
  bound_operator *A;
} plain_operator;

typedef struct eigs_run {
  const speig_operator *A, *B; /* the caller's; B may be NULL */
  speig_eigs_opts opts; /* complete copy: fields a caller compiled earlier lacks have defaults */
  speig_eigs_plan plan;
  backend *be;
  double scale_a, scale_b; /* powers of two; solved is (scale_a A) x = lambda' (scale_b B) x */
  double norm_a, norm_b; /* lower bounds of the scaled norms, raised by what the run sees */
  bound_operator *bound_a, *bound_b, *bound_adjoint, *bound_adjoint_b;
  speig_matrix *adjoint,
      *adjoint_b; /* of A and B where they are matrices; owned, made when needed */
  speig_operator *adjoint_op, *adjoint_op_b; /* around them */
  plain_operator plain;
  multivec guess;
  general_problem problem;
  general_pairs pairs; /* the answer, best first */
  int32_t wanted, infinite;
  eigenvalue *rest; /* [k + 1] approximations that did not converge */
  double *rest_residual;
  int32_t rest_count;
  int complete; /* 1: see proof; 0: not known */
  speig_outcome proof; /* CERTIFIED or VALIDATED when complete */
  speig_method method; /* that produced the pairs */
  speig_reason reason;
  int balanced;
  int64_t iterations;
  double *shown; /* [3 (k + 1)] the progress record in the caller's units */
  double seconds_setup, seconds_solve, seconds_certify;
} eigs_run;

/* Completes and checks the caller's options. Errors: ARG. */
speig_status eigs_plan_options(const speig_eigs_opts *given, speig_eigs_opts *opts);
/* Chooses method, basis, limits, and predicts memory. Errors: ARG, UNSUPPORTED, MEMORY. */
speig_status eigs_plan_make(const speig_operator *A, const speig_operator *B,
                            const speig_eigs_opts *opts, speig_eigs_plan *plan);
/* Whether LAPACK is affordable where iterating does not get there. */
int eigs_plan_dense_fits(const speig_operator *A, const speig_operator *B,
                         const speig_eigs_opts *opts);

/* Shapes and types of what the caller gave beside the options. Errors: ARG. */
speig_status eigs_check(eigs_run *run);
/* Opens the backend, binds the operators (entries checked: finite), sets run->problem.
 * Errors: ARG, NUMERIC, MEMORY, DEVICE. */
speig_status eigs_prepare(eigs_run *run);
void eigs_close(eigs_run *run);
/* Binds A^H and B^H, scaled as A and B are. Errors: MEMORY, DEVICE. */
speig_status eigs_bind_adjoint(eigs_run *run);

/* Solves as planned, probes, falls back: run->pairs and what belongs to them. */
speig_status eigs_solve(eigs_run *run);

/* Left vectors of the pairs by a run on A^H: run->pairs.Y; zero columns where none was found. */
speig_status eigs_solve_left(eigs_run *run);

/* Recomputes residuals, downloads and packs the result. */
speig_status eigs_result_make(eigs_run *run, speig_eigs_result **out);

#endif
