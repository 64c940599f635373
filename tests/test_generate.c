/* test_generate.c: generated matrices against their formulas, LAPACK, and values from the
 * literature. */
#include "harness.h"

#include "base/memory.h"
#include "speig/generate.h"

#include <complex.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <lapacke.h>

typedef struct model {
  const char *name;
  int32_t count;
  const char *names[6];
  double values[6];
} model;

/* Small, with odd sizes and sizes of one and two where ends meet. */
static const model MODELS[] = {
  { "laplacian1d", 1, { "n" }, { 17 } },
  { "laplacian1d", 1, { "n" }, { 1 } },
  { "laplacian2d", 2, { "nx", "ny" }, { 7, 4 } },
  { "laplacian2d", 1, { "nx" }, { 5 } },
  { "laplacian3d", 3, { "nx", "ny", "nz" }, { 4, 3, 5 } },
  { "laplacian3d", 1, { "nx" }, { 3 } },
  { "lshape", 1, { "m" }, { 5 } },
  { "lshape", 1, { "m" }, { 2 } },
  { "spring_k", 2, { "n", "k" }, { 12, 2.5 } },
  { "spring_m", 3, { "n", "light", "heavy" }, { 7, 1, 3 } },
  { "fem1d_k", 1, { "n" }, { 9 } },
  { "fem1d_m", 1, { "n" }, { 9 } },
  { "path", 1, { "n" }, { 11 } },
  { "path", 2, { "n", "adjacency" }, { 11, 1 } },
  { "path", 1, { "n" }, { 1 } },
  { "cycle", 1, { "n" }, { 12 } },
  { "cycle", 2, { "n", "adjacency" }, { 3, 1 } },
  { "disconnected", 2, { "copies", "vertices" }, { 3, 5 } },
  { "disconnected", 3, { "copies", "vertices", "adjacency" }, { 2, 6, 1 } },
  { "star", 1, { "n" }, { 9 } },
  { "star", 2, { "n", "adjacency" }, { 9, 1 } },
  { "star", 1, { "n" }, { 2 } },
  { "complete", 1, { "n" }, { 8 } },
  { "complete", 2, { "n", "adjacency" }, { 8, 1 } },
  { "hypercube", 1, { "d" }, { 5 } },
  { "hypercube", 2, { "d", "adjacency" }, { 4, 1 } },
  { "c60", 0, { 0 }, { 0 } },
  { "c60", 1, { "adjacency" }, { 0 } },
  { "erdos_renyi", 2, { "n", "degree" }, { 50, 6 } },
  { "erdos_renyi", 3, { "n", "degree", "adjacency" }, { 50, 60, 1 } },
  { "rmat", 2, { "scale", "degree" }, { 6, 4 } },
  { "barabasi_albert", 2, { "n", "degree" }, { 60, 3 } },
  { "barabasi_albert", 3, { "n", "degree", "adjacency" }, { 40, 2, 1 } },
  { "regular", 2, { "n", "degree" }, { 20, 6 } },
  { "regular", 3, { "n", "degree", "adjacency" }, { 3, 4, 1 } },
  { "anderson", 4, { "nx", "ny", "nz", "w" }, { 3, 4, 2, 5 } },
  { "anderson", 3, { "nx", "ny", "periodic" }, { 4, 1, 0 } },
  { "hofstadter", 4, { "nx", "ny", "p", "q" }, { 6, 5, 1, 3 } },
  { "hofstadter", 5, { "nx", "ny", "p", "q", "periodic" }, { 5, 4, 2, 7, 0 } },
  { "heisenberg", 1, { "sites" }, { 6 } },
  { "heisenberg", 3, { "sites", "full", "periodic" }, { 5, 1, 0 } },
  { "identity", 2, { "n", "value" }, { 6, -2 } },
  { "zero", 1, { "n" }, { 5 } },
  { "two_values", 4, { "n", "low", "high", "high_count" }, { 20, 1, 50, 7 } },
  { "linear", 3, { "n", "first", "last" }, { 11, -3, 7 } },
  { "geometric", 3, { "n", "first", "last" }, { 9, 1e-4, 1 } },
  { "clustered", 3, { "n", "clusters", "width" }, { 23, 4, 1e-3 } },
  { "rank1", 2, { "n", "value" }, { 9, 4 } },
  { "wilkinson", 0, { 0 }, { 0 } },
  { "clement", 1, { "n" }, { 10 } },
  { "random_band", 2, { "n", "bandwidth" }, { 25, 3 } },
  { "random_band", 3, { "n", "bandwidth", "complex" }, { 25, 40, 1 } },
};
enum { MODEL_COUNT = sizeof MODELS / sizeof *MODELS };

