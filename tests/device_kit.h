/* device_kit.h: operands in device memory, for tests of solves there. */
#ifndef SPEIG_TESTS_DEVICE_KIT_H
#define SPEIG_TESTS_DEVICE_KIT_H

#include "harness.h"

#include "speig/operator.h"

/* On the case's device, with one thread. */
speig_context *device_context(const test_case *tc);
/* The status, and the words in the message. */
void device_expect_failure(speig_status st, speig_status expected, const char *words);

/* A function in device memory, made of our own product: what a user's kernel would do. It belongs
 * to the stream of the solve that called it first. */
typedef struct device_product {
  const speig_matrix *A;
  speig_operator *op;
  speig_context *ctx;
  speig_product *product;
  int64_t calls;
  int fail_at; /* number of the call that returns 78, or 0 */
} device_product;
int device_multiply(void *user, const speig_place *place, const speig_block *X, speig_block *Y);
void device_product_close(device_product *t);

/* A matrix in the context's memory. bad: 1: a NaN, 2: a column out of range. */
typedef struct device_arrays {
  speig_block rowptr, colind, values;
  speig_device_csr csr;
} device_arrays;
device_arrays device_arrays_send(speig_context *ctx, const speig_matrix *A, int narrow, int bad);
void device_arrays_drop(speig_context *ctx, device_arrays *a);

#endif
