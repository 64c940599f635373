/* phase.h: one representative of each eigenvector, so that two results can be compared. */
#ifndef SPEIG_SRC_DENSE_PHASE_H
#define SPEIG_SRC_DENSE_PHASE_H

#include "speig/block.h"

/* Multiplies each column of a host block by a unit number such that its entry of largest magnitude
 * is real and positive. Among entries that tie up to rounding the first counts. */
void dense_fix_phase(speig_block *X);
/* The same, and Y's columns (Y may be NULL) multiplied by the same numbers as X's. */
void dense_fix_phases(speig_block *X, speig_block *Y);

#endif
