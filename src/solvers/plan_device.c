/* plan_device.c: where a solve runs.
 *
 * What the caller named or gave decides: a device, a context, operands in device memory. Left to
 * itself, speig compares two times: the host moves a step's bytes at its memory speed; a device
 * does so a hundred times faster, but has to be started, to be sent the matrix, and needs some
 * launches per step however small. It is taken when there is one, the problem fits into its free
 * memory, and it promises at most FAIR of the host's time; it is looked for only then. */
#include "backend/context.h"
#include "base/dtype.h"
#include "base/error.h"
#include "solvers/run.h"
#include "speig/device.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static const double FAIR = 0.8;
static const double START = 0.5; /* seconds until driver and library are ready */
static const double LINK = 10e9; /* bytes per second from host memory */
static const double DEVICE_SPEED = 1.5e12; /* bytes per second, half of what large devices have */
static const double HOST_SPEED = 15e9; /* as in plan_lanczos_step_seconds */

typedef struct work {
  double steps, bytes; /* per step */
  double latency; /* seconds that a step takes on a device however small */
  double matrices; /* bytes to be sent */
  double room; /* bytes of device memory in all */
} work;

static double matrix_bytes(const speig_operator *op)
{
  if (!op || op->kind != OPERATOR_MATRIX)
    return 0;
  return ((double)speig_dtype_size(op->dtype) + 4) * (double)operator_entries(op) +
         8.0 * (double)op->n;
}

static work estimate(const speig_operator *A, const speig_operator *B, const speig_eigsh_opts *o,
                     const speig_eigsh_plan *plan)
{
  double scalar = (double)speig_dtype_size(A->dtype), n = (double)A->n;
  double sparse = matrix_bytes(A) + matrix_bytes(B), block = plan->k + fmax(4, plan->k / 4.0 + 2);
  work w = { .matrices = sparse, .room = 1.1 * sparse };
  if (plan->method == SPEIG_LOBPCG) { /* some hundred iterations of about 40 passes */
    w.steps = 100;
    w.bytes = sparse * ceil(block / 8) + 42 * block * scalar * n;
    w.latency = 1e-3;
    w.room += (double)plan->memory_bytes;
  } else if (plan->method == SPEIG_LANCZOS) { /* ten restarts or so, two passes over the basis */
    w.steps = 10.0 * plan->ncv;
    w.bytes = sparse + scalar * n * (2.0 * plan->ncv + 10);
    w.latency = 6e-5;
    w.room += (double)plan->memory_bytes;
  } else { /* LAPACK on the host; the device checks the residuals */
    w.room += scalar * n * (4.0 * plan->k + 64);
  }
  (void)o;
  return w;
}

static int is_there(const speig_block *X)
{
  return X && X->cols > 0 && X->device == SPEIG_CUDA;
}

static const char *operand_in_device_memory(const speig_operator *A, const speig_operator *B,
                                            const speig_eigsh_opts *o)
{
  if (operator_needs_device(A))
    return "A";
  if (B && operator_needs_device(B))
    return "B";
  if (o->precond && operator_needs_device(o->precond))
    return "the preconditioner";
  if (o->op_inverse && operator_needs_device(o->op_inverse))
    return "the inverse";
  if (is_there(o->guess))
    return "guess";
  if (is_there(o->deflate))
    return "deflate";
  return o->vectors_on == SPEIG_CUDA ? "the place for the vectors" : NULL;
}

static int is_host_function(const speig_operator *op)
{
  return op && op->kind == OPERATOR_CALLBACK;
}

