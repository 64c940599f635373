/* dense_general.c: the whole spectrum of a general problem by LAPACK, for problems small enough to
 * be expanded.
 *
 * A (and B) become dense matrices in double precision, whatever the type; ?geevx or ?ggevx computes
 * all eigenvalues and vectors, of which the best are taken. Cost: about 25 n^3 operations (60 n^3
 * with B; four times that in complex arithmetic) and 2 n^2 numbers (4 n^2 with B, n^2 more for left
 * vectors). It cannot be interrupted once the operators are expanded.                           */
#include "backend/expand.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/random.h"
#include "dense/condition.h"
#include "solvers/general.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>

enum { CHUNK = 32 }; /* columns handled at a time where a callback makes them */

typedef struct dense_general {
  int32_t n;
  small A, B, X, Y; /* n x n; B and Y empty when there is none */
  eigenvalue *lambda; /* [n] */
  int32_t *rank; /* [n] best first */
} dense_general;

static void dense_close(dense_general *w)
{
  small_free(&w->A);
  small_free(&w->B);
  small_free(&w->X);
  small_free(&w->Y);
  mem_free(w->lambda);
  mem_free(w->rank);
}

/* M = op; *stop when a limit was met on the way. */
static speig_status expand(const general_problem *problem, bound_operator *op, small *M, int *stop,
                           speig_reason *reason)
{
  speig_status st = SPEIG_OK;
  int32_t n = (int32_t)problem->n, width = operator_expands_by_products(op) ? CHUNK : n;
  TRY(small_alloc(n, n, mv_is_complex(problem->be), M));
  for (int32_t first = 0; first < n && !*stop; first += width) {
    speig_progress record = { .method = "dense", .matvecs = *problem->counted };
    small part = small_view(M, 0, first, n, n - first < width ? n - first : width);
    TRY(operator_expand(op, first, &part));
    if (first + width < n)
      eig_watch_look(&problem->watch, &record, stop, reason);
  }
done:
  return st;
}

static speig_status solve(dense_general *w, int balanced, int left, int32_t *infinite)
{
  speig_status st = SPEIG_OK;
  small *Y = left ? &w->Y : NULL;
  TRY(MEM_ZARRAY(w->n, "eigenvalues", &w->lambda));
  TRY(MEM_ZARRAY(w->n, "ranks", &w->rank));
  TRY(small_alloc(w->n, w->n, w->A.is_complex, &w->X));
  if (left)
    TRY(small_alloc(w->n, w->n, w->A.is_complex, &w->Y));
  *infinite = 0;
  if (w->B.data)
    TRY(general_pencil(&w->A, &w->B, balanced, &w->X, Y, w->lambda, infinite));
  else
    TRY(general_eigen(&w->A, balanced, &w->X, Y, w->lambda));
done:
  return st;
}

/* Column `from` of all vectors goes to column `to` of the answer. */
static speig_status take_vector(const small *all, int32_t from, multivec *X, int32_t to)
{
  small source = small_view(all, 0, from, all->rows, 1);
  multivec x = mv_columns(X, to, 1);
  return mv_upload_small(&source, &x);
}

static speig_status take_best(const general_problem *problem, const general_map *map,
                              dense_general *w, int32_t finite, general_pairs *pairs,
                              int32_t *wanted)
{
  speig_status st = SPEIG_OK;
  int32_t k = problem->k < finite ? problem->k : finite;
  TRY(general_rank_mapped(problem->which, w->A.is_complex, map, w->n, w->lambda, w->rank));
  *wanted = general_wanted(w->A.is_complex, k, w->lambda, w->rank);
  for (int32_t i = 0; i < *wanted; ++i) {
    pairs->lambda[i] = w->lambda[w->rank[i]];
    TRY(take_vector(&w->X, w->rank[i], &pairs->X, i));
    if (pairs->Y.p > 0)
      TRY(take_vector(&w->Y, w->rank[i], &pairs->Y, i));
  }
  pairs->count = *wanted;
done:
  return st;
}

/* A = A + E, |E| about the rounding errors of LAPACK: E has entries of eps |A|_F / n. */
static void add_rounding(int32_t n, uint64_t seed, small *A)
{
  int64_t width = A->is_complex ? 2 : 1;
  double sum = 0, size;
  for (int64_t j = 0; j < n; ++j)
    for (int64_t i = 0; i < width * n; ++i)
      sum = hypot(sum, A->data[width * j * A->ld + i]);
  size = DBL_EPSILON * sum / n;
  for (int64_t j = 0; j < n; ++j)
    for (int64_t i = 0; i < width * n; ++i)
      A->data[width * j * A->ld + i] += size * random_uniform(seed, i, j, 0);
}

