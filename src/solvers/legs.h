/* legs.h: runs on an eig_problem as legs of a solve that can be gone on with (checkpoint.h). */
#ifndef SPEIG_SRC_SOLVERS_LEGS_H
#define SPEIG_SRC_SOLVERS_LEGS_H

#include "solvers/checkpoint.h"
#include "solvers/problem.h"

/* A leg begins. extra: two counters more of the solver's own, or NULL. place: the shift in use. */
speig_status leg_enter(const eig_problem *problem, const char *solver, double place,
                       int64_t *const extra[2], leg_entry *entry);
/* The pairs of one that is LEG_ANSWERED, which the solver is to return. */
speig_status leg_answer(const eig_problem *problem, eig_pairs *pairs);
archive_fn leg_archive_pairs; /* what: eig_pairs */
/* And ends, with the reason in pairs. */
speig_status leg_leave(const eig_problem *problem, eig_pairs *pairs);

#endif
