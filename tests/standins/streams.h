/* streams.h: work put aside until somebody waits for it; events between streams; graphs. */
#ifndef STANDINS_STREAMS_H
#define STANDINS_STREAMS_H

#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include "include/cuda_runtime_api.h"

namespace standins
{

struct stream;

/* A point in a stream: what an event records, what another stream waits for. */
struct mark {
  stream *in;
  bool reached = false;
  double seconds = 0; /* when */
};

struct operation {
  const char *what;
  std::function<void()> work;
  std::shared_ptr<mark> records, waits_for;
  const void *host_source; /* host memory that is read when the work runs */
  size_t host_bytes;
};

struct stream {
  std::deque<operation> pending;
  int device = 0;
  bool blocking = true; /* ordered with the default stream */
  bool destroyed = false;
  bool capturing = false, capture_broken = false;
  std::vector<operation> captured;
};

struct event {
  std::shared_ptr<mark> last; /* NULL: never recorded */
  bool timed;
};

/* NULL when the handle is none; 0, 1 and 2 name the default stream. */
stream *stream_of(cudaStream_t handle);
stream *stream_new(int device, unsigned flags);
void stream_destroy(stream *s);
void stream_run(stream *s);
void run_until(const std::shared_ptr<mark> &point);
void run_everything();
cudaError_t put(stream *s, operation op);
/* Some stream is being captured: calls that wait are errors then. */
bool capturing_any();
bool pending_read_of(const void *host, size_t bytes);
long streams_live();

} // namespace standins
#endif
