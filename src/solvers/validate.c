/* validate.c: a second look at a converged set: is something missing?
 *
 * A Lanczos run (LOBPCG when there is a B, Golub-Kahan for singular values) starts from a random
 * vector in the orthogonal complement of the set. If an eigenvalue that belongs into the set was
 * missed (a further copy of a multiple one, say) it is extremal there and comes out first; the set
 * takes it in, and the probe is repeated until nothing is found. After McCombs and Stathopoulos,
 * SIAM J. Sci. Comput. 28 (2006). Cost: about that of one more eigenpair, per layer of missed
 * copies plus one. */
#include "solvers/run.h"

#include "base/error.h"
#include "base/memory.h"

#include <math.h>

static speig_status copy_columns(const multivec *from, int32_t first, int32_t count, multivec *to,
                                 int32_t at)
{
  speig_status st = SPEIG_OK;
  multivec source = mv_columns(from, first, count), target = mv_columns(to, at, count);
  if (count > 0)
    TRY(mv_copy(&source, &target));
done:
  return st;
}

speig_status pairs_merge(const eig_problem *problem, int32_t k, eig_pairs *pairs,
                         const eig_pairs *more)
{
  speig_status st = SPEIG_OK;
  int32_t a = pairs->converged, total = a + more->converged, count = total < k ? total : k;
  eig_pairs merged = { 0 };
  double *theta = NULL;
  int32_t *rank = NULL;
  TRY(MEM_ARRAY(total + 1, "merged values", &theta));
  TRY(MEM_ARRAY(total + 1, "merged ranks", &rank));
  TRY(eig_pairs_alloc_for(problem, pairs->capacity, &merged));
  for (int32_t i = 0; i < total; ++i)
    theta[i] = i < a ? pairs->theta[i] : more->theta[i - a];
  TRY(eig_rank_mapped(problem->which, &problem->map, total, theta, rank));
  for (int32_t i = 0; i < count; ++i) {
    const eig_pairs *source = rank[i] < a ? pairs : more;
    int32_t at = rank[i] < a ? rank[i] : rank[i] - a;
    merged.theta[i] = source->theta[at];
    merged.residual[i] = source->residual[at];
    TRY(copy_columns(&source->X, at, 1, &merged.X, i));
    if (problem->adjoint)
      TRY(copy_columns(&source->left, at, 1, &merged.left, i));
  }
  merged.count = merged.converged = count;
  merged.norm_a = fmax(pairs->norm_a, more->norm_a);
  merged.norm_b = fmax(pairs->norm_b, more->norm_b);
  merged.iterations = pairs->iterations + more->iterations;
  merged.reason = more->reason;
  merged.precond_dropped = pairs->precond_dropped || more->precond_dropped;
  merged.filter = pairs->filter;
  merged.lowest = fmin(pairs->lowest, more->lowest);
  merged.highest = fmax(pairs->highest, more->highest);
  eig_pairs_free(pairs);
  *pairs = merged;
  merged = (eig_pairs){ 0 };
done:
  eig_pairs_free(&merged);
  mem_free(theta);
  mem_free(rank);
  return st;
}

speig_status validate_constraints(const eig_problem *end, const eig_pairs *pairs, multivec *Y,
                                  multivec *Y_b)
{
  speig_status st = SPEIG_OK;
  int32_t y = end->constraints.p, k = pairs->converged;
  multivec X = mv_columns(&pairs->X, 0, k), tail;
  TRY(mv_alloc(end->be, end->n, y + k, "probe constraints", Y));
  TRY(copy_columns(&end->constraints, 0, y, Y, 0));
  TRY(copy_columns(&pairs->X, 0, k, Y, y));
  *Y_b = *Y;
  if (end->B) {
    TRY(mv_alloc(end->be, end->n, y + k, "probe constraints", Y_b));
    TRY(copy_columns(&end->constraints_b, 0, y, Y_b, 0));
    tail = mv_columns(Y_b, y, k);
    TRY(operator_apply(end->B, &X, &tail));
  }
done:
  return st;
}

/* LOBPCG knows no known values: its best pair of the complement is compared here. Values that
 * differ by no more than accepted residuals allow count as equal: |theta - lambda| is at most
 * ||r|| in the norm of B^-1, about ||r|| ||x||_2. */
static speig_status keep_if_better(const eig_problem *end, const eig_pairs *pairs, eig_pairs *found)
{
  speig_status st = SPEIG_OK;
  double worst = pairs->theta[pairs->converged - 1], ahead = 0, length, gap;
  multivec x = mv_columns(&found->X, 0, 1);
  if (found->count > 0) {
    TRY(mv_norms(&x, &length));
    gap = 8 * length * eig_limit(end, found->norm_a, found->norm_b, worst, length);
    ahead = (end->which == SPEIG_SA ? worst - found->theta[0] : found->theta[0] - worst) - gap;
  }
  if (!(ahead > 0))
    found->count = found->converged = 0;
done:
  return st;
}

/* Does theta rank behind `better` at its end of the spectrum? For both ends, `middle` parts them.
 */
static int ranks_behind(speig_which which, double middle, double theta, double better)
{
  double pair[2] = { theta, better };
  int32_t rank[2];
  if (which == SPEIG_BE)
    return (theta < middle) == (better < middle) &&
           (better < middle ? theta > better : theta < better);
  eig_rank(which, 2, pair, rank);
  return rank[0] == 1;
}

