/* test_shift.c: shift-invert in all modes, types and choices against LAPACK: right sets with
 * multiplicities, residuals and orthogonality recomputed, honest words about completeness. */
#include "eigen_kit.h"

#include "base/memory.h"
#include "factor/factor.h"
#include "formats/matrix.h"
#include "speig/eigsh.h"

#include <lapacke.h>

enum { SIDE = 13, N = SIDE * SIDE };

static int have_factors(void)
{
  if (factor_available() == SPEIG_OK)
    return 1;
  harness_skip(speig_last_error());
  return 0;
}

/* ---- problems ---- */

static kit_scalar phase_of(int32_t low, int32_t high)
{
  return cexp(3 * I * random_uniform(6, low, high, 0));
}

/* A grid with phases on its edges, node weights as the user says: *user = { edge, diagonal, noise
 * }.
 */
static kit_scalar grid_entry(int32_t i, int32_t j, const void *user)
{
  const double *u = user;
  int32_t low = i < j ? i : j, high = i < j ? j : i;
  kit_scalar value;
  if (i == j)
    return u[1] + u[2] * random_uniform(5, i, 0, 0);
  if (high - low != SIDE && (high - low != 1 || high % SIDE == 0))
    return 0;
  value = u[0] * phase_of(low, high);
  return i > j ? value : conj(value);
}

static kit_scalar mass_entry(int32_t i, int32_t j, const void *user)
{
  (void)user;
  if (i == j)
    return 2 + random_uniform(10, i, 0, 0);
  return i - j == 1 ? 0.3 + 0.2 * I : j - i == 1 ? 0.3 - 0.2 * I : 0;
}

/* Every third node has no mass. */
static kit_scalar singular_mass_entry(int32_t i, int32_t j, const void *user)
{
  (void)user;
  return i == j && i % 3 ? 1 + 0.5 * random_uniform(10, i, 0, 0) : 0;
}

/* Neumann's Laplacian of a path: eigenvalue 0. */
static kit_scalar path_entry(int32_t i, int32_t j, const void *user)
{
  int32_t n = *(const int32_t *)user;
  if (i == j)
    return i == 0 || i == n - 1 ? 1 : 2;
  return i - j == 1 || j - i == 1 ? -1 : 0;
}

/* *user = { copies, complex }: eigenvalues 1, 2, ..., each `copies` times, hidden by a similarity
 * of 2 x 2 rotations. */
static kit_scalar multiple_entry(int32_t i, int32_t j, const void *user)
{
  int32_t copies = *(const int32_t *)user, n = N, low = i < j ? i : j, high = i < j ? j : i;
  double a, b, c = cos(0.7), s = sin(0.7);
  kit_scalar phase = ((const int32_t *)user)[1] ? phase_of(low, high) : 1;
  if (high - low > 0 && (low >= n / 2 || high != n - 1 - low))
    return 0;
  if (i == j && 2 * i == n - 1)
    return 1 + i / copies;
  a = 1 + (low < n - 1 - low ? low : n - 1 - low) / copies; /* value of the front of the pair */
  b = 1 + (low < n - 1 - low ? n - 1 - low : low) / copies;
  if (i == j)
    return i < n - 1 - i ? c * c * a + s * s * b : s * s * a + c * c * b;
  return i < j ? c * s * (a - b) * phase : c * s * (a - b) * conj(phase);
}

/* ---- the reference ---- */

static kit_scalar *expand(const speig_matrix *M)
{
  kit_scalar *full = calloc((size_t)(M->rows * M->rows), sizeof *full);
  for (int64_t i = 0; i < M->rows; ++i)
    for (int64_t e = M->rowptr[i]; e < M->rowptr[i + 1]; ++e)
      full[i + M->colind[e] * M->rows] = kit_get(M->dtype, M->values, e);
  return full;
}

/* All finite eigenvalues of A x = lambda B x into w, how many. inverse: A is definite and B need
 * not be, so LAPACK gets B x = mu A x. */
