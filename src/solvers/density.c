/* density.c: counts by stochastic traces.
 *
 * Method: kernel polynomials (Weisse, Wellein, Alvermann, Fehske, Rev. Mod. Phys. 78 (2006); Lin,
 * Saad, Yang, SIAM Review 58 (2016); Di Napoli, Polizzi, Saad, Numer. Linear Algebra Appl. 23
 * (2016)). The number is the trace of the interval's indicator at A; the indicator is expanded in
 * Chebyshev polynomials with Jackson's damping, and v^H T_k(A) v / v^H v over random vectors v has
 * the mean trace T_k(A) / n. The error bar joins twice the standard error over the vectors, the
 * change from half the degree, and what eigenvalues within the transitions at both ends may do.
 * Cost: degree / 2 products for each vector, since T_2k = 2 T_k^2 - 1. */
#include "solvers/density.h"

#include "base/error.h"
#include "base/memory.h"

#include <math.h>

/* ---- bounds ---- */

/* Extreme Ritz values of the tridiagonal matrix, and the larger one of their residuals. */
static speig_status ritz_ends(int32_t steps, const double *alpha, const double *beta, double *low,
                              double *high)
{
  speig_status st = SPEIG_OK;
  small T = { 0 };
  double *theta = NULL, slack;
  TRY(small_alloc(steps, steps, 0, &T));
  TRY(MEM_ARRAY(steps, "Ritz values", &theta));
  for (int32_t i = 0; i < steps; ++i) {
    small_set(&T, i, i, alpha[i]);
    if (i + 1 < steps)
      small_set(&T, i + 1, i, beta[i]);
  }
  TRY(small_eigh(&T, theta));
  slack = beta[steps - 1] + 1e-3 * (theta[steps - 1] - theta[0]);
  *low = theta[0] - slack;
  *high = theta[steps - 1] + slack;
done:
  small_free(&T);
  mem_free(theta);
  return st;
}

speig_status density_bounds(const eig_problem *problem, double *low, double *high)
{
  enum { STEPS = 30 };
  speig_status st = SPEIG_OK;
  multivec q[3] = { { 0 }, { 0 }, { 0 } };
  double alpha[STEPS], beta[STEPS], minus, scale, size = 0;
  int32_t step = 0;
  for (int i = 0; i < 3; ++i)
    TRY(mv_alloc(problem->be, problem->n, 1, "vectors for bounds", &q[i]));
  TRY(mv_fill_random(problem->seed + 3, &q[0]));
  TRY(mv_norms(&q[0], &scale));
  scale = 1 / scale;
  TRY(mv_scale(&scale, &q[0]));
  for (; step < STEPS && step < problem->n; ++step) {
    multivec *now = &q[step % 3], *next = &q[(step + 1) % 3], *last = &q[(step + 2) % 3];
    TRY(operator_lanczos_step(problem->A, now, step > 0 ? beta[step - 1] : 0,
                              step > 0 ? last : NULL, next, &alpha[step]));
    minus = -alpha[step];
    TRY(mv_axpy_norm(minus, now, next, &beta[step]));
    if (!isfinite(beta[step]) || !isfinite(alpha[step]))
      FAIL(SPEIG_ERR_NUMERIC, "a product is not finite");
    size = fmax(size, fmax(fabs(alpha[step]), beta[step]));
    if (!(beta[step] > 1e-14 * size)) { /* an invariant subspace */
      beta[step++] = 0;
      break;
    }
    scale = 1 / beta[step];
    TRY(mv_scale(&scale, next));
  }
  TRY(ritz_ends(step, alpha, beta, low, high));
done:
  for (int i = 0; i < 3; ++i)
    mv_free(&q[i]);
  return st;
}

/* ---- moments ---- */

/* moment[0 .. degree] = v^H T_k((A - c) / e) v / v^H v for one random v in work[0]. */
static speig_status moments_of(const eig_problem *problem, const double bounds[2], int32_t degree,
                               multivec work[3], double *moment)
{
  speig_status st = SPEIG_OK;
  double half = (bounds[1] - bounds[0]) / 2, center = bounds[1] / 2 + bounds[0] / 2, length, dot;
  multivec *older = &work[1], *newer = &work[2], *swap;
  TRY(mv_norms(&work[0], &length));
  length = 1 / length;
  TRY(mv_scale(&length, &work[0]));
  TRY(mv_copy(&work[0], older));
  TRY(operator_recurrence(problem->A, 1 / half, -center / half, older, 0, newer));
  moment[0] = 1;
  TRY(mv_real_dots(older, newer, &moment[1]));
  for (int32_t k = 1; 2 * k <= degree; ++k) { /* newer = T_k v, older = T_{k-1} v */
    TRY(mv_real_dots(newer, newer, &dot));
    moment[2 * k] = 2 * dot - moment[0];
    if (2 * k + 1 > degree)
      break;
    TRY(operator_recurrence(problem->A, 2 / half, -2 * center / half, newer, -1, older));
    swap = older;
    older = newer;
    newer = swap;
    TRY(mv_real_dots(older, newer, &dot));
    moment[2 * k + 1] = 2 * dot - moment[1];
  }
  if (!isfinite(moment[degree]) || fabs(moment[degree]) > 1e3)
    FAIL(SPEIG_ERR_NUMERIC,
         "eigenvalues lie outside [%g, %g], where a short Lanczos run saw them; another seed may "
         "help",
         bounds[0], bounds[1]);
done:
  return st;
}

