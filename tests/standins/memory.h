/* memory.h: device memory that the host cannot touch, pinned memory, and what lies where. */
#ifndef STANDINS_MEMORY_H
#define STANDINS_MEMORY_H

#include <cstddef>
#include <string>

namespace standins
{

struct allocation {
  char *begin;
  size_t bytes;
  char *mapped;
  size_t mapped_bytes;
  int device;
  unsigned long serial;
};

/* NULL when the device's memory would be exceeded. */
void *device_allocate(int device, size_t bytes);
/* False when the pointer is not the start of a live allocation. */
bool device_free(void *pointer);
size_t device_used(int device); /* -1: all devices */
size_t device_peak();
/* The live allocation that the pointer points into (or just past its end), or NULL. */
const allocation *device_find(const void *pointer);
/* [pointer, pointer + bytes) lies in one live allocation. */
bool device_range(const void *pointer, size_t bytes);

void *pinned_allocate(size_t bytes);
bool pinned_free(void *pointer);
size_t pinned_used();
bool pinned_contains(const void *pointer);

/* Device memory can be touched between these two; the second checks that nothing was written
 * beside the allocations. They nest. */
void device_open();
void device_close(const char *after);

/* "8 bytes past the end of allocation #3 (800 bytes)", for messages. */
std::string device_describe(const void *pointer);
/* A message for accesses that the guard pages catch. */
void install_fault_handler();

} // namespace standins
#endif
