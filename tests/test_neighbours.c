/* test_neighbours.c: everything at once, on shared matrices: several threads solve by every method,
 * read, convert, count and verify beside each other, and each gets the bits that it gets alone.
 *
 * tests/tsan/run runs this under ThreadSanitizer. Each solve has one OpenMP thread then and now, so
 * that the runtime, whose barriers the sanitizer does not see, makes no teams.                  */
#define _POSIX_C_SOURCE 200809L
#include "eigs_kit.h"
#include "fail_kit.h"
#include "shift_kit.h"
#include "svd_kit.h"

#include <pthread.h>
#include <string.h>

enum { THREADS = 4, ORDER = 140 };

/* Shared by all, never written. */
typedef struct shared {
  speig_dtype dtype;
  speig_matrix *A, *B, *G;
  speig_operator *op_a, *op_b, *op_g, *jacobi;
  char text[128];
} shared;

typedef speig_status job(const shared *in, uint64_t *digest);

static speig_status hermitian(const shared *in, speig_method method, int mass, int shift,
                              uint64_t *digest)
{
  speig_eigsh_opts opts = SPEIG_EIGSH_OPTS_INIT;
  speig_eigsh_result *r = NULL;
  opts.k = 3;
  opts.method = method;
  opts.which = shift ? SPEIG_LM : SPEIG_SA;
  opts.device = SPEIG_HOST;
  opts.threads = 1;
  opts.has_sigma = shift;
  opts.sigma = 1.1;
  opts.tol = in->dtype == SPEIG_S || in->dtype == SPEIG_C ? 1e-4 : 1e-8;
  opts.precond = method == SPEIG_LOBPCG ? in->jacobi : NULL;
  speig_status st = speig_eigsh(in->op_a, mass ? in->op_b : NULL, &opts, &r);
  if (r)
    fail_mix_eigsh(digest, r);
  speig_eigsh_result_free(&r);
  return st;
}

static speig_status job_dense(const shared *in, uint64_t *digest)
{
  return hermitian(in, SPEIG_DENSE, 1, 0, digest);
}

static speig_status job_lanczos(const shared *in, uint64_t *digest)
{
  return hermitian(in, SPEIG_LANCZOS, 0, 0, digest);
}

static speig_status job_lobpcg(const shared *in, uint64_t *digest)
{
  return hermitian(in, SPEIG_LOBPCG, 1, 0, digest);
}

static speig_status job_shift(const shared *in, uint64_t *digest)
{
  return hermitian(in, SPEIG_LANCZOS, 1, 1, digest);
}

static speig_status job_general(const shared *in, uint64_t *digest)
{
  speig_eigs_opts opts = SPEIG_EIGS_OPTS_INIT;
  speig_eigs_result *r = NULL;
  opts.k = 3;
  opts.method = SPEIG_KRYLOV_SCHUR;
  opts.device = SPEIG_HOST;
  opts.threads = 1;
  opts.left = 1;
  opts.has_sigma = 1;
  opts.sigma[0] = 2.3;
  speig_status st = speig_eigs(in->op_g, NULL, &opts, &r);
  if (r)
    fail_mix_eigs(digest, r);
  speig_eigs_result_free(&r);
  return st;
}

static speig_status job_singular(const shared *in, uint64_t *digest)
{
  speig_svds_opts opts = SPEIG_SVDS_OPTS_INIT;
  speig_svds_result *r = NULL;
  opts.k = 3;
  opts.device = SPEIG_HOST;
  opts.method = SPEIG_GOLUB_KAHAN;
  opts.threads = 1;
  opts.tol = 1e-4;
  speig_status st = speig_svds(in->op_g, &opts, &r);
  if (r)
    fail_mix_svds(digest, r);
  speig_svds_result_free(&r);
  return st;
}

static speig_status job_verify(const shared *in, uint64_t *digest)
{
  const double values[2] = { 1, 2 };
  speig_verify_opts opts = SPEIG_VERIFY_OPTS_INIT;
  speig_verify_report *report = NULL;
  opts.threads = 1;
  speig_status st = speig_verify(in->A, in->B, 2, values, NULL, &opts, &report);
  if (report)
    fail_mix(digest, report->errors, 2 * sizeof *report->errors);
  speig_verify_report_free(&report);
  return st;
}

