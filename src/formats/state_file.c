/* state_file.c: writing and reading the files of checkpoints. */
#define _XOPEN_SOURCE 700 /* fseeko, strerror_r */
#include "formats/state_file.h"

#include "base/error.h"
#include "base/memory.h"
#include "formats/mm_sink.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <zlib.h>

enum { STATE_VERSION = 1, BUFFER = 1 << 18 };
static const char MAGIC[8] = { 's', 'p', 'e', 'i', 'g', 'c', 'k', 'p' };
static const char END[4] = { 'E', 'N', 'D', '\n' };
static const uint32_t MARK = 0x01020304, MARK_TURNED = 0x04030201;

typedef struct state_head {
  char magic[8];
  uint32_t mark, version;
} state_head;

typedef struct state_tail {
  uint64_t bytes; /* of the file */
  uint32_t checksum; /* of all before it */
  char end[4];
} state_tail;

struct state_writer {
  mm_sink *sink;
  unsigned char *buffer; /* [BUFFER] small pieces, not yet written */
  size_t used;
  int64_t bytes; /* so far, the head included */
  uint32_t checksum;
};

struct state_reader {
  char *path;
  FILE *in;
  int64_t size, at; /* of the payload */
};

uint32_t state_checksum(uint32_t before, const void *bytes, size_t size)
{
  return size > 0 ? (uint32_t)crc32_z(before, bytes, size) : before; /* NULL would start anew */
}

/* ---- writing ---- */

static speig_status flush(state_writer *w)
{
  speig_status st = w->used > 0 ? mm_sink_put(w->sink, w->buffer, w->used) : SPEIG_OK;
  w->used = 0;
  return st;
}

static speig_status put(state_writer *w, const void *bytes, size_t size)
{
  speig_status st = SPEIG_OK;
  if (size == 0)
    return st; /* bytes may be NULL */
  w->checksum = state_checksum(w->checksum, bytes, size);
  w->bytes += (int64_t)size;
  if (size > BUFFER - w->used)
    TRY(flush(w));
  if (size > BUFFER) {
    TRY(mm_sink_put(w->sink, bytes, size));
  } else {
    memcpy(w->buffer + w->used, bytes, size);
    w->used += size;
  }
done:
  return st;
}

speig_status state_writer_open(const char *path, state_writer **out)
{
  speig_status st = SPEIG_OK;
  state_writer *w = NULL;
  state_head head = { .mark = MARK, .version = STATE_VERSION };
  *out = NULL;
  memcpy(head.magic, MAGIC, sizeof MAGIC);
  REQUIRE(path && *path && strcmp(path, "-") != 0,
          "checkpoint: found \"%s\", needed the name of a file", path ? path : "");
  TRY(MEM_ZARRAY(1, "checkpoint", &w));
  TRY(MEM_ARRAY(BUFFER, "checkpoint", &w->buffer));
  TRY(mm_sink_open(path, 0, &w->sink));
  TRY(put(w, &head, sizeof head));
  *out = w;
  w = NULL;
done:
  state_writer_close(&w);
  return st;
}

speig_status state_put(state_writer *w, const void *bytes, size_t size)
{
  return put(w, bytes, size);
}

speig_status state_copy(state_writer *w, state_reader *from, int64_t at, int64_t size)
{
  speig_status st = SPEIG_OK;
  unsigned char *bytes = NULL;
  TRY(MEM_ARRAY(BUFFER, "checkpoint", &bytes));
  TRY(state_seek(from, at));
  while (size > 0) {
    size_t some = size < BUFFER ? (size_t)size : BUFFER;
    TRY(state_get(from, bytes, some));
    TRY(put(w, bytes, some));
    size -= (int64_t)some;
  }
done:
  mem_free(bytes);
  return st;
}

int64_t state_written(const state_writer *w)
{
  return w->bytes - (int64_t)sizeof(state_head);
}

speig_status state_commit(state_writer *w)
{
  speig_status st = SPEIG_OK;
  state_tail tail = { .bytes = (uint64_t)w->bytes + sizeof tail };
  memcpy(tail.end, END, sizeof END);
  w->checksum = state_checksum(w->checksum, &tail.bytes, sizeof tail.bytes);
  tail.checksum = w->checksum;
  TRY(put(w, &tail, sizeof tail));
  TRY(flush(w));
  TRY(mm_sink_settle(w->sink));
  TRY(mm_sink_commit(w->sink));
done:
  return st;
}

void state_writer_close(state_writer **w)
{
  if (!*w)
    return;
  mm_sink_close(&(*w)->sink);
  mem_free((*w)->buffer);
  mem_free(*w);
  *w = NULL;
}

/* ---- reading ---- */

static speig_status raise_io(const char *path, int error)
{
  char text[128] = "unknown error";
  (void)strerror_r(error, text, sizeof text);
  return error_raise(SPEIG_ERR_IO, __FILE__, __LINE__, __func__,
                     "cannot read the checkpoint %s: %s", path, error ? text : "it ended early");
}

static speig_status read_raw(state_reader *r, void *bytes, size_t size)
{
  speig_status st = SPEIG_OK;
  errno = 0;
  if (fread(bytes, 1, size, r->in) != size)
    TRY(raise_io(r->path, ferror(r->in) ? errno : 0));
done:
  return st;
}

