/* tables.h: the backends that exist; backend.c alone chooses among them. */
#ifndef SPEIG_SRC_BACKEND_TABLES_H
#define SPEIG_SRC_BACKEND_TABLES_H

#include "backend/backend.h"

/* Fast CPU path: OpenMP, vectorised for the processor found at run time. */
const backend_ops *backend_host_table(speig_dtype dtype);
/* The CUDA module's. Errors: DEVICE, why there is none. */
speig_status backend_cuda_table(speig_dtype dtype, const backend_ops **out);
/* Plain loops, kept simple for ever: the oracle. */
const backend_ops *backend_reference_table(speig_dtype dtype);

#endif
