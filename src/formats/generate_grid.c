/* generate_grid.c: operators on grids and chains: Laplacians, the L-shaped drum, Anderson's and
 * Hofstadter's lattices, springs, linear finite elements.
 *
 * Difference operators have the stencil 2, -1, without a factor 1/h^2, and walls (Dirichlet) at the
 * ends, so that lambda = sum over the directions of 4 sin^2(pi j / (2 (n + 1))), j = 1..n.       */
#include "formats/generate.h"

#include "base/error.h"
#include "base/random.h"

#include <inttypes.h>
#include <math.h>

static const double PI = 3.14159265358979323846;

speig_status order_grid2(generator_case *c)
{
  return order_product(c, 2);
}

speig_status order_grid3(generator_case *c)
{
  return order_product(c, 3);
}

typedef struct neighbours {
  int64_t n[3], at[3], stride[3];
} neighbours;

static neighbours grid_place(const generator_case *c, int dims, int64_t i)
{
  neighbours g = { 0 };
  int64_t stride = 1;
  for (int d = 0; d < dims; ++d) {
    g.n[d] = (int64_t)c->p[d];
    g.at[d] = i / stride % g.n[d];
    g.stride[d] = stride;
    stride *= g.n[d];
  }
  return g;
}

/* Columns come out ascending: the farthest neighbour below first. */
static void row_laplacian(const generator_case *c, int dims, int64_t i, row_sink *sink)
{
  neighbours g = grid_place(c, dims, i);
  for (int d = dims - 1; d >= 0; --d)
    if (g.at[d] > 0)
      row_put(sink, i - g.stride[d], -1);
  row_put(sink, i, 2 * dims);
  for (int d = 0; d < dims; ++d)
    if (g.at[d] + 1 < g.n[d])
      row_put(sink, i + g.stride[d], -1);
}

void row_laplacian1d(const generator_case *c, int64_t i, row_sink *sink)
{
  row_laplacian(c, 1, i, sink);
}

void row_laplacian2d(const generator_case *c, int64_t i, row_sink *sink)
{
  row_laplacian(c, 2, i, sink);
}

void row_laplacian3d(const generator_case *c, int64_t i, row_sink *sink)
{
  row_laplacian(c, 3, i, sink);
}

/* Eigenvalue j (from 0) of the chain 2, -1 of order n. */
static double chain_eigenvalue(int64_t j, int64_t n)
{
  double s = sin(PI * (double)(j + 1) / (2 * (double)(n + 1)));
  return 4 * s * s;
}

static speig_status spectrum_laplacian(const generator_case *c, int dims, double *w)
{
  for (int64_t i = 0; i < c->n; ++i) {
    neighbours g = grid_place(c, dims, i);
    w[i] = 0;
    for (int d = 0; d < dims; ++d)
      w[i] += chain_eigenvalue(g.at[d], g.n[d]);
  }
  return SPEIG_OK;
}

speig_status spectrum_laplacian1d(const generator_case *c, double *w)
{
  return spectrum_laplacian(c, 1, w);
}

speig_status spectrum_laplacian2d(const generator_case *c, double *w)
{
  return spectrum_laplacian(c, 2, w);
}

speig_status spectrum_laplacian3d(const generator_case *c, double *w)
{
  return spectrum_laplacian(c, 3, w);
}

/* ---- the L-shaped drum ----
 * Three unit squares, h = 1/m: points (x, y) = 1..2m-1 without the quadrant x >= m, y >= m. Rows of
 * the grid below m are long, the others short.                                               */
static int64_t lshape_index(int64_t m, int64_t x, int64_t y)
{
  int64_t wide = 2 * m - 1;
  return y < m ? (y - 1) * wide + x - 1 : (m - 1) * wide + (y - m) * (m - 1) + x - 1;
}

speig_status order_lshape(generator_case *c)
{
  int64_t m = (int64_t)c->p[0];
  c->n = (m - 1) * (3 * m - 1);
  return SPEIG_OK;
}

void row_lshape(const generator_case *c, int64_t i, row_sink *sink)
{
  static const int64_t dx[5] = { 0, -1, 0, 1, 0 }, dy[5] = { -1, 0, 0, 0, 1 };
  int64_t m = (int64_t)c->p[0], wide = 2 * m - 1, low = (m - 1) * wide;
  int64_t x = (i < low ? i % wide : (i - low) % (m - 1)) + 1;
  int64_t y = i < low ? i / wide + 1 : (i - low) / (m - 1) + m;
  double h2 = (double)m * (double)m;
  for (int t = 0; t < 5; ++t) {
    int64_t u = x + dx[t], v = y + dy[t];
    if (u > 0 && v > 0 && u < 2 * m && v < 2 * m && (u < m || v < m))
      row_put(sink, lshape_index(m, u, v), t == 2 ? 4 * h2 : -h2);
  }
}

/* ---- lattices of physics ----
 * A periodic direction
 * of one or two sites has no bond around the end: it would be the same bond again. */