static speig_status job_matrices(const shared *in, uint64_t *digest)
{
  speig_status st = SPEIG_OK;
  speig_matrix *made = NULL, *turned = NULL, *read = NULL;
  const char *const name = "nx";
  const double nine = 9;
  speig_matrix_stats stats;
  FAIL_STEP(speig_generate("laplacian2d", 1, &name, &nine, 1, &made));
  FAIL_STEP(speig_matrix_transpose(in->G, 1, &turned));
  FAIL_STEP(speig_mm_read_memory("text", in->text, strlen(in->text), 1, NULL, &read));
  FAIL_STEP(speig_matrix_get_stats(turned, &stats));
  fail_mix_matrix(digest, made);
  fail_mix_matrix(digest, turned);
  fail_mix_matrix(digest, read);
  /* and an error, whose message is this thread's own */
  CU_ASSERT_EQUAL(speig_generate("nothing of the kind", 0, NULL, NULL, 1, &made), SPEIG_ERR_ARG);
  CU_ASSERT_PTR_NOT_NULL(strstr(speig_last_error(), "nothing of the kind"));
done:
  speig_matrix_destroy(&made);
  speig_matrix_destroy(&turned);
  speig_matrix_destroy(&read);
  return st;
}

static job *const jobs[] = { job_dense,   job_lanczos,  job_lobpcg, job_shift,
                             job_general, job_singular, job_verify, job_matrices };
enum { JOBS = sizeof jobs / sizeof *jobs };

typedef struct worker {
  const shared *in;
  int first; /* each begins elsewhere */
  speig_status st[JOBS];
  uint64_t digest[JOBS];
} worker;

static void *work(void *argument)
{
  worker *w = argument;
  for (int i = 0; i < JOBS; ++i) {
    const int j = (w->first + i) % JOBS;
    w->st[j] = jobs[j](w->in, &w->digest[j]);
  }
  return NULL;
}

static kit_scalar general_entry(int32_t i, int32_t j, const void *user)
{
  (void)user;
  return i == j ? 2 + 0.01 * i : j - i == 1 ? -1.1 : i - j == 1 ? 0.4 : 0;
}

static void neighbours_get_the_same_bits(const test_case *tc)
{
  shared in = { .dtype = tc->dtype };
  worker alone = { .in = &in }, w[THREADS];
  pthread_t thread[THREADS];
  if (!shift_have_factors())
    return;
  in.A = kit_tridiagonal(tc->dtype, ORDER, 2.1, -1);
  in.B = kit_tridiagonal(tc->dtype, ORDER, 3, 0.5);
  in.G = kit_matrix(tc->dtype, ORDER, general_entry, 1, NULL);
  (void)snprintf(in.text, sizeof in.text,
                 "%%%%MatrixMarket matrix coordinate real symmetric\n2 2 2\n1 1 1.5\n2 1 0.1\n");
  CHECK_OK(speig_operator_from_matrix(in.A, &in.op_a));
  CHECK_OK(speig_operator_from_matrix(in.B, &in.op_b));
  CHECK_OK(speig_operator_from_matrix(in.G, &in.op_g));
  CHECK_OK(speig_operator_jacobi(in.A, &in.jacobi));
  for (int t = 0; t < THREADS; ++t) {
    w[t] = (worker){ .in = &in, .first = 2 * t };
    CU_ASSERT_EQUAL_FATAL(pthread_create(&thread[t], NULL, work, &w[t]), 0);
  }
  for (int t = 0; t < THREADS; ++t)
    (void)pthread_join(thread[t], NULL);
  (void)work(&alone);
  for (int j = 0; j < JOBS; ++j) {
    CU_ASSERT_EQUAL(alone.st[j], SPEIG_OK);
    for (int t = 0; t < THREADS; ++t) {
      if (w[t].st[j] != SPEIG_OK || w[t].digest[j] != alone.digest[j])
        fprintf(stderr, "\n  job %d, thread %d: %s", j, t, speig_status_text(w[t].st[j]));
      CU_ASSERT_EQUAL(w[t].st[j], SPEIG_OK);
      CU_ASSERT_EQUAL(w[t].digest[j], alone.digest[j]);
    }
  }
  speig_operator_destroy(&in.op_a);
  speig_operator_destroy(&in.op_b);
  speig_operator_destroy(&in.op_g);
  speig_operator_destroy(&in.jacobi);
  speig_matrix_destroy(&in.A);
  speig_matrix_destroy(&in.B);
  speig_matrix_destroy(&in.G);
}
TEST_ALL_TYPES(neighbours_get_the_same_bits)

int main(void)
{
  CU_pSuite suite;
  harness_start();
  suite = harness_suite("neighbours");
  ADD_ALL_CASES(suite, neighbours_get_the_same_bits);
  return harness_finish("neighbours");
}
