/* plan.c: which method, how large a basis, how much memory: decided by counts and sizes alone, so
 * that the same call makes the same choice everywhere. */
#include "solvers/resume.h"
#include "solvers/run.h"

#include "base/dtype.h"
#include "base/error.h"
#include "base/memory.h"
#include "factor/factor.h"
#include "formats/components.h"
#include "solvers/bind.h"
#include "solvers/interval.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum {
  DENSE_ALWAYS = PLAN_DENSE_ALWAYS,
  DENSE_ALWAYS_CALLBACK = PLAN_DENSE_ALWAYS_CALLBACK,
  DENSE_LIMIT = 10000, /* order beyond which a dense matrix is not considered by itself */
  DENSE_GENERALIZED = 3000,
  DENSE_INTERIOR = 6000
};

void speig_eigsh_opts_init(speig_eigsh_opts *opts)
{
  *opts = (speig_eigsh_opts)SPEIG_EIGSH_OPTS_INIT;
}

speig_status plan_options(const speig_eigsh_opts *given, speig_eigsh_opts *opts)
{
  speig_status st = SPEIG_OK;
  speig_eigsh_opts_init(opts);
  if (!given)
    return st;
  REQUIRE(given->size >= sizeof given->size && given->size <= sizeof *opts,
          "the options have size %zu, at most %zu needed: start from SPEIG_EIGSH_OPTS_INIT",
          given->size, sizeof *opts);
  memcpy(opts, given, given->size);
  opts->size = sizeof *opts;
  REQUIRE(opts->k >= 1, "k is %d, at least 1 needed", opts->k);
  REQUIRE((unsigned)opts->which <= SPEIG_BE, "which is %d, none of LM, SM, LA, SA, BE",
          (int)opts->which);
  REQUIRE((unsigned)opts->method <= SPEIG_LOBPCG || opts->method == SPEIG_FILTER,
          "method is %d (%s), none of those for Hermitian problems", (int)opts->method,
          speig_method_name(opts->method));
  REQUIRE((unsigned)opts->certify <= SPEIG_CERTIFY_NEVER, "certify is %d, none of those known",
          (int)opts->certify);
  REQUIRE(opts->tol >= 0 && opts->tol < 1, "tol is %g, 0 <= tol < 1 needed", opts->tol);
  REQUIRE(opts->ncv >= 0, "ncv is %d, at least 0 needed", opts->ncv);
  REQUIRE(opts->ncv == 0 || opts->ncv > opts->k, "ncv is %d, more than k = %d needed", opts->ncv,
          opts->k);
  REQUIRE(opts->block == 0 || opts->block >= opts->k, "block is %d, at least k = %d needed",
          opts->block, opts->k);
  REQUIRE(opts->max_matvecs >= 0, "max_matvecs is %" PRId64 ", at least 0 needed",
          opts->max_matvecs);
  REQUIRE(opts->time_limit >= 0, "time_limit is %g seconds, at least 0 needed", opts->time_limit);
  REQUIRE(opts->threads >= 0, "threads is %d, at least 0 needed", opts->threads);
  REQUIRE(opts->vectors_on == SPEIG_DEVICE_AUTO || opts->vectors_on == SPEIG_HOST ||
              opts->vectors_on == SPEIG_CUDA,
          "vectors_on is %d, neither host nor cuda", (int)opts->vectors_on);
  if (opts->method == SPEIG_FILTER && !opts->has_interval)
    FAIL(SPEIG_ERR_UNSUPPORTED,
         "method filter finds all eigenvalues in an interval, and none was given");
  if (opts->has_interval && (opts->checkpoint || opts->resume))
    FAIL(SPEIG_ERR_UNSUPPORTED,
         "%s does not go with an interval, whose parts are short solves of "
         "their own",
         opts->checkpoint ? "a checkpoint" : "resume");
  TRY(resume_check(opts->checkpoint, opts->resume, opts->method, opts->guess));
done:
  return st;
}

static double stored_entries(const speig_operator *A)
{
  int64_t entries = operator_entries(A);
  return entries >= 0 ? (double)entries : 10.0 * (double)A->n;
}

/* Bytes of the dense solver: A (and B) in double precision, the vectors, and LAPACK's work space.
 * Where many vectors are wanted, or B makes the tridiagonal matrix graded, they often have to come
 * from a divide and conquer of the whole of it, which is real. */
