/* bench_device.c: how near the CUDA kernels run to the device's memory speed, and whole solves.
 *
 *   bench_device kernels [type: s d c z] [grid side, default 160] [rounds, default 7]
 *   bench_device graph [type] [log2 of the vertices, default 20] [rounds]
 *   bench_device solves [most rows, default 1000000]
 *
 * kernels, graph: one line per kernel: microseconds, the bytes that must move, GB/s, and the share
 * of what a copy of large blocks moved in the same run. Each figure is the best of the rounds,
 * which go round all kernels in turn; within a round a kernel is put into the stream many times
 * before the one wait, so that entries that need no answer are timed without the host's part. Those
 * that return numbers to the host wait every time, as in use. solves: whole calls of speig_eigsh,
 * on the device and, where n <= 100000, on the host, and how far the values differ against the
 * error bounds of both.                                            */
#include "backend/backend.h"
#include "base/clock.h"
#include "base/dtype.h"
#include "speig/speig.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BASIS = 40, KEPT = 20, BLOCK = 8, KERNELS = 18 };

typedef struct setup {
  backend *be;
  speig_matrix *A;
  backend_matrix *M;
  multivec Q, X, Y; /* n x 41, n x 8, n x 8 */
  small square, narrow, thin, wide;
  double ones[BASIS], out[BASIS], diag[BASIS], off[BASIS];
  double scalar; /* bytes of one scalar */
  double n, nnz;
} setup;

static void check(speig_status st)
{
  if (st != SPEIG_OK) {
    fprintf(stderr, "bench_device: %s: %s\n", speig_status_text(st), speig_last_error());
    exit(1);
  }
}

static double streams(const setup *s, double columns)
{
  return columns * s->n * s->scalar;
}

static double matrix_bytes(const setup *s)
{
  return s->nnz * (s->scalar + 4) + (s->n + 1) * 8;
}

/* One step of a batch against BASIS columns: two passes over them, w read three times (twice with
 * the first pass) and written twice. */
static void one_batched_step(setup *s)
{
  int32_t done;
  lanczos_batch batch = { .basis = s->Q,
                          .first = BASIS - 1,
                          .last = BASIS,
                          .norm_op = 1,
                          .huge = INFINITY,
                          .diag = s->diag,
                          .off = s->off };
  check(mv_lanczos_append(&batch, BASIS - 1));
  check(mv_lanczos_collect(&batch, &done));
}

static const char *run_blocks(setup *s, int which, double *bytes)
{
  multivec x = mv_columns(&s->X, 0, 1), y = mv_columns(&s->Y, 0, 1);
  multivec basis = mv_columns(&s->Q, 0, BASIS);
  switch (which) {
  case 0:
    *bytes = streams(s, 2 * BLOCK);
    check(mv_copy(&s->X, &s->Y));
    return "copy of 8 columns";
  case 1:
    *bytes = streams(s, 3 * BLOCK);
    check(mv_axpy(s->ones, &s->X, &s->Y));
    return "axpy of 8 columns";
  case 2:
    *bytes = streams(s, 2 * BLOCK);
    check(mv_real_dots(&s->X, &s->Y, s->out));
    return "dots of 8 columns";
  case 3:
    *bytes = streams(s, BLOCK);
    check(mv_norms(&s->X, s->out));
    return "norms of 8 columns";
  case 4:
    *bytes = streams(s, 3);
    check(mv_axpy_norm(0, &x, &y, s->out));
    return "axpy with norm";
  case 5:
    *bytes = streams(s, BASIS + 1);
    check(mv_project(&basis, NULL, &x, &s->thin, s->out));
    return "project 40 x 1, products only";
  case 6:
    *bytes = streams(s, BASIS + 2);
    small_zero(&s->thin);
    check(mv_project(&basis, &s->thin, &x, &s->thin, s->out));
    return "project 40 x 1, fused";
  case 7:
    *bytes = streams(s, 2 * BASIS + 5);
    one_batched_step(s);
    return "orthogonal step of a batch, 40";
  case 8:
    *bytes = streams(s, 2 * BLOCK);
    check(mv_gram(&s->X, &s->Y, &s->square));
    return "gram 8 x 8";
  case 9:
    *bytes = streams(s, 3 * BLOCK);
    small_zero(&s->square);
    check(mv_mul(1, &s->X, &s->square, 1, &s->Y));
    return "mul 8 -> 8, added";
  case 10:
    *bytes = streams(s, BASIS + BLOCK);
    check(mv_mul(1, &basis, &s->wide, 0, &s->Y));
    return "mul 40 -> 8";
  default:
    *bytes = streams(s, BASIS + KEPT);
    check(mv_rotate(&basis, &s->narrow));
    return "rotate 40 -> 20";
  }
}

