/* dtype.h: facts about the four scalar types. */
#ifndef SPEIG_SRC_BASE_DTYPE_H
#define SPEIG_SRC_BASE_DTYPE_H

#include "speig/types.h"

int dtype_valid(speig_dtype dtype);
int dtype_is_complex(speig_dtype dtype);
int dtype_is_single(speig_dtype dtype);
/* Unit roundoff times two: 2^-23 or 2^-52. */
double dtype_eps(speig_dtype dtype);
/* Smallest normal and largest finite number of the real type. */
double dtype_min(speig_dtype dtype);
double dtype_max(speig_dtype dtype);
/* s -> s, d -> d, c -> s, z -> d. */
speig_dtype dtype_real(speig_dtype dtype);
/* The same numbers in double precision. */
speig_dtype dtype_double(speig_dtype dtype);
/* s -> c, d -> z, c -> c, z -> z. */
speig_dtype dtype_complex(speig_dtype dtype);

#endif
