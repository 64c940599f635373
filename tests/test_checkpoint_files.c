/* test_checkpoint_files.c: files of checkpoints that are foreign, damaged, truncated or made up,
 * and places that cannot be written: refused by name, or told, and never believed. */
#define _XOPEN_SOURCE 700 /* mkdtemp */
#include "checkpoint_kit.h"

#include <dirent.h>
#include <sys/stat.h>
#include <zlib.h>

static const kit_subject plain = { "lanczos", KIT_EIGSH, SPEIG_LANCZOS,           SPEIG_LA, 3, 16,
                                   0,         0,         "laplacian2d nx=9 ny=8", NULL,     1, 0 };
static const kit_subject general = { "krylov-schur",
                                     KIT_EIGS,
                                     SPEIG_KRYLOV_SCHUR,
                                     SPEIG_EIGS_LM,
                                     3,
                                     12,
                                     0,
                                     0,
                                     "laplacian2d nx=9 ny=8",
                                     NULL,
                                     1,
                                     0 };
static const kit_subject values = { "golub-kahan",
                                    KIT_SVDS,
                                    SPEIG_GOLUB_KAHAN,
                                    SPEIG_LM,
                                    3,
                                    12,
                                    0,
                                    0,
                                    "laplacian2d nx=9 ny=8",
                                    NULL,
                                    1,
                                    0 };
static const kit_subject lobpcg = {
  "lobpcg", KIT_EIGSH, SPEIG_LOBPCG, SPEIG_SA, 3, 0, 0, 0, "laplacian2d nx=9 ny=8", NULL, 1, 0
};
static const kit_subject shifted = { "shift-invert",
                                     KIT_EIGSH,
                                     SPEIG_LANCZOS,
                                     SPEIG_LM,
                                     3,
                                     14,
                                     1,
                                     2.2,
                                     "laplacian2d nx=9 ny=8",
                                     NULL,
                                     1,
                                     0 };

/* ---- files as bytes ---- */

typedef struct bytes {
  unsigned char *at;
  size_t size;
} bytes;

static bytes slurp(const char *path)
{
  FILE *in = fopen(path, "rb");
  bytes b = { NULL, 0 };
  CU_ASSERT_PTR_NOT_NULL_FATAL(in);
  fseek(in, 0, SEEK_END);
  b.size = (size_t)ftell(in);
  rewind(in);
  b.at = malloc(b.size + 1);
  CU_ASSERT_EQUAL(fread(b.at, 1, b.size, in), b.size);
  fclose(in);
  return b;
}

static void spill(const char *path, const unsigned char *at, size_t size)
{
  FILE *out = fopen(path, "wb");
  CU_ASSERT_PTR_NOT_NULL_FATAL(out);
  CU_ASSERT_EQUAL(fwrite(at, 1, size, out), size);
  fclose(out);
}

/* Makes the checksum right again. */
static void seal(bytes *b)
{
  uint32_t sum = (uint32_t)crc32_z(0, b->at, b->size - 8);
  memcpy(b->at + b->size - 8, &sum, sizeof sum);
}

/* A solve that was cut off, as a file. */
static bytes made_by(const kit_subject *s, speig_dtype dtype, int64_t limit)
{
  kit_problem p = kit_open(s, dtype);
  kit_wish w = { .device = SPEIG_HOST, .limit = limit, .save = kit_path("a.ck") };
  kit_answer a = kit_solve(s, &p, &w);
  CU_ASSERT_EQUAL_FATAL(a.status, SPEIG_OK);
  CU_ASSERT_TRUE_FATAL(a.checkpoints > 0);
  kit_close(&p);
  return slurp(kit_path("a.ck"));
}

static kit_answer resume(const kit_subject *s, const kit_problem *p, const char *path)
{
  return kit_solve(s, p, &(kit_wish){ .device = SPEIG_HOST, .limit = 400, .resume = path });
}

/* Refused with this status, and the message names the file and says this. */
static void expect_refused(const kit_answer *a, speig_status status, const char *path,
                           const char *words)
{
  int right =
      a->status == status && strstr(speig_last_error(), path) && strstr(speig_last_error(), words);
  if (!right)
    fprintf(stderr, "  status %d, needed %d with \"%s\": %s\n", (int)a->status, (int)status, words,
            speig_last_error());
  CU_ASSERT_TRUE(right);
}

