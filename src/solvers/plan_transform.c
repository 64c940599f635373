/* plan_transform.c: when a spectral transformation is the way, and which one. */
#include "base/dtype.h"
#include "base/error.h"
#include "factor/factor.h"
#include "solvers/run.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

speig_status plan_check_shift(const speig_eigsh_opts *o, const speig_operator *B)
{
  speig_status st = SPEIG_OK;
  REQUIRE((unsigned)o->mode <= SPEIG_MODE_CAYLEY, "mode is %d, none of normal, buckling, cayley",
          (int)o->mode);
  if (!o->has_sigma) {
    REQUIRE(o->mode == SPEIG_MODE_NORMAL, "mode %s needs a shift (sigma)",
            speig_mode_name(o->mode));
    REQUIRE(!o->op_inverse, "an inverse of A - sigma B is given, but no sigma");
    REQUIRE(!o->mass_inverse || B, "an inverse of B is given, but no B");
    goto done;
  }
  REQUIRE(isfinite(o->sigma), "sigma is %g, a finite number is needed", o->sigma);
  REQUIRE(!o->mass_inverse, "with sigma the inverse of A - sigma B is needed, not that of B");
  REQUIRE(o->mode == SPEIG_MODE_NORMAL || o->sigma != 0,
          "sigma is 0, at which mode %s maps every eigenvalue to the same number; choose another",
          speig_mode_name(o->mode));
  REQUIRE(o->mode != SPEIG_MODE_BUCKLING || B, "mode buckling needs B");
done:
  return st;
}

eig_map plan_map(const speig_eigsh_opts *o, double sigma)
{
  eig_map map = { .shifted = o->has_sigma, .sigma = sigma, .slope = 1 };
  if (o->mode == SPEIG_MODE_CAYLEY) { /* (theta + sigma) / (theta - sigma) */
    map.offset = 1;
    map.slope = 2 * sigma;
  }
  if (o->mode == SPEIG_MODE_BUCKLING) /* lambda / (lambda - 1 / sigma), theta = 1 / lambda */
    map.slope = -sigma;
  return map;
}

static int is_matrix(const speig_operator *op)
{
  return op->kind == OPERATOR_MATRIX;
}

/* The farthest from a shift are the ends of the spectrum: no factors of A - sigma B. */
static int wants_ends(const speig_eigsh_opts *o)
{
  return o->has_sigma && o->which == SPEIG_SM && o->mode != SPEIG_MODE_CAYLEY;
}

static speig_transform suitable(const speig_operator *B, const speig_eigsh_opts *o)
{
  if (wants_ends(o))
    return SPEIG_TRANSFORM_MASS;
  if (o->has_sigma || o->which == SPEIG_SM || o->which == SPEIG_SA)
    return SPEIG_TRANSFORM_SHIFT;
  return B ? SPEIG_TRANSFORM_MASS : SPEIG_TRANSFORM_NONE;
}

static speig_status refuse_shift(const speig_operator *A, const speig_operator *B)
{
  speig_status st = SPEIG_OK;
  char missing[700];
  if (!is_matrix(A) || (B && !is_matrix(B)))
    FAIL(SPEIG_ERR_UNSUPPORTED,
         "sigma needs a factorization, and %s is a function, not a matrix; hand over the inverse "
         "of A - sigma B as an operator",
         is_matrix(A) ? "B" : "A");
  TRY(factor_available());
  FAIL(SPEIG_ERR_INTERNAL, "a factorization is available and was not used");
done:
  (void)snprintf(missing, sizeof missing, "%s", speig_last_error());
  if (st == SPEIG_ERR_UNSUPPORTED && is_matrix(A) && (!B || is_matrix(B)))
    st = error_raise(st, __FILE__, __LINE__, __func__,
                     "at order %" PRId64 " sigma needs a factorization: %s", A->n, missing);
  return st;
}

/* Nobody asks for a method, and LAPACK is at hand for a problem of this size. */
static int left_to_dense(const speig_operator *A, const speig_eigsh_opts *o, int32_t k,
                         int dense_fits)
{
  int few = A->n <= (is_matrix(A) ? PLAN_DENSE_ALWAYS : PLAN_DENSE_ALWAYS_CALLBACK);
  return o->method == SPEIG_METHOD_AUTO && dense_fits && (few || (double)k > 0.2 * (double)A->n);
}

static const char *reason_for(const speig_eigsh_opts *o, speig_transform transform)
{
  if (o->has_sigma)
    return transform == SPEIG_TRANSFORM_SHIFT
               ? "eigenvalues near a shift: A - sigma B is factored once"
               : "farthest from the shift: the ends of the spectrum, without shift-invert";
  if (transform == SPEIG_TRANSFORM_MASS)
    return "a generalized problem: B is factored, and B^-1 A has its eigenvalues";
  return o->which == SPEIG_SM
             ? "smallest magnitudes by shift-invert at 0, moved a little where A is singular"
             : "smallest ones by shift-invert at 0, if none lies below (else by products)";
}

