/* windows.c: all eigenvalues in an interval by products alone.
 *
 * Method: Li, Xi, Erlandson, Saad, SIAM J. Sci. Comput. 41 (2019): moments of random vectors tell
 * bounds of the spectrum and about how many eigenvalues lie where; the interval is cut into windows
 * of as many each as makes products and orthogonalisation cost about the same; a band filter
 * (band.c) and block Lanczos (band_lanczos.c) bring the pairs of a window. Then a probe from a new
 * random block, deflated against all that was found there, goes through the same band: whatever
 * reaches it was missed (further copies of a multiple eigenvalue), joins, and is followed by
 * another probe, with a wider block where one alone does not hold all copies. Windows meet in their
 * ends, and both look at what lies there.
 * A set is validated when no probe finds anything; there is no proof without a factorization. The
 * number found is compared with the estimate: fewer than its error bar allows is not called
 * validated, whatever the probes say.
 * Cost: some three products with a filter per pair, whose degree grows with the number of windows.
 */
#include "solvers/windows.h"

#include "base/clock.h"
#include "base/dtype.h"
#include "base/error.h"
#include "base/memory.h"
#include "solvers/band_lanczos.h"
#include "solvers/interval.h"
#include "solvers/invert.h"
#include "solvers/survey.h"

#include <math.h>

enum {
  LOW_DEGREE = 20, /* that is not worth lowering */
  MOST_COUNT = 200, /* in a window */
  BLOCK = 4,
  WIDEST_BLOCK = 32
};

typedef struct windower {
  eigsh_run *run;
  eig_problem problem;
  survey S;
  density_count expected;
  double ends[2]; /* of the interval, in the units of the problem solved */
  double low, high; /* the spectrum lies between */
  int32_t per_window, room; /* eigenvalues in a window, about; that a basis is made for */
  harvest H;
  int32_t before, here; /* pairs found before the last window, and before this one */
  int64_t restarts;
  double *values, *residuals; /* [problem.k] for the progress record */
  double last_report;
  int intact; /* every window was searched to its end */
  int memory_is_short; /* one was not for that */
  int stop;
  speig_reason reason;
} windower;

/* ---- what the caller hears ---- */

static void show(windower *W)
{
  const eig_pairs *found = &W->H.found;
  int32_t shown = found->converged < W->problem.k ? found->converged : W->problem.k;
  for (int32_t i = 0; i < W->problem.k; ++i) {
    W->values[i] = i < shown ? found->theta[i] : NAN;
    W->residuals[i] = i < shown ? found->residual[i] : NAN;
  }
  W->last_report = clock_seconds();
  if (!W->stop)
    eig_report(&W->problem, "filter", W->restarts, shown, W->values, W->residuals, found->norm_a,
               &W->stop, &W->reason);
}

/* After every product: limits, and the callback when the last word is a quarter of a second old. */
static int must_stop(void *user)
{
  windower *W = user;
  double now = clock_seconds();
  if (W->stop)
    return 1;
  if (eig_products(&W->problem) >= W->problem.max_matvecs) {
    W->stop = 1;
    W->reason = SPEIG_STOP_MAX_MATVECS;
  } else if (W->problem.deadline > 0 && now >= W->problem.deadline) {
    W->stop = 1;
    W->reason = SPEIG_STOP_TIME_LIMIT;
  } else if (now > W->last_report + 0.25) {
    show(W);
  }
  return W->stop;
}

/* The record shows as many as are expected. */
static speig_status make_room_to_show(windower *W)
{
  speig_status st = SPEIG_OK;
  eigsh_run *run = W->run;
  double most = ceil(W->expected.count + W->expected.error);
  int32_t k = most < 1 ? 1 : most < (double)INT32_MAX ? (int32_t)most : INT32_MAX;
  mem_free(run->shown_values);
  mem_free(run->shown_residuals);
  run->shown_values = run->shown_residuals = NULL;
  run->plan.k = 0;
  TRY(MEM_ZARRAY(k, "progress record", &W->values));
  TRY(MEM_ZARRAY(k, "progress record", &W->residuals));
  TRY(MEM_ZARRAY(k, "progress record", &run->shown_values));
  TRY(MEM_ZARRAY(k, "progress record", &run->shown_residuals));
  run->plan.k = W->problem.k = k;
done:
  return st;
}

/* ---- how many, and where ---- */

static speig_status look_around(windower *W)
{
  speig_status st = SPEIG_OK;
  TRY(survey_open(&W->problem, W->ends, &W->S, &W->expected));
  W->low = W->S.M.low;
  W->high = W->S.M.high;
  if (W->expected.stopped) {
    W->stop = 1;
    W->reason = W->expected.reason;
    goto done;
  }
  W->run->estimate = W->expected.count;
  W->run->estimate_error = W->expected.error;
done:
  return st;
}

