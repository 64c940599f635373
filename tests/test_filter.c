/* test_filter.c: where the edge of a Chebyshev filter is put, from what a first Lanczos run saw. */
#include "harness.h"

#include "solvers/filter.h"

#include <math.h>

/* A mesh: weights grow smoothly and the outermost Ritz value is far from settled. The edge lies
 * outside of it, where few eigenvalues are. */
static void unsettled_ends_get_an_edge_outside(void)
{
  const double theta[5] = { 0.022, 0.074, 0.167, 0.289, 12 };
  const double weight[5] = { 1e-4, 4e-4, 1e-3, 2e-3, 0.99 };
  filter F = filter_design(0, 1000000, 30, 5, theta, weight, 0.055);
  CU_ASSERT_FALSE(F.upper);
  CU_ASSERT_TRUE(F.low < theta[0] && F.low > theta[0] - 0.055);
  CU_ASSERT_TRUE(F.high > theta[4]);
  CU_ASSERT_TRUE(F.degree > 80 && F.degree < 300);
}

/* A multiple eigenvalue, settled: no polynomial divides it, and the edge lies well beyond it. Both
 * ends alike. */
static void multiple_ends_get_an_edge_beyond(void)
{
  const double low[5] = { 1e-7, 0.36, 0.68, 0.85, 24 };
  const double high[5] = { -24, -0.85, -0.68, -0.36, -1e-7 };
  const double weight[5] = { 2.7e-4, 6e-6, 2.8e-4, 2e-3, 0.99 };
  const double turned[5] = { 0.99, 2e-3, 2.8e-4, 6e-6, 2.7e-4 };
  filter F = filter_design(0, 300000, 30, 5, low, weight, 1e-6);
  filter G = filter_design(1, 300000, 30, 5, high, turned, 1e-6);
  CU_ASSERT_TRUE(F.low > 0.1 && F.low < 0.36);
  CU_ASSERT_TRUE(F.degree < 100);
  CU_ASSERT_TRUE(G.upper && fabs(G.high + F.low) < 1e-12);
  CU_ASSERT_EQUAL(F.degree, G.degree);
}

int main(void)
{
  CU_pSuite suite;
  harness_start();
  suite = harness_suite("filters");
  ADD_CASE(suite, unsettled_ends_get_an_edge_outside);
  ADD_CASE(suite, multiple_ends_get_an_edge_beyond);
  return harness_finish("filter");
}
