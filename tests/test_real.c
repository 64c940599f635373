/* test_real.c: real matrices with reference eigenvalues, if they are at hand.
 *
 * Every Hermitian matrix of the collection that is small enough is a case of its own, for each
 * method: LM, LA, SA, BE with k = 6 and 10. Lanczos by itself may give up after 4000 products
 * (small ends of graded spectra are beyond it), but may not call a wrong set an answer.
 * SPEIG_TEST_FULL=1 takes all of them, SPEIG_TEST_MATRIX=name those whose name contains that;
 * SPEIG_TEST_LOG=1 prints a line for each run.
 */
#define _POSIX_C_SOURCE 200809L
#include "solve_kit.h"

#include "base/dtype.h"
#include "solvers/verify.h"
#include "speig/matrix_market.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_FILES = 256, SMALL_ORDER = 420, SMALL_ENTRIES = 6000, LISTED = 12 };

/* One row of the index, and what its reference file says. */
typedef struct entry {
  char name[64], file[96];
  int64_t rows, entries;
} entry;

typedef struct truth {
  int64_t n;
  int count[3]; /* how many values are listed */
  double values[3][LISTED]; /* LM, SA, LA, best first */
  double abs_err, norm;
} truth;

enum { TRUTH_LM, TRUTH_SA, TRUTH_LA };

typedef struct planned {
  entry e;
  speig_method method;
} planned;

static planned plan[4 * MAX_FILES];
static int plan_count, plan_at;

static int is_set(const char *variable)
{
  const char *value = getenv(variable);
  return value && *value && strcmp(value, "0") != 0;
}

static char *read_text(const char *path)
{
  FILE *file = fopen(path, "rb");
  char *text = NULL;
  long size;
  if (!file)
    return NULL;
  if (fseek(file, 0, SEEK_END) == 0 && (size = ftell(file)) >= 0 && fseek(file, 0, SEEK_SET) == 0 &&
      (text = calloc((size_t)size + 1, 1)) != NULL &&
      fread(text, 1, (size_t)size, file) != (size_t)size)
    text[0] = '\0';
  (void)fclose(file);
  return text;
}

static int list_values(const cJSON *json, const char *key, double *values)
{
  const cJSON *list = cJSON_GetObjectItemCaseSensitive(json, key), *item;
  int count = 0;
  cJSON_ArrayForEach(item, list) if (count < LISTED && cJSON_IsNumber(item)) values[count++] =
      item->valuedouble;
  return count;
}

static int says(const cJSON *json, const char *key, const char *word)
{
  const char *value = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, key));
  return value && strcmp(value, word) == 0;
}

/* Whether there is a reference for a Hermitian standard problem, and what it says. */
static int read_truth(const char *name, truth *t)
{
  char relative[128], *text;
  const char *path;
  cJSON *json = NULL;
  int good = 0;
  (void)snprintf(relative, sizeof relative, "truth/%s.json", name);
  path = harness_find_shared(relative);
  text = path ? read_text(path) : NULL;
  json = text ? cJSON_Parse(text) : NULL;
  *t = (truth){ 0 };
  if (json && says(json, "problem", "standard") &&
      (says(json, "structure", "symmetric") || says(json, "structure", "hermitian"))) {
    const cJSON *err = cJSON_GetObjectItemCaseSensitive(json, "abs_err");
    t->n = (int64_t)cJSON_GetNumberValue(cJSON_GetObjectItemCaseSensitive(json, "n"));
    t->count[TRUTH_LM] = list_values(json, "LM", t->values[TRUTH_LM]);
    t->count[TRUTH_SA] = list_values(json, "SA", t->values[TRUTH_SA]);
    t->count[TRUTH_LA] = list_values(json, "LA", t->values[TRUTH_LA]);
    t->abs_err = cJSON_IsNumber(err) ? err->valuedouble : 0;
    good = t->count[TRUTH_LM] > 0 && t->count[TRUTH_SA] > 0 && t->count[TRUTH_LA] > 0;
    t->norm = good ? fabs(t->values[TRUTH_LM][0]) : 0;
  }
  cJSON_Delete(json);
  free(text);
  return good;
}

/* The k wanted values, ascending; 0 when the reference lists too few. */
static int wanted_values(const truth *t, speig_which which, int k, double *wanted)
{
  int from_high = which == SPEIG_LA ? k : which == SPEIG_BE ? k - k / 2 : 0;
  int from_low = which == SPEIG_SA ? k : which == SPEIG_BE ? k / 2 : 0;
  int from_both = which == SPEIG_LM ? k : 0, at = 0;
  if (from_high > t->count[TRUTH_LA] || from_low > t->count[TRUTH_SA] ||
      from_both > t->count[TRUTH_LM])
    return 0;
  for (int i = 0; i < from_high; ++i)
    wanted[at++] = t->values[TRUTH_LA][i];
  for (int i = 0; i < from_low; ++i)
    wanted[at++] = t->values[TRUTH_SA][i];
  for (int i = 0; i < from_both; ++i)
    wanted[at++] = t->values[TRUTH_LM][i];
  for (int i = 1; i < k; ++i)
    for (int j = i; j > 0 && wanted[j] < wanted[j - 1]; --j) {
      double swap = wanted[j];
      wanted[j] = wanted[j - 1];
      wanted[j - 1] = swap;
    }
  return 1;
}

