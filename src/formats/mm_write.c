/* mm_write.c: matrices and blocks as Matrix Market text.
 *
 * Numbers get the fewest digits of 15, 16, 17 (6 to 9 for float) that read back to the same bits.
 * Lines are made in batches, one per thread, and written in order.                              */
#define _POSIX_C_SOURCE 200809L /* uselocale */
#include "base/dtype.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/threads.h"
#include "formats/mm_writer.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { BATCH = 4096, LINE = 96 }; /* lines per batch; two indices and two numbers fit a line */

/* ---- numbers ---- */

static char *put_whole(char *to, int64_t n)
{
  char digits[24];
  int count = 0;
  uint64_t rest = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;
  do
    digits[count++] = (char)('0' + rest % 10);
  while ((rest /= 10) > 0);
  if (n < 0)
    *to++ = '-';
  while (count > 0)
    *to++ = digits[--count];
  return to;
}

/* The thread's locale is "C" here. */
static char *put_number(const mm_writer *w, char *to, double x)
{
  int single = dtype_is_single(w->dtype), most = single ? 9 : 17;
  char text[64] = "";
  const char *end;
  double back = 0;
  if (fabs(x) < 1e15 && x == (double)(int64_t)x && !(x == 0 && signbit(x)))
    return put_whole(to, (int64_t)x);
  for (int digits = single ? 6 : 15; digits <= most; ++digits) {
    (void)snprintf(text, sizeof text - 8, "%.*g", digits, x);
    if (digits < most && decimal_parse(w->table, text, &end, &back) == DECIMAL_OK &&
        (single ? (double)(float)back == x : back == x))
      break;
  }
  memcpy(to, text, strlen(text));
  return to + strlen(text);
}

static char *put_value(const mm_writer *w, char *to, const double *x)
{
  if (w->field == SPEIG_MM_PATTERN)
    return to;
  if (w->field == SPEIG_MM_INTEGER)
    return put_whole(to, (int64_t)x[0]);
  to = put_number(w, to, x[0]);
  if (w->field == SPEIG_MM_COMPLEX) {
    *to++ = ' ';
    to = put_number(w, to, x[1]);
  }
  return to;
}

/* ---- lines ---- */

static int is_written(const mm_writer *w, int64_t i, int64_t j)
{
  return w->symmetry == SPEIG_GENERAL || i > j || (i == j && w->symmetry != SPEIG_SKEW_SYMMETRIC);
}

static char *coordinate_lines(const mm_writer *w, int64_t first, int64_t last, char *to)
{
  int64_t i = matrix_row_of(w->A, first);
  double x[2];
  for (int64_t e = first; e < last; ++e) {
    while (e >= w->A->rowptr[i + 1])
      ++i;
    if (!is_written(w, i, w->A->colind[e]))
      continue;
    mm_number_pair(w->dtype, w->A->values, e, x);
    to = put_whole(to, i + 1);
    *to++ = ' ';
    to = put_whole(to, (int64_t)w->A->colind[e] + 1);
    if (w->field != SPEIG_MM_PATTERN)
      *to++ = ' ';
    to = put_value(w, to, x);
    *to++ = '\n';
  }
  return to;
}

/* Value (i, j) of the array; *e is the first entry of column j at or below row i. */
static void array_value(const mm_writer *w, int64_t i, int64_t j, int64_t *e, double x[2])
{
  const speig_matrix *T = w->transpose;
  x[0] = x[1] = 0;
  if (w->X) {
    mm_number_pair(w->dtype, w->X->data, i + j * w->X->ld, x);
    return;
  }
  while (*e < T->rowptr[j] || (*e < T->rowptr[j + 1] && T->colind[*e] < i))
    ++*e;
  if (*e < T->rowptr[j + 1] && T->colind[*e] == i)
    mm_number_pair(w->dtype, T->values, *e, x);
}

static char *array_lines(const mm_writer *w, int64_t first, int64_t last, char *to)
{
  int64_t i = first % w->rows, j = first / w->rows, e = w->transpose ? w->transpose->rowptr[j] : 0;
  double x[2];
  for (int64_t slot = first; slot < last; ++slot) {
    if (is_written(w, i, j)) {
      array_value(w, i, j, &e, x);
      to = put_value(w, to, x);
      *to++ = '\n';
    }
    if (++i == w->rows) {
      i = 0;
      ++j;
    }
  }
  return to;
}

static speig_status write_lines(mm_writer *w)
{
  speig_status st = SPEIG_OK;
  int threads = matrix_team(threads_resolve(0), w->slots);
  int64_t team = 4 * (int64_t)threads;
  char *text = NULL;
  size_t *length = NULL;
  TRY(MEM_ARRAY(team * BATCH * LINE, "output lines", &text));
  TRY(MEM_ARRAY(team, "output lengths", &length));
  for (int64_t base = 0; base < w->slots; base += team * BATCH) {
#pragma omp parallel for schedule(dynamic) num_threads(threads)
    for (int64_t k = 0; k < team; ++k) {
      int64_t first = base + k * BATCH;
      int64_t last = w->slots - first < BATCH ? w->slots : first + BATCH;
      char *to = text + k * BATCH * LINE, *end = to;
      if (first < w->slots) {
        locale_t old = uselocale(w->c);
        end = w->A ? coordinate_lines(w, first, last, to) : array_lines(w, first, last, to);
        (void)uselocale(old);
      }
      length[k] = (size_t)(end - to);
    }
    for (int64_t k = 0; k < team; ++k)
      TRY(mm_sink_put(w->sink, text + k * BATCH * LINE, length[k]));
  }
done:
  mem_free(text);
  mem_free(length);
  return st;
}

