/* emulator.h: runs a grid of CUDA threads on one CPU thread. */
#ifndef STANDINS_EMULATOR_H
#define STANDINS_EMULATOR_H

#include <string>

#include "include/cuda_runtime.h"

namespace standins
{

/* A kernel that was compiled by g++, found by its name or by its address. */
struct kernel {
  std::string name;
  emu_binder bind;
};
const kernel *kernel_by_name(const std::string &name);
const kernel *kernel_by_address(const void *address);

/* Calls `call` once per thread. seed 0: blocks and threads in natural order; otherwise shuffled. */
void run_grid(const std::string &name, dim3 grid, dim3 block, size_t shared_bytes,
              const emu_call &call, unsigned long seed);

/* "kernel k, block (1,0,0), thread (3,0,0)" while a kernel runs, else "". */
std::string running_thread();

} // namespace standins
#endif
