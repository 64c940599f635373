/* plan_eigs.c: which method for a general problem, how large a basis, how much memory: decided by
 * counts and sizes alone, so that the same call makes the same choice everywhere. */
#include "solvers/bind.h"
#include "solvers/plan_place.h"
#include "solvers/resume.h"
#include "solvers/run_eigs.h"

#include "base/dtype.h"
#include "base/error.h"
#include "factor/factor.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum {
  DENSE_ALWAYS = 300, /* order up to which LAPACK is at once quick and certain */
  DENSE_ALWAYS_CALLBACK = 100, /* the same when every column costs a call */
  DENSE_LARGE_PART = 2000, /* up to here when a large part of the spectrum is wanted */
  DENSE_GENERALIZED = 2000,
  DENSE_LIMIT = 3000 /* order beyond which a dense matrix is not considered by itself */
};

void speig_eigs_opts_init(speig_eigs_opts *opts)
{
  *opts = (speig_eigs_opts)SPEIG_EIGS_OPTS_INIT;
}

speig_status eigs_plan_options(const speig_eigs_opts *given, speig_eigs_opts *opts)
{
  speig_status st = SPEIG_OK;
  speig_eigs_opts_init(opts);
  if (!given)
    return st;
  REQUIRE(given->size >= sizeof given->size && given->size <= sizeof *opts,
          "the options have size %zu, at most %zu needed: start from SPEIG_EIGS_OPTS_INIT",
          given->size, sizeof *opts);
  memcpy(opts, given, given->size);
  opts->size = sizeof *opts;
  REQUIRE(opts->k >= 1, "k is %d, at least 1 needed", opts->k);
  REQUIRE((unsigned)opts->which <= SPEIG_EIGS_SI, "which is %d, none of LM, SM, LR, SR, LI, SI",
          (int)opts->which);
  REQUIRE(opts->method == SPEIG_METHOD_AUTO || opts->method == SPEIG_DENSE ||
              opts->method == SPEIG_KRYLOV_SCHUR,
          "method is %d (%s), none of those for general problems", (int)opts->method,
          speig_method_name(opts->method));
  REQUIRE((unsigned)opts->certify <= SPEIG_CERTIFY_NEVER, "certify is %d, none of those known",
          (int)opts->certify);
  REQUIRE((unsigned)opts->balance <= SPEIG_BALANCE_NEVER, "balance is %d, none of those known",
          (int)opts->balance);
  REQUIRE(opts->tol >= 0 && opts->tol < 1, "tol is %g, 0 <= tol < 1 needed", opts->tol);
  REQUIRE(opts->ncv == 0 || opts->ncv >= (int64_t)opts->k + 2,
          "ncv is %d, at least k + 2 = %" PRId64 " needed", opts->ncv, (int64_t)opts->k + 2);
  REQUIRE(opts->max_matvecs >= 0, "max_matvecs is %" PRId64 ", at least 0 needed",
          opts->max_matvecs);
  REQUIRE(opts->time_limit >= 0, "time_limit is %g seconds, at least 0 needed", opts->time_limit);
  REQUIRE(opts->threads >= 0, "threads is %d, at least 0 needed", opts->threads);
  REQUIRE((unsigned)opts->part <= SPEIG_PART_IMAGINARY, "part is %d, none of those known",
          (int)opts->part);
  REQUIRE(!opts->has_sigma || (isfinite(opts->sigma[0]) && isfinite(opts->sigma[1])),
          "sigma is %g%+gi, finite numbers are needed", opts->sigma[0], opts->sigma[1]);
  REQUIRE(opts->has_sigma || !opts->op_inverse, "an inverse of A - sigma B is given, but no sigma");
  REQUIRE(!opts->has_sigma || !opts->mass_inverse,
          "with sigma the inverse of A - sigma B is needed, not that of B");
  TRY(resume_check(opts->checkpoint, opts->resume, opts->method, opts->guess));
done:
  return st;
}

static double stored_entries(const speig_operator *A)
{
  if (A->kind == OPERATOR_MATRIX)
    return (double)speig_matrix_get_info(A->matrix).nnz;
  return 10.0 * (double)A->n;
}

/* Bytes of the dense solver: A and all vectors in double precision, the same for B and for left
 * vectors, and LAPACK's work space. */
static double dense_bytes(const speig_operator *A, const speig_operator *B,
                          const speig_eigs_opts *o)
{
  double scalar = dtype_is_complex(A->dtype) ? 16 : 8, n = (double)A->n;
  double squares = 2.0 + (B ? 1 : 0) + (o->left ? 1 : 0);
  return scalar * n * (squares * n + 4.0 * o->k + 150) + 128 * n;
}

int eigs_plan_dense_fits(const speig_operator *A, const speig_operator *B, const speig_eigs_opts *o)
{
  return A->n <= DENSE_LIMIT && !(o->memory && dense_bytes(A, B, o) > (double)o->memory);
}

