/* dense.c: the whole spectrum by LAPACK, for problems small enough to be expanded.
 *
 * A and B become dense matrices in double precision, whatever the type; B reduces the problem to a
 * standard one, C (dense_mass.c), constraints are cut off by an orthonormal basis of their
 * complement, so they can never appear in the answer. C is made tridiagonal, all its eigenvalues
 * are computed and ranked, and the vectors of the wanted ones come by MRRR; these are checked, and
 * divide and conquer (then QR iteration) takes over when they are not orthonormal to working
 * precision.
 * Cost: 4/3 n^3 operations (3 n^3 more with B) and n^2 numbers (2 n^2 with B, 5 n^2 when it is
 * singular); O(n k) per pair beside that. It cannot be interrupted once the operators are expanded.
 */
#include "backend/expand.h"
#include "base/dtype.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/random.h"
#include "dense/spectral.h"
#include "solvers/dense_mass.h"
#include "solvers/problem.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>

enum { CHUNK = 32 }; /* columns handled at a time where a block is needed */

typedef struct dense_work {
  int32_t n, y; /* order, constraints */
  int32_t c, m, k; /* order of C, the same without the constraints, pairs wanted */
  small A, B; /* n x n, as expanded */
  dense_mass mass; /* with B: from the coordinates of C to those of A */
  small C; /* c x c: A itself, or the problem that B makes of it */
  small Z; /* c x y: constraints in the coordinates of C, then their QR */
  small V; /* n x k: vectors, ascending */
  double *tau, *ztau; /* reflectors of C and Z */
  double *d, *e; /* tridiagonal form of C's free part */
  double *theta; /* [m] ascending */
  int32_t *rank; /* [m] indices of theta, best first */
  int32_t *column; /* [m] column of V of a wanted eigenvalue, -1 for the others */
  int32_t *order; /* [m] of the rows, see spectral_grade */
} dense_work;

/* ||A||_2 from below by power iteration: to a few percent, which is what a tolerance needs. */
static speig_status estimate_norm(const small *A, double *norm)
{
  enum { STEPS = 20 };
  speig_status st = SPEIG_OK;
  small x = { 0 }, y = { 0 }, square = { 0 };
  double length = 0;
  *norm = 0;
  TRY(small_alloc(A->rows, 1, A->is_complex, &x));
  TRY(small_alloc(A->rows, 1, A->is_complex, &y));
  TRY(small_alloc(1, 1, A->is_complex, &square));
  for (int32_t i = 0; i < A->rows; ++i)
    small_set(&x, i, 0, random_uniform(1, i, 0, 0));
  for (int step = 0; step <= STEPS; ++step) {
    small_mul(1, &x, 1, &x, 0, 0, &square);
    length = sqrt(small_get(&square, 0, 0));
    if (step > 0)
      *norm = length > *norm ? length : *norm;
    if (!(length > 0))
      break;
    length = 1 / length;
    small_scale_cols(&x, &length);
    small_mul(1, A, 0, &x, 0, 0, &y);
    small_copy(&y, &x);
  }
done:
  small_free(&x);
  small_free(&y);
  small_free(&square);
  return st;
}

/* M = op, dense; *stop when a limit was met on the way. A callback that is not Hermitian can only
 * be found here, so it is. */
static speig_status expand(const eig_problem *problem, bound_operator *op, const char *name,
                           small *M, int *stop, eig_pairs *pairs)
{
  speig_status st = SPEIG_OK;
  int32_t n = (int32_t)problem->n, by_products = operator_expands_by_products(op);
  int32_t width = by_products ? CHUNK : n;
  TRY(small_alloc(n, n, mv_is_complex(problem->be), M));
  for (int32_t first = 0; first < n && !*stop; first += width) {
    small part = small_view(M, 0, first, n, n - first < width ? n - first : width);
    TRY(operator_expand(op, first, &part));
    if (first + width < n)
      eig_report(problem, "dense", 0, 0, pairs->theta, pairs->residual, 0, stop, &pairs->reason);
  }
  if (*stop)
    goto done;
  if (by_products) {
    double size = small_max_abs(M), defect = small_hermitian_defect(M);
    REQUIRE(
        !(defect > 1e-3 * size),
        "the callback %s is not Hermitian: |m_ij - conj(m_ji)| reaches %g, the largest entry is %g",
        name, defect, size);
  }
  small_make_hermitian(M);
done:
  return st;
}

