/* test_picture.c: the parts of the command's pictures that can be wrong in silence: numbers on
 * axes, cells of a pattern, thinning, copies of eigenvalues, escaping, what a log holds. */
#include "solve_kit.h"

#include "cli/chart.h"
#include "cli/picture.h"
#include "cli/text.h"
#include "cli/ticks.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- ticks ---- */

static void linear_ticks_are_round_numbers(void)
{
  static const double ranges[][2] = { { 0, 1 },      { -3.2, 17 },     { 1e-9, 5e-9 },
                                      { 100, 101 },  { -1e12, 3e12 },  { 0.0313, 0.0317 },
                                      { -250, -12 }, { 1e300, 9e300 }, { 2.5, 2.5000001 } };
  for (size_t i = 0; i < sizeof ranges / sizeof *ranges; ++i) {
    for (int most = 2; most <= 12; ++most) {
      double low = ranges[i][0], high = ranges[i][1];
      axis_ticks t;
      ticks_linear(low, high, most, 0, 0, &t);
      CU_ASSERT_TRUE(t.count >= 1 && t.count <= most + 1);
      for (int j = 0; j < t.count; ++j) {
        CU_ASSERT_TRUE(t.at[j] >= low - 1e-12 * fabs(low) && t.at[j] <= high + 1e-12 * fabs(high));
        /* The label, the base and the power give the place back, to the digits shown. */
        double base = t.base[0] ? strtod(t.base, NULL) : 0;
        double power = t.power[0] ? strtod(t.power, NULL) : 1;
        double value = strtod(t.label[j], NULL) * power + base;
        CU_ASSERT_TRUE(fabs(value - t.at[j]) <= 1e-9 * (high - low) + 1e-15 * fabs(high));
        CU_ASSERT_TRUE(strlen(t.label[j]) <= 8);
        if (j > 1)
          CU_ASSERT_TRUE(fabs((t.at[j] - t.at[j - 1]) / (t.at[1] - t.at[0]) - 1) < 1e-6);
      }
    }
  }
}

static void ticks_are_what_one_would_choose(void)
{
  axis_ticks t;
  char name[160];
  ticks_linear(0, 1, 6, 0, 0, &t);
  CU_ASSERT_EQUAL(t.count, 6);
  CU_ASSERT_STRING_EQUAL(t.label[0], "0.0");
  CU_ASSERT_STRING_EQUAL(t.label[1], "0.2");
  ticks_linear(-1, 1, 5, 0, 1, &t);
  CU_ASSERT_STRING_EQUAL(t.label[0], "\u22121.0");
  ticks_linear(0.5, 6.5, 20, 1, 0, &t);
  CU_ASSERT_EQUAL(t.count, 6); /* whole numbers only */
  CU_ASSERT_STRING_EQUAL(t.label[5], "6");
  ticks_linear(0, 5e9, 6, 0, 0, &t);
  ticks_name(&t, "eigenvalue", 0, name, sizeof name);
  CU_ASSERT_STRING_EQUAL(name, "eigenvalue / 1e9");
  CU_ASSERT_STRING_EQUAL(t.label[1], "1");
  ticks_linear(2.75, 2.75 + 5e-11, 6, 0, 0, &t);
  ticks_name(&t, "x", 0, name, sizeof name);
  CU_ASSERT_STRING_EQUAL(name, "(x - 2.750000000) / 1e-11");
  ticks_linear(-2.75 - 5e-11, -2.75, 6, 0, 1, &t);
  ticks_name(&t, "x", 1, name, sizeof name);
  CU_ASSERT_PTR_NOT_NULL(strstr(name, "(x + 2.75"));
  ticks_log(1e-12, 1, 5, 0, &t);
  CU_ASSERT_EQUAL(t.count, 5);
  CU_ASSERT_STRING_EQUAL(t.label[0], "1e-12");
  CU_ASSERT_STRING_EQUAL(t.label[4], "1e0");
  ticks_log(1e-12, 1, 5, 1, &t);
  CU_ASSERT_STRING_EQUAL(t.label[0], "10\u207b\u00b9\u00b2");
  ticks_log(1, 20, 8, 0, &t);
  CU_ASSERT_EQUAL(t.count, 5); /* 1 2 5 10 20 */
  CU_ASSERT_STRING_EQUAL(t.label[4], "20");
  ticks_log(3, 4, 6, 0, &t); /* less than a decade: as a linear axis */
  CU_ASSERT_TRUE(t.count >= 3);
}

