/* plan_device.c: where a Hermitian problem is solved: its operands, and what its steps move, for
 * plan_place.c. */
#include "base/dtype.h"
#include "base/error.h"
#include "solvers/plan_place.h"
#include "solvers/run.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static int is_host_function(const speig_operator *op)
{
  return op && op->kind == OPERATOR_CALLBACK;
}

static place_work estimate(const speig_operator *A, const speig_operator *B,
                           const speig_eigsh_opts *o, const speig_eigsh_plan *plan)
{
  double scalar = (double)speig_dtype_size(A->dtype), n = (double)A->n;
  double sparse = place_matrix_bytes(A) + place_matrix_bytes(B);
  double block = plan->k + fmax(4, plan->k / 4.0 + 2);
  place_work w = { .matrices = sparse, .room = 1.1 * sparse };
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
  } else if (plan->method == SPEIG_FILTER) { /* some pairs, each some products with a filter */
    w.steps = 20000;
    w.bytes = sparse + 8 * scalar * n;
    w.latency = 3e-5;
    w.room += (double)plan->memory_bytes;
  } else { /* LAPACK on the host; the device checks the residuals */
    w.room += scalar * n * (4.0 * plan->k + 64);
  }
  if (plan->transform != SPEIG_TRANSFORM_NONE)
    w.host_only = "factorizations run on the host";
  else if (w.steps > 0 &&
           (is_host_function(A) || is_host_function(B) || is_host_function(o->precond)))
    w.host_only = "products are made by a function on the host";
  return w;
}

static const char *operand_in_device_memory(const speig_operator *A, const speig_operator *B,
                                            const speig_eigsh_opts *o)
{
  if (place_holds_operator(A))
    return "A";
  if (place_holds_operator(B))
    return "B";
  if (place_holds_operator(o->precond))
    return "the preconditioner";
  if (place_holds_operator(o->op_inverse))
    return "the inverse";
  if (place_holds_block(o->guess))
    return "guess";
  if (place_holds_block(o->deflate))
    return "deflate";
  return o->vectors_on == SPEIG_CUDA ? "the place for the vectors" : NULL;
}

speig_status plan_device(const speig_operator *A, const speig_operator *B,
                         const speig_eigsh_opts *o, speig_eigsh_plan *plan)
{
  speig_status st = SPEIG_OK;
  char why[256] = "";
  size_t length = strlen(plan->why);
  place_wish wish = { o->device, o->context, o->threads, operand_in_device_memory(A, B, o) };
  place_work work = estimate(A, B, o, plan);
  TRY(place_decided(&wish, &plan->device, why, sizeof why));
  if (plan->device == SPEIG_DEVICE_AUTO)
    plan->device = place_weigh(&work, why, sizeof why);
  if (plan->device == SPEIG_CUDA)
    TRY(place_check_room(&work, plan->method, o->context));
  (void)snprintf(plan->why + length, sizeof plan->why - length, "; device %s: %s",
                 speig_device_name(plan->device), why);
done:
  return st;
}

speig_device plan_device_of_count(speig_device asked)
{
  return asked == SPEIG_DEVICE_AUTO ? SPEIG_HOST : asked;
}
