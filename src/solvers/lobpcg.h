/* lobpcg.h: the basis [X P W] of lobpcg.c and what is done to it. */
#ifndef SPEIG_SRC_SOLVERS_LOBPCG_H
#define SPEIG_SRC_SOLVERS_LOBPCG_H

#include "solvers/ortho.h"
#include "solvers/problem.h"

typedef struct lobpcg {
  const eig_problem *problem;
  eig_pairs *pairs;
  int32_t k, m; /* wanted, block */
  int32_t x, p, w; /* columns of X, P, W in S = [X P W] */
  double sign; /* 1: SA; -1: LA, solved as SA of -A */
  multivec S, AS, BS; /* n x 3m; BS is S without B */
  multivec T; /* n x m: preconditioned residuals */
  ortho_work ortho;
  small H; /* projected matrix of sign A; its [X P] block is known from one step to the next */
  small C; /* coefficients of the next [X P] */
  small U, G; /* scratch: 3m x m, 3m x m */
  double *ritz; /* [3m] ascending, of sign A */
  double *theta; /* [m] of A */
  double *residual; /* [m] */
  double *length; /* [m] ||x||_2; read with B only */
  double *scale; /* [3m] scratch */
  int32_t *active; /* [m] columns of X that are worked on, actives of them */
  int32_t actives, converged;
  double norm_a, norm_b;
  int exact; /* A X and B X are recomputed ones */
  int precondition; /* the preconditioner has been positive so far */
  int64_t iteration, refreshed; /* iteration number, and that of the last refresh */
  double best_error, best_sum; /* progress so far: see note_progress */
  int idle, strikes;
} lobpcg;

/* First estimate of ||op||_2, from below, by a few power iterations; S is scratch. */
speig_status lobpcg_estimate_norm(lobpcg *L, bound_operator *op, double *norm);
/* X from the guess, filled up with random vectors; Ritz vectors of their span. */
speig_status lobpcg_start(lobpcg *L);
/* X, orthonormal again, and random vectors up to m columns; P is dropped. */
speig_status lobpcg_widen(lobpcg *L);
/* Recomputes B S, A S and the projected matrix for X and P (X only when `restart`), makes the basis
 * orthonormal again, and takes Ritz vectors. */
speig_status lobpcg_refresh(lobpcg *L, int restart);
/* S(:, have : have + *add) = random, orthonormal to what is there; *add: how many it became. */
speig_status lobpcg_add_random(lobpcg *L, int32_t have, int32_t *add);
/* Makes the columns first .. first + *count - 1 of S orthonormal to the constraints and to those
 * before; *count is what is left of them. */
speig_status lobpcg_join(lobpcg *L, int32_t first, int32_t *count);
/* With W in place (w columns, orthonormal): A W, and the next X and P, w = 0. */
speig_status lobpcg_step(lobpcg *L);

#endif
