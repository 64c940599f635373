/* test_mm_write.c: what is written reads back to the same bits, or is not there. */
#define _XOPEN_SOURCE 700 /* mkdtemp */
#include "harness.h"

#include "base/dtype.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/random.h"
#include "formats/matrix.h"
#include "speig/matrix_market.h"

#include <dirent.h>
#include <locale.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[256];

static const char *in_folder(const char *name)
{
  static char path[512];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  return path;
}

static int files_in_folder(void)
{
  DIR *d = opendir(folder);
  int count = -2; /* . and .. */
  while (readdir(d))
    ++count;
  closedir(d);
  return count;
}

/* A finite number from random bits, so of any magnitude, subnormal ones too; whole ones at times.
 */
static double any_number(speig_dtype dtype, uint64_t seed, int64_t i, int64_t j, int part)
{
  uint64_t bits = random_bits(seed, i, j, part);
  double x;
  if (bits % 8 == 0)
    return (double)((int64_t)(bits >> 32) % 1000);
  if (dtype_is_single(dtype)) {
    uint32_t half = (uint32_t)(bits >> 20);
    float f;
    memcpy(&f, &half, sizeof f);
    x = (double)f;
  } else {
    memcpy(&x, &bits, sizeof x);
  }
  return isfinite(x) ? x : 0.1;
}

static void put(speig_dtype dtype, void *values, int64_t e, double re, double im)
{
  int single = dtype_is_single(dtype), parts = dtype_is_complex(dtype) ? 2 : 1;
  double x[2] = { re, im };
  for (int p = 0; p < parts; ++p)
    if (single)
      ((float *)values)[parts * e + p] = (float)x[p];
    else
      ((double *)values)[parts * e + p] = x[p];
}

/* A random matrix that is exactly as `symmetry` says. */
static speig_matrix *random_matrix(speig_dtype dtype, int64_t n, int64_t cols, int64_t nnz,
                                   speig_symmetry symmetry, uint64_t seed)
{
  speig_coo *coo = NULL;
  speig_matrix *A = NULL;
  int32_t *row = malloc((size_t)nnz * 4 + 4), *col = malloc((size_t)nnz * 4 + 4);
  void *values = malloc((size_t)nnz * 16 + 16);
  int64_t count = 0;
  for (int64_t e = 0; e < nnz; ++e) { /* distinct places: no sums, so values stay as they are */
    int64_t i = e * n / nnz, j = (int64_t)(random_bits(seed, e, 9, 0) % (uint64_t)cols);
    if (symmetry != SPEIG_GENERAL && j > i)
      j = i;
    if (symmetry == SPEIG_SKEW_SYMMETRIC && j == i)
      continue;
    row[count] = (int32_t)i;
    col[count] = (int32_t)j;
    put(dtype, values, count, any_number(dtype, seed, e, 1, 0),
        symmetry == SPEIG_HERMITIAN && i == j ? 0 : any_number(dtype, seed, e, 1, 1));
    if (count == 0 || row[count - 1] != i) /* one per row at most */
      ++count;
  }
  CHECK_OK(speig_coo_create(dtype, n, cols, count, row, col, values, symmetry, SPEIG_BORROW, &coo));
  CHECK_OK(speig_matrix_from_coo(coo, &A));
  speig_coo_destroy(&coo);
  free(row);
  free(col);
  free(values);
  return A;
}

/* The same bits; with array, zeros are not stored again. */
static int same_bits(const speig_matrix *A, const speig_matrix *B)
{
  speig_matrix_info a = speig_matrix_get_info(A), b = speig_matrix_get_info(B);
  return a.dtype == b.dtype && a.rows == b.rows && a.cols == b.cols && a.nnz == b.nnz &&
         memcmp(A->rowptr, B->rowptr, ((size_t)a.rows + 1) * sizeof *A->rowptr) == 0 &&
         memcmp(A->colind, B->colind, (size_t)a.nnz * sizeof *A->colind) == 0 &&
         memcmp(A->values, B->values, (size_t)a.nnz * speig_dtype_size(a.dtype)) == 0;
}

static speig_matrix *read_as(const char *path, speig_dtype dtype)
{
  speig_matrix *A = NULL, *B = NULL;
  CHECK_OK(speig_mm_read(path, 0, NULL, &A));
  CHECK_OK(speig_matrix_convert(A, dtype, &B));
  speig_matrix_destroy(&A);
  return B;
}

