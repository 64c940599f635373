/* lobpcg_basis.c: the basis [X P W]: orthonormal, with A and B times it, and Rayleigh-Ritz on it.
 */
#include "solvers/lobpcg.h"

#include "base/error.h"

#include <math.h>

enum {
  NORM_STEPS = 4, /* power iterations for the first estimate of a norm */
  ATTEMPTS = 6 /* at filling a basis with random vectors */
};

/* ---- norms ---- */

/* *norm = at least ||op x|| / ||x|| over the columns of X, Y = op X. scratch: [2 p]. */
static speig_status raise_norm(const multivec *X, const multivec *Y, double *scratch, double *norm)
{
  speig_status st = SPEIG_OK;
  TRY(mv_norms(X, scratch));
  TRY(mv_norms(Y, scratch + X->p));
  for (int32_t j = 0; j < X->p; ++j)
    if (scratch[j] > 0)
      *norm = fmax(*norm, scratch[X->p + j] / scratch[j]);
done:
  return st;
}

/* The same for columns of the basis, which without B have length 1: the device is asked once. */
static speig_status raise_norm_a(lobpcg *L, const multivec *X, const multivec *AX)
{
  speig_status st = SPEIG_OK;
  if (L->problem->B)
    return raise_norm(X, AX, L->scale, &L->norm_a);
  TRY(mv_norms(AX, L->scale));
  for (int32_t j = 0; j < AX->p; ++j)
    L->norm_a = fmax(L->norm_a, L->scale[j]);
done:
  return st;
}

/* A few power iterations in two columns of S. */
speig_status lobpcg_estimate_norm(lobpcg *L, bound_operator *op, double *norm)
{
  speig_status st = SPEIG_OK;
  multivec x = mv_columns(&L->S, 0, 1), y = mv_columns(&L->S, 1, 1);
  double length, factor;
  *norm = 0;
  TRY(mv_fill_random(L->problem->seed + 1, &x));
  for (int step = 0; step < NORM_STEPS; ++step) {
    TRY(operator_apply(op, &x, &y));
    TRY(raise_norm(&x, &y, L->scale, norm));
    length = L->scale[1];
    if (!(length > 0))
      break;
    factor = 1 / length;
    TRY(mv_scale(&factor, &y));
    TRY(mv_copy(&y, &x));
  }
done:
  return st;
}

/* ---- Rayleigh-Ritz ---- */

/* The rows first .. s - 1 of H's lower triangle: S(:, first:s)^H (sign A) S. */
static speig_status project_operator(lobpcg *L, int32_t first, int32_t s)
{
  speig_status st = SPEIG_OK;
  multivec rows = mv_columns(&L->S, first, s - first), all = mv_columns(&L->AS, 0, s);
  small H = small_view(&L->H, first, 0, s - first, s);
  if (first == s)
    goto done;
  TRY(mv_gram(&rows, &all, &H));
  for (int32_t j = 0; j < s; ++j)
    L->scale[j] = L->sign;
  small_scale_cols(&H, L->scale);
done:
  return st;
}

/* Coefficients C(:, x : x + *p) of the next P: what the active columns of the next X, C(:, 0:x),
 * hold of P and W, made orthonormal to all of it. Without a W the next Ritz vectors serve. */
static speig_status next_directions(lobpcg *L, int32_t s, int32_t x, int32_t *p)
{
  speig_status st = SPEIG_OK;
  small X = small_view(&L->C, 0, 0, s, x), D, head;
  int32_t count = 0;
  if (L->w == 0) {
    *p = s - x < L->m ? s - x : L->m;
    head = small_view(&L->H, 0, x, s, *p);
    D = small_view(&L->C, 0, x, s, *p);
    small_copy(&head, &D);
    goto done;
  }
  for (int32_t a = 0; a < L->actives && x + count < L->C.cols; ++a) {
    small from = small_view(&L->C, 0, L->active[a], s, 1);
    small to = small_view(&L->C, 0, x + count, s, 1);
    if (L->active[a] >= x)
      continue;
    small_copy(&from, &to);
    ++count;
  }
  D = small_view(&L->C, 0, x, s, count);
  head = small_view(&D, 0, 0, L->x < s ? L->x : s, count);
  small_zero(&head);
  TRY(ortho_small(&X, &D, &L->U, &L->G, p));
done:
  return st;
}

/* Eigenvectors of H (order s = x + p + w) give the next X and P, to which S, AS and BS are rotated.
 * The projected matrix of these is known without looking at S: diag(ritz) and P^H H P. */
static speig_status rayleigh_ritz(lobpcg *L)
{
  speig_status st = SPEIG_OK;
  int32_t s = L->x + L->p + L->w, x = L->m < s ? L->m : s, p = 0;
  small V = small_view(&L->H, 0, 0, s, s), C, X, P, F, best, block;
  multivec S = mv_columns(&L->S, 0, s), AS = mv_columns(&L->AS, 0, s),
           BS = mv_columns(&L->BS, 0, s);
  TRY(small_eigh(&V, L->ritz));
  best = small_view(&V, 0, 0, s, x);
  X = small_view(&L->C, 0, 0, s, x);
  small_copy(&best, &X);
  TRY(next_directions(L, s, x, &p));
  C = small_view(&L->C, 0, 0, s, x + p);
  TRY(mv_rotate(&S, &C));
  TRY(mv_rotate(&AS, &C));
  if (L->problem->B)
    TRY(mv_rotate(&BS, &C));
  /* P^H H P = F^H diag(ritz) F with F = V^H P. */
  P = small_view(&L->C, 0, x, s, p);
  F = small_view(&L->U, 0, 0, s, p);
  small_mul(1, &V, 1, &P, 0, 0, &F);
  small_copy(&F, &P);
  small_scale_rows(&F, L->ritz);
  block = small_view(&L->G, 0, 0, p, p);
  small_mul(1, &P, 1, &F, 0, 0, &block);
  V = small_view(&L->H, 0, 0, x + p, x + p);
  small_zero(&V);
  P = small_view(&L->H, x, x, p, p);
  small_copy(&block, &P);
  for (int32_t j = 0; j < x; ++j) {
    small_set(&L->H, j, j, L->ritz[j]);
    L->theta[j] = L->sign * L->ritz[j];
  }
  L->x = x;
  L->p = p;
  L->w = 0;
done:
  return st;
}