/* ---- damage ---- */

/* Every region, every length: nothing of it is believed. */
static void damage_is_found(const test_case *tc)
{
  kit_problem p = kit_open(&plain, tc->dtype);
  bytes b = made_by(&plain, tc->dtype, 40);
  const char *path = kit_path("b.ck");
  for (size_t i = 0; i < b.size; i += i < 64 || i + 64 > b.size ? 1 : 1 + b.size / 61) {
    kit_answer a;
    b.at[i] ^= 0x10;
    spill(path, b.at, b.size);
    b.at[i] ^= 0x10;
    a = resume(&plain, &p, path);
    expect_refused(&a, SPEIG_ERR_FORMAT, path, "checkpoint");
  }
  for (size_t length = 0; length < b.size; length += length < 64 ? 1 : 1 + b.size / 53) {
    kit_answer a;
    spill(path, b.at, length);
    a = resume(&plain, &p, path);
    expect_refused(&a, SPEIG_ERR_FORMAT, path, "checkpoint");
  }
  spill(path, b.at, b.size); /* the file itself is good */
  CU_ASSERT_EQUAL(resume(&plain, &p, path).status, SPEIG_OK);
  free(b.at);
  kit_close(&p);
}
TEST_ALL_TYPES(damage_is_found)

static void what_is_wrong_is_said(void)
{
  kit_problem p = kit_open(&plain, SPEIG_D);
  bytes b = made_by(&plain, SPEIG_D, 40);
  const char *path = kit_path("b.ck");
  kit_answer a;
  spill(path, (const unsigned char *)"%%MatrixMarket matrix", 21);
  a = resume(&plain, &p, path);
  expect_refused(&a, SPEIG_ERR_FORMAT, path, "does not begin with \"speigckp\"");
  b.at[12] = 9; /* the version */
  spill(path, b.at, b.size);
  a = resume(&plain, &p, path);
  expect_refused(&a, SPEIG_ERR_FORMAT, path, "version 9, this speig reads version 1");
  b.at[12] = 1;
  for (int i = 0; i < 4; ++i)
    b.at[8 + i] = (unsigned char)(i + 1); /* the mark of the byte order */
  spill(path, b.at, b.size);
  a = resume(&plain, &p, path);
  expect_refused(&a, SPEIG_ERR_FORMAT, path, "other byte order");
  for (int i = 0; i < 4; ++i)
    b.at[8 + i] = (unsigned char)(4 - i);
  spill(path, b.at, b.size / 2);
  a = resume(&plain, &p, path);
  expect_refused(&a, SPEIG_ERR_FORMAT, path, "truncated or damaged");
  (void)unlink(path);
  a = resume(&plain, &p, path);
  expect_refused(&a, SPEIG_ERR_IO, path, "No such file");
  a = resume(&plain, &p, kit_folder);
  CU_ASSERT_TRUE(a.status == SPEIG_ERR_IO || a.status == SPEIG_ERR_FORMAT);
  free(b.at);
  kit_close(&p);
}

/* Bytes changed by somebody who also mends the checksum: an answer, or a refusal, and no fault. */
static void made_up_files_do_no_harm(void)
{
  static const kit_subject *const subjects[] = { &plain, &general, &values, &lobpcg, &shifted };
  const char *path = kit_path("b.ck");
  for (size_t i = 0; i < sizeof subjects / sizeof *subjects; ++i) {
    kit_problem p = kit_open(subjects[i], SPEIG_D);
    bytes b = made_by(subjects[i], SPEIG_D, 40);
    uint32_t random = 12345;
    int refused = 0;
    for (int round = 0; round < 60; ++round) {
      size_t at, place;
      unsigned char before, new_one;
      kit_answer a;
      random = random * 1664525u + 1013904223u;
      place = random >> 8;
      /* Half of them where the numbers are that say how large things are. */
      at = 16 + place % (round % 2 ? b.size - 40 : b.size < 1440 ? b.size - 40 : 1400);
      before = b.at[at];
      new_one = (unsigned char)(random >> 3);
      b.at[at] = new_one;
      seal(&b);
      spill(path, b.at, b.size);
      b.at[at] = before;
      a = kit_solve(subjects[i], &p,
                    &(kit_wish){ .device = SPEIG_HOST,
                                 .limit = 400,
                                 .resume = path,
                                 .seconds = 0.2,
                                 .is_unjudged = 1 });
      refused += a.status != SPEIG_OK;
    }
    CU_ASSERT_TRUE(refused > 0);
    free(b.at);
    kit_close(&p);
  }
}

