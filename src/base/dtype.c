/* dtype.c: facts about the four scalar types. */
#include "base/dtype.h"

#include <float.h>

int dtype_valid(speig_dtype dtype)
{
  return (unsigned)dtype <= (unsigned)SPEIG_Z;
}

int dtype_is_complex(speig_dtype dtype)
{
  return dtype == SPEIG_C || dtype == SPEIG_Z;
}

int dtype_is_single(speig_dtype dtype)
{
  return dtype == SPEIG_S || dtype == SPEIG_C;
}

double dtype_eps(speig_dtype dtype)
{
  return dtype_is_single(dtype) ? (double)FLT_EPSILON : DBL_EPSILON;
}

double dtype_min(speig_dtype dtype)
{
  return dtype_is_single(dtype) ? (double)FLT_MIN : DBL_MIN;
}

double dtype_max(speig_dtype dtype)
{
  return dtype_is_single(dtype) ? (double)FLT_MAX : DBL_MAX;
}

speig_dtype dtype_real(speig_dtype dtype)
{
  return dtype_is_single(dtype) ? SPEIG_S : SPEIG_D;
}

speig_dtype dtype_complex(speig_dtype dtype)
{
  return dtype_is_single(dtype) ? SPEIG_C : SPEIG_Z;
}

size_t speig_dtype_size(speig_dtype dtype)
{
  static const size_t size[4] = { 4, 8, 8, 16 };
  return dtype_valid(dtype) ? size[dtype] : 0;
}

const char *speig_dtype_name(speig_dtype dtype)
{
  static const char *const name[4] = { "s", "d", "c", "z" };
  return dtype_valid(dtype) ? name[dtype] : "?";
}

const char *speig_device_name(speig_device device)
{
  static const char *const name[4] = { "auto", "host", "reference", "cuda" };
  return (unsigned)device < 4 ? name[device] : "?";
}

const char *speig_version(void)
{
  return SPEIG_VERSION;
}

speig_dtype dtype_double(speig_dtype dtype)
{
  return dtype_is_complex(dtype) ? SPEIG_Z : SPEIG_D;
}