/* Runs kernel number `which` once; its name and the bytes it must move. */
static const char *run(setup *s, int which, double *bytes)
{
  multivec x = mv_columns(&s->X, 0, 1), y = mv_columns(&s->Y, 0, 1), z = mv_columns(&s->X, 1, 1);
  multivec x4 = mv_columns(&s->X, 0, 4), y4 = mv_columns(&s->Y, 0, 4);
  switch (which) {
  case 12:
    *bytes = matrix_bytes(s) + streams(s, 2);
    check(mv_apply(s->M, 1, &x, 0, &y));
    return "sparse product, 1 column";
  case 13:
    *bytes = matrix_bytes(s) + streams(s, 8);
    check(mv_apply(s->M, 1, &x4, 0, &y4));
    return "sparse product, 4 columns";
  case 14:
    *bytes = matrix_bytes(s) + streams(s, 2 * BLOCK);
    check(mv_apply(s->M, 1, &s->X, 0, &s->Y));
    return "sparse product, 8 columns";
  case 15:
    *bytes = matrix_bytes(s) + streams(s, 3);
    check(mv_lanczos_step(s->M, &x, 0.5, &z, &y, s->out));
    return "Lanczos step: product and dot";
  case 16:
    *bytes = matrix_bytes(s) + streams(s, 6);
    check(mv_lanczos_step(s->M, &x, 0.5, &z, &y, s->out));
    check(mv_axpy_norm(-s->out[0], &x, &y, s->out));
    return "Lanczos step, whole three-term";
  case 17:
    *bytes = matrix_bytes(s) + streams(s, 3);
    check(mv_recurrence(s->M, 1e-3, 0.5, &x, 0.5, &y));
    return "recurrence step";
  default:
    return run_blocks(s, which, bytes);
  }
}

static small coefficients(int32_t rows, int32_t cols, int is_complex)
{
  small C;
  check(small_alloc(rows, cols, is_complex, &C));
  for (int32_t j = 0; j < cols; ++j)
    small_set(&C, j, j, 1);
  return C;
}

static void set_up(setup *s, speig_dtype dtype, const char *kind, const char *parameter,
                   double value)
{
  speig_matrix *A = NULL;
  speig_matrix_info info;
  int is_complex = dtype_is_complex(dtype);
  check(speig_generate(kind, 1, &parameter, &value, 1, &A));
  check(speig_matrix_convert(A, dtype, &s->A));
  speig_matrix_destroy(&A);
  info = speig_matrix_get_info(s->A);
  s->n = (double)info.rows;
  s->nnz = (double)info.nnz;
  s->scalar = (double)speig_dtype_size(dtype);
  check(backend_open(SPEIG_CUDA, dtype, 0, &s->be));
  check(mv_matrix_open(s->be, s->A, &s->M));
  check(mv_alloc(s->be, info.rows, BASIS + 1, "basis", &s->Q));
  check(mv_alloc(s->be, info.rows, BLOCK, "block", &s->X));
  check(mv_alloc(s->be, info.rows, BLOCK, "block", &s->Y));
  check(mv_fill_random(1, &s->Q));
  check(mv_fill_random(2, &s->X));
  s->narrow = coefficients(BASIS, KEPT, is_complex);
  s->wide = coefficients(BASIS, BLOCK, is_complex);
  s->square = coefficients(BLOCK, BLOCK, is_complex);
  s->thin = coefficients(BASIS, 1, is_complex);
  for (int j = 0; j < BASIS; ++j)
    s->ones[j] = 1e-3;
}

