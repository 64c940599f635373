/* resume.c: what the calls do about checkpoints: which options exclude each other, which problem it
 * is, how far the limits reach, and what the result tells. */
#include "solvers/resume.h"

#include "base/error.h"
#include "solvers/run.h"
#include "solvers/run_eigs.h"
#include "solvers/run_svds.h"

#include <stdio.h>
#include <string.h>

speig_status resume_check(const char *path, const char *resume, speig_method method,
                          const speig_block *guess)
{
  speig_status st = SPEIG_OK;
  if (method == SPEIG_DENSE && (path || resume))
    FAIL(SPEIG_ERR_UNSUPPORTED,
         "%s with method dense: LAPACK solves in one go, from which nothing can go on",
         path ? "a checkpoint" : "resume");
  REQUIRE(!resume || !guess || guess->cols == 0,
          "resume and guess exclude each other: a solve begins with one of them");
done:
  return st;
}

void resume_method(const checkpoint *c, speig_method *method)
{
  if (c && c->has_file && *method == SPEIG_METHOD_AUTO && c->file_mark.asked == c->file_mark.method)
    *method = c->file_mark.asked; /* else it was left to auto there, too */
}

int resume_replans(const checkpoint *c, speig_method planned, speig_method *method)
{
  if (!c || !c->has_file || planned == c->file_mark.method || *method != SPEIG_METHOD_AUTO)
    return 0;
  *method = c->file_mark.method;
  return 1;
}

/* The limit is that of this call, counted from where the others ended. */
static void reach_on(checkpoint *c, int64_t *max_matvecs)
{
  *max_matvecs += c->products;
  c->allowed = *max_matvecs;
}

static fingerprint common_mark(const char *kind, const backend *be, speig_method asked,
                               speig_method planned)
{
  fingerprint mark = { .dtype = (int32_t)be->ops->dtype, .asked = asked, .method = planned };
  (void)snprintf(mark.kind, sizeof mark.kind, "%s", kind);
  return mark;
}

speig_status resume_eigsh(eigsh_run *run)
{
  speig_status st = SPEIG_OK;
  const speig_eigsh_opts *o = &run->opts;
  fingerprint mark;
  if (!run->checkpoint)
    return st;
  mark = common_mark("hermitian", run->be, o->method, run->plan.method);
  mark.which = (int32_t)o->which;
  mark.mode = (int32_t)o->mode;
  mark.has_sigma = o->has_sigma;
  mark.sigma[0] = o->has_sigma ? o->sigma : 0;
  mark.deflated = run->constraints.p;
  mark.deflation = run->deflation;
  TRY(operator_fingerprint(run->bound_a, &mark.A));
  TRY(operator_fingerprint(run->bound_b, &mark.B));
  TRY(checkpoint_identify(run->checkpoint, &mark));
  reach_on(run->checkpoint, &run->plan.max_matvecs);
done:
  return st;
}

speig_status resume_eigs(eigs_run *run)
{
  speig_status st = SPEIG_OK;
  const speig_eigs_opts *o = &run->opts;
  fingerprint mark;
  if (!run->checkpoint)
    return st;
  mark = common_mark("general", run->be, o->method, run->plan.method);
  mark.which = (int32_t)o->which;
  mark.part = (int32_t)o->part;
  mark.has_sigma = o->has_sigma;
  memcpy(mark.sigma, o->sigma, sizeof mark.sigma);
  TRY(operator_fingerprint(run->bound_a, &mark.A));
  TRY(operator_fingerprint(run->bound_b, &mark.B));
  TRY(checkpoint_identify(run->checkpoint, &mark));
  reach_on(run->checkpoint, &run->plan.max_matvecs);
done:
  return st;
}

speig_status resume_svds(svds_run *run)
{
  speig_status st = SPEIG_OK;
  const speig_svds_opts *o = &run->opts;
  fingerprint mark;
  if (!run->checkpoint)
    return st;
  mark = common_mark("svd", run->be, o->method, run->plan.method);
  mark.which = (int32_t)o->which;
  TRY(operator_fingerprint(run->bound_a, &mark.A));
  TRY(checkpoint_identify(run->checkpoint, &mark));
  reach_on(run->checkpoint, &run->plan.max_matvecs);
done:
  return st;
}

double resume_bytes(const speig_operator *A, int32_t k)
{
  double longer = (double)(A->rows > A->n ? A->rows : A->n);
  return (double)speig_dtype_size(A->dtype) * longer * (2.0 * k + 2) + 0x1p20;
}

void resume_tell(const checkpoint *c, speig_resumed *resumed, int32_t *checkpoints, char *failure,
                 size_t size)
{
  *resumed = c ? c->resumed : SPEIG_RESUMED_NONE;
  *checkpoints = c ? c->written : 0;
  (void)snprintf(failure, size, "%s", c ? c->failure : "");
}
