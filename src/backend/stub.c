/* stub.c: to be replaced by host.c, reference.c and block.c. */
#pragma GCC diagnostic ignored "-Wunused-parameter"
#include "backend/tables.h"
#include "base/error.h"
#include "speig/block.h"
speig_status speig_context_create(speig_device device, int threads, speig_context **out)
{
  return error_raise(SPEIG_ERR_UNSUPPORTED, __FILE__, __LINE__, __func__, "not built yet");
}
void speig_context_destroy(speig_context **ctx)
{
}
speig_status speig_block_alloc(speig_dtype dtype, int64_t rows, int64_t cols, speig_block *out)
{
  return error_raise(SPEIG_ERR_UNSUPPORTED, __FILE__, __LINE__, __func__, "not built yet");
}
void speig_block_free(speig_block *X)
{
}
speig_block speig_block_columns(const speig_block *X, int64_t first, int64_t count)
{
  return *X;
}
speig_status speig_sum(speig_context *ctx, const speig_block *X, void *sums)
{
  return error_raise(SPEIG_ERR_UNSUPPORTED, __FILE__, __LINE__, __func__, "not built yet");
}
speig_status speig_dot(speig_context *ctx, const speig_block *X, const speig_block *Y, void *dots)
{
  return error_raise(SPEIG_ERR_UNSUPPORTED, __FILE__, __LINE__, __func__, "not built yet");
}
speig_status speig_norm(speig_context *ctx, const speig_block *X, double *norms)
{
  return error_raise(SPEIG_ERR_UNSUPPORTED, __FILE__, __LINE__, __func__, "not built yet");
}
speig_status speig_axpy(speig_context *ctx, const void *alpha, const speig_block *X, speig_block *Y)
{
  return error_raise(SPEIG_ERR_UNSUPPORTED, __FILE__, __LINE__, __func__, "not built yet");
}
speig_status speig_scale(speig_context *ctx, const void *alpha, speig_block *X)
{
  return error_raise(SPEIG_ERR_UNSUPPORTED, __FILE__, __LINE__, __func__, "not built yet");
}
speig_status speig_gemm(speig_context *ctx, const void *alpha, const speig_block *A,
                        const speig_block *X, const void *beta, speig_block *Y)
{
  return error_raise(SPEIG_ERR_UNSUPPORTED, __FILE__, __LINE__, __func__, "not built yet");
}
speig_status speig_gram(speig_context *ctx, const void *alpha, const speig_block *X,
                        const speig_block *Y, const void *beta, speig_block *C)
{
  return error_raise(SPEIG_ERR_UNSUPPORTED, __FILE__, __LINE__, __func__, "not built yet");
}
speig_status speig_gemv(speig_context *ctx, const void *alpha, const speig_block *A,
                        const speig_block *x, const void *beta, speig_block *y)
{
  return error_raise(SPEIG_ERR_UNSUPPORTED, __FILE__, __LINE__, __func__, "not built yet");
}
speig_status speig_fill_random(speig_context *ctx, uint64_t seed, speig_block *X)
{
  return error_raise(SPEIG_ERR_UNSUPPORTED, __FILE__, __LINE__, __func__, "not built yet");
}
speig_status speig_spmv(speig_context *ctx, const void *alpha, const speig_matrix *A,
                        const speig_block *X, const void *beta, speig_block *Y)
{
  return error_raise(SPEIG_ERR_UNSUPPORTED, __FILE__, __LINE__, __func__, "not built yet");
}
