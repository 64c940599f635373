/* shifted_pairs.c: what block Lanczos found by a transformation becomes pairs of the problem
 * itself: Rayleigh-Ritz with A and B, true residuals, inverse iteration where these stand above
 * tol. */
#include "base/dtype.h"
#include "base/error.h"
#include "solvers/complete.h"
#include "solvers/subspace.h"

#include <math.h>

/* Rayleigh-Ritz on the converged pairs and residuals from A; true when they all hold tol. */
static speig_status judge_pairs(shifted *S, eig_pairs *pairs, int *all_hold)
{
  speig_status st = SPEIG_OK;
  const eig_problem *problem = &S->problem;
  int32_t count = pairs->converged, rank = 0;
  multivec X = mv_columns(&pairs->X, 0, count), BX = { 0 }, AX = { 0 }, work = { 0 };
  TRY(mv_alloc(problem->be, problem->n, count, "B times the pairs", &BX));
  TRY(mv_alloc(problem->be, problem->n, count, "A times the pairs", &AX));
  TRY(mv_alloc(problem->be, problem->n, count, "pairs", &work));
  TRY(subspace_orthonormalize_b(problem->B, &problem->constraints, &problem->constraints_b, &X, &BX,
                                &rank));
  X.p = BX.p = AX.p = work.p = rank;
  if (!problem->B)
    TRY(mv_copy(&X, &BX));
  TRY(operator_apply(problem->A, &X, &AX));
  TRY(subspace_restrict(&problem->constraints, &problem->constraints_b, &AX));
  TRY(subspace_rayleigh_ritz(0, &X, &AX, &BX, &work, pairs->theta, pairs->residual));
  pairs->count = rank;
  pairs->norm_a = S->goal.norm_a;
  pairs->norm_b = S->goal.norm_b;
  for (int32_t i = 0; i < rank && !problem->B; ++i)
    pairs->norm_a = fmax(pairs->norm_a, fabs(pairs->theta[i]));
  TRY(eig_pairs_settle(problem, pairs));
  *all_hold = pairs->converged == count;
done:
  mv_free(&BX);
  mv_free(&AX);
  mv_free(&work);
  return st;
}

/* X = OP X, column block by column block. */
static speig_status iterate_inversely(shifted *S, eig_pairs *pairs)
{
  speig_status st = SPEIG_OK;
  multivec BX = { 0 }, Y = { 0 };
  int32_t b = S->goal.block;
  TRY(mv_alloc(S->problem.be, S->problem.n, b, "pairs", &BX));
  TRY(mv_alloc(S->problem.be, S->problem.n, b, "pairs", &Y));
  for (int32_t first = 0; first < pairs->count; first += b) {
    int32_t part = pairs->count - first < b ? pairs->count - first : b;
    multivec x = mv_columns(&pairs->X, first, part), bx = mv_columns(&BX, 0, part);
    multivec y = mv_columns(&Y, 0, part);
    if (S->problem.B)
      TRY(operator_apply(S->problem.B, &x, &bx));
    TRY(invert_apply(&S->I, &x, S->problem.B ? &bx : &x, &y));
    TRY(mv_copy(&y, &x));
  }
done:
  mv_free(&BX);
  mv_free(&Y);
  return st;
}

static speig_status improve(shifted *S, int rounds, eig_pairs *pairs, int *all_hold)
{
  speig_status st = SPEIG_OK;
  for (int round = 0; round < rounds && !*all_hold; ++round) {
    pairs->converged = pairs->count;
    S->I.refine |= !S->I.given; /* factors without pivoting may be what keeps them above tol */
    TRY(iterate_inversely(S, pairs));
    TRY(judge_pairs(S, pairs, all_hold));
  }
done:
  return st;
}

/* At a shift that is an eigenvalue to rounding refinement fails, and vectors are those of the
 * matrix that the factors stand for. A little beside it they are as near, and solutions accurate.
 */
static speig_status improve_beside(shifted *S, int rounds, eig_pairs *pairs, int *all_hold)
{
  speig_status st = SPEIG_OK;
  const double at = S->I.shift, size = fabs(at) + pairs->norm_a / pairs->norm_b;
  int singular;
  TRY(invert_at(&S->I, at + sqrt(dtype_eps(S->problem.be->ops->dtype)) * size, &singular));
  if (!singular)
    TRY(improve(S, rounds, pairs, all_hold));
  TRY(invert_at(&S->I, at, &singular));
done:
  return st;
}

speig_status shifted_improve(shifted *S, eig_pairs *pairs)
{
  enum { ROUNDS = 2 };
  speig_status st = SPEIG_OK;
  int all_hold = 1;
  if (pairs->converged > 0)
    TRY(judge_pairs(S, pairs, &all_hold));
  if (all_hold || S->I.by_mass)
    goto done;
  TRY(improve(S, ROUNDS, pairs, &all_hold));
  if (!all_hold && !S->I.given)
    TRY(improve_beside(S, ROUNDS, pairs, &all_hold));
done:
  return st;
}

speig_status shifted_keep_best(shifted *S, eig_pairs *pairs)
{
  speig_status st = SPEIG_OK;
  eigsh_run *run = S->run;
  eig_pairs none = { .capacity = 1 };
  TRY(pairs_merge(&S->problem, run->reach, pairs, &none));
  run->pairs.count = run->pairs.converged = 0;
  for (int32_t i = 0; i < pairs->converged; ++i) {
    multivec from = mv_columns(&pairs->X, i, 1), to = mv_columns(&run->pairs.X, i, 1);
    TRY(mv_copy(&from, &to));
    run->pairs.theta[i] = pairs->theta[i];
    run->pairs.residual[i] = pairs->residual[i];
  }
  run->pairs.count = run->pairs.converged = pairs->converged;
  run->pairs.norm_a = pairs->norm_a;
  run->pairs.norm_b = pairs->norm_b;
  run->pairs.iterations = pairs->iterations;
done:
  return st;
}

/* How many of the pairs that hold rank before the value. */
static int32_t place_among(const eig_problem *problem, const eig_pairs *pairs, double theta)
{
  int32_t before = 0, rank[2];
  for (int32_t j = 0; j < pairs->converged; ++j) {
    double two[2] = { eig_mapped(&problem->map, theta),
                      eig_mapped(&problem->map, pairs->theta[j]) };
    eig_rank(problem->which == SPEIG_BE ? SPEIG_LA : problem->which, 2, two, rank);
    before += rank[0] == 1;
  }
  if (problem->which == SPEIG_BE && pairs->converged - before < before)
    before = pairs->converged - before; /* from the nearer end */
  return before;
}

int shifted_misses_better(const shifted *S, const eig_pairs *pairs)
{
  const eig_problem *problem = &S->problem;
  int32_t k = S->run->plan.k, better = problem->which == SPEIG_BE ? k / 2 : k;
  for (int32_t i = pairs->converged; i < pairs->count; ++i) {
    double theta = pairs->theta[i], size = pairs->norm_a + fabs(theta) * pairs->norm_b;
    double error = (pairs->residual[i] + 4 * problem->tol * size) / pairs->norm_b;
    if (place_among(problem, pairs, theta - error) < better &&
        place_among(problem, pairs, theta + error) < better)
      return 1;
  }
  return 0;
}
