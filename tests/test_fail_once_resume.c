/* test_fail_once_resume.c: every allocation fails once in solves that write checkpoints, in those
 * that go on from one, and in the density of states. A checkpoint that cannot be written costs the
 * checkpoint and not the solve, which then tells so; the file that is there is whole in any case.
 */
#define _XOPEN_SOURCE 700 /* mkdtemp */
#include "checkpoint_kit.h"
#include "fail_kit.h"

#include <dirent.h>
#include <zlib.h>

static const kit_subject subjects[] = {
  { "lanczos", KIT_EIGSH, SPEIG_LANCZOS, SPEIG_LA, 2, 12, 0, 0, "laplacian2d nx=9 ny=8", NULL, 1,
    0 },
  { "lobpcg", KIT_EIGSH, SPEIG_LOBPCG, SPEIG_SA, 2, 0, 0, 0, "laplacian2d nx=9 ny=8", NULL, 0,
    1e-4 },
  { "shift-invert", KIT_EIGSH, SPEIG_LANCZOS, SPEIG_LM, 2, 12, 1, 2.2, "laplacian2d nx=9 ny=8",
    NULL, 1, 0 },
  { "krylov-schur", KIT_EIGS, SPEIG_KRYLOV_SCHUR, SPEIG_EIGS_LM, 2, 12, 0, 0,
    "convection2d nx=9 ny=8", NULL, 1, 0 },
  { "golub-kahan", KIT_SVDS, SPEIG_GOLUB_KAHAN, SPEIG_LM, 2, 12, 0, 0, "laplacian2d nx=9 ny=8",
    NULL, 1, 0 },
};

typedef struct inputs {
  const kit_subject *subject;
  kit_problem problem;
  int64_t usual; /* files that a solve writes undisturbed; 0: not known yet */
} inputs;

static uint64_t look(const void *user)
{
  const inputs *in = user;
  uint64_t digest = 0;
  fail_mix_matrix(&digest, in->problem.A.A);
  return digest;
}

/* With an end, and with the checksum of what comes before. */
static int is_whole(const char *path)
{
  static unsigned char bytes[1 << 18];
  FILE *in = fopen(path, "rb");
  const size_t size = in ? fread(bytes, 1, sizeof bytes, in) : 0;
  uint32_t sum = 0;
  if (!in || fclose(in) != 0 || size < 32 || size == sizeof bytes)
    return 0;
  memcpy(&sum, bytes + size - 8, sizeof sum);
  return memcmp(bytes + size - 4, "END\n", 4) == 0 && sum == crc32_z(0, bytes, size - 8);
}

static void mix(uint64_t *digest, const kit_answer *a)
{
  fail_mix(digest, &a->k, sizeof a->k);
  fail_mix(digest, &a->products, sizeof a->products);
  fail_mix(digest, a->values, (size_t)(a->parts * a->k) * sizeof *a->values);
  fail_mix(digest, a->residuals, (size_t)a->k * sizeof *a->residuals);
}

static speig_status save(void *user, uint64_t *digest)
{
  inputs *in = user;
  const char *path = kit_path("b.ck");
  const kit_wish w = { .device = SPEIG_HOST, .limit = 400, .save = path, .is_unjudged = 1 };
  const kit_answer a = kit_solve(in->subject, &in->problem, &w);
  if (a.status != SPEIG_OK)
    return a.status;
  if (in->usual == 0)
    in->usual = a.checkpoints;
  CU_ASSERT_TRUE(a.checkpoints <= in->usual);
  CU_ASSERT_EQUAL(a.checkpoints < in->usual, a.failure[0] != '\0');
  CU_ASSERT_TRUE(is_whole(path));
  mix(digest, &a);
  return a.status;
}

