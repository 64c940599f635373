/* stub.c: to be replaced by the small dense problems (small.c). */
#pragma GCC diagnostic ignored "-Wunused-parameter"
#include "dense/small.h"
#include "base/error.h"
speig_status small_alloc(int32_t rows, int32_t cols, int is_complex, small *out) { return error_raise(SPEIG_ERR_UNSUPPORTED, __FILE__, __LINE__, __func__, "not built yet"); }
void small_free(small *M) {}
small small_view(const small *M, int32_t row, int32_t col, int32_t rows, int32_t cols) { return *M; }
void small_zero(small *M) {}
void small_identity(small *M) {}
void small_copy(const small *A, small *B) {}
double small_get(const small *M, int32_t i, int32_t j) { return 0; }
void small_set(small *M, int32_t i, int32_t j, double value) {}
double small_max_abs(const small *M) { return 0; }
void small_make_hermitian(small *A) {}
void small_mul(double alpha, const small *A, int conj_a, const small *B, int conj_b, double beta, small *C) {}
void small_scale_cols(small *A, const double *d) {}
speig_status small_eigh(small *A, double *theta) { return error_raise(SPEIG_ERR_UNSUPPORTED, __FILE__, __LINE__, __func__, "not built yet"); }
speig_status small_cholesky(small *A, int32_t *rank) { return error_raise(SPEIG_ERR_UNSUPPORTED, __FILE__, __LINE__, __func__, "not built yet"); }
void small_solve_right_upper(const small *R, small *X) {}
void small_solve_left_upper(const small *R, small *X) {}
