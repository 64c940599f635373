/* reduce.c: dots, norms, Gram matrices and what is fused with them: partial sums by group of rows,
 * their sums on the device, one copy of a few numbers to the host.                              */
#include "gpu/reduce.h"

#include "gpu/kernels.h"

#include <math.h>
#include <string.h>

/* Room for count x groups partial sums and, behind them, count totals. */
static speig_status sums_room(backend *be, int64_t count, int64_t groups, double **partial,
                              double **total)
{
  speig_status st = SPEIG_OK;
  size_t bytes;
  void *room = NULL;
  TRY(mem_product(count, groups + 1, sizeof(double), "partial sums", &bytes));
  TRY(gpu_workspace(be, bytes, &room));
  *partial = room;
  *total = *partial + count * groups;
done:
  return st;
}

/* Adds up the groups and waits for the totals. */
static speig_status sums_fetch(backend *be, int64_t count, int64_t groups, const double *partial,
                               double *total, const double **sums)
{
  speig_status st = SPEIG_OK;
  const void *host = NULL;
  CUDA_TRY(be, gpu_add_partials(be, groups, count, partial, total));
  TRY(gpu_fetch(be, total, sizeof(double) * (size_t)count, &host));
  *sums = host;
done:
  return st;
}

static void no_sums(int32_t count, double *sums)
{
  for (int32_t j = 0; j < count; ++j)
    sums[j] = 0;
}

speig_status gpu_entry_real_dots(const multivec *X, const multivec *Y, double *d)
{
  speig_status st = SPEIG_OK;
  int64_t groups = gpu_groups(X->n, X->p);
  double *partial, *total;
  const double *sums = NULL;
  no_sums(X->p, d);
  TRY(gpu_enter(X->be));
  if (gpu_is_empty(X))
    goto done;
  TRY(sums_room(X->be, X->p, groups, &partial, &total));
  CUDA_TRY(X->be, gpu_dots(X, Y, groups, partial));
  TRY(sums_fetch(X->be, X->p, groups, partial, total, &sums));
  for (int32_t j = 0; j < X->p; ++j)
    d[j] = sums[j];
done:
  return st;
}

/* ---- norms ----
 * A sum of squares is trusted unless it is out of this range, where a square may have over- or
 * underflowed; squares of floats in double precision cannot.                                     */
static int square_is_safe(double square)
{
  return square > 0x1p-900 && square < 0x1p1000;
}

/* ||x|| by way of its largest part: x is divided by a power of two near it before squaring. Seldom
 * needed; NaN and Inf pass through. */
static speig_status careful_norm(const multivec *x, double *norm)
{
  speig_status st = SPEIG_OK;
  int64_t groups = gpu_groups(x->n, 1);
  double *partial, *total;
  const double *sums = NULL;
  const void *host = NULL;
  double largest = 0;
  int exponent;
  TRY(sums_room(x->be, 1, groups, &partial, &total));
  CUDA_TRY(x->be, gpu_largest(x, groups, partial));
  TRY(gpu_fetch(x->be, partial, sizeof(double) * (size_t)groups, &host));
  for (int64_t g = 0; g < groups; ++g) {
    double size = ((const double *)host)[g];
    largest = size > largest || isnan(size) ? size : largest;
  }
  *norm = largest;
  if (largest == 0 || !isfinite(largest))
    goto done;
  (void)frexp(largest, &exponent);
  CUDA_TRY(x->be, gpu_scaled_square(exponent, x, groups, partial));
  TRY(sums_fetch(x->be, 1, groups, partial, total, &sums));
  *norm = ldexp(sqrt(sums[0]), exponent);
done:
  return st;
}

/* norm[j] from the sums of squares of X's columns; norm may be where these are. */
static speig_status finish_norms(const multivec *X, const double *square, double *norm)
{
  speig_status st = SPEIG_OK;
  size_t size = gpu_scalar_size(X->be);
  for (int32_t j = 0; j < X->p; ++j) {
    multivec x = { X->be, X->n, 1, X->ld, (char *)X->data + (size_t)j * (size_t)X->ld * size };
    if (square_is_safe(square[j]))
      norm[j] = sqrt(square[j]);
    else
      TRY(careful_norm(&x, &norm[j]));
  }
done:
  return st;
}

speig_status gpu_entry_norms(const multivec *X, double *norm)
{
  speig_status st = SPEIG_OK;
  TRY(gpu_entry_real_dots(X, X, norm));
  if (!gpu_is_empty(X))
    TRY(finish_norms(X, norm, norm));
done:
  return st;
}

speig_status gpu_entry_axpy_norm(double a, const multivec *x, multivec *y, double *norm)
{
  speig_status st = SPEIG_OK;
  int64_t groups = gpu_groups(x->n, 1);
  double *partial, *total, square;
  const double *sums = NULL;
  *norm = 0;
  TRY(gpu_enter(x->be));
  if (gpu_is_empty(x))
    goto done;
  TRY(sums_room(x->be, 1, groups, &partial, &total));
  CUDA_TRY(x->be, gpu_axpy_square(a, x, y, groups, partial));
  TRY(sums_fetch(x->be, 1, groups, partial, total, &sums));
  square = sums[0];
  TRY(finish_norms(y, &square, norm));
done:
  return st;
}

/* ---- Gram matrices ---- */