static double dense_bytes(const speig_operator *A, const speig_operator *B, int32_t k)
{
  double scalar = dtype_is_complex(A->dtype) ? 16 : 8, n = (double)A->n;
  double whole = B || 8.0 * k > n ? 8 * 4.1 * n * n : 0;
  return scalar * n * (n * (B ? 2 : 1) + 2.0 * k + 66) + 64 * n + 0x1p14 + whole;
}

/* Seconds to make dense matrices of this type tridiagonal; cubes: the sum of their order^3. */
static double tridiagonal_seconds(speig_dtype dtype, double cubes)
{
  double flops = 4.0 / 3 * cubes * (dtype_is_complex(dtype) ? 4 : 1);
  return flops / 8e9; /* half of a tridiagonalisation runs at memory speed */
}

double plan_dense_seconds(const speig_operator *A, const speig_operator *B,
                          const speig_eigsh_opts *opts)
{
  double n = (double)A->n, seconds = tridiagonal_seconds(A->dtype, n * n * n);
  double bytes = dense_bytes(A, B, opts->k);
  if (A->n > DENSE_LIMIT || (opts->memory && bytes > (double)opts->memory) ||
      (operator_is_opaque(A) && A->n > DENSE_INTERIOR))
    return INFINITY;
  return B ? 2.5 * seconds : seconds;
}

double plan_lanczos_step_seconds(const speig_operator *A, int32_t ncv)
{
  double scalar = (double)speig_dtype_size(A->dtype);
  double bytes = (scalar + 4) * stored_entries(A) + scalar * (double)A->n * (2.0 * ncv + 10);
  return 1e-5 + bytes / 15e9;
}

int plan_products_are_cheap(const speig_operator *A, int32_t ncv)
{
  double scalar = (double)speig_dtype_size(A->dtype), n = (double)A->n;
  double product = (scalar + 4) * stored_entries(A) + 4 * scalar * n;
  double orthogonalisation = 2 * scalar * n * 0.75 * ncv;
  return 2 * product < orthogonalisation;
}

static int32_t choose_ncv(const speig_eigsh_opts *opts, int64_t n, int32_t k)
{
  int64_t ncv = 2 * (int64_t)k + 20;
  if (ncv < 40)
    ncv = 40;
  /* A basis that stays in cache costs little, and restarts less often. */
  if (ncv < 80 && n <= 100000)
    ncv = 80;
  if (opts->ncv)
    ncv = opts->ncv;
  return (int32_t)(ncv < n ? ncv : n);
}

/* The peak of a Lanczos solve with its validation: basis, constraints of a probe, pairs twice,
 * work. */
static double lanczos_bytes(const speig_operator *A, int32_t k, int32_t ncv, int64_t y)
{
  double scalar = (double)speig_dtype_size(A->dtype);
  return scalar * (double)A->n * (double)(ncv + 1 + 3 * y + 5 * (int64_t)k + 2);
}

static double lobpcg_bytes(const speig_operator *A, const speig_operator *B, int32_t k,
                           int32_t columns, int64_t y)
{
  double scalar = (double)speig_dtype_size(A->dtype);
  double block = columns ? columns : k + fmax(4, k / 4.0 + 2);
  return scalar * (double)A->n * (block * (B ? 14 : 10) + 3.0 * (double)y + 5.0 * k);
}

/* The pairs as the solver and the result hold them, lists and values by rows, the largest component
 * and the last projection with LAPACK's work space. */
static double components_bytes(const speig_operator *A, const component_sizes *parts, int32_t k)
{
  double n = (double)A->n, order = parts->largest, wide = dtype_is_complex(A->dtype) ? 16 : 8;
  double vectors = (double)speig_dtype_size(A->dtype) * n * (4.0 * k + 2);
  double dense = order * (4 * order + 128) + 4.0 * k * k;
  return 0x1p20 + vectors + (wide + 40) * n + wide * dense;
}

/* Whether LAPACK on the connected components of A is at hand: parts->count is 0 when not. Only
 * where A as a whole is too large for it at once, and nothing was asked that speaks against it. */
