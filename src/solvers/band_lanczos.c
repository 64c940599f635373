/* band_lanczos.c: block Lanczos on p(A) for all eigenvalues of a band.
 *
 * Method: Fang and Saad, SIAM J. Sci. Comput. 34 (2012), in blocks and with thick restarts (Wu and
 * Simon, SIAM J. Matrix Anal. Appl. 22 (2000); Li, Xi, Erlandson, Saad, SIAM J. Sci. Comput. 41
 * (2019)). p takes the same value on both sides of its centre, so Ritz vectors of p(A) may mix
 * eigenvectors of A: what has converged is handed to the harvest as a group, where Rayleigh and
 * Ritz with A itself part them, and residuals of A decide. Found vectors leave the basis: what
 * stays is the complement of them within the best Ritz vectors, whose projected matrix is full.
 * The search is done when every Ritz value that its residual lets reach `bar` has been found. Every
 * block is orthogonalised against the whole basis and against what was found nearby.
 * Cost per step: `degree` products with a block, four passes over the basis; per restart: the Ritz
 * vectors that are kept. */
#include "solvers/band_search.h"

#include "backend/expand.h"
#include "base/error.h"
#include "base/memory.h"

#include <math.h>

/* ---- set-up ---- */

static speig_status search_open(const band_goal *goal, band_outcome *out, band_search *L)
{
  speig_status st = SPEIG_OK;
  const eig_problem *problem = goal->problem;
  const int wide = mv_is_complex(problem->be);
  int64_t room = problem->n - (goal->H->found.converged - goal->first);
  int32_t m = goal->basis < room ? goal->basis : (int32_t)room;
  int32_t b = goal->block < m ? goal->block : m;
  *L = (band_search){ .goal = goal, .m = m, .b = b, .out = out, .goal_residual = problem->tol / 2 };
  TRY(mv_alloc(problem->be, problem->n, m + b, "basis of a band", &L->V));
  TRY(mv_alloc(problem->be, problem->n, b, "filter", &L->spare));
  TRY(small_alloc(m, m, wide, &L->T));
  TRY(small_alloc(m, m, wide, &L->S));
  TRY(small_alloc(m, m, wide, &L->C));
  TRY(small_alloc(m, m, wide, &L->Z));
  TRY(small_alloc(m, m, wide, &L->U));
  TRY(small_alloc(m, m, wide, &L->G));
  TRY(small_alloc(m + b, b, wide, &L->H));
  TRY(small_alloc(b, b, wide, &L->R));
  TRY(small_alloc(b, b, 0, &L->unit));
  small_identity(&L->unit);
  TRY(MEM_ZARRAY(m, "Ritz values", &L->mu));
  TRY(MEM_ZARRAY(m, "Ritz residuals", &L->residual));
done:
  return st;
}

static void search_close(band_search *L)
{
  small *all[] = { &L->T, &L->S, &L->C, &L->Z, &L->U, &L->G, &L->H, &L->R, &L->unit };
  for (size_t i = 0; i < sizeof all / sizeof *all; ++i)
    small_free(all[i]);
  mv_free(&L->V);
  mv_free(&L->spare);
  mem_free(L->mu);
  mem_free(L->residual);
  ortho_work_free(&L->ortho);
}

/* What was found in the band or near it. */
static multivec found_nearby(const band_search *L)
{
  const eig_pairs *found = &L->goal->H->found;
  return mv_columns(&found->X, L->goal->first, found->converged - L->goal->first);
}

/* Directions that are left beside the basis of `count` columns. */
static int64_t room_beside(const band_search *L, int32_t count)
{
  return L->V.n - found_nearby(L).p - count;
}

/* ---- steps ---- */

/* Columns count .. of the basis orthonormal, and orthogonal to all before them and to what was
 * found: L->next of them are left. */
static speig_status orthonormalize(band_search *L, int32_t count, int32_t columns)
{
  speig_status st = SPEIG_OK;
  multivec W = mv_columns(&L->V, count, columns);
  ortho_basis bases[2];
  int32_t rows;
  bases[0].Q = bases[0].BQ = found_nearby(L);
  bases[1].Q = bases[1].BQ = mv_columns(&L->V, 0, count);
  rows = bases[0].Q.p > L->m + L->b ? bases[0].Q.p : L->m + L->b;
  if (rows > L->ortho_rows) {
    ortho_work_free(&L->ortho);
    L->ortho_rows = 0;
    TRY(ortho_work_alloc(L->V.be, rows + 64, L->b, &L->ortho));
    L->ortho_rows = rows + 64;
  }
  for (int32_t j = 0; j < columns; ++j)
    L->ortho.taken[j] = 0;
  for (int32_t j = 0; j < columns && L->steps > 0; ++j) {
    small h = small_view(&L->H, 0, j, count, 1), one = small_view(&L->G, 0, 0, 1, 1);
    small_mul(1, &h, 1, &h, 0, 0, &one);
    L->ortho.taken[j] = small_get(&one, 0, 0);
  }
  TRY(ortho_block(NULL, 2, bases, &W, &W, &L->ortho, &L->next));
  if (L->next > room_beside(L, count))
    L->next = (int32_t)room_beside(L, count);
done:
  return st;
}

