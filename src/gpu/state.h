/* state.h: one open backend on one device: its stream, its memory, and what became of it.
 *
 * All work of a backend is in one stream, in the order of the calls. Buffers below are therefore
 * reused from call to call without waiting; only what the host itself writes (the coefficient ring)
 * or reads (results) needs care.                                                                */
#ifndef SPEIG_SRC_GPU_STATE_H
#define SPEIG_SRC_GPU_STATE_H

#include "gpu/host.h"

#include <cuda_runtime_api.h>

typedef struct gpu_buffer {
  void *data;
  size_t bytes;
} gpu_buffer;

/* Device memory that is counted in the solve's account, as blocks on the host are. */
typedef struct gpu_taking {
  struct gpu_taking *next;
  void *data;
  size_t bytes;
} gpu_taking;

enum { GPU_STAGES = 2 };

typedef struct gpu_state {
  int device;
  size_t shared_limit; /* bytes of shared memory that a block may ask for */
  cudaStream_t stream;
  int owns_stream;
  int dead; /* the device failed for good; cause tells how */
  char cause[200];
  gpu_taking *takings;
  gpu_buffer work; /* device: partial sums and temporary blocks of one call */
  gpu_buffer coefficients; /* device: the small matrices of one call */
  gpu_buffer batch; /* device: the numbers of a run of Lanczos steps (batch.c) */
  gpu_buffer results; /* pinned: small results on their way to the host */
  gpu_buffer ring; /* pinned: small matrices on their way to the device */
  size_t ring_used;
  gpu_buffer stage[GPU_STAGES]; /* pinned: pieces of large transfers */
  cudaEvent_t staged[GPU_STAGES];
} gpu_state;

static inline gpu_state *gpu_state_of(const backend *be)
{
  return (gpu_state *)be->state;
}

/* Bytes of one of its scalars; the library's own function for it cannot be called from here. */
static inline size_t gpu_scalar_size(const backend *be)
{
  speig_dtype dtype = be->ops->dtype;
  return dtype == SPEIG_S ? 4 : dtype == SPEIG_Z ? 16 : 8;
}

static inline int gpu_is_complex(const backend *be)
{
  return be->ops->dtype == SPEIG_C || be->ops->dtype == SPEIG_Z;
}

static inline int gpu_is_empty(const multivec *X)
{
  return X->n == 0 || X->p == 0;
}

/* ---- errors ----
 * CUDA_TRY(be, cudaCall(...)) leaves through done: with the call's name and the runtime's words. An
 * allocation that fails is MEMORY, everything else DEVICE. After an error the stream is asked
 * whether it still works; if not, the backend is dead and every later call says so.             */
speig_status gpu_check(backend *be, cudaError_t error, const char *call, const char *file, int line,
                       const char *func);
#define CUDA_TRY(be, call)                                                                         \
  do {                                                                                             \
    cudaError_t cuda_error_ = (call);                                                              \
    if (cuda_error_ != cudaSuccess) {                                                              \
      st = gpu_check((be), cuda_error_, #call, __FILE__, __LINE__, __func__);                      \
      goto done;                                                                                   \
    }                                                                                              \
  } while (0)

speig_status gpu_open(backend *be);
void gpu_close(backend *be);
/* First thing of every entry: is the device alive? Makes it the thread's current one. */
speig_status gpu_enter(backend *be);

/* ---- memory ---- */

/* Device memory, refused with the numbers when more is asked for than is free, or than the budget
 * of the solve leaves. */
speig_status gpu_take(backend *be, size_t bytes, const char *what, void **out);
/* The same outside of any account: for matrices, which are the caller's and not the solve's. */
speig_status gpu_take_uncounted(backend *be, size_t bytes, const char *what, void **out);
void gpu_give(backend *be, void *data);
/* At least so many bytes on the device, valid until the next call of this function. */
speig_status gpu_workspace(backend *be, size_t bytes, void **out);
/* C as p x q scalars in double precision on the device, without gaps, complex if is_complex; valid
 * until the next call. */
speig_status gpu_coefficients(backend *be, const small *C, int is_complex, double **out);
/* Waits for the stream and gives the numbers at `device` in host memory; valid until the next. */
speig_status gpu_fetch(backend *be, const void *device, size_t bytes, const void **out);
speig_status gpu_wait(backend *be);

/* ---- transfer.c: rows x cols scalars of `size` bytes between host and device ---- */

speig_status gpu_send(backend *be, const void *host, int64_t ldh, void *device, int64_t ldd,
                      int64_t rows, int64_t cols, size_t size);
/* Complete on return. */
speig_status gpu_receive(backend *be, const void *device, int64_t ldd, void *host, int64_t ldh,
                         int64_t rows, int64_t cols, size_t size);

#endif
