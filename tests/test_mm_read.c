/* test_mm_read.c: what the Matrix Market reader accepts, what it refuses, and in which words. */
#define _XOPEN_SOURCE 700 /* mkfifo, mkdtemp */
#include "harness.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/random.h"
#include "formats/decimal.h"
#include "formats/matrix.h"
#include "formats/mm_text.h"
#include "speig/matrix_market.h"

#include <fcntl.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zlib.h>

/* Same shape and numbers; explicit zeros on one side only do not matter. */
static int same_matrix(const speig_matrix *A, const speig_matrix *B)
{
  speig_matrix_info a = speig_matrix_get_info(A), b = speig_matrix_get_info(B);
  const int64_t *ap, *bp;
  const int32_t *aj, *bj;
  const double *ax, *bx;
  int parts = a.dtype == SPEIG_Z ? 2 : 1;
  speig_matrix_arrays(A, &ap, &aj, (const void **)&ax);
  speig_matrix_arrays(B, &bp, &bj, (const void **)&bx);
  if (a.dtype != b.dtype || a.rows != b.rows || a.cols != b.cols)
    return 0;
  for (int64_t i = 0; i < a.rows; ++i) {
    int64_t e = ap[i], f = bp[i];
    while (e < ap[i + 1] || f < bp[i + 1]) {
      int64_t j = e < ap[i + 1] ? aj[e] : INT64_MAX, k = f < bp[i + 1] ? bj[f] : INT64_MAX;
      for (int p = 0; p < parts; ++p)
        if ((j <= k ? ax[parts * e + p] : 0) != (k <= j ? bx[parts * f + p] : 0))
          return 0;
      e += j <= k;
      f += k <= j;
    }
  }
  return 1;
}

/* ---- the collection of malformed and borderline files ---- */

/* "file<TAB>verdict<TAB>..." lines of bad/INDEX.tsv. */
static int next_case(FILE *index, char file[256], char verdict[16])
{
  char line[2048];
  while (fgets(line, sizeof line, index))
    if (sscanf(line, "%255[^\t]\t%15[^\t]", file, verdict) == 2 && strcmp(file, "file") != 0)
      return 1;
  return 0;
}

/* Refused with the file, and for malformed text the line, in the message. */
static int refused_well(const char *file, speig_status st)
{
  const char *message = speig_last_error(), *name = strrchr(file, '/');
  if (st != SPEIG_ERR_FORMAT && st != SPEIG_ERR_IO && st != SPEIG_ERR_MEMORY)
    return 0;
  if (!strstr(message, name ? name + 1 : file))
    return 0;
  return st != SPEIG_ERR_FORMAT || strstr(message, ", line ") || strstr(message, "gzip") ||
         strstr(message, "is empty");
}

static void borderline_files_are_judged_as_listed(void)
{
  const char *path = harness_shared("bad/INDEX.tsv");
  char root[1024], file[256], verdict[16], whole[1400];
  int64_t seen = 0;
  FILE *index;
  if (!path)
    return;
  snprintf(root, sizeof root, "%.*s", (int)(strlen(path) - strlen("INDEX.tsv")), path);
  index = fopen(path, "r");
  CU_ASSERT_PTR_NOT_NULL_FATAL(index);
  while (next_case(index, file, verdict)) {
    speig_matrix *A = NULL;
    speig_status st;
    FILE *there;
    snprintf(whole, sizeof whole, "%s%s", root, file);
    there = fopen(whole, "r");
    if (there)
      fclose(there);
    else if (strcmp(verdict, "reject") != 0)
      continue; /* links and pipes that a copy of the collection may lack */
    st = speig_mm_read(whole, 2, NULL, &A);
    if ((strcmp(verdict, "accept") == 0 && st != SPEIG_OK) ||
        (strcmp(verdict, "reject") == 0 && st == SPEIG_OK) ||
        (st != SPEIG_OK && !refused_well(file, st))) {
      fprintf(stderr, "  %s: %s expected, got %d: %s\n", file, verdict, (int)st,
              speig_last_error());
      CU_FAIL("verdict");
    }
    CU_ASSERT_TRUE((st == SPEIG_OK) == (A != NULL));
    speig_matrix_destroy(&A);
    ++seen;
  }
  fclose(index);
  CU_ASSERT_TRUE(seen > 100);
}

