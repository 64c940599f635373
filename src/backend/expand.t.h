/* expand.t.h: between typed host arrays and small matrices, which are in double precision. A small
 * matrix is complex when the type is. */
#include "base/scalar.h"

static void TYPED(small_store)(SCALAR a, small *M, int64_t i, int64_t j)
{
  double *entry = M->data + (i + j * M->ld) * (IS_COMPLEX ? 2 : 1);
  entry[0] = (double)RE(a);
  if (IS_COMPLEX)
    entry[1] = (double)IM(a);
}

/* The columns first .. first + M->cols - 1. */
static void TYPED(expand_csr)(const speig_matrix *A, int64_t first, small *M)
{
  const int64_t *rowptr;
  const int32_t *colind;
  const void *values;
  speig_matrix_arrays(A, &rowptr, &colind, &values);
  for (int64_t i = 0; i < M->rows; ++i)
    for (int64_t at = rowptr[i]; at < rowptr[i + 1]; ++at)
      if (colind[at] >= first && colind[at] < first + M->cols)
        TYPED(small_store)(((const SCALAR *)values)[at], M, i, colind[at] - first);
}

/* The rows and columns of one component; zeros may lead out of it. */
static void TYPED(expand_component)(const speig_matrix *A, const int32_t *rows,
                                    const int32_t *place, small *M)
{
  const int64_t *rowptr;
  const int32_t *colind;
  const void *values;
  speig_matrix_arrays(A, &rowptr, &colind, &values);
  for (int32_t i = 0; i < M->rows; ++i)
    for (int64_t at = rowptr[rows[i]]; at < rowptr[rows[i] + 1]; ++at)
      if (((const SCALAR *)values)[at] != 0)
        TYPED(small_store)(((const SCALAR *)values)[at], M, i, place[colind[at]]);
}

static void TYPED(widen)(const void *host, int64_t ldh, small *M)
{
  for (int64_t j = 0; j < M->cols; ++j)
    for (int64_t i = 0; i < M->rows; ++i)
      TYPED(small_store)(((const SCALAR *)host)[i + j * ldh], M, i, j);
}

static void TYPED(narrow)(const small *M, void *host, int64_t ldh)
{
  int64_t parts = IS_COMPLEX ? 2 : 1;
  for (int64_t j = 0; j < M->cols; ++j) {
    const double *column = M->data + j * M->ld * parts;
    REAL *target = (REAL *)host + j * ldh * parts;
    for (int64_t i = 0; i < M->rows * parts; ++i)
      target[i] = (REAL)column[i];
  }
}
