/*
 * contract.c: what the CUDA runtime does, as far as the module and the stand-ins rely on it. One
 * program for both: it is linked to libcudart alone, runs on the emulated runtime in every build,
 * and on a device runs unchanged on the real one (`contract` with the toolkit's library in front).
 * Expectations come from NVIDIA's reference; where that is silent or says "may", the line is marked
 * UNSURE and only reported, so that the first run on a device tells.
 */
#include <cuda_runtime_api.h>

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int passed, failed, differing;

static void note(int good, int unsure, const char *what, int line)
{
  if (good) {
    ++passed;
    return;
  }
  unsure ? ++differing : ++failed;
  fprintf(stderr, "contract.c:%d: %s: %s\n", line, unsure ? "differs (unsure)" : "FAILED", what);
}
#define MUST(condition) note((condition) != 0, 0, #condition, __LINE__)
#define UNSURE(condition) note((condition) != 0, 1, #condition, __LINE__)

static int forget(cudaError_t error)
{
  (void)cudaGetLastError();
  return (int)error;
}
#define GIVES(call, error) MUST(forget(call) == (error))

static void versions(void)
{
  int driver = 0, runtime = 0, devices = 0, value = 0;
  struct cudaDeviceProp p;
  GIVES(cudaDriverGetVersion(&driver), cudaSuccess);
  GIVES(cudaRuntimeGetVersion(&runtime), cudaSuccess);
  MUST(runtime / 1000 == CUDART_VERSION / 1000 && driver >= runtime / 1000 * 1000);
  GIVES(cudaGetDeviceCount(&devices), cudaSuccess);
  MUST(devices >= 1);
  GIVES(cudaSetDevice(devices), cudaErrorInvalidDevice);
  GIVES(cudaSetDevice(0), cudaSuccess);
  GIVES(cudaGetDeviceProperties(&p, 0), cudaSuccess);
  MUST(p.name[0] != '\0' && p.major >= 7 && p.warpSize == 32 && p.multiProcessorCount > 0);
  GIVES(cudaDeviceGetAttribute(&value, cudaDevAttrMultiProcessorCount, 0), cudaSuccess);
  MUST(value == p.multiProcessorCount);
  GIVES(cudaDeviceGetAttribute(&value, cudaDevAttrMaxSharedMemoryPerBlockOptin, 0), cudaSuccess);
  MUST((size_t)value == p.sharedMemPerBlockOptin && value >= 49152);
  GIVES(cudaDeviceGetAttribute(&value, cudaDevAttrL2CacheSize, devices), cudaErrorInvalidDevice);
}

static void errors(void)
{
  MUST(!strcmp(cudaGetErrorName(cudaErrorMemoryAllocation), "cudaErrorMemoryAllocation"));
  MUST(!strcmp(cudaGetErrorString(cudaErrorMemoryAllocation), "out of memory"));
  MUST(!strcmp(cudaGetErrorString(cudaErrorIllegalAddress),
               "an illegal memory access was encountered"));
  MUST(!strcmp(cudaGetErrorString((cudaError_t)12345), "unrecognized error code"));
  (void)cudaSetDevice(-1);
  MUST(cudaPeekAtLastError() == cudaErrorInvalidDevice);
  MUST(cudaGetLastError() == cudaErrorInvalidDevice);
  MUST(cudaGetLastError() == cudaSuccess);
}

static void memory(void)
{
  void *p = (void *)1, *q = NULL;
  size_t before = 0, after = 0, total = 0;
  GIVES(cudaMalloc(&p, 0), cudaSuccess);
  MUST(p == NULL);
  GIVES(cudaFree(NULL), cudaSuccess);
  GIVES(cudaMemGetInfo(&before, &total), cudaSuccess);
  MUST(before <= total && total > 0);
  GIVES(cudaMalloc(&p, (size_t)64 << 20), cudaSuccess);
  MUST((uintptr_t)p % 256 == 0);
  GIVES(cudaMalloc(&q, 1), cudaSuccess);
  MUST((uintptr_t)q % 256 == 0);
  GIVES(cudaMemGetInfo(&after, &total), cudaSuccess);
  MUST(after + ((size_t)64 << 20) <= before);
  GIVES(cudaFree(p), cudaSuccess);
  GIVES(cudaFree(p), cudaErrorInvalidValue);
  GIVES(cudaFree(q), cudaSuccess);
  p = NULL;
  GIVES(cudaMalloc(&p, (size_t)1 << 60), cudaErrorMemoryAllocation);
  UNSURE(p == NULL);
  GIVES(cudaMallocHost(&q, 1000), cudaSuccess);
  MUST(q && (uintptr_t)q % 64 == 0);
  GIVES(cudaFreeHost(q), cudaSuccess);
  GIVES(cudaFreeHost(NULL), cudaSuccess);
}

