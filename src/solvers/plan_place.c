/* plan_place.c: where a solve runs.
 *
 * What the caller named or gave decides: a device, a context, operands in device memory. Left to
 * itself, speig compares two times: the host moves a step's bytes at its memory speed; a device
 * does so a hundred times faster, but has to be started, to be sent the matrix, and needs some
 * launches per step however small. It is taken when there is one, the problem fits into its free
 * memory, and it promises at most FAIR of the host's time; it is looked for only then. */
#include "solvers/plan_place.h"

#include "backend/context.h"
#include "base/error.h"
#include "speig/device.h"

#include <inttypes.h>
#include <stdio.h>

static const double FAIR = 0.8;
static const double START = 0.5; /* seconds until driver and library are ready */
static const double LINK = 10e9; /* bytes per second from host memory */
static const double DEVICE_SPEED = 1.5e12; /* bytes per second, half of what large devices have */
static const double HOST_SPEED = 15e9; /* as in plan_lanczos_step_seconds */

int place_holds_operator(const speig_operator *op)
{
  return op && operator_needs_device(op);
}

int place_holds_block(const speig_block *X)
{
  return X && X->cols > 0 && X->device == SPEIG_CUDA;
}

double place_matrix_bytes(const speig_operator *op)
{
  if (!op || op->kind != OPERATOR_MATRIX)
    return 0;
  return ((double)speig_dtype_size(op->dtype) + 4) * (double)operator_entries(op) +
         8.0 * (double)op->rows;
}

speig_status place_decided(const place_wish *wish, speig_device *device, char *why, size_t size)
{
  speig_status st = SPEIG_OK;
  *device = SPEIG_DEVICE_AUTO;
  if (wish->context) {
    *device = speig_context_device(wish->context);
    REQUIRE(wish->device == SPEIG_DEVICE_AUTO || wish->device == *device,
            "device is %s, but the context computes on %s", speig_device_name(wish->device),
            speig_device_name(*device));
    REQUIRE(wish->threads == 0, "threads is %d, but the context has its own: 0 needed",
            wish->threads);
    (void)snprintf(why, size, "the context computes there");
  } else if (wish->device != SPEIG_DEVICE_AUTO) {
    REQUIRE((unsigned)wish->device <= SPEIG_CUDA,
            "device is %d, none of auto, host, reference, cuda", (int)wish->device);
    *device = wish->device;
    (void)snprintf(why, size, "asked for");
  } else if (wish->there) {
    *device = SPEIG_CUDA;
    (void)snprintf(why, size, "%s is in device memory", wish->there);
  }
  REQUIRE(!wish->there || *device == SPEIG_CUDA, "%s is in device memory, but the solve runs on %s",
          wish->there, speig_device_name(*device));
done:
  return st;
}

speig_device place_weigh(const place_work *w, char *why, size_t size)
{
  double host = w->steps * (1e-5 + w->bytes / HOST_SPEED);
  double device = START + w->matrices / LINK + w->steps * (w->latency + w->bytes / DEVICE_SPEED);
  speig_device_info there;
  if (w->host_only) {
    (void)snprintf(why, size, "%s", w->host_only);
  } else if (w->steps == 0) {
    (void)snprintf(why, size, "LAPACK runs on the host");
  } else if (device > FAIR * host) {
    (void)snprintf(why, size, "too small to gain on a device");
  } else if (speig_device_get_info(SPEIG_CUDA, 0, &there) != SPEIG_OK) {
    (void)snprintf(why, size, "%s", speig_last_error());
  } else if (w->room > 0.9 * (double)there.memory_free) {
    (void)snprintf(why, size, "needs %.3g GB of device memory, %.3g GB are free", w->room / 1e9,
                   (double)there.memory_free / 1e9);
  } else {
    (void)snprintf(why, size, "the model says %.2g s, against %.2g s on the host", device, host);
    return SPEIG_CUDA;
  }
  return SPEIG_HOST;
}

speig_status place_check_room(const place_work *w, speig_method method, const speig_context *ctx)
{
  speig_status st = SPEIG_OK;
  speig_device_info there;
  TRY(speig_device_get_info(SPEIG_CUDA, ctx ? ctx->number : 0, &there));
  if (w->room > (double)there.memory_free)
    FAIL(SPEIG_ERR_MEMORY,
         "method %s needs about %.0f bytes of device memory, %" PRId64 " are free",
         speig_method_name(method), w->room, there.memory_free);
done:
  return st;
}
