/* mm_source.c: bytes from a descriptor or from memory, inflated on the way when they are gzip
 * (RFC 1952; several members in a row are one file). Nothing is asked of the descriptor but read,
 * so pipes work, and a file that is cut while it is read cannot bring the process down.         */
#define _POSIX_C_SOURCE 200809L
#include "formats/mm_source.h"

#include "base/error.h"
#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

enum { INPUT = 1 << 18 };

typedef enum source_fault {
  SOURCE_FINE = 0,
  SOURCE_READ_FAILED,
  SOURCE_BAD_GZIP,
  SOURCE_CUT_GZIP,
  SOURCE_AFTER_GZIP,
  SOURCE_NO_MEMORY
} source_fault;

struct mm_source {
  char *name;
  int fd; /* -1: memory */
  int owns_fd;
  const unsigned char *memory; /* what is left of it */
  size_t memory_left;
  unsigned char *input; /* [room] read, not yet used: input[at .. held) */
  size_t room, at, held;
  int is_whole; /* the first filling of the input was all there is */
  int gzip, inflating; /* inflating: inside a member */
  z_stream z;
  source_fault fault;
  int read_error; /* errno */
  const char *gzip_error;
};

/* Bytes as they lie in the file; 0 at the end or after a failure. */
static size_t read_raw(mm_source *s, unsigned char *to, size_t capacity)
{
  ssize_t n;
  if (s->fd < 0) {
    size_t take = s->memory_left < capacity ? s->memory_left : capacity;
    if (take > 0)
      memcpy(to, s->memory, take);
    s->memory += take;
    s->memory_left -= take;
    return take;
  }
  do
    n = read(s->fd, to, capacity);
  while (n < 0 && errno == EINTR);
  if (n < 0) {
    s->fault = SOURCE_READ_FAILED;
    s->read_error = errno;
    return 0;
  }
  return (size_t)n;
}

static size_t fill_plain(mm_source *s, unsigned char *to, size_t capacity)
{
  size_t got = s->held - s->at < capacity ? s->held - s->at : capacity;
  memcpy(to, s->input + s->at, got);
  s->at += got;
  while (got < capacity) {
    size_t n = read_raw(s, to + got, capacity - got);
    if (n == 0)
      break;
    got += n;
  }
  return got;
}

/* Makes sure there is input; 0 at the end of the file. */
static int refill(mm_source *s)
{
  if (s->at == s->held) {
    s->at = 0;
    s->held = read_raw(s, s->input, s->room);
  }
  return s->held > s->at;
}

/* Between members: another one, padding zeros, the end, or something that does not belong here. */
static int next_member(mm_source *s)
{
  while (refill(s) && s->input[s->at] == 0)
    ++s->at;
  if (s->at == s->held)
    return 0;
  if (s->input[s->at] != 0x1f) {
    s->fault = SOURCE_AFTER_GZIP;
    return 0;
  }
  s->inflating = 1;
  return inflateReset(&s->z) == Z_OK;
}

static size_t fill_gzip(mm_source *s, unsigned char *to, size_t capacity)
{
  size_t got = 0;
  while (got < capacity && (s->inflating || next_member(s))) {
    size_t room = capacity - got < INPUT ? capacity - got : INPUT;
    int code;
    if (!refill(s)) {
      s->fault = s->fault ? s->fault : SOURCE_CUT_GZIP;
      break;
    }
    s->z.next_in = s->input + s->at;
    s->z.avail_in = (uInt)(s->held - s->at);
    s->z.next_out = to + got;
    s->z.avail_out = (uInt)room;
    code = inflate(&s->z, Z_NO_FLUSH);
    s->at = s->held - s->z.avail_in;
    got += room - s->z.avail_out;
    if (code == Z_STREAM_END) {
      s->inflating = 0;
    } else if (code != Z_OK && code != Z_BUF_ERROR) {
      s->fault = code == Z_MEM_ERROR ? SOURCE_NO_MEMORY : SOURCE_BAD_GZIP;
      s->gzip_error = s->z.msg;
      break;
    }
  }
  return got;
}

size_t mm_source_fill(mm_source *s, char *buffer, size_t capacity)
{
  if (s->fault)
    return 0;
  return s->gzip ? fill_gzip(s, (unsigned char *)buffer, capacity)
                 : fill_plain(s, (unsigned char *)buffer, capacity);
}

speig_status mm_source_check(const mm_source *s)
{
  speig_status st = SPEIG_OK;
  char text[128] = "unknown error";
  switch (s->fault) {
  case SOURCE_FINE:
    break;
  case SOURCE_READ_FAILED:
    (void)strerror_r(s->read_error, text, sizeof text);
    FAIL(SPEIG_ERR_IO, "%s: cannot be read: %s", s->name, text);
  case SOURCE_BAD_GZIP:
    FAIL(SPEIG_ERR_FORMAT, "%s: damaged gzip data: %s", s->name,
         s->gzip_error ? s->gzip_error : "no further detail");
  case SOURCE_CUT_GZIP:
    FAIL(SPEIG_ERR_FORMAT, "%s: the gzip data end in the middle of a member", s->name);
  case SOURCE_AFTER_GZIP:
    FAIL(SPEIG_ERR_FORMAT, "%s: other data follow the gzip data", s->name);
  case SOURCE_NO_MEMORY:
    FAIL(SPEIG_ERR_MEMORY, "%s: not enough memory to inflate", s->name);
  }
done:
  return st;
}

