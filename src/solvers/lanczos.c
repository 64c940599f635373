/* lanczos.c: thick-restart Lanczos for a few eigenvalues at the ends of a Hermitian spectrum.
 *
 * Method: Wu and Simon, SIAM J. Matrix Anal. Appl. 22 (2000). Every new vector is orthogonalised
 * against the whole basis (Daniel, Gragg, Kaufman, Stewart 1976), so breakdown means an invariant
 * subspace: the run goes on in a fresh orthogonal direction. The number of vectors kept at a
 * restart maximises the predicted convergence per cost (after Yamazaki, Bai, Simon, Wang, Wu, ACM
 * TOMS 37 (2010)). In a probe (problem->known) the run looks for missed copies in the complement of
 * known pairs, in the spirit of McCombs and Stathopoulos, SIAM J. Sci. Comput. 28 (2006). Cost per
 * step j: one product with A and two passes over j + y basis vectors; per restart: one pass that
 * reads m and writes the kept vectors.
 *
 * T, the projected matrix, is real: diag[j] on the diagonal; kept Ritz vectors i < kept couple to
 * column `kept` by off[i], later columns j to j + 1 by off[j]. */
#include "base/clock.h"
#include "base/dtype.h"
#include "base/error.h"
#include "base/memory.h"
#include "solvers/problem.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>

typedef struct lanczos {
  const eig_problem *problem;
  int32_t y, m; /* constraints, basis columns */
  multivec basis; /* n x (y + m + 1): constraints, then V, then the next vector */
  int32_t kept, filled; /* columns of V that came from a restart; columns with a row in T */
  int exhausted; /* constraints and V span the whole space */
  double *diag, *off; /* [m] */
  double *theta, *residual; /* [m] Ritz values ascending, their residual estimates */
  int32_t *rank; /* [m] best first */
  double *merged; /* [known_count + m] */
  int32_t *merged_rank;
  double *shown_theta, *shown_residual; /* [k] for the progress record */
  small S, C, H, work[2];
  double norm_a, eps;
  uint64_t draws; /* random vectors used so far */
  int64_t restarts;
  double last_report;
  int32_t converged; /* among the best k at the last restart */
  int stop;
  speig_reason reason;
} lanczos;

static multivec column(const lanczos *L, int32_t j)
{
  return mv_columns(&L->basis, L->y + j, 1);
}

static void lanczos_close(lanczos *L)
{
  mv_free(&L->basis);
  mem_free(L->diag);
  mem_free(L->off);
  mem_free(L->theta);
  mem_free(L->residual);
  mem_free(L->rank);
  mem_free(L->merged);
  mem_free(L->merged_rank);
  mem_free(L->shown_theta);
  mem_free(L->shown_residual);
  small_free(&L->S);
  small_free(&L->C);
  small_free(&L->H);
  small_free(&L->work[0]);
  small_free(&L->work[1]);
}

static speig_status lanczos_open(const eig_problem *problem, lanczos *L)
{
  speig_status st = SPEIG_OK;
  int32_t y = problem->constraints.p, m = problem->ncv;
  int is_complex = dtype_is_complex(problem->be->ops->dtype);
  if (m > problem->n - y)
    m = (int32_t)(problem->n - y);
  *L = (lanczos){ .problem = problem,
                  .y = y,
                  .m = m,
                  .eps = dtype_eps(problem->be->ops->dtype),
                  .norm_a = problem->norm_floor };
  L->last_report = clock_seconds();
  TRY(mv_alloc(problem->be, problem->n, y + m + 1, "Lanczos basis", &L->basis));
  TRY(MEM_ZARRAY(m, "projected matrix", &L->diag));
  TRY(MEM_ZARRAY(m, "projected matrix", &L->off));
  TRY(MEM_ZARRAY(m, "Ritz values", &L->theta));
  TRY(MEM_ZARRAY(m, "Ritz residuals", &L->residual));
  TRY(MEM_ZARRAY(m, "Ritz ranks", &L->rank));
  TRY(MEM_ZARRAY(m + problem->known_count, "known values", &L->merged));
  TRY(MEM_ZARRAY(m + problem->known_count, "known ranks", &L->merged_rank));
  TRY(MEM_ZARRAY(problem->k, "progress record", &L->shown_theta));
  TRY(MEM_ZARRAY(problem->k, "progress record", &L->shown_residual));
  for (int32_t i = 0; i < problem->k; ++i)
    L->shown_theta[i] = L->shown_residual[i] = NAN;
  TRY(small_alloc(m, m, 0, &L->S));
  TRY(small_alloc(m, m, 0, &L->C));
  TRY(small_alloc(y + m + 1, 1, is_complex, &L->H));
  TRY(small_alloc(y + m + 1, 1, is_complex, &L->work[0]));
  TRY(small_alloc(y + m + 1, 1, is_complex, &L->work[1]));
  if (y > 0) {
    multivec head = mv_columns(&L->basis, 0, y);
    TRY(mv_copy(&problem->constraints, &head));
  }
done:
  return st;
}

