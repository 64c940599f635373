/* mm_write_check.c: does what is to be written fit the header it is to be written under? */
#define _POSIX_C_SOURCE 200809L /* locale_t */
#include "base/error.h"
#include "formats/mm_writer.h"

#include <inttypes.h>
#include <math.h>

static int fits(const mm_writer *w, const double x[2])
{
  if (!isfinite(x[0]) || !isfinite(x[1]))
    return 0;
  if (w->field == SPEIG_MM_INTEGER)
    return x[1] == 0 && fabs(x[0]) < 0x1p63 && x[0] == trunc(x[0]);
  return w->field != SPEIG_MM_PATTERN || (x[0] == 1 && x[1] == 0);
}

static speig_status refuse_value(const mm_writer *w, int64_t i, int64_t j, const double x[2])
{
  static const char *const needed[] = { "a finite number", "a whole number below 2^63",
                                        "finite numbers", "1" };
  speig_status st = SPEIG_OK;
  FAIL(SPEIG_ERR_ARG, "entry (%" PRId64 ", %" PRId64 ") is %.17g%+.17gi, needed %s", i, j, x[0],
       x[1], needed[w->field]);
done:
  return st;
}

speig_status mm_check_values(const mm_writer *w)
{
  speig_status st = SPEIG_OK;
  const speig_matrix *A = w->A ? w->A : w->transpose;
  double x[2];
  if (w->X) {
    for (int64_t j = 0; j < w->cols; ++j)
      for (int64_t i = 0; i < w->rows; ++i) {
        mm_number_pair(w->dtype, w->X->data, i + j * w->X->ld, x);
        if (!fits(w, x))
          TRY(refuse_value(w, i, j, x));
      }
    goto done;
  }
  for (int64_t r = 0; r < A->rows; ++r)
    for (int64_t e = A->rowptr[r]; e < A->rowptr[r + 1]; ++e) {
      mm_number_pair(w->dtype, A->values, e, x);
      if (!fits(w, x))
        TRY(refuse_value(w, w->A ? r : A->colind[e], w->A ? A->colind[e] : r, x));
    }
done:
  return st;
}

static const char *const symmetry_words[] = { "general", "symmetric", "skew-symmetric",
                                              "Hermitian" };

speig_status mm_check_matrix_symmetry(const speig_matrix *A, speig_symmetry symmetry)
{
  speig_status st = SPEIG_OK;
  speig_matrix_stats stats;
  double defect;
  if (symmetry == SPEIG_GENERAL)
    goto done;
  TRY(speig_matrix_get_stats(A, &stats));
  defect = symmetry == SPEIG_SYMMETRIC   ? stats.symmetric_defect
           : symmetry == SPEIG_HERMITIAN ? stats.hermitian_defect
                                         : stats.skew_defect;
  REQUIRE(defect == 0, "the matrix is not %s: entries differ by up to %.17g, needed 0",
          symmetry_words[symmetry], defect);
done:
  return st;
}

speig_status mm_check_block_symmetry(const speig_block *X, speig_symmetry symmetry)
{
  speig_status st = SPEIG_OK;
  double x[2], y[2], re = symmetry == SPEIG_SKEW_SYMMETRIC ? -1 : 1;
  double im = symmetry == SPEIG_SYMMETRIC ? 1 : -1;
  if (symmetry == SPEIG_GENERAL)
    goto done;
  REQUIRE(X->rows == X->cols, "a %s block must be square, this one is %" PRId64 " x %" PRId64,
          symmetry_words[symmetry], X->rows, X->cols);
  for (int64_t j = 0; j < X->cols; ++j)
    for (int64_t i = j; i < X->rows; ++i) {
      mm_number_pair(X->dtype, X->data, i + j * X->ld, x);
      mm_number_pair(X->dtype, X->data, j + i * X->ld, y);
      REQUIRE(x[0] == re * y[0] && x[1] == im * y[1],
              "the block is not %s: entries (%" PRId64 ", %" PRId64 ") and (%" PRId64 ", %" PRId64
              ") differ",
              symmetry_words[symmetry], i, j, j, i);
    }
done:
  return st;
}

speig_status mm_check_options(const speig_mm_write_opts *opts, int array)
{
  speig_status st = SPEIG_OK;
  REQUIRE(opts->size == sizeof *opts, "options of %zu bytes, needed %zu (SPEIG_MM_WRITE_OPTS_INIT)",
          opts->size, sizeof *opts);
  REQUIRE((unsigned)opts->symmetry <= SPEIG_HERMITIAN, "symmetry is %d, needed 0 to 3",
          (int)opts->symmetry);
  REQUIRE((unsigned)opts->field <= SPEIG_MM_PATTERN, "field is %d, needed 0 to 3",
          (int)opts->field);
  REQUIRE(opts->field != SPEIG_MM_PATTERN || (!array && opts->symmetry <= SPEIG_SYMMETRIC),
          "a pattern cannot be %s", array ? "an array" : symmetry_words[opts->symmetry]);
done:
  return st;
}
