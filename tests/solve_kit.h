/* solve_kit.h: model problems for tests of speig_eigsh, and an independent look at its answers. */
#ifndef SPEIG_TESTS_SOLVE_KIT_H
#define SPEIG_TESTS_SOLVE_KIT_H

#include "harness.h"

#include "speig/eigsh.h"
#include "speig/generate.h"
#include "speig/verify.h"

typedef struct model {
  char name[96]; /* for messages */
  speig_dtype dtype;
  int64_t n;
  speig_matrix *A;
  speig_operator *op;
  double *spectrum; /* [n] ascending; NULL when not known */
  double norm;
} model;

/* A generated matrix in the type asked for; for c and z turned by a random diagonal unitary matrix,
 * which leaves the spectrum alone and makes every entry complex. At most 4 parameters, as
 * name, value pairs ending with NULL. */
model model_make(speig_dtype dtype, double factor, const char *generator, ...);
/* The same around a matrix of one's own, which is taken over; spectrum (copied) may be NULL. */
model model_wrap(speig_matrix *A, const char *name, const double *spectrum);
void model_drop(model *m);

/* Options for a device, a method, k and which. */
speig_eigsh_opts opts_for(speig_device device, speig_method method, int32_t k, speig_which which);

/* Whether the answer is as it should be: as many pairs as wanted (unless partial), ascending, the
 * set asked for with multiplicities (when the spectrum is known), residuals and orthogonality
 * recomputed, no pair twice, what is reported is what is found. Says on stderr what is not. */
int answer_is_right(const model *m, const speig_eigsh_opts *opts, const speig_eigsh_result *r);
/* Solves and checks, and wants all pairs; a refusal with UNSUPPORTED counts as right when
 * may_refuse is set. */
void expect_right(const model *m, const speig_eigsh_opts *opts, int may_refuse);

/* Entry i of an array of scalars, real and imaginary part. */
void scalar_get(speig_dtype dtype, const void *data, int64_t i, double out[2]);
void scalar_put(speig_dtype dtype, void *data, int64_t i, double re, double im);

/* Same k, values, residuals and vectors, to the last bit. */
int same_answers(const speig_eigsh_result *a, const speig_eigsh_result *b);

#endif