static int reference(const speig_matrix *A, const speig_matrix *B, int inverse, double *w)
{
  lapack_int n = (lapack_int)A->rows;
  kit_scalar *a = expand(A), *b = B ? expand(B) : NULL;
  int count = n;
  if (!B) {
    CU_ASSERT_EQUAL(LAPACKE_zheev(LAPACK_COL_MAJOR, 'N', 'L', n, a, n, w), 0);
  } else {
    CU_ASSERT_EQUAL(
        LAPACKE_zhegv(LAPACK_COL_MAJOR, 1, 'N', 'L', n, inverse ? b : a, n, inverse ? a : b, n, w),
        0);
  }
  if (inverse) {
    count = 0;
    for (int i = 0; i < n; ++i)
      if (fabs(w[i]) > (A->dtype == SPEIG_S || A->dtype == SPEIG_C ? 1e-5 : 1e-11))
        w[count++] = 1 / w[i];
  }
  free(a);
  free(b);
  return count;
}

static double transformed(const speig_eigsh_opts *o, double w)
{
  if (!o->has_sigma)
    return w;
  if (o->mode == SPEIG_MODE_CAYLEY)
    return (w + o->sigma) / (w - o->sigma);
  return (o->mode == SPEIG_MODE_BUCKLING ? w : 1) / (w - o->sigma);
}

static double worth(speig_which which, double nu)
{
  return which == SPEIG_LM   ? fabs(nu)
         : which == SPEIG_SM ? -fabs(nu)
         : which == SPEIG_SA ? -nu
                             : nu;
}

