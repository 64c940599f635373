/* guess.c: the caller's initial vectors. When the best of them already satisfy tol they are the
 * answer, for the price of one block product; else their Ritz vectors are the start. */
#include "base/error.h"
#include "base/memory.h"
#include "solvers/bind.h"
#include "solvers/run.h"
#include "solvers/subspace.h"

#include <math.h>

/* Guess columns, and one random column behind them: its Ritz value shows whether the guesses are
 * anywhere near the wanted end. */
static speig_status upload_guess(eigsh_run *run)
{
  speig_status st = SPEIG_OK;
  multivec given = { 0 }, head, random;
  TRY(bind_upload(run->be, run->A->n, "guess", run->opts.guess, &given));
  run->guess = given;
  if (given.p == 0)
    goto done;
  run->guess = (multivec){ 0 };
  TRY(mv_alloc(run->be, given.n, given.p + 1, "guess", &run->guess));
  head = mv_columns(&run->guess, 0, given.p);
  random = mv_columns(&run->guess, given.p, 1);
  TRY(mv_copy(&given, &head));
  TRY(mv_fill_random(run->opts.seed, &random));
done:
  mv_free(&given);
  return st;
}

typedef struct guess_work {
  multivec AX, BX, work;
  double *theta, *residual;
  int32_t *order;
} guess_work;

static speig_status guess_open(eigsh_run *run, guess_work *G)
{
  speig_status st = SPEIG_OK;
  int64_t n = run->A->n;
  int32_t p = run->guess.p;
  *G = (guess_work){ .BX = run->guess };
  TRY(mv_alloc(run->be, n, p, "guess products", &G->AX));
  TRY(mv_alloc(run->be, n, p, "guess products", &G->work));
  if (run->bound_b)
    TRY(mv_alloc(run->be, n, p, "guess products", &G->BX));
  TRY(MEM_ARRAY(p, "guess values", &G->theta));
  TRY(MEM_ARRAY(p, "guess residuals", &G->residual));
  TRY(MEM_ARRAY(p, "guess ranks", &G->order));
done:
  return st;
}

static void guess_close(const eigsh_run *run, guess_work *G)
{
  if (G->BX.data != run->guess.data)
    mv_free(&G->BX);
  mv_free(&G->AX);
  mv_free(&G->work);
  mem_free(G->theta);
  mem_free(G->residual);
  mem_free(G->order);
}

/* The best k Ritz pairs of the guesses become the pairs; returns how many of them satisfy tol. */
static speig_status take_guess(eigsh_run *run, const guess_work *G, int32_t rank, int32_t *good)
{
  speig_status st = SPEIG_OK;
  const eig_problem *problem = &run->problem;
  *good = 0;
  run->pairs.norm_a = run->norm_floor;
  for (int32_t i = 0; i < rank && !run->bound_b; ++i)
    run->pairs.norm_a = fmax(run->pairs.norm_a, fabs(G->theta[i]));
  for (int32_t i = 0; i < rank && i < problem->k; ++i) {
    int32_t at = G->order[i];
    multivec from = mv_columns(&run->guess, at, 1), to = mv_columns(&run->pairs.X, i, 1);
    TRY(mv_copy(&from, &to));
    run->pairs.theta[i] = G->theta[at];
    run->pairs.residual[i] = G->residual[at];
    *good += G->residual[at] <=
             problem->tol * (run->pairs.norm_a + fabs(G->theta[at]) * run->pairs.norm_b);
  }
done:
  return st;
}

/* The products with the accepted guesses serve for the final residuals too. */
static speig_status keep_products(eigsh_run *run, const guess_work *G)
{
  speig_status st = SPEIG_OK;
  TRY(mv_alloc(run->be, run->A->n, run->problem.k, "guess products", &run->products));
  for (int32_t i = 0; i < run->problem.k; ++i) {
    multivec from = mv_columns(&G->AX, G->order[i], 1), to = mv_columns(&run->products, i, 1);
    TRY(mv_copy(&from, &to));
  }
done:
  return st;
}

/* The guesses as they are: when the best k of them already satisfy tol, that is the answer.
 * Otherwise their Ritz vectors are the start of what follows. */
speig_status guess_try(eigsh_run *run, int *enough)
{
  speig_status st = SPEIG_OK;
  guess_work G = { 0 };
  int32_t rank, good, left = 0;
  *enough = 0;
  TRY(upload_guess(run));
  if (run->guess.p == 0)
    goto done;
  TRY(guess_open(run, &G));
  TRY(subspace_orthonormalize_b(run->bound_b, &run->constraints, &run->constraints_b, &run->guess,
                                &G.BX, &rank));
  run->guess.p = G.AX.p = G.BX.p = G.work.p = rank;
  if (rank == 0)
    goto done;
  TRY(operator_apply(run->bound_a, &run->guess, &G.AX));
  TRY(subspace_restrict(&run->constraints, &run->constraints_b, &G.AX));
  TRY(subspace_rayleigh_ritz(0, &run->guess, &G.AX, &G.BX, &G.work, G.theta, G.residual));
  TRY(eig_rank_mapped(run->problem.which, &run->problem.map, rank, G.theta, G.order));
  TRY(take_guess(run, &G, rank, &good));
  *enough = good == run->problem.k;
  run->pairs.count = run->pairs.converged = *enough ? good : 0;
  if (*enough)
    TRY(keep_products(run, &G));
  left = rank;
done:
  guess_close(run, &G);
  run->guess.p = left;
  return st;
}
