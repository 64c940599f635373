/* test_faults.c: what happens when something is wrong or ends early: bad numbers, failing
 * callbacks, limits, cancelling, exhausted memory; and that answers do not depend on threads or
 * neighbours. */
#define _POSIX_C_SOURCE 200809L
#include "solve_kit.h"

#include "base/memory.h"

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const speig_method METHODS[] = { SPEIG_METHOD_AUTO, SPEIG_DENSE, SPEIG_LANCZOS,
                                        SPEIG_LOBPCG };
enum { METHOD_COUNT = 4 };

static model grid(const test_case *tc)
{
  return model_make(tc->dtype, 1, "laplacian2d", "nx", 17.0, "ny", 13.0, NULL);
}

/* Fails with the status, and the message contains the words. */
static void refuses(const speig_operator *A, const speig_operator *B, const speig_eigsh_opts *opts,
                    speig_status needed, const char *words)
{
  speig_eigsh_result *r = NULL;
  speig_status st = speig_eigsh(A, B, opts, &r);
  if (st != needed || !strstr(speig_last_error(), words))
    fprintf(stderr, "\n  method %s: %s, %s: needed %s, '%s'", speig_method_name(opts->method),
            speig_status_text(st), st ? speig_last_error() : "", speig_status_text(needed), words);
  CU_ASSERT_EQUAL(st, needed);
  CU_ASSERT_PTR_NULL(r);
  CU_ASSERT_TRUE(st != needed || strstr(speig_last_error(), words) != NULL);
  speig_eigsh_result_free(&r);
}

static void bad_entries_are_named(const test_case *tc)
{
  const int64_t rowptr[] = { 0, 2, 4, 5 };
  const int32_t col[] = { 0, 1, 0, 1, 2 };
  const double bad[] = { NAN, INFINITY };
  for (int t = 0; t < 2 * METHOD_COUNT; ++t) {
    char values[5 * 16];
    speig_matrix *A = NULL;
    speig_operator *op = NULL;
    speig_eigsh_opts opts = opts_for(tc->device, METHODS[t / 2], 1, SPEIG_LA);
    for (int e = 0; e < 5; ++e)
      scalar_put(tc->dtype, values, e, e == 3 ? bad[t % 2] : 1, 0);
    CHECK_OK(speig_matrix_create_csr(tc->dtype, 3, 3, rowptr, col, values, SPEIG_COPY, &A));
    CHECK_OK(speig_operator_from_matrix(A, &op));
    refuses(op, NULL, &opts, SPEIG_ERR_NUMERIC, "row 2, column 2");
    speig_operator_destroy(&op);
    speig_matrix_destroy(&A);
  }
}
TEST_ALL_CASES(bad_entries_are_named)

/* A callback that multiplies by diag(1, 2, ...), and goes wrong at a given call. */
typedef struct diagonal {
  int64_t calls, fails_at, spoils_at;
} diagonal;

static int apply_diagonal(void *user, const speig_block *X, speig_block *Y)
{
  diagonal *d = user;
  ++d->calls;
  for (int64_t j = 0; j < X->cols; ++j)
    for (int64_t i = 0; i < X->rows; ++i) {
      double x[2];
      scalar_get(X->dtype, X->data, i + j * X->ld, x);
      if (d->calls == d->spoils_at && i == 3)
        x[0] = NAN;
      scalar_put(Y->dtype, Y->data, i + j * Y->ld, (double)(i + 1) * x[0], (double)(i + 1) * x[1]);
    }
  return d->calls == d->fails_at ? 42 : 0;
}

