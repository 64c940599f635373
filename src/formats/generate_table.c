/* generate_table.c: the catalogue: names, parameters (default, least, greatest, whole numbers only)
 * and rules of all generators. */
#include "formats/generate.h"

/* Largest order: column indices are 32-bit. */
#define N_MAX 2147483647.0

static const speig_generator_param laplacian1d_params[] = { { "n", "order", 1000, 1, N_MAX, 1 },
                                                            { 0 } };
static const struct speig_generator_rules laplacian1d_rules = { .order = order_first,
                                                                .row = row_laplacian1d,
                                                                .spectrum = spectrum_laplacian1d };

static const speig_generator_param laplacian2d_params[] = {
  { "nx", "points along x", 100, 1, N_MAX, 1 },
  { "ny", "points along y (0: as nx)", 0, 0, N_MAX, 1 },
  { 0 }
};
static const struct speig_generator_rules laplacian2d_rules = { .order = order_grid2,
                                                                .row = row_laplacian2d,
                                                                .spectrum = spectrum_laplacian2d };

static const speig_generator_param laplacian3d_params[] = {
  { "nx", "points along x", 20, 1, N_MAX, 1 },
  { "ny", "points along y (0: as nx)", 0, 0, N_MAX, 1 },
  { "nz", "points along z (0: as ny)", 0, 0, N_MAX, 1 },
  { 0 }
};
static const struct speig_generator_rules laplacian3d_rules = { .order = order_grid3,
                                                                .row = row_laplacian3d,
                                                                .spectrum = spectrum_laplacian3d };

static const speig_generator_param lshape_params[] = {
  { "m", "intervals along a unit side", 50, 2, 20000, 1 }, { 0 }
};
static const struct speig_generator_rules lshape_rules = { .order = order_lshape,
                                                           .row = row_lshape };

static const speig_generator_param spring_k_params[] = {
  { "n", "order", 1000, 1, N_MAX, 1 }, { "k", "stiffness of a spring", 1, -1e100, 1e100, 0 }, { 0 }
};
static const struct speig_generator_rules spring_k_rules = { .order = order_first,
                                                             .row = row_spring_k,
                                                             .spectrum = spectrum_spring_k };

static const speig_generator_param spring_m_params[] = {
  { "n", "order", 1000, 1, N_MAX, 1 },
  { "light", "mass of the first, third, ...", 1, 1e-100, 1e100, 0 },
  { "heavy", "mass of the second, fourth, ...", 2, 1e-100, 1e100, 0 },
  { 0 }
};
static const struct speig_generator_rules spring_m_rules = { .order = order_first,
                                                             .row = row_spring_m,
                                                             .spectrum = spectrum_spring_m };

static const speig_generator_param fem1d_k_params[] = { { "n", "order", 1000, 1, N_MAX - 1, 1 },
                                                        { 0 } };
static const struct speig_generator_rules fem1d_k_rules = { .order = order_first,
                                                            .row = row_fem1d_k,
                                                            .spectrum = spectrum_fem1d_k };

static const speig_generator_param fem1d_m_params[] = { { "n", "order", 1000, 1, N_MAX - 1, 1 },
                                                        { 0 } };
static const struct speig_generator_rules fem1d_m_rules = { .order = order_first,
                                                            .row = row_fem1d_m,
                                                            .spectrum = spectrum_fem1d_m };

static const speig_generator_param path_params[] = {
  { "n", "order", 1000, 1, N_MAX, 1 },
  { "adjacency", "0: Laplacian D - W, 1: adjacency matrix W", 0, 0, 1, 1 },
  { 0 }
};
static const struct speig_generator_rules path_rules = { .order = order_first,
                                                         .row = row_path,
                                                         .spectrum = spectrum_path };

static const speig_generator_param cycle_params[] = {
  { "n", "order", 1000, 3, N_MAX, 1 },
  { "adjacency", "0: Laplacian D - W, 1: adjacency matrix W", 0, 0, 1, 1 },
  { 0 }
};
static const struct speig_generator_rules cycle_rules = { .order = order_first,
                                                          .row = row_cycle,
                                                          .spectrum = spectrum_cycle };

static const speig_generator_param disconnected_params[] = {
  { "copies", "how many rings", 4, 1, N_MAX, 1 },
  { "vertices", "vertices of each ring", 100, 3, N_MAX, 1 },
  { "adjacency", "0: Laplacian D - W, 1: adjacency matrix W", 0, 0, 1, 1 },
  { 0 }
};
static const struct speig_generator_rules disconnected_rules = {
  .order = order_grid2, .row = row_disconnected, .spectrum = spectrum_disconnected
};

