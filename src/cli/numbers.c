/* numbers.c: how a column of values is printed. */
#include "numbers.h"

#include <math.h>

number_format number_format_for(int32_t count, const double *values, int is_single, double scale)
{
  const int digits = is_single ? 7 : 14;
  const double noise = scale * (is_single ? 1e-6 : 1e-13);
  double largest = 0, smallest = INFINITY;
  for (int32_t i = 0; i < count; ++i) {
    double size = fabs(values[i]);
    largest = size > largest ? size : largest;
    if (size > noise && size < smallest)
      smallest = size;
  }
  if (largest == 0)
    return (number_format){ 1, 1 };
  if (largest >= 1e9 || largest < 1e-4 || smallest < 1e-4 * largest)
    return (number_format){ 0, digits - 1 };
  int decimals = digits - 1 - (int)floor(log10(largest));
  /* Rounding errors are those of numbers as large as the scale. */
  int meaningful = digits + 1 - (scale > 0 ? (int)floor(log10(scale)) : 0);
  if (decimals > meaningful)
    decimals = meaningful;
  return (number_format){ 1, decimals > 1 ? decimals : 1 };
}

void number_print(FILE *out, number_format format, int width, double value)
{
  if (format.is_fixed)
    fprintf(out, "%*.*f", width, format.decimals, value);
  else
    fprintf(out, "%*.*e", width, format.decimals, value);
}
