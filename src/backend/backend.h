/* backend.h: THE seam. Solvers work on blocks of vectors through the mv_* functions below and never
 * see a scalar type or a device; each backend is one const table per scalar type.
 *
 * A block is the local slab of rows. What gram, real_dots, norms and the fused entries return to
 * the host is summed over all rows of the problem inside the table, so a distributed backend fits
 * without touching a solver.                                                                    */
#ifndef SPEIG_SRC_BACKEND_BACKEND_H
#define SPEIG_SRC_BACKEND_BACKEND_H

#include "dense/small.h"
#include "speig/matrix.h"
#include "speig/types.h"

typedef struct backend backend;
/* What a sparse matrix prepared by a backend begins with; the rest is the backend's own. */
typedef struct backend_matrix {
  backend *be;
  int64_t rows, cols;
  double bytes; /* that one pass over it moves; 0: as CSR does, see traffic.h */
} backend_matrix;

/* n x p scalars, column-major: entry (i, j) is number i + j ld of data, which is device memory. */
typedef struct multivec {
  backend *be;
  int64_t n;
  int32_t p;
  int64_t ld;
  void *data;
} multivec;

/* Steps of a Lanczos run that are made without a word to the host: see lanczos_append. */
typedef struct lanczos_batch {
  multivec basis; /* n x (y + m + 1): constraints, V, and the next vector */
  int32_t y;
  int32_t first, last; /* steps first .. last - 1; last <= m */
  double norm_op; /* size of the operator as seen before `first` */
  double huge; /* a coefficient beyond this ends the batch; may be Inf */
  double *diag, *off; /* [m] of T, on the host; lanczos_collect writes them */
} lanczos_batch;

/* Where a pointer leads, as the device sees it. */
typedef enum memory_kind {
  MEMORY_HOST,
  MEMORY_PINNED, /* host memory that copies can run beside other work from */
  MEMORY_HERE, /* on the backend's device */
  MEMORY_ELSEWHERE, /* on another device */
  MEMORY_MANAGED /* migrates: good for both */
} memory_kind;

/* A sparse matrix in arrays of the caller on the device: CSR with columns ascending in each row.
 * One of the two kinds of row offsets. */
typedef struct device_csr {
  int64_t rows, cols, nnz;
  const int64_t *rowptr;
  const int32_t *rowptr32; /* used when rowptr is NULL */
  const int32_t *colind;
  const void *values;
} device_csr;

/* Callers are the mv_* wrappers, which have checked shapes; tables do not check again. Shapes: X, Y
 * are n x p unless said otherwise; Q is n x q; H, C are host matrices in double precision. Blocks
 * of one call never overlap unless said otherwise. p = 0 and n = 0 are legal. Only functions that
 * write to the host (gram, real_dots, norms, download and the fused ones with host results) wait
 * for the device; all others may be asynchronous, but host arguments are free on return. Sums: in
 * the precision of the type or better, over fixed chunks of rows in fixed order: the same bits for
 * any number of threads. fused: may be NULL, the wrapper then composes it.             */
