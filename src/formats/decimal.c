/* decimal.c: decimal text to the nearest double.
 *
 * Small numbers by one exact product or quotient: W. Clinger, How to read floating point numbers
 * accurately, PLDI 1990. Up to 19 digits by a 128-bit product with a truncated power of five:
 * D. Lemire, Number parsing at a gigabyte per second, Software: Practice and Experience 51 (2021);
 * that no case escapes it: N. Mushtak, D. Lemire, Fast number parsing without fallback, ibid. 53
 * (2023). With more digits, both ends of the interval that the first 19 leave are rounded; only
 * when they differ is the C library asked, in the "C" locale.
 *
 * The powers are computed when the table is opened: some 20 kB, well below a millisecond.        */
#define _GNU_SOURCE /* strtod_l */
#include "formats/decimal.h"

#include "base/error.h"
#include "base/memory.h"

#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MIN_POWER = -342, MAX_POWER = 308, LIMBS = 17 };

struct decimal {
  uint64_t high[MAX_POWER - MIN_POWER + 1]; /* the leading 128 bits of 5^q: truncated for */
  uint64_t low[MAX_POWER - MIN_POWER + 1]; /* q >= 0, rounded up for q < 0 */
  locale_t c;
};

__extension__ typedef unsigned __int128 wide;

/* ---- the table ---- */

/* The lowest limb first. */
typedef struct limbs {
  uint64_t x[LIMBS];
  int used; /* those above are zero, the highest of them is not */
} limbs;

static wide leading_bits(const limbs *n)
{
  const int top = n->used - 1, shift = __builtin_clzll(n->x[top]);
  uint64_t a = n->x[top], b = top > 0 ? n->x[top - 1] : 0, c = top > 1 ? n->x[top - 2] : 0;
  if (shift > 0) {
    a = a << shift | b >> (64 - shift);
    b = b << shift | c >> (64 - shift);
  }
  return (wide)a << 64 | b;
}

static void multiply_by_five(limbs *n)
{
  uint64_t carry = 0;
  for (int i = 0; i < n->used; ++i) {
    wide product = (wide)n->x[i] * 5 + carry;
    n->x[i] = (uint64_t)product;
    carry = (uint64_t)(product >> 64);
  }
  if (carry > 0)
    n->x[n->used++] = carry;
}

/* By halves of limbs: 128-bit quotients are a call. */
static void divide_by_five(limbs *n)
{
  const uint64_t half = UINT64_C(0xffffffff);
  uint64_t rest = 0;
  for (int i = n->used - 1; i >= 0; --i) {
    const uint64_t upper = rest << 32 | n->x[i] >> 32;
    const uint64_t lower = upper % 5 << 32 | (n->x[i] & half);
    n->x[i] = upper / 5 << 32 | lower / 5;
    rest = lower % 5;
  }
  n->used -= n->x[n->used - 1] == 0;
}

static void store(decimal *table, int q, wide bits)
{
  table->high[q - MIN_POWER] = (uint64_t)(bits >> 64);
  table->low[q - MIN_POWER] = (uint64_t)bits;
}

/* 5^308 has 716 bits. floor(2^1087 / 5^q) has at least 293, so its leading 128 are exact, and
 * dividing by 5 again and again with truncation gives that floor.                               */
static void fill(decimal *table)
{
  limbs n = { .x = { 1 }, .used = 1 };
  for (int q = 0; q <= MAX_POWER; ++q) {
    store(table, q, leading_bits(&n));
    multiply_by_five(&n);
  }
  memset(&n, 0, sizeof n);
  n.x[LIMBS - 1] = UINT64_C(1) << 63;
  n.used = LIMBS;
  for (int q = -1; q >= MIN_POWER; --q) {
    divide_by_five(&n);
    store(table, q, leading_bits(&n) + 1);
  }
}

speig_status decimal_open(decimal **out)
{
  speig_status st = SPEIG_OK;
  decimal *table = NULL;
  TRY(MEM_ZARRAY(1, "table of powers", &table));
  table->c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
  if (!table->c)
    FAIL(SPEIG_ERR_MEMORY, "the \"C\" locale cannot be made");
  fill(table);
  *out = table;
  table = NULL;
done:
  mem_free(table);
  return st;
}

void decimal_close(decimal **table)
{
  if (!*table)
    return;
  freelocale((*table)->c);
  mem_free(*table);
  *table = NULL;
}

/* ---- w 10^q to the nearest double ---- */

/* The upper 128 bits of w 5^q, exact enough to decide the rounding to 53 bits. */
static wide scaled_product(const decimal *table, uint64_t w, int q)
{
  wide product = (wide)w * table->high[q - MIN_POWER];
  const uint64_t undecided = UINT64_MAX >> 55;
  if (((uint64_t)(product >> 64) & undecided) == undecided)
    product += (wide)w * table->low[q - MIN_POWER] >> 64;
  return product;
}

