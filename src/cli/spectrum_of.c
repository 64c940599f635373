/* spectrum_of.c: the values that a picture of the spectrum shows, from where they are. */
#include "source.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static int copy_numbers(int64_t count, const double *from, double **out)
{
  if (!from)
    return CLI_OK;
  int code = CLI_ARRAY(count, "values", out);
  if (code == CLI_OK && count > 0)
    memcpy(*out, from, (size_t)count * sizeof **out);
  return code;
}

static int copy_values(int parts, int32_t count, const double *values, const double *residuals,
                       const double *errors, int32_t unconverged, const double *more, spectrum *out)
{
  int code = CLI_OK;
  out->count = count;
  CLI_TRY(copy_numbers((int64_t)parts * count, values, &out->values));
  CLI_TRY(copy_numbers(count, residuals, &out->residuals));
  CLI_TRY(copy_numbers(count, errors, &out->errors));
  CLI_TRY(copy_numbers((int64_t)parts * unconverged, more, &out->unconverged_values));
  out->unconverged = out->unconverged_values ? unconverged : 0;
done:
  return code;
}

static void put_note(spectrum *out, speig_method method, speig_outcome outcome)
{
  (void)snprintf(out->note, sizeof out->note, "%s, %s", speig_method_name(method),
                 speig_outcome_name(outcome));
}

int spectrum_of_eigsh(const speig_eigsh_result *r, spectrum *out)
{
  out->kind = SPECTRUM_HERMITIAN;
  out->is_single = is_single_type(r->dtype);
  put_note(out, r->method, r->outcome);
  return copy_values(1, r->k, r->values, r->residuals, r->error_bounds, r->unconverged,
                     r->unconverged_values, out);
}

int spectrum_of_eigs(const speig_eigs_result *r, spectrum *out)
{
  out->kind = SPECTRUM_GENERAL;
  out->is_single = is_single_type(r->dtype);
  put_note(out, r->method, r->outcome);
  return copy_values(2, r->k, r->values, r->residuals, r->error_bounds, r->unconverged,
                     r->unconverged_values, out);
}

int spectrum_of_svds(const speig_svds_result *r, spectrum *out)
{
  out->kind = SPECTRUM_SVD;
  out->is_single = is_single_type(r->dtype);
  put_note(out, r->method, r->outcome);
  return copy_values(1, r->k, r->values, r->residuals, r->error_bounds, r->unconverged,
                     r->unconverged_values, out);
}

/* ---- of a matrix, by LAPACK ---- */

static int all_hermitian(const speig_operator *op, int32_t n, int threads, spectrum *out)
{
  speig_eigsh_opts opts = SPEIG_EIGSH_OPTS_INIT;
  speig_eigsh_result *result = NULL;
  opts.k = n;
  opts.which = SPEIG_SA;
  opts.method = SPEIG_DENSE;
  opts.assume_hermitian = 1;
  opts.values_only = 1;
  opts.threads = threads;
  int code = say_status(speig_eigsh(op, NULL, &opts, &result));
  if (code == CLI_OK)
    code = spectrum_of_eigsh(result, out);
  speig_eigsh_result_free(&result);
  return code;
}

static int all_general(const speig_operator *op, int32_t n, int threads, spectrum *out)
{
  speig_eigs_opts opts = SPEIG_EIGS_OPTS_INIT;
  speig_eigs_result *result = NULL;
  opts.k = n;
  opts.method = SPEIG_DENSE;
  opts.values_only = 1;
  opts.threads = threads;
  int code = say_status(speig_eigs(op, NULL, &opts, &result));
  if (code == CLI_OK)
    code = spectrum_of_eigs(result, out);
  speig_eigs_result_free(&result);
  return code;
}

static int all_singular(const speig_operator *op, int32_t n, int threads, spectrum *out)
{
  speig_svds_opts opts = SPEIG_SVDS_OPTS_INIT;
  speig_svds_result *result = NULL;
  opts.k = n;
  opts.method = SPEIG_DENSE;
  opts.vectors = SPEIG_SVDS_NONE;
  opts.threads = threads;
  int code = say_status(speig_svds(op, &opts, &result));
  if (code == CLI_OK)
    code = spectrum_of_svds(result, out);
  speig_svds_result_free(&result);
  return code;
}