/* C of A and B, with as many rows as there are finite eigenvalues. */
static speig_status reduce_mass(const eig_problem *problem, dense_work *w, eig_pairs *pairs)
{
  speig_status st = SPEIG_OK;
  int definite = 1, stop = 0;
  if (problem->B)
    TRY(dense_mass_definite(&w->A, &w->B, &w->mass, &definite));
  if (definite) {
    w->C = w->A;
    w->A = (small){ 0 };
  } else {
    small_free(&w->B); /* overwritten */
    TRY(expand(problem, problem->B, "B", &w->B, &stop, pairs));
    TRY(dense_mass_semidefinite(&w->A, &w->B, dtype_eps(problem->be->ops->dtype), &w->mass, &w->C));
    small_free(&w->A);
    small_free(&w->B);
  }
  w->c = w->C.rows;
  w->m = w->c > w->y ? w->c - w->y : 0;
  w->k = problem->k < w->m ? problem->k : w->m;
  pairs->infinite = w->n - w->c;
done:
  return st;
}

/* C becomes Q^H C Q, where Q's first y columns span the constraints: the rest of it is free of
 * them. */
static speig_status cut_constraints(const eig_problem *problem, dense_work *w)
{
  speig_status st = SPEIG_OK;
  small Y = { 0 }, BY = { 0 };
  TRY(small_alloc(w->n, w->y, w->C.is_complex, &Y));
  TRY(small_alloc(w->n, w->y, w->C.is_complex, &BY));
  TRY(small_alloc(w->c, w->y, w->C.is_complex, &w->Z));
  TRY(MEM_ZARRAY(2 * (int64_t)w->y, "reflectors", &w->ztau));
  TRY(mv_download_small(&problem->constraints, &Y));
  TRY(mv_download_small(&problem->constraints_b, &BY));
  if (problem->B)
    dense_mass_coordinates(&w->mass, &Y, &BY, &w->Z);
  else
    small_copy(&Y, &w->Z);
  TRY(spectral_qr(&w->Z, w->ztau));
  TRY(spectral_apply_q(&w->Z, w->ztau, 1, 0, &w->C));
  TRY(spectral_apply_q(&w->Z, w->ztau, 0, 1, &w->C));
done:
  small_free(&Y);
  small_free(&BY);
  return st;
}

/* Are Z's columns orthonormal eigenvectors of T for theta[index[j]] to working precision? MRRR only
 * promises n eps, which is above the 100 eps that a solve may ask for. */
static speig_status vectors_hold(const dense_work *w, const small *Z, const int32_t *index,
                                 int *hold)
{
  speig_status st = SPEIG_OK;
  small G = { 0 };
  double norm = fmax(fabs(w->theta[0]), fabs(w->theta[w->m - 1])), worst = 0, defect;
  const double residual_slack = 50 * DBL_EPSILON, gram_slack = 200 * DBL_EPSILON;
  TRY(small_alloc(Z->cols, Z->cols, 0, &G));
  small_mul(1, Z, 1, Z, 0, 0, &G);
  for (int32_t j = 0; j < Z->cols; ++j)
    small_set(&G, j, j, small_get(&G, j, j) - 1);
  defect = small_max_abs(&G);
  for (int32_t j = 0; j < Z->cols; ++j) {
    for (int32_t i = 0; i < w->m; ++i) {
      double r = (w->d[i] - w->theta[index[j]]) * small_get(Z, i, j);
      if (i > 0)
        r += w->e[i - 1] * small_get(Z, i - 1, j);
      if (i + 1 < w->m)
        r += w->e[i] * small_get(Z, i + 1, j);
      worst = fmax(worst, isnan(r) ? INFINITY : fabs(r));
    }
  }
  *hold = defect <= gram_slack && worst <= residual_slack * norm;
done:
  small_free(&G);
  return st;
}

/* Z = eigenvectors of T for the wanted indices, by the slower and surer way: T as a dense matrix.
 */
static speig_status all_vectors(const dense_work *w, const int32_t *index, small *Z)
{
  speig_status st = SPEIG_OK;
  small T = { 0 };
  double *theta = NULL;
  TRY(small_alloc(w->m, w->m, 0, &T));
  TRY(MEM_ARRAY(w->m, "eigenvalues", &theta));
  for (int32_t i = 0; i < w->m; ++i) {
    small_set(&T, i, i, w->d[i]);
    if (i + 1 < w->m)
      small_set(&T, i + 1, i, w->e[i]);
  }
  TRY(small_eigh(&T, theta));
  for (int32_t j = 0; j < Z->cols; ++j) {
    small from = small_view(&T, 0, index[j], w->m, 1), to = small_view(Z, 0, j, w->m, 1);
    small_copy(&from, &to);
  }
done:
  small_free(&T);
  mem_free(theta);
  return st;
}

