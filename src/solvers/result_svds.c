/* result_svds.c: from the triplets a solver found to what the caller gets: a Rayleigh-Ritz step on
 * both sides, residuals recomputed from A and its adjoint, values in the caller's units and in the
 * order of `which`, vectors on the host with a fixed phase. */
#include "base/clock.h"
#include "base/dtype.h"
#include "base/error.h"
#include "base/memory.h"
#include "dense/phase.h"
#include "dense/svd.h"
#include "solvers/resume.h"
#include "solvers/run_svds.h"
#include "solvers/subspace.h"

#include <float.h>
#include <math.h>

static speig_status alloc_vectors(const svds_run *run, int64_t rows, int32_t count, int wanted,
                                  speig_block *out)
{
  *out = (speig_block){
    .dtype = run->A->dtype, .rows = rows, .cols = count, .ld = rows > 0 ? rows : 1
  };
  return wanted ? mem_alloc(rows * (int64_t)count, speig_dtype_size(run->A->dtype),
                            "result vectors", &out->data)
                : SPEIG_OK;
}

static speig_status result_alloc(const svds_run *run, int32_t count, int32_t rest,
                                 speig_svds_result **out)
{
  speig_status st = SPEIG_OK;
  speig_svds_result *r = NULL;
  speig_svds_vectors vectors = run->opts.vectors;
  *out = NULL;
  TRY(MEM_ZARRAY(1, "result", &r));
  *out = r;
  TRY(MEM_ZARRAY(count, "result values", &r->values));
  TRY(MEM_ZARRAY(count, "result residuals", &r->residuals));
  TRY(MEM_ZARRAY(count, "result residuals", &r->adjoint_residuals));
  TRY(MEM_ZARRAY(count, "result residuals", &r->relative_residuals));
  TRY(MEM_ZARRAY(count, "result bounds", &r->error_bounds));
  TRY(MEM_ZARRAY(rest, "unconverged values", &r->unconverged_values));
  TRY(MEM_ZARRAY(rest, "unconverged residuals", &r->unconverged_residuals));
  TRY(alloc_vectors(run, run->A->rows, count,
                    vectors == SPEIG_SVDS_BOTH || vectors == SPEIG_SVDS_LEFT, &r->left));
  TRY(alloc_vectors(run, run->A->n, count,
                    vectors == SPEIG_SVDS_BOTH || vectors == SPEIG_SVDS_RIGHT, &r->right));
  TRY(alloc_vectors(run, run->A->rows, rest, r->left.data != NULL, &r->unconverged_left));
  TRY(alloc_vectors(run, run->A->n, rest, r->right.data != NULL, &r->unconverged_right));
done:
  if (st != SPEIG_OK)
    speig_svds_result_free(out);
  return st;
}

void speig_svds_result_free(speig_svds_result **result)
{
  speig_svds_result *r;
  if (!result || !*result)
    return;
  r = *result;
  mem_free(r->values);
  mem_free(r->left.data);
  mem_free(r->right.data);
  mem_free(r->residuals);
  mem_free(r->adjoint_residuals);
  mem_free(r->relative_residuals);
  mem_free(r->error_bounds);
  mem_free(r->unconverged_values);
  mem_free(r->unconverged_residuals);
  mem_free(r->unconverged_left.data);
  mem_free(r->unconverged_right.data);
  mem_free(r);
  *result = NULL;
}

/* The converged triplets once more. Those that do not hold tol after all go to the end of order and
 * are no longer counted as converged. */
typedef struct finish {
  multivec V, U, PV, PU; /* right, left, P V, P^H U */
  double *sigma, *residual, *adjoint_residual; /* of P */
  int32_t *order;
  int32_t good;
  double orthogonality;
} finish;

static void finish_close(finish *F)
{
  mv_free(&F->PV);
  mv_free(&F->PU);
  mem_free(F->sigma);
  mem_free(F->residual);
  mem_free(F->adjoint_residual);
  mem_free(F->order);
}

