/* certify.c: completeness by inertia (Sylvester): with B positive semidefinite, A - p B has as many
 * negative eigenvalues as the pencil has eigenvalues below p, up to a number that does not depend
 * on p. Two counts tell how many eigenvalues lie between two points; when as many were found, none
 * is missing. The points lie in gaps between found values, where rounding cannot change a sign.
 * Cost: one factorization per count; an end below all eigenvalues costs none. */
#include "solvers/certify.h"

#include "base/dtype.h"
#include "base/error.h"

#include <math.h>

/* The first gap at or behind place `least` of the values at places first, first + step, ...; *a and
 * *b: the values around it. */
static int find_gap(int32_t first, int32_t step, int32_t least, int32_t count, const int32_t *rank,
                    const double *theta, double margin, double *a, double *b)
{
  for (int32_t j = least;; ++j) {
    int64_t before = first + (int64_t)step * (j - 1), after = before + step;
    if (after >= count)
      return 0;
    *a = theta[rank[before]];
    *b = theta[rank[after]];
    if (fabs(*b - *a) > 2 * margin)
      return 1;
  }
}

/* Between the shift and the middle of a gap on one side of it. */
static int one_side(speig_which which, const eig_map *map, double start, double a, double b,
                    cut *region)
{
  double middle = (a + b) / 2, side = which == SPEIG_LA ? 1 : -1;
  if (!(side * (eig_mapped(map, a) - map->offset) > 0) ||
      !(side * (eig_mapped(map, b) - map->offset) > 0) || !isfinite(middle))
    return 0; /* beyond infinity and back from the other side */
  region->low = fmin(start, middle);
  region->high = fmax(start, middle);
  return 1;
}

/* |key| from both signs: the two points of one distance in the transformed values. LM: between
 * them; SM: beyond them, or for Cayley's values, which are 0 at -sigma, between them again. */
static int two_sides(speig_which which, const eig_map *map, int32_t k, int32_t count,
                     const int32_t *rank, const double *theta, double margin, cut *region)
{
  for (int32_t j = k; j < count; ++j) {
    double a = fabs(eig_mapped(map, theta[rank[j - 1]]));
    double b = fabs(eig_mapped(map, theta[rank[j]]));
    double c = map->offset == 0 ? 2 / (1 / a + 1 / b) : (isinf(a) ? 2 * b : (a + b) / 2);
    double p = map->sigma + map->slope / (c - map->offset);
    double q = map->sigma + map->slope / (-c - map->offset), nearest = INFINITY;
    if (map->offset != 0 && (which == SPEIG_LM) != (c > fabs(map->offset)))
      return 0; /* the region reaches to infinity */
    for (int32_t i = 0; i < count; ++i)
      nearest = fmin(nearest, fmin(fabs(theta[rank[i]] - p), fabs(theta[rank[i]] - q)));
    region->low = fmin(p, q);
    region->high = fmax(p, q);
    region->outside = which == SPEIG_SM && map->offset == 0; /* the farthest from sigma */
    if (nearest > margin)
      return 1;
  }
  return 0;
}

static int shifted_cut(speig_which which, const eig_map *map, double start, int32_t k,
                       int32_t count, const int32_t *rank, const double *theta, double margin,
                       cut *region)
{
  double a, b, low, high;
  if (which == SPEIG_LM || which == SPEIG_SM)
    return two_sides(which, map, k, count, rank, theta, margin, region);
  if (which == SPEIG_LA || which == SPEIG_SA)
    return find_gap(0, 1, k, count, rank, theta, margin, &a, &b) &&
           one_side(which, map, start, a, b, region);
  if (which != SPEIG_BE || k < 2)
    return 0;
  if (!find_gap(0, 2, k - k / 2, count, rank, theta, margin, &a, &b) ||
      !one_side(SPEIG_LA, map, map->sigma, a, b, region))
    return 0;
  low = region->low;
  high = region->high;
  if (!find_gap(1, 2, k / 2, count, rank, theta, margin, &a, &b) ||
      !one_side(SPEIG_SA, map, map->sigma, a, b, region))
    return 0;
  region->low = fmin(low, region->low);
  region->high = fmax(high, region->high);
  return region->low < map->sigma && region->high > map->sigma;
}

static int plain_cut(speig_which which, int32_t k, int32_t count, const int32_t *rank,
                     const double *theta, double margin, cut *region)
{
  double a, b;
  *region = (cut){ .low = -INFINITY, .high = INFINITY };
  if (which == SPEIG_SA || which == SPEIG_LA) {
    if (!find_gap(0, 1, k, count, rank, theta, margin, &a, &b))
      return 0;
    *(which == SPEIG_SA ? &region->high : &region->low) = (a + b) / 2;
    return 1;
  }
  region->outside = 1;
  if (which == SPEIG_LM) {
    for (int32_t j = k; j < count; ++j) {
      double c = (fabs(theta[rank[j - 1]]) + fabs(theta[rank[j]])) / 2;
      region->low = -c;
      region->high = c;
      if (fabs(theta[rank[j - 1]]) - fabs(theta[rank[j]]) > 2 * margin)
        return 1;
    }
    return 0;
  }
  if (which != SPEIG_BE || k < 2 || !find_gap(0, 2, k - k / 2, count, rank, theta, margin, &a, &b))
    return 0;
  region->high = (a + b) / 2;
  if (!find_gap(1, 2, k / 2, count, rank, theta, margin, &a, &b))
    return 0;
  region->low = (a + b) / 2;
  return region->low < region->high;
}