static int ascending(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* The k values that `which` asks for, ascending, into want. */
static void choose(const speig_eigsh_opts *o, int count, const double *w, int k, double *want)
{
  char *taken = calloc((size_t)count, 1);
  for (int j = 0; j < k; ++j) {
    speig_which side = o->which != SPEIG_BE ? o->which : j % 2 ? SPEIG_SA : SPEIG_LA;
    int best = -1;
    for (int i = 0; i < count; ++i)
      if (!taken[i] &&
          (best < 0 || worth(side, transformed(o, w[i])) > worth(side, transformed(o, w[best]))))
        best = i;
    taken[best] = 1;
    want[j] = w[best];
  }
  qsort(want, (size_t)k, sizeof *want, ascending);
  free(taken);
}

/* ---- the judgement ---- */

/* max |X^H G X - I| and max ||A x - lambda B x|| / (1 + |lambda|), ||x||_G = 1. */
static void recompute(const speig_matrix *A, const speig_matrix *B, const speig_matrix *G,
                      const speig_eigsh_result *r, double *defect, double *residual)
{
  int64_t n = A->rows;
  kit_scalar *a = expand(A), *b = B ? expand(B) : NULL, *g = G ? expand(G) : NULL;
  *defect = *residual = 0;
  for (int j = 0; j < r->k; ++j) {
    double square = 0;
    for (int64_t i = 0; i < n; ++i) {
      kit_scalar sum = 0;
      for (int64_t l = 0; l < n; ++l) {
        kit_scalar x = kit_get(r->dtype, r->vectors.data, l + j * r->vectors.ld);
        sum += a[i + l * n] * x - r->values[j] * (b ? b[i + l * n] : i == l) * x;
      }
      square += creal(sum * conj(sum));
    }
    *residual = fmax(*residual, sqrt(square) / (1 + fabs(r->values[j])));
    for (int c = 0; c <= j; ++c) {
      kit_scalar dot = 0;
      for (int64_t i = 0; i < n; ++i)
        for (int64_t l = 0; l < n; ++l) {
          kit_scalar weight = g ? g[i + l * n] : i == l;
          if (weight != 0)
            dot += conj(kit_get(r->dtype, r->vectors.data, i + c * r->vectors.ld)) * weight *
                   kit_get(r->dtype, r->vectors.data, l + j * r->vectors.ld);
        }
      *defect = fmax(*defect, cabs(dot - (c == j)));
    }
  }
  free(a);
  free(b);
  free(g);
}

static speig_eigsh_result *solve(const speig_matrix *A, const speig_matrix *B,
                                 const speig_eigsh_opts *o)
{
  speig_operator *a = NULL, *b = NULL;
  speig_eigsh_result *r = NULL;
  CHECK_OK(speig_operator_from_matrix(A, &a));
  if (B)
    CHECK_OK(speig_operator_from_matrix(B, &b));
  CHECK_OK(speig_eigsh(a, b, o, &r));
  speig_operator_destroy(&a);
  speig_operator_destroy(&b);
  return r;
}

/* Solves and holds against LAPACK; inverse as in reference(). certain: CERTIFIED is expected. */
static void expect(const test_case *tc, const speig_matrix *A, const speig_matrix *B,
                   const speig_eigsh_opts *o, int inverse, int certain)
{
  double *w = calloc((size_t)A->rows, sizeof *w), want[32], defect, residual, worst = 0;
  int buckling = o->has_sigma && o->mode == SPEIG_MODE_BUCKLING, wrong;
  int count = reference(A, B, inverse, w), k = o->k;
  speig_eigsh_result *r = solve(A, B, o);
  choose(o, count, w, k, want);
  CU_ASSERT_EQUAL_FATAL(r->k, k);
  for (int j = 0; j < k; ++j)
    worst = fmax(worst, fabs(r->values[j] - want[j]) / (1 + fabs(want[j])));
  recompute(A, B, buckling ? A : B, r, &defect, &residual);
  wrong = !(worst <= 2e4 * tc->eps) || !(residual <= 1e4 * tc->eps) || !(defect <= 1e4 * tc->eps) ||
          (certain ? r->outcome != SPEIG_CERTIFIED : r->outcome > SPEIG_CONVERGED);
  if (wrong) {
    fprintf(stderr,
            "  %s, which %s, mode %s, sigma %g, k %d: values off by %.1e, residual %.1e, "
            "orthogonality %.1e, %s\n",
            tc->name, speig_which_name(o->which), speig_mode_name(o->mode), o->sigma, k, worst,
            residual, defect, speig_outcome_name(r->outcome));
    for (int j = 0; j < k; ++j)
      fprintf(stderr, "    %.15g wanted %.15g\n", r->values[j], want[j]);
  }
  CU_ASSERT_FALSE(wrong);
  speig_eigsh_result_free(&r);
  free(w);
}

static speig_eigsh_opts shifted(double sigma, speig_mode mode, speig_which which, int32_t k)
{
  speig_eigsh_opts o = SPEIG_EIGSH_OPTS_INIT;
  o.has_sigma = 1;
  o.sigma = sigma;
  o.mode = mode;
  o.which = which;
  o.k = k;
  o.method = SPEIG_LANCZOS; /* at this size auto would take LAPACK */
  o.threads = 1;
  return o;
}

/* ---- cases ---- */

static const double indefinite[] = { -1, 0, 1.5 }, definite[] = { -1, 5, 0.5 };

static void normal_mode_takes_every_which(const test_case *tc)
{
  static const double sigmas[] = { 0.4, -1.7, 3.9, -20 };
  speig_matrix *A, *B;
  if (!have_factors())
    return;
  A = kit_matrix(tc->dtype, N, grid_entry, SIDE, indefinite);
  B = kit_matrix(tc->dtype, N, mass_entry, 1, NULL);
  for (int s = 0; s < 4; ++s)
    for (int which = SPEIG_LM; which <= SPEIG_BE; ++which) {
      speig_eigsh_opts o = shifted(sigmas[s], SPEIG_MODE_NORMAL, (speig_which)which, 5);
      /* Nothing lies below -20, and little above 3.9: SA and BE would turn to the far end there. */
      if ((s == 3 && (which == SPEIG_SA || which == SPEIG_BE)) ||
          (s == 2 && (which == SPEIG_LA || which == SPEIG_BE)))
        continue;
      expect(tc, A, NULL, &o, 0, 1);
      if (s < 2)
        expect(tc, A, B, &o, 0, 1);
    }
  speig_matrix_destroy(&A);
  speig_matrix_destroy(&B);
}
TEST_ALL_TYPES(normal_mode_takes_every_which)

static void buckling_and_cayley(const test_case *tc)
{
  static const speig_which some[] = { SPEIG_LM, SPEIG_LA, SPEIG_SA, SPEIG_BE };
  speig_matrix *K, *G, *M;
  if (!have_factors())
    return;
  K = kit_matrix(tc->dtype, N, grid_entry, SIDE, definite);
  G = kit_matrix(tc->dtype, N, grid_entry, SIDE, indefinite);
  M = kit_matrix(tc->dtype, N, mass_entry, 1, NULL);
  for (int i = 0; i < 4; ++i) {
    speig_eigsh_opts o = shifted(3.5, SPEIG_MODE_BUCKLING, some[i], 4);
    expect(tc, K, G, &o, 1, 1);
    o.sigma = -4;
    expect(tc, K, G, &o, 1, 1);
    o = shifted(2.9, SPEIG_MODE_CAYLEY, some[i], 4);
    expect(tc, K, M, &o, 0, 1);
    expect(tc, K, NULL, &o, 0, 1);
  }
  {
    speig_eigsh_opts o = shifted(-2.2, SPEIG_MODE_CAYLEY, SPEIG_SM, 4);
    expect(tc, K, M, &o, 0, 1);
  }
  speig_matrix_destroy(&K);
  speig_matrix_destroy(&G);
  speig_matrix_destroy(&M);
}
TEST_ALL_TYPES(buckling_and_cayley)

static void dense_agrees(const test_case *tc)
{
  speig_matrix *K = kit_matrix(tc->dtype, N, grid_entry, SIDE, definite);
  speig_matrix *G = kit_matrix(tc->dtype, N, grid_entry, SIDE, indefinite);
  speig_matrix *M = kit_matrix(tc->dtype, N, mass_entry, 1, NULL);
  for (int which = SPEIG_LM; which <= SPEIG_BE; ++which) {
    speig_eigsh_opts o = shifted(2.2, SPEIG_MODE_NORMAL, (speig_which)which, 5);
    o.method = SPEIG_METHOD_AUTO;
    expect(tc, K, NULL, &o, 0, 1);
    expect(tc, K, M, &o, 0, 1);
    o.mode = SPEIG_MODE_CAYLEY;
    expect(tc, K, M, &o, 0, 1);
    o.mode = SPEIG_MODE_BUCKLING;
    if (which != SPEIG_SM) /* infinitely near 0 */
      expect(tc, K, G, &o, 1, 1);
  }
  speig_matrix_destroy(&K);
  speig_matrix_destroy(&G);
  speig_matrix_destroy(&M);
}
TEST_ALL_TYPES(dense_agrees)

static void singular_mass(const test_case *tc)
{
  static const double sigmas[] = { 0, 4.5, 7.3 };
  speig_matrix *K, *M;
  if (!have_factors())
    return;
  K = kit_matrix(tc->dtype, N, grid_entry, SIDE, definite);
  M = kit_matrix(tc->dtype, N, singular_mass_entry, 0, NULL);
  for (int s = 0; s < 3; ++s) {
    speig_eigsh_opts o = shifted(sigmas[s], SPEIG_MODE_NORMAL, SPEIG_LM, 6);
    expect(tc, K, M, &o, 1, 1);
    o.method = SPEIG_METHOD_AUTO; /* LAPACK refuses B, and shift-invert steps in */
    expect(tc, K, M, &o, 1, 1);
  }
  speig_matrix_destroy(&K);
  speig_matrix_destroy(&M);
}
TEST_ALL_TYPES(singular_mass)

/* At an eigenvalue: it comes with all its copies first, then those at distance 1, of which there
 * are as many below as above (which of them is left open), then those at distance 2. */
static void expect_distances(const test_case *tc, const speig_matrix *A, const speig_eigsh_opts *o,
                             int copies)
{
  double distance[32], defect, residual;
  speig_eigsh_result *r = solve(A, NULL, o);
  int sides = o->which == SPEIG_LM ? 2 : 1;
  CU_ASSERT_EQUAL_FATAL(r->k, o->k);
  CU_ASSERT_EQUAL(r->outcome, SPEIG_CERTIFIED);
  for (int j = 0; j < r->k; ++j)
    distance[j] = sides == 2 ? fabs(r->values[j] - 5) : r->values[j] - 5;
  qsort(distance, (size_t)r->k, sizeof *distance, ascending);
  for (int j = 0; j < r->k; ++j)
    CU_ASSERT_DOUBLE_EQUAL(distance[j], (j + (sides - 1) * copies) / (sides * copies),
                           1e4 * tc->eps);
  recompute(A, NULL, NULL, r, &defect, &residual);
  CU_ASSERT_TRUE(residual <= 1e4 * tc->eps && defect <= 1e4 * tc->eps);
  speig_eigsh_result_free(&r);
}

static void multiple_eigenvalues(const test_case *tc)
{
  const int32_t copies = 7, user[2] = { copies, dtype_is_complex(tc->dtype) };
  speig_matrix *A;
  if (!have_factors())
    return;
  A = kit_matrix(tc->dtype, N, multiple_entry, N - 1, user);
  for (int32_t k = 1; k <= 15; k += 2) {
    speig_eigsh_opts o = shifted(5.2, SPEIG_MODE_NORMAL, SPEIG_LM, k);
    expect(tc, A, NULL, &o, 0, 1);
    o.which = SPEIG_LA;
    expect(tc, A, NULL, &o, 0, 1);
    o.sigma = 5; /* an eigenvalue itself, which counts as not below */
    expect_distances(tc, A, &o, copies);
    o.which = SPEIG_LM;
    expect_distances(tc, A, &o, copies);
  }
  speig_matrix_destroy(&A);
}
TEST_ALL_TYPES(multiple_eigenvalues)

static void singular_at_the_shift(const test_case *tc)
{
  int32_t n = 150;
  speig_matrix *A;
  speig_eigsh_opts o = shifted(0, SPEIG_MODE_NORMAL, SPEIG_LM, 4);
  speig_eigsh_result *r;
  if (!have_factors())
    return;
  A = kit_matrix(tc->dtype, n, path_entry, 1, &n);
  expect(tc, A, NULL, &o, 0, 1);
  r = solve(A, NULL, &o);
  CU_ASSERT_TRUE(r->shift < 0 && r->shift > -1e-3);
  CU_ASSERT_EQUAL(r->transform, SPEIG_TRANSFORM_SHIFT);
  CU_ASSERT_TRUE(r->solves > 0 && r->factorizations >= 2);
  CU_ASSERT_TRUE(fabs(r->values[0]) < 100 * tc->eps);
  speig_eigsh_result_free(&r);
  o.sigma = 2 - 2 * cos(20 * acos(-1) / n); /* inside, to the last bit or so */
  expect(tc, A, NULL, &o, 0, 1);
  speig_matrix_destroy(&A);
}
TEST_ALL_TYPES(singular_at_the_shift)

/* ---- without a shift of the caller's ---- */

static void smallest_magnitude_inside(const test_case *tc)
{
  int32_t n = 1500;
  speig_matrix *A;
  speig_eigsh_opts o = SPEIG_EIGSH_OPTS_INIT;
  speig_eigsh_result *r;
  if (!have_factors())
    return;
  o.k = 5;
  o.which = SPEIG_SM;
  A = kit_matrix(tc->dtype, n, path_entry, 1, &n); /* singular: 2 - 2 cos(pi j / n) */
  r = solve(A, NULL, &o);
  CU_ASSERT_EQUAL(r->transform, SPEIG_TRANSFORM_SHIFT);
  CU_ASSERT_EQUAL(r->outcome, SPEIG_CERTIFIED);
  CU_ASSERT_EQUAL_FATAL(r->k, 5);
  for (int j = 0; j < 5; ++j)
    CU_ASSERT_DOUBLE_EQUAL(r->values[j], 2 - 2 * cos(j * acos(-1) / n), 200 * tc->eps);
  speig_eigsh_result_free(&r);
  speig_matrix_destroy(&A);
}
TEST_ALL_TYPES(smallest_magnitude_inside)

/* K u = 2 - 2 cos(pi j / n) of a path is far too clustered for products: auto turns to a shift. */
static void smallest_where_products_do_not_do(void)
{
  int32_t n = 12000;
  speig_matrix *A;
  speig_eigsh_opts o = SPEIG_EIGSH_OPTS_INIT;
  speig_eigsh_result *r;
  if (!have_factors())
    return;
  o.k = 4;
  o.which = SPEIG_SA;
  A = kit_matrix(SPEIG_D, n, path_entry, 1, &n);
  r = solve(A, NULL, &o);
  CU_ASSERT_EQUAL(r->transform, SPEIG_TRANSFORM_SHIFT);
  CU_ASSERT_EQUAL(r->outcome, SPEIG_CERTIFIED);
  CU_ASSERT_EQUAL_FATAL(r->k, 4);
  for (int j = 0; j < 4; ++j)
    CU_ASSERT_DOUBLE_EQUAL(r->values[j], 2 - 2 * cos(j * acos(-1) / n), 1e-14);
  speig_eigsh_result_free(&r);
  speig_matrix_destroy(&A);
}

/* ---- the caller's inverse ---- */

typedef struct own_inverse {
  factor *F;
  int64_t columns;
} own_inverse;

static int apply_inverse(void *user, const speig_block *X, speig_block *Y)
{
  own_inverse *own = user;
  size_t size = speig_dtype_size(X->dtype);
  own->columns += X->cols;
  for (int64_t j = 0; j < X->cols; ++j)
    memcpy((char *)Y->data + (size_t)(j * Y->ld) * size,
           (const char *)X->data + (size_t)(j * X->ld) * size, (size_t)X->rows * size);
  return factor_solve(own->F, 0, (int32_t)Y->cols, Y->ld, Y->data) != SPEIG_OK;
}

static int apply_matrix(void *user, const speig_block *X, speig_block *Y)
{
  const speig_matrix *A = user;
  for (int64_t c = 0; c < X->cols; ++c)
    for (int64_t i = 0; i < A->rows; ++i) {
      kit_scalar sum = 0;
      for (int64_t e = A->rowptr[i]; e < A->rowptr[i + 1]; ++e)
        sum +=
            kit_get(A->dtype, A->values, e) * kit_get(A->dtype, X->data, A->colind[e] + c * X->ld);
      kit_put(A->dtype, Y->data, i + c * Y->ld, sum);
    }
  return 0;
}

/* Everything by functions: A, B and an inverse, in each mode. */
static void callers_own_inverse(const test_case *tc)
{
  speig_matrix *K, *M, *P = NULL;
  speig_operator *a = NULL, *b = NULL, *inverse = NULL;
  own_inverse own = { 0 };
  double w[N], want[8];
  int singular;
  if (!have_factors())
    return;
  K = kit_matrix(tc->dtype, N, grid_entry, SIDE, definite);
  M = kit_matrix(tc->dtype, N, mass_entry, 1, NULL);
  CHECK_OK(speig_operator_create(tc->dtype, N, apply_matrix, K, &a));
  CHECK_OK(speig_operator_create(tc->dtype, N, apply_matrix, M, &b));
  CHECK_OK(speig_operator_create(tc->dtype, N, apply_inverse, &own, &inverse));
  for (int mode = SPEIG_MODE_NORMAL; mode <= SPEIG_MODE_CAYLEY + 1; ++mode) {
    speig_eigsh_opts o = shifted(2.2, (speig_mode)mode, SPEIG_LM, 5);
    const double shift[2] = { o.sigma, 0 }, none[2] = { 0, 0 };
    speig_eigsh_result *r = NULL;
    o.method = SPEIG_METHOD_AUTO;
    o.op_inverse = inverse;
    if (mode > SPEIG_MODE_CAYLEY) { /* the inverse of B, without a shift */
      o = shifted(0, SPEIG_MODE_NORMAL, SPEIG_LA, 5);
      o.has_sigma = 0;
      o.mass_inverse = inverse;
      CHECK_OK(factor_pencil(M, NULL, none, tc->dtype, &P));
    } else {
      CHECK_OK(factor_pencil(K, M, shift, tc->dtype, &P));
    }
    CHECK_OK(factor_analyse(P, FACTOR_HERMITIAN, &own.F));
    CHECK_OK(factor_compute(own.F, P, &singular));
    own.columns = 0;
    CHECK_OK(speig_eigsh(a, b, &o, &r));
    reference(K, M, 0, w);
    choose(&o, N, w, 5, want);
    CU_ASSERT_EQUAL_FATAL(r->k, 5);
    for (int j = 0; j < 5; ++j)
      CU_ASSERT_DOUBLE_EQUAL(r->values[j], want[j], 1e4 * tc->eps);
    CU_ASSERT_TRUE(own.columns > 0 && r->solves == own.columns);
    CU_ASSERT_TRUE(r->outcome == SPEIG_VALIDATED || r->outcome == SPEIG_CONVERGED);
    speig_eigsh_result_free(&r);
    factor_destroy(&own.F);
    speig_matrix_destroy(&P);
  }
  speig_operator_destroy(&a);
  speig_operator_destroy(&b);
  speig_operator_destroy(&inverse);
  speig_matrix_destroy(&K);
  speig_matrix_destroy(&M);
}
TEST_ALL_TYPES(callers_own_inverse)

/* ---- constraints, refusals ---- */

/* Deflating what is no eigenvector is a problem of its own, with a count of its own. */
static void deflated_problems(const test_case *tc)
{
  speig_matrix *A, *B;
  speig_block Y = { .dtype = tc->dtype, .rows = N, .cols = 3, .ld = N };
  if (!have_factors())
    return;
  A = kit_matrix(tc->dtype, N, grid_entry, SIDE, indefinite);
  B = kit_matrix(tc->dtype, N, mass_entry, 1, NULL);
  Y.data = calloc(3 * N, 16);
  for (int64_t i = 0; i < 3 * N; ++i)
    kit_put(tc->dtype, Y.data, i, random_uniform(3, i, 0, 0) + I * random_uniform(3, i, 1, 0));
  for (int generalized = 0; generalized < 2; ++generalized) {
    speig_eigsh_opts o = shifted(0.4, SPEIG_MODE_NORMAL, SPEIG_LM, 6);
    speig_eigsh_result *r, *dense;
    o.deflate = &Y;
    r = solve(A, generalized ? B : NULL, &o);
    o.method = SPEIG_DENSE;
    dense = solve(A, generalized ? B : NULL, &o);
    CU_ASSERT_EQUAL(r->outcome, SPEIG_CERTIFIED);
    CU_ASSERT_EQUAL_FATAL(r->k, 6);
    CU_ASSERT_EQUAL_FATAL(dense->k, 6);
    for (int j = 0; j < 6; ++j)
      CU_ASSERT_DOUBLE_EQUAL(r->values[j], dense->values[j], 1e4 * tc->eps);
    speig_eigsh_result_free(&r);
    speig_eigsh_result_free(&dense);
  }
  free(Y.data);
  speig_matrix_destroy(&A);
  speig_matrix_destroy(&B);
}
TEST_ALL_TYPES(deflated_problems)

static void refuses(const speig_operator *A, const speig_operator *B, speig_eigsh_opts o,
                    speig_status status, const char *words)
{
  speig_eigsh_result *r = NULL;
  CU_ASSERT_EQUAL(speig_eigsh(A, B, &o, &r), status);
  CU_ASSERT_PTR_NULL(r);
  if (!strstr(speig_last_error(), words))
    fprintf(stderr, "  wanted '%s' in: %s\n", words, speig_last_error());
  CU_ASSERT_PTR_NOT_NULL(strstr(speig_last_error(), words));
}

static void refusals(void)
{
  speig_matrix *K = kit_matrix(SPEIG_D, N, grid_entry, SIDE, definite);
  speig_matrix *G = kit_matrix(SPEIG_D, N, grid_entry, SIDE, indefinite);
  speig_operator *a = NULL, *g = NULL, *f = NULL;
  speig_eigsh_opts o = shifted(1, SPEIG_MODE_NORMAL, SPEIG_LM, 3), p;
  CHECK_OK(speig_operator_from_matrix(K, &a));
  CHECK_OK(speig_operator_from_matrix(G, &g));
  CHECK_OK(speig_operator_create(SPEIG_D, N, apply_matrix, K, &f));
  p = o, p.sigma = NAN;
  refuses(a, NULL, p, SPEIG_ERR_ARG, "sigma is nan");
  p = o, p.has_sigma = 0, p.mode = SPEIG_MODE_CAYLEY;
  refuses(a, NULL, p, SPEIG_ERR_ARG, "mode cayley needs a shift");
  p = o, p.sigma = 0, p.mode = SPEIG_MODE_BUCKLING;
  refuses(a, g, p, SPEIG_ERR_ARG, "sigma is 0");
  p = o, p.mode = SPEIG_MODE_BUCKLING;
  refuses(a, NULL, p, SPEIG_ERR_ARG, "mode buckling needs B");
  p = o, p.mass_inverse = f;
  refuses(a, g, p, SPEIG_ERR_ARG, "not that of B");
  p = o, p.has_sigma = 0, p.op_inverse = f;
  refuses(a, g, p, SPEIG_ERR_ARG, "but no sigma");
  p = o, p.method = SPEIG_LOBPCG;
  refuses(a, NULL, p, SPEIG_ERR_UNSUPPORTED, "lobpcg has no shift");
  refuses(f, NULL, o, SPEIG_ERR_UNSUPPORTED, "A is a function, not a matrix");
  p = o, p.method = SPEIG_DENSE, p.op_inverse = f;
  refuses(a, NULL, p, SPEIG_ERR_UNSUPPORTED, "an option of method lanczos");
  if (factor_available() == SPEIG_OK) {
    refuses(a, g, o, SPEIG_ERR_NUMERIC, "B is not positive definite");
    p = o, p.memory = 600000;
    refuses(a, NULL, p, SPEIG_ERR_MEMORY, "600000");
  }
  speig_operator_destroy(&a);
  speig_operator_destroy(&g);
  speig_operator_destroy(&f);
  speig_matrix_destroy(&K);
  speig_matrix_destroy(&G);
}

/* Each allocation in turn fails: an error, nothing left behind, nothing lost. */
static void allocation_failures_leave_nothing(void)
{
  enum { MOST = 3000 };
  static const speig_which which[] = { SPEIG_LM, SPEIG_LA };
  speig_matrix *A, *B;
  speig_operator *a = NULL, *b = NULL;
  if (!have_factors())
    return;
  A = kit_matrix(SPEIG_Z, N, grid_entry, SIDE, indefinite);
  B = kit_matrix(SPEIG_Z, N, mass_entry, 1, NULL);
  CHECK_OK(speig_operator_from_matrix(A, &a));
  CHECK_OK(speig_operator_from_matrix(B, &b));
  for (int by_mass = 0; by_mass < 2; ++by_mass) {
    speig_eigsh_opts o = shifted(0.4, SPEIG_MODE_NORMAL, which[by_mass], 3);
    o.has_sigma = !by_mass;
    for (int64_t at = 1, step = 1; at < MOST; at += step) {
      speig_eigsh_result *r = NULL;
      mem_account outer = mem_account_enter(0);
      speig_status st;
      mem_fail_at(at, 0);
      st = speig_eigsh(a, b, &o, &r);
      mem_fail_at(0, 0);
      speig_eigsh_result_free(&r);
      CU_ASSERT_EQUAL(mem_account_read().current, 0);
      mem_account_leave(&outer);
      CU_ASSERT_TRUE(st == SPEIG_OK || st == SPEIG_ERR_MEMORY);
      if (st == SPEIG_OK)
        break;
      step = at < 60 ? 1 : 7; /* the rest repeats itself, block by block */
      CU_ASSERT_TRUE(at + step < MOST);
    }
  }
  speig_operator_destroy(&a);
  speig_operator_destroy(&b);
  speig_matrix_destroy(&A);
  speig_matrix_destroy(&B);
}

/* Without its module speig still solves what LAPACK can, and says what it misses for the rest. */
static void without_the_module(void)
{
  int32_t n = 11000;
  speig_matrix *A;
  speig_operator *a = NULL;
  speig_eigsh_opts o = SPEIG_EIGSH_OPTS_INIT;
  if (factor_available() == SPEIG_OK) {
    harness_skip("the module is there");
    return;
  }
  A = kit_matrix(SPEIG_D, n, path_entry, 1, &n);
  CHECK_OK(speig_operator_from_matrix(A, &a));
  o.has_sigma = 1;
  o.sigma = 1;
  refuses(a, NULL, o, SPEIG_ERR_UNSUPPORTED, "no libspeig_mumps.so in");
  speig_operator_destroy(&a);
  speig_matrix_destroy(&A);
}

int main(void)
{
  CU_pSuite suite;
  harness_start();
  suite = harness_suite("shift");
  ADD_ALL_CASES(suite, normal_mode_takes_every_which);
  ADD_ALL_CASES(suite, buckling_and_cayley);
  ADD_ALL_CASES(suite, dense_agrees);
  ADD_ALL_CASES(suite, singular_mass);
  ADD_ALL_CASES(suite, multiple_eigenvalues);
  ADD_ALL_CASES(suite, singular_at_the_shift);
  ADD_ALL_CASES(suite, smallest_magnitude_inside);
  ADD_ALL_CASES(suite, callers_own_inverse);
  ADD_ALL_CASES(suite, deflated_problems);
  ADD_CASE(suite, smallest_where_products_do_not_do);
  ADD_CASE(suite, refusals);
  ADD_CASE(suite, allocation_failures_leave_nothing);
  ADD_CASE(suite, without_the_module);
  return harness_finish("shift");
}
