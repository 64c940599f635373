/* cuda.h: what the library and its CUDA module say to each other.
 *
 * The module (src/gpu, libspeig_cuda.so) is opened when a CUDA device is first asked for. It needs
 * no symbol of the library: what it wants of it is handed over in cuda_services.                */
#ifndef SPEIG_SRC_BACKEND_CUDA_H
#define SPEIG_SRC_BACKEND_CUDA_H

#include "backend/backend.h"

enum { CUDA_MODULE_ABI = 3 }; /* changes with either struct below, backend.h or small.h */

typedef struct cuda_services {
  speig_status (*error_raise)(speig_status st, const char *file, int line, const char *func,
                              const char *format, ...);
  speig_status (*error_trace)(speig_status st, const char *file, int line, const char *func);
  speig_status (*mem_product)(int64_t n, int64_t m, size_t size, const char *what, size_t *bytes);
  speig_status (*mem_alloc)(int64_t count, size_t size, const char *what, void **out);
  speig_status (*mem_zalloc)(int64_t count, size_t size, const char *what, void **out);
  void (*mem_free)(void *block);
  speig_status (*mem_claim)(size_t bytes, const char *what);
  void (*mem_unclaim)(size_t bytes);
  speig_matrix_info (*matrix_info)(const speig_matrix *A);
  void (*matrix_arrays)(const speig_matrix *A, const int64_t **rowptr, const int32_t **colind,
                        const void **values);
} cuda_services;

typedef struct cuda_device {
  char name[256];
  int major, minor; /* compute capability */
  int processors; /* streaming multiprocessors */
  int driver, runtime; /* versions, 1000 major + 10 minor */
  int64_t memory_total, memory_free; /* bytes */
} cuda_device;

typedef struct cuda_module {
  int32_t abi; /* CUDA_MODULE_ABI */
  void (*start)(const cuda_services *services); /* before anything else; copies */
  const backend_ops *tables[4]; /* by dtype */
  /* Errors: DEVICE with the runtime's words. */
  speig_status (*device_count)(int *count);
  speig_status (*device_read)(int ordinal, cuda_device *out);
} cuda_module;

/* The open module, or DEVICE with the reason: built without CUDA, no driver, no module, no device.
 * Asks the driver library before the module, so that a machine without one pays nothing. */
speig_status cuda_module_open(const cuda_module **out);

#endif
