/*
 * state.cc: what all entries share: settings from the environment, the lock, the count of
 * calls and which of them fails, the device that dies, the report at the end of the process.
 */
#include <cstdarg>
#include <cstdio>
#include <cstdlib>

#include "memory.h"
#include "standins.h"
#include "streams.h"

namespace standins
{
namespace
{

std::recursive_mutex lock;
long counted_calls, failing_call, launched;
long objects; /* beside streams: events, graphs */
standins_failure failing_how;
std::string failed_name;
cudaError_t dead_with = cudaSuccess;

size_t bytes_of(const char *text)
{
  char *end;
  size_t n = strtoull(text, &end, 10);
  return *end == 'k' ? n << 10 : *end == 'm' ? n << 20 : *end == 'g' ? n << 30 : n;
}

void at_end()
{
  std::lock_guard<std::recursive_mutex> hold(lock);
  const settings &c = config();
  const size_t device = device_used(-1), pinned = pinned_used();
  const long others = objects + streams_live();
  if (c.report)
    fprintf(stderr, "standins: %ld calls, %ld launches, at most %zu bytes on the device\n",
            counted_calls, launched, device_peak());
  if (c.leaks && dead_with == cudaSuccess && (device || pinned || others))
    fprintf(stderr,
            "standins: leak: %zu bytes on the device, %zu bytes of pinned memory, %ld streams, "
            "events and graphs\n",
            device, pinned, others);
}

settings read_environment()
{
  settings c;
  const char *value;
  c.streams = settings::lazy;
  if ((value = getenv("SPEIG_STANDINS_DEVICES")))
    c.devices = atoi(value);
  if ((value = getenv("SPEIG_STANDINS_DRIVER")))
    c.driver = atoi(value);
  if ((value = getenv("SPEIG_STANDINS_MEMORY")))
    c.memory = bytes_of(value);
  if ((value = getenv("SPEIG_STANDINS_SEED")))
    c.seed = strtoul(value, nullptr, 10);
  if ((value = getenv("SPEIG_STANDINS_STREAMS")))
    c.streams = !strcmp(value, "eager")   ? settings::eager
                : !strcmp(value, "mixed") ? settings::mixed
                                          : settings::lazy;
  if ((value = getenv("SPEIG_STANDINS_PAGEABLE")))
    c.pageable_late = !strcmp(value, "late");
  if ((value = getenv("SPEIG_STANDINS_LEAKS")))
    c.leaks = strcmp(value, "0") != 0;
  if ((value = getenv("SPEIG_STANDINS_FAIL_AT"))) {
    failing_call = atol(value);
    failing_how = strstr(value, "sticky") ? STANDINS_FAIL_STICKY : STANDINS_FAIL_ONCE;
  }
  c.report = getenv("SPEIG_STANDINS_REPORT") != nullptr;
  install_fault_handler();
  atexit(at_end);
  return c;
}

} // namespace

settings &config()
{
  static settings c = read_environment();
  return c;
}

void violation(const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  fprintf(stderr, "standins: ");
  vfprintf(stderr, format, arguments);
  fprintf(stderr, "\n");
  va_end(arguments);
  abort();
}

entry::entry(const char *name, kind k)
{
  lock.lock();
  (void)config();
  if (k == exempt)
    return;
  if (++counted_calls == failing_call) {
    failing = true;
    failed_name = name;
    if (failing_how == STANDINS_FAIL_STICKY)
      kill_device(cudaErrorIllegalAddress);
  }
}

entry::~entry()
{
  lock.unlock();
}

bool entry::dead()
{
  return dead_with != cudaSuccess;
}

cudaError_t entry::error(cudaError_t own) const
{
  return dead() ? dead_with : failing ? own : cudaSuccess;
}

void kill_device(cudaError_t error)
{
  if (dead_with == cudaSuccess)
    dead_with = error;
}

cudaError_t death()
{
  return dead_with;
}

void count_object(int change)
{
  objects += change;
}

void count_launch()
{
  ++launched;
}

/* ------------------------------------------------------------------------ for test programs */

namespace
{

void control_fail_at(long n, standins_failure how)
{
  std::lock_guard<std::recursive_mutex> hold(lock);
  counted_calls = 0;
  failing_call = n;
  failing_how = how;
  failed_name.clear();
  dead_with = cudaSuccess; /* a new process, so to speak */
}

const standins_control control = {
  control_fail_at,
  [] { return counted_calls; },
  [] { return failed_name.c_str(); },
  [] { return device_used(-1); },
  [] { return pinned_used(); },
  [] { return objects + streams_live(); },
  [](unsigned long seed) { config().seed = seed; },
  [](size_t bytes) { config().memory = bytes; },
  [] { return launched; },
};

} // namespace
} // namespace standins

extern "C" STANDINS_SHARED const standins_control *standins_control_get(void)
{
  return &standins::control;
}
