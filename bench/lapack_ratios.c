/* lapack_ratios.c: the ratios by which LAPACK is tested (LAPACK working note 41), of speig's
 * answers:
 *
 *   residual       max_j ||A x_j - theta_j B x_j|| / ((||A|| + |theta_j| ||B||) n eps)
 *   orthogonality  max |X^H B X - I| / (n eps)
 *
 * over generated families and every Hermitian matrix of a folder, recomputed here in double
 * precision by plain loops. LAPACK accepts below 30. lapack_ratios [FOLDER]     FOLDER: of .mtx
 * files                                            */
#define _POSIX_C_SOURCE 200809L
#include <speig/speig.h>

#include <dirent.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static double worst_residual, worst_orthogonality;
static int solves, refused;

/* y = A x in double precision. */
static void multiply(const speig_matrix *A, const double *x, double *y)
{
  const int64_t *rowptr;
  const int32_t *colind;
  const void *values;
  const speig_matrix_info info = speig_matrix_get_info(A);
  speig_matrix_arrays(A, &rowptr, &colind, &values);
  for (int64_t i = 0; i < info.rows; ++i) {
    y[2 * i] = y[2 * i + 1] = 0;
    for (int64_t e = rowptr[i]; e < rowptr[i + 1]; ++e) {
      const double *v = (const double *)values + (info.dtype == SPEIG_Z ? 2 * e : e);
      const double re = v[0], im = info.dtype == SPEIG_Z ? v[1] : 0;
      const double *from = x + 2 * (int64_t)colind[e];
      y[2 * i] += re * from[0] - im * from[1];
      y[2 * i + 1] += re * from[1] + im * from[0];
    }
  }
}

/* Pairs of numbers from column j of a d or z block. */
static void widen(const speig_block *X, int64_t j, double *x)
{
  const int parts = X->dtype == SPEIG_Z ? 2 : 1;
  for (int64_t i = 0; i < X->rows; ++i) {
    const double *from = (const double *)X->data + parts * (i + j * X->ld);
    x[2 * i] = from[0];
    x[2 * i + 1] = parts == 2 ? from[1] : 0;
  }
}

static void judge(const char *name, const char *way, const speig_matrix *A, double norm,
                  const speig_eigsh_result *r)
{
  const int64_t n = r->n;
  const double unit = (double)n * DBL_EPSILON;
  double *x = malloc((size_t)(2 * n * r->k + 1) * sizeof *x),
         *y = malloc(2 * (size_t)n * sizeof *y);
  double residual = 0, orthogonality = 0;
  for (int32_t j = 0; j < r->k; ++j)
    widen(&r->vectors, j, x + 2 * n * j);
  for (int32_t j = 0; j < r->k; ++j) {
    double sum = 0;
    multiply(A, x + 2 * n * j, y);
    for (int64_t i = 0; i < 2 * n; ++i)
      sum += pow(y[i] - r->values[j] * x[2 * n * j + i], 2);
    residual = fmax(residual, sqrt(sum) / ((norm + fabs(r->values[j])) * unit));
    for (int32_t h = 0; h <= j; ++h) {
      double re = -(h == j), im = 0;
      for (int64_t i = 0; i < n; ++i) {
        const double *a = x + 2 * (n * h + i), *b = x + 2 * (n * j + i);
        re += a[0] * b[0] + a[1] * b[1];
        im += a[0] * b[1] - a[1] * b[0];
      }
      orthogonality = fmax(orthogonality, hypot(re, im) / unit);
    }
  }
  printf("%-28s %-8s %8lld %4d  %10.3g %10.3g  %s\n", name, way, (long long)n, (int)r->k, residual,
         orthogonality, speig_outcome_name(r->outcome));
  (void)fflush(stdout);
  worst_residual = fmax(worst_residual, residual);
  worst_orthogonality = fmax(worst_orthogonality, orthogonality);
  ++solves;
  free(x);
  free(y);
}

static void solve(const char *name, const char *way, const speig_matrix *A, speig_method method,
                  speig_which which)
{
  speig_operator *op = NULL;
  speig_eigsh_opts opts = SPEIG_EIGSH_OPTS_INIT;
  speig_eigsh_result *r = NULL;
  speig_matrix_stats stats;
  opts.k = 8;
  opts.method = method;
  opts.which = which;
  opts.time_limit = 20;
  if (speig_matrix_get_stats(A, &stats) == SPEIG_OK &&
      speig_operator_from_matrix(A, &op) == SPEIG_OK &&
      speig_eigsh(op, NULL, &opts, &r) == SPEIG_OK) {
    judge(name, way, A, stats.norm_inf, r);
  } else {
    printf("%-28s %-8s refused: %s\n", name, way, speig_last_error());
    ++refused;
  }
  speig_eigsh_result_free(&r);
  speig_operator_destroy(&op);
}

static void ways_of(const char *name, const speig_matrix *A)
{
  solve(name, "auto LM", A, SPEIG_METHOD_AUTO, SPEIG_LM);
  solve(name, "auto SA", A, SPEIG_METHOD_AUTO, SPEIG_SA);
  if (speig_matrix_get_info(A).rows <= 3000)
    solve(name, "lanczos", A, SPEIG_LANCZOS, SPEIG_LA);
}

/* Square and Hermitian by value. */
static int suits(const speig_matrix *A)
{
  double defect = 1;
  const speig_matrix_info info = speig_matrix_get_info(A);
  return info.rows == info.cols && info.rows > 8 &&
         speig_matrix_hermitian_defect(A, &defect) == SPEIG_OK && defect == 0;
}

int main(int argc, char **argv)
{
  DIR *folder = argc > 1 ? opendir(argv[1]) : NULL;
  printf("%-28s %-8s %8s %4s  %10s %10s\n", "matrix", "way", "n", "k", "residual", "orthogonal");
  for (const speig_generator *g = speig_generators(); g->name; ++g) {
    speig_matrix *A = NULL;
    if (speig_generate(g->name, 0, NULL, NULL, 1, &A) == SPEIG_OK &&
        speig_matrix_get_info(A).rows <= 20000 && suits(A))
      ways_of(g->name, A);
    speig_matrix_destroy(&A);
  }
  for (const struct dirent *entry; folder && (entry = readdir(folder));) {
    char path[4096];
    speig_matrix *A = NULL;
    (void)snprintf(path, sizeof path, "%s/%s", argv[1], entry->d_name);
    if (strstr(entry->d_name, ".mtx") && speig_mm_read(path, 0, NULL, &A) == SPEIG_OK &&
        speig_matrix_get_info(A).rows <= 60000 && suits(A))
      ways_of(entry->d_name, A);
    speig_matrix_destroy(&A);
  }
  if (folder)
    (void)closedir(folder);
  printf("%d solves, %d refused; largest residual %.3g, orthogonality %.3g (over n eps)\n", solves,
         refused, worst_residual, worst_orthogonality);
  return worst_residual < 30 && worst_orthogonality < 30 ? 0 : 1;
}
