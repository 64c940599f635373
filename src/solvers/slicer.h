/* slicer.h: what slices.c (cuts, the order of the work, the answer) and slice_search.c (the pairs
 * of a slice) share. */
#ifndef SPEIG_SRC_SOLVERS_SLICER_H
#define SPEIG_SRC_SOLVERS_SLICER_H

#include "solvers/complete.h"
#include "solvers/harvest.h"
#include "solvers/inertia.h"
#include "solvers/run.h"

enum { WIDEST_BLOCK = 8, MOST_PER_SLICE = 120 };

typedef struct slice {
  double low, high;
  int64_t below_low, below_high; /* eigenvalues below its ends */
  int clean; /* its high end lies in a gap beyond rounding */
  int loose; /* an end stands for infinity, and may be far from all eigenvalues */
} slice;

typedef struct slicer {
  eigsh_run *run;
  shifted S;
  inertia C;
  inertia_cut low, high;
  int64_t total; /* eigenvalues in the interval */
  int32_t per_slice;
  harvest H; /* all of them, slice by slice */
  slice *todo; /* what is left, the lowest on top */
  int32_t depth, room;
  int intact; /* nothing is missing below proven */
  double proven;
  int stop;
  speig_reason reason;
} slicer;

/* Whether a limit or the caller wants an end. */
int slice_note_stop(slicer *L);
/* The pairs of a slice join L->H. Errors: MEMORY, NUMERIC, those of products and solves. */
speig_status slice_solve(slicer *L, const slice *part);
/* A second look at the whole, where single slices fell short: cuts next to eigenvalues may have
 * given one of them to the wrong side. */
speig_status slice_search_again(slicer *L);

#endif
