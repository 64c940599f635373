/* test_nonfinite.c: NaN and Inf, from a matrix, a start vector, constraints, or any function of the
 * caller's, end a solve at once and are named: what, which row and column, which product.       */
#include "eigs_kit.h"
#include "shift_kit.h"
#include "svd_kit.h"

#include <string.h>

enum { N = 80, SMALL_N = 5 };

static const double bad[] = { NAN, INFINITY, -INFINITY };

/* The error is there, with the words; nothing is handed out. */
static void named(const char *what, speig_status st, const void *result, const char *words)
{
  const int fine = st == SPEIG_ERR_NUMERIC && !result && strstr(speig_last_error(), words);
  if (!fine)
    fprintf(stderr, "\n  %s: %s, '%s'; needed: '%s'", what, speig_status_text(st),
            st ? speig_last_error() : "", words);
  CU_ASSERT_TRUE(fine);
}

static void try_hermitian(const char *what, const speig_operator *A, const speig_operator *B,
                          const speig_eigsh_opts *opts, const char *words)
{
  speig_eigsh_result *r = NULL;
  named(what, speig_eigsh(A, B, opts, &r), r, words);
  speig_eigsh_result_free(&r);
}

static void try_general(const char *what, const speig_operator *A, const speig_operator *B,
                        const speig_eigs_opts *opts, const char *words)
{
  speig_eigs_result *r = NULL;
  named(what, speig_eigs(A, B, opts, &r), r, words);
  speig_eigs_result_free(&r);
}

static void try_singular(const char *what, const speig_operator *A, const speig_svds_opts *opts,
                         const char *words)
{
  speig_svds_result *r = NULL;
  named(what, speig_svds(A, opts, &r), r, words);
  speig_svds_result_free(&r);
}

static speig_eigsh_opts hermitian_opts(const test_case *tc, speig_method method)
{
  speig_eigsh_opts opts = SPEIG_EIGSH_OPTS_INIT;
  opts.k = 2;
  opts.method = method;
  opts.device = tc->device;
  opts.which = SPEIG_LA;
  return opts;
}

static speig_eigs_opts general_opts_of(const test_case *tc, speig_method method)
{
  speig_eigs_opts opts = SPEIG_EIGS_OPTS_INIT;
  opts.k = 2;
  opts.method = method;
  opts.device = tc->device;
  return opts;
}

static speig_svds_opts singular_opts(const test_case *tc, speig_method method)
{
  speig_svds_opts opts = SPEIG_SVDS_OPTS_INIT;
  opts.k = 2;
  opts.method = method;
  opts.device = tc->device;
  return opts;
}

static const speig_method hermitian_methods[] = { SPEIG_METHOD_AUTO, SPEIG_DENSE, SPEIG_LANCZOS,
                                                  SPEIG_LOBPCG };
static const speig_method general_methods[] = { SPEIG_METHOD_AUTO, SPEIG_DENSE,
                                                SPEIG_KRYLOV_SCHUR };
static const speig_method singular_methods[] = { SPEIG_METHOD_AUTO, SPEIG_DENSE,
                                                 SPEIG_GOLUB_KAHAN };
#define COUNT(list) (int)(sizeof(list) / sizeof *(list))

/* ---- matrices ---- */

/* Tridiagonal, with one bad number on row 4, column 4, in the real or the imaginary part. */
static speig_matrix *spoiled(const test_case *tc, double value, int imaginary)
{
  speig_matrix *A = kit_tridiagonal(tc->dtype, SMALL_N, 4, -1), *S = NULL;
  const int64_t *rowptr;
  const int32_t *colind;
  const void *values;
  char copy[16 * 3 * SMALL_N];
  speig_matrix_info info = speig_matrix_get_info(A);
  speig_matrix_arrays(A, &rowptr, &colind, &values);
  memcpy(copy, values, (size_t)info.nnz * speig_dtype_size(tc->dtype));
  for (int64_t e = rowptr[3]; e < rowptr[4]; ++e)
    if (colind[e] == 3) {
      double parts[2] = { 4, 0 };
      parts[imaginary && dtype_is_complex(tc->dtype)] = value;
      const size_t real_size = speig_dtype_size(tc->dtype) / (dtype_is_complex(tc->dtype) ? 2 : 1);
      for (int part = 0; part < (dtype_is_complex(tc->dtype) ? 2 : 1); ++part) {
        const float narrow = (float)parts[part];
        memcpy(copy + (size_t)e * speig_dtype_size(tc->dtype) + (size_t)part * real_size,
               real_size == 4 ? (const void *)&narrow : &parts[part], real_size);
      }
    }
  CHECK_OK(
      speig_matrix_create_csr(tc->dtype, SMALL_N, SMALL_N, rowptr, colind, copy, SPEIG_COPY, &S));
  speig_matrix_destroy(&A);
  return S;
}

