/* operator.h: an operator bound to a backend: what a solver multiplies by, and counts. */
#ifndef SPEIG_SRC_BACKEND_OPERATOR_H
#define SPEIG_SRC_BACKEND_OPERATOR_H

#include "backend/backend.h"
#include "speig/operator.h"

typedef enum operator_kind {
  OPERATOR_MATRIX,
  OPERATOR_CALLBACK,
  OPERATOR_DIAGONAL,
  OPERATOR_DEVICE_CALLBACK,
  OPERATOR_DEVICE_MATRIX
} operator_kind;

struct speig_operator {
  operator_kind kind;
  speig_dtype dtype;
  int64_t rows, n; /* n: columns, the order of a square one */
  const speig_matrix *matrix; /* MATRIX: borrowed */
  speig_apply_fn apply; /* CALLBACK */
  speig_apply_fn apply_adjoint; /* CALLBACK: may be NULL */
  speig_device_apply_fn apply_there; /* DEVICE_CALLBACK */
  speig_device_apply_fn adjoint_there; /* DEVICE_CALLBACK: may be NULL */
  speig_device_csr csr; /* DEVICE_MATRIX: borrowed arrays; csr.cols is set, csr.adjoint NULL */
  speig_operator *adjoint; /* DEVICE_MATRIX: the caller's A^H, owned; may be NULL */
  void *user;
  double *diagonal; /* DIAGONAL: n real numbers, owned */
};

typedef struct bound_operator {
  const speig_operator *op;
  backend *be;
  int adjoint; /* the solver sees the adjoint of op */
  double scale; /* the solver sees scale * op; a power of two, exact */
  backend_matrix *matrix; /* MATRIX: of what the solver sees; DEVICE_MATRIX: the same, not scaled */
  speig_matrix *scaled; /* owned: what the solver sees, where it is not op's own matrix; of a
                           DEVICE_MATRIX the adjoint that was made, not scaled */
  multivec diagonal; /* DIAGONAL: n x 1 on the device */
  void *staged[2]; /* CALLBACK on a device: X and Y on the host */
  int32_t staged_cols;
  int64_t products; /* columns multiplied so far */
  const char *role; /* what messages call it: "A", "the preconditioner"; NULL: "an operator" */
} bound_operator;

/* Products are a function of the caller's: no entries are known. */
int operator_is_opaque(const speig_operator *op);
/* Can only be used on a device. */
int operator_needs_device(const speig_operator *op);
/* Stored entries of a matrix, -1 where there are none. */
int64_t operator_entries(const speig_operator *op);

/* A matrix in the memory of be's device as one on the host, checked as every matrix is; the arrays
 * are owned by *copy. Errors: ARG, MEMORY, DEVICE. */
typedef struct matrix_copy {
  speig_matrix *matrix;
  void *rowptr, *colind, *values;
} matrix_copy;
speig_status operator_fetch_matrix(backend *be, const speig_operator *op, matrix_copy *copy);
void operator_drop_copy(matrix_copy *copy);
/* bound->matrix of an operator of kind DEVICE_MATRIX: its arrays; the adjoint in the caller's, or
 * made on the host. Errors: ARG, MEMORY, DEVICE. */
speig_status operator_bind_device_matrix(bound_operator *bound);

/* Prepares op for be with a factor (power of two). op may be NULL: *out is NULL then (the
 * identity). Errors: ARG (types differ), MEMORY, DEVICE. */
speig_status operator_bind(backend *be, const speig_operator *op, double scale,
                           bound_operator **out);
/* The same for the adjoint of op. Of a matrix that is not declared Hermitian an adjoint copy is
 * made: its product is then as fast as that with the matrix. Errors also: UNSUPPORTED (a callback
 * without adjoint). */
speig_status operator_bind_adjoint(backend *be, const speig_operator *op, double scale,
                                   bound_operator **out);
void operator_unbind(bound_operator **bound);
/* Says what messages call it (borrowed). bound may be NULL. */
void operator_call(bound_operator *bound, const char *role);

/* The shape of what the solver sees. */
static inline int64_t operator_rows(const bound_operator *bound)
{
  return bound->adjoint ? bound->op->n : bound->op->rows;
}
static inline int64_t operator_cols(const bound_operator *bound)
{
  return bound->adjoint ? bound->op->rows : bound->op->n;
}

/* Y = scale op X, counted. X and Y do not overlap. Errors: CALLBACK, NUMERIC (callback wrote NaN or
 * Inf), those of the backend. What a callback in device memory writes is not looked at: that would
 * wait for it. */
speig_status operator_apply(bound_operator *bound, const multivec *X, multivec *Y);
/* w = scale op q - beta q_prev (may be NULL), *alpha = Re q^H w; fused where the operator is a
 * matrix. */
speig_status operator_lanczos_step(bound_operator *bound, const multivec *q, double beta,
                                   const multivec *q_prev, multivec *w, double *alpha);

/* Y = alpha scale op X + gamma X + beta Y; fused where the operator is a matrix, column by column
 * in plain host memory, for one column elsewhere. */
speig_status operator_recurrence(bound_operator *bound, double alpha, double gamma,
                                 const multivec *X, double beta, multivec *Y);

#endif
