/* pivoting.c: from a CSR matrix to the provider's list of entries, and the budget. */
#include "factor/pivoting.h"

#include "base/dtype.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/module.h"
#include "factor/provider.h"
#include "formats/matrix.h"

#include <inttypes.h>
#include <string.h>

struct pivoting {
  const provider *by;
  void *instance;
  speig_dtype dtype; /* of the matrix */
  factor_kind kind;
  int64_t n;
  int paired; /* a complex Hermitian matrix as a real one of twice the order */
  provider_system system;
  int32_t *row, *col; /* [system.entries] */
  void *values; /* [system.entries] */
  provider_facts facts;
  size_t claimed; /* bytes of the factors in the account */
};

static speig_status open_provider(const provider **by)
{
  speig_status st = SPEIG_OK;
  const void *table = NULL;
  TRY(module_open("mumps", "speig_mumps_module_get", PROVIDER_ABI, &table));
  *by = table;
done:
  return st;
}

speig_status pivoting_available(void)
{
  const provider *by;
  return open_provider(&by);
}

static speig_status raise_code(provider_code code, const char *text)
{
  speig_status st = SPEIG_OK;
  if (code == PROVIDER_MEMORY)
    FAIL(SPEIG_ERR_MEMORY, "factorization: %s", text);
  if (code != PROVIDER_OK)
    FAIL(SPEIG_ERR_NUMERIC, "factorization: %s", text);
done:
  return st;
}

static size_t number_size(const pivoting *F)
{
  return F->paired ? speig_dtype_size(F->dtype) / 2 : speig_dtype_size(F->dtype);
}

/* How many entries of the system a stored entry (i, j) becomes. */
static int count_of(const pivoting *F, int64_t i, int64_t j)
{
  if (F->kind == FACTOR_HERMITIAN && i < j)
    return 0;
  if (!F->paired)
    return 1;
  return i == j ? 2 : 4;
}

static speig_status list_entries(pivoting *F, const speig_matrix *A)
{
  speig_status st = SPEIG_OK;
  int64_t total = 0, at = 0;
  for (int64_t i = 0; i < A->rows; ++i)
    for (int64_t e = A->rowptr[i]; e < A->rowptr[i + 1]; ++e)
      total += count_of(F, i, A->colind[e]);
  TRY(MEM_ARRAY(total, "factorization: rows", &F->row));
  TRY(MEM_ARRAY(total, "factorization: columns", &F->col));
  for (int64_t i = 0; i < A->rows; ++i)
    for (int64_t e = A->rowptr[i]; e < A->rowptr[i + 1]; ++e) {
      int64_t j = A->colind[e];
      int count = count_of(F, i, j), wide = F->paired ? 2 : 1;
      for (int c = 0; c < count; ++c) {
        /* (re, re), (im, im), (im, re), (re, im) */
        int down = count == 1 ? 0 : c == 1 || c == 2, right = count == 1 ? 0 : c == 1 || c == 3;
        F->row[at] = (int32_t)(wide * i + down + 1);
        F->col[at++] = (int32_t)(wide * j + right + 1);
      }
    }
  F->system = (provider_system){ .n = F->paired ? 2 * F->n : F->n,
                                 .entries = total,
                                 .row = F->row,
                                 .col = F->col,
                                 .group = F->paired ? 2 : 1 };
done:
  return st;
}

static void negate(size_t size, void *number)
{
  float narrow;
  double wide;
  if (size == sizeof narrow) {
    memcpy(&narrow, number, size);
    narrow = -narrow;
    memcpy(number, &narrow, size);
  } else {
    memcpy(&wide, number, size);
    wide = -wide;
    memcpy(number, &wide, size);
  }
}

