/* test_budget.c: what a plan predicts, what a solve says it took, and by how much the process grew.
 * Each solve runs in a process of its own, whose peak the system keeps (VmHWM); modules, BLAS and
 * OpenMP are warm by then. SPEIG_TEST_LONG: larger problems, and the table. */
#define _POSIX_C_SOURCE 200809L
#include "shift_kit.h"
#include "solve_kit.h"

#include "speig/speig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

typedef enum kind { HERMITIAN, GENERAL, SINGULAR } kind;

typedef enum trait {
  MASS = 1, /* A x = lambda B x */
  SHIFT = 2,
  CALLBACK = 4, /* the matrix as a function: nothing can be factored */
  LEFT = 8,
  TALL = 16, /* the first half of the columns */
  SMALL = 32, /* a dense problem */
  PRECOND = 64
} trait;

typedef struct budget_case {
  const char *name;
  kind kind;
  int method; /* speig_method */
  int which; /* speig_which, speig_eigs_which */
  int32_t k;
  int traits;
} budget_case;

static const budget_case cases[] = {
  { "lanczos, k = 4", HERMITIAN, SPEIG_LANCZOS, SPEIG_LA, 4, 0 },
  { "lanczos, k = 60", HERMITIAN, SPEIG_LANCZOS, SPEIG_LM, 60, 0 },
  { "lanczos, filtered", HERMITIAN, SPEIG_LANCZOS, SPEIG_SA, 6, CALLBACK },
  { "lanczos, B", HERMITIAN, SPEIG_LANCZOS, SPEIG_LA, 6, MASS },
  { "shift, k = 4", HERMITIAN, SPEIG_LANCZOS, SPEIG_LM, 4, SHIFT },
  { "shift, k = 40", HERMITIAN, SPEIG_LANCZOS, SPEIG_LM, 40, SHIFT },
  { "shift, B", HERMITIAN, SPEIG_LANCZOS, SPEIG_LA, 10, SHIFT | MASS },
  { "auto, smallest", HERMITIAN, SPEIG_METHOD_AUTO, SPEIG_SA, 6, 0 },
  { "auto, smallest magnitudes", HERMITIAN, SPEIG_METHOD_AUTO, SPEIG_SM, 6, 0 },
  { "lobpcg, k = 4", HERMITIAN, SPEIG_LOBPCG, SPEIG_LA, 4, 0 },
  { "lobpcg, k = 30, B", HERMITIAN, SPEIG_LOBPCG, SPEIG_LA, 30, MASS | PRECOND },
  { "dense", HERMITIAN, SPEIG_DENSE, SPEIG_SA, 4, SMALL },
  { "dense, half of all", HERMITIAN, SPEIG_DENSE, SPEIG_SA, 150, SMALL },
  { "dense, B", HERMITIAN, SPEIG_DENSE, SPEIG_SA, 20, SMALL | MASS },
  { "krylov-schur, k = 4", GENERAL, SPEIG_KRYLOV_SCHUR, SPEIG_EIGS_LR, 4, 0 },
  { "krylov-schur, k = 40, left", GENERAL, SPEIG_KRYLOV_SCHUR, SPEIG_EIGS_LM, 40, LEFT },
  { "krylov-schur, shift", GENERAL, SPEIG_KRYLOV_SCHUR, SPEIG_EIGS_LM, 6, SHIFT },
  { "krylov-schur, shift, left", GENERAL, SPEIG_KRYLOV_SCHUR, SPEIG_EIGS_LM, 6, SHIFT | LEFT },
  { "eigs dense", GENERAL, SPEIG_DENSE, SPEIG_EIGS_LM, 6, SMALL },
  { "eigs dense, left", GENERAL, SPEIG_DENSE, SPEIG_EIGS_LM, 100, SMALL | LEFT },
  { "golub-kahan, k = 4", SINGULAR, SPEIG_GOLUB_KAHAN, SPEIG_LM, 4, 0 },
  { "golub-kahan, k = 40, tall", SINGULAR, SPEIG_GOLUB_KAHAN, SPEIG_LM, 40, TALL },
  { "svds smallest", SINGULAR, SPEIG_METHOD_AUTO, SPEIG_SM, 6, 0 },
  { "svds dense", SINGULAR, SPEIG_DENSE, SPEIG_LM, 6, SMALL },
};
enum { CASES = sizeof cases / sizeof *cases };

/* What comes back from the other process. */
typedef struct outcome {
  speig_status st;
  int32_t k;
  size_t planned, used, grown;
  char message[256];
} outcome;

