/* survey.c: about how many eigenvalues lie where: the averages of Chebyshev moments (moments.c)
 * over random vectors, kept for many questions. Cost: degree / 2 products for each of VECTORS
 * vectors, and O(degree) numbers for a question. */
#include "solvers/survey.h"

#include "base/error.h"
#include "base/memory.h"

#include <math.h>

enum { VECTORS = 16, MOST_DEGREE = 3000 };

static speig_status average(survey *S)
{
  speig_status st = SPEIG_OK;
  const moments *M = &S->M;
  const size_t row = (size_t)M->degree + 1;
  TRY(MEM_ZARRAY((int64_t)row, "moments", &S->mean));
  TRY(MEM_ARRAY((int64_t)row, "damping factors", &S->damping));
  moments_jackson(M->degree, S->damping);
  for (int32_t v = 0; v < M->vectors; ++v)
    for (size_t m = 0; m < row; ++m)
      S->mean[m] += M->mu[row * (size_t)v + m] / M->vectors;
done:
  return st;
}

double survey_below(const survey *S, double point)
{
  double half = (S->M.high - S->M.low) / 2, t = (point - S->M.low - half) / half;
  return (double)S->n * moments_below(S->M.degree, S->damping, S->mean, fmin(1, fmax(-1, t)));
}

double survey_between(const survey *S, double from, double to)
{
  return survey_below(S, to) - survey_below(S, from);
}

double survey_place(const survey *S, double count, double from, double to)
{
  enum { STEPS = 50 };
  for (int step = 0; step < STEPS; ++step) {
    double middle = from / 2 + to / 2;
    if (survey_below(S, middle) < count)
      from = middle;
    else
      to = middle;
  }
  return from / 2 + to / 2;
}

speig_status survey_open(const eig_problem *problem, const double ends[2], survey *S,
                         density_count *expected)
{
  speig_status st = SPEIG_OK;
  *S = (survey){ .n = problem->n };
  TRY(density_sample(problem, ends[0], ends[1], VECTORS, 0, MOST_DEGREE, &S->M, expected));
  if (expected->stopped)
    goto done;
  TRY(density_between(problem->n, &S->M, ends[0], ends[1], expected));
  TRY(average(S));
done:
  return st;
}

void survey_close(survey *S)
{
  moments_free(&S->M);
  mem_free(S->mean);
  mem_free(S->damping);
}
