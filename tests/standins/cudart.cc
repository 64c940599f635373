/*
 * cudart.cc: the fake libcudart, by the names and the version of the real one, so that the module
 * that nvcc built runs on it unchanged. What a call does and returns follows NVIDIA's
 * documentation; contract.c holds it against the real library where there is one.
 *
 * The entries behind the compiler's own hooks (__cudaRegisterFunction and its kin) learn the names
 * of the kernels; the code of a kernel comes from the same source compiled by g++ (launch.cc).
 */
#include <chrono>
#include <cstdio>

#include "memory.h"
#include "standins.h"
#include "streams.h"

using namespace standins;

namespace
{

thread_local cudaError_t last_error = cudaSuccess;
thread_local int current_device;

/* The pool of what was made and must be released. */
struct graph {
  std::vector<operation> operations;
};

cudaError_t answer(cudaError_t error)
{
  if (error != cudaSuccess)
    last_error = error;
  return error;
}

/* What stands in the way of every call: a driver too old, no device. */
cudaError_t machine()
{
  if (config().driver < 13000)
    return cudaErrorInsufficientDriver;
  return config().devices > 0 ? cudaSuccess : cudaErrorNoDevice;
}

/* A call that is only allowed while nothing is captured. */
cudaError_t not_capturing()
{
  return capturing_any() ? cudaErrorStreamCaptureUnsupported : cudaSuccess;
}

#define ENTER(own_error)                                                                           \
  entry here(__func__);                                                                            \
  if (here.fails())                                                                                \
    return answer(here.error(own_error));                                                          \
  if (machine() != cudaSuccess)                                                                    \
  return answer(machine())
#define NEED(condition, error)                                                                     \
  do {                                                                                             \
    if (!(condition))                                                                              \
      return answer(error);                                                                        \
  } while (0)

} // namespace

cudaError_t standins::set_last_error(cudaError_t error)
{
  return answer(error);
}

