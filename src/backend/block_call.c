/* block_call.c: contexts, checks and numbers of any type for the public dense helpers. */
#include "backend/block_call.h"

#include "base/dtype.h"
#include "base/error.h"

#include <inttypes.h>
#include <string.h>

void block_end(speig_context *ctx)
{
  context_close(ctx);
}

speig_status block_begin(speig_context *ctx, speig_context *fallback, speig_dtype dtype,
                         backend **be)
{
  return context_backend(ctx ? ctx : fallback, dtype, be);
}

speig_status block_check(const char *name, const speig_block *X, speig_dtype dtype)
{
  speig_status st = SPEIG_OK;
  REQUIRE(X, "%s is NULL, a block needed", name);
  REQUIRE(dtype_valid(X->dtype), "%s: scalar type %d is none of s, d, c, z", name, (int)X->dtype);
  REQUIRE(X->dtype == dtype, "%s has type %s, type %s needed", name, speig_dtype_name(X->dtype),
          speig_dtype_name(dtype));
  REQUIRE(X->rows >= 0 && X->cols >= 0 && X->cols <= INT32_MAX,
          "%s is %" PRId64 " x %" PRId64 ", at least 0 x 0 and at most 2^31 - 1 columns needed",
          name, X->rows, X->cols);
  REQUIRE(X->ld >= X->rows,
          "%s: leading dimension %" PRId64 ", at least its %" PRId64 " rows needed", name, X->ld,
          X->rows);
  REQUIRE(X->data || X->rows == 0 || X->cols == 0, "%s has no data", name);
done:
  return st;
}

speig_status block_check_shape(const char *name, const speig_block *X, speig_dtype dtype,
                               int64_t rows, int64_t cols)
{
  speig_status st = SPEIG_OK;
  TRY(block_check(name, X, dtype));
  REQUIRE(X->rows == rows && X->cols == cols,
          "%s is %" PRId64 " x %" PRId64 ", %" PRId64 " x %" PRId64 " needed", name, X->rows,
          X->cols, rows, cols);
done:
  return st;
}

speig_status block_check_first(const char *name, const speig_block *X)
{
  return block_check(name, X, X && dtype_valid(X->dtype) ? X->dtype : SPEIG_D);
}

multivec block_view(backend *be, const speig_block *X)
{
  return mv_wrap(be, X->rows, (int32_t)X->cols, X->ld, X->data);
}

/* ---- where blocks are ---- */

speig_device block_device(const backend *be)
{
  return mv_has_own_memory(be) ? be->ops->device : SPEIG_HOST;
}

speig_status block_check_place(backend *be, const char *name, const speig_block *X)
{
  speig_status st = SPEIG_OK;
  int there = X->device == SPEIG_CUDA;
  memory_kind kind = MEMORY_MANAGED;
  REQUIRE((unsigned)X->device <= SPEIG_CUDA, "%s: device %d is none of auto, host, reference, cuda",
          name, (int)X->device);
  REQUIRE(!there || block_device(be) == SPEIG_CUDA,
          "%s is in device memory, but the work is done on the %s: copy it to the host with a "
          "context for its device (speig_copy)",
          name, speig_device_name(be->ops->device));
  if (X->data)
    TRY(mv_locate(be, X->data, &kind));
  REQUIRE(!there || (kind != MEMORY_HOST && kind != MEMORY_PINNED),
          "%s is said to be in device memory, but its data is a host pointer", name);
  REQUIRE(!there || kind != MEMORY_ELSEWHERE, "%s is on another device than number %d", name,
          be->ordinal);
  REQUIRE(there || (kind != MEMORY_HERE && kind != MEMORY_ELSEWHERE),
          "%s is said to be in host memory, but its data is a device pointer: set its device",
          name);
done:
  return st;
}

