/* improve_svds.c: triplets found through the inverse become triplets of P itself.
 *
 * Method: one step of inverse iteration on both sides, U = W V and V = W^H U, made orthonormal one
 * column after the other, best first, then the singular values of U^H P V. Where W's values spread
 * over many orders of magnitude, its largest ones drown the others in rounding errors; what a
 * backward stable solve leaves of them lies in the span of the triplets better than the one solved
 * for, which orthogonality and the projection take out. So rounding of the size eps ||P|| is left,
 * however small the singular values are. Cost: two solves and two products for each triplet. */
#include "solvers/invert_svds.h"

#include "backend/expand.h"
#include "base/error.h"
#include "base/memory.h"
#include "dense/svd.h"
#include "solvers/subspace.h"

#include <math.h>

/* What a step needs beside the triplets. */
typedef struct step {
  multivec PV, PU; /* P V, P^H U */
  small G, X, Y; /* U^H P V and its singular vectors */
  double *sigma;
} step;

static void step_close(step *S)
{
  mv_free(&S->PV);
  mv_free(&S->PU);
  small_free(&S->G);
  small_free(&S->X);
  small_free(&S->Y);
  mem_free(S->sigma);
}

static speig_status step_open(const svds_inverse *I, int32_t count, step *S)
{
  speig_status st = SPEIG_OK;
  int is_complex = mv_is_complex(I->be);
  TRY(mv_alloc(I->be, I->rows, count, "products of triplets", &S->PV));
  TRY(mv_alloc(I->be, I->n, count, "products of triplets", &S->PU));
  TRY(small_alloc(count, count, is_complex, &S->G));
  TRY(small_alloc(count, count, is_complex, &S->X));
  TRY(small_alloc(count, count, is_complex, &S->Y));
  TRY(MEM_ARRAY(count, "singular values", &S->sigma));
done:
  return st;
}

/* to = op from, orthonormal; *whole: no column was lost. */
static speig_status iterate(bound_operator *op, const multivec *from, multivec *to, int *whole)
{
  speig_status st = SPEIG_OK;
  multivec none = { .be = to->be, .n = to->n };
  int32_t rank;
  TRY(operator_apply(op, from, to));
  TRY(subspace_orthonormalize(&none, to, &rank));
  *whole = rank == to->p;
done:
  return st;
}

/* The last column first: svd_decompose ranks the largest value first, best is the smallest. */
static void turn_round(const small *from, small *to)
{
  for (int32_t j = 0; j < from->cols; ++j) {
    small source = small_view(from, 0, from->cols - 1 - j, from->rows, 1);
    small target = small_view(to, 0, j, from->rows, 1);
    small_copy(&source, &target);
  }
}

static speig_status project(const svds_inverse *I, step *S, multivec *V, multivec *U)
{
  speig_status st = SPEIG_OK;
  TRY(operator_apply(I->bound, V, &S->PV));
  TRY(operator_apply(I->bound_adjoint, U, &S->PU));
  TRY(mv_gram(U, &S->PV, &S->G));
  TRY(svd_decompose(&S->G, &S->X, S->sigma, &S->Y));
  turn_round(&S->X, &S->G);
  TRY(mv_rotate(U, &S->G));
  TRY(mv_rotate(&S->PU, &S->G));
  turn_round(&S->Y, &S->G);
  TRY(mv_rotate(V, &S->G));
  TRY(mv_rotate(&S->PV, &S->G));
done:
  return st;
}

/* Values, and the larger residual of each triplet. */
static speig_status measure(step *S, const multivec *V, const multivec *U, eig_pairs *pairs)
{
  speig_status st = SPEIG_OK;
  int32_t count = V->p;
  for (int32_t i = 0; i < count; ++i)
    pairs->theta[i] = S->sigma[count - 1 - i];
  TRY(mv_residual(&S->PV, U, pairs->theta, &S->PV));
  TRY(mv_residual(&S->PU, V, pairs->theta, &S->PU));
  TRY(mv_norms(&S->PV, S->sigma));
  TRY(mv_norms(&S->PU, pairs->residual));
  for (int32_t i = 0; i < count; ++i)
    pairs->residual[i] = fmax(pairs->residual[i], S->sigma[i]);
done:
  return st;
}

speig_status svds_inverse_improve(svds_inverse *I, eig_pairs *pairs)
{
  speig_status st = SPEIG_OK;
  step S = { 0 };
  int32_t count = pairs->converged;
  multivec V = mv_columns(&pairs->X, 0, count), U = mv_columns(&pairs->left, 0, count);
  int whole;
  TRY(step_open(I, count, &S));
  TRY(iterate(I->W, &V, &U, &whole));
  if (whole)
    TRY(iterate(I->W_adjoint, &U, &V, &whole));
  if (!whole) {
    pairs->count = pairs->converged = 0;
    goto done;
  }
  TRY(project(I, &S, &V, &U));
  TRY(measure(&S, &V, &U, pairs));
done:
  step_close(&S);
  return st;
}
