/* mm_sink.c: bytes to a file that appears under its name only when it is complete. Written beside
 * it as NAME.PID-N.part, deflated on the way if asked, renamed at the end. A link is followed, so
 * that its target is replaced and not the link; the permissions of a file replaced are kept. */
#define _XOPEN_SOURCE 700 /* realpath */
#include "formats/mm_sink.h"

#include "base/error.h"
#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

enum { OUTPUT = 1 << 18 };

struct mm_sink {
  char *path; /* as given, for messages */
  char *target; /* the file to be replaced, links followed */
  char *part; /* written meanwhile; NULL: directly */
  int fd, owns_fd;
  int gzip;
  z_stream z;
  unsigned char *output; /* [OUTPUT] deflated, not yet written */
};

static speig_status raise_io(const mm_sink *s, const char *what, int error)
{
  char text[128] = "unknown error";
  (void)strerror_r(error, text, sizeof text);
  return error_raise(SPEIG_ERR_IO, __FILE__, __LINE__, __func__, "%s: %s: %s", s->path, what, text);
}

static speig_status write_raw(mm_sink *s, const unsigned char *from, size_t size)
{
  while (size > 0) {
    ssize_t n = write(s->fd, from, size);
    if (n < 0 && errno == EINTR)
      continue;
    if (n <= 0)
      return raise_io(s, "cannot be written", n < 0 ? errno : ENOSPC);
    from += n;
    size -= (size_t)n;
  }
  return SPEIG_OK;
}

/* Deflates what is in z.next_in; flush is Z_NO_FLUSH or, at the end, Z_FINISH. */
static speig_status deflate_all(mm_sink *s, int flush)
{
  speig_status st = SPEIG_OK;
  int code;
  do {
    s->z.next_out = s->output;
    s->z.avail_out = OUTPUT;
    code = deflate(&s->z, flush);
    if (code == Z_STREAM_ERROR)
      FAIL(SPEIG_ERR_INTERNAL, "%s: deflate failed", s->path);
    TRY(write_raw(s, s->output, OUTPUT - s->z.avail_out));
  } while (s->z.avail_out == 0 || (flush == Z_FINISH && code != Z_STREAM_END));
done:
  return st;
}

speig_status mm_sink_put(mm_sink *s, const void *bytes, size_t size)
{
  enum { STEP = 1 << 30 };
  speig_status st = SPEIG_OK;
  const unsigned char *from = bytes;
  if (!s->gzip)
    return write_raw(s, from, size);
  while (size > 0) {
    size_t n = size < STEP ? size : STEP;
    s->z.next_in = (unsigned char *)(uintptr_t)from; /* zlib does not write there */
    s->z.avail_in = (uInt)n;
    TRY(deflate_all(s, Z_NO_FLUSH));
    from += n;
    size -= n;
  }
done:
  return st;
}

speig_status mm_sink_settle(mm_sink *s)
{
  speig_status st = SPEIG_OK;
  if (s->part && fsync(s->fd) != 0 && errno != EINVAL) /* a file system without */
    TRY(raise_io(s, "cannot be written", errno));
done:
  return st;
}

speig_status mm_sink_commit(mm_sink *s)
{
  speig_status st = SPEIG_OK;
  if (s->gzip) {
    s->z.avail_in = 0;
    TRY(deflate_all(s, Z_FINISH));
  }
  if (s->owns_fd) {
    int failed = close(s->fd) != 0; /* some file systems report a full disk only here */
    s->owns_fd = 0;
    if (failed)
      TRY(raise_io(s, "cannot be written", errno));
  }
  if (s->part) {
    if (rename(s->part, s->target) != 0)
      TRY(raise_io(s, "cannot be put in place", errno));
    mem_free(s->part);
    s->part = NULL;
  }
done:
  return st;
}

void mm_sink_close(mm_sink **sink)
{
  mm_sink *s = *sink;
  if (!s)
    return;
  if (s->gzip)
    (void)deflateEnd(&s->z);
  if (s->owns_fd)
    (void)close(s->fd);
  if (s->part)
    (void)unlink(s->part);
  mem_free(s->part);
  mem_free(s->target);
  mem_free(s->path);
  mem_free(s->output);
  mem_free(s);
  *sink = NULL;
}

static speig_status copy_text(const char *text, char **out)
{
  size_t length = strlen(text) + 1;
  speig_status st = mem_alloc((int64_t)length, 1, "file name", (void **)out);
  if (st == SPEIG_OK)
    memcpy(*out, text, length);
  return st;
}

/* The path with links followed when something is there. */
static speig_status find_target(mm_sink *s)
{
  char *real = realpath(s->path, NULL);
  speig_status st = copy_text(real ? real : s->path, &s->target);
  free(real);
  return st;
}

static speig_status open_part(mm_sink *s, const struct stat *old)
{
  speig_status st = SPEIG_OK;
  size_t room = strlen(s->target) + 48;
  char *part = NULL;
  TRY(mem_alloc((int64_t)room, 1, "file name", (void **)&part));
  for (int n = 0; s->fd < 0 && n < 1000; ++n) {
    snprintf(part, room, "%s.%ld-%d.part", s->target, (long)getpid(), n);
    s->fd = open(part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (s->fd < 0 && errno != EEXIST)
      break;
  }
  if (s->fd < 0)
    TRY(raise_io(s, "cannot be created", errno));
  s->owns_fd = 1;
  s->part = part;
  part = NULL;
  if (old)
    (void)fchmod(s->fd, old->st_mode & 07777);
done:
  mem_free(part);
  return st;
}

static speig_status open_target(mm_sink *s)
{
  speig_status st = SPEIG_OK;
  struct stat old;
  int there = stat(s->path, &old) == 0;
  if (there && !S_ISREG(old.st_mode)) {
    s->fd = open(s->path, O_WRONLY | O_CLOEXEC);
    if (s->fd < 0)
      TRY(raise_io(s, "cannot be opened", errno));
    s->owns_fd = 1;
  } else {
    TRY(find_target(s));
    TRY(open_part(s, there ? &old : NULL));
  }
done:
  return st;
}

static void *pool_alloc(void *opaque, uInt count, uInt size)
{
  void *block;
  (void)opaque;
  return mem_alloc(count, size, "deflate state", &block) == SPEIG_OK ? block : NULL;
}

static void pool_free(void *opaque, void *block)
{
  (void)opaque;
  mem_free(block);
}

speig_status mm_sink_open(const char *path, int gzip, mm_sink **out)
{
  speig_status st = SPEIG_OK;
  mm_sink *s = NULL;
  REQUIRE(path && *path, "the path is %s", path ? "empty" : "NULL");
  TRY(MEM_ZARRAY(1, "output", &s));
  s->fd = -1;
  TRY(copy_text(strcmp(path, "-") == 0 ? "standard output" : path, &s->path));
  if (gzip) {
    TRY(MEM_ARRAY(OUTPUT, "output buffer", &s->output));
    s->z.zalloc = pool_alloc;
    s->z.zfree = pool_free;
    if (deflateInit2(&s->z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) !=
        Z_OK)
      FAIL(SPEIG_ERR_MEMORY, "%s: not enough memory to deflate", s->path);
    s->gzip = 1;
  }
  if (strcmp(path, "-") == 0)
    s->fd = STDOUT_FILENO;
  else
    TRY(open_target(s));
  *out = s;
  s = NULL;
done:
  mm_sink_close(&s);
  return st;
}
