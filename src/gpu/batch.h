/* batch.h: Lanczos steps that are made without a word to the host (backend.h, lanczos_append): the
 * numbers that decide how they go on stay on the device.                                        */
#ifndef SPEIG_SRC_GPU_BATCH_H
#define SPEIG_SRC_GPU_BATCH_H

#include "gpu/state.h"

/* In device memory. */
typedef struct gpu_run {
  double norm_op, huge, eps;
  double inverse; /* 1 / ||w|| of the step just made */
  int32_t stopped; /* the step before which the run stopped; -1: it goes on */
  int32_t again; /* the step at hand needs a second sweep */
  uint32_t arrived; /* blocks that are through, in the kernel that decides */
} gpu_run;

/* Arrays of the run, device memory as well. */
typedef struct gpu_arrays {
  double *diag, *off; /* [last] alpha and beta */
  double *coefficient[3]; /* Q^H w before, after one, after two sweeps; the norm^2 behind them */
} gpu_arrays;

speig_status gpu_entry_lanczos_append(lanczos_batch *batch, int32_t j);
speig_status gpu_entry_lanczos_collect(lanczos_batch *batch, int32_t *done);

#endif