/* A block of random directions behind `count` columns of the basis. */
static speig_status fresh_block(band_search *L, int32_t count)
{
  speig_status st = SPEIG_OK;
  int64_t room = room_beside(L, count);
  int32_t columns = L->b < room ? L->b : (int32_t)(room > 0 ? room : 0);
  multivec W = mv_columns(&L->V, count, columns);
  L->next = 0;
  if (columns > 0) {
    TRY(mv_fill_random(L->goal->seed + UINT64_C(0x9E3779B97F4A7C15) * ++L->draws, &W));
    small_zero(&L->H);
    TRY(orthonormalize(L, count, columns));
  }
  L->exhausted = L->next == 0;
done:
  return st;
}

/* W -= Q (Q^H W), the coefficients in H. */
static speig_status take_off(const multivec *Q, multivec *W, small *H)
{
  speig_status st = SPEIG_OK;
  TRY(mv_gram(Q, W, H));
  TRY(mv_mul(-1, Q, H, 1, W));
done:
  return st;
}

/* The new columns of T, and the rows that belong to them. */
static void enter(band_search *L, const small *H, int32_t columns)
{
  int32_t first = L->filled, all = L->filled + columns;
  small column = small_view(&L->T, 0, first, all, columns);
  small row = small_view(&L->T, first, 0, columns, all);
  small unit = small_view(&L->unit, 0, 0, columns, columns);
  small square = small_view(&L->T, first, first, columns, columns);
  small_mul(1, &unit, 0, H, 1, 0, &row);
  small_copy(H, &column);
  small_make_hermitian(&square);
}

/* One step: p(A) times the block behind the basis. */
static speig_status expand(band_search *L)
{
  speig_status st = SPEIG_OK;
  const band_goal *goal = L->goal;
  int32_t columns = L->next, all = L->filled + columns;
  multivec block = mv_columns(&L->V, L->filled, columns), W = mv_columns(&L->V, all, columns);
  multivec spare = mv_columns(&L->spare, 0, columns), found = found_nearby(L);
  multivec Q = mv_columns(&L->V, 0, all);
  small H = small_view(&L->H, 0, 0, all, columns), R = small_view(&L->R, 0, 0, columns, columns);
  TRY(band_apply(goal->F, goal->problem->A, &block, &W, &spare, goal->stop, goal->user,
                 &L->out->stopped));
  if (L->out->stopped)
    goto done;
  if (found.p > 0) {
    small P = { 0 };
    TRY(small_alloc(found.p, columns, mv_is_complex(W.be), &P));
    st = take_off(&found, &W, &P);
    small_free(&P);
    TRY(st);
  }
  TRY(take_off(&Q, &W, &H));
  if (!isfinite(small_max_abs(&H)))
    FAIL(SPEIG_ERR_NUMERIC, "products with A are not finite");
  enter(L, &H, columns);
  TRY(mv_gram(&W, &W, &R));
  ++L->steps;
  L->columns += columns;
  TRY(orthonormalize(L, all, columns));
  L->filled = all;
  L->last = columns;
  if (L->next == 0)
    TRY(fresh_block(L, all));
done:
  return st;
}

/* ---- the search ---- */

/* Fills the basis, looking at it now and then. */
static speig_status fill(band_search *L)
{
  speig_status st = SPEIG_OK;
  int32_t looked = L->filled, gap = L->m / 8 > 3 * L->b ? L->m / 8 : 3 * L->b;
  L->open = 1;
  while (L->filled + L->next <= L->m && L->open && !L->exhausted && !L->out->outlier) {
    TRY(expand(L));
    if (L->out->stopped)
      goto done;
    if (L->filled - looked < gap && !L->exhausted)
      continue;
    TRY(band_ritz(L));
    looked = L->filled;
  }
  if (L->filled > looked)
    TRY(band_ritz(L));
done:
  return st;
}

static speig_status run(band_search *L)
{
  enum { PATIENCE = 6, IDLE = 6 };
  speig_status st = SPEIG_OK;
  int failures = 0, idle = 0;
  int32_t ripe, taken, before;
  TRY(fresh_block(L, 0));
  while (!L->exhausted || L->filled > 0) {
    before = L->steps;
    TRY(fill(L));
    if (L->out->outlier || (L->out->stopped && L->steps == before))
      break;
    if (L->out->stopped)
      TRY(band_ritz(L));
    TRY(band_settle(L, &ripe, &taken));
    if (L->out->stopped)
      break;
    if (!L->open && taken == ripe) {
      L->out->finished = 1;
      break;
    }
    failures += taken < ripe;
    idle = taken > 0 ? 0 : idle + 1;
    L->out->crowded = failures == 0 && idle > (band_count_wanted(L) > L->m / 2 ? 1 : IDLE);
    if (L->exhausted || failures > PATIENCE || L->out->crowded)
      break;
    TRY(band_restart(L, ripe, taken));
    if (taken < ripe) /* they are to be better the next time */
      L->goal_residual /= 8;
  }
  L->out->finished |= L->exhausted && L->filled == 0;
done:
  return st;
}

speig_status band_lanczos(const band_goal *goal, band_outcome *out)
{
  speig_status st = SPEIG_OK;
  band_search L = { 0 };
  *out = (band_outcome){ 0 };
  if (goal->problem->n <= goal->H->found.converged - goal->first) {
    out->finished = 1;
    return st;
  }
  TRY(search_open(goal, out, &L));
  TRY(run(&L));
done:
  search_close(&L);
  return st;
}
