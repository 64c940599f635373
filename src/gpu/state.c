/* state.c: opens and closes a backend on a device; its memory; what an error means. */
#include "gpu/state.h"

#include <stdio.h>
#include <string.h>

/* ---- errors ---- */

/* Does the stream still answer? What killed the device shows in every later call. */
static void look_for_death(gpu_state *state, const char *name)
{
  (void)cudaGetLastError(); /* what was told already must not show up in a later call */
  if (cudaStreamSynchronize(state->stream) == cudaSuccess)
    return;
  if (cudaStreamSynchronize(state->stream) == cudaSuccess)
    return; /* that was the late report of one failed operation */
  state->dead = 1;
  (void)snprintf(state->cause, sizeof state->cause, "%s", name);
}

speig_status gpu_check(backend *be, cudaError_t error, const char *call, const char *file, int line,
                       const char *func)
{
  gpu_state *state = be ? gpu_state_of(be) : NULL;
  int length = (int)strcspn(call, "(");
  const char *name = cudaGetErrorName(error), *text = cudaGetErrorString(error);
  speig_status code = error == cudaErrorMemoryAllocation ? SPEIG_ERR_MEMORY : SPEIG_ERR_DEVICE;
  (void)cudaGetLastError();
  if (state && state->stream && code == SPEIG_ERR_DEVICE)
    look_for_death(state, name);
  return error_raise(code, file, line, func, "%.*s: %s (%s)%s", length, call, text, name,
                     state && state->dead ? "; the device can be used no more" : "");
}

speig_status gpu_enter(backend *be)
{
  speig_status st = SPEIG_OK;
  gpu_state *state = gpu_state_of(be);
  if (state->dead)
    FAIL(SPEIG_ERR_DEVICE, "%s: the device failed earlier (%s) and can be used no more",
         be->ops->name, state->cause);
  CUDA_TRY(be, cudaSetDevice(state->device));
done:
  return st;
}

/* ---- open and close ---- */

#ifndef SPEIG_CUDA_LEAST
#define SPEIG_CUDA_LEAST 80 /* capability that the kernels are compiled for, at least */
#endif

static speig_status choose_device(backend *be, gpu_state *state)
{
  speig_status st = SPEIG_OK;
  int bytes = 0, count = 0, major = 0, minor = 0;
  CUDA_TRY(be, cudaGetDeviceCount(&count));
  if (be->ordinal < 0 || be->ordinal >= count)
    FAIL(SPEIG_ERR_DEVICE, "CUDA device number %d, there are %d, counted from 0", be->ordinal,
         count);
  state->device = be->ordinal;
  CUDA_TRY(be, cudaSetDevice(state->device));
  CUDA_TRY(be,
           cudaDeviceGetAttribute(&bytes, cudaDevAttrMaxSharedMemoryPerBlockOptin, state->device));
  state->shared_limit = (size_t)bytes;
  CUDA_TRY(be, cudaDeviceGetAttribute(&major, cudaDevAttrComputeCapabilityMajor, state->device));
  CUDA_TRY(be, cudaDeviceGetAttribute(&minor, cudaDevAttrComputeCapabilityMinor, state->device));
  if (10 * major + minor < SPEIG_CUDA_LEAST)
    FAIL(SPEIG_ERR_DEVICE,
         "CUDA device number %d has capability %d.%d; this module was built for "
         "%d.%d and later",
         be->ordinal, major, minor, SPEIG_CUDA_LEAST / 10, SPEIG_CUDA_LEAST % 10);
done:
  return st;
}

speig_status gpu_open(backend *be)
{
  speig_status st = SPEIG_OK;
  gpu_state *state = NULL;
  TRY(MEM_ZARRAY(1, "backend", &state));
  be->state = state;
  TRY(choose_device(be, state));
  state->owns_stream = !be->stream;
  state->stream = (cudaStream_t)be->stream;
  if (state->owns_stream)
    CUDA_TRY(be, cudaStreamCreateWithFlags(&state->stream, cudaStreamNonBlocking));
  be->stream = (void *)state->stream; /* for callbacks that put work of their own into it */
  for (int s = 0; s < GPU_STAGES; ++s)
    CUDA_TRY(be, cudaEventCreateWithFlags(&state->staged[s], cudaEventDisableTiming));
done:
  if (st != SPEIG_OK)
    gpu_close(be);
  return st;
}

static void forget_taking(gpu_state *state, const void *data)
{
  for (gpu_taking **at = &state->takings; *at; at = &(*at)->next)
    if ((*at)->data == data) {
      gpu_taking *found = *at;
      *at = found->next;
      mem_unclaim(found->bytes);
      mem_free(found);
      return;
    }
}

/* Errors are of no use here: on a dead device every release fails, and the driver takes all of it
 * back with the process. */
void gpu_close(backend *be)
{
  gpu_state *state = gpu_state_of(be);
  if (!state)
    return;
  (void)cudaSetDevice(state->device);
  if (state->stream)
    (void)cudaStreamSynchronize(state->stream);
  gpu_give(be, state->work.data);
  gpu_give(be, state->coefficients.data);
  gpu_give(be, state->batch.data);
  (void)cudaFreeHost(state->results.data);
  (void)cudaFreeHost(state->ring.data);
  for (int s = 0; s < GPU_STAGES; ++s) {
    (void)cudaFreeHost(state->stage[s].data);
    if (state->staged[s])
      (void)cudaEventDestroy(state->staged[s]);
  }
  while (state->takings) /* of blocks that outlive their backend */
    forget_taking(state, state->takings->data);
  if (state->owns_stream && state->stream)
    (void)cudaStreamDestroy(state->stream);
  (void)cudaGetLastError();
  mem_free(state);
  be->state = NULL;
}

