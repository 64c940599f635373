/* test_verify.c: right pairs pass, and every kind of planted error is found. */
#include "harness.h"

#include "base/memory.h"
#include "speig/generate.h"
#include "speig/verify.h"

#include <complex.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <lapacke.h>

typedef double complex number;

/* A problem with all its eigenpairs, and a list of pairs to be judged. */
typedef struct sample {
  speig_matrix *A, *B;
  speig_dtype dtype;
  int n, k;
  double *w; /* [n] */
  number *V; /* n x n */
  double values[64];
  number *X; /* n x k, the pairs under test */
} sample;

static number *expand(const speig_matrix *A)
{
  speig_matrix *Z = NULL;
  int64_t n = speig_matrix_get_info(A).rows;
  const int64_t *rowptr;
  const int32_t *col;
  const void *values;
  number *full = calloc((size_t)(n * n) + 1, sizeof *full);
  CHECK_OK(speig_matrix_convert(A, SPEIG_Z, &Z));
  speig_matrix_arrays(Z, &rowptr, &col, &values);
  for (int64_t i = 0; i < n; ++i)
    for (int64_t e = rowptr[i]; e < rowptr[i + 1]; ++e)
      full[i + col[e] * n] = ((const number *)values)[e];
  speig_matrix_destroy(&Z);
  return full;
}

static speig_matrix *generate_as(const char *name, const char *p1, double v1, const char *p2,
                                 double v2, speig_dtype dtype)
{
  const char *names[3] = { p1, p2, "complex" };
  double values[3] = { v1, v2, 1 };
  int is_complex = dtype == SPEIG_C || dtype == SPEIG_Z;
  speig_matrix *made = NULL, *A = NULL;
  if (strcmp(name, "random_band") == 0)
    CHECK_OK(speig_generate(name, is_complex ? 3 : 2, names, values, 3, &made));
  else
    CHECK_OK(speig_generate(name, p2 ? 2 : 1, names, values, 3, &made));
  CHECK_OK(speig_matrix_convert(made, dtype, &A));
  speig_matrix_destroy(&made);
  return A;
}

static sample solve(speig_matrix *A, speig_matrix *B)
{
  sample s = { .A = A, .B = B };
  number *b = B ? expand(B) : NULL;
  int info;
  s.dtype = speig_matrix_get_info(A).dtype;
  s.n = (int)speig_matrix_get_info(A).rows;
  s.w = calloc((size_t)s.n + 1, sizeof *s.w);
  s.V = expand(A);
  s.X = calloc((size_t)s.n * 64 + 1, sizeof *s.X);
  info = b ? LAPACKE_zhegvd(LAPACK_COL_MAJOR, 1, 'V', 'L', s.n, s.V, s.n, b, s.n, s.w)
           : LAPACKE_zheevd(LAPACK_COL_MAJOR, 'V', 'L', s.n, s.V, s.n, s.w);
  CU_ASSERT_EQUAL_FATAL(info, 0);
  free(b);
  return s;
}

static sample band(speig_dtype dtype)
{
  return solve(generate_as("random_band", "n", 40, "bandwidth", 3, dtype), NULL);
}

/* Three rings of six: 0 three times, 1 six times, 3 six times, 4 three times. */
static sample rings(speig_dtype dtype)
{
  return solve(generate_as("disconnected", "copies", 3, "vertices", 6, dtype), NULL);
}

static void drop(sample *s)
{
  speig_matrix_destroy(&s->A);
  speig_matrix_destroy(&s->B);
  free(s->w);
  free(s->V);
  free(s->X);
}

/* Puts pairs first, first + 1, ... under test. */
static void claim(sample *s, int first, int count)
{
  for (int j = 0; j < count; ++j) {
    s->values[s->k + j] = s->w[first + j];
    memcpy(s->X + (s->k + j) * s->n, s->V + (first + j) * s->n, (size_t)s->n * sizeof(number));
  }
  s->k += count;
}

/* Column a += f column b of the pairs under test. */
static void add_column(sample *s, int a, double f, const number *b)
{
  for (int i = 0; i < s->n; ++i)
    s->X[a * s->n + i] += f * b[i];
}

static void store(speig_block *X, int64_t at, number x)
{
  switch (X->dtype) {
  case SPEIG_S:
    ((float *)X->data)[at] = (float)creal(x);
    break;
  case SPEIG_D:
    ((double *)X->data)[at] = creal(x);
    break;
  case SPEIG_C:
    ((float complex *)X->data)[at] = (float complex)x;
    break;
  case SPEIG_Z:
    ((number *)X->data)[at] = x;
    break;
  }
}

