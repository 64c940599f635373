/* eigen_kit.h: for tests of solvers at the level of eig_problem: builds a problem from matrices,
 * and judges its answer by loops of its own in double precision. */
#ifndef SPEIG_TESTS_EIGEN_KIT_H
#define SPEIG_TESTS_EIGEN_KIT_H

#include "harness.h"

#include "base/clock.h"
#include "base/dtype.h"
#include "base/random.h"
#include "solvers/problem.h"
#include "speig/matrix.h"
#include "speig/matrix_market.h"

#include <complex.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef double _Complex kit_scalar;

typedef struct kit {
  backend *be;
  const speig_matrix *A, *B; /* borrowed */
  speig_operator *op_a, *op_b;
  eig_problem problem;
  eig_pairs pairs;
  multivec guess, constraints, constraints_b; /* owned */
} kit;

static inline kit_scalar kit_get(speig_dtype dtype, const void *data, int64_t i)
{
  switch (dtype) {
  case SPEIG_S:
    return ((const float *)data)[i];
  case SPEIG_D:
    return ((const double *)data)[i];
  case SPEIG_C:
    return ((const float _Complex *)data)[i];
  case SPEIG_Z:
    break;
  }
  return ((const kit_scalar *)data)[i];
}

static inline void kit_put(speig_dtype dtype, void *data, int64_t i, kit_scalar value)
{
  switch (dtype) {
  case SPEIG_S:
    ((float *)data)[i] = (float)creal(value);
    break;
  case SPEIG_D:
    ((double *)data)[i] = creal(value);
    break;
  case SPEIG_C:
    ((float _Complex *)data)[i] = (float _Complex)value;
    break;
  case SPEIG_Z:
    ((kit_scalar *)data)[i] = value;
    break;
  }
}

/* The n x n matrix whose entries f(i, j) are not zero; imaginary parts are dropped for s and d. */
static inline speig_matrix *kit_matrix(speig_dtype dtype, int32_t n,
                                       kit_scalar (*f)(int32_t i, int32_t j, const void *user),
                                       int32_t bandwidth, const void *user)
{
  int64_t room = (int64_t)n * (2 * (int64_t)bandwidth + 1), nnz = 0;
  int32_t *row = calloc((size_t)room + 1, sizeof *row),
          *col = calloc((size_t)room + 1, sizeof *col);
  void *values = calloc((size_t)room + 1, 16);
  speig_coo *coo = NULL;
  speig_matrix *A = NULL;
  for (int32_t i = 0; i < n; ++i) {
    for (int32_t j = i - bandwidth; j <= i + bandwidth; ++j) {
      kit_scalar value = j >= 0 && j < n ? f(i, j, user) : 0;
      if (value == 0)
        continue;
      row[nnz] = i;
      col[nnz] = j;
      kit_put(dtype, values, nnz++, value);
    }
  }
  CHECK_OK(speig_coo_create(dtype, n, n, nnz, row, col, values, SPEIG_GENERAL, SPEIG_COPY, &coo));
  CHECK_OK(speig_matrix_from_coo(coo, &A));
  speig_coo_destroy(&coo);
  free(row);
  free(col);
  free(values);
  return A;
}

/* A unit phase for each row: D^H M D has M's spectrum, and is complex where the type is. */
static inline kit_scalar kit_phase(speig_dtype dtype, int32_t i)
{
  return dtype_is_complex(dtype) ? cexp(2.4 * i * I) : 1;
}

typedef struct kit_pattern {
  speig_dtype dtype;
  double diagonal, neighbour;
} kit_pattern;

static inline kit_scalar kit_tridiagonal_entry(int32_t i, int32_t j, const void *user)
{
  const kit_pattern *p = user;
  return (i == j ? p->diagonal : p->neighbour) * conj(kit_phase(p->dtype, i)) *
         kit_phase(p->dtype, j);
}

static inline speig_matrix *kit_tridiagonal(speig_dtype dtype, int32_t n, double diagonal,
                                            double neighbour)
{
  kit_pattern p = { dtype, diagonal, neighbour };
  return kit_matrix(dtype, n, kit_tridiagonal_entry, 1, &p);
}

static inline kit_scalar kit_diagonal_entry(int32_t i, int32_t j, const void *user)
{
  return i == j ? ((const double *)user)[i] : 0;
}

