/* left_eigs.c: left eigenvectors for pairs that are known: Krylov-Schur on A^H finds the conjugate
 * eigenvalues, which are matched with those of A one by one. Among close eigenvalues the two runs
 * may have chosen their vectors differently, so there the left ones are made biorthogonal to the
 * right ones: only then does y^H x measure the condition of the eigenvalue.                     */
#include "base/dtype.h"
#include "base/error.h"
#include "base/memory.h"
#include "solvers/run_eigs.h"

#include <math.h>

static speig_eigs_which conjugate_which(speig_eigs_which which, int is_complex)
{
  if (is_complex && which == SPEIG_EIGS_LI)
    return SPEIG_EIGS_SI;
  if (is_complex && which == SPEIG_EIGS_SI)
    return SPEIG_EIGS_LI;
  return which;
}

static double distance(eigenvalue a, eigenvalue b)
{
  return hypot(a.re - b.re, a.im - b.im);
}

/* Gives each lambda the nearest mu that is left and of its kind, single or pair. mu: conjugates
 * already taken. Those without one near enough keep their column; *missing counts them. */
static speig_status match(eigs_run *run, int32_t found, const eigenvalue *mu, const multivec *Y,
                          int32_t *missing)
{
  speig_status st = SPEIG_OK;
  int z = dtype_is_complex(run->be->ops->dtype);
  double near = cbrt(dtype_eps(run->be->ops->dtype)) * run->norm_a;
  char *used = NULL;
  int32_t width;
  *missing = 0;
  TRY(MEM_ZARRAY((int64_t)found + 1, "matched values", &used));
  for (int32_t j = 0; j < run->pairs.count; j += width) {
    int32_t best = -1;
    multivec from, to;
    width = pair_starts(z, run->pairs.lambda, j) ? 2 : 1;
    for (int32_t i = 0; i < found; ++i) {
      if (used[i] || pair_starts(z, mu, i) != (width == 2) || pair_ends(z, mu, i))
        continue;
      if (best < 0 ||
          distance(mu[i], run->pairs.lambda[j]) < distance(mu[best], run->pairs.lambda[j]))
        best = i;
    }
    if (best < 0 || !(distance(mu[best], run->pairs.lambda[j]) <= near)) {
      *missing += width;
      continue;
    }
    used[best] = 1;
    from = mv_columns(Y, best, width);
    to = mv_columns(&run->pairs.Y, j, width);
    TRY(mv_copy(&from, &to));
  }
done:
  mem_free(used);
  return st;
}

/* Y = Y (X^H Y)^-1 on the columns first .. first + width - 1, unless a column is missing or the
 * eigenvalue is defective. */
static speig_status make_biorthogonal(eigs_run *run, int32_t first, int32_t width)
{
  speig_status st = SPEIG_OK;
  multivec X = mv_columns(&run->pairs.X, first, width), Y = mv_columns(&run->pairs.Y, first, width);
  multivec copy = { 0 };
  small G = { 0 };
  double rcond;
  TRY(small_alloc(width, width, dtype_is_complex(run->be->ops->dtype), &G));
  TRY(mv_gram(&X, &Y, &G));
  TRY(general_inverse(&G, &rcond));
  if (!(rcond > 100 * dtype_eps(run->be->ops->dtype)))
    goto done;
  TRY(mv_alloc(run->be, run->A->n, width, "left eigenvectors", &copy));
  TRY(mv_copy(&Y, &copy));
  TRY(mv_mul(1, &copy, &G, 0, &Y));
done:
  mv_free(&copy);
  small_free(&G);
  return st;
}

/* Neighbours in the order of the answer that are as close as rounding may make equal ones. */
static speig_status treat_clusters(eigs_run *run)
{
  speig_status st = SPEIG_OK;
  int z = dtype_is_complex(run->be->ops->dtype);
  double close = sqrt(dtype_eps(run->be->ops->dtype)) * run->norm_a;
  const eigenvalue *lambda = run->pairs.lambda;
  int32_t count = run->pairs.count, first = 0;
  for (int32_t j = 0, step; j < count; j += step) {
    int32_t next;
    step = pair_starts(z, lambda, j) ? 2 : 1;
    next = j + step;
    if (next < count && distance(lambda[j], lambda[next]) <= close)
      continue;
    if (next - first > step)
      TRY(make_biorthogonal(run, first, next - first));
    first = next;
  }
done:
  return st;
}