static void pairs_of_files_read_equal(void)
{
  static const char *const stems[] = {
    "coordinate_hermitian_real_row", "coordinate_hermitian_row", "coordinate_pattern_symmetric_row",
    "coordinate_skew_symmetric_row", "coordinate_symmetric_row", "array_hermitian",
    "array_skew-symmetric",          "array_symmetric"
  };
  static const char *const others[] = { "_general", "_general_zero" };
  for (size_t k = 0; k < sizeof stems / sizeof *stems; ++k)
    for (size_t o = 0; o < (k < 5 ? 2u : 1u); ++o) {
      char name[256];
      const char *path;
      speig_matrix *A = NULL, *B = NULL;
      snprintf(name, sizeof name, "bad/real/fmm_%s.mtx", stems[k]);
      path = harness_shared(name);
      if (!path)
        return;
      CHECK_OK(speig_mm_read(path, 0, NULL, &A));
      snprintf(name, sizeof name, "bad/real/fmm_%s%s.mtx", stems[k], others[o]);
      path = harness_shared(name);
      CU_ASSERT_PTR_NOT_NULL_FATAL(path);
      CHECK_OK(speig_mm_read(path, 0, NULL, &B));
      CU_ASSERT_TRUE(same_matrix(A, B));
      speig_matrix_destroy(&A);
      speig_matrix_destroy(&B);
    }
}

/* ---- one text, cut in every way ---- */

static speig_status read_text(const char *text, int threads, mm_cut cut, speig_matrix **A)
{
  speig_status st = SPEIG_OK;
  mm_source *source = NULL;
  TRY(mm_source_open_memory("text.mtx", text, strlen(text), &source));
  TRY(mm_read_source(source, threads, cut, NULL, A));
done:
  mm_source_close(&source);
  return st;
}

static const char *const texts[] = {
  "%%MatrixMarket matrix coordinate real general\n% c\n4 4 6\n1 1 1.5\n\n2 2 -2e-3\n% c\n"
  "3 4 17\n2 2 .5\n4 1 1\n1 4 123456.789",
  "%%MatrixMarket matrix coordinate complex hermitian\r\n3 3 4\r\n1 1 2 0\r\n2 1 1 -1\r\n"
  "3 2 5 6\r\n3 3 7 0\r\n",
  "%%MatrixMarket matrix coordinate pattern symmetric\n5 5 4\n1 1\n3 1\n5 4\n5 5\n",
  "%%MatrixMarket matrix array real general\n3 4\n1\n0\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n",
  "%%MatrixMarket matrix array integer symmetric\n4 4\n1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n",
  "%%MatrixMarket matrix array real skew-symmetric\n4 4\n1\n2\n3\n4\n5\n6\n",
  /* malformed: the message must not depend on the cut either */
  "%%MatrixMarket matrix coordinate real general\n4 4 6\n1 1 1\n2 2 2\n3 3 x\n4 4 4\n9 9 9\n",
  "%%MatrixMarket matrix coordinate real general\n4 4 2\n1 1 1\n2 2 2\n3 3 3\n4 4 4\n",
  "%%MatrixMarket matrix coordinate real general\n4 4 9\n1 1 1\n2 2 2\n3 3 3\n4 4 4\n",
  "%%MatrixMarket matrix coordinate real symmetric\n4 4 4\n1 1 1\n3 2 2\n1 3 3\n4 4 4\n",
  "%%MatrixMarket matrix array complex hermitian\n2 2\n1 0\n2 3\n\n4 1\n",
  "%%MatrixMarket matrix coordinate real symmetric\n3 3 2\n1 1 4\n2 1 1\n1 2 9x\n",
  "%%MatrixMarket matrix array complex hermitian\n2 2\n1 2\n2 3\n4 x\n",
};

static int same_arrays(const speig_matrix *A, const speig_matrix *B)
{
  return A->rows == B->rows && A->cols == B->cols && A->nnz == B->nnz &&
         memcmp(A->rowptr, B->rowptr, ((size_t)A->rows + 1) * sizeof *A->rowptr) == 0 &&
         memcmp(A->colind, B->colind, (size_t)A->nnz * sizeof *A->colind) == 0 &&
         memcmp(A->values, B->values, (size_t)A->nnz * speig_dtype_size(A->dtype)) == 0;
}

