/* steps.c: the steps of Lanczos: products, orthogonalisation against the whole basis, and what is
 * done when nothing is left of a vector.
 *
 * Where results take time to reach the host, several steps are asked for at once and their numbers
 * fetched together: two passes over the basis each, as one by one, but no word in between. A batch
 * that meets anything out of the ordinary stops before that step, which is then made by itself. */
#include "solvers/lanczos.h"

#include "base/clock.h"
#include "base/error.h"

#include <inttypes.h>
#include <math.h>

/* Orthogonalises column j against constraints and the columns before it; *norm is what is left. The
 * coefficients are in L->H.                                                                     */
speig_status lanczos_orthogonalize(lanczos *L, int32_t j, double *norm)
{
  speig_status st = SPEIG_OK;
  multivec Q = mv_columns(&L->basis, 0, L->y + j), w = lanczos_column(L, j);
  small H = small_view(&L->H, 0, 0, L->y + j, 1);
  if (Q.p == 0)
    TRY(mv_norms(&w, norm));
  else
    TRY(mv_orthogonalize(&Q, &w, &H, norm, L->work));
done:
  return st;
}

speig_status lanczos_normalize(lanczos *L, int32_t j, double norm)
{
  double inverse = 1 / norm;
  multivec w = lanczos_column(L, j);
  return mv_scale(&inverse, &w);
}

/* Column j becomes a random unit vector orthogonal to all before it; exhausted when there is none.
 */
speig_status lanczos_fresh_direction(lanczos *L, int32_t j)
{
  enum { MAX_DRAWS = 5 };
  speig_status st = SPEIG_OK;
  multivec w = lanczos_column(L, j);
  if ((int64_t)L->y + j >= eig_room(L->problem)) {
    L->exhausted = 1;
    return st;
  }
  for (int draw = 0; draw < MAX_DRAWS; ++draw) {
    double before, after;
    TRY(mv_fill_random(L->problem->seed + UINT64_C(0x9E3779B97F4A7C15) * ++L->draws, &w));
    if (L->problem->support.data)
      TRY(mv_row_scale(&L->problem->support, &w, &w));
    TRY(mv_norms(&w, &before));
    TRY(lanczos_orthogonalize(L, j, &after));
    if (after > 1000 * L->eps * before) {
      TRY(lanczos_normalize(L, j, after));
      goto done;
    }
  }
  FAIL(SPEIG_ERR_NUMERIC,
       "no direction orthogonal to %d basis vectors and %d constraints in a space of dimension "
       "%" PRId64,
       j, L->y, eig_room(L->problem));
done:
  return st;
}

static speig_status need_spare(lanczos *L)
{
  if (L->filter.degree == 0 || L->spare.data)
    return SPEIG_OK;
  return mv_alloc(L->problem->be, L->problem->n, 1, "filter", &L->spare);
}

/* w = p(A) q; with p(A) = A the part along the column before is taken off on the way, and *alpha is
 * q^H w. */
static speig_status multiply(lanczos *L, int32_t j, double *previous, double *alpha)
{
  speig_status st = SPEIG_OK;
  int three_term = j > L->kept && L->filter.degree == 0;
  multivec q = lanczos_column(L, j), w = lanczos_column(L, j + 1),
           before = lanczos_column(L, three_term ? j - 1 : j);
  *previous = three_term ? L->off[j - 1] : 0;
  if (L->filter.degree == 0) {
    TRY(operator_lanczos_step(L->problem->A, &q, *previous, three_term ? &before : NULL, &w,
                              alpha));
    goto done;
  }
  TRY(need_spare(L));
  TRY(filter_apply(&L->filter, L->problem->A, &q, &w, &L->spare));
done:
  return st;
}

/* A filter that magnifies like this has missed an outlying eigenvalue: start again without one. */
static const double HUGE_GROWTH = 1e30;

static speig_status abandon_filter(lanczos *L)
{
  L->filter.degree = 0;
  L->kept = L->filled = 0;
  L->norm_op = L->norm_a;
  ++L->stages; /* no further one is tried */
  return lanczos_fresh_direction(L, 0);
}

