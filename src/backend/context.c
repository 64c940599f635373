/* context.c: contexts, blocks in their memory, and copies in and out of it. */
#include "backend/context.h"

#include "backend/block_call.h"
#include "base/dtype.h"
#include "base/error.h"
#include "base/memory.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

speig_status context_backend(speig_context *ctx, speig_dtype dtype, backend **be)
{
  speig_status st = SPEIG_OK;
  if (!ctx->be[dtype])
    TRY(backend_open_at(ctx->device, ctx->number, ctx->stream, dtype, ctx->threads,
                        &ctx->be[dtype]));
  *be = ctx->be[dtype];
done:
  return st;
}

void context_close(speig_context *ctx)
{
  for (int t = 0; t < 4; ++t)
    backend_close(&ctx->be[t]);
}

void context_retain(speig_context *ctx)
{
  (void)atomic_fetch_add(&ctx->holders, 1);
}

void context_release(speig_context **ctx)
{
  if (*ctx && atomic_fetch_sub(&(*ctx)->holders, 1) == 1) {
    context_close(*ctx);
    mem_free(*ctx);
  }
  *ctx = NULL;
}

speig_status context_make(speig_device device, int ordinal, void *stream, int threads,
                          speig_context **out)
{
  speig_status st = SPEIG_OK;
  speig_context *ctx = NULL;
  *out = NULL;
  TRY(MEM_ZARRAY(1, "context", &ctx));
  ctx->device = device == SPEIG_DEVICE_AUTO ? SPEIG_HOST : device;
  ctx->threads = threads;
  ctx->number = ordinal;
  ctx->stream = stream;
  atomic_init(&ctx->holders, 1);
  *out = ctx;
done:
  return st;
}

void speig_context_opts_init(speig_context_opts *opts)
{
  *opts = (speig_context_opts)SPEIG_CONTEXT_OPTS_INIT;
}

speig_status speig_context_create_on(const speig_context_opts *opts, speig_context **out)
{
  speig_status st = SPEIG_OK;
  speig_context *ctx = NULL;
  speig_context_opts given = SPEIG_CONTEXT_OPTS_INIT;
  backend *be;
  REQUIRE(out, "a place for the context is needed, it is NULL");
  *out = NULL;
  if (opts) {
    REQUIRE(opts->size >= sizeof opts->size && opts->size <= sizeof given,
            "the options have size %zu, at most %zu needed: start from SPEIG_CONTEXT_OPTS_INIT",
            opts->size, sizeof given);
    memcpy(&given, opts, opts->size);
  }
  REQUIRE(given.device_number >= 0, "device number %d, at least 0 needed", given.device_number);
  TRY(context_make(given.device, given.device_number, given.stream, given.threads, &ctx));
  TRY(context_backend(ctx, SPEIG_D, &be)); /* refuses what is not there */
  *out = ctx;
  ctx = NULL;
done:
  context_release(&ctx);
  return st;
}

speig_status speig_context_create(speig_device device, int threads, speig_context **out)
{
  speig_context_opts opts = SPEIG_CONTEXT_OPTS_INIT;
  opts.device = device;
  opts.threads = threads;
  return speig_context_create_on(&opts, out);
}

void speig_context_destroy(speig_context **ctx)
{
  if (ctx)
    context_release(ctx);
}

speig_device speig_context_device(const speig_context *ctx)
{
  return ctx ? ctx->device : SPEIG_HOST;
}

speig_status speig_context_wait(speig_context *ctx)
{
  speig_status st = SPEIG_OK;
  for (int t = 0; ctx && t < 4; ++t)
    if (ctx->be[t])
      TRY(mv_wait(ctx->be[t]));
done:
  return st;
}

/* ---- blocks ---- */

static speig_status check_size(speig_dtype dtype, int64_t rows, int64_t cols, size_t *bytes)
{
  speig_status st = SPEIG_OK;
  REQUIRE(dtype_valid(dtype), "scalar type %d is none of s, d, c, z", (int)dtype);
  REQUIRE(rows >= 0 && cols >= 0 && cols <= INT32_MAX,
          "a block of %" PRId64 " x %" PRId64
          ", at least 0 x 0 and at most 2^31 - 1 columns needed",
          rows, cols);
  TRY(mem_product(rows, cols, speig_dtype_size(dtype), "block", bytes));
done:
  return st;
}