static speig_status finish_open(const svds_run *run, finish *F)
{
  speig_status st = SPEIG_OK;
  int32_t count = run->pairs.converged;
  *F = (finish){ .V = mv_columns(&run->pairs.X, 0, count),
                 .U = mv_columns(&run->pairs.left, 0, count) };
  TRY(mv_alloc(run->be, run->longer, count, "final products", &F->PV));
  TRY(mv_alloc(run->be, run->shorter, count, "final products", &F->PU));
  TRY(MEM_ARRAY(count, "final values", &F->sigma));
  TRY(MEM_ARRAY(count, "final residuals", &F->residual));
  TRY(MEM_ARRAY(count, "final residuals", &F->adjoint_residual));
  TRY(MEM_ARRAY(count, "final order", &F->order));
done:
  return st;
}

/* The singular values of U^H P V, and all blocks turned to their vectors. Couplings that rounding
 * explains are left out: vectors of a multiple value are not mixed, or their residuals would be. */
static speig_status rayleigh_ritz(svds_run *run, finish *F)
{
  speig_status st = SPEIG_OK;
  int32_t c = F->V.p;
  int is_complex = dtype_is_complex(run->A->dtype);
  small G = { 0 }, X = { 0 }, Y = { 0 };
  TRY(small_alloc(c, c, is_complex, &G));
  TRY(small_alloc(c, c, is_complex, &X));
  TRY(small_alloc(c, c, is_complex, &Y));
  TRY(mv_gram(&F->U, &F->PV, &G));
  subspace_drop_couplings(&G, 4 * dtype_eps(run->A->dtype) * run->pairs.norm_a);
  TRY(svd_decompose(&G, &X, F->sigma, &Y));
  TRY(mv_rotate(&F->V, &Y));
  TRY(mv_rotate(&F->PV, &Y));
  TRY(mv_rotate(&F->U, &X));
  TRY(mv_rotate(&F->PU, &X));
done:
  small_free(&G);
  small_free(&X);
  small_free(&Y);
  return st;
}

static double larger_residual(const finish *F, int32_t i)
{
  return fmax(F->residual[i], F->adjoint_residual[i]);
}

static int holds(const svds_run *run, const finish *F, int32_t i)
{
  return larger_residual(F, i) <= run->plan.tol * (run->pairs.norm_a + F->sigma[i]);
}

/* Best first, those that hold in front. sigma is descending. */
static void put_in_order(const svds_run *run, finish *F)
{
  int32_t count = F->V.p, at = 0;
  for (int want = 1; want >= 0; --want) {
    for (int32_t i = 0; i < count; ++i) {
      int32_t pick = run->problem.which == SPEIG_LA ? i : count - 1 - i;
      if (holds(run, F, pick) == want)
        F->order[at++] = pick;
    }
    if (want)
      F->good = at;
  }
}

static speig_status finish_triplets(svds_run *run, finish *F)
{
  speig_status st = SPEIG_OK;
  double left, right;
  if (F->V.p == 0)
    goto done;
  TRY(operator_apply(run->problem.A, &F->V, &F->PV));
  TRY(operator_apply(run->problem.adjoint, &F->U, &F->PU));
  run->pairs.norm_a = fmax(run->pairs.norm_a, run->norm_floor);
  TRY(rayleigh_ritz(run, F));
  run->pairs.norm_a = fmax(run->pairs.norm_a, F->sigma[0]);
  TRY(mv_residual(&F->PV, &F->U, F->sigma, &F->PV));
  TRY(mv_residual(&F->PU, &F->V, F->sigma, &F->PU));
  TRY(mv_norms(&F->PV, F->residual));
  TRY(mv_norms(&F->PU, F->adjoint_residual));
  TRY(subspace_orthogonality(&F->V, &F->V, &right));
  TRY(subspace_orthogonality(&F->U, &F->U, &left));
  F->orthogonality = fmax(left, right);
  put_in_order(run, F);
done:
  return st;
}

/* The largest triplets of a run that restarted often: the right vectors are filtered, left ones
 * made of them. */