/* ---- of another problem ---- */

static void expect_foreign(const kit_subject *s, speig_dtype dtype, const char *words)
{
  kit_problem p = kit_open(s, dtype);
  kit_answer a = resume(s, &p, kit_path("a.ck"));
  expect_refused(&a, SPEIG_ERR_ARG, kit_path("a.ck"), words);
  kit_close(&p);
}

static void foreign_files_are_refused(void)
{
  bytes b = made_by(&plain, SPEIG_D, 40);
  kit_subject s = plain;
  s.matrix = "laplacian2d nx=9 ny=9";
  expect_foreign(&s, SPEIG_D, "its matrix is 72 x 72, this one 81 x 81");
  s.matrix = "laplacian2d nx=8 ny=9"; /* as many rows and entries, in other places */
  expect_foreign(&s, SPEIG_D, "in other places");
  s.matrix = "laplacian1d n=72";
  expect_foreign(&s, SPEIG_D, "entries, this one 214");
  expect_foreign(&plain, SPEIG_S, "vectors of type d, this solve works in s");
  s = plain;
  s.which = SPEIG_SA;
  expect_foreign(&s, SPEIG_D, "for which LA, needed is SA");
  s = plain;
  s.mass = "laplacian2d nx=9 ny=8";
  s.method = SPEIG_LOBPCG;
  s.ncv = 0;
  expect_foreign(&s, SPEIG_D, "its B is 0 x 0, this one 72 x 72");
  s = plain;
  s.method = SPEIG_LOBPCG;
  s.ncv = 0;
  expect_foreign(&s, SPEIG_D, "made by method lanczos, from which lobpcg cannot go on");
  s = plain;
  s.has_sigma = 1;
  s.sigma = 2.5;
  expect_foreign(&s, SPEIG_D, "with sigma none, needed is 2.5");
  expect_foreign(&general, SPEIG_D, "is of a hermitian problem, this one is general");
  expect_foreign(&values, SPEIG_D, "is of a hermitian problem, this one is svd");
  free(b.at);
}

/* One entry differs in its last bit. */
static void one_bit_is_another_matrix(const test_case *tc)
{
  kit_problem p = kit_open(&plain, tc->dtype);
  bytes b = made_by(&plain, tc->dtype, 40);
  speig_matrix *other = NULL;
  speig_operator *op = NULL, *before = p.A.op;
  kit_answer a;
  CHECK_OK(speig_matrix_scaled(p.A.A, 1 + (tc->eps > 1e-10 ? 2e-7 : 3e-16), &other));
  CHECK_OK(speig_operator_from_matrix(other, &op));
  p.A.op = op;
  a = resume(&plain, &p, kit_path("a.ck"));
  expect_refused(&a, SPEIG_ERR_ARG, kit_path("a.ck"), "have other values");
  p.A.op = before;
  speig_operator_destroy(&op);
  speig_matrix_destroy(&other);
  free(b.at);
  kit_close(&p);
}
TEST_ALL_TYPES(one_bit_is_another_matrix)

/* ---- functions ---- */

typedef struct spring {
  double strength;
  int64_t calls;
} spring;

static int pull(void *user, const speig_block *X, speig_block *Y)
{
  spring *s = user;
  s->calls += X->cols;
  for (int64_t j = 0; j < X->cols; ++j) {
    const double *x = (const double *)X->data + j * X->ld;
    double *y = (double *)Y->data + j * Y->ld;
    for (int64_t i = 0; i < X->rows; ++i)
      y[i] = s->strength * (2 * x[i] - (i > 0 ? x[i - 1] : 0) - (i + 1 < X->rows ? x[i + 1] : 0));
  }
  return 0;
}

