/* telemetry.h: what a progress record tells beside the numbers of the solver: bytes moved, and how
 * long the solve may still take. */
#ifndef SPEIG_SRC_SOLVERS_TELEMETRY_H
#define SPEIG_SRC_SOLVERS_TELEMETRY_H

#include "backend/backend.h"
#include "speig/eigsh.h"

enum { TELEMETRY_POINTS = 12 }; /* records that the fit looks back on */

typedef struct telemetry {
  const backend *be; /* whose bytes are told */
  double moved_before;
  const char *method, *phase; /* of the points */
  int32_t wanted;
  int64_t iteration; /* of the last one */
  int32_t count;
  double products[TELEMETRY_POINTS], seconds[TELEMETRY_POINTS];
  double excess[TELEMETRY_POINTS]; /* log of the worst residual over what tol asks */
} telemetry;

void telemetry_begin(telemetry *t, const backend *be);

/* Sets bytes and eta of a record that is complete otherwise, in the caller's units.
 *
 * eta: a line fitted to the logarithm of the worst residual among the wanted pairs against products
 * (seconds, where there are no products) says how many are left, their pace how long that takes.
 * NaN where it cannot be told: in a probe, before three records, while a wanted pair has not shown
 * itself, and when residuals do not fall. */
void telemetry_complete(telemetry *t, speig_progress *record);

#endif
