/* problem.c: what all solvers share: pair storage, ranking, progress and limits. */
#include "solvers/problem.h"

#include "base/clock.h"
#include "base/dtype.h"
#include "base/error.h"
#include "base/memory.h"

#include <math.h>

speig_status eig_pairs_alloc(backend *be, int64_t n, int32_t capacity, eig_pairs *pairs)
{
  speig_status st = SPEIG_OK;
  *pairs = (eig_pairs){ .capacity = capacity, .norm_b = 1 };
  TRY(MEM_ZARRAY(capacity, "eigenvalues", &pairs->theta));
  TRY(MEM_ZARRAY(capacity, "residuals", &pairs->residual));
  TRY(mv_alloc(be, n, capacity, "eigenvectors", &pairs->X));
done:
  if (st != SPEIG_OK)
    eig_pairs_free(pairs);
  return st;
}

void eig_pairs_free(eig_pairs *pairs)
{
  mem_free(pairs->theta);
  mem_free(pairs->residual);
  mv_free(&pairs->X);
  *pairs = (eig_pairs){ 0 };
}

void eig_report(const eig_problem *problem, const char *method, int64_t iteration,
                int32_t converged, const double *values, const double *residuals, double norm_a,
                int *stop, speig_reason *reason)
{
  double now = clock_seconds();
  *stop = 0;
  if (problem->progress) {
    speig_progress record = {
      .method = method,
      .phase = problem->phase,
      .iteration = iteration,
      .matvecs = problem->A->products,
      .wanted = problem->k,
      .converged = converged,
      .values = values,
      .residuals = residuals,
      .norm = norm_a,
      .tol = problem->tol,
      .seconds = now - problem->started,
    };
    if (problem->progress(problem->progress_user, &record)) {
      *stop = 1;
      *reason = SPEIG_STOP_CANCELLED;
    }
  }
  if (!*stop && problem->deadline > 0 && now >= problem->deadline) {
    *stop = 1;
    *reason = SPEIG_STOP_TIME_LIMIT;
  }
  if (!*stop && problem->A->products >= problem->max_matvecs) {
    *stop = 1;
    *reason = SPEIG_STOP_MAX_MATVECS;
  }
}

static double key(speig_which which, double theta)
{
  switch (which) {
  case SPEIG_LM:
    return -fabs(theta);
  case SPEIG_SM:
    return fabs(theta);
  case SPEIG_SA:
    return theta;
  default:
    return -theta;
  }
}

/* Insertion sort: counts are those of a basis, and nearly sorted. Stable. */
static void sort_by_key(speig_which which, int32_t count, const double *theta, int32_t *rank)
{
  for (int32_t i = 0; i < count; ++i) {
    int32_t j = i;
    for (; j > 0 && key(which, theta[rank[j - 1]]) > key(which, theta[i]); --j)
      rank[j] = rank[j - 1];
    rank[j] = i;
  }
}

void eig_rank(speig_which which, int32_t count, const double *theta, int32_t *rank)
{
  sort_by_key(which == SPEIG_BE ? SPEIG_LA : which, count, theta, rank);
  if (which != SPEIG_BE)
    return;
  /* rank is descending: fold it, high end first, by moving the last element to each odd place. */
  for (int32_t i = 1; i < count; i += 2) {
    int32_t last = rank[count - 1];
    for (int32_t j = count - 1; j > i; --j)
      rank[j] = rank[j - 1];
    rank[i] = last;
  }
}

/* Column `from` goes to place `to` <= from, those between move up by one. */
static speig_status move_pair(eig_pairs *pairs, int32_t from, int32_t to, multivec *spare)
{
  speig_status st = SPEIG_OK;
  double theta = pairs->theta[from], residual = pairs->residual[from];
  multivec x = mv_columns(&pairs->X, from, 1), target;
  TRY(mv_copy(&x, spare));
  for (int32_t j = from; j > to; --j) {
    multivec source = mv_columns(&pairs->X, j - 1, 1);
    target = mv_columns(&pairs->X, j, 1);
    TRY(mv_copy(&source, &target));
    pairs->theta[j] = pairs->theta[j - 1];
    pairs->residual[j] = pairs->residual[j - 1];
  }
  target = mv_columns(&pairs->X, to, 1);
  TRY(mv_copy(spare, &target));
  pairs->theta[to] = theta;
  pairs->residual[to] = residual;
done:
  return st;
}

double eig_limit(const eig_problem *problem, double norm_a, double norm_b, double theta,
                 double length)
{
  double size = norm_a + fabs(theta) * norm_b;
  double floor_tol = problem->B ? 100 * dtype_eps(problem->be->ops->dtype) * length : 0;
  return size * fmax(problem->tol, floor_tol);
}

speig_status eig_pairs_settle(const eig_problem *problem, eig_pairs *pairs)
{
  speig_status st = SPEIG_OK;
  multivec spare = { 0 };
  pairs->converged = 0;
  for (int32_t j = 0; j < pairs->count; ++j) {
    multivec x = mv_columns(&pairs->X, j, 1);
    double length = 1;
    if (problem->B)
      TRY(mv_norms(&x, &length));
    if (!(pairs->residual[j] <=
          eig_limit(problem, pairs->norm_a, pairs->norm_b, pairs->theta[j], length)))
      continue;
    if (j > pairs->converged && !spare.data)
      TRY(mv_alloc(problem->be, problem->n, 1, "spare vector", &spare));
    if (j > pairs->converged)
      TRY(move_pair(pairs, j, pairs->converged, &spare));
    ++pairs->converged;
  }
done:
  mv_free(&spare);
  return st;
}
