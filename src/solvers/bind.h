/* bind.h: from what a caller gave to what a solver works with: blocks and operators are checked,
 * scaled and brought to the backend. Shared by all solver calls. */
#ifndef SPEIG_SRC_SOLVERS_BIND_H
#define SPEIG_SRC_SOLVERS_BIND_H

#include "backend/operator.h"

/* Errors: ARG, for eigenvalue problems. */
speig_status bind_check_square(const char *name, const speig_operator *op);

/* Whether X (may be NULL) has the type and the rows of A, and is well-formed. Errors: ARG. */
speig_status bind_check_block(const char *name, const speig_block *X, const speig_operator *A);

/* Binds scale * op; scale is a power of two, 1 unless squares could leave the range of the type;
 * *floor is a lower bound of the norm of scale * op, 0 when none is known. Entries of a matrix are
 * checked: finite, and Hermitian when needed and not declared so. op NULL: *bound stays as it is.
 * Errors: ARG (not square, too), NUMERIC, MEMORY, CALLBACK. */
speig_status bind_scaled(backend *be, const char *name, const speig_operator *op,
                         int need_hermitian, uint64_t seed, double *scale, double *floor,
                         bound_operator **bound);

/* The same for an operator that may be rectangular and is there. */
speig_status bind_any_shape(backend *be, const char *name, const speig_operator *op,
                            int need_hermitian, uint64_t seed, double *scale, double *floor,
                            bound_operator **bound);

/* Whether the entries of an adjoint that came with op are finite and in place, unless op or it is
 * trusted. */
speig_status bind_check_adjoint(backend *be, const speig_operator *op);

/* A copy of the caller's X on the device, empty for NULL. what names it in messages. Errors:
 * NUMERIC for NaN or Inf. */
speig_status bind_upload(backend *be, int64_t n, const char *what, const speig_block *X,
                         multivec *out);

#endif
