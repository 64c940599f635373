/* invert.c: shift-invert and its relatives: products, factorizations, counts.
 *
 * Solutions are checked once for each factorization against A - s B; where their backward error
 * stands above rounding, every solution gets a step of iterative refinement. A nearly singular
 * A - s B is no reason: its errors lie along the eigenvectors that are wanted.
 * Cost of a product: a solve with the factors, and a product with B. */
#include "solvers/invert.h"

#include "backend/expand.h"
#include "backend/traffic.h"
#include "base/dtype.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/random.h"
#include "formats/matrix.h"

#include <math.h>

/* The matrix as the solver sees it, or NULL when the operator is not one. */
static const speig_matrix *matrix_of(const bound_operator *bound)
{
  if (!bound || bound->op->kind != OPERATOR_MATRIX)
    return NULL;
  return bound->scaled ? bound->scaled : bound->op->matrix;
}

speig_status invert_open(const eig_problem *problem, int by_mass, bound_operator *given,
                         double given_scale, int32_t b, invert *I)
{
  speig_status st = SPEIG_OK;
  const double zero[2] = { 0, 0 }, at[2] = { problem->map.shifted ? problem->map.sigma : 0, 0 };
  *I = (invert){ .problem = problem,
                 .by_mass = by_mass,
                 .given = given,
                 .given_scale = given_scale,
                 .negative = -1,
                 .host_cols = b };
  TRY(mv_alloc(problem->be, problem->n, b, "transformed vectors", &I->work[0]));
  TRY(mv_alloc(problem->be, problem->n, b, "transformed vectors", &I->work[1]));
  if (given || (by_mass && !problem->B))
    goto done;
  I->A = matrix_of(problem->A);
  I->B = matrix_of(problem->B);
  if (!I->A || (problem->B && !I->B))
    FAIL(SPEIG_ERR_UNSUPPORTED,
         "a factorization needs %s as a matrix, not as a function; hand "
         "over the inverse as an operator instead",
         I->A ? "B" : "A");
  TRY(mem_alloc(problem->n * b, speig_dtype_size(problem->be->ops->dtype), "right-hand sides",
                &I->host));
  if (by_mass)
    TRY(factor_pencil(I->B, NULL, zero, I->problem->be->ops->dtype, &I->pencil));
  else
    TRY(factor_pencil(I->A, I->B, at, I->problem->be->ops->dtype, &I->pencil));
  I->pencil_shift = at[0];
  TRY(factor_analyse(I->pencil, FACTOR_HERMITIAN, &I->F));
  factor_set_threads(I->F, problem->be->threads);
done:
  return st;
}

void invert_close(invert *I)
{
  factor_destroy(&I->F);
  speig_matrix_destroy(&I->pencil);
  mem_free(I->host);
  mv_free(&I->work[0]);
  mv_free(&I->work[1]);
  mv_free(&I->Z);
  small_free(&I->C_inverse);
}

/* Y = F^-1 R, R and Y may be the same block. */
static speig_status solve(invert *I, const multivec *R, multivec *Y)
{
  speig_status st = SPEIG_OK;
  int64_t n = I->problem->n;
  I->solves += R->p;
  if (I->given) {
    double factors = I->given_scale;
    TRY(operator_apply(I->given, R, Y));
    for (int32_t j = 0; j < Y->p && factors != 1; ++j) {
      multivec y = mv_columns(Y, j, 1);
      TRY(mv_scale(&factors, &y));
    }
    goto done;
  }
  traffic_factors(I->problem->be, factor_get_info(I->F).entries, R->p);
  if (mv_plain(R) && mv_plain(Y)) {
    TRY(factor_solve_to(I->F, 0, R->p, R->ld, mv_plain(R), Y->ld, mv_plain(Y)));
    goto done;
  }
  TRY(mv_download(R, I->host, n));
  TRY(factor_solve(I->F, 0, R->p, n, I->host));
  TRY(mv_upload(I->host, n, Y));
done:
  return st;
}

