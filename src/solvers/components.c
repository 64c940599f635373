/* components.c: the whole spectrum by LAPACK, one connected component of the matrix after the
 * other.
 *
 * A sparse matrix whose graph falls apart is block diagonal in another order of rows: its spectrum
 * is the union of theirs, and its eigenvectors live on one component each. First the eigenvalues of
 * every component, which are ranked together; then the components that hold wanted ones once more,
 * with vectors. The answer is complete, whatever the spectrum: a diagonal matrix, on which a Krylov
 * method can be hopeless, costs a sort.
 * Cost: 4/3 sum of order^3 operations, then at most k times some 4 order^3; O(n) numbers beside the
 * pairs, and some 4 order^2 for the largest component.                                           */
#include "backend/expand.h"
#include "base/error.h"
#include "base/memory.h"
#include "dense/spectral.h"
#include "solvers/problem.h"

#include <math.h>

typedef struct parts_work {
  components parts;
  int32_t rows; /* of all of them */
  small block; /* largest x largest: room for one component */
  double *d, *e, *tau; /* its tridiagonal form */
  double *theta; /* [rows] in the order of parts.row: ascending in each component */
  int32_t *rank; /* [n] indices of theta, best first */
  int32_t *column; /* [n] column of X of a wanted eigenvalue, -1 for the others */
  small x; /* n x 1, zero between uses */
  double unreported; /* operations since the last report */
} parts_work;

static int32_t order_of(const parts_work *w, int64_t c)
{
  return w->parts.first[c + 1] - w->parts.first[c];
}

static small expand_one(const eig_problem *problem, parts_work *w, int64_t c)
{
  int32_t order = order_of(w, c);
  small M = small_view(&w->block, 0, 0, order, order);
  small_zero(&M);
  operator_expand_component(problem->A, &w->parts, c, &M);
  small_make_hermitian(&M);
  return M;
}

/* Looks at the limits about every tenth of a second. */
static int must_stop(const eig_problem *problem, parts_work *w, int32_t order, eig_pairs *pairs)
{
  int stop = 0;
  w->unreported += 1000.0 + pow(order, 3);
  if (w->unreported < 5e8)
    return 0;
  w->unreported = 0;
  eig_report(problem, "dense", 0, 0, pairs->theta, pairs->residual, pairs->norm_a, &stop,
             &pairs->reason);
  return stop;
}

/* theta: all eigenvalues; norm_a: their largest magnitude, which is the norm. */
static speig_status all_values(const eig_problem *problem, parts_work *w, int *stop,
                               eig_pairs *pairs)
{
  speig_status st = SPEIG_OK;
  for (int64_t c = 0; c < w->parts.sizes.count && !*stop; ++c) {
    int32_t order = order_of(w, c);
    double *theta = w->theta + w->parts.first[c];
    small M = expand_one(problem, w, c);
    if (order == 1) {
      theta[0] = small_get(&M, 0, 0);
    } else {
      TRY(spectral_tridiagonalize(&M, w->d, w->e, w->tau));
      TRY(spectral_values(order, w->d, w->e, theta));
    }
    pairs->norm_a = fmax(pairs->norm_a, fmax(fabs(theta[0]), fabs(theta[order - 1])));
    *stop = must_stop(problem, w, order, pairs);
  }
done:
  return st;
}

static speig_status choose_wanted(const eig_problem *problem, parts_work *w)
{
  speig_status st = SPEIG_OK;
  TRY(eig_rank_mapped(problem->which, &problem->map, w->rows, w->theta, w->rank));
  for (int32_t i = 0; i < w->rows; ++i)
    w->column[i] = -1;
  for (int32_t r = 0; r < problem->k && r < w->rows; ++r)
    w->column[w->rank[r]] = r;
done:
  return st;
}

static int is_wanted(const parts_work *w, int64_t c)
{
  for (int32_t at = w->parts.first[c]; at < w->parts.first[c + 1]; ++at)
    if (w->column[at] >= 0)
      return 1;
  return 0;
}

