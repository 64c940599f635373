/* invert_svds.c: W = (P^+)^H from a factorization.
 *
 * Square P: P = L U, W = P^-H. Taller P: the augmented matrix K = [alpha I, P; P^H, 0] = L D L^H
 * (Bjorck, Numerical Methods for Least Squares Problems, 1996, section 2.5), whose solutions are
 *   K [W c; *] = [0; c]   and   K [*; P^+ b] = [b; 0].
 * P^H P, which loses the singular values below sqrt(eps) ||P||, is never formed. alpha near the
 * smallest singular value keeps the error of that one near eps ||P||; a first factorization
 * estimates it.
 *
 * Cost of a product: one solve with the factors; with refinement two, and a product with P or both
 * P and P^H.                                                                                    */
#include "solvers/invert_svds.h"

#include "backend/traffic.h"
#include "base/dtype.h"
#include "base/error.h"
#include "base/memory.h"
#include "dense/parts.h"
#include "formats/matrix.h"

#include <math.h>
#include <string.h>

/* ---- the augmented matrix ---- */

static speig_status set_alpha(svds_inverse *I, double alpha)
{
  speig_status st = SPEIG_OK;
  size_t size = speig_dtype_size(I->dtype);
  double number[2] = { alpha, 0 };
  for (int64_t i = 0; i < I->rows; ++i)
    if (matrix_narrow(I->dtype, 1, number, (char *)I->augmented->values + (size_t)i * size) >= 0)
      FAIL(SPEIG_ERR_NUMERIC, "the augmented matrix: %g is beyond the range of type %s", alpha,
           speig_dtype_name(I->dtype));
done:
  return st;
}

/* The lower triangle: a diagonal for alpha, then the rows of P^H, whose zero diagonal is stored. */
static speig_status augment(svds_inverse *I)
{
  speig_status st = SPEIG_OK;
  const speig_matrix *H = I->adjoint;
  size_t size = speig_dtype_size(I->dtype);
  int64_t order = I->rows + I->n, at = I->rows;
  speig_matrix *K = NULL;
  char *values;
  TRY(matrix_alloc(I->dtype, order, order, I->rows + H->nnz + I->n, &K));
  values = K->values;
  memset(values, 0, (size_t)I->rows * size); /* until alpha is known */
  for (int64_t i = 0; i < I->rows; ++i) {
    K->rowptr[i] = i;
    K->colind[i] = (int32_t)i;
  }
  for (int64_t j = 0; j < I->n; ++j) {
    int64_t first = H->rowptr[j], count = H->rowptr[j + 1] - first;
    K->rowptr[I->rows + j] = at;
    memcpy(K->colind + at, H->colind + first, (size_t)count * sizeof *K->colind);
    memcpy(values + (size_t)at * size, (const char *)H->values + (size_t)first * size,
           (size_t)count * size);
    at += count;
    K->colind[at] = (int32_t)(I->rows + j);
    memset(values + (size_t)at * size, 0, size);
    ++at;
  }
  K->rowptr[order] = at;
  I->augmented = K;
done:
  return st;
}

/* ---- products, column by column: the factors are in host memory ---- */

/* stack = F^-1 stack, or F^-H where that differs. */
static speig_status solve_stack(svds_inverse *I, int adjoint)
{
  speig_status st = SPEIG_OK;
  int conjugate = adjoint && !I->augmented && !I->is_hermitian;
  if (conjugate)
    parts_conjugate(I->dtype, I->order, I->stack);
  TRY(factor_solve(I->F, conjugate, 1, I->order, I->stack));
  traffic_factors(I->be, factor_get_info(I->F).entries, 1);
  if (conjugate)
    parts_conjugate(I->dtype, I->order, I->stack);
  ++I->solves;
done:
  return st;
}

/* The stack as blocks: all of it when P is square, else its upper and lower part. */
static multivec part(const svds_inverse *I, int which, int32_t column)
{
  return mv_columns(&I->parts[which], column, 1);
}

static speig_status stack_to_parts(svds_inverse *I, int32_t column)
{
  speig_status st = SPEIG_OK;
  multivec upper = part(I, 0, column), lower;
  TRY(mv_upload(I->stack, I->order, &upper));
  if (I->augmented) {
    lower = part(I, 1, column);
    TRY(mv_upload((const char *)I->stack + I->upper_bytes, I->order, &lower));
  }
done:
  return st;
}

