/* test_mm_read.c: what the Matrix Market reader accepts, what it refuses, and in which words. */
#include "harness.h"

#include "base/error.h"
#include "base/memory.h"
#include "formats/matrix.h"
#include "formats/mm_text.h"
#include "speig/matrix_market.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

/* ---- the collection of malformed and borderline files -------------------------------------------
 */

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

int main(void)
{
  CU_pSuite suite;
  harness_start();
  suite = harness_suite("mm_read");
  ADD_CASE(suite, borderline_files_are_judged_as_listed);
  ADD_CASE(suite, pairs_of_files_read_equal);
  return harness_finish("mm_read");
}
