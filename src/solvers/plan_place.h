/* plan_place.h: where a solve runs: what the caller's wishes decide, and a model of what a device would
 * gain, for the plans of all solvers. */
#ifndef SPEIG_SRC_SOLVERS_PLAN_PLACE_H
#define SPEIG_SRC_SOLVERS_PLAN_PLACE_H

#include "backend/operator.h"
#include "speig/eigsh.h"

typedef struct place_wish {
  speig_device device;
  speig_context *context; /* may be NULL */
  int threads;
  const char *there; /* what of the operands is in device memory; NULL: nothing */
} place_wish;

/* Operands in device memory. op and X may be NULL. */
int place_holds_operator(const speig_operator *op);
int place_holds_block(const speig_block *X);

/* *device where the wish decides it, and why; AUTO where it does not. Errors: ARG (wishes that
 * contradict each other, a device that is none). */
speig_status place_decided(const place_wish *wish, speig_device *device, char *why, size_t size);

typedef struct place_work {
  double steps, bytes; /* per step; no steps: LAPACK does it all */
  double latency; /* seconds that a step takes on a device however small */
  double matrices; /* bytes to be sent */
  double room; /* bytes of device memory in all */
  const char *host_only; /* why the host alone serves; NULL: a device would do */
} place_work;

/* Bytes of a matrix on the host, which a device would have to be sent; 0 for what is none. */
double place_matrix_bytes(const speig_operator *op);
/* HOST, or CUDA where there is a device that promises enough. */
speig_device place_weigh(const place_work *work, char *why, size_t size);
/* Refuses what cannot fit before anything is taken. ctx may be NULL. Errors: MEMORY, DEVICE. */
speig_status place_check_room(const place_work *work, speig_method method,
                              const speig_context *ctx);

#endif
