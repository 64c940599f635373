/* svd.c: singular value decompositions by LAPACK: divide and conquer, and QR iteration where that
 * fails. */
#include "dense/svd.h"

#include "base/error.h"
#include "base/memory.h"

#include <complex.h>
#include <lapacke.h>
#include <math.h>

typedef double _Complex zscalar;

static zscalar *as_z(double *x)
{
  return (zscalar *)(void *)x;
}

double svd_workspace(double rows, double cols, int is_complex)
{
  double least = fmin(rows, cols), scalar = is_complex ? 16 : 8;
  /* a copy of A for the second attempt, V^H, LAPACK's own */
  return scalar * (rows * cols + 2 * least * least + 34 * (rows + cols)) +
         8 * (is_complex ? 7 : 4) * least * least;
}

/* What a driver works with: the shape, the economical V^H, and work arrays sized by a query. */
typedef struct driver {
  lapack_int m, n, r, lwork, *iwork;
  double *work, *rwork, size[2];
  small Vh;
} driver;

static lapack_int call(driver *d, int by_qr, small *A, small *U, double *s)
{
  double *work = d->work ? d->work : d->size;
  lapack_int lwork = d->work ? d->lwork : -1;
  if (by_qr && A->is_complex)
    return LAPACKE_zgesvd_work(LAPACK_COL_MAJOR, 'S', 'S', d->m, d->n, as_z(A->data), A->ld, s,
                               as_z(U->data), U->ld, as_z(d->Vh.data), d->Vh.ld, as_z(work), lwork,
                               d->rwork);
  if (by_qr)
    return LAPACKE_dgesvd_work(LAPACK_COL_MAJOR, 'S', 'S', d->m, d->n, A->data, A->ld, s, U->data,
                               U->ld, d->Vh.data, d->Vh.ld, work, lwork);
  if (A->is_complex)
    return LAPACKE_zgesdd_work(LAPACK_COL_MAJOR, 'S', d->m, d->n, as_z(A->data), A->ld, s,
                               as_z(U->data), U->ld, as_z(d->Vh.data), d->Vh.ld, as_z(work), lwork,
                               d->rwork, d->iwork);
  return LAPACKE_dgesdd_work(LAPACK_COL_MAJOR, 'S', d->m, d->n, A->data, A->ld, s, U->data, U->ld,
                             d->Vh.data, d->Vh.ld, work, lwork, d->iwork);
}

/* Query, allocate, compute. */
static speig_status run(driver *d, int by_qr, small *A, small *U, double *s, lapack_int *info)
{
  speig_status st = SPEIG_OK;
  *info = call(d, by_qr, A, U, s);
  if (*info != 0)
    FAIL(SPEIG_ERR_INTERNAL, "LAPACK refuses singular values of %d x %d (info %d)", A->rows,
         A->cols, (int)*info);
  d->lwork = (lapack_int)d->size[0];
  /* LAPACK keeps matrices in it: room for what small_alloc leaves room for. */
  TRY(MEM_ZARRAY(((int64_t)d->lwork + 3 * (int64_t)d->r) * (A->is_complex ? 2 : 1),
                 "singular value workspace", &d->work));
  *info = call(d, by_qr, A, U, s);
done:
  mem_free(d->work);
  d->work = NULL;
  return st;
}

static speig_status require_finite(const small *A)
{
  speig_status st = SPEIG_OK;
  if (!isfinite(small_max_abs(A)))
    FAIL(SPEIG_ERR_NUMERIC, "a matrix of %d x %d whose singular values are wanted holds NaN or Inf",
         A->rows, A->cols);
done:
  return st;
}

/* V = (V^H)^H */
static void turn(const small *Vh, small *V)
{
  int parts = V->is_complex ? 2 : 1;
  for (int32_t j = 0; j < V->cols; ++j)
    for (int32_t i = 0; i < V->rows; ++i) {
      const double *from = Vh->data + ((int64_t)j + (int64_t)i * Vh->ld) * parts;
      double *to = V->data + ((int64_t)i + (int64_t)j * V->ld) * parts;
      to[0] = from[0];
      if (parts == 2)
        to[1] = -from[1];
    }
}

speig_status svd_decompose(small *A, small *U, double *s, small *V)
{
  speig_status st = SPEIG_OK;
  lapack_int info = 0;
  small original = { 0 };
  driver d = { .m = A->rows, .n = A->cols, .r = A->rows < A->cols ? A->rows : A->cols };
  int64_t r = d.r, longer = d.m > d.n ? d.m : d.n;
  if (r == 0)
    goto done;
  TRY(require_finite(A));
  TRY(small_alloc(d.r, d.n, A->is_complex, &d.Vh));
  TRY(small_alloc(A->rows, A->cols, A->is_complex, &original));
  small_copy(A, &original);
  TRY(MEM_ARRAY(8 * r, "singular value workspace", &d.iwork));
  /* zgesdd: max(5 r^2 + 5 r, 2 max(m, n) r + 2 r^2 + r); zgesvd: 5 r */
  if (A->is_complex)
    TRY(MEM_ARRAY(7 * r * r + 7 * r + 2 * longer * r, "singular value workspace", &d.rwork));
  TRY(run(&d, 0, A, U, s, &info));
  if (info != 0) {
    small_copy(&original, A);
    TRY(run(&d, 1, A, U, s, &info));
  }
  if (info != 0)
    FAIL(SPEIG_ERR_NUMERIC, "LAPACK found no singular values of %d x %d (info %d)", A->rows,
         A->cols, (int)info);
  turn(&d.Vh, V);
done:
  small_free(&original);
  small_free(&d.Vh);
  mem_free(d.iwork);
  mem_free(d.rwork);
  return st;
}
