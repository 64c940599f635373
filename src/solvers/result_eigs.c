/* result_eigs.c: from the pairs a solver found to what the caller gets: residuals recomputed from
 * A, values in the caller's units, vectors as complex columns on the host with a fixed phase,
 * condition numbers where left vectors are there. */
#include "base/clock.h"
#include "base/dtype.h"
#include "base/error.h"
#include "base/memory.h"
#include "dense/phase.h"
#include "dense/unpack.h"
#include "solvers/resume.h"
#include "solvers/run_eigs.h"

#include <float.h>
#include <math.h>

void speig_eigs_result_free(speig_eigs_result **result)
{
  speig_eigs_result *r;
  if (!result || !*result)
    return;
  r = *result;
  mem_free(r->values);
  mem_free(r->vectors.data);
  mem_free(r->left.data);
  mem_free(r->residuals);
  mem_free(r->relative_residuals);
  mem_free(r->left_residuals);
  mem_free(r->conditions);
  mem_free(r->error_bounds);
  mem_free(r->unconverged_values);
  mem_free(r->unconverged_residuals);
  mem_free(r);
  *result = NULL;
}

static speig_status alloc_vectors(const eigs_run *run, int32_t count, int wanted, speig_block *out)
{
  speig_status st = SPEIG_OK;
  speig_dtype dtype = dtype_complex(run->A->dtype);
  *out = (speig_block){
    .dtype = dtype, .rows = run->A->n, .cols = count, .ld = run->A->n > 0 ? run->A->n : 1
  };
  if (wanted)
    TRY(mem_alloc(run->A->n * (int64_t)count, speig_dtype_size(dtype), "result vectors",
                  &out->data));
done:
  return st;
}

static speig_status result_alloc(const eigs_run *run, int32_t count, int32_t rest,
                                 speig_eigs_result **out)
{
  speig_status st = SPEIG_OK;
  speig_eigs_result *r = NULL;
  int left = run->opts.left;
  *out = NULL;
  TRY(MEM_ZARRAY(1, "result", &r));
  *out = r;
  TRY(MEM_ZARRAY(2 * (int64_t)count, "result values", &r->values));
  TRY(MEM_ZARRAY(count, "result residuals", &r->residuals));
  TRY(MEM_ZARRAY(count, "result residuals", &r->relative_residuals));
  TRY(MEM_ZARRAY(count, "result bounds", &r->error_bounds));
  if (left) {
    TRY(MEM_ZARRAY(count, "result residuals", &r->left_residuals));
    TRY(MEM_ZARRAY(count, "condition numbers", &r->conditions));
  }
  TRY(MEM_ZARRAY(2 * (int64_t)rest, "unconverged values", &r->unconverged_values));
  TRY(MEM_ZARRAY(rest, "unconverged residuals", &r->unconverged_residuals));
  TRY(alloc_vectors(run, count, !run->opts.values_only, &r->vectors));
  TRY(alloc_vectors(run, count, left && !run->opts.values_only, &r->left));
done:
  if (st != SPEIG_OK)
    speig_eigs_result_free(out);
  return st;
}

/* The pairs once more: unit vectors and true residuals. */
typedef struct eigs_finish {
  multivec X, Y, AX, BX;
  eigenvalue *lambda;
  double *residual, *left_residual, *condition; /* the last two only with left vectors */
  int32_t *order; /* those that hold first */
  int32_t good;
} eigs_finish;

static void finish_close(eigs_finish *F)
{
  mv_free(&F->AX);
  if (F->BX.data != F->X.data)
    mv_free(&F->BX);
  mem_free(F->residual);
  mem_free(F->left_residual);
  mem_free(F->condition);
  mem_free(F->order);
}

static speig_status finish_open(eigs_run *run, eigs_finish *F)
{
  speig_status st = SPEIG_OK;
  int32_t count = run->pairs.count;
  *F = (eigs_finish){ .X = mv_columns(&run->pairs.X, 0, count), .lambda = run->pairs.lambda };
  TRY(mv_alloc(run->be, run->A->n, count, "final products", &F->AX));
  F->BX = F->X;
  if (run->bound_b)
    TRY(mv_alloc(run->be, run->A->n, count, "final products", &F->BX));
  TRY(MEM_ARRAY(count, "final residuals", &F->residual));
  TRY(MEM_ARRAY(count, "final order", &F->order));
  if (run->opts.left) {
    F->Y = mv_columns(&run->pairs.Y, 0, count);
    TRY(MEM_ARRAY(count, "final residuals", &F->left_residual));
    TRY(MEM_ARRAY(count, "condition numbers", &F->condition));
  }
done:
  return st;
}