static speig_matrix *make_seeded(const model *m, uint64_t seed)
{
  speig_matrix *A = NULL;
  CHECK_OK(speig_generate(m->name, m->count, m->names, m->values, seed, &A));
  return A;
}

static speig_matrix *make(const model *m)
{
  return make_seeded(m, 7);
}

/* The matrix in full, column-major; the caller frees it. */
static double complex *expand(const speig_matrix *A)
{
  speig_matrix_info info = speig_matrix_get_info(A);
  const int64_t *rowptr;
  const int32_t *col;
  const void *values;
  double complex *full = calloc((size_t)(info.rows * info.cols), sizeof *full);
  CU_ASSERT_PTR_NOT_NULL_FATAL(full);
  speig_matrix_arrays(A, &rowptr, &col, &values);
  for (int64_t i = 0; i < info.rows; ++i)
    for (int64_t e = rowptr[i]; e < rowptr[i + 1]; ++e) {
      if (info.dtype == SPEIG_Z)
        full[i + col[e] * info.rows] = ((const double complex *)values)[e];
      else
        full[i + col[e] * info.rows] = ((const double *)values)[e];
    }
  return full;
}

/* LAPACK's eigenvalues, ascending; the caller frees them. B may be NULL. */
static double *lapack_values(const speig_matrix *A, const speig_matrix *B)
{
  int n = (int)speig_matrix_get_info(A).rows, info;
  double complex *a = expand(A), *b = B ? expand(B) : NULL;
  double *w = calloc((size_t)n + 1, sizeof *w);
  info = b ? LAPACKE_zhegvd(LAPACK_COL_MAJOR, 1, 'N', 'L', n, a, n, b, n, w)
           : LAPACKE_zheevd(LAPACK_COL_MAJOR, 'N', 'L', n, a, n, w);
  CU_ASSERT_EQUAL_FATAL(info, 0);
  free(a);
  free(b);
  return w;
}

static void every_matrix_is_exactly_hermitian(void)
{
  for (int t = 0; t < MODEL_COUNT; ++t) {
    speig_matrix *A = make(&MODELS[t]);
    int64_t n = speig_matrix_get_info(A).rows;
    double complex *full = expand(A);
    int good = 1;
    for (int64_t i = 0; i < n; ++i)
      for (int64_t j = 0; j <= i; ++j)
        good &= full[i + j * n] == conj(full[j + i * n]);
    if (!good)
      fprintf(stderr, "  %s (model %d) is not Hermitian\n", MODELS[t].name, t);
    CU_ASSERT_TRUE(good);
    CU_ASSERT_EQUAL(speig_matrix_get_info(A).declared,
                    speig_matrix_get_info(A).dtype == SPEIG_Z ? SPEIG_HERMITIAN : SPEIG_SYMMETRIC);
    free(full);
    speig_matrix_destroy(&A);
  }
}

static void formulas_agree_with_lapack(void)
{
  int formulas = 0;
  for (int t = 0; t < MODEL_COUNT; ++t) {
    const model *m = &MODELS[t];
    speig_matrix *A = make(m);
    int64_t n = speig_matrix_get_info(A).rows;
    double *exact = calloc((size_t)n, sizeof *exact), *w, worst = 0;
    speig_status st = speig_generate_spectrum(m->name, m->count, m->names, m->values, exact);
    if (st == SPEIG_OK) {
      ++formulas;
      w = lapack_values(A, NULL);
      for (int64_t i = 0; i < n; ++i)
        worst = fmax(worst, fabs(w[i] - exact[i]));
      if (!(worst <= 1e-13 * (1 + fmax(fabs(w[0]), fabs(w[n - 1])))))
        fprintf(stderr, "  %s (model %d): off by %g\n", m->name, t, worst);
      CU_ASSERT_TRUE(worst <= 1e-13 * (1 + fmax(fabs(w[0]), fabs(w[n - 1]))));
      free(w);
    } else {
      CU_ASSERT_EQUAL(st, SPEIG_ERR_UNSUPPORTED);
    }
    free(exact);
    speig_matrix_destroy(&A);
  }
  CU_ASSERT_TRUE(formulas >= 30);
}