/* ---- memory ---- */

speig_status gpu_take_uncounted(backend *be, size_t bytes, const char *what, void **out)
{
  speig_status st = SPEIG_OK;
  size_t available = 0, total = 0;
  cudaError_t error;
  *out = NULL;
  CUDA_TRY(be, cudaMemGetInfo(&available, &total));
  if (bytes > available)
    FAIL(SPEIG_ERR_MEMORY, "%s needs %zu bytes on the device, which has %zu of %zu free", what,
         bytes, available, total);
  error = cudaMalloc(out, bytes > 0 ? bytes : 1);
  if (error == cudaErrorMemoryAllocation) {
    (void)cudaGetLastError();
    FAIL(SPEIG_ERR_MEMORY,
         "%s needs %zu bytes on the device, which does not give them (%zu of %zu free): %s", what,
         bytes, available, total, cudaGetErrorString(error));
  }
  if (error != cudaSuccess)
    st = gpu_check(be, error, "cudaMalloc", __FILE__, __LINE__, __func__);
done:
  return st;
}

speig_status gpu_take(backend *be, size_t bytes, const char *what, void **out)
{
  speig_status st = SPEIG_OK;
  gpu_state *state = gpu_state_of(be);
  gpu_taking *taking = NULL;
  *out = NULL;
  TRY(MEM_ZARRAY(1, what, &taking));
  TRY(mem_claim(bytes, what));
  taking->bytes = bytes;
  TRY(gpu_take_uncounted(be, bytes, what, out));
  taking->data = *out;
  taking->next = state->takings;
  state->takings = taking;
  taking = NULL;
done:
  if (taking) {
    mem_unclaim(taking->bytes);
    mem_free(taking);
  }
  return st;
}

void gpu_give(backend *be, void *data)
{
  gpu_state *state = gpu_state_of(be);
  if (!data)
    return;
  forget_taking(state, data);
  (void)cudaSetDevice(state->device);
  (void)cudaFree(data);
  (void)cudaGetLastError(); /* a dead device says so at the next entry */
}

speig_status gpu_workspace(backend *be, size_t bytes, void **out)
{
  enum { LEAST = 1 << 20 };
  speig_status st = SPEIG_OK;
  gpu_buffer *work = &gpu_state_of(be)->work;
  if (bytes > work->bytes || !work->data) {
    size_t wanted = bytes < LEAST ? LEAST : bytes;
    gpu_give(be, work->data);
    *work = (gpu_buffer){ 0 };
    TRY(gpu_take(be, wanted, "workspace", &work->data));
    work->bytes = wanted;
  }
  *out = work->data;
done:
  return st;
}

/* Pinned host memory of at least so many bytes; what it held is lost. */
static speig_status pinned_reserve(backend *be, size_t bytes, gpu_buffer *buffer)
{
  enum { LEAST = 1 << 16 };
  speig_status st = SPEIG_OK;
  if (bytes > buffer->bytes || !buffer->data) {
    size_t wanted = bytes < LEAST ? LEAST : bytes;
    (void)cudaFreeHost(buffer->data);
    *buffer = (gpu_buffer){ 0 };
    CUDA_TRY(be, cudaMallocHost(&buffer->data, wanted));
    buffer->bytes = wanted;
  }
done:
  return st;
}

speig_status gpu_wait(backend *be)
{
  speig_status st = SPEIG_OK;
  CUDA_TRY(be, cudaStreamSynchronize(gpu_state_of(be)->stream));
  gpu_state_of(be)->ring_used = 0;
done:
  return st;
}

speig_status gpu_fetch(backend *be, const void *device, size_t bytes, const void **out)
{
  speig_status st = SPEIG_OK;
  gpu_state *state = gpu_state_of(be);
  TRY(pinned_reserve(be, bytes, &state->results));
  CUDA_TRY(be, cudaMemcpyAsync(state->results.data, device, bytes, cudaMemcpyDeviceToHost,
                               state->stream));
  TRY(gpu_wait(be));
  *out = state->results.data;
done:
  return st;
}

static void pack(const small *C, int is_complex, double *out)
{
  for (int32_t j = 0; j < C->cols; ++j)
    for (int32_t i = 0; i < C->rows; ++i) {
      const double *c = C->data + ((int64_t)i + (int64_t)j * C->ld) * (C->is_complex ? 2 : 1);
      *out++ = c[0];
      if (is_complex)
        *out++ = C->is_complex ? c[1] : 0;
    }
}

/* A place in the ring is written again only after the stream has passed it. */
speig_status gpu_coefficients(backend *be, const small *C, int is_complex, double **out)
{
  speig_status st = SPEIG_OK;
  enum { ROUND = 8 }; /* small matrices between two waits */
  gpu_state *state = gpu_state_of(be);
  size_t bytes = sizeof(double) * (size_t)C->rows * (size_t)C->cols * (is_complex ? 2 : 1);
  double *place;
  if (state->ring_used + bytes > state->ring.bytes) {
    TRY(gpu_wait(be));
    TRY(pinned_reserve(be, ROUND * bytes, &state->ring));
  }
  if (bytes > state->coefficients.bytes) {
    gpu_give(be, state->coefficients.data);
    state->coefficients = (gpu_buffer){ 0 };
    TRY(gpu_take(be, state->ring.bytes, "small matrix", &state->coefficients.data));
    state->coefficients.bytes = state->ring.bytes;
  }
  place = (double *)(void *)((char *)state->ring.data + state->ring_used);
  pack(C, is_complex, place);
  CUDA_TRY(be, cudaMemcpyAsync(state->coefficients.data, place, bytes, cudaMemcpyHostToDevice,
                               state->stream));
  state->ring_used += bytes;
  *out = state->coefficients.data;
done:
  return st;
}
