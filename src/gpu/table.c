/* table.c: the CUDA backend's entries that need not wait, and its four tables. */
#include "gpu/table.h"

#include "gpu/kernels.h"
#include "gpu/reduce.h"
#include "gpu/storage.h"

/* ---- memory ---- */

/* Columns start at multiples of 256 bytes. */
static speig_status entry_alloc(backend *be, int64_t n, int32_t p, void **data, int64_t *ld)
{
  speig_status st = SPEIG_OK;
  int64_t step = 256 / (int64_t)gpu_scalar_size(be);
  size_t bytes;
  *data = NULL;
  *ld = n == 0 ? step : (n + step - 1) / step * step;
  TRY(gpu_enter(be));
  TRY(mem_product(*ld, p, gpu_scalar_size(be), "block of vectors", &bytes));
  TRY(gpu_take(be, bytes, "block of vectors", data));
  CUDA_TRY(be, cudaMemsetAsync(*data, 0, bytes, gpu_state_of(be)->stream));
done:
  if (st != SPEIG_OK && *data) {
    gpu_give(be, *data);
    *data = NULL;
  }
  return st;
}

static void entry_release(backend *be, void *data)
{
  gpu_give(be, data);
}

static speig_status entry_upload(const void *host, int64_t ldh, multivec *X)
{
  speig_status st = SPEIG_OK;
  TRY(gpu_enter(X->be));
  TRY(gpu_send(X->be, host, ldh, X->data, X->ld, X->n, X->p, gpu_scalar_size(X->be)));
done:
  return st;
}

static speig_status entry_download(const multivec *X, void *host, int64_t ldh)
{
  speig_status st = SPEIG_OK;
  TRY(gpu_enter(X->be));
  TRY(gpu_receive(X->be, X->data, X->ld, host, ldh, X->n, X->p, gpu_scalar_size(X->be)));
done:
  return st;
}

/* ---- entry by entry ---- */

static speig_status entry_copy(const multivec *X, multivec *Y)
{
  speig_status st = SPEIG_OK;
  TRY(gpu_enter(X->be));
  if (!gpu_is_empty(X) && X->data != Y->data)
    CUDA_TRY(X->be, gpu_copy(X, Y));
done:
  return st;
}

static speig_status entry_zero(multivec *X)
{
  speig_status st = SPEIG_OK;
  TRY(gpu_enter(X->be));
  if (!gpu_is_empty(X))
    CUDA_TRY(X->be, gpu_zero(X));
done:
  return st;
}

static speig_status entry_fill_random(uint64_t seed, multivec *X)
{
  speig_status st = SPEIG_OK;
  TRY(gpu_enter(X->be));
  if (!gpu_is_empty(X))
    CUDA_TRY(X->be, gpu_fill_random(seed, X));
done:
  return st;
}

static speig_status entry_axpy(const double *a, const multivec *X, multivec *Y)
{
  speig_status st = SPEIG_OK;
  TRY(gpu_enter(X->be));
  if (!gpu_is_empty(X))
    CUDA_TRY(X->be, gpu_axpy(a, X, Y));
done:
  return st;
}

static speig_status entry_scale(const double *f, multivec *X)
{
  speig_status st = SPEIG_OK;
  TRY(gpu_enter(X->be));
  if (!gpu_is_empty(X))
    CUDA_TRY(X->be, gpu_scale(f, X));
done:
  return st;
}

static speig_status entry_row_scale(const multivec *d, const multivec *X, multivec *Y)
{
  speig_status st = SPEIG_OK;
  TRY(gpu_enter(X->be));
  if (!gpu_is_empty(X))
    CUDA_TRY(X->be, gpu_row_scale(d, X, Y));
done:
  return st;
}

/* ---- products ---- */

/* Y = alpha X C + beta Y, C on the device; an empty C leaves beta Y. */
static speig_status entry_mul(double alpha, const multivec *X, const small *C, double beta,
                              multivec *Y)
{
  speig_status st = SPEIG_OK;
  double *coefficients = NULL;
  TRY(gpu_enter(Y->be));
  if (gpu_is_empty(Y))
    goto done;
  if (X->p > 0)
    TRY(gpu_coefficients(Y->be, C, gpu_is_complex(Y->be), &coefficients));
  CUDA_TRY(Y->be, gpu_mul(alpha, X, coefficients, beta, Y));
done:
  return st;
}

/* In place, some rows at a time: their product is complete before it replaces them, and small
 * enough to stay in the L2 cache between. */
