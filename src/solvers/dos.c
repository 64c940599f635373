/* dos.c: speig_dos, the density of states of a Hermitian operator by the kernel polynomial method:
 * bounds, moments of random vectors in blocks, and sums of damped moments at the energies asked
 * for. */
#include "speig/dos.h"

#include "backend/context.h"
#include "base/clock.h"
#include "base/dtype.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/threads.h"
#include "solvers/bind.h"
#include "solvers/moments.h"

#include <math.h>
#include <string.h>

enum {
  DEFAULT_DEGREE = 256,
  MOST_DEGREE = 100000,
  DEFAULT_POINTS = 512,
  MOST_POINTS = 1000000,
  MOST_VECTORS = 100000,
  FEWEST = 8 /* unless asked for */
};

typedef struct dos_run {
  speig_dos_opts opts;
  speig_context *ctx;
  backend *be;
  bound_operator *A; /* scale times the caller's */
  double scale, started;
  int32_t degree, vectors, points;
  moments M;
  int cancelled, is_first;
} dos_run;

void speig_dos_opts_init(speig_dos_opts *opts)
{
  *opts = (speig_dos_opts)SPEIG_DOS_OPTS_INIT;
}

void speig_dos_result_free(speig_dos_result **result)
{
  speig_dos_result *r;
  if (!result || !*result)
    return;
  r = *result;
  mem_free(r->moments);
  mem_free(r->energies);
  mem_free(r->density);
  mem_free(r->density_errors);
  mem_free(r->below);
  mem_free(r->below_errors);
  mem_free(r);
  *result = NULL;
}

static speig_status check_options(const speig_dos_opts *given, speig_dos_opts *o)
{
  speig_status st = SPEIG_OK;
  speig_dos_opts_init(o);
  if (!given)
    return st;
  REQUIRE(given->size >= sizeof given->size && given->size <= sizeof *o,
          "the options have size %zu, at most %zu needed: start from SPEIG_DOS_OPTS_INIT",
          given->size, sizeof *o);
  memcpy(o, given, given->size);
  o->size = sizeof *o;
  REQUIRE(o->degree >= 0 && o->degree <= MOST_DEGREE, "degree is %d, 0 to %d needed", o->degree,
          MOST_DEGREE);
  REQUIRE(o->vectors >= 0 && o->vectors <= MOST_VECTORS, "vectors is %d, 0 to %d needed",
          o->vectors, MOST_VECTORS);
  REQUIRE(o->points >= 0 && o->points <= MOST_POINTS, "points is %d, 0 to %d needed", o->points,
          MOST_POINTS);
  REQUIRE(o->time_limit >= 0, "time_limit is %g seconds, at least 0 needed", o->time_limit);
  REQUIRE(o->threads >= 0, "threads is %d, at least 0 needed", o->threads);
done:
  return st;
}

/* A large matrix averages by itself: the error of a trace over n is about sqrt(2 / (n vectors)). */
static int32_t default_vectors(int64_t n)
{
  const int64_t enough = 20000 / n;
  return enough < FEWEST ? FEWEST : enough > 64 ? 64 : (int32_t)(enough / FEWEST * FEWEST);
}

static speig_status open_run(dos_run *run, const speig_operator *A)
{
  speig_status st = SPEIG_OK;
  double floor;
  REQUIRE(A->n >= 1, "A has order 0, at least 1 needed");
  TRY(context_make(run->opts.device, 0, NULL, run->opts.threads, &run->ctx));
  TRY(context_backend(run->ctx, A->dtype, &run->be));
  TRY(bind_scaled(run->be, "A", A, !run->opts.assume_hermitian, run->opts.seed, &run->scale, &floor,
                  &run->A));
  run->degree = run->opts.degree ? run->opts.degree : DEFAULT_DEGREE;
  run->vectors = run->opts.vectors ? run->opts.vectors : default_vectors(A->n);
  run->points = run->opts.points ? run->opts.points : DEFAULT_POINTS;
done:
  return st;
}

static void close_run(dos_run *run)
{
  moments_free(&run->M);
  operator_unbind(&run->A);
  context_release(&run->ctx);
}

/* After every product: tells the caller, and whether to stop. The first vectors are only stopped by
 * the caller, since without them there is nothing to return. */
static int asked_to_stop(void *user)
{
  dos_run *run = user;
  const double seconds = clock_seconds() - run->started;
  const speig_progress record = { .method = "dos",
                                  .phase = "moments",
                                  .iteration = run->M.vectors,
                                  .matvecs = run->A->products,
                                  .wanted = run->vectors,
                                  .converged = run->M.vectors,
                                  .seconds = seconds };
  if (run->opts.progress && run->opts.progress(run->opts.progress_user, &record))
    run->cancelled = 1;
  return run->cancelled ||
         (run->M.vectors > 0 && run->opts.time_limit > 0 && seconds > run->opts.time_limit);
}