static int32_t choose_ncv(const speig_eigs_opts *o, int64_t n, int32_t k)
{
  int64_t ncv = 2 * (int64_t)k + 20;
  if (ncv < 40)
    ncv = 40;
  if (o->ncv)
    ncv = o->ncv;
  return (int32_t)(ncv < n ? ncv : n);
}

/* The basis, the answer and its products, right and left; the adjoint matrix; the projected
 * problem. */
static double krylov_bytes(const speig_operator *A, const speig_eigs_opts *o, int32_t k,
                           int32_t ncv)
{
  double scalar = (double)speig_dtype_size(A->dtype), n = (double)A->n, m = ncv;
  double wide = dtype_is_complex(A->dtype) ? 16 : 8, copies = o->left ? 10 : 5;
  double adjoint =
      o->left && A->kind == OPERATOR_MATRIX ? (scalar + 4) * stored_entries(A) + 8 * n : 0;
  double more = o->left ? 3 * 4 : 0; /* left vectors may be sought among four more */
  return 0x1p20 + scalar * n * (m + 2 + copies * (k + 1.0) + more) + 64 * n + adjoint +
         wide * m * (5 * m + 200);
}

static speig_status refuse_what_no_method_honours(const speig_operator *A, const speig_operator *B,
                                                  const speig_eigs_opts *o, speig_method method)
{
  speig_status st = SPEIG_OK;
  REQUIRE(!o->mass_inverse || B, "an inverse of B is given, but no B");
  if (method == SPEIG_DENSE && (o->op_inverse || o->mass_inverse))
    FAIL(SPEIG_ERR_UNSUPPORTED,
         "an inverse is an option of method krylov-schur; the method here is %s",
         speig_method_name(method));
  if (o->left && (o->op_inverse || o->mass_inverse))
    FAIL(SPEIG_ERR_UNSUPPORTED,
         "left eigenvectors need the adjoint of the inverse, which an inverse "
         "handed over as an operator does not give");
  if (method == SPEIG_DENSE && o->ncv)
    FAIL(SPEIG_ERR_UNSUPPORTED,
         "ncv = %d is an option of method krylov-schur; the method here is %s", o->ncv,
         speig_method_name(method));
  if (method == SPEIG_KRYLOV_SCHUR && o->balance == SPEIG_BALANCE_ALWAYS)
    FAIL(SPEIG_ERR_UNSUPPORTED, "balancing is done by method dense only; the method here is %s",
         speig_method_name(method));
  if (method == SPEIG_KRYLOV_SCHUR && o->left && A->kind != OPERATOR_MATRIX && !o->adjoint)
    FAIL(SPEIG_ERR_UNSUPPORTED, "left eigenvectors of an operator that is not a matrix need its "
                                "adjoint (opts.adjoint), which is NULL");
done:
  return st;
}

static int is_matrix(const speig_operator *op)
{
  return !op || op->kind == OPERATOR_MATRIX;
}

int eigs_plan_part(const speig_operator *A, const speig_eigs_opts *o)
{
  if (!o->has_sigma || o->sigma[1] == 0 || dtype_is_complex(A->dtype))
    return 0;
  return o->part == SPEIG_PART_IMAGINARY ? 2 : 1;
}

/* What the iteration needs: a shift that was asked for; the inverse of B; and for the smallest
 * magnitudes, which lie inside the spectrum, a shift at 0 where factors can be had. */
static speig_status choose_transform(const speig_operator *A, const speig_operator *B,
                                     const speig_eigs_opts *o, speig_eigs_plan *plan)
{
  speig_status st = SPEIG_OK;
  int given = o->op_inverse || o->mass_inverse, matrices = is_matrix(A) && is_matrix(B);
  plan->transform = SPEIG_TRANSFORM_NONE;
  if (o->has_sigma)
    plan->transform = SPEIG_TRANSFORM_SHIFT;
  else if (o->mass_inverse)
    plan->transform = SPEIG_TRANSFORM_MASS;
  else if (o->which == SPEIG_EIGS_SM && matrices && factor_available() == SPEIG_OK)
    plan->transform = SPEIG_TRANSFORM_SHIFT;
  else if (B)
    plan->transform = SPEIG_TRANSFORM_MASS;
  if (plan->method == SPEIG_DENSE || plan->transform == SPEIG_TRANSFORM_NONE || given)
    goto done;
  if (!matrices)
    FAIL(
        SPEIG_ERR_UNSUPPORTED,
        "%s needs a factorization, and %s is a function, not a matrix; hand over the inverse as an "
        "operator",
        o->has_sigma ? "sigma" : "B", is_matrix(A) ? "B" : "A");
  TRY(factor_available());
done:
  return st;
}