static speig_status weigh_components(const speig_operator *A, const speig_operator *B,
                                     const speig_eigsh_opts *o, int32_t k, component_sizes *parts)
{
  speig_status st = SPEIG_OK;
  int automatic = o->method == SPEIG_METHOD_AUTO && !o->precond && !o->ncv && !o->op_inverse;
  double worth = pow(DENSE_GENERALIZED, 3), cubes, iterating;
  *parts = (component_sizes){ 0 };
  if (A->kind != OPERATOR_MATRIX || A->n <= DENSE_ALWAYS || B || (o->deflate && o->deflate->cols) ||
      (!automatic && o->method != SPEIG_DENSE))
    goto done;
  TRY(components_weigh(A->matrix, DENSE_ALWAYS, parts));
  if (!automatic || parts->count == 0)
    goto done;
  /* values of all, vectors of those that hold wanted values */
  cubes = parts->cubes + 3 * fmin(parts->cubes, k * pow(parts->largest, 3));
  if (o->which == SPEIG_SM)
    worth = pow(DENSE_INTERIOR, 3);
  iterating = 10.0 * choose_ncv(o, A->n, k) *
              plan_lanczos_step_seconds(A, choose_ncv(o, A->n, k)); /* ten restarts or so */
  if (tridiagonal_seconds(A->dtype, cubes) >
          fmax(tridiagonal_seconds(A->dtype, worth), iterating) ||
      (o->memory && components_bytes(A, parts, k) > (double)o->memory))
    parts->count = 0;
done:
  return st;
}

static speig_status refuse_what_no_method_honours(const speig_operator *B,
                                                  const speig_eigsh_opts *o, speig_method method)
{
  speig_status st = SPEIG_OK;
  if (method == SPEIG_LANCZOS && B) {
    TRY(factor_available()); /* which tells what is missing */
    FAIL(SPEIG_ERR_UNSUPPORTED,
         "method lanczos with B needs a factorization, and %s is a "
         "function, not a matrix; use lobpcg or dense",
         B->kind == OPERATOR_MATRIX ? "A" : "B");
  }
  if (method != SPEIG_LANCZOS && o->ncv)
    FAIL(SPEIG_ERR_UNSUPPORTED, "ncv = %d is an option of method lanczos; the method here is %s",
         o->ncv, speig_method_name(method));
  if (method != SPEIG_LOBPCG && o->block)
    FAIL(SPEIG_ERR_UNSUPPORTED, "block = %d is an option of method lobpcg; the method here is %s",
         o->block, speig_method_name(method));
  if (method != SPEIG_LOBPCG && o->precond)
    FAIL(SPEIG_ERR_UNSUPPORTED,
         "a preconditioner is an option of method lobpcg; the method here is %s",
         speig_method_name(method));
done:
  return st;
}

/* LAPACK needs some 4 n^3 / 3 operations, Lanczos a few hundred products. In single precision
 * LAPACK works in double, and is right to more digits. */
static int iterates_sooner(const speig_operator *A, const speig_operator *B,
                           const speig_eigsh_opts *o, int32_t k)
{
  enum { TINY = 300, FEW = 20, SPARSE = 32 };
  return A->kind == OPERATOR_MATRIX && !B && !dtype_is_single(A->dtype) && A->n > TINY &&
         (int64_t)FEW * k <= A->n && SPARSE * stored_entries(A) <= (double)A->n * (double)A->n &&
         o->which != SPEIG_SM && !(o->deflate && o->deflate->cols) && !o->guess &&
         factor_available() == SPEIG_OK;
}

