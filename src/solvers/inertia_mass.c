/* inertia_mass.c: may eigenvalues be counted with this B?
 *
 * Sylvester's law needs B positive definite; where it is only semidefinite, counts hold a constant
 * beside the eigenvalues, and where it is neither they tell nothing. B is scaled to a unit diagonal
 * and factored a little above and below zero, in double precision. Cost: two factorizations of B,
 * none of a diagonal one. */
#include "solvers/inertia.h"

#include "base/dtype.h"
#include "base/error.h"
#include "base/memory.h"
#include "formats/matrix.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>

/* Row by row, entry (i, j) times scale[i] scale[j]; M is our own. */
static speig_status scale_both_sides(const double *scale, speig_matrix *M)
{
  speig_status st = SPEIG_OK;
  size_t size = speig_dtype_size(M->dtype);
  int64_t longest = 0;
  double *row = NULL;
  for (int64_t i = 0; i < M->rows; ++i)
    if (M->rowptr[i + 1] - M->rowptr[i] > longest)
      longest = M->rowptr[i + 1] - M->rowptr[i];
  TRY(MEM_ARRAY(2 * longest, "a row of B", &row));
  for (int64_t i = 0; i < M->rows; ++i) {
    int64_t first = M->rowptr[i], count = M->rowptr[i + 1] - first;
    char *values = (char *)M->values + (size_t)first * size;
    matrix_widen(M->dtype, count, values, row);
    for (int64_t e = 0; e < count; ++e)
      for (int part = 0; part < 2; ++part)
        row[2 * e + part] *= scale[i] * scale[M->colind[first + e]];
    (void)matrix_narrow(M->dtype, count, row, values); /* none exceeds 1 by more than rounding */
  }
done:
  mem_free(row);
  return st;
}

/* *off_diagonal: B has entries beside the diagonal; diagonal[n]. */
static void read_diagonal(const speig_matrix *B, double *diagonal, int *off_diagonal)
{
  size_t size = speig_dtype_size(B->dtype);
  *off_diagonal = 0;
  for (int64_t i = 0; i < B->rows; ++i) {
    diagonal[i] = 0;
    for (int64_t e = B->rowptr[i]; e < B->rowptr[i + 1]; ++e) {
      double value[2];
      matrix_widen(B->dtype, 1, (const char *)B->values + (size_t)e * size, value);
      if (B->colind[e] == i)
        diagonal[i] = value[0];
      else
        *off_diagonal |= value[0] != 0 || value[1] != 0;
    }
  }
}

/* Negative eigenvalues of S - shift I, S in double precision; -1: singular. */
static speig_status negatives_of(const speig_matrix *S, double shift, int threads, factor **F,
                                 int64_t *count)
{
  speig_status st = SPEIG_OK;
  const double at[2] = { shift, 0 };
  speig_matrix *M = NULL;
  int singular = 0;
  TRY(factor_pencil(S, NULL, at, S->dtype, &M));
  if (!*F) {
    TRY(factor_analyse(M, FACTOR_HERMITIAN, F));
    factor_set_threads(*F, threads);
  }
  TRY(factor_compute(*F, M, &singular));
  *count = singular ? -1 : factor_negative(*F);
done:
  speig_matrix_destroy(&M);
  return st;
}

/* B scaled to a unit diagonal, so that masses of very different size do no harm: are all its
 * eigenvalues above rounding? Or are some below minus that? */
static speig_status weigh_scaled(const inertia *C, const speig_matrix *B, double *diagonal,
                                 int *singular)
{
  speig_status st = SPEIG_OK;
  const double zero[2] = { 0, 0 };
  speig_matrix *wide = NULL, *S = NULL;
  factor *F = NULL;
  matrix_sizes sizes;
  double margin;
  int64_t negative;
  for (int64_t i = 0; i < B->rows; ++i)
    diagonal[i] = diagonal[i] > 0 ? 1 / sqrt(diagonal[i]) : 1;
  TRY(speig_matrix_convert(B, dtype_double(B->dtype), &wide));
  TRY(factor_pencil(wide, NULL, zero, wide->dtype, &S)); /* a copy with a whole diagonal */
  speig_matrix_destroy(&wide);
  TRY(scale_both_sides(diagonal, S));
  TRY(matrix_get_sizes(S, &sizes));
  margin = 64 * DBL_EPSILON * sizes.norm_inf;
  TRY(negatives_of(S, margin, C->problem->be->threads, &F, &negative));
  *singular = negative != 0;
  if (!*singular)
    goto done;
  TRY(negatives_of(S, -margin, C->problem->be->threads, &F, &negative));
  if (negative > 0)
    FAIL(SPEIG_ERR_NUMERIC,
         "B is not positive semidefinite: %" PRId64 " of its eigenvalues are negative, so "
         "eigenvalues cannot be counted",
         negative);
done:
  factor_destroy(&F);
  speig_matrix_destroy(&S);
  speig_matrix_destroy(&wide);
  return st;
}

speig_status inertia_weigh_mass(inertia *C)
{
  speig_status st = SPEIG_OK;
  const speig_matrix *B = C->I->B;
  double *diagonal = NULL;
  int off_diagonal;
  if (!B)
    return st;
  TRY(MEM_ARRAY(B->rows, "diagonal of B", &diagonal));
  read_diagonal(B, diagonal, &off_diagonal);
  for (int64_t i = 0; i < B->rows; ++i) {
    if (diagonal[i] < 0)
      FAIL(SPEIG_ERR_NUMERIC,
           "B is not positive semidefinite: its diagonal entry %" PRId64 " is %g, so eigenvalues "
           "cannot be counted",
           i + 1, diagonal[i]);
    C->singular_mass |= diagonal[i] == 0;
  }
  if (off_diagonal)
    TRY(weigh_scaled(C, B, diagonal, &C->singular_mass));
done:
  mem_free(diagonal);
  return st;
}
