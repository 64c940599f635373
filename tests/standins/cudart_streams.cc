/* cudart_streams.cc: the fake runtime's streams, events and graphs. */
#include "cudart.h"

using namespace standins;

namespace
{

/* Of a graph and of its executable form. */
struct graph {
  std::vector<operation> operations;
};

} // namespace

extern "C" {

STANDINS_SHARED cudaError_t cudaStreamCreateWithFlags(cudaStream_t *handle, unsigned flags)
{
  ENTER(cudaErrorMemoryAllocation);
  NEED(handle && flags <= cudaStreamNonBlocking, cudaErrorInvalidValue);
  *handle = (cudaStream_t)stream_new(current_device(), flags);
  return cudaSuccess;
}

STANDINS_SHARED cudaError_t cudaStreamCreate(cudaStream_t *handle)
{
  return cudaStreamCreateWithFlags(handle, cudaStreamDefault);
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