/* Halfway between the last pair of the low end and the last one of the high end. */
static double middle_of(const eig_pairs *pairs)
{
  double high = INFINITY, low = -INFINITY;
  for (int32_t i = 0; i < pairs->converged; ++i) { /* best first takes turns, the high end first */
    if (i % 2 == 0)
      high = fmin(high, pairs->theta[i]);
    else
      low = fmax(low, pairs->theta[i]);
  }
  return isinf(low) ? -INFINITY : low / 2 + high / 2;
}

/* A better pair is in sight but did not converge: pairs that rank behind it are not the wanted
 * ones. When none does, though its error leaves it possible, the last pair is given up. */
static speig_status drop_worse(const eig_problem *end, const eig_pairs *found, eig_pairs *pairs)
{
  speig_status st = SPEIG_OK;
  int32_t keep = 0, all = pairs->converged;
  double middle = middle_of(pairs), better = found->theta[found->converged];
  pairs->reason = found->reason;
  for (int32_t i = 0; i < all; ++i) {
    if (ranks_behind(end->which, middle, pairs->theta[i], better))
      continue;
    if (keep < i) {
      TRY(copy_columns(&pairs->X, i, 1, &pairs->X, keep));
      pairs->theta[keep] = pairs->theta[i];
      pairs->residual[keep] = pairs->residual[i];
    }
    ++keep;
  }
  if (keep == all && all == end->k)
    --keep;
  pairs->count = pairs->converged = keep;
done:
  return st;
}

/* The same as validate_constraints for left vectors; empty where eigenvalues are wanted. */
static speig_status left_constraints(const eig_problem *end, const eig_pairs *pairs, multivec *Y)
{
  speig_status st = SPEIG_OK;
  int32_t y = end->constraints_left.p, k = pairs->converged;
  if (!end->adjoint)
    return st;
  TRY(mv_alloc(end->be, pairs->left.n, y + k, "probe constraints", Y));
  TRY(copy_columns(&end->constraints_left, 0, y, Y, 0));
  TRY(copy_columns(&pairs->left, 0, k, Y, y));
done:
  return st;
}

static speig_status probe(eig_solver *solver, int64_t max_matvecs, const eig_problem *end,
                          const eig_pairs *pairs, int round, eig_pairs *found)
{
  speig_status st = SPEIG_OK;
  eig_problem sub = *end;
  multivec Y = { 0 }, Y_b = { 0 }, left = { 0 };
  TRY(validate_constraints(end, pairs, &Y, &Y_b));
  TRY(left_constraints(end, pairs, &left));
  sub.constraints = Y;
  sub.constraints_b = Y_b;
  sub.constraints_left = left;
  sub.guess = (multivec){ .be = end->be, .n = end->n };
  sub.seed = end->seed + UINT64_C(0x632BE59BD9B4E019) * (uint64_t)(round + 1);
  sub.phase = "validate";
  /* Where a cheaper method waits behind (see patience in strategy.c), the probe may take as long
   * again. */
  if (sub.max_matvecs < 2 * eig_products(end))
    sub.max_matvecs = 2 * eig_products(end);
  if (sub.max_matvecs > max_matvecs)
    sub.max_matvecs = max_matvecs;
  sub.known = pairs->theta;
  sub.known_count = pairs->converged;
  sub.filter = pairs->filter;
  sub.known_residual = 0;
  for (int32_t i = 0; i < pairs->converged; ++i)
    sub.known_residual = fmax(sub.known_residual, pairs->residual[i]);
  if (solver == lobpcg_solve) {
    sub.known_count = 0;
    sub.k = 1;
    TRY(lobpcg_solve(&sub, found));
    TRY(keep_if_better(end, pairs, found));
  } else {
    sub.ncv = end->ncv > 0 ? end->ncv : 2 * end->k + 20;
    TRY(solver(&sub, found));
  }
done:
  mv_free(&left);
  if (Y_b.data != Y.data)
    mv_free(&Y_b);
  mv_free(&Y);
  return st;
}

speig_status validate_by(eig_solver *solver, int64_t max_matvecs, const eig_problem *end,
                         eig_pairs *pairs, int *complete)
{
  speig_status st = SPEIG_OK;
  eig_pairs found = { 0 };
  *complete = 0;
  for (int round = 0;; ++round) {
    if (end->constraints.p + pairs->converged >= end->n) {
      *complete = 1;
      break;
    }
    TRY(eig_pairs_alloc_for(end, end->k, &found));
    TRY(probe(solver, max_matvecs, end, pairs, round, &found));
    pairs->norm_a = fmax(pairs->norm_a, found.norm_a);
    pairs->precond_dropped |= found.precond_dropped;
    if (found.converged > 0)
      TRY(pairs_merge(end, end->k, pairs, &found));
    if (found.reason != SPEIG_STOP_CONVERGED) {
      if (found.count > found.converged) {
        TRY(drop_worse(end, &found, pairs));
        *complete = -1;
      }
      break;
    }
    if (found.converged == 0) {
      *complete = 1;
      break;
    }
    eig_pairs_free(&found);
  }
done:
  eig_pairs_free(&found);
  return st;
}

speig_status validate_pairs(eigsh_run *run, const eig_problem *end, eig_pairs *pairs, int *complete)
{
  eig_solver *solver = run->method == SPEIG_LOBPCG && end->B ? lobpcg_solve : lanczos_solve;
  return validate_by(solver, run->plan.max_matvecs, end, pairs, complete);
}
