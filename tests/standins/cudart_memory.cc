/* cudart_memory.cc: the fake runtime's memory, and copies between the host and the device. */
#include <memory>
#include <vector>

#include "cudart.h"

using namespace standins;

extern "C" {

STANDINS_SHARED cudaError_t cudaMemGetInfo(size_t *free, size_t *total)
{
  ENTER(cudaErrorUnknown);
  NEED(free && total, cudaErrorInvalidValue);
  const size_t used = device_used(current_device());
  *total = config().memory;
  *free = *total > used ? *total - used : 0;
  return cudaSuccess;
}

STANDINS_SHARED cudaError_t cudaMalloc(void **pointer, size_t bytes)
{
  ENTER(cudaErrorMemoryAllocation);
  NEED(pointer, cudaErrorInvalidValue);
  NEED(not_capturing() == cudaSuccess, cudaErrorStreamCaptureUnsupported);
  *pointer = nullptr;
  if (bytes == 0)
    return cudaSuccess;
  *pointer = device_allocate(current_device(), bytes);
  NEED(*pointer, cudaErrorMemoryAllocation);
  return cudaSuccess;
}

/* Waits for the device, as the real one does. A call made to fail still frees: the real error would
 * be one of earlier work. */
STANDINS_SHARED cudaError_t cudaFree(void *pointer)
{
  entry here(__func__);
  NEED(machine() == cudaSuccess, machine());
  NEED(not_capturing() == cudaSuccess, cudaErrorStreamCaptureUnsupported);
  run_everything();
  if (pointer && !device_free(pointer))
    return answer(here.fails() ? here.error(cudaErrorUnknown) : cudaErrorInvalidValue);
  return here.fails() ? answer(here.error(cudaErrorUnknown)) : cudaSuccess;
}

STANDINS_SHARED cudaError_t cudaMallocHost(void **pointer, size_t bytes)
{
  ENTER(cudaErrorMemoryAllocation);
  NEED(pointer, cudaErrorInvalidValue);
  NEED(not_capturing() == cudaSuccess, cudaErrorStreamCaptureUnsupported);
  *pointer = nullptr;
  if (bytes == 0)
    return cudaSuccess;
  *pointer = pinned_allocate(bytes);
  NEED(*pointer, cudaErrorMemoryAllocation);
  return cudaSuccess;
}

STANDINS_SHARED cudaError_t cudaFreeHost(void *pointer)
{
  entry here(__func__);
  NEED(machine() == cudaSuccess, machine());
  run_everything();
  if (pointer && !pinned_free(pointer))
    return answer(here.fails() ? here.error(cudaErrorUnknown) : cudaErrorInvalidValue);
  return here.fails() ? answer(here.error(cudaErrorUnknown)) : cudaSuccess;
}

STANDINS_SHARED cudaError_t cudaPointerGetAttributes(cudaPointerAttributes *a, const void *pointer)
{
  ENTER(cudaErrorUnknown);
  NEED(a, cudaErrorInvalidValue);
  memset(a, 0, sizeof *a);
  const allocation *on_device = device_find(pointer);
  if (on_device && (const char *)pointer < on_device->begin + on_device->bytes) {
    a->type = cudaMemoryTypeDevice;
    a->device = on_device->device;
    a->devicePointer = (void *)pointer;
  } else if (pinned_contains(pointer)) {
    a->type = cudaMemoryTypeHost;
    a->device = current_device();
    a->devicePointer = a->hostPointer = (void *)pointer;
  } else {
    a->type = cudaMemoryTypeUnregistered;
    a->device = -2; /* cudaInvalidDeviceId */
    a->hostPointer = (void *)pointer;
  }
  return cudaSuccess;
}

/* ------------------------------------------------------------------------------------ copies */

/* `rows` pieces of `width` bytes, each operand with its pitch. */
struct copy {
  char *to;
  const char *from;
  size_t to_pitch, from_pitch, width, rows;
  size_t to_bytes() const
  {
    return (rows - 1) * to_pitch + width;
  }
  size_t from_bytes() const
  {
    return (rows - 1) * from_pitch + width;
  }
  void run() const
  {
    for (size_t r = 0; r < rows; ++r)
      memmove(to + r * to_pitch, from + r * from_pitch, width);
  }
};

/* The copy's operands are where its kind says and within their allocations. */
static cudaError_t check_copy(const copy &c, cudaMemcpyKind kind)
{
  bool to_device = kind == cudaMemcpyHostToDevice || kind == cudaMemcpyDeviceToDevice;
  bool from_device = kind == cudaMemcpyDeviceToHost || kind == cudaMemcpyDeviceToDevice;
  if ((int)kind < 0 || kind > cudaMemcpyDefault)
    return cudaErrorInvalidMemcpyDirection;
  if (kind == cudaMemcpyDefault) {
    to_device = device_find(c.to) != nullptr;
    from_device = device_find(c.from) != nullptr;
  }
  if (!c.to || !c.from)
    return cudaErrorInvalidValue;
  if (to_device ? !device_range(c.to, c.to_bytes()) : device_find(c.to) != nullptr)
    return cudaErrorInvalidValue;
  if (from_device ? !device_range(c.from, c.from_bytes()) : device_find(c.from) != nullptr)
    return cudaErrorInvalidValue;
  return cudaSuccess;
}

/* Pageable sources are staged at the call, as the driver does; with SPEIG_STANDINS_PAGEABLE=late
 * they are read when the copy runs, which the documentation allows. Copies to the host happen when
 * somebody waits; until then the destination holds NaN. */
static cudaError_t put_copy(copy c, cudaMemcpyKind kind, cudaStream_t handle, const char *name)
{
  stream *s = stream_of(handle);
  if (!s)
    return cudaErrorInvalidResourceHandle;
  if (c.width == 0 || c.rows == 0)
    return cudaSuccess;
  const cudaError_t error = check_copy(c, kind);
  if (error != cudaSuccess)
    return error;
  const bool from_host = !device_find(c.from), to_host = !device_find(c.to);
  const bool pageable = from_host && !pinned_contains(c.from);
  if (s->capturing && (pageable || (to_host && !pinned_contains(c.to)))) {
    s->capture_broken = true;
    return cudaErrorStreamCaptureUnsupported;
  }
  if (pageable && !to_host && !config().pageable_late) {
    auto staged = std::make_shared<std::vector<char>>(c.width * c.rows);
    copy stage = c;
    stage.to = staged->data();
    stage.to_pitch = c.width;
    stage.run();
    c.from_pitch = c.width;
    return enqueue(handle, name, [c, staged] {
      copy staged_copy = c;
      staged_copy.from = staged->data();
      staged_copy.run();
    });
  }
  if (to_host && !s->capturing && !pending_read_of(c.to, c.to_bytes()))
    for (size_t r = 0; r < c.rows; ++r)
      memset(c.to + r * c.to_pitch, 0xff, c.width);
  return enqueue(
      handle, name, [c] { c.run(); }, from_host ? c.from : nullptr, c.from_bytes());
}

STANDINS_SHARED cudaError_t cudaMemcpyAsync(void *to, const void *from, size_t bytes,
                                            cudaMemcpyKind kind, cudaStream_t stream)
{
  ENTER(cudaErrorUnknown);
  return answer(put_copy(copy{ (char *)to, (const char *)from, bytes, bytes, bytes, 1 }, kind,
                         stream, __func__));
}

STANDINS_SHARED cudaError_t cudaMemcpy2DAsync(void *to, size_t to_pitch, const void *from,
                                              size_t from_pitch, size_t width, size_t height,
                                              cudaMemcpyKind kind, cudaStream_t stream)
{
  ENTER(cudaErrorUnknown);
  const size_t most = 2147483647; /* the pitch that a device can take */
  NEED(height == 0 || (to_pitch >= width && from_pitch >= width), cudaErrorInvalidPitchValue);
  NEED(to_pitch <= most && from_pitch <= most, cudaErrorInvalidPitchValue);
  return answer(
      put_copy(copy{ (char *)to, (const char *)from, to_pitch, from_pitch, width, height }, kind,
               stream, __func__));
}

static cudaError_t put_fill(char *to, size_t pitch, int value, size_t width, size_t rows,
                            cudaStream_t stream, const char *name)
{
  if (!stream_of(stream))
    return cudaErrorInvalidResourceHandle;
  if (width == 0 || rows == 0)
    return cudaSuccess;
  if (!device_range(to, (rows - 1) * pitch + width))
    return cudaErrorInvalidValue;
  return enqueue(stream, name, [=] {
    for (size_t r = 0; r < rows; ++r)
      memset(to + r * pitch, value, width);
  });
}

STANDINS_SHARED cudaError_t cudaMemsetAsync(void *pointer, int value, size_t bytes,
                                            cudaStream_t stream)
{
  ENTER(cudaErrorUnknown);
  return answer(put_fill((char *)pointer, bytes, value, bytes, 1, stream, __func__));
}

STANDINS_SHARED cudaError_t cudaMemset2DAsync(void *pointer, size_t pitch, int value, size_t width,
                                              size_t height, cudaStream_t stream)
{
  ENTER(cudaErrorUnknown);
  NEED(pitch >= width || height <= 1, cudaErrorInvalidValue);
  return answer(put_fill((char *)pointer, pitch, value, width, height, stream, __func__));
}

} /* extern "C" */