static void callbacks_may_fail(const test_case *tc)
{
  for (int t = 0; t < METHOD_COUNT; ++t)
    for (int64_t at = 1; at <= 4; ++at) {
      diagonal fails = { 0, at, 0 }, spoils = { 0, 0, at };
      speig_operator *op = NULL;
      speig_eigsh_opts opts = opts_for(tc->device, METHODS[t], 3, SPEIG_LA);
      CHECK_OK(speig_operator_create(tc->dtype, 400, apply_diagonal, &fails, &op));
      if (METHODS[t] != SPEIG_DENSE || at == 1) {
        refuses(op, NULL, &opts, SPEIG_ERR_CALLBACK, "42");
        CU_ASSERT_EQUAL(fails.calls, at); /* not called again */
      }
      speig_operator_destroy(&op);
      CHECK_OK(speig_operator_create(tc->dtype, 400, apply_diagonal, &spoils, &op));
      if (METHODS[t] != SPEIG_DENSE || at == 1)
        refuses(op, NULL, &opts, SPEIG_ERR_NUMERIC, "");
      speig_operator_destroy(&op);
    }
}
TEST_ALL_CASES(callbacks_may_fail)

static void callbacks_solve(const test_case *tc)
{
  for (int t = 0; t < METHOD_COUNT; ++t) {
    diagonal d = { 0, 0, 0 };
    speig_operator *op = NULL;
    speig_eigsh_result *r = NULL;
    speig_eigsh_opts opts = opts_for(tc->device, METHODS[t], 5, SPEIG_LA);
    CHECK_OK(speig_operator_create(tc->dtype, 300, apply_diagonal, &d, &op));
    CHECK_OK(speig_eigsh(op, NULL, &opts, &r));
    CU_ASSERT_EQUAL(r->k, 5);
    for (int32_t j = 0; j < r->k; ++j)
      CU_ASSERT_DOUBLE_EQUAL(r->values[j], 296 + j, 300 * 1000 * tc->eps);
    speig_eigsh_result_free(&r);
    speig_operator_destroy(&op);
  }
}
TEST_ALL_CASES(callbacks_solve)

static int cancel_at(void *user, const speig_progress *progress)
{
  int64_t *left = user;
  CU_ASSERT_TRUE(progress->wanted > 0 && progress->matvecs >= 0 && progress->norm >= 0);
  return --*left <= 0;
}

/* What is kept after an early end holds its tolerance. */
static void ends_early(const model *m, const speig_eigsh_opts *opts, speig_reason reason)
{
  speig_eigsh_result *r = NULL;
  CHECK_OK(speig_eigsh(m->op, NULL, opts, &r));
  if (r->reason != reason)
    fprintf(stderr, "\n  %s %s: reason %s, needed %s, %d pairs", m->name,
            speig_method_name(opts->method), speig_reason_name(r->reason),
            speig_reason_name(reason), (int)r->k);
  CU_ASSERT_EQUAL(r->reason, reason);
  CU_ASSERT_TRUE(r->outcome >= SPEIG_PARTIAL);
  CU_ASSERT_TRUE(answer_is_right(m, opts, r));
  speig_eigsh_result_free(&r);
}

static void limits_hold(const test_case *tc)
{
  /* a long chain: its smallest eigenvalues take many restarts and iterations */
  model m =
      model_make(tc->dtype, 1, "laplacian1d", "n", harness_is_slow(tc) ? 400.0 : 1500.0, NULL);
  for (int t = 2; t < METHOD_COUNT; ++t) {
    speig_eigsh_opts opts = opts_for(tc->device, METHODS[t], 8, SPEIG_SA);
    speig_eigsh_result *r = NULL;
    for (int64_t at = 1; at <= 3; ++at) {
      int64_t left = at;
      opts.progress = cancel_at;
      opts.progress_user = &left;
      ends_early(&m, &opts, SPEIG_STOP_CANCELLED);
      CU_ASSERT_EQUAL(left, 0); /* not called again */
    }
    opts.progress = NULL;
    opts.max_matvecs = 30;
    ends_early(&m, &opts, SPEIG_STOP_MAX_MATVECS);
    CHECK_OK(speig_eigsh(m.op, NULL, &opts, &r));
    CU_ASSERT_TRUE(r->matvecs <= 30 + 40); /* a block more, and the final residuals */
    speig_eigsh_result_free(&r);
    opts.max_matvecs = 0;
    opts.time_limit = 1e-9;
    ends_early(&m, &opts, SPEIG_STOP_TIME_LIMIT);
  }
  model_drop(&m);
}
TEST_ALL_CASES(limits_hold)

