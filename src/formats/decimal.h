/* decimal.h: decimal text to the nearest double, whatever the locale. */
#ifndef SPEIG_SRC_FORMATS_DECIMAL_H
#define SPEIG_SRC_FORMATS_DECIMAL_H

#include "speig/types.h"

/* The table of powers of five, and what long numbers need. Read-only once open. */
typedef struct decimal decimal;

/* Errors: MEMORY. */
speig_status decimal_open(decimal **out);
void decimal_close(decimal **table);

typedef enum decimal_result {
  DECIMAL_OK = 0,
  DECIMAL_NONE, /* no number starts here */
  DECIMAL_OVERFLOW /* larger than any finite double */
} decimal_result;

/* Reads [+-] digits [. digits] [eEdD [+-] digits], at least one digit before the exponent, and
 * sets *end behind it. Correctly rounded, ties to even; what is too small becomes 0 or subnormal.
 * The text must end with a byte that cannot belong to a number, and 8 bytes after it must be
 * readable.                                                                                     */
decimal_result decimal_parse(const decimal *table, const char *text, const char **end,
                             double *value);

#endif