/* H from p x q scalars in `total`; of a symmetric one the lower triangle is given. */
static void store_gram(const double *total, int symmetric, small *H)
{
  int parts = H->is_complex ? 2 : 1;
  for (int64_t j = 0; j < H->cols; ++j)
    for (int64_t i = 0; i < H->rows; ++i) {
      double *h = H->data + (i + j * H->ld) * parts;
      int mirror = symmetric && i < j;
      const double *from = total + (mirror ? j + i * H->rows : i + j * H->rows) * parts;
      h[0] = from[0];
      if (H->is_complex)
        h[1] = mirror ? -from[1] : symmetric && i == j ? 0 : from[1];
    }
}

static void zero_small(small *H)
{
  int64_t parts = H->is_complex ? 2 : 1;
  for (int64_t j = 0; j < H->cols; ++j)
    for (int64_t i = 0; i < H->rows * parts; ++i)
      H->data[i + j * H->ld * parts] = 0;
}

/* H = X^H Y and, if norm is not NULL, the norms of Y's columns: one wait for both. */
static speig_status products_and_norms(const multivec *X, const multivec *Y, small *H, double *norm)
{
  speig_status st = SPEIG_OK;
  int symmetric = X->data == Y->data && X->ld == Y->ld && X->p == Y->p;
  int64_t groups = gpu_gram_groups(X->n, X->p, Y->p);
  int64_t products = (int64_t)X->p * Y->p * (gpu_is_complex(X->be) ? 2 : 1);
  int64_t count = products + (norm ? Y->p : 0);
  double *partial, *total;
  const double *sums = NULL;
  TRY(sums_room(X->be, count, groups, &partial, &total));
  if (products > 0)
    CUDA_TRY(X->be, gpu_gram(X, Y, symmetric, groups, partial));
  if (norm)
    CUDA_TRY(X->be, gpu_dots(Y, Y, groups, partial + products * groups));
  TRY(sums_fetch(X->be, count, groups, partial, total, &sums));
  store_gram(sums, symmetric, H);
  for (int32_t j = 0; norm && j < Y->p; ++j)
    norm[j] = sums[products + j];
  if (norm)
    TRY(finish_norms(Y, norm, norm));
done:
  return st;
}

/* The same for one column, in one pass over Q: x -= Q u on the way. */
static speig_status update_and_products(const multivec *Q, const double *u, multivec *x, small *H,
                                        double *norm)
{
  speig_status st = SPEIG_OK;
  int64_t groups = gpu_project_groups(x->n);
  int64_t products = (int64_t)Q->p * (gpu_is_complex(x->be) ? 2 : 1);
  double *partial, *total, square;
  const double *sums = NULL;
  TRY(sums_room(x->be, products + 1, groups, &partial, &total));
  CUDA_TRY(x->be, gpu_project(NULL, 0, Q, u, x, groups, partial));
  TRY(sums_fetch(x->be, products + 1, groups, partial, total, &sums));
  store_gram(sums, 0, H);
  square = sums[products];
  if (norm)
    TRY(finish_norms(x, &square, norm));
done:
  return st;
}

speig_status gpu_entry_gram(const multivec *X, const multivec *Y, small *H)
{
  speig_status st = SPEIG_OK;
  TRY(gpu_enter(X->be));
  if (gpu_is_empty(X) || gpu_is_empty(Y))
    zero_small(H);
  else
    TRY(products_and_norms(X, Y, H, NULL));
done:
  return st;
}

speig_status gpu_entry_project(const multivec *Q, const small *U, multivec *X, small *H,
                               double *norm)
{
  speig_status st = SPEIG_OK;
  double *coefficients;
  TRY(gpu_enter(X->be));
  if (gpu_is_empty(X)) {
    zero_small(H);
    if (norm)
      no_sums(X->p, norm);
    goto done;
  }
  if (U && Q->p > 0) {
    TRY(gpu_coefficients(X->be, U, gpu_is_complex(X->be), &coefficients));
    if (X->p == 1 && gpu_project_fits(X->be, Q->p)) {
      TRY(update_and_products(Q, coefficients, X, H, norm));
      goto done;
    }
    CUDA_TRY(X->be, gpu_mul(-1, Q, coefficients, 1, X));
  }
  TRY(products_and_norms(Q, X, H, norm));
done:
  return st;
}

speig_status gpu_entry_lanczos_step(backend_matrix *A, const multivec *q, double beta,
                                    const multivec *q_prev, multivec *w, double *alpha)
{
  speig_status st = SPEIG_OK;
  const gpu_matrix *M = (const gpu_matrix *)A;
  int64_t count = gpu_spmv_dots(M);
  size_t segments = gpu_spmv_sums(M);
  double *partial, *total;
  const void *host = NULL;
  void *room;
  *alpha = 0;
  TRY(gpu_enter(q->be));
  if (gpu_is_empty(q))
    goto done;
  TRY(gpu_workspace(q->be, segments + sizeof(double) * (size_t)(count + GPU_RUNS + 1), &room));
  partial = (double *)(void *)((char *)room + segments);
  total = partial + count + GPU_RUNS;
  CUDA_TRY(q->be, gpu_spmv(M, 1, q, 0, q_prev, q_prev ? -beta : 0, w, partial, room));
  CUDA_TRY(q->be, gpu_add_many(q->be, count, partial, total));
  TRY(gpu_fetch(q->be, total, sizeof *total, &host));
  memcpy(alpha, host, sizeof *alpha);
done:
  return st;
}
