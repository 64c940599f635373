/* mm_source.h: the bytes of a file: from a path, standard input or memory; plain or gzip. */
#ifndef SPEIG_SRC_FORMATS_MM_SOURCE_H
#define SPEIG_SRC_FORMATS_MM_SOURCE_H

#include "speig/types.h"

typedef struct mm_source mm_source;

/* path "-" is standard input; anything that can be read from front to back will do. Compression is
 * told by content. Errors: IO; FORMAT for a compression other than gzip; MEMORY.                */
speig_status mm_source_open(const char *path, mm_source **out);
/* bytes are borrowed. */
speig_status mm_source_open_memory(const char *name, const void *bytes, size_t size,
                                   mm_source **out);
void mm_source_close(mm_source **source);
const char *mm_source_name(const mm_source *source);
/* Of a source just opened: how many bytes will come, or SIZE_MAX where that is not known. */
size_t mm_source_most(const mm_source *source);

/* Puts up to capacity decompressed bytes into buffer and returns how many; fewer only at the end or
 * after a failure. Raises nothing, so that any thread may call it.                              */
size_t mm_source_fill(mm_source *source, char *buffer, size_t capacity);
/* Raises the failure that a fill ran into. Errors: IO, FORMAT, MEMORY. */
speig_status mm_source_check(const mm_source *source);

#endif
