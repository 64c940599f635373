/* lobpcg.c: locally optimal block preconditioned conjugate gradients for one end of the spectrum.
 *
 * Each iteration seeks the best approximations in span [X P W]: X the current ones, P the
 * directions of the last step, W preconditioned residuals. Knyazev, SIAM J. Sci. Comput. 23 (2001).
 * What makes it robust: the whole basis is kept B-orthonormal, so that the projected problem is a
 * standard one (no Gram matrix to be factored): W by block Gram-Schmidt that drops dependent
 * directions, P by orthonormal coefficients, which costs nothing on long vectors (Hetmaniuk,
 * Lehoucq, J. Comput. Phys. 218, 2006; Duersch, Shao, Yang, Gu, SIAM J. Sci. Comput. 40, 2018). The
 * block has guard vectors beyond the k wanted. Converged vectors stay in X but get no W and no P;
 * one that loses accuracy is taken up again. A X and B X are updated, and now and then recomputed
 * against drift; convergence counts only with recomputed ones. A run that stands still is restarted
 * from X alone, and given up after a few restarts.
 *
 * Cost per iteration, m the block: m products with A and B, and about 40 passes over m columns;
 * 6 m vectors (9 m with B, m more with a preconditioner).                                       */
#include "solvers/lobpcg.h"

#include "backend/expand.h"
#include "base/error.h"
#include "base/memory.h"
#include "solvers/legs.h"

#include <inttypes.h>
#include <math.h>

enum {
  REFRESH = 32, /* iterations between recomputations of A X and B X */
  PATIENCE = 50, /* iterations without progress before a restart */
  STRIKES = 2 /* restarts without progress before giving up */
};

/* Half of what is accepted: Rayleigh-Ritz on the final set mixes the residuals of equal values. It
 * costs 2 % more products. */
static double limit(const lobpcg *L, int32_t j)
{
  return 0.5 * eig_limit(L->problem, L->norm_a, L->norm_b, L->theta[j], L->length[j]);
}

/* ---- one iteration ---- */

/* R -= B Y (Y^H R). Constraints that are approximate eigenvectors leave their own residual in R,
 * which nothing orthogonal to them can remove; Rayleigh-Ritz on both together does. */
static speig_status leave_out_constraints(const lobpcg *L, multivec *R)
{
  speig_status st = SPEIG_OK;
  const eig_problem *problem = L->problem;
  small U = small_view(&L->ortho.U, 0, 0, problem->constraints.p, R->p);
  if (U.rows == 0)
    return st;
  TRY(mv_gram(&problem->constraints, R, &U));
  TRY(mv_mul(-1, &problem->constraints_b, &U, 1, R));
done:
  return st;
}

/* Residuals of X into W's place, their norms, and who is to be worked on. */
static speig_status compute_residuals(lobpcg *L)
{
  speig_status st = SPEIG_OK;
  multivec R = mv_columns(&L->S, L->x + L->p, L->x);
  multivec X = mv_columns(&L->S, 0, L->x), AX = mv_columns(&L->AS, 0, L->x);
  multivec BX = mv_columns(&L->BS, 0, L->x);
  TRY(mv_residual(&AX, &BX, L->theta, &R));
  TRY(leave_out_constraints(L, &R));
  TRY(mv_norms(&R, L->residual));
  if (L->problem->B)
    TRY(mv_norms(&X, L->length));
  L->actives = L->converged = 0;
  for (int32_t j = 0; j < L->x; ++j) {
    if (!isfinite(L->residual[j]))
      FAIL(SPEIG_ERR_NUMERIC, "residual %d became NaN or Inf in iteration %" PRId64 " of lobpcg", j,
           L->iteration);
    if (L->residual[j] <= limit(L, j))
      L->converged += j < L->k;
    else
      L->active[L->actives++] = j;
  }
done:
  return st;
}

/* Progress is a smaller sum of Ritz values or smaller residuals. Either alone may pause: the values
 * stand still when the vectors, whose error is the square root, still improve. */
