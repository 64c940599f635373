/* result_svds_alloc.c: the memory of a result of speig_svds: arrays on the host, vectors there or
 * in the memory of the context that the solve ran in. */
#include "backend/block_call.h"
#include "base/error.h"
#include "base/memory.h"
#include "solvers/run_svds.h"

/* What the caller holds, and what its vectors need when they stay on a device. */
typedef struct result_box {
  speig_svds_result result; /* first: the caller's pointer leads here */
  speig_context *ctx; /* held; NULL when the vectors are on the host */
} result_box;

static speig_status alloc_vectors(const svds_run *run, int64_t rows, int32_t count, int wanted,
                                  speig_block *out)
{
  *out = (speig_block){
    .dtype = run->A->dtype, .rows = rows, .cols = count, .ld = rows > 0 ? rows : 1
  };
  return wanted ? mem_alloc(rows * (int64_t)count, speig_dtype_size(run->A->dtype),
                            "result vectors", &out->data)
                : SPEIG_OK;
}

/* The same in the context's memory. */
static speig_status alloc_there(const svds_run *run, int64_t rows, int32_t count, int wanted,
                                speig_block *out)
{
  speig_status st = SPEIG_OK;
  multivec there;
  TRY(alloc_vectors(run, rows, count, 0, out));
  if (!wanted)
    goto done;
  TRY(mv_alloc(run->be, rows, count, "result vectors", &there));
  out->data = there.data;
  out->ld = there.ld;
  out->device = block_device(run->be);
done:
  return st;
}

static speig_status alloc_results(const svds_run *run, int32_t count, result_box *box)
{
  speig_status st = SPEIG_OK;
  speig_svds_vectors vectors = run->opts.vectors;
  int left = vectors == SPEIG_SVDS_BOTH || vectors == SPEIG_SVDS_LEFT;
  int right = vectors == SPEIG_SVDS_BOTH || vectors == SPEIG_SVDS_RIGHT;
  if (run->vectors_there) {
    box->ctx = run->ctx;
    context_retain(box->ctx);
  }
  TRY((run->vectors_there ? alloc_there : alloc_vectors)(run, run->A->rows, count, left,
                                                         &box->result.left));
  TRY((run->vectors_there ? alloc_there : alloc_vectors)(run, run->A->n, count, right,
                                                         &box->result.right));
done:
  return st;
}

speig_status svds_result_alloc(const svds_run *run, int32_t count, int32_t rest,
                               speig_svds_result **out)
{
  speig_status st = SPEIG_OK;
  speig_svds_result *r = NULL;
  result_box *box = NULL;
  *out = NULL;
  TRY(MEM_ZARRAY(1, "result", &box));
  r = &box->result;
  *out = r;
  TRY(MEM_ZARRAY(count, "result values", &r->values));
  TRY(MEM_ZARRAY(count, "result residuals", &r->residuals));
  TRY(MEM_ZARRAY(count, "result residuals", &r->adjoint_residuals));
  TRY(MEM_ZARRAY(count, "result residuals", &r->relative_residuals));
  TRY(MEM_ZARRAY(count, "result bounds", &r->error_bounds));
  TRY(MEM_ZARRAY(rest, "unconverged values", &r->unconverged_values));
  TRY(MEM_ZARRAY(rest, "unconverged residuals", &r->unconverged_residuals));
  TRY(alloc_results(run, count, box));
  TRY(alloc_vectors(run, run->A->rows, rest, r->left.data != NULL, &r->unconverged_left));
  TRY(alloc_vectors(run, run->A->n, rest, r->right.data != NULL, &r->unconverged_right));
done:
  if (st != SPEIG_OK)
    speig_svds_result_free(out);
  return st;
}

static void free_vectors(result_box *box)
{
  speig_block *vectors[] = { &box->result.left, &box->result.right };
  for (int i = 0; i < 2; ++i) {
    if (box->ctx)
      speig_block_free_on(box->ctx, vectors[i]);
    else
      mem_free(vectors[i]->data);
  }
  context_release(&box->ctx);
}

void speig_svds_result_free(speig_svds_result **result)
{
  speig_svds_result *r;
  if (!result || !*result)
    return;
  r = *result;
  mem_free(r->values);
  free_vectors((result_box *)r);
  mem_free(r->residuals);
  mem_free(r->adjoint_residuals);
  mem_free(r->relative_residuals);
  mem_free(r->error_bounds);
  mem_free(r->unconverged_values);
  mem_free(r->unconverged_residuals);
  mem_free(r->unconverged_left.data);
  mem_free(r->unconverged_right.data);
  mem_free(r);
  *result = NULL;
}
