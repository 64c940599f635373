/* general.c: what the solvers of general problems share: storage, ranking, progress, residuals. */
#include "solvers/general.h"

#include "base/dtype.h"
#include "base/error.h"
#include "base/memory.h"

#include <math.h>

speig_status general_basis_alloc(const general_problem *problem, general_basis *basis)
{
  speig_status st = SPEIG_OK;
  int32_t capacity = problem->k < problem->n ? problem->k + 1 : problem->k;
  *basis = (general_basis){ .capacity = capacity };
  TRY(MEM_ZARRAY(capacity, "eigenvalues", &basis->theta));
  TRY(MEM_ZARRAY(capacity, "residuals", &basis->residual));
  TRY(mv_alloc(problem->be, problem->n, capacity, "Schur vectors", &basis->Q));
done:
  if (st != SPEIG_OK)
    general_basis_free(basis);
  return st;
}

void general_basis_free(general_basis *basis)
{
  mem_free(basis->theta);
  mem_free(basis->residual);
  mv_free(&basis->Q);
  *basis = (general_basis){ 0 };
}

speig_status general_pairs_alloc(backend *be, int64_t n, int32_t capacity, int left,
                                 general_pairs *pairs)
{
  speig_status st = SPEIG_OK;
  *pairs = (general_pairs){ .capacity = capacity, .condition = NAN, .moved = NAN };
  TRY(MEM_ZARRAY(capacity, "eigenvalues", &pairs->lambda));
  TRY(mv_alloc(be, n, capacity, "eigenvectors", &pairs->X));
  if (left)
    TRY(mv_alloc(be, n, capacity, "left eigenvectors", &pairs->Y));
done:
  if (st != SPEIG_OK)
    general_pairs_free(pairs);
  return st;
}

void general_pairs_free(general_pairs *pairs)
{
  mem_free(pairs->lambda);
  mv_free(&pairs->X);
  mv_free(&pairs->Y);
  *pairs = (general_pairs){ 0 };
}

/* ---- ranking ---- */

double general_key(speig_eigs_which which, int is_complex, eigenvalue theta)
{
  double im = is_complex ? theta.im : fabs(theta.im);
  switch (which) {
  case SPEIG_EIGS_LM:
    return hypot(theta.re, theta.im);
  case SPEIG_EIGS_SM:
    return -hypot(theta.re, theta.im);
  case SPEIG_EIGS_LR:
    return theta.re;
  case SPEIG_EIGS_SR:
    return -theta.re;
  case SPEIG_EIGS_LI:
    return im;
  default:
    return -im;
  }
}

/* Merge sort of entries rank[0 .. count), which are starts of units (single values or pairs), by
 * descending key; stable, so equal keys keep the order of the Schur form. */
static void sort_units(int32_t count, const double *key, int32_t *rank, int32_t *spare)
{
  int32_t half = count / 2, i = 0, j = half;
  if (count < 2)
    return;
  sort_units(half, key, rank, spare);
  sort_units(count - half, key, rank + half, spare);
  for (int32_t at = 0; at < count; ++at)
    spare[at] = j >= count || (i < half && key[rank[i]] >= key[rank[j]]) ? rank[i++] : rank[j++];
  for (int32_t at = 0; at < count; ++at)
    rank[at] = spare[at];
}

speig_status general_rank(speig_eigs_which which, int is_complex, int32_t count,
                          const eigenvalue *theta, int32_t *rank)
{
  speig_status st = SPEIG_OK;
  double *key = NULL;
  int32_t *spare = NULL, units = 0, at = 0;
  TRY(MEM_ARRAY(count, "keys of eigenvalues", &key));
  TRY(MEM_ARRAY(2 * (int64_t)count, "order of eigenvalues", &spare));
  for (int32_t i = 0; i < count; ++i) {
    int finite = isfinite(theta[i].re) && isfinite(theta[i].im);
    key[i] = finite ? general_key(which, is_complex, theta[i]) : -INFINITY;
    if (!pair_ends(is_complex, theta, i))
      spare[units++] = i;
  }
  sort_units(units, key, spare, spare + count);
  for (int32_t unit = 0; unit < units; ++unit) {
    rank[at++] = spare[unit];
    if (pair_starts(is_complex, theta, spare[unit]))
      rank[at++] = spare[unit] + 1;
  }
done:
  mem_free(key);
  mem_free(spare);
  return st;
}