/* Windows from the longest line on, so that the cut between two falls on every byte; chunks
 * likewise. */
static void cuts_do_not_matter(void)
{
  for (size_t k = 0; k < sizeof texts / sizeof *texts; ++k) {
    speig_matrix *whole = NULL;
    speig_status expected =
        read_text(texts[k], 1, (mm_cut){ .window = 1 << 16, .chunks = 1 }, &whole);
    char message[1024];
    CU_ASSERT_EQUAL(expected, k < 6 ? SPEIG_OK : SPEIG_ERR_FORMAT);
    snprintf(message, sizeof message, "%s", speig_last_error());
    for (size_t window = 56; window < strlen(texts[k]) + 3; ++window)
      for (int chunks = 1; chunks < 12; ++chunks) {
        speig_matrix *A = NULL;
        int threads = window % 8 == 0 ? 1 + chunks % 3 : 1; /* waking others takes its time */
        speig_status st =
            read_text(texts[k], threads, (mm_cut){ .window = window, .chunks = chunks }, &A);
        if (st != expected || (whole && !same_arrays(whole, A)) ||
            (!whole && strcmp(message, speig_last_error()) != 0)) {
          fprintf(stderr, "  text %zu, window %zu, %d chunks: %s\n", k, window, chunks,
                  speig_last_error());
          CU_FAIL("another result");
        }
        speig_matrix_destroy(&A);
      }
    speig_matrix_destroy(&whole);
  }
}

/* A text of many lines, so that all threads have work; released by the caller. */
static char *long_text(int64_t n)
{
  char *text = malloc((size_t)n * 64 + 128), *to = text;
  to += sprintf(to, "%%%%MatrixMarket matrix coordinate real symmetric\n%lld %lld %lld\n",
                (long long)n, (long long)n, (long long)n);
  for (int64_t e = 0; e < n; ++e)
    to += sprintf(to, "%lld %lld %.16e\n", (long long)e + 1,
                  (long long)(random_bits(1, e, 0, 0) % (uint64_t)(e + 1)) + 1,
                  random_uniform(1, e, 1, 0));
  return text;
}

static void threads_do_not_matter(void)
{
  static const int threads[] = { 1, 2, 3, 7 };
  char *text = long_text(60000);
  speig_matrix *first = NULL;
  for (int t = 0; t < 4; ++t) {
    speig_matrix *A = NULL;
    CHECK_OK(speig_mm_read_memory("text.mtx", text, strlen(text), threads[t], NULL, &A));
    if (first)
      CU_ASSERT_TRUE(same_arrays(first, A));
    if (first)
      speig_matrix_destroy(&A);
    else
      first = A;
  }
  speig_matrix_destroy(&first);
  free(text);
}

/* ---- words ---- */

#define GENERAL "%%MatrixMarket matrix coordinate real general\n"