static void matrices_are_named(const test_case *tc)
{
  speig_matrix *good = kit_tridiagonal(tc->dtype, SMALL_N, 4, -1);
  speig_operator *op_good = NULL;
  CHECK_OK(speig_operator_from_matrix(good, &op_good));
  for (int v = 0; v < 2 * COUNT(bad); ++v) {
    speig_matrix *S = spoiled(tc, bad[v / 2], v % 2);
    speig_operator *op = NULL;
    CHECK_OK(speig_operator_from_matrix(S, &op));
    for (int i = 0; i < COUNT(hermitian_methods); ++i) {
      speig_eigsh_opts opts = hermitian_opts(tc, hermitian_methods[i]);
      try_hermitian("eigsh, A", op, NULL, &opts,
                    "A holds 1 entries that are NaN or Inf, the first at row 4, column 4");
      if (hermitian_methods[i] != SPEIG_LANCZOS)
        try_hermitian("eigsh, B", op_good, op, &opts,
                      "B holds 1 entries that are NaN or Inf, the first at row 4, column 4");
    }
    for (int i = 0; i < COUNT(general_methods); ++i) {
      speig_eigs_opts opts = general_opts_of(tc, general_methods[i]);
      try_general("eigs, A", op, NULL, &opts,
                  "A holds 1 entries that are NaN or Inf, the first at row 4, column 4");
      if (general_methods[i] != SPEIG_KRYLOV_SCHUR)
        try_general("eigs, B", op_good, op, &opts,
                    "B holds 1 entries that are NaN or Inf, the first at row 4, column 4");
    }
    for (int i = 0; i < COUNT(singular_methods); ++i) {
      speig_svds_opts opts = singular_opts(tc, singular_methods[i]);
      try_singular("svds", op, &opts,
                   "A holds 1 entries that are NaN or Inf, the first at row 4, column 4");
    }
    speig_operator_destroy(&op);
    speig_matrix_destroy(&S);
  }
  speig_operator_destroy(&op_good);
  speig_matrix_destroy(&good);
}
TEST_ALL_CASES(matrices_are_named)

/* ---- blocks ---- */

static void start_vectors_are_named(const test_case *tc)
{
  speig_matrix *A = kit_tridiagonal(tc->dtype, N, 4, -1);
  speig_operator *op = NULL;
  char numbers[2 * N * 16];
  speig_block X = { tc->dtype, N, 2, N, numbers, SPEIG_HOST };
  CHECK_OK(speig_operator_from_matrix(A, &op));
  for (int v = 0; v < COUNT(bad); ++v) {
    for (int64_t i = 0; i < 2 * N; ++i)
      kit_put(tc->dtype, numbers, i, 1 + (double)(i % 7));
    kit_put(tc->dtype, numbers, N + 6, bad[v]); /* row 7, column 2 */
    for (int i = 0; i < COUNT(hermitian_methods); ++i) {
      speig_eigsh_opts opts = hermitian_opts(tc, hermitian_methods[i]);
      opts.guess = &X;
      try_hermitian("eigsh, guess", op, NULL, &opts, "guess holds NaN or Inf in row 7, column 2");
      opts.guess = NULL;
      opts.deflate = &X;
      try_hermitian("eigsh, deflate", op, NULL, &opts, "NaN or Inf in row 7, column 2");
    }
    for (int i = 0; i < COUNT(general_methods); ++i) {
      speig_eigs_opts opts = general_opts_of(tc, general_methods[i]);
      opts.guess = &X;
      try_general("eigs, guess", op, NULL, &opts, "guess holds NaN or Inf in row 7, column 2");
    }
    for (int i = 0; i < COUNT(singular_methods); ++i) {
      speig_svds_opts opts = singular_opts(tc, singular_methods[i]);
      opts.guess = &X;
      try_singular("svds, guess", op, &opts, "guess holds NaN or Inf in row 7, column 2");
    }
  }
  speig_operator_destroy(&op);
  speig_matrix_destroy(&A);
}
TEST_ALL_CASES(start_vectors_are_named)

/* ---- functions of the caller's ---- */

/* diag(1, 2, ...), or its inverse about 0, that goes wrong in one product. */
typedef struct function {
  int inverse;
  int64_t products, calls,
      spoils_at; /* columns; the call in which row 4 of the last column is bad */
  double value;
} function;

static int apply_function(void *user, const speig_block *X, speig_block *Y)
{
  function *f = user;
  ++f->calls;
  f->products += X->cols;
  for (int64_t j = 0; j < X->cols; ++j)
    for (int64_t i = 0; i < X->rows; ++i) {
      kit_scalar x = kit_get(X->dtype, X->data, i + j * X->ld);
      x = f->inverse ? x / (double)(i + 1) : x * (double)(i + 1);
      if (f->calls == f->spoils_at && i == 3 && j == X->cols - 1)
        x = f->value;
      kit_put(Y->dtype, Y->data, i + j * Y->ld, x);
    }
  return 0;
}

/* Whose function goes wrong. */
typedef enum suspect { OF_A, OF_B, PRECOND, INVERSE, MASS_INVERSE, ADJOINT } suspect;

typedef struct scene {
  function f;
  speig_operator *good, *wrong;
} scene;

