/* result.c: from the pairs a solver found to what the caller gets: residuals recomputed from A,
 * values in the caller's units and ascending, vectors on the host with a fixed phase. */
#include "backend/block_call.h"
#include "base/clock.h"
#include "base/dtype.h"
#include "base/error.h"
#include "base/memory.h"
#include "dense/phase.h"
#include "solvers/interval.h"
#include "solvers/resume.h"
#include "solvers/subspace.h"

#include <float.h>
#include <math.h>
#include <string.h>

/* What the caller holds, and what its vectors need when they stay on a device. */
typedef struct result_box {
  speig_eigsh_result result; /* first: the caller's pointer leads here */
  speig_context *ctx; /* held; NULL when the vectors are on the host */
} result_box;

static speig_status vectors_alloc(const eigsh_run *run, int32_t count, result_box *box)
{
  speig_status st = SPEIG_OK;
  int64_t n = run->A->n;
  speig_block *X = &box->result.vectors;
  multivec there;
  *X = (speig_block){ .dtype = run->A->dtype, .rows = n, .cols = count, .ld = n > 0 ? n : 1 };
  if (run->opts.values_only)
    goto done;
  if (!run->vectors_there) {
    TRY(mem_alloc(n * (int64_t)count, speig_dtype_size(X->dtype), "result vectors", &X->data));
    goto done;
  }
  TRY(mv_alloc(run->be, n, count, "result vectors", &there));
  X->data = there.data;
  X->ld = there.ld;
  X->device = block_device(run->be);
  box->ctx = run->ctx;
  context_retain(box->ctx);
done:
  return st;
}

static void vectors_free(result_box *box)
{
  if (box->ctx)
    speig_block_free_on(box->ctx, &box->result.vectors);
  else
    mem_free(box->result.vectors.data);
  context_release(&box->ctx);
}

static speig_status result_alloc(const eigsh_run *run, int32_t count, int32_t rest,
                                 speig_eigsh_result **out)
{
  speig_status st = SPEIG_OK;
  speig_eigsh_result *r = NULL;
  result_box *box = NULL;
  *out = NULL;
  TRY(MEM_ZARRAY(1, "result", &box));
  r = &box->result;
  *out = r;
  TRY(MEM_ZARRAY(count, "result values", &r->values));
  TRY(MEM_ZARRAY(count, "result residuals", &r->residuals));
  TRY(MEM_ZARRAY(count, "result residuals", &r->relative_residuals));
  TRY(MEM_ZARRAY(count, "result bounds", &r->error_bounds));
  TRY(MEM_ZARRAY(rest, "unconverged values", &r->unconverged_values));
  TRY(MEM_ZARRAY(rest, "unconverged residuals", &r->unconverged_residuals));
  TRY(vectors_alloc(run, count, box));
  r->unconverged_vectors = (speig_block){
    .dtype = run->A->dtype, .rows = run->A->n, .cols = rest, .ld = run->A->n > 0 ? run->A->n : 1
  };
  if (!run->opts.values_only && rest > 0)
    TRY(mem_alloc(run->A->n * (int64_t)rest, speig_dtype_size(run->A->dtype), "unconverged vectors",
                  &r->unconverged_vectors.data));
done:
  if (st != SPEIG_OK)
    speig_eigsh_result_free(out);
  return st;
}

void speig_eigsh_result_free(speig_eigsh_result **result)
{
  speig_eigsh_result *r;
  if (!result || !*result)
    return;
  r = *result;
  mem_free(r->values);
  vectors_free((result_box *)r);
  mem_free(r->residuals);
  mem_free(r->relative_residuals);
  mem_free(r->error_bounds);
  mem_free(r->unconverged_values);
  mem_free(r->unconverged_residuals);
  mem_free(r->unconverged_vectors.data);
  mem_free(r);
  *result = NULL;
}

/* The converged pairs once more: Rayleigh-Ritz among them and true residuals, ascending. Those that
 * do not hold tol after all go to the end and are no longer counted as converged. */
typedef struct finish {
  multivec X, AX, BX, work;
  double *theta, *residual, *length;
  int32_t *order;
  int32_t good;
  double orthogonality;
} finish;

static void finish_close(finish *F)
{
  mv_free(&F->AX);
  if (F->BX.data != F->X.data)
    mv_free(&F->BX);
  mv_free(&F->work);
  mem_free(F->theta);
  mem_free(F->residual);
  mem_free(F->length);
  mem_free(F->order);
}

