/* plan_svds.c: how singular values are found, how large the bases are, how much memory it takes:
 * decided by counts and sizes alone, so that the same call makes the same choice everywhere. */
#include "base/dtype.h"
#include "base/error.h"
#include "dense/svd.h"
#include "factor/factor.h"
#include "solvers/plan_place.h"
#include "solvers/resume.h"
#include "solvers/run_svds.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* Seconds that LAPACK may take by the model below: where it is preferred, where the smallest values
 * are wanted, which may be out of reach otherwise, and where it is considered at all. */
static const double DENSE_AT_ONCE = 0.05, DENSE_SMALLEST = 60, DENSE_AT_MOST = 200;

void speig_svds_opts_init(speig_svds_opts *opts)
{
  *opts = (speig_svds_opts)SPEIG_SVDS_OPTS_INIT;
}

speig_status svds_plan_options(const speig_svds_opts *given, speig_svds_opts *opts)
{
  speig_status st = SPEIG_OK;
  speig_svds_opts_init(opts);
  if (!given)
    return st;
  REQUIRE(given->size >= sizeof given->size && given->size <= sizeof *opts,
          "the options have size %zu, at most %zu needed: start from SPEIG_SVDS_OPTS_INIT",
          given->size, sizeof *opts);
  memcpy(opts, given, given->size);
  opts->size = sizeof *opts;
  REQUIRE(opts->k >= 1, "k is %d, at least 1 needed", opts->k);
  REQUIRE(opts->which == SPEIG_LM || opts->which == SPEIG_SM,
          "which is %d (%s); singular values are asked for by LM or SM", (int)opts->which,
          speig_which_name(opts->which));
  REQUIRE(opts->method == SPEIG_METHOD_AUTO || opts->method == SPEIG_DENSE ||
              opts->method == SPEIG_GOLUB_KAHAN,
          "method is %d (%s); singular values are found by auto, dense or golub-kahan",
          (int)opts->method, speig_method_name(opts->method));
  REQUIRE((unsigned)opts->certify <= SPEIG_CERTIFY_NEVER, "certify is %d, none of those known",
          (int)opts->certify);
  REQUIRE(opts->vectors_on == SPEIG_DEVICE_AUTO || opts->vectors_on == SPEIG_HOST ||
              opts->vectors_on == SPEIG_CUDA,
          "vectors_on is %d, neither host nor cuda", (int)opts->vectors_on);
  REQUIRE((unsigned)opts->vectors <= SPEIG_SVDS_NONE, "vectors is %d, none of those known",
          (int)opts->vectors);
  REQUIRE(opts->tol >= 0 && opts->tol < 1, "tol is %g, 0 <= tol < 1 needed", opts->tol);
  REQUIRE(opts->ncv == 0 || opts->ncv > opts->k, "ncv is %d, more than k = %d needed", opts->ncv,
          opts->k);
  REQUIRE(opts->max_matvecs >= 0, "max_matvecs is %" PRId64 ", at least 0 needed",
          opts->max_matvecs);
  REQUIRE(opts->time_limit >= 0, "time_limit is %g seconds, at least 0 needed", opts->time_limit);
  REQUIRE(opts->threads >= 0, "threads is %d, at least 0 needed", opts->threads);
  TRY(resume_check(opts->checkpoint, opts->resume, opts->method, opts->guess));
done:
  return st;
}

int svds_plan_leaves_vectors(const speig_svds_opts *opts)
{
  return opts->vectors_on == SPEIG_CUDA;
}

static double longer_side(const speig_operator *A)
{
  return (double)(A->rows > A->n ? A->rows : A->n);
}

static double shorter_side(const speig_operator *A)
{
  return (double)(A->rows < A->n ? A->rows : A->n);
}

static double stored_entries(const speig_operator *A)
{
  int64_t entries = operator_entries(A);
  return entries >= 0 ? (double)entries : 10.0 * longer_side(A);
}

/* The adjoint copy of a matrix. */
static double adjoint_bytes(const speig_operator *A)
{
  double scalar = (double)speig_dtype_size(A->dtype);
  return operator_entries(A) >= 0 ? (scalar + 4) * stored_entries(A) + 8.0 * (double)A->n : 0;
}

/* Triplets as the solver and as the result hold them, and the final products. */
static double triplet_bytes(const speig_operator *A, int32_t k)
{
  double scalar = (double)speig_dtype_size(A->dtype);
  return scalar * (longer_side(A) + shorter_side(A)) * 4.0 * k;
}

/* A, U and V in double precision, LAPACK's work space. */
static double dense_bytes(const speig_operator *A, int32_t k)
{
  double scalar = dtype_is_complex(A->dtype) ? 16 : 8, m = longer_side(A), n = shorter_side(A);
  return scalar * (2 * m * n + n * n) + svd_workspace(m, n, dtype_is_complex(A->dtype)) +
         triplet_bytes(A, k) + adjoint_bytes(A);
}

