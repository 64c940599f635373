/* map_eigs.c: eigenvalues and what they become under a spectral transformation. */
#include "base/error.h"
#include "base/memory.h"
#include "solvers/invert_eigs.h"

#include <float.h>
#include <math.h>

/* 1 / z, cut off where it would overflow. */
static eigenvalue reciprocal(double re, double im)
{
  double size = hypot(re, im), limit = 1e150;
  if (!isfinite(size))
    return (eigenvalue){ 0, 0 };
  if (!(size > 1 / limit))
    return (eigenvalue){ limit, 0 };
  return (eigenvalue){ re / size / size, -im / size / size };
}

eigenvalue eigs_invert_mu(speig_transform transform, int part, const double shift[2],
                          eigenvalue lambda)
{
  eigenvalue near, far;
  if (transform != SPEIG_TRANSFORM_SHIFT)
    return lambda;
  near = reciprocal(lambda.re - shift[0], lambda.im - shift[1]);
  if (part == 0)
    return near;
  far = reciprocal(lambda.re - shift[0], lambda.im + shift[1]);
  if (part == 1)
    return (eigenvalue){ (near.re + far.re) / 2, (near.im + far.im) / 2 };
  /* 1 / 2i times the difference */
  return (eigenvalue){ (near.im - far.im) / 2, -(near.re - far.re) / 2 };
}

eigenvalue eigs_invert_lambda(speig_transform transform, const double shift[2], eigenvalue mu)
{
  eigenvalue inverse;
  if (transform != SPEIG_TRANSFORM_SHIFT)
    return mu;
  inverse = reciprocal(mu.re, mu.im);
  return (eigenvalue){ shift[0] + inverse.re, shift[1] + inverse.im };
}

/* A pair of a real problem with a real shift or a part maps to a pair, but perhaps with the other
 * sign first; the ranks see lambda's order, so only magnitudes of imaginary parts count there. */
speig_status general_rank_mapped(speig_eigs_which which, int is_complex, const general_map *map,
                                 int32_t count, const eigenvalue *lambda, int32_t *rank)
{
  speig_status st = SPEIG_OK;
  eigenvalue *mu = NULL;
  TRY(MEM_ARRAY(count, "transformed values", &mu));
  for (int32_t i = 0; i < count; ++i) {
    mu[i] = isfinite(lambda[i].re)
                ? eigs_invert_mu(map->transform, map->part, map->shift, lambda[i])
                : (eigenvalue){ INFINITY, 0 };
    /* What is a pair in lambda stays one for the ranking. */
    if (pair_starts(is_complex, lambda, i))
      mu[i].im = fmax(fabs(mu[i].im), DBL_MIN);
    else if (pair_ends(is_complex, lambda, i))
      mu[i] = (eigenvalue){ mu[i - 1].re, -mu[i - 1].im };
    else if (!is_complex)
      mu[i].im = 0;
  }
  TRY(general_rank(which, is_complex, count, mu, rank));
done:
  mem_free(mu);
  return st;
}
