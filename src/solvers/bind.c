/* bind.c: what every solver call does with the caller's operators and blocks before it starts.
 *
 * A problem is solved in units where its largest entry is near 1 whenever squares of it could leave
 * the range of the type: the operator is multiplied by a power of two, which is exact. */
#include "solvers/bind.h"

#include "backend/block_call.h"
#include "base/dtype.h"
#include "base/error.h"
#include "base/memory.h"
#include "formats/matrix.h"

#include <inttypes.h>
#include <math.h>

speig_status bind_check_square(const char *name, const speig_operator *op)
{
  speig_status st = SPEIG_OK;
  REQUIRE(op->rows == op->n,
          "%s is %" PRId64 " x %" PRId64 "; an eigenvalue problem needs a square one", name,
          op->rows, op->n);
done:
  return st;
}

speig_status bind_check_block(const char *name, const speig_block *X, const speig_operator *A)
{
  speig_status st = SPEIG_OK;
  if (!X)
    return st;
  REQUIRE(X->dtype == A->dtype, "%s has type %s, A has %s", name, speig_dtype_name(X->dtype),
          speig_dtype_name(A->dtype));
  REQUIRE(X->rows == A->n, "%s has %" PRId64 " rows, the order of A is %" PRId64, name, X->rows,
          A->n);
  REQUIRE(X->cols >= 0 && X->cols <= INT32_MAX && X->ld >= X->rows && (X->data || X->cols == 0),
          "%s has %" PRId64 " columns, leading dimension %" PRId64 " and data %s", name, X->cols,
          X->ld, X->data ? "present" : "NULL");
done:
  return st;
}

/* Finite entries, Hermitian by value unless declared so or assumed. norm and floor: an upper and a
 * lower bound of ||A||_2. */
static speig_status check_matrix(const char *name, const speig_matrix *A, speig_dtype dtype,
                                 int assume, double *norm, double *floor)
{
  /* Entries computed as a_ij and a_ji in different order differ by rounding. */
  const double rounding = 64 * dtype_eps(dtype);
  speig_status st = SPEIG_OK;
  matrix_sizes sizes;
  double defect;
  TRY(matrix_get_sizes(A, &sizes));
  if (sizes.nonfinite > 0)
    FAIL(SPEIG_ERR_NUMERIC,
         "%s holds %" PRId64 " entries that are NaN or Inf, the first at row %" PRId64
         ", column %" PRId64 "; every entry must be finite",
         name, sizes.nonfinite, sizes.bad_row + 1, sizes.bad_col + 1);
  defect = assume ? 0 : matrix_hermitian_defect(A);
  if (!(defect <= rounding * sizes.max_abs))
    FAIL(SPEIG_ERR_ARG,
         "%s is not Hermitian: max |a_ij - conj(a_ji)| is %g beside a largest entry of %g; at most "
         "%g is taken for rounding",
         name, defect, sizes.max_abs, rounding * sizes.max_abs);
  *norm = sizes.norm_inf;
  *floor = sizes.max_abs;
  if (isfinite(sizes.norm_fro) && speig_matrix_get_info(A).rows > 0)
    *floor = fmax(*floor, sizes.norm_fro / sqrt((double)speig_matrix_get_info(A).rows));
  if (isinf(*norm)) /* finite entries whose sum overflows: half the range is near enough for a scale
                     */
    *norm = dtype_max(dtype);
done:
  return st;
}

static speig_status check_operator(backend *be, const char *name, const speig_operator *op,
                                   int assume, double *norm, double *floor)
{
  speig_status st = SPEIG_OK;
  matrix_copy copy = { 0 };
  *norm = *floor = 0;
  if (op->kind == OPERATOR_MATRIX)
    TRY(check_matrix(name, op->matrix, op->dtype, assume, norm, floor));
  if (op->kind == OPERATOR_DEVICE_MATRIX && !op->csr.trusted && mv_has_own_memory(be)) {
    TRY(operator_fetch_matrix(be, op, &copy));
    TRY(check_matrix(name, copy.matrix, op->dtype, assume, norm, floor));
  }
done:
  operator_drop_copy(&copy);
  return st;
}

