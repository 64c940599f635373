/* lanczos.c: thick-restart Lanczos for a few eigenvalues at the ends of a Hermitian spectrum.
 *
 * Method: Wu and Simon, SIAM J. Matrix Anal. Appl. 22 (2000). Every new vector is orthogonalised
 * against the whole basis (Daniel, Gragg, Kaufman, Stewart 1976), so breakdown means an invariant
 * subspace: the run goes on in a fresh orthogonal direction. The number of vectors kept at a
 * restart maximises the predicted convergence per cost (after Yamazaki, Bai, Simon, Wang, Wu, ACM
 * TOMS 37 (2010)). In a probe (problem->known) the run looks for missed copies in the complement of
 * known pairs, in the spirit of McCombs and Stathopoulos, SIAM J. Sci. Comput. 28 (2006). Cost per
 * step j: one product with A and two passes over j + y basis vectors; per restart: one pass that
 * reads m and writes the kept vectors.
 *
 * When after the first basis orthogonalisation is seen to dominate, the run goes on with a
 * Chebyshev filter p(A) in place of A (stage.c, filter.c). */
#include "solvers/lanczos.h"
#include "base/clock.h"
#include "base/dtype.h"
#include "base/error.h"
#include "base/memory.h"
#include "solvers/legs.h"
#include "solvers/subspace.h"

#include <inttypes.h>
#include <math.h>

multivec lanczos_column(const lanczos *L, int32_t j)
{
  return mv_columns(&L->basis, L->y + j, 1);
}

void lanczos_close(lanczos *L)
{
  mv_free(&L->basis);
  mem_free(L->diag);
  mem_free(L->off);
  omega_close(&L->omega);
  mv_free(&L->spare);
  mem_free(L->mu);
  mem_free(L->theta);
  mem_free(L->residual);
  mem_free(L->rank);
  mem_free(L->merged);
  mem_free(L->merged_rank);
  mem_free(L->shown_theta);
  mem_free(L->shown_residual);
  small_free(&L->S);
  small_free(&L->C);
  small_free(&L->H);
  small_free(&L->work[0]);
  small_free(&L->work[1]);
}

/* Restarts broke down with more than 1e-10. */
double lanczos_allowed_loss(const eig_problem *problem, double eps)
{
  double eta = fmin(1e-10, problem->tol / 100);
  return eta < 4096 * eps || problem->adjoint ? 0 : eta;
}

/* Nothing is saved where steps run ahead of the host. */
static double loss_in_use(const eig_problem *problem, double eps)
{
  return mv_runs_ahead(problem->be) ? 0 : lanczos_allowed_loss(problem, eps);
}

/* Columns that only the probe after this run will fill, with the pairs found: it gets the same
 * memory then. */
static int32_t for_probe(const eig_problem *problem)
{
  return problem->known_count > 0 ? 0 : problem->k;
}

speig_status lanczos_open(const eig_problem *problem, lanczos *L)
{
  speig_status st = SPEIG_OK;
  int32_t y = problem->constraints.p, m = problem->ncv;
  int is_complex = dtype_is_complex(problem->be->ops->dtype);
  if (m > eig_room(problem) - y)
    m = (int32_t)(eig_room(problem) - y);
  *L = (lanczos){ .problem = problem,
                  .method = "lanczos",
                  .y = y,
                  .m = m,
                  .eps = dtype_eps(problem->be->ops->dtype),
                  .norm_a = problem->norm_floor,
                  .filter = problem->filter,
                  .batch = 1 };
  L->lowest = INFINITY;
  L->highest = -INFINITY;
  L->last_report = clock_seconds();
  TRY(mv_alloc(problem->be, problem->n, y + m + 1 + for_probe(problem), "Lanczos basis",
               &L->basis));
  TRY(omega_open(m, loss_in_use(problem, L->eps), &L->omega));
  TRY(MEM_ZARRAY(m, "projected matrix", &L->diag));
  TRY(MEM_ZARRAY(m, "projected matrix", &L->off));
  TRY(MEM_ZARRAY(m, "Ritz values", &L->mu));
  TRY(MEM_ZARRAY(m, "Ritz values", &L->theta));
  TRY(MEM_ZARRAY(m, "Ritz residuals", &L->residual));
  TRY(MEM_ZARRAY(m, "Ritz ranks", &L->rank));
  TRY(MEM_ZARRAY(m + problem->known_count, "known values", &L->merged));
  TRY(MEM_ZARRAY(m + problem->known_count, "known ranks", &L->merged_rank));
  TRY(MEM_ZARRAY(problem->k, "progress record", &L->shown_theta));
  TRY(MEM_ZARRAY(problem->k, "progress record", &L->shown_residual));
  for (int32_t i = 0; i < problem->k; ++i)
    L->shown_theta[i] = L->shown_residual[i] = NAN;
  TRY(small_alloc(m, m, 0, &L->S));
  TRY(small_alloc(m, m, 0, &L->C));
  TRY(small_alloc(y + m + 1, 1, is_complex, &L->H));
  TRY(small_alloc(y + m + 1, 1, is_complex, &L->work[0]));
  TRY(small_alloc(y + m + 1, 1, is_complex, &L->work[1]));
  if (y > 0) {
    multivec head = mv_columns(&L->basis, 0, y);
    TRY(mv_copy(&problem->constraints, &head));
  }
done:
  return st;
}

