/* factor.c: which factorization: without pivoting where a Hermitian matrix may be definite or
 * nearly so and where a general one has a diagonal, else, or when that turns out to be inaccurate,
 * with pivoting. */
#include "factor/factor.h"

#include "base/dtype.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/threads.h"
#include "factor/pivoting.h"
#include "factor/supernodal.h"
#include "formats/matrix.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

struct factor {
  factor_kind kind;
  int64_t n;
  size_t scalar; /* bytes of one */
  int threads;
  double tolerance;
  supernodal *plain; /* without pivoting */
  pivoting *pivoted;
  int is_plain; /* which one holds the factors */
  int refused; /* the former failed at a matrix of that trace: no more below it */
  double refused_trace;
};

speig_status factor_available(void)
{
  return pivoting_available();
}

/* The trace, and whether the diagonal speaks for factors without pivoting: it has no zero, and of a
 * Hermitian matrix one sign. */
static int may_do_without(const speig_matrix *A, factor_kind kind, double *trace)
{
  size_t size = speig_dtype_size(A->dtype);
  int64_t positive = 0, negative = 0;
  *trace = 0;
  for (int64_t i = 0; i < A->rows; ++i)
    for (int64_t e = A->rowptr[i]; e < A->rowptr[i + 1]; ++e)
      if (A->colind[e] == i) {
        double value[2];
        matrix_widen(A->dtype, 1, (const char *)A->values + (size_t)e * size, value);
        positive += value[0] > 0;
        negative += value[0] < 0;
        *trace += value[0];
      }
  if (kind == FACTOR_GENERAL)
    return positive + negative == A->rows && !dtype_is_complex(A->dtype);
  return positive == A->rows || negative == A->rows;
}

static int worth_trying(const factor *F, const speig_matrix *A, double *trace)
{
  int general = F->kind == FACTOR_GENERAL;
  return may_do_without(A, F->kind, trace) &&
         !(F->refused && (general || *trace <= F->refused_trace)) &&
         supernodal_available() == SPEIG_OK;
}

speig_status factor_analyse(const speig_matrix *A, factor_kind kind, factor **out)
{
  speig_status st = SPEIG_OK;
  factor *F = NULL;
  double trace;
  *out = NULL;
  if (A->rows > INT32_MAX / 2)
    FAIL(SPEIG_ERR_UNSUPPORTED, "factorization: order %" PRId64 ", at most %d", A->rows,
         INT32_MAX / 2);
  TRY(MEM_ZARRAY(1, "factorization", &F));
  F->kind = kind;
  F->n = A->rows;
  F->scalar = speig_dtype_size(A->dtype);
  F->threads = threads_resolve(0);
  F->is_plain = worth_trying(F, A, &trace);
  if (F->is_plain)
    TRY(supernodal_analyse(A, F->kind == FACTOR_GENERAL, &F->plain));
  else
    TRY(pivoting_analyse(A, kind, &F->pivoted));
  *out = F;
  F = NULL;
done:
  factor_destroy(&F);
  return st;
}

void factor_set_threads(factor *F, int threads)
{
  F->threads = threads;
}

void factor_set_tolerance(factor *F, double tolerance)
{
  F->tolerance = tolerance;
}

factor_info factor_get_info(const factor *F)
{
  supernodal_facts facts;
  if (F->pivoted) /* there is at most one of both */
    return pivoting_get_info(F->pivoted);
  facts = supernodal_get_facts(F->plain);
  return (factor_info){ .provider = facts.provider,
                        .ordering = facts.ordering,
                        .flops = facts.flops,
                        .entries = facts.entries,
                        .bytes = facts.bytes };
}

speig_status factor_weigh(const speig_matrix *A, const speig_matrix *B, const double shift[2],
                          speig_dtype dtype, factor_kind kind, factor_info *info)
{
  speig_status st = SPEIG_OK;
  speig_matrix *pencil = NULL;
  factor *F = NULL;
  TRY(factor_pencil(A, B, shift, dtype, &pencil));
  TRY(factor_analyse(pencil, kind, &F));
  *info = factor_get_info(F);
done:
  factor_destroy(&F);
  speig_matrix_destroy(&pencil);
  return st;
}

/* Solutions may lose a few digits, which a step of refinement brings back, in general (where there
 * is no inertia to care for) even more; a count stands when the
 * error of the factors, a few units of rounding times their growth, cannot move an eigenvalue
 * across the point. What pivoting itself allows is allowed in any case. */
static int is_accurate(const factor *F, const speig_matrix *A)
{
  const double PIVOTING = 16, UNITS = 8, MOST = 1e7;
  supernodal_facts facts = supernodal_get_facts(F->plain);
  int general = F->kind == FACTOR_GENERAL;
  double eps = dtype_eps(A->dtype), limit = pow(eps, general ? -0.3 : -0.15);
  if (F->tolerance > 0)
    limit = fmin(MOST, F->tolerance / (UNITS * eps * facts.norm));
  if (!general && facts.negative == 0)
    return 1;
  return facts.growth <= fmax(limit, PIVOTING);
}

/* *done_so: the factors are there and accurate. */
static speig_status compute_plain(factor *F, const speig_matrix *A, double trace, int *done_so)
{
  speig_status st = SPEIG_OK;
  int64_t pivot;
  pivoting_destroy(&F->pivoted);
  if (!F->plain)
    TRY(supernodal_analyse(A, F->kind == FACTOR_GENERAL, &F->plain));
  TRY(supernodal_compute(F->plain, A, F->threads, &pivot));
  *done_so = pivot < 0 && is_accurate(F, A);
  if (*done_so)
    goto done;
  F->refused = 1;
  F->refused_trace = trace;
done:
  return st;
}

speig_status factor_compute(factor *F, const speig_matrix *A, int *singular)
{
  speig_status st = SPEIG_OK;
  double trace;
  *singular = F->is_plain = 0;
  if (worth_trying(F, A, &trace))
    TRY(compute_plain(F, A, trace, &F->is_plain));
  if (F->is_plain)
    goto done;
  supernodal_destroy(&F->plain);
  if (!F->pivoted)
    TRY(pivoting_analyse(A, F->kind, &F->pivoted));
  TRY(pivoting_compute(F->pivoted, A, singular));
done:
  return st;
}

speig_status factor_solve(factor *F, int transposed, int32_t p, int64_t ld, void *X)
{
  return factor_solve_to(F, transposed, p, ld, X, ld, X);
}

speig_status factor_solve_to(factor *F, int transposed, int32_t p, int64_t ldr, const void *R,
                             int64_t ldx, void *X)
{
  speig_status st = SPEIG_OK;
  const char *from = R;
  char *to = X;
  if (F->is_plain) {
    TRY(supernodal_solve(F->plain, transposed, p, ldr, R, ldx, X, F->threads));
    goto done;
  }
  for (int32_t j = 0; j < p && from != to; ++j)
    memcpy(to + (size_t)(j * ldx) * F->scalar, from + (size_t)(j * ldr) * F->scalar,
           (size_t)F->n * F->scalar);
  TRY(pivoting_solve(F->pivoted, transposed, p, ldx, X));
done:
  return st;
}

int64_t factor_negative(const factor *F)
{
  return F->is_plain ? supernodal_get_facts(F->plain).negative : pivoting_negative(F->pivoted);
}

void factor_destroy(factor **F)
{
  if (!*F)
    return;
  supernodal_destroy(&(*F)->plain);
  pivoting_destroy(&(*F)->pivoted);
  mem_free(*F);
  *F = NULL;
}