/* Columns of length 1, packed pairs by their common length; what has none stays zero. */
static speig_status make_unit(multivec *X, const eigenvalue *lambda, double *length)
{
  speig_status st = SPEIG_OK;
  TRY(general_lengths(X, lambda, length));
  for (int32_t j = 0; j < X->p; ++j)
    length[j] = length[j] > 0 ? 1 / length[j] : 0;
  TRY(mv_scale(length, X));
done:
  return st;
}

static double size_of(eigenvalue lambda)
{
  return hypot(lambda.re, lambda.im);
}

static double allowed(const eigs_run *run, eigenvalue lambda)
{
  return run->plan.tol * (run->norm_a + size_of(lambda) * run->norm_b);
}

static speig_status finish_pairs(eigs_run *run, eigs_finish *F)
{
  speig_status st = SPEIG_OK;
  int32_t count = F->X.p, bad;
  if (count == 0)
    goto done;
  TRY(make_unit(&F->X, F->lambda, F->residual));
  TRY(operator_apply(run->bound_a, &F->X, &F->AX));
  if (run->bound_b)
    TRY(operator_apply(run->bound_b, &F->X, &F->BX));
  TRY(general_lengths(&F->AX, F->lambda, F->residual)); /* ||A x|| is a lower bound of ||A|| */
  for (int32_t i = 0; i < count; ++i)
    run->norm_a = fmax(run->norm_a, F->residual[i]);
  if (run->bound_b) {
    TRY(general_lengths(&F->BX, F->lambda, F->residual));
    for (int32_t i = 0; i < count; ++i)
      run->norm_b = fmax(run->norm_b, F->residual[i]);
  }
  TRY(general_residuals(&F->AX, &F->BX, F->lambda, F->residual));
  for (int32_t i = 0; i < count; ++i)
    if (F->residual[i] <= allowed(run, F->lambda[i]))
      F->order[F->good++] = i;
  bad = F->good;
  for (int32_t i = 0; i < count; ++i)
    if (!(F->residual[i] <= allowed(run, F->lambda[i])))
      F->order[bad++] = i;
done:
  return st;
}

/* ---- left vectors and condition numbers ---- */

/* |y_j^H B x_j|; the BX of the pairs is there. */
static speig_status products_of_sides(const eigs_finish *F, double *size)
{
  speig_status st = SPEIG_OK;
  int z = dtype_is_complex(F->X.be->ops->dtype);
  small G = { 0 };
  int32_t width;
  TRY(small_alloc(2, 2, z, &G));
  for (int32_t j = 0; j < F->X.p; j += width) {
    multivec x, y;
    small block;
    width = pair_starts(z, F->lambda, j) ? 2 : 1;
    x = mv_columns(&F->BX, j, width);
    y = mv_columns(&F->Y, j, width);
    block = small_view(&G, 0, 0, width, width);
    TRY(mv_gram(&y, &x, &block));
    /* (p + iq)^H (u + iv) */
    size[j] = width == 1 ? small_max_abs(&block)
                         : hypot(small_get(&G, 0, 0) + small_get(&G, 1, 1),
                                 small_get(&G, 0, 1) - small_get(&G, 1, 0));
    if (width == 2)
      size[j + 1] = size[j];
  }
done:
  small_free(&G);
  return st;
}

/* y^H A = lambda y^H B is A^H y = conj(lambda) B^H y: the packed form of a real problem has v with
 * the other sign there, which the conjugate in D stands for. */
static speig_status left_residuals(eigs_run *run, eigs_finish *F)
{
  speig_status st = SPEIG_OK;
  multivec AY = { 0 }, BY = { 0 };
  eigenvalue *conjugate = NULL;
  int z = dtype_is_complex(run->be->ops->dtype);
  TRY(eigs_bind_adjoint(run));
  if (!run->bound_adjoint || (run->bound_b && !run->bound_adjoint_b)) {
    for (int32_t j = 0; j < F->Y.p; ++j)
      F->left_residual[j] = NAN;
    goto done;
  }
  TRY(MEM_ARRAY(F->Y.p, "eigenvalues", &conjugate));
  TRY(mv_alloc(run->be, run->A->n, F->Y.p, "left residuals", &AY));
  if (run->bound_b)
    TRY(mv_alloc(run->be, run->A->n, F->Y.p, "left residuals", &BY));
  for (int32_t j = 0; j < F->Y.p; ++j) {
    conjugate[j] = F->lambda[j];
    if (z)
      conjugate[j].im = -conjugate[j].im;
  }
  TRY(general_flip_pairs(&F->Y, F->lambda));
  TRY(operator_apply(run->bound_adjoint, &F->Y, &AY));
  if (run->bound_b)
    TRY(operator_apply(run->bound_adjoint_b, &F->Y, &BY));
  TRY(general_residuals(&AY, run->bound_b ? &BY : &F->Y, conjugate, F->left_residual));
  TRY(general_flip_pairs(&F->Y, F->lambda));
done:
  mv_free(&AY);
  mv_free(&BY);
  mem_free(conjugate);
  return st;
}

