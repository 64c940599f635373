/* expand.h: blocks and operators as small dense matrices on the host, for dense solvers. */
#ifndef SPEIG_SRC_BACKEND_EXPAND_H
#define SPEIG_SRC_BACKEND_EXPAND_H

#include "backend/operator.h"
#include "formats/components.h"

/* M = X and X = M (rounded to the block's type); same shape, M complex exactly when the block is.
 * Errors: MEMORY, those of the backend. */
speig_status mv_download_small(const multivec *X, small *M);
speig_status mv_upload_small(const small *M, multivec *X);
/* Whether small matrices for these blocks are complex. */
int mv_is_complex(const backend *be);

/* The columns first .. first + M->cols - 1 of scale * op; M is as high as it and zeroed. A matrix
 * is read from its arrays; what has none on the host is applied to columns of the identity, which
 * counts as products: then hand over a few columns at a time. */
speig_status operator_expand(bound_operator *bound, int32_t first, small *M);
int operator_expands_by_products(const bound_operator *bound);

/* The components of scale * op, and M = component c of it, order x order and zeroed before. op is a
 * matrix. Errors: MEMORY. */
speig_status operator_components(const bound_operator *bound, components *parts);
void operator_expand_component(const bound_operator *bound, const components *parts, int64_t c,
                               small *M);

#endif
