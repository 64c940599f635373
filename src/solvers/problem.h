/* problem.h: what strategy.c hands to a solver, and what comes back. A solver is one file with one
 * entry; it knows blocks, bound operators and small matrices, and neither types nor devices. */
#ifndef SPEIG_SRC_SOLVERS_PROBLEM_H
#define SPEIG_SRC_SOLVERS_PROBLEM_H

#include "backend/operator.h"
#include "solvers/filter.h"
#include "speig/eigsh.h"

/* What `which` speaks of: theta itself, or with a shift the transformed value offset + slope /
 * (theta - sigma): 1 / (theta - sigma) for shift-invert, an affine function of it for the others.
 */
typedef struct eig_map {
  int shifted;
  double sigma, offset, slope;
  double noise; /* an eigenvalue so near sigma counts as equal to it, and as not below */
} eig_map;

/* Columns of a basis of m that are used before the next restart: easy problems converge within a
 * few restarts of a short one, whose vectors cost half as much to keep orthogonal, and hard ones
 * lose little by that. first 0: all of m. */
int32_t eig_basis_room(int32_t first, int32_t m, int64_t restarts);

/* What a running solve tells its caller, and what stops it. */
typedef struct eig_watch {
  const char *phase; /* "solve", "validate": for the progress record */
  double started, deadline; /* clock_seconds(); deadline 0: none */
  int64_t max_matvecs;
  double tol;
  speig_progress_fn progress; /* may be NULL */
  void *progress_user;
} eig_watch;

/* Completes the record by phase, tol and time, hands it to the caller, and looks at the clock and
 * at the products in the record: *stop is set, with the reason, when the solver is to leave. */
void eig_watch_look(const eig_watch *watch, speig_progress *record, int *stop,
                    speig_reason *reason);

/* A x = theta B x with everything bound to one backend. Read-only for the solver, except the
 * counters of the operators.
 *
 * With `adjoint`, singular values of A, which has no fewer rows than columns: A v = theta u and
 * A^H u = theta v. Blocks of length n then hold right vectors v, those called left hold left ones.
 * `which` is LA or SA.                                                                          */
typedef struct eig_problem {
  backend *be;
  int64_t n;
  bound_operator *A;
  bound_operator *B; /* NULL: identity */
  bound_operator *adjoint; /* A^H: singular values are wanted; else NULL */
  bound_operator *precond; /* NULL: none */
  int32_t k; /* pairs wanted; 1 <= k <= n - constraints.p */
  speig_which which;
  eig_map map;
  double norm_floor; /* a lower bound of ||A||, known before any product; may be 0 */
  double tol; /* relative: ||r|| <= tol (norm_a + |theta| norm_b) */
  int32_t ncv; /* columns of the Lanczos basis, decided by the plan */
  int32_t ncv_first; /* of these, used at first, see eig_basis_room; 0: all */
  int32_t block; /* columns of the LOBPCG block; 0: chosen by the solver */
  int64_t max_matvecs; /* columns multiplied by A and A^H, see eig_products */
  double deadline; /* clock_seconds() at which to stop; 0: none */
  uint64_t seed;
  multivec constraints; /* n x y, orthonormal (B-orthonormal); p == 0: none. The pairs are sought in
                           their (B-)orthogonal complement */
  multivec constraints_b; /* B constraints; the same view without B */
  multivec constraints_left; /* singular values: left vectors beside the constraints, else empty */
  multivec guess; /* n x g start vectors; p == 0: none */
  multivec support; /* n x 1 ones and zeros: random vectors of Lanczos are kept to rows that hold
                       support_rows ones, which A maps into themselves; no data: everywhere */
  int64_t support_rows;
  /* A probe for missed pairs: values of pairs that sit among the constraints. The solver then looks
   * for pairs that belong to the best k of these and its own, and is done when none can be left.
   * known_count == 0: an ordinary solve.                                                        */
  const double *known;
  int32_t known_count;
  double known_residual; /* the largest residual among them */
  int may_filter; /* the constraints are eigenvectors or absent, and products with A are cheap */
  double span_low, span_high; /* values among the constraints, which a filter must cover too; low >
                                 high: none */
  filter filter; /* of an earlier run on the same spectrum; degree 0: none */
  const char *phase; /* "solve", "validate": for the progress record */
  double started; /* clock_seconds() at the start */
  speig_progress_fn progress;
  void *progress_user;
  struct checkpoint *checkpoint; /* NULL: none, see checkpoint.h */
  const int32_t *order; /* row i is row order[i] of a problem with `whole` rows, as which blocks */
  int64_t whole; /* are kept on file; NULL: as they are */
} eig_problem;

/* Pairs found, best first in the order of `which`. The first `converged` of `count` meet tol by the
 * solver's own estimate; the rest are approximations worth keeping.                             */
typedef struct eig_pairs {
  int32_t capacity, count, converged;
  double *theta; /* [capacity] */
  double *residual; /* [capacity] absolute residual norms, estimated or computed */
  multivec X; /* n x capacity, the first count columns (B-)orthonormal */
  multivec left; /* left singular vectors beside X; p == 0 where eigenvalues are wanted */
  double norm_a,
      norm_b; /* estimates of the norms: largest |theta| seen and the like; norm_b 1 without B */
  int64_t iterations; /* restarts or iterations */
  speig_reason reason;
  int32_t infinite; /* eigenvalues that a direct solver found to be; 0 where nobody counted */
  int precond_dropped; /* the preconditioner was not positive and was left out from then on */
  filter filter; /* that the run ended with */
  double lowest, highest; /* extreme Ritz values of A seen; both 0 when the solver does not know */
} eig_pairs;