static void tear_down(setup *s)
{
  mv_free(&s->Q);
  mv_free(&s->X);
  mv_free(&s->Y);
  small_free(&s->square);
  small_free(&s->narrow);
  small_free(&s->wide);
  small_free(&s->thin);
  mv_matrix_close(s->be, &s->M);
  backend_close(&s->be);
  speig_matrix_destroy(&s->A);
}

static double seconds_of(setup *s, int which, int repeat, const char **name, double *bytes)
{
  double start;
  check(mv_wait(s->be));
  start = clock_seconds();
  for (int i = 0; i < repeat; ++i)
    *name = run(s, which, bytes);
  check(mv_wait(s->be));
  return (clock_seconds() - start) / repeat;
}

static int kernels(speig_dtype dtype, const char *kind, const char *parameter, double value,
                   int rounds)
{
  enum { REPEAT = 20 };
  double best[KERNELS], bytes[KERNELS], copy;
  const char *names[KERNELS];
  setup s = { 0 };
  set_up(&s, dtype, kind, parameter, value);
  for (int r = 0; r <= rounds; ++r)
    for (int k = 0; k < KERNELS; ++k) {
      double seconds = seconds_of(&s, k, REPEAT, &names[k], &bytes[k]);
      if (r <= 1 || seconds < best[k]) /* round 0 warms up */
        best[k] = seconds;
    }
  copy = bytes[0] / best[0];
  printf("%s, type %s, n %.0f, nnz %.0f\n", kind, speig_dtype_name(dtype), s.n, s.nnz);
  for (int k = 0; k < KERNELS; ++k)
    printf("%-31s %9.1f us %9.1f MB %7.0f GB/s  %4.2f of copy\n", names[k], best[k] * 1e6,
           bytes[k] * 1e-6, bytes[k] / best[k] * 1e-9, bytes[k] / best[k] / copy);
  tear_down(&s);
  return 0;
}

/* ---- whole solves ---- */

typedef struct problem {
  const char *kind, *parameter;
  double value;
  speig_method method;
  speig_which which;
  double tol;
} problem;

static speig_eigsh_result *solve(const problem *p, const speig_matrix *A, speig_device device)
{
  speig_eigsh_opts opts = SPEIG_EIGSH_OPTS_INIT;
  speig_operator *op = NULL, *jacobi = NULL;
  speig_eigsh_result *result = NULL;
  check(speig_operator_from_matrix(A, &op));
  if (p->method == SPEIG_LOBPCG)
    check(speig_operator_jacobi(A, &jacobi));
  opts.k = 10;
  opts.which = p->which;
  opts.method = p->method;
  opts.device = device;
  opts.tol = p->tol;
  opts.precond = jacobi;
  check(speig_eigsh(op, NULL, &opts, &result));
  speig_operator_destroy(&op);
  speig_operator_destroy(&jacobi);
  return result;
}

static void print_solve(const char *where, const speig_eigsh_result *r)
{
  double worst = 0;
  for (int32_t i = 0; i < r->k; ++i)
    worst = fmax(worst, r->relative_residuals[i]);
  printf("  %-5s %9.4f s solve, %8.4f s setup, %8.4f s check, %6lld products, %d pairs %s, "
         "residual %.1e\n",
         where, r->seconds_solve, r->seconds_setup, r->seconds_certify, (long long)r->matvecs,
         (int)r->k, speig_outcome_name(r->outcome), worst);
}