static speig_status finish_open(eigsh_run *run, finish *F)
{
  speig_status st = SPEIG_OK;
  int32_t count = run->pairs.converged, wide = run->opts.has_interval ? 0 : count;
  *F = (finish){ .X = mv_columns(&run->pairs.X, 0, count) };
  TRY(mv_alloc(run->be, run->A->n, wide, "final products", &F->AX));
  TRY(mv_alloc(run->be, run->A->n, wide, "final products", &F->work));
  F->BX = F->X;
  if (run->bound_b && wide > 0) {
    TRY(mv_alloc(run->be, run->A->n, count, "final products", &F->BX));
    TRY(operator_apply(run->bound_b, &F->X, &F->BX));
  }
  TRY(MEM_ARRAY(count, "final values", &F->theta));
  TRY(MEM_ARRAY(count, "final residuals", &F->residual));
  TRY(MEM_ARRAY(count, "final lengths", &F->length));
  TRY(MEM_ARRAY(count, "final order", &F->order));
done:
  return st;
}

/* So large that it says "infinite", whatever the masses: B is singular. With A and B swapped
 * infinite ones are zeros. */
static int is_infinite(const eigsh_run *run, double theta)
{
  const double graded = 1e6; /* small masses beside large ones */
  double eps = dtype_eps(run->A->dtype), size = fabs(theta) * run->pairs.norm_b;
  double norm_a = fmax(run->pairs.norm_a, run->norm_floor);
  return run->B && (size * eps > graded * norm_a || (run->swapped && size <= 16 * eps * norm_a));
}

static int holds(const eigsh_run *run, const finish *F, int32_t i)
{
  return !is_infinite(run, F->theta[i]) &&
         F->residual[i] <= eig_limit(&run->problem, run->pairs.norm_a, run->pairs.norm_b,
                                     F->theta[i], F->length[i]);
}

/* Of values with one sign, then the other: each sign backwards, the negative ones first. */
static void order_inverses(finish *F)
{
  int32_t negative = 0;
  while (negative < F->good && F->theta[F->order[negative]] < 0)
    ++negative;
  for (int32_t part = 0; part < 2; ++part) {
    int32_t first = part ? negative : 0, last = (part ? F->good : negative) - 1;
    for (; first < last; ++first, --last) {
      int32_t kept = F->order[first];
      F->order[first] = F->order[last];
      F->order[last] = kept;
    }
  }
}

static speig_status finish_pairs(eigsh_run *run, finish *F)
{
  speig_status st = SPEIG_OK;
  int32_t count = F->X.p, bad;
  double norm_a = fmax(run->pairs.norm_a, run->norm_floor), shortest = INFINITY, noise;
  if (count == 0)
    goto done;
  if (run->products.data && F->X.p == run->products.p)
    TRY(mv_copy(&run->products, &F->AX));
  else
    TRY(operator_apply(run->bound_a, &F->X, &F->AX));
  mv_free(&run->products); /* a filter may change the pairs */
  TRY(mv_norms(&F->X, F->length));
  for (int32_t i = 0; i < count; ++i)
    shortest = fmin(shortest, F->length[i]);
  noise = 4 * dtype_eps(run->A->dtype) * norm_a * shortest * shortest;
  TRY(subspace_restrict(&run->constraints, &run->constraints_b, &F->AX));
  TRY(subspace_rayleigh_ritz(noise, &F->X, &F->AX, &F->BX, &F->work, F->theta, F->residual));
  for (int32_t i = 0; i < count && !run->bound_b; ++i)
    norm_a = fmax(norm_a, fabs(F->theta[i]));
  run->pairs.norm_a = norm_a;
  TRY(mv_norms(&F->X, F->length));
  for (int32_t i = 0; i < count; ++i)
    if (holds(run, F, i))
      F->order[F->good++] = i;
  if (run->swapped) /* ascending theta is not ascending 1 / theta */
    order_inverses(F);
  bad = F->good;
  for (int32_t i = 0; i < count; ++i)
    if (!holds(run, F, i))
      F->order[bad++] = i;
done:
  return st;
}

/* The pairs of an interval, which may be very many, as they are. */
static speig_status finish_interval(eigsh_run *run, finish *F)
{
  speig_status st = SPEIG_OK;
  int32_t count = F->X.p, bad;
  TRY(interval_judge(run, F->theta, F->residual, F->length, &F->orthogonality));
  eig_rank(SPEIG_SA, count, F->theta, F->order);
  for (int32_t i = 0; i < count; ++i)
    F->good += holds(run, F, i);
  bad = F->good;
  if (bad == count)
    goto done;
  bad = 0; /* those that hold first, both groups ascending */
  for (int32_t held = 1; held >= 0; --held)
    for (int32_t i = 0; i < count; ++i)
      if (holds(run, F, i) == held)
        F->order[bad++] = i;
done:
  return st;
}

