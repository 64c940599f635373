/* stub.c: to be replaced by lobpcg.c, dense.c. */
#pragma GCC diagnostic ignored "-Wunused-parameter"
#include "base/error.h"
#include "solvers/problem.h"
speig_status lobpcg_solve(const eig_problem *problem, eig_pairs *pairs)
{
  return error_raise(SPEIG_ERR_UNSUPPORTED, __FILE__, __LINE__, __func__, "not built yet");
}
