/* parts.h: host arrays of real numbers as complex ones of the same precision, and back: for real
 * blocks that meet a complex factorization. */
#ifndef SPEIG_SRC_DENSE_PARTS_H
#define SPEIG_SRC_DENSE_PARTS_H

#include "speig/types.h"

/* z[i] = x[i] + 0i for count numbers; real is the type of x. */
void parts_widen(speig_dtype real, int64_t count, const void *x, void *z);
/* x[i] = real or imaginary part of z[i]. */
void parts_take(speig_dtype real, int imaginary, int64_t count, const void *z, void *x);
/* Complex numbers become their conjugates, real ones stay. */
void parts_conjugate(speig_dtype dtype, int64_t count, void *z);

#endif
