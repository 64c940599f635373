/* shift_kit.c: see shift_kit.h. */
#include "shift_kit.h"

#include "factor/factor.h"
#include "formats/matrix.h"

#include <lapacke.h>

const double shift_indefinite[3] = { -1, 0, 1.5 }, shift_definite[3] = { -1, 5, 0.5 };

int shift_have_factors(void)
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
kit_scalar shift_grid_entry(int32_t i, int32_t j, const void *user)
{
  const double *u = user;
  int32_t low = i < j ? i : j, high = i < j ? j : i;
  kit_scalar value;
  if (i == j)
    return u[1] + u[2] * random_uniform(5, i, 0, 0);
  if (high - low != SHIFT_SIDE && (high - low != 1 || high % SHIFT_SIDE == 0))
    return 0;
  value = u[0] * phase_of(low, high);
  return i > j ? value : conj(value);
}

kit_scalar shift_mass_entry(int32_t i, int32_t j, const void *user)
{
  (void)user;
  if (i == j)
    return 2 + random_uniform(10, i, 0, 0);
  return i - j == 1 ? 0.3 + 0.2 * I : j - i == 1 ? 0.3 - 0.2 * I : 0;
}

kit_scalar shift_singular_mass_entry(int32_t i, int32_t j, const void *user)
{
  (void)user;
  return i == j && i % 3 ? 1 + 0.5 * random_uniform(10, i, 0, 0) : 0;
}

kit_scalar shift_path_entry(int32_t i, int32_t j, const void *user)
{
  int32_t n = *(const int32_t *)user;
  if (i == j)
    return i == 0 || i == n - 1 ? 1 : 2;
  return i - j == 1 || j - i == 1 ? -1 : 0;
}

/* *user = { copies, complex }: eigenvalues 1, 2, ..., each `copies` times, hidden by a similarity
 * of 2 x 2 rotations. */
kit_scalar shift_multiple_entry(int32_t i, int32_t j, const void *user)
{
  int32_t copies = *(const int32_t *)user, n = SHIFT_N, low = i < j ? i : j, high = i < j ? j : i;
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

/* All finite eigenvalues of A x = lambda B x into w, how many. inverse: A is shift_definite and B
 * need not be, so LAPACK gets B x = mu A x. */
int shift_reference(const speig_matrix *A, const speig_matrix *B, int inverse, double *w)
{
  lapack_int n = (lapack_int)A->rows;
  kit_scalar *a = expand(A), *b = B ? expand(B) : NULL;
  int count = n;
  if (!B) {
    CU_ASSERT_EQUAL(LAPACKE_zheev(LAPACK_COL_MAJOR, 'N', 'L', n, a, n, w), 0);
  } else {
    CU_ASSERT_EQUAL(LAPACKE_zhegv(LAPACK_COL_MAJOR, 1, 'N', 'L', n, inverse ? b : a, n,
                                  inverse ? a : b, n, w),
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

int shift_ascending(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* The k values that `which` asks for, ascending, into want. */
void shift_choose(const speig_eigsh_opts *o, int count, const double *w, int k, double *want)
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
  qsort(want, (size_t)k, sizeof *want, shift_ascending);
  free(taken);
}

/* ---- the judgement ---- */

/* max |X^H G X - I| and max ||A x - lambda B x|| / (1 + |lambda|), ||x||_G = 1. */
void shift_recompute(const speig_matrix *A, const speig_matrix *B, const speig_matrix *G,
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

speig_eigsh_result *shift_solve(const speig_matrix *A, const speig_matrix *B,
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

void shift_expect(const test_case *tc, const speig_matrix *A, const speig_matrix *B,
                  const speig_eigsh_opts *o, int inverse, int certain)
{
  double *w = calloc((size_t)A->rows, sizeof *w), want[32], defect, residual, worst = 0;
  int buckling = o->has_sigma && o->mode == SPEIG_MODE_BUCKLING, wrong;
  int count = shift_reference(A, B, inverse, w), k = o->k;
  speig_eigsh_result *r = shift_solve(A, B, o);
  shift_choose(o, count, w, k, want);
  CU_ASSERT_EQUAL_FATAL(r->k, k);
  for (int j = 0; j < k; ++j)
    worst = fmax(worst, fabs(r->values[j] - want[j]) / (1 + fabs(want[j])));
  shift_recompute(A, B, buckling ? A : B, r, &defect, &residual);
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

speig_eigsh_opts shift_options(double sigma, speig_mode mode, speig_which which, int32_t k)
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