/* The vector v of a component, between zeros, becomes column x of the answer. */
static speig_status scatter(parts_work *w, int64_t c, const small *v, multivec *x)
{
  speig_status st = SPEIG_OK;
  const int32_t *row = w->parts.row + w->parts.first[c];
  for (int32_t i = 0; i < v->rows; ++i) {
    small from = small_view(v, i, 0, 1, 1), to = small_view(&w->x, row[i], 0, 1, 1);
    small_copy(&from, &to);
  }
  TRY(mv_upload_small(&w->x, x));
  for (int32_t i = 0; i < v->rows; ++i)
    small_set(&w->x, row[i], 0, 0);
done:
  return st;
}

static speig_status wanted_vectors(const eig_problem *problem, parts_work *w, int *stop,
                                   eig_pairs *pairs)
{
  speig_status st = SPEIG_OK;
  for (int64_t c = 0; c < w->parts.sizes.count && !*stop; ++c) {
    int32_t order = order_of(w, c), first = w->parts.first[c];
    small M;
    if (!is_wanted(w, c))
      continue;
    M = expand_one(problem, w, c);
    if (order == 1)
      small_set(&M, 0, 0, 1);
    else
      TRY(small_eigh(&M, w->d));
    for (int32_t i = 0; i < order; ++i) {
      small v = small_view(&M, 0, i, order, 1);
      multivec x;
      if (w->column[first + i] < 0)
        continue;
      x = mv_columns(&pairs->X, w->column[first + i], 1);
      TRY(scatter(w, c, &v, &x));
    }
    *stop = must_stop(problem, w, order, pairs);
  }
done:
  return st;
}

static speig_status parts_open(const eig_problem *problem, int32_t limit, parts_work *w)
{
  speig_status st = SPEIG_OK;
  int is_complex = mv_is_complex(problem->be);
  int32_t largest;
  TRY(operator_components(problem->A, &w->parts));
  components_keep_small(&w->parts, limit);
  w->rows = w->parts.first[w->parts.sizes.count];
  largest = w->parts.sizes.largest;
  TRY(small_alloc(largest, largest, is_complex, &w->block));
  TRY(MEM_ZARRAY(largest, "diagonal", &w->d));
  TRY(MEM_ZARRAY(largest, "off-diagonal", &w->e));
  TRY(MEM_ZARRAY(2 * (int64_t)largest, "reflectors", &w->tau));
  TRY(MEM_ARRAY(problem->n, "eigenvalues", &w->theta));
  TRY(MEM_ARRAY(problem->n, "ranking", &w->rank));
  TRY(MEM_ARRAY(problem->n, "ranking", &w->column));
  TRY(small_alloc((int32_t)problem->n, 1, is_complex, &w->x));
done:
  return st;
}

static void parts_close(parts_work *w)
{
  components_free(&w->parts);
  small_free(&w->block);
  small_free(&w->x);
  mem_free(w->d);
  mem_free(w->e);
  mem_free(w->tau);
  mem_free(w->theta);
  mem_free(w->rank);
  mem_free(w->column);
}

speig_status components_solve_small(const eig_problem *problem, int32_t limit, eig_pairs *pairs)
{
  speig_status st = SPEIG_OK;
  parts_work w = { 0 };
  int stop = 0;
  pairs->count = pairs->converged = 0;
  pairs->norm_a = 0;
  TRY(parts_open(problem, limit, &w));
  TRY(all_values(problem, &w, &stop, pairs));
  if (stop)
    goto done;
  TRY(choose_wanted(problem, &w));
  TRY(wanted_vectors(problem, &w, &stop, pairs));
  if (!stop)
    TRY(eig_pairs_judge(problem, problem->k < w.rows ? problem->k : w.rows, pairs));
done:
  parts_close(&w);
  return st;
}

speig_status components_solve(const eig_problem *problem, eig_pairs *pairs)
{
  return components_solve_small(problem, INT32_MAX, pairs);
}
