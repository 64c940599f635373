/* fragments.c: a matrix whose graph has large components and many small ones beside them.
 *
 * Every isolated vertex of a graph is one more copy of an eigenvalue, and a Krylov space holds one
 * copy of each. So small components go to LAPACK (components.c), and Lanczos is kept to the rows of
 * the others: A maps vectors that vanish on the small ones into such vectors, exactly. The answer
 * is the best of both; the probe looks where Lanczos looked, and nothing can be missing elsewhere.
 * Where the small components alone hold as many eigenvalues at the end of the Gershgorin discs as
 * are wanted (zeros of a graph's Laplacian), that is all, and proven. Cost: a sweep over the
 * matrix, and some 4 order^3 for each small component. */
#include "backend/expand.h"
#include "base/dtype.h"
#include "base/error.h"
#include "base/memory.h"
#include "formats/components.h"
#include "formats/matrix.h"
#include "solvers/run.h"

enum {
  SMALL = 64, /* rows of a component for LAPACK */
  LARGE = 1000, /* rows that must remain */
  SPARSE = 2 /* entries of a row as fragments have, with its diagonal */
};

/* Rows with hardly an entry: where there are none, few fragments can be, and nobody looks. */
static int may_fall_apart(const speig_matrix *A)
{
  for (int64_t i = 0; i < A->rows; ++i)
    if (A->rowptr[i + 1] - A->rowptr[i] <= SPARSE)
      return 1;
  return 0;
}

static int is_fit(const eigsh_run *run)
{
  speig_which which = run->opts.which;
  return run->A->kind == OPERATOR_MATRIX && !run->B && run->plan.method == SPEIG_LANCZOS &&
         (which == SPEIG_SA || which == SPEIG_LA || which == SPEIG_SM) &&
         !run->problem.map.shifted && run->constraints.p == 0 && !run->opts.guess &&
         run->A->n > LARGE && may_fall_apart(run->A->matrix);
}

/* Ones in the rows of the components that stay with Lanczos. */
static speig_status mark_support(eigsh_run *run, const components *small_ones, int32_t rows)
{
  speig_status st = SPEIG_OK;
  small mark = { 0 };
  int64_t count = 0;
  TRY(small_alloc((int32_t)run->A->n, 1, mv_is_complex(run->be), &mark));
  TRY(MEM_ARRAY(run->A->n - rows, "rows of large components", &run->large_rows));
  for (int32_t i = 0; i < (int32_t)run->A->n; ++i)
    small_set(&mark, i, 0, 1);
  for (int32_t at = 0; at < rows; ++at)
    small_set(&mark, small_ones->row[at], 0, 0);
  for (int32_t i = 0; i < (int32_t)run->A->n; ++i)
    if (small_get(&mark, i, 0) > 0)
      run->large_rows[count++] = i;
  TRY(mv_alloc(run->be, run->A->n, 1, "rows of large components", &run->problem.support));
  TRY(mv_upload_small(&mark, &run->problem.support));
  run->problem.support_rows = count;
  run->fragment_rows = small_ones->sizes.largest;
done:
  small_free(&mark);
  return st;
}

speig_status fragments_part(eigsh_run *run)
{
  speig_status st = SPEIG_OK;
  components parts = { 0 };
  int32_t rows;
  if (!is_fit(run))
    return st;
  TRY(operator_components(run->bound_a, &parts));
  components_keep_small(&parts, SMALL);
  rows = parts.first[parts.sizes.count];
  if (rows > 0 && run->A->n - rows >= LARGE && run->A->n - rows > run->plan.k + run->plan.ncv)
    TRY(mark_support(run, &parts, rows));
done:
  components_free(&parts);
  return st;
}

/* Do as many lie at the end of the Gershgorin discs as are wanted? */
static speig_status are_enough(const eigsh_run *run, const eig_problem *end, const eig_pairs *pairs,
                               int *complete)
{
  speig_status st = SPEIG_OK;
  matrix_sizes sizes;
  double slack;
  if (pairs->converged < end->k)
    return st;
  TRY(matrix_get_sizes(run->A->matrix, &sizes));
  slack = 8 * dtype_eps(run->A->dtype) * run->scale_a * sizes.norm_inf;
  *complete = 1;
  for (int32_t i = 0; i < pairs->converged; ++i)
    *complete &= end->which == SPEIG_SA ? pairs->theta[i] <= run->scale_a * sizes.low + slack
                                        : pairs->theta[i] >= run->scale_a * sizes.high - slack;
done:
  return st;
}

speig_status fragments_solve(const eigsh_run *run, const eig_problem *end, eig_pairs *small_ones,
                             int *complete)
{
  speig_status st = SPEIG_OK;
  *complete = 0;
  if (run->fragment_rows == 0)
    return st;
  TRY(eig_pairs_alloc(end->be, end->n, end->k, small_ones));
  TRY(components_solve_small(end, run->fragment_rows, small_ones));
  TRY(are_enough(run, end, small_ones, complete));
done:
  return st;
}

speig_status fragments_join(const eigsh_run *run, const eig_problem *end, eig_pairs *small_ones,
                            eig_pairs *pairs)
{
  speig_status st = SPEIG_OK;
  speig_reason reason = pairs->reason;
  if (run->fragment_rows == 0)
    return st;
  if (small_ones->reason != SPEIG_STOP_CONVERGED) { /* cut short: no set of both can be made */
    pairs->count = pairs->converged = 0;
    pairs->reason = small_ones->reason;
    goto done;
  }
  small_ones->lowest = pairs->lowest;
  small_ones->highest = pairs->highest;
  /* What Lanczos has not brought is not replaced by what ranks behind it. */
  TRY(pairs_merge(end, pairs->converged, pairs, small_ones));
  pairs->reason = reason;
done:
  return st;
}

speig_status fragments_restore(const eig_pairs *small_ones, eig_pairs *pairs)
{
  speig_status st = SPEIG_OK;
  int32_t next = 0;
  for (int32_t i = 0; i < pairs->count; ++i) {
    multivec x = mv_columns(&pairs->X, i, 1), from;
    double length;
    TRY(mv_norms(&x, &length));
    if (length > 0)
      continue;
    while (next < small_ones->converged && small_ones->theta[next] != pairs->theta[i])
      ++next;
    if (next == small_ones->converged)
      FAIL(SPEIG_ERR_INTERNAL, "pair %d is in no component", i);
    from = mv_columns(&small_ones->X, next++, 1);
    TRY(mv_copy(&from, &x));
  }
done:
  return st;
}
