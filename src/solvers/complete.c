/* complete.c: is the set complete? Inertia at the ends of a region that holds it tells how many
 * eigenvalues there are; what is missing is sought in the complement of what is there. Without a
 * factorization of one's own (the caller's inverse) a probe of the complement is all there is. */
#include "solvers/complete.h"

#include "base/dtype.h"
#include "base/error.h"
#include "base/memory.h"
#include "solvers/certify.h"

#include <math.h>

int complete_any_number(const block_goal *goal, const invert *I, int32_t converged,
                        const int32_t *rank, const double *theta)
{
  (void)goal;
  (void)I;
  (void)converged;
  (void)rank;
  (void)theta;
  return 1;
}

/* What was found besides joins the pairs, and all are improved together. */
static speig_status join_pairs(shifted *S, eig_pairs *pairs, eig_pairs *more)
{
  speig_status st = SPEIG_OK;
  eig_pairs all = { 0 };
  TRY(eig_pairs_alloc(S->problem.be, S->problem.n, pairs->converged + more->converged, &all));
  all.norm_a = pairs->norm_a;
  all.norm_b = pairs->norm_b;
  more->norm_a = more->norm_b = 0;
  TRY(pairs_merge(&S->problem, pairs->converged, &all, pairs));
  TRY(pairs_merge(&S->problem, all.converged + more->converged, &all, more));
  eig_pairs_free(pairs);
  *pairs = all;
  all = (eig_pairs){ 0 };
  TRY(shifted_improve(S, pairs));
done:
  eig_pairs_free(&all);
  return st;
}

/* The sizes that a search of a space of that many dimensions takes. */
static block_goal goal_of_search(const shifted *S, int32_t want, int64_t room)
{
  block_goal goal = S->goal;
  goal.want = want < room ? want : (int32_t)room;
  goal.may_move = 0;
  goal.enough = complete_any_number;
  if (goal.basis < goal.want + 3 * goal.block)
    goal.basis = goal.want + 3 * goal.block;
  if (goal.basis > room)
    goal.basis = (int32_t)room;
  if (goal.block > room)
    goal.block = (int32_t)room;
  return goal;
}

speig_status complete_seek(shifted *S, int32_t want, int round, eig_pairs *pairs, int32_t *found)
{
  speig_status st = SPEIG_OK;
  eig_problem sub = S->problem;
  eig_pairs more = { 0 };
  multivec Y = { 0 }, Y_b = { 0 };
  int64_t room = sub.n - sub.constraints.p - pairs->converged;
  block_goal goal = goal_of_search(S, want, room);
  double near;
  int singular = 0;
  *found = 0;
  if (room <= 0)
    goto done;
  TRY(validate_constraints(&S->problem, pairs, &Y, &Y_b));
  sub.constraints = Y;
  sub.constraints_b = Y_b;
  sub.guess = (multivec){ .be = sub.be, .n = sub.n };
  sub.seed += UINT64_C(0x632BE59BD9B4E019) * (uint64_t)(round + 1);
  sub.phase = "validate";
  if (!S->I.given)
    TRY(invert_at(&S->I, S->I.shift, &singular));
  if (singular)
    goto done;
  TRY(eig_pairs_alloc(sub.be, sub.n, goal.basis, &more));
  TRY(block_lanczos_solve(&sub, &S->I, &goal, &more, &near));
  *found = more.converged;
  if (more.converged > 0)
    TRY(join_pairs(S, pairs, &more));
done:
  eig_pairs_free(&more);
  if (Y_b.data != Y.data)
    mv_free(&Y_b);
  mv_free(&Y);
  return st;
}

/* How near a point may be to an eigenvalue of the set for its inertia to be beyond doubt: what
 * residuals and rounding allow; and the square of the length of the longest vector. */
static speig_status safe_margin(shifted *S, const eig_pairs *pairs, double *margin)
{
  speig_status st = SPEIG_OK;
  double eps = dtype_eps(S->problem.be->ops->dtype);
  *margin = 0;
  for (int32_t i = 0; i < pairs->converged; ++i) {
    multivec x = mv_columns(&pairs->X, i, 1);
    double length, size = pairs->norm_a + fabs(pairs->theta[i]) * pairs->norm_b;
    TRY(mv_norms(&x, &length));
    S->stretch = fmax(S->stretch, length * length);
    *margin = fmax(*margin, fmax(8 * pairs->residual[i], 256 * eps * size * length) * length);
  }
done:
  return st;
}

/* What two values must have in common to be as good as each other. */
static double place_of(const shifted *S, double theta)
{
  int both_sides = S->problem.which == SPEIG_LM || S->problem.which == SPEIG_SM;
  return both_sides ? fabs(theta - (S->problem.map.shifted ? S->problem.map.sigma : 0)) : theta;
}

