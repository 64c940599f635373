/* batch.c: Lanczos steps one after the other without waiting: per step two passes over the basis
 * (a third when w was nearly in its span), seven launches, no word to the host.                  */
#include "gpu/batch.h"

#include "gpu/kernels.h"

#include <string.h>

/* The run, its coefficients and its sums, one behind the other in one buffer of the state, so that
 * run, diag and off come to the host in one copy. */
enum { RUN_BYTES = 256 };

static gpu_run *run_of(const backend *be)
{
  return gpu_state_of(be)->batch.data;
}

static gpu_arrays arrays_of(const lanczos_batch *b)
{
  int64_t sums = (int64_t)(b->y + b->last) * (gpu_is_complex(b->basis.be) ? 2 : 1) + 1;
  double *from = (double *)(void *)((char *)gpu_state_of(b->basis.be)->batch.data + RUN_BYTES);
  gpu_arrays arrays = { .diag = from, .off = from + b->last };
  sums += sums % 2; /* complex coefficients are read as a whole */
  for (int i = 0; i < 3; ++i)
    arrays.coefficient[i] = from + 2 * (int64_t)b->last + i * sums;
  return arrays;
}

static size_t batch_bytes(const lanczos_batch *b)
{
  size_t sums = (size_t)(b->y + b->last) * (gpu_is_complex(b->basis.be) ? 2 : 1) + 2;
  return RUN_BYTES + sizeof(double) * (2 * (size_t)b->last + 3 * sums);
}

static double eps_of(const backend *be)
{
  return be->ops->dtype == SPEIG_S || be->ops->dtype == SPEIG_C ? 0x1p-23 : 0x1p-52;
}

static speig_status batch_start(const lanczos_batch *b)
{
  speig_status st = SPEIG_OK;
  backend *be = b->basis.be;
  gpu_buffer *buffer = &gpu_state_of(be)->batch;
  size_t bytes = batch_bytes(b);
  if (bytes > buffer->bytes) {
    gpu_give(be, buffer->data);
    *buffer = (gpu_buffer){ 0 };
    TRY(gpu_take(be, bytes, "Lanczos coefficients", &buffer->data));
    buffer->bytes = bytes;
  }
  CUDA_TRY(be, cudaMemsetAsync(buffer->data, 0, bytes, gpu_state_of(be)->stream));
  CUDA_TRY(be, gpu_run_start(be, run_of(be), b->norm_op, b->huge, eps_of(be)));
done:
  return st;
}

/* w against the columns before it: Q^H w, then one or two sweeps, then its length. */
static speig_status step(lanczos_batch *b, int32_t j, const multivec *Q, multivec *w)
{
  speig_status st = SPEIG_OK;
  backend *be = w->be;
  gpu_arrays arrays = arrays_of(b);
  int64_t first = gpu_gram_groups(w->n, Q->p, 1), groups = gpu_project_groups(w->n);
  int64_t sums = (int64_t)Q->p * (gpu_is_complex(be) ? 2 : 1);
  size_t bytes;
  void *partial;
  TRY(mem_product(sums + 1, first > groups ? first : groups, sizeof(double), "partial sums",
                  &bytes));
  TRY(gpu_workspace(be, bytes, &partial));
  CUDA_TRY(be, gpu_gram(Q, w, 0, first, partial));
  CUDA_TRY(be, gpu_add_partials(be, first, sums, partial, arrays.coefficient[0]));
  for (int second = 0; second < 2; ++second) {
    CUDA_TRY(be,
             gpu_project(run_of(be), second, Q, arrays.coefficient[second], w, groups, partial));
    CUDA_TRY(be, gpu_run_settle(be, run_of(be), &arrays, second, Q->p, j, groups, partial));
  }
  CUDA_TRY(be, gpu_normalize(run_of(be), w));
done:
  return st;
}

speig_status gpu_entry_lanczos_append(lanczos_batch *b, int32_t j)
{
  speig_status st = SPEIG_OK;
  backend *be = b->basis.be;
  size_t size = gpu_scalar_size(be);
  multivec Q = b->basis, w = b->basis;
  Q.p = b->y + j + 1;
  w.p = 1;
  w.data = (char *)w.data + (size_t)Q.p * (size_t)w.ld * size;
  TRY(gpu_enter(be));
  if (j == b->first)
    TRY(batch_start(b));
  if (Q.n == 0 || !gpu_project_fits(be, Q.p))
    CUDA_TRY(be, gpu_run_stop(be, run_of(be), j)); /* the caller makes this step by itself */
  else
    TRY(step(b, j, &Q, &w));
done:
  return st;
}

speig_status gpu_entry_lanczos_collect(lanczos_batch *b, int32_t *done)
{
  speig_status st = SPEIG_OK;
  backend *be = b->basis.be;
  const void *host = NULL;
  const double *diag, *off;
  gpu_run run;
  *done = b->first;
  TRY(gpu_enter(be));
  TRY(gpu_fetch(be, run_of(be), RUN_BYTES + 2 * sizeof(double) * (size_t)b->last, &host));
  memcpy(&run, host, sizeof run);
  *done = run.stopped >= 0 ? run.stopped : b->last;
  diag = (const double *)(const void *)((const char *)host + RUN_BYTES);
  off = diag + b->last;
  for (int32_t j = b->first; j < *done; ++j) {
    b->diag[j] = diag[j];
    b->off[j] = off[j];
  }
done:
  return st;
}