static void messages_name_line_found_and_needed(void)
{
  static const char *const cases[][2] = {
    { "", "text.mtx: the file is empty" },
    { GENERAL, "text.mtx, line 1: the file ends before the line of sizes" },
    { GENERAL "%c\n\n10 10 1\n1 12 1\n",
      "text.mtx, line 5: column index 12, but the matrix has 10 columns" },
    { GENERAL "3 3 1\n0 1 1\n", "text.mtx, line 3: row index 0, but indices start at 1" },
    { GENERAL "3 3 1\n1 1\n", "text.mtx, line 3: the line ends where the value was needed" },
    { GENERAL "3 3 1\n1 1 1 1\n",
      "text.mtx, line 3: '1' after the entry, needed the end of the line" },
    { GENERAL "3 3 1\n1 1 inf\n", "text.mtx, line 3: value 'inf', needed a finite decimal number" },
    { GENERAL "3 3 1\n1 1 1e999\n",
      "text.mtx, line 3: value '1e999' overflows, needed at most 1.8e308" },
    { GENERAL "3 3 2\n1 1 1\n",
      "text.mtx, line 3: the file ends after 1 entries, but 2 are declared" },
    { GENERAL "3 3 1\n1 1 1\n%c\n  x y\n", "text.mtx, line 5: 'x' after the last of the 1 declared "
                                           "entries, needed the end of the file" },
    { GENERAL "3 3\n", "text.mtx, line 2: the line ends where the number of entries was needed" },
    { "%%MatrixMarket matrix coordinate real symmetric\n3 3 2\n2 1 1\n1 3 1\n",
      "text.mtx, line 4: an entry above the diagonal, but line 3 has one on the other side; a "
      "symmetric file holds one triangle" },
    { "%%MatrixMarket matrix coordinate real skew-symmetric\n3 3 1\n2 2 1\n",
      "text.mtx, line 3: a nonzero entry on the diagonal of a skew-symmetric matrix, needed 0 or "
      "none" },
    { "%%MatrixMarket matrix coordinate integer general\n3 3 1\n2 2 1.5\n",
      "text.mtx, line 3: value '1.5', needed a whole number" },
    { "%%MatrixMarket matrix coordinate real\n3 3 1\n2 2 1.5\n",
      "text.mtx, line 1: symmetry '', needed general, symmetric, skew-symmetric, hermitian" },
  };
  for (size_t k = 0; k < sizeof cases / sizeof *cases; ++k) {
    speig_matrix *A = NULL;
    CU_ASSERT_EQUAL(read_text(cases[k][0], 1, (mm_cut){ 0 }, &A), SPEIG_ERR_FORMAT);
    CU_ASSERT_STRING_EQUAL(speig_last_error(), cases[k][1]);
    CU_ASSERT_PTR_NULL(A);
  }
}

/* ---- numbers: the C library, in its own locale, knows the answer ---- */

static void check_number(const decimal *table, const char *text)
{
  char padded[1200] = "";
  const char *end = NULL;
  double found = 0, expected = strtod(text, NULL);
  decimal_result result;
  snprintf(padded, sizeof padded - 16, "%s\n", text);
  result = decimal_parse(table, padded, &end, &found);
  if (result != (isinf(expected) ? DECIMAL_OVERFLOW : DECIMAL_OK) ||
      (result == DECIMAL_OK && memcmp(&found, &expected, sizeof found) != 0) || *end != '\n') {
    fprintf(stderr, "  %s: found %.17g, expected %.17g\n", text, found, expected);
    CU_FAIL("another number");
  }
}

/* Three neighbours in text of the midpoint between two doubles, all digits written out. */
static void check_midpoint(const decimal *table, double x)
{
  char text[1100];
  long double middle = (long double)x + ((long double)nextafter(x, INFINITY) - (long double)x) / 2;
  snprintf(text, sizeof text, "%.1080Lg", middle);
  check_number(table, text);
  if (!strchr(text, 'e')) {
    strcat(text, strchr(text, '.') ? "1" : ".00000000000000000000000001");
    check_number(table, text);
  }
}

static void numbers_are_rounded_as_the_library_does(void)
{
  static const char *const hard[] = {
    "0",
    "-0",
    "+0.000",
    "1",
    "-1",
    ".5",
    "5.",
    "1e3",
    "1E-3",
    "1e+3",
    "00001.50",
    "9007199254740993",
    "9007199254740992.99999",
    "9007199254740993.00000000000000000000000000001",
    "1.7976931348623157e308",
    "1.7976931348623158e308",
    "1.7976931348623159e308",
    "1e309",
    "4.9406564584124654e-324",
    "2.4703282292062327e-324",
    "2.4703282292062328e-324",
    "1e-400",
    "2.2250738585072011e-308",
    "2.2250738585072014e-308",
    "8.5e-323",
    "0e999999999999",
    "1e-99999999",
    "123456789012345678901234567890",
    "0.000000000000000000000000000000000123456789012345678901234",
    "7.2057594037927933e16",
    "3.518437208883201171875e13",
    "6.631236846766476e-316",
    "2.2250738585072012e-308",
    "18446744073709551615",
    "18446744073709551616",
    "1e22",
    "1e23",
    "9.5e-1",
    "1.00000000000000011102230246251565404236316680908203125",
    "1.00000000000000011102230246251565404236316680908203124999999999",
    "1.00000000000000011102230246251565404236316680908203125000000001"
  };
  decimal *table = NULL;
  char text[128];
  CHECK_OK(decimal_open(&table));
  for (size_t k = 0; k < sizeof hard / sizeof *hard; ++k)
    check_number(table, hard[k]);
  for (int64_t e = 0; e < 200000; ++e) {
    uint64_t bits = random_bits(41, e, 0, 0);
    double x;
    memcpy(&x, &bits, sizeof x);
    if (!isfinite(x))
      continue;
    snprintf(text, sizeof text, "%.*e", (int)(random_bits(41, e, 1, 0) % 25), x);
    check_number(table, text);
    snprintf(text, sizeof text, "%llue%d", (unsigned long long)random_bits(41, e, 2, 0),
             (int)(random_bits(41, e, 3, 0) % 700) - 360);
    check_number(table, text);
  }
  for (int64_t e = 0; e < 2000; ++e)
    check_midpoint(table, ldexp(random_uniform(43, e, 0, 0), (int)(e % 200) - 100));
  decimal_close(&table);
}