/* Rayleigh-Ritz, and while true residuals stand above tol, a filter before the next one. */
static speig_status finish_until_clean(eigsh_run *run, finish *F)
{
  enum { MAX_ROUNDS = 4 };
  speig_status st = SPEIG_OK;
  multivec work[2] = { F->AX, F->work };
  if (run->opts.has_interval) {
    TRY(finish_interval(run, F));
    goto done;
  }
  TRY(finish_pairs(run, F));
  for (int round = 0; round < MAX_ROUNDS && F->good < F->X.p; ++round) {
    if (run->bound_b || run->method == SPEIG_DENSE)
      break;
    TRY(polish_pairs(&run->problem, run->pairs.norm_a, F->theta, &F->X, work));
    F->good = 0;
    TRY(finish_pairs(run, F));
  }
done:
  return st;
}

static speig_outcome judge(const eigsh_run *run, int32_t good, double orthogonality)
{
  /* Vectors that depend on each other stand for fewer pairs than they seem. */
  int independent = orthogonality <= sqrt(dtype_eps(run->A->dtype));
  if (good < run->plan.k || run->complete < 0 || !independent)
    return good > 0 ? SPEIG_PARTIAL : SPEIG_FAILED;
  return run->complete ? run->proof : SPEIG_CONVERGED;
}

/* An eigenvalue in the caller's units. */
static double callers_value(const eigsh_run *run, double theta)
{
  double value = theta * (run->scale_b / run->scale_a);
  return run->swapped ? 1 / value : value;
}

/* ||A x - lambda B x|| in the caller's units; with A and B swapped ||B x - theta A x|| / |theta|.
 */
static double callers_residual(const eigsh_run *run, double theta, double residual)
{
  double value = theta * (run->scale_b / run->scale_a);
  return residual / run->scale_a / (run->swapped ? fabs(value) : 1);
}

