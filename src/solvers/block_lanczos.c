/* block_lanczos.c: thick-restart block Lanczos on a spectral transformation.
 *
 * Method: block Krylov-Schur for OP = (A - s B)^-1 B in the inner product of B (Grimes, Lewis,
 * Simon, SIAM J. Matrix Anal. Appl. 15 (1994); Zhou, Saad, Numer. Algorithms 47 (2008)). A block
 * shares one sweep through the factors and finds as many copies of a multiple eigenvalue as it has
 * columns. The basis is kept B-orthonormal in full and its projection computed in full, so a
 * restart is nothing but a rotation. Start vectors are taken through OP, and Ritz vectors are
 * purified, x = OP y / nu, from numbers at hand: a singular B then does no harm (Nour-Omid,
 * Parlett, Ericsson, Jensen, Math. Comp. 48 (1987)).
 * Cost per block: one solve and one product with B for b columns, 4 passes over the basis and B
 * times the basis; per look at the projection O(m^3). */
#include "solvers/block_run.h"

#include "backend/expand.h"
#include "base/dtype.h"
#include "base/error.h"
#include "base/memory.h"

#include <math.h>
#include <stdio.h>

static speig_status block_open(const eig_problem *problem, invert *I, const block_goal *goal,
                               block_lanczos *L)
{
  speig_status st = SPEIG_OK;
  backend *be = problem->be;
  int is_complex = mv_is_complex(be);
  int32_t all = goal->basis + goal->block;
  *L = (block_lanczos){
    .problem = problem, .I = I, .goal = goal, .m = goal->basis, .b = goal->block
  };
  TRY(mv_alloc(be, problem->n, all, "Lanczos basis", &L->V));
  L->BV = L->V;
  if (problem->B)
    TRY(mv_alloc(be, problem->n, all, "B times the Lanczos basis", &L->BV));
  TRY(mv_alloc(be, problem->n, L->b, "Lanczos block", &L->U));
  TRY(small_alloc(all, all, is_complex, &L->T));
  TRY(small_alloc(all, all, is_complex, &L->S));
  TRY(small_alloc(all, all, is_complex, &L->C));
  TRY(small_alloc(L->b, L->b, is_complex, &L->R));
  TRY(MEM_ZARRAY(L->b, "lengths", &L->length));
  TRY(MEM_ZARRAY(all, "Ritz values", &L->nu));
  TRY(MEM_ZARRAY(all, "Ritz values", &L->key));
  TRY(MEM_ZARRAY(all, "Ritz values", &L->theta));
  TRY(MEM_ZARRAY(all, "Ritz residuals", &L->e));
  TRY(MEM_ZARRAY(all, "Ritz ranks", &L->rank));
  TRY(ortho_work_alloc(be, all + problem->constraints.p, L->b, &L->ortho));
done:
  return st;
}

static void block_close(block_lanczos *L)
{
  if (L->BV.data != L->V.data)
    mv_free(&L->BV);
  mv_free(&L->V);
  mv_free(&L->U);
  small_free(&L->T);
  small_free(&L->S);
  small_free(&L->C);
  small_free(&L->R);
  mem_free(L->length);
  mem_free(L->nu);
  mem_free(L->key);
  mem_free(L->theta);
  mem_free(L->e);
  mem_free(L->rank);
  ortho_work_free(&L->ortho);
}

/* The block W behind the first `filled` columns becomes orthonormal and orthogonal to what is
 * there: L->next columns are left. Those are never more than the space has directions left: what
 * rounding makes look like one more would grow the basis beyond its memory. */
static speig_status orthogonalize(block_lanczos *L, int32_t columns)
{
  speig_status st = SPEIG_OK;
  int32_t before = L->filled;
  int64_t left = L->problem->n - L->problem->constraints.p - before;
  multivec W = mv_columns(&L->V, before, columns), BW = mv_columns(&L->BV, before, columns);
  ortho_basis basis[2] = { { L->problem->constraints, L->problem->constraints_b },
                           { mv_columns(&L->V, 0, before), mv_columns(&L->BV, 0, before) } };
  TRY(ortho_block(L->problem->B, 2, basis, &W, &BW, &L->ortho, &L->next));
  if (L->next > left)
    L->next = left > 0 ? (int32_t)left : 0;
done:
  return st;
}