static speig_status polish(svds_run *run, finish *F)
{
  speig_status st = SPEIG_OK;
  int32_t count = F->V.p, rank;
  double *squares = NULL;
  multivec none = { .be = run->be, .n = run->longer }, work[2] = { F->PU, { 0 } };
  TRY(mv_alloc(run->be, run->shorter, count, "filtered vectors", &work[1]));
  TRY(MEM_ARRAY(count, "squares", &squares));
  for (int32_t i = 0; i < count; ++i)
    squares[i] = F->sigma[count - 1 - i] * F->sigma[count - 1 - i];
  TRY(polish_pairs(&run->problem, run->pairs.norm_a * run->pairs.norm_a, squares, &F->V, work));
  TRY(operator_apply(run->problem.A, &F->V, &F->U));
  TRY(subspace_orthonormalize(&none, &F->U, &rank));
  if (rank < count)
    FAIL(SPEIG_ERR_INTERNAL, "%d right vectors have %d independent products", count, rank);
done:
  mem_free(squares);
  mv_free(&work[1]);
  return st;
}

/* Products with vectors of values well above zero keep their directions. */
static int may_be_polished(const svds_run *run, const finish *F)
{
  return run->method == SPEIG_GOLUB_KAHAN && run->problem.which == SPEIG_LA &&
         F->sigma[F->V.p - 1] > 0.01 * run->pairs.norm_a;
}

static speig_status finish_until_clean(svds_run *run, finish *F)
{
  enum { MAX_ROUNDS = 4 };
  speig_status st = SPEIG_OK;
  TRY(finish_triplets(run, F));
  for (int round = 0; round < MAX_ROUNDS && F->good < F->V.p && may_be_polished(run, F); ++round) {
    TRY(polish(run, F));
    TRY(finish_triplets(run, F));
  }
done:
  return st;
}

static speig_outcome judge(const svds_run *run, const finish *F)
{
  /* Vectors that depend on each other stand for fewer triplets than they seem. */
  int independent = F->orthogonality <= sqrt(dtype_eps(run->A->dtype));
  if (run->plan.k == 0)
    return SPEIG_CERTIFIED;
  if (F->good < run->plan.k || run->complete < 0 || !independent)
    return F->good > 0 ? SPEIG_PARTIAL : SPEIG_FAILED;
  return run->complete ? run->proof : SPEIG_CONVERGED;
}

static void fill_counts(const svds_run *run, const finish *F, speig_svds_result *r)
{
  r->rows = run->A->rows;
  r->cols = run->A->n;
  r->k = F->good;
  r->wanted = run->plan.k;
  r->dtype = run->A->dtype;
  r->orthogonality = F->orthogonality;
  r->outcome = judge(run, F);
  r->reason = run->pairs.reason;
  if (r->reason == SPEIG_STOP_CONVERGED && F->good < run->plan.k)
    r->reason = SPEIG_STOP_BREAKDOWN; /* converged by estimate, but rounding stands above tol */
  r->method = run->plan.k > 0 ? run->method : run->plan.method;
  r->device = run->plan.device;
  r->norm = run->bound_a ? fmin(run->pairs.norm_a / run->scale, DBL_MAX) : 0;
  r->tol = run->plan.tol;
  r->matvecs = run->bound_a ? run->bound_a->products : 0;
  r->adjoint_matvecs = run->bound_adjoint ? run->bound_adjoint->products : 0;
  r->solves = run->solves;
  r->factorizations = run->factorizations;
  r->restarts = run->iterations + run->pairs.iterations;
  r->seconds_setup = run->seconds_setup;
  r->seconds_solve = run->seconds_solve;
  r->seconds_certify = run->seconds_certify;
  r->seed = run->opts.seed;
  resume_tell(run->checkpoint, &r->resumed, &r->checkpoints, r->checkpoint_failure,
              sizeof r->checkpoint_failure);
  r->threads = run->be->threads;
}

/* Entries near the end of the range can have singular values beyond it. */
static speig_status check_range(const svds_run *run, const finish *F)
{
  speig_status st = SPEIG_OK;
  for (int32_t i = 0; i < F->good; ++i) {
    double sigma = F->sigma[F->order[i]] / run->scale;
    if (!(sigma <= dtype_max(run->A->dtype)))
      FAIL(SPEIG_ERR_NUMERIC, "singular value %g / %g lies beyond the range of type %s (%g)",
           F->sigma[F->order[i]], run->scale, speig_dtype_name(run->A->dtype),
           dtype_max(run->A->dtype));
  }
done:
  return st;
}