/* ---- pattern ---- */

static int64_t sum_of(int64_t count, const int64_t *counts)
{
  int64_t sum = 0;
  for (int64_t i = 0; i < count; ++i)
    sum += counts[i];
  return sum;
}

/* Cells of any number hold all entries, and as many cells as rows and columns hold the pattern. */
static void cells_hold_every_entry(void)
{
  model m = model_make(SPEIG_D, 1, "laplacian2d", "nx", 13.0, "ny", 9.0, NULL);
  const speig_matrix_info info = speig_matrix_get_info(m.A);
  const int64_t *rowptr;
  const int32_t *colind;
  speig_matrix_arrays(m.A, &rowptr, &colind, NULL);
  for (int nx = 1; nx <= 117; nx += 4) {
    for (int ny = 1; ny <= 117; ny += 7) {
      int64_t *counts = calloc((size_t)nx * (size_t)ny, sizeof *counts);
      spy_count(m.A, nx, ny, counts);
      CU_ASSERT_EQUAL(sum_of((int64_t)nx * ny, counts), info.nnz);
      free(counts);
    }
  }
  int64_t *counts = calloc((size_t)(info.rows * info.cols), sizeof *counts);
  spy_count(m.A, (int)info.cols, (int)info.rows, counts);
  for (int64_t i = 0; i < info.rows; ++i)
    for (int64_t e = rowptr[i]; e < rowptr[i + 1]; ++e)
      CU_ASSERT_EQUAL(counts[i * info.cols + colind[e]], 1);
  free(counts);
  model_drop(&m);
}

static void levels_tell_none_from_one(void)
{
  CU_ASSERT_EQUAL(spy_level(0, 1000), 0);
  CU_ASSERT_EQUAL(spy_level(1, 1), CELL_LEVELS);
  CU_ASSERT_EQUAL(spy_level(1000, 1000), CELL_LEVELS);
  unsigned char before = 0;
  for (int64_t count = 1; count <= 1000; ++count) {
    unsigned char level = spy_level(count, 1000);
    CU_ASSERT_TRUE(level >= 1 && level <= CELL_LEVELS && level >= before);
    before = level;
  }
}

/* ---- thinning ---- */

static void thinning_keeps_extremes(void)
{
  enum { COUNT = 100000, MOST = 2000 };
  double *xy = calloc(2 * COUNT, sizeof *xy);
  double low = INFINITY, high = -INFINITY;
  for (int i = 0; i < COUNT; ++i) {
    xy[2 * i] = i * 0.006;
    xy[2 * i + 1] = i == 77777 ? 900 : i == 33333 ? -900 : sin(i * 0.37);
  }
  int64_t stay = chart_thin(COUNT, xy, MOST);
  CU_ASSERT_TRUE(stay <= MOST + 8 && stay > MOST / 4);
  for (int64_t i = 0; i < stay; ++i) {
    low = fmin(low, xy[2 * i + 1]);
    high = fmax(high, xy[2 * i + 1]);
    CU_ASSERT_TRUE(i == 0 || xy[2 * i] >= xy[2 * i - 2]);
  }
  CU_ASSERT_EQUAL(low, -900);
  CU_ASSERT_EQUAL(high, 900);
  CU_ASSERT_EQUAL(xy[0], 0);
  CU_ASSERT_EQUAL(xy[2 * stay - 2], (COUNT - 1) * 0.006);
  CU_ASSERT_EQUAL(chart_thin(7, xy, MOST), 7);
  free(xy);
}

static void merging_keeps_the_first_of_each_place(void)
{
  double xy[] = { 1.1, 1.1, 5, 5, 1.2, 1.4, 5.9, 5.2, 5, 4.9 };
  char *tips[] = { "a", "b", "c", "d", "e" };
  CU_ASSERT_EQUAL(chart_merge(5, xy, tips, 1, 1), 3);
  CU_ASSERT_STRING_EQUAL(tips[0], "a");
  CU_ASSERT_STRING_EQUAL(tips[1], "b");
  CU_ASSERT_STRING_EQUAL(tips[2], "e");
  CU_ASSERT_EQUAL(xy[5], 4.9);
  CU_ASSERT_EQUAL(chart_merge(0, xy, NULL, 1, 1), 0);
}