extern "C" {

/* ---------------------------------------------------------------------------- devices, versions */

STANDINS_SHARED cudaError_t cudaGetDeviceCount(int *count)
{
  *count = 0;
  ENTER(cudaErrorUnknown);
  NEED(count, cudaErrorInvalidValue);
  *count = config().devices;
  return cudaSuccess;
}

STANDINS_SHARED cudaError_t cudaGetDevice(int *device)
{
  ENTER(cudaErrorUnknown);
  NEED(device, cudaErrorInvalidValue);
  *device = current_device;
  return cudaSuccess;
}

STANDINS_SHARED cudaError_t cudaSetDevice(int device)
{
  ENTER(cudaErrorUnknown);
  NEED(device >= 0 && device < config().devices, cudaErrorInvalidDevice);
  current_device = device;
  return cudaSuccess;
}

STANDINS_SHARED cudaError_t cudaGetDeviceProperties(cudaDeviceProp *p, int device)
{
  ENTER(cudaErrorUnknown);
  NEED(p, cudaErrorInvalidValue);
  NEED(device >= 0 && device < config().devices, cudaErrorInvalidDevice);
  memset(p, 0, sizeof *p);
  snprintf(p->name, sizeof p->name, "Emulated device");
  p->totalGlobalMem = config().memory;
  p->sharedMemPerBlock = 49152;
  p->sharedMemPerBlockOptin = 232448;
  p->sharedMemPerMultiprocessor = 233472;
  p->regsPerBlock = 65536;
  p->warpSize = 32;
  p->maxThreadsPerBlock = 1024;
  p->maxThreadsPerMultiProcessor = 2048;
  p->maxThreadsDim[0] = p->maxThreadsDim[1] = 1024;
  p->maxThreadsDim[2] = 64;
  p->maxGridSize[0] = 2147483647;
  p->maxGridSize[1] = p->maxGridSize[2] = 65535;
  p->major = 9;
  p->multiProcessorCount = 4; /* few, so that grids sized by it stay small */
  p->l2CacheSize = 1 << 20;
  p->memoryBusWidth = 64;
  p->unifiedAddressing = p->concurrentKernels = 1;
  return cudaSuccess;
}

STANDINS_SHARED cudaError_t cudaDeviceGetAttribute(int *value, cudaDeviceAttr attribute, int device)
{
  ENTER(cudaErrorUnknown);
  NEED(value, cudaErrorInvalidValue);
  NEED(device >= 0 && device < config().devices, cudaErrorInvalidDevice);
  switch (attribute) {
  case cudaDevAttrMaxThreadsPerBlock:
    *value = 1024;
    break;
  case cudaDevAttrMaxSharedMemoryPerBlock:
    *value = 49152;
    break;
  case cudaDevAttrMaxSharedMemoryPerBlockOptin:
    *value = 232448;
    break;
  case cudaDevAttrMaxSharedMemoryPerMultiprocessor:
    *value = 233472;
    break;
  case cudaDevAttrWarpSize:
    *value = 32;
    break;
  case cudaDevAttrMultiProcessorCount:
    *value = 4;
    break;
  case cudaDevAttrMaxThreadsPerMultiProcessor:
    *value = 2048;
    break;
  case cudaDevAttrComputeCapabilityMajor:
    *value = 9;
    break;
  case cudaDevAttrComputeCapabilityMinor:
    *value = 0;
    break;
  case cudaDevAttrL2CacheSize:
    *value = 1 << 20;
    break;
  case cudaDevAttrGlobalMemoryBusWidth:
    *value = 64;
    break;
  case cudaDevAttrClockRate:
  case cudaDevAttrMemoryClockRate:
    *value = 1000000;
    break;
  case cudaDevAttrUnifiedAddressing:
    *value = 1;
    break;
  case cudaDevAttrIntegrated:
  case cudaDevAttrPageableMemoryAccess:
    *value = 0;
    break;
  default:
    violation("cudaDeviceGetAttribute: attribute %d is not known here", (int)attribute);
  }
  return cudaSuccess;
}

STANDINS_SHARED cudaError_t cudaDriverGetVersion(int *version)
{
  entry here(__func__, entry::exempt);
  NEED(version, cudaErrorInvalidValue);
  *version = config().driver;
  return cudaSuccess;
}

STANDINS_SHARED cudaError_t cudaRuntimeGetVersion(int *version)
{
  entry here(__func__, entry::exempt);
  NEED(version, cudaErrorInvalidValue);
  *version = CUDART_VERSION;
  return cudaSuccess;
}

/* ------------------------------------------------------------------------------------ errors */

STANDINS_SHARED cudaError_t cudaPeekAtLastError(void)
{
  entry here(__func__, entry::exempt);
  return entry::dead() ? death() : last_error;
}

STANDINS_SHARED cudaError_t cudaGetLastError(void)
{
  entry here(__func__, entry::exempt);
  cudaError_t error = entry::dead() ? death() : last_error;
  last_error = cudaSuccess;
  return error;
}

static const struct {
  cudaError_t error;
  const char *name, *text;
} errors[] = {
  { cudaSuccess, "cudaSuccess", "no error" },
  { cudaErrorInvalidValue, "cudaErrorInvalidValue", "invalid argument" },
  { cudaErrorMemoryAllocation, "cudaErrorMemoryAllocation", "out of memory" },
  { cudaErrorInitializationError, "cudaErrorInitializationError", "initialization error" },
  { cudaErrorInvalidConfiguration, "cudaErrorInvalidConfiguration",
    "invalid configuration argument" },
  { cudaErrorInvalidPitchValue, "cudaErrorInvalidPitchValue", "invalid pitch argument" },
  { cudaErrorInvalidMemcpyDirection, "cudaErrorInvalidMemcpyDirection",
    "invalid copy direction for memcpy" },
  { cudaErrorInsufficientDriver, "cudaErrorInsufficientDriver",
    "CUDA driver version is insufficient for CUDA runtime version" },
  { cudaErrorInvalidDeviceFunction, "cudaErrorInvalidDeviceFunction", "invalid device function" },
  { cudaErrorNoDevice, "cudaErrorNoDevice", "no CUDA-capable device is detected" },
  { cudaErrorInvalidDevice, "cudaErrorInvalidDevice", "invalid device ordinal" },
  { cudaErrorInvalidResourceHandle, "cudaErrorInvalidResourceHandle", "invalid resource handle" },
  { cudaErrorNotReady, "cudaErrorNotReady", "device not ready" },
  { cudaErrorIllegalAddress, "cudaErrorIllegalAddress",
    "an illegal memory access was encountered" },
  { cudaErrorLaunchOutOfResources, "cudaErrorLaunchOutOfResources",
    "too many resources requested for launch" },
  { cudaErrorLaunchFailure, "cudaErrorLaunchFailure", "unspecified launch failure" },
  { cudaErrorStreamCaptureUnsupported, "cudaErrorStreamCaptureUnsupported",
    "operation not permitted when stream is capturing" },
  { cudaErrorStreamCaptureInvalidated, "cudaErrorStreamCaptureInvalidated",
    "operation failed due to a previous error during capture" },
  { cudaErrorStreamCaptureImplicit, "cudaErrorStreamCaptureImplicit",
    "operation would make the legacy stream depend on a capturing blocking stream" },
  { cudaErrorUnknown, "cudaErrorUnknown", "unknown error" },
};

STANDINS_SHARED const char *cudaGetErrorName(cudaError_t error)
{
  for (auto &e : errors)
    if (e.error == error)
      return e.name;
  return "unrecognized error code";
}

STANDINS_SHARED const char *cudaGetErrorString(cudaError_t error)
{
  for (auto &e : errors)
    if (e.error == error)
      return e.text;
  return "unrecognized error code";
}

/* ------------------------------------------------------------------------------------ memory */

STANDINS_SHARED cudaError_t cudaMemGetInfo(size_t *free, size_t *total)
{
  ENTER(cudaErrorUnknown);
  NEED(free && total, cudaErrorInvalidValue);
  const size_t used = device_used(current_device);
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
  *pointer = device_allocate(current_device, bytes);
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
    a->device = current_device;
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

/* --------------------------------------------------------------------------- streams, events */

STANDINS_SHARED cudaError_t cudaStreamCreateWithFlags(cudaStream_t *handle, unsigned flags)
{
  ENTER(cudaErrorMemoryAllocation);
  NEED(handle && flags <= cudaStreamNonBlocking, cudaErrorInvalidValue);
  *handle = (cudaStream_t)stream_new(current_device, flags);
  return cudaSuccess;
}

STANDINS_SHARED cudaError_t cudaStreamDestroy(cudaStream_t handle)
{
  entry here(__func__);
  stream *s = stream_of(handle);
  NEED(handle && s, cudaErrorInvalidResourceHandle);
  stream_destroy(s);
  return here.fails() ? answer(here.error(cudaErrorUnknown)) : cudaSuccess;
}

STANDINS_SHARED cudaError_t cudaStreamSynchronize(cudaStream_t handle)
{
  ENTER(cudaErrorUnknown);
  stream *s = stream_of(handle);
  NEED(s, cudaErrorInvalidResourceHandle);
  if (s->capturing) {
    s->capture_broken = true;
    return answer(cudaErrorStreamCaptureUnsupported);
  }
  stream_run(s);
  return answer(death());
}

STANDINS_SHARED cudaError_t cudaDeviceSynchronize(void)
{
  ENTER(cudaErrorUnknown);
  NEED(not_capturing() == cudaSuccess, cudaErrorStreamCaptureUnsupported);
  run_everything();
  return answer(death());
}

STANDINS_SHARED cudaError_t cudaEventCreateWithFlags(cudaEvent_t *handle, unsigned flags)
{
  ENTER(cudaErrorMemoryAllocation);
  NEED(handle, cudaErrorInvalidValue);
  *handle = (cudaEvent_t) new event{ nullptr, !(flags & cudaEventDisableTiming) };
  count_object(1);
  return cudaSuccess;
}

STANDINS_SHARED cudaError_t cudaEventDestroy(cudaEvent_t handle)
{
  entry here(__func__);
  NEED(handle, cudaErrorInvalidResourceHandle);
  delete (event *)handle;
  count_object(-1);
  return here.fails() ? answer(here.error(cudaErrorUnknown)) : cudaSuccess;
}

STANDINS_SHARED cudaError_t cudaEventRecord(cudaEvent_t handle, cudaStream_t in)
{
  ENTER(cudaErrorUnknown);
  stream *s = stream_of(in);
  NEED(handle && s, cudaErrorInvalidResourceHandle);
  event *e = (event *)handle;
  e->last = std::make_shared<mark>(mark{ s });
  return answer(put(s, operation{ __func__, nullptr, e->last, nullptr, nullptr, 0 }));
}

STANDINS_SHARED cudaError_t cudaStreamWaitEvent(cudaStream_t handle, cudaEvent_t which, unsigned)
{
  ENTER(cudaErrorUnknown);
  stream *s = stream_of(handle);
  NEED(which && s, cudaErrorInvalidResourceHandle);
  event *e = (event *)which;
  if (!e->last)
    return cudaSuccess;
  return answer(put(s, operation{ __func__, nullptr, nullptr, e->last, nullptr, 0 }));
}

STANDINS_SHARED cudaError_t cudaEventSynchronize(cudaEvent_t handle)
{
  ENTER(cudaErrorUnknown);
  NEED(handle, cudaErrorInvalidResourceHandle);
  event *e = (event *)handle;
  if (e->last)
    run_until(e->last);
  return answer(death());
}

STANDINS_SHARED cudaError_t cudaEventElapsedTime(float *milliseconds, cudaEvent_t a, cudaEvent_t b)
{
  ENTER(cudaErrorUnknown);
  NEED(a && b, cudaErrorInvalidResourceHandle);
  NEED(milliseconds, cudaErrorInvalidValue);
  const event *first = (event *)a, *second = (event *)b;
  NEED(first->last && second->last && first->timed && second->timed,
       cudaErrorInvalidResourceHandle);
  NEED(first->last->reached && second->last->reached, cudaErrorNotReady);
  *milliseconds = (float)((second->last->seconds - first->last->seconds) * 1e3);
  return cudaSuccess;
}

/* ------------------------------------------------------------------------------------ graphs */

STANDINS_SHARED cudaError_t cudaStreamBeginCapture(cudaStream_t handle, cudaStreamCaptureMode mode)
{
  ENTER(cudaErrorUnknown);
  stream *s = stream_of(handle);
  NEED(handle && s, s ? cudaErrorStreamCaptureUnsupported : cudaErrorInvalidResourceHandle);
  NEED((int)mode >= 0 && mode <= cudaStreamCaptureModeRelaxed, cudaErrorInvalidValue);
  NEED(!s->capturing, cudaErrorStreamCaptureUnsupported);
  s->capturing = true;
  s->capture_broken = false;
  s->captured.clear();
  return cudaSuccess;
}

STANDINS_SHARED cudaError_t cudaStreamEndCapture(cudaStream_t handle, cudaGraph_t *out)
{
  entry here(__func__);
  stream *s = stream_of(handle);
  NEED(s && out, s ? cudaErrorInvalidValue : cudaErrorInvalidResourceHandle);
  *out = nullptr;
  NEED(s->capturing, cudaErrorInvalidValue);
  s->capturing = false;
  std::vector<operation> operations = std::move(s->captured);
  s->captured.clear();
  if (here.fails())
    return answer(here.error(cudaErrorUnknown));
  NEED(!s->capture_broken, cudaErrorStreamCaptureInvalidated);
  *out = (cudaGraph_t) new graph{ std::move(operations) };
  count_object(1);
  return cudaSuccess;
}

STANDINS_SHARED cudaError_t cudaGraphInstantiate(cudaGraphExec_t *exec, cudaGraph_t from,
                                                 unsigned long long)
{
  ENTER(cudaErrorMemoryAllocation);
  NEED(exec && from, cudaErrorInvalidValue);
  *exec = (cudaGraphExec_t) new graph(*(graph *)from);
  count_object(1);
  return cudaSuccess;
}

STANDINS_SHARED cudaError_t cudaGraphLaunch(cudaGraphExec_t exec, cudaStream_t handle)
{
  ENTER(cudaErrorUnknown);
  stream *s = stream_of(handle);
  NEED(exec, cudaErrorInvalidValue);
  NEED(s, cudaErrorInvalidResourceHandle);
  for (const operation &op : ((graph *)exec)->operations)
    put(s, op);
  return cudaSuccess;
}

static cudaError_t graph_delete(const entry &here, void *which)
{
  NEED(which, cudaErrorInvalidValue);
  delete (graph *)which;
  count_object(-1);
  return here.fails() ? answer(here.error(cudaErrorUnknown)) : cudaSuccess;
}

STANDINS_SHARED cudaError_t cudaGraphDestroy(cudaGraph_t which)
{
  entry here(__func__);
  return graph_delete(here, which);
}

STANDINS_SHARED cudaError_t cudaGraphExecDestroy(cudaGraphExec_t which)
{
  entry here(__func__);
  return graph_delete(here, which);
}

} /* extern "C" */
