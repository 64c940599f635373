/* device_kit.c: operands in device memory, for tests of solves there. */
#include "device_kit.h"

#include "solve_kit.h"
#include "speig/speig.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

speig_context *device_context(const test_case *tc)
{
  speig_context *ctx = NULL;
  CHECK_OK(speig_context_create(tc->device, 1, &ctx));
  return ctx;
}

void device_expect_failure(speig_status st, speig_status expected, const char *words)
{
  CU_ASSERT_EQUAL(st, expected);
  if (st != expected || !strstr(speig_last_error(), words))
    fprintf(stderr, "  \"%s\" lacks \"%s\"\n", speig_last_error(), words);
  CU_ASSERT_PTR_NOT_NULL(strstr(speig_last_error(), words));
}

/* Bytes as a block of floats, which a copy does not look at. */
static speig_block bytes_of(const void *data, size_t bytes)
{
  int64_t count = (int64_t)(bytes + 3) / 4;
  return (speig_block){ SPEIG_S, count, 1, count, (void *)(uintptr_t)data, SPEIG_HOST };
}

static speig_block send_bytes(speig_context *ctx, const void *data, size_t bytes)
{
  speig_block from = bytes_of(data, bytes), to;
  CHECK_OK(speig_block_alloc_on(ctx, SPEIG_S, from.rows, 1, &to));
  CHECK_OK(speig_copy(ctx, &from, &to));
  return to;
}

int device_multiply(void *user, const speig_place *place, const speig_block *X, speig_block *Y)
{
  device_product *t = user;
  if (++t->calls == t->fail_at)
    return 78;
  if (!t->product) {
    speig_context_opts opts = SPEIG_CONTEXT_OPTS_INIT;
    opts.device = place->device;
    opts.device_number = place->device_number;
    opts.stream = place->stream;
    if (!place->stream || speig_context_create_on(&opts, &t->ctx) ||
        speig_operator_from_matrix(t->A, &t->op) ||
        speig_product_create(t->ctx, t->op, &t->product))
      return 1;
  }
  return X->device != SPEIG_CUDA || speig_product_apply(t->product, X, Y) != SPEIG_OK;
}

void device_product_close(device_product *t)
{
  speig_product_destroy(&t->product);
  speig_operator_destroy(&t->op);
  speig_context_destroy(&t->ctx);
}

device_arrays device_arrays_send(speig_context *ctx, const speig_matrix *A, int narrow, int bad)
{
  speig_matrix_info info = speig_matrix_get_info(A);
  size_t size = speig_dtype_size(info.dtype), entries = (size_t)info.nnz;
  const int64_t *rowptr;
  const int32_t *colind;
  const void *values;
  int32_t *short_rowptr = calloc((size_t)info.rows + 1, sizeof *short_rowptr);
  int32_t *columns = malloc(entries * sizeof *columns);
  char *numbers = malloc(entries * size);
  device_arrays a = { .csr = SPEIG_DEVICE_CSR_INIT };
  speig_matrix_arrays(A, &rowptr, &colind, &values);
  memcpy(columns, colind, entries * sizeof *columns);
  memcpy(numbers, values, entries * size);
  for (int64_t i = 0; i <= info.rows; ++i)
    short_rowptr[i] = (int32_t)rowptr[i];
  if (bad == 1)
    scalar_put(info.dtype, numbers, 7, NAN, 0);
  if (bad == 2)
    columns[rowptr[1] - 1] = (int32_t)info.cols;
  a.rowptr = narrow ? send_bytes(ctx, short_rowptr, ((size_t)info.rows + 1) * 4)
                    : send_bytes(ctx, rowptr, ((size_t)info.rows + 1) * 8);
  a.colind = send_bytes(ctx, columns, entries * 4);
  a.values = send_bytes(ctx, numbers, entries * size);
  CHECK_OK(speig_context_wait(ctx));
  a.csr.dtype = info.dtype;
  a.csr.n = info.rows;
  a.csr.cols = info.cols == info.rows ? 0 : info.cols;
  a.csr.nnz = info.nnz;
  a.csr.rowptr = narrow ? NULL : a.rowptr.data;
  a.csr.rowptr32 = narrow ? a.rowptr.data : NULL;
  a.csr.colind = a.colind.data;
  a.csr.values = a.values.data;
  free(short_rowptr);
  free(columns);
  free(numbers);
  return a;
}

void device_arrays_drop(speig_context *ctx, device_arrays *a)
{
  speig_block_free_on(ctx, &a->rowptr);
  speig_block_free_on(ctx, &a->colind);
  speig_block_free_on(ctx, &a->values);
}