/* ---- ranges and copies ---- */

static void ranges_are_never_empty(void)
{
  double low, high;
  CU_ASSERT_EQUAL(chart_range(3, (const double[]){ NAN, INFINITY, -INFINITY }, 0, &low, &high), 0);
  CU_ASSERT_EQUAL(chart_range(0, NULL, 0, &low, &high), 0);
  CU_ASSERT_EQUAL(chart_range(2, (const double[]){ 0, -1 }, 1, &low, &high), 0);
  CU_ASSERT_TRUE(chart_range(1, (const double[]){ 0 }, 0, &low, &high) && low < 0 && high > 0);
  CU_ASSERT_TRUE(chart_range(2, (const double[]){ 7, 7 }, 0, &low, &high) && low < 7 && high > 7);
  CU_ASSERT_TRUE(chart_range(3, (const double[]){ 1e-3, NAN, 10 }, 1, &low, &high) && low < 1e-3 &&
                 low > 0 && high > 10);
}

static void copies_are_counted_by_their_bounds(void)
{
  const double values[] = { -1, -1, 0, 1, 1.001, 1.002, 5 };
  const double errors[] = { 1e-3, 1e-3, NAN, 6e-4, 6e-4, 1e-9, 0 };
  const int32_t wanted[] = { 1, 2, 1, 1, 2, 1, 1 };
  int32_t copy[7];
  CU_ASSERT_EQUAL(spectrum_copies(7, values, errors, 1e-12, copy), 5);
  for (int i = 0; i < 7; ++i)
    CU_ASSERT_EQUAL(copy[i], wanted[i]);
  CU_ASSERT_EQUAL(spectrum_copies(7, values, NULL, 1e-12, copy), 6);
}

/* ---- text ---- */

static int writes(void (*put)(FILE *, const char *), const char *text, const char *wanted)
{
  char *got = NULL;
  size_t size = 0;
  FILE *out = open_memstream(&got, &size);
  put(out, text);
  fclose(out);
  int same = strcmp(got, wanted) == 0;
  if (!same)
    fprintf(stderr, "  wrote %s, needed %s\n", got, wanted);
  free(got);
  return same;
}

static void what_xml_and_the_shell_want(void)
{
  CU_ASSERT_TRUE(writes(xml_put, "a<b>&\"c\".mtx", "a&lt;b&gt;&amp;&quot;c&quot;.mtx"));
  CU_ASSERT_TRUE(writes(xml_put, "\xff\x01\xc3\xa9", "\ufffd\ufffd\u00e9"));
  CU_ASSERT_TRUE(writes(xml_put, "\xef\xbf\xbf", "\ufffd")); /* U+FFFF */
  CU_ASSERT_TRUE(writes(xml_put, "\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80"));
  CU_ASSERT_TRUE(writes(shell_put, "A.mtx", "A.mtx"));
  CU_ASSERT_TRUE(writes(shell_put, "my file", "'my file'"));
  CU_ASSERT_TRUE(writes(shell_put, "it's", "'it'\\''s'"));
  CU_ASSERT_TRUE(writes(shell_put, "", "''"));
  CU_ASSERT_EQUAL(utf8_columns("10\u207b\u00b9"), 4);
}

static void quantities(void)
{
  char text[64];
  text_thousands(1234567, text, sizeof text);
  CU_ASSERT_STRING_EQUAL(text, "1,234,567");
  text_thousands(-100, text, sizeof text);
  CU_ASSERT_STRING_EQUAL(text, "-100");
  text_thousands(999, text, sizeof text);
  CU_ASSERT_STRING_EQUAL(text, "999");
  text_bytes(512, text, sizeof text);
  CU_ASSERT_STRING_EQUAL(text, "512 bytes");
  text_bytes(1.5 * 1048576, text, sizeof text);
  CU_ASSERT_STRING_EQUAL(text, "1.5 MiB");
  text_seconds(0.0042, text, sizeof text);
  CU_ASSERT_STRING_EQUAL(text, "4.2 ms");
  text_seconds(125, text, sizeof text);
  CU_ASSERT_STRING_EQUAL(text, "2 min 5 s");
  text_seconds(3725, text, sizeof text);
  CU_ASSERT_STRING_EQUAL(text, "1 h 2 min");
}

