/* stats.c: structure, norms and symmetry of a matrix at a glance. NaN and Inf entries are counted
 * and left out of norms; they make a defect infinite. Cost: three sweeps over the matrix and, for
 * the defects, one binary search per entry.                                                      */
#include "formats/stats.h"

#include "base/dtype.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/threads.h"

#include <inttypes.h>
#include <string.h>

#define SPEIG_TEMPLATE "formats/stats.t.h"
#include "base/instantiate.h"

typedef struct stats_kernels {
  void (*row_stats)(const speig_matrix *A, int64_t i, row_stats *s);
  double (*row_squares)(const speig_matrix *A, int64_t i, double scale);
  void (*add_columns)(const speig_matrix *A, int64_t i, double *sums);
  void (*row_defects)(const speig_matrix *A, int64_t i, double defect[3]);
} stats_kernels;

static const stats_kernels kernels[4] = {
  { row_stats_s, row_squares_s, add_columns_s, row_defects_s },
  { row_stats_d, row_squares_d, add_columns_d, row_defects_d },
  { row_stats_c, row_squares_c, add_columns_c, row_defects_c },
  { row_stats_z, row_squares_z, add_columns_z, row_defects_z },
};

/* defect: hermitian, symmetric, skew. Maxima, so any split among threads gives the same. */
static void defects(const speig_matrix *A, double defect[3])
{
  double hermitian = 0, symmetric = 0, skew = 0;
  int team = matrix_team(threads_resolve(0), A->nnz);
#pragma omp parallel for schedule(guided) num_threads(team)                                        \
    reduction(max                                                                                  \
              : hermitian, symmetric, skew)
  for (int64_t i = 0; i < A->rows; ++i) {
    double row[3] = { 0, 0, 0 };
    kernels[A->dtype].row_defects(A, i, row);
    hermitian = row[0] > hermitian ? row[0] : hermitian;
    symmetric = row[1] > symmetric ? row[1] : symmetric;
    skew = row[2] > skew ? row[2] : skew;
  }
  defect[0] = hermitian;
  defect[1] = symmetric;
  defect[2] = skew;
}

/* ||A||_F = scale sqrt(sum |a / scale|^2), summed in row order. */
static double norm_fro(const speig_matrix *A, double scale)
{
  double sum = 0;
  if (scale == 0)
    return 0;
  for (int64_t i = 0; i < A->rows; ++i)
    sum += kernels[A->dtype].row_squares(A, i, scale);
  return scale * sqrt(sum);
}

static speig_status norm_1(const speig_matrix *A, double *norm)
{
  speig_status st = SPEIG_OK;
  double *sums = NULL;
  *norm = 0;
  TRY(MEM_ZARRAY(A->cols, "column sums", &sums));
  for (int64_t i = 0; i < A->rows; ++i)
    kernels[A->dtype].add_columns(A, i, sums);
  for (int64_t j = 0; j < A->cols; ++j)
    if (sums[j] > *norm)
      *norm = sums[j];
done:
  mem_free(sums);
  return st;
}

static void structure(const speig_matrix *A, speig_matrix_stats *stats)
{
  row_stats all = { .bad_row = -1, .bad_col = -1, .min_abs = (double)INFINITY };
  for (int64_t i = 0; i < A->rows; ++i) {
    int64_t n = A->rowptr[i + 1] - A->rowptr[i];
    all.row_sum = 0;
    kernels[A->dtype].row_stats(A, i, &all);
    stats->empty_rows += n == 0;
    if (n > stats->max_row_nnz)
      stats->max_row_nnz = n;
    if (i == 0 || n < stats->min_row_nnz)
      stats->min_row_nnz = n;
    if (all.row_sum > stats->norm_inf)
      stats->norm_inf = all.row_sum;
    if (i == 0 || all.low < stats->gershgorin_min)
      stats->gershgorin_min = all.low;
    if (i == 0 || all.high > stats->gershgorin_max)
      stats->gershgorin_max = all.high;
  }
  stats->lower_bandwidth = all.lower;
  stats->upper_bandwidth = all.upper;
  stats->diagonal_entries = all.on_diagonal;
  stats->explicit_zeros = all.zeros;
  stats->nonfinite = all.nonfinite;
  stats->first_nonfinite_row = all.bad_row;
  stats->first_nonfinite_col = all.bad_col;
  stats->max_abs = all.max_abs;
  stats->min_abs = isinf(all.min_abs) ? 0 : all.min_abs;
}

speig_status speig_matrix_get_stats(const speig_matrix *A, speig_matrix_stats *stats)
{
  speig_status st = SPEIG_OK;
  double defect[3] = { (double)INFINITY, (double)INFINITY, (double)INFINITY };
  REQUIRE(A && stats, "%s is NULL", A ? "stats" : "A");
  memset(stats, 0, sizeof *stats);
  structure(A, stats);
  stats->norm_fro = norm_fro(A, stats->max_abs);
  TRY(norm_1(A, &stats->norm_1));
  if (A->rows == A->cols)
    defects(A, defect);
  stats->hermitian_defect = defect[0];
  stats->symmetric_defect = defect[1];
  stats->skew_defect = defect[2];
done:
  return st;
}

