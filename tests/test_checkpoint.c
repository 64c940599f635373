/* test_checkpoint.c: solves that are cut off and gone on with: the answer is that of an
 * uninterrupted one, and so is the work. What is uninterrupted is held against formulas and LAPACK.
 */
#define _XOPEN_SOURCE 700 /* mkdtemp */
#include "checkpoint_kit.h"

static const kit_subject subjects[] = {
  { "lanczos", KIT_EIGSH, SPEIG_LANCZOS, SPEIG_LA, 4, 20, 0, 0, "laplacian2d nx=17 ny=17", NULL, 1,
    0 },
  { "lanczos partly orthogonalised", KIT_EIGSH, SPEIG_LANCZOS, SPEIG_LA, 3, 18, 0, 0,
    "laplacian2d nx=17 ny=16", NULL, 1, 1e-7 },
  { "both ends", KIT_EIGSH, SPEIG_LANCZOS, SPEIG_BE, 4, 24, 0, 0, "laplacian2d nx=15 ny=14", NULL,
    1, 1e-6 },
  { "largest magnitude", KIT_EIGSH, SPEIG_LANCZOS, SPEIG_LM, 3, 16, 0, 0, "anderson nx=7 ny=7",
    NULL, 1, 1e-6 },
  { "lobpcg", KIT_EIGSH, SPEIG_LOBPCG, SPEIG_SA, 3, 0, 0, 0, "laplacian2d nx=13 ny=13", NULL, 0,
    1e-5 },
  { "a graph", KIT_EIGSH, SPEIG_LANCZOS, SPEIG_LA, 4, 24, 0, 0, "rmat scale=11 degree=5", NULL, 1,
    1e-8 },
  { "shift-invert", KIT_EIGSH, SPEIG_LANCZOS, SPEIG_LM, 6, 24, 1, 3.1, "laplacian2d nx=17 ny=17",
    NULL, 1, 0 },
  { "shift-invert with B", KIT_EIGSH, SPEIG_LANCZOS, SPEIG_LM, 3, 14, 1, 0.5, "fem1d_k n=200",
    "fem1d_m n=200", 1, 0 },
  { "krylov-schur", KIT_EIGS, SPEIG_KRYLOV_SCHUR, SPEIG_EIGS_LM, 4, 20, 0, 0,
    "laplacian2d nx=14 ny=14", NULL, 1, 0 },
  { "krylov-schur of pairs", KIT_EIGS, SPEIG_KRYLOV_SCHUR, SPEIG_EIGS_LM, 4, 20, 0, 0,
    "convection2d nx=6 ny=24 px=1.5", NULL, 1, 1e-6 },
  { "krylov-schur at a shift", KIT_EIGS, SPEIG_KRYLOV_SCHUR, SPEIG_EIGS_LM, 4, 14, 1, 2.3,
    "laplacian2d nx=14 ny=13", NULL, 1, 1e-6 },
  { "golub-kahan", KIT_SVDS, SPEIG_GOLUB_KAHAN, SPEIG_LM, 3, 16, 0, 0, "laplacian2d nx=14 ny=14",
    NULL, 1, 0 },
  { "the smallest singular values", KIT_SVDS, SPEIG_GOLUB_KAHAN, SPEIG_SM, 3, 16, 0, 0,
    "wilkinson n=101", NULL, 1, 1e-6 },
};
enum { SUBJECTS = sizeof subjects / sizeof *subjects };

/* Where the case is slow each type takes one subject, and cuts it once. */
static int takes(const test_case *tc, int i)
{
  return !harness_is_slow(tc) || i == 3 * (int)tc->dtype;
}

static int same_numbers(const kit_answer *a, const kit_answer *b)
{
  size_t values = (size_t)(a->parts * a->k) * sizeof *a->values;
  return a->k == b->k && memcmp(a->values, b->values, values) == 0;
}

static double value_distance(const kit_answer *a, int32_t i, const kit_answer *b, int32_t j)
{
  const double *x = a->values + (size_t)a->parts * (size_t)i;
  const double *y = b->values + (size_t)b->parts * (size_t)j;
  return a->parts == 1 ? fabs(x[0] - y[0]) : hypot(x[0] - y[0], x[1] - y[1]);
}

/* The same set of values, each of them right to its residual; values that rank alike may change
 * places. */
