/* files.c: reading whole files, opening and closing what the command writes. */
#define _XOPEN_SOURCE 700 /* realpath */
#include "files.h"

#include "cli.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int file_read_all(const char *path, char **text, size_t *size)
{
  int code = CLI_OK;
  size_t capacity = 0, got = 0;
  FILE *in = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");
  *text = NULL;
  *size = 0;
  if (!in)
    return say_error(CLI_INPUT, "cannot read %s: %s", path, strerror(errno));
  do {
    if (*size + 1 >= capacity) {
      capacity = 2 * capacity + 4096;
      char *larger = realloc(*text, capacity);
      if (!larger)
        CLI_FAIL(CLI_MEMORY, "out of memory: %zu bytes of %s", capacity, path);
      *text = larger;
    }
    got = fread(*text + *size, 1, capacity - *size - 1, in);
    *size += got;
  } while (got > 0);
  if (ferror(in))
    CLI_FAIL(CLI_INPUT, "cannot read %s: %s", path, strerror(errno));
  (*text)[*size] = '\0';
done:
  if (in != stdin)
    fclose(in);
  return code;
}

int file_is_regular(const char *path)
{
  struct stat about;
  return stat(path, &about) == 0 && S_ISREG(about.st_mode);
}

/* Where an output file is written until it is complete: PATH.PID.part beside it, links followed, so
 * that the target is replaced and not the link. NULL for what cannot be replaced, a device or a
 * pipe, and when memory is short. *target is the file to be replaced; both are released with free.
 */
static char *part_name(const char *path, char **target)
{
  struct stat about;
  *target = NULL;
  if (stat(path, &about) == 0 && !S_ISREG(about.st_mode))
    return NULL;
  *target = realpath(path, NULL);
  if (!*target) /* nothing is there */
    *target = strdup(path);
  size_t room = (*target ? strlen(*target) : 0) + 32;
  char *part = *target ? malloc(room) : NULL;
  if (part)
    snprintf(part, room, "%s.%ld.part", *target, (long)getpid());
  return part;
}

int output_open(const char *path, FILE **out)
{
  struct stat about;
  *out = stdout;
  if (strcmp(path, "-") == 0)
    return CLI_OK;
  char *target, *part = part_name(path, &target);
  *out = fopen(part ? part : path, "wb");
  int reason = errno;
  if (*out && part && stat(target, &about) == 0)
    (void)fchmod(fileno(*out), about.st_mode & 07777); /* the permissions of the file replaced */
  free(part);
  free(target);
  if (!*out)
    return say_error(CLI_FAILURE, "cannot write %s: %s", path, strerror(reason));
  return CLI_OK;
}

int output_close(const char *path, FILE *out)
{
  if (out == stdout)
    return CLI_OK;
  /* Which write failed is long past; the one that flushes the rest most often fails alike. */
  int failed = ferror(out);
  int reason = fflush(out) != 0 ? errno : EIO;
  failed |= reason != EIO;
  if (fclose(out) != 0 && !failed) {
    failed = 1;
    reason = errno;
  }
  char *target, *part = part_name(path, &target);
  if (part && !failed && rename(part, target) != 0) {
    failed = 1;
    reason = errno;
  }
  if (part && failed)
    (void)remove(part);
  free(part);
  free(target);
  if (!failed)
    return CLI_OK;
  return say_error(CLI_FAILURE, "cannot write %s: %s", path, strerror(reason));
}
