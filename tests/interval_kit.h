/* interval_kit.h: all eigenvalues in an interval: what tests ask for, and an independent look at
 * what they get. */
#ifndef SPEIG_TESTS_INTERVAL_KIT_H
#define SPEIG_TESTS_INTERVAL_KIT_H

#include "shift_kit.h"
#include "solve_kit.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static inline speig_eigsh_opts in(const test_case *tc, speig_method method, double low, double high)
{
  speig_eigsh_opts o = SPEIG_EIGSH_OPTS_INIT;
  o.device = tc->device;
  o.method = method;
  o.certify = SPEIG_CERTIFY_ALWAYS;
  o.has_interval = 1;
  o.interval[0] = low;
  o.interval[1] = high;
  return o;
}

static inline int64_t inside(int64_t n, const double *w, double low, double high)
{
  int64_t number = 0;
  for (int64_t i = 0; i < n; ++i)
    number += w[i] >= low && w[i] <= high;
  return number;
}

/* Every value found is one of w, each taken once. */
static inline int all_known(const speig_eigsh_result *r, int n, const double *w, double tolerance)
{
  int next = 0;
  for (int32_t i = 0; i < r->k; ++i) {
    while (next < n && w[next] < r->values[i] - tolerance)
      ++next;
    if (next == n || w[next++] > r->values[i] + tolerance)
      return 0;
  }
  return 1;
}

/* max |X^H B X - I| and max ||A x - lambda B x|| / (1 + |lambda|). */
static inline void recompute(const speig_matrix *A, const speig_matrix *B,
                             const speig_eigsh_result *r, double *defect, double *residual)
{
  int64_t n = r->n;
  kit_scalar *x = calloc((size_t)(n * r->k), sizeof *x), *bx = calloc((size_t)n, sizeof *bx);
  kit_scalar *ax = calloc((size_t)n, sizeof *ax);
  *defect = *residual = 0;
  for (int64_t j = 0; j < r->k; ++j)
    for (int64_t i = 0; i < n; ++i)
      x[i + j * n] = kit_get(r->dtype, r->vectors.data, i + j * r->vectors.ld);
  for (int64_t j = 0; j < r->k; ++j) {
    double square = 0;
    kit_product(A, n, x + j * n, ax);
    kit_product(B, n, x + j * n, bx);
    for (int64_t i = 0; i < n; ++i)
      square += pow(cabs(ax[i] - r->values[j] * bx[i]), 2);
    *residual = fmax(*residual, sqrt(square) / (1 + fabs(r->values[j])));
    for (int64_t c = 0; c <= j; ++c)
      *defect = fmax(*defect, cabs(kit_dot(n, x + c * n, bx) - (c == j)));
  }
  free(x);
  free(bx);
  free(ax);
}

/* w ascending; tolerance: how far values may be off, and how near to an end decides nothing. */
static inline int is_right_as(speig_outcome outcome, const char *what, const speig_matrix *A,
                              const speig_matrix *B, const speig_eigsh_opts *o,
                              const speig_eigsh_result *r, int n, const double *w, double tolerance,
                              double vectors)
{
  double low = o->interval[0], high = o->interval[1], defect = 0, residual = 0;
  int64_t least = inside(n, w, low + tolerance, high - tolerance);
  int64_t most = inside(n, w, r->interval[0] - tolerance, r->interval[1] + tolerance);
  int right = r->outcome == outcome && r->k == r->wanted && r->k >= least && r->k <= most;
  right = right && all_known(r, n, w, tolerance) && r->interval[0] <= low && r->interval[1] >= high;
  if (!isinf(low)) /* moved by rounding, if at all */
    right = right && r->interval[0] >= low - 100 * tolerance;
  if (!isinf(high))
    right = right && r->interval[1] <= high + 100 * tolerance;
  if (outcome == SPEIG_CERTIFIED)
    right = right && r->proven[0] == r->interval[0] && r->proven[1] == r->interval[1];
  else
    right = right && isnan(r->proven[0]) && isnan(r->proven[1]);
  for (int32_t i = 1; i < r->k; ++i)
    right = right && r->values[i - 1] <= r->values[i];
  if (A && r->k > 0 && !o->values_only) {
    recompute(A, B, r, &defect, &residual);
    right = right && defect <= vectors && residual <= vectors * fmax(1, fmax(-w[0], w[n - 1]) / 4);
  }
  if (!right)
    fprintf(stderr,
            "  %s: [%.17g, %.17g]: %d of %d, %s (%s), needed %lld to %lld; known %d, orthogonality "
            "%.1e, residual %.1e\n",
            what, low, high, r->k, r->wanted, speig_outcome_name(r->outcome),
            speig_reason_name(r->reason), (long long)least, (long long)most,
            all_known(r, n, w, tolerance), defect, residual);
  return right;
}

#endif