/* ---- problems ---- */

typedef struct problem {
  speig_matrix *A, *B;
  speig_operator *op, *op_b, *precond;
} problem;

static int apply_matrix(void *user, const speig_block *X, speig_block *Y)
{
  const double one[2] = { 1, 0 }, zero[2] = { 0, 0 };
  const float one_s[2] = { 1, 0 }, zero_s[2] = { 0, 0 };
  const int single = X->dtype == SPEIG_S || X->dtype == SPEIG_C;
  return speig_spmv(NULL, single ? (const void *)one_s : one, user, X,
                    single ? (const void *)zero_s : zero, Y) != SPEIG_OK;
}

static speig_matrix *grid_of(speig_dtype dtype, const char *generator, double side)
{
  const char *const names[] = { "nx", "ny" };
  const double sides[] = { side, side + 7 };
  speig_matrix *made = NULL, *A = NULL;
  CHECK_OK(speig_generate(generator, 2, names, sides, 1, &made));
  CHECK_OK(speig_matrix_convert(made, dtype, &A));
  speig_matrix_destroy(&made);
  return A;
}

static speig_matrix *left_half(speig_matrix *A)
{
  const speig_matrix_info info = speig_matrix_get_info(A);
  const int32_t *row, *col;
  const void *values;
  const size_t size = speig_dtype_size(info.dtype);
  int32_t *rows = calloc((size_t)info.nnz + 1, sizeof *rows);
  int32_t *cols = calloc((size_t)info.nnz + 1, sizeof *cols);
  char *kept = calloc((size_t)info.nnz + 1, size);
  int64_t count = 0;
  speig_coo *list = NULL, *half = NULL;
  speig_matrix *H = NULL;
  CHECK_OK(speig_coo_from_matrix(A, &list));
  speig_coo_arrays(list, &row, &col, &values);
  for (int64_t e = 0; e < info.nnz; ++e)
    if (col[e] < info.cols / 2) {
      rows[count] = row[e];
      cols[count] = col[e];
      memcpy(kept + (size_t)count++ * size, (const char *)values + (size_t)e * size, size);
    }
  CHECK_OK(speig_coo_create(info.dtype, info.rows, info.cols / 2, count, rows, cols, kept,
                            SPEIG_GENERAL, SPEIG_COPY, &half));
  CHECK_OK(speig_matrix_from_coo(half, &H));
  speig_coo_destroy(&half);
  speig_coo_destroy(&list);
  speig_matrix_destroy(&A);
  free(rows);
  free(cols);
  free(kept);
  return H;
}

static problem make_problem(const budget_case *c, speig_dtype dtype, double side)
{
  problem p = { NULL, NULL, NULL, NULL, NULL };
  const char *generator = c->kind == HERMITIAN ? "laplacian2d" : "convection2d";
  p.A = grid_of(dtype, generator, side);
  if (c->traits & TALL)
    p.A = left_half(p.A);
  if (c->traits & MASS) {
    speig_matrix *diagonal = kit_tridiagonal(dtype, (int32_t)speig_matrix_get_info(p.A).rows, 3, 1);
    p.B = diagonal;
    CHECK_OK(speig_operator_from_matrix(p.B, &p.op_b));
  }
  if (c->traits & CALLBACK)
    CHECK_OK(
        speig_operator_create(dtype, speig_matrix_get_info(p.A).rows, apply_matrix, p.A, &p.op));
  else
    CHECK_OK(speig_operator_from_matrix(p.A, &p.op));
  if (c->traits & PRECOND)
    CHECK_OK(speig_operator_jacobi(p.A, &p.precond));
  return p;
}

static void drop_problem(problem *p)
{
  speig_operator_destroy(&p->precond);
  speig_operator_destroy(&p->op);
  speig_operator_destroy(&p->op_b);
  speig_matrix_destroy(&p->A);
  speig_matrix_destroy(&p->B);
}

/* ---- solves ---- */

