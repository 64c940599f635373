/* problem.c: what all solvers share: pair storage, ranking, progress and limits. */
#include "solvers/problem.h"

#include "base/clock.h"
#include "base/dtype.h"
#include "base/error.h"
#include "base/memory.h"
#include "solvers/subspace.h"

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

speig_status eig_pairs_alloc_for(const eig_problem *problem, int32_t capacity, eig_pairs *pairs)
{
  speig_status st = SPEIG_OK;
  TRY(eig_pairs_alloc(problem->be, problem->n, capacity, pairs));
  if (problem->adjoint)
    TRY(mv_alloc(problem->be, operator_rows(problem->A), capacity, "left vectors", &pairs->left));
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
  mv_free(&pairs->left);
  *pairs = (eig_pairs){ 0 };
}

int32_t eig_basis_room(int32_t first, int32_t m, int64_t restarts)
{
  enum { EARLY = 16 };
  return first > 0 && first < m && restarts < EARLY ? first : m;
}

int64_t eig_products(const eig_problem *problem)
{
  return problem->A->products + (problem->adjoint ? problem->adjoint->products : 0);
}

void eig_watch_look(const eig_watch *watch, speig_progress *record, int *stop, speig_reason *reason)
{
  double now = clock_seconds();
  *stop = 0;
  if (watch->progress) {
    record->phase = record->phase ? record->phase : watch->phase;
    record->tol = watch->tol;
    record->seconds = now - watch->started;
    if (watch->progress(watch->progress_user, record)) {
      *stop = 1;
      *reason = SPEIG_STOP_CANCELLED;
    }
  }
  if (!*stop && watch->deadline > 0 && now >= watch->deadline) {
    *stop = 1;
    *reason = SPEIG_STOP_TIME_LIMIT;
  }
  if (!*stop && record->matvecs >= watch->max_matvecs) {
    *stop = 1;
    *reason = SPEIG_STOP_MAX_MATVECS;
  }
}

