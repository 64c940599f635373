/* ticks.c: readable numbers for an axis. */
#include "ticks.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* A decimal number with the minus sign of the medium; "-0" is 0. */
static void put_fixed(double value, int decimals, int unicode, char *text, size_t size)
{
  char digits[40];
  (void)snprintf(digits, sizeof digits, "%.*f", decimals, fabs(value));
  int is_zero = strspn(digits, "0.") == strlen(digits);
  (void)snprintf(text, size, "%s%s", value < 0 && !is_zero ? (unicode ? "\u2212" : "-") : "",
                 digits);
}

static void put_power(int exponent, int unicode, char *text, size_t size)
{
  static const char *const superscripts[] = { "\u2070", "\u00b9", "\u00b2", "\u00b3", "\u2074",
                                              "\u2075", "\u2076", "\u2077", "\u2078", "\u2079" };
  char digits[16];
  size_t used;
  if (!unicode) {
    (void)snprintf(text, size, "1e%d", exponent);
    return;
  }
  used = (size_t)snprintf(text, size, "10%s", exponent < 0 ? "\u207b" : "");
  (void)snprintf(digits, sizeof digits, "%d", exponent < 0 ? -exponent : exponent);
  for (const char *digit = digits; *digit && used < size; ++digit)
    used += (size_t)snprintf(text + used, size - used, "%s", superscripts[*digit - '0']);
}

/* factor 10^exponent: ten times a power of ten less than 0 divides exactly. */
static double scaled(double factor, int exponent)
{
  return exponent < 0 ? factor / pow(10, -exponent) : factor * pow(10, exponent);
}

/* The smallest m 10^e, m = 1, 2 or 5, that is at least `least`. */
static void nice_step(double least, int *m, int *exponent)
{
  *exponent = (int)floor(log10(least));
  *m = 1;
  /* log10 and the division may be off by a rounding error: so may the step. */
  while (scaled(*m, *exponent) < least * (1 - 1e-9)) {
    *m = *m == 1 ? 2 : *m == 2 ? 5 : 1;
    *exponent += *m == 1;
  }
}

/* Labels are the multiples first .. first + count - 1 of m 10^e less those of `base`, over
 * 10^shared. */
static void put_labels(double first, int m, int exponent, double base, int shared, int unicode,
                       axis_ticks *out)
{
  int decimals = shared - exponent > 0 ? shared - exponent : 0;
  for (int i = 0; i < out->count; ++i)
    put_fixed(scaled((first + i - base) * m, exponent - shared), decimals, unicode, out->label[i],
              sizeof out->label[i]);
}

void ticks_linear(double low, double high, int most, int whole, int unicode, axis_ticks *out)
{
  enum { MOST_DIGITS = 6 };
  int m, exponent, shared = 0;
  double first, last, base = 0, largest;
  most = most < 2 ? 2 : most > TICKS_MOST ? TICKS_MOST : most;
  nice_step((high - low) / most, &m, &exponent);
  if (whole && exponent < 0)
    m = 1, exponent = 0;
  const double step = scaled(m, exponent);
  first = ceil(low / step * (1 - 4e-16 * (low > 0 ? 1 : -1)));
  last = floor(high / step * (1 + 4e-16 * (high > 0 ? 1 : -1)));
  *out = (axis_ticks){ .count = last - first < TICKS_MOST ? (int)(last - first) + 1 : TICKS_MOST };
  if (out->count < 0)
    out->count = 0;
  for (int i = 0; i < out->count; ++i)
    out->at[i] = scaled((first + i) * m, exponent);
  largest = fmax(fabs(low), fabs(high));
  if (largest / step >= pow(10, MOST_DIGITS) && !whole) {
    /* A base with few digits below the first tick: a multiple of 100 steps. */
    base = floor(first / 100) * 100;
    put_fixed(scaled(base * m, exponent), exponent + 2 < 0 ? -exponent - 2 : 0, unicode, out->base,
              sizeof out->base);
    largest = fmax(fabs(high - scaled(base * m, exponent)), step);
  }
  if (largest >= 1e6 || largest < 1e-3) {
    shared = (int)floor(log10(largest) + 1e-9);
    put_power(shared, unicode, out->power, sizeof out->power);
  }
  put_labels(first, m, exponent, base, shared, unicode, out);
}

static void put_log_label(int m, int exponent, int plain, int unicode, char *text, size_t size)
{
  char power[32];
  if (plain) {
    (void)snprintf(text, size, "%.*f", exponent < 0 ? -exponent : 0, scaled(m, exponent));
    return;
  }
  put_power(exponent, unicode, power, sizeof power);
  if (m == 1)
    (void)snprintf(text, size, "%s", power);
  else if (unicode)
    (void)snprintf(text, size, "%d\u00d7%s", m, power);
  else
    (void)snprintf(text, size, "%de%d", m, exponent);
}

static void add_log_tick(double low, double high, int m, int exponent, int plain, int unicode,
                         axis_ticks *out)
{
  double at = scaled(m, exponent);
  if (at < low * (1 - 1e-12) || at > high * (1 + 1e-12) || out->count == TICKS_MOST)
    return;
  out->at[out->count] = at;
  put_log_label(m, exponent, plain, unicode, out->label[out->count], sizeof out->label[0]);
  ++out->count;
}

void ticks_log(double low, double high, int most, int unicode, axis_ticks *out)
{
  const int from = (int)floor(log10(low) + 1e-9), to = (int)ceil(log10(high) - 1e-9);
  const double decades = log10(high) - log10(low);
  const int plain = low >= 0.999e-3 && high <= 1.001e5;
  int stride = 1;
  *out = (axis_ticks){ 0 };
  most = most < 2 ? 2 : most > TICKS_MOST ? TICKS_MOST : most;
  if (decades < 0.7) {
    ticks_linear(low, high, most, 0, unicode, out);
    return;
  }
  while (decades / stride + 1 > most)
    ++stride;
  for (int exponent = from; exponent <= to; ++exponent) {
    /* Multiples of the stride, so that 1 is among them. */
    if (exponent % stride == 0)
      add_log_tick(low, high, 1, exponent, plain, unicode, out);
    if (decades < 2) {
      add_log_tick(low, high, 2, exponent, plain, unicode, out);
      add_log_tick(low, high, 5, exponent, plain, unicode, out);
    }
  }
}

void ticks_name(const axis_ticks *ticks, const char *label, int unicode, char *text, size_t size)
{
  const int has_base = ticks->base[0] != '\0', has_power = ticks->power[0] != '\0';
  /* A negative base is written with its sign: it is added without. */
  const char *digits = ticks->base, *sign = unicode ? "\u2212" : "-";
  int is_negative = has_base && strncmp(digits, sign, strlen(sign)) == 0;
  if (is_negative)
    digits += strlen(sign);
  (void)snprintf(text, size, "%s%s%s%s%s%s%s%s%s", has_base && has_power ? "(" : "", label,
                 has_base ? " " : "",
                 !has_base     ? ""
                 : is_negative ? "+"
                               : sign,
                 has_base ? " " : "", digits, has_base && has_power ? ")" : "",
                 has_power ? " / " : "", ticks->power);
}
