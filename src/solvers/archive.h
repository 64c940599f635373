/* archive.h: what a solver holds, to and from a file. One function of a solver names its parts once
 * and serves both directions, so that what is written and what is read cannot differ. */
#ifndef SPEIG_SRC_SOLVERS_ARCHIVE_H
#define SPEIG_SRC_SOLVERS_ARCHIVE_H

#include "backend/backend.h"
#include "formats/state_file.h"

typedef struct archive {
  int is_loading;
  state_writer *out; /* written to; NULL: `bytes` is */
  state_reader *in; /* read from, up to `end`; NULL: `bytes` is */
  int64_t end;
  unsigned char *bytes; /* owned by whoever made the archive; [room] */
  size_t size, room, at;
  const int32_t *order; /* row i of a block is row order[i] of the `whole` ones on file; NULL: as */
  int64_t whole; /* they are */
  void *column, *scattered; /* of a block, on the host */
  size_t column_room, scattered_room;
} archive;

typedef speig_status archive_fn(archive *a, void *what);

/* All return FORMAT when what is read is not what is asked for, and IO and MEMORY. */
speig_status archive_bytes(archive *a, const char *name, void *data, size_t size);
speig_status archive_int(archive *a, const char *name, int *value);
speig_status archive_int32(archive *a, const char *name, int32_t *value);
speig_status archive_int64(archive *a, const char *name, int64_t *value);
speig_status archive_uint64(archive *a, const char *name, uint64_t *value);
speig_status archive_real(archive *a, const char *name, double *value);
speig_status archive_reals(archive *a, const char *name, int64_t count, double *values);
/* Bytes that are stored without a name: after a count that was. */
speig_status archive_raw(archive *a, void *data, size_t size);
/* All of a view, entry by entry. */
speig_status archive_small(archive *a, const char *name, const small *view);
/* All columns of a view, through host memory one by one. */
speig_status archive_block(archive *a, const char *name, const multivec *view);
/* A number that was read lies within. Errors: FORMAT. */
speig_status archive_expect(const archive *a, const char *name, int64_t value, int64_t least,
                            int64_t most);
/* What the archive itself took; not `bytes`. */
void archive_close(archive *a);

#endif
