/* dense_mass.c: from a dense pencil A - theta B to a standard problem.
 *
 * Definite B = R^H R: C = R^-H A R^-1. Semidefinite B has infinite eigenvalues, which are cut off
 * before they can look like large finite ones (the stages of a staircase form; Fix and Heiberger,
 * SIAM J. Numer. Anal. 9 (1972)): with T = [N M], N a basis of B's null space and M^H B M = I,
 *   A' = T^H A T = [ A00 G^H ; G S ],
 * the part x0 of x = N x0 + M y along N satisfies A00 x0 = -G^H y. Where A00 is regular that gives
 * x0; where it vanishes it binds y instead, G_b^H y = 0, and x0 follows from the equations of M.
 * Both ranks are decided after a scaling by which neither the units of the unknowns nor massless
 * ones matter. Cost: 9 n^3 operations for B's eigenvectors, 8 n^3 for products, n^2 numbers more.
 */
#include "solvers/dense_mass.h"

#include "base/error.h"
#include "base/memory.h"
#include "dense/spectral.h"

#include <math.h>

speig_status dense_mass_definite(small *A, small *B, dense_mass *m, int *definite)
{
  speig_status st = SPEIG_OK;
  int32_t order;
  TRY(small_cholesky(B, &order));
  *definite = order == B->rows;
  if (!*definite)
    goto done;
  TRY(spectral_reduce_definite(B, A));
  m->finite = A->rows;
  m->R = *B;
  *B = (small){ 0 };
done:
  return st;
}

/* What there is for an indefinite B. */
#define OTHER_WAYS "with A positive definite mode buckling takes it, and speig_eigs any B"

/* ---- B = T^-H diag(0, I) T^-1 ---- */

static double column_norm(const small *M, int32_t j)
{
  small column = small_view(M, 0, j, M->rows, 1);
  double largest = small_max_abs(&column), square[2] = { 0, 0 };
  small dot = { 1, 1, 1, M->is_complex, square, NULL };
  if (!(largest > 0))
    return largest;
  small_mul(1, &column, 1, &column, 0, 0, &dot);
  return sqrt(square[0]);
}

/* scale[i]: to unit diagonal of B; where there is no mass, to unit rows of A. */
static speig_status choose_scale(const small *A, const small *B, double *scale)
{
  speig_status st = SPEIG_OK;
  for (int32_t i = 0; i < B->rows; ++i) {
    double mass = small_get(B, i, i);
    small column = small_view(A, 0, i, A->rows, 1), coupling = small_view(B, 0, i, B->rows, 1);
    double size = small_max_abs(mass > 0 ? &coupling : &column);
    if (mass < 0 || (mass == 0 && small_max_abs(&coupling) > 0))
      FAIL(SPEIG_ERR_NUMERIC,
           "B is not positive semidefinite: its diagonal entry %d is %g, in a row that is not "
           "zero; " OTHER_WAYS,
           i + 1, mass);
    scale[i] = 1 / sqrt(mass > 0 ? mass : size > 0 ? size : 1);
  }
done:
  return st;
}

/* B becomes T, the null space first: *null columns. */
static speig_status split_mass(const double *scale, double eps, small *B, int32_t *null)
{
  speig_status st = SPEIG_OK;
  int32_t n = B->rows;
  double *w = NULL, noise;
  TRY(MEM_ARRAY(n, "eigenvalues of B", &w));
  small_scale_cols(B, scale);
  small_scale_rows(B, scale);
  small_make_hermitian(B);
  TRY(small_eigh(B, w));
  noise = n * eps * w[n - 1];
  if (w[0] < -16 * noise)
    FAIL(SPEIG_ERR_NUMERIC,
         "B is not positive semidefinite: scaled to a unit diagonal, its smallest eigenvalue is "
         "%g; " OTHER_WAYS,
         w[0]);
  for (int32_t i = 0; i < n; ++i) {
    *null += w[i] <= noise;
    w[i] = w[i] <= noise ? 1 : 1 / sqrt(w[i]);
  }
  small_scale_rows(B, scale);
  small_scale_cols(B, w);
done:
  mem_free(w);
  return st;
}