/* A block of random directions (or the guesses, at the start) in the range of OP. */
speig_status block_fresh(block_lanczos *L)
{
  enum { MAX_DRAWS = 3 };
  speig_status st = SPEIG_OK;
  const multivec *guess = &L->problem->guess;
  double one = 1;
  for (int draw = 0; draw < MAX_DRAWS; ++draw) {
    multivec W = mv_columns(&L->V, L->filled, L->b), BW = mv_columns(&L->BV, L->filled, L->b);
    int guessed = L->draws == 0 && guess->p > 0;
    TRY(mv_fill_random(L->problem->seed + UINT64_C(0x9E3779B97F4A7C15) * ++L->draws, &W));
    for (int32_t j = 0; guessed && j < guess->p; ++j) {
      multivec g = mv_columns(guess, j, 1), w = mv_columns(&W, j % L->b, 1);
      TRY(j < L->b ? mv_copy(&g, &w) : mv_axpy(&one, &g, &w));
    }
    if (L->problem->B)
      TRY(operator_apply(L->problem->B, &W, &BW));
    TRY(invert_apply(L->I, &W, &BW, &L->U));
    TRY(mv_copy(&L->U, &W));
    TRY(orthogonalize(L, L->b));
    if (L->next > 0)
      goto done;
  }
  L->exhausted = 1;
done:
  return st;
}

static void mirror(small *T, int32_t first, int32_t count)
{
  /* Rows first.. of the columns before them: the conjugate transpose of what was computed. */
  for (int32_t j = 0; j < first; ++j)
    for (int32_t i = 0; i < count; ++i) {
      small from = small_view(T, j, first + i, 1, 1), to = small_view(T, first + i, j, 1, 1);
      small one = { .rows = 1, .cols = 1, .ld = 1, .data = (double[2]){ 1, 0 } };
      small_mul(1, &from, 1, &one, 0, 0, &to);
    }
}

/* What rounding leaves in the null space of B, B's inner product does not see, and far from all
 * eigenvalues it grows from block to block: no further before it overflows. */
static speig_status watch_growth(block_lanczos *L, const multivec *W)
{
  speig_status st = SPEIG_OK;
  double limit = pow(dtype_eps(L->problem->be->ops->dtype), -1.5);
  if (!L->problem->B || W->p == 0)
    return st;
  TRY(mv_norms(W, L->length));
  for (int32_t j = 0; j < W->p; ++j)
    if (!(L->length[j] * sqrt(L->goal->norm_b) <= limit))
      L->overgrown = 1;
done:
  return st;
}

/* W -= V H, H being known already: one pass over the basis less than if orthogonalization had to
 * find that out. */
static speig_status take_out(block_lanczos *L, const small *H, multivec *W)
{
  speig_status st = SPEIG_OK;
  multivec V = mv_columns(&L->V, 0, H->rows);
  small square = small_view(&L->ortho.G, 0, 0, H->cols, H->cols);
  TRY(mv_mul(-1, &V, H, 1, W));
  small_mul(1, H, 1, H, 0, 0, &square);
  for (int32_t j = 0; j < H->cols; ++j)
    L->ortho.taken[j] = small_get(&square, j, j);
done:
  return st;
}

/* One block step: OP V_next = V T + V_new R. */
static speig_status expand(block_lanczos *L)
{
  speig_status st = SPEIG_OK;
  int32_t f = L->filled, r = L->next, all = f + r;
  multivec X = mv_columns(&L->V, f, r), BX = mv_columns(&L->BV, f, r);
  multivec U = mv_columns(&L->U, 0, r), V = mv_columns(&L->BV, 0, all), W, BW;
  small H = small_view(&L->T, 0, f, all, r), corner = small_view(&L->T, f, f, r, r), R;
  TRY(invert_apply(L->I, &X, &BX, &U));
  TRY(mv_gram(&V, &U, &H));
  if (!isfinite(small_max_abs(&H)))
    FAIL(SPEIG_ERR_NUMERIC, "solution number %lld with A - %g B is not finite",
         (long long)L->I->solves, L->I->shift);
  small_make_hermitian(&corner);
  mirror(&L->T, f, r);
  L->filled = all;
  L->last = r;
  W = mv_columns(&L->V, all, r);
  TRY(mv_copy(&U, &W));
  TRY(take_out(L, &H, &W));
  TRY(orthogonalize(L, r));
  BW = mv_columns(&L->BV, all, L->next);
  R = small_view(&L->R, 0, 0, L->next, r);
  if (L->next > 0)
    TRY(mv_gram(&BW, &U, &R));
  W.p = L->next;
  TRY(watch_growth(L, &W));
done:
  return st;
}

