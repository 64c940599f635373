/* test_eigs_real.c: real and complex nonsymmetric matrices from practice, whole spectra by LAPACK:
 * chemistry, flow, circuits, economics, waveguides. */
#include "eigs_kit.h"

#include "speig/matrix_market.h"

#include <stdio.h>

typedef struct specimen {
  const char *file, *mass;
} specimen;

static const specimen SPECIMENS[] = {
  { "mtx/west0067.mtx", NULL },
  { "mtx/west0479.mtx", NULL },
  { "mtx/lnsp_131.mtx", NULL },
  { "mtx/fs_183_6.mtx", NULL },
  { "mtx/pyamg_recirc_flow.mtx", NULL },
  { "mtx/ck656.mtx", NULL },
  { "mtx/mbeacxc.mtx", NULL },
  { "mtx/rand_array_100.mtx", NULL },
  { "mtx/arpack_testA.mtx", NULL },
  { "mtx/Zsprandn388.mtx.gz", NULL },
  { "mtx/qc324.mtx.gz", NULL },
  { "mtx/plasma512_m0.mtx", NULL },
  { "mtx/bfw62a.mtx", "mtx/bfw62b.mtx" },
};

static const speig_eigs_which OUTER[] = { SPEIG_EIGS_LM, SPEIG_EIGS_LR, SPEIG_EIGS_SR,
                                          SPEIG_EIGS_LI };

static speig_matrix *read_as(const char *file, speig_dtype dtype)
{
  speig_matrix *A = NULL, *B = NULL;
  const char *path = harness_find_shared(file);
  if (!path)
    return NULL;
  CHECK_OK(speig_mm_read(path, 1, NULL, &A));
  if (speig_matrix_get_info(A).dtype == dtype || dtype == SPEIG_S)
    return A;
  CHECK_OK(speig_matrix_convert(A, dtype, &B));
  speig_matrix_destroy(&A);
  return B;
}

/* Under valgrind small ones do. */
static int is_taken(const speig_matrix *A)
{
  return A && (!harness_under_valgrind() || speig_matrix_get_info(A).rows < 330);
}

/* In the file's type; dtype Z: a real matrix as a complex one. */
static int open_specimen(const specimen *s, speig_dtype dtype, general_model *m)
{
  speig_matrix *A = read_as(s->file, dtype), *B = s->mass ? read_as(s->mass, dtype) : NULL;
  if (!is_taken(A) || (s->mass && !B)) {
    speig_matrix_destroy(&A);
    speig_matrix_destroy(&B);
    return 0;
  }
  *m = general_wrap(A, B, s->file);
  return 1;
}

static void outer_ends(void)
{
  int found = 0;
  for (size_t i = 0; i < sizeof SPECIMENS / sizeof *SPECIMENS; ++i) {
    general_model m;
    if (!open_specimen(&SPECIMENS[i], SPEIG_S, &m))
      continue;
    ++found;
    for (size_t w = 0; w < sizeof OUTER / sizeof *OUTER; ++w)
      for (int32_t k = 2; k <= 9; k += 7) {
        speig_eigs_opts opts = general_opts(SPEIG_HOST, SPEIG_METHOD_AUTO, k, OUTER[w]);
        general_expect(&m, &opts);
      }
    general_drop(&m);
  }
  if (!found)
    harness_skip("no shared data");
}

/* Nearly real spectra, along whose edge the largest imaginary parts hide from a subspace: what it
 * finds may be wrong, but then it must not be called checked. */
static void hidden_along_an_edge(void)
{
  static const specimen list[] = { { "mtx/qc324.mtx.gz", NULL }, { "mtx/ck656.mtx", NULL } };
  int found = 0;
  for (size_t i = 0; i < sizeof list / sizeof *list; ++i) {
    general_model m;
    if (!open_specimen(&list[i], SPEIG_S, &m))
      continue;
    ++found;
    for (int32_t k = 1; k <= (harness_under_valgrind() ? 1 : 10); k += 3) {
      speig_eigs_opts opts = general_opts(SPEIG_HOST, SPEIG_KRYLOV_SCHUR, k, SPEIG_EIGS_LI);
      speig_eigs_result *r = NULL;
      CHECK_OK(speig_eigs(m.op, NULL, &opts, &r));
      CU_ASSERT_TRUE(r->outcome >= SPEIG_CONVERGED || general_is_right(&m, &opts, r));
      speig_eigs_result_free(&r);
    }
    general_drop(&m);
  }
  if (!found)
    harness_skip("no shared data");
}