static int close_numbers(const kit_answer *a, const kit_answer *b, double tol)
{
  int taken[KIT_MOST] = { 0 };
  for (int32_t i = 0; i < a->k; ++i) {
    int32_t best = -1;
    for (int32_t j = 0; j < b->k; ++j)
      if (!taken[j] && (best < 0 || value_distance(a, i, b, j) < value_distance(a, i, b, best)))
        best = j;
    if (best < 0 || !(value_distance(a, i, b, best) <= tol * (1 + fabs(b->values[0]))))
      return 0;
    taken[best] = 1;
  }
  return a->k == b->k;
}

static void complain(const test_case *tc, const kit_subject *s, const char *what,
                     const kit_answer *whole, const kit_answer *a)
{
  fprintf(stderr, "  %s, %s, %s: status %d (%s), %d of %d (%s), %lld products, resumed %d\n",
          tc->name, s->name, what, (int)a->status, a->status ? speig_last_error() : "", a->k,
          a->wanted, speig_outcome_name(a->outcome), (long long)a->products, (int)a->resumed);
  fprintf(stderr, "    uninterrupted: %d (%s), %lld products\n", whole->k,
          speig_outcome_name(whole->outcome), (long long)whole->products);
  for (int32_t i = 0; i < a->k; ++i)
    fprintf(stderr, "    %.17g %.17g\n", a->values[a->parts * i], whole->values[whole->parts * i]);
}

static double tolerance(const test_case *tc, const kit_subject *s)
{
  return fmax(s->tol, 100 * tc->eps);
}

/* A run resumed on the device that it was cut off on. */
static void expect_whole(const test_case *tc, const kit_subject *s, const kit_answer *whole,
                         const kit_answer *a, int is_exact, const char *what)
{
  double slack = is_exact ? 0 : 40 + 0.3 * (double)whole->products;
  int right = a->status == SPEIG_OK && a->outcome == whole->outcome && a->k == whole->k &&
              a->resumed == SPEIG_RESUMED_STATE && a->failure[0] == 0 &&
              fabs((double)(a->products - whole->products)) <= slack &&
              (is_exact ? same_numbers(a, whole) : close_numbers(a, whole, 100 * tolerance(tc, s)));
  if (!right)
    complain(tc, s, what, whole, a);
  CU_ASSERT_TRUE(right);
}

/* ---- cut off anywhere ---- */

static void cut_at(const test_case *tc, const kit_subject *s, const kit_problem *p,
                   const kit_answer *whole, int64_t limit)
{
  char what[64];
  int early;
  kit_wish w = { .device = tc->device, .limit = limit, .save = kit_path("a.ck") };
  kit_answer a = kit_solve(s, p, &w);
  (void)snprintf(what, sizeof what, "cut off after %lld", (long long)limit);
  CU_ASSERT_EQUAL(a.status, SPEIG_OK);
  CU_ASSERT_TRUE(a.checkpoints > 0 || a.products == 0);
  CU_ASSERT_EQUAL(a.failure[0], 0);
  if (a.status != SPEIG_OK || a.checkpoints == 0)
    return;
  /* The last look before a limit may find what is wanted sooner than one at the end of a cycle. */
  early = a.k == a.wanted;
  w = (kit_wish){ .device = tc->device, .resume = kit_path("a.ck") };
  a = kit_solve(s, p, &w);
  expect_whole(tc, s, whole, &a, s->is_exact && !early, what);
}

static void every_cut_is_mended(const test_case *tc)
{
  static const double cuts[] = { 0.02, 0.3, 0.55, 0.8, 0.97 };
  for (int i = 0; i < SUBJECTS; ++i) {
    const kit_subject *s = &subjects[i];
    kit_problem p;
    kit_answer whole;
    if (!takes(tc, i))
      continue;
    p = kit_open(s, tc->dtype);
    whole = kit_solve(s, &p, &(kit_wish){ .device = tc->device });
    CU_ASSERT_EQUAL(whole.status, SPEIG_OK);
    CU_ASSERT_EQUAL(whole.k, whole.wanted);
    if (whole.status != SPEIG_OK)
      fprintf(stderr, "  %s, %s: %s\n", tc->name, s->name, speig_last_error());
    for (size_t c = harness_is_slow(tc) ? 4 : 0;
         whole.status == SPEIG_OK && c < sizeof cuts / sizeof *cuts; ++c)
      cut_at(tc, s, &p, &whole, 1 + (int64_t)(cuts[c] * (double)whole.products));
    kit_close(&p);
  }
}
TEST_ALL_CASES(every_cut_is_mended)