static const speig_generator_param star_params[] = {
  { "n", "order", 1000, 2, N_MAX, 1 },
  { "adjacency", "0: Laplacian D - W, 1: adjacency matrix W", 0, 0, 1, 1 },
  { 0 }
};
static const struct speig_generator_rules star_rules = { .order = order_first,
                                                         .row = row_star,
                                                         .spectrum = spectrum_star };

static const speig_generator_param complete_params[] = {
  { "n", "order", 100, 1, 20000, 1 },
  { "adjacency", "0: Laplacian D - W, 1: adjacency matrix W", 0, 0, 1, 1 },
  { 0 }
};
static const struct speig_generator_rules complete_rules = { .order = order_first,
                                                             .row = row_complete,
                                                             .spectrum = spectrum_complete };

static const speig_generator_param hypercube_params[] = {
  { "d", "dimensions", 10, 1, 30, 1 },
  { "adjacency", "0: Laplacian D - W, 1: adjacency matrix W", 0, 0, 1, 1 },
  { 0 }
};
static const struct speig_generator_rules hypercube_rules = { .order = order_hypercube,
                                                              .row = row_hypercube,
                                                              .spectrum = spectrum_hypercube };

static const speig_generator_param c60_params[] = {
  { "adjacency", "0: Laplacian D - W, 1: adjacency matrix W", 1, 0, 1, 1 }, { 0 }
};
static const struct speig_generator_rules c60_rules = { .order = order_c60, .row = row_c60 };

static const speig_generator_param erdos_renyi_params[] = {
  { "n", "order", 1000, 2, N_MAX, 1 },
  { "degree", "mean degree", 8, 0, 1000, 0 },
  { "adjacency", "0: Laplacian D - W, 1: adjacency matrix W", 0, 0, 1, 1 },
  { 0 }
};
static const struct speig_generator_rules erdos_renyi_rules = { .order = order_first,
                                                                .edge = edge_erdos_renyi,
                                                                .edges = edges_by_degree };

static const speig_generator_param rmat_params[] = {
  { "scale", "log2 of the order", 10, 1, 28, 1 },
  { "degree", "edges drawn per vertex", 8, 0, 1000, 1 },
  { "adjacency", "0: Laplacian D - W, 1: adjacency matrix W", 0, 0, 1, 1 },
  { 0 }
};
static const struct speig_generator_rules rmat_rules = { .order = order_rmat,
                                                         .edge = edge_rmat,
                                                         .edges = edges_per_vertex };

static const speig_generator_param barabasi_albert_params[] = {
  { "n", "order", 1000, 2, N_MAX, 1 },
  { "degree", "edges that a new vertex sends", 5, 1, 1000, 1 },
  { "adjacency", "0: Laplacian D - W, 1: adjacency matrix W", 0, 0, 1, 1 },
  { 0 }
};
static const struct speig_generator_rules barabasi_albert_rules = { .order = order_first,
                                                                    .edge = edge_barabasi_albert,
                                                                    .edges = edges_per_vertex };

static const speig_generator_param regular_params[] = {
  { "n", "order", 1000, 3, N_MAX, 1 },
  { "degree", "edges at each vertex, even", 4, 2, 100, 1 },
  { "adjacency", "0: Laplacian D - W, 1: adjacency matrix W", 0, 0, 1, 1 },
  { 0 }
};
static const struct speig_generator_rules regular_rules = {
  .order = order_regular, .edge = edge_regular, .edges = edges_by_degree, .multigraph = 1
};

static const speig_generator_param anderson_params[] = {
  { "nx", "points along x", 20, 1, N_MAX, 1 },
  { "ny", "points along y (0: as nx)", 0, 0, N_MAX, 1 },
  { "nz", "points along z (0: as ny)", 0, 0, N_MAX, 1 },
  { "w", "disorder", 16.5, 0, 1e100, 0 },
  { "periodic", "1: periodic ends, 0: walls", 1, 0, 1, 1 },
  { 0 }
};
static const struct speig_generator_rules anderson_rules = { .order = order_grid3,
                                                             .row = row_anderson };

