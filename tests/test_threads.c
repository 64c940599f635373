/* test_threads.c: the same bits for 1, 2, 3 and 7 threads, of every way to solve, for all types.
 * The order is beyond one chunk of rows, and factors are large enough to be worth several threads.
 */
#include "fail_kit.h"
#include "shift_kit.h"
#include "solve_kit.h"

#include <string.h>

enum { SIDE = 52 };

typedef struct inputs {
  speig_dtype dtype;
  speig_matrix *A, *B, *G;
  speig_operator *op_a, *op_b, *op_g, *product;
} inputs;

typedef struct way {
  const char *name;
  speig_status (*run)(const inputs *in, int threads, uint64_t *digest);
} way;

static double loose(const inputs *in)
{
  return in->dtype == SPEIG_S || in->dtype == SPEIG_C ? 1e-3 : 1e-6;
}

static speig_status run_hermitian(const inputs *in, const speig_operator *A,
                                  const speig_operator *B, speig_eigsh_opts opts, int threads,
                                  uint64_t *digest)
{
  speig_eigsh_result *r = NULL;
  opts.k = 3;
  opts.device = SPEIG_HOST;
  opts.tol = loose(in);
  opts.threads = threads;
  opts.max_matvecs = 1500; /* what is found by then has the same bits, too */
  speig_status st = speig_eigsh(A, B, &opts, &r);
  if (r)
    fail_mix_eigsh(digest, r);
  speig_eigsh_result_free(&r);
  return st;
}

static speig_status lanczos(const inputs *in, int threads, uint64_t *digest)
{
  speig_eigsh_opts opts = SPEIG_EIGSH_OPTS_INIT;
  opts.method = SPEIG_LANCZOS;
  opts.which = SPEIG_LA;
  return run_hermitian(in, in->op_a, NULL, opts, threads, digest);
}

/* The smallest of a function's take long enough for a filter. */
static speig_status filtered(const inputs *in, int threads, uint64_t *digest)
{
  speig_eigsh_opts opts = SPEIG_EIGSH_OPTS_INIT;
  opts.method = SPEIG_LANCZOS;
  opts.which = SPEIG_SA;
  return run_hermitian(in, in->product, NULL, opts, threads, digest);
}

static speig_status lobpcg(const inputs *in, int threads, uint64_t *digest)
{
  speig_eigsh_opts opts = SPEIG_EIGSH_OPTS_INIT;
  opts.method = SPEIG_LOBPCG;
  opts.which = SPEIG_LA;
  return run_hermitian(in, in->op_a, in->op_b, opts, threads, digest);
}

static speig_status shifted(const inputs *in, int threads, uint64_t *digest)
{
  speig_eigsh_opts opts = SPEIG_EIGSH_OPTS_INIT;
  opts.method = SPEIG_LANCZOS;
  opts.has_sigma = 1;
  opts.sigma = 1.7; /* inside the spectrum: with pivoting */
  return run_hermitian(in, in->op_a, in->op_b, opts, threads, digest);
}

static speig_status smallest(const inputs *in, int threads, uint64_t *digest)
{
  speig_eigsh_opts opts = SPEIG_EIGSH_OPTS_INIT;
  opts.method = SPEIG_LANCZOS;
  opts.has_sigma = 1;
  opts.sigma = -0.1; /* definite: without pivoting */
  return run_hermitian(in, in->op_a, NULL, opts, threads, digest);
}

static speig_status run_general(const inputs *in, int shift, int threads, uint64_t *digest)
{
  speig_eigs_opts opts = SPEIG_EIGS_OPTS_INIT;
  speig_eigs_result *r = NULL;
  opts.k = 3;
  opts.method = SPEIG_KRYLOV_SCHUR;
  opts.device = SPEIG_HOST;
  opts.tol = loose(in);
  opts.threads = threads;
  opts.left = shift;
  opts.has_sigma = shift;
  opts.sigma[0] = 1.3;
  opts.max_matvecs = 600;
  speig_status st = speig_eigs(in->op_g, NULL, &opts, &r);
  if (r)
    fail_mix_eigs(digest, r);
  speig_eigs_result_free(&r);
  return st;
}

static speig_status krylov_schur(const inputs *in, int threads, uint64_t *digest)
{
  return run_general(in, 0, threads, digest);
}

static speig_status krylov_schur_shifted(const inputs *in, int threads, uint64_t *digest)
{
  return run_general(in, 1, threads, digest);
}

