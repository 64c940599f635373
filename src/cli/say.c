/* say.c: messages on standard error, and the exit code each status of the library stands for. */
#include "cli.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static say_level level = SAY_NORMAL;

const cli_exit_code cli_exit_codes[] = {
  { CLI_OK, "all wanted pairs were found; for the other verbs: done" },
  { CLI_FAILURE, "numerical or internal failure, or the output could not be written" },
  { CLI_USAGE, "wrong command line, or one that asks for what this release does not offer or this "
               "matrix does not have" },
  { CLI_FEWER, "fewer pairs than wanted; those found are printed" },
  { CLI_INPUT, "unreadable or malformed input" },
  { CLI_MEMORY, "out of memory, or over --memory" },
  { CLI_DEVICE, "device not available" },
  { CLI_WRONG, "verify: at least one pair is wrong or a wanted eigenvalue is missed" },
  { CLI_INTERRUPTED, "interrupted (Ctrl-C); what was found is printed" },
  { 0, NULL },
};

void say_set_level(say_level wanted)
{
  level = wanted;
}

static void say(const char *kind, const char *format, va_list arguments) CLI_PRINTF(2, 0);
static void say(const char *kind, const char *format, va_list arguments)
{
  fflush(stdout); /* keeps the order when both streams go to one place */
  fprintf(stderr, "speig: %s", kind);
  vfprintf(stderr, format, arguments);
  fputc('\n', stderr);
}

int say_error(int code, const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  say("", format, arguments);
  va_end(arguments);
  return code;
}

void say_note(const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  if (level > SAY_QUIET)
    say("note: ", format, arguments);
  va_end(arguments);
}

void say_detail(const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  if (level == SAY_VERBOSE)
    say("", format, arguments);
  va_end(arguments);
}

static int exit_code_of(speig_status st)
{
  switch (st) {
  case SPEIG_OK:
    return CLI_OK;
  case SPEIG_ERR_ARG:
  case SPEIG_ERR_UNSUPPORTED:
    return CLI_USAGE;
  case SPEIG_ERR_FORMAT:
  case SPEIG_ERR_IO:
    return CLI_INPUT;
  case SPEIG_ERR_MEMORY:
    return CLI_MEMORY;
  case SPEIG_ERR_DEVICE:
    return CLI_DEVICE;
  default:
    return CLI_FAILURE;
  }
}

int say_status(speig_status st)
{
  if (st == SPEIG_OK)
    return CLI_OK;
  say_error(0, "%s: %s", speig_status_text(st), speig_last_error());
  if (level == SAY_VERBOSE)
    fputs(speig_last_error_trace(), stderr);
  return exit_code_of(st);
}

void note_unchecked(speig_outcome outcome, speig_certify certify)
{
  if (outcome == SPEIG_CONVERGED && certify != SPEIG_CERTIFY_NEVER)
    say_note("what is listed holds, but no check could tell whether something better is missing");
}

int say_write_status(speig_status st)
{
  int code = say_status(st);
  return st == SPEIG_ERR_IO ? CLI_FAILURE : code;
}

int cli_alloc(int64_t count, size_t size, const char *what, void **out)
{
  *out = NULL;
  if (count >= 0 && (uint64_t)count <= SIZE_MAX / size)
    *out = calloc(count > 0 ? (size_t)count : 1, size);
  if (!*out)
    return say_error(CLI_MEMORY, "out of memory: %s, %lld x %zu bytes", what, (long long)count,
                     size);
  return CLI_OK;
}

double cli_seconds(void)
{
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}