static void fill_triplets(const svds_run *run, const finish *F, speig_svds_result *r)
{
  int32_t lost = F->V.p - F->good, rest = run->pairs.count - run->pairs.converged;
  const double *of_a = run->turned ? F->adjoint_residual : F->residual;
  const double *of_adjoint = run->turned ? F->residual : F->adjoint_residual;
  for (int32_t i = 0; i < F->good; ++i) {
    int32_t at = F->order[i];
    double size = run->pairs.norm_a + F->sigma[at];
    r->values[i] = F->sigma[at] / run->scale;
    r->residuals[i] = of_a[at] / run->scale;
    r->adjoint_residuals[i] = of_adjoint[at] / run->scale;
    r->relative_residuals[i] = size > 0 ? larger_residual(F, at) / size : 0;
    /* the residual of (u, v) / sqrt(2), an eigenvector of [0 A; A^H 0] */
    r->error_bounds[i] = hypot(of_a[at], of_adjoint[at]) / sqrt(2) / run->scale;
  }
  r->unconverged = lost + rest;
  for (int32_t i = 0; i < lost; ++i) {
    int32_t at = F->order[F->good + i];
    r->unconverged_values[i] = F->sigma[at] / run->scale;
    r->unconverged_residuals[i] = larger_residual(F, at) / run->scale;
  }
  for (int32_t i = 0; i < rest; ++i) {
    int32_t at = run->pairs.converged + i;
    r->unconverged_values[lost + i] = run->pairs.theta[at] / run->scale;
    r->unconverged_residuals[lost + i] = run->pairs.residual[at] / run->scale;
  }
}

/* Columns order[0 .. count), or the first count without order, into columns at, at + 1 ... of out.
 */
static speig_status download(const multivec *X, const int32_t *order, int32_t count, int32_t at,
                             speig_block *out)
{
  speig_status st = SPEIG_OK;
  for (int32_t i = 0; out->data && i < count; ++i) {
    multivec x = mv_columns(X, order ? order[i] : i, 1);
    speig_block host = speig_block_columns(out, at + i, 1);
    TRY(mv_download(&x, host.data, host.ld));
  }
done:
  return st;
}

static void fix_phases(speig_block *left, speig_block *right)
{
  if (right->data)
    dense_fix_phases(right, left->data ? left : NULL);
  else if (left->data)
    dense_fix_phase(left);
}

static speig_status fill_vectors(const svds_run *run, const finish *F, speig_svds_result *r)
{
  speig_status st = SPEIG_OK;
  const multivec *left = run->turned ? &F->V : &F->U, *right = run->turned ? &F->U : &F->V;
  const int32_t *bad = F->order ? F->order + F->good : NULL;
  int32_t lost = F->V.p - F->good, rest = run->pairs.count - run->pairs.converged;
  TRY(download(left, F->order, F->good, 0, &r->left));
  TRY(download(right, F->order, F->good, 0, &r->right));
  TRY(download(left, bad, lost, 0, &r->unconverged_left));
  TRY(download(right, bad, lost, 0, &r->unconverged_right));
  if (rest > 0) {
    multivec V = mv_columns(&run->pairs.X, run->pairs.converged, rest),
             U = mv_columns(&run->pairs.left, run->pairs.converged, rest);
    TRY(download(run->turned ? &V : &U, NULL, rest, lost, &r->unconverged_left));
    TRY(download(run->turned ? &U : &V, NULL, rest, lost, &r->unconverged_right));
  }
  fix_phases(&r->left, &r->right);
  fix_phases(&r->unconverged_left, &r->unconverged_right);
done:
  return st;
}

speig_status svds_result_make(svds_run *run, speig_svds_result **out)
{
  speig_status st = SPEIG_OK;
  speig_svds_result *r = NULL;
  finish F = { 0 };
  double started = clock_seconds();
  if (run->plan.k > 0) {
    TRY(finish_open(run, &F));
    TRY(finish_until_clean(run, &F));
    TRY(check_range(run, &F));
  }
  TRY(result_alloc(run, F.good, F.V.p - F.good + run->pairs.count - run->pairs.converged, &r));
  fill_counts(run, &F, r);
  fill_triplets(run, &F, r);
  TRY(fill_vectors(run, &F, r));
  r->seconds_solve += clock_seconds() - started;
  r->memory_bytes = mem_account_read().peak;
  *out = r;
  r = NULL;
done:
  speig_svds_result_free(&r);
  finish_close(&F);
  return st;
}