static void what_is_written_reads_back(const test_case *tc)
{
  static const char *const names[] = { "a.mtx", "a.mtx.gz" };
  for (int s = SPEIG_GENERAL; s <= SPEIG_HERMITIAN; ++s)
    for (int way = 0; way < 4; ++way) {
      speig_mm_write_opts opts = SPEIG_MM_WRITE_OPTS_INIT;
      int64_t n = way & 1 ? 40 : 30000;
      speig_matrix *B, *A = random_matrix(tc->dtype, n, s ? n : n + 7, n, (speig_symmetry)s, 5);
      opts.symmetry = (speig_symmetry)s;
      opts.array = way & 1;
      opts.gzip = way >> 1;
      opts.comment = "first\nsecond";
      CHECK_OK(speig_mm_write(in_folder(names[opts.gzip]), A, &opts));
      B = read_as(in_folder(names[opts.gzip]), tc->dtype);
      if (opts.array) { /* zeros of A are not stored in B: compare through a second copy */
        speig_matrix *C;
        CHECK_OK(speig_mm_write(in_folder("b.mtx"), B, &opts));
        C = read_as(in_folder("b.mtx"), tc->dtype);
        CU_ASSERT_TRUE(same_bits(B, C));
        speig_matrix_destroy(&C);
      } else {
        CU_ASSERT_TRUE(same_bits(A, B));
      }
      speig_matrix_destroy(&A);
      speig_matrix_destroy(&B);
    }
  CU_ASSERT_EQUAL(files_in_folder(), 3);
}
TEST_ALL_TYPES(what_is_written_reads_back)

/* Both parts are the same numbers of the given type; text of a float is read as a double. */
static int wide_equal(speig_dtype dtype, const double x[2], const double y[2])
{
  if (dtype_is_single(dtype))
    return (float)x[0] == (float)y[0] && (float)x[1] == (float)y[1];
  return x[0] == y[0] && x[1] == y[1];
}

static void blocks_read_back(const test_case *tc)
{
  enum { ROWS = 37, COLS = 3, LD = 41 };
  char data[LD * COLS * 16], *back;
  size_t size = speig_dtype_size(tc->dtype);
  int wide = dtype_is_complex(tc->dtype) ? SPEIG_Z : SPEIG_D;
  speig_block X = { tc->dtype, ROWS, COLS, LD, data, SPEIG_HOST }, Y = { .data = NULL };
  memset(data, 0xff, sizeof data); /* NaN between the columns */
  for (int64_t j = 0; j < COLS; ++j)
    for (int64_t i = 0; i < ROWS; ++i)
      put(tc->dtype, data, i + j * LD, any_number(tc->dtype, 3, i, j, 0),
          any_number(tc->dtype, 3, i, j, 1));
  CHECK_OK(speig_mm_write_dense(in_folder("x.mtx"), &X, NULL));
  CHECK_OK(speig_mm_read_dense(in_folder("x.mtx"), NULL, &Y));
  CU_ASSERT_TRUE_FATAL(Y.dtype == (speig_dtype)wide && Y.rows == ROWS && Y.cols == COLS);
  back = Y.data;
  for (int64_t j = 0; j < COLS; ++j)
    for (int64_t i = 0; i < ROWS; ++i) {
      double x[2], y[2];
      matrix_widen(tc->dtype, 1, data + (size_t)(i + j * LD) * size, x);
      matrix_widen(Y.dtype, 1, back + (size_t)(i + j * Y.ld) * speig_dtype_size(Y.dtype), y);
      CU_ASSERT_TRUE(wide_equal(tc->dtype, x, y));
    }
  mem_free(Y.data);
}
TEST_ALL_TYPES(blocks_read_back)

/* n x n with the given lower and upper neighbours of the diagonal, which is 1. */
static speig_matrix *small_matrix(double diagonal, double lower, double upper)
{
  int64_t rowptr[] = { 0, 2, 4 };
  int32_t colind[] = { 0, 1, 0, 1 };
  double values[4];
  speig_matrix *A = NULL;
  values[0] = values[3] = diagonal;
  values[1] = upper;
  values[2] = lower;
  CHECK_OK(speig_matrix_create_csr(SPEIG_D, 2, 2, rowptr, colind, values, SPEIG_COPY, &A));
  return A;
}

static void refuse(const speig_matrix *A, speig_mm_write_opts opts, const char *word)
{
  int before = files_in_folder();
  CU_ASSERT_EQUAL(speig_mm_write(in_folder("refused.mtx"), A, &opts), SPEIG_ERR_ARG);
  CU_ASSERT_PTR_NOT_NULL(strstr(speig_last_error(), word));
  CU_ASSERT_EQUAL(files_in_folder(), before);
}