const char *mm_source_name(const mm_source *s)
{
  return s->name;
}

/* zlib's memory through base/memory.h, so that budgets and failing tests see it. */
static void *pool_alloc(void *opaque, uInt count, uInt size)
{
  void *block;
  (void)opaque;
  return mem_alloc(count, size, "inflate state", &block) == SPEIG_OK ? block : NULL;
}

static void pool_free(void *opaque, void *block)
{
  (void)opaque;
  mem_free(block);
}

/* Other compressions by their first bytes. */
static const char *foreign(const unsigned char *p, size_t n)
{
  static const struct {
    const char *magic, *name;
  } known[] = { { "BZh", "bzip2" },
                { "\xfd"
                  "7zXZ",
                  "xz" },
                { "\x28\xb5\x2f\xfd", "zstd" },
                { "PK\x03\x04", "zip" },
                { "\x1f\x9d", "compress" },
                { "\x04\x22\x4d\x18", "lz4" } };
  for (size_t k = 0; k < sizeof known / sizeof *known; ++k)
    if (n >= strlen(known[k].magic) && memcmp(p, known[k].magic, strlen(known[k].magic)) == 0)
      return known[k].name;
  return NULL;
}

/* Reads the first bytes and sees what they are. */
static speig_status sniff(mm_source *s)
{
  speig_status st = SPEIG_OK;
  const char *other;
  size_t n;
  s->room = s->fd < 0 && s->memory_left < INPUT ? s->memory_left + 1 : INPUT;
  TRY(MEM_ARRAY((int64_t)s->room, "input buffer", &s->input));
  do {
    n = read_raw(s, s->input + s->held, s->room - s->held);
    s->held += n;
  } while (n > 0 && s->held < s->room);
  TRY(mm_source_check(s));
  s->is_whole = s->held < s->room;
  other = foreign(s->input, s->held);
  if (other)
    FAIL(SPEIG_ERR_FORMAT, "%s: compressed by %s, needed plain text or gzip", s->name, other);
  if (s->held >= 2 && s->input[0] == 0x1f && s->input[1] == 0x8b) {
    s->z.zalloc = pool_alloc;
    s->z.zfree = pool_free;
    if (inflateInit2(&s->z, 15 + 16) != Z_OK)
      FAIL(SPEIG_ERR_MEMORY, "%s: not enough memory to inflate", s->name);
    s->gzip = s->inflating = 1;
  }
done:
  return st;
}

static speig_status source_new(const char *name, mm_source **out)
{
  speig_status st = SPEIG_OK;
  size_t length = strlen(name) + 1;
  TRY(MEM_ZARRAY(1, "input", out));
  (*out)->fd = -1;
  TRY(mem_alloc((int64_t)length, 1, "file name", (void **)&(*out)->name));
  memcpy((*out)->name, name, length);
done:
  return st;
}

speig_status mm_source_open(const char *path, mm_source **out)
{
  speig_status st = SPEIG_OK;
  mm_source *s = NULL;
  int standard;
  REQUIRE(path && *path, "the path is %s", path ? "empty" : "NULL");
  standard = strcmp(path, "-") == 0;
  TRY(source_new(standard ? "standard input" : path, &s));
  s->fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
  if (s->fd < 0) {
    char text[128] = "unknown error";
    (void)strerror_r(errno, text, sizeof text);
    FAIL(SPEIG_ERR_IO, "%s: cannot be opened: %s", path, text);
  }
  s->owns_fd = !standard;
  TRY(sniff(s));
  *out = s;
  s = NULL;
done:
  mm_source_close(&s);
  return st;
}

speig_status mm_source_open_memory(const char *name, const void *bytes, size_t size,
                                   mm_source **out)
{
  speig_status st = SPEIG_OK;
  mm_source *s = NULL;
  REQUIRE(name && (bytes || size == 0), "%s is NULL", name ? "bytes" : "name");
  TRY(source_new(name, &s));
  s->memory = bytes;
  s->memory_left = size;
  TRY(sniff(s));
  *out = s;
  s = NULL;
done:
  mm_source_close(&s);
  return st;
}

size_t mm_source_most(const mm_source *s)
{
  return s->is_whole && !s->gzip ? s->held : SIZE_MAX;
}

void mm_source_close(mm_source **source)
{
  mm_source *s = *source;
  if (!s)
    return;
  if (s->gzip)
    (void)inflateEnd(&s->z);
  if (s->owns_fd)
    (void)close(s->fd);
  mem_free(s->input);
  mem_free(s->name);
  mem_free(s);
  *source = NULL;
}
