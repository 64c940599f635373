/* subspace.c: orthonormal bases and Rayleigh-Ritz on blocks, in the inner product of B. */
#include "solvers/subspace.h"

#include "base/dtype.h"
#include "base/error.h"
#include "base/memory.h"

#include <math.h>

/* A column that keeps less than this part of its length depends on the others. */
static double dependent(const backend *be)
{
  return 1000 * dtype_eps(be->ops->dtype);
}

/* X -= Q_b (Q^H X); *largest: of the coefficients. */
static speig_status project_out(const multivec *Q, const multivec *Q_b, multivec *X,
                                double *largest)
{
  speig_status st = SPEIG_OK;
  small H = { 0 };
  *largest = 0;
  if (Q->p == 0 || X->p == 0)
    return st;
  TRY(small_alloc(Q->p, X->p, dtype_is_complex(X->be->ops->dtype), &H));
  TRY(mv_gram(Q, X, &H));
  TRY(mv_mul(-1, Q_b, &H, 1, X));
  *largest = small_max_abs(&H);
done:
  small_free(&H);
  return st;
}

/* G = X^H X becomes (3 I - G) / 2; *defect: a bound of ||G - I||. */
static speig_status newton_factor(const multivec *X, small *G, double *defect)
{
  speig_status st = SPEIG_OK;
  double minus_half = -0.5;
  TRY(mv_gram(X, X, G));
  small_make_hermitian(G);
  for (int32_t j = 0; j < X->p; ++j)
    small_set(G, j, j, small_get(G, j, j) - 1);
  *defect = small_max_abs(G) * X->p;
  for (int32_t j = 0; j < X->p; ++j) {
    small column = small_view(G, 0, j, X->p, 1);
    small_scale_cols(&column, &minus_half);
    small_set(G, j, j, small_get(G, j, j) + 1);
  }
done:
  return st;
}

/* Columns that are orthonormal but for small errors, as Ritz vectors are, stay what they are: X
 * (X^H X)^-1/2 by Newton's iteration, whose error is squared in every step (Bjorck and Bowie, SIAM
 * J. Numer. Anal. 8 (1971)), by whole blocks. *settled: 0 for others, of which nothing is lost. */
static speig_status orthonormalize_nearly(const multivec *Q, multivec *X, int *settled)
{
  enum { MOST_STEPS = 4 };
  const double NEARLY = 0.1;
  speig_status st = SPEIG_OK;
  double eps = dtype_eps(X->be->ops->dtype), defect = 1, *length = NULL;
  small G = { 0 };
  *settled = 0;
  TRY(MEM_ARRAY(X->p, "lengths", &length));
  TRY(small_alloc(X->p, X->p, dtype_is_complex(X->be->ops->dtype), &G));
  TRY(mv_norms(X, length));
  for (int32_t j = 0; j < X->p; ++j) {
    if (!(length[j] > 0 && isfinite(length[j])))
      goto done;
    length[j] = 1 / length[j];
  }
  TRY(mv_scale(length, X));
  TRY(project_out(Q, Q, X, &defect));
  if (!(defect * X->p <= NEARLY))
    goto done;
  for (int step = 0; step < MOST_STEPS && !*settled; ++step) {
    TRY(newton_factor(X, &G, &defect));
    if (!(defect <= NEARLY))
      goto done;
    TRY(mv_rotate(X, &G));
    *settled = defect * defect <= eps;
  }
done:
  mem_free(length);
  small_free(&G);
  return st;
}

/* Column by column, each against Q and the columns before it. */
static speig_status orthonormalize_columns(const multivec *Q, multivec *X, int32_t *rank)
{
  speig_status st = SPEIG_OK;
  int is_complex = dtype_is_complex(X->be->ops->dtype);
  int32_t kept = 0, most = (Q->p > X->p ? Q->p : X->p) + 1;
  small work[2] = { { 0 }, { 0 } };
  double before, after;
  TRY(small_alloc(most, 1, is_complex, &work[0]));
  TRY(small_alloc(most, 1, is_complex, &work[1]));
  for (int32_t j = 0; j < X->p; ++j) {
    multivec from = mv_columns(X, j, 1), x = mv_columns(X, kept, 1), head = mv_columns(X, 0, kept);
    if (kept != j)
      TRY(mv_copy(&from, &x));
    TRY(mv_norms(&x, &before));
    if (!(before > 0))
      continue;
    before = 1 / before; /* unit length first: a guess may have any scale */
    TRY(mv_scale(&before, &x));
    after = 1;
    /* Twice through both sets: removing one may bring back traces of the other. */
    for (int pass = 0; pass < 2; ++pass) {
      if (Q->p > 0)
        TRY(mv_orthogonalize(Q, &x, NULL, &after, work));
      if (kept > 0)
        TRY(mv_orthogonalize(&head, &x, NULL, &after, work));
      if (!(after > dependent(X->be)))
        break;
      after = 1 / after;
      TRY(mv_scale(&after, &x));
    }
    if (after > dependent(X->be))
      ++kept;
  }
  *rank = kept;
done:
  small_free(&work[0]);
  small_free(&work[1]);
  return st;
}