static void what_does_not_fit_is_refused(void)
{
  speig_mm_write_opts opts = SPEIG_MM_WRITE_OPTS_INIT, bad = opts;
  speig_matrix *A = small_matrix(1, 2, 2.5), *B = small_matrix(1, 1, NAN);
  opts.symmetry = SPEIG_SYMMETRIC;
  refuse(A, opts, "not symmetric: entries differ by up to 0.5");
  opts.symmetry = SPEIG_HERMITIAN;
  refuse(A, opts, "not Hermitian");
  opts.symmetry = SPEIG_GENERAL;
  opts.field = SPEIG_MM_INTEGER;
  refuse(A, opts, "entry (0, 1) is 2.5");
  opts.field = SPEIG_MM_PATTERN;
  refuse(A, opts, "needed 1");
  opts.array = 1;
  refuse(A, opts, "a pattern cannot be an array");
  opts.field = SPEIG_MM_REAL;
  refuse(B, opts, "entry (0, 1) is nan");
  bad.size = 3;
  refuse(A, bad, "options of 3 bytes");
  speig_matrix_destroy(&A);
  speig_matrix_destroy(&B);
}

static void text_is_as_expected(void)
{
  static const char expected[] = "%%MatrixMarket matrix coordinate integer symmetric\n"
                                 "% hello\n"
                                 "2 2 3\n"
                                 "1 1 1\n"
                                 "2 1 -7\n"
                                 "2 2 1\n";
  char text[256] = "";
  speig_mm_write_opts opts = SPEIG_MM_WRITE_OPTS_INIT;
  speig_matrix *A = small_matrix(1, -7, -7);
  FILE *f;
  opts.symmetry = SPEIG_SYMMETRIC;
  opts.field = SPEIG_MM_INTEGER;
  opts.comment = "hello";
  CHECK_OK(speig_mm_write(in_folder("text.mtx"), A, &opts));
  f = fopen(in_folder("text.mtx"), "r");
  CU_ASSERT_PTR_NOT_NULL_FATAL(f);
  CU_ASSERT_EQUAL(fread(text, 1, sizeof text - 1, f), sizeof expected - 1);
  CU_ASSERT_STRING_EQUAL(text, expected);
  fclose(f);
  speig_matrix_destroy(&A);
}

static void failures_leave_nothing_behind(void)
{
  speig_matrix *A = random_matrix(SPEIG_D, 20000, 20000, 20000, SPEIG_GENERAL, 11);
  speig_matrix *B = small_matrix(1, 2, 3), *C;
  struct rlimit old, small = { 10000, 10000 };
  int before;
  CHECK_OK(speig_mm_write(in_folder("kept.mtx"), B, NULL));
  before = files_in_folder();
  if (access("/dev/full", W_OK) == 0) {
    CU_ASSERT_EQUAL(speig_mm_write("/dev/full", A, NULL), SPEIG_ERR_IO);
    CU_ASSERT_PTR_NOT_NULL(strstr(speig_last_error(), "/dev/full"));
    CU_ASSERT_EQUAL(access("/dev/full", W_OK), 0);
  }
  CU_ASSERT_EQUAL(speig_mm_write(in_folder("none/a.mtx"), A, NULL), SPEIG_ERR_IO);
  (void)signal(SIGXFSZ, SIG_IGN); /* a file that cannot grow beyond 10 kB */
  getrlimit(RLIMIT_FSIZE, &old);
  small.rlim_max = old.rlim_max;
  setrlimit(RLIMIT_FSIZE, &small);
  CU_ASSERT_EQUAL(speig_mm_write(in_folder("kept.mtx"), A, NULL), SPEIG_ERR_IO);
  setrlimit(RLIMIT_FSIZE, &old);
  CU_ASSERT_EQUAL(files_in_folder(), before);
  C = read_as(in_folder("kept.mtx"), SPEIG_D);
  CU_ASSERT_TRUE(same_bits(B, C)); /* the old file is whole */
  speig_matrix_destroy(&A);
  speig_matrix_destroy(&B);
  speig_matrix_destroy(&C);
}

static void links_are_followed_and_modes_kept(void)
{
  speig_matrix *A = small_matrix(1, 2, 3), *B;
  struct stat info;
  char link_path[512];
  snprintf(link_path, sizeof link_path, "%s", in_folder("link.mtx"));
  CHECK_OK(speig_mm_write(in_folder("target.mtx"), A, NULL));
  CU_ASSERT_EQUAL_FATAL(chmod(in_folder("target.mtx"), 0640), 0);
  CU_ASSERT_EQUAL_FATAL(symlink("target.mtx", link_path), 0);
  CHECK_OK(speig_mm_write(link_path, A, NULL));
  CU_ASSERT_TRUE(lstat(link_path, &info) == 0 && S_ISLNK(info.st_mode));
  CU_ASSERT_TRUE(stat(link_path, &info) == 0 && (info.st_mode & 07777) == 0640);
  B = read_as(in_folder("target.mtx"), SPEIG_D);
  CU_ASSERT_TRUE(same_bits(A, B));
  speig_matrix_destroy(&A);
  speig_matrix_destroy(&B);
}

