/* eigsh.c: a few eigenpairs of a Hermitian problem: check, plan, solve, validate, pack.
 *
 * The problem is solved in units where its largest entry is near 1 whenever squares of it could
 * leave the range of the type: A is multiplied by a power of two, which is exact. */
#include "base/clock.h"
#include "base/dtype.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/threads.h"
#include "solvers/run.h"
#include "solvers/subspace.h"

#include <inttypes.h>
#include <math.h>

/* ---- checks
 * ------------------------------------------------------------------------------------------ */

static speig_status check_block(const char *name, const speig_block *X, const speig_operator *A)
{
  speig_status st = SPEIG_OK;
  if (!X)
    return st;
  REQUIRE(X->dtype == A->dtype, "%s has type %s, A has %s", name, speig_dtype_name(X->dtype),
          speig_dtype_name(A->dtype));
  REQUIRE(X->rows == A->n, "%s has %" PRId64 " rows, the order of A is %" PRId64, name, X->rows,
          A->n);
  REQUIRE(X->cols >= 0 && X->cols <= INT32_MAX && X->ld >= X->rows && (X->data || X->cols == 0),
          "%s has %" PRId64 " columns, leading dimension %" PRId64 " and data %s", name, X->cols,
          X->ld, X->data ? "present" : "NULL");
done:
  return st;
}

/* Finite entries, Hermitian by value unless declared so or assumed. norm and floor: an upper and a
 * lower bound of ||A||_2. */
static speig_status check_matrix(const char *name, const speig_operator *op, int assume,
                                 double *norm, double *floor)
{
  /* Entries computed as a_ij and a_ji in different order differ by rounding. */
  const double rounding = 64 * dtype_eps(op->dtype);
  speig_status st = SPEIG_OK;
  speig_matrix_stats stats;
  *norm = *floor = 0;
  if (op->kind != OPERATOR_MATRIX)
    return st;
  TRY(speig_matrix_get_stats(op->matrix, &stats));
  if (stats.nonfinite > 0)
    FAIL(SPEIG_ERR_NUMERIC,
         "%s holds %" PRId64 " entries that are NaN or Inf, the first at row %" PRId64
         ", column %" PRId64 "; every entry must be finite",
         name, stats.nonfinite, stats.first_nonfinite_row + 1, stats.first_nonfinite_col + 1);
  if (!assume && !(stats.hermitian_defect <= rounding * stats.max_abs))
    FAIL(SPEIG_ERR_ARG,
         "%s is not Hermitian: max |a_ij - conj(a_ji)| is %g beside a largest entry of %g; at most "
         "%g is taken for rounding",
         name, stats.hermitian_defect, stats.max_abs, rounding * stats.max_abs);
  *norm = stats.norm_inf;
  *floor = stats.max_abs;
  if (isfinite(stats.norm_fro) && op->n > 0)
    *floor = fmax(*floor, stats.norm_fro / sqrt((double)op->n));
  if (isinf(*norm)) /* finite entries whose sum overflows: half the range is near enough for a scale
                     */
    *norm = dtype_max(op->dtype);
done:
  return st;
}

static speig_status check_problem(eigsh_run *run)
{
  speig_status st = SPEIG_OK;
  const speig_operator *A = run->A, *B = run->B, *T = run->opts.precond;
  REQUIRE(!B || B->dtype == A->dtype, "B has type %s, A has %s", speig_dtype_name(B->dtype),
          speig_dtype_name(A->dtype));
  REQUIRE(!B || B->n == A->n, "B has order %" PRId64 ", A has %" PRId64, B->n, A->n);
  REQUIRE(!T || T->dtype == A->dtype, "the preconditioner has type %s, A has %s",
          speig_dtype_name(T->dtype), speig_dtype_name(A->dtype));
  REQUIRE(!T || T->n == A->n, "the preconditioner has order %" PRId64 ", A has %" PRId64, T->n,
          A->n);
  TRY(check_block("guess", run->opts.guess, A));
  TRY(check_block("deflate", run->opts.deflate, A));
done:
  return st;
}

/* ---- scaling
 * ------------------------------------------------------------------------------------------- */

