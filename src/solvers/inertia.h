/* inertia.h: how many eigenvalues lie below a point, as far as rounding lets anybody say. */
#ifndef SPEIG_SRC_SOLVERS_INERTIA_H
#define SPEIG_SRC_SOLVERS_INERTIA_H

#include "solvers/invert.h"

typedef struct inertia {
  const eig_problem *problem;
  invert *I; /* borrowed; opened for blocks of INERTIA_COLUMNS at least */
  double norm_a, norm_b; /* estimates of the norms */
  double low, high; /* all eigenvalues lie between them; infinite where nothing is known */
  int singular_mass; /* B may be singular: counts hold a constant beside the eigenvalues */
  double nearest; /* of the last probe: the distance from the point of an eigenvalue near it */
  int stop; /* a limit or the caller wants an end */
  speig_reason reason;
} inertia;

enum { INERTIA_COLUMNS = 4 };

/* A point that is to part eigenvalues, and what is known of it. */
typedef struct inertia_cut {
  double at; /* as asked for */
  double margin; /* rounding errors move eigenvalues near it by less */
  int64_t least, most; /* eigenvalues below it, at least and at most: counts at both ends of the
                          margin. The same: proven */
  int settled; /* there is a place on the side that was asked for, or the point itself, where the
                  number is proven: */
  double place;
  int64_t below;
} inertia_cut;

/* Looks at B (NUMERIC when it is not positive semidefinite to rounding), takes norms. Errors also:
 * MEMORY. */
speig_status inertia_open(const eig_problem *problem, invert *I, double norm_a, double norm_b,
                          inertia *C);

/* The same with norms estimated first. */
speig_status inertia_open_with_norms(const eig_problem *problem, invert *I, inertia *C);

/* The first of it: C->singular_mass. */
speig_status inertia_weigh_mass(inertia *C);

/* The cut at a point; side -1 or 1: where it may move to when eigenvalues equal it to rounding.
 * Infinite points are legal unless B may be singular (UNSUPPORTED, but see
 * inertia_nothing_below). Where C->stop is set nothing is known. Errors: NUMERIC, MEMORY. */
speig_status inertia_cut_at(inertia *C, double at, int side, inertia_cut *cut);

/* One count for a search: *below at *point, which is moved within (low, high) away from eigenvalues
 * next to it; *clean: that was possible, and the nearest one is far beyond rounding. */
speig_status inertia_split(inertia *C, double low, double high, double *point, int64_t *below,
                           int *clean);
/* Looks at limits and lets the caller look: C->stop. */
int inertia_must_stop(inertia *C);

/* A finite point with no eigenvalue below it (side -1) or above it (side 1), for an end at
 * infinity; *found 0: none within reach. */
speig_status inertia_end(inertia *C, int side, double *point, int *found);

#endif