speig_status plan_transform(const speig_operator *A, const speig_operator *B,
                            const speig_eigsh_opts *o, speig_eigsh_plan *plan, const char **why)
{
  speig_status st = SPEIG_OK;
  int dense_fits = isfinite(plan_dense_seconds(A, B, o));
  int matrices = is_matrix(A) && (!B || is_matrix(B)), possible;
  speig_transform transform = suitable(B, o);
  plan->transform = SPEIG_TRANSFORM_NONE;
  if (o->op_inverse || o->mass_inverse) {
    if (o->method != SPEIG_METHOD_AUTO && o->method != SPEIG_LANCZOS)
      FAIL(SPEIG_ERR_UNSUPPORTED,
           "an inverse is an option of method lanczos; the method here is "
           "%s",
           speig_method_name(o->method));
    plan->transform = o->op_inverse ? SPEIG_TRANSFORM_SHIFT : SPEIG_TRANSFORM_MASS;
    *why = "the caller's inverse is used";
    goto done;
  }
  if (o->method == SPEIG_LOBPCG && o->has_sigma)
    FAIL(SPEIG_ERR_UNSUPPORTED, "method lobpcg has no shift; use lanczos or dense");
  if (o->method == SPEIG_DENSE || o->method == SPEIG_LOBPCG || o->precond ||
      transform == SPEIG_TRANSFORM_NONE || left_to_dense(A, o, plan->k, dense_fits) ||
      (o->method == SPEIG_LANCZOS && !o->has_sigma && !B && o->which == SPEIG_SA))
    goto done;
  if (!o->has_sigma && !B && o->which == SPEIG_SA)
    goto done; /* iterated first; see strategy.c */
  possible = (wants_ends(o) && !B) || (matrices && factor_available() == SPEIG_OK);
  if (!possible && o->has_sigma && !(dense_fits && o->method == SPEIG_METHOD_AUTO))
    TRY(refuse_shift(A, B));
  if (possible && !o->has_sigma && o->method == SPEIG_METHOD_AUTO && o->memory)
    possible = plan_transform_bytes(A, B, plan->k, plan_transform_basis(o, A->n, plan->k), 0) <
               (double)o->memory;
  if (possible) {
    plan->transform = transform;
    *why = reason_for(o, transform);
  }
done:
  return st;
}

int32_t plan_transform_basis(const speig_eigsh_opts *o, int64_t n, int32_t k)
{
  int64_t ncv = o->ncv ? o->ncv : 2 * (int64_t)k + 32;
  return (int32_t)(ncv < n ? ncv : n);
}

double plan_transform_bytes(const speig_operator *A, const speig_operator *B, int32_t k,
                            int32_t ncv, int64_t y)
{
  double scalar = (double)speig_dtype_size(A->dtype);
  double entries = A->kind == OPERATOR_MATRIX ? (double)speig_matrix_get_info(A->matrix).nnz : 0;
  double basis = (ncv + 4.0) * (B ? 2 : 1), pairs = 6.0 * (k + 16) + 4.0 * (double)y + 24;
  /* A - s B, its list of entries for the factorization */
  return scalar * (double)A->n * (basis + pairs) + entries * (2 * scalar + 16);
}

speig_status plan_weigh_factor(const speig_operator *A, const speig_operator *B,
                               const speig_eigsh_opts *o, speig_eigsh_plan *plan)
{
  speig_status st = SPEIG_OK;
  const double zero[2] = { 0, 0 }, shift[2] = { o->has_sigma ? o->sigma : 0, 0 };
  factor_info info;
  size_t used = strlen(plan->why);
  int by_mass = plan->transform == SPEIG_TRANSFORM_MASS;
  if (plan->transform == SPEIG_TRANSFORM_NONE || !is_matrix(A) || (by_mass && !B))
    return st;
  if (by_mass)
    TRY(factor_weigh(B->matrix, NULL, zero, B->dtype, FACTOR_HERMITIAN, &info));
  else
    TRY(factor_weigh(A->matrix, B ? B->matrix : NULL, shift, A->dtype, FACTOR_HERMITIAN, &info));
  plan->factor_bytes = info.bytes;
  plan->factor_flops = info.flops;
  plan->memory_bytes += info.bytes;
  (void)snprintf(plan->why + used, sizeof plan->why - used,
                 "; factors by %s with %s: %.3g numbers, %.3g MB, %.3g operations", info.provider,
                 info.ordering, info.entries, (double)info.bytes / 1e6, info.flops);
done:
  return st;
}

int plan_may_turn_to_shift(const speig_operator *A, const speig_operator *B,
                           const speig_eigsh_opts *o, const speig_eigsh_plan *plan)
{
  return o->method == SPEIG_METHOD_AUTO && plan->transform == SPEIG_TRANSFORM_NONE &&
         plan->method == SPEIG_LANCZOS && (o->which == SPEIG_SA || o->which == SPEIG_BE) && !B &&
         is_matrix(A) && !o->ncv && factor_available() == SPEIG_OK;
}

int plan_turn_is_worth(double needed, double spent)
{
  const double WORTH = 30, ALWAYS = 2e9;
  return needed <= ALWAYS || needed <= WORTH * spent;
}

void plan_weigh_turn(const speig_operator *A, const speig_operator *B, const speig_eigsh_opts *o,
                     speig_eigsh_plan *plan)
{
  const double zero[2] = { 0, 0 };
  const double spent = (PLAN_PATIENT_CYCLES + 1.0) * plan->ncv * plan->flops_per_step;
  factor_info info;
  double bytes;
  /* What cannot be weighed is not turned to. */
  if (!plan_may_turn_to_shift(A, B, o, plan) ||
      factor_weigh(A->matrix, NULL, zero, A->dtype, FACTOR_HERMITIAN, &info) != SPEIG_OK ||
      !plan_turn_is_worth(info.flops, spent))
    return;
  bytes = plan_transform_bytes(A, B, plan->k, plan_transform_basis(o, A->n, plan->k), 0) +
          (double)info.bytes;
  /* Within a budget that has no room for it, it is not done. */
  if (bytes > (double)plan->memory_bytes && !(o->memory && bytes > (double)o->memory))
    plan->memory_bytes = (size_t)bytes;
}

const char *speig_mode_name(speig_mode mode)
{
  static const char *const name[] = { "normal", "buckling", "cayley" };
  return (unsigned)mode < 3 ? name[mode] : "?";
}