static void every_failing_allocation_is_survived(void)
{
  speig_mm_write_opts opts = SPEIG_MM_WRITE_OPTS_INIT;
  speig_matrix *A = small_matrix(1, 2, 2);
  speig_status st = SPEIG_ERR_MEMORY;
  int before = files_in_folder(), n = 0;
  size_t held = mem_account_read().current;
  opts.symmetry = SPEIG_SYMMETRIC;
  opts.gzip = opts.array = 1;
  while (st == SPEIG_ERR_MEMORY && n < 1000) {
    CU_ASSERT_EQUAL(files_in_folder(), before);
    mem_fail_at(++n, 0);
    st = speig_mm_write(in_folder("alloc.mtx"), A, &opts);
    mem_fail_at(0, 0);
    CU_ASSERT_EQUAL(mem_account_read().current, held);
  }
  CU_ASSERT_EQUAL(st, SPEIG_OK);
  CU_ASSERT_TRUE(n > 10);
  speig_matrix_destroy(&A);
}

/* Sets a locale with a decimal comma: one that is installed, or one made for the test. */
static int set_comma_locale(void)
{
  static const char *const names[] = { "de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "de_DE" };
  char command[1200], locales[512];
  for (size_t k = 0; k < sizeof names / sizeof *names; ++k)
    if (setlocale(LC_ALL, names[k]))
      return 1;
  snprintf(locales, sizeof locales, "%s", in_folder("locales"));
  snprintf(command, sizeof command,
           "mkdir %s && localedef -i de_DE -f UTF-8 %s/de_DE.UTF-8 > /dev/null 2>&1", locales,
           locales);
  if (system(command) != 0 || setenv("LOCPATH", locales, 1) != 0)
    return 0;
  return setlocale(LC_ALL, "de_DE.UTF-8") != NULL;
}

static void decimal_commas_do_not_matter(void)
{
  speig_matrix *A, *B;
  char text[16], command[600];
  if (set_comma_locale()) {
    snprintf(text, sizeof text, "%.1f", 1.5);
    CU_ASSERT_STRING_EQUAL(text, "1,5");
    A = random_matrix(SPEIG_Z, 1000, 1000, 1000, SPEIG_GENERAL, 23);
    CHECK_OK(speig_mm_write(in_folder("comma.mtx"), A, NULL));
    B = read_as(in_folder("comma.mtx"), SPEIG_Z);
    CU_ASSERT_TRUE(same_bits(A, B));
    snprintf(text, sizeof text, "%.1f", 1.5);
    CU_ASSERT_STRING_EQUAL(text, "1,5"); /* the caller's locale is as it was */
    (void)setlocale(LC_ALL, "C");
    speig_matrix_destroy(&A);
    A = read_as(in_folder("comma.mtx"), SPEIG_Z); /* and read elsewhere */
    CU_ASSERT_TRUE(same_bits(A, B));
    speig_matrix_destroy(&A);
    speig_matrix_destroy(&B);
  } else {
    harness_skip("no locale with a decimal comma");
  }
  snprintf(command, sizeof command, "rm -rf %s", in_folder("locales"));
  CU_ASSERT_EQUAL(system(command), 0);
}

static void remove_folder(void)
{
  struct dirent *entry;
  DIR *d = opendir(folder);
  while ((entry = readdir(d)) != NULL)
    (void)unlink(in_folder(entry->d_name));
  closedir(d);
  (void)rmdir(folder);
}

int main(void)
{
  CU_pSuite suite;
  const char *base = getenv("TMPDIR");
  int status;
  snprintf(folder, sizeof folder, "%s/speig-XXXXXX", base ? base : "/tmp");
  if (!mkdtemp(folder))
    return 1;
  harness_start();
  suite = harness_suite("mm_write");
  ADD_ALL_CASES(suite, what_is_written_reads_back);
  ADD_ALL_CASES(suite, blocks_read_back);
  ADD_CASE(suite, what_does_not_fit_is_refused);
  ADD_CASE(suite, text_is_as_expected);
  ADD_CASE(suite, failures_leave_nothing_behind);
  ADD_CASE(suite, links_are_followed_and_modes_kept);
  ADD_CASE(suite, every_failing_allocation_is_survived);
  ADD_CASE(suite, decimal_commas_do_not_matter);
  status = harness_finish("mm_write");
  remove_folder();
  return status;
}
