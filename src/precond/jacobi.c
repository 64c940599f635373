/* jacobi.c: the inverse of the diagonal as a preconditioner. */
#include "backend/operator.h"
#include "base/dtype.h"
#include "base/error.h"
#include "base/memory.h"

#include <inttypes.h>
#include <math.h>

#define SPEIG_TEMPLATE "precond/diagonal.t.h"
#include "base/instantiate.h"

static void read_diagonal(const speig_matrix *A, speig_dtype dtype, int64_t n, double *size)
{
  switch (dtype) {
  case SPEIG_S:
    diagonal_sizes_s(A, n, size);
    break;
  case SPEIG_D:
    diagonal_sizes_d(A, n, size);
    break;
  case SPEIG_C:
    diagonal_sizes_c(A, n, size);
    break;
  case SPEIG_Z:
    diagonal_sizes_z(A, n, size);
    break;
  }
}

/* size[i] = 1 / max(size[i], floor), the floor keeping the quotient finite in the type and one tiny
 * or missing entry from outweighing all others; a diagonal of zeros says nothing: the identity. */
static void invert(int64_t n, double eps, double smallest, double *size)
{
  double largest = 0, floor_size;
  for (int64_t i = 0; i < n; ++i)
    largest = fmax(largest, size[i]);
  floor_size = fmax(eps * largest, 4 * smallest);
  for (int64_t i = 0; i < n; ++i)
    size[i] = largest > 0 ? 1 / fmax(size[i], floor_size) : 1;
}

speig_status speig_operator_jacobi(const speig_matrix *A, speig_operator **out)
{
  speig_status st = SPEIG_OK;
  speig_operator *op = NULL;
  double *diagonal = NULL;
  speig_matrix_info info;
  REQUIRE(A && out, "a matrix and a place for the operator are needed, one is NULL");
  *out = NULL;
  info = speig_matrix_get_info(A);
  REQUIRE(info.rows == info.cols,
          "the matrix is %" PRId64 " x %" PRId64 "; a preconditioner needs a square one", info.rows,
          info.cols);
  TRY(MEM_ZARRAY(info.rows, "diagonal", &diagonal));
  read_diagonal(A, info.dtype, info.rows, diagonal);
  for (int64_t i = 0; i < info.rows; ++i)
    if (!isfinite(diagonal[i]))
      FAIL(SPEIG_ERR_NUMERIC, "diagonal entry %" PRId64 " is NaN or Inf, finite needed", i + 1);
  invert(info.rows, dtype_eps(info.dtype), dtype_min(info.dtype), diagonal);
  TRY(MEM_ZARRAY(1, "operator", &op));
  *op = (speig_operator){ .kind = OPERATOR_DIAGONAL,
                          .dtype = info.dtype,
                          .rows = info.rows,
                          .n = info.rows,
                          .diagonal = diagonal };
  diagonal = NULL;
  *out = op;
done:
  mem_free(diagonal);
  return st;
}
