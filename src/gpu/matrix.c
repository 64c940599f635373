/* matrix.c: brings a matrix to the device and shares out its rows. */
#include "gpu/matrix.h"

#include <string.h>

/* What the host works out before anything is taken on the device. */
typedef struct plan {
  gpu_piece *piece;
  int32_t *long_row, *segment_row;
  int64_t *long_segment, *segment_from;
  int64_t pieces, longs, segments;
} plan;

static void plan_free(plan *P)
{
  mem_free(P->piece);
  mem_free(P->long_row);
  mem_free(P->segment_row);
  mem_free(P->long_segment);
  mem_free(P->segment_from);
  *P = (plan){ 0 };
}

static void add_piece(plan *P, const int64_t *rowptr, int64_t row, int64_t end)
{
  if (row == end)
    return;
  if (P->piece)
    P->piece[P->pieces] = (gpu_piece){ .from = rowptr[row],
                                       .row = (int32_t)row,
                                       .rows = (int32_t)(end - row),
                                       .entries = (int32_t)(rowptr[end] - rowptr[row]) };
  ++P->pieces;
}

static void add_long_row(plan *P, int64_t row, int64_t from, int64_t to)
{
  if (P->long_row) {
    P->long_row[P->longs] = (int32_t)row;
    P->long_segment[P->longs] = P->segments;
  }
  ++P->longs;
  for (; from < to; from += SPMV_SEGMENT) {
    if (P->segment_row) {
      P->segment_row[P->segments] = (int32_t)row;
      P->segment_from[P->segments] = from;
    }
    ++P->segments;
  }
}

/* Counts when the arrays are not there yet, fills them when they are. */
static void share_out(const int64_t *rowptr, int64_t rows, plan *P)
{
  int64_t first = 0;
  P->pieces = P->longs = P->segments = 0;
  for (int64_t row = 0; row < rows; ++row) {
    if (rowptr[row + 1] - rowptr[row] > SPMV_ENTRIES) {
      add_piece(P, rowptr, first, row);
      add_long_row(P, row, rowptr[row], rowptr[row + 1]);
      first = row + 1;
    } else if (rowptr[row + 1] - rowptr[first] > SPMV_ENTRIES || row - first == SPMV_ROWS) {
      add_piece(P, rowptr, first, row);
      first = row;
    }
  }
  add_piece(P, rowptr, first, rows);
  if (P->long_segment)
    P->long_segment[P->longs] = P->segments;
}

static speig_status plan_make(const int64_t *rowptr, int64_t rows, plan *P)
{
  speig_status st = SPEIG_OK;
  *P = (plan){ 0 };
  share_out(rowptr, rows, P);
  TRY(MEM_ZARRAY(P->pieces, "row pieces", &P->piece));
  TRY(MEM_ARRAY(P->longs, "long rows", &P->long_row));
  TRY(MEM_ARRAY(P->longs + 1, "long rows", &P->long_segment));
  TRY(MEM_ARRAY(P->segments, "segments of long rows", &P->segment_row));
  TRY(MEM_ARRAY(P->segments, "segments of long rows", &P->segment_from));
  share_out(rowptr, rows, P);
done:
  return st;
}

/* An array in the matrix's one allocation. */
typedef struct part {
  const void *host;
  int64_t count;
  size_t size;
  void **device;
} part;

/* Lays the parts out one after the other, aligned for every access, takes the memory and sends
 * them. */
