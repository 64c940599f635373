/* run_eigs.h: one call of speig_eigs, shared by the files that plan, run and finish it. */
#ifndef SPEIG_SRC_SOLVERS_RUN_EIGS_H
#define SPEIG_SRC_SOLVERS_RUN_EIGS_H

#include "solvers/checkpoint.h"
#include "solvers/invert_eigs.h"
#include "solvers/telemetry.h"

/* op = the caller's A, bound. */
typedef struct plain_operator {
  general_operator base;
  bound_operator *A;
} plain_operator;

/* The operators that residuals are made of: A and B, or their adjoints. */
typedef struct eigs_side {
  bound_operator *A, *B; /* B may be NULL */
} eigs_side;

typedef struct eigs_run {
  const speig_operator *A, *B; /* the caller's, or of their complex form; B may be NULL */
  speig_matrix *complex_a, *complex_b; /* that form, owned */
  speig_operator *complex_op_a, *complex_op_b;
  speig_eigs_opts opts; /* complete copy: fields a caller compiled earlier lacks have defaults */
  speig_eigs_plan plan;
  speig_context *ctx; /* held */
  backend *be; /* of ctx, for the type of A */
  double scale_a, scale_b; /* powers of two; solved is (scale_a A) x = lambda' (scale_b B) x */
  double norm_a, norm_b; /* lower bounds of the scaled norms, raised by what the run sees */
  bound_operator *bound_a, *bound_b, *bound_adjoint, *bound_adjoint_b;
  speig_matrix *adjoint,
      *adjoint_b; /* of A and B where they are matrices; owned, made when needed */
  speig_operator *adjoint_op, *adjoint_op_b; /* around them */
  plain_operator plain;
  bound_operator *bound_inverse;
  eigs_invert invert; /* with a transformation */
  general_map map; /* in the solver's units */
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
  int moved; /* the shift, away from eigenvalues that it was too near to */
  int64_t iterations;
  double *shown; /* [3 (k + 1)] the progress record in the caller's units */
  int stopped; /* what the caller's progress callback returned, once not 0 */
  telemetry telemetry; /* for that record */
  struct checkpoint *checkpoint; /* NULL: none */
  double seconds_setup, seconds_solve, seconds_certify;
} eigs_run;

/* Completes and checks the caller's options. Errors: ARG. */
speig_status eigs_plan_options(const speig_eigs_opts *given, speig_eigs_opts *opts);
/* Chooses method, basis, limits, and predicts memory. Errors: ARG, UNSUPPORTED, MEMORY. */
speig_status eigs_plan_make(const speig_operator *A, const speig_operator *B,
                            const speig_eigs_opts *opts, speig_eigs_plan *plan);
/* The real problem becomes complex, where a complex shift is to be used as a whole.
 * Errors: UNSUPPORTED (A or B is no matrix), MEMORY. */
speig_status eigs_widen(eigs_run *run);
/* 1 or 2 when the real or imaginary part of a complex inverse is iterated with, else 0. */
int eigs_plan_part(const speig_operator *A, const speig_eigs_opts *opts);
/* Whether LAPACK is affordable where iterating does not get there. */
int eigs_plan_dense_fits(const speig_operator *A, const speig_operator *B,
                         const speig_eigs_opts *opts);

/* Shapes and types of what the caller gave beside the options. Errors: ARG. */
speig_status eigs_check(eigs_run *run);
/* Opens the backend, binds the operators (entries checked: finite), sets run->problem.
 * Errors: ARG, NUMERIC, MEMORY, DEVICE. */
speig_status eigs_prepare(eigs_run *run);
void eigs_close(eigs_run *run);
/* Factors anew with the shift moved by -step. Errors: those of the factorization. */
speig_status eigs_move_shift(eigs_run *run, double step);
/* Binds A^H and B^H, scaled as A and B are. Errors: MEMORY, DEVICE. */
speig_status eigs_bind_adjoint(eigs_run *run);

/* Solves as planned, probes, falls back: run->pairs and what belongs to them. */
speig_status eigs_solve(eigs_run *run);

/* Eigenpairs of the problem from an invariant subspace of the operator that was iterated with; map:
 * how it was transformed. X has basis->count columns. */
speig_status eigs_extract(const general_problem *problem, const general_map *map,
                          const eigs_side *side, const general_basis *basis, multivec *X,
                          eigenvalue *lambda);

/* Once more through the transformation, and Rayleigh-Ritz with A and B on what comes out: where mu
 * differs by orders of magnitude among the pairs, as next to a singular A - s B, or is that of a
 * part, rounding errors of the largest stand in all vectors. They lie within the span, mostly, and
 * the projection takes them out, in the spirit of Ericsson and Ruhe (1980). Nothing is done where
 * the vectors are dependent. */
speig_status eigs_purify(const general_problem *problem, const general_map *map,
                         const eigs_side *side, multivec *X, eigenvalue *lambda);

/* Left vectors of the pairs by a run on A^H: run->pairs.Y; zero columns where none was found. */
speig_status eigs_solve_left(eigs_run *run);

/* Recomputes residuals, downloads and packs the result. */
speig_status eigs_result_make(eigs_run *run, speig_eigs_result **out);

#endif
