/* plan.c: finds the runs of equal rows of a CSR matrix, or that its entries are equal (see plan.h).
 *
 * First every row is compared with the one before it, in parallel and bit by bit, so no scalar type
 * is needed; then the marks are read off in order and equal shapes are shared. */
#include "spmv/plan.h"

#include "base/dtype.h"
#include "base/error.h"
#include "base/memory.h"
#include "formats/matrix.h"

#include <string.h>

enum {
  SAME = 1, /* the row above, moved by one column */
  SAME_BESIDE_DIAGONAL = 2,
  SHORTEST_RUN = 16,
  LONGEST_ROW = 128, /* longer ones are summed by blocks (csr.t.h) */
  FEWEST_ROWS = 64,
  MOST_DISTANCES = 1 << 13, /* of all shapes together: they are to stay in a near cache */
  BUCKETS = 1 << 10
};

/* ---- comparing rows ---- */

typedef struct rows_view {
  const int64_t *rowptr;
  const int32_t *colind;
  const char *values;
  size_t size; /* of a value */
  int64_t rows, cols;
} rows_view;

/* Entry of row i on the diagonal, as a place in the row; -1: none. */
static int64_t diagonal_place(const rows_view *A, int64_t i)
{
  for (int64_t k = A->rowptr[i]; k < A->rowptr[i + 1]; ++k)
    if (A->colind[k] >= i)
      return A->colind[k] == i ? k - A->rowptr[i] : -1;
  return -1;
}

static unsigned char compare_with_above(const rows_view *A, int64_t i)
{
  int64_t here = A->rowptr[i], above = A->rowptr[i - 1], count = A->rowptr[i + 1] - here, place;
  const char *a = A->values + (size_t)above * A->size, *b = A->values + (size_t)here * A->size;
  int moved = 1;
  if (here - above != count || count > LONGEST_ROW)
    return 0;
  for (int64_t k = 0; k < count; ++k)
    moved &= A->colind[here + k] == A->colind[above + k] + 1;
  if (!moved)
    return 0;
  if (memcmp(a, b, (size_t)count * A->size) == 0)
    return SAME | SAME_BESIDE_DIAGONAL;
  place = diagonal_place(A, i);
  if (place < 0 || memcmp(a, b, (size_t)place * A->size) != 0)
    return 0;
  a += (size_t)(place + 1) * A->size;
  b += (size_t)(place + 1) * A->size;
  return memcmp(a, b, (size_t)(count - place - 1) * A->size) == 0 ? SAME_BESIDE_DIAGONAL : 0;
}

/* Is it worth while to look at every row? Some stretches of rows tell. */
static int looks_regular(const rows_view *A)
{
  enum { STRETCHES = 32, STRETCH = 64 };
  int64_t same = 0, seen = 0;
  if (A->rows < FEWEST_ROWS)
    return 0;
  for (int s = 0; s < STRETCHES; ++s) {
    int64_t first = (A->rows - STRETCH) / STRETCHES * s;
    for (int64_t i = first + 1; i < first + STRETCH; ++i, ++seen)
      same += compare_with_above(A, i) != 0;
  }
  return 2 * same > seen;
}

static void mark_rows(const rows_view *A, int threads, unsigned char *mark)
{
  mark[0] = 0;
#pragma omp parallel for schedule(static) num_threads(threads) if (threads > 1)
  for (int64_t i = 1; i < A->rows; ++i)
    mark[i] = compare_with_above(A, i);
}

/* End of the run of rows marked with `kind` that begins with row i. */
static int64_t run_end(const unsigned char *mark, int64_t rows, unsigned char kind, int64_t i)
{
  int64_t end = i + 1;
  while (end < rows && (mark[end] & kind))
    ++end;
  return end;
}

/* Entries in runs worth having, were these made by that mark, and how many runs there are. */
static int64_t entries_covered(const rows_view *A, const unsigned char *mark, unsigned char kind,
                               int64_t *runs)
{
  int64_t covered = 0;
  *runs = 0;
  for (int64_t i = 0, end; i < A->rows; i = end) {
    end = run_end(mark, A->rows, kind, i);
    if (end - i >= SHORTEST_RUN)
      covered += A->rowptr[end] - A->rowptr[i];
    ++*runs;
  }
  return covered;
}