static speig_method choose_method(const speig_operator *A, const speig_operator *B,
                                  const speig_eigs_opts *o, int32_t k, const char **why)
{
  int64_t always = A->kind == OPERATOR_MATRIX ? DENSE_ALWAYS : DENSE_ALWAYS_CALLBACK;
  int fits = eigs_plan_dense_fits(A, B, o);
  if (o->method != SPEIG_METHOD_AUTO) {
    *why = "asked for";
    return o->method;
  }
  if (o->op_inverse || o->mass_inverse) {
    *why = "an inverse was given, and krylov-schur uses it";
    return SPEIG_KRYLOV_SCHUR;
  }
  if (o->balance == SPEIG_BALANCE_ALWAYS) {
    *why = "balancing was asked for, and dense does it";
    return SPEIG_DENSE;
  }
  if (o->ncv) {
    *why = "a basis size was given, and krylov-schur uses it";
    return SPEIG_KRYLOV_SCHUR;
  }
  if (fits && A->n <= always) {
    *why = "small: LAPACK computes the whole spectrum at once";
    return SPEIG_DENSE;
  }
  if (fits && A->n <= DENSE_LARGE_PART && (double)k > 0.15 * (double)A->n) {
    *why = "a large part of the spectrum is wanted: LAPACK is cheaper than a subspace";
    return SPEIG_DENSE;
  }
  if (k + 2 > A->n) {
    *why = "nearly the whole spectrum is wanted, which only LAPACK gives";
    return SPEIG_DENSE;
  }
  if ((B || o->has_sigma) && fits && A->n <= DENSE_GENERALIZED &&
      (!is_matrix(A) || !is_matrix(B) || factor_available() != SPEIG_OK)) {
    *why = "no factorization at hand, and of moderate order: LAPACK";
    return SPEIG_DENSE;
  }
  if (o->has_sigma)
    *why = "eigenvalues near a shift: A - sigma B is factored, and Krylov-Schur iterates with that";
  else if (o->which == SPEIG_EIGS_SM && is_matrix(A) && is_matrix(B) &&
           factor_available() == SPEIG_OK)
    *why = "smallest magnitudes: A is factored, and Krylov-Schur iterates with its inverse";
  else if (B)
    *why = "large and generalized: B is factored, and Krylov-Schur iterates with B^-1 A";
  else
    *why = "large and standard: Krylov-Schur needs products only";
  return SPEIG_KRYLOV_SCHUR;
}

/* Of the type that is factored: complex where the shift is. */
static speig_dtype factored_type(const speig_operator *A, const speig_eigs_opts *o)
{
  return o->has_sigma && o->sigma[1] != 0 ? dtype_complex(A->dtype) : A->dtype;
}

/* A - s B or B as a matrix of its own, and the blocks that solves pass through. */
static double inverse_bytes(const speig_operator *A, const speig_operator *B,
                            const speig_eigs_opts *o, const speig_eigs_plan *plan)
{
  enum { COLUMNS = 16 }; /* as in invert_eigs.c */
  double n = (double)A->n, scalar = (double)speig_dtype_size(A->dtype);
  double wide = (double)speig_dtype_size(factored_type(A, o));
  double entries = n + (is_matrix(A) ? stored_entries(A) : 0) + (B ? stored_entries(B) : 0);
  if (plan->transform == SPEIG_TRANSFORM_NONE)
    return 0;
  /* Left vectors have blocks of their own. */
  return entries * (wide + 4) + 8 * n + (o->left ? 2 : 1) * n * COLUMNS * (4 * scalar + wide);
}

/* Of a factorization of our own. */
static speig_status add_factor(const speig_operator *A, const speig_operator *B,
                               const speig_eigs_opts *o, speig_eigs_plan *plan)
{
  speig_status st = SPEIG_OK;
  const double zero[2] = { 0, 0 };
  const double *shift = o->has_sigma ? o->sigma : zero;
  size_t used = strlen(plan->why);
  factor_info info;
  if (plan->method == SPEIG_DENSE || plan->transform == SPEIG_TRANSFORM_NONE || o->op_inverse ||
      o->mass_inverse || !is_matrix(A) || !is_matrix(B))
    goto done;
  if (plan->transform == SPEIG_TRANSFORM_MASS)
    TRY(factor_weigh(B->matrix, NULL, zero, B->dtype, FACTOR_GENERAL, &info));
  else
    TRY(factor_weigh(A->matrix, B ? B->matrix : NULL, shift, factored_type(A, o), FACTOR_GENERAL,
                     &info));
  plan->memory_bytes += info.bytes;
  (void)snprintf(plan->why + used, sizeof plan->why - used,
                 "; factors by %s with %s: %.3g numbers, %.3g MB, %.3g operations", info.provider,
                 info.ordering, info.entries, (double)info.bytes / 1e6, info.flops);
  if (o->memory && plan->memory_bytes > o->memory)
    FAIL(SPEIG_ERR_MEMORY,
         "method %s needs about %zu bytes, %zu of them for the factors; the budget is %zu",
         speig_method_name(plan->method), plan->memory_bytes, info.bytes, o->memory);
done:
  return st;
}