static void pointers(void)
{
  struct cudaPointerAttributes a;
  int plain = 0;
  char *p = NULL;
  void *pinned = NULL;
  GIVES(cudaMalloc((void **)&p, 1000), cudaSuccess);
  GIVES(cudaMallocHost(&pinned, 1000), cudaSuccess);
  GIVES(cudaPointerGetAttributes(&a, p + 10), cudaSuccess);
  MUST(a.type == cudaMemoryTypeDevice && a.device == 0 && a.devicePointer == p + 10);
  GIVES(cudaPointerGetAttributes(&a, pinned), cudaSuccess);
  MUST(a.type == cudaMemoryTypeHost && a.hostPointer == pinned);
  /* since CUDA 11 no error; a device that sees pageable memory may call it otherwise */
  GIVES(cudaPointerGetAttributes(&a, &plain), cudaSuccess);
  MUST(a.type == cudaMemoryTypeUnregistered);
  GIVES(cudaFree(p), cudaSuccess);
  GIVES(cudaPointerGetAttributes(&a, p), cudaSuccess);
  UNSURE(a.type == cudaMemoryTypeUnregistered);
  GIVES(cudaFreeHost(pinned), cudaSuccess);
}

static void copies(void)
{
  enum { N = 24 };
  cudaStream_t s = NULL;
  double *d = NULL, host[N], back[N];
  for (int i = 0; i < N; ++i)
    host[i] = i;
  GIVES(cudaStreamCreateWithFlags(&s, cudaStreamNonBlocking), cudaSuccess);
  GIVES(cudaMalloc((void **)&d, sizeof host), cudaSuccess);
  GIVES(cudaMemcpyAsync(d, host, sizeof host, cudaMemcpyHostToDevice, s), cudaSuccess);
  GIVES(cudaMemcpyAsync(back, d, sizeof back, cudaMemcpyDeviceToHost, s), cudaSuccess);
  GIVES(cudaStreamSynchronize(s), cudaSuccess);
  MUST(!memcmp(host, back, sizeof host));
  /* columns of 5 out of 8, and back into columns of 6 */
  memset(back, 0, sizeof back);
  GIVES(cudaMemcpy2DAsync(back, 6 * sizeof *d, d, 8 * sizeof *d, 5 * sizeof *d, 3,
                          cudaMemcpyDeviceToHost, s),
        cudaSuccess);
  GIVES(cudaStreamSynchronize(s), cudaSuccess);
  MUST(back[4] == 4 && back[5] == 0 && back[6] == 8 && back[16] == 20 && back[17] == 0);
  GIVES(cudaMemsetAsync(d, 0, 3 * sizeof *d, s), cudaSuccess);
  GIVES(cudaMemset2DAsync(d + 8, 8 * sizeof *d, 0, sizeof *d, 2, s), cudaSuccess);
  GIVES(cudaMemcpyAsync(back, d, sizeof back, cudaMemcpyDeviceToHost, s), cudaSuccess);
  GIVES(cudaStreamSynchronize(s), cudaSuccess);
  MUST(back[2] == 0 && back[3] == 3 && back[8] == 0 && back[9] == 9 && back[16] == 0);
  /* nothing to do is no error, whatever the pointers */
  GIVES(cudaMemcpyAsync(d, host, 0, cudaMemcpyHostToDevice, s), cudaSuccess);
  UNSURE(forget(cudaMemcpyAsync(NULL, NULL, 0, cudaMemcpyHostToDevice, s)) == cudaSuccess);
  GIVES(cudaMemsetAsync(d, 0, 0, s), cudaSuccess);
  /* operands that are not where the kind says, or too long */
  GIVES(cudaMemcpyAsync(d, host, sizeof host, (cudaMemcpyKind)9, s),
        cudaErrorInvalidMemcpyDirection);
  GIVES(cudaMemcpyAsync(NULL, host, 8, cudaMemcpyHostToDevice, s), cudaErrorInvalidValue);
  UNSURE(forget(cudaMemcpyAsync(back, host, 8, cudaMemcpyHostToDevice, s)) ==
         cudaErrorInvalidValue);
  UNSURE(forget(cudaMemcpyAsync(d, host, sizeof host + 4096, cudaMemcpyHostToDevice, s)) ==
         cudaErrorInvalidValue);
  GIVES(cudaMemcpy2DAsync(d, 8, host, 16, 16, 2, cudaMemcpyHostToDevice, s),
        cudaErrorInvalidPitchValue);
  UNSURE(forget(cudaMemsetAsync(back, 0, 8, s)) == cudaErrorInvalidValue);
  GIVES(cudaFree(d), cudaSuccess);
  GIVES(cudaStreamDestroy(s), cudaSuccess);
}

