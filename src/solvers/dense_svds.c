/* dense_svds.c: all singular values by LAPACK, for matrices small enough to be expanded.
 *
 * P becomes a dense matrix in double precision, whatever the type. Cost: about 4 m n^2 + 22 n^3
 * operations and 3 m n + 7 n^2 numbers. It cannot be interrupted once P is expanded.            */
#include "backend/expand.h"
#include "base/error.h"
#include "base/memory.h"
#include "dense/svd.h"
#include "solvers/run_svds.h"

#include <inttypes.h>
#include <math.h>

/* M = P; *stop when a limit was met on the way. */
static speig_status expand(const eig_problem *problem, small *M, int *stop, eig_pairs *pairs)
{
  enum { CHUNK = 32 }; /* columns at a time where the caller multiplies */
  speig_status st = SPEIG_OK;
  int32_t rows = (int32_t)operator_rows(problem->A), n = (int32_t)problem->n;
  int32_t width = operator_expands_by_products(problem->A) ? CHUNK : n;
  TRY(small_alloc(rows, n, mv_is_complex(problem->be), M));
  for (int32_t first = 0; first < n && !*stop; first += width) {
    small part = small_view(M, 0, first, rows, n - first < width ? n - first : width);
    TRY(operator_expand(problem->A, first, &part));
    if (first + width < n)
      eig_report(problem, "dense", 0, 0, pairs->theta, pairs->residual, 0, stop, &pairs->reason);
  }
done:
  return st;
}

/* Column `pick` of the small matrix becomes column i of the block, rounded to its type. */
static speig_status deliver(const small *from, int32_t pick, multivec *to, int32_t i)
{
  small source = small_view(from, 0, pick, from->rows, 1);
  multivec target = mv_columns(to, i, 1);
  return mv_upload_small(&source, &target);
}

speig_status dense_svds_solve(const eig_problem *problem, eig_pairs *pairs, int *stop)
{
  speig_status st = SPEIG_OK;
  int64_t rows = operator_rows(problem->A);
  int32_t n = (int32_t)problem->n;
  small P = { 0 }, U = { 0 }, V = { 0 };
  double *sigma = NULL;
  pairs->count = pairs->converged = 0;
  REQUIRE(rows * problem->n <= (int64_t)1 << 31 && rows <= INT32_MAX,
          "%" PRId64 " x %" PRId64 " is too large to be expanded, at most 2^31 entries", rows,
          problem->n);
  TRY(expand(problem, &P, stop, pairs));
  if (*stop)
    goto done;
  TRY(small_alloc(P.rows, n, P.is_complex, &U));
  TRY(small_alloc(n, n, P.is_complex, &V));
  TRY(MEM_ARRAY(n, "singular values", &sigma));
  TRY(svd_decompose(&P, &U, sigma, &V));
  for (int32_t i = 0; i < problem->k; ++i) {
    int32_t pick = problem->which == SPEIG_LA ? i : n - 1 - i;
    pairs->theta[i] = sigma[pick];
    pairs->residual[i] = 0;
    TRY(deliver(&V, pick, &pairs->X, i));
    TRY(deliver(&U, pick, &pairs->left, i));
  }
  pairs->count = pairs->converged = problem->k;
  pairs->norm_a = sigma[0];
  pairs->norm_b = 1;
  pairs->reason = SPEIG_STOP_CONVERGED;
done:
  small_free(&P);
  small_free(&U);
  small_free(&V);
  mem_free(sigma);
  return st;
}
