/* prepare_eigs.c: opens and closes one call of speig_eigs: checks what the caller gave, binds the
 * operators to a backend. */
#include "backend/context.h"
#include "base/clock.h"
#include "base/dtype.h"
#include "base/error.h"
#include "base/memory.h"
#include "solvers/bind.h"
#include "solvers/resume.h"
#include "solvers/run_eigs.h"

#include <inttypes.h>
#include <math.h>

/* The type of A, or its complex form where the shift is complex. */
static speig_status check_inverse(const char *name, const speig_operator *A,
                                  const speig_operator *inverse, int complex_shift)
{
  speig_status st = SPEIG_OK;
  speig_dtype needed = complex_shift ? dtype_complex(A->dtype) : A->dtype;
  if (!inverse)
    return st;
  REQUIRE(inverse->dtype == needed, "%s has type %s, needed %s", name,
          speig_dtype_name(inverse->dtype), speig_dtype_name(needed));
  REQUIRE(inverse->n == A->n, "%s has order %" PRId64 ", A has %" PRId64, name, inverse->n, A->n);
done:
  return st;
}

speig_status eigs_check(eigs_run *run)
{
  speig_status st = SPEIG_OK;
  const speig_operator *A = run->A, *B = run->B, *adjoint = run->opts.adjoint;
  REQUIRE(!B || B->dtype == A->dtype, "B has type %s, A has %s", speig_dtype_name(B->dtype),
          speig_dtype_name(A->dtype));
  REQUIRE(!B || B->n == A->n, "B has order %" PRId64 ", A has %" PRId64, B->n, A->n);
  REQUIRE(!adjoint || adjoint->dtype == A->dtype, "the adjoint has type %s, A has %s",
          speig_dtype_name(adjoint->dtype), speig_dtype_name(A->dtype));
  REQUIRE(!adjoint || adjoint->n == A->n, "the adjoint has order %" PRId64 ", A has %" PRId64,
          adjoint->n, A->n);
  TRY(bind_check_block("guess", run->opts.guess, A));
  TRY(check_inverse("the inverse of A - sigma B", A, run->opts.op_inverse,
                    run->opts.has_sigma && run->opts.sigma[1] != 0));
  TRY(check_inverse("the inverse of B", A, run->opts.mass_inverse, 0));
done:
  return st;
}

/* One operator in the complex form of its type. */
static speig_status widen(const char *name, const speig_operator **op, speig_matrix **matrix,
                          speig_operator **around)
{
  speig_status st = SPEIG_OK;
  if (!*op)
    return st;
  if ((*op)->kind != OPERATOR_MATRIX)
    FAIL(SPEIG_ERR_UNSUPPORTED,
         "%s is real, sigma is complex, and %s is a function, which cannot multiply complex "
         "vectors; use the real or imaginary part of the inverse (opts.part)",
         name, name);
  TRY(speig_matrix_convert((*op)->matrix, dtype_complex((*op)->dtype), matrix));
  TRY(speig_operator_from_matrix(*matrix, around));
  *op = *around;
done:
  return st;
}

speig_status eigs_widen(eigs_run *run)
{
  speig_status st = SPEIG_OK;
  const speig_eigs_opts *o = &run->opts;
  if (!o->has_sigma || o->sigma[1] == 0 || o->part != SPEIG_PART_WHOLE ||
      dtype_is_complex(run->A->dtype))
    return st;
  if (o->guess && o->guess->cols > 0)
    FAIL(SPEIG_ERR_UNSUPPORTED, "the guess is real, but a complex sigma makes the problem complex");
  TRY(widen("A", &run->A, &run->complex_a, &run->complex_op_a));
  TRY(widen("B", &run->B, &run->complex_b, &run->complex_op_b));
done:
  return st;
}

static speig_status apply_plain(general_operator *op, const multivec *X, multivec *Y)
{
  return operator_apply(((plain_operator *)op)->A, X, Y);
}

/* From the iteration's values to the caller's. */
static eigenvalue to_caller(const eigs_run *run, eigenvalue mu)
{
  double value = run->scale_b / run->scale_a;
  eigenvalue lambda = mu;
  if (run->map.transform != SPEIG_TRANSFORM_NONE && run->map.part == 0)
    lambda = eigs_invert_lambda(run->map.transform, run->map.shift, mu);
  return (eigenvalue){ lambda.re * value, lambda.im * value };
}