/* Judges the pairs, handed over with a leading dimension larger than needed and NaN between. */
static speig_verify_report *judge_with(const sample *s, const speig_verify_opts *opts,
                                       int with_vectors)
{
  speig_verify_report *report = NULL;
  speig_block X = { .dtype = s->dtype, .rows = s->n, .cols = s->k, .ld = s->n + 3 };
  X.data = malloc((size_t)(X.ld * (s->k + 1)) * sizeof(number));
  for (int64_t i = 0; i < X.ld * s->k; ++i)
    store(&X, i, i % X.ld < s->n ? s->X[i / X.ld * s->n + i % X.ld] : (number)NAN);
  CHECK_OK(speig_verify(s->A, s->B, s->k, s->values, with_vectors ? &X : NULL, opts, &report));
  free(X.data);
  return report;
}

static speig_verify_report *judge(const sample *s, speig_which which)
{
  speig_verify_opts opts = SPEIG_VERIFY_OPTS_INIT;
  opts.which = which;
  opts.check_which = 1;
  return judge_with(s, &opts, 1);
}

static void expect(const sample *s, speig_which which, int right, int missed)
{
  speig_verify_report *r = judge(s, which);
  CU_ASSERT_EQUAL(r->right, right);
  CU_ASSERT_EQUAL(r->missed, missed);
  if (r->right != right || r->missed != missed)
    fprintf(stderr, "  right %d (needed %d), missed %d (needed %d)\n", r->right, right, r->missed,
            missed);
  speig_verify_report_free(&r);
}

/* The tests below run over all four types: CASE runs body(dtype). */
#define OVER_TYPES(body)                                                                           \
  static void body##_s(void)                                                                       \
  {                                                                                                \
    body(SPEIG_S);                                                                                 \
  }                                                                                                \
  static void body##_d(void)                                                                       \
  {                                                                                                \
    body(SPEIG_D);                                                                                 \
  }                                                                                                \
  static void body##_c(void)                                                                       \
  {                                                                                                \
    body(SPEIG_C);                                                                                 \
  }                                                                                                \
  static void body##_z(void)                                                                       \
  {                                                                                                \
    body(SPEIG_Z);                                                                                 \
  }
