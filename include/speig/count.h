/* count.h: how many eigenvalues of a Hermitian problem lie in an interval, without computing them.
 */
#ifndef SPEIG_COUNT_H
#define SPEIG_COUNT_H

#include "speig/eigsh.h"

#include <math.h>

#ifdef __cplusplus
extern "C" {
#endif

/* INERTIA: the signs in L D L^H factorizations of A - s B. DENSE: LAPACK's eigenvalues, where there
 * is nothing to factor (a callback) and the order allows. ESTIMATE: by products with random
 * vectors.
 */
typedef enum speig_count_method {
  SPEIG_COUNT_INERTIA = 0,
  SPEIG_COUNT_DENSE,
  SPEIG_COUNT_ESTIMATE
} speig_count_method;

typedef struct speig_count_opts {
  size_t size; /* sizeof(speig_count_opts), set by the INIT macro */
  double low, high; /* the interval, both ends included; -INFINITY and INFINITY are ends, too */
  speig_device device; /* where products run; AUTO is the host, where factorizations are made */
  uint64_t seed;
  int threads; /* 0: all cores */
  size_t memory; /* bytes; 0: no limit. Exceeding: SPEIG_ERR_MEMORY */
  double time_limit; /* seconds; 0: none. Looked at before each factorization */
  int assume_hermitian; /* not 0: skip the check by value of a matrix not declared Hermitian */
  speig_progress_fn progress; /* before each factorization, or after each product of an estimate,
                                 with wanted 0; not 0 stops */
  void *progress_user;
  int estimate; /* not 0: estimate, for matrices too large to factor; B must be NULL */
  int32_t vectors; /* random vectors of an estimate, >= 2; 0: 30 */
  int32_t degree; /* of its polynomials, >= 10; 0: by the width of the interval */
} speig_count_opts;
#define SPEIG_COUNT_OPTS_INIT                                                                      \
  {                                                                                                \
    .size = sizeof(speig_count_opts), .low = -INFINITY, .high = INFINITY, .seed = 1                \
  }
/* For languages without designated initialisers. */
SPEIG_API void speig_count_opts_init(speig_count_opts *opts);

/* One end of the interval. Rounding moves an eigenvalue near it by less than margin: those within
 * the margin cannot be told from the end itself. */
typedef struct speig_count_end {
  double asked; /* opts.low or opts.high */
  double used; /* a point outward of it, or itself, for which the number below is proven */
  double margin; /* 0 where no eigenvalue can be near */
  int64_t doubtful; /* eigenvalues within the margin, by two counts at its ends */
  int proven; /* 0: no such point was found near, and `used` is where the search ended */
} speig_count_end;

typedef struct speig_count_result {
  int64_t n;
  int known; /* 0: stopped before there was a count; see reason */
  int64_t count; /* eigenvalues in [low, high], those included that cannot be told from an end */
  int64_t least; /* the same without them */
  int exact; /* count and least are one number, and it is proven */
  speig_count_end low, high; /* with low.proven and high.proven, count is exact for [low.used,
                                high.used], a little more than [low, high] when not exact */
  speig_count_method method;
  speig_reason reason;
  speig_device device;
  int64_t matvecs, solves; /* counted by columns */
  int32_t factorizations;
  double seconds;
  size_t memory_bytes; /* peak */
  uint64_t seed;
  int threads;
  double estimate, error; /* ESTIMATE: the number, and an error bar of about two standard
                             deviations; count and least are the number rounded, and exact is 0 */
  int32_t vectors, degree; /* that it used */
} speig_count_result;

/* Counts the eigenvalues of A x = lambda B x in opts->low <= lambda <= opts->high, as often as they
 * are multiple. A: Hermitian of order n. B: Hermitian positive definite, or NULL for the identity;
 * it may be semidefinite when both ends are finite, or when nothing lies below some point: infinite
 * eigenvalues do not count.
 *
 * Each end takes two factorizations, at its two sides, so far away that rounding moves no
 * eigenvalue across both: equal counts are a proof. Where they differ, eigenvalues equal the end to
 * within rounding, result->exact is 0, and points farther outward are tried, to name an interval
 * for which the count is exact.
 * With opts->estimate the trace of a smoothed indicator of the interval is estimated from products
 * with random vectors. Its error falls with the square root of their number; stopped early it uses
 * those that it had.
 * Errors: ARG (low > high, NaN, A not Hermitian), UNSUPPORTED (neither a factorization nor LAPACK
 * is at hand; infinite ends with a singular B), MEMORY, NUMERIC (NaN or Inf in A or B; B not
 * positive semidefinite; factorizations too inaccurate), CALLBACK, DEVICE. Re-entrant. */
SPEIG_API speig_status speig_count(const speig_operator *A, const speig_operator *B,
                                   const speig_count_opts *opts, speig_count_result *result);

/* "inertia", "dense", "estimate". */
SPEIG_API const char *speig_count_method_name(speig_count_method method);

#ifdef __cplusplus
}
#endif
#endif