/* Residuals of a transformed problem are told relative to the size of its values, as they are
 * judged. */
static int in_callers_units(void *user, const speig_progress *record)
{
  eigs_run *run = user;
  speig_progress copy = *record;
  double residual = 1 / run->scale_a;
  int32_t room = run->plan.k + 1, shown = record->wanted < room ? record->wanted : room;
  double *re = run->shown, *im = re + room, *residuals = im + room;
  for (int32_t i = 0; i < shown; ++i) {
    eigenvalue mu = { record->values[i], record->imaginary[i] }, lambda = to_caller(run, mu);
    double size = hypot(mu.re, mu.im);
    re[i] = lambda.re;
    im[i] = lambda.im;
    residuals[i] = record->residuals[i] * residual;
    if (run->problem.relative && size > 0)
      residuals[i] *= record->norm / size;
  }
  copy.values = re;
  copy.imaginary = im;
  copy.residuals = residuals;
  copy.norm = record->norm * residual;
  telemetry_complete(&run->telemetry, &copy);
  /* Who has said stop once is not asked again, whatever part of the solve comes next. */
  if (!run->stopped)
    run->stopped = run->opts.progress(run->opts.progress_user, &copy);
  return run->stopped;
}

static const speig_matrix *matrix_of(const bound_operator *bound)
{
  if (!bound || bound->op->kind != OPERATOR_MATRIX)
    return NULL;
  return bound->scaled ? bound->scaled : bound->op->matrix;
}

/* The caller's inverse on a backend of its own type. */
static speig_status bind_inverse(eigs_run *run, const speig_operator *inverse)
{
  speig_status st = SPEIG_OK;
  backend *be = run->be;
  if (inverse->dtype != run->A->dtype) {
    TRY(context_backend(run->ctx, inverse->dtype, &be));
  }
  TRY(operator_bind(be, inverse, 1, &run->bound_inverse));
  operator_call(run->bound_inverse, inverse == run->opts.op_inverse ? "the inverse of A - sigma B"
                                                                    : "the inverse of B");
done:
  return st;
}

/* Factors that nobody asked for must not take longer than the caller has, or than an hour: they
 * cannot be interrupted. Without them there are products, which may not get there. */
static double most_flops(const eigs_run *run)
{
  const double operations_per_second = 2e9, patience = 3600;
  const speig_eigs_opts *o = &run->opts;
  if (o->has_sigma || run->B || run->plan.transform != SPEIG_TRANSFORM_SHIFT)
    return 0;
  return operations_per_second *
         (o->time_limit > 0 && o->time_limit < patience ? o->time_limit : patience);
}

static speig_status open_transform(eigs_run *run)
{
  speig_status st = SPEIG_OK;
  const speig_eigs_opts *o = &run->opts;
  const speig_operator *given = o->op_inverse ? o->op_inverse : o->mass_inverse;
  double unit = run->scale_a / run->scale_b;
  int by_mass = run->plan.transform == SPEIG_TRANSFORM_MASS;
  run->map = (general_map){ .transform = run->plan.transform,
                            .part = eigs_plan_part(run->A, o),
                            .shift = { o->sigma[0] * unit, o->sigma[1] * unit } };
  if (run->plan.transform == SPEIG_TRANSFORM_NONE || run->plan.method == SPEIG_DENSE) {
    if (!o->has_sigma)
      run->map = (general_map){ .transform = SPEIG_TRANSFORM_NONE };
    goto done;
  }
  if (given)
    TRY(bind_inverse(run, given));
  run->invert = (eigs_invert){ .n = run->A->n,
                               .A = run->bound_a,
                               .B = run->bound_b,
                               .transform = run->plan.transform,
                               .part = run->map.part,
                               .shift = { run->map.shift[0], run->map.shift[1] },
                               .given = run->bound_inverse,
                               .most_flops = given ? 0 : most_flops(run),
                               .given_scale = 1 / (by_mass ? run->scale_b : run->scale_a) };
  TRY(eigs_invert_open(run->be, matrix_of(run->bound_a), matrix_of(run->bound_b), &run->invert));
  run->map.shift[0] = run->invert.shift[0];
  run->map.shift[1] = run->invert.shift[1];
done:
  return st;
}

