/* report_svds.c: prints singular values and the plans for them. The JSON is described in the man
 * page. */
#include "report_svds.h"

#include "numbers.h"

#include <inttypes.h>

static const char *which_word(speig_which which)
{
  return which == SPEIG_SM ? "smallest" : "largest";
}

static void status(FILE *out, const speig_svds_result *result)
{
  const report_run run = { .noun = "triplets",
                           .found = result->k,
                           .wanted = result->wanted,
                           .outcome = result->outcome,
                           .reason = result->reason,
                           .products = result->matvecs + result->adjoint_matvecs,
                           .solves = result->solves,
                           .seconds = result->seconds_setup + result->seconds_solve +
                                      result->seconds_certify };
  report_last_line(out, &run);
}

void svds_report_text(FILE *out, const svds_report *r, int rows_only)
{
  const speig_svds_result *result = r->result;
  const int is_single = is_single_type(result->dtype);
  const number_format format =
      number_format_for(result->k, result->values, is_single, result->norm);
  if (!rows_only) {
    report_head(out, r->A);
    fprintf(out, "; %d %s singular values, %s, %s, %s\n", r->k, which_word(r->which),
            speig_method_name(result->method), is_single ? "single" : "double",
            speig_device_name(result->device));
    fprintf(out, "%5s %24s %12s %12s %12s\n", "#", "singular value", "|A v - s u|", "|A'u - s v|",
            "error bound");
  }
  for (int32_t i = 0; i < result->k; ++i) {
    fprintf(out, "%5d ", i + 1);
    number_print(out, format, 24, result->values[i]);
    fprintf(out, " %12.1e %12.1e %12.1e\n", result->residuals[i], result->adjoint_residuals[i],
            result->error_bounds[i]);
  }
  if (!rows_only)
    status(out, result);
}

void svds_report_values(FILE *out, const svds_report *r)
{
  for (int32_t i = 0; i < r->result->k; ++i)
    fprintf(out, "%.17g\n", r->result->values[i]);
}

void svds_report_csv(FILE *out, const svds_report *r)
{
  const speig_svds_result *result = r->result;
  fputs("index,singular_value,residual,adjoint_residual,relative_residual,error_bound\n", out);
  for (int32_t i = 0; i < result->k; ++i)
    fprintf(out, "%d,%.17g,%.17g,%.17g,%.17g,%.17g\n", i + 1, result->values[i],
            result->residuals[i], result->adjoint_residuals[i], result->relative_residuals[i],
            result->error_bounds[i]);
}

/* ---- JSON ---- */

const report_member svds_report_members[] = {
  { "problem", "kind (svd), k and which as asked for" },
  { "method", "golub-kahan or dense" },
  { "wanted", "k, or the smaller of rows and columns" },
  { "converged", "triplets that meet the tolerance, all of them listed here" },
  { "singular_values", "best first: descending for LM, ascending for SM" },
  { "residuals", "|A v - s u|, recomputed at the end" },
  { "adjoint_residuals", "|A^H u - s v|, likewise" },
  { "relative_residuals", "the larger of the two over |A| + s" },
  { "error_bounds", "a singular value is at most so far away" },
  { "orthogonality", "largest entry of |U^H U - I| and |V^H V - I|" },
  { "unconverged_values", "singular values that did not get there, for what they are worth" },
  { "unconverged_residuals", "the larger of their two residuals" },
  { "norm", "the estimate of |A| that tol is relative to" },
  { "left_vectors", "file they were written to, null when none" },
  { "right_vectors", "the same" },
  { "adjoint_matvecs", "products with the adjoint of A, counted by columns" },
  { "solves", "with a factorization, counted by columns" },
  { "factorizations", "of A, or of an augmented matrix that stands for it" },
  { NULL, NULL },
};