static speig_status make_moments(dos_run *run)
{
  speig_status st = SPEIG_OK;
  double low, high;
  TRY(moments_bounds(run->A, run->opts.seed, &low, &high));
  TRY(moments_alloc(run->degree, run->vectors, low, high, &run->M));
  TRY(moments_collect(run->A, run->opts.seed, asked_to_stop, run, &run->M));
  if (run->M.vectors == 0)
    FAIL(SPEIG_ERR_CALLBACK, "stopped by the progress callback before a vector was done");
done:
  return st;
}

/* Mean and standard error of values[count]. */
static void summarize(int32_t count, const double *values, double *mean, double *error)
{
  double sum = 0, squares = 0;
  for (int32_t i = 0; i < count; ++i)
    sum += values[i];
  *mean = sum / count;
  for (int32_t i = 0; i < count; ++i)
    squares += (values[i] - *mean) * (values[i] - *mean);
  *error = count > 1 ? sqrt(squares / (count - 1.0) / count) : NAN;
}

static speig_status evaluate(const dos_run *run, speig_dos_result *r)
{
  speig_status st = SPEIG_OK;
  const int32_t vectors = run->M.vectors;
  const size_t row = (size_t)run->degree + 1;
  const double n = (double)r->n, half = (r->high - r->low) / 2;
  double *g = NULL, *each = NULL;
  TRY(MEM_ARRAY((int64_t)row, "damping factors", &g));
  TRY(MEM_ARRAY(vectors, "densities", &each));
  moments_jackson(run->degree, g);
  for (size_t m = 0; m < row; ++m) {
    double error;
    for (int32_t v = 0; v < vectors; ++v)
      each[v] = run->M.mu[row * (size_t)v + m];
    summarize(vectors, each, &r->moments[m], &error);
  }
  for (int32_t i = 0; i < r->points; ++i) {
    double t = (2.0 * i + 1) / r->points - 1;
    r->energies[i] = r->low + half * (1 + t);
    for (int32_t v = 0; v < vectors; ++v)
      each[v] = n / half * moments_density(run->degree, g, run->M.mu + row * (size_t)v, t);
    summarize(vectors, each, &r->density[i], &r->density_errors[i]);
    for (int32_t v = 0; v < vectors; ++v)
      each[v] = n * moments_below(run->degree, g, run->M.mu + row * (size_t)v, t);
    summarize(vectors, each, &r->below[i], &r->below_errors[i]);
  }
done:
  mem_free(g);
  mem_free(each);
  return st;
}

static speig_status make_result(const dos_run *run, const speig_operator *A, speig_dos_result **out)
{
  speig_status st = SPEIG_OK;
  speig_dos_result *r = NULL;
  TRY(MEM_ZARRAY(1, "result", &r));
  *r = (speig_dos_result){ .n = A->n,
                           .dtype = A->dtype,
                           .device = speig_context_device(run->ctx),
                           .degree = run->degree,
                           .vectors = run->M.vectors,
                           .low = run->M.low / run->scale,
                           .high = run->M.high / run->scale,
                           .points = run->points,
                           .matvecs = run->A->products,
                           .seed = run->opts.seed };
  TRY(MEM_ARRAY((int64_t)r->degree + 1, "moments", &r->moments));
  TRY(MEM_ARRAY(r->points, "energies", &r->energies));
  TRY(MEM_ARRAY(r->points, "density", &r->density));
  TRY(MEM_ARRAY(r->points, "errors of the density", &r->density_errors));
  TRY(MEM_ARRAY(r->points, "counts", &r->below));
  TRY(MEM_ARRAY(r->points, "errors of the counts", &r->below_errors));
  TRY(evaluate(run, r));
  r->seconds = clock_seconds() - run->started;
  *out = r;
  r = NULL;
done:
  speig_dos_result_free(&r);
  return st;
}

speig_status speig_dos(const speig_operator *A, const speig_dos_opts *opts,
                       speig_dos_result **result)
{
  speig_status st = SPEIG_OK;
  dos_run run = { .started = clock_seconds() };
  mem_account outer = mem_account_enter(0);
  threads_blas_enter();
  REQUIRE(A && result, "the operator A and a place for the result are needed, one is NULL");
  *result = NULL;
  TRY(check_options(opts, &run.opts));
  mem_account_leave(&outer);
  outer = mem_account_enter(run.opts.memory);
  TRY(open_run(&run, A));
  TRY(make_moments(&run));
  TRY(make_result(&run, A, result));
done:
  close_run(&run);
  threads_blas_leave();
  mem_account_leave(&outer);
  return st;
}