static speig_status golub_kahan(const inputs *in, int threads, uint64_t *digest)
{
  speig_svds_opts opts = SPEIG_SVDS_OPTS_INIT;
  speig_svds_result *r = NULL;
  opts.k = 3;
  opts.method = SPEIG_GOLUB_KAHAN;
  opts.device = SPEIG_HOST;
  opts.tol = loose(in);
  opts.threads = threads;
  opts.max_matvecs = 600;
  speig_status st = speig_svds(in->op_g, &opts, &r);
  if (r)
    fail_mix_svds(digest, r);
  speig_svds_result_free(&r);
  return st;
}

static speig_status smallest_svds(const inputs *in, int threads, uint64_t *digest)
{
  speig_svds_opts opts = SPEIG_SVDS_OPTS_INIT;
  speig_svds_result *r = NULL;
  opts.k = 2;
  opts.which = SPEIG_SM;
  opts.device = SPEIG_HOST;
  opts.tol = loose(in);
  opts.threads = threads;
  speig_status st = speig_svds(in->op_g, &opts, &r);
  if (r)
    fail_mix_svds(digest, r);
  speig_svds_result_free(&r);
  return st;
}

static const way ways[] = {
  { "lanczos", lanczos },
  { "lanczos, filtered", filtered },
  { "lobpcg, B", lobpcg },
  { "shift, B", shifted },
  { "shift, definite", smallest },
  { "krylov-schur", krylov_schur },
  { "krylov-schur, shift, left", krylov_schur_shifted },
  { "golub-kahan", golub_kahan },
  { "svds smallest", smallest_svds },
};

/* A product of one thread, for the filter. */
static int apply_matrix(void *user, const speig_block *X, speig_block *Y)
{
  double one[2], zero[2];
  scalar_put(X->dtype, one, 0, 1, 0);
  scalar_put(X->dtype, zero, 0, 0, 0);
  return speig_spmv(NULL, one, user, X, zero, Y) != SPEIG_OK;
}

static speig_matrix *grid_in(speig_dtype dtype, const char *generator)
{
  const char *const names[] = { "nx", "ny" };
  const double sides[] = { SIDE, SIDE - 5 };
  speig_matrix *made = NULL, *A = NULL;
  CHECK_OK(speig_generate(generator, 2, names, sides, 1, &made));
  CHECK_OK(speig_matrix_convert(made, dtype, &A));
  speig_matrix_destroy(&made);
  return A;
}

static void all_threads_give_the_same_bits(const test_case *tc)
{
  static const int threads[] = { 2, 3, 7 };
  inputs in = { .dtype = tc->dtype };
  if (!shift_have_factors())
    return;
  in.A = grid_in(tc->dtype, "laplacian2d");
  in.B = kit_tridiagonal(tc->dtype, SIDE * (SIDE - 5), 3, 0.5);
  in.G = grid_in(tc->dtype, "convection2d");
  CHECK_OK(speig_operator_from_matrix(in.A, &in.op_a));
  CHECK_OK(speig_operator_from_matrix(in.B, &in.op_b));
  CHECK_OK(speig_operator_from_matrix(in.G, &in.op_g));
  CHECK_OK(speig_operator_create(tc->dtype, SIDE * (SIDE - 5), apply_matrix, in.A, &in.product));
  for (size_t w = 0; w < sizeof ways / sizeof *ways; ++w) {
    uint64_t alone = 0;
    CHECK_OK(ways[w].run(&in, 1, &alone));
    for (int t = 0; t < 3; ++t) {
      uint64_t digest = 0;
      CHECK_OK(ways[w].run(&in, threads[t], &digest));
      if (digest != alone)
        fprintf(stderr, "\n  %s: other bits with %d threads", ways[w].name, threads[t]);
      CU_ASSERT_EQUAL(digest, alone);
    }
  }
  speig_operator_destroy(&in.product);
  speig_operator_destroy(&in.op_a);
  speig_operator_destroy(&in.op_b);
  speig_operator_destroy(&in.op_g);
  speig_matrix_destroy(&in.A);
  speig_matrix_destroy(&in.B);
  speig_matrix_destroy(&in.G);
}
TEST_ALL_TYPES(all_threads_give_the_same_bits)

int main(void)
{
  CU_pSuite suite;
  harness_start();
  suite = harness_suite("threads");
  ADD_ALL_CASES(suite, all_threads_give_the_same_bits);
  return harness_finish("threads");
}
