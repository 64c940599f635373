/* mm_read.c: any bytes at all as a Matrix Market file, read three ways: whole, in many chunks,
 * through tiny windows. The three must agree on the matrix or on the message.                   */
#include "target.h"

#include "base/memory.h"
#include "formats/matrix.h"
#include "formats/mm_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Millions of empty rows take longer than all the rest. */
enum { EXTENT = 1 << 10 };

typedef struct outcome {
  speig_status st;
  char message[1024];
  speig_mm_header header;
  speig_matrix *A;
} outcome;

static void read_cut(const uint8_t *bytes, size_t size, mm_cut cut, outcome *o)
{
  mm_source *source = NULL;
  memset(o, 0, sizeof *o);
  o->st = mm_source_open_memory("fuzz", bytes, size, &source);
  if (o->st == SPEIG_OK)
    o->st = mm_read_source(source, 1, cut, &o->header, &o->A);
  if (o->st != SPEIG_OK)
    snprintf(o->message, sizeof o->message, "%s", speig_last_error());
  mm_source_close(&source);
}

static int same_bytes(const void *a, const void *b, size_t size)
{
  return size == 0 || memcmp(a, b, size) == 0;
}

/* How far damaged gzip data get before the damage shows, and how long a line may be, depends on the
 * window: there only failing is asked for. */
static int agree(const outcome *a, const outcome *b)
{
  const speig_matrix *A = a->A, *B = b->A;
  if (strstr(b->message, "longer than"))
    return 1;
  if (strstr(a->message, "gzip") || strstr(b->message, "gzip"))
    return a->st != SPEIG_OK && b->st != SPEIG_OK;
  if (a->st != b->st || strcmp(a->message, b->message) != 0 || !A != !B)
    return 0;
  return !A || (A->rows == B->rows && A->cols == B->cols && A->nnz == B->nnz &&
                same_bytes(A->rowptr, B->rowptr, ((size_t)A->rows + 1) * sizeof *A->rowptr) &&
                same_bytes(A->colind, B->colind, (size_t)A->nnz * sizeof *A->colind) &&
                same_bytes(A->values, B->values, (size_t)A->nnz * speig_dtype_size(A->dtype)));
}

/* A matrix that came out must keep the promises of CSR. */
static void check_csr(const speig_matrix *A)
{
  if (A->rowptr[0] != 0 || A->rowptr[A->rows] != A->nnz)
    abort();
  for (int64_t r = 0; r < A->rows; ++r)
    for (int64_t e = A->rowptr[r]; e < A->rowptr[r + 1]; ++e)
      if (A->colind[e] < 0 || A->colind[e] >= A->cols ||
          (e > A->rowptr[r] && A->colind[e] <= A->colind[e - 1]))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
  outcome whole, chunks, windows;
  read_cut(bytes, size, (mm_cut){ .window = 1 << 13, .chunks = 1, .extent = EXTENT }, &whole);
  read_cut(bytes, size, (mm_cut){ .window = 1 << 12, .chunks = 7, .extent = EXTENT }, &chunks);
  read_cut(bytes, size, (mm_cut){ .window = 128, .chunks = 3, .extent = EXTENT }, &windows);
  if (whole.A)
    check_csr(whole.A);
  if (!agree(&whole, &chunks) || !agree(&whole, &windows))
    abort();
  speig_matrix_destroy(&whole.A);
  speig_matrix_destroy(&chunks.A);
  speig_matrix_destroy(&windows.A);
  if (mem_account_read().current != 0)
    abort();
  return 0;
}
