/* prepare_svds.c: opens and closes one call of speig_svds: binds A and its adjoint to a backend,
 * the shorter side on the right, and brings the guesses there. */
#include "backend/context.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/memory.h"
#include "solvers/bind.h"
#include "solvers/resume.h"
#include "solvers/run_svds.h"

#include <inttypes.h>
#include <math.h>

static int in_callers_units(void *user, const speig_progress *record)
{
  svds_run *run = user;
  speig_progress copy = *record;
  int32_t shown = record->wanted < run->plan.k ? record->wanted : run->plan.k;
  for (int32_t i = 0; i < shown; ++i) {
    double value = record->values[i], residual = record->residuals[i];
    if (run->inverted) { /* of 1 / sigma; its error becomes that of sigma */
      residual = value > 0 ? residual / value / value : INFINITY;
      value = value > 0 ? 1 / value : INFINITY;
    }
    run->shown_values[i] = value / run->scale;
    run->shown_residuals[i] = residual / run->scale;
  }
  copy.values = run->shown_values;
  copy.residuals = run->shown_residuals;
  copy.norm = record->norm / run->scale;
  telemetry_complete(&run->telemetry, &copy);
  /* Who has said stop once is not asked again, whatever part of the solve comes next. */
  if (!run->stopped)
    run->stopped = run->opts.progress(run->opts.progress_user, &copy);
  return run->stopped;
}

/* The guesses on the right side of P: those given for the other side are multiplied by P^H. */
static speig_status prepare_guess(svds_run *run)
{
  speig_status st = SPEIG_OK;
  const speig_block *given = run->opts.guess;
  multivec other = { 0 };
  int is_right; /* of A */
  run->guess = (multivec){ .be = run->be, .n = run->shorter };
  if (!given)
    goto done;
  is_right = given->rows == run->A->n;
  REQUIRE(given->dtype == run->A->dtype, "guess has type %s, A has %s",
          speig_dtype_name(given->dtype), speig_dtype_name(run->A->dtype));
  REQUIRE(is_right || given->rows == run->A->rows,
          "guess has %" PRId64 " rows; right vectors of A have %" PRId64 ", left ones %" PRId64,
          given->rows, run->A->n, run->A->rows);
  REQUIRE(given->cols >= 0 && given->cols <= INT32_MAX && given->ld >= given->rows &&
              (given->data || given->cols == 0),
          "guess has %" PRId64 " columns, leading dimension %" PRId64 " and data %s", given->cols,
          given->ld, given->data ? "present" : "NULL");
  if (is_right != run->turned) {
    TRY(bind_upload(run->be, run->shorter, "guess", given, &run->guess));
    goto done;
  }
  TRY(bind_upload(run->be, run->longer, "guess", given, &other));
  if (other.p == 0)
    goto done;
  TRY(mv_alloc(run->be, run->shorter, other.p, "guess", &run->guess));
  TRY(operator_apply(run->turned ? run->bound_a : run->bound_adjoint, &other, &run->guess));
done:
  mv_free(&other);
  return st;
}

/* The smallest values take many restarts of a long basis. */
static int32_t first_columns(const svds_run *run)
{
  enum { LEAST = 16, BEYOND = 10 };
  int32_t k = run->plan.k;
  if (run->opts.ncv || run->opts.which == SPEIG_SM)
    return 0;
  return k + BEYOND > LEAST ? k + BEYOND : LEAST;
}

static void describe_problem(svds_run *run, double started)
{
  run->problem = (eig_problem){
    .be = run->be,
    .n = run->shorter,
    .A = run->turned ? run->bound_adjoint : run->bound_a,
    .adjoint = run->turned ? run->bound_a : run->bound_adjoint,
    .k = run->plan.k,
    .which = run->opts.which == SPEIG_LM ? SPEIG_LA : SPEIG_SA,
    .norm_floor = run->norm_floor,
    .tol = run->plan.tol / 2, /* the other half is for the rounding errors of the run */
    .ncv = run->plan.ncv,
    .ncv_first = first_columns(run),
    .max_matvecs = run->plan.max_matvecs,
    .deadline = run->opts.time_limit > 0 ? started + run->opts.time_limit : 0,
    .seed = run->opts.seed,
    .constraints = { .be = run->be, .n = run->shorter },
    .constraints_b = { .be = run->be, .n = run->shorter },
    .constraints_left = { .be = run->be, .n = run->longer },
    .guess = run->guess,
    .span_low = INFINITY,
    .span_high = -INFINITY,
    .phase = "solve",
    .started = started,
    .progress = run->opts.progress ? in_callers_units : NULL,
    .progress_user = run,
    .checkpoint = run->checkpoint,
  };
}

static speig_status open_backend(svds_run *run)
{
  speig_status st = SPEIG_OK;
  if (run->opts.context) {
    run->ctx = run->opts.context;
    context_retain(run->ctx);
  } else {
    TRY(context_make(run->plan.device, 0, NULL, run->opts.threads, &run->ctx));
  }
  TRY(context_backend(run->ctx, run->A->dtype, &run->be));
done:
  return st;
}

speig_status svds_prepare(svds_run *run)
{
  speig_status st = SPEIG_OK;
  double started = clock_seconds();
  run->turned = run->A->rows < run->A->n;
  run->longer = run->turned ? run->A->n : run->A->rows;
  run->shorter = run->turned ? run->A->rows : run->A->n;
  TRY(open_backend(run));
  telemetry_begin(&run->telemetry, run->be);
  if (run->shorter > 0) {
    TRY(bind_any_shape(run->be, "A", run->A, 0, run->opts.seed, &run->scale, &run->norm_floor,
                       &run->bound_a));
    TRY(bind_check_adjoint(run->be, run->A));
    TRY(operator_bind_adjoint(run->be, run->A, run->scale, &run->bound_adjoint));
    operator_call(run->bound_adjoint, "A");
  }
  TRY(prepare_guess(run));
  TRY(MEM_ZARRAY(run->plan.k, "progress record", &run->shown_values));
  TRY(MEM_ZARRAY(run->plan.k, "progress record", &run->shown_residuals));
  TRY(resume_svds(run));
  describe_problem(run, started);
  if (run->shorter > 0)
    TRY(eig_pairs_alloc_for(&run->problem, run->plan.k, &run->pairs));
  run->seconds_setup = clock_seconds() - started;
done:
  return st;
}

void svds_close(svds_run *run)
{
  eig_pairs_free(&run->pairs);
  mv_free(&run->guess);
  mem_free(run->shown_values);
  mem_free(run->shown_residuals);
  operator_unbind(&run->bound_a);
  operator_unbind(&run->bound_adjoint);
  context_release(&run->ctx);
}