/* ---- expanding the basis
 * ------------------------------------------------------------------------- */

/* Orthogonalises column j against constraints and the columns before it; *norm is what is left. The
 * coefficients are in L->H.                                                                     */
static speig_status orthogonalize(lanczos *L, int32_t j, double *norm)
{
  speig_status st = SPEIG_OK;
  multivec Q = mv_columns(&L->basis, 0, L->y + j), w = column(L, j);
  small H = small_view(&L->H, 0, 0, L->y + j, 1);
  if (Q.p == 0)
    TRY(mv_norms(&w, norm));
  else
    TRY(mv_orthogonalize(&Q, &w, &H, norm, L->work));
done:
  return st;
}

static speig_status normalize(lanczos *L, int32_t j, double norm)
{
  double inverse = 1 / norm;
  multivec w = column(L, j);
  return mv_scale(&inverse, &w);
}

/* Column j becomes a random unit vector orthogonal to all before it; exhausted when there is none.
 */
static speig_status fresh_direction(lanczos *L, int32_t j)
{
  enum { MAX_DRAWS = 5 };
  speig_status st = SPEIG_OK;
  multivec w = column(L, j);
  if ((int64_t)L->y + j >= L->problem->n) {
    L->exhausted = 1;
    return st;
  }
  for (int draw = 0; draw < MAX_DRAWS; ++draw) {
    double before, after;
    TRY(mv_fill_random(L->problem->seed + UINT64_C(0x9E3779B97F4A7C15) * ++L->draws, &w));
    TRY(mv_norms(&w, &before));
    TRY(orthogonalize(L, j, &after));
    if (after > 1000 * L->eps * before) {
      TRY(normalize(L, j, after));
      goto done;
    }
  }
  FAIL(SPEIG_ERR_NUMERIC,
       "no direction orthogonal to %d basis vectors and %d constraints in a space of dimension "
       "%" PRId64,
       j, L->y, L->problem->n);
done:
  return st;
}

/* One step: A v_j = V T(:, j) + off_j v_{j+1}. */
static speig_status expand(lanczos *L)
{
  speig_status st = SPEIG_OK;
  int32_t j = L->filled;
  int three_term = j > L->kept;
  multivec q = column(L, j), w = column(L, j + 1), before = column(L, three_term ? j - 1 : j);
  double alpha, beta, previous = three_term ? L->off[j - 1] : 0;
  TRY(operator_lanczos_step(L->problem->A, &q, previous, three_term ? &before : NULL, &w, &alpha));
  TRY(orthogonalize(L, j + 1, &beta));
  alpha = small_get(&L->H, L->y + j, 0);
  if (!isfinite(alpha) || !isfinite(beta))
    FAIL(SPEIG_ERR_NUMERIC, "product number %" PRId64 " with A is not finite (alpha %g, beta %g)",
         L->problem->A->products, alpha, beta);
  L->norm_a = fmax(L->norm_a, hypot(hypot(alpha, beta), previous));
  L->diag[j] = alpha;
  L->off[j] = beta;
  L->filled = j + 1;
  if ((int64_t)L->y + j + 1 >= L->problem->n || beta <= 4 * L->eps * L->norm_a) {
    /* An invariant subspace: what it holds is exact; go on in a fresh direction. */
    L->off[j] = 0;
    TRY(fresh_direction(L, j + 1));
  } else {
    TRY(normalize(L, j + 1, beta));
  }
done:
  return st;
}

/* ---- the projected problem
 * ------------------------------------------------------------------------ */

static speig_status rayleigh_ritz(lanczos *L)
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
  TRY(small_eigh(&S, L->theta));
  for (int32_t i = 0; i < j; ++i) {
    L->residual[i] = L->exhausted ? 0 : fabs(L->off[j - 1] * small_get(&S, j - 1, i));
    L->norm_a = fmax(L->norm_a, fabs(L->theta[i]));
  }
  eig_rank(L->problem->which, j, L->theta, L->rank);
done:
  return st;
}