static inline speig_matrix *kit_diagonal(speig_dtype dtype, int32_t n, const double *d)
{
  return kit_matrix(dtype, n, kit_diagonal_entry, 0, d);
}

/* expected[k] = the best k of all[n]. */
static inline void kit_best_of(speig_which which, int32_t n, const double *all, int32_t k,
                               double *expected)
{
  int32_t *rank = calloc((size_t)n, sizeof *rank);
  eig_rank(which, n, all, rank);
  for (int32_t j = 0; j < k; ++j)
    expected[j] = all[rank[j]];
  free(rank);
}

/* The file's matrix in the type of the case (the values are rounded). */
static inline speig_matrix *kit_convert(speig_matrix *A, speig_dtype dtype)
{
  speig_matrix *converted = NULL;
  CHECK_OK(speig_matrix_convert(A, dtype, &converted));
  speig_matrix_destroy(&A);
  return converted;
}

/* A problem of A and B (may be NULL) on the case's device; tol 0: 100 eps. */
static inline void kit_open_threads(kit *k, const test_case *tc, const speig_matrix *A,
                                    const speig_matrix *B, int32_t wanted, speig_which which,
                                    int threads)
{
  int64_t n = speig_matrix_get_info(A).rows;
  *k = (kit){ .A = A, .B = B };
  CHECK_OK(backend_open(tc->device, tc->dtype, threads, &k->be));
  k->problem = (eig_problem){ .be = k->be,
                              .n = n,
                              .k = wanted,
                              .which = which,
                              .tol = 100 * dtype_eps(tc->dtype),
                              .max_matvecs = 1000000,
                              .seed = 1,
                              .phase = "solve",
                              .started = clock_seconds(),
                              .constraints = { .be = k->be, .n = n },
                              .constraints_b = { .be = k->be, .n = n },
                              .guess = { .be = k->be, .n = n } };
  CHECK_OK(speig_operator_from_matrix(A, &k->op_a));
  CHECK_OK(operator_bind(k->be, k->op_a, 1, &k->problem.A));
  if (B) {
    CHECK_OK(speig_operator_from_matrix(B, &k->op_b));
    CHECK_OK(operator_bind(k->be, k->op_b, 1, &k->problem.B));
  }
  CHECK_OK(eig_pairs_alloc(k->be, n, wanted, &k->pairs));
}

static inline void kit_open(kit *k, const test_case *tc, const speig_matrix *A,
                            const speig_matrix *B, int32_t wanted, speig_which which)
{
  kit_open_threads(k, tc, A, B, wanted, which, 2);
}

static inline void kit_close(kit *k)
{
  eig_pairs_free(&k->pairs);
  mv_free(&k->guess);
  mv_free(&k->constraints);
  mv_free(&k->constraints_b);
  operator_unbind(&k->problem.precond);
  operator_unbind(&k->problem.A);
  operator_unbind(&k->problem.B);
  speig_operator_destroy(&k->op_a);
  speig_operator_destroy(&k->op_b);
  backend_close(&k->be);
}

/* y = A x by the definition of CSR; A NULL: y = x. */
static inline void kit_product(const speig_matrix *A, int64_t n, const kit_scalar *x, kit_scalar *y)
{
  const int64_t *rowptr;
  const int32_t *colind;
  const void *values;
  speig_dtype dtype;
  if (!A) {
    for (int64_t i = 0; i < n; ++i)
      y[i] = x[i];
    return;
  }
  dtype = speig_matrix_get_info(A).dtype;
  speig_matrix_arrays(A, &rowptr, &colind, &values);
  for (int64_t i = 0; i < n; ++i) {
    y[i] = 0;
    for (int64_t at = rowptr[i]; at < rowptr[i + 1]; ++at)
      y[i] += kit_get(dtype, values, at) * x[colind[at]];
  }
}

static inline kit_scalar kit_dot(int64_t n, const kit_scalar *x, const kit_scalar *y)
{
  kit_scalar sum = 0;
  for (int64_t i = 0; i < n; ++i)
    sum += conj(x[i]) * y[i];
  return sum;
}

