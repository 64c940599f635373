/* assemble.t.h: the typed half of assemble.c: scatter into buckets, sort rows, sum duplicates. */
#ifndef SCALAR
#include "base/scalar.h"
#include "formats/assemble.h"
#endif

/* The value at (j, i) that belongs to the value x at (i, j). */
static inline SCALAR TYPED(mirrored)(SCALAR x, speig_symmetry symmetry)
{
  return symmetry == SPEIG_SKEW_SYMMETRIC ? -x : symmetry == SPEIG_HERMITIAN ? CONJ(x) : x;
}

/* Moves one piece to its places; place[b] is where its next entry of bucket b goes. */
static void TYPED(scatter)(const assembly *a, const coo_piece *piece, int64_t *place)
{
  const SCALAR *x = piece->values;
  SCALAR *values = a->values;
  for (int64_t e = 0; e < piece->count; ++e) {
    int32_t i = piece->row[e], j = piece->col[e];
    SCALAR value = x ? x[e] : (SCALAR)1;
    int64_t to = place[i >> a->shift]++;
    a->row[to] = i;
    a->col[to] = j;
    values[to] = value;
    if (a->symmetry != SPEIG_GENERAL && i != j) {
      to = place[j >> a->shift]++;
      a->row[to] = j;
      a->col[to] = i;
      values[to] = TYPED(mirrored)(value, a->symmetry);
    }
  }
}

static void TYPED(insertion_sort)(int64_t n, int32_t *col, SCALAR *value)
{
  for (int64_t i = 1; i < n; ++i) {
    int32_t c = col[i];
    SCALAR x = value[i];
    int64_t j = i;
    for (; j > 0 && col[j - 1] > c; --j) {
      col[j] = col[j - 1];
      value[j] = value[j - 1];
    }
    col[j] = c;
    value[j] = x;
  }
}

/* Merges the ascending runs [0, middle) and [middle, n); equal columns keep their order. */
static void TYPED(merge)(int64_t middle, int64_t n, const int32_t *col, const SCALAR *value,
                         int32_t *out_col, SCALAR *out_value)
{
  int64_t i = 0, j = middle;
  for (int64_t k = 0; k < n; ++k) {
    int64_t from = j >= n || (i < middle && col[i] <= col[j]) ? i++ : j++;
    out_col[k] = col[from];
    out_value[k] = value[from];
  }
}

/* Stable sort of one row by column: insertion sort on short runs, then merges to and fro between
 * the row and the spare arrays of the same length. The result is in col and value.              */
static void TYPED(sort_row)(int64_t n, int32_t *col, SCALAR *value, int32_t *spare_col,
                            SCALAR *spare_value)
{
  enum { RUN = 16 };
  int32_t *from_col = col, *to_col = spare_col;
  SCALAR *from_value = value, *to_value = spare_value;
  if (row_is_sorted(n, col))
    return;
  for (int64_t i = 0; i < n; i += RUN)
    TYPED(insertion_sort)(n - i < RUN ? n - i : RUN, col + i, value + i);
  for (int64_t width = RUN; width < n; width *= 2) {
    int32_t *swap_col = from_col;
    SCALAR *swap_value = from_value;
    for (int64_t i = 0; i < n; i += 2 * width) {
      int64_t length = n - i < 2 * width ? n - i : 2 * width;
      TYPED(merge)
      (length < width ? length : width, length, from_col + i, from_value + i, to_col + i,
       to_value + i);
    }
    from_col = to_col;
    from_value = to_value;
    to_col = swap_col;
    to_value = swap_value;
  }
  if (from_col != col) {
    memcpy(col, from_col, (size_t)n * sizeof *col);
    memcpy(value, from_value, (size_t)n * sizeof *value);
  }
}

/* Copies a sorted row to out, equal columns summed in order; returns how many are left. In place
 * (out == row) is allowed. */
static int64_t TYPED(sum_duplicates)(int64_t n, const int32_t *col, const SCALAR *value,
                                     int32_t *out_col, SCALAR *out_value)
{
  int64_t kept = 0;
  for (int64_t e = 0; e < n; ++e) {
    int32_t c = col[e];
    SCALAR x = value[e];
    if (kept > 0 && out_col[kept - 1] == c) {
      out_value[kept - 1] += x;
    } else {
      out_col[kept] = c;
      out_value[kept++] = x;
    }
  }
  return kept;
}

/* Sorts the bucket of rows first .. first + count - 1, which fills [begin, end): by row into the
 * scratch arrays (a counting sort, stable), each row by column, and back with duplicates summed.
 * place[count + 1] is workspace. Leaves the lengths of the rows in rowptr[row + 1]; returns the
 * number of entries kept.                                                                       */
static int64_t TYPED(sort_bucket)(const assembly *a, int64_t first, int64_t count, int64_t begin,
                                  int64_t end, int64_t *place, int32_t *col, void *values)
{
  SCALAR *scratch = values, *slab = (SCALAR *)a->values + begin;
  int32_t *slab_col = a->col + begin;
  int64_t kept = 0;
  memset(place, 0, (size_t)(count + 1) * sizeof *place);
  for (int64_t e = begin; e < end; ++e)
    ++place[a->row[e] - first + 1];
  for (int64_t r = 0; r < count; ++r)
    place[r + 1] += place[r];
  for (int64_t e = begin; e < end; ++e) {
    int64_t to = place[a->row[e] - first]++;
    col[to] = slab_col[e - begin];
    scratch[to] = slab[e - begin];
  }
  for (int64_t r = 0, at = 0; r < count; ++r) { /* place[r] is now the end of row r */
    int64_t n = place[r] - at, left;
    TYPED(sort_row)(n, col + at, scratch + at, slab_col + at, slab + at);
    left = TYPED(sum_duplicates)(n, col + at, scratch + at, slab_col + kept, slab + kept);
    a->rowptr[first + r + 1] = left;
    kept += left;
    at += n;
  }
  return kept;
}

/* Rows of a CSR matrix put in order in place; lengths[rows] receives what is left of each. */
static void TYPED(sort_csr)(const speig_matrix *A, int64_t first, int64_t last, int64_t *length,
                            int32_t *spare_col, void *spare_values)
{
  SCALAR *value = A->values;
  for (int64_t r = first; r < last; ++r) {
    int64_t at = A->rowptr[r], n = A->rowptr[r + 1] - at;
    TYPED(sort_row)(n, A->colind + at, value + at, spare_col, spare_values);
    length[r] = TYPED(sum_duplicates)(n, A->colind + at, value + at, A->colind + at, value + at);
  }
}