static void note_progress(lobpcg *L)
{
  int32_t count = L->k < L->x ? L->k : L->x;
  double error = 0, sum = 0, floor_sum;
  for (int32_t j = 0; j < count; ++j) {
    error += log(fmax(L->residual[j] / (limit(L, j) + 1e-300), 1));
    sum += L->ritz[j];
  }
  floor_sum = 0.25 * L->ortho.eps * L->norm_a * sqrt((double)L->k);
  ++L->idle;
  if (error < L->best_error - 0.05 || sum < L->best_sum - floor_sum) {
    L->idle = 0;
    L->strikes = 0;
  }
  L->best_error = fmin(L->best_error, error);
  L->best_sum = fmin(L->best_sum, sum);
}

/* W = T R, unless the preconditioner turns out not to be positive: then it is left out from here
 * on. */
static speig_status precondition(lobpcg *L, multivec *R)
{
  speig_status st = SPEIG_OK;
  multivec T;
  if (!L->precondition)
    goto done;
  T = mv_columns(&L->T, 0, R->p);
  TRY(operator_apply(L->problem->precond, R, &T));
  TRY(mv_real_dots(R, &T, L->scale));
  for (int32_t j = 0; j < R->p; ++j)
    if (!(L->scale[j] > 0))
      L->precondition = 0;
  if (L->precondition)
    TRY(mv_copy(&T, R));
done:
  return st;
}

/* The active residuals become W, orthonormal to X, P and the constraints; w may come out 0. */
static speig_status expand_basis(lobpcg *L)
{
  speig_status st = SPEIG_OK;
  int32_t first = L->x + L->p, count = L->actives;
  multivec R = mv_columns(&L->S, first, count);
  for (int32_t a = 0; a < count; ++a) {
    multivec from = mv_columns(&L->S, first + L->active[a], 1),
             to = mv_columns(&L->S, first + a, 1);
    if (L->active[a] != a)
      TRY(mv_copy(&from, &to));
  }
  TRY(precondition(L, &R));
  TRY(lobpcg_join(L, first, &count));
  L->w = count;
done:
  return st;
}

/* No way on from X, P and W: recompute, drop P, and when that was done already, try random
 * directions. *stuck when all of it has been in vain. */
static speig_status unstick(lobpcg *L, int *stuck)
{
  speig_status st = SPEIG_OK;
  int32_t room =
      (int32_t)fmin((double)L->m, (double)L->problem->n - L->problem->constraints.p - L->x);
  *stuck = ++L->strikes > STRIKES || room <= 0;
  L->idle = 0;
  if (*stuck)
    goto done;
  TRY(lobpcg_refresh(L, 1));
  if (L->strikes > 1) {
    TRY(lobpcg_add_random(L, L->x, &room));
    L->w = room;
    if (L->w > 0)
      TRY(lobpcg_step(L));
  }
done:
  return st;
}

static speig_status iterate(lobpcg *L)
{
  speig_status st = SPEIG_OK;
  int stop = 0, stuck = 0;
  speig_reason ignored;
  for (;; ++L->iteration) {
    checkpoint_offer(L->problem->checkpoint);
    TRY(compute_residuals(L));
    if (L->converged == L->k && L->exact) {
      L->pairs->reason = SPEIG_STOP_CONVERGED;
      eig_report(L->problem, "lobpcg", L->iteration, L->converged, L->theta, L->residual, L->norm_a,
                 &stop, &ignored); /* the last word */
      break;
    }
    eig_report(L->problem, "lobpcg", L->iteration, L->converged, L->theta, L->residual, L->norm_a,
               &stop, &L->pairs->reason);
    if (stop)
      break;
    note_progress(L);
    if (L->converged == L->k || L->iteration - L->refreshed >= REFRESH) {
      TRY(lobpcg_refresh(L, 0));
      continue;
    }
    if (L->idle <= PATIENCE)
      TRY(expand_basis(L));
    if (L->w > 0) {
      TRY(lobpcg_step(L));
      continue;
    }
    TRY(unstick(L, &stuck));
    if (stuck) {
      L->pairs->reason = SPEIG_STOP_BREAKDOWN;
      break;
    }
  }
done:
  return st;
}

/* ---- the solver ---- */