static speig_method choose_method(const speig_operator *A, const speig_operator *B,
                                  const speig_eigsh_opts *o, int32_t k, const char **why)
{
  int64_t always = A->kind == OPERATOR_MATRIX ? DENSE_ALWAYS : DENSE_ALWAYS_CALLBACK;
  int dense_fits = isfinite(plan_dense_seconds(A, B, o));
  if (o->method != SPEIG_METHOD_AUTO) {
    *why = "asked for";
    return o->method;
  }
  if (o->has_sigma) {
    *why = dense_fits && A->n <= always
               ? "small: LAPACK computes all of it at once and proves it complete"
               : "no factorization for the shift is at hand, and LAPACK computes all of it";
    return SPEIG_DENSE;
  }
  if (o->precond) {
    *why = "a preconditioner was given, and lobpcg uses it";
    return SPEIG_LOBPCG;
  }
  if (o->ncv && !B) {
    *why = "a basis size was given, and lanczos uses it";
    return SPEIG_LANCZOS;
  }
  if (A->n <= always && iterates_sooner(A, B, o, k)) {
    *why = "few eigenvalues at the ends of a small sparse matrix: lanczos has them before LAPACK, "
           "and inertia proves them complete";
    return SPEIG_LANCZOS;
  }
  if (dense_fits && A->n <= always) {
    *why = "small: LAPACK computes all of it at once and proves it complete";
    return SPEIG_DENSE;
  }
  if (dense_fits && (double)k > 0.2 * (double)A->n) {
    *why = "a large part of the spectrum is wanted: LAPACK is cheaper than a subspace";
    return SPEIG_DENSE;
  }
  if (B && dense_fits && A->n <= DENSE_GENERALIZED) {
    *why = "a generalized problem of moderate order: LAPACK is certain";
    return SPEIG_DENSE;
  }
  if (o->which == SPEIG_SM && dense_fits && A->n <= DENSE_INTERIOR) {
    *why = "eigenvalues inside the spectrum, of moderate order: LAPACK is certain";
    return SPEIG_DENSE;
  }
  if (B) {
    *why = "a large generalized problem: lobpcg needs no factorization of B";
    return SPEIG_LOBPCG;
  }
  *why = "large and standard: thick-restart Lanczos needs products only";
  return SPEIG_LANCZOS;
}

/* What every solve takes beside its blocks of vectors: the backend's workspace, a panel for block
 * products, projected matrices (k 0: none), and records. */
static double overhead_bytes(const speig_operator *A, int32_t k, int32_t ncv)
{
  double order = k == 0 || ncv > 3 * (k + 4) ? ncv : 3 * (k + 4);
  return 0x1p20 + 64.0 * (double)A->n + 8 * 16 * order * order;
}

static speig_status fit_memory(const speig_operator *A, const speig_operator *B,
                               const speig_eigsh_opts *o, int64_t y, const component_sizes *parts,
                               speig_eigsh_plan *plan)
{
  speig_status st = SPEIG_OK;
  double bytes;
  if (parts->count > 0) {
    bytes = components_bytes(A, parts, plan->k);
  } else if (plan->method == SPEIG_DENSE) {
    bytes = dense_bytes(A, B, plan->k);
  } else if (plan->method == SPEIG_LOBPCG) {
    bytes = lobpcg_bytes(A, B, plan->k, o->block, y);
  } else if (plan->transform != SPEIG_TRANSFORM_NONE) {
    bytes = plan_transform_bytes(A, B, plan->k, plan->ncv, y);
  } else {
    int32_t least = plan->k + 10 < plan->ncv ? plan->k + 10 : plan->ncv;
    while (o->memory && !o->ncv && plan->ncv > least &&
           lanczos_bytes(A, plan->k, plan->ncv, y) + overhead_bytes(A, plan->k, plan->ncv) >
               (double)o->memory)
      --plan->ncv;
    bytes = lanczos_bytes(A, plan->k, plan->ncv, y);
  }
  if (parts->count == 0)
    bytes += overhead_bytes(A, plan->method == SPEIG_DENSE ? 0 : plan->k, plan->ncv);
  if (o->checkpoint || o->resume)
    bytes += resume_bytes(A, plan->k);
  bytes = ceil(bytes); /* what is planned is enough */
  if (!(bytes < 9e18))
    FAIL(SPEIG_ERR_MEMORY, "method %s needs %.3g bytes, which cannot be addressed",
         speig_method_name(plan->method), bytes);
  plan->memory_bytes = (size_t)bytes;
  if (o->memory && bytes > (double)o->memory)
    FAIL(SPEIG_ERR_MEMORY,
         "method %s needs about %zu bytes (n = %" PRId64 ", k = %d), the budget is %zu",
         speig_method_name(plan->method), plan->memory_bytes, A->n, plan->k, o->memory);
done:
  return st;
}

