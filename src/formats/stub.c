/* stub.c: to be replaced by the formats. */
#pragma GCC diagnostic ignored "-Wunused-parameter"
#include "base/error.h"
#include "speig/matrix.h"
#include "speig/matrix_market.h"
speig_status speig_mm_write(const char *path, const speig_matrix *A,
                            const speig_mm_write_opts *opts)
{
  return error_raise(SPEIG_ERR_UNSUPPORTED, __FILE__, __LINE__, __func__, "not built yet");
}
speig_status speig_mm_write_dense(const char *path, const speig_block *X,
                                  const speig_mm_write_opts *opts)
{
  return error_raise(SPEIG_ERR_UNSUPPORTED, __FILE__, __LINE__, __func__, "not built yet");
}