/* A nu below the rounding errors of the largest says nothing about theta, which may be infinite:
 * it ranks last and is none that could be wanted. */
static void rank_values(block_lanczos *L)
{
  double largest = 0, noise;
  int32_t kept = 0, f = L->filled;
  for (int32_t i = 0; i < f; ++i)
    largest = fmax(largest, fabs(L->nu[i]));
  noise = L->I->by_mass ? -1 : 16 * dtype_eps(L->problem->be->ops->dtype) * largest;
  eig_rank(L->problem->which, f, L->key, L->rank);
  for (int32_t i = 0; i < f; ++i)
    if (fabs(L->nu[L->rank[i]]) > noise)
      L->rank[kept++] = L->rank[i];
  L->finite = kept;
  for (int32_t i = 0; i < f; ++i)
    if (!(fabs(L->nu[i]) > noise))
      L->rank[kept++] = i;
}

/* Ritz values of the columns filled so far, ranked. */
static speig_status look(block_lanczos *L)
{
  speig_status st = SPEIG_OK;
  int32_t f = L->filled, r = L->last;
  small S = small_view(&L->S, 0, 0, f, f), T = small_view(&L->T, 0, 0, f, f);
  small R = small_view(&L->R, 0, 0, L->next, r), c = small_view(&L->C, 0, 0, L->next, 1);
  small_copy(&T, &S);
  TRY(small_eigh(&S, L->nu));
  for (int32_t i = 0; i < f; ++i) {
    small s = small_view(&S, f - r, i, r, 1);
    double square = 0;
    L->theta[i] = invert_theta(L->I, L->nu[i]);
    L->key[i] = invert_key(L->I, L->nu[i]);
    if (L->next > 0) {
      small_mul(1, &R, 0, &s, 0, 0, &c);
      for (int32_t j = 0; j < L->next; ++j) {
        small entry = small_view(&c, j, 0, 1, 1);
        square += small_max_abs(&entry) * small_max_abs(&entry);
      }
    }
    L->e[i] = sqrt(square);
  }
  rank_values(L);
  L->converged = 0;
  while (L->converged < L->finite) {
    int32_t i = L->rank[L->converged];
    double estimate = invert_residual(L->I, L->goal->norm_b, L->nu[i], L->e[i]);
    double limit = L->problem->tol * (L->goal->norm_a + fabs(L->theta[i]) * L->goal->norm_b);
    if (!(estimate <= 0.1 * limit) && L->e[i] > 0)
      break;
    ++L->converged;
  }
done:
  return st;
}

static speig_status restart(block_lanczos *L)
{
  speig_status st = SPEIG_OK;
  int32_t f = L->filled, want = L->converged > L->goal->want ? L->converged : L->goal->want;
  int32_t l = want + 1 + (f - L->b - want - 1) / 3;
  multivec V = mv_columns(&L->V, 0, f), BV = mv_columns(&L->BV, 0, f);
  multivec from = mv_columns(&L->V, f, L->next), from_b = mv_columns(&L->BV, f, L->next);
  multivec to, to_b; /* the block behind them moves up */
  small C;
  if (l > f - L->b)
    l = f - L->b;
  C = small_view(&L->C, 0, 0, f, l);
  small_zero(&L->T);
  for (int32_t i = 0; i < l; ++i) {
    small source = small_view(&L->S, 0, L->rank[i], f, 1), target = small_view(&C, 0, i, f, 1);
    small_copy(&source, &target);
    small_set(&L->T, i, i, L->nu[L->rank[i]]);
  }
  TRY(mv_rotate(&V, &C));
  if (L->problem->B)
    TRY(mv_rotate(&BV, &C));
  to = mv_columns(&L->V, l, L->next);
  to_b = mv_columns(&L->BV, l, L->next);
  if (L->next > 0)
    TRY(mv_copy(&from, &to));
  if (L->next > 0 && L->problem->B)
    TRY(mv_copy(&from_b, &to_b));
  L->filled = l;
  ++L->restarts;
done:
  return st;
}