/* The nearest of lambda[count] takes itself off the list. */
static double take_nearest(int32_t count, eigenvalue *lambda, eigenvalue value)
{
  double best = INFINITY;
  int32_t at = 0;
  for (int32_t i = 0; i < count; ++i) {
    double distance = hypot(lambda[i].re - value.re, lambda[i].im - value.im);
    if (distance < best) {
      best = distance;
      at = i;
    }
  }
  lambda[at] = (eigenvalue){ INFINITY, 0 };
  return best;
}

/* How far the answer moves when A is changed by as much as its rounding errors: the condition
 * numbers of defective eigenvalues are infinite, and yet half of their digits may hold. */
static speig_status measure_move(const general_problem *problem, bound_operator *A, int balanced,
                                 dense_general *w, general_pairs *pairs, int *stop,
                                 speig_reason *reason)
{
  speig_status st = SPEIG_OK;
  small_free(&w->A);
  TRY(expand(problem, A, &w->A, stop, reason));
  if (*stop)
    goto done;
  add_rounding(w->n, problem->seed, &w->A);
  TRY(general_eigen(&w->A, balanced, NULL, NULL, w->lambda));
  pairs->moved = 0;
  for (int32_t i = 0; i < pairs->count; ++i)
    pairs->moved = fmax(pairs->moved, take_nearest(w->n, w->lambda, pairs->lambda[i]));
done:
  return st;
}

/* The conditions of the answer, by the vectors that are there, which are lost by that; where first
 * order tells nothing, what rounding does is tried out. */
static speig_status weigh_conditions(const general_problem *problem, bound_operator *A,
                                     int balanced, dense_general *w, general_pairs *pairs,
                                     int *stop, speig_reason *reason)
{
  speig_status st = SPEIG_OK;
  TRY(packed_worst_condition(&w->X, w->lambda, pairs->count, w->rank, &pairs->condition));
  if (pairs->condition > GENERAL_CONDITION_MEANS_LITTLE)
    TRY(measure_move(problem, A, balanced, w, pairs, stop, reason));
done:
  return st;
}

speig_status dense_general_solve(const general_problem *problem, const general_map *map,
                                 bound_operator *A, bound_operator *B, int balanced,
                                 general_pairs *pairs, int32_t *wanted, int32_t *infinite,
                                 int *stop, speig_reason *reason)
{
  speig_status st = SPEIG_OK;
  dense_general w = { 0 };
  *stop = 0;
  *wanted = problem->k;
  REQUIRE(problem->n <= DENSE_GENERAL_MAX_ORDER,
          "method dense takes general problems up to order %d, the order of A is %" PRId64,
          DENSE_GENERAL_MAX_ORDER, problem->n);
  w.n = (int32_t)problem->n;
  pairs->count = 0;
  pairs->condition = pairs->moved = NAN;
  TRY(expand(problem, A, &w.A, stop, reason));
  if (B && !*stop)
    TRY(expand(problem, B, &w.B, stop, reason));
  if (*stop)
    goto done;
  TRY(solve(&w, balanced, pairs->Y.p > 0, infinite));
  TRY(take_best(problem, map, &w, w.n - *infinite, pairs, wanted));
  if (!B)
    TRY(weigh_conditions(problem, A, balanced, &w, pairs, stop, reason));
  if (!*stop)
    *reason = SPEIG_STOP_CONVERGED;
done:
  dense_close(&w);
  return st;
}

speig_status dense_general_confirm(const general_problem *problem, bound_operator *A, int balanced,
                                   int32_t count, const eigenvalue *lambda, double room,
                                   int *confirmed)
{
  speig_status st = SPEIG_OK;
  dense_general w = { .n = (int32_t)problem->n };
  speig_reason reason;
  int stop = 0, is_complex = mv_is_complex(problem->be);
  double last = INFINITY;
  *confirmed = 0;
  TRY(expand(problem, A, &w.A, &stop, &reason));
  if (stop)
    goto done;
  TRY(MEM_ZARRAY(w.n, "eigenvalues", &w.lambda));
  TRY(general_values(&w.A, balanced, w.lambda));
  for (int32_t i = 0; i < count; ++i) {
    last = fmin(last, general_key(problem->which, is_complex, lambda[i]));
    if (!(take_nearest(w.n, w.lambda, lambda[i]) <= room))
      goto done;
  }
  for (int32_t i = 0; i < w.n; ++i)
    if (isfinite(w.lambda[i].re) &&
        general_key(problem->which, is_complex, w.lambda[i]) > last + room)
      goto done;
  *confirmed = 1;
done:
  dense_close(&w);
  return st;
}