/* Solves for the left vectors, and matches them. */
static speig_status find_left(eigs_run *run, const general_problem *problem, const general_map *map,
                              const eigs_side *side, int32_t *missing, speig_reason *reason)
{
  speig_status st = SPEIG_OK;
  general_basis basis = { 0 };
  multivec Y = { 0 };
  eigenvalue *mu = NULL;
  int z = dtype_is_complex(run->be->ops->dtype);
  TRY(general_basis_alloc(problem, &basis));
  TRY(krylov_schur_solve(problem, &basis));
  run->iterations += basis.iterations;
  *reason = basis.reason;
  TRY(MEM_ARRAY((int64_t)basis.count + 1, "eigenvalues", &mu));
  TRY(mv_alloc(run->be, run->A->n, basis.count, "left eigenvectors", &Y));
  if (basis.count > 0) {
    TRY(eigs_extract(problem, map, side, &basis, &Y, mu));
    TRY(general_flip_pairs(&Y, mu)); /* of y^H A for the same packed value, not of A^H y */
  }
  for (int32_t i = 0; z && i < basis.count; ++i)
    mu[i].im = -mu[i].im;
  TRY(match(run, basis.count, mu, &Y, missing));
done:
  general_basis_free(&basis);
  mv_free(&Y);
  mem_free(mu);
  return st;
}

/* The cut may go between values of the same rank, such as +-a +-bi for LM, and this run may choose
 * others than the first did: what is missing is sought among more, unless a limit was met. */
static speig_status find_left_among_more(eigs_run *run, general_problem *problem,
                                         const general_map *map, const eigs_side *side)
{
  const int32_t more[] = { dtype_is_complex(run->be->ops->dtype) ? 1 : 0, 4 };
  const int32_t k = problem->k;
  speig_status st = SPEIG_OK;
  int32_t missing = 1;
  speig_reason reason = SPEIG_STOP_CONVERGED;
  TRY(mv_zero(&run->pairs.Y));
  for (size_t i = 0; i < sizeof more / sizeof *more && missing > 0; ++i) {
    int32_t sought = k + more[i];
    if (i > 0 &&
        (reason != SPEIG_STOP_CONVERGED || sought + 2 > problem->ncv || sought + 2 > problem->n))
      break;
    problem->k = sought + 2 <= problem->ncv && sought + 2 <= problem->n ? sought : k;
    TRY(find_left(run, problem, map, side, &missing, &reason));
  }
done:
  return st;
}

speig_status eigs_solve_left(eigs_run *run)
{
  speig_status st = SPEIG_OK;
  general_problem problem = run->problem;
  plain_operator adjoint;
  eigs_invert inverse = { 0 };
  eigs_side side;
  general_map map = run->map;
  TRY(eigs_bind_adjoint(run));
  side = (eigs_side){ run->bound_adjoint, run->bound_adjoint_b };
  adjoint = (plain_operator){ run->plain.base, run->bound_adjoint };
  problem.op = &adjoint.base;
  problem.counted = &run->bound_adjoint->products;
  if (run->plan.transform != SPEIG_TRANSFORM_NONE) {
    TRY(eigs_invert_adjoint(&run->invert, side.A, side.B, &inverse));
    problem.op = &inverse.base;
    problem.counted = &inverse.solves;
  } else {
    problem.norm_floor = run->norm_a;
  }
  problem.k = run->pairs.count;
  problem.which = conjugate_which(run->problem.which, dtype_is_complex(run->be->ops->dtype));
  problem.tol = run->plan.tol / (run->plan.transform != SPEIG_TRANSFORM_NONE ? 4 : 2);
  map.shift[1] = -map.shift[1]; /* of A^H */
  problem.guess.p = 0;
  problem.watch.phase = "left";
  TRY(find_left_among_more(run, &problem, &map, &side));
  TRY(treat_clusters(run));
done:
  run->invert.solves += inverse.solves;
  eigs_invert_close(&inverse);
  return st;
}
