/* verify_spectrum.c: the whole spectrum by LAPACK, and the comparison of sorted lists of values. */
#include "solvers/verify.h"

#include "base/dtype.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/threads.h"

#include <inttypes.h>
#include <lapacke.h>
#include <math.h>
#include <stdlib.h>

/* Values only; LAPACK says in its first call how much workspace it wants. */
typedef struct lapack_problem {
  int is_complex;
  lapack_int n;
  double *a, *b; /* n x n; b NULL: standard problem */
  double *w;
  double *work, *rwork;
  lapack_int *iwork;
  lapack_int lwork, lrwork, liwork;
} lapack_problem;

static lapack_int lapack_call(const lapack_problem *p)
{
  lapack_complex_double *za = (lapack_complex_double *)(void *)p->a;
  lapack_complex_double *zb = (lapack_complex_double *)(void *)p->b;
  lapack_complex_double *zwork = (lapack_complex_double *)(void *)p->work;
  lapack_int n = p->n;
  if (p->is_complex && p->b)
    return LAPACKE_zhegvd_work(LAPACK_COL_MAJOR, 1, 'N', 'L', n, za, n, zb, n, p->w, zwork,
                               p->lwork, p->rwork, p->lrwork, p->iwork, p->liwork);
  if (p->is_complex)
    return LAPACKE_zheevd_work(LAPACK_COL_MAJOR, 'N', 'L', n, za, n, p->w, zwork, p->lwork,
                               p->rwork, p->lrwork, p->iwork, p->liwork);
  if (p->b)
    return LAPACKE_dsygvd_work(LAPACK_COL_MAJOR, 1, 'N', 'L', n, p->a, n, p->b, n, p->w, p->work,
                               p->lwork, p->iwork, p->liwork);
  return LAPACKE_dsyevd_work(LAPACK_COL_MAJOR, 'N', 'L', n, p->a, n, p->w, p->work, p->lwork,
                             p->iwork, p->liwork);
}

static speig_status lapack_workspace(lapack_problem *p)
{
  speig_status st = SPEIG_OK;
  double work[2] = { 0 }, rwork = 0;
  lapack_int iwork = 0, info;
  lapack_problem ask = *p;
  ask.work = work;
  ask.rwork = &rwork;
  ask.iwork = &iwork;
  ask.lwork = ask.lrwork = ask.liwork = -1;
  info = lapack_call(&ask);
  if (info != 0)
    FAIL(SPEIG_ERR_NUMERIC, "LAPACK: workspace of order %d refused (info = %d)", (int)p->n,
         (int)info);
  p->lwork = (lapack_int)work[0];
  p->lrwork = p->is_complex ? (lapack_int)rwork : 1;
  p->liwork = iwork;
  TRY(mem_alloc(p->lwork, p->is_complex ? 16 : 8, "LAPACK workspace", (void **)&p->work));
  TRY(MEM_ARRAY(p->lrwork, "LAPACK workspace", &p->rwork));
  TRY(MEM_ARRAY(p->liwork, "LAPACK workspace", &p->iwork));
done:
  return st;
}

static speig_status full_storage(const verify_matrix *A, int is_complex, const char *what,
                                 double **out)
{
  speig_status st = SPEIG_OK;
  size_t bytes;
  TRY(mem_product(A->n, A->n, is_complex ? 16 : 8, what, &bytes));
  TRY(mem_zalloc((int64_t)bytes, 1, what, (void **)out));
  verify_expand(A, is_complex, *out);
done:
  return st;
}

speig_status verify_spectrum(const verify_matrix *A, const verify_matrix *B, double *w)
{
  speig_status st = SPEIG_OK;
  lapack_problem p = { .is_complex =
                           dtype_is_complex(A->dtype) || (B && dtype_is_complex(B->dtype)),
                       .w = w };
  lapack_int info;
  if (A->n == 0)
    return SPEIG_OK;
  REQUIRE(A->n <= INT32_MAX, "order %" PRId64 " is beyond LAPACK", A->n);
  p.n = (lapack_int)A->n;
  TRY(full_storage(A, p.is_complex, "A in full storage", &p.a));
  if (B)
    TRY(full_storage(B, p.is_complex, "B in full storage", &p.b));
  TRY(lapack_workspace(&p));
  threads_blas_enter();
  info = lapack_call(&p);
  threads_blas_leave();
  if (info > p.n)
    FAIL(SPEIG_ERR_NUMERIC, "B is not positive definite: its leading minor of order %d is not",
         (int)(info - p.n));
  if (info != 0)
    FAIL(SPEIG_ERR_NUMERIC, "LAPACK found no spectrum of order %d (info = %d)", (int)p.n,
         (int)info);
done:
  mem_free(p.a);
  mem_free(p.b);
  mem_free(p.work);
  mem_free(p.rwork);
  mem_free(p.iwork);
  return st;
}

