/* 06_progress_cancel.c: watch a run, stop it, and keep what it found.
 *
 * The progress function is called once per restart. Here it stops the run when four of ten pairs
 * have converged, as a button "Cancel" might; these four are in the result, and approximations of
 * the others.
 *
 *   cc 06_progress_cancel.c $(pkg-config --cflags --libs speig) && ./a.out                      */
#include <speig/speig.h>

#include <stdio.h>

typedef struct watch {
  int32_t enough; /* pairs */
  int calls;
} watch;

static int look(void *user, const speig_progress *p)
{
  watch *w = user;
  ++w->calls;
  fprintf(stderr, "%s: %d of %d pairs after %d products\n", p->method, (int)p->converged,
          (int)p->wanted, (int)p->matvecs);
  return p->converged >= w->enough; /* not 0: stop */
}

int main(void)
{
  const char *names[] = { "nx", "ny" };
  const double values[] = { 60, 40 };
  watch impatient = { 4, 0 };
  speig_matrix *A = NULL;
  speig_operator *op = NULL;
  speig_eigsh_opts opts = SPEIG_EIGSH_OPTS_INIT;
  speig_eigsh_result *r = NULL;

  opts.k = 10;
  opts.which = SPEIG_SA;
  opts.method = SPEIG_LANCZOS;
  opts.progress = look;
  opts.progress_user = &impatient;
  if (speig_generate("laplacian2d", 2, names, values, 1, &A) ||
      speig_operator_from_matrix(A, &op) || speig_eigsh(op, NULL, &opts, &r)) {
    fprintf(stderr, "%s\n", speig_last_error());
    return 1;
  }
  printf("%s: the run was watched\n", impatient.calls > 0 ? "yes" : "no");
  printf("stopped: %s\n", speig_reason_name(r->reason));
  printf("%s, %d of %d pairs, %d more approximations\n", speig_outcome_name(r->outcome), (int)r->k,
         (int)r->wanted, (int)r->unconverged);

  speig_eigsh_result_free(&r);
  speig_operator_destroy(&op);
  speig_matrix_destroy(&A);
  return 0;
}
