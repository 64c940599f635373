/*
 * sweep.c: every CUDA call is made to fail once, over the block functions and over solves.
 *
 * A scenario is run with its 1st, 2nd, 3rd ... call failing, until none fails any more. Each time
 * it ends either well, with the right numbers (a failing release is nobody's loss), or with a
 * status and a message that names the call. Nothing stays allocated. The context works on as if
 * nothing had been, or, where the device died at that call, says so at every later use. Needs the
 * emulated runtime: a real one cannot be made to fail.
 */
#include "eigen_kit.h"
#include "harness.h"
#include "solve_kit.h"
#include "standins/control.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

enum { ROWS = 30, COLS = 3 };

static const standins_control *control;

typedef struct trial {
  const test_case *tc;
  standins_failure how;
  char message[1024]; /* of the failure */
  double numbers[COLS];
} trial;

typedef speig_status scenario(trial *t);

static int have_control(void)
{
  speig_context *ctx = NULL;
  void *library, *symbol;
  standins_control_fn *get = NULL;
  if (control)
    return 1;
  CHECK_OK(speig_context_create(SPEIG_CUDA, 1, &ctx)); /* loads the runtime */
  speig_context_destroy(&ctx);
  library = dlopen("libcudart.so.13", RTLD_NOW | RTLD_NOLOAD);
  symbol = library ? dlsym(library, "standins_control_get") : NULL;
  if (!symbol) {
    harness_skip("the CUDA runtime is not the emulated one");
    return 0;
  }
  memcpy(&get, &symbol, sizeof get);
  control = get();
  return 1;
}

/* ---- what is run ---- */

#define STEP(call)                                                                                 \
  do {                                                                                             \
    if ((st = (call)) != SPEIG_OK)                                                                 \
      goto done;                                                                                   \
  } while (0)

static speig_status use_blocks(trial *t, speig_context *ctx, const speig_matrix *A, speig_block *X,
                               speig_block *Y, speig_block *pin)
{
  speig_status st = SPEIG_OK;
  speig_dtype dtype = t->tc->dtype;
  double one[2], factor[2 * COLS * COLS] = { 0 };
  speig_block C = { dtype, COLS, COLS, COLS, factor, SPEIG_HOST };
  scalar_put(dtype, one, 0, 1, 0);
  STEP(speig_fill_random(ctx, 7, X));
  STEP(speig_spmv(ctx, one, A, X, one, Y));
  STEP(speig_gram(ctx, one, X, Y, one, &C));
  STEP(speig_gemm(ctx, one, X, &C, one, Y));
  STEP(speig_copy_async(ctx, Y, pin));
  STEP(speig_context_wait(ctx));
  STEP(speig_copy(ctx, pin, X));
  STEP(speig_norm(ctx, X, t->numbers));
done:
  return st;
}

/* After a failure: the context works as before, or is dead and says so. */
static void check_aftermath(const trial *t, speig_context *ctx, speig_block *X)
{
  double norm[COLS] = { 0 };
  speig_status st = speig_fill_random(ctx, 3, X);
  if (st == SPEIG_OK)
    st = speig_norm(ctx, X, norm);
  if (t->how == STANDINS_FAIL_ONCE) {
    CU_ASSERT_EQUAL(st, SPEIG_OK);
    CU_ASSERT_TRUE(norm[0] > 1 && norm[COLS - 1] > 1);
  } else {
    CU_ASSERT_EQUAL(st, SPEIG_ERR_DEVICE);
    CU_ASSERT_PTR_NOT_NULL(strstr(speig_last_error(), "device"));
  }
}

static speig_status run_blocks(trial *t)
{
  speig_status st = SPEIG_OK;
  speig_dtype dtype = t->tc->dtype;
  speig_context *ctx = NULL;
  speig_block X = { .data = NULL }, Y = { .data = NULL }, pin = { .data = NULL };
  speig_matrix *A = kit_tridiagonal(dtype, ROWS, 2, -1);
  STEP(speig_context_create(SPEIG_CUDA, 1, &ctx));
  STEP(speig_block_alloc_on(ctx, dtype, ROWS, COLS, &X));
  STEP(speig_block_alloc_on(ctx, dtype, ROWS, COLS, &Y));
  STEP(speig_block_alloc_pinned(ctx, dtype, ROWS, COLS, &pin));
  STEP(use_blocks(t, ctx, A, &X, &Y, &pin));
done:
  (void)snprintf(t->message, sizeof t->message, "%s", st == SPEIG_OK ? "" : speig_last_error());
  if (st != SPEIG_OK && X.data)
    check_aftermath(t, ctx, &X);
  speig_block_free_on(ctx, &X);
  speig_block_free_on(ctx, &Y);
  speig_block_free_on(ctx, &pin);
  speig_context_destroy(&ctx);
  speig_matrix_destroy(&A);
  return st;
}

static speig_status run_solve(trial *t, speig_method method)
{
  model m = model_make(t->tc->dtype, 1, "laplacian1d", "n", (double)ROWS, NULL);
  speig_eigsh_opts opts = opts_for(SPEIG_CUDA, method, 2, SPEIG_LA);
  speig_operator *T = NULL;
  speig_eigsh_result *r = NULL;
  speig_status st;
  opts.tol = t->tc->eps > 1e-10 ? 1e-3 : 1e-5;
  if (method == SPEIG_LOBPCG) {
    CHECK_OK(speig_operator_jacobi(m.A, &T));
    opts.precond = T;
  }
  st = speig_eigsh(m.op, NULL, &opts, &r);
  if (st == SPEIG_OK)
    CU_ASSERT_TRUE(answer_is_right(&m, &opts, r));
  (void)snprintf(t->message, sizeof t->message, "%s", st == SPEIG_OK ? "" : speig_last_error());
  speig_eigsh_result_free(&r);
  speig_operator_destroy(&T);
  model_drop(&m);
  return st;
}