/* Two bases, the constraints of a probe, triplets. */
static double golub_kahan_bytes(const speig_operator *A, int32_t k, int32_t ncv)
{
  double scalar = (double)speig_dtype_size(A->dtype), m = ncv;
  return scalar * (longer_side(A) + shorter_side(A)) * (m + 1 + 3.0 * k) + 8 * 24 * m * m +
         triplet_bytes(A, k) + adjoint_bytes(A);
}

double svds_plan_dense_seconds(const speig_operator *A, const speig_svds_opts *o)
{
  double m = longer_side(A), n = shorter_side(A);
  double flops = (4 * m * n * n + 22 * n * n * n) * (dtype_is_complex(A->dtype) ? 4 : 1);
  int fits = m * n <= 0x1p28 && !(o->memory && dense_bytes(A, o->k) > (double)o->memory);
  double seconds = flops / 8e9 + (A->kind == OPERATOR_MATRIX ? 0 : 1e-4 * n);
  return fits && seconds <= DENSE_AT_MOST ? seconds : INFINITY;
}

double svds_plan_step_seconds(const speig_operator *A, int32_t ncv)
{
  double scalar = (double)speig_dtype_size(A->dtype), sides = longer_side(A) + shorter_side(A);
  double bytes = 2 * (scalar + 4) * stored_entries(A) + scalar * sides * (2.0 * ncv + 10);
  return 2e-5 + bytes / 15e9;
}

static int32_t choose_ncv(const speig_operator *A, const speig_svds_opts *o, int32_t k)
{
  double shorter = shorter_side(A);
  int64_t ncv = 2 * (int64_t)k + 14; /* both bases are kept orthogonal: a longer one costs more */
  if (o->which == SPEIG_SM && ncv < 120) /* slow: a large basis restarts less often */
    ncv = 120;
  if (o->ncv)
    ncv = o->ncv;
  return (double)ncv < shorter ? (int32_t)ncv : (int32_t)shorter;
}

/* Whether the smallest values are sought with a factorization: in auto, of a matrix. */
static int may_invert(const speig_operator *A, const speig_svds_opts *o)
{
  return o->method == SPEIG_METHOD_AUTO && o->which == SPEIG_SM && A->kind == OPERATOR_MATRIX &&
         factor_available() == SPEIG_OK;
}

static speig_method choose_method(const speig_operator *A, const speig_svds_opts *o, int32_t k,
                                  int inverse, const char **why)
{
  double seconds = svds_plan_dense_seconds(A, o);
  if (o->method != SPEIG_METHOD_AUTO) {
    *why = "asked for";
    return o->method;
  }
  if (o->ncv) {
    *why = "a basis size was given, and golub-kahan uses it";
    return SPEIG_GOLUB_KAHAN;
  }
  if (seconds <= DENSE_AT_ONCE) {
    *why = "small: LAPACK computes all of it at once and proves it complete";
    return SPEIG_DENSE;
  }
  if ((double)k > 0.2 * shorter_side(A) && isfinite(seconds)) {
    *why = "a large part of the singular values is wanted: LAPACK is cheaper than a subspace";
    return SPEIG_DENSE;
  }
  if (inverse) {
    *why = "the smallest values: A is factored, and bidiagonalisation goes on with its inverse";
    return SPEIG_GOLUB_KAHAN;
  }
  if (o->which == SPEIG_SM && seconds <= DENSE_SMALLEST) {
    *why = "the smallest singular values, of moderate size: LAPACK is certain";
    return SPEIG_DENSE;
  }
  *why = o->which == SPEIG_SM ? "large: bidiagonalisation needs products only; the smallest values "
                                "may take very many of them"
                              : "large: bidiagonalisation needs products only";
  return SPEIG_GOLUB_KAHAN;
}

/* What every solve takes beside its blocks. */
static double overhead_bytes(const speig_operator *A)
{
  return 0x1p20 + 64 * (longer_side(A) + shorter_side(A));
}

static speig_status fit_memory(const speig_operator *A, const speig_svds_opts *o,
                               speig_svds_plan *plan)
{
  speig_status st = SPEIG_OK;
  double bytes = dense_bytes(A, plan->k), budget = (double)o->memory - overhead_bytes(A);
  if (plan->method == SPEIG_GOLUB_KAHAN) {
    int32_t least = plan->k + 10 < plan->ncv ? plan->k + 10 : plan->ncv;
    while (o->memory && !o->ncv && plan->ncv > least &&
           golub_kahan_bytes(A, plan->k, plan->ncv) > budget)
      --plan->ncv;
    bytes = golub_kahan_bytes(A, plan->k, plan->ncv);
  }
  bytes += overhead_bytes(A);
  bytes = ceil(bytes); /* what is planned is enough */
  if (!(bytes < 9e18))
    FAIL(SPEIG_ERR_MEMORY, "method %s needs %.3g bytes, which cannot be addressed",
         speig_method_name(plan->method), bytes);
  if (o->checkpoint || o->resume)
    bytes += 2 * resume_bytes(A, plan->k);
  plan->memory_bytes = (size_t)bytes;
  if (o->memory && bytes > (double)o->memory)
    FAIL(SPEIG_ERR_MEMORY,
         "method %s needs about %zu bytes (%" PRId64 " x %" PRId64 ", k = %d), the budget is %zu",
         speig_method_name(plan->method), plan->memory_bytes, A->rows, A->n, plan->k, o->memory);
done:
  return st;
}

