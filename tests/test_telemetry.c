/* test_telemetry.c: what a progress record tells beside the solver's numbers: bytes moved by the
 * model, and the time left. */
#include "harness.h"
#include "solve_kit.h"

#include "backend/operator.h"
#include "solvers/telemetry.h"
#include "speig/eigs.h"
#include "speig/svds.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- the fit ---- */

enum { WANTED = 2 };

/* Residuals of two pairs after so many products, the second one falling by 10 every 20 of them and
 * always the larger one. A product takes half a second. */
static speig_progress falling(int64_t products, double values[WANTED], double residuals[WANTED])
{
  values[0] = 1;
  values[1] = 3;
  residuals[1] = 4 * pow(10, -(double)products / 20);
  residuals[0] = residuals[1] / 7;
  return (speig_progress){ .method = "lanczos",
                           .phase = "solve",
                           .iteration = products / 10,
                           .matvecs = products,
                           .wanted = WANTED,
                           .values = values,
                           .residuals = residuals,
                           .norm = 1,
                           .tol = 1e-10,
                           .seconds = 0.5 * (double)products };
}

/* 4 10^(-p/20) = tol (norm + 3) at p = 200. */
static void eta_of_a_straight_line(void)
{
  const backend be = { .moved = 0 };
  double values[WANTED], residuals[WANTED];
  telemetry t;
  telemetry_begin(&t, &be);
  for (int64_t products = 10; products <= 250; products += 10) {
    speig_progress record = falling(products, values, residuals);
    telemetry_complete(&t, &record);
    CU_ASSERT_EQUAL(isnan(record.eta) != 0, products <= 20);
    if (products > 20) {
      CU_ASSERT_DOUBLE_EQUAL(record.eta, fmax(0.5 * (200 - (double)products), 0), 1e-6);
    }
  }
}

/* Words between restarts repeat the numbers: the time that has passed is taken off. */
static void eta_between_restarts(void)
{
  const backend be = { .moved = 0 };
  double values[WANTED], residuals[WANTED];
  speig_progress record;
  telemetry t;
  telemetry_begin(&t, &be);
  for (int64_t products = 10; products <= 50; products += 10) {
    record = falling(products, values, residuals);
    telemetry_complete(&t, &record);
  }
  for (int step = 1; step < 10; ++step) {
    record = falling(50, values, residuals);
    record.matvecs += step;
    record.seconds += 0.5 * step;
    telemetry_complete(&t, &record);
    CU_ASSERT_DOUBLE_EQUAL(record.eta, 75 - 0.5 * step, 1e-6);
  }
}

static void eta_is_not_told(void)
{
  const backend be = { .moved = 0 };
  double values[WANTED], residuals[WANTED];
  telemetry t;
  telemetry_begin(&t, &be);
  for (int64_t products = 10; products <= 100; products += 10) { /* a probe */
    speig_progress record = falling(products, values, residuals);
    record.phase = "validate";
    telemetry_complete(&t, &record);
    CU_ASSERT_TRUE(isnan(record.eta));
  }
  for (int64_t products = 10; products <= 100; products += 10) { /* residuals do not fall */
    speig_progress record = falling(products, values, residuals);
    residuals[0] = residuals[1] = 0.5 + 1e-4 * sin((double)products);
    telemetry_complete(&t, &record);
    CU_ASSERT_TRUE(isnan(record.eta));
  }
  telemetry_begin(&t, &be);
  for (int64_t products = 10; products <= 100; products += 10) { /* a pair not seen yet */
    speig_progress record = falling(products, values, residuals);
    values[0] = residuals[0] = NAN;
    telemetry_complete(&t, &record);
    CU_ASSERT_TRUE(isnan(record.eta));
  }
}

/* The points of one method are not mixed with those of the next. */
static void eta_starts_anew(void)
{
  const backend be = { .moved = 0 };
  double values[WANTED], residuals[WANTED];
  telemetry t;
  telemetry_begin(&t, &be);
  for (int64_t products = 10; products <= 100; products += 10) {
    speig_progress record = falling(products, values, residuals);
    record.method = "lobpcg";
    telemetry_complete(&t, &record);
  }
  for (int64_t products = 110; products <= 140; products += 10) {
    speig_progress record = falling(products, values, residuals);
    telemetry_complete(&t, &record);
    CU_ASSERT_EQUAL(isnan(record.eta) != 0, products < 130);
  }
}

/* ---- bytes ---- */

/* A product, a Gram matrix, an update: counted by hand. The host reads less than CSR has of a
 * chain, whose rows are the same but for two. */
