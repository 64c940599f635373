/* stub.c: to be replaced by jacobi.c. */
#pragma GCC diagnostic ignored "-Wunused-parameter"
#include "base/error.h"
#include "speig/operator.h"
speig_status speig_operator_jacobi(const speig_matrix *A, speig_operator **out) { return error_raise(SPEIG_ERR_UNSUPPORTED, __FILE__, __LINE__, __func__, "not built yet"); }
