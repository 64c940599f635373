/* generate_graph.c: graphs, as Laplacian D - W or adjacency matrix W: the classical ones, whose
 * spectra are rich in multiple eigenvalues, random ones, and the molecule C60.
 *
 * Random edges: Erdos and Renyi (1959); R-MAT: Chakrabarti, Zhan, Faloutsos, SDM 2004.           */
#include "formats/generate.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/random.h"
#include "formats/matrix.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

static const double PI = 3.14159265358979323846;

/* The last parameter of every graph: not 0 asks for W. */
static int wants_adjacency(const generator_case *c)
{
  int last = 0;
  while (c->generator->params[last + 1].name)
    ++last;
  return c->p[last] != 0;
}

/* Unit edges from i to count vertices, and their number on the diagonal of a Laplacian. */
static void put_edges(const generator_case *c, int64_t i, const int64_t *to, int count,
                      row_sink *sink)
{
  int adjacency = wants_adjacency(c);
  if (!adjacency)
    row_put(sink, i, count);
  for (int t = 0; t < count; ++t)
    row_put(sink, to[t], adjacency ? 1 : -1);
}

void row_path(const generator_case *c, int64_t i, row_sink *sink)
{
  int64_t to[2];
  int count = 0;
  if (i > 0)
    to[count++] = i - 1;
  if (i + 1 < c->n)
    to[count++] = i + 1;
  put_edges(c, i, to, count, sink);
}

speig_status spectrum_path(const generator_case *c, double *w)
{
  int adjacency = wants_adjacency(c);
  for (int64_t j = 0; j < c->n; ++j) {
    double s = sin(PI * (double)j / (2 * (double)c->n));
    w[j] = adjacency ? 2 * cos(PI * (double)(j + 1) / (double)(c->n + 1)) : 4 * s * s;
  }
  return SPEIG_OK;
}

/* Disjoint rings of m vertices. */
static void row_rings(const generator_case *c, int64_t m, int64_t i, row_sink *sink)
{
  int64_t first = i / m * m;
  int64_t to[2] = { first + (i + m - 1) % m, first + (i + 1) % m };
  put_edges(c, i, to, 2, sink);
}

static speig_status spectrum_rings(const generator_case *c, int64_t m, double *w)
{
  int adjacency = wants_adjacency(c);
  for (int64_t i = 0; i < c->n; ++i) {
    double s = sin(PI * (double)(i % m) / (double)m);
    w[i] = adjacency ? 2 * cos(2 * PI * (double)(i % m) / (double)m) : 4 * s * s;
  }
  return SPEIG_OK;
}

void row_cycle(const generator_case *c, int64_t i, row_sink *sink)
{
  row_rings(c, c->n, i, sink);
}

speig_status spectrum_cycle(const generator_case *c, double *w)
{
  return spectrum_rings(c, c->n, w);
}

void row_disconnected(const generator_case *c, int64_t i, row_sink *sink)
{
  row_rings(c, (int64_t)c->p[1], i, sink);
}

speig_status spectrum_disconnected(const generator_case *c, double *w)
{
  return spectrum_rings(c, (int64_t)c->p[1], w);
}

void row_star(const generator_case *c, int64_t i, row_sink *sink)
{
  int adjacency = wants_adjacency(c);
  if (!adjacency)
    row_put(sink, i, i == 0 ? (double)(c->n - 1) : 1);
  for (int64_t j = i == 0 ? 1 : 0; j < (i == 0 ? c->n : 1); ++j)
    row_put(sink, j, adjacency ? 1 : -1);
}

speig_status spectrum_star(const generator_case *c, double *w)
{
  int adjacency = wants_adjacency(c);
  double n = (double)c->n;
  for (int64_t i = 0; i < c->n; ++i)
    w[i] = adjacency ? 0 : 1;
  w[0] = adjacency ? -sqrt(n - 1) : 0;
  w[c->n - 1] = adjacency ? sqrt(n - 1) : n;
  return SPEIG_OK;
}

void row_complete(const generator_case *c, int64_t i, row_sink *sink)
{
  int adjacency = wants_adjacency(c);
  for (int64_t j = 0; j < c->n; ++j)
    if (j != i)
      row_put(sink, j, adjacency ? 1 : -1);
    else if (!adjacency)
      row_put(sink, i, (double)(c->n - 1));
}

speig_status spectrum_complete(const generator_case *c, double *w)
{
  int adjacency = wants_adjacency(c);
  double n = (double)c->n;
  for (int64_t i = 0; i < c->n; ++i)
    w[i] = adjacency ? -1 : n;
  w[0] = adjacency ? n - 1 : 0;
  return SPEIG_OK;
}

speig_status order_hypercube(generator_case *c)
{
  c->n = (int64_t)1 << (int)c->p[0];
  return SPEIG_OK;
}

