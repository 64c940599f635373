/* report_shared.c: what results of every kind print alike. */
#include "report.h"

#include <inttypes.h>

void report_head(FILE *out, const cli_matrix *A)
{
  fprintf(out, "%s: %s %s, %" PRId64 " x %" PRId64 ", %" PRId64 " entries", A->path,
          field_name(A->header.field), symmetry_name(A->header.symmetry), A->info.rows,
          A->info.cols, A->info.nnz);
}

void report_last_line(FILE *out, const report_run *run)
{
  fprintf(out, "%s: %d of %d %s (%s); %" PRId64 " products, ", speig_outcome_name(run->outcome),
          run->found, run->wanted, run->noun, speig_reason_name(run->reason), run->products);
  if (run->solves > 0)
    fprintf(out, "%" PRId64 " solves, ", run->solves);
  fprintf(out, "%.3f s\n", run->seconds);
}

void report_json_end(json_writer *w, const report_times *times)
{
  json_open(w, "seconds");
  json_real(w, "read", times->read);
  json_real(w, "setup", times->setup);
  json_real(w, "solve", times->solve);
  json_real(w, "certify", times->certify);
  json_close(w);
  json_int(w, "memory_bytes", (int64_t)times->memory_bytes);
  json_close(w);
}

void report_plan_body(FILE *out, const report_plan *plan, const char *basis)
{
  fprintf(out, "method    %s on %s\n", speig_method_name(plan->method),
          speig_device_name(plan->device));
  fprintf(out, "why       %s\n", plan->why);
  if (plan->ncv > 0)
    fprintf(out, "basis     %d %s\n", plan->ncv, basis);
  fprintf(out, "limits    tol %.2e, at most %" PRId64 " products\n", plan->tol, plan->max_matvecs);
  fprintf(out, "cost      %.3g MiB, %.3g flops per step\n", (double)plan->memory_bytes / 1048576,
          plan->flops_per_step);
}
