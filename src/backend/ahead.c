/* ahead.c: the entries of devices that work on while the host does something else, and have memory
 * of their own. A table without them works at once, in host memory. */
#include "backend/backend.h"
#include "backend/shapes.h"
#include "backend/traffic.h"
#include "base/memory.h"

int mv_runs_ahead(const backend *be)
{
  return be->ops->lanczos_append != NULL;
}

speig_status mv_lanczos_append(lanczos_batch *batch, int32_t j)
{
  speig_status st = SPEIG_OK;
  REQUIRE(batch->first <= j && j < batch->last && batch->y + j + 2 <= batch->basis.p,
          "step %d of a batch from %d to %d on %d columns, %d of them constraints", j, batch->first,
          batch->last, batch->basis.p, batch->y);
  TRY(batch->basis.be->ops->lanczos_append(batch, j));
  traffic_blocks(batch->basis.be, batch->basis.n, 2.0 * (batch->y + j + 1) + 4); /* two passes */
done:
  return st;
}

speig_status mv_lanczos_collect(lanczos_batch *batch, int32_t *done)
{
  return batch->basis.be->ops->lanczos_collect(batch, done);
}

speig_status mv_wait(backend *be)
{
  return be->ops->wait ? be->ops->wait(be) : SPEIG_OK;
}

int mv_has_own_memory(const backend *be)
{
  return be->ops->locate != NULL;
}

speig_status mv_locate(backend *be, const void *data, memory_kind *kind)
{
  *kind = MEMORY_HOST;
  return be->ops->locate ? be->ops->locate(be, data, kind) : SPEIG_OK;
}

speig_status mv_upload_async(const void *host, int64_t ldh, multivec *X)
{
  speig_status st = SPEIG_OK;
  if (!X->be->ops->upload_async)
    return mv_upload(host, ldh, X);
  REQUIRE_LEADING(ldh, X);
  TRY(X->be->ops->upload_async(host, ldh, X));
done:
  return st;
}

speig_status mv_download_async(const multivec *X, void *host, int64_t ldh)
{
  speig_status st = SPEIG_OK;
  if (!X->be->ops->download_async)
    return mv_download(X, host, ldh);
  REQUIRE_LEADING(ldh, X);
  TRY(X->be->ops->download_async(X, host, ldh));
done:
  return st;
}

speig_status mv_pin_alloc(backend *be, size_t bytes, void **data)
{
  if (be->ops->pin_alloc)
    return be->ops->pin_alloc(be, bytes, data);
  return mem_zalloc((int64_t)bytes, 1, "block", data);
}

void mv_pin_free(backend *be, void *data)
{
  if (be->ops->pin_free)
    be->ops->pin_free(be, data);
  else
    mem_free(data);
}

speig_status mv_matrix_borrow(backend *be, const device_csr *A, backend_matrix **out)
{
  speig_status st = SPEIG_OK;
  *out = NULL;
  if (!be->ops->matrix_borrow)
    FAIL(SPEIG_ERR_UNSUPPORTED, "arrays of a matrix in device memory meet the device %s",
         be->ops->name);
  TRY(be->ops->matrix_borrow(be, A, out));
  (*out)->bytes = traffic_csr(be->ops->dtype, A->rows, A->nnz);
done:
  return st;
}

speig_status mv_fetch_bytes(backend *be, const void *data, size_t bytes, void *host)
{
  speig_status st = SPEIG_OK;
  if (!be->ops->fetch_bytes)
    FAIL(SPEIG_ERR_UNSUPPORTED, "arrays in device memory meet the device %s", be->ops->name);
  TRY(be->ops->fetch_bytes(be, data, bytes, host));
done:
  return st;
}