/* A function is known by a product: gone on with when it is the same, refused when it is not. */
static void functions_are_told_apart(void)
{
  enum { N = 400 };
  spring soft = { 1, 0 }, hard = { 1.01, 0 };
  speig_operator *A = NULL, *B = NULL;
  speig_eigsh_opts o = SPEIG_EIGSH_OPTS_INIT;
  speig_eigsh_result *r = NULL;
  CHECK_OK(speig_operator_create(SPEIG_D, N, pull, &soft, &A));
  CHECK_OK(speig_operator_create(SPEIG_D, N, pull, &hard, &B));
  o.k = 2;
  o.which = SPEIG_LA;
  o.method = SPEIG_LANCZOS;
  o.tol = 1e-8;
  o.max_matvecs = 150;
  o.checkpoint = kit_path("a.ck");
  CHECK_OK(speig_eigsh(A, NULL, &o, &r));
  CU_ASSERT_EQUAL(r->reason, SPEIG_STOP_MAX_MATVECS);
  speig_eigsh_result_free(&r);
  o.max_matvecs = 0;
  o.checkpoint = NULL;
  o.resume = kit_path("a.ck");
  CU_ASSERT_EQUAL(speig_eigsh(B, NULL, &o, &r), SPEIG_ERR_ARG);
  CU_ASSERT_PTR_NOT_NULL(strstr(speig_last_error(), "a product with its matrix has length"));
  CHECK_OK(speig_eigsh(A, NULL, &o, &r));
  CU_ASSERT_EQUAL(r->k, 2);
  CU_ASSERT_DOUBLE_EQUAL(r->values[1], 4 * pow(sin(acos(-1.0) * N / (2 * (N + 1.0))), 2), 1e-9);
  speig_eigsh_result_free(&r);
  speig_operator_destroy(&A);
  speig_operator_destroy(&B);
}

/* ---- places that cannot be written ---- */

static void bad_places_are_told(void)
{
  kit_problem p = kit_open(&plain, SPEIG_D);
  kit_wish w = { .device = SPEIG_HOST, .save = kit_path("none/a.ck") };
  kit_answer a = kit_solve(&plain, &p, &w);
  CU_ASSERT_EQUAL(a.status, SPEIG_ERR_IO); /* before the work, not after it */
  CU_ASSERT_PTR_NOT_NULL(strstr(speig_last_error(), "none/a.ck"));
  w.save = "/dev/full"; /* found out on the way: the solve does not suffer */
  a = kit_solve(&plain, &p, &w);
  CU_ASSERT_TRUE(a.status == SPEIG_OK && a.k == a.wanted && a.outcome == SPEIG_VALIDATED);
  CU_ASSERT_PTR_NOT_NULL(strstr(a.failure, "/dev/full"));
  CU_ASSERT_PTR_NOT_NULL(strstr(a.failure, "No space"));
  w.save = "-";
  a = kit_solve(&plain, &p, &w);
  CU_ASSERT_EQUAL(a.status, SPEIG_ERR_ARG);
  kit_close(&p);
}

/* A disk that gets full leaves the checkpoint before it as it was. */
static void the_one_before_stays(void)
{
  bytes before = made_by(&plain, SPEIG_D, 40), after;
  kit_problem p = kit_open(&plain, SPEIG_D);
  kit_wish w = { .device = SPEIG_HOST, .save = kit_path("a.ck"), .resume = kit_path("a.ck") };
  kit_answer a;
  if (geteuid() == 0) { /* whom no mode keeps out */
    free(before.at);
    kit_close(&p);
    harness_skip("root writes everywhere");
    return;
  }
  CU_ASSERT_EQUAL(chmod(kit_folder, 0500), 0);
  a = kit_solve(&plain, &p, &w);
  CU_ASSERT_EQUAL(chmod(kit_folder, 0700), 0);
  CU_ASSERT_EQUAL(a.status, SPEIG_ERR_IO);
  after = slurp(kit_path("a.ck"));
  CU_ASSERT_TRUE(after.size == before.size && memcmp(after.at, before.at, after.size) == 0);
  free(before.at);
  free(after.at);
  kit_close(&p);
}

/* ---- options ---- */