static void fill_counts(const eigsh_run *run, const finish *F, speig_eigsh_result *r)
{
  r->n = run->A->n;
  r->k = F->good;
  r->wanted = run->plan.k;
  r->dtype = run->A->dtype;
  r->outcome = run->unknown ? SPEIG_FAILED
               : run->plan.k == 0 && !run->opts.has_interval
                   ? SPEIG_CERTIFIED
                   : judge(run, F->good, r->orthogonality);
  r->reason = run->pairs.reason;
  if (r->reason == SPEIG_STOP_CONVERGED && F->good < run->plan.k)
    r->reason = SPEIG_STOP_BREAKDOWN; /* converged by estimate, but rounding stands above tol */
  r->method = run->method;
  r->device = run->plan.device;
  r->norm_a = fmin(run->pairs.norm_a / run->scale_a, DBL_MAX);
  r->norm_b = fmin(run->pairs.norm_b / run->scale_b, DBL_MAX);
  r->transform = run->transform;
  if (run->transform == SPEIG_TRANSFORM_SHIFT)
    r->shift = callers_value(run, run->shift);
  r->solves = run->solves;
  r->factorizations = run->factorizations;
  r->infinite = run->infinite;
  for (int i = 0; i < 2; ++i) {
    r->interval[i] = run->opts.has_interval ? run->interval[i] : 0;
    r->proven[i] = run->opts.has_interval ? run->proven[i] : 0;
  }
  r->estimate = run->estimate;
  r->estimate_error = run->estimate_error;
  r->tol = run->plan.tol;
  r->matvecs = run->bound_a->products;
  r->matvecs_b = run->bound_b ? run->bound_b->products : 0;
  r->precond_applies = run->bound_precond ? run->bound_precond->products : 0;
  r->precond_dropped = run->pairs.precond_dropped;
  r->restarts = run->iterations + run->pairs.iterations;
  if (run->swapped) {
    double norm = r->norm_a;
    int64_t matvecs = r->matvecs;
    r->norm_a = r->norm_b;
    r->norm_b = norm;
    r->matvecs = r->matvecs_b;
    r->matvecs_b = matvecs;
  }
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
static speig_status check_range(const eigsh_run *run, const finish *F)
{
  speig_status st = SPEIG_OK;
  for (int32_t i = 0; i < F->good; ++i) {
    double theta = F->theta[F->order[i]], value = callers_value(run, theta);
    if (!isfinite(value) || !(fabs(value) <= dtype_max(run->A->dtype)))
      FAIL(SPEIG_ERR_NUMERIC, "eigenvalue %g x %g lies beyond the range of type %s (%g)", theta,
           run->scale_b / run->scale_a, speig_dtype_name(run->A->dtype), dtype_max(run->A->dtype));
  }
done:
  return st;
}

static void fill_pairs(const eigsh_run *run, const finish *F, speig_eigsh_result *r)
{
  int32_t lost = F->X.p - F->good, rest = run->pairs.count - run->pairs.converged;
  for (int32_t i = 0; i < F->good; ++i) {
    int32_t at = F->order[i];
    double size = run->pairs.norm_a + fabs(F->theta[at]) * run->pairs.norm_b;
    r->values[i] = callers_value(run, F->theta[at]);
    r->residuals[i] = callers_residual(run, F->theta[at], F->residual[at]);
    r->relative_residuals[i] = size > 0 ? F->residual[at] / size : 0;
    r->error_bounds[i] = run->B ? NAN : r->residuals[i];
  }
  r->unconverged = lost + rest;
  for (int32_t i = 0; i < lost; ++i) {
    int32_t at = F->order[F->good + i];
    r->unconverged_values[i] = callers_value(run, F->theta[at]);
    r->unconverged_residuals[i] = callers_residual(run, F->theta[at], F->residual[at]);
  }
  for (int32_t i = 0; i < rest; ++i) {
    int32_t at = run->pairs.converged + i;
    r->unconverged_values[lost + i] = callers_value(run, run->pairs.theta[at]);
    r->unconverged_residuals[lost + i] =
        callers_residual(run, run->pairs.theta[at], run->pairs.residual[at]);
  }
}

/* Column i of X as column `at` of out, with its fixed phase, in the caller's units: with a scaled B
 * the vectors are orthonormal for scale_b B, and the caller's B asks for a factor. spare: on the
 * host, for an out that is not. */
static speig_status hand_over(const eigsh_run *run, const multivec *X, int32_t i,
                              const speig_block *out, int32_t at, speig_block *spare)
{
  speig_status st = SPEIG_OK;
  double factor = sqrt(run->scale_b);
  multivec x = mv_columns(X, i, 1), to;
  speig_block target = speig_block_columns(out, at, 1);
  speig_block *host = spare->data ? spare : &target;
  if (run->scale_b != 1)
    TRY(mv_scale(&factor, &x));
  TRY(mv_download(&x, host->data, host->ld));
  dense_fix_phase(host);
  to = block_view(run->be, &target);
  if (spare->data)
    TRY(mv_upload(host->data, host->ld, &to));
done:
  return st;
}

static speig_status fill_vectors(const eigsh_run *run, const finish *F, speig_eigsh_result *r)
{
  speig_status st = SPEIG_OK;
  int32_t lost = F->X.p - F->good;
  speig_block spare = { 0 }, none = { 0 };
  if (run->vectors_there)
    TRY(speig_block_alloc(r->dtype, r->n, 1, &spare));
  for (int32_t i = 0; i < F->good; ++i)
    TRY(hand_over(run, &F->X, F->order[i], &r->vectors, i, &spare));
  for (int32_t i = 0; i < lost; ++i)
    TRY(hand_over(run, &F->X, F->order[F->good + i], &r->unconverged_vectors, i, &none));
  for (int32_t i = lost; i < r->unconverged; ++i)
    TRY(hand_over(run, &run->pairs.X, run->pairs.converged + i - lost, &r->unconverged_vectors, i,
                  &none));
  TRY(mv_wait(run->be));
done:
  speig_block_free(&spare);
  return st;
}

speig_status result_make(eigsh_run *run, speig_eigsh_result **out)
{
  speig_status st = SPEIG_OK;
  speig_eigsh_result *r = NULL;
  finish F = { 0 };
  double started = clock_seconds();
  TRY(finish_open(run, &F));
  TRY(finish_until_clean(run, &F));
  TRY(check_range(run, &F));
  TRY(result_alloc(run, F.good, F.X.p - F.good + run->pairs.count - run->pairs.converged, &r));
  if (F.X.p > 0 && !run->opts.has_interval)
    TRY(subspace_orthogonality(&F.X, &F.BX, &F.orthogonality));
  r->orthogonality = F.orthogonality;
  fill_counts(run, &F, r);
  fill_pairs(run, &F, r);
  if (!run->opts.values_only)
    TRY(fill_vectors(run, &F, r));
  r->seconds_solve += clock_seconds() - started;
  r->memory_bytes = mem_account_read().peak;
  *out = r;
  r = NULL;
done:
  speig_eigsh_result_free(&r);
  finish_close(&F);
  return st;
}