/* Z = eigenvectors of T, m x k, for index[k] ascending: one MRRR call per run of neighbours. */
static speig_status tridiagonal_vectors(const dense_work *w, const int32_t *index, small *Z)
{
  speig_status st = SPEIG_OK;
  int hold = 1;
  for (int32_t j = 0, next; j < w->k && hold; j = next) {
    small part;
    int32_t found = 0;
    for (next = j + 1; next < w->k && index[next] == index[next - 1] + 1;)
      ++next;
    part = small_view(Z, 0, j, w->m, next - j);
    st = spectral_vectors(w->m, w->d, w->e, index[j], &part, &found);
    hold = st == SPEIG_OK && found == next - j;
    if (st != SPEIG_OK && st != SPEIG_ERR_NUMERIC)
      goto done;
    st = SPEIG_OK;
  }
  if (hold)
    TRY(vectors_hold(w, Z, index, &hold));
  if (!hold)
    TRY(all_vectors(w, index, Z));
done:
  return st;
}

/* theta: all eigenvalues of the free part of C. */
static speig_status reduced_values(dense_work *w)
{
  speig_status st = SPEIG_OK;
  small free_part = small_view(&w->C, w->y, w->y, w->m, w->m);
  TRY(spectral_grade(&free_part, w->order));
  TRY(spectral_tridiagonalize(&free_part, w->d, w->e, w->tau));
  TRY(spectral_values(w->m, w->d, w->e, w->theta));
done:
  return st;
}

/* rank: the best k of them as `which` asks. */
static speig_status rank_wanted(const eig_problem *problem, dense_work *w)
{
  speig_status st = SPEIG_OK;
  eig_map map = problem->map;
  /* an eigenvalue at the shift is not to fall on one side of it by rounding */
  map.noise = 16 * DBL_EPSILON * fmax(fabs(w->theta[0]), fabs(w->theta[w->m - 1]));
  TRY(eig_rank_mapped(problem->which, &map, w->m, w->theta, w->rank));
done:
  return st;
}

/* V: the wanted vectors in the problem's coordinates, ascending. */
static speig_status wanted_vectors(const eig_problem *problem, dense_work *w)
{
  speig_status st = SPEIG_OK;
  small free_part = small_view(&w->C, w->y, w->y, w->m, w->m), Z = { 0 }, X = { 0 }, V;
  int32_t *index = NULL, count = 0;
  TRY(MEM_ARRAY(w->k, "indices", &index));
  for (int32_t i = 0; i < w->m; ++i)
    w->column[i] = -1;
  for (int32_t r = 0; r < w->k; ++r)
    w->column[w->rank[r]] = 0;
  for (int32_t i = 0; i < w->m; ++i) {
    if (w->column[i] < 0)
      continue;
    index[count] = i;
    w->column[i] = count++;
  }
  TRY(small_alloc(w->m, w->k, 0, &Z));
  TRY(tridiagonal_vectors(w, index, &Z));
  TRY(small_alloc(w->c, w->k, w->C.is_complex, &w->V));
  V = small_view(&w->V, w->y, 0, w->m, w->k);
  small_copy(&Z, &V);
  TRY(spectral_back_transform(&free_part, w->tau, &V));
  TRY(spectral_ungrade(w->order, &V));
  if (w->y > 0)
    TRY(spectral_apply_q(&w->Z, w->ztau, 0, 0, &w->V));
  if (problem->B) {
    TRY(small_alloc(w->n, w->k, w->C.is_complex, &X));
    dense_mass_lift(&w->mass, &w->V, &X);
    small_free(&w->V);
    w->V = X;
  }
done:
  small_free(&Z);
  mem_free(index);
  return st;
}

/* Rounds the vectors to the problem's type, best first, and recomputes their values and residuals.
 */
static speig_status deliver(const eig_problem *problem, const dense_work *w, eig_pairs *pairs)
{
  speig_status st = SPEIG_OK;
  for (int32_t r = 0; r < w->k; ++r) {
    multivec x = mv_columns(&pairs->X, r, 1);
    small v = small_view(&w->V, 0, w->column[w->rank[r]], w->n, 1);
    TRY(mv_upload_small(&v, &x));
  }
  TRY(eig_pairs_judge(problem, w->k, pairs));
done:
  return st;
}

static void release(dense_work *w)
{
  small_free(&w->A);
  small_free(&w->B);
  dense_mass_free(&w->mass);
  small_free(&w->C);
  small_free(&w->Z);
  small_free(&w->V);
  mem_free(w->tau);
  mem_free(w->ztau);
  mem_free(w->d);
  mem_free(w->e);
  mem_free(w->theta);
  mem_free(w->rank);
  mem_free(w->column);
  mem_free(w->order);
}