static void options_that_do_not_go_together(void)
{
  kit_subject s = plain;
  kit_problem p = kit_open(&s, SPEIG_D);
  kit_wish w = { .device = SPEIG_HOST, .save = kit_path("d.ck") };
  speig_block X = { 0 };
  speig_eigsh_opts o = SPEIG_EIGSH_OPTS_INIT;
  speig_eigsh_result *r = NULL;
  kit_answer a;
  s.method = SPEIG_DENSE;
  s.ncv = 0;
  CU_ASSERT_EQUAL(kit_solve(&s, &p, &w).status, SPEIG_ERR_UNSUPPORTED);
  s.method = SPEIG_METHOD_AUTO; /* LAPACK all the same: nothing to go on with, and no file */
  a = kit_solve(&s, &p, &w);
  CU_ASSERT_TRUE(a.status == SPEIG_OK && a.method == SPEIG_DENSE && a.checkpoints == 0);
  CU_ASSERT_NOT_EQUAL(access(kit_path("d.ck"), F_OK), 0);
  w.every = -1;
  CU_ASSERT_EQUAL(kit_solve(&plain, &p, &w).status, SPEIG_ERR_ARG);
  CHECK_OK(speig_block_alloc(SPEIG_D, p.A.n, 1, &X));
  o.guess = &X;
  o.resume = "any";
  CU_ASSERT_EQUAL(speig_eigsh(p.A.op, NULL, &o, &r), SPEIG_ERR_ARG);
  CU_ASSERT_PTR_NOT_NULL(strstr(speig_last_error(), "exclude each other"));
  speig_block_free(&X);
  kit_close(&p);
}

/* Auto goes on by the method that the file was made by, though it would choose LAPACK now. */
static void auto_goes_on_as_it_began(void)
{
  bytes b = made_by(&plain, SPEIG_D, 40);
  kit_subject s = plain;
  kit_problem p = kit_open(&s, SPEIG_D);
  kit_answer a;
  s.method = SPEIG_METHOD_AUTO;
  s.ncv = 0;
  a = resume(&s, &p, kit_path("a.ck"));
  CU_ASSERT_TRUE(a.status == SPEIG_OK && a.k == a.wanted);
  CU_ASSERT_EQUAL(a.method, SPEIG_LANCZOS);
  CU_ASSERT_EQUAL(a.resumed, SPEIG_RESUMED_STATE);
  free(b.at);
  kit_close(&p);
}

/* Written when it is time to: at every step, when every step is late. */
static void time_brings_checkpoints(const test_case *tc)
{
  kit_problem p = kit_open(&plain, tc->dtype);
  kit_wish w = { .device = tc->device, .save = kit_path("c.ck"), .every = 1e-9 };
  kit_answer a = kit_solve(&plain, &p, &w), seldom;
  w.every = 1e6;
  seldom = kit_solve(&plain, &p, &w);
  CU_ASSERT_EQUAL(a.status, SPEIG_OK);
  CU_ASSERT_TRUE(a.checkpoints > 10);
  CU_ASSERT_TRUE(seldom.checkpoints >= 1 && seldom.checkpoints <= 3);
  CU_ASSERT_EQUAL(a.products, seldom.products);
  CU_ASSERT_EQUAL(memcmp(a.values, seldom.values, sizeof a.values), 0);
  kit_close(&p);
}
TEST_ALL_CASES(time_brings_checkpoints)

/* Nothing but the files asked for lies in the folder. */
static void nothing_is_left_behind(void)
{
  DIR *folder = opendir(kit_folder);
  struct dirent *entry;
  CU_ASSERT_PTR_NOT_NULL_FATAL(folder);
  while ((entry = readdir(folder)) != NULL)
    CU_ASSERT_PTR_NULL(strstr(entry->d_name, "part"));
  closedir(folder);
}

int main(void)
{
  CU_pSuite suite;
  int status;
  if (!kit_begin())
    return 1;
  harness_start();
  suite = harness_suite("checkpoint_files");
  ADD_ALL_CASES(suite, damage_is_found);
  ADD_CASE(suite, what_is_wrong_is_said);
  ADD_CASE(suite, made_up_files_do_no_harm);
  ADD_CASE(suite, foreign_files_are_refused);
  ADD_ALL_CASES(suite, one_bit_is_another_matrix);
  ADD_CASE(suite, functions_are_told_apart);
  ADD_CASE(suite, bad_places_are_told);
  ADD_CASE(suite, the_one_before_stays);
  ADD_CASE(suite, options_that_do_not_go_together);
  ADD_CASE(suite, auto_goes_on_as_it_began);
  ADD_ALL_CASES(suite, time_brings_checkpoints);
  ADD_CASE(suite, nothing_is_left_behind);
  status = harness_finish("checkpoint_files");
  kit_end();
  return status;
}
