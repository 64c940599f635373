/* ritz.c: the projected problem of Lanczos: Ritz values, what has converged, what may still be
 * missing, and how many vectors to keep. Host numbers only; O(m^3) per restart. */
#include "base/error.h"
#include "solvers/lanczos.h"

#include <float.h>
#include <math.h>

/* ---- the projected problem ---- */

speig_status ritz_compute(lanczos *L)
{
  speig_status st = SPEIG_OK;
  int32_t j = L->filled;
  small S = small_view(&L->S, 0, 0, j, j);
  small_zero(&S);
  for (int32_t i = 0; i < j; ++i) {
    int32_t next = i < L->kept ? L->kept : i + 1;
    small_set(&S, i, i, L->diag[i]);
    if (next < j) {
      small_set(&S, next, i, L->off[i]);
      small_set(&S, i, next, L->off[i]);
    }
  }
  TRY(small_eigh(&S, L->mu));
  for (int32_t i = 0; i < j; ++i) {
    double residual = L->exhausted ? 0 : fabs(L->off[j - 1] * small_get(&S, j - 1, i));
    L->theta[i] = filter_value(&L->filter, L->mu[i]);
    L->residual[i] = filter_residual(&L->filter, L->mu[i], residual);
    L->norm_a = fmax(L->norm_a, fabs(L->theta[i]));
    L->norm_op = fmax(L->norm_op, fabs(L->mu[i]));
  }
  if (L->filter.degree == 0) {
    L->lowest = fmin(L->lowest, L->theta[0]);
    L->highest = fmax(L->highest, L->theta[j - 1]);
  }
  /* What is wanted stands out at the top of the filtered spectrum. */
  eig_rank(L->filter.degree ? SPEIG_LA : L->problem->which, j, L->mu, L->rank);
done:
  return st;
}

int ritz_converged(const lanczos *L, int32_t i)
{
  return L->residual[i] <= L->problem->tol * (L->norm_a + fabs(L->theta[i]));
}

int32_t ritz_magnified(const lanczos *L)
{
  int32_t count = 0;
  for (int32_t i = 0; i < L->filled; ++i)
    count += L->mu[i] > 1.05;
  return count;
}

/* Bounds of the values that the best k of the known (and, if asked, the converged Ritz) values
 * leave open: a value is still wanted when it is above *high or below *low. */
static void open_ends(lanczos *L, int with_converged, double *low, double *high)
{
  const eig_problem *problem = L->problem;
  speig_which which = problem->which;
  int32_t count = problem->known_count, k = problem->k, top = which == SPEIG_BE ? k - k / 2 : k;
  for (int32_t i = 0; i < count; ++i)
    L->merged[i] = problem->known[i];
  for (int32_t i = 0; with_converged && i < L->filled; ++i)
    if (ritz_converged(L, i))
      L->merged[count++] = L->theta[i];
  *high = which == SPEIG_SA ? INFINITY : -INFINITY;
  *low = which == SPEIG_LA ? -INFINITY : INFINITY;
  if (count < k)
    return;
  eig_rank(which == SPEIG_BE ? SPEIG_LA : which, count, L->merged, L->merged_rank);
  if (which == SPEIG_LA || which == SPEIG_BE)
    *high = L->merged[L->merged_rank[top - 1]];
  if (which == SPEIG_BE)
    *low = k > top ? L->merged[L->merged_rank[count - (k - top)]] : -INFINITY;
  if (which == SPEIG_SA)
    *low = L->merged[L->merged_rank[k - 1]];
  if (which == SPEIG_LM) {
    *high = fabs(L->merged[L->merged_rank[k - 1]]);
    *low = -*high;
  }
}

/* How far apart two values must be to count as different in a probe: what the residuals of the
 * known pairs allow, and what rounding allows. Not tol: pairs are often found far better than
 * asked. */
static double margin(const lanczos *L)
{
  return fmax(8 * L->problem->known_residual, 256 * L->eps * L->norm_a);
}

static int beyond(double low, double high, double gap, double theta)
{
  return theta > high + gap || theta < low - gap;
}

int32_t ritz_converged_among_best(const lanczos *L)
{
  int32_t count = 0;
  for (int32_t i = 0; i < L->filled && i < L->problem->k; ++i)
    count += ritz_converged(L, L->rank[i]);
  return count;
}

double ritz_value_error(const lanczos *L, int32_t i, int32_t neighbour)
{
  double gap = fabs(L->theta[i] - L->theta[neighbour]);
  return gap > 0 ? fmin(L->residual[i], L->residual[i] * L->residual[i] / gap) : L->residual[i];
}

/* Is nothing left at one end of a probe? From the outside in (ranked by distance from the other
 * end): converged pairs beyond the known ones are finds; the first other Ritz value decides,
 * because a run from a random vector brings out the extreme eigenvalues first: even moved by its
 * residual it must stay behind what is open (finds included). */
