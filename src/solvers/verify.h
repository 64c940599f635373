/* verify.h: what the files of the verifier share. Complex numbers are pairs of doubles; sums run in
 * long double, which on most machines also lends its range to squares.                           */
#ifndef SPEIG_SRC_SOLVERS_VERIFY_H
#define SPEIG_SRC_SOLVERS_VERIFY_H

#include "speig/verify.h"

/* The arrays of a matrix of order n. */
typedef struct verify_matrix {
  int64_t n;
  speig_dtype dtype;
  const int64_t *rowptr;
  const int32_t *colind;
  const void *values;
} verify_matrix;

/* Sizes, options, and that entries are finite. Errors: ARG, NUMERIC. */
speig_status verify_check(const speig_matrix *A, const speig_matrix *B, int32_t k,
                          const double *values, const speig_block *vectors,
                          const speig_verify_opts *opts);
/* A report on k pairs, nothing known yet. */
speig_status verify_report_alloc(int32_t k, speig_verify_report **out);

verify_matrix verify_open(const speig_matrix *A);
/* y = A x, both [2 n]. */
void verify_multiply(const verify_matrix *A, int threads, const double *x, double *y);
/* The lower triangle of (A + A^H) / 2 in full storage, n x n column-major, zeroed before; one or
 * two doubles per entry. */
void verify_expand(const verify_matrix *A, int is_complex, double *full);
/* out[2 rows] = column j of X. */
void verify_column(const speig_block *X, int64_t j, double *out);

/* x^H y */
void verify_dot(int64_t n, const double *x, const double *y, long double out[2]);
/* A lower bound of ||A||_2 that is close to it as a rule: 60 steps of power iteration from a random
 * start, and the longest row. Errors: MEMORY. */
speig_status verify_norm(const verify_matrix *A, int threads, double *norm);

/* All eigenvalues of A x = theta B x by LAPACK, ascending: w[n]; B may be NULL.
 * Errors: MEMORY, NUMERIC (B not positive definite, no convergence). */
speig_status verify_spectrum(const verify_matrix *A, const verify_matrix *B, double *w);

/* A in full storage, n x n column-major, zeroed before; one or two doubles per entry. */
void verify_expand_general(const verify_matrix *A, int is_complex, double *full);
/* All eigenvalues of a general problem by LAPACK: w[2 n], (Inf, 0) for infinite ones, and
 * 1 / |y^H B x| over unit vectors: condition[n]; B may be NULL. Errors: MEMORY, NUMERIC. */
speig_status verify_general_spectrum(const verify_matrix *A, const verify_matrix *B, double *w,
                                     double *condition);

/* Matches a[na] with b[nb], both ascending, one to one, partners at most tolerance apart: as many
 * as possible, and close ones where there is a choice. partner[na]: index in b or -1. */
void verify_match(int64_t na, const double *a, int64_t nb, const double *b, double tolerance,
                  int64_t *partner);

/* The min(k, n) eigenvalues of w[n] that `which` asks for, ascending: wanted[min(k, n)]. */
speig_status verify_wanted(speig_which which, int64_t n, const double *w, int64_t k,
                           double *wanted);
/* Every good pair of the report takes an eigenvalue of w[n] (ascending), or its verdict is WRONG
 * VALUE; with check_which then the wanted ones of these are looked up among the pairs: errors,
 * missed, missed_values. Errors: MEMORY. */
speig_status verify_compare(speig_which which, int check_which, const double *values, int64_t n,
                            const double *w, double tolerance, speig_verify_report *r);
/* Of wanted[k], those that none of values[count] (both ascending) stands for, within tolerance;
 * where the cut of LM or SM goes between -x and x, either will do. missed[k]; *missed_count. */
speig_status verify_missed(speig_which which, int64_t k, const double *wanted, int64_t count,
                           const double *values, double tolerance, double *missed,
                           int32_t *missed_count);

#endif
