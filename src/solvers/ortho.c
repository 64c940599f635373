/* ortho.c: block Gram-Schmidt with SVQB inside.
 *
 * Each pass projects the block against the bases, forms its Gram matrix G in double precision,
 * scales it to a unit diagonal and multiplies the block by V Lambda^-1/2 of its eigenvectors: all
 * directions whose eigenvalue is noise go in one step, and a numerically singular G is no failure,
 * as it would be for Cholesky. Passes are repeated until one finds little left to do: the error
 * of a pass is eps times what it removed, so that is orthonormality to working precision.
 * Stathopoulos, Wu, SIAM J. Sci. Comput. 23 (2002); Duersch, Shao, Yang, Gu, ibid. 40 (2018).
 * Cost per pass: two passes over each basis, one Gram matrix, one rotation, one product with B. */
#include "solvers/ortho.h"

#include "backend/expand.h"
#include "base/dtype.h"
#include "base/error.h"
#include "base/memory.h"

#include <math.h>
#include <string.h>

enum { MAX_PASSES = 5 };

speig_status ortho_work_alloc(backend *be, int32_t q, int32_t p, ortho_work *work)
{
  speig_status st = SPEIG_OK;
  *work = (ortho_work){ .eps = dtype_eps(be->ops->dtype) };
  TRY(small_alloc(q, p, mv_is_complex(be), &work->U));
  TRY(small_alloc(p, p, mv_is_complex(be), &work->G));
  TRY(MEM_ZARRAY(p, "scales", &work->scale));
  TRY(MEM_ZARRAY(p, "lengths", &work->before));
  TRY(MEM_ZARRAY(p, "lengths", &work->length));
  TRY(MEM_ZARRAY(p, "lengths", &work->taken));
done:
  if (st != SPEIG_OK)
    ortho_work_free(work);
  return st;
}

void ortho_work_free(ortho_work *work)
{
  small_free(&work->U);
  small_free(&work->G);
  mem_free(work->scale);
  mem_free(work->before);
  mem_free(work->length);
  mem_free(work->taken);
  *work = (ortho_work){ 0 };
}

/* G (p x p) and the factors scale[p] that give it a unit diagonal, 0 for a column to be dropped;
 * coefficients = the last *rank columns of G on return: block * coefficients is orthonormal.
 * *condition: smallest over largest eigenvalue kept. lambda: work[p]. */
static speig_status svqb(small *G, const double *scale, double noise, double *lambda, int32_t *rank,
                         double *condition)
{
  speig_status st = SPEIG_OK;
  int32_t p = G->rows, first = 0;
  small_scale_cols(G, scale);
  small_scale_rows(G, scale);
  small_make_hermitian(G);
  TRY(small_eigh(G, lambda));
  while (first < p && !(lambda[first] > noise * lambda[p - 1] && lambda[p - 1] > 0))
    ++first;
  *rank = p - first;
  *condition = *rank > 0 ? lambda[first] / lambda[p - 1] : 1;
  for (int32_t j = 0; j < p; ++j)
    lambda[j] = j < first ? 0 : 1 / sqrt(lambda[j]);
  small_scale_rows(G, scale);
  small_scale_cols(G, lambda);
done:
  return st;
}

static speig_status normalise(multivec *W, ortho_work *work)
{
  speig_status st = SPEIG_OK;
  TRY(mv_norms(W, work->length));
  for (int32_t j = 0; j < W->p; ++j) {
    if (!isfinite(work->length[j]))
      FAIL(SPEIG_ERR_NUMERIC, "column %d of a block to be orthonormalised holds NaN or Inf", j);
    work->scale[j] = work->length[j] > 0 ? 1 / work->length[j] : 0;
    work->taken[j] *= work->scale[j] * work->scale[j];
  }
  TRY(mv_scale(work->scale, W));
done:
  return st;
}

/* W -= Q (BQ^H W) for each basis, and BW -= BQ (BQ^H W) unless BW is NULL; before[j] = what was
 * removed of column j, squared. */
static speig_status project(int32_t count, const ortho_basis *basis, multivec *W, multivec *BW,
                            ortho_work *work)
{
  speig_status st = SPEIG_OK;
  memset(work->before, 0, (size_t)W->p * sizeof *work->before);
  for (int32_t b = 0; b < count; ++b) {
    small U = small_view(&work->U, 0, 0, basis[b].Q.p, W->p);
    small square = small_view(&work->G, 0, 0, W->p, W->p);
    if (U.rows == 0)
      continue;
    TRY(mv_gram(&basis[b].BQ, W, &U));
    TRY(mv_mul(-1, &basis[b].Q, &U, 1, W));
    if (BW)
      TRY(mv_mul(-1, &basis[b].BQ, &U, 1, BW));
    small_mul(1, &U, 1, &U, 0, 0, &square);
    for (int32_t j = 0; j < W->p; ++j)
      work->before[j] += small_get(&square, j, j);
  }
done:
  return st;
}