static const speig_generator_param hofstadter_params[] = {
  { "nx", "points along x", 30, 1, N_MAX, 1 },
  { "ny", "points along y (0: as nx)", 0, 0, N_MAX, 1 },
  { "p", "flux: numerator", 1, 0, 1000000, 1 },
  { "q", "flux: denominator", 3, 1, 1000000, 1 },
  { "periodic", "1: periodic ends, 0: walls", 1, 0, 1, 1 },
  { 0 }
};
static const struct speig_generator_rules hofstadter_rules = { .order = order_hofstadter,
                                                               .row = row_hofstadter };

static const speig_generator_param heisenberg_params[] = {
  { "sites", "spins", 12, 2, 36, 1 },
  { "up", "up spins: the sector (-1: half of them)", -1, -1, 36, 1 },
  { "j", "coupling J", 1, -1e100, 1e100, 0 },
  { "periodic", "1: periodic ends, 0: walls", 1, 0, 1, 1 },
  { "full", "1: all 2^sites states, 0: the sector", 0, 0, 1, 1 },
  { 0 }
};
static const struct speig_generator_rules heisenberg_rules = { .order = order_heisenberg,
                                                               .row = row_heisenberg };

static const speig_generator_param identity_params[] = {
  { "n", "order", 1000, 1, N_MAX, 1 }, { "value", "the eigenvalue", 1, -1e300, 1e300, 0 }, { 0 }
};
static const struct speig_generator_rules identity_rules = { .order = order_first,
                                                             .row = row_diagonal,
                                                             .diagonal = diagonal_identity,
                                                             .spectrum = spectrum_diagonal };

static const speig_generator_param zero_params[] = { { "n", "order", 1000, 1, N_MAX, 1 }, { 0 } };
static const struct speig_generator_rules zero_rules = { .order = order_first,
                                                         .row = row_zero,
                                                         .spectrum = spectrum_zero };

static const speig_generator_param two_values_params[] = {
  { "n", "order", 200, 1, N_MAX, 1 },
  { "low", "the first", 1, -1e300, 1e300, 0 },
  { "high", "the second", 50, -1e300, 1e300, 0 },
  { "high_count", "how often the second (-1: half)", -1, -1, N_MAX, 1 },
  { 0 }
};
static const struct speig_generator_rules two_values_rules = { .order = order_two_values,
                                                               .row = row_diagonal,
                                                               .diagonal = diagonal_two_values,
                                                               .spectrum = spectrum_diagonal };

static const speig_generator_param linear_params[] = {
  { "n", "order", 1000, 1, N_MAX, 1 },
  { "first", "value at the first place", 1, -1e150, 1e150, 0 },
  { "last", "value at the last place", 1000, -1e150, 1e150, 0 },
  { 0 }
};
static const struct speig_generator_rules linear_rules = { .order = order_first,
                                                           .row = row_diagonal,
                                                           .diagonal = diagonal_linear,
                                                           .spectrum = spectrum_diagonal };

static const speig_generator_param geometric_params[] = {
  { "n", "order", 1000, 1, N_MAX, 1 },
  { "first", "value at the first place", 1e-08, -1e150, 1e150, 0 },
  { "last", "value at the last place", 1, -1e150, 1e150, 0 },
  { 0 }
};
static const struct speig_generator_rules geometric_rules = { .order = order_geometric,
                                                              .row = row_diagonal,
                                                              .diagonal = diagonal_geometric,
                                                              .spectrum = spectrum_diagonal };

static const speig_generator_param clustered_params[] = {
  { "n", "order", 1000, 1, N_MAX, 1 },
  { "clusters", "how many", 10, 1, N_MAX, 1 },
  { "width", "spread within a cluster", 1e-06, 0, 1, 0 },
  { 0 }
};
static const struct speig_generator_rules clustered_rules = { .order = order_first,
                                                              .row = row_diagonal,
                                                              .diagonal = diagonal_clustered,
                                                              .spectrum = spectrum_diagonal };

static const speig_generator_param rank1_params[] = {
  { "n", "order", 100, 1, 20000, 1 }, { "value", "the eigenvalue", 1, -1e300, 1e300, 0 }, { 0 }
};
static const struct speig_generator_rules rank1_rules = { .order = order_first,
                                                          .row = row_rank1,
                                                          .spectrum = spectrum_rank1 };

static const speig_generator_param wilkinson_params[] = { { "n", "order", 21, 1, N_MAX, 1 },
                                                          { 0 } };
static const struct speig_generator_rules wilkinson_rules = { .order = order_wilkinson,
                                                              .row = row_wilkinson };

