/* harvest.c: eigenpairs gathered from many searches.
 *
 * So many orthonormal vectors with small residuals stand for as many eigenvalues, whichever search
 * found them: what is new is orthogonalised against everything that is there (ortho.c), so that
 * nothing counts twice, and judged by residuals recomputed after that.
 * Cost: some four passes over all that was found for each block that is added. */
#include "solvers/harvest.h"

#include "base/error.h"
#include "base/memory.h"
#include "solvers/subspace.h"

#include <math.h>
#include <string.h>

speig_status harvest_open(const eig_problem *problem, int32_t capacity, harvest *H)
{
  speig_status st = SPEIG_OK;
  *H = (harvest){ .problem = problem };
  TRY(eig_pairs_alloc(problem->be, problem->n, capacity, &H->found));
  H->found_b = H->found.X;
  if (problem->B)
    TRY(mv_alloc(problem->be, problem->n, capacity, "B times the pairs", &H->found_b));
done:
  return st;
}

void harvest_close(harvest *H)
{
  if (H->found_b.data != H->found.X.data)
    mv_free(&H->found_b);
  eig_pairs_free(&H->found);
  ortho_work_free(&H->ortho);
}

static speig_status copy_head(const multivec *from, int32_t count, multivec *to)
{
  multivec source = mv_columns(from, 0, count), target = mv_columns(to, 0, count);
  return count > 0 ? mv_copy(&source, &target) : SPEIG_OK;
}

speig_status harvest_reserve(harvest *H, int32_t capacity)
{
  speig_status st = SPEIG_OK;
  harvest larger = { 0 };
  int32_t count = H->found.converged;
  if (capacity <= H->found.capacity)
    return st;
  TRY(harvest_open(H->problem, capacity, &larger));
  TRY(copy_head(&H->found.X, count, &larger.found.X));
  if (H->problem->B)
    TRY(copy_head(&H->found_b, count, &larger.found_b));
  memcpy(larger.found.theta, H->found.theta, (size_t)count * sizeof *H->found.theta);
  memcpy(larger.found.residual, H->found.residual, (size_t)count * sizeof *H->found.residual);
  larger.found.count = larger.found.converged = count;
  larger.found.norm_a = H->found.norm_a;
  larger.found.norm_b = H->found.norm_b;
  larger.found.iterations = H->found.iterations;
  harvest_close(H);
  *H = larger;
  larger = (harvest){ 0 };
done:
  harvest_close(&larger);
  return st;
}

static speig_status make_ortho(harvest *H, int32_t p)
{
  speig_status st = SPEIG_OK;
  int32_t q = H->found.capacity;
  if (p <= H->ortho_p && q <= H->ortho_q)
    return st;
  ortho_work_free(&H->ortho);
  H->ortho_p = H->ortho_q = 0;
  TRY(ortho_work_alloc(H->problem->be, q, p, &H->ortho));
  H->ortho_p = p;
  H->ortho_q = q;
done:
  return st;
}

/* What is to be added. */
typedef struct fresh {
  multivec X, BX, AX, work; /* X is the caller's */
  double *theta, *residual;
} fresh;

static void fresh_close(fresh *N)
{
  if (N->BX.data != N->X.data)
    mv_free(&N->BX);
  mv_free(&N->AX);
  mv_free(&N->work);
  mem_free(N->theta);
  mem_free(N->residual);
}

static speig_status fresh_open(const harvest *H, multivec *X, fresh *N)
{
  speig_status st = SPEIG_OK;
  backend *be = H->problem->be;
  N->X = *X;
  N->BX = *X;
  if (H->problem->B)
    TRY(mv_alloc(be, X->n, X->p, "pairs to be added", &N->BX));
  TRY(mv_alloc(be, X->n, X->p, "pairs to be added", &N->AX));
  TRY(mv_alloc(be, X->n, X->p, "pairs to be added", &N->work));
  TRY(MEM_ARRAY(X->p, "values to be added", &N->theta));
  TRY(MEM_ARRAY(X->p, "residuals to be added", &N->residual));
done:
  return st;
}

static speig_status settle(harvest *H, fresh *N)
{
  speig_status st = SPEIG_OK;
  const eig_problem *problem = H->problem;
  int32_t kept = H->found.converged, rank;
  ortho_basis basis = { mv_columns(&H->found.X, 0, kept), mv_columns(&H->found_b, 0, kept) };
  TRY(make_ortho(H, N->X.p));
  TRY(ortho_block(problem->B, 1, &basis, &N->X, &N->BX, &H->ortho, &rank));
  N->X.p = N->BX.p = N->AX.p = N->work.p = rank;
  TRY(operator_apply(problem->A, &N->X, &N->AX));
  TRY(subspace_rayleigh_ritz(0, &N->X, &N->AX, &N->BX, &N->work, N->theta, N->residual));
done:
  return st;
}

/* Column i joins what is kept, if its residual is what the caller asked for. */
static speig_status keep(harvest *H, const fresh *N, int32_t i)
{
  speig_status st = SPEIG_OK;
  eig_pairs *found = &H->found;
  multivec x = mv_columns(&N->X, i, 1), bx = mv_columns(&N->BX, i, 1), to;
  double length = 1;
  if (found->converged >= found->capacity)
    goto done;
  TRY(mv_norms(&x, &length));
  if (!(N->residual[i] <= eig_limit(H->problem, found->norm_a, found->norm_b, N->theta[i], length)))
    goto done;
  to = mv_columns(&found->X, found->converged, 1);
  TRY(mv_copy(&x, &to));
  to = mv_columns(&H->found_b, found->converged, 1);
  if (H->problem->B)
    TRY(mv_copy(&bx, &to));
  found->theta[found->converged] = N->theta[i];
  found->residual[found->converged] = N->residual[i];
  found->count = ++found->converged;
done:
  return st;
}

speig_status harvest_add(harvest *H, multivec *X, double low, double high, int32_t *taken)
{
  speig_status st = SPEIG_OK;
  fresh N = { 0 };
  int32_t before = H->found.converged;
  TRY(fresh_open(H, X, &N));
  TRY(settle(H, &N));
  for (int32_t i = 0; i < N.X.p; ++i)
    if (N.theta[i] >= low && N.theta[i] <= high)
      TRY(keep(H, &N, i));
done:
  *taken = H->found.converged - before;
  fresh_close(&N);
  return st;
}

void harvest_take(harvest *H, eig_pairs *pairs)
{
  if (H->found_b.data != H->found.X.data)
    mv_free(&H->found_b);
  *pairs = H->found;
  H->found = (eig_pairs){ 0 };
  H->found_b = (multivec){ 0 };
}
