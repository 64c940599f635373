/* fingerprint.c: which problem a checkpoint belongs to: shapes, checksums of the entries, and what
 * was asked for; of a function, how long its product with a fixed vector is. */
#include "solvers/fingerprint.h"

#include "base/error.h"
#include "base/memory.h"
#include "formats/matrix.h"
#include "speig/eigs.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static void print_matrix(const speig_matrix *A, operator_print *out)
{
  size_t scalar = speig_dtype_size(A->dtype);
  out->nnz = A->nnz;
  out->structure = state_checksum(0, A->rowptr, ((size_t)A->rows + 1) * sizeof *A->rowptr);
  out->structure = state_checksum(out->structure, A->colind, (size_t)A->nnz * sizeof *A->colind);
  out->values = state_checksum(0, A->values, (size_t)A->nnz * scalar);
}

/* ||A x|| for random numbers that are always the same ones. */
static speig_status sample(bound_operator *bound, double *length)
{
  const uint64_t seed = UINT64_C(0x5EED0FA5A11B1E55);
  speig_status st = SPEIG_OK;
  multivec x = { 0 }, y = { 0 };
  TRY(mv_alloc(bound->be, operator_cols(bound), 1, "sample", &x));
  TRY(mv_alloc(bound->be, operator_rows(bound), 1, "sample", &y));
  TRY(mv_fill_random(seed, &x));
  TRY(operator_apply(bound, &x, &y));
  TRY(mv_norms(&y, length));
done:
  mv_free(&x);
  mv_free(&y);
  return st;
}

speig_status operator_fingerprint(bound_operator *bound, operator_print *out)
{
  speig_status st = SPEIG_OK;
  const speig_operator *op = bound ? bound->op : NULL;
  matrix_copy copy = { 0 };
  *out = (operator_print){ 0 };
  if (!op)
    return st;
  out->rows = op->rows;
  out->cols = op->n;
  switch (op->kind) {
  case OPERATOR_MATRIX:
    print_matrix(op->matrix, out);
    break;
  case OPERATOR_DEVICE_MATRIX:
    TRY(operator_fetch_matrix(bound->be, op, &copy));
    print_matrix(copy.matrix, out);
    break;
  case OPERATOR_DIAGONAL:
    out->nnz = op->n;
    out->values = state_checksum(0, op->diagonal, (size_t)op->n * sizeof *op->diagonal);
    break;
  default:
    out->nnz = -1;
    TRY(sample(bound, &out->sample));
  }
done:
  operator_drop_copy(&copy);
  return st;
}

speig_status block_fingerprint(const multivec *X, uint32_t *out)
{
  speig_status st = SPEIG_OK;
  size_t scalar = speig_dtype_size(X->be->ops->dtype);
  void *column = NULL;
  *out = 0;
  if (X->p > 0)
    TRY(mem_alloc(X->n, scalar, "column", &column));
  for (int32_t j = 0; j < X->p; ++j) {
    multivec x = mv_columns(X, j, 1);
    TRY(mv_download(&x, column, x.n));
    *out = state_checksum(*out, column, (size_t)x.n * scalar);
  }
done:
  mem_free(column);
  return st;
}

static speig_status compare_operators(const char *path, const char *name,
                                      const operator_print *file, const operator_print *here)
{
  speig_status st = SPEIG_OK;
  const double rounding = 1e-3; /* another device, another order of sums */
  double larger = fmax(fabs(file->sample), fabs(here->sample));
  REQUIRE(file->rows == here->rows && file->cols == here->cols,
          "the checkpoint %s belongs to another problem: its %s is %" PRId64 " x %" PRId64
          ", this one %" PRId64 " x %" PRId64,
          path, name, file->rows, file->cols, here->rows, here->cols);
  REQUIRE(file->nnz == here->nnz,
          "the checkpoint %s belongs to another problem: its %s has %" PRId64
          " entries, this one %" PRId64 "%s",
          path, name, file->nnz, here->nnz,
          file->nnz < 0 || here->nnz < 0 ? " (-1: a function)" : "");
  REQUIRE(file->structure == here->structure,
          "the checkpoint %s belongs to another problem: the entries of its %s are in other places "
          "(checksum %08" PRIx32 ", needed %08" PRIx32 ")",
          path, name, file->structure, here->structure);
  REQUIRE(file->values == here->values,
          "the checkpoint %s belongs to another problem: the entries of its %s have other values "
          "(checksum %08" PRIx32 ", needed %08" PRIx32 ")",
          path, name, file->values, here->values);
  REQUIRE(fabs(file->sample - here->sample) <= rounding * larger,
          "the checkpoint %s belongs to another problem: a product with its %s has length %g, with "
          "this one %g",
          path, name, file->sample, here->sample);
done:
  return st;
}

static const char *which_name(const fingerprint *mark)
{
  return strcmp(mark->kind, "general") == 0 ? speig_eigs_which_name((speig_eigs_which)mark->which)
                                            : speig_which_name((speig_which)mark->which);
}

