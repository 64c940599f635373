/* sides.c: an answer that one factorization does not reach is put together from several solves.
 *
 * In the order of the transformed values 1 / (lambda - sigma), LA starts just above sigma, rises to
 * the top of the spectrum and goes on at its bottom; SA the other way round. Shift-invert reaches
 * the first side; the far end is a solve for the ends of the spectrum. BE is an LA and an SA; SM,
 * the farthest from sigma, the better of both ends; and where all eigenvalues lie on one side of a
 * shift so far away that it hardly tells them apart, the nearest are an end of the spectrum as
 * well. Each solve brings its own proof; the whole is proven when all of them are. */
#include "base/error.h"
#include "solvers/run.h"
#include "solvers/shifted.h"

#include <math.h>

/* One solve: `which` under the map, or plainly of the eigenvalues. */
typedef struct part {
  speig_which which;
  int mapped;
  int32_t k;
} part;

/* What is gathered. */
typedef struct gathering {
  eigsh_run *run;
  eig_pairs pairs;
  int started, complete;
  speig_outcome proof;
  speig_transform transform;
  double shift;
  int64_t iterations;
  speig_reason reason; /* the worst of all parts */
} gathering;

static speig_status solve_plainly(eigsh_run *run, int *unsuitable)
{
  speig_status st = SPEIG_OK;
  *unsuitable = 1;
  if (run->problem.which == SPEIG_SA) {
    run->transform = SPEIG_TRANSFORM_SHIFT;
    TRY(shifted_solve(run, unsuitable));
  }
  if (*unsuitable) {
    run->transform = SPEIG_TRANSFORM_MASS;
    TRY(shifted_solve(run, unsuitable));
  }
done:
  return st;
}

/* LAPACK, where it takes seconds, has the end of a spectrum that no factorization reaches because B
 * is singular: it leaves out what is infinite. */
static speig_status solve_densely(eigsh_run *run, int *unsuitable)
{
  const double moderate = 10; /* seconds */
  speig_status st = SPEIG_OK;
  if (run->opts.method != SPEIG_METHOD_AUTO || !run->B ||
      !(plan_dense_seconds(run->A, run->B, &run->opts) <= moderate))
    goto done;
  TRY(dense_solve(&run->problem, &run->pairs));
  run->infinite = run->pairs.infinite;
  run->complete = run->pairs.converged == run->problem.k;
  run->proof = SPEIG_CERTIFIED;
  *unsuitable = 0;
done:
  return st;
}

/* B may be singular, and its factorization of no use: no error, when only a part asks for it. */
static int may_be_missing(speig_status st)
{
  return st == SPEIG_ERR_NUMERIC || st == SPEIG_ERR_MEMORY;
}

/* All eigenvalues lie on the side of the shift that is looked at: the nearest are an end. */
static int at_the_end(const eigsh_run *run, speig_which which)
{
  int above = (which == SPEIG_LA) == (run->problem.map.slope > 0);
  return run->side != 0 && (which == SPEIG_LM || (run->side > 0) == above);
}

/* Fewer than there are, or, as counts show, not the right ones. */
static int falls_short(const eigsh_run *run, int32_t found)
{
  return found < run->reach || run->complete < 0;
}

static int stopped(const eigsh_run *run)
{
  return run->pairs.reason == SPEIG_STOP_TIME_LIMIT || run->pairs.reason == SPEIG_STOP_CANCELLED ||
         run->pairs.reason == SPEIG_STOP_MAX_MATVECS;
}

/* What a singular B leaves to grow may have ended the run, and the ends of the spectrum are out of
 * reach. */
static int may_be_too_far(const eigsh_run *run, speig_which which)
{
  return run->B && run->problem.map.offset == 0 && falls_short(run, run->pairs.converged) &&
         !at_the_end(run, which) && !stopped(run);
}

/* What the caller did or asked for comes before what the numbers did. */
static speig_reason worse(speig_reason a, speig_reason b)
{
  static const speig_reason worst_first[] = { SPEIG_STOP_CANCELLED, SPEIG_STOP_TIME_LIMIT,
                                              SPEIG_STOP_MAX_MATVECS, SPEIG_STOP_MEMORY,
                                              SPEIG_STOP_BREAKDOWN };
  for (size_t i = 0; i < sizeof worst_first / sizeof *worst_first; ++i)
    if (a == worst_first[i] || b == worst_first[i])
      return worst_first[i];
  return SPEIG_STOP_CONVERGED;
}

