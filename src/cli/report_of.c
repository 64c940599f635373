/* report_of.c: results and plans of every call, seen as one form. */
#include "report.h"

#include <math.h>

static const char *const transforms[] = { "none", "shift", "mass" };

report_result report_of_eigsh(const speig_eigsh_result *r)
{
  return (report_result){
    .kind = "hermitian",
    .n = r->n,
    .k = r->k,
    .wanted = r->wanted,
    .parts = 1,
    .dtype = r->dtype,
    .outcome = r->outcome,
    .reason = r->reason,
    .method = r->method,
    .device = r->device,
    .values = r->values,
    .residuals = r->residuals,
    .relative_residuals = r->relative_residuals,
    .error_bounds = r->error_bounds,
    .worst_condition = NAN,
    .moved = NAN,
    .orthogonality = r->orthogonality,
    .norm_a = r->norm_a,
    .norm_b = r->norm_b,
    .tol = r->tol,
    .precond_dropped = r->precond_dropped,
    .unconverged = r->unconverged,
    .unconverged_values = r->unconverged_values,
    .unconverged_residuals = r->unconverged_residuals,
    .infinite = r->infinite,
    .solves = r->solves,
    .transform = transforms[r->transform],
    .shift = r->transform == SPEIG_TRANSFORM_SHIFT ? &r->shift : NULL,
    .interval = r->interval,
    .proven = r->proven,
    .estimate = r->estimate,
    .estimate_error = r->estimate_error,
    .factorizations = r->factorizations,
    .matvecs = r->matvecs,
    .matvecs_b = r->matvecs_b,
    .precond_applies = r->precond_applies,
    .restarts = r->restarts,
    .seconds_setup = r->seconds_setup,
    .seconds_solve = r->seconds_solve,
    .seconds_certify = r->seconds_certify,
    .memory_bytes = r->memory_bytes,
    .seed = r->seed,
    .threads = r->threads,
    .saved = { r->resumed, r->checkpoints, r->checkpoint_failure, r->method },
  };
}

report_result report_of_eigs(const speig_eigs_result *r)
{
  return (report_result){
    .kind = "general",
    .n = r->n,
    .k = r->k,
    .wanted = r->wanted,
    .parts = 2,
    .dtype = r->dtype,
    .outcome = r->outcome,
    .reason = r->reason,
    .method = r->method,
    .device = r->device,
    .values = r->values,
    .residuals = r->residuals,
    .relative_residuals = r->relative_residuals,
    .error_bounds = r->error_bounds,
    .conditions = r->conditions,
    .worst_condition = r->worst_condition,
    .moved = r->moved,
    .estimate = NAN,
    .estimate_error = NAN,
    .left_residuals = r->left_residuals,
    .orthogonality = NAN,
    .norm_a = r->norm_a,
    .norm_b = r->norm_b,
    .tol = r->tol,
    .balanced = r->balanced,
    .infinite = r->infinite,
    .unconverged = r->unconverged,
    .unconverged_values = r->unconverged_values,
    .unconverged_residuals = r->unconverged_residuals,
    .solves = r->solves,
    .transform = transforms[r->transform],
    .shift = r->transform == SPEIG_TRANSFORM_SHIFT ? r->shift : NULL,
    .factorizations = r->factorizations,
    .matvecs = r->matvecs,
    .matvecs_b = r->matvecs_b,
    .matvecs_adjoint = r->matvecs_adjoint,
    .restarts = r->restarts,
    .seconds_setup = r->seconds_setup,
    .seconds_solve = r->seconds_solve,
    .seconds_certify = r->seconds_certify,
    .memory_bytes = r->memory_bytes,
    .seed = r->seed,
    .threads = r->threads,
    .saved = { r->resumed, r->checkpoints, r->checkpoint_failure, r->method },
  };
}

report_plan report_plan_of_eigsh(const speig_eigsh_plan *p)
{
  return (report_plan){ .kind = "hermitian",
                        .why = p->why,
                        .method = p->method,
                        .device = p->device,
                        .n = p->n,
                        .max_matvecs = p->max_matvecs,
                        .k = p->k,
                        .ncv = p->ncv,
                        .tol = p->tol,
                        .flops_per_step = p->flops_per_step,
                        .transform = transforms[p->transform],
                        .factor_flops = p->factor_flops,
                        .factor_bytes = p->factor_bytes,
                        .memory_bytes = p->memory_bytes };
}

report_plan report_plan_of_eigs(const speig_eigs_plan *p)
{
  return (report_plan){ .kind = "general",
                        .transform = transforms[p->transform],
                        .why = p->why,
                        .method = p->method,
                        .device = p->device,
                        .n = p->n,
                        .max_matvecs = p->max_matvecs,
                        .k = p->k,
                        .ncv = p->ncv,
                        .tol = p->tol,
                        .flops_per_step = p->flops_per_step,
                        .memory_bytes = p->memory_bytes };
}