void row_hypercube(const generator_case *c, int64_t i, row_sink *sink)
{
  int64_t to[32];
  int bits = (int)c->p[0];
  for (int b = 0; b < bits; ++b)
    to[b] = i ^ ((int64_t)1 << b);
  put_edges(c, i, to, bits, sink);
}

/* Vertex i stands for the character with those signs: 2 |i|, or d - 2 |i| for W. */
speig_status spectrum_hypercube(const generator_case *c, double *w)
{
  int adjacency = wants_adjacency(c);
  for (int64_t i = 0; i < c->n; ++i) {
    int ones = __builtin_popcountll((unsigned long long)i);
    w[i] = adjacency ? c->p[0] - 2 * ones : 2 * ones;
  }
  return SPEIG_OK;
}

/* ---- C60 ----
 * The truncated icosahedron with edges of length 2: the even permutations of (0, +-1, +-3 phi),
 * (+-1, +-(2 + phi), +-2 phi) and (+-phi, +-2, +-(2 phi + 1)): 12 + 24 + 24 points.              */
static void c60_vertex(int64_t i, double x[3])
{
  const double phi = 0.5 + sqrt(1.25);
  const double base[3][3] = { { 0, 1, 3 * phi }, { 1, 2 + phi, 2 * phi }, { phi, 2, 2 * phi + 1 } };
  int kind = i < 12 ? 0 : i < 36 ? 1 : 2;
  int64_t local = kind == 0 ? i : (i - 12) % 24;
  int shift = (int)(local % 3);
  int signs = (int)(local / 3);
  for (int d = 0; d < 3; ++d)
    x[(d + shift) % 3] = base[kind][d];
  for (int d = 0; d < 3; ++d)
    if (x[d] != 0) {
      x[d] = signs & 1 ? -x[d] : x[d];
      signs >>= 1;
    }
}

speig_status order_c60(generator_case *c)
{
  c->n = 60;
  return SPEIG_OK;
}

void row_c60(const generator_case *c, int64_t i, row_sink *sink)
{
  double x[3], y[3];
  int64_t to[60];
  int count = 0;
  c60_vertex(i, x);
  for (int64_t j = 0; j < 60; ++j) {
    double square = 0;
    c60_vertex(j, y);
    for (int d = 0; d < 3; ++d)
      square += (x[d] - y[d]) * (x[d] - y[d]);
    if (fabs(square - 4) < 0.1)
      to[count++] = j;
  }
  put_edges(c, i, to, count, sink);
}

/* ---- random graphs ---- */

/* A number in 0..n-1 from 53 random bits. */
static int64_t pick(uint64_t seed, int64_t i, int64_t stream, int64_t n)
{
  int64_t at = (int64_t)((double)(random_bits(seed, i, stream, 0) >> 11) * 0x1p-53 * (double)n);
  return at < n ? at : n - 1;
}

int64_t edges_by_degree(const generator_case *c)
{
  return (int64_t)((double)c->n * c->p[1] / 2);
}

int64_t edges_per_vertex(const generator_case *c)
{
  return c->n * (int64_t)c->p[1];
}

void edge_erdos_renyi(const generator_case *c, int64_t e, int64_t *u, int64_t *v)
{
  *u = pick(c->seed, e, 0, c->n);
  *v = pick(c->seed, e, 1, c->n);
}

speig_status order_rmat(generator_case *c)
{
  return order_hypercube(c);
}

/* Quadrants with probabilities 0.57, 0.19, 0.19, 0.05, chosen anew at each bit. */
void edge_rmat(const generator_case *c, int64_t e, int64_t *u, int64_t *v)
{
  int bits = (int)c->p[0];
  *u = *v = 0;
  for (int b = 0; b < bits; ++b) {
    double r = (double)(random_bits(c->seed, e, b, 0) >> 11) * 0x1p-53;
    *u = 2 * *u + (r >= 0.76);
    *v = 2 * *v + ((r >= 0.57 && r < 0.76) || r >= 0.95);
  }
}

/* Each new vertex sends `degree` edges to ends of edges there are, itself included: Barabasi and
 * Albert, Science 286 (1999). Ends are numbered 2 e, the new vertex, and 2 e + 1; the choice of the
 * latter is made anew whenever it is asked for, back to an end that is known, so that edges need no
 * order (Sanders and Schulz, Inf. Process. Lett. 116 (2016)). */
void edge_barabasi_albert(const generator_case *c, int64_t e, int64_t *u, int64_t *v)
{
  int64_t degree = (int64_t)c->p[1], end = 2 * e + 1;
  *u = e / degree;
  while (end % 2 == 1)
    end = pick(c->seed, end / 2, 0, end);
  *v = end / 2 / degree;
}