/* A power of two that brings norm near 1, or 1 when squares and sums of it are safe anyway. */
static double choose_scale(speig_dtype dtype, double norm)
{
  double safe = dtype_is_single(dtype) ? 0x1p30 : 0x1p300;
  int exponent;
  if (!(norm > 0) || (norm < safe && norm > 1 / safe))
    return 1;
  (void)frexp(norm, &exponent);
  /* The factor and its inverse must both be normal numbers. */
  if (exponent < -1000)
    exponent = -1000;
  if (exponent > 1000)
    exponent = 1000;
  return ldexp(1, -exponent);
}

/* ||A x|| / ||x|| for a random x: all that can be known of a callback's size. */
static speig_status sample_norm(eigsh_run *run, const speig_operator *op, double *norm)
{
  speig_status st = SPEIG_OK;
  bound_operator *bound = NULL;
  multivec x = { 0 }, y = { 0 };
  double length;
  TRY(operator_bind(run->be, op, 1, &bound));
  TRY(mv_alloc(run->be, op->n, 1, "sample", &x));
  TRY(mv_alloc(run->be, op->n, 1, "sample", &y));
  TRY(mv_fill_random(run->opts.seed, &x));
  TRY(operator_apply(bound, &x, &y));
  TRY(mv_norms(&x, &length));
  TRY(mv_norms(&y, norm));
  *norm /= length;
done:
  mv_free(&x);
  mv_free(&y);
  operator_unbind(&bound);
  return st;
}

static speig_status bind_scaled(eigsh_run *run, const char *name, const speig_operator *op,
                                double *scale, double *floor, bound_operator **bound)
{
  speig_status st = SPEIG_OK;
  double norm;
  *scale = 1;
  *floor = 0;
  if (!op)
    return st;
  TRY(check_matrix(name, op, run->opts.assume_hermitian, &norm, floor));
  if (op->kind == OPERATOR_CALLBACK) {
    TRY(sample_norm(run, op, &norm));
    *floor = norm;
  }
  *scale = choose_scale(op->dtype, norm);
  *floor *= *scale;
  TRY(operator_bind(run->be, op, *scale, bound));
  if (op->kind == OPERATOR_CALLBACK)
    (*bound)->products = 1; /* the sample */
done:
  return st;
}

/* ---- constraints and guesses
 * ---------------------------------------------------------------------------- */

static speig_status upload_block(eigsh_run *run, const char *what, const speig_block *X,
                                 multivec *out)
{
  speig_status st = SPEIG_OK;
  *out = (multivec){ .be = run->be, .n = run->A->n };
  if (!X || X->cols == 0)
    return st;
  TRY(mv_alloc(run->be, X->rows, (int32_t)X->cols, what, out));
  TRY(mv_upload(X->data, X->ld, out));
  for (int32_t j = 0; j < out->p; ++j) {
    multivec x = mv_columns(out, j, 1);
    double norm;
    TRY(mv_norms(&x, &norm));
    if (!isfinite(norm))
      FAIL(SPEIG_ERR_NUMERIC, "column %d of %s holds NaN or Inf", j + 1, what);
  }
done:
  return st;
}

static speig_status prepare_constraints(eigsh_run *run)
{
  speig_status st = SPEIG_OK;
  multivec none = { .be = run->be, .n = run->A->n };
  int32_t rank;
  TRY(upload_block(run, "deflate", run->opts.deflate, &run->constraints));
  run->constraints_b = run->constraints;
  if (run->constraints.p == 0)
    goto done;
  if (run->bound_b)
    TRY(mv_alloc(run->be, run->A->n, run->constraints.p, "B deflate", &run->constraints_b));
  TRY(subspace_orthonormalize_b(run->bound_b, &none, &none, &run->constraints, &run->constraints_b,
                                &rank));
  REQUIRE(rank == run->constraints.p, "deflate has %d columns of rank %d; full rank is needed",
          run->constraints.p, rank);
done:
  return st;
}

/* Guess columns, and one random column behind them: its Ritz value shows whether the guesses are
 * anywhere near the wanted end. */