/* ---- shapes ---- */

typedef struct builder {
  spmv_plan *P;
  const rows_view *A;
  speig_dtype dtype;
  int apart; /* the diagonal is */
  int64_t used, most; /* distances */
  int32_t first[BUCKETS]; /* chains of shapes, from 1 */
  int32_t *next;
} builder;

/* Room for one more shape of at most LONGEST_ROW entries. Distances and values never move, since
 * shapes point at them. */
static int has_room(const builder *b)
{
  return b->used + LONGEST_ROW <= b->most && b->P->shapes < b->most / 4;
}

/* The shape of row i, written behind those there are. */
static spmv_shape read_shape(const builder *b, int64_t i)
{
  const rows_view *A = b->A;
  int64_t *distance = b->P->distances + b->used;
  double *value = b->P->values + 2 * b->used;
  spmv_shape shape = { .distance = distance, .value = value };
  for (int64_t k = A->rowptr[i]; k < A->rowptr[i + 1]; ++k) {
    if (b->apart && A->colind[k] == i) {
      shape.with_diagonal = 1;
      continue;
    }
    distance[shape.entries] = A->colind[k] - i;
    matrix_widen(b->dtype, 1, A->values + (size_t)k * A->size, value + 2 * (int64_t)shape.entries);
    ++shape.entries;
  }
  return shape;
}

static uint64_t mix(uint64_t hash, const void *data, size_t bytes)
{
  const unsigned char *byte = data;
  for (size_t i = 0; i < bytes; ++i)
    hash = (hash ^ byte[i]) * UINT64_C(0x100000001B3);
  return hash;
}

static int equal_shapes(const spmv_shape *a, const spmv_shape *b)
{
  size_t entries = (size_t)a->entries;
  return a->entries == b->entries && a->with_diagonal == b->with_diagonal &&
         memcmp(a->distance, b->distance, entries * sizeof *a->distance) == 0 &&
         memcmp(a->value, b->value, 2 * entries * sizeof *a->value) == 0;
}

/* The number of row i's shape; -1 when it is new and may not be added. */
static int32_t find_shape(builder *b, int64_t i, int may_add)
{
  spmv_plan *P = b->P;
  spmv_shape shape;
  int32_t *link;
  uint64_t hash;
  if (!has_room(b) || b->A->rowptr[i + 1] - b->A->rowptr[i] > LONGEST_ROW)
    return -1;
  shape = read_shape(b, i);
  hash = mix(UINT64_C(0xCBF29CE484222325), shape.distance,
             (size_t)shape.entries * sizeof *shape.distance);
  hash = mix(hash, shape.value, 2 * (size_t)shape.entries * sizeof *shape.value);
  for (link = &b->first[hash % BUCKETS]; *link; link = &b->next[*link - 1])
    if (equal_shapes(&P->shape[*link - 1], &shape))
      return *link - 1;
  if (!may_add)
    return -1;
  P->shape[P->shapes] = shape;
  b->next[P->shapes] = 0;
  b->used += shape.entries;
  *link = ++P->shapes;
  return *link - 1;
}

/* ---- segments ---- */

static void add_segment(spmv_plan *P, int64_t first, int32_t shape)
{
  if (P->segments > 0 && shape < 0 && P->segment[P->segments - 1].shape < 0)
    return; /* goes on */
  P->segment[P->segments++] = (spmv_segment){ first, shape };
}

/* Short runs, as at the ends of a mesh's lines, are better off as shapes too, if these are not too
 * many: reading a few rows of CSR here and there means waiting for memory. */
static void build_segments(builder *b, const unsigned char *mark, unsigned char kind)
{
  int64_t rows = b->A->rows, covered = 0;
  for (int64_t i = 0, end; i < rows; i = end) {
    int32_t shape;
    end = run_end(mark, rows, kind, i);
    shape = find_shape(b, i, end - i >= SHORTEST_RUN || 2 * b->used < b->most);
    if (shape >= 0)
      covered += b->A->rowptr[end] - b->A->rowptr[i];
    add_segment(b->P, i, shape);
  }
  b->P->covered = (double)covered / (double)(b->A->rowptr[rows] > 0 ? b->A->rowptr[rows] : 1);
  b->P->segment[b->P->segments].first = rows;
}

