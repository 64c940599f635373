/* eigs_kit.h: for tests of speig_eigs: general matrices of any type, their spectrum by LAPACK in
 * complex arithmetic (the library keeps real matrices real), and a judge of answers that computes
 * everything itself. */
#ifndef SPEIG_TESTS_EIGS_KIT_H
#define SPEIG_TESTS_EIGS_KIT_H

#include "harness.h"

#include "speig/eigs.h"
#include "speig/matrix.h"

#include <complex.h>

typedef double _Complex kit_number;
typedef kit_number (*kit_entry)(int32_t i, int32_t j, const void *user);

typedef struct general_model {
  char name[96];
  speig_dtype dtype;
  int32_t n;
  speig_matrix *A, *B; /* B may be NULL */
  speig_operator *op, *op_b;
  kit_number *full, *full_b; /* n x n, column-major, as rounded to dtype; full_b NULL without B */
  kit_number *spectrum; /* [n] by LAPACK, infinite ones as Inf */
  double *condition; /* [n] 1 / |y^H x| over unit vectors, or 1 / |y^H B x| */
  double norm, norm_b; /* Frobenius */
} general_model;

/* The n x n matrix of entries f(i, j); imaginary parts are dropped for s and d. spectrum not 0:
 * also computed by LAPACK. */
general_model general_make(speig_dtype dtype, int32_t n, const char *name, kit_entry f,
                           const void *user);
/* Around matrices of one's own, which are taken over. B may be NULL. */
general_model general_wrap(speig_matrix *A, speig_matrix *B, const char *name);
void general_drop(general_model *m);

speig_eigs_opts general_opts(speig_device device, speig_method method, int32_t k,
                             speig_eigs_which which);

/* Whether the answer is right: as many pairs as wanted (unless partial), ranked, the right set with
 * multiplicities, pairs whole, residuals small and as reported; left vectors and conditions where
 * asked for. Says on stderr what is not. */
int general_is_right(const general_model *m, const speig_eigs_opts *opts,
                     const speig_eigs_result *r);
/* Solves, wants all pairs, judges. */
void general_expect(const general_model *m, const speig_eigs_opts *opts);

double general_rank_key(speig_eigs_which which, speig_dtype dtype, kit_number value);

#endif