/* The values from the k-th back to the last gap wider than what tol allows: they are the same to
 * within the tolerance. When those before them are complete, the set is, within the tolerance. */
static int32_t last_cluster(const shifted *S, const eig_pairs *pairs, const int32_t *rank,
                            double *width)
{
  int32_t start = S->problem.k - 1;
  double place = place_of(S, pairs->theta[rank[start]]);
  *width = 2 / sqrt(pairs->norm_b) *
           eig_limit(&S->problem, pairs->norm_a, pairs->norm_b, pairs->theta[rank[start]],
                     1 / sqrt(pairs->norm_b));
  for (; start > 0; --start) {
    double before = place_of(S, pairs->theta[rank[start - 1]]);
    if (!(fabs(place - before) <= *width))
      break;
    place = before;
  }
  return start;
}

static int32_t count_inside(const eig_pairs *pairs, const cut *region)
{
  int32_t inside = 0;
  for (int32_t i = 0; i < pairs->converged; ++i)
    inside += certify_inside(region, pairs->theta[i]);
  return inside;
}

/* An error of A of that size moves no value found across an end of the region: they move by its
 * norm times the square of their length. One that was missed and is moved across lies next to the
 * end, behind the last one wanted. */
static double harmless_error(const shifted *S, const cut *region, const eig_pairs *pairs)
{
  double nearest = INFINITY;
  for (int32_t i = 0; i < pairs->converged; ++i)
    nearest = fmin(nearest,
                   fmin(fabs(pairs->theta[i] - region->low), fabs(pairs->theta[i] - region->high)));
  return isfinite(nearest) && S->stretch > 0 ? nearest / (4 * S->stretch) : 0;
}

/* A second transformation for the counts, when the first one holds factors of B. */
static speig_status count_in(shifted *S, const cut *ends, const eig_pairs *pairs, int64_t *count)
{
  speig_status st = SPEIG_OK;
  invert other = { 0 };
  cut region = *ends;
  region.tolerance = harmless_error(S, ends, pairs);
  if (!S->I.by_mass) {
    TRY(certify_count(&S->I, &region, count));
    goto done;
  }
  invert_close(&S->I); /* room for the other factors */
  S->I = (invert){ .problem = &S->problem,
                   .by_mass = 1,
                   .solves = S->I.solves,
                   .factorizations = S->I.factorizations };
  TRY(invert_open(&S->problem, 0, NULL, 1, 1, &other));
  TRY(certify_count(&other, &region, count));
  S->I.factorizations += other.factorizations;
done:
  invert_close(&other);
  return st;
}

/* *rank: as many as pairs hold now, the earlier list is gone. *enough: not fewer than are wanted,
 * which improving a joint set may cost. */
static speig_status rank_pairs(const shifted *S, const eig_pairs *pairs, int32_t **rank,
                               int *enough)
{
  speig_status st = SPEIG_OK;
  mem_free(*rank);
  *rank = NULL;
  *enough = pairs->converged >= S->problem.k;
  TRY(MEM_ARRAY(pairs->converged, "ranks", rank));
  TRY(eig_rank_mapped(S->problem.which, &S->problem.map, pairs->converged, pairs->theta, *rank));
done:
  return st;
}

/* Where the region of LA and SA begins: the shift itself, unless it was moved away from sigma. */
static double start_of(const shifted *S)
{
  int one_side = S->problem.map.shifted && S->run->problem.map.shifted &&
                 (S->problem.which == SPEIG_LA || S->problem.which == SPEIG_SA);
  return one_side ? S->place : S->I.shift;
}

/* The region of all that would be better than the best found, by more than width: empty when the
 * answer is right. Returns 0 where there is none: the best is at the shift itself, or no shift. */
static int up_to_the_first(const shifted *S, double theta, double width, cut *region)
{
  const eig_map *map = &S->problem.map;
  double distance = fabs(theta - map->sigma) - width;
  if (!map->shifted || map->offset != 0 || S->problem.which == SPEIG_SM || !(distance > 0))
    return 0;
  *region = (cut){ .low = map->sigma - distance, .high = map->sigma + distance };
  if (S->problem.which == SPEIG_LM || S->problem.which == SPEIG_BE)
    return 1;
  if (theta > map->sigma)
    region->low = start_of(S);
  else
    region->high = start_of(S);
  return region->low < region->high;
}

/* Counts what the region holds, and seeks what is missing; of too many the k best, which is as many
 * as the answer can lack. */