speig_status eigs_move_shift(eigs_run *run, double step)
{
  speig_status st = SPEIG_OK;
  eigs_invert *I = &run->invert;
  int64_t solves = I->solves;
  int32_t factorizations = I->factorizations;
  eigs_invert fresh = { .n = I->n,
                        .A = I->A,
                        .B = I->B,
                        .transform = I->transform,
                        .shift = { I->shift[0] - step, I->shift[1] } };
  eigs_invert_close(I);
  *I = fresh;
  I->solves = solves;
  I->factorizations = factorizations;
  TRY(eigs_invert_open(run->be, matrix_of(run->bound_a), matrix_of(run->bound_b), I));
  run->map.shift[0] = I->shift[0];
  run->moved = 1;
done:
  return st;
}

/* LAPACK takes no longer than a user is willing to wait for it. */
static int dense_is_moderate(const eigs_run *run)
{
  enum { MODERATE = 1500 };
  return run->opts.method == SPEIG_METHOD_AUTO && run->A->n <= MODERATE &&
         eigs_plan_dense_fits(run->A, run->B, &run->opts);
}

/* Where the factors that nobody asked for cannot be had, the iteration has to do without them
 * (smallest magnitudes), or LAPACK takes over (a singular B). */
static speig_status open_transform_or_do_without(eigs_run *run)
{
  speig_status st = open_transform(run);
  int given = run->opts.op_inverse || run->opts.mass_inverse || run->opts.has_sigma;
  int by_mass = run->plan.transform == SPEIG_TRANSFORM_MASS;
  if (st == SPEIG_OK || given || (st != SPEIG_ERR_MEMORY && st != SPEIG_ERR_NUMERIC) ||
      (by_mass && !dense_is_moderate(run)))
    return st;
  eigs_invert_close(&run->invert);
  run->invert = (eigs_invert){ 0 };
  run->plan.transform = SPEIG_TRANSFORM_NONE;
  run->map = (general_map){ .transform = SPEIG_TRANSFORM_NONE };
  if (run->B)
    run->plan.method = SPEIG_DENSE;
  return SPEIG_OK;
}

/* The transformed problem: its operator, its counter, what is ranked and how it is judged. */
static void describe_transform(eigs_run *run)
{
  if (run->plan.transform == SPEIG_TRANSFORM_NONE || run->plan.method == SPEIG_DENSE)
    return;
  run->problem.op = &run->invert.base;
  run->problem.counted = &run->invert.solves;
  run->problem.norm_floor = 0;
  run->problem.relative = 1;
  if (run->plan.transform == SPEIG_TRANSFORM_MASS)
    run->problem.size = run->norm_b > 0 ? run->norm_a / run->norm_b : 0;
  if (run->plan.transform == SPEIG_TRANSFORM_SHIFT && !run->opts.has_sigma)
    run->problem.which = SPEIG_EIGS_LM; /* of 1 / lambda */
}

/* Where products are cheap; solves are worth more than the vectors that fewer of them take. */
static int32_t first_columns(const eigs_run *run)
{
  enum { BEYOND = 18 };
  if (run->opts.ncv || run->plan.transform != SPEIG_TRANSFORM_NONE)
    return 0;
  return run->plan.k + BEYOND;
}

static void describe_problem(eigs_run *run, double started)
{
  run->plain = (plain_operator){ { apply_plain }, run->bound_a };
  run->problem = (general_problem){
    .be = run->be,
    .n = run->A->n,
    .op = &run->plain.base,
    .counted = &run->bound_a->products,
    .k = run->plan.k,
    .which = run->opts.which,
    .norm_floor = run->norm_a,
    .tol = run->plan.tol,
    .ncv = run->plan.ncv,
    .ncv_first = first_columns(run),
    .probe = run->opts.certify != SPEIG_CERTIFY_NEVER,
    .probe_to_end = run->opts.certify == SPEIG_CERTIFY_ALWAYS,
    .guess = run->guess,
    .seed = run->opts.seed,
    .watch = { .phase = "solve",
               .started = started,
               .deadline = run->opts.time_limit > 0 ? started + run->opts.time_limit : 0,
               .max_matvecs = run->plan.max_matvecs,
               .tol = run->plan.tol,
               .progress = run->opts.progress ? in_callers_units : NULL,
               .progress_user = run },
    .checkpoint = run->checkpoint,
    .counters = { &run->bound_a->products, run->bound_b ? &run->bound_b->products : NULL },
  };
}