static void what_is_no_number_is_refused(void)
{
  static const char *const bad[] = { "",    "-",   ".",   "+.",  "e5",    "1e",  "1e+",   "--1",
                                     "0x1", "nan", "inf", "1,5", "1.5.2", "1_0", "1e5e5", "1-3" };
  decimal *table = NULL;
  CHECK_OK(decimal_open(&table));
  for (size_t k = 0; k < sizeof bad / sizeof *bad; ++k) {
    char text[32] = "";
    const char *end = text;
    double x = 0;
    snprintf(text, sizeof text - 8, "%s\n", bad[k]);
    CU_ASSERT_TRUE(decimal_parse(table, text, &end, &x) == DECIMAL_NONE || *end != '\n');
  }
  decimal_close(&table);
}

/* ---- gzip, pipes, memory ---- */

static size_t pack(const void *from, size_t size, unsigned char *to, size_t room)
{
  z_stream z = { .next_in = (unsigned char *)(uintptr_t)from, .avail_in = (uInt)size };
  CU_ASSERT_EQUAL_FATAL(deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
  z.next_out = to;
  z.avail_out = (uInt)room;
  CU_ASSERT_EQUAL_FATAL(deflate(&z, Z_FINISH), Z_STREAM_END);
  deflateEnd(&z);
  return room - z.avail_out;
}

static speig_status read_bytes(const void *bytes, size_t size, speig_matrix **A)
{
  return speig_mm_read_memory("bytes", bytes, size, 2, NULL, A);
}

static void gzip_is_read_or_refused(void)
{
  unsigned char packed[2048];
  const char *text = texts[0];
  size_t half = 70, first, size;
  speig_matrix *A = NULL, *B = NULL;
  CHECK_OK(read_bytes(text, strlen(text), &A));
  first = pack(text, half, packed, sizeof packed);
  size = first + pack(text + half, strlen(text) - half, packed + first, sizeof packed - first);
  CHECK_OK(read_bytes(packed, size, &B)); /* two members */
  CU_ASSERT_TRUE(same_arrays(A, B));
  speig_matrix_destroy(&B);
  memset(packed + size, 0, 600);
  CHECK_OK(read_bytes(packed, size + 600, &B)); /* padded with zeros */
  speig_matrix_destroy(&B);
  packed[size] = 'x';
  CU_ASSERT_EQUAL(read_bytes(packed, size + 1, &B), SPEIG_ERR_FORMAT);
  CU_ASSERT_PTR_NOT_NULL(strstr(speig_last_error(), "other data follow the gzip data"));
  for (size_t cut = 0; cut < size; ++cut) {
    CU_ASSERT_EQUAL(read_bytes(packed, cut, &B), SPEIG_ERR_FORMAT);
    if (cut > 2 && cut != first)
      CU_ASSERT_PTR_NOT_NULL(strstr(speig_last_error(), "in the middle of a member"));
  }
  packed[size - 6] ^= 1;
  CU_ASSERT_EQUAL(read_bytes(packed, size, &B), SPEIG_ERR_FORMAT);
  CU_ASSERT_PTR_NOT_NULL(strstr(speig_last_error(), "data check"));
  CU_ASSERT_PTR_NULL(B);
  speig_matrix_destroy(&A);
}

/* Blank lines that inflate to 200 MB take no more memory than the windows. */
static void blank_bombs_need_no_memory(void)
{
  enum { BLANKS = 200 << 20, ROOM = 1 << 20 };
  static const char head[] = GENERAL, tail[] = "2 2 1\n1 1 5\n";
  unsigned char *packed = malloc(ROOM), *blanks = malloc(BLANKS);
  size_t size = pack(head, sizeof head - 1, packed, ROOM);
  speig_matrix *A = NULL;
  mem_account outer;
  memset(blanks, '\n', BLANKS);
  size += pack(blanks, BLANKS, packed + size, ROOM - size);
  size += pack(tail, sizeof tail - 1, packed + size, ROOM - size);
  free(blanks);
  outer = mem_account_enter(100 << 20);
  CHECK_OK(read_bytes(packed, size, &A));
  CU_ASSERT_TRUE(mem_account_read().peak < 80 << 20);
  speig_matrix_destroy(&A);
  mem_account_leave(&outer);
  free(packed);
}

/* No allocation follows a declared size. */
static void declared_sizes_take_no_memory(void)
{
  static const char *const boasts[] = {
    GENERAL "3 3 1000000000000000000\n1 1 1\n",
    GENERAL "2000000000 2000000000 1\n1 1 1\n",
    GENERAL "2147483647 1 9223372036854775807\n1 1 1\n",
    GENERAL "1 2147483647 0\n",
    "%%MatrixMarket matrix array real general\n2000000000 2000000000\n1\n",
    "%%MatrixMarket matrix array real general\n2147483647 0\n"
  };
  for (size_t k = 0; k < sizeof boasts / sizeof *boasts; ++k) {
    speig_matrix *A = NULL;
    mem_account outer = mem_account_enter(100 << 20);
    speig_status st = read_text(boasts[k], 2, (mm_cut){ 0 }, &A);
    CU_ASSERT_TRUE(st == SPEIG_ERR_FORMAT || st == SPEIG_ERR_MEMORY);
    CU_ASSERT_TRUE(strncmp(speig_last_error(), "text.mtx, line ", 15) == 0);
    mem_account_leave(&outer);
  }
}

/* Runs a writer of `text` into fd in another process; its id is returned. */
static pid_t feed(int fd, const char *text)
{
  pid_t child = fork();
  if (child == 0) {
    size_t size = strlen(text);
    for (size_t at = 0; at < size;) {
      ssize_t n = write(fd, text + at, size - at < 1000 ? size - at : 1000);
      if (n <= 0)
        _exit(1);
      at += (size_t)n;
    }
    _exit(0);
  }
  close(fd);
  return child;
}

static void pipes_are_read(void)
{
  char *text = long_text(20000);
  speig_matrix *A = NULL, *B = NULL;
  int ends[2], saved = dup(STDIN_FILENO);
  pid_t child;
  CHECK_OK(read_bytes(text, strlen(text), &A));
  CU_ASSERT_EQUAL_FATAL(pipe(ends), 0);
  child = feed(ends[1], text);
  CU_ASSERT_TRUE_FATAL(dup2(ends[0], STDIN_FILENO) >= 0);
  close(ends[0]);
  CHECK_OK(speig_mm_read("-", 2, NULL, &B));
  if (saved >= 0) {
    dup2(saved, STDIN_FILENO);
    close(saved);
  }
  waitpid(child, NULL, 0);
  CU_ASSERT_TRUE(same_arrays(A, B));
  speig_matrix_destroy(&A);
  speig_matrix_destroy(&B);
  free(text);
}

static void named_pipes_and_folders(void)
{
  char folder[] = "/tmp/speig-XXXXXX", path[64];
  const char *text = texts[0];
  speig_matrix *A = NULL;
  pid_t child;
  CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder));
  snprintf(path, sizeof path, "%s/fifo.mtx", folder);
  CU_ASSERT_EQUAL_FATAL(mkfifo(path, 0600), 0);
  child = fork();
  if (child == 0) {
    int fd = open(path, O_WRONLY);
    _exit(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text) ? 0 : 1);
  }
  CHECK_OK(speig_mm_read(path, 2, NULL, &A));
  CU_ASSERT_EQUAL(speig_matrix_get_info(A).rows, 4);
  waitpid(child, NULL, 0);
  speig_matrix_destroy(&A);
  CU_ASSERT_EQUAL(speig_mm_read(folder, 2, NULL, &A), SPEIG_ERR_IO);
  CU_ASSERT_PTR_NOT_NULL(strstr(speig_last_error(), folder));
  CU_ASSERT_EQUAL(speig_mm_read("", 2, NULL, &A), SPEIG_ERR_ARG);
  unlink(path);
  rmdir(folder);
}