static speig_status send_parts(backend *be, const char *what, part *parts, int count, void **block)
{
  enum { ALIGNMENT = 256 };
  speig_status st = SPEIG_OK;
  size_t total = 0, bytes, at = 0;
  for (int i = 0; i < count; ++i) {
    TRY(mem_product(parts[i].count, 1, parts[i].size, what, &bytes));
    total += (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  }
  TRY(gpu_take_uncounted(be, total, what, block));
  for (int i = 0; i < count; ++i) {
    bytes = (size_t)parts[i].count * parts[i].size;
    *parts[i].device = (char *)*block + at;
    at += (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    TRY(gpu_send(be, parts[i].host, parts[i].count, *parts[i].device, parts[i].count,
                 parts[i].count, 1, parts[i].size));
  }
done:
  return st;
}

/* The matrix without its arrays, its rows shared out. */
static speig_status matrix_start(backend *be, int64_t rows, int64_t cols, int64_t nnz,
                                 const int64_t *rowptr, gpu_matrix **out, plan *P)
{
  speig_status st = SPEIG_OK;
  gpu_matrix *M = NULL;
  TRY(plan_make(rowptr, rows, P));
  TRY(MEM_ZARRAY(1, "matrix", &M));
  M->base = (backend_matrix){ .be = be, .rows = rows, .cols = cols };
  M->nnz = nnz;
  M->pieces = P->pieces;
  M->longs = P->longs;
  M->segments = P->segments;
  *out = M;
done:
  return st;
}

enum { PLAN_PARTS = 5, MATRIX_PARTS = 3 };

static void plan_parts(const plan *P, gpu_matrix *M, part *parts)
{
  const part list[PLAN_PARTS] = {
    { P->piece, P->pieces, sizeof *P->piece, (void **)&M->piece },
    { P->long_row, P->longs, sizeof *P->long_row, (void **)&M->long_row },
    { P->long_segment, P->longs + 1, sizeof *P->long_segment, (void **)&M->long_segment },
    { P->segment_row, P->segments, sizeof *P->segment_row, (void **)&M->segment_row },
    { P->segment_from, P->segments, sizeof *P->segment_from, (void **)&M->segment_from },
  };
  for (int i = 0; i < PLAN_PARTS; ++i)
    parts[i] = list[i];
}

speig_status gpu_matrix_open(backend *be, const speig_matrix *A, backend_matrix **out)
{
  speig_status st = SPEIG_OK;
  speig_matrix_info info = gpu_services.matrix_info(A);
  const int64_t *rowptr;
  const int32_t *colind;
  const void *values;
  gpu_matrix *M = NULL;
  plan P = { 0 };
  part parts[PLAN_PARTS + MATRIX_PARTS];
  TRY(gpu_enter(be));
  gpu_services.matrix_arrays(A, &rowptr, &colind, &values);
  TRY(matrix_start(be, info.rows, info.cols, info.nnz, rowptr, &M, &P));
  plan_parts(&P, M, parts);
  parts[PLAN_PARTS] = (part){ rowptr, info.rows + 1, sizeof *rowptr, (void **)&M->rowptr };
  parts[PLAN_PARTS + 1] = (part){ colind, info.nnz, sizeof *colind, (void **)&M->colind };
  parts[PLAN_PARTS + 2] = (part){ values, info.nnz, gpu_scalar_size(be), (void **)&M->values };
  TRY(send_parts(be, "matrix", parts, PLAN_PARTS + MATRIX_PARTS, &M->block));
  *out = &M->base;
  M = NULL;
done:
  plan_free(&P);
  if (M)
    gpu_matrix_close(be, &M->base);
  return st;
}

/* The caller's row offsets, 64-bit, in host memory. */
static speig_status fetch_offsets(backend *be, const device_csr *A, int64_t **out)
{
  speig_status st = SPEIG_OK;
  int64_t count = A->rows + 1, *rowptr = NULL;
  TRY(MEM_ARRAY(count, "row offsets", &rowptr));
  *out = rowptr;
  if (A->rowptr) {
    TRY(gpu_receive(be, A->rowptr, count, rowptr, count, count, 1, sizeof *rowptr));
    goto done;
  }
  TRY(gpu_receive(be, A->rowptr32, count, rowptr, count, count, 1, sizeof *A->rowptr32));
  for (int64_t i = count - 1; i >= 0; --i) { /* from the back: the narrow ones lie in front */
    int32_t narrow;
    memcpy(&narrow, (const char *)rowptr + (size_t)i * sizeof narrow, sizeof narrow);
    rowptr[i] = narrow;
  }
done:
  return st;
}

speig_status gpu_matrix_borrow(backend *be, const device_csr *A, backend_matrix **out)
{
  speig_status st = SPEIG_OK;
  gpu_matrix *M = NULL;
  int64_t *rowptr = NULL;
  plan P = { 0 };
  part parts[PLAN_PARTS + 1];
  int count = PLAN_PARTS;
  TRY(gpu_enter(be));
  TRY(fetch_offsets(be, A, &rowptr));
  TRY(matrix_start(be, A->rows, A->cols, A->nnz, rowptr, &M, &P));
  M->rowptr = A->rowptr;
  M->colind = A->colind;
  M->values = A->values;
  plan_parts(&P, M, parts);
  if (!A->rowptr)
    parts[count++] = (part){ rowptr, A->rows + 1, sizeof *rowptr, (void **)&M->rowptr };
  TRY(send_parts(be, "plan of a matrix", parts, count, &M->block));
  *out = &M->base;
  M = NULL;
done:
  plan_free(&P);
  mem_free(rowptr);
  if (M)
    gpu_matrix_close(be, &M->base);
  return st;
}

void gpu_matrix_close(backend *be, backend_matrix *A)
{
  gpu_matrix *M = (gpu_matrix *)A;
  if (M->block)
    gpu_give(be, M->block);
  mem_free(M);
}