static void solve_hermitian(const budget_case *c, const problem *p, size_t memory, outcome *o)
{
  speig_eigsh_opts opts = SPEIG_EIGSH_OPTS_INIT;
  speig_eigsh_plan plan = { .memory_bytes = 0 };
  speig_eigsh_result *r = NULL;
  opts.k = c->k;
  opts.method = (speig_method)c->method;
  opts.which = (speig_which)c->which;
  opts.device = SPEIG_HOST;
  opts.threads = 1;
  opts.tol = 1e-3;
  opts.memory = memory;
  opts.has_sigma = (c->traits & SHIFT) != 0;
  opts.sigma = 0.31;
  opts.precond = p->precond;
  opts.max_matvecs = 4000;
  if (!memory && (o->st = speig_eigsh_make_plan(p->op, p->op_b, &opts, &plan)) != SPEIG_OK)
    return;
  o->planned = plan.memory_bytes;
  o->st = speig_eigsh(p->op, p->op_b, &opts, &r);
  if (r) {
    o->k = r->k;
    o->used = r->memory_bytes;
  }
  speig_eigsh_result_free(&r);
}

static void solve_general(const budget_case *c, const problem *p, size_t memory, outcome *o)
{
  speig_eigs_opts opts = SPEIG_EIGS_OPTS_INIT;
  speig_eigs_plan plan = { .memory_bytes = 0 };
  speig_eigs_result *r = NULL;
  opts.k = c->k;
  opts.method = (speig_method)c->method;
  opts.which = (speig_eigs_which)c->which;
  opts.device = SPEIG_HOST;
  opts.threads = 1;
  opts.tol = 1e-3;
  opts.memory = memory;
  opts.has_sigma = (c->traits & SHIFT) != 0;
  opts.sigma[0] = 0.31;
  opts.left = (c->traits & LEFT) != 0;
  opts.max_matvecs = 2000;
  if (!memory && (o->st = speig_eigs_make_plan(p->op, p->op_b, &opts, &plan)) != SPEIG_OK)
    return;
  o->planned = plan.memory_bytes;
  o->st = speig_eigs(p->op, p->op_b, &opts, &r);
  if (r) {
    o->k = r->k;
    o->used = r->memory_bytes;
  }
  speig_eigs_result_free(&r);
}

static void solve_singular(const budget_case *c, const problem *p, size_t memory, outcome *o)
{
  speig_svds_opts opts = SPEIG_SVDS_OPTS_INIT;
  speig_svds_plan plan = { .memory_bytes = 0 };
  speig_svds_result *r = NULL;
  opts.k = c->k;
  opts.method = (speig_method)c->method;
  opts.which = (speig_which)c->which;
  opts.device = SPEIG_HOST;
  opts.threads = 1;
  opts.tol = 1e-3;
  opts.memory = memory;
  opts.max_matvecs = 2000;
  if (!memory && (o->st = speig_svds_make_plan(p->op, &opts, &plan)) != SPEIG_OK)
    return;
  o->planned = plan.memory_bytes;
  o->st = speig_svds(p->op, &opts, &r);
  if (r) {
    o->k = r->k;
    o->used = r->memory_bytes;
  }
  speig_svds_result_free(&r);
}

static outcome solve(const budget_case *c, const problem *p, size_t memory)
{
  outcome o = { SPEIG_OK, 0, 0, 0, 0, "" };
  if (c->kind == HERMITIAN)
    solve_hermitian(c, p, memory, &o);
  else if (c->kind == GENERAL)
    solve_general(c, p, memory, &o);
  else
    solve_singular(c, p, memory, &o);
  if (o.st != SPEIG_OK)
    (void)snprintf(o.message, sizeof o.message, "%.250s", speig_last_error());
  return o;
}

/* ---- the other process ---- */

/* A number of /proc/self/status in bytes; 0 where there is no such file. */
static size_t status_bytes(const char *key)
{
  char line[256];
  unsigned long kilobytes = 0;
  FILE *in = fopen("/proc/self/status", "r");
  while (in && fgets(line, sizeof line, in))
    if (strncmp(line, key, strlen(key)) == 0)
      (void)sscanf(line + strlen(key), ": %lu", &kilobytes);
  if (in)
    (void)fclose(in);
  return 1024 * (size_t)kilobytes;
}

static int forget_peak(void)
{
  FILE *out = fopen("/proc/self/clear_refs", "w");
  const int done = out && fputs("5", out) >= 0;
  return out && fclose(out) == 0 && done;
}

/* Solves with and without a limit; the process ends with it. */
static void be_the_other(const budget_case *c, speig_dtype dtype, double side, size_t memory,
                         int pipe_end)
{
  problem little = make_problem(c, dtype, 20), p;
  outcome o;
  size_t before;
  (void)solve(c, &little, 0);
  drop_problem(&little);
  p = make_problem(c, dtype, side);
  before = forget_peak() ? status_bytes("VmRSS") : 0;
  o = solve(c, &p, memory);
  o.grown = before > 0 && status_bytes("VmHWM") > before ? status_bytes("VmHWM") - before : 0;
  drop_problem(&p);
  _exit(write(pipe_end, &o, sizeof o) == (ssize_t)sizeof o ? 0 : 1);
}

