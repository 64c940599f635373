/* test_fail_once_solve.c: every allocation fails once, in every way to solve and in the verifier.
 */
#include "eigs_kit.h"
#include "fail_kit.h"
#include "shift_kit.h"
#include "svd_kit.h"

#include <string.h>

enum { SIDE = 9, N = SIDE * 7, EXTRA = 2 };

/* What a way to solve sets beside the method. */
typedef enum trait {
  MASS = 1,
  SHIFT = 2,
  GUESS = 4,
  DEFLATE = 8,
  PRECOND = 16,
  OWN_INVERSE = 32,
  MASS_INVERSE = 64,
  CALLBACK = 128,
  COMPLEX_SHIFT = 256,
  LEFT = 512,
  CERTIFY = 1024,
  PARTS = 2048, /* a matrix that falls apart */
  INTERVAL = 4096
} trait;

typedef struct inputs {
  speig_dtype dtype;
  speig_matrix *A, *B, *G, *R, *P; /* definite, mass, general, rectangular, in parts */
  speig_operator *op_a, *op_b, *op_g, *op_r, *op_p, *own, *diagonal;
  speig_block extra; /* N x EXTRA: a guess, or constraints */
  char numbers[N * EXTRA * 16];
  const void *way; /* of the call at hand */
} inputs;

static uint64_t look(const void *user)
{
  const inputs *in = user;
  uint64_t digest = 0;
  fail_mix_matrix(&digest, in->A);
  fail_mix_matrix(&digest, in->B);
  fail_mix_matrix(&digest, in->G);
  fail_mix_matrix(&digest, in->R);
  fail_mix_matrix(&digest, in->P);
  fail_mix_block(&digest, &in->extra);
  return digest;
}

/* diag(1, 2, ...), which is its own adjoint. */
static int apply_diagonal(void *user, const speig_block *X, speig_block *Y)
{
  (void)user;
  for (int64_t j = 0; j < X->cols; ++j)
    for (int64_t i = 0; i < X->rows; ++i)
      kit_put(X->dtype, Y->data, i + j * Y->ld,
              (double)(i + 1) * kit_get(X->dtype, X->data, i + j * X->ld));
  return 0;
}

/* ---- Hermitian ---- */

typedef struct hermitian_way {
  const char *name;
  speig_method method;
  speig_which which;
  speig_mode mode;
  int traits;
} hermitian_way;