int32_t general_wanted(int is_complex, int32_t k, const eigenvalue *theta, const int32_t *rank)
{
  return k > 0 && pair_starts(is_complex, theta, rank[k - 1]) ? k + 1 : k;
}

/* ---- progress ---- */

void general_report(const general_problem *problem, const char *method, const char *phase,
                    int64_t iteration, int32_t wanted, int32_t converged, const double *shown,
                    double norm, int *stop, speig_reason *reason)
{
  speig_progress record = {
    .method = method,
    .phase = phase,
    .iteration = iteration,
    .matvecs = *problem->counted,
    .wanted = wanted,
    .converged = converged,
    .values = shown,
    .imaginary = shown + problem->k + 1,
    .residuals = shown + 2 * ((size_t)problem->k + 1),
    .norm = norm,
  };
  eig_watch_look(&problem->watch, &record, stop, reason);
}

/* ---- packed vectors ---- */

/* hypot of the norms of both members of a pair. */
static void join_pairs(int is_complex, int32_t count, const eigenvalue *lambda, double *norm)
{
  for (int32_t j = 0; j + 1 < count; ++j)
    if (pair_starts(is_complex, lambda, j)) {
      norm[j] = norm[j + 1] = hypot(norm[j], norm[j + 1]);
      ++j;
    }
}

speig_status general_lengths(const multivec *X, const eigenvalue *lambda, double *length)
{
  speig_status st = SPEIG_OK;
  TRY(mv_norms(X, length));
  join_pairs(dtype_is_complex(X->be->ops->dtype), X->p, lambda, length);
done:
  return st;
}

speig_status general_residuals(multivec *AX, const multivec *BX, const eigenvalue *lambda,
                               double *residual)
{
  speig_status st = SPEIG_OK;
  int is_complex = dtype_is_complex(AX->be->ops->dtype);
  small D = { 0 };
  int32_t width;
  TRY(small_alloc(2, 2, is_complex, &D));
  for (int32_t j = 0; j < AX->p; j += width) {
    small block;
    multivec ax, bx;
    width = pair_starts(is_complex, lambda, j) ? 2 : 1;
    block = small_view(&D, 0, 0, width, width);
    ax = mv_columns(AX, j, width);
    bx = mv_columns(BX, j, width);
    packed_diagonal(width, lambda + j, &block);
    TRY(mv_mul(-1, &bx, &block, 1, &ax));
  }
  TRY(general_lengths(AX, lambda, residual));
done:
  small_free(&D);
  return st;
}

speig_status general_flip_pairs(multivec *X, const eigenvalue *lambda)
{
  speig_status st = SPEIG_OK;
  int is_complex = dtype_is_complex(X->be->ops->dtype);
  double minus = -1;
  for (int32_t j = 0; j < X->p; ++j) {
    multivec x = mv_columns(X, j, 1);
    if (pair_ends(is_complex, lambda, j))
      TRY(mv_scale(&minus, &x));
  }
done:
  return st;
}

speig_status general_rayleigh_ritz(const general_problem *problem, const general_basis *basis,
                                   multivec *X, eigenvalue *lambda)
{
  speig_status st = SPEIG_OK;
  int32_t p = basis->count, *rank = NULL;
  int z = dtype_is_complex(problem->be->ops->dtype);
  multivec Q = mv_columns(&basis->Q, 0, p);
  small H = { 0 }, Z = { 0 }, S = { 0 }, C = { 0 };
  TRY(small_alloc(p, p, z, &H));
  TRY(small_alloc(p, p, z, &Z));
  TRY(small_alloc(p, p, z, &S));
  TRY(small_alloc(p, p, z, &C));
  TRY(MEM_ARRAY(p, "ranks", &rank));
  TRY(problem->op->apply(problem->op, &Q, X));
  TRY(mv_gram(&Q, X, &H));
  TRY(schur_decompose(&H, &Z, lambda));
  TRY(general_rank(problem->which, z, p, lambda, rank));
  TRY(schur_sort(&H, &Z, p, rank, lambda));
  TRY(schur_vectors(&H, lambda, &S));
  small_mul(1, &Z, 0, &S, 0, 0, &C);
  TRY(mv_mul(1, &Q, &C, 0, X));
done:
  small_free(&H);
  small_free(&Z);
  small_free(&S);
  small_free(&C);
  mem_free(rank);
  return st;
}