static void budgets_are_kept(const test_case *tc)
{
  model m = grid(tc);
  for (int t = 0; t < METHOD_COUNT; ++t) {
    speig_eigsh_opts opts = opts_for(tc->device, METHODS[t], 8, SPEIG_SA);
    speig_eigsh_result *r = NULL;
    speig_eigsh_plan plan;
    size_t before = mem_account_read().current;
    opts.memory = 5000;
    refuses(m.op, NULL, &opts, SPEIG_ERR_MEMORY, "5000");
    CU_ASSERT_EQUAL(mem_account_read().current, before);
    opts.memory = 0;
    CHECK_OK(speig_eigsh_make_plan(m.op, NULL, &opts, &plan));
    CHECK_OK(speig_eigsh(m.op, NULL, &opts, &r));
    /* the prediction is of the right size */
    if (r->memory_bytes > 3 * plan.memory_bytes + ((size_t)2 << 20) ||
        plan.memory_bytes > 10 * r->memory_bytes)
      fprintf(stderr, "\n  %s %s: %zu bytes planned, %zu used", m.name,
              speig_method_name(METHODS[t]), plan.memory_bytes, r->memory_bytes);
    CU_ASSERT_TRUE(r->memory_bytes > 0 &&
                   r->memory_bytes < 3 * plan.memory_bytes + ((size_t)2 << 20));
    CU_ASSERT_TRUE(plan.memory_bytes < 10 * r->memory_bytes);
    opts.memory = r->memory_bytes + plan.memory_bytes;
    speig_eigsh_result_free(&r);
    expect_right(&m, &opts, 0);
  }
  model_drop(&m);
}
TEST_ALL_CASES(budgets_are_kept)

/* Each allocation fails once: an error, nothing kept, and the next call as if nothing had been. */
static void failing_allocations_leave_nothing(const test_case *tc)
{
  const int64_t most = harness_is_slow(tc) ? 30 : 60;
  model m = model_make(tc->dtype, 1, "laplacian2d", "nx", 9.0, "ny", 7.0, NULL);
  for (int t = 1; t < METHOD_COUNT; ++t) {
    speig_eigsh_opts opts = opts_for(tc->device, METHODS[t], 2, SPEIG_SA);
    speig_eigsh_result *first = NULL, *again = NULL;
    size_t before = mem_account_read().current;
    int64_t needed, stride;
    (void)mem_fail_at(0, 0);
    CHECK_OK(speig_eigsh(m.op, NULL, &opts, &first));
    needed = mem_fail_at(0, 0);
    stride = needed / most + 1; /* enough of them, and every one of the first */
    for (int64_t at = 1; at <= needed; at += at < most ? 1 : stride) {
      speig_eigsh_result *r = NULL;
      size_t held = mem_account_read().current;
      speig_status st, expected = SPEIG_ERR_MEMORY;
      (void)mem_fail_at(at, 0);
      st = speig_eigsh(m.op, NULL, &opts, &r);
      /* On a device that is slow for a moment, steps run ahead in shorter batches, with fewer of
       * them: the last ones may not be reached. */
      if (mem_fail_at(0, 0) < at && tc->device == SPEIG_CUDA)
        expected = SPEIG_OK;
      if (st != expected)
        fprintf(stderr, "\n  %s %s: allocation %lld of %lld: %s", m.name,
                speig_method_name(METHODS[t]), (long long)at, (long long)needed,
                speig_status_text(st));
      CU_ASSERT_EQUAL(st, expected);
      CU_ASSERT_EQUAL(r == NULL, expected != SPEIG_OK);
      speig_eigsh_result_free(&r);
      CU_ASSERT_EQUAL(mem_account_read().current, held);
    }
    CHECK_OK(speig_eigsh(m.op, NULL, &opts, &again));
    CU_ASSERT_TRUE(same_answers(first, again));
    speig_eigsh_result_free(&first);
    speig_eigsh_result_free(&again);
    CU_ASSERT_EQUAL(mem_account_read().current, before);
  }
  model_drop(&m);
}
TEST_ALL_CASES(failing_allocations_leave_nothing)

