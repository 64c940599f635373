/* inertia.c: counts of eigenvalues below points, with what rounding may have done to them.
 *
 * Method: with B positive definite, A - p B has as many negative eigenvalues as the pencil has
 * below p (Sylvester; Parlett, The Symmetric Eigenvalue Problem, 1980, section 3.3). Factors are
 * those of A - p B + E: their inertia is that of eigenvalues which E has moved. Inverse iteration
 * with the very factors brings vectors x of the eigenvalues nearest to p, and the residual of the
 * solution is E x, so |x|^T |E x| / x^H B x is how far those eigenvalues have moved, whatever the
 * scaling of A and B. A point is proven when counts on both sides of it, farther away than that by
 * a good factor, agree: then no eigenvalue lies between, and none was moved across. Cost: two
 * factorizations for a point without eigenvalues next to it, some solves for each. */
#include "solvers/inertia.h"

#include "base/dtype.h"
#include "base/error.h"
#include "base/memory.h"
#include "formats/matrix.h"

#include <math.h>

/* The measured error times this is the margin. */
static const double SAFETY = 32;

static double eps_of(const inertia *C)
{
  return dtype_eps(C->problem->be->ops->dtype);
}

/* ---- one count ---- */

speig_status inertia_open(const eig_problem *problem, invert *I, double norm_a, double norm_b,
                          inertia *C)
{
  speig_status st = SPEIG_OK;
  matrix_sizes sizes;
  *C = (inertia){ .problem = problem,
                  .I = I,
                  .norm_a = norm_a,
                  .norm_b = norm_b,
                  .low = -INFINITY,
                  .high = INFINITY };
  TRY(inertia_weigh_mass(C));
  if (problem->B)
    goto done;
  TRY(matrix_get_sizes(I->A, &sizes));
  C->norm_a = fmin(C->norm_a, sizes.norm_inf);
  C->low = sizes.low - 1e-6 * sizes.norm_inf;
  C->high = sizes.high + 1e-6 * sizes.norm_inf;
done:
  return st;
}

speig_status inertia_open_with_norms(const eig_problem *problem, invert *I, inertia *C)
{
  speig_status st = SPEIG_OK;
  double norm_a = problem->norm_floor, norm_b = 0;
  TRY(invert_estimate_norm(problem, problem->A, &norm_a));
  if (problem->B)
    TRY(invert_estimate_norm(problem, problem->B, &norm_b));
  TRY(inertia_open(problem, I, norm_a, problem->B ? norm_b : 1, C));
done:
  return st;
}

int inertia_must_stop(inertia *C)
{
  eig_problem silent = *C->problem;
  silent.k = 0; /* there are no values to show */
  if (!C->stop)
    eig_report(&silent, "inertia", C->I->factorizations, 0, NULL, NULL, C->norm_a, &C->stop,
               &C->reason);
  return C->stop;
}

/* The sums |x|^T |r|, x^H b and x^H x over all rows, of host copies: a complex number is two. */
static void sum_columns(int64_t n, const double *x, const double *r, const double *b, double *error,
                        double *inner)
{
  *error = *inner = 0;
  for (int64_t i = 0; i < n; ++i) {
    double length = hypot(x[2 * i], x[2 * i + 1]);
    *error += length * hypot(r[2 * i], r[2 * i + 1]);
    *inner += x[2 * i] * b[2 * i] + x[2 * i + 1] * b[2 * i + 1];
  }
}

typedef struct probe_blocks {
  multivec X, BX, Y, AY;
  void *narrow; /* one column on the host */
  double *wide[3]; /* the same in double precision */
} probe_blocks;

static speig_status probe_open(const inertia *C, probe_blocks *P)
{
  speig_status st = SPEIG_OK;
  backend *be = C->problem->be;
  int64_t n = C->problem->n;
  multivec *blocks[4] = { &P->X, &P->BX, &P->Y, &P->AY };
  for (int i = 0; i < 4; ++i)
    TRY(mv_alloc(be, n, INERTIA_COLUMNS, "vectors near a cut", blocks[i]));
  for (int i = 0; i < 3; ++i)
    TRY(MEM_ARRAY(2 * n, "a vector near a cut", &P->wide[i]));
  TRY(mem_alloc(n, speig_dtype_size(be->ops->dtype), "a vector near a cut", &P->narrow));
done:
  return st;
}

static void probe_close(probe_blocks *P)
{
  mv_free(&P->X);
  mv_free(&P->BX);
  mv_free(&P->Y);
  mv_free(&P->AY);
  for (int i = 0; i < 3; ++i)
    mem_free(P->wide[i]);
  mem_free(P->narrow);
}

static speig_status fetch(const multivec *X, int32_t j, void *narrow, double *wide)
{
  speig_status st = SPEIG_OK;
  multivec x = mv_columns(X, j, 1);
  TRY(mv_download(&x, narrow, X->n));
  matrix_widen(X->be->ops->dtype, X->n, narrow, wide);
done:
  return st;
}