static speig_status finish_left(eigs_run *run, eigs_finish *F)
{
  speig_status st = SPEIG_OK;
  double *length = NULL;
  if (!run->opts.left || F->X.p == 0)
    goto done;
  TRY(MEM_ARRAY(F->Y.p, "lengths", &length));
  TRY(make_unit(&F->Y, F->lambda, length));
  TRY(left_residuals(run, F));
  TRY(products_of_sides(F, F->condition));
  for (int32_t j = 0; j < F->Y.p; ++j) {
    F->condition[j] = F->condition[j] > 0 ? 1 / F->condition[j] : INFINITY;
    if (!(length[j] > 0))
      F->condition[j] = F->left_residual[j] = NAN; /* no left vector was found */
  }
done:
  mem_free(length);
  return st;
}

/* ---- packing ---- */

/* The largest condition number of the pairs: of left vectors where they are there. */
static double worst_condition(const eigs_run *run, const eigs_finish *F)
{
  double worst = NAN;
  if (!run->opts.left)
    return run->pairs.condition;
  for (int32_t i = 0; i < F->good; ++i)
    worst = fmax(worst, F->condition[F->order[i]]);
  return worst * (run->bound_b ? run->scale_b : 1);
}

/* Eigenvalues of which rounding leaves less than a quarter of the digits cannot be counted: those
 * of a matrix next to A may be others altogether (Trefethen and Embree, Spectra and Pseudospectra,
 * 2005). Of LAPACK's, in double precision, that was measured where the conditions gave cause. */
static int can_be_counted(const eigs_run *run, const eigs_finish *F)
{
  if (run->method == SPEIG_DENSE)
    return !(run->pairs.moved > pow(DBL_EPSILON, 0.25) * run->norm_a);
  return run->bound_b || !(worst_condition(run, F) > pow(dtype_eps(run->A->dtype), -0.75));
}

static speig_outcome judge(const eigs_run *run, const eigs_finish *F)
{
  if (F->good < run->wanted)
    return F->good > 0 ? SPEIG_PARTIAL : SPEIG_FAILED;
  return run->complete && can_be_counted(run, F) ? run->proof : SPEIG_CONVERGED;
}

static void fill_counts(const eigs_run *run, const eigs_finish *F, speig_eigs_result *r)
{
  r->n = run->A->n;
  r->k = F->good;
  r->wanted = run->wanted;
  r->dtype = run->A->dtype;
  r->outcome = run->wanted == 0 ? SPEIG_CERTIFIED : judge(run, F);
  r->reason = run->reason;
  if (r->reason == SPEIG_STOP_CONVERGED && F->good < run->wanted)
    r->reason = SPEIG_STOP_BREAKDOWN; /* converged by estimate, but rounding stands above tol */
  r->method = run->method;
  r->device = run->plan.device;
  r->norm_a = fmin(run->norm_a / run->scale_a, DBL_MAX);
  r->norm_b = fmin(run->norm_b / run->scale_b, DBL_MAX);
  r->tol = run->plan.tol;
  r->balanced = run->balanced;
  r->infinite = run->infinite;
  r->worst_condition = worst_condition(run, F);
  r->moved = run->pairs.moved * run->scale_b / run->scale_a;
  r->matvecs = run->bound_a->products;
  r->matvecs_b = run->bound_b ? run->bound_b->products : 0;
  r->matvecs_adjoint = run->bound_adjoint ? run->bound_adjoint->products : 0;
  r->transform = run->method == SPEIG_DENSE ? SPEIG_TRANSFORM_NONE : run->plan.transform;
  if (r->transform == SPEIG_TRANSFORM_SHIFT) {
    r->shift[0] = run->map.shift[0] * run->scale_b / run->scale_a;
    r->shift[1] = run->map.shift[1] * run->scale_b / run->scale_a;
  }
  r->solves = run->invert.solves;
  r->factorizations = run->invert.factorizations;
  r->restarts = run->iterations;
  r->seconds_setup = run->seconds_setup;
  r->seconds_solve = run->seconds_solve;
  r->seconds_certify = run->seconds_certify;
  r->seed = run->opts.seed;
  resume_tell(run->checkpoint, &r->resumed, &r->checkpoints, r->checkpoint_failure,
              sizeof r->checkpoint_failure);
  r->threads = run->be->threads;
}

