/* count.c: speig_count: the number of eigenvalues in an interval, by inertia (inertia.c), or by
 * LAPACK where there is nothing to factor. */
#include "speig/count.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/threads.h"
#include "factor/factor.h"
#include "solvers/density.h"
#include "solvers/inertia.h"
#include "solvers/run.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

void speig_count_opts_init(speig_count_opts *opts)
{
  *opts = (speig_count_opts)SPEIG_COUNT_OPTS_INIT;
}

const char *speig_count_method_name(speig_count_method method)
{
  static const char *const name[] = { "inertia", "dense", "estimate" };
  return (unsigned)method < sizeof name / sizeof *name ? name[method] : "?";
}

static speig_status complete_options(const speig_count_opts *given, speig_count_opts *opts)
{
  speig_status st = SPEIG_OK;
  speig_count_opts_init(opts);
  if (!given)
    return st;
  REQUIRE(given->size >= sizeof given->size && given->size <= sizeof *opts,
          "the options have size %zu, at most %zu needed: start from SPEIG_COUNT_OPTS_INIT",
          given->size, sizeof *opts);
  memcpy(opts, given, given->size);
  opts->size = sizeof *opts;
  TRY(run_check_interval(opts->low, opts->high));
  REQUIRE(opts->time_limit >= 0, "time_limit is %g seconds, at least 0 needed", opts->time_limit);
  REQUIRE(opts->threads >= 0, "threads is %d, at least 0 needed", opts->threads);
  REQUIRE(opts->vectors == 0 || opts->vectors >= 2, "vectors is %d, at least 2 needed",
          opts->vectors);
  REQUIRE(opts->degree == 0 || opts->degree >= 10, "degree is %d, at least 10 needed",
          opts->degree);
  REQUIRE(opts->estimate || (opts->vectors == 0 && opts->degree == 0),
          "vectors and degree are options of an estimate, and none is asked for");
done:
  return st;
}

/* A run without pairs: what prepare.c needs to bind the operators. */
static speig_status open_run(const speig_count_opts *o, eigsh_run *run)
{
  speig_status st = SPEIG_OK;
  speig_eigsh_opts_init(&run->opts);
  run->opts.device = o->device;
  run->opts.seed = o->seed;
  run->opts.threads = o->threads;
  run->opts.memory = o->memory;
  run->opts.time_limit = o->time_limit;
  run->opts.assume_hermitian = o->assume_hermitian;
  run->opts.progress = o->progress;
  run->opts.progress_user = o->progress_user;
  run->plan.device = plan_device_of_count(o->device);
  run->plan.max_matvecs = INT64_MAX;
  run->plan.ncv = 1;
  TRY(run_check(run));
  TRY(run_prepare(run));
done:
  return st;
}

/* Where the caller's number stands in the problem solved. */
static double scaled_point(const eigsh_run *run, double point)
{
  return point * (run->scale_a / run->scale_b);
}

static void fill_end(const eigsh_run *run, double asked, const inertia_cut *cut,
                     speig_count_end *end)
{
  double back = run->scale_b / run->scale_a;
  *end = (speig_count_end){ .asked = asked,
                            .used = cut->place == cut->at ? asked : cut->place * back,
                            .margin = cut->margin * back,
                            .doubtful = cut->most - cut->least,
                            .proven = cut->settled };
}

static void fill_counts(const eigsh_run *run, const speig_count_opts *o, const inertia_cut *low,
                        const inertia_cut *high, speig_count_result *r)
{
  fill_end(run, o->low, low, &r->low);
  fill_end(run, o->high, high, &r->high);
  r->known = 1;
  r->count = high->most - low->least;
  r->least = high->least > low->most ? high->least - low->most : 0;
  r->exact = r->count == r->least;
}

static speig_status count_by_inertia(eigsh_run *run, const speig_count_opts *o,
                                     speig_count_result *r)
{
  speig_status st = SPEIG_OK;
  invert I = { 0 };
  inertia C = { 0 };
  inertia_cut low, high;
  r->method = SPEIG_COUNT_INERTIA;
  TRY(invert_open(&run->problem, 0, NULL, 1, INERTIA_COLUMNS, &I));
  TRY(inertia_open_with_norms(&run->problem, &I, &C));
  TRY(inertia_cut_at(&C, scaled_point(run, o->low), -1, &low));
  if (!C.stop)
    TRY(inertia_cut_at(&C, scaled_point(run, o->high), 1, &high));
  if (C.stop)
    r->reason = C.reason;
  else
    fill_counts(run, o, &low, &high, r);
  r->solves = I.solves;
  r->factorizations = I.factorizations;
done:
  invert_close(&I);
  return st;
}

/* LAPACK's values are those of a matrix nearby; with B the distance is stretched by its inverse. */
static speig_status dense_margin(const eigsh_run *run, const dense_range *A, double at,
                                 double *margin)
{
  speig_status st = SPEIG_OK;
  const eig_problem mass = { .be = run->be,
                             .n = run->problem.n,
                             .A = run->bound_b,
                             .constraints = run->problem.constraints,
                             .constraints_b = run->problem.constraints_b,
                             .max_matvecs = INT64_MAX,
                             .tol = run->problem.tol };
  dense_range B = { 0 };
  double smallest = 1, largest = 1;
  *margin = 0;
  if (run->bound_b) {
    TRY(dense_between(&mass, 1, 0, 0, &B));
    largest = B.theta[B.finite - 1];
    smallest = B.theta[0];
    if (!(smallest > 64 * (double)mass.n * DBL_EPSILON * largest))
      FAIL(SPEIG_ERR_UNSUPPORTED,
           "B is singular to rounding (eigenvalues from %g to %g): counting needs A and B as "
           "matrices and a factorization",
           smallest, largest);
  }
  *margin = 64 * DBL_EPSILON * (A->pairs.norm_a + fabs(at) * largest) / smallest;
done:
  dense_range_free(&B);
  return st;
}

