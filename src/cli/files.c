/* files.c: reading whole files, opening and closing what the command writes. */
#include "files.h"

#include "cli.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

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

int output_open(const char *path, FILE **out)
{
  *out = strcmp(path, "-") == 0 ? stdout : fopen(path, "w");
  if (!*out)
    return say_error(CLI_FAILURE, "cannot write %s: %s", path, strerror(errno));
  return CLI_OK;
}

void output_remove(const char *path)
{
  if (file_is_regular(path))
    (void)remove(path);
}

int output_close(const char *path, FILE *out)
{
  if (out == stdout)
    return CLI_OK;
  int failed = ferror(out);
  int reason = failed ? EIO : 0;
  if (fclose(out) != 0) {
    failed = 1;
    reason = errno;
  }
  if (!failed)
    return CLI_OK;
  output_remove(path);
  return say_error(CLI_FAILURE, "cannot write %s: %s", path, strerror(reason));
}