static scene scene_open(const test_case *tc, int64_t at, double value, int inverse)
{
  scene s = { .good = NULL };
  static function fine;
  CHECK_OK(speig_operator_create_rectangular(tc->dtype, N, N, apply_function, apply_function, &fine,
                                             &s.good));
  s.f = (function){ .inverse = inverse, .spoils_at = at, .value = value };
  return s;
}

static void scene_close(scene *s, int64_t at)
{
  CU_ASSERT_EQUAL(s->f.calls, at); /* not called again */
  speig_operator_destroy(&s->good);
  speig_operator_destroy(&s->wrong);
}

static void try_function(const test_case *tc, speig_method method, suspect who, const char *name,
                         int64_t at, double value)
{
  scene s = scene_open(tc, at, value, who >= PRECOND);
  speig_eigsh_opts opts = hermitian_opts(tc, method);
  char words[160];
  CHECK_OK(speig_operator_create(tc->dtype, N, apply_function, &s.f, &s.wrong));
  opts.precond = who == PRECOND ? s.wrong : NULL;
  opts.op_inverse = who == INVERSE ? s.wrong : NULL;
  opts.mass_inverse = who == MASS_INVERSE ? s.wrong : NULL;
  opts.has_sigma = who == INVERSE;
  opts.which = who == INVERSE ? SPEIG_LM : SPEIG_LA;
  (void)snprintf(words, sizeof words, "callback of %s wrote NaN or Inf into row 4, column ", name);
  try_hermitian(name, who == OF_A ? s.wrong : s.good,
                who == OF_B           ? s.wrong
                : who == MASS_INVERSE ? s.good
                                      : NULL,
                &opts, words);
  (void)snprintf(words, sizeof words, "(product number %lld)", (long long)s.f.products);
  CU_ASSERT_PTR_NOT_NULL(strstr(speig_last_error(), words));
  scene_close(&s, at);
}

static void functions_are_named(const test_case *tc)
{
  for (int64_t at = 1; at <= 4; ++at) {
    const double value = bad[at % COUNT(bad)];
    try_function(tc, SPEIG_LANCZOS, OF_A, "A", at, value);
    try_function(tc, SPEIG_LOBPCG, OF_A, "A", at, value);
    try_function(tc, SPEIG_LOBPCG, OF_B, "B", at, value);
    try_function(tc, SPEIG_LOBPCG, PRECOND, "the preconditioner", at, value);
    try_function(tc, SPEIG_LANCZOS, INVERSE, "the inverse of A - sigma B", at, value);
    try_function(tc, SPEIG_LANCZOS, MASS_INVERSE, "the inverse of B", at, value);
  }
  try_function(tc, SPEIG_DENSE, OF_A, "A", 1, NAN);
}
TEST_ALL_CASES(functions_are_named)

static void functions_of_general_problems_are_named(const test_case *tc)
{
  for (int64_t at = 1; at <= 4; ++at) {
    scene s = scene_open(tc, at, bad[at % COUNT(bad)], 0);
    speig_eigs_opts opts = general_opts_of(tc, SPEIG_KRYLOV_SCHUR);
    CHECK_OK(speig_operator_create(tc->dtype, N, apply_function, &s.f, &s.wrong));
    try_general("A", s.wrong, NULL, &opts, "callback of A wrote NaN or Inf into row 4, column ");
    scene_close(&s, at);
    s = scene_open(tc, at, bad[at % COUNT(bad)], 1);
    CHECK_OK(speig_operator_create(tc->dtype, N, apply_function, &s.f, &s.wrong));
    opts.has_sigma = 1;
    opts.op_inverse = s.wrong;
    try_general("inverse", s.good, NULL, &opts,
                "callback of the inverse of A - sigma B wrote NaN or Inf into row 4, column ");
    scene_close(&s, at);
  }
}
TEST_ALL_CASES(functions_of_general_problems_are_named)

static void functions_with_singular_values_are_named(const test_case *tc)
{
  for (int64_t at = 1; at <= 5; ++at) {
    scene s = scene_open(tc, at, bad[at % COUNT(bad)], 0);
    speig_svds_opts opts = singular_opts(tc, SPEIG_GOLUB_KAHAN);
    CHECK_OK(speig_operator_create_rectangular(tc->dtype, N, N, apply_function, apply_function,
                                               &s.f, &s.wrong));
    try_singular("A", s.wrong, &opts, " wrote NaN or Inf into row 4, column ");
    CU_ASSERT_PTR_NOT_NULL(strstr(speig_last_error(), "callback of A"));
    scene_close(&s, at);
  }
}
TEST_ALL_CASES(functions_with_singular_values_are_named)

int main(void)
{
  CU_pSuite suite;
  harness_start();
  suite = harness_suite("nonfinite");
  ADD_ALL_CASES(suite, matrices_are_named);
  ADD_ALL_CASES(suite, start_vectors_are_named);
  ADD_ALL_CASES(suite, functions_are_named);
  ADD_ALL_CASES(suite, functions_of_general_problems_are_named);
  ADD_ALL_CASES(suite, functions_with_singular_values_are_named);
  return harness_finish("nonfinite");
}