typedef struct backend_ops {
  const char *name; /* "host/d" */
  speig_device device;
  speig_dtype dtype;

  speig_status (*open)(backend *be); /* sets be->state; may be NULL */
  void (*close)(backend *be);

  speig_status (*alloc)(backend *be, int64_t n, int32_t p, void **data, int64_t *ld);
  void (*release)(backend *be, void *data);
  speig_status (*upload)(const void *host, int64_t ldh, multivec *X);
  speig_status (*download)(const multivec *X, void *host, int64_t ldh);
  speig_status (*copy)(const multivec *X, multivec *Y); /* Y = X */
  speig_status (*zero)(multivec *X); /* X = 0, also where it is NaN */
  speig_status (*fill_random)(uint64_t seed, multivec *X); /* random_uniform(seed, i, j) */

  /* A is borrowed until matrix_close. */
  speig_status (*matrix_open)(backend *be, const speig_matrix *A, backend_matrix **out);
  void (*matrix_close)(backend *be, backend_matrix *A);
  /* Y = alpha A X + beta Y; A is m x n, Y is m x p. beta == 0 does not read Y. */
  speig_status (*apply)(backend_matrix *A, double alpha, const multivec *X, double beta,
                        multivec *Y);

  speig_status (*gram)(const multivec *X, const multivec *Y, small *H); /* H = X^H Y; Y may be X */
  /* Y = alpha X C + beta Y; X n x p, C p x q, Y n x q. beta == 0 does not read Y. A real C may meet
   * complex blocks.                                                                             */
  speig_status (*mul)(double alpha, const multivec *X, const small *C, double beta, multivec *Y);
  speig_status (*real_dots)(const multivec *X, const multivec *Y,
                            double *d); /* d_j = Re x_j^H y_j */
  speig_status (*norms)(const multivec *X, double *norm); /* ||x_j||_2 without over- or underflow */
  speig_status (*axpy)(const double *a, const multivec *X, multivec *Y); /* y_j += a_j x_j */
  speig_status (*scale)(const double *f, multivec *X); /* x_j *= f_j */
  /* Y = diag(d) X, d n x 1 with real entries in the block's type; Y may be X. */
  speig_status (*row_scale)(const multivec *d, const multivec *X, multivec *Y);

  /* fused: X(:, 0:q) = X C in place, X n x p, C p x q, q <= p; other columns become undefined. */
  speig_status (*rotate)(multivec *X, const small *C);
  /* fused, one column each: w = A q - beta q_prev (q_prev may be NULL), *alpha = Re q^H w. */
  speig_status (*lanczos_step)(backend_matrix *A, const multivec *q, double beta,
                               const multivec *q_prev, multivec *w, double *alpha);
  /* fused, one column each: y = alpha A x + gamma x + beta y, A square; the step of a three-term
   * recurrence. beta == 0 does not read y. */
  speig_status (*recurrence)(backend_matrix *A, double alpha, double gamma, const multivec *x,
                             double beta, multivec *y);
  /* fused, one column each: y += a x, *norm = ||y||. */
  speig_status (*axpy_norm)(double a, const multivec *x, multivec *y, double *norm);
  /* fused: H = Q^H X, and *when update is set* first X -= Q U, then H = Q^H X and norm_j = ||x_j||,
   * all in one pass over Q. U and H are q x p and may be the same matrix. */
  speig_status (*project)(const multivec *Q, const small *U, multivec *X, small *H, double *norm);

  /* May be NULL, all three: nothing is gained by another order of the unknowns.
   * matrix_order: an order of the rows `order` (int32[count], changed in place) of a square A in
   * which products are faster; *gain = 0 where it would not be. matrix_select: rows and columns
   * order[0 .. count) of A, which have no entries elsewhere, as a matrix of its own. rows: row i
   * of Y is row order[i] of X, which is longer; with `back` row order[i] of Y is row i of X, and
   * rows that are not in `order` are left alone. */
  speig_status (*matrix_order)(backend_matrix *A, int32_t *order, int64_t count, int *gain);
  speig_status (*matrix_select)(backend_matrix *A, const int32_t *order, int64_t count,
                                backend_matrix **out);
  speig_status (*rows)(const int32_t *order, int back, const multivec *X, multivec *Y);

  /* For devices on which waiting costs more than work: both or neither.
   *
   * append, asynchronous: step j, for j = first, first + 1, ... last - 1 in turn. Column y + j + 1
   * of the basis holds w = op v_j. It is made orthogonal to the y + j + 1 columns before it (U =
   * Q^H w; w -= Q U, R = Q^H w; and once more with U = R unless max |R| <= 2 eps ||w||); alpha = Re
   * of the sum of the coefficients with v_j, beta = ||w||; v_{j+1} = w / beta. norm_op =
   * max(norm_op, |alpha|, beta). The batch stops before step j, which leaves its column undefined
   * and makes all later calls idle, when alpha or beta is not finite or above huge, when beta <= 4
   * eps norm_op, or when R did not become small. Call j = first takes the parameters; later ones
   * may differ in nothing. collect waits: *done = the step before which the batch stopped, or last;
   * diag[j] = alpha, off[j] = beta for first <= j < *done. */
  speig_status (*lanczos_append)(lanczos_batch *batch, int32_t j);
  speig_status (*lanczos_collect)(lanczos_batch *batch, int32_t *done);

  /* For devices with memory of their own: NULL means that blocks lie in plain host memory and that
   * nothing is asynchronous.
   * wait: until everything asked for is done; reports what failed meanwhile. copies: as upload and
   * download, but from and to pinned memory, which must be left alone until the next wait; in other
   * host memory they may be finished on return. */
  speig_status (*wait)(backend *be);
  speig_status (*locate)(backend *be, const void *data, memory_kind *kind);
  speig_status (*upload_async)(const void *host, int64_t ldh, multivec *X);
  speig_status (*download_async)(const multivec *X, void *host, int64_t ldh);
  speig_status (*pin_alloc)(backend *be, size_t bytes, void **data); /* zeroed */
  void (*pin_free)(backend *be, void *data);
  /* A's arrays are read in place until matrix_close; nothing about them is checked. */
  speig_status (*matrix_borrow)(backend *be, const device_csr *A, backend_matrix **out);
  /* host = bytes on the device, of whatever type; waits. */
  speig_status (*fetch_bytes)(backend *be, const void *data, size_t bytes, void *host);
  /* Bytes that alloc could still give, about. */
  speig_status (*memory_free)(backend *be, size_t *bytes);
} backend_ops;

struct backend {
  const backend_ops *ops;
  int threads;
  int ordinal; /* which device of its kind */
  void *stream; /* in whose order all work is done: the caller's, or what open puts here */
  void *state; /* the backend's own: workspace, library handles */
  double moved; /* bytes so far, by the model of traffic.h */
};

/* Opens a backend for one scalar type. A backend serves one thread at a time.
 * Errors: ARG, DEVICE (not built or not present; the message says which), MEMORY.               */
speig_status backend_open(speig_device device, speig_dtype dtype, int threads, backend **out);
/* The same on device `ordinal` of its kind (0 where there is but one), in the order of the caller's
 * stream (NULL: one of its own; host backends have none and refuse it). */
