/* state_file.h: a file that a solve can go on from: complete under its name or not there at all,
 * and known for what it is before anything of it is believed.
 *
 * Layout: 8 bytes "speigckp"; a mark of the byte order, 0x01020304; the version of the format;
 * the payload; the size of the file; a CRC-32 of all that comes before it; "END\n". Numbers are
 * those of the machine that wrote them.                                                         */
#ifndef SPEIG_SRC_FORMATS_STATE_FILE_H
#define SPEIG_SRC_FORMATS_STATE_FILE_H

#include "speig/types.h"

typedef struct state_writer state_writer;
typedef struct state_reader state_reader;

/* Running CRC-32; before is 0 at first. */
uint32_t state_checksum(uint32_t before, const void *bytes, size_t size);

/* Written beside path. Errors: ARG, IO, MEMORY. */
speig_status state_writer_open(const char *path, state_writer **out);
speig_status state_put(state_writer *w, const void *bytes, size_t size);
/* The bytes from .. from + size of another file's payload. */
speig_status state_copy(state_writer *w, state_reader *from, int64_t at, int64_t size);
/* Bytes of payload so far. */
int64_t state_written(const state_writer *w);
/* To the disk, and to its name. Errors: IO. */
speig_status state_commit(state_writer *w);
/* Without a commit before it nothing is left behind. */
void state_writer_close(state_writer **w);

/* check: reads all of it, and refuses what is not such a file, of another version or byte order,
 * truncated or damaged, by name and with what was found. Errors: IO, FORMAT, MEMORY. */
speig_status state_reader_open(const char *path, int check, state_reader **out);
int64_t state_size(const state_reader *r); /* of the payload */
int64_t state_at(const state_reader *r); /* where in it the next byte is read */
speig_status state_seek(state_reader *r, int64_t at);
/* Errors: IO, FORMAT (past the end). */
speig_status state_get(state_reader *r, void *bytes, size_t size);
const char *state_path(const state_reader *r);
void state_reader_close(state_reader **r);

#endif