static void bytes_by_hand(const test_case *tc)
{
  model m = model_make(tc->dtype, 1, "laplacian1d", "n", 100.0, NULL);
  const double size = (double)speig_dtype_size(tc->dtype), nnz = 298, n = 100;
  backend *be = NULL;
  bound_operator *A = NULL;
  multivec X = { 0 }, Y = { 0 };
  small H = { 0 };
  double before, csr = nnz * (size + 4) + 8 * (n + 1);
  CHECK_OK(backend_open(tc->device, tc->dtype, 2, &be));
  CHECK_OK(operator_bind(be, m.op, 1, &A));
  CHECK_OK(mv_alloc(be, 100, 3, "X", &X));
  CHECK_OK(mv_alloc(be, 100, 3, "Y", &Y));
  CHECK_OK(small_alloc(3, 3, tc->dtype >= SPEIG_C, &H));
  CHECK_OK(mv_fill_random(1, &X));
  before = be->moved;
  CHECK_OK(operator_apply(A, &X, &Y));
  CU_ASSERT_DOUBLE_EQUAL(be->moved - before, A->matrix->bytes + 6 * n * size, 0.5);
  if (tc->device == SPEIG_HOST) {
    double most = tc->dtype >= SPEIG_C ? csr + 32 : csr / 4; /* phases make complex rows differ */
    CU_ASSERT_TRUE(A->matrix->bytes >= 4 * (size + 4) && A->matrix->bytes <= most);
  } else {
    CU_ASSERT_DOUBLE_EQUAL(A->matrix->bytes, csr, 0.5);
  }
  before = be->moved;
  CHECK_OK(mv_gram(&X, &Y, &H));
  CU_ASSERT_DOUBLE_EQUAL(be->moved - before, 6 * n * size, 0.5);
  before = be->moved;
  CHECK_OK(mv_mul(1, &X, &H, 1, &Y));
  CU_ASSERT_DOUBLE_EQUAL(be->moved - before, 9 * n * size, 0.5);
  before = be->moved;
  CHECK_OK(mv_copy(&X, &Y));
  CU_ASSERT_DOUBLE_EQUAL(be->moved - before, 6 * n * size, 0.5);
  small_free(&H);
  mv_free(&X);
  mv_free(&Y);
  operator_unbind(&A);
  backend_close(&be);
  model_drop(&m);
}
TEST_ALL_CASES(bytes_by_hand)

typedef struct seen {
  int count;
  double bytes, least; /* of one product */
  int right;
} seen;

static int look(void *user, const speig_progress *record)
{
  seen *s = user;
  ++s->count;
  s->right &= record->bytes >= s->bytes && record->bytes >= (double)record->matvecs * s->least &&
              (isnan(record->eta) || record->eta >= 0);
  s->bytes = record->bytes;
  return 0;
}

/* Every solver tells bytes: never fewer than before, and those of its products at least. */
static void bytes_of_solvers(const test_case *tc)
{
  model m = model_make(tc->dtype, 1, "laplacian2d", "nx", 20.0, "ny", 19.0, NULL);
  const double size = (double)speig_dtype_size(tc->dtype), n = 380;
  const double matrix = tc->device == SPEIG_HOST ? 0 : 1000 * (size + 4); /* runs hold no entries */
  seen s = { .least = matrix + 2 * n * size, .right = 1 };
  speig_eigsh_opts opts = SPEIG_EIGSH_OPTS_INIT;
  speig_eigs_opts general = SPEIG_EIGS_OPTS_INIT;
  speig_svds_opts svds = SPEIG_SVDS_OPTS_INIT;
  speig_eigsh_result *result = NULL;
  speig_eigs_result *general_result = NULL;
  speig_svds_result *svds_result = NULL;
  opts.k = general.k = svds.k = 3;
  opts.which = SPEIG_LA;
  opts.device = general.device = svds.device = tc->device;
  opts.method = SPEIG_LANCZOS;
  general.method = SPEIG_KRYLOV_SCHUR;
  svds.method = SPEIG_GOLUB_KAHAN;
  opts.progress = general.progress = svds.progress = look;
  opts.progress_user = general.progress_user = svds.progress_user = &s;
  CHECK_OK(speig_eigsh(m.op, NULL, &opts, &result));
  CU_ASSERT_TRUE(s.count > 0 && s.right);
  s = (seen){ .least = s.least / 8, .right = 1 }; /* blocks of eight share one pass over A */
  opts.method = SPEIG_LOBPCG;
  speig_eigsh_result_free(&result);
  CHECK_OK(speig_eigsh(m.op, NULL, &opts, &result));
  CU_ASSERT_TRUE(s.count > 0 && s.right);
  s = (seen){ .least = s.least, .right = 1 };
  CHECK_OK(speig_eigs(m.op, NULL, &general, &general_result));
  CU_ASSERT_TRUE(s.count > 0 && s.right);
  s = (seen){ .least = s.least, .right = 1 };
  CHECK_OK(speig_svds(m.op, &svds, &svds_result));
  CU_ASSERT_TRUE(s.count > 0 && s.right);
  speig_eigsh_result_free(&result);
  speig_eigs_result_free(&general_result);
  speig_svds_result_free(&svds_result);
  model_drop(&m);
}
TEST_ALL_CASES(bytes_of_solvers)

int main(void)
{
  CU_pSuite suite;
  harness_start();
  suite = harness_suite("telemetry");
  ADD_CASE(suite, eta_of_a_straight_line);
  ADD_CASE(suite, eta_between_restarts);
  ADD_CASE(suite, eta_is_not_told);
  ADD_CASE(suite, eta_starts_anew);
  ADD_ALL_CASES(suite, bytes_by_hand);
  ADD_ALL_CASES(suite, bytes_of_solvers);
  return harness_finish("telemetry");
}