static speig_status alloc_spectrum(dense_work *w)
{
  speig_status st = SPEIG_OK;
  TRY(MEM_ZARRAY(2 * (int64_t)w->m, "reflectors", &w->tau));
  TRY(MEM_ZARRAY(w->m, "diagonal", &w->d));
  TRY(MEM_ZARRAY(w->m, "off-diagonal", &w->e));
  TRY(MEM_ZARRAY(w->m, "eigenvalues", &w->theta));
  TRY(MEM_ZARRAY(w->m, "ranking", &w->rank));
  TRY(MEM_ZARRAY(w->m, "ranking", &w->column));
  TRY(MEM_ZARRAY(w->m, "row order", &w->order));
done:
  return st;
}

/* The problem in the coordinates of C; *stop when a limit was met on the way. */
static speig_status reduce(const eig_problem *problem, dense_work *w, int *stop, eig_pairs *pairs)
{
  speig_status st = SPEIG_OK;
  REQUIRE(problem->n <= DENSE_MAX_ORDER,
          "order %" PRId64 " is too large to be expanded, at most %d", problem->n, DENSE_MAX_ORDER);
  w->n = (int32_t)problem->n;
  w->y = problem->constraints.p;
  pairs->count = pairs->converged = 0;
  TRY(expand(problem, problem->A, "A", &w->A, stop, pairs));
  if (problem->B && !*stop)
    TRY(expand(problem, problem->B, "B", &w->B, stop, pairs));
  if (*stop)
    goto done;
  TRY(estimate_norm(&w->A, &pairs->norm_a));
  pairs->norm_b = 1;
  if (problem->B)
    TRY(estimate_norm(&w->B, &pairs->norm_b));
  TRY(reduce_mass(problem, w, pairs));
  pairs->reason = SPEIG_STOP_CONVERGED;
done:
  return st;
}

/* All eigenvalues; the norm of a standard problem is the largest of them. */
static speig_status find_values(const eig_problem *problem, dense_work *w, eig_pairs *pairs)
{
  speig_status st = SPEIG_OK;
  TRY(alloc_spectrum(w));
  if (w->y > 0)
    TRY(cut_constraints(problem, w));
  TRY(reduced_values(w));
  for (int32_t i = 0; i < w->m && !problem->B; ++i)
    pairs->norm_a = fmax(pairs->norm_a, fabs(w->theta[i]));
done:
  return st;
}

speig_status dense_solve(const eig_problem *problem, eig_pairs *pairs)
{
  speig_status st = SPEIG_OK;
  dense_work w = { 0 };
  int stop = 0;
  TRY(reduce(problem, &w, &stop, pairs));
  if (stop || w.k == 0)
    goto done;
  TRY(find_values(problem, &w, pairs));
  TRY(rank_wanted(problem, &w));
  TRY(wanted_vectors(problem, &w));
  TRY(deliver(problem, &w, pairs));
done:
  release(&w);
  return st;
}

void dense_range_free(dense_range *range)
{
  eig_pairs_free(&range->pairs);
  mem_free(range->theta);
  *range = (dense_range){ 0 };
}

speig_status dense_between(const eig_problem *given, double low, double high, int vectors,
                           dense_range *out)
{
  speig_status st = SPEIG_OK;
  dense_work w = { 0 };
  eig_problem problem = *given;
  eig_pairs facts = { 0 };
  problem.k = 0; /* there are no values to show */
  *out = (dense_range){ 0 };
  TRY(reduce(&problem, &w, &out->stopped, &facts));
  if (!out->stopped && w.m > 0)
    TRY(find_values(&problem, &w, &facts));
  for (w.k = 0; !out->stopped && out->below + w.k < w.m && w.theta[out->below + w.k] <= high;)
    if (w.theta[out->below] < low)
      ++out->below;
    else
      ++w.k;
  for (int32_t i = 0; i < w.k; ++i)
    w.rank[i] = out->below + i;
  out->inside = w.k;
  out->finite = w.m;
  TRY(eig_pairs_alloc(problem.be, problem.n, vectors ? w.k : 0, &out->pairs));
  out->pairs.norm_a = facts.norm_a;
  out->pairs.norm_b = facts.norm_b;
  out->pairs.reason = facts.reason;
  if (vectors && w.k > 0) {
    TRY(wanted_vectors(&problem, &w));
    TRY(deliver(&problem, &w, &out->pairs));
  }
  out->theta = w.theta;
  w.theta = NULL;
done:
  release(&w);
  if (st != SPEIG_OK)
    dense_range_free(out);
  return st;
}