/* Limits and the caller, with the record as it is. */
static void tell(block_lanczos *L)
{
  int32_t k = L->problem->k, good = L->converged < k ? L->converged : k;
  eig_report(L->problem, "lanczos", L->restarts, good, L->goal->shown, L->goal->shown + k,
             L->goal->norm_a, &L->stop, &L->reason);
}

static void report(block_lanczos *L)
{
  int32_t k = L->problem->k;
  double *values = L->goal->shown, *residuals = values + k;
  for (int32_t i = 0; i < k; ++i) {
    int have = i < L->filled;
    values[i] = have ? L->theta[L->rank[i]] : NAN;
    residuals[i] =
        have ? invert_residual(L->I, L->goal->norm_b, L->nu[L->rank[i]], L->e[L->rank[i]]) : NAN;
  }
  tell(L);
}

/* The leading pairs, purified: x = OP y / nu = (V T s + V_new R s_last) / nu, T s = nu s. */
static speig_status extract(block_lanczos *L, eig_pairs *pairs)
{
  speig_status st = SPEIG_OK;
  int32_t f = L->filled, r = L->last, wide = f + L->next;
  multivec V = mv_columns(&L->V, 0, wide), X;
  small R = small_view(&L->R, 0, 0, L->next, r), C;
  pairs->count = L->converged > L->problem->k ? L->converged : L->problem->k;
  if (pairs->count > L->finite)
    pairs->count = L->finite;
  if (pairs->count > pairs->capacity)
    pairs->count = pairs->capacity;
  pairs->converged = L->converged < pairs->count ? L->converged : pairs->count;
  C = small_view(&L->C, 0, 0, wide, pairs->count);
  small_zero(&C);
  for (int32_t i = 0; i < pairs->count; ++i) {
    int32_t at = L->rank[i];
    small s = small_view(&L->S, 0, at, f, 1), head = small_view(&C, 0, i, f, 1);
    small end = small_view(&L->S, f - r, at, r, 1), tail = small_view(&C, f, i, L->next, 1);
    small_copy(&s, &head);
    if (L->next > 0 && !L->I->by_mass && L->nu[at] != 0)
      small_mul(1 / L->nu[at], &R, 0, &end, 0, 0, &tail);
    pairs->theta[i] = L->theta[at];
    pairs->residual[i] = invert_residual(L->I, L->goal->norm_b, L->nu[at], L->e[at]);
  }
  X = mv_columns(&pairs->X, 0, pairs->count);
  if (f > 0 && pairs->count > 0)
    TRY(mv_mul(1, &V, &C, 0, &X));
done:
  return st;
}

/* LA and SA speak of one side of the shift, where there are as many as are wanted (a caller's
 * inverse leaves that open): pairs from the other side, however exact, are none of them. */
static int last_is_on_the_side(const block_lanczos *L)
{
  speig_which which = L->problem->which;
  double height;
  if (L->I->by_mass || L->I->given || L->goal->want < 1)
    return 1;
  height = L->key[L->rank[L->goal->want - 1]] - L->problem->map.offset;
  return which == SPEIG_LA ? height >= 0 : which != SPEIG_SA || height <= 0;
}

/* A shift very near an eigenvalue drowns the others: nu of the wanted ones is lost in the rounding
 * errors of the largest. Tells how far from the shift the last wanted one is. */
static int too_near(const block_lanczos *L, double *distance)
{
  double largest = 0, eps = dtype_eps(L->problem->be->ops->dtype), wanted = 0;
  int32_t last = L->goal->want - 1;
  if (L->I->by_mass || L->filled <= last || last < 0)
    return 0;
  for (int32_t i = 0; i < L->filled; ++i)
    largest = fmax(largest, fabs(L->nu[i]));
  if (last < L->finite) {
    if (!last_is_on_the_side(L))
      return 0; /* the last wanted one is not in sight yet */
    wanted = fabs(L->nu[L->rank[last]]);
  }
  for (int32_t i = L->finite; i < L->filled && last >= L->finite; ++i) /* all that drown */
    wanted = fmax(wanted, fabs(L->nu[L->rank[i]]));
  *distance = 1 / fmax(wanted, largest * eps);
  return wanted < pow(eps, 0.3) * largest;
}

