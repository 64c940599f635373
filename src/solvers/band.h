/* band.h: a polynomial of an operator that makes the eigenvalues of a band stand out. */
#ifndef SPEIG_SRC_SOLVERS_BAND_H
#define SPEIG_SRC_SOLVERS_BAND_H

#include "backend/operator.h"

/* p(A) = sum_k c_k T_k((2 A - high - low) / (high - low)): about 1 in the middle of the band, `bar`
 * or more within [from, to], less outside, and small far away. */
typedef struct band {
  double low, high; /* the spectrum lies between */
  double from, to; /* an end beyond low or high stands for that end of the spectrum */
  int32_t degree;
  double *c; /* [degree + 1] */
  double bar;
} band;

enum { BAND_MAX_DEGREE = 6000 };

/* The degree that makes the values at the ends as small as is good for an iteration, at most
 * BAND_MAX_DEGREE: `from` and `to` should not be closer than that allows. Errors: MEMORY. */
speig_status band_design(double low, double high, double from, double to, band *F);
void band_free(band *F);
/* p at a point of [low, high]. */
double band_value(const band *F, double point);
/* The degree that band_design takes, before it is limited. */
double band_degree(double low, double high, double from, double to);

/* Y = p(A) X; spare: another block of that size. degree products of X's columns. stop (may be NULL)
 * is asked after each; not 0 leaves with *stopped set and Y undefined. Errors: those of products.
 */
typedef int band_stop(void *user);
speig_status band_apply(const band *F, bound_operator *A, const multivec *X, multivec *Y,
                        multivec *spare, band_stop *stop, void *user, int *stopped);

#endif