static void json_problem(json_writer *w, const svds_report *r)
{
  input_json(w, "matrix", r->A);
  json_open(w, "problem");
  json_text(w, "kind", "svd");
  json_int(w, "k", r->k);
  json_text(w, "which", speig_which_name(r->which));
  json_close(w);
}

void svds_report_json(FILE *out, const svds_report *r)
{
  const speig_svds_result *result = r->result;
  json_writer w = { .out = out };
  json_open(&w, NULL);
  json_text(&w, "speig", speig_version());
  json_problem(&w, r);
  json_text(&w, "method", speig_method_name(result->method));
  json_text(&w, "device", speig_device_name(result->device));
  json_text(&w, "dtype", speig_dtype_name(result->dtype));
  json_text(&w, "status", speig_outcome_name(result->outcome));
  json_text(&w, "reason", speig_reason_name(result->reason));
  json_int(&w, "wanted", result->wanted);
  json_int(&w, "converged", result->k);
  json_reals(&w, "singular_values", result->k, result->values);
  json_reals(&w, "residuals", result->k, result->residuals);
  json_reals(&w, "adjoint_residuals", result->k, result->adjoint_residuals);
  json_reals(&w, "relative_residuals", result->k, result->relative_residuals);
  json_reals(&w, "error_bounds", result->k, result->error_bounds);
  json_real(&w, "orthogonality", result->orthogonality);
  json_reals(&w, "unconverged_values", result->unconverged, result->unconverged_values);
  json_reals(&w, "unconverged_residuals", result->unconverged, result->unconverged_residuals);
  json_real(&w, "norm", result->norm);
  json_real(&w, "tol", result->tol);
  json_text(&w, "left_vectors", r->left);
  json_text(&w, "right_vectors", r->right);
  json_int(&w, "matvecs", result->matvecs);
  json_int(&w, "adjoint_matvecs", result->adjoint_matvecs);
  json_int(&w, "solves", result->solves);
  json_int(&w, "factorizations", result->factorizations);
  json_int(&w, "restarts", result->restarts);
  json_uint(&w, "seed", result->seed);
  json_int(&w, "threads", result->threads);
  report_json_end(&w,
                  &(report_times){ r->seconds_read, result->seconds_setup, result->seconds_solve,
                                   result->seconds_certify, result->memory_bytes });
}

/* ---- plans ---- */

void svds_report_plan_text(FILE *out, const svds_report *r, const speig_svds_plan *plan)
{
  fprintf(out, "problem   %s, %" PRId64 " x %" PRId64 ", %d %s singular values\n", r->A->path,
          plan->rows, plan->cols, plan->k, which_word(r->which));
  report_plan_body(out,
                   &(report_plan){ .method = plan->method,
                                   .device = plan->device,
                                   .why = plan->why,
                                   .ncv = plan->ncv,
                                   .tol = plan->tol,
                                   .max_matvecs = plan->max_matvecs,
                                   .memory_bytes = plan->memory_bytes,
                                   .flops_per_step = plan->flops_per_step },
                   "vectors on each side");
}

void svds_report_plan_json(FILE *out, const svds_report *r, const speig_svds_plan *plan)
{
  json_writer w = { .out = out };
  json_open(&w, NULL);
  json_text(&w, "speig", speig_version());
  json_problem(&w, r);
  json_open(&w, "plan");
  json_text(&w, "method", speig_method_name(plan->method));
  json_text(&w, "device", speig_device_name(plan->device));
  json_text(&w, "why", plan->why);
  json_int(&w, "rows", plan->rows);
  json_int(&w, "cols", plan->cols);
  json_int(&w, "k", plan->k);
  json_int(&w, "ncv", plan->ncv);
  json_real(&w, "tol", plan->tol);
  json_int(&w, "max_matvecs", plan->max_matvecs);
  json_int(&w, "memory_bytes", (int64_t)plan->memory_bytes);
  json_real(&w, "flops_per_step", plan->flops_per_step);
  json_close(&w);
  json_close(&w);
}
