/* generate_model.c: prescribed spectra, random bands and spin chains. */
#include "formats/generate.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/random.h"

#include <inttypes.h>
#include <math.h>

/* ---- diagonal matrices, ascending ---- */

void row_diagonal(const generator_case *c, int64_t i, row_sink *sink)
{
  row_put(sink, i, c->generator->rules->diagonal(c, i));
}

speig_status spectrum_diagonal(const generator_case *c, double *w)
{
  for (int64_t i = 0; i < c->n; ++i)
    w[i] = c->generator->rules->diagonal(c, i);
  return SPEIG_OK;
}

double diagonal_identity(const generator_case *c, int64_t i)
{
  (void)i;
  return c->p[1];
}

speig_status order_two_values(generator_case *c)
{
  speig_status st = SPEIG_OK;
  if (c->p[3] < 0)
    c->p[3] = floor(c->p[0] / 2);
  REQUIRE(c->p[3] <= c->p[0], "two_values: high_count = %g of n = %g", c->p[3], c->p[0]);
  TRY(order_first(c));
done:
  return st;
}

double diagonal_two_values(const generator_case *c, int64_t i)
{
  return i < c->n - (int64_t)c->p[3] ? c->p[1] : c->p[2];
}

/* 0 at the first place, 1 at the last. */
static double place(const generator_case *c, int64_t i)
{
  return c->n > 1 ? (double)i / (double)(c->n - 1) : 0;
}

double diagonal_linear(const generator_case *c, int64_t i)
{
  return c->p[1] + (c->p[2] - c->p[1]) * place(c, i);
}

speig_status order_geometric(generator_case *c)
{
  speig_status st = SPEIG_OK;
  double ratio = c->p[2] / c->p[1];
  REQUIRE(ratio > 0 && isfinite(ratio),
          "geometric: first = %g, last = %g, needed: both of one sign and not 0", c->p[1], c->p[2]);
  TRY(order_first(c));
done:
  return st;
}

double diagonal_geometric(const generator_case *c, int64_t i)
{
  return c->p[1] * pow(c->p[2] / c->p[1], place(c, i));
}

/* Clusters at 1, 2, ..., p[1], each of width p[2]. */
double diagonal_clustered(const generator_case *c, int64_t i)
{
  int64_t clusters = (int64_t)c->p[1], size = (c->n + clusters - 1) / clusters;
  double within = size > 1 ? (double)(i % size) / (double)(size - 1) : 0;
  return 1 + (double)(i / size) + c->p[2] * within;
}

/* ---- simple matrices with a name ---- */

void row_zero(const generator_case *c, int64_t i, row_sink *sink)
{
  (void)c;
  (void)i;
  (void)sink;
}

speig_status spectrum_zero(const generator_case *c, double *w)
{
  for (int64_t i = 0; i < c->n; ++i)
    w[i] = 0;
  return SPEIG_OK;
}

/* value e e^T / n: every entry value / n. */
void row_rank1(const generator_case *c, int64_t i, row_sink *sink)
{
  (void)i;
  for (int64_t j = 0; j < c->n; ++j)
    row_put(sink, j, c->p[1] / (double)c->n);
}

speig_status spectrum_rank1(const generator_case *c, double *w)
{
  (void)spectrum_zero(c, w);
  w[0] = c->p[1];
  return SPEIG_OK;
}

speig_status order_wilkinson(generator_case *c)
{
  speig_status st = SPEIG_OK;
  REQUIRE(fmod(c->p[0], 2) == 1, "wilkinson: n = %g, needed: an odd number", c->p[0]);
  TRY(order_first(c));
done:
  return st;
}

/* Wilkinson, The Algebraic Eigenvalue Problem, 1965, section 5.45: W_n^+. */
void row_wilkinson(const generator_case *c, int64_t i, row_sink *sink)
{
  int64_t middle = c->n / 2;
  if (i > 0)
    row_put(sink, i - 1, 1);
  row_put(sink, i, (double)(i < middle ? middle - i : i - middle));
  if (i + 1 < c->n)
    row_put(sink, i + 1, 1);
}

/* Clement, SIAM Review 1 (1959) 50-52, in its symmetric form. */
void row_clement(const generator_case *c, int64_t i, row_sink *sink)
{
  double n = (double)c->n, at = (double)i;
  if (i > 0)
    row_put(sink, i - 1, sqrt(at * (n - at)));
  if (i + 1 < c->n)
    row_put(sink, i + 1, sqrt((at + 1) * (n - at - 1)));
}