/* A look costs m^3. Where many pairs are wanted, the first one comes when there may be as many, and
 * then one every eighth of the basis; but before each restart. */
static int worth_a_look(const block_lanczos *L, int32_t looked)
{
  int32_t next = L->next ? L->next : L->b, step = L->m / 8;
  int64_t room = L->problem->n - L->problem->constraints.p;
  if (!L->goal->rare_looks || L->exhausted || L->overgrown || L->filled >= room)
    return 1;
  if (L->filled + next > L->m)
    return 1;
  return L->filled >= L->goal->want && L->filled - looked >= step;
}

/* Until what is wanted is there. */
static speig_status iterate(block_lanczos *L, double *near, int *finished)
{
  speig_status st = SPEIG_OK;
  const block_goal *goal = L->goal;
  int64_t room = L->problem->n - L->problem->constraints.p;
  int32_t looked = 0;
  while (!*finished && !L->stop && !L->exhausted) {
    checkpoint_offer(L->problem->checkpoint);
    if (!L->is_expanded)
      TRY(expand(L));
    L->is_expanded = 1;
    if (!worth_a_look(L, looked)) {
      if (L->next == 0)
        TRY(block_fresh(L));
      tell(L);
      if (!L->exhausted && !L->stop) {
        L->is_expanded = 0;
        continue;
      }
    }
    TRY(look(L));
    looked = L->filled;
    *finished =
        L->filled >= goal->want && last_is_on_the_side(L) &&
        (L->converged >= L->filled ||
         (L->converged >= goal->want && goal->enough(goal, L->I, L->converged, L->rank, L->theta)));
    report(L);
    if (L->filled >= goal->want + L->b && too_near(L, near) && goal->may_move)
      goto done;
    *near = 0;
    if (*finished || L->stop)
      break;
    if (L->overgrown || (goal->max_restarts && L->restarts >= goal->max_restarts)) {
      L->reason = SPEIG_STOP_BREAKDOWN;
      break;
    }
    L->is_expanded = 0;
    if (L->filled + (L->next ? L->next : L->b) > L->m && (int64_t)L->m < room)
      TRY(restart(L));
    if (looked > L->filled)
      looked = L->filled;
    if (L->next == 0) /* an invariant subspace: what it holds is exact; on elsewhere */
      TRY(block_fresh(L));
  }
done:
  return st;
}

speig_status block_lanczos_solve(const eig_problem *problem, invert *I, const block_goal *goal,
                                 eig_pairs *pairs, double *near)
{
  speig_status st = SPEIG_OK;
  block_lanczos L = { 0 };
  block_goal wide;
  block_answer answer = { pairs, near };
  int64_t *const extra[2] = { &I->solves, I->given ? &I->given->products : NULL };
  leg_entry entry;
  char name[32];
  int finished = 0;
  *near = 0;
  pairs->count = pairs->converged = 0;
  pairs->reason = SPEIG_STOP_CONVERGED;
  (void)snprintf(name, sizeof name, "block-lanczos-%d", (int)goal->block); /* of the same width */
  TRY(leg_enter(problem, name, I->shift, extra, &entry));
  if (entry == LEG_ANSWERED) {
    TRY(checkpoint_answer(problem->checkpoint, block_keep_answer, &answer));
    goto done;
  }
  wide = block_with_room(goal, problem->checkpoint, entry);
  TRY(block_open(problem, I, &wide, &L));
  TRY(block_set_out(&L, entry));
  TRY(iterate(&L, near, &finished));
  if (*near == 0) {
    pairs->reason = finished || (L.exhausted && !L.stop) ? SPEIG_STOP_CONVERGED : L.reason;
    TRY(extract(&L, pairs));
    pairs->iterations = L.restarts;
  }
  TRY(checkpoint_leave(problem->checkpoint, block_keep_answer, &answer, pairs->reason));
done:
  block_close(&L);
  return st;
}