/* R = R - (A - s B) Y, or R - B Y; work: one more block. */
static speig_status subtract_product(invert *I, const multivec *Y, multivec *R, multivec *work)
{
  speig_status st = SPEIG_OK;
  const eig_problem *problem = I->problem;
  multivec product = mv_columns(work, 0, Y->p);
  double minus = -1;
  TRY(operator_apply(I->by_mass ? problem->B : problem->A, Y, &product));
  for (int32_t j = 0; j < Y->p; ++j) {
    multivec r = mv_columns(R, j, 1), p = mv_columns(&product, j, 1), y = mv_columns(Y, j, 1);
    TRY(mv_axpy(&minus, &p, &r));
    if (!I->by_mass && !problem->B)
      TRY(mv_axpy(&I->shift, &y, &r));
  }
  if (I->by_mass || !problem->B)
    goto done;
  TRY(operator_apply(problem->B, Y, &product));
  for (int32_t j = 0; j < Y->p; ++j) {
    multivec r = mv_columns(R, j, 1), p = mv_columns(&product, j, 1);
    TRY(mv_axpy(&I->shift, &p, &r));
  }
done:
  return st;
}

/* One random right-hand side: is the backward error ||r|| / (||F|| ||x|| + ||b||) of rounding size?
 */
static speig_status consider_refinement(invert *I)
{
  speig_status st = SPEIG_OK;
  const eig_problem *problem = I->problem;
  double eps = dtype_eps(problem->be->ops->dtype), x_norm, b_norm, r_norm, size = 0;
  multivec x = { 0 }, b = mv_columns(&I->work[0], 0, 1);
  matrix_sizes sizes;
  I->refine = 0;
  if (I->given)
    return st;
  TRY(mv_alloc(problem->be, problem->n, 1, "test solution", &x));
  TRY(matrix_get_sizes(I->pencil, &sizes));
  size = sizes.norm_inf;
  TRY(mv_fill_random(problem->seed, &b));
  TRY(mv_norms(&b, &b_norm));
  TRY(solve(I, &b, &x));
  TRY(mv_norms(&x, &x_norm));
  if (!isfinite(x_norm))
    FAIL(SPEIG_ERR_NUMERIC, "the factorization at %g gives a solution with NaN or Inf", I->shift);
  TRY(subtract_product(I, &x, &b, &I->work[1]));
  TRY(mv_norms(&b, &r_norm));
  I->refine = r_norm > 8 * eps * (size * x_norm + b_norm);
done:
  mv_free(&x);
  return st;
}

/* Z, C and its inverse for constraints that need not be eigenvectors. */
static speig_status border(invert *I)
{
  speig_status st = SPEIG_OK;
  const eig_problem *problem = I->problem;
  const multivec *Y_b = &problem->constraints_b;
  int32_t y = problem->constraints.p;
  small C = { 0 }, V = { 0 };
  double *lambda = NULL;
  I->C_negative = 0;
  if (y == 0 || I->by_mass)
    return st;
  if (!I->Z.data)
    TRY(mv_alloc(problem->be, problem->n, y, "constraints solved for", &I->Z));
  if (!I->C_inverse.data)
    TRY(small_alloc(y, y, mv_is_complex(problem->be), &I->C_inverse));
  TRY(small_alloc(y, y, mv_is_complex(problem->be), &C));
  TRY(small_alloc(y, y, mv_is_complex(problem->be), &V));
  TRY(MEM_ARRAY(y, "constraints", &lambda));
  for (int32_t j = 0; j < y; ++j) {
    multivec from = mv_columns(Y_b, j, 1), to = mv_columns(&I->Z, j, 1);
    TRY(solve(I, &from, &to));
  }
  TRY(mv_gram(Y_b, &I->Z, &C));
  small_make_hermitian(&C);
  TRY(small_eigh(&C, lambda));
  small_copy(&C, &V);
  for (int32_t j = 0; j < y; ++j) {
    if (lambda[j] == 0)
      FAIL(SPEIG_ERR_NUMERIC, "the problem within the complement of deflate is singular at %g",
           I->shift);
    I->C_negative += lambda[j] < 0;
    lambda[j] = 1 / lambda[j];
  }
  small_scale_cols(&V, lambda);
  small_mul(1, &V, 0, &C, 1, 0, &I->C_inverse);
done:
  small_free(&C);
  small_free(&V);
  mem_free(lambda);
  return st;
}

