/* verify_compare.c: claimed values against LAPACK's, one to one. */
#include "solvers/verify.h"

#include "base/error.h"
#include "base/memory.h"

#include <math.h>
#include <stdlib.h>

typedef struct claim {
  double value;
  int32_t pair;
} claim;

static int by_value(const void *a, const void *b)
{
  const claim *x = (const claim *)a, *y = (const claim *)b;
  int order = (x->value > y->value) - (x->value < y->value);
  return order ? order : (x->pair > y->pair) - (x->pair < y->pair);
}

/* The good pairs of the report, ascending; returns their number. */
static int64_t sort_claims(const speig_verify_report *r, const double *values, claim *claims,
                           double *sorted)
{
  int64_t good = 0;
  for (int32_t j = 0; j < r->k; ++j)
    if (r->verdicts[j] == SPEIG_PAIR_RIGHT)
      claims[good++] = (claim){ values[j], j };
  qsort(claims, (size_t)good, sizeof *claims, by_value);
  for (int64_t t = 0; t < good; ++t)
    sorted[t] = claims[t].value;
  return good;
}

speig_status verify_compare(speig_which which, int check_which, const double *values, int64_t n,
                            const double *w, double tolerance, speig_verify_report *r)
{
  speig_status st = SPEIG_OK;
  int64_t wanted_count = r->k < n ? r->k : n, good, right = 0, *partner = NULL;
  claim *claims = NULL;
  double *sorted = NULL, *wanted = NULL;
  TRY(MEM_ARRAY(r->k, "values to compare", &claims));
  TRY(MEM_ARRAY(r->k, "values to compare", &sorted));
  TRY(MEM_ARRAY(r->k, "partners", &partner));
  TRY(MEM_ARRAY(r->k, "wanted values", &wanted));
  good = sort_claims(r, values, claims, sorted);
  verify_match(good, sorted, n, w, tolerance, partner);
  for (int64_t t = 0; t < good; ++t) {
    if (partner[t] < 0) {
      r->verdicts[claims[t].pair] = SPEIG_PAIR_WRONG_VALUE;
      continue;
    }
    r->errors[claims[t].pair] = fabs(w[partner[t]] - sorted[t]);
    sorted[right++] = sorted[t];
  }
  if (check_which) {
    TRY(MEM_ARRAY(wanted_count, "missed values", &r->missed_values));
    TRY(verify_wanted(which, n, w, wanted_count, wanted));
    TRY(verify_missed(which, wanted_count, wanted, right, sorted, tolerance, r->missed_values,
                      &r->missed));
  }
done:
  mem_free(claims);
  mem_free(sorted);
  mem_free(partner);
  mem_free(wanted);
  return st;
}
