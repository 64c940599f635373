/* extract_eigs.c: from the invariant subspace that a run on a transformed problem found to
 * eigenpairs of the problem itself. */
#include "base/dtype.h"
#include "base/error.h"
#include "base/memory.h"
#include "solvers/run_eigs.h"
#include "solvers/subspace.h"

#include <math.h>

/* lambda of H_A s = lambda H_B s, the projections on Q, and X = Q S, ranked by mu. */
static speig_status project_pencil(const eigs_side *side, speig_eigs_which which,
                                   const general_map *map, const general_basis *basis, multivec *X,
                                   eigenvalue *lambda)
{
  speig_status st = SPEIG_OK;
  int32_t p = basis->count, infinite = 0, *rank = NULL;
  int z = dtype_is_complex(X->be->ops->dtype);
  multivec Q = mv_columns(&basis->Q, 0, p);
  eigenvalue *found = NULL;
  small H = { 0 }, M = { 0 }, S = { 0 }, C = { 0 };
  TRY(small_alloc(p, p, z, &H));
  TRY(small_alloc(p, p, z, &M));
  TRY(small_alloc(p, p, z, &S));
  TRY(small_alloc(p, p, z, &C));
  TRY(MEM_ARRAY(p, "eigenvalues", &found));
  TRY(MEM_ARRAY(p, "ranks", &rank));
  TRY(operator_apply(side->A, &Q, X));
  TRY(mv_gram(&Q, X, &H));
  if (side->B) {
    TRY(operator_apply(side->B, &Q, X));
    TRY(mv_gram(&Q, X, &M));
    TRY(general_pencil(&H, &M, 0, &S, NULL, found, &infinite));
  } else {
    TRY(general_eigen(&H, 0, &S, NULL, found));
  }
  TRY(general_rank_mapped(which, z, map, p, found, rank));
  for (int32_t i = 0; i < p; ++i) {
    small from = small_view(&S, 0, rank[i], p, 1), to = small_view(&C, 0, i, p, 1);
    small_copy(&from, &to);
    lambda[i] = found[rank[i]];
    if (!isfinite(lambda[i].re)) /* the residual will tell */
      lambda[i] = (eigenvalue){ 0, 0 };
  }
  TRY(mv_mul(1, &Q, &C, 0, X));
done:
  small_free(&H);
  small_free(&M);
  small_free(&S);
  small_free(&C);
  mem_free(found);
  mem_free(rank);
  return st;
}

/* lambda = (B x)^H A x / (B x)^H B x: of all values the one with the least residual for x. */
static speig_status refine_values(const eigs_side *side, const multivec *X, eigenvalue *lambda)
{
  speig_status st = SPEIG_OK;
  int z = dtype_is_complex(X->be->ops->dtype);
  small G = { 0 }, N = { 0 };
  multivec AX = { 0 }, BX = *X;
  int32_t width;
  TRY(small_alloc(2, 2, z, &G));
  TRY(small_alloc(2, 2, z, &N));
  TRY(mv_alloc(X->be, X->n, X->p, "products", &AX));
  TRY(operator_apply(side->A, X, &AX));
  if (side->B) {
    TRY(mv_alloc(X->be, X->n, X->p, "products", &BX));
    TRY(operator_apply(side->B, X, &BX));
  }
  for (int32_t j = 0; j < X->p; j += width) {
    multivec ax, bx;
    small g, m;
    double below;
    width = pair_starts(z, lambda, j) ? 2 : 1;
    ax = mv_columns(&AX, j, width);
    bx = mv_columns(&BX, j, width);
    g = small_view(&G, 0, 0, width, width);
    m = small_view(&N, 0, 0, width, width);
    TRY(mv_gram(&bx, &ax, &g));
    TRY(mv_gram(&bx, &bx, &m));
    below = small_get(&N, 0, 0) + (width == 2 ? small_get(&N, 1, 1) : 0);
    if (!(below > 0))
      continue;
    if (z) {
      lambda[j] = (eigenvalue){ G.data[0] / below, G.data[1] / below };
    } else if (width == 1) {
      lambda[j].re = small_get(&G, 0, 0) / below;
    } else { /* (u + iv)^H (u' + iv'), with the imaginary part kept positive */
      lambda[j].re = (small_get(&G, 0, 0) + small_get(&G, 1, 1)) / below;
      lambda[j].im = fmax((small_get(&G, 0, 1) - small_get(&G, 1, 0)) / below, lambda[j].im / 2);
      lambda[j + 1] = (eigenvalue){ lambda[j].re, -lambda[j].im };
    }
  }
done:
  if (BX.data != X->data)
    mv_free(&BX);
  mv_free(&AX);
  small_free(&G);
  small_free(&N);
  return st;
}