static void dense_reading_agrees_with_sparse(void)
{
  char path[] = "/tmp/speig-XXXXXX";
  for (size_t k = 0; k < 6; ++k) {
    int fd;
    speig_matrix *A = NULL;
    speig_block X = { .data = NULL };
    const double *x;
    int64_t wrong = 0;
    int parts;
    strcpy(path, "/tmp/speig-XXXXXX");
    fd = mkstemp(path);
    CU_ASSERT_TRUE_FATAL(fd >= 0);
    CU_ASSERT_EQUAL(write(fd, texts[k], strlen(texts[k])), (ssize_t)strlen(texts[k]));
    close(fd);
    CHECK_OK(speig_mm_read(path, 1, NULL, &A));
    CHECK_OK(speig_mm_read_dense(path, NULL, &X));
    unlink(path);
    CU_ASSERT_TRUE_FATAL(X.rows == A->rows && X.cols == A->cols && X.dtype == A->dtype);
    parts = X.dtype == SPEIG_Z ? 2 : 1;
    x = X.data;
    for (int64_t i = 0; i < X.rows; ++i) {
      int64_t e = A->rowptr[i];
      for (int64_t j = 0; j < X.cols; ++j) {
        int stored = e < A->rowptr[i + 1] && A->colind[e] == j;
        for (int p = 0; p < parts; ++p)
          wrong += x[parts * (i + j * X.ld) + p] !=
                   (stored ? ((const double *)A->values)[parts * e + p] : 0);
        e += stored;
      }
    }
    CU_ASSERT_EQUAL(wrong, 0);
    mem_free(X.data);
    speig_matrix_destroy(&A);
  }
}