speig_status spectrum_clement(const generator_case *c, double *w)
{
  for (int64_t i = 0; i < c->n; ++i)
    w[i] = (double)(2 * i - (c->n - 1));
  return SPEIG_OK;
}

/* ---- random bands ---- */

speig_status order_random_band(generator_case *c)
{
  c->dtype = c->p[2] != 0 ? SPEIG_Z : SPEIG_D;
  return order_first(c);
}

/* Entry (i, j) below the diagonal is uniform in (-1, 1), in both parts. */
void row_random_band(const generator_case *c, int64_t i, row_sink *sink)
{
  int64_t width = (int64_t)c->p[1];
  int64_t first = i > width ? i - width : 0;
  int64_t last = i + width < c->n ? i + width : c->n - 1;
  for (int64_t j = first; j <= last; ++j) {
    int64_t low = i > j ? i : j, high = i > j ? j : i;
    double re = random_uniform(c->seed, low, high, 0), im = 0;
    if (sink->is_complex && i != j)
      im = random_uniform(c->seed, low, high, 1) * (i > j ? 1 : -1);
    row_put_complex(sink, j, re, im);
  }
}

/* ---- Heisenberg chain ----
 * H = J sum S_i . S_{i+1} for spins 1/2: a bond gives J/4 when its spins are parallel, else -J/4
 * and the exchange J/2. States of a sector with a given number of up spins are numbered as integers
 * in ascending order (combinatorial number system), so that no table of states is needed. */
enum { MAX_SITES = 40 };

static int64_t binomial(const generator_case *c, int n, int k)
{
  return c->table[n * (MAX_SITES + 1) + k];
}

static speig_status fill_binomials(generator_case *c)
{
  speig_status st = SPEIG_OK;
  TRY(MEM_ZARRAY((MAX_SITES + 1) * (MAX_SITES + 1), "binomial coefficients", &c->table));
  for (int n = 0; n <= MAX_SITES; ++n) {
    int64_t *row = c->table + n * (MAX_SITES + 1);
    row[0] = 1;
    for (int k = 1; k <= n; ++k)
      row[k] = row[k - 1 - (MAX_SITES + 1)] + row[k - (MAX_SITES + 1)];
  }
done:
  return st;
}

speig_status order_heisenberg(generator_case *c)
{
  speig_status st = SPEIG_OK;
  int sites = (int)c->p[0];
  if (c->p[1] < 0)
    c->p[1] = sites / 2;
  REQUIRE(c->p[1] <= c->p[0], "heisenberg: up = %g of sites = %g", c->p[1], c->p[0]);
  REQUIRE(c->p[3] == 0 || sites > 2, "heisenberg: periodic with %d sites, needed: at least 3",
          sites);
  TRY(fill_binomials(c));
  c->n = c->p[4] != 0 ? (int64_t)1 << sites : binomial(c, sites, (int)c->p[1]);
  REQUIRE(c->n <= INT32_MAX, "heisenberg: %" PRId64 " states, needed: at most 2^31 - 1", c->n);
done:
  return st;
}

static uint64_t sector_state(const generator_case *c, int64_t number)
{
  uint64_t state = 0;
  int up = (int)c->p[1];
  for (int site = (int)c->p[0] - 1; site >= 0 && up > 0; --site)
    if (number >= binomial(c, site, up)) {
      number -= binomial(c, site, up--);
      state |= (uint64_t)1 << site;
    }
  return state;
}

static int64_t sector_number(const generator_case *c, uint64_t state)
{
  int64_t number = 0;
  for (int site = 0, up = 0; site < (int)c->p[0]; ++site)
    if (state >> site & 1)
      number += binomial(c, site, ++up);
  return number;
}

void row_heisenberg(const generator_case *c, int64_t i, row_sink *sink)
{
  int sites = (int)c->p[0], full = c->p[4] != 0;
  int bonds = c->p[3] != 0 ? sites : sites - 1;
  uint64_t state = full ? (uint64_t)i : sector_state(c, i);
  double coupling = c->p[2], diagonal = 0;
  for (int b = 0; b < bonds; ++b) {
    int next = (b + 1) % sites;
    if ((state >> b & 1) == (state >> next & 1)) {
      diagonal += coupling / 4;
    } else {
      uint64_t swapped = state ^ ((uint64_t)1 << b | (uint64_t)1 << next);
      diagonal -= coupling / 4;
      row_put(sink, full ? (int64_t)swapped : sector_number(c, swapped), coupling / 2);
    }
  }
  row_put(sink, i, diagonal);
}
