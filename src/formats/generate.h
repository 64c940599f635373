/* generate.h: what a generator is made of: a rule for the order, one for the entries of a row (or
 * for the edges of a graph), and one for the spectrum where a formula exists.                    */
#ifndef SPEIG_SRC_FORMATS_GENERATE_H
#define SPEIG_SRC_FORMATS_GENERATE_H

#include "speig/generate.h"

enum { GENERATOR_PARAMS = 8 };

/* One request: the parameters in the order of the catalogue, defaults filled in. */
typedef struct generator_case {
  const speig_generator *generator;
  double p[GENERATOR_PARAMS];
  uint64_t seed;
  int64_t n; /* order of the matrix */
  speig_dtype dtype; /* D or Z */
  int64_t *table; /* the generator's own, released with the case; may be NULL */
} generator_case;

/* Takes the entries of one row. The first pass only counts (col NULL), the second one stores. */
typedef struct row_sink {
  int32_t *col;
  double *value; /* one or two numbers per entry */
  int64_t count;
  int is_complex;
} row_sink;

static inline void row_put_complex(row_sink *sink, int64_t col, double re, double im)
{
  if (sink->col) {
    sink->col[sink->count] = (int32_t)col;
    if (sink->is_complex) {
      sink->value[2 * sink->count] = re;
      sink->value[2 * sink->count + 1] = im;
    } else {
      sink->value[sink->count] = re;
    }
  }
  ++sink->count;
}

static inline void row_put(row_sink *sink, int64_t col, double value)
{
  row_put_complex(sink, col, value, 0);
}

/* Sets c->n, and c->dtype and c->table where they are not D and NULL. Errors: ARG for parameters
 * that do not go together.                                                                      */
typedef speig_status (*order_rule)(generator_case *c);
/* Emits row i, in any order; entries of the same column add up. Called twice per row, from several
 * threads: it must depend on nothing but its arguments.                                         */
typedef void (*row_rule)(const generator_case *c, int64_t i, row_sink *sink);
/* Edge number e of a random graph, u and v; u == v is dropped. */
typedef void (*edge_rule)(const generator_case *c, int64_t e, int64_t *u, int64_t *v);
/* eigenvalues[n] in any order. Errors: UNSUPPORTED for parameters without a formula. */
typedef speig_status (*spectrum_rule)(const generator_case *c, double *eigenvalues);

struct speig_generator_rules {
  order_rule order;
  row_rule row; /* this one ... */
  edge_rule edge; /* ... or this one */
  int64_t (*edges)(const generator_case *c); /* how many, with `edge` */
  int multigraph; /* equal edges add up; otherwise they count once */
  int general; /* the matrix is not Hermitian, or not for all parameters */
  double (*diagonal)(const generator_case *c, int64_t i); /* with row_diagonal */
  spectrum_rule spectrum; /* NULL: no formula */
};

/* The order is the first parameter. */
speig_status order_first(generator_case *c);
/* Sets c->n to the product of count parameters from the first; 0 stands for the one before. */
speig_status order_product(generator_case *c, int count);

/* generate_grid.c */
speig_status order_grid2(generator_case *c);
speig_status order_grid3(generator_case *c);
speig_status order_lshape(generator_case *c);
speig_status order_hofstadter(generator_case *c);
void row_laplacian1d(const generator_case *c, int64_t i, row_sink *sink);
void row_laplacian2d(const generator_case *c, int64_t i, row_sink *sink);
void row_laplacian3d(const generator_case *c, int64_t i, row_sink *sink);
void row_lshape(const generator_case *c, int64_t i, row_sink *sink);
void row_anderson(const generator_case *c, int64_t i, row_sink *sink);
void row_hofstadter(const generator_case *c, int64_t i, row_sink *sink);
void row_spring_k(const generator_case *c, int64_t i, row_sink *sink);
void row_spring_m(const generator_case *c, int64_t i, row_sink *sink);
void row_fem1d_k(const generator_case *c, int64_t i, row_sink *sink);
void row_fem1d_m(const generator_case *c, int64_t i, row_sink *sink);
speig_status spectrum_laplacian1d(const generator_case *c, double *w);
speig_status spectrum_laplacian2d(const generator_case *c, double *w);
speig_status spectrum_laplacian3d(const generator_case *c, double *w);
speig_status spectrum_spring_k(const generator_case *c, double *w);
speig_status spectrum_spring_m(const generator_case *c, double *w);
speig_status spectrum_fem1d_k(const generator_case *c, double *w);
speig_status spectrum_fem1d_m(const generator_case *c, double *w);