static int is_converged(const lanczos *L, int32_t i)
{
  return L->residual[i] <= L->problem->tol * (L->norm_a + fabs(L->theta[i]));
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
    if (is_converged(L, i))
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

/* How far apart two values must be to count as different in a probe. */
static double margin(const lanczos *L)
{
  return fmax(8 * L->problem->tol, 64 * L->eps) * L->norm_a;
}

static int beyond(double low, double high, double gap, double theta)
{
  return theta > high + gap || theta < low - gap;
}

static int32_t converged_among_best(const lanczos *L)
{
  int32_t count = 0;
  for (int32_t i = 0; i < L->filled && i < L->problem->k; ++i)
    count += is_converged(L, L->rank[i]);
  return count;
}

/* Solve: the best k converged. Probe: the outermost unconverged Ritz values, as far out as their
 * residuals allow, are not beyond what is known. (Those further in have large residuals and prove
 * nothing.) */
static int finished(lanczos *L)
{
  double low, high, top = -INFINITY, bottom = INFINITY, top_radius = 0, bottom_radius = 0;
  if (L->problem->known_count == 0)
    return L->filled >= L->problem->k && converged_among_best(L) == L->problem->k;
  open_ends(L, 1, &low, &high);
  for (int32_t i = 0; i < L->filled; ++i) {
    if (is_converged(L, i))
      continue;
    if (L->theta[i] > top) {
      top = L->theta[i];
      top_radius = L->residual[i];
    }
    if (L->theta[i] < bottom) {
      bottom = L->theta[i];
      bottom_radius = L->residual[i];
    }
  }
  return !(top + top_radius > high + margin(L)) && !(bottom - bottom_radius < low - margin(L));
}

/* ---- restarting
 * ----------------------------------------------------------------------------------- */

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
  double worst = INFINITY, spread = fmax(fmax(high - low, L->eps * L->norm_a), DBL_MIN);
  for (int32_t i = 0; i < sought(L) && i < l; ++i) {
    double theta = L->theta[L->rank[i]];
    double distance = fmax(fmax(theta - high, low - theta), 0);
    if (!is_converged(L, L->rank[i]))
      worst = fmin(worst, acosh(1 + 2 * distance / spread));
  }
  return isinf(worst) ? 0 : (L->m - l) * worst;
}

/* The number of Ritz vectors to keep: largest growth per cost. Costs in passes over one vector: two
 * per basis vector and step, about ten for the product; the restart itself is a matrix product of 2
 * m l n operations, of which about 16 fit into the time of a pass. */
static int32_t choose_kept(const lanczos *L)
{
  int32_t m = L->filled, k = sought(L);
  int32_t least = k + 1 < m - 2 ? k + 1 : m - 2;
  int32_t most = least + (m - 2 - least) / 2; /* many restarts gather rounding errors */
  int32_t best = most;
  double best_rate = 0;
  for (int32_t l = least; l <= most; ++l) {
    double low = INFINITY, high = -INFINITY, rate, cost;
    for (int32_t i = l; i < m; ++i) {
      low = fmin(low, L->theta[L->rank[i]]);
      high = fmax(high, L->theta[L->rank[i]]);
    }
    cost = (double)(m - l) * (10.0 + L->y * 2 + m + l) + m * l / 8.0;
    rate = growth(L, l, low, high) / cost;
    if (rate > best_rate * (1 + 1e-12)) {
      best_rate = rate;
      best = l;
    }
  }
  return best < 1 ? 1 : best;
}

static speig_status thick_restart(lanczos *L)
{
  speig_status st = SPEIG_OK;
  int32_t m = L->filled, l = choose_kept(L);
  double last = L->off[m - 1];
  multivec V = mv_columns(&L->basis, L->y, m), from = column(L, m), to = column(L, l);
  small C = small_view(&L->C, 0, 0, m, l);
  for (int32_t i = 0; i < l; ++i) {
    int32_t pick = L->rank[i];
    small source = small_view(&L->S, 0, pick, m, 1), target = small_view(&C, 0, i, m, 1);
    small_copy(&source, &target);
    L->diag[i] = L->theta[pick];
    L->off[i] = last * small_get(&L->S, m - 1, pick);
  }
  TRY(mv_rotate(&V, &C));
  if (l != m)
    TRY(mv_copy(&from, &to));
  L->kept = L->filled = l;
  ++L->restarts;
done:
  return st;
}

/* ---- reporting and results
 * ------------------------------------------------------------------------- */

static void report(lanczos *L)
{
  int32_t k = L->problem->k;
  for (int32_t i = 0; i < k; ++i) {
    int have = i < L->filled;
    L->shown_theta[i] = have ? L->theta[L->rank[i]] : NAN;
    L->shown_residual[i] = have ? L->residual[L->rank[i]] : NAN;
  }
  L->last_report = clock_seconds();
  L->converged = converged_among_best(L);
  eig_report(L->problem, "lanczos", L->restarts, L->converged, L->shown_theta, L->shown_residual,
             L->norm_a, &L->stop, &L->reason);
}

