/* prepare.c: opens and closes one call of speig_eigsh: checks what the caller gave, binds the
 * operators to a backend, makes the constraints orthonormal. */
#include "backend/context.h"
#include "base/clock.h"
#include "base/dtype.h"
#include "base/error.h"
#include "base/memory.h"
#include "formats/matrix.h"
#include "solvers/bind.h"
#include "solvers/rearrange.h"
#include "solvers/resume.h"
#include "solvers/run.h"
#include "solvers/subspace.h"

#include <inttypes.h>
#include <math.h>

static speig_status check_inverse(const char *name, const speig_operator *inverse,
                                  const speig_operator *A)
{
  speig_status st = SPEIG_OK;
  REQUIRE(!inverse || (inverse->dtype == A->dtype && inverse->n == A->n),
          "the inverse of %s has type %s and order %" PRId64 ", A has %s and %" PRId64, name,
          speig_dtype_name(inverse->dtype), inverse->n, speig_dtype_name(A->dtype), A->n);
done:
  return st;
}

speig_status run_check_interval(double low, double high)
{
  speig_status st = SPEIG_OK;
  REQUIRE(!isnan(low) && !isnan(high), "the interval is [%g, %g]; its ends must be numbers", low,
          high);
  REQUIRE(low <= high, "the interval is [%g, %g]; its low end must not be above the high one", low,
          high);
  REQUIRE(low < INFINITY && high > -INFINITY, "the interval is [%g, %g]; no eigenvalue is infinite",
          low, high);
done:
  return st;
}

speig_status run_check(eigsh_run *run)
{
  speig_status st = SPEIG_OK;
  const speig_operator *A = run->A, *B = run->B, *T = run->opts.precond;
  REQUIRE(!B || B->dtype == A->dtype, "B has type %s, A has %s", speig_dtype_name(B->dtype),
          speig_dtype_name(A->dtype));
  REQUIRE(!B || B->n == A->n, "B has order %" PRId64 ", A has %" PRId64, B->n, A->n);
  REQUIRE(!T || T->dtype == A->dtype, "the preconditioner has type %s, A has %s",
          speig_dtype_name(T->dtype), speig_dtype_name(A->dtype));
  REQUIRE(!T || T->n == A->n, "the preconditioner has order %" PRId64 ", A has %" PRId64, T->n,
          A->n);
  TRY(check_inverse("A - sigma B", run->opts.op_inverse, A));
  TRY(check_inverse("B", run->opts.mass_inverse, A));
  TRY(bind_check_block("guess", run->opts.guess, A));
  TRY(bind_check_block("deflate", run->opts.deflate, A));
done:
  return st;
}

static speig_status prepare_constraints(eigsh_run *run)
{
  speig_status st = SPEIG_OK;
  multivec none = { .be = run->be, .n = run->A->n };
  int32_t rank;
  TRY(bind_upload(run->be, run->A->n, "deflate", run->opts.deflate, &run->constraints));
  run->constraints_b = run->constraints;
  if (run->constraints.p == 0)
    goto done;
  if (run->checkpoint)
    TRY(block_fingerprint(&run->constraints, &run->deflation));
  if (run->bound_b)
    TRY(mv_alloc(run->be, run->A->n, run->constraints.p, "B deflate", &run->constraints_b));
  TRY(subspace_orthonormalize_b(run->bound_b, &none, &none, &run->constraints, &run->constraints_b,
                                &rank));
  REQUIRE(rank == run->constraints.p, "deflate has %d columns of rank %d; full rank is needed",
          run->constraints.p, rank);
done:
  return st;
}

static int in_callers_units(void *user, const speig_progress *record)
{
  eigsh_run *run = user;
  speig_progress copy = *record;
  double value = run->scale_b / run->scale_a, residual = 1 / run->scale_a;
  int32_t shown = record->wanted < run->plan.k ? record->wanted : run->plan.k;
  for (int32_t i = 0; i < shown; ++i) {
    double theta = record->values[i] * value;
    run->shown_values[i] = run->swapped ? 1 / theta : theta;
    run->shown_residuals[i] = record->residuals[i] * residual / (run->swapped ? fabs(theta) : 1);
  }
  copy.values = run->shown_values;
  copy.residuals = run->shown_residuals;
  copy.norm = record->norm * residual;
  telemetry_complete(&run->telemetry, &copy);
  /* Who has said stop once is not asked again, whatever part of the solve comes next. */
  if (!run->stopped)
    run->stopped = run->opts.progress(run->opts.progress_user, &copy);
  return run->stopped;
}

/* The shift and the caller's inverse in the units of the problem solved: (scale_a A) - sigma'
 * (scale_b B) = scale_a (A - sigma B); with A and B swapped, B - A / sigma = -(A - sigma B) /
 * sigma.
 */
static speig_status prepare_shift(eigsh_run *run)
{
  speig_status st = SPEIG_OK;
  const speig_eigsh_opts *o = &run->opts;
  double sigma = run->swapped ? 1 / o->sigma : o->sigma;
  run->problem.map = plan_map(o, sigma * (run->scale_a / run->scale_b));
  run->inverse_scale = 1 / (o->mass_inverse ? run->scale_b : run->scale_a);
  if (run->swapped)
    run->inverse_scale *= -o->sigma;
  TRY(operator_bind(run->be, o->op_inverse ? o->op_inverse : o->mass_inverse, 1,
                    &run->bound_inverse));
  operator_call(run->bound_inverse,
                o->op_inverse ? "the inverse of A - sigma B" : "the inverse of B");
done:
  return st;
}

