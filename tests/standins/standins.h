/*
 * standins.h: what the parts of the fake runtime share: settings, calls that fail, streams.
 */
#ifndef STANDINS_STANDINS_H
#define STANDINS_STANDINS_H

#include <cstdint>
#include <cstring>
#include <functional>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "control.h"
#include "include/cuda_runtime_api.h"

#define STANDINS_SHARED __attribute__((visibility("default")))

namespace standins
{

/* A bug in the code under test: says so on standard error and ends the process. */
[[noreturn]] STANDINS_SHARED void violation(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

/* A small generator (splitmix64); order only, never values. */
class random_stream
{
public:
  explicit random_stream(uint64_t seed) : state(seed)
  {
  }
  size_t below(size_t n)
  {
    uint64_t z = state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return (size_t)((z ^ z >> 31) % n);
  }
  template <class T> void shuffle(std::vector<T> &items)
  {
    for (size_t i = items.size(); i > 1; --i)
      std::swap(items[i - 1], items[below(i)]);
  }

private:
  uint64_t state;
};

/* Read from the environment at the first call; docs/testing-without-a-gpu.md explains each. */
struct settings {
  int devices = 1; /* SPEIG_STANDINS_DEVICES */
  int driver = 13000; /* SPEIG_STANDINS_DRIVER */
  size_t memory = (size_t)4 << 30; /* SPEIG_STANDINS_MEMORY, bytes per device */
  unsigned long seed = 0; /* SPEIG_STANDINS_SEED */
  enum { lazy, eager, mixed } streams; /* SPEIG_STANDINS_STREAMS */
  bool pageable_late = false; /* SPEIG_STANDINS_PAGEABLE=late */
  bool leaks = true; /* SPEIG_STANDINS_LEAKS=0 */
  bool report = false; /* SPEIG_STANDINS_REPORT */
  /* SPEIG_STANDINS_FAIL_AT=N or N:sticky lets the N-th call fail; see control.h. */
};
settings &config();

/* Every entry begins with one: takes the lock, counts, and knows whether this call
 * is to fail. */
class entry
{
public:
  enum kind { counted, exempt };
  explicit entry(const char *name, kind k = counted);
  ~entry();
  entry(const entry &) = delete;
  /* Made to fail, or the device is dead. */
  bool fails() const
  {
    return failing || dead();
  }
  /* The error to report, `own` when this call alone was made to fail. */
  cudaError_t error(cudaError_t own) const;
  static bool dead();

private:
  bool failing = false;
};

/* Marks the device as dead with this error, as an illegal address does. */
void kill_device(cudaError_t error);
cudaError_t death();

/* Streams. Work is put aside and runs when somebody waits for it. */
cudaError_t enqueue(cudaStream_t stream, const char *what, std::function<void()> work,
                    const void *host_source = nullptr, size_t host_bytes = 0);
void count_launch();
/* Events, graphs: what must be released. */
void count_object(int change);

} // namespace standins
#endif