/* By LAPACK and by Krylov-Schur the same; real matrices in complex arithmetic too. */
static void methods_agree(void)
{
  static const specimen list[] = { { "mtx/west0067.mtx", NULL },
                                   { "mtx/west0479.mtx", NULL },
                                   { "mtx/ck656.mtx", NULL } };
  int found = 0;
  for (size_t i = 0; i < sizeof list / sizeof *list; ++i)
    for (int wide = 0; wide < 2; ++wide) {
      general_model m;
      if (!open_specimen(&list[i], wide ? SPEIG_Z : SPEIG_S, &m))
        continue;
      ++found;
      for (int method = 0; method < 2; ++method) {
        speig_eigs_opts opts =
            general_opts(SPEIG_HOST, method ? SPEIG_KRYLOV_SCHUR : SPEIG_DENSE, 5, SPEIG_EIGS_LM);
        opts.left = 1;
        general_expect(&m, &opts);
      }
      general_drop(&m);
    }
  if (!found)
    harness_skip("no shared data");
}

static void near_shifts(void)
{
  static const struct {
    const char *file;
    double re, im;
  } list[] = { { "mtx/west0479.mtx", 10, 20 },
               { "mtx/ck656.mtx", 1, 0 },
               { "mtx/pyamg_recirc_flow.mtx", 0.1, 0 },
               { "mtx/Zsprandn388.mtx.gz", 0.2, 0.1 } };
  int found = 0;
  for (size_t i = 0; i < sizeof list / sizeof *list; ++i) {
    const specimen s = { list[i].file, NULL };
    general_model m;
    speig_eigs_opts opts = general_opts(SPEIG_HOST, SPEIG_METHOD_AUTO, 4, SPEIG_EIGS_LM);
    if (!open_specimen(&s, SPEIG_S, &m))
      continue;
    ++found;
    opts.has_sigma = 1;
    opts.sigma[0] = list[i].re;
    opts.sigma[1] = list[i].im;
    general_expect(&m, &opts);
    opts.part = SPEIG_PART_REAL;
    general_expect(&m, &opts);
    general_drop(&m);
  }
  if (!found)
    harness_skip("no shared data");
}

/* A probe cannot tell whether this set is complete; LAPACK's values do, and the vectors stay. */
static void doubts_are_decided_by_values(void)
{
  const specimen s = { "mtx/west0479.mtx", NULL };
  speig_eigs_opts opts = general_opts(SPEIG_HOST, SPEIG_METHOD_AUTO, 6, SPEIG_EIGS_LR);
  speig_eigs_result *r = NULL;
  general_model m;
  if (!open_specimen(&s, SPEIG_S, &m)) {
    harness_skip("no shared data");
    return;
  }
  general_expect(&m, &opts);
  CHECK_OK(speig_eigs(m.op, NULL, &opts, &r));
  CU_ASSERT_EQUAL(r->outcome, SPEIG_CERTIFIED);
  CU_ASSERT_EQUAL(r->method, SPEIG_KRYLOV_SCHUR);
  speig_eigs_result_free(&r);
  general_drop(&m);
}

int main(void)
{
  CU_pSuite suite;
  harness_start();
  suite = harness_suite("eigs_real");
  ADD_CASE(suite, outer_ends);
  ADD_CASE(suite, hidden_along_an_edge);
  ADD_CASE(suite, methods_agree);
  ADD_CASE(suite, near_shifts);
  ADD_CASE(suite, doubts_are_decided_by_values);
  return harness_finish("test_eigs_real");
}
