/* bench_kernels.c: how near the CPU kernels run to the memory's speed.
 *
 *   bench_kernels [type: s d c z] [grid side, default 100] [threads, default all] [rounds, default
 * 7]
 *
 * One line per kernel: milliseconds (the best of the rounds, which go round all kernels in turn, so
 * that a busy moment hits all alike), the bytes that must move, GB/s, and the share of what a triad
 * y = x + a z moved in the same run. Matrix: the 7-point Laplacian of a cube.                    */
#include "backend/backend.h"
#include "base/clock.h"
#include "base/dtype.h"
#include "speig/generate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BASIS = 40, KEPT = 20, BLOCK = 8, KERNELS = 17 };

typedef struct setup {
  backend *be;
  speig_matrix *A;
  backend_matrix *M;
  multivec Q, X, Y; /* n x 40, n x 8, n x 8 */
  small H, square, narrow, thin, wide;
  double ones[BASIS], out[BASIS];
  double scalar; /* bytes of one scalar */
  double n, nnz;
} setup;

static void check(speig_status st)
{
  if (st != SPEIG_OK) {
    fprintf(stderr, "bench_kernels: %s\n", speig_last_error());
    exit(1);
  }
}

static double streams(const setup *s, double columns)
{
  return columns * s->n * s->scalar;
}

static double matrix_bytes(const setup *s)
{
  return s->nnz * (s->scalar + 4) + s->n * 8;
}

/* Runs kernel number `which` once; its name and the bytes it must move. */
static const char *run(setup *s, int which, double *bytes)
{
  multivec x = mv_columns(&s->X, 0, 1), y = mv_columns(&s->Y, 0, 1), z = mv_columns(&s->X, 1, 1);
  switch (which) {
  case 0:
    *bytes = streams(s, 3 * BLOCK);
    check(mv_axpy(s->ones, &s->X, &s->Y));
    return "triad: axpy of 8 columns";
  case 1:
    *bytes = streams(s, 3 * BLOCK); /* the destination is read before it is written */
    check(mv_copy(&s->X, &s->Y));
    return "copy of 8 columns";
  case 2:
    *bytes = streams(s, 2 * BLOCK);
    check(mv_scale(s->ones, &s->Y));
    return "scale of 8 columns";
  case 3:
    *bytes = streams(s, 2 * BLOCK);
    check(mv_real_dots(&s->X, &s->Y, s->out));
    return "dots of 8 columns";
  case 4:
    *bytes = streams(s, BLOCK);
    check(mv_norms(&s->X, s->out));
    return "norms of 8 columns";
  case 5:
    *bytes = streams(s, 3);
    check(mv_axpy_norm(0, &x, &y, s->out));
    return "axpy with norm";
  case 6:
    *bytes = streams(s, BASIS + 1);
    check(mv_project(&s->Q, NULL, &x, &s->thin, s->out));
    return "project 40 x 1, products only";
  case 7:
    *bytes = streams(s, BASIS + 2);
    memset(s->thin.data, 0, sizeof(double) * BASIS);
    check(mv_project(&s->Q, &s->thin, &x, &s->thin, s->out));
    return "project 40 x 1, fused";
  case 8:
    *bytes = streams(s, BASIS + 2 * BLOCK);
    small_zero(&s->wide);
    check(mv_project(&s->Q, &s->wide, &s->X, &s->wide, s->out));
    return "project 40 x 8, fused";
  case 9:
    *bytes = streams(s, 2 * BLOCK);
    check(mv_gram(&s->X, &s->Y, &s->square));
    return "gram 8 x 8";
  case 10:
    *bytes = streams(s, BASIS);
    check(mv_gram(&s->Q, &s->Q, &s->H));
    return "gram 40 x 40 of one block";
  case 11:
    *bytes = streams(s, 3 * BLOCK);
    check(mv_mul(1, &s->X, &s->square, 0, &s->Y));
    return "mul 8 -> 8";
  case 12:
    *bytes = streams(s, BASIS + 2 * BLOCK);
    check(mv_mul(1, &s->Q, &s->wide, 0, &s->Y));
    return "mul 40 -> 8";
  case 13:
    *bytes = streams(s, BASIS + KEPT);
    check(mv_rotate(&s->Q, &s->narrow));
    return "rotate 40 -> 20";
  case 14:
    *bytes = matrix_bytes(s) + streams(s, 3);
    check(mv_apply(s->M, 1, &x, 0, &y));
    return "sparse product, 1 column";
  case 15:
    *bytes = matrix_bytes(s) + streams(s, 3 * BLOCK);
    check(mv_apply(s->M, 1, &s->X, 0, &s->Y));
    return "sparse product, 8 columns";
  default:
    *bytes = matrix_bytes(s) + streams(s, 4);
    check(mv_lanczos_step(s->M, &x, 0, &z, &y, s->out));
    return "Lanczos step";
  }
}