/* A little at a time, from one file to the next of the same name, until it is done. */
static void many_cuts_are_mended(const test_case *tc)
{
  for (int i = 0; i < SUBJECTS; ++i) {
    const kit_subject *s = &subjects[i];
    kit_problem p = kit_open(s, tc->dtype);
    kit_answer whole = kit_solve(s, &p, &(kit_wish){ .device = tc->device }), a;
    kit_wish w = { .device = tc->device, .save = kit_path("b.ck") };
    enum { TURNS = 6 };
    w.limit = 1 + whole.products / 7;
    if (!takes(tc, i) || harness_is_slow(tc)) {
      kit_close(&p);
      continue;
    }
    for (int turn = 0; turn <= TURNS; ++turn) {
      w.limit = turn < TURNS ? w.limit : 0;
      a = kit_solve(s, &p, &w);
      CU_ASSERT_EQUAL(a.status, SPEIG_OK);
      w.resume = w.save;
    }
    expect_whole(tc, s, &whole, &a, 0, "many cuts");
    /* The finished one is answered from the file, with no more work than residuals take. */
    w.save = NULL;
    whole = a;
    a = kit_solve(s, &p, &w);
    expect_whole(tc, s, &whole, &a, 1, "after the end");
    kit_close(&p);
  }
}
TEST_ALL_CASES(many_cuts_are_mended)

/* ---- on another device ---- */

static void devices_take_over(const test_case *tc)
{
  speig_device other = tc->device == SPEIG_HOST ? SPEIG_REFERENCE : SPEIG_HOST;
  for (int i = 0; i < SUBJECTS; ++i) {
    const kit_subject *s = &subjects[i];
    kit_problem p;
    kit_answer whole, a;
    kit_wish w = { .device = tc->device, .save = kit_path("c.ck") };
    int right;
    if (!takes(tc, i))
      continue;
    p = kit_open(s, tc->dtype);
    whole = kit_solve(s, &p, &(kit_wish){ .device = tc->device });
    w.limit = 1 + whole.products / 2;
    a = kit_solve(s, &p, &w);
    CU_ASSERT_EQUAL(a.status, SPEIG_OK);
    a = kit_solve(s, &p, &(kit_wish){ .device = other, .resume = kit_path("c.ck") });
    right = a.status == SPEIG_OK && a.outcome == whole.outcome &&
            a.resumed == SPEIG_RESUMED_STATE && close_numbers(&a, &whole, 100 * tolerance(tc, s)) &&
            (double)a.products <= 1.4 * (double)whole.products + 60;
    if (!right)
      complain(tc, s, "on another device", &whole, &a);
    CU_ASSERT_TRUE(right);
    kit_close(&p);
  }
}
TEST_ALL_CASES(devices_take_over)

/* ---- more is asked for ---- */

static void more_is_had(const test_case *tc)
{
  for (int i = 0; i < SUBJECTS; ++i) {
    const kit_subject *s = &subjects[i];
    kit_subject rough = *s;
    kit_problem p;
    kit_answer whole, a;
    kit_wish w = { .device = tc->device, .save = kit_path("a.ck") };
    int right;
    if (!takes(tc, i) || harness_is_slow(tc))
      continue;
    rough.tol = fmax(1e-4, s->tol);
    rough.ncv = s->ncv ? s->ncv + 4 : 0;
    p = kit_open(s, tc->dtype);
    a = kit_solve(&rough, &p, &w); /* finished */
    CU_ASSERT_EQUAL(a.status, SPEIG_OK);
    w = (kit_wish){ .device = tc->device, .more = 2, .tol = rough.tol / 50 };
    whole = kit_solve(&rough, &p, &w);
    w.resume = kit_path("a.ck");
    a = kit_solve(&rough, &p, &w);
    right = a.status == SPEIG_OK && a.k == whole.k && a.outcome == whole.outcome &&
            a.worst <= 1.0001 * fmax(w.tol, 100 * tc->eps) &&
            close_numbers(&a, &whole, 100 * fmax(w.tol, 100 * tc->eps));
    right = right && a.resumed != SPEIG_RESUMED_NONE;
    if (!right)
      complain(tc, s, "more pairs, and better ones", &whole, &a);
    CU_ASSERT_TRUE(right);
    kit_close(&p);
  }
}
TEST_ALL_CASES(more_is_had)