void eig_report(const eig_problem *problem, const char *method, int64_t iteration,
                int32_t converged, const double *values, const double *residuals, double norm_a,
                int *stop, speig_reason *reason)
{
  const eig_watch watch = { problem->phase,        problem->started, problem->deadline,
                            problem->max_matvecs,  problem->tol,     problem->progress,
                            problem->progress_user };
  speig_progress record = {
    .method = method,
    .iteration = iteration,
    .matvecs = eig_products(problem),
    .wanted = problem->k,
    .converged = converged,
    .values = values,
    .residuals = residuals,
    .norm = norm_a,
  };
  eig_watch_look(&watch, &record, stop, reason);
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

/* Whether index a ranks behind index b; of equals the larger index. */
static int behind(speig_which which, const double *theta, int32_t a, int32_t b)
{
  double key_a = key(which, theta[a]), key_b = key(which, theta[b]);
  return key_a > key_b || (!(key_a < key_b) && a > b);
}

/* Insertion sort, for the counts of a basis. */
static void sort_few(speig_which which, int32_t count, const double *theta, int32_t *rank)
{
  for (int32_t i = 0; i < count; ++i) {
    int32_t j = i;
    for (; j > 0 && behind(which, theta, rank[j - 1], i); --j)
      rank[j] = rank[j - 1];
    rank[j] = i;
  }
}

/* Heap order below node at: nobody ranks behind his parent. */
static void sift_down(speig_which which, const double *theta, int32_t at, int32_t count,
                      int32_t *heap)
{
  int32_t moving = heap[at];
  for (int64_t child; (child = 2 * (int64_t)at + 1) < count; at = (int32_t)child) {
    if (child + 1 < count && behind(which, theta, heap[child + 1], heap[child]))
      ++child;
    if (!behind(which, theta, heap[child], moving))
      break;
    heap[at] = heap[child];
  }
  heap[at] = moving;
}

/* Heap sort, for the whole spectrum of a large matrix: no memory, and stable since indices break
 * ties. */
static void sort_many(speig_which which, int32_t count, const double *theta, int32_t *rank)
{
  for (int32_t i = 0; i < count; ++i)
    rank[i] = i;
  for (int32_t i = count / 2; i-- > 0;)
    sift_down(which, theta, i, count, rank);
  for (int32_t last = count - 1; last > 0; --last) {
    int32_t worst = rank[0];
    rank[0] = rank[last];
    rank[last] = worst;
    sift_down(which, theta, 0, last, rank);
  }
}

/* A descending list becomes first, last, second, last but one, ...: each cycle of this permutation
 * in turn, what is in place being marked by its complement. */
static void fold(int32_t count, int32_t *rank)
{
  int32_t high = count - count / 2;
  for (int32_t start = 0; start < count; ++start) {
    int32_t at = start, carried = rank[start];
    if (carried < 0)
      continue;
    rank[start] = -1; /* where the cycle ends */
    while (carried >= 0) {
      int32_t to = at < high ? 2 * at : 2 * (count - 1 - at) + 1, next = rank[to];
      rank[to] = ~carried;
      carried = next;
      at = to;
    }
  }
  for (int32_t i = 0; i < count; ++i)
    rank[i] = ~rank[i];
}

void eig_rank(speig_which which, int32_t count, const double *theta, int32_t *rank)
{
  enum { FEW = 128 };
  speig_which key_of = which == SPEIG_BE ? SPEIG_LA : which;
  if (count <= FEW)
    sort_few(key_of, count, theta, rank);
  else
    sort_many(key_of, count, theta, rank);
  if (which == SPEIG_BE)
    fold(count, rank);
}

double eig_mapped(const eig_map *map, double theta)
{
  double distance = theta - map->sigma;
  if (!map->shifted)
    return theta;
  return map->offset + map->slope / (fabs(distance) <= map->noise ? 0 : distance);
}

speig_status eig_rank_mapped(speig_which which, const eig_map *map, int32_t count,
                             const double *theta, int32_t *rank)
{
  speig_status st = SPEIG_OK;
  double *mapped = NULL;
  if (!map->shifted) {
    eig_rank(which, count, theta, rank);
    return st;
  }
  TRY(MEM_ARRAY(count, "transformed values", &mapped));
  for (int32_t i = 0; i < count; ++i)
    mapped[i] = eig_mapped(map, theta[i]);
  eig_rank(which, count, mapped, rank);
done:
  mem_free(mapped);
  return st;
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

/* theta = x^H A x / x^H B x: LAPACK's dsterf is good to n eps ||A||, this to a few eps ||A||. */
static speig_status rayleigh_quotients(const multivec *X, const multivec *AX, const multivec *BX,
                                       double *theta)
{
  speig_status st = SPEIG_OK;
  double *below = NULL;
  TRY(MEM_ARRAY(X->p, "squared lengths", &below));
  TRY(mv_real_dots(X, AX, theta));
  TRY(mv_real_dots(X, BX, below));
  for (int32_t j = 0; j < X->p; ++j)
    theta[j] /= below[j];
done:
  mem_free(below);
  return st;
}

speig_status eig_pairs_judge(const eig_problem *problem, int32_t count, eig_pairs *pairs)
{
  enum { CHUNK = 32 };
  speig_status st = SPEIG_OK;
  multivec AX = { 0 }, BX = { 0 };
  int32_t width = count < CHUNK ? count : CHUNK;
  TRY(mv_alloc(problem->be, problem->n, width, "residuals", &AX));
  if (problem->B)
    TRY(mv_alloc(problem->be, problem->n, width, "residuals", &BX));
  for (int32_t first = 0; first < count; first += width) {
    int32_t part = count - first < width ? count - first : width;
    multivec X = mv_columns(&pairs->X, first, part), ax = mv_columns(&AX, 0, part);
    multivec bx = problem->B ? mv_columns(&BX, 0, part) : X;
    TRY(operator_apply(problem->A, &X, &ax));
    TRY(subspace_restrict(&problem->constraints, &problem->constraints_b, &ax));
    if (problem->B)
      TRY(operator_apply(problem->B, &X, &bx));
    TRY(rayleigh_quotients(&X, &ax, &bx, pairs->theta + first));
    TRY(mv_residual(&ax, &bx, pairs->theta + first, &ax));
    TRY(mv_norms(&ax, pairs->residual + first));
  }
  pairs->count = count;
  TRY(eig_pairs_settle(problem, pairs));
  pairs->reason = pairs->converged == count ? SPEIG_STOP_CONVERGED : SPEIG_STOP_BREAKDOWN;
done:
  mv_free(&AX);
  mv_free(&BX);
  return st;
}
