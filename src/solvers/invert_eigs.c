/* invert_eigs.c: shift-invert and its relatives for general problems: products and factorizations.
 * Cost of a product: a solve with the factors, and a product with B. */
#include "solvers/invert_eigs.h"

#include "backend/traffic.h"
#include "base/dtype.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/random.h"
#include "dense/parts.h"
#include "formats/matrix.h"

#include <float.h>
#include <math.h>

/* ---- products ---- */

/* numbers = F^-1 numbers or F^-H numbers, of the factors' type. */
static speig_status solve_host(eigs_invert *I, int32_t p, void *numbers)
{
  speig_status st = SPEIG_OK;
  speig_dtype dtype = I->wide ? dtype_complex(I->be->ops->dtype) : I->be->ops->dtype;
  if (I->adjoint)
    parts_conjugate(dtype, I->n * p, numbers);
  TRY(factor_solve(I->F, I->adjoint, p, I->n, numbers));
  traffic_factors(I->be, factor_get_info(I->F).entries * (I->wide ? 2 : 1), p);
  if (I->adjoint)
    parts_conjugate(dtype, I->n * p, numbers);
done:
  return st;
}

/* The caller's inverse of the complex type on numbers in host memory. */
static speig_status call_given(eigs_invert *I, int32_t p, void *numbers)
{
  speig_status st = SPEIG_OK;
  multivec X = { 0 }, Y = { 0 };
  TRY(mv_alloc(I->given->be, I->n, p, "right-hand sides", &X));
  TRY(mv_alloc(I->given->be, I->n, p, "solutions", &Y));
  TRY(mv_upload(numbers, I->n, &X));
  TRY(operator_apply(I->given, &X, &Y));
  TRY(mv_download(&Y, numbers, I->n));
done:
  mv_free(&X);
  mv_free(&Y);
  return st;
}

/* One part of a complex inverse on real vectors, Y = part of inverse Y. */
static speig_status solve_part(eigs_invert *I, multivec *Y)
{
  speig_status st = SPEIG_OK;
  int64_t count = I->n * Y->p;
  TRY(mv_download(Y, I->host, I->n));
  parts_widen(I->be->ops->dtype, count, I->host, I->wide);
  TRY(I->given ? call_given(I, Y->p, I->wide) : solve_host(I, Y->p, I->wide));
  parts_take(I->be->ops->dtype, I->part == 2, count, I->wide, I->host);
  TRY(mv_upload(I->host, I->n, Y));
done:
  return st;
}

/* R = R - (A - s B) Y, or R - B Y. */
static speig_status subtract_product(eigs_invert *I, const multivec *Y, multivec *R)
{
  speig_status st = SPEIG_OK;
  multivec product = mv_columns(&I->work[2], 0, Y->p), shifted = *Y;
  double minus = -1, shift[2] = { I->shift[0], I->adjoint ? -I->shift[1] : I->shift[1] };
  small s = { 1, 1, 1, dtype_is_complex(I->be->ops->dtype), shift, NULL };
  TRY(operator_apply(I->transform == SPEIG_TRANSFORM_MASS ? I->B : I->A, Y, &product));
  for (int32_t j = 0; j < Y->p; ++j) {
    multivec r = mv_columns(R, j, 1), p = mv_columns(&product, j, 1);
    TRY(mv_axpy(&minus, &p, &r));
  }
  if (I->transform == SPEIG_TRANSFORM_MASS)
    goto done;
  if (I->B) {
    TRY(operator_apply(I->B, Y, &product));
    shifted = product;
  }
  for (int32_t j = 0; j < Y->p; ++j) {
    multivec r = mv_columns(R, j, 1), x = mv_columns(&shifted, j, 1);
    TRY(mv_mul(1, &x, &s, 1, &r));
  }
done:
  return st;
}

/* Y = factors^-1 R */
static speig_status solve_once(eigs_invert *I, const multivec *R, multivec *Y)
{
  speig_status st = SPEIG_OK;
  I->solves += R->p;
  TRY(mv_download(R, I->host, I->n));
  TRY(solve_host(I, R->p, I->host));
  TRY(mv_upload(I->host, I->n, Y));
done:
  return st;
}