speig_status eigs_prepare(eigs_run *run)
{
  speig_status st = SPEIG_OK;
  double started = clock_seconds();
  int32_t room = run->plan.k + 1;
  if (run->opts.context) {
    run->ctx = run->opts.context;
    context_retain(run->ctx);
  } else {
    TRY(context_make(run->plan.device, 0, NULL, run->opts.threads, &run->ctx));
  }
  TRY(context_backend(run->ctx, run->A->dtype, &run->be));
  telemetry_begin(&run->telemetry, run->be);
  TRY(bind_scaled(run->be, "A", run->A, 0, run->opts.seed, &run->scale_a, &run->norm_a,
                  &run->bound_a));
  TRY(bind_scaled(run->be, "B", run->B, 0, run->opts.seed, &run->scale_b, &run->norm_b,
                  &run->bound_b));
  if (!run->B)
    run->norm_b = 1;
  TRY(bind_upload(run->be, run->A->n, "guess", run->opts.guess, &run->guess));
  TRY(MEM_ZARRAY(3 * (int64_t)room, "progress record", &run->shown));
  TRY(MEM_ZARRAY(room, "unconverged values", &run->rest));
  TRY(MEM_ZARRAY(room, "unconverged residuals", &run->rest_residual));
  TRY(general_pairs_alloc(run->be, run->A->n, room < run->A->n ? room : (int32_t)run->A->n,
                          run->opts.left, &run->pairs));
  TRY(resume_eigs(run));
  describe_problem(run, started);
  TRY(open_transform_or_do_without(run));
  describe_transform(run);
  if (run->bound_inverse)
    run->problem.counters[2] = &run->bound_inverse->products;
  run->seconds_setup = clock_seconds() - started;
done:
  return st;
}

/* The adjoint of one operator: of a matrix, of the caller's; *bound stays NULL where there is none.
 */
static speig_status bind_adjoint_of(eigs_run *run, const speig_operator *op,
                                    const speig_operator *given, double scale,
                                    speig_matrix **matrix, speig_operator **around,
                                    bound_operator **bound)
{
  speig_status st = SPEIG_OK;
  if (!op || *bound)
    goto done;
  if (op->kind == OPERATOR_MATRIX && !given) {
    TRY(speig_matrix_transpose(op->matrix, 1, matrix));
    TRY(speig_operator_from_matrix(*matrix, around));
    given = *around;
  }
  if (given)
    TRY(operator_bind(run->be, given, scale, bound));
  operator_call(*bound, op == run->A ? "the adjoint of A" : "the adjoint of B");
done:
  return st;
}

speig_status eigs_bind_adjoint(eigs_run *run)
{
  speig_status st = SPEIG_OK;
  TRY(bind_adjoint_of(run, run->A, run->opts.adjoint, run->scale_a, &run->adjoint, &run->adjoint_op,
                      &run->bound_adjoint));
  TRY(bind_adjoint_of(run, run->B, NULL, run->scale_b, &run->adjoint_b, &run->adjoint_op_b,
                      &run->bound_adjoint_b));
done:
  return st;
}

void eigs_close(eigs_run *run)
{
  eigs_invert_close(&run->invert);
  operator_unbind(&run->bound_inverse);
  general_pairs_free(&run->pairs);
  mv_free(&run->guess);
  mem_free(run->shown);
  mem_free(run->rest);
  mem_free(run->rest_residual);
  operator_unbind(&run->bound_adjoint);
  operator_unbind(&run->bound_adjoint_b);
  operator_unbind(&run->bound_a);
  operator_unbind(&run->bound_b);
  speig_operator_destroy(&run->adjoint_op);
  speig_operator_destroy(&run->adjoint_op_b);
  speig_matrix_destroy(&run->adjoint);
  speig_matrix_destroy(&run->adjoint_b);
  context_release(&run->ctx);
  speig_operator_destroy(&run->complex_op_a);
  speig_operator_destroy(&run->complex_op_b);
  speig_matrix_destroy(&run->complex_a);
  speig_matrix_destroy(&run->complex_b);
}