/* Entries by chunks of rows, whose sums are added in order. */
typedef struct chunk_sizes {
  row_stats rows;
  double norm_inf, low, high, squares; /* squares: of entries over max_abs */
} chunk_sizes;

static void chunk_first_sweep(const speig_matrix *A, int64_t first, int64_t last, chunk_sizes *c)
{
  *c = (chunk_sizes){ .rows = { .bad_row = -1, .bad_col = -1, .min_abs = (double)INFINITY },
                      .low = (double)INFINITY,
                      .high = -(double)INFINITY };
  for (int64_t i = first; i < last; ++i) {
    c->rows.row_sum = 0;
    kernels[A->dtype].row_stats(A, i, &c->rows);
    c->norm_inf = c->rows.row_sum > c->norm_inf ? c->rows.row_sum : c->norm_inf;
    c->low = fmin(c->low, c->rows.low);
    c->high = fmax(c->high, c->rows.high);
  }
}

static void chunk_second_sweep(const speig_matrix *A, int64_t first, int64_t last, double scale,
                               chunk_sizes *c)
{
  for (int64_t i = first; i < last; ++i)
    c->squares += kernels[A->dtype].row_squares(A, i, scale);
}

speig_status matrix_get_sizes(const speig_matrix *A, matrix_sizes *sizes)
{
  speig_status st = SPEIG_OK;
  int64_t chunks = chunk_count(A->rows), rows = chunk_rows(A->rows);
  int team = matrix_team(threads_resolve(0), A->nnz);
  chunk_sizes *chunk = NULL;
  double sum = 0;
  *sizes = (matrix_sizes){
    .low = (double)INFINITY, .high = -(double)INFINITY, .bad_row = -1, .bad_col = -1
  };
  TRY(MEM_ARRAY(chunks, "sums of rows", &chunk));
#pragma omp parallel for schedule(guided) num_threads(team)
  for (int64_t c = 0; c < chunks; ++c)
    chunk_first_sweep(A, c * rows, (c + 1) * rows < A->rows ? (c + 1) * rows : A->rows, &chunk[c]);
  for (int64_t c = 0; c < chunks; ++c) {
    if (sizes->nonfinite == 0 && chunk[c].rows.nonfinite > 0) {
      sizes->bad_row = chunk[c].rows.bad_row;
      sizes->bad_col = chunk[c].rows.bad_col;
    }
    sizes->nonfinite += chunk[c].rows.nonfinite;
    sizes->max_abs = fmax(sizes->max_abs, chunk[c].rows.max_abs);
    sizes->norm_inf = fmax(sizes->norm_inf, chunk[c].norm_inf);
    sizes->low = fmin(sizes->low, chunk[c].low);
    sizes->high = fmax(sizes->high, chunk[c].high);
  }
  if (sizes->max_abs == 0)
    goto done;
#pragma omp parallel for schedule(guided) num_threads(team)
  for (int64_t c = 0; c < chunks; ++c)
    chunk_second_sweep(A, c * rows, (c + 1) * rows < A->rows ? (c + 1) * rows : A->rows,
                       sizes->max_abs, &chunk[c]);
  for (int64_t c = 0; c < chunks; ++c)
    sum += chunk[c].squares;
  sizes->norm_fro = sizes->max_abs * sqrt(sum);
done:
  mem_free(chunk);
  return st;
}

double matrix_hermitian_defect(const speig_matrix *A)
{
  double defect[3];
  if (A->declared == SPEIG_HERMITIAN ||
      (A->declared == SPEIG_SYMMETRIC && !dtype_is_complex(A->dtype)))
    return 0;
  defects(A, defect);
  return defect[0];
}

speig_status speig_matrix_hermitian_defect(const speig_matrix *A, double *relative)
{
  speig_status st = SPEIG_OK;
  double defect[3], largest = 0;
  int team = matrix_team(threads_resolve(0), A->nnz);
  REQUIRE(A && relative, "%s is NULL", A ? "relative" : "A");
  REQUIRE(A->rows == A->cols, "A is %" PRId64 " x %" PRId64 ", needed a square matrix", A->rows,
          A->cols);
#pragma omp parallel for schedule(static) num_threads(team) reduction(max : largest)
  for (int64_t i = 0; i < A->rows; ++i) {
    row_stats s = { .min_abs = (double)INFINITY };
    kernels[A->dtype].row_stats(A, i, &s);
    largest = s.max_abs > largest ? s.max_abs : largest;
  }
  defects(A, defect);
  *relative = defect[0] == 0 ? 0 : largest == 0 ? (double)INFINITY : defect[0] / largest;
done:
  return st;
}