/* Diagonal entry and largest other one of row i, in size. */
static void measure_row(const speig_matrix *B, int64_t i, double *diagonal, double *other)
{
  *diagonal = *other = 0;
  for (int64_t e = B->rowptr[i]; e < B->rowptr[i + 1]; ++e) {
    double entry[2];
    matrix_widen(B->dtype, 1, (const char *)B->values + (size_t)e * speig_dtype_size(B->dtype),
                 entry);
    if (B->colind[e] == i)
      *diagonal = entry[0];
    else
      *other = fmax(*other, hypot(entry[0], entry[1]));
  }
}

/* What a look at the entries tells of a B that is not semidefinite: then inertia counts nothing,
 * and eigenvalues may be complex. One that hides it is met, if at all, by a negative x^H B x. */
static speig_status refuse_indefinite(const eigsh_run *run)
{
  speig_status st = SPEIG_OK;
  const speig_matrix *B = run->B && run->B->kind == OPERATOR_MATRIX ? run->B->matrix : NULL;
  double eps = dtype_eps(run->A->dtype), largest = 0, diagonal, other;
  for (int64_t i = 0; B && i < B->rows; ++i) {
    measure_row(B, i, &diagonal, &other);
    largest = fmax(largest, fmax(fabs(diagonal), other));
  }
  for (int64_t i = 0; B && i < B->rows; ++i) {
    measure_row(B, i, &diagonal, &other);
    if (diagonal < -16 * eps * largest || (diagonal <= 0 && other > sqrt(eps) * largest))
      FAIL(SPEIG_ERR_NUMERIC,
           "%s is not positive semidefinite: its diagonal entry %" PRId64 " is %g, in a row that "
           "is not zero; %s",
           run->swapped ? "A" : "B", i + 1, diagonal,
           run->swapped ? "mode buckling needs that"
                        : "with A positive definite mode buckling takes it, and speig_eigs any B");
  }
done:
  return st;
}

static speig_status open_backend(eigsh_run *run)
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

speig_status run_prepare(eigsh_run *run)
{
  speig_status st = SPEIG_OK;
  double started = clock_seconds();
  int need = !run->opts.assume_hermitian;
  TRY(open_backend(run));
  telemetry_begin(&run->telemetry, run->be);
  TRY(bind_scaled(run->be, run->swapped ? "B" : "A", run->A, need, run->opts.seed, &run->scale_a,
                  &run->norm_floor, &run->bound_a));
  TRY(bind_scaled(run->be, run->swapped ? "A" : "B", run->B, need, run->opts.seed, &run->scale_b,
                  &run->norm_b_floor, &run->bound_b));
  if (!run->B)
    run->norm_b_floor = 1;
  TRY(refuse_indefinite(run));
  TRY(operator_bind(run->be, run->opts.precond, 1, &run->bound_precond));
  operator_call(run->bound_precond, "the preconditioner");
  TRY(prepare_constraints(run));
  TRY(resume_eigsh(run));
  TRY(MEM_ZARRAY(run->plan.k, "progress record", &run->shown_values));
  TRY(MEM_ZARRAY(run->plan.k, "progress record", &run->shown_residuals));
  TRY(eig_pairs_alloc(run->be, run->A->n, run->plan.k, &run->pairs));
  run->problem = (eig_problem){
    .be = run->be,
    .n = run->A->n,
    .A = run->bound_a,
    .B = run->bound_b,
    .precond = run->bound_precond,
    .k = run->plan.k,
    .which = run->opts.which,
    .norm_floor = run->norm_floor,
    .tol = run->plan.tol,
    .ncv = run->plan.ncv,
    .block = run->opts.block,
    .max_matvecs = run->plan.max_matvecs,
    .deadline = run->opts.time_limit > 0 ? started + run->opts.time_limit : 0,
    .seed = run->opts.seed,
    .constraints = run->constraints,
    .constraints_b = run->constraints_b,
    .may_filter = run->constraints.p == 0 && operator_entries(run->A) >= 0 &&
                  plan_products_are_cheap(run->A, run->plan.ncv),
    .span_low = INFINITY,
    .span_high = -INFINITY,
    .phase = "solve",
    .started = started,
    .progress = run->opts.progress ? in_callers_units : NULL,
    .progress_user = run,
    .checkpoint = run->checkpoint,
  };
  TRY(prepare_shift(run));
  run->seconds_setup = clock_seconds() - started;
done:
  return st;
}

void run_close(eigsh_run *run)
{
  eig_pairs_free(&run->pairs);
  mv_free(&run->problem.support);
  mem_free(run->large_rows);
  rearrange_close(&run->rearranged);
  mv_free(&run->guess);
  mv_free(&run->products);
  if (run->constraints_b.data != run->constraints.data)
    mv_free(&run->constraints_b);
  mv_free(&run->constraints);
  mem_free(run->shown_values);
  mem_free(run->shown_residuals);
  operator_unbind(&run->bound_a);
  operator_unbind(&run->bound_b);
  operator_unbind(&run->bound_precond);
  operator_unbind(&run->bound_inverse);
  context_release(&run->ctx);
}
