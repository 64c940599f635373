/* test_fail_once.c: every allocation fails once, in all that makes, converts, reads and writes
 * matrices. The rest of the library: test_fail_once_blocks.c, test_fail_once_solve.c.           */
#define _POSIX_C_SOURCE 200809L
#include "fail_kit.h"
#include "solve_kit.h"

#include "base/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ROWS = 23, COLS = 3, ENTRIES = 40 };

typedef struct inputs {
  speig_dtype dtype;
  speig_matrix *A, *G; /* Hermitian; not so */
  speig_coo *list, *triangle;
  int32_t row[ENTRIES], col[ENTRIES];
  char values[ENTRIES * 16];
  char text[4096], file[64], out[80];
  size_t text_size;
} inputs;

static uint64_t look(const void *user)
{
  const inputs *in = user;
  uint64_t digest = 0;
  fail_mix(&digest, in->row, sizeof in->row);
  fail_mix(&digest, in->col, sizeof in->col);
  fail_mix(&digest, in->values, sizeof in->values);
  fail_mix(&digest, in->text, in->text_size);
  fail_mix_matrix(&digest, in->A);
  fail_mix_matrix(&digest, in->G);
  return digest;
}

/* ---- matrices ---- */

static speig_status list_and_matrix(const inputs *in, speig_symmetry symmetry, const void *values,
                                    uint64_t *digest)
{
  speig_status st = SPEIG_OK;
  speig_coo *coo = NULL;
  speig_matrix *A = NULL;
  FAIL_STEP(speig_coo_create(in->dtype, ROWS, ROWS, ENTRIES, in->row, in->col, values, symmetry,
                             SPEIG_COPY, &coo));
  st = fail_keep_matrix(speig_matrix_from_coo(coo, &A), &A, digest);
done:
  speig_coo_destroy(&coo);
  return st;
}

static speig_status from_list(void *user, uint64_t *digest)
{
  const inputs *in = user;
  return list_and_matrix(in, SPEIG_GENERAL, in->values, digest);
}

static speig_status from_triangle(void *user, uint64_t *digest)
{
  const inputs *in = user;
  return list_and_matrix(in, SPEIG_SYMMETRIC, in->values, digest);
}

static speig_status from_pattern(void *user, uint64_t *digest)
{
  return list_and_matrix(user, SPEIG_GENERAL, NULL, digest);
}

static void *copy_of(const void *bytes, size_t size)
{
  void *copy = malloc(size);
  CU_ASSERT_PTR_NOT_NULL_FATAL(copy);
  memcpy(copy, bytes, size);
  return copy;
}

/* On failure the arrays are still the caller's. */
static speig_status adopt_list(void *user, uint64_t *digest)
{
  const inputs *in = user;
  speig_coo *coo = NULL;
  int32_t *row = copy_of(in->row, sizeof in->row), *col = copy_of(in->col, sizeof in->col);
  void *values = copy_of(in->values, sizeof in->values);
  speig_status st = speig_coo_create(in->dtype, ROWS, ROWS, ENTRIES, row, col, values,
                                     SPEIG_GENERAL, SPEIG_ADOPT, &coo);
  if (st == SPEIG_OK) {
    const int32_t *kept;
    speig_coo_arrays(coo, &kept, NULL, NULL);
    fail_mix(digest, kept, sizeof in->row);
  } else {
    free(row);
    free(col);
    free(values);
  }
  speig_coo_destroy(&coo);
  return st;
}

static speig_status to_list(void *user, uint64_t *digest)
{
  const inputs *in = user;
  speig_coo *coo = NULL;
  speig_status st = speig_coo_from_matrix(in->G, &coo);
  if (st == SPEIG_OK) {
    const int32_t *row;
    speig_coo_arrays(coo, &row, NULL, NULL);
    fail_mix(digest, row, (size_t)speig_coo_nnz(coo) * sizeof *row);
  }
  speig_coo_destroy(&coo);
  return st;
}

/* Two rows that are out of order and hold one place twice. */
static const int64_t offsets[] = { 0, 4, 6 };
static const int32_t offsets32[] = { 0, 4, 6 }, columns[] = { 5, 1, 5, 0, 3, 2 };