static const hermitian_way hermitian_ways[] = {
  { "auto", SPEIG_METHOD_AUTO, SPEIG_SA, SPEIG_MODE_NORMAL, 0 },
  { "dense", SPEIG_DENSE, SPEIG_BE, SPEIG_MODE_NORMAL, 0 },
  { "dense, B", SPEIG_DENSE, SPEIG_SA, SPEIG_MODE_NORMAL, MASS },
  { "dense, parts", SPEIG_DENSE, SPEIG_LA, SPEIG_MODE_NORMAL, PARTS },
  { "lanczos", SPEIG_LANCZOS, SPEIG_LA, SPEIG_MODE_NORMAL, 0 },
  { "lanczos, certified", SPEIG_LANCZOS, SPEIG_LA, SPEIG_MODE_NORMAL, CERTIFY },
  { "lanczos, both ends, guess", SPEIG_LANCZOS, SPEIG_BE, SPEIG_MODE_NORMAL, GUESS },
  { "lanczos, deflated", SPEIG_LANCZOS, SPEIG_LM, SPEIG_MODE_NORMAL, DEFLATE },
  { "lanczos, smallest magnitude", SPEIG_LANCZOS, SPEIG_SM, SPEIG_MODE_NORMAL, 0 },
  { "lanczos, parts", SPEIG_LANCZOS, SPEIG_LA, SPEIG_MODE_NORMAL, PARTS },
  { "lanczos, own product", SPEIG_LANCZOS, SPEIG_LA, SPEIG_MODE_NORMAL, CALLBACK },
  { "lanczos, B", SPEIG_LANCZOS, SPEIG_LA, SPEIG_MODE_NORMAL, MASS },
  { "lanczos, inverse of B", SPEIG_LANCZOS, SPEIG_LA, SPEIG_MODE_NORMAL, MASS | MASS_INVERSE },
  { "shift", SPEIG_LANCZOS, SPEIG_LM, SPEIG_MODE_NORMAL, SHIFT | CERTIFY },
  { "shift, B", SPEIG_LANCZOS, SPEIG_LA, SPEIG_MODE_NORMAL, SHIFT | MASS | CERTIFY },
  { "buckling", SPEIG_LANCZOS, SPEIG_LM, SPEIG_MODE_BUCKLING, SHIFT | MASS },
  { "cayley", SPEIG_LANCZOS, SPEIG_LM, SPEIG_MODE_CAYLEY, SHIFT | MASS },
  { "own inverse", SPEIG_LANCZOS, SPEIG_LM, SPEIG_MODE_NORMAL, SHIFT | OWN_INVERSE | CALLBACK },
  { "interval", SPEIG_LANCZOS, SPEIG_LM, SPEIG_MODE_NORMAL, INTERVAL | CERTIFY },
  { "interval, B", SPEIG_LANCZOS, SPEIG_LM, SPEIG_MODE_NORMAL, INTERVAL | CERTIFY | MASS },
  { "interval, filter", SPEIG_FILTER, SPEIG_LM, SPEIG_MODE_NORMAL, INTERVAL | CALLBACK },
  { "interval, dense", SPEIG_DENSE, SPEIG_LM, SPEIG_MODE_NORMAL, INTERVAL | MASS },
  { "lobpcg", SPEIG_LOBPCG, SPEIG_SA, SPEIG_MODE_NORMAL, 0 },
  { "lobpcg, all", SPEIG_LOBPCG, SPEIG_SA, SPEIG_MODE_NORMAL, MASS | PRECOND | GUESS },
  { "lobpcg, deflated", SPEIG_LOBPCG, SPEIG_LA, SPEIG_MODE_NORMAL, MASS | DEFLATE },
};

static speig_status run_hermitian(void *user, uint64_t *digest)
{
  inputs *in = user;
  const hermitian_way *w = in->way;
  speig_eigsh_opts opts = SPEIG_EIGSH_OPTS_INIT;
  speig_eigsh_plan plan;
  speig_eigsh_result *r = NULL;
  const speig_operator *A = w->traits & CALLBACK ? in->own
                            : w->traits & PARTS  ? in->op_p
                                                 : in->op_a;
  const speig_operator *B = w->traits & MASS ? in->op_b : NULL;
  opts.k = 2;
  opts.method = w->method;
  opts.which = w->which;
  opts.mode = w->mode;
  opts.device = SPEIG_HOST;
  opts.threads = 1;
  opts.has_sigma = (w->traits & SHIFT) != 0;
  opts.sigma = w->traits & OWN_INVERSE ? 0 : 0.9;
  opts.has_interval = (w->traits & INTERVAL) != 0;
  opts.interval[0] = -INFINITY;
  opts.interval[1] = 2.9;
  opts.certify = w->traits & CERTIFY ? SPEIG_CERTIFY_ALWAYS : SPEIG_CERTIFY_AUTO;
  opts.guess = w->traits & GUESS ? &in->extra : NULL;
  opts.deflate = w->traits & DEFLATE ? &in->extra : NULL;
  opts.precond = w->traits & PRECOND ? in->diagonal : NULL;
  opts.op_inverse = w->traits & OWN_INVERSE ? in->own : NULL;
  opts.mass_inverse = w->traits & MASS_INVERSE ? in->diagonal : NULL;
  /* an inverse that is none does for this: what fails is memory */
  opts.max_matvecs = w->traits & (OWN_INVERSE | MASS_INVERSE) ? 60 : 0;
  speig_status st = speig_eigsh_make_plan(A, B, &opts, &plan);
  if (st == SPEIG_OK)
    st = speig_eigsh(A, B, &opts, &r);
  CU_ASSERT_EQUAL(r != NULL, st == SPEIG_OK);
  if (r)
    fail_mix_eigsh(digest, r);
  speig_eigsh_result_free(&r);
  return st;
}

