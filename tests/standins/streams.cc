/*
 * streams.cc: work put aside until somebody waits for it.
 *
 * By default nothing that is put into a stream runs before a call that has to wait for it (lazy);
 * a result used without waiting is then simply not there. A stream is drained alone, other streams
 * only as far as events say, so a missing event between two streams shows as well. `eager` runs
 * everything at once, `mixed` runs some streams some of the time, by the seed.
 *
 * A captured graph is the list of the operations; launching it puts copies into a stream.
 */
#include "streams.h"

#include <chrono>
#include <set>

#include "memory.h"
#include "standins.h"

namespace standins
{
namespace
{

std::set<stream *> all;
random_stream mixer(1);

stream *default_stream()
{
  static stream *s = stream_new(0, cudaStreamDefault);
  return s;
}

double now()
{
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

void run_front(stream *s)
{
  operation op = std::move(s->pending.front());
  s->pending.pop_front();
  if (op.waits_for)
    run_until(op.waits_for);
  if (op.work && !entry::dead()) {
    device_open();
    op.work();
    device_close(op.what);
  }
  if (op.records) {
    op.records->reached = true;
    op.records->seconds = now();
  }
}

/* The default stream waits for the blocking ones and they for it. */
void order_with_default(stream *s)
{
  if (s == default_stream()) {
    for (stream *other : all)
      if (other != s && other->blocking)
        stream_run(other);
  } else if (s->blocking) {
    stream_run(default_stream());
  }
}

void run_some(stream *s)
{
  if (config().streams == settings::eager)
    stream_run(s);
  if (config().streams == settings::mixed)
    for (stream *other : std::set<stream *>(all))
      if (all.count(other) && mixer.below(4) == 0)
        stream_run(other);
}

} // namespace

stream *stream_new(int device, unsigned flags)
{
  stream *s = new stream;
  s->device = device;
  s->blocking = !(flags & cudaStreamNonBlocking);
  all.insert(s);
  return s;
}

stream *stream_of(cudaStream_t handle)
{
  if (!handle || handle == cudaStreamLegacy || handle == cudaStreamPerThread)
    return default_stream();
  stream *s = (stream *)handle;
  return all.count(s) && !s->destroyed ? s : nullptr;
}

/* Its work may still be under way, as on a device. */
void stream_destroy(stream *s)
{
  s->destroyed = true;
  if (s->pending.empty()) {
    all.erase(s);
    delete s;
  }
}

long streams_live()
{
  long count = 0;
  for (stream *s : all)
    count += !s->destroyed && s != default_stream();
  return count;
}

/* Memory is opened once for all of it: no code of the host runs in between. */
void stream_run(stream *s)
{
  if (s->pending.empty())
    return;
  device_open();
  while (!s->pending.empty())
    run_front(s);
  device_close("a stream");
}

void run_until(const std::shared_ptr<mark> &point)
{
  while (!point->reached)
    run_front(point->in);
}

void run_everything()
{
  std::vector<stream *> order(all.begin(), all.end());
  if (config().seed)
    mixer.shuffle(order);
  for (stream *s : order)
    stream_run(s);
  for (stream *s : order)
    if (s->destroyed) {
      all.erase(s);
      delete s;
    }
}

bool capturing_any()
{
  for (stream *s : all)
    if (s->capturing)
      return true;
  return false;
}

bool pending_read_of(const void *host, size_t bytes)
{
  const char *from = (const char *)host;
  for (stream *s : all)
    for (const operation &op : s->pending) {
      const char *source = (const char *)op.host_source;
      if (source && source < from + bytes && from < source + op.host_bytes)
        return true;
    }
  return false;
}

cudaError_t put(stream *s, operation op)
{
  if (s->capturing) {
    s->captured.push_back(std::move(op));
    return cudaSuccess;
  }
  order_with_default(s);
  s->pending.push_back(std::move(op));
  run_some(s);
  return cudaSuccess;
}

cudaError_t enqueue(cudaStream_t handle, const char *what, std::function<void()> work,
                    const void *host_source, size_t host_bytes)
{
  stream *s = stream_of(handle);
  if (!s)
    return cudaErrorInvalidResourceHandle;
  return put(s, operation{ what, std::move(work), nullptr, nullptr, host_source, host_bytes });
}

} // namespace standins