/* Inside a cycle: limits every step, the callback when the last word is a quarter of a second old.
 */
static void report_within_cycle(lanczos *L)
{
  const eig_problem *problem = L->problem;
  double now = clock_seconds();
  if (problem->A->products >= problem->max_matvecs) {
    L->stop = 1;
    L->reason = SPEIG_STOP_MAX_MATVECS;
  } else if (problem->deadline > 0 && now >= problem->deadline) {
    L->stop = 1;
    L->reason = SPEIG_STOP_TIME_LIMIT;
  } else if (now > L->last_report + 0.25) {
    L->last_report = now;
    eig_report(problem, "lanczos", L->restarts, L->converged, L->shown_theta, L->shown_residual,
               L->norm_a, &L->stop, &L->reason);
  }
}

/* The Ritz pairs to return: the best k (solve), or those that beat the known ones by more than the
 * margin (probe; unconverged ones only when it was stopped early); converged ones first. Their
 * places go to L->merged_rank. */
static int32_t select_pairs(lanczos *L, int32_t capacity, int32_t *converged)
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
      if (is_converged(L, pick) != want)
        continue;
      if (probe && !beyond(low, high, margin(L), L->theta[pick]))
        continue;
      L->merged_rank[count++] = pick;
      *converged += want;
    }
  }
  return count;
}

static speig_status extract(lanczos *L, eig_pairs *pairs)
{
  speig_status st = SPEIG_OK;
  int32_t m = L->filled;
  multivec V = mv_columns(&L->basis, L->y, m), X;
  small C;
  pairs->count = select_pairs(L, pairs->capacity, &pairs->converged);
  C = small_view(&L->C, 0, 0, m, pairs->count);
  for (int32_t i = 0; i < pairs->count; ++i) {
    int32_t pick = L->merged_rank[i];
    small source = small_view(&L->S, 0, pick, m, 1), target = small_view(&C, 0, i, m, 1);
    small_copy(&source, &target);
    pairs->theta[i] = L->theta[pick];
    pairs->residual[i] = L->residual[pick];
  }
  X = mv_columns(&pairs->X, 0, pairs->count);
  if (m > 0 && pairs->count > 0)
    TRY(mv_mul(1, &V, &C, 0, &X));
done:
  return st;
}

/* ---- starting
 * --------------------------------------------------------------------------------------- */

/* Start vector: the sum of the guesses made orthonormal, or a random vector. */
static speig_status start(lanczos *L)
{
  speig_status st = SPEIG_OK;
  multivec v = column(L, 0);
  double one = 1, before = 0, after = 0;
  if (L->problem->guess.p == 0) {
    TRY(fresh_direction(L, 0));
    goto done;
  }
  TRY(mv_zero(&v));
  for (int32_t j = 0; j < L->problem->guess.p; ++j) {
    multivec g = mv_columns(&L->problem->guess, j, 1);
    TRY(mv_axpy(&one, &g, &v));
  }
  TRY(mv_norms(&v, &before));
  TRY(orthogonalize(L, 0, &after));
  if (after > 1000 * L->eps * before)
    TRY(normalize(L, 0, after));
  else
    TRY(fresh_direction(L, 0));
done:
  return st;
}

speig_status lanczos_solve(const eig_problem *problem, eig_pairs *pairs)
{
  speig_status st = SPEIG_OK;
  lanczos L = { 0 };
  pairs->count = pairs->converged = 0;
  TRY(lanczos_open(problem, &L));
  TRY(start(&L));
  while (!L.exhausted && !L.stop) {
    while (L.filled < L.m && !L.exhausted && !L.stop) {
      TRY(expand(&L));
      report_within_cycle(&L);
    }
    TRY(rayleigh_ritz(&L));
    if (finished(&L)) {
      L.stop = 0;
      L.reason = SPEIG_STOP_CONVERGED;
      break;
    }
    if (L.stop || L.exhausted)
      break;
    report(&L);
    if (!L.stop)
      TRY(thick_restart(&L));
  }
  if (L.exhausted && !L.stop)
    L.reason = SPEIG_STOP_CONVERGED;
  TRY(extract(&L, pairs));
  pairs->norm_a = L.norm_a;
  pairs->norm_b = 1;
  pairs->iterations = L.restarts;
  pairs->reason = L.reason;
done:
  lanczos_close(&L);
  return st;
}