/* By inertia with a mass, of a function by LAPACK, and an estimate. */
static speig_status run_counts(void *user, uint64_t *digest)
{
  inputs *in = user;
  speig_status st = SPEIG_OK;
  for (int way = 0; way < 3 && st == SPEIG_OK; ++way) {
    speig_count_opts opts = SPEIG_COUNT_OPTS_INIT;
    speig_count_result r;
    opts.high = 2.9;
    opts.threads = 1;
    opts.estimate = way == 2;
    opts.vectors = way == 2 ? 3 : 0;
    opts.degree = way == 2 ? 20 : 0;
    st = speig_count(way == 1 ? in->own : in->op_a, way == 0 ? in->op_b : NULL, &opts, &r);
    if (st == SPEIG_OK)
      *digest = *digest * 31 + (uint64_t)r.count;
  }
  return st;
}

/* ---- general ---- */

typedef struct general_way {
  const char *name;
  speig_method method;
  speig_eigs_which which;
  speig_eigs_part part;
  int traits;
} general_way;

static const general_way general_ways[] = {
  { "eigs auto", SPEIG_METHOD_AUTO, SPEIG_EIGS_LM, SPEIG_PART_WHOLE, 0 },
  { "eigs dense, left", SPEIG_DENSE, SPEIG_EIGS_LR, SPEIG_PART_WHOLE, LEFT },
  { "eigs dense, B", SPEIG_DENSE, SPEIG_EIGS_SM, SPEIG_PART_WHOLE, MASS },
  { "krylov-schur", SPEIG_KRYLOV_SCHUR, SPEIG_EIGS_LM, SPEIG_PART_WHOLE, GUESS },
  { "krylov-schur, left", SPEIG_KRYLOV_SCHUR, SPEIG_EIGS_LR, SPEIG_PART_WHOLE, LEFT | CERTIFY },
  { "krylov-schur, B", SPEIG_KRYLOV_SCHUR, SPEIG_EIGS_LM, SPEIG_PART_WHOLE, MASS },
  { "krylov-schur, shift", SPEIG_KRYLOV_SCHUR, SPEIG_EIGS_LM, SPEIG_PART_WHOLE, SHIFT | LEFT },
  { "krylov-schur, complex shift", SPEIG_KRYLOV_SCHUR, SPEIG_EIGS_LM, SPEIG_PART_WHOLE,
    SHIFT | COMPLEX_SHIFT | MASS },
  { "krylov-schur, real part", SPEIG_KRYLOV_SCHUR, SPEIG_EIGS_LM, SPEIG_PART_REAL,
    SHIFT | COMPLEX_SHIFT },
};

static speig_status run_general(void *user, uint64_t *digest)
{
  inputs *in = user;
  const general_way *w = in->way;
  speig_eigs_opts opts = SPEIG_EIGS_OPTS_INIT;
  speig_eigs_plan plan;
  speig_eigs_result *r = NULL;
  const speig_operator *B = w->traits & MASS ? in->op_b : NULL;
  const int is_complex = in->dtype == SPEIG_C || in->dtype == SPEIG_Z;
  opts.k = 2;
  opts.method = w->method;
  opts.which = w->which;
  opts.part = is_complex ? SPEIG_PART_WHOLE : w->part;
  opts.device = SPEIG_HOST;
  opts.threads = 1;
  opts.left = (w->traits & LEFT) != 0;
  opts.has_sigma = (w->traits & SHIFT) != 0;
  opts.sigma[0] = 3.3;
  opts.sigma[1] = w->traits & COMPLEX_SHIFT ? 0.4 : 0;
  opts.certify = w->traits & CERTIFY ? SPEIG_CERTIFY_ALWAYS : SPEIG_CERTIFY_AUTO;
  opts.guess = w->traits & GUESS ? &in->extra : NULL;
  speig_status st = speig_eigs_make_plan(in->op_g, B, &opts, &plan);
  if (st == SPEIG_OK)
    st = speig_eigs(in->op_g, B, &opts, &r);
  CU_ASSERT_EQUAL(r != NULL, st == SPEIG_OK);
  if (r)
    fail_mix_eigs(digest, r);
  speig_eigs_result_free(&r);
  return st;
}