/* degree/2 random Hamiltonian cycles, one permutation each (Fisher and Yates) in c->table. */
speig_status order_regular(generator_case *c)
{
  speig_status st = SPEIG_OK;
  int64_t cycles = (int64_t)c->p[1] / 2;
  c->n = (int64_t)c->p[0];
  REQUIRE(c->p[1] == 2 * (double)cycles, "regular: degree = %g, needed: an even number", c->p[1]);
  TRY(MEM_ARRAY(c->n * cycles, "random cycles", &c->table));
  for (int64_t t = 0; t < cycles; ++t) {
    int64_t *order = c->table + t * c->n;
    for (int64_t i = 0; i < c->n; ++i) {
      int64_t j = pick(c->seed, i, t, i + 1);
      order[i] = order[j];
      order[j] = i;
    }
  }
done:
  return st;
}

void edge_regular(const generator_case *c, int64_t e, int64_t *u, int64_t *v)
{
  const int64_t *order = c->table + e / c->n * c->n;
  *u = order[e % c->n];
  *v = order[(e + 1) % c->n];
}

/* Multiplicities of the edges as a symmetric matrix, equal edges added up. */
static speig_status count_edges(const generator_case *c, speig_matrix **out)
{
  speig_status st = SPEIG_OK;
  const struct speig_generator_rules *rules = c->generator->rules;
  int64_t edges = rules->edges(c), kept = 0;
  int32_t *row = NULL, *col = NULL;
  speig_coo *coo = NULL;
  TRY(MEM_ARRAY(edges, "random edges", &row));
  TRY(MEM_ARRAY(edges, "random edges", &col));
#pragma omp parallel for schedule(static)
  for (int64_t e = 0; e < edges; ++e) {
    int64_t u, v;
    rules->edge(c, e, &u, &v);
    row[e] = (int32_t)(u > v ? u : v);
    col[e] = (int32_t)(u > v ? v : u);
  }
  for (int64_t e = 0; e < edges; ++e) {
    row[kept] = row[e];
    col[kept] = col[e];
    kept += row[e] != col[e];
  }
  TRY(speig_coo_create(SPEIG_D, c->n, c->n, kept, row, col, NULL, SPEIG_SYMMETRIC, SPEIG_BORROW,
                       &coo));
  TRY(speig_matrix_from_coo(coo, out));
done:
  speig_coo_destroy(&coo);
  mem_free(row);
  mem_free(col);
  return st;
}

/* Row i of the graph, a diagonal entry put in its place: its length, and when to_col is set the
 * entries. */
static int64_t graph_row(const speig_matrix *w, int64_t i, int multigraph, int adjacency,
                         int32_t *to_col, double *to_value)
{
  int64_t count = 0, diagonal = -1;
  double degree = 0;
  for (int64_t at = w->rowptr[i]; at < w->rowptr[i + 1]; ++at) {
    double weight = multigraph ? ((const double *)w->values)[at] : 1;
    if (!adjacency && diagonal < 0 && w->colind[at] > i)
      diagonal = count++;
    if (to_col) {
      to_col[count] = w->colind[at];
      to_value[count] = adjacency ? weight : -weight;
    }
    ++count;
    degree += weight;
  }
  if (!adjacency && diagonal < 0)
    diagonal = count++;
  if (!adjacency && to_col) {
    to_col[diagonal] = (int32_t)i;
    to_value[diagonal] = degree;
  }
  return count;
}

speig_status graph_from_edges(const generator_case *c, speig_matrix **out)
{
  speig_status st = SPEIG_OK;
  speig_matrix *weights = NULL, *A = NULL;
  int64_t *rowptr = NULL;
  int multigraph = c->generator->rules->multigraph, adjacency = wants_adjacency(c);
  TRY(count_edges(c, &weights));
  TRY(MEM_ARRAY(c->n + 1, "row offsets of a graph", &rowptr));
  rowptr[0] = 0;
  for (int64_t i = 0; i < c->n; ++i)
    rowptr[i + 1] = rowptr[i] + graph_row(weights, i, multigraph, adjacency, NULL, NULL);
  TRY(matrix_alloc(SPEIG_D, c->n, c->n, rowptr[c->n], &A));
  memcpy(A->rowptr, rowptr, (size_t)(c->n + 1) * sizeof *rowptr);
#pragma omp parallel for schedule(static)
  for (int64_t i = 0; i < c->n; ++i)
    (void)graph_row(weights, i, multigraph, adjacency, A->colind + rowptr[i],
                    (double *)A->values + rowptr[i]);
  *out = A;
  A = NULL;
done:
  speig_matrix_destroy(&weights);
  speig_matrix_destroy(&A);
  mem_free(rowptr);
  return st;
}