/* ---- history ---- */

/* A long run keeps a bounded number of records, its last one, and the times in order. */
static void long_histories_are_bounded(void)
{
  enum { RECORDS = 50000 };
  history h = { .count = 0 };
  for (int i = 0; i < RECORDS; ++i) {
    const double values[2] = { i, 1 }, residuals[2] = { 1.0 / (i + 1), NAN };
    const speig_progress p = { .method = "lanczos",
                               .phase = i < RECORDS - 3 ? "solve" : "validate",
                               .iteration = i,
                               .matvecs = 10 * i,
                               .wanted = 2,
                               .values = values,
                               .residuals = residuals,
                               .norm = 1,
                               .tol = 1e-9 };
    CU_ASSERT_EQUAL(history_add(&h, &p), 0);
  }
  CU_ASSERT_TRUE(h.count <= HISTORY_MOST && h.count > HISTORY_MOST / 4);
  CU_ASSERT_EQUAL(h.records[h.count - 1].iteration, RECORDS - 1);
  for (int64_t i = 1; i < h.count; ++i)
    CU_ASSERT_TRUE(h.records[i].matvecs > h.records[i - 1].matvecs);
  CU_ASSERT_EQUAL(h.last_count, 2);
  CU_ASSERT_EQUAL(h.last_values[0], RECORDS - 4); /* a probe's values are not the answer's */
  history_free(&h);
}

static void a_log_that_ends_early(void)
{
  char text[] =
      "{\"event\":\"start\",\"matrix\":{\"file\":\"A.mtx\",\"rows\":5},"
      "\"problem\":{\"kind\":\"general\",\"k\":2,\"which\":\"LR\",\"sigma\":[1,2]}}\n"
      "{\"event\":\"restart\",\"phase\":\"solve\",\"method\":\"krylov-schur\",\"iteration\":1,"
      "\"matvecs\":20,\"norm\":4,\"tol\":1e-9,\"values\":[1,null],\"imaginary\":[2,3],"
      "\"residuals\":[0.5,null]}\n"
      "{\"event\":\"of a later version\"}\n"
      "{\"event\":\"restart\",\"phase\":\"so";
  history h = { .count = 0 };
  history_head head;
  say_set_level(SAY_QUIET);
  CU_ASSERT_EQUAL(history_read("log", text, &head, &h), 0);
  CU_ASSERT_STRING_EQUAL(head.file, "A.mtx");
  CU_ASSERT_STRING_EQUAL(head.kind, "general");
  CU_ASSERT_EQUAL(head.bad_lines, 1);
  CU_ASSERT_TRUE(head.has_sigma && head.sigma[0] == 1 && head.sigma[1] == 2);
  CU_ASSERT_EQUAL(h.count, 1);
  CU_ASSERT_EQUAL(h.records[0].residuals[0], 0.5);
  CU_ASSERT_TRUE(isnan(h.records[0].residuals[1]));
  CU_ASSERT_EQUAL(h.last_values[3], 3);
  CU_ASSERT_TRUE(isnan(h.last_values[2]));
  history_free(&h);
}

int main(void)
{
  CU_pSuite suite;
  harness_start();
  suite = harness_suite("pictures");
  ADD_CASE(suite, linear_ticks_are_round_numbers);
  ADD_CASE(suite, ticks_are_what_one_would_choose);
  ADD_CASE(suite, cells_hold_every_entry);
  ADD_CASE(suite, levels_tell_none_from_one);
  ADD_CASE(suite, thinning_keeps_extremes);
  ADD_CASE(suite, merging_keeps_the_first_of_each_place);
  ADD_CASE(suite, ranges_are_never_empty);
  ADD_CASE(suite, copies_are_counted_by_their_bounds);
  ADD_CASE(suite, what_xml_and_the_shell_want);
  ADD_CASE(suite, quantities);
  ADD_CASE(suite, long_histories_are_bounded);
  ADD_CASE(suite, a_log_that_ends_early);
  return harness_finish("picture");
}
