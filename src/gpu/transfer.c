/* transfer.c: large arrays between pageable host memory and the device.
 *
 * They go in pieces through two pinned buffers, so that the copy by the processor and the copy by
 * the device overlap. When a send returns, the host memory has been read; the device may still be
 * at it. A receive returns when everything has arrived.                                         */
#include "gpu/state.h"

#include <string.h>

static const size_t PIECE = (size_t)4 << 20; /* bytes */

/* Small transfers take a smaller buffer: pinning costs time by the page. */
static speig_status stage_reserve(backend *be, int s, size_t bytes)
{
  enum { LEAST = 1 << 16 };
  speig_status st = SPEIG_OK;
  gpu_buffer *stage = &gpu_state_of(be)->stage[s];
  size_t wanted = bytes < LEAST ? LEAST : bytes;
  if (wanted > stage->bytes || !stage->data) {
    (void)cudaFreeHost(stage->data);
    *stage = (gpu_buffer){ 0 };
    CUDA_TRY(be, cudaMallocHost(&stage->data, wanted));
    stage->bytes = wanted;
  }
done:
  return st;
}

/* A piece: the bytes [at, at + bytes) of `cols` columns of `column` bytes each, laid end to end,
 * copied between host columns, which lie `step` bytes apart, and the packed buffer.              */
static void copy_columns(char *packed, char *host, size_t column, size_t step, size_t at,
                         size_t bytes, int to_host)
{
  while (bytes > 0) {
    size_t offset = at % column, run = column - offset < bytes ? column - offset : bytes;
    char *there = host + at / column * step + offset;
    memcpy(to_host ? there : packed, to_host ? packed : there, run);
    packed += run;
    at += run;
    bytes -= run;
  }
}

/* The same piece between the packed buffer and device columns. */
static speig_status device_columns(backend *be, char *packed, char *device, size_t column,
                                   size_t step, size_t at, size_t bytes, int to_host)
{
  speig_status st = SPEIG_OK;
  cudaStream_t stream = gpu_state_of(be)->stream;
  if (step == column) { /* no gaps: one copy */
    CUDA_TRY(be,
             cudaMemcpyAsync(to_host ? packed : device + at, to_host ? device + at : packed, bytes,
                             to_host ? cudaMemcpyDeviceToHost : cudaMemcpyHostToDevice, stream));
    return st;
  }
  while (bytes > 0) {
    size_t offset = at % column, run = column - offset < bytes ? column - offset : bytes;
    char *there = device + at / column * step + offset;
    CUDA_TRY(be,
             cudaMemcpyAsync(to_host ? packed : there, to_host ? there : packed, run,
                             to_host ? cudaMemcpyDeviceToHost : cudaMemcpyHostToDevice, stream));
    packed += run;
    at += run;
    bytes -= run;
  }
done:
  return st;
}

static speig_status reserve_stages(backend *be, size_t total)
{
  speig_status st = SPEIG_OK;
  TRY(gpu_wait(be)); /* nobody is using them when they are replaced */
  for (int s = 0; s < GPU_STAGES; ++s)
    TRY(stage_reserve(be, s, total < PIECE ? total : PIECE));
done:
  return st;
}

speig_status gpu_send(backend *be, const void *host, int64_t ldh, void *device, int64_t ldd,
                      int64_t rows, int64_t cols, size_t size)
{
  speig_status st = SPEIG_OK;
  gpu_state *state = gpu_state_of(be);
  size_t column = (size_t)rows * size, total = column * (size_t)cols;
  int s = 0;
  if (total == 0)
    return st;
  if (state->stage[1].bytes < (total < PIECE ? total : PIECE))
    TRY(reserve_stages(be, total));
  for (size_t at = 0; at < total; s = (s + 1) % GPU_STAGES) {
    size_t bytes = total - at < state->stage[s].bytes ? total - at : state->stage[s].bytes;
    CUDA_TRY(be, cudaEventSynchronize(state->staged[s])); /* the device has taken what was there */
    copy_columns(state->stage[s].data, (char *)host, column, (size_t)ldh * size, at, bytes, 0);
    TRY(device_columns(be, state->stage[s].data, device, column, (size_t)ldd * size, at, bytes, 0));
    CUDA_TRY(be, cudaEventRecord(state->staged[s], state->stream));
    at += bytes;
  }
done:
  return st;
}

speig_status gpu_receive(backend *be, const void *device, int64_t ldd, void *host, int64_t ldh,
                         int64_t rows, int64_t cols, size_t size)
{
  speig_status st = SPEIG_OK;
  gpu_state *state = gpu_state_of(be);
  size_t column = (size_t)rows * size, total = column * (size_t)cols, step = (size_t)ldh * size;
  size_t asked = 0, first[GPU_STAGES], count[GPU_STAGES] = { 0, 0 };
  int s = 0;
  if (total == 0)
    return st;
  if (state->stage[1].bytes < (total < PIECE ? total : PIECE))
    TRY(reserve_stages(be, total));
  for (size_t done_bytes = 0; done_bytes < total; s = (s + 1) % GPU_STAGES) {
    if (count[s] > 0) { /* piece s has been on its way while the other one was copied */
      CUDA_TRY(be, cudaEventSynchronize(state->staged[s]));
      copy_columns(state->stage[s].data, host, column, step, first[s], count[s], 1);
      done_bytes += count[s];
    }
    first[s] = asked;
    count[s] = total - asked < state->stage[s].bytes ? total - asked : state->stage[s].bytes;
    if (count[s] == 0)
      continue;
    TRY(device_columns(be, state->stage[s].data, (char *)device, column, (size_t)ldd * size, asked,
                       count[s], 1));
    CUDA_TRY(be, cudaEventRecord(state->staged[s], state->stream));
    asked += count[s];
  }
done:
  return st;
}
