/* interval.c: reads and prints intervals. */
#include "interval.h"

#include "cli.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>

/* The number that text begins with, and what follows it; NULL when there is none. */
static const char *read_end(const char *text, double *end)
{
  char *rest = NULL;
  *end = strtod(text, &rest);
  return rest == text || isspace((unsigned char)*text) || isnan(*end) ? NULL : rest;
}

int interval_parse(const char *option, const char *text, double ends[2])
{
  const char *rest = read_end(text, &ends[0]);
  if (rest)
    rest = *rest == ',' ? read_end(rest + 1, &ends[1]) : NULL;
  if (!rest || *rest)
    return say_error(CLI_USAGE, "%s: found '%s', needed two numbers a,b (-inf and inf are allowed)",
                     option, text);
  if (ends[0] > ends[1])
    return say_error(CLI_USAGE, "%s: found '%s', needed a,b with a <= b", option, text);
  if (ends[0] == INFINITY || ends[1] == -INFINITY)
    return say_error(CLI_USAGE, "%s: found '%s', but no eigenvalue is infinite", option, text);
  return CLI_OK;
}

int interval_parse_end(const char *option, const char *text, double *end)
{
  const char *rest = read_end(text, end);
  if (!rest || *rest)
    return say_error(CLI_USAGE, "%s: found '%s', needed a number", option, text);
  return CLI_OK;
}

void interval_text(const double ends[2], int digits, char *text, size_t size)
{
  snprintf(text, size, "%s%.*g, %.*g%s", isinf(ends[0]) ? "(" : "[", digits, ends[0], digits,
           ends[1], isinf(ends[1]) ? ")" : "]");
}
