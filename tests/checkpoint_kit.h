/* checkpoint_kit.h: for tests of checkpoints: one form for every call that writes and reads them.
 */
#ifndef SPEIG_TESTS_CHECKPOINT_KIT_H
#define SPEIG_TESTS_CHECKPOINT_KIT_H

#include "harness.h"
#include "solve_kit.h"

#include "speig/eigs.h"
#include "speig/svds.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { KIT_MOST = 32 };

typedef enum kit_call { KIT_EIGSH, KIT_EIGS, KIT_SVDS } kit_call;

/* A problem and how it is solved. */
typedef struct kit_subject {
  const char *name;
  kit_call call;
  speig_method method;
  int which; /* of the call */
  int32_t k, ncv;
  int has_sigma;
  double sigma;
  const char *matrix; /* generator; mass NULL: standard */
  const char *mass;
  int is_exact; /* resumed runs have the bits of uninterrupted ones on the same device */
  double tol;
} kit_subject;

/* What is asked for beside that. */
typedef struct kit_wish {
  speig_device device;
  int64_t limit; /* products; 0: none */
  int32_t more; /* pairs beyond the subject's */
  double tol; /* 0: the subject's */
  double every; /* seconds between checkpoints; 0: as the library likes */
  const char *save, *resume;
  double seconds; /* time limit; 0: none */
  int is_unjudged; /* the answer may be wrong */
  speig_progress_fn progress;
  void *user;
} kit_wish;

typedef struct kit_answer {
  speig_status status;
  int32_t k, wanted, checkpoints;
  speig_outcome outcome;
  speig_reason reason;
  speig_resumed resumed;
  speig_method method;
  int64_t products;
  double values[2 * KIT_MOST], residuals[KIT_MOST];
  int parts; /* numbers in a value */
  double worst; /* largest relative residual */
  char failure[256];
} kit_answer;

/* Operators in the type under test. */
typedef struct kit_problem {
  model A, B;
  int has_mass;
} kit_problem;

static char kit_folder[512];

static inline const char *kit_path(const char *name)
{
  static char path[4][1024];
  static int turn;
  turn = (turn + 1) % 4;
  (void)snprintf(path[turn], sizeof path[turn], "%s/%s", kit_folder, name);
  return path[turn];
}

static inline int kit_begin(void)
{
  const char *base = getenv("TMPDIR");
  (void)snprintf(kit_folder, sizeof kit_folder, "%s/speig-ck-XXXXXX", base ? base : "/tmp");
  return mkdtemp(kit_folder) != NULL;
}

static inline void kit_end(void)
{
  static const char *const names[] = { "a.ck", "b.ck", "c.ck", "d.ck" };
  for (size_t i = 0; i < sizeof names / sizeof *names; ++i)
    (void)unlink(kit_path(names[i]));
  (void)rmdir(kit_folder); /* fails when something was left behind, which a test looks at */
}

/* From "laplacian2d nx=17 ny=16". */
static inline model kit_matrix(speig_dtype dtype, const char *text)
{
  enum { MOST = 4 };
  char copy[128], *names[MOST] = { NULL };
  double values[MOST] = { 0 };
  int count = 0;
  (void)snprintf(copy, sizeof copy, "%s", text);
  for (char *at = strchr(copy, ' '); at && count < MOST; at = strchr(at, ' ')) {
    char *equals;
    *at++ = 0;
    names[count] = at;
    equals = strchr(at, '=');
    *equals = 0;
    values[count++] = strtod(equals + 1, &at);
  }
  return count == 1   ? model_make(dtype, 1, copy, names[0], values[0], NULL)
         : count == 2 ? model_make(dtype, 1, copy, names[0], values[0], names[1], values[1], NULL)
                      : model_make(dtype, 1, copy, names[0], values[0], names[1], values[1],
                                   names[2], values[2], NULL);
}

static inline kit_problem kit_open(const kit_subject *s, speig_dtype dtype)
{
  kit_problem p = { .has_mass = s->mass != NULL };
  p.A = kit_matrix(dtype, s->matrix);
  if (s->mass)
    p.B = kit_matrix(dtype, s->mass);
  return p;
}

static inline void kit_close(kit_problem *p)
{
  model_drop(&p->A);
  if (p->has_mass)
    model_drop(&p->B);
}