#define ADD_TYPES(suite, body)                                                                     \
  CU_add_test(suite, #body "/s", body##_s);                                                        \
  CU_add_test(suite, #body "/d", body##_d);                                                        \
  CU_add_test(suite, #body "/c", body##_c);                                                        \
  CU_add_test(suite, #body "/z", body##_z)

static double precision(speig_dtype dtype)
{
  return dtype == SPEIG_S || dtype == SPEIG_C ? 1e-5 : 1e-12;
}

static void right_pairs_pass(speig_dtype dtype)
{
  sample s = band(dtype);
  double norm = fmax(-s.w[0], s.w[39]);
  speig_verify_report *r;
  claim(&s, 34, 6);
  r = judge(&s, SPEIG_LA);
  CU_ASSERT_EQUAL(r->k, 6);
  CU_ASSERT_EQUAL(r->right, 6);
  CU_ASSERT_EQUAL(r->missed, 0);
  CU_ASSERT_TRUE(r->compared);
  CU_ASSERT_DOUBLE_EQUAL(r->norm_a, norm, 1e-10);
  CU_ASSERT_EQUAL(r->norm_b, 1);
  CU_ASSERT_TRUE(r->orthogonality < precision(dtype));
  for (int j = 0; j < 6; ++j) {
    CU_ASSERT_TRUE(r->residuals[j] < precision(dtype) * norm);
    CU_ASSERT_TRUE(r->errors[j] < 1e-12 * norm);
    CU_ASSERT_DOUBLE_EQUAL(r->rayleigh[j], s.values[j], precision(dtype) * norm);
  }
  speig_verify_report_free(&r);
  s.k = 0;
  claim(&s, 0, 40);
  for (speig_which which = SPEIG_LM; which <= SPEIG_BE; ++which)
    expect(&s, which, 40, 0);
  drop(&s);
}
OVER_TYPES(right_pairs_pass)

/* The wanted ones under every `which`, and the same with the last one exchanged. */
static void each_end_is_known(speig_dtype dtype)
{
  sample s = band(dtype);
  s.k = 0;
  claim(&s, 0, 5);
  expect(&s, SPEIG_SA, 5, 0);
  expect(&s, SPEIG_LA, 5, 5);
  s.k = 0;
  claim(&s, 0, 4);
  claim(&s, 5, 1);
  expect(&s, SPEIG_SA, 5, 1);
  s.k = 0;
  claim(&s, 0, 2);
  claim(&s, 37, 3);
  expect(&s, SPEIG_BE, 5, 0);
  s.k = 0;
  claim(&s, 0, 3);
  claim(&s, 38, 2);
  expect(&s, SPEIG_BE, 5, 1);
  drop(&s);
}
OVER_TYPES(each_end_is_known)

/* Eigenvalues -9, -7, ..., 9: every cut by magnitude can go between -x and x. */
static void ties_of_magnitude_may_go_either_way(speig_dtype dtype)
{
  sample s = solve(generate_as("clement", "n", 10, NULL, 0, dtype), NULL);
  static const struct {
    speig_which which;
    int count, index[5], missed;
  } claims[] = {
    { SPEIG_LM, 1, { 9 }, 0 },          { SPEIG_LM, 1, { 0 }, 0 },
    { SPEIG_LM, 1, { 8 }, 1 },          { SPEIG_LM, 3, { 0, 9, 1 }, 0 },
    { SPEIG_LM, 3, { 0, 9, 8 }, 0 },    { SPEIG_LM, 3, { 1, 8, 9 }, 1 },
    { SPEIG_LM, 4, { 0, 1, 8, 9 }, 0 }, { SPEIG_LM, 4, { 1, 2, 8, 9 }, 1 },
    { SPEIG_SM, 1, { 4 }, 0 },          { SPEIG_SM, 1, { 5 }, 0 },
    { SPEIG_SM, 1, { 6 }, 1 },          { SPEIG_SM, 3, { 4, 5, 6 }, 0 },
    { SPEIG_SM, 3, { 3, 4, 5 }, 0 },    { SPEIG_SM, 3, { 3, 5, 6 }, 1 },
  };
  for (size_t t = 0; t < sizeof claims / sizeof *claims; ++t) {
    s.k = 0;
    for (int j = 0; j < claims[t].count; ++j)
      claim(&s, claims[t].index[j], 1);
    expect(&s, claims[t].which, claims[t].count, claims[t].missed);
  }
  drop(&s);
}
OVER_TYPES(ties_of_magnitude_may_go_either_way)

static void multiple_eigenvalues_count(speig_dtype dtype)
{
  sample s = rings(dtype);
  speig_verify_report *r;
  /* a cut through the sixfold 1: any two of its vectors, in any basis */
  claim(&s, 0, 3);
  claim(&s, 5, 2);
  add_column(&s, 3, 0.5, s.V + 6 * s.n);
  add_column(&s, 4, -0.5, s.V + 5 * s.n);
  expect(&s, SPEIG_SA, 5, 0);
  /* a copy of 0 left out, a copy of 1 instead */
  s.k = 0;
  claim(&s, 1, 4);
  r = judge(&s, SPEIG_SA);
  CU_ASSERT_EQUAL(r->right, 4);
  CU_ASSERT_EQUAL_FATAL(r->missed, 1);
  CU_ASSERT_DOUBLE_EQUAL(r->missed_values[0], 0, precision(dtype));
  speig_verify_report_free(&r);
  drop(&s);
}
OVER_TYPES(multiple_eigenvalues_count)

static void duplicates_are_found(speig_dtype dtype)
{
  sample s = rings(dtype);
  speig_verify_report *r;
  /* a third vector in the span of two, the fourth is new */
  claim(&s, 0, 2);
  claim(&s, 0, 1);
  add_column(&s, 2, -2, s.V + s.n);
  claim(&s, 2, 1);
  r = judge(&s, SPEIG_SA);
  CU_ASSERT_EQUAL(r->right, 3);
  CU_ASSERT_EQUAL(r->verdicts[0], SPEIG_PAIR_RIGHT);
  CU_ASSERT_EQUAL(r->verdicts[1], SPEIG_PAIR_RIGHT);
  CU_ASSERT_EQUAL(r->verdicts[2], SPEIG_PAIR_DUPLICATE);
  CU_ASSERT_EQUAL(r->verdicts[3], SPEIG_PAIR_RIGHT);
  CU_ASSERT_EQUAL(r->missed, 1); /* the first 1 */
  CU_ASSERT_DOUBLE_EQUAL(r->missed_values[0], 1, precision(dtype));
  CU_ASSERT_TRUE(r->orthogonality > 0.5);
  speig_verify_report_free(&r);
  drop(&s);
}
OVER_TYPES(duplicates_are_found)

/* 45 degrees apart in one eigenspace: two eigenvectors indeed, but not orthogonal. */
static void leaning_vectors_are_right_but_reported(speig_dtype dtype)
{
  sample s = rings(dtype);
  speig_verify_report *r;
  claim(&s, 0, 3);
  add_column(&s, 1, 1, s.V);
  r = judge(&s, SPEIG_SA);
  CU_ASSERT_EQUAL(r->right, 3);
  CU_ASSERT_EQUAL(r->missed, 0);
  CU_ASSERT_DOUBLE_EQUAL(r->orthogonality, sqrt(0.5), 1e-5);
  speig_verify_report_free(&r);
  drop(&s);
}
OVER_TYPES(leaning_vectors_are_right_but_reported)

static void bad_pairs_are_found(speig_dtype dtype)
{
  sample s = band(dtype);
  speig_verify_report *r;
  double norm = fmax(-s.w[0], s.w[39]);
  claim(&s, 0, 8);
  s.values[1] += 0.01 * norm;
  add_column(&s, 2, 0.02, s.V + 39 * s.n);
  s.X[3 * s.n + 7] = NAN;
  s.values[4] = NAN;
  s.values[5] = INFINITY;
  memset(s.X + 6 * s.n, 0, (size_t)s.n * sizeof(number));
  r = judge(&s, SPEIG_SA);
  CU_ASSERT_EQUAL(r->right, 2);
  for (int j = 0; j < 8; ++j)
    CU_ASSERT_EQUAL(r->verdicts[j], j == 0 || j == 7 ? SPEIG_PAIR_RIGHT : SPEIG_PAIR_BAD_RESIDUAL);
  CU_ASSERT_DOUBLE_EQUAL(r->residuals[1], 0.01 * norm, precision(dtype) * norm);
  CU_ASSERT_DOUBLE_EQUAL(r->residuals[2], 0.02 * (s.w[39] - s.w[2]) / sqrt(1.0004),
                         precision(dtype) * norm);
  CU_ASSERT_DOUBLE_EQUAL(r->rayleigh[1], s.w[1], precision(dtype) * norm);
  CU_ASSERT_EQUAL(r->missed, 6);
  CU_ASSERT_TRUE(isnan(r->orthogonality)); /* as one vector is */
  speig_verify_report_free(&r);
  drop(&s);
}
OVER_TYPES(bad_pairs_are_found)

static void lengths_do_not_matter(speig_dtype dtype)
{
  static const double lengths[] = { 1e-30, 1e30, -1, 3 };
  sample s = band(dtype);
  claim(&s, 36, 4);
  for (int j = 0; j < 4; ++j)
    for (int i = 0; i < s.n; ++i)
      s.X[j * s.n + i] *= lengths[j];
  expect(&s, SPEIG_LA, 4, 0);
  drop(&s);
}
OVER_TYPES(lengths_do_not_matter)

static void values_alone_are_compared(speig_dtype dtype)
{
  sample s = rings(dtype);
  speig_verify_opts opts = SPEIG_VERIFY_OPTS_INIT;
  speig_verify_report *r;
  opts.which = SPEIG_SA;
  opts.check_which = 1;
  claim(&s, 0, 5);
  s.values[3] = 0; /* a fourth 0 where there are three */
  s.values[4] = NAN;
  r = judge_with(&s, &opts, 0);
  CU_ASSERT_EQUAL(r->right, 3);
  CU_ASSERT_EQUAL(r->verdicts[4], SPEIG_PAIR_WRONG_VALUE);
  CU_ASSERT_EQUAL(r->missed, 2);
  CU_ASSERT_TRUE(isnan(r->residuals[0]) && isnan(r->orthogonality) && isnan(r->rayleigh[0]));
  speig_verify_report_free(&r);
  opts.dense_limit = 17;
  CU_ASSERT_EQUAL(speig_verify(s.A, NULL, 2, s.values, NULL, &opts, &r), SPEIG_ERR_ARG);
  CU_ASSERT_PTR_NOT_NULL(strstr(speig_last_error(), "n = 18 exceeds dense_limit = 17"));
  drop(&s);
}
OVER_TYPES(values_alone_are_compared)

static void pencils_are_judged(speig_dtype dtype)
{
  sample s = solve(generate_as("fem1d_k", "n", 20, NULL, 0, dtype),
                   generate_as("fem1d_m", "n", 20, NULL, 0, dtype));
  speig_verify_report *r;
  claim(&s, 0, 3);
  claim(&s, 1, 1);
  claim(&s, 4, 1);
  add_column(&s, 4, 1.0, s.V + 15 * s.n);
  r = judge(&s, SPEIG_SA);
  CU_ASSERT_EQUAL(r->right, 3);
  CU_ASSERT_EQUAL(r->verdicts[3], SPEIG_PAIR_DUPLICATE);
  CU_ASSERT_EQUAL(r->verdicts[4], SPEIG_PAIR_BAD_RESIDUAL);
  CU_ASSERT_EQUAL(r->missed, 2);
  CU_ASSERT_DOUBLE_EQUAL(r->norm_b, 1.0 / 21, 1e-3);
  CU_ASSERT_DOUBLE_EQUAL(r->rayleigh[0], acos(-1.0) * acos(-1.0), 0.05);
  speig_verify_report_free(&r);
  s.k = 0;
  claim(&s, 0, 6);
  r = judge(&s, SPEIG_SA);
  CU_ASSERT_EQUAL(r->right, 6);
  CU_ASSERT_TRUE(r->orthogonality < precision(dtype));
  speig_verify_report_free(&r);
  drop(&s);
}
OVER_TYPES(pencils_are_judged)

static void any_size_of_numbers(speig_dtype dtype)
{
  int is_single = dtype == SPEIG_S || dtype == SPEIG_C;
  if (!harness_range_is_wide(&(test_case){ .dtype = dtype }))
    return;
  for (int up = 0; up < 2; ++up) {
    double factor = is_single ? (up ? 1e30 : 1e-30) : (up ? 1e200 : 1e-200);
    sample s = rings(dtype);
    speig_matrix *scaled = NULL;
    CHECK_OK(speig_matrix_scaled(s.A, factor, &scaled));
    speig_matrix_destroy(&s.A);
    s.A = scaled;
    for (int i = 0; i < s.n; ++i)
      s.w[i] *= factor;
    claim(&s, 0, 5);
    expect(&s, SPEIG_SA, 5, 0);
    s.values[4] *= 1.01;
    expect(&s, SPEIG_SA, 4, 1);
    drop(&s);
  }
}
OVER_TYPES(any_size_of_numbers)

static void tiny_problems(speig_dtype dtype)
{
  sample one = solve(generate_as("identity", "n", 1, "value", -3, dtype), NULL);
  sample zero = solve(generate_as("zero", "n", 3, NULL, 0, dtype), NULL);
  sample two = solve(generate_as("star", "n", 2, NULL, 0, dtype), NULL);
  sample empty = { .dtype = dtype, .X = calloc(1, 16) };
  const int64_t none[1] = { 0 };
  speig_verify_report *r;
  claim(&one, 0, 1);
  expect(&one, SPEIG_LM, 1, 0);
  expect(&zero, SPEIG_SM, 0, 0); /* no pairs claimed, none wanted */
  claim(&zero, 0, 3);
  expect(&zero, SPEIG_SM, 3, 0);
  zero.values[0] = 1e-30;
  expect(&zero, SPEIG_SM, 2, 1);
  claim(&two, 0, 2);
  claim(&two, 0, 1); /* three pairs of a matrix of order two */
  r = judge(&two, SPEIG_LA);
  CU_ASSERT_EQUAL(r->right, 2);
  CU_ASSERT_EQUAL(r->verdicts[2], SPEIG_PAIR_DUPLICATE);
  CU_ASSERT_EQUAL(r->missed, 0);
  speig_verify_report_free(&r);
  CHECK_OK(speig_matrix_create_csr(dtype, 0, 0, none, NULL, NULL, SPEIG_COPY, &empty.A));
  expect(&empty, SPEIG_SA, 0, 0);
  drop(&one);
  drop(&zero);
  drop(&two);
  drop(&empty);
}
OVER_TYPES(tiny_problems)

static void tolerance_and_limit_are_honoured(void)
{
  sample s = band(SPEIG_D);
  speig_verify_opts opts = SPEIG_VERIFY_OPTS_INIT;
  speig_verify_report *r;
  double norm = fmax(-s.w[0], s.w[39]);
  claim(&s, 0, 3);
  claim(&s, 4, 1);
  s.values[0] += 1e-6 * norm;
  for (int strict = 0; strict < 2; ++strict) {
    opts.tol = strict ? 1e-7 : 1e-5;
    r = judge_with(&s, &opts, 1);
    CU_ASSERT_EQUAL(r->right, strict ? 3 : 4);
    CU_ASSERT_EQUAL(r->missed, -1); /* not asked for */
    speig_verify_report_free(&r);
  }
  opts.check_which = 1;
  opts.which = SPEIG_SA;
  opts.tol = 1e-5;
  opts.dense_limit = -1;
  opts.threads = 3;
  r = judge_with(&s, &opts, 1);
  CU_ASSERT_EQUAL(r->right, 4);
  CU_ASSERT_FALSE(r->compared);
  CU_ASSERT_EQUAL(r->missed, -1); /* cannot be known */
  CU_ASSERT_TRUE(isnan(r->errors[0]));
  CU_ASSERT_TRUE(r->norm_a > 0.8 * norm && r->norm_a <= norm * (1 + 1e-12));
  speig_verify_report_free(&r);
  opts.dense_limit = 40;
  r = judge_with(&s, &opts, 1);
  CU_ASSERT_EQUAL(r->missed, 1);
  speig_verify_report_free(&r);
  drop(&s);
}

static speig_matrix *two_by_two(double a, double b, double c, double d)
{
  const int64_t rowptr[] = { 0, 2, 4 };
  const int32_t col[] = { 0, 1, 0, 1 };
  const double values[] = { a, b, c, d };
  speig_matrix *A = NULL;
  CHECK_OK(speig_matrix_create_csr(SPEIG_D, 2, 2, rowptr, col, values, SPEIG_COPY, &A));
  return A;
}

static void refuses(speig_status needed, const char *says, const speig_matrix *A,
                    const speig_matrix *B, int32_t k, const speig_block *X,
                    const speig_verify_opts *opts)
{
  static const double values[4] = { 0, 0, 0, 0 };
  speig_verify_report *r = NULL;
  CU_ASSERT_EQUAL(speig_verify(A, B, k, values, X, opts, &r), needed);
  CU_ASSERT_PTR_NULL(r);
  if (!strstr(speig_last_error(), says))
    fprintf(stderr, "  '%s' does not say '%s'\n", speig_last_error(), says);
  CU_ASSERT_PTR_NOT_NULL(strstr(speig_last_error(), says));
}

static void bad_input_is_named(void)
{
  const int64_t wide_rows[] = { 0, 1 };
  const int32_t wide_col[] = { 1 };
  double data[6] = { 1, 0, 0, 1, 0, 0 };
  speig_block X = { SPEIG_D, 2, 2, 2, data, SPEIG_HOST }, bad;
  speig_verify_opts opts = SPEIG_VERIFY_OPTS_INIT;
  speig_matrix *good = two_by_two(2, 1, 1, 2), *slanted = two_by_two(2, 1, 0.5, 2);
  speig_matrix *nan = two_by_two(2, 1, NAN, 2), *indefinite = two_by_two(1, 2, 2, 1);
  speig_matrix *wide = NULL, *other = generate_as("zero", "n", 3, NULL, 0, SPEIG_D);
  CHECK_OK(speig_matrix_create_csr(SPEIG_D, 1, 2, wide_rows, wide_col, data, SPEIG_COPY, &wide));
  refuses(SPEIG_ERR_ARG, "A is NULL", NULL, NULL, 1, &X, NULL);
  refuses(SPEIG_ERR_ARG, "1 x 2", wide, NULL, 1, NULL, NULL);
  refuses(SPEIG_ERR_ARG, "not Hermitian", slanted, NULL, 1, &X, NULL);
  refuses(SPEIG_ERR_ARG, "not Hermitian", good, slanted, 1, &X, NULL);
  refuses(SPEIG_ERR_ARG, "B has 3", good, other, 1, &X, NULL);
  refuses(SPEIG_ERR_ARG, "k = -1", good, NULL, -1, &X, NULL);
  refuses(SPEIG_ERR_ARG, "2 vectors for k = 3", good, NULL, 3, &X, NULL);
  refuses(SPEIG_ERR_NUMERIC, "row 2, column 1", nan, NULL, 1, &X, NULL);
  refuses(SPEIG_ERR_NUMERIC, "positive definite", good, indefinite, 1, &X, NULL);
  bad = X;
  bad.rows = 3;
  refuses(SPEIG_ERR_ARG, "3 rows", good, NULL, 1, &bad, NULL);
  bad = X;
  bad.ld = 1;
  refuses(SPEIG_ERR_ARG, "ld = 1", good, NULL, 1, &bad, NULL);
  bad = X;
  bad.data = NULL;
  refuses(SPEIG_ERR_ARG, "no data", good, NULL, 1, &bad, NULL);
  opts.size = 3;
  refuses(SPEIG_ERR_ARG, "3 bytes", good, NULL, 1, &X, &opts);
  opts.size = sizeof opts;
  opts.tol = -1;
  refuses(SPEIG_ERR_ARG, "tol = -1", good, NULL, 1, &X, &opts);
  opts.tol = NAN;
  refuses(SPEIG_ERR_ARG, "tol = ", good, NULL, 1, &X, &opts);
  opts.tol = 0;
  opts.which = (speig_which)17;
  refuses(SPEIG_ERR_ARG, "which = 17", good, NULL, 1, &X, &opts);
  CU_ASSERT_EQUAL(speig_verify(good, NULL, 1, NULL, &X, NULL, NULL), SPEIG_ERR_ARG);
  speig_verify_report_free(NULL);
  speig_matrix_destroy(&good);
  speig_matrix_destroy(&slanted);
  speig_matrix_destroy(&nan);
  speig_matrix_destroy(&indefinite);
  speig_matrix_destroy(&wide);
  speig_matrix_destroy(&other);
}

static void failing_allocations_leave_nothing(void)
{
  sample s = solve(generate_as("fem1d_k", "n", 20, NULL, 0, SPEIG_D),
                   generate_as("fem1d_m", "n", 20, NULL, 0, SPEIG_D));
  speig_verify_opts opts = SPEIG_VERIFY_OPTS_INIT;
  speig_verify_report *r = NULL;
  double *data = calloc(80, sizeof *data);
  speig_block X = { SPEIG_D, 20, 4, 20, data, SPEIG_HOST };
  size_t before = mem_account_read().current;
  int64_t needed;
  opts.check_which = 1;
  claim(&s, 0, 4);
  for (int i = 0; i < 80; ++i)
    data[i] = creal(s.X[i]);
  (void)mem_fail_at(0, 0);
  CHECK_OK(speig_verify(s.A, s.B, 4, s.values, &X, &opts, &r));
  needed = mem_fail_at(0, 0);
  speig_verify_report_free(&r);
  CU_ASSERT_TRUE(needed > 15);
  for (int64_t t = 1; t <= needed; ++t) {
    (void)mem_fail_at(t, 0);
    CU_ASSERT_EQUAL(speig_verify(s.A, s.B, 4, s.values, &X, &opts, &r), SPEIG_ERR_MEMORY);
    CU_ASSERT_PTR_NULL(r);
    CU_ASSERT_EQUAL(mem_account_read().current, before);
  }
  (void)mem_fail_at(0, 0);
  free(data);
  drop(&s);
}

int main(void)
{
  CU_pSuite suite;
  harness_start();
  suite = harness_suite("verify");
  ADD_TYPES(suite, right_pairs_pass);
  ADD_TYPES(suite, each_end_is_known);
  ADD_TYPES(suite, ties_of_magnitude_may_go_either_way);
  ADD_TYPES(suite, multiple_eigenvalues_count);
  ADD_TYPES(suite, duplicates_are_found);
  ADD_TYPES(suite, leaning_vectors_are_right_but_reported);
  ADD_TYPES(suite, bad_pairs_are_found);
  ADD_TYPES(suite, lengths_do_not_matter);
  ADD_TYPES(suite, values_alone_are_compared);
  ADD_TYPES(suite, pencils_are_judged);
  ADD_TYPES(suite, any_size_of_numbers);
  ADD_TYPES(suite, tiny_problems);
  ADD_CASE(suite, tolerance_and_limit_are_honoured);
  ADD_CASE(suite, bad_input_is_named);
  ADD_CASE(suite, failing_allocations_leave_nothing);
  return harness_finish("verify");
}