static const speig_generator_param clement_params[] = { { "n", "order", 100, 1, N_MAX, 1 }, { 0 } };
static const struct speig_generator_rules clement_rules = { .order = order_first,
                                                            .row = row_clement,
                                                            .spectrum = spectrum_clement };

static const speig_generator_param random_band_params[] = {
  { "n", "order", 1000, 1, N_MAX, 1 },
  { "bandwidth", "diagonals on each side", 5, 0, N_MAX, 1 },
  { "complex", "1: complex, 0: real", 0, 0, 1, 1 },
  { 0 }
};
static const struct speig_generator_rules random_band_rules = { .order = order_random_band,
                                                                .row = row_random_band };

static const speig_generator_param convection2d_params[] = {
  { "nx", "points along x", 100, 1, N_MAX, 1 },
  { "ny", "points along y (0: as nx)", 0, 0, N_MAX, 1 },
  { "px", "wind along x: velocity h / 2", 0.5, -1e100, 1e100, 0 },
  { "py", "wind along y", 0, -1e100, 1e100, 0 },
  { 0 }
};
static const struct speig_generator_rules convection2d_rules = {
  .general = 1, .order = order_grid2, .row = row_convection2d, .spectrum = spectrum_convection2d
};

static const speig_generator_param walk_params[] = { { "n", "order", 1000, 1, N_MAX, 1 },
                                                     { "p", "probability of a step up", 0.3, 0, 1,
                                                       0 },
                                                     { "q", "of a step down", 0.35, 0, 1, 0 },
                                                     { 0 } };
static const struct speig_generator_rules walk_rules = {
  .general = 1, .order = order_walk, .row = row_walk, .spectrum = spectrum_walk
};

static const speig_generator_param toeplitz_params[] = {
  { "n", "order", 100, 1, N_MAX, 1 },
  { "lower", "below the diagonal", 1, -1e100, 1e100, 0 },
  { "diagonal", "on it", 0, -1e100, 1e100, 0 },
  { "upper", "above it", 4, -1e100, 1e100, 0 },
  { 0 }
};
static const struct speig_generator_rules toeplitz_rules = {
  .general = 1, .order = order_first, .row = row_toeplitz, .spectrum = spectrum_toeplitz
};

static const speig_generator_param jordan_params[] = {
  { "n", "order", 100, 1, N_MAX, 1 },
  { "size", "order of a block", 5, 1, N_MAX, 1 },
  { "value", "the eigenvalue of all", 1, -1e100, 1e100, 0 },
  { "coupling", "what stands above the diagonal of a block", 1, -1e100, 1e100, 0 },
  { 0 }
};
static const struct speig_generator_rules jordan_rules = {
  .general = 1, .order = order_first, .row = row_jordan, .spectrum = spectrum_jordan
};

static const speig_generator_param grcar_params[] = {
  { "n", "order", 100, 1, N_MAX, 1 }, { "k", "diagonals above the main one", 3, 0, 1e6, 1 }, { 0 }
};
static const struct speig_generator_rules grcar_rules = { .general = 1,
                                                          .order = order_first,
                                                          .row = row_grcar };

static const speig_generator_param shift_params[] = { { "n", "order", 100, 1, N_MAX, 1 }, { 0 } };
static const struct speig_generator_rules shift_rules = { .general = 1,
                                                          .order = order_first,
                                                          .row = row_shift };

