/* krylov_schur.h: state of one Krylov-Schur run, shared by the iteration (krylov_schur.c) and the
 * projected problem (krylov_ritz.c). */
#ifndef SPEIG_SRC_SOLVERS_KRYLOV_SCHUR_H
#define SPEIG_SRC_SOLVERS_KRYLOV_SCHUR_H

#include "solvers/checkpoint.h"
#include "solvers/general.h"

/* Where a run is: the wanted ones are sought; a probe has begun; what a probe found is refined. */
typedef enum krylov_stage { KRYLOV_SEEKS = 0, KRYLOV_PROBES, KRYLOV_REFINES } krylov_stage;

typedef struct krylov {
  const general_problem *problem;
  int is_complex;
  int32_t m; /* columns of the basis when full */
  int32_t locked; /* leading columns that span the answer which a probe is deflated against */
  int32_t kept; /* columns that the last restart kept, the locked ones included */
  int32_t filled; /* columns so far: op V = V H + beta v e^T */
  multivec basis; /* n x (m + 1) */
  small H; /* m x m: op projected on the basis */
  small T, Z, S; /* m x m: Schur form H = Z T Z^H of what is filled, eigenvectors of T */
  small inverse; /* m x m: of S, the left eigenvectors */
  small coupling; /* 1 x m: beta (last row of Z) */
  small row; /* 1 x m */
  small column, work[2]; /* (m + 1) x 1 */
  double beta;
  eigenvalue *theta; /* [m] on the diagonal of T */
  double *residual; /* [m] of its Ritz vectors */
  double *condition; /* [m] 1 / |y^H x| within the subspace; after krylov_errors */
  double *reach; /* [m] how far from an eigenvalue it may be, to first order; during a probe */
  int32_t *rank; /* [m] best first */
  int32_t *order; /* [m], scratch */
  double *shown; /* [3 (k + 1)] the progress record */
  int32_t shown_wanted, shown_converged;
  double norm, eps;
  double locked_key, locked_residual; /* of the worst locked value; the largest of the locked */
  int exhausted; /* the basis spans the whole space */
  int settled; /* what converged can be locked: */
  int32_t head; /* the first columns of Z, as they stand */
  krylov_stage stage;
  int is_resumed; /* until the stage it was cut off in goes on */
  int look_first; /* a look may have been due when it was */
  int64_t patience; /* products that the stage may take; -1: not known yet */
  int64_t probe_began; /* products when the probe at work began */
  int64_t round; /* probes so far */
  int fill_up; /* an early look was too hopeful: no more of them */
  int stop;
  int64_t restarts;
  uint64_t draws;
  double last_report; /* clock_seconds() */
  speig_reason reason;
} krylov;

/* Column j becomes a random unit vector orthogonal to all before it; exhausted when there is none.
 */
speig_status krylov_fresh_direction(krylov *L, int32_t j);
/* Fills the basis, unless a limit stops it before or a look on the way shows that it is enough, and
 * looks at the projected problem. */
speig_status krylov_fill(krylov *L);
/* The first `kept` of the order become the basis: its Schur form, and the row that couples it to
 * the vector behind it. */
speig_status krylov_truncate(krylov *L, int32_t kept, const int32_t *order);
/* Cuts off: what is locked stays in front, then the best of the others. */
speig_status krylov_restart(krylov *L);
void krylov_report(krylov *L);
/* A leg of a solve that can be gone on with (checkpoint.h): what it is to do, with its answer where
 * that is on file; the run started, or restored; and the end. */
speig_status krylov_enter(const general_problem *problem, general_basis *basis, leg_entry *entry);
speig_status krylov_begin(krylov *L, leg_entry entry);
speig_status krylov_leave(const general_problem *problem, general_basis *basis,
                          speig_reason reason);
/* Column 0: the sum of the guesses, or a random vector. */
speig_status krylov_start(krylov *L);
/* Until the wanted ones have converged, or nothing more is to be had; settled: until their subspace
 * can be locked, too. */
speig_status krylov_iterate(krylov *L, int settled, int *converged);
/* Probes until one finds nothing: *complete is 1 then. */
speig_status krylov_probe(krylov *L, int *complete);

/* Schur form, Ritz values, residuals and ranks of what is filled; what is locked stays as it is. */
speig_status krylov_ritz(krylov *L);
/* Conditions and errors of the Ritz values: krylov_ritz does it during a probe. */
speig_status krylov_errors(krylov *L);
/* Whether not only the wanted Ritz vectors but the subspace that they span is invariant up to the
 * tolerance: where vectors are nearly parallel that is much more. Nothing may be locked. Brings the
 * wanted ones to the top of the form. */
speig_status krylov_settled(krylov *L, int *settled);
int krylov_converged(const krylov *L, int32_t i);
/* k, or k + 1. */
int32_t krylov_wanted(const krylov *L);
/* How many of the best wanted values converged. */
int32_t krylov_converged_among_best(const krylov *L);
/* What a probe, an iteration in the complement of the locked values, tells about them. */
typedef enum probe_verdict {
  PROBE_COMPLETE, /* none better is left */
  PROBE_FOUND, /* values better than the worst locked one were found */
  PROBE_UNCLEAR, /* cannot be told yet */
  PROBE_IN_SIGHT, /* one is there, beyond its residual, that belongs to the best: not converged */
  PROBE_BLIND /* nothing is in sight, but a better value could hide from products */
} probe_verdict;

probe_verdict krylov_probe_verdict(const krylov *L);
/* How many columns the next restart keeps. */
int32_t krylov_choose_kept(const krylov *L);
/* The answer's places in T, converged ones first: places[k + 1]; *converged of the returned count.
 */
int32_t krylov_select(const krylov *L, int32_t *places, int32_t *converged);

#endif