static speig_status entry_rotate(multivec *X, const small *C)
{
  static const int64_t BYTES = 16 << 20;
  speig_status st = SPEIG_OK;
  size_t size = gpu_scalar_size(X->be);
  int64_t most = BYTES / ((int64_t)size * (C->cols > 0 ? C->cols : 1)), ld;
  double *coefficients;
  void *room;
  TRY(gpu_enter(X->be));
  if (X->n == 0 || C->cols == 0)
    goto done;
  most = most < 4096 ? 4096 : most / 32 * 32;
  ld = most < X->n ? most : (X->n + 31) / 32 * 32;
  TRY(gpu_workspace(X->be, (size_t)ld * (size_t)C->cols * size, &room));
  TRY(gpu_coefficients(X->be, C, gpu_is_complex(X->be), &coefficients));
  for (int64_t row = 0; row < X->n; row += most) {
    int64_t rows = X->n - row < most ? X->n - row : most;
    char *at = (char *)X->data + (size_t)row * size;
    multivec strip = { X->be, rows, X->p, X->ld, at }, head = { X->be, rows, C->cols, X->ld, at };
    multivec product = { X->be, rows, C->cols, ld, room };
    CUDA_TRY(X->be, gpu_mul(1, &strip, coefficients, 0, &product));
    CUDA_TRY(X->be, gpu_copy(&product, &head));
  }
done:
  return st;
}

static speig_status entry_apply(backend_matrix *A, double alpha, const multivec *X, double beta,
                                multivec *Y)
{
  speig_status st = SPEIG_OK;
  const gpu_matrix *M = (const gpu_matrix *)A;
  void *sums;
  TRY(gpu_enter(Y->be));
  if (gpu_is_empty(Y))
    goto done;
  TRY(gpu_workspace(Y->be, gpu_spmv_sums(M), &sums));
  CUDA_TRY(Y->be, gpu_spmv(M, alpha, X, 0, Y, beta, Y, NULL, sums));
done:
  return st;
}

static speig_status entry_recurrence(backend_matrix *A, double alpha, double gamma,
                                     const multivec *x, double beta, multivec *y)
{
  speig_status st = SPEIG_OK;
  const gpu_matrix *M = (const gpu_matrix *)A;
  void *sums;
  TRY(gpu_enter(y->be));
  if (gpu_is_empty(y))
    goto done;
  TRY(gpu_workspace(y->be, gpu_spmv_sums(M), &sums));
  CUDA_TRY(y->be, gpu_spmv(M, alpha, x, gamma, y, beta, y, NULL, sums));
done:
  return st;
}

/* ---- the tables: the types differ in the kernels alone ---- */

#define GPU_TABLE(letter, type)                                                                    \
  const backend_ops gpu_table_##letter = {                                                         \
    .name = "cuda/" #letter,                                                                       \
    .device = SPEIG_CUDA,                                                                          \
    .dtype = type,                                                                                 \
    .open = gpu_open,                                                                              \
    .close = gpu_close,                                                                            \
    .alloc = entry_alloc,                                                                          \
    .release = entry_release,                                                                      \
    .upload = entry_upload,                                                                        \
    .download = entry_download,                                                                    \
    .copy = entry_copy,                                                                            \
    .zero = entry_zero,                                                                            \
    .fill_random = entry_fill_random,                                                              \
    .matrix_open = gpu_matrix_open,                                                                \
    .matrix_close = gpu_matrix_close,                                                              \
    .apply = entry_apply,                                                                          \
    .gram = gpu_entry_gram,                                                                        \
    .mul = entry_mul,                                                                              \
    .real_dots = gpu_entry_real_dots,                                                              \
    .norms = gpu_entry_norms,                                                                      \
    .axpy = entry_axpy,                                                                            \
    .scale = entry_scale,                                                                          \
    .row_scale = entry_row_scale,                                                                  \
    .rotate = entry_rotate,                                                                        \
    .lanczos_step = gpu_entry_lanczos_step,                                                        \
    .recurrence = entry_recurrence,                                                                \
    .axpy_norm = gpu_entry_axpy_norm,                                                              \
    .project = gpu_entry_project,                                                                  \
    .lanczos_append = gpu_entry_lanczos_append,                                                    \
    .lanczos_collect = gpu_entry_lanczos_collect,                                                  \
    .wait = gpu_entry_wait,                                                                        \
    .locate = gpu_entry_locate,                                                                    \
    .upload_async = gpu_entry_upload_async,                                                        \
    .download_async = gpu_entry_download_async,                                                    \
    .pin_alloc = gpu_entry_pin_alloc,                                                              \
    .pin_free = gpu_entry_pin_free,                                                                \
    .matrix_borrow = gpu_matrix_borrow,                                                            \
    .fetch_bytes = gpu_entry_fetch_bytes,                                                          \
    .memory_free = gpu_entry_memory_free,                                                          \
  }

GPU_TABLE(s, SPEIG_S);
GPU_TABLE(d, SPEIG_D);
GPU_TABLE(c, SPEIG_C);
GPU_TABLE(z, SPEIG_Z);
