/* nearer.c: a shift beyond all eigenvalues that are wanted is moved towards them.
 *
 * Far outside, nu = 1 / (lambda - s) of all eigenvalues lie in a narrow range: the iteration takes
 * many steps, and what rounding leaves in the null space of a singular B grows in each of them like
 * a Chebyshev polynomial outside that range. The next eigenvalues on one side of s are the next
 * ones of every point between, so inertia finds a point from which they spread: a step away is
 * doubled until a count changes, and then halved until few lie beyond it. One factorization each.
 */
#include "base/error.h"
#include "solvers/invert.h"
#include "solvers/run.h"
#include "solvers/shifted.h"

#include <math.h>

typedef struct approach {
  invert I;
  int64_t start; /* eigenvalues below the shift */
  double sigma, size;
} approach;

/* Eigenvalues between the shift and the point, -1: no count. */
static speig_status count_between(approach *P, double point, int64_t *between)
{
  speig_status st = SPEIG_OK;
  int64_t below = 0;
  int singular = 0;
  *between = -1;
  TRY(invert_count(&P->I, point, 0, &below, &singular));
  if (!singular)
    *between = below > P->start ? below - P->start : P->start - below;
done:
  return st;
}

static speig_status open_approach(eigsh_run *run, approach *P)
{
  speig_status st = SPEIG_OK;
  const eig_problem *problem = &run->problem;
  double norm_a = run->norm_floor, norm_b = run->norm_b_floor;
  int singular = 0;
  P->sigma = problem->map.sigma;
  TRY(invert_estimate_norm(problem, problem->A, &norm_a));
  TRY(invert_estimate_norm(problem, problem->B, &norm_b));
  P->size = fabs(P->sigma) + norm_a / norm_b;
  TRY(invert_open(problem, 0, NULL, 1, 1, &P->I));
  TRY(invert_count(&P->I, P->sigma, 0, &P->start, &singular));
  if (singular)
    P->start = -1;
done:
  return st;
}

static void close_approach(eigsh_run *run, approach *P)
{
  run->solves += P->I.solves;
  run->factorizations += P->I.factorizations;
  invert_close(&P->I);
}

/* *from .. *to: the eigenvalues next to the shift in that direction begin between them, and at most
 * `few` lie there unless they are close together; *from stays at the shift where there are none. */
static speig_status bracket(approach *P, int direction, int32_t few, double *from, double *to)
{
  enum { DOUBLINGS = 40, HALVINGS = 40 };
  speig_status st = SPEIG_OK;
  double step = P->size / 1024;
  int64_t between = 0;
  *from = *to = P->sigma;
  for (int i = 0; i < DOUBLINGS && between == 0; ++i, step *= 2) {
    *from = *to;
    *to = P->sigma + direction * step;
    TRY(count_between(P, *to, &between));
  }
  if (between <= 0) {
    *from = P->sigma;
    goto done;
  }
  for (int i = 0; i < HALVINGS && between > few; ++i) {
    double middle = *from + (*to - *from) / 2;
    int64_t there;
    TRY(count_between(P, middle, &there));
    if (there < 0)
      break;
    *(there > 0 ? to : from) = middle;
    between = there > 0 ? there : between;
  }
done:
  return st;
}

/* Of the nearest on both sides: none is on the other side as near as the last one found. */
static speig_status check_other_side(eigsh_run *run, approach *P, int direction)
{
  speig_status st = SPEIG_OK;
  double far = 0;
  int64_t between;
  for (int32_t i = 0; i < run->pairs.converged; ++i)
    far = fmax(far, fabs(run->pairs.theta[i] - P->sigma));
  TRY(count_between(P, P->sigma - direction * far, &between));
  if (between != 0)
    run->complete = -1;
done:
  return st;
}

speig_status shifted_from_nearer(eigsh_run *run, speig_which which, int *found)
{
  speig_status st = SPEIG_OK;
  approach P = { 0 };
  const eig_problem problem = run->problem;
  int down = problem.map.slope > 0 ? -1 : 1, direction = which == SPEIG_LA ? -down : down;
  int unsuitable = 0;
  double from = 0, to;
  *found = 0;
  TRY(open_approach(run, &P));
  if (P.start < 0)
    goto done;
  TRY(bracket(&P, direction, run->plan.k, &from, &to));
  if (from == P.sigma && which == SPEIG_LM) {
    direction = -direction;
    TRY(bracket(&P, direction, run->plan.k, &from, &to));
  }
  if (from == P.sigma)
    goto done;
  *found = 1;
  run->problem.map.sigma = from;
  run->problem.which = direction == down ? SPEIG_SA : SPEIG_LA;
  run->complete = 0;
  run->pairs.count = run->pairs.converged = 0;
  TRY(shifted_solve(run, &unsuitable));
  if (which == SPEIG_LM)
    TRY(check_other_side(run, &P, direction));
done:
  run->problem = problem;
  close_approach(run, &P);
  return st;
}
