/* test_interrupt.c: solves that are stopped at random moments, by the progress callback and by
 * Ctrl-C of the command. What comes back is what was found: each pair holds its residual,
 * recomputed here by plain loops, and no pair comes twice. SPEIG_TEST_LONG: 200 moments of each,
 * and how long stopping took. */
#define _POSIX_C_SOURCE 200809L
#include "shift_kit.h"
#include "solve_kit.h"

#include "speig/speig.h"

#include <cjson/cJSON.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { SOME = 12, MANY = 200 };

static int moments(void)
{
  return getenv("SPEIG_TEST_LONG") ? MANY : SOME;
}

/* Seconds of the processor from being asked to stop to the end. Time on the wall, and the moments
 * in it, would depend on what else the machine does. */
static double patience(void)
{
  return getenv("SPEIG_TEST_SLOW") ? 60 : 1;
}

static double own_seconds(void)
{
  struct timespec now = { 0, 0 };
  (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* ---- residuals ---- */

typedef double _Complex number;

/* max of ||A x - lambda x|| and of |x_i^H x_j - delta_ij|, over k columns of n numbers each. */
static void recompute(const speig_matrix *A, int32_t k, const number *values, const number *x,
                      double *residual, double *defect)
{
  const int64_t *rowptr;
  const int32_t *colind;
  const void *entries;
  const speig_matrix_info info = speig_matrix_get_info(A);
  const int64_t n = info.rows;
  speig_matrix_arrays(A, &rowptr, &colind, &entries);
  *residual = *defect = 0;
  for (int32_t j = 0; j < k; ++j) {
    double sum = 0;
    for (int64_t i = 0; i < n; ++i) {
      number r = -values[j] * x[i + j * n];
      for (int64_t e = rowptr[i]; e < rowptr[i + 1]; ++e)
        r += kit_get(info.dtype, entries, e) * x[colind[e] + j * n];
      sum += creal(r) * creal(r) + cimag(r) * cimag(r);
    }
    *residual = fmax(*residual, sqrt(sum));
    for (int32_t h = 0; h <= j; ++h) {
      number dot = 0;
      for (int64_t i = 0; i < n; ++i)
        dot += conj(x[i + h * n]) * x[i + j * n];
      *defect = fmax(*defect, cabs(dot - (h == j)));
    }
  }
}

static number *numbers_of(const speig_block *X)
{
  number *x = calloc((size_t)(X->rows * X->cols) + 1, sizeof *x);
  for (int64_t j = 0; j < X->cols; ++j)
    for (int64_t i = 0; i < X->rows; ++i)
      x[i + j * X->rows] = kit_get(X->dtype, X->data, i + j * X->ld);
  return x;
}

/* ---- the callback ---- */

typedef struct deadline {
  double at; /* own_seconds(); asked to stop at the first report from then on */
  double asked; /* 0: not yet */
  int calls_after;
} deadline;

static int stop_in_time(void *user, const speig_progress *progress)
{
  deadline *d = user;
  (void)progress;
  if (d->asked > 0)
    ++d->calls_after;
  if (own_seconds() < d->at)
    return 0;
  d->asked = d->asked > 0 ? d->asked : own_seconds();
  return 1;
}

typedef struct tally {
  int partial, complete, none;
  double longest;
} tally;

static void stop_hermitian(const model *m, const speig_eigsh_opts *way, double after, tally *t)
{
  speig_eigsh_opts opts = *way;
  speig_eigsh_result *r = NULL;
  deadline d = { .at = own_seconds() + after };
  double residual, defect;
  opts.progress = stop_in_time;
  opts.progress_user = &d;
  CHECK_OK(speig_eigsh(m->op, NULL, &opts, &r));
  if (d.asked > 0) {
    t->longest = fmax(t->longest, own_seconds() - d.at);
    /* all of them may be there when it comes */
    CU_ASSERT_TRUE(r->reason == SPEIG_STOP_CANCELLED || r->k == r->wanted);
    CU_ASSERT_EQUAL(d.calls_after, 0);
  }
  number *values = calloc((size_t)r->k + 1, sizeof *values), *x = numbers_of(&r->vectors);
  for (int32_t j = 0; j < r->k; ++j)
    values[j] = r->values[j];
  recompute(m->A, r->k, values, x, &residual, &defect);
  CU_ASSERT_TRUE(residual <= r->tol * 16.1);
  CU_ASSERT_TRUE(defect <= 1e-10);
  CU_ASSERT_TRUE(r->k == r->wanted || r->outcome == (r->k > 0 ? SPEIG_PARTIAL : SPEIG_FAILED));
  *(r->k == r->wanted ? &t->complete : r->k > 0 ? &t->partial : &t->none) += 1;
  free(values);
  free(x);
  speig_eigsh_result_free(&r);
}

static void tell(const char *what, int count, const tally *t)
{
  if (getenv("SPEIG_TEST_LONG"))
    fprintf(stderr,
            "\n  %s: %d moments: %d complete, %d partial, %d without a pair; at most %.3f s of the "
            "processor to stop\n",
            what, count, t->complete, t->partial, t->none, t->longest);
  CU_ASSERT_TRUE(t->longest < patience());
}

static void callbacks_stop_at_any_moment(void)
{
  model m = model_make(SPEIG_D, 1, "laplacian2d", "nx", 40.0, "ny", 37.0, NULL);
  const int count = moments();
  tally t = { 0, 0, 0, 0 };
  double whole[3], before = own_seconds();
  for (int i = 0; i < count; ++i) {
    static const speig_method methods[] = { SPEIG_LANCZOS, SPEIG_LOBPCG, SPEIG_LANCZOS };
    speig_eigsh_opts opts = opts_for(SPEIG_HOST, methods[i % 3], 12, SPEIG_SA);
    opts.tol = 1e-11;
    opts.threads = 1;
    if (i % 3 == 2) {
      opts.has_sigma = 1;
      opts.sigma = 0.7;
      opts.which = SPEIG_LM;
    }
    if (i < 3) { /* how long it takes when nobody stops it */
      stop_hermitian(&m, &opts, INFINITY, &t);
      whole[i] = own_seconds() - before;
      before = own_seconds();
      continue;
    }
    stop_hermitian(&m, &opts, whole[i % 3] * 0.5 * (1 + random_uniform(17, i, 0, 0)), &t);
  }
  tell("callback", count, &t);
  CU_ASSERT_TRUE(t.partial > 0 || !getenv("SPEIG_TEST_LONG"));
  model_drop(&m);
}

/* ---- Ctrl-C ---- */

/* What a process has used of the processor so far, in seconds; negative when that is not known. */
static double used_by(pid_t process)
{
  clockid_t clock;
  struct timespec now = { 0, 0 };
  if (clock_getcpuclockid(process, &clock) != 0 || clock_gettime(clock, &now) != 0)
    return -1;
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static double seconds_of(const struct rusage *usage)
{
  return (double)(usage->ru_utime.tv_sec + usage->ru_stime.tv_sec) +
         1e-6 * (double)(usage->ru_utime.tv_usec + usage->ru_stime.tv_usec);
}

/* Starts the command, its words in argv, with the streams in files; interrupts it after so much of
 * the processor (never: when it is infinite), and waits. The exit status; *seconds from the signal
 * to the end, or of all. */
static int interrupt(char *const *argv, double after, double *seconds)
{
  struct rusage before, all;
  const struct timespec pause = { 0, 200000 };
  int status = 0;
  double used = 0;
  (void)getrusage(RUSAGE_CHILDREN, &before);
  (void)fflush(NULL);
  const pid_t child = fork();
  CU_ASSERT_TRUE_FATAL(child >= 0);
  if (child == 0) {
    (void)signal(SIGINT, SIG_DFL); /* what runs in the background of a script may ignore it */
    if (freopen("interrupt.out", "w", stdout) && freopen("interrupt.err", "w", stderr))
      (void)execv(argv[0], argv);
    _exit(127);
  }
  int ended = 0;
  while (isfinite(after) && !ended && (used = used_by(child)) < after && used >= 0) {
    ended = waitpid(child, &status, WNOHANG) == child;
    (void)nanosleep(&pause, NULL);
  }
  if (isfinite(after) && !ended)
    (void)kill(child, SIGINT);
  if (!ended)
    (void)waitpid(child, &status, 0);
  (void)getrusage(RUSAGE_CHILDREN, &all);
  *seconds = seconds_of(&all) - seconds_of(&before) - fmax(used, 0);
  return status;
}

static char *read_all(const char *path)
{
  static char text[1 << 18];
  FILE *in = fopen(path, "r");
  size_t size = in ? fread(text, 1, sizeof text - 1, in) : 0;
  text[size] = '\0';
  if (in)
    (void)fclose(in);
  return text;
}

/* The files that the command has left: as many vectors as values, and each pair holds. */
static void check_files(const speig_matrix *A, const char *json, const char *vectors, int code,
                        tally *t)
{
  speig_block X = { .data = NULL };
  double residual, defect;
  cJSON *root = cJSON_Parse(read_all(json));
  const cJSON *list = cJSON_GetObjectItem(root, "eigenvalues"), *item;
  CU_ASSERT_PTR_NOT_NULL_FATAL(root);
  const int32_t k = cJSON_GetArraySize(list);
  const int32_t wanted = (int32_t)cJSON_GetObjectItem(root, "wanted")->valuedouble;
  const double tol = cJSON_GetObjectItem(root, "tol")->valuedouble;
  number *values = calloc((size_t)k + 1, sizeof *values), *x;
  CHECK_OK(speig_mm_read_dense(vectors, NULL, &X));
  CU_ASSERT_EQUAL_FATAL(X.cols, k);
  x = numbers_of(&X);
  int32_t j = 0;
  cJSON_ArrayForEach(item, list) values[j++] = item->valuedouble;
  recompute(A, k, values, x, &residual, &defect);
  CU_ASSERT_TRUE(residual <= 16.1 * tol);
  CU_ASSERT_TRUE(defect <= 1e-10);
  CU_ASSERT_TRUE(k < wanted ? code == 130 : code == 0 || code == 130);
  *(k == wanted ? &t->complete : k > 0 ? &t->partial : &t->none) += 1;
  free(values);
  free(x);
  speig_block_free(&X);
  cJSON_Delete(root);
}

static void interrupts_come_at_any_moment(void)
{
  char folder[] = "interrupt_XXXXXX", cwd[4096];
  char command[] = SPEIG_TEST_COMMAND; /* an absolute path */
  static char *const methods[][3] = { { "--method=lanczos", "--which=SA", "--tol=1e-11" },
                                      { "--method=lobpcg", "--which=SA", "--tol=1e-11" },
                                      { "--sigma=0.7", "--which=LM", "--tol=1e-11" } };
  const int count = moments();
  int before = 0; /* signals that came before there was a solve */
  double whole[3] = { 0, 0, 0 };
  tally t = { 0, 0, 0, 0 };
  model m = model_make(SPEIG_D, 1, "laplacian2d", "nx", 44.0, "ny", 39.0, NULL);
  CU_ASSERT_PTR_NOT_NULL_FATAL(getcwd(cwd, sizeof cwd));
  CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder));
  CU_ASSERT_EQUAL_FATAL(chdir(folder), 0);
  CHECK_OK(speig_mm_write("a.mtx", m.A, NULL));
  for (int i = 0; i < count; ++i) {
    char *const *how = methods[i % 3];
    char *argv[] = {
      command,         "a.mtx",           "-k",          "12", how[0], how[1], how[2],
      "--json=r.json", "--vectors=x.mtx", "--threads=1", NULL
    };
    double seconds = 0;
    (void)unlink("r.json");
    (void)unlink("x.mtx");
    const double after = i < 3 ? INFINITY : whole[i % 3] * 0.5 * (1 + random_uniform(19, i, 0, 0));
    const int status = interrupt(argv, after, &seconds);
    if (i < 3)
      whole[i] = seconds;
    else
      t.longest = fmax(t.longest, seconds);
    if (WIFSIGNALED(status)) { /* reading, or writing: complete files or none */
      CU_ASSERT_EQUAL(WTERMSIG(status), SIGINT);
      CU_ASSERT_NOT_EQUAL(access("r.json", F_OK), 0);
      ++before;
    } else {
      check_files(m.A, "r.json", "x.mtx", WEXITSTATUS(status), &t);
    }
  }
  tell("Ctrl-C", count - before, &t);
  for (const char *const *name = (const char *const[]){ "a.mtx", "r.json", "x.mtx", "interrupt.out",
                                                        "interrupt.err", NULL };
       *name; ++name)
    (void)unlink(*name);
  CU_ASSERT_EQUAL(chdir(cwd), 0);
  CU_ASSERT_EQUAL(rmdir(folder), 0); /* no litter */
  CU_ASSERT_TRUE(count - before > count / 3);
  /* Some come in time; a busy machine may make this one too slow to send them. */
  CU_ASSERT_TRUE(t.partial + t.none > count / 20 || !getenv("SPEIG_TEST_LONG"));
  model_drop(&m);
}

int main(void)
{
  CU_pSuite suite;
  harness_start();
  suite = harness_suite("interrupt");
  ADD_CASE(suite, callbacks_stop_at_any_moment);
  if (SPEIG_TEST_COMMAND[0] != '\0')
    ADD_CASE(suite, interrupts_come_at_any_moment);
  return harness_finish("interrupt");
}
