/* host.h: the house's errors and memory inside the module, which cannot see the library's symbols:
 * the same macros and calls, led through the functions that the library handed over.            */
#ifndef SPEIG_SRC_GPU_HOST_H
#define SPEIG_SRC_GPU_HOST_H

#include "backend/cuda.h"
#include "base/error.h"
#include "base/memory.h"

extern cuda_services gpu_services; /* module.c */

/* After the declarations in base/, so that only calls are redirected. */
#define error_raise (gpu_services.error_raise)
#define error_trace (gpu_services.error_trace)
#define mem_product (gpu_services.mem_product)
#define mem_alloc (gpu_services.mem_alloc)
#define mem_zalloc (gpu_services.mem_zalloc)
#define mem_free (gpu_services.mem_free)
#define mem_claim (gpu_services.mem_claim)
#define mem_unclaim (gpu_services.mem_unclaim)

#endif