/* Real diagonals only: *real tells. */
static speig_status take_diagonal(builder *b, int threads, int *real)
{
  speig_status st = SPEIG_OK;
  const rows_view *A = b->A;
  double *diagonal = NULL;
  int64_t complex_rows = 0;
  TRY(MEM_ARRAY(A->rows, "diagonal", &diagonal));
#pragma omp parallel for schedule(static) num_threads(threads) reduction(+ : complex_rows)
  for (int64_t i = 0; i < A->rows; ++i) {
    int64_t place = diagonal_place(A, i);
    double value[2] = { 0, 0 };
    if (place >= 0)
      matrix_widen(b->dtype, 1, A->values + (size_t)(A->rowptr[i] + place) * A->size, value);
    diagonal[i] = value[0];
    complex_rows += value[1] != 0;
  }
  *real = complex_rows == 0;
  if (*real) {
    b->P->diagonal = diagonal;
    diagonal = NULL;
  }
done:
  mem_free(diagonal);
  return st;
}

static speig_status plan_runs(const rows_view *A, speig_dtype dtype, int threads, spmv_plan *P)
{
  speig_status st = SPEIG_OK;
  unsigned char *mark = NULL, kind = SAME;
  builder *b = NULL;
  int64_t whole, beside, total = A->rowptr[A->rows], runs, fewer;
  TRY(MEM_ARRAY(A->rows, "marks of equal rows", &mark));
  TRY(MEM_ZARRAY(1, "plan of a matrix", &b));
  *b = (builder){ .P = P, .A = A, .dtype = dtype };
  mark_rows(A, threads, mark);
  whole = entries_covered(A, mark, SAME, &runs);
  beside = entries_covered(A, mark, SAME_BESIDE_DIAGONAL, &fewer);
  /* Apart where it helps: a diagonal of its own costs 8 bytes per row. */
  if (whole < beside - beside / 8) {
    TRY(take_diagonal(b, threads, &b->apart));
    kind = b->apart ? SAME_BESIDE_DIAGONAL : SAME;
  }
  if (2 * (b->apart ? beside : whole) < total)
    goto done;
  b->most = LONGEST_ROW + (total < MOST_DISTANCES ? total : MOST_DISTANCES);
  TRY(MEM_ARRAY(b->most, "shapes of rows", &P->distances));
  TRY(MEM_ARRAY(2 * b->most, "shapes of rows", &P->values));
  TRY(MEM_ARRAY(b->most / 4, "shapes of rows", &P->shape));
  TRY(MEM_ARRAY(b->most / 4, "shapes of rows", &b->next));
  TRY(MEM_ARRAY((b->apart ? fewer : runs) + 1, "runs of rows", &P->segment));
  build_segments(b, mark, kind);
done:
  if (b)
    mem_free(b->next);
  mem_free(b);
  mem_free(mark);
  return st;
}

/* ---- equal entries ---- */

/* Compares the entries of a row beside its diagonal with `value`, bit by bit; the diagonal is to be
 * `value` and something real that is exact. */
static int is_uniform_row(const rows_view *A, speig_dtype dtype, const char *value,
                          const double *wide, int64_t i, double *more)
{
  *more = 0;
  for (int64_t k = A->rowptr[i]; k < A->rowptr[i + 1]; ++k) {
    const char *entry = A->values + (size_t)k * A->size;
    double own[2];
    if (memcmp(entry, value, A->size) == 0)
      continue;
    if (A->colind[k] != i)
      return 0;
    matrix_widen(dtype, 1, entry, own);
    *more = own[0] - wide[0];
    if (own[1] != wide[1] || *more + wide[0] != own[0] || own[0] - *more != wide[0])
      return 0;
  }
  return 1;
}

/* The first entry beside the diagonal, NULL when there is none. */
static const char *first_value(const rows_view *A)
{
  for (int64_t i = 0; i < A->rows; ++i)
    for (int64_t k = A->rowptr[i]; k < A->rowptr[i + 1]; ++k)
      if (A->colind[k] != i)
        return A->values + (size_t)k * A->size;
  return NULL;
}