/* As inertia_cut_at, from a list of all eigenvalues. */
static void cut_list(const dense_range *all, double at, int side, double margin, inertia_cut *cut)
{
  const double *theta = all->theta;
  int64_t j = 0;
  *cut = (inertia_cut){ .at = at, .place = at, .margin = isinf(at) ? 0 : margin, .settled = 1 };
  for (; j < all->finite && theta[j] <= at + cut->margin; ++j)
    cut->least += theta[j] < at - cut->margin;
  cut->most = cut->below = j;
  if (cut->least == cut->most)
    return;
  cut->place += side * margin;
  if (side > 0) { /* on to a gap */
    for (; j < all->finite && theta[j] <= cut->place + 2 * margin; ++j)
      cut->place = theta[j] + margin;
  } else {
    for (j = cut->least; j > 0 && theta[j - 1] >= cut->place - 2 * margin; --j)
      cut->place = theta[j - 1] - margin;
  }
  cut->place += side * margin;
  cut->below = j;
}

static speig_status count_densely(eigsh_run *run, const speig_count_opts *o, speig_count_result *r)
{
  speig_status st = SPEIG_OK;
  dense_range all = { 0 };
  inertia_cut low, high;
  double ends[2] = { scaled_point(run, o->low), scaled_point(run, o->high) }, margin[2];
  r->method = SPEIG_COUNT_DENSE;
  TRY(dense_between(&run->problem, 1, 0, 0, &all));
  r->reason = all.pairs.reason;
  if (all.stopped)
    goto done;
  for (int i = 0; i < 2; ++i)
    TRY(dense_margin(run, &all, isinf(ends[i]) ? 0 : ends[i], &margin[i]));
  cut_list(&all, ends[0], -1, margin[0], &low);
  cut_list(&all, ends[1], 1, margin[1], &high);
  fill_counts(run, o, &low, &high, r);
done:
  dense_range_free(&all);
  return st;
}

static speig_status count_roughly(eigsh_run *run, const speig_count_opts *o, speig_count_result *r)
{
  enum { VECTORS = 30 };
  speig_status st = SPEIG_OK;
  density_count found;
  r->method = SPEIG_COUNT_ESTIMATE;
  if (run->B)
    FAIL(SPEIG_ERR_UNSUPPORTED, "an estimate is for standard problems, and there is a B");
  TRY(density_estimate(&run->problem, scaled_point(run, o->low), scaled_point(run, o->high),
                       o->vectors ? o->vectors : VECTORS, o->degree, &found));
  r->reason = found.reason;
  r->known = found.vectors >= 2;
  r->low = (speig_count_end){ .asked = o->low, .used = o->low };
  r->high = (speig_count_end){ .asked = o->high, .used = o->high };
  r->vectors = found.vectors;
  r->degree = found.degree;
  if (!r->known)
    goto done;
  r->estimate = found.count;
  r->error = found.error;
  r->count = r->least = llround(found.count);
done:
  return st;
}

/* Matrices are factored; what is only multiplied with is expanded, and what is too large for that
 * is refused. */
static speig_status count_somehow(eigsh_run *run, const speig_count_opts *o, speig_count_result *r)
{
  speig_status st = SPEIG_OK;
  int matrices = run->A->kind == OPERATOR_MATRIX && (!run->B || run->B->kind == OPERATOR_MATRIX);
  speig_eigsh_opts limits = { .k = 1, .memory = o->memory };
  if (run->A->n == 0) {
    r->known = r->exact = r->low.proven = r->high.proven = 1;
    r->low.asked = r->low.used = o->low;
    r->high.asked = r->high.used = o->high;
  } else if (o->estimate) {
    TRY(count_roughly(run, o, r));
  } else if (matrices && factor_available() == SPEIG_OK) {
    TRY(count_by_inertia(run, o, r));
  } else if (isfinite(plan_dense_seconds(run->A, run->B, &limits))) {
    TRY(count_densely(run, o, r));
  } else if (!matrices) {
    FAIL(SPEIG_ERR_UNSUPPORTED,
         "counting needs a factorization, and %s is a function, not a matrix, of an order (%" PRId64
         ") too large for LAPACK; it can be estimated",
         run->A->kind == OPERATOR_MATRIX ? "B" : "A", run->A->n);
  } else {
    TRY(factor_available());
  }
done:
  return st;
}

speig_status speig_count(const speig_operator *A, const speig_operator *B,
                         const speig_count_opts *opts, speig_count_result *result)
{
  speig_status st = SPEIG_OK;
  eigsh_run run = { .A = A, .B = B };
  speig_count_opts o;
  mem_account outer = mem_account_enter(0);
  double started = clock_seconds();
  threads_blas_enter();
  REQUIRE(A && result, "the operator A and a place for the result are needed, one is NULL");
  *result = (speig_count_result){ .n = A->n };
  TRY(complete_options(opts, &o));
  mem_account_leave(&outer);
  outer = mem_account_enter(o.memory);
  TRY(open_run(&o, &run));
  TRY(count_somehow(&run, &o, result));
  result->device = run.plan.device;
  result->matvecs = run.bound_a->products;
  result->seconds = clock_seconds() - started;
  result->memory_bytes = mem_account_read().peak;
  result->seed = o.seed;
  result->threads = run.be->threads;
done:
  run_close(&run);
  threads_blas_leave();
  mem_account_leave(&outer);
  return st;
}