static speig_status check_head(state_reader *r, int64_t bytes, uint32_t *checksum)
{
  speig_status st = SPEIG_OK;
  state_head head;
  if (bytes < (int64_t)sizeof head)
    FAIL(SPEIG_ERR_FORMAT, "%s is no checkpoint: it has %" PRId64 " bytes, one begins with %zu",
         r->path, bytes, sizeof head);
  TRY(read_raw(r, &head, sizeof head));
  if (memcmp(head.magic, MAGIC, sizeof MAGIC) != 0)
    FAIL(SPEIG_ERR_FORMAT, "%s is no checkpoint of speig: it does not begin with \"speigckp\"",
         r->path);
  if (head.mark == MARK_TURNED)
    FAIL(SPEIG_ERR_FORMAT, "the checkpoint %s was written by a machine of the other byte order",
         r->path);
  if (head.mark != MARK)
    FAIL(SPEIG_ERR_FORMAT, "the checkpoint %s is damaged: its mark of the byte order is %08" PRIx32,
         r->path, head.mark);
  if (head.version != STATE_VERSION)
    FAIL(SPEIG_ERR_FORMAT, "the checkpoint %s has version %" PRIu32 ", this speig reads version %d",
         r->path, head.version, STATE_VERSION);
  *checksum = state_checksum(0, &head, sizeof head);
done:
  return st;
}

static speig_status check_tail(state_reader *r, int64_t bytes, uint32_t checksum)
{
  speig_status st = SPEIG_OK;
  unsigned char *some = NULL;
  state_tail tail;
  TRY(MEM_ARRAY(BUFFER, "checkpoint", &some));
  for (int64_t left = r->size; left > 0;) {
    size_t size = left < BUFFER ? (size_t)left : BUFFER;
    TRY(read_raw(r, some, size));
    checksum = state_checksum(checksum, some, size);
    left -= (int64_t)size;
  }
  TRY(read_raw(r, &tail, sizeof tail));
  checksum = state_checksum(checksum, &tail.bytes, sizeof tail.bytes);
  if (memcmp(tail.end, END, sizeof END) != 0 || tail.bytes != (uint64_t)bytes)
    FAIL(SPEIG_ERR_FORMAT,
         "the checkpoint %s is truncated or damaged: its %" PRId64 " bytes do not end as such a "
         "file does",
         r->path, bytes);
  if (tail.checksum != checksum)
    FAIL(SPEIG_ERR_FORMAT,
         "the checkpoint %s is damaged: its checksum is %08" PRIx32 ", its bytes give %08" PRIx32,
         r->path, tail.checksum, checksum);
done:
  mem_free(some);
  return st;
}

static speig_status find_size(state_reader *r, int64_t *bytes)
{
  speig_status st = SPEIG_OK;
  if (fseeko(r->in, 0, SEEK_END) != 0 || (*bytes = (int64_t)ftello(r->in)) < 0 ||
      fseeko(r->in, 0, SEEK_SET) != 0)
    TRY(raise_io(r->path, errno));
done:
  return st;
}

speig_status state_reader_open(const char *path, int check, state_reader **out)
{
  speig_status st = SPEIG_OK;
  state_reader *r = NULL;
  int64_t bytes = 0, frame = (int64_t)(sizeof(state_head) + sizeof(state_tail));
  uint32_t checksum = 0;
  *out = NULL;
  TRY(MEM_ZARRAY(1, "checkpoint", &r));
  TRY(MEM_ARRAY((int64_t)strlen(path) + 1, "file name", &r->path));
  memcpy(r->path, path, strlen(path) + 1);
  r->in = fopen(path, "rb");
  if (!r->in)
    TRY(raise_io(path, errno));
  TRY(find_size(r, &bytes));
  r->size = bytes - frame;
  if (check) {
    TRY(check_head(r, bytes, &checksum));
    if (r->size < 0)
      FAIL(SPEIG_ERR_FORMAT, "the checkpoint %s is truncated: it has %" PRId64 " bytes", path,
           bytes);
    TRY(check_tail(r, bytes, checksum));
  }
  TRY(state_seek(r, 0));
  *out = r;
  r = NULL;
done:
  state_reader_close(&r);
  return st;
}

int64_t state_size(const state_reader *r)
{
  return r->size;
}

int64_t state_at(const state_reader *r)
{
  return r->at;
}

const char *state_path(const state_reader *r)
{
  return r->path;
}

speig_status state_seek(state_reader *r, int64_t at)
{
  speig_status st = SPEIG_OK;
  if (at < 0 || at > r->size)
    FAIL(SPEIG_ERR_FORMAT,
         "the checkpoint %s contradicts itself: it points to byte %" PRId64 " of %" PRId64, r->path,
         at, r->size);
  if (fseeko(r->in, (off_t)(at + (int64_t)sizeof(state_head)), SEEK_SET) != 0)
    TRY(raise_io(r->path, errno));
  r->at = at;
done:
  return st;
}

speig_status state_get(state_reader *r, void *bytes, size_t size)
{
  speig_status st = SPEIG_OK;
  if ((uint64_t)size > (uint64_t)(r->size - r->at))
    FAIL(SPEIG_ERR_FORMAT,
         "the checkpoint %s contradicts itself: %zu bytes are to follow byte %" PRId64
         " of %" PRId64,
         r->path, size, r->at, r->size);
  TRY(read_raw(r, bytes, size));
  r->at += (int64_t)size;
done:
  return st;
}

void state_reader_close(state_reader **r)
{
  if (!*r)
    return;
  if ((*r)->in)
    (void)fclose((*r)->in);
  mem_free((*r)->path);
  mem_free(*r);
  *r = NULL;
}
