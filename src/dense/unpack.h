/* unpack.h: packed eigenvectors of real matrices (dense/schur.h) as complex columns. */
#ifndef SPEIG_SRC_DENSE_UNPACK_H
#define SPEIG_SRC_DENSE_UNPACK_H

#include "speig/block.h"

/* packed: one real column u, or u and v. out, complex of the same precision and as many columns:
 * u + 0i, or u + iv and u - iv. */
void dense_unpack(const speig_block *packed, speig_block *out);

#endif