speig_status subspace_orthonormalize(const multivec *Q, multivec *X, int32_t *rank)
{
  speig_status st = SPEIG_OK;
  int nearly = 0;
  *rank = X->p;
  if (X->p > 1)
    TRY(orthonormalize_nearly(Q, X, &nearly));
  if (!nearly)
    TRY(orthonormalize_columns(Q, X, rank));
done:
  return st;
}

/* Columns 0..j of X and BX against column set Q, Q_b: x -= Q (Q_b^H x), and B x likewise. */
static speig_status project_b(const multivec *Q, const multivec *Q_b, multivec *x, multivec *bx,
                              small *work)
{
  speig_status st = SPEIG_OK;
  small h = small_view(work, 0, 0, Q->p, 1);
  if (Q->p == 0)
    return st;
  TRY(mv_gram(Q_b, x, &h));
  TRY(mv_mul(-1, Q, &h, 1, x));
  TRY(mv_mul(-1, Q_b, &h, 1, bx));
done:
  return st;
}

static speig_status b_norm(bound_operator *B, multivec *x, multivec *bx, double *norm)
{
  speig_status st = SPEIG_OK;
  double square;
  TRY(operator_apply(B, x, bx));
  TRY(mv_real_dots(x, bx, &square));
  if (!(square >= 0) && !isnan(square)) {
    double length;
    TRY(mv_norms(x, &length));
    FAIL(SPEIG_ERR_NUMERIC, "B is not positive definite: x^H B x = %g for a vector of length %g",
         square, length);
  }
  *norm = sqrt(square);
done:
  return st;
}

speig_status subspace_orthonormalize_b(bound_operator *B, const multivec *Q, const multivec *Q_b,
                                       multivec *X, multivec *BX, int32_t *rank)
{
  speig_status st = SPEIG_OK;
  int is_complex = dtype_is_complex(X->be->ops->dtype);
  int32_t kept = 0;
  small work = { 0 };
  if (!B)
    return subspace_orthonormalize(Q, X, rank);
  TRY(small_alloc((Q->p > X->p ? Q->p : X->p) + 1, 1, is_complex, &work));
  for (int32_t j = 0; j < X->p; ++j) {
    multivec from = mv_columns(X, j, 1), x = mv_columns(X, kept, 1), bx = mv_columns(BX, kept, 1);
    multivec head = mv_columns(X, 0, kept), head_b = mv_columns(BX, 0, kept);
    double norm = 0, inverse;
    if (kept != j)
      TRY(mv_copy(&from, &x));
    for (int pass = 0; pass < 3; ++pass) {
      TRY(b_norm(B, &x, &bx, &norm));
      if (!(norm > (pass == 0 ? 0 : dependent(X->be))))
        break;
      inverse = 1 / norm;
      TRY(mv_scale(&inverse, &x));
      TRY(mv_scale(&inverse, &bx));
      if (pass == 2)
        break;
      TRY(project_b(Q, Q_b, &x, &bx, &work));
      TRY(project_b(&head, &head_b, &x, &bx, &work));
    }
    if (norm > dependent(X->be))
      ++kept;
  }
  *rank = kept;
done:
  small_free(&work);
  return st;
}

speig_status subspace_restrict(const multivec *Y, const multivec *Y_b, multivec *AX)
{
  double largest;
  return project_out(Y, Y_b, AX, &largest);
}

speig_status subspace_orthogonality(const multivec *X, const multivec *BX, double *defect)
{
  speig_status st = SPEIG_OK;
  small G = { 0 };
  TRY(small_alloc(X->p, X->p, dtype_is_complex(X->be->ops->dtype), &G));
  TRY(mv_gram(X, BX, &G));
  for (int32_t j = 0; j < X->p; ++j)
    small_set(&G, j, j, small_get(&G, j, j) - 1);
  *defect = small_max_abs(&G);
done:
  small_free(&G);
  return st;
}

static speig_status rotate_out(multivec *X, const small *C, multivec *work)
{
  speig_status st = SPEIG_OK;
  TRY(mv_mul(1, X, C, 0, work));
  TRY(mv_copy(work, X));
done:
  return st;
}

void subspace_drop_couplings(small *H, double noise)
{
  for (int32_t j = 0; j < H->cols; ++j)
    for (int32_t i = 0; i < H->rows; ++i) {
      small entry = small_view(H, i, j, 1, 1);
      if (i != j && small_max_abs(&entry) <= noise)
        small_zero(&entry);
    }
}

speig_status subspace_rayleigh_ritz(double noise, multivec *X, multivec *AX, multivec *BX,
                                    multivec *work, double *theta, double *residual)
{
  speig_status st = SPEIG_OK;
  small H = { 0 };
  TRY(small_alloc(X->p, X->p, dtype_is_complex(X->be->ops->dtype), &H));
  TRY(mv_gram(X, AX, &H));
  small_make_hermitian(&H);
  subspace_drop_couplings(&H, noise);
  TRY(small_eigh(&H, theta));
  TRY(rotate_out(X, &H, work));
  TRY(rotate_out(AX, &H, work));
  if (BX->data != X->data)
    TRY(rotate_out(BX, &H, work));
  TRY(mv_residual(AX, BX, theta, work));
  TRY(mv_norms(work, residual));
done:
  small_free(&H);
  return st;
}
