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
 * (1 <= p), in host memory whatever the solver computes on: a solve on a device copies X to the
 * host and Y back, which costs more than most products (see speig_device_apply_fn). Y is to be
 * overwritten, its old contents are undefined. Returns 0, or any other number to stop the solver
 * with SPEIG_ERR_CALLBACK. Called from the thread that called the solver, never concurrently
 * within one solve.                                                                             */
typedef int (*speig_apply_fn)(void *user, const speig_block *X, speig_block *Y);

/* Where a product in device memory is to be made. */
typedef struct speig_place {
  speig_device device; /* SPEIG_CUDA */
  int device_number;
  void *stream; /* cudaStream_t: what is launched there comes after what X needs, and before what
                   reads Y; the function need not wait for it, and should not */
} speig_place;

/* The same with X and Y in device memory: the product is put into place->stream. */
typedef int (*speig_device_apply_fn)(void *user, const speig_place *place, const speig_block *X,
                                     speig_block *Y);

/* CSR arrays in device memory: row offsets as int64_t[n + 1] or, when that is NULL, as
 * int32_t[n + 1]; column indices ascending within each row. n: rows. */
typedef struct speig_device_csr {
  size_t size; /* sizeof(speig_device_csr), set by the INIT macro */
  speig_dtype dtype;
  int64_t n, nnz;
  const int64_t *rowptr;
  const int32_t *rowptr32;
  const int32_t *colind; /* [nnz] */
  const void *values; /* [nnz] */
  int trusted; /* not 0: solvers check nothing, and a wrong index reads elsewhere. Otherwise they
                  check the matrix as they check any, by way of a copy on the host that is dropped
                  again */
  int64_t cols; /* columns; 0: n, a square matrix */
  const struct speig_device_csr *adjoint; /* A^H, in device memory too, for singular values; NULL:
                                             these make it themselves, by way of a copy on the host
                                             that is dropped again */
} speig_device_csr;
#define SPEIG_DEVICE_CSR_INIT                                                                      \
  {                                                                                                \
    .size = sizeof(speig_device_csr)                                                               \
  }
SPEIG_API void speig_device_csr_init(speig_device_csr *A);

/* An operator that multiplies by A, which is borrowed and must outlive it. A may be rectangular:
 * then it has singular values (svds.h), while eigenvalue problems refuse it. */
SPEIG_API speig_status speig_operator_from_matrix(const speig_matrix *A, speig_operator **out);
/* An operator of order n that calls apply(user, X, Y). */
SPEIG_API speig_status speig_operator_create(speig_dtype dtype, int64_t n, speig_apply_fn apply,
                                             void *user, speig_operator **out);
/* An operator of rows x cols with its adjoint, for singular values: apply does Y = A X, X cols x p
 * and Y rows x p; apply_adjoint does Y = A^H X the other way round. */
SPEIG_API speig_status speig_operator_create_rectangular(speig_dtype dtype, int64_t rows,
                                                         int64_t cols, speig_apply_fn apply,
                                                         speig_apply_fn apply_adjoint, void *user,
                                                         speig_operator **out);
/* An operator of order n that calls apply(user, place, X, Y); for solves on CUDA devices only. */
SPEIG_API speig_status speig_operator_create_on_device(speig_dtype dtype, int64_t n,
                                                       speig_device_apply_fn apply, void *user,
                                                       speig_operator **out);
/* The same of rows x cols with its adjoint, for singular values, as in
 * speig_operator_create_rectangular. */
SPEIG_API speig_status speig_operator_create_rectangular_on_device(
    speig_dtype dtype, int64_t rows, int64_t cols, speig_device_apply_fn apply,
    speig_device_apply_fn apply_adjoint, void *user, speig_operator **out);
/* An operator that multiplies by a matrix in device memory; the arrays are borrowed, must outlive
 * the operator and not change, while A itself and A->adjoint are copied. For solves on that device
 * only. */
SPEIG_API speig_status speig_operator_from_device_csr(const speig_device_csr *A,
                                                      speig_operator **out);
/* Preconditioner of Jacobi: X -> diag(|a_ii|)^-1 X, where |a_ii| below eps max|a_jj| counts as
 * that. Copies the diagonal; A need not outlive it. */
SPEIG_API speig_status speig_operator_jacobi(const speig_matrix *A, speig_operator **out);
SPEIG_API void speig_operator_destroy(speig_operator **op);

/* An operator made ready where a context computes: a matrix is copied to the device once. op and
 * ctx must outlive it. */
typedef struct speig_product speig_product;
SPEIG_API speig_status speig_product_create(speig_context *ctx, const speig_operator *op,
                                            speig_product **out);
/* The same for a matrix of any shape, which is borrowed. */
SPEIG_API speig_status speig_product_from_matrix(speig_context *ctx, const speig_matrix *A,
                                                 speig_product **out);
/* Y = op X, both in the context's memory, with as many columns each. Does not wait. */
SPEIG_API speig_status speig_product_apply(speig_product *product, const speig_block *X,
                                           speig_block *Y);
SPEIG_API void speig_product_destroy(speig_product **product);

#ifdef __cplusplus
}
#endif
#endif
