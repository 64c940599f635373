/* prepare.c: opens and closes one call of speig_eigsh: checks what the caller gave, binds the
 * operators to a backend, uploads blocks.
 *
 * The problem is solved in units where its largest entry is near 1 whenever squares of it could
 * leave the range of the type: A is multiplied by a power of two, which is exact. */
#include "base/clock.h"
#include "base/dtype.h"
#include "base/error.h"
#include "base/memory.h"
#include "solvers/run.h"
#include "solvers/subspace.h"

#include <inttypes.h>
#include <math.h>

static speig_status check_block(const char *name, const speig_block *X, const speig_operator *A)
{
  speig_status st = SPEIG_OK;
  if (!X)
    return st;
  REQUIRE(X->dtype == A->dtype, "%s has type %s, A has %s", name, speig_dtype_name(X->dtype),
          speig_dtype_name(A->dtype));
  REQUIRE(X->rows == A->n, "%s has %" PRId64 " rows, the order of A is %" PRId64, name, X->rows,
          A->n);
  REQUIRE(X->cols >= 0 && X->cols <= INT32_MAX && X->ld >= X->rows && (X->data || X->cols == 0),
          "%s has %" PRId64 " columns, leading dimension %" PRId64 " and data %s", name, X->cols,
          X->ld, X->data ? "present" : "NULL");
done:
  return st;
}

/* Finite entries, Hermitian by value unless declared so or assumed. norm and floor: an upper and a
 * lower bound of ||A||_2. */
static speig_status check_matrix(const char *name, const speig_operator *op, int assume,
                                 double *norm, double *floor)
{
  /* Entries computed as a_ij and a_ji in different order differ by rounding. */
  const double rounding = 64 * dtype_eps(op->dtype);
  speig_status st = SPEIG_OK;
  speig_matrix_stats stats;
  *norm = *floor = 0;
  if (op->kind != OPERATOR_MATRIX)
    return st;
  TRY(speig_matrix_get_stats(op->matrix, &stats));
  if (stats.nonfinite > 0)
    FAIL(SPEIG_ERR_NUMERIC,
         "%s holds %" PRId64 " entries that are NaN or Inf, the first at row %" PRId64
         ", column %" PRId64 "; every entry must be finite",
         name, stats.nonfinite, stats.first_nonfinite_row + 1, stats.first_nonfinite_col + 1);
  if (!assume && !(stats.hermitian_defect <= rounding * stats.max_abs))
    FAIL(SPEIG_ERR_ARG,
         "%s is not Hermitian: max |a_ij - conj(a_ji)| is %g beside a largest entry of %g; at most "
         "%g is taken for rounding",
         name, stats.hermitian_defect, stats.max_abs, rounding * stats.max_abs);
  *norm = stats.norm_inf;
  *floor = stats.max_abs;
  if (isfinite(stats.norm_fro) && op->n > 0)
    *floor = fmax(*floor, stats.norm_fro / sqrt((double)op->n));
  if (isinf(*norm)) /* finite entries whose sum overflows: half the range is near enough for a scale
                     */
    *norm = dtype_max(op->dtype);
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
  TRY(check_block("guess", run->opts.guess, A));
  TRY(check_block("deflate", run->opts.deflate, A));
done:
  return st;
}

/* A power of two that brings norm near 1, or 1 when squares and sums of it are safe anyway. */
static double choose_scale(speig_dtype dtype, double norm)
{
  double safe = dtype_is_single(dtype) ? 0x1p30 : 0x1p300;
  int exponent;
  if (!(norm > 0) || (norm < safe && norm > 1 / safe))
    return 1;
  (void)frexp(norm, &exponent);
  /* The factor and its inverse must both be normal numbers. */
  if (exponent < -1000)
    exponent = -1000;
  if (exponent > 1000)
    exponent = 1000;
  return ldexp(1, -exponent);
}