static speig_status parts_to_stack(svds_inverse *I, int32_t column)
{
  speig_status st = SPEIG_OK;
  multivec upper = part(I, 0, column), lower;
  TRY(mv_download(&upper, I->stack, I->order));
  if (I->augmented) {
    lower = part(I, 1, column);
    TRY(mv_download(&lower, (char *)I->stack + I->upper_bytes, I->order));
  }
done:
  return st;
}

/* Column 1 of the parts, a right-hand side, less the matrix times column 0, a solution. */
static speig_status subtract_product(svds_inverse *I, int adjoint)
{
  speig_status st = SPEIG_OK;
  double minus = -1, less = -I->alpha;
  multivec x = part(I, 0, 0), r = part(I, 0, 1), product = part(I, 0, 2), y, s, other;
  if (!I->augmented) {
    TRY(operator_apply(adjoint ? I->bound_adjoint : I->bound, &x, &product));
    TRY(mv_axpy(&minus, &product, &r));
    goto done;
  }
  y = part(I, 1, 0);
  s = part(I, 1, 1);
  other = part(I, 1, 2);
  TRY(operator_apply(I->bound, &y, &product));
  TRY(mv_axpy(&minus, &product, &r));
  TRY(mv_axpy(&less, &x, &r));
  TRY(operator_apply(I->bound_adjoint, &x, &other));
  TRY(mv_axpy(&minus, &other, &s));
done:
  return st;
}

/* A solution, and when the factors alone are not exact enough a step of iterative refinement. */
static speig_status solve_well(svds_inverse *I, int adjoint)
{
  speig_status st = SPEIG_OK;
  double one = 1;
  if (I->refine)
    TRY(stack_to_parts(I, 1));
  TRY(solve_stack(I, adjoint));
  if (!I->refine)
    goto done;
  TRY(stack_to_parts(I, 0));
  TRY(subtract_product(I, adjoint));
  TRY(parts_to_stack(I, 1));
  TRY(solve_stack(I, adjoint));
  TRY(stack_to_parts(I, 1));
  for (int which = 0; which < (I->augmented ? 2 : 1); ++which) {
    multivec solution = part(I, which, 0), correction = part(I, which, 1);
    TRY(mv_axpy(&one, &correction, &solution));
  }
  TRY(parts_to_stack(I, 0));
done:
  return st;
}

static char *column_of(const speig_block *X, int64_t j)
{
  return (char *)X->data + (size_t)(j * X->ld) * speig_dtype_size(X->dtype);
}

/* Y = W X, from the lower part of the stack to the upper one, or Y = P^+ X, the other way round. */
static int solve(svds_inverse *I, int adjoint, const speig_block *X, speig_block *Y)
{
  speig_status st = SPEIG_OK;
  size_t size = speig_dtype_size(I->dtype);
  char *upper = I->stack, *lower = upper + (I->augmented ? I->upper_bytes : 0);
  for (int64_t j = 0; j < X->cols; ++j) {
    memset(upper, 0, (size_t)I->order * size);
    memcpy(adjoint ? lower : upper, column_of(X, j), (size_t)X->rows * size);
    TRY(solve_well(I, adjoint));
    memcpy(column_of(Y, j), adjoint ? upper : lower, (size_t)Y->rows * size);
  }
done:
  I->failed = st;
  return st != SPEIG_OK;
}

/* W = (P^+)^H */
static int apply(void *user, const speig_block *X, speig_block *Y)
{
  return solve(user, 1, X, Y);
}

/* W^H = P^+ */
static int apply_adjoint(void *user, const speig_block *X, speig_block *Y)
{
  return solve(user, 0, X, Y);
}

/* ---- factors ---- */

static speig_status factor_with(svds_inverse *I, double alpha, int *singular)
{
  speig_status st = SPEIG_OK;
  I->alpha = alpha;
  if (I->augmented)
    TRY(set_alpha(I, alpha));
  ++I->factorizations;
  TRY(factor_compute(I->F, I->augmented ? I->augmented : I->P, singular));
done:
  return st;
}

