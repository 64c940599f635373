/* device.h: which CUDA devices there are. The host needs no asking. */
#ifndef SPEIG_DEVICE_H
#define SPEIG_DEVICE_H

#include "speig/types.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct speig_device_info {
  char name[256];
  int major, minor; /* compute capability */
  int multiprocessors;
  int driver, runtime; /* version of CUDA that the driver supports, and that is used: 1000 major +
                          10 minor */
  int64_t memory_total, memory_free; /* bytes */
} speig_device_info;

/* How many devices of a kind there are, numbered from 0; 1 for the host and the reference. Errors:
 * ARG, DEVICE with the reason why there is none (built without CUDA, no driver, no device). */
SPEIG_API speig_status speig_device_count(speig_device device, int *count);
/* What is known of CUDA device `number`. Errors: ARG, DEVICE. */
SPEIG_API speig_status speig_device_get_info(speig_device device, int number,
                                             speig_device_info *out);

#ifdef __cplusplus
}
#endif
#endif
