/* density.c: counts by stochastic traces.
 *
 * Method: kernel polynomials (Weisse, Wellein, Alvermann, Fehske, Rev. Mod. Phys. 78 (2006); Lin,
 * Saad, Yang, SIAM Review 58 (2016); Di Napoli, Polizzi, Saad, Numer. Linear Algebra Appl. 23
 * (2016)). The number is the trace of the interval's indicator at A, expanded in Chebyshev
 * polynomials with Jackson's damping; moments.c brings their traces by random vectors. The error
 * bar joins twice the standard error over the vectors, the change from half the degree, and what
 * eigenvalues within the transitions at both ends may do.
 * Cost: degree / 2 products for each vector. */
#include "solvers/density.h"

#include "base/error.h"
#include "base/memory.h"

#include <math.h>

/* The transitions are some pi half / degree wide: an eighth of the interval, where that is
 * affordable. */
static int32_t choose_degree(const double bounds[2], double low, double high)
{
  enum { LEAST = 200, MOST = 4000 };
  double width = fmin(high, bounds[1]) - fmax(low, bounds[0]);
  double degree = 4 * 3.2 * (bounds[1] - bounds[0]) / fmax(width, 1e-300);
  if (!(width > 0)) /* beyond all there is, in all likelihood, and moments tell if not */
    return LEAST;
  return degree < LEAST ? LEAST : degree > MOST ? MOST : (int32_t)degree / 2 * 2;
}

/* The part of the spectrum between low and high by moments up to a degree, whose damping is g. */
static double part_between(int32_t degree, const double *g, const double *mu, double low,
                           double high)
{
  double upper = moments_below(degree, g, mu, fmin(1, fmax(-1, high)));
  return upper - moments_below(degree, g, mu, fmin(1, fmax(-1, low)));
}

/* What one random vector tells, as fractions: of the interval, at half the degree, and of the
 * transitions. */
typedef struct sample {
  double fine, coarse, near;
} sample;

static sample take_sample(int32_t degree, const double *fine, const double *coarse,
                          const double *mu, const double ends[2])
{
  const double blur = 3.2 / degree;
  sample S = { .fine = part_between(degree, fine, mu, ends[0], ends[1]),
               .coarse = part_between(degree / 2, coarse, mu, ends[0], ends[1]) };
  for (int end = 0; end < 2; ++end)
    if (fabs(ends[end]) < 1)
      S.near += part_between(degree, fine, mu, ends[end] - blur, ends[end] + blur);
  return S;
}

/* From fractions to numbers. */
static void conclude(int64_t n, const sample *samples, density_count *out)
{
  const double count = out->vectors, all = (double)n;
  double mean = 0, coarse = 0, near = 0, square = 0, change;
  for (int32_t i = 0; i < out->vectors; ++i) {
    mean += samples[i].fine / count;
    coarse += samples[i].coarse / count;
    near += samples[i].near / count;
  }
  for (int32_t i = 0; i < out->vectors; ++i)
    square += (samples[i].fine - mean) * (samples[i].fine - mean);
  square = count > 1 ? square / (count - 1) / count : 1; /* of the standard error */
  change = mean - coarse;
  near = fmax(0, near * all);
  out->count = fmin(all, fmax(0, mean * all));
  out->error = sqrt((4 * square + change * change) * all * all + near * near / 4);
}

speig_status density_between(int64_t n, const moments *M, double low, double high,
                             density_count *out)
{
  speig_status st = SPEIG_OK;
  const double half = (M->high - M->low) / 2, center = M->low + half;
  const double ends[2] = { (low - center) / half, (high - center) / half };
  double *fine = NULL, *coarse = NULL;
  sample *samples = NULL;
  TRY(MEM_ARRAY((int64_t)M->degree + 1, "damping factors", &fine));
  TRY(MEM_ARRAY((int64_t)M->degree / 2 + 1, "damping factors", &coarse));
  TRY(MEM_ARRAY(M->vectors, "samples", &samples));
  moments_jackson(M->degree, fine);
  moments_jackson(M->degree / 2, coarse);
  for (int32_t i = 0; i < M->vectors; ++i)
    samples[i] =
        take_sample(M->degree, fine, coarse, M->mu + (size_t)i * ((size_t)M->degree + 1), ends);
  out->vectors = M->vectors;
  conclude(n, samples, out);
done:
  mem_free(fine);
  mem_free(coarse);
  mem_free(samples);
  return st;
}

/* Who asks after every product. */
typedef struct listener {
  eig_problem problem;
  const moments *M;
  density_count *out;
} listener;

static int must_stop(void *user)
{
  listener *L = user;
  if (!L->out->stopped)
    eig_report(&L->problem, "estimate", L->M->vectors, 0, NULL, NULL, L->problem.norm_floor,
               &L->out->stopped, &L->out->reason);
  return L->out->stopped;
}

speig_status density_sample(const eig_problem *problem, double low, double high, int32_t vectors,
                            int32_t degree, int32_t most, moments *M, density_count *out)
{
  speig_status st = SPEIG_OK;
  listener L = { .problem = *problem, .M = M, .out = out };
  double bounds[2];
  L.problem.k = 0; /* there are no values to show */
  *M = (moments){ 0 };
  *out = (density_count){ .reason = SPEIG_STOP_CONVERGED };
  TRY(moments_bounds(problem->A, problem->seed, &bounds[0], &bounds[1]));
  out->degree = degree ? degree : choose_degree(bounds, low, high);
  if (most > 0 && out->degree > most)
    out->degree = most;
  TRY(moments_alloc(out->degree, vectors, bounds[0], bounds[1], M));
  TRY(moments_collect(problem->A, problem->seed, must_stop, &L, M));
  out->vectors = M->vectors;
done:
  return st;
}

speig_status density_estimate(const eig_problem *problem, double low, double high, int32_t vectors,
                              int32_t degree, density_count *out)
{
  speig_status st = SPEIG_OK;
  moments M = { 0 };
  TRY(density_sample(problem, low, high, vectors, degree, 0, &M, out));
  if (M.vectors > 0)
    TRY(density_between(problem->n, &M, low, high, out));
done:
  moments_free(&M);
  return st;
}
