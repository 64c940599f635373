/* cudart.h: what the entries of the fake runtime have in common. */
#ifndef STANDINS_CUDART_H
#define STANDINS_CUDART_H

#include "memory.h"
#include "standins.h"
#include "streams.h"

namespace standins
{

/* Remembers an error for cudaGetLastError and hands it back. */
cudaError_t answer(cudaError_t error);
/* What stands in the way of every call: a driver too old, no device. */
cudaError_t machine();
/* An error while some stream is being captured: for calls that wait or allocate. */
cudaError_t not_capturing();
/* The calling thread's. */
int &current_device();

} // namespace standins

/* Every entry begins so; `own_error` is what it says when this very call was made to fail. */
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

#endif