/* generate_graph.c */
speig_status order_hypercube(generator_case *c);
speig_status order_rmat(generator_case *c);
speig_status order_regular(generator_case *c);
speig_status order_c60(generator_case *c);
void row_path(const generator_case *c, int64_t i, row_sink *sink);
void row_cycle(const generator_case *c, int64_t i, row_sink *sink);
void row_disconnected(const generator_case *c, int64_t i, row_sink *sink);
void row_star(const generator_case *c, int64_t i, row_sink *sink);
void row_complete(const generator_case *c, int64_t i, row_sink *sink);
void row_hypercube(const generator_case *c, int64_t i, row_sink *sink);
void row_c60(const generator_case *c, int64_t i, row_sink *sink);
void edge_erdos_renyi(const generator_case *c, int64_t e, int64_t *u, int64_t *v);
void edge_rmat(const generator_case *c, int64_t e, int64_t *u, int64_t *v);
void edge_barabasi_albert(const generator_case *c, int64_t e, int64_t *u, int64_t *v);
void edge_regular(const generator_case *c, int64_t e, int64_t *u, int64_t *v);
int64_t edges_by_degree(const generator_case *c);
int64_t edges_per_vertex(const generator_case *c);
speig_status spectrum_path(const generator_case *c, double *w);
speig_status spectrum_cycle(const generator_case *c, double *w);
speig_status spectrum_disconnected(const generator_case *c, double *w);
speig_status spectrum_star(const generator_case *c, double *w);
speig_status spectrum_complete(const generator_case *c, double *w);
speig_status spectrum_hypercube(const generator_case *c, double *w);
/* The matrix of a graph given by an edge rule. */
speig_status graph_from_edges(const generator_case *c, speig_matrix **out);

/* generate_model.c */
speig_status order_heisenberg(generator_case *c);
speig_status order_wilkinson(generator_case *c);
speig_status order_geometric(generator_case *c);
speig_status order_two_values(generator_case *c);
speig_status order_random_band(generator_case *c);
double diagonal_identity(const generator_case *c, int64_t i);
double diagonal_two_values(const generator_case *c, int64_t i);
double diagonal_linear(const generator_case *c, int64_t i);
double diagonal_geometric(const generator_case *c, int64_t i);
double diagonal_clustered(const generator_case *c, int64_t i);
void row_diagonal(const generator_case *c, int64_t i, row_sink *sink);
void row_zero(const generator_case *c, int64_t i, row_sink *sink);
void row_rank1(const generator_case *c, int64_t i, row_sink *sink);
void row_wilkinson(const generator_case *c, int64_t i, row_sink *sink);
void row_clement(const generator_case *c, int64_t i, row_sink *sink);
void row_random_band(const generator_case *c, int64_t i, row_sink *sink);
void row_heisenberg(const generator_case *c, int64_t i, row_sink *sink);
speig_status spectrum_diagonal(const generator_case *c, double *w);
speig_status spectrum_zero(const generator_case *c, double *w);
speig_status spectrum_rank1(const generator_case *c, double *w);
speig_status spectrum_clement(const generator_case *c, double *w);

/* generate_nonsymmetric.c */
speig_status order_walk(generator_case *c);
void row_convection2d(const generator_case *c, int64_t i, row_sink *sink);
void row_walk(const generator_case *c, int64_t i, row_sink *sink);
void row_toeplitz(const generator_case *c, int64_t i, row_sink *sink);
void row_jordan(const generator_case *c, int64_t i, row_sink *sink);
void row_grcar(const generator_case *c, int64_t i, row_sink *sink);
void row_shift(const generator_case *c, int64_t i, row_sink *sink);
speig_status spectrum_convection2d(const generator_case *c, double *w);
speig_status spectrum_walk(const generator_case *c, double *w);
speig_status spectrum_toeplitz(const generator_case *c, double *w);
speig_status spectrum_jordan(const generator_case *c, double *w);

#endif
