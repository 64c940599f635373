/* stub.c: to be replaced by lobpcg.c, dense.c, verify.c. */
#pragma GCC diagnostic ignored "-Wunused-parameter"
#include "base/error.h"
#include "speig/verify.h"
#include "solvers/problem.h"
speig_status lobpcg_solve(const eig_problem *problem, eig_pairs *pairs) { return error_raise(SPEIG_ERR_UNSUPPORTED, __FILE__, __LINE__, __func__, "not built yet"); }
speig_status speig_verify(const speig_matrix *A, const speig_matrix *B, int32_t k, const double *values, const speig_block *vectors, const speig_verify_opts *opts, speig_verify_report **report) { return error_raise(SPEIG_ERR_UNSUPPORTED, __FILE__, __LINE__, __func__, "not built yet"); }
void speig_verify_report_free(speig_verify_report **report) {}