/* X = (A - p B)^-1 B X by the bare factors, columns of length 1, BX = B X before that; then Y is
 * the next iterate, and BX - (A - p B) Y = E Y stands in AY. */
static speig_status iterate(inertia *C, probe_blocks *P)
{
  enum { STEPS = 3 };
  speig_status st = SPEIG_OK;
  const eig_problem *problem = C->problem;
  double factors[INERTIA_COLUMNS], minus[INERTIA_COLUMNS], shift[INERTIA_COLUMNS];
  TRY(mv_fill_random(problem->seed + 7, &P->X));
  for (int step = 0; step < STEPS; ++step) {
    if (problem->B)
      TRY(operator_apply(problem->B, &P->X, &P->BX));
    else
      TRY(mv_copy(&P->X, &P->BX));
    TRY(invert_apply(C->I, &P->X, &P->BX, &P->Y));
    TRY(mv_norms(&P->Y, factors));
    for (int j = 0; j < INERTIA_COLUMNS; ++j) {
      if (!isfinite(factors[j]))
        FAIL(SPEIG_ERR_NUMERIC, "a solution with A - %g B is not finite", C->I->shift);
      factors[j] = factors[j] > 0 ? 1 / factors[j] : 1;
      minus[j] = -1;
      shift[j] = C->I->shift;
    }
    TRY(mv_scale(factors, &P->Y));
    TRY(mv_scale(factors, &P->BX));
    if (step + 1 < STEPS)
      TRY(mv_copy(&P->Y, &P->X));
  }
  TRY(operator_apply(problem->A, &P->Y, &P->AY));
  TRY(mv_scale(minus, &P->AY));
  TRY(mv_axpy((const double[INERTIA_COLUMNS]){ 1, 1, 1, 1 }, &P->BX, &P->AY));
  if (problem->B)
    TRY(operator_apply(problem->B, &P->Y, &P->X));
  else
    TRY(mv_copy(&P->Y, &P->X));
  TRY(mv_axpy(shift, &P->X, &P->AY)); /* X = B Y now */
done:
  return st;
}

/* *error: how far the factors at the shift have moved the eigenvalues nearest to it; C->nearest. */
static speig_status measure(inertia *C, double *error)
{
  speig_status st = SPEIG_OK;
  probe_blocks P = { 0 };
  int refine = C->I->refine;
  C->I->refine = 0; /* the factors as they are */
  *error = 0;
  C->nearest = INFINITY;
  TRY(probe_open(C, &P));
  TRY(iterate(C, &P));
  for (int32_t j = 0; j < INERTIA_COLUMNS; ++j) {
    double moved, inner, offset, ignored;
    TRY(fetch(&P.Y, j, P.narrow, P.wide[0]));
    TRY(fetch(&P.AY, j, P.narrow, P.wide[1]));
    TRY(fetch(&P.X, j, P.narrow, P.wide[2]));
    sum_columns(P.X.n, P.wide[0], P.wide[1], P.wide[2], &moved, &inner);
    if (!(inner > 0)) /* in the null space of B: infinite, and none of those near p */
      continue;
    TRY(fetch(&P.BX, j, P.narrow, P.wide[2]));
    sum_columns(P.X.n, P.wide[0], P.wide[1], P.wide[2], &ignored, &offset);
    *error = fmax(*error, moved / inner);
    C->nearest = fmin(C->nearest, fabs(offset) / inner);
  }
done:
  C->I->refine = refine;
  probe_close(&P);
  return st;
}

/* No margin is narrower. */
static double floor_at(const inertia *C, double point)
{
  const double any = 1e-20; /* a zero matrix knows no rounding */
  double size = C->norm_a / (C->norm_b > 0 ? C->norm_b : 1) + fabs(point);
  return size > 0 ? 2 * eps_of(C) * size : any;
}

/* *below at a point, or a little beside it (towards side) where A - p B is singular, and the margin
 * that its factors ask for. */
static speig_status probe(inertia *C, int side, double *point, int64_t *below, double *margin)
{
  enum { TRIES = 6 };
  speig_status st = SPEIG_OK;
  double error, step = floor_at(C, *point) / 4;
  int singular = 1;
  *below = 0;
  *margin = 0;
  for (int attempt = 0; attempt < TRIES && singular; ++attempt) {
    if (inertia_must_stop(C))
      goto done;
    if (attempt > 0)
      *point += side * step;
    step *= 4;
    TRY(invert_at(C->I, *point, &singular));
  }
  if (singular)
    FAIL(SPEIG_ERR_NUMERIC,
         "A - s B is singular at every s tried near %g: the pencil itself may be singular, with "
         "a common null vector of A and B",
         *point);
  *below = C->I->negative;
  TRY(measure(C, &error));
  *margin = fmax(floor_at(C, *point), SAFETY * error);
done:
  return st;
}

/* ---- cuts ---- */

static int is_trivial(const inertia *C, double at)
{
  return at < C->low || at > C->high || (isinf(at) && !C->singular_mass);
}

