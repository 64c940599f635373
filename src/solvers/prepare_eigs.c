/* prepare_eigs.c: opens and closes one call of speig_eigs: checks what the caller gave, binds the
 * operators to a backend. */
#include "base/clock.h"
#include "base/error.h"
#include "base/memory.h"
#include "solvers/bind.h"
#include "solvers/run_eigs.h"

#include <inttypes.h>
#include <math.h>

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
done:
  return st;
}

static speig_status apply_plain(general_operator *op, const multivec *X, multivec *Y)
{
  return operator_apply(((plain_operator *)op)->A, X, Y);
}

static int in_callers_units(void *user, const speig_progress *record)
{
  eigs_run *run = user;
  speig_progress copy = *record;
  double value = run->scale_b / run->scale_a, residual = 1 / run->scale_a;
  int32_t room = run->plan.k + 1, shown = record->wanted < room ? record->wanted : room;
  double *re = run->shown, *im = re + room, *residuals = im + room;
  for (int32_t i = 0; i < shown; ++i) {
    re[i] = record->values[i] * value;
    im[i] = record->imaginary[i] * value;
    residuals[i] = record->residuals[i] * residual;
  }
  copy.values = re;
  copy.imaginary = im;
  copy.residuals = residuals;
  copy.norm = record->norm * residual;
  return run->opts.progress(run->opts.progress_user, &copy);
}

static void describe_problem(eigs_run *run, double started)
{
  run->plain = (plain_operator){ { apply_plain }, run->bound_a };
  run->problem = (general_problem){
    .be = run->be,
    .n = run->A->n,
    .op = &run->plain.base,
    .counted = run->bound_a,
    .k = run->plan.k,
    .which = run->opts.which,
    .norm_floor = run->norm_a,
    .tol = run->plan.tol,
    .ncv = run->plan.ncv,
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
  };
}

speig_status eigs_prepare(eigs_run *run)
{
  speig_status st = SPEIG_OK;
  double started = clock_seconds();
  int32_t room = run->plan.k + 1;
  TRY(backend_open(run->plan.device, run->A->dtype, run->opts.threads, &run->be));
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
  describe_problem(run, started);
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
  backend_close(&run->be);
}
