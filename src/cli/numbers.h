/* numbers.h: how a column of values is printed. */
#ifndef SPEIG_SRC_CLI_NUMBERS_H
#define SPEIG_SRC_CLI_NUMBERS_H

#include <stdint.h>
#include <stdio.h>

/* A format for all values of a table: fixed point with the digits the type can hold when their
 * magnitudes allow, so that the column lines up and rounding noise around zero does not show. */
typedef struct number_format {
  int is_fixed, decimals;
} number_format;

/* scale: the size of the numbers whose rounding errors the values carry, |A| / |B|. */
number_format number_format_for(int32_t count, const double *values, int is_single, double scale);
/* In a column of that width. */
void number_print(FILE *out, number_format format, int width, double value);

#endif
