/* survey.h: about how many eigenvalues lie where, by random vectors. */
#ifndef SPEIG_SRC_SOLVERS_SURVEY_H
#define SPEIG_SRC_SOLVERS_SURVEY_H

#include "solvers/density.h"

typedef struct survey {
  int64_t n;
  moments M; /* the spectrum lies between M.low and M.high */
  double *mean, *damping; /* [M.degree + 1] */
} survey;

/* Fine enough for the interval `ends`, and how many it holds. With expected->stopped nothing is
 * known but the bounds. A close is needed also after a failure. Errors: MEMORY, NUMERIC, CALLBACK.
 */
speig_status survey_open(const eig_problem *problem, const double ends[2], survey *S,
                         density_count *expected);
void survey_close(survey *S);

/* About how many lie below a point, and between two; the point in [from, to] below which about
 * `count` lie. */
double survey_below(const survey *S, double point);
double survey_between(const survey *S, double from, double to);
double survey_place(const survey *S, double count, double from, double to);

#endif