/* Solves one part within run, whose own problem is put back; *found: how many pairs it brought. */
static speig_status solve_part(gathering *G, part p, int32_t *found)
{
  speig_status st = SPEIG_OK;
  eigsh_run *run = G->run;
  const eig_problem problem = run->problem;
  const int32_t k = run->plan.k;
  int unsuitable = 0, nearer;
  eig_pairs more = { 0 };
  *found = 0;
  if (p.k <= 0)
    return st;
  run->problem.which = p.which;
  run->problem.k = run->plan.k = p.k;
  if (!p.mapped)
    run->problem.map = (eig_map){ 0 };
  run->transform = SPEIG_TRANSFORM_SHIFT;
  run->complete = 0;
  run->pairs.count = run->pairs.converged = 0;
  st = p.mapped ? shifted_solve(run, &unsuitable) : solve_plainly(run, &unsuitable);
  if (st == SPEIG_OK && p.mapped && may_be_too_far(run, p.which))
    st = shifted_from_nearer(run, p.which, &nearer);
  if (!p.mapped && may_be_missing(st)) {
    st = SPEIG_OK;
    unsuitable = 1;
  }
  if (st == SPEIG_OK && !p.mapped && unsuitable)
    st = solve_densely(run, &unsuitable);
  if (!p.mapped && may_be_missing(st)) {
    st = SPEIG_OK;
    unsuitable = 1;
  }
  run->problem = problem;
  run->plan.k = k;
  TRY(st);
  if (unsuitable) {
    G->complete = -1;
    G->reason = worse(G->reason, SPEIG_STOP_BREAKDOWN);
    goto done;
  }
  *found = run->pairs.converged;
  if (p.mapped && falls_short(run, *found) && at_the_end(run, p.which) && !stopped(run))
    goto done; /* something else will do */
  more = run->pairs;
  G->reason = worse(G->reason, more.reason);
  G->iterations += more.iterations;
  if (p.mapped || !G->started) {
    G->transform = run->transform;
    G->shift = run->shift;
  }
  G->started = 1;
  if (run->complete < G->complete)
    G->complete = run->complete;
  if (run->complete == 1 && run->proof == SPEIG_VALIDATED)
    G->proof = SPEIG_VALIDATED;
  TRY(pairs_merge(&problem, k, &G->pairs, &more));
done:
  return st;
}

/* The other end of the spectrum from the side that LA (SA) of the map begins at. */
static part far_end(const eigsh_run *run, speig_which which, int32_t k)
{
  int above = (which == SPEIG_LA) == (run->problem.map.slope > 0);
  return (part){ above ? SPEIG_SA : SPEIG_LA, 0, k };
}

/* One side under the map, LA or SA, or LM when it is but one. */
static speig_status solve_side(gathering *G, speig_which which, int32_t k)
{
  speig_status st = SPEIG_OK;
  eigsh_run *run = G->run;
  int32_t found, missing;
  if (k <= 0)
    goto done;
  TRY(solve_part(G, (part){ which, 1, k }, &found));
  missing = k - run->reach;
  if (falls_short(run, found) && at_the_end(run, which) && !stopped(run))
    TRY(solve_part(G, (part){ run->side > 0 ? SPEIG_SA : SPEIG_LA, 0, run->reach }, &found));
  if (missing > 0 && which != SPEIG_LM)
    TRY(solve_part(G, far_end(run, which, missing), &found));
done:
  return st;
}

static speig_status solve_parts(gathering *G)
{
  speig_status st = SPEIG_OK;
  eigsh_run *run = G->run;
  speig_which which = run->problem.which;
  int32_t k = run->plan.k, found;
  int mapped = run->problem.map.shifted;
  if (which == SPEIG_BE && mapped) {
    TRY(solve_side(G, SPEIG_LA, k - k / 2));
    TRY(solve_side(G, SPEIG_SA, k / 2));
  } else if (which == SPEIG_BE) {
    TRY(solve_part(G, (part){ SPEIG_LA, 0, k - k / 2 }, &found));
    TRY(solve_part(G, (part){ SPEIG_SA, 0, k / 2 }, &found));
  } else if (which == SPEIG_SM) {
    TRY(solve_part(G, (part){ SPEIG_LA, 0, k }, &found));
    TRY(solve_part(G, (part){ SPEIG_SA, 0, k }, &found));
  } else {
    TRY(solve_side(G, which, k));
  }
done:
  return st;
}

/* One factorization reaches all there is, or nothing better than one is known. */
static int needs_one(const eigsh_run *run, speig_transform transform)
{
  const eig_problem *problem = &run->problem;
  speig_which which = problem->which;
  int by_mass = transform == SPEIG_TRANSFORM_MASS;
  if (run->bound_inverse || run->A->kind != OPERATOR_MATRIX)
    return 1;
  if (by_mass) /* both ends, when they do not meet */
    return !(which == SPEIG_BE || (which == SPEIG_SM && problem->map.shifted)) || !run->B ||
           4 * (int64_t)problem->k > problem->n - problem->constraints.p;
  if (!problem->map.shifted || which == SPEIG_SM)
    return 1;
  return which == SPEIG_LM && problem->map.offset != 0;
}

speig_status sides_solve(eigsh_run *run, speig_transform transform, int *unsuitable)
{
  speig_status st = SPEIG_OK;
  gathering G = {
    .run = run, .complete = 1, .proof = SPEIG_CERTIFIED, .reason = SPEIG_STOP_CONVERGED
  };
  run->method = SPEIG_LANCZOS;
  run->transform = transform;
  run->complete = 0;
  if (needs_one(run, transform)) {
    TRY(shifted_solve(run, unsuitable));
    goto done;
  }
  *unsuitable = 0;
  TRY(eig_pairs_alloc(run->be, run->problem.n, run->pairs.capacity, &G.pairs));
  TRY(solve_parts(&G));
  eig_pairs_free(&run->pairs);
  run->pairs = G.pairs;
  G.pairs = (eig_pairs){ 0 };
  run->pairs.reason = G.reason;
  run->pairs.iterations = G.iterations;
  run->complete = G.complete;
  run->proof = G.proof;
  run->transform = G.transform;
  run->shift = G.shift;
  *unsuitable = !G.started;
done:
  eig_pairs_free(&G.pairs);
  return st;
}