static speig_status prepare(lobpcg *L, leg_entry entry)
{
  speig_status st = SPEIG_OK;
  const eig_problem *problem = L->problem;
  backend *be = problem->be;
  int64_t free_dimensions = problem->n - problem->constraints.p;
  int32_t guard = (int32_t)fmax(4, L->k / 4 + 2), s;
  int complex = mv_is_complex(be);
  if (problem->block)
    guard = problem->block > L->k ? problem->block - L->k : 0;
  L->m = L->k + guard < free_dimensions ? L->k + guard : (int32_t)free_dimensions;
  if (entry != LEG_NEW && L->m < checkpoint_columns(problem->checkpoint))
    L->m = checkpoint_columns(problem->checkpoint);
  s = 3 * L->m > 2 ? 3 * L->m : 2;
  TRY(mv_alloc(be, problem->n, s, "LOBPCG basis", &L->S));
  TRY(mv_alloc(be, problem->n, s, "A times the LOBPCG basis", &L->AS));
  L->BS = L->S;
  if (problem->B) {
    L->BS = (multivec){ 0 };
    TRY(mv_alloc(be, problem->n, s, "B times the LOBPCG basis", &L->BS));
  }
  if (problem->precond)
    TRY(mv_alloc(be, problem->n, L->m, "preconditioned residuals", &L->T));
  TRY(ortho_work_alloc(be, s > problem->constraints.p ? s : problem->constraints.p, s, &L->ortho));
  TRY(small_alloc(s, s, complex, &L->H));
  TRY(small_alloc(s, 2 * L->m, complex, &L->C));
  TRY(small_alloc(s, L->m, complex, &L->U));
  TRY(small_alloc(L->m, L->m, complex, &L->G));
  TRY(MEM_ZARRAY(s, "Ritz values", &L->ritz));
  TRY(MEM_ZARRAY(L->m, "eigenvalues", &L->theta));
  TRY(MEM_ZARRAY(L->m, "residuals", &L->residual));
  TRY(MEM_ZARRAY(L->m, "lengths", &L->length));
  TRY(MEM_ZARRAY(2 * (int64_t)s, "scales", &L->scale));
  TRY(MEM_ZARRAY(L->m, "active columns", &L->active));
done:
  return st;
}

static void release(lobpcg *L)
{
  if (L->BS.data != L->S.data)
    mv_free(&L->BS);
  mv_free(&L->S);
  mv_free(&L->AS);
  mv_free(&L->T);
  ortho_work_free(&L->ortho);
  small_free(&L->H);
  small_free(&L->C);
  small_free(&L->U);
  small_free(&L->G);
  mem_free(L->ritz);
  mem_free(L->theta);
  mem_free(L->residual);
  mem_free(L->length);
  mem_free(L->scale);
  mem_free(L->active);
}

/* ---- to and from a checkpoint ---- */

static speig_status keep_numbers(archive *a, lobpcg *L)
{
  speig_status st = SPEIG_OK;
  TRY(archive_int32(a, "X", &L->x));
  TRY(archive_int32(a, "P", &L->p));
  TRY(archive_expect(a, "X", L->x, 0, L->m));
  TRY(archive_expect(a, "P", L->p, 0, L->m));
  TRY(archive_reals(a, "values", L->x, L->theta));
  TRY(archive_reals(a, "signed values", L->x, L->ritz));
  TRY(archive_real(a, "norm of A", &L->norm_a));
  TRY(archive_real(a, "norm of B", &L->norm_b));
  TRY(archive_int(a, "exact", &L->exact));
  TRY(archive_int(a, "preconditioner", &L->precondition));
  TRY(archive_int64(a, "iteration", &L->iteration));
  TRY(archive_int64(a, "refreshed", &L->refreshed));
  TRY(archive_real(a, "best error", &L->best_error));
  TRY(archive_real(a, "best sum", &L->best_sum));
  TRY(archive_int(a, "idle", &L->idle));
  TRY(archive_int(a, "strikes", &L->strikes));
done:
  return st;
}