/* Column j + 1 less what it has of the first `count` columns of the basis, constraints included,
 * which is so little that one pass leaves nothing. */
static speig_status take_little(lanczos *L, int32_t j, int32_t count, double *beta)
{
  speig_status st = SPEIG_OK;
  multivec w = lanczos_column(L, j + 1), Q = mv_columns(&L->basis, 0, count);
  small H = small_view(&L->H, 0, 0, count, 1);
  TRY(mv_gram(&Q, &w, &H));
  TRY(mv_mul(-1, &Q, &H, 1, &w));
  TRY(mv_norms(&w, beta));
done:
  return st;
}

/* Column j + 1 against all before it, twice where need be. */
static speig_status orthogonalize_fully(lanczos *L, int32_t j, double *alpha, double *beta)
{
  speig_status st = SPEIG_OK;
  TRY(lanczos_orthogonalize(L, j + 1, beta));
  *alpha = small_get(&L->H, L->y + j, 0);
done:
  return st;
}

/* Column j + 1 against column j and the constraints; against all of them when the estimates ask for
 * it, and before a restart, which needs it. */
static speig_status orthogonalize_partially(lanczos *L, int32_t j, double *alpha, double *beta)
{
  speig_status st = SPEIG_OK;
  int all = L->omega.again || j + 1 == L->m;
  multivec q = lanczos_column(L, j), w = lanczos_column(L, j + 1);
  TRY(mv_axpy_norm(-*alpha, &q, &w, beta));
  if (L->y > 0 && !all)
    TRY(take_little(L, j, L->y, beta));
  L->diag[j] = *alpha;
  L->off[j] = *beta;
  all = omega_advance(L, j) || all;
  if (all) {
    TRY(take_little(L, j, L->y + j + 1, beta));
    *alpha += small_get(&L->H, L->y + j, 0);
    omega_settle(L, j + 1);
  }
done:
  return st;
}

/* A filter does not take off the column before on its way. */
static speig_status take_neighbour(lanczos *L, int32_t j, double *alpha)
{
  speig_status st = SPEIG_OK;
  double factor = -L->off[j - 1];
  multivec q = lanczos_column(L, j), w = lanczos_column(L, j + 1),
           before = lanczos_column(L, j - 1);
  TRY(mv_axpy(&factor, &before, &w));
  TRY(mv_real_dots(&q, &w, alpha));
done:
  return st;
}

static speig_status orthogonalize(lanczos *L, int32_t j, double *alpha, double *beta)
{
  speig_status st = SPEIG_OK;
  int partial = L->omega.eta > 0;
  if (partial && j > L->kept) {
    if (L->filter.degree > 0)
      TRY(take_neighbour(L, j, alpha));
    return orthogonalize_partially(L, j, alpha, beta);
  }
  TRY(orthogonalize_fully(L, j, alpha, beta));
  if (partial)
    omega_settle(L, j + 1);
done:
  return st;
}

/* One step: p(A) v_j = V T(:, j) + off_j v_{j+1}. */
static speig_status one_step(lanczos *L)
{
  speig_status st = SPEIG_OK;
  int32_t j = L->filled;
  double alpha, beta, previous, size;
  L->batch = 0;
  TRY(multiply(L, j, &previous, &alpha));
  TRY(orthogonalize(L, j, &alpha, &beta));
  if (L->filter.degree && !(fabs(alpha) <= HUGE_GROWTH && beta <= HUGE_GROWTH)) {
    TRY(abandon_filter(L));
    goto done;
  }
  if (!isfinite(alpha) || !isfinite(beta))
    FAIL(SPEIG_ERR_NUMERIC, "product number %" PRId64 " with A is not finite (alpha %g, beta %g)",
         L->problem->A->products, alpha, beta);
  size = hypot(hypot(alpha, beta), previous);
  L->norm_op = fmax(L->norm_op, size);
  if (L->filter.degree == 0)
    L->norm_a = fmax(L->norm_a, size);
  L->diag[j] = alpha;
  L->off[j] = beta;
  L->filled = j + 1;
  if ((int64_t)L->y + j + 1 >= eig_room(L->problem) || beta <= 4 * L->eps * L->norm_op) {
    /* An invariant subspace: what it holds is exact; go on in a fresh direction. */
    L->off[j] = 0;
    L->broke_down = 1;
    L->omega.again = 1;
    TRY(lanczos_fresh_direction(L, j + 1));
  } else {
    L->batch = 1;
    TRY(lanczos_normalize(L, j + 1, beta));
  }
done:
  return st;
}

