/* storage.c: whose memory is where, and copies that run beside other work. */
#include "gpu/storage.h"

#include <string.h>

speig_status gpu_entry_wait(backend *be)
{
  speig_status st = SPEIG_OK;
  TRY(gpu_enter(be));
  TRY(gpu_wait(be));
done:
  return st;
}

/* Memory that the runtime has never heard of is the host's. */
speig_status gpu_entry_locate(backend *be, const void *data, memory_kind *kind)
{
  speig_status st = SPEIG_OK;
  struct cudaPointerAttributes attributes;
  *kind = MEMORY_HOST;
  TRY(gpu_enter(be));
  CUDA_TRY(be, cudaPointerGetAttributes(&attributes, data));
  if (attributes.type == cudaMemoryTypeDevice)
    *kind = attributes.device == gpu_state_of(be)->device ? MEMORY_HERE : MEMORY_ELSEWHERE;
  else if (attributes.type == cudaMemoryTypeManaged)
    *kind = MEMORY_MANAGED;
  else if (attributes.type == cudaMemoryTypeHost)
    *kind = MEMORY_PINNED;
done:
  return st;
}

/* rows x cols scalars without staging. */
static speig_status copy_async(backend *be, const void *from, int64_t ld_from, void *to,
                               int64_t ld_to, const multivec *shape, enum cudaMemcpyKind kind)
{
  speig_status st = SPEIG_OK;
  size_t size = gpu_scalar_size(be), column = (size_t)shape->n * size;
  cudaStream_t stream = gpu_state_of(be)->stream;
  TRY(gpu_enter(be));
  if (gpu_is_empty(shape))
    goto done;
  if (ld_from == shape->n && ld_to == shape->n) {
    CUDA_TRY(be, cudaMemcpyAsync(to, from, column * (size_t)shape->p, kind, stream));
    goto done;
  }
  /* not as one copy of two dimensions, whose pitch has to be below 2 GiB */
  for (int32_t j = 0; j < shape->p; ++j)
    CUDA_TRY(be, cudaMemcpyAsync((char *)to + (size_t)j * (size_t)ld_to * size,
                                 (const char *)from + (size_t)j * (size_t)ld_from * size, column,
                                 kind, stream));
done:
  return st;
}

speig_status gpu_entry_upload_async(const void *host, int64_t ldh, multivec *X)
{
  return copy_async(X->be, host, ldh, X->data, X->ld, X, cudaMemcpyHostToDevice);
}

speig_status gpu_entry_download_async(const multivec *X, void *host, int64_t ldh)
{
  return copy_async(X->be, X->data, X->ld, host, ldh, X, cudaMemcpyDeviceToHost);
}

speig_status gpu_entry_pin_alloc(backend *be, size_t bytes, void **data)
{
  speig_status st = SPEIG_OK;
  cudaError_t error;
  *data = NULL;
  TRY(gpu_enter(be));
  error = cudaMallocHost(data, bytes > 0 ? bytes : 1);
  if (error == cudaErrorMemoryAllocation) {
    (void)cudaGetLastError();
    FAIL(SPEIG_ERR_MEMORY,
         "%zu bytes of pinned host memory asked for, which the system does not "
         "give",
         bytes);
  }
  if (error != cudaSuccess)
    st = gpu_check(be, error, "cudaMallocHost", __FILE__, __LINE__, __func__);
  else
    memset(*data, 0, bytes);
done:
  return st;
}

void gpu_entry_pin_free(backend *be, void *data)
{
  (void)cudaSetDevice(gpu_state_of(be)->device);
  (void)cudaFreeHost(data);
  (void)cudaGetLastError();
}

speig_status gpu_entry_fetch_bytes(backend *be, const void *device, size_t bytes, void *host)
{
  speig_status st = SPEIG_OK;
  TRY(gpu_enter(be));
  TRY(gpu_receive(be, device, (int64_t)bytes, host, (int64_t)bytes, (int64_t)bytes, 1, 1));
done:
  return st;
}

speig_status gpu_entry_memory_free(backend *be, size_t *bytes)
{
  speig_status st = SPEIG_OK;
  size_t total = 0;
  *bytes = 0;
  TRY(gpu_enter(be));
  CUDA_TRY(be, cudaMemGetInfo(bytes, &total));
done:
  return st;
}