/* Columns multiplied with the filter, in products with A. */
static double cost_of(const windower *W, double from, double to)
{
  const double PROBE = 60; /* columns beside those that the pairs take */
  double degree = band_degree(W->low, W->high, from, to);
  return degree > BAND_MAX_DEGREE ? INFINITY
                                  : degree * (3 * survey_between(&W->S, from, to) + PROBE);
}

/* A narrow band asks for a high degree: a wider one, which holds some more eigenvalues than are
 * wanted, is cheaper up to a point. */
static void widen(const windower *W, double *from, double *to)
{
  double half = fmax((*to - *from) / 2, 1e-5 * (W->high - W->low)), center = *from / 2 + *to / 2;
  double best = cost_of(W, *from, *to);
  while (band_degree(W->low, W->high, center - half, center + half) > LOW_DEGREE) {
    double cost;
    half *= 1.25;
    cost = cost_of(W, center - half, center + half);
    if (!(cost < 0.9 * best))
      continue;
    best = cost;
    *from = center - half;
    *to = center + half;
  }
}

/* As many windows as are cheapest, in passes over a vector: with w windows the degree is some w
 * times that for the whole, at about PRODUCT passes for each of it, and a column is orthogonalised
 * twice against a basis of two to three times what a window holds. */
static void choose_size(windower *W, double from, double to)
{
  const double PRODUCT = 10, PROBE = 60;
  double degree = band_degree(W->low, W->high, from, to), best = INFINITY;
  double all = fmax(12, survey_between(&W->S, from, to));
  for (double windows = ceil(all / MOST_COUNT); windows <= all / 12; ++windows) {
    double columns = 3 * all + PROBE * windows;
    double cost = columns * (windows * degree * PRODUCT + 4 * 2.5 * all / windows);
    if (!(cost < best))
      break;
    best = cost;
    W->per_window = (int32_t)ceil(all / windows);
  }
}

/* ---- one window ---- */

static speig_status look_for(windower *W, const band *F, int32_t block, uint64_t draw,
                             band_outcome *out)
{
  int64_t basis = 2 * (int64_t)W->room + 8 * block + 40;
  const band_goal goal = { .problem = &W->problem,
                           .F = F,
                           .H = &W->H,
                           .first = W->before,
                           .basis = basis < INT32_MAX ? (int32_t)basis : INT32_MAX,
                           .block = block,
                           .seed = W->problem.seed + UINT64_C(0x632BE59BD9B4E019) * draw,
                           .stop = must_stop,
                           .user = W };
  speig_status st = band_lanczos(&goal, out);
  W->restarts += out->restarts;
  return st;
}

/* A basis that nothing converges in is doubled, as far as memory goes. */
static int grow(windower *W)
{
  if (W->room >= W->problem.n)
    return 0;
  W->room = W->room < W->problem.n / 2 ? 2 * W->room : (int32_t)W->problem.n;
  return 1;
}

/* After a probe that took as many pairs as its block has columns there may be more copies. */
static int32_t next_block(int32_t block, int32_t taken)
{
  if (taken < block)
    return BLOCK;
  return 4 * block < WIDEST_BLOCK ? 4 * block : WIDEST_BLOCK;
}

/* A search, then probes until one finds nothing; *outlier: the filter is not good for all of the
 * spectrum. */
static speig_status look_until_empty(windower *W, const band *F, uint64_t window, int *outlier)
{
  enum { MOST_LOOKS = 4000 };
  speig_status st = SPEIG_OK;
  band_outcome out;
  int32_t block = BLOCK;
  int searched = 0, done = 0;
  W->problem.phase = "solve";
  *outlier = 0;
  for (uint64_t look = 1; !done; ++look) {
    st = look_for(W, F, block, (window << 20) + look, &out);
    if (st == SPEIG_ERR_MEMORY && W->room > W->per_window) {
      W->memory_is_short = 1;
      W->intact = 0;
      return SPEIG_OK;
    }
    TRY(st);
    *outlier = out.outlier;
    if (out.crowded && !W->stop && grow(W))
      continue;
    if (W->stop || out.outlier || !out.finished || look == MOST_LOOKS) {
      W->intact = 0;
      break;
    }
    show(W);
    done = (searched && out.taken == 0) || W->run->opts.certify == SPEIG_CERTIFY_NEVER;
    block = searched ? next_block(block, out.taken) : BLOCK;
    searched = 1;
    W->problem.phase = "validate";
  }
done:
  return st;
}

static speig_status search_window(windower *W, double from, double to, uint64_t window)
{
  enum { TRIES = 8 };
  speig_status st = SPEIG_OK;
  band F = { 0 };
  int outlier = 1, intact = W->intact;
  W->here = W->H.found.converged;
  W->room = W->per_window;
  for (int try = 0; try < TRIES && outlier && !W->stop; ++try) {
    double more = try > 0 ? 0.05 * (W->high - W->low) : 0;
    W->low -= more;
    W->high += more;
    band_free(&F);
    TRY(band_design(W->low, W->high, from, to, &F));
    W->intact = intact;
    TRY(look_until_empty(W, &F, window, &outlier));
  }
  W->before = W->here;
done:
  band_free(&F);
  return st;
}

