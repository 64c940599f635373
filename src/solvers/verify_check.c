/* verify_check.c: what the verifiers ask of their callers, and the report that they fill. */
#include "solvers/verify.h"

#include "base/dtype.h"
#include "base/error.h"
#include "base/memory.h"

#include <inttypes.h>
#include <math.h>

/* Square, finite entries. */
static speig_status check_matrix(const speig_matrix *A, const char *name)
{
  speig_status st = SPEIG_OK;
  speig_matrix_info info = speig_matrix_get_info(A);
  speig_matrix_stats stats;
  REQUIRE(info.rows == info.cols, "%s is %" PRId64 " x %" PRId64 ", needed: square", name,
          info.rows, info.cols);
  TRY(speig_matrix_get_stats(A, &stats));
  if (stats.nonfinite > 0)
    FAIL(SPEIG_ERR_NUMERIC,
         "%s has %" PRId64 " entries that are NaN or Inf, the first in row %" PRId64
         ", column %" PRId64,
         name, stats.nonfinite, stats.first_nonfinite_row + 1, stats.first_nonfinite_col + 1);
done:
  return st;
}

static speig_status check_sizes(const speig_matrix *A, const speig_matrix *B, int32_t k,
                                const double *values, const speig_block *vectors)
{
  speig_status st = SPEIG_OK;
  int64_t n;
  REQUIRE(A, "A is NULL");
  n = speig_matrix_get_info(A).rows;
  REQUIRE(!B || speig_matrix_get_info(B).rows == n, "A has %" PRId64 " rows, B has %" PRId64, n,
          speig_matrix_get_info(B).rows);
  REQUIRE(k >= 0, "k = %" PRId32 ", needed: at least 0", k);
  REQUIRE(values || k == 0, "values is NULL");
  if (vectors) {
    REQUIRE(dtype_valid(vectors->dtype), "the vectors have an unknown dtype %d",
            (int)vectors->dtype);
    REQUIRE(vectors->device != SPEIG_CUDA,
            "the vectors are in device memory, host memory needed (speig_copy)");
    REQUIRE(vectors->rows == n, "the vectors have %" PRId64 " rows, A has %" PRId64, vectors->rows,
            n);
    REQUIRE(vectors->cols >= k, "%" PRId64 " vectors for k = %" PRId32 " values", vectors->cols, k);
    REQUIRE(vectors->ld >= n, "the vectors have ld = %" PRId64 ", needed: at least %" PRId64,
            vectors->ld, n);
    REQUIRE(vectors->data || n == 0 || k == 0, "the vectors have no data");
  }
done:
  return st;
}

speig_status verify_check(const speig_matrix *A, const speig_matrix *B, int32_t k,
                          const double *values, const speig_block *vectors,
                          const speig_verify_opts *opts)
{
  speig_status st = SPEIG_OK;
  REQUIRE(opts->size == sizeof *opts,
          "verify options of %zu bytes, needed: %zu (use the INIT macro)", opts->size,
          sizeof *opts);
  REQUIRE(opts->tol >= 0, "tol = %g, needed: at least 0", opts->tol);
  REQUIRE(opts->which >= SPEIG_LM && opts->which <= SPEIG_BE, "unknown which = %d",
          (int)opts->which);
  REQUIRE((unsigned)opts->general_which <= SPEIG_EIGS_SI, "unknown general_which = %d",
          (int)opts->general_which);
  TRY(check_sizes(A, B, k, values, vectors));
  TRY(check_matrix(A, "A"));
  if (B)
    TRY(check_matrix(B, "B"));
done:
  return st;
}

speig_status verify_report_alloc(int32_t k, speig_verify_report **out)
{
  speig_status st = SPEIG_OK;
  speig_verify_report *r = NULL;
  TRY(MEM_ZARRAY(1, "verification report", &r));
  r->k = k;
  r->missed = -1;
  r->orthogonality = NAN;
  TRY(MEM_ZARRAY(k, "verdicts", &r->verdicts));
  TRY(MEM_ARRAY(k, "residuals", &r->residuals));
  TRY(MEM_ARRAY(k, "relative residuals", &r->relative_residuals));
  TRY(MEM_ARRAY(k, "Rayleigh quotients", &r->rayleigh));
  TRY(MEM_ARRAY(k, "errors of values", &r->errors));
  TRY(MEM_ARRAY(k, "residuals of the adjoint", &r->adjoint_residuals));
  for (int32_t j = 0; j < k; ++j) {
    r->residuals[j] = r->relative_residuals[j] = r->rayleigh[j] = r->errors[j] = NAN;
    r->adjoint_residuals[j] = NAN;
  }
  *out = r;
  r = NULL;
done:
  speig_verify_report_free(&r);
  return st;
}

void speig_verify_report_free(speig_verify_report **report)
{
  if (!report || !*report)
    return;
  mem_free((*report)->verdicts);
  mem_free((*report)->residuals);
  mem_free((*report)->relative_residuals);
  mem_free((*report)->rayleigh);
  mem_free((*report)->errors);
  mem_free((*report)->missed_values);
  mem_free((*report)->adjoint_residuals);
  mem_free(*report);
  *report = NULL;
}
