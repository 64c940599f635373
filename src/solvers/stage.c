/* stage.c: with which operator a Lanczos run goes on: A itself, or a Chebyshev filter of it whose
 * edge is moved until it magnifies about what is wanted. */
#include "base/error.h"
#include "solvers/lanczos.h"

#include <math.h>

speig_status stage_again(lanczos *L, const filter *F, int32_t count)
{
  speig_status st = SPEIG_OK;
  int32_t m = L->filled;
  multivec V = mv_columns(&L->basis, L->y, m), sum = lanczos_column(L, m),
           first = lanczos_column(L, 0);
  small C = small_view(&L->C, 0, 0, m, 1);
  double norm;
  small_zero(&C);
  for (int32_t i = 0; i < count; ++i)
    for (int32_t row = 0; row < m; ++row)
      small_set(&C, row, 0, small_get(&C, row, 0) + small_get(&L->S, row, L->rank[i]));
  TRY(mv_mul(1, &V, &C, 0, &sum));
  TRY(mv_copy(&sum, &first));
  TRY(lanczos_orthogonalize(L, 0, &norm));
  TRY(lanczos_normalize(L, 0, norm));
  L->filter = *F;
  L->kept = L->filled = 0;
  L->norm_op = 0;
  L->stage_restarts = 0;
  ++L->stages;
  ++L->restarts;
done:
  return st;
}

/* Does the wanted end lie above (1) or below (0), or are there two of them (-1)? */
static int wanted_end(const lanczos *L)
{
  int32_t m = L->filled, worst = L->rank[L->problem->k - 1 < m ? L->problem->k - 1 : m - 1];
  double lowest = L->theta[0] - L->residual[0], highest = L->theta[m - 1] + L->residual[m - 1];
  if (L->problem->which == SPEIG_LA)
    return 1;
  if (L->problem->which == SPEIG_SA)
    return 0;
  if (L->problem->which == SPEIG_LM && L->theta[worst] > 0 && -lowest < L->theta[worst])
    return 1;
  if (L->problem->which == SPEIG_LM && L->theta[worst] < 0 && highest < -L->theta[worst])
    return 0;
  return -1;
}

enum { LEAST_DEGREE = 12 }; /* of a filter worth its while */

/* Room for the wanted values and for some more, so that the k-th stands out too. */
static int32_t values_to_magnify(const lanczos *L)
{
  int32_t k = L->problem->k;
  return 3 * k > k + 20 ? 3 * k : k + 20;
}

/* Eigenvalues among the constraints lie inside the interval too: beyond it, the rounding errors by
 * which constraints miss their eigenvectors would be magnified. */
static void cover_deflated(const eig_problem *problem, filter *F)
{
  double spread = fabs(problem->span_high - problem->span_low);
  if (problem->span_low > problem->span_high)
    return;
  if (F->upper)
    F->low = fmin(F->low, problem->span_low - 0.02 * spread);
  else
    F->high = fmax(F->high, problem->span_high + 0.02 * spread);
}

/* After the first basis, which started from a random vector: is a filter worth it? */
speig_status stage_consider_filter(lanczos *L, int *taken)
{
  speig_status st = SPEIG_OK;
  int32_t m = L->filled, last;
  int upper = wanted_end(L);
  filter F;
  double *weight = L->merged;
  *taken = 0;
  /* Not in a probe: known values beyond the edge would be magnified without bound, and with them
   * the rounding errors by which constraints miss their eigenvectors. */
  if (!L->problem->may_filter || L->problem->known_count > 0 || L->restarts > 0 || upper < 0 ||
      L->problem->guess.p > 0 || L->stages > 0)
    return st;
  /* Weights mean nothing after a breakdown, and what is half done needs no help. */
  if (L->broke_down || 2 * ritz_converged_among_best(L) >= L->problem->k)
    return st;
  last = upper ? m - 1 : 0;
  for (int32_t i = 0; i < m; ++i)
    weight[i] = small_get(&L->S, 0, i) * small_get(&L->S, 0, i);
  F = filter_design(upper, eig_room(L->problem), values_to_magnify(L), m, L->theta, weight,
                    ritz_value_error(L, last, upper ? m - 2 : 1));
  cover_deflated(L->problem, &F);
  if (F.degree < LEAST_DEGREE)
    return st;
  TRY(stage_again(L, &F, L->problem->k + 10 < m ? L->problem->k + 10 : m));
  *taken = 1;
done:
  return st;
}

/* A filter that magnifies fewer values than are wanted has its edge too far out; one that leaves
 * the basis full of magnified values without converging has it too far in. The values seen beyond
 * the edge tell where it belongs; when there are none, the extreme one is just inside. */
static int edge_is_good(const lanczos *L, int32_t magnified)
{
  enum { PATIENCE = 2 };
  int crowded = L->stage_restarts >= PATIENCE && magnified >= L->filled * 4 / 5;
  return magnified > L->problem->k && L->mu[L->rank[0]] < 1e6 && !crowded;
}

speig_status stage_adjust_filter(lanczos *L, int *taken)
{
  enum { MAX_STAGES = 12 };
  speig_status st = SPEIG_OK;
  int32_t magnified = ritz_magnified(L);
  double theta = L->theta[L->rank[0]], depth;
  filter F;
  *taken = 0;
  if (L->problem->known_count > 0 || edge_is_good(L, magnified))
    return st;
  depth = magnified == 0 ? filter_depth(&L->filter)
                         : fabs(theta - (L->filter.upper ? L->filter.high : L->filter.low));
  F = filter_redesign(&L->filter, theta, depth, magnified, values_to_magnify(L));
  if (F.degree == L->filter.degree)
    return st;
  if (F.degree < LEAST_DEGREE || !(F.low < F.high) || L->stages >= MAX_STAGES)
    F.degree = 0; /* the spectrum is not of the kind that a filter helps: on without */
  TRY(stage_again(L, &F, magnified < 1 ? 1 : magnified));
  *taken = 1;
done:
  return st;
}