/* n beyond one chunk of rows, so that several threads have work. */
static void threads_give_the_same_bits(const test_case *tc)
{
  static const int threads[] = { 2, 3, 7 };
  const int slow = harness_is_slow(tc);
  model m = model_make(tc->dtype, 1, "laplacian2d", "nx", slow ? 14.0 : 50.0, "ny", 45.0, NULL);
  for (int t = 2; t < METHOD_COUNT; ++t) {
    speig_eigsh_opts opts = opts_for(tc->device, METHODS[t], 3, SPEIG_LA);
    speig_eigsh_result *alone = NULL;
    opts.tol = 1e-2;
    CHECK_OK(speig_eigsh(m.op, NULL, &opts, &alone));
    for (int i = 0; i < (slow ? 1 : 3); ++i) {
      speig_eigsh_result *r = NULL;
      opts.threads = threads[i];
      CHECK_OK(speig_eigsh(m.op, NULL, &opts, &r));
      CU_ASSERT_TRUE(same_answers(alone, r));
      speig_eigsh_result_free(&r);
    }
    speig_eigsh_result_free(&alone);
  }
  model_drop(&m);
}
TEST_ALL_CASES(threads_give_the_same_bits)

typedef struct neighbour {
  const model *m;
  speig_eigsh_opts opts;
  speig_eigsh_result *result;
  speig_status status;
} neighbour;

static void *solve_beside_others(void *argument)
{
  neighbour *self = argument;
  self->status = speig_eigsh(self->m->op, NULL, &self->opts, &self->result);
  return NULL;
}

/* Four solves at once on one shared matrix, by different methods: the same bits as alone. */
static void neighbours_do_not_disturb(const test_case *tc)
{
  model m = grid(tc);
  neighbour n[4];
  pthread_t thread[4];
  for (int t = 0; t < 4; ++t) {
    n[t] = (neighbour){ .m = &m, .opts = opts_for(tc->device, METHODS[t], 4, SPEIG_SA) };
    n[t].opts.threads = 1 + t % 2;
    CU_ASSERT_EQUAL_FATAL(pthread_create(&thread[t], NULL, solve_beside_others, &n[t]), 0);
  }
  for (int t = 0; t < 4; ++t) {
    speig_eigsh_result *alone = NULL;
    (void)pthread_join(thread[t], NULL);
    CU_ASSERT_EQUAL_FATAL(n[t].status, SPEIG_OK);
    CHECK_OK(speig_eigsh(m.op, NULL, &n[t].opts, &alone));
    CU_ASSERT_TRUE(same_answers(alone, n[t].result));
    CU_ASSERT_TRUE(answer_is_right(&m, &n[t].opts, n[t].result));
    speig_eigsh_result_free(&alone);
    speig_eigsh_result_free(&n[t].result);
  }
  model_drop(&m);
}
TEST_ALL_CASES(neighbours_do_not_disturb)

int main(void)
{
  CU_pSuite suite;
  harness_start();
  suite = harness_suite("faults");
  ADD_ALL_CASES(suite, bad_entries_are_named);
  ADD_ALL_CASES(suite, callbacks_may_fail);
  ADD_ALL_CASES(suite, callbacks_solve);
  ADD_ALL_CASES(suite, limits_hold);
  ADD_ALL_CASES(suite, budgets_are_kept);
  ADD_ALL_CASES(suite, failing_allocations_leave_nothing);
  ADD_ALL_CASES(suite, threads_give_the_same_bits);
  ADD_ALL_CASES(suite, neighbours_do_not_disturb);
  return harness_finish("faults");
}
