/* output.c: opening and closing what the command writes. */
#include "output.h"

#include "cli.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

int output_open(const char *path, FILE **out)
{
  *out = strcmp(path, "-") == 0 ? stdout : fopen(path, "w");
  if (!*out)
    return say_error(CLI_FAILURE, "cannot write %s: %s", path, strerror(errno));
  return CLI_OK;
}

void output_remove(const char *path)
{
  struct stat about;
  if (stat(path, &about) == 0 && S_ISREG(about.st_mode))
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
