/* fail_kit.c: see fail_kit.h. */
#include "fail_kit.h"

#include "base/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void fail_mix(uint64_t *digest, const void *bytes, size_t size)
{
  const unsigned char *at = bytes;
  for (size_t i = 0; i < size; ++i) /* FNV-1a */
    *digest = (*digest ^ at[i]) * UINT64_C(0x100000001B3);
}

void fail_mix_block(uint64_t *digest, const speig_block *X)
{
  const size_t size = speig_dtype_size(X->dtype);
  fail_mix(digest, &X->rows, sizeof X->rows);
  fail_mix(digest, &X->cols, sizeof X->cols);
  for (int64_t j = 0; X->data && j < X->cols; ++j)
    fail_mix(digest, (const char *)X->data + (size_t)(j * X->ld) * size, (size_t)X->rows * size);
}

void fail_mix_matrix(uint64_t *digest, const speig_matrix *A)
{
  const speig_matrix_info info = speig_matrix_get_info(A);
  const int64_t *rowptr;
  const int32_t *colind;
  const void *values;
  speig_matrix_arrays(A, &rowptr, &colind, &values);
  fail_mix(digest, rowptr, ((size_t)info.rows + 1) * sizeof *rowptr);
  fail_mix(digest, colind, (size_t)info.nnz * sizeof *colind);
  fail_mix(digest, values, (size_t)info.nnz * speig_dtype_size(info.dtype));
}

speig_status fail_keep_matrix(speig_status st, speig_matrix **A, uint64_t *digest)
{
  if (st == SPEIG_OK)
    fail_mix_matrix(digest, *A);
  CU_ASSERT_TRUE(st == SPEIG_OK || !*A);
  speig_matrix_destroy(A);
  return st;
}

void fail_mix_eigsh(uint64_t *digest, const speig_eigsh_result *r)
{
  fail_mix(digest, &r->k, sizeof r->k);
  fail_mix(digest, r->values, (size_t)r->k * sizeof *r->values);
  fail_mix(digest, r->residuals, (size_t)r->k * sizeof *r->residuals);
  fail_mix_block(digest, &r->vectors);
}

void fail_mix_eigs(uint64_t *digest, const speig_eigs_result *r)
{
  fail_mix(digest, &r->k, sizeof r->k);
  fail_mix(digest, r->values, 2 * (size_t)r->k * sizeof *r->values);
  fail_mix(digest, r->residuals, (size_t)r->k * sizeof *r->residuals);
  fail_mix_block(digest, &r->vectors);
  fail_mix_block(digest, &r->left);
}

void fail_mix_svds(uint64_t *digest, const speig_svds_result *r)
{
  fail_mix(digest, &r->k, sizeof r->k);
  fail_mix(digest, r->values, (size_t)r->k * sizeof *r->values);
  fail_mix(digest, r->residuals, (size_t)r->k * sizeof *r->residuals);
  fail_mix_block(digest, &r->left);
  fail_mix_block(digest, &r->right);
}

/* One run with allocation number `at` failing. */
static void fail_once(const fail_call *call, void *inputs, int64_t at, int onwards, uint64_t right,
                      fail_tally *t)
{
  const size_t held = mem_account_read().current;
  uint64_t digest = 0;
  (void)mem_fail_at(at, onwards);
  speig_status st = call->run(inputs, &digest);
  (void)mem_fail_at(0, 0);
  const size_t now = mem_account_read().current;
  const int fine = st == SPEIG_ERR_MEMORY || (st == SPEIG_OK && digest == right);
  if (!fine || now != held)
    fprintf(stderr, "\n  %s: allocation %lld%s: %s%s; %lld bytes left", call->name, (long long)at,
            onwards ? " and all that follow" : "", speig_status_text(st),
            st == SPEIG_OK && digest != right ? ", but another answer" : "",
            (long long)now - (long long)held);
  if (st != SPEIG_OK && st != SPEIG_ERR_MEMORY)
    fprintf(stderr, ": %s", speig_last_error());
  CU_ASSERT_TRUE(fine);
  CU_ASSERT_EQUAL(now, held);
  ++t->failures;
  t->absorbed += st == SPEIG_OK;
}

/* All of the first ones, and some of those that follow. */
static int64_t next_of(int64_t at, int64_t needed)
{
  enum { FIRST = 16, SOME = 12 };
  if (getenv("SPEIG_TEST_LONG") || at < FIRST)
    return at + 1;
  return at + 1 + (needed - FIRST) / SOME;
}

void fail_sweep(const fail_call *call, void *inputs, uint64_t (*look)(const void *inputs),
                fail_tally *tally)
{
  const uint64_t untouched = look(inputs);
  const size_t before = mem_account_read().current;
  uint64_t first = 0, again = 0;
  CHECK_OK(call->run(inputs, &first)); /* modules are opened, once and for all */
  first = 0;
  (void)mem_fail_at(0, 0);
  CHECK_OK(call->run(inputs, &first));
  const int64_t needed = mem_fail_at(0, 0);
  for (int64_t at = 1; at <= needed; at = next_of(at, needed))
    for (int onwards = 0; onwards < 2; ++onwards)
      fail_once(call, inputs, at, onwards, first, tally);
  CHECK_OK(call->run(inputs, &again));
  CU_ASSERT_EQUAL(first, again);
  CU_ASSERT_EQUAL(look(inputs), untouched);
  CU_ASSERT_EQUAL(mem_account_read().current, before);
  ++tally->calls;
}

void fail_tell(const fail_tally *tally)
{
  CU_ASSERT_TRUE(tally->failures > tally->calls);
  printf("(%lld calls, %lld failures, %lld of them done without) ", (long long)tally->calls,
         (long long)tally->failures, (long long)tally->absorbed);
}