static inline void kit_numbers(kit_answer *a, int parts, const double *values,
                               const double *residuals, const double *relative)
{
  a->parts = parts;
  for (int32_t i = 0; i < a->k && i < KIT_MOST; ++i) {
    for (int part = 0; part < parts; ++part)
      a->values[parts * i + part] = values[parts * i + part];
    a->residuals[i] = residuals[i];
    a->worst = fmax(a->worst, relative[i]);
  }
}

/* The fields that options and results of all calls have. */
#define KIT_FILL(o)                                                                                \
  do {                                                                                             \
    (o).k = s->k + w->more;                                                                        \
    (o).ncv = s->ncv;                                                                              \
    (o).method = s->method;                                                                        \
    (o).device = w->device;                                                                        \
    (o).tol = w->tol > 0 ? w->tol : s->tol;                                                        \
    (o).max_matvecs = w->limit;                                                                    \
    (o).time_limit = w->seconds;                                                                   \
    (o).checkpoint = w->save;                                                                      \
    (o).checkpoint_every = w->every;                                                               \
    (o).resume = w->resume;                                                                        \
    (o).threads = 2;                                                                               \
    (o).progress = w->progress;                                                                    \
    (o).progress_user = w->user;                                                                   \
  } while (0)
#define KIT_TAKE(a, r)                                                                             \
  do {                                                                                             \
    (a).k = (r)->k;                                                                                \
    (a).wanted = (r)->wanted;                                                                      \
    (a).outcome = (r)->outcome;                                                                    \
    (a).reason = (r)->reason;                                                                      \
    (a).method = (r)->method;                                                                      \
    (a).resumed = (r)->resumed;                                                                    \
    (a).checkpoints = (r)->checkpoints;                                                            \
    (void)snprintf((a).failure, sizeof(a).failure, "%s", (r)->checkpoint_failure);                 \
  } while (0)

static inline void kit_eigsh(const kit_subject *s, const kit_problem *p, const kit_wish *w,
                             kit_answer *a)
{
  speig_eigsh_opts o = SPEIG_EIGSH_OPTS_INIT;
  speig_eigsh_result *r = NULL;
  KIT_FILL(o);
  o.which = (speig_which)s->which;
  o.has_sigma = s->has_sigma;
  o.sigma = s->sigma;
  a->status = speig_eigsh(p->A.op, p->has_mass ? p->B.op : NULL, &o, &r);
  if (!r)
    return;
  KIT_TAKE(*a, r);
  a->products = r->matvecs + r->solves;
  kit_numbers(a, 1, r->values, r->residuals, r->relative_residuals);
  /* The judge of values there is for tight tolerances. */
  if (!p->has_mass && !s->has_sigma && o.tol <= 1e-5 && !w->is_unjudged)
    CU_ASSERT_TRUE(answer_is_right(&p->A, &o, r));
  speig_eigsh_result_free(&r);
}

static inline void kit_eigs(const kit_subject *s, const kit_problem *p, const kit_wish *w,
                            kit_answer *a)
{
  speig_eigs_opts o = SPEIG_EIGS_OPTS_INIT;
  speig_eigs_result *r = NULL;
  KIT_FILL(o);
  o.which = (speig_eigs_which)s->which;
  o.has_sigma = s->has_sigma;
  o.sigma[0] = s->sigma;
  a->status = speig_eigs(p->A.op, p->has_mass ? p->B.op : NULL, &o, &r);
  if (!r)
    return;
  KIT_TAKE(*a, r);
  a->products = r->matvecs + r->solves;
  kit_numbers(a, 2, r->values, r->residuals, r->relative_residuals);
  speig_eigs_result_free(&r);
}

static inline void kit_svds(const kit_subject *s, const kit_problem *p, const kit_wish *w,
                            kit_answer *a)
{
  speig_svds_opts o = SPEIG_SVDS_OPTS_INIT;
  speig_svds_result *r = NULL;
  KIT_FILL(o);
  o.which = (speig_which)s->which;
  a->status = speig_svds(p->A.op, &o, &r);
  if (!r)
    return;
  KIT_TAKE(*a, r);
  a->products = r->matvecs + r->adjoint_matvecs;
  kit_numbers(a, 1, r->values, r->residuals, r->relative_residuals);
  speig_svds_result_free(&r);
}

static inline kit_answer kit_solve(const kit_subject *s, const kit_problem *p, const kit_wish *w)
{
  kit_answer a = { .status = SPEIG_OK };
  if (s->call == KIT_EIGSH)
    kit_eigsh(s, p, w, &a);
  else if (s->call == KIT_EIGS)
    kit_eigs(s, p, w, &a);
  else
    kit_svds(s, p, w, &a);
  return a;
}

#endif