static const char *operand_in_device_memory(const speig_operator *A, const speig_svds_opts *o)
{
  if (place_holds_operator(A))
    return "A";
  if (place_holds_block(o->guess))
    return "guess";
  return svds_plan_leaves_vectors(o) ? "the place for the vectors" : NULL;
}

static place_work estimate(const speig_operator *A, const speig_svds_plan *plan)
{
  double scalar = (double)speig_dtype_size(A->dtype), sides = longer_side(A) + shorter_side(A);
  place_work w = { .matrices = 2 * place_matrix_bytes(A),
                   .room = 2.2 * place_matrix_bytes(A) + scalar * sides * (4.0 * plan->k + 64) };
  if (plan->inverse)
    w.host_only = "factorizations run on the host";
  if (plan->method != SPEIG_GOLUB_KAHAN || plan->inverse)
    return w;
  w.steps = 10.0 * plan->ncv; /* ten restarts or so, two products each */
  w.bytes = 2 * place_matrix_bytes(A) + scalar * sides * (2.0 * plan->ncv + 10);
  w.latency = 1.5e-4;
  w.room = 2.2 * place_matrix_bytes(A) + (double)plan->memory_bytes;
  if (A->kind == OPERATOR_CALLBACK)
    w.host_only = "products are made by a function on the host";
  return w;
}

/* Once the method is chosen. */
static speig_status choose_device(const speig_operator *A, const speig_svds_opts *o,
                                  speig_svds_plan *plan, char *why, size_t size)
{
  speig_status st = SPEIG_OK;
  place_wish wish = { o->device, o->context, o->threads, operand_in_device_memory(A, o) };
  place_work work = estimate(A, plan);
  TRY(place_decided(&wish, &plan->device, why, size));
  if (plan->device == SPEIG_DEVICE_AUTO)
    plan->device = place_weigh(&work, why, size);
  if (plan->device == SPEIG_CUDA)
    TRY(place_check_room(&work, plan->method, o->context));
done:
  return st;
}

speig_status svds_plan_make(const speig_operator *A, const speig_svds_opts *o,
                            speig_svds_plan *plan)
{
  speig_status st = SPEIG_OK;
  const char *why = "";
  char where[256] = "";
  double shorter = shorter_side(A);
  *plan = (speig_svds_plan){ .rows = A->rows,
                             .cols = A->n,
                             .tol = fmax(o->tol, 100 * dtype_eps(A->dtype)) };
  plan->k = (double)o->k < shorter ? o->k : (int32_t)shorter;
  plan->inverse = may_invert(A, o);
  plan->method = choose_method(A, o, plan->k, plan->inverse, &why);
  plan->inverse &= plan->method == SPEIG_GOLUB_KAHAN;
  if (plan->method == SPEIG_DENSE && o->ncv)
    FAIL(SPEIG_ERR_UNSUPPORTED,
         "ncv = %d is an option of method golub-kahan; the method here is %s", o->ncv,
         speig_method_name(plan->method));
  if (plan->method == SPEIG_GOLUB_KAHAN)
    plan->ncv = choose_ncv(A, o, plan->k);
  plan->max_matvecs =
      o->max_matvecs ? o->max_matvecs : 40000 + 2000 * (int64_t)plan->k + 40 * (int64_t)shorter;
  TRY(fit_memory(A, o, plan));
  TRY(choose_device(A, o, plan, where, sizeof where));
  plan->flops_per_step = 4 * stored_entries(A) + 4 * (longer_side(A) + shorter) * (double)plan->ncv;
  (void)snprintf(plan->why, sizeof plan->why, "method %s: %s; device %s: %s",
                 speig_method_name(plan->method), why, speig_device_name(plan->device), where);
done:
  return st;
}

speig_status speig_svds_make_plan(const speig_operator *A, const speig_svds_opts *opts,
                                  speig_svds_plan *plan)
{
  speig_status st = SPEIG_OK;
  speig_svds_opts complete;
  REQUIRE(A && plan, "the operator A and a place for the plan are needed, one is NULL");
  TRY(svds_plan_options(opts, &complete));
  TRY(svds_plan_make(A, &complete, plan));
done:
  return st;
}