int spectrum_of_matrix(cli_matrix *A, int svd, int threads, spectrum *out)
{
  const int64_t shorter = A->info.rows < A->info.cols ? A->info.rows : A->info.cols;
  const int64_t longer = A->info.rows + A->info.cols - shorter;
  const int is_svd = svd || shorter != longer;
  int is_hermitian = 0, code = CLI_OK;
  speig_operator *op = NULL;
  if (shorter < 1)
    CLI_FAIL(CLI_USAGE, "%s is %" PRId64 " x %" PRId64 ": it has no spectrum", A->path,
             A->info.rows, A->info.cols);
  if (longer > SPECTRUM_MOST)
    CLI_FAIL(CLI_USAGE,
             "%s is %" PRId64 " x %" PRId64
             ": the whole spectrum is computed up to order %d; solve "
             "for a part of it with --json=FILE and plot that, or plot --kind dos",
             A->path, A->info.rows, A->info.cols, SPECTRUM_MOST);
  if (!is_svd)
    CLI_TRY(input_classify(A, 0, 0, &is_hermitian));
  CLI_TRY(say_status(speig_operator_from_matrix(A->matrix, &op)));
  code = is_svd         ? all_singular(op, (int32_t)shorter, threads, out)
         : is_hermitian ? all_hermitian(op, (int32_t)shorter, threads, out)
                        : all_general(op, (int32_t)shorter, threads, out);
  out->is_whole = out->count == shorter;
  (void)snprintf(out->file, sizeof out->file, "%s", A->path);
  (void)snprintf(out->note, sizeof out->note, "by LAPACK");
done:
  speig_operator_destroy(&op);
  return code;
}

/* ---- of a log ---- */

/* Finite values with a residual within the tolerance first, the others as not converged. */
int spectrum_of_history(const history_head *head, const history *h, spectrum *out)
{
  const history_record *last = h->count > 0 ? &h->records[h->count - 1] : NULL;
  const double limit = last ? 2 * last->tol * last->norm : 0;
  const int parts = h->has_imaginary || strcmp(head->kind, "general") == 0 ? 2 : 1;
  int code = CLI_OK;
  out->kind = parts == 2                       ? SPECTRUM_GENERAL
              : strcmp(head->kind, "svd") == 0 ? SPECTRUM_SVD
                                               : SPECTRUM_HERMITIAN;
  CLI_TRY(CLI_ARRAY(2 * (int64_t)h->last_count, "values", &out->values));
  CLI_TRY(CLI_ARRAY(h->last_count, "residuals", &out->residuals));
  CLI_TRY(CLI_ARRAY(2 * (int64_t)h->last_count, "values", &out->unconverged_values));
  for (int32_t i = 0; i < h->last_count; ++i) {
    const double *value = h->last_values + 2 * (size_t)i;
    int is_good = h->last_residuals[i] <= limit;
    if (!isfinite(value[0]) || !isfinite(value[1]))
      continue;
    double *to = is_good ? out->values + (size_t)parts * (size_t)out->count
                         : out->unconverged_values + (size_t)parts * (size_t)out->unconverged;
    to[0] = value[0];
    if (parts == 2)
      to[1] = value[1];
    if (is_good)
      out->residuals[out->count++] = h->last_residuals[i];
    else
      ++out->unconverged;
  }
  out->has_sigma = head->has_sigma;
  out->sigma[0] = head->sigma[0];
  out->sigma[1] = head->sigma[1];
  out->is_single = strcmp(head->dtype, "s") == 0 || strcmp(head->dtype, "c") == 0;
  (void)snprintf(out->file, sizeof out->file, "%s", head->file);
  (void)snprintf(out->note, sizeof out->note, "%s, %s", head->which,
                 head->status[0] ? head->status : "as the log ends");
done:
  return code;
}
