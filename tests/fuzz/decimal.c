/* decimal.c: any text as a decimal number: the same double, to the bit, as the C library reads. */
#include "target.h"

#include "formats/decimal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LONGEST = 1200, BEHIND = 16 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
  static decimal *table;
  char text[LONGEST + BEHIND] = { 0 };
  const char *end = NULL;
  char *theirs_end = NULL;
  double value = 0, theirs;
  if (!table && decimal_open(&table) != SPEIG_OK)
    abort();
  size = size < LONGEST ? size : LONGEST;
  memcpy(text, bytes, size);
  decimal_result result = decimal_parse(table, text, &end, &value);
  if (result == DECIMAL_NONE)
    return 0;
  if (end <= text || end > text + size)
    abort();
  text[end - text] = '\0';
  for (char *p = text; *p; ++p) /* Fortran's letter for the exponent */
    if (*p == 'd' || *p == 'D')
      *p = 'e';
  theirs = strtod(text, &theirs_end);
  if (theirs_end != end || memcmp(&theirs, &value, sizeof value) != 0 ||
      (result == DECIMAL_OVERFLOW) != (isinf(theirs) != 0))
    abort();
  return 0;
}
