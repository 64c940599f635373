/* mm_sink.h: where a file being written goes: complete under its name, or not there at all. */
#ifndef SPEIG_SRC_FORMATS_MM_SINK_H
#define SPEIG_SRC_FORMATS_MM_SINK_H

#include "speig/types.h"

typedef struct mm_sink mm_sink;

/* path "-" is standard output. A path that names a regular file or nothing is written beside it and
 * renamed by mm_sink_commit; anything else (a device, a pipe) is written directly.
 * Errors: ARG, IO, MEMORY.                                                                      */
speig_status mm_sink_open(const char *path, int gzip, mm_sink **out);
/* Errors: IO. */
speig_status mm_sink_put(mm_sink *sink, const void *bytes, size_t size);
/* Waits until what was written of a regular file is on the disk, so that the name that a commit
 * gives never leads to less. Errors: IO. */
speig_status mm_sink_settle(mm_sink *sink);
/* Writes what is left and gives the file its name. Errors: IO. */
speig_status mm_sink_commit(mm_sink *sink);
/* Without a commit before it, what was written beside is removed. */
void mm_sink_close(mm_sink **sink);

#endif