static int set_is_right(const char *name, const truth *t, const speig_eigsh_opts *opts,
                        const speig_eigsh_result *r)
{
  double wanted[LISTED], missed[LISTED];
  int32_t count = 0;
  if (r->k < r->wanted || !wanted_values(t, opts->which, r->k, wanted))
    return 1;
  CHECK_OK(verify_missed(opts->which, r->k, wanted, r->k, r->values, 1e-8 * t->norm + t->abs_err,
                         missed, &count));
  for (int32_t j = 0; j < count; ++j)
    fprintf(stderr, "\n  %s %s %s k=%d: missed %.17g (%d of %d), outcome %s, norm %.3g", name,
            speig_method_name(opts->method), speig_which_name(opts->which), (int)opts->k, missed[j],
            (int)j + 1, (int)count, speig_outcome_name(r->outcome), t->norm);
  return count == 0;
}

static void run_one(const model *m, const char *name, const truth *t, const speig_eigsh_opts *opts)
{
  speig_eigsh_result *r = NULL;
  speig_status st = speig_eigsh(m->op, NULL, opts, &r);
  if (st != SPEIG_OK) {
    fprintf(stderr, "\n  %s %s %s k=%d: %s: %s", name, speig_method_name(opts->method),
            speig_which_name(opts->which), (int)opts->k, speig_status_text(st), speig_last_error());
    CU_FAIL("speig_eigsh failed");
    return;
  }
  if (is_set("SPEIG_TEST_LOG") || (r->outcome > SPEIG_CONVERGED && opts->max_matvecs == 0))
    fprintf(
        stderr, "\n  %s n=%lld %s %s k=%d: by %s, %d pairs, %s, %s, %lld products, %.2f + %.2f s",
        name, (long long)m->n, speig_method_name(opts->method), speig_which_name(opts->which),
        (int)opts->k, speig_method_name(r->method), (int)r->k, speig_outcome_name(r->outcome),
        speig_reason_name(r->reason), (long long)r->matvecs, r->seconds_solve, r->seconds_certify);
  CU_ASSERT_TRUE(opts->max_matvecs > 0 || r->outcome <= SPEIG_CONVERGED);
  CU_ASSERT_TRUE(set_is_right(name, t, opts, r));
  CU_ASSERT_TRUE(answer_is_right(m, opts, r));
  speig_eigsh_result_free(&r);
}

/* The next planned matrix: CUnit's functions take no argument, and run in the order of addition. */
static void run_next(void)
{
  static const speig_which ends[] = { SPEIG_LM, SPEIG_LA, SPEIG_SA, SPEIG_BE };
  const planned *p = &plan[plan_at++];
  char relative[128];
  const char *path;
  speig_matrix *A = NULL;
  truth t;
  model m;
  CU_ASSERT_TRUE_FATAL(read_truth(p->e.name, &t));
  (void)snprintf(relative, sizeof relative, "mtx/%s", p->e.file);
  path = harness_find_shared(relative);
  CU_ASSERT_PTR_NOT_NULL_FATAL(path);
  CHECK_OK(speig_mm_read(path, 0, NULL, &A));
  CU_ASSERT_EQUAL_FATAL(speig_matrix_get_info(A).rows, t.n);
  m = model_wrap(A, p->e.name, NULL);
  for (int e = 0; e < 4; ++e)
    for (int32_t k = 6; k <= 10; k += 4) {
      speig_eigsh_opts opts = opts_for(SPEIG_HOST, p->method, k, ends[e]);
      if (p->method == SPEIG_LANCZOS)
        opts.max_matvecs = 4000;
      run_one(&m, p->e.name, &t, &opts);
    }
  model_drop(&m);
}

static int by_entries(const void *a, const void *b)
{
  const entry *x = (const entry *)a, *y = (const entry *)b;
  return (x->entries > y->entries) - (x->entries < y->entries);
}

/* Columns of the index: name, file, rows, cols, stored, expanded, format, field, symmetry, ... */
static int read_index(entry *entries)
{
  const char *path = harness_find_shared("INDEX.tsv"), *only = getenv("SPEIG_TEST_MATRIX");
  FILE *file = path ? fopen(path, "r") : NULL;
  char line[2048];
  int count = 0;
  while (file && fgets(line, sizeof line, file) && count < MAX_FILES) {
    entry e = { 0 };
    long long rows, cols, stored, expanded;
    truth t;
    if (sscanf(line, "%63s %95s %lld %lld %lld %lld", e.name, e.file, &rows, &cols, &stored,
               &expanded) != 6 ||
        rows != cols || (only && !strstr(e.name, only)))
      continue;
    e.rows = rows;
    e.entries = expanded;
    if ((is_set("SPEIG_TEST_FULL") || only || (rows <= SMALL_ORDER && expanded <= SMALL_ENTRIES)) &&
        read_truth(e.name, &t))
      entries[count++] = e;
  }
  if (file)
    (void)fclose(file);
  qsort(entries, (size_t)count, sizeof *entries, by_entries);
  return count;
}

static void no_data(void)
{
  harness_skip("no shared data");
}

int main(void)
{
  static const speig_method methods[] = { SPEIG_METHOD_AUTO, SPEIG_LANCZOS };
  static entry entries[MAX_FILES];
  static char names[4 * MAX_FILES][96];
  CU_pSuite suite;
  int count;
  harness_start();
  suite = harness_suite("real");
  count = read_index(entries);
  for (int i = 0; i < count; ++i)
    for (size_t t = 0; t < sizeof methods / sizeof *methods; ++t) {
      plan[plan_count] = (planned){ entries[i], methods[t] };
      (void)snprintf(names[plan_count], sizeof names[plan_count], "%.60s/%s", entries[i].name,
                     speig_method_name(methods[t]));
      (void)CU_add_test(suite, names[plan_count], run_next);
      ++plan_count;
    }
  if (count == 0)
    ADD_CASE(suite, no_data);
  return harness_finish("real");
}
