/* windows.h: all eigenvalues in an interval by products alone. */
#ifndef SPEIG_SRC_SOLVERS_WINDOWS_H
#define SPEIG_SRC_SOLVERS_WINDOWS_H

#include "solvers/run.h"

/* After run_prepare, without B: run->pairs, plan.k, complete, proof (VALIDATED), reason, interval,
 * and the estimate of how many there are. Errors: MEMORY, NUMERIC, CALLBACK, DEVICE. */
speig_status windows_solve(eigsh_run *run);

#endif