static speig_status fill_region(shifted *S, const cut *region, eig_pairs *pairs, int64_t *count,
                                int64_t *missing)
{
  enum { ROUNDS = 3, TOO_MANY = 16 };
  speig_status st = SPEIG_OK;
  int32_t found;
  TRY(count_in(S, region, pairs, count));
  *missing = *count - count_inside(pairs, region);
  for (int round = 0; round < ROUNDS && *count >= 0 && *missing > 0 && !S->I.by_mass; ++round) {
    int too_many = *missing > S->problem.k + TOO_MANY;
    TRY(complete_seek(S, too_many ? S->problem.k : (int32_t)*missing, round, pairs, &found));
    *missing = *count - count_inside(pairs, region);
    if (too_many)
      break;
  }
done:
  return st;
}

/* No gap behind the k-th, or too many that equal it: the answer is right when those before its
 * cluster are complete. */
static speig_status certify_before_cluster(shifted *S, const eig_pairs *pairs, const int32_t *rank,
                                           double margin, int64_t missing, int *complete)
{
  speig_status st = SPEIG_OK;
  const eig_problem *problem = &S->problem;
  double width;
  int32_t start = last_cluster(S, pairs, rank, &width);
  int64_t count;
  cut region;
  if (start == 0 && !up_to_the_first(S, pairs->theta[rank[0]], width, &region)) {
    *complete = problem->map.shifted && problem->which != SPEIG_SM &&
                fabs(pairs->theta[rank[0]] - problem->map.sigma) <= width;
  } else if (start == 0) {
    TRY(count_in(S, &region, pairs, &count));
    *complete = count == 0 ? 1 : count < 0 ? 0 : -1;
  } else if (certify_cut(problem->which, &problem->map, start_of(S), start, start + 1, rank,
                         pairs->theta, margin / 8, &region)) {
    TRY(count_in(S, &region, pairs, &count));
    *complete = count < 0 ? 0 : count == count_inside(pairs, &region) ? 1 : -1;
  } else if (missing > 0) {
    *complete = -1;
  }
done:
  return st;
}

/* Counts; seeks what is missing; counts what is there again. */
static speig_status certify_pairs(shifted *S, eig_pairs *pairs, int *complete)
{
  speig_status st = SPEIG_OK;
  int32_t *rank = NULL;
  int64_t count = -1, missing = 0;
  double margin;
  int enough;
  cut region;
  TRY(safe_margin(S, pairs, &margin));
  TRY(rank_pairs(S, pairs, &rank, &enough));
  if (certify_cut(S->problem.which, &S->problem.map, start_of(S), S->problem.k, pairs->converged,
                  rank, pairs->theta, margin, &region)) {
    TRY(fill_region(S, &region, pairs, &count, &missing));
    if (count >= 0 && missing == 0)
      *complete = 1;
    if (count >= 0 && missing <= 0)
      goto done;
    TRY(rank_pairs(S, pairs, &rank, &enough));
  }
  if (enough)
    TRY(certify_before_cluster(S, pairs, rank, margin, missing, complete));
  else
    *complete = -1;
done:
  mem_free(rank);
  return st;
}

/* Looks into the complement until nothing better is found there. */
static speig_status probe_pairs(shifted *S, eig_pairs *pairs, int *complete)
{
  enum { ROUNDS = 8 };
  speig_status st = SPEIG_OK;
  int32_t k = S->problem.k, before, found, *rank = NULL;
  int enough;
  TRY(rank_pairs(S, pairs, &rank, &enough));
  for (int round = 0; round < ROUNDS && !*complete && enough; ++round) {
    double worst = pairs->theta[rank[k - 1]], margin;
    TRY(safe_margin(S, pairs, &margin));
    before = pairs->converged;
    TRY(complete_seek(S, 1, round, pairs, &found));
    if (found == 0 && before + S->problem.constraints.p < S->problem.n)
      break;
    TRY(rank_pairs(S, pairs, &rank, &enough));
    if (enough)
      *complete = fabs(pairs->theta[rank[k - 1]] - worst) <= 2 * margin;
  }
done:
  mem_free(rank);
  return st;
}

speig_status complete_pairs(shifted *S, eig_pairs *pairs, int *complete, speig_outcome *proof)
{
  speig_status st = SPEIG_OK;
  int can_count = !S->I.given && S->I.A;
  *complete = 0;
  if (S->I.by_mass)
    can_count =
        S->run->A->kind == OPERATOR_MATRIX && (!S->run->B || S->run->B->kind == OPERATOR_MATRIX);
  *proof = can_count ? SPEIG_CERTIFIED : SPEIG_VALIDATED;
  TRY(can_count ? certify_pairs(S, pairs, complete) : probe_pairs(S, pairs, complete));
done:
  return st;
}