static speig_status create_rows(void *user, uint64_t *digest)
{
  const inputs *in = user;
  speig_matrix *A = NULL;
  return fail_keep_matrix(
      speig_matrix_create_csr(in->dtype, 2, 6, offsets, columns, in->values, SPEIG_COPY, &A), &A,
      digest);
}

static speig_status create_rows32(void *user, uint64_t *digest)
{
  const inputs *in = user;
  speig_matrix *A = NULL;
  return fail_keep_matrix(
      speig_matrix_create_csr32(in->dtype, 2, 6, offsets32, columns, in->values, SPEIG_COPY, &A),
      &A, digest);
}

static speig_status borrow_rows(void *user, uint64_t *digest)
{
  const inputs *in = user;
  const int64_t *rowptr;
  const int32_t *colind;
  const void *values;
  speig_matrix_info info = speig_matrix_get_info(in->A);
  speig_matrix *A = NULL;
  speig_matrix_arrays(in->A, &rowptr, &colind, &values);
  return fail_keep_matrix(speig_matrix_create_csr(info.dtype, info.rows, info.cols, rowptr, colind,
                                                  values, SPEIG_BORROW, &A),
                          &A, digest);
}

static speig_status adopt_rows(void *user, uint64_t *digest)
{
  const inputs *in = user;
  speig_matrix *A = NULL;
  int64_t *rowptr = copy_of(offsets, sizeof offsets);
  int32_t *colind = copy_of(columns, sizeof columns);
  void *values = copy_of(in->values, 6 * 16);
  speig_status st =
      speig_matrix_create_csr(in->dtype, 2, 6, rowptr, colind, values, SPEIG_ADOPT, &A);
  if (st != SPEIG_OK) {
    free(rowptr);
    free(colind);
    free(values);
  }
  return fail_keep_matrix(st, &A, digest);
}

static speig_status convert_matrix(void *user, uint64_t *digest)
{
  const inputs *in = user;
  speig_matrix *B = NULL;
  return fail_keep_matrix(speig_matrix_convert(in->G, SPEIG_C, &B), &B, digest);
}

static speig_status transpose(void *user, uint64_t *digest)
{
  const inputs *in = user;
  speig_matrix *B = NULL;
  return fail_keep_matrix(speig_matrix_transpose(in->G, 1, &B), &B, digest);
}

static speig_status scale_matrix(void *user, uint64_t *digest)
{
  const inputs *in = user;
  speig_matrix *B = NULL;
  return fail_keep_matrix(speig_matrix_scaled(in->G, 0.5, &B), &B, digest);
}

static speig_status statistics(void *user, uint64_t *digest)
{
  const inputs *in = user;
  speig_matrix_stats stats;
  double defect = 0;
  speig_status st = speig_matrix_get_stats(in->G, &stats);
  if (st == SPEIG_OK)
    st = speig_matrix_hermitian_defect(in->G, &defect);
  if (st == SPEIG_OK) {
    fail_mix(digest, &stats.norm_fro, sizeof stats.norm_fro);
    fail_mix(digest, &defect, sizeof defect);
  }
  return st;
}

/* ---- files ---- */

static speig_status read_file(void *user, uint64_t *digest)
{
  const inputs *in = user;
  speig_matrix *A = NULL;
  return fail_keep_matrix(speig_mm_read(in->file, 2, NULL, &A), &A, digest);
}

static speig_status read_text(void *user, uint64_t *digest)
{
  const inputs *in = user;
  speig_matrix *A = NULL;
  return fail_keep_matrix(speig_mm_read_memory("text", in->text, in->text_size, 1, NULL, &A), &A,
                          digest);
}

static speig_status read_dense(void *user, uint64_t *digest)
{
  const inputs *in = user;
  speig_block X = { .data = NULL };
  speig_status st = speig_mm_read_dense(in->file, NULL, &X);
  if (st == SPEIG_OK)
    fail_mix_block(digest, &X);
  CU_ASSERT_TRUE(st == SPEIG_OK || !X.data);
  speig_block_free(&X);
  return st;
}