/* ---- several steps at once ---- */

/* Seconds between two looks at limits and at the caller's wish to stop. */
static const double PATIENCE = 0.1;

/* As many steps as limits, looks and the caller's patience leave; 0 when steps are better made one
 * by one: the products of a batch that stops early are lost, so after a breakdown batches grow
 * anew. Which steps are made one by one depends on no clock, or bits would. A step after which the
 * basis spans the whole space is not among them. */
static int32_t batch_size(const lanczos *L)
{
  const eig_problem *problem = L->problem;
  int32_t degree = L->filter.degree > 0 ? L->filter.degree : 1, look = lanczos_look(L);
  int64_t steps = L->m - L->filled, room = eig_room(problem) - L->y - 1 - L->filled;
  int64_t products = problem->max_matvecs - problem->A->products;
  double patience = PATIENCE, left = problem->deadline - clock_seconds();
  if (!mv_runs_ahead(problem->be) || L->batch == 0)
    return 0;
  if (problem->deadline > 0)
    patience = fmin(patience, fmax(left, 0));
  steps = steps < room ? steps : room;
  if (products < steps * degree)
    steps = (products + degree - 1) / degree;
  if (steps > look - (L->filled - L->kept) % look)
    steps = look - (L->filled - L->kept) % look;
  if (steps > L->batch)
    steps = L->batch;
  if ((double)steps * L->seconds_per_step > patience)
    steps = (int64_t)(patience / L->seconds_per_step) + 1;
  return steps > 0 ? (int32_t)steps : 0;
}

/* w = p(A) v_j; the orthogonalisation takes off what a three-term recurrence would. */
static speig_status ask_for_step(lanczos *L, lanczos_batch *batch, int32_t j)
{
  speig_status st = SPEIG_OK;
  multivec q = lanczos_column(L, j), w = lanczos_column(L, j + 1);
  if (L->filter.degree == 0)
    TRY(operator_apply(L->problem->A, &q, &w));
  else
    TRY(filter_apply(&L->filter, L->problem->A, &q, &w, &L->spare));
  TRY(mv_lanczos_append(batch, j));
done:
  return st;
}

/* norm_op grows as it does within a batch: where batches end must change no bit. */
static void note_step(lanczos *L, int32_t j)
{
  double size = fmax(fabs(L->diag[j]), L->off[j]);
  L->norm_op = fmax(L->norm_op, size);
  if (L->filter.degree == 0)
    L->norm_a = fmax(L->norm_a, hypot(L->diag[j], L->off[j]));
}

static speig_status some_steps(lanczos *L, int32_t steps)
{
  speig_status st = SPEIG_OK;
  double before = clock_seconds();
  int32_t first = L->filled, done = first;
  lanczos_batch batch = { .basis = L->basis,
                          .y = L->y,
                          .first = first,
                          .last = first + steps,
                          .norm_op = L->norm_op,
                          .huge = L->filter.degree ? HUGE_GROWTH : INFINITY,
                          .diag = L->diag,
                          .off = L->off };
  TRY(need_spare(L));
  for (int32_t j = first; j < batch.last; ++j)
    TRY(ask_for_step(L, &batch, j));
  TRY(mv_lanczos_collect(&batch, &done));
  for (int32_t j = first; j < done; ++j)
    note_step(L, j);
  L->filled = done;
  L->seconds_per_step = (clock_seconds() - before) / steps;
  if (L->batch <= steps)
    L->batch *= 2;
  if (done < batch.last)
    TRY(one_step(L));
done:
  return st;
}

speig_status lanczos_expand(lanczos *L)
{
  int32_t steps = batch_size(L);
  return steps > 0 ? some_steps(L, steps) : one_step(L);
}