/* How far the device's values are from the host's, over the sum of both error bounds. */
static double disagreement(const speig_eigsh_result *a, const speig_eigsh_result *b)
{
  double worst = a->k == b->k ? 0 : INFINITY;
  for (int32_t i = 0; i < a->k && i < b->k; ++i) {
    double allowed = a->error_bounds[i] + b->error_bounds[i] + 1e-15 * a->norm_a;
    worst = fmax(worst, fabs(a->values[i] - b->values[i]) / allowed);
  }
  return worst;
}

static double problem_rows(const problem *p)
{
  if (strcmp(p->parameter, "scale") == 0)
    return ldexp(1, (int)p->value);
  return pow(p->value, strcmp(p->kind, "laplacian2d") == 0 ? 2 : 3);
}

static int solves(double most)
{
  static const problem list[] = {
    { "laplacian2d", "nx", 100, SPEIG_LANCZOS, SPEIG_LA, 1e-8 },
    { "laplacian2d", "nx", 316, SPEIG_LANCZOS, SPEIG_LA, 1e-8 },
    { "laplacian3d", "nx", 100, SPEIG_LANCZOS, SPEIG_LA, 1e-8 },
    { "laplacian3d", "nx", 215, SPEIG_LANCZOS, SPEIG_LA, 1e-8 },
    { "anderson", "nx", 100, SPEIG_LANCZOS, SPEIG_LA, 1e-8 },
    { "rmat", "scale", 20, SPEIG_LANCZOS, SPEIG_LA, 1e-8 },
    { "laplacian3d", "nx", 50, SPEIG_LOBPCG, SPEIG_SA, 1e-6 },
  };
  for (size_t i = 0; i < sizeof list / sizeof *list; ++i) {
    const problem *p = &list[i];
    speig_matrix *A = NULL;
    speig_matrix_info info;
    speig_eigsh_result *device, *host;
    double rows = problem_rows(p);
    if (rows > most)
      continue;
    check(speig_generate(p->kind, 1, &p->parameter, &p->value, 1, &A));
    info = speig_matrix_get_info(A);
    printf("%s %s=%g: n %lld, nnz %lld, %s, %s, k 10, tol %g\n", p->kind, p->parameter, p->value,
           (long long)info.rows, (long long)info.nnz, speig_method_name(p->method),
           speig_which_name(p->which), p->tol);
    device = solve(p, A, SPEIG_CUDA); /* warms up */
    speig_eigsh_result_free(&device);
    device = solve(p, A, SPEIG_CUDA);
    print_solve("cuda", device);
    if (info.rows <= 100000) {
      host = solve(p, A, SPEIG_HOST);
      print_solve("host", host);
      printf("  values differ by %.2f of the error bounds\n", disagreement(device, host));
      speig_eigsh_result_free(&host);
    }
    speig_eigsh_result_free(&device);
    speig_matrix_destroy(&A);
  }
  return 0;
}

int main(int argc, char **argv)
{
  const char *letters = "sdcz", *letter = strchr(letters, argc > 2 ? *argv[2] : 'd');
  const char *what = argc > 1 ? argv[1] : "kernels";
  double value = argc > 3 ? atof(argv[3]) : 0;
  int rounds = argc > 4 ? atoi(argv[4]) : 7;
  if (strcmp(what, "solves") == 0)
    return solves(argc > 2 ? atof(argv[2]) : 1e6);
  if (!letter || !*letter || rounds < 1) {
    fprintf(stderr, "usage: bench_device kernels|graph [s|d|c|z] [size] [rounds]\n"
                    "       bench_device solves [most rows]\n");
    return 2;
  }
  if (strcmp(what, "graph") == 0)
    return kernels((speig_dtype)(letter - letters), "rmat", "scale", value > 0 ? value : 20,
                   rounds);
  return kernels((speig_dtype)(letter - letters), "laplacian3d", "nx", value > 0 ? value : 160,
                 rounds);
}