static void every_failing_allocation_is_survived(void)
{
  unsigned char packed[2048];
  size_t held = mem_account_read().current;
  for (size_t k = 0; k < 4; ++k) {
    size_t size = pack(texts[k], strlen(texts[k]), packed, sizeof packed);
    speig_status st = SPEIG_ERR_MEMORY;
    int n = 0;
    while (st == SPEIG_ERR_MEMORY && n < 1000) {
      speig_matrix *A = NULL;
      mem_fail_at(++n, 0);
      st = speig_mm_read_memory("packed", packed, size, 1, NULL, &A);
      mem_fail_at(0, 0);
      CU_ASSERT_TRUE((st == SPEIG_OK) == (A != NULL));
      speig_matrix_destroy(&A);
      CU_ASSERT_EQUAL(mem_account_read().current, held);
    }
    CU_ASSERT_EQUAL(st, SPEIG_OK);
    CU_ASSERT_TRUE(n > 15);
  }
}

int main(void)
{
  CU_pSuite suite;
  harness_start();
  suite = harness_suite("mm_read");
  ADD_CASE(suite, borderline_files_are_judged_as_listed);
  ADD_CASE(suite, pairs_of_files_read_equal);
  ADD_CASE(suite, cuts_do_not_matter);
  ADD_CASE(suite, threads_do_not_matter);
  ADD_CASE(suite, messages_name_line_found_and_needed);
  ADD_CASE(suite, numbers_are_rounded_as_the_library_does);
  ADD_CASE(suite, what_is_no_number_is_refused);
  ADD_CASE(suite, gzip_is_read_or_refused);
  ADD_CASE(suite, blank_bombs_need_no_memory);
  ADD_CASE(suite, declared_sizes_take_no_memory);
  ADD_CASE(suite, pipes_are_read);
  ADD_CASE(suite, named_pipes_and_folders);
  ADD_CASE(suite, dense_reading_agrees_with_sparse);
  ADD_CASE(suite, every_failing_allocation_is_survived);
  return harness_finish("mm_read");
}