/* The damped indicator of [low, high], both in [-1, 1], at the moments. */
static double weigh(int32_t degree, const double *moment, double low, double high)
{
  const double pi = 3.14159265358979323846, N = degree + 1.0;
  double from = acos(fmin(1, fmax(-1, high))), to = acos(fmin(1, fmax(-1, low))), sum;
  sum = (to - from) / pi;
  for (int32_t k = 1; k <= degree; ++k) {
    double jackson = ((N - k + 1) * cos(pi * k / (N + 1)) +
                      sin(pi * k / (N + 1)) * cos(pi / (N + 1)) / sin(pi / (N + 1))) /
                     (N + 1);
    sum += 2 / (pi * k) * (sin(k * to) - sin(k * from)) * jackson * moment[k];
  }
  return sum;
}

/* The transitions are some pi half / degree wide: an eighth of the interval, where that is
 * affordable. */
static int32_t choose_degree(const double bounds[2], double low, double high)
{
  enum { LEAST = 200, MOST = 4000 };
  double width = fmin(high, bounds[1]) - fmax(low, bounds[0]);
  double degree = 4 * 3.2 * (bounds[1] - bounds[0]) / fmax(width, 1e-300);
  return degree < LEAST ? LEAST : degree > MOST ? MOST : (int32_t)degree / 2 * 2;
}

typedef struct samples {
  double *fine, *coarse, *near; /* [vectors] fractions: of the interval, at half the degree, and of
                                   the transitions */
} samples;

static double mean_of(int32_t count, const double *x)
{
  double sum = 0;
  for (int32_t i = 0; i < count; ++i)
    sum += x[i];
  return sum / count;
}

/* From fractions to numbers. */
static void conclude(int64_t n, const samples *S, density_count *out)
{
  int32_t count = out->vectors;
  double mean = mean_of(count, S->fine), square = 0, change, near, all = (double)n;
  for (int32_t i = 0; i < count; ++i)
    square += (S->fine[i] - mean) * (S->fine[i] - mean);
  square = count > 1 ? square / (count - 1) / count : 1; /* of the standard error */
  change = mean - mean_of(count, S->coarse);
  near = fmax(0, mean_of(count, S->near) * all);
  out->count = fmin(all, fmax(0, mean * all));
  out->error = sqrt((4 * square + change * change) * all * all + near * near / 4);
}

static speig_status sample(const eig_problem *problem, const double bounds[2], double low,
                           double high, int32_t vectors, samples *S, density_count *out)
{
  speig_status st = SPEIG_OK;
  eig_problem silent = *problem;
  multivec work[3] = { { 0 }, { 0 }, { 0 } };
  double half = (bounds[1] - bounds[0]) / 2, center = bounds[1] / 2 + bounds[0] / 2;
  double ends[2] = { (low - center) / half, (high - center) / half };
  double blur = 3.2 / out->degree, *moment = NULL;
  silent.k = 0; /* there are no values to show */
  TRY(MEM_ARRAY(out->degree + 2, "moments", &moment));
  for (int i = 0; i < 3; ++i)
    TRY(mv_alloc(problem->be, problem->n, 1, "vectors for moments", &work[i]));
  for (int32_t i = 0; i < vectors && !out->stopped; ++i) {
    TRY(mv_fill_random(problem->seed + UINT64_C(0x9E3779B97F4A7C15) * (uint64_t)(i + 1), &work[0]));
    TRY(moments_of(problem, bounds, out->degree, work, moment));
    S->fine[i] = weigh(out->degree, moment, ends[0], ends[1]);
    S->coarse[i] = weigh(out->degree / 2, moment, ends[0], ends[1]);
    S->near[i] = 0;
    for (int end = 0; end < 2; ++end)
      if (fabs(ends[end]) < 1)
        S->near[i] += weigh(out->degree, moment, ends[end] - blur, ends[end] + blur);
    out->vectors = i + 1;
    eig_report(&silent, "estimate", i + 1, 0, NULL, NULL, problem->norm_floor, &out->stopped,
               &out->reason);
  }
done:
  for (int i = 0; i < 3; ++i)
    mv_free(&work[i]);
  mem_free(moment);
  return st;
}

speig_status density_estimate(const eig_problem *problem, double low, double high, int32_t vectors,
                              int32_t degree, density_count *out)
{
  speig_status st = SPEIG_OK;
  samples S = { 0 };
  double bounds[2];
  *out = (density_count){ .reason = SPEIG_STOP_CONVERGED };
  TRY(MEM_ZARRAY(vectors, "samples", &S.fine));
  TRY(MEM_ZARRAY(vectors, "samples", &S.coarse));
  TRY(MEM_ZARRAY(vectors, "samples", &S.near));
  TRY(density_bounds(problem, &bounds[0], &bounds[1]));
  if (!(bounds[1] > bounds[0])) { /* a multiple of the identity */
    out->count = bounds[0] >= low && bounds[0] <= high ? (double)problem->n : 0;
    out->vectors = vectors;
    goto done;
  }
  out->degree = degree ? degree : choose_degree(bounds, low, high);
  if (high <= bounds[0] || low >= bounds[1]) { /* beyond all there is, in all likelihood */
    out->vectors = vectors;
    goto done;
  }
  TRY(sample(problem, bounds, low, high, vectors, &S, out));
  conclude(problem->n, &S, out);
done:
  mem_free(S.fine);
  mem_free(S.coarse);
  mem_free(S.near);
  return st;
}
