/* band_lanczos.h: all eigenpairs that a band filter makes stand out. */
#ifndef SPEIG_SRC_SOLVERS_BAND_LANCZOS_H
#define SPEIG_SRC_SOLVERS_BAND_LANCZOS_H

#include "solvers/band.h"
#include "solvers/harvest.h"

typedef struct band_goal {
  const eig_problem *problem; /* without B */
  const band *F;
  harvest *H; /* takes what is found */
  int32_t first; /* of the pairs in it, those from here on may lie in the band: searched is the
                    complement */
  int32_t basis, block; /* columns */
  uint64_t seed;
  band_stop *stop; /* asked after each product; may be NULL */
  void *user;
} band_goal;

typedef struct band_outcome {
  int32_t taken; /* pairs added to the harvest */
  int finished; /* nothing in the band is left in this Krylov space */
  int stopped; /* by the caller */
  int crowded; /* the basis is too small for what the band holds: nothing converges */
  int outlier; /* an eigenvalue lies outside of [F->low, F->high] */
  int64_t restarts;
} band_outcome;

/* From a random block. Errors: MEMORY, NUMERIC (NaN or Inf), those of products. */
speig_status band_lanczos(const band_goal *goal, band_outcome *out);

#endif