/* Identity on top: rotations keep the basis what it is, round after round. */
static small coefficients(int32_t rows, int32_t cols, int is_complex)
{
  small C;
  check(small_alloc(rows, cols, is_complex, &C));
  for (int32_t j = 0; j < cols; ++j)
    small_set(&C, j, j, 1);
  return C;
}

static void set_up(setup *s, speig_dtype dtype, double side, int threads)
{
  const char *names[] = { "nx" };
  speig_matrix *A = NULL;
  speig_matrix_info info;
  int is_complex = dtype_is_complex(dtype);
  check(speig_generate("laplacian3d", 1, names, &side, 1, &A));
  check(speig_matrix_convert(A, dtype, &s->A));
  speig_matrix_destroy(&A);
  info = speig_matrix_get_info(s->A);
  s->n = (double)info.rows;
  s->nnz = (double)info.nnz;
  s->scalar = (double)speig_dtype_size(dtype);
  check(backend_open(SPEIG_HOST, dtype, threads, &s->be));
  check(mv_matrix_open(s->be, s->A, &s->M));
  check(mv_alloc(s->be, info.rows, BASIS, "basis", &s->Q));
  check(mv_alloc(s->be, info.rows, BLOCK, "block", &s->X));
  check(mv_alloc(s->be, info.rows, BLOCK, "block", &s->Y));
  check(mv_fill_random(1, &s->Q));
  check(mv_fill_random(2, &s->X));
  s->H = coefficients(BASIS, BASIS, is_complex);
  s->narrow = coefficients(BASIS, KEPT, is_complex);
  s->wide = coefficients(BASIS, BLOCK, is_complex);
  s->square = coefficients(BLOCK, BLOCK, is_complex);
  s->thin = coefficients(BASIS, 1, is_complex);
  for (int j = 0; j < BASIS; ++j)
    s->ones[j] = 1;
}

static void tear_down(setup *s)
{
  mv_free(&s->Q);
  mv_free(&s->X);
  mv_free(&s->Y);
  small_free(&s->H);
  small_free(&s->narrow);
  small_free(&s->wide);
  small_free(&s->square);
  small_free(&s->thin);
  mv_matrix_close(s->be, &s->M);
  backend_close(&s->be);
  speig_matrix_destroy(&s->A);
}

int main(int argc, char **argv)
{
  const char *letters = "sdcz", *letter = strchr(letters, argc > 1 ? *argv[1] : 'd');
  int rounds = argc > 4 ? atoi(argv[4]) : 7;
  double best[KERNELS], bytes[KERNELS], triad;
  const char *names[KERNELS];
  setup s = { 0 };
  if (!letter || !*letter || rounds < 1) {
    fprintf(stderr, "usage: bench_kernels [s|d|c|z] [grid side] [threads] [rounds]\n");
    return 2;
  }
  set_up(&s, (speig_dtype)(letter - letters), argc > 2 ? atof(argv[2]) : 100,
         argc > 3 ? atoi(argv[3]) : 0);
  for (int r = 0; r <= rounds; ++r)
    for (int k = 0; k < KERNELS; ++k) {
      double start = clock_seconds(), seconds;
      names[k] = run(&s, k, &bytes[k]);
      seconds = clock_seconds() - start;
      if (r <= 1 || seconds < best[k]) /* round 0 warms up */
        best[k] = seconds;
    }
  triad = bytes[0] / best[0];
  printf("type %c, n %.0f, nnz %.0f, %d threads\n", *letter, s.n, s.nnz, s.be->threads);
  for (int k = 0; k < KERNELS; ++k)
    printf("%-30s %8.2f ms %8.1f MB %7.1f GB/s  %4.2f of triad\n", names[k], best[k] * 1e3,
           bytes[k] * 1e-6, bytes[k] / best[k] * 1e-9, bytes[k] / best[k] / triad);
  tear_down(&s);
  return 0;
}
