/* block_call.c: contexts, checks and numbers of any type for the public dense helpers. */
#include "backend/block_call.h"

#include "base/dtype.h"
#include "base/error.h"

#include <inttypes.h>

void block_end(speig_context *ctx)
{
  for (int t = 0; t < 4; ++t)
    backend_close(&ctx->be[t]);
}

speig_status block_begin(speig_context *ctx, speig_context *fallback, speig_dtype dtype,
                         backend **be)
{
  speig_status st = SPEIG_OK;
  if (!ctx)
    ctx = fallback;
  if (!ctx->be[dtype])
    TRY(backend_open(ctx->device, dtype, ctx->threads, &ctx->be[dtype]));
  *be = ctx->be[dtype];
done:
  return st;
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
