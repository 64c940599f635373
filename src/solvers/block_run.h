/* block_run.h: the state of one run of block Lanczos, shared by the iteration (block_lanczos.c) and
 * what keeps it (block_keep.c). */
#ifndef SPEIG_SRC_SOLVERS_BLOCK_RUN_H
#define SPEIG_SRC_SOLVERS_BLOCK_RUN_H

#include "solvers/block_lanczos.h"
#include "solvers/legs.h"
#include "solvers/ortho.h"

typedef struct block_lanczos {
  const eig_problem *problem;
  invert *I;
  const block_goal *goal;
  int32_t m, b; /* basis columns, columns of a block */
  int32_t filled, next; /* columns with a column in T; columns of the block behind them */
  int32_t last; /* columns of the block processed last */
  multivec V, BV; /* n x (m + b) */
  multivec U; /* n x b */
  small T, S, R, C; /* projection, its eigenvectors, coupling of the next block, coefficients */
  double *length; /* [b] */
  double *nu, *key, *theta, *e; /* [m + b] ascending in nu; e: ||OP y - nu y||_B */
  int32_t *rank; /* [m + b] best first */
  int32_t finite; /* leading ones that are told from infinity */
  int32_t converged; /* leading ones in that order */
  int is_expanded; /* the last block is in T, and what follows from that is to be seen */
  int exhausted; /* there is no further direction */
  int overgrown; /* nor one to be trusted */
  ortho_work ortho;
  uint64_t draws;
  int64_t restarts;
  int stop;
  speig_reason reason;
} block_lanczos;

/* A block of random directions (or the guesses, at the start) in the range of OP. */
speig_status block_fresh(block_lanczos *L);

/* Starts, or goes on from a checkpoint. */
speig_status block_set_out(block_lanczos *L, leg_entry entry);
/* The goal with room for the basis that is on file. */
block_goal block_with_room(const block_goal *goal, const checkpoint *c, leg_entry entry);

/* What a run returns beside pairs. */
typedef struct block_answer {
  eig_pairs *pairs;
  double *near;
} block_answer;
archive_fn block_keep_answer; /* what: block_answer */

#endif
