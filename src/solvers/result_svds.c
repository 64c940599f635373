/* result_svds.c: from the triplets a solver found to what the caller gets: a Rayleigh-Ritz step on
 * both sides, residuals recomputed from A and its adjoint, values in the caller's units and in the
 * order of `which`, vectors on the host with a fixed phase. */
#include "backend/block_call.h"
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

/* Room on the host for one left and one right vector, where the result's are not there. */
typedef struct courier {
  speig_block left, right; /* data NULL: not needed */
} courier;

static speig_status courier_open(const svds_run *run, const speig_svds_result *r, courier *spare)
{
  speig_status st = SPEIG_OK;
  *spare = (courier){ 0 };
  if (run->vectors_there && r->left.data)
    TRY(speig_block_alloc(r->dtype, run->A->rows, 1, &spare->left));
  if (run->vectors_there && r->right.data)
    TRY(speig_block_alloc(r->dtype, run->A->n, 1, &spare->right));
done:
  return st;
}

static void courier_close(courier *spare)
{
  speig_block_free(&spare->left);
  speig_block_free(&spare->right);
}

/* Column i of X as column `at` of out, or as spare where that is needed; *host is where it came. */
static speig_status fetch(const multivec *X, int32_t i, const speig_block *out, int32_t at,
                          const speig_block *spare, speig_block *host)
{
  speig_status st = SPEIG_OK;
  multivec x = mv_columns(X, i, 1);
  *host = (speig_block){ 0 };
  if (!out->data)
    goto done;
  *host = spare->data ? *spare : speig_block_columns(out, at, 1);
  TRY(mv_download(&x, host->data, host->ld));
done:
  return st;
}

static speig_status deliver(const svds_run *run, const speig_block *spare, const speig_block *out,
                            int32_t at)
{
  speig_status st = SPEIG_OK;
  speig_block target;
  multivec to;
  if (!spare->data)
    goto done;
  target = speig_block_columns(out, at, 1);
  to = block_view(run->be, &target);
  TRY(mv_upload(spare->data, spare->ld, &to));
done:
  return st;
}

static void fix_phase(speig_block *left, speig_block *right)
{
  if (right->data)
    dense_fix_phases(right, left->data ? left : NULL);
  else if (left->data)
    dense_fix_phase(left);
}

/* A left and a right vector of P, column i, as column `at` of A's, with their common phase. */
static speig_status hand_over(const svds_run *run, const multivec *U, const multivec *V, int32_t i,
                              const speig_block *left, const speig_block *right, int32_t at,
                              const courier *spare)
{
  speig_status st = SPEIG_OK;
  speig_block on_left, on_right;
  TRY(fetch(run->turned ? V : U, i, left, at, &spare->left, &on_left));
  TRY(fetch(run->turned ? U : V, i, right, at, &spare->right, &on_right));
  fix_phase(&on_left, &on_right);
  TRY(deliver(run, &spare->left, left, at));
  TRY(deliver(run, &spare->right, right, at));
done:
  return st;
}

static speig_status fill_vectors(const svds_run *run, const finish *F, speig_svds_result *r)
{
  speig_status st = SPEIG_OK;
  int32_t lost = F->V.p - F->good;
  courier spare, none = { 0 };
  TRY(courier_open(run, r, &spare));
  for (int32_t i = 0; i < F->good; ++i)
    TRY(hand_over(run, &F->U, &F->V, F->order[i], &r->left, &r->right, i, &spare));
  for (int32_t i = 0; i < lost; ++i)
    TRY(hand_over(run, &F->U, &F->V, F->order[F->good + i], &r->unconverged_left,
                  &r->unconverged_right, i, &none));
  for (int32_t i = lost; i < r->unconverged; ++i)
    TRY(hand_over(run, &run->pairs.left, &run->pairs.X, run->pairs.converged + i - lost,
                  &r->unconverged_left, &r->unconverged_right, i, &none));
  TRY(mv_wait(run->be));
done:
  courier_close(&spare);
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
  TRY(svds_result_alloc(run, F.good, F.V.p - F.good + run->pairs.count - run->pairs.converged, &r));
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
