/* front_kernels.h: all kernels of front.h and their four tables, compiled by front_v1.c, front_v3.c
 * and front_v4.c with the compiler options of one instruction set each. They define FRONT_BYTES (of
 * a register) and FRONT_TABLES (the name of the result). */
#include "factor/front.h"

#include <cblas.h>
#include <complex.h>
#include <math.h>
#include <omp.h>
#include <string.h>

/* C += alpha A B^H; A m x k, B n x k, by columns. */
#define GEMM_REAL(name, call, type)                                                                \
  static void name(int m, int n, int k, type alpha, const type *A, int lda, const type *B,         \
                   int ldb, type *C, int ldc)                                                      \
  {                                                                                                \
    call(CblasColMajor, CblasNoTrans, CblasTrans, m, n, k, alpha, A, lda, B, ldb, 1, C, ldc);      \
  }
#define GEMM_COMPLEX(name, call, type)                                                             \
  static void name(int m, int n, int k, type alpha, const type *A, int lda, const type *B,         \
                   int ldb, type *C, int ldc)                                                      \
  {                                                                                                \
    const type one = 1;                                                                            \
    call(CblasColMajor, CblasNoTrans, CblasConjTrans, m, n, k, &alpha, A, lda, B, ldb, &one, C,    \
         ldc);                                                                                     \
  }
GEMM_REAL(gemm_s, cblas_sgemm, float)
GEMM_REAL(gemm_d, cblas_dgemm, double)
GEMM_COMPLEX(gemm_c, cblas_cgemm, float _Complex)
GEMM_COMPLEX(gemm_z, cblas_zgemm, double _Complex)

/* name_d_4 of (name, 4). */
#define AT_WIDTH__(typed, width) typed##_##width
#define AT_WIDTH_(typed, width) AT_WIDTH__(typed, width)
#define AT_WIDTH(name) AT_WIDTH_(TYPED(name), COLUMNS)

#define SPEIG_TEMPLATE "factor/front.t.h"
#include "base/instantiate.h"
#define SPEIG_TEMPLATE "factor/sweep.t.h"
#include "base/instantiate.h"

/* Scalars that a register holds. Of rows of two registers gcc makes memory traffic: 8 columns of
 * double took longer than twice 4 with 32 bytes. */
#define WIDEST(type)                                                                               \
  (FRONT_BYTES / (int)sizeof(type) < FRONT_WIDEST ? FRONT_BYTES / (int)sizeof(type) : FRONT_WIDEST)
#define KERNELS(t, type)                                                                           \
  {                                                                                                \
    WIDEST(type), factor_##t, down_##t, up_##t, gather_##t, scatter_##t, add_##t, row_sums_##t     \
  }
const front_kernels FRONT_TABLES[4] = {
  KERNELS(s, float),
  KERNELS(d, double),
  KERNELS(c, float _Complex),
  KERNELS(z, double _Complex),
};
