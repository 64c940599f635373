/* band_search.h: the state of one search of a band, shared by band_lanczos.c (vectors, the loop)
 * and band_ritz.c (small numbers, what is handed over, restarts). */
#ifndef SPEIG_SRC_SOLVERS_BAND_SEARCH_H
#define SPEIG_SRC_SOLVERS_BAND_SEARCH_H

#include "solvers/band_lanczos.h"

typedef struct band_search {
  const band_goal *goal;
  int32_t m, b; /* columns of the basis and of a block, at most */
  int32_t filled, next, last; /* columns with a column in T; of the block behind them; of the block
                                 in T last */
  int32_t steps, columns; /* since the start */
  multivec V, spare; /* n x (m + b), n x b */
  small T, S, C, H, R, unit; /* m x m three times; (m + b) x b; b x b: what was left of the last
                                block, squared, and the identity */
  small Z, U, G; /* m x m, to work with */
  double *mu, *residual; /* [m] ascending; ||p(A) y - mu y|| */
  ortho_work ortho;
  int32_t ortho_rows;
  double goal_residual; /* Ritz pairs of p(A) this good are tried */
  int exhausted; /* basis and found vectors span the whole space */
  int open; /* something in the band has not converged */
  uint64_t draws;
  band_outcome *out;
} band_search;

/* Ritz values and residuals; L->open; an outlier. Errors: NUMERIC, MEMORY. */
speig_status band_ritz(band_search *L);
/* Hands what has converged to the harvest; *ripe: how many that were. */
speig_status band_settle(band_search *L, int32_t *ripe, int32_t *taken);
/* Ritz vectors that stand out. */
int32_t band_count_wanted(const band_search *L);
/* After band_settle: the best Ritz vectors stay, and what is left of the ripe ones. */
speig_status band_restart(band_search *L, int32_t ripe, int32_t taken);

#endif
