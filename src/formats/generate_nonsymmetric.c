/* generate_nonsymmetric.c: matrices that are not Hermitian: flow, chance, and traps for solvers. */
#include "formats/generate.h"

#include "base/error.h"

#include <math.h>

/* Tridiagonal Toeplitz: d + 2 sqrt(l u) cos(j pi / (n + 1)). */
static double toeplitz_value(double lower, double diagonal, double upper, int64_t n, int64_t j)
{
  return diagonal + 2 * sqrt(lower * upper) * cos((double)j * acos(-1) / (double)(n + 1));
}

/* ---- flow: -u'' + c u' by central differences, p = c h / 2 ---- */

void row_convection2d(const generator_case *c, int64_t i, row_sink *sink)
{
  int64_t nx = (int64_t)c->p[0], ny = (int64_t)c->p[1], x = i % nx, y = i / nx;
  double px = c->p[2], py = c->p[3];
  if (y > 0)
    row_put(sink, i - nx, -1 - py);
  if (x > 0)
    row_put(sink, i - 1, -1 - px);
  row_put(sink, i, 4);
  if (x + 1 < nx)
    row_put(sink, i + 1, -1 + px);
  if (y + 1 < ny)
    row_put(sink, i + nx, -1 + py);
}

speig_status spectrum_convection2d(const generator_case *c, double *w)
{
  speig_status st = SPEIG_OK;
  int64_t nx = (int64_t)c->p[0], ny = (int64_t)c->p[1];
  double px = c->p[2], py = c->p[3];
  if (fabs(px) > 1 || fabs(py) > 1)
    FAIL(SPEIG_ERR_UNSUPPORTED,
         "convection2d: px = %g, py = %g; beyond 1 eigenvalues are complex, and no list of them is "
         "made",
         px, py);
  for (int64_t i = 0; i < nx; ++i)
    for (int64_t j = 0; j < ny; ++j)
      w[i + j * nx] = toeplitz_value(-1 - px, 2, -1 + px, nx, i + 1) +
                      toeplitz_value(-1 - py, 2, -1 + py, ny, j + 1);
done:
  return st;
}

/* ---- chance: a walk on a line, one step up with probability p, down with q ---- */

speig_status order_walk(generator_case *c)
{
  speig_status st = SPEIG_OK;
  REQUIRE(c->p[1] + c->p[2] <= 1, "walk: p + q = %g, needed: at most 1", c->p[1] + c->p[2]);
  TRY(order_first(c));
done:
  return st;
}

void row_walk(const generator_case *c, int64_t i, row_sink *sink)
{
  double up = i + 1 < c->n ? c->p[1] : 0, down = i > 0 ? c->p[2] : 0;
  if (i > 0)
    row_put(sink, i - 1, down);
  row_put(sink, i, 1 - up - down);
  if (i + 1 < c->n)
    row_put(sink, i + 1, up);
}

speig_status spectrum_walk(const generator_case *c, double *w)
{
  double p = c->p[1], q = c->p[2];
  for (int64_t j = 1; j < c->n; ++j)
    w[j - 1] = toeplitz_value(q, 1 - p - q, p, c->n - 1, j);
  w[c->n - 1] = 1;
  return SPEIG_OK;
}

/* ---- traps ---- */

void row_toeplitz(const generator_case *c, int64_t i, row_sink *sink)
{
  if (i > 0)
    row_put(sink, i - 1, c->p[1]);
  row_put(sink, i, c->p[2]);
  if (i + 1 < c->n)
    row_put(sink, i + 1, c->p[3]);
}

speig_status spectrum_toeplitz(const generator_case *c, double *w)
{
  speig_status st = SPEIG_OK;
  if (c->p[1] * c->p[3] < 0)
    FAIL(SPEIG_ERR_UNSUPPORTED,
         "toeplitz: lower = %g, upper = %g; with different signs eigenvalues are complex, and no "
         "list of them is made",
         c->p[1], c->p[3]);
  for (int64_t j = 0; j < c->n; ++j)
    w[j] = toeplitz_value(c->p[1], c->p[2], c->p[3], c->n, j + 1);
done:
  return st;
}

void row_jordan(const generator_case *c, int64_t i, row_sink *sink)
{
  row_put(sink, i, c->p[2]);
  if (i + 1 < c->n && (i + 1) % (int64_t)c->p[1] != 0)
    row_put(sink, i + 1, c->p[3]);
}

speig_status spectrum_jordan(const generator_case *c, double *w)
{
  for (int64_t i = 0; i < c->n; ++i)
    w[i] = c->p[2];
  return SPEIG_OK;
}

/* Grcar 1989: -1 below the diagonal, 1 on it and on the next k above. */
void row_grcar(const generator_case *c, int64_t i, row_sink *sink)
{
  if (i > 0)
    row_put(sink, i - 1, -1);
  for (int64_t j = i; j < c->n && j <= i + (int64_t)c->p[1]; ++j)
    row_put(sink, j, 1);
}

void row_shift(const generator_case *c, int64_t i, row_sink *sink)
{
  row_put(sink, (i + 1) % c->n, 1);
}