static speig_status upload_guess(eigsh_run *run)
{
  speig_status st = SPEIG_OK;
  multivec given = { 0 }, head, random;
  TRY(upload_block(run, "guess", run->opts.guess, &given));
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
static speig_status try_guess(eigsh_run *run, int *enough)
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
  eig_rank(run->problem.which, rank, G.theta, G.order);
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

/* ---- solving
 * ---------------------------------------------------------------------------------------------- */

static int in_callers_units(void *user, const speig_progress *record)
{
  eigsh_run *run = user;
  speig_progress copy = *record;
  double value = run->scale_b / run->scale_a, residual = 1 / run->scale_a;
  int32_t shown = record->wanted < run->plan.k ? record->wanted : run->plan.k;
  for (int32_t i = 0; i < shown; ++i) {
    run->shown_values[i] = record->values[i] * value;
    run->shown_residuals[i] = record->residuals[i] * residual;
  }
  copy.values = run->shown_values;
  copy.residuals = run->shown_residuals;
  copy.norm = record->norm * residual;
  return run->opts.progress(run->opts.progress_user, &copy);
}

static speig_status solve_dense(eigsh_run *run)
{
  speig_status st = SPEIG_OK;
  run->method = SPEIG_DENSE;
  if (run->plan.components > 0)
    TRY(components_solve(&run->problem, &run->pairs));
  else
    TRY(dense_solve(&run->problem, &run->pairs));
  if (run->pairs.converged == run->problem.k) {
    run->complete = 1;
    run->proof = SPEIG_CERTIFIED;
  }
done:
  return st;
}

static int wants_validation(const eigsh_run *run, const eig_problem *end, const eig_pairs *pairs)
{
  return run->opts.certify != SPEIG_CERTIFY_NEVER && pairs->converged == end->k;
}

/* One solver on one problem, then the probe. */
static speig_status solve_and_validate(eigsh_run *run, const eig_problem *end, eig_pairs *pairs,
                                       int *complete)
{
  speig_status st = SPEIG_OK;
  double before = clock_seconds(), middle;
  *complete = 0;
  TRY(run->method == SPEIG_LOBPCG ? lobpcg_solve(end, pairs) : lanczos_solve(end, pairs));
  middle = clock_seconds();
  run->seconds_solve += middle - before;
  if (wants_validation(run, end, pairs))
    TRY(validate_pairs(run, end, pairs, complete));
  run->seconds_certify += clock_seconds() - middle;
done:
  return st;
}

/* One end at a time: both ends, and largest magnitude, are made of two runs; the second one
 * looks in the complement of what the first one found, since a matrix such as zero reaches from end
 * to end. */
static speig_status solve_two_ends(eigsh_run *run)
{
  speig_status st = SPEIG_OK;
  eig_problem end = run->problem;
  eig_pairs low = { 0 };
  multivec Y = { 0 }, Y_b = { 0 };
  int both = run->problem.which == SPEIG_BE;
  int32_t k = run->problem.k;
  int64_t room;
  int complete_high = 1, complete_low = 1;
  end.which = SPEIG_LA;
  end.k = both ? k - k / 2 : k;
  TRY(solve_and_validate(run, &end, &run->pairs, &complete_high));
  room = end.n - end.constraints.p - run->pairs.converged;
  end.which = SPEIG_SA;
  end.k = both ? k / 2 : k;
  if (end.k > room)
    end.k = (int32_t)room;
  if (end.k > 0 && run->pairs.reason == SPEIG_STOP_CONVERGED) {
    TRY(validate_constraints(&run->problem, &run->pairs, &Y, &Y_b));
    end.constraints = Y;
    end.constraints_b = Y_b;
    end.guess.p = 0;
    end.span_low = run->pairs.lowest;
    end.span_high = run->pairs.highest;
    TRY(eig_pairs_alloc(run->be, end.n, end.k, &low));
    TRY(solve_and_validate(run, &end, &low, &complete_low));
    TRY(pairs_merge(&run->problem, k, &run->pairs, &low));
  }
  run->complete = complete_high < complete_low ? complete_high : complete_low;
done:
  eig_pairs_free(&low);
  if (Y_b.data != Y.data)
    mv_free(&Y_b);
  mv_free(&Y);
  return st;
}

/* Smallest magnitude without a factorization: the smallest algebraic ones, when none of them is
 * negative (or the largest, when none is positive); else it lies inside the spectrum. */
static speig_status solve_smallest_magnitude(eigsh_run *run)
{
  static const speig_which ends[2] = { SPEIG_SA, SPEIG_LA };
  speig_status st = SPEIG_OK;
  eig_problem end = run->problem;
  for (int side = 0; side < 2; ++side) {
    double sign = side == 0 ? 1 : -1, slack;
    end.which = ends[side];
    TRY(solve_and_validate(run, &end, &run->pairs, &run->complete));
    slack = end.tol * run->pairs.norm_a;
    if (run->pairs.converged < end.k || run->complete < 0)
      goto done; /* a limit was met before the sign was known */
    if (sign * run->pairs.theta[0] >= -slack)
      goto done; /* semidefinite: this end is nearest to zero */
  }
  run->pairs.count = run->pairs.converged = 0;
  run->complete = 0;
  if (!isfinite(plan_dense_seconds(run->A, run->B, &run->opts)))
    FAIL(SPEIG_ERR_UNSUPPORTED,
         "the matrix is indefinite, so its eigenvalues of smallest magnitude lie inside the "
         "spectrum; at order %" PRId64 " they need shift-invert, which this version does not have",
         run->A->n);
  TRY(solve_dense(run));
done:
  return st;
}

/* Lanczos sees both ends at once, but a filter magnifies one of them: when a few cycles do not
 * suffice, each end gets a run of its own. */
static speig_status solve_both_ends(eigsh_run *run)
{
  enum { CYCLES = 12 };
  speig_status st = SPEIG_OK;
  eig_problem *problem = &run->problem;
  int64_t limit = problem->max_matvecs, first = run->bound_a->products + CYCLES * problem->ncv;
  if (problem->may_filter && first < limit)
    problem->max_matvecs = first;
  TRY(solve_and_validate(run, problem, &run->pairs, &run->complete));
  problem->max_matvecs = limit;
  if (run->pairs.converged == problem->k || run->pairs.reason != SPEIG_STOP_MAX_MATVECS ||
      run->bound_a->products >= limit)
    goto done;
  run->iterations += run->pairs.iterations;
  run->pairs.count = run->pairs.converged = 0;
  TRY(solve_two_ends(run));
done:
  return st;
}

static speig_status solve_iteratively(eigsh_run *run)
{
  speig_status st = SPEIG_OK;
  speig_which which = run->problem.which;
  run->method = run->plan.method;
  run->proof = SPEIG_VALIDATED;
  if (which == SPEIG_SM)
    TRY(solve_smallest_magnitude(run));
  else if (which != SPEIG_LM && which != SPEIG_BE)
    TRY(solve_and_validate(run, &run->problem, &run->pairs, &run->complete));
  else
    TRY(run->method == SPEIG_LOBPCG ? solve_two_ends(run) : solve_both_ends(run));
done:
  return st;
}

/* The products after which auto gives up on iterating, because LAPACK would have been done by then.
 */
static int64_t patience(const eigsh_run *run)
{
  double dense = plan_dense_seconds(run->A, run->B, &run->opts), steps;
  if (run->opts.method != SPEIG_METHOD_AUTO || !isfinite(dense) || run->opts.precond)
    return run->plan.max_matvecs;
  steps = dense / plan_lanczos_step_seconds(run->A, run->plan.ncv) + 10.0 * run->plan.ncv;
  return steps < (double)run->plan.max_matvecs ? (int64_t)steps : run->plan.max_matvecs;
}

/* In auto, a run that ended without an answer that holds, though no limit of the caller's was met,
 * leaves the problem to LAPACK where that is affordable. */
static int leave_to_dense(const eigsh_run *run)
{
  int certain = run->complete == 1 || run->opts.certify == SPEIG_CERTIFY_NEVER;
  int answered = certain && run->pairs.converged == run->problem.k;
  int limited = run->pairs.reason == SPEIG_STOP_TIME_LIMIT ||
                run->pairs.reason == SPEIG_STOP_CANCELLED ||
                run->bound_a->products >= run->plan.max_matvecs;
  return run->opts.method == SPEIG_METHOD_AUTO && !run->opts.precond && !answered && !limited &&
         isfinite(plan_dense_seconds(run->A, run->B, &run->opts));
}

static speig_status solve(eigsh_run *run)
{
  speig_status st = SPEIG_OK;
  int enough;
  double before;
  TRY(try_guess(run, &enough));
  run->problem.guess = run->guess;
  run->method = run->plan.method;
  if (enough)
    goto done;
  if (run->plan.method != SPEIG_DENSE) {
    run->problem.max_matvecs = patience(run);
    TRY(solve_iteratively(run));
    if (!leave_to_dense(run))
      goto done;
    run->problem.max_matvecs = run->plan.max_matvecs;
    run->iterations += run->pairs.iterations;
  }
  before = clock_seconds();
  TRY(solve_dense(run));
  run->seconds_solve += clock_seconds() - before;
done:
  return st;
}

/* ---- the call
 * ------------------------------------------------------------------------------------------------
 */

static speig_status prepare(eigsh_run *run)
{
  speig_status st = SPEIG_OK;
  double started = clock_seconds(), floor_b;
  TRY(backend_open(run->plan.device, run->A->dtype, run->opts.threads, &run->be));
  TRY(bind_scaled(run, "A", run->A, &run->scale_a, &run->norm_floor, &run->bound_a));
  TRY(bind_scaled(run, "B", run->B, &run->scale_b, &floor_b, &run->bound_b));
  TRY(operator_bind(run->be, run->opts.precond, 1, &run->bound_precond));
  TRY(prepare_constraints(run));
  TRY(MEM_ZARRAY(run->plan.k, "progress record", &run->shown_values));
  TRY(MEM_ZARRAY(run->plan.k, "progress record", &run->shown_residuals));
  TRY(eig_pairs_alloc(run->be, run->A->n, run->plan.k, &run->pairs));
  run->problem = (eig_problem){
    .be = run->be,
    .n = run->A->n,
    .A = run->bound_a,
    .B = run->bound_b,
    .precond = run->bound_precond,
    .k = run->plan.k,
    .which = run->opts.which,
    .norm_floor = run->norm_floor,
    .tol = run->plan.tol,
    .ncv = run->plan.ncv,
    .max_matvecs = run->plan.max_matvecs,
    .deadline = run->opts.time_limit > 0 ? started + run->opts.time_limit : 0,
    .seed = run->opts.seed,
    .constraints = run->constraints,
    .constraints_b = run->constraints_b,
    .may_filter = run->constraints.p == 0 && run->A->kind == OPERATOR_MATRIX &&
                  plan_products_are_cheap(run->A, run->plan.ncv),
    .span_low = INFINITY,
    .span_high = -INFINITY,
    .phase = "solve",
    .started = started,
    .progress = run->opts.progress ? in_callers_units : NULL,
    .progress_user = run,
  };
  run->seconds_setup = clock_seconds() - started;
done:
  return st;
}

static void run_close(eigsh_run *run)
{
  eig_pairs_free(&run->pairs);
  mv_free(&run->guess);
  mv_free(&run->products);
  if (run->constraints_b.data != run->constraints.data)
    mv_free(&run->constraints_b);
  mv_free(&run->constraints);
  mem_free(run->shown_values);
  mem_free(run->shown_residuals);
  operator_unbind(&run->bound_a);
  operator_unbind(&run->bound_b);
  operator_unbind(&run->bound_precond);
  backend_close(&run->be);
}

speig_status speig_eigsh(const speig_operator *A, const speig_operator *B,
                         const speig_eigsh_opts *opts, speig_eigsh_result **result)
{
  speig_status st = SPEIG_OK;
  eigsh_run run = { .A = A, .B = B };
  mem_account outer = mem_account_enter(0);
  threads_blas_enter();
  REQUIRE(A && result, "the operator A and a place for the result are needed, one is NULL");
  *result = NULL;
  TRY(plan_options(opts, &run.opts));
  mem_account_leave(&outer);
  outer = mem_account_enter(run.opts.memory);
  TRY(check_problem(&run));
  TRY(plan_make(A, B, &run.opts, &run.plan));
  TRY(prepare(&run));
  if (run.plan.k > 0)
    TRY(solve(&run));
  TRY(result_make(&run, result));
done:
  run_close(&run);
  threads_blas_leave();
  mem_account_leave(&outer);
  return st;
}