const speig_generator *speig_generators(void)
{
  static const speig_generator catalogue[] = {
    { "laplacian1d", "chain 2, -1 with walls; 4 sin^2(pi j / (2 (n + 1)))", laplacian1d_params,
      &laplacian1d_rules },
    { "laplacian2d", "5-point Laplacian on nx x ny points with walls; sums of two chains",
      laplacian2d_params, &laplacian2d_rules },
    { "laplacian3d", "7-point Laplacian on nx x ny x nz points with walls; sums of three chains",
      laplacian3d_params, &laplacian3d_rules },
    { "lshape", "L-shaped drum of three unit squares, 5 points, h = 1/m; lambda_1 -> 9.6397238440",
      lshape_params, &lshape_rules },
    { "spring_k", "stiffness of n masses between two walls; k 4 sin^2(pi j / (2 (n + 1)))",
      spring_k_params, &spring_k_rules },
    { "spring_m", "masses of that chain, light and heavy in turn: a diagonal matrix",
      spring_m_params, &spring_m_rules },
    { "fem1d_k",
      "linear elements on (0, 1), stiffness; with fem1d_m: 6 (2 - 2c) / (h^2 (4 + 2c)), c = cos(j "
      "pi h)",
      fem1d_k_params, &fem1d_k_rules },
    { "fem1d_m", "linear elements on (0, 1), mass: tridiag(1, 4, 1) h / 6", fem1d_m_params,
      &fem1d_m_rules },
    { "path", "path of n vertices; 4 sin^2(pi j / (2 n)), W: 2 cos(pi j / (n + 1))", path_params,
      &path_rules },
    { "cycle",
      "ring of n vertices, all inner eigenvalues double; 4 sin^2(pi j / n), W: 2 cos(2 pi j / n)",
      cycle_params, &cycle_rules },
    { "disconnected", "copies of a ring: eigenvalue 0 as often as there are copies",
      disconnected_params, &disconnected_rules },
    { "star", "star of n vertices; 0, 1 (n - 2 times), n, W: +-sqrt(n - 1), 0", star_params,
      &star_rules },
    { "complete", "complete graph; 0, n (n - 1 times), W: n - 1, -1; a full matrix",
      complete_params, &complete_rules },
    { "hypercube", "hypercube of 2^d vertices; 2 j as often as d over j, W: d - 2 j",
      hypercube_params, &hypercube_rules },
    { "c60", "the molecule C60 in the Hueckel model: truncated icosahedron; W: 3, 1+3+5+... fold",
      c60_params, &c60_rules },
    { "erdos_renyi", "random graph, n degree / 2 edges drawn (repeated ones and loops dropped)",
      erdos_renyi_params, &erdos_renyi_rules },
    { "rmat", "R-MAT random graph of 2^scale vertices, few of them with very many edges",
      rmat_params, &rmat_rules },
    { "barabasi_albert", "growing graph: new vertices choose neighbours by their degrees",
      barabasi_albert_params, &barabasi_albert_rules },
    { "regular",
      "random regular graph, degree / 2 random rings (repeated edges add up); W: largest = degree",
      regular_params, &regular_rules },
    { "anderson", "hopping -1 on a lattice plus a random diagonal, uniform in (-w/2, w/2)",
      anderson_params, &anderson_rules },
    { "hofstadter", "hopping on a square lattice in a magnetic field, flux p/q per square; complex",
      hofstadter_params, &hofstadter_rules },
    { "heisenberg",
      "spin-1/2 Heisenberg chain J sum S_i S_(i+1); ground state of 4 periodic sites: -2 J",
      heisenberg_params, &heisenberg_rules },
    { "identity", "value times the identity", identity_params, &identity_rules },
    { "zero", "no entries at all", zero_params, &zero_rules },
    { "two_values", "diagonal with two values, each many times", two_values_params,
      &two_values_rules },
    { "linear", "diagonal, evenly spaced from first to last", linear_params, &linear_rules },
    { "geometric", "diagonal, evenly spaced on a logarithmic scale from first to last",
      geometric_params, &geometric_rules },
    { "clustered", "diagonal with clusters of eigenvalues just above 1, 2, 3, ...",
      clustered_params, &clustered_rules },
    { "rank1", "value e e^T / n: value once, otherwise 0; a full matrix", rank1_params,
      &rank1_rules },
    { "wilkinson", "Wilkinson's W_n^+: pairs of eigenvalues that agree to many digits",
      wilkinson_params, &wilkinson_rules },
    { "clement", "symmetric Clement (Kac) matrix; -(n - 1), -(n - 3), ..., n - 1", clement_params,
      &clement_rules },
    { "random_band", "random Hermitian band matrix, entries uniform in (-1, 1)", random_band_params,
      &random_band_rules },
    { "convection2d",
      "diffusion with wind on a grid, central differences; not symmetric; W: real up to px, py = 1",
      convection2d_params, &convection2d_rules },
    { "walk", "random walk on a line, rows sum to 1; not symmetric; W: 1, 1-p-q+2 sqrt(pq) cos()",
      walk_params, &walk_rules },
    { "toeplitz", "tridiagonal, constant diagonals; not symmetric; W: d + 2 sqrt(l u) cos()",
      toeplitz_params, &toeplitz_rules },
    { "jordan", "Jordan blocks of one eigenvalue: defective; not symmetric", jordan_params,
      &jordan_rules },
    { "grcar", "Grcar's matrix, whose eigenvalues are ill-conditioned; not symmetric", grcar_params,
      &grcar_rules },
    { "shift", "cyclic shift, the n-th roots of unity; not symmetric", shift_params, &shift_rules },
    { 0 }
  };
  return catalogue;
}