/* ---- singular values ---- */

typedef struct singular_way {
  const char *name;
  speig_method method;
  speig_which which;
  int traits;
} singular_way;

static const singular_way singular_ways[] = {
  { "svds dense", SPEIG_DENSE, SPEIG_LM, 0 },
  { "golub-kahan", SPEIG_GOLUB_KAHAN, SPEIG_LM, CERTIFY },
  { "golub-kahan, own product", SPEIG_GOLUB_KAHAN, SPEIG_LM, CALLBACK },
  { "svds smallest", SPEIG_METHOD_AUTO, SPEIG_SM, 0 },
};

static speig_status run_singular(void *user, uint64_t *digest)
{
  inputs *in = user;
  const singular_way *w = in->way;
  speig_svds_opts opts = SPEIG_SVDS_OPTS_INIT;
  speig_svds_plan plan;
  speig_svds_result *r = NULL;
  const speig_operator *A = w->traits & CALLBACK ? in->own : in->op_r;
  opts.k = 2;
  opts.method = w->method;
  opts.which = w->which;
  opts.device = SPEIG_HOST;
  opts.threads = 1;
  opts.certify = w->traits & CERTIFY ? SPEIG_CERTIFY_ALWAYS : SPEIG_CERTIFY_AUTO;
  speig_status st = speig_svds_make_plan(A, &opts, &plan);
  if (st == SPEIG_OK)
    st = speig_svds(A, &opts, &r);
  CU_ASSERT_EQUAL(r != NULL, st == SPEIG_OK);
  if (r)
    fail_mix_svds(digest, r);
  speig_svds_result_free(&r);
  return st;
}

/* ---- the verifier ---- */

static speig_status look_at_report(speig_status st, speig_verify_report **report, uint64_t *digest)
{
  CU_ASSERT_EQUAL(*report != NULL, st == SPEIG_OK);
  if (*report)
    fail_mix(digest, (*report)->residuals, (size_t)(*report)->k * sizeof *(*report)->residuals);
  speig_verify_report_free(report);
  return st;
}

static const double claimed[2 * EXTRA] = { 1, 2, 3, 4 };

static speig_status verify_hermitian(void *user, uint64_t *digest)
{
  const inputs *in = user;
  speig_verify_opts opts = SPEIG_VERIFY_OPTS_INIT;
  speig_verify_report *report = NULL;
  opts.check_which = 1;
  return look_at_report(speig_verify(in->A, in->B, EXTRA, claimed, &in->extra, &opts, &report),
                        &report, digest);
}

static speig_status verify_general(void *user, uint64_t *digest)
{
  const inputs *in = user;
  speig_verify_opts opts = SPEIG_VERIFY_OPTS_INIT;
  speig_verify_report *report = NULL;
  opts.check_which = 1;
  return look_at_report(
      speig_verify_general(in->G, in->B, EXTRA, claimed, &in->extra, &opts, &report), &report,
      digest);
}

static speig_status verify_singular(void *user, uint64_t *digest)
{
  const inputs *in = user;
  speig_verify_opts opts = SPEIG_VERIFY_OPTS_INIT;
  speig_verify_report *report = NULL;
  opts.check_which = 1;
  return look_at_report(
      speig_verify_svds(in->A, EXTRA, claimed, &in->extra, &in->extra, &opts, &report), &report,
      digest);
}

/* ---- the sweep ---- */

static kit_scalar general_entry(int32_t i, int32_t j, const void *user)
{
  (void)user;
  return i == j ? 3 + 0.1 * i : j - i == 1 ? -1.4 : i - j == 1 ? 0.6 : i - j == SIDE ? -0.7 : 0;
}

