/* bench_spmv.c: what is found in a matrix beforehand (src/spmv/plan.h), and what that gains.
 *
 *   bench_spmv A.mtx [threads, default all] [rounds, default 15]
 *
 * One vector times the matrix as plain CSR and as planned, in turn, best of the rounds; the bytes
 * of the matrix that each reads; the time to plan, in products. */
#include "backend/host.h"
#include "base/clock.h"
#include "speig/matrix_market.h"
#include "spmv/plan.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static void check(speig_status st)
{
  if (st != SPEIG_OK) {
    fprintf(stderr, "bench_spmv: %s\n", speig_last_error());
    exit(1);
  }
}

/* The same matrix with nothing found in it. */
static void forget_plan(const speig_matrix *A, host_matrix *M)
{
  spmv_plan_free(&M->plan);
  check(spmv_plan_plain(A, &M->plan));
  for (int64_t s = 0; s < M->strips; ++s)
    M->strip_segment[s] = 0;
}

static double time_once(backend_matrix *M, const multivec *x, multivec *y)
{
  double before = clock_seconds();
  check(mv_apply(M, 1, x, 0, y));
  return clock_seconds() - before;
}

int main(int argc, char **argv)
{
  speig_matrix *A = NULL;
  speig_matrix_info info;
  backend *be = NULL;
  backend_matrix *planned = NULL, *plain = NULL;
  multivec x = { 0 }, y = { 0 };
  double best[2] = { INFINITY, INFINITY }, seconds;
  int rounds = argc > 3 ? atoi(argv[3]) : 15;
  const spmv_plan *P;
  if (argc < 2) {
    fprintf(stderr, "usage: bench_spmv A.mtx [threads] [rounds]\n");
    return 2;
  }
  check(speig_mm_read(argv[1], 0, NULL, &A));
  info = speig_matrix_get_info(A);
  check(backend_open(SPEIG_HOST, info.dtype, argc > 2 ? atoi(argv[2]) : 0, &be));
  check(mv_matrix_open(be, A, &plain));
  seconds = clock_seconds();
  check(mv_matrix_open(be, A, &planned));
  seconds = clock_seconds() - seconds;
  forget_plan(A, (host_matrix *)plain);
  check(mv_alloc(be, info.cols, 1, "x", &x));
  check(mv_alloc(be, info.rows, 1, "y", &y));
  check(mv_fill_random(1, &x));
  for (int round = 0; round < rounds; ++round) {
    best[0] = fmin(best[0], time_once(plain, &x, &y));
    best[1] = fmin(best[1], time_once(planned, &x, &y));
  }
  P = &((host_matrix *)planned)->plan;
  printf("%-28s %9lld rows  %5.1f %% in runs, %d shapes%s%s\n", argv[1], (long long)info.rows,
         100 * P->covered, P->shapes, P->uniform ? ", equal entries" : "",
         P->diagonal ? ", diagonal apart" : "");
  printf(
      "  CSR %8.3f ms, %6.1f MB   planned %8.3f ms, %6.1f MB   ratio %5.2f   plan %.1f products\n",
      1e3 * best[0], spmv_plan_bytes(&((host_matrix *)plain)->plan, info.dtype) / 1e6,
      1e3 * best[1], spmv_plan_bytes(P, info.dtype) / 1e6, best[0] / best[1], seconds / best[0]);
  mv_free(&x);
  mv_free(&y);
  mv_matrix_close(be, &plain);
  mv_matrix_close(be, &planned);
  backend_close(&be);
  speig_matrix_destroy(&A);
  return 0;
}