/* A = T^H A T, with the columns of the null space and of T scaled to A's unit columns. */
static speig_status transform_stiffness(int32_t null, small *A, small *T)
{
  speig_status st = SPEIG_OK;
  small AT = { 0 };
  double *length = NULL;
  TRY(small_alloc(A->rows, A->rows, A->is_complex, &AT));
  TRY(MEM_ARRAY(A->rows, "lengths", &length));
  small_mul(1, A, 0, T, 0, 0, &AT);
  small_mul(1, T, 1, &AT, 0, 0, A);
  small_make_hermitian(A);
  for (int32_t j = 0; j < A->rows; ++j) {
    length[j] = j < null ? column_norm(A, j) : 1;
    if (!(length[j] > 0))
      FAIL(SPEIG_ERR_NUMERIC, "A - s B is singular for every s: A and B have a common null vector");
    length[j] = 1 / length[j];
  }
  small_scale_cols(A, length);
  small_scale_rows(A, length);
  small_scale_cols(T, length);
done:
  small_free(&AT);
  mem_free(length);
  return st;
}

/* ---- what lives in the null space ---- */

/* A00 = U diag(t) U^H: U and t with the regular ones first; returns how many. A00 is overwritten.
 */
static speig_status split_null_space(double noise, small *A00, small *U, double *t,
                                     int32_t *regular)
{
  speig_status st = SPEIG_OK;
  int32_t p = A00->rows, at = 0;
  double *all = NULL;
  TRY(MEM_ARRAY(p, "eigenvalues", &all));
  TRY(small_eigh(A00, all));
  for (int bound = 0; bound < 2; ++bound) {
    for (int32_t j = 0; j < p; ++j) {
      small from = small_view(A00, 0, j, p, 1), to;
      if ((fabs(all[j]) <= noise) != bound)
        continue;
      to = small_view(U, 0, at, p, 1);
      small_copy(&from, &to);
      t[at++] = all[j];
    }
    if (!bound)
      *regular = at;
  }
done:
  mem_free(all);
  return st;
}

/* The upper triangle of a QR; its least diagonal entry against the largest tells the rank. */
static speig_status check_rank(const small *QR, double noise)
{
  speig_status st = SPEIG_OK;
  double least = INFINITY, largest = 0;
  for (int32_t j = 0; j < QR->cols; ++j) {
    small corner = small_view(QR, j, j, 1, 1);
    least = fmin(least, small_max_abs(&corner));
    largest = fmax(largest, small_max_abs(&corner));
  }
  if (!(least > noise * largest))
    FAIL(SPEIG_ERR_NUMERIC, "A - s B is singular for every s: A and B have a common null vector");
done:
  return st;
}

/* Everything of a semidefinite reduction that elimination needs. */
typedef struct elimination {
  int32_t null, regular, bound, rank;
  small U, G, Q, S; /* null x null; rank x null: G U; rank x bound; rank x rank */
  double *t, *tau;
} elimination;

static void elimination_free(elimination *e)
{
  small_free(&e->U);
  small_free(&e->G);
  small_free(&e->Q);
  small_free(&e->S);
  mem_free(e->t);
  mem_free(e->tau);
}

/* S = S - G_r diag(1 / t) G_r^H, G_r = G_r diag(1 / t), Q of G_b; A is overwritten. */
static speig_status eliminate(small *A, int32_t null, double noise, elimination *e)
{
  speig_status st = SPEIG_OK;
  int32_t rank = A->rows - null, r;
  small A00 = small_view(A, 0, 0, null, null), G = small_view(A, null, 0, rank, null);
  small S = small_view(A, null, null, rank, rank), Gr, Gb, copy = { 0 };
  e->null = null;
  e->rank = rank;
  TRY(small_alloc(null, null, A->is_complex, &e->U));
  TRY(small_alloc(rank, null, A->is_complex, &e->G));
  TRY(small_alloc(rank, rank, A->is_complex, &e->S));
  TRY(MEM_ZARRAY(null, "eigenvalues", &e->t));
  TRY(split_null_space(noise, &A00, &e->U, e->t, &e->regular));
  r = e->regular;
  e->bound = null - r;
  if (e->bound > rank)
    FAIL(SPEIG_ERR_NUMERIC, "A - s B is singular for every s: A and B have a common null vector");
  small_mul(1, &G, 0, &e->U, 0, 0, &e->G);
  small_copy(&S, &e->S);
  Gr = small_view(&e->G, 0, 0, rank, r);
  TRY(small_alloc(rank, r, A->is_complex, &copy));
  small_copy(&Gr, &copy);
  for (int32_t j = 0; j < r; ++j)
    e->t[j] = 1 / e->t[j];
  small_scale_cols(&Gr, e->t);
  small_mul(-1, &Gr, 0, &copy, 1, 1, &e->S);
  small_make_hermitian(&e->S);
  Gb = small_view(&e->G, 0, r, rank, e->bound);
  TRY(small_alloc(rank, e->bound, A->is_complex, &e->Q));
  TRY(MEM_ZARRAY(2 * (int64_t)e->bound, "reflectors", &e->tau));
  small_copy(&Gb, &e->Q);
  TRY(spectral_qr(&e->Q, e->tau));
  TRY(check_rank(&e->Q, noise));
done:
  small_free(&copy);
  return st;
}