static void streams(void)
{
  cudaStream_t s = NULL;
  cudaEvent_t a = NULL, b = NULL, untimed = NULL;
  float ms = -1;
  GIVES(cudaStreamCreateWithFlags(&s, 77), cudaErrorInvalidValue);
  GIVES(cudaStreamCreateWithFlags(&s, cudaStreamNonBlocking), cudaSuccess);
  GIVES(cudaEventCreateWithFlags(&a, cudaEventDefault), cudaSuccess);
  GIVES(cudaEventCreateWithFlags(&b, cudaEventDefault), cudaSuccess);
  GIVES(cudaEventCreateWithFlags(&untimed, cudaEventDisableTiming), cudaSuccess);
  /* never recorded: done */
  GIVES(cudaEventSynchronize(a), cudaSuccess);
  GIVES(cudaStreamWaitEvent(s, a, 0), cudaSuccess);
  GIVES(cudaEventElapsedTime(&ms, a, b), cudaErrorInvalidResourceHandle);
  GIVES(cudaEventRecord(a, s), cudaSuccess);
  GIVES(cudaEventRecord(b, s), cudaSuccess);
  GIVES(cudaEventRecord(untimed, s), cudaSuccess);
  GIVES(cudaEventSynchronize(b), cudaSuccess);
  GIVES(cudaEventElapsedTime(&ms, a, b), cudaSuccess);
  MUST(ms >= 0);
  GIVES(cudaEventElapsedTime(&ms, a, untimed), cudaErrorInvalidResourceHandle);
  GIVES(cudaStreamSynchronize(NULL), cudaSuccess);
  GIVES(cudaDeviceSynchronize(), cudaSuccess);
  GIVES(cudaEventDestroy(a), cudaSuccess);
  GIVES(cudaEventDestroy(b), cudaSuccess);
  GIVES(cudaEventDestroy(untimed), cudaSuccess);
  GIVES(cudaStreamDestroy(s), cudaSuccess);
}

static void graphs(void)
{
  cudaStream_t s = NULL;
  cudaGraph_t graph = NULL;
  cudaGraphExec_t exec = NULL;
  double *d = NULL, *pinned = NULL;
  void *p = NULL;
  GIVES(cudaStreamCreateWithFlags(&s, cudaStreamNonBlocking), cudaSuccess);
  GIVES(cudaMalloc((void **)&d, sizeof *d), cudaSuccess);
  GIVES(cudaMallocHost((void **)&pinned, sizeof *pinned), cudaSuccess);
  *pinned = 1;
  MUST(forget(cudaStreamEndCapture(s, &graph)) != cudaSuccess && !graph);
  GIVES(cudaStreamBeginCapture(NULL, cudaStreamCaptureModeThreadLocal),
        cudaErrorStreamCaptureUnsupported);
  GIVES(cudaStreamBeginCapture(s, cudaStreamCaptureModeThreadLocal), cudaSuccess);
  GIVES(cudaMemcpyAsync(d, pinned, sizeof *d, cudaMemcpyHostToDevice, s), cudaSuccess);
  GIVES(cudaMemcpyAsync(pinned, d, sizeof *d, cudaMemcpyDeviceToHost, s), cudaSuccess);
  GIVES(cudaStreamEndCapture(s, &graph), cudaSuccess);
  MUST(graph != NULL);
  GIVES(cudaGraphInstantiate(&exec, graph, 0), cudaSuccess);
  GIVES(cudaGraphDestroy(graph), cudaSuccess);
  *pinned = 5; /* read when the graph runs, not when it was captured */
  GIVES(cudaGraphLaunch(exec, s), cudaSuccess);
  GIVES(cudaStreamSynchronize(s), cudaSuccess);
  MUST(*pinned == 5);
  GIVES(cudaGraphExecDestroy(exec), cudaSuccess);
  /* a wait spoils a capture; the stream can be used again after its end */
  GIVES(cudaStreamBeginCapture(s, cudaStreamCaptureModeThreadLocal), cudaSuccess);
  GIVES(cudaStreamSynchronize(s), cudaErrorStreamCaptureUnsupported);
  GIVES(cudaStreamEndCapture(s, &graph), cudaErrorStreamCaptureInvalidated);
  MUST(graph == NULL);
  GIVES(cudaStreamBeginCapture(s, cudaStreamCaptureModeThreadLocal), cudaSuccess);
  UNSURE(forget(cudaMalloc(&p, 8)) == cudaErrorStreamCaptureUnsupported);
  (void)cudaFree(p);
  (void)cudaStreamEndCapture(s, &graph);
  if (graph)
    (void)cudaGraphDestroy(graph);
  (void)cudaGetLastError();
  GIVES(cudaStreamSynchronize(s), cudaSuccess);
  GIVES(cudaFreeHost(pinned), cudaSuccess);
  GIVES(cudaFree(d), cudaSuccess);
  GIVES(cudaStreamDestroy(s), cudaSuccess);
}

static void launches(void)
{
  dim3 one = { 1, 1, 1 };
  static int no_kernel;
  void *arguments[1] = { NULL };
  GIVES(cudaLaunchKernel(&no_kernel, one, one, arguments, 0, NULL), cudaErrorInvalidDeviceFunction);
}

int main(void)
{
  int devices = 0;
  if (cudaGetDeviceCount(&devices) != cudaSuccess || devices == 0) {
    printf("contract: 0 passed, 0 failed, 1 skipped (no device)\n");
    return 77;
  }
  versions();
  errors();
  memory();
  pointers();
  copies();
  streams();
  graphs();
  launches();
  printf("contract: %d passed, %d failed, %d differ where the reference is silent\n", passed,
         failed, differing);
  return failed != 0;
}
