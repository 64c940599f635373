/* error.c: the only state of the library: each thread's last message and trace. */
#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static _Thread_local char message[1024];
static _Thread_local char trace[1024];

const char *speig_last_error(void)
{
  return message;
}

const char *speig_last_error_trace(void)
{
  return trace;
}

const char *speig_status_text(speig_status status)
{
#define STATUS_CASE(name, code, text)                                                              \
  case name:                                                                                       \
    return text;
  switch (status) {
    SPEIG_STATUS_LIST(STATUS_CASE)
  case SPEIG_STATUS_COUNT:
    break;
  }
#undef STATUS_CASE
  return "unknown status";
}

static const char *base_name(const char *path)
{
  const char *slash = strrchr(path, '/');
  return slash ? slash + 1 : path;
}

speig_status error_trace(speig_status st, const char *file, int line, const char *func)
{
  size_t used = strlen(trace);
  (void)snprintf(trace + used, sizeof trace - used, "  at %s (%s:%d)\n", func, base_name(file),
                 line);
  return st;
}

speig_status error_raise(speig_status st, const char *file, int line, const char *func,
                         const char *format, ...)
{
  char text[sizeof message]; /* the arguments may point into the old message */
  va_list arguments;
  va_start(arguments, format);
  (void)vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  memcpy(message, text, sizeof message);
  trace[0] = '\0';
  return error_trace(st, file, line, func);
}
