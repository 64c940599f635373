/* stub.c: to be replaced by the formats. */
#pragma GCC diagnostic ignored "-Wunused-parameter"
#include "base/error.h"
#include "speig/matrix.h"
#include "speig/matrix_market.h"
speig_status speig_coo_create(speig_dtype dtype, int64_t rows, int64_t cols, int64_t nnz, const int32_t *row, const int32_t *col, const void *values, speig_symmetry symmetry, speig_ownership own, speig_coo **out) { return error_raise(SPEIG_ERR_UNSUPPORTED, __FILE__, __LINE__, __func__, "not built yet"); }
void speig_coo_destroy(speig_coo **coo) {}
int64_t speig_coo_nnz(const speig_coo *coo) { return 0; }
void speig_coo_arrays(const speig_coo *coo, const int32_t **row, const int32_t **col, const void **values) {}
speig_status speig_matrix_from_coo(const speig_coo *coo, speig_matrix **out) { return error_raise(SPEIG_ERR_UNSUPPORTED, __FILE__, __LINE__, __func__, "not built yet"); }
speig_status speig_coo_from_matrix(const speig_matrix *A, speig_coo **out) { return error_raise(SPEIG_ERR_UNSUPPORTED, __FILE__, __LINE__, __func__, "not built yet"); }
speig_status speig_matrix_create_csr(speig_dtype dtype, int64_t rows, int64_t cols, const int64_t *rowptr, const int32_t *colind, const void *values, speig_ownership own, speig_matrix **out) { return error_raise(SPEIG_ERR_UNSUPPORTED, __FILE__, __LINE__, __func__, "not built yet"); }
speig_status speig_matrix_create_csr32(speig_dtype dtype, int64_t rows, int64_t cols, const int32_t *rowptr, const int32_t *colind, const void *values, speig_ownership own, speig_matrix **out) { return error_raise(SPEIG_ERR_UNSUPPORTED, __FILE__, __LINE__, __func__, "not built yet"); }
void speig_matrix_destroy(speig_matrix **A) {}
speig_matrix_info speig_matrix_get_info(const speig_matrix *A) { return (speig_matrix_info){0}; }
void speig_matrix_arrays(const speig_matrix *A, const int64_t **rowptr, const int32_t **colind, const void **values) {}
speig_status speig_matrix_convert(const speig_matrix *A, speig_dtype dtype, speig_matrix **out) { return error_raise(SPEIG_ERR_UNSUPPORTED, __FILE__, __LINE__, __func__, "not built yet"); }
speig_status speig_matrix_transpose(const speig_matrix *A, int conjugate, speig_matrix **out) { return error_raise(SPEIG_ERR_UNSUPPORTED, __FILE__, __LINE__, __func__, "not built yet"); }
speig_status speig_matrix_scaled(const speig_matrix *A, double factor, speig_matrix **out) { return error_raise(SPEIG_ERR_UNSUPPORTED, __FILE__, __LINE__, __func__, "not built yet"); }
speig_status speig_matrix_get_stats(const speig_matrix *A, speig_matrix_stats *stats) { return error_raise(SPEIG_ERR_UNSUPPORTED, __FILE__, __LINE__, __func__, "not built yet"); }
speig_status speig_matrix_hermitian_defect(const speig_matrix *A, double *relative) { return error_raise(SPEIG_ERR_UNSUPPORTED, __FILE__, __LINE__, __func__, "not built yet"); }
speig_status speig_mm_read(const char *path, int threads, speig_mm_header *header, speig_matrix **out) { return error_raise(SPEIG_ERR_UNSUPPORTED, __FILE__, __LINE__, __func__, "not built yet"); }
speig_status speig_mm_read_memory(const char *name, const void *bytes, size_t size, int threads, speig_mm_header *header, speig_matrix **out) { return error_raise(SPEIG_ERR_UNSUPPORTED, __FILE__, __LINE__, __func__, "not built yet"); }
speig_status speig_mm_read_dense(const char *path, speig_mm_header *header, speig_block *out) { return error_raise(SPEIG_ERR_UNSUPPORTED, __FILE__, __LINE__, __func__, "not built yet"); }
speig_status speig_mm_write(const char *path, const speig_matrix *A, const speig_mm_write_opts *opts) { return error_raise(SPEIG_ERR_UNSUPPORTED, __FILE__, __LINE__, __func__, "not built yet"); }
speig_status speig_mm_write_dense(const char *path, const speig_block *X, const speig_mm_write_opts *opts) { return error_raise(SPEIG_ERR_UNSUPPORTED, __FILE__, __LINE__, __func__, "not built yet"); }