static speig_device weigh(const speig_operator *A, const speig_operator *B,
                          const speig_eigsh_opts *o, const speig_eigsh_plan *plan, char *why,
                          size_t size)
{
  work w = estimate(A, B, o, plan);
  double host = w.steps * (1e-5 + w.bytes / HOST_SPEED);
  double device = START + w.matrices / LINK + w.steps * (w.latency + w.bytes / DEVICE_SPEED);
  speig_device_info there;
  if (plan->transform != SPEIG_TRANSFORM_NONE) {
    (void)snprintf(why, size, "factorizations run on the host");
  } else if (w.steps == 0) {
    (void)snprintf(why, size, "LAPACK runs on the host");
  } else if (is_host_function(A) || is_host_function(B) || is_host_function(o->precond)) {
    (void)snprintf(why, size, "products are made by a function on the host");
  } else if (device > FAIR * host) {
    (void)snprintf(why, size, "too small to gain on a device");
  } else if (speig_device_get_info(SPEIG_CUDA, 0, &there) != SPEIG_OK) {
    (void)snprintf(why, size, "%s", speig_last_error());
  } else if (w.room > 0.9 * (double)there.memory_free) {
    (void)snprintf(why, size, "needs %.3g GB of device memory, %.3g GB are free", w.room / 1e9,
                   (double)there.memory_free / 1e9);
  } else {
    (void)snprintf(why, size, "the model says %.2g s, against %.2g s on the host", device, host);
    return SPEIG_CUDA;
  }
  return SPEIG_HOST;
}

/* An impossible problem is refused before anything is taken. */
static speig_status check_room(const speig_operator *A, const speig_operator *B,
                               const speig_eigsh_opts *o, const speig_eigsh_plan *plan)
{
  speig_status st = SPEIG_OK;
  work w = estimate(A, B, o, plan);
  speig_device_info there;
  TRY(speig_device_get_info(plan->device, o->context ? o->context->number : 0, &there));
  if (w.room > (double)there.memory_free)
    FAIL(SPEIG_ERR_MEMORY,
         "method %s needs about %.0f bytes of device memory (n = %" PRId64 ", k = %d), %" PRId64
         " are free",
         speig_method_name(plan->method), w.room, A->n, plan->k, there.memory_free);
done:
  return st;
}

static speig_status choose(const speig_operator *A, const speig_operator *B,
                           const speig_eigsh_opts *o, speig_eigsh_plan *plan, char *why,
                           size_t size)
{
  speig_status st = SPEIG_OK;
  const char *there = operand_in_device_memory(A, B, o);
  if (o->context) {
    plan->device = speig_context_device(o->context);
    REQUIRE(o->device == SPEIG_DEVICE_AUTO || o->device == plan->device,
            "device is %s, but the context computes on %s", speig_device_name(o->device),
            speig_device_name(plan->device));
    REQUIRE(o->threads == 0, "threads is %d, but the context has its own: 0 needed", o->threads);
    (void)snprintf(why, size, "the context computes there");
  } else if (o->device != SPEIG_DEVICE_AUTO) {
    REQUIRE((unsigned)o->device <= SPEIG_CUDA, "device is %d, none of auto, host, reference, cuda",
            (int)o->device);
    plan->device = o->device;
    (void)snprintf(why, size, "asked for");
  } else if (there) {
    plan->device = SPEIG_CUDA;
    (void)snprintf(why, size, "%s is in device memory", there);
  } else {
    plan->device = weigh(A, B, o, plan, why, size);
  }
  REQUIRE(!there || plan->device == SPEIG_CUDA, "%s is in device memory, but the solve runs on %s",
          there, speig_device_name(plan->device));
done:
  return st;
}

speig_status plan_device(const speig_operator *A, const speig_operator *B,
                         const speig_eigsh_opts *o, speig_eigsh_plan *plan)
{
  speig_status st = SPEIG_OK;
  char why[256] = "";
  size_t length = strlen(plan->why);
  TRY(choose(A, B, o, plan, why, sizeof why));
  if (plan->device == SPEIG_CUDA)
    TRY(check_room(A, B, o, plan));
  (void)snprintf(plan->why + length, sizeof plan->why - length, "; device %s: %s",
                 speig_device_name(plan->device), why);
done:
  return st;
}

speig_device plan_device_of_count(speig_device asked)
{
  return asked == SPEIG_DEVICE_AUTO ? SPEIG_HOST : asked;
}