/* Cut off at every step of two cycles, also with a full basis, and gone on with in a larger one. */
static void bases_grow(const test_case *tc)
{
  static const kit_subject small[] = {
    { "lanczos", KIT_EIGSH, SPEIG_LANCZOS, SPEIG_LA, 3, 12, 0, 0, "laplacian2d nx=9 ny=8", NULL, 0,
      0 },
    { "krylov-schur", KIT_EIGS, SPEIG_KRYLOV_SCHUR, SPEIG_EIGS_LM, 3, 12, 0, 0,
      "convection2d nx=9 ny=8", NULL, 0, 0 },
    { "golub-kahan", KIT_SVDS, SPEIG_GOLUB_KAHAN, SPEIG_LM, 3, 12, 0, 0, "laplacian2d nx=9 ny=8",
      NULL, 0, 0 },
  };
  enum { LEAST = 5, MOST = 29 };
  for (size_t i = 0; i < sizeof small / sizeof *small; ++i) {
    const kit_subject *s = &small[i];
    kit_subject wide = *s;
    kit_problem p = kit_open(s, tc->dtype);
    kit_wish more = { .device = SPEIG_HOST, .more = 2 };
    wide.ncv = s->ncv + 5;
    const kit_answer whole = kit_solve(&wide, &p, &more);
    CU_ASSERT_TRUE_FATAL(whole.status == SPEIG_OK && whole.k == whole.wanted);
    more.resume = kit_path("a.ck");
    for (int64_t limit = LEAST; limit <= MOST; ++limit) {
      const kit_wish cut = {
        .device = SPEIG_HOST, .limit = limit, .save = kit_path("a.ck"), .is_unjudged = 1
      };
      CU_ASSERT_EQUAL_FATAL(kit_solve(s, &p, &cut).status, SPEIG_OK);
      const kit_answer a = kit_solve(&wide, &p, &more);
      const int right = a.status == SPEIG_OK && a.k == whole.k && a.outcome == whole.outcome &&
                        a.resumed != SPEIG_RESUMED_NONE &&
                        close_numbers(&a, &whole, 100 * tolerance(tc, s));
      if (!right)
        complain(tc, s, "a larger basis", &whole, &a);
      CU_ASSERT_TRUE(right);
    }
    kit_close(&p);
  }
}
TEST_ALL_TYPES(bases_grow)

/* The work done before is not done again: few products more make the tolerance smaller. */
static void tighter_costs_little(void)
{
  const kit_subject s = { "lanczos", KIT_EIGSH, SPEIG_LANCZOS,
                          SPEIG_LA,  4,         24,
                          0,         0,         "laplacian2d nx=40 ny=37",
                          NULL,      1,         1e-6 };
  kit_problem p = kit_open(&s, SPEIG_D);
  kit_answer rough =
      kit_solve(&s, &p, &(kit_wish){ .device = SPEIG_HOST, .save = kit_path("a.ck") });
  kit_wish w = { .device = SPEIG_HOST, .tol = 1e-8 };
  kit_answer whole = kit_solve(&s, &p, &w), a;
  w.resume = kit_path("a.ck");
  a = kit_solve(&s, &p, &w);
  CU_ASSERT_EQUAL(a.resumed, SPEIG_RESUMED_STATE);
  CU_ASSERT_TRUE(rough.outcome == whole.outcome && a.outcome == whole.outcome);
  CU_ASSERT_TRUE(close_numbers(&a, &whole, 1e-7));
  CU_ASSERT_TRUE(a.products <= whole.products + 60);
  kit_close(&p);
}

int main(void)
{
  CU_pSuite suite;
  int status;
  if (!kit_begin())
    return 1;
  harness_start();
  suite = harness_suite("checkpoint");
  ADD_ALL_CASES(suite, every_cut_is_mended);
  ADD_ALL_CASES(suite, many_cuts_are_mended);
  ADD_ALL_CASES(suite, devices_take_over);
  ADD_ALL_CASES(suite, more_is_had);
  ADD_ALL_CASES(suite, bases_grow);
  ADD_CASE(suite, tighter_costs_little);
  status = harness_finish("checkpoint");
  kit_end();
  return status;
}
