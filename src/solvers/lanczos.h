/* lanczos.h: the state of one Lanczos run, shared by lanczos.c (cycles), steps.c (vectors),
 * ritz.c (small numbers) and stage.c (filters). golub_kahan.c runs two of them side by side, for
 * right and left vectors, the first one of which also holds the small numbers.
 *
 * T, the projected matrix, is real: diag[j] on the diagonal; kept Ritz vectors i < kept couple to
 * column `kept` by off[i], later columns j to j + 1 by off[j].                                   */
#ifndef SPEIG_SRC_SOLVERS_LANCZOS_H
#define SPEIG_SRC_SOLVERS_LANCZOS_H

#include "solvers/archive.h"
#include "solvers/filter.h"
#include "solvers/problem.h"

/* Partial reorthogonalisation, see omega.c. */
typedef struct omega {
  double eta; /* the loss allowed; 0: every vector is orthogonalised against all before it */
  double *now, *before; /* [m + 1] |v_i^H v_j| of the last vector j and of the one before it */
  int passed; /* the last vector has lost more than eta */
  int again; /* the next vector is orthogonalised against all */
} omega;

typedef struct lanczos {
  const eig_problem *problem;
  const char *method; /* for the progress record */
  int32_t y, m; /* constraints, basis columns */
  multivec basis; /* n x (y + m + 1): constraints, then V, then the next vector */
  int32_t kept, filled; /* columns of V that came from a restart; columns with a row in T */
  double lowest, highest; /* extreme Ritz values of A so far */
  int broke_down; /* an invariant subspace was met */
  int exhausted; /* constraints and V span the whole space */
  double *diag, *off; /* [m] */
  double *mu; /* [m] Ritz values of the operator in use, p(A), ascending */
  double *theta, *residual; /* [m] the values of A that belong to them, residual estimates */
  int32_t *rank; /* [m] best first */
  double *merged; /* [known_count + m] */
  int32_t *merged_rank;
  double *shown_theta, *shown_residual; /* [k] for the progress record */
  small S, C, H, work[2];
  double norm_a, norm_op, eps; /* norm_op: of p(A) */
  omega omega;
  filter filter; /* degree 0: p(A) = A */
  multivec spare; /* one vector for the filter */
  int stages; /* filters tried so far */
  int64_t stage_restarts;
  uint64_t draws; /* random vectors used so far */
  int64_t restarts;
  double last_report;
  int is_lossy; /* its basis came from one that was not fully orthogonal */
  int is_resumed; /* from a checkpoint, until the first look, which may have been due */
  int32_t batch; /* steps that may be asked for at once; 0: after a breakdown */
  double seconds_per_step; /* of the last batch; 0: not known */
  int32_t converged; /* among the best k at the last restart */
  int stop;
  speig_reason reason;
} lanczos;

/* How much orthogonality a basis may lose so that the residuals that tol asks for do not notice; 0
 * where that is too little to be worth it. */
double lanczos_allowed_loss(const eig_problem *problem, double eps);
/* What a run is made of, to and from a file; loss: what its basis was allowed to lose. */
speig_status lanczos_archive(archive *a, lanczos *L, double *loss);
/* After it was read: makes it fit a run that asks for more, from its best vectors where the basis
 * has lost too much. */
speig_status lanczos_adopt(lanczos *L, double loss);

/* Takes basis and records; the constraints become the first columns. A close is needed also after
 * a failure. Errors: MEMORY. */
speig_status lanczos_open(const eig_problem *problem, lanczos *L);
void lanczos_close(lanczos *L);
/* Column 0: the sum of the guesses, or a random vector. */
speig_status lanczos_start(lanczos *L);
/* Once per restart, and within a cycle, where the callback waits until the last word is a quarter
 * of a second old: progress and limits, which set stop and reason. */
void lanczos_report(lanczos *L);
void lanczos_report_within_cycle(lanczos *L);

/* Column j of V; column m is the next vector. */
multivec lanczos_column(const lanczos *L, int32_t j);
/* Orthogonalises column j against constraints and the columns before it; *norm is what is left. The
 * coefficients are in L->H. */
speig_status lanczos_orthogonalize(lanczos *L, int32_t j, double *norm);
speig_status lanczos_normalize(lanczos *L, int32_t j, double norm);
/* Column j becomes a random unit vector orthogonal to all before it; exhausted when there is none.
 */
speig_status lanczos_fresh_direction(lanczos *L, int32_t j);
/* At least one step more, as many as limits and looks allow where it pays to make several:
 * p(A) v_j = V T(:, j) + off_j v_{j+1}. */
speig_status lanczos_expand(lanczos *L);

/* Arrays for m columns, none where eta is 0; a close is needed also after a failure. */
speig_status omega_open(int32_t m, double eta, omega *W);
void omega_close(omega *W);
/* Vector j was orthogonalised against all before it: after omega_advance because it had to be,
 * which asks for the next one to be, too. */
void omega_settle(lanczos *L, int32_t j);
/* From vector j > kept, whose row in T is known, to vector j + 1: has it lost too much? */
int omega_advance(lanczos *L, int32_t j);

/* Steps between looks at the projected problem within a cycle: few where a step costs many
 * products, and all of a cycle where the small problem costs as much as the steps. */
int32_t lanczos_look(const lanczos *L);

/* Starts again with another operator (or the same one), from the sum of the best `count` Ritz
 * vectors. */
speig_status stage_again(lanczos *L, const filter *F, int32_t count);
/* After the first basis, which started from a random vector: goes on with a filter if it is worth
 * it. *taken: the basis was started anew. */
speig_status stage_consider_filter(lanczos *L, int *taken);
/* Moves the edge of the filter in use when it magnifies too few values or too many. */
speig_status stage_adjust_filter(lanczos *L, int *taken);

/* Ritz values and vectors of the columns filled so far; ranks them. */
speig_status ritz_compute(lanczos *L);
int ritz_converged(const lanczos *L, int32_t i);
int32_t ritz_converged_among_best(const lanczos *L);
/* With a filter: how many Ritz values it clearly magnifies. */
int32_t ritz_magnified(const lanczos *L);
/* How far Ritz value i may be from its eigenvalue: its residual, or its square over the gap. */
double ritz_value_error(const lanczos *L, int32_t i, int32_t neighbour);
/* Solve: the best k converged. Probe: nothing better than what is known can be left. */
int ritz_finished(lanczos *L);
/* How many Ritz vectors to keep at a restart. */
int32_t ritz_choose_kept(const lanczos *L);
/* The Ritz pairs to return; their places go to L->merged_rank. */
int32_t ritz_select(lanczos *L, int32_t capacity, int32_t *converged);

#endif