static double from_bits(uint64_t mantissa, int64_t biased)
{
  uint64_t bits = (mantissa & ((UINT64_C(1) << 52) - 1)) | (uint64_t)biased << 52;
  double x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

/* INFINITY when it overflows. */
static double nearest(const decimal *table, uint64_t w, int64_t q)
{
  int zeros, upper, shift;
  int64_t biased;
  uint64_t mantissa;
  wide product;
  if (w == 0 || q < MIN_POWER)
    return 0;
  if (q > MAX_POWER)
    return (double)INFINITY;
  zeros = __builtin_clzll(w);
  product = scaled_product(table, w << zeros, (int)q);
  upper = (int)(product >> 127);
  shift = upper + 64 - 52 - 3;
  mantissa = (uint64_t)(product >> 64) >> shift; /* 54 bits: one more than kept */
  biased = (217706 * q >> 16) + 63 + upper - zeros + 1023; /* floor(q log2(10)) = 217706 q / 2^16 */
  if (biased <= 0) { /* subnormal, or zero */
    if (1 - biased >= 64)
      return 0;
    mantissa >>= 1 - biased;
    mantissa = (mantissa + (mantissa & 1)) >> 1;
    return from_bits(mantissa, (int64_t)(mantissa >> 52));
  }
  /* Exactly between two doubles: only possible where 5^q fits 64 bits. */
  if ((uint64_t)product <= 1 && q >= -4 && q <= 23 && (mantissa & 3) == 1 &&
      mantissa << shift == (uint64_t)(product >> 64))
    mantissa &= ~UINT64_C(1);
  mantissa = (mantissa + (mantissa & 1)) >> 1;
  if (mantissa >> 53) {
    mantissa >>= 1;
    ++biased;
  }
  return biased >= 2047 ? (double)INFINITY : from_bits(mantissa, biased);
}

static double combine(const decimal *table, uint64_t w, int64_t q)
{
  static const double exact[] = { 1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                  1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                  1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22 };
  if (FLT_EVAL_METHOD == 0 && w <= UINT64_C(1) << 53 && q >= -22 && q <= 22)
    return q < 0 ? (double)w / exact[-q] : (double)w * exact[q];
  return nearest(table, w, q);
}

/* ---- text ---- */

static int is_digit(char c)
{
  return (unsigned char)(c - '0') < 10;
}

/* Eight digits at once: all bytes in '0'..'9'? (Lemire 2021, section 4; little-endian.) */
static int eight_digits(uint64_t x)
{
  return ((x & UINT64_C(0xF0F0F0F0F0F0F0F0)) |
          (((x + UINT64_C(0x0606060606060606)) & UINT64_C(0xF0F0F0F0F0F0F0F0)) >> 4)) ==
         UINT64_C(0x3333333333333333);
}

static uint64_t value_of_eight(uint64_t x)
{
  x -= UINT64_C(0x3030303030303030);
  x = x * 10 + (x >> 8);
  return (((x & UINT64_C(0x000000FF000000FF)) * UINT64_C(0x000F424000000064)) +
          ((x >> 16 & UINT64_C(0x000000FF000000FF)) * UINT64_C(0x0000271000000001))) >>
         32;
}

/* Appends the digits at p to *w (modulo 2^64); returns behind them. */
static const char *digits(const char *p, uint64_t *w)
{
  const uint16_t order = 1;
  uint64_t eight;
  if (*(const char *)&order)
    for (;; p += 8) {
      memcpy(&eight, p, 8);
      if (!eight_digits(eight))
        break;
      *w = *w * 100000000 + value_of_eight(eight);
    }
  for (; is_digit(*p); ++p)
    *w = *w * 10 + (uint64_t)(*p - '0');
  return p;
}

/* Where the parts of a number lie; q is the power of ten of its last digit. */
typedef struct shape {
  const char *first, *point, *last; /* first digit, the point or last, behind the last digit */
  int64_t q;
} shape;

/* More digits than 64 bits hold: the first 19 decide, or the C library. At most 800 digits are
 * handed on, and a 1 for the rest: no double and no midpoint of two has more than 767.          */
static double long_number(const decimal *table, const shape *s)
{
  enum { KEPT = 19, ENOUGH = 800 };
  char text[ENOUGH + 40];
  int64_t count = 0, dropped = 0, rest = 0;
  uint64_t w = 0;
  double low, high;
  for (const char *p = s->first; p < s->last; ++p) {
    if (*p == '.' || (count == 0 && *p == '0'))
      continue;
    if (count < ENOUGH) {
      text[count++] = *p;
    } else {
      ++dropped;
      rest |= *p - '0';
    }
    if (count <= KEPT && dropped == 0)
      w = w * 10 + (uint64_t)(*p - '0');
  }
  if (count <= KEPT)
    return combine(table, w, s->q);
  low = nearest(table, w, s->q + dropped + count - KEPT);
  high = nearest(table, w + 1, s->q + dropped + count - KEPT);
  if (low == high)
    return low;
  if (rest) {
    text[count++] = '1';
    --dropped;
  }
  snprintf(text + count, sizeof text - (size_t)count, "e%lld", (long long)(s->q + dropped));
  return strtod_l(text, NULL, table->c);
}

static const char *exponent(const char *p, int64_t *q)
{
  int negative = p[1] == '-';
  int64_t e = 0;
  const char *first = p + 1 + (p[1] == '-' || p[1] == '+');
  if (!is_digit(*first))
    return NULL;
  for (p = first; is_digit(*p); ++p)
    if (e < 1000000000)
      e = e * 10 + (*p - '0');
  *q += negative ? -e : e;
  return p;
}

decimal_result decimal_parse(const decimal *table, const char *text, const char **end,
                             double *value)
{
  shape s = { .q = 0 };
  uint64_t w = 0;
  int64_t count;
  double x;
  const char *p = text + (*text == '-' || *text == '+');
  s.first = p;
  s.point = s.last = p = digits(p, &w);
  if (*p == '.') {
    s.last = p = digits(p + 1, &w);
    s.q = -(s.last - s.point - 1);
  }
  count = s.last - s.first - (s.last != s.point);
  if (count == 0)
    return DECIMAL_NONE;
  if (*p == 'e' || *p == 'E' || *p == 'd' || *p == 'D') {
    p = exponent(p, &s.q);
    if (!p)
      return DECIMAL_NONE;
  }
  *end = p;
  x = count <= 19 ? combine(table, w, s.q) : long_number(table, &s);
  *value = *text == '-' ? -x : x;
  return isinf(x) ? DECIMAL_OVERFLOW : DECIMAL_OK;
}