/* A file is complete or not there. */
static speig_status check_written(const inputs *in, speig_status st, uint64_t *digest)
{
  char text[1 << 14];
  FILE *file = fopen(in->out, "rb");
  CU_ASSERT_EQUAL(file != NULL, st == SPEIG_OK);
  if (file) {
    fail_mix(digest, text, fread(text, 1, sizeof text, file));
    (void)fclose(file);
  }
  (void)unlink(in->out);
  return st;
}

static speig_status write_sparse(const inputs *in, int array, int gzip, uint64_t *digest)
{
  speig_mm_write_opts opts = SPEIG_MM_WRITE_OPTS_INIT;
  opts.array = array;
  opts.gzip = gzip;
  opts.comment = "one\ntwo";
  return check_written(in, speig_mm_write(in->out, in->G, &opts), digest);
}

static speig_status write_file(void *user, uint64_t *digest)
{
  return write_sparse(user, 0, 0, digest);
}

static speig_status write_gzip(void *user, uint64_t *digest)
{
  return write_sparse(user, 0, 1, digest);
}

static speig_status write_array(void *user, uint64_t *digest)
{
  return write_sparse(user, 1, 0, digest);
}

static speig_status write_block(void *user, uint64_t *digest)
{
  inputs *in = user;
  speig_block X = { in->dtype, ENTRIES / 2, 2, ENTRIES / 2, in->values, SPEIG_HOST };
  return check_written(in, speig_mm_write_dense(in->out, &X, NULL), digest);
}

static const fail_call calls[] = {
  { "list", from_list },
  { "triangle", from_triangle },
  { "pattern", from_pattern },
  { "adopted list", adopt_list },
  { "list of a matrix", to_list },
  { "rows", create_rows },
  { "rows, 32 bits", create_rows32 },
  { "borrowed rows", borrow_rows },
  { "adopted rows", adopt_rows },
  { "convert", convert_matrix },
  { "transpose", transpose },
  { "scaled", scale_matrix },
  { "statistics", statistics },
  { "read a file", read_file },
  { "read text", read_text },
  { "read a dense block", read_dense },
  { "write", write_file },
  { "write gzip", write_gzip },
  { "write an array", write_array },
  { "write a block", write_block },
};

static void every_allocation_fails_once(const test_case *tc)
{
  fail_tally tally = { 0 };
  inputs in = { .dtype = tc->dtype };
  model m = model_make(tc->dtype, 1, "laplacian2d", "nx", 6.0, "ny", 5.0, NULL);
  const char *side = "nx";
  const double nine = 9;
  FILE *file;
  in.A = m.A;
  for (int e = 0; e < ENTRIES; ++e) { /* one triangle, places twice */
    in.row[e] = (e * 7 + e / 9) % ROWS;
    in.col[e] = in.row[e] - e % 3 < 0 ? 0 : in.row[e] - e % 3;
    scalar_put(tc->dtype, in.values, e, 1 + e, e % 3 ? e : 0);
  }
  CHECK_OK(speig_generate("convection2d", 1, &side, &nine, 1, &in.G));
  in.text_size = (size_t)snprintf(in.text, sizeof in.text,
                                  "%%%%MatrixMarket matrix coordinate real symmetric\n%% c\n3 3 3\n"
                                  "1 1 1.5\n2 1 -1e-3\n3 3 0.1\n");
  (void)snprintf(in.file, sizeof in.file, "fail_once_%s_%ld.mtx", tc->name + strlen(tc->name) - 1,
                 (long)getpid());
  (void)snprintf(in.out, sizeof in.out, "out_%s", in.file);
  file = fopen(in.file, "w");
  CU_ASSERT_PTR_NOT_NULL_FATAL(file);
  (void)fwrite(in.text, 1, in.text_size, file);
  (void)fclose(file);
  for (size_t c = 0; c < sizeof calls / sizeof *calls; ++c)
    fail_sweep(&calls[c], &in, look, &tally);
  fail_tell(&tally);
  (void)unlink(in.file);
  speig_matrix_destroy(&in.G);
  model_drop(&m);
}
TEST_ALL_TYPES(every_allocation_fails_once)

int main(void)
{
  CU_pSuite suite;
  harness_start();
  suite = harness_suite("fail_once");
  ADD_ALL_CASES(suite, every_allocation_fails_once);
  return harness_finish("fail_once");
}