static speig_status resume(void *user, uint64_t *digest)
{
  const inputs *in = user;
  const kit_wish w = {
    .device = SPEIG_HOST, .limit = 400, .resume = kit_path("a.ck"), .is_unjudged = 1
  };
  const kit_answer a = kit_solve(in->subject, &in->problem, &w);
  CU_ASSERT_TRUE(a.status != SPEIG_OK || a.resumed == SPEIG_RESUMED_STATE);
  if (a.status == SPEIG_OK)
    mix(digest, &a);
  return a.status;
}

/* Nothing but the files asked for. */
static void expect_no_litter(void)
{
  DIR *folder = opendir(kit_folder);
  const struct dirent *entry;
  CU_ASSERT_PTR_NOT_NULL_FATAL(folder);
  while ((entry = readdir(folder)) != NULL)
    CU_ASSERT_PTR_NULL(strstr(entry->d_name, "part"));
  (void)closedir(folder);
}

static void sweep(const kit_subject *subject, speig_dtype dtype, fail_tally *tally)
{
  const fail_call calls[] = { { "saved", save }, { "resumed", resume } };
  inputs in = { .subject = subject, .problem = kit_open(subject, dtype) };
  const kit_wish cut = { .device = SPEIG_HOST,
                         .limit = subject->has_sigma ? 6 : 14,
                         .save = kit_path("a.ck"),
                         .is_unjudged = 1 };
  const kit_answer half = kit_solve(subject, &in.problem, &cut);
  if (subject->has_sigma && half.status == SPEIG_ERR_UNSUPPORTED) { /* no factorizations */
    kit_close(&in.problem);
    return;
  }
  CU_ASSERT_EQUAL_FATAL(half.status, SPEIG_OK);
  CU_ASSERT_EQUAL(half.reason, SPEIG_STOP_MAX_MATVECS);
  for (size_t i = 0; i < sizeof calls / sizeof *calls; ++i) {
    char name[64];
    (void)snprintf(name, sizeof name, "%s, %s", subject->name, calls[i].name);
    fail_sweep(&(fail_call){ name, calls[i].run }, &in, look, tally);
  }
  expect_no_litter();
  kit_close(&in.problem);
}

static void checkpoints_and_memory(const test_case *tc)
{
  fail_tally tally = { 0 };
  for (size_t i = 0; i < sizeof subjects / sizeof *subjects; ++i)
    sweep(&subjects[i], tc->dtype, &tally);
  fail_tell(&tally);
}
TEST_ALL_TYPES(checkpoints_and_memory)

static speig_status run_dos(void *user, uint64_t *digest)
{
  const inputs *in = user;
  speig_dos_opts opts = SPEIG_DOS_OPTS_INIT;
  speig_dos_result *r = NULL;
  opts.degree = 24;
  opts.vectors = 3;
  opts.points = 16;
  opts.threads = 1;
  const speig_status st = speig_dos(in->problem.A.op, &opts, &r);
  CU_ASSERT_EQUAL(r != NULL, st == SPEIG_OK);
  if (r) {
    fail_mix(digest, r->moments, ((size_t)r->degree + 1) * sizeof *r->moments);
    fail_mix(digest, r->density, (size_t)r->points * sizeof *r->density);
    fail_mix(digest, r->below_errors, (size_t)r->points * sizeof *r->below_errors);
  }
  speig_dos_result_free(&r);
  return st;
}

static void density_of_states(const test_case *tc)
{
  const fail_call call = { "dos", run_dos };
  fail_tally tally = { 0 };
  inputs in = { .problem = kit_open(&subjects[0], tc->dtype) };
  fail_sweep(&call, &in, look, &tally);
  fail_tell(&tally);
  kit_close(&in.problem);
}
TEST_ALL_TYPES(density_of_states)

int main(void)
{
  CU_pSuite suite;
  int status;
  if (!kit_begin())
    return 1;
  harness_start();
  suite = harness_suite("fail_once_resume");
  ADD_ALL_CASES(suite, checkpoints_and_memory);
  ADD_ALL_CASES(suite, density_of_states);
  status = harness_finish("fail_once_resume");
  kit_end();
  return status;
}