/* Matrices that are not symmetric, with parameters that leave their eigenvalues well-conditioned
 * enough for LAPACK to agree with the formula. */
static const model NONSYMMETRIC[] = {
  { "convection2d", 4, { "nx", "ny", "px", "py" }, { 7, 5, 0.3, -0.2 } },
  { "convection2d", 3, { "nx", "px", "py" }, { 6, 0, 0.5 } },
  { "walk", 1, { "n" }, { 20 } },
  { "walk", 3, { "n", "p", "q" }, { 12, 0.4, 0.6 } },
  { "walk", 1, { "n" }, { 1 } },
  { "toeplitz", 4, { "n", "lower", "diagonal", "upper" }, { 11, 1, -2, 4 } },
  { "toeplitz", 3, { "n", "lower", "upper" }, { 9, -2, -3 } },
};

static int ascending(const void *a, const void *b)
{
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static void nonsymmetric_formulas_agree_with_lapack(void)
{
  for (size_t t = 0; t < sizeof NONSYMMETRIC / sizeof *NONSYMMETRIC; ++t) {
    const model *m = &NONSYMMETRIC[t];
    speig_matrix *A = make(m);
    int64_t n = speig_matrix_get_info(A).rows;
    double complex *full = expand(A), *w = calloc((size_t)n, sizeof *w);
    double *exact = calloc((size_t)n, sizeof *exact), *found = calloc((size_t)n, sizeof *found);
    CHECK_OK(speig_generate_spectrum(m->name, m->count, m->names, m->values, exact));
    CU_ASSERT_EQUAL(speig_matrix_get_info(A).declared, SPEIG_GENERAL);
    CU_ASSERT_EQUAL_FATAL(
        LAPACKE_zgeev(LAPACK_COL_MAJOR, 'N', 'N', (int)n, full, (int)n, w, NULL, 1, NULL, 1), 0);
    for (int64_t i = 0; i < n; ++i) {
      found[i] = creal(w[i]);
      CU_ASSERT_TRUE(fabs(cimag(w[i])) < 1e-10);
    }
    qsort(found, (size_t)n, sizeof *found, ascending);
    for (int64_t i = 0; i < n; ++i)
      CU_ASSERT_DOUBLE_EQUAL(found[i], exact[i], 1e-10);
    free(full);
    free(w);
    free(exact);
    free(found);
    speig_matrix_destroy(&A);
  }
}

static const char *const TRAPS[] = { "shift", "grcar", "jordan" };

/* Without a list of real eigenvalues: what is known of them otherwise. */
static void traps_are_what_they_say(void)
{
  static const model windy = { "convection2d", 2, { "nx", "px" }, { 5, 1.5 } };
  static const model skew = { "toeplitz", 2, { "lower", "upper" }, { 1, -1 } };
  static const model shift = { "shift", 1, { "n" }, { 12 } };
  static const model grcar = { "grcar", 2, { "n", "k" }, { 9, 2 } };
  static const model jordan = { "jordan", 4, { "n", "size", "value", "coupling" }, { 7, 3, 5, 2 } };
  const model *unknown[] = { &windy, &skew, &shift, &grcar };
  double values[200];
  speig_matrix *A;
  double complex *full;
  for (size_t i = 0; i < sizeof unknown / sizeof *unknown; ++i)
    CU_ASSERT_EQUAL(speig_generate_spectrum(unknown[i]->name, unknown[i]->count, unknown[i]->names,
                                            unknown[i]->values, values),
                    SPEIG_ERR_UNSUPPORTED);
  CHECK_OK(speig_generate_spectrum("jordan", 4, jordan.names, jordan.values, values));
  for (int i = 0; i < 7; ++i)
    CU_ASSERT_EQUAL(values[i], 5);
  A = make(&jordan);
  full = expand(A);
  for (int i = 0; i < 7; ++i)
    for (int j = 0; j < 7; ++j)
      CU_ASSERT_EQUAL(creal(full[i + 7 * j]), i == j ? 5 : j == i + 1 && j % 3 != 0 ? 2 : 0);
  free(full);
  speig_matrix_destroy(&A);
  A = make(&shift);
  full = expand(A);
  for (int i = 0; i < 12; ++i)
    CU_ASSERT_EQUAL(creal(full[i + 12 * ((i + 1) % 12)]), 1);
  CU_ASSERT_EQUAL(speig_matrix_get_info(A).nnz, 12);
  free(full);
  speig_matrix_destroy(&A);
  A = make(&grcar);
  CU_ASSERT_EQUAL(speig_matrix_get_info(A).nnz, 8 + 9 + 8 + 7);
  speig_matrix_destroy(&A);
}

static int same_bits(const speig_matrix *A, const speig_matrix *B)
{
  speig_matrix_info a = speig_matrix_get_info(A), b = speig_matrix_get_info(B);
  const int64_t *rowptr[2];
  const int32_t *col[2];
  const void *values[2];
  speig_matrix_arrays(A, &rowptr[0], &col[0], &values[0]);
  speig_matrix_arrays(B, &rowptr[1], &col[1], &values[1]);
  return a.rows == b.rows && a.nnz == b.nnz && a.dtype == b.dtype &&
         memcmp(rowptr[0], rowptr[1], (size_t)(a.rows + 1) * 8) == 0 &&
         memcmp(col[0], col[1], (size_t)a.nnz * 4) == 0 &&
         memcmp(values[0], values[1], (size_t)a.nnz * speig_dtype_size(a.dtype)) == 0;
}

static void the_seed_decides(void)
{
  static const char *random_ones[] = { "erdos_renyi", "rmat",     "barabasi_albert",
                                       "regular",     "anderson", "random_band" };
  for (int t = 0; t < MODEL_COUNT; ++t) {
    speig_matrix *A = make_seeded(&MODELS[t], 1), *B = make_seeded(&MODELS[t], 1);
    speig_matrix *C = make_seeded(&MODELS[t], 2);
    int is_random = 0;
    for (size_t r = 0; r < sizeof random_ones / sizeof *random_ones; ++r)
      is_random |= strcmp(MODELS[t].name, random_ones[r]) == 0;
    CU_ASSERT_TRUE(same_bits(A, B));
    /* the ring of three vertices is the same for every permutation */
    if (speig_matrix_get_info(A).rows > 3)
      CU_ASSERT_EQUAL(same_bits(A, C), !is_random);
    speig_matrix_destroy(&A);
    speig_matrix_destroy(&B);
    speig_matrix_destroy(&C);
  }
}

/* The numbers of the hash, so that a change of it is noticed: matrices in papers stay the same. */
static void random_entries_are_fixed(void)
{
  static const model band = { "random_band", 2, { "n", "bandwidth" }, { 2, 1 } };
  speig_matrix *A = make_seeded(&band, 42);
  const void *values;
  speig_matrix_arrays(A, NULL, NULL, &values);
  CU_ASSERT_EQUAL(((const double *)values)[0], 0x1.a3762c0000000p-2);
  CU_ASSERT_EQUAL(((const double *)values)[1], -0x1.2e1c840000000p-2);
  speig_matrix_destroy(&A);
}

/* The Hueckel levels of C60, roots of polynomials of degree four at most, with their degeneracies.
 */
static void c60_has_its_known_levels(void)
{
  const double s5 = sqrt(5), s13 = sqrt(13), s17 = sqrt(17), s19 = sqrt(38 - 2 * s5),
               s20 = sqrt(38 + 2 * s5);
  const struct {
    double value;
    int times;
  } level[] = {
    { 3, 1 },
    { (3 + s5 + s19) / 4, 3 },
    { (1 + s13) / 2, 5 },
    { (3 - s5 + s20) / 4, 3 },
    { (-1 + s17) / 2, 4 },
    { 1, 9 },
    { (-1 + s5) / 2, 5 },
    { (3 + s5 - s19) / 4, 3 },
    { (-3 + s5) / 2, 3 },
    { (1 - s13) / 2, 5 },
    { (3 - s5 - s20) / 4, 3 },
    { (-1 - s5) / 2, 5 },
    { -2, 4 },
    { (-1 - s17) / 2, 4 },
    { (-3 - s5) / 2, 3 },
  };
  static const model c60 = { "c60", 0, { 0 }, { 0 } };
  speig_matrix *A = make(&c60);
  double *w = lapack_values(A, NULL);
  int at = 60;
  for (size_t l = 0; l < sizeof level / sizeof *level; ++l)
    for (int t = 0; t < level[l].times; ++t)
      CU_ASSERT_DOUBLE_EQUAL(w[--at], level[l].value, 1e-13);
  CU_ASSERT_EQUAL(at, 0);
  CU_ASSERT_EQUAL(speig_matrix_get_info(A).nnz, 180);
  free(w);
  speig_matrix_destroy(&A);
}

static double lowest(const model *m)
{
  speig_matrix *A = make(m);
  double *w = lapack_values(A, NULL), first = w[0];
  free(w);
  speig_matrix_destroy(&A);
  return first;
}

/* Exact or well known ground states of rings and open chains. */
static void heisenberg_chains_have_their_ground_states(void)
{
  static const model ring4 = { "heisenberg", 1, { "sites" }, { 4 } };
  static const model ring4_full = { "heisenberg", 2, { "sites", "full" }, { 4, 1 } };
  static const model ring6 = { "heisenberg", 2, { "sites", "j" }, { 6, 2 } };
  static const model ring8 = { "heisenberg", 1, { "sites" }, { 8 } };
  static const model ring10 = { "heisenberg", 1, { "sites" }, { 10 } };
  static const model pair = { "heisenberg", 2, { "sites", "periodic" }, { 2, 0 } };
  static const model open4 = { "heisenberg", 2, { "sites", "periodic" }, { 4, 0 } };
  static const model all_up = { "heisenberg", 2, { "sites", "up" }, { 8, 8 } };
  CU_ASSERT_DOUBLE_EQUAL(lowest(&ring4), -2, 1e-14);
  CU_ASSERT_DOUBLE_EQUAL(lowest(&ring4_full), -2, 1e-14);
  CU_ASSERT_DOUBLE_EQUAL(lowest(&ring6), -(2 + sqrt(13)), 1e-13);
  CU_ASSERT_DOUBLE_EQUAL(lowest(&ring8), -3.651093409, 1e-8);
  CU_ASSERT_DOUBLE_EQUAL(lowest(&ring10), -4.515446354, 1e-8);
  CU_ASSERT_DOUBLE_EQUAL(lowest(&pair), -0.75, 1e-15);
  CU_ASSERT_DOUBLE_EQUAL(lowest(&open4), -(3 + 2 * sqrt(3)) / 4, 1e-14);
  CU_ASSERT_DOUBLE_EQUAL(lowest(&all_up), 2, 1e-15);
}

/* The sectors together are the whole space: the same eigenvalues, found by another numbering. */
static void heisenberg_sectors_make_the_whole(void)
{
  model whole = { "heisenberg", 2, { "sites", "full" }, { 6, 1 } };
  speig_matrix *A = make(&whole);
  double *w = lapack_values(A, NULL), sum[2] = { 0, 0 }, cubes[2] = { 0, 0 };
  int64_t states = 0;
  for (int i = 0; i < 64; ++i) {
    sum[0] += w[i] * w[i];
    cubes[0] += w[i] * w[i] * w[i];
  }
  free(w);
  speig_matrix_destroy(&A);
  for (int up = 0; up <= 6; ++up) {
    model sector = { "heisenberg", 2, { "sites", "up" }, { 6, up } };
    A = make(&sector);
    w = lapack_values(A, NULL);
    states += speig_matrix_get_info(A).rows;
    for (int64_t i = 0; i < speig_matrix_get_info(A).rows; ++i) {
      sum[1] += w[i] * w[i];
      cubes[1] += w[i] * w[i] * w[i];
    }
    free(w);
    speig_matrix_destroy(&A);
  }
  CU_ASSERT_EQUAL(states, 64);
  CU_ASSERT_DOUBLE_EQUAL(sum[0], sum[1], 1e-11);
  CU_ASSERT_DOUBLE_EQUAL(cubes[0], cubes[1], 1e-11);
}

/* Closed walks: tr H^2 = 4 N, tr H^4 = (28 + 8 cos(2 pi flux)) N on a large enough torus, whatever
 * the gauge. */
static void hofstadter_feels_its_flux(void)
{
  for (int p = 0; p < 3; ++p) {
    model m = { "hofstadter", 4, { "nx", "ny", "p", "q" }, { 10, 6, p, 5 } };
    speig_matrix *A = make(&m);
    double *w = lapack_values(A, NULL), second = 0, fourth = 0;
    for (int i = 0; i < 60; ++i) {
      second += w[i] * w[i];
      fourth += w[i] * w[i] * w[i] * w[i];
    }
    CU_ASSERT_DOUBLE_EQUAL(second / 60, 4, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(fourth / 60, 28 + 8 * cos(2 * acos(-1.0) * p / 5), 1e-11);
    free(w);
    speig_matrix_destroy(&A);
  }
}

/* lambda_1 = 9.6397238440219 (Betcke, Trefethen, SIAM Review 47 (2005)); the re-entrant corner
 * makes the error h^(4/3). */
static void the_drum_sounds_right(void)
{
  double error[2];
  for (int t = 0; t < 2; ++t) {
    model m = { "lshape", 1, { "m" }, { t ? 16 : 8 } };
    error[t] = fabs(lowest(&m) - 9.6397238440219);
  }
  CU_ASSERT_TRUE(error[1] < 0.06);
  CU_ASSERT_TRUE(error[1] < error[0]);
}

static void finite_elements_have_their_frequencies(void)
{
  model k = { "fem1d_k", 1, { "n" }, { 14 } }, m = { "fem1d_m", 1, { "n" }, { 14 } };
  speig_matrix *K = make(&k), *M = make(&m);
  double *w = lapack_values(K, M), h = 1.0 / 15;
  for (int j = 0; j < 14; ++j) {
    double c = cos((j + 1) * acos(-1.0) * h);
    CU_ASSERT_DOUBLE_EQUAL(w[j], 6 * (2 - 2 * c) / (h * h * (4 + 2 * c)), 1e-9);
  }
  free(w);
  speig_matrix_destroy(&K);
  speig_matrix_destroy(&M);
}

static void wilkinson_pairs_are_close(void)
{
  static const model m = { "wilkinson", 0, { 0 }, { 0 } };
  speig_matrix *A = make(&m);
  double *w = lapack_values(A, NULL);
  CU_ASSERT_DOUBLE_EQUAL(w[20], 10.746194182903393, 1e-13);
  CU_ASSERT_DOUBLE_EQUAL(w[19], 10.746194182903322, 1e-13);
  CU_ASSERT_DOUBLE_EQUAL(w[0], -1.125441522119984, 1e-13);
  free(w);
  speig_matrix_destroy(&A);
}

/* Off-diagonal entries of a simple graph are -1, and rows of a Laplacian sum to 0. */
static void random_graphs_are_graphs(void)
{
  static const model graphs[] = { { "erdos_renyi", 2, { "n", "degree" }, { 300, 12 } },
                                  { "erdos_renyi", 2, { "n", "degree" }, { 20, 100 } },
                                  { "rmat", 2, { "scale", "degree" }, { 9, 16 } },
                                  { "barabasi_albert", 2, { "n", "degree" }, { 400, 4 } },
                                  { "regular", 2, { "n", "degree" }, { 50, 8 } } };
  for (size_t t = 0; t < sizeof graphs / sizeof *graphs; ++t) {
    speig_matrix *A = make(&graphs[t]);
    int64_t n = speig_matrix_get_info(A).rows, edges = 0;
    double complex *full = expand(A);
    int simple = strcmp(graphs[t].name, "regular") != 0;
    for (int64_t i = 0; i < n; ++i) {
      double sum = 0;
      for (int64_t j = 0; j < n; ++j) {
        double x = creal(full[i + j * n]);
        sum += x;
        if (i != j) {
          CU_ASSERT_TRUE(simple ? x == 0 || x == -1 : x <= 0);
          edges -= (int64_t)x;
        }
      }
      CU_ASSERT_EQUAL(sum, 0);
      if (!simple)
        CU_ASSERT_EQUAL(creal(full[i + i * n]), graphs[t].values[1]);
    }
    if (t == 0)
      CU_ASSERT_TRUE(edges > 3240 && edges <= 3600);
    free(full);
    speig_matrix_destroy(&A);
  }
}

static void disorder_fills_its_range(void)
{
  static const model m = { "anderson", 2, { "nx", "w" }, { 12, 3 } };
  speig_matrix *A = make(&m);
  const int64_t *rowptr;
  const int32_t *col;
  const void *values;
  double sum = 0, square = 0;
  int64_t n = speig_matrix_get_info(A).rows;
  speig_matrix_arrays(A, &rowptr, &col, &values);
  for (int64_t i = 0; i < n; ++i) {
    CU_ASSERT_EQUAL(rowptr[i + 1] - rowptr[i], 7);
    for (int64_t e = rowptr[i]; e < rowptr[i + 1]; ++e) {
      double x = ((const double *)values)[e];
      if (col[e] != i) {
        CU_ASSERT_EQUAL(x, -1);
        continue;
      }
      CU_ASSERT_TRUE(fabs(x) < 1.5);
      sum += x;
      square += x * x;
    }
  }
  CU_ASSERT_DOUBLE_EQUAL(sum / (double)n, 0, 0.1);
  CU_ASSERT_DOUBLE_EQUAL(square / (double)n, 9.0 / 12, 0.05);
  speig_matrix_destroy(&A);
}

static void bad_requests_are_named(void)
{
  static const struct {
    model m;
    const char *says;
  } bad[] = {
    { { "laplacian4d", 0, { 0 }, { 0 } }, "laplacian3d" },
    { { "laplacian2d", 1, { "n" }, { 10 } }, "nx, ny" },
    { { "laplacian1d", 1, { "n" }, { 0 } }, "n = 0" },
    { { "laplacian1d", 1, { "n" }, { -5 } }, "n = -5" },
    { { "laplacian1d", 1, { "n" }, { 2.5 } }, "whole" },
    { { "laplacian1d", 1, { "n" }, { NAN } }, "n = " },
    { { "laplacian1d", 1, { "n" }, { INFINITY } }, "inf" },
    { { "laplacian1d", 2, { "n", "n" }, { 5, 6 } }, "twice" },
    { { "laplacian3d", 1, { "nx" }, { 2000 } }, "2^31" },
    { { "heisenberg", 2, { "sites", "up" }, { 6, 7 } }, "up = 7" },
    { { "heisenberg", 1, { "sites" }, { 2 } }, "at least 3" },
    { { "heisenberg", 1, { "sites" }, { 36 } }, "2^31" },
    { { "regular", 1, { "degree" }, { 5 } }, "even" },
    { { "hofstadter", 1, { "nx" }, { 31 } }, "multiple of q" },
    { { "wilkinson", 1, { "n" }, { 20 } }, "odd" },
    { { "geometric", 1, { "first" }, { -1 } }, "one sign" },
    { { "geometric", 1, { "first" }, { 0 } }, "one sign" },
    { { "two_values", 1, { "high_count" }, { 201 } }, "201" },
    { { "zero", 1, { NULL }, { 1 } }, "NULL" },
  };
  for (size_t t = 0; t < sizeof bad / sizeof *bad; ++t) {
    const model *m = &bad[t].m;
    speig_matrix *A = NULL;
    double unused[1];
    CU_ASSERT_EQUAL(speig_generate(m->name, m->count, m->names, m->values, 1, &A), SPEIG_ERR_ARG);
    CU_ASSERT_PTR_NULL(A);
    if (!strstr(speig_last_error(), bad[t].says))
      fprintf(stderr, "  '%s' does not say '%s'\n", speig_last_error(), bad[t].says);
    CU_ASSERT_PTR_NOT_NULL(strstr(speig_last_error(), bad[t].says));
    CU_ASSERT_EQUAL(speig_generate_spectrum(m->name, m->count, m->names, m->values, unused),
                    SPEIG_ERR_ARG);
  }
  CU_ASSERT_EQUAL(speig_generate(NULL, 0, NULL, NULL, 1, NULL), SPEIG_ERR_ARG);
  CU_ASSERT_EQUAL(speig_generate_spectrum("zero", 1, NULL, NULL, NULL), SPEIG_ERR_ARG);
}

static void failing_allocations_leave_nothing(void)
{
  static const int some[] = { 2, 28, 31, 35, 38 };
  for (size_t s = 0; s < sizeof some / sizeof *some; ++s) {
    const model *m = &MODELS[some[s]];
    int64_t needed, before = (int64_t)mem_account_read().current;
    speig_matrix *A = NULL;
    (void)mem_fail_at(0, 0);
    CHECK_OK(speig_generate(m->name, m->count, m->names, m->values, 1, &A));
    needed = mem_fail_at(0, 0);
    speig_matrix_destroy(&A);
    CU_ASSERT_TRUE(needed > 2);
    for (int64_t t = 1; t <= needed; ++t) {
      (void)mem_fail_at(t, 0);
      CU_ASSERT_EQUAL(speig_generate(m->name, m->count, m->names, m->values, 1, &A),
                      SPEIG_ERR_MEMORY);
      CU_ASSERT_PTR_NULL(A);
      CU_ASSERT_EQUAL((int64_t)mem_account_read().current, before);
    }
    (void)mem_fail_at(0, 0);
  }
}

/* The catalogue is complete: every entry is usable with its defaults' ranges and has a test. */
static void the_catalogue_is_sound(void)
{
  int entries = 0;
  for (const speig_generator *g = speig_generators(); g->name; ++g, ++entries) {
    int tested = 0;
    for (int t = 0; t < MODEL_COUNT; ++t)
      tested |= strcmp(MODELS[t].name, g->name) == 0;
    for (size_t t = 0; t < sizeof NONSYMMETRIC / sizeof *NONSYMMETRIC; ++t)
      tested |= strcmp(NONSYMMETRIC[t].name, g->name) == 0;
    for (size_t t = 0; t < sizeof TRAPS / sizeof *TRAPS; ++t)
      tested |= strcmp(TRAPS[t], g->name) == 0;
    CU_ASSERT_TRUE(tested);
    CU_ASSERT_TRUE(g->help && strlen(g->help) > 10);
    for (const speig_generator_param *p = g->params; p->name; ++p)
      CU_ASSERT_TRUE(p->help && p->min <= p->value && p->value <= p->max);
  }
  CU_ASSERT_TRUE(entries >= 30);
}

int main(void)
{
  CU_pSuite suite;
  harness_start();
  suite = harness_suite("generate");
  ADD_CASE(suite, the_catalogue_is_sound);
  ADD_CASE(suite, bad_requests_are_named);
  ADD_CASE(suite, every_matrix_is_exactly_hermitian);
  ADD_CASE(suite, formulas_agree_with_lapack);
  ADD_CASE(suite, nonsymmetric_formulas_agree_with_lapack);
  ADD_CASE(suite, traps_are_what_they_say);
  ADD_CASE(suite, the_seed_decides);
  ADD_CASE(suite, random_entries_are_fixed);
  ADD_CASE(suite, c60_has_its_known_levels);
  ADD_CASE(suite, heisenberg_chains_have_their_ground_states);
  ADD_CASE(suite, heisenberg_sectors_make_the_whole);
  ADD_CASE(suite, hofstadter_feels_its_flux);
  ADD_CASE(suite, the_drum_sounds_right);
  ADD_CASE(suite, finite_elements_have_their_frequencies);
  ADD_CASE(suite, wilkinson_pairs_are_close);
  ADD_CASE(suite, random_graphs_are_graphs);
  ADD_CASE(suite, disorder_fills_its_range);
  ADD_CASE(suite, failing_allocations_leave_nothing);
  return harness_finish("generate");
}