speig_status block_operand(backend *be, const char *name, const speig_block *X, multivec *out)
{
  speig_status st = SPEIG_OK;
  TRY(block_check_place(be, name, X));
  REQUIRE(!X->data || !mv_has_own_memory(be) || X->device == block_device(be),
          "%s is in host memory, but the context computes on %s: copy it there (speig_copy)", name,
          speig_device_name(block_device(be)));
  *out = block_view(be, X);
done:
  return st;
}

speig_status block_bring(const char *name, const speig_block *X, multivec *out)
{
  speig_status st = SPEIG_OK;
  multivec given;
  TRY(block_check_place(out->be, name, X));
  given = block_view(out->be, X);
  if (X->device == SPEIG_CUDA)
    TRY(mv_copy(&given, out));
  else
    TRY(mv_upload(X->data, X->ld, out));
done:
  return st;
}

void block_copy_host(const speig_block *X, speig_block *Y)
{
  size_t size = speig_dtype_size(X->dtype);
  for (int64_t j = 0; j < X->cols && X->rows > 0; ++j)
    memmove((char *)Y->data + (size_t)(j * Y->ld) * size,
            (const char *)X->data + (size_t)(j * X->ld) * size, (size_t)X->rows * size);
}

speig_status block_to_host(backend *be, const char *name, const speig_block *X, speig_block *host)
{
  speig_status st = SPEIG_OK;
  multivec x;
  *host = *X;
  TRY(block_check_place(be, name, X));
  if (X->device != SPEIG_CUDA)
    goto done;
  TRY(speig_block_alloc(X->dtype, X->rows, X->cols, host));
  x = block_view(be, X);
  TRY(mv_download(&x, host->data, host->ld));
done:
  return st;
}

speig_status block_from_host(backend *be, speig_block *host, const speig_block *X, int write)
{
  speig_status st = SPEIG_OK;
  multivec x;
  if (host->data == X->data)
    goto done;
  x = block_view(be, X);
  if (write)
    st = mv_upload(host->data, host->ld, &x);
  speig_block_free(host);
done:
  return st;
}

/* ---- numbers of any type ---- */

number number_read(speig_dtype dtype, const void *numbers, int64_t at)
{
  const float *single = numbers;
  const double *wide = numbers;
  switch (dtype) {
  case SPEIG_S:
    return (number){ (double)single[at], 0 };
  case SPEIG_C:
    return (number){ (double)single[2 * at], (double)single[2 * at + 1] };
  case SPEIG_D:
    return (number){ wide[at], 0 };
  default:
    return (number){ wide[2 * at], wide[2 * at + 1] };
  }
}

void number_write(speig_dtype dtype, number x, void *numbers, int64_t at)
{
  int64_t stride = dtype_is_complex(dtype) ? 2 : 1;
  if (dtype_is_single(dtype)) {
    float *single = (float *)numbers + at * stride;
    single[0] = (float)x.re;
    if (stride == 2)
      single[1] = (float)x.im;
  } else {
    double *wide = (double *)numbers + at * stride;
    wide[0] = x.re;
    if (stride == 2)
      wide[1] = x.im;
  }
}

number number_of_small(const small *M, int32_t i, int32_t j)
{
  const double *m = M->data + (i + (int64_t)j * M->ld) * (M->is_complex ? 2 : 1);
  return (number){ m[0], M->is_complex ? m[1] : 0 };
}

small number_as_small(number *x)
{
  return (small){ .rows = 1, .cols = 1, .ld = 1, .is_complex = 1, .data = &x->re };
}

/* Column by column, so that one 1 x 1 matrix does. */
speig_status block_multiply(number f, multivec *X)
{
  speig_status st = SPEIG_OK;
  small C = number_as_small(&f);
  for (int32_t j = 0; j < X->p && !(f.re == 1 && f.im == 0); ++j) {
    multivec x = mv_columns(X, j, 1);
    if (f.im == 0)
      TRY(mv_scale(&f.re, &x));
    else
      TRY(mv_rotate(&x, &C));
  }
done:
  return st;
}