/* The values in the caller's units must be numbers: entries near the end of the range can have
 * eigenvalues beyond it. */
static speig_status check_range(const eigs_run *run, const eigs_finish *F)
{
  speig_status st = SPEIG_OK;
  double value = run->scale_b / run->scale_a;
  for (int32_t i = 0; i < F->good; ++i) {
    double size = size_of(F->lambda[F->order[i]]);
    if (!(size * value <= dtype_max(run->A->dtype)))
      FAIL(SPEIG_ERR_NUMERIC,
           "eigenvalue of magnitude %g x %g lies beyond the range of type %s (%g)", size, value,
           speig_dtype_name(run->A->dtype), dtype_max(run->A->dtype));
  }
done:
  return st;
}

static void fill_unconverged(const eigs_run *run, const eigs_finish *F, speig_eigs_result *r)
{
  double value = run->scale_b / run->scale_a, residual = 1 / run->scale_a;
  int32_t lost = F->X.p - F->good;
  r->unconverged = lost + run->rest_count;
  for (int32_t i = 0; i < r->unconverged; ++i) {
    int32_t at = i < lost ? F->order[F->good + i] : i - lost;
    eigenvalue lambda = i < lost ? F->lambda[at] : run->rest[at];
    r->unconverged_values[2 * (size_t)i] = lambda.re * value;
    r->unconverged_values[2 * (size_t)i + 1] = lambda.im * value;
    r->unconverged_residuals[i] = residual * (i < lost ? F->residual[at] : run->rest_residual[at]);
  }
}

static void fill_pairs(const eigs_run *run, const eigs_finish *F, speig_eigs_result *r)
{
  double value = run->scale_b / run->scale_a, residual = 1 / run->scale_a;
  for (int32_t i = 0; i < F->good; ++i) {
    int32_t at = F->order[i];
    double size = run->norm_a + size_of(F->lambda[at]) * run->norm_b;
    r->values[2 * (size_t)i] = F->lambda[at].re * value;
    r->values[2 * (size_t)i + 1] = F->lambda[at].im * value;
    r->residuals[i] = F->residual[at] * residual;
    r->relative_residuals[i] = size > 0 ? F->residual[at] / size : 0;
    r->error_bounds[i] = NAN;
    if (run->opts.left) {
      r->left_residuals[i] = F->left_residual[at] * residual;
      r->conditions[i] = F->condition[at] * (run->bound_b ? run->scale_b : 1);
      r->error_bounds[i] = r->conditions[i] * r->residuals[i];
    }
  }
  fill_unconverged(run, F, r);
}

/* Columns of X in the order of the result. */
static speig_status fill_vectors(const eigs_run *run, const eigs_finish *F, const multivec *X,
                                 speig_block *out)
{
  speig_status st = SPEIG_OK;
  int z = dtype_is_complex(run->A->dtype);
  speig_block host = { 0 };
  int32_t width;
  TRY(speig_block_alloc(run->A->dtype, run->A->n, 2, &host));
  for (int32_t i = 0; i < F->good; i += width) {
    multivec x;
    speig_block target, source;
    width = pair_starts(z, F->lambda, F->order[i]) ? 2 : 1;
    x = mv_columns(X, F->order[i], width);
    target = speig_block_columns(out, i, width);
    if (z) {
      TRY(mv_download(&x, target.data, target.ld));
      continue;
    }
    TRY(mv_download(&x, host.data, host.ld));
    source = speig_block_columns(&host, 0, width);
    dense_unpack(&source, &target);
  }
  dense_fix_phase(out);
done:
  speig_block_free(&host);
  return st;
}

speig_status eigs_result_make(eigs_run *run, speig_eigs_result **out)
{
  speig_status st = SPEIG_OK;
  speig_eigs_result *r = NULL;
  eigs_finish F = { 0 };
  double started = clock_seconds();
  TRY(finish_open(run, &F));
  TRY(finish_pairs(run, &F));
  TRY(finish_left(run, &F));
  TRY(check_range(run, &F));
  TRY(result_alloc(run, F.good, F.X.p - F.good + run->rest_count, &r));
  fill_counts(run, &F, r);
  fill_pairs(run, &F, r);
  if (r->vectors.data)
    TRY(fill_vectors(run, &F, &F.X, &r->vectors));
  if (r->left.data)
    TRY(fill_vectors(run, &F, &F.Y, &r->left));
  r->seconds_solve += clock_seconds() - started;
  r->memory_bytes = mem_account_read().peak;
  *out = r;
  r = NULL;
done:
  speig_eigs_result_free(&r);
  finish_close(&F);
  return st;
}