static speig_status run_lanczos(trial *t)
{
  return run_solve(t, SPEIG_LANCZOS);
}

static speig_status run_lobpcg(trial *t)
{
  return run_solve(t, SPEIG_LOBPCG);
}

/* ---- the sweep ---- */

/* Launches are named by what is launched, requests for memory by what it was for; a device that
 * died in a release, say, is noticed at the next call, which then tells what killed it. */
static int message_names(const trial *t, const char *call)
{
  const char *message = t->message;
  return strstr(message, call) != NULL ||
         (t->how == STANDINS_FAIL_STICKY && strstr(message, "illegal memory access")) ||
         (strcmp(call, "cudaMallocHost") == 0 && strstr(message, "pinned")) ||
         ((strcmp(call, "cudaLaunchKernel") == 0 || strcmp(call, "cudaFuncSetAttribute") == 0) &&
          strstr(message, "gpu_")) ||
         (strcmp(call, "cudaMalloc") == 0 && strstr(message, "on the device"));
}

static void check_trial(const trial *t, const trial *undisturbed, speig_status st, long n)
{
  const char *call = control->failed_call();
  int named = st == SPEIG_OK || message_names(t, call);
  int clean = control->live_bytes() == 0 && control->live_pinned_bytes() == 0 &&
              control->live_objects() == 0;
  if (!named || !clean)
    fprintf(stderr, "  call %ld, %s (%s): %s: \"%s\"; left: %zu bytes, %zu pinned, %ld objects\n",
            n, call, t->how == STANDINS_FAIL_ONCE ? "once" : "sticky", speig_status_text(st),
            t->message, control->live_bytes(), control->live_pinned_bytes(),
            control->live_objects());
  CU_ASSERT_TRUE(named);
  CU_ASSERT_TRUE(clean);
  CU_ASSERT_TRUE(st == SPEIG_OK || st == SPEIG_ERR_DEVICE || st == SPEIG_ERR_MEMORY);
  CU_ASSERT_TRUE(st != SPEIG_OK ||
                 memcmp(t->numbers, undisturbed->numbers, sizeof t->numbers) == 0);
}

/* All of the first and the last calls, some of those between. */
static void sweep(const test_case *tc, scenario *run)
{
  enum { ENDS = 25, BETWEEN = 10 };
  trial undisturbed = { .tc = tc };
  long calls, step, failures = 0;
  if (!have_control())
    return;
  control->fail_at(0, STANDINS_FAIL_ONCE);
  CU_ASSERT_EQUAL_FATAL(run(&undisturbed), SPEIG_OK);
  calls = control->calls();
  step = calls > 2 * ENDS + BETWEEN ? (calls - 2 * ENDS) / BETWEEN : 1;
  for (int how = STANDINS_FAIL_ONCE; how <= STANDINS_FAIL_STICKY; ++how)
    for (long n = 1; n <= calls; n += n < ENDS || n > calls - ENDS ? 1 : step) {
      trial t = { .tc = tc, .how = (standins_failure)how };
      speig_status st;
      control->fail_at(n, t.how);
      st = run(&t);
      if (control->failed_call()[0] != '\0') {
        ++failures;
        check_trial(&t, &undisturbed, st, n);
      }
    }
  control->fail_at(0, STANDINS_FAIL_ONCE);
  CU_ASSERT_TRUE(failures > 20);
}

static void every_call_fails_once_over_blocks(const test_case *tc)
{
  sweep(tc, run_blocks);
}
TEST_ALL_CASES(every_call_fails_once_over_blocks)

/* The types differ in the kernels alone, so one of them does for a solve. */
static void every_call_fails_once_over_lanczos(const test_case *tc)
{
  if (tc->dtype == SPEIG_Z)
    sweep(tc, run_lanczos);
}
TEST_ALL_CASES(every_call_fails_once_over_lanczos)

static void every_call_fails_once_over_lobpcg(const test_case *tc)
{
  if (tc->dtype == SPEIG_D)
    sweep(tc, run_lobpcg);
}
TEST_ALL_CASES(every_call_fails_once_over_lobpcg)

/* ---- the order of threads ---- */

/* Blocks and threads in another order, streams that run at other times: the same bits. */
static void any_order_of_threads_gives_the_same_bits(const test_case *tc)
{
  trial natural = { .tc = tc };
  if (!have_control())
    return;
  CU_ASSERT_EQUAL_FATAL(run_blocks(&natural), SPEIG_OK);
  for (unsigned long seed = 1; seed <= 5; ++seed) {
    trial t = { .tc = tc };
    control->seed(seed);
    CU_ASSERT_EQUAL(run_blocks(&t), SPEIG_OK);
    CU_ASSERT_EQUAL(memcmp(t.numbers, natural.numbers, sizeof t.numbers), 0);
  }
  control->seed(0);
}
TEST_ALL_CASES(any_order_of_threads_gives_the_same_bits)

int main(void)
{
  CU_pSuite suite;
  harness_start();
  suite = harness_suite("sweep");
  ADD_ALL_CASES(suite, every_call_fails_once_over_blocks);
  ADD_ALL_CASES(suite, every_call_fails_once_over_lanczos);
  ADD_ALL_CASES(suite, every_call_fails_once_over_lobpcg);
  ADD_ALL_CASES(suite, any_order_of_threads_gives_the_same_bits);
  return harness_finish("sweep");
}