/* The values in the order of list_entries; x + iy becomes x, x, y, -y. */
static void list_values(pivoting *F, const speig_matrix *A)
{
  size_t size = number_size(F), step = speig_dtype_size(F->dtype);
  char *to = F->values;
  for (int64_t i = 0; i < A->rows; ++i)
    for (int64_t e = A->rowptr[i]; e < A->rowptr[i + 1]; ++e) {
      const char *from = (const char *)A->values + (size_t)e * step;
      int count = count_of(F, i, A->colind[e]);
      for (int c = 0; c < count; ++c, to += size)
        memcpy(to, c >= 2 ? from + size : from, size);
      if (count == 4)
        negate(size, to - size);
    }
}

speig_status pivoting_analyse(const speig_matrix *A, factor_kind kind, pivoting **out)
{
  speig_status st = SPEIG_OK;
  pivoting *F = NULL;
  char text[PROVIDER_TEXT] = "";
  speig_dtype dtype = A->dtype;
  *out = NULL;
  TRY(MEM_ZARRAY(1, "factorization", &F));
  TRY(open_provider(&F->by));
  F->dtype = dtype;
  F->kind = kind;
  F->n = A->rows;
  F->paired = kind == FACTOR_HERMITIAN && dtype_is_complex(dtype);
  if (F->n > INT32_MAX / 2)
    FAIL(SPEIG_ERR_UNSUPPORTED, "factorization: order %" PRId64 ", at most %d", F->n,
         INT32_MAX / 2);
  TRY(list_entries(F, A));
  TRY(raise_code(F->by->open(F->paired ? dtype_real(dtype) : dtype, kind == FACTOR_HERMITIAN,
                             &F->instance, text),
                 text));
  TRY(raise_code(F->by->analyse(F->instance, &F->system, &F->facts, text), text));
  *out = F;
  F = NULL;
done:
  pivoting_destroy(&F);
  return st;
}

factor_info pivoting_get_info(const pivoting *F)
{
  return (factor_info){ .provider = F->by->name,
                        .ordering = F->facts.ordering,
                        .flops = F->facts.flops,
                        .entries = (double)F->facts.factor_entries,
                        .bytes = F->facts.bytes };
}

speig_status pivoting_compute(pivoting *F, const speig_matrix *A, int *singular)
{
  speig_status st = SPEIG_OK;
  char text[PROVIDER_TEXT] = "";
  mem_account account;
  size_t room = 0;
  provider_code code;
  *singular = 0;
  if (!F->values)
    TRY(mem_alloc(F->system.entries, number_size(F), "factorization: values", &F->values));
  list_values(F, A);
  mem_unclaim(F->claimed);
  F->claimed = 0;
  TRY(mem_claim(F->facts.bytes, "the factorization"));
  F->claimed = F->facts.bytes;
  account = mem_account_read();
  if (account.limit)
    room = account.limit - account.current + F->claimed;
  code = F->by->factorise(F->instance, F->values, room, &F->facts, text);
  *singular = code == PROVIDER_SINGULAR;
  if (!*singular)
    TRY(raise_code(code, text));
done:
  return st;
}

speig_status pivoting_solve(pivoting *F, int transposed, int32_t p, int64_t ld, void *X)
{
  speig_status st = SPEIG_OK;
  char text[PROVIDER_TEXT] = "";
  int64_t wide = F->paired ? 2 * ld : ld;
  if (p > 0)
    TRY(raise_code(
        F->by->solve(F->instance, transposed && F->kind == FACTOR_GENERAL, p, wide, X, text),
        text));
done:
  return st;
}

int64_t pivoting_negative(const pivoting *F)
{
  return F->paired ? F->facts.negative / 2 : F->facts.negative;
}

void pivoting_destroy(pivoting **F)
{
  if (!*F)
    return;
  if ((*F)->instance)
    (*F)->by->close((*F)->instance);
  mem_unclaim((*F)->claimed);
  mem_free((*F)->row);
  mem_free((*F)->col);
  mem_free((*F)->values);
  mem_free(*F);
  *F = NULL;
}