/* The block as double complex, column-major with ld n; to be freed. */
static inline kit_scalar *kit_download(const multivec *X)
{
  speig_dtype dtype = X->be->ops->dtype;
  void *host = calloc((size_t)(X->n * X->p) + 1, 16);
  kit_scalar *wide = calloc((size_t)(X->n * X->p) + 1, sizeof *wide);
  CHECK_OK(mv_download(X, host, X->n));
  for (int64_t i = 0; i < X->n * X->p; ++i)
    wide[i] = kit_get(dtype, host, i);
  free(host);
  return wide;
}

static inline void kit_upload(const kit_scalar *wide, multivec *X)
{
  speig_dtype dtype = X->be->ops->dtype;
  void *host = calloc((size_t)(X->n * X->p) + 1, 16);
  for (int64_t i = 0; i < X->n * X->p; ++i)
    kit_put(dtype, host, i, wide[i]);
  CHECK_OK(mv_upload(host, X->n, X));
  free(host);
}

/* The numbers after "key": [ in a reference file, at most `room` of them; how many there were. */
static inline int32_t kit_truth(const char *path, const char *key, int32_t room, double *values)
{
  FILE *file = fopen(path, "r");
  char name[64], *text = calloc(1 << 20, 1), *at;
  int32_t count = 0;
  CU_ASSERT_PTR_NOT_NULL_FATAL(file);
  CU_ASSERT_TRUE(fread(text, 1, (1 << 20) - 1, file) > 0);
  fclose(file);
  (void)snprintf(name, sizeof name, "\"%s\": ", key);
  at = strstr(text, name);
  for (at = at ? at + strlen(name) : NULL; at && count < room; ++count) {
    char *end;
    at += strspn(at, "[, \n");
    values[count] = strtod(at, &end);
    at = end > at ? end : NULL;
    count -= at == NULL;
  }
  free(text);
  return count;
}

/* A file of the shared data, plain or gzip, in the given type; NULL (the case skipped) without it.
 */
static inline speig_matrix *kit_read(const char *name, speig_dtype dtype)
{
  char relative[256];
  const char *path;
  speig_matrix *A = NULL;
  speig_mm_header header;
  (void)snprintf(relative, sizeof relative, "mtx/%s", name);
  path = harness_shared(relative);
  if (!path)
    return NULL;
  CHECK_OK(speig_mm_read(path, 1, &header, &A));
  return kit_convert(A, dtype);
}

typedef struct kit_pair {
  const char *truth, *a, *b;
  speig_dtype dtype;
} kit_pair;

/* What an independent look at the converged pairs finds. */
typedef struct kit_verdict {
  double residual; /* max ||A x - theta B x|| / (norm_a + |theta| norm_b) */
  double orthogonality; /* max |X^H B X - I| */
  double constraint; /* max |Y^H B X| */
} kit_verdict;

/* The vectors that `from` found, as `to` may use them: they are there, and come in its stream. */
static inline multivec kit_lent(const kit *from, const kit *to)
{
  multivec X = from->pairs.X;
  CHECK_OK(mv_wait(from->be));
  X.be = to->be;
  return X;
}

static inline kit_verdict kit_judge(const kit *k)
{
  kit_verdict v = { 0 };
  int64_t n = k->problem.n;
  int32_t count = k->pairs.converged;
  multivec found = mv_columns(&k->pairs.X, 0, count);
  kit_scalar *X = kit_download(&found), *Y = kit_download(&k->problem.constraints);
  kit_scalar *ax = calloc((size_t)n + 1, sizeof *ax), *bx = calloc((size_t)n + 1, sizeof *bx);
  for (int32_t j = 0; j < count; ++j) {
    double theta = k->pairs.theta[j], sum = 0;
    kit_product(k->A, n, X + j * n, ax);
    kit_product(k->B, n, X + j * n, bx);
    for (int64_t i = 0; i < n; ++i)
      sum += pow(cabs(ax[i] - theta * bx[i]), 2);
    v.residual =
        fmax(v.residual, sqrt(sum) / (k->pairs.norm_a + fabs(theta) * k->pairs.norm_b + 1e-300));
    for (int32_t l = 0; l < count; ++l)
      v.orthogonality = fmax(v.orthogonality, cabs(kit_dot(n, X + l * n, bx) - (l == j)));
    for (int32_t l = 0; l < k->problem.constraints.p; ++l)
      v.constraint = fmax(v.constraint, cabs(kit_dot(n, Y + l * n, bx)));
  }
  free(X);
  free(Y);
  free(ax);
  free(bx);
  return v;
}

#endif