/* ---- header ---- */

static speig_status write_comment(mm_sink *sink, const char *comment)
{
  speig_status st = SPEIG_OK;
  while (comment && *comment) {
    size_t n = strcspn(comment, "\n");
    TRY(mm_sink_put(sink, "% ", 2));
    TRY(mm_sink_put(sink, comment, n));
    TRY(mm_sink_put(sink, "\n", 1));
    comment += n + (comment[n] == '\n');
  }
done:
  return st;
}

/* Hermitian and real is called symmetric: the same, and every reader knows it. */
static speig_status write_header(const mm_writer *w, const char *comment)
{
  static const char *const fields[] = { "real", "integer", "complex", "pattern" };
  static const char *const symmetries[] = { "general", "symmetric", "skew-symmetric", "hermitian" };
  speig_status st = SPEIG_OK;
  char text[160];
  int64_t entries = 0;
  speig_symmetry named = w->symmetry == SPEIG_HERMITIAN && w->field != SPEIG_MM_COMPLEX
                             ? SPEIG_SYMMETRIC
                             : w->symmetry;
  snprintf(text, sizeof text, "%%%%MatrixMarket matrix %s %s %s\n", w->A ? "coordinate" : "array",
           fields[w->field], symmetries[named]);
  TRY(mm_sink_put(w->sink, text, strlen(text)));
  TRY(write_comment(w->sink, comment));
  snprintf(text, sizeof text, "%" PRId64 " %" PRId64 "\n", w->rows, w->cols);
  if (w->A) {
    for (int64_t i = 0; i < w->rows; ++i)
      for (int64_t e = w->A->rowptr[i]; e < w->A->rowptr[i + 1]; ++e)
        entries += is_written(w, i, w->A->colind[e]);
    snprintf(text, sizeof text, "%" PRId64 " %" PRId64 " %" PRId64 "\n", w->rows, w->cols, entries);
  }
  TRY(mm_sink_put(w->sink, text, strlen(text)));
done:
  return st;
}

/* ---- writing ---- */

static speig_status write_all(const char *path, mm_writer *w, const speig_mm_write_opts *opts)
{
  speig_status st = SPEIG_OK;
  w->symmetry = opts->symmetry;
  w->field =
      opts->field == SPEIG_MM_REAL && dtype_is_complex(w->dtype) ? SPEIG_MM_COMPLEX : opts->field;
  TRY(mm_check_values(w));
  TRY(decimal_open(&w->table));
  w->c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
  if (!w->c)
    FAIL(SPEIG_ERR_MEMORY, "the \"C\" locale cannot be made");
  TRY(mm_sink_open(path, opts->gzip, &w->sink));
  TRY(write_header(w, opts->comment));
  TRY(write_lines(w));
  TRY(mm_sink_commit(w->sink));
done:
  mm_sink_close(&w->sink);
  decimal_close(&w->table);
  if (w->c)
    freelocale(w->c);
  return st;
}

speig_status speig_mm_write(const char *path, const speig_matrix *A,
                            const speig_mm_write_opts *opts)
{
  speig_status st = SPEIG_OK;
  speig_mm_write_opts defaults = SPEIG_MM_WRITE_OPTS_INIT;
  mm_writer w = { .A = A };
  speig_matrix *transpose = NULL;
  REQUIRE(A, "A is NULL");
  opts = opts ? opts : &defaults;
  TRY(mm_check_options(opts, opts->array));
  TRY(mm_check_matrix_symmetry(A, opts->symmetry));
  w.dtype = A->dtype;
  w.rows = A->rows;
  w.cols = A->cols;
  w.slots = A->nnz;
  if (opts->array) {
    TRY(speig_matrix_transpose(A, 0, &transpose));
    w.A = NULL;
    w.transpose = transpose;
    w.slots = A->rows * A->cols; /* both below 2^31 */
  }
  TRY(write_all(path, &w, opts));
done:
  speig_matrix_destroy(&transpose);
  return st;
}

speig_status speig_mm_write_dense(const char *path, const speig_block *X,
                                  const speig_mm_write_opts *opts)
{
  speig_status st = SPEIG_OK;
  speig_mm_write_opts defaults = SPEIG_MM_WRITE_OPTS_INIT;
  mm_writer w = { .X = X };
  REQUIRE(X && (X->data || X->rows == 0 || X->cols == 0), "X is NULL");
  REQUIRE(dtype_valid(X->dtype), "dtype is %d, needed s, d, c or z", (int)X->dtype);
  REQUIRE(X->device != SPEIG_CUDA, "X is in device memory, host memory needed (speig_copy)");
  REQUIRE(X->rows >= 0 && X->rows <= INT32_MAX && X->cols >= 0 && X->cols <= INT32_MAX &&
              X->ld >= X->rows,
          "X is %" PRId64 " x %" PRId64 " with ld %" PRId64
          ", needed sizes from 0 to %d and ld >= rows",
          X->rows, X->cols, X->ld, INT32_MAX);
  opts = opts ? opts : &defaults;
  TRY(mm_check_options(opts, 1));
  TRY(mm_check_block_symmetry(X, opts->symmetry));
  w.dtype = X->dtype;
  w.rows = X->rows;
  w.cols = X->cols;
  w.slots = X->rows * X->cols;
  TRY(write_all(path, &w, opts));
done:
  return st;
}
