/* storage.h: entries for callers who keep their data on the device. */
#ifndef SPEIG_SRC_GPU_STORAGE_H
#define SPEIG_SRC_GPU_STORAGE_H

#include "gpu/state.h"

speig_status gpu_entry_wait(backend *be);
speig_status gpu_entry_locate(backend *be, const void *data, memory_kind *kind);
speig_status gpu_entry_upload_async(const void *host, int64_t ldh, multivec *X);
speig_status gpu_entry_download_async(const multivec *X, void *host, int64_t ldh);
speig_status gpu_entry_pin_alloc(backend *be, size_t bytes, void **data);
void gpu_entry_pin_free(backend *be, void *data);
speig_status gpu_entry_fetch_bytes(backend *be, const void *device, size_t bytes, void *host);
speig_status gpu_entry_memory_free(backend *be, size_t *bytes);

#endif
