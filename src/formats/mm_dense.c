/* mm_dense.c: a Matrix Market file into a dense block. */
#include "base/error.h"
#include "base/memory.h"
#include "formats/mm_reader.h"

#include <inttypes.h>

static void add_at(const speig_block *X, int64_t i, int64_t j, const double *x, int conjugate,
                   double sign)
{
  int numbers = X->dtype == SPEIG_Z ? 2 : 1;
  double *to = (double *)X->data + numbers * (i + j * X->ld);
  to[0] += sign * x[0];
  if (numbers == 2)
    to[1] += conjugate ? -sign * x[1] : sign * x[1];
}

static void add_pieces(const mm_reader *r, const speig_block *X)
{
  static const double one[2] = { 1, 0 };
  int numbers = mm_numbers(&r->header);
  speig_symmetry symmetry = r->header.symmetry;
  for (int64_t k = 0; k < r->piece_count; ++k) {
    const coo_piece *p = &r->pieces[k];
    for (int64_t e = 0; e < p->count; ++e) {
      const double *x = numbers ? (const double *)p->values + numbers * e : one;
      add_at(X, p->row[e], p->col[e], x, 0, 1);
      if (symmetry != SPEIG_GENERAL && p->row[e] != p->col[e])
        add_at(X, p->col[e], p->row[e], x, symmetry == SPEIG_HERMITIAN,
               symmetry == SPEIG_SKEW_SYMMETRIC ? -1 : 1);
    }
  }
}

speig_status speig_mm_read_dense(const char *path, speig_mm_header *header, speig_block *out)
{
  enum { FREE = 1 << 24, PER_ENTRY = 64 };
  speig_status st = SPEIG_OK;
  mm_source *source = NULL;
  mm_reader r = { 0 };
  speig_block X = { .data = NULL };
  int64_t numbers;
  TRY(mm_source_open(path, &source));
  TRY(mm_read_all(source, 0, (mm_cut){ 0 }, &r));
  numbers = r.header.rows * r.header.cols; /* below 2^62 */
  if (numbers > FREE && numbers / PER_ENTRY > r.header.entries)
    FAIL(SPEIG_ERR_MEMORY,
         "%s: a dense block of %" PRId64 " x %" PRId64 " for %" PRId64
         " entries; beyond %d numbers it needs an entry for every %d of them",
         r.name, r.header.rows, r.header.cols, r.header.entries, (int)FREE, (int)PER_ENTRY);
  X.dtype = r.header.field == SPEIG_MM_COMPLEX ? SPEIG_Z : SPEIG_D;
  X.rows = X.ld = r.header.rows;
  X.cols = r.header.cols;
  TRY(mem_zalloc(numbers, speig_dtype_size(X.dtype), "dense block", &X.data));
  add_pieces(&r, &X);
  *out = X;
  if (header)
    *header = r.header;
done:
  mm_reader_close(&r);
  mm_source_close(&source);
  return st;
}