/* ||A x|| / ||x|| for a random x: all that can be known of a callback's size. */
static speig_status sample_norm(eigsh_run *run, const speig_operator *op, double *norm)
{
  speig_status st = SPEIG_OK;
  bound_operator *bound = NULL;
  multivec x = { 0 }, y = { 0 };
  double length;
  TRY(operator_bind(run->be, op, 1, &bound));
  TRY(mv_alloc(run->be, op->n, 1, "sample", &x));
  TRY(mv_alloc(run->be, op->n, 1, "sample", &y));
  TRY(mv_fill_random(run->opts.seed, &x));
  TRY(operator_apply(bound, &x, &y));
  TRY(mv_norms(&x, &length));
  TRY(mv_norms(&y, norm));
  *norm /= length;
done:
  mv_free(&x);
  mv_free(&y);
  operator_unbind(&bound);
  return st;
}

static speig_status bind_scaled(eigsh_run *run, const char *name, const speig_operator *op,
                                double *scale, double *floor, bound_operator **bound)
{
  speig_status st = SPEIG_OK;
  double norm;
  *scale = 1;
  *floor = 0;
  if (!op)
    return st;
  TRY(check_matrix(name, op, run->opts.assume_hermitian, &norm, floor));
  if (op->kind == OPERATOR_CALLBACK) {
    TRY(sample_norm(run, op, &norm));
    *floor = norm;
  }
  *scale = choose_scale(op->dtype, norm);
  *floor *= *scale;
  TRY(operator_bind(run->be, op, *scale, bound));
  if (op->kind == OPERATOR_CALLBACK)
    (*bound)->products = 1; /* the sample */
done:
  return st;
}

speig_status run_upload_block(eigsh_run *run, const char *what, const speig_block *X, multivec *out)
{
  speig_status st = SPEIG_OK;
  *out = (multivec){ .be = run->be, .n = run->A->n };
  if (!X || X->cols == 0)
    return st;
  TRY(mv_alloc(run->be, X->rows, (int32_t)X->cols, what, out));
  TRY(mv_upload(X->data, X->ld, out));
  for (int32_t j = 0; j < out->p; ++j) {
    multivec x = mv_columns(out, j, 1);
    double norm;
    TRY(mv_norms(&x, &norm));
    if (!isfinite(norm))
      FAIL(SPEIG_ERR_NUMERIC, "column %d of %s holds NaN or Inf", j + 1, what);
  }
done:
  return st;
}

static speig_status prepare_constraints(eigsh_run *run)
{
  speig_status st = SPEIG_OK;
  multivec none = { .be = run->be, .n = run->A->n };
  int32_t rank;
  TRY(run_upload_block(run, "deflate", run->opts.deflate, &run->constraints));
  run->constraints_b = run->constraints;
  if (run->constraints.p == 0)
    goto done;
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
    run->shown_values[i] = record->values[i] * value;
    run->shown_residuals[i] = record->residuals[i] * residual;
  }
  copy.values = run->shown_values;
  copy.residuals = run->shown_residuals;
  copy.norm = record->norm * residual;
  return run->opts.progress(run->opts.progress_user, &copy);
}

speig_status run_prepare(eigsh_run *run)
{
  speig_status st = SPEIG_OK;
  double started = clock_seconds(), floor_b;
  TRY(backend_open(run->plan.device, run->A->dtype, run->opts.threads, &run->be));
  TRY(bind_scaled(run, "A", run->A, &run->scale_a, &run->norm_floor, &run->bound_a));
  TRY(bind_scaled(run, "B", run->B, &run->scale_b, &floor_b, &run->bound_b));
  TRY(operator_bind(run->be, run->opts.precond, 1, &run->bound_precond));
  TRY(prepare_constraints(run));
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
    .max_matvecs = run->plan.max_matvecs,
    .deadline = run->opts.time_limit > 0 ? started + run->opts.time_limit : 0,
    .seed = run->opts.seed,
    .constraints = run->constraints,
    .constraints_b = run->constraints_b,
    .may_filter = run->constraints.p == 0 && run->A->kind == OPERATOR_MATRIX &&
                  plan_products_are_cheap(run->A, run->plan.ncv),
    .span_low = INFINITY,
    .span_high = -INFINITY,
    .phase = "solve",
    .started = started,
    .progress = run->opts.progress ? in_callers_units : NULL,
    .progress_user = run,
  };
  run->seconds_setup = clock_seconds() - started;
done:
  return st;
}

void run_close(eigsh_run *run)
{
  eig_pairs_free(&run->pairs);
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
  backend_close(&run->be);
}