/* Taking the smallest free partner in turn matches as many as possible; then, from the top, each
 * match moves up as long as that brings it closer. */
void verify_match(int64_t na, const double *a, int64_t nb, const double *b, double tolerance,
                  int64_t *partner)
{
  int64_t next = 0, above = nb;
  for (int64_t i = 0; i < na; ++i) {
    while (next < nb && b[next] < a[i] - tolerance)
      ++next;
    partner[i] = next < nb && b[next] <= a[i] + tolerance ? next++ : -1;
  }
  for (int64_t i = na - 1; i >= 0; --i) {
    if (partner[i] < 0)
      continue;
    while (partner[i] + 1 < above && fabs(b[partner[i] + 1] - a[i]) <= fabs(b[partner[i]] - a[i]))
      ++partner[i];
    above = partner[i];
  }
}

static int ascending(const void *a, const void *b)
{
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* LM and SM take from the two ends, or from both sides of zero, whichever is next. */
speig_status verify_wanted(speig_which which, int64_t n, const double *w, int64_t k, double *wanted)
{
  int64_t low = 0, high = n, take = k < n ? k : n;
  int64_t below = 0, above; /* for SM: the next negative one is below - 1 */
  while (below < n && w[below] < 0)
    ++below;
  above = below;
  for (int64_t t = 0; t < take; ++t) {
    int from_high;
    if (which == SPEIG_SM) {
      from_high = below == 0 || (above < n && w[above] <= -w[below - 1]);
      wanted[t] = from_high ? w[above++] : w[--below];
      continue;
    }
    from_high = which == SPEIG_LA || (which == SPEIG_BE && t % 2 == 0) ||
                (which == SPEIG_LM && fabs(w[high - 1]) >= fabs(w[low]));
    wanted[t] = from_high ? w[--high] : w[low++];
  }
  qsort(wanted, (size_t)take, sizeof *wanted, ascending);
  return SPEIG_OK;
}

/* The magnitude at which LM or SM cut. */
static double cut_magnitude(speig_which which, int64_t k, const double *wanted)
{
  double cut = fabs(wanted[0]);
  for (int64_t t = 1; t < k; ++t)
    cut = which == SPEIG_LM ? fmin(cut, fabs(wanted[t])) : fmax(cut, fabs(wanted[t]));
  return cut;
}

speig_status verify_missed(speig_which which, int64_t k, const double *wanted, int64_t count,
                           const double *values, double tolerance, double *missed,
                           int32_t *missed_count)
{
  speig_status st = SPEIG_OK;
  int64_t *partner = NULL, spare = 0;
  char *used = NULL;
  *missed_count = 0;
  TRY(MEM_ARRAY(k, "partners", &partner));
  TRY(MEM_ZARRAY(count, "used values", &used));
  verify_match(k, wanted, count, values, tolerance, partner);
  for (int64_t t = 0; t < k; ++t)
    if (partner[t] >= 0)
      used[partner[t]] = 1;
  if (k > 0 && (which == SPEIG_LM || which == SPEIG_SM)) {
    double cut = cut_magnitude(which, k, wanted);
    for (int64_t j = 0; j < count; ++j)
      spare += !used[j] && fabs(fabs(values[j]) - cut) <= tolerance;
    for (int64_t t = 0; t < k && spare > 0; ++t)
      if (partner[t] < 0 && fabs(fabs(wanted[t]) - cut) <= tolerance) {
        partner[t] = 0;
        --spare;
      }
  }
  for (int64_t t = 0; t < k; ++t)
    if (partner[t] < 0)
      missed[(*missed_count)++] = wanted[t];
done:
  mem_free(partner);
  mem_free(used);
  return st;
}