speig_status bind_check_adjoint(backend *be, const speig_operator *op)
{
  speig_status st = SPEIG_OK;
  double norm, floor;
  if (op->adjoint && !op->csr.trusted)
    TRY(check_operator(be, "the adjoint of A", op->adjoint, 1, &norm, &floor));
done:
  return st;
}

/* Nothing is known of its size but what products show. */
static int must_be_sampled(const speig_operator *op)
{
  return operator_is_opaque(op) || (op->kind == OPERATOR_DEVICE_MATRIX && op->csr.trusted);
}

/* A power of two that brings norm near 1, or 1 when squares and sums of it are safe anyway. */
static double choose_scale(speig_dtype dtype, double norm)
{
  double safe = dtype_is_single(dtype) ? 0x1p30 : 0x1p300;
  int exponent;
  if (!(norm > 0) || (norm < safe && norm > 1 / safe))
    return 1;
  (void)frexp(norm, &exponent);
  /* The factor and its inverse must both be normal numbers. */
  if (exponent < -1000)
    exponent = -1000;
  if (exponent > 1000)
    exponent = 1000;
  return ldexp(1, -exponent);
}

/* ||A x|| / ||x|| for a random x: all that can be known of the size of what has no entries to look
 * at. */
static speig_status sample_norm(backend *be, const char *name, const speig_operator *op,
                                uint64_t seed, double *norm)
{
  speig_status st = SPEIG_OK;
  bound_operator *bound = NULL;
  multivec x = { 0 }, y = { 0 };
  double length;
  TRY(operator_bind(be, op, 1, &bound));
  operator_call(bound, name);
  TRY(mv_alloc(be, op->n, 1, "sample", &x));
  TRY(mv_alloc(be, op->rows, 1, "sample", &y));
  TRY(mv_fill_random(seed, &x));
  TRY(operator_apply(bound, &x, &y));
  TRY(mv_norms(&x, &length));
  TRY(mv_norms(&y, norm));
  if (!isfinite(*norm))
    FAIL(SPEIG_ERR_NUMERIC, "a product of %s with a random vector holds NaN or Inf", name);
  *norm /= length;
done:
  mv_free(&x);
  mv_free(&y);
  operator_unbind(&bound);
  return st;
}

speig_status bind_scaled(backend *be, const char *name, const speig_operator *op,
                         int need_hermitian, uint64_t seed, double *scale, double *floor,
                         bound_operator **bound)
{
  speig_status st = SPEIG_OK;
  *scale = 1;
  *floor = 0;
  if (!op)
    return st;
  TRY(bind_check_square(name, op));
  TRY(bind_any_shape(be, name, op, need_hermitian, seed, scale, floor, bound));
done:
  return st;
}

speig_status bind_any_shape(backend *be, const char *name, const speig_operator *op,
                            int need_hermitian, uint64_t seed, double *scale, double *floor,
                            bound_operator **bound)
{
  speig_status st = SPEIG_OK;
  double norm;
  TRY(check_operator(be, name, op, !need_hermitian, &norm, floor));
  if (must_be_sampled(op)) {
    TRY(sample_norm(be, name, op, seed, &norm));
    *floor = norm;
  }
  *scale = choose_scale(op->dtype, norm);
  *floor *= *scale;
  TRY(operator_bind(be, op, *scale, bound));
  operator_call(*bound, name);
  if (must_be_sampled(op))
    (*bound)->products = 1; /* the sample */
done:
  return st;
}

speig_status bind_upload(backend *be, int64_t n, const char *what, const speig_block *X,
                         multivec *out)
{
  speig_status st = SPEIG_OK;
  double *norm = NULL;
  *out = (multivec){ .be = be, .n = n };
  if (!X || X->cols == 0)
    return st;
  TRY(mv_alloc(be, X->rows, (int32_t)X->cols, what, out));
  TRY(block_bring(what, X, out));
  TRY(MEM_ARRAY(out->p, "norms", &norm));
  TRY(mv_norms(out, norm));
  for (int32_t j = 0; j < out->p; ++j)
    if (!isfinite(norm[j])) {
      multivec bad = mv_columns(out, j, 1);
      int64_t row = 0;
      TRY(mv_find_nonfinite(&bad, &row));
      FAIL(SPEIG_ERR_NUMERIC, "%s holds NaN or Inf in row %" PRId64 ", column %d", what, row + 1,
           j + 1);
    }
done:
  mem_free(norm);
  return st;
}