/* W = M Q2 + N X0 with X0 = -U_r G_r^H Q2 - U_b R^-1 Q1^H S Q2; T = [N M]. */
static speig_status make_basis(elimination *e, const small *T, dense_mass *m, small *C)
{
  speig_status st = SPEIG_OK;
  int32_t f = e->rank - e->bound;
  small basis = { 0 }, X0 = { 0 }, part = { 0 };
  small Q2, R = small_view(&e->Q, 0, 0, e->bound, e->bound), H, corner, tied;
  small N = small_view(T, 0, 0, T->rows, e->null), M = small_view(T, 0, e->null, T->rows, e->rank);
  small Ur = small_view(&e->U, 0, 0, e->null, e->regular);
  small Ub = small_view(&e->U, 0, e->regular, e->null, e->bound);
  small Gr = small_view(&e->G, 0, 0, e->rank, e->regular);
  m->finite = f;
  TRY(small_alloc(e->rank, e->rank, T->is_complex, &basis));
  TRY(small_alloc(e->null, f, T->is_complex, &X0));
  TRY(small_alloc(e->regular, f, T->is_complex, &part));
  TRY(small_alloc(T->rows, f, T->is_complex, &m->W));
  TRY(small_alloc(f, f, T->is_complex, C));
  small_identity(&basis);
  TRY(spectral_apply_q(&e->Q, e->tau, 0, 0, &basis));
  Q2 = small_view(&basis, 0, e->bound, e->rank, f);
  TRY(spectral_apply_q(&e->Q, e->tau, 1, 0, &e->S));
  TRY(spectral_apply_q(&e->Q, e->tau, 0, 1, &e->S));
  H = small_view(&e->S, e->bound, e->bound, f, f);
  small_copy(&H, C);
  small_make_hermitian(C);
  small_mul(1, &Gr, 1, &Q2, 0, 0, &part);
  small_mul(-1, &Ur, 0, &part, 0, 0, &X0);
  corner = small_view(&e->S, 0, e->bound, e->bound, f);
  tied = small_view(&R, 0, 0, e->bound, e->bound);
  if (e->bound > 0) {
    small_solve_left_upper(&tied, &corner);
    small_mul(-1, &Ub, 0, &corner, 0, 1, &X0);
  }
  small_mul(1, &M, 0, &Q2, 0, 0, &m->W);
  small_mul(1, &N, 0, &X0, 0, 1, &m->W);
done:
  small_free(&basis);
  small_free(&X0);
  small_free(&part);
  return st;
}

speig_status dense_mass_semidefinite(small *A, small *B, double eps, dense_mass *m, small *C)
{
  speig_status st = SPEIG_OK;
  int32_t n = A->rows, null = 0;
  double *scale = NULL;
  elimination e = { 0 };
  TRY(MEM_ARRAY(n, "scale", &scale));
  TRY(choose_scale(A, B, scale));
  TRY(split_mass(scale, eps, B, &null));
  TRY(transform_stiffness(null, A, B));
  TRY(eliminate(A, null, n * eps, &e));
  TRY(make_basis(&e, B, m, C));
done:
  elimination_free(&e);
  mem_free(scale);
  return st;
}

/* ---- coordinates ---- */

void dense_mass_coordinates(const dense_mass *m, const small *Y, const small *BY, small *Z)
{
  if (m->R.data)
    small_mul(1, &m->R, 0, Y, 0, 0, Z);
  else
    small_mul(1, &m->W, 1, BY, 0, 0, Z);
}

void dense_mass_lift(const dense_mass *m, const small *Z, small *X)
{
  if (m->R.data) {
    small_copy(Z, X);
    small_solve_left_upper(&m->R, X);
  } else {
    small_mul(1, &m->W, 0, Z, 0, 0, X);
  }
}

void dense_mass_free(dense_mass *m)
{
  small_free(&m->R);
  small_free(&m->W);
}