static speig_status thick_restart(lanczos *L)
{
  speig_status st = SPEIG_OK;
  int32_t m = L->filled, l = ritz_choose_kept(L);
  double last = L->off[m - 1];
  multivec V = mv_columns(&L->basis, L->y, m), from = lanczos_column(L, m),
           to = lanczos_column(L, l);
  small C = small_view(&L->C, 0, 0, m, l);
  for (int32_t i = 0; i < l; ++i) {
    int32_t pick = L->rank[i];
    small source = small_view(&L->S, 0, pick, m, 1), target = small_view(&C, 0, i, m, 1);
    small_copy(&source, &target);
    L->diag[i] = L->mu[pick];
    L->off[i] = last * small_get(&L->S, m - 1, pick);
  }
  TRY(mv_rotate(&V, &C));
  if (l != m)
    TRY(mv_copy(&from, &to));
  L->kept = L->filled = l;
  ++L->restarts;
  ++L->stage_restarts;
done:
  return st;
}

void lanczos_report(lanczos *L)
{
  int32_t k = L->problem->k;
  for (int32_t i = 0; i < k; ++i) {
    int have = i < L->filled;
    L->shown_theta[i] = have ? L->theta[L->rank[i]] : NAN;
    L->shown_residual[i] = have ? L->residual[L->rank[i]] : NAN;
  }
  L->last_report = clock_seconds();
  L->converged = ritz_converged_among_best(L);
  eig_report(L->problem, L->method, L->restarts, L->converged, L->shown_theta, L->shown_residual,
             L->norm_a, &L->stop, &L->reason);
}

/* Inside a cycle: limits after every step or batch of them, the callback when the last word is a
 * quarter of a second old.
 */
void lanczos_report_within_cycle(lanczos *L)
{
  const eig_problem *problem = L->problem;
  double now = clock_seconds();
  if (eig_products(problem) >= problem->max_matvecs) {
    L->stop = 1;
    L->reason = SPEIG_STOP_MAX_MATVECS;
  } else if (problem->deadline > 0 && now >= problem->deadline) {
    L->stop = 1;
    L->reason = SPEIG_STOP_TIME_LIMIT;
  } else if (now > L->last_report + 0.25) {
    L->last_report = now;
    eig_report(problem, L->method, L->restarts, L->converged, L->shown_theta, L->shown_residual,
               L->norm_a, &L->stop, &L->reason);
  }
}

static speig_status extract(lanczos *L, eig_pairs *pairs)
{
  speig_status st = SPEIG_OK;
  int32_t m = L->filled, rank;
  multivec V = mv_columns(&L->basis, L->y, m), X;
  small C;
  pairs->count = ritz_select(L, pairs->capacity, &pairs->converged);
  C = small_view(&L->C, 0, 0, m, pairs->count);
  for (int32_t i = 0; i < pairs->count; ++i) {
    int32_t pick = L->merged_rank[i];
    small source = small_view(&L->S, 0, pick, m, 1), target = small_view(&C, 0, i, m, 1);
    small_copy(&source, &target);
    pairs->theta[i] = L->theta[pick];
    pairs->residual[i] = L->residual[pick];
  }
  X = mv_columns(&pairs->X, 0, pairs->count);
  if (m > 0 && pairs->count > 0)
    TRY(mv_mul(1, &V, &C, 0, &X));
  if ((L->omega.eta > 0 || L->is_lossy) && pairs->count > 0)
    TRY(subspace_orthonormalize(&L->problem->constraints, &X, &rank));
done:
  return st;
}

/* Start vector: the sum of the guesses made orthonormal, or a random vector. */
speig_status lanczos_start(lanczos *L)
{
  speig_status st = SPEIG_OK;
  multivec v = lanczos_column(L, 0);
  double one = 1, before = 0, after = 0;
  if (L->problem->guess.p == 0) {
    TRY(lanczos_fresh_direction(L, 0));
    goto done;
  }
  TRY(mv_zero(&v));
  for (int32_t j = 0; j < L->problem->guess.p; ++j) {
    multivec g = mv_columns(&L->problem->guess, j, 1);
    TRY(mv_axpy(&one, &g, &v));
  }
  TRY(mv_norms(&v, &before));
  TRY(lanczos_orthogonalize(L, 0, &after));
  if (after > 1000 * L->eps * before)
    TRY(lanczos_normalize(L, 0, after));
  else
    TRY(lanczos_fresh_direction(L, 0));
done:
  return st;
}