/* A packed pair of mu, whose lambda has the imaginary part of the other sign: conjugate vectors. */
static speig_status orient_pairs(multivec *X, eigenvalue *lambda)
{
  speig_status st = SPEIG_OK;
  double minus = -1;
  if (dtype_is_complex(X->be->ops->dtype))
    return st;
  for (int32_t j = 0; j + 1 < X->p; ++j) {
    multivec v = mv_columns(X, j + 1, 1);
    if (lambda[j].im == 0)
      continue;
    if (lambda[j].im < 0) {
      TRY(mv_scale(&minus, &v));
      lambda[j].im = -lambda[j].im;
    }
    ++j; /* the other one of the pair */
    lambda[j] = (eigenvalue){ lambda[j - 1].re, -lambda[j - 1].im };
  }
done:
  return st;
}

/* X = op X: damps what rounding left in directions far from the shift. Packed pairs need no care: u
 * and v of an eigenvector go to those of a multiple of it. */
static speig_status inverse_step(const general_problem *problem, multivec *X)
{
  speig_status st = SPEIG_OK;
  multivec image = { 0 };
  TRY(mv_alloc(X->be, X->n, X->p, "inverse iteration", &image));
  TRY(problem->op->apply(problem->op, X, &image));
  TRY(mv_copy(&image, X));
done:
  mv_free(&image);
  return st;
}

speig_status eigs_extract(const general_problem *problem, const general_map *map,
                          const eigs_side *side, const general_basis *basis, multivec *X,
                          eigenvalue *lambda)
{
  speig_status st = SPEIG_OK;
  if (map->part != 0) {
    TRY(project_pencil(side, problem->which, map, basis, X, lambda));
  } else {
    TRY(general_rayleigh_ritz(problem, basis, X, lambda));
    if (map->transform == SPEIG_TRANSFORM_NONE)
      goto done;
    TRY(inverse_step(problem, X));
    for (int32_t j = 0; j < basis->count; ++j)
      lambda[j] = eigs_invert_lambda(map->transform, map->shift, lambda[j]);
    TRY(orient_pairs(X, lambda));
  }
  TRY(refine_values(side, X, lambda));
done:
  return st;
}

/* X and lambda by Rayleigh-Ritz with A and B on the span of Q, whose columns are made orthonormal;
 * *whole 0, and nothing done, where they are dependent. */
static speig_status project_again(const general_problem *problem, const general_map *map,
                                  const eigs_side *side, general_basis *basis, multivec *X,
                                  eigenvalue *lambda, int *whole)
{
  speig_status st = SPEIG_OK;
  multivec none = { .be = X->be, .n = X->n };
  double *length = NULL;
  int32_t rank;
  TRY(MEM_ARRAY(X->p, "lengths", &length));
  TRY(mv_norms(&basis->Q, length));
  for (int32_t j = 0; j < X->p; ++j)
    length[j] = length[j] > 0 && isfinite(length[j]) ? 1 / length[j] : 1;
  TRY(mv_scale(length, &basis->Q));
  TRY(subspace_orthonormalize(&none, &basis->Q, &rank));
  *whole = rank == X->p;
  if (*whole)
    TRY(project_pencil(side, problem->which, map, basis, X, lambda));
done:
  mem_free(length);
  return st;
}

speig_status eigs_purify(const general_problem *problem, const general_map *map,
                         const eigs_side *side, multivec *X, eigenvalue *lambda)
{
  speig_status st = SPEIG_OK;
  general_basis basis = { .count = X->p };
  int whole;
  TRY(mv_alloc(X->be, X->n, X->p, "purified vectors", &basis.Q));
  TRY(mv_copy(X, &basis.Q));
  TRY(project_again(problem, map, side, &basis, X, lambda, &whole));
  TRY(problem->op->apply(problem->op, X, &basis.Q));
  if (whole)
    TRY(project_again(problem, map, side, &basis, X, lambda, &whole));
  TRY(refine_values(side, X, lambda));
done:
  mv_free(&basis.Q);
  return st;
}