speig_status plan_make(const speig_operator *A, const speig_operator *B, const speig_eigsh_opts *o,
                       speig_eigsh_plan *plan)
{
  speig_status st = SPEIG_OK;
  const char *why = "";
  int64_t y = o->deflate ? o->deflate->cols : 0, room = A->n - y;
  double floor_tol = 100 * dtype_eps(A->dtype);
  component_sizes parts;
  *plan = (speig_eigsh_plan){ .n = A->n, .tol = o->tol };
  TRY(bind_check_square("A", A));
  if (B)
    TRY(bind_check_square("B", B));
  if (o->has_interval) {
    TRY(interval_plan(A, B, o, plan));
    TRY(plan_device(A, B, o, plan));
    goto done;
  }
  if (plan->tol < floor_tol)
    plan->tol = floor_tol;
  plan->k = o->k < room ? o->k : (int32_t)(room > 0 ? room : 0);
  TRY(plan_check_shift(o, B));
  TRY(weigh_components(A, B, o, plan->k, &parts));
  plan->components = parts.count;
  if (parts.count == 0)
    TRY(plan_transform(A, B, o, plan, &why));
  if (plan->transform != SPEIG_TRANSFORM_NONE)
    plan->method = SPEIG_LANCZOS;
  else
    plan->method = parts.count > 0 ? SPEIG_DENSE : choose_method(A, B, o, plan->k, &why);
  if (plan->transform == SPEIG_TRANSFORM_NONE)
    TRY(refuse_what_no_method_honours(B, o, plan->method));
  if (plan->transform != SPEIG_TRANSFORM_NONE)
    plan->ncv = plan_transform_basis(o, room > 0 ? room : 0, plan->k);
  else if (plan->method == SPEIG_LANCZOS)
    plan->ncv = choose_ncv(o, room > 0 ? room : 0, plan->k);
  plan->max_matvecs = o->max_matvecs ? o->max_matvecs : 20000 + 1000 * (int64_t)plan->k + 20 * A->n;
  TRY(fit_memory(A, B, o, y, &parts, plan));
  plan->flops_per_step = 2 * stored_entries(A) + 4.0 * (double)A->n * plan->ncv;
  (void)snprintf(plan->why, sizeof plan->why, "method %s: %s", speig_method_name(plan->method),
                 why);
  if (parts.count > 0)
    (void)snprintf(plan->why, sizeof plan->why,
                   "method %s: the matrix falls apart into %" PRId64
                   " components of order at most %d, and LAPACK solves each",
                   speig_method_name(plan->method), parts.count, parts.largest);
  TRY(plan_device(A, B, o, plan));
done:
  return st;
}

speig_status speig_eigsh_make_plan(const speig_operator *A, const speig_operator *B,
                                   const speig_eigsh_opts *opts, speig_eigsh_plan *plan)
{
  speig_status st = SPEIG_OK;
  speig_eigsh_opts complete;
  REQUIRE(A && plan, "the operator A and a place for the plan are needed, one is NULL");
  TRY(plan_options(opts, &complete));
  TRY(plan_make(A, B, &complete, plan));
  TRY(plan_weigh_factor(A, B, &complete, plan));
  plan_weigh_turn(A, B, &complete, plan);
  if (complete.memory && plan->memory_bytes > complete.memory)
    FAIL(SPEIG_ERR_MEMORY,
         "method %s needs about %zu bytes, %zu of them for the factors; the budget is %zu",
         speig_method_name(plan->method), plan->memory_bytes, plan->factor_bytes, complete.memory);
done:
  return st;
}

const char *speig_which_name(speig_which which)
{
  static const char *const name[] = { "LM", "SM", "LA", "SA", "BE" };
  return (unsigned)which < 5 ? name[which] : "?";
}

const char *speig_method_name(speig_method method)
{
  static const char *const name[] = { "auto",         "dense",       "lanczos", "lobpcg",
                                      "krylov-schur", "golub-kahan", "filter" };
  return (unsigned)method < sizeof name / sizeof *name ? name[method] : "?";
}

const char *speig_outcome_name(speig_outcome outcome)
{
  static const char *const name[] = { "certified", "validated", "converged", "partial", "failed" };
  return (unsigned)outcome < 5 ? name[outcome] : "?";
}

const char *speig_reason_name(speig_reason reason)
{
  static const char *const name[] = { "converged", "max_matvecs", "time_limit",
                                      "cancelled", "breakdown",   "memory" };
  return (unsigned)reason < 6 ? name[reason] : "?";
}