static speig_status refactor(invert *I, double shift, int *singular)
{
  speig_status st = SPEIG_OK;
  const double at[2] = { shift, 0 };
  *singular = 0;
  if (!I->by_mass && shift != I->pencil_shift) {
    speig_matrix_destroy(&I->pencil);
    TRY(factor_pencil(I->A, I->B, at, I->problem->be->ops->dtype, &I->pencil));
    I->pencil_shift = shift;
  }
  TRY(factor_compute(I->F, I->pencil, singular));
  ++I->factorizations;
done:
  return st;
}

/* Is B singular to working precision? A random vector through its inverse tells, B being scaled to
 * a unit diagonal, so that masses of very different size do no harm. */
static speig_status weigh_mass(invert *I, int *singular)
{
  speig_status st = SPEIG_OK;
  speig_dtype dtype = I->problem->be->ops->dtype;
  const speig_matrix *B = I->pencil;
  int64_t n = I->problem->n;
  double *root = NULL, *row = NULL, *wide = NULL, before = 0, after = 0;
  TRY(MEM_ARRAY(n, "scale of B", &root));
  TRY(MEM_ARRAY(2 * n, "sample", &wide));
  TRY(MEM_ARRAY(2, "entry of B", &row));
  for (int64_t i = 0; i < n; ++i) {
    int64_t e = B->rowptr[i];
    while (B->colind[e] != i) /* every diagonal entry is stored */
      ++e;
    matrix_widen(dtype, 1, (const char *)B->values + (size_t)e * speig_dtype_size(dtype), row);
    root[i] = sqrt(fabs(row[0]));
    wide[2 * i] = (2 * random_uniform(I->problem->seed, i, 0, 0) - 1) * root[i];
    wide[2 * i + 1] = 0;
    before += root[i] > 0 ? wide[2 * i] * wide[2 * i] / (root[i] * root[i]) : 0;
  }
  if (matrix_narrow(dtype, n, wide, I->host) >= 0)
    goto done; /* beyond the range: what follows will tell */
  TRY(factor_solve(I->F, 0, 1, n, I->host));
  matrix_widen(dtype, n, I->host, wide);
  for (int64_t i = 0; i < n; ++i)
    after += (wide[2 * i] * wide[2 * i] + wide[2 * i + 1] * wide[2 * i + 1]) * root[i] * root[i];
  *singular = !(sqrt(after) * 100 * dtype_eps(dtype) <= sqrt(before));
done:
  mem_free(root);
  mem_free(wide);
  mem_free(row);
  return st;
}

speig_status invert_at(invert *I, double shift, int *singular)
{
  speig_status st = SPEIG_OK;
  int same = I->at_shift && I->shift == shift;
  *singular = 0;
  if (same)
    return st;
  I->shift = shift;
  I->at_shift = 1;
  if (!I->F)
    goto border;
  if (!(I->by_mass && I->factorizations > 0)) /* B does not change */
    TRY(refactor(I, shift, singular));
  if (I->by_mass && I->F && !*singular && I->factorizations == 1)
    TRY(weigh_mass(I, singular));
  if (*singular) {
    I->at_shift = 0;
    goto done;
  }
  TRY(consider_refinement(I));
border:
  TRY(border(I));
  if (I->F && !I->by_mass)
    I->negative = factor_negative(I->F) - I->C_negative;
done:
  return st;
}

speig_status invert_count(invert *I, double point, double tolerance, int64_t *negative,
                          int *singular)
{
  speig_status st = SPEIG_OK;
  double shift = I->shift;
  I->at_shift = 0;
  /* Within constraints the count comes from solutions as well. */
  factor_set_tolerance(I->F, I->problem->constraints.p == 0 ? tolerance : 0);
  TRY(refactor(I, point, singular));
  if (*singular)
    goto done;
  I->shift = point;
  TRY(border(I));
  *negative = factor_negative(I->F) - I->C_negative;
done:
  factor_set_tolerance(I->F, 0);
  I->shift = shift;
  return st;
}