/* ---- starting and restarting ---- */

static int32_t bases(const lobpcg *L, int32_t s, ortho_basis basis[2])
{
  basis[0] = (ortho_basis){ L->problem->constraints, L->problem->constraints_b };
  basis[1] = (ortho_basis){ mv_columns(&L->S, 0, s), mv_columns(&L->BS, 0, s) };
  return 2;
}

/* Adds the columns first .. first + *count - 1 of S to the basis formed by those before; *count is
 * what is left of them. */
speig_status lobpcg_join(lobpcg *L, int32_t first, int32_t *count)
{
  speig_status st = SPEIG_OK;
  ortho_basis basis[2];
  multivec W = mv_columns(&L->S, first, *count), BW = mv_columns(&L->BS, first, *count);
  TRY(ortho_block(L->problem->B, bases(L, first, basis), basis, &W, &BW, &L->ortho, count));
done:
  return st;
}

/* S(:, have : have + *add) = random, orthonormal to what is there; a few attempts, because a random
 * block may lie in few directions to working precision when B is badly scaled. */
speig_status lobpcg_add_random(lobpcg *L, int32_t have, int32_t *add)
{
  speig_status st = SPEIG_OK;
  int32_t goal = have + *add, start = have;
  for (int attempt = 0; attempt < ATTEMPTS && have < goal; ++attempt) {
    int32_t count = goal - have;
    multivec fresh = mv_columns(&L->S, have, count);
    TRY(mv_fill_random(L->problem->seed + 2 + 16 * (uint64_t)L->iteration + (uint64_t)attempt,
                       &fresh));
    TRY(lobpcg_join(L, have, &count));
    have += count;
  }
  *add = have - start;
done:
  return st;
}

/* A S for the first s columns, and the whole projected matrix. */
static speig_status apply_to_basis(lobpcg *L, int32_t s)
{
  speig_status st = SPEIG_OK;
  multivec S = mv_columns(&L->S, 0, s), AS = mv_columns(&L->AS, 0, s);
  TRY(operator_apply(L->problem->A, &S, &AS));
  TRY(raise_norm_a(L, &S, &AS));
  TRY(project_operator(L, 0, s));
done:
  return st;
}

/* X from the guess, filled up with random vectors; Ritz vectors of their span. */
speig_status lobpcg_start(lobpcg *L)
{
  speig_status st = SPEIG_OK;
  int32_t count = L->problem->guess.p < 3 * L->m ? L->problem->guess.p : 3 * L->m, missing;
  multivec given, S = mv_columns(&L->S, 0, count);
  if (count > 0) {
    given = mv_columns(&L->problem->guess, 0, count);
    TRY(mv_copy(&given, &S));
    TRY(lobpcg_join(L, 0, &count));
  }
  missing = count < L->m ? L->m - count : 0;
  TRY(lobpcg_add_random(L, count, &missing));
  count += missing;
  TRY(apply_to_basis(L, count));
  L->x = count;
  L->p = L->w = 0;
  TRY(rayleigh_ritz(L));
  L->exact = 1;
done:
  return st;
}

speig_status lobpcg_widen(lobpcg *L)
{
  speig_status st = SPEIG_OK;
  int32_t count = L->x, missing;
  L->p = L->w = 0;
  TRY(lobpcg_join(L, 0, &count));
  missing = L->m - count;
  TRY(lobpcg_add_random(L, count, &missing));
  L->x = count + missing;
  TRY(apply_to_basis(L, L->x));
  TRY(rayleigh_ritz(L));
  L->exact = 1;
done:
  return st;
}

/* Recomputes B S, A S and the projected matrix for X and P (X only when `restart`), makes the basis
 * orthonormal again, and takes Ritz vectors. */
speig_status lobpcg_refresh(lobpcg *L, int restart)
{
  speig_status st = SPEIG_OK;
  int32_t x = L->x, p = restart ? 0 : L->p;
  TRY(lobpcg_join(L, 0, &x));
  if (x == L->x && p > 0)
    TRY(lobpcg_join(L, x, &p));
  else
    p = 0;
  L->x = x;
  L->p = p;
  L->w = 0;
  TRY(apply_to_basis(L, x + p));
  TRY(rayleigh_ritz(L));
  L->exact = 1;
  L->refreshed = L->iteration;
done:
  return st;
}

speig_status lobpcg_step(lobpcg *L)
{
  speig_status st = SPEIG_OK;
  int32_t first = L->x + L->p;
  multivec W = mv_columns(&L->S, first, L->w), AW = mv_columns(&L->AS, first, L->w);
  TRY(operator_apply(L->problem->A, &W, &AW));
  if (L->iteration < 16)
    TRY(raise_norm_a(L, &W, &AW));
  TRY(project_operator(L, first, first + L->w));
  TRY(rayleigh_ritz(L));
  L->exact = 0;
done:
  return st;
}