static speig_status fit_memory(const speig_operator *A, const speig_operator *B,
                               const speig_eigs_opts *o, speig_eigs_plan *plan)
{
  speig_status st = SPEIG_OK;
  const double inverse = inverse_bytes(A, B, o, plan);
  double bytes;
  int32_t least = plan->k + 10 < plan->ncv ? plan->k + 10 : plan->ncv;
  if (plan->method == SPEIG_DENSE) {
    bytes = dense_bytes(A, B, o) + 0x1p20;
  } else {
    while (o->memory && !o->ncv && plan->ncv > least &&
           krylov_bytes(A, o, plan->k, plan->ncv) + inverse > (double)o->memory)
      --plan->ncv;
    bytes = krylov_bytes(A, o, plan->k, plan->ncv) + inverse;
  }
  bytes = ceil(bytes); /* what is planned is enough */
  if (!(bytes < 9e18))
    FAIL(SPEIG_ERR_MEMORY, "method %s needs %.3g bytes, which cannot be addressed",
         speig_method_name(plan->method), bytes);
  if (o->checkpoint || o->resume)
    bytes += resume_bytes(A, plan->k);
  plan->memory_bytes = (size_t)bytes;
  if (o->memory && bytes > (double)o->memory)
    FAIL(SPEIG_ERR_MEMORY,
         "method %s needs about %zu bytes (n = %" PRId64 ", k = %d), the budget is %zu",
         speig_method_name(plan->method), plan->memory_bytes, A->n, plan->k, o->memory);
done:
  return st;
}

static speig_status choose_device(const speig_operator *A, const speig_operator *B,
                                  const speig_eigs_opts *o, speig_eigs_plan *plan)
{
  speig_status st = SPEIG_OK;
  char why[256];
  const char *there = place_holds_operator(A)       ? "A"
                      : place_holds_operator(B)     ? "B"
                      : place_holds_block(o->guess) ? "guess"
                                                    : NULL;
  place_wish wish = { o->device, o->context, o->threads, there };
  TRY(place_decided(&wish, &plan->device, why, sizeof why));
  if (plan->device == SPEIG_DEVICE_AUTO)
    plan->device = SPEIG_HOST;
done:
  return st;
}

speig_status eigs_plan_make(const speig_operator *A, const speig_operator *B,
                            const speig_eigs_opts *o, speig_eigs_plan *plan)
{
  speig_status st = SPEIG_OK;
  const char *why = "";
  double floor_tol = 100 * dtype_eps(A->dtype);
  TRY(bind_check_square("A", A));
  if (B)
    TRY(bind_check_square("B", B));
  *plan = (speig_eigs_plan){ .n = A->n, .tol = o->tol };
  TRY(choose_device(A, B, o, plan));
  if (plan->tol < floor_tol)
    plan->tol = floor_tol;
  plan->k = o->k < A->n ? o->k : (int32_t)A->n;
  plan->method = choose_method(A, B, o, plan->k, &why);
  TRY(refuse_what_no_method_honours(A, B, o, plan->method));
  TRY(choose_transform(A, B, o, plan));
  if (plan->method == SPEIG_KRYLOV_SCHUR)
    plan->ncv = choose_ncv(o, A->n, plan->k);
  plan->max_matvecs = o->max_matvecs ? o->max_matvecs : 20000 + 1000 * (int64_t)plan->k + 20 * A->n;
  TRY(fit_memory(A, B, o, plan));
  plan->flops_per_step = 2 * stored_entries(A) + 6.0 * (double)A->n * plan->ncv;
  (void)snprintf(plan->why, sizeof plan->why, "method %s: %s", speig_method_name(plan->method),
                 why);
done:
  return st;
}

speig_status speig_eigs_make_plan(const speig_operator *A, const speig_operator *B,
                                  const speig_eigs_opts *opts, speig_eigs_plan *plan)
{
  speig_status st = SPEIG_OK;
  speig_eigs_opts complete;
  REQUIRE(A && plan, "the operator A and a place for the plan are needed, one is NULL");
  TRY(eigs_plan_options(opts, &complete));
  TRY(eigs_plan_make(A, B, &complete, plan));
  TRY(add_factor(A, B, &complete, plan));
done:
  return st;
}

const char *speig_eigs_which_name(speig_eigs_which which)
{
  static const char *const name[] = { "LM", "SM", "LR", "SR", "LI", "SI" };
  return (unsigned)which < 6 ? name[which] : "?";
}
