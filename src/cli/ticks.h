/* ticks.h: where an axis has its numbers, and how they are written. */
#ifndef SPEIG_SRC_CLI_TICKS_H
#define SPEIG_SRC_CLI_TICKS_H

#include <stddef.h>

enum { TICKS_MOST = 16 };

typedef struct axis_ticks {
  int count;
  double at[TICKS_MOST]; /* ascending, within [low, high] */
  char label[TICKS_MOST][48];
  /* What the labels leave out and the axis says once: they are (value - base) / power. Empty as a
   * rule. */
  char base[80], power[48];
} axis_ticks;

/* At most `most` (2 to TICKS_MOST) ticks at multiples of 1, 2 or 5 times a power of ten; `whole`:
 * at whole numbers only. low < high, both finite, further apart than rounding. Where numbers differ
 * in late digits only, these are shown, and the common part is the base. unicode: a real minus sign
 * and superscripts instead of ASCII. */
void ticks_linear(double low, double high, int most, int whole, int unicode, axis_ticks *out);
/* For a logarithmic axis, 0 < low < high: powers of ten, every so many; over less than two decades
 * 1, 2 and 5 times a power of ten, or what a linear axis would have. */
void ticks_log(double low, double high, int most, int unicode, axis_ticks *out);
/* The axis label with what the ticks leave out: "eigenvalue", "(eigenvalue - 2.7565) / 1e-13". */
void ticks_name(const axis_ticks *ticks, const char *label, int unicode, char *text, size_t size);

#endif
