/* rearrange.c: Lanczos on the rows that matter, in an order in which products are faster.
 *
 * Where the backend knows such an order (hubs of a graph first) the problem is P^H A P, whose
 * vectors are those of A in another order; rows of small components, on which Lanczos has nothing
 * to do (fragments.c), are left out. Solve and probe see an ordinary problem. Cost: about three
 * products once, and a pass over the pairs for each solve. */
#include "solvers/rearrange.h"

#include "base/error.h"
#include "base/memory.h"

/* A standard problem with a matrix, and memory to spare. */
static int is_fit(const eigsh_run *run)
{
  return run->A->kind == OPERATOR_MATRIX && !run->B && run->plan.method == SPEIG_LANCZOS &&
         !run->bound_precond && run->constraints.p == 0 && !run->problem.map.shifted &&
         run->opts.memory == 0 && mv_may_select(run->be);
}

static speig_status list_rows(const eigsh_run *run, rearrangement *R)
{
  speig_status st = SPEIG_OK;
  R->n = run->problem.n;
  R->count = run->large_rows ? run->problem.support_rows : R->n;
  TRY(MEM_ARRAY(R->count, "order of the rows", &R->order));
  for (int64_t i = 0; i < R->count; ++i)
    R->order[i] = run->large_rows ? run->large_rows[i] : (int32_t)i;
done:
  return st;
}

void rearrange_close(rearrangement *R)
{
  int tried = R->tried;
  mv_matrix_close(R->A.be, &R->A.matrix);
  mv_free(&R->guess);
  mem_free(R->order);
  *R = (rearrangement){ .tried = tried };
}

/* Once per run: whether, and the matrix. */
static speig_status decide(eigsh_run *run)
{
  speig_status st = SPEIG_OK;
  rearrangement *R = &run->rearranged;
  int gain;
  if (R->tried || !is_fit(run))
    return st;
  R->tried = 1;
  TRY(list_rows(run, R));
  TRY(mv_matrix_order(run->bound_a->matrix, R->order, R->count, &gain));
  if (!gain)
    goto done;
  R->op = *run->A;
  R->op.rows = R->op.n = R->count;
  R->op.matrix = NULL;
  R->A = *run->bound_a;
  R->A.op = &R->op;
  R->A.scaled = NULL;
  R->A.matrix = NULL;
  TRY(mv_matrix_select(run->bound_a->matrix, R->order, R->count, &R->A.matrix));
  R->on = 1;
done:
  if (!R->on)
    rearrange_close(R);
  return st;
}

/* `end` with the other matrix; valid until the next call. */
static speig_status arranged(rearrangement *R, const eig_problem *end, eig_problem *inner)
{
  speig_status st = SPEIG_OK;
  *inner = *end;
  inner->n = R->count;
  inner->A = &R->A;
  inner->support = (multivec){ .be = end->be, .n = R->count };
  inner->constraints = inner->constraints_b = inner->support;
  R->A.products = end->A->products;
  mv_free(&R->guess);
  if (end->guess.p > 0) {
    TRY(mv_alloc(end->be, R->count, end->guess.p, "start vectors", &R->guess));
    TRY(mv_rows(R->order, 0, &end->guess, &R->guess));
  }
  inner->guess = R->guess;
  inner->order = R->order;
  inner->whole = R->n;
done:
  return st;
}

/* Everything but the arrays. */
static void copy_numbers(const eig_pairs *from, eig_pairs *to)
{
  eig_pairs kept = *to;
  *to = *from;
  to->capacity = kept.capacity;
  to->theta = kept.theta;
  to->residual = kept.residual;
  to->X = kept.X;
  to->left = kept.left;
  for (int32_t i = 0; i < to->count; ++i) {
    to->theta[i] = from->theta[i];
    to->residual[i] = from->residual[i];
  }
}

/* inner = pairs, with zeros for vectors of the rows that are left out. */
static speig_status inward(const rearrangement *R, const eig_pairs *pairs, eig_pairs *inner)
{
  speig_status st = SPEIG_OK;
  multivec X = mv_columns(&pairs->X, 0, pairs->count), Y;
  copy_numbers(pairs, inner);
  Y = mv_columns(&inner->X, 0, pairs->count);
  TRY(mv_rows(R->order, 0, &X, &Y));
done:
  return st;
}

/* And back, with the count of products. */
static speig_status outward(const rearrangement *R, const eig_problem *end, const eig_pairs *inner,
                            eig_pairs *pairs)
{
  speig_status st = SPEIG_OK;
  multivec X = mv_columns(&inner->X, 0, inner->count), Y;
  copy_numbers(inner, pairs);
  Y = mv_columns(&pairs->X, 0, inner->count);
  TRY(mv_zero(&Y));
  TRY(mv_rows(R->order, 1, &X, &Y));
  end->A->products = R->A.products;
done:
  return st;
}

speig_status rearrange_solve(eigsh_run *run, const eig_problem *end, eig_pairs *pairs)
{
  speig_status st = SPEIG_OK;
  eig_pairs ordered = { 0 };
  eig_problem inner;
  TRY(decide(run));
  if (!run->rearranged.on)
    return lanczos_solve(end, pairs);
  TRY(arranged(&run->rearranged, end, &inner));
  TRY(eig_pairs_alloc(run->be, inner.n, pairs->capacity, &ordered));
  TRY(lanczos_solve(&inner, &ordered));
  TRY(outward(&run->rearranged, end, &ordered, pairs));
done:
  eig_pairs_free(&ordered);
  return st;
}

speig_status rearrange_validate(eigsh_run *run, const eig_problem *end, const eig_pairs *small_ones,
                                eig_pairs *pairs, int *complete)
{
  speig_status st = SPEIG_OK;
  eig_pairs ordered = { 0 };
  eig_problem inner;
  if (!run->rearranged.on)
    return validate_pairs(run, end, pairs, complete);
  TRY(arranged(&run->rearranged, end, &inner));
  TRY(eig_pairs_alloc(run->be, inner.n, pairs->capacity, &ordered));
  TRY(inward(&run->rearranged, pairs, &ordered));
  TRY(validate_pairs(run, &inner, &ordered, complete));
  TRY(outward(&run->rearranged, end, &ordered, pairs));
  TRY(fragments_restore(small_ones, pairs));
done:
  eig_pairs_free(&ordered);
  return st;
}