/* Between two iterations, when there is no W: X and P, A and B times them, and their projection. */
static speig_status keep(archive *a, void *solver)
{
  speig_status st = SPEIG_OK;
  lobpcg *L = solver;
  int32_t s;
  small H;
  multivec S, AS, BS;
  TRY(keep_numbers(a, L));
  s = L->x + L->p;
  H = small_view(&L->H, 0, 0, s, s);
  S = mv_columns(&L->S, 0, s);
  AS = mv_columns(&L->AS, 0, s);
  BS = mv_columns(&L->BS, 0, s);
  TRY(archive_small(a, "projection", &H));
  TRY(archive_block(a, "basis", &S));
  TRY(archive_block(a, "A times the basis", &AS));
  if (L->problem->B)
    TRY(archive_block(a, "B times the basis", &BS));
done:
  return st;
}

/* For a run that asks for more: it starts from X, and random vectors where it has room for them. */
static speig_status keep_start(archive *a, void *solver)
{
  speig_status st = SPEIG_OK;
  lobpcg *L = solver;
  TRY(keep(a, solver));
  L->iteration = L->refreshed = 0;
  L->idle = L->strikes = 0;
  L->best_error = L->best_sum = INFINITY;
  if (L->x < L->m)
    TRY(lobpcg_widen(L));
done:
  return st;
}

static speig_status begin(lobpcg *L, leg_entry entry)
{
  speig_status st = SPEIG_OK;
  const eig_problem *problem = L->problem;
  if (entry == LEG_NEW) {
    TRY(lobpcg_estimate_norm(L, problem->A, &L->norm_a));
    if (problem->B)
      TRY(lobpcg_estimate_norm(L, problem->B, &L->norm_b));
    TRY(lobpcg_start(L));
  } else {
    TRY(checkpoint_restore(problem->checkpoint, entry == LEG_CONTINUES ? keep : keep_start, L));
  }
  checkpoint_watch(problem->checkpoint, keep, L, &L->x);
done:
  return st;
}

/* ---- the end ---- */

static speig_status deliver(lobpcg *L)
{
  speig_status st = SPEIG_OK;
  eig_pairs *pairs = L->pairs;
  int32_t count;
  multivec X, target;
  if (!L->exact) {
    TRY(lobpcg_refresh(L, 0));
    TRY(compute_residuals(L));
  }
  count = L->k < L->x ? L->k : L->x;
  X = mv_columns(&L->S, 0, count);
  target = mv_columns(&pairs->X, 0, count);
  TRY(mv_copy(&X, &target));
  for (int32_t j = 0; j < count; ++j) {
    pairs->theta[j] = L->theta[j];
    pairs->residual[j] = L->residual[j];
  }
  pairs->count = count;
  pairs->norm_a = L->norm_a;
  pairs->norm_b = L->norm_b;
  pairs->iterations = L->iteration;
  pairs->precond_dropped = L->problem->precond && !L->precondition;
  TRY(eig_pairs_settle(L->problem, pairs));
  if (pairs->reason == SPEIG_STOP_BREAKDOWN && pairs->converged == L->k)
    pairs->reason = SPEIG_STOP_CONVERGED; /* no further progress, and none needed */
done:
  return st;
}

speig_status lobpcg_solve(const eig_problem *problem, eig_pairs *pairs)
{
  speig_status st = SPEIG_OK;
  lobpcg L = { .problem = problem, .pairs = pairs, .k = problem->k, .norm_b = 1 };
  leg_entry entry;
  pairs->count = pairs->converged = 0;
  if (problem->which != SPEIG_SA && problem->which != SPEIG_LA)
    FAIL(SPEIG_ERR_UNSUPPORTED, "lobpcg finds one end of the spectrum (SA or LA), asked for %d",
         (int)problem->which);
  L.sign = problem->which == SPEIG_SA ? 1 : -1;
  L.precondition = problem->precond != NULL;
  L.best_error = L.best_sum = INFINITY;
  TRY(leg_enter(problem, "lobpcg", 0, NULL, &entry));
  if (entry == LEG_ANSWERED) {
    TRY(leg_answer(problem, pairs));
    goto done;
  }
  TRY(prepare(&L, entry));
  TRY(begin(&L, entry));
  TRY(iterate(&L));
  TRY(deliver(&L));
  TRY(leg_leave(problem, pairs));
done:
  release(&L);
  return st;
}