/* Counts at both ends of a margin that their own factors allow; *enough: what they ask for. */
static speig_status count_both(inertia *C, double at, double margin, inertia_cut *cut,
                               double *enough)
{
  speig_status st = SPEIG_OK;
  double low = at - margin, high = at + margin, asked;
  TRY(probe(C, -1, &low, &cut->least, enough));
  if (C->stop || *enough > margin)
    goto done;
  TRY(probe(C, 1, &high, &cut->most, &asked));
  *enough = fmax(*enough, asked);
  cut->margin = fmax(at - low, high - at); /* a little wider where one of them was singular */
done:
  return st;
}

/* A margin that is wide by usual standards first: equal counts prove the more. When they differ, as
 * narrow a one as the factors allow. */
static speig_status count_around(inertia *C, double at, inertia_cut *cut)
{
  enum { TRIES = 8 };
  speig_status st = SPEIG_OK;
  double margin = SAFETY * floor_at(C, at), enough;
  int narrowed = 0;
  for (int attempt = 0; attempt < TRIES; ++attempt) {
    TRY(count_both(C, at, margin, cut, &enough));
    if (C->stop)
      goto done;
    if (enough > margin) {
      margin = 1.5 * enough;
    } else if (cut->least > cut->most) {
      margin *= 4;
    } else if (cut->least < cut->most && !narrowed && enough < margin / 2) {
      narrowed = 1;
      margin = 1.25 * enough;
    } else {
      goto done;
    }
  }
  FAIL(SPEIG_ERR_NUMERIC,
       "no count of eigenvalues near %g can be trusted: the factorizations there move eigenvalues "
       "by up to %.1e",
       at, enough / SAFETY);
done:
  return st;
}

/* Farther and farther away until two counts in a row agree: none lies between these points. */
static speig_status move_outward(inertia *C, int side, inertia_cut *cut)
{
  enum { TRIES = 14 };
  speig_status st = SPEIG_OK;
  int64_t last = side < 0 ? cut->least : cut->most, below;
  double distance = cut->margin, before = cut->at + side * cut->margin;
  for (int attempt = 0; attempt < TRIES && !cut->settled; ++attempt) {
    double point, margin;
    distance *= 3;
    point = cut->at + side * distance;
    TRY(probe(C, side, &point, &below, &margin));
    if (C->stop)
      goto done;
    cut->settled = below == last && margin <= fabs(point - before) / 2;
    cut->place = before / 2 + point / 2;
    cut->below = below;
    last = below;
    before = point;
  }
done:
  return st;
}

speig_status inertia_cut_at(inertia *C, double at, int side, inertia_cut *cut)
{
  speig_status st = SPEIG_OK;
  *cut = (inertia_cut){ .at = at, .place = at };
  cut->settled = is_trivial(C, at);
  if (!cut->settled && isinf(at) && at < 0) { /* no infinite one counts, where there is none */
    double point;
    TRY(inertia_end(C, -1, &point, &cut->settled));
  }
  if (cut->settled || C->stop) {
    cut->least = cut->most = cut->below = at > C->high || (isinf(at) && at > 0) ? C->problem->n : 0;
    goto done;
  }
  if (isinf(at))
    FAIL(SPEIG_ERR_UNSUPPORTED,
         "B is singular or nearly so, and eigenvalues that are infinite cannot be told from large "
         "ones: give the interval two finite ends");
  TRY(count_around(C, at, cut));
  if (C->stop)
    goto done;
  cut->below = cut->least;
  cut->settled = cut->least == cut->most;
  if (!cut->settled)
    TRY(move_outward(C, side, cut));
done:
  return st;
}

speig_status inertia_split(inertia *C, double low, double high, double *point, int64_t *below,
                           int *clean)
{
  enum { TRIES = 4 };
  speig_status st = SPEIG_OK;
  const double first = *point, step = (high - low) / 32;
  *clean = 0;
  for (int attempt = 0; attempt < TRIES && !*clean; ++attempt) {
    double margin;
    *point = first + (attempt % 2 ? -1 : 1) * ((attempt + 1) / 2) * step;
    TRY(probe(C, 1, point, below, &margin));
    if (C->stop)
      break;
    *clean = C->nearest > 64 * margin;
  }
done:
  return st;
}

speig_status inertia_end(inertia *C, int side, double *point, int *found)
{
  enum { TRIES = 12 };
  speig_status st = SPEIG_OK;
  double size = C->norm_a / (C->norm_b > 0 ? C->norm_b : 1), bound = side < 0 ? C->low : C->high;
  int64_t wanted = side < 0 ? 0 : C->problem->n, below;
  *found = isfinite(bound);
  *point = bound;
  size = size > 0 ? size : 1;
  for (int attempt = 0; attempt < TRIES && !*found && !C->stop; ++attempt) {
    double margin;
    *point = side * size;
    size *= 64;
    TRY(probe(C, side, point, &below, &margin));
    *found = !C->stop && below == wanted && margin < fabs(*point) / 2;
  }
done:
  return st;
}