/* (A - c B) X, c mostly 0. */
static speig_status forward(invert *I, const multivec *X, const multivec *BX, multivec *Y)
{
  speig_status st = SPEIG_OK;
  double minus = -I->shift;
  TRY(operator_apply(I->problem->A, X, Y));
  for (int32_t j = 0; j < X->p && I->shift != 0; ++j) {
    multivec y = mv_columns(Y, j, 1), bx = mv_columns(BX, j, 1);
    TRY(mv_axpy(&minus, &bx, &y));
  }
done:
  return st;
}

speig_status invert_apply(invert *I, const multivec *X, const multivec *BX, multivec *Y)
{
  speig_status st = SPEIG_OK;
  multivec right = mv_columns(&I->work[0], 0, X->p), more = mv_columns(&I->work[1], 0, X->p);
  double one = 1;
  if (I->by_mass) {
    TRY(forward(I, X, BX, &right));
    if (!I->problem->B) {
      TRY(mv_copy(&right, Y));
      goto done;
    }
  } else if (I->refine) {
    TRY(mv_copy(BX, &right));
  } else {
    right = *BX;
  }
  TRY(solve(I, &right, Y));
  if (I->refine) {
    TRY(subtract_product(I, Y, &right, &more));
    TRY(solve(I, &right, &more));
    for (int32_t j = 0; j < X->p; ++j) {
      multivec y = mv_columns(Y, j, 1), m = mv_columns(&more, j, 1);
      TRY(mv_axpy(&one, &m, &y));
    }
  }
  if (I->Z.data) {
    small h = { 0 }, c = { 0 };
    st = small_alloc(I->Z.p, X->p, mv_is_complex(X->be), &h);
    if (st == SPEIG_OK)
      st = small_alloc(I->Z.p, X->p, mv_is_complex(X->be), &c);
    if (st == SPEIG_OK)
      st = mv_gram(&I->problem->constraints_b, Y, &h);
    if (st == SPEIG_OK) {
      small_mul(1, &I->C_inverse, 0, &h, 0, 0, &c);
      st = mv_mul(-1, &I->Z, &c, 1, Y);
    }
    small_free(&h);
    small_free(&c);
    TRY(st);
  }
done:
  return st;
}

speig_status invert_estimate_norm(const eig_problem *problem, bound_operator *op, double *norm)
{
  enum { STEPS = 8 };
  speig_status st = SPEIG_OK;
  multivec x = { 0 }, y = { 0 };
  double length;
  TRY(mv_alloc(problem->be, problem->n, 1, "norm estimate", &x));
  TRY(mv_alloc(problem->be, problem->n, 1, "norm estimate", &y));
  TRY(mv_fill_random(problem->seed, &x));
  TRY(mv_norms(&x, &length));
  for (int step = 0; step < STEPS && length > 0; ++step) {
    length = 1 / length;
    TRY(mv_scale(&length, &x));
    TRY(operator_apply(op, &x, &y));
    TRY(mv_norms(&y, &length));
    if (!isfinite(length))
      FAIL(SPEIG_ERR_NUMERIC, "a product is not finite");
    *norm = fmax(*norm, length);
    TRY(mv_copy(&y, &x));
  }
done:
  mv_free(&x);
  mv_free(&y);
  return st;
}

double invert_theta(const invert *I, double nu)
{
  return I->by_mass ? I->shift + nu : I->shift + 1 / nu;
}

double invert_key(const invert *I, double nu)
{
  const eig_map *map = &I->problem->map;
  double distance = nu != 0 ? fabs(invert_theta(I, nu) - map->sigma) : INFINITY;
  if (I->by_mass || !map->shifted || distance <= map->noise)
    return eig_mapped(map, invert_theta(I, nu));
  /* 1 / (theta - sigma) without going through theta, which is infinite at nu = 0 */
  return map->offset + map->slope * nu / (1 + (I->shift - map->sigma) * nu);
}

double invert_residual(const invert *I, double norm_b, double nu, double e)
{
  return I->by_mass ? e * sqrt(norm_b) : e * sqrt(norm_b) / (nu * nu);
}
