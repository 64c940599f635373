/* general.h: what strategy_eigs.c hands to the solvers of general problems, and what comes back.
 *
 * Eigenvectors of real matrices are packed: a real column, or two columns u, v for the pair u +- iv
 * (dense/schur.h). So A X = X D holds with a real block diagonal D, and real problems stay real. */
#ifndef SPEIG_SRC_SOLVERS_GENERAL_H
#define SPEIG_SRC_SOLVERS_GENERAL_H

#include "dense/schur.h"
#include "solvers/problem.h"
#include "speig/eigs.h"

/* Y = op X for the operator whose eigenvalues are sought: A itself or a transformation of it. */
typedef struct general_operator general_operator;
struct general_operator {
  speig_status (*apply)(general_operator *op, const multivec *X, multivec *Y);
};

typedef struct general_problem {
  backend *be;
  int64_t n;
  general_operator *op;
  int64_t *counted; /* the products that count towards max_matvecs */
  int32_t k; /* eigenvalues wanted, 1 <= k <= n; one more rather than half of a pair */
  speig_eigs_which which;
  double norm_floor; /* a lower bound of ||op||, known before any product; may be 0 */
  double
      tol; /* ||op x - theta x|| <= tol (norm + |theta|), or, when relative, tol (size + |theta|) */
  int relative;
  double size;
  int32_t ncv; /* columns of the Krylov basis */
  int32_t ncv_first; /* of these, used at first, see eig_basis_room; 0: all */
  int32_t look; /* columns after which to look whether that is enough; 0: when the basis is full */
  int probe; /* not 0: look for missed values in the complement of the answer */
  int probe_to_end; /* not 0: however long that takes */
  multivec guess; /* n x g start vectors; p == 0: none */
  uint64_t seed;
  eig_watch watch;
  struct checkpoint *checkpoint; /* NULL: none, see checkpoint.h */
  int64_t *counters[4]; /* what else is counted, for it; may be NULL */
} general_problem;

/* An orthonormal basis Q of an invariant subspace, op Q = Q T, the best eigenvalues first. */
typedef struct general_basis {
  int32_t capacity; /* k + 1 */
  int32_t wanted; /* k, or k + 1 so as not to split a pair */
  int32_t count; /* columns found: all converged */
  multivec Q; /* n x capacity */
  eigenvalue *theta; /* [capacity] of the count found, then of the unconverged */
  double *residual; /* [capacity] estimates */
  int32_t unconverged; /* approximations behind the first count */
  double norm; /* largest ||op q|| seen, ||q|| = 1 */
  double condition; /* the largest condition number of those found, seen from the subspace; NaN:
                       none was found */
  int64_t iterations;
  speig_reason reason;
  int complete; /* 1: a probe found none missing; 0: not known */
  double seconds_probe;
} general_basis;

speig_status general_basis_alloc(const general_problem *problem, general_basis *basis);
void general_basis_free(general_basis *basis);

/* Packed eigenvectors, best first. */
typedef struct general_pairs {
  int32_t capacity;
  int32_t count;
  multivec X; /* n x capacity */
  multivec Y; /* left vectors, the same shape; p == 0 when not wanted */
  eigenvalue *lambda; /* [capacity] */
  double condition; /* the largest condition number as far as known; NaN: not known */
  double moved; /* how far rounding errors move the values, measured; NaN: not measured */
} general_pairs;

speig_status general_pairs_alloc(backend *be, int64_t n, int32_t capacity, int left,
                                 general_pairs *pairs);
void general_pairs_free(general_pairs *pairs);

/* How wanted a value is: larger is better. |key(a) - key(b)| <= |a - b|. */
double general_key(speig_eigs_which which, int is_complex, eigenvalue theta);
/* Indices of theta[count] best first, neighbours of a pair staying neighbours; values that are not
 * finite come last. Errors: MEMORY. */
speig_status general_rank(speig_eigs_which which, int is_complex, int32_t count,
                          const eigenvalue *theta, int32_t *rank);
/* k, or one more when the cut behind the first k of rank would split a pair. */
int32_t general_wanted(int is_complex, int32_t k, const eigenvalue *theta, const int32_t *rank);

/* Tells the user's progress function of wanted values and looks at the limits. shown: real parts,
 * imaginary parts, residuals, k + 1 of each. */
void general_report(const general_problem *problem, const char *method, const char *phase,
                    int64_t iteration, int32_t wanted, int32_t converged, const double *shown,
                    double norm, int *stop, speig_reason *reason);

/* Residual norms of packed pairs, A X - B X D with D of lambda: AX is overwritten by it. BX may be
 * X. residual[count]; both members of a pair get the same, for vectors of length 1. */
speig_status general_residuals(multivec *AX, const multivec *BX, const eigenvalue *lambda,
                               double *residual);
/* From a basis to packed eigenvectors, best first, by Rayleigh-Ritz with the operator: X has
 * basis->count columns, lambda as many entries. */
speig_status general_rayleigh_ritz(const general_problem *problem, const general_basis *basis,
                                   multivec *X, eigenvalue *lambda);
/* The conjugates of packed vectors of a real problem; nothing is done to those of a complex one. */
speig_status general_flip_pairs(multivec *X, const eigenvalue *lambda);
/* Lengths of packed vectors, members of a pair having a common one. */
speig_status general_lengths(const multivec *X, const eigenvalue *lambda, double *length);

/* Krylov-Schur. Errors: only what is not a result: memory, callbacks, NaN. */
speig_status krylov_schur_solve(const general_problem *problem, general_basis *basis);

/* What `which` ranks, in the solver's units; transform NONE: the eigenvalue itself. */
typedef struct general_map {
  speig_transform transform;
  int part;
  double shift[2];
} general_map;

/* Ranks under the map. */
speig_status general_rank_mapped(speig_eigs_which which, int is_complex, const general_map *map,
                                 int32_t count, const eigenvalue *lambda, int32_t *rank);

/* eps^(-3/4): beyond it rounding leaves less than a quarter of the digits, to first order. */
#define GENERAL_CONDITION_MEANS_LITTLE 5e11

/* The whole spectrum by LAPACK, of which the best under the map are taken; B may be NULL. wanted:
 * as in general_basis; infinite: eigenvalues that are. left vectors when pairs->Y is there. stop is
 * set, with the reason, when a limit was met before LAPACK began. Errors also: ARG (order too
 * large). */
enum { DENSE_GENERAL_MAX_ORDER = 20000 };
speig_status dense_general_solve(const general_problem *problem, const general_map *map,
                                 bound_operator *A, bound_operator *B, int balanced,
                                 general_pairs *pairs, int32_t *wanted, int32_t *infinite,
                                 int *stop, speig_reason *reason);
/* Whether lambda[count], in no order, is a best set of problem->op = A, told by all eigenvalues,
 * which LAPACK computes without vectors: each has one within `room`, and none of the others ranks
 * better than the last by more. *confirmed is 0 where a limit was met first. */
speig_status dense_general_confirm(const general_problem *problem, bound_operator *A, int balanced,
                                   int32_t count, const eigenvalue *lambda, double room,
                                   int *confirmed);

#endif
