/* context.h: a caller's place to compute, behind speig/block.h: backends of one device, opened when
 * first needed. */
#ifndef SPEIG_SRC_BACKEND_CONTEXT_H
#define SPEIG_SRC_BACKEND_CONTEXT_H

#include "backend/backend.h"
#include "speig/block.h"

#include <stdatomic.h>

struct speig_context {
  speig_device device; /* HOST, REFERENCE or CUDA */
  int threads;
  int number;
  void *stream;
  backend *be[4]; /* by dtype */
  atomic_int holders; /* the caller, and everything that lives in its memory */
};

/* Opens no backend yet. Errors: MEMORY. */
speig_status context_make(speig_device device, int ordinal, void *stream, int threads,
                          speig_context **out);
/* Errors: those of backend_open_at. */
speig_status context_backend(speig_context *ctx, speig_dtype dtype, backend **be);
void context_close(speig_context *ctx); /* the backends */
void context_retain(speig_context *ctx);
void context_release(speig_context **ctx); /* NULL-tolerant, sets NULL */

#endif
