/* kernels.h: what the .cu files offer to the C files of this folder. Everything is put into the
 * stream of the backend and returns at once; blocks are of the backend's type and not empty, unless
 * said otherwise. Pointers named `partial`, `total`, `coefficients` are device memory.           */
#ifndef SPEIG_SRC_GPU_KERNELS_H
#define SPEIG_SRC_GPU_KERNELS_H

#include "gpu/batch.h"
#include "gpu/matrix.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- columns.cu: entry by entry; reads and writes each operand once ---- */

cudaError_t gpu_copy(const multivec *X, multivec *Y); /* Y = X */
cudaError_t gpu_zero(multivec *X);
cudaError_t gpu_fill_random(uint64_t seed, multivec *X);
cudaError_t gpu_axpy(const double *a, const multivec *X, multivec *Y); /* a in host memory */
cudaError_t gpu_scale(const double *f, multivec *X);
cudaError_t gpu_row_scale(const multivec *d, const multivec *X, multivec *Y);

/* ---- sums.cu: sums over rows ----
 * The rows are cut into gpu_groups(n, ...) groups of equal height, which depend on the shapes
 * alone; a block of threads sums one group; partial[i * groups + g] is group g's share of sum i.
 * gpu_add_partials then adds the groups, always in the same order.                              */

/* How many groups when `tasks` blocks of threads work on each. */
int64_t gpu_groups(int64_t n, int64_t tasks);
int64_t gpu_group_rows(int64_t n, int64_t groups);
cudaError_t gpu_add_partials(const backend *be, int64_t groups, int64_t count,
                             const double *partial, double *total);
/* *total = sum of `count` numbers, however many; room for GPU_RUNS more behind them. */
enum { GPU_RUNS = 256 };
cudaError_t gpu_add_many(const backend *be, int64_t count, double *partial, double *total);
/* sum j: Re x_j^H y_j */
cudaError_t gpu_dots(const multivec *X, const multivec *Y, int64_t groups, double *partial);
/* y += a x, one column; sum 0: ||y||^2 */
cudaError_t gpu_axpy_square(double a, const multivec *x, multivec *y, int64_t groups,
                            double *partial);
/* partial[g] = the largest part of x in size, NaN if one is; one column */
cudaError_t gpu_largest(const multivec *x, int64_t groups, double *partial);
/* sum 0: ||2^-exponent x||^2, one column */
cudaError_t gpu_scaled_square(int exponent, const multivec *x, int64_t groups, double *partial);

/* ---- gram.cu ---- */

/* sum (i + j p) (times 2 for complex, real and imaginary part): x_i^H y_j. symmetric: Y is X, and
 * sums with i < j may be left out. groups: as gpu_gram_groups says. */
int64_t gpu_gram_groups(int64_t n, int32_t p, int32_t q);
cudaError_t gpu_gram(const multivec *X, const multivec *Y, int symmetric, int64_t groups,
                     double *partial);

/* ---- project.cu: w against the columns of Q ---- */

/* Whether so many columns fit into the device's shared memory. */
int gpu_project_fits(const backend *be, int32_t columns);
int64_t gpu_project_groups(int64_t n);
/* w -= Q u, then sums 0, 1, ...: R = Q^H w (two for each complex entry), and last ||w||^2. u: as
 * from gpu_coefficients. run, which may be NULL: does nothing if it has stopped, or, in its second
 * sweep, if that is not needed. */
cudaError_t gpu_project(const gpu_run *run, int second, const multivec *Q, const double *u,
                        multivec *w, int64_t groups, double *partial);
/* w times run->inverse, unless the run has stopped. */
cudaError_t gpu_normalize(const gpu_run *run, multivec *w);

/* ---- settle.cu: the small decisions of a run, made on the device ---- */

cudaError_t gpu_run_start(const backend *be, gpu_run *run, double norm_op, double huge, double eps);
/* The run stops before step j, unless it has already. */
cudaError_t gpu_run_stop(const backend *be, gpu_run *run, int32_t j);
/* Adds up what gpu_project left, in the first or second sweep of step j against `columns` columns,
 * and decides: again, on, or stop. */
cudaError_t gpu_run_settle(const backend *be, gpu_run *run, const gpu_arrays *arrays, int second,
                           int32_t columns, int32_t j, int64_t groups, const double *partial);

/* ---- mul.cu ---- */

/* Y = alpha X C + beta Y, C p x q from gpu_coefficients. */
cudaError_t gpu_mul(double alpha, const multivec *X, const double *coefficients, double beta,
                    multivec *Y);

/* ---- spmv.cu ----
 * Y = alpha A X + gamma X + beta Z; Z may be Y, gamma is 0 unless A is square, beta 0 does not read
 * Z, which may be NULL then. dots, if not NULL: gpu_spmv_dots(A) partial sums of Re x^H y, one
 * column. sums: gpu_spmv_sums(A) bytes of device memory, for the segments of long rows.         */
int64_t gpu_spmv_dots(const gpu_matrix *A);
size_t gpu_spmv_sums(const gpu_matrix *A);
cudaError_t gpu_spmv(const gpu_matrix *A, double alpha, const multivec *X, double gamma,
                     const multivec *Z, double beta, multivec *Y, double *dots, void *sums);

#ifdef __cplusplus
}
#endif
#endif