/* With a step of iterative refinement; R is overwritten. */
static speig_status solve_refined(eigs_invert *I, multivec *R, multivec *Y)
{
  speig_status st = SPEIG_OK;
  multivec more = mv_columns(&I->work[1], 0, R->p);
  double one = 1;
  TRY(solve_once(I, R, Y));
  if (!I->refine)
    goto done;
  TRY(subtract_product(I, Y, R));
  TRY(solve_once(I, R, &more));
  for (int32_t j = 0; j < Y->p; ++j) {
    multivec y = mv_columns(Y, j, 1), m = mv_columns(&more, j, 1);
    TRY(mv_axpy(&one, &m, &y));
  }
done:
  return st;
}

/* Y = inverse R; R may be overwritten. */
static speig_status solve(eigs_invert *I, multivec *R, multivec *Y)
{
  speig_status st = SPEIG_OK;
  if (I->part != 0) {
    I->solves += R->p;
    TRY(solve_part(I, R));
    TRY(mv_copy(R, Y));
  } else if (I->given) {
    I->solves += R->p;
    TRY(operator_apply(I->given, R, Y));
  } else {
    TRY(solve_refined(I, R, Y));
  }
  for (int32_t j = 0; I->given && I->given_scale != 1 && j < Y->p; ++j) {
    multivec y = mv_columns(Y, j, 1);
    TRY(mv_scale(&I->given_scale, &y));
  }
done:
  return st;
}

static speig_status apply(general_operator *op, const multivec *X, multivec *Y)
{
  speig_status st = SPEIG_OK;
  eigs_invert *I = (eigs_invert *)op;
  bound_operator *first = I->transform == SPEIG_TRANSFORM_SHIFT ? I->B : I->A;
  int32_t width;
  for (int32_t j = 0; j < X->p; j += width) {
    multivec x, y, r;
    width = X->p - j < I->columns ? X->p - j : I->columns;
    x = mv_columns(X, j, width);
    y = mv_columns(Y, j, width);
    r = mv_columns(&I->work[0], 0, width);
    if (first)
      TRY(operator_apply(first, &x, &r));
    else
      TRY(mv_copy(&x, &r));
    TRY(solve(I, &r, &y));
  }
done:
  return st;
}

/* ---- factorizations ---- */

static speig_status factor_at(eigs_invert *I, const speig_matrix *A, const speig_matrix *B,
                              speig_dtype dtype, int *singular)
{
  speig_status st = SPEIG_OK;
  const double zero[2] = { 0, 0 };
  speig_matrix_destroy(&I->pencil);
  if (I->transform == SPEIG_TRANSFORM_SHIFT)
    TRY(factor_pencil(A, B, I->shift, dtype, &I->pencil));
  else
    TRY(factor_pencil(B, NULL, zero, dtype, &I->pencil));
  if (!I->F) {
    double flops;
    TRY(factor_analyse(I->pencil, FACTOR_GENERAL, &I->F));
    flops = factor_get_info(I->F).flops;
    if (I->most_flops > 0 && flops > I->most_flops)
      FAIL(SPEIG_ERR_NUMERIC,
           "the factors take %.3g operations, more than the %.3g that the time allows", flops,
           I->most_flops);
  }
  TRY(factor_compute(I->F, I->pencil, singular));
  ++I->factorizations;
done:
  return st;
}

static speig_status staging(eigs_invert *I)
{
  enum { COLUMNS = 16 };
  speig_status st = SPEIG_OK;
  speig_dtype dtype = I->be->ops->dtype;
  I->columns = COLUMNS;
  I->host = I->wide = NULL;
  for (int i = 0; i < 3; ++i)
    I->work[i] = (multivec){ 0 };
  for (int i = 0; i < 3; ++i)
    TRY(mv_alloc(I->be, I->n, COLUMNS, "right-hand sides", &I->work[i]));
  TRY(mem_alloc(I->n * COLUMNS, speig_dtype_size(dtype), "right-hand sides", &I->host));
  if (I->part != 0)
    TRY(mem_alloc(I->n * COLUMNS, speig_dtype_size(dtype_complex(dtype)), "right-hand sides",
                  &I->wide));
done:
  return st;
}