static kit_scalar parts_entry(int32_t i, int32_t j, const void *user)
{
  (void)user;
  return i == j ? 2 + (i / 5) % 3 : i / 5 == j / 5 && (i - j == 1 || j - i == 1) ? -1 : 0;
}

static kit_scalar mass_entry(int32_t i, int32_t j, const void *user)
{
  (void)user;
  return i == j ? 2 + 0.01 * i : i - j == 1 || j - i == 1 ? 0.3 : 0;
}

static inputs make_inputs(const test_case *tc)
{
  inputs in = { .dtype = tc->dtype };
  in.A = kit_tridiagonal(tc->dtype, N, 2.2, -1);
  in.B = kit_matrix(tc->dtype, N, mass_entry, 1, NULL);
  in.G = kit_matrix(tc->dtype, N, general_entry, SIDE, NULL);
  in.P = kit_matrix(tc->dtype, N, parts_entry, 1, NULL);
  svd_sample S = svd_make(tc->dtype, 40, 24, "scattered", svd_scattered);
  CHECK_OK(speig_matrix_convert(S.A, tc->dtype, &in.R));
  svd_drop(&S);
  CHECK_OK(speig_operator_from_matrix(in.A, &in.op_a));
  CHECK_OK(speig_operator_from_matrix(in.B, &in.op_b));
  CHECK_OK(speig_operator_from_matrix(in.G, &in.op_g));
  CHECK_OK(speig_operator_from_matrix(in.R, &in.op_r));
  CHECK_OK(speig_operator_from_matrix(in.P, &in.op_p));
  CHECK_OK(speig_operator_jacobi(in.B, &in.diagonal));
  CHECK_OK(speig_operator_create_rectangular(tc->dtype, N, N, apply_diagonal, apply_diagonal, NULL,
                                             &in.own));
  return in;
}

static void drop_inputs(inputs *in)
{
  speig_operator **ops[] = { &in->op_a, &in->op_b, &in->op_g,     &in->op_r,
                             &in->op_p, &in->own,  &in->diagonal, NULL };
  speig_matrix **matrices[] = { &in->A, &in->B, &in->G, &in->R, &in->P, NULL };
  for (int i = 0; ops[i]; ++i)
    speig_operator_destroy(ops[i]);
  for (int i = 0; matrices[i]; ++i)
    speig_matrix_destroy(matrices[i]);
}

#define SWEEP_WAYS(ways, function)                                                                 \
  for (size_t i = 0; i < sizeof(ways) / sizeof *(ways); ++i) {                                     \
    const fail_call call = { (ways)[i].name, function };                                           \
    in.way = &(ways)[i];                                                                           \
    fail_sweep(&call, &in, look, &tally);                                                          \
  }

static void every_allocation_fails_once(const test_case *tc)
{
  static const fail_call verifiers[] = { { "verify", verify_hermitian },
                                         { "verify general", verify_general },
                                         { "verify svds", verify_singular },
                                         { "counts", run_counts } };
  fail_tally tally = { 0 };
  inputs in;
  if (!shift_have_factors())
    return;
  in = make_inputs(tc);
  in.extra = (speig_block){ tc->dtype, N, EXTRA, N, in.numbers, SPEIG_HOST };
  for (int64_t i = 0; i < N * EXTRA; ++i)
    kit_put(tc->dtype, in.numbers, i, random_uniform(9, i, 0, 0));
  SWEEP_WAYS(hermitian_ways, run_hermitian)
  SWEEP_WAYS(general_ways, run_general)
  SWEEP_WAYS(singular_ways, run_singular)
  for (size_t i = 0; i < sizeof verifiers / sizeof *verifiers; ++i)
    fail_sweep(&verifiers[i], &in, look, &tally);
  fail_tell(&tally);
  drop_inputs(&in);
}
TEST_ALL_TYPES(every_allocation_fails_once)

int main(void)
{
  CU_pSuite suite;
  harness_start();
  suite = harness_suite("fail_once_solve");
  ADD_ALL_CASES(suite, every_allocation_fails_once);
  return harness_finish("fail_once_solve");
}