static int end_is_clear(const lanczos *L, int upper, double known, double open)
{
  double gap = margin(L);
  for (int32_t j = 0; j < L->filled; ++j) {
    int32_t i = upper ? L->filled - 1 - j : j;
    double sign = upper ? 1 : -1;
    if (L->filter.degree)
      i = L->filled - 1 - j; /* the wanted end is on top of the filtered spectrum */
    if (L->filter.degree && L->mu[i] <= 1)
      return 1; /* inside the interval, which lies behind the known values */
    if (ritz_converged(L, i) && sign * (L->theta[i] - known) > gap)
      continue;
    return sign * (L->theta[i] - open) + L->residual[i] <= gap;
  }
  return 0;
}

/* Solve: the best k converged. Probe: both ends, or the one that is wanted, are clear. */
int ritz_finished(lanczos *L)
{
  double low, high, open_low, open_high;
  speig_which which = L->problem->which;
  if (L->problem->known_count == 0)
    return L->filled >= L->problem->k && ritz_converged_among_best(L) == L->problem->k;
  open_ends(L, 0, &low, &high);
  open_ends(L, 1, &open_low, &open_high);
  if (L->filter.degree && L->filter.upper)
    return end_is_clear(L, 1, high, open_high);
  if (L->filter.degree)
    return end_is_clear(L, 0, low, open_low);
  return (which == SPEIG_SA || end_is_clear(L, 1, high, open_high)) &&
         (which == SPEIG_LA || end_is_clear(L, 0, low, open_low));
}

/* How many Ritz pairs the run is after: a probe needs the outermost of each end only. */
static int32_t sought(const lanczos *L)
{
  return L->problem->known_count > 0 && L->problem->k > 2 ? 2 : L->problem->k;
}

/* Growth of the worst unconverged wanted component over the next cycle when the best l are kept:
 * the Chebyshev exponent (m - l) acosh(1 + 2 gamma), gamma its distance from the rest over their
 * spread. */
static double growth(const lanczos *L, int32_t l, double low, double high)
{
  double worst = INFINITY, spread = fmax(fmax(high - low, L->eps * L->norm_op), DBL_MIN);
  int32_t m = eig_basis_room(L->problem->ncv_first, L->m, L->restarts + 1);
  for (int32_t i = 0; i < sought(L) && i < l; ++i) {
    double mu = L->mu[L->rank[i]];
    double distance = fmax(fmax(mu - high, low - mu), 0);
    if (!ritz_converged(L, L->rank[i]))
      worst = fmin(worst, acosh(1 + 2 * distance / spread));
  }
  return isinf(worst) ? 0 : (m - l) * worst;
}

/* What m - l steps cost, in passes over one vector: about ten for the product and two per vector
 * that is orthogonalised against, which are all of them in each step or in two of them. */
static double cost_of_steps(const lanczos *L, int32_t m, int32_t l)
{
  double products = (m - l) * (10.0 + 2 * L->y);
  int partial = L->omega.eta > 0 && L->filter.degree == 0;
  return products + (partial ? 4.0 * m : (m - l) * (double)(m + l));
}

/* The number of Ritz vectors to keep: largest growth per cost. The restart itself is a matrix
 * product of 2 m l n operations, of which about 16 fit into the time of a pass. */
int32_t ritz_choose_kept(const lanczos *L)
{
  int32_t m = L->filled, k = sought(L);
  int32_t least = k + 1 < m - 2 ? k + 1 : m - 2;
  int32_t most = least + (m - 2 - least) / 2; /* many restarts gather rounding errors */
  int32_t best = most;
  double best_rate = 0;
  for (int32_t l = least; l <= most; ++l) {
    double low = INFINITY, high = -INFINITY, rate, cost;
    for (int32_t i = l; i < m; ++i) {
      low = fmin(low, L->mu[L->rank[i]]);
      high = fmax(high, L->mu[L->rank[i]]);
    }
    cost = cost_of_steps(L, m, l) + m * l / 8.0;
    rate = growth(L, l, low, high) / cost;
    if (rate > best_rate * (1 + 1e-12)) {
      best_rate = rate;
      best = l;
    }
  }
  return best < 1 ? 1 : best;
}

/* The Ritz pairs to return: the best k (solve), or those that beat the known ones by more than the
 * margin (probe; unconverged ones only when it was stopped early); converged ones first. Their
 * places go to L->merged_rank. */
int32_t ritz_select(lanczos *L, int32_t capacity, int32_t *converged)
{
  int probe = L->problem->known_count > 0;
  int32_t count = 0, most = L->filled < L->problem->k ? L->filled : L->problem->k;
  double low = INFINITY, high = -INFINITY;
  if (probe)
    open_ends(L, 0, &low, &high);
  *converged = 0;
  for (int want = 1; want >= (probe && L->reason == SPEIG_STOP_CONVERGED ? 1 : 0); --want) {
    for (int32_t i = 0; i < most && count < capacity; ++i) {
      int32_t pick = L->rank[i];
      if (ritz_converged(L, pick) != want)
        continue;
      if (probe && !beyond(low, high, margin(L), L->theta[pick]))
        continue;
      L->merged_rank[count++] = pick;
      *converged += want;
    }
  }
  return count;
}