static void sigma_text(const fingerprint *mark, char *text, size_t size)
{
  if (!mark->has_sigma)
    (void)snprintf(text, size, "none");
  else if (mark->sigma[1] != 0)
    (void)snprintf(text, size, "%.17g%+.17gi", mark->sigma[0], mark->sigma[1]);
  else
    (void)snprintf(text, size, "%.17g", mark->sigma[0]);
}

static speig_status compare_wishes(const char *path, const fingerprint *file,
                                   const fingerprint *here)
{
  speig_status st = SPEIG_OK;
  char there[64], wanted[64];
  sigma_text(file, there, sizeof there);
  sigma_text(here, wanted, sizeof wanted);
  REQUIRE(file->which == here->which, "the checkpoint %s is of a solve for which %s, needed is %s",
          path, which_name(file), which_name(here));
  REQUIRE(strcmp(there, wanted) == 0, "the checkpoint %s is of a solve with sigma %s, needed is %s",
          path, there, wanted);
  REQUIRE(file->mode == here->mode, "the checkpoint %s is of a solve in mode %s, needed is %s",
          path, speig_mode_name((speig_mode)file->mode), speig_mode_name((speig_mode)here->mode));
  REQUIRE(file->part == here->part,
          "the checkpoint %s is of a solve with part %d of a complex shift, needed is %d", path,
          file->part, here->part);
  REQUIRE(file->deflated == here->deflated && file->deflation == here->deflation,
          "the checkpoint %s is of a solve with %" PRId64 " vectors deflated (checksum %08" PRIx32
          "), needed are %" PRId64 " (%08" PRIx32 ")",
          path, file->deflated, file->deflation, here->deflated, here->deflation);
done:
  return st;
}

speig_status fingerprint_compare(const char *path, const fingerprint *file, const fingerprint *here)
{
  speig_status st = SPEIG_OK;
  REQUIRE(strcmp(file->kind, here->kind) == 0,
          "the checkpoint %s is of a %s problem, this one is %s", path, file->kind, here->kind);
  REQUIRE(file->dtype == here->dtype,
          "the checkpoint %s holds vectors of type %s, this solve works in %s", path,
          speig_dtype_name((speig_dtype)file->dtype), speig_dtype_name((speig_dtype)here->dtype));
  TRY(compare_operators(path, "matrix", &file->A, &here->A));
  TRY(compare_operators(path, "B", &file->B, &here->B));
  TRY(compare_wishes(path, file, here));
  REQUIRE(file->method == here->method,
          "the checkpoint %s was made by method %s, from which %s cannot go on", path,
          speig_method_name(file->method), speig_method_name(here->method));
done:
  return st;
}

static speig_status archive_print(archive *a, operator_print *print)
{
  speig_status st = SPEIG_OK;
  TRY(archive_int64(a, "rows", &print->rows));
  TRY(archive_int64(a, "columns", &print->cols));
  TRY(archive_int64(a, "entries", &print->nnz));
  TRY(archive_bytes(a, "structure", &print->structure, sizeof print->structure));
  TRY(archive_bytes(a, "values", &print->values, sizeof print->values));
  TRY(archive_real(a, "sample", &print->sample));
done:
  return st;
}

/* Words are looked up in tables by these numbers. */
static speig_status expect_words(archive *a, const fingerprint *mark)
{
  speig_status st = SPEIG_OK;
  TRY(archive_expect(a, "type", mark->dtype, 0, 3));
  TRY(archive_expect(a, "which", mark->which, 0, SPEIG_EIGS_SI));
  TRY(archive_expect(a, "mode", mark->mode, 0, SPEIG_MODE_CAYLEY));
  TRY(archive_expect(a, "asked", (int64_t)mark->asked, 0, SPEIG_FILTER));
  TRY(archive_expect(a, "method", (int64_t)mark->method, 0, SPEIG_FILTER));
done:
  return st;
}

speig_status archive_fingerprint(archive *a, fingerprint *mark)
{
  speig_status st = SPEIG_OK;
  int asked = (int)mark->asked, method = (int)mark->method;
  TRY(archive_bytes(a, "kind", mark->kind, sizeof mark->kind));
  mark->kind[sizeof mark->kind - 1] = 0;
  TRY(archive_int32(a, "type", &mark->dtype));
  TRY(archive_int32(a, "which", &mark->which));
  TRY(archive_int32(a, "mode", &mark->mode));
  TRY(archive_int32(a, "part", &mark->part));
  TRY(archive_int32(a, "has sigma", &mark->has_sigma));
  TRY(archive_reals(a, "sigma", 2, mark->sigma));
  TRY(archive_int(a, "asked", &asked));
  TRY(archive_int(a, "method", &method));
  mark->asked = (speig_method)asked;
  mark->method = (speig_method)method;
  TRY(archive_print(a, &mark->A));
  TRY(archive_print(a, &mark->B));
  TRY(archive_int64(a, "deflated", &mark->deflated));
  TRY(archive_bytes(a, "deflation", &mark->deflation, sizeof mark->deflation));
  TRY(expect_words(a, mark));
done:
  return st;
}