int certify_cut(speig_which which, const eig_map *map, double start, int32_t k, int32_t count,
                const int32_t *rank, const double *theta, double margin, cut *region)
{
  *region = (cut){ 0 };
  return map->shifted ? shifted_cut(which, map, start, k, count, rank, theta, margin, region)
                      : plain_cut(which, k, count, rank, theta, margin, region);
}

int certify_inside(const cut *region, double theta)
{
  int between = theta > region->low && theta < region->high;
  return region->outside ? !between : between;
}

/* Eigenvalues below the point, up to the constant that cancels. */
static speig_status below(invert *I, double at_shift, int64_t negative, double point,
                          double tolerance, int64_t *count)
{
  speig_status st = SPEIG_OK;
  int64_t all = I->problem->n - I->problem->constraints.p;
  int singular = 0;
  *count = -1;
  if (isinf(point))
    *count = point < 0 ? 0 : all;
  else if (negative >= 0 && point == at_shift)
    *count = negative;
  else if (negative == 0 && point < at_shift)
    *count = 0;
  else if (negative == all && point > at_shift)
    *count = all;
  else
    TRY(invert_count(I, point, tolerance, count, &singular));
  if (singular)
    *count = -1;
done:
  return st;
}

speig_status certify_count(invert *I, const cut *region, int64_t *count)
{
  speig_status st = SPEIG_OK;
  int64_t all = I->problem->n - I->problem->constraints.p, low, high, negative = I->negative;
  double shift = I->shift;
  *count = -1;
  TRY(below(I, shift, negative, region->low, region->tolerance, &low));
  if (low < 0)
    goto done;
  TRY(below(I, shift, negative, region->high, region->tolerance, &high));
  if (high < 0)
    goto done;
  *count = region->outside ? all - (high - low) : high - low;
done:
  return st;
}

/* The region beyond the innermost of the pairs, less a margin for what they may be off. */
static int region_of_ends(const eig_problem *problem, const eig_pairs *pairs, double margin,
                          cut *region)
{
  int32_t count = pairs->converged, top = count - count / 2;
  double high = INFINITY, low = -INFINITY, least = INFINITY;
  for (int32_t i = 0; i < count; ++i) {
    double theta = pairs->theta[i];
    int above = problem->which == SPEIG_BE ? i % 2 == 0 : problem->which == SPEIG_LA;
    if (above)
      high = fmin(high, theta);
    else
      low = fmax(low, theta);
    least = fmin(least, fabs(theta));
  }
  *region = (cut){ .low = -INFINITY, .high = INFINITY, .tolerance = margin / 4 };
  switch (problem->which) {
  case SPEIG_LA:
    region->low = high - margin;
    return 1;
  case SPEIG_SA:
    region->high = low + margin;
    return 1;
  case SPEIG_LM:
    *region = (cut){ margin - least, least - margin, 1, margin / 4 };
    return least > margin;
  case SPEIG_BE:
    *region = (cut){ low + margin, high - margin, 1, margin / 4 };
    return top < count && region->low < region->high;
  default:
    return 0;
  }
}

/* At one end: the region beyond the last pair and all those that cannot be told from it. *inside:
 * how many of the pairs, best first, it holds. */
static int region_before_last(const eig_problem *problem, const eig_pairs *pairs, double margin,
                              cut *region, int32_t *inside)
{
  int32_t i = pairs->converged - 1;
  double side = problem->which == SPEIG_LA ? 1 : -1, edge;
  if (problem->which != SPEIG_LA && problem->which != SPEIG_SA)
    return 0;
  while (i > 0 && side * (pairs->theta[i - 1] - pairs->theta[i]) <= 2 * margin)
    --i;
  edge = pairs->theta[i] + side * margin;
  *inside = i;
  *region = (cut){ .low = -INFINITY, .high = INFINITY, .tolerance = margin / 4 };
  *(problem->which == SPEIG_LA ? &region->low : &region->high) = edge;
  return 1;
}

speig_status certify_ends(const eig_problem *problem, const eig_pairs *pairs, int *complete)
{
  speig_status st = SPEIG_OK;
  /* Far above what rounding does to a factorization, and below most gaps. */
  double margin = sqrt(dtype_eps(problem->be->ops->dtype)) / 16 * pairs->norm_a;
  invert I = { 0 };
  int32_t inside;
  int64_t count;
  cut region;
  *complete = 0;
  for (int32_t i = 0; i < pairs->converged; ++i)
    margin = fmax(margin, 8 * pairs->residual[i]);
  if (factor_available() != SPEIG_OK || !region_of_ends(problem, pairs, margin, &region))
    return st;
  TRY(invert_open(problem, 0, NULL, 1, 1, &I));
  TRY(certify_count(&I, &region, &count));
  *complete = count == pairs->converged;
  /* Fewer than were found would mean that some are not what they seem. */
  if ((count < 0 || count > pairs->converged) &&
      region_before_last(problem, pairs, margin, &region, &inside)) {
    TRY(certify_count(&I, &region, &count));
    *complete = count == inside;
  }
done:
  invert_close(&I);
  return st;
}