/* One random right-hand side: is the backward error of rounding size? */
static speig_status consider_refinement(eigs_invert *I)
{
  speig_status st = SPEIG_OK;
  double eps = dtype_eps(I->be->ops->dtype), x_norm, b_norm, r_norm;
  multivec b = mv_columns(&I->work[0], 0, 1), x = mv_columns(&I->work[1], 0, 1);
  matrix_sizes sizes;
  TRY(matrix_get_sizes(I->pencil, &sizes));
  TRY(mv_fill_random(1, &b));
  TRY(mv_norms(&b, &b_norm));
  TRY(solve_once(I, &b, &x));
  TRY(mv_norms(&x, &x_norm));
  if (!isfinite(x_norm))
    FAIL(SPEIG_ERR_NUMERIC, "the factorization at %g%+gi gives a solution with NaN or Inf",
         I->shift[0], I->shift[1]);
  TRY(subtract_product(I, &x, &b));
  TRY(mv_norms(&b, &r_norm));
  I->refine =
      r_norm > 4 * eps * (sizes.norm_fro / sqrt((double)(I->n > 0 ? I->n : 1)) * x_norm + b_norm);
done:
  return st;
}

/* Mean growth of a random vector in some products: about 1 / |lambda - s| for the nearest lambda. A
 * single product would tell the norm of the operator, which far from normality is much larger. */
static speig_status measure_growth(eigs_invert *I, double *growth)
{
  enum { STEPS = 8, UNCOUNTED = 2 };
  speig_status st = SPEIG_OK;
  multivec x = { 0 }, y = { 0 };
  double norm, sum = 0;
  TRY(mv_alloc(I->be, I->n, 1, "sample", &x));
  TRY(mv_alloc(I->be, I->n, 1, "sample", &y));
  TRY(mv_fill_random(1, &x));
  TRY(mv_norms(&x, &norm));
  for (int step = 0; step < STEPS && norm > 0 && isfinite(norm); ++step) {
    norm = 1 / norm;
    TRY(mv_scale(&norm, &x));
    TRY(apply(&I->base, &x, &y));
    TRY(mv_copy(&y, &x));
    TRY(mv_norms(&x, &norm));
    if (step >= UNCOUNTED)
      sum += log(norm > 0 ? norm : DBL_MIN);
  }
  *growth = isfinite(norm) ? exp(sum / (STEPS - UNCOUNTED)) : INFINITY;
done:
  mv_free(&x);
  mv_free(&y);
  return st;
}

/* Is B singular to working precision? A random vector through its inverse tells, rows and columns
 * being scaled to unit size, so that entries of very different size do no harm. */
static speig_status weigh_mass(eigs_invert *I, speig_dtype dtype, int *singular)
{
  speig_status st = SPEIG_OK;
  const speig_matrix *B = I->pencil;
  double *row = NULL, *col = NULL, *wide = NULL, before = 0, after = 0, entry[2];
  TRY(MEM_ZARRAY(I->n, "sizes of rows", &row));
  TRY(MEM_ZARRAY(I->n, "sizes of columns", &col));
  TRY(MEM_ARRAY(2 * I->n, "sample", &wide));
  for (int64_t i = 0; i < I->n; ++i)
    for (int64_t e = B->rowptr[i]; e < B->rowptr[i + 1]; ++e) {
      matrix_widen(dtype, 1, (const char *)B->values + (size_t)e * speig_dtype_size(dtype), entry);
      row[i] = fmax(row[i], hypot(entry[0], entry[1]));
      col[B->colind[e]] = fmax(col[B->colind[e]], hypot(entry[0], entry[1]));
    }
  for (int64_t i = 0; i < I->n; ++i) {
    double sample = 2 * random_uniform(1, i, 0, 0) - 1;
    wide[2 * i] = sample * sqrt(row[i]);
    wide[2 * i + 1] = 0;
    before += sample * sample;
  }
  if (matrix_narrow(dtype, I->n, wide, I->host) >= 0)
    goto done; /* beyond the range: what follows will tell */
  TRY(factor_solve(I->F, 0, 1, I->n, I->host));
  matrix_widen(dtype, I->n, I->host, wide);
  for (int64_t i = 0; i < I->n; ++i)
    after += (wide[2 * i] * wide[2 * i] + wide[2 * i + 1] * wide[2 * i + 1]) * col[i];
  *singular = !(sqrt(after) * 100 * dtype_eps(dtype) <= sqrt(before));
done:
  mem_free(row);
  mem_free(col);
  mem_free(wide);
  return st;
}