/* Factors to a unit diagonal from G's diagonal; 0 for a column of which projection left only
 * rounding errors, or whose part outside the null space of B is one. unit: the columns had length 1
 * before projection. *removed: the largest part that projection took from a column that stays. */
static speig_status unit_diagonal(bound_operator *B, int unit, const multivec *BW, const small *G,
                                  ortho_work *work, double *removed)
{
  speig_status st = SPEIG_OK;
  *removed = 0;
  if (B)
    TRY(mv_norms(BW, work->length));
  for (int32_t j = 0; j < G->cols; ++j) {
    double square = small_get(G, j, j), whole = square + work->before[j] + work->taken[j];
    if (B && square < -1e3 * work->eps * work->length[j])
      FAIL(SPEIG_ERR_NUMERIC, "B is not positive definite: x^H B x = %g for a vector of length 1",
           square);
    if (!(square > 100 * work->eps * work->eps * whole) ||
        (B && unit && square < work->eps * work->length[j])) {
      work->scale[j] = 0;
      continue;
    }
    work->scale[j] = 1 / sqrt(square);
    *removed = fmax(*removed, sqrt(work->before[j] / square));
  }
done:
  return st;
}

speig_status ortho_block(bound_operator *B, int32_t count, const ortho_basis *basis, multivec *W,
                         multivec *BW, ortho_work *work, int32_t *rank)
{
  speig_status st = SPEIG_OK;
  /* Directions this small beside the largest, after scaling, are made of rounding errors. */
  double noise = fmax(1e-14, 1e3 * work->eps * work->eps), removed, condition;
  multivec w = *W, bw = *BW;
  int stale = 1; /* B W is to be computed, or is W itself */
  *rank = w.p;
  if (w.p > 0)
    TRY(normalise(&w, work));
  for (int pass = 0; pass < MAX_PASSES && w.p > 0; ++pass) {
    small G = small_view(&work->G, 0, 0, w.p, w.p), C;
    int32_t kept;
    TRY(project(count, basis, &w, stale ? NULL : &bw, work));
    if (B && stale)
      TRY(operator_apply(B, &w, &bw));
    TRY(mv_gram(&w, B ? &bw : &w, &G));
    TRY(unit_diagonal(B, pass == 0, &bw, &G, work, &removed));
    memset(work->taken, 0, (size_t)w.p * sizeof *work->taken);
    TRY(svqb(&G, work->scale, noise, work->length, &kept, &condition));
    C = small_view(&G, 0, w.p - kept, w.p, kept);
    if (kept > 0) {
      TRY(mv_rotate(&w, &C));
      if (B)
        TRY(mv_rotate(&bw, &C));
    }
    *rank = kept;
    w = mv_columns(W, 0, kept);
    bw = mv_columns(BW, 0, kept);
    if (removed < 0.1 && condition > 0.01)
      break;
    /* B W may be carried along unless what is left of W is small beside what it was. */
    stale = !B || removed > 100 || condition < 1e-4;
  }
done:
  return st;
}

speig_status ortho_small(const small *C, small *D, small *U, small *G, int32_t *rank)
{
  speig_status st = SPEIG_OK;
  double *scale = NULL, *lambda = NULL, condition = 0;
  small d = *D, copy = { 0 };
  *rank = d.cols;
  TRY(MEM_ZARRAY(d.cols, "scales", &scale));
  TRY(MEM_ZARRAY(d.cols, "eigenvalues", &lambda));
  TRY(small_alloc(d.rows, d.cols, d.is_complex, &copy));
  for (int pass = 0; pass < 3 && *rank > 0; ++pass) {
    small u = small_view(U, 0, 0, C->cols, d.cols), g = small_view(G, 0, 0, d.cols, d.cols);
    small from = small_view(&copy, 0, 0, d.rows, d.cols), coefficients;
    int32_t kept;
    small_mul(1, C, 1, &d, 0, 0, &u);
    small_mul(-1, C, 0, &u, 0, 1, &d);
    small_mul(1, &d, 1, &d, 0, 0, &g);
    /* The entries of D are coefficients of unit vectors: below 1e-14 they hold nothing. */
    for (int32_t j = 0; j < d.cols; ++j) {
      double square = small_get(&g, j, j);
      scale[j] = square > (pass ? 0.01 : 1e-28) ? 1 / sqrt(square) : 0;
    }
    TRY(svqb(&g, scale, 1e-14, lambda, &kept, &condition));
    coefficients = small_view(&g, 0, d.cols - kept, d.cols, kept);
    small_copy(&d, &from);
    d = small_view(D, 0, 0, D->rows, kept);
    if (kept > 0)
      small_mul(1, &from, 0, &coefficients, 0, 0, &d);
    *rank = kept;
    if (pass > 0 && condition > 0.01)
      break;
  }
done:
  mem_free(scale);
  mem_free(lambda);
  small_free(&copy);
  return st;
}