/* ---- all of them ---- */

static speig_status search_windows(windower *W)
{
  speig_status st = SPEIG_OK;
  double from = fmax(W->ends[0], W->low), to = fmin(W->ends[1], W->high), first, all, at;
  widen(W, &from, &to);
  choose_size(W, from, to);
  first = survey_below(&W->S, from);
  all = survey_between(&W->S, from, to);
  at = from;
  for (uint64_t window = 0; at < to && !W->stop; ++window) {
    double until = first + (double)(window + 1) * W->per_window, next = to;
    if (until < first + all - 0.25 * W->per_window)
      next = fmax(survey_place(&W->S, until, from, to), at);
    while (next < to && band_degree(W->low, W->high, at, next) > BAND_MAX_DEGREE)
      next = at + 1.25 * fmax(next - at, 1e-6 * (to - from));
    if (next > to || band_degree(W->low, W->high, next, to) > BAND_MAX_DEGREE)
      next = to;
    while (band_degree(W->low, W->high, at, next) > BAND_MAX_DEGREE)
      at -= 0.1 * (next - at) + 1e-6 * (to - from);
    /* What lies beyond the bounds, in spite of all, belongs to the last window, or to the first. */
    TRY(search_window(W, at <= W->low && W->ends[0] < W->low ? -INFINITY : at,
                      next >= W->high && W->ends[1] > W->high ? INFINITY : next, window));
    at = next;
  }
done:
  return st;
}

static void hand_over(windower *W)
{
  eigsh_run *run = W->run;
  eig_pairs_free(&run->pairs);
  harvest_take(&W->H, &run->pairs);
  run->pairs.iterations = W->restarts;
}

/* Fewer than the estimate allows. */
static int is_contradicted(const windower *W, int32_t count)
{
  return (double)count < W->expected.count - W->expected.error - 0.5;
}

static speig_status conclude(windower *W)
{
  speig_status st = SPEIG_OK;
  eigsh_run *run = W->run;
  int32_t count, likely = W->expected.count < 1e9 ? (int32_t)lround(W->expected.count) : INT32_MAX;
  int checked = run->opts.certify != SPEIG_CERTIFY_NEVER;
  hand_over(W);
  TRY(interval_choose(run, W->ends, &run->pairs));
  count = run->pairs.converged;
  run->proof = SPEIG_VALIDATED;
  run->complete = W->intact && !W->stop && checked && !is_contradicted(W, count);
  run->pairs.reason = W->stop              ? W->reason
                      : W->memory_is_short ? SPEIG_STOP_MEMORY
                      : W->intact          ? SPEIG_STOP_CONVERGED
                                           : SPEIG_STOP_BREAKDOWN;
  run->unknown = (W->stop || !W->intact) && count == 0;
  if (W->stop || !W->intact) /* how many there are is not known */
    run->plan.k = run->problem.k = likely > count ? likely : count + 1;
  if (run->unknown)
    run->plan.k = 0;
done:
  return st;
}

static speig_status open(eigsh_run *run, windower *W)
{
  speig_status st = SPEIG_OK;
  double unit = run->scale_a / run->scale_b, norm = run->norm_floor;
  *W = (windower){ .run = run, .problem = run->problem, .intact = 1 };
  W->reason = SPEIG_STOP_CONVERGED;
  W->problem.k = 0;
  W->last_report = clock_seconds();
  for (int i = 0; i < 2; ++i)
    W->ends[i] = run->opts.interval[i] * unit;
  TRY(invert_estimate_norm(&W->problem, W->problem.A, &norm));
  TRY(harvest_open(&W->problem, 16, &W->H));
  W->H.found.norm_a = norm;
  W->H.found.norm_b = 1;
done:
  return st;
}

static void close(windower *W)
{
  harvest_close(&W->H);
  survey_close(&W->S);
  mem_free(W->values);
  mem_free(W->residuals);
}

speig_status windows_solve(eigsh_run *run)
{
  speig_status st = SPEIG_OK;
  windower W = { 0 };
  run->method = SPEIG_FILTER;
  run->transform = SPEIG_TRANSFORM_NONE;
  if (run->problem.n == 0) {
    run->complete = 1;
    run->proof = SPEIG_VALIDATED;
    return st;
  }
  TRY(open(run, &W));
  TRY(look_around(&W));
  if (!W.stop) {
    TRY(make_room_to_show(&W));
    TRY(search_windows(&W));
  }
  TRY(conclude(&W));
done:
  close(&W);
  return st;
}