/* A size to compare sigma and its distances with: |sigma|, or what eigenvalues may be like. */
static speig_status size_of_shift(const speig_matrix *A, const speig_matrix *B, const double *shift,
                                  double *size)
{
  speig_status st = SPEIG_OK;
  matrix_sizes a, b = { .norm_inf = 1 };
  TRY(matrix_get_sizes(A, &a));
  if (B)
    TRY(matrix_get_sizes(B, &b));
  *size = fmax(hypot(shift[0], shift[1]), b.norm_inf > 0 ? a.norm_inf / b.norm_inf : 1);
  *size = *size > 0 ? *size : 1;
done:
  return st;
}

/* Where A - s B is singular, or so nearly that all but the nearest eigenvalue would be lost in
 * rounding, s moves a little: the wanted eigenvalues are still those next to it. */
static speig_status factor_near(eigs_invert *I, const speig_matrix *A, const speig_matrix *B,
                                speig_dtype dtype)
{
  enum { MOVES = 5 };
  speig_status st = SPEIG_OK;
  const double wanted[2] = { I->shift[0], I->shift[1] };
  double size = 1, growth = 0, close = pow(dtype_eps(dtype), 0.75), step;
  int singular = 0, useless;
  if (I->transform == SPEIG_TRANSFORM_SHIFT)
    TRY(size_of_shift(A, B, wanted, &size));
  step = 16 * close * size;
  for (int move = 0;; ++move, step *= 32) {
    TRY(factor_at(I, A, B, dtype, &singular));
    if (!singular && I->transform == SPEIG_TRANSFORM_MASS)
      TRY(weigh_mass(I, dtype, &singular));
    if (singular && I->transform == SPEIG_TRANSFORM_MASS)
      FAIL(SPEIG_ERR_NUMERIC, "B is singular: some eigenvalues are infinite; with a shift (sigma) "
                              "the finite ones next to it can be found, by method dense all");
    if (!singular && I->transform == SPEIG_TRANSFORM_SHIFT)
      TRY(measure_growth(I, &growth));
    useless = singular || growth * size * close > 1;
    if (!useless || (move == MOVES && !singular))
      break;
    if (move == MOVES)
      FAIL(
          SPEIG_ERR_NUMERIC,
          "A - s B is singular at every s tried near %g%+gi: A and B have a common null vector, or "
          "A - s B is singular for every s",
          wanted[0], wanted[1]);
    I->shift[0] = wanted[0] - step;
  }
done:
  return st;
}

speig_status eigs_invert_open(backend *be, const speig_matrix *A, const speig_matrix *B,
                              eigs_invert *I)
{
  speig_status st = SPEIG_OK;
  speig_dtype dtype = I->part != 0 ? dtype_complex(be->ops->dtype) : be->ops->dtype;
  I->base.apply = apply;
  I->be = be;
  TRY(staging(I));
  if (I->given)
    goto done;
  TRY(factor_near(I, A, B, dtype));
  if (I->part == 0)
    TRY(consider_refinement(I));
done:
  return st;
}

speig_status eigs_invert_adjoint(const eigs_invert *I, bound_operator *A, bound_operator *B,
                                 eigs_invert *adjoint)
{
  speig_status st = SPEIG_OK;
  *adjoint = *I;
  adjoint->A = A;
  adjoint->B = B;
  adjoint->adjoint = 1;
  adjoint->pencil = NULL;
  adjoint->solves = 0;
  TRY(staging(adjoint));
done:
  return st;
}

void eigs_invert_close(eigs_invert *I)
{
  if (!I->adjoint)
    factor_destroy(&I->F);
  speig_matrix_destroy(&I->pencil);
  for (int i = 0; i < 3; ++i)
    mv_free(&I->work[i]);
  mem_free(I->host);
  mem_free(I->wide);
}