/* Most matrices are told by their first rows. */
static speig_status plan_uniform(const rows_view *A, speig_dtype dtype, int threads, spmv_plan *P)
{
  enum { GLANCE = 64 };
  speig_status st = SPEIG_OK;
  const char *value = first_value(A);
  double wide[2], more, *diagonal = NULL;
  int64_t wrong = 0, varied = 0;
  if (!value || A->rows < FEWEST_ROWS)
    return st;
  matrix_widen(dtype, 1, value, wide);
  for (int64_t i = 0; i < GLANCE; ++i)
    if (!is_uniform_row(A, dtype, value, wide, i, &more))
      return st;
  TRY(MEM_ARRAY(A->rows, "diagonal", &diagonal));
#pragma omp parallel for schedule(static) num_threads(threads) reduction(+ : wrong, varied)
  for (int64_t i = 0; i < A->rows; ++i)
    if (wrong == 0) {
      wrong += !is_uniform_row(A, dtype, value, wide, i, &diagonal[i]);
      varied += diagonal[i] != 0;
    }
  if (wrong > 0 || (varied > 0 && A->rows > A->cols)) /* x ends before the last rows */
    goto done;
  P->uniform = 1;
  P->equal = (csr_uniform){ .value = { wide[0], wide[1] } };
  if (varied > 0) {
    P->equal.more = P->diagonal = diagonal;
    diagonal = NULL;
  }
done:
  mem_free(diagonal);
  return st;
}

speig_status spmv_plan_plain(const speig_matrix *A, spmv_plan *P)
{
  speig_status st = SPEIG_OK;
  *P = (spmv_plan){ .csr = { A->rowptr, A->colind, A->values }, .rows = A->rows, .segments = 1 };
  TRY(MEM_ARRAY(2, "runs of rows", &P->segment));
  P->segment[0] = (spmv_segment){ 0, -1 };
  P->segment[1] = (spmv_segment){ A->rows, -1 };
done:
  return st;
}

speig_status spmv_plan_make(const speig_matrix *A, int threads, spmv_plan *P)
{
  enum { ROWS_PER_THREAD = 4096 };
  speig_status st = SPEIG_OK;
  rows_view view = { .rowptr = A->rowptr,
                     .colind = A->colind,
                     .values = A->values,
                     .size = speig_dtype_size(A->dtype),
                     .rows = A->rows,
                     .cols = A->cols };
  int team = A->rows / ROWS_PER_THREAD < threads ? 1 : threads;
  *P = (spmv_plan){ .csr = { A->rowptr, A->colind, A->values }, .rows = A->rows };
  if (looks_regular(&view))
    TRY(plan_runs(&view, A->dtype, team, P));
  if (P->segments > 0)
    goto done;
  spmv_plan_free(P);
  TRY(spmv_plan_plain(A, P));
  TRY(plan_uniform(&view, A->dtype, team, P));
done:
  if (st != SPEIG_OK)
    spmv_plan_free(P);
  return st;
}

void spmv_plan_free(spmv_plan *P)
{
  mem_free(P->segment);
  mem_free(P->shape);
  mem_free(P->distances);
  mem_free(P->values);
  mem_free(P->diagonal);
  mem_free(P->own_rowptr);
  mem_free(P->own_colind);
  mem_free(P->own_values);
  *P = (spmv_plan){ 0 };
}

double spmv_plan_bytes(const spmv_plan *P, speig_dtype dtype)
{
  double entry = (P->uniform ? 0 : (double)speig_dtype_size(dtype)) + 4;
  double bytes = (double)sizeof *P->segment * (double)P->segments;
  bytes += P->equal.more ? 8 * (double)P->rows : 0;
  for (int64_t s = 0; s < P->segments; ++s) {
    int64_t first = P->segment[s].first, end = P->segment[s + 1].first;
    if (P->segment[s].shape < 0)
      bytes +=
          8 * (double)(end - first) + entry * (double)(P->csr.rowptr[end] - P->csr.rowptr[first]);
    else if (P->shape[P->segment[s].shape].with_diagonal)
      bytes += 8 * (double)(end - first);
  }
  return bytes;
}