int32_t lanczos_look(const lanczos *L)
{
  enum { FILTERED = 3, LOOKS = 8, LARGE = 50000 };
  int32_t steps = L->m / LOOKS;
  if (L->filter.degree > 0)
    return FILTERED;
  return L->problem->n < LARGE ? L->m : steps > 1 ? steps : 1;
}

/* A probe has looked long enough for a missed value to stand out by then. */
static int worth_a_look(const lanczos *L)
{
  int at_the_end = L->filled == L->m && L->filter.degree == 0; /* where everybody looks */
  return !L->stop && !at_the_end && (L->filled - L->kept) % lanczos_look(L) == 0;
}

/* Several Ritz values lie inside the interval and too few beyond: all that is magnified has been
 * seen. */
static int edge_too_far_out(const lanczos *L)
{
  int32_t magnified = ritz_magnified(L);
  return L->filter.degree > 0 && L->problem->known_count == 0 && magnified <= L->problem->k &&
         L->filled - magnified >= 8;
}

/* Fills the basis, unless the run is finished before. */
static speig_status fill_basis(lanczos *L, int *complete)
{
  speig_status st = SPEIG_OK;
  int is_due = L->is_resumed && L->filled > L->kept;
  *complete = 0;
  L->is_resumed = 0;
  while (L->filled < L->m && !L->exhausted && !L->stop && !*complete) {
    if (!is_due) {
      checkpoint_offer(L->problem->checkpoint);
      TRY(lanczos_expand(L));
      lanczos_report_within_cycle(L);
    }
    is_due = 0;
    if (worth_a_look(L)) {
      TRY(ritz_compute(L));
      *complete = ritz_finished(L);
      if (!*complete)
        lanczos_report(L);
      if (!*complete && edge_too_far_out(L))
        return st;
    }
  }
  if (!*complete) {
    TRY(ritz_compute(L));
    /* A probe that a limit cuts short has not looked long enough to say that nothing is there. */
    *complete = ritz_finished(L) && !(L->stop && L->problem->known_count > 0);
  }
done:
  return st;
}

static speig_status keep(archive *a, void *solver)
{
  double loss = ((lanczos *)solver)->omega.eta;
  return lanczos_archive(a, solver, &loss);
}

static speig_status bring_back(archive *a, void *solver)
{
  speig_status st = SPEIG_OK;
  double loss;
  TRY(lanczos_archive(a, solver, &loss));
  TRY(lanczos_adopt(solver, loss));
done:
  return st;
}

/* From a start vector, or from where a run that was cut off stood. */
static speig_status begin(lanczos *L, leg_entry entry)
{
  speig_status st = SPEIG_OK;
  checkpoint *c = L->problem->checkpoint;
  if (entry == LEG_NEW)
    TRY(lanczos_start(L));
  else
    TRY(checkpoint_restore(c, bring_back, L));
  L->is_resumed = entry != LEG_NEW;
  checkpoint_watch(c, keep, L, &L->filled);
done:
  return st;
}

speig_status lanczos_solve(const eig_problem *given, eig_pairs *pairs)
{
  speig_status st = SPEIG_OK;
  eig_problem adapted = *given, *problem = &adapted;
  lanczos L = { 0 };
  leg_entry entry;
  int finished = 0, taken;
  pairs->count = pairs->converged = 0;
  TRY(leg_enter(problem, "lanczos", 0, NULL, &entry));
  if (entry == LEG_ANSWERED) {
    TRY(leg_answer(problem, pairs));
    goto done;
  }
  if (entry != LEG_NEW && problem->ncv < checkpoint_columns(problem->checkpoint))
    adapted.ncv = checkpoint_columns(problem->checkpoint);
  TRY(lanczos_open(problem, &L));
  TRY(begin(&L, entry));
  for (;;) {
    TRY(fill_basis(&L, &finished));
    if (finished && !L.stop)
      lanczos_report(&L); /* the last word; what it is answered changes nothing */
    if (finished || L.stop || L.exhausted)
      break;
    lanczos_report(&L);
    if (L.stop)
      break;
    TRY(L.filter.degree ? stage_adjust_filter(&L, &taken) : stage_consider_filter(&L, &taken));
    if (!taken)
      TRY(thick_restart(&L));
  }
  if (finished || (L.exhausted && !L.stop))
    L.reason = SPEIG_STOP_CONVERGED;
  TRY(extract(&L, pairs));
  pairs->norm_a = L.norm_a;
  pairs->norm_b = 1;
  pairs->iterations = L.restarts;
  pairs->reason = L.reason;
  pairs->filter = L.filter;
  pairs->lowest = L.lowest;
  pairs->highest = L.highest;
  TRY(leg_leave(problem, pairs));
done:
  lanczos_close(&L);
  return st;
}