static void row_hopping(const generator_case *c, int64_t i, int periodic, row_sink *sink)
{
  neighbours g = grid_place(c, 3, i);
  for (int d = 0; d < 3; ++d) {
    int wraps = periodic && g.n[d] > 2;
    if (g.at[d] > 0 || wraps)
      row_put(sink, i + (g.at[d] > 0 ? -1 : g.n[d] - 1) * g.stride[d], -1);
    if (g.at[d] + 1 < g.n[d] || wraps)
      row_put(sink, i + (g.at[d] + 1 < g.n[d] ? 1 : 1 - g.n[d]) * g.stride[d], -1);
  }
}

void row_anderson(const generator_case *c, int64_t i, row_sink *sink)
{
  row_hopping(c, i, c->p[4] != 0, sink);
  row_put(sink, i, 0.5 * c->p[3] * random_uniform(c->seed, i, 0, 0));
}

speig_status order_hofstadter(generator_case *c)
{
  speig_status st = SPEIG_OK;
  TRY(order_product(c, 2));
  REQUIRE(c->p[4] == 0 || fmod(c->p[2] * c->p[0], c->p[3]) == 0,
          "hofstadter: p nx / q = %g * %g / %g is not whole: the field does not fit a periodic "
          "lattice of that width (choose nx a multiple of q, or periodic = 0)",
          c->p[2], c->p[0], c->p[3]);
  REQUIRE(c->p[4] == 0 || (c->p[0] > 2 && c->p[1] > 2),
          "hofstadter: a periodic lattice of %g x %g, needed: at least 3 x 3", c->p[0], c->p[1]);
  c->dtype = SPEIG_Z;
done:
  return st;
}

/* Landau gauge: a hop along y at column x carries the phase 2 pi x p/q. */
void row_hofstadter(const generator_case *c, int64_t i, row_sink *sink)
{
  neighbours g = grid_place(c, 2, i);
  int64_t nx = g.n[0], ny = g.n[1], x = g.at[0], y = g.at[1];
  int periodic = c->p[4] != 0;
  double angle = 2 * PI * fmod((double)x * c->p[2], c->p[3]) / c->p[3];
  if (y > 0 || periodic)
    row_put_complex(sink, i + (y > 0 ? -1 : ny - 1) * nx, cos(angle), sin(angle));
  if (x > 0 || periodic)
    row_put(sink, i + (x > 0 ? -1 : nx - 1), 1);
  if (x + 1 < nx || periodic)
    row_put(sink, i + (x + 1 < nx ? 1 : 1 - nx), 1);
  if (y + 1 < ny || periodic)
    row_put_complex(sink, i + (y + 1 < ny ? 1 : 1 - ny) * nx, cos(angle), -sin(angle));
}

/* ---- chains: stiffness and mass ---- */
static void row_tridiagonal(const generator_case *c, int64_t i, double off, double diagonal,
                            row_sink *sink)
{
  if (i > 0)
    row_put(sink, i - 1, off);
  row_put(sink, i, diagonal);
  if (i + 1 < c->n)
    row_put(sink, i + 1, off);
}

void row_spring_k(const generator_case *c, int64_t i, row_sink *sink)
{
  row_tridiagonal(c, i, -c->p[1], 2 * c->p[1], sink);
}

void row_spring_m(const generator_case *c, int64_t i, row_sink *sink)
{
  row_put(sink, i, c->p[1 + i % 2]);
}

speig_status spectrum_spring_k(const generator_case *c, double *w)
{
  for (int64_t i = 0; i < c->n; ++i)
    w[i] = c->p[1] * chain_eigenvalue(i, c->n);
  return SPEIG_OK;
}

speig_status spectrum_spring_m(const generator_case *c, double *w)
{
  for (int64_t i = 0; i < c->n; ++i)
    w[i] = c->p[1 + i % 2];
  return SPEIG_OK;
}

/* Linear elements on (0, 1), h = 1 / (n + 1): K = tridiag(-1, 2, -1) / h, M = h tridiag(1, 4, 1)/6.
 */
void row_fem1d_k(const generator_case *c, int64_t i, row_sink *sink)
{
  double m = (double)(c->n + 1);
  row_tridiagonal(c, i, -m, 2 * m, sink);
}

void row_fem1d_m(const generator_case *c, int64_t i, row_sink *sink)
{
  double h = 1 / (double)(c->n + 1);
  row_tridiagonal(c, i, h / 6, 4 * h / 6, sink);
}

speig_status spectrum_fem1d_k(const generator_case *c, double *w)
{
  for (int64_t i = 0; i < c->n; ++i)
    w[i] = (double)(c->n + 1) * chain_eigenvalue(i, c->n);
  return SPEIG_OK;
}

speig_status spectrum_fem1d_m(const generator_case *c, double *w)
{
  for (int64_t i = 0; i < c->n; ++i)
    w[i] = (6 - chain_eigenvalue(i, c->n)) / (6 * (double)(c->n + 1));
  return SPEIG_OK;
}