/* A few steps of power iteration with W^H W: 1 / ||W||, from above. */
static speig_status estimate_smallest(svds_inverse *I, uint64_t seed, double *smallest)
{
  enum { STEPS = 3 };
  speig_status st = SPEIG_OK;
  multivec v = { 0 }, u = { 0 };
  double length, inverse;
  TRY(mv_alloc(I->be, I->n, 1, "estimate", &v));
  TRY(mv_alloc(I->be, I->rows, 1, "estimate", &u));
  TRY(mv_fill_random(seed, &v));
  *smallest = 0;
  for (int step = 0; step < STEPS; ++step) {
    TRY(mv_norms(&v, &length));
    inverse = 1 / length;
    TRY(mv_scale(&inverse, &v));
    TRY(operator_apply(I->W, &v, &u));
    TRY(mv_norms(&u, &length));
    *smallest = length > 0 ? 1 / length : 0;
    TRY(operator_apply(I->W_adjoint, &u, &v));
  }
done:
  mv_free(&v);
  mv_free(&u);
  return st;
}

/* A singular P gets `nudge` on its diagonal. */
static speig_status perturb(svds_inverse *I, double nudge)
{
  speig_status st = SPEIG_OK;
  const double shift[2] = { -nudge, 0 };
  int tall = I->rows > I->n;
  if (nudge == 0)
    return st;
  TRY(factor_pencil(tall ? I->adjoint : I->P, NULL, shift, I->dtype, &I->nudged));
  if (tall)
    I->adjoint = I->nudged;
  else
    I->P = I->nudged;
done:
  return st;
}

speig_status svds_inverse_open(const eig_problem *problem, double nudge, svds_inverse *I)
{
  speig_status st = SPEIG_OK;
  const bound_operator *P = problem->A, *H = problem->adjoint;
  *I = (svds_inverse){ .be = problem->be,
                       .rows = operator_rows(problem->A),
                       .n = problem->n,
                       .dtype = problem->be->ops->dtype,
                       .bound = problem->A,
                       .bound_adjoint = problem->adjoint };
  if (P->op->kind != OPERATOR_MATRIX)
    FAIL(SPEIG_ERR_UNSUPPORTED, "only a matrix can be factored, and A is a function");
  I->P = P->scaled ? P->scaled : P->op->matrix;
  I->adjoint = H->scaled ? H->scaled : H->op->matrix;
  I->is_hermitian = I->P->declared == SPEIG_HERMITIAN ||
                    (I->P->declared == SPEIG_SYMMETRIC && !dtype_is_complex(I->dtype));
  I->order = I->rows > I->n ? I->rows + I->n : I->n;
  I->upper_bytes = (size_t)I->rows * speig_dtype_size(I->dtype);
  TRY(perturb(I, nudge));
  if (I->rows > I->n)
    TRY(augment(I));
  TRY(factor_analyse(I->augmented ? I->augmented : I->P,
                     I->augmented || I->is_hermitian ? FACTOR_HERMITIAN : FACTOR_GENERAL, &I->F));
  I->info = factor_get_info(I->F);
done:
  return st;
}

speig_status svds_inverse_factor(svds_inverse *I, double norm, uint64_t seed, int *singular)
{
  speig_status st = SPEIG_OK;
  double alpha = 1e-3 * norm, smallest, wanted;
  TRY(factor_with(I, alpha, singular));
  if (*singular)
    goto done;
  TRY(speig_operator_create_rectangular(I->dtype, I->rows, I->n, apply, apply_adjoint, I, &I->op));
  TRY(operator_bind(I->be, I->op, 1, &I->W));
  TRY(operator_bind_adjoint(I->be, I->op, 1, &I->W_adjoint));
  TRY(mem_alloc(I->order, speig_dtype_size(I->dtype), "right-hand side", &I->stack));
  if (!I->augmented)
    goto done;
  TRY(estimate_smallest(I, seed, &smallest));
  wanted = fmax(smallest, 10 * dtype_eps(I->dtype) * norm) / sqrt(2);
  if (wanted < alpha / 10 || wanted > alpha * 10)
    TRY(factor_with(I, wanted, singular));
done:
  return st;
}

speig_status svds_inverse_refine(svds_inverse *I)
{
  speig_status st = SPEIG_OK;
  TRY(mv_alloc(I->be, I->rows, 3, "refinement", &I->parts[0]));
  if (I->augmented)
    TRY(mv_alloc(I->be, I->n, 3, "refinement", &I->parts[1]));
  I->refine = 1;
done:
  return st;
}

void svds_inverse_close(svds_inverse *I)
{
  operator_unbind(&I->W);
  operator_unbind(&I->W_adjoint);
  speig_operator_destroy(&I->op);
  factor_destroy(&I->F);
  speig_matrix_destroy(&I->augmented);
  speig_matrix_destroy(&I->nudged);
  mv_free(&I->parts[0]);
  mv_free(&I->parts[1]);
  mem_free(I->stack);
}
