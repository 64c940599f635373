/* operator.h: what the solvers multiply by: a sparse matrix, or the caller's own function. */
#ifndef SPEIG_OPERATOR_H
#define SPEIG_OPERATOR_H

#include "speig/block.h"
#include "speig/matrix.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct speig_operator speig_operator;

/* The caller's product: Y = op(X) on whole blocks, X and Y n x p with p chosen by the solver
 * (1 <= p), on the device named when the solver was called (host memory for now). Y is to be
 * overwritten, its old contents are undefined. Returns 0, or any other number to stop the solver
 * with SPEIG_ERR_CALLBACK. Called from the thread that called the solver, never concurrently
 * within one solve.                                                                             */
typedef int (*speig_apply_fn)(void *user, const speig_block *X, speig_block *Y);

/* An operator that multiplies by A, which is borrowed and must outlive it. */
SPEIG_API speig_status speig_operator_from_matrix(const speig_matrix *A, speig_operator **out);
/* An operator of order n that calls apply(user, X, Y). */
SPEIG_API speig_status speig_operator_create(speig_dtype dtype, int64_t n, speig_apply_fn apply,
                                             void *user, speig_operator **out);
/* Preconditioner of Jacobi: X -> diag(|a_ii|)^-1 X, where |a_ii| below eps max|a_jj| counts as
 * that. Copies the diagonal; A need not outlive it. */
SPEIG_API speig_status speig_operator_jacobi(const speig_matrix *A, speig_operator **out);
SPEIG_API void speig_operator_destroy(speig_operator **op);

#ifdef __cplusplus
}
#endif
#endif