speig_status backend_open_at(speig_device device, int ordinal, void *stream, speig_dtype dtype,
                             int threads, backend **out);
void backend_close(backend **be);

/* ---- blocks: allocation and views ---- */

speig_status mv_alloc(backend *be, int64_t n, int32_t p, const char *what, multivec *X);
void mv_free(multivec *X); /* of mv_alloc; accepts zeroed X */
multivec mv_columns(const multivec *X, int32_t first, int32_t count); /* a view */
/* A view of memory that is already on the backend's device. */
multivec mv_wrap(backend *be, int64_t n, int32_t p, int64_t ld, void *data);
/* The block's memory, by columns with its leading dimension, where that is plain host memory; NULL
 * on a device. What is written there needs no upload. */
void *mv_plain(const multivec *X);
speig_status mv_upload(const void *host, int64_t ldh, multivec *X);
speig_status mv_download(const multivec *X, void *host, int64_t ldh);
/* The first row of a column that holds NaN or Inf; -1: none. For messages: takes n numbers of
 * memory.
 */
speig_status mv_find_nonfinite(const multivec *x, int64_t *row);

/* ---- the table, shapes checked ---- */

speig_status mv_copy(const multivec *X, multivec *Y);
speig_status mv_zero(multivec *X);
speig_status mv_fill_random(uint64_t seed, multivec *X);
speig_status mv_matrix_open(backend *be, const speig_matrix *A, backend_matrix **out);
void mv_matrix_close(backend *be, backend_matrix **A);
speig_status mv_apply(backend_matrix *A, double alpha, const multivec *X, double beta, multivec *Y);
speig_status mv_gram(const multivec *X, const multivec *Y, small *H);
speig_status mv_mul(double alpha, const multivec *X, const small *C, double beta, multivec *Y);
speig_status mv_real_dots(const multivec *X, const multivec *Y, double *d);
speig_status mv_norms(const multivec *X, double *norm);
speig_status mv_axpy(const double *a, const multivec *X, multivec *Y);
speig_status mv_scale(const double *f, multivec *X);
speig_status mv_row_scale(const multivec *d, const multivec *X, multivec *Y);
speig_status mv_rotate(multivec *X, const small *C);
speig_status mv_lanczos_step(backend_matrix *A, const multivec *q, double beta,
                             const multivec *q_prev, multivec *w, double *alpha);
speig_status mv_recurrence(backend_matrix *A, double alpha, double gamma, const multivec *x,
                           double beta, multivec *y);
speig_status mv_axpy_norm(double a, const multivec *x, multivec *y, double *norm);
speig_status mv_project(const multivec *Q, const small *U, multivec *X, small *H, double *norm);

/* ---- what the host does not wait for ---- */

/* Whether Lanczos steps should be made in batches, and the two functions for it, which only such
 * backends have. */
int mv_runs_ahead(const backend *be);
speig_status mv_lanczos_append(lanczos_batch *batch, int32_t j);
speig_status mv_lanczos_collect(lanczos_batch *batch, int32_t *done);
/* Backends in plain host memory: nothing to wait for, HOST everywhere, ordinary copies. */
speig_status mv_wait(backend *be);
int mv_has_own_memory(const backend *be);
speig_status mv_locate(backend *be, const void *data, memory_kind *kind);
speig_status mv_upload_async(const void *host, int64_t ldh, multivec *X);
speig_status mv_download_async(const multivec *X, void *host, int64_t ldh);
/* Host memory that copies can run beside other work from; ordinary memory where there is no such.
 */
speig_status mv_pin_alloc(backend *be, size_t bytes, void **data);
void mv_pin_free(backend *be, void *data);
/* Errors: UNSUPPORTED where blocks lie in host memory. */
speig_status mv_matrix_borrow(backend *be, const device_csr *A, backend_matrix **out);
speig_status mv_fetch_bytes(backend *be, const void *data, size_t bytes, void *host);

/* Whether the backend has another order of the unknowns to offer, and the three functions for it.
 */
int mv_may_select(const backend *be);
speig_status mv_matrix_order(backend_matrix *A, int32_t *order, int64_t count, int *gain);
speig_status mv_matrix_select(backend_matrix *A, const int32_t *order, int64_t count,
                              backend_matrix **out);
speig_status mv_rows(const int32_t *order, int back, const multivec *X, multivec *Y);

/* R = AX - BX diag(theta); R may be AX. A composition of copy and axpy. */
speig_status mv_residual(const multivec *AX, const multivec *BX, const double *theta, multivec *R);

/* X -= Q (Q^H X), repeated until Q^H X is negligible beside X (classical Gram-Schmidt with the test
 * of Daniel, Gragg, Kaufman, Stewart 1976; two passes over Q when X was nearly orthogonal). Q
 * orthonormal. H (q x p, may be NULL) receives the sum of the coefficients, norm[p] the norms
 * after. work: two q x p matrices. A column that lies in span(Q) to working precision ends with a
 * norm of rounding size: the caller decides that it is zero. */
speig_status mv_orthogonalize(const multivec *Q, multivec *X, small *H, double *norm,
                              small work[2]);

#endif