speig_status speig_block_alloc(speig_dtype dtype, int64_t rows, int64_t cols, speig_block *out)
{
  speig_status st = SPEIG_OK;
  size_t bytes;
  REQUIRE(out, "a place for the block is needed, it is NULL");
  *out = (speig_block){ 0 };
  TRY(check_size(dtype, rows, cols, &bytes));
  TRY(mem_zalloc((int64_t)bytes, 1, "block", &out->data));
  *out = (speig_block){ dtype, rows, cols, rows, out->data, SPEIG_HOST };
done:
  return st;
}

void speig_block_free(speig_block *X)
{
  if (!X)
    return;
  if (X->device != SPEIG_CUDA) /* which speig_block_free_on releases */
    mem_free(X->data);
  *X = (speig_block){ 0 };
}

speig_status speig_block_alloc_on(speig_context *ctx, speig_dtype dtype, int64_t rows, int64_t cols,
                                  speig_block *out)
{
  speig_status st = SPEIG_OK;
  backend *be;
  multivec X;
  size_t bytes;
  REQUIRE(ctx && out, "a context and a place for the block are needed, one is NULL");
  *out = (speig_block){ 0 };
  TRY(check_size(dtype, rows, cols, &bytes));
  TRY(context_backend(ctx, dtype, &be));
  TRY(mv_alloc(be, rows, (int32_t)cols, "block", &X));
  *out = (speig_block){ dtype, rows, cols, X.ld, X.data, block_device(be) };
done:
  return st;
}

speig_status speig_block_alloc_pinned(speig_context *ctx, speig_dtype dtype, int64_t rows,
                                      int64_t cols, speig_block *out)
{
  speig_status st = SPEIG_OK;
  backend *be;
  size_t bytes;
  void *data = NULL;
  REQUIRE(ctx && out, "a context and a place for the block are needed, one is NULL");
  *out = (speig_block){ 0 };
  TRY(check_size(dtype, rows, cols, &bytes));
  TRY(context_backend(ctx, dtype, &be));
  TRY(mv_pin_alloc(be, bytes, &data));
  *out = (speig_block){ dtype, rows, cols, rows, data, SPEIG_HOST };
done:
  return st;
}

void speig_block_free_on(speig_context *ctx, speig_block *X)
{
  backend *be;
  if (!X)
    return;
  if (X->data && ctx && dtype_valid(X->dtype) && (be = ctx->be[X->dtype]) != NULL) {
    if (X->device == block_device(be))
      be->ops->release(be, X->data);
    else
      mv_pin_free(be, X->data);
  }
  *X = (speig_block){ 0 };
}

speig_block speig_block_columns(const speig_block *X, int64_t first, int64_t count)
{
  speig_block view = *X;
  assert(first >= 0 && count >= 0 && first + count <= X->cols);
  view.cols = count;
  if (X->data)
    view.data = (char *)X->data + (size_t)(first * X->ld) * speig_dtype_size(X->dtype);
  return view;
}

/* ---- copies ---- */

static speig_status copy(speig_context *ctx, const speig_block *X, speig_block *Y, int later)
{
  speig_status st = SPEIG_OK;
  speig_context fallback = { .device = SPEIG_HOST };
  backend *be;
  multivec x, y;
  int there_x, there_y;
  TRY(block_check_first("copy: X", X));
  TRY(block_check_shape("copy: Y", Y, X->dtype, X->rows, X->cols));
  TRY(block_begin(ctx, &fallback, X->dtype, &be));
  TRY(block_check_place(be, "copy: X", X));
  TRY(block_check_place(be, "copy: Y", Y));
  there_x = X->device == SPEIG_CUDA;
  there_y = Y->device == SPEIG_CUDA;
  x = block_view(be, X);
  y = block_view(be, Y);
  if (there_x == mv_has_own_memory(be) && there_y == there_x)
    TRY(mv_copy(&x, &y));
  else if (there_y)
    TRY((later ? mv_upload_async : mv_upload)(X->data, X->ld, &y));
  else if (there_x)
    TRY((later ? mv_download_async : mv_download)(&x, Y->data, Y->ld));
  else
    block_copy_host(X, Y);
done:
  block_end(&fallback);
  return st;
}

speig_status speig_copy(speig_context *ctx, const speig_block *X, speig_block *Y)
{
  return copy(ctx, X, Y, 0);
}

speig_status speig_copy_async(speig_context *ctx, const speig_block *X, speig_block *Y)
{
  return copy(ctx, X, Y, 1);
}
