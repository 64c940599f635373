/*
 * cudart.cc: the fake libcudart, by the names and the version of the real one, so that the module
 * that nvcc built runs on it unchanged: devices, versions, errors. Memory and copies are in
 * cudart_memory.cc, streams, events and graphs in cudart_streams.cc, launches in launch.cc. What a
 * call does and returns follows NVIDIA's documentation; contract.c holds it against the real
 * library where there is one.
 */
#include "cudart.h"

#include <cstdio>

using namespace standins;

namespace
{

thread_local cudaError_t last_error = cudaSuccess;

} // namespace

namespace standins
{

cudaError_t answer(cudaError_t error)
{
  if (error != cudaSuccess)
    last_error = error;
  return error;
}

cudaError_t machine()
{
  if (config().driver < CUDART_VERSION)
    return cudaErrorInsufficientDriver;
  return config().devices > 0 ? cudaSuccess : cudaErrorNoDevice;
}

cudaError_t not_capturing()
{
  return capturing_any() ? cudaErrorStreamCaptureUnsupported : cudaSuccess;
}

int &current_device()
{
  static thread_local int device;
  return device;
}

} // namespace standins

extern "C" {

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
  *device = current_device();
  return cudaSuccess;
}

STANDINS_SHARED cudaError_t cudaSetDevice(int device)
{
  ENTER(cudaErrorUnknown);
  NEED(device >= 0 && device < config().devices, cudaErrorInvalidDevice);
  current_device() = device;
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

} /* extern "C" */