speig_status eig_pairs_alloc(backend *be, int64_t n, int32_t capacity, eig_pairs *pairs);
/* The same with room for left vectors where the problem has them. */
speig_status eig_pairs_alloc_for(const eig_problem *problem, int32_t capacity, eig_pairs *pairs);
void eig_pairs_free(eig_pairs *pairs);

/* Columns multiplied so far, of which max_matvecs are allowed. */
int64_t eig_products(const eig_problem *problem);

/* Calls the user's progress function, if any, and looks at the clock and the count of products:
 * *stop is set, with the reason, when the solver is to leave with what it has. values and
 * residuals: [wanted] in the problem's units. */
void eig_report(const eig_problem *problem, const char *method, int64_t iteration,
                int32_t converged, const double *values, const double *residuals, double norm_a,
                int *stop, speig_reason *reason);

/* Indices of theta[count] (any order) ranked as `which` asks, best first: rank[count]. BE takes
 * turns, the high end first. */
void eig_rank(speig_which which, int32_t count, const double *theta, int32_t *rank);

/* The value that `which` speaks of. */
double eig_mapped(const eig_map *map, double theta);
/* The same as eig_rank, with `which` applied to the mapped values. Errors: MEMORY. */
speig_status eig_rank_mapped(speig_which which, const eig_map *map, int32_t count,
                             const double *theta, int32_t *rank);

/* The residual norm up to which a pair is accepted: tol (norm_a + |theta| norm_b), as for ||x||_B
 * = 1. With B, length = ||x||_2 may be far from 1, and rounding alone leaves eps times the product
 * with it: no less than 100 of that is asked, however small tol is. */
double eig_limit(const eig_problem *problem, double norm_a, double norm_b, double theta,
                 double length);

/* Moves the pairs that meet tol, judged by their residuals and the norms in pairs, to the front,
 * each group keeping its order, and sets converged. */
speig_status eig_pairs_settle(const eig_problem *problem, eig_pairs *pairs);

/* For a direct solver, whose first count values and vectors are final: computes their residuals
 * from A, settles them, and sets count and reason. */
speig_status eig_pairs_judge(const eig_problem *problem, int32_t count, eig_pairs *pairs);

/* Looks for pairs that a converged set misses by runs of a solver (with LOBPCG one that knows no
 * known values) in its complement, and takes them in, until a probe finds none: *complete is 1
 * then; 0 when a limit stopped it before it could tell; -1 when it was stopped with a better pair
 * in sight but not converged: the worse ones are dropped. end: the problem as it was solved;
 * max_matvecs: in all, the products of the solve included. */
typedef speig_status eig_solver(const eig_problem *problem, eig_pairs *pairs);
speig_status validate_by(eig_solver *solver, int64_t max_matvecs, const eig_problem *end,
                         eig_pairs *pairs, int *complete);

/* Cleans converged pairs of the rounding errors that many restarts gathered. X: n x p, orthonormal
 * Ritz vectors with values theta, overwritten by a better orthonormal basis of their span; work:
 * two more blocks of that size. Standard problems only. Singular values: of right vectors; theta
 * and norm_a are those of A^H A, the squares. */
speig_status polish_pairs(const eig_problem *problem, double norm_a, const double *theta,
                          multivec *X, multivec work[2]);

/* The solvers. Each fills pairs (allocated by the caller with capacity >= problem->k) and returns
 * an error only for what is not a result: memory, callbacks, NaN. */
speig_status lanczos_solve(const eig_problem *problem, eig_pairs *pairs);
/* Singular values: pairs from eig_pairs_alloc_for. */
speig_status golub_kahan_solve(const eig_problem *problem, eig_pairs *pairs);
/* which: SA or LA. */
speig_status lobpcg_solve(const eig_problem *problem, eig_pairs *pairs);
/* Any which. All eigenvalues are computed and ranked, so the pairs are complete unless a limit
 * stopped it, which leaves none, or fewer are finite. Errors also: ARG (order above
 * DENSE_MAX_ORDER, a callback that is not Hermitian), NUMERIC (B not positive semidefinite). */
enum { DENSE_MAX_ORDER = 30000 };
speig_status dense_solve(const eig_problem *problem, eig_pairs *pairs);
/* The same for a matrix without B and constraints, one connected component after the other. Of any
 * order, but each component becomes a dense matrix. */
speig_status components_solve(const eig_problem *problem, eig_pairs *pairs);
/* The best of the eigenpairs of its components of at most `limit` rows, as many as there are up to
 * k. */
speig_status components_solve_small(const eig_problem *problem, int32_t limit, eig_pairs *pairs);
/* All pairs with LAPACK's values between low and high, both included. Errors as dense_solve. */
typedef struct dense_range {
  double *theta; /* [finite] all eigenvalues, ascending; the infinite ones are left out */
  int32_t finite, below, inside; /* how many in all, below low, and between */
  eig_pairs pairs; /* with `vectors`: those inside, of no more capacity than that */
  int stopped; /* by a limit, see pairs.reason: nothing is known */
} dense_range;
speig_status dense_between(const eig_problem *problem, double low, double high, int vectors,
                           dense_range *out);
void dense_range_free(dense_range *range);

/* Dimension of the space in which vectors are sought. */
static inline int64_t eig_room(const eig_problem *problem)
{
  return problem->support.data ? problem->support_rows : problem->n;
}

#endif
