/* verify.t.h: the loops that read numbers of one of the four types. */

/* sum_j a_ij x_j */
static void TYPED(row_times)(const verify_matrix *A, int64_t i, const double *x, long double y[2])
{
  const SCALAR *value = (const SCALAR *)A->values;
  y[0] = y[1] = 0;
  for (int64_t e = A->rowptr[i]; e < A->rowptr[i + 1]; ++e) {
    const double *xj = x + 2 * (int64_t)A->colind[e];
    long double re = RE(value[e]), im = IM(value[e]);
    y[0] += re * xj[0] - im * xj[1];
    y[1] += re * xj[1] + im * xj[0];
  }
}

/* sum_j |a_ij|^2 */
static long double TYPED(row_square)(const verify_matrix *A, int64_t i)
{
  const SCALAR *value = (const SCALAR *)A->values;
  long double square = 0;
  for (int64_t e = A->rowptr[i]; e < A->rowptr[i + 1]; ++e) {
    long double re = RE(value[e]), im = IM(value[e]);
    square += re * re + im * im;
  }
  return square;
}

/* Adds half of every entry to its own place and, conjugated, half to the transposed one, as far as
 * these are in the lower triangle. */
static void TYPED(expand)(const verify_matrix *A, int is_complex, double *full)
{
  const SCALAR *value = (const SCALAR *)A->values;
  int parts = is_complex ? 2 : 1;
  for (int64_t i = 0; i < A->n; ++i)
    for (int64_t e = A->rowptr[i]; e < A->rowptr[i + 1]; ++e) {
      int64_t j = A->colind[e], row = i > j ? i : j, col = i > j ? j : i;
      double *to = full + (row + col * A->n) * parts;
      double half = i == j ? 1 : 0.5;
      to[0] += half * RE(value[e]);
      if (is_complex && i != j)
        to[1] += (i > j ? half : -half) * IM(value[e]);
    }
}

/* Every entry in its own place. */
static void TYPED(expand_general)(const verify_matrix *A, int is_complex, double *full)
{
  const SCALAR *value = (const SCALAR *)A->values;
  int parts = is_complex ? 2 : 1;
  for (int64_t i = 0; i < A->n; ++i)
    for (int64_t e = A->rowptr[i]; e < A->rowptr[i + 1]; ++e) {
      double *to = full + (i + A->colind[e] * A->n) * parts;
      to[0] += RE(value[e]);
      if (is_complex)
        to[1] += IM(value[e]);
    }
}

static void TYPED(column)(const speig_block *X, int64_t j, double *out)
{
  const SCALAR *x = (const SCALAR *)X->data + j * X->ld;
  for (int64_t i = 0; i < X->rows; ++i) {
    out[2 * i] = RE(x[i]);
    out[2 * i + 1] = IM(x[i]);
  }
}