static outcome solve_apart(const budget_case *c, speig_dtype dtype, double side, size_t memory)
{
  outcome o = { SPEIG_ERR_INTERNAL, 0, 0, 0, 0, "the other process died" };
  int ends[2], status = 0;
  CU_ASSERT_EQUAL_FATAL(pipe(ends), 0);
  (void)fflush(NULL);
  const pid_t child = fork();
  CU_ASSERT_TRUE_FATAL(child >= 0);
  if (child == 0)
    be_the_other(c, dtype, side, memory, ends[1]);
  (void)close(ends[1]);
  CU_ASSERT_EQUAL(read(ends[0], &o, sizeof o), (ssize_t)sizeof o);
  (void)close(ends[0]);
  (void)waitpid(child, &status, 0);
  return o;
}

/* ---- the judgement ---- */

static double megabytes(size_t bytes)
{
  return (double)bytes / 1e6;
}

/* Of the growth of a process: what BLAS and the system round up, whatever the problem. */
enum { SYSTEM_ROOM = 3 << 20 };

/* How much a process may grow for so many bytes. */
static double allowed_growth(size_t bytes)
{
  return 1.1 * (double)bytes + SYSTEM_ROOM;
}

static void check_case(const budget_case *c, const test_case *tc, double side)
{
  const int tells = getenv("SPEIG_TEST_LONG") != NULL;
  const outcome free_of = solve_apart(c, tc->dtype, side, 0);
  const double planned = (double)free_of.planned;
  int fine = free_of.st == SPEIG_OK && free_of.used <= free_of.planned &&
             (double)free_of.grown <= allowed_growth(free_of.planned);
  if (tells || !fine)
    fprintf(stderr, "\n  %-28s %s %9.1f MB planned %9.1f used (%.2f) %9.1f grown (%.2f) k %d %s",
            c->name, speig_dtype_name(tc->dtype), megabytes(free_of.planned),
            megabytes(free_of.used), (double)free_of.used / planned, megabytes(free_of.grown),
            (double)free_of.grown / planned, free_of.k, free_of.message);
  CU_ASSERT_TRUE(fine);
  /* As much as planned is enough. */
  const outcome enough = solve_apart(c, tc->dtype, side, free_of.planned);
  fine = enough.st == SPEIG_OK && enough.used <= free_of.planned && enough.k >= free_of.k;
  if (!fine)
    fprintf(stderr, "\n  %s, as much as planned: %zu of %zu, k %d of %d: %s", c->name, enough.used,
            free_of.planned, enough.k, free_of.k, enough.message);
  CU_ASSERT_TRUE(fine);
  /* Less than that: within it, or refused. */
  const size_t half = free_of.used / 2;
  const outcome less = solve_apart(c, tc->dtype, side, half);
  fine = less.st == SPEIG_ERR_MEMORY || (less.st == SPEIG_OK && less.used <= half);
  fine =
      fine && (double)less.grown <= allowed_growth(half > free_of.planned ? half : free_of.planned);
  if (!fine)
    fprintf(stderr, "\n  %s, half: %zu of %zu used, %zu grown: %s", c->name, less.used, half,
            less.grown, less.message);
  CU_ASSERT_TRUE(fine);
}

static void budgets_are_kept(const test_case *tc)
{
  const int is_long = getenv("SPEIG_TEST_LONG") != NULL;
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  harness_skip("a sanitizer takes memory of its own");
  return;
#endif
  if (getenv("SPEIG_TEST_SLOW")) {
    harness_skip("valgrind takes memory of its own");
    return;
  }
  if (!is_long && tc->dtype > SPEIG_D) {
    harness_skip("the long form has all types");
    return;
  }
  if (!shift_have_factors())
    return;
  for (int i = 0; i < CASES; ++i) {
    const int is_dense = (cases[i].traits & SMALL) != 0;
    if (!is_long && i % 4 != (int)tc->dtype)
      continue;
    check_case(&cases[i], tc, is_long ? (is_dense ? 27 : 200) : is_dense ? 17 : 60);
  }
}
TEST_ALL_TYPES(budgets_are_kept)

int main(void)
{
  CU_pSuite suite;
  harness_start();
  suite = harness_suite("budget");
  ADD_ALL_CASES(suite, budgets_are_kept);
  return harness_finish("budget");
}
