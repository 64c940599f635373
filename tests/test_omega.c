/* test_omega.c: Lanczos that orthogonalises only when estimates ask for it: the basis stays as
 * orthogonal as promised, and the answers are right. */
#include "harness.h"
#include "solve_kit.h"

#include "base/dtype.h"
#include "solvers/lanczos.h"

#include <math.h>
#include <stdio.h>

enum { BASIS = 120 };

/* max |v_i^H v_j - delta_ij| of a basis made in one go. */
static double loss_of_basis(const test_case *tc, const speig_operator *op, double tol, double *eta)
{
  backend *be = NULL;
  bound_operator *A = NULL;
  lanczos L;
  small G = { 0 };
  eig_problem problem = {
    .n = op->n, .k = 4, .which = SPEIG_LA, .tol = tol, .ncv = BASIS, .max_matvecs = 10000, .seed = 3
  };
  multivec V;
  double loss;
  CHECK_OK(backend_open(tc->device, tc->dtype, 2, &be));
  CHECK_OK(operator_bind(be, op, 1, &A));
  problem.be = be;
  problem.A = A;
  problem.guess = problem.constraints = problem.constraints_b = (multivec){ .be = be, .n = op->n };
  CHECK_OK(lanczos_open(&problem, &L));
  CHECK_OK(lanczos_start(&L));
  while (L.filled < BASIS)
    CHECK_OK(lanczos_expand(&L));
  V = mv_columns(&L.basis, 0, BASIS + 1);
  CHECK_OK(small_alloc(BASIS + 1, BASIS + 1, dtype_is_complex(tc->dtype), &G));
  CHECK_OK(mv_gram(&V, &V, &G));
  for (int32_t j = 0; j <= BASIS; ++j)
    small_set(&G, j, j, small_get(&G, j, j) - 1);
  loss = small_max_abs(&G);
  *eta = L.omega.eta;
  small_free(&G);
  lanczos_close(&L);
  operator_unbind(&A);
  backend_close(&be);
  return loss;
}

/* A graph's largest eigenvalues converge within some twenty steps: without any orthogonalisation
 * the loss would be complete by the end of this basis. */
static void basis_stays_orthogonal_enough(const test_case *tc)
{
  model m = model_make(tc->dtype, 1, "rmat", "scale", 11.0, "degree", 5.0, NULL);
  double eta, loss, allowed = 100 * tc->eps;
  int partial = !dtype_is_single(tc->dtype) && tc->device == SPEIG_HOST; /* others run ahead */
  loss = loss_of_basis(tc, m.op, 0.5e-8, &eta);
  CU_ASSERT_EQUAL(eta > 0, partial);
  CU_ASSERT_TRUE(loss <= fmax(4 * eta, allowed));
  if (partial) { /* something was left undone */
    CU_ASSERT_TRUE(loss > 1e3 * tc->eps);
    CU_ASSERT_EQUAL(eta, 0.5e-10);
  }
  loss = loss_of_basis(tc, m.op, 100 * tc->eps, &eta);
  CU_ASSERT_EQUAL(eta, 0);
  CU_ASSERT_TRUE(loss <= allowed);
  model_drop(&m);
}
TEST_ALL_CASES(basis_stays_orthogonal_enough)

/* LAPACK's values, to what residuals of tol allow; answer_is_right looks at residuals and vectors.
 */
static void same_as_lapack(const test_case *tc, const model *m, speig_which which, double tol,
                           int32_t ncv)
{
  speig_eigsh_opts opts = opts_for(tc->device, SPEIG_LANCZOS, 9, which), dense;
  speig_eigsh_result *r = NULL, *all = NULL;
  opts.tol = tol;
  opts.ncv = ncv;
  dense = opts_for(SPEIG_HOST, SPEIG_DENSE, 9, which);
  CHECK_OK(speig_eigsh(m->op, NULL, &opts, &r));
  CHECK_OK(speig_eigsh(m->op, NULL, &dense, &all));
  if (r->outcome > SPEIG_VALIDATED)
    fprintf(stderr, "  %s: %s, %d: outcome %s\n", tc->name, m->name, (int)which,
            speig_outcome_name(r->outcome));
  CU_ASSERT_TRUE(r->outcome <= SPEIG_VALIDATED);
  CU_ASSERT_TRUE(answer_is_right(m, &opts, r));
  CU_ASSERT_TRUE(r->orthogonality <= 200 * tc->eps);
  for (int32_t i = 0; i < r->k && i < all->k; ++i)
    CU_ASSERT_TRUE(fabs(r->values[i] - all->values[i]) <= 2 * tol * r->norm_a);
  speig_eigsh_result_free(&r);
  speig_eigsh_result_free(&all);
}

static void answers_are_right(const test_case *tc)
{
  const speig_which which[] = { SPEIG_LA, SPEIG_SA, SPEIG_LM, SPEIG_BE };
  int slow = harness_is_slow(tc) || tc->device == SPEIG_REFERENCE, number = 0;
  for (int kind = 0; kind < 4; ++kind) {
    model m = kind == 0 ? model_make(tc->dtype, 1, "heisenberg", "sites", slow ? 10.0 : 12.0, NULL)
              : kind == 1 ? model_make(tc->dtype, 1, "cycle", "n", slow ? 150.0 : 400.0, NULL)
              : kind == 2
                  ? model_make(tc->dtype, 1, "rmat", "scale", harness_is_slow(tc) ? 8.0 : 10.0,
                               "degree", 6.0, NULL)
                  : model_make(tc->dtype, 1, "random_band", "n", slow ? 200.0 : 900.0, NULL);
    for (int w = 0; w < 4; ++w)
      if (harness_takes(tc, number++)) {
        same_as_lapack(tc, &m, which[w], dtype_is_single(tc->dtype) ? 1e-5 : 1e-8, 0);
        same_as_lapack(tc, &m, which[w], dtype_is_single(tc->dtype) ? 4e-6 : 1e-6, 33);
      }
    model_drop(&m);
  }
}
TEST_ALL_CASES(answers_are_right)

/* Breakdowns at once and again: every diagonal entry of T is exactly zero, and so is every beta. */
static void nothing_to_orthogonalise(const test_case *tc)
{
  model m = model_make(tc->dtype, 1, "zero", "n", 200.0, NULL);
  speig_eigsh_opts opts = opts_for(tc->device, SPEIG_LANCZOS, 3, SPEIG_LA);
  speig_eigsh_result *r = NULL;
  opts.tol = dtype_is_single(tc->dtype) ? 1e-5 : 1e-8;
  CHECK_OK(speig_eigsh(m.op, NULL, &opts, &r));
  CU_ASSERT_EQUAL(r->k, 3);
  CU_ASSERT_TRUE(answer_is_right(&m, &opts, r));
  speig_eigsh_result_free(&r);
  model_drop(&m);
}
TEST_ALL_CASES(nothing_to_orthogonalise)

int main(void)
{
  harness_start();
  CU_pSuite suite = harness_suite("partial reorthogonalisation");
  ADD_ALL_CASES(suite, basis_stays_orthogonal_enough);
  ADD_ALL_CASES(suite, answers_are_right);
  ADD_ALL_CASES(suite, nothing_to_orthogonalise);
  return harness_finish("test_omega");
}
